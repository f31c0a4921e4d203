//! The back channel: requests as the hub's tornado client makes them (`tornado/simple_httpclient.py`), each recorded.
//!
//! Certificates are judged by the system's store; proxies are used only when asked for; redirects are followed by us,
//! with tornado's rules. No client is built before the first request, so offline commands never load a trust store.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Read as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderName};

use crate::failure::{Raised, Stage};
use crate::proxies::ProxyVariables;
use crate::pyurl::Split;
use crate::value::{Dict, Value};

/// What tornado's client calls itself where nobody says otherwise.
const TORNADO: &str = "Tornado/6.6.1";

/// The most we read of an answer; tornado stops at 100 MiB.
const MAX_BODY: u64 = 16 * 1024 * 1024;

/// `max_header_size` of tornado's client.
const MAX_HEAD: usize = 64 * 1024;

/// The most redirects that are followed, whatever is configured: tornado would go round in a circle.
const MAX_REDIRECTS: f64 = 1000.0;

/// What upstream asks for: `oauth2.OAuthenticator.httpfetch`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The stage it belongs to.
    pub stage: Stage,
    /// `GET`, `POST` …
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body, form-encoded already.
    pub body: Option<String>,
    /// The body's fields, for the transcript.
    pub form: Vec<(String, String)>,
    /// `validate_cert`, where the caller says.
    pub validate_cert: Option<bool>,
}

/// An answer that came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// All headers of that name (lower case) in one, as `tornado.httputil.HTTPHeaders` joins them.
    pub fn joined_header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str());
        let found: Vec<&str> = found.collect();
        if found.is_empty() { None } else { Some(found.join(",")) }
    }

    /// The body as the hub reads it: `bytes.decode("utf8", "replace")`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request and what became of it, for the transcript.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The stage it belongs to.
    pub stage: Stage,
    /// `GET`, `POST` …
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Request headers.
    pub request_headers: Vec<(String, String)>,
    /// Form fields of the request.
    pub form: Vec<(String, String)>,
    /// The answer; `None` when none came.
    pub answer: Option<Answer>,
    /// Why none came.
    pub error: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Whoever makes requests: the network, or what was saved of an earlier run.
pub trait Http {
    /// Makes one request, redirects included, as the hub would.
    fn fetch(&self, call: &Call) -> Result<Answer, Raised>;

    /// The same with `raise_error=False`: an answer of any status is an answer; what keeps one from coming is raised.
    fn fetch_any(&self, call: &Call) -> Result<Answer, Raised> {
        match self.fetch(call) {
            Err(raised @ Raised::Client { .. }) => {
                let last = self.exchanges().pop().filter(|last| last.error.is_none());
                last.and_then(|exchange| exchange.answer).ok_or(raised)
            }
            other => other,
        }
    }

    /// Waits as upstream does before it asks again; nothing where no network is asked.
    fn pause(&self, _wait: Duration) {}

    /// Whether the answers are those of an earlier run, so that nothing in them can belong to a request made now.
    fn is_saved(&self) -> bool {
        false
    }

    /// Every exchange so far, in order.
    fn exchanges(&self) -> Vec<Exchange>;
}

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

/// What requests that share a client have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Way {
    tls: bool,
    validate: bool,
    proxy: Option<String>,
}

/// The network.
pub struct Network {
    options: Options,
    clients: RefCell<HashMap<Way, reqwest::blocking::Client>>,
    exchanges: RefCell<Vec<Exchange>>,
}

impl Network {
    /// A client with these options; nothing is built or loaded yet.
    pub fn new(options: Options) -> Network {
        Network { options, clients: RefCell::default(), exchanges: RefCell::default() }
    }

    fn client(&self, way: Way) -> Result<reqwest::blocking::Client, Raised> {
        if let Some(client) = self.clients.borrow().get(&way) {
            return Ok(client.clone());
        }
        let client = self.build(&way)?;
        self.clients.borrow_mut().insert(way, client.clone());
        Ok(client)
    }

