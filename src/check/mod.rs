//! Checks: what is wrong with a configuration, told without logging in.
//!
//! One check is one entry in a family's slice, with its page in `docs/<id>.md`, whose examples are run as its test. What
//! the readers and the settings find by themselves is registered in [`reader`], so that every rule has its page. A check
//! looks at a [`Cx`] only: it does no I/O.

mod allow;
mod callback;
mod classes;
mod context;
mod endpoints;
mod environment;
mod fixes;
mod groups;
mod multi;
mod names;
mod online;
mod provider;
mod reader;
mod scopes;
mod security;
mod suppress;
mod values;
mod versions;

#[cfg(test)]
mod tests;

pub use context::{Cx, Disk, NoDisk};
pub use fixes::{Edit, apply, edits};
pub use online::needs_network;
pub use suppress::Suppressions;
pub use versions::Target;

use crate::authenticator::for_class;
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::{self, Fatal, Resolution, RunningClass, Settings};
use crate::source::{Kind, Loaded};
use crate::span::Span;

/// A rule, and how it is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its stable name: lower-case words joined by hyphens, naming the fault.
    pub id: &'static str,
    /// The level of its findings; some are milder where less is sure.
    pub level: Level,
    /// The release from which on it holds; empty where it always did.
    pub since: &'static str,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Its page.
    pub doc: &'static str,
    /// What looks for it; `None` where the readers or the settings find it by themselves.
    pub run: Option<fn(&Cx<'_>, &mut Vec<Diagnostic>)>,
}

/// An entry of a family's slice: id, level, since, summary, and the function unless the readers find it.
macro_rules! rule {
    ($id:literal, $level:ident, $since:literal, $summary:literal) => {
        rule!(@ $id, $level, $since, $summary, None)
    };
    ($id:literal, $level:ident, $since:literal, $summary:literal, $run:expr) => {
        rule!(@ $id, $level, $since, $summary, Some($run))
    };
    (@ $id:literal, $level:ident, $since:literal, $summary:literal, $run:expr) => {
        $crate::check::Check {
            id: $id,
            level: $crate::diagnostic::Level::$level,
            since: $since,
            summary: $summary,
            doc: include_str!(concat!("docs/", $id, ".md")),
            run: $run,
        }
    };
}
use rule;

static FAMILIES: &[&[Check]] = &[
    reader::FILES,
    reader::SETTINGS,
    classes::CHECKS,
    values::CHECKS,
    allow::CHECKS,
    names::CHECKS,
    multi::CHECKS,
    groups::CHECKS,
    callback::CHECKS,
    endpoints::CHECKS,
    scopes::CHECKS,
    environment::CHECKS,
    provider::CHECKS,
    security::CHECKS,
    versions::CHECKS,
    online::CHECKS,
];

/// Every rule, family by family.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().copied().flatten()
}

/// The rule of that name.
pub fn named(id: &str) -> Option<&'static Check> {
    checks().find(|check| check.id == id)
}

/// What was found in one configuration.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The class that runs, where it is known.
    pub authenticator: Option<String>,
    /// How many options the configuration sets.
    pub settings: usize,
    /// The findings, by place.
    pub findings: Vec<Diagnostic>,
}

/// Whether a credential is but what is left of an example: no secret.
pub fn is_placeholder(text: &str) -> bool {
    ["client_id", "client_secret"].iter().any(|option| values::placeholder_in(option, text).is_some())
}

/// Checks a configuration. `disk` answers what a check wants to know about the files themselves.
pub fn check(loaded: &Loaded, disk: &dyn Disk) -> Checked {
    check_for(loaded, disk, Target::default())
}

/// The same, by the rules of another release.
pub fn check_for(loaded: &Loaded, disk: &dyn Disk, target: Target) -> Checked {
    check_with(loaded, disk, target, &|_| Vec::new())
}

