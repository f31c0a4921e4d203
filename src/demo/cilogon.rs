//! CILogon, as CILogonOAuthenticator calls it: people come from several identity providers, and the userdata says which.

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

const UNIVERSITY: &str = "https://idp.example.org/idp/shibboleth";
const GOOGLE: &str = "http://google.com/accounts/o8/id";
const GITHUB: &str = "http://github.com/login/oauth/authorize";

pub(crate) static SHAPE: Shape = Shape {
    name: "cilogon",
    class: "CILogonOAuthenticator",
    entry_point: "cilogon",
    scopes: Scopes {
        known: &["openid", "email", "profile", "org.cilogon.userinfo", "offline_access"],
        default: &["openid"],
    },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["authorize"] => authorize::answer(call),
        ["oauth2", "token"] => token::answer(call, |issued| token_answer(call, issued)),
        ["oauth2", "userinfo"] => bearer::userdata(call, userinfo),
        ["oauth2", "certs"] => call.get(|| Response::json(200, &call.state.keys.jwks())),
        _ => return None,
    })
}

fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let mut claims = oidc::claims(issued.grant.person, &issued.grant.scopes);
    claims.insert("sub".to_owned(), subject(issued.grant.person).into());
    Ok(json!({
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "id_token": oidc::id_token(call, &issued.grant, claims)?,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope(),
    }))
}

fn subject(person: &Person) -> String {
    format!("http://cilogon.org/serverA/users/{}", person.number)
}

/// The identity provider that somebody comes from: its entity id, and its name.
fn identity_provider(person: &Person) -> (&'static str, &'static str) {
    match person.name {
        "eve" => (GOOGLE, "Google"),
        "øystein" => (GITHUB, "GitHub"),
        _ => (UNIVERSITY, "Example University"),
    }
}

fn userinfo(grant: &Grant) -> Result<Value, Response> {
    let person = grant.person;
    let mut answer = json!({"sub": subject(person), "aud": grant.client_id});
    if grant.has_scope("email") {
        answer["email"] = person.email.into();
    }
    if grant.has_scope("profile") {
        answer["name"] = person.display_name.into();
        answer["given_name"] = person.given_name.into();
        answer["family_name"] = person.family_name.into();
    }
    if grant.has_scope("org.cilogon.userinfo") {
        let (idp, idp_name) = identity_provider(person);
        answer["idp"] = idp.into();
        answer["idp_name"] = idp_name.into();
        match idp {
            UNIVERSITY => {
                answer["eppn"] = person.email.into();
                answer["affiliation"] = "member@example.org".into();
            }
            GITHUB => answer["preferred_username"] = person.login.into(),
            _ => answer["oidc"] = person.number.to_string().into(),
        }
    }
    Ok(answer)
}

fn configure(script: &mut Script) {
    // The class makes every address from the host, with https.
    script.url("authorize_url", "/authorize");
    script.url("token_url", "/oauth2/token");
    script.url("userdata_url", "/oauth2/userinfo");
    script.note("Everybody meets another rule; eve, of the third identity provider, meets none.");
    let idps = json!({
        UNIVERSITY: {
            "username_derivation": {"username_claim": "eppn", "action": "strip_idp_domain", "domain": "example.org"},
            "allowed_domains": ["*.org"],
        },
        GITHUB: {
            "username_derivation": {
                "username_claim": "preferred_username", "action": "prefix", "prefix": "github",
            },
        },
        GOOGLE: {
            "username_derivation": {"username_claim": "email", "action": "prefix", "prefix": "google"},
            "allowed_domains": ["example.org"],
        },
    });
    script.set("idps", idps);
    script.set("admin_users", config::set(&["ada"]));
    script.set("allowed_users", config::set(&["github:oystein"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
