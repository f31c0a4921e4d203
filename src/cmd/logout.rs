//! `oauthctl logout`: where the hub's logout leads, and what it revokes.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use clap::Args;
use colored::Colorize as _;
use serde_json::json;

use crate::authenticator::Context;
use crate::bridge::Bridge;
use crate::cmd::common::{ConfigArgs, Format, OutputArgs, print};
use crate::cmd::finish::{ExpectArgs, finish};
use crate::cmd::multi;
use crate::cmd::network::NetworkArgs;
use crate::cmd::prepare::{self, Machine, Prepared, Stop};
use crate::cmd::python::{PythonArgs, TimeoutArgs};
use crate::cmd::{CANNOT, HELP, YES, state_file};
use crate::crypt;
use crate::diagnosis;
use crate::diagnostic::{Diagnostic, Level};
use crate::failure::{Failure, Raised, Stage};
use crate::flow::browser::{self, Wish};
use crate::http::{Exchange, Http as _, Network, bare};
use crate::report::{Login, human, json as document};
use crate::secret::Redactor;
use crate::sys::{self, World};
use crate::value::Value;

const EXAMPLES: &str = "\
Examples:
  oauthctl logout conf.py                               where the browser ends up
  oauthctl logout conf.py --auth-state alice.json       and which tokens are revoked

Exit codes:
  0  done        2  the command line is wrong        3  it could not be done

Environment:
  The variables that the hub reads count as they do there; --env-file replaces them.
  BROWSER, SSL_CERT_FILE and SSL_CERT_DIR count, too.";

/// Arguments of `logout`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct LogoutArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The user's auth_state, whose tokens are revoked where the hub would, and which the class's own logout is given:
    /// what `login --save` wrote
    #[arg(long, value_name = "FILE")]
    auth_state: Option<PathBuf>,
    /// Opens the address in the browser
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    python: PythonArgs,
    #[command(flatten)]
    timeout: TimeoutArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub fn run(args: &LogoutArgs, world: &World) -> u8 {
    let redactor = Redactor::new(args.output.show_secrets);
    let fail = |login: Login, texts: &[_]| {
        finish(login, texts, &redactor, &ExpectArgs::default(), &args.output, world);
        CANNOT
    };
    let mut python = args.python.asked(args.timeout.timeout, TimeoutArgs::DEFAULT, world);
    if let Some(Err(message)) = python.as_mut().map(|python| args.network.for_python(python)) {
        return crate::cmd::usage(&message);
    }
    let machine = Machine { python, multi_will_do: true, ..Machine::default() };
    let prepared = match prepare::prepare_on(&args.config, &machine, world, &redactor) {
        Ok(prepared) => prepared,
        Err(Stop::Usage(message)) => return crate::cmd::usage(&message),
        Err(Stop::Failed(login, loaded)) => {
            return fail(*login, loaded.as_deref().map_or(&[], |loaded| &loaded.texts));
        }
    };
    let class = prepared.settings.class().name.clone();
    let mut prepared = prepared;
    prepared.warnings.extend(multi::logout_note(&prepared.settings, &prepared.base_url));
    match log_out(args, &prepared, world, &redactor) {
        Ok(done) => {
            done.print(args, &class, &prepared, &redactor, world);
            if let Some(url) = done.redirect.as_deref().filter(|_| args.open) {
                open(url, world);
            }
            YES
        }
        Err(failure) => fail(Login::failed(Some(class), *failure, prepared.all_warnings()), &prepared.loaded.texts),
    }
}

/// What the hub's logout does.
struct Done {
    /// `logout_redirect_url`; `None` where the hub shows a page of its own.
    redirect: Option<String>,
    /// That page.
    page: String,
    /// The requests that revoked tokens.
    exchanges: Vec<Exchange>,
    /// Whether the class revokes at all.
    revokes: bool,
}

fn log_out(args: &LogoutArgs, prepared: &Prepared, world: &World, redactor: &Redactor) -> Result<Done, Box<Failure>> {
    let settings = &prepared.settings;
    let mut warnings = Vec::new();
    let network = Network::new(args.network.options(prepared, world, &mut warnings).map_err(Box::new)?);
    if let Some(bridge) = &prepared.python {
        return in_python(args, prepared, bridge, redactor);
    }
    let now = || world.now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let cx = Context::new(settings, &network, &now, &|_| {}, &prepared.system);
    let explain = |raised: Raised| Box::new(diagnosis::of_raised(&cx, Stage::AuthState, &raised));
    cx.seen().and_then(|()| cx.not_overridden("logout_handler")).map_err(explain)?;
    let revokes = prepared.auth.revokes_on_logout(&cx).map_err(explain)?;
    if let (Some(path), true) = (&args.auth_state, revokes) {
        let keys = crypt::keys(&prepared.loaded.config, &prepared.loaded.env);
        let saved = state_file::read(path, &keys).map_err(Box::new)?;
        redactor.learn_json(&serde_json::Value::from(&saved.auth_state));
        prepared.auth.log_out(&cx, &saved.auth_state).map_err(explain)?;
    }
    let redirect = match settings.get("logout_redirect_url") {
        Some(_) => settings.str("logout_redirect_url").map_err(|unsupported| explain(unsupported.into()))?,
        None => "",
    };
    let page = if settings.bool("auto_login").unwrap_or(false) { "logout" } else { "login" };
    Ok(Done {
        redirect: Some(redirect.to_owned()).filter(|url| !url.is_empty()),
        page: format!("{}hub/{page}", prepared.base_url),
        exchanges: network.exchanges(),
        revokes,
    })
}

