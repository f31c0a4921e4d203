//! GitHub (`oauthenticator/github.py`).

use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{Alias, ClassDef, DefaultDef, Kind, Plain, option};
use crate::settings::rules::{env_or, join};
use crate::value::Value;

/// `oauthenticator.github.GitHubOAuthenticator`.
pub static GITHUB: ClassDef = ClassDef {
    name: "GitHubOAuthenticator",
    module: "oauthenticator.github",
    entry_points: &["github"],
    options: &[
        option(
            "allowed_organizations",
            Kind::Set(&Kind::Any),
            "members of these organizations, or teams as org:team, may come in; private membership needs scope read:org",
        ),
        option("github_api", Kind::Unicode, "the address of the REST API; follows from github_url"),
        option("github_client_id", Kind::Unicode, "the old name of client_id").replaced_by("client_id"),
        option("github_client_secret", Kind::Unicode, "the old name of client_secret")
            .replaced_by("client_secret")
            .secret(),
        option("github_organization_whitelist", Kind::Set(&Kind::Any), "the old name of allowed_organizations")
            .replaced_by("allowed_organizations"),
        option("github_url", Kind::Unicode, "the address of GitHub or of an Enterprise server").env("GITHUB_URL"),
        option(
            "populate_teams_in_auth_state",
            Kind::Bool,
            "whether the user's teams are put into auth_state; needs scope read:org",
        )
        .since("15.1"),
    ],
    bases: BASES,
    attributes: &[
        ("user_auth_state_key", Plain::Text("github_user")),
        ("client_id_env", Plain::Text("GITHUB_CLIENT_ID")),
        ("client_secret_env", Plain::Text("GITHUB_CLIENT_SECRET")),
    ],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "GitHub")),
        },
        DefaultDef {
            option: "username_claim",
            method: "_username_claim_default",
            compute: |_| Ok(Value::str("login")),
        },
        DefaultDef { option: "github_url", method: "_github_url_default", compute: github_url },
        DefaultDef { option: "github_api", method: "_github_api_default", compute: github_api },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| Ok(join(&[&instance.get("github_url")?, &Value::str("/login/oauth/authorize")])),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| Ok(join(&[&instance.get("github_url")?, &Value::str("/login/oauth/access_token")])),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| Ok(join(&[&instance.get("github_api")?, &Value::str("/user")])),
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[
        Alias { old: "github_client_id", new: "client_id", since: "0.1.0", same: true },
        Alias { old: "github_client_secret", new: "client_secret", since: "0.1.0", same: true },
        Alias { old: "github_organization_whitelist", new: "allowed_organizations", since: "0.12.0", same: true },
    ],
};

/// `oauthenticator.github.LocalGitHubOAuthenticator`.
pub static LOCAL_GITHUB: ClassDef = super::local_variant(
    "LocalGitHubOAuthenticator",
    "oauthenticator.github",
    &["LocalAuthenticator", "GitHubOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-github"],
);

fn github_url(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let mut url = env_or(instance, "GITHUB_URL", "");
    if url.truth() == Some(false) {
        let host = env_or(instance, "GITHUB_HOST", "");
        if host.truth() == Some(false) {
            return Ok(Value::str("https://github.com"));
        }
        let scheme = match env_or(instance, "GITHUB_HTTP", "").truth() {
            Some(true) => "http://",
            _ => "https://",
        };
        url = join(&[&Value::str(scheme), &host]);
    }
    match url {
        Value::Str(url) if !url.contains("://") => Ok(Value::Str(format!("https://{url}"))),
        url => Ok(url),
    }
}

fn github_api(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let url = instance.get("github_url")?;
    match url.as_str() {
        Some("https://github.com") => Ok(Value::str("https://api.github.com")),
        _ => Ok(join(&[&url, &Value::str("/api/v3")])),
    }
}
