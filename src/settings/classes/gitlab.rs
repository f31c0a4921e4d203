//! GitLab (`oauthenticator/gitlab.py`).

use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{Alias, ClassDef, DefaultDef, Kind, Plain, option};
use crate::settings::rules::{env_or, join};
use crate::value::Value;

/// `oauthenticator.gitlab.GitLabOAuthenticator`.
pub static GITLAB: ClassDef = ClassDef {
    name: "GitLabOAuthenticator",
    module: "oauthenticator.gitlab",
    entry_points: &["gitlab"],
    options: &[
        option(
            "allowed_gitlab_groups",
            Kind::Set(&Kind::Any),
            "members of these groups may come in; one request for each at every login",
        ),
        option(
            "allowed_project_ids",
            Kind::Set(&Kind::Any),
            "developers and above of these projects, by number, may come in; one request for each at every login",
        ),
        option("gitlab_api", Kind::Unicode, "the address of the REST API; follows from gitlab_url and its version"),
        option("gitlab_api_version", Kind::CUnicode, "the version of the REST API").env("GITLAB_API_VERSION"),
        option("gitlab_group_whitelist", Kind::Set(&Kind::Any), "the old name of allowed_gitlab_groups")
            .replaced_by("allowed_gitlab_groups"),
        option("gitlab_project_id_whitelist", Kind::Set(&Kind::Any), "the old name of allowed_project_ids")
            .replaced_by("allowed_project_ids"),
        option("gitlab_url", Kind::Unicode, "the address of the GitLab server").env("GITLAB_URL"),
    ],
    bases: BASES,
    attributes: &[
        ("user_auth_state_key", Plain::Text("gitlab_user")),
        ("client_id_env", Plain::Text("GITLAB_CLIENT_ID")),
        ("client_secret_env", Plain::Text("GITLAB_CLIENT_SECRET")),
    ],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "GitLab")),
        },
        DefaultDef { option: "gitlab_url", method: "_default_gitlab_url", compute: gitlab_url },
        DefaultDef {
            option: "gitlab_api_version",
            method: "_gitlab_api_version_default",
            compute: |instance| {
                let version = env_or(instance, "GITLAB_API_VERSION", "");
                Ok(if version.truth() == Some(false) { Value::str("4") } else { version })
            },
        },
        DefaultDef {
            option: "gitlab_api",
            method: "_default_gitlab_api",
            compute: |instance| {
                let (url, version) = (instance.get("gitlab_url")?, instance.get("gitlab_api_version")?);
                Ok(join(&[&url, &Value::str("/api/v"), &version]))
            },
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| Ok(join(&[&instance.get("gitlab_url")?, &Value::str("/oauth/authorize")])),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| Ok(join(&[&instance.get("gitlab_url")?, &Value::str("/oauth/token")])),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| Ok(join(&[&instance.get("gitlab_api")?, &Value::str("/user")])),
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[
        Alias { old: "gitlab_group_whitelist", new: "allowed_gitlab_groups", since: "0.12.0", same: true },
        Alias { old: "gitlab_project_id_whitelist", new: "allowed_project_ids", since: "0.12.0", same: true },
    ],
};

/// `oauthenticator.gitlab.LocalGitLabOAuthenticator`.
pub static LOCAL_GITLAB: ClassDef = super::local_variant(
    "LocalGitLabOAuthenticator",
    "oauthenticator.gitlab",
    &["LocalAuthenticator", "GitLabOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-gitlab"],
);

fn gitlab_url(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let url = env_or(instance, "GITLAB_URL", "");
    if url.truth() != Some(false) {
        return Ok(url);
    }
    let host = env_or(instance, "GITLAB_HOST", "");
    Ok(match &host {
        Value::Str(host) if host.is_empty() => Value::str("https://gitlab.com"),
        Value::Str(url) if url.starts_with("https:") || url.starts_with("http:") => host,
        _ => join(&[&Value::str("https://"), &host]),
    })
}
