//! The commands: one file each, its arguments and its `run`. What they share is here.

pub mod candidates;
pub mod common;
pub mod completions;
pub mod convert;
pub mod demo;
pub mod disk_facts;
pub mod edits;
pub mod embedded;
pub mod engine;
pub mod exchanges_file;
pub mod explain;
pub mod finish;
pub mod fleet;
pub mod init;
pub mod local;
pub mod login;
pub mod logout;
pub mod man;
pub mod multi;
pub mod network;
pub mod online;
pub mod prepare;
pub mod python;
pub mod redirect;
pub mod refresh;
pub mod resolve;
pub mod scaffold;
pub mod show;
mod show_diff;
pub mod state_file;
pub mod stored;
pub mod validate_config;

/// The layout of `--help`: what it is for, how it is used, and then every option.
pub const HELP: &str = "\
{about-with-newline}
{usage-heading} {usage}{after-help}

{all-args}";

/// Done, and the answer is yes.
pub const YES: u8 = 0;
/// Done, and the answer is no.
pub const NO: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// It could not be done.
pub const CANNOT: u8 = 3;

/// Says what is wrong with the command line.
pub fn usage(message: &str) -> u8 {
    // What was typed may hold a secret, as in `--set client_secret=…`.
    let message = crate::secret::Redactor::new(false).text(message);
    crate::sys::to_stderr(&format!("error: {message}\n\nFor more information, try '--help'.\n"));
    USAGE
}
