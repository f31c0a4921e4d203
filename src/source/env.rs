//! The hub's environment: our own, or one given by `--env-file`, with what the configuration itself adds to it.

use std::collections::BTreeMap;

use crate::span::Span;
use crate::value::Value;

/// Environment variables by name.
#[derive(Clone, Debug, Default)]
pub struct Env {
    variables: BTreeMap<String, Variable>,
    /// Variables that were asked for, are not set, and were taken for None, with the place that asked.
    pub absent: Vec<(String, Span)>,
    /// Variables that were asked for and are not set, whatever was taken in their place, with the place that asked.
    pub defaulted: Vec<(String, Span)>,
    /// Whether it was given as the hub's own: what it lacks, the hub lacks too.
    pub of_the_hub: bool,
    /// What every other variable is, where that is not "not set".
    other: Option<Variable>,
}

/// One variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its value: text, or unknown where only the cluster knows it (a `secretKeyRef`).
    pub value: Value,
    /// Where the configuration sets it (`os.environ[…] = …`, `hub.extraEnv`); `None` when it came from outside.
    pub set_at: Option<Span>,
}

impl Env {
    /// The environment of these variables.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Env {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name, Variable { value: Value::Str(value), set_at: None }))
            .collect();
        Env { variables, ..Env::default() }
    }

    /// An environment in which every variable is there, and none is known: what depends on it becomes unknown.
    pub fn unseen() -> Env {
        let value = Value::unknown("it depends on the environment", None);
        Env { other: Some(Variable { value, set_at: None }), ..Env::default() }
    }

    /// A variable, if it is set.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name).or(self.other.as_ref())
    }

    /// Whether a variable is set; `None` where nobody knows ([`Env::unseen`]).
    pub fn has(&self, name: &str) -> Option<bool> {
        let set = self.variables.contains_key(name);
        (set || self.other.is_none()).then_some(set)
    }

    /// A variable's text, if it is set and known.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.value.as_str()
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: Value, set_at: Option<Span>) {
        self.variables.insert(name.into(), Variable { value, set_at });
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }
}
