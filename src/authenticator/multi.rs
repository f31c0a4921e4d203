//! `WrapperAuthenticator` of jupyterhub-multiauthenticator 0.4.0: what being an entry of a `MultiAuthenticator` changes
//! for any class. Names carry a prefix outside of the class, and none inside.
//!
//! `authenticate` puts the prefix on, `check_blocked_users` and `check_allowed` take it off; the entry's own
//! `normalize_username`, `username_pattern` and `admin_users` meet the name both ways. The hub's start-up (`init_users`)
//! runs on the `MultiAuthenticator` alone, so that an entry's lists are taken as they are written.

use super::python::type_error;
use super::{Authenticator, CheckResult, Context};
use crate::failure::Raised;
use crate::http::Options;
use crate::settings::Settings;
use crate::settings::multi::{self, SEPARATOR};
use crate::sys::World;
use crate::value::Value;

/// `MultiAuthenticator` itself, as far as the hub's start-up asks it: it overrides nothing of `Authenticator`.
pub struct MultiAuthenticator;

impl Authenticator for MultiAuthenticator {
    fn class(&self) -> &'static str {
        multi::NAME
    }

    /// It asks nobody anything.
    fn http_options(&self, _settings: &Settings, _world: &World) -> Result<Options, Raised> {
        Ok(Options::default())
    }

    /// `jupyterhub.auth.Authenticator.refresh_user`: `True`.
    fn refreshes(&self) -> bool {
        false
    }
}

/// `WrapperAuthenticator.username_prefix`; `None` where the class is no entry of a list.
pub fn username_prefix(auth: &dyn Authenticator, cx: &Context<'_>) -> Result<Option<Value>, Raised> {
    let Some(wrapper) = cx.settings.wrapper() else { return Ok(None) };
    let class = cx.settings.class();
    let written = match wrapper.username_prefix.clone().or_else(|| multi::attribute(class, "prefix")) {
        Some(prefix) => prefix,
        None => {
            let service = wrapper.service_name.clone().or_else(|| multi::attribute(class, "service_name"));
            let service = service.map_or_else(|| multi::login_service(cx.settings), Ok)?;
            format!("{service}{SEPARATOR}")
        }
    };
    cx.not_overridden("normalize_username")?;
    auth.normalize_username(cx, &Value::Str(written)).map(Some)
}

/// `WrapperAuthenticator.authenticate`: the name with its prefix.
pub fn outer_name(auth: &dyn Authenticator, cx: &Context<'_>, name: Value) -> Result<Value, Raised> {
    match (username_prefix(auth, cx)?, name) {
        (None, name) => Ok(name),
        (Some(Value::Str(prefix)), Value::Str(name)) => Ok(Value::Str(prefix + &name)),
        (Some(Value::Str(_)), other) => {
            Err(type_error(format!("can only concatenate str (not \"{}\") to str", other.type_name())))
        }
        (Some(prefix), name) => {
            let kinds = (prefix.type_name(), name.type_name());
            Err(type_error(format!("unsupported operand type(s) for +: '{}' and '{}'", kinds.0, kinds.1)))
        }
    }
}

/// `WrapperAuthenticator.check_blocked_users` and `check_allowed`: the name without its prefix. `None` where it has none,
/// so that nobody of that name comes in.
pub fn inner_name(auth: &dyn Authenticator, cx: &Context<'_>, name: &Value) -> Result<Option<Value>, Raised> {
    let Some(prefix) = username_prefix(auth, cx)? else { return Ok(Some(name.clone())) };
    let Value::Str(prefix) = prefix else {
        let kind = prefix.type_name();
        return Err(type_error(format!("startswith first arg must be str or a tuple of str, not {kind}")));
    };
    let inner = name.as_str().and_then(|name| name.strip_prefix(&prefix)).map(Value::str);
    if inner.is_none() {
        let because = format!("{} does not begin with {}", name.repr(), Value::Str(prefix).repr());
        cx.decide("username_prefix", CheckResult::Deny, because);
    }
    Ok(inner)
}
