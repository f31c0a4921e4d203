//! URLs as Python's `urllib.parse` and tornado's `url_concat` put them together, byte for byte: providers see what the
//! hub would send.

use crate::value::Value;

/// `urllib.parse.urlsplit`: the five parts, joined again by [`Split::unsplit`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// `https`, in lower case, or empty.
    pub scheme: String,
    /// User, host and port.
    pub netloc: String,
    /// The path with its parameters.
    pub path: String,
    /// Without the `?`.
    pub query: String,
    /// Without the `#`.
    pub fragment: String,
}

impl Split {
    /// Splits; never fails, as `urlsplit` nearly never does.
    pub fn of(url: &str) -> Split {
        let url: String = url.trim_start_matches(|c: char| c <= ' ').replace(['\t', '\r', '\n'], "");
        let mut rest = url.as_str();
        let mut split = Split::default();
        if let Some((scheme, after)) = rest.split_once(':') {
            let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
            if valid {
                split.scheme = scheme.to_ascii_lowercase();
                rest = after;
            }
        }
        if let Some(after) = rest.strip_prefix("//") {
            let end = after.find(['/', '?', '#']).unwrap_or(after.len());
            split.netloc = after[..end].to_owned();
            rest = &after[end..];
        }
        if let Some((before, fragment)) = rest.split_once('#') {
            split.fragment = fragment.to_owned();
            rest = before;
        }
        if let Some((before, query)) = rest.split_once('?') {
            split.query = query.to_owned();
            rest = before;
        }
        split.path = rest.to_owned();
        split
    }

    /// `urllib.parse.urlunsplit`.
    pub fn unsplit(&self) -> String {
        let mut url = self.path.clone();
        let uses_netloc = matches!(self.scheme.as_str(), "" | "http" | "https" | "ftp" | "ws" | "wss" | "file");
        if !self.netloc.is_empty() || (!self.scheme.is_empty() && uses_netloc && !url.starts_with("//")) {
            if !url.is_empty() && !url.starts_with('/') {
                url.insert(0, '/');
            }
            url = format!("//{}{url}", self.netloc);
        }
        if !self.scheme.is_empty() {
            url = format!("{}:{url}", self.scheme);
        }
        if !self.query.is_empty() {
            url = format!("{url}?{}", self.query);
        }
        if !self.fragment.is_empty() {
            url = format!("{url}#{}", self.fragment);
        }
        url
    }

    /// Host name without user, port and brackets, in lower case.
    pub fn host(&self) -> String {
        let host = self.netloc.rsplit_once('@').map_or(self.netloc.as_str(), |(_, host)| host);
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => host.split(':').next().unwrap_or(host),
        };
        host.to_ascii_lowercase()
    }

    /// Whether a browser or the hub could go there: `http` or `https` with a host.
    pub fn is_web(&self) -> bool {
        matches!(self.scheme.as_str(), "http" | "https") && !self.netloc.is_empty()
    }
}

/// `urllib.parse.quote_plus(text)`.
pub fn quote_plus(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// `urllib.parse.unquote(text)`, or `unquote_plus` with `plus`.
pub fn unquote(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match bytes[at] {
            b'%' => match (hex(at + 1), hex(at + 2)) {
                (Some(high), Some(low)) => {
                    out.push((high * 16 + low) as u8);
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            b'+' if plus => out.push(b' '),
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `urllib.parse.urlencode(pairs)`: values through `str()`.
pub fn urlencode<'a>(pairs: impl IntoIterator<Item = (impl AsRef<str>, &'a Value)>) -> String {
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{}={}", quote_plus(name.as_ref()), quote_plus(&value.to_text())))
        .collect();
    pairs.join("&")
}

/// `urllib.parse.parse_qsl(query, keep_blank_values=True)`.
pub fn parse_qsl(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unquote(name, true), unquote(value, true))
        })
        .collect()
}

/// `tornado.httputil.url_concat(url, args)`: the query is taken apart and encoded anew with the arguments at its end.
pub fn url_concat<'a>(url: &str, args: impl IntoIterator<Item = (impl AsRef<str>, &'a Value)>) -> String {
    let mut split = Split::of(url);
    let mut query: Vec<String> = parse_qsl(&split.query)
        .iter()
        .map(|(name, value)| format!("{}={}", quote_plus(name), quote_plus(value)))
        .collect();
    let more = urlencode(args);
    if !more.is_empty() {
        query.push(more);
    }
    split.query = query.join("&");
    split.unsplit()
}

/// `jupyterhub.utils.url_path_join` of a base and one more piece: exactly one slash between.
pub fn url_path_join(base: &str, piece: &str) -> String {
    let joined = format!("{}/{}", base.trim_end_matches('/'), piece.trim_start_matches('/'));
    if joined.starts_with('/') || base.contains("://") { joined } else { format!("/{joined}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values printed by CPython 3.11's urllib.parse and tornado 6.6's url_concat.
    #[test]
    fn concatenates_as_tornado_does() {
        let args = [("a b", Value::str("ü/+")), ("n", Value::None), ("i", Value::int(3))];
        let args = || args.iter().map(|(name, value)| (*name, value));
        assert_eq!(
            url_concat("https://h/p?x=1&y=%20&z#f", args()),
            "https://h/p?x=1&y=+&z=&a+b=%C3%BC%2F%2B&n=None&i=3#f"
        );
        assert_eq!(url_concat("", args()), "?a+b=%C3%BC%2F%2B&n=None&i=3");
        assert_eq!(url_concat("http:x", [("", &Value::None); 0]), "http:///x");
    }

    #[test]
    fn splits_and_unsplits() {
        let split = Split::of(" HTTPS://u:p@Host:8443/a;b?q#f");
        assert_eq!((split.scheme.as_str(), split.host().as_str()), ("https", "host"));
        assert_eq!(split.unsplit(), "https://u:p@Host:8443/a;b?q#f");
        assert!(!Split::of("idp.example/authorize").is_web());
    }

    #[test]
    fn unquotes_with_replacement() {
        assert_eq!(unquote("%41%2e%ff%zz+", false), "A.\u{fffd}%zz+");
    }
}
