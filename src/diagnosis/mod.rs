//! From what upstream raised to what an operator can do about it: the stage, a stable code, the setting and a fix.
//!
//! One file a stage. A diagnosis only explains; the verdict has been reached before it.

mod decision;
mod network;
#[cfg(test)]
mod tests;
mod token;
mod userdata;

use crate::authenticator::{AuthModel, BadEnd, Context, for_class};
use crate::failure::{Failure, NO_SAVED_ANSWER, Raised, Stage};
use crate::http::Exchange;
use crate::resolution::{End, Verdict};
use crate::settings::Settings;

/// What was found, before it is joined with the place of the setting.
struct Finding {
    code: &'static str,
    message: String,
    /// The option at fault.
    option: Option<&'static str>,
    fix: String,
}

impl Finding {
    fn new(code: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Finding {
        Finding { code, message: message.into(), option: None, fix: fix.into() }
    }

    fn of(mut self, option: &'static str) -> Finding {
        self.option = Some(option);
        self
    }
}

/// The failure or denial behind a verdict; `None` for an allowed user.
pub fn of_verdict(cx: &Context<'_>, verdict: &Verdict) -> Option<Failure> {
    match &verdict.end {
        End::Allowed => None,
        End::TurnedAway(check) => {
            let model = verdict.model.as_ref();
            if let Some(failure) = decision::by_own_method(cx, check) {
                return Some(failure);
            }
            let end = BadEnd { stage: Stage::Decision, raised: None, check: Some(check), model };
            let finding = by_provider(cx, &end).unwrap_or_else(|| decision::turned_away(cx, check, model));
            Some(assemble(cx.settings, Stage::Decision, finding, Some(403)))
        }
        End::Raised(raised) => Some(explain(cx, verdict.stage, raised, verdict.model.as_ref())),
    }
}

/// What was raised in a stage, explained.
pub fn of_raised(cx: &Context<'_>, stage: Stage, raised: &Raised) -> Failure {
    explain(cx, stage, raised, None)
}

fn explain(cx: &Context<'_>, stage: Stage, raised: &Raised, model: Option<&AuthModel>) -> Failure {
    if let Raised::Unsupported { what, setting, span } = raised {
        return unsupported(stage, what, setting.as_deref(), span.as_ref());
    }
    let end = BadEnd { stage, raised: Some(raised), check: None, model };
    let finding = by_provider(cx, &end).unwrap_or_else(|| by_stage(cx, stage, raised));
    assemble(cx.settings, stage, finding, raised.hub_status())
}

/// What the class itself has to say: it knows its provider.
fn by_provider(cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Finding> {
    let said = for_class(cx.settings.class().def.name)?.explain(cx, end)?;
    Some(Finding { code: said.code, message: said.message, option: said.option, fix: said.fix })
}

fn by_stage(cx: &Context<'_>, stage: Stage, raised: &Raised) -> Finding {
    let exchanges = cx.http.exchanges();
    let last = exchanges.iter().rev().find(|exchange| exchange.stage == stage);
    match stage {
        Stage::Token => token::explain(cx, raised, last),
        Stage::Userdata => userdata::explain(cx, raised, last),
        Stage::Username => userdata::explain_username(cx, raised, &exchanges),
        Stage::Decision | Stage::AuthState => decision::explain(cx, raised, last),
        Stage::Config | Stage::Authorize | Stage::Callback | Stage::Refresh => plain(raised),
    }
}

/// A piece that only Python or the hub's machine has.
pub fn unsupported(stage: Stage, what: &str, setting: Option<&str>, span: Option<&crate::span::Span>) -> Failure {
    let (code, fix) = match setting {
        _ if what.contains("only Python can run") => {
            ("needs-python", "run it: add `--python=INTERPRETER`, with the Python that the hub runs in".to_owned())
        }
        _ if what.starts_with(NO_SAVED_ANSWER) => (
            "no-saved-answer",
            "keep every answer of a login with `oauthctl login --save-exchanges FILE`, and give it with `--from FILE`"
                .to_owned(),
        ),
        Some(setting) => ("unknown-value", format!("give its value with `--set {setting}=VALUE`")),
        None => ("unknown-value", "give what is missing with `--set Class.option=VALUE`".to_owned()),
    };
    Failure {
        stage,
        code,
        message: what.to_owned(),
        setting: setting.map(str::to_owned),
        span: span.cloned(),
        fix,
        hub_status: None,
    }
}

fn plain(raised: &Raised) -> Finding {
    Finding::new(
        "exception",
        raised.message(),
        "look at the line above and the exchanges; this is what the hub's log would show",
    )
}

fn assemble(settings: &Settings, stage: Stage, finding: Finding, hub_status: Option<u16>) -> Failure {
    Failure {
        stage,
        code: finding.code,
        message: finding.message,
        setting: finding.option.map(|option| settings.name_of(option)),
        span: finding.option.and_then(|option| settings.span_of(option).cloned()),
        fix: finding.fix,
        hub_status,
    }
}

/// `Class.option` as the user should write it.
fn name(cx: &Context<'_>, option: &str) -> String {
    cx.settings.name_of(option)
}

/// The start of a body, on one line, for messages.
fn excerpt(exchange: Option<&Exchange>) -> String {
    let text = exchange.and_then(|exchange| exchange.answer.as_ref()).map(|answer| answer.text()).unwrap_or_default();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 200 { line.chars().take(200).chain("…".chars()).collect() } else { line }
}

/// A field of a JSON body.
fn field(exchange: Option<&Exchange>, name: &str) -> Option<String> {
    let answer = exchange?.answer.as_ref()?;
    let body = crate::json::parse(&answer.text()).ok()?;
    body.get(name).map(crate::value::Value::to_text).filter(|text| !text.is_empty())
}
