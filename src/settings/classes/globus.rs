//! Globus (`oauthenticator/globus.py`).

use super::local::texts;
use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{ClassDef, Declared, DefaultDef, Kind, Plain, option};
use crate::settings::rules::env_or;
use crate::value::Value;

/// `oauthenticator.globus.GlobusOAuthenticator`.
pub static GLOBUS: ClassDef = ClassDef {
    name: "GlobusOAuthenticator",
    module: "oauthenticator.globus",
    entry_points: &["globus"],
    options: &[
        option(
            "admin_globus_groups",
            Kind::Set(&Kind::Any),
            "members of these groups, by UUID, may come in and are admins",
        ),
        option("allowed_globus_groups", Kind::Set(&Kind::Any), "members of these groups, by UUID, may come in"),
        option("exclude_tokens", Kind::List(&Kind::Any), "resource servers whose tokens are kept out of auth_state"),
        option("globus_groups_url", Kind::Unicode, "where the user's groups are asked for")
            .default(Declared::Text("https://groups.api.globus.org/v2/groups/my_groups")),
        option("globus_local_endpoint", Kind::Unicode, "the id of this hub as a Globus endpoint, for users' servers")
            .env("GLOBUS_LOCAL_ENDPOINT"),
        option(
            "identity_provider",
            Kind::Unicode,
            "only users of this domain are let through; they must still be allowed",
        )
        .env("IDENTITY_PROVIDER"),
        option("revocation_url", Kind::Unicode, "where tokens are revoked at logout")
            .default(Declared::Text("https://auth.globus.org/v2/oauth2/token/revoke")),
        option("revoke_tokens_on_logout", Kind::Bool, "whether a logout revokes the user's tokens"),
        option("username_from_email", Kind::Bool, "whether names come from the e-mail address; asks for scope email")
            .default(Declared::Bool(false)),
    ],
    bases: BASES,
    attributes: &[("user_auth_state_key", Plain::Text("globus_user"))],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "Globus")),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |_| Ok(Value::str("https://auth.globus.org/v2/oauth2/userinfo")),
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |_| Ok(Value::str("https://auth.globus.org/v2/oauth2/authorize")),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |_| Ok(Value::str("https://auth.globus.org/v2/oauth2/token")),
        },
        DefaultDef {
            option: "identity_provider",
            method: "_identity_provider_default",
            compute: |instance| Ok(env_or(instance, "IDENTITY_PROVIDER", "")),
        },
        DefaultDef {
            option: "username_claim",
            method: "_username_claim_default",
            compute: |instance| {
                let from_email = instance.get("username_from_email")?;
                Ok(match from_email.truth() {
                    Some(true) => Value::str("email"),
                    Some(false) => Value::str("preferred_username"),
                    None => from_email,
                })
            },
        },
        DefaultDef {
            option: "exclude_tokens",
            method: "_exclude_tokens_default",
            compute: |_| Ok(texts(&["auth.globus.org", "groups.api.globus.org"])),
        },
        DefaultDef { option: "scope", method: "_scope_default", compute: scope },
        DefaultDef {
            option: "globus_local_endpoint",
            method: "_globus_local_endpoint_default",
            compute: |instance| Ok(env_or(instance, "GLOBUS_LOCAL_ENDPOINT", "")),
        },
        DefaultDef {
            option: "revoke_tokens_on_logout",
            method: "_revoke_tokens_on_logout_default",
            compute: |_| Ok(Value::Bool(false)),
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[],
};

/// `oauthenticator.globus.LocalGlobusOAuthenticator`.
pub static LOCAL_GLOBUS: ClassDef = super::local_variant(
    "LocalGlobusOAuthenticator",
    "oauthenticator.globus",
    &["LocalAuthenticator", "GlobusOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-globus"],
);

fn scope(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let mut scopes = vec!["openid", "profile", "urn:globus:auth:scope:transfer.api.globus.org:all"];
    let (allowed, admin) = (instance.get("allowed_globus_groups")?, instance.get("admin_globus_groups")?);
    match (allowed.truth(), admin.truth()) {
        (Some(false), Some(false)) => {}
        (Some(true), _) | (_, Some(true)) => {
            scopes.push("urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships");
        }
        (None, _) => return Ok(allowed),
        (_, None) => return Ok(admin),
    }
    let from_email = instance.get("username_from_email")?;
    match from_email.truth() {
        Some(true) => scopes.push("email"),
        Some(false) => {}
        None => return Ok(from_email),
    }
    Ok(texts(&scopes))
}
