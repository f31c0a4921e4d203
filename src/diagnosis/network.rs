//! Requests that were not answered, or not with what was asked for: the same for every stage that makes requests.

use super::{Finding, excerpt, name};
use crate::authenticator::Context;
use crate::failure::Raised;
use crate::http::{Exchange, bare};
use crate::pyurl::Split;

/// Connection, TLS and time-out failures, and bodies that are no JSON. `option` holds the address that was asked.
pub(super) fn explain(
    cx: &Context<'_>,
    raised: &Raised,
    exchange: Option<&Exchange>,
    option: &'static str,
) -> Option<Finding> {
    let url = exchange.map(|exchange| bare(&exchange.url)).unwrap_or_default();
    let setting = name(cx, option);
    let finding = match raised {
        Raised::Exception { class, message } => match *class {
            "gaierror" => Finding::new(
                "name-not-resolved",
                format!("{message}, which {setting} names"),
                "correct the host name; if it exists only inside the cluster, run this where the hub runs",
            )
            .of(option),
            "ConnectionRefusedError" | "OSError" => Finding::new(
                "cannot-connect",
                format!("{url} cannot be reached: {message}"),
                format!("check host and port in {setting}, and that this machine may go there"),
            )
            .of(option),
            "SSLCertVerificationError" => Finding::new(
                "certificate-not-trusted",
                message.clone(),
                "give the hub the authority's certificate: \
                 `http_request_kwargs = {\"ca_certs\": \"/path/ca.pem\"}` (here: `--ca-cert FILE`)",
            )
            .of("http_request_kwargs"),
            "SSLError" => Finding::new(
                "tls-failed",
                message.clone(),
                format!("check whether {setting} should begin with http:// or https://"),
            )
            .of(option),
            "ValueError" if message.starts_with("Unsupported url scheme") => {
                let shown = cx.settings.str(option).unwrap_or_default();
                let what = if shown.is_empty() { "is empty".into() } else { format!("is no web address: `{shown}`") };
                Finding::new(
                    if shown.is_empty() { "url-missing" } else { "url-invalid" },
                    format!("{setting} {what}"),
                    format!("set {setting} to the provider's full address, with https://"),
                )
                .of(option)
            }
            "TypeError" | "NotImplementedError" | "FileNotFoundError" if exchange.is_none() => Finding::new(
                "http-request-kwargs",
                format!("the hub's client refuses http_request_kwargs: {message}"),
                "use the names of tornado's HTTPRequest, such as `ca_certs`, `request_timeout`",
            )
            .of("http_request_kwargs"),
            "JSONDecodeError" => Finding::new(
                "not-json",
                format!("{url} answered with something that is no JSON: {}", excerpt(exchange)),
                not_json_fix(exchange, &setting),
            )
            .of(option),
            _ => return None,
        },
        Raised::Client { status: 599, message } if message.contains("larger than") => {
            Finding::new("answer-too-large", message.clone(), format!("check that {setting} is the right address"))
                .of(option)
        }
        Raised::Client { status: 599, message } => Finding::new(
            if message.starts_with("Timeout") { "timeout" } else { "connection-closed" },
            format!("no answer from {url}: {message}"),
            format!("check {setting}, and that a firewall or proxy lets this machine through"),
        )
        .of(option),
        Raised::Client { status: status @ (301..=308), .. } => {
            let target = exchange.and_then(|exchange| exchange.answer.as_ref()?.header("location")).unwrap_or("?");
            Finding::new(
                "redirected",
                format!("{url} answers {status} and points to {}", bare(target)),
                format!("set {setting} to the final address"),
            )
            .of(option)
        }
        Raised::Client { status: status @ (404 | 405 | 410), .. } => Finding::new(
            "wrong-url",
            format!("{url} answers {status}: it is not the address it should be"),
            format!("compare {setting} with the provider's discovery document (`{}`)", discovery(&url)),
        )
        .of(option),
        Raised::Client { status: status @ (429 | 500..), .. } => Finding::new(
            "provider-failed",
            format!("{url} answers {status}: {}", excerpt(exchange)),
            match exchange.and_then(|exchange| exchange.answer.as_ref()?.header("retry-after")) {
                Some(wait) => format!("the provider asks to wait (`Retry-After: {wait}`): try again then"),
                None => "the provider itself is in trouble: try again later, or look at its log".to_owned(),
            },
        ),
        _ => return None,
    };
    Some(finding)
}

fn not_json_fix(exchange: Option<&Exchange>, setting: &str) -> String {
    let body = excerpt(exchange);
    let start = body.trim_start().to_ascii_lowercase();
    if start.starts_with('<') {
        format!("that is a web page: {setting} is not the endpoint's address")
    } else if start.starts_with("eyj") {
        "that is a signed token: let the provider send unsigned userinfo, or set `userdata_from_id_token = True`".into()
    } else if start.contains('=') && !start.contains('{') {
        "that is form-encoded, which the hub cannot read: find the provider's switch for JSON".into()
    } else {
        format!("check that {setting} is the right address; the hub reads JSON only")
    }
}

fn discovery(url: &str) -> String {
    let split = Split::of(url);
    let base = match split.path.find("/protocol/openid-connect") {
        Some(at) => &split.path[..at],
        None => "",
    };
    format!("{}://{}{base}/.well-known/openid-configuration", split.scheme, split.netloc)
}
