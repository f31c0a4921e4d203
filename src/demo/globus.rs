//! Globus Auth and Globus Groups, as GlobusOAuthenticator calls them: a login gets one token for each resource server.

use serde_json::{Value, json};

use super::authorize::now;
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

const AUTH: &str = "auth.globus.org";
const GROUPS: &str = "groups.api.globus.org";
const DOMAIN: &str = "example.org";

/// Groups go by their UUIDs.
static GROUP_IDS: &[(&str, &str)] = &[
    ("admins", "7c9e6679-2222-40de-944b-000000000001"),
    ("staff", "7c9e6679-2222-40de-944b-000000000002"),
    ("research", "7c9e6679-2222-40de-944b-000000000003"),
    ("chemistry", "7c9e6679-2222-40de-944b-000000000004"),
    ("blåbær", "7c9e6679-2222-40de-944b-000000000005"),
];

pub(crate) static SHAPE: Shape = Shape {
    name: "globus",
    class: "GlobusOAuthenticator",
    entry_point: "globus",
    scopes: Scopes { known: &[], default: &["openid", "profile", "email"] },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["v2", "oauth2", "authorize"] => authorize::answer(call),
        ["v2", "oauth2", "token"] => token::answer(call, |issued| token_answer(call, issued)),
        ["v2", "oauth2", "token", "revoke"] => oidc::revoke(call),
        ["v2", "oauth2", "userinfo"] => bearer::userdata(call, userinfo),
        ["v2", "web", "logout"] => oidc::logout(call),
        ["groups", "v2", "groups", "my_groups"] => bearer::api(call, my_groups),
        _ => return None,
    })
}

/// The resource server that a scope belongs to, which stands in the scope itself.
fn resource_server(scope: &str) -> &str {
    scope.strip_prefix("urn:globus:auth:scope:").and_then(|rest| rest.split(':').next()).unwrap_or(AUTH)
}

/// The scopes by resource server, in the order they were asked for.
fn by_resource_server(scopes: &[String]) -> Vec<(&str, Vec<String>)> {
    let mut servers: Vec<(&str, Vec<String>)> = Vec::new();
    for scope in scopes {
        let server = resource_server(scope);
        match servers.iter_mut().find(|(name, _)| *name == server) {
            Some((_, scopes)) => scopes.push(scope.clone()),
            None => servers.push((server, vec![scope.clone()])),
        }
    }
    servers
}

fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let servers = by_resource_server(&issued.grant.scopes);
    let own = servers.iter().find(|(server, _)| *server == AUTH).map(|(_, scopes)| scopes.join(" "));
    let mut others = Vec::new();
    for (server, scopes) in servers.iter().filter(|(server, _)| *server != AUTH) {
        others.push(other_token(call, issued, server, scopes)?);
    }
    let mut answer = json!({
        "access_token": issued.access_token,
        "scope": own.unwrap_or_default(),
        "expires_in": issued.expires_in,
        "token_type": "Bearer",
        "resource_server": AUTH,
        "refresh_token": issued.refresh_token,
        "other_tokens": others,
    });
    if issued.grant.has_scope("openid") {
        let claims = oidc::claims(issued.grant.person, &issued.grant.scopes);
        answer["id_token"] = oidc::id_token(call, &issued.grant, claims)?.into();
    }
    Ok(answer)
}

fn other_token(call: &Call<'_>, issued: &Issued, server: &str, scopes: &[String]) -> Result<Value, Unavailable> {
    let token = call.state.keys.random_token()?;
    let grant = Grant { scopes: scopes.to_vec(), ..issued.grant.clone() };
    call.state.grants().put_access(token.clone(), grant, call.state.options.access_token_lifetime);
    Ok(json!({
        "access_token": token,
        "scope": scopes.join(" "),
        "expires_in": issued.expires_in,
        "token_type": "Bearer",
        "resource_server": server,
    }))
}

/// The identity that somebody signs in with; its domain is the identity provider's.
fn identity(person: &Person) -> String {
    let domain = if person.email_verified { DOMAIN } else { "globusid.org" };
    format!("{}@{domain}", person.login)
}

fn userinfo(grant: &Grant) -> Result<Value, Response> {
    if !grant.has_scope("openid") {
        return Err(bearer::refusal(403, Some("insufficient_scope"), "the access token has not the scope openid"));
    }
    let person = grant.person;
    let mut answer = json!({"sub": person.sub, "last_authentication": now()});
    if grant.has_scope("profile") {
        answer["name"] = person.display_name.into();
        answer["preferred_username"] = identity(person).into();
        answer["organization"] = "Example University".into();
        answer["identity_provider"] = "5d3f1c9a-3333-4b6e-8a7d-000000000001".into();
        answer["identity_provider_display_name"] = "Example University".into();
    }
    if grant.has_scope("email") {
        answer["email"] = person.email.into();
    }
    Ok(answer)
}

/// Only the token of the groups' own resource server opens them.
fn my_groups(grant: &Grant) -> Response {
    if !grant.scopes.iter().any(|scope| resource_server(scope) == GROUPS) {
        let error = json!({"errors": [{"code": "FORBIDDEN", "detail": "the token is for another resource server"}]});
        return Response::json(403, &error);
    }
    let groups = GROUP_IDS.iter().filter(|(name, _)| grant.person.groups.contains(name));
    let listed: Vec<Value> = groups.map(|(name, id)| describe(name, id, grant.person)).collect();
    Response::json(200, &Value::from(listed))
}

fn describe(name: &str, id: &str, person: &Person) -> Value {
    let membership = json!({
        "group_id": id,
        "identity_id": person.sub,
        "username": identity(person),
        "role": "member",
        "status": "active",
    });
    json!({"id": id, "name": name, "group_type": "regular", "parent_id": null, "my_memberships": [membership]})
}

fn group_set(group: &str) -> String {
    let id = GROUP_IDS.iter().find(|(name, _)| *name == group).map_or("", |(_, id)| id);
    config::set(&[id])
}

fn configure(script: &mut Script) {
    script.url("authorize_url", "/v2/oauth2/authorize");
    script.url("token_url", "/v2/oauth2/token");
    script.url("userdata_url", "/v2/oauth2/userinfo");
    script.url("revocation_url", "/v2/oauth2/token/revoke");
    script.url("globus_groups_url", "/groups/v2/groups/my_groups");
    script.url("logout_redirect_url", "/v2/web/logout");
    script.note("Everybody meets another rule; eve's identity is of another provider.");
    script.set("identity_provider", config::text(DOMAIN));
    script.set("admin_globus_groups", group_set("admins"));
    script.set("allowed_globus_groups", group_set("research"));
    script.set("allowed_users", config::set(&["grace"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
