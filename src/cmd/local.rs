//! `Local…` classes: what depends on the hub's machine, and what the hub would do to it, told and never done.

use crate::cmd::prepare::Prepared;
use crate::diagnostic::Diagnostic;
use crate::report::{Login, Outcome};
use crate::settings::Settings;
use crate::value::Value;

/// That the answer depends on the machine, where it does.
pub fn depends(settings: &Settings) -> Option<Diagnostic> {
    if !settings.class().is_local() {
        return None;
    }
    let asks = settings.set("allowed_groups").map_or(true, |groups| !groups.is_empty());
    let message = match asks {
        true => "allowed_groups of a Local… class asks the system's groups first, and those of this machine were asked",
        false => "a Local… class asks the system for its users, and those of this machine were asked",
    };
    Some(
        Diagnostic::warning("system-users-assumed", message)
            .with_setting(settings.name_of("allowed_groups"))
            .with_span(settings.span_of("allowed_groups").cloned())
            .with_fix(
                "give those of the hub's machine with --system-users FILE, from `getent passwd; getent group` there",
            ),
    )
}

/// What follows an allowed login on the hub's machine.
pub fn after(prepared: &Prepared, login: &Login) -> Vec<Diagnostic> {
    let settings = &prepared.settings;
    let own = ["add_user", "add_system_user", "system_user_exists"]
        .iter()
        .any(|name| settings.class().overridden(name).is_some());
    match &login.model {
        Some(model) if login.outcome == Outcome::Allowed && settings.class().is_local() && !own => {
            let name = model.name.to_text();
            let exists = prepared.system.group_ids(&name).is_some();
            would_do(settings, &name, exists, is_known(prepared, &model.name))
        }
        _ => Vec::new(),
    }
}

/// Whether the user is in the hub's database by then: the hub's start adds those that are listed.
fn is_known(prepared: &Prepared, name: &Value) -> bool {
    let listed = |option: &str| prepared.settings.set(option).is_ok_and(|names| names.contains(name));
    listed("allowed_users") || listed("admin_users") || prepared.existing_users.contains(&name.to_text())
}

/// What the hub would do to its machine for this user: `LocalAuthenticator.add_user`, called when a user is new to the
/// hub's database, and for everybody in it at the hub's start.
fn would_do(settings: &Settings, name: &str, exists: bool, known: bool) -> Vec<Diagnostic> {
    let creates = settings.bool("create_system_users").unwrap_or(false);
    let at = |finding: Diagnostic| {
        finding
            .with_setting(settings.name_of("create_system_users"))
            .with_span(settings.span_of("create_system_users").cloned())
    };
    let note = |message: String| vec![at(Diagnostic::note("system-user", message))];
    let missing = |message: String| {
        let fix = "make the user on the hub's machine, or set `create_system_users = True`";
        vec![at(Diagnostic::warning("no-system-user", message)).with_fix(fix)]
    };
    match (exists, creates, known) {
        (true, _, true) => Vec::new(),
        (true, _, false) => note(format!("the system has a user `{name}`, so none is made")),
        (false, true, true) => {
            note(format!("the hub makes the system user `{name}` at its start with: {}", command(settings, name)))
        }
        (false, true, false) => {
            note(format!("the hub would make the system user `{name}` with: {}", command(settings, name)))
        }
        (false, false, true) => {
            missing(format!("the system has no user `{name}`, and the hub makes none: its server will not start"))
        }
        (false, false, false) => {
            missing(format!("the system has no user `{name}`, and create_system_users is off: the login ends with 500"))
        }
    }
}

/// `add_user_cmd` as it would be run.
fn command(settings: &Settings, name: &str) -> String {
    let parts = settings.list("add_user_cmd").map(<[Value]>::to_vec).unwrap_or_default();
    let mut words: Vec<String> = parts.iter().map(|part| part.to_text().replace("USERNAME", name)).collect();
    let uid = settings.dict("uids").ok().and_then(|uids| uids.get(name).map(Value::to_text));
    words.extend(uid.into_iter().flat_map(|uid| ["--uid".to_owned(), uid]));
    words.push(name.to_owned());
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// As a shell takes it for one word: `shlex.quote`.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\"'\"'"))
}
