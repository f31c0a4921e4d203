//! MediaWiki's OAuth 1.0a held against implementations that are not ours: upstream's MWOAuthenticator with mwoauth beside
//! `oauthctl login`, at a scripted wiki and at the embedded one; oauthlib's server; oauthlib's signatures.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use oauthctl::demo::{self, Provider};
use oauthctl::json;
use oauthctl::oauth1::{self, Secrets};
use oauthctl::value::{Dict, Value};
use url::Url;

use crate::login_driver::{self, Login};
use crate::support::{self, Worker};

/// A port that nobody listens at, and that the system gives to nobody who asks for any.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() % 10_000;
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (first as u16 + step) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn login(config: &Path, timeout: u32) -> Command {
    let mut command = support::oauthctl();
    command.arg("login").arg(config);
    command.args(["--no-browser", "--format", "json", "--show-secrets", "--timeout", &timeout.to_string()]);
    command
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn repr(value: Option<&Value>) -> String {
    value.map_or_else(|| "None".to_owned(), Value::repr)
}

/// Sends a plain client to an address of this machine and gives what it answers.
fn visit(address: &str) -> String {
    let url = Url::parse(address).unwrap();
    let authority = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(80));
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    support::get(&authority, &format!("{}{query}", url.path())).unwrap_or_default()
}

/// A browser that goes where the wiki sends it.
pub fn browse(authorize: &str) {
    let answer = visit(authorize);
    if let Some(target) = answer.lines().find_map(|line| line.strip_prefix("Location: ")) {
        visit(target);
    }
}

/// What both sides came to, as text.
#[derive(Debug, PartialEq)]
struct Seen {
    end: String,
    user: String,
    auth_state: String,
    requests: String,
}

/// The auth_state without what differs between two logins.
fn lasting(state: Option<&Value>, random: &[&str]) -> String {
    let Some(Value::Dict(state)) = state else { return repr(state) };
    let keep = |dict: &Dict, without: &[&str]| -> Dict {
        let kept = dict.iter().filter(|(name, _)| !without.contains(&name.to_text().as_str()));
        kept.map(|(name, value)| (name.to_text(), value.clone())).collect()
    };
    let mut state = keep(state, random);
    if let Some(Value::Dict(identity)) = state.get("MEDIAWIKI_USER_IDENTITY") {
        let identity = keep(identity, &["nonce", "iat", "exp", "nbf"]);
        state.insert("MEDIAWIKI_USER_IDENTITY", Value::Dict(identity));
    }
    Value::Dict(state).repr()
}

fn seen(of: &Value, failure: Option<&Value>, requests: Option<&Value>, random: &[&str]) -> Seen {
    let outcome = string(of, "outcome");
    let failed = outcome == "failed";
    let part = |key: &str| repr(of.get("user").and_then(|user| user.get(key)));
    let place = failure.unwrap_or(of);
    Seen {
        end: format!("{outcome} {} {}", repr(place.get("stage")), repr(place.get("hub_status"))),
        user: if failed { String::new() } else { format!("{} {} {}", part("name"), part("admin"), part("groups")) },
        auth_state: if failed { String::new() } else { lasting(of.get("auth_state"), random) },
        requests: repr(requests),
    }
}

fn of_upstream(result: &Value, random: &[&str]) -> Seen {
    seen(result, None, result.get("requests"), random)
}

fn of_login(login: &Login, requests: Option<&Value>, random: &[&str]) -> Seen {
    let failure = login.document.get("failure").filter(|failure| failure.as_dict().is_some());
    seen(&login.document, failure, requests, random)
}

/// The rest that is known of a failure that we do not explain ourselves is another module's.
fn code(login: &Login) -> String {
    login.document.get("failure").map(|failure| string(failure, "code").to_owned()).unwrap_or_default()
}

