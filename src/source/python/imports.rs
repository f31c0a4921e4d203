//! Imports: what the reader knows of the standard library, the packages of the hub by name only, and modules beside
//! the file.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_text_size::{Ranged as _, TextRange};

use crate::diagnostic::Diagnostic;
use crate::value::Unknown;

use super::file::File;
use super::heap::{Cell, Exc, Ref, Scope, Val};
use super::{ANY, Ev, Interpreter};

/// Modules of the standard library that are told apart from those beside the file.
const STDLIB: &[&str] = &[
    "abc",
    "argparse",
    "ast",
    "asyncio",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "collections",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "email",
    "enum",
    "errno",
    "fnmatch",
    "functools",
    "getpass",
    "glob",
    "grp",
    "gzip",
    "hashlib",
    "hmac",
    "html",
    "http",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "locale",
    "logging",
    "math",
    "multiprocessing",
    "netrc",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "pkgutil",
    "platform",
    "posixpath",
    "pprint",
    "pwd",
    "queue",
    "random",
    "re",
    "secrets",
    "select",
    "shlex",
    "shutil",
    "signal",
    "site",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "stat",
    "string",
    "struct",
    "subprocess",
    "sys",
    "sysconfig",
    "tarfile",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "tomllib",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zipfile",
    "zlib",
    "zoneinfo",
    "__future__",
    "builtins",
    "pwd",
    "crypt",
    "concurrent",
    "atexit",
    "ctypes",
];

/// Packages that are certainly installed where the hub runs.
const HUB: &[&str] = &["oauthenticator", "jupyterhub", "traitlets", "tornado", "jinja2", "sqlalchemy", "requests"];

