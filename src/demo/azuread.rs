//! Azure AD (Entra ID), as AzureAdOAuthenticator calls it: the v1.0 endpoints of one tenant, where everything about the
//! person stands in the id_token.
//!
//! The real one signs with RS256, for which nothing here could make a key; the signature is ES256.

use serde_json::{Map, Value, json};

use super::authorize::{self, now};
use super::call::Call;
use super::config::{self, Script};
use super::http::Response;
use super::keys::Unavailable;
use super::oidc;
use super::people::Person;
use super::token::{self, Issued, Refused};
use super::{Scopes, Shape};

const TENANT: &str = "b4f1a6c2-0d1e-4f7a-9c55-3f0e6d2a7b10";

/// Groups go by their object ids.
static GROUP_IDS: &[(&str, &str)] = &[
    ("admins", "0a1b6f5e-1111-4a2b-8c3d-000000000001"),
    ("staff", "0a1b6f5e-1111-4a2b-8c3d-000000000002"),
    ("research", "0a1b6f5e-1111-4a2b-8c3d-000000000003"),
    ("chemistry", "0a1b6f5e-1111-4a2b-8c3d-000000000004"),
    ("blåbær", "0a1b6f5e-1111-4a2b-8c3d-000000000005"),
];

pub(crate) static SHAPE: Shape = Shape {
    name: "azuread",
    class: "AzureAdOAuthenticator",
    entry_point: "azuread",
    scopes: Scopes { known: &[], default: &["openid"] },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    let endpoint = match call.path {
        ["oauth2", endpoint] | [TENANT | "common" | "organizations", "oauth2", endpoint] => *endpoint,
        ["common" | TENANT, "discovery", "keys"] => {
            return Some(call.get(|| Response::json(200, &call.state.keys.jwks())));
        }
        _ => return None,
    };
    match endpoint {
        "authorize" => Some(authorize::answer(call)),
        "token" => Some(token::answer_or(call, |issued| token_answer(call, issued), refusal)),
        "logout" => Some(oidc::logout(call)),
        _ => None,
    }
}

/// The numbers come as text.
fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let (starts, lifetime) = (now(), issued.expires_in);
    Ok(json!({
        "token_type": "Bearer",
        "scope": issued.scope(),
        "expires_in": lifetime.to_string(),
        "ext_expires_in": lifetime.to_string(),
        "expires_on": (starts + lifetime).to_string(),
        "not_before": starts.to_string(),
        "resource": "00000003-0000-0000-c000-000000000000",
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "id_token": oidc::id_token(call, &issued.grant, claims(call, issued.grant.person))?,
    }))
}

fn claims(call: &Call<'_>, person: &Person) -> Map<String, Value> {
    let groups: Vec<&str> = person.groups.iter().filter_map(|group| group_id(group)).collect();
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", format!("{}/{TENANT}/", call.base()).into());
    claim("nbf", now().into());
    claim("sub", person.sub.replace('-', "").into());
    claim("oid", person.sub.into());
    claim("tid", TENANT.into());
    claim("name", person.display_name.into());
    claim("given_name", person.given_name.into());
    claim("family_name", person.family_name.into());
    claim("unique_name", person.email.into());
    claim("upn", person.email.into());
    claim("ver", "1.0".into());
    if !groups.is_empty() {
        claim("groups", groups.into());
    }
    claims
}

fn group_id(group: &str) -> Option<&'static str> {
    GROUP_IDS.iter().find(|(name, _)| *name == group).map(|(_, id)| *id)
}

/// Every error carries a number that people search for.
fn refusal(refused: &Refused) -> Response {
    let number = match refused.code {
        "invalid_client" => 7_000_215,
        "invalid_grant" if refused.why.starts_with("redirect_uri") => 500_112,
        "invalid_grant" if refused.why.starts_with("code_verifier") => 501_481,
        "invalid_grant" => 70_008,
        _ => 900_144,
    };
    let body = json!({
        "error": refused.code,
        "error_description": format!("AADSTS{number}: {}", refused.why),
        "error_codes": [number],
        "trace_id": TENANT,
        "correlation_id": TENANT,
        "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
    });
    Response::json(refused.status, &body)
}

fn configure(script: &mut Script) {
    let in_groups = |group: &str| config::set(&[group_id(group).unwrap_or_default()]);
    script.url("graph_url", "");
    script.set("tenant_id", config::text(TENANT));
    script.url("logout_redirect_url", &format!("/{TENANT}/oauth2/logout"));
    script.set("username_claim", config::text("unique_name"));
    script.note("Everybody meets another rule; eve meets none.");
    script.set("manage_groups", "True");
    script.set("admin_groups", in_groups("admins"));
    script.set("allowed_groups", in_groups("research"));
    script.set("allowed_users", config::set(&["grace@example.org"]));
    script.set("blocked_users", config::set(&["mallory@example.org"]));
}
