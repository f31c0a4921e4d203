//! An instance in the making: `HasTraits` as far as a configuration can drive it (`traitlets/traitlets.py`).
//!
//! Values are set, validated and compared with what was there; defaults are computed when first asked for, and stay;
//! while a configuration is loaded, cross-validation and observers wait until its end. Upstream's traps (a deprecated
//! name that wins, one that does nothing) are not coded anywhere: they follow from this.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::attributes::{Attribute, Generator, generator, validates};
use super::class::RunningClass;
use super::coerce::Refusal;
use super::option::{ObserverDef, OptionDef, ValidatorDef};
use super::sections::Configured;
use super::{Fatal, diagnose, rules, suggest};
use crate::source::{Env, Loaded, Shadowed, Written};
use crate::span::{Origin, Span};
use crate::value::Value;

/// An exception of upstream's.
pub(crate) type Raise = Box<Fatal>;

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub value: Value,
    pub source: Source,
}

/// Where a value comes from, and what it covers.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub origin: Origin,
    pub written_as: Option<String>,
    pub shadowed: Vec<Shadowed>,
}

impl Source {
    pub fn default() -> Source {
        Source { origin: Origin::Default, written_as: None, shadowed: Vec::new() }
    }
}

/// A change that observers hear of.
#[derive(Clone, Debug)]
pub struct Change {
    /// The option.
    pub name: String,
    /// Its value now.
    pub new: Value,
}

/// What upstream logs.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The option it is about.
    pub option: String,
    /// Upstream's message.
    pub message: String,
}

/// The instance.
pub struct Instance<'a> {
    pub(super) class: &'a RunningClass,
    pub(super) loaded: &'a Loaded,
    pub(super) attributes: BTreeMap<String, Attribute>,
    pub(super) traits: Vec<String>,
    values: BTreeMap<String, Held>,
    /// Changes that wait, while a configuration is loaded.
    held: Option<IndexMap<String, Change>>,
    /// What the default being computed was taken from, innermost last.
    frames: Vec<Vec<Origin>>,
    /// What was logged.
    pub(super) log: Vec<LogLine>,
    /// Where not `None`, what upstream would raise is collected, and loading goes on.
    collected: Option<Vec<Fatal>>,
}

