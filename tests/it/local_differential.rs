//! `Local…` classes with the users and groups of another machine, beside upstream's on such a machine: who comes in, and
//! what the hub would do to the machine then.

use std::fs;

use oauthctl::json;
use oauthctl::value::Value;

use crate::login_differential::{Bench, Compared, conclude};
use crate::support;

#[test]
fn asks_the_machine_and_tells_what_would_be_done_to_it() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/cases_local.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap().replace("{PYTHON}", &python.to_string_lossy());
    assert!(text.lines().count() > 40);
    let folder = support::scratch("local-differential");
    let mut bench = Bench::new(&python, folder.clone());
    let step = if std::env::var("OAUTHCTL_CASES").is_ok_and(|wanted| wanted == "all") { 1 } else { 3 };
    let results: Vec<Compared> = text
        .lines()
        .step_by(step)
        .map(|line| {
            let mut compared = bench.compare(&Vec::new(), &json::parse(line).unwrap());
            if compared.disagreement.is_none() {
                compared.disagreement = other_machine(&compared);
            }
            compared
        })
        .collect();
    let _ = fs::remove_dir_all(&folder);
    conclude(results);
}

/// Where what is told of the machine differs from what upstream does to it.
fn other_machine(compared: &Compared) -> Option<String> {
    let theirs = compared.machine.as_deref()?;
    let Some(Value::List(warnings)) = compared.login.document.get("warnings") else { return None };
    let messages = warnings.iter().map(|warning| warning.get("message").map_or_else(String::new, Value::to_text));
    let warnings = messages.collect::<Vec<_>>().join("\n");
    let told = match theirs {
        "there" => warnings.contains("so none is made"),
        "known" => !warnings.contains("500") && !warnings.contains("would make"),
        known if known.starts_with("known ; ") => {
            warnings.contains(&known["known ; ".len()..]) && warnings.contains("at its start")
        }
        raised if raised.starts_with("KeyError") => warnings.contains("the login ends with 500"),
        command => warnings.contains(&format!("with: {command}")),
    };
    (!told).then(|| format!("=== {}\nupstream: {theirs}\noauthctl: {warnings}", compared.name))
}
