//! What comes before every decision: the configuration read, the authenticator made, the hub's start-up played
//! through.

use std::path::Path;

use crate::authenticator::{self, Authenticator, Context, System};
use crate::bridge::Bridge;
use crate::cmd::common::{ConfigArgs, learn_secrets};
use crate::cmd::local;
use crate::cmd::multi;
use crate::cmd::python::{Python, Wanted};
use crate::crypt::{self, Keys};
use crate::diagnosis;
use crate::diagnostic::{Diagnostic, Level};
use crate::failure::{Failure, Raised, Stage};
use crate::http::{Answer, Call, Exchange, Http};
use crate::report::Login;
use crate::resolution;
use crate::secret::Redactor;
use crate::settings::multi::Entries;
use crate::settings::{self, Fatal, NoClass, Settings};
use crate::source::load::{LoadError, Request, existing_users, load, load_text};
use crate::source::{Env, Loaded};
use crate::sys::{SystemUsers, World};
use crate::value::Value;

/// A configuration that the hub would start with.
pub struct Prepared {
    /// What was read.
    pub loaded: Loaded,
    /// The authenticator's settings after start-up.
    pub settings: Settings,
    /// The class that decides; with Python the nearest of upstream's, for explaining.
    pub auth: &'static dyn Authenticator,
    /// The operator's own Python, which decides where it is asked for.
    pub python: Option<Bridge>,
    /// `JupyterHub.base_url`.
    pub base_url: String,
    /// The system users of this machine, in place of the hub's.
    pub system: SystemUsers,
    /// The users in the hub's database, where they are given.
    pub existing_users: Vec<String>,
    /// What was found on the way.
    pub warnings: Vec<Diagnostic>,
    /// The hub's `MultiAuthenticator`, where the settings are those of one of its entries.
    pub multi: Option<Settings>,
}

/// What of the hub's machine is given, and whose Python is asked.
#[derive(Clone, Debug, Default)]
pub struct Machine<'a> {
    /// `--existing-users`.
    pub existing_users: Option<&'a Path>,
    /// `--system-users`.
    pub system_users: Option<&'a Path>,
    /// With `--demo` of a `Local…` class, the people it knows as lines of passwd.
    pub demo_users: Option<String>,
    /// `--python`.
    pub python: Option<Python>,
    /// `--authenticator`.
    pub authenticator: Option<&'a str>,
    /// Whether a `MultiAuthenticator` itself will do, where none of its entries is picked.
    pub multi_will_do: bool,
}

/// Why there is none.
pub enum Stop {
    /// The command line is wrong.
    Usage(String),
    /// The hub would not start, or the configuration cannot be read: with what there is to show, and the texts that
    /// its spans point into.
    Failed(Box<Login>, Option<Box<Loaded>>),
}

/// The request to the reader that these arguments make.
pub fn request(args: &ConfigArgs, world: &World) -> Request {
    Request {
        config: args.config.clone(),
        base: args.base.clone(),
        set: args.set.clone(),
        env: Env::new(world.vars().map(|(name, value)| (name.to_owned(), value.to_owned()))),
        env_file: args.env_file.clone(),
        folder: ".".into(),
        blind: false,
    }
}

/// Reads, makes and starts.
pub fn prepare(
    args: &ConfigArgs,
    existing_users_file: Option<&Path>,
    world: &World,
    redactor: &Redactor,
) -> Result<Prepared, Stop> {
    prepare_on(args, &Machine { existing_users: existing_users_file, ..Machine::default() }, world, redactor)
}

/// The same with what is given of the hub's machine.
pub fn prepare_on(
    args: &ConfigArgs,
    machine: &Machine<'_>,
    world: &World,
    redactor: &Redactor,
) -> Result<Prepared, Stop> {
    let loaded = load(&request(args, world)).map_err(|error| not_loaded(&error))?;
    let machine = &Machine { authenticator: args.authenticator.as_deref(), ..machine.clone() };
    match &machine.python {
        Some(python) => {
            let bridge = in_python(python, &loaded, None, args, machine, (world, redactor))?;
            from_python(bridge, loaded, machine, redactor)
        }
        None => from_loaded(loaded, machine, redactor),
    }
}

