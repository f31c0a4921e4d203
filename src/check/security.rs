//! What a careful operator would object to.

use super::{Check, Cx, rule};
use crate::crypt::{self, Keys};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Kind;

pub(super) const CHECKS: &[Check] = &[
    rule!("certificate-not-checked", Warning, "", "anybody on the way can pose as the provider", not_checked),
    rule!(
        "unverified-email-allowed",
        Warning,
        "17.4",
        "an unverified e-mail address is as good as a verified one",
        unverified
    ),
    rule!("pkce-disabled", Note, "17.1", "PKCE is turned off", pkce),
    rule!("secret-in-file", Note, "", "a secret stands in the configuration", secret_in_file),
    rule!("secret-world-readable", Warning, "", "everybody on this machine can read the secret", secret_world_readable),
    rule!("secret-in-git", Warning, "", "git keeps the secret", secret_in_git),
    rule!("crypt-key-missing", Warning, "", "enable_auth_state without a key", key_missing),
    rule!("crypt-key-malformed", Error, "", "a key the hub refuses", key_malformed),
    rule!("refresh-without-auth-state", Warning, "", "refresh_pre_spawn without auth_state", refresh),
    rule!("basic-auth-special-characters", Note, "", "characters of the secret that HTTP Basic garbles", basic_auth),
];

fn not_checked(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let in_arguments = settings
        .dict("http_request_kwargs")
        .is_ok_and(|arguments| arguments.get("validate_cert").is_some_and(|value| value.truth() == Some(false)));
    let option = if in_arguments { "http_request_kwargs" } else { "validate_server_cert" };
    if !in_arguments && !cx.off("validate_server_cert") {
        return;
    }
    let level = if provider_is_here(cx) { Level::Note } else { Level::Warning };
    findings.push(
        cx.at("certificate-not-checked", level, option, "the provider's certificate is not checked")
            .with_note("whoever sits between hub and provider can read the client secret and log in as anybody")
            .with_fix(format!(
                "trust the authority instead: {} = {{\"ca_certs\": \"/path/to/ca.pem\"}}",
                cx.name("http_request_kwargs")
            )),
    );
}

/// Nobody stands between the hub and its own machine.
fn provider_is_here(cx: &Cx<'_>) -> bool {
    let host = cx.effective_text("token_url").and_then(|url| url::Url::parse(url).ok());
    host.is_some_and(|url| url.host_str().is_some_and(super::callback::is_loopback))
}

fn unverified(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.on("allow_unverified_email") {
        findings.push(
            cx.at(
                "unverified-email-allowed",
                Level::Warning,
                "allow_unverified_email",
                "users with an unverified e-mail address may come in",
            )
            .with_note("whoever signs up with another's address gets that person's account on the hub")
            .with_fix("remove it, and have users verify their address with the provider"),
        );
    }
}

fn pkce(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.off("enable_pkce") {
        findings.push(
            cx.at(
                "pkce-disabled",
                Level::Note,
                "enable_pkce",
                "a stolen code can be used by others: PKCE is turned off",
            )
            .with_fix("remove it, unless the provider refuses requests with a code challenge"),
        );
    }
}

/// The secret where it is written out in a file, and that file.
fn literal_secret(cx: &Cx<'_>) -> Option<(&'static str, String)> {
    let settings = cx.settings()?;
    let secret = cx.text("client_secret")?;
    let masked = secret.starts_with("REDACTED") || secret.starts_with("ENC[");
    if masked || super::values::placeholder_in("client_secret", secret).is_some() || secret.starts_with('$') {
        return None;
    }
    let span = settings.get("client_secret")?.origin.span()?;
    let (_, text) = cx.loaded.texts.iter().find(|(file, _)| *file == span.file)?;
    let lines = text.lines().skip(span.line - 1).take(span.end_line + 1 - span.line);
    lines.into_iter().any(|line| line.contains(secret)).then(|| ("client_secret", span.file.to_string()))
}

