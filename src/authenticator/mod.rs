//! Authenticators: what upstream's classes do, one file each.
//!
//! The trait's methods carry upstream's names and are called in upstream's order. Rust has no `super()`: every default
//! body is a free function in [`base`], which an override may call. A provider knows only itself, and nobody else names
//! a provider: [`for_class`] finds it in one slice.

pub mod auth0;
pub mod azuread;
pub mod base;
pub mod bitbucket;
pub mod cilogon;
pub mod explain;
pub mod fnmatch;
pub mod generic;
pub mod github;
pub mod gitlab;
pub mod globus;
pub mod google;
pub mod mediawiki;
pub mod multi;
pub mod openshift;
mod own;
pub mod python;

pub use own::{Awaits, callable};

use std::cell::RefCell;

use crate::diagnostic::Diagnostic;
use crate::failure::{Raised, Stage};
use crate::http::{Answer, Call, Http, Options};
use crate::settings::{Settings, Unsupported};
use crate::span::Span;
use crate::sys::World;
use crate::value::{Callable, Dict, Touches, Value};

/// What a method may use: the settings, the network, the clock, and a place to note things.
pub struct Context<'a> {
    /// The hub's settings for this authenticator.
    pub settings: &'a Settings,
    /// Where requests go.
    pub http: &'a dyn Http,
    /// The time in seconds since 1970.
    pub now: &'a dyn Fn() -> f64,
    /// Random bytes from the operating system.
    pub random: &'a dyn Fn(&mut [u8]),
    /// The system users of the hub's machine, for `Local…` classes.
    pub system: &'a dyn System,
    decision: RefCell<Vec<Check>>,
    warnings: RefCell<Vec<Diagnostic>>,
    memory: RefCell<Dict>,
}

/// What only the hub's machine has: users and groups (`pwd`, `grp`, `os.getgrouplist`), and files.
pub trait System {
    /// The ids of the groups a user is in, the primary one too; `None` if there is no such user.
    fn group_ids(&self, user: &str) -> Option<Vec<u32>>;
    /// The id of a group.
    fn group_id(&self, group: &str) -> Option<u32>;
    /// The content of a file that an option names.
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// One step of the decision, in the order the hub takes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The rule: an option's name, or `username`.
    pub check: String,
    /// What it came to.
    pub result: CheckResult,
    /// Why, as a fragment.
    pub because: String,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// No objection.
    Pass,
    /// The user may enter, and no further rule is asked.
    Allow,
    /// The user may not enter.
    Deny,
    /// The rule does not apply, or does not match.
    Skip,
}

impl CheckResult {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            CheckResult::Pass => "pass",
            CheckResult::Allow => "allow",
            CheckResult::Deny => "deny",
            CheckResult::Skip => "skip",
        }
    }
}

/// Where the browser is sent, and what the callback will need of this moment.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The provider's address for the browser.
    pub url: String,
    /// What the hub would keep in a cookie; only the authenticator knows what is in it.
    pub session: Session,
}

/// Opaque to all but the authenticator that made it.
#[derive(Clone, Debug, Default)]
pub struct Session(pub Dict);

/// What the browser brought back.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The arguments of the address, in order.
    pub arguments: Vec<(String, String)>,
    /// What [`Begin`] set aside.
    pub session: Session,
    /// What the provider was told to send the browser to (`get_callback_url`).
    pub redirect_uri: String,
}

impl Callback {
    /// tornado's `get_argument`: the last one of that name.
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A callback that the hub does not take.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What the hub raises.
    pub raised: Raised,
    /// A stable name.
    pub code: &'static str,
    /// Whether it came from the login that was begun, which it ends; others may be anybody's.
    pub ours: bool,
}

/// The hub's auth model: what `authenticate` returns.
#[derive(Clone, Debug)]
pub struct AuthModel {
    /// The name, normalised; a callable claim may make it something other than text.
    pub name: Value,
    /// `True`, `False` or `None` (leave as it is).
    pub admin: Value,
    /// The groups; `None` when the model has no such key.
    pub groups: Option<Value>,
    /// The auth_state.
    pub auth_state: Value,
}

