//! The network: clients, the requests they send, and what is raised when no answer comes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderName};

use super::answer::read_answer;
use super::redirect::redirect;
use super::{Answer, Call, Exchange, Http, Options, bare, check_status};
use crate::failure::Raised;
use crate::pyurl::Split;

/// What tornado's client calls itself where nobody says otherwise.
const TORNADO: &str = "Tornado/6.6.1";

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
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut texts = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        texts.push(cause.to_string());
        next = cause.source();
    }
    if texts.is_empty() { "no further detail".into() } else { texts.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_not_resolved_in_silence() {
        for path in ["/x/../token", "/./token", "/x/%2E%2e/token", "/.."] {
            assert!(has_dot_segments(path), "{path}");
        }
        assert!(!has_dot_segments("/a.b/..c/token"));
    }
}
