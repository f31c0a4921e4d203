//! `oauthctl refresh`: what the hub's refresh of a user would do, from a saved auth_state.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use clap::Args;

use crate::authenticator::{AuthModel, Context, multi as wrapper};
use crate::cmd::HELP;
use crate::cmd::common::{ConfigArgs, OutputArgs};
use crate::cmd::finish::{ExpectArgs, finish};
use crate::cmd::multi;
use crate::cmd::network::NetworkArgs;
use crate::cmd::prepare::{self, Machine, Prepared, Stop};
use crate::cmd::python::{PythonArgs, TimeoutArgs};
use crate::cmd::state_file;
use crate::cmd::stored;
use crate::crypt;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Stage};
use crate::http::Network;
use crate::refresh::Refreshed;
use crate::report::{Login, Outcome};
use crate::secret::Redactor;
use crate::settings::Settings;
use crate::sys::World;
use crate::value::Value;

const EXAMPLES: &str = "\
Examples:
  oauthctl login conf.py --save alice.json              keeps what the hub would keep
  oauthctl refresh conf.py --auth-state alice.json      what the hub's next refresh would do
  oauthctl refresh conf.py --auth-state alice.json --authenticator github

Exit codes:
  0  unchanged, updated or renewed                       2  the command line is wrong
  1  a new login is needed, or an expectation failed     3  the refresh fails

Environment:
  The variables that the hub reads count as they do there; --env-file replaces them.
  SSL_CERT_FILE, SSL_CERT_DIR and OAUTHCTL_PYTHON count, too.";

/// Arguments of `refresh`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct RefreshArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The user's auth_state: what `login --save` wrote, plain JSON, or a value copied out of the hub's database
    #[arg(long, value_name = "FILE")]
    auth_state: PathBuf,
    /// The users and groups of the hub's machine, for a `Local…` class: lines of passwd and group
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    system_users: Option<PathBuf>,
    #[command(flatten)]
    python: PythonArgs,
    #[command(flatten)]
    timeout: TimeoutArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    expect: ExpectArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub fn run(args: &RefreshArgs, world: &World) -> u8 {
    let redactor = Redactor::new(args.output.show_secrets);
    let finish = |login: Login, texts: &[_]| finish(login, texts, &redactor, &args.expect, &args.output, world);
    let mut python = args.python.asked(args.timeout.timeout, TimeoutArgs::DEFAULT, world);
    if let Some(Err(message)) = python.as_mut().map(|python| args.network.for_python(python)) {
        return crate::cmd::usage(&message);
    }
    let machine =
        Machine { system_users: args.system_users.as_deref(), python, multi_will_do: true, ..Machine::default() };
    let prepared = match prepare::prepare_on(&args.config, &machine, world, &redactor) {
        Ok(prepared) => prepared,
        Err(Stop::Usage(message)) => return crate::cmd::usage(&message),
        Err(Stop::Failed(login, loaded)) => {
            return finish(*login, loaded.as_deref().map_or(&[], |loaded| &loaded.texts));
        }
    };
    let login = refresh(args, &prepared, world, &redactor);
    finish(login, &prepared.loaded.texts)
}

fn refresh(args: &RefreshArgs, prepared: &Prepared, world: &World, redactor: &Redactor) -> Login {
    let settings = &prepared.settings;
    let class = Some(settings.class().name.clone());
    let mut warnings = Vec::new();
    let failed = |failure| Login::failed(class.clone(), failure, prepared.all_warnings());
    let keys = crypt::keys(&prepared.loaded.config, &prepared.loaded.env);
    let saved = match state_file::read(&args.auth_state, &keys) {
        Ok(saved) => saved,
        Err(failure) => return failed(failure),
    };
    redactor.learn_json(&serde_json::Value::from(&saved.auth_state));
    let network = match args.network.options(prepared, world, &mut warnings) {
        Ok(options) => Network::new(options),
        Err(failure) => return failed(failure),
    };
    let now = || world.now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let http = prepared.http(&network);
    let cx = Context::new(settings, http, &now, &|_| {}, &prepared.system);
    let mut login = decide(prepared, &cx, &saved);
    warnings.append(&mut login.warnings);
    warnings.extend(schedule(settings));
    login.warnings = warnings;
    login
}