/// The class's own handler, where it runs.
fn in_python(
    args: &LogoutArgs,
    prepared: &Prepared,
    bridge: &Bridge,
    redactor: &Redactor,
) -> Result<Done, Box<Failure>> {
    let keys = crypt::keys(&prepared.loaded.config, &prepared.loaded.env);
    let saved = args.auth_state.as_deref().map(|path| state_file::read(path, &keys)).transpose().map_err(Box::new)?;
    let (auth_state, user) = saved.map_or((Value::None, None), |saved| (saved.auth_state, saved.user));
    redactor.learn_json(&serde_json::Value::from(&auth_state));
    let done = bridge.log_out(&auth_state, user.as_deref()).map_err(|failure| prepared.located(*failure))?;
    let exchanges = bridge.exchanges();
    let page = if done.login_page { "login" } else { "logout" };
    Ok(Done {
        redirect: done.redirect,
        page: format!("{}hub/{page}", prepared.base_url),
        revokes: !exchanges.is_empty()
            || (auth_state == Value::None && prepared.settings.bool("revoke_tokens_on_logout").unwrap_or(false)),
        exchanges,
    })
}

fn open(url: &str, world: &World) {
    let plan = browser::decide(&Wish::default(), world);
    if let Err(error) = browser::open(&plan, url, None) {
        sys::to_stderr(&format!("{error}; open the address yourself\n"));
    }
}

impl Done {
    fn print(&self, args: &LogoutArgs, class: &str, prepared: &Prepared, redactor: &Redactor, world: &World) {
        let text = match args.output.format {
            Format::Json => self.json(class, prepared, redactor),
            Format::Human => self.text(args, class, prepared, redactor, world),
        };
        print(&text);
    }

    /// Notes are for those who ask for more.
    fn warnings(&self, args: &LogoutArgs, prepared: &Prepared) -> Vec<Diagnostic> {
        let mut warnings = prepared.all_warnings();
        warnings.retain(|warning| args.output.verbose || warning.level != Level::Note);
        warnings
    }

    fn json(&self, class: &str, prepared: &Prepared, redactor: &Redactor) -> String {
        let mut whole = json!({
            "schema": "oauthctl.logout/1",
            "authenticator": class,
            "redirect": self.redirect,
            "hub_page": self.page,
            "revokes": self.revokes,
            "exchanges": self.exchanges.iter().map(|exchange| document::exchange(exchange, redactor)).collect::<Vec<_>>(),
            "warnings": prepared.all_warnings().iter().map(|warning| document::finding(warning, None)).collect::<Vec<_>>(),
        });
        redactor.learn_json(&whole);
        redactor.json(&mut whole);
        document::text(&whole)
    }

    fn text(&self, args: &LogoutArgs, class: &str, prepared: &Prepared, redactor: &Redactor, world: &World) -> String {
        let mut out = format!("{}\n", class.bold());
        match &self.redirect {
            Some(url) => {
                let _ = writeln!(out, "the hub's logout leads to {}", redactor.url(url));
            }
            None => {
                let _ = writeln!(
                    out,
                    "the hub's logout ends on its own page {}, and the provider's session goes on",
                    self.page
                );
                if prepared.settings.get("logout_redirect_url").is_some() {
                    let name = prepared.settings.name_of("logout_redirect_url");
                    let _ = writeln!(out, "to end that too, set {name} to the provider's logout address");
                }
            }
        }
        match (self.revokes, self.exchanges.len()) {
            (false, _) => out.push_str("no token is revoked\n"),
            (true, 0) => out.push_str("tokens are revoked; with --auth-state FILE they are, here and now\n"),
            (true, _) => {
                for exchange in &self.exchanges {
                    let status =
                        exchange.answer.as_ref().map_or("no answer".into(), |answer| answer.status.to_string());
                    let _ = writeln!(out, "  {} {}  {status}", exchange.method, bare(&exchange.url));
                }
            }
        }
        out + &human::findings(
            &self.warnings(args, prepared),
            &prepared.loaded.texts,
            redactor,
            args.output.style(world),
        )
    }
}
