//! A wiki: the first step of OAuth 1.0a, signed with the consumer's secret, tells both key and secret.

use super::Run;
use crate::check::is_placeholder;
use crate::diagnosis;
use crate::diagnostic::Level;
use crate::failure::Stage;
use crate::http::bare;

/// Codes of [`diagnosis`] that speak of the consumer.
const CONSUMER: &[&str] =
    &["consumer-no-secret", "consumer-owner-only", "consumer-not-approved", "consumer-unknown", "invalid-client"];

pub(super) fn ask(run: &Run<'_>) {
    let option = "mw_index_url";
    for name in ["client_id", "client_secret"] {
        match run.settings.str(name) {
            Err(unknown) => return run.not_told(name, format!("the consumer was not tried: {unknown}")),
            Ok(text) if text.is_empty() || is_placeholder(text) => return,
            Ok(_) => {}
        }
    }
    if run.cx.overrides(&["login_handler"]) {
        return run.not_told(option, "the class has a login handler of its own, so the consumer was not tried");
    }
    // mwoauth's callback is always `oob` unless the hub's own address is registered.
    let redirect_uri = run.text("oauth_callback_url").unwrap_or("oob");
    let Err(raised) = run.auth.begin(&run.context, redirect_uri) else { return };
    let url = run.text(option).unwrap_or_default();
    let last = run.asking.hub.exchanges().pop();
    if let Some(found) = last.as_ref().and_then(|exchange| exchange.answer.as_ref()) {
        if let Some(target) = super::answer::target(found, url) {
            return super::endpoints::redirected(run, option, url, found.status, &target);
        }
        if found.status == 429 || found.status >= 500 {
            return super::endpoints::failed(run, option, url, found);
        }
    } else {
        return run.no_answer(option, url, &raised);
    }
    let failure = diagnosis::of_raised(&run.context, Stage::Authorize, &raised);
    let (rule, about) = match failure.code {
        code if CONSUMER.contains(&code) => ("client-refused", "client_id"),
        "redirect-uri-mismatch" => ("redirect-uri-refused", "oauth_callback_url"),
        "clock-skew" => ("clock-skew", option),
        _ => ("endpoint-wrong-answer", option),
    };
    let about = if failure.code == "invalid-client" { "client_secret" } else { about };
    let level = if rule == "clock-skew" { Level::Warning } else { Level::Error };
    let finding = run.at(rule, level, about, failure.message);
    run.tell("", finding.with_note(format!("{} was asked for a request token", bare(url))).with_fix(failure.fix));
}
