//! The same mistakes in every form that a configuration takes, with several classes: each is found, at its line.
//!
//! What each rule is about comes from the failures that operators met; a good configuration of each class, in each form,
//! is the control.

use std::fmt::Write as _;

use oauthctl::check::{NoDisk, check};
use oauthctl::diagnostic::{Diagnostic, Level};
use oauthctl::json;
use oauthctl::settings;
use oauthctl::source::Env;
use oauthctl::source::load::{Request, load};
use serde_json::{Map, Value as Json};

use crate::support::scratch;

/// What a good configuration of each class holds.
const GOOD: &[(&str, &str)] = &[
    (
        "generic-oauth",
        r#"{"authorize_url": "https://idp.example.org/authorize", "token_url": "https://idp.example.org/token", "userdata_url": "https://idp.example.org/userinfo", "username_claim": "preferred_username", "scope": ["openid"]}"#,
    ),
    ("github", "{}"),
    ("gitlab", "{}"),
    ("bitbucket", "{}"),
    ("globus", "{}"),
    ("google", r#"{"hosted_domain": ["example.org"]}"#),
    ("auth0", r#"{"auth0_domain": "t.eu.auth0.com", "scope": ["openid", "email"]}"#),
    ("azuread", r#"{"tenant_id": "0f2a6c1d-9b3e-4f57-8a1c-1a2b3c4d5e6f", "username_claim": "upn"}"#),
    (
        "cilogon",
        r#"{"idps": {"https://idp.example.edu/idp/shibboleth": {"username_derivation": {"username_claim": "eppn"}}}}"#,
    ),
    ("mediawiki", r#"{"mw_index_url": "https://meta.wikimedia.org/w/index.php"}"#),
    ("openshift", r#"{"openshift_url": "https://api.c.example.org"}"#),
];

/// The class, what is set on top (`-option` takes one away), the rule, and the option at whose line it is found.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("github", r#"{"allowed_user": ["a"]}"#, "unknown-option", "allowed_user"),
    ("gitlab", r#"{"project_ids": [3]}"#, "unknown-option", "project_ids"),
    ("google", r#"{"allowed_domains": ["a.org"]}"#, "unknown-option", "allowed_domains"),
    ("generic-oauth", r#"{"clientId": "x"}"#, "unknown-option", "clientId"),
    ("github", r#"{"allowed_teams": ["o:t"]}"#, "unknown-option", "allowed_teams"),
    ("openshift", r#"{"block_users": ["a"]}"#, "unknown-option", "block_users"),
    ("generic-oauth", r#"{"client_id": " Iv1.0f2a6c1d9b"}"#, "stray-whitespace", "client_id"),
    ("gitlab", r#"{"client_secret": "k3Jd82hs71\n"}"#, "stray-whitespace", "client_secret"),
    ("generic-oauth", r#"{"client_id": "\"abc\""}"#, "stray-quotes", "client_id"),
    ("auth0", r#"{"client_id": "'abc'"}"#, "stray-quotes", "client_id"),
    ("azuread", r#"{"client_secret": "0f2a6c1d-9b3e-4f57-8a1c-1a2b3c4d5e6f"}"#, "secret-id", "client_secret"),
    ("github", r#"{"client_secret": "********"}"#, "masked-secret", "client_secret"),
    ("gitlab", r#"{"client_secret": "changeme"}"#, "placeholder", "client_secret"),
    ("google", r#"{"client_id": "<insert client id>"}"#, "placeholder", "client_id"),
    ("auth0", r#"{"client_id": "REPLACE_ME"}"#, "placeholder", "client_id"),
    ("github", r#"{"client_id": "$CLIENT_ID"}"#, "unexpanded-variable", "client_id"),
    ("github", r#"{"client_id": 12345}"#, "wrong-type", "client_id"),
    ("gitlab", r#"{"allow_all": "true"}"#, "wrong-type", "allow_all"),
    ("google", r#"{"allowed_google_groups": ["a"]}"#, "wrong-type", "allowed_google_groups"),
    ("bitbucket", r#"{"admin_users": {"a": 1}}"#, "wrong-type", "admin_users"),
    ("azuread", r#"{"auth_refresh_age": "60"}"#, "wrong-type", "auth_refresh_age"),
    ("generic-oauth", r#"{"allowed_groups": ["a"]}"#, "groups-without-manage-groups", "allowed_groups"),
    ("github", r#"{"admin_groups": ["a"]}"#, "groups-without-manage-groups", "admin_groups"),
    ("openshift", r#"{"allowed_groups": ["a"]}"#, "groups-without-manage-groups", "allowed_groups"),
    ("auth0", r#"{"username_key": "email"}"#, "deprecated-option", "username_key"),
    ("bitbucket", r#"{"team_whitelist": ["a"]}"#, "deprecated-option", "team_whitelist"),
    ("generic-oauth", r#"{"tls_verify": false}"#, "deprecated-without-effect", "tls_verify"),
    ("openshift", r#"{"validate_cert": false}"#, "deprecated-without-effect", "validate_cert"),
    ("cilogon", r#"{"shown_idps": ["https://a.org/idp"]}"#, "removed-option", "shown_idps"),
    ("cilogon", r#"{"additional_username_claims": ["email"]}"#, "removed-option", "additional_username_claims"),
    ("cilogon", r#"{"idps": ["https://a.org"]}"#, "wrong-type", "idps"),
    (
        "cilogon",
        r#"{"idps": {"uni.edu": {"username_derivation": {"username_claim": "eppn"}}}}"#,
        "idp-not-an-entity-id",
        "idps",
    ),
    ("cilogon", r#"{"idps": {"https://uni.edu": {"default": true}}}"#, "bad-idp", "idps"),
    ("generic-oauth", r#"{"username_key": "sub"}"#, "conflicting-names", "username_key"),
    ("generic-oauth", r#"{"userdata_from_id_token": true}"#, "userdata-url-and-id-token", "userdata_url"),
    ("generic-oauth", r#"{"allowed_scopes": ["x"]}"#, "allowed-scopes-not-requested", "allowed_scopes"),
    ("generic-oauth", r#"{"scope": ["openid,profile"]}"#, "unjoined-scopes", "scope"),
    ("github", r#"{"admin_users": ["alice,bob"]}"#, "unsplit-names", "admin_users"),
    ("google", r#"{"admin_users": ["g", "u", "i", "l"]}"#, "one-letter-names", "admin_users"),
    ("gitlab", r#"{"blocked_users": ["Alice"]}"#, "uppercase-blocked-user", "blocked_users"),
    ("mediawiki", r#"{"blocked_users": ["Alice Smith"]}"#, "uppercase-blocked-user", "blocked_users"),
    ("github", r#"{"username_map": {"Alice": "b"}}"#, "uppercase-map-key", "username_map"),
    ("globus", r#"{"username_map": {"alice": "b", "b": "c"}}"#, "chained-username-map", "username_map"),
    ("github", r#"{"username_pattern": "["}"#, "bad-username-pattern", "username_pattern"),
    ("gitlab", r#"{"admin_users": ["a/b"]}"#, "invalid-username", "admin_users"),
    ("github", r#"{"admin_users": ["a@b.org"]}"#, "email-in-user-list", "admin_users"),
    ("mediawiki", r#"{"admin_users": ["alice"]}"#, "lowercase-wiki-name", "admin_users"),
    ("generic-oauth", r#"{"username_claim": "ocs.data.id"}"#, "nested-username-claim", "username_claim"),
    ("github", r#"{"username_claim": "email"}"#, "email-claim-often-empty", "username_claim"),
    ("github", r#"{"oauth_callback_url": "https://hub.example.edu/hub/login"}"#, "callback-path", "oauth_callback_url"),
    (
        "google",
        r#"{"oauth_callback_url": "https://hub.example.edu/hub/oauth_callback/"}"#,
        "callback-path",
        "oauth_callback_url",
    ),
    (
        "generic-oauth",
        r#"{"oauth_callback_url": "http://hub.example.edu/hub/oauth_callback"}"#,
        "callback-http",
        "oauth_callback_url",
    ),
    (
        "google",
        r#"{"oauth_callback_url": "https://10.1.2.3/hub/oauth_callback"}"#,
        "callback-host",
        "oauth_callback_url",
    ),
    (
        "gitlab",
        r#"{"oauth_callback_url": "hub.example.edu/hub/oauth_callback"}"#,
        "url-not-absolute",
        "oauth_callback_url",
    ),
    ("generic-oauth", r#"{"token_url": "/token"}"#, "url-not-absolute", "token_url"),
    ("generic-oauth", r#"{"token_url": "https://idp.example.org/userinfo"}"#, "wrong-endpoint", "token_url"),
    (
        "generic-oauth",
        r#"{"userdata_url": "https://x.auth.eu-west-1.amazoncognito.com/oauth2/userinfo"}"#,
        "wrong-endpoint",
        "userdata_url",
    ),
    ("mediawiki", r#"{"mw_index_url": "https://meta.wikimedia.org/wiki/"}"#, "wrong-endpoint", "mw_index_url"),
    (
        "generic-oauth",
        r#"{"token_url": "https://idp.example.org/.well-known/openid-configuration"}"#,
        "discovery-document-url",
        "token_url",
    ),
    ("generic-oauth", r#"{"token_url": "http://idp.example.org/token"}"#, "url-http", "token_url"),
    (
        "generic-oauth",
        r#"{"authorize_url": "http://sso.ns.svc.cluster.local/authorize"}"#,
        "authorize-url-internal",
        "authorize_url",
    ),
    (
        "generic-oauth",
        r#"{"authorize_url": "http://keycloak:8080/authorize"}"#,
        "authorize-url-internal",
        "authorize_url",
    ),
    ("generic-oauth", r#"{"authorize_url": "https://https//idp.example.org/authorize"}"#, "url-host", "authorize_url"),
    ("auth0", r#"{"auth0_domain": "https://t.eu.auth0.com"}"#, "domain-with-scheme", "auth0_domain"),
    ("azuread", r#"{"tenant_id": "https://login.microsoftonline.com/contoso"}"#, "domain-with-scheme", "tenant_id"),
    ("github", r#"{"-allow_all": 0, "allowed_organizations": ["o"]}"#, "missing-scope", "allowed_organizations"),
    ("gitlab", r#"{"-allow_all": 0, "allowed_project_ids": [1]}"#, "missing-scope", "allowed_project_ids"),
    ("google", r#"{"scope": ["openid"]}"#, "missing-email-scope", "scope"),
    ("azuread", r#"{"scope": ["email"]}"#, "missing-openid-scope", "scope"),
    ("auth0", r#"{"allow_unverified_email": true}"#, "unverified-email-allowed", "allow_unverified_email"),
    ("github", r#"{"validate_server_cert": false}"#, "certificate-not-checked", "validate_server_cert"),
    ("gitlab", r#"{"http_request_kwargs": {"verify": false}}"#, "unknown-request-argument", "http_request_kwargs"),
    (
        "google",
        r#"{"http_request_kwargs": {"proxy_host": "p", "proxy_port": 1}}"#,
        "proxy-needs-pycurl",
        "http_request_kwargs",
    ),
    ("generic-oauth", r#"{"token_params": {"grant_type": "x"}}"#, "overridden-token-parameter", "token_params"),
    ("bitbucket", r#"{"token_params": {"client_id": "x"}}"#, "overridden-token-parameter", "token_params"),
    ("github", r#"{"refresh_pre_spawn": true}"#, "refresh-without-auth-state", "refresh_pre_spawn"),
    ("mediawiki", r#"{"enable_auth_state": true}"#, "mediawiki-refresh", "enable_auth_state"),
    (
        "generic-oauth",
        r#"{"manage_groups": true, "auth_state_groups_key": "groups"}"#,
        "groups-key-leads-nowhere",
        "auth_state_groups_key",
    ),
    (
        "azuread",
        r#"{"manage_groups": true, "auth_state_groups_key": "oauth_user.groups"}"#,
        "groups-key-leads-nowhere",
        "auth_state_groups_key",
    ),
    ("github", r#"{"manage_groups": true}"#, "groups-key-missing", "manage_groups"),
    ("globus", r#"{"manage_groups": true}"#, "globus-groups-scope", "manage_groups"),
    (
        "globus",
        r#"{"-allow_all": 0, "allowed_scopes": ["openid", "profile"]}"#,
        "allowed-scopes-unknown",
        "allowed_scopes",
    ),
    (
        "google",
        r#"{"-allow_all": 0, "allowed_google_groups": {"example.org": ["a"]}}"#,
        "google-groups-keys",
        "allowed_google_groups",
    ),
    (
        "github",
        r#"{"-allow_all": 0, "allowed_users": ["a"], "blocked_users": ["a"]}"#,
        "user-blocked-and-allowed",
        "blocked_users",
    ),
    ("gitlab", r#"{"admin_users": ["a"], "allowed_users": ["b"]}"#, "allow-all-overrides", "allow_all"),
];

fn object(text: &str) -> Map<String, Json> {
    serde_json::from_str(text).unwrap()
}

fn options(name: &str, over: &str) -> Map<String, Json> {
    let mut all = object(
        r#"{"client_id": "Iv1.0f2a6c1d9b", "client_secret": "k3Jd82hs71Ksh2", "oauth_callback_url": "https://hub.example.edu/hub/oauth_callback", "allow_all": true}"#,
    );
    if name == "mediawiki" {
        all.remove("oauth_callback_url");
    }
    all.extend(object(GOOD.iter().find(|(class, _)| *class == name).unwrap().1));
    for (option, value) in object(over) {
        match option.strip_prefix('-') {
            Some(gone) => drop(all.remove(gone)),
            None => drop(all.insert(option, value)),
        }
    }
    all
}

/// The forms: a file's name, its text.
fn forms(name: &str, class: &str, options: &Map<String, Json>) -> Vec<(&'static str, String)> {
    let mut python = format!("c.JupyterHub.authenticator_class = '{name}'\n");
    let mut yaml = String::new();
    for (option, value) in options {
        let literal = json::parse(&value.to_string()).unwrap().repr();
        let _ = writeln!(python, "c.{class}.{option} = {literal}");
        // JSON is YAML, too.
        let _ = writeln!(yaml, "{option}: {value}");
    }
    let indented =
        |text: &str, by: usize| -> String { text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect() };
    let config = format!("JupyterHub:\n  authenticator_class: {name}\n{class}:\n{}", indented(&yaml, 2));
    let lines: Vec<String> =
        options.iter().map(|(option, value)| format!("{}: {value}", Json::from(option.as_str()))).collect();
    vec![
        ("jupyterhub_config.py", python.clone()),
        ("values.yaml", format!("hub:\n  config:\n{}", indented(&config, 4))),
        ("nested.yaml", format!("jupyterhub:\n  hub:\n    config:\n{}", indented(&config, 6))),
        ("snippet.yaml", format!("hub:\n  extraConfig:\n    auth: |\n{}", indented(&python, 6))),
        ("config.yaml", format!("auth:\n  type: {name}\n  {class}:\n{}", indented(&yaml, 4))),
        (
            "jupyterhub_config.json",
            format!(
                "{{\"JupyterHub\": {{\"authenticator_class\": \"{name}\"}},\n\"{class}\": {{\n{}\n}}}}\n",
                lines.join(",\n")
            ),
        ),
    ]
}

fn class_of(name: &str) -> &'static str {
    settings::classes().iter().find(|def| def.entry_points.contains(&name)).unwrap().name
}

fn found(folder: &std::path::Path, file: &str, text: &str) -> Vec<Diagnostic> {
    let path = folder.join(file);
    std::fs::write(&path, text).unwrap();
    let request =
        Request { config: Some(path.clone()), env: Env::default(), folder: folder.to_owned(), ..Request::default() };
    let found = check(&load(&request).unwrap(), &NoDisk).findings;
    std::fs::remove_file(path).unwrap();
    found
}

#[test]
fn a_mistake_is_found_in_every_form_at_its_line() {
    let folder = scratch("check-variants");
    let mut missing = Vec::new();
    for (name, over, rule, option) in MISTAKES {
        for (file, text) in forms(name, class_of(name), &options(name, over)) {
            let is_key = |line: &str| {
                let rest = line.trim_start().trim_start_matches('"').rsplit_once(&format!("Authenticator.{option}"));
                rest.is_some()
                    || line.trim_start().trim_start_matches('"').starts_with(&format!("{option}:"))
                    || line.trim_start().starts_with(&format!("\"{option}\":"))
            };
            let wanted = text.lines().position(is_key).map(|at| at + 1);
            let found = found(&folder, file, &text);
            let here = |one: &Diagnostic| one.rule == *rule && one.span.as_ref().map(|span| span.line) == wanted;
            if !found.iter().any(here) {
                let shown: Vec<_> =
                    found.iter().map(|one| (one.rule, one.span.as_ref().map(|span| span.line))).collect();
                missing.push(format!("{rule} in {file} at {wanted:?}: {over}: {shown:?}"));
            }
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_good_configuration_is_passed_over_in_every_form() {
    // Everybody may come in with these, and what only the machine or the owner knows is left out.
    const WANTED: &[&str] = &["anybody-allowed", "allow-all-skips-email-check"];
    let folder = scratch("check-controls");
    let mut wrong = Vec::new();
    for (name, _) in GOOD {
        for (file, text) in forms(name, class_of(name), &options(name, "{}")) {
            let found = found(&folder, file, &text);
            let grave = found.iter().filter(|one| one.level != Level::Note && !WANTED.contains(&one.rule));
            wrong.extend(grave.map(|one| format!("{name} in {file}: {}: {}", one.rule, one.message)));
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
