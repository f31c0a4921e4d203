//! User names that can never be those of a user, or that mean something else than they read.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::pyregex::Pattern;
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("invalid-username", Error, "", "a listed name is one the hub refuses to start with", invalid_username),
    rule!("one-letter-names", Error, "", "a name was taken apart into letters", one_letter_names),
    rule!("unsplit-names", Warning, "", "several names stand in one text", unsplit_names),
    rule!("uppercase-blocked-user", Error, "", "a blocked name with capitals blocks nobody", uppercase_blocked),
    rule!("uppercase-map-key", Warning, "", "a key of username_map with capitals matches nobody", uppercase_map_key),
    rule!("chained-username-map", Warning, "", "username_map is applied twice", chained_map),
    rule!("email-in-user-list", Warning, "", "e-mail addresses where names have no @", email_in_list),
    rule!("claim-is-a-username", Warning, "", "username_claim holds a user's name", claim_is_a_name),
    rule!("default-username-claim", Warning, "", "an OIDC provider sends no `username`", default_claim),
    rule!("display-name-as-username", Warning, "", "AzureAdOAuthenticator takes the display name", display_name),
    rule!("email-claim-often-empty", Warning, "", "GitHub's email is empty for most users", github_email),
];

/// The lists that the hub normalises and validates when it starts.
const LISTS: [&str; 2] = ["admin_users", "allowed_users"];

/// Whether names are normalised in upstream's usual way: lower case, then the map.
fn lowers(cx: &Cx<'_>) -> bool {
    !cx.runs(&["MWOAuthenticator"]) && !cx.overrides(&["normalize_username"])
}

fn normalize(cx: &Cx<'_>, name: &str) -> Option<String> {
    if cx.overrides(&["normalize_username"]) {
        return None;
    }
    if cx.runs(&["MWOAuthenticator"]) {
        return Some(name.replace(' ', "_"));
    }
    let lower = name.to_lowercase();
    let map = cx.settings()?.dict("username_map").ok()?;
    match map.get(&lower) {
        Some(Value::Str(mapped)) => Some(mapped.clone()),
        Some(_) => None,
        None => Some(lower),
    }
}

/// `Authenticator.validate_username`, as `JupyterHub.init_users` asks it of every listed name.
fn invalid_username(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if cx.overrides(&["validate_username"]) {
        return;
    }
    let pattern = settings.str("username_pattern").ok().and_then(|pattern| Pattern::new(pattern).ok());
    for option in LISTS {
        for name in cx.names(option) {
            let Some(normal) = normalize(cx, name) else { continue };
            let (why, fix) = if normal.is_empty() {
                ("is empty", "remove the empty name; splitting an empty text gives one".to_owned())
            } else if normal.contains('/') {
                ("holds a slash", "write a name without `/`".to_owned())
            } else if normal.chars().all(|c| c == '.') {
                ("is nothing but dots", "remove it".to_owned())
            } else if normal.trim() != normal {
                ("begins or ends with a blank", format!("write `{}`", normal.trim()))
            } else if pattern.as_ref().is_some_and(|pattern| pattern.matches_start(&normal) == Ok(false)) {
                ("does not match username_pattern", "widen username_pattern, or remove the name".to_owned())
            } else {
                continue;
            };
            let mut finding = cx
                .at(
                    "invalid-username",
                    Level::Error,
                    option,
                    format!("the hub does not start: the name `{name}` in {option} {why}"),
                )
                .with_note(format!("it ends with: ValueError: username {} is not valid", Value::str(&normal).repr()));
            if let Some(span) = cx.place("username_pattern").filter(|_| why.contains("pattern")) {
                finding = finding.with_label(span, "the pattern");
            }
            finding = finding.with_fix(fix);
            if normal.is_empty()
                && let Some(variable) = unset_variable(cx, option)
            {
                finding.level = Level::Warning;
                finding.message = format!(
                    "the hub does not start unless the variable {variable} is set: without it, {option} holds an empty name"
                );
                finding = finding.with_fix("set it, or drop empty names: `{name for name in ….split(',') if name}`");
            }
            findings.push(finding);
            break;
        }
    }
}

/// The variable that an empty name comes from: unset here, and perhaps set on the hub.
fn unset_variable<'c>(cx: &'c Cx<'_>, option: &str) -> Option<&'c str> {
    let env = &cx.loaded.env;
    let asked: Vec<_> = env.defaulted.iter().filter(|(name, _)| !env.of_the_hub && env.get(name).is_none()).collect();
    let place = cx.place(option)?;
    let near = asked.iter().find(|(_, at)| at.file == place.file && (place.line..=place.end_line).contains(&at.line));
    let above = asked.iter().rev().find(|(_, at)| at.file == place.file && at.line <= place.line);
    near.or(above).map(|(name, _)| name.as_str())
}

