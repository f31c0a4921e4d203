//! `oauthctl validate-config`: the mistakes in a configuration, without logging in.

use std::path::{Path, PathBuf};

use clap::Args;
use colored::Colorize as _;
use serde_json::json;

use crate::check;
use crate::cmd::common::{ConfigArgs, Format, OutputArgs, learn_secrets, print};
use crate::cmd::prepare::{Stop, not_loaded, request};
use crate::cmd::{CANNOT, NO, YES};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::{failure_as_diagnostic, human, json as document};
use crate::secret::Redactor;
use crate::source::Loaded;
use crate::source::load::load;
use crate::sys::World;

/// Arguments of `validate-config`.
#[derive(Args, Clone, Debug, Default)]
pub struct ValidateArgs {
    /// Files to check, each the configuration of one hub; without any, the one in this folder
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A file that lies under each PATH, as helm lays `-f base -f hub` (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    base: Vec<PathBuf>,
    /// Sets an option on top of the files (repeatable)
    #[arg(long, value_name = "CLASS.OPTION=VALUE", help_heading = "Configuration")]
    set: Vec<String>,
    /// The hub's environment in place of ours
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    env_file: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// What was found in one hub.
struct Hub {
    path: String,
    authenticator: Option<String>,
    settings: usize,
    findings: Vec<Diagnostic>,
    loaded: Option<Loaded>,
}

/// Runs the command.
pub fn run(args: &ValidateArgs, world: &World) -> u8 {
    let redactor = Redactor::new(args.output.show_secrets);
    let paths: Vec<Option<&Path>> = match args.paths[..] {
        [] => vec![None],
        _ => args.paths.iter().map(|path| Some(path.as_path())).collect(),
    };
    let mut hubs = Vec::new();
    let mut unreadable = false;
    for path in paths {
        match check_hub(args, path, world, &redactor) {
            Ok(hub) => hubs.push(hub),
            Err(Stop::Usage(message)) => return crate::cmd::usage(&message),
            Err(Stop::Failed(login, _)) => {
                unreadable = true;
                let findings = login.failure.as_ref().map(failure_as_diagnostic).into_iter().collect();
                let path = path.map_or(String::new(), |path| path.display().to_string());
                hubs.push(Hub { path, authenticator: None, settings: 0, findings, loaded: None });
            }
        }
    }
    match args.output.format {
        Format::Json => print(&document::text(&json(&hubs, &redactor))),
        Format::Human => print(&text(&hubs, args, &redactor, world)),
    }
    let errors = count(&hubs, Level::Error);
    match (unreadable, errors) {
        (true, _) => CANNOT,
        (false, 0) => YES,
        (false, _) => NO,
    }
}

fn check_hub(args: &ValidateArgs, path: Option<&Path>, world: &World, redactor: &Redactor) -> Result<Hub, Stop> {
    let config = ConfigArgs {
        config: path.map(Path::to_owned),
        base: args.base.clone(),
        set: args.set.clone(),
        env_file: args.env_file.clone(),
    };
    let loaded = load(&request(&config, world)).map_err(|error| not_loaded(&error))?;
    learn_secrets(&loaded, redactor);
    let checked = check::check(&loaded, &check::NoDisk);
    let path = loaded.path.as_deref().or(path).map_or(String::new(), |path| path.display().to_string());
    Ok(Hub {
        path,
        authenticator: checked.authenticator,
        settings: checked.settings,
        findings: checked.findings,
        loaded: Some(loaded),
    })
}

fn count(hubs: &[Hub], level: Level) -> usize {
    hubs.iter().flat_map(|hub| &hub.findings).filter(|finding| finding.level == level).count()
}

fn json(hubs: &[Hub], redactor: &Redactor) -> serde_json::Value {
    let findings: Vec<_> = hubs
        .iter()
        .flat_map(|hub| hub.findings.iter().map(|finding| document::finding(finding, Some(&hub.path))))
        .collect();
    let mut whole = json!({
        "schema": "oauthctl.validate/1",
        "hubs": hubs.iter().map(|hub| json!({
            "path": hub.path, "authenticator": hub.authenticator, "settings": hub.settings,
        })).collect::<Vec<_>>(),
        "findings": findings,
        "summary": {
            "hubs": hubs.len(),
            "errors": count(hubs, Level::Error),
            "warnings": count(hubs, Level::Warning),
            "notes": count(hubs, Level::Note),
        },
    });
    redactor.json(&mut whole);
    whole
}

fn text(hubs: &[Hub], args: &ValidateArgs, redactor: &Redactor, world: &World) -> String {
    let mut out = String::new();
    for hub in hubs {
        let texts = hub.loaded.as_ref().map_or(&[][..], |loaded| &loaded.texts);
        out.push_str(&human::findings(&hub.findings, texts, redactor, args.output.style(world)));
    }
    let (errors, warnings) = (count(hubs, Level::Error), count(hubs, Level::Warning));
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let total = format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
    let total = match (errors, warnings) {
        (0, 0) => "nothing to object to".green().to_string(),
        (0, _) => total.yellow().to_string(),
        _ => total.red().bold().to_string(),
    };
    let names: Vec<&str> = hubs.iter().filter_map(|hub| hub.authenticator.as_deref()).collect();
    let classes = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    format!("{}\n{}{classes}: {total}\n", out.trim_start(), plural(hubs.len(), "hub")).trim_start().to_owned()
}
