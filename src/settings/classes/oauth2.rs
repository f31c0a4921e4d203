//! `OAuthenticator`, the base of every provider (`oauthenticator/oauth2.py`).

use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{
    ClassDef, DICT, Declared, DefaultDef, Kind, ObserverDef, Plain, TEXT_OR_CALLABLE, ValidatorDef, option,
};
use crate::settings::rules::{env_or, requires_manage_groups};
use crate::value::{Set, Value};

pub(super) const BASES: &[&str] = &["OAuthenticator", "Authenticator"];

/// `oauthenticator.oauth2.OAuthenticator`.
pub static OAUTHENTICATOR: ClassDef = ClassDef {
    name: "OAuthenticator",
    module: "oauthenticator.oauth2",
    options: &[
        option(
            "admin_groups",
            Kind::Set(&Kind::Unicode),
            "members of these groups may come in and are admins; others lose that right at login",
        )
        .since("17.0"),
        option("allow_all", Kind::Bool, "whether everybody whom the provider knows may come in")
            .default(Declared::Bool(false))
            .since("16.0"),
        option("allow_existing_users", Kind::Bool, "whether users in the hub's database may come in")
            .default(Declared::Bool(false))
            .since("16.0"),
        option("allowed_groups", Kind::Set(&Kind::Unicode), "members of these groups may come in").since("17.0"),
        option("allowed_scopes", Kind::List(&Kind::Unicode), "who was granted all of these scopes may come in")
            .since("16.3"),
        option(
            "auth_state_groups_key",
            TEXT_OR_CALLABLE,
            "where in auth_state a user's groups are: keys joined by dots, or a function of it",
        )
        .since("17.0"),
        option("authorize_url", Kind::Unicode, "the provider's page to which the browser is sent to log in")
            .env("OAUTH2_AUTHORIZE_URL"),
        option(
            "basic_auth",
            Kind::Bool,
            "whether client id and secret go to the token endpoint in a header instead of the form",
        )
        .default(Declared::Import(|variable| {
            Value::Bool(matches!(variable.unwrap_or("False").to_lowercase().as_str(), "true" | "1"))
        }))
        .env("OAUTH2_BASIC_AUTH")
        .since("16.0"),
        option("client_id", Kind::Unicode, "the id under which this hub is registered with the provider")
            .env("OAUTH_CLIENT_ID"),
        option("client_secret", Kind::Unicode, "the secret that goes with client_id")
            .env("OAUTH_CLIENT_SECRET")
            .secret(),
        option("custom_403_message", Kind::Unicode, "what somebody reads who may not come in")
            .default(Declared::Text(
                "Sorry, you are not currently authorized to use this hub. Please contact the hub administrator.",
            ))
            .since("15.1"),
        option(
            "enable_pkce",
            Kind::Bool,
            "whether the login is bound to this browser by a code challenge (PKCE, S256)",
        )
        .default(Declared::Bool(true))
        .since("17.1"),
        option("extra_authorize_params", DICT, "more parameters for the address that the browser is sent to"),
        option(
            "http_request_kwargs",
            DICT,
            "more arguments for every request of the hub to the provider, such as proxies and ca_certs",
        )
        .since("16.0"),
        option("login_service", Kind::Unicode, "the provider's name on the login button")
            .default(Declared::Text("OAuth 2.0"))
            .env("LOGIN_SERVICE")
            .since("16.0"),
        option("logout_redirect_url", Kind::Unicode, "where the browser goes after logging out of the hub")
            .env("OAUTH_LOGOUT_REDIRECT_URL"),
        option(
            "modify_auth_state_hook",
            Kind::Callable,
            "a function that changes auth_state before groups are taken from it",
        )
        .default(Declared::None)
        .or_none()
        .since("17.0"),
        option(
            "oauth_callback_url",
            Kind::Unicode,
            "the hub's address to which the provider sends the browser back, as registered there",
        )
        .default(Declared::Import(|variable| Value::str(variable.unwrap_or_default())))
        .env("OAUTH_CALLBACK_URL"),
        option(
            "refresh_user_hook",
            Kind::Callable,
            "a function that may decide a refresh before the provider is asked",
        )
        .default(Declared::None)
        .or_none()
        .since("17.3"),
        option("scope", Kind::List(&Kind::Unicode), "the scopes that are asked for"),
        option("token_params", DICT, "more parameters for the token request; they replace those of the same name")
            .since("16.0"),
        option("token_url", Kind::Unicode, "where the hub exchanges the code for a token").env("OAUTH2_TOKEN_URL"),
        option(
            "userdata_from_id_token",
            Kind::Bool,
            "whether user data are taken from the id_token instead of userdata_url",
        )
        .since("16.3"),
        option("userdata_params", DICT, "parameters for the user data request").since("16.0"),
        option("userdata_token_method", Kind::Unicode, "how the user data request carries the token: header or url")
            .default(Declared::Import(|variable| Value::str(variable.unwrap_or("header"))))
            .env("OAUTH2_USERDATA_REQUEST_TYPE")
            .since("16.0"),
        option("userdata_url", Kind::Unicode, "where the hub asks who the token belongs to").env("OAUTH2_USERDATA_URL"),
        option(
            "username_claim",
            TEXT_OR_CALLABLE,
            "the key of the user data that holds the name, or a function of them",
        )
        .default(Declared::Import(|variable| Value::str(variable.unwrap_or("username"))))
        .env("OAUTH2_USERNAME_KEY")
        .since("16.0"),
        option("validate_server_cert", Kind::Bool, "whether the provider's certificate is checked")
            .env("OAUTH_TLS_VERIFY"),
    ],
    bases: &["Authenticator"],
    entry_points: &[],
    attributes: &[
        ("user_auth_state_key", Plain::Text("oauth_user")),
        ("client_id_env", Plain::Text("")),
        ("client_secret_env", Plain::Text("")),
        ("validate_server_cert_env", Plain::Text("OAUTH_TLS_VERIFY")),
    ],
    defaults: &[
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| Ok(env_or(instance, "OAUTH2_AUTHORIZE_URL", "")),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| Ok(env_or(instance, "OAUTH2_TOKEN_URL", "")),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| Ok(env_or(instance, "OAUTH2_USERDATA_URL", "")),
        },
        DefaultDef {
            option: "logout_redirect_url",
            method: "_logout_redirect_url_default",
            compute: |instance| Ok(env_or(instance, "OAUTH_LOGOUT_REDIRECT_URL", "")),
        },
        DefaultDef {
            option: "refresh_pre_spawn",
            method: "_refresh_pre_spawn_default",
            compute: |instance| {
                let kept = instance.get("enable_auth_state")?;
                Ok(kept.truth().map_or(kept, Value::Bool))
            },
        },
        DefaultDef {
            option: "client_id",
            method: "_client_id_default",
            compute: |instance| Ok(client(instance, "client_id_env", "OAUTH_CLIENT_ID")),
        },
        DefaultDef {
            option: "client_secret",
            method: "_client_secret_default",
            compute: |instance| Ok(client(instance, "client_secret_env", "OAUTH_CLIENT_SECRET")),
        },
        DefaultDef {
            option: "validate_server_cert",
            method: "_validate_server_cert_default",
            compute: validate_server_cert,
        },
    ],
    validators: &[
        ValidatorDef { option: "userdata_url", method: "_validate_userdata_url", run: userdata_url },
        ValidatorDef { option: "allowed_scopes", method: "_allowed_scopes_validation", run: allowed_scopes },
    ],
    observers: &[ObserverDef {
        options: &["allowed_groups", "admin_groups", "auth_state_groups_key"],
        method: "_requires_manage_groups",
        run: requires_manage_groups,
    }],
    aliases: &[],
};

