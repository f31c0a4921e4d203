//! GitHub (`oauthenticator/github.py`): organizations and teams, the user's e-mail addresses.

use super::explain::{asked, has_scope, last_answer, quoted};
use super::python;
use super::{AuthModel, Authenticator, BadEnd, CheckResult, Context, Explanation, base};
use crate::diagnostic::Diagnostic;
use crate::failure::{Raised, Stage};
use crate::http::Answer;
use crate::json;
use crate::value::Value;

/// The most pages that are read of one list; upstream would go on for ever.
const MAX_PAGES: usize = 1000;
/// The scopes with which GitHub shows private memberships.
const ORGANIZATION_SCOPES: &[&str] = &["read:org", "write:org", "admin:org"];

/// `oauthenticator.github.GitHubOAuthenticator`.
pub struct GitHubOAuthenticator;

impl Authenticator for GitHubOAuthenticator {
    fn class(&self) -> &'static str {
        "GitHubOAuthenticator"
    }

    fn auth_state_keys(&self) -> Vec<(&'static str, &'static str)> {
        [base::AUTH_STATE_KEYS, &[("teams", "the teams, with `populate_teams_in_auth_state`")]].concat()
    }

    fn update_auth_model(&self, cx: &Context<'_>, mut model: AuthModel) -> Result<AuthModel, Raised> {
        let user_key = base::user_auth_state_key(cx)?;
        let user_info = python::index(&model.auth_state, &user_key)?;
        let (access_token, token_type) = base::tokens(&model)?;
        let granted = python::get(&model.auth_state, "scope")?.cloned().unwrap_or(Value::List(Vec::new()));
        let email = python::index(user_info, "email")?;
        let may_ask = |scope| python::contains(&granted, scope);
        if !python::truth(email)
            && (may_ask("user")? || may_ask("user:email")?)
            && let Some(email) = primary_email(cx, &access_token, &token_type)?
        {
            let mut user_info = python::dict(user_info, "__setitem__")?.clone();
            user_info.insert("email", email);
            model.set_auth_state(&user_key, Value::Dict(user_info))?;
        }
        if cx.settings.bool("populate_teams_in_auth_state")? {
            cx.settings.complete("scope")?;
            if cx.settings.list("scope")?.contains(&Value::str("read:org")) {
                let url = format!("{}/user/teams?per_page=100", cx.settings.str("github_api")?);
                let teams = paginated_fetch(cx, url, &access_token, &token_type)?;
                model.set_auth_state("teams", teams)?;
            } else {
                cx.warn(no_teams(cx));
            }
        }
        Ok(model)
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, model: &AuthModel) -> Result<bool, Raised> {
        if base::check_allowed(cx, username, model)? {
            return Ok(true);
        }
        let organizations = cx.settings.set("allowed_organizations")?;
        if organizations.is_empty() {
            cx.decide("allowed_organizations", CheckResult::Skip, "no organization is listed");
            return Ok(false);
        }
        let (access_token, token_type) = base::tokens(model)?;
        for org_team in organizations.iter().filter(|item| item.find_unknown().is_none()) {
            if is_member(cx, org_team, username, &access_token, &token_type)? {
                let because = format!("{} is a member of {}", username.repr(), org_team.to_text());
                cx.decide("allowed_organizations", CheckResult::Allow, because);
                return Ok(true);
            }
        }
        cx.settings.complete("allowed_organizations")?;
        let because = format!("{} is not seen as a member of {}", username.repr(), quoted(organizations));
        cx.decide("allowed_organizations", CheckResult::Skip, because);
        Ok(false)
    }

    fn api_option(&self) -> Option<&'static str> {
        Some("github_api")
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        if end.stage != Stage::Decision {
            return None;
        }
        match end.raised {
            None => not_a_member(cx, end.turned_away()?),
            Some(Raised::Exception { class: "ValueError", message }) if message.contains("values to unpack") => {
                Some(Explanation::of(
                    "allowed_organizations",
                    "organization-invalid",
                    "an entry with more than one colon is no `organization:team`, and every login that comes to it fails",
                    format!("write teams as `organization:team` in {}", cx.settings.name_of("allowed_organizations")),
                ))
            }
            Some(_) => refused(cx, end),
        }
    }
}

/// The user's private address, where the public profile shows none.
fn primary_email(cx: &Context<'_>, access_token: &Value, token_type: &Value) -> Result<Option<Value>, Raised> {
    let url = format!("{}/user/emails", cx.settings.str("github_api")?);
    let emails = base::fetch_json(cx, &call(cx, url, access_token, token_type)?)?;
    for email in python::iterate(&emails)? {
        if python::truth(python::index(&email, "primary")?) {
            return python::index(&email, "email").cloned().map(Some);
        }
    }
    Ok(None)
}

