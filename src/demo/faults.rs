//! Faults that the demo provider can be told to have: each a way in which real providers go wrong.

use serde_json::{Map, Value, json};

use super::http::Response;
use super::mediawiki::Trouble;

/// A way for the provider to go wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// What `--fault` takes.
    pub name: &'static str,
    /// What the provider does then.
    pub summary: &'static str,
    pub(crate) effect: Effect,
}

/// What a fault changes, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The person always says no.
    Deny,
    /// The callback lacks the state.
    NoState,
    /// The callback carries another state.
    WrongState,
    /// The callback names another issuer (RFC 9207).
    WrongIssuer,
    /// The callback lacks the code.
    NoCode,
    /// Only the first of the scopes asked for is granted.
    FewerScopes,
    /// The token endpoint answers with this status and an error.
    TokenStatus(u16, &'static str),
    /// The token endpoint answers with a page.
    TokenHtml,
    /// The token endpoint answers with nothing.
    TokenEmpty,
    /// The token endpoint answers form-encoded.
    TokenForm,
    /// The token endpoint answers an error with status 200.
    TokenErrorOk,
    /// The token answer lacks this field.
    TokenWithout(&'static str),
    /// The id_token ended an hour ago.
    IdTokenExpired,
    /// The id_token is meant for another client.
    IdTokenAudience,
    /// The id_token's signature is not the provider's.
    IdTokenSignature,
    /// Refreshing is refused.
    RefreshRefused,
    /// The userdata endpoint answers with this status.
    UserStatus(u16),
    /// The userdata endpoint answers with a page.
    UserHtml,
    /// The userdata lacks these fields.
    UserWithout(&'static [&'static str]),
    /// The groups come as one text.
    GroupsText,
    /// Every other call of the API is answered with this status.
    ApiStatus(u16),
    /// The second page of every list is missing.
    PageMissing,
    /// GitLab is of a release from before inherited membership could be asked for.
    OldRelease,
    /// Every answer takes longer than the hub waits.
    Slow,
    /// Something that only a wiki can do wrong.
    Wiki(Trouble),
}

const fn fault(name: &'static str, effect: Effect, summary: &'static str) -> Fault {
    Fault { name, summary, effect }
}

