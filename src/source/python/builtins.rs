//! The built-in functions and types.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{FromPrimitive as _, Signed as _, ToPrimitive as _};
use ruff_text_size::TextRange;

use super::call::Keywords;
use super::containers::Items;
use super::heap::{Cell, Exc, Val};
use super::operators::{as_float, as_int};
use super::{ANY, Ev, Interpreter};

const TYPES: &[&str] = &[
    "str",
    "int",
    "float",
    "bool",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "bytes",
    "object",
    "type",
    "range",
    "enumerate",
    "zip",
    "map",
    "filter",
    "reversed",
    "property",
    "staticmethod",
    "classmethod",
    "super",
    "slice",
    "complex",
    "bytearray",
    "memoryview",
];
const FUNCTIONS: &[&str] = &[
    "len",
    "sorted",
    "any",
    "all",
    "min",
    "max",
    "sum",
    "abs",
    "round",
    "print",
    "open",
    "isinstance",
    "issubclass",
    "hasattr",
    "getattr",
    "setattr",
    "delattr",
    "repr",
    "chr",
    "ord",
    "iter",
    "next",
    "callable",
    "id",
    "hash",
    "input",
    "exec",
    "eval",
    "compile",
    "globals",
    "locals",
    "vars",
    "dir",
    "exit",
    "quit",
    "__import__",
    "format",
    "divmod",
    "pow",
    "hex",
    "oct",
    "bin",
    "ascii",
    "help",
    "breakpoint",
    "aiter",
    "anext",
    "copyright",
    "credits",
    "license",
    "__build_class__",
];

/// Whether a built-in class is an exception.
pub(super) fn is_exception(name: &str) -> bool {
    name.ends_with("Error")
        || name.ends_with("Warning")
        || matches!(
            name,
            "Exception"
                | "BaseException"
                | "SystemExit"
                | "KeyboardInterrupt"
                | "StopIteration"
                | "GeneratorExit"
                | "StopAsyncIteration"
                | "ExceptionGroup"
                | "BaseExceptionGroup"
        )
}

const ERRORS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "EOFError",
    "EnvironmentError",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "IOError",
    "ImportError",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotADirectoryError",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PermissionError",
    "ProcessLookupError",
    "RecursionError",
    "ReferenceError",
    "RuntimeError",
    "SyntaxError",
    "SystemError",
    "TabError",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "ValueError",
    "ZeroDivisionError",
    "Warning",
    "UserWarning",
    "DeprecationWarning",
    "RuntimeWarning",
    "FutureWarning",
    "Exception",
    "BaseException",
    "SystemExit",
    "KeyboardInterrupt",
    "StopIteration",
    "GeneratorExit",
];

