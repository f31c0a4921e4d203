//! A browser for where there is none: follows redirects, fills in nothing. It is enough for the embedded provider
//! with a person chosen beforehand, and it comes back through the same listener as any browser.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;

use super::FlowError;

/// As many redirects as browsers follow.
const MOST_REDIRECTS: usize = 20;

/// Fetches an address: its status, and where it redirects to.
pub type Fetch<'a> = dyn FnMut(&str) -> Result<(u16, Option<String>), String> + 'a;

/// Walks from the authorize address to the one it ends on at our redirect_uri, which is not fetched.
pub fn walk(authorize_url: &str, redirect_uri: &str, fetch: &mut Fetch<'_>) -> Result<String, FlowError> {
    let target = parse(redirect_uri)?;
    let mut here = parse(authorize_url)?;
    for _ in 0..=MOST_REDIRECTS {
        if here.origin() == target.origin() && here.path() == target.path() {
            return Ok(here.into());
        }
        let (status, location) = fetch(here.as_str()).map_err(|error| lost(format!("{}: {error}", shown(&here))))?;
        here = match location {
            Some(location) if (300..400).contains(&status) => here
                .join(&location)
                .map_err(|error| lost(format!("{} redirects to no address: {error}", shown(&here))))?,
            _ => return Err(lost(format!("{} answered {status} and led no further", shown(&here)))),
        };
    }
    Err(lost(format!("there is no end to the redirects after {MOST_REDIRECTS}")))
}

/// Fetches an address of a server on this machine: its status, and where it redirects to.
pub fn fetch(address: &str) -> Result<(u16, Option<String>), String> {
    let url = Url::parse(address).map_err(|error| error.to_string())?;
    let head = get(&url, Duration::from_secs(30)).map_err(|error| error.to_string())?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let location = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("location"))
        .map(|(_, value)| value.trim().to_owned());
    Ok((status.ok_or("no HTTP")?, location))
}

/// Sends a GET and gives the head of the answer.
fn get(url: &Url, patience: Duration) -> std::io::Result<String> {
    let sockets = url.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(&sockets[..])?;
    stream.set_read_timeout(Some(patience))?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let request = format!(
        "GET {}{query} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: oauthctl\r\nAccept: text/html\r\n\
         Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nConnection: close\r\n\r\n",
        url.path()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") && answer.len() < 64 * 1024 {
        match stream.read(&mut chunk)? {
            0 => break,
            length => answer.extend_from_slice(&chunk[..length]),
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Goes to the address at our listener, as a browser would, and gives the status of the page that comes back, which is
/// when the verdict is there.
pub fn visit(address: &str, patience: Duration) -> Result<u16, FlowError> {
    let url = parse(address)?;
    let head = get(&url, patience).map_err(|error| lost(format!("{}: {error}", shown(&url))))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| lost(format!("{} answered no HTTP", shown(&url))))
}

/// The walker as what goes to the provider in the browser's place.
pub fn driver(
    mut fetch: impl FnMut(&str) -> Result<(u16, Option<String>), String> + Send + 'static,
    patience: Duration,
) -> super::leg::Driver {
    Box::new(move |authorize_url, redirect_uri| {
        let end = walk(authorize_url, redirect_uri, &mut fetch)?;
        visit(&end, patience).map(|_status| ())
    })
}

fn parse(address: &str) -> Result<Url, FlowError> {
    Url::parse(address).map_err(|error| lost(format!("`{address}` is no address: {error}")))
}

/// An address without its query, which may hold a code.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

fn lost(message: String) -> FlowError {
    FlowError::new("walk-failed", message).with_fix("log in with a browser: the provider wants more than a redirect")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "http://127.0.0.1:8400/hub/oauth_callback";

    fn walked(answers: &[(&str, u16, Option<&str>)]) -> Result<String, String> {
        let mut fetch = |url: &str| {
            let (_, status, location) = answers.iter().find(|(address, ..)| *address == url).ok_or("unexpected")?;
            Ok((*status, location.map(str::to_owned)))
        };
        walk("http://idp/authorize?x=1", TOLD, &mut fetch).map_err(|error| error.message)
    }

    #[test]
    fn it_follows_redirects_up_to_our_own_address() {
        let end = "http://127.0.0.1:8400/hub/oauth_callback?code=c&state=s";
        let steps = [("http://idp/authorize?x=1", 302, Some("/login?y=2")), ("http://idp/login?y=2", 303, Some(end))];
        assert_eq!(walked(&steps).as_deref(), Ok(end));
    }

    #[test]
    fn it_says_where_it_got_stuck_without_the_query() {
        let error = walked(&[("http://idp/authorize?x=1", 200, None)]).unwrap_err();
        assert_eq!(error, "http://idp/authorize answered 200 and led no further");
        let error = walked(&[("http://idp/authorize?x=1", 302, Some("/authorize?x=1"))]).unwrap_err();
        assert_eq!(error, "there is no end to the redirects after 20");
        // Another port of the same host is another address.
        let elsewhere = "http://127.0.0.1:9/hub/oauth_callback?code=c";
        let error = walked(&[("http://idp/authorize?x=1", 302, Some(elsewhere))]).unwrap_err();
        assert_eq!(error, "http://127.0.0.1:9/hub/oauth_callback: unexpected");
    }
}
