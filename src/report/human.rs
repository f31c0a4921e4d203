//! The report for people: what was asked, who it is, what the hub decides and why, and the next step.

use std::fmt::Write as _;

use colored::Colorize as _;

use super::{Login, Outcome, Texts, failure_as_diagnostic, snippet};
use crate::authenticator::CheckResult;
use crate::diagnostic::Diagnostic;
use crate::http::{Exchange, bare};
use crate::secret::{Redactor, is_secret};
use crate::sys::{printable, printable_lines};
use crate::value::Value;

/// How the output looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours help here.
    pub colour: bool,
    /// The terminal's width.
    pub width: usize,
    /// `-v`: show requests and answers whole.
    pub verbose: bool,
}

/// A login as text.
pub fn login(report: &Login, texts: &Texts, redactor: &Redactor, style: Style) -> String {
    let mut out = String::new();
    let class = report.authenticator.as_deref().unwrap_or("no authenticator");
    let _ = writeln!(out, "{}", class.bold());
    for exchange in &report.exchanges {
        out.push_str(&request(exchange, redactor, style.verbose));
    }
    out.push('\n');
    out.push_str(&verdict(report, redactor));
    if let Some(failure) = report.failure.as_ref().filter(|_| report.outcome != Outcome::Allowed) {
        let finding = failure_as_diagnostic(failure);
        let _ = writeln!(out, "\n{}", snippet::render(&finding, texts, redactor, style.colour, style.width));
    }
    out.push_str(&findings(&report.warnings, texts, redactor, style));
    for unmet in &report.unmet {
        let _ = writeln!(out, "\n{} {}", "expectation not met:".red().bold(), redactor.text(unmet));
    }
    out
}

/// One line a request; with `-v` headers, form and body below it.
fn request(exchange: &Exchange, redactor: &Redactor, verbose: bool) -> String {
    let (mark, status) = match &exchange.answer {
        Some(answer) if (200..300).contains(&answer.status) => ("✔".green(), answer.status.to_string()),
        Some(answer) => ("✘".red(), format!("{} {}", answer.status, answer.reason)),
        None => ("✘".red(), "no answer".into()),
    };
    let milliseconds = exchange.elapsed.as_secs_f64() * 1000.0;
    let url = redactor.text(&bare(&exchange.url));
    let stage = format!("{:<9}", exchange.stage.name());
    let mut out = format!("  {mark} {stage} {} {url}  {status}  {milliseconds:.0} ms\n", exchange.method);
    if !verbose {
        return out;
    }
    let _ = writeln!(out, "      {}", redactor.url(&exchange.url).dimmed());
    for (name, value) in &exchange.request_headers {
        let _ = writeln!(out, "      {} {}", format!("> {name}:").dimmed(), redactor.field(name, value));
    }
    for (name, value) in &exchange.form {
        let _ = writeln!(out, "      {} {}", format!("> {name}=").dimmed(), redactor.parameter(name, value));
    }
    match &exchange.answer {
        Some(answer) => {
            for (name, value) in &answer.headers {
                let _ = writeln!(out, "      {} {}", format!("< {name}:").dimmed(), redactor.field(name, value));
            }
            let _ = writeln!(out, "{}", indent(&body(&answer.text(), redactor), 8));
        }
        None => {
            let _ = writeln!(out, "      {}", redactor.text(exchange.error.as_deref().unwrap_or_default()));
        }
    }
    out
}

/// How much of a body is shown, in characters.
const SHOWN: usize = 100_000;

fn body(text: &str, redactor: &Redactor) -> String {
    let whole = match crate::json::parse(text) {
        Ok(value) => {
            let mut json = serde_json::Value::from(&value);
            redactor.learn_json(&json);
            redactor.json(&mut json);
            crate::json::finish(&serde_json::to_string_pretty(&json).unwrap_or_default())
        }
        Err(_) => redactor.text(text),
    };
    match whole.char_indices().nth(SHOWN) {
        None => printable_lines(&whole),
        Some((end, _)) => format!(
            "{}\n… and {} more bytes; --save-exchanges keeps them",
            printable_lines(&whole[..end]),
            whole.len() - end
        ),
    }
}

fn indent(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    text.lines().map(|line| format!("{pad}{line}")).collect::<Vec<_>>().join("\n")
}

