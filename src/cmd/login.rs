//! `oauthctl login`: a real login, decided as the hub would.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use clap::Args;

use crate::authenticator::{Callback, Context};
use crate::cmd::HELP;
use crate::cmd::candidates;
use crate::cmd::common::{ConfigArgs, OutputArgs};
use crate::cmd::embedded::Demo;
use crate::cmd::exchanges_file;
use crate::cmd::finish::{ExpectArgs, finish};
use crate::cmd::local;
use crate::cmd::multi;
use crate::cmd::network::NetworkArgs;
use crate::cmd::prepare::{self, Machine, Prepared, Stop};
use crate::cmd::python::PythonArgs;
use crate::cmd::redirect::{self, Catch, Plan};
use crate::cmd::state_file;
use crate::cmd::stored;
use crate::crypt::{self, Keys};
use crate::demo;
use crate::diagnosis;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Stage};
use crate::flow::arguments::CallbackArgs;
use crate::flow::browser::{self, Wish};
use crate::flow::leg::{self, Driver, Leg, Way};
use crate::flow::listener::{ListenSpec, Listener};
use crate::flow::pages::{self, VerdictPage};
use crate::flow::route;
use crate::flow::wait::{Caught, Pending};
use crate::flow::{FlowError, Judgement, agent};
use crate::http::Network;
use crate::pyurl::Split;
use crate::report::{self, Login, Outcome};
use crate::resolution::{End, Verdict};
use crate::secret::Redactor;
use crate::sys::{self, World};
use crate::{jwt, value::Value};

const EXAMPLES: &str = "\
Examples:
  oauthctl login --demo                                 see a whole login, without an account
  oauthctl login jupyterhub_config.py                   in the browser, at the hub's own provider
  oauthctl login -v --listen localhost:8000 conf.py     with every request, at a registered address
  oauthctl login values.yaml --base common.yaml --expect-username alice --expect-group staff
  oauthctl login conf.py --authenticator github         at one of several login services

Exit codes:
  0  the user comes in, or every expectation held        2  the command line is wrong
  1  the hub turns the user away, or one did not hold    3  the login fails

Environment:
  The variables that the hub reads count as they do there; --env-file replaces them.
  BROWSER, SSL_CERT_FILE, SSL_CERT_DIR and OAUTHCTL_PYTHON count, too.";

/// Arguments of `login`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct LoginArgs {
    /// Refused: the verdict is that of one release
    #[arg(long, value_name = "VERSION", hide = true)]
    oauthenticator: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    browser: BrowserArgs,
    #[command(flatten)]
    network: NetworkArgs,
    /// The users in the hub's database: a name a line, `#` comments
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    existing_users: Option<PathBuf>,
    /// Keeps the auth_state in this file (mode 0600), for `refresh` and `logout`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    save: Option<PathBuf>,
    /// Keeps everything the provider answered in this file (mode 0600), for `resolve --from`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    save_exchanges: Option<PathBuf>,
    /// Encrypts what --save writes, as the hub would with JUPYTERHUB_CRYPT_KEY
    #[arg(long, requires = "save", help_heading = "Output")]
    encrypt: bool,
    /// The users and groups of the hub's machine, for a `Local…` class: lines of passwd and group
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    system_users: Option<PathBuf>,
    #[command(flatten)]
    python: PythonArgs,
    #[command(flatten)]
    expect: ExpectArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    demo: DemoArgs,
}

/// The browser and the way back from it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Browser")]
struct BrowserArgs {
    /// Prints the provider's address, whole and alone on a line of standard error, and opens nothing
    #[arg(long)]
    no_browser: bool,
    /// Opens the address with this command; `%s` stands for it, else it comes last
    #[arg(long, value_name = "COMMAND", conflicts_with = "no_browser")]
    browser_cmd: Option<String>,
    /// Listens here for the callback [default: 127.0.0.1 and a free port]
    #[arg(long, value_name = "ADDR:PORT", value_parser = ListenSpec::parse)]
    listen: Option<ListenSpec>,
    /// The redirect_uri that the provider is told, when it differs from where we listen
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// Listens nowhere: you paste the address that the browser ended on
    #[arg(long)]
    paste: bool,
    /// How long to wait for the browser to come back [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
}

