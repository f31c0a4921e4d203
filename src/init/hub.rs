//! Where the hub is: from its public address to the redirect address that has to be registered, character by
//! character.

use url::Url;

/// What the hub serves its callback at, below `base_url` (`oauthenticator.oauth2.OAuthenticator.callback_url`).
const CALLBACK: &str = "hub/oauth_callback";

/// A hub's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// Its public address, with a slash at the end.
    pub url: String,
    /// `JupyterHub.base_url`: the path in it.
    pub base_url: String,
    /// The redirect address.
    pub callback: String,
}

impl Hub {
    /// Reads an address as people give it: of the front page, of the hub's pages, or of the callback itself.
    pub fn parse(text: &str) -> Result<Hub, String> {
        let text = text.trim();
        let local = ["localhost", "127.", "[::1]"].iter().any(|host| text.starts_with(host));
        let scheme = if local { "http" } else { "https" };
        let whole = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
        let wrong = |why: &str| Err(format!("`{text}` is no address of a hub: {why}"));
        if text.contains(['{', '}', '<', '>', '$', '*', ' ']) {
            return wrong("something in it has still to be filled in");
        }
        let mut url = match Url::parse(&whole) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
            _ => return wrong("give it like https://hub.example.org/"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("it holds a user or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("it ends in a query or a fragment");
        }
        let path = url.path().trim_end_matches('/');
        let hub_page = path.find("/hub/").or(path.strip_suffix("/hub").map(str::len));
        let base = format!("{}/", &path[..hub_page.unwrap_or(path.len())]);
        url.set_path(&base);
        let base_url = url.path().to_owned();
        let url = url.to_string();
        Ok(Hub { callback: format!("{url}{CALLBACK}"), base_url, url })
    }

    /// Whether the browser comes back over plain http from elsewhere than this machine.
    pub fn is_unencrypted(&self) -> bool {
        let url = Url::parse(&self.url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
        self.url.starts_with("http://") && !loopback
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_is_where_the_hub_listens() {
        for (given, base_url, callback) in [
            ("https://hub.example.org", "/", "https://hub.example.org/hub/oauth_callback"),
            (" hub.example.org/ ", "/", "https://hub.example.org/hub/oauth_callback"),
            ("https://example.org/jupyter", "/jupyter/", "https://example.org/jupyter/hub/oauth_callback"),
            ("https://example.org/a/b/hub/home", "/a/b/", "https://example.org/a/b/hub/oauth_callback"),
            ("https://hub.example.org/hub", "/", "https://hub.example.org/hub/oauth_callback"),
            ("https://hub.example.org/hub/oauth_callback", "/", "https://hub.example.org/hub/oauth_callback"),
            ("localhost:8000", "/", "http://localhost:8000/hub/oauth_callback"),
            ("http://localhost:8000", "/", "http://localhost:8000/hub/oauth_callback"),
            ("https://example.org:8443/hub-a/", "/hub-a/", "https://example.org:8443/hub-a/hub/oauth_callback"),
        ] {
            let hub = Hub::parse(given).unwrap();
            assert_eq!((hub.base_url.as_str(), hub.callback.as_str()), (base_url, callback), "{given}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for given in [
            "",
            "https://",
            "ftp://hub.example.org",
            "https://u:p@hub.example.org",
            "https://<your-host>/",
            "https://hub.example.org/?a=b",
            "https://hub.example.org/#x",
            "my hub",
        ] {
            assert!(Hub::parse(given).is_err(), "{given}");
        }
    }

    #[test]
    fn plain_http_counts_only_off_this_machine() {
        assert!(Hub::parse("http://hub.example.org").unwrap().is_unencrypted());
        assert!(!Hub::parse("http://127.0.0.1:8000").unwrap().is_unencrypted());
        assert!(!Hub::parse("https://hub.example.org").unwrap().is_unencrypted());
    }
}
