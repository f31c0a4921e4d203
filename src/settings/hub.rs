//! What the hub itself is told: the few of `JupyterHub`'s own options that a login depends on (`jupyterhub/app.py`).

use super::class::{NoClass, RunningClass, running_class};
use super::coerce::Refusal;
use super::instance::LogLine;
use super::option::Kind;
use super::sections::{self, Configured};
use super::{Fatal, diagnose};
use crate::diagnostic::Diagnostic;
use crate::source::{Loaded, Written};
use crate::span::Origin;
use crate::value::{Set, Value};

/// The hub's own options.
#[derive(Clone, Debug)]
pub struct HubOptions {
    /// `authenticator_class`, resolved.
    pub class: Result<RunningClass, NoClass>,
    /// Where `authenticator_class` is set.
    pub class_origin: Origin,
    /// The deprecated `JupyterHub.admin_users`, which count where the authenticator has none.
    pub admin_users: Value,
    /// Where they are set.
    pub admin_users_origin: Origin,
    /// `base_url`, with a slash at both ends.
    pub base_url: Value,
    /// Where it is set.
    pub base_url_origin: Origin,
    /// The first of these options that the hub refuses.
    pub fatal: Option<Fatal>,
    /// Options that `JupyterHub` does not have.
    pub diagnostics: Vec<Diagnostic>,
    /// What upstream logs about them.
    pub log: Vec<LogLine>,
}

/// Reads the hub's own options.
pub fn jupyterhub_options(loaded: &Loaded) -> HubOptions {
    let configured = sections::for_hub(&loaded.config);
    let find = |name: &str| configured.iter().find(|(found, _)| found == name).map(|(_, configured)| configured);
    let mut fatal = None;

    let class = find("authenticator_class");
    let class_origin = class.map_or(Origin::Default, |configured| configured.entry.origin.clone());
    let setting = class.map_or("JupyterHub.authenticator_class", |configured| &configured.qualified);
    let class_value = class.map(|configured| written(configured, Value::None));
    let mut running = running_class(class_value.as_ref(), &class_origin, setting);
    if let Ok(running) = &mut running {
        running.patch(&loaded.class_attributes);
    }

    let (admin_users, admin_users_origin) =
        read(find("admin_users"), "admin_users", Kind::Set(&Kind::Any), Value::Set(Set::new()), &mut fatal);
    let (base_url, base_url_origin) = read(find("base_url"), "base_url", Kind::Unicode, Value::str("/"), &mut fatal);
    HubOptions {
        class: running,
        class_origin,
        admin_users,
        admin_users_origin,
        base_url: with_slashes(base_url),
        base_url_origin,
        fatal,
        diagnostics: diagnose::hub_options(&configured),
        log: diagnose::hub_log(&configured),
    }
}

fn written(configured: &Configured, below: Value) -> Value {
    match &configured.entry.written {
        Written::Plain(value) => value.clone(),
        Written::Lazy(lazy) => lazy.apply(&below),
    }
}

fn read(
    configured: Option<&Configured>,
    name: &str,
    kind: Kind,
    default: Value,
    fatal: &mut Option<Fatal>,
) -> (Value, Origin) {
    let Some(configured) = configured else { return (default, Origin::Default) };
    let origin = configured.entry.origin.clone();
    let value = match kind.validate(kind.wrap(written(configured, default))) {
        Ok(value) => value,
        Err(refusal) => {
            let found = refused(name, &refusal, configured);
            let value = Value::unknown(format!("the hub refuses it: {}", found.message), found.span.clone());
            fatal.get_or_insert(found);
            value
        }
    };
    (value, origin)
}

fn refused(name: &str, refusal: &Refusal, configured: &Configured) -> Fatal {
    Fatal {
        exception: refusal.exception(),
        message: refusal.message(name, "JupyterHub"),
        setting: Some(configured.qualified.clone()),
        span: configured.entry.origin.span().cloned(),
        code: "wrong-type",
        fix: "give it a value of the right type".into(),
    }
}

/// `jupyterhub.traitlets.URLPrefix.validate`.
fn with_slashes(url: Value) -> Value {
    let Value::Str(mut url) = url else { return url };
    if !url.starts_with('/') {
        url.insert(0, '/');
    }
    if !url.ends_with('/') {
        url.push('/');
    }
    Value::Str(url)
}
