//! Arguments and outputs that several commands share.

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, ValueEnum};

use crate::cmd::candidates;
use crate::report::human::Style;
use crate::secret::{Redactor, is_secret};
use crate::source::{Config, Entry, Loaded, Node, Written};
use crate::sys::{self, World};
use crate::value::Value;

/// Where the configuration comes from.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// jupyterhub_config.py, traitlets .json, z2jh values.yaml or TLJH config.yaml; found in this folder if not given
    #[arg(value_name = "CONFIG", help_heading = Resettable::Reset)]
    pub config: Option<PathBuf>,
    /// A file that lies under CONFIG, as helm lays `-f base -f hub` (repeatable)
    #[arg(long, value_name = "FILE")]
    pub base: Vec<PathBuf>,
    /// Sets an option on top of the files: JSON or text; @FILE reads a file, @env:NAME a variable (repeatable)
    #[arg(long, value_name = "CLASS.OPTION=VALUE", add = candidates::settings())]
    pub set: Vec<String>,
    /// The hub's environment in place of ours: NAME=value lines, or `kubectl get secret -o json`
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Which login service of a MultiAuthenticator is meant: its url_prefix, service name or class
    #[arg(long, value_name = "NAME")]
    pub authenticator: Option<String>,
}

/// How results are shown.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Prints secrets as they are, instead of masking them
    #[arg(long)]
    pub show_secrets: bool,
    /// Shows requests and answers whole
    #[arg(short, long)]
    pub verbose: bool,
}

/// The formats that every command has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document on standard output.
    Json,
}

impl OutputArgs {
    /// The look of text on standard output.
    pub fn style(&self, world: &World) -> Style {
        Style { colour: colored::control::SHOULD_COLORIZE.should_colorize(), width: world.width, verbose: self.verbose }
    }
}

/// Writes a result to standard output. A reader that went away is no failure of ours.
pub fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => sys::output_lost(&error),
        _ => {}
    }
}

/// Takes note of every secret that the configuration and the environment hold, in classes that do not run too.
pub fn learn_secrets(loaded: &Loaded, redactor: &Redactor) {
    learn_section(&loaded.config, redactor);
    for env in [&loaded.env_at_import, &loaded.env] {
        for (name, variable) in env.iter() {
            if is_secret(name) {
                learn_value(&variable.value, redactor);
            }
        }
    }
}

/// The same of what code has set, by name.
pub fn learn_set(set: &[(String, Value)], redactor: &Redactor) {
    set.iter().for_each(|(name, value)| learn_named(name, value, redactor));
}

fn learn_section(section: &Config, redactor: &Redactor) {
    for (name, node) in section.iter() {
        match node {
            Node::Section(below) if name == "CryptKeeper" => {
                below.entry("keys").and_then(Entry::value).into_iter().for_each(|value| learn_value(value, redactor));
            }
            Node::Section(below) => learn_section(below, redactor),
            Node::Entry(entry) => {
                if let Written::Plain(value) = &entry.written {
                    learn_named(name, value, redactor);
                }
                let below = entry.shadowed.iter().filter_map(|shadowed| shadowed.value.as_ref());
                below.for_each(|value| learn_named(name, value, redactor));
            }
        }
    }
}

fn learn_named(name: &str, value: &Value, redactor: &Redactor) {
    match value {
        Value::Dict(dict) if !is_secret(name) => {
            dict.iter().for_each(|(name, value)| learn_named(&name.to_text(), value, redactor))
        }
        // A list of dictionaries, as in `JupyterHub.services`.
        Value::List(items) | Value::Tuple(items) => items.iter().for_each(|item| learn_named(name, item, redactor)),
        value if is_secret(name) => learn_value(value, redactor),
        _ => {}
    }
}

fn learn_value(value: &Value, redactor: &Redactor) {
    match value {
        // A placeholder hides nothing, and masking one like `client_secret` would mask that word everywhere.
        Value::Str(text) if crate::check::is_placeholder(text) => {}
        Value::Str(text) => {
            redactor.learn(text);
            if let Some((_, token)) = text.split_once(' ').filter(|(scheme, _)| is_scheme(scheme)) {
                redactor.learn(token);
            }
        }
        // Written without quotes, as in YAML; the hub refuses it, and the refusal must not show it.
        Value::Int(_) | Value::Float(_) => redactor.learn_number(&value.to_text()),
        Value::Bytes(bytes) => redactor.learn(&String::from_utf8_lossy(bytes)),
        Value::List(items) | Value::Tuple(items) => items.iter().for_each(|item| learn_value(item, redactor)),
        Value::Set(items) => items.iter().for_each(|item| learn_value(item, redactor)),
        Value::Dict(dict) => dict.iter().for_each(|(_, item)| learn_value(item, redactor)),
        _ => {}
    }
}

/// `Basic` and its kin before the secret in an `Authorization` header.
fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "token"].contains(&word.to_ascii_lowercase().as_str())
}
