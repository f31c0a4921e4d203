//! Upstream's process, and the notation in which values travel to it and back.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Stdio};

use oauthctl::value::Value;
use serde_json::{Value as Json, json};

use super::cases::Case;
use crate::support;

/// A process of upstream's.
pub struct Worker {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    /// A worker whose upstream is imported in this environment; `None` where upstream cannot be had.
    pub fn start(environment: &[(&str, &str)]) -> Option<Worker> {
        let mut child = support::upstream_command(&support::upstream_python()?)
            .arg(support::root("tests/upstream/settings_worker.py"))
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Worker { child, answers })
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, question: &Json) -> Json {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut answer = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {question}"));
        sort_sets(&mut answer);
        answer
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn sort_sets(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(sort_sets),
        Json::Object(fields) => {
            fields.values_mut().for_each(sort_sets);
            if let Some(Json::Array(items)) = fields.get_mut("set") {
                items.sort_by_key(Json::to_string);
            }
        }
        _ => {}
    }
}

pub fn encode(value: &Value) -> Json {
    let all = |items: &mut dyn Iterator<Item = &Value>| items.map(encode).collect::<Vec<_>>();
    match value {
        Value::None => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::Float(_) => json!({"float": value.repr()}),
        Value::Str(text) => json!(text),
        Value::Bytes(bytes) => json!({ "bytes": bytes }),
        Value::List(items) => json!({"list": all(&mut items.iter())}),
        Value::Tuple(items) => json!({"tuple": all(&mut items.iter())}),
        Value::Set(set) => {
            let mut items = json!({"set": all(&mut set.iter())});
            sort_sets(&mut items);
            items
        }
        Value::Dict(dict) => {
            json!({"dict": dict.iter().map(|(key, value)| [encode(key), encode(value)]).collect::<Vec<_>>()})
        }
        Value::Callable(callable) => json!({"callable": callable.name}),
        Value::Class(class) => json!({"class": class.name}),
        Value::Unknown(unknown) => json!({"unknown": unknown.reason}),
    }
}

pub fn question(case: &Case) -> Json {
    let operations: Vec<Json> = case
        .operations
        .iter()
        .map(|operation| json!([operation.path, operation.option, operation.operation, encode(&operation.value)]))
        .collect();
    let local = case.local.as_ref().map(|local| {
        json!({
            "name": "Mine",
            "bases": local.bases,
            "attributes": local.attributes.iter().map(|(name, value)| json!([name, encode(value)])).collect::<Vec<_>>(),
            "defaults": local.defaults.iter().map(|(name, value, magic)| json!([name, encode(value), magic])).collect::<Vec<_>>(),
        })
    });
    let patches: Vec<Json> = case
        .patches
        .iter()
        .map(|patch| json!([patch.path, patch.attribute, encode(&patch.value), patch.before]))
        .collect();
    let env: BTreeMap<_, _> = case.env.iter().copied().collect();
    json!({"operations": operations, "local": local, "patches": patches, "env": env})
}
