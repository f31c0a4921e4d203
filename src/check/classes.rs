//! Sections and names that belong to another class, or to another release.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::{self, NoClass, RunningClass};
use crate::source::{Config, Entry, Kind, Written};
use crate::span::{Origin, Span};
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("inactive-section", Warning, "", "options of a class that does not run", inactive),
    rule!("authenticator-not-set", Warning, "", "no authenticator_class, so OAuth is not used", not_set),
    rule!("conflicting-names", Error, "", "an old name beats the new one, which is set too", conflicting),
    rule!("hub-admin-users", Warning, "", "admins are named on JupyterHub, as was done long ago", hub_admins),
    rule!("assigned-twice", Warning, "", "one file sets an option twice, and the first is lost", twice),
    rule!("rebound-name", Warning, "", "names are added to another set than the option's", rebound),
    rule!("option-set-on-class", Warning, "", "a class's attribute is set in place of the option", class_attribute),
];

/// The section's first entry that a file holds.
fn first_entry(section: &Config) -> Option<&Entry> {
    section.entries().map(|(_, entry)| entry).find(|entry| entry.origin.span().is_some())
}

/// Sections of authenticators which the running class does not read. Values have layers, of which a lower one may
/// well hold sections for several hubs; there, only a section in the very file that chooses the class counts.
fn inactive(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    unknown_to_any(cx, findings);
    let Some(running) =
        cx.resolution.settings.as_ref().map(|settings| settings.class()).filter(|class| class.unseen.is_none())
    else {
        return;
    };
    let entries = &cx.resolution.entries;
    let wrapper = cx.resolution.settings.as_ref().and_then(|settings| settings.wrapper());
    let of_entry = wrapper.is_some() || entries.unknown.is_some();
    if cx.hub.class_origin == Origin::Default || cx.assumed || !cx.whole || of_entry {
        return;
    }
    // A class of the file's own may make others, which read their sections.
    let made = if running.is_oauthenticator() { Vec::new() } else { settings::mentioned_classes(&cx.loaded.config) };
    let chosen_in = cx.hub.class_origin.span().map(|span| span.file.clone());
    for (name, section) in cx.loaded.config.sections() {
        let Some(def) = settings::class(name) else { continue };
        let in_list = entries.list.iter().filter_map(|entry| entry.resolution.settings.as_ref());
        let in_list = in_list.map(|settings| settings.class()).any(|class| class.derives_from(name));
        if running.derives_from(name) || name == "Authenticator" || in_list || made.iter().any(|other| other == name) {
            continue;
        }
        let Some(entry) = first_entry(section) else { continue };
        let Some(span) = entry.origin.span() else { continue };
        if cx.loaded.kind != Kind::Python && Some(&span.file) != chosen_in.as_ref() || only_defaults(section) {
            continue;
        }
        let level = if cx.loaded.kind == Kind::Z2jh && !def.is_oauthenticator() { Level::Note } else { Level::Warning };
        let wanted = running.stock_name().to_owned();
        let mut finding =
            Diagnostic::new("inactive-section", level, format!("{name} does not run, so its options have no effect"))
                .with_span(span.clone())
                .with_setting(name)
                .with_note(format!("the hub runs {}, and says nothing about this section", running.name));
        if let Some(class) = cx.hub.class_origin.span() {
            finding = finding.with_label(class.clone(), "the class that runs");
        }
        let fix = match name {
            "LocalAuthenticator" => {
                "choose the class whose name begins with Local, if system users are meant, or remove the section"
                    .to_owned()
            }
            _ => format!("write {wanted} in place of {name}, or remove the section"),
        };
        findings.push(finding.with_fix(fix));
    }
}

/// Where the class that runs is not known: options of a section that neither its class nor one derived from it has.
fn unknown_to_any(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.resolution.settings.is_some() {
        return;
    }
    for (name, section) in cx.loaded.config.sections() {
        let Some(def) = settings::class(name).filter(|def| def.is_oauthenticator() && def.name != "OAuthenticator")
        else {
            continue;
        };
        let derived = settings::classes().iter().filter(|other| other.bases.contains(&def.name));
        let derived: Vec<RunningClass> = derived.map(|other| RunningClass::of(other)).collect();
        if section.is_empty() || section.entries().all(|(option, _)| RunningClass::of(def).option(option).is_some()) {
            continue;
        }
        let own = |finding: &Diagnostic| {
            let option = finding.setting.as_deref().and_then(|setting| setting.strip_prefix(&format!("{name}.")));
            finding.rule == "unknown-option"
                && option.is_some_and(|option| derived.iter().all(|class| class.option(option).is_none()))
        };
        let resolution = settings::resolve_class(cx.loaded, RunningClass::of(def));
        findings.extend(resolution.diagnostics.into_iter().filter(own));
    }
}

