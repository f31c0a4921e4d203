//! Generated files are committed, and fresh. `UPDATE=1 cargo test generated` rewrites them.

use std::fs;
use std::path::Path;

use clap::ValueEnum as _;
use oauthctl::cmd::completions::{Shell, script};

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
