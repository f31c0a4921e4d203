//! `--python`: the hub's configuration and its class, run in the operator's own Python.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value as Json, json};

use crate::bridge::{Bridge, Request};
use crate::cmd::common::{ConfigArgs, learn_set};
use crate::cmd::prepare::{Stop, not_loaded};
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::http::Options;
use crate::report::Login;
use crate::secret::Redactor;
use crate::source::disk::Disk;
use crate::source::load::existing_users;
use crate::source::parts::{Parts, Piece};
use crate::source::{Kind, Loaded, flags};
use crate::sys::World;
use crate::value::Value;

/// How long loading may take where `--timeout` says nothing.
const LOADING: Duration = Duration::from_secs(10);
/// The variable that names the interpreter for a bare `--python`.
const VARIABLE: &str = "OAUTHCTL_PYTHON";
/// What a child has of our environment where `--env-file` gives it the hub's.
const KEPT: [&str; 6] = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG"];

/// Python, where it is asked for.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Python")]
pub struct PythonArgs {
    /// Runs the configuration, also the Python in values files, and its class in the hub's own Python, which this names
    /// [default: $OAUTHCTL_PYTHON, else python3]; without it, no Python is ever run
    #[arg(long, value_name = "INTERPRETER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    python: Option<String>,
}

/// The time of a command that waits for nobody but Python.
#[derive(Args, Clone, Debug, Default)]
pub struct TimeoutArgs {
    /// How long Python may take [default: 10 to load, 60 altogether]
    #[arg(long, value_name = "SECONDS", help_heading = "Python", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,
}

impl TimeoutArgs {
    /// Where nothing is typed.
    pub const DEFAULT: u64 = 60;
}

/// Python, and the time it has.
#[derive(Clone, Debug, Default)]
pub struct Python {
    /// The interpreter.
    pub interpreter: String,
    /// How long loading may take.
    pub loading: Duration,
    /// How long everything together may take.
    pub timeout: Duration,
    /// `--ca-cert`.
    pub ca_certs: Vec<PathBuf>,
    /// With `--proxy`: our own client, which makes Python's requests.
    pub through: Option<Options>,
    /// The lines of `--system-users`.
    pub system_users: Option<String>,
    /// Origins that the embedded provider stands in for.
    pub reroute: Vec<(String, String)>,
}

impl PythonArgs {
    /// The Python that is asked for. `timeout` is what was typed.
    pub fn asked(&self, timeout: Option<u64>, default: u64, world: &World) -> Option<Python> {
        let typed = self.python.as_deref()?;
        let interpreter = match typed {
            "" => world.filled(VARIABLE).unwrap_or("python3"),
            typed => typed,
        };
        Some(Python {
            interpreter: interpreter.to_owned(),
            loading: timeout.map_or(LOADING, Duration::from_secs),
            timeout: Duration::from_secs(timeout.unwrap_or(default)),
            ..Python::default()
        })
    }
}

/// What is loaded in it.
pub struct Wanted<'a> {
    /// What has been read.
    pub loaded: &'a Loaded,
    /// A configuration that is no file.
    pub text: Option<&'a str>,
    /// The arguments that name it.
    pub args: &'a ConfigArgs,
    /// `--existing-users`.
    pub existing_users: Option<&'a Path>,
    /// Whether the hub's start-up is played through, too.
    pub start: bool,
    /// The world.
    pub world: &'a World,
    /// Learns the secrets that are set there.
    pub redactor: &'a Redactor,
}

impl Python {
    /// Loads what has been read, once more and for real.
    pub fn load(&self, wanted: &Wanted<'_>) -> Result<Bridge, Stop> {
        let loaded = wanted.loaded;
        let request = self.request(wanted)?;
        let bridge = Bridge::load(&request).map_err(|mut stopped| {
            learn_set(&stopped.set, wanted.redactor);
            place_by_reading(&mut stopped.failure, loaded);
            let mut warnings = stopped.warnings;
            warnings.extend(not_here(loaded, &stopped.failure.message));
            let login = Login::failed(None, *stopped.failure, warnings);
            Stop::Failed(Box::new(login), Some(Box::new(loaded.clone())))
        })?;
        learn_set(&bridge.set(), wanted.redactor);
        Ok(bridge)
    }

