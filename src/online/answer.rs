//! What stands in an answer: its words, its JSON, its place to go to.

use url::Url;

use crate::http::Answer;
use crate::json;
use crate::sys::printable;
use crate::value::Value;

/// The most that is looked at of a page.
const MOST: usize = 256 * 1024;

/// How much of an answer is quoted.
const QUOTED: usize = 160;

/// Whether the body is a web page.
pub(super) fn is_page(answer: &Answer) -> bool {
    let typed = answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    let body = &answer.body[..answer.body.len().min(64)];
    typed || String::from_utf8_lossy(body).trim_start().starts_with('<')
}

/// The body as a JSON object.
pub(super) fn object(answer: &Answer) -> Option<Value> {
    json::parse(&answer.text()).ok().filter(|value| value.as_dict().is_some())
}

/// The words of a page or any other body, without tags, scripts and styles, on one line.
pub(super) fn words(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(MOST)]).into_owned();
    let text = if is_page(answer) { without_tags(&text) } else { text };
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The start of the words, for a message.
pub(super) fn quote(words: &str) -> String {
    if words.is_empty() {
        return "nothing".into();
    }
    match words.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("`{}…`", &words[..end]),
        None => format!("`{words}`"),
    }
}

fn without_tags(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        out.push(' ');
        let tag = &rest[start..];
        let silent = ["<script", "<style", "<title", "<!--"].iter().zip(["</script", "</style", "</title", "-->"]);
        let end = silent
            .filter(|(open, _)| tag.get(..open.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(open)))
            .map(|(_, close)| find_ignoring_case(tag, close).unwrap_or(tag.len()))
            .next()
            .unwrap_or(0);
        rest = &tag[end..];
        rest = rest.find('>').map_or("", |at| &rest[at + 1..]);
    }
    out.push_str(rest);
    unescape(&out)
}

fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes().windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// The character references that providers' messages have.
fn unescape(text: &str) -> String {
    let pairs = [
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Where an answer sends the browser.
pub(super) fn target(answer: &Answer, from: &str) -> Option<Url> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    Url::parse(from).ok()?.join(answer.header("location")?).ok()
}

/// An address without query and fragment.
pub(super) fn plain(url: &Url) -> String {
    crate::http::bare(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_page_are_those_a_reader_sees() {
        let page = "<!DOCTYPE html><style>b{x:1}</style><SCRIPT>var a = 'redirect_uri';</SCRIPT>\n<p>Invalid <b>parameter</b>: don&#39;t\u{1b}[2J</p><!-- no -->";
        let answer = Answer { status: 400, reason: String::new(), headers: Vec::new(), body: page.into() };
        assert_eq!(words(&answer), "Invalid parameter : don't\u{fffd}[2J");
        let open = Answer { body: "<script>never closed".into(), ..answer };
        assert_eq!(words(&open), "");
    }
}
