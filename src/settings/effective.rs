//! The settings as the authenticator has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::ToPrimitive as _;

use super::class::RunningClass;
use super::instance::{Held, Instance, Source};
use super::multi::Wrapper;
use super::sections::Configured;
use super::{Fatal, OptionDef};
use crate::source::{Shadowed, Written};
use crate::span::{Origin, Span};
use crate::value::{Dict, Set, Value};

/// An option's effective value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The value, after coercion; computed where nothing is configured.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
    /// The values it covers.
    pub shadowed: Vec<Shadowed>,
    /// `Class.option` as the user wrote it; `None` where it is not set.
    pub written_as: Option<String>,
    /// The exception that upstream raises whenever it asks for the value (a default that cannot be computed).
    pub raises: Option<Box<Fatal>>,
    /// What kind of option it is; `None` where a class attribute hides the option, or for one of an unseen class.
    pub option: Option<&'static OptionDef>,
}

/// The options of the running class with their effective values.
#[derive(Clone, Debug)]
pub struct Settings {
    class: RunningClass,
    wrapper: Option<Arc<Wrapper>>,
    settings: BTreeMap<String, Setting>,
}

/// Why a value cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsupported {
    /// `Class.option`, as [`Settings::name_of`] has it.
    pub setting: String,
    /// A lower-case fragment fit to follow "unknown, because ".
    pub reason: String,
    /// Where the reason stands.
    pub span: Option<Span>,
    /// The exception, where upstream raises one when it asks for the value.
    pub raises: Option<Box<Fatal>>,
}

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is unknown, because {}", self.setting, self.reason)
    }
}

impl std::error::Error for Unsupported {}

impl Settings {
    pub(super) fn of(instance: &mut Instance<'_>, configured: &[(String, Configured)]) -> Settings {
        let mut settings = BTreeMap::new();
        for name in instance.names() {
            let option = instance.option(&name);
            let setting = match instance.held(&name) {
                Ok(held) => Setting::new(held, option),
                Err(fatal) => {
                    Setting { raises: Some(fatal.clone()), ..Setting::new(unreadable(instance, &name, &fatal), option) }
                }
            };
            let covered = covered_variable(instance, &setting);
            let mut setting = setting;
            setting.shadowed.extend(covered);
            settings.insert(name, setting);
        }
        if instance.class.unseen.is_some() {
            add_unjudged(&mut settings, configured);
        }
        Settings { class: instance.class.clone(), wrapper: None, settings }
    }

    pub(super) fn with_class(self, class: RunningClass) -> Settings {
        Settings { class, ..self }
    }

    /// The same as an entry of a `MultiAuthenticator`.
    pub(crate) fn wrapped(self, wrapper: Arc<Wrapper>) -> Settings {
        Settings { wrapper: Some(wrapper), ..self }
    }

    /// How `MultiAuthenticator` wraps the class, where it is an entry of its list.
    pub fn wrapper(&self) -> Option<&Wrapper> {
        self.wrapper.as_deref()
    }

    /// The class that runs.
    pub fn class(&self) -> &RunningClass {
        &self.class
    }

    /// An option with its value and origin; `None` where the class has no such option.
    pub fn get(&self, option: &str) -> Option<&Setting> {
        self.settings.get(option)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings.iter().map(|(name, setting)| (name.as_str(), setting))
    }

    /// What a message must call an option: as the user wrote it where it is set (also by a deprecated name), an
    /// environment variable by its bare name, else `<running class>.<option>`.
    pub fn name_of(&self, option: &str) -> String {
        match self.get(option) {
            Some(Setting { written_as: Some(written_as), .. }) => written_as.clone(),
            Some(Setting { origin: Origin::Env(variable), .. }) => variable.clone(),
            _ => match self.wrapper() {
                Some(wrapper) => wrapper.option(option),
                None => format!("{}.{option}", self.class.name),
            },
        }
    }

    /// Where an option is written, if it is in a file.
    pub fn span_of(&self, option: &str) -> Option<&Span> {
        self.get(option).and_then(|setting| setting.origin.span())
    }

    /// Puts a value that the hub's start-up has computed in place of the configured one.
    pub fn replace(&mut self, option: &str, value: Value) {
        if let Some(setting) = self.settings.get_mut(option) {
            setting.value = value;
        }
    }

    /// Puts a setting in the place of the one of that name, or beside the others.
    pub fn put(&mut self, option: &str, setting: Setting) {
        self.settings.insert(option.to_owned(), setting);
    }

    /// Takes one out that the class does not have.
    pub fn remove(&mut self, option: &str) {
        self.settings.remove(option);
    }

    /// Whether the configuration, a flag or a variable sets it.
    pub fn is_set(&self, option: &str) -> bool {
        self.get(option).is_some_and(|setting| setting.written_as.is_some() || matches!(setting.origin, Origin::Env(_)))
    }

