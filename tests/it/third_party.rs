//! A login at a provider that others wrote: npm's `oidc-provider`, whose pages a scripted browser fills in.

use std::net::TcpListener;
use std::process::{Child, Stdio};

use oauthctl::value::Value;

use crate::form_browser::Browser;
use crate::login_driver;
use crate::support::{self, PATIENCE};

pub const VERSION: &str = "9.13.3";

/// A process that ends with the test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is free now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn config(provider: &str, callback: &str) -> String {
    format!(
        "c.JupyterHub.authenticator_class = 'generic-oauth'
c.GenericOAuthenticator.client_id = 'hub'
c.GenericOAuthenticator.client_secret = 'a secret of some length, for a test'
c.GenericOAuthenticator.oauth_callback_url = '{callback}'
c.GenericOAuthenticator.authorize_url = '{provider}/auth'
c.GenericOAuthenticator.token_url = '{provider}/token'
c.GenericOAuthenticator.userdata_url = '{provider}/me'
c.GenericOAuthenticator.scope = ['openid', 'profile', 'groups']
c.GenericOAuthenticator.username_claim = 'preferred_username'
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.auth_state_groups_key = 'oauth_user.groups'
c.GenericOAuthenticator.allowed_groups = {{'staff'}}
"
    )
}

#[test]
fn a_login_at_a_third_party_provider_is_allowed() {
    let version = VERSION;
    let Some(folder) = support::npm("oidc-provider", version) else { return };
    let port = free_port();
    let callback = format!("http://127.0.0.1:{port}/hub/oauth_callback");
    let mut node = support::command("node");
    node.arg(support::root("tests/upstream/third_party.mjs")).arg(&folder).arg(&callback);
    let mut provider = Running(node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let started = support::lines(provider.0.stdout.take().unwrap());
    let provider_port = started.recv_timeout(PATIENCE).expect("the provider does not start");

    let scratch = support::scratch("third-party");
    let file = scratch.join("jupyterhub_config.py");
    std::fs::write(&file, config(&format!("http://127.0.0.1:{provider_port}"), &callback)).unwrap();
    let mut command = support::oauthctl();
    command.arg("login").arg(&file).args(["--no-browser", "--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--format", "json", "--show-secrets", "--timeout", "30"]);
    let login = login_driver::run_with(&mut command, |authorize| {
        Browser::new(&[("login", "Grace"), ("password", "any")]).walk(authorize);
    });
    let _ = std::fs::remove_dir_all(scratch);

    assert_eq!(login.code, Some(0), "{}", login.stderr);
    let text = |value: Option<&Value>| value.map_or_else(String::new, Value::repr);
    assert_eq!(text(login.document.get("outcome")), "'allowed'");
    let user = login.document.get("user").unwrap();
    assert_eq!(text(user.get("name")), "'grace'");
    assert_eq!(text(user.get("groups")), "['staff', 'users']");
    let claims = login.document.get("auth_state").and_then(|state| state.get("oauth_user"));
    assert_eq!(text(claims.and_then(|claims| claims.get("sub"))), "'Grace'");
}
