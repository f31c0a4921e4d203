//! `oauthenticator.globus.GlobusOAuthenticator`: several tokens in one answer, and groups from a service of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::python;
use super::{AuthModel, Authenticator, BadEnd, CheckResult, Context, Explanation, base, callable};
use crate::failure::{Raised, Stage};
use crate::http::Call;
use crate::pyurl::urlencode;
use crate::value::{Dict, Set, Value};

/// The resource server whose token opens the groups service.
const GROUPS_SERVER: &str = "groups.api.globus.org";
/// The scope that brings that token.
const GROUPS_SCOPE: &str = "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";

/// `oauthenticator.globus.GlobusOAuthenticator`.
pub struct GlobusOAuthenticator;

impl Authenticator for GlobusOAuthenticator {
    fn class(&self) -> &'static str {
        "GlobusOAuthenticator"
    }

    /// What stands before the first `@`. A function in `username_claim` is not called but looked up, in vain.
    fn user_info_to_username(&self, cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
        let claim = claim(cx, user_info)?;
        let text = python::text(&claim, "split")?;
        Ok(Value::str(text.split('@').next().unwrap_or(text)))
    }

    fn build_auth_state_dict(&self, cx: &Context<'_>, token_info: &Value, user_info: &Value) -> Result<Value, Raised> {
        cx.not_overridden("get_globus_tokens")?;
        let tokens = get_globus_tokens(token_info)?;
        cx.settings.complete("exclude_tokens")?;
        let excluded = cx.settings.list("exclude_tokens")?;
        let mut by_resource_server = Dict::new();
        for token in tokens {
            let server = token.get("resource_server").cloned().unwrap_or(Value::None);
            if !excluded.contains(&server) {
                python::insert(&mut by_resource_server, server, Value::Dict(token))?;
            }
        }
        let user_key = base::user_auth_state_key(cx)?;
        Ok(Value::dict([
            ("client_id", cx.settings.value("client_id")?.clone()),
            ("tokens", Value::Dict(by_resource_server)),
            ("token_response", token_info.clone()),
            (user_key.as_str(), user_info.clone()),
        ]))
    }

    fn auth_state_keys(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("client_id", "of this hub"),
            ("tokens", "by resource server, without `exclude_tokens`"),
            ("token_response", "all that the token endpoint answered"),
            ("globus_groups", "the groups' ids, where a rule or `manage_groups` asks for them"),
        ]
    }

    fn update_auth_model(&self, cx: &Context<'_>, mut auth_model: AuthModel) -> Result<AuthModel, Raised> {
        let settings = cx.settings;
        let mut groups = Set::new();
        if settings.bool("allowed_globus_groups")?
            || settings.bool("admin_globus_groups")?
            || settings.bool("manage_groups")?
        {
            cx.none_overridden(&["_fetch_users_groups", "get_globus_tokens", "get_default_headers"])?;
            let tokens = get_globus_tokens(python::index(&auth_model.auth_state, "token_response")?)?;
            groups = fetch_users_groups(cx, &tokens)?;
        }
        auth_model.set_auth_state("globus_groups", python::listed(&groups))?;
        if python::truth(&auth_model.admin) {
            return Ok(auth_model);
        }
        if settings.bool("admin_globus_groups")? {
            let admin = shares(cx, "admin_globus_groups", &groups)?;
            let because = if admin { "the user is in one of them" } else { "the user is in none of them" };
            cx.decide("admin_globus_groups", CheckResult::Pass, because);
            auth_model.admin = Value::Bool(admin);
        }
        Ok(auth_model)
    }

    fn check_blocked_users(&self, cx: &Context<'_>, username: &Value, auth_model: &AuthModel) -> Result<bool, Raised> {
        let wanted = cx.settings.str("identity_provider")?;
        if !wanted.is_empty() {
            let user_info = python::index(&auth_model.auth_state, &base::user_auth_state_key(cx)?)?;
            let claim = claim(cx, user_info)?;
            let text = python::text(&claim, "split")?;
            let domain = text.split_once('@').map_or(text, |(_, domain)| domain);
            if domain != wanted {
                cx.decide("identity_provider", CheckResult::Deny, format!("`{text}` is not of `{wanted}`"));
                let message = format!(
                    "This site is restricted to {wanted} accounts. Link your account at app.globus.org/account."
                );
                return Err(Raised::http(403, message));
            }
            cx.decide("identity_provider", CheckResult::Pass, format!("`{text}` is of `{wanted}`"));
        }
        base::check_blocked_users(cx, username)
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, auth_model: &AuthModel) -> Result<bool, Raised> {
        if base::check_allowed(cx, username, auth_model)? {
            return Ok(true);
        }
        if !cx.settings.bool("allowed_globus_groups")? {
            cx.decide("allowed_globus_groups", CheckResult::Skip, "no group is listed");
            return Ok(false);
        }
        let groups = python::to_set(python::index(&auth_model.auth_state, "globus_groups")?)?;
        if shares(cx, "allowed_globus_groups", &groups)? {
            cx.decide("allowed_globus_groups", CheckResult::Allow, "the user is in one of them");
            return Ok(true);
        }
        let because = match groups.len() {
            0 => "the user is in no group".to_owned(),
            count => format!("the user is in {count} groups, and in none of them"),
        };
        cx.decide("allowed_globus_groups", CheckResult::Skip, because);
        Ok(false)
    }

    fn revokes_on_logout(&self, cx: &Context<'_>) -> Result<bool, Raised> {
        Ok(cx.settings.bool("revoke_tokens_on_logout")?)
    }

    fn log_out(&self, cx: &Context<'_>, auth_state: &Value) -> Result<(), Raised> {
        clear_tokens(cx, auth_state).map(drop)
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        match (end.stage, end.raised) {
            (Stage::Username, Some(Raised::Exception { class: "AttributeError", message })) => no_claim(cx, message),
            (Stage::AuthState, Some(Raised::Exception { class: "KeyError", message }))
                if message == "'other_tokens'" =>
            {
                Some(no_other_tokens(cx))
            }
            (Stage::Decision, Some(raised)) => explain_decision(cx, raised),
            (Stage::Decision, None) if end.check == Some("check_allowed") => not_allowed(cx, end.model?),
            _ => None,
        }
    }
}

