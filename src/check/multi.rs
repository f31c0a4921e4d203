//! A hub with several login services (`MultiAuthenticator`): what holds for all of them, and between them. Each of them
//! is looked at by every other rule too, as if it were alone.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::Settings;
use crate::settings::multi::{self, Entry, SEPARATOR};
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("bad-entry", Error, "", "an entry of MultiAuthenticator.authenticators that the hub refuses"),
    rule!("multi-option-unread", Error, "", "an option of MultiAuthenticator that no login service reads", unread),
    rule!("multi-name", Warning, "", "a name in the list of a login service that is nobody's", names),
    rule!("multi-shared-names", Warning, "", "two login services share their users' names", shared),
    rule!("multi-unreachable", Error, "", "a login service that no login gets to", unreachable),
    rule!("multi-deprecated", Warning, "", "an entry in a form that is deprecated", deprecated),
    rule!("multi-refresh", Warning, "", "at a refresh: the hub does not ask the login services"),
    rule!("multi-logout", Warning, "", "at a logout: the hub does not ask the login services"),
    rule!("admin-at-start", Warning, "", "at a login: the hub's start makes somebody an admin"),
];

/// What a login asks the entry for, so that it says nothing where only `MultiAuthenticator` has it.
const ASKED_OF_ENTRIES: &[&str] = &[
    "allow_all",
    "allow_existing_users",
    "allowed_users",
    "blocked_users",
    "custom_403_message",
    "enable_auth_state",
    "manage_groups",
    "post_auth_hook",
    "reconcile_auth_state_hook",
    "username_map",
    "username_pattern",
    "whitelist",
];

/// The entries, with their settings.
fn entries<'a>(cx: &Cx<'a>) -> impl Iterator<Item = (&'a Entry, &'a Settings)> {
    let list = &cx.resolution.entries.list;
    list.iter().filter_map(|entry| Some((entry, entry.resolution.settings.as_ref()?)))
}

fn finding(rule: &'static str, level: Level, settings: &Settings, option: &str, message: String) -> Diagnostic {
    let at = settings.span_of(option).cloned().or_else(|| settings.wrapper().and_then(|wrapper| wrapper.span.clone()));
    Diagnostic::new(rule, level, message).with_span(at).with_setting(settings.name_of(option))
}

fn unread(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(hub) = cx.resolution.settings.as_ref().filter(|_| entries(cx).next().is_some()) else { return };
    let own: Vec<&str> =
        hub.class().mro.iter().map(String::as_str).take_while(|name| *name != "Authenticator").collect();
    for option in ASKED_OF_ENTRIES {
        let Some(setting) = hub.get(option).filter(|setting| setting.value.truth() != Some(false)) else { continue };
        let section =
            setting.written_as.as_deref().and_then(|written| written.rsplit_once('.')).map(|(section, _)| section);
        if !section.is_some_and(|section| own.contains(&section)) {
            continue;
        }
        let message = format!("{} has no effect: a login asks the login service that it came by", hub.name_of(option));
        let shared = format!("write c.Authenticator.{option}, which all of them read, or put it into their config");
        findings.push(finding("multi-option-unread", Level::Error, hub, option, message).with_fix(shared));
    }
}

/// `username_prefix`, as it is written.
fn prefix(settings: &Settings) -> Option<String> {
    let wrapper = settings.wrapper()?;
    let service = || wrapper.service_name.clone().or_else(|| multi::login_service(settings).ok());
    wrapper.username_prefix.clone().or_else(|| service().map(|service| format!("{service}{SEPARATOR}")))
}

fn names(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (_, settings) in entries(cx).filter(|(_, settings)| settings.class().unseen.is_none()) {
        let prefix = prefix(settings).unwrap_or_default().to_lowercase();
        let keeps_case = settings.class().overridden("normalize_username").is_some() || !lower_cases(settings);
        for option in ["allowed_users", "admin_users", "blocked_users"] {
            let listed = settings.set(option).into_iter().flat_map(|set| set.iter()).filter_map(Value::as_str);
            for name in listed {
                let bare = name.to_lowercase();
                let prefixed = !prefix.is_empty() && bare.starts_with(&prefix) && option != "admin_users";
                // The hub's start normalizes the lists of MultiAuthenticator alone.
                let capital = !keeps_case && bare != name && option != "blocked_users";
                let (message, fix) = match (prefixed, capital) {
                    (true, _) => (
                        format!("`{name}` in {option} is nobody: this list holds names without their prefix"),
                        format!("write `{}`", &name[prefix.len().min(name.len())..]),
                    ),
                    (false, true) => (
                        format!("`{name}` in {option} is nobody: names are in lower case when they are looked up"),
                        format!("write `{bare}`"),
                    ),
                    (false, false) => continue,
                };
                findings.push(finding("multi-name", Level::Warning, settings, option, message).with_fix(fix));
            }
        }
    }
}

