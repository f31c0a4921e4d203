//! `oauthctl scaffold`: a custom authenticator class to start from.

use std::path::PathBuf;

use clap::Args;

use crate::cmd::common::print;
use crate::cmd::{CANNOT, YES, usage};
use crate::failure::Stage;
use crate::http::{Call, Http as _, Network, Options};
use crate::json;
use crate::scaffold::{Plan, Urls, files, methods};
use crate::sys::to_stderr;
use crate::value::Value;

/// Arguments of `scaffold`.
#[derive(Args, Clone, Debug, Default)]
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
    let found = args.issuer.as_deref().map(discovered).transpose()?.unwrap_or(Value::None);
    let url = |given: &Option<String>, name: &str| {
        given.clone().or_else(|| found.get(name).and_then(Value::as_str).map(str::to_owned)).unwrap_or_default()
    };
    Ok(Urls {
        authorize: url(&args.authorize_url, "authorization_endpoint"),
        token: url(&args.token_url, "token_endpoint"),
        userdata: url(&args.userdata_url, "userinfo_endpoint"),
        logout: url(&args.logout_redirect_url, "end_session_endpoint"),
    })
}

/// The issuer's discovery document (OpenID Connect Discovery 1.0, section 4).
fn discovered(issuer: &str) -> Result<Value, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let call = Call {
        stage: Stage::Config,
        method: "GET",
        url: url.clone(),
        headers: vec![("Accept".into(), "application/json".into())],
        body: None,
        form: Vec::new(),
        validate_cert: None,
    };
    let answer =
        Network::new(Options::default()).fetch(&call).map_err(|raised| format!("{url}: {}", raised.message()))?;
    let document = json::parse(&answer.text()).map_err(|error| format!("{url}: no JSON: {error}"))?;
    match document.get("issuer").and_then(Value::as_str) {
        Some(named) if named.trim_end_matches('/') == issuer.trim_end_matches('/') => Ok(document),
        Some(named) => Err(format!("{url} is the document of another issuer: {named}")),
        None => Err(format!("{url} names no issuer, so it is no discovery document")),
    }
}
