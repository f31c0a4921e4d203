//! Another release than the one that is modelled: which of the findings hold there, what it does not have yet, and what
//! an upgrade changes in the meaning of this configuration.

use super::{Check, Cx, allow, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::{self, Release};
use crate::source::Kind;

pub(super) const CHECKS: &[Check] = &[
    rule!("option-of-newer-release", Warning, "", "the given release does not have the option yet"),
    rule!("changed-by-upgrade", Warning, "", "an upgrade changes what this configuration means"),
];

/// The releases that a configuration is to be judged by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target {
    /// The one it runs with; `None` is the one that is modelled.
    pub release: Option<Release>,
    /// The one it is to be upgraded to.
    pub upgrade_to: Option<Release>,
}

/// Leaves out what does not hold in the release, and adds what holds only there.
pub(super) fn apply(cx: &Cx<'_>, target: Target, findings: &mut Vec<Diagnostic>) {
    if let Some(release) = target.release {
        findings.retain(|finding| holds(cx, finding, release));
        findings.extend(too_new(cx, release));
    }
    if let Some(to) = target.upgrade_to {
        let from = target.release.or_else(|| Release::all().next()).filter(|from| *from < to);
        if let Some(from) = from {
            findings.extend(changes(cx, from, to));
        }
    }
}

fn class_name(cx: &Cx<'_>) -> Option<&'static str> {
    cx.settings().map(|settings| settings.class().stock_name())
}

fn holds(cx: &Cx<'_>, finding: &Diagnostic, release: Release) -> bool {
    let since = super::named(finding.rule).map_or("", |check| check.since);
    if !since.is_empty() && !release.is_at_least(since) {
        return false;
    }
    let Some(class) = class_name(cx) else { return true };
    let option = finding.setting.as_deref().and_then(|setting| setting.rsplit('.').next()).unwrap_or_default();
    match finding.rule {
        "unknown-option" => release.has(class, option) != Some(true),
        "deprecated-option" | "removed-option" | "deprecated-without-effect" => {
            let successor = settings::classes().iter().flat_map(|def| def.aliases).find(|alias| alias.old == option);
            successor.is_none_or(|alias| release.is_at_least(alias.since))
        }
        _ => true,
    }
}

fn too_new(cx: &Cx<'_>, release: Release) -> Vec<Diagnostic> {
    let Some(class) = class_name(cx) else { return Vec::new() };
    let mut found = Vec::new();
    for (option, setting) in cx.set_options().filter(|(_, setting)| setting.written_as.is_some()) {
        if release.has(class, option) != Some(false) || matches!(setting.origin, crate::span::Origin::Alias { .. }) {
            continue;
        }
        let since = Release::all().find(|later| *later > release && later.has(class, option) == Some(true));
        let since = since.map(|since| format!("; it came with {}", since.oauthenticator())).unwrap_or_default();
        let message = format!("oauthenticator {} has no option `{option}`{since}", release.oauthenticator());
        found.push(
            cx.at("option-of-newer-release", Level::Warning, option, message)
                .with_note("it has no effect there but a line in the log")
                .with_fix("upgrade, or remove it"),
        );
    }
    found
}

/// A change between two releases: since when, and what it means for this configuration, if anything.
type Change = (&'static str, fn(&Cx<'_>) -> Option<Diagnostic>);

const CHANGES: &[Change] = &[
    ("16.0", nobody_by_default),
    ("16.0", existing_users),
    ("16.0", certificates),
    ("16.0", any_rule_is_enough),
    ("16.0", basic_auth),
    ("16.0", cilogon_scope),
    ("16.0", google_names),
    ("16.1", hosted_domain),
    ("17.0", groups_need_managing),
    ("17.0", hub_of_its_time),
    ("17.1", pkce),
    ("17.2", refresh),
    ("17.4", auth0_email),
    ("17.4", openshift_discovery),
];

fn changes(cx: &Cx<'_>, from: Release, to: Release) -> Vec<Diagnostic> {
    let between = |since: &str| to.is_at_least(since) && !from.is_at_least(since);
    let mut found: Vec<Diagnostic> =
        CHANGES.iter().filter(|(since, _)| between(since)).filter_map(|(_, change)| change(cx)).collect();
    found.extend(gone(cx, from, to));
    found
}

