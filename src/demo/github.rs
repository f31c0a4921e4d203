//! GitHub, as GitHubOAuthenticator calls it: OAuth app endpoints, and the REST API where an Enterprise server has it.

use serde_json::{Value, json};

use super::bearer;
use super::call::Call;
use super::config::{self, Script};
use super::faults;
use super::grants::Grant;
use super::http::{Request, Response};
use super::keys::Unavailable;
use super::paging;
use super::people::{Person, people};
use super::token::{self, Issued, Refused};
use super::{Scopes, Shape, authorize};

/// The one organization. Its teams are the people's groups, as far as those can stand in an address.
const ORGANIZATION: &str = "hub-lab";

pub(crate) static SHAPE: Shape = Shape {
    name: "github",
    class: "GitHubOAuthenticator",
    entry_point: "github",
    scopes: Scopes { known: &[], default: &[] },
    strict: false,
    fixed_origins: &[],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["login", "oauth", "authorize"] => authorize::answer(call),
        ["login", "oauth", "access_token"] => token_endpoint(call),
        ["api", "v3", "user"] => bearer::userdata(call, |grant| Ok(user(grant.person))),
        ["api", "v3", "user", "emails"] => bearer::api(call, emails),
        ["api", "v3", "user", "teams"] => bearer::api(call, |grant| my_teams(call, grant)),
        ["api", "v3", "orgs", org, "members", login] => bearer::api(call, |grant| member(call, grant, org, login)),
        ["api", "v3", "orgs", org, "public_members", login] => bearer::api(call, |_| public_member(org, login)),
        ["api", "v3", "orgs", org, "teams", team, "members", login] => {
            bearer::api(call, |grant| team_member(grant, org, team, login))
        }
        _ => return None,
    })
}

/// Form-encoded unless JSON is asked for, and every error with status 200.
fn token_endpoint(call: &Call<'_>) -> Response {
    let as_json = wants_json(call.request);
    let response = token::answer_or(call, token_answer, |refused| Response::json(200, &refusal(refused)));
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(fields)) if !as_json && response.status == 200 => faults::form(&fields),
        _ => response,
    }
}

fn wants_json(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("json"))
}

fn token_answer(issued: &Issued) -> Result<Value, Unavailable> {
    // The scopes are separated by commas, whatever the standard says; there are no refresh tokens for OAuth apps.
    Ok(json!({
        "access_token": issued.access_token,
        "token_type": "bearer",
        "scope": issued.grant.scopes.join(","),
    }))
}

fn refusal(refused: &Refused) -> Value {
    let code = match refused.code {
        "invalid_client" => "incorrect_client_credentials",
        "invalid_grant" if refused.why.starts_with("redirect_uri") => "redirect_uri_mismatch",
        "invalid_grant" => "bad_verification_code",
        other => other,
    };
    json!({"error": code, "error_description": refused.why, "error_uri": "https://docs.github.com/apps"})
}

fn user(person: &Person) -> Value {
    // Whoever is in no group keeps their address to themselves.
    let email = (!person.groups.is_empty()).then_some(person.email);
    json!({
        "login": person.login,
        "id": person.number,
        "node_id": format!("U_{}", person.number),
        "type": "User",
        "site_admin": false,
        "name": person.display_name,
        "company": null,
        "email": email,
        "created_at": "2015-12-10T09:00:00Z",
        "two_factor_authentication": true,
    })
}

fn emails(grant: &Grant) -> Response {
    if !grant.has_scope("user") && !grant.has_scope("user:email") {
        return not_found();
    }
    let person = grant.person;
    let other = format!("{}@users.noreply.example.com", person.number);
    Response::json(
        200,
        &json!([
            {"email": other, "primary": false, "verified": true, "visibility": null},
            {"email": person.email, "primary": true, "verified": person.email_verified, "visibility": "private"},
        ]),
    )
}

/// The teams a person is in; a slug is ASCII.
fn teams(person: &Person) -> Vec<&'static str> {
    person.groups.iter().copied().filter(|group| group.is_ascii()).collect()
}

fn my_teams(call: &Call<'_>, grant: &Grant) -> Response {
    if !["read:org", "user", "repo"].iter().any(|scope| grant.has_scope(scope)) {
        return message(403, "read:org, user or repo is needed to list teams");
    }
    let teams = teams(grant.person);
    let page = paging::page(call, &teams);
    let listed: Vec<Value> = page.items.iter().map(|team| describe_team(team)).collect();
    let response = Response::json(200, &Value::from(listed));
    if page.last == 1 {
        return response;
    }
    let per_page = call.request.query.get("per_page").unwrap_or("30");
    let address = |number: usize, relation: &str| {
        format!("<{}/api/v3/user/teams?per_page={per_page}&page={number}>; rel=\"{relation}\"", call.base())
    };
    let links = match page.next() {
        Some(next) => [address(next, "next"), address(page.last, "last")],
        None => [address(page.number - 1, "prev"), address(1, "first")],
    };
    response.with("Link", links.join(", "))
}

fn describe_team(slug: &str) -> Value {
    json!({
        "name": slug,
        "slug": slug,
        "id": 100 + slug.len(),
        "privacy": "closed",
        "permission": "pull",
        "parent": null,
        "organization": {"login": ORGANIZATION, "id": 7},
    })
}

fn named(login: &str) -> Option<&'static Person> {
    people().iter().find(|person| person.login.eq_ignore_ascii_case(login))
}

fn belongs(org: &str, person: Option<&Person>) -> bool {
    org.eq_ignore_ascii_case(ORGANIZATION) && person.is_some_and(|person| !teams(person).is_empty())
}

/// A member who shows it learns who else is one; to anybody else only public membership is told.
fn member(call: &Call<'_>, grant: &Grant, org: &str, login: &str) -> Response {
    if !org.eq_ignore_ascii_case(ORGANIZATION) {
        return not_found();
    }
    if !belongs(org, Some(grant.person)) || !grant.has_scope("read:org") {
        let target = format!("{}/api/v3/orgs/{ORGANIZATION}/public_members/{}", call.base(), encoded(login));
        return Response::empty(302).with("Location", target);
    }
    if belongs(org, named(login)) { Response::empty(204) } else { not_found() }
}

fn encoded(segment: &str) -> String {
    url::form_urlencoded::byte_serialize(segment.as_bytes()).collect()
}

/// Administrators are proud of it.
fn public_member(org: &str, login: &str) -> Response {
    let proud = named(login).filter(|person| person.groups.contains(&"admins"));
    if belongs(org, proud) { Response::empty(204) } else { not_found() }
}

fn team_member(grant: &Grant, org: &str, team: &str, login: &str) -> Response {
    let in_team = |person: &Person| teams(person).iter().any(|other| other.eq_ignore_ascii_case(team));
    let seen = belongs(org, Some(grant.person)) && grant.has_scope("read:org");
    if seen && belongs(org, named(login)) && named(login).is_some_and(in_team) {
        return Response::empty(204);
    }
    not_found()
}

fn not_found() -> Response {
    message(404, "Not Found")
}

fn message(status: u16, text: &str) -> Response {
    Response::json(status, &json!({"message": text, "status": status.to_string()}))
}

fn configure(script: &mut Script) {
    script.url("github_url", "");
    script.set("scope", config::list(&["read:org"]));
    script.note("Everybody meets another rule; eve meets none.");
    script.set("populate_teams_in_auth_state", "True");
    script.set("allowed_organizations", config::set(&["hub-lab:research"]));
    script.set("admin_users", config::set(&["ada"]));
    script.set("allowed_users", config::set(&["grace"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
