//! What is handed to the child: Python values and settings as JSON, with what JSON lacks behind a key of its own.

use serde_json::{Map, Value as Json, json};

use super::message::MARK;
use crate::source::config::{Config, Entry, Node};
use crate::source::parts::{Parts, Piece};
use crate::span::Span;
use crate::value::Value;

/// A setting that stands in the configuration, with a value that is not here.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The section.
    pub class: String,
    /// The option.
    pub option: String,
    /// Why its value is not here.
    pub reason: String,
    /// Where it stands.
    pub span: Option<Span>,
}

/// Configuration that is no file of Python's own, as the child is told of it, and what had to be left out.
pub fn parts(parts: &Parts) -> (Json, Vec<LeftOut>) {
    let mut left_out = Vec::new();
    let config = section(&parts.config, "", &mut left_out);
    let pieces =
        parts.pieces.iter().map(|Piece { label, line, text }| json!({"file": **label, "line": line, "text": text}));
    let mounted = parts.mounted.iter().map(|(path, bytes)| json!([path.to_string_lossy(), hex(bytes)]));
    let told = json!({
        "config": config,
        "values": parts.values.as_ref().map(value),
        "mounted": mounted.collect::<Vec<_>>(),
        "pieces": pieces.collect::<Vec<_>>(),
        "files": parts.files.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
    });
    (told, left_out)
}

fn section(config: &Config, class: &str, left_out: &mut Vec<LeftOut>) -> Json {
    let mut all = Map::new();
    for (name, node) in config.iter() {
        match node {
            Node::Section(below) => {
                all.insert(name.to_owned(), section(below, name, left_out));
            }
            Node::Entry(entry) => match known(entry) {
                Ok(value) => {
                    all.insert(name.to_owned(), value);
                }
                Err(reason) => left_out.push(LeftOut {
                    class: class.to_owned(),
                    option: name.to_owned(),
                    reason,
                    span: entry.origin.span().cloned(),
                }),
            },
        }
    }
    Json::Object(all)
}

fn known(entry: &Entry) -> Result<Json, String> {
    let written = entry.value().ok_or("it changes a default")?;
    match written.find_unknown() {
        Some(unknown) => Err(unknown.reason.clone()),
        None => Ok(value(written)),
    }
}

/// A value; the inverse of what [`super::message::value`] reads.
pub fn value(of: &Value) -> Json {
    let items = |kind: &str, items: Vec<Json>| json!({MARK: kind, "items": items});
    match of {
        Value::List(list) => list.iter().map(value).collect(),
        Value::Tuple(list) => items("tuple", list.iter().map(value).collect()),
        Value::Set(set) => items("set", set.iter().map(value).collect()),
        Value::Bytes(bytes) => json!({MARK: "bytes", "hex": hex(bytes)}),
        Value::Float(number) if !number.is_finite() => json!({MARK: "float", "text": number.to_string()}),
        Value::Dict(dict) if dict.keys().all(|key| key.as_str().is_some_and(|key| key != MARK)) => {
            Json::Object(dict.iter().map(|(key, item)| (key.to_text(), value(item))).collect())
        }
        Value::Dict(dict) => items("dict", dict.iter().map(|(key, item)| json!([value(key), value(item)])).collect()),
        Value::Unknown(unknown) => json!({MARK: "missing", "reason": unknown.reason}),
        Value::Callable(_) | Value::Class(_) => json!({MARK: "missing", "reason": "it is code"}),
        plain => Json::from(plain),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::span::Origin;
    use crate::value::{Dict, Set};

    #[test]
    fn what_json_lacks_goes_there_and_back() {
        let mut dict = Dict::new();
        dict.insert_value(Value::int(1), Value::Set(Set::of([Value::str("a")]).unwrap())).unwrap();
        let all = Value::List(vec![
            Value::Dict(dict),
            Value::Tuple(vec![Value::None, Value::Bytes(vec![0, 255])]),
            Value::str("ü"),
        ]);
        let text = value(&all).to_string();
        assert_eq!(super::super::message::value(&json::parse(&text).unwrap()).repr(), all.repr());
    }

    #[test]
    fn what_is_not_here_is_left_out_and_named() {
        let mut config = Config::new();
        let mut put = |option: &str, value: Value| {
            config.section_mut("A").set("", option, Entry::plain(value, Origin::Default));
        };
        put("x", Value::int(1));
        put("y", Value::List(vec![Value::unknown("encrypted", None)]));
        let (told, left_out) = parts(&Parts { config, ..Parts::default() });
        assert_eq!(told["config"], json!({"A": {"x": 1}}));
        assert_eq!(left_out.len(), 1);
        assert_eq!((left_out[0].option.as_str(), left_out[0].reason.as_str()), ("y", "encrypted"));
    }
}
