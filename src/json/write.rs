//! JSON that any reader takes, whatever is in the value.

use std::fmt::Write as _;

use super::{SURROGATE_PLANE, decode};
use crate::value::{self, Value};

/// A value as JSON text: sets as sorted lists, tuples as lists, a callable as `{"callable": "<source text>"}`, a class as
/// its dotted name, an unknown as `null`, `NaN` and the infinities as strings, lone surrogates as `\udXXX`.
pub fn write(value: &Value, pretty: bool) -> String {
    let json = serde_json::Value::from(value);
    let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
    finish(&text.unwrap_or_default())
}

/// The last step of writing a document that was built with serde_json: lone surrogates, kept as private-use characters
/// until here, become `\udXXX`.
pub fn finish(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c).checked_sub(SURROGATE_PLANE) {
            Some(unit @ 0xd800..=0xdfff) => {
                let _ = write!(out, "\\u{unit:04x}");
            }
            _ => out.push(c),
        }
    }
    out
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> serde_json::Value {
        use serde_json::Value as Json;
        match value {
            Value::None | Value::Unknown(_) => Json::Null,
            Value::Bool(truth) => Json::Bool(*truth),
            Value::Int(number) => json_number(&number.to_string()),
            Value::Float(number) if number.is_nan() => Json::from("NaN"),
            Value::Float(number) if number.is_infinite() => {
                Json::from(if *number > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Value::Float(_) => json_number(&value.repr()),
            Value::Str(text) => Json::from(text.as_str()),
            Value::Bytes(bytes) => Json::from(decode(bytes)),
            Value::List(items) | Value::Tuple(items) => items.iter().map(Json::from).collect(),
            Value::Set(set) => sorted_items(set.iter().cloned().collect()).iter().map(Json::from).collect(),
            Value::Dict(dict) => dict
                .iter()
                .map(|(key, value)| (key_text(key), Json::from(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Callable(callable) => serde_json::json!({ "callable": callable.source }),
            Value::Class(class) => Json::from(class.import.as_deref().unwrap_or(&class.name)),
        }
    }
}

fn json_number(text: &str) -> serde_json::Value {
    text.parse::<serde_json::Number>().map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// Sets have no order: sorted as Python would, or by what is printed of them where Python cannot.
fn sorted_items(items: Vec<Value>) -> Vec<Value> {
    value::sorted(items.clone()).unwrap_or_else(|_| {
        let mut items = items;
        items.sort_by_cached_key(Value::repr);
        items
    })
}

/// A key as `json.dumps` writes it.
fn key_text(key: &Value) -> String {
    match key {
        Value::None => "null".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        other => other.to_text(),
    }
}