/// Every fault, in the order of a login.
pub static FAULTS: &[Fault] = &[
    fault("authorize-denied", Effect::Deny, "the person refuses: the callback carries error=access_denied"),
    fault("callback-no-state", Effect::NoState, "the callback lacks the state"),
    fault("callback-wrong-state", Effect::WrongState, "the callback carries a state that nobody sent"),
    fault("callback-wrong-issuer", Effect::WrongIssuer, "the callback names another issuer (RFC 9207)"),
    fault("callback-no-code", Effect::NoCode, "the callback carries neither a code nor an error"),
    fault("fewer-scopes", Effect::FewerScopes, "only the first of the scopes asked for is granted"),
    fault(
        "token-400",
        Effect::TokenStatus(400, "invalid_grant"),
        "the token endpoint refuses every code: 400 invalid_grant",
    ),
    fault(
        "token-401",
        Effect::TokenStatus(401, "invalid_client"),
        "the token endpoint refuses the client: 401 invalid_client",
    ),
    fault("token-500", Effect::TokenStatus(500, "server_error"), "the token endpoint fails: 500"),
    fault("token-html", Effect::TokenHtml, "the token endpoint answers 200 with a page instead of JSON"),
    fault("token-empty", Effect::TokenEmpty, "the token endpoint answers 200 with an empty body"),
    fault("token-form-encoded", Effect::TokenForm, "the token endpoint answers form-encoded instead of in JSON"),
    fault(
        "token-error-200",
        Effect::TokenErrorOk,
        "the token endpoint answers an error with status 200, as GitHub does",
    ),
    fault("no-access-token", Effect::TokenWithout("access_token"), "the token answer lacks access_token"),
    fault("no-token-type", Effect::TokenWithout("token_type"), "the token answer lacks token_type"),
    fault("no-id-token", Effect::TokenWithout("id_token"), "the token answer lacks id_token"),
    fault("id-token-expired", Effect::IdTokenExpired, "the id_token expired an hour ago"),
    fault("id-token-wrong-audience", Effect::IdTokenAudience, "the id_token is meant for another client"),
    fault("id-token-bad-signature", Effect::IdTokenSignature, "the id_token's signature does not verify"),
    fault("refresh-refused", Effect::RefreshRefused, "refresh tokens are refused: 400 invalid_grant"),
    fault("userinfo-401", Effect::UserStatus(401), "the userdata endpoint refuses the access token: 401"),
    fault("userinfo-403", Effect::UserStatus(403), "the userdata endpoint refuses access: 403"),
    fault("userinfo-429", Effect::UserStatus(429), "the userdata endpoint is asked too often: 429 with Retry-After"),
    fault("userinfo-500", Effect::UserStatus(500), "the userdata endpoint fails: 500"),
    fault("userinfo-html", Effect::UserHtml, "the userdata endpoint answers 200 with a page instead of JSON"),
    fault(
        "userinfo-no-username",
        Effect::UserWithout(&["preferred_username", "login", "username", "nickname", "name", "email"]),
        "the userdata lacks every name for the user",
    ),
    fault("userinfo-no-email", Effect::UserWithout(&["email", "email_verified"]), "the userdata lacks the e-mail"),
    fault("userinfo-no-groups", Effect::UserWithout(&["groups"]), "the userdata lacks the groups"),
    fault("userinfo-groups-text", Effect::GroupsText, "the groups come as one text instead of a list"),
    fault("api-403", Effect::ApiStatus(403), "calls beyond the userdata are refused: 403"),
    fault("api-429", Effect::ApiStatus(429), "calls beyond the userdata come too often: 429 with Retry-After"),
    fault("api-500", Effect::ApiStatus(500), "calls beyond the userdata fail: 500"),
    fault("page-missing", Effect::PageMissing, "the second page of every list is missing: 404"),
    fault("old-release", Effect::OldRelease, "GitLab is 12.3, which knows no inherited membership"),
    fault(
        "wiki-consumer-not-approved",
        Effect::Wiki(Trouble::NotApproved),
        "MediaWiki: the consumer is not approved, or disabled (E005)",
    ),
    fault(
        "wiki-consumer-owner-only",
        Effect::Wiki(Trouble::OwnerOnly),
        "MediaWiki: the consumer is for its owner (E010)",
    ),
    fault(
        "wiki-callback-fixed",
        Effect::Wiki(Trouble::CallbackFixed),
        "MediaWiki: the consumer's callback is no prefix, so that only `oob` is taken",
    ),
    fault("wiki-clock", Effect::Wiki(Trouble::Clock), "MediaWiki: the wiki's clock is an hour ahead"),
    fault("wiki-redirects", Effect::Wiki(Trouble::Redirects), "MediaWiki: index.php redirects to another address"),
    fault(
        "wiki-token-expired",
        Effect::Wiki(Trouble::TokenExpired),
        "MediaWiki: the request token has expired when it is to be exchanged (E004)",
    ),
    fault("wiki-token-used", Effect::Wiki(Trouble::TokenUsed), "MediaWiki: the request token was used before (E009)"),
    fault("wiki-user-blocked", Effect::Wiki(Trouble::UserBlocked), "MediaWiki: the user is blocked (E007)"),
    fault("wiki-number-subject", Effect::Wiki(Trouble::NumberSubject), "MediaWiki: the identity's `sub` is a number"),
    fault("wiki-other-issuer", Effect::Wiki(Trouble::OtherIssuer), "MediaWiki: the identity names another issuer"),
    fault("wiki-future", Effect::Wiki(Trouble::Future), "MediaWiki: the identity is issued half a minute from now"),
    fault("wiki-replay", Effect::Wiki(Trouble::Replay), "MediaWiki: the identity is that of another request"),
    fault("slow", Effect::Slow, "every answer to the hub takes longer than the 20 seconds it waits"),
];

