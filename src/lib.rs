//! oauthctl: tests JupyterHub OAuth logins from the hub's own configuration.

pub mod demo;
pub mod diagnostic;
pub mod source;
pub mod span;
pub mod value;
