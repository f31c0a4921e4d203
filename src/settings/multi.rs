//! What `MultiAuthenticator` makes of its list (`multiauthenticator/multiauthenticator.py`, `__init__`): of every entry an
//! authenticator of its own, of a class `WrapperAuthenticator` that is derived from the entry's.
//!
//! An entry's `config` are keyword arguments: they win over the sections of the files, which are read all the same. What
//! the wrapper does at a login is in [`crate::authenticator::multi`].

use std::sync::Arc;

use super::class::{NoClass, RunningClass, running_class};
use super::instance::Instance;
use super::sections::{self, Configured};
use super::{Fatal, Resolution, Settings, diagnose};
use crate::diagnostic::Diagnostic;
use crate::source::python::place::WrittenList;
use crate::source::{Entry as Written, Loaded};
use crate::span::{Origin, Span};
use crate::value::{Dict, Unknown, Value};

/// The class that reads such a list.
pub const NAME: &str = "MultiAuthenticator";
/// The class of every entry's authenticator, whose section they all read.
pub const WRAPPER: &str = "WrapperAuthenticator";
/// What ends the prefix of a user name.
pub const SEPARATOR: char = ':';

/// The entries of the list.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Those that the hub makes, in order.
    pub list: Vec<Entry>,
    /// Why there may be others.
    pub unknown: Option<Unknown>,
}

/// One entry of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How it is wrapped; its settings know it too.
    pub wrapper: Arc<Wrapper>,
    /// What became of it.
    pub resolution: Resolution,
}

/// What the wrapper of an entry knows.
#[derive(Clone, Debug)]
pub struct Wrapper {
    /// Its place in the list.
    pub index: usize,
    /// What messages call it: `MultiAuthenticator.authenticators[0]`.
    pub path: String,
    /// The class as it is written: a short name, a path, or a class's name.
    pub written: String,
    /// `url_prefix`: where the hub serves its login, callback and logout.
    pub url_prefix: String,
    /// `service_name`, which is no option of any class.
    pub service_name: Option<String>,
    /// `MultiAuthenticator.username_prefix`.
    pub username_prefix: Option<String>,
    /// Where the list stands.
    pub span: Option<Span>,
}

impl Wrapper {
    /// What messages call an option of the entry.
    pub fn option(&self, name: &str) -> String {
        format!("{}.config.{name}", self.path)
    }

    /// The path of one of its pages, below `<base_url>hub`.
    pub fn page(&self, page: &str) -> String {
        let prefix = self.url_prefix.trim_matches('/');
        if prefix.is_empty() { format!("/{page}") } else { format!("/{prefix}/{page}") }
    }
}

impl Entry {
    /// The names by which it can be picked, the one to show first.
    pub fn names(&self) -> Vec<String> {
        let class = self.resolution.settings.as_ref().map(|settings| settings.class().name.clone());
        let service = self.resolution.settings.as_ref().and_then(|settings| login_service(settings).ok());
        let wrapper = &self.wrapper;
        let prefix = wrapper.url_prefix.trim_matches('/').to_owned();
        let all = [wrapper.service_name.clone(), Some(prefix), service, Some(wrapper.written.clone()), class];
        let mut names: Vec<String> = Vec::new();
        for name in all.into_iter().flatten().filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                names.push(name);
            }
        }
        names
    }
}

impl Entry {
    /// How many options its own config sets.
    pub fn own_settings(&self) -> usize {
        let own = |written: &Option<String>| written.as_ref().is_some_and(|name| name.starts_with(&self.wrapper.path));
        let settings = self.resolution.settings.iter().flat_map(Settings::iter);
        settings.filter(|(_, setting)| own(&setting.written_as)).count()
    }
}

/// `getattr(self, "login_service")`: of most classes an option, of the base a trait that is none.
pub fn login_service(settings: &Settings) -> Result<String, super::Unsupported> {
    match settings.get("login_service") {
        Some(_) => settings.str("login_service").map(str::to_owned),
        None => Ok(attribute(settings.class(), "login_service").unwrap_or_default()),
    }
}

