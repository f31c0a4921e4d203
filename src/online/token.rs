//! The token request with a made-up code: a provider that refuses the code has taken the client; one that refuses the
//! client says so (RFC 6749, section 5.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::authorize::{self, Authorize};
use super::{Run, answer, endpoints};
use crate::authenticator::{Callback, Session};
use crate::check::is_placeholder;
use crate::diagnostic::Level;
use crate::discovery::Metadata;
use crate::failure::Stage;
use crate::http::{Answer, Call, Exchange, bare};
use crate::pyurl::urlencode;
use crate::value::{Dict, Value};

/// Nobody ever gave out this code.
const CODE: &str = "oauthctl-asks-with-a-made-up-code";

/// What the token endpoint made of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// It was not asked, or its answer can mean several things.
    Unknown,
    /// It is not the endpoint.
    Wrong,
    /// It is the endpoint; whether it takes the client is open, or was told.
    Endpoint,
    /// It took the client, in the way the hub names itself.
    Accepted,
}

impl Token {
    /// Whether the address is surely a token endpoint.
    pub(super) fn is_endpoint(self) -> bool {
        matches!(self, Token::Endpoint | Token::Accepted)
    }
}

pub(super) fn ask(run: &Run<'_>, provider: Option<&Metadata>, authorize: Authorize) -> Token {
    let Some(callback) = callback(run) else { return without_secret(run, provider) };
    let made = run
        .auth
        .build_access_tokens_request_params(&run.context, &callback)
        .and_then(|params| run.auth.get_token_info(&run.context, &callback, &params));
    let exchange = run.asking.hub.exchanges().into_iter().rev().find(|exchange| exchange.stage == Stage::Token);
    let url =
        exchange.as_ref().map_or_else(|| run.text("token_url").unwrap_or_default().to_owned(), |one| one.url.clone());
    let Some((exchange, found)) = exchange.as_ref().and_then(|one| Some((one, one.answer.as_ref()?))) else {
        if let Err(raised) = made {
            run.no_answer("token_url", &url, &raised);
        }
        return Token::Unknown;
    };
    let judged = judge(run, provider, found, &url);
    match judged {
        Judged::Accepted => Token::Accepted,
        Judged::ClientRefused(_) if authorize == Authorize::ClientRefused => Token::Endpoint,
        Judged::ClientRefused(said) => {
            client_refused(run, provider, exchange, &said, authorize == Authorize::ClientKnown);
            Token::Endpoint
        }
        Judged::Told => Token::Endpoint,
        Judged::Wrong => Token::Wrong,
        Judged::Open(why) => {
            let message =
                format!("whether client_id and client_secret are right cannot be told without a login: {why}");
            run.not_told("client_secret", message);
            if answer::object(found).is_some_and(|body| body.get("error").is_some()) {
                Token::Endpoint
            } else {
                Token::Unknown
            }
        }
    }
}

