//! `yaml.safe_load`: YAML 1.1 scalars, as PyYAML reads them.

use num_bigint::BigInt;
use ruff_text_size::TextRange;
use saphyr::{Yaml, YamlLoader};
use saphyr_parser::{Parser, ScalarStyle};

use super::heap::{Cell, Val};
use super::{ANY, Ev, Interpreter};

impl Interpreter<'_> {
    pub(super) fn call_yaml(&mut self, args: &[Val], range: TextRange) -> Ev {
        let text = match args.first() {
            Some(Val::Str(text)) => text.to_string(),
            Some(Val::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            Some(Val::Obj(at)) if matches!(self.state.cell(*at), Cell::File(..)) => {
                match self.call_file(*at, "read", &[], range)? {
                    Val::Str(text) => text.to_string(),
                    Val::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    _ => String::new(),
                }
            }
            _ => {
                let why = self.why_of_parts(args, range);
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
        };
        self.step(text.len() as u64 / 8, range)?;
        // Aliases can make a small text a huge tree; tags and merge keys mean more than they show.
        if text.len() > super::SIZE || text.contains('*') && text.contains('&') || text.contains("<<") {
            return Ok(self.unknown("this YAML is not followed here", range));
        }
        match load(&text) {
            Some(documents) => match documents.as_slice() {
                [] => Ok(Val::None),
                [document] => self.import_yaml(document, 0, range),
                _ => Ok(self.unknown("a YAML text of several documents is not followed here", range)),
            },
            None => {
                let value = self.unknown("this YAML cannot be read here", range);
                let why = self.why_of_parts(&[value], range);
                self.may_raise(ANY, &why, range);
                Ok(Val::Unknown(why))
            }
        }
    }

    fn import_yaml(&mut self, node: &Yaml<'_>, depth: usize, range: TextRange) -> Ev {
        if depth > 50 {
            return Ok(self.unknown("this YAML is nested too deeply", range));
        }
        Ok(match node {
            Yaml::Representation(text, style, None) => match style {
                ScalarStyle::Plain => match plain_scalar(text) {
                    Some(value) => value,
                    None => self.unknown("this YAML scalar is a date or a number that is not followed here", range),
                },
                _ => Val::str(text),
            },
            Yaml::Sequence(items) => {
                let items =
                    items.iter().map(|item| self.import_yaml(item, depth + 1, range)).collect::<Ev<Vec<Val>>>()?;
                self.new_list(items)
            }
            Yaml::Mapping(map) => {
                let mut pairs = Vec::new();
                for (key, value) in map.iter() {
                    let key = self.import_yaml(key, depth + 1, range)?;
                    pairs.push((key, self.import_yaml(value, depth + 1, range)?));
                }
                self.new_dict(pairs, range)?
            }
            _ => self.unknown("this part of the YAML is not followed here", range),
        })
    }
}

fn load(text: &str) -> Option<Vec<Yaml<'_>>> {
    let mut loader = YamlLoader::default();
    loader.early_parse(false);
    loader.allow_duplicate_keys(true);
    Parser::new_from_str(text).load(&mut loader, true).ok()?;
    Some(loader.into_documents())
}

/// A plain scalar as PyYAML's resolver reads it; `None` for what is not followed (dates, numbers to the base 60).
fn plain_scalar(text: &str) -> Option<Val> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Val::None),
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Some(Val::Bool(true)),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Some(Val::Bool(false)),
        "=" | "<<" => return None,
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits: String = unsigned.chars().filter(|c| *c != '_').collect();
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !unsigned.contains(|c: char| c.is_ascii_digit())
    {
        let special = matches!(unsigned.to_ascii_lowercase().as_str(), ".inf" | ".nan");
        return (!special).then(|| Val::str(text));
    }
    let negative = text.starts_with('-');
    let signed = |number: BigInt| Val::Int(if negative { -number } else { number });
    let whole = |digits: &str, radix: u32| BigInt::parse_bytes(digits.as_bytes(), radix);
    if digits.chars().all(|c| c.is_ascii_digit()) && !unsigned.starts_with('_') {
        let octal = digits.len() > 1 && digits.starts_with('0');
        if octal && digits.contains(['8', '9']) {
            return Some(Val::str(text));
        }
        return whole(&digits, if octal { 8 } else { 10 }).map(signed);
    }
    for (prefix, radix) in [("0x", 16), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return Some(whole(rest, radix).map_or_else(|| Val::str(text), signed));
        }
    }
    let exponent = digits.find(['e', 'E']);
    let mantissa = &digits[..exponent.unwrap_or(digits.len())];
    let is_float = mantissa.matches('.').count() == 1
        && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.')
        && exponent.is_none_or(|at| {
            let power = &digits[at + 1..];
            power.starts_with(['+', '-']) && power.len() > 1 && power[1..].chars().all(|c| c.is_ascii_digit())
        });
    if is_float {
        return digits.parse::<f64>().ok().map(|number| Val::Float(if negative { -number } else { number }));
    }
    let dated =
        digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-' | '.' | 'T' | 't' | 'Z' | 'z' | ' ' | '+'));
    if dated && digits.contains([':', '-']) { None } else { Some(Val::str(text)) }
}