/// The embedded provider.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Demo")]
struct DemoArgs {
    /// Logs in at the embedded provider, with a configuration that matches it: no account needed; CLASS is
    /// generic-oauth, github, gitlab, google, globus, cilogon, azuread, auth0, bitbucket, openshift or mediawiki
    #[arg(long, value_name = "CLASS", num_args = 0..=1, default_missing_value = "generic-oauth", conflicts_with_all = ["config", "base"], add = candidates::demo_classes())]
    demo: Option<String>,
    /// Who logs in there, instead of choosing in the browser (see `oauthctl demo --people`)
    #[arg(long, value_name = "NAME", requires = "demo", add = candidates::demo_people())]
    demo_user: Option<String>,
}

/// Runs the command.
pub fn run(args: &LoginArgs, world: &World) -> u8 {
    if let Some(release) = &args.oauthenticator {
        return crate::cmd::usage(&format!(
            "a login is judged by the release that `oauthctl --version` names, not by {release}; \
             `oauthctl validate-config --oauthenticator {release}` tells what that one reads differently"
        ));
    }
    let redactor = Redactor::new(args.output.show_secrets);
    let finish = |login: Login, texts: &[_]| finish(login, texts, &redactor, &args.expect, &args.output, world);
    let demo =
        match args.demo.demo.as_deref().map(|class| Demo::start(class, args.demo.demo_user.as_deref())).transpose() {
            Ok(demo) => demo,
            Err(message) => return crate::cmd::usage(&message),
        };
    let machine = match machine(args, demo.as_ref(), world) {
        Ok(machine) => machine,
        Err(message) => return crate::cmd::usage(&message),
    };
    let prepared = match &demo {
        None => prepare::prepare_on(&args.config, &machine, world, &redactor),
        Some(demo) => prepare::from_text_on(&demo.config(), &args.config, &machine, world, &redactor),
    };
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(Stop::Usage(message)) => return crate::cmd::usage(&message),
        Err(Stop::Failed(login, loaded)) => {
            return finish(*login, loaded.as_deref().map_or(&[], |loaded| &loaded.texts));
        }
    };
    let (mut login, browser) = log_in(args, &prepared, demo.as_ref(), world, &redactor);
    save(args, &prepared, &mut login);
    report::json::learn(&login, &redactor);
    browser.respond(page_status(&login), &page(&login, &redactor));
    finish(login, &prepared.loaded.texts)
}

/// How long the browser is waited for.
const TIMEOUT: u64 = 300;

/// What is given of the hub's machine.
fn machine<'a>(args: &'a LoginArgs, demo: Option<&Demo>, world: &World) -> Result<Machine<'a>, String> {
    let mut python = args.python.asked(args.browser.timeout, TIMEOUT, world);
    if let Some(python) = &mut python {
        args.network.for_python(python)?;
        let origins = demo.map_or(Vec::new(), |demo| demo.provider.fixed_origins(demo.shape));
        python.reroute = origins.into_iter().map(|(origin, instead)| (origin.to_owned(), instead)).collect();
    }
    Ok(Machine {
        existing_users: args.existing_users.as_deref(),
        system_users: args.system_users.as_deref(),
        demo_users: demo.and_then(Demo::system_users),
        python,
        ..Machine::default()
    })
}

/// Keeps what is asked for; a file that cannot be written fails the command.
fn save(args: &LoginArgs, prepared: &Prepared, login: &mut Login) {
    if let Some(path) = &args.save_exchanges
        && let Err(failure) = exchanges_file::write(path, &login.exchanges)
    {
        login.outcome = Outcome::Failed;
        login.failure = Some(failure);
    }
    let (Some(path), Some(model)) = (&args.save, &login.model) else { return };
    let keys = match (args.encrypt, crypt::keys(&prepared.loaded.config, &prepared.loaded.env)) {
        (false, _) => Ok(None),
        (true, Keys::Usable(keys)) => Ok(Some(keys)),
        (true, _) => Err(Failure {
            stage: Stage::AuthState,
            code: "crypt-key-missing",
            message: "--encrypt needs the hub's key, and there is none here".into(),
            setting: Some(crypt::VARIABLE.into()),
            fix: "set JUPYTERHUB_CRYPT_KEY, or leave --encrypt out".into(),
            ..Failure::none()
        }),
    };
    let name = model.name.to_text();
    let written = keys.and_then(|keys| state_file::write(path, &name, &model.auth_state, keys.as_deref()));
    if let Err(failure) = written {
        login.outcome = Outcome::Failed;
        login.failure = Some(failure);
    }
}

