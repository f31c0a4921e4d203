//! What a provider says of itself: OpenID Connect Discovery 1.0 (sections 3 and 4) and RFC 8414 (sections 2 and 3).
//!
//! [`discover`] asks both well-known places of an issuer and compares the issuer; [`Metadata`] is what it found, with
//! the standards' defaults filled in.

use url::Url;

use crate::failure::{Raised, Stage};
use crate::http::{Answer, Call, Http};
use crate::json;
use crate::sys::printable;
use crate::value::Value;

/// The most that is read of a document; real ones have a few kilobytes.
const MAX_DOCUMENT: usize = 1024 * 1024;

/// The most of a name or an address, and of names in a list.
const MAX_TEXT: usize = 2048;
const MAX_LIST: usize = 2000;

/// How often a well-known place may point to another one on the same host.
const MAX_REDIRECTS: usize = 3;

/// A provider's metadata. A field is `None` where the document says nothing and the standards name no default.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Where the document was found.
    pub url: String,
    /// The issuer, as the provider writes it.
    pub issuer: String,
    /// Where the browser is sent.
    pub authorization_endpoint: Option<String>,
    /// Where the code is exchanged.
    pub token_endpoint: Option<String>,
    /// Who it is.
    pub userinfo_endpoint: Option<String>,
    /// Where a logout leads (OpenID Connect RP-Initiated Logout).
    pub end_session_endpoint: Option<String>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// The provider's keys.
    pub jwks_uri: Option<String>,
    /// The scopes, as far as the provider tells.
    pub scopes_supported: Option<Vec<String>>,
    /// The claims, as far as the provider tells.
    pub claims_supported: Option<Vec<String>>,
    /// The PKCE methods (RFC 7636); many providers that know it say nothing.
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// How a client may name itself at the token endpoint; `client_secret_basic` where nothing is said.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The grant types; `authorization_code` and `implicit` where nothing is said.
    pub grant_types_supported: Vec<String>,
    /// The response types; none where nothing is said, though both standards require them.
    pub response_types_supported: Vec<String>,
    /// Whether the callback carries the issuer (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
}

/// Why there is no metadata. `Display` gives a fragment fit for a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// That is no issuer's address: the reason.
    NotIssuer(String),
    /// No place holds a document: the places, each with what it answered.
    NotFound(Vec<(String, String)>),
    /// No answer came: the place, and what tornado's client would have raised.
    Unreachable(String, Raised),
    /// There is a document, but not a usable one: the place and the reason.
    Invalid(String, String),
    /// The document is whole, but another issuer's.
    OtherIssuer(Box<Metadata>),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::NotIssuer(reason) => f.write_str(reason),
            Error::NotFound(tried) => {
                let tried: Vec<String> = tried.iter().map(|(url, why)| format!("{url} ({why})")).collect();
                write!(f, "no discovery document at {}", tried.join(", nor at "))
            }
            Error::Unreachable(url, raised) => write!(f, "{url}: {}", raised.message()),
            Error::Invalid(url, reason) => write!(f, "{url}: {reason}"),
            Error::OtherIssuer(found) => write!(f, "{} is the document of another issuer: {}", found.url, found.issuer),
        }
    }
}

impl std::error::Error for Error {}

/// Asks the well-known places of an issuer, one after the other, for its document.
///
/// The issuer must be the one that the document names, but for a slash at its end, which the places do not depend on
/// (OpenID Connect Discovery, section 4.1); [`Metadata::issuer`] has it as the provider writes it.
pub fn discover(http: &dyn Http, issuer: &str) -> Result<Metadata, Error> {
    let mut tried = Vec::new();
    let mut unusable = None;
    for url in places(issuer)? {
        match ask(http, &url)? {
            Asked::Nothing(why) => tried.push((url, why)),
            Asked::Unusable(why) => {
                unusable.get_or_insert(Error::Invalid(url, why));
            }
            Asked::Found(metadata) if same_issuer(&metadata.issuer, issuer) => return Ok(*metadata),
            Asked::Found(metadata) => {
                unusable.get_or_insert(Error::OtherIssuer(metadata));
            }
        }
    }
    Err(unusable.unwrap_or(Error::NotFound(tried)))
}

