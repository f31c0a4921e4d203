//! `validate-config --online`: what only the provider can tell of a configuration, asked without a login.
//!
//! [`ask`] makes the requests that a login would begin with, as the hub and its user's browser would make them, and a
//! token request with a made-up code. It follows no redirect to a login, sends the client secret to the configured
//! token endpoint only, and by https only (or to this machine). Where an answer can mean two things, nothing is said.
//! The rules are registered in [`crate::check`]; [`client`] is the network with its limits.

pub mod client;

mod answer;
mod authorize;
mod capabilities;
mod clock;
mod endpoints;
mod issuer;
mod network;
mod provider;
#[cfg(test)]
mod tests;
mod token;
mod wiki;

use std::cell::RefCell;
use std::collections::HashSet;

use crate::authenticator::{Authenticator, Context, System, for_class};
use crate::check::Cx;
use crate::diagnostic::{Diagnostic, Level};
use crate::failure::Raised;
use crate::http::Http;
use crate::settings::Settings;

pub use clock::Skew;

/// Findings that say that the provider could not be asked, rather than that it answered wrongly.
pub const CANNOT_BE_ASKED: &[&str] = &["provider-unreachable", "provider-failed"];

/// Whom to ask, and by which clock.
pub struct Asking<'a> {
    /// Requests as the hub makes them.
    pub hub: &'a dyn Http,
    /// Requests as a browser makes them.
    pub browser: &'a dyn Http,
    /// The time in seconds since 1970.
    pub now: &'a dyn Fn() -> f64,
    /// Random bytes: the same for a whole run, so that hubs of one provider share its answers.
    pub random: &'a dyn Fn(&mut [u8]),
    /// How far this machine's clock is from the provider's, as far as the answers so far tell.
    pub skew: &'a dyn Fn() -> Option<Skew>,
    /// The proxy that the requests go through.
    pub proxy: Option<&'a str>,
    /// Whether to tell also what could not be told.
    pub verbose: bool,
}

/// One hub being asked about.
struct Run<'a> {
    cx: &'a Cx<'a>,
    settings: &'a Settings,
    auth: &'static dyn Authenticator,
    asking: &'a Asking<'a>,
    context: Context<'a>,
    findings: RefCell<Vec<Diagnostic>>,
    /// What was told already: one cause is told once, whatever else fails by it.
    told: RefCell<HashSet<(&'static str, String)>>,
}

/// Asks the provider of a hub.
pub fn ask(cx: &Cx<'_>, asking: &Asking<'_>) -> Vec<Diagnostic> {
    let Some(settings) = cx.settings() else { return Vec::new() };
    let Some(auth) = for_class(settings.class().def.name) else { return Vec::new() };
    let context = Context::new(settings, asking.hub, asking.now, asking.random, &NoSystem);
    let run = Run { cx, settings, auth, asking, context, findings: RefCell::default(), told: RefCell::default() };
    if cx.runs(&["MWOAuthenticator"]) {
        wiki::ask(&run);
    } else {
        ask_oauth2(&run);
    }
    clock::judge(&run);
    run.findings.into_inner()
}

fn ask_oauth2(run: &Run<'_>) {
    let provider = match provider::ask(run) {
        provider::Provider::Missing => return,
        provider::Provider::Silent => None,
        provider::Provider::Known(metadata) => Some(*metadata),
    };
    let provider = provider.as_ref();
    let authorize = authorize::ask(run, provider);
    let token = token::ask(run, provider, authorize);
    if run.told.borrow().contains(&("client-refused", "client".to_owned())) {
        // An unknown client is refused in both places, and at one of them in words that were not understood.
        run.findings.borrow_mut().retain(|one| one.rule != "authorize-refused" || one.level == Level::Error);
    }
    let userdata = endpoints::ask_userdata(run, provider);
    if let Some(provider) = provider {
        let worked = endpoints::Worked { authorize: authorize.is_endpoint(), token: token.is_endpoint(), userdata };
        endpoints::compare(run, provider, &worked);
        capabilities::judge(run, provider, token);
    }
}

impl Run<'_> {
    /// Tells something once: `about` is what it is about.
    fn tell(&self, about: &str, finding: Diagnostic) {
        if self.told.borrow_mut().insert((finding.rule, about.to_owned())) {
            self.findings.borrow_mut().push(finding);
        }
    }

    /// A finding at an option.
    fn at(&self, rule: &'static str, level: Level, option: &str, message: impl Into<String>) -> Diagnostic {
        self.cx.at(rule, level, option, message)
    }

    /// Says, where that is asked for, that something could not be told.
    fn not_told(&self, option: &str, message: impl Into<String>) {
        if self.asking.verbose {
            let message = message.into();
            self.tell(&format!("{option} {message}"), self.at("not-told", Level::Note, option, message));
        }
    }

    /// Why no answer came. What has no address to blame is for the offline rules.
    fn no_answer(&self, option: &str, url: &str, raised: &Raised) {
        network::tell(self, option, url, raised);
    }

    /// A known, filled text.
    fn text(&self, option: &str) -> Option<&str> {
        self.settings.str(option).ok().filter(|text| !text.is_empty())
    }
}

/// Nobody lives here: no request needs the system's users.
struct NoSystem;

impl System for NoSystem {
    fn group_ids(&self, _: &str) -> Option<Vec<u32>> {
        None
    }

    fn group_id(&self, _: &str) -> Option<u32> {
        None
    }
}
