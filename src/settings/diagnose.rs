//! What is to be said about names: options and sections that lead nowhere, and deprecated ones.

use super::class::RunningClass;
use super::classes;
use super::instance::{Held, Instance, LogLine};
use super::sections::{Configured, HUB_SECTIONS};
use super::suggest;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{Config, Entry, Kind, Loaded, Written};
use crate::value::Value;

/// Upstream's warning about an option it does not know, word for word.
pub(super) fn not_recognized(name: &str, class: &str, matches: &[&str]) -> String {
    let mut message = format!("Config option `{name}` not recognized by `{class}`.");
    let mut sorted = matches.to_vec();
    sorted.sort_unstable();
    match sorted.as_slice() {
        [] => {}
        [one] => message.push_str(&format!("  Did you mean `{one}`?")),
        several => message.push_str(&format!("  Did you mean one of: `{}`?", several.join(", "))),
    }
    message
}

fn unknown_option(name: &str, configured: &Configured, class: &str, matches: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::warning("unknown-option", format!("{class} has no option `{name}`: it has no effect"))
        .with_span(configured.entry.origin.span().cloned())
        .with_setting(configured.qualified.clone())
        .with_note(format!("the hub logs: {}", not_recognized(name, class, matches)));
    match matches.first() {
        Some(nearest) => diagnostic.with_fix(format!("did you mean `{nearest}`?")),
        None => diagnostic,
    }
}

/// Options that `JupyterHub` does not have.
pub(super) fn hub_options(configured: &[(String, Configured)]) -> Vec<Diagnostic> {
    unknown_to_hub(configured)
        .map(|(name, configured, matches)| unknown_option(name, configured, "JupyterHub", &matches))
        .collect()
}

/// What the hub logs about them.
pub(super) fn hub_log(configured: &[(String, Configured)]) -> Vec<LogLine> {
    unknown_to_hub(configured)
        .map(|(name, _, matches)| LogLine {
            option: name.to_owned(),
            message: not_recognized(name, "JupyterHub", &matches),
        })
        .collect()
}

fn unknown_to_hub(configured: &[(String, Configured)]) -> impl Iterator<Item = (&str, &Configured, Vec<&'static str>)> {
    configured.iter().filter(|(name, _)| !classes::HUB_OPTIONS.contains(&name.as_str())).map(|(name, configured)| {
        let matches = suggest::close_matches(name, classes::HUB_OPTIONS.iter().copied());
        (name.as_str(), configured, matches)
    })
}

/// Options that the running class does not have, and deprecated ones.
pub(super) fn options(instance: &mut Instance<'_>, configured: &[(String, Configured)]) -> Vec<Diagnostic> {
    let class = instance.class;
    let mut found = Vec::new();
    for (name, configured) in configured {
        if instance.traits().contains(name) {
            found.extend(deprecated(instance, name, configured));
        } else if let Some(held) = instance.hidden_by(name) {
            found.push(hidden(name, configured, held, &class.name));
        } else if class.unseen.is_none() {
            let matches = suggest::close_matches(name, instance.traits().iter().map(String::as_str));
            found.push(unknown_option(name, configured, &class.name, &matches));
        }
    }
    found
}

/// An option that a class attribute has taken the place of.
fn hidden(name: &str, configured: &Configured, held: &Held, class: &str) -> Diagnostic {
    let message = format!("a class attribute takes the place of {class}.{name}: setting it has no effect");
    let mut diagnostic = Diagnostic::warning("unknown-option", message)
        .with_span(configured.entry.origin.span().cloned())
        .with_setting(configured.qualified.clone());
    if let Some(span) = held.source.origin.span() {
        diagnostic = diagnostic
            .with_label(span.clone(), "this value counts")
            .with_fix(format!("give the class a default with @default(\"{name}\") instead of a plain attribute"));
    }
    diagnostic
}

fn deprecated(instance: &mut Instance<'_>, old: &str, configured: &Configured) -> Option<Diagnostic> {
    let new = instance.option(old)?.replaced_by?;
    let class = instance.class;
    let alias = class.stock().flat_map(|def| def.aliases).find(|alias| alias.old == old);
    if alias.is_some_and(|alias| !alias.same) {
        // Its use is an error, which says it all.
        return None;
    }
    let fix = match instance.get(new) {
        Ok(Value::Str(key)) if new == "auth_state_groups_key" => format!("set {new} = {}", Value::Str(key).repr()),
        _ => format!("rename it to `{new}`"),
    };
    let since = match (old, alias) {
        ("whitelist", _) => " since JupyterHub 1.2".to_owned(),
        ("claim_groups_key" | "user_groups_claim", _) => " since oauthenticator 17.0".to_owned(),
        (_, Some(alias)) => format!(" since oauthenticator {}", alias.since),
        (_, None) => String::new(),
    };
    let mut diagnostic =
        Diagnostic::warning("deprecated-option", format!("{0}.{old} is deprecated{since}, use {0}.{new}", class.name))
            .with_span(configured.entry.origin.span().cloned())
            .with_setting(configured.qualified.clone())
            .with_fix(fix);
    let effective = instance.source(new);
    let is_false = matches!(&configured.entry.written, Written::Plain(Value::Bool(false)));
    if is_false && ["tls_verify", "validate_cert"].contains(&old) {
        let authority =
            format!("set {new} = False, or better the authority: http_request_kwargs = {{\"ca_certs\": …}}");
        return Some(
            Diagnostic::warning("deprecated-without-effect", format!("{}.{old} = False does nothing", class.name))
                .with_span(configured.entry.origin.span().cloned())
                .with_setting(configured.qualified.clone())
                .with_note(format!(
                    "False is its own default, so the hub does not pass it on to {new}, and goes on checking"
                ))
                .with_fix(authority),
        );
    }
    if effective.written_as.as_deref() == Some(&configured.qualified) {
        for shadowed in effective.shadowed.iter().filter(|shadowed| shadowed.name.ends_with(&format!(".{new}"))) {
            diagnostic = diagnostic.with_note(format!("it wins over {}, which is set too", shadowed.name));
            if let Some(span) = shadowed.origin.span() {
                diagnostic = diagnostic.with_label(span.clone(), "this one is not used");
            }
        }
    } else if old == "group_whitelist" {
        diagnostic = diagnostic.with_note("it has no effect: the hub does not read it any more");
    }
    Some(diagnostic)
}

