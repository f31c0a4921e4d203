//! A hub with several login services, as somebody meets it on the command line; what its logins come to is compared with
//! the package itself by the differential tests.

use std::fs;
use std::path::{Path, PathBuf};

use oauthctl::json;
use oauthctl::value::Value;

use crate::support;

const CONFIG: &str = r#"
c.JupyterHub.authenticator_class = "multiauthenticator"
c.MultiAuthenticator.authenticators = [
    {"authenticator_class": "github", "url_prefix": "/code", "config": {
        "client_id": "cid", "client_secret": "the-secret-of-code", "allow_all": True,
        "oauth_callback_url": "http://127.0.0.1:1/hub/code/oauth_callback",
        "logout_redirect_url": "https://code.example/logout",
    }},
    {"authenticator_class": "generic-oauth", "url_prefix": "/idp", "config": {
        "client_id": "cid", "client_secret": "the-secret-of-idp", "allow_all": True, "login_service": "My IdP",
        "token_url": "https://idp.example/token", "userdata_url": "https://idp.example/userinfo",
        "username_claim": "nick",
    }},
    {"authenticator_class": "pam", "url_prefix": "/pam"},
]
"#;

fn folder(name: &str) -> PathBuf {
    let folder = support::scratch(name);
    fs::write(folder.join("jupyterhub_config.py"), CONFIG).unwrap();
    fs::write(folder.join("user.json"), r#"{"nick": "Bob", "login": "Bob", "email": "b@c.de"}"#).unwrap();
    fs::write(folder.join("state.json"), r#"{"access_token": "x", "token_response": {"access_token": "x"}}"#).unwrap();
    folder
}

/// The exit code, the document, and all of standard output.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output = support::oauthctl().current_dir(folder).args(arguments).args(["--format", "json"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), json::parse(&text).unwrap_or(Value::None), text)
}

fn field(value: &Value, path: &str) -> String {
    path.split('.').try_fold(value, |value, key| value.get(key)).map_or_else(|| "absent".into(), Value::to_text)
}

#[test]
fn none_is_taken_where_none_is_picked() {
    let folder = folder("multi-pick");
    for (name, code) in
        [("", "authenticator-not-picked"), ("nobody", "no-such-authenticator"), ("pam", "not-an-oauthenticator")]
    {
        let mut arguments = vec!["resolve", "--userdata", "user.json"];
        if !name.is_empty() {
            arguments.extend(["--authenticator", name]);
        }
        let (exit, document, text) = run(&folder, &arguments);
        assert_eq!((exit, field(&document, "failure.stage")), (Some(3), "config".into()), "{text}");
        assert_eq!(field(&document, "failure.code"), code);
        let said = field(&document, "failure.message") + &field(&document, "failure.fix");
        assert!(said.contains("code") && said.contains("idp"), "{said}");
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn every_name_of_an_entry_picks_it() {
    let folder = folder("multi-names");
    for name in ["/idp", "idp", "IDP", "My IdP", "my idp:", "generic-oauth", "GenericOAuthenticator"] {
        let (exit, document, text) = run(&folder, &["resolve", "--userdata", "user.json", "--authenticator", name]);
        assert_eq!((exit, field(&document, "user.name")), (Some(0), "my idp:bob".into()), "{name}: {text}");
    }
    let single = ["resolve", "--userdata", "user.json", "--set", "JupyterHub.authenticator_class=github"];
    let (exit, document, _) = run(&folder, &[&single[..], &["--authenticator", "idp"]].concat());
    assert_eq!((exit, field(&document, "failure.code")), (Some(3), "no-such-authenticator".into()));
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_failure_points_at_the_option_of_the_entry() {
    let folder = folder("multi-place");
    fs::write(folder.join("user.json"), r#"{"login": "Bob"}"#).unwrap();
    let (_, document, _) = run(&folder, &["resolve", "--userdata", "user.json", "--authenticator", "idp"]);
    assert_eq!(field(&document, "failure.setting"), "MultiAuthenticator.authenticators[1].config.username_claim");
    assert_eq!(field(&document, "failure.source.line"), "12");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn the_hub_itself_neither_refreshes_nor_logs_out_at_a_provider() {
    let folder = folder("multi-hub");
    let state = ["--auth-state", "state.json"];
    let (exit, document, _) = run(&folder, &[&["refresh"], &state[..]].concat());
    assert_eq!((exit, field(&document, "refresh")), (Some(0), "unchanged".into()));
    assert_eq!(field(&document, "exchanges"), "[]");
    assert!(field(&document, "warnings").contains("multi-refresh"));
    let (_, hub, _) = run(&folder, &["logout"]);
    assert_eq!(field(&hub, "redirect"), "None");
    let (_, entry, _) = run(&folder, &["logout", "--authenticator", "code"]);
    assert_eq!(field(&entry, "redirect"), "https://code.example/logout");
    for document in [hub, entry] {
        assert!(field(&document, "warnings").contains("/hub/logout"));
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn secrets_inside_the_list_are_masked() {
    let folder = folder("multi-secrets");
    for arguments in [&["show"][..], &["show", "--authenticator", "idp"], &["validate-config"]] {
        let (_, document, text) = run(&folder, arguments);
        assert!(!matches!(document, Value::None));
        assert!(!text.contains("the-secret-of"), "{arguments:?}");
    }
    let (_, _, text) = run(&folder, &["show", "--authenticator", "idp"]);
    assert!(text.contains("https://idp.example/token") && !text.contains("/hub/code/"), "{text}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn saved_answers_of_the_directory_need_no_key() {
    let folder = support::scratch("saved-directory");
    let config = r#"
c.JupyterHub.authenticator_class = "google"
c.GoogleOAuthenticator.google_service_account_keys = {"b.de": "/nowhere/key.json"}
c.GoogleOAuthenticator.gsuite_administrator = {"b.de": "admin"}
c.GoogleOAuthenticator.allowed_google_groups = {"b.de": {"staff"}}
"#;
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    let one = |stage: &str, method: &str, url: &str, body: &str| {
        let body = base64_of(body);
        format!(
            r#"{{"stage": "{stage}", "method": "{method}", "url": "{url}", "status": 200, "reason": "OK", "headers": [], "body_base64": "{body}"}}"#
        )
    };
    let groups = "https://www.googleapis.com/admin/directory/v1/groups?userKey=ann@b.de";
    let all = [
        one("token", "POST", "https://x/token", r#"{"access_token": "AT", "token_type": "Bearer"}"#),
        one("userdata", "GET", "https://x/user", r#"{"email": "ann@b.de", "verified_email": true, "hd": "b.de"}"#),
        one("decision", "POST", "https://keys.example/token", r#"{"access_token": "SA", "expires_in": 3600}"#),
        one("decision", "GET", groups, r#"{"groups": [{"email": "staff@b.de"}]}"#),
    ];
    let saved = format!(r#"{{"schema": "oauthctl.exchanges/1", "exchanges": [{}]}}"#, all.join(","));
    fs::write(folder.join("saved.json"), saved).unwrap();
    let (exit, document, text) = run(&folder, &["resolve", "--from", "saved.json"]);
    assert_eq!((exit, field(&document, "user.name")), (Some(0), "ann@b.de".into()), "{text}");
    let _ = fs::remove_dir_all(folder);
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