    fn build(&self, way: &Way) -> Result<reqwest::blocking::Client, Raised> {
        // A second installation fails harmlessly.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = &self.options;
        let mut builder = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(options.connect_timeout.min(options.request_timeout))
            .timeout(options.request_timeout)
            .referer(false)
            .http1_only()
            .pool_max_idle_per_host(0)
            .no_proxy();
        if let Some(proxy) = &way.proxy {
            let proxy = reqwest::Proxy::all(proxy).map_err(|error| ssl_error(&error))?;
            builder = builder.proxy(proxy);
        }
        if !way.tls {
            // Plain HTTP needs no trust store; one that can't be loaded must not matter.
            builder = builder.tls_certs_only([]);
        } else {
            builder = builder.tls_danger_accept_invalid_certs(!way.validate);
            builder = match &options.ca_certs {
                Some(pem) => builder.tls_certs_only(certificates(pem)?),
                None => builder,
            };
            for pem in &options.extra_ca {
                builder = builder.tls_certs_merge(certificates(pem)?);
            }
            if let Some(pem) = &options.identity {
                builder = builder.identity(reqwest::Identity::from_pem(pem).map_err(|error| ssl_error(&error))?);
            }
        }
        builder.build().map_err(|error| ssl_error(&error))
    }

    fn rerouted(&self, url: &str) -> String {
        let stand_in = self.options.reroute.iter().find_map(|(origin, base)| Some((base, url.strip_prefix(origin)?)));
        stand_in.map_or_else(|| url.to_owned(), |(base, rest)| format!("{base}{rest}"))
    }

    /// One request without redirects.
    fn send(&self, call: &Call, url: &str) -> Result<Answer, Raised> {
        let split = Split::of(url);
        if !matches!(split.scheme.as_str(), "http" | "https") {
            return Err(Raised::exception("ValueError", format!("Unsupported url scheme: {url}")));
        }
        if has_dot_segments(&split.path) {
            // The hub sends them as they are; the library would resolve them, and ask another address.
            return Err(Raised::Unsupported {
                what: format!(
                    "{} has `.` or `..` in its path, which cannot be sent here as the hub sends it",
                    bare(url)
                ),
                setting: None,
                span: None,
            });
        }
        if split.netloc.contains('\\') {
            return Err(Raised::exception("gaierror", format!("the name of {} cannot be resolved", split.netloc)));
        }
        // tornado would send the blank as it is; no server takes a request line with four parts for one.
        if split.path.contains(' ') || split.query.contains(' ') {
            return Ok(Answer { status: 400, reason: "Bad Request".into(), headers: Vec::new(), body: Vec::new() });
        }
        let tls = split.scheme == "https";
        if let (true, Some(raised)) = (tls, &self.options.tls_refused) {
            return Err(raised.clone());
        }
        let validate = call.validate_cert.or(self.options.validate_cert).unwrap_or(true);
        let of_environment = || self.options.requests.as_ref().and_then(|variables| variables.proxy_for(url));
        let proxy = self.options.proxy.clone().or_else(of_environment);
        let client = self.client(Way { tls, validate, proxy })?;
        let method = reqwest::Method::from_bytes(call.method.as_bytes())
            .map_err(|_| Raised::exception("KeyError", format!("'unknown method {}'", call.method)))?;
        let mut request = client.request(method, url).headers(self.headers(call, &split)?);
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let deadline = Instant::now() + self.options.request_timeout;
        let response = request.send().map_err(|error| transport(&error, url))?;
        read_answer(response, url, self.options.compressed, deadline)
    }

