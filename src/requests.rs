//! What Python's `requests` takes from the environment and makes of an address (`requests/sessions.py`,
//! `requests/models.py`): `mwoauth` goes to the network through it, not through tornado.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::failure::Raised;
use crate::http::{Answer, Options};
use crate::proxies::ProxyVariables;
use crate::pyurl::{Split, quote_plus};
use crate::sys::World;
use crate::value::Value;

/// The variables that name the authorities to trust, the first that says something counting.
const CA_VARIABLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// `requests` waits for ever, which is no help to anybody.
const PATIENCE: Duration = Duration::from_secs(60);

/// The client's options where it is `requests` (`Session.request`, `merge_environment_settings`).
pub fn options(world: &World) -> Options {
    let mut options = Options {
        request_timeout: PATIENCE,
        max_redirects: 30,
        requests: Some(ProxyVariables::of(world.vars())),
        ..Options::default()
    };
    if let Some(path) = CA_VARIABLES.iter().find_map(|name| world.filled(name)) {
        match authorities(Path::new(path)) {
            Ok(pem) => options.ca_certs = Some(pem),
            Err(_) => {
                let message = format!("Could not find a suitable TLS CA certificate bundle, invalid path: {path}");
                options.tls_refused = Some(Raised::exception("OSError", message));
            }
        }
    }
    options
}

/// A file of certificates, or a folder of such files.
fn authorities(path: &Path) -> io::Result<Vec<u8>> {
    if !path.is_dir() {
        return std::fs::read(path);
    }
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_file() {
            all.extend(std::fs::read(path)?);
            all.push(b'\n');
        }
    }
    Ok(all)
}

/// The address that `requests` asks for, with one more parameter in its query (`PreparedRequest.prepare_url`).
pub fn prepare_url(url: &str, name: &str, value: &str) -> Result<String, Raised> {
    let url = url.trim_start();
    let shown = Value::str(url).repr();
    let mut split = Split::of(url);
    if url.contains(':') && !url.to_lowercase().starts_with("http") {
        return Err(Raised::exception("InvalidSchema", format!("No connection adapters were found for {shown}")));
    }
    if split.scheme.is_empty() {
        let message = format!("Invalid URL {shown}: No scheme supplied. Perhaps you meant https://{url}?");
        return Err(Raised::exception("MissingSchema", message));
    }
    if split.host().is_empty() {
        return Err(Raised::exception("InvalidURL", format!("Invalid URL {shown}: No host supplied")));
    }
    if !matches!(split.scheme.as_str(), "http" | "https") {
        return Err(Raised::exception("InvalidSchema", format!("No connection adapters were found for {shown}")));
    }
    split.netloc = split.netloc.to_lowercase();
    if split.path.is_empty() {
        split.path = "/".to_owned();
    }
    split.path = requote(&split.path);
    let more = format!("{}={}", quote_plus(name), quote_plus(value));
    split.query = if split.query.is_empty() { more } else { format!("{}&{more}", requote(&split.query)) };
    split.fragment.clear();
    Ok(split.unsplit())
}

/// `requote_uri`: what may not stand in an address is encoded, what is encoded already stays.
fn requote(text: &str) -> String {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!#$%&'()*+,/:;=?@[]".contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// `Response.text`: by the charset of the media type; a `text/…` without one is Latin-1.
pub fn text(answer: &Answer) -> String {
    let media_type = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let charset = media_type.split(';').skip(1).find_map(|part| part.trim().strip_prefix("charset="));
    let charset = charset.map(|charset| charset.trim_matches(['"', '\'', ' ']));
    let latin = match charset {
        Some(charset) => matches!(charset, "iso-8859-1" | "latin-1" | "latin1"),
        None => media_type.contains("text"),
    };
    if latin { answer.body.iter().map(|byte| char::from(*byte)).collect() } else { answer.text() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(media_type: &str, body: &[u8]) -> Answer {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Answer { status: 200, reason: "OK".into(), headers, body: body.to_vec() }
    }

    // Expected values: `requests.Request("POST", url, params={"title": "Special:OAuth/token"}).prepare().url`.
    #[test]
    fn addresses_are_prepared_as_requests_does() {
        let prepared = |url| prepare_url(url, "title", "Special:OAuth/token").map_err(|raised| raised.message());
        for (url, expected) in [
            ("https://W.example.org/w/index.php", "https://w.example.org/w/index.php?title=Special%3AOAuth%2Ftoken"),
            (" HTTP://w.example.org", "http://w.example.org/?title=Special%3AOAuth%2Ftoken"),
            ("http://w:8080/i.php?a=b c#f", "http://w:8080/i.php?a=b%20c&title=Special%3AOAuth%2Ftoken"),
            ("http://w/ü%20x", "http://w/%C3%BC%20x?title=Special%3AOAuth%2Ftoken"),
        ] {
            assert_eq!(prepared(url).as_deref(), Ok(expected), "{url}");
        }
        for (url, expected) in [
            ("", "MissingSchema: Invalid URL '': No scheme supplied. Perhaps you meant https://?"),
            (
                "w.org/index.php",
                "MissingSchema: Invalid URL 'w.org/index.php': No scheme supplied. Perhaps you meant https://w.org/index.php?",
            ),
            ("ftp://w/x", "InvalidSchema: No connection adapters were found for 'ftp://w/x'"),
            ("https://", "InvalidURL: Invalid URL 'https://': No host supplied"),
        ] {
            assert_eq!(prepared(url), Err(expected.to_owned()), "{url}");
        }
    }

    #[test]
    fn text_is_decoded_by_its_media_type() {
        assert_eq!(text(&answer("text/plain", "é".as_bytes())), "Ã©");
        assert_eq!(text(&answer("text/plain; charset=UTF-8", "é".as_bytes())), "é");
        assert_eq!(text(&answer("application/json", "é".as_bytes())), "é");
    }
}
