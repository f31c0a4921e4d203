//! The token endpoint (RFC 6749 sections 4.1.3 and 6), which every shape shares; each writes the answer its own way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::Call;
use super::grants::{Grant, Redeemed};
use super::http::{Params, Response};
use super::keys::{self, Unavailable};

/// What a good request gets.
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    /// Seconds.
    pub(crate) expires_in: u64,
    pub(crate) grant: Grant,
}

impl Issued {
    /// The granted scopes, separated by spaces (RFC 6749 section 3.3).
    pub(crate) fn scope(&self) -> String {
        self.grant.scopes.join(" ")
    }
}

/// Why a request was refused (RFC 6749 section 5.2).
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) why: &'static str,
}

impl Refused {
    /// The refusal as RFC 6749 has it; HTTP wants a challenge with every 401.
    pub(crate) fn response(&self) -> Response {
        let response = Response::json(self.status, &json!({"error": self.code, "error_description": self.why}));
        if self.status == 401 { response.with("WWW-Authenticate", "Basic realm=\"demo\"") } else { response }
    }
}

impl From<Unavailable> for Refused {
    fn from(_: Unavailable) -> Refused {
        refused(500, "server_error", "the provider has no randomness")
    }
}

fn refused(status: u16, code: &'static str, why: &'static str) -> Refused {
    Refused { status, code, why }
}

fn invalid_grant(why: &'static str) -> Refused {
    refused(400, "invalid_grant", why)
}

/// Answers a token request: faults, exchange, and what `render` makes of it.
pub(crate) fn answer(call: &Call<'_>, render: impl FnOnce(&Issued) -> Result<Value, Unavailable>) -> Response {
    answer_or(call, render, Refused::response)
}

/// The same for a shape that has its own way to `refuse`.
pub(crate) fn answer_or(
    call: &Call<'_>,
    render: impl FnOnce(&Issued) -> Result<Value, Unavailable>,
    refuse: impl FnOnce(&Refused) -> Response,
) -> Response {
    if call.method() != "POST" {
        return Response::method_not_allowed("POST");
    }
    let effect = call.state.effect();
    let refreshing = call.request.form().is_some_and(|form| form.get("grant_type") == Some("refresh_token"));
    if let Some(response) = effect.and_then(|effect| effect.instead_of_token(refreshing)) {
        return response;
    }
    match exchange(call).and_then(|issued| Ok(render(&issued)?)) {
        Ok(answer) => effect.map_or_else(|| Response::json(200, &answer), |effect| effect.token(answer.clone())),
        Err(refused) => refuse(&refused),
    }
}