    /// The headers of a request: the caller's, then those that tornado's client sets over them.
    fn headers(&self, call: &Call, url: &Split) -> Result<HeaderMap, Raised> {
        let mut headers = HeaderMap::new();
        let mut set = |name: &str, value: &str| -> Result<(), Raised> {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Raised::exception("ValueError", format!("Illegal header name {name}")))?;
            headers.insert(name, header_value(value)?);
            Ok(())
        };
        for (name, value) in &call.headers {
            set(name, value)?;
        }
        if let (Some((credentials, _)), None) = (url.netloc.rsplit_once('@'), &self.options.requests) {
            set("Authorization", &format!("Basic {}", STANDARD.encode(credentials)))?;
        }
        let named = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
        match &self.options.user_agent {
            Some(agent) => set("User-Agent", agent)?,
            None if !named => set("User-Agent", TORNADO)?,
            None => {}
        }
        if self.options.compressed {
            set("Accept-Encoding", "gzip")?;
        }
        Ok(headers)
    }

    /// What tornado's client adds to a call before it is first sent.
    fn prepare(&self, call: &Call) -> Result<Call, Raised> {
        let mut call = call.clone();
        if let (Some(body), None) = (&self.options.body, &call.body) {
            if !self.options.nonstandard {
                let message =
                    format!("Body must be None for method {} (unless allow_nonstandard_methods is true)", call.method);
                return Err(Raised::exception("ValueError", message));
            }
            call.body = Some(body.clone());
        }
        if let Some((user, password)) = &self.options.auth {
            let credentials = STANDARD.encode(format!("{user}:{password}"));
            call.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            call.headers.push(("Authorization".into(), format!("Basic {credentials}")));
        }
        Ok(call)
    }
}

impl Http for Network {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        if let Some(raised) = &self.options.refused {
            return Err(raised.clone());
        }
        let mut call = self.prepare(call)?;
        let mut url = self.rerouted(&call.url);
        let mut left = self.options.max_redirects;
        loop {
            let start = Instant::now();
            let outcome = self.send(&call, &url);
            self.exchanges.borrow_mut().push(Exchange {
                stage: call.stage,
                method: call.method.to_owned(),
                url: url.clone(),
                request_headers: call.headers.clone(),
                form: call.form.clone(),
                answer: outcome.as_ref().ok().cloned(),
                error: outcome.as_ref().err().map(Raised::message),
                elapsed: start.elapsed(),
            });
            let answer = outcome?;
            let target = answer.header("location").map(str::to_owned);
            let target = target.filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
            match (target, &self.options.requests) {
                (Some(_), Some(_)) if left == 0 => {
                    let message = format!("Exceeded {} redirects.", self.options.max_redirects);
                    return Err(Raised::exception("TooManyRedirects", message));
                }
                (Some(target), rules) if left > 0 => {
                    left -= 1;
                    url = redirect(&mut call, answer.status, &url, &target, rules.is_some())?;
                }
                // requests leaves it to its caller to look at the status.
                (_, Some(_)) => return Ok(answer),
                (_, None) => return check_status(answer),
            }
        }
    }

    fn pause(&self, wait: Duration) {
        std::thread::sleep(wait);
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }
}

/// Whether the URL Standard would resolve a segment of the path away, also where its dots are percent-encoded.
fn has_dot_segments(path: &str) -> bool {
    let is_dots = |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    path.split('/').any(is_dots)
}

/// `AsyncHTTPClient.fetch(raise_error=True)`: anything but 2xx is raised.
pub fn check_status(answer: Answer) -> Result<Answer, Raised> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(Raised::Client { status: answer.status, message: answer.reason })
}

/// `_HTTPConnection.finish`, or `SessionRedirectMixin.resolve_redirects`: what the next request looks like, and where
/// it goes.
fn redirect(call: &mut Call, status: u16, from: &str, location: &str, requests: bool) -> Result<String, Raised> {
    let joined = match url::Url::parse(from).and_then(|base| base.join(location)) {
        Ok(url) => url,
        Err(error) => return Err(Raised::exception("ValueError", format!("{error}: {location}"))),
    };
    let mut target = joined.to_string();
    let (old, mut new) = (Split::of(from), Split::of(&target));
    let same = (&old.scheme, &old.netloc) == (&new.scheme, &new.netloc);
    if !(same || requests && is_upgrade(&old, &new)) {
        if let Some((_, host)) = new.netloc.rsplit_once('@') {
            new.netloc = host.to_owned();
            target = new.unsplit();
        }
        call.headers.retain(|(name, _)| !matches!(name.to_ascii_lowercase().as_str(), "authorization" | "cookie"));
    }
    // With requests 302 turns any method, but only GET, HEAD and POST are ever sent here.
    if (status == 303 && call.method != "HEAD") || (matches!(status, 301 | 302) && call.method == "POST") {
        call.method = "GET";
        call.body = None;
        call.form.clear();
        call.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }
    Ok(target)
}

