//! What is said about the child: how loading failed, where the operator's own code raised, what it printed.

use std::time::Duration;

use super::message::{Exception, Frame, is_true, list, number, span, text};
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Raised, Stage};
use crate::settings::{classes, version};
use crate::span::Span;
use crate::sys::printable;
use crate::value::Value;

/// The releases that oauthctl itself models.
const MODELLED: [(&str, &str); 2] = [("oauthenticator", "17.4.0"), ("jupyterhub", "6.1.1")];
/// How many lines of output are shown.
const LINES: usize = 20;
/// How much of one line is shown.
const LENGTH: usize = 300;

fn failure(stage: Stage, code: &'static str, message: String, fix: &str) -> Failure {
    Failure { stage, code, message, fix: fix.to_owned(), ..Failure::none() }
}

/// The interpreter cannot be started.
pub fn no_interpreter(interpreter: &str, error: &std::io::Error) -> Failure {
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no Python `{interpreter}`"),
        _ => format!("the Python `{interpreter}` cannot be started: {error}"),
    };
    failure(
        Stage::Config,
        "python-missing",
        message,
        "name the hub's own with --python=INTERPRETER or OAUTHCTL_PYTHON, such as --python=/opt/tljh/hub/bin/python3",
    )
}

/// What was loaded is nothing to log in with; `None` where it is.
pub fn not_a_hub(answer: &Value, interpreter: &str) -> Option<Failure> {
    let missing = text(answer, "missing");
    if !missing.is_empty() {
        let python = Some(text(answer, "python")).filter(|path| !path.is_empty()).unwrap_or(interpreter);
        return Some(failure(
            Stage::Config,
            "python-without-jupyterhub",
            format!("there is no {missing} in {python} ({})", text(answer, "why")),
            "name the Python that the hub runs in with --python=INTERPRETER",
        ));
    }
    if is_true(answer, "no_oauth") {
        let message = format!("the hub runs {}, whose logins oauthctl does not play", text(answer, "class"));
        return Some(Failure {
            setting: Some("JupyterHub.authenticator_class".into()),
            ..failure(
                Stage::Config,
                "not-an-oauthenticator",
                message,
                "set `JupyterHub.authenticator_class` to a class of oauthenticator, such as `generic-oauth`",
            )
        });
    }
    None
}

/// Loading raised.
pub fn not_loaded(exception: Exception) -> Failure {
    let said = exception.raised.message();
    let (code, message) = match exception.class.as_str() {
        "SystemExit" => ("config-exits", format!("the configuration ends the hub here: {said}")),
        "SyntaxError" | "IndentationError" | "TabError" => ("syntax-error", said),
        _ => ("config-raises", format!("the hub does not start: {said}")),
    };
    let fix = match exception.class.as_str() {
        "ImportError" | "ModuleNotFoundError" => {
            "install in this Python what the hub has there, or name the hub's own with --python=INTERPRETER"
        }
        _ => "the hub's own start-up ends in the same way; mend what the message names",
    };
    Failure { span: exception.frames.last().map(place), ..failure(Stage::Config, code, message, fix) }
}

/// Something was raised outside the decision.
pub fn raised(exception: Exception, stage: Stage) -> Failure {
    let hub_status = exception.raised.hub_status();
    let fix = "this is what the hub's log would show";
    Failure { hub_status, ..failure(stage, "exception", exception.raised.message(), fix) }
}

/// The child's time was up. `at` is the operator's line that was running.
pub fn timed_out(stage: Stage, doing: &str, at: Option<Span>, limit: Duration) -> Failure {
    let what = match (stage, doing) {
        (Stage::Config, "") => "Python was still starting".to_owned(),
        (Stage::Config, doing) => format!("the configuration was still being loaded ({doing})"),
        (_, "") => format!("Python was still at the stage {}", stage.name()),
        (_, doing) => format!("{doing} was still running"),
    };
    let message = format!("{what} after {:.0} seconds, and was ended", limit.as_secs_f64().max(1.0));
    let fix = match &at {
        Some(_) => "see what this line waits for, or give it longer with --timeout SECONDS",
        None => "see what it waits for, or give it longer with --timeout SECONDS",
    };
    Failure { span: at, ..failure(stage, "python-timeout", message, fix) }
}

