//! The operator's own Python: the hub's configuration and its class, stock or not, run there while the browser leg, the
//! listener and the report stay here.
//!
//! One child process, started only where `--python` asks for it. It loads the configuration as JupyterHub does, sends
//! the real handlers through the login, and tells of every request it makes. Each call has a deadline, and whatever the
//! child has started ends with it.

mod carry;
#[cfg(unix)]
mod descent;
mod message;
#[cfg(unix)]
mod process;
#[cfg(not(unix))]
#[path = "nowhere.rs"]
mod process;
mod settings;
mod words;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::authenticator::{AuthModel, Begin, Callback, CheckResult, Context, Refusal, Session};
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Raised, Stage};
use crate::http::{Answer, Call, Exchange, Http, Network, Options};
use crate::json;
use crate::refresh::Refreshed;
use crate::resolution::{End, Verdict};
use crate::source::Parts;
use crate::value::{Dict, Value};

use carry::LeftOut;
use message::{Exception, is_true, text};
use process::{Broken, Process};

pub use message::Frame;

/// The child's program; it comes in parts only so that each can be read.
const PROGRAM: &str = concat!(
    include_str!("child/channel.py"),
    "\n\n",
    include_str!("child/values.py"),
    "\n\n",
    include_str!("child/places.py"),
    "\n\n",
    include_str!("child/chart.py"),
    "\n\n",
    include_str!("child/wire.py"),
    "\n\n",
    include_str!("child/clients.py"),
    "\n\n",
    include_str!("child/hub.py"),
    "\n\n",
    include_str!("child/main.py"),
);

/// What the child is to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The interpreter, as typed.
    pub interpreter: String,
    /// The configuration's files, the lowest first, each with its name in messages.
    pub files: Vec<(PathBuf, String)>,
    /// A configuration that is no Python or JSON file, taken apart.
    pub parts: Option<Parts>,
    /// `--set`, as a tree.
    pub set: Json,
    /// The options that reading knows, of which another release may lack some.
    pub options: Vec<String>,
    /// The users in the hub's database.
    pub existing_users: Vec<String>,
    /// The lines of `--system-users`.
    pub system_users: Option<String>,
    /// The hub's environment.
    pub environment: Vec<(String, String)>,
    /// Authorities to trust beside the system's.
    pub ca_certs: Vec<PathBuf>,
    /// Our own client, where it makes Python's requests.
    pub through: Option<Options>,
    /// Origins, and where others stand in for them.
    pub reroute: Vec<(String, String)>,
    /// Whether the hub's start-up is played through, too.
    pub start: bool,
    /// How long loading may take.
    pub loading: Duration,
    /// How long everything together may take.
    pub timeout: Duration,
}

/// A configuration that is loaded in the child.
pub struct Bridge {
    process: RefCell<Process>,
    until: Instant,
    heard: RefCell<Heard>,
    loaded: Value,
    left_out: Vec<LeftOut>,
    through: Option<Network>,
}

/// Where a logout led.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedOut {
    /// Away from the hub's own pages.
    pub redirect: Option<String>,
    /// Else whether it is the login page, and not that of the logout.
    pub login_page: bool,
}

/// What the child has told beside its answers.
#[derive(Default)]
struct Heard {
    exchanges: Vec<Exchange>,
    logs: Vec<(String, String)>,
    methods: Vec<(String, Value)>,
    versions: Option<Value>,
    stage: Option<Stage>,
    doing: String,
    stuck: Option<crate::span::Span>,
    exception: Option<Exception>,
    set: Vec<(String, Value)>,
}

/// A failure, and what else there is to say.
pub struct Stopped {
    /// The failure.
    pub failure: Box<Failure>,
    /// What else was found.
    pub warnings: Vec<Diagnostic>,
    /// What had been set until then, by name: secrets are among it.
    pub set: Vec<(String, Value)>,
}

