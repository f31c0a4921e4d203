//! Generated files are committed, and fresh. `UPDATE=1 cargo test generated` rewrites them.

use std::fs;
use std::path::Path;

use clap::ValueEnum as _;
use clap_complete::Shell;
use oauthctl::cmd::completions::script;

fn file_name(shell: Shell) -> String {
    match shell {
        Shell::Bash => "oauthctl.bash".into(),
        Shell::Zsh => "_oauthctl".into(),
        Shell::PowerShell => "_oauthctl.ps1".into(),
        other => format!("oauthctl.{}", if other == Shell::Elvish { "elv".into() } else { other.to_string() }),
    }
}

#[test]
fn completions_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for shell in Shell::value_variants() {
        let path = folder.join(file_name(*shell));
        let fresh = script(*shell);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &fresh).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == fresh, "{} is stale: run `UPDATE=1 cargo test generated`", path.display());
    }
}