/// `user_info.get(self.username_claim)`, `None` where it is not there.
fn claim(cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
    let claim = cx.settings.value("username_claim")?;
    Ok(python::lookup(python::dict(user_info, "get")?, claim)?.cloned().unwrap_or(Value::None))
}

/// `get_globus_tokens`: those of the other resource servers, then the one at the top.
fn get_globus_tokens(token_info: &Value) -> Result<Vec<Dict>, Raised> {
    let top = essentials(token_info)?;
    let mut tokens = Vec::new();
    for token in python::iterate(python::index(token_info, "other_tokens")?)? {
        tokens.push(essentials(&token)?);
    }
    tokens.push(top);
    Ok(tokens)
}

fn essentials(token: &Value) -> Result<Dict, Raised> {
    const ATTRIBUTES: [&str; 6] =
        ["expires_in", "resource_server", "scope", "token_type", "refresh_token", "access_token"];
    let token = python::dict(token, "get")?;
    let get = |name: &str| token.get(name).cloned().unwrap_or(Value::None);
    Ok(ATTRIBUTES.into_iter().map(|name| (name.to_owned(), get(name))).collect())
}

/// `_fetch_users_groups`.
fn fetch_users_groups(cx: &Context<'_>, tokens: &[Dict]) -> Result<Set, Raised> {
    let server = Value::str(GROUPS_SERVER);
    let token = tokens.iter().rev().find(|token| token.get("resource_server") == Some(&server));
    let Some(token) = token else {
        let message = "cannot access local variable 'groups_token' where it is not associated with a value";
        return Err(Raised::exception("UnboundLocalError", message));
    };
    let access_token = token.get("access_token").map_or_else(String::new, Value::to_text);
    let mut headers = default_headers();
    headers.push(("Authorization".to_owned(), format!("Bearer {access_token}")));
    let call = Call {
        stage: Stage::Decision,
        method: "GET",
        url: cx.settings.str("globus_groups_url")?.to_owned(),
        headers,
        body: None,
        form: Vec::new(),
        validate_cert: None,
    };
    let mut groups = Set::new();
    for group in python::iterate(&base::fetch_json(cx, &call)?)? {
        python::add(&mut groups, python::index(&group, "id")?.clone())?;
    }
    Ok(groups)
}

/// `get_default_headers`.
fn default_headers() -> Vec<(String, String)> {
    [("Accept", "application/json"), ("User-Agent", "JupyterHub")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// `user_groups & self.option`, where an unknown item may be one of the groups.
fn shares(cx: &Context<'_>, option: &str, groups: &Set) -> Result<bool, Raised> {
    let shares = groups.intersects(cx.settings.set(option)?);
    if !shares {
        cx.settings.complete(option)?;
    }
    Ok(shares)
}

/// `GlobusLogoutHandler.clear_tokens`: revokes every token in the user's auth_state, access tokens first, and gives back
/// what the hub then keeps. `None` where `revoke_tokens_on_logout` is off, or nothing was kept.
pub fn clear_tokens(cx: &Context<'_>, auth_state: &Value) -> Result<Option<Value>, Raised> {
    if !cx.settings.bool("revoke_tokens_on_logout")? || !python::truth(auth_state) {
        return Ok(None);
    }
    revoke_service_tokens(cx, python::get(auth_state, "tokens")?.unwrap_or(&Value::None))?;
    let mut kept = auth_state.clone();
    if let Value::Dict(kept) = &mut kept {
        kept.insert("tokens", Value::Dict(Dict::new()));
    }
    Ok(Some(kept))
}

/// `revoke_service_tokens`.
fn revoke_service_tokens(cx: &Context<'_>, services: &Value) -> Result<(), Raised> {
    cx.none_overridden(&["revoke_service_tokens", "get_default_headers", "get_client_credential_headers"])?;
    let services: Vec<&Value> = python::dict(services, "values")?.values().collect();
    let mut tokens = Vec::new();
    for kind in ["access_token", "refresh_token"] {
        for service in &services {
            tokens.extend(python::get(service, kind)?.filter(|token| !matches!(token, Value::None)));
        }
    }
    for token in tokens {
        cx.fetch(&revocation(cx, token)?)?;
    }
    Ok(())
}

fn revocation(cx: &Context<'_>, token: &Value) -> Result<Call, Raised> {
    let settings = cx.settings;
    let credentials = format!("{}:{}", settings.str("client_id")?, settings.str("client_secret")?);
    let mut headers = default_headers();
    headers.push(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(credentials))));
    // tornado adds this to a POST that names no type.
    headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    Ok(Call {
        stage: Stage::AuthState,
        method: "POST",
        url: settings.str("revocation_url")?.to_owned(),
        headers,
        body: Some(urlencode([("token", token)])),
        form: vec![("token".to_owned(), token.to_text())],
        validate_cert: None,
    })
}

