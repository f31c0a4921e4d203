//! Writing configuration: a [`Document`] of settings as any of the four forms that operators keep.
//!
//! The counterpart of [`crate::source`]: what is written here is read back there, and by the hub, as the same settings.
//! A form that cannot hold something (JSON knows no environment, helm no set) never drops it silently: it is in
//! [`Written::left_out`] with the reason, or in [`Written::changed`] where it is written in another dress.
//!
//! ```
//! use oauthctl::value::Value;
//! use oauthctl::write::{Document, Form, Setting, Term, write};
//!
//! let document = Document {
//!     settings: vec![
//!         Setting::new("JupyterHub", "authenticator_class", Value::str("github")),
//!         Setting::new("GitHubOAuthenticator", "client_secret", Term::env("GITHUB_CLIENT_SECRET")),
//!     ],
//!     ..Document::default()
//! };
//! let written = write(&document, Form::Python);
//! assert!(written.text.contains("c.GitHubOAuthenticator.client_secret = os.environ[\"GITHUB_CLIENT_SECRET\"]"));
//! ```

mod json;
pub mod python;
mod scalar;
mod tljh;
mod yaml;
mod z2jh;

#[cfg(test)]
mod tests;

use crate::settings;
use crate::source::Lazy;
use crate::value::Value;

/// The forms of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `jupyterhub_config.py`.
    Python,
    /// Values for the Zero to JupyterHub chart.
    Z2jh,
    /// The Littlest JupyterHub's `config.yaml`.
    Tljh,
    /// A traitlets `.json` file.
    Json,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 4] = [Form::Python, Form::Z2jh, Form::Tljh, Form::Json];

    /// The name of a file of this form where none is given.
    pub fn file_name(self) -> &'static str {
        match self {
            Form::Python => "jupyterhub_config.py",
            Form::Z2jh => "values.yaml",
            Form::Tljh => "config.yaml",
            Form::Json => "jupyterhub_config.json",
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Form::Python => "python",
            Form::Z2jh => "z2jh",
            Form::Tljh => "tljh",
            Form::Json => "json",
        }
    }
}

/// What is to be written.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// What stands above everything, a line of comment each.
    pub heading: Vec<String>,
    /// Variables that the hub's environment has to hold.
    pub environment: Vec<Variable>,
    /// Python that stands before the settings.
    pub prelude: Vec<Code>,
    /// The settings, in order. A class's settings need not stand together.
    pub settings: Vec<Setting>,
    /// Python that stands behind the settings: what sets options under a condition, or in a loop.
    pub statements: Vec<Code>,
    /// What else the file holds, as a mapping of the form's own keys: only for YAML of the same kind.
    pub rest: crate::value::Dict,
    /// What stands below everything, a line of comment each.
    pub footing: Vec<String>,
    /// The Kubernetes secret that holds what is referred to and has no other place.
    pub kubernetes_secret: Option<String>,
}

/// A setting: `Class.option` and what it is set to.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The section: a class's name, or several joined by dots.
    pub class: String,
    /// The option.
    pub option: String,
    /// What it is set to.
    pub term: Term,
    /// What stands above it, a line of comment each.
    pub comments: Vec<String>,
}

/// What a setting is set to.
#[derive(Clone, Debug)]
pub enum Term {
    /// A value. An unknown one cannot be written; a class is written by its name.
    Value(Value),
    /// A variable of the hub's environment, and what holds where it is missing.
    Env {
        /// Its name.
        name: String,
        /// What is taken where it is not set; `None` ends the hub there.
        default: Option<Value>,
    },
    /// The text in a file on the hub's machine, without the white space around it.
    File {
        /// Its path.
        path: String,
    },
    /// A Python expression.
    Code(Code),
    /// Operations on what the option holds by default: `c.X.y.append(…)`.
    Operations(Lazy),
    /// What is added to a list that is there already: `c.X.y.extend(…)`.
    Extend(Box<Term>),
    /// A list with something other than plain values in it.
    List(Vec<Term>),
    /// A dictionary with something other than plain values in it.
    Dict(Vec<(Value, Term)>),
}

/// A piece of Python, and what it needs to stand before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    /// The text; of an expression, or of statements in [`Document::prelude`].
    pub text: String,
    /// The import statements it needs.
    pub imports: Vec<String>,
    /// Other statements it needs (functions, constants), in order.
    pub needs: Vec<String>,
}