/// The same from a Python text that is no file.
pub fn from_text(
    text: &str,
    args: &ConfigArgs,
    existing_users_file: Option<&Path>,
    world: &World,
    redactor: &Redactor,
) -> Result<Prepared, Stop> {
    let machine = Machine { existing_users: existing_users_file, ..Machine::default() };
    from_text_on(text, args, &machine, world, redactor)
}

/// The same with what is given of the hub's machine.
pub fn from_text_on(
    text: &str,
    args: &ConfigArgs,
    machine: &Machine<'_>,
    world: &World,
    redactor: &Redactor,
) -> Result<Prepared, Stop> {
    let loaded = load_text(text, &request(args, world)).map_err(|error| not_loaded(&error))?;
    match &machine.python {
        Some(python) => {
            let bridge = in_python(python, &loaded, Some(text), args, machine, (world, redactor))?;
            from_python(bridge, loaded, machine, redactor)
        }
        None => from_loaded(loaded, machine, redactor),
    }
}

/// Loads what has been read in the operator's Python.
fn in_python(
    python: &Python,
    loaded: &Loaded,
    text: Option<&str>,
    args: &ConfigArgs,
    machine: &Machine<'_>,
    (world, redactor): (&World, &Redactor),
) -> Result<Bridge, Stop> {
    learn_secrets(loaded, redactor);
    let system_users = system_lines(machine)?;
    let python = Python { system_users, ..python.clone() };
    let existing_users = machine.existing_users;
    let mut bridge = python.load(&Wanted { loaded, text, args, existing_users, start: true, world, redactor })?;
    if !machine.multi_will_do || machine.authenticator.is_some() {
        pick_in(&mut bridge, loaded, machine.authenticator)?;
    }
    Ok(bridge)
}

/// The same in the operator's Python: reading gives only the places.
fn from_python(bridge: Bridge, loaded: Loaded, machine: &Machine<'_>, redactor: &Redactor) -> Result<Prepared, Stop> {
    let settings = bridge.settings(&loaded);
    let auth = settings.as_ref().and_then(hub_authenticator);
    let (Some(settings), Some(auth)) = (settings, auth) else {
        let message = format!("{} derives from no class of oauthenticator that is known", bridge.class());
        let fix = "derive it from a class of oauthenticator".to_owned();
        return Err(failed(
            Some(bridge.class().to_owned()),
            config_failure("not-an-oauthenticator", message, fix),
            bridge.warnings(),
            loaded,
        ));
    };
    learn_settings(&settings, redactor);
    let mut warnings = Vec::new();
    let system = system_users(machine, &settings, &mut warnings)?;
    let base_url = bridge.base_url().to_owned();
    let existing_users = users_of(machine)?;
    let python = Some(bridge);
    Ok(Prepared { loaded, settings, auth, python, base_url, system, existing_users, warnings, multi: None })
}

/// Picks the entry of a `MultiAuthenticator` that is meant, where the class that runs in Python is one.
pub fn pick_in(bridge: &mut Bridge, loaded: &Loaded, name: Option<&str>) -> Result<(), Stop> {
    let picked = match (bridge.entries(), name) {
        (Some(choices), name) => multi::pick(&choices.into(), name),
        (None, Some(name)) => Err(multi::nothing_to_pick(bridge.class(), name)),
        (None, None) => return Ok(()),
    };
    let picked = picked.and_then(|index| bridge.pick(index).map_err(|failure| *failure));
    picked.map_err(|failure| failed(Some(bridge.class().to_owned()), failure, bridge.warnings(), loaded.clone()))
}

