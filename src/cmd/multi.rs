//! A hub with several login services (`MultiAuthenticator`): which of them is meant, and what the hub itself does.

use crate::authenticator::{self, Authenticator};
use crate::cmd::prepare::Prepared;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Stage};
use crate::flow::route;
use crate::report::{Login, Outcome};
pub use crate::settings::multi::Entries;
use crate::settings::multi::{Entry, NAME, SEPARATOR};
use crate::settings::{Resolution, Settings};
use crate::value::Unknown;

/// Whether a hub has a list of login services.
pub fn is_multi(settings: &Settings) -> bool {
    settings.wrapper().is_none() && settings.class().derives_from(NAME)
}

/// A login service that can be picked.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The names by which it can be picked, the one to show first.
    pub names: Vec<String>,
    /// Its class.
    pub class: String,
    /// Where its pages are, below `<base_url>hub`.
    pub page: String,
}

/// The login services of a hub.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Those that are known, in order.
    pub list: Vec<Choice>,
    /// Why there may be others.
    pub unknown: Option<Unknown>,
}

impl From<&Entries> for Choices {
    fn from(entries: &Entries) -> Choices {
        let one = |entry: &Entry| Choice {
            names: entry.names(),
            class: entry.resolution.settings.as_ref().map_or(String::new(), |settings| settings.class().name.clone()),
            page: entry.wrapper.page(""),
        };
        Choices { list: entries.list.iter().map(one).collect(), unknown: entries.unknown.clone() }
    }
}

/// As Python tells of them: names, class and page.
impl From<Vec<(Vec<String>, String, String)>> for Choices {
    fn from(told: Vec<(Vec<String>, String, String)>) -> Choices {
        let list = told.into_iter().map(|(names, class, page)| Choice { names, class, page }).collect();
        Choices { list, unknown: None }
    }
}

impl Choice {
    /// Whether a name is one of its own, in any case; slashes around it and the separator after it do not count.
    fn is_called(&self, name: &str) -> bool {
        let bare = name.trim_matches('/').trim_end_matches(SEPARATOR);
        self.names.iter().any(|known| known.eq_ignore_ascii_case(bare))
    }
}

/// The one that is meant, by its place among them: the one of that name, or the only one there is.
pub fn pick(choices: &Choices, name: Option<&str>) -> Result<usize, Failure> {
    let is_named = |choice: &Choice| name.is_none_or(|name| choice.is_called(name));
    let named: Vec<usize> =
        choices.list.iter().enumerate().filter(|(_, choice)| is_named(choice)).map(|(index, _)| index).collect();
    match (named.as_slice(), &choices.unknown) {
        ([only], None) => Ok(*only),
        ([only], Some(_)) if name.is_some() => Ok(*only),
        ([], Some(unknown)) => Err(not_known(unknown)),
        ([], None) if choices.list.is_empty() => Err(failure(
            "no-login-service",
            "MultiAuthenticator has no authenticators, so nobody can log in".into(),
            "give `MultiAuthenticator.authenticators` at least one entry".into(),
        )),
        ([], None) => Err(failure(
            "no-such-authenticator",
            format!("no login service of this hub is called `{}`; it has {}", name.unwrap_or_default(), choices.text()),
            choices.pick_with(),
        )),
        (_, _) => Err(failure(
            "authenticator-not-picked",
            match name {
                Some(name) => format!("several login services of this hub are called `{name}`: {}", choices.text()),
                None => format!("this hub has several login services: {}", choices.text()),
            },
            choices.pick_with(),
        )),
    }
}

impl Choices {
    /// `github` (GitHubOAuthenticator at /github), …
    fn text(&self) -> String {
        let place = |choice: &Choice| match choice.page.trim_end_matches('/') {
            "" => String::new(),
            page => format!(" at {page}"),
        };
        let one = |(index, choice): (usize, &Choice)| {
            format!("`{}` ({}{})", self.own_name(index), choice.class, place(choice))
        };
        let mut names: Vec<String> = self.list.iter().enumerate().map(one).collect();
        names.extend(self.unknown.as_ref().map(|unknown| format!("and what is unknown ({})", unknown.reason)));
        names.join(", ")
    }

    fn pick_with(&self) -> String {
        let one = |index| format!("`--authenticator {}`", self.own_name(index));
        let names: Vec<String> = (0..self.list.len()).map(one).collect();
        format!("pick one with {}", names.join(" or "))
    }

    /// The first name of one that no other has.
    fn own_name(&self, index: usize) -> String {
        let names = &self.list[index].names;
        let others = || self.list.iter().enumerate().filter(|(other, _)| *other != index);
        let own = names.iter().find(|name| !others().any(|(_, other)| other.is_called(name)));
        let quoted = |name: &String| if name.contains(' ') { format!("\"{name}\"") } else { name.clone() };
        own.or(names.first()).map(quoted).unwrap_or_default()
    }
}

/// What became of one entry, in place of what became of the hub.
pub fn only(hub: Resolution, name: &str) -> Result<Resolution, Failure> {
    let Some(settings) = hub.settings.as_ref().filter(|settings| is_multi(settings)) else {
        let class = hub.settings.as_ref().map_or("a class that is not known", |settings| &settings.class().name);
        return Err(nothing_to_pick(class, name));
    };
    let index = pick(&(&hub.entries).into(), Some(name)).map_err(|failure| Failure {
        span: failure.span.clone().or_else(|| settings.span_of("authenticators").cloned()),
        ..failure
    })?;
    let entry = hub.entries.list[index].resolution.clone();
    Ok(Resolution { fatal: hub.fatal, ..entry })
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
        let others = Entries { list: entries.list.iter().filter(is_ours).cloned().collect(), unknown: None };
        let fix = match others.list.is_empty() {
            true => "let an entry be a class of oauthenticator, such as \"generic-oauth\"".to_owned(),
            false => Choices::from(&others).pick_with(),
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
        Diagnostic::warning(
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
    let note = Diagnostic::warning("multi-refresh", message).with_setting(NAME);
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
    let note = Diagnostic::warning("multi-logout", message).with_setting(NAME);
    Some(match settings.wrapper() {
        Some(_) => note,
        None => note.with_fix("see what the logout of one of them does with `--authenticator NAME`"),
    })
}
