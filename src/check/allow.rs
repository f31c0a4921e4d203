//! Who may come in: nobody, everybody, more than it reads.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::{Setting, Settings};
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("nobody-allowed", Error, "16.0", "no rule lets anybody in", nobody_allowed),
    rule!("anybody-allowed", Warning, "", "every account of a public provider may come in", anybody_allowed),
    rule!("allow-all-overrides", Warning, "16.0", "allow_all makes narrower rules idle", allow_all_overrides),
    rule!("allow-all-skips-email-check", Warning, "17.4", "allow_all lets unverified e-mail addresses in", unverified),
    rule!("user-blocked-and-allowed", Warning, "", "a user is both blocked and allowed", blocked_and_allowed),
    rule!("admin-groups-revoke", Note, "17.0", "who is in no admin group loses admin rights at login", revoked),
];

/// Options whose names begin with `allow` and which let nobody in.
const NO_RULES: &[&str] = &["allow_unverified_email", "allowed_idps"];

/// Options of which any lets somebody in, whatever it holds.
fn rules(settings: &Settings) -> impl Iterator<Item = (&str, &Setting)> {
    settings.iter().filter(|(name, _)| {
        (name.starts_with("allow") || name.starts_with("admin_") || *name == "idps") && !NO_RULES.contains(name)
    })
}

/// Whether a rule may let anybody in; what is unknown may.
fn lets_in(name: &str, setting: &Setting) -> bool {
    match (name, &setting.value) {
        ("idps", Value::Dict(idps)) => idps.values().any(|idp| {
            ["allow_all", "allowed_domains"]
                .iter()
                .any(|key| idp.get(key).is_some_and(|value| value.truth() != Some(false)))
                || idp.as_dict().is_none()
        }),
        // A domain without a group in it.
        ("allowed_google_groups" | "admin_google_groups", Value::Dict(domains)) => {
            domains.values().any(|groups| groups.truth() != Some(false))
        }
        (_, value) => value.truth() != Some(false),
    }
}

/// Whether somebody may well come in.
pub(super) fn somebody(cx: &Cx<'_>, settings: &Settings) -> bool {
    let own = cx.overrides(&["check_allowed", "authenticate", "get_authenticated_user", "add_user"]);
    let hub_admins = cx.hub.admin_users.truth() != Some(false);
    own || hub_admins || rules(settings).any(|(name, setting)| lets_in(name, setting))
}

fn nobody_allowed(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if cx.assumed || somebody(cx, settings) {
        return;
    }
    let level = if cx.complete() && !cx.only_chooses() && !guarded(cx, settings) { Level::Error } else { Level::Note };
    let message = match level {
        Level::Error => "nobody can log in: no rule lets anybody in",
        _ => "no rule here lets anybody in; unless another file or layer has one, nobody can log in",
    };
    let mut finding = Diagnostic::new("nobody-allowed", level, message)
        .with_span(class_place(cx))
        .with_setting(settings.name_of("allow_all"))
        .with_note("since oauthenticator 16 everybody is turned away whom no rule allows")
        .with_fix(format!(
            "set {}, or {} = True for everybody with an account",
            cx.name("allowed_users"),
            cx.name("allow_all")
        ));
    for restriction in ["hosted_domain", "identity_provider", "idps"] {
        if settings.is_set(restriction) {
            finding = finding.with_note(format!(
                "{} only narrows who may come in; by itself it lets nobody in",
                settings.name_of(restriction)
            ));
        }
    }
    if cx.on("any_allow_config") && settings.is_set("any_allow_config") {
        finding = finding.with_note("any_allow_config only silences the hub's own warning");
    }
    findings.push(finding);
}