/// The class's own variable where that is set and not empty, else the general one.
fn client(instance: &mut Instance<'_>, attribute: &str, general: &str) -> Value {
    match instance.class.attribute(attribute) {
        Some(Value::Str(own)) if !own.is_empty() => match instance.env(&own) {
            Some(value) if value.as_str() != Some("") => value,
            _ => env_or(instance, general, ""),
        },
        Some(unknown @ Value::Unknown(_)) => unknown,
        _ => env_or(instance, general, ""),
    }
}

fn validate_server_cert(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let variable = match instance.class.attribute("validate_server_cert_env") {
        Some(Value::Str(name)) => name,
        Some(unknown @ Value::Unknown(_)) => return Ok(unknown),
        _ => String::new(),
    };
    Ok(match instance.env(&variable) {
        Some(unknown @ Value::Unknown(_)) => unknown,
        value => Value::Bool(value.as_ref().and_then(Value::as_str) != Some("0")),
    })
}

fn userdata_url(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let from_id_token = instance.get("userdata_from_id_token")?;
    if value.truth() == Some(true) && from_id_token.truth() == Some(true) {
        return Err(instance.raise(
            "ValueError",
            "Cannot specify both authenticator.userdata_url and authenticator.userdata_from_id_token.".into(),
            "userdata_url",
            "userdata-url-and-id-token",
            "keep one: userdata_url, or userdata_from_id_token = True",
        ));
    }
    Ok(value)
}

fn allowed_scopes(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let scope = instance.get("scope")?;
    if scope.find_unknown().is_some() {
        return Ok(value);
    }
    let requested = Set::of(scope.iterate().unwrap_or_default()).unwrap_or_default();
    let missing: Vec<Value> =
        value.iterate().unwrap_or_default().into_iter().filter(|scope| !requested.contains(scope)).collect();
    if missing.is_empty() {
        return Ok(value);
    }
    let message = format!(
        "Allowed scopes must be a subset of requested scopes. {} is requested but {} is allowed",
        scope.repr(),
        value.repr()
    );
    let names: Vec<String> = missing.iter().map(Value::to_text).collect();
    let fix = format!("add {} to scope", names.join(", "));
    Err(instance.raise("ValueError", message, "allowed_scopes", "allowed-scopes-not-requested", fix))
}
