//! The other shapes, held to what oauthenticator's classes ask of them.

use serde_json::json;

use super::*;

/// Signs a person in and gives back the token endpoint's answer.
fn sign_in(provider: &Provider, paths: [&str; 2], person: &str, scope: &str) -> Answer {
    let query = encode(&[
        ("response_type", "code"),
        ("client_id", provider.client_id()),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "s"),
        ("demo_user", person),
    ]);
    let back = get(provider, &format!("{}?{query}", paths[0]), &[]);
    redeem(provider, paths[1], &back.sent_back("code").unwrap(), &[("Accept", "application/json")])
}

fn redeem(provider: &Provider, path: &str, code: &str, headers: &[(&str, &str)]) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", provider.client_id()),
        ("client_secret", provider.client_secret()),
    ];
    post(provider, path, headers, &pairs)
}

fn ask(provider: &Provider, target: &str, token: &Value) -> Answer {
    get(provider, target, &[("Authorization", &bearer(text(token, "access_token")))])
}

const GITHUB: [&str; 2] = ["/github/login/oauth/authorize", "/github/login/oauth/access_token"];
const GITLAB: [&str; 2] = ["/gitlab/oauth/authorize", "/gitlab/oauth/token"];
const GLOBUS: [&str; 2] = ["/globus/v2/oauth2/authorize", "/globus/v2/oauth2/token"];
const BITBUCKET: [&str; 2] = ["/bitbucket/site/oauth2/authorize", "/bitbucket/site/oauth2/access_token"];
const GOOGLE: [&str; 2] = ["/google/o/oauth2/v2/auth", "/google/oauth2/v4/token"];
const OPENSHIFT: [&str; 2] = ["/openshift/oauth/authorize", "/openshift/oauth/token"];
const AUTH0: [&str; 2] = ["/auth0/authorize", "/auth0/oauth/token"];
const CILOGON: [&str; 2] = ["/cilogon/authorize", "/cilogon/oauth2/token"];

#[test]
fn a_shape_is_found_by_each_of_its_names() {
    for one in SHAPES {
        for name in [one.name, one.class, one.entry_point, &format!("Local{}", one.class)] {
            assert_eq!(shape(name).map(|found| found.name), Some(one.name), "{name}");
        }
        let dotted = format!("oauthenticator.x.{}", one.class);
        assert_eq!(shape(&dotted).map(|found| found.name), Some(one.name));
        assert_eq!(shape(&format!("local-{}", one.entry_point)).map(|found| found.name), Some(one.name));
    }
    assert!(shape("nobody").is_none());
}

#[test]
fn no_shape_takes_what_another_gave_out() {
    let provider = start(|_| {});
    let github = sign_in(&provider, GITHUB, "ada", "read:org").json();
    assert_eq!(ask(&provider, "/github/api/v3/user", &github).status, 200);
    assert_eq!(ask(&provider, "/gitlab/api/v4/user", &github).status, 401);
    assert_eq!(ask(&provider, "/userinfo", &github).status, 401);
}

#[test]
fn github_answers_in_form_unless_json_is_asked_for_and_errors_with_200() {
    let provider = start(|_| {});
    let token = sign_in(&provider, GITHUB, "ada", "read:org user:email").json();
    assert_eq!((text(&token, "token_type"), text(&token, "scope")), ("bearer", "read:org,user:email"));
    assert_eq!(token.get("refresh_token"), None);
    let refused = redeem(&provider, GITHUB[1], "no-such-code", &[("Accept", "application/json")]);
    assert_eq!((refused.status, text(&refused.json(), "error")), (200, "bad_verification_code"));
    assert!(text(&refused.json(), "error_description").contains("code"));
    let refused = redeem(&provider, GITHUB[1], "no-such-code", &[]);
    assert!(refused.header("content-type").starts_with("application/x-www-form-urlencoded"));
    assert!(refused.body.starts_with("error=bad_verification_code&"));
}

