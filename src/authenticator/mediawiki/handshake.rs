//! The three signed requests of `mwoauth` 0.4.0 (`mwoauth/functions.py`): initiate, complete, identify. Their errors
//! are mwoauth's, word for word; what lies behind them is told by [`super::explain`].

use super::identity;
use crate::authenticator::Context;
use crate::authenticator::python::{self, type_error};
use crate::failure::{Raised, Stage};
use crate::http::{Answer, Call};
use crate::oauth1::{self, Params, Secrets};
use crate::pyurl::{Split, unquote};
use crate::requests;
use crate::value::{Dict, Value};

/// `mwoauth.defaults.USER_AGENT`: upstream's class sets none of its own.
const USER_AGENT: &str = "python-mwoauth default user agent";

/// How far, in seconds, the wiki's clock may be ahead (`Handshaker.identify`).
pub(super) const LEEWAY: f64 = 10.0;

/// A key and its secret: a `RequestToken` or an `AccessToken`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Token {
    pub(super) key: String,
    pub(super) secret: String,
}

/// `mwoauth.OAuthException`.
pub(super) fn oauth_exception(message: impl Into<String>) -> Raised {
    Raised::exception("OAuthException", message)
}

/// The first value of that name that is not empty, as `parse_qs(query).get(name)[0]`.
pub(super) fn first<'a>(arguments: &'a [(String, String)], name: &str) -> Option<&'a str> {
    arguments.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// `initiate`: the request token.
pub(super) fn initiate(cx: &Context<'_>, callback: &str) -> Result<Token, Raised> {
    let more = [("oauth_callback", callback)];
    let answer = post(cx, Stage::Authorize, "Special:OAuth/initiate", &Token::default(), &more)?.0;
    request_token(&requests::text(&answer))
}

/// `process_request_token`.
fn request_token(content: &str) -> Result<Token, Raised> {
    if let Some(error) = content.strip_prefix("Error: ") {
        return Err(oauth_exception(error));
    }
    let credentials = parse_qs(content);
    if credentials.is_empty() {
        let content = Value::str(content).repr();
        let message =
            format!("Expected x-www-form-urlencoded response from MediaWiki, but got something else: {content}");
        return Err(oauth_exception(message));
    }
    match (first_of(&credentials, "oauth_token"), first_of(&credentials, "oauth_token_secret")) {
        (Some(key), Some(secret)) => Ok(Token { key, secret }),
        _ => {
            let credentials = Value::Dict(credentials).repr();
            Err(oauth_exception(format!("MediaWiki response lacks token information: {credentials}")))
        }
    }
}

/// `complete`: the access token for what the browser brought back.
pub(super) fn complete(cx: &Context<'_>, token: &Token, arguments: &[(String, String)]) -> Result<Token, Raised> {
    // Of a callback whose answer is saved, nothing is left to look at.
    let verifier = if cx.http.is_saved() { "spent" } else { verifier(token, arguments)? };
    let answer = post(cx, Stage::Token, "Special:OAuth/token", token, &[("oauth_verifier", verifier)])?.0;
    let credentials = parse_qs(&requests::text(&answer));
    match (first_of(&credentials, "oauth_token"), first_of(&credentials, "oauth_token_secret")) {
        (Some(key), Some(secret)) => Ok(Token { key, secret }),
        _ => Err(type_error("'NoneType' object is not subscriptable")),
    }
}

/// The verifier of a callback that answers this request token.
fn verifier<'a>(token: &Token, arguments: &'a [(String, String)]) -> Result<&'a str, Raised> {
    let (Some(key), Some(verifier)) = (first(arguments, "oauth_token"), first(arguments, "oauth_verifier")) else {
        let names: Vec<Value> = arguments.iter().map(|(name, _)| Value::str(name)).collect();
        let message = format!("Query string lacks token information: {}", Value::List(names).repr());
        return Err(oauth_exception(message));
    };
    if key == token.key {
        return Ok(verifier);
    }
    let (key, expected) = (Value::str(key).repr(), Value::str(&token.key).repr());
    Err(oauth_exception(format!("Unexpect request token key {key}, expected {expected}.")))
}