/// Upstream and oauthctl at a wiki that answers anything: tokens, errors, pages, identities of every kind.
#[test]
fn a_scripted_wiki_is_understood_as_upstream_does() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/mediawiki_cases.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let wanted = std::env::var("OAUTHCTL_CASES").unwrap_or_default();
    let folder = support::scratch("mediawiki-scripted");
    let mut worker = Worker::start(&python, "mediawiki_worker.py", &[]);
    let mut wrong = Vec::new();
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let callback_port = free_port();
        let line = line.replace("{C}", &callback_port.to_string());
        let case = json::parse(&line).unwrap();
        let name = string(&case, "name");
        if !name.contains(&wanted) {
            continue;
        }
        let upstream = json::parse(&worker.ask(&line)).unwrap();
        let port = repr(upstream.get("port"));
        let here = format!("http://127.0.0.1:{port}");
        let config = folder.join("jupyterhub_config.py");
        fs::write(&config, string(&case, "config").replace("{P}", &here).replace("{PORT}", &port)).unwrap();
        // What comes to a refused callback waits for a better one.
        let timeout = if string(&upstream, "stage") == "callback" { 2 } else { 30 };
        let query = case.get("callback").and_then(Value::as_str).unwrap_or("oauth_verifier=v&oauth_token=rk");
        let address = format!("http://127.0.0.1:{callback_port}/hub/oauth_callback?{query}");
        let ours = login_driver::run_with(&mut login(&config, timeout), |_| drop(visit(&address)));
        let asked = json::parse(&worker.ask("{}")).unwrap();
        let theirs = of_upstream(&upstream, &[]);
        let own = of_login(&ours, asked.get("requests"), &[]);
        if theirs != own {
            wrong.push(format!("{name}\n  upstream {theirs:?}\n  oauthctl {own:?}\n  {}", code(&ours)));
        }
        codes.entry(code(&ours)).or_default().push(name.to_owned());
    }
    let _ = fs::remove_dir_all(&folder);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(codes.len() > 15 || !wanted.is_empty(), "{codes:#?}");
    let unexplained = codes.get("exception");
    assert_eq!(unexplained, None, "these failures have no explanation");
}

/// The embedded wiki, a case at it: its fault, what is set beside its own configuration, and what must come out.
struct Case {
    fault: Option<&'static str>,
    person: &'static str,
    more: &'static str,
    /// The failure's code, or the decision's; empty for somebody who may enter.
    code: &'static str,
}

const fn at(fault: &'static str, code: &'static str) -> Case {
    Case { fault: Some(fault), person: "ada", more: "", code }
}

const fn who(person: &'static str, code: &'static str) -> Case {
    Case { fault: None, person, more: "", code }
}

const fn with(more: &'static str, code: &'static str) -> Case {
    Case { fault: None, person: "ada", more, code }
}

const CASES: &[Case] = &[
    who("ada", ""),
    who("grace", ""),
    who("linus", ""),
    who("øystein", ""),
    who("mallory", "blocked"),
    who("eve", "not-allowed"),
    with("client_id = 'nobody'", "consumer-unknown"),
    with("client_secret = 'not it'", "invalid-client"),
    with("enable_auth_state = True", ""),
    at("wiki-consumer-not-approved", "consumer-not-approved"),
    at("wiki-consumer-owner-only", "consumer-owner-only"),
    at("wiki-callback-fixed", ""),
    at("wiki-clock", "clock-skew"),
    at("wiki-redirects", "redirected"),
    at("wiki-token-expired", "request-token-expired"),
    at("wiki-token-used", "request-token-used"),
    at("wiki-user-blocked", "user-blocked"),
    at("wiki-number-subject", "subject-not-text"),
    at("wiki-other-issuer", "issuer-mismatch"),
    at("wiki-future", "clock-skew"),
    at("wiki-replay", "nonce-mismatch"),
    at("authorize-denied", "timeout"),
    at("callback-wrong-state", "state-mismatch"),
    at("callback-no-code", "no-verifier"),
    at("id-token-bad-signature", "invalid-client"),
    at("id-token-wrong-audience", "audience-mismatch"),
    at("id-token-expired", "clock-skew"),
    at("token-html", "wrong-url"),
    at("token-500", "provider-failed"),
    at("userinfo-html", "wrong-url"),
    at("userinfo-500", "provider-failed"),
    at("userinfo-no-username", "claim-missing"),
];

