//! What the hub makes of an auth_state between the verdict and its database: told, and not done.

use crate::authenticator::callable;
use crate::cmd::prepare::Prepared;
use crate::diagnostic::Diagnostic;
use crate::report::{Login, Outcome};
use crate::value::Value;

/// That `reconcile_auth_state_hook` has the last word (`jupyterhub.handlers.base.BaseHandler.auth_to_user`). What it
/// answers hangs on what the hub has stored for this user, which is not known here.
pub fn reconciled(prepared: &Prepared, login: &Login) -> Option<Diagnostic> {
    // The handlers of an entry ask the MultiAuthenticator too.
    let settings = prepared.multi.as_ref().unwrap_or(&prepared.settings);
    let unknown = Value::unknown("it cannot be told from here", None);
    let hook = settings.value("reconcile_auth_state_hook").unwrap_or(&unknown);
    let stores = settings.bool("enable_auth_state").unwrap_or(false);
    if login.outcome != Outcome::Allowed || login.model.is_none() || !stores || hook.truth() == Some(false) {
        return None;
    }
    let name = settings.name_of("reconcile_auth_state_hook");
    let (message, fix) = match (hook, callable(hook)) {
        (Value::Unknown(_), _) | (_, Some(_)) => (
            format!("the hub stores what {name} makes of this auth_state and the one it has, not this auth_state"),
            "judge here who may enter, and look at the hub's own auth_state for what spawners and services get",
        ),
        (other, None) => (
            format!(
                "{name} is no function, so this login ends with 500 ('{}' object is not callable)",
                other.type_name()
            ),
            "set it to a function of three arguments: authenticator, auth_model, existing_auth_state",
        ),
    };
    let span = settings.span_of("reconcile_auth_state_hook").cloned();
    Some(Diagnostic::warning("auth-state-reconciled", message).with_setting(name).with_span(span).with_fix(fix))
}
