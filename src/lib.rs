//! oauthctl tests JupyterHub OAuth logins: it reads the hub's own configuration, logs in for real, and gives the hub's
//! verdict. This page is the architecture; the modules below stand in reading order.
//!
//! # The idea
//!
//! Data flows one way: arguments → sources (files, environment, flags) → settings, each knowing where it came from →
//! authenticator (what upstream's class does) → flow (the browser leg) → resolution (what JupyterHub does with it) →
//! report. The border between the Python packages `oauthenticator` and `jupyterhub` is the border between
//! [`authenticator`] and [`resolution`]. One authenticator is one file; so is one syntax, one output format, one
//! command.
//!
//! Two verdicts are never mixed. The *hub's verdict* is bug for bug what oauthenticator 17.4.0 with jupyterhub 6.1.1
//! would do, and decides the exit code. *Findings* are what a careful operator would object to; they change nothing.
//!
//! # Invariants
//!
//! - What a user wrote wrong is a [`diagnostic::Diagnostic`], never an `Err`; Python is read, never run, unless asked.
//! - Every value knows its origin and what it shadows ([`span::Origin`], [`source::Entry`]).
//! - What cannot be known is carried as [`value::Value::Unknown`] with its reason, and stops a login only where it is
//!   needed. Nothing guesses.
//! - The methods of [`authenticator::Authenticator`] have upstream's names, order and exceptions
//!   ([`failure::Raised`]); a default body is a free function in [`authenticator::base`], since Rust has no `super()`.
//! - A provider's class knows only itself, and nobody else names it.
//! - [`flow`] knows neither OAuth 2 from OAuth 1.0a nor who may enter: a callback is judged by the authenticator.
//! - [`demo`] imports nothing of the authenticators: it is an independent judge.
//! - [`check`] asks nobody; what only a provider can tell is in [`online`], which runs where `--online` asks for it.
//! - [`diagnosis`] explains a verdict that has been reached; it never changes one.
//! - [`sys`], [`http`] and [`source::disk`] are the doors to the world; [`report`] and the commands are the only places
//!   that print, and they print through [`secret::Redactor`].
//! - Modules import downwards only, in the order of the ranks that `tests/it/tidy.rs` holds.

pub mod span;
pub mod value;
pub mod secret;
pub mod diagnostic;
pub mod failure;
pub mod json;
pub mod jwt;
pub mod pyregex;
pub mod pyurl;
pub mod oauth1;
pub mod proxies;
pub mod sys;
pub mod http;
pub mod requests;
pub mod discovery;
pub mod source;
pub mod crypt;
pub mod demo;
pub mod settings;
pub mod authenticator;
pub mod write;
pub mod flow;
pub mod resolution;
pub mod refresh;
pub mod bridge;
pub mod diagnosis;
pub mod check;
pub mod online;
pub mod convert;
pub mod scaffold;
pub mod init;
pub mod report;
pub mod cmd;
pub mod cli;
