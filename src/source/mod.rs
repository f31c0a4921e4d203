//! Sources: from files, environment and flags to one [`Config`] tree, as traitlets' loaders build it.
//!
//! Every syntax yields the same tree, and everything in it knows where it was written. What a user wrote wrong is a
//! [`Diagnostic`], never an `Err`; Python is read, never run.

pub mod chart;
pub mod config;
pub mod detect;
pub mod disk;
pub mod env;
pub mod env_file;
mod extra_env;
pub mod flags;
pub mod load;
pub mod node;
pub mod parts;
pub mod python;
mod scalar;
mod template;
pub mod tljh;
pub mod yaml;
pub mod z2jh;

use std::path::PathBuf;
use std::sync::Arc;

pub use config::{Config, Entry, Lazy, Node, Shadowed, Written};
pub use env::Env;
pub use parts::Parts;

use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::value::Value;

/// The kinds of configuration, told apart by their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `jupyterhub_config.py`.
    Python,
    /// A traitlets `.json` file.
    Json,
    /// Values for the Zero to JupyterHub chart, also nested in another chart.
    Z2jh,
    /// A Littlest JupyterHub `config.yaml`.
    Tljh,
}

/// A configuration as it was read: everything the hub would have in hand before it makes its authenticator.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The path of the main file, as the user named it; `None` where there are only flags.
    pub path: Option<PathBuf>,
    /// What kind of file that is.
    pub kind: Kind,
    /// The merged tree.
    pub config: Config,
    /// The environment in which oauthenticator's modules are imported: before any configuration file runs, since
    /// `jupyterhub.app.JupyterHub._load_classes` imports every entry point first.
    pub env_at_import: Env,
    /// The environment after the files ran (`os.environ[…] = …`), in which computed defaults are taken.
    pub env: Env,
    /// `Class.attribute = value` on a class, as some files do instead of `c.Class.attribute`.
    pub class_attributes: Vec<ClassAttribute>,
    /// The texts that spans point into, by the file name in the span.
    pub texts: Vec<(Arc<str>, Arc<str>)>,
    /// What was wrong or noteworthy.
    pub diagnostics: Vec<Diagnostic>,
    /// Why there is no configuration, where loading it would end the hub (a syntax error, an exception).
    pub fatal: Option<Diagnostic>,
    /// What the hub's own Python goes on from, where the configuration is no Python or JSON file.
    pub parts: Option<Parts>,
}

/// Stands for an attribute whose name is not known.
pub const ANY_NAME: &str = "*";

/// `Class.attribute = value`, assigned on the class itself.
#[derive(Clone, Debug)]
pub struct ClassAttribute {
    /// The bare class name.
    pub class: String,
    /// The attribute.
    pub attribute: String,
    /// What it is set to.
    pub value: Value,
    /// Where.
    pub span: Span,
}
