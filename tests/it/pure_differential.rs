//! Hooks and overridden methods that oauthctl follows itself, beside upstream, which runs them. No Python is started
//! by oauthctl here: what it cannot follow would be a disagreement.

use std::fs;

use oauthctl::json;

use crate::login_differential::{Bench, Compared, conclude};
use crate::support;

#[test]
fn simple_hooks_and_methods_decide_as_upstream() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/cases_pure.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() > 30);
    let folder = support::scratch("pure-differential");
    let mut bench = Bench::new(&python, folder.clone());
    let results: Vec<Compared> =
        text.lines().map(|line| bench.compare(&Vec::new(), &json::parse(line).unwrap())).collect();
    let _ = fs::remove_dir_all(&folder);
    conclude(results);
}
