//! The embedded provider, right by somebody else's judgement: upstream's own class logs every demo person in there, in
//! every shape it has, and comes to the same as `oauthctl login --demo`.

use oauthctl::demo::{self, Options, Provider, Shape};
use oauthctl::json;
use oauthctl::value::{Dict, Value};

use crate::login_driver;
use crate::support::{self, Worker};

/// Where upstream is called back, in name only: its browser reads the address and does not go there.
const CALLBACK: &str = "http://127.0.0.1:1/hub/oauth_callback";

/// What differs from run to run.
const FLEETING: &[&str] = &[
    "ACCESS_TOKEN_KEY",
    "ACCESS_TOKEN_SECRET",
    "access_token",
    "refresh_token",
    "id_token",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "at_hash",
    "jti",
    "nonce",
    "expires_on",
    "not_before",
    "last_authentication",
    "created_at",
];

/// What upstream makes a list of a set, in the order of that day's hashes.
const UNORDERED: &[&str] = &["user_teams", "globus_groups"];

#[test]
fn upstream_comes_to_the_same_at_the_embedded_provider() {
    let Some(python) = support::upstream_python() else { return };
    let mut worker = Worker::start(&python, "login_worker.py", &[]);
    let options = Options { redirect_uris: vec![CALLBACK.into()], ..Options::default() };
    let provider = Provider::start(options).unwrap();
    let mut bad = Vec::new();
    let mut outcomes = std::collections::BTreeMap::new();
    for shape in demo::SHAPES {
        for person in demo::people() {
            let upstream = upstream(&mut worker, &provider, shape, person.name);
            let ours = ours(shape, person.name);
            if upstream != ours {
                bad.push(format!("{} as {}:\nupstream {upstream}\noauthctl {ours}", shape.name, person.name));
            }
            *outcomes.entry(upstream.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
        }
    }
    eprintln!("{} shapes, {} people: {outcomes:?}", demo::SHAPES.len(), demo::people().len());
    assert!(outcomes.get("allowed").is_some_and(|count| *count >= demo::SHAPES.len()), "{outcomes:?}");
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));
}

fn upstream(worker: &mut Worker, provider: &Provider, shape: &'static Shape, person: &str) -> String {
    provider.set_auto_person(Some(person));
    let reroute = provider.fixed_origins(shape);
    let reroute = reroute.into_iter().map(|(from, to)| (from, Value::str(to)));
    let case = Value::dict([
        ("config", Value::str(provider.python_config_for(shape))),
        ("walk", Value::Bool(true)),
        ("reroute", Value::dict(reroute)),
        ("provider", Value::Dict(Dict::new())),
    ]);
    let result = json::parse(&worker.ask(&json::write(&case, false))).unwrap();
    let port = result.get("port").unwrap().repr();
    worker.ask(&format!("{{\"close\": {port}}}"));
    let told = summary(&result, result.get("stage"), result.get("hub_status"));
    if !told.starts_with("failed") {
        return told;
    }
    format!("{told} {}", result.get("trace").map_or_else(String::new, Value::to_text))
}

fn ours(shape: &Shape, person: &str) -> String {
    let mut command = support::oauthctl();
    command.args(["login", "--demo", shape.entry_point, "--demo-user", person, "--no-browser", "--format", "json"]);
    command.arg("--show-secrets");
    let login = login_driver::run_with(&mut command, |_| {});
    if let Some(Value::Dict(state)) = login.document.get("auth_state") {
        let explained = explained_keys(shape);
        state.keys().for_each(|key| assert!(explained.contains(&key.to_text()), "{}: {}", shape.name, key.to_text()));
    }
    let failure = login.document.get("failure");
    let part = |key: &str| failure.and_then(|failure| failure.get(key));
    summary(&login.document, part("stage"), part("hub_status"))
}

/// What `explain` says that auth_state holds.
fn explained_keys(shape: &Shape) -> Vec<String> {
    let page = support::oauthctl().args(["explain", shape.class, "--format", "json"]).output().unwrap().stdout;
    let page = json::parse(std::str::from_utf8(&page).unwrap()).unwrap();
    let keys = page.get("auth_state").and_then(Value::iterate).unwrap();
    keys.iter().filter_map(|key| key.get("key")).map(Value::to_text).collect()
}

/// What is compared, on a line.
fn summary(of: &Value, stage: Option<&Value>, status: Option<&Value>) -> String {
    let repr = |value: Option<&Value>| value.map_or_else(|| "None".to_owned(), |value| lasting(value).repr());
    let outcome = of.get("outcome").map_or_else(String::new, Value::to_text);
    if outcome == "failed" {
        return format!("failed {} {}", repr(stage), repr(status));
    }
    let line =
        format!("{outcome} {} {} {} {}", repr(stage), repr(status), repr(of.get("user")), repr(of.get("auth_state")));
    without_ports(&line)
}

/// The value without what differs from run to run.
fn lasting(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(lasting).collect()),
        Value::Dict(dict) => {
            let mut kept = Dict::new();
            for (key, value) in dict.iter() {
                let name = key.to_text();
                let fleeting = FLEETING.contains(&name.as_str()) && !matches!(value, Value::None);
                let value = match value {
                    Value::List(items) if UNORDERED.contains(&name.as_str()) => &sorted(items),
                    value => value,
                };
                kept.insert(name, if fleeting { Value::str("…") } else { lasting(value) });
            }
            Value::Dict(kept)
        }
        other => other.clone(),
    }
}

fn sorted(items: &[Value]) -> Value {
    let mut items = items.to_vec();
    items.sort_by_key(Value::repr);
    Value::List(items)
}

/// Each run has a provider on a port of its own.
fn without_ports(line: &str) -> String {
    let mut parts = line.split("127.0.0.1:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("127.0.0.1");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}
