//! What providers say about logins that ended badly: each from a configuration and answers, down to the setting named.

use std::cell::RefCell;
use std::time::Duration;

use super::{of_raised, of_verdict};
use crate::authenticator::{Callback, Context, Session, System, for_class};
use crate::failure::{Failure, Raised, Stage};
use crate::http::{Answer, Call, Exchange, Http, check_status};
use crate::resolution::get_authenticated_user;
use crate::settings;
use crate::source::load::{Request, load_text};

/// Answers by the end of an address: status, a header, body. The first that fits is given.
type Script<'a> = &'a [(&'static str, u16, (&'static str, &'static str), &'static str)];

struct Scripted<'a> {
    script: Script<'a>,
    exchanges: RefCell<Vec<Exchange>>,
}

impl Http for Scripted<'_> {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        let found = self.script.iter().find(|(end, ..)| call.url.ends_with(end));
        let answer = found.map(|(_, status, (name, value), body)| Answer {
            status: *status,
            reason: "Reason".into(),
            headers: vec![((*name).to_owned(), (*value).to_owned())],
            body: body.as_bytes().to_vec(),
        });
        self.exchanges.borrow_mut().push(Exchange {
            stage: call.stage,
            method: call.method.to_owned(),
            url: call.url.clone(),
            request_headers: call.headers.clone(),
            form: Vec::new(),
            answer: answer.clone(),
            error: answer.is_none().then(|| "no answer".to_owned()),
            elapsed: Duration::ZERO,
        });
        check_status(answer.ok_or(Raised::Client { status: 599, message: "Timeout during request".into() })?)
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }
}

struct Nobody;

impl System for Nobody {
    fn group_ids(&self, _user: &str) -> Option<Vec<u32>> {
        None
    }

    fn group_id(&self, _group: &str) -> Option<u32> {
        None
    }
}

/// The failure of a login with this class and these options.
fn failure(class: &str, options: &str, script: Script<'_>) -> Failure {
    let module = class.trim_end_matches("OAuthenticator").to_lowercase();
    let lines = options.lines().map(|line| format!("c.{class}.{}\n", line.trim())).collect::<String>();
    let text = format!(
        "c.JupyterHub.authenticator_class = 'oauthenticator.{module}.{class}'\n\
         c.{class}.client_id = 'cid'\nc.{class}.enable_pkce = False\n{lines}"
    );
    let loaded = load_text(&text, &Request::default()).unwrap();
    let settings = settings::resolve(&loaded).settings.unwrap();
    let http = Scripted { script, exchanges: RefCell::default() };
    let cx = Context::new(&settings, &http, &|| 1.8e9, &|bytes| bytes.fill(1), &Nobody);
    let auth = for_class(class).unwrap();
    if let Err(raised) = auth.begin(&cx, "http://127.0.0.1/hub/oauth_callback") {
        return of_raised(&cx, Stage::Authorize, &raised);
    }
    let arguments = vec![("code".to_owned(), "CODE".to_owned())];
    let callback = Callback { arguments, session: Session::default(), redirect_uri: String::new() };
    of_verdict(&cx, &get_authenticated_user(auth, &cx, &callback)).unwrap()
}

/// Its code, its setting, and what is to be done.
fn short(class: &str, options: &str, script: Script<'_>) -> (&'static str, String, String) {
    let failure = failure(class, options, script);
    (failure.code, failure.setting.unwrap_or_default(), failure.fix)
}

