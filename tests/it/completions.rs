//! What a shell offers, asked by a real bash through the committed script.

use std::path::Path;
use std::process::Command;

/// The candidates for the last of these words.
fn offered(words: &[&str]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/oauthctl.bash");
    let programs = Path::new(env!("CARGO_BIN_EXE_oauthctl")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    // As bash does it: the function that `complete` names, with the word and the one before.
    let asks = r#"
        source "$1"; shift
        function=$(complete -p oauthctl | sed 's/.*-F \([^ ]*\) .*/\1/')
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
        "$function" oauthctl "${@: -1}" "${@: -2:1}" 2>/dev/null
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", asks, "bash"]).arg(script).args(words).env("PATH", path);
    let output = bash.output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_offers_commands_options_and_their_values() {
    assert!(offered(&["oauthctl", "valid"]).contains(&"validate-config".to_owned()));
    assert!(offered(&["oauthctl", "login", "--no-b"]).contains(&"--no-browser".to_owned()));
    let settings = offered(&["oauthctl", "show", "--set", "GenericOAuthenticator.username_"]);
    assert!(settings.contains(&"GenericOAuthenticator.username_claim=".to_owned()), "{settings:?}");
    assert!(settings.contains(&"GenericOAuthenticator.username_pattern=".to_owned()), "an inherited one");
    assert_eq!(offered(&["oauthctl", "validate-config", "--select", "nobody-"]), ["nobody-allowed"]);
    assert_eq!(
        offered(&["oauthctl", "validate-config", "--ignore", "wrong-type,nobody-"]),
        ["wrong-type,nobody-allowed"]
    );
    assert_eq!(offered(&["oauthctl", "explain", "GitHubO"]), ["GitHubOAuthenticator"]);
    assert_eq!(offered(&["oauthctl", "explain", "redirect-uri-m"]), ["redirect-uri-mismatch"]);
    assert_eq!(offered(&["oauthctl", "login", "--demo", "mediaw"]), ["mediawiki"]);
    assert_eq!(offered(&["oauthctl", "login", "--demo", "--demo-user", "gra"]), ["grace"]);
    assert_eq!(offered(&["oauthctl", "demo", "--fault", "token-4"]), ["token-400", "token-401"]);
}

#[test]
fn bash_offers_files_where_a_file_is_meant() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Carg");
    assert!(offered(&["oauthctl", "login", here]).iter().any(|path| path.ends_with("Cargo.toml")));
}
