//! MediaWiki with Extension:OAuth, as MWOAuthenticator calls it by way of `mwoauth`: OAuth 1.0a (RFC 5849), where errors
//! come with status 200 and whoever refuses stays on a page of the wiki.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use indexmap::IndexMap;
use ring::hmac;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::authorize::now;
use super::call::Call;
use super::config::{self, Script};
use super::faults::Effect;
use super::http::{Params, Response};
use super::page;
use super::people::{Person, person};
use super::{Scopes, Shape};
use crate::oauth1::{self, Secrets};

pub(crate) static SHAPE: Shape = Shape {
    name: "mediawiki",
    class: "MWOAuthenticator",
    entry_point: "mediawiki",
    scopes: Scopes { known: &[], default: &[] },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

/// How far a timestamp may be off, in seconds; nonces are remembered for twice as long.
const FRESH: u64 = 300;
/// How long a request token is good.
const REQUEST_TOKEN_LIFETIME: Duration = Duration::from_secs(600);
/// How many of each kind are remembered.
const MAX_KEPT: usize = 4096;

/// What can go wrong at a wiki only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The consumer is not approved.
    NotApproved,
    /// The consumer is for its owner only.
    OwnerOnly,
    /// The consumer's callback is no prefix.
    CallbackFixed,
    /// The wiki's clock is wrong.
    Clock,
    /// The index.php is elsewhere.
    Redirects,
    /// The request token has expired.
    TokenExpired,
    /// The request token was used.
    TokenUsed,
    /// The user is blocked.
    UserBlocked,
    /// The identity's subject is a number.
    NumberSubject,
    /// The identity's issuer is another.
    OtherIssuer,
    /// The identity comes too early.
    Future,
    /// The identity has another nonce.
    Replay,
}

/// What the wiki remembers.
#[derive(Default)]
pub(crate) struct Wiki {
    /// Nonces by consumer, token and value, with the time they were used.
    nonces: IndexMap<(String, String, String), u64>,
    requests: IndexMap<String, RequestToken>,
    access: IndexMap<String, AccessToken>,
}

#[derive(Clone)]
struct RequestToken {
    secret: String,
    /// Where the browser is sent once somebody allowed it.
    callback: String,
    made: Instant,
    /// The verifier, and who allowed it.
    allowed: Option<(String, &'static Person)>,
    spent: bool,
}

#[derive(Clone)]
struct AccessToken {
    secret: String,
    person: &'static Person,
}

fn keep<K: std::hash::Hash + Eq, V>(map: &mut IndexMap<K, V>, key: K, value: V) {
    while map.len() >= MAX_KEPT {
        map.shift_remove_index(0);
    }
    map.insert(key, value);
}

/// An error of the extension: its message's key, and the message.
struct Refused(&'static str, String);

/// What OAuth itself forbids.
fn protocol(why: impl std::fmt::Display) -> Refused {
    Refused("mwoauth-oauth-exception", format!("An error occurred in the OAuth protocol: {why}"))
}

/// The extension's own errors, with their numbers.
fn refused(key: &'static str, why: &str) -> Refused {
    Refused(key, why.to_owned())
}

fn no_randomness() -> Refused {
    refused("mwoauthgrants-general-error", "the wiki has no randomness")
}

fn answer(call: &Call<'_>) -> Option<Response> {
    let form = if call.method() == "POST" { call.request.form() } else { None };
    let title = call.request.query.get("title").or_else(|| form.as_ref()?.get("title"))?;
    let page = title.strip_prefix("Special:OAuth/")?;
    match call.path {
        ["w", "index.php"] if call.state.effect() == Some(Effect::Wiki(Trouble::Redirects)) => {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.request.query.0).finish();
            return Some(Response::empty(302).with("Location", format!("{}/moved/index.php?{query}", call.base())));
        }
        ["w" | "moved", "index.php"] => {}
        _ => return None,
    }
    let signed = Signed { call, form: form.as_ref() };
    Some(match page {
        "initiate" => raw(initiate(&signed)),
        "authenticate" | "authorize" => authenticate(call, form.as_ref().unwrap_or(&call.request.query)),
        "token" => token(&signed),
        "identify" => identify(&signed),
        _ => return None,
    })
}

/// A token, or an error as text.
fn raw(outcome: Result<(String, String), Refused>) -> Response {
    Response::text(
        200,
        match outcome {
            Ok((key, secret)) => form_urlencoded::Serializer::new(String::new())
                .extend_pairs([
                    ("oauth_token", &*key),
                    ("oauth_token_secret", &secret),
                    ("oauth_callback_confirmed", "true"),
                ])
                .finish(),
            Err(Refused(_, message)) => format!("Error: {}", page::escape(&message)),
        },
    )
}

/// A request that has to be signed.
struct Signed<'a> {
    call: &'a Call<'a>,
    form: Option<&'a Params>,
}