/// Where the secret is not known, or may not go: whether there is a token endpoint at all. It is asked without a client.
fn without_secret(run: &Run<'_>, provider: Option<&Metadata>) -> Token {
    let Some(url) = run.text("token_url").filter(|_| !has_own_request(run)) else { return Token::Unknown };
    let form = [("grant_type", "authorization_code"), ("code", CODE)];
    let fields: Vec<(&str, Value)> = form.iter().map(|(name, value)| (*name, Value::str(*value))).collect();
    let headers = [
        ("Accept", "application/json"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("User-Agent", "JupyterHub"),
    ];
    let call = Call {
        stage: Stage::Token,
        method: "POST",
        url: url.to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Some(urlencode(fields.iter().map(|(name, value)| (*name, value)))),
        form: form.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        validate_cert: run.settings.bool("validate_server_cert").ok(),
    };
    let found = match run.asking.hub.fetch_any(&call) {
        Ok(found) => found,
        Err(raised) => {
            run.no_answer("token_url", url, &raised);
            return Token::Unknown;
        }
    };
    // Whatever it says of the client is no wonder.
    if matches!(found.status, 400 | 401 | 403) || error(&found).is_some() && found.status < 404 {
        return if error(&found).is_some() { Token::Endpoint } else { Token::Unknown };
    }
    // GitHub's answer to an unknown client, and this is none at all.
    if found.status == 404 && url.ends_with("/login/oauth/access_token") {
        return Token::Unknown;
    }
    match judge(run, provider, &found, url) {
        Judged::Wrong => Token::Wrong,
        _ => Token::Unknown,
    }
}

/// Whether a class of the configuration's own makes the token request.
fn has_own_request(run: &Run<'_>) -> bool {
    let methods =
        ["authenticate", "build_access_tokens_request_params", "get_token_info", "build_token_info_request_headers"];
    run.cx.overrides(&methods)
}

/// What the hub would have of a login, where everything is there that the request needs and may be sent.
fn callback(run: &Run<'_>) -> Option<Callback> {
    let not_told = |why: &str| {
        run.not_told("client_secret", format!("client_id and client_secret were not tried: {why}"));
        None
    };
    if has_own_request(run) {
        return not_told("the class has a token request of its own");
    }
    for option in ["client_id", "client_secret"] {
        match run.settings.str(option) {
            Err(unknown) => return not_told(&format!("{unknown}; `--env-file` gives the hub's environment")),
            // The offline rules say what there is to say.
            Ok(text) if text.is_empty() || is_placeholder(text) => return None,
            Ok(_) => {}
        }
    }
    let asked_first = run.cx.runs(&["OpenShiftOAuthenticator"]) && run.settings.str("token_url").is_err();
    match run.settings.str("token_url") {
        Err(unknown) if !asked_first => return not_told(&unknown.to_string()),
        Ok("") => return None,
        Ok(url) if !may_carry_a_secret(url) => return not_told("a secret is sent by https only"),
        _ => {}
    }
    let mut session = Dict::new();
    session.insert("code_verifier", Value::str("oauthctl-asks-with-a-made-up-verifier-of-43-characters"));
    let redirect_uri = run.text("oauth_callback_url").unwrap_or("http://127.0.0.1/hub/oauth_callback").to_owned();
    Some(Callback { arguments: vec![("code".into(), CODE.into())], session: Session(session), redirect_uri })
}

/// https, or this machine.
fn may_carry_a_secret(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && here
}

/// What an answer means.
enum Judged {
    /// The client is right.
    Accepted,
    /// It is not: the provider's words.
    ClientRefused(String),
    /// Something else was wrong, and has been told.
    Told,
    /// That is no token endpoint, which has been told.
    Wrong,
    /// It can mean several things.
    Open(String),
}

fn judge(run: &Run<'_>, provider: Option<&Metadata>, found: &Answer, url: &str) -> Judged {
    let wrong = |what: &str| {
        endpoints::wrong_answer(run, provider, "token_url", url, what);
        Judged::Wrong
    };
    if let Some(target) = answer::target(found, url) {
        endpoints::redirected(run, "token_url", url, found.status, &target);
        return Judged::Told;
    }
    let words = answer::words(found);
    match found.status {
        429 | 500.. => {
            endpoints::failed(run, "token_url", url, found);
            return Judged::Told;
        }
        // GitHub, of a client it does not know.
        404 if url.ends_with("/login/oauth/access_token") => return Judged::ClientRefused(format!("404 {words}")),
        404 | 405 | 410 => return wrong(&format!("answers {}", found.status)),
        _ => {}
    }
    if let Some(said) = error(found) {
        return by_error(run, &said, found.status);
    }
    match found.status {
        200..=299 if found.body.is_empty() => wrong("answers with nothing"),
        200..=299 if answer::is_page(found) => wrong("answers with a web page"),
        200..=299 if answer::object(found).is_none() => {
            wrong(&format!("answers with {}, which is no JSON object", answer::quote(&words)))
        }
        401 if !answer::is_page(found) => Judged::ClientRefused(format!("401 {words}")),
        status => Judged::Open(format!("the token endpoint answers {status}: {}", answer::quote(&words))),
    }
}

/// The provider's error and what it says about it.
fn error(found: &Answer) -> Option<String> {
    let body = answer::object(found)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let error = text("error").or(text("errorCode"))?;
    let said = match text("error_description").or(text("errorSummary")) {
        Some(description) => format!("{error}: {description}"),
        None => error.to_owned(),
    };
    Some(crate::sys::printable(&said))
}

fn by_error(run: &Run<'_>, said: &str, status: u16) -> Judged {
    let lower = said.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    let error = lower.split(':').next().unwrap_or_default();
    let quoted = answer::quote(said);
    // Microsoft looks at the form of the code before it looks at the client.
    if has(&["aadsts9002313", "aadsts900144", "aadsts500011"]) {
        return Judged::Open(format!("the provider says {quoted}"));
    }
    if has(&["aadsts90002", "aadsts900023"]) {
        authorize::tenant(run, &quoted);
        return Judged::Told;
    }
    if has(&["aadsts7000215", "aadsts7000222", "aadsts700016", "aadsts7000218"]) {
        return Judged::ClientRefused(said.to_owned());
    }
    if has(&["aadsts90014"]) {
        refused(run, "token_params", &quoted, "set `token_params = {\"scope\": \"openid profile email\"}`");
        return Judged::Told;
    }
    let redirect = run.text("oauth_callback_url").filter(|_| {
        error != "invalid_client" && has(&["redirect_uri_mismatch", "aadsts50011", "incorrect redirect_uri"])
    });
    if let Some(redirect_uri) = redirect {
        run.tell(
            "authorize",
            run.at(
                "redirect-uri-refused",
                Level::Error,
                "oauth_callback_url",
                format!("the provider does not know the redirect_uri {redirect_uri}"),
            )
            .with_note(format!("the token endpoint says {quoted}"))
            .with_fix("register exactly that address with the provider: scheme, host, port, path, slash at the end"),
        );
        return Judged::Told;
    }
    match error {
        "invalid_grant" | "bad_verification_code" => Judged::Accepted,
        "invalid_client" | "incorrect_client_credentials" => Judged::ClientRefused(said.to_owned()),
        // OpenShift says so of any code that it does not like; others only of clients.
        "unauthorized_client" if run.cx.runs(&["OpenShiftOAuthenticator"]) => {
            Judged::Open(format!("the provider says {quoted}"))
        }
        "unauthorized_client" => Judged::ClientRefused(said.to_owned()),
        // Auth0.
        "access_denied" if status == 401 => Judged::ClientRefused(said.to_owned()),
        "unsupported_grant_type" => {
            refused(
                run,
                "token_params",
                &quoted,
                "take `grant_type` out of token_params, and allow the authorization code flow for this client",
            );
            Judged::Told
        }
        "invalid_scope" => {
            authorize::scope_refused(run, &quoted);
            Judged::Told
        }
        "server_error" | "temporarily_unavailable" => {
            let message = format!("the token endpoint fails: {quoted}");
            run.tell(
                "token",
                run.at("provider-failed", Level::Error, "token_url", message)
                    .with_fix("try again later, or look at the provider's log"),
            );
            Judged::Told
        }
        _ => Judged::Open(format!("the provider says {quoted}")),
    }
}

fn refused(run: &Run<'_>, option: &str, quoted: &str, fix: &str) {
    let message = format!("the provider refuses the token request: {quoted}");
    run.tell("token", run.at("token-request-refused", Level::Error, option, message).with_fix(fix));
}

fn client_refused(run: &Run<'_>, provider: Option<&Metadata>, exchange: &Exchange, said: &str, known: bool) {
    let lower = said.to_ascii_lowercase();
    let basic = run.cx.on("basic_auth");
    if takes_the_other_way(run, provider, exchange, basic) {
        let (now, other) = if basic { ("in the header", "in the body") } else { ("in the body", "in the header") };
        let message =
            format!("the provider takes client_id and client_secret {other} only, and the hub sends them {now}");
        let value = if basic { "False" } else { "True" };
        run.tell(
            "client",
            run.at("client-auth-method", Level::Error, "basic_auth", message)
                .with_note(format!("it says {}", answer::quote(said)))
                .with_fix(format!("set `{} = {value}`", run.cx.name("basic_auth"))),
        );
        return;
    }
    let (option, fix) = if lower.contains("aadsts7000222") {
        ("client_secret", "the secret has expired: make a new one, and note its last day")
    } else if lower.contains("aadsts7000215") {
        ("client_secret", "copy the *value* of the secret, not its ID; it is shown only when it is made")
    } else if lower.contains("aadsts7000218") {
        ("client_secret", "register the app as \"Web\", not as a single-page or desktop app")
    } else if lower.contains("aadsts700016") || lower.contains("client was not found") || lower.starts_with("404") {
        ("client_id", "copy the client's ID from the provider, of this very tenant or server")
    } else {
        (
            "client_secret",
            "copy the client's ID and secret anew from the provider, of this very realm, tenant or server; nothing around them",
        )
    };
    let message = match option {
        "client_id" => "the provider refuses client_id",
        _ if known => "the provider knows the client, and refuses its secret",
        _ => "the provider refuses client_id and client_secret",
    };
    let status = exchange.answer.as_ref().map_or(0, |answer| answer.status);
    // `get_token_info` raises 403 itself where an error comes with a good status; tornado's exception is a 500.
    let page = if (200..300).contains(&status) { "403" } else { "500" };
    run.tell(
        "client",
        run.at("client-refused", Level::Error, option, message)
            .with_note(format!("{} says {}", bare(&exchange.url), answer::quote(said)))
            .with_note(format!("every login fails with {page} once the user is back from the provider"))
            .with_fix(fix),
    );
}

/// Whether the same client is taken where it names itself in the other way (RFC 6749, section 2.3.1).
fn takes_the_other_way(run: &Run<'_>, provider: Option<&Metadata>, exchange: &Exchange, basic: bool) -> bool {
    let other = if basic { "client_secret_post" } else { "client_secret_basic" };
    if provider
        .is_some_and(|provider| !provider.token_endpoint_auth_methods_supported.iter().any(|method| method == other))
    {
        return false;
    }
    let (Ok(id), Ok(secret)) = (run.settings.str("client_id"), run.settings.str("client_secret")) else { return false };
    let mut form: Vec<(String, String)> = exchange.form.clone();
    let mut headers = exchange.request_headers.clone();
    if basic {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        form.extend([("client_id".into(), id.into()), ("client_secret".into(), secret.into())]);
    } else {
        form.retain(|(name, _)| !matches!(name.as_str(), "client_id" | "client_secret"));
        headers.push(("Authorization".into(), format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))));
    }
    let fields: Vec<(String, Value)> = form.iter().map(|(name, value)| (name.clone(), Value::str(value))).collect();
    let body = urlencode(fields.iter().map(|(name, value)| (name.clone(), value)));
    let call = Call {
        stage: Stage::Token,
        method: "POST",
        url: exchange.url.clone(),
        headers,
        body: Some(body),
        form,
        validate_cert: run.settings.bool("validate_server_cert").ok(),
    };
    let Ok(found) = run.asking.hub.fetch_any(&call) else { return false };
    let said = error(&found).unwrap_or_default().to_ascii_lowercase();
    said.starts_with("invalid_grant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_by_https_or_nowhere() {
        for url in ["https://id.example.org/token", "http://127.0.0.1:8080/t", "http://localhost/t", "http://[::1]/t"] {
            assert!(may_carry_a_secret(url), "{url}");
        }
        for url in [
            "http://id.example.org/token",
            "http://localhost.example.org/t",
            "http://10.0.0.1/t",
            "ftp://localhost/",
            "x",
        ] {
            assert!(!may_carry_a_secret(url), "{url}");
        }
    }
}
