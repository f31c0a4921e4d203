//! Auth0, as Auth0OAuthenticator calls it.

use serde_json::{Value, json};

use super::bearer;
use super::call::Call;
use super::config::{self, Script};
use super::grants::Grant;
use super::http::Response;
use super::keys::Unavailable;
use super::oidc;
use super::people::Person;
use super::token::{self, Issued};
use super::{Scopes, Shape, authorize};

pub(crate) static SHAPE: Shape = Shape {
    name: "auth0",
    class: "Auth0OAuthenticator",
    entry_point: "auth0",
    scopes: Scopes {
        known: &["openid", "profile", "email", "offline_access"],
        default: &["openid", "profile", "email"],
    },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["authorize"] => authorize::answer(call),
        ["oauth", "token"] => token::answer(call, |issued| token_answer(call, issued)),
        ["userinfo"] => bearer::userdata(call, userinfo),
        ["v2", "logout"] => oidc::logout(call),
        [".well-known", "jwks.json"] => call.get(|| Response::json(200, &call.state.keys.jwks())),
        _ => return None,
    })
}

fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let grant = &issued.grant;
    let mut answer = json!({
        "access_token": issued.access_token,
        "scope": issued.scope(),
        "expires_in": issued.expires_in,
        "token_type": "Bearer",
    });
    if grant.has_scope("offline_access") {
        answer["refresh_token"] = issued.refresh_token.as_str().into();
    }
    if grant.has_scope("openid") {
        let mut claims = oidc::claims(grant.person, &grant.scopes);
        claims.insert("sub".to_owned(), subject(grant.person).into());
        answer["id_token"] = oidc::id_token(call, grant, claims)?.into();
    }
    Ok(answer)
}

fn subject(person: &Person) -> String {
    format!("auth0|{}", person.sub.replace('-', ""))
}

fn userinfo(grant: &Grant) -> Result<Value, Response> {
    if !grant.has_scope("openid") {
        return Err(bearer::refusal(403, Some("insufficient_scope"), "the access token has not the scope openid"));
    }
    let person = grant.person;
    let mut answer = json!({"sub": subject(person)});
    if grant.has_scope("profile") {
        answer["nickname"] = person.login.to_lowercase().into();
        answer["name"] = person.display_name.into();
        answer["given_name"] = person.given_name.into();
        answer["family_name"] = person.family_name.into();
        answer["updated_at"] = "2025-01-01T12:00:00.000Z".into();
    }
    if grant.has_scope("email") {
        answer["email"] = person.email.into();
        answer["email_verified"] = person.email_verified.into();
    }
    Ok(answer)
}

fn configure(script: &mut Script) {
    // The class makes every address from the domain, with https.
    let domain = script.base.trim_start_matches("http://").to_owned();
    script.set("auth0_domain", config::text(&domain));
    script.url("authorize_url", "/authorize");
    script.url("token_url", "/oauth/token");
    script.url("userdata_url", "/userinfo");
    script.url("logout_redirect_url", "/v2/logout");
    script.set("scope", config::list(&["openid", "profile", "email"]));
    script.set("username_claim", config::text("nickname"));
    script.note("Everybody meets another rule; eve's e-mail address keeps her out although she is allowed.");
    script.set("admin_users", config::set(&["ada"]));
    script.set("allowed_users", config::set(&["grace", "linus", "eve"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
