//! `oauthenticator.cilogon.CILogonOAuthenticator`: one login service in front of many identity providers, each with its
//! own way to make names and to let people in.

use super::fnmatch::fnmatch;
use super::python;
use super::{AuthModel, Authenticator, BadEnd, Begin, CheckResult, Context, Explanation, base};
use crate::failure::{Raised, Stage};
use crate::settings::Unsupported;
use crate::value::{Dict, Value};

/// `oauthenticator.cilogon.CILogonOAuthenticator`.
pub struct CILogonOAuthenticator;

impl Authenticator for CILogonOAuthenticator {
    fn class(&self) -> &'static str {
        "CILogonOAuthenticator"
    }

    /// `CILogonLoginHandler.authorize_redirect`.
    fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Raised> {
        base::begin_with(cx, redirect_uri, |params| {
            cx.settings.complete("idps")?;
            params.insert("selected_idp", Value::Str(select_idp_param(cx.settings.dict("idps")?)?));
            let skin = cx.settings.str("skin")?;
            if !skin.is_empty() {
                params.insert("skin", Value::str(skin));
            }
            Ok(())
        })
    }

    fn user_info_to_username(&self, cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
        let idp = python::get(user_info, "idp")?.filter(|idp| python::truth(idp));
        let Some(idp) = idp else {
            return Err(Raised::http(500, "'idp' claim was not part of the response to the userdata_url"));
        };
        let config = match idp_config(cx, idp)? {
            Some(config) if truth(cx, config)? => config,
            _ => {
                let message = format!("Login with identity provider {} is not pre-configured", idp.to_text());
                return Err(Raised::http(403, message));
            }
        };
        let derivation = python::index(config, "username_derivation")?;
        cx.none_overridden(&["_user_info_to_unprocessed_username", "_get_processed_username"])?;
        let username = unprocessed_username(derivation, user_info, idp)?;
        processed_username(derivation, username)
    }

    fn check_allowed(&self, cx: &Context<'_>, username: &Value, auth_model: &AuthModel) -> Result<bool, Raised> {
        if base::check_allowed(cx, username, auth_model)? {
            return Ok(true);
        }
        let user_info = python::index(&auth_model.auth_state, &base::user_auth_state_key(cx)?)?;
        let idp = python::index(user_info, "idp")?;
        let config = idp_config(cx, idp)?.ok_or_else(|| Raised::exception("KeyError", idp.repr()))?;
        let rule = |name: &str| format!("idps[{}].{name}", idp.repr());
        if python::get(config, "allow_all")?.is_some_and(python::truth) {
            let because = "everyone of this identity provider may enter";
            cx.decide(&rule("allow_all"), CheckResult::Allow, because);
            return Ok(true);
        }
        cx.decide(&rule("allow_all"), CheckResult::Skip, "it is off");
        let domains = python::get(config, "allowed_domains")?.filter(|domains| python::truth(domains));
        let Some(domains) = domains else {
            cx.decide(&rule("allowed_domains"), CheckResult::Skip, "no domain is listed");
            return Ok(false);
        };
        let domain = user_domain(config, user_info, idp)?;
        for allowed in python::iterate(domains)? {
            if fnmatch(&domain, &allowed.to_text()) {
                let because = format!("`{domain}` matches `{}`", allowed.to_text());
                cx.decide(&rule("allowed_domains"), CheckResult::Allow, because);
                return Ok(true);
            }
        }
        let because = format!("`{domain}` matches none of {}", list(domains));
        cx.decide(&rule("allowed_domains"), CheckResult::Skip, because);
        Ok(false)
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        match (end.stage, end.raised) {
            (Stage::Authorize, Some(Raised::Exception { class: "StopIteration", .. })) => Some(no_idps(cx)),
            (Stage::Username | Stage::Decision, Some(Raised::Http { message, .. })) => explain_raised(cx, message),
            (Stage::Decision, None) if end.check == Some("check_allowed") => not_allowed(cx, end.model?),
            _ => None,
        }
    }
}

