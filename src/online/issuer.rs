//! Which issuer the configured endpoints belong to, as far as their form tells.

use url::Url;

use super::Run;

/// An issuer that the endpoints point to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    /// Its address.
    pub issuer: String,
    /// How sure that is.
    pub kind: Kind,
}

/// What is known of a guess.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// The form of the endpoints has this issuer, and its document must be there: what the provider calls it.
    Realm(&'static str, String),
    /// The provider is known, and has a document there.
    Known,
    /// The same, but its document names another issuer.
    OtherName,
    /// It may well be.
    Maybe,
}

const CLASSES_WITHOUT: &[&str] = &["GitHubOAuthenticator", "BitbucketOAuthenticator", "MWOAuthenticator"];

/// The issuers to ask, the surest first; none where the provider is known to have no discovery document.
pub(super) fn guesses(run: &Run<'_>) -> Vec<Guess> {
    if run.cx.runs(CLASSES_WITHOUT) {
        return Vec::new();
    }
    if run.cx.runs(&["OpenShiftOAuthenticator"]) {
        let url = run.text("openshift_url").and_then(|text| Url::parse(text).ok());
        return url.iter().filter_map(|url| at(url, "", Kind::OtherName)).collect();
    }
    let urls = ["token_url", "authorize_url", "userdata_url"]
        .map(|option| run.text(option).and_then(|text| Url::parse(text.trim()).ok()));
    let urls: Vec<Url> =
        urls.into_iter().flatten().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).collect();
    of(&urls)
}

fn of(urls: &[Url]) -> Vec<Guess> {
    if let Some(known) = urls.iter().find_map(known) {
        return known;
    }
    let mut guesses: Vec<Guess> = Vec::new();
    for url in urls.iter().take(2) {
        for path in parents(url.path()) {
            if let Some(guess) = at(url, path, Kind::Maybe)
                && !guesses.contains(&guess)
            {
                guesses.push(guess);
            }
        }
    }
    // The folder that holds the endpoints, and the host itself.
    guesses.truncate(3);
    guesses
}

/// The folder of an endpoint, and the root.
fn parents(path: &str) -> Vec<&str> {
    let folder = path.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
    if folder.is_empty() { vec![""] } else { vec![folder, ""] }
}

fn at(url: &Url, path: &str, kind: Kind) -> Option<Guess> {
    let origin = url.origin();
    origin
        .is_tuple()
        .then(|| Guess { issuer: format!("{}{}", origin.ascii_serialization(), path.trim_end_matches('/')), kind })
}

/// The issuer of an endpoint whose form is known; an empty list for a provider that has none that can be told.
fn known(url: &Url) -> Option<Vec<Guess>> {
    let (host, path) = (url.host_str()?, url.path());
    let one = |path: &str, kind: Kind| Some(at(url, path, kind).into_iter().collect());
    if let Some(start) = path.find("/realms/").filter(|_| path.contains("/protocol/openid-connect")) {
        let name = path[start + "/realms/".len()..].split('/').next()?;
        let end = start + "/realms/".len() + name.len();
        return one(&path[..end], Kind::Realm("realm", name.to_owned()));
    }
    if host.starts_with("login.microsoftonline.") || host == "login.windows.net" {
        let tenant = path.split('/').nth(1).filter(|tenant| !tenant.is_empty() && *tenant != "oauth2")?;
        let end = if path.contains("/v2.0/") { format!("/{tenant}/v2.0") } else { format!("/{tenant}") };
        return one(&end, Kind::Realm("tenant", tenant.to_owned()));
    }
    if matches!(host, "accounts.google.com" | "www.googleapis.com" | "oauth2.googleapis.com") {
        return Some(vec![Guess { issuer: "https://accounts.google.com".into(), kind: Kind::Known }]);
    }
    if let Some((server, _)) = path.split_once("/v1/").filter(|(server, _)| server.starts_with("/oauth2")) {
        // Okta: the organisation's own authorization server has the bare host as issuer.
        return match server {
            "/oauth2" => one("", Kind::Known),
            server => {
                one(server, Kind::Realm("authorization server", server.trim_start_matches("/oauth2/").to_owned()))
            }
        };
    }
    if host.ends_with(".auth0.com")
        || host.ends_with("cilogon.org")
        || host == "auth.globus.org"
        || host == "gitlab.com"
    {
        return one("", Kind::Known);
    }
    if host == "github.com" || host == "bitbucket.org" || host == "orcid.org" && path.starts_with("/v3") {
        return Some(Vec::new());
    }
    if path.starts_with("/application/o/") || host.ends_with(".amazoncognito.com") {
        // The issuer has the application's name, or the user pool's, in it, which no endpoint tells.
        return Some(Vec::new());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuers(url: &str) -> Vec<String> {
        of(&[Url::parse(url).unwrap()]).into_iter().map(|guess| guess.issuer).collect()
    }

    #[test]
    fn endpoints_of_known_forms_tell_their_issuer() {
        for (endpoint, issuer) in [
            ("https://id.example.org/realms/hub/protocol/openid-connect/token", "https://id.example.org/realms/hub"),
            (
                "https://id.example.org/auth/realms/a/protocol/openid-connect/auth",
                "https://id.example.org/auth/realms/a",
            ),
            ("https://login.microsoftonline.com/t-1/oauth2/v2.0/token", "https://login.microsoftonline.com/t-1/v2.0"),
            ("https://login.microsoftonline.com/t-1/oauth2/token", "https://login.microsoftonline.com/t-1"),
            ("https://x.okta.com/oauth2/default/v1/token", "https://x.okta.com/oauth2/default"),
            ("https://x.okta.com/oauth2/v1/token", "https://x.okta.com"),
            ("https://www.googleapis.com/oauth2/v4/token", "https://accounts.google.com"),
            ("https://x.eu.auth0.com/oauth/token", "https://x.eu.auth0.com"),
            ("https://cilogon.org/oauth2/token", "https://cilogon.org"),
            ("https://auth.globus.org/v2/oauth2/token", "https://auth.globus.org"),
            ("https://gitlab.com/oauth/token", "https://gitlab.com"),
        ] {
            assert_eq!(issuers(endpoint), [issuer], "{endpoint}");
        }
        assert!(issuers("https://github.com/login/oauth/access_token").is_empty());
        assert!(issuers("https://id.example.org/application/o/token/").is_empty());
    }

    #[test]
    fn of_others_the_folder_and_the_host_are_tried() {
        assert_eq!(
            issuers("https://id.example.org:8443/sso/token"),
            ["https://id.example.org:8443/sso", "https://id.example.org:8443"]
        );
        assert_eq!(issuers("https://id.example.org/token/"), ["https://id.example.org"]);
    }
}