impl Interpreter<'_> {
    pub(super) fn exec_import(&mut self, statement: &ast::StmtImport) -> Ev<()> {
        for alias in &statement.names {
            let path = alias.name.as_str();
            let module = self.import_module(path, alias.range())?;
            match &alias.asname {
                Some(name) => self.bind(name.as_str(), module),
                None => {
                    let first = path.split('.').next().unwrap_or(path);
                    let top = if first == path { module } else { self.import_module(first, alias.range())? };
                    self.bind(first, top);
                }
            }
        }
        Ok(())
    }

    pub(super) fn exec_import_from(&mut self, statement: &ast::StmtImportFrom) -> Ev<()> {
        let path = statement.module.as_ref().map_or("", |module| module.as_str());
        let module = if statement.level > 0 {
            self.raise_if_caught(
                "ImportError",
                "attempted relative import with no known parent package".into(),
                statement.range(),
            )?;
            match self.local_module(path, statement.range())? {
                Some(scope) => Val::Obj(scope),
                None => Val::External(path.into()),
            }
        } else {
            self.import_module(path, statement.range())?
        };
        for alias in &statement.names {
            let name = alias.name.as_str();
            if name == "*" {
                self.import_all(&module, path, alias.range());
                continue;
            }
            let value = match &module {
                Val::Module(module) => {
                    let module = module.clone();
                    self.module_attribute(&module, name)
                }
                Val::External(module) => {
                    let module = module.clone();
                    self.external_attribute(&module, name)
                }
                Val::Obj(scope) => match self.name_in(*scope, name) {
                    Some(value) => value,
                    None => match self.local_module(&format!("{path}.{name}"), alias.range())? {
                        Some(scope) => Val::Obj(scope),
                        None => {
                            let message = format!("cannot import name '{name}' from '{path}'");
                            self.missing_name(*scope, message, alias.range())?
                        }
                    },
                },
                other => other.clone(),
            };
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            self.bind(bound.as_str(), value);
        }
        Ok(())
    }

    fn missing_name(&mut self, scope: Ref, message: String, range: TextRange) -> Ev {
        match self.state.cell(scope) {
            Cell::Scope(Scope { open: Some(why), .. }) => Ok(Val::Unknown(why.clone())),
            _ => self.raise("ImportError", message, range),
        }
    }

    fn import_all(&mut self, module: &Val, path: &str, range: TextRange) {
        if let Val::Obj(at) = module
            && let Cell::Scope(scope) = self.state.cell(*at)
        {
            let names: Vec<(Rc<str>, Val)> = scope
                .names
                .iter()
                .filter(|(name, _)| !name.starts_with('_'))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            for (name, value) in names {
                self.bind(&name, value);
            }
            return;
        }
        if let Val::Module(module) = module {
            for name in super::modules::names_of(module) {
                let value = self.module_attribute(module, name);
                self.bind(name, value);
            }
            return;
        }
        self.open_globals(format!("it may come from {path}, which is not read here"), range);
    }

    /// From here on, a name that nobody has bound may all the same be there.
    pub(super) fn open_globals(&mut self, reason: String, range: TextRange) {
        let why = Rc::new(Unknown { reason, span: Some(self.span(range)) });
        let globals = self.frame().globals;
        if let Cell::Scope(scope) = self.state.cell_mut(globals) {
            scope.open = Some(why);
        }
    }

    /// A module: of the standard library, of the hub's packages, beside the file, or not to be found here.
    pub(super) fn import_module(&mut self, path: &str, range: TextRange) -> Ev {
        let first = path.split('.').next().unwrap_or(path);
        if first == "z2jh" {
            return Ok(Val::Module("z2jh".into()));
        }
        if STDLIB.contains(&first) || matches!(first, "yaml" | "ruamel") {
            return Ok(Val::Module(path.into()));
        }
        if HUB.contains(&first) {
            return Ok(Val::External(path.into()));
        }
        if let Some(scope) = self.local_module(path, range)? {
            return Ok(Val::Obj(scope));
        }
        let why = Rc::new(Unknown {
            reason: format!("it cannot be told from here whether {path} can be imported on the hub"),
            span: Some(self.span(range)),
        });
        self.may_raise("ImportError", &why, range);
        Ok(Val::External(path.into()))
    }

    /// A name in a module that is not read.
    pub(super) fn external_attribute(&mut self, module: &str, name: &str) -> Val {
        match (module, name) {
            ("traitlets.config" | "traitlets.config.application", "get_config") => {
                Val::native("traitlets.config.get_config")
            }
            ("traitlets.config" | "traitlets.config.loader", "Config") => Val::native("traitlets.config.Config"),
            ("jupyterhub.utils", "url_path_join") => Val::native("jupyterhub.utils.url_path_join"),
            _ => {
                let path = format!("{module}.{name}");
                let class = module.rsplit('.').next().unwrap_or(module);
                let set = self
                    .state
                    .class_attributes
                    .iter()
                    .rev()
                    .find(|attribute| attribute.class == class && attribute.attribute == name)
                    .map(|attribute| attribute.value.clone());
                match set {
                    Some(value) => self.import_value(&value),
                    None => Val::External(path.into()),
                }
            }
        }
    }

    /// A module beside the file, followed once.
    fn local_module(&mut self, path: &str, range: TextRange) -> Ev<Option<Ref>> {
        let folder = self.frame().file.folder.clone();
        let relative: PathBuf = path.split('.').collect();
        let candidates = [folder.join(&relative).with_extension("py"), folder.join(&relative).join("__init__.py")];
        for candidate in candidates {
            if let Some(scope) = self.modules.get(&candidate) {
                return Ok(Some(*scope));
            }
            let Ok(bytes) = self.files.read(&candidate) else { continue };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let scope = self.state.new_cell(Cell::Scope(Scope::default()));
            self.bind_in(scope, "__name__", Val::str(path));
            let file_path = self.files.absolute(&candidate);
            self.bind_in(scope, "__file__", Val::str(file_path.to_string_lossy()));
            self.modules.insert(candidate.clone(), scope);
            self.follow_file(&candidate, &text, scope, range)?;
            return Ok(Some(scope));
        }
        Ok(None)
    }

    /// Follows another file in a scope of its own.
    fn follow_file(&mut self, path: &Path, text: &str, scope: Ref, range: TextRange) -> Ev<()> {
        if self.loading.len() > 20 || !self.loading.insert(path.to_owned()) {
            return Ok(());
        }
        let label: std::sync::Arc<str> = path.to_string_lossy().into();
        let text: std::sync::Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(text).into();
        self.remember_text(&label, &text);
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let file = Rc::new(File::new(label, text, folder, 1, 1));
        let result = self.exec_file(&file, scope);
        self.loading.remove(path);
        result.map_err(|diagnostic| {
            let kind = match diagnostic.rule {
                "syntax-error" => "<syntax>",
                "config-exits" => "SystemExit",
                "config-too-complex" if diagnostic.message.contains("never") => super::ENDLESS,
                "config-too-complex" => super::LIMIT,
                _ => ANY,
            };
            let message = diagnostic.message.trim_start_matches("the hub ends here: ").to_owned();
            let (kind, message) = match message.split_once(": ") {
                Some((name, rest)) if kind == ANY => (name.to_owned(), rest.to_owned()),
                _ => (kind.to_owned(), message),
            };
            let span = diagnostic.span.or_else(|| Some(self.span(range)));
            Box::new(Exc { kind: kind.as_str().into(), message, span, bases: Vec::new(), certain: true })
        })
    }

    /// What traitlets puts into the namespace of a file.
    pub(super) fn inject(&mut self, scope: Ref) {
        let root = self.root;
        self.bind_in(scope, "c", Val::Obj(root));
        self.bind_in(scope, "get_config", Val::native("traitlets.injected.get_config"));
        self.bind_in(scope, "load_subconfig", Val::native("traitlets.injected.load_subconfig"));
    }

    /// `load_subconfig(name)`: the file is followed with a configuration of its own, which is then merged.
    pub(super) fn load_subconfig(&mut self, args: &[Val], range: TextRange) -> Ev {
        let name = match args.first() {
            Some(Val::Str(name)) => name.clone(),
            Some(Val::Path(name)) => name.clone(),
            Some(other) => {
                let why = self.why_of_parts(std::slice::from_ref(other), range);
                let root = self.root;
                self.taint_section(root, &why);
                return Ok(Val::None);
            }
            None => return self.raise("TypeError", "load_subconfig() missing an argument: 'fname'", range),
        };
        let folder = match args.get(1) {
            Some(Val::Str(path)) => PathBuf::from(&**path),
            _ => self.frame().file.folder.clone(),
        };
        // Upstream looks in the folder where the hub was started, which is this one, or one above it.
        let candidates = [folder.join(&*name), PathBuf::from(&*name), folder.join("..").join(&*name)];
        let found = candidates.iter().find_map(|path| Some((path.clone(), self.files.read(path).ok()?)));
        let Some((path, bytes)) = found else {
            if self.files.exists(&candidates[0]) == Some(false) {
                return Ok(Val::None);
            }
            self.diagnose(
                Diagnostic::warning("subconfig-missing", format!("{name} is not here, so what it sets is not known"))
                    .with_span(self.span(range))
                    .with_note("the hub loads it if it finds it, and goes on without a word if it does not")
                    .with_fix(format!("put {name} beside the configuration")),
            );
            return Ok(Val::None);
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let section = self.state.new_cell(Cell::Config(super::Section::default()));
        let scope = self.state.new_cell(Cell::Scope(Scope::default()));
        let outer = std::mem::replace(&mut self.root, section);
        self.inject(scope);
        let file_path = self.files.absolute(&path);
        self.bind_in(scope, "__file__", Val::str(file_path.to_string_lossy()));
        let result = self.follow_file(&path, &text, scope, range);
        self.root = outer;
        result?;
        self.merge_sections(outer, section, range)?;
        Ok(Val::None)
    }

    /// `exec` and `eval` of a known text.
    pub(super) fn run_text(&mut self, how: &str, text: &str, own_names: bool, range: TextRange) -> Ev {
        let why = Rc::new(Unknown {
            reason: format!("it is made by {how}(), which is not followed here"),
            span: Some(self.span(range)),
        });
        if own_names || self.frames.len() > 20 {
            return Ok(self.unknown_call(why, &[], &[], range));
        }
        let label = self.frame().file.label.clone();
        let folder = self.frame().file.folder.clone();
        let span = self.span(range);
        let file = Rc::new(File::new(label, text.trim_start().into(), folder, span.line, span.column));
        let body = match super::parse::module(&file) {
            Ok(body) => body,
            Err(_) => return self.raise("SyntaxError", "invalid syntax", range),
        };
        let frame = super::Frame { file, ..self.frame().clone() };
        self.frames.push(frame);
        let result = match (how, body.as_slice()) {
            ("eval", [ast::Stmt::Expr(expression)]) => self.eval(&expression.value),
            ("exec", body) => match self.exec_block(body) {
                super::Flow::Raise(exc) => Err(exc),
                _ => Ok(Val::None),
            },
            _ => Ok(Val::Unknown(why)),
        };
        self.frames.pop();
        result
    }
}
