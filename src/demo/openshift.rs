//! OpenShift, as OpenShiftOAuthenticator calls it: its own discovery document, and the user API of the cluster.

use serde_json::{Value, json};

use super::bearer;
use super::call::Call;
use super::config::{self, Script};
use super::grants::Grant;
use super::http::Response;
use super::keys::Unavailable;
use super::token::{self, Issued};
use super::{Scopes, Shape, authorize};

pub(crate) static SHAPE: Shape = Shape {
    name: "openshift",
    class: "OpenShiftOAuthenticator",
    entry_point: "openshift",
    scopes: Scopes {
        known: &["user:full", "user:info", "user:check-access", "user:list-projects", "user:list-scoped-projects"],
        default: &["user:full"],
    },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        [".well-known", "oauth-authorization-server"] => call.get(|| Response::json(200, &discovery(call))),
        ["oauth", "authorize"] => authorize::answer(call),
        ["oauth", "token"] => token::answer(call, token_answer),
        ["apis", "user.openshift.io", "v1", "users", "~"] => match bearer::grant(call) {
            Err(_) => unauthorized(),
            Ok(_) => bearer::userdata(call, user),
        },
        _ => return None,
    })
}

fn discovery(call: &Call<'_>) -> Value {
    let base = call.base();
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth/authorize"),
        "token_endpoint": format!("{base}/oauth/token"),
        "scopes_supported": SHAPE.scopes.known,
        "response_types_supported": ["code", "token"],
        "grant_types_supported": ["authorization_code", "implicit"],
        "code_challenge_methods_supported": ["plain", "S256"],
    })
}

fn token_answer(issued: &Issued) -> Result<Value, Unavailable> {
    Ok(json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": issued.scope(),
        "token_type": "Bearer",
    }))
}

fn user(grant: &Grant) -> Result<Value, Response> {
    if !grant.has_scope("user:info") && !grant.has_scope("user:full") {
        let why = "users.user.openshift.io \"~\" is forbidden: the scopes do not allow it";
        return Err(Response::json(403, &status(403, "Forbidden", why)));
    }
    let person = grant.person;
    let groups: Vec<&str> = person.groups.iter().copied().chain(["system:authenticated"]).collect();
    Ok(json!({
        "kind": "User",
        "apiVersion": "user.openshift.io/v1",
        "metadata": {
            "name": person.name,
            "uid": person.sub,
            "resourceVersion": person.number.to_string(),
            "creationTimestamp": "2015-12-10T09:00:00Z",
        },
        "fullName": person.display_name,
        "identities": [format!("demo:{}", person.name)],
        "groups": groups,
    }))
}

fn unauthorized() -> Response {
    Response::json(401, &status(401, "Unauthorized", "Unauthorized")).with("WWW-Authenticate", "Bearer")
}

/// The `Status` object with which Kubernetes tells every failure.
fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {},
        "status": "Failure", "message": message, "reason": reason, "code": code,
    })
}

fn configure(script: &mut Script) {
    script.url("openshift_url", "");
    script.note("Everybody meets another rule; eve meets none.");
    script.set("manage_groups", "True");
    script.set("admin_groups", config::set(&["admins"]));
    script.set("allowed_groups", config::set(&["research"]));
    script.set("allowed_users", config::set(&["grace"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
