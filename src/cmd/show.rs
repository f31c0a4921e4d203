//! `oauthctl show`: the effective settings, each with its origin and what it shadows.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use colored::Colorize as _;
use serde_json::{Value as Json, json};

use crate::cmd::common::{ConfigArgs, Format, OutputArgs, learn_secrets, print};
use crate::cmd::multi;
use crate::cmd::prepare::{Stop, not_loaded, pick_in, request};
use crate::cmd::python::{PythonArgs, TimeoutArgs, Wanted};
use crate::cmd::show_diff;
use crate::cmd::{CANNOT, HELP, NO, YES};
use crate::diagnostic::Diagnostic;
use crate::report::Login;
use crate::report::human;
use crate::report::json as document;
use crate::secret::Redactor;
use crate::settings::{self, HubOptions, NoClass, Resolution, Setting, Settings};
use crate::source::Loaded;
use crate::source::load::load;
use crate::span::Origin;
use crate::sys::{World, printable_lines};
use crate::value::{Value, sorted};

const EXAMPLES: &str = "\
Examples:
  oauthctl show                                         the configuration in this folder
  oauthctl show values.yaml --base common.yaml          of two layers, and what shadows what
  oauthctl show conf.py --defaults --format json

Exit codes:
  0  shown        2  the command line is wrong        3  the configuration cannot be read

Environment:
  The variables that the hub reads count as they do there; --env-file replaces them.
  OAUTHCTL_PYTHON counts, too.";

/// Arguments of `show`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ShowArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Lists the options that are left at their defaults too
    #[arg(long, help_heading = "Output")]
    defaults: bool,
    /// Compares two configurations by what they mean; layers of one are joined by commas, the lowest first
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["config", "python", "defaults"])]
    diff: Vec<PathBuf>,
    #[command(flatten)]
    python: PythonArgs,
    #[command(flatten)]
    timeout: TimeoutArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub fn run(args: &ShowArgs, world: &World) -> u8 {
    let redactor = Redactor::new(args.output.show_secrets);
    if let [a, b] = &args.diff[..] {
        return show_diff::run([a, b], &args.config, &args.output, &redactor, world);
    }
    let loaded = match load(&request(&args.config, world)) {
        Ok(loaded) => loaded,
        Err(error) => return unreadable(not_loaded(&error), args, &redactor, world),
    };
    learn_secrets(&loaded, &redactor);
    let mut loaded = loaded;
    let asked = args.python.asked(args.timeout.timeout, TimeoutArgs::DEFAULT, world);
    let picked = args.config.authenticator.as_deref();
    let wanted = Wanted {
        loaded: &loaded,
        text: None,
        args: &args.config,
        existing_users: None,
        start: false,
        world,
        redactor: &redactor,
    };
    let bridge = asked.map(|python| python.load(&wanted)).transpose();
    let bridge = bridge.and_then(|mut bridge| match (&mut bridge, picked) {
        (Some(python), Some(_)) => pick_in(python, &loaded, picked).map(|()| bridge),
        _ => Ok(bridge),
    });
    let bridge = match bridge {
        Ok(bridge) => bridge,
        Err(stop) => return unreadable(stop, args, &redactor, world),
    };
    let mut resolution = settings::resolve(&loaded);
    let hub = settings::jupyterhub_options(&loaded);
    if let (None, Some(name)) = (&bridge, picked) {
        resolution = match multi::only(resolution, name) {
            Ok(resolution) => resolution,
            Err(failure) => {
                let stop = Stop::Failed(Box::new(Login::failed(None, failure, Vec::new())), None);
                return unreadable(stop, args, &redactor, world);
            }
        };
    }
    if let Some(bridge) = &bridge {
        // What Python says holds; what reading found noteworthy may not.
        resolution =
            Resolution { settings: bridge.settings(&loaded), fatal: None, diagnostics: Vec::new(), ..resolution };
        if picked.is_some() {
            resolution.entries = multi::Entries::default();
        }
        loaded.fatal = None;
        loaded.diagnostics = bridge.warnings();
    }
    let mut findings = loaded.diagnostics.clone();
    findings.extend(loaded.fatal.clone());
    findings.extend(resolution.diagnostics.iter().cloned());
    findings.extend(resolution.fatal.as_ref().map(refusal));
    // What a file that broke off would have gone on to set is not known; a default is no answer.
    let broken = loaded.fatal.is_some();
    let seen = || class_name(&hub).filter(|_| !broken || hub.class_origin != Origin::Default);
    let class = bridge.as_ref().map(|bridge| bridge.class().to_owned());
    let entry = || resolution.settings.as_ref().filter(|_| picked.is_some()).map(|entry| entry.class().name.clone());
    let class = class.or_else(entry).or_else(seen);
    let mut rows = rows(&resolution, &hub);
    if let (Some(bridge), Some(class)) = (&bridge, &class) {
        let known = [("authenticator_class", Value::str(class)), ("base_url", Value::str(bridge.base_url()))];
        for (option, value) in known {
            for row in rows.iter_mut().filter(|row| row.class == "JupyterHub" && row.option == option) {
                (row.value, row.unknown) = (value.clone(), None);
            }
        }
    }
    match args.output.format {
        Format::Json => {
            let mut whole = json!({
                "schema": "oauthctl.show/1",
                "authenticator": class,
                "settings": rows.iter().map(|row| row.json(&redactor)).collect::<Vec<_>>(),
                "findings": findings.iter().map(|finding| document::finding(finding, None)).collect::<Vec<_>>(),
            });
            redactor.learn_json(&whole);
            redactor.json(&mut whole);
            print(&document::text(&whole));
        }
        Format::Human => print(&text(args, class.as_deref(), &rows, &findings, &loaded, &redactor, world)),
    }
    match (broken, &resolution.fatal) {
        (true, _) => CANNOT,
        (false, Some(_)) => NO,
        (false, None) => YES,
    }
}

