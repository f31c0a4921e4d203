//! Waiting for the callback: which requests count, what the others are answered, and when it is over.

use std::io::Read;
use std::time::{Duration, Instant};

use tiny_http::{Method, Request};

use super::arguments::CallbackArgs;
use super::listener::{Event, Listener};
use super::pages::{self, VerdictPage};
use super::paste;
use super::progress::Progress;
use super::response::{Response, send, send_and_wait};
use super::{FlowError, Judge, Judgement};

/// The longest address that is looked at: tornado's bound on a whole head.
const LONGEST_ADDRESS: usize = 64 * 1024;

/// The longest posted form that is read.
const LONGEST_FORM: u64 = 64 * 1024;

/// How often the progress line moves.
const TICK: Duration = Duration::from_millis(120);

/// What is waited for.
pub struct Wait<'a> {
    /// Where the short local address sends the browser.
    pub authorize_url: &'a str,
    /// The one path at which a callback counts.
    pub callback_path: &'a str,
    /// A path that the hub redirects to the callback's, and so do we.
    pub redirected_path: Option<&'a str>,
    /// How long.
    pub timeout: Duration,
    /// Says which callback is ours.
    pub judge: &'a mut Judge<'a>,
    /// What the terminal shows meanwhile.
    pub progress: &'a mut Progress,
}

/// The callback that was waited for.
#[derive(Debug)]
pub struct Caught {
    /// Its arguments.
    pub args: CallbackArgs,
    /// The browser, which waits for the verdict.
    pub browser: Pending,
}

/// A browser that waits for a page, or nobody, where the address was pasted.
pub struct Pending {
    request: Option<Request>,
}

impl Pending {
    /// Nobody waits.
    pub fn nobody() -> Pending {
        Pending { request: None }
    }

    /// Shows the verdict, with the status that the hub would have answered with.
    pub fn respond(mut self, status: u16, page: &VerdictPage) {
        if let Some(request) = self.request.take() {
            send_and_wait(request, Response::page(status, page.html()));
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            let page = VerdictPage::new(pages::Outcome::Failed, "The login stopped before there was a verdict");
            send_and_wait(request, Response::page(500, page.html()));
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let who = if self.request.is_some() { "a browser" } else { "nobody" };
        write!(out, "Pending({who})")
    }
}

/// The short local path that leads to the provider.
pub fn short_path(callback_path: &str) -> &'static str {
    if callback_path == "/" { "/login" } else { "/" }
}

impl Listener {
    /// Waits for the callback. Where none is accepted in time, the failure is the most telling refusal, if there was
    /// one, rather than a time-out.
    pub fn wait(&self, wait: Wait<'_>) -> Result<Caught, FlowError> {
        let (begun, timeout) = (Instant::now(), wait.timeout);
        let mut waiting = Waiting { listener: self, wait, remembered: None, refused: 0 };
        let outcome = loop {
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break waiting.unsuccessful(|| timed_out(timeout));
            }
            waiting.wait.progress.tick(left);
            if let Ok(event) = self.events.recv_timeout(left.min(TICK))
                && let Some(outcome) = waiting.handle(event)
            {
                break outcome;
            }
        };
        waiting.wait.progress.finish();
        outcome
    }
}

fn timed_out(timeout: Duration) -> FlowError {
    let seconds = timeout.as_secs();
    let message = format!("no callback came within {seconds} second{}", if seconds == 1 { "" } else { "s" });
    FlowError::new("timeout", message).with_fix(
        "give it longer with --timeout; if the browser stopped at a page of the provider, that page names the cause; \
         if it ended on an address that couldn't be reached, log in again with --paste and paste that address",
    )
}

struct Waiting<'w, 'a> {
    listener: &'w Listener,
    wait: Wait<'a>,
    remembered: Option<FlowError>,
    refused: usize,
}

/// How many refusals are told of: a page somewhere may send them by the thousand.
const TOLD: usize = 5;

type Over = Option<Result<Caught, FlowError>>;