/// What the hub's refresh comes to, with everything but its schedule.
pub fn decide(prepared: &Prepared, cx: &Context<'_>, saved: &state_file::Saved) -> Login {
    let settings = &prepared.settings;
    let mut login = Login::failed(Some(settings.class().name.clone()), Failure::none(), Vec::new());
    match prepared.refresh(cx, &saved.auth_state, saved.user.as_deref()) {
        Err(failure) => login.failure = Some(Failure { stage: Stage::Refresh, ..*failure }),
        Ok(Refreshed::LoginNeeded(because)) => {
            login.outcome = Outcome::Denied;
            login.refresh = Some("login-needed");
            login.failure = Some(login_needed(settings, because));
        }
        Ok(Refreshed::Unchanged) => allow(&mut login, "unchanged", None),
        Ok(Refreshed::Updated(model)) => allow(&mut login, "updated", Some(model)),
        Ok(Refreshed::Renewed(model)) => allow(&mut login, "renewed", Some(model)),
    }
    login.auth_state_stored = settings.bool("enable_auth_state").unwrap_or(false);
    login.exchanges = cx.http.exchanges();
    let mut warnings = prepared.all_warnings();
    warnings.extend(keep_name(prepared, cx, &mut login, saved.user.as_deref()));
    warnings.extend(cx.warnings());
    warnings.extend(multi::refresh_note(settings, &prepared.base_url));
    warnings.extend(stored::reconciled(prepared, &login));
    login.warnings = warnings;
    login
}

fn allow(login: &mut Login, refresh: &'static str, model: Option<AuthModel>) {
    login.outcome = Outcome::Allowed;
    login.refresh = Some(refresh);
    login.failure = None;
    login.model = model;
}

/// `refresh_auth` puts the user's own name in place of whatever came; a refresh never renames anybody.
fn keep_name(prepared: &Prepared, cx: &Context<'_>, login: &mut Login, user: Option<&str>) -> Option<Diagnostic> {
    let (model, user) = (login.model.as_mut()?, user?);
    let came = std::mem::replace(&mut model.name, Value::str(user));
    let came = wrapper::outer_name(prepared.auth, cx, came).ok()?.to_text();
    (came != user).then(|| {
        Diagnostic::warning(
            "name-changed",
            format!("the provider now calls this user `{came}`; the hub keeps `{user}`"),
        )
        .with_fix("the new name takes effect at the next login, as another user")
    })
}

fn login_needed(settings: &Settings, because: String) -> Failure {
    Failure {
        stage: Stage::Refresh,
        code: "login-needed",
        message: format!("the user has to log in again: {because}"),
        setting: Some(settings.name_of("scope")),
        span: settings.span_of("scope").cloned(),
        fix: "ask the provider for refresh tokens (often the scope `offline_access`), or raise auth_refresh_age".into(),
        hub_status: None,
    }
}

/// When the hub would refresh at all.
fn schedule(settings: &Settings) -> Vec<Diagnostic> {
    let note = |option: &str, message: String| {
        Diagnostic::note("refresh-schedule", message)
            .with_setting(settings.name_of(option))
            .with_span(settings.span_of(option).cloned())
    };
    if !settings.bool("enable_auth_state").unwrap_or(true) {
        return vec![note(
            "enable_auth_state",
            "enable_auth_state is off, so a refresh asks nothing and changes nothing".into(),
        )];
    }
    let mut notes = Vec::new();
    match settings.int("auth_refresh_age") {
        Ok(0) => {
            let never =
                note("auth_refresh_age", "auth_refresh_age is 0, so the hub never refreshes, and asks nothing".into());
            let fix = "see what a refresh would do with `--set Authenticator.auth_refresh_age=300`";
            return vec![never.with_fix(fix)];
        }
        Ok(age) => notes.push(note(
            "auth_refresh_age",
            format!("the hub refreshes a user whose last refresh is {age} seconds old"),
        )),
        Err(_) => {}
    }
    for (option, when) in
        [("refresh_pre_spawn", "before every start of a server"), ("refresh_pre_stop", "before every stop of one")]
    {
        if settings.bool(option).unwrap_or(false) {
            notes.push(note(option, format!("{option} is on, so the hub refreshes {when}, too")));
        }
    }
    if settings.bool("auth_refresh_strict").unwrap_or(false) {
        let message =
            "auth_refresh_strict is on, so requests by token and by admins fail as well until the user logs in";
        notes.push(note("auth_refresh_strict", message.into()));
    }
    notes
}