/// `identify`: the claims about the user, verified.
pub(super) fn identify(cx: &Context<'_>, token: &Token) -> Result<Value, Raised> {
    let (answer, nonce) = post(cx, Stage::Userdata, "Special:OAuth/identify", token, &[])?;
    let saved = cx.http.is_saved();
    if saved && let Some(identity) = plain_identity(&answer) {
        return Ok(identity);
    }
    let expected = identity::Expected {
        audience: cx.settings.str("client_id")?,
        secret: cx.settings.str("client_secret")?,
        // What is saved was fresh when it came.
        now: if saved { identity::issued(&answer.body) } else { None }.unwrap_or_else(cx.now),
        leeway: LEEWAY,
    };
    let identity = match identity::decode(&answer.body, &expected) {
        Ok(identity) => identity,
        Err(identity::Refused::Raised(raised)) => return Err(raised),
        Err(identity::Refused::Invalid(_)) => return Err(no_identity(&requests::text(&answer))),
    };
    check_issuer(&identity, cx.settings.str("mw_index_url")?)?;
    check_issued(&identity, expected.now)?;
    let replied = python::index(&identity, "nonce")?;
    if !saved && replied.as_str() != Some(nonce.as_str()) {
        return Err(oauth_exception(format!("Replay attack detected: {} != {nonce}", replied.to_text())));
    }
    Ok(identity)
}

/// An identity that was saved without its signature, as auth_state has it.
fn plain_identity(answer: &Answer) -> Option<Value> {
    let identity = crate::json::parse(&requests::text(answer)).ok()?;
    (identity.as_dict().is_some() && identity.get("error").is_none()).then_some(identity)
}

/// What mwoauth makes of an answer that is no valid identity.
fn no_identity(text: &str) -> Raised {
    let start = || Value::Str(text.chars().take(100).collect()).repr();
    if !text.starts_with('{') {
        return oauth_exception(format!(
            "Could not read response from 'Special:OAuth/identify'.  Maybe your MediaWiki is not configured \
             correctly?  Expected JSON but instead got: {}",
            start()
        ));
    }
    match crate::json::parse(text) {
        Err(error) => oauth_exception(format!("An error occurred while trying to read json content: {error}")),
        Ok(answer) if answer.get("error").is_some() => match python::index(&answer, "message") {
            Ok(message) => oauth_exception(format!("A MediaWiki API error occurred: {}", message.to_text())),
            Err(raised) => raised,
        },
        Ok(_) => oauth_exception(format!("Unknown JSON response: {}", start())),
    }
}

fn check_issuer(identity: &Value, index_url: &str) -> Result<(), Raised> {
    let issuer = python::index(identity, "iss")?;
    let Value::Str(issuer) = issuer else {
        return Err(Raised::attribute_error(issuer.type_name(), "decode"));
    };
    let (issuer, expected) = (Split::of(issuer).netloc, Split::of(index_url).netloc);
    if issuer == expected {
        return Ok(());
    }
    Err(oauth_exception(format!("Unexpected issuer {issuer}, expected {expected}")))
}

fn check_issued(identity: &Value, now: f64) -> Result<(), Raised> {
    let issued = python::index(identity, "iat")?.to_text();
    // PyJWT has seen before that it is a number.
    let issued: f64 = issued.trim().parse().unwrap_or(now);
    if now >= issued - LEEWAY {
        return Ok(());
    }
    Err(oauth_exception(format!("Identity issued {} seconds in the future!", issued - now)))
}

