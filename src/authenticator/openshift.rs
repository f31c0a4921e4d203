//! OpenShift (`oauthenticator/openshift.py`): the cluster itself says where its OAuth server is.

use super::explain::last_answer;
use super::python;
use super::{Authenticator, BadEnd, Begin, Callback, Context, Explanation, base};
use crate::failure::{Raised, Stage};
use crate::http::Call;
use crate::json;
use crate::settings::{Kind, Settings};
use crate::value::{Unknown, Value};

/// The option that upstream computes by a request when it is first asked for.
const DISCOVERED: &str = "openshift_auth_api_url";

/// `oauthenticator.openshift.OpenShiftOAuthenticator`.
pub struct OpenShiftOAuthenticator;

impl Authenticator for OpenShiftOAuthenticator {
    fn class(&self) -> &'static str {
        "OpenShiftOAuthenticator"
    }

    fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Raised> {
        match settled(cx, "authorize_url", Stage::Authorize)? {
            Some(settings) => base::begin(&cx.with_settings(&settings), redirect_uri),
            None => base::begin(cx, redirect_uri),
        }
    }

    fn get_token_info(&self, cx: &Context<'_>, _callback: &Callback, params: &Value) -> Result<Value, Raised> {
        match settled(cx, "token_url", Stage::Token)? {
            Some(settings) => base::get_token_info(&cx.with_settings(&settings), params),
            None => base::get_token_info(cx, params),
        }
    }

    fn user_info_to_username(&self, _cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
        python::index(python::index(user_info, "metadata")?, "name").cloned()
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        let raised = end.raised?;
        match (end.stage, raised) {
            (Stage::Authorize, _) => not_discovered(cx, raised, "authorize_url"),
            (Stage::Token, _) if cx.recall(DISCOVERED).is_none() => not_discovered(cx, raised, "token_url"),
            (Stage::Username, Raised::Exception { class: "KeyError", message }) => Some(Explanation::of(
                "userdata_url",
                "userdata-not-user",
                format!("the answer is no User of OpenShift: it has no {message} (metadata.name is the user's name)"),
                format!(
                    "check that {} ends in /apis/user.openshift.io/v1/users/~",
                    cx.settings.name_of("userdata_url")
                ),
            )),
            _ => None,
        }
    }
}

/// Why an address is unknown, where that is only because the cluster has not been asked yet.
fn unasked<'s>(settings: &'s Settings, option: &str) -> Option<&'s Unknown> {
    let discovered = settings.get(DISCOVERED).filter(|setting| setting.written_as.is_none())?;
    match (&discovered.value, &settings.get(option)?.value, settings.str("openshift_url")) {
        // The reason has a place where a class of the configuration's computes it instead.
        (Value::Unknown(reason), Value::Unknown(same), Ok(_)) if reason == same && reason.span.is_none() => {
            Some(reason)
        }
        _ => None,
    }
}

/// The settings with the cluster's answer in them, where this address needs it; the cluster is asked once.
fn settled(cx: &Context<'_>, option: &str, stage: Stage) -> Result<Option<Settings>, Raised> {
    if unasked(cx.settings, option).is_none() {
        return Ok(None);
    }
    let issuer = match cx.recall(DISCOVERED) {
        Some(issuer) => issuer,
        None => discover(cx, stage)?,
    };
    cx.remember(DISCOVERED, issuer.clone());
    let mut settled = cx.settings.clone();
    for (option, path) in [("authorize_url", "/oauth/authorize"), ("token_url", "/oauth/token"), (DISCOVERED, "")] {
        if unasked(cx.settings, option).is_some() {
            settled.replace(option, Value::Str(format!("{}{path}", issuer.to_text())));
        }
    }
    Ok(Some(settled))
}

/// `_openshift_auth_api_url_default`: `issuer` of the cluster's metadata (RFC 8414), as a `Unicode` trait takes it.
fn discover(cx: &Context<'_>, stage: Stage) -> Result<Value, Raised> {
    cx.not_overridden("_openshift_auth_api_url_default")?;
    cx.settings.complete("http_request_kwargs")?;
    let headers = match cx.settings.dict("http_request_kwargs")?.get("headers").and_then(Value::as_dict) {
        Some(headers) => headers.iter().map(|(name, value)| (name.to_text(), value.to_text())).collect(),
        None => Vec::new(),
    };
    let url = format!("{}/.well-known/oauth-authorization-server", cx.settings.str("openshift_url")?);
    let call = Call { stage, method: "GET", url, headers, body: None, form: Vec::new(), validate_cert: None };
    let answer = cx.http.fetch(&call)?;
    let metadata =
        json::parse(&answer.text()).map_err(|error| Raised::exception(error.kind.exception(), error.to_string()))?;
    let issuer = python::get(&metadata, "issuer")?.cloned().unwrap_or(Value::None);
    Kind::Unicode.validate(issuer).map_err(|refusal| {
        Raised::exception(refusal.exception(), refusal.message(DISCOVERED, &cx.settings.class().name))
    })
}

fn not_discovered(cx: &Context<'_>, raised: &Raised, option: &str) -> Option<Explanation> {
    unasked(cx.settings, option)?;
    let setting = cx.settings.name_of("openshift_url");
    let said = match raised {
        Raised::Client { status: 599, message } | Raised::Exception { message, .. } => message.clone(),
        Raised::Client { status, message } => format!("{status} {message}"),
        other => other.message(),
    };
    let certificate = matches!(raised, Raised::Exception { class: "SSLCertVerificationError", .. });
    let fix = match certificate {
        true => "give the hub the cluster's authority: `http_request_kwargs = {\"ca_certs\": \"/path/ca.crt\"}` (here: `--ca-cert FILE`)".to_owned(),
        false => format!("check {setting}, or set openshift_auth_api_url, so that the cluster need not be asked"),
    };
    Some(Explanation::of(
        "openshift_url",
        "discovery-failed",
        format!("the cluster does not say where its OAuth server is: {said} ({})", place(cx)),
        fix,
    ))
}

/// The request that discovery made.
fn place(cx: &Context<'_>) -> String {
    let url = cx.http.exchanges().last().map(|exchange| crate::http::bare(&exchange.url));
    url.unwrap_or_else(|| last_answer(cx))
}
