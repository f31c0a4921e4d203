//! `oauthctl show --diff A B`: two configurations compared by what they mean. Where an option is written, in which file,
//! section or language, and under which of its names, makes no difference; what the hub gets does.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use colored::Colorize as _;
use serde_json::{Value as Json, json};

use crate::cmd::common::{ConfigArgs, Format, OutputArgs, learn_secrets, print};
use crate::cmd::multi;
use crate::cmd::prepare::{Stop, not_loaded, request};
use crate::cmd::show::{Row, class_name, origin_text, rows};
use crate::cmd::{CANNOT, NO, YES};
use crate::report::json as document;
use crate::report::{Login, human};
use crate::secret::Redactor;
use crate::settings;
use crate::source::Loaded;
use crate::source::load::load;
use crate::span::Origin;
use crate::sys::World;
use crate::value::Value;

/// One of the two.
struct Side {
    path: String,
    class: Option<String>,
    rows: Vec<Row>,
    /// Why the hub does not start with it.
    refused: Option<String>,
    loaded: Loaded,
}

/// An option whose values differ; `None` where a side's class does not have it.
struct Difference<'a> {
    option: &'a str,
    sides: [Option<&'a Row>; 2],
}

/// Compares them.
pub(super) fn run(
    paths: [&PathBuf; 2],
    config: &ConfigArgs,
    output: &OutputArgs,
    redactor: &Redactor,
    world: &World,
) -> u8 {
    let mut sides = Vec::new();
    for path in paths {
        match side(path, config, redactor, world) {
            Ok(side) => sides.push(side),
            Err(Stop::Usage(message)) => return crate::cmd::usage(&message),
            Err(Stop::Failed(login, _)) => {
                let why = login.failure.map(|failure| failure.message).unwrap_or_default();
                return unreadable(&why, output);
            }
        }
    }
    let [a, b] = &sides[..] else { return CANNOT };
    if let Some(fatal) = a.loaded.fatal.as_ref().or(b.loaded.fatal.as_ref()) {
        let texts = if a.loaded.fatal.is_some() { &a.loaded.texts } else { &b.loaded.texts };
        match output.format {
            Format::Json => return unreadable(&redactor.text(&fatal.message), output),
            Format::Human => {
                print(human::findings(std::slice::from_ref(fatal), texts, redactor, output.style(world)).trim_start());
            }
        }
        return CANNOT;
    }
    let found = differences(a, b);
    let same = found.is_empty() && a.refused == b.refused && a.class == b.class;
    match output.format {
        Format::Human => print(&text(a, b, &found, same, redactor)),
        Format::Json => {
            let mut whole = json!({
                "schema": "oauthctl.diff/1",
                "same": same,
                "a": of_side(a),
                "b": of_side(b),
                "differences": found.iter().map(|one| one.json(redactor)).collect::<Vec<_>>(),
            });
            redactor.learn_json(&whole);
            redactor.json(&mut whole);
            print(&document::text(&whole));
        }
    }
    if same { YES } else { NO }
}

fn unreadable(why: &str, output: &OutputArgs) -> u8 {
    match output.format {
        Format::Json => print(&document::text(&json!({"schema": "oauthctl.diff/1", "same": null, "error": why}))),
        Format::Human => crate::sys::to_stderr(&format!("error: {why}\n")),
    }
    CANNOT
}

/// The layers that a name stands for: a file, or several joined by commas.
fn layers(name: &Path) -> Vec<PathBuf> {
    match name.to_str() {
        Some(text) if text.contains(',') && !name.exists() => text.split(',').map(PathBuf::from).collect(),
        _ => vec![name.to_owned()],
    }
}

fn side(name: &Path, config: &ConfigArgs, redactor: &Redactor, world: &World) -> Result<Side, Stop> {
    let mut files = config.base.clone();
    files.extend(layers(name));
    let own = ConfigArgs { config: files.pop(), base: files, ..config.clone() };
    let loaded = load(&request(&own, world)).map_err(|error| not_loaded(&error))?;
    learn_secrets(&loaded, redactor);
    let mut resolution = settings::resolve(&loaded);
    if let Some(name) = &config.authenticator {
        let failed = |failure| Stop::Failed(Box::new(Login::failed(None, failure, Vec::new())), None);
        resolution = multi::only(resolution, name).map_err(failed)?;
    }
    // Of several login services the list as a whole is compared.
    resolution.entries = multi::Entries::default();
    let hub = settings::jupyterhub_options(&loaded);
    Ok(Side {
        path: name.display().to_string(),
        class: class_name(&hub),
        rows: rows(&resolution, &hub),
        refused: resolution.fatal.map(|fatal| format!("{}: {}", fatal.exception, fatal.message)),
        loaded,
    })
}

