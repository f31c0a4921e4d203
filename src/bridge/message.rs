//! What stands in the child's lines: Python values, exceptions with the operator's own frames, exchanges.

use std::sync::Arc;
use std::time::Duration;

use crate::failure::{Raised, Stage};
use crate::http::{Answer, Call, Exchange};
use crate::span::Span;
use crate::value::{Callable, Class, Dict, Set, Value};

/// The key behind which stands what JSON lacks.
pub const MARK: &str = "\0";

/// A line of a traceback, in a file of the operator's.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Where.
    pub span: Span,
    /// The function; empty for a place that could not even be parsed.
    pub function: String,
    /// The line itself.
    pub text: String,
}

/// An exception that Python raised.
#[derive(Clone, Debug)]
pub struct Exception {
    /// As the hub meets it.
    pub raised: Raised,
    /// Its class.
    pub class: String,
    /// The operator's own part of the traceback, innermost last.
    pub frames: Vec<Frame>,
}

/// A text field; empty where there is none.
pub fn text<'a>(message: &'a Value, name: &str) -> &'a str {
    message.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A list field.
pub fn list<'a>(message: &'a Value, name: &str) -> &'a [Value] {
    match message.get(name) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// A field that is true.
pub fn is_true(message: &Value, name: &str) -> bool {
    message.get(name) == Some(&Value::Bool(true))
}

/// A whole number that fits.
pub fn number(message: &Value, name: &str) -> Option<usize> {
    message.get(name)?.to_text().parse().ok()
}

/// A value of Python's, out of the JSON that carries it.
pub fn value(carried: &Value) -> Value {
    match carried {
        Value::List(items) => Value::List(items.iter().map(value).collect()),
        Value::Dict(dict) => match dict.get(MARK).and_then(Value::as_str) {
            Some(kind) => marked(kind, carried),
            None => Value::Dict(dict.iter().map(|(key, item)| (key.to_text(), value(item))).collect()),
        },
        other => other.clone(),
    }
}

fn marked(kind: &str, carried: &Value) -> Value {
    let items = || list(carried, "items").iter().map(value);
    match kind {
        "tuple" => Value::Tuple(items().collect()),
        "set" => Value::Set(Set::of(items()).unwrap_or_default()),
        "bytes" => Value::Bytes(unhex(text(carried, "hex"))),
        "dict" => {
            let mut dict = Dict::new();
            for pair in items() {
                if let Value::List(pair) = pair
                    && let [key, item] = pair.as_slice()
                {
                    let _ = dict.insert_value(key.clone(), item.clone());
                }
            }
            Value::Dict(dict)
        }
        "callable" => Value::Callable(Callable {
            name: text(carried, "name").to_owned(),
            source: text(carried, "source").to_owned(),
            span: span(carried),
        }),
        "class" => Value::Class(Box::new(Class {
            name: text(carried, "name").to_owned(),
            import: Some(format!("{}.{}", text(carried, "module"), text(carried, "name"))),
            bases: Vec::new(),
            attributes: Vec::new(),
            methods: Vec::new(),
            span: None,
        })),
        _ => Value::unknown(format!("it is {}, which has no JSON", text(carried, "repr")), None),
    }
}

/// Bytes out of their hexadecimal digits.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
    digits.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// A place: `file` and `line`.
pub fn span(message: &Value) -> Option<Span> {
    let file: Arc<str> = message.get("file")?.as_str()?.into();
    Some(Span::point(&file, number(message, "line")?.max(1), 1))
}

/// An exception as the child describes it.
pub fn exception(message: &Value) -> Exception {
    let status = number(message, "status").and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
    let (class, said) = (text(message, "class").to_owned(), text(message, "message").to_owned());
    let raised = match text(message, "kind") {
        "http" => Raised::Http { status, message: said },
        "client" => Raised::Client { status, message: said },
        _ => Raised::python(&class, said),
    };
    Exception { raised, class, frames: list(message, "frames").iter().filter_map(frame).collect() }
}

/// Exceptions are named by what stands in this program, but an operator may define any; there are a few in a run.
fn intern(class: &str) -> &'static str {
    Box::leak(class.to_owned().into_boxed_str())
}