impl AuthModel {
    /// `auth_model["auth_state"][key] = value`.
    pub fn set_auth_state(&mut self, key: &str, value: Value) -> Result<(), Raised> {
        match &mut self.auth_state {
            Value::Dict(state) => {
                state.insert(key, value);
                Ok(())
            }
            other => {
                let message = format!("'{}' object does not support item assignment", other.type_name());
                Err(Raised::exception("TypeError", message))
            }
        }
    }
}

/// An authenticator class of upstream. Each method's contract is that of the method of the same name in
/// `oauthenticator/oauth2.py`, or `jupyterhub/auth.py` where that defines it.
pub trait Authenticator: Sync {
    /// The class's name.
    fn class(&self) -> &'static str;

    /// `OAuthLoginHandler.get`.
    fn begin(&self, cx: &Context<'_>, redirect_uri: &str) -> Result<Begin, Raised> {
        base::begin(cx, redirect_uri)
    }

    /// `OAuthCallbackHandler.check_arguments`.
    fn check_arguments(&self, _cx: &Context<'_>, callback: &Callback) -> Result<(), Refusal> {
        base::check_arguments(callback)
    }

    /// `build_access_tokens_request_params`.
    fn build_access_tokens_request_params(&self, cx: &Context<'_>, callback: &Callback) -> Result<Value, Raised> {
        base::build_access_tokens_request_params(cx, callback)
    }

    /// `get_token_info`.
    fn get_token_info(&self, cx: &Context<'_>, _callback: &Callback, params: &Value) -> Result<Value, Raised> {
        base::get_token_info(cx, params)
    }

    /// `token_to_user`.
    fn token_to_user(&self, cx: &Context<'_>, token_info: &Value) -> Result<Value, Raised> {
        base::token_to_user(cx, token_info)
    }

    /// `user_info_to_username`.
    fn user_info_to_username(&self, cx: &Context<'_>, user_info: &Value) -> Result<Value, Raised> {
        base::user_info_to_username(cx, user_info)
    }

    /// `normalize_username`.
    fn normalize_username(&self, cx: &Context<'_>, username: &Value) -> Result<Value, Raised> {
        base::normalize_username(cx, username)
    }

    /// `build_auth_state_dict`.
    fn build_auth_state_dict(&self, cx: &Context<'_>, token_info: &Value, user_info: &Value) -> Result<Value, Raised> {
        base::build_auth_state_dict(cx, token_info, user_info)
    }

    /// The keys that auth_state may have beside `user_auth_state_key`, each with what it holds.
    fn auth_state_keys(&self) -> Vec<(&'static str, &'static str)> {
        base::AUTH_STATE_KEYS.to_vec()
    }

    /// `update_auth_model`.
    fn update_auth_model(&self, _cx: &Context<'_>, auth_model: AuthModel) -> Result<AuthModel, Raised> {
        Ok(auth_model)
    }

    /// `get_user_groups`.
    fn get_user_groups(&self, cx: &Context<'_>, auth_state: &Value) -> Result<Value, Raised> {
        base::get_user_groups(cx, auth_state)
    }

    /// Whether `normalize_username` makes names lower-case.
    fn lower_cases_names(&self) -> bool {
        true
    }

    /// Whether the class has a `refresh_user` of its own.
    fn refreshes(&self) -> bool {
        true
    }

    /// Whether the class's logout handler revokes tokens.
    fn revokes_on_logout(&self, _cx: &Context<'_>) -> Result<bool, Raised> {
        Ok(false)
    }

    /// What the class's logout handler asks of the provider, with the auth_state that the hub has of the user.
    fn log_out(&self, _cx: &Context<'_>, _auth_state: &Value) -> Result<(), Raised> {
        Ok(())
    }

