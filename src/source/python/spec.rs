//! The format specification mini-language: `>8.2f`.

use num_traits::ToPrimitive as _;

use super::SIZE;
use super::heap::Val;
use super::operators::{as_float, as_int};

/// The format specification mini-language.
pub(super) struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    alternate: bool,
    width: usize,
    group: Option<char>,
    precision: Option<usize>,
    kind: char,
}

impl Spec {
    pub(super) fn parse(text: &str) -> Option<Spec> {
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let mut spec = Spec {
            fill: ' ',
            align: None,
            sign: '-',
            alternate: false,
            width: 0,
            group: None,
            precision: None,
            kind: ' ',
        };
        let is_align = |c: Option<&char>| c.is_some_and(|c| matches!(c, '<' | '>' | '^' | '='));
        if is_align(chars.get(1)) {
            spec.fill = chars[0];
            spec.align = Some(chars[1]);
            at = 2;
        } else if is_align(chars.first()) {
            spec.align = Some(chars[0]);
            at = 1;
        }
        if let Some(c) = chars.get(at).filter(|c| matches!(c, '+' | '-' | ' ')) {
            spec.sign = *c;
            at += 1;
        }
        if chars.get(at) == Some(&'#') {
            spec.alternate = true;
            at += 1;
        }
        if chars.get(at) == Some(&'0') {
            if spec.align.is_none() {
                spec.fill = '0';
                spec.align = Some('=');
            }
            at += 1;
        }
        let digits = |at: &mut usize| {
            let start = *at;
            while chars.get(*at).is_some_and(char::is_ascii_digit) {
                *at += 1;
            }
            chars[start..*at].iter().collect::<String>()
        };
        let width = digits(&mut at);
        spec.width = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width < SIZE)? };
        if let Some(c) = chars.get(at).filter(|c| matches!(c, ',' | '_')) {
            spec.group = Some(*c);
            at += 1;
        }
        if chars.get(at) == Some(&'.') {
            at += 1;
            spec.precision = Some(digits(&mut at).parse().ok().filter(|precision| *precision < 100)?);
        }
        if let Some(c) = chars.get(at) {
            spec.kind = *c;
            at += 1;
        }
        (at == chars.len()).then_some(spec)
    }

    pub(super) fn apply(&self, value: &Val) -> Option<String> {
        match value {
            Val::Str(text) => {
                if !matches!(self.kind, ' ' | 's') || self.align == Some('=') && self.fill != '0' {
                    return None;
                }
                let text: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
                Some(self.pad("", &text, '<'))
            }
            Val::Bool(_) if matches!(self.kind, ' ' | 's') => None,
            Val::Int(_) | Val::Bool(_) if !matches!(self.kind, 'f' | 'F' | 'e' | 'g' | '%') => {
                let number = as_int(value)?;
                let magnitude = number.magnitude();
                let (prefix, digits) = match self.kind {
                    ' ' | 'd' | 'n' => ("", magnitude.to_string()),
                    'x' => ("0x", magnitude.to_str_radix(16)),
                    'X' => ("0X", magnitude.to_str_radix(16).to_uppercase()),
                    'o' => ("0o", magnitude.to_str_radix(8)),
                    'b' => ("0b", magnitude.to_str_radix(2)),
                    'c' => return char::from_u32(number.to_u32()?).map(|c| self.pad("", &c.to_string(), '<')),
                    _ => return None,
                };
                if self.precision.is_some() {
                    return None;
                }
                let prefix = if self.alternate { prefix } else { "" };
                let digits = self.grouped(&digits)?;
                let sign = self.sign_of(number.sign() == num_bigint::Sign::Minus);
                Some(self.pad(&format!("{sign}{prefix}"), &digits, '>'))
            }
            Val::Int(_) | Val::Bool(_) | Val::Float(_) => {
                let number = as_float(value)?;
                if !number.is_finite() {
                    return None;
                }
                let precision = self.precision.unwrap_or(6);
                let digits = match self.kind {
                    'f' | 'F' => format!("{:.precision$}", number.abs()),
                    '%' => format!("{:.precision$}%", number.abs() * 100.0),
                    ' ' if self.precision.is_none() => crate::value::Value::Float(number.abs()).repr(),
                    _ => return None,
                };
                if self.group.is_some() {
                    let (whole, rest) = digits.split_once('.').unwrap_or((&digits, ""));
                    let dot = if rest.is_empty() { "" } else { "." };
                    let digits = format!("{}{dot}{rest}", self.grouped(whole)?);
                    return Some(self.pad(self.sign_of(number < 0.0), &digits, '>'));
                }
                Some(self.pad(self.sign_of(number.is_sign_negative()), &digits, '>'))
            }
            _ => None,
        }
    }

    fn sign_of(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            _ => "",
        }
    }

    fn grouped(&self, digits: &str) -> Option<String> {
        let Some(group) = self.group else { return Some(digits.to_owned()) };
        if !matches!(self.kind, ' ' | 'd' | 'f' | 'F') || self.fill == '0' {
            return None;
        }
        let mut out = String::new();
        for (at, c) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(group);
            }
            out.push(c);
        }
        Some(out)
    }

    fn pad(&self, sign: &str, body: &str, natural: char) -> String {
        let length = sign.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(length);
        let fill = |count: usize| self.fill.to_string().repeat(count);
        let align = match self.align {
            // A leading 0 pads text on the right.
            Some('=') if natural == '<' => '<',
            Some(align) => align,
            None => natural,
        };
        match align {
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
            '=' => format!("{sign}{}{body}", fill(missing)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }
}