/// A variable of the hub's environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where its value comes from.
    pub source: VariableSource,
    /// What stands above it, a line of comment each.
    pub comments: Vec<String>,
}

/// Where a variable's value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum VariableSource {
    /// It is this text.
    Text(String),
    /// It is kept in a Kubernetes secret.
    Secret {
        /// The secret's name.
        name: String,
        /// The key in it.
        key: String,
    },
    /// It is there already.
    Given,
}

/// What has been written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The text, with a newline at its end.
    pub text: String,
    /// Settings that are not in it.
    pub left_out: Vec<Remark>,
    /// Settings that are in it in another dress than they were given.
    pub changed: Vec<Remark>,
    /// Variables that the hub's environment has to hold for it, and what for.
    pub environment: Vec<Remark>,
}

/// A word about a setting. Fragments in lower case, without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// `Class.option`, or the name of a variable.
    pub setting: String,
    /// What about it.
    pub reason: String,
}

impl Remark {
    fn new(setting: impl Into<String>, reason: impl Into<String>) -> Remark {
        Remark { setting: setting.into(), reason: reason.into() }
    }
}

impl Setting {
    /// A setting without comments.
    pub fn new(class: impl Into<String>, option: impl Into<String>, term: impl Into<Term>) -> Setting {
        Setting { class: class.into(), option: option.into(), term: term.into(), comments: Vec::new() }
    }

    /// Adds a line of comment above it.
    #[must_use]
    pub fn with_comment(mut self, line: impl Into<String>) -> Setting {
        self.comments.push(line.into());
        self
    }

    /// `Class.option`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.class, self.option)
    }
}

impl From<Value> for Term {
    fn from(value: Value) -> Term {
        Term::Value(value)
    }
}

impl Term {
    /// A variable that has to be there.
    pub fn env(name: impl Into<String>) -> Term {
        Term::Env { name: name.into(), default: None }
    }

    /// Whether data alone can hold it: neither a reference nor code is in it.
    pub fn is_data(&self) -> bool {
        match self {
            Term::Value(value) => value.find_unknown().is_none() && !has_callable(value),
            Term::Env { .. } | Term::File { .. } | Term::Code(_) | Term::Operations(_) | Term::Extend(_) => false,
            Term::List(items) => items.iter().all(Term::is_data),
            Term::Dict(pairs) => pairs.iter().all(|(_, term)| term.is_data()),
        }
    }

    /// The term as a value, where it is one through and through.
    pub fn as_value(&self) -> Option<Value> {
        match self {
            Term::Value(value) => Some(value.clone()),
            Term::List(items) => items.iter().map(Term::as_value).collect::<Option<_>>().map(Value::List),
            Term::Dict(pairs) => {
                let mut dict = crate::value::Dict::new();
                for (key, term) in pairs {
                    dict.insert_value(key.clone(), term.as_value()?).ok()?;
                }
                Some(Value::Dict(dict))
            }
            _ => None,
        }
    }

    /// Why only Python can say it, where that is so.
    fn needs_python(&self) -> Option<String> {
        match self {
            Term::Value(value) => callable_in(value).map(|name| format!("{name} is a function")),
            Term::Env { name, .. } => Some(format!("it comes from the environment variable {name}")),
            Term::File { path } => Some(format!("it is read from the file {path}")),
            Term::Code(_) => Some("it is worked out in Python".to_owned()),
            Term::Operations(_) | Term::Extend(_) => {
                Some("it changes the option's default instead of replacing it".to_owned())
            }
            Term::List(items) => items.iter().find_map(Term::needs_python),
            Term::Dict(pairs) => pairs.iter().find_map(|(_, term)| term.needs_python()),
        }
    }

    fn unknown(&self) -> Option<String> {
        match self {
            Term::Value(value) => value.find_unknown().map(|unknown| unknown.reason.clone()),
            Term::Extend(term) => term.unknown(),
            Term::List(items) => items.iter().find_map(Term::unknown),
            Term::Dict(pairs) => pairs.iter().find_map(|(_, term)| term.unknown()),
            _ => None,
        }
    }