#[test]
fn github_pages_by_link() {
    let provider = start(|_| {});
    let token = sign_in(&provider, GITHUB, "linus", "read:org").json();
    let mut teams = Vec::new();
    let mut target = "/github/api/v3/user/teams?per_page=100".to_owned();
    for rest in [1, 0] {
        let page = ask(&provider, &target, &token);
        teams.extend(page.json().as_array().unwrap().iter().map(|team| text(team, "slug").to_owned()));
        let next = page.header("link").split(',').find(|link| link.contains("rel=\"next\"")).map(str::to_owned);
        assert_eq!(next.is_some(), rest == 1);
        let next = next.unwrap_or_default();
        target = next.trim_start_matches(['<', ' ']).split('>').next().unwrap().replace(provider.issuer(), "");
    }
    assert_eq!(teams, ["chemistry", "research", "staff"]);
    let one_page = sign_in(&provider, GITHUB, "ada", "read:org").json();
    assert_eq!(ask(&provider, "/github/api/v3/user/teams", &one_page).header("link"), "");
    let narrow = sign_in(&provider, GITHUB, "linus", "user:email").json();
    assert_eq!(ask(&provider, "/github/api/v3/user/teams", &narrow).status, 403);
}

#[test]
fn github_tells_membership_by_status() {
    let provider = start(|_| {});
    let member = |person: &str, scope: &str, path: &str| {
        let token = sign_in(&provider, GITHUB, person, scope).json();
        ask(&provider, &format!("/github/api/v3/orgs/{path}"), &token)
    };
    assert_eq!(member("linus", "read:org", "hub-lab/members/linus").status, 204);
    assert_eq!(member("linus", "read:org", "hub-lab/members/grace").status, 404);
    assert_eq!(member("linus", "read:org", "elsewhere/members/linus").status, 404);
    assert_eq!(member("linus", "read:org", "hub-lab/teams/Research/members/linus").status, 204);
    assert_eq!(member("linus", "read:org", "hub-lab/teams/admins/members/linus").status, 404);
    assert_eq!(member("linus", "", "hub-lab/teams/research/members/linus").status, 404);
    for (person, scope) in [("grace", "read:org"), ("linus", "")] {
        let answer = member(person, scope, &format!("hub-lab/members/{person}"));
        let public = format!("{}/github/api/v3/orgs/hub-lab/public_members/{person}", provider.issuer());
        assert_eq!((answer.status, answer.header("location")), (302, public.as_str()));
    }
    assert_eq!(member("ada", "", "hub-lab/public_members/ada").status, 204);
    assert_eq!(member("ada", "", "hub-lab/public_members/linus").status, 404);
}

#[test]
fn github_keeps_a_private_address_for_the_scope_that_opens_it() {
    let provider = start(|_| {});
    let emails = |scope: &str| {
        let token = sign_in(&provider, GITHUB, "grace", scope).json();
        assert_eq!(ask(&provider, "/github/api/v3/user", &token).json()["email"], Value::Null);
        ask(&provider, "/github/api/v3/user/emails", &token)
    };
    assert_eq!(emails("read:user").status, 404);
    let listed = emails("user:email").json();
    let primary = listed.as_array().unwrap().iter().find(|email| email["primary"] == json!(true)).unwrap();
    assert_eq!(text(primary, "email"), "grace@example.org");
}

#[test]
fn gitlab_inherits_membership_only_where_all_is_asked_for() {
    let provider = start(|_| {});
    let status = |person: &str, path: &str| {
        let token = sign_in(&provider, GITLAB, person, "read_api").json();
        let id = super::person(person).unwrap().number;
        let answer = ask(&provider, &format!("/gitlab/api/v4/{path}{id}"), &token);
        (answer.status, answer.json()["access_level"].clone())
    };
    // oauthenticator encodes the path of a group twice.
    assert_eq!(status("linus", "groups/lab%252Fresearch/members/all/"), (200, json!(30)));
    assert_eq!(status("linus", "groups/lab%2Fresearch/members/"), (200, json!(30)));
    assert_eq!(status("ada", "groups/lab%252Fresearch/members/all/"), (200, json!(50)));
    assert_eq!(status("ada", "groups/lab%252Fresearch/members/"), (404, Value::Null));
    assert_eq!(status("grace", "groups/lab/members/all/"), (404, Value::Null));
    assert_eq!(status("grace", "groups/nowhere/members/all/"), (404, Value::Null));
    assert_eq!(status("eve", "projects/10/members/all/"), (200, json!(20)));
    assert_eq!(status("ada", "projects/10/members/all/"), (200, json!(50)));
    let narrow = sign_in(&provider, GITLAB, "ada", "read_user").json();
    assert_eq!(ask(&provider, "/gitlab/api/v4/version", &narrow).status, 403);

    let old = start(|options| options.fault = fault_named("old-release"));
    let token = sign_in(&old, GITLAB, "ada", "read_api").json();
    assert!(text(&ask(&old, "/gitlab/api/v4/version", &token).json(), "version").starts_with("12.3."));
    assert_eq!(ask(&old, "/gitlab/api/v4/groups/lab/members/all/1001", &token).status, 404);
    assert_eq!(ask(&old, "/gitlab/api/v4/groups/lab/members/1001", &token).status, 200);
}

