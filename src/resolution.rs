//! JupyterHub's half: what `JupyterHub.init_users` does at start-up, and `Authenticator.get_authenticated_user` at a
//! login (`jupyterhub/app.py`, `jupyterhub/auth.py`).

use crate::authenticator::python::{lower, type_error};
use crate::authenticator::{AuthModel, Authenticator, Awaits, Callback, CheckResult, Context, base, callable, multi};
use crate::diagnostic::Diagnostic;
use crate::failure::{Raised, Stage};
use crate::pyregex::Pattern;
use crate::pyurl::unquote;
use crate::settings::Settings;
use crate::value::{Set, Value, lone_surrogate};

/// What the hub decides.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The auth model as far as it got; `None` when the flow ended before there was one.
    pub model: Option<AuthModel>,
    /// Where the flow stands: the last stage, or the one that failed.
    pub stage: Stage,
    /// How it ended.
    pub end: End,
}

/// How a login ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The user comes in.
    Allowed,
    /// `get_authenticated_user` returns `None`; the name of the check that said so.
    TurnedAway(&'static str),
    /// Something was raised.
    Raised(Raised),
}

/// Start-up: the settings with names normalised and users of the database let in, or what keeps the hub from starting.
pub fn init_users(
    auth: &dyn Authenticator,
    cx: &Context<'_>,
    hub_admin_users: Option<&Set>,
    existing_users: &[String],
) -> Result<Settings, Raised> {
    let mut settings = cx.settings.clone();
    // A list that is unknown as a whole stays so; whoever needs it will say so.
    let (Ok(admins), Ok(allowed)) = (settings.set("admin_users"), settings.set("allowed_users")) else {
        return Ok(settings);
    };
    let (mut admins, allowed) = (admins.clone(), allowed.clone());
    if let Some(more) = hub_admin_users.filter(|more| !more.is_empty() && admins.is_empty()) {
        admins = more.clone();
    }
    let admins = normalized(auth, cx, &admins)?;
    let mut allowed = normalized(auth, cx, &allowed)?;
    let configured: Vec<Value> = admins.iter().chain(allowed.iter()).cloned().collect();
    if !allowed.is_empty() {
        for admin in admins.iter() {
            insert(&mut allowed, admin.clone())?;
        }
    }
    let in_database: Vec<Value> = existing_users.iter().map(Value::str).chain(configured).collect();
    let blocked = settings.set("blocked_users")?;
    let lets_in = !settings.bool("allow_all")? && settings.bool("allow_existing_users")?;
    for name in in_database.iter().filter(|name| !blocked.contains(name) && !matches!(name, Value::Unknown(_))) {
        if lets_in && add_user(cx, name)? {
            insert(&mut allowed, name.clone())?;
        }
    }
    settings.replace("admin_users", Value::Set(admins));
    settings.replace("allowed_users", Value::Set(allowed));
    Ok(settings)
}

fn insert(set: &mut Set, name: Value) -> Result<(), Raised> {
    set.insert(name).map_err(|unhashable| type_error(format!("unhashable type: '{}'", unhashable.0)))
}

/// The names normalised, each valid; the `ValueError` of the hub otherwise.
fn normalized(auth: &dyn Authenticator, cx: &Context<'_>, names: &Set) -> Result<Set, Raised> {
    let mut all = Set::new();
    for name in names.iter() {
        if let Value::Unknown(_) = name {
            insert(&mut all, name.clone())?;
            continue;
        }
        insert(&mut all, base::normalized(auth, cx, name)?)?;
    }
    for name in all.iter().filter(|name| !matches!(name, Value::Unknown(_))) {
        if !validate_username(cx, name)? {
            return Err(Raised::exception("ValueError", format!("username {} is not valid", name.repr())));
        }
        // `orm.User.find` asks the database for each of them.
        if let Some(code) = name.as_str().and_then(lone_surrogate) {
            let message = format!("'utf-8' codec can't encode character '\\u{code:x}' in {}", name.repr());
            return Err(Raised::exception("UnicodeEncodeError", message));
        }
    }
    Ok(all)
}