/// A section for another class that sets nothing but what is off.
fn only_defaults(section: &Config) -> bool {
    section.entries().all(|(_, entry)| match &entry.written {
        Written::Plain(value) => value.truth() == Some(false),
        Written::Lazy(_) => false,
    })
}

fn not_set(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let unset = cx.hub.class_origin == Origin::Default && !matches!(cx.hub.class, Err(NoClass::Unknown(_)));
    let elsewhere = cx.loaded.diagnostics.iter().any(|finding| finding.rule == "config-ignored");
    if !unset || elsewhere || cx.loaded.kind == Kind::Tljh || cx.loaded.kind == Kind::Z2jh || cx.loaded.fatal.is_some()
    {
        return;
    }
    let oauth = cx.loaded.config.sections().find(|(name, section)| {
        settings::class(name).is_some_and(|def| def.is_oauthenticator()) && first_entry(section).is_some()
    });
    let Some((name, section)) = oauth else { return };
    // A ConfigMap's file is often one of several that the hub reads.
    let embedded = cx.loaded.path.as_ref().is_some_and(|path| path.extension().is_none_or(|end| end != "py"));
    let level = if cx.whole && !embedded { Level::Warning } else { Level::Note };
    let short = settings::class(name).and_then(|def| def.entry_points.first().copied()).unwrap_or("generic-oauth");
    findings.push(
        Diagnostic::new(
            "authenticator-not-set",
            level,
            format!("{name} is configured, but no authenticator_class is set"),
        )
        .with_span(first_entry(section).and_then(|entry| entry.origin.span().cloned()))
        .with_setting("JupyterHub.authenticator_class")
        .with_note("the hub asks for the system's passwords (PAM) instead")
        .with_fix(format!("set c.JupyterHub.authenticator_class = \"{short}\"")),
    );
}

/// The deprecated name is copied over the new one whenever both are set.
fn conflicting(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    for (option, setting) in settings.iter() {
        let Origin::Alias { of, .. } = &setting.origin else { continue };
        let Some(loser) = setting.shadowed.iter().find(|shadowed| shadowed.name.ends_with(&format!(".{option}")))
        else {
            continue;
        };
        let old = of.rsplit('.').next().unwrap_or(of);
        if empty(loser.value.as_ref()) || loser.origin == Origin::Default {
            continue;
        }
        let same = settings.get(option).is_some_and(|setting| Some(&setting.value) == loser.value.as_ref());
        let level = if same || loser.origin.span().is_none() { Level::Warning } else { Level::Error };
        let mut finding =
            cx.at("conflicting-names", level, option, format!("{old} wins over {option}, which is set too"));
        if let Some(span) = loser.origin.span() {
            finding = finding.with_label(span.clone(), "this one is not used");
        }
        findings.push(
            finding
                .with_note(format!("{old} is the deprecated name; the hub copies it over {option}"))
                .with_fix(format!("remove {old}, and see that {option} is what you mean")),
        );
    }
}

/// TLJH writes empty lists by itself.
fn empty(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.truth() == Some(false))
}

/// `GitHubOAuthenticator.allow_all = True` without `c.`: it hides the option, and what `c.` sets then is unknown to it.
fn class_attribute(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for attribute in &cx.loaded.class_attributes {
        let Some(def) = settings::class(&attribute.class) else { continue };
        let running = cx.resolution.settings.as_ref().map(|settings| settings.class());
        let option = running
            .and_then(|class| class.option(&attribute.attribute))
            .or_else(|| def.own_option(&attribute.attribute).map(|option| (def, option)));
        if option.is_none() {
            continue;
        }
        let (class, name) = (&attribute.class, &attribute.attribute);
        findings.push(
            Diagnostic::warning(
                "option-set-on-class",
                format!("this sets an attribute of the class {class}, not the option"),
            )
            .with_span(attribute.span.clone())
            .with_setting(format!("{class}.{name}"))
            .with_note(format!(
                "the option {name} is hidden by it: `c.{class}.{name}` is no longer recognized, nor checked"
            ))
            .with_fix(format!("write `c.{class}.{name} = …`")),
        );
    }
}

