//! `--python`: the hub's configuration and its class, run in the operator's own Python.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value as Json, json};

use crate::bridge::{Bridge, Request};
use crate::cmd::common::ConfigArgs;
use crate::cmd::prepare::{Stop, not_loaded};
use crate::failure::Failure;
use crate::report::Login;
use crate::source::disk::Disk;
use crate::source::load::existing_users;
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
    /// Runs the configuration and its class in the hub's own Python, which this names [default: $OAUTHCTL_PYTHON, else
    /// python3]; without it, no Python is ever run
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

impl Python {
    /// Loads what has been read, once more and for real. `text` is a configuration that is no file.
    pub fn load(
        &self,
        loaded: &Loaded,
        text: Option<&str>,
        args: &ConfigArgs,
        users: Option<&Path>,
        start: bool,
        world: &World,
    ) -> Result<Bridge, Stop> {
        let request = self.request(loaded, text, args, users, start, world)?;
        Bridge::load(&request).map_err(|(mut failure, warnings)| {
            place_by_reading(&mut failure, loaded);
            Stop::Failed(Box::new(Login::failed(None, *failure, warnings)), Some(Box::new(loaded.clone())))
        })
    }

    fn request(
        &self,
        loaded: &Loaded,
        text: Option<&str>,
        args: &ConfigArgs,
        users: Option<&Path>,
        start: bool,
        world: &World,
    ) -> Result<Request, Stop> {
        let paths = args.base.iter().chain(&loaded.path);
        let files = paths.map(|path| (path.clone(), path.to_string_lossy().into_owned())).collect();
        let users = users.map(|path| existing_users(path, Path::new("."))).transpose();
        let mut request = Request {
            interpreter: self.interpreter.clone(),
            set: set(loaded, args)?,
            existing_users: users.map_err(|error| not_loaded(&error))?.unwrap_or_default(),
            environment: environment(loaded, args, world),
            system_users: self.system_users.clone(),
            ca_certs: self.ca_certs.clone(),
            reroute: self.reroute.clone(),
            start,
            loading: self.loading,
            timeout: self.timeout,
            ..Request::default()
        };
        match (text, loaded.kind) {
            (Some(text), _) => request.snippets = vec![(text.to_owned(), "jupyterhub_config.py (demo)".to_owned())],
            (None, Kind::Python | Kind::Json) => request.files = files,
            (None, _) => return Err(Stop::Failed(Box::new(Login::failed(None, yaml(), Vec::new())), None)),
        }
        Ok(request)
    }
}

fn yaml() -> Failure {
    Failure {
        code: "python-needs-python",
        message: "--python runs a jupyterhub_config.py or a traitlets .json, and this is YAML".into(),
        fix: "leave --python out, or convert it to a jupyterhub_config.py first".into(),
        ..Failure::none()
    }
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
