//! OpenShift (`oauthenticator/openshift.py`): the cluster itself says where its OAuth server is.

use super::explain::last_answer;
use super::python;
use super::{Authenticator, BadEnd, Begin, Callback, Context, Explanation, base};
use crate::failure::{Raised, Stage};
use crate::http::Call;
use crate::json;
use crate::settings::{Kind, Settings};
use crate::span::Origin;
use crate::value::Value;

/// The option that upstream computes by a request when it is first asked for.
const DISCOVERED: &str = "openshift_auth_api_url";

/// `oauthenticator.openshift.OpenShiftOAuthenticator`.
pub struct OpenShiftOAuthenticator;

impl Authenticator for OpenShiftOAuthenticator {
    fn class(&self) -> &'static str {
        "OpenShiftOAuthenticator"
    }

    fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Raised> {
        let Some(found) = needed(cx, "authorize_url").then(|| discover(cx, Stage::Authorize)).transpose()? else {
            return base::begin(cx, redirect_uri);
        };
        let mut begin = base::begin(&cx.with_settings(&settled(cx.settings, &found)), redirect_uri)?;
        begin.session.0.insert(DISCOVERED, found);
        Ok(begin)
    }

    fn get_token_info(&self, cx: &Context<'_>, callback: &Callback, params: &Value) -> Result<Value, Raised> {
        if !needed(cx, "token_url") {
            return base::get_token_info(cx, params);
        }
        let found = match callback.session.0.get(DISCOVERED) {
            Some(found) => found.clone(),
            None => discover(cx, Stage::Token)?,
        };
        base::get_token_info(&cx.with_settings(&settled(cx.settings, &found)), params)
    }

    fn user_info_to_username(&self, _cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
        python::index(python::index(user_info, "metadata")?, "name").cloned()
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        let raised = end.raised?;
        match (end.stage, raised) {
            (Stage::Authorize, _) => not_discovered(cx, raised),
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

/// Whether an address is unknown only because the cluster has not been asked yet.
fn needed(cx: &Context<'_>, option: &str) -> bool {
    let default = |option: &str| cx.settings.get(option).filter(|setting| setting.origin == Origin::Default);
    match (default(DISCOVERED), default(option), cx.settings.str("openshift_url")) {
        (Some(discovered), Some(setting), Ok(_)) => match (&discovered.value, &setting.value) {
            // The reason has a place where a class of the configuration's computes it instead.
            (Value::Unknown(reason), Value::Unknown(same)) => reason == same && reason.span.is_none(),
            _ => false,
        },
        _ => false,
    }
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

/// The settings with the cluster's answer in them.
fn settled(settings: &Settings, issuer: &Value) -> Settings {
    let mut settled = settings.clone();
    let unknown = settings.get(DISCOVERED).map(|setting| setting.value.clone());
    let issuer = issuer.to_text();
    for (option, path) in [("authorize_url", "/oauth/authorize"), ("token_url", "/oauth/token"), (DISCOVERED, "")] {
        let setting = settings.get(option).filter(|setting| setting.origin == Origin::Default);
        if setting.map(|setting| &setting.value) == unknown.as_ref() {
            settled.replace(option, Value::Str(format!("{issuer}{path}")));
        }
    }
    settled
}

fn not_discovered(cx: &Context<'_>, raised: &Raised) -> Option<Explanation> {
    let setting = cx.settings.name_of("openshift_url");
    if !needed(cx, "authorize_url") {
        return None;
    }
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
