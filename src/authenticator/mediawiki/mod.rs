//! `oauthenticator.mediawiki.MWOAuthenticator`: a login by OAuth 1.0a, of which nothing outside this folder knows. The
//! request token travels in the session, the access token in what `get_token_info` returns.

mod explain;
mod findings;
mod handshake;
mod identity;

use super::{Authenticator, BadEnd, Begin, Callback, Context, Explanation, Refusal, Session, base, python};
use crate::diagnostic::Diagnostic;
use crate::failure::Raised;
use crate::http::Options;
use crate::pyurl::urlencode;
use crate::requests;
use crate::secret;
use crate::settings::Settings;
use crate::sys::World;
use crate::value::{Dict, Value};
use handshake::{Token, oauth_exception};

/// Where the wiki sends the browser to the callback that is registered for the consumer (RFC 5849 section 2.1).
const OUT_OF_BAND: &str = "oob";

/// `oauthenticator.mediawiki.MWOAuthenticator`.
pub struct MWOAuthenticator;

impl Authenticator for MWOAuthenticator {
    fn class(&self) -> &'static str {
        "MWOAuthenticator"
    }

    fn http_options(&self, _settings: &Settings, world: &World) -> Result<Options, Raised> {
        Ok(requests::options(world))
    }

    /// `MWLoginHandler.get`, with `mwoauth.initiate`.
    fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Raised> {
        if cx.settings.int("executor_threads")? <= 0 {
            return Err(Raised::exception("ValueError", "max_workers must be greater than 0"));
        }
        let token = request_token(cx, redirect_uri)?;
        let query = [
            ("title", Value::str("Special:OAuth/authenticate")),
            ("oauth_token", Value::str(&token.key)),
            ("oauth_consumer_key", Value::str(cx.settings.str("client_id")?)),
        ];
        let query = urlencode(query.iter().map(|(name, value)| (*name, value)));
        let url = format!("{}?{query}", cx.settings.str("mw_index_url")?);
        let mut session = Dict::new();
        session.insert("request_token_key", Value::str(&token.key));
        session.insert("request_token_secret", Value::str(&token.secret));
        Ok(Begin { url, session: Session(session) })
    }

    /// `MWCallbackHandler.check_arguments` lets everything pass; what `mwoauth.complete` then refuses is refused here,
    /// so that a stray request does not end the wait.
    fn check_arguments(&self, _cx: &Context<'_>, callback: &Callback) -> Result<(), Refusal> {
        judge(callback)
    }

    fn build_access_tokens_request_params(&self, _cx: &Context<'_>, _callback: &Callback) -> Result<Value, Raised> {
        Ok(Value::None)
    }

    /// `mwoauth.complete`.
    fn get_token_info(&self, cx: &Context<'_>, callback: &Callback, _params: &Value) -> Result<Value, Raised> {
        let session = &callback.session.0;
        let token = Token {
            key: text(session, "request_token_key").to_owned(),
            secret: text(session, "request_token_secret").to_owned(),
        };
        let access = handshake::complete(cx, &token, &callback.arguments)?;
        let pair = |key: &str, secret: &str| Value::Tuple(vec![Value::str(key), Value::str(secret)]);
        let consumer = pair(cx.settings.str("client_id")?, cx.settings.str("client_secret")?);
        Ok(Value::dict([("access_token", pair(&access.key, &access.secret)), ("consumer_token", consumer)]))
    }

    /// `mwoauth.identify`.
    fn token_to_user(&self, cx: &Context<'_>, token_info: &Value) -> Result<Value, Raised> {
        handshake::identify(cx, &access_token(token_info)?)
    }

    /// Neither lower case nor `username_map`.
    fn lower_cases_names(&self) -> bool {
        false
    }

    fn normalize_username(&self, _cx: &Context<'_>, username: &Value) -> Result<Value, Raised> {
        match username {
            Value::Str(name) => Ok(Value::Str(name.replace(' ', "_"))),
            other => Err(Raised::attribute_error(other.type_name(), "replace")),
        }
    }

    fn build_auth_state_dict(&self, cx: &Context<'_>, token_info: &Value, user_info: &Value) -> Result<Value, Raised> {
        let token = access_token(token_info)?;
        Ok(Value::dict([
            ("ACCESS_TOKEN_KEY", Value::Str(token.key)),
            ("ACCESS_TOKEN_SECRET", Value::Str(token.secret)),
            (base::user_auth_state_key(cx)?.as_str(), user_info.clone()),
        ]))
    }

    fn auth_state_keys(&self) -> Vec<(&'static str, &'static str)> {
        vec![("ACCESS_TOKEN_KEY", "names the access token"), ("ACCESS_TOKEN_SECRET", "signs with it")]
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        explain::explain(cx, end)
    }

    fn assumed_token_response(&self) -> &'static str {
        "oauth_token=made-up-for-resolve&oauth_token_secret=made-up-for-resolve"
    }

    fn silence(&self, cx: &Context<'_>) -> Option<String> {
        Some(explain::silence(cx))
    }

    fn findings(&self, settings: &Settings) -> Vec<Diagnostic> {
        findings::findings(settings)
    }
}

