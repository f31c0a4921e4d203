//! Signing requests by OAuth 1.0 (RFC 5849), as far as MediaWiki needs it: HMAC-SHA1, protocol parameters in the
//! `Authorization` header. Where the RFC leaves room, it is done as `oauthlib` does it, which is what the hub signs with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::pyurl::{Split, parse_qsl, unquote};

/// Name and value of each parameter, decoded.
pub type Params = Vec<(String, String)>;

/// What a request is signed with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Secrets<'a> {
    /// The secret of the client, the *consumer*.
    pub consumer: &'a str,
    /// The secret of the token; empty where there is none.
    pub token: &'a str,
}

/// Percent-encoding (section 3.6): everything but letters, digits and `-._~`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The base string URI (section 3.4.1.2), or why there is none.
pub fn base_string_uri(url: &str) -> Result<String, &'static str> {
    let split = Split::of(url);
    if split.scheme.is_empty() {
        return Err("missing scheme");
    }
    let host = split.host();
    if host.is_empty() {
        return Err("missing host");
    }
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let port = match port(&split) {
        Some(text) => Some(text.parse::<u16>().ok().filter(|port| *port > 0).ok_or("port out of range")?),
        None => None,
    };
    let default = match split.scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port = port.filter(|port| Some(*port) != default).map(|port| format!(":{port}")).unwrap_or_default();
    let path = if split.path.is_empty() { "/" } else { &split.path };
    Ok(format!("{}://{host}{port}{path}", split.scheme).replace(' ', "%20"))
}

fn port(split: &Split) -> Option<&str> {
    let host = split.netloc.rsplit_once('@').map_or(split.netloc.as_str(), |(_, host)| host);
    let after = host.rsplit_once(']').map_or(host, |(_, after)| after);
    after.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.is_empty())
}

/// The parameters that are signed (section 3.4.1.3.1): those of the query, then those of the protocol, without the
/// signature itself.
pub fn collected(url: &str, protocol: &[(String, String)]) -> Params {
    let query = parse_qsl(&Split::of(url).query).into_iter().map(|(name, value)| {
        // oauthlib decodes these once more.
        let value = if name.starts_with("oauth_") { unquote(&value, false) } else { value };
        (name, value)
    });
    query.chain(protocol.iter().cloned()).filter(|(name, _)| name != "oauth_signature" && name != "realm").collect()
}

/// The normalized parameters (section 3.4.1.3.2).
pub fn normalized(params: &[(String, String)]) -> String {
    let mut encoded: Vec<(String, String)> = params.iter().map(|(name, value)| (escape(name), escape(value))).collect();
    encoded.sort();
    encoded.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The signature base string (section 3.4.1.1).
pub fn base_string(method: &str, url: &str, params: &[(String, String)]) -> Result<String, &'static str> {
    let uri = base_string_uri(url)?;
    Ok(format!("{}&{}&{}", escape(&method.to_uppercase()), escape(&uri), escape(&normalized(params))))
}

fn key(secrets: Secrets<'_>) -> hmac::Key {
    let text = format!("{}&{}", escape(secrets.consumer), escape(secrets.token));
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes())
}

/// The HMAC-SHA1 signature of a base string (section 3.4.2).
pub fn signature(base_string: &str, secrets: Secrets<'_>) -> String {
    STANDARD.encode(hmac::sign(&key(secrets), base_string.as_bytes()))
}

/// Whether a signature is that of a base string, found out in constant time.
pub fn verifies(base_string: &str, secrets: Secrets<'_>, signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    hmac::verify(&key(secrets), base_string.as_bytes(), &signature).is_ok()
}

/// The `Authorization` header (section 3.5.1) of a request that is signed with it.
pub fn authorization(
    method: &str,
    url: &str,
    protocol: &[(String, String)],
    secrets: Secrets<'_>,
) -> Result<String, &'static str> {
    let base = base_string(method, url, &collected(url, protocol))?;
    let signature = ("oauth_signature".to_owned(), signature(&base, secrets));
    let parts: Vec<String> = protocol
        .iter()
        .chain([&signature])
        .map(|(name, value)| format!("{}=\"{}\"", escape(name), escape(value)))
        .collect();
    Ok(format!("OAuth {}", parts.join(", ")))
}