    /// Calls `visit` with every term in it.
    fn walk<'t>(&'t self, visit: &mut impl FnMut(&'t Term)) {
        visit(self);
        match self {
            Term::Extend(term) => term.walk(visit),
            Term::List(items) => items.iter().for_each(|term| term.walk(visit)),
            Term::Dict(pairs) => pairs.iter().for_each(|(_, term)| term.walk(visit)),
            _ => {}
        }
    }

    /// The variables it reads; with `required` only those that it cannot do without.
    fn variables(&self, required: bool) -> Vec<String> {
        let mut names = Vec::new();
        self.walk(&mut |term| {
            // `os.environ.get("X")` is None without it, which few options take.
            if let Term::Env { name, default } = term
                && (matches!(default, None | Some(Value::None)) || !required)
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        });
        names
    }

    /// The files it reads.
    fn files(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        self.walk(&mut |term| {
            if let Term::File { path } = term {
                paths.push(path.as_str());
            }
        });
        paths
    }
}

fn has_callable(value: &Value) -> bool {
    callable_in(value).is_some()
}

fn callable_in(value: &Value) -> Option<&str> {
    match value {
        Value::Callable(callable) => Some(&callable.name),
        Value::List(items) | Value::Tuple(items) => items.iter().find_map(callable_in),
        Value::Dict(dict) => dict.values().find_map(callable_in),
        _ => None,
    }
}

/// Writes a document in a form.
pub fn write(document: &Document, form: Form) -> Written {
    let mut written = match form {
        Form::Python => python::document(document),
        Form::Z2jh => z2jh::document(document),
        Form::Tljh => tljh::document(document),
        Form::Json => json::document(document),
    };
    for variable in &document.environment {
        if variable.source == VariableSource::Given && !written.environment.iter().any(|it| it.setting == variable.name)
        {
            let z2jh = if form == Form::Z2jh { "; give it in hub.extraEnv" } else { "" };
            written.environment.push(Remark::new(&variable.name, format!("code in it reads this variable{z2jh}")));
        }
    }
    written
}

/// The class's short name for `authenticator_class` where it has one, else its dotted path: for forms that hold data.
fn class_name(value: &Value) -> Option<String> {
    let Value::Class(class) = value else { return None };
    let path = class.import.as_deref()?;
    let stock = settings::class(&class.name).filter(|def| {
        path.rsplit_once('.').is_some_and(|(module, name)| settings::classes::in_module(module, name).is_some())
            && !def.entry_points.is_empty()
    });
    Some(stock.map_or(path, |def| def.entry_points[0]).to_owned())
}

/// Whether upstream's class takes this option from that variable by itself where it is not set.
pub fn read_by_upstream(class: &str, option: &str, variable: &str) -> bool {
    variables_of(class, option).contains(&variable)
}

/// The variables that upstream's class takes the option's default from, the one that goes first first
/// (`OAuthenticator._client_id_default` and its kin).
pub fn variables_of(class: &str, option: &str) -> Vec<&'static str> {
    let Some(def) = settings::class(class) else { return Vec::new() };
    let line: Vec<_> = std::iter::once(def).chain(def.bases.iter().filter_map(|name| settings::class(name))).collect();
    let own = match option {
        "client_id" => Some("client_id_env"),
        "client_secret" => Some("client_secret_env"),
        _ => None,
    };
    let own = line.iter().flat_map(|def| def.attributes).find(|(name, _)| Some(*name) == own).map(|(_, value)| *value);
    let general =
        line.iter().flat_map(|def| def.options).find(|found| found.name == option).and_then(|found| found.env);
    let own = match own {
        Some(settings::Plain::Text(name)) if !name.is_empty() => Some(name),
        _ => None,
    };
    own.into_iter().chain(general).collect()
}

/// A setting that data cannot hold: left to the environment where upstream reads it there by itself, else left out.
fn without_python(setting: &Setting, reason: &str, written: &mut Written) {
    if let Term::Env { name, default: None | Some(Value::None) } = &setting.term
        && read_by_upstream(&setting.class, &setting.option, name)
    {
        let reason = format!("upstream reads {} from it by itself", setting.name());
        written.environment.push(Remark::new(name, reason));
        return;
    }
    written.left_out.push(Remark::new(setting.name(), reason));
}