    /// `check_blocked_users`.
    fn check_blocked_users(&self, cx: &Context<'_>, username: &Value, _auth_model: &AuthModel) -> Result<bool, Raised> {
        base::check_blocked_users(cx, username)
    }

    /// `check_allowed`.
    fn check_allowed(&self, cx: &Context<'_>, username: &Value, auth_model: &AuthModel) -> Result<bool, Raised> {
        base::check_allowed(cx, username, auth_model)
    }

    /// The option that the addresses of its own requests in the decision are made from.
    fn api_option(&self) -> Option<&'static str> {
        None
    }

    /// What the class's HTTP client is like.
    fn http_options(&self, settings: &Settings, _world: &World) -> Result<Options, Raised> {
        base::http_options(settings)
    }

    /// What stands in for a token response that was not saved.
    fn assumed_token_response(&self) -> &'static str {
        r#"{"access_token": "made-up-for-resolve", "token_type": "Bearer"}"#
    }

    /// What it may mean that no callback comes.
    fn silence(&self, _cx: &Context<'_>) -> Option<String> {
        None
    }

    /// What can be said against a configuration that only this class knows.
    fn findings(&self, _settings: &Settings) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// What only this provider knows about a bad end; `None` where the common words do.
    fn explain(&self, _cx: &Context<'_>, _end: &BadEnd<'_>) -> Option<Explanation> {
        None
    }
}

/// A login that ended badly, for [`Authenticator::explain`].
#[derive(Clone, Copy, Debug)]
pub struct BadEnd<'a> {
    /// The stage it ended in.
    pub stage: Stage,
    /// What was raised; `None` where a check turned the user away.
    pub raised: Option<&'a Raised>,
    /// The check that turned the user away.
    pub check: Option<&'a str>,
    /// The auth model, where it got so far.
    pub model: Option<&'a AuthModel>,
}

/// A provider's own words about a bad end.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// A stable name for the kind of failure.
    pub code: &'static str,
    /// What happened, as a fragment.
    pub message: String,
    /// The option at fault, or the one that would have let the user in.
    pub option: Option<&'static str>,
    /// What to do about it.
    pub fix: String,
}

/// Every authenticator. A `Local…` class is the same with [`base::check_allowed_local`] before it.
const AUTHENTICATORS: &[&dyn Authenticator] = &[
    &generic::OAuthenticator,
    &generic::GenericOAuthenticator,
    &cilogon::CILogonOAuthenticator,
    &globus::GlobusOAuthenticator,
    &google::GoogleOAuthenticator,
    &auth0::Auth0OAuthenticator,
    &azuread::AzureAdOAuthenticator,
    &bitbucket::BitbucketOAuthenticator,
    &github::GitHubOAuthenticator,
    &gitlab::GitLabOAuthenticator,
    &mediawiki::MWOAuthenticator,
    &openshift::OpenShiftOAuthenticator,
];

/// The authenticator of a stock class, also of its `Local…` variant; `None` for a class that is no OAuthenticator.
pub fn for_class(name: &str) -> Option<&'static dyn Authenticator> {
    let plain = name.strip_prefix("Local").unwrap_or(name);
    AUTHENTICATORS.iter().copied().find(|authenticator| authenticator.class() == plain)
}

