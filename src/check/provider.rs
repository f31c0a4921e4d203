//! What one provider's class alone, or one kind of provider, wants to have otherwise.

use url::Url;

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("nested-username-claim", Warning, "", "username_claim names a claim inside another one", nested_claim),
    rule!("lowercase-wiki-name", Warning, "", "a wiki's user name that begins with a small letter", wiki_name),
    rule!(
        "allowed-scopes-unknown",
        Warning,
        "16.3",
        "the class never learns which scopes were granted",
        scopes_unknown
    ),
    rule!("azure-group-names", Note, "17.0", "Microsoft sends the ids of groups, not their names", azure_groups),
    rule!("logout-parameters", Note, "", "Keycloak's logout wants parameters", logout),
    rule!("auto-login-without-logout", Note, "", "who logs out is logged in again at once", auto_login),
    rule!("system-users-needed", Note, "", "a Local class needs a system user for each person", system_users),
    rule!("admin-users-only-grant", Note, "", "who is taken off admin_users stays an admin", only_grant),
    rule!("idps-missing", Error, "16.0", "CILogon is told of no identity provider", idps_missing),
];

fn nested_claim(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(claim) = cx.text("username_claim") else { return };
    let dotted = claim.contains('.') && !claim.contains("://") && !claim.starts_with('.') && !claim.contains('@');
    if !dotted || cx.overrides(&["user_info_to_username", "authenticate"]) {
        return;
    }
    let path: String = claim.split('.').map(|part| format!("[\"{part}\"]")).collect();
    findings.push(
        cx.at("nested-username-claim", Level::Warning, "username_claim", format!("no claim is called `{claim}`"))
            .with_note("the hub looks the whole text up in the user data, and follows no dots: No … found, 500")
            .with_fix(format!("use a function: `lambda user: user{path}`")),
    );
}

fn wiki_name(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if !cx.runs(&["MWOAuthenticator"]) || cx.overrides(&["normalize_username", "authenticate"]) {
        return;
    }
    for option in ["allowed_users", "admin_users", "blocked_users"] {
        let small = |name: &&str| name.starts_with(|c: char| c.is_lowercase());
        let Some(name) = cx.names(option).into_iter().find(small) else { continue };
        let mut letters = name.chars();
        let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        findings.push(
            cx.at(
                "lowercase-wiki-name",
                Level::Warning,
                option,
                format!("`{name}` in {option} is no wiki user's name"),
            )
            .with_note("MediaWiki's names begin with a capital, and this class does not lower them")
            .with_fix(format!("write `{capital}`")),
        );
    }
}

/// `build_auth_state_dict` of these classes leaves out `scope`, which `check_allowed` looks for.
fn scopes_unknown(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let without = ["GlobusOAuthenticator", "MWOAuthenticator"].into_iter().find(|class| cx.runs(&[class]));
    let Some(class) = without.filter(|_| !cx.overrides(&["build_auth_state_dict"])) else { return };
    if cx.settings().and_then(|all| all.get("allowed_scopes")).is_none_or(|found| found.value.truth() != Some(true)) {
        return;
    }
    findings.push(
        cx.at("allowed-scopes-unknown", Level::Warning, "allowed_scopes", "allowed_scopes lets nobody in here")
            .with_note(format!("{class} keeps no granted scopes, so that none is ever found"))
            .with_fix("name who may come in by allowed_users or a group"),
    );
}

fn azure_groups(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if !cx.runs(&["AzureAdOAuthenticator"]) || !cx.on("manage_groups") {
        return;
    }
    let is_id = |name: &str| name.len() == 36 && name.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    for option in ["allowed_groups", "admin_groups"] {
        let Some(name) = cx.names(option).into_iter().find(|name| !is_id(name)) else { continue };
        findings.push(
            cx.at("azure-group-names", Level::Note, option, format!("`{name}` may not be what Microsoft sends"))
                .with_note("unless the application's token configuration emits names, groups come as object ids")
                .with_fix("write the group's object id, or have the names emitted"),
        );
        return;
    }
}

fn logout(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(text) = cx.text("logout_redirect_url") else { return };
    let Ok(url) = Url::parse(text) else { return };
    if !url.path().contains("/protocol/openid-connect/logout") {
        return;
    }
    let has = |name: &str| url.query_pairs().any(|(key, _)| key == name);
    if has("post_logout_redirect_uri") && (has("client_id") || has("id_token_hint")) {
        return;
    }
    let message = if has("redirect_uri") {
        "Keycloak since 18 answers with an error: it knows `redirect_uri` no more"
    } else {
        "Keycloak asks the user to confirm, and leads nowhere after it"
    };
    findings.push(
        cx.at("logout-parameters", Level::Note, "logout_redirect_url", message)
            .with_fix("add `?client_id=…&post_logout_redirect_uri=<the hub's address, url-encoded>`"),
    );
}

fn auto_login(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings().filter(|all| cx.on("auto_login") && all.is_set("auto_login")) else { return };
    if !cx.complete() || settings.str("logout_redirect_url") != Ok("") {
        return;
    }
    findings.push(
        cx.at("auto-login-without-logout", Level::Note, "auto_login", "who logs out may be logged in again at once")
            .with_note("the session at the provider lives on, and the hub's login page leads straight there")
            .with_fix(format!("set {} to the provider's logout", cx.name("logout_redirect_url"))),
    );
}

fn system_users(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if !settings.class().derives_from("LocalAuthenticator") || !cx.off("create_system_users") {
        return;
    }
    findings.push(
        Diagnostic::note("system-users-needed", format!("{} adds no users to the system", settings.class().name))
            .with_span(cx.hub.class_origin.span().cloned())
            .with_setting(settings.name_of("create_system_users"))
            .with_note("a login of somebody who is no user of the hub's machine ends with 500: KeyError")
            .with_fix(format!(
                "add the users, set {} = True, or use the class without Local",
                cx.name("create_system_users")
            )),
    );
}

fn only_grant(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings().filter(|all| all.is_set("admin_users")) else { return };
    if settings.get("admin_users").is_none_or(|found| found.value.truth() != Some(true)) {
        return;
    }
    findings.push(
        cx.at(
            "admin-users-only-grant",
            Level::Note,
            "admin_users",
            "admin_users gives rights, and never takes them away",
        )
        .with_fix("who is to be an admin no more must be changed at /hub/admin, too"),
    );
}

/// `CILogonLoginHandler.authorize_redirect` takes the first of them, where there is none.
fn idps_missing(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings().filter(|_| cx.runs(&["CILogonOAuthenticator"]) && cx.complete()) else { return };
    let empty = settings.get("idps").is_some_and(|found| matches!(&found.value, Value::Dict(idps) if idps.is_empty()));
    let configured = settings.iter().any(|(_, setting)| setting.written_as.is_some());
    if !empty || !configured || cx.resolution.fatal.is_some() {
        return;
    }
    // Values are often one file of several.
    let level = if cx.loaded.kind == crate::source::Kind::Z2jh { Level::Warning } else { Level::Error };
    findings.push(
        Diagnostic::new("idps-missing", level, "every login fails with 500: no identity provider is configured")
            .with_span(cx.hub.class_origin.span().cloned())
            .with_setting(settings.name_of("idps"))
            .with_fix(format!(
                "set {} = {{\"https://…/idp/shibboleth\": {{\"username_derivation\": {{\"username_claim\": \"eppn\"}}}}}}",
                cx.name("idps")
            )),
    );
}