/// The child is gone.
pub fn ended(stage: Stage, doing: &str, how: Option<&str>) -> Failure {
    let during = if doing.is_empty() { String::new() } else { format!(" during {doing}") };
    let message = match how {
        Some(how) => format!("Python ended {how}{during}, before it had answered"),
        None => format!("Python closed its pipe to oauthctl{during}, and was ended"),
    };
    let fix = match stage {
        Stage::Config => "look for what ends the process in the configuration, such as os._exit or closing all files",
        _ => "look for what ends the process in the hooks and methods of the configuration",
    };
    failure(stage, "python-ended", message, fix)
}

/// Why the user has to log in again: upstream says it in its log only.
pub fn login_needed(logs: &[(String, String)], result: &Value) -> String {
    let logged = logs.iter().rev().map(|(_, message)| message).find(|message| message.contains("efresh"));
    logged.map_or_else(|| format!("refresh_user returned {}", result.repr()), Clone::clone)
}

/// Puts a failure where the operator's own code raised.
pub fn locate(failure: &mut Failure, exception: &Exception, loaded: &Value) {
    let Some(frame) = exception.frames.last() else { return };
    failure.span = Some(place(frame));
    if failure.stage == Stage::Config {
        return;
    }
    failure.setting = Some(owner(frame, loaded));
    if !matches!(exception.raised, Raised::Http { status: 403, .. }) {
        failure.code = "custom-code-raises";
        failure.message = format!("{} in {}", exception.raised.message(), function(frame));
        failure.fix = match frame.text.as_str() {
            "" => "mend this line".to_owned(),
            text => format!("mend `{}`", printable(text)),
        };
    }
}

/// A denial by a method that the operator wrote.
pub fn by_override(failure: &mut Failure, loaded: &Value) {
    let method = if failure.code == "blocked" { "check_blocked_users" } else { "check_allowed" };
    let own = list(loaded, "overrides").iter().find(|own| text(own, "name") == method);
    let Some(own) = own else { return };
    failure.message = format!("{method} of {} turns this user away", text(loaded, "class"));
    failure.setting = Some("JupyterHub.authenticator_class".into());
    failure.span = span(own);
    failure.fix = "see what it returns for this user's auth model".into();
}

/// The option that holds the function, else the one that names the class.
fn owner(frame: &Frame, loaded: &Value) -> String {
    let holds = |setting: &&Value| {
        let Some(value) = setting.get("value") else { return false };
        let from = number(value, "line").unwrap_or(usize::MAX);
        let lines = text(value, "source").lines().count();
        text(value, "file") == &*frame.span.file && (from..from.saturating_add(lines)).contains(&frame.span.line)
    };
    match list(loaded, "settings").iter().find(holds) {
        Some(setting) => format!("{}.{}", text(loaded, "class"), text(setting, "name")),
        None => "JupyterHub.authenticator_class".into(),
    }
}

fn place(frame: &Frame) -> Span {
    frame.span.clone()
}

fn function(frame: &Frame) -> String {
    match frame.function.as_str() {
        "<lambda>" => "a lambda".to_owned(),
        "<module>" | "" => "the configuration".to_owned(),
        name => name.to_owned(),
    }
}

/// The traceback, where some of it is the operator's.
pub fn traceback(exception: &Exception) -> Option<Diagnostic> {
    let last = exception.frames.last()?;
    let message = format!("{} was raised by way of the configuration's own lines", exception.class);
    let finding = Diagnostic::warning("traceback", message).with_span(last.span.clone());
    Some(exception.frames.iter().fold(finding, |finding, frame| {
        let place = format!("{}:{}", frame.span.file, frame.span.line);
        finding.with_note(printable(&format!("{place} in {}: {}", function(frame), frame.text)))
    }))
}

