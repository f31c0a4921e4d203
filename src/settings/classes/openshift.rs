//! OpenShift (`oauthenticator/openshift.py`).

use super::local::texts;
use super::oauth2::BASES;
use crate::settings::instance::{Instance, Raise};
use crate::settings::option::{Alias, ClassDef, Declared, DefaultDef, Kind, Plain, option};
use crate::settings::rules::{env_or, join};
use crate::value::{Dict, Value};

const SERVICE_ACCOUNT_CA: &str = "/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/// `oauthenticator.openshift.OpenShiftOAuthenticator`.
pub static OPENSHIFT: ClassDef = ClassDef {
    name: "OpenShiftOAuthenticator",
    module: "oauthenticator.openshift",
    entry_points: &["openshift"],
    options: &[
        option("ca_certs", Kind::Unicode, "removed: use http_request_kwargs with ca_certs")
            .replaced_by("http_request_kwargs"),
        option(
            "openshift_auth_api_url",
            Kind::Unicode,
            "the cluster's OAuth server; asked from openshift_url by default",
        ),
        option("openshift_rest_api_url", Kind::Unicode, "the cluster's REST API; that of openshift_url by default"),
        option("openshift_url", Kind::Unicode, "the address of the cluster's API server")
            .default(Declared::Import(|variable| {
                let set = variable.filter(|url| !url.is_empty());
                Value::str(set.unwrap_or("https://openshift.default.svc.cluster.local"))
            }))
            .env("OPENSHIFT_URL"),
        option("validate_cert", Kind::Bool, "the old name of validate_server_cert").replaced_by("validate_server_cert"),
    ],
    bases: BASES,
    attributes: &[("user_auth_state_key", Plain::Text("openshift_user"))],
    defaults: &[
        DefaultDef {
            option: "auth_state_groups_key",
            method: "_auth_state_groups_key_default",
            compute: |_| Ok(Value::str("openshift_user.groups")),
        },
        DefaultDef { option: "scope", method: "_scope_default", compute: |_| Ok(texts(&["user:info"])) },
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "OpenShift")),
        },
        DefaultDef { option: "username_claim", method: "_username_claim_default", compute: |_| Ok(Value::str("name")) },
        DefaultDef {
            option: "http_request_kwargs",
            method: "_http_request_kwargs_default",
            compute: http_request_kwargs,
        },
        DefaultDef {
            option: "openshift_auth_api_url",
            method: "_openshift_auth_api_url_default",
            compute: openshift_auth_api_url,
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |instance| Ok(join(&[&instance.get("openshift_auth_api_url")?, &Value::str("/oauth/authorize")])),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |instance| Ok(join(&[&instance.get("openshift_auth_api_url")?, &Value::str("/oauth/token")])),
        },
        DefaultDef {
            option: "openshift_rest_api_url",
            method: "_openshift_rest_api_url_default",
            compute: |instance| instance.get("openshift_url"),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |instance| {
                let url = instance.get("openshift_rest_api_url")?;
                Ok(join(&[&url, &Value::str("/apis/user.openshift.io/v1/users/~")]))
            },
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[
        Alias { old: "ca_certs", new: "http_request_kwargs", since: "16.0.0", same: false },
        Alias { old: "validate_cert", new: "validate_server_cert", since: "16.0.0", same: true },
    ],
};

/// `oauthenticator.openshift.LocalOpenShiftOAuthenticator`.
pub static LOCAL_OPENSHIFT: ClassDef = super::local_variant(
    "LocalOpenShiftOAuthenticator",
    "oauthenticator.openshift",
    &["LocalAuthenticator", "OpenShiftOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-openshift"],
);

/// The pod's own certificate authority counts where there is one; we look for it where upstream does.
fn http_request_kwargs(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let validate = instance.get("validate_server_cert")?;
    match validate.truth() {
        None => Ok(validate),
        Some(true) if std::path::Path::new(SERVICE_ACCOUNT_CA).exists() => {
            Ok(Value::dict([("ca_certs", Value::str(SERVICE_ACCOUNT_CA))]))
        }
        Some(_) => Ok(Value::Dict(Dict::new())),
    }
}

/// Upstream asks the cluster. That is a request, which settings never make: whoever needs the address makes it.
fn openshift_auth_api_url(instance: &mut Instance<'_>) -> Result<Value, Raise> {
    let url = instance.get("openshift_url")?;
    if let Value::Unknown(_) = url {
        return Ok(url);
    }
    let url = url.to_text();
    Ok(Value::unknown(
        format!("the hub asks {url}/.well-known/oauth-authorization-server for it, at the first login"),
        None,
    ))
}