const NO: (&str, &str) = ("x", "");
const TOKEN: &str = r#"{"access_token": "AT", "token_type": "bearer", "scope": "user"}"#;
const GITHUB: (&str, u16, (&str, &str), &str) = ("/user", 200, NO, r#"{"login": "Alice", "email": null}"#);
const GITHUB_TOKEN: (&str, u16, (&str, &str), &str) = ("/access_token", 200, NO, TOKEN);
const GITHUB_MAILS: (&str, u16, (&str, &str), &str) = ("/user/emails", 200, NO, "[]");

#[test]
fn github_names_what_hides_a_membership() {
    let class = "GitHubOAuthenticator";
    let organizations = "allowed_organizations = {'org-a'}";
    let not_found = ("/orgs/org-a/members/alice", 404, ("x-oauth-scopes", "user"), r#"{"message": "Not Found"}"#);
    let (code, setting, fix) = short(class, organizations, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, not_found]);
    assert_eq!((code, setting.as_str()), ("scope-missing", "GitHubOAuthenticator.allowed_organizations"));
    assert!(fix.contains("`read:org` to GitHubOAuthenticator.scope"), "{fix}");

    let granted =
        ("/orgs/org-a/members/alice", 404, ("x-oauth-scopes", "read:org, user"), r#"{"message": "Not Found"}"#);
    let (code, setting, fix) = short(class, organizations, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, granted]);
    assert_eq!((code, setting.as_str()), ("not-allowed", "GitHubOAuthenticator.allowed_organizations"));
    assert!(fix.contains("GitHubOAuthenticator.allowed_users"), "{fix}");

    let restricted = (
        "/orgs/org-a/members/alice",
        403,
        NO,
        r#"{"message": "the `org-a` organization has enabled OAuth App access restrictions"}"#,
    );
    let (code, ..) = short(class, organizations, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, restricted]);
    assert_eq!(code, "organization-restricted");

    let slash = "allowed_organizations = {'org-a/team'}";
    let (code, _, fix) = short(class, slash, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, ("/alice", 404, NO, "{}")]);
    assert_eq!(code, "organization-invalid");
    assert!(fix.contains("`organization:team`"), "{fix}");

    let colons = "allowed_organizations = {'a:b:c'}";
    let (code, setting, _) = short(class, colons, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS]);
    assert_eq!((code, setting.as_str()), ("organization-invalid", "GitHubOAuthenticator.allowed_organizations"));
}

#[test]
fn github_names_the_scope_of_a_list_that_it_keeps_back() {
    let class = "GitHubOAuthenticator";
    let teams = "allow_all = True\npopulate_teams_in_auth_state = True\nscope = ['read:org']";
    let refused = ("/user/teams?per_page=100", 403, NO, r#"{"message": "Resource not accessible"}"#);
    let failed = failure(class, teams, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, refused]);
    assert_eq!((failed.code, failed.stage, failed.hub_status), ("scope-missing", Stage::Decision, Some(500)));
    assert!(failed.message.ends_with("/user/teams answers 403: Resource not accessible"), "{}", failed.message);
    assert!(failed.fix.contains("read:org"), "{}", failed.fix);

    let limited = ("/user/teams?per_page=100", 403, ("x-ratelimit-remaining", "0"), "{}");
    let (code, setting, _) = short(class, teams, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, limited]);
    assert_eq!((code, setting.as_str()), ("rate-limited", ""));

    let slow = ("/user/teams?per_page=100", 429, ("retry-after", "30"), "{}");
    let (code, setting, fix) = short(class, teams, &[GITHUB_TOKEN, GITHUB, GITHUB_MAILS, slow]);
    assert_eq!((code, setting.as_str()), ("provider-failed", "GitHubOAuthenticator.github_api"));
    assert!(fix.contains("`Retry-After: 30`"), "{fix}");
}

