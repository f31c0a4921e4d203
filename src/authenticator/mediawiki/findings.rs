//! What a configuration for MediaWiki means otherwise than it reads: options of OAuth 2.0 that this class has inherited and
//! never asks for (`oauthenticator/mediawiki.py` against `oauthenticator/oauth2.py`), and its refresh.

use crate::diagnostic::Diagnostic;
use crate::settings::Settings;

/// Options without effect, each with why.
const WITHOUT_EFFECT: &[(&str, &str)] = &[
    ("allowed_scopes", "OAuth 1.0a grants no scopes, so nobody has them"),
    ("authorize_url", "the wiki's addresses all come from mw_index_url"),
    ("basic_auth", "requests are signed, not authenticated by a password"),
    ("enable_pkce", "PKCE belongs to OAuth 2.0"),
    ("extra_authorize_params", "mwoauth builds the address for the browser, with nothing else in it"),
    ("http_request_kwargs", "mwoauth goes to the network by `requests`, not by tornado"),
    ("scope", "what the hub may do was fixed when the consumer was registered"),
    ("token_params", "mwoauth sends nothing else with its token request"),
    ("token_url", "the wiki's addresses all come from mw_index_url"),
    ("userdata_from_id_token", "the identity comes from Special:OAuth/identify"),
    ("userdata_params", "mwoauth sends nothing else with its request"),
    ("userdata_token_method", "requests are signed, and no token is sent along"),
    ("userdata_url", "the wiki's addresses all come from mw_index_url"),
    ("username_map", "this class puts its own way of normalising names in place of the one that looks at it"),
    ("validate_server_cert", "mwoauth goes to the network by `requests`, which always verifies"),
];

/// All of them.
pub(super) fn findings(settings: &Settings) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = WITHOUT_EFFECT
        .iter()
        .filter(|(option, _)| settings.is_set(option))
        .map(|(option, because)| without_effect(settings, option, because))
        .collect();
    findings.extend(callback_not_sent(settings));
    findings.extend(refresh(settings));
    findings
}

fn without_effect(settings: &Settings, option: &str, because: &str) -> Diagnostic {
    let name = settings.name_of(option);
    let finding =
        Diagnostic::warning("option-without-effect", format!("{name} has no effect for MediaWiki: {because}"))
            .with_span(settings.span_of(option).cloned())
            .with_setting(name.clone());
    match option {
        "http_request_kwargs" | "validate_server_cert" => finding.with_fix(format!(
            "take {name} out; an authority of your own goes into the hub's variable REQUESTS_CA_BUNDLE, a proxy into HTTPS_PROXY"
        )),
        "username_map" => finding.with_fix(format!("take {name} out, and list people by their names on the wiki")),
        "allowed_scopes" => finding.with_fix(format!("take {name} out, and use allowed_users or allow_all")),
        _ => finding.with_fix(format!("take {name} out")),
    }
}

fn callback_not_sent(settings: &Settings) -> Option<Diagnostic> {
    let name = settings.name_of("oauth_callback_url");
    settings.is_set("oauth_callback_url").then(|| {
        Diagnostic::note("option-without-effect", format!("the hub never sends {name} to the wiki (it sends `oob`)"))
            .with_span(settings.span_of("oauth_callback_url").cloned())
            .with_setting(name)
            .with_fix("register exactly this address as the consumer's callback, since that is where the wiki leads to")
    })
}

/// `refresh_user` hands `auth_state["token_response"]`, which this class never stores, to `token_to_user`.
fn refresh(settings: &Settings) -> Option<Diagnostic> {
    let on = |option| settings.bool(option).unwrap_or(false);
    let hooked = settings.value("refresh_user_hook").is_ok_and(|hook| hook.truth() == Some(true));
    let age = settings.int("auth_refresh_age").unwrap_or(0);
    if !on("enable_auth_state") || hooked || age == 0 {
        return None;
    }
    let when = match on("refresh_pre_spawn") {
        true => "every server start fails with it",
        false => "once auth_refresh_age has passed, everybody is sent to log in again and again",
    };
    let message = format!(
        "with enable_auth_state the hub refreshes users, which for this class raises TypeError: 'NoneType' object is not \
         subscriptable; {when}"
    );
    let option = "enable_auth_state";
    Some(
        Diagnostic::warning("mediawiki-refresh", message)
            .with_span(settings.span_of(option).cloned())
            .with_setting(settings.name_of(option))
            .with_note("oauthenticator 17.4.0 stores the token as ACCESS_TOKEN_KEY, and looks for it in token_response")
            .with_fix(format!("set {}.auth_refresh_age = 0", settings.class().name)),
    )
}
