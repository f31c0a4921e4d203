//! The parts of the standard library that configurations use at load time.

use std::rc::Rc;

use base64::Engine as _;
use ruff_text_size::TextRange;

use crate::diagnostic::Diagnostic;
use crate::value::{Unknown, Value};

use super::call::Keywords;
use super::containers::Items;
use super::heap::{Cell, Val};
use super::{ANY, Ev, Interpreter};

/// What `from module import *` gives, for the modules that people import so.
pub(super) fn names_of(module: &str) -> &'static [&'static str] {
    match module {
        "os" => &["environ", "path", "getenv", "getcwd", "listdir", "sep", "makedirs", "system"],
        "os.path" => &["join", "dirname", "basename", "abspath", "exists", "isfile", "isdir", "expanduser"],
        "z2jh" => &["get_config", "set_config_if_not_none", "get_name", "get_name_env", "get_secret_value"],
        _ => &[],
    }
}

/// Whether code may hand its arguments to a function of that module without their being changed.
fn leaves_arguments(path: &str) -> bool {
    let module = path.split('.').next().unwrap_or(path);
    !matches!(
        module,
        "random" | "heapq" | "bisect" | "contextlib" | "functools" | "threading" | "asyncio" | "atexit" | "operator"
    )
}

impl Interpreter<'_> {
    pub(super) fn module_attribute(&mut self, module: &str, name: &str) -> Val {
        match (module, name) {
            ("os", "environ") => Val::Environ,
            ("os", "path") => Val::Module("os.path".into()),
            ("os" | "os.path", "sep") => Val::str("/"),
            ("os", "linesep") => Val::str("\n"),
            ("os", "pathsep") => Val::str(":"),
            ("os", "curdir") => Val::str("."),
            ("os", "pardir") => Val::str(".."),
            ("os", "name") => Val::str("posix"),
            ("sys", "platform") => Val::str("linux"),
            ("sys", "maxsize") => Val::int(i64::MAX),
            ("sys", "byteorder") => Val::str("little"),
            ("string", "ascii_lowercase") => Val::str("abcdefghijklmnopqrstuvwxyz"),
            ("string", "ascii_uppercase") => Val::str("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            ("string", "ascii_letters") => Val::str("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            ("string", "digits") => Val::str("0123456789"),
            ("string", "punctuation") => Val::str("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            ("re", flag) if flag.chars().all(char::is_uppercase) => Val::int(super::regex::flag(flag)),
            ("json", "JSONDecodeError") => Val::Type("JSONDecodeError".into()),
            ("subprocess", "CalledProcessError" | "TimeoutExpired" | "SubprocessError") => Val::Type(name.into()),
            ("pathlib", "Path" | "PosixPath" | "PurePath" | "PurePosixPath") => Val::native("pathlib.Path"),
            ("typing" | "__future__" | "types" | "abc" | "enum" | "dataclasses" | "datetime", _) => {
                Val::External(format!("{module}.{name}").into())
            }
            ("os" | "sys" | "socket" | "platform" | "time" | "signal" | "ssl", name)
                if name.starts_with(char::is_uppercase)
                    || matches!(
                        name,
                        "argv"
                            | "path"
                            | "version_info"
                            | "version"
                            | "executable"
                            | "modules"
                            | "stderr"
                            | "stdout"
                            | "prefix"
                    ) =>
            {
                Val::unknown(format!("{module}.{name} differs from machine to machine"), None)
            }
            (
                "os" | "xml" | "urllib" | "importlib" | "concurrent" | "email" | "http" | "ruamel" | "asyncio"
                | "logging",
                sub,
            ) if matches!(
                sub,
                "parse" | "request" | "error" | "etree" | "util" | "futures" | "client" | "yaml" | "handlers"
            ) =>
            {
                Val::Module(format!("{module}.{sub}").into())
            }
            ("collections", "abc") => Val::Module("collections.abc".into()),
            _ => Val::native(&format!("{module}.{name}")),
        }
    }

    pub(super) fn call_native(&mut self, path: &str, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
        match (module, name) {
            ("builtins", _) => self.call_builtin(name, args, keywords, range),
            ("os.path" | "posixpath", _) => self.call_os_path(name, &args, &keywords, range),
            ("os", _) => self.call_os(name, &args, &keywords, range),
            // With a key it is the chart's: this file is one of those that share its names.
            ("traitlets.injected", "get_config") if !args.is_empty() => self.call_z2jh(name, &args, range),
            ("traitlets.injected", "get_config") => Ok(Val::Obj(self.root)),
            ("traitlets.injected", "load_subconfig") => self.load_subconfig(&args, range),
            ("traitlets.config", "get_config") => Ok(self.app_config(range)),
            ("traitlets.config", "Config") => self.make_config(&args, &keywords, range),
            ("z2jh", _) => self.call_z2jh(name, &args, range),
            ("pathlib", "Path") => self.make_path(&args, range),
            ("pathlib.Path" | "pathlib", "cwd") => {
                let folder = self.frame().file.folder.clone();
                let path = self.files.absolute(&folder);
                Ok(Val::Path(path.to_string_lossy().into()))
            }
            ("json", _) => self.call_json(name, &args, &keywords, range),
            ("yaml", "safe_load" | "load" | "full_load" | "unsafe_load") => self.call_yaml(&args, range),
            ("re", _) => self.call_re(name, &args, &keywords, range),
            ("base64", _) => self.call_base64(name, &args, range),
            ("sys", "exit") => self.raise("SystemExit", "", range),
            ("copy", "deepcopy" | "copy") => self.copy_value(&args, name == "deepcopy", range),
            ("textwrap", "dedent") => match args.first() {
                Some(Val::Str(text)) => Ok(Val::str(dedent(text))),
                _ => Ok(self.outside(path, &args, &keywords, range)),
            },
            ("contextlib", "suppress") => {
                let kinds = args.iter().map(|kind| match kind {
                    Val::Type(name) => Val::Str(name.clone()),
                    _ => Val::str(ANY),
                });
                Ok(Val::Tuple(std::iter::once(Val::str("<suppress>")).chain(kinds).collect()))
            }
            ("urllib.parse", "quote" | "quote_plus") => match args.as_slice() {
                [Val::Str(text)] => Ok(Val::str(quote(text, name == "quote_plus"))),
                _ => Ok(self.outside(path, &args, &keywords, range)),
            },
            ("urllib.parse", "urljoin") => match args.as_slice() {
                [Val::Str(base), Val::Str(other)] => match url::Url::parse(base).and_then(|base| base.join(other)) {
                    Ok(url) if base.contains("://") && base.matches('/').count() > 2 => Ok(Val::str(url.as_str())),
                    _ => Ok(self.outside(path, &args, &keywords, range)),
                },
                _ => Ok(self.outside(path, &args, &keywords, range)),
            },
            ("jupyterhub.utils", "url_path_join") => {
                let pieces: Option<Vec<&str>> = args.iter().map(Val::as_str).collect();
                match pieces {
                    Some(pieces) => Ok(Val::str(url_path_join(&pieces))),
                    None => Ok(Val::Unknown(self.why_of_parts(&args, range))),
                }
            }
            ("collections", "OrderedDict") => self.call_type("dict", args, keywords, range),
            ("collections", "defaultdict") => Ok(self.unknown("a defaultdict is not followed here", range)),
            ("itertools", "chain") => self.chain(&args, range),
            ("glob", "glob") => Ok(self.glob(&args, range)),
            ("logging" | "warnings" | "time" | "signal" | "locale", _) => {
                Ok(self.unknown(format!("it comes from {path}, which is not run here"), range))
            }
            _ => Ok(self.outside(path, &args, &keywords, range)),
        }
    }

    /// A function of the library that is not followed: it is never run.
    pub(super) fn outside(&mut self, path: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Val {
        let module = path.split('.').next().unwrap_or(path);
        let reason = match module {
            "secrets" | "random" | "uuid" => format!("{path} gives something else each time"),
            "time" | "datetime" => format!("{path} gives something else each time"),
            "subprocess" | "socket" | "urllib" | "http" => format!("{path} is never run here"),
            _ => format!("{path} is not followed here"),
        };
        let why = Rc::new(Unknown { reason, span: Some(self.span(range)) });
        if leaves_arguments(path) {
            self.may_raise(ANY, &why, range);
            return Val::Unknown(why);
        }
        self.unknown_call(why, args, keywords, range)
    }

    /// `traitlets.config.get_config()` is not the function that the loader injects.
    fn app_config(&mut self, range: TextRange) -> Val {
        self.diagnose(
            Diagnostic::error(
                "config-ignored",
                "this get_config is imported from traitlets, so the hub ignores what is set on c.JupyterHub here",
            )
            .with_span(self.span(range))
            .with_note("it gives the application's own configuration, which is not loaded into the hub again")
            .with_fix("remove the import: get_config and c are there without it"),
        );
        Val::Obj(self.app_root)
    }

    /// What `with value as x` binds.
    pub(super) fn entered(&mut self, context: &Val, range: TextRange) -> Val {
        match context {
            Val::Obj(at) if matches!(self.state.cell(*at), Cell::File(..)) => context.clone(),
            Val::Unknown(_) => context.clone(),
            _ => self.unknown("what this context manager gives is not followed here", range),
        }
    }

    /// The exceptions that `with suppress(…)` swallows.
    pub(super) fn suppressed_by(&self, context: &Val) -> Option<Vec<String>> {
        match context {
            Val::Tuple(items) if items.first().and_then(Val::as_str) == Some("<suppress>") => {
                Some(items[1..].iter().filter_map(Val::as_str).map(str::to_owned).collect())
            }
            _ => None,
        }
    }

    fn call_json(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let text = match (name, args.first()) {
            ("loads", Some(Val::Str(text))) => text.to_string(),
            ("loads", Some(Val::Bytes(bytes))) => String::from_utf8_lossy(bytes).into_owned(),
            ("load", Some(Val::Obj(at))) if matches!(self.state.cell(*at), Cell::File(..)) => {
                match self.call_file(*at, "read", &[], range)? {
                    Val::Str(text) => text.to_string(),
                    Val::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    _ => String::new(),
                }
            }
            ("loads", Some(Val::None | Val::Int(_) | Val::Bool(_))) => {
                let kind = self.type_name(&args[0]);
                let message = format!("the JSON object must be str, bytes or bytearray, not {kind}");
                return self.raise("TypeError", message, range);
            }
            ("dumps", Some(value)) if args.len() == 1 && keywords.is_empty() => {
                let plain = self.materialise(value);
                return match to_json(&plain) {
                    Some(text) => self.text_of(text, range),
                    None => Ok(Val::Unknown(self.why_of_parts(args, range))),
                };
            }
            _ => {
                let why = self.why_of_parts(args, range);
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
        };
        self.step(text.len() as u64 / 16, range)?;
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(json) => Ok(self.import_json(&json)),
            // Python reads NaN and lone surrogates where this parser does not.
            Err(_) if text.contains("NaN") || text.contains("Infinity") || text.contains("\\ud") => {
                Ok(self.unknown("this JSON is not followed here", range))
            }
            Err(error) => {
                let message = format!("the text is no valid JSON (line {}, column {})", error.line(), error.column());
                self.raise("JSONDecodeError", message, range)
            }
        }
    }

    pub(super) fn import_json(&mut self, json: &serde_json::Value) -> Val {
        match json {
            serde_json::Value::Null => Val::None,
            serde_json::Value::Bool(truth) => Val::Bool(*truth),
            serde_json::Value::Number(number) => {
                let text = number.to_string();
                match text.parse::<num_bigint::BigInt>() {
                    Ok(number) => Val::Int(number),
                    Err(_) => Val::Float(text.parse().unwrap_or(f64::NAN)),
                }
            }
            serde_json::Value::String(text) => Val::str(text),
            serde_json::Value::Array(items) => {
                let items = items.iter().map(|item| self.import_json(item)).collect();
                self.new_list(items)
            }
            serde_json::Value::Object(map) => {
                let mut pairs = indexmap::IndexMap::new();
                for (key, value) in map {
                    let value = self.import_json(value);
                    pairs.insert(crate::value::Key::Str(key.clone()), (Val::str(key), value));
                }
                Val::Obj(self.state.new_cell(Cell::Dict(pairs)))
            }
        }
    }

    fn call_base64(&mut self, name: &str, args: &[Val], range: TextRange) -> Ev {
        let bytes: Vec<u8> = match args {
            [Val::Bytes(bytes)] => bytes.to_vec(),
            [Val::Str(text)] if name.contains("decode") => text.as_bytes().to_vec(),
            _ => {
                let why = self.why_of_parts(args, range);
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
        };
        let engine = match name {
            "b64encode" | "b64decode" | "standard_b64encode" | "standard_b64decode" => {
                &base64::engine::general_purpose::STANDARD
            }
            "urlsafe_b64encode" | "urlsafe_b64decode" => &base64::engine::general_purpose::URL_SAFE,
            _ => return Ok(self.outside(&format!("base64.{name}"), args, &[], range)),
        };
        if name.contains("encode") {
            return Ok(Val::Bytes(engine.encode(bytes).into_bytes().into()));
        }
        match engine.decode(&bytes) {
            Ok(decoded) => Ok(Val::Bytes(decoded.into())),
            // Python drops characters that are not of the alphabet, and complains of padding only.
            Err(_) => Ok(self.unknown("this base64 text is not followed here", range)),
        }
    }

    fn copy_value(&mut self, args: &[Val], deep: bool, range: TextRange) -> Ev {
        let Some(value) = args.first() else { return self.raise("TypeError", "copy() takes one argument", range) };
        let Val::Obj(at) = value else { return Ok(value.clone()) };
        match self.state.cell(*at).clone() {
            Cell::Unknown(why) => Ok(Val::Unknown(why)),
            cell @ (Cell::List(_) | Cell::Set(_) | Cell::Dict(_)) if !deep => Ok(Val::Obj(self.state.new_cell(cell))),
            Cell::List(_) | Cell::Set(_) | Cell::Dict(_) => {
                let plain = self.materialise(value);
                Ok(self.import_value(&plain))
            }
            _ => Ok(self.unknown("a copy of this is not followed here", range)),
        }
    }

    fn chain(&mut self, args: &[Val], range: TextRange) -> Ev {
        let mut all = Vec::new();
        for arg in args {
            match self.items(arg, range)? {
                Items::Known(items) => all.extend(items),
                Items::Unknown(why) => return Ok(Val::Unknown(why)),
            }
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Iterator(all, 0))))
    }
}

/// `jupyterhub.utils.url_path_join`.
fn url_path_join(pieces: &[&str]) -> String {
    let initial = pieces.first().is_some_and(|piece| piece.starts_with('/'));
    let last = pieces.last().is_some_and(|piece| piece.ends_with('/'));
    let middle: Vec<&str> =
        pieces.iter().map(|piece| piece.trim_matches('/')).filter(|piece| !piece.is_empty()).collect();
    let mut joined = middle.join("/");
    if initial {
        joined.insert(0, '/');
    }
    if last {
        joined.push('/');
    }
    if joined == "//" { "/".to_owned() } else { joined }
}

fn quote(text: &str, plus: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push(char::from(byte)),
            b'/' if !plus => out.push('/'),
            b' ' if plus => out.push('+'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn dedent(text: &str) -> String {
    let margin = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let lines = text.split('\n').map(|line| {
        if line.trim_matches([' ', '\t']).is_empty() { "" } else { line.get(margin..).unwrap_or_default() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `json.dumps` with its defaults, of what has one spelling.
fn to_json(value: &Value) -> Option<String> {
    Some(match value {
        Value::None => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if number.is_finite() => value.repr(),
        Value::Str(text) if text.is_ascii() => {
            serde_json::to_string(text).ok().filter(|text| !text.contains('\u{7f}'))?
        }
        Value::List(items) | Value::Tuple(items) => {
            format!("[{}]", items.iter().map(to_json).collect::<Option<Vec<_>>>()?.join(", "))
        }
        Value::Dict(dict) => {
            let pairs = dict
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", to_json(&Value::str(key.as_str()?))?, to_json(value)?)));
            format!("{{{}}}", pairs.collect::<Option<Vec<_>>>()?.join(", "))
        }
        _ => return None,
    })
}
