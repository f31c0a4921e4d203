//! Environment variables: read too early, read otherwise, not read at all.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Kind;
use crate::source::env::Variable;
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("variable-set-too-late", Error, "", "the hub reads a variable before the configuration sets it", too_late),
    rule!("variable-not-read", Warning, "", "nothing reads this variable any more", not_read),
    rule!("variable-without-effect", Warning, "", "only one value of this variable has an effect", without_effect),
    rule!("quoted-env", Warning, "", "quotes are part of a variable's value", quoted),
];

/// Variables that some release or page named and that 17.4 does not read.
const DEAD: &[(&str, &str)] = &[
    ("OAUTH2_TLS_VERIFY", "set OAUTH_TLS_VERIFY=0, or better http_request_kwargs with ca_certs"),
    ("OPENSHIFT_AUTH_API_URL", "set OPENSHIFT_URL"),
    ("OPENSHIFT_REST_API_URL", "set OPENSHIFT_URL"),
    ("OAUTH2_CLIENT_ID", "set OAUTH_CLIENT_ID"),
    ("OAUTH2_CLIENT_SECRET", "set OAUTH_CLIENT_SECRET"),
    ("OAUTH2_CALLBACK_URL", "set OAUTH_CALLBACK_URL"),
    ("OAUTH2_USERINFO_URL", "set OAUTH2_USERDATA_URL"),
    ("OAUTH2_USERDATA_METHOD", "remove it: user data are always asked for by GET"),
    ("OAUTH2_USERDATA_PARAMS", "set c.OAuthenticator.userdata_params"),
    ("OAUTH2_SCOPE", "set c.OAuthenticator.scope"),
    ("GOOGLE_CLIENT_ID", "set OAUTH_CLIENT_ID"),
    ("GOOGLE_CLIENT_SECRET", "set OAUTH_CLIENT_SECRET"),
    ("AAD_CLIENT_ID", "set OAUTH_CLIENT_ID"),
    ("AAD_CLIENT_SECRET", "set OAUTH_CLIENT_SECRET"),
    ("AUTH0_CLIENT_ID", "set OAUTH_CLIENT_ID"),
    ("AUTH0_CLIENT_SECRET", "set OAUTH_CLIENT_SECRET"),
    ("GLOBUS_CLIENT_ID", "set OAUTH_CLIENT_ID"),
    ("GLOBUS_CLIENT_SECRET", "set OAUTH_CLIENT_SECRET"),
];

/// What the configuration sets itself, in `os.environ` or `hub.extraEnv`.
fn set_here<'a>(cx: &Cx<'a>, name: &str) -> Option<&'a Variable> {
    cx.loaded.env.get(name).filter(|variable| variable.set_at.is_some())
}

/// Whether the configuration reads the variable itself, and so gives it its own meaning.
fn is_read_here(cx: &Cx<'_>, name: &str) -> bool {
    cx.loaded.texts.iter().any(|(_, text)| {
        text.match_indices(name).any(|(at, _)| {
            let before = text[..at].trim_end_matches(['"', '\'']);
            ["environ[", "environ.get(", "getenv(", "get_config(", "env(", "$(", "${", "$"]
                .iter()
                .any(|read| before.ends_with(read))
                && !text[at + name.len()..].trim_start_matches(['"', '\'', ']']).trim_start().starts_with('=')
        })
    })
}

fn too_late(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    for (option, setting) in settings.iter() {
        let Some(def) = setting.option.filter(|def| def.env_read_at_import()) else { continue };
        let Some(name) = def.env else { continue };
        let Some(late) = set_here(cx, name) else { continue };
        let early = cx.loaded.env_at_import.get(name);
        if early.is_some_and(|early| early.value == late.value) || settings.is_set(option) {
            continue;
        }
        findings.push(
            Diagnostic::error("variable-set-too-late", format!("{name} is read before this line runs, so {option} does not get it"))
                .with_span(late.set_at.clone())
                .with_setting(name)
                .with_note("oauthenticator's modules read it when they are imported, which JupyterHub does before it reads the configuration")
                .with_fix(format!("set {} instead, or the variable before the hub starts", cx.name(option))),
        );
    }
}

fn not_read(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    for (name, fix) in DEAD {
        let Some(variable) = set_here(cx, name) else { continue };
        let own = settings.class().attribute("client_id_env").and_then(|value| value.as_str().map(str::to_owned));
        if own.as_deref().is_some_and(|own| own == *name || own.replace("_ID", "_SECRET") == *name)
            || is_read_here(cx, name)
        {
            continue;
        }
        findings.push(
            Diagnostic::warning("variable-not-read", format!("oauthenticator does not read {name}"))
                .with_span(variable.set_at.clone())
                .with_setting(*name)
                .with_fix(*fix),
        );
    }
}

fn without_effect(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.settings().is_none() {
        return;
    }
    let Some(variable) = cx.loaded.env.get("OAUTH_TLS_VERIFY") else { return };
    let Some(text) = variable.value.as_str() else { return };
    if !["false", "no", "off", "f", "n", "00", ""].contains(&text.trim().to_lowercase().as_str()) || text == "0" {
        return;
    }
    findings.push(
        Diagnostic::warning("variable-without-effect", format!("OAUTH_TLS_VERIFY={text} changes nothing: only `0` does"))
            .with_span(variable.set_at.clone())
            .with_setting("OAUTH_TLS_VERIFY")
            .with_fix("set it to 0; better, name the provider's authority: http_request_kwargs = {\"ca_certs\": \"/path/ca.pem\"}"),
    );
}

fn quoted(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.loaded.kind != Kind::Z2jh {
        return;
    }
    for (name, variable) in cx.loaded.env.iter().filter(|(_, variable)| variable.set_at.is_some()) {
        let Value::Str(text) = &variable.value else { continue };
        let ours = name.starts_with("OAUTH")
            || name.ends_with("_CLIENT_ID")
            || name.ends_with("_CLIENT_SECRET")
            || name == "JUPYTERHUB_CRYPT_KEY";
        let is_quoted =
            text.len() > 1 && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
        if ours && is_quoted {
            findings.push(
                Diagnostic::new("quoted-env", Level::Warning, format!("the quotes are part of {name}"))
                    .with_span(variable.set_at.clone())
                    .with_setting(name)
                    .with_fix("take one pair of quotes away"),
            );
        }
    }
}
