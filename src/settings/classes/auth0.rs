//! Auth0 (`oauthenticator/auth0.py`).

use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{Alias, ClassDef, Declared, DefaultDef, Kind, Plain, option};
use crate::settings::rules::{env_or, join};
use crate::value::Value;

/// `oauthenticator.auth0.Auth0OAuthenticator`.
pub static AUTH0: ClassDef = ClassDef {
    name: "Auth0OAuthenticator",
    module: "oauthenticator.auth0",
    entry_points: &["auth0"],
    options: &[
        option("allow_unverified_email", Kind::Bool, "whether users whose e-mail address is not verified may come in")
            .default(Declared::Bool(false))
            .since("17.4"),
        option("auth0_domain", Kind::Unicode, "the tenant's host name, without https://")
            .env("AUTH0_DOMAIN")
            .since("15.1"),
        option(
            "auth0_subdomain",
            Kind::Unicode,
            "the first part of the tenant's host name, where it ends in .auth0.com",
        )
        .env("AUTH0_SUBDOMAIN"),
        option("username_key", Kind::Unicode, "the old name of username_claim").replaced_by("username_claim"),
    ],
    bases: BASES,
    attributes: &[("user_auth_state_key", Plain::Text("auth0_user"))],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "Auth0")),
        },
        DefaultDef {
            option: "username_claim",
            method: "_username_claim_default",
            compute: |_| Ok(Value::str("email")),
        },
        DefaultDef { option: "auth0_domain", method: "_auth0_domain_default", compute: auth0_domain },
        DefaultDef {
            option: "auth0_subdomain",
            method: "_auth0_subdomain_default",
            compute: |instance| Ok(env_or(instance, "AUTH0_SUBDOMAIN", "")),
        },
        DefaultDef {
            option: "logout_redirect_url",
            method: "_logout_redirect_url_default",
            compute: |instance| at_domain(instance, "/v2/logout"),
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| at_domain(instance, "/authorize"),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| at_domain(instance, "/oauth/token"),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| at_domain(instance, "/userinfo"),
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[Alias { old: "username_key", new: "username_claim", since: "16.0.0", same: true }],
};

/// `oauthenticator.auth0.LocalAuth0OAuthenticator`.
pub static LOCAL_AUTH0: ClassDef = super::local_variant(
    "LocalAuth0OAuthenticator",
    "oauthenticator.auth0",
    &["LocalAuthenticator", "Auth0OAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-auth0"],
);

fn auth0_domain(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let domain = env_or(instance, "AUTH0_DOMAIN", "");
    if domain.truth() != Some(false) {
        return Ok(domain);
    }
    let subdomain = instance.get("auth0_subdomain")?;
    if subdomain.truth() == Some(false) {
        return Err(instance.raise(
            "ValueError",
            "Configuring either auth0_domain or auth0_subdomain is required".into(),
            "auth0_domain",
            "no-auth0-domain",
            "set auth0_domain to the tenant's host name, such as \"tenant.eu.auth0.com\"",
        ));
    }
    Ok(join(&[&subdomain, &Value::str(".auth0.com")]))
}

fn at_domain(instance: &mut Instance<'_>, path: &str) -> Result<Value, Raise> {
    let domain = instance.get("auth0_domain")?;
    Ok(join(&[&Value::str("https://"), &domain, &Value::str(path)]))
}
