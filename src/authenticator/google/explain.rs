//! What can be said of logins that Google's class ends.

use super::names;
use crate::authenticator::{AuthModel, BadEnd, Context, Explanation, base};
use crate::failure::{Raised, Stage};
use crate::http::Exchange;
use crate::value::{Set, Value};

/// `explain` of the class.
pub(super) fn explain(cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
    match (end.stage, end.raised) {
        (Stage::Username, Some(Raised::Exception { class, message })) => username(cx, class, message),
        (Stage::Decision, Some(raised)) => decision(cx, raised, end.model),
        (Stage::Decision, None) => match end.check? {
            "blocked_users" => hosted_domain(cx, end.model?),
            "check_allowed" => not_allowed(cx, end.model?),
            _ => None,
        },
        _ => None,
    }
}

fn username(cx: &Context<'_>, class: &str, message: &str) -> Option<Explanation> {
    let scope = cx.settings.name_of("scope");
    match (class, message) {
        ("KeyError", "'email'") => Some(Explanation {
            code: "claim-missing",
            message: "Google's userdata has no `email`, which the hub needs whatever username_claim is".into(),
            option: Some("scope"),
            fix: format!("add `email` to {scope}"),
        }),
        ("IndexError", _) => Some(Explanation {
            code: "claim-invalid",
            message: "the `email` in the userdata has no `@`, so there is no domain".into(),
            option: Some("userdata_url"),
            fix: format!("check that {} is Google's", cx.settings.name_of("userdata_url")),
        }),
        _ => None,
    }
}

fn decision(cx: &Context<'_>, raised: &Raised, model: Option<&AuthModel>) -> Option<Explanation> {
    let userdata_url = cx.settings.name_of("userdata_url");
    match raised {
        Raised::Http { status: 403, message } if message.starts_with("Login with unverified email") => {
            Some(Explanation {
                code: "email-not-verified",
                message: message.clone(),
                option: None,
                fix: "verify the address in the Google account; no option of the hub waives this".into(),
            })
        }
        Raised::Exception { class: "KeyError", message } if message == "'verified_email'" => Some(Explanation {
            code: "claim-missing",
            message: "the userdata has no `verified_email`, which only version 1 of Google's userinfo sends".into(),
            option: Some("userdata_url"),
            fix: format!("leave {userdata_url} unset, or point it to https://www.googleapis.com/oauth2/v1/userinfo"),
        }),
        Raised::Exception { class: "KeyError", message } => no_key_for_domain(cx, message),
        Raised::Exception { class: "RefreshError", message } => Some(refresh(cx, message)),
        Raised::Exception { class: "TransportError", message } => Some(Explanation {
            code: "groups-unreachable",
            message: format!("Google's token endpoint for the service account cannot be asked: {message}"),
            option: None,
            fix: "check that this machine may go there; token_uri in the key file names the address".into(),
        }),
        Raised::Exception { class, .. } if last(cx).is_none() && model.is_none() => bad_key_file(cx, class, raised),
        Raised::Client { status: status @ (400..=404), .. } => Some(directory(cx, *status)),
        _ => None,
    }
}

/// The last request that the decision made.
fn last(cx: &Context<'_>) -> Option<Exchange> {
    cx.http.exchanges().into_iter().rev().find(|exchange| exchange.stage == Stage::Decision)
}

/// `KeyError: 'uni.edu'`: the domain of the address has no administrator, or no key.
fn no_key_for_domain(cx: &Context<'_>, message: &str) -> Option<Explanation> {
    let lacks = |option: &str| {
        let dict = cx.settings.dict(option).ok()?;
        dict.keys().all(|key| key.repr() != message).then_some(())
    };
    let option = ["gsuite_administrator", "google_service_account_keys"].into_iter().find(|o| lacks(o).is_some())?;
    let setting = cx.settings.name_of(option);
    Some(Explanation {
        code: "domain-without-key",
        message: format!("{setting} has no entry for {message}, the domain of the user's address"),
        option: Some(option),
        fix: format!("add {message} to {setting}: groups are asked for with the key of the user's own domain"),
    })
}

fn refresh(cx: &Context<'_>, message: &str) -> Explanation {
    let setting = cx.settings.name_of("google_service_account_keys");
    let fix = if message.contains("unauthorized_client") {
        "give the service account domain-wide delegation for \
         https://www.googleapis.com/auth/admin.directory.group.readonly (Admin console, API controls)"
            .to_owned()
    } else if message.contains("Invalid email or User ID") {
        let administrator = cx.settings.name_of("gsuite_administrator");
        format!("correct {administrator}: the name before the @ of an administrator of that domain")
    } else if message.contains("invalid_grant") {
        format!("see that the key in {setting} still exists, and that this machine's clock is right")
    } else {
        format!("read Google's words, and check the key file that {setting} names")
    };
    Explanation {
        code: "service-account-refused",
        message: format!("Google gives the service account no token: {message}"),
        option: Some("google_service_account_keys"),
        fix,
    }
}

