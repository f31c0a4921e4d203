//! From what the command line names to one [`Loaded`] configuration: find the files, tell their kinds, lay them on each
//! other as the hub's own loaders do.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::json;
use crate::span::{Origin, Span};
use crate::value::Value;

use super::chart::{self, Layer};
use super::config::{self, Config};
use super::detect::{self, Language};
use super::disk::{self, Disk};
use super::node::{Block, Node};
use super::parts::{Parts, Piece};
use super::python::{Files as _, Interpreter, Source};
use super::yaml::{self, Flavour};
use super::{Env, Kind, Loaded, env_file, flags, tljh, z2jh};

/// What is looked for where no CONFIG is given, in this order.
pub const DEFAULT_NAMES: [&str; 4] = ["jupyterhub_config.py", "values.yaml", "config.yaml", "jupyterhub_config.json"];

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// CONFIG.
    pub config: Option<PathBuf>,
    /// `--base`, the lowest first.
    pub base: Vec<PathBuf>,
    /// `--set`, as typed.
    pub set: Vec<String>,
    /// Our own environment.
    pub env: Env,
    /// `--env-file`: the hub's environment instead of ours.
    pub env_file: Option<PathBuf>,
    /// The current folder, from which relative names are taken.
    pub folder: PathBuf,
    /// Whether the environment, and what Python reads from files, is taken for unknown: what is known all the same does
    /// not depend on them.
    pub blind: bool,
}

