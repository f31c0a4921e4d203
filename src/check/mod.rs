//! Checks: what is wrong with a configuration, told without logging in. What the reader and the settings find is
//! joined here with what only the whole can tell.

use crate::authenticator::for_class;
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::{self, Fatal, Settings};
use crate::source::Loaded;

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

/// Checks a configuration.
pub fn check(loaded: &Loaded) -> Checked {
    let mut findings = loaded.diagnostics.clone();
    if let Some(fatal) = &loaded.fatal {
        findings.push(fatal.clone());
        return Checked { authenticator: None, settings: 0, findings: in_order(findings) };
    }
    let resolution = settings::resolve(loaded);
    findings.extend(resolution.diagnostics.iter().cloned());
    findings.extend(resolution.fatal.iter().chain(&resolution.also_fatal).map(refusal));
    let mut count = 0;
    if let Some(settings) = &resolution.settings {
        count = settings.iter().filter(|(name, _)| settings.is_set(name)).count();
        if resolution.fatal.is_none() && settings.class().is_oauthenticator() && settings.class().unseen.is_none() {
            missing_essentials(settings, &mut findings);
            findings.extend(for_class(settings.class().def.name).iter().flat_map(|auth| auth.findings(settings)));
        }
    }
    let authenticator = resolution.settings.as_ref().map(|settings| settings.class().name.clone());
    Checked { authenticator, settings: count, findings: in_order(findings) }
}

/// By file and line; of two that say the same at the same place, one.
fn in_order(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place = |finding: &Diagnostic| finding.span.as_ref().map(|span| (span.file.clone(), span.line, span.column));
    findings.sort_by_key(place);
    findings.dedup();
    findings
}

/// What keeps the hub from starting, as a finding.
pub fn refusal(fatal: &Fatal) -> Diagnostic {
    let mut finding =
        Diagnostic::error(fatal.code, format!("the hub does not start: {}: {}", fatal.exception, fatal.message))
            .with_span(fatal.span.clone())
            .with_fix(fatal.fix.clone());
    finding.setting = fatal.setting.clone();
    finding
}

/// Options without which no login can work. Client and secret may well be in the hub's environment only, so their
/// absence here is worth no more than a note.
fn missing_essentials(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let is_generic = matches!(settings.class().def.name, name if name.ends_with("GenericOAuthenticator") || name == "OAuthenticator");
    if is_generic && !settings.class().locals.iter().any(|class| !class.methods.is_empty()) {
        for (option, what) in
            [("authorize_url", "the browser is sent nowhere"), ("token_url", "no code can be exchanged")]
        {
            if settings.str(option).is_ok_and(str::is_empty) {
                findings.push(missing(settings, option, what, Level::Warning));
            }
        }
        let from_token = settings.bool("userdata_from_id_token").unwrap_or(true);
        if !from_token && settings.str("userdata_url").is_ok_and(str::is_empty) {
            findings.push(missing(settings, "userdata_url", "nobody's name is found out", Level::Warning));
        }
    }
    for (option, what) in [
        ("client_id", "the provider does not know the hub"),
        ("client_secret", "the provider refuses the hub"),
        ("oauth_callback_url", "the hub guesses it from each request, often wrongly behind a proxy"),
    ] {
        if settings.str(option).is_ok_and(str::is_empty) {
            findings.push(missing(settings, option, what, Level::Note));
        }
    }
    nobody_allowed(settings, findings);
}

fn missing(settings: &Settings, option: &str, what: &str, level: Level) -> Diagnostic {
    let name = settings.name_of(option);
    let fix = match level {
        Level::Note => format!("set {name}, or see that the hub's environment does"),
        _ => format!("set {name}"),
    };
    Diagnostic::new("missing-setting", level, format!("{name} is empty, so {what}"))
        .with_span(settings.span_of(option).cloned())
        .with_setting(name)
        .with_fix(fix)
}

/// Options of which any lets somebody in; those of providers begin so by upstream's own rule
/// (`Authenticator._default_any_allowed`).
fn nobody_allowed(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let class = settings.class();
    if class.overridden("check_allowed").is_some() || class.overridden("authenticate").is_some() {
        return;
    }
    let lets_in = |name: &str| name.starts_with("allow") || name.starts_with("admin_") || name == "idps";
    let somebody =
        settings.iter().filter(|(name, _)| lets_in(name)).any(|(_, setting)| setting.value.truth() != Some(false));
    if !somebody {
        findings.push(
            Diagnostic::warning("nobody-allowed", "no rule lets anybody in")
                .with_setting(settings.name_of("allowed_users"))
                .with_note("since oauthenticator 16 everybody is turned away unless a rule allows them")
                .with_fix(format!("set {0}.allowed_users, or {0}.allow_all = True", class.name)),
        );
    }
}