fn no_claim(cx: &Context<'_>, message: &str) -> Option<Explanation> {
    let setting = cx.settings.name_of("username_claim");
    let claim = cx.settings.value("username_claim").ok()?;
    if callable(claim).is_some() {
        return Some(Explanation {
            code: "claim-not-text",
            message: format!("Globus' class takes the name of a claim, and {setting} is a function ({message})"),
            option: Some("username_claim"),
            fix: format!("set {setting} to a claim's name, or derive a class that overrides user_info_to_username"),
        });
    }
    if !message.contains("'NoneType' object has no attribute 'split'") {
        return None;
    }
    let claim = claim.to_text();
    let wants_email = cx.settings.bool("username_from_email").unwrap_or(false) || claim == "email";
    let fix = match wants_email {
        true => format!("see that {} asks for `email`", cx.settings.name_of("scope")),
        false => format!("choose a claim that Globus sends in {setting}, such as `preferred_username`"),
    };
    Some(Explanation {
        code: "claim-missing",
        message: format!("the userdata has no `{claim}` ({message})"),
        option: Some(if wants_email { "scope" } else { "username_claim" }),
        fix,
    })
}

fn no_other_tokens(cx: &Context<'_>) -> Explanation {
    let setting = cx.settings.name_of("scope");
    Explanation {
        code: "other-tokens-missing",
        message: "the token answer has no other_tokens, which the hub insists on".into(),
        option: Some("scope"),
        fix: format!(
            "ask in {setting} for a second resource server too, such as \
             `urn:globus:auth:scope:transfer.api.globus.org:all`; and check that token_url is Globus Auth's"
        ),
    }
}

fn explain_decision(cx: &Context<'_>, raised: &Raised) -> Option<Explanation> {
    match raised {
        Raised::Exception { class: "UnboundLocalError", .. } => {
            let setting = cx.settings.name_of("scope");
            Some(Explanation {
                code: "scope-missing",
                message: format!("Globus sent no token for {GROUPS_SERVER}, and the hub wants to ask for groups"),
                option: Some("scope"),
                fix: format!(
                    "add `{GROUPS_SCOPE}` to {setting}: the hub does so by itself only where scope is not set, and \
                     allowed_globus_groups or admin_globus_groups is; manage_groups alone does not do it"
                ),
            })
        }
        Raised::Http { status: 403, message } if message.starts_with("This site is restricted to ") => {
            let setting = cx.settings.name_of("identity_provider");
            Some(Explanation {
                code: "identity-provider-mismatch",
                message: format!("the user's `{}` is of another domain than {setting}", username_claim(cx)),
                option: Some("identity_provider"),
                fix: format!(
                    "log in with an identity of that domain (linked at app.globus.org/account), or change {setting}"
                ),
            })
        }
        Raised::Client { status: status @ (401 | 403), .. } => Some(Explanation {
            code: "groups-refused",
            message: format!("Globus answers {status} to the question for the user's groups"),
            option: Some("scope"),
            fix: format!("ask for `{GROUPS_SCOPE}` in {}", cx.settings.name_of("scope")),
        }),
        _ => None,
    }
}

fn username_claim(cx: &Context<'_>) -> String {
    cx.settings.value("username_claim").map(Value::to_text).unwrap_or_default()
}

fn not_allowed(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    if !cx.settings.bool("allowed_globus_groups").ok()? {
        return None;
    }
    let (who, setting) = (model.name.to_text(), cx.settings.name_of("allowed_globus_groups"));
    let groups = model.auth_state.get("globus_groups").and_then(Value::iterate).unwrap_or_default();
    let names: Vec<String> = groups.iter().map(|group| format!("`{}`", group.to_text())).collect();
    let message = match names.len() {
        0 => format!("`{who}` is in no Globus group"),
        _ => format!("`{who}` is in {}, and none of them is allowed", names.join(", ")),
    };
    Some(Explanation {
        code: "not-allowed",
        message,
        option: Some("allowed_globus_groups"),
        fix: format!(
            "add one of the user's groups to {setting}, by its UUID in lower case, or `{who}` to {}",
            cx.settings.name_of("allowed_users")
        ),
    })
}
