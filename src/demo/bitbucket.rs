//! Bitbucket Cloud, as BitbucketOAuthenticator calls it: the API of version 2.0, whose lists name their next page.

use serde_json::{Value, json};

use super::bearer;
use super::call::Call;
use super::config::{self, Script};
use super::http::Response;
use super::keys::Unavailable;
use super::paging;
use super::people::Person;
use super::token::{self, Issued};
use super::{Scopes, Shape, authorize};

pub(crate) static SHAPE: Shape = Shape {
    name: "bitbucket",
    class: "BitbucketOAuthenticator",
    entry_point: "bitbucket",
    // What a client may do is settled when it is registered.
    scopes: Scopes { known: &["account", "email"], default: &["account", "email"] },
    strict: false,
    // `_fetch_user_teams` has the address in its code.
    fixed_origins: &[("https://api.bitbucket.org", "/api")],
    answer,
    configure,
};

fn answer(call: &Call<'_>) -> Option<Response> {
    Some(match call.path {
        ["site", "oauth2", "authorize"] => authorize::answer(call),
        ["site", "oauth2", "access_token"] => token::answer(call, token_answer),
        ["api", "2.0", "user"] => bearer::userdata(call, |grant| Ok(user(grant.person))),
        ["api", "2.0", "workspaces"] => bearer::api(call, |grant| workspaces(call, grant.person)),
        _ => return None,
    })
}

fn token_answer(issued: &Issued) -> Result<Value, Unavailable> {
    // It says `scopes` where the standard says `scope`.
    Ok(json!({
        "access_token": issued.access_token,
        "scopes": issued.scope(),
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.refresh_token,
        "state": "authorization_code",
    }))
}

fn user(person: &Person) -> Value {
    json!({
        "type": "user",
        "username": person.login,
        "nickname": person.login,
        "display_name": person.display_name,
        "account_id": format!("557058:{}", person.sub),
        "uuid": format!("{{{}}}", person.sub),
        "account_status": "active",
        "created_on": "2015-12-10T09:00:00.000000+00:00",
        "is_staff": false,
        "links": {},
    })
}

/// The workspaces a person is in: a personal one, and one for each group.
fn workspaces(call: &Call<'_>, person: &Person) -> Response {
    let names: Vec<&str> = [person.display_name].into_iter().chain(person.groups.iter().copied()).collect();
    let page = paging::page(call, &names);
    let values: Vec<Value> = page.items.iter().map(|name| json!({"type": "workspace", "name": name})).collect();
    let mut answer = json!({"pagelen": page.items.len(), "size": names.len(), "page": page.number, "values": values});
    if let Some(next) = page.next() {
        answer["next"] = format!("{}/api/2.0/workspaces?role=member&page={next}", call.base()).into();
    }
    Response::json(200, &answer)
}

fn configure(script: &mut Script) {
    script.url("authorize_url", "/site/oauth2/authorize");
    script.url("token_url", "/site/oauth2/access_token");
    script.url("userdata_url", "/api/2.0/user");
    script.note("Everybody meets another rule; eve meets none. The class asks for teams at api.bitbucket.org only.");
    script.set("allowed_teams", config::set(&["research"]));
    script.set("admin_users", config::set(&["ada"]));
    script.set("allowed_users", config::set(&["grace"]));
    script.set("blocked_users", config::set(&["mallory"]));
}
