//! The whole browser leg: says where to go, sends a browser there, and waits for what it brings back.

use std::io::BufReader;
use std::time::Duration;

use super::browser::{self, Plan, Wish};
use super::listener::Listener;
use super::progress::Progress;
use super::wait::{Caught, Wait, short_path};
use super::{FlowError, Judge, paste};
use crate::sys::{World, printable, to_stderr};

/// How the answer comes back.
pub enum Way {
    /// To our own address, or by a paste where somebody can type.
    Listen(Listener),
    /// Only by a paste: the provider sends the browser to the hub itself.
    Paste {
        /// Whether `--paste` asked for it, which lets standard input be something else than a terminal.
        asked: bool,
    },
}

/// Something of ours that goes to the provider in the browser's place: from the authorize address to the redirect_uri,
/// where it stays until it has been answered.
pub type Driver = Box<dyn FnOnce(&str, &str) -> Result<(), FlowError> + Send>;

/// What the browser leg needs to know.
pub struct Leg<'a> {
    /// The machine.
    pub world: &'a World,
    /// How the answer comes back.
    pub way: Way,
    /// Which browser is wished for.
    pub wish: Wish,
    /// Goes in the browser's place.
    pub driver: Option<Driver>,
    /// Where the browser goes.
    pub authorize_url: &'a str,
    /// What the provider is told.
    pub redirect_uri: &'a str,
    /// The path at which our listener takes the callback.
    pub callback_path: &'a str,
    /// A path that the hub redirects to the callback's.
    pub redirected_path: Option<&'a str>,
    /// How long to wait.
    pub timeout: Duration,
}

/// Goes through the browser leg.
pub fn run(leg: Leg<'_>, judge: &mut Judge<'_>) -> Result<Caught, FlowError> {
    match leg.way {
        Way::Paste { asked } => pasted(&leg, asked, judge),
        Way::Listen(_) => listened(leg, judge),
    }
}

fn pasted(leg: &Leg<'_>, asked: bool, judge: &mut Judge<'_>) -> Result<Caught, FlowError> {
    if !asked && !leg.world.stdin_is_terminal {
        let message = format!(
            "the provider sends the browser to {}, so its address has to be pasted, but standard input is no terminal",
            leg.redirect_uri
        );
        return Err(FlowError::new("paste-needs-terminal", message).with_fix(format!(
            "register http://127.0.0.1:8400{} at the provider too and give `--listen 127.0.0.1:8400`, \
             or give `--paste` and one line with the address on standard input",
            leg.callback_path
        )));
    }
    let plan = browser::decide(&leg.wish, leg.world);
    to_stderr(&announcement(&plan, leg.authorize_url, leg.authorize_url, leg.redirect_uri));
    to_stderr(&format!(
        "the browser will end on an error page of the hub, such as `OAuth state missing from cookies`, as it should be\n\
         then paste its whole address here and press Enter ({})\n",
        paste::CAUTION
    ));
    start_browser(&plan, leg.authorize_url, None);
    let mut say = |text: &str| to_stderr(&format!("{}\n", printable(text)));
    paste::once(&mut std::io::stdin().lock(), leg.world.stdin_is_terminal, leg.redirect_uri, judge, &mut say)
}

fn listened(leg: Leg<'_>, judge: &mut Judge<'_>) -> Result<Caught, FlowError> {
    let Way::Listen(listener) = &leg.way else {
        return Err(FlowError::new("cannot-listen", "there is no listener"));
    };
    let (world, handle) = (leg.world, listener.handle());
    let mut progress = Progress::quiet();
    if let Some(driver) = leg.driver {
        let (from, to) = (leg.authorize_url.to_owned(), leg.redirect_uri.to_owned());
        std::thread::spawn(move || match driver(&from, &to) {
            Ok(()) => handle.give_up(),
            Err(error) => handle.fail(error),
        });
    } else {
        let plan = browser::decide(&leg.wish, world);
        let short = listener.redirect_uri(short_path(leg.callback_path));
        // Where the browser runs elsewhere, it may not reach us but by the way that --callback-url names.
        let near = listener.redirect_uri(leg.callback_path) == leg.redirect_uri && !browser::is_remote(world);
        let address = if near { &short } else { leg.authorize_url };
        to_stderr(&announcement(&plan, leg.authorize_url, address, leg.redirect_uri));
        let pasting = world.stdin_is_terminal && matches!(plan, Plan::Nothing(_));
        progress = Progress::new(world, pasting);
        if world.stdin_is_terminal {
            let hint = "where the browser can't get back here, paste the address it ended on and press Enter";
            to_stderr(&format!("{hint} ({})\n", paste::CAUTION));
            paste::race(BufReader::new(std::io::stdin()), listener.handle());
        }
        start_browser(&plan, address, Some(handle));
    }
    listener.wait(Wait {
        authorize_url: leg.authorize_url,
        callback_path: leg.callback_path,
        redirected_path: leg.redirected_path,
        timeout: leg.timeout,
        judge,
        progress: &mut progress,
    })
}

/// A browser that doesn't start is no failure: its address has been printed.
fn start_browser(plan: &Plan, address: &str, handle: Option<super::listener::Handle>) {
    if let Err(error) = browser::open(plan, address, handle) {
        to_stderr(&format!("no browser came up: {}; open the address yourself\n", printable(&error)));
    }
}

/// What is printed before anything is opened. The address stands on a line of its own, unbroken, so that it can be
/// copied and be found by a script; where no browser is started it is the provider's.
fn announcement(plan: &Plan, authorize_url: &str, opened: &str, redirect_uri: &str) -> String {
    let (words, address) = match plan {
        Plan::Nothing(why) => (format!("no browser is started: {why}; open this address:"), authorize_url),
        Plan::Desktop | Plan::Run { .. } => ("opening the browser at this address:".to_owned(), opened),
    };
    format!(
        "{}\n{address}\nthe provider sends it back to {}, which must be registered there\n",
        printable(&words),
        printable(redirect_uri)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORIZE: &str = "https://idp.example.org/authorize?client_id=x&state=y";

    fn lines(plan: &Plan) -> Vec<String> {
        let text = announcement(plan, AUTHORIZE, "http://127.0.0.1:8400/", "http://127.0.0.1:8400/hub/oauth_callback");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_address_stands_alone() {
        assert_eq!(lines(&Plan::Nothing("--no-browser was given".to_owned()))[1], AUTHORIZE);
        assert_eq!(lines(&Plan::Desktop)[1], "http://127.0.0.1:8400/");
    }

    #[test]
    fn pasting_needs_a_terminal_or_the_flag() {
        let world = World::of(crate::sys::Platform::Linux, []);
        let leg = Leg {
            world: &world,
            way: Way::Paste { asked: false },
            wish: Wish { never: true, command: None },
            driver: None,
            authorize_url: AUTHORIZE,
            redirect_uri: "https://hub.example.org/hub/oauth_callback",
            callback_path: "/hub/oauth_callback",
            redirected_path: None,
            timeout: Duration::from_secs(1),
        };
        let error = run(leg, &mut |_| super::super::Judgement::Accept).unwrap_err();
        assert_eq!(error.code, "paste-needs-terminal");
        assert!(error.fix.unwrap().contains("--listen"));
    }
}
