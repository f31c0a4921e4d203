//! Any provider (`oauthenticator/generic.py`).

use super::oauth2::BASES;
use crate::settings::instance::{Change, Instance, Raise, Source};
use crate::settings::option::{
    Alias, ClassDef, DICT, Declared, DefaultDef, Kind, ObserverDef, TEXT_OR_CALLABLE, option,
};
use crate::settings::rules::{env_or, join};
use crate::source::Shadowed;
use crate::span::Origin;
use crate::value::Value;

/// `oauthenticator.generic.GenericOAuthenticator`.
pub static GENERIC: ClassDef = ClassDef {
    name: "GenericOAuthenticator",
    module: "oauthenticator.generic",
    entry_points: &["generic-oauth"],
    options: &[
        option(
            "claim_groups_key",
            TEXT_OR_CALLABLE,
            "the key of the user data that holds the groups, or a function of them",
        )
        .default(Declared::Import(|variable| Value::str(variable.unwrap_or("groups"))))
        .env("OAUTH2_GROUPS_KEY")
        .replaced_by("auth_state_groups_key"),
        option("extra_params", DICT, "the old name of token_params").replaced_by("token_params"),
        option("tls_verify", Kind::Bool, "the old name of validate_server_cert").replaced_by("validate_server_cert"),
        option("username_key", TEXT_OR_CALLABLE, "the old name of username_claim").replaced_by("username_claim"),
    ],
    bases: BASES,
    attributes: &[],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "OAuth 2.0")),
        },
        DefaultDef {
            option: "auth_state_groups_key",
            method: "_auth_state_groups_key_default",
            compute: |instance| {
                let key = instance.get("claim_groups_key")?;
                Ok(groups_key(instance, &key))
            },
        },
    ],
    validators: &[],
    observers: &[ObserverDef {
        options: &["claim_groups_key"],
        method: "_claim_groups_key_changed",
        run: claim_groups_key_changed,
    }],
    aliases: &[
        Alias { old: "username_key", new: "username_claim", since: "16.0.0", same: true },
        Alias { old: "extra_params", new: "token_params", since: "16.0.0", same: true },
        Alias { old: "tls_verify", new: "validate_server_cert", since: "16.0.2", same: true },
    ],
};

/// `oauthenticator.generic.LocalGenericOAuthenticator`.
pub static LOCAL_GENERIC: ClassDef = super::local_variant(
    "LocalGenericOAuthenticator",
    "oauthenticator.generic",
    &["LocalAuthenticator", "GenericOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-generic-oauth"],
);

/// The key below the user data, or the function that is called with them.
fn groups_key(instance: &Instance<'_>, key: &Value) -> Value {
    match key {
        Value::Callable(_) | Value::Class(_) => key.clone(),
        _ => {
            let user = instance.class.attribute("user_auth_state_key").unwrap_or_else(|| Value::str(""));
            join(&[&user, &Value::str("."), key])
        }
    }
}

fn claim_groups_key_changed(instance: &mut Instance<'_>, change: &Change) -> Result<(), Raise> {
    let class = instance.class.name.clone();
    let message = format!(
        "{class}.claim_groups_key is deprecated since OAuthenticator 17.0, use {class}.auth_state_groups_key instead"
    );
    instance.warn(&change.name, message);
    let managed = instance.get("manage_groups")?;
    if change.new.truth() == Some(true) && managed.truth() == Some(false) {
        let message = format!("{class}.claim_groups_key requires {class}.manage_groups to also be set");
        let fix = format!("set {class}.manage_groups = True");
        return Err(instance.raise("ValueError", message, &change.name, "groups-without-manage-groups", fix));
    }
    let (source, covered) = (instance.source("claim_groups_key"), instance.source("auth_state_groups_key"));
    let mut shadowed = source.shadowed;
    if let Some(name) = covered.written_as {
        let value = instance.get("auth_state_groups_key")?;
        shadowed.insert(0, Shadowed { name, value: Some(value), origin: covered.origin });
    }
    let origin = Origin::Alias { of: "claim_groups_key".into(), at: Box::new(source.origin) };
    let value = groups_key(instance, &change.new);
    instance.set("auth_state_groups_key", value, Source { origin, written_as: source.written_as, shadowed })
}
