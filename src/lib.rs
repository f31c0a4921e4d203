//! oauthctl: tests JupyterHub OAuth logins from the hub's own configuration.

pub mod authenticator;
pub mod check;
pub mod cli;
pub mod cmd;
pub mod crypt;
pub mod demo;
pub mod diagnosis;
pub mod diagnostic;
pub mod failure;
pub mod flow;
pub mod http;
pub mod json;
pub mod jwt;
pub mod pyregex;
pub mod pyurl;
pub mod refresh;
pub mod report;
pub mod resolution;
pub mod secret;
pub mod settings;
pub mod source;
pub mod span;
pub mod sys;
pub mod value;