    /// The value, unless it is unknown as a whole.
    pub fn value(&self, option: &str) -> Result<&Value, Unsupported> {
        let Some(setting) = self.get(option) else {
            return Err(self.unsupported(option, format!("{} has no such option", self.class.name)));
        };
        match &setting.value {
            Value::Unknown(unknown) => Err(Unsupported {
                setting: self.name_of(option),
                reason: unknown.reason.clone(),
                span: unknown.span.clone().or_else(|| setting.origin.span().cloned()),
                raises: setting.raises.clone(),
            }),
            value => Ok(value),
        }
    }

    /// The value, unless anything in it is unknown.
    pub fn complete(&self, option: &str) -> Result<&Value, Unsupported> {
        let value = self.value(option)?;
        match value.find_unknown() {
            Some(unknown) => {
                Err(Unsupported { span: unknown.span.clone(), ..self.unsupported(option, unknown.reason.clone()) })
            }
            None => Ok(value),
        }
    }

    /// A text.
    pub fn str(&self, option: &str) -> Result<&str, Unsupported> {
        let value = self.value(option)?;
        value.as_str().ok_or_else(|| self.mistyped(option, "a text", value))
    }

    /// A truth value, as `if self.option` takes it.
    pub fn bool(&self, option: &str) -> Result<bool, Unsupported> {
        let value = self.value(option)?;
        value.truth().ok_or_else(|| self.mistyped(option, "true or false", value))
    }

    /// A whole number; one too large is the largest there is.
    pub fn int(&self, option: &str) -> Result<i64, Unsupported> {
        match self.value(option)? {
            Value::Int(number) => Ok(number.to_i64().unwrap_or(if number.sign() == num_bigint::Sign::Minus {
                i64::MIN
            } else {
                i64::MAX
            })),
            Value::Bool(truth) => Ok(i64::from(*truth)),
            other => Err(self.mistyped(option, "a whole number", other)),
        }
    }

    /// A set.
    pub fn set(&self, option: &str) -> Result<&Set, Unsupported> {
        match self.value(option)? {
            Value::Set(set) => Ok(set),
            other => Err(self.mistyped(option, "a set", other)),
        }
    }

    /// A list.
    pub fn list(&self, option: &str) -> Result<&[Value], Unsupported> {
        match self.value(option)? {
            Value::List(items) | Value::Tuple(items) => Ok(items),
            other => Err(self.mistyped(option, "a list", other)),
        }
    }

    /// A dictionary.
    pub fn dict(&self, option: &str) -> Result<&Dict, Unsupported> {
        match self.value(option)? {
            Value::Dict(dict) => Ok(dict),
            other => Err(self.mistyped(option, "a dictionary", other)),
        }
    }

    fn mistyped(&self, option: &str, wanted: &str, value: &Value) -> Unsupported {
        self.unsupported(option, format!("a class attribute makes it a {} instead of {wanted}", value.type_name()))
    }

    fn unsupported(&self, option: &str, reason: String) -> Unsupported {
        let span = self.get(option).and_then(|setting| setting.origin.span().cloned());
        Unsupported { setting: self.name_of(option), reason, span, raises: None }
    }
}

impl Setting {
    fn new(held: Held, option: Option<&'static OptionDef>) -> Setting {
        let Source { origin, written_as, shadowed } = held.source;
        Setting { value: held.value, origin, shadowed, written_as, raises: None, option }
    }
}

fn unreadable(instance: &Instance<'_>, name: &str, fatal: &Fatal) -> Held {
    let reason = format!("the hub raises {}: {}", fatal.exception, fatal.message);
    Held { value: Value::unknown(reason, fatal.span.clone()), source: instance.source(name) }
}

/// A variable that is set but has no effect, since the option is configured.
fn covered_variable(instance: &Instance<'_>, setting: &Setting) -> Option<Shadowed> {
    let name = setting.option?.env?;
    setting.written_as.as_ref()?;
    let variable = instance.environment().get(name)?;
    Some(Shadowed { name: name.to_owned(), value: Some(variable.value.clone()), origin: Origin::Env(name.to_owned()) })
}

/// Options of a class that cannot be seen: as they are written, since nobody here knows their types.
fn add_unjudged(settings: &mut BTreeMap<String, Setting>, configured: &[(String, Configured)]) {
    for (name, configured) in configured {
        if settings.contains_key(name) {
            continue;
        }
        let value = match &configured.entry.written {
            Written::Plain(value) => value.clone(),
            Written::Lazy(_) => {
                let span = configured.entry.origin.span().cloned();
                Value::unknown("it changes a default that cannot be seen from here", span)
            }
        };
        settings.insert(name.clone(), Setting::new(Held { value, source: configured.source() }, None));
    }
}