/// `Authenticator.add_user` for a user of the database: whether it goes through.
fn add_user(cx: &Context<'_>, name: &Value) -> Result<bool, Raised> {
    let missing = cx.settings.class().is_local()
        && !cx.settings.bool("create_system_users")?
        && cx.system.group_ids(&name.to_text()).is_none();
    if missing {
        let message =
            format!("the system has no user {}, so the hub does not count that user as existing", name.repr());
        cx.warn(
            Diagnostic::warning("no-system-user", message).with_setting(cx.settings.name_of("create_system_users")),
        );
    }
    Ok(!missing && validate_username(cx, name)?)
}

/// `Authenticator.validate_username`.
pub fn validate_username(cx: &Context<'_>, name: &Value) -> Result<bool, Raised> {
    let Value::Str(text) = name else {
        return Err(type_error(format!("argument of type '{}' is not iterable", name.type_name())));
    };
    let dots = |text: &str| !text.is_empty() && text.chars().all(|c| c == '.');
    if text.contains('/') || text.is_empty() || dots(text) || dots(&unquote(text, false)) {
        return Ok(false);
    }
    if text.trim_matches(is_python_space) != text {
        return Ok(false);
    }
    let pattern = cx.settings.str("username_pattern")?;
    let unsupported = |error: String| Raised::Unsupported {
        what: format!("username_pattern cannot be judged: {error}"),
        setting: Some(cx.settings.name_of("username_pattern")),
        span: cx.settings.span_of("username_pattern").cloned(),
    };
    Pattern::new(pattern).map_err(unsupported)?.matches_start(text).map_err(unsupported)
}

/// `str.isspace` of one character: what `str.strip` takes away.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `Authenticator.get_authenticated_user`.
pub fn get_authenticated_user(auth: &dyn Authenticator, cx: &Context<'_>, callback: &Callback) -> Verdict {
    let mut stage = Stage::Token;
    if let Err(raised) = cx.seen().and_then(|()| cx.not_overridden("get_authenticated_user")) {
        return Verdict { model: None, stage, end: End::Raised(raised) };
    }
    let mut model = match base::authenticate(auth, cx, callback, &mut stage) {
        Ok(model) => model,
        Err(raised) => return Verdict { model: None, stage, end: End::Raised(raised) },
    };
    let end = match decide(auth, cx, &mut model, &mut stage) {
        Ok(end) => end,
        Err(raised) => End::Raised(raised),
    };
    Verdict { model: Some(model), stage, end }
}

fn decide(auth: &dyn Authenticator, cx: &Context<'_>, model: &mut AuthModel, stage: &mut Stage) -> Result<End, Raised> {
    *stage = Stage::Username;
    model.name = base::normalized(auth, cx, &model.name)?;
    cx.not_overridden("validate_username")?;
    let valid = validate_username(cx, &model.name)?;
    *stage = Stage::Decision;
    if !valid {
        cx.decide("username", CheckResult::Deny, format!("{} is no valid user name", model.name.repr()));
        return Ok(End::TurnedAway("username"));
    }
    cx.decide("username", CheckResult::Pass, format!("{} is a valid user name", model.name.repr()));
    // The old name of this method still counts (`_init_deprecated_methods`).
    cx.not_overridden("check_blacklist")?;
    let Some(name) = multi::inner_name(auth, cx, &model.name)? else {
        return Ok(End::TurnedAway("username_prefix"));
    };
    let passes = match own_check(cx, "check_blocked_users", &name, model)? {
        Some(passes) => passes,
        None => auth.check_blocked_users(cx, &name, model)?,
    };
    if !passes {
        return Ok(End::TurnedAway("blocked_users"));
    }
    if !is_allowed(auth, cx, &name, model)? {
        return Ok(End::TurnedAway("check_allowed"));
    }
    if matches!(model.admin, Value::None) {
        cx.not_overridden("is_admin")?;
        if base::is_listed(cx, "admin_users", &model.name)? {
            model.admin = Value::Bool(true);
        }
    }
    cx.not_overridden("run_post_auth_hook")?;
    match post_auth_hook(cx, model)? {
        Some(after) => {
            *model = after;
            Ok(End::Allowed)
        }
        None => Ok(End::TurnedAway("post_auth_hook")),
    }
}

