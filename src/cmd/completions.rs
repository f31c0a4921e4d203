//! `oauthctl completions`: shell completions. The script of a shell only asks the program, which knows its own command
//! tree and the names that its values may have.

use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::cli::Cli;
use crate::cmd::common::print;
use crate::cmd::{HELP, YES};

/// The variable by which a script asks; its value is the shell's name.
const VARIABLE: &str = "OAUTHCTL_COMPLETE";
const PROGRAM: &str = "oauthctl";

const EXAMPLES: &str = "\
Examples:
  source <(oauthctl completions bash)                   in ~/.bashrc; likewise zsh in ~/.zshrc
  oauthctl completions fish > ~/.config/fish/completions/oauthctl.fish
  oauthctl completions powershell >> $PROFILE";

/// Arguments of `completions`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// The shells that there is a script for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash
    Bash,
    /// Elvish
    Elvish,
    /// fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// Z shell
    Zsh,
}

impl Shell {
    /// The name that a package gives the script.
    pub fn file_name(self) -> &'static str {
        match self {
            Shell::Bash => "oauthctl.bash",
            Shell::Elvish => "oauthctl.elv",
            Shell::Fish => "oauthctl.fish",
            Shell::PowerShell => "_oauthctl.ps1",
            Shell::Zsh => "_oauthctl",
        }
    }

    fn completer(self) -> &'static dyn EnvCompleter {
        match self {
            Shell::Bash => &Bash,
            Shell::Elvish => &Elvish,
            Shell::Fish => &Fish,
            Shell::PowerShell => &Powershell,
            Shell::Zsh => &Zsh,
        }
    }
}

/// Runs the command.
pub fn run(args: &CompletionsArgs) -> u8 {
    print(&script(args.shell));
    YES
}

/// The script for a shell.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    // Writing to memory does not fail.
    let _ = shell.completer().write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    format!("{}\n", script.trim())
}

/// Answers a script's question, and whether there was one.
pub fn answer() -> bool {
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(Cli::command).var(VARIABLE);
    match asked.try_complete(std::env::args_os(), here.as_deref()) {
        Ok(answered) => answered,
        Err(error) => {
            let _ = error.print();
            true
        }
    }
}
