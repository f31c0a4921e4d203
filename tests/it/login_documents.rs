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