fn call(cx: &Context<'_>, url: String, access_token: &Value, token_type: &Value) -> Result<crate::http::Call, Raised> {
    let headers = base::build_userdata_request_headers(access_token, token_type)?;
    Ok(base::decision_call(url, headers, Some(cx.settings.bool("validate_server_cert")?)))
}

/// `_paginated_fetch`: page after page, as the `Link` header leads.
fn paginated_fetch(
    cx: &Context<'_>,
    mut url: String,
    access_token: &Value,
    token_type: &Value,
) -> Result<Value, Raised> {
    cx.not_overridden("_paginated_fetch")?;
    let mut content = Vec::new();
    for _ in 0..MAX_PAGES {
        let answer = cx.fetch(&call(cx, url, access_token, token_type)?)?;
        content.extend(python::iterate(&page(&answer)?)?);
        match answer.joined_header("link").and_then(|links| next_link(&links)) {
            Some(next) => url = next,
            None => return Ok(Value::List(content)),
        }
    }
    Err(Raised::Unsupported {
        what: format!("the user's teams go on after {MAX_PAGES} pages; the hub would read for ever"),
        setting: Some(cx.settings.name_of("populate_teams_in_auth_state")),
        span: cx.settings.span_of("populate_teams_in_auth_state").cloned(),
    })
}

/// `json.loads(resp.body.decode())`, which takes neither an empty body nor bytes that are no UTF-8.
fn page(answer: &Answer) -> Result<Value, Raised> {
    let text = std::str::from_utf8(&answer.body)
        .map_err(|error| Raised::exception("UnicodeDecodeError", format!("'utf-8' codec can't decode: {error}")))?;
    json::parse(text).map_err(|error| Raised::exception(error.kind.exception(), error.to_string()))
}

/// The first link with `rel="next"`, by the rules of `requests.utils.parse_header_links`.
fn next_link(header: &str) -> Option<String> {
    let blank = [' ', '\'', '"'];
    let header = header.trim_matches(blank);
    split_links(header).into_iter().find_map(|link| {
        let (url, params) = link.split_once(';').unwrap_or((link, ""));
        let mut rel = None;
        for param in params.split(';') {
            match param.split('=').collect::<Vec<_>>()[..] {
                [name, value] if name.trim_matches(blank) == "rel" => rel = Some(value.trim_matches(blank)),
                [_, _] => {}
                _ => break,
            }
        }
        (rel == Some("next")).then(|| url.trim_matches(['<', '>', ' ', '\'', '"']).to_owned())
    })
}

/// `re.split(", *<", header)`.
fn split_links(header: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(comma) = header[from..].find(',').map(|at| from + at) {
        let after = header[comma + 1..].trim_start_matches(' ');
        from = comma + 1;
        if after.starts_with('<') {
            links.push(&header[start..comma]);
            start = header.len() - after.len() + 1;
            from = start;
        }
    }
    links.push(&header[start..]);
    links
}

/// `_check_membership_allowed_organizations`: 204 is a member, anything else is none; the answer's `message` is read
/// for the log, which fails where a JSON answer is no object.
fn is_member(
    cx: &Context<'_>,
    org_team: &Value,
    username: &Value,
    access_token: &Value,
    token_type: &Value,
) -> Result<bool, Raised> {
    cx.not_overridden("_check_membership_allowed_organizations")?;
    let group = match python::contains(org_team, ":")? {
        false => format!("orgs/{}", org_team.to_text()),
        true => match python::text(org_team, "split")?.split(':').collect::<Vec<_>>()[..] {
            [org, team] => format!("orgs/{org}/teams/{team}"),
            _ => return Err(Raised::exception("ValueError", "too many values to unpack (expected 2)")),
        },
    };
    let url = format!("{}/{group}/members/{}", cx.settings.str("github_api")?, username.to_text());
    let answer = cx.http.fetch_any(&call(cx, url, access_token, token_type)?)?;
    if answer.status == 204 {
        return Ok(true);
    }
    match json::parse(&answer.text()) {
        Ok(body) => python::dict(&body, "get").map(|_| false),
        Err(error) if error.kind == json::ErrorKind::Recursion => {
            Err(Raised::exception(error.kind.exception(), error.to_string()))
        }
        Err(_) => Ok(false),
    }
}

fn no_teams(cx: &Context<'_>) -> Diagnostic {
    let setting = cx.settings.name_of("scope");
    Diagnostic::warning("scope-missing", "populate_teams_in_auth_state does nothing without the scope `read:org`")
        .with_span(cx.settings.span_of("populate_teams_in_auth_state").cloned())
        .with_setting(cx.settings.name_of("populate_teams_in_auth_state"))
        .with_fix(format!("add `read:org` to {setting}"))
}

