//! The command line: arguments mean only what was typed, and touch nothing.

use clap::{Parser, Subcommand, ValueEnum};

use crate::cmd;
use crate::sys::{self, World};

/// The releases whose behaviour is modelled.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (models oauthenticator 17.4.0 with jupyterhub 6.1.1)");

const EXAMPLES: &str = "\
Examples:
  oauthctl login --demo                     see a whole login, without an account
  oauthctl init                             make a configuration, question by question
  oauthctl login jupyterhub_config.py       log in as the hub would, and see its verdict
  oauthctl validate-config values.yaml      find mistakes without logging in
  oauthctl show jupyterhub_config.py        what is set, where, and what it shadows
  oauthctl convert values.yaml --to python  the same configuration in another form

Exit codes:
  0  done, and the answer is yes: allowed, no errors, every expectation held
  1  done, and the answer is no: denied, errors found, an expectation that did not hold
  2  the command line is wrong
  3  it could not be done: an unreadable configuration, a failing provider, a time-out

Environment:
  The variables that the hub reads (OAUTH_CLIENT_ID, OAUTH2_TOKEN_URL, …)
  count as they do there, unless --env-file replaces them. NO_COLOR,
  CLICOLOR_FORCE, BROWSER, SSL_CERT_FILE, SSL_CERT_DIR and OAUTHCTL_PYTHON
  count, too.";

/// Tests JupyterHub OAuth logins: reads the hub's own configuration and gives the hub's verdict
#[derive(Parser, Debug)]
#[command(name = "oauthctl", version = VERSION, after_help = EXAMPLES, help_template = cmd::HELP, max_term_width = 100)]
pub struct Cli {
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true, value_name = "WHEN", help_heading = "Global")]
    color: Colour,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

// One value of this exists, for a moment.
#[allow(clippy::large_enum_variant)]
#[derive(Subcommand, Debug)]
enum Command {
    /// Logs in for real, and says what the hub would decide
    Login(cmd::login::LoginArgs),
    /// Decides offline, from a saved token response and userdata
    Resolve(cmd::resolve::ResolveArgs),
    /// Says what the hub's refresh of a user would do, from a saved auth_state
    Refresh(cmd::refresh::RefreshArgs),
    /// Shows the effective settings, each with its origin and what it shadows
    Show(cmd::show::ShowArgs),
    /// Says where the hub's logout leads, and revokes what it would
    Logout(cmd::logout::LogoutArgs),
    /// Finds mistakes in a configuration without logging in
    ValidateConfig(cmd::validate_config::ValidateArgs),
    /// Writes a configuration that works: asks what it needs to know, or takes it from flags
    Init(cmd::init::InitArgs),
    /// Writes the same configuration in another form: Python, z2jh, TLJH or JSON
    Convert(cmd::convert::ConvertArgs),
    /// Writes a custom authenticator class to start from, with a configuration and a test
    Scaffold(cmd::scaffold::ScaffoldArgs),
    /// Explains a rule, the code of a failure, an option or a class
    Explain(cmd::explain::ExplainArgs),
    /// Serves the embedded provider, for trying things out
    Demo(cmd::demo::DemoArgs),
    /// Prints a completion script for a shell
    Completions(cmd::completions::CompletionsArgs),
    /// Writes the manual pages into a folder
    Man(cmd::man::ManArgs),
}

/// Runs what was typed, and gives the exit code.
pub fn run(cli: &Cli, world: &World) -> u8 {
    match cli.color {
        Colour::Auto => colored::control::set_override(colours_help(world)),
        Colour::Always => colored::control::set_override(true),
        Colour::Never => colored::control::set_override(false),
    }
    let code = match &cli.command {
        Command::Login(args) => cmd::login::run(args, world),
        Command::Resolve(args) => cmd::resolve::run(args, world),
        Command::Refresh(args) => cmd::refresh::run(args, world),
        Command::Show(args) => cmd::show::run(args, world),
        Command::Logout(args) => cmd::logout::run(args, world),
        Command::ValidateConfig(args) => cmd::validate_config::run(args, world),
        Command::Init(args) => cmd::init::run(args, world),
        Command::Convert(args) => cmd::convert::run(args, world),
        Command::Scaffold(args) => cmd::scaffold::run(args),
        Command::Explain(args) => cmd::explain::run(args, world),
        Command::Demo(args) => cmd::demo::run(args),
        Command::Completions(args) => cmd::completions::run(args),
        Command::Man(args) => cmd::man::run(args),
    };
    if sys::was_output_lost() { cmd::CANNOT } else { code }
}

/// Whether standard output is looked at by somebody who likes colours (no-color.org, bixense.com/clicolors).
fn colours_help(world: &World) -> bool {
    if world.filled("NO_COLOR").is_some() {
        return false;
    }
    if world.filled("CLICOLOR_FORCE").is_some_and(|force| force != "0") {
        return true;
    }
    world.stdout_is_terminal && world.var("TERM") != Some("dumb")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// The lines of the examples, each without the remark after it, and without what a shell would do.
    fn examples(help: &str) -> Vec<String> {
        // A line that goes on in the next one.
        let help = help.split("\\\n").map(str::trim_start).collect::<Vec<_>>().join("");
        let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        let lines = lines.take_while(|line| line.starts_with("  "));
        let bare = |line: &str| {
            let line = line.trim().split("  ").next().unwrap_or_default().split([';', '>']).next().unwrap_or_default();
            let from = line.find("oauthctl").unwrap_or_default();
            line[from..].trim().trim_end_matches(')').to_owned()
        };
        lines.map(bare).collect()
    }

    #[test]
    fn every_command_has_examples_and_they_are_taken() {
        let mut root = Cli::command();
        root.build();
        let helps = root.get_subcommands().filter(|command| command.get_name() != "help");
        let mut seen = 0;
        for command in helps.chain([&root]) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples = examples(&help);
            assert!(!examples.is_empty(), "{} has none", command.get_name());
            for example in examples {
                let taken = Cli::try_parse_from(example.split_whitespace());
                assert!(taken.is_ok(), "{example}: {}", taken.err().map(|error| error.to_string()).unwrap_or_default());
                seen += 1;
            }
        }
        assert!(seen > 20);
    }

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }
}