/// `_get_select_idp_param`: the default first, then the others.
fn select_idp_param(idps: &Dict) -> Result<String, Raised> {
    let mut default = None;
    for (entity, config) in idps.iter() {
        if python::get(config, "default")?.is_some_and(python::truth) {
            default = default.or(Some(entity));
        }
    }
    let first = idps.keys().next().ok_or_else(|| Raised::exception("StopIteration", ""))?;
    let default = default.unwrap_or(first);
    let others = idps.keys().filter(|entity| *entity != default);
    let all: Vec<String> = std::iter::once(default).chain(others).map(Value::to_text).collect();
    Ok(all.join(","))
}

/// `self.idps.get(idp)`, known to the last word.
fn idp_config<'a>(cx: &'a Context<'_>, idp: &Value) -> Result<Option<&'a Value>, Raised> {
    let found = python::lookup(cx.settings.dict("idps")?, idp)?;
    if found.is_none_or(|config| config.find_unknown().is_some()) {
        // Another key, or a part of this one, may be what is not known.
        cx.settings.complete("idps")?;
    }
    Ok(found)
}

fn truth(cx: &Context<'_>, value: &Value) -> Result<bool, Unsupported> {
    match value.truth() {
        Some(truth) => Ok(truth),
        None => cx.settings.complete("idps").map(|_| true),
    }
}

/// `_user_info_to_unprocessed_username`.
fn unprocessed_username(derivation: &Value, user_info: &Value, idp: &Value) -> Result<Value, Raised> {
    let claim = python::index(derivation, "username_claim")?;
    let username = python::lookup(python::dict(user_info, "get")?, claim)?;
    match username.filter(|username| python::truth(username)) {
        Some(username) => Ok(username.clone()),
        None => Err(not_found("username_claim", claim, idp, user_info)?),
    }
}

/// The 500 about a claim that did not come.
fn not_found(option: &str, claim: &Value, idp: &Value, user_info: &Value) -> Result<Raised, Raised> {
    let (claim, idp, keys) = (claim.to_text(), idp.to_text(), python::keys(user_info)?);
    Ok(Raised::http(500, format!("Configured {option} {claim} for {idp} was not found in the response {keys}")))
}

/// `_get_processed_username`.
fn processed_username(derivation: &Value, username: Value) -> Result<Value, Raised> {
    match python::get(derivation, "action")?.and_then(Value::as_str) {
        Some("strip_idp_domain") => {
            let suffix = format!("@{}", python::index(derivation, "domain")?.to_text());
            let text = python::text(&username, "lower")?;
            if !text.to_lowercase().ends_with(&suffix.to_lowercase()) {
                return Ok(username);
            }
            // Python cuts by the suffix's own length, whatever lower-casing made of it.
            let kept = text.chars().count().saturating_sub(suffix.chars().count());
            Ok(Value::Str(text.chars().take(kept).collect()))
        }
        Some("prefix") => {
            let prefix = python::index(derivation, "prefix")?.to_text();
            Ok(Value::Str(format!("{prefix}:{}", username.to_text())))
        }
        _ => Ok(username),
    }
}

/// The domain that `allowed_domains` is compared with.
fn user_domain(config: &Value, user_info: &Value, idp: &Value) -> Result<String, Raised> {
    let claim = python::get(config, "allowed_domains_claim")?.filter(|claim| python::truth(claim));
    let raw = match claim {
        Some(claim) => {
            let found = python::lookup(python::dict(user_info, "get")?, claim)?.filter(|raw| python::truth(raw));
            found.cloned().map_or_else(|| Err(not_found("allowed_domains_claim", claim, idp, user_info)?), Ok)?
        }
        None => unprocessed_username(python::index(config, "username_derivation")?, user_info, idp)?,
    };
    let text = python::text(&raw, "split")?;
    Ok(text.rsplit('@').next().unwrap_or(text).to_lowercase())
}

fn list(values: &Value) -> String {
    let items = values.iterate().unwrap_or_default();
    items.iter().map(|item| format!("`{}`", item.to_text())).collect::<Vec<_>>().join(", ")
}

