//! The JSON documents of `interface.md`: names and meanings there never change.

use serde_json::{Map, Value as Json, json};

use super::{Login, Outcome};
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::http::{Answer, Exchange};
use crate::secret::Redactor;
use crate::value::Value;

/// The document of `login`, `resolve` and `refresh`, secrets masked.
pub fn login(report: &Login, redactor: &Redactor) -> Json {
    let mut document = unmasked(report, redactor);
    redactor.learn_json(&document);
    redactor.json(&mut document);
    document
}

/// Takes note of every secret in a report, so that none turns up in a text that is made before the document.
pub fn learn(report: &Login, redactor: &Redactor) {
    redactor.learn_json(&unmasked(report, redactor));
}

fn unmasked(report: &Login, redactor: &Redactor) -> Json {
    let mut document = json!({
        "schema": "oauthctl.login/1",
        "outcome": report.outcome.name(),
        "authenticator": report.authenticator,
        "user": user(report),
        "auth_state": report.model.as_ref().map(|model| Json::from(&model.auth_state)),
        "auth_state_stored": report.auth_state_stored,
        "decision": report.decision.iter().map(|check| json!({
            "check": check.check, "result": check.result.name(), "because": check.because,
        })).collect::<Vec<_>>(),
        "failure": report.failure.as_ref().filter(|_| report.outcome != Outcome::Allowed).map(failure),
        "exchanges": report.exchanges.iter().map(|exchange| self::exchange(exchange, redactor)).collect::<Vec<_>>(),
        "warnings": report.warnings.iter().map(|warning| finding(warning, None)).collect::<Vec<_>>(),
        "tokens": Json::Object(report.tokens.iter().map(|(name, claims)| {
            ((*name).to_owned(), json!({"claims": Json::from(claims)}))
        }).collect()),
        "authorize_url": report.authorize_url,
        "redirect_uri": report.redirect_uri,
    });
    if let Some(refresh) = report.refresh {
        document["refresh"] = json!(refresh);
    }
    if !report.unmet.is_empty() {
        document["unmet_expectations"] = json!(report.unmet);
    }
    document
}

fn user(report: &Login) -> Json {
    match &report.model {
        None => Json::Null,
        Some(model) => json!({
            "name": Json::from(&model.name),
            "admin": Json::from(&model.admin),
            "groups": model.groups.as_ref().map(Json::from),
        }),
    }
}

fn failure(failure: &Failure) -> Json {
    json!({
        "stage": failure.stage.name(),
        "code": failure.code,
        "message": failure.message,
        "setting": failure.setting,
        "source": failure.span.as_ref().map(|span| json!({
            "file": &*span.file, "line": span.line, "column": span.column,
        })),
        "fix": failure.fix,
        "hub_status": failure.hub_status,
    })
}

/// One exchange.
pub fn exchange(exchange: &Exchange, redactor: &Redactor) -> Json {
    json!({
        "stage": exchange.stage.name(),
        "method": exchange.method,
        "url": redactor.url(&exchange.url),
        "status": exchange.answer.as_ref().map(|answer| answer.status),
        "milliseconds": (exchange.elapsed.as_secs_f64() * 10_000.0).round() / 10.0,
        "request": {"headers": headers(&exchange.request_headers), "form": form(&exchange.form, redactor)},
        "response": match &exchange.answer {
            Some(answer) => json!({"headers": headers(&answer.headers), "body": body(answer)}),
            None => json!({"error": exchange.error}),
        },
    })
}

fn form(pairs: &[(String, String)], redactor: &Redactor) -> Json {
    let fields = pairs.iter().map(|(name, value)| (name.clone(), json!(redactor.parameter(name, value))));
    Json::Object(fields.collect::<Map<_, _>>())
}

fn headers(pairs: &[(String, String)]) -> Json {
    Json::Object(pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
}

/// The body as JSON where it is, else as text.
fn body(answer: &Answer) -> Json {
    let text = answer.text();
    crate::json::parse(&text).map_or_else(|_| json!(text), |value: Value| Json::from(&value))
}

/// A finding as `validate-config` prints it.
pub fn finding(finding: &Diagnostic, hub: Option<&str>) -> Json {
    let span = finding.span.as_ref();
    json!({
        "rule": finding.rule,
        "level": finding.level.name(),
        "message": finding.message,
        "hub": hub,
        "file": span.map(|span| &*span.file),
        "line": span.map(|span| span.line),
        "column": span.map(|span| span.column),
        "end_line": span.map(|span| span.end_line),
        "end_column": span.map(|span| span.end_column),
        "setting": finding.setting,
        "notes": finding.notes,
        "fix": finding.fix.as_ref().map(|fix| json!({"message": fix.message, "replacement": fix.replacement, "safe": fix.safe})),
    })
}

/// A document as text: indented, lone surrogates spelt as JSON spells them.
pub fn text(document: &Json) -> String {
    let text = serde_json::to_string_pretty(document).unwrap_or_else(|_| "null".into());
    crate::json::finish(&text) + "\n"
}