/// The same from a configuration that has been read.
fn from_loaded(loaded: Loaded, machine: &Machine<'_>, redactor: &Redactor) -> Result<Prepared, Stop> {
    learn_secrets(&loaded, redactor);
    let mut warnings = loaded.diagnostics.clone();
    if let Some(fatal) = &loaded.fatal {
        let failure = failure_of(fatal);
        return Err(failed(None, failure, warnings, loaded));
    }
    let resolution = settings::resolve(&loaded);
    warnings.extend(resolution.diagnostics.iter().cloned());
    let class = resolution.settings.as_ref().map(|settings| settings.class().name.clone());
    if let Some(fatal) = &resolution.fatal {
        return Err(failed(class, refused(fatal), warnings, loaded));
    }
    let hub = settings::jupyterhub_options(&loaded);
    let Some(settings) = resolution.settings else {
        return Err(failed(None, no_class(&hub.class), warnings, loaded));
    };
    if let (Some(name), false) = (machine.authenticator, multi::is_multi(&settings)) {
        let failure = multi::nothing_to_pick(&settings.class().name, name);
        return Err(failed(class, failure, warnings, loaded));
    }
    let hub_auth = hub_authenticator(&settings);
    let Some(auth) = hub_auth else {
        let failure = not_an_oauthenticator(&settings, hub.class_origin.span().cloned());
        return Err(failed(class, failure, warnings, loaded));
    };
    if let Err(failure) = check_keys(&settings, &loaded, &mut warnings) {
        return Err(failed(class, *failure, warnings, loaded));
    }
    let users = users_of(machine)?;
    let hub_admins = match &hub.admin_users {
        Value::Set(admins) => Some(admins),
        _ => None,
    };
    let system = system_users(machine, &settings, &mut warnings)?;
    let started =
        start(auth, &settings, &system, &mut warnings, |cx| resolution::init_users(auth, cx, hub_admins, &users));
    let settings = match started {
        Ok(settings) => settings,
        Err(failure) => return Err(failed(class, *failure, warnings, loaded)),
    };
    let base_url = hub.base_url.as_str().unwrap_or("/").to_owned();
    let own = Prepared {
        loaded,
        settings,
        auth,
        python: None,
        base_url,
        system,
        existing_users: users,
        warnings,
        multi: None,
    };
    let prepared = match multi::is_multi(&own.settings) {
        true => entry_of(own, &resolution.entries, machine)?,
        false => own,
    };
    Ok(with_findings(prepared, redactor))
}

/// Who plays the hub's start-up.
fn hub_authenticator(settings: &Settings) -> Option<&'static dyn Authenticator> {
    match multi::is_multi(settings) {
        true => Some(&authenticator::multi::MultiAuthenticator),
        false => authenticator::for_class(settings.class().def.name),
    }
}

/// The entry of a `MultiAuthenticator` that is meant, in the hub that was started with it.
fn entry_of(own: Prepared, entries: &Entries, machine: &Machine<'_>) -> Result<Prepared, Stop> {
    if machine.multi_will_do && machine.authenticator.is_none() {
        return Ok(own);
    }
    let picked = multi::pick(&entries.into(), machine.authenticator).and_then(|index| {
        let entry = &entries.list[index];
        multi::prepared(entries, entry).map(|prepared| (entry, prepared))
    });
    let (entry, (settings, auth)) = match picked {
        Ok(picked) => picked,
        Err(mut failure) => {
            failure.span = failure.span.or_else(|| own.settings.span_of("authenticators").cloned());
            return Err(failed(Some(own.settings.class().name.clone()), failure, own.warnings, own.loaded));
        }
    };
    let usable = matches!(crypt::keys(&own.loaded.config, &own.loaded.env), Keys::Usable(_));
    let mut warnings = own.warnings;
    warnings.extend(entry.resolution.diagnostics.iter().cloned());
    warnings.extend(multi::key_is_late(&own.settings, &settings, usable));
    let system = system_users(machine, &settings, &mut warnings)?;
    Ok(Prepared { settings, auth, system, warnings, multi: Some(own.settings), ..own })
}

/// What is to be said of the settings that a login goes by.
fn with_findings(mut prepared: Prepared, redactor: &Redactor) -> Prepared {
    learn_settings(&prepared.settings, redactor);
    if prepared.settings.class().is_oauthenticator() {
        prepared.warnings.extend(empty_essentials(&prepared.settings));
    }
    let findings = prepared.auth.findings(&prepared.settings);
    prepared.warnings.extend(findings.into_iter().filter(|finding| finding.level < Level::Note));
    prepared
}

/// The users in the hub's database.
fn users_of(machine: &Machine<'_>) -> Result<Vec<String>, Stop> {
    let users = machine.existing_users.map(|path| existing_users(path, Path::new("."))).transpose();
    users.map(Option::unwrap_or_default).map_err(|error| not_loaded(&error))
}

