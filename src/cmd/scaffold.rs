//! `oauthctl scaffold`: a custom authenticator class to start from.

use std::path::PathBuf;

use clap::Args;

use crate::cmd::common::print;
use crate::cmd::{CANNOT, HELP, YES, usage};
use crate::discovery::{Metadata, discover};
use crate::http::{Network, Options};
use crate::scaffold::{Plan, Urls, files, methods};
use crate::sys::to_stderr;

const EXAMPLES: &str = "\
Examples:
  oauthctl scaffold AcmeOAuthenticator --issuer https://login.example.org
  oauthctl scaffold AcmeOAuthenticator --override update_auth_model --local --output acme

Exit codes:
  0  written        2  the command line is wrong
  3  a file is in the way, or the issuer fails";

/// Arguments of `scaffold`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ScaffoldArgs {
    /// The class's name, such as MyServiceOAuthenticator
    #[arg(value_name = "NAME")]
    name: String,
    /// What the login button calls the provider [default: NAME]
    #[arg(long, value_name = "TEXT")]
    service: Option<String>,
    /// Takes the addresses from this issuer's discovery document
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Where the browser is sent
    #[arg(long, value_name = "URL")]
    authorize_url: Option<String>,
    /// Where the code is exchanged
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
    /// Where the userdata come from
    #[arg(long, value_name = "URL")]
    userdata_url: Option<String>,
    /// Where a logout leads
    #[arg(long, value_name = "URL")]
    logout_redirect_url: Option<String>,
    /// A method to override, with its contract explained (repeatable)
    #[arg(long = "override", value_name = "METHOD", value_parser = clap::builder::PossibleValuesParser::new(methods::names()))]
    overrides: Vec<String>,
    /// Adds the variant for users of the hub's own machine
    #[arg(long)]
    local: bool,
    /// The folder to write into
    #[arg(long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
    /// Writes over files that are there
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(args: &ScaffoldArgs) -> u8 {
    if !is_class_name(&args.name) {
        return usage(&format!("`{}` is no name for a Python class; for example MyServiceOAuthenticator", args.name));
    }
    let urls = match urls(args) {
        Ok(urls) => urls,
        Err(message) => return cannot(&message),
    };
    let plan = Plan {
        class: args.name.clone(),
        service: args.service.clone().unwrap_or_else(|| args.name.clone()),
        urls,
        overrides: args.overrides.clone(),
        local: args.local,
    };
    match write(args, &files(&plan)) {
        Ok(written) => {
            print(&written);
            YES
        }
        Err(message) => cannot(&message),
    }
}

fn cannot(message: &str) -> u8 {
    to_stderr(&format!("error: {message}\n"));
    CANNOT
}

/// A name that Python takes, and that traitlets takes for a section.
fn is_class_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// All or nothing: nothing is written where a file is in the way.
fn write(args: &ScaffoldArgs, files: &[(String, String)]) -> Result<String, String> {
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| args.output.join(name)).collect();
    if let Some(path) = paths.iter().find(|path| !args.force && path.symlink_metadata().is_ok()) {
        return Err(format!(
            "{} exists; choose another folder with --output, or write over it with --force",
            path.display()
        ));
    }
    std::fs::create_dir_all(&args.output).map_err(|error| format!("{}: {error}", args.output.display()))?;
    let mut written = String::new();
    for (path, (_, content)) in paths.iter().zip(files) {
        std::fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        written += &format!("{}\n", path.display());
    }
    Ok(written)
}

/// The addresses: those of the issuer, and what is given beside it.
fn urls(args: &ScaffoldArgs) -> Result<Urls, String> {
    let found = args.issuer.as_deref().map(discovered).transpose()?;
    let url = |given: &Option<String>, advertised: fn(Metadata) -> Option<String>| {
        given.clone().or_else(|| advertised(found.clone()?)).unwrap_or_default()
    };
    Ok(Urls {
        authorize: url(&args.authorize_url, |found| found.authorization_endpoint),
        token: url(&args.token_url, |found| found.token_endpoint),
        userdata: url(&args.userdata_url, |found| found.userinfo_endpoint),
        logout: url(&args.logout_redirect_url, |found| found.end_session_endpoint),
    })
}

fn discovered(issuer: &str) -> Result<Metadata, String> {
    discover(&Network::new(Options::default()), issuer).map_err(|error| error.to_string())
}