/// Sections that are no class anybody knows.
pub(super) fn sections(loaded: &Loaded, running: Option<&RunningClass>) -> Vec<Diagnostic> {
    let mentioned = mentioned_classes(&loaded.config);
    let is_known = |name: &str| {
        running.is_some_and(|class| class.derives_from(name))
            || classes::class(name).is_some()
            || HUB_SECTIONS.contains(&name)
            || classes::FOREIGN_SECTIONS.contains(&name)
            || mentioned.iter().any(|known| known == name)
    };
    let hub_sections = HUB_SECTIONS.iter().filter_map(|hub| loaded.config.section(hub)).flat_map(Config::sections);
    loaded
        .config
        .sections()
        .chain(hub_sections)
        .filter(|(name, section)| !is_known(name) && !section.is_empty())
        .filter_map(|(name, section)| unknown_class(loaded, name, section, running))
        .collect()
}

/// Other packages bring classes of their own, which nobody can list: only what is named like an authenticator, or nearly
/// like a class that is known, is said to be none.
fn unknown_class(loaded: &Loaded, name: &str, section: &Config, running: Option<&RunningClass>) -> Option<Diagnostic> {
    let diagnostic =
        Diagnostic::warning("unknown-class", format!("no class is called `{name}`: this section has no effect"))
            .with_span(section.entries().next().and_then(|(_, entry): (_, &Entry)| entry.origin.span().cloned()))
            .with_setting(name)
            .with_note("the hub says nothing about it");
    let in_use = running.iter().flat_map(|class| class.mro.iter().map(String::as_str));
    let known = classes::classes().iter().map(|def| def.name);
    // A slip of a letter or of its case comes before the class that runs.
    let slip = suggest::nearest(name, known.clone(), str::to_lowercase)
        .filter(|near| suggest::ratio(&near.to_lowercase(), &name.to_lowercase()) >= 0.93);
    let nearest = slip
        .or_else(|| classes::known_as(name))
        .or_else(|| suggest::nearest(name, in_use, str::to_lowercase))
        .filter(|near| suggest::ratio(&near.to_lowercase(), &name.to_lowercase()) >= 0.75)
        .or_else(|| suggest::nearest(name, known, str::to_lowercase));
    let alike = nearest.is_some_and(|near| suggest::ratio(&near.to_lowercase(), &name.to_lowercase()) >= 0.85);
    let lower = name.to_lowercase();
    if !alike && !lower.contains("authenticator") && !lower.contains("oauth") {
        return None;
    }
    // A package of its own may bring more than its authenticator, and what a file imports is there.
    let of_a_package = running.is_some_and(|class| class.unseen.is_some()) && !lower.contains("authenticator");
    if !alike && of_a_package || imported(loaded, name) {
        return None;
    }
    // In values, the class may come with a file of the hub's image, or with a layer.
    let derived = loaded.kind == Kind::Z2jh
        && classes::classes()
            .iter()
            .any(|def| def.name != "OAuthenticator" && name.len() > def.name.len() && name.ends_with(def.name));
    let diagnostic = if derived { Diagnostic { level: Level::Note, ..diagnostic } } else { diagnostic };
    Some(match nearest {
        Some(near) => diagnostic.with_fix(format!("did you mean `{near}`?")),
        None => diagnostic,
    })
}

/// Whether a line of the configuration's Python imports this name.
fn imported(loaded: &Loaded, name: &str) -> bool {
    let names = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    loaded.texts.iter().flat_map(|(_, text)| text.lines()).any(|line| {
        let line = line.trim_start();
        (line.starts_with("from ") || line.starts_with("import ")) && line.contains("import ") && names(line)
    })
}

/// The classes that the configuration mentions by value: spawners, services, local classes and their bases.
pub fn mentioned_classes(config: &Config) -> Vec<String> {
    let mut names = Vec::new();
    for (_, section) in config.sections() {
        for (option, entry) in section.entries() {
            match entry.value() {
                Some(Value::Str(path)) if option.ends_with("_class") => {
                    names.extend(path.rsplit('.').next().map(str::to_owned));
                }
                Some(value) => class_names(value, &mut names, 0),
                None => {}
            }
        }
    }
    names
}

fn class_names(value: &Value, names: &mut Vec<String>, depth: usize) {
    const DEEPEST: usize = 20;
    if depth == DEEPEST {
        return;
    }
    let mut below = |value: &Value| class_names(value, names, depth + 1);
    match value {
        Value::Class(class) => {
            class.bases.iter().for_each(&mut below);
            names.push(class.name.clone());
        }
        // As in `MultiAuthenticator.authenticators`.
        Value::List(items) | Value::Tuple(items) => items.iter().for_each(below),
        Value::Dict(dict) => dict.values().for_each(below),
        _ => {}
    }
}