/// Where an issuer's document may be: below the issuer (OpenID Connect), and between host and path (RFC 8414, for
/// both names of the document).
pub fn places(issuer: &str) -> Result<Vec<String>, Error> {
    let not = |why: &str| Err(Error::NotIssuer(format!("`{issuer}` is no issuer: {why}")));
    let url = match Url::parse(issuer) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => return not("an issuer is a web address, with https://"),
    };
    if url.query().is_some() || url.fragment().is_some() {
        return not("an issuer has no query and no fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return not("an issuer has no user and no password");
    }
    let origin = url.origin().ascii_serialization();
    let path = url.path().trim_end_matches('/');
    let mut places = vec![
        format!("{origin}{path}/.well-known/openid-configuration"),
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
    ];
    if !path.is_empty() {
        places.push(format!("{origin}/.well-known/openid-configuration{path}"));
    }
    Ok(places)
}

/// Whether two ways of writing it name one issuer: exactly, but for a slash at the end.
fn same_issuer(one: &str, other: &str) -> bool {
    one.strip_suffix('/').unwrap_or(one) == other.strip_suffix('/').unwrap_or(other)
}

/// What a place held.
enum Asked {
    Nothing(String),
    Unusable(String),
    Found(Box<Metadata>),
}

fn ask(http: &dyn Http, url: &str) -> Result<Asked, Error> {
    let mut from = url.to_owned();
    for _ in 0..=MAX_REDIRECTS {
        let answer = http.fetch_any(&get(&from)).map_err(|raised| Error::Unreachable(from.clone(), raised))?;
        if !(300..400).contains(&answer.status) {
            return Ok(read(&answer, &from));
        }
        match on_the_same_host(&from, answer.header("location").unwrap_or_default()) {
            Some(target) => from = target,
            None => return Ok(Asked::Nothing(format!("answers {}", answer.status))),
        }
    }
    Ok(Asked::Nothing("redirects in a circle".into()))
}

fn get(url: &str) -> Call {
    Call {
        stage: Stage::Config,
        method: "GET",
        url: url.to_owned(),
        headers: vec![("Accept".into(), "application/json".into())],
        body: None,
        form: Vec::new(),
        validate_cert: None,
    }
}

/// Another host's word is not the issuer's, and encryption is not given up on the way.
fn on_the_same_host(from: &str, location: &str) -> Option<String> {
    let from = Url::parse(from).ok()?;
    let target = from.join(location).ok()?;
    let same = target.host_str() == from.host_str() && target.has_host();
    let port = target.port_or_known_default() == from.port_or_known_default();
    let upgrade = from.scheme() == "http" && target.scheme() == "https";
    (same && (upgrade || port && target.scheme() == from.scheme())).then(|| target.to_string())
}

fn read(answer: &Answer, url: &str) -> Asked {
    if answer.status != 200 {
        return Asked::Nothing(format!("answers {}", answer.status));
    }
    if answer.body.len() > MAX_DOCUMENT {
        return Asked::Unusable(format!("the answer is larger than {MAX_DOCUMENT} bytes"));
    }
    let text = answer.text();
    if text.trim_start().starts_with('<') {
        return Asked::Nothing("answers with a web page".into());
    }
    match json::parse(&text) {
        Ok(document @ Value::Dict(_)) => match of(&document, url) {
            Ok(metadata) => Asked::Found(Box::new(metadata)),
            Err(why) => Asked::Unusable(why),
        },
        Ok(_) => Asked::Unusable("the answer is JSON, but no object".into()),
        Err(error) => Asked::Unusable(format!("the answer is no JSON: {error}")),
    }
}

