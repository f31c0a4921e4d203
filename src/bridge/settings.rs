//! The settings that the authenticator has in Python, each with the place that reading the configuration finds for it.

use std::sync::Arc;

use super::carry::LeftOut;
use super::message::{is_true, list, number, span, text, value};
use crate::settings::multi::{self, Wrapper};
use crate::settings::{self, Fatal, RunningClass, Setting, Settings};
use crate::source::Loaded;
use crate::span::Origin;
use crate::value::{Method, Touches, Value};

/// The real values over what reading finds, but for those that could not be handed over. `None` only where no class of
/// upstream's is among the bases.
pub fn joined(answer: &Value, read: &Loaded, left_out: &[LeftOut]) -> Option<Settings> {
    let mut settings = read_settings(answer, read)?;
    for found in list(answer, "settings") {
        let name = text(found, "name");
        let before = settings.get(name).cloned();
        let unknown = before.as_ref().is_some_and(|before| before.value.find_unknown().is_some());
        if unknown && is_true(found, "default") && left_out.iter().any(|left| left.option == name) {
            continue;
        }
        settings.put(name, setting(answer, found, before));
    }
    for name in list(answer, "absent").iter().map(Value::to_text) {
        match settings.get(&name).cloned() {
            Some(before) if before.origin != Origin::Default => {
                let value = Value::unknown("the release that is installed there has no such option", None);
                settings.put(&name, Setting { value, ..before });
            }
            _ => settings.remove(&name),
        }
    }
    Some(match answer.get("wrapper") {
        Some(wrapper) => settings.wrapped(Arc::new(told(wrapper, read))),
        None => settings,
    })
}

/// How `MultiAuthenticator` wraps the class.
fn told(wrapper: &Value, read: &Loaded) -> Wrapper {
    let index = number(wrapper, "index").unwrap_or_default();
    let optional = |name: &str| wrapper.get(name).and_then(Value::as_str).map(str::to_owned);
    Wrapper {
        index,
        path: format!("{}.authenticators[{index}]", multi::NAME),
        written: text(wrapper, "class").to_owned(),
        url_prefix: text(wrapper, "url_prefix").to_owned(),
        service_name: optional("service_name"),
        username_prefix: optional("username_prefix"),
        span: read_entry(read, index).and_then(|entry| entry.wrapper.span.clone()),
    }
}

fn read_entry(read: &Loaded, index: usize) -> Option<multi::Entry> {
    settings::resolve(read).entries.list.into_iter().find(|entry| entry.wrapper.index == index)
}

/// What reading finds for the class that runs, or for the nearest of upstream's.
fn read_settings(answer: &Value, read: &Loaded) -> Option<Settings> {
    let class = text(answer, "class");
    if let Some(index) = answer.get("wrapper").and_then(|wrapper| number(wrapper, "index")) {
        let same = read_entry(read, index).and_then(|entry| entry.resolution.settings);
        if let Some(same) = same.filter(|settings| settings.class().name == class && settings.class().unseen.is_none())
        {
            return Some(same);
        }
    }
    let read_class = settings::jupyterhub_options(read).class.ok();
    if let Some(same) = read_class.filter(|found| found.name == class && found.unseen.is_none()) {
        return settings::resolve_class(read, same).settings;
    }
    let names: Vec<String> = list(answer, "mro").iter().map(Value::to_text).collect();
    let nearest = names
        .iter()
        .find_map(|name| settings::class(name).filter(|def| def.is_oauthenticator() || def.name == multi::NAME))?;
    let mut running = RunningClass::of(nearest);
    running.name = class.to_owned();
    running.mro = names.into_iter().filter(|name| name != "object").collect();
    running.overrides = list(answer, "overrides").iter().filter_map(method).collect();
    settings::resolve_class(read, running).settings
}

fn method(found: &Value) -> Option<Method> {
    let name = text(found, "name").to_owned();
    Some(Method {
        name,
        default_of: None,
        returns: None,
        source: String::new(),
        span: span(found)?,
        touches: Touches::Nothing,
    })
}

fn setting(answer: &Value, found: &Value, before: Option<Setting>) -> Setting {
    let name = text(found, "name");
    let raises = text(found, "raises");
    let value = match raises {
        "" => found.get("value").map_or(Value::None, value),
        raises => Value::unknown(format!("the hub raises {raises}"), None),
    };
    let raises = (!raises.is_empty()).then(|| {
        Box::new(Fatal {
            exception: "Exception",
            message: raises.to_owned(),
            setting: None,
            span: None,
            code: "default-raises",
            fix: String::new(),
        })
    });
    let known = before
        .filter(|before| before.origin != Origin::Default || is_true(found, "default") || same(&before.value, &value));
    match known {
        Some(before) => Setting { value: kept(&before.value, value), raises, ..before },
        None => Setting {
            value,
            origin: somewhere(found),
            shadowed: Vec::new(),
            written_as: (!is_true(found, "default")).then(|| format!("{}.{name}", text(answer, "class"))),
            raises,
            option: None,
        },
    }
}

/// A function keeps the source as it is written in the file, which Python only finds by its line.
fn kept(before: &Value, real: Value) -> Value {
    match (before, &real) {
        (Value::Callable(_), Value::Callable(_)) => before.clone(),
        _ => real,
    }
}

fn same(before: &Value, real: &Value) -> bool {
    match (before, real) {
        (Value::List(a) | Value::Tuple(a), Value::List(b) | Value::Tuple(b)) => a == b,
        (Value::Callable(_), Value::Callable(_)) => true,
        (before, real) => before == real,
    }
}

/// It is set by code that reading does not follow: Python knows the line that was running then. Where nobody knows it,
/// no line is named rather than a wrong one.
fn somewhere(found: &Value) -> Origin {
    match found.get("place").and_then(span) {
        Some(place) => Origin::File(place),
        None if is_true(found, "default") => Origin::Default,
        None => Origin::Code,
    }
}
