//! What `login --format json` prints where nothing is asked of a provider.

use oauthctl::value::Value;

use crate::{login_driver, support};

#[test]
fn the_code_of_a_failure_is_no_secret() {
    let folder = support::scratch("login-documents");
    let file = folder.join("jupyterhub_config.py");
    std::fs::write(&file, "c.JupyterHub.authenticator_class = 'nobody'\n").unwrap();
    let mut command = support::oauthctl();
    command.arg("login").arg(&file).args(["--no-browser", "--format", "json"]);
    let login = login_driver::run(&mut command, "");
    let _ = std::fs::remove_dir_all(folder);
    let code = login.document.get("failure").and_then(|failure| failure.get("code")).and_then(Value::as_str);
    assert!(code.is_some_and(|code| code.starts_with(|c: char| c.is_ascii_lowercase())), "{code:?}");
}

/// `/dev/full` takes nothing, like a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = support::oauthctl().args(["explain", "allow_all"]).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: standard output cannot be written to"), "{said}");
}
