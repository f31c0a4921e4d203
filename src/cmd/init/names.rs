//! What a user would be called: the answers so far, played through with somebody's userdata.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authenticator::{Callback, Context, Session};
use crate::cmd::common::ConfigArgs;
use crate::cmd::prepare::{self, Stop};
use crate::cmd::resolve::Saved;
use crate::init::answers::Answers;
use crate::init::document::document;
use crate::json;
use crate::secret::Redactor;
use crate::source::disk;
use crate::sys::World;
use crate::value::{Dict, Value};
use crate::write::{Form, write};

/// Somebody's userdata.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    text: String,
    claims: Dict,
}

impl Sample {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Sample, String> {
        let bytes = disk::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match json::parse(&text) {
            Ok(Value::Dict(claims)) => Ok(Sample { text, claims }),
            Ok(_) => Err(format!("{}: JSON, but no object with claims", path.display())),
            Err(error) => Err(format!("{}: no JSON: {error}", path.display())),
        }
    }

    /// The claims that hold a text, as names do.
    pub(super) fn claims(&self) -> Vec<String> {
        let texts = self.claims.iter().filter(|(_, value)| matches!(value, Value::Str(text) if !text.is_empty()));
        texts.map(|(name, _)| name.to_text()).collect()
    }
}

/// The user name that comes out, or why none does.
pub(super) fn name_of(answers: &Answers, sample: &Sample) -> Result<String, String> {
    // What is not settled yet does not matter for the name.
    let mut answers = answers.clone();
    answers.form = Some(answers.form());
    answers.client_id.get_or_insert_with(|| "hub".to_owned());
    answers.secret = None;
    let written = write(&document(&answers).ok_or("the provider and the hub have to be known first")?, Form::Python);
    let variables = [(crate::init::answers::Secret::VARIABLE, "unused")];
    let world = World::of(crate::sys::Platform::Linux, variables);
    let prepared = prepare::from_text(&written.text, &ConfigArgs::default(), None, &world, &Redactor::new(false));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(Stop::Usage(message)) => return Err(message),
        Err(Stop::Failed(login, _)) => return Err(login.failure.map(|failure| failure.message).unwrap_or_default()),
    };
    let client = answers.client_id.as_deref().unwrap_or_default();
    let saved = Saved::of(token_response(client, sample), sample.text.clone().into_bytes());
    let cx = Context::new(&prepared.settings, &saved, &|| 0.0, &|_| {}, &prepared.system);
    let mut session = Dict::new();
    session.insert("code_verifier", Value::str("spent"));
    let callback = Callback {
        arguments: vec![("code".into(), "spent".into())],
        session: Session(session),
        redirect_uri: String::new(),
    };
    let verdict = prepared.decide(&cx, &callback, true).map_err(|failure| failure.message)?;
    match &verdict.model {
        Some(model) => Ok(model.name.to_text()),
        None => {
            let failure = crate::diagnosis::of_verdict(&cx, &verdict);
            Err(failure.map_or_else(|| "no name comes out".to_owned(), |failure| failure.message))
        }
    }
}

/// A token response with these userdata as its id_token too, for classes that look there.
fn token_response(client: &str, sample: &Sample) -> Vec<u8> {
    let mut claims = sample.claims.clone();
    claims.insert("aud", Value::str(client));
    claims.remove(&Value::str("exp"));
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = json::write(&Value::Dict(claims), false);
    let id_token = format!("{}.{}.{}", part(r#"{"alg":"none"}"#), part(&claims), part("unsigned"));
    serde_json::json!({
        "access_token": "made-up", "token_type": "Bearer", "other_tokens": [], "scope": "", "id_token": id_token
    })
    .to_string()
    .into_bytes()
}
