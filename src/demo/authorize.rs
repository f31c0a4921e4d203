//! The authorization endpoint (RFC 6749 sections 4.1.1 and 4.1.2), which every shape shares.

use std::time::{SystemTime, UNIX_EPOCH};

use url::form_urlencoded;

use super::call::Call;
use super::faults::Effect;
use super::grants::Grant;
use super::http::{Params, Response};
use super::page;
use super::people::{Person, person};

/// A request that may be answered by a redirect: its client and its redirect_uri are known to be right.
pub(crate) struct Asked<'a> {
    pub(crate) params: &'a Params,
    pub(crate) redirect_uri: &'a str,
    scopes: Vec<String>,
    challenge: Option<String>,
}

/// An error that the client is told by way of the browser (RFC 6749 section 4.1.2.1).
struct Refused(&'static str, &'static str);

/// Answers an authorization request, also the form that its page sends back.
pub(crate) fn answer(call: &Call<'_>) -> Response {
    let form;
    let params = match call.method() {
        "GET" => &call.request.query,
        "POST" => match call.request.form() {
            Some(sent) => {
                form = sent;
                &form
            }
            None => return page::refused("the body is not form-encoded", &[]),
        },
        _ => return Response::method_not_allowed("GET, HEAD, POST"),
    };
    match redirect_uri(call, params) {
        Ok(redirect_uri) => match check(call, params, redirect_uri) {
            Ok(asked) => decide(call, &asked),
            Err(refused) => refuse(call, params, redirect_uri, &refused),
        },
        Err(page) => page,
    }
}

/// The redirect_uri, once it is sure that it is the client's. Until then nobody may be redirected to it, so that what
/// is wrong is said on a page.
fn redirect_uri<'a>(call: &Call<'_>, params: &'a Params) -> Result<&'a str, Response> {
    let fail = |why: &str| page::refused(why, &[]);
    if let Some(name) = params.repeated(&["client_id", "redirect_uri"]) {
        return Err(fail(&format!("{name} came more than once")));
    }
    match params.get("client_id") {
        None => return Err(fail("client_id is missing")),
        Some(id) if id != call.state.options.client_id => {
            return Err(fail(&format!(
                "no client {id} is registered here; the one that is: {}",
                call.state.options.client_id
            )));
        }
        Some(_) => {}
    }
    let registered = call.state.redirect_uris();
    let given = params.get("redirect_uri").ok_or_else(|| fail("redirect_uri is missing"))?;
    if !registered.iter().any(|known| known == given) || given.contains('#') {
        let why = format!("redirect_uri {given} is not registered, character by character; what is registered:");
        return Err(page::refused(&why, &registered));
    }
    Ok(given)
}

/// The other parameters that may come only once.
const ONCE: &[&str] =
    &["response_type", "response_mode", "scope", "state", "nonce", "prompt", "code_challenge", "code_challenge_method"];

fn check<'a>(call: &Call<'_>, params: &'a Params, redirect_uri: &'a str) -> Result<Asked<'a>, Refused> {
    if params.repeated(ONCE).is_some() {
        return Err(Refused("invalid_request", "a parameter came more than once"));
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(Refused("unsupported_response_type", "only response_type=code is supported")),
        None => return Err(Refused("invalid_request", "response_type is missing")),
    }
    if params.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Refused("invalid_request", "only response_mode=query is supported"));
    }
    if params.get("request").is_some() {
        return Err(Refused("request_not_supported", "request objects are not supported"));
    }
    if params.get("request_uri").is_some() {
        return Err(Refused("request_uri_not_supported", "request_uri is not supported"));
    }
    let challenge = challenge(call, params)?;
    Ok(Asked { params, redirect_uri, scopes: scopes(call, params), challenge })
}

/// The code challenge, which has to be an `S256` one (RFC 7636 section 4.4.1).
fn challenge(call: &Call<'_>, params: &Params) -> Result<Option<String>, Refused> {
    let Some(challenge) = params.get("code_challenge") else {
        if call.state.options.require_pkce && call.shape.strict {
            return Err(Refused("invalid_request", "code_challenge is required"));
        }
        return Ok(None);
    };
    // Without a method it is `plain`.
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refused("invalid_request", "only code_challenge_method=S256 is supported"));
    }
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
        return Err(Refused("invalid_request", "code_challenge is not the base64url of a SHA-256"));
    }
    Ok(Some(challenge.to_owned()))
}

