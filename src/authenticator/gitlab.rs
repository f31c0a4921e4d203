//! GitLab (`oauthenticator/gitlab.py`): members of groups, developers of projects.

use num_bigint::BigInt;

use super::explain::{asked, has_scope, last_answer, quoted};
use super::python::{self, type_error};
use super::{AuthModel, Authenticator, BadEnd, CheckResult, Context, Explanation, base};
use crate::failure::{Raised, Stage};
use crate::http::Call;
use crate::pyurl::quote_plus;
use crate::value::{Set, Value};

/// The access level of a developer, from which on a project's members count.
const DEVELOPER: i64 = 30;
/// The version from which on inherited members have an address of their own.
const INHERITED_MEMBERS_SINCE: [i64; 2] = [12, 4];

/// `oauthenticator.gitlab.GitLabOAuthenticator`.
pub struct GitLabOAuthenticator;

impl Authenticator for GitLabOAuthenticator {
    fn class(&self) -> &'static str {
        "GitLabOAuthenticator"
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, model: &AuthModel) -> Result<bool, Raised> {
        if base::check_allowed(cx, username, model)? {
            return Ok(true);
        }
        let response = python::index(&model.auth_state, "token_response")?;
        let access_token = python::index(response, "access_token")?;
        let user_info = python::index(&model.auth_state, &base::user_auth_state_key(cx)?)?;
        let mut api = Api { cx, access_token, user_id: python::index(user_info, "id")?, variant: None };
        Ok(api.in_allowed_group()? || api.in_allowed_project()?)
    }

    fn api_option(&self) -> Option<&'static str> {
        Some("gitlab_api")
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

/// What every request of one decision needs.
struct Api<'a> {
    cx: &'a Context<'a>,
    access_token: &'a Value,
    user_id: &'a Value,
    /// `member_api_variant`, once the version has been asked.
    variant: Option<&'static str>,
}

impl Api<'_> {
    /// `_check_membership_allowed_groups`: any answer of status 200 means membership.
    fn in_allowed_group(&mut self) -> Result<bool, Raised> {
        let option = "allowed_gitlab_groups";
        let groups = self.cx.settings.set(option)?;
        if groups.is_empty() {
            self.cx.decide(option, CheckResult::Skip, "no group is listed");
            return Ok(false);
        }
        self.cx.not_overridden("_check_membership_allowed_groups")?;
        let variant = self.member_api_variant()?;
        for group in known(groups) {
            let name = match group {
                Value::Str(name) => name.clone(),
                Value::Bytes(name) => String::from_utf8_lossy(name).into_owned(),
                other => {
                    let class = other.type_name();
                    return Err(type_error(format!("Expected bytes, unicode, or None; got <class '{class}'>")));
                }
            };
            // Escaped twice, as upstream does: a group inside another is asked for under an address GitLab does not know.
            let name = quote_plus(&quote_plus(&name));
            let url = format!("groups/{name}/members/{variant}{}", python::format_int(self.user_id)?);
            if self.cx.http.fetch_any(&self.call(&url)?)?.status == 200 {
                let because = format!("the user is a member of {}", group.to_text());
                self.cx.decide(option, CheckResult::Allow, because);
                return Ok(true);
            }
        }
        self.cx.settings.complete(option)?;
        let because = format!("the user is not seen as a member of {}", quoted(groups));
        self.cx.decide(option, CheckResult::Skip, because);
        Ok(false)
    }

    /// `_check_membership_allowed_project_ids`: the status does not matter, what the body says does.
    fn in_allowed_project(&mut self) -> Result<bool, Raised> {
        let option = "allowed_project_ids";
        let projects = self.cx.settings.set(option)?;
        if projects.is_empty() {
            self.cx.decide(option, CheckResult::Skip, "no project is listed");
            return Ok(false);
        }
        self.cx.not_overridden("_check_membership_allowed_project_ids")?;
        let variant = self.member_api_variant()?;
        let mut levels = Vec::new();
        for project in known(projects) {
            let name = project.to_text();
            let url = format!("projects/{name}/members/{variant}{}", python::format_int(self.user_id)?);
            let member = base::parse_json(&self.cx.http.fetch_any(&self.call(&url)?)?)?;
            if !python::truth(&member) {
                continue;
            }
            let level = python::get(&member, "access_level")?.cloned().unwrap_or(Value::int(0));
            if python::at_least(&level, &Value::int(DEVELOPER))? {
                let because = format!("the user has access level {} in project {name}", level.to_text());
                self.cx.decide(option, CheckResult::Allow, because);
                return Ok(true);
            }
            if member.get("access_level").is_some() {
                levels.push(format!("{} in {name}", level.to_text()));
            }
        }
        self.cx.settings.complete(option)?;
        let because = match levels.is_empty() {
            true => format!("the user is not seen as a member of {}", quoted(projects)),
            false => format!("access level {}, and {DEVELOPER} (developer) would be needed", levels.join(", ")),
        };
        self.cx.decide(option, CheckResult::Skip, because);
        Ok(false)
    }

    /// `_set_gitlab_version`: asked once.
    fn member_api_variant(&mut self) -> Result<&'static str, Raised> {
        if let Some(variant) = self.variant {
            return Ok(variant);
        }
        self.cx.not_overridden("_set_gitlab_version")?;
        self.cx.not_overridden("_get_gitlab_version")?;
        let answer = base::fetch_json(self.cx, &self.call("version")?)?;
        let version = match python::index(&answer, "version")? {
            Value::Str(text) => version(text)?,
            other => return Err(Raised::attribute_error(other.type_name(), "split")),
        };
        let variant = if version >= INHERITED_MEMBERS_SINCE.map(BigInt::from).to_vec() { "all/" } else { "" };
        self.variant = Some(variant);
        Ok(variant)
    }

    fn call(&self, path: &str) -> Result<Call, Raised> {
        let settings = self.cx.settings;
        let url = format!("{}/{path}", settings.str("gitlab_api")?);
        let headers = vec![
            ("Accept".to_owned(), "application/json".to_owned()),
            ("User-Agent".to_owned(), "JupyterHub".to_owned()),
            ("Authorization".to_owned(), format!("Bearer {}", self.access_token.to_text())),
        ];
        Ok(base::decision_call(url, headers, Some(settings.bool("validate_server_cert")?)))
    }
}

