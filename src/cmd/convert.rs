//! `oauthctl convert`: the same configuration in another form.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use colored::Colorize as _;
use serde_json::{Value as Json, json};

use crate::check::{self, Target};
use crate::cmd::common::{ConfigArgs, Format, learn_secrets, print};
use crate::cmd::disk_facts::DiskFacts;
use crate::cmd::init::{free, put};
use crate::cmd::prepare::{Stop, not_loaded, request};
use crate::cmd::{CANNOT, HELP, NO, YES, usage};
use crate::convert::{Plan, Remark, Secrets, Weight, convert, mask, render, reread};
use crate::diagnostic::Diagnostic;
use crate::report::human;
use crate::report::human::Style;
use crate::report::json as document;
use crate::secret::Redactor;
use crate::settings::Release;
use crate::source::load::{Request, load};
use crate::source::{Kind, Loaded};
use crate::sys::{World, printable, to_stderr};
use crate::write::{Form, write};

const EXAMPLES: &str = "\
Examples:
  oauthctl convert jupyterhub_config.py --to z2jh --output values.yaml
  oauthctl convert values.yaml --base common.yaml --to python --secrets env
  oauthctl convert jupyterhub_config.py --upgrade     the same file with today's names

What becomes of what:
  Values are carried as values. What comes from the environment or from
  files stays a reference, and functions are carried with all that they
  need, where the form can hold them: Python and z2jh. JSON and TLJH hold
  plain values only; variables that upstream reads by itself
  (OAUTH_CLIENT_SECRET, …) are left to it. What cannot be carried is named
  on standard error and in a comment, with the reason.

Exit codes:
  0  converted
  1  converted, and with --strict: something was left out
  2  the command line is wrong
  3  the configuration cannot be read, or the file cannot be written";

/// Arguments of `convert`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ConvertArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The form to write; that of CONFIG where --upgrade or --secrets is all that is asked for
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Result")]
    to: Option<To>,
    /// The file to write; standard output without it, where secrets are masked
    #[arg(short, long, value_name = "FILE", help_heading = "Result")]
    output: Option<PathBuf>,
    /// Writes over a file that is there
    #[arg(long, requires = "output", help_heading = "Result")]
    force: bool,
    /// Each --base file and CONFIG as a file of its own, in the folder that --output names
    #[arg(long, requires = "output", help_heading = "Result")]
    keep_layers: bool,
    /// What becomes of secrets that stand in the source
    #[arg(long, value_enum, value_name = "WHERE", default_value_t = Where::Keep, help_heading = "Secrets")]
    secrets: Where,
    /// For z2jh: the Kubernetes secret that holds what is referred to
    #[arg(long, value_name = "NAME", help_heading = "Secrets")]
    kubernetes_secret: Option<String>,
    /// Prints secrets on standard output as they are, instead of masking them
    #[arg(long, help_heading = "Secrets")]
    show_secrets: bool,
    /// Replaces deprecated and removed names, and explains what an upgrade changes
    #[arg(long, help_heading = "Upgrade")]
    upgrade: bool,
    /// The oauthenticator that the source was written for, such as 15.1
    #[arg(long, value_name = "VERSION", requires = "upgrade", help_heading = "Upgrade")]
    from: Option<String>,
    /// Exit code 1 where something was left out
    #[arg(long, help_heading = "Output")]
    strict: bool,
    /// How to print what there is to say, and with json also the result
    #[arg(long, value_enum, default_value_t = Format::Human, help_heading = "Output")]
    format: Format,
}

/// The forms, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// jupyterhub_config.py
    Python,
    /// Values for Zero to JupyterHub
    Z2jh,
    /// The Littlest JupyterHub's config.yaml
    Tljh,
    /// A traitlets .json file
    Json,
}

/// What becomes of secrets, on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Where {
    /// They are written as they are
    #[default]
    Keep,
    /// They are read from variables of the hub's environment
    Env,
    /// They are read from files in /run/secrets
    File,
}

/// A configuration in its new form.
struct Outcome {
    /// The text with its secrets.
    whole: String,
    /// The same to be shown.
    shown: String,
    remarks: Vec<Remark>,
    /// Whether there are secrets in it.
    secret: bool,
}

/// Runs the command.
pub fn run(args: &ConvertArgs, world: &World) -> u8 {
    let redactor = Redactor::new(args.show_secrets);
    let target = match target(args) {
        Ok(target) => target,
        Err(message) => return usage(&message),
    };
    if args.keep_layers {
        return layers(args, target, &redactor, world);
    }
    let request = request(&args.config, world);
    match one(args, &request, &redactor, target, world) {
        Ok((result, _)) => {
            finish(args, &[(args.output.clone().filter(|path| path != Path::new("-")), result)], &redactor)
        }
        Err(code) => code,
    }
}

