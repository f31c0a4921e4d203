//! `oauthctl demo`: the embedded provider in the foreground.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;

use crate::cmd::candidates;
use crate::cmd::common::print;
use crate::cmd::{CANNOT, HELP, YES};
use crate::demo::{self, FAULTS, Options, Provider};
use crate::sys;

const EXAMPLES: &str = "\
Examples:
  oauthctl demo --print-config > jupyterhub_config.py   serves, and writes a configuration for it
  oauthctl demo --fault token-500                       with a provider in trouble
  oauthctl demo --people                                who can log in there

Ctrl-C ends it.";

/// Arguments of `demo`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct DemoArgs {
    /// Where to serve; port 0 is a free one
    #[arg(long, value_name = "ADDR:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    listen: SocketAddr,
    /// A redirect_uri to register (repeatable)
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8000/hub/oauth_callback")]
    redirect_uri: Vec<String>,
    /// Lets this person in without asking
    #[arg(long, value_name = "NAME", add = candidates::demo_people())]
    demo_user: Option<String>,
    /// Goes wrong in this way, for seeing what the hub and oauthctl make of it
    #[arg(long, value_name = "FAULT", add = candidates::demo_faults())]
    fault: Option<String>,
    /// Lists the people, and ends
    #[arg(long)]
    people: bool,
    /// Lists the faults, and ends
    #[arg(long)]
    faults: bool,
    /// Prints a jupyterhub_config.py that matches, before serving
    #[arg(long)]
    print_config: bool,
}

/// Runs the command.
pub fn run(args: &DemoArgs) -> u8 {
    if args.people {
        demo::people().iter().for_each(|person| print(&format!("{:<10} {}\n", person.name, person.summary)));
        return YES;
    }
    if args.faults {
        FAULTS.iter().for_each(|fault| print(&format!("{:<24} {}\n", fault.name, fault.summary)));
        return YES;
    }
    let fault = match args.fault.as_deref().map(|name| FAULTS.iter().find(|fault| fault.name == name).ok_or(name)) {
        None => None,
        Some(Ok(fault)) => Some(fault),
        Some(Err(name)) => {
            return crate::cmd::usage(&format!("there is no fault `{name}`; `oauthctl demo --faults` lists them"));
        }
    };
    if let Some(name) = args.demo_user.as_deref().filter(|name| demo::person(name).is_none()) {
        return crate::cmd::usage(&format!("there is nobody called `{name}`; `oauthctl demo --people` lists them"));
    }
    let options = Options {
        listen: args.listen,
        redirect_uris: args.redirect_uri.clone(),
        auto_person: args.demo_user.clone(),
        fault,
        ..Options::default()
    };
    let mut provider = match Provider::start(options) {
        Ok(provider) => provider,
        Err(error) => {
            sys::to_stderr(&format!(
                "error: {} cannot be served: {error}; choose another with --listen\n",
                args.listen
            ));
            return CANNOT;
        }
    };
    if args.print_config {
        print(&provider.python_config());
    }
    sys::to_stderr(&format!(
        "Serving at {}\nIts client is `{}` with the secret `{}`. End it with Ctrl-C.\n",
        provider.issuer(),
        provider.client_id(),
        provider.client_secret()
    ));
    provider.wait();
    YES
}