/// From the prepared configuration to the report, and the browser that waits for a page.
fn log_in(
    args: &LoginArgs,
    prepared: &Prepared,
    demo: Option<&Demo>,
    world: &World,
    redactor: &Redactor,
) -> (Login, Pending) {
    let mut warnings = Vec::new();
    let class = Some(prepared.settings.class().name.clone());
    let failed = |failure, mut warnings: Vec<Diagnostic>| {
        warnings.extend(prepared.all_warnings());
        (Login::failed(class.clone(), failure, warnings), Pending::nobody())
    };
    let network = match args.network.options(prepared, world, &mut warnings) {
        Ok(mut options) => {
            options.reroute = demo.map_or(Vec::new(), |demo| demo.provider.fixed_origins(demo.shape));
            Network::new(options)
        }
        Err(failure) => return failed(failure, warnings),
    };
    let http = prepared.http(&network);
    let now = || world.now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let cx = Context::new(&prepared.settings, http, &now, &fill_random, &prepared.system);
    let wish = redirect::Wish {
        listen: args.browser.listen.clone(),
        callback_url: args.browser.callback_url.clone(),
        paste: args.browser.paste,
    };
    let plan = match redirect::plan(&wish, &prepared.settings, &prepared.base_url) {
        Ok(plan) => plan,
        Err(failure) => return failed(failure, warnings),
    };
    let mut journey = Journey { args, prepared, cx: &cx, world, demo, authorize_url: None, redirect_uri: None };
    let outcome = journey.callback(&plan, redactor);
    let (authorize_url, redirect_uri) = (journey.authorize_url, journey.redirect_uri);
    let mut browser = Pending::nobody();
    let mut login = match outcome {
        Err(failure) => Login::failed(class, failure, Vec::new()),
        Ok((callback, pending)) => {
            browser = pending;
            match prepared.decide(&cx, &callback, false) {
                Ok(verdict) => of_verdict(prepared, &cx, &verdict),
                Err(failure) => Login::failed(class, *failure, Vec::new()),
            }
        }
    };
    login.exchanges = http.exchanges();
    login.tokens = tokens(&login);
    warnings.extend(prepared.all_warnings());
    warnings.extend(local::after(prepared, &login));
    warnings.extend(multi::admin_at_start(prepared, &login));
    warnings.extend(stored::reconciled(prepared, &login));
    warnings.extend(cx.warnings());
    login.warnings = warnings;
    login.authorize_url = authorize_url;
    login.redirect_uri = redirect_uri;
    (login, browser)
}

/// The report of a verdict.
pub fn of_verdict(prepared: &Prepared, cx: &Context<'_>, verdict: &Verdict) -> Login {
    let failure = diagnosis::of_verdict(cx, verdict).map(|failure| *prepared.located(failure));
    let outcome = match &verdict.end {
        End::Allowed => Outcome::Allowed,
        End::TurnedAway(_) => Outcome::Denied,
        // On purpose, once it is known who it is.
        End::Raised(raised) if raised.hub_status() == Some(403) && verdict.stage >= Stage::Username => Outcome::Denied,
        End::Raised(_) => Outcome::Failed,
    };
    Login {
        outcome,
        model: verdict.model.clone(),
        auth_state_stored: prepared.settings.bool("enable_auth_state").unwrap_or(false),
        decision: cx.decision(),
        failure,
        ..Login::failed(Some(prepared.settings.class().name.clone()), Failure::none(), Vec::new())
    }
}

/// What stands in the tokens that came, for showing.
pub fn tokens(login: &Login) -> Vec<(&'static str, Value)> {
    let answer = login.exchanges.iter().rev().find(|exchange| exchange.stage == Stage::Token);
    let body =
        answer.and_then(|exchange| exchange.answer.as_ref()).and_then(|answer| crate::json::parse(&answer.text()).ok());
    let claims = |name: &'static str| {
        let claims = jwt::claims(body.as_ref()?.get(name)?).ok()?;
        Some((name, Value::Dict(claims)))
    };
    ["id_token", "access_token"].into_iter().filter_map(claims).collect()
}

fn fill_random(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(16) {
        // Without randomness from the system there is no safe login; zeroes would be one that looks safe.
        let random: [u8; 16] = sys::random().unwrap_or_else(|error| panic!("{error}"));
        chunk.copy_from_slice(&random[..chunk.len()]);
    }
}

