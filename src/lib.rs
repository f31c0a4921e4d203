//! oauthctl: tests JupyterHub OAuth logins from the hub's own configuration.

pub mod diagnostic;
pub mod json;
pub mod source;
pub mod span;
pub mod value;
