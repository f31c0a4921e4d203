//! What the hub's refresh of a user comes to: `OAuthenticator.refresh_user`, and what `BaseHandler.refresh_auth` and
//! `auth_to_user` make of its answer (`jupyterhub/handlers/base.py`).

use crate::authenticator::{AuthModel, Authenticator, Callback, Context, Session, base, callable, python};
use crate::failure::{Raised, Stage};
use crate::settings::Settings;
use crate::value::{Dict, Value};

/// What `refresh_user` returns.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// `True`: nothing is asked, nothing changes.
    Unchanged,
    /// An auth model, made with the access token that is still good.
    Updated(AuthModel),
    /// An auth model, made with a new access token for the refresh token.
    Renewed(AuthModel),
    /// `False`: the user has to log in again, and why.
    LoginNeeded(String),
}

/// Whether the hub never refreshes anybody: `refresh_auth` begins with `if not refresh_age`, even before a spawn.
pub fn is_off(settings: &Settings) -> bool {
    settings.int("auth_refresh_age") == Ok(0)
}

/// `OAuthenticator.refresh_user`, with the auth_state that the hub has of the user.
/// `at` is left where the flow ended.
pub fn refresh_user(
    auth: &dyn Authenticator,
    cx: &Context<'_>,
    auth_state: &Value,
    at: &mut Stage,
) -> Result<Refreshed, Raised> {
    if !auth.refreshes() || !cx.settings.bool("enable_auth_state")? {
        return Ok(Refreshed::Unchanged);
    }
    cx.seen()?;
    cx.not_overridden("refresh_user")?;
    let user = Value::unknown("it is a user of the hub's", None);
    let mut auth_state = auth_state.clone();
    if let Some((refreshed, after)) = cx.hook("refresh_user_hook", &[user, auth_state.clone()])? {
        if refreshed != Value::None {
            return of_hook(cx, &refreshed);
        }
        auth_state = after.last().cloned().unwrap_or(auth_state);
    }
    let auth_state = &auth_state;
    if !python::truth(auth_state) {
        return Ok(Refreshed::LoginNeeded("the hub has no auth_state of this user".into()));
    }
    let token_info = python::get(auth_state, "token_response")?.cloned().unwrap_or(Value::None);
    let expired = match base::token_to_auth_model(auth, cx, &token_info, at) {
        Ok(model) => return Ok(Refreshed::Updated(model)),
        Err(Raised::Client { status: status @ 400..500, message }) => format!("{status} {message}"),
        Err(raised) => return Err(raised),
    };
    let refresh_token = python::get(auth_state, "refresh_token")?.filter(|token| python::truth(token));
    let Some(refresh_token) = refresh_token else {
        return Ok(Refreshed::LoginNeeded(format!(
            "the access token is refused ({expired}), and there is no refresh token"
        )));
    };
    renew(auth, cx, refresh_token, at).map(|renewed| match renewed {
        Ok(model) => Refreshed::Renewed(model),
        Err(because) => Refreshed::LoginNeeded(format!(
            "the access token is refused ({expired}), and renewing it failed: {because}"
        )),
    })
}

/// What `refresh_user_hook` returned, and how the hub takes it (`BaseHandler.refresh_auth`).
fn of_hook(cx: &Context<'_>, refreshed: &Value) -> Result<Refreshed, Raised> {
    match (AuthModel::of_value(refreshed), refreshed.truth(), callable(cx.settings.value("refresh_user_hook")?)) {
        (Some(model), ..) => Ok(Refreshed::Updated(model)),
        (None, Some(false), _) => {
            Ok(Refreshed::LoginNeeded(format!("refresh_user_hook returned {}", refreshed.repr())))
        }
        (None, ..) if *refreshed == Value::Bool(true) => Ok(Refreshed::Unchanged),
        (None, _, Some(hook)) => Err(cx.needs_python("refresh_user_hook", &hook)),
        (None, ..) => Ok(Refreshed::Unchanged),
    }
}

/// The refresh token for a new access token; one that is not given back stays. The inner error is for the user to log
/// in again: what the two requests raise. Whatever else is raised goes up to the hub.
fn renew(
    auth: &dyn Authenticator,
    cx: &Context<'_>,
    refresh_token: &Value,
    at: &mut Stage,
) -> Result<Result<AuthModel, String>, Raised> {
    *at = Stage::Token;
    cx.not_overridden("build_refresh_token_request_params")?;
    let params = base::build_refresh_token_request_params(cx.settings, refresh_token)?;
    cx.not_overridden("get_token_info")?;
    let mut token_info = match caught(auth.get_token_info(cx, &no_callback(), &params))? {
        Ok(token_info) => token_info,
        Err(because) => return Ok(Err(because)),
    };
    if !python::get(&token_info, "refresh_token")?.is_some_and(python::truth)
        && let Value::Dict(dict) = &mut token_info
    {
        dict.insert("refresh_token", refresh_token.clone());
    }
    caught(base::token_to_auth_model(auth, cx, &token_info, at))
}

/// `except Exception`; what only Python can run is no exception of upstream's.
fn caught<T>(outcome: Result<T, Raised>) -> Result<Result<T, String>, Raised> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(raised @ Raised::Unsupported { .. }) => Err(raised),
        Err(raised) => Ok(Err(raised.message())),
    }
}

/// A refresh has no browser.
fn no_callback() -> Callback {
    Callback { arguments: Vec::new(), session: Session(Dict::new()), redirect_uri: String::new() }
}