/// The same, with what somebody else has to say: here the provider gets its word.
pub fn check_with(
    loaded: &Loaded,
    disk: &dyn Disk,
    target: Target,
    more: &dyn Fn(&Cx<'_>) -> Vec<Diagnostic>,
) -> Checked {
    let mut findings = loaded.diagnostics.clone();
    if let Some(fatal) = &loaded.fatal {
        findings.push(softened(fatal.clone(), loaded));
        if loaded.config.is_empty() {
            return Checked { authenticator: None, settings: 0, findings: in_order(findings) };
        }
    }
    let hub = settings::jupyterhub_options(loaded);
    let (resolution, assumed) = resolve(loaded);
    let refusals = resolution.fatal.iter().chain(&resolution.also_fatal).map(|fatal| less_sure(refusal(fatal), loaded));
    let layer = assumed && is_layer(loaded);
    findings.extend(refusals.map(|finding| if layer { of_a_layer(finding) } else { finding }));
    for one in std::iter::once(&resolution).chain(resolution.entries.list.iter().map(|entry| &entry.resolution)) {
        let cx = Cx::new(loaded, one, &hub, assumed, disk);
        findings.extend(of_one(&cx, &resolution, target, more));
    }
    let count = resolution
        .settings
        .as_ref()
        .map_or(0, |settings| settings.iter().filter(|(name, _)| settings.is_set(name)).count());
    let count = count + resolution.entries.list.iter().map(|entry| entry.own_settings()).sum::<usize>();
    let authenticator = resolution.settings.as_ref().map(|settings| settings.class().name.clone());
    for finding in findings.iter_mut().filter(|finding| finding.span.is_none() && finding.setting.is_some()) {
        // What is missing is to be written where the class is chosen.
        finding.span = hub.class_origin.span().cloned();
    }
    let mut findings = in_order(findings);
    suppress::apply(&mut findings, loaded);
    fixes::attach(&mut findings, loaded);
    Checked { authenticator, settings: count, findings }
}

/// What is to be said of the class that runs, or of one entry of a `MultiAuthenticator`.
fn of_one(cx: &Cx<'_>, hub: &Resolution, target: Target, more: &dyn Fn(&Cx<'_>) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut findings = cx.resolution.diagnostics.clone();
    if let Some(settings) = cx.settings() {
        findings.extend(raised_at_login(settings, hub));
        findings.extend(for_class(settings.class().def.name).iter().flat_map(|auth| auth.findings(settings)));
    }
    for run in checks().filter_map(|check| check.run) {
        run(cx, &mut findings);
    }
    versions::apply(cx, target, &mut findings);
    findings.extend(more(cx));
    let wrapper = cx.settings().and_then(Settings::wrapper);
    for finding in findings.iter_mut().filter(|finding| finding.span.is_none() && finding.setting.is_some()) {
        finding.span = wrapper.and_then(|wrapper| wrapper.span.clone());
    }
    findings
}

/// The settings of the running class. Values that are only a layer of a hub leave the class to another file: where they
/// hold the section of a single one, that is the one looked at, and `true` says so.
fn resolve(loaded: &Loaded) -> (Resolution, bool) {
    if is_layer(loaded)
        && let Some(class) = only_class(loaded)
    {
        return (settings::resolve_class(loaded, class), true);
    }
    let resolution = settings::resolve(loaded);
    match only_class(loaded) {
        // The class cannot be made; the section tells which one is meant, and the rest is looked at with that.
        Some(class) if resolution.settings.is_none() && resolution.fatal.is_some() => {
            let meant = settings::resolve_class(loaded, class);
            let also_fatal = meant.fatal.into_iter().chain(meant.also_fatal).collect();
            let diagnostics = resolution.diagnostics.into_iter().chain(meant.diagnostics).collect();
            (Resolution { settings: meant.settings, also_fatal, diagnostics, ..resolution }, true)
        }
        _ => (resolution, false),
    }
}

/// Whether these are values that leave the class to another layer.
fn is_layer(loaded: &Loaded) -> bool {
    loaded.kind == Kind::Z2jh && !class_is_given(loaded)
}

/// The class of the one section there is.
fn only_class(loaded: &Loaded) -> Option<RunningClass> {
    let mut classes = loaded
        .config
        .sections()
        .filter(|(name, section)| *name != "OAuthenticator" && !section.is_empty())
        .filter_map(|(name, _)| settings::class(name))
        .filter(|def| def.is_oauthenticator());
    let only = classes.next()?;
    classes.next().is_none().then(|| RunningClass::of(only))
}

fn class_is_given(loaded: &Loaded) -> bool {
    let entry = loaded.config.section("JupyterHub").and_then(|section| section.entry("authenticator_class"));
    entry.is_some_and(|entry| entry.origin != crate::span::Origin::Default)
}