/// The fault of this name.
pub fn fault_named(name: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.name == name)
}

/// What a proxy or a wrong address answers with, where JSON is expected.
fn page() -> Response {
    let body =
        "<!doctype html>\n<html lang=\"en\"><title>Welcome</title><p>This is not the page you expect.</p></html>\n";
    Response::typed(200, "text/html; charset=utf-8", body.to_owned())
}

fn failure(status: u16) -> Response {
    let response = Response::json(status, &json!({"message": "the demo provider was told to fail"}));
    match status {
        401 => response.with("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        429 => response.with("Retry-After", "60"),
        _ => response,
    }
}

impl Effect {
    /// The token endpoint's answer in place of any other.
    pub(crate) fn instead_of_token(self, refreshing: bool) -> Option<Response> {
        let error =
            |status, code: &str, why: &str| Response::json(status, &json!({"error": code, "error_description": why}));
        match self {
            Effect::TokenStatus(401, code) => {
                let response = error(401, code, "the demo provider was told to refuse the client");
                Some(response.with("WWW-Authenticate", "Basic realm=\"demo\""))
            }
            Effect::TokenStatus(status, code) => Some(error(status, code, "the demo provider was told to fail")),
            Effect::TokenHtml => Some(page()),
            Effect::TokenEmpty => Some(Response::empty(200).with("Content-Type", "application/json")),
            Effect::TokenErrorOk => Some(error(200, "bad_verification_code", "the code is incorrect or expired")),
            Effect::RefreshRefused if refreshing => Some(error(400, "invalid_grant", "the refresh token is not valid")),
            _ => None,
        }
    }

    /// The good token answer, as this fault leaves it.
    pub(crate) fn token(self, mut answer: Value) -> Response {
        match (self, answer.as_object_mut()) {
            (Effect::TokenWithout(field), Some(fields)) => {
                fields.shift_remove(field);
            }
            (Effect::TokenForm, Some(fields)) => return form(fields),
            _ => {}
        }
        Response::json(200, &answer)
    }

    /// The userdata endpoint's answer in place of any other.
    pub(crate) fn instead_of_userdata(self) -> Option<Response> {
        match self {
            Effect::UserStatus(status) => Some(failure(status)),
            Effect::UserHtml => Some(page()),
            _ => None,
        }
    }

    /// The answer to any other call of the API.
    pub(crate) fn instead_of_api(self, page: usize) -> Option<Response> {
        match self {
            Effect::ApiStatus(status) => Some(failure(status)),
            Effect::PageMissing if page == 2 => Some(failure(404)),
            _ => None,
        }
    }

    /// The good userdata, as this fault leaves it.
    pub(crate) fn userdata(self, mut userdata: Value) -> Value {
        let Some(fields) = userdata.as_object_mut() else {
            return userdata;
        };
        match self {
            Effect::UserWithout(names) => fields.retain(|name, _| !names.contains(&name.as_str())),
            Effect::GroupsText => {
                if let Some(groups) = fields.get_mut("groups") {
                    let names: Vec<_> = groups.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    *groups = Value::String(names.join(","));
                }
            }
            _ => {}
        }
        userdata
    }
}

/// The answer form-encoded: what GitHub sends to clients that do not ask for JSON.
pub(crate) fn form(answer: &Map<String, Value>) -> Response {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in answer {
        pairs.append_pair(name, value.as_str().unwrap_or(&value.to_string()));
    }
    Response::typed(200, "application/x-www-form-urlencoded; charset=utf-8", pairs.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name_alone() {
        for fault in FAULTS {
            assert_eq!(fault_named(fault.name), Some(fault), "two faults are named {}", fault.name);
            assert!(fault.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
            assert!(!fault.summary.ends_with('.'), "{}", fault.name);
        }
    }
}