/// A class attribute that is a text.
pub fn attribute(class: &RunningClass, name: &str) -> Option<String> {
    class.attribute(name).and_then(|value| value.as_str().map(str::to_owned))
}

/// Why the hub does not start, or what cannot be known.
enum Stop {
    Fatal(Box<Fatal>),
    Unknown(Unknown),
}

/// The authenticators of a hub's `MultiAuthenticator`; what keeps it from starting goes into `hub`.
pub(super) fn wrap(loaded: &Loaded, hub: &mut Resolution) {
    let Some(settings) = hub.settings.clone().filter(|settings| settings.class().derives_from(NAME)) else { return };
    if let Some(method) = settings.class().overridden("__init__") {
        let reason = format!("{} has an __init__ of its own", settings.class().name);
        hub.entries.unknown = Some(Unknown { reason, span: Some(method.span.clone()) });
        return;
    }
    let items = match settings.value("authenticators") {
        Ok(Value::List(items)) => items.clone(),
        Ok(_) => Vec::new(),
        Err(unknown) => {
            hub.entries.unknown = Some(Unknown { reason: unknown.reason, span: unknown.span });
            return;
        }
    };
    let written = settings.span_of("authenticators").and_then(|span| WrittenList::at(&loaded.texts, span));
    for (index, item) in items.iter().enumerate() {
        let path = format!("{}[{index}]", list_name(&settings));
        let making = Making { loaded, hub: &settings, written: written.as_ref(), index, path };
        match making.entry(item) {
            Ok(entry) => hub.entries.list.push(entry),
            Err(Stop::Unknown(unknown)) => {
                hub.entries.unknown.get_or_insert(unknown);
            }
            Err(Stop::Fatal(fatal)) => match &hub.fatal {
                None => hub.fatal = Some(*fatal),
                Some(_) => hub.also_fatal.push(*fatal),
            },
        }
    }
    for entry in &hub.entries.list {
        hub.log.extend(entry.resolution.log.iter().cloned());
        match (&entry.resolution.fatal, &hub.fatal) {
            (Some(fatal), None) => hub.fatal = Some(fatal.clone()),
            (Some(fatal), Some(_)) => hub.also_fatal.push(fatal.clone()),
            (None, _) => {}
        }
    }
}

fn list_name(hub: &Settings) -> String {
    hub.name_of("authenticators")
}

/// One entry in the making.
struct Making<'a> {
    loaded: &'a Loaded,
    hub: &'a Settings,
    /// Where Python has the list in so many words, that.
    written: Option<&'a WrittenList>,
    index: usize,
    path: String,
}