fn frame(message: &Value) -> Option<Frame> {
    let line = text(message, "text");
    let indent = line.len() - line.trim_start().len();
    let at = span(message)?;
    let span = Span { column: indent + 1, end_column: line.trim_end().chars().count().max(indent) + 1, ..at };
    Some(Frame { span, function: text(message, "function").to_owned(), text: line.trim().to_owned() })
}

/// The stage of that name.
pub fn stage(message: &Value) -> Stage {
    let all = [
        Stage::Config,
        Stage::Authorize,
        Stage::Callback,
        Stage::Token,
        Stage::Userdata,
        Stage::Username,
        Stage::Decision,
        Stage::AuthState,
        Stage::Refresh,
    ];
    let name = text(message, "stage");
    all.into_iter().find(|stage| stage.name() == name).unwrap_or(Stage::Config)
}

/// An exchange that Python made.
pub fn exchange(message: &Value) -> Exchange {
    let elapsed = message.get("elapsed").and_then(|elapsed| elapsed.to_text().parse().ok()).unwrap_or(0.0);
    Exchange {
        stage: stage(message),
        method: text(message, "method").to_owned(),
        url: text(message, "url").to_owned(),
        request_headers: headers(message),
        form: form(message),
        answer: message.get("answer").filter(|answer| answer.as_dict().is_some()).map(answer),
        error: message.get("error").and_then(Value::as_str).map(str::to_owned),
        elapsed: Duration::try_from_secs_f64(elapsed).unwrap_or_default(),
    }
}

/// A request that Python would make, for whoever holds saved answers.
pub fn call(message: &Value) -> Call {
    Call {
        stage: stage(message),
        method: intern(text(message, "method")),
        url: text(message, "url").to_owned(),
        headers: headers(message),
        body: message.get("body").and_then(Value::as_str).map(str::to_owned),
        form: form(message),
        validate_cert: message.get("validate_cert").and_then(Value::truth),
    }
}

fn answer(message: &Value) -> Answer {
    Answer {
        status: number(message, "status").and_then(|status| u16::try_from(status).ok()).unwrap_or(0),
        reason: text(message, "reason").to_owned(),
        headers: headers(message).into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
        body: unhex(text(message, "body")),
    }
}

fn headers(message: &Value) -> Vec<(String, String)> {
    list(message, "headers")
        .iter()
        .filter_map(|pair| match pair {
            Value::List(pair) => Some((pair.first()?.to_text(), pair.get(1)?.to_text())),
            _ => None,
        })
        .collect()
}

/// The fields of a form-encoded body.
fn form(message: &Value) -> Vec<(String, String)> {
    let body = text(message, "body");
    if body.is_empty() || body.starts_with(['{', '[', '<']) {
        return Vec::new();
    }
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn carried(text: &str) -> Value {
        value(&json::parse(text).unwrap())
    }

    #[test]
    fn what_json_lacks_comes_through() {
        let set = carried(r#"{"a": {"\u0000": "set", "items": ["b", "b", {"\u0000": "tuple", "items": [1]}]}}"#);
        assert_eq!(set.repr(), "{'a': {'b', (1,)}}");
        assert_eq!(carried(r#"{"\u0000": "bytes", "hex": "00ff"}"#), Value::Bytes(vec![0, 255]));
        assert_eq!(carried(r#"{"\u0000": "dict", "items": [[1, 2]]}"#).repr(), "{1: 2}");
        assert!(matches!(carried(r#"{"\u0000": "other", "repr": "<x>"}"#), Value::Unknown(_)));
    }

    #[test]
    fn exceptions_keep_the_operators_lines() {
        let message = r#"{"class": "KeyError", "message": "'x'",
            "frames": [{"file": "c.py", "line": 3, "function": "f", "text": "    u['x']"}]}"#;
        let found = exception(&json::parse(message).unwrap());
        assert_eq!(found.raised, Raised::key_error("x"));
        assert_eq!((found.frames[0].span.line, found.frames[0].span.column), (3, 5));
        assert_eq!(found.frames[0].text, "u['x']");
    }
}