/// Real mwoauth passes the embedded wiki, and every error form ends both the same way.
#[test]
fn the_embedded_wiki_is_one_to_mwoauth_too() {
    let Some(python) = support::upstream_python() else { return };
    let folder = support::scratch("mediawiki-embedded");
    let environment = [("JUPYTERHUB_CRYPT_KEY".to_owned(), "0".repeat(64))];
    let mut worker = Worker::start(&python, "mediawiki_worker.py", &environment);
    let mut wrong = Vec::new();
    for case in CASES {
        let callback = format!("http://127.0.0.1:{}/hub/oauth_callback", free_port());
        let provider = start(case, vec![callback]);
        let text = format!("{}\nc.MWOAuthenticator.{}\n", config(&provider), case.more);
        let text = if case.more.is_empty() { config(&provider) } else { text };
        let question = Value::dict([("config", Value::str(&text)), ("browse", Value::Bool(true))]);
        let upstream = json::parse(&worker.ask(&json::write(&question, false))).unwrap();
        let path = folder.join("jupyterhub_config.py");
        fs::write(&path, &text).unwrap();
        let timeout = if ["timeout", "state-mismatch"].contains(&case.code) { 2 } else { 30 };
        let mut command = login(&path, timeout);
        command.envs(environment.iter().cloned());
        let ours = login_driver::run_with(&mut command, browse);
        // Every login gets tokens of its own.
        let random = ["ACCESS_TOKEN_KEY", "ACCESS_TOKEN_SECRET"];
        let (theirs, own) = (of_upstream(&upstream, &random), of_login(&ours, upstream.get("requests"), &random));
        if theirs != own || code(&ours) != case.code {
            let name = case.fault.unwrap_or(case.person);
            wrong.push(format!(
                "{name} {}\n  upstream {theirs:?}\n  oauthctl {own:?}\n  code {}\n  {}",
                case.more,
                code(&ours),
                repr(ours.document.get("failure"))
            ));
        }
    }
    let _ = fs::remove_dir_all(&folder);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn start(case: &Case, redirect_uris: Vec<String>) -> Provider {
    let fault = case.fault.map(|name| demo::fault_named(name).unwrap());
    let auto_person = Some(case.person.to_owned());
    Provider::start(demo::Options { fault, auto_person, redirect_uris, ..demo::Options::default() }).unwrap()
}

fn config(provider: &Provider) -> String {
    provider.python_config_for(demo::shape("mediawiki").unwrap())
}

fn warnings(login: &Login) -> Vec<String> {
    let Some(Value::List(warnings)) = login.document.get("warnings") else { return Vec::new() };
    warnings.iter().map(|warning| string(warning, "rule").to_owned()).collect()
}

/// A consumer whose prefix covers our listener is asked for it; one that knows only the hub's address is asked as the hub
/// asks, and the address is pasted.
#[test]
fn a_login_works_with_either_kind_of_consumer() {
    let folder = support::scratch("mediawiki-callbacks");
    let path = folder.join("jupyterhub_config.py");
    let listen = format!("127.0.0.1:{}", free_port());
    let provider = start(&who("grace", ""), vec![format!("http://{listen}/")]);
    let text = config(&provider).replace(&format!("http://{listen}/"), "https://hub.example.org/hub/oauth_callback");
    fs::write(&path, &text).unwrap();
    let ours = login_driver::run_with(login(&path, 30).args(["--listen", &listen]), browse);
    assert_eq!(string(&ours.document, "outcome"), "allowed", "{}", ours.stderr);
    assert_eq!(warnings(&ours), [""; 0], "{}", ours.stderr);

    let hub = "https://hub.example.org/hub/oauth_callback".to_owned();
    let provider = start(&who("grace", ""), vec![hub.clone()]);
    fs::write(&path, config(&provider)).unwrap();
    let pasted = |more: &[&str], timeout| {
        let mut command = login(&path, timeout);
        command.args(more);
        let mut told = String::new();
        let ours = login_driver::run_pasting(&mut command, |authorize| {
            let answer = visit(authorize);
            told = answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default().to_owned();
            told.clone()
        });
        assert!(told.starts_with(&hub), "{told}");
        ours
    };
    for more in [&["--paste"][..], &["--paste", "--callback-url", &hub]] {
        let ours = pasted(more, 30);
        assert_eq!(string(&ours.document, "outcome"), "allowed", "{more:?} {}", ours.stderr);
        assert_eq!(warnings(&ours), [""; 0], "{more:?}");
    }
    // A listener that the consumer does not know: it is told, and what to register.
    let ours = login_driver::run_with(login(&path, 2).args(["--listen", &listen]), |_| ());
    assert_eq!(code(&ours), "timeout", "{}", ours.stderr);
    assert!(warnings(&ours).contains(&"callback-not-registered".to_owned()), "{:?}", warnings(&ours));
    let _ = fs::remove_dir_all(&folder);
}

/// The client at an OAuth 1.0a server that is made of oauthlib's.
#[test]
fn oauthlibs_server_takes_our_client() {
    let Some(python) = support::upstream_python() else { return };
    let folder = support::scratch("mediawiki-oauthlib");
    let mut server = Worker::start(&python, "oauth1_server.py", &[]);
    let path = folder.join("jupyterhub_config.py");
    let callback = format!("http://127.0.0.1:{}/hub/oauth_callback", free_port());
    let root = server.ask(&callback);
    let log_in = |secret: &str| {
        let text = format!(
            "c.JupyterHub.authenticator_class = 'mediawiki'\n\
             c.MWOAuthenticator.mw_index_url = '{root}/w/index.php'\n\
             c.MWOAuthenticator.client_id = 'consumer-key-of-the-test'\n\
             c.MWOAuthenticator.client_secret = {}\n\
             c.MWOAuthenticator.oauth_callback_url = '{callback}'\n\
             c.MWOAuthenticator.allowed_users = {{'Søren K'}}\n",
            Value::str(secret).repr()
        );
        fs::write(&path, text).unwrap();
        login_driver::run_with(&mut login(&path, 30), browse)
    };
    let good = log_in("a secret & more ü");
    assert_eq!(string(&good.document, "outcome"), "allowed", "{}", json::write(&good.document, true));
    assert_eq!(string(good.document.get("user").unwrap(), "name"), "Søren_K");
    let bad = log_in("a secret");
    assert_eq!((string(&bad.document, "outcome"), &*code(&bad)), ("failed", "invalid-client"), "{}", bad.stderr);
    let _ = fs::remove_dir_all(&folder);
}

/// A small generator: the same numbers every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn text(&mut self, length: usize) -> String {
        const LETTERS: &[char] =
            &['a', 'Z', '0', ' ', '+', '%', '&', '=', '~', '-', '.', '_', '"', ',', '/', ':', 'ü', '名', '*'];
        (0..self.below(length + 1)).map(|_| *self.pick(LETTERS)).collect()
    }
}

