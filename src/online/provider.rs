//! The provider's own description: found, missing though it must be there, or silent.

use super::issuer::{self, Guess, Kind};
use super::{Run, answer};
use crate::diagnostic::Level;
use crate::discovery::{self, Error, Metadata};
use crate::http::{Http, bare};

/// What is known of the provider.
pub(super) enum Provider {
    /// Its realm or tenant is not there: nothing else is worth asking.
    Missing,
    /// It says nothing of itself.
    Silent,
    /// It has described itself.
    Known(Box<Metadata>),
}

/// Asks the issuers that the endpoints point to.
pub(super) fn ask(run: &Run<'_>) -> Provider {
    let guesses = issuer::guesses(run);
    let mut asked = Vec::new();
    for guess in &guesses {
        match discovery::discover(&Validating(run), &guess.issuer) {
            Ok(metadata) if guess.kind != Kind::Maybe || names_ours(run, &metadata) => {
                return Provider::Known(Box::new(metadata));
            }
            Err(Error::OtherIssuer(metadata)) if belongs(run, guess, &metadata) => return Provider::Known(metadata),
            Err(Error::NotFound(_)) if missing(run, guess) => return Provider::Missing,
            Err(Error::Unreachable(url, raised)) => {
                run.no_answer(option_of(run, &guess.issuer), &url, &raised);
                return Provider::Silent;
            }
            Err(Error::Invalid(url, why)) if guess.kind != Kind::Maybe => {
                run.not_told("token_url", format!("the discovery document cannot be used: {url}: {why}"));
            }
            Ok(_) | Err(_) => asked.push(guess.issuer.clone()),
        }
    }
    if !asked.is_empty() {
        let message = format!("no discovery document was found at {}", asked.join(" or "));
        if !run.cx.runs(&["GenericOAuthenticator"]) {
            // The endpoints are upstream's own.
            run.not_told("token_url", message);
            return Provider::Silent;
        }
        let finding = run.at("discovery-not-found", Level::Note, "token_url", message);
        run.tell(
            "",
            finding.with_note("endpoints, scopes and claims could not be compared with what the provider offers"),
        );
    }
    Provider::Silent
}

/// Whether a document that names another issuer is the provider's all the same.
fn belongs(run: &Run<'_>, guess: &Guess, metadata: &Metadata) -> bool {
    match &guess.kind {
        // Microsoft's documents name the tenant by its id, or not at all.
        Kind::OtherName => true,
        Kind::Realm("tenant", _) => true,
        Kind::Maybe => names_ours(run, metadata),
        Kind::Realm(..) | Kind::Known => {
            differs(run, guess, metadata);
            true
        }
    }
}

/// Whether a document speaks of one of the configured endpoints: a host may have several providers.
fn names_ours(run: &Run<'_>, metadata: &Metadata) -> bool {
    let pairs = [
        ("authorize_url", &metadata.authorization_endpoint),
        ("token_url", &metadata.token_endpoint),
        ("userdata_url", &metadata.userinfo_endpoint),
    ];
    let path = |url: &str| crate::pyurl::Split::of(url).path;
    let same = |own: &str, named: &str| path(own) == path(named);
    pairs
        .into_iter()
        .any(|(option, named)| run.text(option).zip(named.as_deref()).is_some_and(|(own, named)| same(own, named)))
}

fn differs(run: &Run<'_>, guess: &Guess, metadata: &Metadata) {
    let option = option_of(run, &guess.issuer);
    let message = format!("asked at {}, the provider calls itself {}", guess.issuer, metadata.issuer);
    run.tell(
        "",
        run.at("issuer-differs", Level::Warning, option, message)
            .with_note("a token issued under one name may be refused under the other: userinfo then answers 401")
            .with_fix(
                "use one address for all endpoints, or set the provider's public host name (Keycloak: `hostname`)",
            ),
    );
}

