//! The network of `--online`, shared by all hubs of a run: every distinct request is made once, and a host that does
//! not answer is not asked again.
//!
//! Limits: no redirect is followed, a quarter of a megabyte of an answer is kept, and no request waits longer than the hub would
//! or than was asked for.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::Skew;
use crate::failure::Raised;
use crate::http::{Answer, Call, Exchange, Http, Network, Options, check_status};
use crate::pyurl::Split;

/// The most that is kept of an answer.
const KEPT: usize = 256 * 1024;

/// How many time-outs' time a server may take in a run with answers that come only just in time.
const PATIENCE: u32 = 6;

/// What became of a request.
#[derive(Clone)]
struct Outcome {
    result: Result<Answer, Raised>,
    elapsed: Duration,
    skew: Option<Skew>,
}

type Shared<T> = Arc<OnceLock<T>>;

/// What all hubs of a run share.
pub struct Pool {
    /// How long a request may take.
    timeout: Duration,
    /// Authorities that are trusted too.
    extra_ca: Vec<Vec<u8>>,
    /// The proxy that was asked for.
    proxy: Option<String>,
    /// The time in seconds since 1970.
    now: Box<dyn Fn() -> f64 + Sync + Send>,
    /// Hears of every host before it is first asked.
    progress: Box<dyn Fn(&str) + Sync + Send>,
    outcomes: Mutex<HashMap<String, Shared<Outcome>>>,
    silent: Mutex<HashMap<String, Raised>>,
    spent: Mutex<HashMap<String, Duration>>,
    asked: Mutex<HashSet<String>>,
}

impl Pool {
    /// Nothing is asked or loaded yet.
    pub fn new(
        timeout: Duration,
        extra_ca: Vec<Vec<u8>>,
        proxy: Option<String>,
        now: impl Fn() -> f64 + Sync + Send + 'static,
        progress: impl Fn(&str) + Sync + Send + 'static,
    ) -> Pool {
        Pool {
            timeout,
            extra_ca,
            proxy,
            now: Box::new(now),
            progress: Box::new(progress),
            outcomes: Mutex::default(),
            silent: Mutex::default(),
            spent: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    /// The proxy that all requests go through.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    /// A client for one hub with the hub's own options.
    pub fn client(&self, options: Options) -> Client<'_> {
        let mut options = options;
        options.request_timeout = options.request_timeout.min(self.timeout);
        options.connect_timeout = options.connect_timeout.min(self.timeout);
        options.max_redirects = 0;
        options.extra_ca.extend(self.extra_ca.iter().cloned());
        if self.proxy.is_some() {
            options.proxy = self.proxy.clone();
        }
        let mut hasher = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&format!("{options:?}"), &mut hasher);
        let way = std::hash::Hasher::finish(&hasher);
        Client { pool: self, options, way, exchanges: RefCell::default(), skew: RefCell::default() }
    }

    /// The outcome of a request, from whoever made it first.
    fn outcome(&self, client: &Client<'_>, call: &Call) -> Outcome {
        let key = format!("{} {call:?}", client.way);
        let outcome = Arc::clone(lock(&self.outcomes).entry(key).or_default());
        outcome.get_or_init(|| self.make(client, call)).clone()
    }

    fn make(&self, client: &Client<'_>, call: &Call) -> Outcome {
        let host = Split::of(&call.url).netloc;
        let server = format!("{} {:?} {}", client.way, call.validate_cert, origin(&call.url));
        if let Some(raised) = lock(&self.silent).get(&server) {
            return Outcome { result: Err(raised.clone()), elapsed: Duration::ZERO, skew: None };
        }
        if lock(&self.asked).insert(host.clone()) {
            (self.progress)(host.rsplit('@').next().unwrap_or(&host));
        }
        if *lock(&self.spent).entry(server.clone()).or_default() > self.timeout * PATIENCE {
            let raised = Raised::Client { status: 599, message: "Timeout: every answer takes long".into() };
            return Outcome { result: Err(raised), elapsed: Duration::ZERO, skew: None };
        }
        let network = Network::new(client.options.clone());
        let result = network.fetch_any(call).map(kept);
        let result = result.or_else(|raised| redirect_answer(&network).ok_or(raised));
        let elapsed: Duration = network.exchanges().iter().map(|exchange| exchange.elapsed).sum();
        if elapsed > self.timeout / 2 {
            *lock(&self.spent).entry(server.clone()).or_default() += elapsed;
        }
        if let Err(raised) = result.as_ref()
            && is_silence(raised)
        {
            lock(&self.silent).insert(server, raised.clone());
        }
        let skew = result.as_ref().ok().and_then(|answer| Skew::of(answer, &host, (self.now)()));
        Outcome { result, elapsed, skew }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn origin(url: &str) -> String {
    let split = Split::of(url);
    format!("{}://{}", split.scheme, split.netloc)
}

fn kept(mut answer: Answer) -> Answer {
    answer.body.truncate(KEPT);
    answer
}

/// `requests` raises where a redirect is one too many; the answer itself is what counts here.
fn redirect_answer(network: &Network) -> Option<Answer> {
    let answer = network.exchanges().pop()?.answer?;
    (300..400).contains(&answer.status).then(|| kept(answer))
}

/// Whether the host would let the next request wait, or fail, in the same way.
fn is_silence(raised: &Raised) -> bool {
    match raised {
        Raised::Exception { class, .. } => {
            ["gaierror", "ConnectionRefusedError", "OSError", "SSLCertVerificationError", "SSLError"].contains(class)
        }
        Raised::Client { status: 599, message } => message.starts_with("Timeout"),
        _ => false,
    }
}

/// The requests of one hub.
pub struct Client<'a> {
    pool: &'a Pool,
    options: Options,
    /// What distinguishes its requests from those of hubs with other options.
    way: u64,
    exchanges: RefCell<Vec<Exchange>>,
    skew: RefCell<Option<Skew>>,
}

impl Client<'_> {
    /// The smallest difference that an answer showed: what a cache in between adds only makes it larger.
    pub fn skew(&self) -> Option<Skew> {
        self.skew.borrow().clone()
    }

    fn note(&self, skew: Option<Skew>) {
        let Some(skew) = skew else { return };
        let mut smallest = self.skew.borrow_mut();
        if smallest.as_ref().is_none_or(|other| skew.seconds.abs() < other.seconds.abs()) {
            *smallest = Some(skew);
        }
    }
}

impl Http for Client<'_> {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        let outcome = self.pool.outcome(self, call);
        self.note(outcome.skew);
        self.exchanges.borrow_mut().push(Exchange {
            stage: call.stage,
            method: call.method.to_owned(),
            url: call.url.clone(),
            request_headers: call.headers.clone(),
            form: call.form.clone(),
            answer: outcome.result.as_ref().ok().cloned(),
            error: outcome.result.as_ref().err().map(Raised::message),
            elapsed: outcome.elapsed,
        });
        match self.options.requests {
            // requests leaves it to its caller to look at the status.
            Some(_) => outcome.result,
            None => check_status(outcome.result?),
        }
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }
}