/// Base strings and signatures beside oauthlib's, on generated requests.
#[test]
fn signatures_are_oauthlibs() {
    let Some(python) = support::upstream_python() else { return };
    let mut oauthlib = Worker::start(&python, "oauth1_sign.py", &[]);
    let mut numbers = Numbers(5849);
    for _ in 0..2000 {
        let scheme = *numbers.pick(&["http", "https", "HTTP"]);
        let host = *numbers.pick(&[
            "wiki.example.org",
            "WIKI.Example.org:8080",
            "h:80",
            "h:443",
            "127.0.0.1:5000",
            "[::1]:80",
        ]);
        let path = *numbers.pick(&["", "/", "/w/index.php", "/a b/ü", "/x;y=z", "/%7Efoo/%41"]);
        let query: Vec<String> = (0..numbers.below(4))
            .map(|_| format!("{}={}", oauth1::escape(&numbers.text(4)), oauth1::escape(&numbers.text(8))))
            .collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let url = format!("{scheme}://{host}{path}{query}");
        let method = *numbers.pick(&["GET", "POST"]);
        let names = ["oauth_nonce", "oauth_consumer_key", "oauth_token", "oauth_callback", "oauth_verifier"];
        let protocol: oauth1::Params =
            names.iter().map(|name| ((*name).to_owned(), format!("x{}", numbers.text(10)))).collect();
        let (consumer, token) = (numbers.text(12), numbers.text(12));
        let fields = protocol.iter().map(|(name, value)| (name.as_str(), Value::str(value)));
        let question = Value::dict([
            ("method", Value::str(method)),
            ("url", Value::str(&url)),
            ("protocol", Value::Dict(fields.map(|(name, value)| (name.to_owned(), value)).collect())),
            ("consumer_secret", Value::str(&consumer)),
            ("token_secret", Value::str(&token)),
        ]);
        let theirs = json::parse(&oauthlib.ask(&json::write(&question, false))).unwrap();
        let base = oauth1::base_string(method, &url, &oauth1::collected(&url, &protocol)).unwrap();
        assert_eq!(base, string(&theirs, "base"), "{url}");
        let secrets = Secrets { consumer: &consumer, token: &token };
        assert_eq!(oauth1::signature(&base, secrets), string(&theirs, "signature"), "{url}");
        let header = oauth1::authorization(method, &url, &protocol, secrets).unwrap();
        assert_eq!(header, string(&theirs, "header"), "{url}");
    }
}