impl Waiting<'_, '_> {
    fn handle(&mut self, event: Event) -> Over {
        match event {
            Event::Request(request) => self.request(request),
            Event::Form(request, body) => self.form(request, body),
            Event::Pasted(text) => self.pasted(&text),
            Event::Say(text) => {
                self.wait.progress.say(&text);
                None
            }
            Event::Fail(error) => Some(Err(error)),
            Event::GiveUp => {
                let nobody = || FlowError::new("no-callback", "the login ended without a callback");
                Some(self.unsuccessful(nobody))
            }
        }
    }

    fn request(&mut self, request: Request) -> Over {
        if let Some(response) = self.turned_away(&request) {
            send(request, response);
            return None;
        }
        let address = origin_form(request.url()).to_owned();
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        let response = if path == self.wait.callback_path {
            match request.method() {
                Method::Get if is_prefetch(&request) => Response::empty(503),
                Method::Get => return self.callback(request, query),
                Method::Post => {
                    self.read_form(request);
                    return None;
                }
                // As tornado answers where a handler has only `get`.
                _ => Response::empty(405).with("Allow", "GET"),
            }
        } else {
            self.aside(&request, path, query)
        };
        send(request, response);
        None
    }

    /// Requests that are not even looked at.
    fn turned_away(&self, request: &Request) -> Option<Response> {
        if request.url().len() > LONGEST_ADDRESS {
            return Some(Response::empty(414));
        }
        let ours = match header(request, "Host") {
            Some(host) => self.listener.answers_to(host),
            // Only HTTP/1.0 may do without, and no browser speaks it.
            None => *request.http_version() <= (1, 0),
        };
        let explanation = "This address answers only when it is called by its own name.";
        (!ours).then(|| Response::page(421, pages::stray("Not the name of this address", explanation)))
    }

    /// Answers at any other path than the callback's.
    fn aside(&mut self, request: &Request, path: &str, query: &str) -> Response {
        let reading = matches!(request.method(), Method::Get | Method::Head);
        if *request.method() == Method::Options {
            return Response::empty(204).with("Allow", "GET, HEAD, OPTIONS");
        }
        if reading && self.wait.redirected_path == Some(path) {
            let separator = if query.is_empty() { "" } else { "?" };
            return Response::redirect(&format!("{}{separator}{query}", self.wait.callback_path));
        }
        if reading && path == short_path(self.wait.callback_path) && !names_answer(query) {
            return Response::redirect(self.wait.authorize_url);
        }
        if path == "/favicon.ico" {
            return Response::empty(204);
        }
        if names_answer(query) {
            let message = format!("a callback came to {path}, but the hub's is {}", self.wait.callback_path);
            let error = FlowError::new("callback-not-served", message).with_hub_status(404);
            self.remember(
                error.with_fix("let the redirect URI that is registered at the provider end in the hub's path"),
            );
        }
        let explanation = format!(
            "Nothing is served here. The provider is expected to send the browser to {}.",
            self.wait.callback_path
        );
        Response::page(404, pages::stray("Not the callback", &explanation))
    }

    fn callback(&mut self, request: Request, query: &str) -> Over {
        let judged = CallbackArgs::parse(query).map(|args| ((self.wait.judge)(&args), args));
        match judged {
            Ok((Judgement::Accept, args)) => Some(Ok(Caught { args, browser: Pending { request: Some(request) } })),
            Ok((Judgement::Refuse(error), _)) | Err(error) => {
                send(request, refusal(&error, true));
                self.refuse(error);
                None
            }
            Ok((Judgement::End(error), _)) => {
                send_and_wait(request, refusal(&error, false));
                Some(Err(error))
            }
        }
    }

    /// Reads a posted form where it may take its time.
    fn read_form(&self, mut request: Request) {
        let events = self.listener.sender.clone();
        std::thread::spawn(move || {
            let mut body = Vec::new();
            let read = request.as_reader().take(LONGEST_FORM + 1).read_to_end(&mut body);
            let whole = read.is_ok_and(|length| length as u64 <= LONGEST_FORM);
            let _ = events.send(Event::Form(request, whole.then_some(body)));
        });
    }