/// A signed POST without a body, and the nonce it was signed with.
fn post(
    cx: &Context<'_>,
    stage: Stage,
    title: &str,
    token: &Token,
    more: &[(&str, &str)],
) -> Result<(Answer, String), Raised> {
    let url = requests::prepare_url(cx.settings.str("mw_index_url")?, "title", title)?;
    let timestamp = ((cx.now)() as u64).to_string();
    let mut random = [0; 8];
    (cx.random)(&mut random);
    let nonce = format!("{}{timestamp}", u64::from_le_bytes(random));
    let protocol = protocol(cx.settings.str("client_id")?, &nonce, &timestamp, &token.key, more);
    let secrets = Secrets { consumer: cx.settings.str("client_secret")?, token: &token.secret };
    let authorization = oauth1::authorization("POST", &url, &protocol, secrets)
        .map_err(|message| Raised::exception("ValueError", message))?;
    let call = Call {
        stage,
        method: "POST",
        url,
        headers: vec![
            ("User-Agent".to_owned(), USER_AGENT.to_owned()),
            ("Accept".to_owned(), "*/*".to_owned()),
            ("Authorization".to_owned(), authorization),
        ],
        body: Some(String::new()),
        form: Vec::new(),
        validate_cert: None,
    };
    Ok((cx.http.fetch(&call)?, nonce))
}

/// `oauthlib.oauth1.Client.get_oauth_params`, in its order.
fn protocol(consumer: &str, nonce: &str, timestamp: &str, token: &str, more: &[(&str, &str)]) -> Params {
    let always = [
        ("oauth_nonce", nonce),
        ("oauth_timestamp", timestamp),
        ("oauth_version", "1.0"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_consumer_key", consumer),
    ];
    let token = [("oauth_token", token)];
    let filled = token.iter().chain(more).filter(|(_, value)| !value.is_empty());
    always.iter().chain(filled).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// `urllib.parse.parse_qs`: lists of values by name, without blank ones.
fn parse_qs(text: &str) -> Dict {
    let mut found = Dict::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')).filter(|(_, value)| !value.is_empty())
    {
        let (name, value) = (unquote(name, true), Value::Str(unquote(value, true)));
        let mut values = match found.get(&name) {
            Some(Value::List(values)) => values.clone(),
            _ => Vec::new(),
        };
        values.push(value);
        found.insert(name, Value::List(values));
    }
    found
}

fn first_of(credentials: &Dict, name: &str) -> Option<String> {
    match credentials.get(name) {
        Some(Value::List(values)) => values.first().map(Value::to_text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(content: &str) -> String {
        request_token(content).map_or_else(|raised| raised.message(), |token| format!("{} {}", token.key, token.secret))
    }

    // Expected words: `mwoauth.functions.process_request_token` on the same content.
    #[test]
    fn request_tokens_are_read_as_mwoauth_does() {
        assert_eq!(said("oauth_token=k%2B1&oauth_token_secret=s&oauth_callback_confirmed=true"), "k+1 s");
        assert_eq!(said("oauth_token=&oauth_token=k&oauth_token_secret=s"), "k s");
        assert_eq!(said("Error: no such consumer"), "OAuthException: no such consumer");
        assert_eq!(
            said("<!DOCTYPE html>"),
            "OAuthException: Expected x-www-form-urlencoded response from MediaWiki, but got something else: \
             '<!DOCTYPE html>'"
        );
        assert_eq!(
            said("a=1&a=2&oauth_token=k"),
            "OAuthException: MediaWiki response lacks token information: {'a': ['1', '2'], 'oauth_token': ['k']}"
        );
    }

    // Expected words: `mwoauth.functions.identify` where `jwt.decode` refuses the same content.
    #[test]
    fn what_is_no_identity_is_told_as_mwoauth_does() {
        let said = |text: &str| no_identity(text).message();
        assert_eq!(
            said(r#"{"error": "k", "message": "blocked"}"#),
            "OAuthException: A MediaWiki API error occurred: blocked"
        );
        assert_eq!(said(r#"{"error": "k"}"#), "KeyError: 'message'");
        assert_eq!(said(r#"{"x": 1}"#), r#"OAuthException: Unknown JSON response: '{"x": 1}'"#);
        assert_eq!(
            said("{"),
            "OAuthException: An error occurred while trying to read json content: Expecting property name enclosed in \
             double quotes: line 1 column 2 (char 1)"
        );
        assert_eq!(
            said("<html>"),
            "OAuthException: Could not read response from 'Special:OAuth/identify'.  Maybe your MediaWiki is not \
             configured correctly?  Expected JSON but instead got: '<html>'"
        );
    }
}
