//! Logins that a real hub was seen to make, in a file beside the checkout: what it did, upstream in our worker does, and
//! so does oauthctl.

use oauthctl::json;
use oauthctl::value::{Dict, Value};

use crate::login_differential::Bench;
use crate::support;

const ROWS: &str = "../shared/faults-sample.jsonl";

/// Rows that say nothing about the verdict of a login with a scripted provider, and why.
const SKIPPED: &[(&str, &str)] = &[
    ("no-crypt", "a key that is merely not on this machine does not end a login"),
    ("local-", "system users are made after the verdict"),
    ("tls-", "a provider with a certificate"),
    ("cb-", "a callback of its own"),
    ("callback-hub-only", "the hub redirects within itself"),
    ("ui-lambda", "a callable"),
    ("grp-lambda", "a callable"),
    ("admin-adminusers", "what a hub remembers from an earlier start"),
    ("rf-", "a refresh"),
    ("mw-", "OAuth 1"),
    ("idtok-ok", "its id_token has run out by now"),
    ("gl-version403", "callables of the file"),
];

#[test]
fn does_what_a_real_hub_was_seen_to_do() {
    let Ok(rows) = std::fs::read_to_string(support::root(ROWS)) else {
        // Not part of the repository, so nobody can be required to have it.
        eprintln!("skipped: there is no {ROWS} beside this checkout");
        return;
    };
    let Some(python) = support::upstream_python() else { return };
    let folder = support::scratch("recorded-hub");
    let mut bench = Bench::new(&python, folder.clone());
    let mut compared = 0;
    let mut bad = Vec::new();
    for row in rows.lines().map(|row| json::parse(row).unwrap()) {
        let id = text(&row, "id");
        if SKIPPED.iter().any(|(start, _)| id.starts_with(start)) {
            continue;
        }
        let result = bench.compare(&Vec::new(), &case(&row));
        bad.extend(result.disagreement);
        let observed = row.get("observed").unwrap();
        let (seen, said) = (recorded(observed), documented(&result.login.document, observed));
        if seen != said {
            bad.push(format!("=== {id}\nthe hub: {seen}\noauthctl: {said}\n{}", result.login.stderr));
        }
        compared += 1;
    }
    let _ = std::fs::remove_dir_all(folder);
    eprintln!("{compared} recorded logins compared");
    assert!(compared > 60, "only {compared} of the recorded logins");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The row as one of our cases.
fn case(row: &Value) -> Value {
    let mut script = Dict::new();
    let token = r#"{"access_token": "AT", "token_type": "Bearer", "expires_in": 300, "scope": "openid profile"}"#;
    let user =
        r#"{"sub": "s", "preferred_username": "alice", "email": "a@b.c", "name": "A", "groups": ["/staff", "users"]}"#;
    for (path, body) in [("/token", token), ("/userinfo", user)] {
        script.insert(path, answer(&Value::dict([("body", Value::str(body))])));
    }
    for (path, given) in row.get("provider").and_then(Value::as_dict).into_iter().flat_map(Dict::iter) {
        script.insert(path.to_text(), answer(given));
    }
    let config = text(row, "config").replace("{H}", "http://127.0.0.1:1") + "\n";
    let part = |key: &str| row.get(key).cloned().unwrap_or(Value::None);
    Value::dict([
        ("name", part("id")),
        ("config", Value::str(config)),
        ("env", part("env")),
        ("existing_users", part("existing_users")),
        ("provider", Value::Dict(script)),
    ])
}

fn answer(given: &Value) -> Value {
    let body = match given.get("body") {
        Some(Value::Str(body)) => body.clone(),
        Some(other) => json::write(other, false),
        None => String::new(),
    };
    let headers = given.get("headers").and_then(Value::as_dict).into_iter().flat_map(Dict::iter);
    let headers = headers.map(|(name, value)| Value::List(vec![name.clone(), value.clone()])).collect();
    let status = given.get("status").cloned().unwrap_or(Value::int(200));
    Value::dict([("status", status), ("headers", Value::List(headers)), ("body", Value::str(body))])
}

/// What the hub did: whether it started, the status of the login's last step, and who came in.
fn recorded(observed: &Value) -> String {
    if observed.get("hub_started") == Some(&Value::Bool(false)) {
        return "does not start".into();
    }
    let Some((step, status)) = last_step(observed) else { return "starts".into() };
    if step != "callback" || status != "302" {
        return format!("{step} {status}");
    }
    let Some(Value::List(users)) = observed.get("users") else { return format!("{step} {status}") };
    let user = users.last().unwrap();
    let mut groups = strings(user.get("groups"));
    groups.sort();
    let admin = user.get("admin") == Some(&Value::Bool(true));
    format!("{step} {status} {} admin={admin} groups={groups:?}", text(user, "name"))
}

/// The same from oauthctl's document, as far as the row tells.
fn documented(document: &Value, observed: &Value) -> String {
    let failure = document.get("failure");
    let stage = failure.map_or("", |failure| text(failure, "stage"));
    if stage == "config" {
        return "does not start".into();
    }
    let Some((step, _)) = last_step(observed) else { return "starts".into() };
    if step == "oauth_login" && stage != "authorize" {
        return "oauth_login 302".into();
    }
    let status = failure.and_then(|failure| failure.get("hub_status")).map_or("302".into(), Value::repr);
    let Some(user) = document.get("user").filter(|_| text(document, "outcome") == "allowed") else {
        return format!("{step} {status}");
    };
    let admin = user.get("admin") == Some(&Value::Bool(true));
    format!("{step} 302 {} admin={admin} groups={:?}", text(user, "name"), strings(user.get("groups")))
}

/// The last step of the login itself.
fn last_step(observed: &Value) -> Option<(String, String)> {
    let Some(Value::List(steps)) = observed.get("steps") else { return None };
    let named = |step: &Value| match step {
        Value::List(parts) => Some((parts.first()?.to_text(), parts.get(1)?.to_text())),
        _ => None,
    };
    steps.iter().rev().filter_map(named).find(|(name, _)| name == "oauth_login" || name == "callback")
}

fn strings(list: Option<&Value>) -> Vec<String> {
    match list {
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
        _ => Vec::new(),
    }
}
