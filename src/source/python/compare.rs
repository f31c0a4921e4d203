//! Comparisons: `==`, `<`, `in`, `is`.

use ruff_python_ast::CmpOp;
use ruff_text_size::TextRange;

use crate::value::{self};

use super::containers::{Items, has_unknown_key};
use super::heap::{Cell, Val};
use super::{ANY, Ev, Interpreter};

impl Interpreter<'_> {
    pub(super) fn compare(&mut self, op: CmpOp, left: &Val, right: &Val, range: TextRange) -> Ev {
        let verdict = match op {
            CmpOp::Is | CmpOp::IsNot => self.identical(left, right).map(|same| same == (op == CmpOp::Is)),
            CmpOp::Eq | CmpOp::NotEq => self.equal(left, right).map(|same| same == (op == CmpOp::Eq)),
            CmpOp::In | CmpOp::NotIn => self.contains(right, left, range)?.map(|within| within == (op == CmpOp::In)),
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => return self.order(op, left, right, range),
        };
        match verdict {
            Some(truth) => Ok(Val::Bool(truth)),
            None => {
                let why = self.why_of_parts(&[left.clone(), right.clone()], range);
                self.may_raise(ANY, &why, range);
                Ok(Val::Unknown(why))
            }
        }
    }

    /// `left is right`, `None` where that cannot be told.
    pub(super) fn identical(&self, left: &Val, right: &Val) -> Option<bool> {
        match (left, right) {
            (Val::Unknown(_), _) | (_, Val::Unknown(_)) => None,
            (Val::Obj(a), Val::Obj(b)) => Some(a == b),
            (Val::None, Val::None) => Some(true),
            (Val::None, other) | (other, Val::None) => match (self.why(other), other) {
                (Some(_), _) => None,
                (None, Val::External(_)) => self.external_truth(other).map(|_| false),
                _ => Some(false),
            },
            (Val::Bool(a), Val::Bool(b)) => Some(a == b),
            (Val::Bool(_), Val::Int(_) | Val::Str(_) | Val::Obj(_)) => Some(false),
            (Val::Int(_) | Val::Str(_) | Val::Obj(_), Val::Bool(_)) => Some(false),
            (Val::Type(a), Val::Type(b)) => Some(a == b),
            (Val::Function(a), Val::Function(b)) => Some(std::rc::Rc::ptr_eq(a, b)),
            _ => None,
        }
    }

    /// `left == right`, `None` where that cannot be told.
    pub(super) fn equal(&self, left: &Val, right: &Val) -> Option<bool> {
        if let (Val::Obj(a), Val::Obj(b)) = (left, right)
            && a == b
            && self.deep_why(left).is_none()
        {
            return Some(true);
        }
        match (left, right) {
            (Val::Str(a), Val::Str(b)) => return Some(a == b),
            (Val::Path(a), Val::Path(b)) => return Some(a == b),
            (Val::External(a), Val::External(b)) if a == b => return Some(true),
            (Val::External(_) | Val::Native(_), _) | (_, Val::External(_) | Val::Native(_)) => return None,
            (Val::Float(a), Val::Float(b)) => return Some(a == b),
            _ => {}
        }
        let (a, b) = (self.materialise(left), self.materialise(right));
        if a.find_unknown().is_some() || b.find_unknown().is_some() {
            // A value of another type than any it could be is not equal all the same.
            let differ = std::mem::discriminant(&a) != std::mem::discriminant(&b);
            let known = !matches!(a, value::Value::Unknown(_)) && !matches!(b, value::Value::Unknown(_));
            return (differ && known).then_some(false);
        }
        Some(a == b)
    }

    pub(super) fn order(&mut self, op: CmpOp, left: &Val, right: &Val, range: TextRange) -> Ev {
        use std::cmp::Ordering;
        let (a, b) = (self.materialise(left), self.materialise(right));
        if a.find_unknown().is_some() || b.find_unknown().is_some() {
            let why = self.why_of_parts(&[left.clone(), right.clone()], range);
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        if let (value::Value::Set(x), value::Value::Set(y)) = (&a, &b) {
            let subset = |x: &value::Set, y: &value::Set| x.iter().all(|item| y.contains(item));
            return Ok(Val::Bool(match op {
                CmpOp::Lt => x.len() < y.len() && subset(x, y),
                CmpOp::LtE => subset(x, y),
                CmpOp::Gt => x.len() > y.len() && subset(y, x),
                _ => subset(y, x),
            }));
        }
        match value::compare(&a, &b) {
            Some(order) => Ok(Val::Bool(match op {
                CmpOp::Lt => order == Ordering::Less,
                CmpOp::LtE => order != Ordering::Greater,
                CmpOp::Gt => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })),
            None => {
                let (a, b) = (self.type_name(left), self.type_name(right));
                let message = format!("'{}' not supported between instances of '{a}' and '{b}'", op.as_str());
                self.raise("TypeError", message, range)
            }
        }
    }

    /// `item in container`, `None` where that cannot be told.
    pub(super) fn contains(&mut self, container: &Val, item: &Val, range: TextRange) -> Ev<Option<bool>> {
        if self.why(container).is_some() {
            return Ok(None);
        }
        match (container, item) {
            (Val::Str(text), Val::Str(part)) => return Ok(Some(text.contains(&**part))),
            (Val::Str(_), other) if !other.is_unknown() => {
                let kind = self.type_name(other);
                let message = format!("'in <string>' requires string as left operand, not {kind}");
                return self.raise("TypeError", message, range);
            }
            (Val::Environ, Val::Str(name)) => {
                let has = self.state.env.has(name);
                if has == Some(false) {
                    let at = self.span(range);
                    self.defaulted.push((name.to_string(), at));
                }
                return Ok(has);
            }
            (Val::Obj(at), _) => match self.state.cell(*at) {
                Cell::Set(set) => {
                    let key = self.key(item, range)?;
                    let found = set.contains_key(&key);
                    let unsure = super::containers::is_unknown_key(&key) || has_unknown_key(set);
                    return Ok(if found { Some(true) } else { (!unsure || set.is_empty()).then_some(false) });
                }
                Cell::Dict(dict) => {
                    let key = self.key(item, range)?;
                    let found = dict.contains_key(&key);
                    let unsure = super::containers::is_unknown_key(&key) || has_unknown_key(dict);
                    return Ok(if found { Some(true) } else { (!unsure || dict.is_empty()).then_some(false) });
                }
                Cell::Config(_) => {
                    let Val::Str(path) = item else { return Ok(None) };
                    return Ok(Some(self.has_option(*at, path)));
                }
                _ => {}
            },
            (Val::Unknown(_), _) | (_, Val::Unknown(_)) => return Ok(None),
            _ => {}
        }
        let items = match self.items(container, range)? {
            Items::Known(items) => items,
            Items::Unknown(_) => return Ok(None),
        };
        let mut unsure = false;
        for other in &items {
            match self.equal(item, other) {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => unsure = true,
            }
        }
        Ok((!unsure).then_some(false))
    }
}
