//! Settings: from the merged configuration to the values that the hub's authenticator holds.
//!
//! [`resolve`] does what `authenticator_class(parent=app)` does when the hub starts: find the class, merge the sections
//! in its method resolution order, coerce, validate, follow deprecated names, compute defaults. Every [`Setting`]
//! knows where its value comes from and what it covers.

pub mod classes;
pub mod suggest;

mod attributes;
mod class;
mod coerce;
mod diagnose;
mod effective;
mod hub;
mod idps;
mod instance;
pub mod multi;
mod option;
mod releases;
mod rules;
mod sections;
#[cfg(test)]
mod tests;

pub use class::{NoClass, ROOT_SECTIONS, RunningClass, gone};
pub use classes::{class, classes};
pub use coerce::Refusal;
pub use diagnose::mentioned_classes;
pub use effective::{Setting, Settings, Unsupported};
pub use hub::{HubOptions, jupyterhub_options};
pub use instance::{Change, Instance, LogLine};
pub use option::{Alias, ClassDef, Declared, DefaultDef, Kind, ObserverDef, OptionDef, Plain, ValidatorDef};
pub use sections::HUB_SECTIONS;

pub use releases::{Release, version};

use crate::diagnostic::Diagnostic;
use crate::source::Loaded;
use crate::span::Span;
use crate::value::Unknown;

/// An exception that keeps the hub from starting, or that it answers a login with.
#[derive(Clone, Debug, PartialEq)]
pub struct Fatal {
    /// The exception's class.
    pub exception: &'static str,
    /// Its message, in upstream's words.
    pub message: String,
    /// The setting behind it, as the user wrote it.
    pub setting: Option<String>,
    /// Where that stands.
    pub span: Option<Span>,
    /// A stable name for the cause.
    pub code: &'static str,
    /// What to do.
    pub fix: String,
}

/// What became of a configuration.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The settings. Where the hub refuses the configuration, they are as complete as can be for showing: what is
    /// refused is unknown in them. `None` where no class is known.
    pub settings: Option<Settings>,
    /// What keeps the hub from starting: the exception that upstream ends with.
    pub fatal: Option<Fatal>,
    /// What else upstream would refuse, once that is mended.
    pub also_fatal: Vec<Fatal>,
    /// Why the class, or part of it, cannot be seen from here.
    pub unseen: Option<Unknown>,
    /// What was found on the way.
    pub diagnostics: Vec<Diagnostic>,
    /// What upstream logs at warning level until it has made the authenticator.
    pub log: Vec<LogLine>,
    /// The authenticators of a `MultiAuthenticator`.
    pub entries: multi::Entries,
}

impl Resolution {
    fn of(class: &RunningClass) -> Resolution {
        Resolution {
            settings: None,
            fatal: None,
            also_fatal: Vec::new(),
            unseen: class.unseen.clone(),
            diagnostics: Vec::new(),
            log: Vec::new(),
            entries: multi::Entries::default(),
        }
    }
}

/// Makes the settings of the authenticator that this configuration runs.
pub fn resolve(loaded: &Loaded) -> Resolution {
    let hub = jupyterhub_options(loaded);
    let mut resolution = Resolution {
        settings: None,
        fatal: hub.fatal.clone(),
        also_fatal: Vec::new(),
        unseen: None,
        diagnostics: hub.diagnostics,
        log: hub.log,
        entries: multi::Entries::default(),
    };
    let class = match hub.class {
        Ok(class) => class,
        Err(NoClass::Fatal(fatal)) => {
            resolution.diagnostics.extend(diagnose::sections(loaded, None));
            resolution.fatal = Some(*fatal);
            return resolution;
        }
        Err(NoClass::Unknown(unknown)) => {
            resolution.unseen = Some(unknown);
            return resolution;
        }
    };
    resolution.unseen = class.unseen.clone();
    make(loaded, class, &mut resolution);
    resolution
}

/// The settings of a given class, whatever `authenticator_class` says.
pub fn resolve_class(loaded: &Loaded, class: RunningClass) -> Resolution {
    let mut resolution = Resolution::of(&class);
    make(loaded, class, &mut resolution);
    resolution
}

fn make(loaded: &Loaded, class: RunningClass, resolution: &mut Resolution) {
    let configured = sections::for_class(&loaded.config, &class);
    let mut instance = Instance::new(&class, loaded);
    let outcome = instance.load(&configured);
    resolution.log.append(&mut instance.log);
    resolution.diagnostics.extend(diagnose::sections(loaded, Some(&class)));
    if let Err(fatal) = outcome {
        // The exact outcome is known; now once more, past every refusal, for what there is to show.
        instance = Instance::lenient(&class, loaded);
        let _ = instance.load(&configured);
        resolution.also_fatal = instance.collected();
        resolution.also_fatal.retain(|other| other.message != fatal.message);
        resolution.fatal.get_or_insert(*fatal);
    }
    resolution.diagnostics.extend(diagnose::options(&mut instance, &configured));
    let settings = Settings::of(&mut instance, &configured);
    drop(instance);
    resolution.settings = Some(settings.with_class(class));
    multi::wrap(loaded, resolution);
}