/// The parameters that may come only once. `client_id` beside Basic is fine where it is the same.
const ONCE: &[&str] =
    &["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "refresh_token", "scope"];

/// Checks the client and what it brings, and issues tokens.
fn exchange(call: &Call<'_>) -> Result<Issued, Refused> {
    let invalid_request = |why| refused(400, "invalid_request", why);
    let form = call.request.form().ok_or_else(|| invalid_request("the body is not form-encoded"))?;
    if form.repeated(ONCE).is_some() {
        return Err(invalid_request("a parameter came more than once"));
    }
    authenticate(call, &form)?;
    let grant = match form.get("grant_type") {
        Some("authorization_code") => redeem_code(call, &form)?,
        Some("refresh_token") => redeem_refresh(call, &form)?,
        Some(_) => return Err(refused(400, "unsupported_grant_type", "only codes and refresh tokens are exchanged")),
        None => return Err(invalid_request("grant_type is missing")),
    };
    Ok(issue(call, grant)?)
}

/// New tokens for a grant, kept and handed out.
fn issue(call: &Call<'_>, grant: Grant) -> Result<Issued, Unavailable> {
    let state = call.state;
    let issued = Issued {
        access_token: state.keys.random_token()?,
        refresh_token: state.keys.random_token()?,
        expires_in: state.options.access_token_lifetime.as_secs(),
        grant,
    };
    let mut grants = state.grants();
    grants.put_access(issued.access_token.clone(), issued.grant.clone(), state.options.access_token_lifetime);
    grants.put_refresh(issued.refresh_token.clone(), issued.grant.clone(), state.options.refresh_token_lifetime);
    drop(grants);
    Ok(issued)
}

/// Checks who the client is, by `client_secret_basic` or `client_secret_post` (RFC 6749 section 2.3.1).
pub(crate) fn authenticate(call: &Call<'_>, form: &Params) -> Result<(), Refused> {
    let unknown = || refused(401, "invalid_client", "the client is unknown or its secret is wrong");
    let (id, secret) = (&call.state.options.client_id, &call.state.options.client_secret);
    let right = |one: &str, other: &str| keys::same(one, id) & keys::same(other, secret);
    let Some(header) = call.request.header("authorization") else {
        let (one, other) = (form.get("client_id").unwrap_or_default(), form.get("client_secret").unwrap_or_default());
        return right(one, other).then_some(()).ok_or_else(unknown);
    };
    if form.get("client_secret").is_some() {
        return Err(refused(400, "invalid_request", "the client's secret came in the header and in the body"));
    }
    if form.get("client_id").is_some_and(|other| other != id) {
        return Err(unknown());
    }
    let (one, other) = basic(header).ok_or_else(unknown)?;
    // The standard has both form-encoded, oauthenticator sends both as they are: either will do.
    let decoded = right(&form_decode(&one), &form_decode(&other));
    (right(&one, &other) | decoded).then_some(()).ok_or_else(unknown)
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn form_decode(text: &str) -> String {
    super::http::percent_decode(&text.replace('+', " "))
}

/// Spends a code. Whatever then does not fit, the code is gone: it may have been stolen.
fn redeem_code(call: &Call<'_>, form: &Params) -> Result<Grant, Refused> {
    let code = form.get("code").ok_or_else(|| refused(400, "invalid_request", "code is missing"))?;
    let mut grants = call.state.grants();
    if grants.code(code).is_some_and(|grant| grant.shape != call.shape.name) {
        return Err(invalid_grant("the code was issued elsewhere"));
    }
    let grant = match grants.redeem_code(code) {
        Redeemed::Good(grant) => grant,
        Redeemed::Reused => {
            return Err(invalid_grant("the code was used before; all that came of it is revoked"));
        }
        Redeemed::Unknown => return Err(invalid_grant("the code is unknown or has expired")),
    };
    drop(grants);
    if form.get("redirect_uri") != Some(grant.redirect_uri.as_str()) {
        return Err(invalid_grant("redirect_uri is not the one that the code was asked for with"));
    }
    match (&grant.challenge, form.get("code_verifier")) {
        (Some(challenge), Some(verifier)) if keys::same(&keys::s256(verifier), challenge) => Ok(grant),
        (None, None) => Ok(grant),
        (Some(_), Some(_)) => Err(invalid_grant("code_verifier does not match the code_challenge")),
        (Some(_), None) => Err(invalid_grant("code_verifier is missing")),
        // RFC 9700 section 2.1.1: a verifier without a challenge is a downgrade.
        (None, Some(_)) => Err(invalid_grant("a code_verifier came, but no code_challenge before it")),
    }
}

/// Spends a refresh token: each is good once, and its successor comes with the answer (RFC 9700 section 4.14).
fn redeem_refresh(call: &Call<'_>, form: &Params) -> Result<Grant, Refused> {
    let token = form.get("refresh_token").ok_or_else(|| refused(400, "invalid_request", "refresh_token is missing"))?;
    let mut grants = call.state.grants();
    let known = grants.refresh(token).ok_or_else(|| invalid_grant("the refresh token is unknown or has expired"))?;
    if known.shape != call.shape.name {
        return Err(invalid_grant("the refresh token was issued elsewhere"));
    }
    let scopes: Option<Vec<String>> = form.get("scope").map(|scope| scope.split(' ').map(str::to_owned).collect());
    if scopes.as_ref().is_some_and(|scopes| scopes.iter().any(|scope| !known.scopes.contains(scope))) {
        return Err(refused(400, "invalid_scope", "more is asked for than was granted"));
    }
    match grants.redeem_refresh(token) {
        Redeemed::Good(mut grant) => {
            grant.scopes = scopes.unwrap_or(grant.scopes);
            // The nonce belongs to the one id_token of the login (OpenID Connect Core section 12.2).
            grant.nonce = None;
            Ok(grant)
        }
        Redeemed::Reused => Err(invalid_grant("the refresh token was used before; all that came of it is revoked")),
        Redeemed::Unknown => Err(invalid_grant("the refresh token is unknown or has expired")),
    }
}
