//! Python's reading of JSON (`_json.c`, `json/decoder.py`).

use num_bigint::BigInt;

use super::{Error, ErrorKind, SURROGATE_PLANE};
use crate::value::{Dict, Value};

/// How deep arrays and objects may nest. Python's recursion limit is 1000 frames, of which the caller has used some
/// already: the hub's own depth differs a little by where it reads, so the last few levels are a guess.
const MAX_DEPTH: usize = 990;

/// `sys.get_int_max_str_digits()`.
const MAX_DIGITS: usize = 4300;

/// A key, and where it and its value stand, in bytes.
pub(super) struct Place {
    pub(super) path: Vec<String>,
    pub(super) key: (usize, usize),
    pub(super) end: usize,
}

/// Reads one document.
pub(super) struct Scanner<'a> {
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
    pub(super) fn new(text: &'a str, places: Option<&'a mut Vec<Place>>) -> Scanner<'a> {
        Scanner { text, bytes: text.as_bytes(), at: 0, places }
    }

    pub(super) fn document(mut self) -> Result<Value, Error> {
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