impl Bridge {
    /// Starts the interpreter and loads the configuration in it.
    pub fn load(request: &Request) -> Result<Bridge, Stopped> {
        let process = Process::start(&request.interpreter, PROGRAM, &request.environment)
            .map_err(|error| Stopped::at_once(words::no_interpreter(&request.interpreter, &error)))?;
        let now = Instant::now();
        let mut bridge = Bridge {
            process: RefCell::new(process),
            until: now + request.timeout,
            heard: RefCell::default(),
            loaded: Value::None,
            left_out: Vec::new(),
            through: request.through.clone().map(Network::new),
        };
        let limit = request.loading.min(request.timeout);
        let (message, left_out) = request.message();
        bridge.left_out = left_out;
        let answer = match bridge.ask(message, now + limit, &|call| bridge.fetched(call)) {
            Ok(answer) => answer,
            Err(broken) => {
                let failure = bridge.broken(&broken, Stage::Config, limit);
                return Err(bridge.stopped(failure));
            }
        };
        let refused = match answer.get("raised") {
            Some(raised) => Some(words::not_loaded(bridge.remember(raised))),
            None => words::not_a_hub(&answer, &request.interpreter),
        };
        if let Some(failure) = refused {
            return Err(bridge.stopped(failure));
        }
        bridge.loaded = answer;
        Ok(bridge)
    }

    /// The name of the class that runs.
    pub fn class(&self) -> &str {
        text(&self.loaded, "class")
    }

    /// `JupyterHub.base_url`.
    pub fn base_url(&self) -> &str {
        text(&self.loaded, "base_url")
    }

    /// The entries of a `MultiAuthenticator`: the names of each, its class and its page; `None` where another class runs.
    pub fn entries(&self) -> Option<Vec<(Vec<String>, String, String)>> {
        let Some(Value::List(entries)) = self.loaded.get("entries") else { return None };
        let one = |entry: &Value| {
            let names = message::list(entry, "names").iter().map(Value::to_text).collect();
            (names, text(entry, "class").to_owned(), text(entry, "page").to_owned())
        };
        Some(entries.iter().map(one).collect())
    }

    /// Goes on with one of these entries.
    pub fn pick(&mut self, index: usize) -> Result<(), Box<Failure>> {
        let answer = self.call(json!({"do": "pick", "index": index}), Stage::Config, &|call| self.fetched(call))?;
        if let Some(raised) = answer.get("raised") {
            return Err(Box::new(words::not_loaded(self.remember(raised))));
        }
        if let Some(failure) = words::not_a_hub(&answer, "") {
            return Err(Box::new(failure));
        }
        self.loaded = answer;
        Ok(())
    }

    /// The settings that the authenticator has there, each with the place that reading finds for it.
    pub fn settings(&self, read: &crate::source::Loaded) -> Option<crate::settings::Settings> {
        settings::joined(&self.loaded, read, &self.left_out)
    }

    /// What the configuration set, by name: secrets are among it.
    pub fn set(&self) -> Vec<(String, Value)> {
        self.heard.borrow().set.clone()
    }

    /// Whether an option stands in the configuration with a value that is not here.
    pub fn leaves_out(&self, option: &str) -> bool {
        self.left_out.iter().any(|left| left.option == option)
    }

    fn stopped(&self, failure: Failure) -> Stopped {
        Stopped { failure: Box::new(failure), warnings: self.warnings(), set: self.set() }
    }

    /// `login_handler`'s redirect.
    pub fn begin(&self, redirect_uri: &str) -> Result<Begin, Box<Failure>> {
        let answer = self
            .call(json!({"do": "begin", "redirect_uri": redirect_uri}), Stage::Authorize, &|call| self.fetched(call))?;
        if let Some(raised) = answer.get("raised") {
            return Err(Box::new(words::raised(self.remember(raised), Stage::Authorize)));
        }
        let mut session = Dict::new();
        session.insert("cookie", Value::str(text(&answer, "cookie")));
        Ok(Begin { url: text(&answer, "url").to_owned(), session: Session(session) })
    }

    /// `callback_handler.check_arguments`.
    pub fn check_arguments(&self, callback: &Callback) -> Result<(), Refusal> {
        let answer = self.call(callback_message("check", callback, false), Stage::Callback, &|call| self.fetched(call));
        let answer = answer.map_err(|failure| Refusal {
            raised: Raised::Unsupported { what: failure.message, setting: None, span: None },
            code: failure.code,
            ours: true,
        })?;
        let Some(refused) = answer.get("refused").or_else(|| answer.get("raised")) else { return Ok(()) };
        let raised = message::exception(refused).raised;
        let code = match &raised {
            Raised::Http { message, .. } if message.starts_with("OAuth error") => "provider-error",
            Raised::Http { message, .. } if message.contains("without a code") => "no-code",
            Raised::Http { .. } => "state-mismatch",
            _ => "exception",
        };
        Err(Refusal { raised, code, ours: is_true(&answer, "ours") })
    }

