//! The pages of the online rules are tests: a page holds a configuration and what the provider answers, and fires its
//! own rule and no other. And real providers' answers, each with what it tells.

use std::cell::RefCell;

use url::Url;

use super::{Asking, Skew, ask};
use crate::check::{NoDisk, Target, check_with, checks, needs_network};
use crate::diagnostic::{Diagnostic, Level};
use crate::failure::Raised;
use crate::http::{Answer, Call, Exchange, Http, bare, check_status};
use crate::source::load::{Request, load_text};

/// Thu, 01 Oct 2026 12:00:00 GMT.
const NOON: f64 = 1_790_856_000.0;

/// A provider that gives the answers of a page, and else answers as a good one that has no discovery document.
#[derive(Default)]
struct Fake {
    answers: Vec<(String, Result<Answer, Raised>)>,
    exchanges: RefCell<Vec<Exchange>>,
}

impl Fake {
    /// From blocks: `METHOD URL [Basic]`, a blank line, `HTTP/1.1 STATUS`, headers, a blank line, the body.
    fn of(blocks: &[String]) -> Fake {
        let answers = blocks.iter().map(|block| {
            let (request, answer) = block.split_once("\n\n").unwrap();
            let answer = match answer.strip_prefix("no answer: ") {
                Some(why) => {
                    let (class, message) = why.trim().split_once(": ").unwrap();
                    Err(Raised::python(class, message))
                }
                None => Ok(parsed(answer)),
            };
            (request.trim().to_owned(), answer)
        });
        Fake { answers: answers.collect(), exchanges: RefCell::default() }
    }

    fn answer(&self, call: &Call) -> Result<Answer, Raised> {
        let basic = call.headers.iter().any(|(name, _)| name == "Authorization");
        let how = if basic { " Basic" } else { "" };
        let how = if call.url.ends_with("&prompt=none") { " prompt=none" } else { how };
        let request = format!("{} {}{how}", call.method, bare(&call.url));
        match self.answers.iter().find(|(known, _)| *known == request) {
            Some((_, answer)) => answer.clone(),
            None if call.url.contains("/.well-known/") => Ok(parsed("HTTP/1.1 404\n\nnot here")),
            None if call.method == "POST" && basic => Ok(parsed("HTTP/1.1 401\n\n{\"error\": \"invalid_client\"}")),
            None if call.method == "POST" => Ok(parsed("HTTP/1.1 400\n\n{\"error\": \"invalid_grant\"}")),
            None if call.url.contains("response_type=code") => Ok(parsed("HTTP/1.1 302\nLocation: /login?next=x\n\n")),
            None => Ok(parsed("HTTP/1.1 401\n\nwho are you")),
        }
    }

    fn skew(&self) -> Option<Skew> {
        let exchanges = self.exchanges.borrow();
        let answers = exchanges.iter().filter_map(|exchange| exchange.answer.as_ref());
        answers.filter_map(|answer| Skew::of(answer, "login.example.org", NOON)).next()
    }
}

fn parsed(text: &str) -> Answer {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answer { status, reason: "x".into(), headers, body: body.trim_end().as_bytes().to_vec() }
}

impl Http for Fake {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        assert!(Url::parse(&call.url).is_ok(), "{}", call.url);
        let answer = self.answer(call);
        self.exchanges.borrow_mut().push(Exchange {
            stage: call.stage,
            method: call.method.into(),
            url: call.url.clone(),
            request_headers: call.headers.clone(),
            form: call.form.clone(),
            answer: answer.as_ref().ok().cloned(),
            error: answer.as_ref().err().map(Raised::message),
            elapsed: std::time::Duration::ZERO,
        });
        check_status(answer?)
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }
}

fn found(config: &str, fake: &Fake, verbose: bool) -> Vec<Diagnostic> {
    let loaded = load_text(config, &Request::default()).unwrap();
    let asking = Asking {
        hub: fake,
        browser: fake,
        now: &|| NOON,
        random: &|bytes| bytes.fill(7),
        skew: &|| fake.skew(),
        proxy: None,
        verbose,
    };
    check_with(&loaded, &NoDisk, Target::default(), &|cx| ask(cx, &asking)).findings
}