/// Why there is nothing to look at.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadError {
    /// The command line is wrong (exit code 2).
    Usage(String),
    /// A file cannot be read, or there is none (exit code 3).
    Unreadable(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Usage(message) | LoadError::Unreadable(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for LoadError {}

/// Loads a Python text that is no file: the embedded provider's own configuration.
///
/// # Errors
/// A wrong `--set`, or an `--env-file` that cannot be read.
pub fn load_text(text: &str, request: &Request) -> Result<Loaded, LoadError> {
    let opened = Opened {
        path: PathBuf::from("jupyterhub_config.py"),
        label: "jupyterhub_config.py (demo)".into(),
        bytes: text.as_bytes().to_vec(),
        language: Language::Python,
    };
    load_with(request, None, |_| Ok(vec![opened]))
}

/// Loads a text as if it were the file of that name, which need not be there.
///
/// # Errors
/// A wrong `--set`, or an `--env-file` that cannot be read.
pub fn load_as(path: &Path, text: &str, request: &Request) -> Result<Loaded, LoadError> {
    let opened = Opened {
        path: path.to_owned(),
        label: path.to_string_lossy().into(),
        bytes: text.as_bytes().to_vec(),
        language: detect::language(path, text),
    };
    load_with(request, Some(path.to_owned()), |_| Ok(vec![opened]))
}

/// Loads a configuration. A file that does not parse, or would end the hub, is no error here: it is in
/// [`Loaded::fatal`].
///
/// # Errors
/// A wrong `--set`, a file that cannot be opened, or no configuration at all.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    let main = main_file(request)?;
    let paths: Vec<PathBuf> = request.base.iter().chain(&main).cloned().collect();
    load_with(request, main, |loader| paths.iter().map(|path| loader.open(path)).collect())
}

fn load_with(
    request: &Request,
    main: Option<PathBuf>,
    open: impl FnOnce(&Loader<'_>) -> Result<Vec<Opened>, LoadError>,
) -> Result<Loaded, LoadError> {
    let disk = Disk { folder: request.folder.clone(), only_python: false };
    let seen = Disk { folder: request.folder.clone(), only_python: request.blind };
    let (env, mut diagnostics) = if request.blind { (Env::unseen(), Vec::new()) } else { environment(request)? };
    let parse = |argument: &String| flags::parse(argument, &env, &disk).map_err(LoadError::Usage);
    let settings = request.set.iter().map(parse).collect::<Result<Vec<_>, _>>()?;

    let mut loader = Loader {
        disk: &disk,
        seen: &seen,
        loaded: Loaded {
            path: main,
            kind: Kind::Python,
            config: Config::new(),
            env_at_import: env.clone(),
            env,
            class_attributes: Vec::new(),
            texts: Vec::new(),
            diagnostics: Vec::new(),
            fatal: None,
            parts: None,
        },
    };
    let files = open(&loader)?;
    loader.read(files)?;
    let mut loaded = loader.loaded;
    flags::apply(settings, &mut loaded.config);
    diagnostics.append(&mut loaded.diagnostics);
    loaded.diagnostics = diagnostics;
    Ok(loaded)
}

fn environment(request: &Request) -> Result<(Env, Vec<Diagnostic>), LoadError> {
    let Some(path) = &request.env_file else { return Ok((request.env.clone(), Vec::new())) };
    if path == Path::new("/dev/null") {
        let mut env = Env::default();
        env.of_the_hub = true;
        return Ok((env, Vec::new()));
    }
    let label: Arc<str> = path.to_string_lossy().into();
    let bytes = disk::read(&request.folder.join(path)).map_err(|error| unreadable(path, &error))?;
    let text = disk::decode(bytes).map_err(|line| LoadError::Unreadable(format!("{label}:{line}: not UTF-8")))?;
    let (mut env, findings) = env_file::parse(&text, &label).map_err(LoadError::Unreadable)?;
    env.of_the_hub = true;
    Ok((env, findings))
}

/// The names in `--existing-users FILE`.
///
/// # Errors
/// A file that cannot be opened.
pub fn existing_users(path: &Path, folder: &Path) -> Result<Vec<String>, LoadError> {
    let bytes = disk::read(&folder.join(path)).map_err(|error| unreadable(path, &error))?;
    Ok(env_file::existing_users(&json::decode(&bytes)))
}

/// CONFIG, or the first of the usual names in the current folder; `None` where `--base` or `--set` say it all.
fn main_file(request: &Request) -> Result<Option<PathBuf>, LoadError> {
    if request.config.is_some() {
        return Ok(request.config.clone());
    }
    if let Some(name) = DEFAULT_NAMES.iter().find(|name| request.folder.join(name).exists()) {
        return Ok(Some(PathBuf::from(name)));
    }
    if !request.base.is_empty() || !request.set.is_empty() {
        return Ok(None);
    }
    Err(LoadError::Unreadable(format!(
        "no configuration found: none of {} is in {}; name one, for example `oauthctl show path/to/jupyterhub_config.py`",
        DEFAULT_NAMES.join(", "),
        request.folder.display()
    )))
}

fn unreadable(path: &Path, error: &std::io::Error) -> LoadError {
    LoadError::Unreadable(format!("{}: {error}", path.display()))
}

/// A configuration file, opened.
struct Opened {
    /// As the user named it.
    path: PathBuf,
    label: Arc<str>,
    bytes: Vec<u8>,
    language: Language,
}

struct Loader<'a> {
    disk: &'a Disk,
    /// What Python sees of it.
    seen: &'a Disk,
    loaded: Loaded,
}

impl Loader<'_> {
    fn open(&self, path: &Path) -> Result<Opened, LoadError> {
        let bytes = self.disk.read(path).map_err(|error| unreadable(path, &error))?;
        let language = detect::language(path, &disk::decode(bytes.clone()).unwrap_or_default());
        Ok(Opened { path: path.to_owned(), label: path.to_string_lossy().into(), bytes, language })
    }

    fn read(&mut self, files: Vec<Opened>) -> Result<(), LoadError> {
        let Some(main) = files.last() else { return Ok(()) };
        let is_yaml = main.language == Language::Yaml;
        if let Some(other) = files.iter().find(|file| (file.language == Language::Yaml) != is_yaml) {
            return Err(LoadError::Usage(format!(
                "--base {} can't lie under {}: one is YAML, the other Python or JSON",
                other.path.display(),
                main.path.display()
            )));
        }
        if is_yaml {
            self.yaml(files);
            return Ok(());
        }
        self.loaded.kind = if main.language == Language::Json { Kind::Json } else { Kind::Python };
        for file in files {
            if self.loaded.fatal.is_none() {
                self.traitlets(file);
            }
        }
        Ok(())
    }

    /// A `.py` or `.json` with its namesake of the other kind: traitlets loads both, and the JSON lies on top
    /// (`Application._load_config_files`).
    fn traitlets(&mut self, file: Opened) {
        let namesake = match file.language {
            Language::Python => file.path.with_extension("json"),
            _ => file.path.with_extension("py"),
        };
        let other = (namesake != file.path).then(|| self.open(&namesake).ok()).flatten();
        let other = other.filter(|other| other.language != Language::Yaml);
        let (python, json) = match file.language {
            Language::Python => (Some(file), other),
            _ => (other, Some(file)),
        };
        let earlier = python.map(|file| self.python(file));
        let Some(json) = json.filter(|_| self.loaded.fatal.is_none()) else {
            self.loaded.config.merge(earlier.unwrap_or_default(), "");
            return;
        };
        let label = json.label.clone();
        let later = self.json(json);
        if let Some(earlier) = earlier {
            self.collisions(&earlier, &later, &label);
            self.loaded.config.merge(earlier, "");
        }
        self.loaded.config.merge(later, "");
    }

    /// Runs a Python file, as far as it can be followed, from an empty configuration.
    fn python(&mut self, file: Opened) -> Config {
        let text = match disk::decode_python(file.bytes) {
            Ok(text) => text,
            Err((message, line)) => {
                let span = Span::point(&file.label, line, 1);
                self.loaded.fatal = Some(
                    Diagnostic::error("syntax-error", message)
                        .with_span(span)
                        .with_note("Python raises a SyntaxError, and the hub doesn't start"),
                );
                return Config::new();
            }
        };
        self.remember(&file.label, &text);
        let folder = file.path.parent().map(Path::to_owned).unwrap_or_default();
        self.run(Source {
            text: &text,
            label: file.label,
            path: Some(file.path),
            folder,
            first_line: 1,
            first_column: 1,
        })
    }

    fn run(&mut self, source: Source<'_>) -> Config {
        let mut interpreter = Interpreter::new(self.loaded.env.clone(), self.seen);
        if let Err(fatal) = interpreter.run(source) {
            self.loaded.fatal = Some(fatal);
        }
        self.loaded.env = interpreter.env;
        self.loaded.class_attributes.append(&mut interpreter.class_attributes);
        self.loaded.diagnostics.append(&mut interpreter.diagnostics);
        for (label, text) in interpreter.texts {
            self.remember(&label, &text);
        }
        interpreter.config
    }

    fn remember(&mut self, label: &Arc<str>, text: &str) {
        if !self.loaded.texts.iter().any(|(known, _)| known == label) {
            self.loaded.texts.push((label.clone(), text.into()));
        }
    }

    /// traitlets' `JSONFileConfigLoader`.
    fn json(&mut self, file: Opened) -> Config {
        let text = match String::from_utf8(file.bytes) {
            Ok(text) => text,
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                self.fatal_json("not UTF-8", Span::point(&file.label, line, 1));
                return Config::new();
            }
        };
        self.remember(&file.label, &text);
        let (value, spans) = match json::parse_with_spans(&text, &file.label) {
            Ok(parsed) => parsed,
            Err(error) => {
                let span = Span::of_bytes(&file.label, &text, error.offset, error.offset + 1);
                self.fatal_json(&format!("not JSON: {error}"), span);
                return Config::new();
            }
        };
        let Value::Dict(mut dict) = value else {
            let span = Span::of_bytes(&file.label, &text, 0, 1);
            self.fatal_json("no JSON object of classes and their options", span);
            return Config::new();
        };
        if let Some(version) = dict.remove(&Value::str("version")).filter(|version| *version != Value::int(1)) {
            let span = spans.get(&vec!["version".to_owned()]).cloned();
            let message = format!("unknown version of JSON config file: {}", version.to_text());
            self.loaded.fatal = Some(Diagnostic::error("json-version", message).with_span(span).with_fix("write 1"));
            return Config::new();
        }
        for (path, span, first) in json::duplicates(&text, &file.label) {
            let name = path.join(".");
            self.loaded.diagnostics.push(
                Diagnostic::warning("duplicate-key", format!("`{name}` is given twice"))
                    .with_span(span)
                    .with_label(first, "first given here")
                    .with_setting(name)
                    .with_note("Python takes the last one and drops the first, with all that is in it, without a word")
                    .with_fix("merge the two"),
            );
        }
        let span_of = |path: &[String]| spans.get(path).cloned();
        let config = config::from_dict(&dict, &mut Vec::new(), &span_of);
        for (name, entry) in config.entries() {
            let message = format!("`{name}` is no section: it isn't the name of a class with its options below");
            let finding = Diagnostic::warning("lowercase-section", message).with_span(entry.origin.span().cloned());
            self.loaded.diagnostics.push(finding.with_note("traitlets ignores it without a word"));
        }
        config
    }

    fn fatal_json(&mut self, message: &str, span: Span) {
        self.loaded.fatal = Some(Diagnostic::error("syntax-error", message).with_span(span));
    }

    /// `Config.collisions`: what the JSON beside a Python file overrides. The hub only logs it.
    fn collisions(&mut self, earlier: &Config, later: &Config, label: &str) {
        for (class, section) in later.sections() {
            let Some(below) = earlier.section(class) else { continue };
            for (option, entry) in section.entries() {
                let Some(old) = below.entry(option).filter(|old| old.value() != entry.value()) else { continue };
                let mut finding = Diagnostic::warning(
                    "config-collision",
                    format!("{class}.{option} is set here and in the Python file"),
                )
                .with_span(entry.origin.span().cloned())
                .with_setting(format!("{class}.{option}"))
                .with_note(format!(
                    "the hub loads {label} as well, because it lies beside the Python file, and it wins"
                ))
                .with_fix("keep the setting in one of the two");
                if let Some(span) = old.origin.span() {
                    finding = finding.with_label(span.clone(), "this one is ignored");
                }
                self.loaded.diagnostics.push(finding);
            }
        }
    }

    /// Values files, or TLJH's `config.yaml`.
    fn yaml(&mut self, files: Vec<Opened>) {
        self.loaded.kind = Kind::Z2jh;
        let mut layers = Vec::new();
        let mut texts = Vec::new();
        let main = files.last().map(|file| file.path.clone()).unwrap_or_default();
        for file in files {
            let Some((layer, text)) = self.parse_yaml(file, Flavour::Helm) else { return };
            layers.push(layer);
            texts.push(text);
        }
        let top = layers.last().and_then(|layer| layer.documents.first());
        if top.is_some_and(detect::is_tljh) {
            self.tljh(layers, &texts, &main);
            return;
        }
        self.z2jh(layers);
    }

    fn parse_yaml(&mut self, file: Opened, flavour: Flavour) -> Option<(Layer, Arc<str>)> {
        let text = match disk::decode(file.bytes) {
            Ok(text) => text,
            Err(line) => {
                let span = Span::point(&file.label, line, 1);
                self.loaded.fatal = Some(Diagnostic::error("syntax-error", "not YAML: not UTF-8").with_span(span));
                return None;
            }
        };
        self.remember(&file.label, &text);
        match yaml::parse(&text, &file.label, flavour) {
            Ok(parsed) => {
                self.loaded.diagnostics.extend(parsed.diagnostics);
                Some((Layer { label: file.label, documents: parsed.documents }, text.into()))
            }
            Err(error) => {
                self.loaded.fatal = Some(*error);
                None
            }
        }
    }

    fn z2jh(&mut self, layers: Vec<Layer>) {
        // An empty values file is one: the chart's defaults count.
        let label = layers.last().map(|layer| layer.label.clone()).unwrap_or_else(|| "values.yaml".into());
        let is_empty = layers.iter().flat_map(|layer| &layer.documents).all(Node::is_null);
        let root = if is_empty {
            Node::new(super::node::Data::Map(Default::default()), Span::point(&label, 1, 1))
        } else {
            let python = layers.last().and_then(|layer| chart::embedded_python(&layer.documents)).cloned();
            let Some(values) = chart::merge(layers) else {
                if let Some(python) = python {
                    self.embedded(&python);
                    return;
                }
                let message = "no settings of a JupyterHub in this file";
                self.loaded.fatal = Some(
                    Diagnostic::error("no-hub", message)
                        .with_span(Span::point(&label, 1, 1))
                        .with_note("looked for `hub:` with config, extraConfig or extraEnv at any depth, and for TLJH's `auth:` and `users:`")
                        .with_fix("name the values file of the hub; if it is a layer over another, name that one by --base"),
                );
                return;
            };
            self.loaded.diagnostics.extend(values.diagnostics);
            values.root
        };
        self.loaded.diagnostics.extend(z2jh::null_over_base(&root));
        let outcome = z2jh::evaluate(&root, self.loaded.env.clone());
        self.loaded.config = outcome.config;
        self.loaded.env_at_import = outcome.env_at_import;
        self.loaded.env = outcome.env;
        self.loaded.class_attributes = outcome.class_attributes;
        self.loaded.diagnostics.extend(outcome.diagnostics);
        self.loaded.fatal = outcome.fatal;
        self.loaded.parts = outcome.parts;
    }

    /// TLJH's `config.yaml`, then `jupyterhub_config.d/*.py` beside it, each by `load_subconfig`.
    fn tljh(&mut self, layers: Vec<Layer>, texts: &[Arc<str>], main: &Path) {
        self.loaded.kind = Kind::Tljh;
        self.loaded.diagnostics.clear();
        let mut root: Option<Node> = None;
        for (layer, text) in layers.into_iter().zip(texts) {
            match yaml::parse(text, &layer.label, Flavour::Ruamel) {
                Ok(parsed) => {
                    self.loaded.diagnostics.extend(parsed.diagnostics);
                    let Some(document) = parsed.documents.into_iter().next() else { continue };
                    match &mut root {
                        None => root = Some(document),
                        Some(root) => root.merge(document),
                    }
                }
                Err(error) => {
                    self.loaded.fatal = Some(*error);
                    return;
                }
            }
        }
        let Some(root) = root else { return };
        self.loaded.diagnostics.extend(tljh::misplaced(&root));
        if let Err(error) = tljh::apply(&root, &mut self.loaded.config) {
            self.loaded.fatal = Some(*error);
            return;
        }
        let folder = main.parent().map(|parent| parent.join("jupyterhub_config.d")).unwrap_or_default();
        let names = self.disk.list(&folder).unwrap_or_default();
        let names = names.iter().filter(|name| name.ends_with(".py") && !name.starts_with('.'));
        let files: Vec<PathBuf> = names.map(|name| folder.join(name)).collect();
        let config = self.loaded.config.clone();
        self.loaded.parts = Some(Parts { config, files: files.clone(), ..Parts::default() });
        for path in files {
            match self.open(&path) {
                Ok(file) => {
                    let config = self.python(file);
                    self.loaded.config.merge(config, "");
                }
                Err(error) => {
                    let message = format!("{error}, so what it sets is missing here");
                    self.loaded.diagnostics.push(Diagnostic::warning("unreadable-file", message));
                }
            }
            if self.loaded.fatal.is_some() {
                return;
            }
        }
    }

    /// A `jupyterhub_config.py` in a ConfigMap.
    fn embedded(&mut self, node: &Node) {
        self.loaded.kind = Kind::Python;
        let block = node.block.unwrap_or(Block { line: node.span.line, column: node.span.column });
        let text = node.text().unwrap_or_default().to_owned();
        let piece = Piece { label: node.span.file.clone(), line: block.line, text };
        self.loaded.parts = Some(Parts { pieces: vec![piece], ..Parts::default() });
        let config = self.run(Source {
            text: node.text().unwrap_or_default(),
            label: node.span.file.clone(),
            path: None,
            folder: PathBuf::new(),
            first_line: block.line,
            first_column: block.column,
        });
        self.loaded.config.merge(config, "");
    }
}

/// The authenticator class as configured, before it is looked up; with where.
pub fn authenticator_class(config: &Config) -> Option<(&Value, &Origin)> {
    let entry = config.section("JupyterHub")?.entry("authenticator_class")?;
    entry.value().map(|value| (value, &entry.origin))
}

#[cfg(test)]
mod tests;
