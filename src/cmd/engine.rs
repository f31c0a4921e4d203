//! Who decides: our own model of upstream, or upstream itself in the operator's Python. The commands see no difference.

use crate::authenticator::{Begin, Callback, Context, Refusal};
use crate::cmd::prepare::Prepared;
use crate::diagnosis;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Raised, Stage};
use crate::http::Http;
use crate::refresh::{self, Refreshed};
use crate::resolution::{self, Verdict};
use crate::value::Value;

impl Prepared {
    /// Where the browser is sent.
    pub fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Box<Failure>> {
        if let Some(bridge) = &self.python {
            return bridge.begin(redirect_uri).map_err(|failure| self.located(*failure));
        }
        let begun = cx.not_overridden("login_handler").and_then(|()| self.auth.begin(cx, redirect_uri));
        begun.map_err(|raised| Box::new(diagnosis::of_raised(cx, Stage::Authorize, &raised)))
    }

    /// Whether the hub takes a callback.
    pub fn check_arguments(&self, cx: &Context<'_>, callback: &Callback) -> Result<(), Refusal> {
        match &self.python {
            Some(bridge) => bridge.check_arguments(callback),
            None => self.auth.check_arguments(cx, callback),
        }
    }

    /// The decision. `offline`: the provider's answers are saved ones, which the context has.
    pub fn decide(&self, cx: &Context<'_>, callback: &Callback, offline: bool) -> Result<Verdict, Box<Failure>> {
        match &self.python {
            Some(bridge) => bridge.decide(cx, callback, offline),
            None => Ok(resolution::get_authenticated_user(self.auth, cx, callback)),
        }
    }

    /// The refresh of a user.
    pub fn refresh(&self, cx: &Context<'_>, auth_state: &Value, user: Option<&str>) -> Result<Refreshed, Box<Failure>> {
        let mut at = Stage::Refresh;
        if let Some(bridge) = &self.python {
            return bridge.refresh(auth_state, user).map_err(|failure| self.located(*failure));
        }
        let refreshed = refresh::refresh_user(self.auth, cx, auth_state, &mut at);
        refreshed.map_err(|raised: Raised| Box::new(diagnosis::of_raised(cx, at, &raised)))
    }

    /// Who makes the requests: Python does, or `network`.
    pub fn http<'a>(&'a self, network: &'a dyn Http) -> &'a dyn Http {
        match &self.python {
            Some(bridge) => bridge,
            None => network,
        }
    }

    /// A failure at the operator's own line, where Python names one.
    pub fn located(&self, mut failure: Failure) -> Box<Failure> {
        if let Some(bridge) = &self.python {
            bridge.locate(&mut failure);
        }
        Box::new(failure)
    }

    /// What was found on the way, also by Python.
    pub fn all_warnings(&self) -> Vec<Diagnostic> {
        let mut warnings = self.warnings.clone();
        warnings.extend(self.python.iter().flat_map(|bridge| bridge.warnings()));
        warnings
    }
}