/// The request token. The hub always sends `oob`, and the wiki leads the browser to the callback that is registered. Of
/// a consumer whose callback is only a prefix, an address of our own must be asked for; one that knows no other
/// than the hub's is asked as the hub does.
fn request_token(cx: &Context<'_>, redirect_uri: &str) -> Result<Token, Raised> {
    if cx.settings.str("oauth_callback_url").is_ok_and(|configured| configured == redirect_uri) {
        return handshake::initiate(cx, OUT_OF_BAND);
    }
    match handshake::initiate(cx, redirect_uri) {
        Err(raised) if explain::callback_refused(&raised) => {
            let token = handshake::initiate(cx, OUT_OF_BAND)?;
            cx.warn(explain::lands_elsewhere(cx, redirect_uri));
            Ok(token)
        }
        other => other,
    }
}

fn judge(callback: &Callback) -> Result<(), Refusal> {
    let key = text(&callback.session.0, "request_token_key");
    // Neither key is repeated: what is said here is shown to whoever sent the request.
    let refuse = |message: &str, code, ours| Err(Refusal { raised: oauth_exception(message), code, ours });
    let token = handshake::first(&callback.arguments, "oauth_token");
    let ours = token.is_some_and(|token| !key.is_empty() && secret::same(token.as_bytes(), key.as_bytes()));
    match (token, handshake::first(&callback.arguments, "oauth_verifier")) {
        (Some(_), Some(_)) if ours => Ok(()),
        (Some(_), Some(_)) => {
            refuse("the callback's oauth_token is not the request token of this login", "state-mismatch", false)
        }
        _ => refuse("the callback lacks oauth_token or oauth_verifier", "no-verifier", ours),
    }
}

fn text<'a>(dict: &'a Dict, key: &str) -> &'a str {
    dict.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// `token_info["access_token"]`, where a refresh has `None` for token_info.
fn access_token(token_info: &Value) -> Result<Token, Raised> {
    python::index(token_info, "consumer_token")?;
    match python::index(token_info, "access_token")? {
        Value::Tuple(parts) => {
            let part = |at: usize| parts.get(at).map(Value::to_text).unwrap_or_default();
            Ok(Token { key: part(0), secret: part(1) })
        }
        other => Err(Raised::attribute_error(other.type_name(), "key")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(query: &[(&str, &str)]) -> Callback {
        let mut session = Dict::new();
        session.insert("request_token_key", Value::str("rk"));
        session.insert("request_token_secret", Value::str("rs"));
        Callback {
            arguments: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            session: Session(session),
            redirect_uri: String::new(),
        }
    }

    fn judged(query: &[(&str, &str)]) -> Result<(), (&'static str, bool)> {
        judge(&callback(query)).map_err(|refusal| (refusal.code, refusal.ours))
    }

    #[test]
    fn only_the_callback_of_this_login_counts() {
        assert_eq!(judged(&[("oauth_verifier", "v"), ("oauth_token", "rk")]), Ok(()));
        assert_eq!(judged(&[("oauth_verifier", "v"), ("oauth_token", "other")]), Err(("state-mismatch", false)));
        assert_eq!(judged(&[("oauth_verifier", "v"), ("oauth_token", "")]), Err(("no-verifier", false)));
        assert_eq!(judged(&[("oauth_token", "rk")]), Err(("no-verifier", true)));
        assert_eq!(judged(&[]), Err(("no-verifier", false)));
        // `parse_qs` leaves blank values out and the first of the others counts.
        let many = [("oauth_token", ""), ("oauth_token", "rk"), ("oauth_token", "x"), ("oauth_verifier", "v")];
        assert_eq!(judged(&many), Ok(()));
    }
}