/// What this machine lacks the hub's may have: variables that are not set here, modules that an image adds.
fn less_sure(finding: Diagnostic, loaded: &Loaded) -> Diagnostic {
    let none = finding.rule == "wrong-type" && finding.message.ends_with("not the NoneType None.");
    if none && !loaded.env.of_the_hub {
        let written = finding.span.as_ref().and_then(|span| fixes::text_under(span, loaded)).unwrap_or_default();
        let literal = written.trim_end().ends_with("None") || loaded.env.absent.is_empty();
        let near = |(_, at): &&(String, Span)| {
            finding.span.as_ref().is_some_and(|span| span.file == at.file && span.line == at.line)
        };
        let named = loaded.env.absent.iter().find(near).map(|(name, _)| name.clone());
        let reads = written.contains(".get(") || written.contains("getenv(") || written.contains('[');
        if !literal && (named.is_some() || reads) {
            let option = finding.setting.clone().unwrap_or_default();
            let variable = named.unwrap_or_else(|| "it is read from".to_owned());
            return Diagnostic {
                level: Level::Warning,
                message: format!(
                    "the hub does not start unless the variable {variable} is set: {option} is None without it"
                ),
                ..finding
            }
            .with_fix("set it, or give the hub's environment with --env-file");
        }
    }
    if finding.rule == "unknown-authenticator" && finding.message.contains("ModuleNotFoundError: ") {
        let finding = Diagnostic { level: Level::Warning, ..finding };
        return finding.with_note("unless the hub's image puts this module into the package, as some do");
    }
    finding
}

/// A Python file that is not the hub's main one by its name, but one that the main one or a chart loads.
fn is_fragment(loaded: &Loaded) -> bool {
    let stem = loaded.path.as_ref().and_then(|path| path.file_stem()).map(|stem| stem.to_string_lossy().to_lowercase());
    loaded.kind == Kind::Python && stem.is_some_and(|stem| !stem.contains("conf"))
}

/// A name that a snippet of the values does not find may well be defined in a snippet of another layer.
fn softened(fatal: Diagnostic, loaded: &Loaded) -> Diagnostic {
    if loaded.kind != Kind::Z2jh && !is_fragment(loaded) || fatal.rule != "config-raises" {
        return fatal;
    }
    let (level, note) = if fatal.message.contains("NameError") {
        (Level::Warning, "a snippet in another layer, or in a file that is not here, may define it")
    } else if fatal.message.contains("LazyConfigValue") {
        (
            Level::Note,
            "the chart itself sets more than is known here, so this may well go through; what comes after it was not read",
        )
    } else {
        return fatal;
    };
    Diagnostic { level, ..fatal.with_note(note) }
}

/// What a layer lacks, the layers below it may well have.
fn of_a_layer(finding: Diagnostic) -> Diagnostic {
    const OF_ABSENCE: &[&str] =
        &["groups-without-manage-groups", "no-idps", "no-auth0-domain", "allowed-scopes-not-requested"];
    if !OF_ABSENCE.contains(&finding.rule) {
        return finding;
    }
    Diagnostic {
        level: Level::Note,
        ..finding.with_note("this file chooses no class, so it is but a layer; a lower one may set what is missing")
    }
}

/// What keeps the hub from starting, as a finding.
pub fn refusal(fatal: &Fatal) -> Diagnostic {
    finding(fatal, "the hub does not start")
}

/// Defaults that cannot be computed: upstream raises when a login first asks for them.
fn raised_at_login(settings: &Settings, resolution: &Resolution) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (_, setting) in settings.iter() {
        let Some(fatal) = &setting.raises else { continue };
        let told = resolution.fatal.iter().chain(&resolution.also_fatal).any(|other| other.code == fatal.code);
        if !told && !found.iter().any(|finding| finding.rule == fatal.code) {
            found.push(finding(fatal, "every login fails with 500"));
        }
    }
    found
}

fn finding(fatal: &Fatal, consequence: &str) -> Diagnostic {
    let message = format!("{consequence}: {}: {}", fatal.exception, fatal.message);
    let mut finding = Diagnostic::error(fatal.code, message).with_span(fatal.span.clone()).with_fix(fatal.fix.clone());
    finding.setting = fatal.setting.clone();
    finding
}

/// By file and line; of two that say the same of the same place, one.
fn in_order(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place = |finding: &Diagnostic| finding.span.as_ref().map(|span| (span.file.clone(), span.line, span.column));
    findings.sort_by_key(|finding| (place(finding), finding.level));
    let removed: Vec<_> =
        findings.iter().filter(|one| one.rule == "removed-option").map(|one| one.span.clone()).collect();
    findings.retain(|one| one.rule != "deprecated-option" || !removed.contains(&one.span));
    let mut kept: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        let same = |other: &Diagnostic| {
            *other == finding
                || other.rule == "unknown-settings" && finding.rule == other.rule && finding.span == other.span
        };
        if !kept.iter().any(same) {
            kept.push(finding);
        }
    }
    kept
}