impl Making<'_> {
    fn entry(&self, item: &Value) -> Result<Entry, Stop> {
        let (class, url_prefix, config) = match item {
            Value::Unknown(unknown) => return Err(Stop::Unknown(unknown.clone())),
            // A fork of the same name puts a flag before the config.
            Value::Tuple(parts) if matches!(&parts[..], [_, _, Value::Bool(_), Value::Dict(_), ..]) => {
                let reason = "an entry of this form is another package's, which is not known here".to_owned();
                return Err(Stop::Unknown(Unknown { reason, span: self.origin().span().cloned() }));
            }
            Value::List(parts) | Value::Tuple(parts) => self.of_tuple(parts, item.type_name())?,
            Value::Dict(dict) => self.of_dict(dict)?,
            other => return Err(self.raise("TypeError", not_subscriptable(other), "write each entry as a dictionary")),
        };
        let written = match &class {
            Value::Str(name) => name.clone(),
            Value::Class(class) => class.name.clone(),
            other => other.repr(),
        };
        let class = self.class(&class)?;
        let mut config = match config {
            Value::Dict(config) => config,
            Value::Unknown(unknown) => return Err(Stop::Unknown(unknown)),
            other => {
                let message = format!("'{}' object has no attribute 'pop'", other.type_name());
                return Err(self.raise("AttributeError", message, "let config be a dictionary, or leave it out"));
            }
        };
        let service_name = config.remove(&Value::str("service_name"));
        let url_prefix = match url_prefix {
            Value::Str(text) => text,
            Value::Unknown(unknown) => return Err(Stop::Unknown(unknown)),
            other => {
                let message = format!("'{}' object has no attribute 'startswith'", other.type_name());
                return Err(self.raise("AttributeError", message, "let url_prefix be a text such as \"/github\""));
            }
        };
        let mut wrapper = Wrapper {
            index: self.index,
            path: self.path.clone(),
            written,
            url_prefix,
            service_name: None,
            username_prefix: match self.hub.value("username_prefix") {
                Ok(prefix) => prefix.as_str().map(str::to_owned),
                Err(unknown) => {
                    return Err(Stop::Unknown(Unknown { reason: unknown.reason, span: unknown.span }));
                }
            },
            span: self.origin().span().cloned(),
        };
        if wrapper.username_prefix.is_none() {
            wrapper.service_name = self.service_name(service_name)?;
        }
        let mut resolution = self.resolve(class, &config, &wrapper)?;
        let settings = resolution.settings.as_ref();
        let login_service = settings.and_then(|settings| login_service(settings).ok());
        if wrapper.username_prefix.is_none()
            && wrapper.service_name.is_none()
            && login_service.is_some_and(|service| service.contains(SEPARATOR))
            && resolution.fatal.is_none()
        {
            let message = format!("Login service cannot contain {SEPARATOR}");
            let fatal = self.fatal("ValueError", message, "choose a login_service without a colon");
            resolution.fatal = Some(Fatal { setting: Some(wrapper.option("login_service")), ..fatal });
        }
        let wrapper = Arc::new(wrapper);
        resolution.settings = resolution.settings.map(|settings| settings.wrapped(Arc::clone(&wrapper)));
        Ok(Entry { wrapper, resolution })
    }

    fn of_dict(&self, dict: &Dict) -> Result<(Value, Value, Value), Stop> {
        let part = |name: &str| {
            let fix = format!("give the entry its {name}");
            dict.get(name).cloned().ok_or_else(|| self.raise("KeyError", format!("'{name}'"), &fix))
        };
        let config = dict.get("config").cloned().unwrap_or_else(|| Value::Dict(Dict::new()));
        Ok((part("authenticator_class")?, part("url_prefix")?, config))
    }

    /// The deprecated form.
    fn of_tuple(&self, parts: &[Value], kind: &str) -> Result<(Value, Value, Value), Stop> {
        match parts {
            [class, url_prefix, config, ..] => Ok((class.clone(), url_prefix.clone(), config.clone())),
            _ => {
                let fix = "write {\"authenticator_class\": …, \"url_prefix\": …, \"config\": {…}}";
                Err(self.raise("IndexError", format!("{kind} index out of range"), fix))
            }
        }
    }

    /// `_load_authenticator`, where it is a text.
    fn class(&self, value: &Value) -> Result<RunningClass, Stop> {
        let setting = format!("{}.authenticator_class", self.path);
        if !matches!(value, Value::Str(_) | Value::Class(_) | Value::Unknown(_)) {
            let message = format!("{} is no class", value.repr());
            return Err(self.raise("TypeError", message, "give a short name such as \"github\", a path, or a class"));
        }
        running_class(Some(value), &self.origin(), &setting).map(RunningClass::wrapped).map_err(|error| match error {
            NoClass::Unknown(unknown) => Stop::Unknown(unknown),
            NoClass::Fatal(fatal) => {
                let path = value.as_str().map_or_else(|| value.repr(), str::to_owned);
                let (exception, message) = match value {
                    Value::Str(_) => ("ImportError", format!("{path} cannot be imported")),
                    _ => ("TypeError", format!("{path} is no authenticator")),
                };
                Stop::Fatal(Box::new(Fatal { exception, message, ..*fatal }))
            }
        })
    }

    fn service_name(&self, value: Option<Value>) -> Result<Option<String>, Stop> {
        match value {
            None | Some(Value::None) => Ok(None),
            Some(Value::Unknown(unknown)) => Err(Stop::Unknown(unknown)),
            Some(Value::Str(name)) if !name.contains(SEPARATOR) => Ok(Some(name)),
            Some(Value::Str(_)) => {
                let message = format!("Service name cannot contain {SEPARATOR}");
                Err(self.raise("ValueError", message, "choose a service_name without a colon"))
            }
            Some(other) => {
                let message = format!("argument of type '{}' is not iterable", other.type_name());
                Err(self.raise("TypeError", message, "let service_name be a text"))
            }
        }
    }

    /// `WrapperAuthenticator(parent=self, **config)`.
    fn resolve(&self, class: RunningClass, config: &Dict, wrapper: &Wrapper) -> Result<Resolution, Stop> {
        let mut given: Vec<(String, Configured)> = Vec::new();
        for (name, value) in config.iter() {
            let Value::Str(name) = name else {
                return Err(self.raise("TypeError", "keywords must be strings".into(), "let option names be texts"));
            };
            let entry = Written::plain(value.clone(), self.origin_of(name));
            given.push((name.clone(), Configured { qualified: wrapper.option(name), entry }));
        }
        let configured = sections::for_entry(&self.loaded.config, &class, self.hub.class());
        let mut resolution = Resolution::of(&class);
        let mut instance = Instance::new(&class, self.loaded);
        let outcome = instance.load_with(&given, &configured);
        resolution.log.append(&mut instance.log);
        if let Err(fatal) = outcome {
            instance = Instance::lenient(&class, self.loaded);
            let _ = instance.load_with(&given, &configured);
            resolution.also_fatal = instance.collected();
            resolution.also_fatal.retain(|other| other.message != fatal.message);
            resolution.fatal = Some(*fatal);
        }
        let known = |name: &String| instance.traits().contains(name) || class.unseen.is_some();
        let unread: Vec<Diagnostic> = given
            .iter()
            .filter(|(name, _)| !known(name))
            .map(|(name, configured)| self.unread(name, configured, &class, instance.traits()))
            .collect();
        let read: Vec<(String, Configured)> = given.into_iter().filter(|(name, _)| known(name)).collect();
        resolution.diagnostics = diagnose::options(&mut instance, &[&read[..], &configured[..]].concat());
        resolution.diagnostics.extend(unread);
        let all = [&configured[..], &read[..]].concat();
        let settings = Settings::of(&mut instance, &all);
        drop(instance);
        resolution.settings = Some(settings.with_class(class));
        Ok(resolution)
    }

    /// `HasTraits.__init__` takes any keyword, and says so only in a `DeprecationWarning`, which nobody sees.
    fn unread(&self, name: &str, configured: &Configured, class: &RunningClass, traits: &[String]) -> Diagnostic {
        let message = format!("{} has no option `{name}`: it has no effect", class.name);
        let diagnostic = Diagnostic::warning("unknown-option", message)
            .with_span(configured.entry.origin.span().cloned())
            .with_setting(configured.qualified.clone())
            .with_note("the hub says nothing about it");
        match super::suggest::close_matches(name, traits.iter().map(String::as_str)).first() {
            Some(nearest) => diagnostic.with_fix(format!("did you mean `{nearest}`?")),
            None => diagnostic,
        }
    }

    /// Where the entry stands, or the whole list.
    fn origin(&self) -> Origin {
        let list = || self.hub.get("authenticators").map_or(Origin::Default, |setting| setting.origin.clone());
        self.written.and_then(|list| list.item(self.index)).map_or_else(list, Origin::File)
    }

    /// Where an option of its config stands.
    fn origin_of(&self, option: &str) -> Origin {
        let place = self.written.and_then(|list| list.key(self.index, &["config", option]));
        place.map_or_else(|| self.origin(), Origin::File)
    }

    fn raise(&self, exception: &'static str, message: String, fix: &str) -> Stop {
        Stop::Fatal(Box::new(self.fatal(exception, message, fix)))
    }

    fn fatal(&self, exception: &'static str, message: String, fix: &str) -> Fatal {
        Fatal {
            exception,
            message,
            setting: Some(self.path.clone()),
            span: self.origin().span().cloned(),
            code: "bad-entry",
            fix: fix.to_owned(),
        }
    }
}

fn not_subscriptable(value: &Value) -> String {
    match value {
        Value::Str(_) => "string indices must be integers, not 'str'".to_owned(),
        other => format!("'{}' object is not subscriptable", other.type_name()),
    }
}