/// Options that follow from others, and old names, whose values the new ones have.
fn follows(option: &str) -> bool {
    let options = settings::classes().iter().flat_map(|class| class.options);
    option == "any_allow_config" || options.filter(|def| def.name == option).any(|def| def.replaced_by.is_some())
}

fn differences<'a>(a: &'a Side, b: &'a Side) -> Vec<Difference<'a>> {
    let options: BTreeSet<&str> = a.rows.iter().chain(&b.rows).map(|row| row.option.as_str()).collect();
    let find = |side: &'a Side, option: &str, hub: bool| {
        side.rows.iter().find(|row| row.option == option && (row.class == "JupyterHub") == hub)
    };
    let mut found = Vec::new();
    for option in options.into_iter().filter(|option| !follows(option)) {
        for hub in [true, false] {
            let sides = [find(a, option, hub), find(b, option, hub)];
            let differ = match sides {
                [Some(a), Some(b)] => !alike(a, b),
                // Another class's option counts where it is set.
                [Some(row), None] | [None, Some(row)] => row.origin != Origin::Default,
                [None, None] => false,
            };
            if differ {
                found.push(Difference { option, sides });
            }
        }
    }
    found.sort_by_key(|one| (concern(one.option).0, one.option));
    found
}

/// A value that is not known is like no other, unless the same expression gives it.
fn alike(a: &Row, b: &Row) -> bool {
    let reason = |row: &Row| match &row.value {
        Value::Unknown(unknown) => Some(unknown.reason.clone()),
        value => value.find_unknown().map(|unknown| unknown.reason.clone()),
    };
    let source = |row: &Row| match &row.value {
        Value::Callable(callable) => Some(callable.source.clone()),
        _ => None,
    };
    match (reason(a), reason(b), source(a), source(b)) {
        (Some(a), Some(b), ..) => a == b,
        (_, _, Some(a), Some(b)) => a == b,
        _ => a.value == b.value,
    }
}

/// What an option decides, the gravest first.
fn concern(option: &str) -> (u8, &'static str) {
    const NAMES: &[&str] = &["strip_domain", "additional_username_claims"];
    const NARROW: &[&str] = &["hosted_domain", "identity_provider", "idps", "blocked_users", "whitelist"];
    match option {
        "authenticator_class" => (0, "the class"),
        _ if option.contains("admin") => (2, "who is an admin"),
        _ if option.starts_with("allow") || NARROW.contains(&option) => (1, "who may come in"),
        _ if option.starts_with("username") || NAMES.contains(&option) => (3, "user names"),
        _ if option.contains("group") || option.contains("roles") => (4, "groups"),
        _ if option.ends_with("_url") || option.starts_with("client_") || option.contains("scope") => {
            (5, "the provider")
        }
        _ => (6, "other options"),
    }
}

impl Difference<'_> {
    fn json(&self, redactor: &Redactor) -> Json {
        let [a, b] = self.sides.map(|row| row.map(|row| row.json(redactor)));
        json!({"option": self.option, "concerns": concern(self.option).1, "a": a, "b": b})
    }
}

fn of_side(side: &Side) -> Json {
    json!({"path": side.path, "authenticator": side.class, "starts": side.refused.is_none(), "refused": side.refused})
}

fn text(a: &Side, b: &Side, found: &[Difference<'_>], same: bool, redactor: &Redactor) -> String {
    if same {
        return format!("{} and {} mean the same to the hub\n", a.path, b.path);
    }
    let mut out = format!("{}\n{}\n", format!("- {}", a.path).red(), format!("+ {}", b.path).green());
    for (side, sign) in [(a, "-"), (b, "+")] {
        if let Some(refused) = side.refused.as_ref().filter(|_| a.refused != b.refused) {
            let _ = writeln!(out, "\n{sign} the hub does not start: {}", redactor.text(refused));
        }
    }
    let mut heading = "";
    for one in found {
        let (_, concerns) = concern(one.option);
        if concerns != heading {
            heading = concerns;
            let _ = writeln!(out, "\n{}", concerns.bold());
        }
        for (row, sign) in one.sides.iter().zip(["-", "+"]) {
            let Some(row) = row else {
                let _ = writeln!(out, "  {sign} {}  {}", one.option, "the class has no such option".dimmed());
                continue;
            };
            let line = format!("{sign} {}.{}  {}", row.class, row.option, row.text(redactor));
            let line = if sign == "-" { line.red() } else { line.green() };
            let _ = writeln!(out, "  {line}  {}", origin_text(&row.origin).dimmed());
        }
    }
    out
}
