//! Values as Python has them: what a configuration assigns, and what a provider answers.
//!
//! Equality and hashing follow Python (`1 == 1.0 == True`, a list is unhashable) and ignore where a value was written.
//!
//! A lone surrogate, which JSON can spell and Python can hold but a Rust string cannot, is kept as the character
//! `U+100000 +` its code point (plane 16, private use); [`crate::json`] turns it back into `\udXXX` on the way out.

use std::fmt::Write as _;

use indexmap::IndexMap;
use num_bigint::BigInt;
use num_traits::ToPrimitive as _;

use crate::span::Span;

/// A Python value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer of any size.
    Int(BigInt),
    /// A float; JSON's `NaN` and `Infinity` too, as Python reads them.
    Float(f64),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A set, in order of insertion.
    Set(Set),
    /// A dictionary, in order of insertion.
    Dict(Dict),
    /// A function or lambda: carried with its source, never run here.
    Callable(Callable),
    /// A class, imported or defined in the file.
    Class(Box<Class>),
    /// Something that cannot be known without running the file or being on the hub's machine.
    Unknown(Unknown),
}

/// A function that the configuration names or defines.
#[derive(Clone, Debug, PartialEq)]
pub struct Callable {
    /// Its name, or `<lambda>`.
    pub name: String,
    /// Its source text, as written; for an imported function the dotted name.
    pub source: String,
    /// Where it is defined.
    pub span: Option<Span>,
}

/// A class that the configuration imports or defines.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its bare name, which is also the name of its configuration section.
    pub name: String,
    /// The dotted path it was imported by; `None` for a class defined in the file.
    pub import: Option<String>,
    /// Its bases, as far as they are known.
    pub bases: Vec<Value>,
    /// What its body assigns: name, value, place.
    pub attributes: Vec<(String, Value, Span)>,
    /// The methods its body defines.
    pub methods: Vec<Method>,
    /// Where it is defined.
    pub span: Option<Span>,
}

/// A method in the body of a class that the configuration defines.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// The trait it gives a default to, when decorated with `@default("…")`.
    pub default_of: Option<String>,
    /// What it returns, where its body is one plain `return`.
    pub returns: Option<Value>,
    /// Its source text.
    pub source: String,
    /// Where it stands.
    pub span: Span,
}

/// Why a value is not known, and where the reason stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// A lower-case fragment fit to follow "unknown, because ".
    pub reason: String,
    /// The expression that cannot be known.
    pub span: Option<Span>,
}

/// What dictionaries and sets go by: a value reduced to its Python hash identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// `None`.
    None,
    /// Integers, booleans and floats without a fraction: equal in Python, equal here.
    Int(BigInt),
    /// Any other float, by its bits.
    Float(u64),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tuple of hashable things.
    Tuple(Vec<Key>),
    /// Callables, classes and unknowns: by what is printed of them.
    Other(String),
}

/// A Python dictionary.
#[derive(Clone, Debug, Default)]
pub struct Dict(IndexMap<Key, (Value, Value)>);

/// A Python set.
#[derive(Clone, Debug, Default)]
pub struct Set(IndexMap<Key, Value>);

/// What Python raises on `{[]: 1}`, with the type's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Unhashable(pub &'static str);

impl Value {
    /// A string.
    pub fn str(text: impl Into<String>) -> Value {
        Value::Str(text.into())
    }

    /// An integer.
    pub fn int(number: impl Into<BigInt>) -> Value {
        Value::Int(number.into())
    }

    /// An unknown value and the reason.
    pub fn unknown(reason: impl Into<String>, span: Option<Span>) -> Value {
        Value::Unknown(Unknown { reason: reason.into(), span })
    }

    /// A dictionary with text keys.
    pub fn dict<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Dict(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The dictionary, if it is one.
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Value::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// `value["key"]` of a dictionary, `None` when it is none or has no such key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_dict().and_then(|dict| dict.get(key))
    }

