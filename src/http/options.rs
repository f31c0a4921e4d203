//! `http_request_kwargs`, and what of ours goes on top.

use std::time::Duration;

use crate::failure::Raised;
use crate::proxies::ProxyVariables;
use crate::value::{Dict, Value};

/// The most redirects that are followed, whatever is configured: tornado would go round in a circle.
const MAX_REDIRECTS: f64 = 1000.0;

/// What the hub's options and ours make of the client.
#[derive(Clone, Debug)]
pub struct Options {
    /// `connect_timeout`: 20 s in tornado.
    pub connect_timeout: Duration,
    /// `request_timeout`: 20 s in tornado.
    pub request_timeout: Duration,
    /// `follow_redirects` and `max_redirects`.
    pub max_redirects: u32,
    /// `ca_certs`: replaces the system's store.
    pub ca_certs: Option<Vec<u8>>,
    /// `--ca-cert`: adds to it.
    pub extra_ca: Vec<Vec<u8>>,
    /// `client_cert` and `client_key`, PEM.
    pub identity: Option<Vec<u8>>,
    /// `validate_cert`, where the configuration says.
    pub validate_cert: Option<bool>,
    /// `auth_username` and `auth_password`.
    pub auth: Option<(String, String)>,
    /// `user_agent`.
    pub user_agent: Option<String>,
    /// `decompress_response`, or its old name `use_gzip`: whether a compressed answer is asked for.
    pub compressed: bool,
    /// `body`, which tornado sends with a request that has none, or refuses.
    pub body: Option<String>,
    /// `allow_nonstandard_methods`: sends it.
    pub nonstandard: bool,
    /// What a request by TLS fails with, where a file of `ca_certs`, `client_cert` or `client_key` cannot be read.
    pub tls_refused: Option<Raised>,
    /// `--proxy`.
    pub proxy: Option<String>,
    /// Origins that upstream has in its code, and where the embedded provider stands in for them.
    pub reroute: Vec<(&'static str, String)>,
    /// What every request fails with before it is sent, where the hub's client would refuse the options.
    pub refused: Option<Raised>,
    /// Set where the hub's client is `requests`, with what it takes of proxies from the environment.
    pub requests: Option<ProxyVariables>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            connect_timeout: Duration::from_secs(20),
            request_timeout: Duration::from_secs(20),
            max_redirects: 5,
            ca_certs: None,
            extra_ca: Vec::new(),
            identity: None,
            validate_cert: None,
            auth: None,
            user_agent: None,
            compressed: true,
            body: None,
            nonstandard: false,
            tls_refused: None,
            proxy: None,
            reroute: Vec::new(),
            refused: None,
            requests: None,
        }
    }
}

/// The arguments of `tornado.httpclient.HTTPRequest`, beside those that upstream always passes itself.
const TORNADO_ARGUMENTS: &[&str] = &[
    "auth_mode",
    "auth_password",
    "auth_username",
    "allow_ipv6",
    "allow_nonstandard_methods",
    "body",
    "body_producer",
    "ca_certs",
    "client_cert",
    "client_key",
    "connect_timeout",
    "decompress_response",
    "expect_100_continue",
    "follow_redirects",
    "header_callback",
    "headers",
    "if_modified_since",
    "max_redirects",
    "method",
    "network_interface",
    "prepare_curl_callback",
    "proxy_auth_mode",
    "proxy_host",
    "proxy_password",
    "proxy_port",
    "proxy_username",
    "request_timeout",
    "ssl_options",
    "streaming_callback",
    "use_gzip",
    "user_agent",
    "validate_cert",
];

