//! Operators, comparisons, subscripts and slices.

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use ruff_python_ast::{self as ast, Operator};
use ruff_text_size::TextRange;

use super::containers::has_unknown_key;
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
    pub(super) fn external_truth(&self, value: &Val) -> Option<bool> {
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
                None => Val::Unknown(self.why_of_parts(std::slice::from_ref(operand), range)),
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
        if let (Some(a), Some(b)) = (as_float(left), as_float(right))
            && let Some(result) = self.floats(op, a, b, range)?
        {
            return Ok(result);
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
