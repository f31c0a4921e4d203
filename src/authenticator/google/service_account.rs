//! A service account that acts for an administrator of the domain: `google.oauth2.service_account.Credentials` of
//! google-auth 2.62, as far as upstream uses it. A JWT signed with the account's key (RFC 7523) buys an access token.
//!
//! google-auth makes its request with the `requests` package; here it goes the way of all others, so that it is recorded
//! and can be played back.

use std::io::ErrorKind;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::of_domain;
use crate::authenticator::{Context, python};
use crate::failure::{Raised, Stage};
use crate::http::{Answer, Call};
use crate::json;
use crate::pyurl::{Split, urlencode};
use crate::value::{Dict, Value};

/// `service_account._GOOGLE_OAUTH2_TOKEN_ENDPOINT`: the audience, whatever `token_uri` says.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// `service_account._DEFAULT_TOKEN_LIFETIME_SECS`.
const LIFETIME: i64 = 3600;
/// `_helpers.REFRESH_THRESHOLD`: a token counts as expired so many seconds early.
const THRESHOLD: f64 = 225.0;
/// `transport.DEFAULT_RETRYABLE_STATUS_CODES`.
const RETRYABLE: [u16; 5] = [500, 503, 504, 408, 429];
/// How often google-auth asks, and how long it waits before asking again.
const WAITS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2)];

/// Credentials that have been refreshed.
pub(super) struct Credentials {
    /// The access token, of whatever kind it came.
    pub token: Value,
    /// When it expires, in seconds since 1970; `None` for never.
    expiry: Option<f64>,
}

impl Credentials {
    /// `Credentials.valid`.
    pub fn is_valid(&self, now: f64) -> bool {
        !matches!(self.token, Value::None) && self.expiry.is_none_or(|expiry| now < expiry - THRESHOLD)
    }
}

/// `GoogleOAuthenticator._setup_service_credentials`.
pub(super) fn refreshed(cx: &Context<'_>, domain: &Value) -> Result<Credentials, Raised> {
    let administrator = of_domain(cx, "gsuite_administrator", domain)?.to_text();
    let path = of_domain(cx, "google_service_account_keys", domain)?.to_text();
    let account = match Account::read(cx, &path, domain) {
        // Nothing is signed for answers that were saved, so that the key is not needed.
        Err(Raised::Unsupported { .. }) if cx.http.is_saved() => return bought(cx, AUDIENCE, "spent"),
        account => account?,
    };
    if account.universe.as_ref().is_some_and(|universe| universe.as_str() != Some("googleapis.com")) {
        return Err(refresh_error("domain wide delegation is not supported for non-default universe domain"));
    }
    let subject = format!("{administrator}@{}", domain.to_text());
    let scope = format!("{}/auth/admin.directory.group.readonly", cx.settings.str("google_api_url")?);
    let assertion = account.assertion((cx.now)(), &scope, &subject)?;
    bought(cx, &account.token_uri.to_text(), &assertion)
}

/// The access token for an assertion.
fn bought(cx: &Context<'_>, token_uri: &str, assertion: &str) -> Result<Credentials, Raised> {
    let response = token_endpoint_request(cx, token_uri, assertion)?;
    let token = match python::index(&response, "access_token") {
        Err(Raised::Exception { class: "KeyError", .. }) => {
            return Err(refresh_error_with("No access token in response.", &response));
        }
        other => other?.clone(),
    };
    Ok(Credentials { token, expiry: expiry(&response, (cx.now)())? })
}

/// What is needed of the account's JSON file.
struct Account {
    email: Value,
    token_uri: Value,
    universe: Option<Value>,
    key_id: Value,
    key: RsaKeyPair,
}

