//! Secrets: what they are called, and how they are kept out of everything that is shown.
//!
//! Two nets, since one is not enough: fields are masked by their name, and every secret that passes through is learnt
//! and masked wherever its text turns up again, in a message, a URL or a page.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::pyurl::{Split, parse_qsl, quote_plus};

mod names;
mod text;

pub use names::{is_secret, is_secret_parameter, seems_secret};

/// What stands in place of a secret.
pub const MASK: &str = "********";

/// A secret of fewer characters is masked only where it stands alone: it would garble ordinary words.
const SHORT: usize = 6;

/// A secret of more bytes than this is signed or encrypted already: nobody wraps it in base64 again.
const LONG: usize = 256;

/// The most bytes of secrets that are learnt: a provider that sends a million tokens is after our memory.
const MOST: usize = 256 * 1024;

/// Masks secrets, or lets them pass with `--show-secrets`.
#[derive(Default)]
pub struct Redactor {
    show: bool,
    learnt: RefCell<Learnt>,
}

/// The secrets that have passed through, in every dress in which they may turn up again.
#[derive(Default)]
struct Learnt {
    bytes: usize,
    long: HashSet<String>,
    short: HashSet<String>,
    /// Finds the long ones, made when first asked.
    finder: OnceCell<Option<AhoCorasick>>,
}

impl Learnt {
    fn add(&mut self, form: String) {
        let forms = if form.chars().count() < SHORT { &mut self.short } else { &mut self.long };
        let bytes = form.len();
        if self.bytes + bytes < MOST && forms.insert(form) {
            self.bytes += bytes;
            self.finder = OnceCell::new();
        }
    }

    /// `None` where there is nothing to find.
    fn finder(&self) -> Option<&AhoCorasick> {
        let build = || {
            // Longest first, so that no part of one is left when a shorter one begins at the same place.
            let builder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&self.long);
            builder.ok().filter(|_| !self.long.is_empty())
        };
        self.finder.get_or_init(build).as_ref()
    }
}

impl Redactor {
    /// `show` is `--show-secrets`.
    pub fn new(show: bool) -> Redactor {
        Redactor { show, learnt: RefCell::default() }
    }

    /// Whether secrets are shown.
    pub fn shows(&self) -> bool {
        self.show
    }

    /// Takes note of a secret's text.
    pub fn learn(&self, secret: &str) {
        if secret.trim().is_empty() || secret == MASK {
            return;
        }
        let mut learnt = self.learnt.borrow_mut();
        if learnt.long.contains(secret) || learnt.short.contains(secret) {
            return;
        }
        for form in dresses(secret) {
            learnt.add(form);
        }
    }

    /// Learns every secret in a document, by the names of its fields; texts in it are looked through as well.
    pub fn learn_json(&self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, field) in fields {
                    if is_secret(name) {
                        self.learn_scalars(field);
                    }
                    self.learn_json(field);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.learn_json(item)),
            serde_json::Value::String(text) => self.learn_text(text),
            _ => {}
        }
    }

    /// Learns a secret that may be a number or a list. A scheme before it, as in `Basic …`, is none of it.
    fn learn_scalars(&self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                self.learn(text);
                if let Some((_, token)) = text.split_once(' ') {
                    self.learn(token);
                }
            }
            serde_json::Value::Number(number) => self.learn_number(&number.to_string()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.learn_scalars(item)),
            _ => {}
        }
    }

    /// Learns a secret that is a number; one of a few digits would mask counts and lines.
    pub fn learn_number(&self, number: &str) {
        if number.len() >= SHORT {
            self.learn(number);
        }
    }

    /// Learns what stands beside a secret's name in a text: a form, an address, a page, JSON in a string.
    pub fn learn_text(&self, text: &str) {
        for value in text::named_values(text) {
            let value = &text[value];
            // A few characters that merely look like a value are too little to hunt for.
            if value.chars().count() >= SHORT {
                self.learn(value);
                self.learn(&crate::pyurl::unquote(value, true));
            }
        }
    }

    /// A text with every known secret masked.
    pub fn text(&self, text: &str) -> String {
        if self.show {
            return text.to_owned();
        }
        let learnt = self.learnt.borrow();
        let text = match learnt.finder() {
            Some(finder) => {
                let mut masked = String::with_capacity(text.len());
                finder.replace_all_with(text, &mut masked, |_, _, out| {
                    out.push_str(MASK);
                    true
                });
                masked
            }
            None => text.to_owned(),
        };
        let text = learnt.short.iter().fold(text, |text, secret| match text.contains(secret.as_str()) {
            true => text::mask_alone(&text, secret),
            false => text,
        });
        let text = text::mask_cut(text, &learnt.long);
        text::mask_userinfo(&text::mask_named(&text::mask_tokens(&text)))
    }

    /// Lines of a configuration's source, masked even where they could not be understood.
    pub fn source(&self, text: &str) -> String {
        if self.show { text.to_owned() } else { self.text(&text::mask_source(text)) }
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
                        serde_json::Value::Number(_) if is_secret(name) => *field = MASK.into(),
                        other => self.mask_json(other),
                    }
                }
                if fields.keys().any(|name| self.text(name) != *name) {
                    *fields =
                        std::mem::take(fields).into_iter().map(|(name, field)| (self.text(&name), field)).collect();
                }
            }
            _ => {}
        }
    }
}

/// Whether two secrets are the same, in a time that depends only on their lengths.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// A secret as it looks in addresses, in JSON, in Python's `repr`, in HTML and in base64.
fn dresses(secret: &str) -> Vec<String> {
    let quoted = quote_plus(secret);
    let json = serde_json::to_string(secret).unwrap_or_default();
    let mut forms = vec![
        text::small_hex(&quoted),
        quoted.replace('+', "%20"),
        quoted,
        json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned(),
        secret.replace('\\', "\\\\").replace('\'', "\\'"),
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
    ];
    // The bits of base64 shift with what stands before; alone, at least, it must not be readable.
    if (SHORT..=LONG).contains(&secret.len()) {
        forms.extend([&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|base64| base64.encode(secret)));
    }
    forms.push(secret.to_owned());
    forms.retain(|form| !form.trim().is_empty());
    forms
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
