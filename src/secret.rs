//! Secrets: what they are called, and how they are kept out of everything that is shown.
//!
//! Two nets, since one is not enough: fields are masked by their name, and every secret that passes through is learnt
//! and masked wherever its text turns up again, in a message, a URL or a page.

use std::cell::RefCell;

use crate::pyurl::{Split, parse_qsl, quote_plus};

/// What stands in place of a secret.
pub const MASK: &str = "********";

/// Names of fields, headers and parameters whose text is secret, in lower case.
const SECRET_NAMES: &[&str] = &[
    "access_token",
    "access_token_key",
    "access_token_secret",
    "api_key",
    "assertion",
    "authorization",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "cookie",
    "device_code",
    "id_token",
    "id_token_hint",
    "oauth_signature",
    "oauth_token",
    "oauth_token_secret",
    "oauth_verifier",
    "password",
    "private_key",
    "refresh_token",
    "secret",
    "set-cookie",
    "subject_token",
    "token",
];

/// Names that are secret only as parameters of a request: elsewhere a `code` is an error's.
const SECRET_PARAMETERS: &[&str] = &["code"];

/// A secret of fewer characters is masked only where it stands alone: it would garble ordinary words.
const SHORT: usize = 6;

/// Masks secrets, or lets them pass with `--show-secrets`.
#[derive(Default)]
pub struct Redactor {
    show: bool,
    learnt: RefCell<Vec<String>>,
}

impl Redactor {
    /// `show` is `--show-secrets`.
    pub fn new(show: bool) -> Redactor {
        Redactor { show, learnt: RefCell::default() }
    }

    /// Takes note of a secret's text.
    pub fn learn(&self, secret: &str) {
        let mut learnt = self.learnt.borrow_mut();
        if secret.trim().is_empty() || secret == MASK {
            return;
        }
        for form in [secret.to_owned(), quote_plus(secret)] {
            if !learnt.contains(&form) {
                learnt.push(form);
            }
        }
        // Longest first, so that no part of one is left when a shorter one is masked inside it.
        learnt.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    /// Learns every secret in a document, by the names of its fields.
    pub fn learn_json(&self, value: &serde_json::Value) {
        self.visit(value, &mut |name, text| {
            if is_secret(name) {
                self.learn(text);
                if let Some(token) = text.split_once(' ').map(|(_, token)| token) {
                    self.learn(token);
                }
            }
        });
    }

    fn visit(&self, value: &serde_json::Value, each: &mut dyn FnMut(&str, &str)) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, field) in fields {
                    if let serde_json::Value::String(text) = field {
                        each(name, text);
                    }
                    self.visit(field, each);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.visit(item, each)),
            _ => {}
        }
    }

    /// A text with every known secret masked.
    pub fn text(&self, text: &str) -> String {
        if self.show {
            return text.to_owned();
        }
        let mut text = text.to_owned();
        for secret in self.learnt.borrow().iter() {
            if text.contains(secret.as_str()) {
                text =
                    if secret.chars().count() < SHORT { mask_alone(&text, secret) } else { text.replace(secret, MASK) };
            }
        }
        mask_tokens(&text)
    }

    /// A field's text, masked whole when its name says it is secret.
    pub fn field(&self, name: &str, text: &str) -> String {
        if !self.show && is_secret(name) && !text.is_empty() { MASK.to_owned() } else { self.text(text) }
    }

    /// A request parameter's text, masked whole when its name says it is secret.
    pub fn parameter(&self, name: &str, text: &str) -> String {
        if !self.show && is_secret_parameter(name) && !text.is_empty() { MASK.to_owned() } else { self.text(text) }
    }

    /// A URL with its secret parameters masked.
    pub fn url(&self, url: &str) -> String {
        if self.show {
            return url.to_owned();
        }
        let mut split = Split::of(url);
        if parse_qsl(&split.query).iter().any(|(name, _)| is_secret_parameter(name)) {
            let mask = |(name, value): (String, String)| {
                let value = if is_secret_parameter(&name) { MASK.to_owned() } else { quote_plus(&value) };
                format!("{}={value}", quote_plus(&name))
            };
            split.query = parse_qsl(&split.query).into_iter().map(mask).collect::<Vec<_>>().join("&");
        }
        self.text(&split.unsplit())
    }

    /// A document with every secret masked, in place.
    pub fn json(&self, value: &mut serde_json::Value) {
        if !self.show {
            self.mask_json(value);
        }
    }

    fn mask_json(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.text(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.mask_json(item)),
            serde_json::Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    match field {
                        serde_json::Value::String(text) => *text = self.field(name, text),
                        other => self.mask_json(other),
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a field of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.contains(&name.as_str()) || name.ends_with("_secret") || name.ends_with("_password")
}

fn is_secret_parameter(name: &str) -> bool {
    is_secret(name) || SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether two secrets are the same, in a time that depends only on their lengths.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

fn mask_alone(text: &str, secret: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = rest[..at].chars().next_back().or(out.chars().next_back());
        let after = rest[at + secret.len()..].chars().next();
        out.push_str(&rest[..at]);
        out.push_str(if word(before) || word(after) { secret } else { MASK });
        rest = &rest[at + secret.len()..];
    }
    out + rest
}

/// Masks whatever looks like a signed token, learnt or not: three base64url pieces of which the first starts `{"`.
fn mask_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let candidate: &str = {
            let end = rest[at..].find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=".contains(c)));
            &rest[at..end.map_or(rest.len(), |end| at + end)]
        };
        let pieces: Vec<&str> = candidate.split('.').collect();
        let token = pieces.len() >= 3 && pieces[..2].iter().all(|piece| piece.len() > 8);
        out.push_str(&rest[..at]);
        out.push_str(if token { MASK } else { candidate });
        rest = &rest[at + candidate.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn masks_by_name_and_by_text() {
        let redactor = Redactor::new(false);
        let mut document = json!({"token_response": {"access_token": "tok-123456", "n": 1},
            "message": "Bad response: {'access_token': 'tok-123456'}", "list": ["tok-123456"], "code": 404});
        redactor.learn_json(&document);
        redactor.json(&mut document);
        assert!(!document.to_string().contains("tok-123456"));
        assert_eq!(document["code"], 404);
        assert_eq!(redactor.field("code", "blocked"), "blocked");
        assert_eq!(redactor.parameter("code", "SplxlOBe"), MASK);
    }

    #[test]
    fn masks_parameters_of_urls() {
        let redactor = Redactor::new(false);
        let masked = redactor.url("https://h/cb?code=abc&state=s&x=1");
        assert_eq!(masked, "https://h/cb?code=********&state=s&x=1");
        assert_eq!(Redactor::new(true).url("https://h/cb?code=abc"), "https://h/cb?code=abc");
    }

    #[test]
    fn short_secrets_do_not_garble_words() {
        let redactor = Redactor::new(false);
        redactor.learn("sec");
        assert_eq!(redactor.text("second 'sec' sec"), "second '********' ********");
    }

    #[test]
    fn masks_tokens_it_never_saw() {
        let text = "token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2ln!";
        assert_eq!(Redactor::new(false).text(text), format!("token {MASK}!"));
    }

    #[test]
    fn compares_secrets() {
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"abc"));
    }
}