/// From http to https on the same host and the usual ports, `requests` keeps the credentials (`should_strip_auth`).
fn is_upgrade(old: &Split, new: &Split) -> bool {
    let usual = |split: &Split, port: &str| {
        !split.netloc.contains(':') || split.netloc.rsplit_once(':').is_some_and(|(_, own)| own == port)
    };
    old.scheme == "http" && new.scheme == "https" && old.host() == new.host() && usual(old, "80") && usual(new, "443")
}

/// tornado writes headers as Latin-1 and refuses line breaks.
fn header_value(text: &str) -> Result<reqwest::header::HeaderValue, Raised> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => {
                let message = format!("'latin-1' codec can't encode character {:?}: ordinal not in range(256)", c);
                return Err(Raised::exception("UnicodeEncodeError", message));
            }
        }
    }
    reqwest::header::HeaderValue::from_bytes(&bytes)
        .map_err(|_| Raised::exception("ValueError", "Illegal characters (CR or LF) in header"))
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Raised> {
    reqwest::Certificate::from_pem_bundle(pem).map_err(|error| ssl_error(&error))
}

fn ssl_error(error: &reqwest::Error) -> Raised {
    Raised::exception("SSLError", chain(error))
}

fn read_answer(
    mut response: reqwest::blocking::Response,
    url: &str,
    compressed: bool,
    deadline: Instant,
) -> Result<Answer, Raised> {
    let status = response.status();
    let headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().iter().map(|b| char::from(*b)).collect()))
        .collect();
    let head: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    if head > MAX_HEAD {
        let message = format!("delimiter not found within {MAX_HEAD} bytes");
        return Err(Raised::exception("UnsatisfiableReadError", message));
    }
    let framed = headers.iter().any(|(name, _)| name == "content-length" || name == "transfer-encoding");
    let mut body = Vec::new();
    if let Err(error) = read_until(&mut response.by_ref().take(MAX_BODY + 1), &mut body, deadline) {
        // A server that closes without TLS close_notify, or without having promised a length, is fine with the hub.
        let timed_out = error.kind() == std::io::ErrorKind::TimedOut || chain(&error).contains("timed out");
        if timed_out {
            return Err(Raised::Client { status: 599, message: "Timeout during request".into() });
        }
        if framed || body.is_empty() {
            return Err(Raised::Client { status: 599, message: format!("Connection closed ({})", chain(&error)) });
        }
    }
    if compressed && is_gzip(&headers) {
        body = decompress(&body)?;
    }
    if body.len() as u64 > MAX_BODY {
        let message = format!("the answer of {} is larger than {} MiB", bare(url), MAX_BODY / 1024 / 1024);
        return Err(Raised::Client { status: 599, message });
    }
    let reason = status.canonical_reason().unwrap_or("Unknown").to_owned();
    Ok(Answer { status: status.as_u16(), reason, headers, body })
}

/// Reads to the end, but not beyond a moment: reqwest's own limit begins anew with every piece of a body.
fn read_until(from: &mut dyn std::io::Read, into: &mut Vec<u8>, deadline: Instant) -> std::io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => into.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if Instant::now() > deadline {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
    }
}

fn is_gzip(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| name == "content-encoding" && value.eq_ignore_ascii_case("gzip"))
}

/// `tornado.util.GzipDecompressor`: the first member, as far as it came.
fn decompress(body: &[u8]) -> Result<Vec<u8>, Raised> {
    let mut plain = Vec::new();
    match flate2::bufread::GzDecoder::new(body).take(MAX_BODY + 1).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(plain),
        Err(_) => Err(Raised::exception("error", "Error -3 while decompressing data: incorrect header check")),
    }
}

