//! The demo provider's pages: plain HTML without a script, everything in them escaped.

use std::fmt::Write as _;

use url::{Host, Url};

use super::authorize::Asked;
use super::call::Call;
use super::http::{Params, Request, Response};
use super::people::{Person, people};
use super::{SHAPES, State, call};

/// Text as it may stand in HTML, between tags and between double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page; `form_action` says where its form may lead, through redirects too.
fn page(status: u16, title: &str, body: &str, form_action: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/demo.css\">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n\
         </body>\n</html>\n"
    );
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    );
    Response::typed(status, "text/html; charset=utf-8", html)
        .with("Content-Security-Policy", policy)
        .with("X-Frame-Options", "DENY")
}

/// The page that says what the provider is and where its endpoints are.
pub(crate) fn landing(state: &State) -> Response {
    let mut body = String::from(
        "<p>An OAuth 2.0 and OpenID Connect provider for trying things out. Nobody here is real, and nothing here \
         keeps a secret.</p>\n<h2>Providers</h2>\n<ul>\n",
    );
    for shape in SHAPES {
        let base = escape(&call::base(state, shape));
        let _ = writeln!(body, "<li><strong>{}</strong> for {}: <code>{base}</code></li>", shape.name, shape.class);
    }
    body.push_str(
        "</ul>\n<p><a href=\"/.well-known/openid-configuration\">Discovery document</a></p>\n<h2>People</h2>\n<ul>\n",
    );
    for person in people() {
        let (name, summary) = (escape(person.name), escape(person.summary));
        let _ = writeln!(body, "<li><strong>{name}</strong>, {}: {summary}</li>", escape(person.display_name));
    }
    body.push_str("</ul>\n");
    if let Some(fault) = state.options.fault {
        let _ = writeln!(body, "<p class=\"notice\">Told to go wrong: {}</p>", escape(fault.summary));
    }
    page(200, "The demo provider", &body, "'none'")
}

/// The page on which somebody picks who they are, or refuses.
pub(crate) fn pick(call: &Call<'_>, asked: &Asked<'_>, hint: Option<&str>) -> Response {
    choose(call, asked.params, hint, "Either way leads back to", asked.redirect_uri)
}

/// The same for any request: its parameters are sent again with the choice, which leads to `target`.
pub(crate) fn choose(call: &Call<'_>, params: &Params, hint: Option<&str>, leads: &str, target: &str) -> Response {
    let mut body = String::new();
    if let Some(hint) = hint {
        let _ = writeln!(body, "<p class=\"notice\" role=\"status\">Nobody here is called {}.</p>", escape(hint));
    }
    let client = escape(&call.state.options.client_id);
    let _ = writeln!(body, "<p><strong>{client}</strong> wants to know who you are.</p>");
    let _ = writeln!(body, "<form method=\"post\" action=\"{}\">", escape(&call.request.path));
    for (name, value) in &params.0 {
        if !["person", "deny", "login_hint", "demo_user"].contains(&name.as_str()) {
            let (name, value) = (escape(name), escape(value));
            let _ = writeln!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        }
    }
    body.push_str("<ul class=\"people\">\n");
    for person in people() {
        let _ = writeln!(body, "<li>{}</li>", button(person));
    }
    body.push_str("</ul>\n<button class=\"deny\" name=\"deny\" value=\"1\">Refuse</button>\n</form>\n");
    let _ = writeln!(body, "<p class=\"small\">{} <code>{}</code></p>", escape(leads), escape(target));
    let form_action = format!("'self' {}", source(target));
    page(200, "Who are you?", &body, &form_action)
}

fn button(person: &Person) -> String {
    let initial: String = person.display_name.chars().take(1).collect();
    format!(
        "<button name=\"person\" value=\"{}\"><span class=\"face\" aria-hidden=\"true\">{}</span>\
         <span><strong>{}</strong> <span class=\"login\">{}</span><br><span class=\"small\">{}</span></span></button>",
        escape(person.name),
        escape(&initial),
        escape(person.display_name),
        escape(person.name),
        escape(person.summary),
    )
}

/// The source expression that lets a form end at `uri` (CSP level 3, section 2.3.1). Its grammar has no IPv6 addresses
/// and no private schemes with a host, so that for these the scheme stands alone.
fn source(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) => match url.host() {
            Some(Host::Domain(_) | Host::Ipv4(_)) if url.origin().is_tuple() => url.origin().ascii_serialization(),
            _ => format!("{}:", url.scheme()),
        },
        Err(_) => String::new(),
    }
}

/// The page for a request that nobody may be redirected for (RFC 6749 section 4.1.2.1).
pub(crate) fn refused(why: &str, details: &[String]) -> Response {
    let mut body = format!("<p class=\"notice\" role=\"alert\">{}</p>\n", escape(why));
    if !details.is_empty() {
        body.push_str("<ul>\n");
        for detail in details {
            let _ = writeln!(body, "<li><code>{}</code></li>", escape(detail));
        }
        body.push_str("</ul>\n");
    }
    page(400, "This request cannot be answered", &body, "'none'")
}

/// A page with one paragraph on it.
pub(crate) fn message(status: u16, title: &str, text: &str) -> Response {
    page(status, title, &format!("<p>{}</p>\n", escape(text)), "'none'")
}

/// The page for an address where there is nothing.
pub(crate) fn not_found(request: &Request) -> Response {
    message(404, "Nothing here", &format!("There is nothing at {}", request.path))
}

/// What the pages look like.
pub(crate) fn stylesheet() -> Response {
    Response::typed(200, "text/css; charset=utf-8", STYLE.to_owned()).with("Cache-Control", "max-age=3600")
}

const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --paper: #f6f8fa; --card: #ffffff; --edge: #d0d7de;
  --accent: #b34700; --on-accent: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9da7b1; --paper: #0d1117; --card: #161b22; --edge: #30363d; --accent: #ffa657;
    --on-accent: #0d1117; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 6vh auto; padding: 1.5rem 2rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: 12px; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1.1rem; }
a { color: var(--accent); }
code { overflow-wrap: anywhere; }
.small, .login { color: var(--soft); font-size: .875rem; }
.notice { padding: .5rem .75rem; border-left: 4px solid var(--accent); background: var(--paper);
  overflow-wrap: anywhere; }
.people { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .5rem; }
button { display: flex; gap: .75rem; align-items: center; width: 100%; padding: .6rem .75rem; font: inherit;
  text-align: left; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: 8px;
  cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.deny { justify-content: center; }
.face { flex: none; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); font-weight: 600; }
@media (max-width: 36rem) { main { margin: 0; border: 0; border-radius: 0; min-height: 100vh; padding: 1rem; } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_the_escaping() {
        assert_eq!(escape("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
    }

    #[test]
    fn a_form_may_end_where_the_redirect_leads() {
        assert_eq!(source("http://127.0.0.1:8400/hub/oauth_callback"), "http://127.0.0.1:8400");
        assert_eq!(source("https://hub.example.org/x?y"), "https://hub.example.org");
        assert_eq!(source("http://[::1]:8400/cb"), "http:");
        assert_eq!(source("com.example.app:/cb"), "com.example.app:");
        assert_eq!(source("not a url; script-src *"), "");
    }
}
