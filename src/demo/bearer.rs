//! Who is behind an access token (RFC 6750).

use serde_json::{Value, json};

use super::call::Call;
use super::faults::Effect;
use super::grants::Grant;
use super::http::Response;
use super::paging;

/// The grant behind the request's access token, or the refusal to answer with.
pub(crate) fn grant(call: &Call<'_>) -> Result<Grant, Response> {
    let token = token(call)?;
    let known = call.state.grants().access(&token).cloned();
    known
        .filter(|grant| grant.shape == call.shape.name)
        .ok_or_else(|| refusal(401, Some("invalid_token"), "the access token is unknown, has expired or was revoked"))
}

/// The access token, from the header (RFC 6750 section 2.1) or from the query (section 2.3). With
/// `userdata_token_method` `url` oauthenticator sends it in both, which is let pass as long as it is the same.
fn token(call: &Call<'_>) -> Result<String, Response> {
    let header = call.request.header("authorization").map(|value| value.split_once(' ').unwrap_or((value, "")));
    let bearer = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let query = call.request.query.get("access_token");
    match (bearer, query) {
        (Some(one), Some(other)) if one != other => {
            Err(refusal(400, Some("invalid_request"), "the header and the query hold different access tokens"))
        }
        (Some(token), _) | (None, Some(token)) => Ok(token.to_owned()),
        // Section 3.1: who sent no token at all is told no error code.
        (None, None) => Err(refusal(401, None, "an access token is needed")),
    }
}

/// A refusal with its challenge (RFC 6750 section 3).
pub(crate) fn refusal(status: u16, code: Option<&str>, why: &str) -> Response {
    let challenge = match code {
        Some(code) => format!("Bearer realm=\"demo\", error=\"{code}\", error_description=\"{why}\""),
        None => "Bearer realm=\"demo\"".to_owned(),
    };
    let body = json!({"error": code.unwrap_or("unauthorized"), "error_description": why});
    Response::json(status, &body).with("WWW-Authenticate", challenge)
}

/// Answers a userdata request with what `userdata` makes of the grant, or with the fault that stands in its place.
pub(crate) fn userdata(call: &Call<'_>, userdata: impl FnOnce(&Grant) -> Result<Value, Response>) -> Response {
    if !matches!(call.method(), "GET" | "POST") {
        return Response::method_not_allowed("GET, HEAD, POST");
    }
    let effect = call.state.effect();
    if let Some(response) = effect.and_then(Effect::instead_of_userdata) {
        return response;
    }
    match grant(call).and_then(|grant| userdata(&grant)) {
        Ok(value) => Response::json(200, &effect.map_or(value.clone(), |effect| effect.userdata(value))),
        Err(refusal) => refusal,
    }
}

/// Answers any other call of a shape's API the same way.
pub(crate) fn api(call: &Call<'_>, respond: impl FnOnce(&Grant) -> Response) -> Response {
    if call.method() != "GET" {
        return Response::method_not_allowed("GET, HEAD");
    }
    let fault = call.state.effect().and_then(|effect| effect.instead_of_api(paging::asked(call)));
    fault.unwrap_or_else(|| match grant(call) {
        Ok(grant) => respond(&grant),
        Err(refusal) => refusal,
    })
}