/// `refresh_user` is upstream's too, and so is what it raises.
#[test]
fn a_refresh_fails_as_upstreams_does() {
    let Some(python) = support::upstream_python() else { return };
    let folder = support::scratch("mediawiki-refresh");
    let environment = [("JUPYTERHUB_CRYPT_KEY".to_owned(), "0".repeat(64))];
    let mut worker = Worker::start(&python, "mediawiki_worker.py", &environment);
    let text = "c.JupyterHub.authenticator_class = 'mediawiki'\nc.MWOAuthenticator.allow_all = True\n\
                c.MWOAuthenticator.client_id = 'ck'\nc.MWOAuthenticator.client_secret = 'cs & more'\n\
                c.MWOAuthenticator.mw_index_url = '{P}/w/index.php'\nc.MWOAuthenticator.enable_auth_state = True\n";
    let question = Value::dict([("config", Value::str(text)), ("refresh", Value::Bool(true))]);
    let upstream = json::parse(&worker.ask(&json::write(&question, false))).unwrap();
    assert_eq!(string(&upstream, "refresh"), "TypeError: 'NoneType' object is not subscriptable");
    let (config, state) = (folder.join("jupyterhub_config.py"), folder.join("state.json"));
    fs::write(&config, text.replace("{P}", "http://127.0.0.1:1")).unwrap();
    fs::write(&state, json::write(upstream.get("auth_state").unwrap(), false)).unwrap();
    let mut command = support::oauthctl();
    command.envs(environment).arg("refresh").arg(&config).args(["--format", "json", "--auth-state"]).arg(&state);
    let output = command.output().unwrap();
    let document = json::parse(&String::from_utf8(output.stdout).unwrap()).unwrap();
    let failure = document.get("failure").unwrap();
    assert_eq!(string(failure, "code"), "mediawiki-refresh", "{}", repr(Some(&document)));
    assert!(string(failure, "message").ends_with(string(&upstream, "refresh")), "{}", repr(Some(failure)));
    assert!(string(failure, "fix").contains("auth_refresh_age = 0"));
    let _ = fs::remove_dir_all(&folder);
}

