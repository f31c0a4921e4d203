//! `oauthctl man`: the manual pages, from the command tree.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};

use crate::cli::Cli;
use crate::cmd::{CANNOT, HELP, YES};
use crate::sys;

const EXAMPLES: &str = "\
Examples:
  oauthctl man ~/.local/share/man/man1                  then: man oauthctl-login";

/// Arguments of `man`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ManArgs {
    /// The folder that the pages are written into
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs the command.
pub fn run(args: &ManArgs) -> u8 {
    match write(&args.folder) {
        Ok(()) => YES,
        Err(error) => {
            sys::to_stderr(&format!("error: {} cannot be written to: {error}\n", args.folder.display()));
            CANNOT
        }
    }
}

/// Writes the pages, one a command.
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder)
}
