//! What Python does when upstream's code meets a value of a kind it did not expect: the operations that it applies to
//! provider answers, with Python's exceptions.

use num_bigint::BigInt;
use num_traits::FromPrimitive as _;

use crate::failure::Raised;
use crate::value::{Dict, Key, Set, Unhashable, Value, compare};

/// `value[key]` with a text key.
pub fn index<'v>(value: &'v Value, key: &str) -> Result<&'v Value, Raised> {
    match value {
        Value::Dict(dict) => dict.get(key).ok_or_else(|| Raised::key_error(key)),
        Value::List(_) | Value::Tuple(_) => {
            Err(type_error(format!("{} indices must be integers or slices, not str", value.type_name())))
        }
        Value::Str(_) => Err(type_error("string indices must be integers, not 'str'")),
        other => Err(type_error(format!("'{}' object is not subscriptable", other.type_name()))),
    }
}

/// `value.get(key, default)`; `None` stands for the default.
pub fn get<'v>(value: &'v Value, key: &str) -> Result<Option<&'v Value>, Raised> {
    dict(value, "get").map(|dict| dict.get(key))
}

/// The dictionary, or the `AttributeError` of calling this method of a dictionary on something else.
pub fn dict<'v>(value: &'v Value, method: &str) -> Result<&'v Dict, Raised> {
    value.as_dict().ok_or_else(|| Raised::attribute_error(value.type_name(), method))
}

/// `key in value`.
pub fn contains(value: &Value, key: &str) -> Result<bool, Raised> {
    match value {
        Value::Dict(dict) => Ok(dict.contains(key)),
        Value::Set(set) => Ok(set.contains_str(key)),
        Value::List(items) | Value::Tuple(items) => Ok(items.iter().any(|item| item.as_str() == Some(key))),
        Value::Str(text) => Ok(text.contains(key)),
        other => Err(type_error(format!("argument of type '{}' is not iterable", other.type_name()))),
    }
}

/// `value in set`.
pub fn is_in(value: &Value, set: &Set) -> Result<bool, Raised> {
    Key::of(value).map_err(unhashable)?;
    Ok(set.contains(value))
}

/// `set(value)`.
pub fn to_set(value: &Value) -> Result<Set, Raised> {
    Set::of(iterate(value)?).map_err(unhashable)
}

/// `for item in value`.
pub fn iterate(value: &Value) -> Result<Vec<Value>, Raised> {
    value.iterate().ok_or_else(|| type_error(format!("'{}' object is not iterable", value.type_name())))
}

/// `dict[key]` or `dict.get(key)` with any key: an unhashable one is a `TypeError`.
pub fn lookup<'v>(dict: &'v Dict, key: &Value) -> Result<Option<&'v Value>, Raised> {
    Key::of(key).map_err(unhashable)?;
    Ok(dict.get_value(key))
}

/// `dict[key] = value` with any key.
pub fn insert(dict: &mut Dict, key: Value, value: Value) -> Result<(), Raised> {
    dict.insert_value(key, value).map_err(unhashable)
}

/// `set.add(item)`.
pub fn add(set: &mut Set, item: Value) -> Result<(), Raised> {
    set.insert(item).map_err(unhashable)
}

/// The text, or the `AttributeError` of calling this method of a text on something else.
pub fn text<'v>(value: &'v Value, method: &str) -> Result<&'v str, Raised> {
    value.as_str().ok_or_else(|| Raised::attribute_error(value.type_name(), method))
}

/// What an f-string prints for `dict.keys()`.
pub fn keys(value: &Value) -> Result<String, Raised> {
    let keys = dict(value, "keys")?.keys().cloned().collect();
    Ok(format!("dict_keys({})", Value::List(keys).repr()))
}

/// `"%d" % value`.
pub fn format_int(value: &Value) -> Result<String, Raised> {
    match value {
        Value::Int(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(u8::from(*truth).to_string()),
        Value::Float(number) => match BigInt::from_f64(number.trunc()) {
            Some(whole) => Ok(whole.to_string()),
            None if number.is_nan() => Err(Raised::exception("ValueError", "cannot convert float NaN to integer")),
            None => Err(Raised::exception("OverflowError", "cannot convert float infinity to integer")),
        },
        other => Err(type_error(format!("%d format: a real number is required, not {}", other.type_name()))),
    }
}

/// `left >= right`.
pub fn at_least(left: &Value, right: &Value) -> Result<bool, Raised> {
    if matches!((left, right), (Value::Float(nan), _) | (_, Value::Float(nan)) if nan.is_nan()) {
        return Ok(false);
    }
    compare(left, right).map(std::cmp::Ordering::is_ge).ok_or_else(|| {
        let (left, right) = (left.type_name(), right.type_name());
        type_error(format!("'>=' not supported between instances of '{left}' and '{right}'"))
    })
}

/// `text.lower()`.
pub fn lower(value: &Value) -> Result<Value, Raised> {
    match value {
        Value::Str(text) => Ok(Value::Str(text.to_lowercase())),
        other => Err(Raised::attribute_error(other.type_name(), "lower")),
    }
}

/// Python's truth of a value that came from a provider, where nothing is unknown.
pub fn truth(value: &Value) -> bool {
    value.truth().unwrap_or(true)
}

/// `sorted(set)` as a list.
pub fn sorted(set: &Set) -> Result<Value, Raised> {
    crate::value::sorted(set.iter().cloned().collect())
        .map(Value::List)
        .map_err(|(left, right)| type_error(format!("'<' not supported between instances of '{left}' and '{right}'")))
}

/// `json.dumps(value)`: ASCII only, with a blank after every comma and colon.
pub fn json_dumps(value: &Value) -> String {
    let mut out = String::new();
    dump(value, &mut out);
    out
}

fn dump(value: &Value, out: &mut String) {
    match value {
        Value::None => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Float(number) if number.is_nan() => out.push_str("NaN"),
        Value::Float(number) if number.is_infinite() => {
            out.push_str(if *number > 0.0 { "Infinity" } else { "-Infinity" });
        }
        Value::Str(text) => dump_text(text, out),
        Value::List(items) | Value::Tuple(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                dump(item, out);
            }
            out.push(']');
        }
        Value::Dict(dict) => {
            out.push('{');
            for (at, (key, item)) in dict.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                dump_text(&key.to_text(), out);
                out.push_str(": ");
                dump(item, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.repr()),
    }
}

fn dump_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7f}' => out.push(c),
            // A lone surrogate, as `crate::value` keeps it.
            '\u{10d800}'..='\u{10dfff}' => out.push_str(&format!("\\u{:04x}", u32::from(c) - 0x10_0000)),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

/// `int(text)`.
pub fn int(text: &str) -> Result<BigInt, Raised> {
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let grouped = digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    let parsed = if grouped { trimmed.trim_start_matches('+').replace('_', "").parse().ok() } else { None };
    parsed.ok_or_else(|| {
        let text = Value::str(text).repr();
        Raised::exception("ValueError", format!("invalid literal for int() with base 10: {text}"))
    })
}

/// `list(set)`, whose order is nobody's: sorted where Python can sort it.
pub fn listed(set: &Set) -> Value {
    let items: Vec<Value> = set.iter().cloned().collect();
    Value::List(crate::value::sorted(items.clone()).unwrap_or(items))
}

/// A `TypeError`.
pub fn type_error(message: impl Into<String>) -> Raised {
    Raised::exception("TypeError", message)
}

fn unhashable(Unhashable(type_name): Unhashable) -> Raised {
    type_error(format!("unhashable type: '{type_name}'"))
}