    fn request(&self, wanted: &Wanted<'_>) -> Result<Request, Stop> {
        let Wanted { loaded, args, .. } = wanted;
        let users = wanted.existing_users.map(|path| existing_users(path, Path::new("."))).transpose();
        let mut request = Request {
            interpreter: self.interpreter.clone(),
            set: set(loaded, args)?,
            options: options(loaded),
            existing_users: users.map_err(|error| not_loaded(&error))?.unwrap_or_default(),
            environment: environment(loaded, args, wanted.world),
            system_users: self.system_users.clone(),
            ca_certs: self.ca_certs.clone(),
            through: self.through.clone(),
            reroute: self.reroute.clone(),
            start: wanted.start,
            loading: self.loading,
            timeout: self.timeout,
            ..Request::default()
        };
        match (wanted.text, &loaded.parts, loaded.kind) {
            (Some(text), ..) => request.parts = Some(piece(text)),
            (None, Some(parts), _) => request.parts = Some(parts.clone()),
            (None, None, Kind::Python | Kind::Json) => {
                let paths = args.base.iter().chain(&loaded.path);
                request.files = paths.map(|path| (path.clone(), path.to_string_lossy().into_owned())).collect();
            }
            // It cannot be read, or the chart or TLJH refuses it before any Python runs.
            (None, None, _) => return Err(refused(loaded)),
        }
        Ok(request)
    }
}

/// The options that reading knows of this configuration's class.
fn options(loaded: &Loaded) -> Vec<String> {
    let settings = crate::settings::resolve(loaded).settings;
    settings.iter().flat_map(|settings| settings.iter()).map(|(name, _)| name.to_owned()).collect()
}

/// The embedded provider's own configuration.
fn piece(text: &str) -> Parts {
    let piece = Piece { label: "jupyterhub_config.py (demo)".into(), line: 1, text: text.to_owned() };
    Parts { pieces: vec![piece], ..Parts::default() }
}

fn refused(loaded: &Loaded) -> Stop {
    let failure = match &loaded.fatal {
        Some(fatal) => crate::cmd::prepare::failure_of(fatal),
        None => Failure {
            code: "no-hub",
            message: "there is no configuration of a hub in this file".into(),
            fix: "name the hub's own".into(),
            ..Failure::none()
        },
    };
    let login = Login::failed(None, failure, loaded.diagnostics.clone());
    Stop::Failed(Box::new(login), Some(Box::new(loaded.clone())))
}

/// A variable of the hub's that the configuration asked for in vain.
fn not_here(loaded: &Loaded, message: &str) -> Option<Diagnostic> {
    let asked = |name: &str| message.contains(&format!("KeyError: '{name}'"));
    let (name, reason) = loaded.env_at_import.iter().find_map(|(name, variable)| match &variable.value {
        Value::Unknown(unknown) if asked(name) => Some((name, unknown.reason.clone())),
        _ => None,
    })?;
    Some(
        Diagnostic::warning(
            "variable-not-here",
            format!("the hub has a variable {name}, and it is not here: {reason}"),
        )
        .with_fix(format!("give it with --env-file FILE, a line `{name}=…`")),
    )
}

/// `--set` as a tree of sections.
fn set(loaded: &Loaded, args: &ConfigArgs) -> Result<Json, Stop> {
    let mut tree = Json::Object(Map::new());
    for argument in &args.set {
        let setting = flags::parse(argument, &loaded.env_at_import, &Disk::default()).map_err(Stop::Usage)?;
        let mut section = &mut tree;
        for name in &setting.sections {
            if !section[name].is_object() {
                section[name] = json!({});
            }
            section = &mut section[name];
        }
        section[&setting.option] = Json::from(&setting.value);
    }
    Ok(tree)
}

/// The hub's environment; where it is given by `--env-file`, with what a program needs of ours.
fn environment(loaded: &Loaded, args: &ConfigArgs, world: &World) -> Vec<(String, String)> {
    let hub = loaded.env_at_import.iter().filter_map(|(name, variable)| match &variable.value {
        Value::Str(text) => Some((name.to_owned(), text.clone())),
        _ => None,
    });
    let kept = KEPT.iter().filter(|_| args.env_file.is_some());
    let kept = kept.filter_map(|name| world.var(name).map(|value| ((*name).to_owned(), value.to_owned())));
    kept.chain(hub).collect()
}

/// Where Python names no line of the operator's, reading may know the place.
fn place_by_reading(failure: &mut Failure, loaded: &Loaded) {
    if failure.span.is_some() || failure.code != "config-raises" {
        return;
    }
    if let Some(fatal) = crate::settings::resolve(loaded).fatal {
        failure.setting = fatal.setting;
        failure.span = fatal.span;
        failure.fix = fatal.fix;
    }
}