    /// Python's truth of the value; `None` when it is unknown.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Value::None => false,
            Value::Bool(truth) => *truth,
            Value::Int(number) => *number != BigInt::ZERO,
            Value::Float(number) => *number != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::List(items) | Value::Tuple(items) => !items.is_empty(),
            Value::Set(set) => !set.is_empty(),
            Value::Dict(dict) => !dict.is_empty(),
            Value::Callable(_) | Value::Class(_) => true,
            Value::Unknown(_) => return None,
        })
    }

    /// The name of its Python type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Set(_) => "set",
            Value::Dict(_) => "dict",
            Value::Callable(_) => "function",
            Value::Class(_) => "type",
            Value::Unknown(_) => "unknown",
        }
    }

    /// The first unknown in it, however deep.
    pub fn find_unknown(&self) -> Option<&Unknown> {
        match self {
            Value::Unknown(unknown) => Some(unknown),
            Value::List(items) | Value::Tuple(items) => items.iter().find_map(Value::find_unknown),
            Value::Set(set) => set.iter().find_map(Value::find_unknown),
            Value::Dict(dict) => {
                dict.iter().find_map(|(key, value)| key.find_unknown().or_else(|| value.find_unknown()))
            }
            _ => None,
        }
    }

    /// What `for item in value` yields: items, keys of a dictionary, characters of a string. `None` when Python
    /// would raise a `TypeError`.
    pub fn iterate(&self) -> Option<Vec<Value>> {
        Some(match self {
            Value::Str(text) => text.chars().map(|c| Value::Str(c.to_string())).collect(),
            Value::Bytes(bytes) => bytes.iter().map(|&byte| Value::int(byte)).collect(),
            Value::List(items) | Value::Tuple(items) => items.clone(),
            Value::Set(set) => set.iter().cloned().collect(),
            Value::Dict(dict) => dict.keys().cloned().collect(),
            _ => return None,
        })
    }

    /// Python's `repr()`.
    pub fn repr(&self) -> String {
        let mut out = String::new();
        self.write_repr(&mut out);
        out
    }

    /// Python's `str()`.
    pub fn to_text(&self) -> String {
        match self {
            Value::Str(text) => text.clone(),
            other => other.repr(),
        }
    }

    fn write_repr(&self, out: &mut String) {
        match self {
            Value::None => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Value::Float(number) => out.push_str(&float_repr(*number)),
            Value::Str(text) => str_repr(text, out),
            Value::Bytes(bytes) => bytes_repr(bytes, out),
            Value::List(items) => write_items(out, "[", items.iter(), "]"),
            Value::Tuple(items) if items.len() == 1 => write_items(out, "(", items.iter(), ",)"),
            Value::Tuple(items) => write_items(out, "(", items.iter(), ")"),
            Value::Set(set) if set.is_empty() => out.push_str("set()"),
            Value::Set(set) => write_items(out, "{", set.iter(), "}"),
            Value::Dict(dict) => {
                out.push('{');
                for (index, (key, value)) in dict.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    key.write_repr(out);
                    out.push_str(": ");
                    value.write_repr(out);
                }
                out.push('}');
            }
            Value::Callable(callable) => {
                let _ = write!(out, "<function {}>", callable.name);
            }
            Value::Class(class) => {
                let _ = write!(out, "<class {}>", class.name);
            }
            Value::Unknown(unknown) => {
                let _ = write!(out, "<unknown: {}>", unknown.reason);
            }
        }
    }
}

fn write_items<'a>(out: &mut String, open: &str, items: impl Iterator<Item = &'a Value>, close: &str) {
    out.push_str(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        item.write_repr(out);
    }
    out.push_str(close);
}

fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.into();
    }
    let exponent = if number == 0.0 { 0 } else { number.abs().log10().floor() as i32 };
    if (-4..16).contains(&exponent) {
        let text = format!("{number}");
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let text = format!("{number:e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = power.strip_prefix('-').map_or(("+", power), |digits| ("-", digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn str_repr(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_control() => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c if (0x10_d800..=0x10_dfff).contains(&(c as u32)) => {
                let _ = write!(out, "\\u{:04x}", c as u32 - 0x10_0000);
            }
            c if is_printable(c) => out.push(c),
            c => {
                let _ = match c as u32 {
                    code @ ..=0xff => write!(out, "\\x{code:02x}"),
                    code @ ..=0xffff => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

/// `str.isprintable` of one character: Rust's own idea is made of the same categories, but for marks at the beginning.
fn is_printable(c: char) -> bool {
    c.is_ascii() || String::from_iter(['a', c]).escape_debug().nth(1) == Some(c)
}

fn bytes_repr(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(char::from(quote));
    for &byte in bytes {
        match byte {
            b'\'' | b'"' if byte != quote => out.push(char::from(byte)),
            _ => out.extend(std::ascii::escape_default(byte).map(char::from)),
        }
    }
    out.push(char::from(quote));
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => a == b,
            (Value::Dict(a), Value::Dict(b)) => {
                a.len() == b.len()
                    && a.0.iter().all(|(key, (_, value))| b.0.get(key).is_some_and(|(_, other)| value == other))
            }
            (Value::Set(a), Value::Set(b)) => a.len() == b.len() && a.0.keys().all(|key| b.0.contains_key(key)),
            _ => match (Key::of(self), Key::of(other)) {
                (Ok(a), Ok(b)) => a == b,
                _ => false,
            },
        }
    }
}

impl Key {
    /// The key of a value, or the type that Python says is unhashable.
    pub fn of(value: &Value) -> Result<Key, Unhashable> {
        Ok(match value {
            Value::None => Key::None,
            Value::Bool(truth) => Key::Int(BigInt::from(u8::from(*truth))),
            Value::Int(number) => Key::Int(number.clone()),
            Value::Float(number) if number.is_finite() && number.fract() == 0.0 => Key::Int(big_from_float(*number)),
            Value::Float(number) => Key::Float(number.to_bits()),
            Value::Str(text) => Key::Str(text.clone()),
            Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
            Value::Tuple(items) => Key::Tuple(items.iter().map(Key::of).collect::<Result<_, _>>()?),
            Value::List(_) | Value::Set(_) | Value::Dict(_) => return Err(Unhashable(value.type_name())),
            Value::Callable(callable) => Key::Other(format!("{}\n{:?}", callable.source, callable.span)),
            Value::Class(class) => Key::Other(format!("{} {:?} {:?}", class.name, class.import, class.span)),
            Value::Unknown(unknown) => Key::Other(format!("{} {:?}", unknown.reason, unknown.span)),
        })
    }
}

fn big_from_float(number: f64) -> BigInt {
    num_traits::FromPrimitive::from_f64(number).unwrap_or_default()
}

impl Dict {
    /// An empty dictionary.
    pub fn new() -> Dict {
        Dict::default()
    }

    /// The value under a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&Key::Str(key.to_owned())).map(|(_, value)| value)
    }

    /// The value under any key; `None` too when the key is unhashable.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        self.0.get(&Key::of(key).ok()?).map(|(_, value)| value)
    }

    /// The value under any key, to be changed in place.
    pub fn get_value_mut(&mut self, key: &Value) -> Option<&mut Value> {
        self.0.get_mut(&Key::of(key).ok()?).map(|(_, value)| value)
    }

    /// Whether a text key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// `dict[key] = value`: an equal key keeps its place and spelling, as in Python.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) {
        let key = key.into();
        let entry = self.0.entry(Key::Str(key.clone()));
        match entry {
            indexmap::map::Entry::Occupied(mut slot) => slot.get_mut().1 = value,
            indexmap::map::Entry::Vacant(slot) => {
                slot.insert((Value::Str(key), value));
            }
        }
    }

    /// The same with any key.
    pub fn insert_value(&mut self, key: Value, value: Value) -> Result<(), Unhashable> {
        match self.0.entry(Key::of(&key)?) {
            indexmap::map::Entry::Occupied(mut slot) => slot.get_mut().1 = value,
            indexmap::map::Entry::Vacant(slot) => {
                slot.insert((key, value));
            }
        }
        Ok(())
    }

    /// Removes a key and gives back its value.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        self.0.shift_remove(&Key::of(key).ok()?).map(|(_, value)| value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.0.values().map(|(key, value)| (key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Value> {
        self.0.values().map(|(key, _)| key)
    }

    /// The values, in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.values().map(|(_, value)| value)
    }
}

impl FromIterator<(String, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Dict {
        let mut dict = Dict::new();
        for (key, value) in pairs {
            dict.insert(key, value);
        }
        dict
    }
}

impl Set {
    /// An empty set.
    pub fn new() -> Set {
        Set::default()
    }

    /// The set of these items, or the type among them that is unhashable.
    pub fn of(items: impl IntoIterator<Item = Value>) -> Result<Set, Unhashable> {
        let mut set = Set::new();
        for item in items {
            set.insert(item)?;
        }
        Ok(set)
    }

    /// Adds an item; an equal one stays as it was.
    pub fn insert(&mut self, item: Value) -> Result<(), Unhashable> {
        let key = Key::of(&item)?;
        self.0.entry(key).or_insert(item);
        Ok(())
    }

