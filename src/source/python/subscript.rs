//! Subscripts and slices.

use num_traits::ToPrimitive as _;
use ruff_python_ast::{self as ast};
use ruff_text_size::TextRange;

use super::containers::has_unknown_key;
use super::heap::{Cell, Val};
use super::operators::{as_int, clamp};
use super::{ANY, Ev, Interpreter};

type Bounds = (Option<i64>, Option<i64>, Option<i64>);

impl Interpreter<'_> {
    /// A list index: `None` where it is no integer, `Some(None)` where it is out of range.
    pub(super) fn index(&self, key: &Val, length: usize) -> Option<Option<usize>> {
        let number = as_int(key)?;
        let length = length as i64;
        let Some(mut at) = number.to_i64() else { return Some(None) };
        if at < 0 {
            at = at.saturating_add(length);
        }
        Some((0..length).contains(&at).then_some(at as usize))
    }

    /// `object[key]`.
    pub(super) fn item(&mut self, object: &Val, key: &Val, range: TextRange) -> Ev {
        if let Some(why) = self.why(object) {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        if let Val::Environ = object {
            return self.environment_item(key, range);
        }
        let sequence: Option<Vec<Val>> = match object {
            Val::Str(text) => Some(text.chars().map(|c| Val::str(c.encode_utf8(&mut [0; 4]))).collect()),
            Val::Bytes(bytes) => Some(bytes.iter().map(|byte| Val::int(*byte)).collect()),
            Val::Tuple(items) => Some(items.to_vec()),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) => Some(items.clone()),
                _ => None,
            },
            _ => None,
        };
        if let Some(items) = sequence {
            self.step(items.len() as u64 / 8, range)?;
            if let Some(why) = self.why(key) {
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
            let kind = self.type_name(object);
            return match self.index(key, items.len()) {
                Some(Some(at)) => Ok(items[at].clone()),
                Some(None) => {
                    let kind = if kind == "str" { "string" } else { kind };
                    self.raise("IndexError", format!("{kind} index out of range"), range)
                }
                None => {
                    let other = self.type_name(key);
                    let message = format!("{kind} indices must be integers or slices, not {other}");
                    self.raise("TypeError", message, range)
                }
            };
        }
        match object {
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::Dict(dict) => {
                    let hash = self.key(key, range)?;
                    if let Some((_, value)) = dict.get(&hash) {
                        return Ok(value.clone());
                    }
                    if super::containers::is_unknown_key(&hash) || has_unknown_key(dict) {
                        let why = self.why_of_parts(&[key.clone(), object.clone()], range);
                        self.may_raise("KeyError", &why, range);
                        return Ok(Val::Unknown(why));
                    }
                    let shown = self.repr(key).unwrap_or_default();
                    self.raise("KeyError", shown, range)
                }
                Cell::Config(_) => match key {
                    Val::Str(name) => {
                        let name = name.clone();
                        self.option(*at, &name, range)
                    }
                    _ => Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(key), range))),
                },
                _ => Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(object), range))),
            },
            Val::None | Val::Int(_) | Val::Float(_) | Val::Bool(_) | Val::Function(_) => {
                let kind = self.type_name(object);
                self.raise("TypeError", format!("'{kind}' object is not subscriptable"), range)
            }
            // `list[str]` and the like in annotations.
            Val::Type(_) => Ok(object.clone()),
            _ => Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(object), range))),
        }
    }

    /// The bounds of a slice; `None` where one is unknown.
    pub(super) fn slice_bounds(&mut self, slice: &ast::ExprSlice) -> Ev<Option<Bounds>> {
        let mut bounds = [None; 3];
        for (at, part) in [&slice.lower, &slice.upper, &slice.step].into_iter().enumerate() {
            let Some(part) = part else { continue };
            match self.eval(part)? {
                Val::None => {}
                value => match as_int(&value).and_then(|number| number.to_i64()) {
                    Some(number) => bounds[at] = Some(number),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some((bounds[0], bounds[1], bounds[2])))
    }

    /// `object[a:b:c]`.
    pub(super) fn slice(&mut self, object: &Val, slice: &ast::ExprSlice, range: TextRange) -> Ev {
        let bounds = self.slice_bounds(slice)?;
        let unknown = self.why_of_parts(std::slice::from_ref(object), range);
        let Some((lower, upper, step)) = bounds else { return Ok(Val::Unknown(unknown)) };
        let pick = |length: usize| -> Vec<usize> {
            match step.unwrap_or(1) {
                1.. => {
                    let (from, to) = clamp(lower, upper, length);
                    (from..to.max(from)).step_by(step.unwrap_or(1) as usize).collect()
                }
                step => {
                    let place = |bound: i64| if bound < 0 { bound + length as i64 } else { bound };
                    let from = lower.map_or(length as i64 - 1, place).min(length as i64 - 1);
                    let to = upper.map_or(-1, |bound| place(bound).max(-1));
                    let mut picked = Vec::new();
                    let mut at = from;
                    while at > to && at >= 0 {
                        picked.push(at as usize);
                        at = at.saturating_add(step);
                    }
                    picked
                }
            }
        };
        if step == Some(0) {
            return self.raise("ValueError", "slice step cannot be zero", range);
        }
        match object {
            Val::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                Ok(Val::str(pick(chars.len()).into_iter().map(|at| chars[at]).collect::<String>()))
            }
            Val::Bytes(bytes) => Ok(Val::Bytes(pick(bytes.len()).into_iter().map(|at| bytes[at]).collect())),
            Val::Tuple(items) => Ok(Val::Tuple(pick(items.len()).into_iter().map(|at| items[at].clone()).collect())),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) => {
                    let picked = pick(items.len()).into_iter().map(|at| items[at].clone()).collect();
                    Ok(self.new_list(picked))
                }
                _ => Ok(Val::Unknown(unknown)),
            },
            _ => {
                self.may_raise(ANY, &unknown, range);
                Ok(Val::Unknown(unknown))
            }
        }
    }
}
