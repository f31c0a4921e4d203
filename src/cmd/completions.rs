//! `oauthctl completions`: shell completions, from the command tree.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cmd::YES;
use crate::cmd::common::print;

/// Arguments of `completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &CompletionsArgs) -> u8 {
    print(&script(args.shell));
    YES
}

/// The script for a shell.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "oauthctl", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
