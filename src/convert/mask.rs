//! A document to be shown: its secrets masked, its references left.

use crate::secret::{Redactor, is_secret, seems_secret};
use crate::settings;
use crate::value::{Dict, Set, Value};
use crate::write::{Code, Document, Term, VariableSource};

/// The document without its secrets.
pub fn mask(document: &Document, redactor: &Redactor) -> Document {
    if redactor.shows() {
        return document.clone();
    }
    let mut masked = document.clone();
    for setting in &mut masked.settings {
        let option = settings::class(&setting.class).and_then(|def| def.own_option(&setting.option));
        let keys = setting.class == "CryptKeeper" && setting.option == "keys";
        let secret = option.is_some_and(|option| option.secret) || is_secret(&setting.option) || keys;
        setting.term = term(&setting.term, secret, redactor);
        lines(&mut setting.comments, redactor);
    }
    for variable in &mut masked.environment {
        if let VariableSource::Text(text) = &variable.source {
            variable.source = VariableSource::Text(redactor.field(&variable.name, text));
        }
        lines(&mut variable.comments, redactor);
    }
    masked.prelude.iter_mut().chain(&mut masked.statements).for_each(|code| *code = self::code(code, redactor));
    masked.rest = dict(&masked.rest, false, redactor);
    lines(&mut masked.heading, redactor);
    lines(&mut masked.footing, redactor);
    masked
}

/// Whether a key's value is a secret, rather than the name of one in Kubernetes.
fn hides(key: &str) -> bool {
    is_secret(key) && seems_secret(key)
}

fn lines(lines: &mut [String], redactor: &Redactor) {
    lines.iter_mut().for_each(|line| {
        *line = if line.contains('`') { redactor.source(line) } else { redactor.text(line) };
    });
}

fn code(code: &Code, redactor: &Redactor) -> Code {
    Code {
        text: redactor.source(&code.text),
        imports: code.imports.clone(),
        needs: code.needs.iter().map(|text| redactor.source(text)).collect(),
    }
}

fn term(of: &Term, secret: bool, redactor: &Redactor) -> Term {
    match of {
        Term::Value(value) => Term::Value(self::value(value, secret, redactor)),
        Term::Code(of) => Term::Code(code(of, redactor)),
        Term::Extend(below) => Term::Extend(Box::new(term(below, secret, redactor))),
        Term::List(items) => Term::List(items.iter().map(|item| term(item, secret, redactor)).collect()),
        Term::Dict(pairs) => Term::Dict(
            pairs
                .iter()
                .map(|(key, below)| (key.clone(), term(below, secret || hides(&key.to_text()), redactor)))
                .collect(),
        ),
        Term::Env { name, default } => {
            Term::Env { name: name.clone(), default: default.as_ref().map(|it| value(it, secret, redactor)) }
        }
        other => other.clone(),
    }
}

fn value(of: &Value, secret: bool, redactor: &Redactor) -> Value {
    let all = |items: &[Value]| items.iter().map(|item| value(item, secret, redactor)).collect::<Vec<_>>();
    match of {
        Value::Str(text) if secret => Value::str(redactor.field("secret", text)),
        Value::Str(text) => Value::str(redactor.text(text)),
        Value::Int(_) | Value::Float(_) | Value::Bytes(_) if secret => {
            Value::str(redactor.field("secret", &of.to_text()))
        }
        Value::List(items) => Value::List(all(items)),
        Value::Tuple(items) => Value::Tuple(all(items)),
        Value::Set(items) => {
            let items: Vec<Value> = items.iter().map(|item| value(item, secret, redactor)).collect();
            Value::Set(Set::of(items).unwrap_or_default())
        }
        Value::Dict(of) => Value::Dict(dict(of, secret, redactor)),
        other => other.clone(),
    }
}

fn dict(of: &Dict, secret: bool, redactor: &Redactor) -> Dict {
    let mut masked = Dict::new();
    for (key, below) in of.iter() {
        let _ = masked.insert_value(key.clone(), value(below, secret || hides(&key.to_text()), redactor));
    }
    masked
}