#[test]
fn globus_gives_each_resource_server_its_own_token() {
    let provider = start(|_| {});
    let scope = "openid profile urn:globus:auth:scope:transfer.api.globus.org:all \
                 urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
    let token = sign_in(&provider, GLOBUS, "linus", scope).json();
    assert_eq!((text(&token, "resource_server"), text(&token, "scope")), ("auth.globus.org", "openid profile"));
    let others = token["other_tokens"].as_array().unwrap();
    let servers: Vec<_> = others.iter().map(|other| text(other, "resource_server")).collect();
    assert_eq!(servers, ["transfer.api.globus.org", "groups.api.globus.org"]);
    let groups = "/globus/groups/v2/groups/my_groups";
    assert_eq!(ask(&provider, groups, &others[0]).status, 403);
    assert_eq!(ask(&provider, groups, &others[1]).json().as_array().map(Vec::len), Some(3));
    let user = ask(&provider, "/globus/v2/oauth2/userinfo", &token).json();
    assert_eq!(text(&user, "preferred_username"), "linus@example.org");

    let client = [("client_id", provider.client_id()), ("client_secret", provider.client_secret())];
    let revoked = [("token", text(&others[1], "access_token")), client[0], client[1]];
    assert_eq!(post(&provider, "/globus/v2/oauth2/token/revoke", &[], &revoked).status, 200);
    assert_eq!(ask(&provider, groups, &others[1]).status, 401);
}

#[test]
fn bitbucket_names_the_next_page() {
    let provider = start(|_| {});
    let token = sign_in(&provider, BITBUCKET, "linus", "").json();
    assert_eq!((token.get("scope"), text(&token, "scopes")), (None, "account email"));
    let mut names = Vec::new();
    let mut next = "/bitbucket/api/2.0/workspaces?role=member".to_owned();
    while !next.is_empty() {
        let page = ask(&provider, &next, &token).json();
        names.extend(page["values"].as_array().unwrap().iter().map(|entry| text(entry, "name").to_owned()));
        next = text(&page, "next").replace(provider.issuer(), "");
    }
    assert_eq!(names, ["Linus Pauling", "chemistry", "research", "staff"]);
    let bitbucket = shape("bitbucket").unwrap();
    let api = format!("{}/bitbucket/api", provider.issuer());
    assert_eq!(provider.fixed_origins(bitbucket), [("https://api.bitbucket.org", api)]);
}

#[test]
fn google_has_its_own_names_for_scopes_and_claims() {
    let provider = start(|_| {});
    let token = sign_in(&provider, GOOGLE, "eve", "openid email").json();
    assert_eq!(text(&token, "scope"), "openid https://www.googleapis.com/auth/userinfo.email");
    let user = ask(&provider, "/google/oauth2/v1/userinfo", &token).json();
    assert_eq!((&user["verified_email"], user.get("hd")), (&json!(false), None));
    let ada = sign_in(&provider, GOOGLE, "ada", "openid email").json();
    assert_eq!(text(&ask(&provider, "/google/oauth2/v1/userinfo", &ada).json(), "hd"), "example.org");
    // A person's own token does not open the directory, and nobody trusts a service account that is not registered.
    assert_eq!(ask(&provider, "/google/admin/directory/v1/groups?userKey=ada@example.org", &ada).status, 403);
    let assertion = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", "e30.e30.AAAA")];
    let refused = post(&provider, "/google/token", &[], &assertion);
    assert_eq!((refused.status, text(&refused.json(), "error")), (400, "invalid_grant"));
    assert!(provider.register_service_account("key.json", "{\"private_key\": \"x\"}").is_err());
}

