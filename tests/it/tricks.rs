//! Classes with everything in them that reading may miss, beside upstream. With `--python` oauthctl decides as upstream
//! does; without it, it decides as upstream does or says what it cannot see, and in no case anything else.

use std::fs;
use std::sync::Mutex;

use oauthctl::json;
use oauthctl::value::Value;

use crate::login_differential::{Bench, Compared, compare_each, conclude, variables};
use crate::support;

/// The failures that say that something cannot be seen from here.
const UNSEEN: [&str; 3] = ["needs-python", "unknown-value", "unsupported"];

/// Cases that cannot be played with `--python`, each with the reason.
const NOT_PLAYED: [(&str, &str); 2] = [
    ("a callback url of its own", "no listener of ours stands at the address that the class fixes"),
    ("a module's name patched", "it breaks the hub's own routes, by which no login of ours goes"),
];

fn code(compared: &Compared) -> String {
    let failure = compared.login.document.get("failure").and_then(|failure| failure.get("code"));
    failure.map_or_else(String::new, Value::to_text)
}

#[test]
fn reading_never_misses_what_a_class_does() {
    let mut all = compare_each("cases_tricks.py", "tricks", 40);
    let unseen = |compared: &Compared| UNSEEN.contains(&code(compared).as_str());
    for compared in all.iter().filter(|compared| unseen(compared)) {
        println!("not followed: {}: {}", compared.name, compared.login.document.get("failure").unwrap().repr());
    }
    all.retain(|compared| !unseen(compared));
    conclude(all);
}

#[test]
fn python_sees_all_of_it() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/cases_tricks.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let step = if std::env::var("OAUTHCTL_CASES").is_ok() { 1 } else { 20 };
    let flags = format!("\"flags\": [\"--python={}\"]}}", python.display());
    let played = |line: &&str| !NOT_PLAYED.iter().any(|(name, _)| line.contains(name));
    let cases = text.lines().filter(played).skip(step / 2).step_by(step);
    let cases: Mutex<Vec<Value>> = Mutex::new(
        cases.map(|line| json::parse(&format!("{}, {flags}", line.strip_suffix('}').unwrap())).unwrap()).collect(),
    );
    let folder = support::scratch("tricks-python");
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..2 {
            let (cases, results, python, folder) = (&cases, &results, &python, folder.join(number.to_string()));
            scope.spawn(move || {
                let mut bench = Bench::new(python, folder);
                while let Some(case) = { cases.lock().unwrap().pop() } {
                    let compared = bench.compare(&variables(&case, "import_env"), &case);
                    results.lock().unwrap().push(compared);
                }
            });
        }
    });
    let _ = fs::remove_dir_all(&folder);
    conclude(results.into_inner().unwrap());
}
