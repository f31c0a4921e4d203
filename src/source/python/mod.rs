//! The static reader of `jupyterhub_config.py`: parsed by a real Python parser, followed statement by statement, never
//! run.
//!
//! It ends with what `traitlets.config.loader.PyFileConfigLoader` would have in hand after `exec` of the file. What
//! cannot be known without running code or being on the hub's machine is carried as unknown, with its reason, and
//! whatever depends on it becomes unknown too: branches on an unknown condition are both followed and joined
//! ([`join`]).

#![allow(clippy::result_large_err, reason = "a finding that ends the reading is made once")]

mod builtins;
mod call;
mod classes;
mod compare;
mod compile;
mod config;
mod containers;
mod environ;
mod evaluate;
mod expression;
mod file;
mod files;
mod format;
mod havoc;
mod heap;
mod imports;
mod join;
mod materialise;
mod methods;
mod modules;
mod names;
mod operators;
mod os;
mod parse;
pub mod place;
mod pathlib;
mod pattern;
mod regex;
mod sets;
mod spec;
mod statement;
mod subscript;
mod surrogates;
mod target;
mod text;
mod tries;
mod types;
mod yaml;
mod z2jh;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use ruff_text_size::TextRange;

use crate::diagnostic::Diagnostic;
use crate::source::{ClassAttribute, Config, Env};
use crate::span::Span;
use crate::value::{Unknown, Value};

pub use evaluate::{CallError, call_source, call_with_effects};
pub use files::{DiskFiles, Files};

use file::File;
use heap::{Cell, Exc, Ref, Scope, Section, State, Val};

/// Steps that a file may take, many times what any real one needs.
const STEPS: u64 = 300_000;
/// Further steps for what follows a statement that took too many.
const MORE_STEPS: u64 = 30_000;
/// How deep calls may nest, below Python's own limit of 1,000 frames.
const DEPTH: usize = 150;
/// The longest text and the largest container that is followed.
const SIZE: usize = 1 << 20;

/// One text to read: a file, or a snippet of Python that stands in another file.
#[derive(Clone, Debug)]
pub struct Source<'t> {
    /// The Python text.
    pub text: &'t str,
    /// The file name that spans carry.
    pub label: Arc<str>,
    /// `__file__`, where the text is a file of its own.
    pub path: Option<PathBuf>,
    /// The folder in which relative names and imports resolve.
    pub folder: PathBuf,
    /// The line of the text's first line in the file that the label names, from 1.
    pub first_line: usize,
    /// The column of the text's first column there, from 1.
    pub first_column: usize,
}

