//! `oauthctl init`: a configuration that works, asked for question by question or told by flags.

mod args;
mod finish;
mod line;
mod names;
mod prompt;
mod wizard;

use std::fmt::Write as _;

pub use args::InitArgs;
pub(super) use finish::{free, put};
pub(super) use prompt::wrap;

use crate::cmd::common::print;
use crate::cmd::{CANNOT, USAGE, YES, usage};
use crate::discovery::{self, Metadata};
use crate::http::{Network, Options};
use crate::init::Endpoints;
use crate::init::answers::{Answers, Missing};
use crate::init::presets::PRESETS;
use crate::sys::{World, to_stderr};

/// Runs the command.
pub fn run(args: &InitArgs, world: &World) -> u8 {
    if args.list {
        print(&list());
        return YES;
    }
    let answers = match args.answers() {
        Ok(answers) => answers,
        Err(message) => return usage(&message),
    };
    let somebody = world.stdin_is_terminal && world.stderr_is_terminal;
    if somebody && !args.yes {
        return wizard::run(args, answers, world);
    }
    unattended(args, answers, world)
}

fn unattended(args: &InitArgs, mut answers: Answers, world: &World) -> u8 {
    let (missing, wrong) = (answers.missing(), answers.wrong());
    if !missing.is_empty() || !wrong.is_empty() {
        to_stderr(&lacking(&missing, &wrong));
        return USAGE;
    }
    if let Some(path) = args.output.path(&answers)
        && let Err(message) = finish::free(&path, args.output.force)
    {
        return cannot(&message);
    }
    if let Some(issuer) = wants_discovery(&answers) {
        match discover(&issuer, args) {
            Ok(metadata) => answers.metadata = Some(metadata),
            Err(message) => return cannot(&without_discovery(&message)),
        }
    }
    finish::run(args, &answers, world)
}

/// What is missing and what is wrong, all at once.
fn lacking(missing: &[Missing], wrong: &[String]) -> String {
    let mut out = String::new();
    for one in wrong {
        let _ = writeln!(out, "error: {one}");
    }
    if !missing.is_empty() {
        out += "error: this is missing, and nobody can be asked:\n";
        let width = missing.iter().map(|one| one.flag.len()).max().unwrap_or_default();
        for one in missing {
            let _ = writeln!(out, "  {:width$}  {}", one.flag, one.what);
        }
        out += "\nGive it, or run `oauthctl init` in a terminal, without --yes, to be asked.\n";
    }
    out += "For more information, try '--help'.\n";
    out
}

fn cannot(message: &str) -> u8 {
    to_stderr(&format!("error: {message}\n"));
    CANNOT
}

fn without_discovery(message: &str) -> String {
    format!("{message}\n  to go on without it, give --authorize-url, --token-url and --userdata-url")
}

/// The issuer to ask, where nothing else tells the endpoints.
fn wants_discovery(answers: &Answers) -> Option<String> {
    let preset = answers.preset()?;
    let base = answers.base()?;
    // The issuer of a user pool is another host than its login pages.
    let is_pool = preset.name == "cognito" && base.starts_with("https://cognito-idp.");
    let only = matches!(preset.endpoints, Endpoints::Discovery) || is_pool;
    (only && !answers.urls.are_whole() && answers.metadata.is_none()).then_some(base)
}

/// What an issuer says of itself.
fn discover(issuer: &str, args: &InitArgs) -> Result<Metadata, String> {
    let mut options = Options::default();
    for path in args.ca_certs() {
        let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        options.extra_ca.push(pem);
    }
    let metadata = discovery::discover(&Network::new(options), issuer).map_err(|error| error.to_string())?;
    for (endpoint, name) in
        [(&metadata.authorization_endpoint, "authorization_endpoint"), (&metadata.token_endpoint, "token_endpoint")]
    {
        if endpoint.is_none() {
            return Err(format!("{} names no {name}", metadata.url));
        }
    }
    Ok(metadata)
}

/// The providers, with what each needs.
fn list() -> String {
    let mut out = String::new();
    let mut row = |name: &str, needs: &str, class: &str, title: &str| {
        let _ = writeln!(out, "{name:<10} {needs:<17} {class:<24} {title}");
    };
    row("provider", "needs", "class", "");
    for preset in PRESETS {
        let needs = match &preset.address {
            Some(address) if address.default.is_empty() => address.flag.to_owned(),
            Some(address) => format!("[{}]", address.flag),
            None if preset.name == "cilogon" => "--idp".to_owned(),
            None => String::new(),
        };
        row(preset.name, &needs, preset.class, preset.title);
    }
    out
}