/// Options that this class inherits and never asks for are told, each once and at its place.
#[test]
fn options_without_effect_are_told() {
    let folder = support::scratch("mediawiki-findings");
    let path = folder.join("jupyterhub_config.py");
    let without = [
        "scope = ['x']",
        "token_url = 'x'",
        "authorize_url = 'x'",
        "userdata_url = 'x'",
        "enable_pkce = True",
        "extra_authorize_params = {'a': 'b'}",
        "http_request_kwargs = {'a': 1}",
        "username_map = {'a': 'b'}",
        "validate_server_cert = False",
        "basic_auth = True",
        "token_params = {'a': 'b'}",
        "allowed_scopes = ['x']",
        "userdata_params = {'a': 'b'}",
        "userdata_token_method = 'url'",
    ];
    let with = [
        "allowed_users = {'Alice Smith'}",
        "admin_users = {'Bob'}",
        "blocked_users = {'Eve'}",
        "username_pattern = '^A'",
        "executor_threads = 3",
        "auto_login = True",
        "login_service = 'Wiki'",
        "logout_redirect_url = 'https://x'",
        "mw_index_url = 'https://wiki.example.org/w/index.php'",
        "delete_invalid_users = True",
        "client_id = 'x'",
        "client_secret = 'y'",
    ];
    let found = |lines: &[&str]| {
        let options: String = lines.iter().map(|line| format!("c.MWOAuthenticator.{line}\n")).collect();
        fs::write(&path, format!("c.JupyterHub.authenticator_class = 'mediawiki'\n{options}")).unwrap();
        let output = support::oauthctl().arg("validate-config").arg(&path).args(["--format", "json"]).output().unwrap();
        let document = json::parse(&String::from_utf8(output.stdout).unwrap()).unwrap();
        let Some(Value::List(findings)) = document.get("findings") else { panic!("{}", document.repr()) };
        let of = |finding: &Value| {
            (string(finding, "rule").to_owned(), repr(finding.get("line")), string(finding, "level").to_owned())
        };
        findings.iter().map(of).collect::<Vec<_>>()
    };
    let lines: Vec<String> = found(&without)
        .into_iter()
        .filter(|(rule, ..)| rule == "option-without-effect")
        .map(|(_, line, _)| line)
        .collect();
    let expected: Vec<String> = (0..without.len()).map(|at| (at + 2).to_string()).collect();
    assert_eq!(lines, expected);
    // Beside userdata_url it would keep the hub from starting.
    let lonely = found(&["userdata_from_id_token = True"]);
    assert!(lonely.contains(&("option-without-effect".into(), "2".into(), "warning".into())), "{lonely:?}");
    let quiet = found(&with);
    assert!(!quiet.iter().any(|(rule, ..)| rule == "option-without-effect"), "{quiet:?}");
    let callback = found(&["oauth_callback_url = 'https://hub.example.org/hub/oauth_callback'"]);
    assert!(callback.contains(&("option-without-effect".into(), "2".into(), "note".into())), "{callback:?}");
    let refresh = |lines: &[&str]| found(lines).iter().any(|(rule, ..)| rule == "mediawiki-refresh");
    assert!(refresh(&["enable_auth_state = True"]));
    assert!(!refresh(&["enable_auth_state = True", "auth_refresh_age = 0"]));
    assert!(refresh(&["enable_auth_state = True", "refresh_pre_spawn = False"]));
    assert!(!refresh(&["auth_refresh_age = 10"]));
    let _ = fs::remove_dir_all(&folder);
}

