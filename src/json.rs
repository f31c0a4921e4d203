//! JSON as the hub reads it, and as we write it.
//!
//! Reading follows Python's `json.loads(body.decode("utf8", "replace"))`, in the behaviour of CPython's `_json.c`: `NaN`
//! and `Infinity` are numbers, a lone surrogate is a character, integers have any size (up to 4300 digits), the last
//! of two equal keys wins, and every error has Python's words. Writing gives RFC 8259 JSON whatever is in the value.

mod scanner;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use scanner::{Place, Scanner};
pub use write::{finish, write};

use crate::span::Span;
use crate::value::Value;

/// Where lone surrogates are kept (see [`crate::value`]): this plus their code point.
const SURROGATE_PLANE: u32 = 0x10_0000;

/// Why a text is no JSON to Python.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// The exception that Python raises.
    pub kind: ErrorKind,
    /// `str(exception)`.
    pub message: String,
    /// The byte offset of the place in the decoded text.
    pub offset: usize,
}

/// The exceptions of `json.loads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `json.JSONDecodeError`.
    Decode,
    /// A plain `ValueError`: an integer of too many digits.
    Value,
    /// `RecursionError`.
    Recursion,
}

impl ErrorKind {
    /// The exception's class name.
    pub fn exception(self) -> &'static str {
        match self {
            ErrorKind::Decode => "JSONDecodeError",
            ErrorKind::Value => "ValueError",
            ErrorKind::Recursion => "RecursionError",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// `bytes.decode("utf8", "replace")`.
pub fn decode(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `json.loads(bytes.decode("utf8", "replace"))`: how the hub reads a provider's answer.
pub fn parse_bytes(bytes: &[u8]) -> Result<Value, Error> {
    parse(&String::from_utf8_lossy(bytes))
}

/// `json.loads(text)`.
pub fn parse(text: &str) -> Result<Value, Error> {
    Scanner::new(text, None).document()
}

/// The place of each key of the nested objects, by its path of keys; from the key to the end of its value where both
/// are on one line, else of the key alone.
pub type Spans = HashMap<Vec<String>, Span>;

/// `json.loads(text)`, with the places of the keys.
pub fn parse_with_spans(text: &str, file: &Arc<str>) -> Result<(Value, Spans), Error> {
    let mut ranges = Vec::new();
    let value = Scanner::new(text, Some(&mut ranges)).document()?;
    let spans = ranges
        .into_iter()
        .map(|Place { path, key, end }| {
            let whole = Span::of_bytes(file, text, key.0, end);
            let span = if whole.line == whole.end_line { whole } else { Span::of_bytes(file, text, key.0, key.1) };
            (path, span)
        })
        .collect();
    Ok((value, spans))
}

/// Keys that an object of the first two levels has twice: the path, the later place and the earlier one.
pub fn duplicates(text: &str, file: &Arc<str>) -> Vec<(Vec<String>, Span, Span)> {
    let mut ranges = Vec::new();
    if Scanner::new(text, Some(&mut ranges)).document().is_err() {
        return Vec::new();
    }
    let mut first: HashMap<Vec<String>, Span> = HashMap::new();
    let mut found = Vec::new();
    ranges.sort_by_key(|place| place.key.0);
    for Place { path, key, .. } in ranges.into_iter().filter(|place| place.path.len() <= 2) {
        let span = Span::of_bytes(file, text, key.0, key.1);
        if let Some(earlier) = first.insert(path.clone(), span.clone()) {
            found.push((path, span, earlier));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Callable, Set};

    fn error(text: &str) -> String {
        parse(text).unwrap_err().message
    }

    #[test]
    fn numbers_are_pythons() {
        assert!(matches!(parse("NaN"), Ok(Value::Float(number)) if number.is_nan()));
        assert_eq!(parse("-Infinity"), Ok(Value::Float(f64::NEG_INFINITY)));
        assert_eq!(parse("1e999"), Ok(Value::Float(f64::INFINITY)));
        assert!(matches!(parse("1.0"), Ok(Value::Float(_))));
        let big = "123456789012345678901234567890";
        assert_eq!(parse(big).unwrap().repr(), big);
        assert_eq!(error("01"), "Extra data: line 1 column 2 (char 1)");
        assert_eq!(error("1.e5"), "Extra data: line 1 column 2 (char 1)");
        assert_eq!(error("-"), "Expecting value: line 1 column 1 (char 0)");
    }

    #[test]
    fn integers_of_more_than_4300_digits_are_a_value_error() {
        assert!(parse(&"9".repeat(4300)).is_ok());
        let error = parse(&format!("-{}", "9".repeat(4301))).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Value);
        assert!(error.message.contains("value has 4301 digits"));
    }

    #[test]
    fn the_last_of_two_equal_keys_wins_in_the_first_place() {
        let value = parse(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!(value.repr(), "{'a': 3, 'b': 2}");
    }

    #[test]
    fn errors_have_pythons_words_and_places() {
        assert_eq!(error(""), "Expecting value: line 1 column 1 (char 0)");
        assert_eq!(error("{\n 'a': 1}"), "Expecting property name enclosed in double quotes: line 2 column 2 (char 3)");
        assert_eq!(error("{\"a\" 1}"), "Expecting ':' delimiter: line 1 column 6 (char 5)");
        assert_eq!(error("[1 2]"), "Expecting ',' delimiter: line 1 column 4 (char 3)");
        assert_eq!(error("\"é\n\""), "Invalid control character at: line 1 column 3 (char 2)");
        assert_eq!(error("\"\\x\""), "Invalid \\escape: line 1 column 2 (char 1)");
        assert_eq!(error("\"\\u12\""), "Invalid \\uXXXX escape: line 1 column 3 (char 2)");
        assert_eq!(error("\"abc"), "Unterminated string starting at: line 1 column 1 (char 0)");
        assert_eq!(error("\u{feff}{}"), "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
    }

    #[test]
    fn nesting_beyond_pythons_stack_is_a_recursion_error() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&deep(900)).is_ok());
        assert_eq!(parse(&deep(100_000)).unwrap_err().kind, ErrorKind::Recursion);
    }

    #[test]
    fn a_lone_surrogate_survives_reading_and_writing() {
        let value = parse(r#"["\ud83d\ude00", "\ud83d", "\ude00x"]"#).unwrap();
        assert_eq!(value, Value::List(vec![Value::str("😀"), Value::str("\u{10d83d}"), Value::str("\u{10de00}x")]));
        assert_eq!(write(&value, false), r#"["😀","\ud83d","\ude00x"]"#);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced_as_python_replaces_them() {
        assert_eq!(parse_bytes(b"\"a\xff\xe2\x82\"").unwrap(), Value::str("a\u{fffd}\u{fffd}"));
    }

    #[test]
    fn everything_can_be_written() {
        let set = Set::of([Value::str("b"), Value::str("a")]).unwrap();
        let callable = Callable { name: "<lambda>".into(), source: "lambda u: u".into(), span: None };
        let value = Value::dict([
            ("set", Value::Set(set)),
            ("tuple", Value::Tuple(vec![Value::Float(f64::NAN), Value::Float(1e300), Value::Float(0.1)])),
            ("big", parse("123456789012345678901234567890").unwrap()),
            ("f", Value::Callable(callable)),
            ("unknown", Value::unknown("elsewhere", None)),
        ]);
        assert_eq!(
            write(&value, false),
            "{\"set\":[\"a\",\"b\"],\"tuple\":[\"NaN\",1e+300,0.1],\"big\":123456789012345678901234567890,\
             \"f\":{\"callable\":\"lambda u: u\"},\"unknown\":null}"
        );
    }

    #[test]
    fn keys_know_their_place() {
        let text = "{\"A\": {\n  \"x\": [1, {\"no\": 2}],\n  \"y\": {\n}}}";
        let (value, spans) = parse_with_spans(text, &"f.json".into()).unwrap();
        assert_eq!(value.get("A").unwrap().get("x").unwrap().repr(), "[1, {'no': 2}]");
        let span = &spans[&vec!["A".to_owned(), "x".to_owned()]];
        assert_eq!((span.line, span.column, span.end_line, span.end_column), (2, 3, 2, 22));
        assert_eq!(spans[&vec!["A".to_owned(), "y".to_owned()]].end_column, 6);
        assert_eq!(spans.len(), 3);
    }
}
