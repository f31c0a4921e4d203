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
    match &login.model {
        Some(model) if login.outcome == Outcome::Allowed => {
            let exists = prepared.system.group_ids(&model.name.to_text()).is_some();
            would_do(&prepared.settings, &model.name, exists)
        }
        _ => Vec::new(),
    }
}

/// What the hub would do to its machine for this user: `LocalAuthenticator.add_user`.
fn would_do(settings: &Settings, name: &Value, exists: bool) -> Vec<Diagnostic> {
    if !settings.class().is_local() {
        return Vec::new();
    }
    let name = name.to_text();
    let note = |option: &str, message: String| {
        Diagnostic::note("system-user", message)
            .with_setting(settings.name_of(option))
            .with_span(settings.span_of(option).cloned())
    };
    let creates = settings.bool("create_system_users").unwrap_or(false);
    match (exists, creates) {
        (true, _) => vec![note("create_system_users", format!("the system has a user `{name}`, so none is made"))],
        (false, true) => vec![note(
            "create_system_users",
            format!("the hub would make the system user `{name}` with: {}", command(settings, &name)),
        )],
        (false, false) => vec![
            Diagnostic::warning(
                "no-system-user",
                format!("the system has no user `{name}`, and create_system_users is off: the login ends with 500"),
            )
            .with_setting(settings.name_of("create_system_users"))
            .with_span(settings.span_of("create_system_users").cloned())
            .with_fix("make the user on the hub's machine, or set `create_system_users = True`"),
        ],
    }
}

/// `add_user_cmd` as it would be run.
fn command(settings: &Settings, name: &str) -> String {
    let parts = settings.list("add_user_cmd").map(<[Value]>::to_vec).unwrap_or_default();
    let mut words: Vec<String> = parts.iter().map(|part| part.to_text().replace("USERNAME", name)).collect();
    let uid = settings.dict("uids").ok().and_then(|uids| uids.get(name).map(Value::to_text));
    words.extend(uid.map(|uid| format!("--uid {uid}")));
    words.push(name.to_owned());
    words.join(" ")
}