    /// A form is never what the hub takes; whose it is decides only whether waiting on makes sense.
    fn form(&mut self, request: Request, body: Option<Vec<u8>>) -> Over {
        let error = FlowError::new("form-post", "the provider posted a form to the callback, which the hub refuses: '_xsrf' argument missing from POST")
            .with_fix("the hub takes its callback from the address only: remove response_mode=form_post from extra_authorize_params, or set response_mode=query at the provider")
            .with_hub_status(403);
        let Some(body) = body else {
            send(request, Response::empty(413));
            self.refuse(error);
            return None;
        };
        let judged = CallbackArgs::parse_form(&body).map(|args| (self.wait.judge)(&args));
        if let Ok(Judgement::Accept | Judgement::End(_)) = judged {
            send_and_wait(request, refusal(&error, false));
            return Some(Err(error));
        }
        send(request, refusal(&error, true));
        self.refuse(error);
        None
    }

    fn pasted(&mut self, text: &str) -> Over {
        let redirect_uri = self.listener.redirect_uri(self.wait.callback_path);
        let pasted = match paste::read(text, &redirect_uri) {
            Ok(pasted) => pasted,
            Err(error) => {
                let fix = error.fix.map(|fix| format!("; {fix}")).unwrap_or_default();
                self.wait.progress.say(&format!("{}{fix}", error.message));
                return None;
            }
        };
        for warning in &pasted.warnings {
            self.wait.progress.say(warning);
        }
        match (self.wait.judge)(&pasted.args) {
            Judgement::Accept => Some(Ok(Caught { args: pasted.args, browser: Pending::nobody() })),
            Judgement::End(error) => Some(Err(error)),
            Judgement::Refuse(error) => {
                self.refuse(error);
                None
            }
        }
    }

    /// The failure of a wait in which no callback was accepted.
    fn unsuccessful(&mut self, otherwise: impl FnOnce() -> FlowError) -> Result<Caught, FlowError> {
        Err(self.remembered.take().unwrap_or_else(otherwise))
    }

    fn refuse(&mut self, error: FlowError) {
        self.refused += 1;
        if self.refused <= TOLD {
            let message = &error.message;
            self.wait.progress.say(&format!("refused a callback, as the hub would: {message}; still waiting"));
        }
        self.remember(error);
    }

    /// Keeps the last refusal, but not one that tells less than an earlier one.
    fn remember(&mut self, error: FlowError) {
        let tells = |error: &FlowError| u8::from(TELLING.contains(&error.code));
        if self.remembered.as_ref().is_none_or(|earlier| tells(&error) >= tells(earlier)) {
            self.remembered = Some(error);
        }
    }
}

/// Refusals of what was meant as an answer to us; the others may be anybody's.
const TELLING: &[&str] = &["state-mismatch", "provider-error", "form-post", "callback-not-served"];

fn refusal(error: &FlowError, waiting: bool) -> Response {
    let status = error.hub_status.unwrap_or(400);
    Response::page(status, pages::refusal(status, &error.message, waiting))
}

/// The path and query of a request's target, also where it names the host (RFC 9112, 3.2.2).
fn origin_form(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://").filter(|(scheme, _)| scheme.starts_with("http")) else {
        return target;
    };
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn header<'r>(request: &'r Request, name: &'static str) -> Option<&'r str> {
    request.headers().iter().find(|header| header.field.equiv(name)).map(|header| header.value.as_str())
}

/// Whether the browser only fetches ahead, before anybody went there.
fn is_prefetch(request: &Request) -> bool {
    ["Sec-Purpose", "Purpose", "X-Moz", "X-Purpose"]
        .iter()
        .filter_map(|name| header(request, name))
        .any(|value| ["prefetch", "preview"].iter().any(|word| value.to_ascii_lowercase().contains(word)))
}

/// Whether a query looks like a provider's answer.
fn names_answer(query: &str) -> bool {
    let answers = |args: CallbackArgs| {
        let has = |name| args.has(name);
        (has("state") && (has("code") || has("error"))) || (has("oauth_token") && has("oauth_verifier"))
    };
    CallbackArgs::parse(query).is_ok_and(answers)
}
