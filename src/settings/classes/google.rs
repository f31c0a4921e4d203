//! Google (`oauthenticator/google.py`).

use super::local::texts;
use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{Alias, ClassDef, DICT, DefaultDef, Kind, Plain, ValidatorDef, option};
use crate::settings::rules::{env_or, join};
use crate::value::Value;

const TEXTS_BY_DOMAIN: Kind = Kind::Dict { key: &Kind::Any, value: &Kind::Unicode };
const SETS_BY_DOMAIN: Kind = Kind::Dict { key: &Kind::Any, value: &Kind::Set(&Kind::Unicode) };

/// `oauthenticator.google.GoogleOAuthenticator`.
pub static GOOGLE: ClassDef = ClassDef {
    name: "GoogleOAuthenticator",
    module: "oauthenticator.google",
    entry_points: &["google"],
    options: &[
        option("admin_google_groups", SETS_BY_DOMAIN, "by domain, the groups whose members may come in and are admins"),
        option("allowed_google_groups", SETS_BY_DOMAIN, "by domain, the groups whose members may come in"),
        option("google_api_url", Kind::Unicode, "the address of Google's API").env("GOOGLE_API_URL"),
        option("google_group_whitelist", DICT, "the old name of allowed_google_groups")
            .replaced_by("allowed_google_groups"),
        option(
            "google_service_account_keys",
            TEXTS_BY_DOMAIN,
            "by domain, the service account's key file; needed for groups",
        ),
        option(
            "gsuite_administrator",
            TEXTS_BY_DOMAIN,
            "by domain, the administrator whom the service account acts for; needed for groups",
        ),
        option(
            "hosted_domain",
            Kind::List(&Kind::Unicode),
            "only users of these Workspace domains are let through; they must still be allowed",
        )
        .env("HOSTED_DOMAIN"),
        option("include_nested_groups", Kind::Bool, "whether members of groups within the groups count").since("17.1"),
        option(
            "strip_domain",
            Kind::Bool,
            "whether user names lose their domain; on by default for one hosted domain or none",
        )
        .since("17.0"),
    ],
    bases: BASES,
    attributes: &[("user_auth_state_key", Plain::Text("google_user"))],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "Google")),
        },
        DefaultDef { option: "scope", method: "_scope_default", compute: |_| Ok(texts(&["openid", "email"])) },
        DefaultDef {
            option: "username_claim",
            method: "_username_claim_default",
            compute: |_| Ok(Value::str("email")),
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |_| Ok(Value::str("https://accounts.google.com/o/oauth2/v2/auth")),
        },
        DefaultDef {
            option: "google_api_url",
            method: "_google_api_url",
            compute: |instance| {
                let url = env_or(instance, "GOOGLE_API_URL", "");
                Ok(if url.truth() == Some(false) { Value::str("https://www.googleapis.com") } else { url })
            },
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| Ok(join(&[&instance.get("google_api_url")?, &Value::str("/oauth2/v4/token")])),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| Ok(join(&[&instance.get("google_api_url")?, &Value::str("/oauth2/v1/userinfo")])),
        },
        DefaultDef {
            option: "strip_domain",
            method: "_strip_if_single_domain",
            compute: |instance| {
                Ok(match instance.get("hosted_domain")? {
                    Value::List(domains) => Value::Bool(domains.len() <= 1),
                    other => other,
                })
            },
        },
        DefaultDef { option: "hosted_domain", method: "_hosted_domain_from_env", compute: hosted_domain_from_env },
    ],
    validators: &[
        ValidatorDef { option: "hosted_domain", method: "_cast_hosted_domain", run: cast_hosted_domain },
        ValidatorDef { option: "strip_domain", method: "_check_multiple_hosted_domain", run: check_multiple },
    ],
    observers: &[],
    aliases: &[Alias { old: "google_group_whitelist", new: "allowed_google_groups", since: "0.12.0", same: true }],
};

/// `oauthenticator.google.LocalGoogleOAuthenticator`.
pub static LOCAL_GOOGLE: ClassDef = super::local_variant(
    "LocalGoogleOAuthenticator",
    "oauthenticator.google",
    &["LocalAuthenticator", "GoogleOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-google"],
);

fn hosted_domain_from_env(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let variable = env_or(instance, "HOSTED_DOMAIN", "");
    let Some(domains) = variable.as_str() else { return Ok(variable) };
    let domains = domains.to_lowercase();
    Ok(texts(&domains.split(';').filter(|domain| !domain.is_empty()).collect::<Vec<_>>()))
}

fn cast_hosted_domain(_: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let Value::List(domains) = value else { return Ok(value) };
    let lower = |domain: Value| match domain {
        Value::Str(domain) => Value::Str(domain.to_lowercase()),
        other => other,
    };
    Ok(Value::List(domains.into_iter().map(lower).collect()))
}

fn check_multiple(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    // Upstream tests the proposal, which is always true, and so warns for strip_domain = False too.
    let several = matches!(instance.get("hosted_domain")?, Value::List(domains) if domains.len() > 1);
    if several {
        let message = "User names are stripped of `@domain`, but multiple domains are specified. This can lead to \
                       clashing usernames";
        instance.warn("strip_domain", message.to_owned());
    }
    Ok(value)
}
