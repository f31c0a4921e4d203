//! What an option and a class are: the data that the tables in [`super::classes`] are made of.
//!
//! The tables are upstream's declarations, class by class; what upstream writes as methods (`@default`, `@validate`,
//! `@observe`) stands in them as functions, under the names upstream gives them.

use super::instance::{Change, Instance, Raise};
use crate::source::Env;
use crate::value::{Dict, Set, Value};

/// A trait with `config=True`.
#[derive(Clone, Copy, Debug)]
pub struct OptionDef {
    /// Its name.
    pub name: &'static str,
    /// Its trait type.
    pub kind: Kind,
    /// Its declared default; a class may compute another, see [`ClassDef::defaults`].
    pub default: Declared,
    /// Whether `None` is a value for it.
    pub allow_none: bool,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// The oldest release that has it, where not all have; `jupyterhub` before the number where it is one of JupyterHub.
    pub since: Option<&'static str>,
    /// The option to use instead of this deprecated one.
    pub replaced_by: Option<&'static str>,
    /// The environment variable its default is taken from, if any.
    pub env: Option<&'static str>,
    /// What it is for, in a sentence or two.
    pub help: &'static str,
}

/// The trait types of the options (`traitlets.traitlets`, `jupyterhub.traitlets`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `Any`, also for the elements of a container without an element trait.
    Any,
    /// `Bool`.
    Bool,
    /// `Int`, `Integer`.
    Int,
    /// `Float`.
    Float,
    /// `Unicode`.
    Unicode,
    /// `CUnicode`: whatever comes, as text.
    CUnicode,
    /// `Callable`.
    Callable,
    /// `List` of something.
    List(&'static Kind),
    /// `Set` of something.
    Set(&'static Kind),
    /// `Dict` with keys and values of something.
    Dict {
        /// `key_trait`.
        key: &'static Kind,
        /// `value_trait`.
        value: &'static Kind,
    },
    /// `Union`: the first that takes the value.
    Union(&'static [Kind]),
    /// `jupyterhub.traitlets.Command`: a list of texts, not empty; a bare text is a list of one.
    Command,
}

/// `Dict` without traits for keys or values.
pub const DICT: Kind = Kind::Dict { key: &Kind::Any, value: &Kind::Any };
/// `Union([Unicode(), Callable()])`.
pub const TEXT_OR_CALLABLE: Kind = Kind::Union(&[Kind::Unicode, Kind::Callable]);

/// The default in a trait's declaration.
#[derive(Clone, Copy, Debug)]
pub enum Declared {
    /// None given: what the trait type says (`""`, `False`, `0`, an empty container).
    OfKind,
    /// `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(&'static str),
    /// A list of texts.
    Texts(&'static [&'static str]),
    /// An environment variable, read when upstream's module is imported.
    Import(fn(Option<&str>) -> Value),
}

/// A class of upstream's.
#[derive(Clone, Copy, Debug)]
pub struct ClassDef {
    /// Its name, which is that of its configuration section.
    pub name: &'static str,
    /// The module that defines it.
    pub module: &'static str,
    /// Its method resolution order without itself, as far as configuration goes (up to `Configurable`).
    pub bases: &'static [&'static str],
    /// Its short names for `JupyterHub.authenticator_class`.
    pub entry_points: &'static [&'static str],
    /// Plain attributes of its body, such as `user_auth_state_key`.
    pub attributes: &'static [(&'static str, Plain)],
    /// The options its body declares.
    pub options: &'static [OptionDef],
    /// Its `@default` methods.
    pub defaults: &'static [DefaultDef],
    /// Its `@validate` methods.
    pub validators: &'static [ValidatorDef],
    /// Its `@observe` methods.
    pub observers: &'static [ObserverDef],
    /// Its `_deprecated_oauth_aliases`.
    pub aliases: &'static [Alias],
}

/// A plain class attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A text.
    Text(&'static str),
    /// A truth value.
    Bool(bool),
}

