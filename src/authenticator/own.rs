//! What the configuration puts in place of upstream's methods and into its hooks, called here where it is simple enough
//! to be followed all the way; everything else is for Python.

use std::borrow::Cow;

use super::{AuthModel, Context};
use crate::failure::Raised;
use crate::source::python::{CallError, call_with_effects};
use crate::value::{Callable, Dict, Value};

/// Whether upstream waits for what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// It does not: a coroutine would be taken for the result.
    Never,
    /// Where it is a coroutine: `maybe_future`, `isawaitable`.
    Either,
    /// Whatever it is, so that a plain value is a `TypeError`.
    Always,
}

/// What came of a call: the result, and what has become of the arguments.
pub type Effects = (Value, Vec<Value>);

impl Context<'_> {
    /// The result of a method that the configuration's class overrides; `None` where it overrides none of that name.
    /// The arguments are those after `self`; one that is changed in place sends it to Python.
    pub fn own_method(&self, method: &str, awaits: Awaits, args: &[Value]) -> Result<Option<Value>, Raised> {
        match self.own_method_with_effects(method, awaits, args)? {
            Some((_, after)) if changed(args, &after) => self.not_overridden(method).map(|()| None),
            called => Ok(called.map(|(result, _)| result)),
        }
    }

    /// The same for those whose arguments may be changed in place.
    pub fn own_method_with_effects(
        &self,
        method: &str,
        awaits: Awaits,
        args: &[Value],
    ) -> Result<Option<Effects>, Raised> {
        let Some(found) = self.settings.class().overridden(method) else { return Ok(None) };
        match called(&found.source, awaits, &with_self(args)) {
            Err(CallError::Unsupported(_)) => self.not_overridden(method).map(|()| None),
            result => {
                self.note_evaluated(&format!("{}.{method}", self.settings.class().name), Some(&found.span));
                followed(result).map(Some)
            }
        }
    }

    /// The result of a hook that is set, which may change its arguments in place; `None` where it is not set.
    pub fn hook(&self, option: &str, args: &[Value]) -> Result<Option<Effects>, Raised> {
        let value = self.settings.value(option)?;
        match (value, callable(value)) {
            (Value::None, _) => Ok(None),
            (_, Some(callable)) => {
                // Upstream calls it by a method of its own.
                self.not_overridden(&format!("_call_{option}"))?;
                self.called(option, &callable, Awaits::Either, &with_self(args)).map(Some)
            }
            (other, None) => {
                Err(Raised::exception("TypeError", format!("'{}' object is not callable", other.type_name())))
            }
        }
    }

    /// Calls a function that the configuration gives: a simple one is followed here, any other is for Python.
    pub fn call(&self, option: &str, callable: &Callable, awaits: Awaits, arg: &Value) -> Result<Value, Raised> {
        let args = std::slice::from_ref(arg);
        let (result, after) = self.called(option, callable, awaits, args)?;
        if changed(args, &after) { Err(self.needs_python(option, callable)) } else { Ok(result) }
    }

    fn called(&self, option: &str, callable: &Callable, awaits: Awaits, args: &[Value]) -> Result<Effects, Raised> {
        match called(&callable.source, awaits, args) {
            Err(CallError::Unsupported(_)) => Err(self.needs_python(option, callable)),
            result => {
                self.note_evaluated(&self.settings.name_of(option), callable.span.as_ref());
                followed(result).map(|(result, mut after)| {
                    after.drain(..after.len().saturating_sub(args.len()));
                    (result, after)
                })
            }
        }
    }
}

/// A value as something to call: a function, or a class. One of Python's own, such as `str`, makes what it is given into
/// that type, which is followed; what another class makes is for Python.
pub fn callable(value: &Value) -> Option<Cow<'_, Callable>> {
    match value {
        Value::Callable(callable) => Some(Cow::Borrowed(callable)),
        Value::Class(class) => {
            let own = class.import.as_deref().is_some_and(|path| path.starts_with("builtins."));
            let source = if own { format!("lambda given: {}(given)", class.name) } else { class.name.clone() };
            Some(Cow::Owned(Callable { name: class.name.clone(), source, span: class.span.clone() }))
        }
        _ => None,
    }
}