fn verdict(report: &Login, redactor: &Redactor) -> String {
    let mut out = String::new();
    let name = report.model.as_ref().map(|model| printable(&redactor.text(&model.name.to_text())));
    if let Some(refresh) = report.refresh {
        let _ = writeln!(out, "{} {}", "refresh:".bold(), refresh_text(refresh));
    }
    let headline = match (report.outcome, &name) {
        _ if report.refresh.is_some() => match &name {
            Some(name) => name.bold().to_string(),
            None => return out,
        },
        (Outcome::Allowed, Some(name)) => format!("{} {}", name.bold(), "may enter".green().bold()),
        (Outcome::Denied, Some(name)) => format!("{} {}", name.bold(), "is turned away".red().bold()),
        (_, Some(name)) => format!("{} for {}", "the login fails".red().bold(), name.bold()),
        (_, None) => format!("{}", "the login fails".red().bold()),
    };
    let _ = writeln!(out, "{headline}");
    let Some(model) = &report.model else { return out };
    row(&mut out, "user name", &name.unwrap_or_default());
    let admin = match &model.admin {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no: revoked at this login".to_owned(),
        _ => "as the hub's database has it (no for a new user)".to_owned(),
    };
    row(&mut out, "admin", &admin);
    row(&mut out, "groups", &groups(model.groups.as_ref(), redactor));
    if let Some(check) = report.decision.iter().rfind(|check| check.result != CheckResult::Skip) {
        row(&mut out, "decided by", &format!("{}: {}", check.check, redactor.text(&check.because)));
    }
    checks(&mut out, report, redactor);
    auth_state(&mut out, report, redactor);
    out
}

fn refresh_text(refresh: &str) -> String {
    match refresh {
        "unchanged" => "unchanged; the hub asks nothing and changes nothing".green().to_string(),
        "updated" => "updated with the access token that is still good".green().to_string(),
        "renewed" => "renewed by the refresh token".green().to_string(),
        _ => "the user has to log in again".red().bold().to_string(),
    }
}

fn groups(groups: Option<&Value>, redactor: &Redactor) -> String {
    match groups {
        None | Some(Value::None) => "not managed by the authenticator".into(),
        Some(Value::List(names)) if names.is_empty() => "none".into(),
        Some(Value::List(names)) => {
            let names: Vec<String> = names.iter().map(Value::to_text).collect();
            printable(&redactor.text(&names.join(", ")))
        }
        Some(other) => printable(&redactor.text(&other.to_text())),
    }
}

fn row(out: &mut String, label: &str, value: &str) {
    let _ = writeln!(out, "  {} {value}", format!("{label:<11}").dimmed());
}

fn checks(out: &mut String, report: &Login, redactor: &Redactor) {
    if report.decision.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", "rules, in the hub's order".dimmed());
    let width = report.decision.iter().map(|check| check.check.len()).max().unwrap_or(0);
    for check in &report.decision {
        let mark = match check.result {
            CheckResult::Pass | CheckResult::Allow => "✔".green(),
            CheckResult::Deny => "✘".red(),
            CheckResult::Skip => "·".dimmed(),
        };
        let because = printable(&redactor.text(&check.because));
        let _ = writeln!(out, "    {mark} {:<width$}  {because}", check.check);
    }
}

fn auth_state(out: &mut String, report: &Login, redactor: &Redactor) {
    let Some(Value::Dict(state)) = report.model.as_ref().map(|model| &model.auth_state) else { return };
    let stored = if report.auth_state_stored { "kept by the hub" } else { "not kept: enable_auth_state is off" };
    let _ = writeln!(out, "\n  {} {}", "auth_state".dimmed(), format!("({stored})").dimmed());
    for (name, value) in state.iter() {
        let name = name.to_text();
        let shown = match value {
            Value::None => "none".to_owned(),
            Value::Str(text) => redactor.field(&name, text),
            value if is_secret(&name) => redactor.field(&name, &value.to_text()),
            value => {
                let mut json = serde_json::Value::from(value);
                redactor.learn_json(&json);
                redactor.json(&mut json);
                crate::json::finish(&json.to_string())
            }
        };
        let _ = writeln!(out, "    {} {}", format!("{name}:").dimmed(), shorten(&printable(&shown), 400));
    }
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    format!("{}… (whole with --format json)", text.chars().take(most).collect::<String>())
}

/// Findings below each other.
pub fn findings(findings: &[Diagnostic], texts: &Texts, redactor: &Redactor, style: Style) -> String {
    let mut out = String::new();
    for finding in findings {
        let _ = writeln!(out, "\n{}", snippet::render(finding, texts, redactor, style.colour, style.width));
    }
    out
}
