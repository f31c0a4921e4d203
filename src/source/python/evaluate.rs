//! A function of the configuration's, called with plain values: what the reader can follow all the way, and nothing
//! else. Names of the file around it are not there, so that whoever uses them is not followed.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::source::Env;
use crate::value::Value;

use super::file::File;
use super::heap::{Cell, Exc};
use super::{ANY, Files, Flow, Frame, Interpreter, LIMIT, parse};

/// Why there is no result.
#[derive(Clone, Debug, PartialEq)]
pub enum CallError {
    /// Python raises this: class and message.
    Raised(String, String),
    /// It cannot be followed, and why.
    Unsupported(String),
}

/// The name that the result is bound to.
const RESULT: &str = "__result__";
/// Names that a reader gives even where the file has none of them.
const MODULES: &str = "import re\n";

/// Calls the source text of a lambda or a `def`.
///
/// # Errors
/// What Python would raise, or what stands in the way of following it.
pub fn call_source(source: &str, args: &[Value]) -> Result<Value, CallError> {
    call_with_effects(source, args).map(|(result, _)| result)
}

/// The same, with what has become of the arguments.
///
/// # Errors
/// As above.
pub fn call_with_effects(source: &str, args: &[Value]) -> Result<(Value, Vec<Value>), CallError> {
    stacker::maybe_grow(512 * 1024, 8 * 1024 * 1024, || call(source, args))
}

fn call(source: &str, args: &[Value]) -> Result<(Value, Vec<Value>), CallError> {
    let source = source.trim();
    let names: Vec<String> = (0..args.len()).map(|number| format!("__arg{number}__")).collect();
    let list = names.join(", ");
    let text = if source.starts_with("lambda") {
        format!("{MODULES}{RESULT} = (\n{source}\n)({list})\n")
    } else if let Some(name) = source.strip_prefix("def ").and_then(|rest| rest.split('(').next()) {
        format!("{MODULES}{source}\n{RESULT} = {}({list})\n", name.trim())
    } else {
        return Err(CallError::Unsupported("it is no plain function".into()));
    };
    let mut interpreter = Interpreter::new(Env::new([]), &NoFiles);
    for (name, value) in names.iter().zip(args) {
        let value = interpreter.import_value(value);
        interpreter.bind_in(interpreter.globals, name, value);
    }
    let unsupported = |message: &str| CallError::Unsupported(message.to_owned());
    let file = Rc::new(File::new("<call>".into(), text.into(), PathBuf::new(), 1, 1));
    let body = parse::module(&file).map_err(|diagnostic| CallError::Unsupported(diagnostic.message))?;
    let globals = interpreter.globals;
    interpreter.frames.push(Frame { scope: globals, globals, file, elsewhere: HashMap::new(), statement: None });
    let flow = interpreter.exec_module(&body);
    interpreter.frames.pop();
    if !interpreter.escapes.is_empty() {
        return Err(unsupported("it depends on something that is not followed here"));
    }
    if let Flow::Raise(exc) = flow {
        return Err(raised(&exc));
    }
    let named = |name: &str| {
        let found = match interpreter.state.cell(globals) {
            Cell::Scope(scope) => scope.names.get(name).cloned(),
            _ => None,
        };
        found.map(|found| interpreter.materialise(&found))
    };
    let result = known(named(RESULT))?;
    Ok((result, names.iter().map(|name| named(name).unwrap_or(Value::None)).collect()))
}

fn known(result: Option<Value>) -> Result<Value, CallError> {
    let unsupported = |message: &str| Err(CallError::Unsupported(message.to_owned()));
    match result {
        None => unsupported("it gives no result"),
        Some(value) => match value.find_unknown() {
            Some(unknown) => Err(CallError::Unsupported(unknown.reason.clone())),
            None if opaque(&value) => unsupported("it gives a function or a class"),
            None => Ok(value),
        },
    }
}

fn raised(exc: &Exc) -> CallError {
    match exc.kind.as_ref() {
        LIMIT => CallError::Unsupported("it takes too many steps".into()),
        // A name may well be there in the file around it.
        ANY | "NameError" | "SystemExit" => CallError::Unsupported(exc.describe()),
        kind => CallError::Raised(kind.to_owned(), exc.message.clone()),
    }
}

fn opaque(value: &Value) -> bool {
    match value {
        Value::Callable(_) | Value::Class(_) => true,
        Value::List(items) | Value::Tuple(items) => items.iter().any(opaque),
        Value::Dict(dict) => dict.values().any(opaque),
        _ => false,
    }
}

/// A function of a claim reads no files.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn exists(&self, _: &Path) -> Option<bool> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn result(source: &str, arg: &str) -> Result<String, CallError> {
        call_source(source, &[json::parse(arg).unwrap()]).map(|value| value.repr())
    }

    #[test]
    fn plain_functions_are_followed() {
        let user = r#"{"email": "Ann@Uni.edu", "groups": ["b", "a"]}"#;
        assert_eq!(result("lambda u: u[\"email\"].split(\"@\")[0].lower()", user), Ok("'ann'".into()));
        assert_eq!(
            result("def f(u):\n    return sorted(g + '!' for g in u['groups'])", user),
            Ok("['a!', 'b!']".into())
        );
        assert_eq!(result("lambda u: re.sub(r'[^a-z]', '', u['email'])", user), Ok("'nnniedu'".into()));
    }

    #[test]
    fn exceptions_are_pythons_and_the_rest_is_not_followed() {
        assert_eq!(result("lambda u: u['x']", "{}"), Err(CallError::Raised("KeyError".into(), "'x'".into())));
        assert!(matches!(result("lambda u: helper(u)", "{}"), Err(CallError::Unsupported(_))));
        assert!(matches!(result("async def f(u):\n    return 1", "{}"), Err(CallError::Unsupported(_))));
    }
}