/// The arguments after the authenticator itself, of which nothing is known here.
fn with_self(args: &[Value]) -> Vec<Value> {
    let mut all = vec![Value::unknown("it is the authenticator itself", None)];
    all.extend_from_slice(args);
    all
}

/// Whether a function changed one of its last arguments in place.
fn changed(before: &[Value], after: &[Value]) -> bool {
    let after = &after[after.len().saturating_sub(before.len())..];
    before.iter().map(Value::repr).ne(after.iter().map(Value::repr))
}

fn followed(result: Result<Effects, CallError>) -> Result<Effects, Raised> {
    result.map_err(|error| match error {
        CallError::Raised(class, message) => Raised::python(&class, message),
        CallError::Unsupported(what) => Raised::Unsupported { what, setting: None, span: None },
    })
}

/// A coroutine that waits for nothing comes to what its body comes to.
fn called(source: &str, awaits: Awaits, args: &[Value]) -> Result<Effects, CallError> {
    let source = source.trim();
    let rest = source.strip_prefix("async ").map(str::trim_start);
    match (rest, awaits) {
        (Some(rest), Awaits::Either | Awaits::Always) if !waits(rest) => call_with_effects(rest, args),
        (None, Awaits::Never | Awaits::Either) => call_with_effects(source, args),
        _ => Err(CallError::Unsupported("whether it is waited for matters".into())),
    }
}

/// Whether any of these words stands in it; a text that holds one merely sends it to Python.
fn waits(source: &str) -> bool {
    ["await", "async", "yield"].iter().any(|word| source.contains(word))
}

/// The keys of an auth model that are followed.
const KEYS: [&str; 5] = ["name", "admin", "groups", "auth_state", "user_info"];

impl AuthModel {
    /// The dictionary that hooks and methods are given.
    pub fn to_value(&self) -> Value {
        let mut dict = Dict::new();
        dict.insert("name", self.name.clone());
        dict.insert("admin", self.admin.clone());
        if let Some(groups) = &self.groups {
            dict.insert("groups", groups.clone());
        }
        dict.insert("auth_state", self.auth_state.clone());
        Value::Dict(dict)
    }

    /// The same once the hub has filled in what it fills in (`get_authenticated_user`).
    pub fn with_user_info(&self) -> Value {
        let mut value = self.to_value();
        if let Value::Dict(dict) = &mut value {
            dict.insert("user_info", Value::None);
        }
        value
    }

    /// The model, where a value is one with nothing else in it.
    pub fn of_value(value: &Value) -> Option<AuthModel> {
        let dict = value.as_dict().filter(|_| value.find_unknown().is_none())?;
        let all_known = dict.keys().all(|key| key.as_str().is_some_and(|key| KEYS.contains(&key)));
        let or_none = |name: &str| dict.get(name).cloned().unwrap_or(Value::None);
        Some(AuthModel {
            name: dict.get("name").filter(|_| all_known).cloned()?,
            admin: or_none("admin"),
            groups: dict.get("groups").cloned(),
            auth_state: or_none("auth_state"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coroutine_counts_only_where_it_is_waited_for() {
        let plain = "def f(self, x):\n        return x + 1";
        let coroutine = format!("async {plain}");
        let call = |source: &str, awaits| {
            called(source, awaits, &[Value::None, Value::int(1)]).ok().map(|(value, _)| value.repr())
        };
        let two = Some("2".to_owned());
        assert_eq!(
            [Awaits::Never, Awaits::Either, Awaits::Always].map(|awaits| call(plain, awaits)),
            [two.clone(), two.clone(), None]
        );
        assert_eq!(
            [Awaits::Never, Awaits::Either, Awaits::Always].map(|awaits| call(&coroutine, awaits)),
            [None, two.clone(), two]
        );
        assert_eq!(call("async def f(self, x):\n        return await x", Awaits::Always), None);
    }

    #[test]
    fn a_model_with_more_in_it_is_for_python() {
        let model = crate::json::parse(r#"{"name": "a", "admin": null, "auth_state": {}}"#).unwrap();
        assert_eq!(AuthModel::of_value(&model).unwrap().to_value(), model);
        assert!(AuthModel::of_value(&crate::json::parse(r#"{"name": "a", "roles": []}"#).unwrap()).is_none());
        assert!(AuthModel::of_value(&Value::None).is_none());
    }
}
