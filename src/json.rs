//! JSON as the hub reads it, and as we write it.
//!
//! Reading follows Python's `json.loads(body.decode("utf8", "replace"))`, in the behaviour of CPython's `_json.c`: `NaN`
//! and `Infinity` are numbers, a lone surrogate is a character, integers have any size (up to 4300 digits), the last
//! of two equal keys wins, and every error has Python's words. Writing gives RFC 8259 JSON whatever is in the value.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::span::Span;
use crate::value::{self, Dict, Value};

/// How deep arrays and objects may nest. Python's recursion limit is 1000 frames, of which the caller has used some
/// already: the hub's own depth differs a little by where it reads, so the last few levels are a guess.
const MAX_DEPTH: usize = 990;

/// `sys.get_int_max_str_digits()`.
const MAX_DIGITS: usize = 4300;

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

struct Place {
    path: Vec<String>,
    key: (usize, usize),
    end: usize,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    places: Option<&'a mut Vec<Place>>,
}

/// A container that is not closed yet.
enum Open {
    Array(Vec<Value>),
    Object { dict: Dict, key: String, place: (usize, usize) },
}

impl Open {
    fn finish(self) -> Value {
        match self {
            Open::Array(items) => Value::List(items),
            Open::Object { dict, .. } => Value::Dict(dict),
        }
    }
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, places: Option<&'a mut Vec<Place>>) -> Scanner<'a> {
        Scanner { text, bytes: text.as_bytes(), at: 0, places }
    }

