//! `oauthctl resolve`: the same decision offline, from saved answers of the provider.

use std::cell::RefCell;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use clap::Args;

use crate::authenticator::{Authenticator, Callback, Context, Session};
use crate::cmd::HELP;
use crate::cmd::common::{ConfigArgs, OutputArgs};
use crate::cmd::exchanges_file;
use crate::cmd::finish::{ExpectArgs, finish};
use crate::cmd::local;
use crate::cmd::login::{of_verdict, tokens};
use crate::cmd::multi;
use crate::cmd::prepare::{self, Machine, Stop};
use crate::cmd::python::{PythonArgs, TimeoutArgs};
use crate::cmd::stored;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, NO_SAVED_ANSWER, Raised, Stage};
use crate::http::{Answer, Call, Exchange, Http};
use crate::report::Login;
use crate::secret::Redactor;
use crate::source::disk;
use crate::sys::World;
use crate::value::{Dict, Value};

const EXAMPLES: &str = "\
Examples:
  oauthctl resolve conf.py --userdata user.json         what the hub makes of these userdata
  curl … | oauthctl resolve conf.py --userdata -        the same, from standard input
  oauthctl resolve new.py --from exchanges.json         an earlier login, by another configuration

Exit codes:
  0  the user comes in, or every expectation held        2  the command line is wrong
  1  the hub turns the user away, or one did not hold    3  the login fails

Environment:
  The variables that the hub reads count as they do there; --env-file replaces them.
  OAUTHCTL_PYTHON counts, too.";

/// Arguments of `resolve`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct ResolveArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The token endpoint's answer, as it came
    #[arg(long, value_name = "FILE", help_heading = "Saved answers")]
    token_response: Option<PathBuf>,
    /// The userdata endpoint's answer, as it came; `-` reads standard input
    #[arg(long, value_name = "FILE", help_heading = "Saved answers")]
    userdata: Option<PathBuf>,
    /// Every answer of an earlier login, as `login --save-exchanges` kept them
    #[arg(long, value_name = "FILE", help_heading = "Saved answers", conflicts_with_all = ["token_response", "userdata"])]
    from: Option<PathBuf>,
    /// The users in the hub's database: a name a line, `#` comments
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    existing_users: Option<PathBuf>,
    /// The users and groups of the hub's machine, for a `Local…` class: lines of passwd and group
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    system_users: Option<PathBuf>,
    #[command(flatten)]
    python: PythonArgs,
    #[command(flatten)]
    timeout: TimeoutArgs,
    #[command(flatten)]
    expect: ExpectArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub fn run(args: &ResolveArgs, world: &World) -> u8 {
    if args.token_response.is_none() && args.userdata.is_none() && args.from.is_none() {
        return crate::cmd::usage(
            "resolve needs answers to decide from: --token-response FILE and --userdata FILE, or --from FILE",
        );
    }
    let redactor = Redactor::new(args.output.show_secrets);
    let finish = |login: Login, texts: &[_]| finish(login, texts, &redactor, &args.expect, &args.output, world);
    let machine = Machine {
        existing_users: args.existing_users.as_deref(),
        system_users: args.system_users.as_deref(),
        python: args.python.asked(args.timeout.timeout, TimeoutArgs::DEFAULT, world),
        ..Machine::default()
    };
    let prepared = match prepare::prepare_on(&args.config, &machine, world, &redactor) {
        Ok(prepared) => prepared,
        Err(Stop::Usage(message)) => return crate::cmd::usage(&message),
        Err(Stop::Failed(login, loaded)) => {
            return finish(*login, loaded.as_deref().map_or(&[], |loaded| &loaded.texts));
        }
    };
    let class = Some(prepared.settings.class().name.clone());
    let saved: Box<dyn Http> = match Saved::open(args, prepared.auth) {
        Ok(saved) => saved,
        Err(failure) => return finish(Login::failed(class, failure, prepared.warnings), &prepared.loaded.texts),
    };
    let saved = saved.as_ref();
    let now = || world.now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let cx = Context::new(&prepared.settings, saved, &now, &|_| {}, &prepared.system);
    // The code and the verifier were spent when the answers were saved.
    let mut session = Dict::new();
    session.insert("code_verifier", Value::str("spent"));
    let callback = Callback {
        arguments: vec![("code".into(), "spent".into())],
        session: Session(session),
        redirect_uri: prepared.settings.str("oauth_callback_url").unwrap_or_default().to_owned(),
    };
    let mut login = match prepared.decide(&cx, &callback, true) {
        Ok(verdict) => of_verdict(&prepared, &cx, &verdict),
        Err(failure) => Login::failed(class, *failure, Vec::new()),
    };
    login.exchanges = saved.exchanges();
    login.tokens = tokens(&login);
    login.warnings = prepared.all_warnings();
    login.warnings.extend(local::after(&prepared, &login));
    login.warnings.extend(multi::admin_at_start(&prepared, &login));
    login.warnings.extend(stored::reconciled(&prepared, &login));
    login.warnings.extend(cx.warnings());
    if args.token_response.is_none() && args.from.is_none() {
        let message =
            "no token response was given, so one with a made-up access_token and no scope stands in its place";
        login.warnings.push(
            Diagnostic::warning("token-response-assumed", message)
                .with_fix("give the real one with --token-response FILE"),
        );
    }
    finish(login, &prepared.loaded.texts)
}