    /// Removes an equal item; whether there was one.
    pub fn remove(&mut self, item: &Value) -> bool {
        Key::of(item).is_ok_and(|key| self.0.shift_remove(&key).is_some())
    }

    /// Whether an equal item is in it.
    pub fn contains(&self, item: &Value) -> bool {
        Key::of(item).is_ok_and(|key| self.0.contains_key(&key))
    }

    /// Whether a text is in it.
    pub fn contains_str(&self, text: &str) -> bool {
        self.0.contains_key(&Key::Str(text.to_owned()))
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items, in order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.0.values()
    }

    /// Whether the two share an item.
    pub fn intersects(&self, other: &Set) -> bool {
        self.0.keys().any(|key| other.0.contains_key(key))
    }
}

/// Python's `sorted()`: numbers by size, texts by code point. Mixed kinds give the two type names, as the
/// `TypeError` would.
pub fn sorted(items: Vec<Value>) -> Result<Vec<Value>, (&'static str, &'static str)> {
    let mut items = items;
    let mut clash = None;
    items.sort_by(|a, b| {
        compare(a, b).unwrap_or_else(|| {
            clash.get_or_insert((b.type_name(), a.type_name()));
            std::cmp::Ordering::Equal
        })
    });
    clash.map_or(Ok(items), Err)
}

/// Python's order of two values, `None` where `<` raises a `TypeError`.
pub fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(code_points(a).cmp(code_points(b))),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            for (a, b) in a.iter().zip(b) {
                if a != b {
                    return compare(a, b);
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        _ => match (Key::of(a), Key::of(b)) {
            (Ok(Key::Int(a)), Ok(Key::Int(b))) => Some(a.cmp(&b)),
            _ => number(a)?.partial_cmp(&number(b)?).or(Some(std::cmp::Ordering::Equal)),
        },
    }
}

/// The code points of a text, lone surrogates in their own place.
fn code_points(text: &str) -> impl Iterator<Item = u32> {
    text.chars().map(|c| match u32::from(c) {
        kept @ 0x10_d800..=0x10_dfff => kept - 0x10_0000,
        code => code,
    })
}

/// The first lone surrogate of a text, which no codec writes: `UnicodeEncodeError`.
pub fn lone_surrogate(text: &str) -> Option<u32> {
    code_points(text).find(|code| (0xd800..=0xdfff).contains(code))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Int(number) => number.to_f64(),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_pythons() {
        assert_eq!(Value::int(1), Value::Bool(true));
        assert_eq!(Value::Float(2.0), Value::int(2));
        assert_ne!(Value::str("1"), Value::int(1));
        assert_ne!(Value::List(vec![]), Value::Tuple(vec![]));
        assert_eq!(Key::of(&Value::List(vec![])), Err(Unhashable("list")));
    }

    #[test]
    fn repr_is_pythons() {
        let value = Value::dict([
            ("a'b", Value::Tuple(vec![Value::Float(1e16), Value::Float(0.5), Value::None])),
            ("n", Value::Tuple(vec![Value::str("x\n\u{1}")])),
            ("s", Value::Set(Set::new())),
        ]);
        assert_eq!(value.repr(), r#"{"a'b": (1e+16, 0.5, None), 'n': ('x\n\x01',), 's': set()}"#);
    }

    #[test]
    fn repr_escapes_what_python_does_not_print() {
        let text = "a\u{a0}\u{ad}\u{85}\u{200b}\u{3000}\u{2028}\u{e000}\u{e0001}\u{301}é名\u{1f600}";
        let python = r"'a\xa0\xad\x85\u200b\u3000\u2028\ue000\U000e0001";
        assert_eq!(Value::str(text).repr(), format!("{python}\u{301}é名\u{1f600}'"));
        assert_eq!(Value::Bytes(b"a'b\"\xff\n".to_vec()).repr(), r#"b'a\'b"\xff\n'"#);
        assert_eq!(Value::Bytes(b"a'b".to_vec()).repr(), r#"b"a'b""#);
    }

    #[test]
    fn sorting_mixed_kinds_is_a_type_error() {
        assert_eq!(sorted(vec![Value::str("b"), Value::str("a")]).unwrap()[0], Value::str("a"));
        assert!(sorted(vec![Value::str("b"), Value::int(1)]).is_err());
    }
}
