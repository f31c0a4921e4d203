//! `validate-config --online` as a program: against the embedded provider with each of its faults, against npm's
//! `oidc-provider`, and what it leaves alone.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use oauthctl::check::needs_network;
use oauthctl::demo::{FAULTS, Options, Provider, SHAPES, Seen};
use serde_json::Value as Json;

use crate::support::{self, PATIENCE, oauthctl, scratch};
use crate::third_party;

/// What a run came to: exit code, online rules with their options, standard error.
pub struct Outcome {
    pub code: i32,
    pub document: Json,
    pub stderr: String,
}

impl Outcome {
    /// `rule option`, of the online rules.
    pub fn rules(&self) -> Vec<String> {
        let findings = self.document["findings"].as_array().unwrap().iter();
        let own = findings.filter(|one| needs_network(one["rule"].as_str().unwrap()));
        own.map(|one| {
            let option = one["setting"].as_str().and_then(|name| name.rsplit('.').next()).unwrap_or_default();
            format!("{} {option}", one["rule"].as_str().unwrap())
        })
        .collect()
    }

    /// The same without notes.
    pub fn grave(&self) -> Vec<String> {
        let notes = ["discovery-not-found", "not-told", "endpoint-not-advertised", "claim-not-advertised"];
        self.rules().into_iter().filter(|rule| !notes.iter().any(|note| rule.starts_with(note))).collect()
    }

    pub fn message(&self, rule: &str) -> String {
        let findings = self.document["findings"].as_array().unwrap();
        let found = findings.iter().find(|one| one["rule"] == rule);
        found.map_or_else(String::new, |one| one["message"].as_str().unwrap().to_owned())
    }
}

pub fn validate(folder: &Path, args: &[&str]) -> Outcome {
    let mut command = oauthctl();
    command.current_dir(folder).args(["validate-config", "--online", "--format", "json"]).args(args);
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
    Outcome { code: output.status.code().unwrap(), document, stderr }
}

/// A folder with this configuration in it.
pub fn hub(name: &str, config: &str) -> PathBuf {
    let folder = scratch(&format!("online-{name}"));
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    folder
}

const CALLBACK: &str = "http://127.0.0.1:8000/hub/oauth_callback";

fn options() -> Options {
    Options { redirect_uris: vec![CALLBACK.into()], ..Options::default() }
}

#[test]
fn a_good_configuration_is_left_alone() {
    let provider = Provider::start(options()).unwrap();
    for shape in SHAPES {
        // Their addresses are in the code of the class: nothing here may ask the real ones.
        if !provider.fixed_origins(shape).is_empty() {
            continue;
        }
        let folder = hub(&format!("good-{}", shape.name), &provider.python_config_for(shape));
        let outcome = validate(&folder, &["-v"]);
        let rules: Vec<String> = outcome.rules().into_iter().filter(|rule| !rule.starts_with("not-told")).collect();
        assert!(rules.is_empty(), "{}: {rules:?}\n{:#}", shape.name, outcome.document);
    }
}

