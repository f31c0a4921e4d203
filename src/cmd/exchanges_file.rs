//! The file that holds what a provider answered: what `login --save-exchanges` writes, and `resolve --from` decides
//! from again.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::cmd::state_file::write_private;
use crate::failure::{Failure, NO_SAVED_ANSWER, Raised, Stage};
use crate::http::{Answer, Call, Exchange, Http, bare, check_status};
use crate::source::disk;

const SCHEMA: &str = "oauthctl.exchanges/1";

/// Writes the exchanges, bodies and all, readable by their owner only.
pub fn write(path: &Path, exchanges: &[Exchange]) -> Result<(), Failure> {
    if path.exists() && read(path).is_err() {
        let message = format!("{} exists, and holds no exchanges that oauthctl saved", path.display());
        return Err(failure(message, "choose another name for --save-exchanges, so that nothing of yours is lost"));
    }
    let all: Vec<Json> = exchanges.iter().filter_map(to_json).collect();
    let document = json!({"schema": SCHEMA, "exchanges": all});
    let text = serde_json::to_string_pretty(&document).unwrap_or_default() + "\n";
    write_private(path, text.as_bytes()).map_err(|error| {
        failure(format!("{} cannot be written: {error}", path.display()), "choose another name for --save-exchanges")
    })
}

fn to_json(exchange: &Exchange) -> Option<Json> {
    let answer = exchange.answer.as_ref()?;
    Some(json!({
        "stage": exchange.stage.name(),
        "method": exchange.method,
        "url": exchange.url,
        "status": answer.status,
        "reason": answer.reason,
        "headers": answer.headers,
        "body_base64": STANDARD.encode(&answer.body),
    }))
}

/// One saved answer.
#[derive(Clone, Debug)]
struct Saved {
    stage: String,
    method: String,
    url: String,
    answer: Answer,
    used: bool,
}

/// Saved answers in place of the network.
pub struct Replay {
    saved: RefCell<Vec<Saved>>,
    exchanges: RefCell<Vec<Exchange>>,
}

/// Reads saved exchanges.
pub fn read(path: &Path) -> Result<Replay, Failure> {
    let shown = path.display();
    let fix = "name a file that `login --save-exchanges` wrote";
    let bytes = disk::read(path).map_err(|error| failure(format!("{shown} cannot be read: {error}"), fix))?;
    let not_ours = || failure(format!("{shown} holds no exchanges that oauthctl saved"), fix);
    let document: Json = serde_json::from_slice(&bytes).map_err(|_| not_ours())?;
    if document["schema"] != SCHEMA {
        return Err(not_ours());
    }
    let all = document["exchanges"].as_array().ok_or_else(not_ours)?;
    let saved = all.iter().map(from_json).collect::<Option<Vec<_>>>().ok_or_else(not_ours)?;
    Ok(Replay { saved: RefCell::new(saved), exchanges: RefCell::default() })
}

fn from_json(exchange: &Json) -> Option<Saved> {
    let text = |name: &str| exchange[name].as_str().map(str::to_owned);
    let headers: Vec<(String, String)> = serde_json::from_value(exchange["headers"].clone()).ok()?;
    Some(Saved {
        stage: text("stage")?,
        method: text("method")?,
        url: text("url")?,
        answer: Answer {
            status: exchange["status"].as_u64()?.try_into().ok()?,
            reason: text("reason")?,
            headers,
            body: STANDARD.decode(text("body_base64")?).ok()?,
        },
        used: false,
    })
}

impl Replay {
    /// The next unused answer of that address; for the token and the userdata any address will do, since another
    /// configuration may name another.
    fn take(&self, call: &Call) -> Option<Saved> {
        let mut saved = self.saved.borrow_mut();
        let by_address = saved.iter().position(|one| !one.used && one.method == call.method && one.url == call.url);
        let by_stage = || {
            // What is posted to decide is an assertion for a token, at the address that a key file on the hub names.
            let assertion = call.stage == Stage::Decision && call.method == "POST";
            let singular = matches!(call.stage, Stage::Token | Stage::Userdata);
            let alike = |one: &Saved| singular || assertion && one.method == "POST";
            saved.iter().position(|one| alike(one) && !one.used && one.stage == call.stage.name())
        };
        let found = by_address.or_else(by_stage)?;
        saved[found].used = true;
        Some(saved[found].clone())
    }
}

impl Http for Replay {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        loop {
            let Some(saved) = self.take(call) else {
                return Err(Raised::Unsupported {
                    what: format!("{NO_SAVED_ANSWER} {} {}", call.method, bare(&call.url)),
                    setting: None,
                    span: None,
                });
            };
            self.exchanges.borrow_mut().push(Exchange {
                stage: call.stage,
                method: saved.method,
                url: saved.url,
                request_headers: Vec::new(),
                form: Vec::new(),
                answer: Some(saved.answer.clone()),
                error: None,
                elapsed: Duration::ZERO,
            });
            // A redirect was followed when this was saved: the answer it led to is the next one of that stage.
            let redirects = saved.answer.header("location").is_some() && (300..400).contains(&saved.answer.status);
            let followed = redirects && self.saved.borrow().iter().any(|one| !one.used && one.stage == saved.stage);
            if !followed || !matches!(call.stage, Stage::Token | Stage::Userdata) {
                return check_status(saved.answer);
            }
        }
    }

    fn is_saved(&self) -> bool {
        true
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }
}

fn failure(message: String, fix: &str) -> Failure {
    Failure { code: "exchanges-file", message, fix: fix.into(), ..Failure::none() }
}
