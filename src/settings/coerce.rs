//! What a trait makes of a value: `TraitType._validate` of each trait type, with traitlets' own words when it refuses.
//!
//! An unknown value passes everywhere: what it is, only the hub sees.

use num_bigint::BigInt;
use num_traits::FromPrimitive as _;

use super::option::Kind;
use crate::value::{Dict, Set, Value};

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// A `TraitError` that the root trait puts into words: the value, what was expected of it, and the trait types from
    /// the innermost outwards.
    Expected {
        /// The value that does not fit.
        value: Box<Value>,
        /// What would.
        info: String,
        /// The names of the trait types, the innermost first.
        chain: Vec<&'static str>,
    },
    /// A `TraitError` in the words of a `Dict` about its keys or values.
    Element {
        /// `Keys` or `Values`.
        side: &'static str,
        /// What was expected.
        info: String,
        /// The value that does not fit.
        value: Box<Value>,
    },
    /// A `TraitError` about a list's length.
    Length {
        /// The list.
        value: Box<Value>,
    },
    /// A `TraitError` about bytes that are not ASCII.
    Bytes(Box<Value>),
    /// A `TypeError`, which traitlets lets through.
    Unhashable(&'static str),
}

impl Kind {
    /// The name of the trait type.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Any => "Any",
            Kind::Bool => "Bool",
            Kind::Int => "Int",
            Kind::Float => "Float",
            Kind::Unicode => "Unicode",
            Kind::CUnicode => "CUnicode",
            Kind::Callable => "Callable",
            Kind::List(_) => "List",
            Kind::Set(_) => "Set",
            Kind::Dict { .. } => "Dict",
            Kind::Union(_) => "Union",
            Kind::Command => "Command",
        }
    }

    /// `trait.info()`: what it expects, in traitlets' words.
    pub fn info(self) -> String {
        match self {
            Kind::Any => "any value".into(),
            Kind::Bool => "a boolean".into(),
            Kind::Int => "an int".into(),
            Kind::Float => "a float".into(),
            Kind::Unicode | Kind::CUnicode => "a unicode string".into(),
            Kind::Callable => "a callable".into(),
            Kind::List(_) | Kind::Command => "a list".into(),
            Kind::Set(_) => "a set".into(),
            Kind::Dict { .. } => "a dict".into(),
            Kind::Union(kinds) => kinds.iter().map(|kind| kind.info()).collect::<Vec<_>>().join(" or "),
        }
    }

    /// What `trait.set` does before it validates: a bare text for a list or set is one element.
    pub(super) fn wrap(self, value: Value) -> Value {
        match (self, value) {
            (Kind::List(_) | Kind::Command, text @ Value::Str(_)) => Value::List(vec![text]),
            (Kind::Set(_), text @ Value::Str(_)) => Value::Set(Set::of([text]).unwrap_or_default()),
            (_, value) => value,
        }
    }

    /// `trait.validate`.
    pub fn validate(self, value: Value) -> Result<Value, Refusal> {
        if matches!(value, Value::Unknown(_)) {
            return Ok(value);
        }
        match (self, value) {
            (Kind::Any, value)
            | (Kind::Bool, value @ Value::Bool(_))
            | (Kind::Int, value @ (Value::Int(_) | Value::Bool(_)))
            | (Kind::Float, value @ Value::Float(_))
            | (Kind::Unicode, value @ Value::Str(_))
            | (Kind::Callable, value @ (Value::Callable(_) | Value::Class(_))) => Ok(value),
            (Kind::Bool, Value::Int(number)) if number == BigInt::from(1) => Ok(Value::Bool(true)),
            (Kind::Bool, Value::Int(number)) if number == BigInt::ZERO => Ok(Value::Bool(false)),
            (Kind::Int, Value::Float(number)) => whole(number).ok_or_else(|| self.refuse(Value::Float(number))),
            (Kind::Float, Value::Int(number)) => {
                Ok(Value::Float(num_traits::ToPrimitive::to_f64(&number).unwrap_or(f64::INFINITY)))
            }
            (Kind::Float, Value::Bool(truth)) => Ok(Value::Float(f64::from(u8::from(truth)))),
            (Kind::Unicode, Value::Bytes(bytes)) => match String::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Ok(Value::Str(text)),
                Ok(text) => Err(refuse_bytes(text.into_bytes())),
                Err(error) => Err(refuse_bytes(error.into_bytes())),
            },
            (Kind::CUnicode, value) => Ok(Value::Str(value.to_text())),
            (Kind::List(element), Value::List(items) | Value::Tuple(items)) => {
                Ok(Value::List(self.elements(*element, items)?))
            }
            (Kind::Command, text @ Value::Str(_)) => Ok(Value::List(vec![text])),
            (Kind::Command, Value::List(items) | Value::Tuple(items)) => {
                if items.is_empty() {
                    return Err(Refusal::Length { value: Box::new(Value::List(items)) });
                }
                Ok(Value::List(self.elements(Kind::Unicode, items)?))
            }
            (Kind::Set(element), Value::List(items) | Value::Tuple(items)) => {
                let set = Set::of(items).map_err(|unhashable| Refusal::Unhashable(unhashable.0))?;
                self.validate_set(*element, &set)
            }
            (Kind::Set(element), Value::Set(set)) => self.validate_set(*element, &set),
            (Kind::Dict { key, value }, Value::Dict(dict)) => validate_dict(*key, *value, dict),
            (Kind::Union(kinds), value) => {
                kinds.iter().find_map(|kind| kind.validate(value.clone()).ok()).ok_or_else(|| self.refuse(value))
            }
            (_, value) => Err(self.refuse(value)),
        }
    }

    fn validate_set(self, element: Kind, set: &Set) -> Result<Value, Refusal> {
        let items = self.elements(element, set.iter().cloned().collect())?;
        Set::of(items).map(Value::Set).map_err(|unhashable| Refusal::Unhashable(unhashable.0))
    }

    fn elements(self, element: Kind, items: Vec<Value>) -> Result<Vec<Value>, Refusal> {
        if element == Kind::Any {
            return Ok(items);
        }
        items
            .into_iter()
            .map(|item| {
                element.validate(item).map_err(|refusal| match refusal {
                    Refusal::Expected { value, info, mut chain } => {
                        chain.push(self.name());
                        Refusal::Expected { value, info, chain }
                    }
                    other => other,
                })
            })
            .collect()
    }

    fn refuse(self, value: Value) -> Refusal {
        Refusal::Expected { value: Box::new(value), info: self.info(), chain: vec![self.name()] }
    }
}

