//! The next request after a redirect, by the rules of the hub's client.

use super::Call;
use crate::failure::Raised;
use crate::pyurl::Split;

/// `_HTTPConnection.finish`, or `SessionRedirectMixin.resolve_redirects`: what the next request looks like, and where
/// it goes.
pub(super) fn redirect(
    call: &mut Call,
    status: u16,
    from: &str,
    location: &str,
    requests: bool,
) -> Result<String, Raised> {
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

#[cfg(test)]
mod tests {
    use super::*;

    use crate::failure::Stage;

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
}
