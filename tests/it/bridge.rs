//! `--python`: authenticators that operators write, beside upstream; what is told where they raise; and that no Python
//! is run that nobody asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;

use oauthctl::json;
use oauthctl::value::Value;

use crate::login_differential::{Bench, conclude};
use crate::support;

/// A configuration that needs Python at every turn.
const CUSTOM: &str = "\
from oauthenticator.generic import GenericOAuthenticator


class Mine(GenericOAuthenticator):
    async def update_auth_model(self, auth_model):
        return {**auth_model, 'admin': auth_model['nope']}


c.JupyterHub.authenticator_class = Mine
c.Mine.authorize_url = 'http://127.0.0.1:9/authorize'
c.Mine.token_url = 'http://127.0.0.1:9/token'
c.Mine.userdata_url = 'http://127.0.0.1:9/userinfo'
c.Mine.client_id = 'cid'
c.Mine.client_secret = 'the-secret-of-mine'
c.Mine.enable_auth_state = True
c.Mine.allow_all = True
c.Mine.username_claim = lambda user: user['name'].lower()
";

#[test]
fn operators_classes_decide_as_upstream_alone() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/bridge_cases.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap().replace("{PYTHON}", &python.to_string_lossy());
    let beside = support::beside_upstream().unwrap_or_default();
    let text = text.replace("{BESIDE}", &beside.to_string_lossy());
    let wanted = std::env::var("OAUTHCTL_CASES").unwrap_or_default();
    let cases: Vec<Value> = text.lines().map(|line| json::parse(line).unwrap()).collect();
    // Every third where nobody asks for more (`all`, or a part of a name): each costs a start of Python on either side.
    let chosen = cases.into_iter().enumerate().filter(|(number, case)| match wanted.as_str() {
        "" => number % 3 == 0,
        "all" => true,
        text => case.get("name").unwrap().to_text().contains(text),
    });
    let cases = chosen.map(|(_, case)| case);
    let cases: Mutex<Vec<Value>> = Mutex::new(cases.collect());
    let folder = support::scratch("bridge");
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..2 {
            let (cases, results, python, folder) = (&cases, &results, &python, folder.join(number.to_string()));
            scope.spawn(move || {
                let mut bench = Bench::new(python, folder);
                while let Some(case) = { cases.lock().unwrap().pop() } {
                    let compared = bench.compare(&Vec::new(), &case);
                    results.lock().unwrap().push(compared);
                }
            });
        }
    });
    let _ = fs::remove_dir_all(&folder);
    conclude(results.into_inner().unwrap());
}