/// The system's users and groups: those of the hub's machine where they are given, else of this one.
fn system_users(
    machine: &Machine<'_>,
    settings: &Settings,
    warnings: &mut Vec<Diagnostic>,
) -> Result<SystemUsers, Stop> {
    let Some(lines) = system_lines(machine)? else {
        warnings.extend(local::depends(settings));
        return Ok(SystemUsers::of_this_machine());
    };
    Ok(SystemUsers::parse(&lines))
}

/// The users and groups that are given: what `--system-users` names, else the embedded provider's people.
fn system_lines(machine: &Machine<'_>) -> Result<Option<String>, Stop> {
    let Some(path) = machine.system_users else { return Ok(machine.demo_users.clone()) };
    let unreadable = |error| not_loaded(&LoadError::Unreadable(format!("{}: {error}", path.display())));
    crate::source::disk::read(path).map(|bytes| Some(String::from_utf8_lossy(&bytes).into_owned())).map_err(unreadable)
}

/// Runs a piece of start-up without a network.
fn start(
    _auth: &dyn Authenticator,
    settings: &Settings,
    system: &dyn System,
    warnings: &mut Vec<Diagnostic>,
    piece: impl FnOnce(&Context<'_>) -> Result<Settings, Raised>,
) -> Result<Settings, Box<Failure>> {
    let cx = Context::new(settings, &NoNetwork, &|| 0.0, &|_| {}, system);
    let outcome = piece(&cx);
    warnings.extend(cx.warnings());
    outcome.map_err(|raised| {
        let mut failure = diagnosis::of_raised(&cx, Stage::Config, &raised);
        failure.hub_status = None;
        Box::new(failure)
    })
}

/// Start-up makes no requests.
struct NoNetwork;

impl Http for NoNetwork {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        Err(Raised::exception("RuntimeError", format!("no request is made at start-up, but {}", call.url)))
    }

    fn exchanges(&self) -> Vec<Exchange> {
        Vec::new()
    }
}

/// What no login can do without, and the hub starts without all the same. What is unknown is not empty.
fn empty_essentials(settings: &Settings) -> Vec<Diagnostic> {
    // MediaWiki's addresses are made of its index_url.
    let by_url = settings.class().def.name != "MWOAuthenticator";
    let options: &[&str] = if by_url {
        &["client_id", "client_secret", "authorize_url", "token_url"]
    } else {
        &["client_id", "client_secret"]
    };
    let empty = options.iter().filter(|option| settings.str(option).is_ok_and(str::is_empty));
    let warning = |option: &&str| {
        Diagnostic::warning("missing-setting", format!("{option} is empty; the hub goes on with that, and so do we"))
            .with_span(settings.span_of(option).cloned())
            .with_setting(settings.name_of(option))
            .with_fix(format!("set {}", settings.name_of(option)))
    };
    empty.map(warning).collect()
}

fn learn_settings(settings: &Settings, redactor: &Redactor) {
    let secrets = settings
        .iter()
        .filter(|(name, setting)| setting.option.is_some_and(|option| option.secret) || crate::secret::is_secret(name));
    for (_, setting) in secrets {
        if let Some(text) = setting.value.as_str() {
            redactor.learn(text);
        }
    }
}

fn failed(class: Option<String>, failure: Failure, warnings: Vec<Diagnostic>, loaded: Loaded) -> Stop {
    let warnings = warnings.into_iter().filter(|warning| warning.rule != failure.code).collect();
    Stop::Failed(Box::new(Login::failed(class, failure, warnings)), Some(Box::new(loaded)))
}

/// A configuration that cannot be opened, found or understood as one.
pub fn not_loaded(error: &LoadError) -> Stop {
    match error {
        LoadError::Usage(message) => Stop::Usage(message.clone()),
        LoadError::Unreadable(message) => {
            let fix = "name a file that can be read".to_owned();
            let failure = config_failure("config-unreadable", message.clone(), fix);
            Stop::Failed(Box::new(Login::failed(None, failure, Vec::new())), None)
        }
    }
}

fn config_failure(code: &'static str, message: String, fix: String) -> Failure {
    Failure { stage: Stage::Config, code, message, setting: None, span: None, fix, hub_status: None }
}

