//! `--fix` and `--diff`: edits shown, or written in place.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::check::{Edit, apply};
use crate::source::disk;

fn by_file(edits: &[Edit]) -> BTreeMap<PathBuf, Vec<Edit>> {
    let mut files: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        let file = files.entry(PathBuf::from(&*edit.span.file)).or_default();
        if !file.contains(edit) {
            file.push(edit.clone());
        }
    }
    files
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = disk::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8, so nothing was written", path.display()))
}

/// Writes the edits, each file whole or not at all, and says how many files have changed.
///
/// # Errors
/// A file that cannot be read or written.
pub fn write(edits: &[Edit]) -> Result<usize, String> {
    let mut changed = 0;
    for (path, edits) in by_file(edits) {
        let old = read(&path)?;
        let new = apply(&old, &edits);
        if new != old {
            replace(&path, &new).map_err(|error| format!("{}: {error}", path.display()))?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// A file beside the real one, with its rights, takes its place in one step; a link stays a link.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.join(format!(".{name}.{}.oauthctl", std::process::id()));
    let written = std::fs::File::create_new(&beside).and_then(|mut file| {
        use std::io::Write as _;
        file.set_permissions(std::fs::metadata(&path)?.permissions())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let moved = written.and_then(|()| std::fs::rename(&beside, &path));
    if moved.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    moved
}

/// The edits as a unified diff, without context.
pub fn diff(edits: &[Edit]) -> String {
    let mut out = String::new();
    for (path, edits) in by_file(edits) {
        let Ok(old) = read(&path) else { continue };
        let new = apply(&old, &edits);
        if new == old {
            continue;
        }
        let _ = writeln!(out, "--- {0}\n+++ {0}", path.display());
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        // Edits replace names within lines, so that lines keep their numbers.
        for (index, (before, after)) in old.iter().zip(&new).enumerate().filter(|(_, (before, after))| before != after)
        {
            let line = index + 1;
            let _ = writeln!(out, "@@ -{line} +{line} @@\n-{before}\n+{after}");
        }
    }
    out
}