#[test]
fn gitlab_tells_a_missing_scope_from_a_missing_membership() {
    let class = "GitLabOAuthenticator";
    let groups = "username_claim = 'username'\nallowed_gitlab_groups = {'g'}";
    let token = ("/oauth/token", 200, NO, TOKEN);
    let user = ("/api/v4/user", 200, NO, r#"{"id": 7, "username": "alice"}"#);
    let version = ("/version", 200, NO, r#"{"version": "16.0.0"}"#);
    let (code, setting, fix) =
        short(class, groups, &[token, user, ("/version", 403, NO, r#"{"error": "insufficient_scope"}"#)]);
    assert_eq!((code, setting.as_str()), ("scope-missing", "GitLabOAuthenticator.scope"));
    assert!(fix.contains("`read_api`"), "{fix}");

    let (code, setting, _) = short(class, groups, &[token, user, version, ("/members/all/7", 404, NO, "{}")]);
    assert_eq!((code, setting.as_str()), ("not-allowed", "GitLabOAuthenticator.allowed_gitlab_groups"));

    let nested = "username_claim = 'username'\nallowed_gitlab_groups = {'a/b'}";
    let (code, _, fix) =
        short(class, nested, &[token, user, version, ("/groups/a%252Fb/members/all/7", 404, NO, "{}")]);
    assert_eq!(code, "group-invalid");
    assert!(fix.contains("number of `a/b`"), "{fix}");

    let projects = "username_claim = 'username'\nallowed_project_ids = {1}";
    let guest = ("/projects/1/members/all/7", 200, NO, r#"{"access_level": 10}"#);
    let (code, setting, _) = short(class, projects, &[token, user, version, guest]);
    assert_eq!((code, setting.as_str()), ("not-allowed", "GitLabOAuthenticator.allowed_project_ids"));
}

#[test]
fn bitbucket_tells_names_from_slugs() {
    let class = "BitbucketOAuthenticator";
    let teams = "username_claim = 'username'\nallowed_teams = {'team-a'}";
    let token = ("/site/oauth2/access_token", 200, NO, TOKEN);
    let user = ("/2.0/user", 200, NO, r#"{"username": "alice"}"#);
    let workspaces = ("?role=member", 200, NO, r#"{"values": [{"name": "Team A", "slug": "team-a"}]}"#);
    let (code, setting, fix) = short(class, teams, &[token, user, workspaces]);
    assert_eq!((code, setting.as_str()), ("not-allowed", "BitbucketOAuthenticator.allowed_teams"));
    assert!(fix.contains("write `Team A` instead of `team-a`"), "{fix}");

    let (code, ..) = short(class, teams, &[token, user, ("?role=member", 403, NO, "{}")]);
    assert_eq!(code, "scope-missing");
}

#[test]
fn auth0_names_the_rule_about_addresses() {
    let class = "Auth0OAuthenticator";
    let options = "auth0_domain = 't.auth0.com'\nallowed_users = {'a@b.c'}";
    let token = ("/oauth/token", 200, NO, TOKEN);
    let failed = failure(class, options, &[token, ("/userinfo", 200, NO, r#"{"email": "a@b.c"}"#)]);
    assert_eq!((failed.code, failed.hub_status), ("email-unverified", Some(403)));
    assert_eq!(failed.setting.as_deref(), Some("Auth0OAuthenticator.allow_unverified_email"));

    let nickname = "auth0_domain = 't.auth0.com'\nusername_claim = 'nickname'";
    let (code, setting, _) = short(class, nickname, &[token, ("/userinfo", 200, NO, r#"{"nickname": "a"}"#)]);
    assert_eq!((code, setting.as_str()), ("claim-missing", "Auth0OAuthenticator.scope"));
}

#[test]
fn azure_names_claims_that_it_leaves_out() {
    let class = "AzureAdOAuthenticator";
    let upn = "username_claim = 'upn'";
    // The payload is {"name": "Alice"}.
    let token = ("/token", 200, NO, r#"{"access_token": "AT", "id_token": "e30.eyJuYW1lIjogIkFsaWNlIn0.c2ln"}"#);
    let (code, setting, fix) = short(class, upn, &[token]);
    assert_eq!((code, setting.as_str()), ("claim-missing", "AzureAdOAuthenticator.username_claim"));
    assert!(fix.contains("Token configuration"), "{fix}");

    let (code, setting, fix) = short(class, "username_claim = 'preferred_username'", &[token]);
    assert_eq!((code, setting.as_str()), ("claim-missing", "AzureAdOAuthenticator.username_claim"));
    assert!(fix.contains("such as `name`"), "{fix}");

    let (code, setting, _) = short(class, upn, &[("/token", 200, NO, TOKEN)]);
    assert_eq!((code, setting.as_str()), ("no-id-token", "AzureAdOAuthenticator.scope"));
}

#[test]
fn openshift_names_the_cluster_that_does_not_answer() {
    let class = "OpenShiftOAuthenticator";
    let cluster = "openshift_url = 'https://cluster.example'";
    let failed = failure(class, cluster, &[]);
    assert_eq!((failed.code, failed.stage, failed.hub_status), ("discovery-failed", Stage::Authorize, Some(500)));
    assert_eq!(failed.setting.as_deref(), Some("OpenShiftOAuthenticator.openshift_url"));

    let metadata = ("/oauth-authorization-server", 200, NO, r#"{"issuer": "https://auth.example"}"#);
    let token = ("https://auth.example/oauth/token", 200, NO, TOKEN);
    let (code, setting, _) = short(class, cluster, &[metadata, token, ("/users/~", 200, NO, r#"{"kind": "Status"}"#)]);
    assert_eq!((code, setting.as_str()), ("userdata-not-user", "OpenShiftOAuthenticator.userdata_url"));
}