/// The protocol parameters in an `Authorization` header; `None` where it is of another scheme or malformed.
pub fn parse_authorization(header: &str) -> Option<Params> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("oauth") {
        return None;
    }
    let parameter = |part: &str| {
        let (name, value) = part.trim().split_once('=')?;
        let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        Some((unquote(name.trim(), false), unquote(value, false)))
    };
    // Encoded values hold neither commas nor quotes; a realm might, and nobody sends one here.
    rest.split(',').map(parameter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(pairs: &[(&str, &str)]) -> Params {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// RFC 5849 section 1.2: the three signed requests of its example.
    #[test]
    fn signs_the_rfcs_example() {
        let common = [("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_signature_method", "HMAC-SHA1")];
        let with = |more: &[(&str, &str)]| owned(&[&common[..], more].concat());
        let signed = |method: &str, url: &str, more: &[(&str, &str)], token: &str| {
            let base = base_string(method, url, &collected(url, &with(more))).unwrap();
            signature(&base, Secrets { consumer: "kd94hf93k423kf44", token })
        };
        let initiate = [
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoxSZfPTtQWtL"),
            ("oauth_callback", "http://printer.example.com/ready"),
        ];
        let url = "https://photos.example.net/initiate";
        // The one signature there that does not belong to the parameters beside it; this is oauthlib's for them.
        assert_eq!(signed("POST", url, &initiate, ""), "0v1twgAuuac8HNPFTBX4VrjC82I=");
        let exchange = [
            ("oauth_token", "hh5s93j4hdidpola"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "walatlh"),
            ("oauth_verifier", "hfdp7dh39dks9884"),
        ];
        let url = "https://photos.example.net/token";
        assert_eq!(signed("POST", url, &exchange, "hdhd0244k9j7ao03"), "gKgrFCywp7rO0OXSjdot/IHF7IU=");
        let photos = [("oauth_token", "nnch734d00sl2jdk"), ("oauth_timestamp", "137131202"), ("oauth_nonce", "chapoH")];
        let url = "http://photos.example.net/photos?file=vacation.jpg&size=original";
        assert_eq!(signed("GET", url, &photos, "pfkkdhi9sl3r4s00"), "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    /// RFC 5849 sections 3.4.1.1 and 3.4.1.3: the base string of a request with a body and repeated names.
    #[test]
    fn builds_the_rfcs_base_string() {
        let url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b";
        let protocol = owned(&[
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
            ("oauth_signature", "bYT5CMsGcbgUdFHObYMEfcx6bsw="),
        ]);
        let mut params = collected(url, &protocol);
        params.extend(owned(&[("c2", ""), ("a3", "2 q")]));
        assert_eq!(
            normalized(&params),
            "a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9djdj82h48djs9d2&oauth_nonce=7d8f3e4a\
             &oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_token=kkk9d7dh3k39sjv7"
        );
        assert_eq!(
            base_string("post", url, &params).unwrap(),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3\
             D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-\
             SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    /// RFC 5849 section 3.4.1.2.
    #[test]
    fn builds_base_string_uris() {
        for (url, expected) in [
            ("HTTP://EXAMPLE.COM:80/r%20v/X?id=123", Ok("http://example.com/r%20v/X")),
            ("https://www.example.net:8080/?q=1", Ok("https://www.example.net:8080/")),
            ("https://example.net:443", Ok("https://example.net/")),
            ("http://[::1]:8000/w", Ok("http://[::1]:8000/w")),
            ("http://u:p@h:99999/", Err("port out of range")),
            ("/index.php", Err("missing scheme")),
            ("https:///x", Err("missing host")),
        ] {
            assert_eq!(base_string_uri(url).as_deref(), expected.as_deref(), "{url}");
        }
    }

    /// RFC 5849 section 3.6.
    #[test]
    fn escapes_all_but_the_unreserved() {
        assert_eq!(escape("AZaz09-._~ +%&=*ü☃"), "AZaz09-._~%20%2B%25%26%3D%2A%C3%BC%E2%98%83");
    }

    #[test]
    fn a_header_is_read_back_and_its_signature_verifies() {
        let secrets = Secrets { consumer: "se cret&", token: "tök" };
        let url = "https://wiki.example.org/w/index.php?title=Special%3AOAuth%2Ftoken";
        let protocol = owned(&[("oauth_nonce", "1"), ("oauth_consumer_key", "a b\",=")]);
        let header = authorization("POST", url, &protocol, secrets).unwrap();
        let read = parse_authorization(&header).unwrap();
        assert_eq!(read[..2], protocol[..]);
        let base = base_string("POST", url, &collected(url, &read)).unwrap();
        assert!(verifies(&base, secrets, &read[2].1));
        assert!(!verifies(&base, Secrets { consumer: "se cret&", token: "" }, &read[2].1));
        assert!(!verifies(&base, secrets, "no base64"));
        assert_eq!(parse_authorization("Bearer x"), None);
    }
}