/// What tornado or the socket below it raises when no answer comes. reqwest's own text holds the whole URL, so it is
/// never used.
fn transport(error: &reqwest::Error, url: &str) -> Raised {
    let text = chain(error);
    let host = Split::of(url).netloc;
    if error.is_timeout() {
        let phase = if error.is_connect() { "Timeout while connecting" } else { "Timeout during request" };
        return Raised::Client { status: 599, message: phase.into() };
    }
    if error.is_builder() {
        return Raised::exception("ValueError", format!("{} is no address that a request can go to", bare(url)));
    }
    if text.contains("ertificate") {
        return Raised::exception("SSLCertVerificationError", format!("certificate verify failed for {host}: {text}"));
    }
    if error.is_connect() {
        if text.contains("dns error") || text.contains("lookup") {
            return Raised::exception("gaierror", format!("the name of {host} cannot be resolved"));
        }
        if text.contains("onnection refused") {
            return Raised::exception("ConnectionRefusedError", format!("nothing listens at {host}"));
        }
        if text.contains("InvalidContentType") || text.contains("corrupt message") {
            return Raised::exception("SSLError", format!("{host} does not speak TLS: wrong version number"));
        }
        return Raised::exception("OSError", format!("no connection to {host}: {text}"));
    }
    Raised::Client { status: 599, message: format!("Stream closed ({text})") }
}

/// An error's causes without its own first line, which may hold the URL.
fn chain(error: &dyn std::error::Error) -> String {
    let mut texts = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    if texts.is_empty() { "no further detail".into() } else { texts.join(": ") }
}

/// A URL without query and fragment, fit for messages: upstream's log lines show them so too.
pub fn bare(url: &str) -> String {
    let mut split = Split::of(url);
    split.query.clear();
    split.fragment.clear();
    if let Some((_, host)) = split.netloc.rsplit_once('@') {
        split.netloc = host.to_owned();
    }
    split.unsplit()
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

    #[test]
    fn redirects_turn_post_into_get_and_drop_credentials_elsewhere() {
        let mut call = Call {
            stage: Stage::Token,
            method: "POST",
            url: String::new(),
            headers: vec![("Authorization".into(), "x".into()), ("Content-Type".into(), "y".into())],
            body: Some("b".into()),
            form: vec![],
            validate_cert: None,
        };
        let mut kept = call.clone();
        assert_eq!(redirect(&mut kept, 307, "http://a/x", "/y", false).unwrap(), "http://a/y");
        assert_eq!((kept.method, kept.headers.len()), ("POST", 2));
        assert_eq!(redirect(&mut call, 302, "http://a/x", "http://b/y", false).unwrap(), "http://b/y");
        assert_eq!((call.method, &call.body, call.headers.len()), ("GET", &None, 0));
        assert_eq!(redirect(&mut call, 302, "http://a/x", "http://u:p@b/y", false).unwrap(), "http://b/y");
    }

    // requests 2.34.2, `SessionRedirectMixin.should_strip_auth`.
    #[test]
    fn requests_keeps_credentials_on_the_way_to_https() {
        for (from, to, kept) in [
            ("http://a/x", "https://a/x", true),
            ("http://a:80/x", "https://a:443/x", true),
            ("http://a:8080/x", "https://a/x", false),
            ("http://a/x", "https://b/x", false),
            ("https://a/x", "http://a/x", false),
        ] {
            let mut call = Call {
                stage: Stage::Token,
                method: "POST",
                url: String::new(),
                headers: vec![("Authorization".into(), "x".into())],
                body: None,
                form: vec![],
                validate_cert: None,
            };
            redirect(&mut call, 302, from, to, true).unwrap();
            assert_eq!((call.method, !call.headers.is_empty()), ("GET", kept), "{from} {to}");
        }
    }

    #[test]
    fn dot_segments_are_not_resolved_in_silence() {
        for path in ["/x/../token", "/./token", "/x/%2E%2e/token", "/.."] {
            assert!(has_dot_segments(path), "{path}");
        }
        assert!(!has_dot_segments("/a.b/..c/token"));
    }

    #[test]
    fn messages_never_hold_a_query() {
        assert_eq!(bare("https://u:p@h/p?access_token=s#f"), "https://h/p");
    }
}
