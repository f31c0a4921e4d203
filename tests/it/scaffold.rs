//! `oauthctl scaffold`: what it writes runs, in upstream and against the embedded provider, and it destroys nothing.

use std::fs;

use oauthctl::demo::{Options, Provider};
use oauthctl::scaffold::methods;

use crate::support;

#[test]
fn what_it_writes_logs_in() {
    let Some(python) = support::upstream_python() else { return };
    let provider = Provider::start(Options::default()).unwrap();
    let folder = support::scratch("scaffold");
    let mut command = support::oauthctl();
    command.args(["scaffold", "CampusOAuthenticator", "--service", "The \"Campus\" login", "--local"]);
    command.args(["--issuer", provider.issuer(), "--output"]).arg(&folder);
    for method in methods::names() {
        command.args(["--override", method]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let class = fs::read_to_string(folder.join("campus_oauthenticator.py")).unwrap();
    assert!(class.contains(&format!("{}/token", provider.issuer().trim_end_matches('/'))), "{class}");

    // Every method is written as upstream calls it: a coroutine where upstream's is one, and with the same parameters.
    let check = "
import inspect, campus_oauthenticator as module
from oauthenticator.oauth2 import OAuthenticator
for name, method in vars(module.CampusOAuthenticator).items():
    if inspect.isfunction(method) and hasattr(OAuthenticator, name):
        theirs = getattr(OAuthenticator, name)
        assert list(inspect.signature(method).parameters) == list(inspect.signature(theirs).parameters), name
        assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(theirs), name
import test_campus_oauthenticator as tests
tests.test_somebody_allowed_comes_in()
tests.test_a_stranger_does_not()
";
    let mut command = support::command(&python);
    command.current_dir(&folder).args(["-c", check]).env("OAUTHCTL", env!("CARGO_BIN_EXE_oauthctl"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = support::scratch("scaffold-twice");
    fs::write(folder.join("jupyterhub_config.py"), "mine").unwrap();
    let scaffold = |more: &[&str]| {
        support::oauthctl().args(["scaffold", "Mine", "--output"]).arg(&folder).args(more).output().unwrap()
    };
    assert_eq!(scaffold(&[]).status.code(), Some(3));
    assert_eq!(fs::read_to_string(folder.join("jupyterhub_config.py")).unwrap(), "mine");
    assert!(!folder.join("mine.py").exists());
    assert_eq!(scaffold(&["--force"]).status.code(), Some(0));
    assert!(folder.join("mine.py").exists());
    assert_eq!(scaffold(&["--override", "no_such_method"]).status.code(), Some(2));
    let _ = fs::remove_dir_all(folder);
}