/// The configuration and the provider's answers below a heading.
fn blocks(page: &str, heading: &str) -> (String, Vec<String>) {
    let section = page.split_once(&format!("\n## {heading}\n")).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap();
    let (mut config, mut answers) = (String::new(), Vec::new());
    for block in section.split("```").skip(1).step_by(2) {
        match block.split_once('\n').unwrap() {
            ("python", text) => config.push_str(text),
            ("http", text) => answers.push(text.to_owned()),
            (other, _) => panic!("a block of `{other}`"),
        }
    }
    (config, answers)
}

fn shown(findings: &[Diagnostic]) -> String {
    findings
        .iter()
        .map(|one| format!("  {}[{}]: {} {:?}\n", one.level.name(), one.rule, one.message, one.notes))
        .collect()
}

#[test]
fn every_page_fires_its_rule_and_no_other() {
    let mut wrong = String::new();
    for check in checks().filter(|check| needs_network(check.id)) {
        let (config, answers) = blocks(check.doc, "Example");
        let findings = found(&config, &Fake::of(&answers), check.id == "not-told");
        let own = findings.iter().any(|one| one.rule == check.id && one.level == check.level);
        let others = findings.iter().any(|one| one.rule != check.id && one.level != Level::Note);
        if !own || others {
            wrong += &format!("{}\n{}", check.id, shown(&findings));
        }
        let placed = findings.iter().filter(|one| one.rule == check.id).all(|one| one.setting.is_some());
        assert!(placed, "{}", check.id);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_to_use_instead_fires_nothing() {
    let mut wrong = String::new();
    for check in checks().filter(|check| needs_network(check.id)) {
        let (config, answers) = blocks(check.doc, "Use instead");
        if config.is_empty() {
            continue;
        }
        let findings = found(&config, &Fake::of(&answers), false);
        if findings.iter().any(|one| one.level != Level::Note || one.rule == check.id) {
            wrong += &format!("{}\n{}", check.id, shown(&findings));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn generic(base: &str, more: &str) -> String {
    format!(
        "c.JupyterHub.authenticator_class = 'generic-oauth'
c.GenericOAuthenticator.client_id = 'jupyterhub'
c.GenericOAuthenticator.client_secret = 'kx81-Rw0pLq'
c.GenericOAuthenticator.oauth_callback_url = 'https://hub.example.org/hub/oauth_callback'
c.GenericOAuthenticator.authorize_url = '{base}/authorize'
c.GenericOAuthenticator.token_url = '{base}/token'
c.GenericOAuthenticator.userdata_url = '{base}/userinfo'
c.GenericOAuthenticator.username_claim = 'preferred_username'
c.GenericOAuthenticator.scope = ['openid']
c.GenericOAuthenticator.allowed_users = {{'ann'}}
{more}"
    )
}

fn stock(name: &str, class: &str, more: &str) -> String {
    format!(
        "c.JupyterHub.authenticator_class = '{name}'
c.{class}.client_id = 'jupyterhub'
c.{class}.client_secret = 'kx81-Rw0pLq'
c.{class}.oauth_callback_url = 'https://hub.example.org/hub/oauth_callback'
c.{class}.allowed_users = {{'ann'}}
{more}"
    )
}

/// The rules at level error or warning, with the option each is about.
fn grave(config: &str, answers: &[(&str, &str)]) -> Vec<String> {
    let blocks: Vec<String> = answers.iter().map(|(request, answer)| format!("{request}\n\n{answer}")).collect();
    let findings = found(config, &Fake::of(&blocks), false);
    let grave = findings.iter().filter(|one| one.level != Level::Note && needs_network(one.rule));
    let option = |one: &Diagnostic| {
        one.setting.as_deref().and_then(|name| name.rsplit('.').next()).unwrap_or_default().to_owned()
    };
    grave.map(|one| format!("{} {}", one.rule, option(one))).collect()
}

/// What real providers answer to a token request with a made-up code: the first with the right client, the others with
/// a wrong one. From their documentation and from reports of operators.
#[test]
fn token_answers_of_real_providers() {
    let github = stock("github", "GitHubOAuthenticator", "");
    let google = stock("google", "GoogleOAuthenticator", "");
    let gitlab = stock("gitlab", "GitLabOAuthenticator", "");
    let auth0 = stock("auth0", "Auth0OAuthenticator", "c.Auth0OAuthenticator.auth0_domain = 'x.eu.auth0.com'\n");
    let azure = stock(
        "azuread",
        "AzureAdOAuthenticator",
        "c.AzureAdOAuthenticator.tenant_id = 'f0a1b2c3-0000-4000-8000-0123456789ab'\n",
    );
    let azure_token = "POST https://login.microsoftonline.com/f0a1b2c3-0000-4000-8000-0123456789ab/oauth2/token";
    let bitbucket = stock("bitbucket", "BitbucketOAuthenticator", "");
    let globus = stock("globus", "GlobusOAuthenticator", "");
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            &github,
            "POST https://github.com/login/oauth/access_token",
            r#"HTTP/1.1 200

{"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."}"#,
            &[],
        ),
        (
            &github,
            "POST https://github.com/login/oauth/access_token",
            r#"HTTP/1.1 200

{"error": "incorrect_client_credentials", "error_description": "The client_id and/or client_secret passed are incorrect."}"#,
            &["client-refused client_secret"],
        ),
        (
            &github,
            "POST https://github.com/login/oauth/access_token",
            "HTTP/1.1 404\n\n{\"error\": \"Not Found\"}",
            &["client-refused client_id"],
        ),
        (
            &google,
            "POST https://www.googleapis.com/oauth2/v4/token",
            r#"HTTP/1.1 400

{"error": "invalid_grant", "error_description": "Malformed auth code."}"#,
            &[],
        ),
        (
            &google,
            "POST https://www.googleapis.com/oauth2/v4/token",
            r#"HTTP/1.1 401

{"error": "invalid_client", "error_description": "Unauthorized"}"#,
            &["client-refused client_secret"],
        ),
        (
            &google,
            "POST https://www.googleapis.com/oauth2/v4/token",
            r#"HTTP/1.1 401

{"error": "invalid_client", "error_description": "The OAuth client was not found."}"#,
            &["client-refused client_id"],
        ),
        (
            &google,
            "POST https://www.googleapis.com/oauth2/v4/token",
            "HTTP/1.1 400\n\n{\"error\": \"redirect_uri_mismatch\", \"error_description\": \"Bad Request\"}",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        (
            &gitlab,
            "POST https://gitlab.com/oauth/token",
            r#"HTTP/1.1 400

{"error": "invalid_grant", "error_description": "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."}"#,
            &[],
        ),
        (
            &gitlab,
            "POST https://gitlab.com/oauth/token",
            r#"HTTP/1.1 401

{"error": "invalid_client", "error_description": "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."}"#,
            &["client-refused client_secret"],
        ),
        (
            &auth0,
            "POST https://x.eu.auth0.com/oauth/token",
            r#"HTTP/1.1 403

{"error": "invalid_grant", "error_description": "Invalid authorization code"}"#,
            &[],
        ),
        (
            &auth0,
            "POST https://x.eu.auth0.com/oauth/token",
            r#"HTTP/1.1 401

{"error": "access_denied", "error_description": "Unauthorized"}"#,
            &["client-refused client_secret"],
        ),
        (
            &azure,
            azure_token,
            r#"HTTP/1.1 400

{"error": "invalid_grant", "error_description": "AADSTS9002313: Invalid request. Request is malformed or invalid.", "error_codes": [9002313]}"#,
            &[],
        ),
        (
            &azure,
            azure_token,
            r#"HTTP/1.1 401

{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID"}"#,
            &["client-refused client_secret"],
        ),
        (
            &azure,
            azure_token,
            r#"HTTP/1.1 401

{"error": "invalid_client", "error_description": "AADSTS7000222: The provided client secret keys for app are expired."}"#,
            &["client-refused client_secret"],
        ),
        (
            &azure,
            azure_token,
            r#"HTTP/1.1 400

{"error": "unauthorized_client", "error_description": "AADSTS700016: Application with identifier 'jupyterhub' was not found in the directory"}"#,
            &["client-refused client_id"],
        ),
        (
            &azure,
            azure_token,
            r#"HTTP/1.1 400

{"error": "invalid_request", "error_description": "AADSTS90002: Tenant 'f0a1b2c3-0000-4000-8000-0123456789ab' not found."}"#,
            &["realm-not-found tenant_id"],
        ),
        (
            &bitbucket,
            "POST https://bitbucket.org/site/oauth2/access_token",
            r#"HTTP/1.1 400

{"error_description": "Invalid OAuth client credentials", "error": "unauthorized_client"}"#,
            &["client-refused client_secret"],
        ),
        (
            &globus,
            "POST https://auth.globus.org/v2/oauth2/token",
            "HTTP/1.1 401\n\n{\"error\": \"invalid_client\"}",
            &["client-refused client_secret"],
        ),
    ];
    for (config, request, answer, expected) in cases {
        assert_eq!(grave(config, &[(request, answer)]), *expected, "{request}\n{answer}");
    }
}

#[test]
fn authorize_answers_of_real_providers() {
    let config = generic("https://id.example.org", "");
    let google_error = "/signin/oauth/error?authError=ChVyZWRpcmVjdF91cmlfbWlzbWF0Y2gSsAEKWW91IGNhbid0";
    let cases: &[(&str, &[&str])] = &[
        // Keycloak.
        (
            "HTTP/1.1 400\nContent-Type: text/html\n\n<p class=x>Invalid parameter: redirect_uri</p>",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        ("HTTP/1.1 400\nContent-Type: text/html\n\n<p class=x>Client not found.</p>", &["client-refused client_id"]),
        // Okta.
        (
            "HTTP/1.1 400\nContent-Type: text/html\n\nThe &#39;redirect_uri&#39; parameter must be a Login redirect URI in the client app settings",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        // Auth0.
        (
            "HTTP/1.1 403\nContent-Type: text/html\n\n<h1>Callback URL mismatch.</h1>",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        // Google: an error in base64, and Amazon Cognito: in the clear.
        (&format!("HTTP/1.1 302\nLocation: {google_error}\n\n"), &["redirect-uri-refused oauth_callback_url"]),
        (
            "HTTP/1.1 302\nLocation: /error?error=redirect_mismatch&client_id=x\n\n",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        // Microsoft: errors come with status 200.
        (
            "HTTP/1.1 200\nContent-Type: text/html\n\nSorry, but AADSTS50011: The reply URL specified in the request does not match",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        (
            "HTTP/1.1 200\nContent-Type: text/html\n\n<script>$Config={\"strServiceExceptionMessage\":\"AADSTS700016: Application with identifier 'x' was not found\",\"a\":1}</script>",
            &["client-refused client_id"],
        ),
        // npm's oidc-provider.
        (
            "HTTP/1.1 400\nContent-Type: text/html\n\nerror: invalid_redirect_uri error_description: redirect_uri did not match any of the client's registered redirect_uris",
            &["redirect-uri-refused oauth_callback_url"],
        ),
        // Keycloak, at the redirect_uri: the client may not use this flow.
        (
            "HTTP/1.1 302\nLocation: https://hub.example.org/hub/oauth_callback?error=unauthorized_client&error_description=Client+is+not+allowed\n\n",
            &["authorize-refused client_id"],
        ),
        // Logins: the page may well speak of redirect_uri and client_id.
        (
            "HTTP/1.1 200\nContent-Type: text/html\n\n<input name=redirect_uri> your client_id is invalid_client redirect_uri",
            &[],
        ),
        ("HTTP/1.1 302\nLocation: https://login.example.net/login?redirect_uri=x&client_id=y\n\n", &[]),
        ("HTTP/1.1 302\nLocation: https://hub.example.org/hub/oauth_callback?error=login_required\n\n", &[]),
        ("HTTP/1.1 403\nContent-Type: text/html\n\nForbidden: /authorize?client_id=hub&redirect_uri=https://x", &[]),
        // Somebody who takes us for a robot.
        ("HTTP/1.1 403\nContent-Type: text/html\n\n<h1>Attention required</h1>", &[]),
    ];
    for (answer, expected) in cases {
        assert_eq!(grave(&config, &[("GET https://id.example.org/authorize", answer)]), *expected, "{answer}");
    }
}

#[test]
fn a_secret_is_sent_only_where_it_may_go() {
    let sent = |config: &str| {
        let fake = Fake::default();
        found(config, &fake, false);
        let exchanges = fake.exchanges();
        exchanges.iter().any(|exchange| exchange.form.iter().any(|(name, _)| name == "client_secret"))
    };
    assert!(sent(&generic("https://id.example.org", "")));
    assert!(sent(&generic("http://127.0.0.1:8080", "")));
    assert!(!sent(&generic("http://id.example.org", "")));
    assert!(!sent(&generic("https://id.example.org", "c.GenericOAuthenticator.client_secret = 'CHANGEME'\n")));
    assert!(!sent(&generic("https://id.example.org", "c.GenericOAuthenticator.client_secret = ''\n")));
}

#[test]
fn a_realm_at_the_other_base_path_is_found() {
    let base = "https://id.example.org/realms/campus/protocol/openid-connect";
    let config = generic(base, "").replace("openid-connect/authorize", "openid-connect/auth");
    let answers = [(
        "GET https://id.example.org/auth/realms/campus/.well-known/openid-configuration",
        "HTTP/1.1 200\n\n{\"issuer\": \"https://id.example.org/auth/realms/campus\"}",
    )];
    assert_eq!(grave(&config, &answers), ["realm-not-found token_url"]);
    // A proxy that hides the document says nothing about the realm.
    assert!(grave(&config, &[]).is_empty());
}

#[test]
fn a_provider_that_is_away_is_told_once() {
    let config = generic("https://id.example.org", "");
    let away = "no answer: gaierror: no such name";
    let answers: Vec<(String, &str)> = [
        "GET https://id.example.org/.well-known/openid-configuration",
        "GET https://id.example.org/authorize",
        "POST https://id.example.org/token",
        "GET https://id.example.org/userinfo",
    ]
    .map(|request| (request.to_owned(), away))
    .into();
    let answers: Vec<(&str, &str)> = answers.iter().map(|(request, answer)| (request.as_str(), *answer)).collect();
    assert_eq!(grave(&config, &answers), ["provider-unreachable token_url"]);
}

#[test]
fn a_comment_hides_what_the_provider_said() {
    let config = generic("https://id.example.org", "")
        .replace("'kx81-Rw0pLq'", "'kx81-Rw0pLq'  # oauthctl: ignore[client-refused]");
    let refused = ("POST https://id.example.org/token", "HTTP/1.1 401\n\n{\"error\": \"invalid_client\"}");
    assert!(grave(&config, &[refused]).is_empty());
}

#[test]
fn a_redirect_to_https_is_told_without_the_secret() {
    let config = generic("http://id.example.org", "");
    let moved = ("POST http://id.example.org/token", "HTTP/1.1 301\nLocation: https://id.example.org/token\n\n");
    assert!(grave(&config, &[moved]).contains(&"endpoint-redirects token_url".to_owned()));
}

#[test]
fn an_error_that_only_says_that_nobody_is_there_is_none() {
    let config = generic("https://id.example.org", "");
    let document = r#"HTTP/1.1 200

{"issuer": "https://id.example.org", "token_endpoint": "https://id.example.org/token"}"#;
    // Google calls it so.
    let silent = "HTTP/1.1 302\nLocation: https://hub.example.org/hub/oauth_callback?error=immediate_failed\n\n";
    let answers = [
        ("GET https://id.example.org/.well-known/openid-configuration", document),
        ("GET https://id.example.org/authorize prompt=none", silent),
    ];
    assert_eq!(grave(&config, &answers), Vec::<String>::new());
    let refused = "HTTP/1.1 302\nLocation: https://hub.example.org/hub/oauth_callback?error=invalid_scope\n\n";
    let answers = [answers[0], ("GET https://id.example.org/authorize prompt=none", refused)];
    assert_eq!(grave(&config, &answers), ["scope-refused scope"]);
    // Now the client is known: it must be the secret.
    let answers = [
        answers[0],
        ("GET https://id.example.org/authorize prompt=none", silent),
        ("POST https://id.example.org/token", "HTTP/1.1 401\n\n{\"error\": \"invalid_client\"}"),
    ];
    let blocks: Vec<String> = answers.iter().map(|(request, answer)| format!("{request}\n\n{answer}")).collect();
    let findings = found(&config, &Fake::of(&blocks), false);
    let told = findings.iter().find(|one| one.rule == "client-refused").unwrap();
    assert_eq!(told.message, "the provider knows the client, and refuses its secret");
}