fn unreadable(stop: Stop, args: &ShowArgs, redactor: &Redactor, world: &World) -> u8 {
    match stop {
        Stop::Usage(message) => crate::cmd::usage(&message),
        Stop::Failed(login, _) => {
            let finding = login.failure.as_ref().map(crate::report::failure_as_diagnostic);
            let findings: Vec<Diagnostic> = finding.into_iter().collect();
            match args.output.format {
                Format::Json => print(&document::text(&json!({
                    "schema": "oauthctl.show/1", "authenticator": null, "settings": [],
                    "findings": findings.iter().map(|finding| document::finding(finding, None)).collect::<Vec<_>>(),
                }))),
                Format::Human => {
                    print(human::findings(&findings, &[], redactor, args.output.style(world)).trim_start())
                }
            }
            CANNOT
        }
    }
}

fn refusal(fatal: &settings::Fatal) -> Diagnostic {
    let mut finding = Diagnostic::error(fatal.code, format!("the hub does not start: {}", fatal.message))
        .with_span(fatal.span.clone())
        .with_fix(fatal.fix.clone());
    finding.setting = fatal.setting.clone();
    finding
}

pub(super) fn class_name(hub: &HubOptions) -> Option<String> {
    match &hub.class {
        Ok(class) => Some(class.name.clone()),
        Err(NoClass::Fatal(_) | NoClass::Unknown(_)) => None,
    }
}

/// An option as it is shown.
pub(super) struct Row {
    pub(super) class: String,
    pub(super) option: String,
    pub(super) value: Value,
    pub(super) origin: Origin,
    pub(super) unknown: Option<String>,
    shadowed: Vec<(String, Option<Value>, Origin)>,
    secret: bool,
}

pub(super) fn rows(resolution: &Resolution, hub: &HubOptions) -> Vec<Row> {
    let mut rows = vec![
        hub_row("authenticator_class", class_value(hub), &hub.class_origin),
        hub_row("base_url", hub.base_url.clone(), &hub.base_url_origin),
        hub_row("admin_users", hub.admin_users.clone(), &hub.admin_users_origin),
    ];
    let Some(settings) = &resolution.settings else { return rows };
    let running = settings.wrapper().map_or_else(|| settings.class().name.clone(), |wrapper| wrapper.option(""));
    rows.extend(settings.iter().map(|(name, setting)| row(running.trim_end_matches('.'), name, setting)));
    for entry in resolution.entries.list.iter().filter_map(|entry| entry.resolution.settings.as_ref()) {
        rows.extend(of_entry(entry, settings));
    }
    rows
}

/// What is set for an entry of a `MultiAuthenticator`, apart from what is set for all of the hub.
fn of_entry(entry: &Settings, hub: &Settings) -> Vec<Row> {
    let of_hub = |name: &Option<String>| hub.iter().any(|(_, setting)| setting.written_as == *name);
    let own = |setting: &Setting| setting.written_as.is_some() && !of_hub(&setting.written_as);
    let set = entry.iter().filter(|(_, setting)| own(setting));
    set.map(|(name, setting)| row(&entry.class().name, name, setting)).collect()
}

fn class_value(hub: &HubOptions) -> Value {
    match &hub.class {
        Ok(class) => Value::str(&class.name),
        Err(NoClass::Unknown(unknown)) => Value::Unknown(unknown.clone()),
        Err(NoClass::Fatal(fatal)) => Value::unknown(fatal.message.clone(), fatal.span.clone()),
    }
}

fn hub_row(option: &str, value: Value, origin: &Origin) -> Row {
    Row {
        class: "JupyterHub".into(),
        option: option.into(),
        unknown: value.find_unknown().map(|unknown| unknown.reason.clone()),
        value,
        origin: origin.clone(),
        shadowed: Vec::new(),
        secret: false,
    }
}