/// Every layer by itself.
fn layers(args: &ConvertArgs, target: Target, redactor: &Redactor, world: &World) -> u8 {
    let whole = request(&args.config, world);
    let Some(config) = whole.config.clone().filter(|_| !whole.base.is_empty()) else {
        return usage("--keep-layers needs CONFIG and at least one --base: they are the layers");
    };
    if !whole.set.is_empty() {
        return usage("--set belongs to no layer: leave it out, or put it into a file");
    }
    let folder = args.output.clone().unwrap_or_default();
    let mut results = Vec::new();
    for path in whole.base.iter().chain([&config]) {
        let request = Request { config: Some(path.clone()), base: Vec::new(), ..whole.clone() };
        match one(args, &request, redactor, target, world) {
            Ok((result, loaded)) => {
                let form = form(args, loaded.kind).unwrap_or(Form::Python);
                let extension = form.file_name().rsplit('.').next().unwrap_or_default();
                let name = Path::new(path.file_stem().unwrap_or_default()).with_extension(extension);
                let place = folder.join(name);
                if results.iter().any(|(known, _)| *known == Some(place.clone())) {
                    return usage(&format!("two layers would be written to {}: rename one", place.display()));
                }
                results.push((Some(place), result));
            }
            Err(code) => return code,
        }
    }
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return cannot(&format!("{}: {error}", folder.display()));
    }
    finish(args, &results, redactor)
}

fn target(args: &ConvertArgs) -> Result<Target, String> {
    let release = args.from.as_deref().map(|from| {
        Release::find(Some(from), None)
            .ok_or_else(|| format!("--from {from}: no release of oauthenticator that is known"))
    });
    Ok(Target { release: release.transpose()?, upgrade_to: Release::all().next_back().filter(|_| args.upgrade) })
}

fn form(args: &ConvertArgs, kind: Kind) -> Option<Form> {
    match args.to {
        Some(To::Python) => Some(Form::Python),
        Some(To::Z2jh) => Some(Form::Z2jh),
        Some(To::Tljh) => Some(Form::Tljh),
        Some(To::Json) => Some(Form::Json),
        None if args.upgrade || args.secrets != Where::Keep => Some(match kind {
            Kind::Python => Form::Python,
            Kind::Json => Form::Json,
            Kind::Z2jh => Form::Z2jh,
            Kind::Tljh => Form::Tljh,
        }),
        None => None,
    }
}

fn cannot(message: &str) -> u8 {
    to_stderr(&format!("error: {message}\n"));
    CANNOT
}

/// Reads, converts, writes and reads again.
fn one(
    args: &ConvertArgs,
    request: &Request,
    redactor: &Redactor,
    target: Target,
    world: &World,
) -> Result<(Outcome, Loaded), u8> {
    let loaded = load(request).map_err(|error| match not_loaded(&error) {
        Stop::Usage(message) => usage(&message),
        Stop::Failed(..) => cannot(&error.to_string()),
    })?;
    // What is masked tells whether there are secrets, also where they are shown.
    let quiet = Redactor::new(false);
    learn_secrets(&loaded, redactor);
    learn_secrets(&loaded, &quiet);
    let Some(form) = form(args, loaded.kind) else {
        return Err(usage("--to is missing: python, z2jh, tljh or json; for example --to python"));
    };
    // A snippet of a chart may need what another layer defines; the rest is there.
    let partly = |fatal: &Diagnostic| loaded.kind == Kind::Z2jh && fatal.rule == "config-raises";
    if let Some(fatal) = loaded.fatal.as_ref().filter(|fatal| !partly(fatal)) {
        let style =
            Style { colour: colored::control::SHOULD_COLORIZE.should_colorize(), width: world.width, verbose: false };
        to_stderr(human::findings(std::slice::from_ref(fatal), &loaded.texts, redactor, style).trim_start());
        return Err(cannot("no hub starts with this, so there is nothing to convert: mend it first"));
    }
    let blind = load(&Request { blind: true, env_file: None, ..request.clone() }).unwrap_or_else(|_| loaded.clone());
    let secrets = match args.secrets {
        Where::Keep => Secrets::Keep,
        Where::Env => Secrets::Env,
        Where::File => Secrets::File,
    };
    let plan = Plan { to: form, secrets, upgrade: args.upgrade, layer: args.keep_layers };
    let mut converted = convert(&loaded, &blind, &request.set, plan);
    converted.document.kubernetes_secret = args.kubernetes_secret.clone();
    let mut rendered = render(&converted, &loaded, form);
    if !args.upgrade && !args.keep_layers {
        reread(&mut rendered, &loaded, request, form);
    }
    let masked = write(&mask(&rendered.document, &quiet), form).text;
    let secret = masked != rendered.text;
    let shown = if redactor.shows() { rendered.text.clone() } else { masked };
    let mut remarks = rendered.remarks;
    remarks.extend(loaded.fatal.as_ref().map(|fatal| Remark {
        weight: Weight::LeftOut,
        name: "what follows in this snippet".to_owned(),
        message: fatal.message.clone(),
        span: fatal.span.clone(),
    }));
    // What has just been set need not be asked for.
    let grouped = remarks.iter().any(|remark| remark.name.ends_with(".manage_groups"));
    let asks = |remark: &Remark| grouped && remark.message.contains("unless manage_groups is on");
    remarks.extend(changed_by_upgrade(&loaded, target).into_iter().filter(|remark| !asks(remark)));
    remarks.sort_by_key(|remark| remark.weight);
    Ok((Outcome { whole: rendered.text, shown, remarks, secret }, loaded))
}

