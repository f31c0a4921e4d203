//! The built-in types as functions: `str(x)`, `list(x)`, `KeyError(…)`.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{FromPrimitive as _, ToPrimitive as _};
use ruff_text_size::TextRange;

use super::builtins::is_exception;
use super::call::Keywords;
use super::containers::Items;
use super::heap::{Cell, Exc, Val};
use super::operators::{as_float, as_int};
use super::{ANY, Ev, Interpreter};

impl Interpreter<'_> {
    /// `str(x)`, `list(x)`, `KeyError(…)`.
    pub(super) fn call_type(&mut self, name: &str, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        if is_exception(name) {
            let message = match args.as_slice() {
                [] => String::new(),
                [one] if name == "KeyError" => self.repr(one).unwrap_or_default(),
                [one] => self.to_text(one).unwrap_or_default(),
                many => self.repr(&Val::Tuple(many.to_vec().into())).unwrap_or_default(),
            };
            let exc =
                Exc { kind: name.into(), message, span: Some(self.span(range)), bases: Vec::new(), certain: true };
            return Ok(Val::Exception(Rc::new(exc)));
        }
        let shallow = matches!(name, "list" | "tuple" | "set" | "dict" | "enumerate" | "zip" | "reversed" | "bool");
        let why = args.iter().find_map(|arg| if shallow { self.why(arg) } else { self.deep_why(arg) });
        if let Some(why) = why
            && !matches!(name, "map" | "filter" | "object" | "type" | "super")
        {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        match (name, args.as_slice()) {
            ("str", []) => Ok(Val::str("")),
            ("str", [Val::Bytes(bytes), _, ..]) => {
                let bytes = bytes.clone();
                self.call_bytes(&bytes, "decode", &args[1..], range)
            }
            ("str", [value]) => match self.to_text(value) {
                Some(text) => self.text_of(text, range),
                None => Ok(Val::Unknown(self.why_of_parts(&args, range))),
            },
            ("bool", []) => Ok(Val::Bool(false)),
            ("bool", [value]) => Ok(match self.truth(value) {
                Some(truth) => Val::Bool(truth),
                None => Val::Unknown(self.why_of_parts(&args, range)),
            }),
            ("int", _) => self.make_int(&args, &keywords, range),
            ("float", []) => Ok(Val::Float(0.0)),
            ("float", [value]) => self.make_float(value, range),
            ("object", []) => Ok(self.unknown("a bare object is not followed", range)),
            ("type", [value]) => Ok(match value {
                Val::Obj(at) => match self.state.cell(*at) {
                    Cell::Instance(class, _) => Val::Obj(*class),
                    Cell::List(_) | Cell::Set(_) | Cell::Dict(_) => Val::Type(self.type_name(value).into()),
                    _ => self.unknown("the type of this is not followed", range),
                },
                Val::None
                | Val::Bool(_)
                | Val::Int(_)
                | Val::Float(_)
                | Val::Str(_)
                | Val::Bytes(_)
                | Val::Tuple(_) => Val::Type(self.type_name(value).into()),
                _ => self.unknown("the type of this is not followed", range),
            }),
            ("dict", _) => {
                let mut pairs = Vec::new();
                for other in &args {
                    match self.update_pairs(other, range)? {
                        Ok(more) => pairs.extend(more),
                        Err(why) => return Ok(Val::Unknown(why)),
                    }
                }
                pairs.extend(keywords.into_iter().map(|(name, value)| (Val::Str(name), value)));
                self.new_dict(pairs, range)
            }
            ("list" | "tuple" | "set" | "frozenset" | "enumerate" | "reversed", _) => {
                self.collect(name, &args, &keywords, range)
            }
            ("range", _) => {
                let bounds: Option<Vec<i64>> = args.iter().map(|arg| as_int(arg)?.to_i64()).collect();
                match bounds.as_deref() {
                    Some([to]) => Ok(Val::Range(0, *to, 1)),
                    Some([from, to]) => Ok(Val::Range(*from, *to, 1)),
                    Some([_, _, 0]) => self.raise("ValueError", "range() arg 3 must not be zero", range),
                    Some([from, to, step]) => Ok(Val::Range(*from, *to, *step)),
                    _ => self.raise("TypeError", "range() takes integers", range),
                }
            }
            ("zip", _) => {
                let mut columns = Vec::new();
                for arg in &args {
                    match self.items(arg, range)? {
                        Items::Known(items) => columns.push(items),
                        Items::Unknown(why) => return Ok(Val::Unknown(why)),
                    }
                }
                let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
                let items =
                    (0..rows).map(|at| Val::Tuple(columns.iter().map(|column| column[at].clone()).collect())).collect();
                Ok(Val::Obj(self.state.new_cell(Cell::Iterator(items, 0))))
            }
            ("map" | "filter", [function, iterable]) => self.map_filter(name, function, iterable, range),
            ("bytes", [Val::Str(text), _]) => Ok(Val::Bytes(text.as_bytes().into())),
            ("bytes", [Val::Bytes(bytes)]) => Ok(Val::Bytes(bytes.clone())),
            ("property" | "staticmethod" | "classmethod", [function]) => Ok(function.clone()),
            _ => Ok(self.unknown(format!("{name}() of this is not followed here"), range)),
        }
    }

    pub(super) fn map_filter(&mut self, name: &str, function: &Val, iterable: &Val, range: TextRange) -> Ev {
        let items = match self.items(iterable, range)? {
            Items::Known(items) => items,
            Items::Unknown(why) => return Ok(Val::Unknown(why)),
        };
        let mut out = Vec::new();
        for item in items {
            let result = match function {
                Val::None => item.clone(),
                function => self.call(function, vec![item.clone()], Vec::new(), range)?,
            };
            if name == "map" {
                out.push(result);
                continue;
            }
            match self.truth(&result) {
                Some(true) => out.push(item),
                Some(false) => {}
                None => return Ok(Val::Unknown(self.why_of_parts(&[result], range))),
            }
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Iterator(out, 0))))
    }

    pub(super) fn collect(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let items = match args.first() {
            None => Vec::new(),
            Some(value) => match self.items(value, range)? {
                Items::Known(items) => items,
                Items::Unknown(why) => return Ok(Val::Unknown(why)),
            },
        };
        self.step(items.len() as u64, range)?;
        match name {
            "list" => Ok(self.new_list(items)),
            "tuple" => Ok(Val::Tuple(items.into())),
            "set" => self.new_set(items, range),
            "frozenset" => Ok(self.unknown("a frozenset is not followed here", range)),
            "reversed" => Ok(Val::Obj(self.state.new_cell(Cell::Iterator(items.into_iter().rev().collect(), 0)))),
            _ => {
                let start = keywords.iter().find(|(key, _)| &**key == "start").map(|(_, value)| value);
                let start = args.get(1).or(start).and_then(as_int).unwrap_or_default();
                let pairs = items
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| Val::Tuple(vec![Val::Int(&start + at), item].into()))
                    .collect();
                Ok(Val::Obj(self.state.new_cell(Cell::Iterator(pairs, 0))))
            }
        }
    }

    pub(super) fn make_int(&mut self, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let base = keywords.iter().find(|(key, _)| &**key == "base").map(|(_, value)| value);
        match args {
            [] => Ok(Val::int(0)),
            [Val::Float(number)] if number.is_finite() => {
                Ok(BigInt::from_f64(number.trunc()).map_or(Val::None, Val::Int))
            }
            [Val::Int(_) | Val::Bool(_)] => Ok(as_int(&args[0]).map_or(Val::None, Val::Int)),
            [Val::Str(text), rest @ ..] => {
                let base = match rest.first().or(base) {
                    Some(base) => as_int(base).and_then(|base| base.to_u32()).unwrap_or(10),
                    None => 10,
                };
                match parse_integer(text, base) {
                    Some(number) => Ok(Val::Int(number)),
                    None => {
                        let shown = self.repr(&args[0]).unwrap_or_default();
                        let message = format!("invalid literal for int() with base {base}: {shown}");
                        self.raise("ValueError", message, range)
                    }
                }
            }
            [Val::Bytes(_), ..] | [Val::Float(_), ..] | [Val::Obj(_), ..] => {
                Ok(self.unknown("int() of this is not followed here", range))
            }
            [other, ..] => {
                let kind = self.type_name(other);
                let message =
                    format!("int() argument must be a string, a bytes-like object or a real number, not '{kind}'");
                self.raise("TypeError", message, range)
            }
        }
    }

    pub(super) fn make_float(&mut self, value: &Val, range: TextRange) -> Ev {
        match value {
            Val::Str(text) => {
                let clean = text.trim().replace('_', "");
                let plain = clean.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
                let named = matches!(
                    clean.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(),
                    "inf" | "infinity" | "nan"
                );
                match clean.parse::<f64>() {
                    Ok(number) if plain || named => Ok(Val::Float(number)),
                    _ => {
                        let shown = self.repr(value).unwrap_or_default();
                        self.raise("ValueError", format!("could not convert string to float: {shown}"), range)
                    }
                }
            }
            other => match as_float(other) {
                Some(number) => Ok(Val::Float(number)),
                None => {
                    let kind = self.type_name(other);
                    let message = format!("float() argument must be a string or a real number, not '{kind}'");
                    self.raise("TypeError", message, range)
                }
            },
        }
    }

    pub(super) fn call_type_method(
        &mut self,
        kind: &str,
        name: &str,
        args: Vec<Val>,
        keywords: Keywords,
        range: TextRange,
    ) -> Ev {
        if (kind, name) == ("dict", "fromkeys") {
            let items = match args.first() {
                Some(keys) => self.items(keys, range)?,
                None => return self.raise("TypeError", "fromkeys() takes at least one argument", range),
            };
            return match items {
                Items::Known(items) => {
                    let value = args.get(1).cloned().unwrap_or(Val::None);
                    self.new_dict(items.into_iter().map(|item| (item, value.clone())).collect(), range)
                }
                Items::Unknown(why) => Ok(Val::Unknown(why)),
            };
        }
        if let Some((first, rest)) = args.split_first()
            && self.type_name(first) == kind
        {
            return self.call_method(first, name, rest.to_vec(), keywords, range);
        }
        let why = self.why_of_parts(&args, range);
        Ok(self.unknown_call(why, &args, &keywords, range))
    }
}

pub(super) fn parse_integer(text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim_matches(super::text::is_space);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match (base, lower.get(..2)) {
        (0 | 16, Some("0x")) => (16, &lower[2..]),
        (0 | 8, Some("0o")) => (8, &lower[2..]),
        (0 | 2, Some("0b")) => (2, &lower[2..]),
        (0, _) => (10, lower.as_str()),
        (base, _) => (base, lower.as_str()),
    };
    let odd = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    if odd || !(2..=36).contains(&base) || digits.len() > 4300 || digits.starts_with(['+', '-']) {
        return None;
    }
    let digits = digits.replace('_', "");
    (!digits.is_empty()).then_some(())?;
    BigInt::parse_bytes(digits.as_bytes(), base).map(|number| number * sign)
}
