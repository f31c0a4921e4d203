//! `OAuthLoginHandler` and `OAuthCallbackHandler`: the way to the provider, and what comes back from it.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};

use super::pairs;
use crate::authenticator::{Begin, Callback, Context, Refusal, Session, python};
use crate::failure::Raised;
use crate::json;
use crate::pyurl::url_concat;
use crate::settings::Settings;
use crate::value::{Dict, Value};

/// `OAuthLoginHandler.get`: the authorize URL, and the state cookie as the session.
pub fn begin(cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Raised> {
    begin_with(cx, redirect_uri, |_| Ok(()))
}

/// The same for a class whose `authorize_redirect` adds to the parameters.
pub fn begin_with(
    cx: &Context<'_>,
    redirect_uri: &str,
    add: impl FnOnce(&mut Dict) -> Result<(), Raised>,
) -> Result<Begin, Raised> {
    let settings = cx.settings;
    settings.complete("extra_authorize_params")?;
    let mut params = settings.dict("extra_authorize_params")?.clone();
    let mut session = Dict::new();
    let state_id = hex(&random::<16>(cx));
    session.insert("state_id", Value::str(&state_id));
    if settings.bool("enable_pkce")? {
        let verifier = PkceCodeVerifier::new(URL_SAFE_NO_PAD.encode(random::<32>(cx)));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        session.insert("code_verifier", Value::str(verifier.secret()));
        params.insert("code_challenge", Value::str(challenge.as_str()));
        params.insert("code_challenge_method", Value::str("S256"));
    }
    let state = URL_SAFE.encode(format!("{{\"state_id\": \"{state_id}\"}}"));
    params.insert("state", Value::str(state));
    add(&mut params)?;
    let url = authorize_redirect(settings, redirect_uri, &params)?;
    Ok(Begin { url, session: Session(session) })
}

/// `tornado.auth.OAuth2Mixin.authorize_redirect`.
fn authorize_redirect(settings: &Settings, redirect_uri: &str, params: &Dict) -> Result<String, Raised> {
    let mut args = Dict::new();
    args.insert("response_type", Value::str("code"));
    args.insert("redirect_uri", Value::str(redirect_uri));
    args.insert("client_id", Value::str(settings.str("client_id")?));
    for (name, value) in params.iter() {
        args.insert(name.to_text(), value.clone());
    }
    settings.complete("scope")?;
    let scope: Vec<String> = settings.list("scope")?.iter().map(Value::to_text).collect();
    if !scope.is_empty() {
        args.insert("scope", Value::Str(scope.join(" ")));
    }
    let url = url_concat(settings.str("authorize_url")?, pairs(&args));
    if url.chars().any(|c| c < ' ') {
        return Err(Raised::exception("ValueError", format!("Unsafe header value {}", Value::str(url).repr())));
    }
    Ok(url)
}

fn random<const N: usize>(cx: &Context<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    (cx.random)(&mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `OAuthCallbackHandler.check_arguments`. Upstream looks at `error`, then `code`, then `state`; here the state says
/// first whether the callback is from the login we began, and only then its error is believed.
pub fn check_arguments(callback: &Callback) -> Result<(), Refusal> {
    let state = check_state(callback);
    let refuse = |raised, code| Err(Refusal { raised, code, ours: state.is_ok() });
    if let Some(error) = callback.argument("error").filter(|error| !error.is_empty()) {
        let message = callback.argument("error_description").unwrap_or(error);
        return refuse(Raised::http(400, format!("OAuth error: {message}")), "provider-error");
    }
    if callback.argument("code").is_none_or(str::is_empty) {
        return refuse(Raised::http(400, "OAuth callback made without a code"), "no-code");
    }
    match &state {
        Ok(()) => Ok(()),
        Err(raised) => refuse(raised.clone(), "state-mismatch"),
    }
}

/// `OAuthCallbackHandler.check_state`: the `state_id` inside both, compared in constant time.
fn check_state(callback: &Callback) -> Result<(), Raised> {
    let ours = callback.session.0.get("state_id").and_then(Value::as_str).unwrap_or_default();
    let theirs = match callback.argument("state") {
        None => return Err(Raised::http(400, "Missing argument state")),
        Some("") => return Err(Raised::http(400, "OAuth state missing from URL")),
        Some(state) => deserialize_state(state)?,
    };
    let theirs = theirs.as_str().unwrap_or_default();
    if !ours.is_empty() && crate::secret::same(ours.as_bytes(), theirs.as_bytes()) {
        return Ok(());
    }
    Err(Raised::http(400, "OAuth state mismatch"))
}

/// `_deserialize_state(state).get("state_id")`.
fn deserialize_state(state: &str) -> Result<Value, Raised> {
    if !state.is_ascii() {
        return Err(Raised::exception("UnicodeEncodeError", "'ascii' codec can't encode the state"));
    }
    // Python's decoder skips what is not in the alphabet.
    let clean: String = state.chars().filter(|c| c.is_ascii_alphanumeric() || "-_=".contains(*c)).collect();
    let decoded = URL_SAFE.decode(clean).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.and_then(|text| json::parse(&text).ok()) {
        None => Ok(Value::None),
        Some(state) => Ok(python::get(&state, "state_id")?.cloned().unwrap_or(Value::None)),
    }
}