fn secret_in_file(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, file)) = literal_secret(cx) else { return };
    if cx.disk.in_git(&file) || cx.disk.world_readable(&file) {
        return;
    }
    let fix = match cx.loaded.kind {
        Kind::Python => "read it from the environment: os.environ[\"OAUTH_CLIENT_SECRET\"]",
        Kind::Z2jh => {
            "keep it in a values file of its own that is encrypted or never committed, or in a Kubernetes secret"
        }
        _ => "keep the file readable by root only",
    };
    findings.push(cx.at("secret-in-file", Level::Note, option, "the client secret stands in this file").with_fix(fix));
}

fn secret_world_readable(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, file)) = literal_secret(cx) else { return };
    if cx.disk.world_readable(&file) && !cx.disk.in_git(&file) {
        findings.push(
            cx.at(
                "secret-world-readable",
                Level::Warning,
                option,
                "every user of this machine can read the client secret in this file",
            )
            .with_fix(format!("chmod 600 {file}, or read the secret from the environment")),
        );
    }
}

fn secret_in_git(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, file)) = literal_secret(cx) else { return };
    if cx.disk.in_git(&file) {
        findings.push(
            cx.at("secret-in-git", Level::Warning, option, "the client secret is committed to git with this file")
                .with_note("it stays in the history, also when it is removed from the file")
                .with_fix("make a new secret at the provider, and keep that one out of git"),
        );
    }
}

fn key_missing(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if !cx.on("enable_auth_state") || crypt::keys(&cx.loaded.config, &cx.loaded.env) != Keys::Absent {
        return;
    }
    // The chart makes a key itself, and TLJH's hub has an environment of its own.
    if cx.loaded.kind == Kind::Z2jh || cx.assumed {
        return;
    }
    findings.push(
        cx.at(
            "crypt-key-missing",
            Level::Warning,
            "enable_auth_state",
            "the hub won't start unless it finds JUPYTERHUB_CRYPT_KEY",
        )
        .with_note("it is not set on this machine; it may well be on the hub's")
        .with_fix("on the hub's machine: `export JUPYTERHUB_CRYPT_KEY=$(openssl rand -hex 32)`, kept between starts"),
    );
}

fn key_malformed(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Keys::Malformed { setting, span } = crypt::keys(&cx.loaded.config, &cx.loaded.env) else { return };
    if !cx.on("enable_auth_state") {
        return;
    }
    findings.push(
        Diagnostic::error(
            "crypt-key-malformed",
            format!("the hub does not start: a key in {setting} is not 32 bytes, hex or base64-encoded"),
        )
        .with_span(span)
        .with_setting(setting)
        .with_fix("make one with `openssl rand -hex 32`, and see that no blank or line break comes along"),
    );
}

fn refresh(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if !cx.on("refresh_pre_spawn")
        || !settings.is_set("refresh_pre_spawn")
        || !cx.off("enable_auth_state")
        || cx.overrides(&["refresh_user"])
    {
        return;
    }
    findings.push(
        cx.at(
            "refresh-without-auth-state",
            Level::Warning,
            "refresh_pre_spawn",
            "there is nothing to refresh: auth_state is not kept",
        )
        .with_note("refresh_user finds no tokens, and changes nothing")
        .with_fix(format!("set {} = True with a key, or remove this", cx.name("enable_auth_state"))),
    );
}

fn basic_auth(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let special = |text: &str| text.contains([':', '%', '+', ' ', '&']) || !text.is_ascii();
    let garbled =
        ["client_id", "client_secret"].into_iter().find(|option| cx.effective_text(option).is_some_and(special));
    let Some(option) = garbled.filter(|_| cx.on("basic_auth")) else { return };
    findings.push(
        cx.at(
            "basic-auth-special-characters",
            Level::Note,
            "basic_auth",
            format!("{option} holds characters that must be encoded in HTTP Basic, which the hub does not do"),
        )
        .with_note("RFC 6749, section 2.3.1; a strict provider answers invalid_client")
        .with_fix("turn basic_auth off, or have the provider make another secret"),
    );
}