/// Files in a folder of their own: the configuration, and answers of a provider.
pub fn folder(name: &str, config: &str) -> PathBuf {
    let folder = support::scratch(name);
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    fs::write(folder.join("user.json"), r#"{"name": "Alice"}"#).unwrap();
    fs::write(folder.join("state.json"), r#"{"access_token": "x", "token_response": {"access_token": "x"}}"#).unwrap();
    folder
}

/// `oauthctl` in a folder.
pub fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = support::oauthctl();
    command.current_dir(folder).args(arguments).envs(variables.iter().copied());
    command.output().unwrap()
}

/// The one document that it printed.
pub fn document(output: &Output) -> Value {
    json::parse_bytes(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

/// A field by its path, as text.
pub fn field(value: &Value, path: &str) -> String {
    path.split('.').try_fold(value, |value, key| value.get(key)).map_or_else(|| "absent".into(), Value::to_text)
}

const RESOLVE: [&str; 7] = ["resolve", "--userdata", "user.json", "--format", "json", "--timeout", "60"];

#[test]
fn an_exception_is_told_at_the_operators_line() {
    let Some(python) = support::upstream_python() else { return };
    let folder = folder("bridge-traceback", CUSTOM);
    let flag = format!("--python={}", python.display());
    let output = run(&folder, &[&RESOLVE[..], &[&flag]].concat(), &[]);
    let document = document(&output);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(field(&document, "failure.code"), "custom-code-raises");
    assert_eq!(field(&document, "failure.stage"), "decision");
    assert_eq!(field(&document, "failure.hub_status"), "500");
    assert_eq!(field(&document, "failure.source.file"), "jupyterhub_config.py");
    assert_eq!(field(&document, "failure.source.line"), "6");
    assert!(field(&document, "failure.message").contains("KeyError: 'nope' in update_auth_model"));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("the-secret-of-mine"));
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn show_has_the_real_values() {
    let Some(python) = support::upstream_python() else { return };
    let config = CUSTOM.replace("'cid'", "''.join(reversed('dic'))") + "c.Mine.scope = {'a': ['b']}['a']\n";
    let folder = folder("bridge-show", &config);
    let flag = format!("--python={}", python.display());
    let output = run(&folder, &["show", "--format", "json", "--timeout", "60", &flag], &[]);
    let document = document(&output);
    assert_eq!(field(&document, "authenticator"), "Mine");
    let Some(Value::List(settings)) = document.get("settings") else { panic!("{document:?}") };
    let find = |name: &str| settings.iter().find(|setting| field(setting, "option") == name).unwrap();
    assert_eq!(field(find("client_id"), "value"), "cid");
    assert_eq!(field(find("client_id"), "origin.line"), "13");
    assert_eq!(field(find("scope"), "value"), "['b']");
    assert_eq!(field(find("username_claim"), "value.callable"), "lambda user: user['name'].lower()");
    assert_eq!(field(find("allowed_users"), "value"), "[]");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_refresh_runs_the_hook() {
    let Some(python) = support::upstream_python() else { return };
    let flag = format!("--python={}", python.display());
    let arguments = ["refresh", "--auth-state", "state.json", "--format", "json", "--timeout", "60", &flag];
    let cases = [
        ("True", "unchanged", 0),
        ("False", "login-needed", 1),
        ("{'name': 'alice', 'auth_state': dict(state, access_token='new')}", "updated", 0),
        ("1 / 0", "absent", 3),
    ];
    for (result, refresh, code) in cases {
        let hook = format!(
            "async def hook(authenticator, user, state):\n    return {result}\nc.Mine.refresh_user_hook = hook\n"
        );
        let folder = folder("bridge-refresh", &(CUSTOM.to_owned() + &hook));
        let output = run(&folder, &arguments, &[]);
        let document = document(&output);
        assert_eq!((field(&document, "refresh").as_str(), output.status.code()), (refresh, Some(code)), "{result}");
        if code == 3 {
            assert_eq!(field(&document, "failure.stage"), "refresh");
            assert_eq!(field(&document, "failure.source.line"), "19");
        }
        let _ = fs::remove_dir_all(folder);
    }
}

#[test]
fn what_is_missing_in_the_interpreter_is_told() {
    let folder = folder("bridge-missing", CUSTOM);
    let output = run(&folder, &[&RESOLVE[..], &["--python=no-such-python"]].concat(), &[]);
    assert_eq!(field(&document(&output), "failure.code"), "python-missing");
    assert_eq!(output.status.code(), Some(3));
    let output = run(&folder, &[&RESOLVE[..], &["--python"]].concat(), &[("OAUTHCTL_PYTHON", "another-python")]);
    assert!(field(&document(&output), "failure.message").contains("another-python"));
    // A Python in which jupyterhub cannot be found.
    if let Some(python) = support::upstream_python() {
        let bare = folder.join("python");
        fs::write(&bare, format!("#!/bin/sh\nexec {} -S -E \"$@\"\n", python.display())).unwrap();
        fs::set_permissions(&bare, fs::Permissions::from_mode(0o755)).unwrap();
        let output = run(&folder, &[&RESOLVE[..], &["--python=./python"]].concat(), &[]);
        assert_eq!(field(&document(&output), "failure.code"), "python-without-jupyterhub");
    }
    let _ = fs::remove_dir_all(folder);
}

/// An oauthenticator that says it is another release, and lacks an option of ours.
const OLDER: &str = "\
import oauthenticator
import oauthenticator.oauth2 as module
oauthenticator.__version__ = '16.3.1'
del module.OAuthenticator.refresh_user_hook
module.OAuthenticator._traits.pop('refresh_user_hook', None)
module.OAuthenticator._static_immutable_initial_values.pop('refresh_user_hook', None)
module.OAuthenticator._all_trait_default_generators.pop('refresh_user_hook', None)
module.OAuthenticator._descriptors = [d for d in module.OAuthenticator._descriptors if d.name != 'refresh_user_hook']
";

#[test]
fn another_release_is_told() {
    let Some(python) = support::upstream_python() else { return };
    let folder = folder("bridge-release", "import oauthenticator\n");
    let site = folder.join("site");
    fs::create_dir_all(&site).unwrap();
    fs::write(site.join("sitecustomize.py"), OLDER).unwrap();
    let config = CUSTOM.replace("return {**auth_model, 'admin': auth_model['nope']}", "return auth_model");
    let config = config + "c.Mine.refresh_user_hook = lambda *_: True\n";
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    let flag = format!("--python={}", python.display());
    let site = site.display().to_string();
    let output = run(&folder, &[&RESOLVE[..], &[&flag]].concat(), &[("PYTHONPATH", &site)]);
    let told = document(&output);
    assert_eq!(field(&told, "outcome"), "allowed");
    let warnings = told.get("warnings").unwrap().repr();
    assert!(warnings.contains("oauthenticator 16.3.1"), "{warnings}");
    assert!(warnings.contains("refresh_user_hook came with oauthenticator 17.3"), "{warnings}");
    let output = run(&folder, &["show", "--format", "json", "--timeout", "60", &flag], &[("PYTHONPATH", &site)]);
    let shown = document(&output);
    let Some(Value::List(settings)) = shown.get("settings") else { panic!("{shown:?}") };
    let hook = settings.iter().find(|setting| field(setting, "option") == "refresh_user_hook").unwrap();
    assert!(field(hook, "unknown").contains("no such option"), "{hook:?}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn what_cannot_be_imported_is_told() {
    let Some(python) = support::upstream_python() else { return };
    let folder = folder("bridge-import", "from oauthenticator.generic import NotYetOAuthenticator\n");
    let flag = format!("--python={}", python.display());
    let told = document(&run(&folder, &[&RESOLVE[..], &[&flag]].concat(), &[]));
    assert_eq!(
        (field(&told, "failure.code").as_str(), field(&told, "failure.source.line").as_str()),
        ("config-raises", "1")
    );
    assert!(field(&told, "failure.fix").contains("--python=INTERPRETER"));
    // No oauthenticator at all.
    let site = folder.join("site");
    fs::create_dir_all(&site).unwrap();
    fs::write(site.join("sitecustomize.py"), "import sys\nsys.modules['oauthenticator'] = None\n").unwrap();
    let site = site.display().to_string();
    let told = document(&run(&folder, &[&RESOLVE[..], &[&flag]].concat(), &[("PYTHONPATH", &site)]));
    assert!(told.get("warnings").unwrap().repr().contains("there is no oauthenticator in"), "{told:?}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn no_python_is_run_that_nobody_asked_for() {
    let folder = folder("bridge-unasked", CUSTOM);
    let trace = folder.join("was-run");
    let fake = format!("#!/bin/sh\ntouch {}\nexit 9\n", trace.display());
    for name in ["python", "python3", "mine"] {
        fs::write(folder.join(name), &fake).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let mine = folder.join("mine").display().to_string();
    let variables = [("PATH", path.as_str()), ("OAUTHCTL_PYTHON", mine.as_str())];
    let commands: [&[&str]; 17] = [
        &RESOLVE,
        &["show"],
        &["refresh", "--auth-state", "state.json"],
        &["login", "--no-browser", "--timeout", "1"],
        &["validate-config"],
        &["validate-config", "--online"],
        &["validate-config", "--fix", "--diff"],
        &["show", "--diff", "jupyterhub_config.py", "jupyterhub_config.py"],
        &["logout", "--auth-state", "state.json"],
        &["convert", "--to", "z2jh"],
        &["convert", "--to", "python", "--upgrade"],
        &["explain", "GenericOAuthenticator"],
        &["explain", "nobody-allowed"],
        &["scaffold", "Ours", "--service", "Ours", "--output", "ours"],
        &["init", "--yes", "--provider", "github", "--hub-url", "https://hub.example.org", "--client-id", "x"],
        &["completions", "bash"],
        &["man", "pages"],
    ];
    for arguments in commands {
        run(&folder, arguments, &variables);
        assert!(!trace.exists(), "{arguments:?} ran Python");
    }
    // That it would have been seen.
    run(&folder, &[&RESOLVE[..], &["--python"]].concat(), &variables);
    assert!(trace.exists());
    let _ = fs::remove_dir_all(folder);
}
