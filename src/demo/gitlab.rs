//! GitLab, as GitLabOAuthenticator calls it: the REST API of version 4 with its inherited membership.

use serde_json::{Value, json};

use super::authorize::{self, now};
use super::bearer;
use super::call::Call;
use super::config::{self, Script};
use super::faults::Effect;
use super::grants::Grant;
use super::http::{Response, percent_decode};
use super::keys::Unavailable;
use super::oidc;
use super::people::{Person, people};
use super::token::{self, Issued};
use super::{Scopes, Shape};

pub(crate) static SHAPE: Shape = Shape {
    name: "gitlab",
    class: "GitLabOAuthenticator",
    entry_point: "gitlab",
    scopes: Scopes { known: &["api", "read_api", "read_user", "openid", "profile", "email"], default: &["api"] },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

/// A group or a project: who is a direct member, at which access level, and what it inherits members from.
struct Namespace {
    id: u32,
    path: &'static str,
    parent: Option<&'static str>,
    members: &'static [(&'static str, u8)],
}

const REPORTER: u8 = 20;
const DEVELOPER: u8 = 30;
const OWNER: u8 = 50;

static GROUPS: &[Namespace] = &[
    Namespace { id: 1, path: "lab", parent: None, members: &[("ada", OWNER)] },
    Namespace {
        id: 2,
        path: "lab/research",
        parent: Some("lab"),
        members: &[("linus", DEVELOPER), ("mallory", DEVELOPER), ("øystein", REPORTER)],
    },
];

static PROJECTS: &[Namespace] = &[Namespace {
    id: 10,
    path: "lab/notes",
    parent: Some("lab"),
    members: &[("grace", DEVELOPER), ("eve", REPORTER)],
}];

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["oauth", "authorize"] => authorize::answer(call),
        ["oauth", "token"] => token::answer(call, |issued| token_answer(call, issued)),
        ["oauth", "revoke"] => oidc::revoke(call),
        ["api", "v4", "user"] => bearer::userdata(call, userdata),
        ["api", "v4", "version"] => bearer::api(call, |grant| reading(grant, || version(call))),
        ["api", "v4", kind @ ("groups" | "projects"), name, "members", rest @ ..] => {
            let places = if *kind == "groups" { GROUPS } else { PROJECTS };
            match rest {
                [id] => bearer::api(call, |grant| reading(grant, || membership(places, name, id, false))),
                ["all", id] if call.state.effect() != Some(Effect::OldRelease) => {
                    bearer::api(call, |grant| reading(grant, || membership(places, name, id, true)))
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let mut answer = json!({
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "scope": issued.scope(),
        "created_at": now(),
    });
    if issued.grant.has_scope("openid") {
        let claims = oidc::claims(issued.grant.person, &issued.grant.scopes);
        answer["id_token"] = oidc::id_token(call, &issued.grant, claims)?.into();
    }
    Ok(answer)
}

/// What needs `read_user` at least.
fn userdata(grant: &Grant) -> Result<Value, Response> {
    if !["api", "read_api", "read_user"].iter().any(|scope| grant.has_scope(scope)) {
        return Err(insufficient_scope("api read_user"));
    }
    let person = grant.person;
    Ok(json!({
        "id": person.number,
        "username": person.login,
        "name": person.display_name,
        "state": "active",
        "locked": false,
        "email": person.email,
        "confirmed_at": person.email_verified.then_some("2015-12-10T09:00:00.000Z"),
        "two_factor_enabled": false,
        "external": false,
        "identities": [],
        "can_create_group": true,
    }))
}

/// What needs `read_api` at least.
fn reading(grant: &Grant, respond: impl FnOnce() -> Response) -> Response {
    if grant.has_scope("api") || grant.has_scope("read_api") { respond() } else { insufficient_scope("api read_api") }
}

fn insufficient_scope(needed: &str) -> Response {
    let why = "the access token has none of the scopes that this needs";
    Response::json(403, &json!({"error": "insufficient_scope", "error_description": why, "scope": needed}))
}

fn version(call: &Call<'_>) -> Response {
    let old = call.state.effect() == Some(Effect::OldRelease);
    let version = if old { "12.3.0-ee" } else { "17.5.1-ee" };
    Response::json(200, &json!({"version": version, "revision": "0f6b3a1"}))
}

/// A group or project by number or by path. oauthenticator encodes a path twice, so that it is decoded once more here.
fn find(places: &'static [Namespace], name: &str) -> Option<&'static Namespace> {
    let path = percent_decode(name);
    places.iter().find(|place| place.id.to_string() == name || place.path.eq_ignore_ascii_case(&path))
}

fn membership(places: &'static [Namespace], name: &str, id: &str, inherited: bool) -> Response {
    let Some(place) = find(places, name) else {
        return Response::json(404, &json!({"message": "404 Not Found"}));
    };
    let person = people().iter().find(|person| person.number.to_string() == id);
    match person.and_then(|person| Some((person, level(place, person, inherited)?))) {
        Some((person, level)) => Response::json(
            200,
            &json!({
                "id": person.number,
                "username": person.login,
                "name": person.display_name,
                "state": "active",
                "access_level": level,
                "expires_at": null,
                "membership_state": "active",
            }),
        ),
        None => Response::json(404, &json!({"message": "404 Not found"})),
    }
}

/// The highest access level a person has, in the groups above too where `inherited`.
fn level(place: &Namespace, person: &Person, inherited: bool) -> Option<u8> {
    let direct = place.members.iter().find(|(name, _)| *name == person.name).map(|(_, level)| *level);
    let above = place.parent.filter(|_| inherited).and_then(|parent| find(GROUPS, parent));
    direct.max(above.and_then(|group| level(group, person, true)))
}

fn configure(script: &mut Script) {
    script.url("gitlab_url", "");
    script.set("scope", config::list(&["read_api", "read_user"]));
    script.note("Everybody meets another rule; eve meets none.");
    script.set("allowed_gitlab_groups", config::set(&["lab/research"]));
    script.set("allowed_project_ids", "{10}");
    script.set("admin_users", config::set(&["ada"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
