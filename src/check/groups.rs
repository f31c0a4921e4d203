//! Groups: where they are looked for, and whether anything is there.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};

pub(super) const CHECKS: &[Check] = &[
    rule!(
        "groups-key-leads-nowhere",
        Error,
        "17.0",
        "auth_state_groups_key does not begin at auth_state",
        leads_nowhere
    ),
    rule!("groups-key-missing", Warning, "17.0", "manage_groups without a place to find groups", missing),
    rule!("dotted-groups-claim", Warning, "17.0", "a claim with dots in its name cannot be a key", dotted),
    rule!("globus-groups-scope", Error, "17.0", "Globus groups are read without the scope for it", globus),
    rule!("keycloak-group-path", Note, "", "Keycloak may send groups with a leading slash", keycloak_path),
    rule!("google-groups-keys", Error, "", "a domain of the Google groups has no service account key", google_keys),
    rule!("google-administrator-address", Warning, "", "gsuite_administrator holds an address", google_administrator),
];

/// What `build_auth_state_dict` puts into auth_state, besides the user data.
const KEYS: &[&str] = &["access_token", "refresh_token", "id_token", "scope", "token_response"];

/// What providers add to it.
const OF_PROVIDERS: &[(&str, &[&str])] = &[
    ("GlobusOAuthenticator", &["client_id", "tokens"]),
    ("GitHubOAuthenticator", &["teams"]),
    ("GoogleOAuthenticator", &["google_groups"]),
];

fn reads_own_state(cx: &Cx<'_>) -> bool {
    let hooked = cx.settings().is_some_and(|settings| settings.is_set("modify_auth_state_hook"));
    hooked || cx.overrides(&["build_auth_state_dict", "get_user_groups", "authenticate", "update_auth_model"])
}

fn leads_nowhere(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let Some(key) = cx.text("auth_state_groups_key").filter(|_| !reads_own_state(cx) && !cx.off("manage_groups"))
    else {
        return;
    };
    let Some(user_key) = settings.class().user_auth_state_key() else { return };
    if dotted_claim(key) {
        return;
    }
    let first = key.split('.').next().unwrap_or_default();
    let added = OF_PROVIDERS.iter().filter(|(class, _)| cx.runs(&[class])).flat_map(|(_, keys)| keys.iter());
    if first == user_key || KEYS.contains(&first) || added.into_iter().any(|known| *known == first) {
        return;
    }
    let meant = match first.strip_suffix("_user").or(first.strip_suffix("user")) {
        Some(_) => format!("{user_key}{}", &key[first.len()..]),
        None => format!("{user_key}.{key}"),
    };
    findings.push(
        cx.at(
            "groups-key-leads-nowhere",
            Level::Error,
            "auth_state_groups_key",
            format!("auth_state has no `{first}`: nobody has any group"),
        )
        .with_note(format!("the key starts at auth_state, in which the user data are under `{user_key}`"))
        .with_fix(format!("write `{meant}`")),
    );
}

fn missing(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if !cx.on("manage_groups") || reads_own_state(cx) || cx.runs(&["GlobusOAuthenticator"]) {
        return;
    }
    if settings.str("auth_state_groups_key") != Ok("") {
        return;
    }
    let user_key = settings.class().user_auth_state_key().unwrap_or_else(|| "oauth_user".into());
    findings.push(
        cx.at(
            "groups-key-missing",
            Level::Warning,
            "manage_groups",
            format!("{} has no auth_state_groups_key: nobody has any group", settings.class().name),
        )
        .with_note("with manage_groups, groups given at /hub/admin are taken away at each login")
        .with_fix(format!("set {}, for example to `{user_key}.groups`", cx.name("auth_state_groups_key"))),
    );
}

/// A claim named by an address, such as `https://example.org/groups`.
fn dotted_claim(key: &str) -> bool {
    key.contains("://")
}