fn changed(cx: &Cx<'_>, level: Level, option: &str, message: impl Into<String>) -> Diagnostic {
    let finding = cx.at("changed-by-upgrade", level, option, message);
    match finding.span {
        Some(_) => finding,
        None => finding.with_span(cx.hub.class_origin.span().cloned()),
    }
}

fn nobody_by_default(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    if cx.assumed || allow::somebody(cx, settings) {
        return None;
    }
    let level = if cx.complete() { Level::Error } else { Level::Warning };
    Some(
        changed(
            cx,
            level,
            "allow_all",
            "from 16.0 on nobody can log in with this; before, an empty list let everybody in",
        )
        .with_fix(format!("set {} = True to keep it open, or name who may come in", cx.name("allow_all"))),
    )
}

fn existing_users(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    let listed = settings.get("allowed_users").is_some_and(|setting| setting.value.truth() == Some(true));
    if !listed || settings.is_set("allow_existing_users") || cx.on("allow_all") {
        return None;
    }
    Some(
        changed(
            cx,
            Level::Note,
            "allowed_users",
            "in 16.x users added at /hub/admin are no longer let in by themselves",
        )
        .with_note("from 17.0 on they are again, where allowed_users is set")
        .with_fix(format!("set {} to what you mean", cx.name("allow_existing_users"))),
    )
}

fn certificates(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    let old = settings.get("tls_verify").filter(|setting| setting.written_as.is_some())?;
    (old.value.truth() == Some(false)).then(|| {
        changed(
            cx,
            Level::Warning,
            "tls_verify",
            "from 16.0 on tls_verify = False does nothing: the certificate is checked",
        )
        .with_fix(format!("set {} = {{\"ca_certs\": \"/path/ca.pem\"}}", cx.name("http_request_kwargs")))
    })
}

/// Rules of which some narrowed the others before.
const RULES: &[&str] = &[
    "allowed_users",
    "allowed_organizations",
    "allowed_gitlab_groups",
    "allowed_project_ids",
    "allowed_google_groups",
    "allowed_globus_groups",
    "allowed_teams",
    "allowed_groups",
];

fn any_rule_is_enough(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    let used = |option: &&&str| settings.get(option).is_some_and(|found| found.value.truth() == Some(true));
    let mut used = RULES.iter().filter(used);
    let (first, second) = (used.next()?, used.next()?);
    if cx.on("allow_all") {
        return None;
    }
    Some(
        changed(
            cx,
            Level::Warning,
            second,
            format!("from 16.0 on {first} or {second} is enough to come in; before, a user had to meet both"),
        )
        .with_fix("remove the wider one; to demand both, decide in a post_auth_hook"),
    )
}

fn basic_auth(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    let generic = cx.runs(&["GenericOAuthenticator"]) && !settings.is_set("basic_auth");
    generic.then(|| {
        changed(
            cx,
            Level::Note,
            "basic_auth",
            "from 16.0 on the client's secret goes in the body of the token request, not in a header",
        )
        .with_fix(format!("should the provider answer invalid_client: {} = True", cx.name("basic_auth")))
    })
}

fn cilogon_scope(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    (cx.runs(&["CILogonOAuthenticator"]) && !settings.is_set("scope")).then(|| {
        changed(cx, Level::Note, "scope", "from 16.0 on CILogon is asked for the scope `profile`, too")
            .with_note("a client for which it is not enabled gets an error")
            .with_fix("enable it for the client, or set scope to what it has")
    })
}

fn google_names(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    let listed = ["admin_users", "allowed_users"].into_iter().find(|option| settings.is_set(option))?;
    (cx.runs(&["GoogleOAuthenticator"]) && !settings.is_set("strip_domain")).then(|| {
        changed(
            cx,
            Level::Note,
            listed,
            "from 16.0.7 on names in lists are those the hub ends up with: without the domain where at most one is hosted",
        )
        .with_fix(format!("look at the names, or set {} to what you mean", cx.name("strip_domain")))
    })
}

