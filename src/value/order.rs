//! Python's order of values.

use num_traits::ToPrimitive as _;

use super::{Key, Value};

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
    fn sorting_mixed_kinds_is_a_type_error() {
        assert_eq!(sorted(vec![Value::str("b"), Value::str("a")]).unwrap()[0], Value::str("a"));
        assert!(sorted(vec![Value::str("b"), Value::int(1)]).is_err());
    }
}
