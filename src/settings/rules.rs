//! Upstream's observers and what several classes share (`Authenticator`, `OAuthenticator`).

use super::instance::{Change, Instance, Raise, Source};
use super::option::{Alias, Kind};
use crate::pyregex::Pattern;
use crate::source::Shadowed;
use crate::span::Origin;
use crate::value::Value;

/// Texts after one another, as an f-string puts them; unknown if one of them is.
pub(super) fn join(parts: &[&Value]) -> Value {
    let mut text = String::new();
    for part in parts {
        if let Value::Unknown(_) = part {
            return (*part).clone();
        }
        text.push_str(&part.to_text());
    }
    Value::Str(text)
}

/// An environment variable's text, or `otherwise`.
pub(super) fn env_or(instance: &mut Instance<'_>, variable: &str, otherwise: &str) -> Value {
    instance.env(variable).unwrap_or_else(|| Value::str(otherwise))
}

/// `OAuthenticator._deprecated_oauth_trait`.
pub(super) fn deprecated_oauth_trait(instance: &mut Instance<'_>, alias: &Alias, change: &Change) -> Result<(), Raise> {
    let current = instance.get(alias.new)?;
    let class = &instance.class.name;
    let message =
        format!("{class}.{} is deprecated in {class} {}, use {class}.{} instead", alias.old, alias.since, alias.new);
    if !alias.same {
        let known = current.find_unknown().is_none() && change.new.find_unknown().is_none();
        if known && current != change.new {
            instance.warn(alias.old, message.clone());
            let fix = format!("use {} instead", alias.new);
            return Err(instance.raise("ValueError", message, alias.old, "removed-option", fix));
        }
        return Ok(());
    }
    carry_over(instance, alias.old, alias.new, current, &change.new, message)
}

/// `Authenticator._deprecated_trait`.
pub(super) fn deprecated_trait(instance: &mut Instance<'_>, change: &Change) -> Result<(), Raise> {
    let current = instance.get("allowed_users")?;
    let class = &instance.class.name;
    let message = format!("{class}.{} is deprecated in JupyterHub 1.2, use {class}.allowed_users instead", change.name);
    carry_over(instance, &change.name, "allowed_users", current, &change.new, message)
}

fn carry_over(
    instance: &mut Instance<'_>,
    old: &str,
    new: &str,
    current: Value,
    value: &Value,
    message: String,
) -> Result<(), Raise> {
    let unknown = value.find_unknown().is_some() || current.find_unknown().is_some();
    if !unknown && current == *value {
        return Ok(());
    }
    let is_bool = instance.option(old).is_some_and(|option| option.kind == Kind::Bool);
    if is_bool && matches!(value, Value::Unknown(_)) && matches!(current, Value::Bool(true)) {
        // False would be silent and True is there already: whatever it is, nothing changes.
        return Ok(());
    }
    let (source, covered) = (instance.source(old), instance.source(new));
    let mut shadowed = source.shadowed;
    if let Some(name) = covered.written_as {
        shadowed.insert(0, Shadowed { name, value: Some(current), origin: covered.origin });
        shadowed.extend(covered.shadowed);
    }
    let origin = Origin::Alias { of: old.to_owned(), at: Box::new(source.origin) };
    instance.warn(old, message);
    instance.set(new, value.clone(), Source { origin, written_as: source.written_as, shadowed })
}

/// `OAuthenticator._requires_manage_groups`.
pub(super) fn requires_manage_groups(instance: &mut Instance<'_>, change: &Change) -> Result<(), Raise> {
    let managed = instance.get("manage_groups")?;
    if change.new.truth() != Some(true) || managed.truth() != Some(false) {
        return Ok(());
    }
    let class = &instance.class.name;
    let message = format!("{class}.{} requires {class}.manage_groups to also be set", change.name);
    Err(instance.raise(
        "ValueError",
        message,
        &change.name,
        "groups-without-manage-groups",
        format!("set {class}.manage_groups = True"),
    ))
}

/// `Authenticator._check_allowed_users`.
pub(super) fn check_allowed_users(instance: &mut Instance<'_>, change: &Change) -> Result<(), Raise> {
    let mut short = Vec::new();
    for name in change.new.iterate().unwrap_or_default() {
        let length = match &name {
            Value::Str(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Tuple(items) => items.len(),
            Value::Unknown(_) => continue,
            other => {
                let message = format!("object of type '{}' has no len()", other.type_name());
                let fix = "user names are texts: put quotes around them";
                return Err(instance.raise("TypeError", message, &change.name, "wrong-type", fix));
            }
        };
        if length <= 1 {
            short.push(name);
        }
    }
    let texts: Vec<&str> = short.iter().filter_map(Value::as_str).collect();
    if texts.len() < short.len() {
        let message = "sequence item 0: expected str instance".to_owned();
        return Err(instance.raise("TypeError", message, &change.name, "wrong-type", "user names are texts"));
    }
    if texts.is_empty() {
        return Ok(());
    }
    let mut sorted = texts;
    sorted.sort_unstable();
    let single = sorted.concat();
    let shown = Value::List(sorted.iter().take(8).map(|name| Value::str(*name)).collect()).repr();
    let message = format!(
        "Allowed set contains single-character names: {shown}; did you mean set([{}]) instead of set('{single}')?",
        Value::str(single.clone()).repr()
    );
    instance.warn(&change.name, message);
    Ok(())
}

/// `Authenticator._username_pattern_changed`: `re.compile`.
pub(super) fn username_pattern_changed(instance: &mut Instance<'_>, change: &Change) -> Result<(), Raise> {
    let Some(pattern) = change.new.as_str() else { return Ok(()) };
    match Pattern::new(pattern) {
        Ok(_) => Ok(()),
        Err(message) => Err(instance.raise(
            "error",
            message,
            &change.name,
            "bad-username-pattern",
            "correct the regular expression; it is matched from the start of the name",
        )),
    }
}

/// `Authenticator._default_any_allowed`.
pub(super) fn any_allow_config(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let names: Vec<String> = instance.traits().iter().filter(|name| name.starts_with("allow")).cloned().collect();
    let mut unknown = None;
    for name in names {
        let value = instance.get(&name)?;
        match value.truth() {
            Some(true) => return Ok(Value::Bool(true)),
            Some(false) => {}
            None => unknown = Some(value),
        }
    }
    Ok(unknown.unwrap_or(Value::Bool(false)))
}
