//! Asking who it is, and making a name of the answer (failure modes UD… and UN…).

use super::{Finding, excerpt, name, network, plain};
use crate::authenticator::Context;
use crate::failure::{Raised, Stage};
use crate::http::Exchange;
use crate::json;
use crate::value::Value;

/// Claims that commonly hold a name, best first.
const NAME_CLAIMS: &[&str] =
    &["preferred_username", "username", "login", "nickname", "upn", "email", "name", "sub", "id"];

pub(super) fn explain(cx: &Context<'_>, raised: &Raised, exchange: Option<&Exchange>) -> Finding {
    if let Some(finding) = network::explain(cx, raised, exchange, "userdata_url") {
        return finding;
    }
    match raised {
        Raised::Client { status: status @ (401 | 403), .. } => refused(cx, *status, exchange),
        Raised::Client { status, .. } => Finding::new(
            "userdata-refused",
            format!("the userdata endpoint answers {status}: {}", excerpt(exchange)),
            format!("check {}", name(cx, "userdata_url")),
        )
        .of("userdata_url"),
        Raised::Exception { class: "KeyError", message } if message.contains("token_type") => Finding::new(
            "no-token-type",
            "the provider's token answer has no token_type, which the hub insists on (RFC 6749 5.1)",
            "ask the provider to send it, or take the claims from the id_token: `userdata_from_id_token = True`",
        )
        .of("token_url"),
        Raised::Exception { class: "ValueError", message } if message.contains("userdata_url is missing") => {
            Finding::new(
                "url-missing",
                "neither userdata_url nor userdata_from_id_token is set",
                format!("set {} to the provider's userinfo endpoint", name(cx, "userdata_url")),
            )
            .of("userdata_url")
        }
        Raised::Exception { class: "AttributeError", .. } => Finding::new(
            "token-type-invalid",
            format!("the provider's token_type is no text ({})", raised.message()),
            "the provider must send a text such as `Bearer`",
        ),
        Raised::Http { message, .. } if message.starts_with("An id token was not returned") => Finding::new(
            "no-id-token",
            "the provider sent no id_token, and userdata_from_id_token is on",
            format!("add `openid` to {}, or use userdata_url instead", name(cx, "scope")),
        )
        .of("scope"),
        Raised::Http { message, .. } => {
            let reason = message.lines().last().unwrap_or_default();
            let fix = match reason {
                text if text.contains("Audience") || text.contains("aud") => {
                    format!("the token was made for another client: check {}", name(cx, "client_id"))
                }
                text if text.contains("expired") => {
                    "the clocks differ: set this machine's and the provider's by NTP".into()
                }
                _ => "the token is malformed: look at the provider's settings for id_tokens".into(),
            };
            Finding::new("id-token-invalid", format!("the hub refuses the id_token: {reason}"), fix).of("client_id")
        }
        other => plain(other),
    }
}

/// 401 and 403: the reason often stands only in a header, which the hub never shows.
fn refused(cx: &Context<'_>, status: u16, exchange: Option<&Exchange>) -> Finding {
    let answer = exchange.and_then(|exchange| exchange.answer.as_ref());
    let header = answer.and_then(|answer| answer.header("www-authenticate")).unwrap_or_default();
    let said = if header.is_empty() { excerpt(exchange) } else { header.to_owned() };
    let scope = cx.settings.list("scope").unwrap_or_default();
    let asks_openid = scope.iter().any(|scope| scope.to_text().split([' ', ',']).any(|part| part == "openid"));
    let message = format!("the provider refuses to say who it is: {status} {said}");
    if !asks_openid && (said.contains("openid") || said.contains("insufficient_scope") || said.is_empty()) {
        return Finding::new("scope-missing", message, format!("add `openid` to {}", name(cx, "scope"))).of("scope");
    }
    if said.contains("insufficient_scope") || status == 403 {
        let fix = format!("ask for the scope that the provider names, in {}", name(cx, "scope"));
        return Finding::new("scope-missing", message, fix).of("scope");
    }
    let fix = format!(
        "check that {} belongs to the same provider, realm and host name as the token endpoint",
        name(cx, "userdata_url")
    );
    Finding::new("userdata-refused", message, fix).of("userdata_url")
}

pub(super) fn explain_username(cx: &Context<'_>, raised: &Raised, exchanges: &[Exchange]) -> Finding {
    let claim = cx.settings.value("username_claim").map(Value::to_text).unwrap_or_default();
    let setting = name(cx, "username_claim");
    let userdata = userdata(cx, exchanges);
    match (raised, &userdata) {
        (Raised::Exception { class: "AttributeError", message }, _) if message.contains("'lower'") => Finding::new(
            "claim-not-text",
            format!("`{claim}` is no text, so no user name can be made of it ({message})"),
            format!("choose a claim with a text, or make one: `{setting} = lambda user: str(user[\"{claim}\"])`"),
        )
        .of("username_claim"),
        (Raised::Exception { class: "AttributeError", .. }, _) => Finding::new(
            "userdata-not-object",
            "the userdata is no JSON object, so it has no claims",
            format!("check that {} is the userinfo endpoint", name(cx, "userdata_url")),
        )
        .of("userdata_url"),
        (Raised::Exception { class: "ValueError", .. }, Some(Value::Dict(dict))) => {
            let there: Vec<String> = dict.keys().map(Value::to_text).collect();
            let state = match dict.get(&claim) {
                Some(_) => format!("`{claim}` is empty in the userdata"),
                None if there.is_empty() => "the userdata is empty".to_owned(),
                None => format!("the userdata has no `{claim}`; it has {}", there.join(", ")),
            };
            Finding::new("claim-missing", state, claim_fix(cx, &setting, &userdata)).of("username_claim")
        }
        _ => plain(raised),
    }
}

/// Which claim would do, or which scope is missing for one.
fn claim_fix(cx: &Context<'_>, setting: &str, userdata: &Option<Value>) -> String {
    let usable = |claim: &&&str| {
        userdata.as_ref().and_then(|data| data.get(claim)).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
    };
    match NAME_CLAIMS.iter().find(usable) {
        Some(claim) => format!("set {setting} to a claim that is there, such as `{claim}`"),
        None => format!("ask for more in {}, such as `openid profile email`", name(cx, "scope")),
    }
}

/// The userdata that came, from the last answer of that stage or out of the id_token.
fn userdata(cx: &Context<'_>, exchanges: &[Exchange]) -> Option<Value> {
    let body = |stage| {
        let exchange = exchanges.iter().rev().find(|exchange| exchange.stage == stage)?;
        json::parse(&exchange.answer.as_ref()?.text()).ok()
    };
    let asked = exchanges.iter().any(|exchange| exchange.stage == Stage::Userdata);
    if cx.settings.bool("userdata_from_id_token").unwrap_or(false) || !asked {
        let token = body(Stage::Token)?.get("id_token")?.clone();
        return crate::jwt::claims(&token).ok().map(Value::Dict);
    }
    body(Stage::Userdata)
}
