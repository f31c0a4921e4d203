//! Auth0 (`oauthenticator/auth0.py`): nobody comes in with an e-mail address that is not verified.

use super::python;
use super::{AuthModel, Authenticator, BadEnd, CheckResult, Context, Explanation, base};
use crate::diagnostic::Diagnostic;
use crate::failure::{Raised, Stage};
use crate::value::Value;

/// `oauthenticator.auth0.Auth0OAuthenticator`.
pub struct Auth0OAuthenticator;

impl Authenticator for Auth0OAuthenticator {
    fn class(&self) -> &'static str {
        "Auth0OAuthenticator"
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, model: &AuthModel) -> Result<bool, Raised> {
        let user_info = python::index(&model.auth_state, &base::user_auth_state_key(cx)?)?;
        let email = python::index(user_info, "email")?.to_text();
        let verified = python::get(user_info, "email_verified")?.is_some_and(python::truth);
        let option = "allow_unverified_email";
        if verified {
            cx.decide(option, CheckResult::Pass, format!("{email} is verified"));
        } else if cx.settings.bool(option)? {
            cx.decide(option, CheckResult::Pass, format!("{email} is not verified, which is allowed"));
            cx.warn(unverified(cx, &username.to_text(), &email));
        } else {
            cx.decide(option, CheckResult::Deny, format!("{email} is not verified"));
            return Err(Raised::http(403, format!("Login with unverified email {email} is not allowed")));
        }
        base::check_allowed(cx, username, model)
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        match (end.stage, end.raised?) {
            (Stage::Decision, Raised::Http { status: 403, message }) if message.contains("unverified email") => {
                let setting = cx.settings.name_of("allow_unverified_email");
                Some(Explanation::of(
                    "allow_unverified_email",
                    "email-unverified",
                    format!(
                        "Auth0 does not vouch for the user's e-mail address, and the hub turns such users away ({message})"
                    ),
                    format!("let the user confirm the address that Auth0 wrote to; for a test, `{setting} = True`"),
                ))
            }
            (Stage::Decision, Raised::Exception { class: "KeyError", message }) if message == "'email'" => {
                Some(Explanation::of(
                    "scope",
                    "claim-missing",
                    "the userdata has no `email`, without which the hub lets nobody in but by allow_all",
                    format!(
                        "add `email` to {}, such as `[\"openid\", \"profile\", \"email\"]`",
                        cx.settings.name_of("scope")
                    ),
                ))
            }
            _ => None,
        }
    }
}

fn unverified(cx: &Context<'_>, username: &str, email: &str) -> Diagnostic {
    let setting = "allow_unverified_email";
    Diagnostic::warning("email-unverified", format!("`{username}` comes in though {email} is not verified"))
        .with_span(cx.settings.span_of(setting).cloned())
        .with_setting(cx.settings.name_of(setting))
        .with_note("anybody can sign up at Auth0 with an address that is somebody else's")
        .with_fix("leave allow_unverified_email off outside of tests")
}
