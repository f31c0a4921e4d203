//! `yaml.safe_load`: YAML 1.1 scalars, as PyYAML reads them.

use ruff_text_size::TextRange;
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};

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
        match Yaml::load_from_str(&text) {
            Ok(documents) => match documents.as_slice() {
                [] => Ok(Val::None),
                [document] => self.import_yaml(document, 0, range),
                _ => Ok(self.unknown("a YAML text of several documents is not followed here", range)),
            },
            Err(_) => {
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
            Yaml::Value(Scalar::Null) => Val::None,
            Yaml::Value(Scalar::Boolean(truth)) => Val::Bool(*truth),
            Yaml::Value(Scalar::Integer(number)) => Val::int(*number),
            Yaml::Value(Scalar::FloatingPoint(number)) => Val::Float(number.into_inner()),
            Yaml::Value(Scalar::String(text)) => match ambiguous(text) {
                true => self.unknown("PyYAML may read this scalar as something else than text", range),
                false => Val::str(text),
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

/// Plain scalars that YAML 1.1 reads as booleans, numbers or dates and YAML 1.2 as text. Quoted ones are text in both,
/// which cannot be told apart any more here.
fn ambiguous(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(lower.as_str(), "yes" | "no" | "on" | "off" | "y" | "n" | "true" | "false" | "null" | "~");
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        && text.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, '_' | ':' | '-' | '.' | '+' | 'e' | 'E' | 'T' | 't' | 'Z' | 'z' | ' ')
        })
        && text.chars().any(|c| c.is_ascii_digit());
    word || numeric
}
