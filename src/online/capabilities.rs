//! What the provider says it can do, against what the hub will ask of it.

use super::Run;
use super::token::Token;
use crate::diagnostic::Level;
use crate::discovery::Metadata;
use crate::settings::suggest::close_matches;
use crate::value::Value;

pub(super) fn judge(run: &Run<'_>, provider: &Metadata, token: Token) {
    pkce(run, provider);
    scopes(run, provider);
    claims(run, provider);
    if token != Token::Accepted {
        client_authentication(run, provider);
    }
}

/// RFC 8414, section 2: `code_challenge_methods_supported`.
fn pkce(run: &Run<'_>, provider: &Metadata) {
    let Some(methods) = &provider.code_challenge_methods_supported else { return };
    let s256 = methods.iter().any(|method| method == "S256");
    if run.cx.on("enable_pkce") && !s256 {
        let known = if methods.is_empty() { "no method".to_owned() } else { format!("only {}", methods.join(", ")) };
        let message = format!("the hub sends a PKCE challenge with S256, and the provider names {known}");
        run.tell(
            "",
            run.at("pkce-not-advertised", Level::Warning, "enable_pkce", message)
                .with_note("a provider that does not know PKCE ignores the challenge; one that knows only other methods refuses the login")
                .with_fix("try a login; if it is refused, set `enable_pkce = False`"),
        );
    } else if run.cx.off("enable_pkce") && s256 {
        run.tell(
            "",
            run.at(
                "pkce-available",
                Level::Note,
                "enable_pkce",
                "the provider knows PKCE with S256, and enable_pkce is off",
            )
            .with_note("PKCE keeps a code that was stolen on the way from being used")
            .with_fix("take `enable_pkce = False` away"),
        );
    }
}

fn scopes(run: &Run<'_>, provider: &Metadata) {
    let Some(known) = provider.scopes_supported.as_ref().filter(|known| !known.is_empty()) else { return };
    let Ok(configured) = run.settings.list("scope") else { return };
    if !run.settings.is_set("scope") {
        return;
    }
    for scope in configured.iter().filter_map(Value::as_str) {
        let parts = scope.split(' ').filter(|part| !part.is_empty());
        for part in parts.filter(|part| !known.iter().any(|one| one == part)) {
            let near = close_matches(part, known.iter().map(String::as_str)).first().map(|near| (*near).to_owned());
            let level = if near.is_some() { Level::Warning } else { Level::Note };
            let message = format!("the provider names no scope `{part}`");
            let finding = run
                .at("scope-not-advertised", level, "scope", message)
                .with_note("a provider may know more scopes than it names; an unknown one is ignored, or refused with invalid_scope");
            let fix = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it names {}", listed(known)),
            };
            run.tell(part, finding.with_fix(fix));
        }
    }
}

fn claims(run: &Run<'_>, provider: &Metadata) {
    let Some(known) = provider.claims_supported.as_ref().filter(|known| !known.is_empty()) else { return };
    for (option, claim) in used_claims(run) {
        if known.contains(&claim) {
            continue;
        }
        let near = close_matches(&claim, known.iter().map(String::as_str)).first().map(|near| (*near).to_owned());
        let finding = run
            .at("claim-not-advertised", Level::Note, option, format!("the provider names no claim `{claim}`"))
            .with_note("a provider may give more claims than it names: a login shows which come");
        let finding = match near {
            Some(near) => finding.with_fix(format!("did you mean `{near}`?")),
            None => finding,
        };
        run.tell(&claim, finding);
    }
}

/// The claims that somebody named, by the option.
fn used_claims(run: &Run<'_>) -> Vec<(&'static str, String)> {
    let username = run.cx.text("username_claim").map(|claim| ("username_claim", claim.to_owned()));
    let old = run.cx.text("claim_groups_key").map(|key| ("claim_groups_key", key.to_owned()));
    let key = run.cx.text("auth_state_groups_key").and_then(|key| key.split_once('.'));
    let key = key.filter(|(state, _)| run.text("user_auth_state_key").unwrap_or("oauth_user") == *state);
    let key = key.and_then(|(_, path)| path.split('.').next()).map(|claim| ("auth_state_groups_key", claim.to_owned()));
    username.into_iter().chain(old).chain(key).filter(|(_, claim)| !claim.is_empty()).collect()
}

fn client_authentication(run: &Run<'_>, provider: &Metadata) {
    let methods = &provider.token_endpoint_auth_methods_supported;
    let basic = run.cx.on("basic_auth");
    let (own, other) = match basic {
        true => ("client_secret_basic", "client_secret_post"),
        false => ("client_secret_post", "client_secret_basic"),
    };
    let has = |name: &str| methods.iter().any(|method| method == name);
    if has(own)
        || !has(other)
        || run.settings.bool("basic_auth").is_err()
        || run.told.borrow().contains(&("client-auth-method", "client".into()))
    {
        return;
    }
    let value = if basic { "False" } else { "True" };
    let message = format!("the hub names itself by {own}, and the provider takes only {}", methods.join(", "));
    run.tell(
        "client",
        run.at("client-auth-method", Level::Warning, "basic_auth", message)
            .with_note(
                "where the list is left out, the standards say client_secret_basic, and many providers take both",
            )
            .with_fix(format!("if logins fail with invalid_client, set `{} = {value}`", run.cx.name("basic_auth"))),
    );
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(12).map(|name| crate::sys::printable(name)).collect::<Vec<_>>().join(", ");
    if names.len() > 12 { format!("{shown} and {} more", names.len() - 12) } else { shown }
}