/// A default that upstream computes.
#[derive(Clone, Copy, Debug)]
pub struct DefaultDef {
    /// The option.
    pub option: &'static str,
    /// Upstream's method.
    pub method: &'static str,
    /// What it computes.
    pub compute: fn(&mut Instance<'_>) -> Result<Value, Raise>,
}

/// A cross-validator.
#[derive(Clone, Copy, Debug)]
pub struct ValidatorDef {
    /// The option.
    pub option: &'static str,
    /// Upstream's method.
    pub method: &'static str,
    /// What it makes of the proposed value.
    pub run: fn(&mut Instance<'_>, Value) -> Result<Value, Raise>,
}

/// An observer of changes.
#[derive(Clone, Copy, Debug)]
pub struct ObserverDef {
    /// The options.
    pub options: &'static [&'static str],
    /// Upstream's method.
    pub method: &'static str,
    /// What it does.
    pub run: fn(&mut Instance<'_>, &Change) -> Result<(), Raise>,
}

/// An entry of `_deprecated_oauth_aliases`.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// The old name.
    pub old: &'static str,
    /// The new name.
    pub new: &'static str,
    /// The release that deprecated it.
    pub since: &'static str,
    /// Whether the value is carried over; otherwise its use is an error.
    pub same: bool,
}

/// An option, to be refined by the methods of [`OptionDef`].
pub(super) const fn option(name: &'static str, kind: Kind, help: &'static str) -> OptionDef {
    OptionDef {
        name,
        kind,
        default: Declared::OfKind,
        allow_none: matches!(kind, Kind::Any),
        secret: false,
        since: None,
        replaced_by: None,
        env: None,
        help,
    }
}

impl OptionDef {
    pub(super) const fn default(mut self, default: Declared) -> OptionDef {
        self.default = default;
        self
    }

    pub(super) const fn or_none(mut self) -> OptionDef {
        self.allow_none = true;
        self
    }

    pub(super) const fn secret(mut self) -> OptionDef {
        self.secret = true;
        self
    }

    pub(super) const fn since(mut self, release: &'static str) -> OptionDef {
        self.since = Some(release);
        self
    }

    pub(super) const fn replaced_by(mut self, new: &'static str) -> OptionDef {
        self.replaced_by = Some(new);
        self
    }

    pub(super) const fn env(mut self, variable: &'static str) -> OptionDef {
        self.env = Some(variable);
        self
    }

    /// Whether the variable in `env` is read when upstream is imported, before any configuration file runs.
    pub fn env_read_at_import(&self) -> bool {
        matches!(self.default, Declared::Import(_))
    }

    /// `trait.default_value`, which a first assignment is compared with; `None` where that is `Undefined`, so that
    /// even an equal value counts as a change (containers, unions).
    pub(super) fn default_value(&self, env_at_import: &Env) -> Option<Value> {
        match self.kind {
            Kind::Union(_) | Kind::List(_) | Kind::Set(_) | Kind::Dict { .. } | Kind::Command => None,
            _ => Some(self.declared_value(env_at_import)),
        }
    }

    /// `trait.default()`.
    pub fn declared_value(&self, env_at_import: &Env) -> Value {
        match self.default {
            Declared::OfKind => self.kind.empty(),
            Declared::None => Value::None,
            Declared::Bool(truth) => Value::Bool(truth),
            Declared::Int(number) => Value::int(number),
            Declared::Text(text) => Value::str(text),
            Declared::Texts(texts) => Value::List(texts.iter().map(|text| Value::str(*text)).collect()),
            Declared::Import(read) => {
                let variable = self.env.and_then(|name| env_at_import.get(name)).map(|variable| &variable.value);
                match variable {
                    Some(unknown @ Value::Unknown(_)) => unknown.clone(),
                    other => read(other.and_then(Value::as_str)),
                }
            }
        }
    }
}

impl Kind {
    /// The default of the trait type itself.
    fn empty(self) -> Value {
        match self {
            Kind::Any | Kind::Callable => Value::None,
            Kind::Bool => Value::Bool(false),
            Kind::Int => Value::int(0),
            Kind::Float => Value::Float(0.0),
            Kind::Unicode | Kind::CUnicode => Value::str(""),
            Kind::List(_) | Kind::Command => Value::List(Vec::new()),
            Kind::Set(_) => Value::Set(Set::new()),
            Kind::Dict { .. } => Value::Dict(Dict::new()),
            Kind::Union(kinds) => kinds.first().map_or(Value::None, |kind| kind.empty()),
        }
    }
}

impl ClassDef {
    /// The option of that name that this class itself declares.
    pub fn own_option(&self, name: &str) -> Option<&'static OptionDef> {
        self.options.iter().find(|option| option.name == name)
    }
}

impl Plain {
    pub(super) fn value(self) -> Value {
        match self {
            Plain::Text(text) => Value::str(text),
            Plain::Bool(truth) => Value::Bool(truth),
        }
    }
}
