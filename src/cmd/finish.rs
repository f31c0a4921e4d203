//! The end of `login`, `resolve` and `refresh`: expectations, output, exit code.

use clap::{Args, ValueEnum};

use crate::check;
use crate::cmd::common::{Format, OutputArgs, print};
use crate::cmd::{CANNOT, NO, YES};
use crate::diagnostic::Level;
use crate::failure::codes;
use crate::report::{Login, Outcome, Texts, human, json};
use crate::secret::Redactor;
use crate::sys::World;
use crate::value::Value;

/// What must come out, for use as a test.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Expectations")]
pub struct ExpectArgs {
    /// What it must come to; exit 0 where every expectation holds, else 1
    #[arg(long, value_enum)]
    pub expect_outcome: Option<ExpectedOutcome>,
    /// The user name that must come out
    #[arg(long, value_name = "NAME")]
    pub expect_username: Option<String>,
    /// Whether the user must be an admin; `false` holds too where the hub leaves it as it is
    #[arg(long, value_name = "true|false")]
    pub expect_admin: Option<bool>,
    /// A group that the user must be in (repeatable)
    #[arg(long, value_name = "GROUP")]
    pub expect_group: Vec<String>,
}

/// The outcomes, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExpectedOutcome {
    /// The user comes in.
    Allowed,
    /// The hub turns the user away.
    Denied,
    /// Anything else.
    Failed,
}

impl ExpectArgs {
    fn any(&self) -> bool {
        self.expect_outcome.is_some()
            || self.expect_username.is_some()
            || self.expect_admin.is_some()
            || !self.expect_group.is_empty()
    }

    /// The expectations that do not hold, each with what came instead.
    fn unmet(&self, login: &Login) -> Vec<String> {
        let mut unmet = Vec::new();
        if let Some(expected) = self.expect_outcome {
            let expected = match expected {
                ExpectedOutcome::Allowed => Outcome::Allowed,
                ExpectedOutcome::Denied => Outcome::Denied,
                ExpectedOutcome::Failed => Outcome::Failed,
            };
            if expected != login.outcome {
                unmet.push(format!("the outcome is {}, not {}", login.outcome.name(), expected.name()));
            }
        }
        let model = login.model.as_ref();
        if let Some(expected) = &self.expect_username {
            let name = model.map(|model| model.name.to_text());
            if name.as_ref() != Some(expected) {
                unmet.push(format!("the user name is {}, not {expected}", name.as_deref().unwrap_or("unknown")));
            }
        }
        if let Some(expected) = self.expect_admin {
            let admin = model.and_then(|model| model.admin.truth());
            if admin != Some(expected) {
                unmet.push(format!("admin is not {expected}"));
            }
        }
        for group in &self.expect_group {
            let groups = model.and_then(|model| model.groups.as_ref()).and_then(Value::iterate).unwrap_or_default();
            if !groups.iter().any(|found| found.as_str() == Some(group)) {
                unmet.push(format!("the user is not in the group {group}"));
            }
        }
        unmet
    }
}

/// Prints the report and gives the exit code.
pub fn finish(
    mut login: Login,
    texts: &Texts,
    redactor: &Redactor,
    expect: &ExpectArgs,
    output: &OutputArgs,
    world: &World,
) -> u8 {
    debug_assert!(unexplained(&login).is_none(), "`{}` has no page", unexplained(&login).unwrap_or_default());
    login.warnings.sort_by_key(|warning| warning.level);
    if output.format == Format::Human && !output.verbose {
        // When the hub refreshes is half the answer to what a refresh does.
        login.warnings.retain(|warning| warning.level != Level::Note || warning.rule == "refresh-schedule");
    }
    login.unmet = expect.unmet(&login);
    // Masks by name first, so that a secret that came in a field is known when its text turns up elsewhere.
    let document = json::login(&login, redactor);
    match output.format {
        Format::Json => print(&json::text(&document)),
        Format::Human => print(&human::login(&login, texts, redactor, output.style(world))),
    }
    match login.outcome {
        _ if expect.any() => {
            if login.unmet.is_empty() {
                YES
            } else {
                NO
            }
        }
        Outcome::Allowed => YES,
        Outcome::Denied => NO,
        Outcome::Failed => CANNOT,
    }
}

/// A code or rule of the report that `explain` knows nothing of.
fn unexplained(login: &Login) -> Option<&'static str> {
    let rules = login.warnings.iter().map(|warning| warning.rule);
    let codes = login.failure.iter().map(|failure| failure.code);
    rules.chain(codes).find(|id| check::named(id).is_none() && codes::find(id).is_none())
}
