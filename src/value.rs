//! Values as Python has them: what a configuration assigns, and what a provider answers.
//!
//! Equality and hashing follow Python (`1 == 1.0 == True`, a list is unhashable) and ignore where a value was written.
//!
//! A lone surrogate, which JSON can spell and Python can hold but a Rust string cannot, is kept as the character
//! `U+100000 +` its code point (plane 16, private use); [`crate::json`] turns it back into `\udXXX` on the way out.

mod containers;
mod order;
mod repr;

use num_bigint::BigInt;

pub use containers::{Dict, Key, Set, Unhashable};
pub use order::{compare, lone_surrogate, sorted};

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
    /// Its source text; empty where only Python can run it.
    pub source: String,
    /// Where it stands.
    pub span: Span,
    /// What it does to options without being called by the hub.
    pub touches: Touches,
}

/// The options that a method of a class may change while the object is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Touches {
    /// None.
    #[default]
    Nothing,
    /// These: `@validate`.
    Options(Vec<String>),
    /// Any: `@observe`, `__init__`.
    Anything,
}

/// Why a value is not known, and where the reason stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// A lower-case fragment fit to follow "unknown, because ".
    pub reason: String,
    /// The expression that cannot be known.
    pub span: Option<Span>,
}

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
}
