//! CILogon (`oauthenticator/cilogon.py`).

use super::oauth2::BASES;
use crate::settings::idps;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{Alias, ClassDef, DICT, Declared, DefaultDef, Kind, Plain, ValidatorDef, option};
use crate::settings::rules::{env_or, join};
use crate::value::Value;

const ANY_LIST: Kind = Kind::List(&Kind::Any);

/// `oauthenticator.cilogon.CILogonOAuthenticator`.
pub static CILOGON: ClassDef = ClassDef {
    name: "CILogonOAuthenticator",
    module: "oauthenticator.cilogon",
    entry_points: &["cilogon"],
    options: &[
        option("additional_username_claims", ANY_LIST, "removed: idps says it for each identity provider")
            .replaced_by("idps"),
        option("allowed_idps", DICT, "the old name of idps").replaced_by("idps"),
        option("cilogon_host", Kind::Unicode, "the host of CILogon; another for its test service")
            .default(Declared::Import(|variable| {
                Value::str(variable.filter(|host| !host.is_empty()).unwrap_or("cilogon.org"))
            }))
            .env("CILOGON_HOST"),
        option("idp", Kind::Unicode, "removed: use idps").replaced_by("idps"),
        option("idp_whitelist", ANY_LIST, "removed: use idps").replaced_by("idps"),
        option(
            "idps",
            DICT,
            "the identity providers to choose from, by EntityID, each with the way to make names of its users",
        )
        .since("17.4"),
        option(
            "scope",
            Kind::List(&Kind::Unicode),
            "the scopes that are asked for; openid and org.cilogon.userinfo are added",
        )
        .default(Declared::Texts(&["openid", "email", "org.cilogon.userinfo", "profile"])),
        option("shown_idps", ANY_LIST, "removed: use idps").since("15.1").replaced_by("idps"),
        option("skin", Kind::Unicode, "the look of CILogon's pages"),
        option("strip_idp_domain", Kind::Bool, "removed: idps says it for each identity provider").replaced_by("idps"),
        option("username_claim", Kind::Unicode, "removed: idps says it for each identity provider").replaced_by("idps"),
    ],
    bases: BASES,
    attributes: &[
        ("user_auth_state_key", Plain::Text("cilogon_user")),
        ("client_id_env", Plain::Text("CILOGON_CLIENT_ID")),
        ("client_secret_env", Plain::Text("CILOGON_CLIENT_SECRET")),
    ],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "CILogon")),
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| at_host(instance, "/authorize"),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url",
            compute: |instance| at_host(instance, "/oauth2/token"),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| at_host(instance, "/oauth2/userinfo"),
        },
    ],
    validators: &[
        ValidatorDef { option: "scope", method: "_validate_scope", run: validate_scope },
        ValidatorDef { option: "idps", method: "_validate_idps", run: idps::validate },
    ],
    observers: &[],
    aliases: &[
        Alias { old: "idp_whitelist", new: "idps", since: "0.12.0", same: false },
        Alias { old: "idp", new: "shown_idps", since: "15.0.0", same: false },
        Alias { old: "strip_idp_domain", new: "idps", since: "15.0.0", same: false },
        Alias { old: "shown_idps", new: "idps", since: "16.0.0", same: false },
        Alias { old: "additional_username_claims", new: "idps", since: "16.0.0", same: false },
        Alias { old: "username_claim", new: "idps", since: "16.0.0", same: false },
        Alias { old: "allowed_idps", new: "idps", since: "17.4.0", same: true },
    ],
};

/// `oauthenticator.cilogon.LocalCILogonOAuthenticator`.
pub static LOCAL_CILOGON: ClassDef = super::local_variant(
    "LocalCILogonOAuthenticator",
    "oauthenticator.cilogon",
    &["LocalAuthenticator", "CILogonOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-cilogon"],
);

fn at_host(instance: &mut Instance<'_>, path: &str) -> Result<Value, Raise> {
    let host = instance.get("cilogon_host")?;
    Ok(join(&[&Value::str("https://"), &host, &Value::str(path)]))
}

fn validate_scope(_: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let Value::List(mut scopes) = value else { return Ok(value) };
    for needed in ["openid", "org.cilogon.userinfo"].map(Value::str) {
        if !scopes.contains(&needed) {
            scopes.push(needed);
        }
    }
    Ok(Value::List(scopes))
}
