//! Pasting the address that the browser ended on: beside a listener, or instead of one where only the hub's own
//! address is registered at the provider.

use std::io::{BufRead, Read};

use url::Url;

use super::arguments::CallbackArgs;
use super::listener::Handle;
use super::wait::{Caught, Pending};
use super::{FlowError, Judge, Judgement};
use crate::sys::printable;

/// Said wherever a paste is asked for: with an address of somebody else's login, we would log in as them.
pub const CAUTION: &str = "paste only what your own browser shows, never an address that somebody sent you";

/// The longest paste that is read.
const LONGEST: u64 = 64 * 1024;

/// Said of a line that is no whole answer. A terminal in its usual mode cuts a line after 4095 bytes, so a very long
/// address can't be pasted there at all.
const UNFINISHED: &str = "that looks cut off: paste the rest of it, or press Enter to take it as it is \
                          (a terminal cuts lines after 4095 characters: --paste < FILE reads longer ones)";

/// What was pasted.
#[derive(Debug)]
pub struct Pasted {
    /// The callback's arguments.
    pub args: CallbackArgs,
    /// What is odd about it, but no reason to refuse it.
    pub warnings: Vec<String>,
}

/// Reads what was pasted: a whole address, or only its query; in quotes or not; also where it was wrapped into lines.
pub fn read(text: &str, redirect_uri: &str) -> Result<Pasted, FlowError> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let text = unquoted(&text);
    if text.is_empty() {
        return Err(unreadable("nothing was pasted"));
    }
    let mut warnings = Vec::new();
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let query = match address.split_once("://") {
        Some(_) => query_of_address(address, redirect_uri, &mut warnings)?,
        None => query_alone(address)?,
    };
    let args = CallbackArgs::parse(&query)?;
    if args.has("client_id") && !answers(&args) {
        return Err(unreadable("this is the address of the provider's page, not the one it sent the browser to"));
    }
    if !answers(&args) && CallbackArgs::parse(fragment).is_ok_and(|args| answers(&args)) {
        warnings.push(
            "the provider put its answer behind a `#`, which no browser sends to the hub: \
             it wants response_mode=query, and response_type=code"
                .to_owned(),
        );
    }
    Ok(Pasted { args, warnings })
}

fn query_of_address(address: &str, redirect_uri: &str, warnings: &mut Vec<String>) -> Result<String, FlowError> {
    let url = Url::parse(address).map_err(|error| unreadable(&format!("that is no address ({error})")))?;
    if let Ok(expected) = Url::parse(redirect_uri)
        && (url.origin() != expected.origin() || url.path() != expected.path())
    {
        let mut shown = url.clone();
        shown.set_query(None);
        let shown = printable(shown.as_str());
        warnings.push(format!("the address begins with {shown}, where {redirect_uri} was expected"));
    }
    // As it is written: `Url` would encode some characters anew.
    Ok(address.split_once('?').map_or("", |(_, query)| query).to_owned())
}

fn query_alone(text: &str) -> Result<String, FlowError> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    match query.contains('=') {
        true => Ok(query.to_owned()),
        false => Err(unreadable("that is neither an address nor the part of it that begins with `?`")),
    }
}

fn unquoted(text: &str) -> &str {
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>'), ('“', '”')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|text| text.strip_suffix(close)) {
            return unquoted(inner);
        }
    }
    text
}

/// Whether these are the arguments of an answer, so that a line with them is complete.
fn answers(args: &CallbackArgs) -> bool {
    ["code", "error", "oauth_verifier"].iter().any(|name| args.has(name))
}

fn unreadable(message: &str) -> FlowError {
    FlowError::new("paste-unreadable", message)
        .with_fix("copy the whole address from the browser's address bar, from http to its end")
}

/// `--paste`: one paste from standard input decides. On a terminal, where an address may arrive in several lines, the
/// lines are read until they make an answer.
pub fn once(
    input: &mut dyn BufRead,
    on_terminal: bool,
    redirect_uri: &str,
    judge: &mut Judge<'_>,
    say: &mut dyn FnMut(&str),
) -> Result<Caught, FlowError> {
    let mut text = String::new();
    let pasted = loop {
        let Some(line) = line(input)? else {
            return Err(FlowError::new("paste-eof", "standard input ended before an address was pasted")
                .with_fix("paste the address the browser ended on, or have it caught with --listen ADDR:PORT"));
        };
        text.push_str(&line);
        let as_it_is = !on_terminal || (line.trim().is_empty() && !text.trim().is_empty());
        match read(&text, redirect_uri) {
            Ok(pasted) if !as_it_is && !complete(&pasted.args) => say(UNFINISHED),
            Err(error) if on_terminal => {
                text.clear();
                say(&error.message);
            }
            read => break read?,
        }
    };
    pasted.warnings.iter().for_each(|warning| say(warning));
    match judge(&pasted.args) {
        Judgement::Accept => Ok(Caught { args: pasted.args, browser: Pending::nobody() }),
        Judgement::Refuse(error) | Judgement::End(error) => Err(error),
    }
}

fn complete(args: &CallbackArgs) -> bool {
    answers(args) && (args.has("state") || args.has("oauth_token"))
}

