//! How Python prints values.

use std::fmt::Write as _;

use super::Value;

impl Value {
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

#[cfg(test)]
mod tests {
    use super::*;

    use crate::value::Set;

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
}
