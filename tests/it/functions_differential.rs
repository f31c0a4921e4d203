//! Simple functions that oauthctl evaluates itself, beside Python. What it does not follow it must say so; what it
//! follows must be the same.

use std::collections::BTreeMap;

use oauthctl::json;
use oauthctl::source::python::{CallError, call_source};
use oauthctl::value::Value;

use crate::support;

#[test]
fn simple_functions_come_to_what_python_makes_of_them() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(python);
    let output = command.arg(support::root("tests/upstream/functions.py")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut same = 0;
    let mut unsupported: BTreeMap<String, usize> = BTreeMap::new();
    let mut different = Vec::new();
    for line in text.lines() {
        let case = json::parse(line).unwrap();
        let source = case.get("source").unwrap().to_text();
        let user = case.get("user").unwrap().clone();
        let theirs = match (case.get("result"), case.get("raised")) {
            (Some(result), _) => result.to_text(),
            (_, Some(Value::List(raised))) => exception(&raised[0].to_text(), &raised[1].to_text()),
            _ => panic!("{line}"),
        };
        let ours = match call_source(&source, std::slice::from_ref(&user)) {
            Ok(value) => value.repr(),
            Err(CallError::Raised(class, message)) => exception(&class, &message),
            Err(CallError::Unsupported(why)) => {
                *unsupported.entry(format!("{source}: {why}")).or_default() += 1;
                continue;
            }
        };
        if ours == theirs {
            same += 1;
        } else {
            different.push(format!("{source}\n  {}\n  python   {theirs}\n  oauthctl {ours}", user.repr()));
        }
    }
    eprintln!("{same} the same; not followed: {unsupported:#?}");
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n"));
    assert!(same >= 700, "only {same} were followed: {unsupported:#?}");
}

/// What must agree: the words of a TypeError differ from one Python to the next.
fn exception(class: &str, message: &str) -> String {
    if matches!(class, "TypeError" | "AttributeError") { class.to_owned() } else { format!("{class}: {message}") }
}
