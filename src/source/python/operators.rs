//! Operators, comparisons, subscripts and slices.

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use ruff_python_ast::{self as ast, CmpOp, Operator};
use ruff_text_size::TextRange;

use crate::value;

use super::containers::{Items, has_unknown_key};
use super::heap::{Cell, Val};
use super::{ANY, Ev, Interpreter, SIZE};

/// How many numbers a `range` has.
pub(super) fn range_len(from: i64, to: i64, step: i64) -> u64 {
    match step {
        0 => 0,
        1.. if from < to => (to.abs_diff(from) - 1) / step.unsigned_abs() + 1,
        ..0 if from > to => (from.abs_diff(to) - 1) / step.unsigned_abs() + 1,
        _ => 0,
    }
}

/// The bounds of a slice of step 1 over `length` items.
pub(super) fn clamp(lower: Option<i64>, upper: Option<i64>, length: usize) -> (usize, usize) {
    let length = length as i64;
    let place = |bound: i64| if bound < 0 { (length.saturating_add(bound)).max(0) } else { bound.min(length) };
    (lower.map_or(0, place) as usize, upper.map_or(length, place) as usize)
}

type Bounds = (Option<i64>, Option<i64>, Option<i64>);

impl Interpreter<'_> {
    /// Python's truth, `None` where it is unknown.
    pub(super) fn truth(&self, value: &Val) -> Option<bool> {
        Some(match value {
            Val::None => false,
            Val::Bool(truth) => *truth,
            Val::Int(number) => !number.is_zero(),
            Val::Float(number) => *number != 0.0,
            Val::Str(text) => !text.is_empty(),
            Val::Bytes(bytes) => !bytes.is_empty(),
            Val::Tuple(items) => !items.is_empty(),
            Val::Range(from, to, step) => range_len(*from, *to, *step) > 0,
            Val::Unknown(_) => return None,
            Val::External(_) => return self.external_truth(value),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) | Cell::View(items) => !items.is_empty(),
                Cell::Set(set) => !set.is_empty(),
                Cell::Dict(dict) => !dict.is_empty(),
                Cell::Config(section) => !section.slots.is_empty(),
                Cell::Unknown(_) | Cell::Instance(..) => return None,
                _ => true,
            },
            _ => true,
        })
    }

    /// A class or module that was imported is true; anything else from there may be false.
    fn external_truth(&self, value: &Val) -> Option<bool> {
        match value {
            Val::External(path) => {
                let last = path.rsplit('.').next().unwrap_or(path);
                let class = last.starts_with(char::is_uppercase) && last.chars().any(char::is_lowercase);
                class.then_some(true)
            }
            _ => None,
        }
    }

    pub(super) fn type_name(&self, value: &Val) -> &'static str {
        match value {
            Val::None => "NoneType",
            Val::Ellipsis => "ellipsis",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Float(_) => "float",
            Val::Str(_) => "str",
            Val::Bytes(_) => "bytes",
            Val::Tuple(_) => "tuple",
            Val::Range(..) => "range",
            Val::Path(_) => "PosixPath",
            Val::Environ => "_Environ",
            Val::Function(_) => "function",
            Val::Type(_) => "type",
            Val::Module(_) => "module",
            Val::Native(_) | Val::Method(_) => "builtin_function_or_method",
            Val::External(_) | Val::Unknown(_) => "unknown",
            Val::Exception(_) => "Exception",
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(_) => "list",
                Cell::Set(_) => "set",
                Cell::Dict(_) => "dict",
                Cell::Config(_) => "Config",
                Cell::Lazy(_) => "LazyConfigValue",
                Cell::Class(_) => "type",
                Cell::Instance(..) => "object",
                Cell::Iterator(..) => "generator",
                Cell::View(_) => "dict_items",
                Cell::File(..) => "TextIOWrapper",
                Cell::Scope(_) => "module",
                Cell::Unknown(_) => "unknown",
            },
        }
    }

    pub(super) fn unary(&mut self, op: ast::UnaryOp, operand: &Val, range: TextRange) -> Ev {
        use ast::UnaryOp as Op;
        if op == Op::Not {
            return Ok(match self.truth(operand) {
                Some(truth) => Val::Bool(!truth),
                None => Val::Unknown(self.why_of_parts(&[operand.clone()], range)),
            });
        }
        Ok(match (op, operand) {
            (Op::USub, Val::Float(number)) => Val::Float(-number),
            (Op::UAdd, Val::Float(number)) => Val::Float(*number),
            (op, Val::Int(_) | Val::Bool(_)) => {
                let number = as_int(operand).unwrap_or_default();
                Val::Int(match op {
                    Op::USub => -number,
                    Op::Invert => -number - 1,
                    _ => number,
                })
            }
            (_, Val::Unknown(why)) => {
                let why = why.clone();
                self.may_raise(ANY, &why, range);
                Val::Unknown(why)
            }
            (op, _) => {
                let kind = self.type_name(operand);
                return self.raise("TypeError", format!("bad operand type for unary {}: '{kind}'", op.as_str()), range);
            }
        })
    }

    pub(super) fn binary(&mut self, op: Operator, left: &Val, right: &Val, range: TextRange) -> Ev {
        if let Some(why) = self.why(left).or_else(|| self.why(right)) {
            if op == Operator::Mod && matches!(left, Val::Str(_)) {
                return Ok(Val::Unknown(why));
            }
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        if let (Some(a), Some(b)) = (as_int(left), as_int(right)) {
            let bitwise = matches!(op, Operator::BitAnd | Operator::BitOr | Operator::BitXor);
            if bitwise && matches!((left, right), (Val::Bool(_), Val::Bool(_))) {
                let number = self.integers(op, &a, &b, range)?;
                return Ok(Val::Bool(self.truth(&number) == Some(true)));
            }
            return self.integers(op, &a, &b, range);
        }
        if let (Some(a), Some(b)) = (as_float(left), as_float(right)) {
            if let Some(result) = self.floats(op, a, b, range)? {
                return Ok(result);
            }
        }
        match (op, left, right) {
            (Operator::Add, Val::Str(a), Val::Str(b)) => self.text_of(format!("{a}{b}"), range),
            (Operator::Add, Val::Bytes(a), Val::Bytes(b)) if a.len() + b.len() < SIZE => {
                Ok(Val::Bytes([&a[..], &b[..]].concat().into()))
            }
            (Operator::Add, Val::Tuple(a), Val::Tuple(b)) => {
                self.step((a.len() + b.len()) as u64, range)?;
                Ok(Val::Tuple([&a[..], &b[..]].concat().into()))
            }
            (Operator::Mod, Val::Str(template), _) => {
                let template = template.clone();
                self.percent(&template, right, range)
            }
            (Operator::Mult, _, _) if as_int(right).is_some() => self.repeat(left, right, range),
            (Operator::Mult, _, _) if as_int(left).is_some() => self.repeat(right, left, range),
            (Operator::Div, Val::Path(path), _) => {
                let path = path.clone();
                self.join_path(&path, std::slice::from_ref(right), range)
            }
            (Operator::Div, Val::Str(text), Val::Path(_)) => {
                let text = text.clone();
                self.join_path(&text, std::slice::from_ref(right), range)
            }
            (_, Val::Obj(a), Val::Obj(b)) => self.containers(op, *a, *b, left, right, range),
            _ => self.unsupported(op, left, right, range),
        }
    }

    fn containers(&mut self, op: Operator, a: usize, b: usize, left: &Val, right: &Val, range: TextRange) -> Ev {
        let cell = match (op, self.state.cell(a).clone(), self.state.cell(b).clone()) {
            (Operator::Add, Cell::List(mut items), Cell::List(more)) => {
                self.step((items.len() + more.len()) as u64, range)?;
                items.extend(more);
                Cell::List(items)
            }
            (Operator::BitOr, Cell::Set(mut set), Cell::Set(other)) => {
                for (key, item) in other {
                    set.entry(key).or_insert(item);
                }
                Cell::Set(set)
            }
            (Operator::BitOr, Cell::Dict(mut dict), Cell::Dict(other)) => {
                for (hash, (key, value)) in other {
                    super::containers::insert(&mut dict, hash, key, value);
                }
                Cell::Dict(dict)
            }
            (Operator::Sub | Operator::BitAnd | Operator::BitXor, Cell::Set(set), Cell::Set(other)) => {
                if has_unknown_key(&set) || has_unknown_key(&other) {
                    return Ok(Val::Unknown(self.why_of_parts(&[left.clone(), right.clone()], range)));
                }
                let mut kept = set.clone();
                kept.retain(|key, _| other.contains_key(key) == (op == Operator::BitAnd));
                if op == Operator::BitXor {
                    kept.extend(other.into_iter().filter(|(key, _)| !set.contains_key(key)));
                }
                Cell::Set(kept)
            }
            _ => return self.unsupported(op, left, right, range),
        };
        Ok(Val::Obj(self.state.new_cell(cell)))
    }

    fn unsupported(&mut self, op: Operator, left: &Val, right: &Val, range: TextRange) -> Ev {
        let plain = |me: &Self, value: &Val| match value {
            Val::Obj(at) => {
                matches!(me.state.cell(*at), Cell::List(_) | Cell::Set(_) | Cell::Dict(_) | Cell::Lazy(_))
            }
            Val::None | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Str(_) | Val::Bytes(_) | Val::Tuple(_) => {
                true
            }
            Val::Path(_) | Val::Function(_) => true,
            _ => false,
        };
        if !plain(self, left) || !plain(self, right) {
            let why = self.why_of_parts(&[left.clone(), right.clone()], range);
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        let (a, b) = (self.type_name(left), self.type_name(right));
        let message = match (op, left) {
            (Operator::Add, Val::Str(_)) => format!("can only concatenate str (not \"{b}\") to str"),
            (Operator::Add, Val::Obj(_)) if a == "list" => format!("can only concatenate list (not \"{b}\") to list"),
            _ => format!("unsupported operand type(s) for {}: '{a}' and '{b}'", op.as_str()),
        };
        self.raise("TypeError", message, range)
    }

    fn repeat(&mut self, value: &Val, times: &Val, range: TextRange) -> Ev {
        let times = as_int(times).unwrap_or_default();
        let times = if times.is_negative() { 0 } else { times.to_usize().unwrap_or(usize::MAX) };
        let length = match value {
            Val::Str(text) => text.len(),
            Val::Bytes(bytes) => bytes.len(),
            Val::Tuple(items) => items.len(),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) => items.len(),
                _ => return self.unsupported(Operator::Mult, value, &Val::int(0), range),
            },
            _ => return self.unsupported(Operator::Mult, value, &Val::int(0), range),
        };
        if length.checked_mul(times).is_none_or(|size| size > SIZE) {
            return Ok(self.unknown("it is too large to be followed", range));
        }
        self.step((length * times) as u64 / 8, range)?;
        Ok(match value {
            Val::Str(text) => Val::str(text.repeat(times)),
            Val::Bytes(bytes) => Val::Bytes(bytes.repeat(times).into()),
            Val::Tuple(items) => Val::Tuple(repeated(items, times).into()),
            Val::Obj(at) => {
                let items = match self.state.cell(*at) {
                    Cell::List(items) => repeated(items, times),
                    _ => Vec::new(),
                };
                self.new_list(items)
            }
            other => other.clone(),
        })
    }

    fn integers(&mut self, op: Operator, a: &BigInt, b: &BigInt, range: TextRange) -> Ev {
        let bits = a.bits() + b.bits();
        if bits > 100_000 {
            return Ok(self.unknown("the number is too large to be followed", range));
        }
        self.step(bits / 64, range)?;
        let zero = b.is_zero();
        Ok(match op {
            Operator::Add => Val::Int(a + b),
            Operator::Sub => Val::Int(a - b),
            Operator::Mult => Val::Int(a * b),
            Operator::Div | Operator::FloorDiv | Operator::Mod if zero => {
                let message = match op {
                    Operator::Div => "division by zero",
                    _ => "integer division or modulo by zero",
                };
                return self.raise("ZeroDivisionError", message, range);
            }
            Operator::Div => match (a.to_f64(), b.to_f64()) {
                (Some(a), Some(b)) if a.is_finite() && b.is_finite() => Val::Float(a / b),
                _ => self.unknown("the number is too large to be followed", range),
            },
            Operator::FloorDiv => Val::Int(floor_div(a, b)),
            Operator::Mod => Val::Int(a - floor_div(a, b) * b),
            Operator::Pow => match b.to_u32() {
                Some(power) if u64::from(power) * a.bits() <= 10_000 => Val::Int(a.pow(power)),
                None if b.is_negative() => match (a.to_f64(), b.to_f64()) {
                    (Some(a), Some(b)) if a != 0.0 => Val::Float(a.powf(b)),
                    _ => self.unknown("the number is not followed", range),
                },
                _ => self.unknown("the number is too large to be followed", range),
            },
            Operator::LShift => match b.to_u64() {
                Some(shift) if shift <= 10_000 => Val::Int(a << shift),
                _ => self.unknown("the number is too large to be followed", range),
            },
            Operator::RShift => match b.to_u64() {
                Some(shift) => Val::Int(a >> shift.min(200_000)),
                _ => self.unknown("the number is not followed", range),
            },
            Operator::BitAnd => Val::Int(a & b),
            Operator::BitOr => Val::Int(a | b),
            Operator::BitXor => Val::Int(a ^ b),
            Operator::MatMult => {
                return self.raise("TypeError", "unsupported operand type(s) for @: 'int' and 'int'", range);
            }
        })
    }

    fn floats(&mut self, op: Operator, a: f64, b: f64, range: TextRange) -> Ev<Option<Val>> {
        Ok(Some(Val::Float(match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mult => a * b,
            Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0.0 => {
                return self.raise("ZeroDivisionError", "float division by zero", range);
            }
            Operator::Div => a / b,
            Operator::FloorDiv => (a / b).floor(),
            Operator::Mod => {
                let rest = a % b;
                if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
            }
            Operator::Pow if a >= 0.0 => a.powf(b),
            _ => return Ok(None),
        })))
    }

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
    fn identical(&self, left: &Val, right: &Val) -> Option<bool> {
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
        if let (Val::Obj(a), Val::Obj(b)) = (left, right) {
            if a == b && self.deep_why(left).is_none() {
                return Some(true);
            }
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

    fn order(&mut self, op: CmpOp, left: &Val, right: &Val, range: TextRange) -> Ev {
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
            (Val::Environ, Val::Str(name)) => return Ok(Some(self.state.env.get(name).is_some())),
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
                _ => Ok(Val::Unknown(self.why_of_parts(&[object.clone()], range))),
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
        let unknown = self.why_of_parts(&[object.clone()], range);
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

    /// A text of a bounded length.
    pub(super) fn text_of(&mut self, text: String, range: TextRange) -> Ev {
        self.step(text.len() as u64 / 256, range)?;
        if text.len() > SIZE {
            return Ok(self.unknown("the text is too long to be followed", range));
        }
        Ok(Val::str(text))
    }
}

/// The integer that a bool or int is.
pub(super) fn as_int(value: &Val) -> Option<BigInt> {
    match value {
        Val::Int(number) => Some(number.clone()),
        Val::Bool(truth) => Some(u8::from(*truth).into()),
        _ => None,
    }
}

/// The float that a number is, where one of two is a float.
pub(super) fn as_float(value: &Val) -> Option<f64> {
    match value {
        Val::Float(number) => Some(*number),
        _ => as_int(value)?.to_f64(),
    }
}

fn repeated(items: &[Val], times: usize) -> Vec<Val> {
    (0..times).flat_map(|_| items.iter().cloned()).collect()
}

fn floor_div(a: &BigInt, b: &BigInt) -> BigInt {
    let quotient = a / b;
    let rest = a % b;
    if !rest.is_zero() && rest.is_negative() != b.is_negative() { quotient - 1 } else { quotient }
}