fn row(running: &str, name: &str, setting: &Setting) -> Row {
    let class = setting.written_as.as_deref().and_then(|written| written.rsplit_once('.')).map(|(class, _)| class);
    Row {
        class: class.unwrap_or(running).to_owned(),
        option: name.to_owned(),
        value: setting.value.clone(),
        origin: setting.origin.clone(),
        unknown: setting.value.find_unknown().map(|unknown| unknown.reason.clone()),
        shadowed: setting
            .shadowed
            .iter()
            .map(|shadowed| (shadowed.name.clone(), shadowed.value.clone(), shadowed.origin.clone()))
            .collect(),
        secret: setting.option.is_some_and(|option| option.secret) || crate::secret::is_secret(name),
    }
}

impl Row {
    pub(super) fn json(&self, redactor: &Redactor) -> Json {
        let shadowed: Vec<Json> = self
            .shadowed
            .iter()
            .map(|(name, value, at)| {
                json!({"setting": name, "value": value.as_ref().map(|value| self.value_json(value, redactor)), "origin": origin(at)})
            })
            .collect();
        json!({
            "class": self.class,
            "option": self.option,
            "value": self.value_json(&self.value, redactor),
            "origin": origin(&self.origin),
            "unknown": self.unknown,
            "shadowed": shadowed,
        })
    }

    fn value_json(&self, value: &Value, redactor: &Redactor) -> Json {
        match value {
            Value::Unknown(_) => Json::Null,
            Value::Str(text) if self.secret => json!(redactor.field("client_secret", text)),
            Value::None | Value::Bool(_) => Json::from(value),
            value if self.secret && !redactor.shows() => json!(redactor.field("client_secret", &value.to_text())),
            value => Json::from(value),
        }
    }

    pub(super) fn text(&self, redactor: &Redactor) -> String {
        let value = match (&self.unknown, &self.value) {
            (Some(reason), Value::Unknown(_)) => format!("{} {reason}", "unknown:".yellow()),
            (_, Value::Str(text)) if self.secret && !text.is_empty() => redactor.field("client_secret", text),
            (_, value) if self.secret && !redactor.shows() && value.truth() != Some(false) => {
                redactor.field("client_secret", &value.to_text())
            }
            (_, value) => in_order(value).repr(),
        };
        printable_lines(&redactor.text(&value))
    }
}

/// Sets in a stable order.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Set(set) => {
            let items: Vec<Value> = set.iter().cloned().collect();
            let sorted = sorted(items.clone()).unwrap_or(items);
            Value::Set(crate::value::Set::of(sorted).unwrap_or_default())
        }
        other => other.clone(),
    }
}

fn origin(origin: &Origin) -> Json {
    match origin {
        Origin::Default => json!({"kind": "default"}),
        Origin::Env(name) => json!({"kind": "env", "name": name}),
        Origin::Flag(flag) => json!({"kind": "flag", "flag": flag}),
        Origin::File(span) => json!({"kind": "file", "file": &*span.file, "line": span.line, "column": span.column}),
        Origin::Code => json!({"kind": "file", "file": null, "line": null, "column": null}),
        Origin::Alias { of, at } => {
            let span = at.span();
            json!({"kind": "alias", "of": of, "file": span.map(|span| &*span.file),
                "line": span.map(|span| span.line), "column": span.map(|span| span.column)})
        }
    }
}

pub(super) fn origin_text(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".into(),
        Origin::Env(name) => format!("${name}"),
        Origin::Flag(flag) => flag.split('=').next().unwrap_or(flag).to_owned(),
        Origin::File(span) => format!("{}:{}", span.file, span.line),
        Origin::Code => "set by code".into(),
        Origin::Alias { of, at } => format!("{of}, {}", origin_text(at)),
    }
}

fn text(
    args: &ShowArgs,
    class: Option<&str>,
    rows: &[Row],
    findings: &[Diagnostic],
    loaded: &Loaded,
    redactor: &Redactor,
    world: &World,
) -> String {
    let mut out = format!("{}\n\n", class.unwrap_or("the authenticator is not known").bold());
    let set: Vec<&Row> = rows.iter().filter(|row| args.defaults || row.origin != Origin::Default).collect();
    let width = set.iter().map(|row| row.class.len() + row.option.len() + 1).max().unwrap_or(0);
    for row in &set {
        let name = format!("{}.{}", row.class, row.option);
        let value = row.text(redactor);
        let at = format!("  {}", origin_text(&row.origin)).dimmed();
        let _ = writeln!(out, "  {name:<width$}  {value}{at}");
        for (name, value, origin) in &row.shadowed {
            let value = value.as_ref().map(Value::repr).unwrap_or_default();
            let value = if row.secret { redactor.field("client_secret", &value) } else { redactor.text(&value) };
            let value = printable_lines(&value);
            let line = format!("  {:<width$}  shadows {name} {value}  {}", "", origin_text(origin));
            let _ = writeln!(out, "{}", line.dimmed());
        }
    }
    let defaults = rows.len() - set.len();
    if defaults > 0 {
        let _ = writeln!(
            out,
            "\n  {}",
            format!("{defaults} more options are left at their defaults (--defaults lists them)").dimmed()
        );
    }
    out + &human::findings(findings, &loaded.texts, redactor, args.output.style(world))
}
