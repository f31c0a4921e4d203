//! Scopes that are asked for, against what the other options need.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("missing-scope", Warning, "", "a rule needs a scope that is not asked for", missing),
    rule!("missing-openid-scope", Warning, "", "an OIDC provider is not asked for openid", openid),
    rule!("missing-email-scope", Warning, "", "the name is an e-mail address that is not asked for", email),
    rule!("azure-v2-without-scope", Warning, "", "Microsoft's version 2 endpoint needs the scope with the code", azure),
];

/// The scopes that are asked for; `None` where one is unknown.
fn scopes<'a>(cx: &Cx<'a>) -> Option<Vec<&'a str>> {
    let items = cx.settings()?.list("scope").ok()?;
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    Some(texts?.iter().flat_map(|text| text.split([' ', ','])).filter(|scope| !scope.is_empty()).collect())
}

fn missing(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let Some(asked) = scopes(cx) else { return };
    if settings
        .get("extra_authorize_params")
        .is_some_and(|params| params.value.get("scope").is_some() || params.value.find_unknown().is_some())
    {
        return;
    }
    if !cx.complete()
        && !settings.is_set("scope")
        && !cx.loaded.config.is_empty()
        && settings.str("client_id") == Ok("")
    {
        return;
    }
    let needs: &[(&str, &[&str], &[&str], &str)] = if cx.runs(&["GitHubOAuthenticator"]) {
        &[
            (
                "allowed_organizations",
                &["read:org", "write:org", "admin:org"],
                &["read:org"],
                "GitHub then shows only public members",
            ),
            (
                "populate_teams_in_auth_state",
                &["read:org", "write:org", "admin:org"],
                &["read:org"],
                "GitHub then shows no teams",
            ),
        ]
    } else if cx.runs(&["GitLabOAuthenticator"]) {
        &[
            (
                "allowed_gitlab_groups",
                &["read_api", "api"],
                &["read_api"],
                "GitLab then answers 403 insufficient_scope",
            ),
            ("allowed_project_ids", &["read_api", "api"], &["read_api"], "GitLab then answers 403 insufficient_scope"),
        ]
    } else {
        return;
    };
    for (option, enough, wanted, consequence) in needs {
        let used =
            settings.get(option).is_some_and(|setting| setting.value.truth() == Some(true)) && settings.is_set(option);
        if !used || asked.iter().any(|scope| enough.contains(scope)) {
            continue;
        }
        // GitLab's own default scope for an application is what was ticked there.
        findings.push(
            cx.at(
                "missing-scope",
                Level::Warning,
                option,
                format!("{option} needs the scope {}, which is not asked for", wanted[0]),
            )
            .with_note(*consequence)
            .with_fix(format!("set {} = [{}]", cx.name("scope"), with(&asked, wanted[0]))),
        );
        return;
    }
}

fn with(asked: &[&str], more: &str) -> String {
    asked.iter().copied().chain([more]).map(|scope| format!("\"{scope}\"")).collect::<Vec<_>>().join(", ")
}

fn openid(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let generic =
        matches!(settings.class().def.name, "GenericOAuthenticator" | "LocalGenericOAuthenticator" | "OAuthenticator");
    // Microsoft's first version sends an id_token to whoever asks for no scope at all.
    let azure = cx.runs(&["AzureAdOAuthenticator"]) && settings.is_set("scope");
    let Some(asked) = scopes(cx).filter(|asked| (generic || azure && !asked.is_empty()) && !asked.contains(&"openid"))
    else {
        return;
    };
    let params = ["extra_authorize_params", "token_params"];
    if params.iter().any(|option| settings.get(option).is_some_and(|params| params.value.get("scope").is_some())) {
        return;
    }
    let userdata = cx.effective_text("userdata_url").unwrap_or_default();
    let from_token = cx.on("userdata_from_id_token");
    let keycloak = userdata.contains("/protocol/openid-connect/");
    let google = userdata.contains("openidconnect.googleapis.com");
    let okta = userdata.contains(".okta.com/");
    let cognito = userdata.contains(".amazoncognito.com/");
    if !cx.complete() || !(from_token || keycloak || google || okta || cognito || azure) {
        return;
    }
    let option = if settings.is_set("scope") {
        "scope"
    } else if from_token {
        "userdata_from_id_token"
    } else {
        "userdata_url"
    };
    let note = match () {
        () if from_token => "the provider sends no id_token without it, and the login ends with 500",
        () if azure => "without it there is no id_token, and the login ends with 500: KeyError: 'id_token'",
        () if keycloak => "Keycloak since 19 answers 403 with an empty body without it",
        () => "the provider refuses to show user data without it",
    };
    let level = if from_token { Level::Note } else { Level::Warning };
    findings.push(
        cx.at("missing-openid-scope", level, option, "the scope `openid` is not asked for")
            .with_setting(settings.name_of("scope"))
            .with_note(note)
            .with_fix(format!(
                "set {} = [{}]",
                cx.name("scope"),
                with(&["openid"], if asked.is_empty() { "profile" } else { asked[0] })
            )),
    );
}

fn email(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if settings.str("username_claim") != Ok("email")
        || cx.runs(&["GitHubOAuthenticator", "GitLabOAuthenticator", "CILogonOAuthenticator"])
    {
        return;
    }
    let Some(asked) = scopes(cx) else { return };
    let auth0 = cx.runs(&["Auth0OAuthenticator"]) && cx.complete();
    let userdata = cx.effective_text("userdata_url").unwrap_or_default();
    let strict = auth0
        || [".okta.com/", "googleapis.com", ".auth0.com/", "microsoft"].iter().any(|host| userdata.contains(host));
    let level = if strict { Level::Warning } else { Level::Note };
    let oidc = asked.contains(&"openid");
    if asked.contains(&"email") || !(oidc || auth0) {
        return;
    }
    let option = if settings.is_set("scope") { "scope" } else { "username_claim" };
    let mut finding = cx.at(
        "missing-email-scope",
        level,
        option,
        "users are known by `email`, but the scope `email` is not asked for",
    );
    if finding.span.is_none() {
        finding = finding.with_span(cx.hub.class_origin.span().cloned());
    }
    let mut wanted = asked.clone();
    if !oidc {
        wanted.push("openid");
    }
    findings.push(
        finding
            .with_note("the provider then sends no e-mail address, and the login ends with 500: No email found")
            .with_fix(format!("set {} = [{}]", cx.name("scope"), with(&wanted, "email"))),
    );
}

fn azure(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let v2 =
        cx.text("token_url").is_some_and(|url| url.contains("login.microsoftonline.") && url.contains("/oauth2/v2.0/"));
    let Ok(params) = settings.dict("token_params") else { return };
    if !v2
        || params.contains("scope")
        || settings.complete("token_params").is_err()
        || cx.runs(&["AzureAdOAuthenticator"]) && !settings.is_set("token_url")
    {
        return;
    }
    if cx.overrides(&["build_access_tokens_request_params", "get_token_info", "authenticate"]) {
        return;
    }
    findings.push(
        cx.at(
            "azure-v2-without-scope",
            Level::Warning,
            "token_url",
            "Microsoft's version 2 endpoint may want the scope in the token request, too",
        )
        .with_note("it answers AADSTS90014: The required field 'scope' is missing")
        .with_fix(format!("set {} = {{\"scope\": \"openid profile email\"}}", cx.name("token_params"))),
    );
}