    /// `get_authenticated_user`. `offline`: requests are answered by the context, which holds saved answers.
    pub fn decide(&self, cx: &Context<'_>, callback: &Callback, offline: bool) -> Result<Verdict, Box<Failure>> {
        let saved = |call: &Call| match offline {
            true => fetched(cx.http, call),
            false => self.fetched(call),
        };
        let answer = self.call(callback_message("decide", callback, offline), Stage::Token, &saved)?;
        let stage = message::stage(&answer);
        let model = answer.get("model").and_then(|model| auth_model(&message::value(model)));
        self.note_decision(cx);
        let end = match answer.get("raised") {
            Some(raised) => {
                let exception = self.remember(raised);
                if exception.class == "Unsaved" {
                    let what = exception.raised.message().replace("Unsaved: ", "");
                    End::Raised(Raised::Unsupported { what, setting: None, span: None })
                } else {
                    End::Raised(exception.raised)
                }
            }
            None if is_true(&answer, "allowed") => End::Allowed,
            None => End::TurnedAway(self.turned_away_by()),
        };
        Ok(Verdict { model, stage, end })
    }

    /// `refresh_user`.
    pub fn refresh(&self, auth_state: &Value, name: Option<&str>) -> Result<Refreshed, Box<Failure>> {
        let request = json!({"do": "refresh", "auth_state": Json::from(auth_state), "name": name});
        let answer = self.call(request, Stage::Refresh, &|call| self.fetched(call))?;
        if let Some(raised) = answer.get("raised") {
            return Err(Box::new(words::raised(self.remember(raised), Stage::Refresh)));
        }
        let renewed = message::list(&answer, "called").contains(&Value::str("get_token_info"));
        let result = answer.get("result").map_or(Value::None, message::value);
        match (auth_model(&result), result.truth()) {
            (Some(model), _) if renewed => Ok(Refreshed::Renewed(model)),
            (Some(model), _) => Ok(Refreshed::Updated(model)),
            (None, Some(true)) => Ok(Refreshed::Unchanged),
            (None, _) => Ok(Refreshed::LoginNeeded(words::login_needed(&self.heard.borrow().logs, &result))),
        }
    }

    /// The class's own logout, for a user with this auth_state.
    pub fn log_out(&self, auth_state: &Value, name: Option<&str>) -> Result<LoggedOut, Box<Failure>> {
        let request = json!({"do": "log_out", "auth_state": Json::from(auth_state), "name": name});
        let answer = self.call(request, Stage::AuthState, &|call| self.fetched(call))?;
        if let Some(raised) = answer.get("raised") {
            return Err(Box::new(words::raised(self.remember(raised), Stage::AuthState)));
        }
        let url = text(&answer, "url").to_owned();
        let redirect = (!is_true(&answer, "own")).then_some(url.clone());
        Ok(LoggedOut { redirect, login_page: !url.is_empty() })
    }

    /// What of the traceback is the operator's own, in the failure's words and place.
    pub fn locate(&self, failure: &mut Failure) {
        let heard = self.heard.borrow();
        if let Some(exception) = &heard.exception {
            words::locate(failure, exception, &self.loaded);
        } else if failure.code == "not-allowed" || failure.code == "nobody-allowed" || failure.code == "blocked" {
            words::by_override(failure, &self.loaded);
        }
    }