/// The metadata in a document that was found at `url`.
fn of(document: &Value, url: &str) -> Result<Metadata, String> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let issuer = text("issuer").ok_or("it names no issuer, so it is no discovery document")?;
    let issuer = Some(issuer).filter(|issuer| is_plain(issuer)).ok_or("its issuer is no address")?.to_owned();
    let endpoint = |name: &str| -> Result<Option<String>, String> {
        let Some(text) = text(name) else { return Ok(None) };
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain(text) => {
                Ok(Some(text.to_owned()))
            }
            _ => Err(format!("its {name} is no web address")),
        }
    };
    let list = |name: &str| -> Option<Vec<String>> {
        let items = document.get(name).filter(|value| matches!(value, Value::List(_)))?.iterate()?;
        let names = items.iter().filter_map(Value::as_str).filter(|name| is_plain(name));
        Some(names.take(MAX_LIST).map(str::to_owned).collect())
    };
    let or =
        |name: &str, default: &[&str]| list(name).unwrap_or_else(|| default.iter().map(|one| (*one).into()).collect());
    Ok(Metadata {
        url: url.to_owned(),
        issuer,
        authorization_endpoint: endpoint("authorization_endpoint")?,
        token_endpoint: endpoint("token_endpoint")?,
        userinfo_endpoint: endpoint("userinfo_endpoint")?,
        end_session_endpoint: endpoint("end_session_endpoint")?,
        revocation_endpoint: endpoint("revocation_endpoint")?,
        jwks_uri: endpoint("jwks_uri")?,
        scopes_supported: list("scopes_supported"),
        claims_supported: list("claims_supported"),
        code_challenge_methods_supported: list("code_challenge_methods_supported"),
        token_endpoint_auth_methods_supported: or("token_endpoint_auth_methods_supported", &["client_secret_basic"]),
        grant_types_supported: or("grant_types_supported", &["authorization_code", "implicit"]),
        response_types_supported: or("response_types_supported", &[]),
        authorization_response_iss_parameter_supported: document.get("authorization_response_iss_parameter_supported")
            == Some(&Value::Bool(true)),
    })
}