/// Releases whose behaviour differs from what the rest of oauthctl models.
pub fn versions(versions: Option<&Value>) -> Vec<Diagnostic> {
    let Some(found) = versions.and_then(|message| message.get("versions")) else { return Vec::new() };
    let executable = versions.map(|message| text(message, "executable")).unwrap_or_default();
    let mut warnings = Vec::new();
    for (name, modelled) in MODELLED {
        match text(found, name) {
            "" => warnings.push(
                Diagnostic::warning("python-version", format!("there is no {name} in {executable}"))
                    .with_fix(format!("install it there: `{executable} -m pip install {name}`")),
            ),
            version if version != modelled => warnings.push(
                Diagnostic::warning("python-version", format!("{executable} has {name} {version}")).with_note(format!(
                    "the verdict is that of this release; without --python oauthctl speaks of {modelled}"
                )),
            ),
            _ => {}
        }
    }
    let all: Vec<String> = ["python", "jupyterhub", "oauthenticator", "traitlets", "tornado"]
        .iter()
        .filter(|name| !text(found, name).is_empty())
        .map(|name| format!("{name} {}", text(found, name)))
        .collect();
    warnings.push(Diagnostic::note("python-used", format!("decided by {executable}: {}", all.join(", "))));
    warnings
}

/// What is noteworthy about what was loaded.
pub fn loaded(loaded: &Value) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if text(loaded, "crypt") == "missing" {
        warnings.push(
            Diagnostic::warning(
                "crypt-key-missing",
                "enable_auth_state is on, and the hub won't start unless it finds JUPYTERHUB_CRYPT_KEY",
            )
            .with_note("it is not set on this machine; it may well be on the hub's")
            .with_fix(
                "on the hub's machine: `export JUPYTERHUB_CRYPT_KEY=$(openssl rand -hex 32)`, kept between starts",
            ),
        );
    }
    let beside: Vec<String> = list(loaded, "beside").iter().map(Value::to_text).collect();
    if !beside.is_empty() {
        let message = format!("{} was found only because it lies beside the configuration", beside.join(", "));
        warnings.push(
            Diagnostic::warning("module-beside", message)
                .with_fix("see that the hub finds it too: install it, or name its folder in the hub's PYTHONPATH"),
        );
    }
    warnings
}

/// What the hub would log.
pub fn logged(level: &str, message: &str, versions: Option<&Value>) -> Diagnostic {
    let message: String = printable(&message.replace('\n', " ")).chars().take(1000).collect();
    if message.contains("not recognized by") {
        let option = message.split('`').nth(1).unwrap_or_default();
        let fix = newer(option, versions).unwrap_or_else(|| {
            "take the name from the documentation of the release that is installed there".to_owned()
        });
        return Diagnostic::warning("unknown-option", format!("the hub's log: {message}")).with_fix(fix);
    }
    let rule = if level == "WARNING" { "hub-warning" } else { "hub-error" };
    Diagnostic::warning(rule, format!("the hub's log: {message}"))
}

/// Where an option is only in newer releases than the one installed.
fn newer(option: &str, versions: Option<&Value>) -> Option<String> {
    let since = classes().iter().find_map(|class| class.own_option(option))?.since?;
    let (package, since) = since.split_once(' ').unwrap_or(("oauthenticator", since));
    let installed = text(versions?.get("versions")?, package);
    let is_newer = !installed.is_empty() && version(since) > version(installed);
    is_newer.then(|| {
        format!("{option} came with {package} {since}, and {installed} is installed: upgrade, or leave it out")
    })
}

/// What Python and the configuration printed.
pub fn printed(output: &str, length: usize) -> Option<Diagnostic> {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return None;
    }
    let note = Diagnostic::note("python-output", format!("the configuration printed {length} bytes, which go nowhere"));
    let note = lines
        .iter()
        .take(LINES)
        .fold(note, |note, line| note.with_note(printable(&line.chars().take(LENGTH).collect::<String>())));
    Some(if lines.len() > LINES || length > output.len() { note.with_note("… and more") } else { note })
}