impl<'t> Source<'t> {
    /// A file of its own.
    pub fn file(text: &'t str, label: impl Into<Arc<str>>, path: impl Into<PathBuf>) -> Source<'t> {
        let path = path.into();
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        Source { text, label: label.into(), path: Some(path), folder, first_line: 1, first_column: 1 }
    }
}

/// What a raised exception is carried as, on its way out.
type Raise = Box<Exc>;
/// The outcome of an expression.
type Ev<T = Val> = Result<T, Raise>;

/// What makes two findings the same: rule, place and words.
type Seen = (&'static str, Option<(usize, usize)>, String);

/// How a statement ends.
#[derive(Clone, Debug)]
enum Flow {
    Normal,
    Break,
    Continue,
    Return(Val),
    Raise(Raise),
}

/// A way out that may have been taken, with the state it would have left.
#[derive(Clone)]
struct Escape {
    flow: Flow,
    state: State,
    why: Rc<Unknown>,
}

/// The body being followed.
#[derive(Clone)]
struct Frame {
    scope: Ref,
    globals: Ref,
    file: Rc<File>,
    /// Names declared `global` or `nonlocal`, with the scope they belong to.
    elsewhere: HashMap<Rc<str>, Ref>,
    /// The statement that is followed, from which settings take their place.
    statement: Option<Span>,
}

/// The reader, and what it has in hand so far.
#[derive(Clone)]
pub struct Interpreter<'a> {
    /// The configuration tree, as it stands after the last [`Interpreter::run`]. What is put here before the first
    /// run is there when the file starts.
    pub config: Config,
    /// The environment, with what the files set.
    pub env: Env,
    /// `Class.attribute = value` on imported classes.
    pub class_attributes: Vec<ClassAttribute>,
    /// What is noteworthy.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that spans point into.
    pub texts: Vec<(Arc<str>, Arc<str>)>,
    files: &'a dyn Files,
    state: State,
    root: Ref,
    /// What `traitlets.config.get_config` gives: the application's own configuration.
    app_root: Ref,
    globals: Ref,
    frames: Vec<Frame>,
    escapes: Vec<Escape>,
    /// What the `try` statements around would catch, innermost last.
    handlers: Vec<Vec<String>>,
    modules: HashMap<PathBuf, Ref>,
    loading: HashSet<PathBuf>,
    z2jh: Option<Value>,
    /// Whether an attribute was ever set on a function.
    marked_functions: bool,
    /// Variables that `os.environ.get` did not find, and where.
    absent: Vec<(String, Span)>,
    /// Variables that were asked for and not found, whatever was taken in their place, and where.
    defaulted: Vec<(String, Span)>,
    /// Where the last missing environment variable was raised for.
    missing_variable: Option<Span>,
    /// Whether missing variables are taken for unknown even where a handler would catch the `KeyError`.
    trusting: bool,
    steps: u64,
    allowance: u64,
    seen: HashSet<Seen>,
}

impl<'a> Interpreter<'a> {
    /// A reader in the hub's environment.
    pub fn new(env: Env, files: &'a dyn Files) -> Self {
        let mut state = State { env: Rc::new(env.clone()), ..State::default() };
        let root = state.new_cell(Cell::Config(Section::default()));
        let app_root = state.new_cell(Cell::Config(Section::default()));
        let globals = state.new_cell(Cell::Scope(Scope::default()));
        let mut interpreter = Interpreter {
            config: Config::new(),
            env,
            class_attributes: Vec::new(),
            diagnostics: Vec::new(),
            texts: Vec::new(),
            files,
            state,
            root,
            app_root,
            globals,
            frames: Vec::new(),
            escapes: Vec::new(),
            handlers: Vec::new(),
            modules: HashMap::new(),
            loading: HashSet::new(),
            z2jh: None,
            marked_functions: false,
            absent: Vec::new(),
            defaulted: Vec::new(),
            missing_variable: None,
            trusting: false,
            steps: 0,
            allowance: STEPS,
            seen: HashSet::new(),
        };
        interpreter.inject(globals);
        interpreter
    }

    /// The chart's values, which z2jh's `get_config('a.b', default)` and its kin read. The names that the chart's own
    /// `jupyterhub_config.py` has imported are there for the snippets too.
    pub fn set_z2jh_values(&mut self, values: Value) {
        self.z2jh = Some(values);
        self.inject_z2jh();
    }

    /// Follows one file or snippet over the state so far; later ones share its names, as z2jh's `hub.extraConfig` does.
    ///
    /// # Errors
    /// What would end the hub: a syntax error, an exception certainly raised, `sys.exit`.
    pub fn run(&mut self, source: Source<'_>) -> Result<(), Diagnostic> {
        stacker::maybe_grow(512 * 1024, 8 * 1024 * 1024, || self.run_here(source))
    }

    fn run_here(&mut self, source: Source<'_>) -> Result<(), Diagnostic> {
        let text: Arc<str> = Arc::from(source.text.strip_prefix('\u{feff}').unwrap_or(source.text));
        if source.first_line <= 1 && source.first_column <= 1 {
            self.remember_text(&source.label, &text);
        }
        let file = Rc::new(File::new(source.label, text, source.folder, source.first_line, source.first_column));
        self.take_over();
        self.allowance = self.steps + STEPS;
        if let Some(path) = &source.path {
            let path = self.files.absolute(path);
            self.bind_in(self.globals, "__file__", Val::str(path.to_string_lossy()));
        }
        let before = (!self.env.of_the_hub).then(|| self.clone());
        let result = self.follow(&file);
        let Err(fatal) = result else { return Ok(()) };
        match before {
            Some(before) if ["config-raises", "config-exits"].contains(&fatal.rule) => {
                self.follow_with_unknowns(&file, before, fatal)
            }
            _ => Err(fatal),
        }
    }

    fn follow(&mut self, file: &Rc<File>) -> Result<(), Diagnostic> {
        let globals = self.globals;
        let result = self.exec_file(file, globals);
        self.own_config(file);
        self.hand_back();
        result
    }

