//! Refreshes by the hub's own handler beside `oauthctl refresh`: tokens good, expired and revoked, refresh tokens
//! rotated, kept and refused, every shape of auth_state, plain and as the hub's database holds it.

use std::fs;
use std::path::Path;

use oauthctl::cmd::state_file::Saved;
use oauthctl::json;
use oauthctl::value::Value;

use crate::login_differential::{compare_all, variables};
use crate::login_driver::Login;
use crate::{login_in_process, support};

#[test]
fn refreshes_as_upstream_does() {
    compare_all("refresh_cases.py", "refresh-differential", 100);
}

/// `oauthctl refresh` on a case. `upstream` holds what the database held.
pub fn ours(folder: &Path, environment: &[(String, String)], case: &Value, upstream: &Value, here: &str) -> Login {
    let asked = case.get("refresh").unwrap();
    let text = case.get("config").unwrap().to_text().replace("{P}", here);
    let state = asked.get("auth_state").unwrap().clone();
    let user = asked.get("user").unwrap().to_text();
    let both = [environment, &variables(case, "env")].concat();
    let reroute = variables(case, "reroute");
    if !reroute.is_empty() {
        let origins = reroute.into_iter().map(|(origin, instead)| (origin, instead.replace("{P}", here))).collect();
        return login_in_process::refresh(&text, &both, origins, &Saved { user: Some(user), auth_state: state });
    }
    let config = folder.join("jupyterhub_config.py");
    fs::write(&config, text.replace("{F}", &folder.display().to_string())).unwrap();
    for (name, content) in variables(case, "files") {
        fs::write(folder.join(name), content.replace("{P}", here)).unwrap();
    }
    let stored = upstream.get("stored").filter(|_| asked.get("encrypted").is_some()).cloned();
    let document = Value::dict([
        ("schema", Value::str("oauthctl.auth-state/1")),
        ("user", Value::Str(user)),
        ("auth_state", stored.unwrap_or(state)),
    ]);
    let file = folder.join("state.json");
    fs::write(&file, json::write(&document, false)).unwrap();
    let mut command = support::oauthctl();
    command.arg("refresh").arg(&config).arg("--auth-state").arg(&file);
    command.args(["--format", "json", "--show-secrets"]).envs(both).current_dir(folder);
    if let Some(Value::List(flags)) = case.get("flags") {
        command.args(flags.iter().map(Value::to_text));
    }
    let output = command.output().unwrap();
    let document = json::parse_bytes(&output.stdout).unwrap_or(Value::None);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Login { document, code: output.status.code(), authorize: None, stderr }
}