#[test]
fn azure_counts_in_text_and_tells_all_in_the_id_token() {
    let provider = start(|_| {});
    let tenant = "/azuread/b4f1a6c2-0d1e-4f7a-9c55-3f0e6d2a7b10/oauth2";
    let (authorize, endpoint) = (format!("{tenant}/authorize"), format!("{tenant}/token"));
    let token = sign_in(&provider, [&authorize, &endpoint], "linus", "openid").json();
    assert_eq!(token["expires_in"], json!("3600"));
    let payload = text(&token, "id_token").split('.').nth(1).unwrap();
    let payload = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((text(&claims, "name"), text(&claims, "aud")), ("Linus Pauling", "demo-hub"));
    assert_eq!(claims["groups"].as_array().map(Vec::len), Some(3));
    let refused = redeem(&provider, &endpoint, "no-such-code", &[]);
    assert_eq!(refused.status, 400);
    assert!(text(&refused.json(), "error_description").starts_with("AADSTS70008: "));
}

#[test]
fn openshift_speaks_as_kubernetes_does() {
    let provider = start(|_| {});
    let found = get(&provider, "/openshift/.well-known/oauth-authorization-server", &[]).json();
    assert_eq!(text(&found, "issuer"), format!("{}/openshift", provider.issuer()));
    let target = "/openshift/apis/user.openshift.io/v1/users/~";
    let token = sign_in(&provider, OPENSHIFT, "øystein", "user:info").json();
    let user = ask(&provider, target, &token).json();
    assert_eq!(text(&user["metadata"], "name"), "øystein");
    assert_eq!(user["groups"], json!(["blåbær", "research", "system:authenticated"]));
    let narrow = sign_in(&provider, OPENSHIFT, "ada", "user:list-projects").json();
    assert_eq!(text(&ask(&provider, target, &narrow).json(), "reason"), "Forbidden");
    assert_eq!(text(&get(&provider, target, &[]).json(), "reason"), "Unauthorized");
}

#[test]
fn auth0_and_cilogon_say_who_somebody_is() {
    let provider = start(|_| {});
    let eve = sign_in(&provider, AUTH0, "eve", "openid profile email").json();
    let user = ask(&provider, "/auth0/userinfo", &eve).json();
    assert_eq!((text(&user, "nickname"), &user["email_verified"]), ("eve", &json!(false)));
    assert_eq!(eve.get("refresh_token"), None);
    let offline = sign_in(&provider, AUTH0, "eve", "openid offline_access").json();
    assert!(offline.get("refresh_token").is_some());

    let scope = "openid email org.cilogon.userinfo profile";
    let idp = |person: &str, scope: &str| {
        let token = sign_in(&provider, CILOGON, person, scope).json();
        ask(&provider, "/cilogon/oauth2/userinfo", &token).json()
    };
    assert_eq!(text(&idp("ada", scope), "eppn"), "ada@example.org");
    assert_eq!(text(&idp("øystein", scope), "preferred_username"), "Oystein");
    assert_ne!(idp("eve", scope)["idp"], idp("ada", scope)["idp"]);
    assert_eq!(idp("ada", "openid").get("idp"), None);
}

#[test]
fn faults_reach_the_other_calls() {
    let calls = |name: &str| {
        let provider = start(|options| options.fault = Some(fault_named(name).unwrap()));
        let token = sign_in(&provider, GITHUB, "linus", "read:org").json();
        let teams = |page: &str| ask(&provider, &format!("/github/api/v3/user/teams?page={page}"), &token).status;
        (ask(&provider, "/github/api/v3/user", &token).status, teams("1"), teams("2"))
    };
    assert_eq!(calls("api-403"), (200, 403, 403));
    assert_eq!(calls("api-429"), (200, 429, 429));
    assert_eq!(calls("api-500"), (200, 500, 500));
    assert_eq!(calls("page-missing"), (200, 200, 404));
}