/// `allow_all`, which skips everything that `check_allowed` looks at, then `check_allowed`.
fn is_allowed(auth: &dyn Authenticator, cx: &Context<'_>, name: &Value, model: &mut AuthModel) -> Result<bool, Raised> {
    if cx.settings.bool("allow_all")? {
        cx.decide("allow_all", CheckResult::Allow, "everyone who can log in may enter; no other rule is asked");
        return Ok(true);
    }
    cx.not_overridden("check_whitelist")?;
    if let Some(allowed) = own_check(cx, "check_allowed", name, model)? {
        return Ok(allowed);
    }
    if cx.settings.class().is_local() {
        cx.none_overridden(&["check_allowed_groups", "check_group_whitelist"])?;
    }
    if cx.settings.class().is_local() && base::check_local_groups(cx, name)? {
        return Ok(true);
    }
    auth.check_allowed(cx, name, model)
}

/// What the class's own check says, by the truth of what it returns. It may change the model in place.
fn own_check(
    cx: &Context<'_>,
    method: &'static str,
    name: &Value,
    model: &mut AuthModel,
) -> Result<Option<bool>, Raised> {
    let given = [name.clone(), model.with_user_info()];
    let called = cx.own_method_with_effects(method, Awaits::Either, &given)?;
    let Some((result, after)) = called else { return Ok(None) };
    match after.last().and_then(AuthModel::of_value) {
        Some(after) => *model = after,
        None => cx.not_overridden(method)?,
    }
    let passed = result.truth().unwrap_or(true);
    let because = format!("{method} of {} returns {}", cx.settings.class().name, result.repr());
    let said = match (passed, method) {
        (false, _) => CheckResult::Deny,
        (true, "check_allowed") => CheckResult::Allow,
        (true, _) => CheckResult::Pass,
    };
    cx.decide(if method == "check_blocked_users" { "blocked_users" } else { method }, said, because);
    Ok(Some(passed))
}

/// What `post_auth_hook` makes of the model; `None` where it makes nothing of it, which keeps the user out.
fn post_auth_hook(cx: &Context<'_>, model: &mut AuthModel) -> Result<Option<AuthModel>, Raised> {
    let handler = Value::unknown("it is the handler of the request", None);
    let Some((result, after)) = cx.hook("post_auth_hook", &[handler, model.with_user_info()])? else {
        return Ok(Some(model.clone()));
    };
    if let (&Value::None, Some(after)) = (&result, after.last().and_then(AuthModel::of_value)) {
        *model = after;
    }
    match (AuthModel::of_value(&result), callable(cx.settings.value("post_auth_hook")?)) {
        (Some(model), _) => Ok(Some(model)),
        (None, Some(callable)) if result != Value::None => Err(cx.needs_python("post_auth_hook", &callable)),
        (None, _) => Ok(None),
    }
}

/// Why a name is not valid, for the person who wonders.
pub fn why_invalid(cx: &Context<'_>, name: &Value) -> &'static str {
    let text = name.to_text();
    if text.contains('/') {
        "it contains a slash"
    } else if text.is_empty() {
        "it is empty"
    } else if text.trim_matches(is_python_space) != text {
        "it begins or ends with a blank"
    } else if unquote(&text, false).chars().all(|c| c == '.') {
        "it consists of dots only"
    } else if cx.settings.str("username_pattern").is_ok_and(|pattern| !pattern.is_empty()) {
        "it does not match username_pattern"
    } else {
        "the hub does not accept it"
    }
}

/// Whether a name is changed by normalising it, so that written in that way it matches nobody.
pub fn is_normal(name: &str) -> bool {
    lower(&Value::str(name)).is_ok_and(|lower| lower == Value::str(name))
}
