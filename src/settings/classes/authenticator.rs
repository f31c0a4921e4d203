//! `Authenticator`, the base of all (`jupyterhub/auth.py`).

use crate::settings::option::{ClassDef, DICT, Declared, DefaultDef, Kind, ObserverDef, option};
use crate::settings::rules;
use crate::value::Value;

/// `jupyterhub.auth.Authenticator`.
pub static AUTHENTICATOR: ClassDef = ClassDef {
    name: "Authenticator",
    module: "jupyterhub.auth",
    options: &[
        option(
            "admin_users",
            Kind::Set(&Kind::Any),
            "names of users who are made admins when the hub starts and when they log in",
        ),
        option("allow_all", Kind::Bool, "whether everybody who can log in may come in").since("jupyterhub 5.0"),
        option(
            "allow_existing_users",
            Kind::Bool,
            "whether users in the hub's database may come in; on by default where allowed_users is set",
        )
        .since("jupyterhub 5.0"),
        option("allowed_users", Kind::Set(&Kind::Any), "names of users who may come in"),
        option("any_allow_config", Kind::Bool, "set to silence the warning that nobody may come in")
            .default(Declared::Bool(false))
            .since("jupyterhub 5.0"),
        option("auth_refresh_age", Kind::Int, "seconds after which a user is refreshed; 0 turns that off")
            .default(Declared::Int(300)),
        option(
            "auth_refresh_strict",
            Kind::Bool,
            "whether requests that cannot be sent to a login fail when the user cannot be refreshed",
        )
        .since("jupyterhub 6.1"),
        option("auto_login", Kind::Bool, "whether the login page starts the login by itself"),
        option(
            "auto_login_oauth2_authorize",
            Kind::Bool,
            "whether a service's request to authorize starts the login by itself",
        ),
        option(
            "blocked_users",
            Kind::Set(&Kind::Any),
            "names of users who may not come in; compared as written, with normalized names",
        ),
        option(
            "delete_invalid_users",
            Kind::Bool,
            "whether users in the database whose names are no longer valid are deleted at start",
        ),
        option(
            "enable_auth_state",
            Kind::Bool,
            "whether tokens and user data are kept, encrypted, in the database; needs JUPYTERHUB_CRYPT_KEY",
        ),
        option("manage_groups", Kind::Bool, "whether the login decides which groups a user is in"),
        option("manage_roles", Kind::Bool, "whether the login decides which roles a user has").since("jupyterhub 5.0"),
        option("otp_prompt", Kind::Any, "what the login form calls the one-time password")
            .default(Declared::Text("OTP:"))
            .since("jupyterhub 5.0"),
        option("post_auth_hook", Kind::Any, "a function that may change what the login found, called last"),
        option("reconcile_auth_state_hook", Kind::Any, "a function that merges the stored auth_state into the new one")
            .since("jupyterhub 6.1"),
        option("refresh_pre_spawn", Kind::Bool, "whether a user is refreshed before a server starts"),
        option("refresh_pre_stop", Kind::Bool, "whether a user is refreshed before a server stops")
            .since("jupyterhub 5.4"),
        option("request_otp", Kind::Bool, "whether the login form asks for a one-time password")
            .since("jupyterhub 5.0"),
        option("reset_managed_roles_on_startup", Kind::Bool, "whether roles from earlier logins are dropped at start")
            .since("jupyterhub 5.0"),
        option("username_map", DICT, "names as they come in, in lower case, to names in the hub"),
        option("username_pattern", Kind::Unicode, "a regular expression that names must match from their start"),
        option("whitelist", Kind::Set(&Kind::Any), "the old name of allowed_users").replaced_by("allowed_users"),
    ],
    bases: &[],
    entry_points: &[],
    attributes: &[],
    defaults: &[
        DefaultDef { option: "any_allow_config", method: "_default_any_allowed", compute: rules::any_allow_config },
        DefaultDef {
            option: "allow_existing_users",
            method: "_allow_existing_users_default",
            compute: |instance| {
                let users = instance.get("allowed_users")?;
                Ok(users.truth().map_or(users, Value::Bool))
            },
        },
    ],
    validators: &[],
    observers: &[
        ObserverDef { options: &["whitelist"], method: "_deprecated_trait", run: rules::deprecated_trait },
        ObserverDef { options: &["allowed_users"], method: "_check_allowed_users", run: rules::check_allowed_users },
        ObserverDef {
            options: &["username_pattern"],
            method: "_username_pattern_changed",
            run: rules::username_pattern_changed,
        },
    ],
    aliases: &[],
};