fn one_letter_names(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let of_provider = cx.set_options().map(|(option, _)| option).filter(|option| {
        !LISTS.contains(option) && ["allowed_", "admin_", "blocked_"].iter().any(|start| option.starts_with(start))
    });
    for option in LISTS.into_iter().chain(of_provider) {
        let names = cx.names(option);
        if names.len() < 3 || names.iter().any(|name| name.chars().count() != 1) {
            continue;
        }
        let letters: String = names.concat();
        findings.push(
            cx.at(
                "one-letter-names",
                Level::Error,
                option,
                format!("{option} holds single letters: a text was taken apart"),
            )
            .with_note(format!("`set('…')` makes a set of the letters of a text, here {letters}"))
            .with_fix("write the name in braces, as in `{'alice'}`"),
        );
    }
}

fn unsplit_names(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for option in LISTS.into_iter().chain(["blocked_users", "allowed_groups", "admin_groups"]) {
        let Some(name) =
            cx.names(option).into_iter().find(|name| name.trim().contains([',', ';', '\n']) && !name.contains('='))
        else {
            continue;
        };
        let parts: Vec<String> = name
            .split([',', ';', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| Value::str(part).repr())
            .collect();
        findings.push(
            cx.at(
                "unsplit-names",
                Level::Warning,
                option,
                format!("{option} holds one name, `{}`, not several", name.trim()),
            )
            .with_note("a single text is one item; the hub does not split it")
            .with_fix(format!("write them apart: {{{}}}", parts.join(", "))),
        );
    }
}

fn uppercase_blocked(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let names = cx.names("blocked_users");
    let Some((name, (normal, why))) = names.into_iter().find_map(|name| Some((name, never(cx, name)?))) else { return };
    findings.push(
        cx.at(
            "uppercase-blocked-user",
            Level::Error,
            "blocked_users",
            format!("`{name}` in blocked_users blocks nobody"),
        )
        .with_note(why)
        .with_fix(format!("write `{normal}`")),
    );
}

/// What a name that nobody can have when `blocked_users` is asked has become by then, and why.
fn never(cx: &Cx<'_>, name: &str) -> Option<(String, String)> {
    if cx.runs(&["MWOAuthenticator"]) {
        let blank = name.contains(' ') && !cx.overrides(&["normalize_username"]);
        let why = "the class writes `_` for a blank before the hub compares, and blocked_users is not changed for it";
        return blank.then(|| (name.replace(' ', "_"), why.to_owned()));
    }
    if !lowers(cx) {
        return None;
    }
    if name.to_lowercase() != name {
        let why = "names are in lower case when the hub compares them, and blocked_users is not lowered for it";
        return Some((name.to_lowercase(), why.to_owned()));
    }
    let map = cx.settings()?.dict("username_map").ok()?;
    let mapped = map.get(name)?.as_str().filter(|mapped| *mapped != name)?;
    let own = map.values().any(|other| other.as_str() == Some(name));
    (!own).then(|| (mapped.to_owned(), format!("username_map makes `{mapped}` of it before the hub compares")))
}

fn uppercase_map_key(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(map) = cx.settings().and_then(|settings| settings.dict("username_map").ok()) else { return };
    if !lowers(cx) {
        return;
    }
    let capital = map.keys().filter_map(Value::as_str).find(|key| key.to_lowercase() != *key);
    let Some(key) = capital else { return };
    findings.push(
        cx.at(
            "uppercase-map-key",
            Level::Warning,
            "username_map",
            format!("the key `{key}` of username_map matches nobody"),
        )
        .with_note("the hub lowers a name before it looks it up")
        .with_fix(format!("write `{}`", key.to_lowercase())),
    );
}

fn chained_map(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(map) = cx.settings().and_then(|settings| settings.dict("username_map").ok()) else { return };
    if !lowers(cx) {
        return;
    }
    for (key, value) in map.iter() {
        let (Some(key), Some(value)) = (key.as_str(), value.as_str()) else { continue };
        let Some(next) = map.get(&value.to_lowercase()).and_then(Value::as_str) else { continue };
        if key != value && next != value {
            findings.push(
                cx.at(
                    "chained-username-map",
                    Level::Warning,
                    "username_map",
                    format!("`{key}` becomes `{next}`, not `{value}`: username_map is applied twice"),
                )
                .with_note("oauthenticator maps the name once, and JupyterHub maps the result again")
                .with_fix(format!("map `{key}` to a name that is no key itself")),
            );
            return;
        }
    }
}

/// GitHub, GitLab and Bitbucket names have no `@`; Google's lose their domain where there is one hosted domain or none.
fn email_in_list(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if cx.overrides(&[
        "user_info_to_username",
        "normalize_username",
        "check_allowed",
        "authenticate",
        "update_auth_model",
    ]) {
        return;
    }
    let mapped = settings.get("username_map").is_none_or(|map| map.value.truth() != Some(false));
    let why = if mapped {
        return;
    } else if cx.runs(&["GitHubOAuthenticator"]) && settings.str("username_claim") == Ok("login") {
        "GitHub's logins hold no `@`"
    } else if cx.runs(&["GitLabOAuthenticator"]) && settings.str("username_claim") == Ok("username") {
        "GitLab's user names hold no `@`"
    } else if cx.runs(&["GoogleOAuthenticator"])
        && cx.on("strip_domain")
        && settings.str("username_claim") == Ok("email")
    {
        "with one hosted domain or none, `@…` is stripped from the name before it is compared"
    } else {
        return;
    };
    for option in LISTS.into_iter().chain(["blocked_users"]) {
        let Some(name) = cx.names(option).into_iter().find(|name| name.contains('@')) else { continue };
        let bare = name.split('@').next().unwrap_or(name);
        findings.push(
            cx.at(
                "email-in-user-list",
                Level::Warning,
                option,
                format!("`{name}` in {option} is nobody's name on this hub"),
            )
            .with_note(why)
            .with_fix(format!("write the name as the hub has it, perhaps `{bare}`")),
        );
    }
}

fn claim_is_a_name(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    const CLAIMS: &[&str] = &["name", "email", "login", "username", "sub", "upn", "oid", "nickname", "uid", "user"];
    let Some(claim) = cx.text("username_claim") else { return };
    if CLAIMS.contains(&claim) || !LISTS.iter().any(|option| cx.names(option).contains(&claim)) {
        return;
    }
    findings.push(
        cx.at(
            "claim-is-a-username",
            Level::Warning,
            "username_claim",
            format!("username_claim is `{claim}`, which is a user's name"),
        )
        .with_note("it is the key of the user data under which the name is found, not a name")
        .with_fix("name the claim, such as `preferred_username`"),
    );
}

fn default_claim(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let generic = matches!(settings.class().def.name, "GenericOAuthenticator" | "LocalGenericOAuthenticator");
    if !generic || settings.is_set("username_claim") || cx.overrides(&["user_info_to_username", "authenticate"]) {
        return;
    }
    let urls = ["token_url", "userdata_url"].map(|option| cx.effective_text(option).unwrap_or_default());
    let oidc = urls.iter().any(|url| {
        ["/protocol/openid-connect/", "/application/o/", "/oauth2/v1/", "login.microsoftonline.com", "googleapis.com"]
            .iter()
            .any(|part| url.contains(part))
    });
    if !oidc || !cx.complete() || settings.str("username_claim") != Ok("username") {
        return;
    }
    findings.push(
        cx.at(
            "default-username-claim",
            Level::Warning,
            "userdata_url",
            "username_claim is not set, and this provider sends no `username`",
        )
        .with_setting(settings.name_of("username_claim"))
        .with_note("every login then ends with 500: No username found")
        .with_fix(format!("set {} = \"preferred_username\"", cx.name("username_claim"))),
    );
}

fn display_name(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let own = cx.overrides(&["user_info_to_username", "authenticate", "normalize_username"]);
    if !cx.runs(&["AzureAdOAuthenticator"]) || settings.is_set("username_claim") || own {
        return;
    }
    if settings.str("username_claim") != Ok("name") || !cx.complete() {
        return;
    }
    findings.push(
        Diagnostic::warning(
            "display-name-as-username",
            "users are known by their display name, which others can have too",
        )
        .with_span(cx.hub.class_origin.span().cloned())
        .with_setting(settings.name_of("username_claim"))
        .with_note("AzureAdOAuthenticator.username_claim is `name` unless it is set")
        .with_fix(format!("set {} to `upn`, `preferred_username` or `oid`", cx.name("username_claim"))),
    );
}

fn github_email(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if !cx.runs(&["GitHubOAuthenticator"]) || cx.text("username_claim") != Some("email") {
        return;
    }
    findings.push(
        cx.at(
            "email-claim-often-empty",
            Level::Warning,
            "username_claim",
            "most GitHub users have no public e-mail address",
        )
        .with_note("GitHub then sends null, and the login ends with 500: No email found")
        .with_fix("keep `login`"),
    );
}