    /// `c = Config()`: what is set on it stays in the file.
    fn own_config(&mut self, file: &Rc<File>) {
        let Some(Val::Obj(at)) = self.name_in(self.globals, "c") else { return };
        let is_section = |at: Ref| matches!(self.state.cell(at), Cell::Config(section) if !section.slots.is_empty());
        if at == self.root || at == self.app_root || !is_section(at) || is_section(self.root) {
            return;
        }
        let binds = |line: &str| line.strip_prefix('c').is_some_and(|rest| rest.trim_start().starts_with('='));
        let Some(line) = file.text.lines().position(binds) else { return };
        let place = Span::point(&file.label, file.first_line + line, file.first_column);
        self.diagnose(
            Diagnostic::error(
                "config-ignored",
                "c is a configuration of this file's own from here on, which the hub never sees",
            )
            .with_span(place)
            .with_note("traitlets reads what is set on the `c` that it gives to the file")
            .with_fix("remove this line, or write `c = get_config()` without an import"),
        );
    }

    /// `if not os.environ.get("X"): raise …` ends our reading, and not the hub: its machine may well have what ours
    /// lacks. So the file is followed again with those variables unknown, from where it began.
    fn follow_with_unknowns(&mut self, file: &Rc<File>, before: Self, fatal: Diagnostic) -> Result<(), Diagnostic> {
        let asked: Vec<_> = self.defaulted.iter().filter(|(name, _)| before.env.get(name).is_none()).cloned().collect();
        let mut again = before;
        for (name, at) in &asked {
            let why = Value::unknown(format!("the environment variable {name} isn't set here"), Some(at.clone()));
            again.state.env_mut().set(name, why, None);
        }
        again.env = (*again.state.env).clone();
        if asked.is_empty() || again.follow(file).is_err() {
            return Err(fatal);
        }
        *self = again;
        if !self.diagnostics.iter().any(|told| told.rule == "config-may-raise" && told.span == fatal.span) {
            let mut names: Vec<&str> = asked.iter().map(|(name, _)| name.as_str()).collect();
            names.dedup();
            names.truncate(5);
            let note = format!("unless the hub's environment has what isn't set here: {}", names.join(", "));
            let level = crate::diagnostic::Level::Warning;
            self.diagnose(Diagnostic { rule: "config-may-raise", level, ..fatal.with_note(note) });
        }
        Ok(())
    }

    fn remember_text(&mut self, label: &Arc<str>, text: &Arc<str>) {
        if !self.texts.iter().any(|(known, _)| known == label) {
            self.texts.push((label.clone(), text.clone()));
        }
    }

    /// Parses and follows a text in a scope.
    fn exec_file(&mut self, file: &Rc<File>, globals: Ref) -> Result<(), Diagnostic> {
        let body = parse::module(file)?;
        let frame = Frame { scope: globals, globals, file: file.clone(), elsewhere: HashMap::new(), statement: None };
        let mark = self.escapes.len();
        self.frames.push(frame);
        let flow = self.exec_module(&body);
        self.frames.pop();
        self.report_escapes(mark);
        match flow {
            Flow::Raise(exc) => Err(self.fatal(&exc)),
            _ => Ok(()),
        }
    }

    /// What may have ended the hub on the way is said, and the way on is taken: a hub that runs took it.
    fn report_escapes(&mut self, mark: usize) {
        for escape in self.escapes.split_off(mark) {
            if let Flow::Raise(exc) = escape.flow {
                // Outside a `try` nobody asks what an unknown may raise, so neither here.
                if !exc.certain {
                    continue;
                }
                let message = match exc.kind.as_ref() {
                    "SystemExit" => "the hub does not start if it comes to this exit".to_owned(),
                    _ => format!("the hub does not start if it comes to this: {}", exc.describe()),
                };
                let diagnostic = Diagnostic::warning("config-may-raise", message)
                    .with_span(exc.span.clone())
                    .with_note(format!("it cannot be told from here, because {}", escape.why.reason));
                self.diagnose(diagnostic);
            }
        }
    }

    fn fatal(&self, exc: &Exc) -> Diagnostic {
        let diagnostic = match exc.kind.as_ref() {
            "SystemExit" => Diagnostic::error("config-exits", "the configuration ends the hub here"),
            LIMIT => Diagnostic::error(
                "config-too-complex",
                "this file does more work than can be followed without running it",
            )
            .with_fix("name the Python to run it with by --python, or give the settings by --set"),
            ENDLESS => Diagnostic::error("config-too-complex", "the hub never gets past this loop, and does not start")
                .with_fix("give the loop an end"),
            "<syntax>" => Diagnostic::error("syntax-error", exc.message.clone()),
            _ => Diagnostic::error("config-raises", format!("the hub ends here: {}", exc.describe())),
        };
        diagnostic.with_span(exc.span.clone())
    }

