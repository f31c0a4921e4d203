//! Bitbucket (`oauthenticator/bitbucket.py`): members of workspaces, which upstream still calls teams.

use super::explain::{asked, last_answer, quoted};
use super::python::{self, type_error};
use super::{AuthModel, Authenticator, BadEnd, CheckResult, Context, Explanation, base};
use crate::failure::{Raised, Stage};
use crate::json;
use crate::value::{Set, Value};

/// Upstream has no option for it.
const WORKSPACES: &str = "https://api.bitbucket.org/2.0/workspaces?role=member";
/// The most pages that are read; upstream would go on for ever.
const MAX_PAGES: usize = 1000;

/// `oauthenticator.bitbucket.BitbucketOAuthenticator`.
pub struct BitbucketOAuthenticator;

impl Authenticator for BitbucketOAuthenticator {
    fn class(&self) -> &'static str {
        "BitbucketOAuthenticator"
    }

    fn auth_state_keys(&self) -> Vec<(&'static str, &'static str)> {
        [base::AUTH_STATE_KEYS, &[("user_teams", "the workspaces, where `allowed_teams` asks for them")]].concat()
    }

    fn update_auth_model(&self, cx: &Context<'_>, mut model: AuthModel) -> Result<AuthModel, Raised> {
        let mut teams = Set::new();
        if !cx.settings.set("allowed_teams")?.is_empty() {
            cx.not_overridden("_fetch_user_teams")?;
            let (access_token, token_type) = base::tokens(&model)?;
            teams = fetch_user_teams(cx, &access_token, &token_type)?;
        }
        model.set_auth_state("user_teams", python::listed(&teams))?;
        Ok(model)
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, model: &AuthModel) -> Result<bool, Raised> {
        if base::check_allowed(cx, username, model)? {
            return Ok(true);
        }
        let allowed = cx.settings.set("allowed_teams")?;
        if allowed.is_empty() {
            cx.decide("allowed_teams", CheckResult::Skip, "no workspace is listed");
            return Ok(false);
        }
        let teams = python::get(&model.auth_state, "user_teams")?.map_or(Ok(Set::new()), python::to_set)?;
        if let Some(team) = teams.iter().find(|team| allowed.contains(team)) {
            cx.decide("allowed_teams", CheckResult::Allow, format!("the user is in {}", team.to_text()));
            return Ok(true);
        }
        cx.settings.complete("allowed_teams")?;
        cx.decide("allowed_teams", CheckResult::Skip, said_teams(&teams, allowed));
        Ok(false)
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        if end.stage != Stage::Decision {
            return None;
        }
        match end.raised {
            None => not_a_member(cx, end.turned_away()?),
            Some(_) => refused(cx, end),
        }
    }
}

/// `_fetch_user_teams`: page after page, as `next` leads.
fn fetch_user_teams(cx: &Context<'_>, access_token: &Value, token_type: &Value) -> Result<Set, Raised> {
    let headers = base::build_userdata_request_headers(access_token, token_type)?;
    let mut next_page = Value::str(WORKSPACES);
    let mut teams = Set::new();
    for _ in 0..MAX_PAGES {
        let Value::Str(url) = &next_page else {
            let class = next_page.type_name();
            return Err(type_error(format!("Expected bytes, unicode, or None; got <class '{class}'>")));
        };
        let page = base::fetch_json(cx, &base::decision_call(url.clone(), headers.clone(), None))?;
        next_page = python::get(&page, "next")?.cloned().unwrap_or(Value::None);
        let entries = python::iterate(python::index(&page, "values")?)?;
        let names: Vec<Value> =
            entries.iter().map(|entry| python::index(entry, "name").cloned()).collect::<Result<_, _>>()?;
        for name in python::to_set(&Value::List(names))?.iter() {
            python::add(&mut teams, name.clone())?;
        }
        if !python::truth(&next_page) {
            return Ok(teams);
        }
    }
    Err(Raised::Unsupported {
        what: format!("the user's workspaces go on after {MAX_PAGES} pages; the hub would read for ever"),
        setting: Some(cx.settings.name_of("allowed_teams")),
        span: cx.settings.span_of("allowed_teams").cloned(),
    })
}

fn said_teams(teams: &Set, allowed: &Set) -> String {
    match teams.is_empty() {
        true => format!("the user is in no workspace, and {} would be needed", quoted(allowed)),
        false => format!("the user is in {}, and {} would be needed", quoted(teams), quoted(allowed)),
    }
}

/// The hub compares names, while addresses show slugs.
fn not_a_member(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let allowed = cx.settings.set("allowed_teams").ok().filter(|set| !set.is_empty())?;
    let teams = model.auth_state.get("user_teams").and_then(|teams| python::to_set(teams).ok()).unwrap_or_default();
    let who = model.name.to_text();
    let setting = cx.settings.name_of("allowed_teams");
    let message = format!("`{who}` is not let in by allowed_teams: {}", said_teams(&teams, allowed));
    let slug = slugs(cx).into_iter().find(|(slug, name)| slug != name && allowed.contains_str(slug));
    let fix = match slug {
        Some((slug, name)) => {
            format!("write `{name}` instead of `{slug}` in {setting}: the hub compares display names, not slugs")
        }
        None => format!(
            "add one of the user's workspaces, by its display name, to {setting}, or add `{who}` to {}",
            cx.settings.name_of("allowed_users")
        ),
    };
    Some(Explanation::of("allowed_teams", "not-allowed", message, fix))
}

/// Slug and name of every workspace that was shown.
fn slugs(cx: &Context<'_>) -> Vec<(String, String)> {
    let pages = asked(cx).into_iter().filter_map(|exchange| json::parse(&exchange.answer?.text()).ok());
    let entries = pages.filter_map(|page| page.get("values")?.iterate()).flatten();
    let text = |entry: &Value, key| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    entries.filter_map(|entry| Some((text(&entry, "slug")?, text(&entry, "name")?))).collect()
}

/// A list that Bitbucket does not give, mostly since the consumer may not ask for it.
fn refused(cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
    let message = match end.client_status() {
        Some(401 | 403) => format!("Bitbucket does not give the user's workspaces: {}", last_answer(cx)),
        Some(404 | 410) => format!("Bitbucket no longer knows the address that the hub asks: {}", last_answer(cx)),
        _ => return None,
    };
    let fix = "give the OAuth consumer the permission `account`, or do without allowed_teams";
    Some(Explanation::of("allowed_teams", "scope-missing", message, fix))
}