fn dotted(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(key) = cx.text("auth_state_groups_key").filter(|key| dotted_claim(key)) else { return };
    let user_key =
        cx.settings().and_then(|all| all.class().user_auth_state_key()).unwrap_or_else(|| "oauth_user".into());
    let claim = key.strip_prefix(&format!("{user_key}.")).unwrap_or(key);
    findings.push(
        cx.at(
            "dotted-groups-claim",
            Level::Warning,
            "auth_state_groups_key",
            "the key is taken apart at its dots, so this claim is never found",
        )
        .with_fix(format!("use a function: `lambda state: state[\"{user_key}\"][\"{claim}\"]`")),
    );
}

fn globus(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    const SCOPE: &str = "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
    let Some(settings) = cx.settings() else { return };
    if !cx.runs(&["GlobusOAuthenticator"]) || !cx.on("manage_groups") {
        return;
    }
    let adds_itself = ["allowed_globus_groups", "admin_globus_groups"]
        .iter()
        .any(|option| settings.get(option).is_some_and(|setting| setting.value.truth() != Some(false)));
    let Ok(scopes) = settings.list("scope") else { return };
    let asked = scopes.iter().any(|scope| scope.as_str().is_none_or(|scope| scope == SCOPE));
    if asked || adds_itself && !settings.is_set("scope") {
        return;
    }
    findings.push(
        cx.at(
            "globus-groups-scope",
            Level::Error,
            "manage_groups",
            "every login fails with 500: the scope for Globus groups is not asked for",
        )
        .with_note("the class adds it by itself only for allowed_globus_groups and admin_globus_groups")
        .with_fix(format!("add \"{SCOPE}\" to {}", cx.name("scope"))),
    );
}

fn keycloak_path(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let keycloak = cx.effective_text("token_url").is_some_and(|url| url.contains("/protocol/openid-connect/"));
    if !keycloak || !cx.on("manage_groups") {
        return;
    }
    for option in ["allowed_groups", "admin_groups"] {
        let names = cx.names(option);
        if names.is_empty() || names.iter().any(|name| name.starts_with('/')) {
            continue;
        }
        findings.push(
            cx.at(
                "keycloak-group-path",
                Level::Note,
                option,
                "Keycloak's group mapper sends the full path, as in `/staff`, unless told not to",
            )
            .with_fix("turn off \"Full group path\" in the mapper, or write the names with their path"),
        );
        return;
    }
}

fn google_keys(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings().filter(|_| cx.runs(&["GoogleOAuthenticator"])) else { return };
    let Ok(keys) = settings.dict("google_service_account_keys") else { return };
    if settings.complete("google_service_account_keys").is_err() {
        return;
    }
    for option in ["allowed_google_groups", "admin_google_groups"] {
        let Ok(groups) = settings.dict(option) else { continue };
        let Some(domain) = groups.keys().filter_map(crate::value::Value::as_str).find(|domain| !keys.contains(domain))
        else {
            continue;
        };
        findings.push(
            cx.at(
                "google-groups-keys",
                Level::Error,
                option,
                format!("google_service_account_keys has no key for `{domain}`"),
            )
            .with_note(format!("logins of users of that domain end with 500: KeyError: '{domain}'"))
            .with_fix(format!(
                "add `{domain}` with the path of its key file to {}",
                cx.name("google_service_account_keys")
            )),
        );
        return;
    }
}

fn google_administrator(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings().filter(|_| cx.runs(&["GoogleOAuthenticator"])) else { return };
    let Ok(administrators) = settings.dict("gsuite_administrator") else { return };
    let address = administrators.values().filter_map(crate::value::Value::as_str).find(|name| name.contains('@'));
    let Some(address) = address else { return };
    let bare = address.split('@').next().unwrap_or_default();
    findings.push(
        cx.at(
            "google-administrator-address",
            Level::Warning,
            "gsuite_administrator",
            format!("`{address}` already has its domain, which the hub adds again"),
        )
        .with_note("the service account then acts for `name@domain@domain`, whom Google does not know")
        .with_fix(format!("write `{bare}`")),
    );
}
