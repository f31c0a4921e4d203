//! A hub with several login services (`MultiAuthenticator`): which of them is meant, and what the hub itself does.

use crate::authenticator::{self, Authenticator};
use crate::cmd::prepare::Prepared;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Stage};
use crate::flow::route;
use crate::report::{Login, Outcome};
use crate::settings::multi::{Entries, Entry, NAME};
use crate::settings::{Resolution, Settings};
use crate::value::Unknown;

/// Whether a hub has a list of login services.
pub fn is_multi(settings: &Settings) -> bool {
    settings.wrapper().is_none() && settings.class().derives_from(NAME)
}

/// The entry that is meant: the one of that name, or the only one there is.
pub fn pick<'a>(entries: &'a Entries, name: Option<&str>) -> Result<&'a Entry, Failure> {
    let named: Vec<&Entry> = match name {
        Some(name) => entries.list.iter().filter(|entry| entry.is_called(name)).collect(),
        None => entries.list.iter().collect(),
    };
    match (named.as_slice(), &entries.unknown) {
        ([only], None) => Ok(only),
        ([only], Some(_)) if name.is_some() => Ok(only),
        ([], Some(unknown)) => Err(not_known(unknown)),
        ([], None) if entries.list.is_empty() => Err(failure(
            "no-login-service",
            "MultiAuthenticator has no authenticators, so nobody can log in".into(),
            "give `MultiAuthenticator.authenticators` at least one entry".into(),
        )),
        ([], None) => Err(failure(
            "no-such-authenticator",
            format!(
                "no login service of this hub is called `{}`; it has {}",
                name.unwrap_or_default(),
                choice(entries)
            ),
            pick_with(entries),
        )),
        (_, _) => Err(failure(
            "authenticator-not-picked",
            match name {
                Some(name) => format!("several login services of this hub are called `{name}`: {}", choice(entries)),
                None => format!("this hub has several login services: {}", choice(entries)),
            },
            pick_with(entries),
        )),
    }
}

/// A name given for a hub that has no list.
pub fn nothing_to_pick(class: &str, name: &str) -> Failure {
    failure(
        "no-such-authenticator",
        format!("--authenticator {name} picks one of several login services, and this hub runs only {class}"),
        "leave --authenticator out".into(),
    )
}

fn not_known(unknown: &Unknown) -> Failure {
    let failure = failure(
        "unknown-value",
        format!("which login services this hub has is unknown: {}", unknown.reason),
        "run the configuration with --python, or write the list out".into(),
    );
    Failure { span: unknown.span.clone(), ..failure }
}

/// `github` (GitHubOAuthenticator at /github), …
fn choice(entries: &Entries) -> String {
    let one = |entry: &Entry| {
        let class = entry.resolution.settings.as_ref().map_or("", |settings| &settings.class().name);
        format!("`{}` ({class} at {})", own_name(entries, entry), entry.wrapper.page("").trim_end_matches('/'))
    };
    let mut names: Vec<String> = entries.list.iter().map(one).collect();
    names.extend(entries.unknown.as_ref().map(|unknown| format!("and what is unknown ({})", unknown.reason)));
    names.join(", ")
}

fn pick_with(entries: &Entries) -> String {
    let names: Vec<String> =
        entries.list.iter().map(|entry| format!("`--authenticator {}`", own_name(entries, entry))).collect();
    format!("pick one with {}", names.join(" or "))
}

/// The first name of an entry that no other has.
fn own_name(entries: &Entries, entry: &Entry) -> String {
    let others = || entries.list.iter().filter(|other| other.wrapper.index != entry.wrapper.index);
    let names = entry.names();
    let own = names.iter().find(|name| !others().any(|other| other.is_called(name)));
    let quoted = |name: &String| if name.contains(' ') { format!("\"{name}\"") } else { name.clone() };
    own.or(names.first()).map(quoted).unwrap_or_default()
}

