//! What a check looks at, and the few questions that many of them ask.

use crate::diagnostic::{Diagnostic, Level};
use crate::settings::{HubOptions, Resolution, Setting, Settings};
use crate::source::{Kind, Loaded};
use crate::span::{Origin, Span};
use crate::value::{Set, Value};

/// What checks want to know about the files themselves.
pub trait Disk: Sync {
    /// Whether everybody on this machine may read the file.
    fn world_readable(&self, file: &str) -> bool;
    /// Whether git keeps the file.
    fn in_git(&self, file: &str) -> bool;
}

/// No files: a text in memory, a test.
#[derive(Clone, Copy, Debug)]
pub struct NoDisk;

impl Disk for NoDisk {
    fn world_readable(&self, _: &str) -> bool {
        false
    }

    fn in_git(&self, _: &str) -> bool {
        false
    }
}

/// A configuration, with everything that is known of it.
pub struct Cx<'a> {
    /// As it was read.
    pub loaded: &'a Loaded,
    /// The hub's own options.
    pub hub: &'a HubOptions,
    /// What became of it.
    pub resolution: &'a Resolution,
    /// Whether nothing is left out that could set anything: only then does what is missing say something.
    pub whole: bool,
    /// Whether the class is only guessed from the one section there is.
    pub assumed: bool,
    /// The files.
    pub disk: &'a dyn Disk,
}

/// Findings that say that more may be set than is known here.
const GAPS: &[&str] = &[
    "config-exits",
    "config-raises",
    "config-too-complex",
    "existing-secret",
    "extra-file-not-here",
    "layer-without-hub",
    "section-not-mapping",
    "several-hubs",
    "subconfig-missing",
    "template-not-rendered",
    "unknown-section",
    "unknown-settings",
    "unknown-snippet",
    "unreadable-file",
];

impl<'a> Cx<'a> {
    pub(super) fn new(
        loaded: &'a Loaded,
        resolution: &'a Resolution,
        hub: &'a HubOptions,
        assumed: bool,
        disk: &'a dyn Disk,
    ) -> Cx<'a> {
        let gap = loaded.diagnostics.iter().chain(&loaded.fatal).any(|finding| GAPS.contains(&finding.rule));
        Cx { loaded, hub, resolution, whole: !gap && !assumed && loaded.fatal.is_none(), assumed, disk }
    }

    /// Whether what is missing here is surely missing in the hub: values that name no client are but a layer of it.
    pub fn complete(&self) -> bool {
        let client = || {
            ["client_id", "client_secret"].iter().any(|option| {
                self.settings().and_then(|all| all.get(option)).is_some_and(|found| found.value.truth() != Some(false))
            })
        };
        self.whole && (self.loaded.kind != Kind::Z2jh || client())
    }

    /// Whether the file chooses a class and leaves all the rest to others: one of several that a hub loads.
    pub fn only_chooses(&self) -> bool {
        super::is_fragment(self.loaded)
            && self.settings().is_some_and(|all| all.iter().all(|(_, setting)| setting.written_as.is_none()))
    }

    /// The same for one of several login services.
    pub fn complete_for(&self, settings: &Settings) -> bool {
        let named = settings.get("client_id").is_some_and(|found| found.value.truth() != Some(false));
        self.whole && (self.loaded.kind != Kind::Z2jh || named)
    }

    /// The settings, where the running class is one of oauthenticator's and nothing of it is out of sight.
    pub fn settings(&self) -> Option<&'a Settings> {
        let settings = self.resolution.settings.as_ref()?;
        let class = settings.class();
        (class.is_oauthenticator() && class.unseen.is_none()).then_some(settings)
    }

    /// Whether the running class is or derives from one of these.
    pub fn runs(&self, classes: &[&str]) -> bool {
        self.settings().is_some_and(|settings| classes.iter().any(|class| settings.class().derives_from(class)))
    }

    /// Whether a class of the configuration's own has its own version of one of these methods.
    pub fn overrides(&self, methods: &[&str]) -> bool {
        self.settings().is_some_and(|settings| methods.iter().any(|name| settings.class().overridden(name).is_some()))
    }

    /// A known text that somebody set and that is not empty.
    pub fn text(&self, option: &str) -> Option<&'a str> {
        let settings = self.settings()?;
        let text = settings.str(option).ok()?;
        (settings.is_set(option) && !text.is_empty()).then_some(text)
    }

    /// A known text, set or computed.
    pub fn effective_text(&self, option: &str) -> Option<&'a str> {
        self.settings()?.str(option).ok().filter(|text| !text.is_empty())
    }

    /// The known names in a set.
    pub fn names(&self, option: &str) -> Vec<&'a str> {
        let set: Option<&'a Set> = self.settings().and_then(|settings| settings.set(option).ok());
        set.into_iter().flat_map(Set::iter).filter_map(Value::as_str).collect()
    }

    /// Whether an option is surely on.
    pub fn on(&self, option: &str) -> bool {
        self.settings().is_some_and(|settings| settings.bool(option) == Ok(true))
    }

    /// Whether an option is surely off.
    pub fn off(&self, option: &str) -> bool {
        self.settings().is_some_and(|settings| settings.bool(option) == Ok(false))
    }

    /// Options that somebody set, by name.
    pub fn set_options(&self) -> impl Iterator<Item = (&'a str, &'a Setting)> {
        let settings = self.settings();
        settings.into_iter().flat_map(move |all| all.iter().filter(move |(name, _)| all.is_set(name)))
    }

    /// A finding about an option, at its place and with the name the user gave it.
    pub fn at(&self, rule: &'static str, level: Level, option: &str, message: impl Into<String>) -> Diagnostic {
        let finding = Diagnostic::new(rule, level, message);
        let Some(settings) = self.settings() else { return finding };
        finding.with_span(self.place(option)).with_setting(settings.name_of(option))
    }

    /// Where an option, or the variable it is taken from, is set.
    pub fn place(&self, option: &str) -> Option<Span> {
        let settings = self.settings()?;
        match &settings.get(option)?.origin {
            Origin::Env(variable) => self.loaded.env.get(variable).and_then(|variable| variable.set_at.clone()),
            origin => origin.span().cloned(),
        }
    }

    /// The name of an option as the user would write it anew.
    pub fn name(&self, option: &str) -> String {
        let class = self.settings().map_or("OAuthenticator", |settings| &settings.class().name);
        match self.loaded.kind {
            Kind::Python => format!("c.{class}.{option}"),
            _ => format!("{class}.{option}"),
        }
    }
}
