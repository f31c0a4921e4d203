//! The pages that the browser sees. They need no script, load nothing, show no code, state or secret, and escape
//! whatever they are given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How a login came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user comes in.
    Allowed,
    /// The hub turns this person away.
    Denied,
    /// It did not get that far.
    Failed,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::Denied => "denied",
            Outcome::Failed => "failed",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Outcome::Allowed => "✓",
            Outcome::Denied => "✕",
            Outcome::Failed => "!",
        }
    }
}

/// The last page: what the hub would have decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictPage {
    /// How it came out.
    pub outcome: Outcome,
    /// In one line: `alice may enter`.
    pub title: String,
    /// Who the hub would see.
    pub name: Option<String>,
    /// Why, and the rest, each with its label.
    pub lines: Vec<(String, String)>,
    /// What to do next.
    pub hint: Option<String>,
}

impl VerdictPage {
    /// A page with nothing but a title.
    pub fn new(outcome: Outcome, title: impl Into<String>) -> VerdictPage {
        VerdictPage { outcome, title: title.into(), name: None, lines: Vec::new(), hint: None }
    }

    /// The page's HTML.
    pub fn html(&self) -> String {
        let mut body = String::new();
        if let Some(name) = &self.name {
            body.push_str(&format!("<p class=\"name\">{}</p>\n", escape(name)));
        }
        if !self.lines.is_empty() {
            body.push_str("<dl>\n");
            for (label, value) in &self.lines {
                body.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(label), escape(value)));
            }
            body.push_str("</dl>\n");
        }
        if let Some(hint) = &self.hint {
            body.push_str(&format!("<p class=\"hint\">{}</p>\n", escape(hint)));
        }
        body.push_str("<p class=\"foot\">You can close this tab: the terminal has the whole story.</p>\n");
        layout(self.outcome, &self.title, &body)
    }
}

/// A callback that was refused: the hub's words, and that the wait goes on or is over.
pub fn refusal(status: u16, message: &str, waiting: bool) -> String {
    let next = match waiting {
        true => "oauthctl is still waiting: finish the login in the tab where you began it.",
        false => "This login is over. The terminal has the whole story.",
    };
    let body = format!(
        "<p>The hub would answer this callback with</p>\n<p class=\"name\">{status} : {}</p>\n<p class=\"foot\">{next}</p>\n",
        escape(message)
    );
    layout(Outcome::Failed, "Callback refused", &body)
}

/// An address that means nothing here.
pub fn stray(title: &str, explanation: &str) -> String {
    let body =
        format!("<p>{}</p>\n<p class=\"foot\">oauthctl is still waiting for its login.</p>\n", escape(explanation));
    layout(Outcome::Failed, title, &body)
}

/// What every page allows the browser to do: nothing but apply our one style sheet.
pub fn content_security_policy() -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
    let hash = STANDARD.encode(digest.as_ref());
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn layout(outcome: Outcome, title: &str, body: &str) -> String {
    let title = escape(title);
    let (class, sign) = (outcome.name(), outcome.sign());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · oauthctl</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main class=\"{class}\">\n\
         <h1><span class=\"sign\" aria-hidden=\"true\">{sign}</span> {title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// The longest text that a page repeats: an error_description can be as long as an address.
const LONGEST: usize = 2000;

/// Text as HTML, fit for an element or a quoted attribute. Characters that steer the reading direction are shown as
/// `�`, so that a name can't rearrange the page's words.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        if index == LONGEST {
            escaped.push('…');
            break;
        }
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --paper: #f4f5f7; --card: #fff; --line: #dde2e8; --mark: #a15c00; }
.allowed { --mark: #14733b; } .denied { --mark: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #a3aebb; --paper: #14181e; --card: #1d232b; --line: #343d48; --mark: #f0b45b; }
  .allowed { --mark: #6fd695; } .denied { --mark: #ff8f85; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
main { width: 100%; max-width: 38rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-top: .3rem solid var(--mark); border-radius: .6rem; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
.sign { display: inline-grid; place-items: center; width: 1.9rem; height: 1.9rem; margin-right: .4rem; border-radius: 50%; background: var(--mark); color: var(--card); font-size: 1.1rem; }
.name { margin: 0 0 1rem; font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.2rem; margin: 0 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.hint { margin: 0 0 1rem; padding: .7rem .9rem; border-left: .25rem solid var(--mark); background: var(--paper); overflow-wrap: anywhere; }
.foot { margin: 0; color: var(--soft); font-size: .9rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_unescaped() {
        let nasty = "<script>alert('x')</script>\"&\u{202e}\u{0}";
        let page = VerdictPage {
            outcome: Outcome::Denied,
            title: nasty.to_owned(),
            name: Some(nasty.to_owned()),
            lines: vec![(nasty.to_owned(), nasty.to_owned())],
            hint: Some(nasty.to_owned()),
        };
        for html in [page.html(), refusal(400, nasty, true), stray(nasty, nasty)] {
            assert!(!html.contains("<script"), "{html}");
            assert!(!html.contains("'x'"), "{html}");
            assert!(!html.contains(['\u{202e}', '\u{0}']), "{html}");
            assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"), "{html}");
        }
    }

    #[test]
    fn the_policy_fits_the_style_sheet_of_the_page() {
        let html = VerdictPage::new(Outcome::Allowed, "alice may enter").html();
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let digest = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
        let source = format!("'sha256-{}'", STANDARD.encode(digest.as_ref()));
        assert!(content_security_policy().contains(&source));
        assert!(!html.contains("style=") && !html.contains("<link") && !html.contains("src="));
    }

    #[test]
    fn a_page_repeats_only_so_much() {
        let html = refusal(400, &"x".repeat(1_000_000), true);
        assert!(html.len() < 10_000);
    }
}
