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

/// What the hub keeps of an auth_state is said where a function of its own decides it, and only there.
#[test]
fn reconcile_auth_state_hook_is_told() {
    let folder = support::scratch("login-reconciled");
    let (file, userdata) = (folder.join("jupyterhub_config.py"), folder.join("userdata.json"));
    std::fs::write(&userdata, r#"{"username": "alice"}"#).unwrap();
    let told = |more: &str| {
        let text = "def hook(authenticator, auth_model, existing):\n    return existing\n\
                    c.JupyterHub.authenticator_class = 'generic-oauth'\n\
                    c.GenericOAuthenticator.token_url = 'https://idp.example/token'\n\
                    c.GenericOAuthenticator.userdata_url = 'https://idp.example/userinfo'\n";
        std::fs::write(&file, format!("{text}{more}")).unwrap();
        let mut command = support::oauthctl();
        command.arg("resolve").arg(&file).arg("--userdata").arg(&userdata).args(["--format", "json"]);
        let document = oauthctl::json::parse_bytes(&command.output().unwrap().stdout).unwrap();
        let Some(Value::List(warnings)) = document.get("warnings") else { panic!("{}", document.repr()) };
        let text = |warning: &Value, key: &str| warning.get(key).map_or_else(String::new, Value::to_text);
        let found = warnings.iter().find(|warning| text(warning, "rule") == "auth-state-reconciled");
        found.map(|warning| text(warning, "message"))
    };
    let (allow, stored) = ("c.Authenticator.allow_all = True\n", "c.Authenticator.enable_auth_state = True\n");
    let hook = "c.Authenticator.reconcile_auth_state_hook = hook\n";
    assert!(told(&format!("{allow}{stored}{hook}")).is_some_and(|said| said.contains("makes of this auth_state")));
    let number = format!("{allow}{stored}c.Authenticator.reconcile_auth_state_hook = 5\n");
    assert!(told(&number).is_some_and(|said| said.contains("500 ('int' object is not callable)")));
    for without in [format!("{allow}{stored}"), format!("{allow}{hook}"), format!("{stored}{hook}")] {
        assert_eq!(told(&without), None, "{without}");
    }
    let _ = std::fs::remove_dir_all(folder);
}