fn bad_key_file(cx: &Context<'_>, class: &str, raised: &Raised) -> Option<Explanation> {
    const OF_THE_FILE: [&str; 7] = [
        "MalformedError",
        "InvalidValue",
        "JSONDecodeError",
        "UnicodeDecodeError",
        "ValueError",
        "TypeError",
        "AttributeError",
    ];
    let setting = cx.settings.name_of("google_service_account_keys");
    OF_THE_FILE.contains(&class).then(|| Explanation {
        code: "key-file-invalid",
        message: format!("the service account's key file is not what Google hands out: {}", raised.message()),
        option: Some("google_service_account_keys"),
        fix: format!("download a new JSON key for the service account, and name it in {setting}"),
    })
}

fn directory(cx: &Context<'_>, status: u16) -> Explanation {
    let administrator = cx.settings.name_of("gsuite_administrator");
    let said = last(cx)
        .and_then(|exchange| crate::json::parse(&exchange.answer?.text()).ok())
        .and_then(|body| body.get("error")?.get("message").map(Value::to_text))
        .unwrap_or_default();
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let fix = match status {
        401 | 403 => format!(
            "see that the Admin SDK API is enabled for the service account's project, and that {administrator} names an \
             administrator who may read groups"
        ),
        _ => "see that the user's address exists in the Workspace directory of its domain".to_owned(),
    };
    Explanation {
        code: "groups-refused",
        message: format!("Google's Directory API answers {status}{said}"),
        option: if matches!(status, 401 | 403) { Some("gsuite_administrator") } else { None },
        fix,
    }
}

fn hosted_domain(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let user_info = model.auth_state.get(&base::user_auth_state_key(cx).ok()?)?;
    let hd = user_info.get("hd").map(Value::to_text).unwrap_or_default();
    let hosted = cx.settings.list("hosted_domain").ok()?;
    if hosted.is_empty() || hosted.iter().any(|domain| domain.as_str() == Some(&hd)) {
        return None;
    }
    let (setting, who) = (cx.settings.name_of("hosted_domain"), model.name.to_text());
    let domain = user_info.get("domain").map(Value::to_text).unwrap_or_default();
    let message = match hd.as_str() {
        "" => format!("`{who}` uses an account of no Workspace domain (no `hd` claim), and {setting} wants one"),
        _ => format!("`{who}` is of the Workspace domain `{hd}`, which is not in {setting}"),
    };
    let fix = match hd.as_str() {
        "" if hosted.iter().any(|listed| listed.as_str() == Some(&domain)) => format!(
            "the address is of `{domain}`, but Google does not manage this account for it: log in with the \
             organisation's own account, or take {setting} away"
        ),
        "" => format!("log in with an account of that organisation, or take {setting} away"),
        _ => format!("add `{}` to {setting}, or log in with an account of a domain that is there", hd.to_lowercase()),
    };
    Some(Explanation { code: "hosted-domain-mismatch", message, option: Some("hosted_domain"), fix })
}

fn not_allowed(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let (groups_by_domain, setting) =
        (cx.settings.dict("allowed_google_groups").ok()?, cx.settings.name_of("allowed_google_groups"));
    if groups_by_domain.is_empty() {
        return restricted_only(cx, model);
    }
    let user_info = model.auth_state.get(&base::user_auth_state_key(cx).ok()?)?;
    let domain = user_info.get("domain")?;
    let groups = Set::of(user_info.get("google_groups")?.iterate()?).ok()?;
    let (who, shown) = (model.name.to_text(), domain.to_text());
    let Some(Value::Set(listed)) = groups_by_domain.get_value(domain) else {
        return Some(Explanation {
            code: "not-allowed",
            message: format!("{setting} has no groups for `{shown}`, the domain of `{who}`"),
            option: Some("allowed_google_groups"),
            fix: format!("add `{shown}` to {setting}, in lower case"),
        });
    };
    let address = listed
        .iter()
        .map(Value::to_text)
        .find(|name| name.split_once('@').is_some_and(|(name, _)| groups.contains_str(name)));
    let fix = match address {
        Some(address) => {
            let name = address.split('@').next().unwrap_or_default();
            format!("write `{name}` instead of `{address}` in {setting}: groups go by their name without domain")
        }
        None => {
            format!("add one of the user's groups to {setting}, or `{who}` to {}", cx.settings.name_of("allowed_users"))
        }
    };
    let came = if groups.is_empty() { "no group".to_owned() } else { names(&groups) };
    let message = format!("`{who}` is in {came}, and {} would be needed", names(listed));
    Some(Explanation { code: "not-allowed", message, option: Some("allowed_google_groups"), fix })
}

/// `hosted_domain` alone lets nobody in, which many expect of it.
fn restricted_only(cx: &Context<'_>, model: &AuthModel) -> Option<Explanation> {
    let hosted = cx.settings.bool("hosted_domain").ok()?;
    let no_users = cx.settings.set("allowed_users").is_ok_and(Set::is_empty);
    let no_groups = cx.settings.set("allowed_groups").is_ok_and(Set::is_empty);
    if !(hosted && no_users && no_groups) {
        return None;
    }
    let who = model.name.to_text();
    let setting = cx.settings.name_of("hosted_domain");
    Some(Explanation {
        code: "nobody-allowed",
        message: format!("no rule allows `{who}`: {setting} only keeps others out, it lets nobody in"),
        option: Some("allow_all"),
        fix: format!("set `{} = True`, or list users or groups that may enter", cx.settings.name_of("allow_all")),
    })
}
