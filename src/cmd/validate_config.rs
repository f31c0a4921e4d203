//! `oauthctl validate-config`: the mistakes in configurations, without logging in.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, ValueEnum};
use colored::Colorize as _;
use serde_json::json;

use crate::check::{self, Edit, Target};
use crate::cmd::candidates;
use crate::cmd::common::{ConfigArgs, learn_secrets, print};
use crate::cmd::disk_facts::DiskFacts;
use crate::cmd::edits;
use crate::cmd::fleet::{self, HubFiles};
use crate::cmd::online::{AT_A_TIME, Online, OnlineArgs};
use crate::cmd::prepare::{Stop, not_loaded, request};
use crate::cmd::{CANNOT, HELP, NO, YES};
use crate::diagnostic::{Diagnostic, Level};
use crate::online::CANNOT_BE_ASKED;
use crate::report::human::Style;
use crate::report::{Found, Hub, Texts, Validation, failure_as_diagnostic};
use crate::report::{github, json as document, junit, sarif, snippet};
use crate::secret::Redactor;
use crate::settings::Release;
use crate::settings::suggest::close_matches;
use crate::source::load::load;
use crate::sys::World;

const EXAMPLES: &str = "\
Examples:
  oauthctl validate-config jupyterhub_config.py
  oauthctl validate-config hubs/ --base common.yaml     a fleet: every hub in the folder
  oauthctl validate-config --online values.yaml         asks the provider, too
  oauthctl validate-config --fix values.yaml            writes the fixes that are safe
  oauthctl validate-config --format sarif . > hub.sarif

Exit codes:
  0  no errors        1  errors (with --strict, warnings)        2  the command line is wrong
  3  a file cannot be opened; with --online, a provider cannot be reached or fails

Environment:
  The variables that the hub reads count as they do there; --env-file replaces them.";

/// Arguments of `validate-config`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ValidateArgs {
    /// Files to check, each the configuration of one hub; a folder is walked; without any, the one in this folder
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A file that lies under each PATH, as helm lays `-f base -f hub` (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    base: Vec<PathBuf>,
    /// Sets an option on top of the files (repeatable)
    #[arg(long, value_name = "CLASS.OPTION=VALUE", help_heading = "Configuration", add = candidates::settings())]
    set: Vec<String>,
    /// The hub's environment in place of ours
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    env_file: Option<PathBuf>,
    /// Only these rules, separated by commas
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules", add = candidates::rules())]
    select: Vec<String>,
    /// All but these rules, separated by commas
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules", add = candidates::rules())]
    ignore: Vec<String>,
    /// Leaves out what is less grave
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = MinLevel::Note, help_heading = "Rules")]
    min_level: MinLevel,
    /// Counts warnings as errors in the exit code
    #[arg(long, help_heading = "Rules")]
    strict: bool,
    /// Judges by this release of oauthenticator, such as 16.3, instead of the newest
    #[arg(long, value_name = "VERSION", help_heading = "Releases", add = candidates::oauthenticators())]
    oauthenticator: Option<String>,
    /// The jupyterhub that goes with it, such as 4.1
    #[arg(long, value_name = "VERSION", help_heading = "Releases", add = candidates::jupyterhubs())]
    jupyterhub: Option<String>,
    /// Tells what an upgrade to this release of oauthenticator changes for this configuration
    #[arg(long, value_name = "VERSION", help_heading = "Releases", add = candidates::oauthenticators())]
    upgrade_to: Option<String>,
    /// Writes the fixes that are safe into the files, and reports what is left
    #[arg(long, help_heading = "Fixes")]
    fix: bool,
    /// With --fix or --diff: the other fixes too, which may change what the configuration means
    #[arg(long, help_heading = "Fixes")]
    unsafe_fixes: bool,
    /// Shows the fixes as a diff, and writes nothing
    #[arg(long, conflicts_with = "fix", help_heading = "Fixes")]
    diff: bool,
    #[command(flatten)]
    online: OnlineArgs,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Human, help_heading = "Output")]
    format: ReportFormat,
    /// Prints only the summary
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
    /// Prints secrets as they are, instead of masking them
    #[arg(long, help_heading = "Output")]
    show_secrets: bool,
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    #[default]
    Human,
    /// One JSON document on standard output
    Json,
    /// SARIF 2.1.0, as code scanning reads it
    Sarif,
    /// JUnit's XML
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

/// The least grave level to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum MinLevel {
    /// Errors only
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    #[default]
    Note,
}

