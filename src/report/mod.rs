//! Reports: the only place that serialises, colours and prints. One file a format, all fed the same data.

pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod snippet;

use std::sync::Arc;

use crate::authenticator::{AuthModel, Check};
use crate::diagnostic::{Diagnostic, Level};
use crate::failure::Failure;
use crate::http::Exchange;
use crate::value::Value;

/// What a login came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user comes in.
    Allowed,
    /// The hub turns this person away.
    Denied,
    /// Everything else.
    Failed,
}

impl Outcome {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        }
    }
}

/// Everything there is to say about a login.
#[derive(Clone, Debug)]
pub struct Login {
    /// What it came to.
    pub outcome: Outcome,
    /// The class that runs; `None` where even that is not known.
    pub authenticator: Option<String>,
    /// The hub's auth model, as far as it got.
    pub model: Option<AuthModel>,
    /// Whether the hub would keep the auth_state.
    pub auth_state_stored: bool,
    /// The rules in the order they were asked.
    pub decision: Vec<Check>,
    /// What failed, or why the user is turned away.
    pub failure: Option<Failure>,
    /// Every request made, in order.
    pub exchanges: Vec<Exchange>,
    /// What else is to be said, the most important first.
    pub warnings: Vec<Diagnostic>,
    /// Where the browser was sent.
    pub authorize_url: Option<String>,
    /// What the provider was told to send the browser to.
    pub redirect_uri: Option<String>,
    /// Claims of the tokens that came, undecided upon: the id_token's, and the access token's where it is a JWT.
    pub tokens: Vec<(&'static str, Value)>,
    /// What a refresh came to, in the words of `interface.md`.
    pub refresh: Option<&'static str>,
    /// Expectations that did not hold.
    pub unmet: Vec<String>,
}

impl Login {
    /// A login that failed before there was anything to tell of it.
    pub fn failed(authenticator: Option<String>, failure: Failure, warnings: Vec<Diagnostic>) -> Login {
        Login {
            outcome: Outcome::Failed,
            authenticator,
            model: None,
            auth_state_stored: false,
            decision: Vec::new(),
            failure: Some(failure),
            exchanges: Vec::new(),
            warnings,
            authorize_url: None,
            redirect_uri: None,
            tokens: Vec::new(),
            refresh: None,
            unmet: Vec::new(),
        }
    }
}

/// What was found in several hubs.
#[derive(Clone, Debug, Default)]
pub struct Validation {
    /// The hubs, in the order in which they were named or found.
    pub hubs: Vec<Hub>,
    /// The findings by place, each once.
    pub findings: Vec<Found>,
}

/// A hub that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    /// The file that names it.
    pub path: String,
    /// The class that runs, where it is known.
    pub authenticator: Option<String>,
    /// How many options are set.
    pub settings: usize,
}

/// A finding, and where it counts.
#[derive(Clone, Debug)]
pub struct Found {
    /// The finding, without secrets.
    pub finding: Diagnostic,
    /// The hubs that it concerns: several where they share a file.
    pub hubs: Vec<String>,
    /// How it looks to a person, with the lines of the file.
    pub shown: String,
}

impl Validation {
    /// How many findings are of this level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|found| found.finding.level == level).count()
    }
}

/// The texts that spans point into.
pub type Texts = [(Arc<str>, Arc<str>)];

/// A failure in the shape of a finding, for the formats that show findings.
pub fn failure_as_diagnostic(failure: &Failure) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(failure.code, failure.message.clone()).with_span(failure.span.clone());
    diagnostic.setting = failure.setting.clone();
    if let Some(status) = failure.hub_status {
        diagnostic = diagnostic.with_note(format!("the hub would answer the browser with {status}"));
    }
    if failure.fix.is_empty() { diagnostic } else { diagnostic.with_fix(failure.fix.clone()) }
}
