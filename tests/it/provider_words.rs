//! What is said of logins that a provider's own rules end: each by a configuration and saved answers.

use std::fs;

use oauthctl::json;
use oauthctl::value::Value;

use crate::support;

const TOKEN: &str = r#"{"access_token": "AT", "token_type": "Bearer", "other_tokens": []}"#;
const GOOGLE: &str = r#"{"email": "alice@uni.edu", "verified_email": true}"#;
const CILOGON: &str = r#"{"idp": "http://idp.uni.edu/x/", "email": "alice@uni.edu"}"#;
const GLOBUS: &str = r#"{"preferred_username": "alice@uni.edu"}"#;
const IDPS: &str =
    r#"c.CILogonOAuthenticator.idps = {"https://idp.uni.edu/x": {"username_derivation": {"username_claim": "email"}}}"#;

/// Class and options; userdata; outcome, code, setting, and words in message or fix.
type Row = (&'static str, &'static str, &'static str, [&'static str; 4]);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("google", "c.GoogleOAuthenticator.hosted_domain = ['uni.edu']", GOOGLE,
        ["denied", "hosted-domain-mismatch", "GoogleOAuthenticator.hosted_domain", "Google does not manage this account"]),
    ("google", "c.GoogleOAuthenticator.hosted_domain = ['x.edu']", r#"{"email": "a@uni.edu", "hd": "Uni.edu"}"#,
        ["denied", "hosted-domain-mismatch", "GoogleOAuthenticator.hosted_domain", "add `uni.edu`"]),
    ("google", "c.GoogleOAuthenticator.hosted_domain = ['uni.edu']", r#"{"email": "a@uni.edu", "hd": "uni.edu", "verified_email": true}"#,
        ["denied", "nobody-allowed", "GoogleOAuthenticator.allow_all", "it lets nobody in"]),
    ("google", "c.GoogleOAuthenticator.allowed_users = {'alice'}", r#"{"email": "a@uni.edu", "verified_email": false}"#,
        ["denied", "email-not-verified", "", "no option of the hub waives this"]),
    ("google", "", r#"{"email": "a@uni.edu", "email_verified": true}"#,
        ["failed", "claim-missing", "GoogleOAuthenticator.userdata_url", "only version 1"]),
    ("google", "c.GoogleOAuthenticator.username_claim = 'name'", r#"{"name": "a"}"#,
        ["failed", "claim-missing", "GoogleOAuthenticator.scope", "add `email`"]),
    ("google", "c.GoogleOAuthenticator.allowed_google_groups = {'uni.edu': {'staff'}}", GOOGLE,
        ["failed", "domain-without-key", "GoogleOAuthenticator.gsuite_administrator", "'uni.edu'"]),
    ("google", "c.GoogleOAuthenticator.allowed_google_groups = {'uni.edu': {'staff'}}
c.GoogleOAuthenticator.gsuite_administrator = {'uni.edu': 'boss'}
c.GoogleOAuthenticator.google_service_account_keys = {'uni.edu': '/nowhere/key.json'}", GOOGLE,
        ["failed", "no-saved-answer", "", "--save-exchanges"]),
    ("cilogon", IDPS, CILOGON,
        ["denied", "idp-not-configured", "CILogonOAuthenticator.idps", "write `http://idp.uni.edu/x/` instead of `https://idp.uni.edu/x`"]),
    ("cilogon", IDPS, r#"{"idp": "https://other", "email": "a"}"#,
        ["denied", "idp-not-configured", "CILogonOAuthenticator.idps", "add `https://other`"]),
    ("cilogon", IDPS, r#"{"email": "a"}"#,
        ["failed", "idp-claim-missing", "CILogonOAuthenticator.scope", "org.cilogon.userinfo"]),
    ("cilogon", IDPS, r#"{"idp": "https://idp.uni.edu/x", "eppn": "a"}"#,
        ["failed", "claim-missing", "CILogonOAuthenticator.idps", "choose a username_claim"]),
    ("cilogon", IDPS, r#"{"idp": "https://idp.uni.edu/x", "email": "a@uni.edu"}"#,
        ["denied", "not-allowed", "CILogonOAuthenticator.idps", "set `allow_all` or `allowed_domains`"]),
    ("globus", "c.GlobusOAuthenticator.allowed_globus_groups = {'g'}", GLOBUS,
        ["failed", "scope-missing", "GlobusOAuthenticator.scope", "view_my_groups_and_memberships"]),
    ("globus", "c.GlobusOAuthenticator.identity_provider = 'x.edu'", GLOBUS,
        ["denied", "identity-provider-mismatch", "GlobusOAuthenticator.identity_provider", "app.globus.org"]),
    ("globus", "c.GlobusOAuthenticator.username_from_email = True", GLOBUS,
        ["failed", "claim-missing", "GlobusOAuthenticator.scope", "asks for `email`"]),
];

#[test]
fn names_the_rule_and_the_way_out() {
    let folder = support::scratch("provider-words");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let token = write("token.json", TOKEN);
    for (class, options, userdata, [outcome, code, setting, words]) in ROWS {
        let text = format!("c.JupyterHub.authenticator_class = '{class}'\n{options}\n");
        let (config, userdata) = (write("jupyterhub_config.py", &text), write("user.json", userdata));
        let mut command = support::oauthctl();
        command.arg("resolve").arg(config).args(["--format", "json", "--token-response"]).arg(&token);
        let output = command.arg("--userdata").arg(userdata).output().unwrap();
        let document = json::parse(&String::from_utf8(output.stdout).unwrap()).unwrap();
        let failure = document.get("failure").unwrap();
        let said = |key: &str| failure.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let of = (document.get("outcome").unwrap().to_text(), said("code"), said("setting"));
        assert_eq!(of, ((*outcome).into(), (*code).into(), (*setting).into()), "{options}: {}", failure.repr());
        assert!((said("message") + &said("fix")).contains(words), "{options}: {}", failure.repr());
    }
    let _ = fs::remove_dir_all(&folder);
}