/// What became of one hub.
enum Outcome {
    /// It was checked.
    Checked(Box<Checked>),
    /// A file of it cannot be read.
    Unreadable(Box<Checked>),
    /// The command line is wrong.
    Usage(String),
    /// A file that was found, and is no hub's.
    NoHub,
}

struct Checked {
    hub: Hub,
    found: Vec<Found>,
    edits: Vec<Edit>,
}

/// Runs the command.
pub fn run(args: &ValidateArgs, world: &World) -> u8 {
    if let Some(message) = unknown_rule(args) {
        return crate::cmd::usage(&message);
    }
    let target = match target(args) {
        Ok(target) => target,
        Err(message) => return crate::cmd::usage(&message),
    };
    let online = match args.online.prepare(args.quiet, world) {
        Ok(online) => online,
        Err(message) => {
            crate::sys::to_stderr(&format!("error: {message}\n"));
            return CANNOT;
        }
    };
    let online = online.as_ref();
    let hubs = fleet::hubs(&args.paths);
    // What is asked of the provider has no fix, and is asked once.
    if args.diff {
        let all = wanted_edits(&check_all(&hubs, args, target, None, world), args);
        print(&edits::diff(&all));
        return if all.is_empty() { YES } else { NO };
    }
    if args.fix
        && let Err(message) = fix_all(&hubs, args, target, world)
    {
        crate::sys::to_stderr(&format!("error: {message}\n"));
        return CANNOT;
    }
    let outcomes = check_all(&hubs, args, target, online, world);
    if let Some(message) = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Usage(message) => Some(message),
        _ => None,
    }) {
        return crate::cmd::usage(message);
    }
    let unreadable = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unreadable(_)));
    let validation = joined(outcomes);
    if validation.hubs.is_empty() {
        crate::sys::to_stderr("error: no configuration of a hub was found\n");
        return CANNOT;
    }
    report(&validation, args);
    let unasked = validation.findings.iter().any(|found| CANNOT_BE_ASKED.contains(&found.finding.rule));
    let bad = validation.count(Level::Error) + if args.strict { validation.count(Level::Warning) } else { 0 };
    match (unreadable || unasked, bad) {
        (true, _) => CANNOT,
        (false, 0) => YES,
        (false, _) => NO,
    }
}

fn wanted_edits(outcomes: &[Outcome], args: &ValidateArgs) -> Vec<Edit> {
    let wanted = |edit: &&Edit| edit.safe || args.unsafe_fixes;
    checked(outcomes).flat_map(|one| &one.edits).filter(wanted).cloned().collect()
}

/// Writes until there is nothing left to write: one fix may be in the way of another, or bring one to light.
fn fix_all(hubs: &[HubFiles], args: &ValidateArgs, target: Target, world: &World) -> Result<(), String> {
    const ROUNDS: usize = 8;
    let mut files = 0;
    for _ in 0..ROUNDS {
        let written = edits::write(&wanted_edits(&check_all(hubs, args, target, None, world), args))?;
        files = files.max(written);
        if written == 0 {
            break;
        }
    }
    if files > 0 {
        crate::sys::to_stderr(&format!("fixed {}\n", plural(files, "file")));
    }
    Ok(())
}

/// The releases that were asked for.
fn target(args: &ValidateArgs) -> Result<Target, String> {
    let release = |oauthenticator: Option<&String>, jupyterhub: Option<&String>| {
        if oauthenticator.is_none() && jupyterhub.is_none() {
            return Ok(None);
        }
        let found = Release::find(oauthenticator.map(String::as_str), jupyterhub.map(String::as_str));
        found.map(Some).ok_or_else(|| {
            let known: Vec<String> = Release::all()
                .map(|one| format!("{} with jupyterhub {}", one.oauthenticator(), one.jupyterhub()))
                .collect();
            let wanted = oauthenticator.or(jupyterhub).map_or("", String::as_str);
            format!("release {wanted} is not known; these are: {}", known.join(", "))
        })
    };
    Ok(Target {
        release: release(args.oauthenticator.as_ref(), args.jupyterhub.as_ref())?,
        upgrade_to: release(args.upgrade_to.as_ref(), None)?,
    })
}

fn unknown_rule(args: &ValidateArgs) -> Option<String> {
    let name = args.select.iter().chain(&args.ignore).find(|name| check::named(name).is_none())?;
    let near = close_matches(name, check::checks().map(|check| check.id));
    let hint = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("no rule is called `{name}`{hint}"))
}