fn no_idps(cx: &Context<'_>) -> Explanation {
    let setting = cx.settings.name_of("idps");
    Explanation {
        code: "no-idps",
        message: format!("{setting} is empty, so the hub has no identity provider to send people to (StopIteration)"),
        option: Some("idps"),
        fix: format!("add one to {setting}, by its EntityID from https://cilogon.org/idplist"),
    }
}

fn explain_raised(cx: &Context<'_>, message: &str) -> Option<Explanation> {
    let setting = cx.settings.name_of("idps");
    if message.starts_with("'idp' claim was not part") {
        return Some(Explanation {
            code: "idp-claim-missing",
            message: "CILogon's userinfo does not say which identity provider it was (no `idp`)".into(),
            option: Some("scope"),
            fix: "see that the client registered at CILogon may ask for `org.cilogon.userinfo`".into(),
        });
    }
    if let Some(idp) = message.strip_prefix("Login with identity provider ") {
        let idp = idp.strip_suffix(" is not pre-configured").unwrap_or(idp);
        let near = cx.settings.dict("idps").ok().and_then(|idps| near_entity(idps, idp));
        let fix = match near {
            Some(near) => {
                format!("write `{idp}` instead of `{near}` in {setting}: EntityIDs are compared to the letter")
            }
            None => format!("add `{idp}` to {setting}, with its username_derivation"),
        };
        let message = format!("the user came through `{idp}`, which is not in {setting}");
        return Some(Explanation { code: "idp-not-configured", message, option: Some("idps"), fix });
    }
    if message.starts_with("Configured ") {
        let option =
            if message.starts_with("Configured username_claim") { "username_claim" } else { "allowed_domains_claim" };
        return Some(Explanation {
            code: "claim-missing",
            message: message.to_owned(),
            option: Some("idps"),
            fix: format!(
                "choose a {option} in {setting} that this identity provider sends; claims differ between them"
            ),
        });
    }
    None
}

/// An EntityID that differs only in what people overlook: http or https, capitals, a slash at the end.
fn near_entity(idps: &Dict, idp: &str) -> Option<String> {
    let bare = |text: &str| {
        let text = text.to_lowercase();
        let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text).to_owned();
        text.trim_matches(|c: char| c == '/' || c.is_whitespace()).trim_start_matches("www.").to_owned()
    };
    // Google has one EntityID for OpenID and another for OpenID Connect.
    const GOOGLE: [&str; 2] = ["google.com/accounts/o8/id", "accounts.google.com/o/oauth2/auth"];
    let wanted = bare(idp);
    let is_google = |text: &str| GOOGLE.contains(&text);
    idps.keys().map(Value::to_text).find(|entity| {
        let entity = bare(entity);
        entity == wanted || (is_google(&entity) && is_google(&wanted))
    })
}

fn not_allowed(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let key = base::user_auth_state_key(cx).ok()?;
    let user_info = model.auth_state.get(&key)?;
    let idp = user_info.get("idp")?;
    let config = idp_config(cx, idp).ok()??;
    let (who, entity, setting) = (model.name.to_text(), idp.to_text(), cx.settings.name_of("idps"));
    let domains = config.get("allowed_domains").filter(|domains| python::truth(domains));
    let Some(domains) = domains else {
        return Some(Explanation {
            code: "not-allowed",
            message: format!("no rule allows `{who}`, who came through `{entity}`"),
            option: Some("idps"),
            fix: format!(
                "set `allow_all` or `allowed_domains` for it in {setting}, or add `{who}` to {}",
                cx.settings.name_of("allowed_users")
            ),
        });
    };
    let domain = user_domain(config, user_info, idp).ok()?;
    Some(Explanation {
        code: "not-allowed",
        message: format!("`{who}` is of `{domain}`, and {} would be needed", list(domains)),
        option: Some("idps"),
        fix: format!(
            "add `{domain}` to allowed_domains of `{entity}` in {setting}; `*.uni.edu` does not cover `uni.edu`"
        ),
    })
}