/// A realm that is not there by the provider's own word: a 404 without one may be a proxy's.
fn missing(run: &Run<'_>, guess: &Guess) -> bool {
    let Kind::Realm(what, name) = &guess.kind else { return false };
    let Some(url) = discovery::places(&guess.issuer).ok().and_then(|places| places.into_iter().next()) else {
        return false;
    };
    let exchanges = run.asking.hub.exchanges();
    let asked = exchanges.iter().rev().find(|exchange| exchange.url == url);
    let Some(found) = asked.and_then(|last| last.answer.as_ref()).filter(|found| matches!(found.status, 400 | 404))
    else {
        return false;
    };
    if let Some(there) = elsewhere(run, guess) {
        let option = option_of(run, &guess.issuer);
        let message = format!("the realm `{name}` is at {there}, not at {}", guess.issuer);
        let fix = format!(
            "begin all endpoints with {there}; Keycloak before 17 has `/auth` before `/realms`, later ones have not"
        );
        run.tell(name, run.at("realm-not-found", Level::Error, option, message).with_fix(fix));
        return true;
    }
    if answer::object(found).is_none() {
        return false;
    }
    let option = match what {
        &"tenant" if run.cx.text("tenant_id").is_some() => "tenant_id",
        _ => option_of(run, &guess.issuer),
    };
    let host = crate::pyurl::Split::of(&guess.issuer).netloc;
    let mut finding = run
        .at("realm-not-found", Level::Error, option, format!("{host} has no {what} `{name}`"))
        .with_note(format!("{} answers {}: {}", bare(&url), found.status, answer::quote(&answer::words(found))))
        .with_fix(match *what {
            "realm" => "write the realm's name as the provider has it, capitals too",
            "tenant" => "write the Directory (tenant) ID that stands on the app registration's page",
            _ => "write the authorization server's ID; the organisation's own has no ID in its path",
        });
    for other in ["authorize_url", "token_url", "userdata_url"] {
        let same = run.cx.text(other).is_some_and(|url| url.contains(&format!("/{name}/")));
        if let Some(span) = run.cx.place(other).filter(|span| same && Some(span) != finding.span.as_ref()) {
            finding = finding.with_label(span, "and here");
        }
    }
    run.tell(name, finding);
    true
}

/// Keycloak's other base path, where the realm is there.
fn elsewhere(run: &Run<'_>, guess: &Guess) -> Option<String> {
    let Kind::Realm("realm", _) = guess.kind else { return None };
    let (base, realm) = guess.issuer.split_once("/realms/")?;
    let other = match base.strip_suffix("/auth") {
        Some(base) => format!("{base}/realms/{realm}"),
        None => format!("{base}/auth/realms/{realm}"),
    };
    match discovery::discover(&Validating(run), &other) {
        Ok(_) | Err(Error::OtherIssuer(_)) => Some(other),
        Err(_) => None,
    }
}

/// The endpoint that is at this issuer's host.
fn option_of(run: &Run<'_>, issuer: &str) -> &'static str {
    let host = crate::pyurl::Split::of(issuer).netloc;
    let options = ["token_url", "authorize_url", "userdata_url", "openshift_url"];
    let at_host = |option: &&str| run.text(option).is_some_and(|url| crate::pyurl::Split::of(url).netloc == host);
    options.into_iter().find(at_host).unwrap_or("token_url")
}

/// The document is asked for as the hub would ask: with its word on certificates.
struct Validating<'a>(&'a Run<'a>);

impl Http for Validating<'_> {
    fn fetch(&self, call: &crate::http::Call) -> Result<crate::http::Answer, crate::failure::Raised> {
        let validate = self.0.settings.bool("validate_server_cert").ok();
        self.0.asking.hub.fetch(&crate::http::Call { validate_cert: validate, ..call.clone() })
    }

    fn exchanges(&self) -> Vec<crate::http::Exchange> {
        self.0.asking.hub.exchanges()
    }
}