impl Account {
    /// `Credentials.from_service_account_file`. A file that is not here may well be on the hub's machine.
    fn read(cx: &Context<'_>, path: &str, domain: &Value) -> Result<Account, Raised> {
        let unsupported = |what: String| Raised::Unsupported {
            what,
            setting: Some(cx.settings.name_of("google_service_account_keys")),
            span: cx.settings.span_of("google_service_account_keys").cloned(),
        };
        let bytes = cx.system.read(path).map_err(|error| {
            let why = match error.kind() {
                ErrorKind::NotFound => "is not on this machine".to_owned(),
                _ => format!("cannot be read here ({error})"),
            };
            unsupported(format!(
                "{}[{}] names {path}, which {why}; the hub asks Google for groups with the key in it",
                cx.settings.name_of("google_service_account_keys"),
                domain.repr()
            ))
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            Raised::exception(
                "UnicodeDecodeError",
                format!("'utf-8' codec can't decode {path}: {}", error.utf8_error()),
            )
        })?;
        let info = json::parse(&text).map_err(|error| Raised::exception(error.kind.exception(), error.to_string()))?;
        let info = python::dict(&info, "keys")?;
        let missing: Vec<&str> = ["client_email", "token_uri"].into_iter().filter(|key| !info.contains(key)).collect();
        if !missing.is_empty() {
            let message = "Service account info was not in the expected format, missing fields";
            return Err(Raised::exception("MalformedError", format!("{message} {}.", missing.join(", "))));
        }
        let key = private_key(info)?
            .ok_or_else(|| unsupported(format!("the key in {path} is of a size that cannot be used here")))?;
        let get = |name: &str| info.get(name).cloned().unwrap_or(Value::None);
        Ok(Account {
            email: get("client_email"),
            token_uri: get("token_uri"),
            universe: info.get("universe_domain").filter(|universe| python::truth(universe)).cloned(),
            key_id: get("private_key_id"),
            key,
        })
    }