/// The browser leg of one login, and what is told of it afterwards.
struct Journey<'a> {
    args: &'a LoginArgs,
    prepared: &'a Prepared,
    cx: &'a Context<'a>,
    world: &'a World,
    demo: Option<&'a Demo>,
    authorize_url: Option<String>,
    redirect_uri: Option<String>,
}

impl Journey<'_> {
    /// Sends the browser out and waits for it to come back.
    fn callback(&mut self, plan: &Plan, redactor: &Redactor) -> Result<(Callback, Pending), Failure> {
        let (way, redirect_uri) = match &plan.catch {
            Catch::Paste { told } => (Way::Paste { asked: self.args.browser.paste }, told.clone()),
            Catch::Listen { spec, told } => {
                let host = told.as_deref().map(|url| Split::of(url).netloc);
                let names: Vec<&str> = host.iter().map(String::as_str).collect();
                let listener = Listener::bind(spec, &names).map_err(of_flow)?;
                let own = listener.redirect_uri(&plan.path);
                (Way::Listen(listener), told.clone().unwrap_or(own))
            }
        };
        if let Some(demo) = self.demo {
            demo.provider.register_redirect_uri(&redirect_uri);
        }
        let (url, mut callback) = self.begin(redirect_uri.clone(), redactor)?;
        let (prepared, cx) = (self.prepared, self.cx);
        let waiting = callback.clone();
        let mut judge = move |args: &CallbackArgs| judge(prepared, cx, &waiting, args);
        let base_url = &self.prepared.base_url;
        let page = redirect::callback_page(&self.prepared.settings);
        let redirected = (plan.path == route::hub_path(base_url, &page) && base_url == "/").then_some(page.as_str());
        let leg = Leg {
            world: self.world,
            way,
            wish: self.wish(),
            driver: self.driver(),
            authorize_url: &url,
            redirect_uri: &redirect_uri,
            callback_path: &plan.path,
            redirected_path: redirected,
            timeout: Duration::from_secs(self.args.browser.timeout.unwrap_or(TIMEOUT)),
        };
        let Caught { args, browser } = leg::run(leg, &mut judge).map_err(|error| self.flow_failure(error))?;
        callback.arguments = arguments(&args).map_err(of_flow)?;
        learn_code(&callback, redactor);
        Ok((callback, browser))
    }

    /// A failure of the browser leg; where the redirect_uri led there, with the setting that it comes from.
    fn flow_failure(&self, error: FlowError) -> Failure {
        let settings = &self.prepared.settings;
        let ours = matches!(error.code, "paste-needs-terminal" | "callback-not-served" | "paste-eof");
        let configured = ours && settings.is_set("oauth_callback_url") && self.args.browser.callback_url.is_none();
        let mut error = error;
        if matches!(error.code, "timeout" | "no-callback")
            && let Some(reason) = self.prepared.auth.silence(self.cx)
        {
            error.message = format!("{}: {reason}", error.message);
        }
        Failure {
            setting: configured.then(|| settings.name_of("oauth_callback_url")),
            span: if configured { settings.span_of("oauth_callback_url").cloned() } else { None },
            ..of_flow(error)
        }
    }

    fn wish(&self) -> Wish {
        Wish { never: self.args.browser.no_browser, command: self.args.browser.browser_cmd.clone() }
    }

    /// The embedded provider needs no browser: where there is none, the plain user walks through by itself.
    fn driver(&self) -> Option<Driver> {
        let provider = &self.demo?.provider;
        let named = self.args.demo.demo_user.as_deref();
        let no_browser = matches!(browser::decide(&self.wish(), self.world), browser::Plan::Nothing(_));
        if named.is_none() && (!no_browser || self.args.browser.no_browser) {
            return None;
        }
        provider.set_auto_person(Some(named.unwrap_or(demo::people()[0].name)));
        Some(agent::driver(agent::fetch, Duration::from_secs(60)))
    }

    /// The authorize URL, and a callback that lacks only the browser's arguments.
    fn begin(&mut self, redirect_uri: String, redactor: &Redactor) -> Result<(String, Callback), Failure> {
        self.redirect_uri = Some(redirect_uri.clone());
        let begin = self.prepared.begin(self.cx, &redirect_uri).map_err(|failure| *failure)?;
        for (name, value) in begin.session.0.iter() {
            if name.as_str() != Some("state_id") {
                redactor.learn(&value.to_text());
            }
        }
        self.authorize_url = Some(begin.url.clone());
        if !Split::of(&begin.url).is_web() {
            return Err(self.no_authorize_url(&begin.url));
        }
        Ok((begin.url, Callback { arguments: Vec::new(), session: begin.session, redirect_uri }))
    }

    fn no_authorize_url(&self, url: &str) -> Failure {
        let settings = &self.prepared.settings;
        let setting = settings.name_of("authorize_url");
        // Where the provider names it, the settings do not know it.
        let shown = url.split('?').next().unwrap_or_default();
        let (code, what) = match shown {
            "" => ("url-missing", "is empty, so the browser would come back to the hub at once, for ever".to_owned()),
            other => ("url-invalid", format!("is no web address: `{other}`")),
        };
        Failure {
            stage: Stage::Authorize,
            code,
            message: format!("{setting} {what}"),
            fix: format!("set {setting} to the provider's authorization endpoint, with https://"),
            setting: Some(setting),
            span: settings.span_of("authorize_url").cloned(),
            hub_status: Some(302),
        }
    }
}