/// A built-in name.
pub(super) fn lookup(name: &str) -> Option<Val> {
    if TYPES.contains(&name) || ERRORS.contains(&name) {
        return Some(Val::Type(name.into()));
    }
    if FUNCTIONS.contains(&name) {
        return Some(Val::native(&format!("builtins.{name}")));
    }
    match name {
        // `exec` gives the file a namespace without a `__name__`, so that of the module builtins is found.
        "__name__" => Some(Val::str("builtins")),
        "__doc__" => Some(Val::unknown("the docstring of the builtins is not followed", None)),
        "__debug__" => Some(Val::Bool(true)),
        "NotImplemented" => Some(Val::unknown("NotImplemented is not followed", None)),
        "Ellipsis" => Some(Val::Ellipsis),
        "__builtins__" => Some(Val::unknown("__builtins__ is not followed", None)),
        _ => None,
    }
}

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
        if let Some(why) = why {
            if !matches!(name, "map" | "filter" | "object" | "type" | "super") {
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
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
            ("int", _) => self.to_int(&args, &keywords, range),
            ("float", []) => Ok(Val::Float(0.0)),
            ("float", [value]) => self.to_float(value, range),
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

    fn map_filter(&mut self, name: &str, function: &Val, iterable: &Val, range: TextRange) -> Ev {
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

    fn collect(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
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

    fn to_int(&mut self, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
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

    fn to_float(&mut self, value: &Val, range: TextRange) -> Ev {
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
        if let Some((first, rest)) = args.split_first() {
            if self.type_name(first) == kind {
                return self.call_method(first, name, rest.to_vec(), keywords, range);
            }
        }
        let why = self.why_of_parts(&args, range);
        Ok(self.unknown_call(why, &args, &keywords, range))
    }

    /// The functions of the module `builtins`.
    pub(super) fn call_builtin(&mut self, name: &str, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        match (name, args.as_slice()) {
            ("print" | "help" | "breakpoint", _) => Ok(Val::None),
            ("exit" | "quit", _) => self.raise("SystemExit", "", range),
            ("open", _) => self.open_file(&args, &keywords, range),
            ("len", [value]) => self.length(value, range),
            ("sorted", [value]) => {
                let items = match self.items(value, range)? {
                    Items::Known(items) => items,
                    Items::Unknown(why) => return Ok(Val::Unknown(why)),
                };
                Ok(match self.sort(items, &keywords, range)? {
                    Ok(sorted) => self.new_list(sorted),
                    Err(why) => Val::Unknown(why),
                })
            }
            ("any" | "all", [value]) => self.any_all(name == "any", value, range),
            ("min" | "max", _) => self.extreme(name, &args, &keywords, range),
            ("sum", [value, rest @ ..]) => {
                let items = match self.items(value, range)? {
                    Items::Known(items) => items,
                    Items::Unknown(why) => return Ok(Val::Unknown(why)),
                };
                let mut total = rest.first().cloned().unwrap_or_else(|| Val::int(0));
                for item in items {
                    self.step(1, range)?;
                    total = self.binary(ruff_python_ast::Operator::Add, &total, &item, range)?;
                }
                Ok(total)
            }
            ("abs", [value]) => match value {
                Val::Float(number) => Ok(Val::Float(number.abs())),
                other => match as_int(other) {
                    Some(number) => Ok(Val::Int(number.abs())),
                    None => Ok(Val::Unknown(self.why_of_parts(&args, range))),
                },
            },
            ("isinstance" | "issubclass", [value, class]) => Ok(match self.is_instance(value, class, name) {
                Some(verdict) => Val::Bool(verdict),
                None => Val::Unknown(self.why_of_parts(&args, range)),
            }),
            ("hasattr", [value, Val::Str(attribute)]) => Ok(self.has_attribute(value, attribute, range)),
            ("getattr", [value, Val::Str(attribute), rest @ ..]) => {
                let attribute = attribute.clone();
                match (self.attribute(value, &attribute, range), rest.first()) {
                    (Err(exc), Some(default)) if &*exc.kind == "AttributeError" => Ok(default.clone()),
                    (result, _) => result,
                }
            }
            ("setattr", [object, Val::Str(attribute), value]) => {
                let attribute = attribute.clone();
                let (object, value) = (object.clone(), value.clone());
                self.set_attribute(&object, &attribute, value, range)?;
                Ok(Val::None)
            }
            ("repr", [value]) => match self.repr(value) {
                Some(text) => self.text_of(text, range),
                None => Ok(Val::Unknown(self.why_of_parts(&args, range))),
            },
            ("chr", [value]) => {
                let c = as_int(value).and_then(|number| number.to_u32()).and_then(char::from_u32);
                Ok(c.map_or_else(|| Val::Unknown(self.why_of_parts(&args, range)), |c| Val::str(c.to_string())))
            }
            ("ord", [Val::Str(text)]) if text.chars().count() == 1 => {
                Ok(text.chars().next().map_or(Val::None, |c| Val::int(c as u32)))
            }
            ("callable", [value]) => Ok(match value {
                Val::Function(_) | Val::Native(_) | Val::Type(_) | Val::Method(_) => Val::Bool(true),
                Val::None | Val::Str(_) | Val::Int(_) | Val::Bool(_) | Val::Float(_) | Val::Tuple(_) => {
                    Val::Bool(false)
                }
                _ => self.unknown("whether this can be called is not followed", range),
            }),
            ("iter", [value]) => match self.items(value, range)? {
                Items::Known(items) => Ok(Val::Obj(self.state.new_cell(Cell::Iterator(items, 0)))),
                Items::Unknown(why) => Ok(Val::Unknown(why)),
            },
            ("next", [value, rest @ ..]) => self.next_item(value, rest.first(), range),
            ("format", [value]) => self.format_value(value, None, "", range),
            ("format", [value, Val::Str(spec)]) => {
                let spec = spec.clone();
                self.format_value(value, None, &spec, range)
            }
            ("hex" | "oct" | "bin", [value]) => match as_int(value) {
                Some(number) => {
                    let (prefix, radix) = match name {
                        "hex" => ("0x", 16),
                        "oct" => ("0o", 8),
                        _ => ("0b", 2),
                    };
                    let sign = if number.is_negative() { "-" } else { "" };
                    Ok(Val::str(format!("{sign}{prefix}{}", number.magnitude().to_str_radix(radix))))
                }
                None => Ok(Val::Unknown(self.why_of_parts(&args, range))),
            },
            ("divmod", [a, b]) => {
                let quotient = self.binary(ruff_python_ast::Operator::FloorDiv, a, b, range)?;
                let rest = self.binary(ruff_python_ast::Operator::Mod, a, b, range)?;
                Ok(Val::Tuple(vec![quotient, rest].into()))
            }
            ("pow", [a, b]) => self.binary(ruff_python_ast::Operator::Pow, a, b, range),
            ("exec" | "eval", [Val::Str(text), ..]) => {
                let text = text.clone();
                self.run_text(name, &text, args.len() > 1, range)
            }
            ("__import__", [Val::Str(module)]) => {
                let module = module.clone();
                self.import_module(&module, range)
            }
            ("vars" | "globals" | "locals" | "dir", _) => {
                Ok(self.unknown(format!("{name}() is not followed here"), range))
            }
            _ => {
                let why = match args.iter().find_map(|arg| self.deep_why(arg)) {
                    Some(why) => why,
                    None => self.why_of_parts(&[self.unknown(format!("{name}() is not followed here"), range)], range),
                };
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
        }
    }

    fn length(&mut self, value: &Val, range: TextRange) -> Ev {
        if let Some(why) = self.why(value) {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        let length = match value {
            Val::Str(text) => text.chars().count(),
            Val::Bytes(bytes) => bytes.len(),
            Val::Tuple(items) => items.len(),
            Val::Range(from, to, step) => super::operators::range_len(*from, *to, *step) as usize,
            Val::Environ => self.state.env.iter().count(),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) | Cell::View(items) => items.len(),
                Cell::Set(set) if set.len() > 1 && super::containers::has_unknown_key(set) => {
                    return Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(value), range)));
                }
                Cell::Set(set) => set.len(),
                Cell::Dict(dict) if dict.len() > 1 && super::containers::has_unknown_key(dict) => {
                    return Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(value), range)));
                }
                Cell::Dict(dict) => dict.len(),
                Cell::Config(section) => section.slots.len(),
                _ => return Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(value), range))),
            },
            Val::None | Val::Int(_) | Val::Bool(_) | Val::Float(_) => {
                let kind = self.type_name(value);
                return self.raise("TypeError", format!("object of type '{kind}' has no len()"), range);
            }
            _ => return Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(value), range))),
        };
        Ok(Val::int(length))
    }

    fn any_all(&mut self, any: bool, value: &Val, range: TextRange) -> Ev {
        let items = match self.items(value, range)? {
            Items::Known(items) => items,
            Items::Unknown(why) => return Ok(Val::Unknown(why)),
        };
        let mut unknown = None;
        for item in &items {
            match self.truth(item) {
                Some(truth) if truth == any => return Ok(Val::Bool(any)),
                Some(_) => {}
                None => unknown = Some(item.clone()),
            }
        }
        Ok(match unknown {
            Some(item) => Val::Unknown(self.why_of_parts(&[item], range)),
            None => Val::Bool(!any),
        })
    }

    fn extreme(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let items = match args {
            [one] => match self.items(one, range)? {
                Items::Known(items) => items,
                Items::Unknown(why) => return Ok(Val::Unknown(why)),
            },
            many => many.to_vec(),
        };
        if items.is_empty() {
            let default = keywords.iter().find(|(key, _)| &**key == "default");
            return match default {
                Some((_, value)) => Ok(value.clone()),
                None => self.raise("ValueError", format!("{name}() iterable argument is empty"), range),
            };
        }
        let keys: Keywords = keywords.iter().filter(|(key, _)| &**key == "key").cloned().collect();
        let first = |sorted: Vec<Val>| sorted.into_iter().next().unwrap_or(Val::None);
        let reverse = vec![("reverse".into(), Val::Bool(name == "max"))];
        Ok(match self.sort(items, &[keys, reverse].concat(), range)? {
            Ok(sorted) => first(sorted),
            Err(why) => Val::Unknown(why),
        })
    }

    fn is_instance(&self, value: &Val, class: &Val, function: &str) -> Option<bool> {
        if let Val::Tuple(classes) = class {
            let verdicts: Vec<Option<bool>> =
                classes.iter().map(|class| self.is_instance(value, class, function)).collect();
            if verdicts.contains(&Some(true)) {
                return Some(true);
            }
            return verdicts.iter().all(|verdict| *verdict == Some(false)).then_some(false);
        }
        let Val::Type(name) = class else { return None };
        if function != "isinstance" || self.why(value).is_some() {
            return None;
        }
        let kind = self.type_name(value);
        match value {
            Val::External(_) | Val::Exception(_) | Val::Native(_) | Val::Method(_) => return None,
            Val::Obj(at) if matches!(self.state.cell(*at), Cell::Instance(..) | Cell::Class(_)) => {
                return (&**name == "object").then_some(true);
            }
            _ => {}
        }
        Some(match &**name {
            "object" => true,
            "int" => matches!(kind, "int" | "bool"),
            "dict" => matches!(kind, "dict" | "Config"),
            name => name == kind,
        })
    }

    fn has_attribute(&mut self, value: &Val, name: &str, range: TextRange) -> Val {
        match value {
            Val::Obj(at) if matches!(self.state.cell(*at), Cell::Config(_)) => Val::Bool(!name.starts_with('_')),
            Val::Obj(_) | Val::Str(_) | Val::None | Val::Int(_) | Val::Bool(_) => {
                let mark = self.escapes.len();
                let found = self.attribute(value, name, range);
                self.escapes.truncate(mark);
                match found {
                    Ok(found) if found.is_unknown() => found,
                    Ok(_) => Val::Bool(true),
                    Err(_) => Val::Bool(false),
                }
            }
            other => Val::Unknown(self.why_of_parts(std::slice::from_ref(other), range)),
        }
    }

    fn next_item(&mut self, value: &Val, default: Option<&Val>, range: TextRange) -> Ev {
        if let Val::Obj(at) = value {
            if let Cell::Iterator(items, next) = self.state.cell(*at) {
                let item = items.get(*next).cloned();
                return match (item, default) {
                    (Some(item), _) => {
                        if let Cell::Iterator(_, next) = self.state.cell_mut(*at) {
                            *next += 1;
                        }
                        Ok(item)
                    }
                    (None, Some(default)) => Ok(default.clone()),
                    (None, None) => self.raise("StopIteration", "", range),
                };
            }
            if let Cell::File(..) = self.state.cell(*at) {
                return self.call_file(*at, "readline", &[], range);
            }
        }
        let why = self.why_of_parts(std::slice::from_ref(value), range);
        self.may_raise(ANY, &why, range);
        Ok(Val::Unknown(why))
    }
}

fn parse_integer(text: &str, base: u32) -> Option<BigInt> {
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
