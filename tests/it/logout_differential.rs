//! Logouts by upstream's handler beside `oauthctl logout`: what is revoked at the provider, and whether it goes well.

use std::fs;

use oauthctl::json;
use oauthctl::value::Value;

use crate::support::{self, Worker};

#[test]
fn revokes_as_upstream_does() {
    let Some(python) = support::upstream_python() else { return };
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/cases_globus.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = support::scratch("logout-differential");
    let mut worker = Worker::start(&python, "login_worker.py", &[]);
    let mut disagreements = Vec::new();
    let cases = String::from_utf8(output.stdout).unwrap();
    assert!(cases.lines().count() > 20);
    for line in cases.lines() {
        let case = json::parse(line).unwrap();
        let text = |key: &str| case.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let upstream = json::parse(&worker.ask(line)).unwrap();
        let port = upstream.get("port").unwrap().repr();
        let config = folder.join("jupyterhub_config.py");
        fs::write(&config, text("config").replace("{P}", &format!("http://127.0.0.1:{port}"))).unwrap();
        let state = folder.join("state.json");
        fs::write(&state, json::write(case.get("log_out").unwrap(), false)).unwrap();
        let mut command = support::oauthctl();
        command.arg("logout").arg(&config).arg("--auth-state").arg(&state).args(["--format", "json"]);
        let ours = command.output().unwrap();
        let asked = json::parse(&worker.ask(&format!("{{\"close\": {port}}}"))).unwrap();
        let went_well = matches!(upstream.get("exception"), Some(Value::None));
        let (theirs, own) = (upstream.get("requests").unwrap(), asked.get("requests").unwrap());
        if theirs != own || went_well != ours.status.success() {
            disagreements.push(format!(
                "{}\n  upstream {} {}\n  oauthctl {:?} {}\n{}",
                text("name"),
                upstream.get("exception").unwrap().repr(),
                theirs.repr(),
                ours.status.code(),
                own.repr(),
                String::from_utf8_lossy(&ours.stdout),
            ));
        }
    }
    let _ = fs::remove_dir_all(&folder);
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}
