//! The parts of the standard library that configurations use at load time.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use base64::Engine as _;
use ruff_text_size::TextRange;

use crate::diagnostic::Diagnostic;
use crate::value::{Unknown, Value};

use super::call::Keywords;
use super::containers::Items;
use super::heap::{Cell, Ref, Val};
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

    fn call_os(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        match name {
            "getenv" => self.call_environ("getenv", args, keywords, range),
            "putenv" | "unsetenv" | "makedirs" | "mkdir" | "chmod" | "chown" | "umask" | "system" | "remove"
            | "unlink" | "rename" | "symlink" | "nice" | "kill" => {
                Ok(self.unknown(format!("os.{name} is never run here"), range))
            }
            "getcwd" => {
                let folder = self.frame().file.folder.clone();
                Ok(Val::str(self.files.absolute(&folder).to_string_lossy()))
            }
            "listdir" => {
                let path = match args.first() {
                    Some(Val::Str(path) | Val::Path(path)) => self.resolve(path),
                    None => self.resolve("."),
                    _ => return Ok(self.outside("os.listdir", args, keywords, range)),
                };
                match self.files.list(&path) {
                    Some(names) => {
                        // The system gives them in any order.
                        let items = names.iter().map(Val::str).collect();
                        Ok(self.new_list(items))
                    }
                    None => Ok(self.missing_file(&path, range)),
                }
            }
            "fspath" => Ok(args.first().and_then(|arg| self.to_text(arg)).map_or(Val::None, Val::str)),
            "_exit" | "abort" => self.raise("SystemExit", "", range),
            _ => Ok(self.outside(&format!("os.{name}"), args, keywords, range)),
        }
    }

    /// A path relative to the folder of the file, as the hub is usually started there.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        let folder = self.frames.first().map(|frame| frame.file.folder.clone()).unwrap_or_default();
        folder.join(path)
    }

    /// The value of a file that is not here.
    pub(super) fn missing_file(&mut self, path: &Path, range: TextRange) -> Val {
        let why = Rc::new(Unknown {
            reason: format!("the file {} is not here", path.display()),
            span: Some(self.span(range)),
        });
        self.may_raise("FileNotFoundError", &why, range);
        Val::Unknown(why)
    }

    fn path_text(&self, value: &Val) -> Option<String> {
        match value {
            Val::Str(text) | Val::Path(text) => Some(text.to_string()),
            _ => None,
        }
    }

    fn call_os_path(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        if let Some(why) = args.iter().find_map(|arg| self.why(arg)) {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        let texts: Option<Vec<String>> = args.iter().map(|arg| self.path_text(arg)).collect();
        let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
            if args.iter().any(|arg| matches!(arg, Val::None | Val::Int(_) | Val::Bool(_))) && name != "exists" {
                let message = "expected str, bytes or os.PathLike object";
                return self.raise("TypeError", message, range);
            }
            return Ok(self.outside(&format!("os.path.{name}"), args, keywords, range));
        };
        let first = texts[0].as_str();
        Ok(match name {
            "join" => Val::str(posix_join(&texts)),
            "dirname" => Val::str(posix_split(first).0),
            "basename" => Val::str(posix_split(first).1),
            "split" => {
                let (head, tail) = posix_split(first);
                Val::Tuple(vec![Val::str(head), Val::str(tail)].into())
            }
            "splitext" => {
                let (root, ext) = split_extension(first);
                Val::Tuple(vec![Val::str(root), Val::str(ext)].into())
            }
            "isabs" => Val::Bool(first.starts_with('/')),
            "normpath" => Val::str(normalize(first)),
            "abspath" | "realpath" => {
                let resolved = self.resolve(first);
                Val::str(normalize(&self.files.absolute(&resolved).to_string_lossy()))
            }
            "expanduser" if !first.starts_with('~') => Val::str(first),
            "expandvars" if !first.contains('$') => Val::str(first),
            "expanduser" if first == "~" || first.starts_with("~/") => {
                match self.state.env.get("HOME").map(|home| home.value.clone()) {
                    Some(Value::Str(home)) => Val::str(format!("{}{}", home.trim_end_matches('/'), &first[1..])),
                    _ => self.unknown("the hub's home directory is not known here", range),
                }
            }
            "exists" | "isfile" | "isdir" | "lexists" => {
                let resolved = self.resolve(first);
                return Ok(self.path_test(name, &resolved, range));
            }
            _ => self.outside(&format!("os.path.{name}"), args, keywords, range),
        })
    }

    /// Whether a path exists on the hub.
    pub(super) fn path_test(&mut self, name: &str, path: &Path, range: TextRange) -> Val {
        let verdict = match name {
            "isfile" | "is_file" => self.files.is_file(path),
            "isdir" | "is_dir" => match (self.files.exists(path), self.files.is_file(path)) {
                (Some(true), Some(is_file)) => Some(!is_file),
                (exists, _) => exists.filter(|exists| !exists),
            },
            _ => self.files.exists(path),
        };
        match verdict {
            Some(verdict) => Val::Bool(verdict),
            None => {
                let reason = format!("whether {} exists on the hub cannot be told from here", path.display());
                self.unknown(reason, range)
            }
        }
    }

    pub(super) fn open_file(&mut self, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let mode = args.get(1).or_else(|| keywords.iter().find(|(key, _)| &**key == "mode").map(|(_, value)| value));
        let mode = mode.and_then(Val::as_str).unwrap_or("r").to_owned();
        let path = match args.first() {
            Some(Val::Str(path) | Val::Path(path)) => path.clone(),
            Some(other) => {
                let why = self.why_of_parts(std::slice::from_ref(other), range);
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
            None => return self.raise("TypeError", "open() missing required argument 'file' (pos 1)", range),
        };
        let resolved = self.resolve(&path);
        if mode.contains(['w', 'a', 'x', '+']) {
            return Ok(self.unknown(format!("{path} is written to, which is not done here"), range));
        }
        match self.files.read(&resolved) {
            Ok(bytes) if mode.contains('b') => {
                Ok(Val::Obj(self.state.new_cell(Cell::File(Val::Bytes(bytes.into()), 0))))
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.replace("\r\n", "\n").replace('\r', "\n");
                    self.step(text.len() as u64 / 256, range)?;
                    Ok(Val::Obj(self.state.new_cell(Cell::File(Val::str(text), 0))))
                }
                Err(_) => self.raise("UnicodeDecodeError", format!("{path} is no valid UTF-8"), range),
            },
            Err(_) if self.files.exists(&resolved) == Some(false) => {
                let message = format!("[Errno 2] No such file or directory: '{path}'");
                self.raise("FileNotFoundError", message, range)
            }
            Err(_) => Ok(self.missing_file(&resolved, range)),
        }
    }

    /// The lines that are left of an open file.
    pub(super) fn file_lines(&mut self, at: Ref, range: TextRange) -> Ev<Items> {
        let Cell::File(content, position) = self.state.cell(at).clone() else { return Ok(Items::Known(Vec::new())) };
        let lines: Vec<Val> = match &content {
            Val::Str(text) => text[position.min(text.len())..].split_inclusive('\n').map(Val::str).collect(),
            Val::Bytes(bytes) => bytes[position.min(bytes.len())..]
                .split_inclusive(|b| *b == b'\n')
                .map(|l| Val::Bytes(l.into()))
                .collect(),
            _ => Vec::new(),
        };
        self.step(lines.len() as u64, range)?;
        *self.state.cell_mut(at) = Cell::File(content, usize::MAX);
        Ok(Items::Known(lines))
    }

    pub(super) fn call_file(&mut self, at: Ref, name: &str, args: &[Val], range: TextRange) -> Ev {
        let Cell::File(content, position) = self.state.cell(at).clone() else { return Ok(Val::None) };
        match (name, &content) {
            ("read", Val::Str(text)) if args.is_empty() => {
                *self.state.cell_mut(at) = Cell::File(content.clone(), usize::MAX);
                Ok(Val::str(&text[position.min(text.len())..]))
            }
            ("read", Val::Bytes(bytes)) if args.is_empty() => {
                *self.state.cell_mut(at) = Cell::File(content.clone(), usize::MAX);
                Ok(Val::Bytes(bytes[position.min(bytes.len())..].into()))
            }
            ("readlines", _) if args.is_empty() => match self.file_lines(at, range)? {
                Items::Known(lines) => Ok(self.new_list(lines)),
                Items::Unknown(why) => Ok(Val::Unknown(why)),
            },
            ("readline", Val::Str(text)) if args.is_empty() => {
                let rest = &text[position.min(text.len())..];
                let line = rest.split_inclusive('\n').next().unwrap_or("");
                let next = position.min(text.len()) + line.len();
                *self.state.cell_mut(at) = Cell::File(content.clone(), next);
                Ok(Val::str(line))
            }
            ("close" | "flush", _) => Ok(Val::None),
            ("__enter__", _) => Ok(Val::Obj(at)),
            _ => Ok(self.unknown(format!("file.{name} is not followed here"), range)),
        }
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

    /// `glob.glob`: one folder, `*` and `?` in the last part.
    fn glob(&mut self, args: &[Val], range: TextRange) -> Val {
        let Some(Val::Str(pattern)) = args.first() else { return Val::Unknown(self.why_of_parts(args, range)) };
        let (folder, name) = posix_split(pattern);
        if folder.contains(['*', '?', '[']) || name.contains('[') {
            return self.unknown("glob.glob of this pattern is not followed here", range);
        }
        let resolved = self.resolve(&folder);
        let Some(names) = self.files.list(&resolved) else { return self.missing_file(&resolved, range) };
        let matching = names.iter().filter(|candidate| {
            wildcard(name.as_bytes(), candidate.as_bytes()) && (name.starts_with('.') || !candidate.starts_with('.'))
        });
        let found: Vec<Val> = matching.map(|found| Val::str(posix_join(&[folder.clone(), found.clone()]))).collect();
        self.new_list(found)
    }
}