    fn document(mut self) -> Result<Value, Error> {
        if self.text.starts_with('\u{feff}') {
            return Err(self.error("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
        }
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        if self.at < self.bytes.len() {
            return Err(self.error("Extra data", self.at));
        }
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A value with all that is in it. The containers being read stand on a stack of our own, so that depth costs no
    /// stack of the thread.
    fn value(&mut self) -> Result<Value, Error> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let mut value = match self.peek() {
                Some(b'{') => match self.enter("object", b'}', open.len())? {
                    Some(empty) => empty,
                    None => {
                        let mut object = Open::Object { dict: Dict::new(), key: String::new(), place: (0, 0) };
                        self.key(&mut object)?;
                        open.push(object);
                        continue;
                    }
                },
                Some(b'[') => match self.enter("array", b']', open.len())? {
                    Some(empty) => empty,
                    None => {
                        open.push(Open::Array(Vec::new()));
                        continue;
                    }
                },
                _ => self.scalar()?,
            };
            loop {
                let Some(mut container) = open.pop() else { return Ok(value) };
                if self.put(&mut container, &open, value)? {
                    open.push(container);
                    break;
                }
                value = container.finish();
            }
        }
    }

    /// After a `{` or `[`: the empty container where it ends at once.
    fn enter(&mut self, what: &str, close: u8, depth: usize) -> Result<Option<Value>, Error> {
        if depth == MAX_DEPTH {
            return Err(Error {
                kind: ErrorKind::Recursion,
                message: format!("maximum recursion depth exceeded while decoding a JSON {what} from a unicode string"),
                offset: self.at,
            });
        }
        self.at += 1;
        self.skip_space();
        if self.peek() != Some(close) {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(if close == b'}' { Value::Dict(Dict::new()) } else { Value::List(Vec::new()) }))
    }

    /// Reads `"key":` of an object.
    fn key(&mut self, object: &mut Open) -> Result<(), Error> {
        if self.peek() != Some(b'"') {
            return Err(self.error("Expecting property name enclosed in double quotes", self.at));
        }
        let start = self.at;
        let text = self.string()?;
        let end = self.at;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.error("Expecting ':' delimiter", self.at));
        }
        self.at += 1;
        self.skip_space();
        if let Open::Object { key, place, .. } = object {
            *key = text;
            *place = (start, end);
        }
        Ok(())
    }

    /// Puts a value that was just read into its container, and reads on to the next one; whether there is a next one.
    fn put(&mut self, container: &mut Open, outer: &[Open], value: Value) -> Result<bool, Error> {
        let end = self.at;
        let close = match container {
            Open::Array(items) => {
                items.push(value);
                b']'
            }
            Open::Object { dict, key, place } => {
                self.note_place(outer, key, *place, end);
                dict.insert(std::mem::take(key), value);
                b'}'
            }
        };
        self.skip_space();
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                return Ok(false);
            }
            Some(b',') => self.at += 1,
            _ => return Err(self.error("Expecting ',' delimiter", self.at)),
        }
        self.skip_space();
        if let Open::Object { .. } = container {
            self.key(container)?;
        }
        Ok(true)
    }

    /// Notes where a key stands, unless it is inside an array, where it has no path of its own.
    fn note_place(&mut self, outer: &[Open], key: &str, range: (usize, usize), end: usize) {
        let Some(places) = &mut self.places else { return };
        let mut path = Vec::with_capacity(outer.len() + 1);
        for container in outer {
            match container {
                Open::Object { key, .. } => path.push(key.clone()),
                Open::Array(_) => return,
            }
        }
        path.push(key.to_owned());
        places.push(Place { path, key: range, end });
    }

    fn scalar(&mut self) -> Result<Value, Error> {
        if self.peek() == Some(b'"') {
            return self.string().map(Value::Str);
        }
        for (word, value) in [
            ("null", Value::None),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ] {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.number()
    }

    /// `scanstring_unicode`.
    fn string(&mut self) -> Result<String, Error> {
        let begin = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte > 0x1f) {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(begin, &mut out)?,
                Some(_) => return Err(self.error("Invalid control character at", self.at)),
                None => return Err(self.error("Unterminated string starting at", begin)),
            }
        }
    }

    fn escape(&mut self, begin: usize, out: &mut String) -> Result<(), Error> {
        let backslash = self.at;
        self.at += 1;
        let plain = match self.peek() {
            None => return Err(self.error("Unterminated string starting at", begin)),
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape(out);
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(self.error("Invalid \\escape", backslash)),
        };
        self.at += 1;
        out.push(plain);
        Ok(())
    }

    /// After `\u`. A high surrogate takes a low one that follows; any other stands alone.
    fn unicode_escape(&mut self, out: &mut String) -> Result<(), Error> {
        // Python wants a character after the four digits, too: the closing quote at least.
        let mut unit = self.hex4(self.at)?;
        self.at += 4;
        let follows = self.bytes[self.at..].starts_with(b"\\u") && self.chars_follow(self.at, 6);
        if (0xd800..0xdc00).contains(&unit) && follows {
            let low = self.hex4(self.at + 2)?;
            if (0xdc00..0xe000).contains(&low) {
                unit = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                self.at += 6;
            }
        }
        let code = if (0xd800..0xe000).contains(&unit) { SURROGATE_PLANE + unit } else { unit };
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// Whether more than so many characters follow.
    fn chars_follow(&self, at: usize, count: usize) -> bool {
        self.text[at..].chars().nth(count).is_some()
    }

    fn hex4(&self, at: usize) -> Result<u32, Error> {
        let invalid = || self.error("Invalid \\uXXXX escape", at - 1);
        let digits = self.bytes.get(at..at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.filter(|_| self.bytes.len() > at + 4).ok_or_else(invalid)?;
        Ok(digits.iter().fold(0, |code, digit| code * 16 + char::from(*digit).to_digit(16).unwrap_or(0)))
    }

    /// `_match_number_unicode`: what does not continue a number is left for the caller to stumble over.
    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        let mut at = start + usize::from(self.peek() == Some(b'-'));
        match self.bytes.get(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => at = self.digits(at),
            _ => return Err(self.error("Expecting value", start)),
        }
        let integer_end = at;
        if self.bytes.get(at) == Some(&b'.') && self.digits(at + 1) > at + 1 {
            at = self.digits(at + 1);
        }
        if matches!(self.bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(at + 1), Some(b'+' | b'-')));
            let digits = at + 1 + sign;
            if self.digits(digits) > digits {
                at = self.digits(digits);
            }
        }
        self.at = at;
        let text = &self.text[start..at];
        if at > integer_end {
            return Ok(Value::Float(text.parse().unwrap_or(f64::NAN)));
        }
        let digits = text.trim_start_matches('-').len();
        if digits > MAX_DIGITS {
            return Err(Error {
                kind: ErrorKind::Value,
                message: format!(
                    "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {digits} digits; \
                     use sys.set_int_max_str_digits() to increase the limit"
                ),
                offset: start,
            });
        }
        Ok(Value::Int(text.parse::<BigInt>().unwrap_or_default()))
    }

    fn digits(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    fn error(&self, message: &str, offset: usize) -> Error {
        let before = &self.text[..offset.min(self.text.len())];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        let index = before.chars().count();
        Error {
            kind: ErrorKind::Decode,
            message: format!("{message}: line {line} column {column} (char {index})"),
            offset,
        }
    }
}

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