/// Whether the class makes names lower-case, as all but one do.
fn lower_cases(settings: &Settings) -> bool {
    crate::authenticator::for_class(settings.class().def.name).is_none_or(|auth| auth.lower_cases_names())
}

fn shared(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(String, &Entry)> = Vec::new();
    for (entry, settings) in entries(cx) {
        let Some(prefix) = prefix(settings).map(|prefix| prefix.to_lowercase()) else { continue };
        let Some((_, other)) = seen.iter().find(|(known, _)| *known == prefix) else {
            seen.push((prefix, entry));
            continue;
        };
        let message = format!(
            "`{prefix}alice` is the user alice of {} and of {}: whoever has that name at one is that user of the hub",
            other.wrapper.path, entry.wrapper.path
        );
        let option = if entry.wrapper.username_prefix.is_some() { "username_prefix" } else { "login_service" };
        let fix = match option {
            "username_prefix" => "leave MultiAuthenticator.username_prefix out, unless that is what you want",
            _ => "give each a login_service of its own",
        };
        let own = finding("multi-shared-names", Level::Warning, settings, "login_service", message).with_fix(fix);
        findings.push(if option == "username_prefix" {
            own.with_setting("MultiAuthenticator.username_prefix")
        } else {
            own
        });
    }
}

fn unreachable(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let mut seen: Vec<&Entry> = Vec::new();
    for (entry, settings) in entries(cx).filter(|(_, settings)| settings.class().is_oauthenticator()) {
        let page = entry.wrapper.page("");
        if let Some(first) = seen.iter().find(|other| other.wrapper.page("") == page) {
            let (own, first) = (&entry.wrapper.path, &first.wrapper.path);
            let message = format!("nobody gets to {own}: {first} has the same url_prefix, and comes first");
            findings.push(
                Diagnostic::error("multi-unreachable", message)
                    .with_span(entry.wrapper.span.clone())
                    .with_setting(format!("{own}.url_prefix"))
                    .with_fix("give every entry a url_prefix of its own"),
            );
        }
        if cx.complete_for(settings) && settings.str("oauth_callback_url") == Ok("") && page != "/" {
            let callback = entry.wrapper.page("oauth_callback");
            let message = format!(
                "the browser comes back to /hub/oauth_callback, and the hub answers 404: {} listens at /hub{callback}",
                entry.wrapper.path
            );
            findings.push(
                finding("multi-unreachable", Level::Error, settings, "oauth_callback_url", message)
                    .with_note("without oauth_callback_url the hub guesses it, and knows nothing of url_prefix there")
                    .with_fix(format!("set oauth_callback_url to the hub's address with /hub{callback}")),
            );
        }
        seen.push(entry);
    }
}

fn deprecated(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(hub) = cx.resolution.settings.as_ref() else { return };
    let written = hub.list("authenticators").unwrap_or_default();
    for (entry, settings) in entries(cx) {
        let path = &entry.wrapper.path;
        let told = |message: String, fix: &str| {
            Diagnostic::warning("multi-deprecated", message)
                .with_span(settings.wrapper().and_then(|wrapper| wrapper.span.clone()))
                .with_setting(path.clone())
                .with_fix(fix)
        };
        if matches!(written.get(entry.wrapper.index), Some(Value::List(_) | Value::Tuple(_))) {
            let fix = "write {\"authenticator_class\": …, \"url_prefix\": …, \"config\": {…}}";
            findings.push(told(format!("{path} is a tuple, which is deprecated"), fix));
        }
        if entry.wrapper.service_name.is_some() {
            let fix = "let the config have a login_service in its place";
            findings.push(told(format!("service_name is deprecated, and {path} has one"), fix));
        }
    }
}