/// An entry as a configuration of its own: its settings, and the class that plays it.
pub fn prepared(entries: &Entries, entry: &Entry) -> Result<(Settings, &'static dyn Authenticator), Failure> {
    let Resolution { settings, unseen, .. } = &entry.resolution;
    let Some(settings) = settings else {
        let unknown = unseen.clone().unwrap_or(Unknown { reason: "its class is not known".into(), span: None });
        return Err(not_known(&unknown));
    };
    let at_entry = |code, message, fix| Failure {
        setting: Some(format!("{}.authenticator_class", entry.wrapper.path)),
        span: entry.wrapper.span.clone(),
        ..failure(code, message, fix)
    };
    let Some(auth) = authenticator::for_class(settings.class().def.name) else {
        let class = &settings.class().name;
        let message = format!("{} runs {class}, whose logins oauthctl does not play", entry.wrapper.path);
        let is_ours = |other: &&Entry| {
            let settings = other.resolution.settings.as_ref();
            settings.is_some_and(|settings| authenticator::for_class(settings.class().def.name).is_some())
        };
        let others: Vec<Entry> = entries.list.iter().filter(is_ours).cloned().collect();
        let fix = match others.is_empty() {
            true => "let an entry be a class of oauthenticator, such as \"generic-oauth\"".to_owned(),
            false => pick_with(&Entries { list: others, unknown: None }),
        };
        return Err(at_entry("not-an-oauthenticator", message, fix));
    };
    let page = entry.wrapper.page("");
    let earlier = &entries.list[..entry.wrapper.index.min(entries.list.len())];
    let first = earlier.iter().find(|other| {
        let settings = other.resolution.settings.as_ref();
        other.wrapper.page("") == page && settings.is_some_and(|settings| settings.class().is_oauthenticator())
    });
    if let Some(first) = first {
        let message = format!(
            "nobody gets to {}: {} has the same url_prefix and comes first, so the hub takes every login there for its own",
            entry.wrapper.path, first.wrapper.path
        );
        return Err(Failure {
            setting: Some(format!("{}.url_prefix", entry.wrapper.path)),
            ..at_entry("url-prefix-taken", message, "give every entry a url_prefix of its own".into())
        });
    }
    Ok((settings.clone(), auth))
}

fn failure(code: &'static str, message: String, fix: String) -> Failure {
    Failure {
        stage: Stage::Config,
        code,
        message,
        setting: Some(format!("{NAME}.authenticators")),
        span: None,
        fix,
        hub_status: None,
    }
}

/// That a user's auth_state cannot be kept: the hub looks for the key at its start only where the whole of it keeps them.
pub fn key_is_late(hub: &Settings, entry: &Settings, usable: bool) -> Option<Diagnostic> {
    let on = |settings: &Settings| settings.bool("enable_auth_state").unwrap_or(false);
    (on(entry) && !on(hub) && !usable).then(|| {
        Diagnostic::warning(
            "crypt-key-missing",
            "enable_auth_state is on for this login service only: the hub starts without JUPYTERHUB_CRYPT_KEY, and then \
             every login ends with 500",
        )
        .with_span(entry.span_of("enable_auth_state").cloned())
        .with_setting(entry.name_of("enable_auth_state"))
        .with_note("it is not set on this machine; it may well be on the hub's")
        .with_fix("on the hub's machine: `export JUPYTERHUB_CRYPT_KEY=$(openssl rand -hex 32)`, kept between starts")
    })
}

/// Who is made an admin by the hub's start, and not by the login (`JupyterHub.init_users`).
pub fn admin_at_start(prepared: &Prepared, login: &Login) -> Option<Diagnostic> {
    let (hub, model) = (prepared.multi.as_ref()?, login.model.as_ref()?);
    let name = model.name.as_str()?;
    let only_there = login.outcome == Outcome::Allowed && model.admin.truth() != Some(true);
    (only_there && hub.set("admin_users").ok()?.contains_str(name)).then(|| {
        Diagnostic::note(
            "admin-at-start",
            format!("the hub makes `{name}` an admin when it starts, whatever a login says"),
        )
        .with_setting(hub.name_of("admin_users"))
        .with_span(hub.span_of("admin_users").cloned())
    })
}

/// What a refresh has to do with an entry: the hub asks the `MultiAuthenticator`, which never refreshes.
pub fn refresh_note(settings: &Settings, base_url: &str) -> Option<Diagnostic> {
    let message = match settings.wrapper() {
        Some(wrapper) => format!(
            "this happens only when the user comes to {} again; everywhere else the hub asks MultiAuthenticator, which \
             leaves every user as it is",
            route::hub_path(base_url, &wrapper.page("oauth_login"))
        ),
        None if is_multi(settings) => {
            "MultiAuthenticator leaves every user as it is: it does not ask the login service that the user came by"
                .to_owned()
        }
        None => return None,
    };
    let note = Diagnostic::note("multi-refresh", message).with_setting(NAME);
    Some(match settings.wrapper() {
        Some(_) => note,
        None => note.with_fix("see what one of them would do with `--authenticator NAME`"),
    })
}

/// What a logout has to do with an entry: the hub's button leads past it.
pub fn logout_note(settings: &Settings, base_url: &str) -> Option<Diagnostic> {
    let own = route::hub_path(base_url, "/logout");
    let message = match settings.wrapper() {
        Some(wrapper) if wrapper.page("") == "/" => return None,
        Some(wrapper) => format!(
            "this is what {} does; the hub's own button leads to {own}, which asks no login service",
            route::hub_path(base_url, &wrapper.page("logout"))
        ),
        None if is_multi(settings) => format!("the hub's button leads to {own}, which asks no login service"),
        None => return None,
    };
    let note = Diagnostic::note("multi-logout", message).with_setting(NAME);
    Some(match settings.wrapper() {
        Some(_) => note,
        None => note.with_fix("see what the logout of one of them does with `--authenticator NAME`"),
    })
}
