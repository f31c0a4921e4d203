//! oauthctl: tests JupyterHub OAuth logins from the hub's own configuration.

pub mod diagnostic;
pub mod flow;
pub mod source;
pub mod span;
pub mod sys;
pub mod value;