fn refuse_bytes(bytes: Vec<u8>) -> Refusal {
    Refusal::Bytes(Box::new(Value::Bytes(bytes)))
}

fn whole(number: f64) -> Option<Value> {
    (number.is_finite() && number.fract() == 0.0).then(|| Value::int(BigInt::from_f64(number).unwrap_or_default()))
}

fn validate_dict(key_kind: Kind, value_kind: Kind, dict: Dict) -> Result<Value, Refusal> {
    if key_kind == Kind::Any && value_kind == Kind::Any {
        return Ok(Value::Dict(dict));
    }
    let element = |side, kind: Kind, value: &Value, refusal| match refusal {
        // Only a TraitError is put into the dictionary's own words.
        Refusal::Unhashable(_) => refusal,
        _ => Refusal::Element { side, info: kind.info(), value: Box::new(value.clone()) },
    };
    let mut validated = Dict::new();
    for (key, value) in dict.iter() {
        let new_key = key_kind.validate(key.clone()).map_err(|error| element("Keys", key_kind, key, error))?;
        let new_value =
            value_kind.validate(value.clone()).map_err(|error| element("Values", value_kind, value, error))?;
        validated.insert_value(new_key, new_value).map_err(|unhashable| Refusal::Unhashable(unhashable.0))?;
    }
    Ok(Value::Dict(validated))
}

