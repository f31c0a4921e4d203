//! The built-in functions and types.

use std::rc::Rc;

use num_traits::{Signed as _, ToPrimitive as _};
use ruff_text_size::TextRange;

use super::call::Keywords;
use super::containers::Items;
use super::heap::{Cell, Val};
use super::operators::as_int;
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
pub(super) fn is_builtin(name: &str) -> bool {
    TYPES.contains(&name) || FUNCTIONS.contains(&name)
}

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
            ("setattr" | "delattr", [object, ..]) => {
                let object = object.clone();
                self.may_be_patched(&object, None, range);
                Ok(Val::Unknown(self.why_of_parts(&args, range)))
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
            ("exec", _) => {
                self.open_globals("it may be defined by the text that exec() runs".to_owned(), range);
                let why = self.why_of_parts(&args, range);
                Ok(self.unknown_call(why, &args, &keywords, range))
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
