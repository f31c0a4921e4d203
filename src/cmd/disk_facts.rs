//! What checks want to know about the files themselves: who may read them, and whether git keeps them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::check::Disk;

/// The files of this machine. Git's index of a working tree is read once.
#[derive(Debug, Default)]
pub struct DiskFacts {
    indexes: Mutex<HashMap<PathBuf, Vec<u8>>>,
}

impl Disk for DiskFacts {
    #[cfg(unix)]
    fn world_readable(&self, file: &str) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(metadata) = std::fs::metadata(file) else { return false };
        metadata.permissions().mode() & 0o004 != 0 && metadata.is_file() && folders_are_open(Path::new(file))
    }

    #[cfg(not(unix))]
    fn world_readable(&self, _: &str) -> bool {
        false
    }

    fn in_git(&self, file: &str) -> bool {
        let Ok(path) = Path::new(file).canonicalize() else { return false };
        let Some(root) = path.ancestors().skip(1).find(|folder| folder.join(".git").exists()) else { return false };
        let Ok(inside) = path.strip_prefix(root) else { return false };
        let Ok(mut indexes) = self.indexes.lock() else { return false };
        let index = indexes.entry(root.to_owned()).or_insert_with(|| index_of(root));
        let name = inside.to_string_lossy().replace('\\', "/");
        contains_name(index, name.as_bytes())
    }
}

/// Whether others can get to the file at all.
#[cfg(unix)]
fn folders_are_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(path) = file.canonicalize() else { return false };
    path.ancestors()
        .skip(1)
        .all(|folder| std::fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 != 0))
}

/// The index of a working tree; that of a linked one is where its `.git` file says.
fn index_of(root: &Path) -> Vec<u8> {
    let git = root.join(".git");
    let folder = match std::fs::read_to_string(&git) {
        Ok(text) => text.strip_prefix("gitdir:").map(|path| root.join(path.trim())),
        Err(_) => Some(git),
    };
    folder.and_then(|folder| std::fs::read(folder.join("index")).ok()).unwrap_or_default()
}

/// Names in an index (version 2 and 3) stand whole, after their length and before a NUL.
fn contains_name(index: &[u8], name: &[u8]) -> bool {
    let Ok(length) = u16::try_from(name.len().min(0xfff)) else { return false };
    index.windows(name.len() + 3).any(|window| {
        let flags = u16::from_be_bytes([window[0], window[1]]);
        flags & 0xfff == length && &window[2..2 + name.len()] == name && window[name.len() + 2] == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_an_index_is_whole() {
        let mut index = b"DIRC....".to_vec();
        index.extend([0x00, 0x04]);
        index.extend(b"a.py\0\0");
        assert!(contains_name(&index, b"a.py"));
        assert!(!contains_name(&index, b".py"));
        assert!(!contains_name(&index, b"a.p"));
    }
}
