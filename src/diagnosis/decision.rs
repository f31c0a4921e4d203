//! Why somebody is turned away, and which setting would have let them in (failure modes AZ…).

use super::{Finding, name, network, plain};
use crate::authenticator::multi::inner_name;
use crate::authenticator::{AuthModel, Context, for_class};
use crate::failure::{Failure, Raised, Stage};
use crate::http::Exchange;
use crate::resolution::why_invalid;
use crate::value::{Set, Value};

pub(super) fn turned_away(cx: &Context<'_>, check: &str, model: Option<&AuthModel>) -> Finding {
    let Some(model) = model else { return Finding::new("not-allowed", "nobody was authenticated", "log in again") };
    let who = model.name.to_text();
    match check {
        "username" => {
            let because = why_invalid(cx, &model.name);
            let option = if because.contains("username_pattern") { "username_pattern" } else { "username_claim" };
            let fix = match option {
                "username_pattern" => format!("widen {}, or choose another claim for names", name(cx, option)),
                _ => format!("choose another claim for names in {}", name(cx, option)),
            };
            Finding::new("invalid-username", format!("`{who}` is no user name that the hub accepts: {because}"), fix)
                .of(option)
        }
        "username_prefix" => Finding::new(
            "no-username-prefix",
            format!(
                "`{who}` has lost the prefix of its login service, without which MultiAuthenticator lets nobody in"
            ),
            format!("let {} keep names with their prefix apart", name(cx, "username_map")),
        )
        .of("username_map"),
        "blocked_users" => Finding::new(
            "blocked",
            format!("`{who}` is in blocked_users"),
            format!("take `{who}` out of {}", name(cx, "blocked_users")),
        )
        .of("blocked_users"),
        "post_auth_hook" => Finding::new(
            "not-allowed",
            format!("post_auth_hook returned nothing for `{who}`, which keeps the user out"),
            "see that it returns the auth model",
        )
        .of("post_auth_hook"),
        _ => not_allowed(cx, &who, model),
    }
}

/// A denial by a method of the configuration's own class.
pub(super) fn by_own_method(cx: &Context<'_>, check: &str) -> Option<Failure> {
    let (method, code) = match check {
        "blocked_users" => ("check_blocked_users", "blocked"),
        "check_allowed" => ("check_allowed", "not-allowed"),
        _ => return None,
    };
    let class = cx.settings.class();
    let found = class.overridden(method)?;
    Some(Failure {
        stage: Stage::Decision,
        code,
        message: format!("{method} of {} turns this user away", class.name),
        setting: Some("JupyterHub.authenticator_class".into()),
        span: Some(found.span.clone()),
        fix: "see what it returns for this user's auth model".into(),
        hub_status: Some(403),
    })
}

/// The setting that comes closest to letting the user in.
fn not_allowed(cx: &Context<'_>, who: &str, model: &AuthModel) -> Finding {
    let set = |option| cx.settings.set(option).cloned().unwrap_or_default();
    let (groups, users) = (set("allowed_groups"), set("allowed_users"));
    if !groups.is_empty() {
        let (message, fix) = groups_message(cx, who, model, &groups);
        return Finding::new("not-allowed", message, fix).of("allowed_groups");
    }
    // The lists of an entry of `MultiAuthenticator` hold names without the prefix.
    let listed =
        for_class(cx.settings.class().def.name).and_then(|auth| inner_name(auth, cx, &model.name).ok().flatten());
    let listed = listed.map_or_else(|| who.to_owned(), |name| name.to_text());
    let fix = format!("add `{listed}` to {}, or set `allow_all = True`", name(cx, "allowed_users"));
    if users.is_empty() {
        let message = format!("no rule allows `{who}`: nothing is configured that lets anybody in");
        return Finding::new("nobody-allowed", message, fix).of("allowed_users");
    }
    Finding::new("not-allowed", format!("no rule allows `{who}`"), fix).of("allowed_users")
}

fn groups_message(cx: &Context<'_>, who: &str, model: &AuthModel, allowed: &Set) -> (String, String) {
    let list = |items: &mut dyn Iterator<Item = &Value>| {
        items.map(|item| format!("`{}`", item.to_text())).collect::<Vec<_>>().join(", ")
    };
    let setting = name(cx, "allowed_groups");
    let wanted = list(&mut allowed.iter());
    let came = match &model.groups {
        Some(Value::List(groups)) => groups.clone(),
        _ => Vec::new(),
    };
    if came.is_empty() {
        let key = name(cx, "auth_state_groups_key");
        let message = format!("`{who}` came with no groups, and {wanted} would be needed");
        return (message, format!("see that the provider sends groups (scope, mapper), and that {key} points at them"));
    }
    let message = format!("`{who}` is in {}, and {wanted} would be needed", list(&mut came.iter()));
    let bare = |text: &str| text.trim_start_matches('/').to_lowercase();
    let near = came.iter().find(|group| allowed.iter().any(|wanted| bare(&wanted.to_text()) == bare(&group.to_text())));
    let fix = match near {
        Some(group) => format!("write `{}` in {setting}, exactly as the provider sends it", group.to_text()),
        None => format!("add one of the user's groups to {setting}, or the user to {}", name(cx, "allowed_users")),
    };
    (message, fix)
}

pub(super) fn explain(cx: &Context<'_>, raised: &Raised, exchange: Option<&Exchange>) -> Finding {
    let api_option = for_class(cx.settings.class().def.name).and_then(|auth| auth.api_option());
    if exchange.is_some()
        && let Some(finding) = network::explain(cx, raised, exchange, api_option.unwrap_or("token_url"))
    {
        return Finding { option: api_option, ..finding };
    }
    match raised {
        Raised::Http { status: 403, message } => Finding::new(
            "refused",
            message.clone(),
            "this provider's class turns such users away on purpose: see its options",
        ),
        Raised::Exception { class: "KeyError", message } if message.contains("getpwnam") => Finding::new(
            "no-system-user",
            format!("a Local… class asks the system for its groups, and there is no such user ({message})"),
            "use the class without `Local`, or run where the hub's users exist",
        )
        .of("allowed_groups"),
        Raised::Exception { class: "TypeError", message } if message.contains("'<' not supported") => Finding::new(
            "groups-invalid",
            format!("the groups are of different kinds, so the hub cannot sort them: {message}"),
            format!("make them texts with a function in {}", name(cx, "auth_state_groups_key")),
        )
        .of("auth_state_groups_key"),
        other => plain(other),
    }
}
