//! `oauthenticator.google.GoogleOAuthenticator`: Workspace domains, verified e-mail addresses, and groups from the
//! Directory API.

mod directory;
mod explain;
mod service_account;

use super::python;
use super::{AuthModel, Authenticator, BadEnd, CheckResult, Context, Explanation, base};
use crate::failure::Raised;
use crate::settings::Unsupported;
use crate::value::{Dict, Set, Value};

/// `oauthenticator.google.GoogleOAuthenticator`.
pub struct GoogleOAuthenticator;

impl Authenticator for GoogleOAuthenticator {
    fn class(&self) -> &'static str {
        "GoogleOAuthenticator"
    }

    fn user_info_to_username(&self, cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
        let username = base::user_info_to_username(cx, user_info)?;
        let domain = domain(user_info)?;
        if cx.settings.bool("strip_domain")? && is_hosted(cx, &Value::Str(domain))? {
            let text = python::text(&username, "split")?;
            return Ok(Value::str(text.split('@').next().unwrap_or(text)));
        }
        Ok(username)
    }

    /// Upstream puts the domain into the user data while it makes the name; here it is put in when they are kept.
    fn build_auth_state_dict(&self, cx: &Context<'_>, token_info: &Value, user_info: &Value) -> Result<Value, Raised> {
        let mut user_info = user_info.clone();
        let domain = domain(&user_info)?;
        if let Value::Dict(user_info) = &mut user_info {
            user_info.insert("domain", Value::Str(domain));
        }
        base::build_auth_state_dict(cx, token_info, &user_info)
    }

    fn update_auth_model(&self, cx: &Context<'_>, mut auth_model: AuthModel) -> Result<AuthModel, Raised> {
        let settings = cx.settings;
        let key = base::user_auth_state_key(cx)?;
        let user_info = python::index(&auth_model.auth_state, &key)?;
        let email = python::index(user_info, "email")?.to_text();
        let domain = python::index(user_info, "domain")?.clone();
        let mut groups = Set::new();
        if settings.bool("allowed_google_groups")? || settings.bool("admin_google_groups")? {
            groups = directory::member_groups(cx, &email, &domain)?;
        }
        let mut user_info = user_info.clone();
        if let Value::Dict(user_info) = &mut user_info {
            user_info.insert("google_groups", python::listed(&groups));
        }
        auth_model.set_auth_state(&key, user_info)?;
        if python::truth(&auth_model.admin) {
            return Ok(auth_model);
        }
        if settings.bool("admin_google_groups")? {
            let admin = is_in_groups(cx, "admin_google_groups", &domain, &groups)?;
            let (result, because) = match admin {
                true => (CheckResult::Pass, "the user is in one of them, and so is an admin"),
                false => (CheckResult::Skip, "the user is in none of them, and so is no admin"),
            };
            cx.decide("admin_google_groups", result, because);
            auth_model.admin = Value::Bool(admin);
        }
        Ok(auth_model)
    }

    /// `hosted_domain` is compared with the `hd` claim, letter by letter, not with the e-mail address.
    fn check_blocked_users(&self, cx: &Context<'_>, username: &Value, auth_model: &AuthModel) -> Result<bool, Raised> {
        let user_info = python::index(&auth_model.auth_state, &base::user_auth_state_key(cx)?)?;
        let hd = python::get(user_info, "hd")?.cloned().unwrap_or_else(|| Value::str(""));
        if cx.settings.bool("hosted_domain")? {
            if !is_hosted(cx, &hd)? {
                let because = match hd.to_text().as_str() {
                    "" => "the account belongs to no Workspace domain".to_owned(),
                    hd => format!("the account belongs to `{hd}`, which is not listed"),
                };
                cx.decide("hosted_domain", CheckResult::Deny, because);
                return Ok(false);
            }
            cx.decide("hosted_domain", CheckResult::Pass, format!("the account belongs to `{}`", hd.to_text()));
        }
        base::check_blocked_users(cx, username)
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, auth_model: &AuthModel) -> Result<bool, Raised> {
        let user_info = python::index(&auth_model.auth_state, &base::user_auth_state_key(cx)?)?;
        let email = python::index(user_info, "email")?.to_text();
        let domain = python::index(user_info, "domain")?;
        if !python::truth(python::index(user_info, "verified_email")?) {
            cx.decide("verified_email", CheckResult::Deny, format!("Google has not verified `{email}`"));
            return Err(Raised::http(403, format!("Login with unverified email {email} is not allowed")));
        }
        cx.decide("verified_email", CheckResult::Pass, format!("Google has verified `{email}`"));
        if base::check_allowed(cx, username, auth_model)? {
            return Ok(true);
        }
        if !cx.settings.bool("allowed_google_groups")? {
            cx.decide("allowed_google_groups", CheckResult::Skip, "no group is listed");
            return Ok(false);
        }
        let groups = python::to_set(python::index(user_info, "google_groups")?)?;
        if is_in_groups(cx, "allowed_google_groups", domain, &groups)? {
            cx.decide("allowed_google_groups", CheckResult::Allow, "the user is in one of them");
            return Ok(true);
        }
        let because = match groups.len() {
            0 => "the user is in no group".to_owned(),
            _ => format!("the user is in {}, and none of them is listed", names(&groups)),
        };
        cx.decide("allowed_google_groups", CheckResult::Skip, because);
        Ok(false)
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        explain::explain(cx, end)
    }
}

/// `user_info["email"].split("@")[1].lower()`.
fn domain(user_info: &Value) -> Result<String, Raised> {
    let email = python::text(python::index(user_info, "email")?, "split")?;
    let domain = email.split('@').nth(1);
    domain.map(str::to_lowercase).ok_or_else(|| Raised::exception("IndexError", "list index out of range"))
}

/// `value in self.hosted_domain`, where an unknown entry may be that very value.
fn is_hosted(cx: &Context<'_>, value: &Value) -> Result<bool, Raised> {
    let hosted = cx.settings.list("hosted_domain")?.contains(value);
    if !hosted {
        cx.settings.complete("hosted_domain")?;
    }
    Ok(hosted)
}

/// `groups & self.option.get(domain, set())`, where what is unknown may be what would match.
fn is_in_groups(cx: &Context<'_>, option: &str, domain: &Value, groups: &Set) -> Result<bool, Raised> {
    match python::lookup(cx.settings.dict(option)?, domain)? {
        Some(Value::Set(listed)) if groups.intersects(listed) => return Ok(true),
        _ => cx.settings.complete(option)?,
    };
    Ok(false)
}

/// `self.option[domain]`, a text.
fn of_domain<'a>(cx: &'a Context<'_>, option: &str, domain: &Value) -> Result<&'a Value, Raised> {
    let by_domain: &Dict = cx.settings.dict(option)?;
    match python::lookup(by_domain, domain)? {
        Some(Value::Unknown(unknown)) => Err(Raised::from(Unsupported {
            setting: cx.settings.name_of(option),
            reason: unknown.reason.clone(),
            span: unknown.span.clone(),
            raises: None,
        })),
        Some(value) => Ok(value),
        None => {
            cx.settings.complete(option)?;
            Err(Raised::exception("KeyError", domain.repr()))
        }
    }
}

fn names(groups: &Set) -> String {
    let names = python::listed(groups).iterate().unwrap_or_default();
    names.iter().map(|name| format!("`{}`", name.to_text())).collect::<Vec<_>>().join(", ")
}