/// What is granted of the scopes asked for; unknown ones are ignored (OpenID Connect Core section 3.1.2.1).
fn scopes(call: &Call<'_>, params: &Params) -> Vec<String> {
    let rules = &call.shape.scopes;
    let mut granted: Vec<String> = Vec::new();
    let asked = params.get("scope").map(|scope| scope.split(' ').collect::<Vec<_>>());
    for scope in asked.unwrap_or_else(|| rules.default.to_vec()) {
        let known = rules.known.is_empty() || rules.known.contains(&scope);
        if known && !scope.is_empty() && !granted.iter().any(|other| other == scope) {
            granted.push(scope.to_owned());
        }
    }
    if call.state.effect() == Some(Effect::FewerScopes) {
        granted.truncate(1);
    }
    granted
}

/// Signs somebody in: who was picked on the page, who signs in without being asked, or whoever the page will tell.
fn decide(call: &Call<'_>, asked: &Asked<'_>) -> Response {
    let params = asked.params;
    let denied = Refused("access_denied", "the person refused");
    if call.state.effect() == Some(Effect::Deny) || (call.method() == "POST" && params.get("deny").is_some()) {
        return refuse(call, params, asked.redirect_uri, &denied);
    }
    let picked = (call.method() == "POST").then(|| params.get("person").and_then(person)).flatten();
    let hint = || params.get("demo_user").or_else(|| params.get("login_hint"));
    let known = picked.or_else(|| hint().and_then(person)).or_else(|| call.state.auto_person());
    match known {
        Some(person) => grant(call, asked, person),
        None if params.get("prompt") == Some("none") => {
            refuse(call, params, asked.redirect_uri, &Refused("login_required", "nobody is signed in"))
        }
        None => page::pick(call, asked, hint()),
    }
}

fn grant(call: &Call<'_>, asked: &Asked<'_>, person: &'static Person) -> Response {
    let Ok(code) = call.state.keys.random_token() else {
        let refused = Refused("server_error", "the provider has no randomness");
        return refuse(call, asked.params, asked.redirect_uri, &refused);
    };
    let mut grants = call.state.grants();
    let grant = Grant {
        shape: call.shape.name,
        person,
        client_id: call.state.options.client_id.clone(),
        redirect_uri: asked.redirect_uri.to_owned(),
        scopes: asked.scopes.clone(),
        nonce: asked.params.get("nonce").map(str::to_owned),
        challenge: asked.challenge.clone(),
        auth_time: now(),
        family: grants.new_family(),
    };
    grants.put_code(code.clone(), grant, call.state.options.code_lifetime);
    drop(grants);
    let with_code = (call.state.effect() != Some(Effect::NoCode)).then_some(("code", code.as_str()));
    call_back(call, asked.params, asked.redirect_uri, with_code.as_slice())
}

fn refuse(call: &Call<'_>, params: &Params, redirect_uri: &str, refused: &Refused) -> Response {
    call_back(call, params, redirect_uri, &[("error", refused.0), ("error_description", refused.1)])
}

/// Sends the browser back to the client, with the state as it came and the issuer (RFC 9207).
fn call_back(call: &Call<'_>, params: &Params, redirect_uri: &str, answer: &[(&str, &str)]) -> Response {
    let effect = call.state.effect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = params.get("state").filter(|_| effect != Some(Effect::NoState)) {
        let state = if effect == Some(Effect::WrongState) { "a-state-that-nobody-sent" } else { state };
        query.append_pair("state", state);
    }
    if call.shape.strict {
        let issuer = call.base();
        let wrong = effect == Some(Effect::WrongIssuer);
        query.append_pair("iss", if wrong { "https://issuer.invalid" } else { &issuer });
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    Response::see_other(&format!("{redirect_uri}{separator}{}", query.finish()))
}

/// Seconds since the epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