/// A finding that ends the hub.
pub fn failure_of(diagnostic: &Diagnostic) -> Failure {
    let at = diagnostic.span.as_ref().map_or(String::new(), |span| format!(" {}:{}", span.file, span.line));
    let correct = || match at.is_empty() {
        true => "correct the configuration, or name another".to_owned(),
        false => format!("correct what stands at{at}"),
    };
    Failure {
        setting: diagnostic.setting.clone(),
        span: diagnostic.span.clone(),
        fix: diagnostic.fix.as_ref().map_or_else(correct, |fix| fix.message.clone()),
        ..config_failure(diagnostic.rule, diagnostic.message.clone(), String::new())
    }
}

fn refused(fatal: &Fatal) -> Failure {
    Failure {
        setting: fatal.setting.clone(),
        span: fatal.span.clone(),
        ..config_failure(
            fatal.code,
            format!("the hub does not start: {}: {}", fatal.exception, fatal.message),
            fatal.fix.clone(),
        )
    }
}

fn no_class(class: &Result<settings::RunningClass, NoClass>) -> Failure {
    let unknown = match class {
        Err(NoClass::Unknown(unknown)) => Some(unknown),
        _ => None,
    };
    let reason = unknown.map_or("it is not set", |unknown| &unknown.reason);
    Failure {
        setting: Some("JupyterHub.authenticator_class".into()),
        span: unknown.and_then(|unknown| unknown.span.clone()),
        ..config_failure(
            "unknown-value",
            format!("which authenticator runs is unknown: {reason}"),
            "name it with `--set JupyterHub.authenticator_class=generic-oauth`".into(),
        )
    }
}

fn not_an_oauthenticator(settings: &Settings, span: Option<crate::span::Span>) -> Failure {
    let class = &settings.class().name;
    let setting = Some("JupyterHub.authenticator_class".into());
    if let Some(unseen) = &settings.class().unseen {
        let message = format!("the hub runs {class}, which only Python can run: {}", unseen.reason);
        let fix = "run it: add `--python=INTERPRETER`, with the Python that the hub runs in".to_owned();
        return Failure { setting, span, ..config_failure("needs-python", message, fix) };
    }
    Failure {
        setting,
        span,
        ..config_failure(
            "not-an-oauthenticator",
            format!("the hub runs {class}, whose logins oauthctl does not play"),
            "set `JupyterHub.authenticator_class` to a class of oauthenticator, such as `generic-oauth`".into(),
        )
    }
}

/// `enable_auth_state` without a usable key ends the hub's start; a key that is merely not on this machine does not
/// end ours.
fn check_keys(settings: &Settings, loaded: &Loaded, warnings: &mut Vec<Diagnostic>) -> Result<(), Box<Failure>> {
    if !settings.bool("enable_auth_state").unwrap_or(false) {
        return Ok(());
    }
    match crypt::keys(&loaded.config, &loaded.env) {
        Keys::Usable(_) | Keys::Unknown => Ok(()),
        Keys::Absent => {
            warnings.push(
                Diagnostic::warning(
                    "crypt-key-missing",
                    "enable_auth_state is on, and the hub won't start unless it finds JUPYTERHUB_CRYPT_KEY",
                )
                .with_span(settings.span_of("enable_auth_state").cloned())
                .with_setting(settings.name_of("enable_auth_state"))
                .with_note("it is not set on this machine; it may well be on the hub's")
                .with_fix(
                    "on the hub's machine: `export JUPYTERHUB_CRYPT_KEY=$(openssl rand -hex 32)`, kept between starts",
                ),
            );
            Ok(())
        }
        Keys::Empty { setting, span } => Err(Box::new(Failure {
            setting: Some(setting.into()),
            span,
            ..config_failure(
                "crypt-key-missing",
                format!("the hub does not start: enable_auth_state is on, and {setting} holds no key"),
                "make one with `openssl rand -hex 32`, and keep it between starts".into(),
            )
        })),
        Keys::Malformed { setting, span } => Err(Box::new(Failure {
            setting: Some(setting.into()),
            span,
            ..config_failure(
                "crypt-key-malformed",
                format!("the hub does not start: a key in {setting} is not 32 bytes, hex or base64-encoded"),
                "make one with `openssl rand -hex 32`, and see that no blank or line break comes along".into(),
            )
        })),
    }
}
