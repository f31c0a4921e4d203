//! Classes that operators wrote, in the values files they wrote them in: `login --python` with those values beside
//! upstream alone. The files are none of ours, and are read where they lie.

use std::fs;

use oauthctl::json;
use oauthctl::value::Value;

use crate::corpus::corpus;
use crate::login_differential::{Bench, Compared, conclude};
use crate::support;

#[test]
fn real_classes_decide_as_upstream_alone() {
    let (Some(folder), Some(python)) = (corpus(), support::upstream_python()) else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/cases_corpus.py")).arg(&folder).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let scratch = support::scratch("bridge-corpus");
    let site = scratch.join("site");
    let text = String::from_utf8(output.stdout).unwrap().replace("{PYTHON}", &python.to_string_lossy());
    let mut cases: Vec<Value> = text.lines().map(|line| json::parse(line).unwrap()).collect();
    for (name, content) in cases.pop().unwrap().get("site").and_then(Value::as_dict).unwrap().iter() {
        let path = site.join(name.to_text());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content.to_text()).unwrap();
    }
    assert!(cases.len() >= 12, "only {} cases", cases.len());
    let environment = vec![("PYTHONPATH".to_owned(), site.display().to_string())];
    // Several clusters of one operator share a class; a sample of them stands for all.
    let step = if std::env::var("OAUTHCTL_CASES").is_ok_and(|wanted| wanted == "all") { 1 } else { 4 };
    let mut bench = Bench::new(&python, scratch.join("bench"));
    let results: Vec<Compared> = cases.iter().step_by(step).map(|case| bench.compare(&environment, case)).collect();
    let _ = fs::remove_dir_all(&scratch);
    conclude(results);
}