impl Options {
    /// The options in `http_request_kwargs`; `read` gives a file's content. What tornado would refuse at every request
    /// becomes [`Options::refused`].
    pub fn from_kwargs(kwargs: &Dict, read: &dyn Fn(&str) -> std::io::Result<Vec<u8>>) -> Options {
        let mut options = Options::default();
        let mut identity = (None, None);
        let mut auth = (None, None);
        let mut auth_mode = None;
        let mut decompress = (None, None);
        let mut follow = true;
        for (name, value) in kwargs.iter() {
            let name = name.to_text();
            if let Some(raised) = refuse_argument(&name, value) {
                options.refused.get_or_insert(raised);
                continue;
            }
            match name.as_str() {
                "connect_timeout" => options.connect_timeout = seconds(value).unwrap_or(options.connect_timeout),
                "request_timeout" => options.request_timeout = seconds(value).unwrap_or(options.request_timeout),
                "follow_redirects" => follow = matches!(value, Value::None) || value.truth() != Some(false),
                "max_redirects" => {
                    let number = number(value).unwrap_or(f64::from(options.max_redirects));
                    options.max_redirects = number.clamp(0.0, MAX_REDIRECTS) as u32;
                }
                "decompress_response" => decompress.0 = value.truth().filter(|_| !matches!(value, Value::None)),
                "use_gzip" => decompress.1 = value.truth().filter(|_| !matches!(value, Value::None)),
                "body" => options.body = Some(value).filter(|body| !matches!(body, Value::None)).map(Value::to_text),
                "allow_nonstandard_methods" => options.nonstandard = value.truth() == Some(true),
                "validate_cert" => options.validate_cert = value.truth(),
                "user_agent" => options.user_agent = value.as_str().map(str::to_owned),
                "auth_mode" => auth_mode = value.as_str(),
                "auth_username" => auth.0 = value.as_str().map(str::to_owned),
                "auth_password" => auth.1 = value.as_str().map(str::to_owned),
                "ca_certs" | "client_cert" | "client_key" => match value.as_str().map(read) {
                    None => {}
                    Some(Ok(pem)) if name == "ca_certs" => options.ca_certs = Some(pem),
                    Some(Ok(pem)) if name == "client_cert" => identity.0 = Some(pem),
                    Some(Ok(pem)) => identity.1 = Some(pem),
                    Some(Err(error)) => {
                        let message = format!("{error}: '{}'", value.to_text());
                        options.tls_refused.get_or_insert(Raised::exception("FileNotFoundError", message));
                    }
                },
                _ => {}
            }
        }
        if !follow {
            options.max_redirects = 0;
        }
        options.compressed = decompress.0.or(decompress.1).unwrap_or(true);
        if let (Some(mode), Some(_)) = (auth_mode.filter(|mode| *mode != "basic"), &auth.0) {
            options.refused.get_or_insert(Raised::exception("ValueError", format!("unsupported auth_mode {mode}")));
        }
        options.auth = auth.0.map(|user| (user, auth.1.unwrap_or_default()));
        options.identity = identity.0.map(|cert| [identity.1.unwrap_or_default(), b"\n".to_vec(), cert].concat());
        options
    }
}

fn refuse_argument(name: &str, value: &Value) -> Option<Raised> {
    if name == "url" {
        return Some(Raised::exception("TypeError", "HTTPRequest() got multiple values for argument 'url'"));
    }
    if !TORNADO_ARGUMENTS.contains(&name) {
        let message = format!("HTTPRequest.__init__() got an unexpected keyword argument '{name}'");
        return Some(Raised::exception("TypeError", message));
    }
    if name.starts_with("proxy_") && value.truth() == Some(true) {
        return Some(Raised::exception("NotImplementedError", format!("{name} not supported")));
    }
    match (name, value) {
        ("connect_timeout" | "request_timeout", Value::Str(text)) if !text.is_empty() => {
            let message = "'<' not supported between instances of 'str' and 'float'";
            Some(Raised::exception("TypeError", message))
        }
        ("connect_timeout" | "request_timeout", value) if number(value).is_some_and(|seconds| seconds < 0.0) => {
            Some(Raised::Client { status: 599, message: "Timeout while connecting".into() })
        }
        ("network_interface", Value::Str(name)) if !name.is_empty() && name.parse::<std::net::IpAddr>().is_err() => {
            let message = format!("Unrecognized IPv4 or IPv6 address for network_interface, got {}", value.repr());
            Some(Raised::exception("ValueError", message))
        }
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Int(_) | Value::Float(_) => value.to_text().parse().ok(),
        _ => None,
    }
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = number(value)?;
    // Zero means "no limit" to tornado; a tool that waits for ever is no help, so a minute stands for it.
    if seconds <= 0.0 { Some(Duration::from_secs(60)) } else { Duration::try_from_secs_f64(seconds).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kwargs(name: &str, value: Value) -> Options {
        Options::from_kwargs(&[(name.to_owned(), value)].into_iter().collect(), &|_| {
            Err(std::io::Error::from(std::io::ErrorKind::NotFound))
        })
    }

    #[test]
    fn refuses_what_tornado_refuses() {
        assert_eq!(kwargs("verify", Value::Bool(false)).refused.unwrap().hub_status(), Some(500));
        assert!(matches!(
            kwargs("proxy_host", Value::str("p")).refused,
            Some(Raised::Exception { class: "NotImplementedError", .. })
        ));
        assert!(kwargs("proxy_host", Value::str("")).refused.is_none());
        assert!(kwargs("ca_certs", Value::str("/nowhere")).tls_refused.is_some());
        assert!(kwargs("request_timeout", Value::str("5")).refused.is_some());
        assert!(kwargs("auth_mode", Value::str("digest")).refused.is_none());
        assert!(kwargs("network_interface", Value::str("127.0.0.1")).refused.is_none());
        assert!(kwargs("decompress_response", Value::Bool(true)).refused.is_none());
    }
}
