//! The `oauthctl` program: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use oauthctl::cli::{self, Cli};
use oauthctl::cmd::completions;
use oauthctl::sys::{self, World};

fn main() -> ExitCode {
    if completions::answer() {
        return ExitCode::SUCCESS;
    }
    let cli = Cli::parse();
    sys::handle_interrupt();
    ExitCode::from(cli::run(&cli, &World::real()))
}