    /// What is to be said beside the answer: versions, what was logged and printed, the traceback.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let (output, length) = self.process.borrow().output();
        let heard = self.heard.borrow();
        let mut warnings = words::versions(heard.versions.as_ref());
        warnings.extend(words::loaded(&self.loaded));
        warnings
            .extend(heard.logs.iter().map(|(level, message)| words::logged(level, message, heard.versions.as_ref())));
        warnings.extend(heard.exception.as_ref().and_then(words::traceback));
        warnings.extend(words::printed(&output, length));
        warnings
    }

    /// Ends the child.
    pub fn end(&self) {
        self.process.borrow_mut().end();
    }

    /// A call after loading: it has what is left of the time.
    fn call(&self, request: Json, stage: Stage, saved: &dyn Fn(&Call) -> Json) -> Result<Value, Box<Failure>> {
        // A browser that comes back in the last moment still gets an answer.
        let until = self.until.max(Instant::now() + Duration::from_secs(1));
        let limit = until.saturating_duration_since(Instant::now());
        self.heard.borrow_mut().stage = Some(stage);
        self.ask(request, until, saved).map_err(|broken| Box::new(self.broken(&broken, stage, limit)))
    }

    /// One question and its answer, with all that is told before it.
    fn ask(&self, mut request: Json, until: Instant, saved: &dyn Fn(&Call) -> Json) -> Result<Value, Broken> {
        let mut process = self.process.borrow_mut();
        request["limit"] = json!(until.saturating_duration_since(Instant::now()).as_secs_f64());
        process.say(&line(&request));
        loop {
            let line = process.hear(until)?;
            let Ok(message) = json::parse_bytes(&line) else { continue };
            match text(&message, "event") {
                "done" => return Ok(message.get("answer").cloned().unwrap_or(Value::None)),
                "fetch" => process.say(&self::line(&saved(&message::call(&message)))),
                _ => self.heard.borrow_mut().take(&message),
            }
        }
    }

    /// A request that we make for Python.
    fn fetched(&self, call: &Call) -> Json {
        match &self.through {
            Some(network) => fetched(network, call),
            None => json!({"unsaved": "no answers are saved"}),
        }
    }

    fn broken(&self, broken: &Broken, stage: Stage, limit: Duration) -> Failure {
        self.end();
        let heard = self.heard.borrow();
        let stage = heard.stage.unwrap_or(stage);
        match broken {
            Broken::TimedOut => words::timed_out(stage, &heard.doing, heard.stuck.clone(), limit),
            Broken::Ended(how) => words::ended(stage, &heard.doing, how.as_deref()),
        }
    }

    fn remember(&self, raised: &Value) -> Exception {
        let exception = message::exception(raised);
        self.heard.borrow_mut().exception = Some(exception.clone());
        exception
    }

    /// The decision, as far as the results of methods tell it.
    fn note_decision(&self, cx: &Context<'_>) {
        let heard = self.heard.borrow();
        let class = self.class();
        let prefix = self.loaded.get("wrapper").map(|wrapper| text(wrapper, "prefix"));
        for (method, result) in &heard.methods {
            // An entry of a `MultiAuthenticator` normalizes its prefix at every turn.
            if method == "normalize_username" && prefix.is_some() && result.as_str() == prefix {
                continue;
            }
            let truth = result.truth().unwrap_or(true);
            let (result, because) = match (method.as_str(), truth) {
                ("normalize_username", _) => (CheckResult::Pass, format!("the name is {}", result.repr())),
                ("validate_username" | "check_blocked_users", true) => {
                    (CheckResult::Pass, format!("{method} of {class} has no objection"))
                }
                ("check_allowed", true) => {
                    (CheckResult::Allow, format!("{method} of {class} returns {}", result.repr()))
                }
                ("validate_username" | "check_blocked_users" | "check_allowed", false) => {
                    (CheckResult::Deny, format!("{method} of {class} returns {}", result.repr()))
                }
                _ => continue,
            };
            let check = match method.as_str() {
                "validate_username" => "username",
                "check_blocked_users" => "blocked_users",
                other => other,
            };
            cx.decide(check, result, because);
        }
        let called = |name: &str| heard.methods.iter().any(|(method, _)| method == name);
        if called("check_blocked_users") && !called("check_allowed") && cx.settings.bool("allow_all").unwrap_or(false) {
            cx.decide("allow_all", CheckResult::Allow, "everyone who can log in may enter; no other rule is asked");
        }
    }

    fn turned_away_by(&self) -> &'static str {
        let heard = self.heard.borrow();
        let falsy = |name: &str| {
            heard
                .methods
                .iter()
                .rev()
                .find(|(method, _)| method == name)
                .is_some_and(|(_, result)| result.truth() == Some(false))
        };
        match () {
            () if falsy("validate_username") => "username",
            () if falsy("check_blocked_users") => "blocked_users",
            () if falsy("check_allowed") => "check_allowed",
            () => "authenticate",
        }
    }
}