impl<'a> Context<'a> {
    /// A context with nothing noted yet.
    pub fn new(
        settings: &'a Settings,
        http: &'a dyn Http,
        now: &'a dyn Fn() -> f64,
        random: &'a dyn Fn(&mut [u8]),
        system: &'a dyn System,
    ) -> Context<'a> {
        let (decision, warnings, memory) = Default::default();
        Context { settings, http, now, random, system, decision, warnings, memory }
    }

    /// The same with other settings, and with nothing noted yet.
    pub fn with_settings<'b>(&'b self, settings: &'b Settings) -> Context<'b> {
        Context::new(settings, self.http, self.now, self.random, self.system)
    }

    /// Keeps something for the rest of the login, as upstream's instance keeps what it has asked once.
    pub fn remember(&self, name: &str, value: Value) {
        self.memory.borrow_mut().insert(name, value);
    }

    /// What was kept under that name.
    pub fn recall(&self, name: &str) -> Option<Value> {
        self.memory.borrow().get(name).cloned()
    }

    /// Notes a step of the decision.
    pub fn decide(&self, check: &str, result: CheckResult, because: impl Into<String>) {
        self.decision.borrow_mut().push(Check { check: check.to_owned(), result, because: because.into() });
    }

    /// The decision so far.
    pub fn decision(&self) -> Vec<Check> {
        self.decision.borrow().clone()
    }

    /// Notes a warning.
    pub fn warn(&self, warning: Diagnostic) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// The warnings so far.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        self.warnings.borrow().clone()
    }

    /// Stops where the configuration's own class overrides a method that is about to run.
    pub fn not_overridden(&self, method: &str) -> Result<(), Raised> {
        let class = self.settings.class();
        match class.overrides.iter().find(|found| found.name == method) {
            None => Ok(()),
            Some(found) => Err(Raised::Unsupported {
                what: format!(
                    "{} overrides {method}{}, which only Python can run",
                    class.name,
                    lines(Some(&found.span))
                ),
                setting: None,
                span: Some(found.span.clone()),
            }),
        }
    }

    /// Stops where the class does, while its object is made, what reading cannot follow.
    pub fn seen(&self) -> Result<(), Raised> {
        let class = self.settings.class();
        if let Some(unknown) = &class.unseen {
            return Err(Raised::Unsupported {
                what: format!("{} has a part that only Python can run: {}", class.name, unknown.reason),
                setting: None,
                span: unknown.span.clone(),
            });
        }
        let making = class.overrides.iter().find(|method| method.touches == Touches::Anything);
        making.map_or(Ok(()), |method| self.not_overridden(&method.name))
    }

    /// The same for several methods that are about to run.
    pub fn none_overridden(&self, methods: &[&str]) -> Result<(), Raised> {
        methods.iter().try_for_each(|method| self.not_overridden(method))
    }

    /// `httpfetch`, by which upstream's classes make their requests.
    pub fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        self.none_overridden(&["httpfetch", "fetch"])?;
        self.http.fetch(call)
    }

    /// A function that only Python can run.
    pub fn needs_python(&self, option: &str, callable: &Callable) -> Raised {
        let setting = self.settings.name_of(option);
        Raised::Unsupported {
            what: format!("{setting} is a function{}, which only Python can run", lines(callable.span.as_ref())),
            setting: Some(setting),
            span: callable.span.clone(),
        }
    }

    /// That a function was followed here.
    fn note_evaluated(&self, setting: &str, span: Option<&Span>) {
        let message = format!("{setting} is a function{}, evaluated by oauthctl itself", lines(span));
        let note = Diagnostic::note("evaluated-here", message).with_setting(setting.to_owned());
        self.warn(note.with_span(span.cloned()).with_note("--python runs it in Python"));
    }
}

/// ` (line 3)` or ` (lines 3 to 7)`.
fn lines(span: Option<&Span>) -> String {
    match span {
        None => String::new(),
        Some(span) if span.end_line > span.line => format!(" (lines {} to {})", span.line, span.end_line),
        Some(span) => format!(" (line {})", span.line),
    }
}

impl From<Unsupported> for Raised {
    fn from(unsupported: Unsupported) -> Raised {
        if let Some(fatal) = unsupported.raises {
            return Raised::exception(fatal.exception, fatal.message);
        }
        Raised::Unsupported {
            what: format!("{} is unknown: {}", unsupported.setting, unsupported.reason),
            setting: Some(unsupported.setting),
            span: unsupported.span,
        }
    }
}

impl System for crate::sys::SystemUsers {
    fn group_ids(&self, user: &str) -> Option<Vec<u32>> {
        self.group_ids(user)
    }

    fn group_id(&self, group: &str) -> Option<u32> {
        self.group_id(group)
    }
}