fn judge(prepared: &Prepared, cx: &Context<'_>, waiting: &Callback, args: &CallbackArgs) -> Judgement {
    let arguments = match arguments(args) {
        Ok(arguments) => arguments,
        Err(error) => return Judgement::Refuse(error),
    };
    match prepared.check_arguments(cx, &Callback { arguments, ..waiting.clone() }) {
        Ok(()) => Judgement::Accept,
        Err(refusal) => {
            let message = match &refusal.raised {
                crate::failure::Raised::Http { message, .. } => message.clone(),
                other => other.message(),
            };
            let mut error = FlowError::new(refusal.code, message).with_fix(refusal_fix(refusal.code));
            error.hub_status = refusal.raised.hub_status();
            if refusal.ours { Judgement::End(error) } else { Judgement::Refuse(error) }
        }
    }
}

fn refusal_fix(code: &str) -> &'static str {
    match code {
        "provider-error" => {
            "the provider refused: its words name the cause, such as a scope, a policy or a missing consent"
        }
        "no-code" => "see that nothing between browser and hub drops the query from the address",
        _ => "start the login again and finish it in the same window; an old tab or bookmark cannot be used",
    }
}

/// The arguments that the hub asks a callback for.
const ASKED_FOR: &[&str] = &["error", "error_description", "code", "state"];

fn arguments(args: &CallbackArgs) -> Result<Vec<(String, String)>, FlowError> {
    let mut arguments = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for name in args.names() {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        // The hub decodes only what it asks for; anything else may be as malformed as it likes.
        match args.all(name) {
            Ok(values) => arguments.extend(values.into_iter().map(|value| (name.to_owned(), value))),
            Err(error) if ASKED_FOR.contains(&name) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(arguments)
}

fn learn_code(callback: &Callback, redactor: &Redactor) {
    for name in ["code", "oauth_verifier", "oauth_token"] {
        if let Some(value) = callback.argument(name) {
            redactor.learn(value);
        }
    }
}

fn of_flow(error: FlowError) -> Failure {
    Failure {
        stage: Stage::Callback,
        code: error.code,
        message: error.message,
        setting: None,
        span: None,
        fix: error.fix.unwrap_or_default(),
        hub_status: error.hub_status,
    }
}

/// The status of the page that shows the verdict.
fn page_status(login: &Login) -> u16 {
    match login.outcome {
        Outcome::Allowed => 200,
        _ => {
            login.failure.as_ref().and_then(|failure| failure.hub_status).filter(|status| *status >= 400).unwrap_or(500)
        }
    }
}

/// The page that the browser ends on.
fn page(login: &Login, redactor: &Redactor) -> VerdictPage {
    let name = login.model.as_ref().map(|model| redactor.text(&model.name.to_text()));
    let (outcome, title) = match (login.outcome, &name) {
        (Outcome::Allowed, Some(name)) => (pages::Outcome::Allowed, format!("{name} may enter")),
        (Outcome::Denied, Some(name)) => (pages::Outcome::Denied, format!("{name} is turned away")),
        _ => (pages::Outcome::Failed, "The login fails".to_owned()),
    };
    let mut page = VerdictPage::new(outcome, title);
    // A title that says it already need not say it twice.
    page.name = name.filter(|_| login.outcome == Outcome::Failed);
    if let Some(failure) = &login.failure {
        page.lines.push(("why".into(), redactor.text(&failure.message)));
        page.hint = Some(redactor.text(&failure.fix));
    }
    for check in &login.decision {
        page.lines.push((check.check.clone(), redactor.text(&check.because)));
    }
    page
}