/// Why a user counts as no member: mostly since GitHub does not show it to this token.
fn not_a_member(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let organizations = cx.settings.set("allowed_organizations").ok().filter(|set| !set.is_empty())?;
    let who = model.name.to_text();
    let setting = cx.settings.name_of("allowed_organizations");
    let explain = |code, message, fix| Some(Explanation::of("allowed_organizations", code, message, fix));
    let wanted = quoted(organizations);
    let odd = organizations.iter().map(Value::to_text).find(|name| name.contains(['/', ' ']));
    if let Some(odd) = odd {
        let message = format!("GitHub does not show `{who}` as a member of {wanted}");
        let fix = format!(
            "write `{odd}` in {setting} as it stands in GitHub's addresses: `organization` or `organization:team`"
        );
        return explain("organization-invalid", message, fix);
    }
    let answers: Vec<Answer> = asked(cx).into_iter().filter_map(|exchange| exchange.answer).collect();
    let restricted = answers.iter().any(|answer| {
        answer.status == 403 && (answer.header("x-github-sso").is_some() || answer.text().contains("OAuth App access"))
    });
    if restricted {
        let message = format!("an organization hides its members from this application: {}", last_answer(cx));
        let fix = "let an owner of the organization approve the OAuth app (third-party access), and the user authorize it for single sign-on";
        return explain("organization-restricted", message, fix.to_owned());
    }
    let granted = answers.iter().find_map(|answer| answer.header("x-oauth-scopes").map(Value::str));
    let granted = match granted {
        Some(granted) => vec![granted],
        None => cx.settings.list("scope").unwrap_or_default().to_vec(),
    };
    if !has_scope(&granted, ORGANIZATION_SCOPES) {
        let message = format!(
            "GitHub does not show `{who}` as a member of {wanted}; without the scope `read:org` it shows public memberships only"
        );
        return explain("scope-missing", message, format!("add `read:org` to {}", cx.settings.name_of("scope")));
    }
    let message = format!("GitHub does not show `{who}` as a member of {wanted}");
    let fix = format!(
        "add one of the user's organizations to {setting}, see that the organization has approved the OAuth app, or add `{who}` to {}",
        cx.settings.name_of("allowed_users")
    );
    explain("not-allowed", message, fix)
}

/// A list that GitHub does not give.
fn refused(cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
    let status = end.client_status().filter(|status| matches!(status, 401 | 403 | 404))?;
    let last = asked(cx).pop()?;
    let (what, scope) =
        if last.url.contains("/user/emails") { ("e-mail addresses", "user:email") } else { ("teams", "read:org") };
    let limited = last.answer.as_ref().is_some_and(|answer| answer.header("x-ratelimit-remaining") == Some("0"));
    if limited {
        let fix = "GitHub's limit of requests is used up: wait until it is renewed".to_owned();
        return Some(Explanation { code: "rate-limited", message: last_answer(cx), option: None, fix });
    }
    let message = format!("GitHub does not give the user's {what}: {}", last_answer(cx));
    let fix = match status {
        404 => format!(
            "see that {} is right, and that the token has the scope `{scope}`",
            cx.settings.name_of("github_api")
        ),
        _ => format!("add `{scope}` to {}, and see that the token was granted it", cx.settings.name_of("scope")),
    };
    Some(Explanation::of("scope", "scope-missing", message, fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values are those of requests 2.34's parse_header_links, and of the loop in upstream's _paginated_fetch.
    #[test]
    fn the_next_page_is_the_one_that_requests_finds() {
        let next = |header: &str| next_link(header).unwrap_or_default();
        assert_eq!(next(r#"<https://h/a?page=0>; rel="prev", <https://h/a?page=2>; rel="next""#), "https://h/a?page=2");
        assert_eq!(next(r#"<https://h/a,b>; title="x"; rel='next'"#), "https://h/a,b");
        assert_eq!(next(r#"<https://h/a>; title="x=y"; rel="next""#), "");
        assert_eq!(next(r#"<https://h/a;page=2>; rel="next""#), "https://h/a");
        assert_eq!(next(r#"<https://h/a>; rel="next last""#), "");
        assert_eq!(next(r#"<https://h/a>; rel="prev"; rel=next"#), "https://h/a");
        assert_eq!(next(r#"<https://h/a>; rel="prev" <https://h/b>; rel="next""#), "https://h/a");
        assert_eq!(next("'\" "), "");
    }
}