    /// Adds a finding, once for a place and message.
    fn diagnose(&mut self, diagnostic: Diagnostic) {
        let place = diagnostic.span.as_ref().map(|span| (span.line, span.column));
        if self.seen.insert((diagnostic.rule, place, diagnostic.message.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// What the caller put into the public fields counts for the reader.
    fn take_over(&mut self) {
        self.state.env = Rc::new(self.env.clone());
        let untouched = matches!(self.state.cell(self.root), Cell::Config(section) if section.slots.is_empty());
        if untouched && !self.config.is_empty() {
            let config = std::mem::take(&mut self.config);
            self.seed(&config);
        }
    }

    fn hand_back(&mut self) {
        self.config = self.materialise_config();
        self.env = (*self.state.env).clone();
        self.env.absent.clone_from(&self.absent);
        self.env.defaulted.clone_from(&self.defaulted);
        self.class_attributes = (*self.state.class_attributes).clone();
    }

    // The small things everything else stands on.

    fn frame(&self) -> &Frame {
        self.frames.last().unwrap_or_else(|| unreachable!("nothing is evaluated outside a frame"))
    }

    fn span(&self, range: TextRange) -> Span {
        self.frame().file.span(range)
    }

    fn raise<T>(&self, kind: &str, message: impl Into<String>, range: TextRange) -> Ev<T> {
        Err(Box::new(Exc {
            kind: kind.into(),
            message: message.into(),
            span: Some(self.span(range)),
            bases: Vec::new(),
            certain: true,
        }))
    }

    fn unknown(&self, reason: impl Into<String>, range: TextRange) -> Val {
        Val::unknown(reason, Some(self.span(range)))
    }

    fn step(&mut self, cost: u64, range: TextRange) -> Ev<()> {
        self.steps += cost;
        if self.steps > self.allowance { self.raise(LIMIT, "too many steps", range) } else { Ok(()) }
    }

    fn new_list(&mut self, items: Vec<Val>) -> Val {
        Val::Obj(self.state.new_cell(Cell::List(items)))
    }

    fn cell_of(&self, value: &Val) -> Option<&Cell> {
        match value {
            Val::Obj(at) => Some(self.state.cell(*at)),
            _ => None,
        }
    }

    /// Why a value is unknown, if it is.
    fn why(&self, value: &Val) -> Option<Rc<Unknown>> {
        match value {
            Val::Unknown(why) => Some(why.clone()),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::Unknown(why) => Some(why.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The state, to come back to.
    fn snapshot(&mut self) -> State {
        self.steps += self.state.cells.len() as u64 / 40;
        self.state.clone()
    }

    /// Takes up another state; gives back the one that was left.
    fn enter(&mut self, mut state: State) -> State {
        state.pad(&self.state);
        std::mem::replace(&mut self.state, state)
    }

    /// Notes that what was just evaluated may have raised, where somebody around would catch it.
    fn may_raise(&mut self, kind: &str, why: &Rc<Unknown>, range: TextRange) {
        if self.handlers.is_empty() {
            return;
        }
        if let Some(Escape { flow: Flow::Raise(exc), state, .. }) = self.escapes.last()
            && state.version == self.state.version
            && exc.kind.as_ref() == kind
        {
            return;
        }
        let exc = Exc {
            kind: kind.into(),
            message: String::new(),
            span: Some(self.span(range)),
            bases: Vec::new(),
            certain: false,
        };
        let state = self.snapshot();
        self.escapes.push(Escape { flow: Flow::Raise(Box::new(exc)), state, why: why.clone() });
    }
}

/// Goes on with enough stack, however deep the file nests.
fn grow<T>(walk: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, walk)
}

/// The kind of the exception that ends a walk which takes too long; nothing catches it.
const LIMIT: &str = "<limit>";
/// What a loop without an end is carried as.
const ENDLESS: &str = "<endless>";
/// The kind of an exception of which only is known that it may be raised.
const ANY: &str = "<any>";

impl Exc {
    /// As the last line of a traceback has it.
    fn describe(&self) -> String {
        match (self.kind.as_ref(), self.message.as_str()) {
            (ANY, _) => "an exception".to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, message) => format!("{kind}: {message}"),
        }
    }
}

#[cfg(test)]
mod tests;
