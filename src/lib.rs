//! oauthctl: tests JupyterHub OAuth logins from the hub's own configuration.

pub mod demo;
pub mod diagnostic;
pub mod failure;
pub mod flow;
pub mod http;
pub mod json;
pub mod pyregex;
pub mod pyurl;
pub mod secret;
pub mod settings;
pub mod source;
pub mod span;
pub mod sys;
pub mod value;