#[test]
fn each_fault_is_told_or_needs_a_login() {
    let mut wrong = String::new();
    for fault in FAULTS {
        let provider = Provider::start(Options { fault: Some(fault), ..options() }).unwrap();
        let folder = hub(&format!("fault-{}", fault.name), &provider.python_config());
        let (code, expected): (i32, &[&str]) = match fault.name {
            "token-401" => (1, &["client-refused client_secret"]),
            "token-500" => (3, &["provider-failed token_url"]),
            "token-html" | "token-empty" => (1, &["endpoint-wrong-answer token_url"]),
            "userinfo-429" | "userinfo-500" => (3, &["provider-failed userdata_url"]),
            "userinfo-html" => (1, &["endpoint-wrong-answer userdata_url"]),
            "slow" => (3, &["provider-unreachable token_url"]),
            _ => (0, &[]),
        };
        let outcome = validate(&folder, &["--timeout", "1"]);
        if outcome.code != code || outcome.rules() != expected {
            wrong += &format!("{}: {} {:?}\n", fault.name, outcome.code, outcome.rules());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_wrong_is_told_at_its_line() {
    let provider = Provider::start(options()).unwrap();
    let good = provider.python_config();
    let wiki = SHAPES.iter().find(|shape| shape.class == "MWOAuthenticator").unwrap();
    let wiki = provider.python_config_for(wiki);
    let secret = provider.client_secret();
    let cases: &[(&str, String, &[&str])] = &[
        ("secret", good.replace(secret, "another-secret-entirely"), &["client-refused client_secret"]),
        ("client", good.replace("\"demo-hub\"", "\"nobody-at-all\""), &["client-refused client_secret"]),
        ("callback", good.replace("127.0.0.1:8000", "localhost:8000"), &["redirect-uri-refused oauth_callback_url"]),
        ("token", good.replace("/token\"", "/oauth/token\""), &["endpoint-wrong-answer token_url"]),
        ("authorize", good.replace("/authorize\"", "/auth\""), &["endpoint-wrong-answer authorize_url"]),
        ("userdata", good.replace("/userinfo\"", "/me\""), &["endpoint-wrong-answer userdata_url"]),
        ("scope", good.replace("\"groups\"]", "\"grops\"]"), &["scope-not-advertised scope"]),
        (
            "claim",
            good.replace("\"preferred_username\"", "\"prefered_username\""),
            &["claim-not-advertised username_claim"],
        ),
        ("wiki", wiki.replace(secret, "another-secret-entirely"), &["client-refused client_secret"]),
        ("consumer", wiki.replace("\"demo-hub\"", "\"nobody-at-all\""), &["client-refused client_id"]),
    ];
    for (name, config, expected) in cases {
        assert!(*config != good && *config != wiki, "{name}");
        let outcome = validate(&hub(name, config), &[]);
        let mut rules = outcome.rules();
        rules.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(rules, expected, "{name}: {:#}", outcome.document);
        for finding in outcome.document["findings"].as_array().unwrap() {
            assert!(finding["line"].as_u64().is_some(), "{name}: {finding:#}");
        }
        let all = format!("{} {}", outcome.document, outcome.stderr);
        assert!(!all.contains("another-secret-entirely") && !all.contains(secret), "{name}");
    }
}

#[test]
fn hubs_of_one_provider_share_its_answers() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let on_request = move |seen: &Seen| note.lock().unwrap().push(format!("{} {}", seen.method, seen.path));
    let provider = Provider::start(Options { on_request: Some(Arc::new(on_request)), ..options() }).unwrap();
    let folder = scratch("online-fleet");
    for number in 0..20 {
        let config = format!("{}\nc.GenericOAuthenticator.admin_users = {{'u{number}'}}\n", provider.python_config());
        fs::write(folder.join(format!("jupyterhub_config_{number}.py")), config).unwrap();
    }
    let outcome = validate(&folder, &["."]);
    assert_eq!((outcome.code, outcome.document["summary"]["hubs"].as_u64()), (0, Some(20)), "{}", outcome.stderr);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    // The authorize endpoint a second time with prompt=none.
    assert_eq!(
        seen,
        ["GET /.well-known/openid-configuration", "GET /authorize", "GET /authorize", "GET /userinfo", "POST /token"]
    );
    assert_eq!(outcome.stderr.matches("asking ").count(), 1, "{}", outcome.stderr);
}

#[test]
fn without_online_nobody_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let config = format!(
        "c.JupyterHub.authenticator_class = 'generic-oauth'
c.GenericOAuthenticator.client_id = 'hub'
c.GenericOAuthenticator.client_secret = 'some-secret-some'
c.GenericOAuthenticator.authorize_url = '{base}/authorize'
c.GenericOAuthenticator.token_url = '{base}/token'
c.GenericOAuthenticator.userdata_url = '{base}/userinfo'
"
    );
    let folder = hub("offline", &config);
    let output = oauthctl().current_dir(&folder).arg("validate-config").output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2));
    let refused = listener.accept().unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
    // The same means something: with --online it is asked.
    let output =
        oauthctl().current_dir(&folder).args(["validate-config", "--online", "--timeout", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(listener.accept().is_ok());
}

#[test]
fn the_switches_of_the_network_need_online() {
    let folder = hub("switches", "c.JupyterHub.authenticator_class = 'github'\n");
    for args in [
        &["--timeout", "5"][..],
        &["--ca-cert", "x"],
        &["--proxy", "http://p"],
        &["-v"],
        &["--online", "--timeout", "0"],
    ] {
        let output = oauthctl().current_dir(&folder).arg("validate-config").args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    let output = oauthctl()
        .current_dir(&folder)
        .args(["validate-config", "--online", "--ca-cert", "gone.pem"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("gone.pem"));
}

#[test]
fn every_format_carries_what_the_provider_said() {
    let provider = Provider::start(options()).unwrap();
    let folder = hub("formats", &provider.python_config().replace(provider.client_secret(), "another-secret-entirely"));
    for format in ["human", "sarif", "junit", "github"] {
        let output =
            oauthctl().current_dir(&folder).args(["validate-config", "--online", "--format", format]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert!(text.contains("client-refused") && text.contains("jupyterhub_config.py"), "{format}: {text}");
        assert!(!text.contains("another-secret"), "{format}: {text}");
    }
}

#[test]
fn a_provider_of_others_tells_the_same() {
    let Some(folder) = support::npm("oidc-provider", third_party::VERSION) else { return };
    let callback = "http://127.0.0.1:8000/hub/oauth_callback";
    let mut node = support::command("node");
    node.arg(support::root("tests/upstream/third_party.mjs")).arg(&folder).arg(callback);
    let mut provider = third_party::Running(node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let started = support::lines(provider.0.stdout.take().unwrap());
    let port = started.recv_timeout(PATIENCE).expect("the provider does not start");
    let base = format!("http://127.0.0.1:{port}");
    let good = third_party::config(&base, callback);
    let cases: &[(&str, String, &[&str])] = &[
        ("good", good.clone(), &[]),
        (
            "secret",
            good.replace("a secret of some length, for a test", "another secret of some length"),
            &["client-refused client_secret"],
        ),
        ("client", good.replace("'hub'", "'nobody-at-all'"), &["client-refused client_id"]),
        ("callback", good.replace(":8000", ":8001"), &["redirect-uri-refused oauth_callback_url"]),
        ("scope", good.replace("'groups']", "'grops']"), &["scope-not-advertised scope"]),
        (
            "pkce",
            format!("{good}c.GenericOAuthenticator.enable_pkce = False\n"),
            &["authorize-refused enable_pkce", "pkce-available enable_pkce"],
        ),
        ("token", good.replace("/token'", "/tokens'"), &["endpoint-wrong-answer token_url"]),
    ];
    for (name, config, expected) in cases {
        let outcome = validate(&hub(&format!("npm-{name}"), config), &[]);
        assert_eq!(outcome.rules(), *expected, "{name}: {:#}", outcome.document);
    }
}

#[test]
fn every_login_service_of_a_multiauthenticator_is_asked() {
    let provider = Provider::start(options()).unwrap();
    let entry = |secret: &str, prefix: &str| {
        let base = provider.issuer();
        format!(
            "{{'authenticator_class': 'generic-oauth', 'url_prefix': '/{prefix}', 'config': {{'service_name': '{prefix}',
  'client_id': '{}', 'client_secret': '{secret}', 'username_claim': 'preferred_username', 'scope': ['openid'],
  'authorize_url': '{base}/authorize', 'token_url': '{base}/token', 'userdata_url': '{base}/userinfo'}}}}",
            provider.client_id()
        )
    };
    let config = format!(
        "c.JupyterHub.authenticator_class = 'multiauthenticator.MultiAuthenticator'
c.MultiAuthenticator.authenticators = [{}, {}]
c.OAuthenticator.allow_all = True
",
        entry(provider.client_secret(), "good"),
        entry("another-secret-entirely", "bad"),
    );
    let outcome = validate(&hub("multi", &config), &[]);
    assert_eq!(outcome.rules(), ["client-refused client_secret"], "{:#}", outcome.document);
}

#[test]
fn a_wrong_secret_is_told_for_every_class() {
    let provider = Provider::start(options()).unwrap();
    for shape in SHAPES.iter().filter(|shape| provider.fixed_origins(shape).is_empty()) {
        let config = provider.python_config_for(shape);
        let wrong = config.replace(provider.client_secret(), "another-secret-entirely");
        assert_ne!(config, wrong, "{}", shape.name);
        let outcome = validate(&hub(&format!("secret-{}", shape.name), &wrong), &[]);
        assert!(
            outcome.rules().contains(&"client-refused client_secret".into()),
            "{}: {:?}",
            shape.name,
            outcome.rules()
        );
    }
}
