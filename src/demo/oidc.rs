//! The plain OpenID Connect provider at the root: what GenericOAuthenticator is pointed at.

use serde_json::{Map, Value, json};
use url::Url;

use super::authorize::{self, now};
use super::call::Call;
use super::config::{self, Script};
use super::faults::Effect;
use super::grants::Grant;
use super::http::Response;
use super::keys::{self, Unavailable};
use super::people::Person;
use super::token::Issued;
use super::{Scopes, Shape, bearer, page, token};

pub(crate) static SHAPE: Shape = Shape {
    name: "oidc",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    scopes: Scopes {
        known: &["openid", "profile", "email", "groups", "offline_access"],
        // As Keycloak has it: a client that forgets `openid` gets in and is then refused the userinfo.
        default: &["profile", "email"],
    },
    strict: true,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        [".well-known", "openid-configuration" | "oauth-authorization-server"] => {
            call.get(|| Response::json(200, &discovery(call)))
        }
        ["authorize"] => authorize::answer(call),
        ["token"] => token::answer(call, |issued| token_answer(call, issued)),
        ["userinfo"] => bearer::userdata(call, userinfo),
        ["jwks"] => call.get(|| Response::json(200, &call.state.keys.jwks())),
        ["revoke"] => revoke(call),
        ["logout"] => logout(call),
        _ => return None,
    })
}

/// OpenID Connect Discovery section 3, which is also RFC 8414 section 2.
fn discovery(call: &Call<'_>) -> Value {
    let base = call.base();
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "jwks_uri": format!("{base}/jwks"),
        "revocation_endpoint": format!("{base}/revoke"),
        "end_session_endpoint": format!("{base}/logout"),
        "scopes_supported": SHAPE.scopes.known,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "given_name", "family_name",
            "preferred_username", "email", "email_verified", "groups",
        ],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
    })
}

/// OpenID Connect Core section 3.1.3.3.
fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let mut answer = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "scope": issued.scope(),
    });
    if issued.grant.has_scope("openid") {
        let mut claims = claims(issued.grant.person, &issued.grant.scopes);
        claims.insert("at_hash".to_owned(), keys::at_hash(&issued.access_token).into());
        answer["id_token"] = id_token(call, &issued.grant, claims)?.into();
    }
    Ok(answer)
}

/// A signed id_token (OpenID Connect Core section 2) with these claims about the person, or what a fault makes of it.
pub(crate) fn id_token(call: &Call<'_>, grant: &Grant, person: Map<String, Value>) -> Result<String, Unavailable> {
    let effect = call.state.effect();
    let (issued, lifetime) = (now(), call.state.options.access_token_lifetime.as_secs());
    let expires = if effect == Some(Effect::IdTokenExpired) { issued.saturating_sub(3600) } else { issued + lifetime };
    let audience = if effect == Some(Effect::IdTokenAudience) { "somebody-else" } else { &grant.client_id };
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), call.base().into());
    claims.insert("aud".to_owned(), audience.into());
    claims.insert("iat".to_owned(), issued.into());
    claims.insert("exp".to_owned(), expires.into());
    claims.insert("auth_time".to_owned(), grant.auth_time.into());
    if let Some(nonce) = &grant.nonce {
        claims.insert("nonce".to_owned(), nonce.as_str().into());
    }
    let person = effect.map_or(Value::Object(person.clone()), |effect| effect.userdata(person.into()));
    claims.extend(person.as_object().cloned().unwrap_or_default());
    let mut signed = call.state.keys.sign(&Value::Object(claims))?;
    if effect == Some(Effect::IdTokenSignature) {
        let (payload, _) = signed.rsplit_once('.').unwrap_or_default();
        signed = format!("{payload}.{}", keys::base64url([1; 64]));
    }
    Ok(signed)
}

/// The claims that these scopes open (OpenID Connect Core section 5.4, and `groups` as many providers have it).
pub(crate) fn claims(person: &Person, scopes: &[String]) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), person.sub.into());
    let granted = |scope: &str| scopes.iter().any(|other| other == scope);
    if granted("profile") {
        claims.insert("name".to_owned(), person.display_name.into());
        claims.insert("given_name".to_owned(), person.given_name.into());
        claims.insert("family_name".to_owned(), person.family_name.into());
        claims.insert("preferred_username".to_owned(), person.preferred_username.into());
    }
    if granted("email") {
        claims.insert("email".to_owned(), person.email.into());
        claims.insert("email_verified".to_owned(), person.email_verified.into());
    }
    if granted("groups") {
        claims.insert("groups".to_owned(), person.groups.into());
    }
    claims
}

/// OpenID Connect Core section 5.3.
fn userinfo(grant: &Grant) -> Result<Value, Response> {
    if !grant.has_scope("openid") {
        let why = "the access token was granted without the scope openid";
        return Err(bearer::refusal(403, Some("insufficient_scope"), why));
    }
    Ok(Value::Object(claims(grant.person, &grant.scopes)))
}

/// RFC 7009: who asks must be the client; whether the token was known stays untold.
pub(crate) fn revoke(call: &Call<'_>) -> Response {
    if call.method() != "POST" {
        return Response::method_not_allowed("POST");
    }
    let form = call.request.form().unwrap_or_default();
    if let Err(refused) = token::authenticate(call, &form) {
        return refused.response();
    }
    match form.get("token") {
        Some(token) => {
            call.state.grants().revoke(token);
            Response::empty(200)
        }
        None => {
            let why = "token is missing";
            Response::json(400, &json!({"error": "invalid_request", "error_description": why}))
        }
    }
}

/// OpenID Connect RP-Initiated Logout. There is no session to end; the browser goes on to the client that asked, as
/// long as that is on the same site as one of its redirect URIs.
pub(crate) fn logout(call: &Call<'_>) -> Response {
    let form = call.request.form();
    let params = match call.method() {
        "GET" => &call.request.query,
        "POST" => form.as_ref().unwrap_or(&call.request.query),
        _ => return Response::method_not_allowed("GET, HEAD, POST"),
    };
    let Some(target) = params.get("post_logout_redirect_uri") else {
        return page::message(200, "Signed out", "You are signed out of the demo provider");
    };
    let Some(mut url) = on_a_registered_site(call, target) else {
        return page::refused("post_logout_redirect_uri is on no site that is registered", &[target.to_owned()]);
    };
    if let Some(state) = params.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Response::see_other(url.as_str())
}

fn on_a_registered_site(call: &Call<'_>, target: &str) -> Option<Url> {
    let url = Url::parse(target).ok().filter(|url| url.origin().is_tuple())?;
    let registered = call.state.redirect_uris();
    let known = registered.iter().filter_map(|uri| Url::parse(uri).ok()).any(|known| known.origin() == url.origin());
    known.then_some(url)
}

fn configure(script: &mut Script) {
    script.url("authorize_url", "/authorize");
    script.url("token_url", "/token");
    script.url("userdata_url", "/userinfo");
    script.url("logout_redirect_url", "/logout");
    script.set("scope", config::list(&["openid", "profile", "email", "groups"]));
    script.set("username_claim", config::text("preferred_username"));
    script.note("Everybody meets another rule; eve meets none.");
    script.set("manage_groups", "True");
    script.set("auth_state_groups_key", config::text("oauth_user.groups"));
    script.set("admin_groups", config::set(&["admins"]));
    script.set("allowed_groups", config::set(&["research"]));
    script.set("allowed_users", config::set(&["grace"]));
    script.set("blocked_users", config::set(&["mallory"]));
    script.set("username_map", "{\"øystein\": \"oystein\"}");
}