fn checked(outcomes: &[Outcome]) -> impl Iterator<Item = &Checked> {
    outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Checked(one) | Outcome::Unreadable(one) => Some(&**one),
        Outcome::Usage(_) | Outcome::NoHub => None,
    })
}

/// Checks the hubs on all cores. What is kept of one is its findings: texts and settings go as soon as it is done.
fn check_all(
    hubs: &[HubFiles],
    args: &ValidateArgs,
    target: Target,
    online: Option<&Online>,
    world: &World,
) -> Vec<Outcome> {
    /// The readers go as deep as the files are nested.
    const STACK: usize = 16 << 20;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if online.is_some() { AT_A_TIME } else { cores }.min(hubs.len().max(1));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(hubs.len()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let work = || {
                let facts = DiskFacts::default();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(hub) = hubs.get(index) else { break };
                    let outcome = check_hub(hub, args, target, online, world, &facts);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, outcome));
                    }
                }
            };
            if std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).is_err() {
                work();
            }
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn check_hub(
    files: &HubFiles,
    args: &ValidateArgs,
    target: Target,
    online: Option<&Online>,
    world: &World,
    facts: &DiskFacts,
) -> Outcome {
    let redactor = Redactor::new(args.show_secrets);
    let config = ConfigArgs {
        config: files.config.clone(),
        base: args.base.iter().chain(&files.base).cloned().collect(),
        set: args.set.clone(),
        env_file: args.env_file.clone(),
        ..ConfigArgs::default()
    };
    let named = files.config.as_deref();
    let path = |loaded: Option<&Path>| loaded.or(named).map_or(String::new(), |path| path.display().to_string());
    let loaded = match load(&request(&config, world)).map_err(|error| not_loaded(&error)) {
        Ok(loaded) => loaded,
        Err(Stop::Usage(message)) => return Outcome::Usage(message),
        Err(Stop::Failed(login, _)) => {
            let hub = Hub { path: path(None), ..Hub::default() };
            let findings: Vec<Diagnostic> = login.failure.as_ref().map(failure_as_diagnostic).into_iter().collect();
            let found = findings.into_iter().map(|one| found(one, &hub, &[], &redactor, world)).collect();
            return Outcome::Unreadable(Box::new(Checked { hub, found, edits: Vec::new() }));
        }
    };
    if files.found && loaded.fatal.as_ref().is_some_and(|fatal| fatal.rule == "no-hub") {
        return Outcome::NoHub;
    }
    learn_secrets(&loaded, &redactor);
    let mut loaded = loaded;
    loaded.diagnostics.extend(files.missing.iter().map(|layer| {
        Diagnostic::note("unreadable-file", format!("{layer} belongs to this hub, and what it sets is not known here"))
    }));
    let ask = |cx: &check::Cx<'_>| online.map_or_else(Vec::new, |online| online.findings(cx, world));
    let checked = check::check_with(&loaded, facts, target, &ask);
    let findings: Vec<Diagnostic> = checked.findings.into_iter().filter(|one| wanted(one, args)).collect();
    let edits = check::edits(&findings, &loaded);
    let path = match &files.name {
        Some(name) => format!("{} ({name})", path(loaded.path.as_deref())),
        None => path(loaded.path.as_deref()),
    };
    let hub = Hub { path, authenticator: checked.authenticator, settings: checked.settings };
    let found = findings.into_iter().map(|one| found(one, &hub, &loaded.texts, &redactor, world)).collect();
    Outcome::Checked(Box::new(Checked { hub, found, edits }))
}

fn wanted(finding: &Diagnostic, args: &ValidateArgs) -> bool {
    let least = match args.min_level {
        MinLevel::Error => Level::Error,
        MinLevel::Warning => Level::Warning,
        MinLevel::Note => Level::Note,
    };
    let selected = args.select.is_empty() || args.select.iter().any(|rule| rule == finding.rule);
    finding.level <= least && selected && !args.ignore.iter().any(|rule| rule == finding.rule)
}

/// A finding ready to be shown: rendered while the texts are at hand, and without secrets.
fn found(finding: Diagnostic, hub: &Hub, texts: &Texts, redactor: &Redactor, world: &World) -> Found {
    let colour = colored::control::SHOULD_COLORIZE.should_colorize();
    let style = Style { colour, width: world.width, verbose: false };
    let shown = snippet::render(&finding, texts, redactor, style.colour, style.width);
    Found { finding: masked(finding, redactor), hubs: vec![hub.path.clone()], shown }
}

