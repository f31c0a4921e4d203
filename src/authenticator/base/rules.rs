//! Who may enter: the checks of `OAuthenticator` and of `LocalAuthenticator`.

use super::is_listed;
use crate::authenticator::{AuthModel, CheckResult, Context, python};
use crate::failure::Raised;
use crate::value::{Set, Value, compare};

/// `check_blocked_users`: the list is taken as it was written, while names are normalised.
pub fn check_blocked_users(cx: &Context<'_>, username: &Value) -> Result<bool, Raised> {
    let blocked = cx.settings.set("blocked_users")?;
    let pass = blocked.is_empty() || !is_listed(cx, "blocked_users", username)?;
    let because = match (pass, blocked.len()) {
        (true, 0) => "no user is blocked".to_owned(),
        (true, _) => format!("{} is not among the blocked users", username.repr()),
        (false, _) => format!("{} is blocked", username.repr()),
    };
    cx.decide("blocked_users", if pass { CheckResult::Pass } else { CheckResult::Deny }, because);
    Ok(pass)
}

/// `check_allowed`, for `Local…` classes with the system's groups asked first.
pub fn check_allowed(cx: &Context<'_>, username: &Value, model: &AuthModel) -> Result<bool, Raised> {
    let settings = cx.settings;
    settings.complete("allowed_scopes")?;
    let allowed_scopes = settings.list("allowed_scopes")?;
    if !allowed_scopes.is_empty() {
        let missing = missing_scopes(allowed_scopes, model)?;
        if missing.is_empty() {
            cx.decide("allowed_scopes", CheckResult::Allow, "every scope in it was granted");
            return Ok(true);
        }
        cx.decide("allowed_scopes", CheckResult::Skip, format!("not granted: {}", missing.join(", ")));
    }
    if settings.bool("allow_all")? {
        cx.decide("allow_all", CheckResult::Allow, "everyone who can log in may enter");
        return Ok(true);
    }
    cx.decide("allow_all", CheckResult::Skip, "it is off");
    if python::truth(&model.admin) {
        cx.decide("admin", CheckResult::Allow, "the user is an admin");
        return Ok(true);
    }
    cx.decide("admin", CheckResult::Skip, "the user is no admin");
    let allowed_users = settings.set("allowed_users")?;
    if is_listed(cx, "allowed_users", username)? {
        cx.decide("allowed_users", CheckResult::Allow, format!("{} is listed", username.repr()));
        return Ok(true);
    }
    let because = match allowed_users.len() {
        0 => "nobody is listed".to_owned(),
        1 => format!("{} is not the one who is listed", username.repr()),
        count => format!("{} is not among the {count} listed", username.repr()),
    };
    cx.decide("allowed_users", CheckResult::Skip, because);
    check_allowed_groups(cx, model)
}

fn missing_scopes(allowed: &[Value], model: &AuthModel) -> Result<Vec<String>, Raised> {
    let granted = python::get(&model.auth_state, "scope")?;
    let granted = granted.map_or(Ok(Set::new()), python::to_set)?;
    Ok(allowed.iter().filter(|scope| !granted.contains(scope)).map(Value::to_text).collect())
}

fn check_allowed_groups(cx: &Context<'_>, model: &AuthModel) -> Result<bool, Raised> {
    cx.settings.complete("allowed_groups")?;
    let allowed = cx.settings.set("allowed_groups")?;
    if allowed.is_empty() {
        cx.decide("allowed_groups", CheckResult::Skip, "no group is listed");
        return Ok(false);
    }
    if !cx.settings.bool("manage_groups")? {
        cx.decide("allowed_groups", CheckResult::Skip, "manage_groups is off");
        return Ok(false);
    }
    let groups = model.groups.clone().unwrap_or(Value::None);
    let groups = if python::truth(&groups) { python::to_set(&groups)? } else { Set::new() };
    let names = |set: &Set| {
        let mut items: Vec<&Value> = set.iter().collect();
        items.sort_by(|a, b| compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
        items.iter().map(|item| item.to_text()).collect::<Vec<_>>().join(", ")
    };
    if groups.intersects(allowed) {
        let shared = Set::of(groups.iter().filter(|group| allowed.contains(group)).cloned()).unwrap_or_default();
        cx.decide("allowed_groups", CheckResult::Allow, format!("the user is in {}", names(&shared)));
        return Ok(true);
    }
    let because = match groups.len() {
        0 => format!("the user is in no group, and {} would be needed", names(allowed)),
        _ => format!("the user is in {}, and {} would be needed", names(&groups), names(allowed)),
    };
    cx.decide("allowed_groups", CheckResult::Skip, because);
    Ok(false)
}

/// `jupyterhub.auth.LocalAuthenticator.check_allowed`: the system's groups of that user, whose absence is a `KeyError`.
pub fn check_local_groups(cx: &Context<'_>, username: &Value) -> Result<bool, Raised> {
    let allowed = cx.settings.set("allowed_groups")?;
    if allowed.is_empty() {
        return Ok(false);
    }
    let name = username.to_text();
    let Some(ids) = cx.system.group_ids(&name) else {
        return Err(Raised::exception("KeyError", format!("\"getpwnam(): name not found: {}\"", username.repr())));
    };
    let inside = allowed.iter().any(|group| cx.system.group_id(&group.to_text()).is_some_and(|id| ids.contains(&id)));
    let (result, because) = match inside {
        true => (CheckResult::Allow, "the system's user is in one of them"),
        false => (CheckResult::Skip, "the system's user is in none of them"),
    };
    cx.decide("allowed_groups (system)", result, because);
    Ok(inside)
}
