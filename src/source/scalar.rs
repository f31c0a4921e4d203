//! What a plain YAML scalar means: go-yaml v2's `resolve` for helm, ruamel.yaml's resolver of YAML 1.2 for TLJH.

use num_bigint::BigInt;
use num_traits::{Num as _, ToPrimitive as _};
use saphyr_parser::Tag;

use crate::span::Span;
use crate::value::Value;

use super::template;
use super::yaml::Flavour;

/// Why a text is not the value it stands for: encrypted, or to be filled in before it is used.
pub(super) fn stands_for_something(text: &str) -> Option<String> {
    if text.starts_with("ENC[AES256_GCM,") {
        return Some("encrypted by SOPS, not here".to_owned());
    }
    template::reason(text)
}

/// The value of a scalar.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&Tag>, flavour: Flavour, span: &Span) -> Value {
    match tag {
        None if plain => resolve_plain(text, flavour),
        None => Value::str(text),
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "int" | "bool" | "null" => resolve_plain(text, flavour),
            "float" => match resolve_plain(text, flavour) {
                Value::Int(number) => number.to_f64().map_or(Value::str(text), Value::Float),
                other => other,
            },
            _ => Value::str(text),
        },
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Value::str(text),
        Some(tag) => {
            let name = format!("{}{}", tag.handle, tag.suffix);
            Value::unknown(format!("tagged `{name}`, which another program has to resolve"), Some(span.clone()))
        }
    }
}

fn resolve_plain(text: &str, flavour: Flavour) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::None,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if flavour == Flavour::Helm {
        match text {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
            _ => {}
        }
    }
    // Everything that is a number begins like one; most texts do not.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Value::str(text);
    }
    let digits = text.replace('_', "");
    integer(&digits, flavour).or_else(|| float(&digits)).unwrap_or_else(|| Value::str(text))
}

fn integer(text: &str, flavour: Flavour) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] if flavour == Flavour::Helm => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let number = BigInt::from_str_radix(digits, radix).ok()?;
    let number = if text.starts_with('-') { -number } else { number };
    // Go holds 64 bits; what is larger it takes for a float.
    let too_large = flavour == Flavour::Helm && number.to_i64().is_none() && number.to_u64().is_none();
    Some(if too_large { Value::Float(number.to_f64()?) } else { Value::Int(number) })
}

fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let numeric = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let well_formed =
        (numeric(whole) && (fraction.is_empty() || numeric(fraction))) || (whole.is_empty() && numeric(fraction));
    if !well_formed || !exponent.is_none_or(numeric) {
        return None;
    }
    text.parse().ok().map(Value::Float)
}

/// `convertToJSONableObject`: the name of a key that is no text.
pub(super) fn helm_key(key: &Value) -> String {
    match key {
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        Value::None => "null".to_owned(),
        other => other.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helm(text: &str) -> String {
        resolve_plain(text, Flavour::Helm).repr()
    }

    fn ruamel(text: &str) -> String {
        resolve_plain(text, Flavour::Ruamel).repr()
    }

    #[test]
    fn helm_reads_yaml_1_1() {
        for (text, expected) in [
            ("yes", "True"),
            ("Off", "False"),
            ("n", "False"),
            ("010", "8"),
            ("0o10", "8"),
            ("0x1F", "31"),
            ("1_000", "1000"),
            ("-12", "-12"),
            ("08", "8.0"),
            ("1e3", "1000.0"),
            (".5", "0.5"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("1:20", "'1:20'"),
            ("2020-01-01", "'2020-01-01'"),
            ("12ab", "'12ab'"),
            ("", "None"),
            ("~", "None"),
        ] {
            assert_eq!(helm(text), expected, "{text}");
        }
    }

    #[test]
    fn ruamel_reads_yaml_1_2() {
        for (text, expected) in [
            ("yes", "'yes'"),
            ("off", "'off'"),
            ("True", "True"),
            ("010", "10"),
            ("0o10", "8"),
            ("18446744073709551616", "18446744073709551616"),
            ("1.5", "1.5"),
        ] {
            assert_eq!(ruamel(text), expected, "{text}");
        }
    }
}