fn masked(mut finding: Diagnostic, redactor: &Redactor) -> Diagnostic {
    finding.message = redactor.text(&finding.message);
    for note in &mut finding.notes {
        *note = redactor.text(note);
    }
    for (_, label) in &mut finding.labels {
        *label = redactor.text(label);
    }
    if let Some(fix) = &mut finding.fix {
        fix.message = redactor.text(&fix.message);
        fix.replacement = fix.replacement.as_deref().map(|text| redactor.text(text));
    }
    finding
}

/// All hubs together: by place, and what comes from a file that several share told once.
fn joined(outcomes: Vec<Outcome>) -> Validation {
    let mut validation = Validation::default();
    for outcome in outcomes {
        let (Outcome::Checked(one) | Outcome::Unreadable(one)) = outcome else { continue };
        validation.hubs.push(one.hub);
        validation.findings.extend(one.found);
    }
    let place = |found: &Found| {
        let finding = &found.finding;
        finding.span.as_ref().map(|span| (span.file.clone(), span.line, span.column, finding.level))
    };
    // Those of one place that say the same come to stand together; those of none stay with their hub.
    validation.findings.sort_by(|a, b| {
        let words = |found: &Found| (found.finding.rule, found.finding.message.clone());
        place(a).cmp(&place(b)).then_with(|| match a.finding.span {
            Some(_) => words(a).cmp(&words(b)),
            None => std::cmp::Ordering::Equal,
        })
    });
    validation.findings.dedup_by(|later, earlier| {
        let same = later.finding.span.is_some() && later.finding == earlier.finding;
        if same {
            earlier.hubs.append(&mut later.hubs);
        }
        same
    });
    validation
}

fn report(validation: &Validation, args: &ValidateArgs) {
    match args.format {
        ReportFormat::Human => print(&text(validation, args)),
        ReportFormat::Json => print(&document::text(&json(validation))),
        ReportFormat::Sarif => {
            let rules: Vec<sarif::Rule> = check::checks()
                .map(|check| sarif::Rule { id: check.id, summary: check.summary, page: check.doc, level: check.level })
                .collect();
            print(&document::text(&sarif::document(validation, &rules, &base())));
        }
        ReportFormat::Junit => print(&junit::text(validation)),
        ReportFormat::Github => print(&github::text(validation)),
    }
}

/// The repository in which we are, else the folder.
fn base() -> sarif::Base {
    let folder = std::env::current_dir().unwrap_or_default();
    let root = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&folder).to_owned();
    sarif::Base { folder, root }
}

fn json(validation: &Validation) -> serde_json::Value {
    let findings: Vec<_> = validation
        .findings
        .iter()
        .map(|found| {
            let mut one = document::finding(&found.finding, found.hubs.first().map(String::as_str));
            if found.hubs.len() > 1 {
                one["hubs"] = json!(found.hubs);
            }
            one
        })
        .collect();
    json!({
        "schema": "oauthctl.validate/1",
        "hubs": validation.hubs.iter().map(|hub| json!({
            "path": hub.path, "authenticator": hub.authenticator, "settings": hub.settings,
        })).collect::<Vec<_>>(),
        "findings": findings,
        "summary": {
            "hubs": validation.hubs.len(),
            "errors": validation.count(Level::Error),
            "warnings": validation.count(Level::Warning),
            "notes": validation.count(Level::Note),
        },
    })
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn text(validation: &Validation, args: &ValidateArgs) -> String {
    let mut out = String::new();
    if !args.quiet {
        for found in &validation.findings {
            out.push_str(&found.shown);
            out.push('\n');
            if let [_, others @ ..] = &found.hubs[..]
                && !others.is_empty()
            {
                out.push_str(&format!(
                    "  {}\n",
                    format!("and in {} more that share this file", plural(others.len(), "hub")).dimmed()
                ));
            }
            out.push('\n');
        }
    }
    let (errors, warnings) = (validation.count(Level::Error), validation.count(Level::Warning));
    let total = format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
    let total = match (errors, warnings) {
        (0, 0) => "nothing to object to".green().to_string(),
        (0, _) => total.yellow().to_string(),
        _ => total.red().bold().to_string(),
    };
    let mut names: Vec<&str> = validation.hubs.iter().filter_map(|hub| hub.authenticator.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let classes = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    format!("{out}{}{classes}: {total}\n", plural(validation.hubs.len(), "hub"))
}