/// The protocol parameters of a request whose consumer is known and approved.
struct Checked {
    protocol: oauth1::Params,
}

impl Checked {
    fn get(&self, name: &str) -> Option<&str> {
        self.protocol.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Signed<'_> {
    fn trouble(&self, trouble: Trouble) -> bool {
        self.call.state.effect() == Some(Effect::Wiki(trouble))
    }

    /// Version and consumer.
    fn consumer(&self) -> Result<Checked, Refused> {
        let header = self.call.request.header("authorization").unwrap_or_default();
        let protocol_parameters =
            oauth1::parse_authorization(header).ok_or_else(|| protocol("No signed Authorization header"))?;
        let checked = Checked { protocol: protocol_parameters };
        let repeated = checked
            .protocol
            .iter()
            .enumerate()
            .any(|(at, (name, _))| checked.protocol[at + 1..].iter().any(|(other, _)| other == name));
        if repeated {
            return Err(protocol("A protocol parameter came more than once"));
        }
        if let Some(version) = checked.get("oauth_version").filter(|version| *version != "1.0") {
            return Err(protocol(format!("OAuth version '{version}' not supported")));
        }
        if checked.get("oauth_consumer_key") != Some(&self.call.state.options.client_id) {
            return Err(refused(
                "mwoauthserver-bad-consumer-key",
                "Something is wrong with this app. Unknown OAuth key, E006",
            ));
        }
        if self.trouble(Trouble::NotApproved) {
            return Err(refused("mwoauthserver-bad-consumer", "\"demo\" is not approved as a Connected App, E005"));
        }
        if self.trouble(Trouble::OwnerOnly) {
            return Err(refused("mwoauthserver-consumer-owner-only", "\"demo\" is an owner-only Connected App, E010"));
        }
        Ok(checked)
    }

    /// Timestamp, nonce and signature, in this order.
    fn verify(&self, checked: &Checked, token_secret: &str) -> Result<(), Refused> {
        let text = |name| checked.get(name).unwrap_or_default();
        let timestamp = text("oauth_timestamp");
        let ours = now() + if self.trouble(Trouble::Clock) { 3600 } else { 0 };
        let stale = || protocol(format!("Expired timestamp, yours {timestamp}, ours {ours}"));
        let sent: u64 = timestamp.parse().map_err(|_| stale())?;
        if ours.abs_diff(sent) > FRESH {
            return Err(stale());
        }
        let nonce = text("oauth_nonce");
        if nonce.is_empty() {
            return Err(protocol("Missing nonce parameter"));
        }
        if !self.first_use(text("oauth_token"), nonce) {
            return Err(protocol(format!("Nonce already used: {nonce}")));
        }
        if text("oauth_signature_method") != "HMAC-SHA1" {
            return Err(protocol("Signature method not supported, try HMAC-SHA1"));
        }
        let secrets = Secrets { consumer: &self.call.state.options.client_secret, token: token_secret };
        let base = self.base_string(checked).ok_or_else(|| protocol("No address to sign"))?;
        if oauth1::verifies(&base, secrets, text("oauth_signature")) {
            return Ok(());
        }
        Err(protocol("Invalid signature"))
    }

    fn first_use(&self, token: &str, nonce: &str) -> bool {
        let mut wiki = self.call.state.wiki();
        let time = now();
        wiki.nonces.retain(|_, used| time.saturating_sub(*used) <= 2 * FRESH);
        let key = (self.call.state.options.client_id.clone(), token.to_owned(), nonce.to_owned());
        if wiki.nonces.contains_key(&key) {
            return false;
        }
        keep(&mut wiki.nonces, key, time);
        true
    }

    /// What the client must have signed: the address it asked for by its own name, the query, and a form.
    fn base_string(&self, checked: &Checked) -> Option<String> {
        let request = self.call.request;
        let host = request.header("host")?;
        let url = format!("http://{host}{}", request.path);
        let form = self.form.map(|form| form.0.as_slice()).unwrap_or_default();
        let given = request.query.0.iter().chain(form).cloned();
        let of_protocol =
            checked.protocol.iter().filter(|(name, _)| name != "oauth_signature" && name != "realm").cloned();
        let params: oauth1::Params = given.chain(of_protocol).collect();
        oauth1::base_string(&request.method, &url, &params).ok()
    }
}

/// `Special:OAuth/initiate` (RFC 5849 section 2.1).
fn initiate(signed: &Signed<'_>) -> Result<(String, String), Refused> {
    let checked = signed.consumer()?;
    signed.verify(&checked, "")?;
    let state = signed.call.state;
    let callback = callback(signed, checked.get("oauth_callback").unwrap_or_default())?;
    let random = || state.keys.random_token().map_err(|_| no_randomness());
    let (key, secret) = (random()?, random()?);
    let token = RequestToken { secret: secret.clone(), callback, made: Instant::now(), allowed: None, spent: false };
    keep(&mut state.wiki().requests, key.clone(), token);
    Ok((key, secret))
}

/// Where the browser will be sent: the registered callback for `oob`, else what was asked for where it lies below a
/// registered one.
fn callback(signed: &Signed<'_>, asked: &str) -> Result<String, Refused> {
    let registered = signed.call.state.redirect_uris();
    if asked == "oob" {
        return registered.into_iter().next().ok_or_else(|| {
            refused("mwoauthdatastore-callback-not-found", "OAuth callback URL not found: the consumer has none")
        });
    }
    if signed.trouble(Trouble::CallbackFixed) {
        return Err(refused("mwoauth-callback-not-oob", "oauth_callback must be set, and must be set to \"oob\""));
    }
    if registered.iter().any(|known| is_below(asked, known)) {
        return Ok(asked.to_owned());
    }
    Err(refused(
        "mwoauth-callback-not-oob-or-prefix",
        "oauth_callback must be set to \"oob\", or to an address below the configured callback",
    ))
}

/// Component by component: http may become https, host and port are the same, path and query begin the same.
fn is_below(asked: &str, known: &str) -> bool {
    let (Ok(asked), Ok(known)) = (Url::parse(asked), Url::parse(known)) else { return false };
    let scheme = asked.scheme() == known.scheme() || (known.scheme() == "http" && asked.scheme() == "https");
    let path = match known.query() {
        Some(_) => asked.path() == known.path(),
        None => asked.path().starts_with(known.path()),
    };
    let query = known.query().is_none_or(|known| asked.query().is_some_and(|asked| asked.starts_with(known)));
    scheme && asked.host() == known.host() && asked.port() == known.port() && path && query
}

/// `Special:OAuth/authenticate` (section 2.2), also what its form sends back.
fn authenticate(call: &Call<'_>, params: &Params) -> Response {
    let fail = |why: &str| page::refused(why, &[]);
    if params.repeated(&["oauth_token", "oauth_consumer_key"]).is_some() {
        return fail("a parameter came more than once");
    }
    if params.get("oauth_consumer_key").is_some_and(|key| key != call.state.options.client_id) {
        return fail("Unknown OAuth key, E006");
    }
    let key = params.get("oauth_token").unwrap_or_default();
    let token = call.state.wiki().requests.get(key).cloned().filter(is_live);
    let Some(token) = token else { return fail("OAuth token not found, E004") };
    let posted = call.method() == "POST";
    if call.state.effect() == Some(Effect::Deny) || (posted && params.get("deny").is_some()) {
        return page::message(200, "Cancelled", "You did not allow it, and nobody is told. You may close this page.");
    }
    let picked = if posted { params.get("person").and_then(person) } else { None };
    let hint = params.get("demo_user");
    match picked.or_else(|| hint.and_then(person)).or_else(|| call.state.auto_person()) {
        Some(person) => allow(call, key, &token, person),
        None => {
            page::choose(call, params, hint, "Refusing ends on a page here, anybody else is led to", &token.callback)
        }
    }
}

fn is_live(token: &RequestToken) -> bool {
    token.made.elapsed() < REQUEST_TOKEN_LIFETIME
}

fn allow(call: &Call<'_>, key: &str, token: &RequestToken, person: &'static Person) -> Response {
    let Ok(verifier) = call.state.keys.random_token() else { return page::refused("the wiki has no randomness", &[]) };
    if let Some(kept) = call.state.wiki().requests.get_mut(key) {
        kept.allowed = Some((verifier.clone(), person));
    }
    let effect = call.state.effect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    if effect != Some(Effect::NoCode) {
        query.append_pair("oauth_verifier", &verifier);
    }
    query.append_pair("oauth_token", if effect == Some(Effect::WrongState) { "a-token-that-nobody-has" } else { key });
    let separator = if token.callback.contains('?') { '&' } else { '?' };
    Response::see_other(&format!("{}{separator}{}", token.callback, query.finish()))
}

/// `Special:OAuth/token` (section 2.3).
fn token(signed: &Signed<'_>) -> Response {
    let instead = signed.call.state.effect().and_then(|effect| effect.instead_of_token(false));
    instead.unwrap_or_else(|| raw(exchange(signed)))
}

fn exchange(signed: &Signed<'_>) -> Result<(String, String), Refused> {
    let checked = signed.consumer()?;
    let unknown = || refused("mwoauthdatastore-request-token-not-found", "OAuth token not found, E004");
    let used = || refused("mwoauthdatastore-request-token-already-used", "OAuth token already used, E009");
    let key = checked.get("oauth_token").unwrap_or_default();
    let token = signed.call.state.wiki().requests.get(key).cloned().filter(is_live).ok_or_else(unknown)?;
    if signed.trouble(Trouble::TokenExpired) {
        return Err(unknown());
    }
    signed.verify(&checked, &token.secret)?;
    if token.spent || signed.trouble(Trouble::TokenUsed) {
        return Err(used());
    }
    let Some((verifier, person)) = token.allowed else {
        return Err(refused("mwoauthdatastore-bad-token", "No token was found matching your request."));
    };
    if checked.get("oauth_verifier") != Some(&verifier) {
        return Err(refused(
            "mwoauthdatastore-bad-verifier",
            "The verification code is not the one that was given out",
        ));
    }
    let random = || signed.call.state.keys.random_token().map_err(|_| no_randomness());
    let (access, secret) = (random()?, random()?);
    let mut wiki = signed.call.state.wiki();
    // Between the look and this lock somebody else may have used it.
    match wiki.requests.get_mut(key) {
        Some(kept) if !kept.spent => kept.spent = true,
        _ => return Err(used()),
    }
    keep(&mut wiki.access, access.clone(), AccessToken { secret: secret.clone(), person });
    Ok((access, secret))
}

/// `Special:OAuth/identify`: who it is, in a JWT signed with the consumer's secret.
fn identify(signed: &Signed<'_>) -> Response {
    let effect = signed.call.state.effect();
    if let Some(response) = effect.and_then(Effect::instead_of_userdata) {
        return response;
    }
    match identity(signed) {
        Ok(claims) => {
            let wrong = effect == Some(Effect::IdTokenSignature);
            let secret = if wrong { "another secret" } else { &signed.call.state.options.client_secret };
            Response::typed(200, "application/json", hs256(&claims, secret))
        }
        Err(Refused(key, message)) => Response::json(200, &json!({"error": key, "message": message})),
    }
}

fn identity(signed: &Signed<'_>) -> Result<Value, Refused> {
    let checked = signed.consumer()?;
    let key = checked.get("oauth_token").unwrap_or_default();
    let token = signed.call.state.wiki().access.get(key).cloned().ok_or_else(|| {
        refused("mwoauthdatastore-access-token-not-found", "No approved grant was found for that authorization token.")
    })?;
    signed.verify(&checked, &token.secret)?;
    if signed.trouble(Trouble::UserBlocked) {
        return Err(refused("mwoauth-invalid-authorization-blocked-user", "The headers are for a user who is blocked"));
    }
    let claims = claims(signed, token.person, checked.get("oauth_nonce").unwrap_or_default());
    Ok(match signed.call.state.effect() {
        Some(effect) => effect.userdata(claims),
        None => claims,
    })
}

fn claims(signed: &Signed<'_>, person: &Person, nonce: &str) -> Value {
    let state = signed.call.state;
    let effect = state.effect();
    let future = if signed.trouble(Trouble::Future) { 30 } else { 0 };
    let past = if effect == Some(Effect::IdTokenExpired) { 3600 } else { 0 };
    let issued = now() + future - past;
    let subject =
        if signed.trouble(Trouble::NumberSubject) { json!(person.number) } else { json!(person.number.to_string()) };
    let groups: Vec<&str> = person.groups.iter().copied().chain(["*", "user", "autoconfirmed"]).collect();
    json!({
        "iss": if signed.trouble(Trouble::OtherIssuer) { "https://wiki.invalid" } else { &state.root },
        "sub": subject,
        "aud": if effect == Some(Effect::IdTokenAudience) { "another-consumer" } else { &state.options.client_id },
        "exp": issued + 100,
        "iat": issued,
        "nonce": if signed.trouble(Trouble::Replay) { "1" } else { nonce },
        "username": person.display_name,
        "editcount": person.number - 1000,
        "confirmed_email": person.email_verified,
        "blocked": false,
        "registered": "20151210090000",
        "groups": groups,
        "rights": ["read", "edit", "createpage"],
        "grants": ["mwoauth-authonlyprivate"],
        "realname": person.display_name,
        "email": person.email,
    })
}

/// A compact JWS by HS256 (RFC 7515 section 3.1, RFC 7518 section 3.2).
fn hs256(claims: &Value, secret: &str) -> String {
    let header = json!({"typ": "JWT", "alg": "HS256"});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn configure(script: &mut Script) {
    script.url("mw_index_url", "/w/index.php");
    script.note("Everybody meets another rule; eve meets none. Names keep their capitals, and blanks become `_`.");
    script.set("manage_groups", "True");
    script.set("auth_state_groups_key", config::text("MEDIAWIKI_USER_IDENTITY.groups"));
    script.set("admin_users", config::set(&["Ada Lovelace"]));
    script.set("allowed_groups", config::set(&["research"]));
    script.set("allowed_users", config::set(&["Grace Hopper"]));
    script.set("blocked_users", config::set(&["Mallory_Banks"]));
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn a_callback_lies_below_a_registered_one() {
        for (asked, known, expected) in [
            ("http://127.0.0.1:8400/hub/oauth_callback", "http://127.0.0.1:8400/", true),
            ("https://h/hub/oauth_callback", "http://h/hub", true),
            ("http://h/hub/oauth_callback", "https://h/hub", false),
            ("http://h:1/x", "http://h:2/x", false),
            ("http://other/x", "http://h/x", false),
            ("http://h/x?a=1&b=2", "http://h/x?a=1", true),
            ("http://h/xy?a=1", "http://h/x?a=1", false),
            ("http://h/x", "http://h/x?a=1", false),
            ("oob", "http://h/", false),
        ] {
            assert_eq!(is_below(asked, known), expected, "{asked} {known}");
        }
    }
}
