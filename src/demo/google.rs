//! Google, as GoogleOAuthenticator calls it: its OpenID Connect endpoints, and the Directory API, which it asks for
//! groups with a service account's token.

use serde_json::{Map, Value, json};

use super::bearer;
use super::call::Call;
use super::config::{self, Script};
use super::grants::Grant;
use super::http::Response;
use super::keys::Unavailable;
use super::oidc;
use super::paging;
use super::people::{Person, people};
use super::token::{self, Issued};
use super::{Scopes, Shape, authorize, service_account};

/// The workspace's domain. Who has an address elsewhere has no `hd`.
pub(crate) const DOMAIN: &str = "example.org";

/// Groups that are members of groups.
static NESTED: &[(&str, &[&str])] = &[("research", &["everyone"]), ("staff", &["everyone"]), ("everyone", &[])];

pub(crate) static SHAPE: Shape = Shape {
    name: "google",
    class: "GoogleOAuthenticator",
    entry_point: "google",
    scopes: Scopes {
        known: &[
            "openid",
            "email",
            "profile",
            "https://www.googleapis.com/auth/userinfo.email",
            "https://www.googleapis.com/auth/userinfo.profile",
        ],
        default: &[],
    },
    strict: false,
    // `_fetch_member_groups` has the Directory API's address in its code.
    fixed_origins: &[("https://www.googleapis.com", "")],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["o", "oauth2", "v2", "auth"] => authorize::answer(call),
        ["oauth2", "v4", "token"] => token::answer(call, |issued| token_answer(call, issued)),
        ["oauth2", "v1", "userinfo"] => bearer::userdata(call, |grant| Ok(userinfo(grant))),
        ["token"] => service_account::token(call),
        ["admin", "directory", "v1", "groups"] => bearer::api(call, |grant| groups(call, grant)),
        _ => return None,
    })
}

/// Google knows the two old scopes by longer names, and those are what it says it granted.
fn long_name(scope: &str) -> String {
    match scope {
        "email" | "profile" => format!("https://www.googleapis.com/auth/userinfo.{scope}"),
        other => other.to_owned(),
    }
}

fn granted(grant: &Grant, scope: &str) -> bool {
    grant.scopes.iter().any(|other| long_name(other) == long_name(scope))
}

fn token_answer(call: &Call<'_>, issued: &Issued) -> Result<Value, Unavailable> {
    let scopes: Vec<String> = issued.grant.scopes.iter().map(|scope| long_name(scope)).collect();
    // Without access_type=offline there is no refresh token.
    let mut answer = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    if granted(&issued.grant, "openid") {
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), subject(issued.grant.person).into());
        claims.insert("azp".to_owned(), issued.grant.client_id.as_str().into());
        if let Some(domain) = hosted_domain(issued.grant.person) {
            claims.insert("hd".to_owned(), domain.into());
        }
        if granted(&issued.grant, "email") {
            claims.insert("email".to_owned(), issued.grant.person.email.into());
            claims.insert("email_verified".to_owned(), issued.grant.person.email_verified.into());
        }
        answer["id_token"] = oidc::id_token(call, &issued.grant, claims)?.into();
    }
    Ok(answer)
}

fn subject(person: &Person) -> String {
    format!("1000000000000000{}", person.number)
}

fn hosted_domain(person: &Person) -> Option<&'static str> {
    person.email.split_once('@').map(|(_, domain)| domain).filter(|domain| *domain == DOMAIN)
}

fn userinfo(grant: &Grant) -> Value {
    let person = grant.person;
    let mut answer = json!({"id": subject(person)});
    if granted(grant, "email") {
        answer["email"] = person.email.into();
        answer["verified_email"] = person.email_verified.into();
    }
    if granted(grant, "profile") {
        answer["name"] = person.display_name.into();
        answer["given_name"] = person.given_name.into();
        answer["family_name"] = person.family_name.into();
    }
    if let Some(domain) = hosted_domain(person) {
        answer["hd"] = domain.into();
    }
    answer
}

/// The groups that a person, or a group, is a direct member of: `userKey` takes the address of either.
fn groups(call: &Call<'_>, grant: &Grant) -> Response {
    if !grant.scopes.iter().any(|scope| service_account::reads_groups(scope)) {
        return error(403, "the request has not the scope it needs");
    }
    let key = call.request.query.get("userKey").unwrap_or_default().to_lowercase();
    let Some(names) = memberships(&key) else {
        return error(404, "there is no such member: userKey");
    };
    let page = paging::page(call, names);
    let listed: Vec<Value> = page.items.iter().map(|name| describe(name)).collect();
    let mut answer = json!({"kind": "admin#directory#groups"});
    // An empty list is left out.
    if !listed.is_empty() {
        answer["groups"] = listed.into();
    }
    if let Some(next) = page.next() {
        answer["nextPageToken"] = next.to_string().into();
    }
    Response::json(200, &answer)
}

fn memberships(key: &str) -> Option<&'static [&'static str]> {
    let person = people().iter().find(|person| person.email == key).map(|person| person.groups);
    let name = key.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix('@'));
    let is_group = |name: &&str| people().iter().any(|person| person.groups.contains(name));
    person.or_else(|| NESTED.iter().find(|(group, _)| Some(*group) == name).map(|(_, above)| *above)).or_else(|| {
        const NONE: &[&str] = &[];
        name.filter(is_group).map(|_| NONE)
    })
}

fn describe(name: &str) -> Value {
    json!({
        "kind": "admin#directory#group",
        "email": format!("{name}@{DOMAIN}"),
        "name": name,
        "directMembersCount": "3",
        "adminCreated": true,
    })
}

pub(crate) fn error(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"error": {"code": status, "message": message, "errors": []}}))
}

fn configure(script: &mut Script) {
    script.url("authorize_url", "/o/oauth2/v2/auth");
    script.url("google_api_url", "");
    script.note("Everybody meets another rule; eve's account is of another domain.");
    script.set("hosted_domain", config::list(&[DOMAIN]));
    match script.service_account_file.clone() {
        Some(file) => {
            let mapping = |value: String| format!("{{{}: {value}}}", config::text(DOMAIN));
            script.set("google_service_account_keys", mapping(config::text(&file)));
            script.set("gsuite_administrator", mapping(config::text("ada")));
            script.set("admin_google_groups", mapping(config::set(&["admins"])));
            script.set("allowed_google_groups", mapping(config::set(&["research"])));
            script.set("include_nested_groups", "True");
            script.set("allowed_users", config::set(&["grace"]));
        }
        None => {
            script.set("admin_users", config::set(&["ada"]));
            script.set("allowed_users", config::set(&["grace", "linus", "oystein"]));
        }
    }
    script.set("blocked_users", config::set(&["mallory"]));
}