/// Hands every line of standard input to a wait. Its end ends nothing: whoever closes standard input may still come
/// back by the browser. The thread is never waited for, since a read from a terminal can't be called off.
pub fn race(mut input: impl BufRead + Send + 'static, handle: Handle) {
    std::thread::spawn(move || {
        let mut text = String::new();
        while let Ok(Some(line)) = line(&mut input) {
            text.push_str(&line);
            if text.trim().is_empty() {
                continue;
            }
            // A wrapped address comes line by line; what is already an answer, or can't become one, is handed in.
            let as_it_is = line.trim().is_empty() || text.len() as u64 > LONGEST;
            if !as_it_is && read(&text, "").is_ok_and(|pasted| !complete(&pasted.args)) {
                handle.say(UNFINISHED);
                continue;
            }
            handle.paste(std::mem::take(&mut text));
        }
    });
}

/// One line, `None` at the end of the input.
fn line(input: &mut dyn BufRead) -> Result<Option<String>, FlowError> {
    let mut bytes = Vec::new();
    let failed = |error: std::io::Error| FlowError::new("paste-eof", format!("cannot read standard input: {error}"));
    Read::take(&mut *input, LONGEST).read_until(b'\n', &mut bytes).map_err(failed)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.len() as u64 == LONGEST {
        return Err(unreadable("that line is too long to be an address"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const TOLD: &str = "https://hub.example.org/hub/oauth_callback";

    fn values(text: &str) -> Result<(Option<String>, Option<String>, usize), &'static str> {
        let pasted = read(text, TOLD).map_err(|error| error.code)?;
        let get = |name| pasted.args.get(name).unwrap();
        Ok((get("code"), get("state"), pasted.warnings.len()))
    }

    #[test]
    fn an_address_or_its_query_in_any_wrapping() {
        let both = |warnings| Ok((Some("a/b".to_owned()), Some("s".to_owned()), warnings));
        for (text, expected) in [
            ("https://hub.example.org/hub/oauth_callback?code=a%2Fb&state=s", both(0)),
            ("  https://hub.example.org/hub/oauth_callback?code=a/b&state=s#_=_ \r\n", both(0)),
            ("\"https://hub.example.org/hub/oauth_callback?code=a/b&state=s\"", both(0)),
            ("<'https://hub.example.org/hub/oauth_callback?code=a/b&state=s'>", both(0)),
            ("https://hub.example.org/hub/oauth_call\n  back?code=a/b\n&state=s", both(0)),
            ("https://HUB.example.org:443/hub/oauth_callback?code=a/b&state=s", both(0)),
            ("?code=a/b&state=s", both(0)),
            ("code=a/b&state=s", both(0)),
            ("/hub/oauth_callback?code=a/b&state=s", both(0)),
            ("hub.example.org/hub/oauth_callback?code=a/b&state=s", both(0)),
            ("https://other.example.org/hub/oauth_callback?code=a/b&state=s", both(1)),
            ("https://hub.example.org/hub/login?code=a/b&state=s", both(1)),
            ("https://hub.example.org/hub/oauth_callback", Ok((None, None, 0))),
            ("https://hub.example.org/hub/oauth_callback#code=c&state=s", Ok((None, None, 1))),
            ("https://idp/authorize?client_id=c&state=s&redirect_uri=x", Err("paste-unreadable")),
            ("", Err("paste-unreadable")),
            ("  \"\" ", Err("paste-unreadable")),
            ("yes", Err("paste-unreadable")),
            ("https://", Err("paste-unreadable")),
        ] {
            assert_eq!(values(text), expected, "{text:?}");
        }
    }

    fn accept_state(wanted: &'static str) -> impl FnMut(&CallbackArgs) -> Judgement {
        move |args| match args.get("state") {
            Ok(Some(state)) if state == wanted => Judgement::Accept,
            _ => Judgement::Refuse(FlowError::new("state-mismatch", "OAuth state mismatch").with_hub_status(400)),
        }
    }

    fn once_from(input: &str, on_terminal: bool) -> Result<String, &'static str> {
        let mut said = Vec::new();
        let mut say = |text: &str| said.push(text.to_owned());
        let caught = once(&mut Cursor::new(input.to_owned()), on_terminal, TOLD, &mut accept_state("s"), &mut say);
        caught.map(|caught| caught.args.get("code").unwrap().unwrap()).map_err(|error| error.code)
    }

    #[test]
    fn without_a_terminal_one_line_decides() {
        assert_eq!(once_from("?code=c&state=s\nignored", false).as_deref(), Ok("c"));
        assert_eq!(once_from("?code=c&state=s", false).as_deref(), Ok("c"));
        assert_eq!(once_from("?code=c&state=x\n?code=c&state=s\n", false), Err("state-mismatch"));
        assert_eq!(once_from("nonsense\n?code=c&state=s\n", false), Err("paste-unreadable"));
        assert_eq!(once_from("", false), Err("paste-eof"));
        assert_eq!(once_from(&"x".repeat(1 << 20), false), Err("paste-unreadable"));
    }

    #[test]
    fn on_a_terminal_lines_are_joined_and_nonsense_is_forgiven() {
        assert_eq!(
            once_from("https://hub.example.org/hub/oauth_callback?co\nde=c&sta\nte=s\n", true).as_deref(),
            Ok("c")
        );
        assert_eq!(once_from("oops\n?code=c&state=s\n", true).as_deref(), Ok("c"));
        assert_eq!(once_from("oops\n", true), Err("paste-eof"));
        assert_eq!(once_from("\n?code=c\n\n", true), Err("state-mismatch"));
    }
}
