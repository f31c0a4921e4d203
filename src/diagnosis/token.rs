//! The token request: wrong clients, secrets, addresses and codes (failure modes TK…).

use super::{Finding, excerpt, field, name, network, plain};
use crate::authenticator::Context;
use crate::failure::Raised;
use crate::http::Exchange;

pub(super) fn explain(cx: &Context<'_>, raised: &Raised, exchange: Option<&Exchange>) -> Finding {
    let status = exchange.and_then(|exchange| exchange.answer.as_ref()).map(|answer| answer.status);
    let error = field(exchange, "error");
    if let Some(finding) = error.as_deref().and_then(|error| oauth_error(cx, error, exchange, status)) {
        return finding;
    }
    if let Some(finding) = network::explain(cx, raised, exchange, "token_url") {
        return finding;
    }
    match raised {
        Raised::Client { status: 401 | 403, .. } => Finding::new(
            "invalid-client",
            format!("the provider refuses the hub: {}", excerpt(exchange)),
            secret_fix(cx),
        )
        .of("client_secret"),
        Raised::Client { status, .. } => Finding::new(
            "token-refused",
            format!("the token endpoint answers {status}: {}", excerpt(exchange)),
            "read the provider's answer; `-v` shows the whole request",
        )
        .of("token_url"),
        Raised::Http { status: 403, message } => {
            Finding::new("token-refused", message.clone(), "read the provider's words: they name the cause")
        }
        Raised::Http { message, .. } => Finding::new(
            "no-access-token",
            format!("the token endpoint's answer holds no access_token ({message})"),
            format!("check that {} is the token endpoint", name(cx, "token_url")),
        )
        .of("token_url"),
        Raised::Exception { class: "TypeError", .. } => Finding::new(
            "token-not-object",
            format!("the token endpoint's answer is no JSON object: `{}`", excerpt(exchange)),
            format!("check that {} is the token endpoint", name(cx, "token_url")),
        )
        .of("token_url"),
        other => plain(other),
    }
}

/// RFC 6749 5.2, and what well-known providers say instead.
fn oauth_error(cx: &Context<'_>, error: &str, exchange: Option<&Exchange>, status: Option<u16>) -> Option<Finding> {
    let description = field(exchange, "error_description");
    let said = description.as_ref().map_or_else(|| error.to_owned(), |text| format!("{error}: {text}"));
    let lower = said.to_ascii_lowercase();
    let with =
        |code, option, fix: String| Some(Finding::new(code, format!("the provider says {said}"), fix).of(option));
    if lower.contains("redirect_uri") || lower.contains("redirect uri") || lower.contains("aadsts50011") {
        return with(
            "redirect-uri-mismatch",
            "oauth_callback_url",
            "register exactly the redirect_uri that was sent, in both steps the same".into(),
        );
    }
    if lower.contains("aadsts7000215") || lower.contains("aadsts7000222") {
        let fix = "copy the *value* of a secret that has not expired, not its ID".into();
        return with("invalid-client", "client_secret", fix);
    }
    if lower.contains("aadsts90014") {
        return with(
            "scope-missing",
            "token_params",
            "set `token_params = {\"scope\": \"openid profile email\"}`".into(),
        );
    }
    match error {
        "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => {
            with("invalid-client", "client_secret", secret_fix(cx))
        }
        "invalid_grant" | "bad_verification_code" => with(
            "invalid-grant",
            "oauth_callback_url",
            "the code was used, has expired, or belongs to another redirect_uri: log in again, and compare the callback".into(),
        ),
        "unsupported_grant_type" => {
            with("unsupported-grant-type", "token_params", "take `grant_type` out of token_params; allow the code flow".into())
        }
        "invalid_scope" => with("invalid-scope", "scope", "ask only for scopes that the provider knows for this client".into()),
        "invalid_request" => with("invalid-request", "token_params", "read the provider's words: they name the parameter".into()),
        _ if status.is_some_and(|status| status < 300) || description.is_some() => {
            with("token-refused", "client_id", "read the provider's words: they name the cause".into())
        }
        _ => None,
    }
}

fn secret_fix(cx: &Context<'_>) -> String {
    let settings = cx.settings;
    let secret = settings.str("client_secret").unwrap_or_default();
    let (id_name, secret_name) = (name(cx, "client_id"), name(cx, "client_secret"));
    let basic = settings.bool("basic_auth").unwrap_or(false);
    if secret.is_empty() {
        format!("{secret_name} is empty: set it")
    } else if secret.trim() != secret {
        format!("{secret_name} begins or ends with a blank or line break: take it away")
    } else if secret.chars().all(|c| c == '*') {
        format!("{secret_name} holds only asterisks: copy the real secret")
    } else {
        let other = if basic { "False" } else { "True" };
        format!("check {id_name} and {secret_name}; if both are right, the provider may want `basic_auth = {other}`")
    }
}