fn hosted_domain(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    (cx.runs(&["GoogleOAuthenticator"]) && settings.is_set("hosted_domain")).then(|| {
        changed(
            cx,
            Level::Note,
            "hosted_domain",
            "from 16.1 on the domain is what Google says of the account (`hd`), not what stands after the `@`",
        )
        .with_note("consumer accounts with an address of the domain are then turned away")
        .with_fix("have them use accounts of the Workspace")
    })
}

fn openshift_discovery(cx: &Cx<'_>) -> Option<Diagnostic> {
    cx.runs(&["OpenShiftOAuthenticator"]).then(|| {
        changed(
            cx,
            Level::Note,
            "openshift_url",
            "from 17.4 on the cluster's addresses are asked for at the first login",
        )
        .with_note("a cluster that cannot be reached then no longer keeps the hub from starting")
        .with_fix("log in once after the upgrade")
    })
}

fn groups_need_managing(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    let used =
        ["allowed_groups", "admin_groups", "claim_groups_key", "auth_state_groups_key"].into_iter().find(|option| {
            settings.is_set(option) && settings.get(option).is_some_and(|found| found.value.truth() == Some(true))
        })?;
    if !cx.off("manage_groups") {
        return None;
    }
    Some(
        changed(cx, Level::Error, used, "from 17.0 on the hub does not start with this unless manage_groups is on")
            .with_note("with manage_groups, groups given at /hub/admin are replaced at each login")
            .with_fix(format!("set {} = True", cx.name("manage_groups"))),
    )
}

fn hub_of_its_time(cx: &Cx<'_>) -> Option<Diagnostic> {
    (cx.loaded.kind == Kind::Python).then(|| {
        changed(cx, Level::Note, "allow_all", "oauthenticator 17 is used with JupyterHub 5 and later")
            .with_fix("upgrade jupyterhub along with it")
    })
}

fn pkce(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    (!settings.is_set("enable_pkce") && !cx.runs(&["MWOAuthenticator"])).then(|| {
        changed(cx, Level::Note, "enable_pkce", "from 17.1 on the hub sends a code challenge (PKCE) with each login")
            .with_fix(format!("should the provider refuse it: {} = False", cx.name("enable_pkce")))
    })
}

fn refresh(cx: &Cx<'_>) -> Option<Diagnostic> {
    let settings = cx.settings()?;
    (cx.on("enable_auth_state") && !settings.is_set("refresh_pre_spawn")).then(|| {
        changed(
            cx,
            Level::Note,
            "enable_auth_state",
            "from 17.2 on users are refreshed before their server starts, and regularly",
        )
        .with_note("a provider that is down, or that gave no refresh token, then sends users to a new login")
        .with_fix(format!("to keep it as it was: {} = 0, refresh_pre_spawn = False", cx.name("auth_refresh_age")))
    })
}

fn auth0_email(cx: &Cx<'_>) -> Option<Diagnostic> {
    (cx.runs(&["Auth0OAuthenticator"]) && cx.off("allow_unverified_email") && !cx.on("allow_all")).then(|| {
        changed(
            cx,
            Level::Warning,
            "allow_unverified_email",
            "from 17.4 on Auth0 users with an unverified e-mail address are turned away",
        )
        .with_fix("have users verify their address before the upgrade, and ask for the scope `email`")
    })
}

/// Options that the older release has and the newer one has not.
fn gone(cx: &Cx<'_>, from: Release, to: Release) -> Vec<Diagnostic> {
    let Some(class) = class_name(cx) else { return Vec::new() };
    let mut found = Vec::new();
    for finding in cx.resolution.diagnostics.iter().filter(|finding| finding.rule == "unknown-option") {
        let Some(setting) = &finding.setting else { continue };
        let option = setting.rsplit('.').next().unwrap_or_default();
        if from.has(class, option) == Some(true) && to.has(class, option) == Some(false) {
            found.push(
                Diagnostic::warning(
                    "changed-by-upgrade",
                    format!("oauthenticator {} no longer has `{option}`", to.oauthenticator()),
                )
                .with_span(finding.span.clone())
                .with_setting(setting.clone())
                .with_fix("remove it, or set what has taken its place"),
            );
        }
    }
    found
}