/// `resolve` decides from what an earlier login was answered: all of it, the identity alone, or what auth_state kept.
#[test]
fn saved_answers_are_decided_offline() {
    let folder = support::scratch("mediawiki-resolve");
    let callback = format!("http://127.0.0.1:{}/hub/oauth_callback", free_port());
    let provider = start(&who("linus", ""), vec![callback]);
    let path = folder.join("jupyterhub_config.py");
    fs::write(&path, config(&provider)).unwrap();
    let exchanges = folder.join("exchanges.json");
    let ours = login_driver::run_with(login(&path, 30).arg("--save-exchanges").arg(&exchanges), browse);
    let state = ours.document.get("auth_state").unwrap();
    let (identity, token) = (folder.join("identity.json"), folder.join("token.jwt"));
    fs::write(&identity, json::write(state.get("MEDIAWIKI_USER_IDENTITY").unwrap(), false)).unwrap();
    let Some(Value::List(made)) = ours.document.get("exchanges") else { panic!("{}", ours.stderr) };
    let body = made.last().unwrap().get("response").unwrap().get("body").unwrap().to_text();
    fs::write(&token, body).unwrap();
    let resolve = |option: &str, file: &Path| {
        let mut command = support::oauthctl();
        command.arg("resolve").arg(&path).arg(option).arg(file).args(["--format", "json", "--show-secrets"]);
        json::parse(&String::from_utf8(command.output().unwrap().stdout).unwrap()).unwrap()
    };
    for (option, file) in [("--from", &exchanges), ("--userdata", &identity), ("--userdata", &token)] {
        let resolved = resolve(option, file);
        assert_eq!(repr(resolved.get("user")), repr(ours.document.get("user")), "{option} {}", resolved.repr());
        let random: &[&str] = if option == "--from" { &[] } else { &["ACCESS_TOKEN_KEY", "ACCESS_TOKEN_SECRET"] };
        assert_eq!(lasting(resolved.get("auth_state"), random), lasting(Some(state), random), "{option}");
    }
    let _ = fs::remove_dir_all(&folder);
}

/// mwoauth's client is `requests`: proxies and authorities come from the environment, and http_request_kwargs does not count.
#[test]
fn the_network_is_that_of_requests() {
    let folder = support::scratch("mediawiki-network");
    let path = folder.join("jupyterhub_config.py");
    let log_in = |more: &str, environment: &[(&str, &str)]| {
        let callback = format!("http://127.0.0.1:{}/hub/oauth_callback", free_port());
        let provider = start(&who("grace", ""), vec![callback]);
        fs::write(&path, format!("{}{more}", config(&provider))).unwrap();
        login_driver::run_with(login(&path, 30).envs(environment.iter().copied()), browse)
    };
    let closed = format!("http://127.0.0.1:{}", free_port());
    let proxied = log_in("", &[("http_proxy", &closed)]);
    assert_eq!(code(&proxied), "cannot-connect", "{}", proxied.stderr);
    assert!(!warnings(&proxied).contains(&"proxy-ignored".to_owned()));
    for environment in [&[("http_proxy", &*closed), ("no_proxy", "127.0.0.1")][..], &[("https_proxy", &closed)]] {
        assert_eq!(string(&log_in("", environment).document, "outcome"), "allowed", "{environment:?}");
    }
    let kwargs = "c.MWOAuthenticator.http_request_kwargs = {'nonsense': 1}\n";
    let odd = log_in(kwargs, &[("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")]);
    assert_eq!(string(&odd.document, "outcome"), "allowed", "{}", odd.stderr);
    assert!(warnings(&odd).contains(&"option-without-effect".to_owned()));
    let https = "c.MWOAuthenticator.mw_index_url = 'https://127.0.0.1:1/w/index.php'\n";
    assert_eq!(code(&log_in(https, &[("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")])), "ca-bundle-unreadable");
    let _ = fs::remove_dir_all(&folder);
}
