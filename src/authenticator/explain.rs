//! A provider's own words about a login that ended badly, for [`crate::diagnosis`]. They explain a verdict that has been
//! reached; they never change it.

use super::{AuthModel, BadEnd, Context, Explanation};
use crate::failure::{Raised, Stage};
use crate::http::{Exchange, bare};
use crate::value::{Set, Value};

impl Explanation {
    /// An explanation that names an option.
    pub fn of(
        option: &'static str,
        code: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Explanation {
        Explanation { code, message: message.into(), option: Some(option), fix: fix.into() }
    }
}

impl<'a> BadEnd<'a> {
    /// The auth model of a user whom `check_allowed` turned away.
    pub fn turned_away(&self) -> Option<&'a AuthModel> {
        if self.check == Some("check_allowed") { self.model } else { None }
    }

    /// The status of a provider's answer that was raised.
    pub fn client_status(&self) -> Option<u16> {
        match self.raised {
            Some(Raised::Client { status, .. }) => Some(*status),
            _ => None,
        }
    }
}

/// The requests of a class's own, in order.
pub fn asked(cx: &Context<'_>) -> Vec<Exchange> {
    cx.http.exchanges().into_iter().filter(|exchange| exchange.stage == Stage::Decision).collect()
}

/// What the last of them came to, such as `https://host/path answers 403: …`.
pub fn last_answer(cx: &Context<'_>) -> String {
    match asked(cx).last() {
        Some(Exchange { url, answer: Some(answer), .. }) => {
            let said = said(&answer.text());
            let colon = if said.is_empty() { "" } else { ": " };
            format!("{} answers {}{colon}{said}", bare(url), answer.status)
        }
        Some(exchange) => format!("{} does not answer", bare(&exchange.url)),
        None => "the provider was not asked".to_owned(),
    }
}

/// What an answer says in words: its `message`, as most APIs have it, else its first line.
fn said(body: &str) -> String {
    let json = crate::json::parse(body).ok();
    let message = ["message", "error_description", "error"]
        .iter()
        .find_map(|name| Some(json.as_ref()?.get(name)?.as_str()?.to_owned()));
    message.unwrap_or_else(|| body.lines().next().unwrap_or_default().trim().chars().take(200).collect())
}

/// The items of a set, each in backquotes.
pub fn quoted(set: &Set) -> String {
    set.iter().map(|item| format!("`{}`", item.to_text())).collect::<Vec<_>>().join(", ")
}

/// Whether one of the configured or granted scopes, however they are separated, is among these.
pub fn has_scope(scopes: &[Value], wanted: &[&str]) -> bool {
    scopes.iter().any(|scope| scope.to_text().split([' ', ',']).any(|part| wanted.contains(&part)))
}
