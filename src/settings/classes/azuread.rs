//! Azure AD, also called Entra ID (`oauthenticator/azuread.py`).

use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{ClassDef, DefaultDef, Kind, Plain, option};
use crate::settings::rules::{env_or, join};
use crate::value::Value;

/// `oauthenticator.azuread.AzureAdOAuthenticator`.
pub static AZUREAD: ClassDef = ClassDef {
    name: "AzureAdOAuthenticator",
    module: "oauthenticator.azuread",
    entry_points: &["azuread"],
    options: &[
        option(
            "graph_url",
            Kind::Unicode,
            "the address of the cloud's login pages; those of governments have their own",
        )
        .since("17.4"),
        option("tenant_id", Kind::Unicode, "the tenant in which the application is registered").env("AAD_TENANT_ID"),
        option(
            "user_groups_claim",
            Kind::Unicode,
            "the claim that holds the groups; the old way to auth_state_groups_key",
        )
        .since("16.3")
        .replaced_by("auth_state_groups_key"),
    ],
    bases: BASES,
    attributes: &[("user_auth_state_key", Plain::Text("user"))],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "Azure AD")),
        },
        DefaultDef { option: "username_claim", method: "_username_claim_default", compute: |_| Ok(Value::str("name")) },
        DefaultDef {
            option: "auth_state_groups_key",
            method: "_auth_state_groups_key_default",
            compute: auth_state_groups_key,
        },
        DefaultDef {
            option: "tenant_id",
            method: "_tenant_id_default",
            compute: |instance| Ok(env_or(instance, "AAD_TENANT_ID", "")),
        },
        DefaultDef {
            option: "graph_url",
            method: "_graph_url_default",
            compute: |_| Ok(Value::str("https://login.microsoftonline.com")),
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| of_tenant(instance, "/oauth2/authorize"),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| of_tenant(instance, "/oauth2/token"),
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[],
};

/// `oauthenticator.azuread.LocalAzureAdOAuthenticator`.
pub static LOCAL_AZUREAD: ClassDef = super::local_variant(
    "LocalAzureAdOAuthenticator",
    "oauthenticator.azuread",
    &["LocalAuthenticator", "AzureAdOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-azuread"],
);

fn auth_state_groups_key(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let claim = instance.get("user_groups_claim")?;
    if claim.truth() == Some(false) {
        return Ok(Value::str("user.groups"));
    }
    let user = instance.class.attribute("user_auth_state_key").unwrap_or_else(|| Value::str("user"));
    let key = join(&[&user, &Value::str("."), &claim]);
    let class = &instance.class.name;
    let message = format!(
        "{class}.user_groups_claim is deprecated in OAuthenticator 17. Use {class}.auth_state_groups_key = {}",
        key.repr()
    );
    instance.warn("user_groups_claim", message);
    Ok(key)
}

fn of_tenant(instance: &mut Instance<'_>, path: &str) -> Result<Value, Raise> {
    // The tenant first: where it is set, it is what the address comes from.
    let tenant = instance.get("tenant_id")?;
    let graph = instance.get("graph_url")?;
    Ok(match tenant.truth() {
        Some(false) => join(&[&graph, &Value::str(path)]),
        _ => join(&[&graph, &Value::str("/"), &tenant, &Value::str(path)]),
    })
}
