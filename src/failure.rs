//! How a login can end badly: the stages it goes through, what Python would have raised, and what we say about it.

pub mod codes;

use crate::span::Span;

/// The steps of a login, in order; `Refresh` stands for all of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reading the configuration and making the authenticator.
    Config,
    /// Sending the browser to the provider.
    Authorize,
    /// What the browser brought back.
    Callback,
    /// Exchanging the code.
    Token,
    /// Asking who it is.
    Userdata,
    /// Making the user's name.
    Username,
    /// Whether that user may enter.
    Decision,
    /// Building what is kept of the login.
    AuthState,
    /// `refresh_user`.
    Refresh,
}

impl Stage {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Config => "config",
            Stage::Authorize => "authorize",
            Stage::Callback => "callback",
            Stage::Token => "token",
            Stage::Userdata => "userdata",
            Stage::Username => "username",
            Stage::Decision => "decision",
            Stage::AuthState => "auth_state",
            Stage::Refresh => "refresh",
        }
    }
}

/// How [`Raised::Unsupported`] begins where a request was not saved; its method and address follow.
pub const NO_SAVED_ANSWER: &str = "there is no saved answer of";

/// What upstream's code would have raised.
#[derive(Clone, Debug, PartialEq)]
pub enum Raised {
    /// `tornado.web.HTTPError`: the hub answers with this status and message.
    Http {
        /// The status.
        status: u16,
        /// The log message, which the page shows too.
        message: String,
    },
    /// `tornado.httpclient.HTTPClientError`: a provider answered with an error, or (599) not at all.
    Client {
        /// The provider's status, 599 without an answer.
        status: u16,
        /// The reason phrase.
        message: String,
    },
    /// Any other exception, by its class: the hub answers 500.
    Exception {
        /// The Python class, such as `KeyError`.
        class: &'static str,
        /// What `str()` of it says.
        message: String,
    },
    /// Nothing upstream would raise: a piece that only Python, or only the hub's machine, has.
    Unsupported {
        /// What is needed and not here, as a fragment.
        what: String,
        /// The setting that holds it, `Class.option`.
        setting: Option<String>,
        /// Where it stands.
        span: Option<Span>,
    },
}

impl Raised {
    /// `tornado.web.HTTPError(status, message)`.
    pub fn http(status: u16, message: impl Into<String>) -> Raised {
        Raised::Http { status, message: message.into() }
    }

    /// An exception of this class.
    pub fn exception(class: &'static str, message: impl Into<String>) -> Raised {
        Raised::Exception { class, message: message.into() }
    }

    /// An exception of a class that only Python names; there are a few in a run, so that each may keep its name.
    pub fn python(class: &str, message: impl Into<String>) -> Raised {
        Raised::exception(Box::leak(class.to_owned().into_boxed_str()), message)
    }

    /// `KeyError('key')`.
    pub fn key_error(key: &str) -> Raised {
        Raised::exception("KeyError", crate::value::Value::str(key).repr())
    }

    /// `AttributeError: 'int' object has no attribute 'get'`.
    pub fn attribute_error(type_name: &str, attribute: &str) -> Raised {
        Raised::exception("AttributeError", format!("'{type_name}' object has no attribute '{attribute}'"))
    }

    /// The status that the hub answers the browser with; `None` where we cannot know.
    pub fn hub_status(&self) -> Option<u16> {
        match self {
            Raised::Http { status, .. } => Some(*status),
            Raised::Client { .. } | Raised::Exception { .. } => Some(500),
            Raised::Unsupported { .. } => None,
        }
    }

    /// What upstream's log line would say.
    pub fn message(&self) -> String {
        match self {
            Raised::Http { status, message } => format!("{status} : {message}"),
            Raised::Client { status, message } => format!("HTTP {status}: {message}"),
            Raised::Exception { class, message } if message.is_empty() => (*class).to_owned(),
            Raised::Exception { class, message } => format!("{class}: {message}"),
            Raised::Unsupported { what, .. } => what.clone(),
        }
    }
}

/// A failure or denial as it is reported: where, what, which setting, and the way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The stage it happened in.
    pub stage: Stage,
    /// A stable name for the kind of failure.
    pub code: &'static str,
    /// What happened, as a fragment.
    pub message: String,
    /// The setting at fault, as the user wrote it; `None` where the cause lies outside the configuration.
    pub setting: Option<String>,
    /// Where that setting stands.
    pub span: Option<Span>,
    /// What to do about it.
    pub fix: String,
    /// What the hub would have answered the browser with.
    pub hub_status: Option<u16>,
}

impl Failure {
    /// A place for a failure that is filled in later.
    pub fn none() -> Failure {
        Failure {
            stage: Stage::Config,
            code: "",
            message: String::new(),
            setting: None,
            span: None,
            fix: String::new(),
            hub_status: None,
        }
    }
}