impl<'a> Instance<'a> {
    pub(super) fn new(class: &'a RunningClass, loaded: &'a Loaded) -> Instance<'a> {
        let mut instance = Instance {
            class,
            loaded,
            attributes: BTreeMap::new(),
            traits: Vec::new(),
            values: BTreeMap::new(),
            held: None,
            frames: Vec::new(),
            log: Vec::new(),
            collected: None,
        };
        instance.look_up_attributes();
        instance
    }

    /// The same, for showing as much as can be shown of a configuration that the hub refuses.
    pub(super) fn lenient(class: &'a RunningClass, loaded: &'a Loaded) -> Instance<'a> {
        Instance { collected: Some(Vec::new()), ..Instance::new(class, loaded) }
    }

    /// `self.traits(config=True)`, sorted.
    pub(super) fn traits(&self) -> &[String] {
        &self.traits
    }

    /// Every option; of what a local class may declare itself only what is set.
    pub(super) fn names(&self) -> Vec<String> {
        let is_option = |name: &&String| self.class.option(name).is_some() || self.values.contains_key(*name);
        self.attributes.keys().filter(is_option).cloned().collect()
    }

    /// The class attribute that hides an option, so that it is none any more.
    pub(super) fn hidden_by(&self, name: &str) -> Option<&Held> {
        match self.attributes.get(name)? {
            Attribute::Plain(held) => Some(held),
            _ => None,
        }
    }

    /// The option behind a name, where it is a trait.
    pub(super) fn option(&self, name: &str) -> Option<&'static OptionDef> {
        match self.attributes.get(name)? {
            Attribute::Trait(option, _) => Some(option),
            Attribute::Plain(_) | Attribute::Redeclared(_) => None,
        }
    }

    /// `getattr(self, name)`.
    pub(crate) fn get(&mut self, name: &str) -> Result<Value, Raise> {
        self.held(name).map(|held| held.value)
    }

    /// The same with its source.
    pub(super) fn held(&mut self, name: &str) -> Result<Held, Raise> {
        let held = match (self.values.get(name), self.attributes.get(name)) {
            (Some(held), _) | (None, Some(Attribute::Plain(held) | Attribute::Redeclared(held))) => held.clone(),
            (None, Some(Attribute::Trait(option, depth))) => {
                let (option, depth) = (*option, *depth);
                let held = self.compute_default(option, depth)?;
                self.values.insert(name.to_owned(), held.clone());
                held
            }
            (None, None) => {
                let value = Value::unknown(format!("{} has no {name}", self.class.name), None);
                Held { value, source: Source::default() }
            }
        };
        let origin = &held.source.origin;
        if let Some(frame) = self.frames.last_mut().filter(|_| *origin != Origin::Default) {
            frame.push(match origin {
                Origin::Alias { .. } => origin.clone(),
                other => Origin::Alias { of: name.to_owned(), at: Box::new(other.clone()) },
            });
        }
        Ok(held)
    }

    fn compute_default(&mut self, option: &'static OptionDef, depth: usize) -> Result<Held, Raise> {
        self.frames.push(Vec::new());
        let computed = match generator(&self.class.chain[..=depth], option.name) {
            Some(Generator::Stock(default)) => (default.compute)(self),
            Some(Generator::Local(value)) => Ok(value),
            None => Ok(self.declared_default(option)),
        };
        let frame = self.frames.pop().unwrap_or_default();
        let value = self.validate(option, computed?, &Source::default())?;
        let origin = frame.into_iter().next().unwrap_or(Origin::Default);
        Ok(Held { value, source: Source { origin, ..Source::default() } })
    }

    fn declared_default(&mut self, option: &'static OptionDef) -> Value {
        let value = option.declared_value(&self.loaded.env_at_import);
        let variable = option.env.filter(|_| option.env_read_at_import());
        if let Some(variable) = variable.filter(|name| self.loaded.env_at_import.get(name).is_some()) {
            self.note_origin(Origin::Env(variable.to_owned()));
        }
        value
    }

    fn note_origin(&mut self, origin: Origin) {
        if let Some(frame) = self.frames.last_mut() {
            frame.push(origin);
        }
    }

    /// An environment variable as the hub has it when it makes its authenticator, for a default.
    pub(crate) fn env(&mut self, name: &str) -> Option<Value> {
        let value = self.loaded.env.get(name).map(|variable| variable.value.clone());
        if value.as_ref().is_some_and(|value| value.as_str() != Some("")) {
            self.note_origin(Origin::Env(name.to_owned()));
        }
        value
    }

    /// The environment, as it is when the hub makes its authenticator.
    pub(crate) fn environment(&self) -> &Env {
        &self.loaded.env
    }

    /// `setattr(self, name, value)`.
    pub(super) fn set(&mut self, name: &str, value: Value, source: Source) -> Result<(), Raise> {
        let Some(option) = self.option(name) else {
            let value = self.unjudged(name, value);
            self.values.insert(name.to_owned(), Held { value, source });
            return Ok(());
        };
        let mut value = self.validate(option, option.kind.wrap(value), &source)?;
        if self.held.is_none() {
            value = self.cross_validate(name, value)?;
        }
        let old = match self.values.get(name) {
            Some(held) => Some(held.value.clone()),
            None => option.default_value(&self.loaded.env_at_import),
        };
        let silent = old.as_ref().is_some_and(|old| *old == value && old.find_unknown().is_none());
        self.values.insert(name.to_owned(), Held { value: value.clone(), source });
        if silent {
            return Ok(());
        }
        let change = Change { name: name.to_owned(), new: value };
        match &mut self.held {
            Some(held) => {
                held.entry(name.to_owned()).and_modify(|waiting| waiting.new = change.new.clone()).or_insert(change);
                Ok(())
            }
            None => self.notify(&change),
        }
    }

    /// What becomes of a value that goes to an attribute of the user's own. A plain one takes it as it is; so does a trait
    /// declared anew, as far as one can see, where upstream's would take it unchanged.
    fn unjudged(&self, name: &str, value: Value) -> Value {
        let Some(Attribute::Redeclared(held)) = self.attributes.get(name) else { return value };
        let Some((_, option)) = self.class.option(name) else { return value };
        if self.class.has_method(name) {
            return held.value.clone();
        }
        match option.kind.validate(value.clone()) {
            Ok(same) if same == value && same.type_name() == value.type_name() => value,
            _ => {
                let reason = format!("{} declares {name} anew, and may make something else of it", self.class.name);
                Value::unknown(reason, held.source.origin.span().cloned())
            }
        }
    }

    fn validate(&self, option: &OptionDef, value: Value, source: &Source) -> Result<Value, Raise> {
        if option.allow_none && matches!(value, Value::None) {
            return Ok(value);
        }
        option.kind.validate(value).map_err(|refusal| self.refusal(option.name, &refusal, source))
    }

    fn refusal(&self, option: &str, refusal: &Refusal, source: &Source) -> Raise {
        let fix = match refusal {
            Refusal::Expected { info, .. } | Refusal::Element { info, .. } => format!("give {info}"),
            Refusal::Length { .. } => "give at least one word".to_owned(),
            Refusal::Bytes(_) => "write a text instead of bytes".to_owned(),
            Refusal::Unhashable(kind) => format!("a set cannot hold a {kind}: write plain texts"),
        };
        Box::new(Fatal {
            exception: refusal.exception(),
            message: refusal.message(option, &self.class.name),
            setting: Some(source.written_as.clone().unwrap_or_else(|| format!("{}.{option}", self.class.name))),
            span: source.origin.span().cloned(),
            code: "wrong-type",
            fix,
        })
    }

    fn cross_validate(&mut self, name: &str, value: Value) -> Result<Value, Raise> {
        if let Some(method) = self.class.overrides.iter().find(|method| validates(method, name)) {
            let reason = format!("{}.{} may change it", self.class.name, method.name);
            return Ok(Value::unknown(reason, Some(method.span.clone())));
        }
        let validator: Option<&ValidatorDef> =
            self.class.stock().flat_map(|def| def.validators).find(|validator| validator.option == name);
        match validator {
            Some(validator) if self.class.overridden(validator.method).is_none() && value.find_unknown().is_none() => {
                (validator.run)(self, value)
            }
            _ => Ok(value),
        }
    }

    fn notify(&mut self, change: &Change) -> Result<(), Raise> {
        let class = self.class;
        let observers = class.stock().flat_map(|def| def.observers);
        let mut seen: Vec<&str> = Vec::new();
        for observer in observers.filter(|observer| observer.options.contains(&change.name.as_str())) {
            let ObserverDef { method, run, .. } = observer;
            if !seen.contains(method) && class.overridden(method).is_none() {
                seen.push(method);
                run(self, change)?;
            }
        }
        let aliases = class.stock().find(|def| !def.aliases.is_empty()).map_or(&[][..], |def| def.aliases);
        match aliases.iter().find(|alias| alias.old == change.name) {
            Some(alias) => rules::deprecated_oauth_trait(self, alias, change),
            None => Ok(()),
        }
    }

    /// `Configurable.__init__` with keyword arguments, which win over the configuration (`HasTraits.__init__`).
    pub(super) fn load_with(
        &mut self,
        given: &[(String, Configured)],
        configured: &[(String, Configured)],
    ) -> Result<(), Raise> {
        let given: Vec<&(String, Configured)> = given.iter().filter(|(name, _)| self.traits.contains(name)).collect();
        self.take(&given).or_else(|fatal| self.collect(fatal))?;
        let taken: Vec<Option<Value>> = given.iter().map(|(name, _)| self.held_value(name)).collect();
        self.load(configured)?;
        for ((name, configured), before) in given.into_iter().zip(taken) {
            let now = self.values.get(name).cloned();
            let covered = now.filter(|now| Some(&now.value) != before.as_ref());
            let mut source = configured.source();
            if let Some(Held { value, source: Source { origin, written_as: Some(name), shadowed } }) = covered {
                source.shadowed.push(Shadowed { name, value: Some(value), origin });
                source.shadowed.extend(shadowed);
            } else if self.held_value(name) == before {
                continue;
            }
            let value = configured.entry.value().cloned().unwrap_or(Value::None);
            self.set(name, value, source).or_else(|fatal| self.refuse(name, configured, fatal))?;
        }
        Ok(())
    }

    fn held_value(&self, name: &str) -> Option<Value> {
        self.values.get(name).map(|held| held.value.clone())
    }

    /// `HasTraits.__init__`: all are set, then all cross-validated, then every one is told, changed or not.
    fn take(&mut self, given: &[&(String, Configured)]) -> Result<(), Raise> {
        self.held = Some(IndexMap::new());
        let mut outcome = Ok(());
        for (name, configured) in given {
            let value = configured.entry.value().cloned().unwrap_or(Value::None);
            let set = self.set(name, value, configured.source());
            outcome = set.or_else(|fatal| self.refuse(name, configured, fatal));
            if outcome.is_err() {
                break;
            }
        }
        let mut changes = Vec::new();
        for (name, configured) in given.iter().filter(|_| outcome.is_ok()) {
            let Some(value) = self.held_value(name) else { continue };
            match self.cross_validate(name, value) {
                Ok(new) => {
                    self.set(name, new.clone(), configured.source())?;
                    changes.push(Change { name: name.clone(), new });
                }
                Err(fatal) => self.collect(fatal)?,
            }
        }
        self.held = None;
        outcome?;
        changes.iter().try_for_each(|change| self.notify(change).or_else(|fatal| self.collect(fatal)))
    }

    /// `Configurable._load_config`.
    pub(super) fn load(&mut self, configured: &[(String, Configured)]) -> Result<(), Raise> {
        self.held = Some(IndexMap::new());
        let mut outcome = self.load_values(configured);
        let rolled_back = outcome.as_ref().is_err_and(|fatal| fatal.exception == "TraitError");
        let waiting = self.held.take().unwrap_or_default();
        if rolled_back {
            return outcome;
        }
        // Python runs what waits in a `finally`: what is raised there takes the place of what was raised before.
        for change in waiting.values() {
            let told = self.notify(change).or_else(|fatal| self.collect(fatal));
            if told.is_err() {
                outcome = told;
                break;
            }
        }
        outcome
    }

    fn load_values(&mut self, configured: &[(String, Configured)]) -> Result<(), Raise> {
        for (name, configured) in configured {
            if self.traits.contains(name) {
                self.load_value(name, configured).or_else(|fatal| self.refuse(name, configured, fatal))?;
            } else if self.class.unseen.is_none() {
                let matches = suggest::close_matches(name, self.traits.iter().map(String::as_str));
                let message = diagnose::not_recognized(name, &self.class.name, &matches);
                self.warn(name, message);
            }
        }
        let names: Vec<String> = self.held.iter().flat_map(|held| held.keys().cloned()).collect();
        for name in names {
            let held = self.held(&name)?;
            let value = match self.cross_validate(&name, held.value.clone()) {
                Ok(value) => value,
                Err(fatal) => {
                    self.collect(fatal)?;
                    continue;
                }
            };
            self.set(&name, value, held.source)?;
        }
        Ok(())
    }

    fn load_value(&mut self, name: &str, configured: &Configured) -> Result<(), Raise> {
        let value = match &configured.entry.written {
            Written::Plain(value) => value.clone(),
            Written::Lazy(lazy) => match self.get(name)? {
                unknown @ Value::Unknown(_) => unknown,
                initial => lazy.apply(&initial),
            },
        };
        self.set(name, value, configured.source())
    }

    fn refuse(&mut self, name: &str, configured: &Configured, fatal: Raise) -> Result<(), Raise> {
        let reason = format!("the hub refuses it: {}", fatal.message);
        let span = configured.entry.origin.span().cloned();
        self.collect(fatal)?;
        let held = Held { value: Value::unknown(reason, span), source: configured.source() };
        self.values.insert(name.to_owned(), held);
        Ok(())
    }

    fn collect(&mut self, fatal: Raise) -> Result<(), Raise> {
        match &mut self.collected {
            Some(collected) => {
                collected.push(*fatal);
                Ok(())
            }
            None => Err(fatal),
        }
    }

    /// What a lenient instance collected.
    pub(super) fn collected(&mut self) -> Vec<Fatal> {
        self.collected.take().unwrap_or_default()
    }

    /// Where the value of an option comes from, as far as it is set.
    pub(super) fn source(&self, name: &str) -> Source {
        match (self.values.get(name), self.attributes.get(name)) {
            (Some(held), _) | (None, Some(Attribute::Plain(held) | Attribute::Redeclared(held))) => held.source.clone(),
            _ => Source::default(),
        }
    }

    /// What a message about an option must call it, and where it stands.
    pub(crate) fn place(&self, name: &str) -> (String, Option<Span>) {
        let source = self.source(name);
        let span = source.origin.span().cloned();
        (source.written_as.unwrap_or_else(|| format!("{}.{name}", self.class.name)), span)
    }

    /// An exception of upstream's about an option.
    pub(crate) fn raise(
        &self,
        exception: &'static str,
        message: String,
        option: &str,
        code: &'static str,
        fix: impl Into<String>,
    ) -> Raise {
        let (setting, span) = self.place(option);
        Box::new(Fatal { exception, message, setting: Some(setting), span, code, fix: fix.into() })
    }

    pub(crate) fn warn(&mut self, option: &str, message: String) {
        self.log.push(LogLine { option: option.to_owned(), message });
    }
}