/// Whether the text sets a rule that did not come about here: below a condition on a variable which the hub may have.
fn guarded(cx: &Cx<'_>, settings: &Settings) -> bool {
    let is_rule = |option: &str| option.starts_with("allow") || option.starts_with("admin_") || option == "whitelist";
    let sets_rule = |line: &str| {
        line.match_indices("uthenticator.").any(|(at, found)| {
            let rest = &line[at + found.len()..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (option, after) = rest.split_at(end);
            is_rule(option) && !settings.is_set(option) && after.trim_start().starts_with(['=', '.', '|', '+'])
        })
    };
    let mut lines = cx.loaded.texts.iter().flat_map(|(_, text)| text.lines()).map(str::trim_start);
    !cx.loaded.env.of_the_hub && lines.any(|line| !line.starts_with('#') && sets_rule(line))
}

/// Where the class is chosen, else where the first of its options is set.
fn class_place(cx: &Cx<'_>) -> Option<crate::span::Span> {
    let settings = cx.settings()?;
    let first =
        || settings.iter().filter_map(|(_, setting)| setting.origin.span()).min_by_key(|span| span.line).cloned();
    cx.hub.class_origin.span().cloned().or_else(first)
}

/// Providers where anybody can have an account for the asking.
fn public_provider(cx: &Cx<'_>) -> Option<&'static str> {
    let settings = cx.settings()?;
    let host = cx.effective_text("authorize_url").and_then(|url| url::Url::parse(url).ok());
    let host = host.as_ref().and_then(url::Url::host_str)?;
    let provider = match host {
        "github.com" => "GitHub",
        "gitlab.com" => "GitLab.com",
        "bitbucket.org" => "Bitbucket",
        "orcid.org" => "ORCID",
        "discord.com" => "Discord",
        "accounts.google.com" => "Google",
        "login.microsoftonline.com" if cx.effective_text("authorize_url")?.contains("/common/") => "Microsoft",
        _ => return None,
    };
    let narrowed = ["hosted_domain", "identity_provider"]
        .iter()
        .any(|option| settings.get(option).is_some_and(|setting| setting.value.truth() != Some(false)));
    (!narrowed).then_some(provider)
}

fn anybody_allowed(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let hooked = ["post_auth_hook"].iter().any(|hook| settings.is_set(hook));
    let own = cx.overrides(&[
        "check_allowed",
        "check_blocked_users",
        "authenticate",
        "update_auth_model",
        "get_authenticated_user",
    ]);
    if !cx.on("allow_all") || !settings.is_set("allow_all") || hooked || own {
        return;
    }
    let Some(provider) = public_provider(cx) else { return };
    let fix = match provider {
        "Google" => format!("set {} to your Workspace domain", cx.name("hosted_domain")),
        "GitHub" => {
            format!("name who may come in: {} or {}", cx.name("allowed_organizations"), cx.name("allowed_users"))
        }
        _ => format!("name who may come in, in {}", cx.name("allowed_users")),
    };
    findings.push(
        cx.at(
            "anybody-allowed",
            Level::Warning,
            "allow_all",
            format!("everybody with a {provider} account can log in"),
        )
        .with_note("anybody can have such an account for the asking")
        .with_fix(fix),
    );
}

fn allow_all_overrides(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if !cx.on("allow_all") || !settings.is_set("allow_all") || cx.overrides(&["check_allowed"]) {
        return;
    }
    let narrower: Vec<&str> = rules(settings)
        .filter(|(name, setting)| {
            name.starts_with("allowed_") && settings.is_set(name) && setting.value.truth() == Some(true)
        })
        .map(|(name, _)| name)
        .collect();
    if narrower.is_empty() {
        return;
    }
    let names: Vec<String> = narrower.iter().map(|name| settings.name_of(name)).collect();
    let mut finding = cx.at(
        "allow-all-overrides",
        Level::Warning,
        "allow_all",
        format!("allow_all lets everybody in, so {} keeps nobody out", names.join(" and ")),
    );
    for option in narrower {
        if let Some(span) = cx.place(option) {
            finding = finding.with_label(span, "this restricts nobody");
        }
    }
    findings.push(finding.with_fix("remove allow_all to let in only those, or remove what is idle"));
}

/// Auth0's and Google's check of the address stands in `check_allowed`, which `allow_all` skips.
fn unverified(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let auth0 = cx.runs(&["Auth0OAuthenticator"]) && cx.off("allow_unverified_email");
    // An account of a Workspace has an address that the Workspace gave it.
    let hosted = cx
        .settings()
        .and_then(|settings| settings.get("hosted_domain"))
        .is_some_and(|setting| setting.value.truth() != Some(false));
    let google = cx.runs(&["GoogleOAuthenticator"]) && !hosted;
    if !cx.on("allow_all") || !(auth0 || google) || cx.overrides(&["check_allowed", "authenticate"]) {
        return;
    }
    // Google itself vouches for the addresses of its own accounts; Auth0 lets anybody sign up with any.
    let (level, provider) = if auth0 { (Level::Warning, "Auth0") } else { (Level::Note, "Google") };
    let message = "with allow_all the hub does not look whether an e-mail address is verified";
    findings.push(
        cx.at("allow-all-skips-email-check", level, "allow_all", message)
            .with_note(format!(
                "whoever signs up at {provider} with another's address gets that person's account on the hub"
            ))
            .with_fix(format!(
                "name who may come in instead of allow_all, or have {provider} refuse unverified addresses"
            )),
    );
}

fn blocked_and_allowed(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let blocked = cx.names("blocked_users");
    for option in ["allowed_users", "admin_users"] {
        for name in cx.names(option) {
            if blocked.contains(&name.to_lowercase().as_str()) || blocked.contains(&name) {
                let mut finding = cx
                    .at(
                        "user-blocked-and-allowed",
                        Level::Warning,
                        "blocked_users",
                        format!("`{name}` is in blocked_users and in {option}"),
                    )
                    .with_note("blocked_users wins: this user is turned away")
                    .with_fix(format!("take `{name}` out of one of the two"));
                if let Some(span) = cx.place(option) {
                    finding = finding.with_label(span, "allowed here");
                }
                findings.push(finding);
                break;
            }
        }
    }
}

fn revoked(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let groups: Vec<&str> = ["admin_groups", "admin_google_groups", "admin_globus_groups"]
        .into_iter()
        .filter(|option| {
            cx.settings().and_then(|all| all.get(option)).is_some_and(|found| found.value.truth() == Some(true))
        })
        .collect();
    for option in groups {
        findings.push(
            cx.at(
                "admin-groups-revoke",
                Level::Note,
                option,
                format!("whoever is in none of {option} loses admin rights at each login"),
            )
            .with_note("also those who were made admins at /hub/admin; only admin_users stay")
            .with_fix(format!("add those who must stay admins to {}", cx.name("admin_users"))),
        );
    }
}
