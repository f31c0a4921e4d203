//! Generated files are committed, and fresh. `UPDATE=1 cargo test generated` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::ValueEnum as _;
use oauthctl::cmd::completions::{Shell, script};
use oauthctl::cmd::man;

use crate::support;

#[test]
fn completions_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for shell in Shell::value_variants() {
        let path = folder.join(shell.file_name());
        let fresh = script(*shell);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &fresh).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == fresh, "{} is stale: run `UPDATE=1 cargo test generated`", path.display());
    }
}

#[test]
fn manual_pages_are_fresh() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/man");
    let fresh = support::scratch("man");
    man::write(&fresh).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let _ = fs::remove_dir_all(&kept);
        man::write(&kept).unwrap();
    }
    let pages = |folder: &Path| -> BTreeMap<_, _> {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        files.map(|file| (file.file_name(), fs::read_to_string(file.path()).unwrap())).collect()
    };
    let (kept, fresh_pages) = (pages(&kept), pages(&fresh));
    let _ = fs::remove_dir_all(fresh);
    let stale: Vec<_> = fresh_pages.iter().filter(|(name, page)| kept.get(*name) != Some(page)).collect();
    let names: Vec<_> = stale.iter().map(|(name, _)| name).collect();
    assert!(names.is_empty() && kept.len() == fresh_pages.len(), "run `UPDATE=1 cargo test generated`: {names:?}");
}