fn wildcard(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|at| wildcard(rest, &name[at..])),
        (Some((b'?', rest)), Some((_, tail))) => wildcard(rest, tail),
        (Some((a, rest)), Some((b, tail))) => a == b && wildcard(rest, tail),
        _ => false,
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

/// `os.path.join`.
pub(super) fn posix_join(parts: &[String]) -> String {
    let mut path = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at == 0 || part.starts_with('/') {
            path.clone_from(part);
        } else if path.is_empty() || path.ends_with('/') {
            path.push_str(part);
        } else {
            path.push('/');
            path.push_str(part);
        }
    }
    path
}

/// `os.path.split`.
pub(super) fn posix_split(path: &str) -> (String, String) {
    let (head, tail) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let trimmed = head.trim_end_matches('/');
    (if trimmed.is_empty() { head } else { trimmed }.to_owned(), tail.to_owned())
}

pub(super) fn split_extension(path: &str) -> (&str, &str) {
    let start = path.rfind('/').map_or(0, |at| at + 1);
    let name = &path[start..];
    let dots = name.len() - name.trim_start_matches('.').len();
    match name[dots..].rfind('.') {
        Some(at) => path.split_at(start + dots + at),
        None => (path, ""),
    }
}

/// `os.path.normpath`.
pub(super) fn normalize(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
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
