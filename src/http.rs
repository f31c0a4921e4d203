//! The back channel: requests as the hub's tornado client makes them (`tornado/simple_httpclient.py`), each recorded.
//!
//! Certificates are judged by the system's store; proxies are used only when asked for; redirects are followed by us,
//! with tornado's rules. No client is built before the first request, so offline commands never load a trust store.

mod answer;
mod network;
mod options;
mod redirect;

use std::time::Duration;

pub use network::Network;
pub use options::Options;

use crate::failure::{Raised, Stage};
use crate::pyurl::Split;

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

/// `AsyncHTTPClient.fetch(raise_error=True)`: anything but 2xx is raised.
pub fn check_status(answer: Answer) -> Result<Answer, Raised> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(Raised::Client { status: answer.status, message: answer.reason })
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

    #[test]
    fn messages_never_hold_a_query() {
        assert_eq!(bare("https://u:p@h/p?access_token=s#f"), "https://h/p");
    }
}