impl Refusal {
    /// The exception's class.
    pub fn exception(&self) -> &'static str {
        match self {
            Refusal::Unhashable(_) => "TypeError",
            _ => "TraitError",
        }
    }

    /// The exception's message, as the trait `option` of an instance of `class` puts it.
    pub fn message(&self, option: &str, class: &str) -> String {
        match self {
            Refusal::Expected { value, info, chain } if chain.len() > 1 => {
                let chain = chain.iter().map(|name| with_article(name)).collect::<Vec<_>>().join(" of ");
                let class = with_article(class);
                format!(
                    "The '{option}' trait of {class} instance contains {chain} which expected {info}, not {}.",
                    describe(value)
                )
            }
            Refusal::Expected { value, info, .. } => format!(
                "The '{option}' trait of {} instance expected {info}, not {}.",
                with_article(class),
                describe(value)
            ),
            Refusal::Element { side, info, value } => format!(
                "{side} of the '{option}' trait of {} instance must be {info}, but a value of {} <class '{}'> was specified.",
                with_article(class),
                value.repr(),
                value.type_name()
            ),
            Refusal::Length { value } => format!(
                "The '{option}' trait of {} instance must be of length 1 <= L <= {}, but a value of {} was specified.",
                with_article(class),
                i64::MAX,
                value.repr()
            ),
            Refusal::Bytes(value) => format!(
                "Could not decode {} for unicode trait '{option}' of {} instance.",
                value.repr(),
                with_article(class)
            ),
            Refusal::Unhashable(kind) => format!("unhashable type: '{kind}'"),
        }
    }
}

/// traitlets' `add_article`.
pub(super) fn with_article(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase());
    let article = if first.is_some_and(|c| "aeiou".contains(c)) { "an" } else { "a" };
    format!("{article} {name}")
}

/// traitlets' `describe("the", value)`.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Callable(callable) => format!("the function '{}'", callable.name),
        Value::Class(class) => format!("the {0} {0}", class.name),
        other => format!("the {} {}", other.type_name(), other.repr()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::option::{DICT, TEXT_OR_CALLABLE};

    #[test]
    fn booleans_take_one_and_zero_and_nothing_else() {
        assert!(matches!(Kind::Bool.validate(Value::int(1)), Ok(Value::Bool(true))));
        assert!(matches!(Kind::Bool.validate(Value::int(0)), Ok(Value::Bool(false))));
        for wrong in [Value::int(2), Value::Float(1.0), Value::str("true"), Value::None] {
            assert!(Kind::Bool.validate(wrong).is_err());
        }
    }

    #[test]
    fn integers_take_booleans_and_whole_floats() {
        assert!(matches!(Kind::Int.validate(Value::Bool(true)), Ok(Value::Bool(true))));
        assert!(matches!(Kind::Int.validate(Value::Float(4e9)), Ok(Value::Int(_))));
        assert!(Kind::Int.validate(Value::Float(0.5)).is_err());
    }

    #[test]
    fn lists_and_sets_cast_what_traitlets_casts() {
        let ab = || vec![Value::str("a"), Value::str("b")];
        assert!(matches!(Kind::List(&Kind::Any).validate(Value::Tuple(ab())), Ok(Value::List(_))));
        assert!(Kind::List(&Kind::Any).validate(Value::Set(Set::of(ab()).unwrap())).is_err());
        assert!(matches!(Kind::Set(&Kind::Any).validate(Value::List(ab())), Ok(Value::Set(_))));
        assert!(matches!(Kind::Set(&Kind::Any).wrap(Value::str("a,b")), Value::Set(set) if set.contains_str("a,b")));
        assert_eq!(
            Kind::Set(&Kind::Any).validate(Value::List(vec![Value::List(vec![])])),
            Err(Refusal::Unhashable("list"))
        );
    }

    #[test]
    fn refusals_speak_as_traitlets_does() {
        let refuse = |kind: Kind, value: Value| kind.validate(value).unwrap_err().message("x", "GenericOAuthenticator");
        assert_eq!(
            refuse(Kind::List(&Kind::Unicode), Value::List(vec![Value::str("a"), Value::int(3)])),
            "The 'x' trait of a GenericOAuthenticator instance contains an Unicode of a List which expected a unicode \
             string, not the int 3."
        );
        assert_eq!(
            refuse(TEXT_OR_CALLABLE, Value::int(3)),
            "The 'x' trait of a GenericOAuthenticator instance expected a unicode string or a callable, not the int 3."
        );
        assert_eq!(
            refuse(DICT, Value::None),
            "The 'x' trait of a GenericOAuthenticator instance expected a dict, not the NoneType None."
        );
        assert_eq!(with_article("OAuthenticator"), "an OAuthenticator");
    }
}
