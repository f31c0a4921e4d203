//! Who decides: our own model of upstream, or upstream itself in the operator's Python. The commands see no difference.

use crate::authenticator::{Begin, Callback, Context, Refusal};
use crate::bridge::Bridge;
use crate::cmd::prepare::Prepared;
use crate::diagnosis;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Raised, Stage};
use crate::http::Http;
use crate::refresh::{self, Refreshed};
use crate::resolution::{self, Verdict};
use crate::value::Value;

/// What no login asks for.
const NOT_ASKED: &[&str] = &["login_service", "logout_redirect_url", "custom_html"];
/// Nor one from saved answers.
const ONLY_ONLINE: &[&str] = &[
    "login_service",
    "logout_redirect_url",
    "custom_html",
    "client_id",
    "client_secret",
    "authorize_url",
    "token_url",
    "userdata_url",
    "oauth_callback_url",
];

impl Prepared {
    /// Where the browser is sent.
    pub fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Box<Failure>> {
        if let Some(bridge) = &self.python {
            self.all_known(bridge, Stage::Authorize, NOT_ASKED)?;
            return bridge.begin(redirect_uri).map_err(|failure| self.located(*failure));
        }
        let own = cx.seen().and_then(|()| {
            cx.none_overridden(&["login_handler", "callback_handler", "get_handlers", "get_callback_url"])
        });
        let begun = own.and_then(|()| self.auth.begin(cx, redirect_uri));
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
            Some(bridge) => {
                self.all_known(bridge, Stage::Token, if offline { ONLY_ONLINE } else { NOT_ASKED })?;
                bridge.decide(cx, callback, offline)
            }
            None => Ok(resolution::get_authenticated_user(self.auth, cx, callback)),
        }
    }

    /// The refresh of a user.
    pub fn refresh(&self, cx: &Context<'_>, auth_state: &Value, user: Option<&str>) -> Result<Refreshed, Box<Failure>> {
        if refresh::is_off(&self.settings) {
            return Ok(Refreshed::Unchanged);
        }
        let mut at = Stage::Refresh;
        if let Some(bridge) = &self.python {
            self.all_known(bridge, Stage::Refresh, NOT_ASKED)?;
            return bridge.refresh(auth_state, user).map_err(|failure| self.located(*failure));
        }
        let refreshed = refresh::refresh_user(self.auth, cx, auth_state, &mut at);
        refreshed.map_err(|raised: Raised| Box::new(diagnosis::of_raised(cx, at, &raised)))
    }

    /// Python goes without the values that are not here, and takes an unknown one for an empty one: that must not be.
    fn all_known(&self, bridge: &Bridge, stage: Stage, but: &[&str]) -> Result<(), Box<Failure>> {
        let mut left_out = self.settings.iter().filter(|(name, _)| bridge.leaves_out(name) && !but.contains(name));
        let unknown = left_out.find_map(|(name, setting)| Some((name, setting, setting.value.find_unknown()?)));
        let Some((name, setting, unknown)) = unknown else { return Ok(()) };
        let what = format!("{name} isn't known here, so Python goes without it: {}", unknown.reason);
        let named = self.settings.name_of(name);
        Err(Box::new(diagnosis::unsupported(stage, &what, Some(&named), setting.origin.span())))
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