    /// `_make_authorization_grant_assertion`, byte for byte as `google.auth.jwt.encode` writes it.
    fn assertion(&self, now: f64, scope: &str, subject: &str) -> Result<String, Raised> {
        let mut header = Dict::new();
        header.insert("typ", Value::str("JWT"));
        header.insert("alg", Value::str("RS256"));
        if !matches!(self.key_id, Value::None) {
            header.insert("kid", self.key_id.clone());
        }
        let now = now.floor() as i64;
        let payload = Value::dict([
            ("iat", Value::int(now)),
            ("exp", Value::int(now + LIFETIME)),
            ("iss", self.email.clone()),
            ("aud", Value::str(AUDIENCE)),
            ("scope", Value::str(scope)),
            ("sub", Value::str(subject)),
        ]);
        let segment = |value: &Value| URL_SAFE_NO_PAD.encode(python::json_dumps(value));
        let signed = format!("{}.{}", segment(&Value::Dict(header)), segment(&payload));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| Raised::exception("ValueError", "the private key cannot sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// `RSASigner.from_service_account_info`; `None` for a key that Python's library takes and ours does not.
fn private_key(info: &Dict) -> Result<Option<RsaKeyPair>, Raised> {
    let Some(pem) = info.get("private_key") else {
        let message = "The private_key field was not found in the service account info.";
        return Err(Raised::exception("MalformedError", message));
    };
    let Value::Str(pem) = pem else {
        return Err(Raised::exception("InvalidValue", format!("{} could not be converted to bytes", pem.repr())));
    };
    let malformed = |why: &str| Raised::exception("ValueError", format!("Could not deserialize key data: {why}"));
    let (label, der) = pem_block(pem).ok_or_else(|| malformed("the private_key is no key in PEM"))?;
    let pair = match label {
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der),
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der),
        "ENCRYPTED PRIVATE KEY" => {
            return Err(python::type_error("Password was not given but private key is encrypted"));
        }
        other => return Err(malformed(other)),
    };
    pair.map(Some).or_else(|rejected| match rejected.to_string().as_str() {
        // Python's library loads such a key, and then finds that it signs in another way.
        "WrongAlgorithm" => {
            Err(python::type_error("ECPrivateKey.sign() takes 2 positional arguments but 3 were given"))
        }
        "InvalidEncoding" | "InvalidComponent" | "InconsistentComponents" => Err(malformed("it is no RSA key")),
        _ => Ok(None),
    })
}

/// The first PEM block (RFC 7468) of a text: its label and content. The lines may be of any length, as for Python.
fn pem_block(text: &str) -> Option<(&str, Vec<u8>)> {
    let (label, rest) = text.split_once("-----BEGIN ")?.1.split_once("-----")?;
    let body = rest.split_once(&format!("-----END {label}-----"))?.0;
    let body: String = body.split_ascii_whitespace().collect();
    Some((label, STANDARD.decode(body).ok()?))
}

/// `google.oauth2._client._token_endpoint_request`, with its second and third try.
fn token_endpoint_request(cx: &Context<'_>, url: &str, assertion: &str) -> Result<Value, Raised> {
    let form = [("assertion", Value::str(assertion)), ("grant_type", Value::str(GRANT_TYPE))];
    let call = Call {
        stage: Stage::Decision,
        method: "POST",
        url: url.to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: Some(urlencode(form.iter().map(|(name, value)| (*name, value)))),
        form: form.iter().map(|(name, value)| ((*name).to_owned(), value.to_text())).collect(),
        validate_cert: None,
    };
    check_url(url)?;
    let mut last = Value::None;
    for wait in WAITS {
        cx.http.pause(wait);
        let answer = cx.http.fetch_any(&call).map_err(transport_error)?;
        last = body(&answer)?;
        if answer.status == 200 {
            return Ok(last);
        }
        if !can_retry(answer.status, &last) {
            break;
        }
    }
    Err(error_response(&last)?)
}

/// What `requests` says of an address that is none of the web's.
fn check_url(url: &str) -> Result<(), Raised> {
    let shown = Value::str(url).repr();
    let message = match Split::of(url).scheme.as_str() {
        "http" | "https" => return Ok(()),
        "" => format!("Invalid URL {shown}: No scheme supplied. Perhaps you meant https://{url}?"),
        _ => format!("No connection adapters were found for {shown}"),
    };
    Err(Raised::exception("TransportError", message))
}

/// The body as JSON where it is, else as text.
fn body(answer: &Answer) -> Result<Value, Raised> {
    let text = std::str::from_utf8(&answer.body).map_err(|error| {
        Raised::exception("UnicodeDecodeError", format!("'utf-8' codec can't decode the answer: {error}"))
    })?;
    Ok(json::parse(text).unwrap_or_else(|_| Value::str(text)))
}

/// `_can_retry`.
fn can_retry(status: u16, response: &Value) -> bool {
    if RETRYABLE.contains(&status) {
        return true;
    }
    let Value::Dict(response) = response else { return false };
    let text = |name: &str| match response.get(name).filter(|value| python::truth(value)) {
        None => Some(""),
        Some(value) => value.as_str(),
    };
    let (Some(description), Some(error)) = (text("error_description"), text("error")) else { return false };
    let passing = ["internal_failure", "server_error", "temporarily_unavailable"];
    passing.contains(&error) || passing.contains(&description)
}

/// `_handle_error_response`.
fn error_response(response: &Value) -> Result<Raised, Raised> {
    if let Value::Str(text) = response {
        return Ok(refresh_error(text));
    }
    let details = match python::index(response, "error") {
        Ok(error) => {
            let description = python::get(response, "error_description")?.map_or("None".to_owned(), Value::to_text);
            format!("{}: {description}", error.to_text())
        }
        Err(Raised::Exception { class: "KeyError", .. }) => python::json_dumps(response),
        Err(other) => return Err(other),
    };
    Ok(refresh_error_with(&details, response))
}

/// `_parse_expiry`: a number of seconds, also written as text.
fn expiry(response: &Value, now: f64) -> Result<Option<f64>, Raised> {
    let seconds = match python::get(response, "expires_in")? {
        None | Some(Value::None) => return Ok(None),
        Some(Value::Str(text)) => Value::Int(python::int(text)?),
        Some(other) => other.clone(),
    };
    let seconds = match &seconds {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => seconds.repr().replace("True", "1").replace("False", "0"),
        other => {
            let message = format!("unsupported type for timedelta seconds component: {}", other.type_name());
            return Err(python::type_error(message));
        }
    };
    let seconds: f64 = seconds.parse().unwrap_or(f64::NAN);
    // The year 9999, where Python's calendar ends.
    const END_OF_TIME: f64 = 253_402_300_800.0;
    if seconds.is_nan() {
        return Err(Raised::exception("ValueError", "cannot convert float NaN to integer"));
    }
    if now + seconds >= END_OF_TIME || now + seconds < -62_135_596_800.0 {
        let message = match seconds {
            infinite if infinite.is_infinite() => "cannot convert float infinity to integer",
            far if far.abs() >= 86_400.0 * f64::from(i32::MAX) => "Python int too large to convert to C int",
            _ => "date value out of range",
        };
        return Err(Raised::exception("OverflowError", message));
    }
    Ok(Some(now + seconds))
}

fn refresh_error(message: &str) -> Raised {
    Raised::exception("RefreshError", message)
}

/// `str()` of an exception with two arguments is that of the tuple.
fn refresh_error_with(message: &str, response: &Value) -> Raised {
    refresh_error(&Value::Tuple(vec![Value::str(message), response.clone()]).repr())
}

/// `google.auth.exceptions.TransportError`, which every failure of `requests` becomes.
fn transport_error(raised: Raised) -> Raised {
    match raised {
        Raised::Unsupported { .. } => raised,
        other => Raised::exception("TransportError", other.message()),
    }
}