/// What an upgrade changes in the meaning.
fn changed_by_upgrade(loaded: &Loaded, target: Target) -> Vec<Remark> {
    if target.upgrade_to.is_none() {
        return Vec::new();
    }
    let findings = check::check_for(loaded, &DiskFacts::default(), target).findings;
    let changed = findings.into_iter().filter(|finding| finding.rule == "changed-by-upgrade");
    changed.map(remark_of).collect()
}

fn remark_of(finding: Diagnostic) -> Remark {
    let mut message = finding.message;
    for note in finding.notes.into_iter().chain(finding.fix.map(|fix| fix.message)) {
        let _ = write!(message, "; {note}");
    }
    let name = finding.setting.unwrap_or_default();
    Remark { weight: Weight::Note, name, message, span: finding.span }
}

/// Writes, or prints, and says what there is to say.
fn finish(args: &ConvertArgs, results: &[(Option<PathBuf>, Outcome)], redactor: &Redactor) -> u8 {
    let files = || results.iter().filter_map(|(path, result)| Some((path.as_ref()?, result)));
    // All or nothing: nothing is written where a file is in the way.
    let in_the_way = files().find_map(|(path, _)| free(path, args.force).err());
    let written = in_the_way
        .map_or(Ok(()), Err)
        .and_then(|()| files().try_for_each(|(path, result)| put(path, &result.whole, result.secret, args.force)));
    if let Err(message) = written {
        return cannot(&message);
    }
    let left_out = results.iter().any(|(_, result)| result.remarks.iter().any(|it| it.weight == Weight::LeftOut));
    let code = if left_out && args.strict { NO } else { YES };
    if args.format == Format::Json {
        let documents: Vec<Json> =
            results.iter().map(|(path, result)| as_json(path.as_deref(), result, redactor)).collect();
        let mut whole = json!({"schema": "oauthctl.convert/1", "results": documents});
        redactor.json(&mut whole);
        print(&document::text(&whole));
        return code;
    }
    for (path, result) in results {
        if path.is_none() {
            print(&result.shown);
        }
        to_stderr(&words(path.as_deref(), result, redactor, args));
    }
    code
}

fn as_json(path: Option<&Path>, result: &Outcome, redactor: &Redactor) -> Json {
    let remarks = |weight: Weight| -> Vec<Json> {
        let of = result.remarks.iter().filter(|remark| remark.weight == weight);
        of.map(|remark| {
            json!({"name": shown_name(remark, redactor), "message": redactor.text(&remark.message),
                "file": remark.span.as_ref().map(|span| &*span.file), "line": remark.span.as_ref().map(|span| span.line)})
        })
        .collect()
    };
    json!({
        "output": path.map(|path| path.display().to_string()),
        "text": result.shown,
        "left_out": remarks(Weight::LeftOut),
        "changed": remarks(Weight::Changed),
        "notes": remarks(Weight::Note),
    })
}

/// What a remark is about; code may hold a secret.
fn shown_name(remark: &Remark, redactor: &Redactor) -> String {
    if remark.name.starts_with('`') { redactor.source(&remark.name) } else { redactor.text(&remark.name) }
}

/// What there is to say, for people.
fn words(path: Option<&Path>, result: &Outcome, redactor: &Redactor, args: &ConvertArgs) -> String {
    let mut out = String::new();
    let mut remarks = result.remarks.as_slice();
    while let Some((first, rest)) = remarks.split_first() {
        // What has the same reason stands on one line, as the many values of a chart have.
        let same = rest.iter().take_while(|it| it.message == first.message && it.weight == first.weight).count();
        let names: Vec<String> = remarks[..=same].iter().map(|it| shown_name(it, redactor)).collect();
        let head = match first.weight {
            Weight::LeftOut => "left out:".yellow(),
            Weight::Changed => "changed:".yellow(),
            Weight::Note => "note:".bold(),
        };
        let place = first.span.as_ref().filter(|_| same == 0);
        let place = place.map(|span| format!(" ({}:{})", span.file, span.line)).unwrap_or_default();
        let about = if first.name.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) };
        let line = format!("{about}{}{place}", redactor.text(&first.message));
        let _ = writeln!(out, "{head} {}", printable(&line));
        remarks = &rest[same..];
    }
    match path {
        Some(path) => {
            let readable = match (result.secret, args.secrets) {
                (false, _) => "",
                (true, Where::Keep) => ", readable by you alone, since there are secrets in it",
                (true, _) => ", readable by you alone, since code in it still holds secrets: take them out by hand",
            };
            let _ = writeln!(out, "written: {}{readable}", path.display());
            let _ = writeln!(out, "next: oauthctl validate-config {}", path.display());
        }
        None if result.secret && !args.show_secrets => {
            out += "note: secrets are masked; --output FILE writes them, --show-secrets prints them, \
                    --secrets env or file leaves them out\n";
        }
        None => {}
    }
    out
}