/// Two lines of one file, neither of them below an `if`, a `for` or a `with`: what begins in the first column.
fn twice(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.loaded.kind != Kind::Python {
        return;
    }
    let sections =
        cx.loaded.config.sections().filter(|(name, _)| *name == "JupyterHub" || name.contains("uthenticator"));
    for (class, section) in sections {
        for (option, entry) in section.entries() {
            if class == "JupyterHub" && option != "authenticator_class" {
                continue;
            }
            let Some(last) = entry.origin.span().filter(|span| span.column == 1) else { continue };
            let reads_itself =
                super::fixes::text_under(last, cx.loaded).is_none_or(|text| text.matches(option).count() > 1);
            let earlier = entry.shadowed.iter().filter(|first| first.name == format!("{class}.{option}"));
            let Some((first, at)) = earlier
                .filter_map(|first| Some((first, first.origin.span()?)))
                .find(|(_, at)| at.column == 1 && at.file == last.file && at.line != last.line)
            else {
                continue;
            };
            if reads_itself || first.value.is_none() || first.value.as_ref() == entry.value() {
                continue;
            }
            findings.push(
                Diagnostic::warning("assigned-twice", format!("{class}.{option} is set twice, and this one counts"))
                    .with_span(last.clone())
                    .with_label(at.clone(), "this one is not used")
                    .with_setting(format!("{class}.{option}"))
                    .with_fix("keep one of the two, or name the option that the other was meant for"),
            );
        }
    }
}

/// `c.X.whitelist = whitelist = set()`, and later `whitelist = set()` again: what is added then goes to the new one.
fn rebound(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.loaded.kind != Kind::Python {
        return;
    }
    for (file, text) in &cx.loaded.texts {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((setting, name)) = aliased(line) else { continue };
            let binds = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with("= "));
            let Some(again) = (at + 1..lines.len()).find(|index| binds(lines[*index])) else { continue };
            let below = &lines[again + 1..];
            let added = ["add", "append", "update"].map(|method| format!("{name}.{method}("));
            let is_added = below.iter().any(|line| added.iter().any(|call| line.trim_start().starts_with(call)));
            let handed_over = below.iter().any(|line| line.contains("c.") && line.contains(&format!("= {name}")));
            if is_added && !handed_over {
                let place = |index: usize| Span {
                    end_line: index + 1,
                    end_column: lines[index].chars().count() + 1,
                    ..Span::point(file, index + 1, 1)
                };
                findings.push(
                    Diagnostic::warning("rebound-name", format!("from here on `{name}` is not {setting} any more"))
                        .with_span(place(again))
                        .with_label(place(at), "the option keeps this one, which stays as it is")
                        .with_setting(setting)
                        .with_note(format!("what is added to `{name}` below never reaches the option"))
                        .with_fix("remove this line, or set the option after the last name is added"),
                );
            }
        }
    }
}

/// The option and the second name in `c.X.y = name = …`.
fn aliased(line: &str) -> Option<(&str, &str)> {
    let (setting, rest) = line.strip_prefix("c.")?.split_once(" = ")?;
    let (name, _) = rest.split_once(" = ")?;
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let (class, option) = setting.split_once('.')?;
    (is_name(class) && is_name(option) && is_name(name)).then_some((setting, name))
}

/// `JupyterHub.init_users` passes them on, with a warning, where the authenticator has none of its own.
fn hub_admins(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(span) = cx.hub.admin_users_origin.span() else { return };
    if cx.hub.admin_users.truth() == Some(false) {
        return;
    }
    let own = cx.resolution.settings.as_ref().and_then(|all| all.get("admin_users"));
    let beaten = own.filter(|own| own.value.truth() == Some(true));
    let message = match beaten {
        Some(_) => "JupyterHub.admin_users has no effect: the authenticator has admin_users of its own",
        None => "JupyterHub.admin_users is deprecated since JupyterHub 0.7.2, use Authenticator.admin_users",
    };
    let mut finding =
        Diagnostic::warning("hub-admin-users", message).with_span(span.clone()).with_setting("JupyterHub.admin_users");
    if let Some(at) = beaten.and_then(|own| own.origin.span()) {
        finding = finding.with_label(at.clone(), "these count");
    }
    findings.push(finding.with_fix("name them in Authenticator.admin_users"));
}