/// Requests that Python made itself; nobody here makes any for it.
impl Http for Bridge {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        let what = format!("{} {} is for Python to ask", call.method, crate::http::bare(&call.url));
        Err(Raised::Unsupported { what, setting: None, span: None })
    }

    fn exchanges(&self) -> Vec<Exchange> {
        let own = self.through.iter().flat_map(Network::exchanges);
        own.chain(self.heard.borrow().exchanges.iter().cloned()).collect()
    }
}

impl Stopped {
    fn at_once(failure: Failure) -> Stopped {
        Stopped { failure: Box::new(failure), warnings: Vec::new(), set: Vec::new() }
    }
}

impl Heard {
    fn take(&mut self, message: &Value) {
        match text(message, "event") {
            "exchange" => self.exchanges.push(message::exchange(message)),
            "body" => {
                let exchange = message::number(message, "number").and_then(|number| self.exchanges.get_mut(number));
                if let Some(answer) = exchange.and_then(|exchange| exchange.answer.as_mut()) {
                    answer.body = message::unhex(text(message, "body"));
                }
            }
            "log" => self.logs.push((text(message, "level").to_owned(), text(message, "message").to_owned())),
            "method" => {
                let result = message.get("result").map_or(Value::None, message::value);
                self.methods.push((text(message, "name").to_owned(), result));
            }
            "stage" => {
                self.stage = Some(message::stage(message));
                self.doing = text(message, "method").to_owned();
            }
            "set" => {
                let value = message.get("value").map_or(Value::None, message::value);
                self.set.push((text(message, "option").to_owned(), value));
            }
            "stuck" => self.stuck = message::span(message),
            "versions" => self.versions = Some(message.clone()),
            _ => {}
        }
    }
}

impl Request {
    /// The question, and what it has to leave out.
    fn message(&self) -> (Json, Vec<LeftOut>) {
        let files: Vec<_> = self.files.iter().map(|(path, _)| path.to_string_lossy()).collect();
        let labels: Vec<_> = self.files.iter().map(|(path, label)| json!([path.to_string_lossy(), label])).collect();
        let (parts, left_out) = self.parts.as_ref().map(carry::parts).unzip();
        let left_out = left_out.unwrap_or_default();
        let message = json!({
            "do": "load",
            "files": files,
            "labels": labels,
            "parts": parts,
            "keys_made": left_out.iter().any(|left| left.class == "CryptKeeper"),
            "set": self.set,
            "options": self.options,
            "existing_users": self.existing_users,
            "system_users": self.system_users,
            "ca_certs": self.ca_certs,
            "reroute": self.reroute,
            "through": self.through.is_some(),
            "start": self.start,
        });
        (message, left_out)
    }
}

fn line(message: &Json) -> String {
    json::finish(&message.to_string())
}

/// What comes of a request, for the child.
fn fetched(http: &dyn Http, call: &Call) -> Json {
    match http.fetch_any(call) {
        Ok(answer) => json!({"answer": answer_json(&answer)}),
        Err(raised @ Raised::Unsupported { .. }) => json!({"unsaved": raised.message()}),
        Err(raised) => json!({"failed": raised.message()}),
    }
}

fn callback_message(what: &str, callback: &Callback, offline: bool) -> Json {
    let cookie = callback.session.0.get("cookie").and_then(Value::as_str);
    json!({"do": what, "arguments": callback.arguments, "cookie": cookie, "offline": offline})
}

fn answer_json(answer: &Answer) -> Json {
    let body: String = answer.body.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"status": answer.status, "reason": answer.reason, "headers": answer.headers, "body": body})
}

/// An auth model, where it is one.
fn auth_model(model: &Value) -> Option<AuthModel> {
    let dict = model.as_dict()?;
    let or_none = |name: &str| dict.get(name).cloned().unwrap_or(Value::None);
    Some(AuthModel {
        name: or_none("name"),
        admin: or_none("admin"),
        groups: dict.get("groups").cloned(),
        auth_state: or_none("auth_state"),
    })
}
