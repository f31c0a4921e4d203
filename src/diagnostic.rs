//! What oauthctl has to say about a configuration: plain data, rendered only in [`crate::report`].

use crate::span::Span;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The hub does not start, or nobody gets in the way the operator meant.
    Error,
    /// It works, but not as it reads, or not for long.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// One finding. Messages are lower-case fragments without a final full stop, fit to follow "error: ".
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The stable name of the rule: lower-case words joined by hyphens.
    pub rule: &'static str,
    /// How grave it is.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
    /// Other places that matter, each with a word about it.
    pub labels: Vec<(Span, String)>,
    /// More to know: why it matters, what the hub does.
    pub notes: Vec<String>,
    /// `Class.option` as the user wrote it, or an environment variable's bare name.
    pub setting: Option<String>,
    /// What to do about it.
    pub fix: Option<Fix>,
}

/// A way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What to do, in words.
    pub message: String,
    /// What to write in place of the text under the span, where that is known.
    pub replacement: Option<String>,
    /// Whether the replacement means exactly what the text meant before.
    pub safe: bool,
}

impl Diagnostic {
    /// A finding; the other parts are added with the `with_…` methods.
    pub fn new(rule: &'static str, level: Level, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule,
            level,
            message: message.into(),
            span: None,
            labels: Vec::new(),
            notes: Vec::new(),
            setting: None,
            fix: None,
        }
    }

    /// An error.
    pub fn error(rule: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, Level::Error, message)
    }

    /// A warning.
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, Level::Warning, message)
    }

    /// A note.
    pub fn note(rule: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, Level::Note, message)
    }

    /// Sets where it is.
    pub fn with_span(mut self, span: impl Into<Option<Span>>) -> Diagnostic {
        self.span = span.into();
        self
    }

    /// Adds another place.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push((span, text.into()));
        self
    }

    /// Adds something to know.
    pub fn with_note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Names the setting.
    pub fn with_setting(mut self, setting: impl Into<String>) -> Diagnostic {
        self.setting = Some(setting.into());
        self
    }

    /// Says what to do.
    pub fn with_fix(mut self, message: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { message: message.into(), replacement: None, safe: false });
        self
    }

    /// Says what to do, and what to write in place of the text under the span.
    pub fn with_replacement(mut self, message: impl Into<String>, replacement: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { message: message.into(), replacement: Some(replacement.into()), safe: false });
        self
    }
}