/// Whether a text of the provider's may go into messages and files: no control characters, no endless length.
fn is_plain(text: &str) -> bool {
    text.len() <= MAX_TEXT && printable(text) == text
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::http::{Exchange, check_status};

    /// Addresses with their answers; any other is 404.
    struct Fake {
        answers: Vec<(String, Answer)>,
        asked: RefCell<Vec<String>>,
    }

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, reason: "x".into(), headers, body: body.as_bytes().to_vec() }
    }

    fn fake(answers: &[(&str, Answer)]) -> Fake {
        let answers = answers.iter().map(|(url, answer)| ((*url).to_owned(), answer.clone())).collect();
        Fake { answers, asked: RefCell::default() }
    }

    impl Http for Fake {
        fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
            check_status(self.fetch_any(call)?)
        }

        fn fetch_any(&self, call: &Call) -> Result<Answer, Raised> {
            self.asked.borrow_mut().push(call.url.clone());
            if call.url.contains("gone") {
                return Err(Raised::exception("gaierror", "no such name"));
            }
            let found = self.answers.iter().find(|(url, _)| *url == call.url);
            Ok(found.map_or_else(|| answer(404, &[], "not here"), |(_, answer)| answer.clone()))
        }

        fn exchanges(&self) -> Vec<Exchange> {
            Vec::new()
        }
    }

    fn document(issuer: &str) -> Answer {
        answer(200, &[], &format!(r#"{{"issuer": "{issuer}", "token_endpoint": "{issuer}/token"}}"#))
    }

    // OpenID Connect Discovery 1.0, section 4.1, and RFC 8414, sections 3.1 and 5: their own examples.
    #[test]
    fn the_places_are_those_of_the_standards() {
        assert_eq!(
            places("https://example.com").unwrap(),
            [
                "https://example.com/.well-known/openid-configuration",
                "https://example.com/.well-known/oauth-authorization-server",
            ]
        );
        assert_eq!(
            places("https://example.com/issuer1/").unwrap(),
            [
                "https://example.com/issuer1/.well-known/openid-configuration",
                "https://example.com/.well-known/oauth-authorization-server/issuer1",
                "https://example.com/.well-known/openid-configuration/issuer1",
            ]
        );
        for no in ["example.com", "ftp://example.com", "https://example.com/?a=b", "https://u:p@example.com", ""] {
            assert!(matches!(places(no), Err(Error::NotIssuer(_))), "{no}");
        }
    }

    #[test]
    fn each_place_is_tried() {
        let issuer = "https://example.com/issuer1";
        for place in places(issuer).unwrap() {
            let http = fake(&[(place.as_str(), document(issuer))]);
            let found = discover(&http, issuer).unwrap();
            assert_eq!((found.url, found.issuer.as_str()), (place, issuer));
        }
        let Err(Error::NotFound(tried)) = discover(&fake(&[]), issuer) else { panic!() };
        assert_eq!(tried.len(), 3);
    }

    #[test]
    fn the_issuer_is_compared() {
        let place = "https://example.com/.well-known/openid-configuration";
        let named = |issuer: &str| discover(&fake(&[(place, document(issuer))]), "https://example.com");
        assert_eq!(named("https://example.com/").unwrap().issuer, "https://example.com/");
        for other in ["https://example.org", "https://EXAMPLE.com", "http://example.com", "https://example.com//"] {
            assert!(matches!(named(other), Err(Error::OtherIssuer(found)) if found.issuer == other), "{other}");
        }
    }

    #[test]
    fn redirects_stay_on_the_host() {
        let place = "https://example.com/.well-known/openid-configuration";
        let to = |target: &str| {
            let http = fake(&[
                (place, answer(301, &[("location", target)], "")),
                ("https://example.com/there", document("https://example.com")),
            ]);
            let found = discover(&http, "https://example.com");
            (found.is_ok(), http.asked.into_inner().len())
        };
        assert_eq!(to("/there"), (true, 2));
        for elsewhere in
            ["https://example.org/", "http://example.com/there", "file:///etc/passwd", "http://169.254.169.254/"]
        {
            assert_eq!(to(elsewhere), (false, 2), "{elsewhere}");
        }
        assert!(!to(place).0);
    }

    #[test]
    fn defaults_are_those_of_the_standards() {
        let place = "https://example.com/.well-known/openid-configuration";
        let found = discover(&fake(&[(place, document("https://example.com"))]), "https://example.com").unwrap();
        assert_eq!(found.token_endpoint_auth_methods_supported, ["client_secret_basic"]);
        assert_eq!(found.grant_types_supported, ["authorization_code", "implicit"]);
        assert_eq!(found.token_endpoint.as_deref(), Some("https://example.com/token"));
        assert_eq!((found.code_challenge_methods_supported, found.scopes_supported), (None, None));
        assert!(!found.authorization_response_iss_parameter_supported);
    }

    #[test]
    fn what_is_no_document_is_told() {
        let place = "https://example.com/.well-known/openid-configuration";
        let of = |body: &str| discover(&fake(&[(place, answer(200, &[], body))]), "https://example.com").unwrap_err();
        assert!(matches!(of("<html>"), Error::NotFound(tried) if tried[0].1.contains("web page")));
        assert!(matches!(of("{}"), Error::Invalid(_, why) if why.contains("no issuer")));
        assert!(matches!(of("[]"), Error::Invalid(..)));
        assert!(matches!(of(&"[".repeat(5000)), Error::Invalid(..)));
        assert!(matches!(of(&" ".repeat(MAX_DOCUMENT + 1)), Error::Invalid(_, why) if why.contains("larger")));
        let file = r#"{"issuer": "https://example.com", "token_endpoint": "file:///etc/passwd"}"#;
        assert!(matches!(of(file), Error::Invalid(_, why) if why.contains("token_endpoint")));
        let escape = r#"{"issuer": "https://example.com", "token_endpoint": "https://example.com/\u001b[2J"}"#;
        assert!(matches!(of(escape), Error::Invalid(..)));
        let gone = discover(&fake(&[]), "https://gone.example.com").unwrap_err();
        assert!(matches!(gone, Error::Unreachable(url, _) if url.contains("gone")));
    }
}
