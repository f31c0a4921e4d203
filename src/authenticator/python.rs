//! What Python does when upstream's code meets a value of a kind it did not expect: the operations that it applies to
//! provider answers, with Python's exceptions.

use crate::failure::Raised;
use crate::value::{Dict, Key, Set, Unhashable, Value};

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

/// A `TypeError`.
pub fn type_error(message: impl Into<String>) -> Raised {
    Raised::exception("TypeError", message)
}

fn unhashable(Unhashable(type_name): Unhashable) -> Raised {
    type_error(format!("unhashable type: '{type_name}'"))
}
