//! oauthctl: tests JupyterHub OAuth logins from the hub's own configuration.

pub mod diagnostic;
pub mod failure;
pub mod http;
pub mod pyurl;
pub mod source;
pub mod span;
pub mod value;