/// `15.2.1-ee` as numbers; what is no number is a `ValueError`.
fn version(text: &str) -> Result<Vec<BigInt>, Raised> {
    let numbers = text.split('-').next().unwrap_or_default();
    numbers.split('.').take(3).map(python::int).collect()
}

fn known(set: &Set) -> impl Iterator<Item = &Value> {
    set.iter().filter(|item| item.find_unknown().is_none())
}

/// Why a user counts as no member.
fn not_a_member(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let set = |option| cx.settings.set(option).cloned().unwrap_or_default();
    let (groups, projects) = (set("allowed_gitlab_groups"), set("allowed_project_ids"));
    let option = match (groups.is_empty(), projects.is_empty()) {
        (false, _) => "allowed_gitlab_groups",
        (true, false) => "allowed_project_ids",
        (true, true) => return None,
    };
    let who = model.name.to_text();
    let setting = cx.settings.name_of(option);
    let explain = |code, message: String, fix: String| Some(Explanation::of(option, code, message, fix));
    if let Some(nested) = groups.iter().map(Value::to_text).find(|group| group.contains('/')) {
        let message = format!("GitLab does not show `{who}` as a member of {}", quoted(&groups));
        let fix = format!(
            "write the number of `{nested}` in {setting}: the hub escapes a slash twice, so GitLab finds no such group"
        );
        return explain("group-invalid", message, fix);
    }
    let status = |wanted| {
        asked(cx).iter().any(|exchange| exchange.answer.as_ref().is_some_and(|answer| answer.status == wanted))
    };
    if status(401) || status(403) {
        let message = format!("GitLab does not say whether `{who}` is a member: {}", last_answer(cx));
        return explain("scope-missing", message, scope_fix(cx));
    }
    let wanted = if groups.is_empty() { quoted(&projects) } else { quoted(&groups) };
    let because = match option {
        "allowed_project_ids" => format!("`{who}` is not seen as a developer, or more, of {wanted}"),
        _ => format!("GitLab does not show `{who}` as a member of {wanted}"),
    };
    let fix = format!(
        "add one that the user belongs to, by its path or number, to {setting}, or add `{who}` to {}",
        cx.settings.name_of("allowed_users")
    );
    explain("not-allowed", because, fix)
}

/// A request that GitLab refuses, mostly since the token is for logging in only.
fn refused(cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
    end.client_status().filter(|status| matches!(status, 401 | 403))?;
    let message = format!("GitLab does not let the hub ask for memberships: {}", last_answer(cx));
    Some(Explanation::of("scope", "scope-missing", message, scope_fix(cx)))
}

fn scope_fix(cx: &Context<'_>) -> String {
    let setting = cx.settings.name_of("scope");
    match has_scope(cx.settings.list("scope").unwrap_or_default(), &["read_api", "api"]) {
        false => format!("add `read_api` to {setting}, and allow it in the application's settings at GitLab"),
        true => format!("allow the scopes of {setting} in the application's settings at GitLab"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_before_the_hyphen() {
        let numbers =
            |text: &str| version(text).map(|numbers| numbers.iter().map(BigInt::to_string).collect::<Vec<_>>());
        assert_eq!(numbers("12.4.0-ee").unwrap(), ["12", "4", "0"]);
        assert_eq!(numbers("1_2. 4.1.x").unwrap(), ["12", "4", "1"]);
        assert!(version("12.x").is_err() && version("").is_err() && version("1__2").is_err());
    }
}