/// Saved answers in place of the network.
pub struct Saved {
    token_response: Vec<u8>,
    userdata: Option<Vec<u8>>,
    exchanges: RefCell<Vec<Exchange>>,
}

impl Saved {
    /// Answers that are at hand.
    pub fn of(token_response: Vec<u8>, userdata: Vec<u8>) -> Saved {
        Saved { token_response, userdata: Some(userdata), exchanges: RefCell::default() }
    }

    fn open(args: &ResolveArgs, auth: &dyn Authenticator) -> Result<Box<dyn Http>, Failure> {
        match &args.from {
            Some(path) => Ok(Box::new(exchanges_file::read(path)?)),
            None => Ok(Box::new(Saved::read(args, auth)?)),
        }
    }

    fn read(args: &ResolveArgs, auth: &dyn Authenticator) -> Result<Saved, Failure> {
        Ok(Saved {
            token_response: args
                .token_response
                .as_deref()
                .map_or_else(|| Ok(auth.assumed_token_response().into()), read)?,
            userdata: args.userdata.as_deref().map(read).transpose()?,
            exchanges: RefCell::default(),
        })
    }
}

/// The most that is read of standard input.
const MOST: u64 = 16 * 1024 * 1024;

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let content = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(MOST).read_to_end(&mut bytes).map(|_| bytes)
    } else {
        disk::read(path)
    };
    content.map_err(|error| Failure {
        code: "answer-unreadable",
        message: format!("{} cannot be read: {error}", path.display()),
        fix: "name a file with the provider's answer, as it came".into(),
        ..Failure::none()
    })
}

impl Http for Saved {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        let body = match call.stage {
            Stage::Token => Some(&self.token_response),
            Stage::Userdata => self.userdata.as_ref(),
            _ => None,
        };
        let Some(body) = body else {
            return Err(Raised::Unsupported {
                what: format!("{NO_SAVED_ANSWER} {} {}", call.method, crate::http::bare(&call.url)),
                setting: None,
                span: None,
            });
        };
        let answer = Answer { status: 200, reason: "OK".into(), headers: Vec::new(), body: body.clone() };
        self.exchanges.borrow_mut().push(Exchange {
            stage: call.stage,
            method: call.method.into(),
            url: call.url.clone(),
            request_headers: Vec::new(),
            form: Vec::new(),
            answer: Some(answer.clone()),
            error: None,
            elapsed: Duration::ZERO,
        });
        Ok(answer)
    }

    fn is_saved(&self) -> bool {
        true
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }
}
