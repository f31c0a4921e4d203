//! Secrets in text that nobody has parsed: bodies that are no JSON, addresses, lines of source.

use std::collections::HashSet;
use std::ops::Range;

use super::MASK;
use super::names::{is_secret, is_secret_parameter, seems_secret};

/// The values that stand beside a secret's name: `name=value`, `"name": "value"`, `name="…" value="value"`, in any
/// depth of escaping.
pub fn named_values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(name) = next_word(text, at) {
        at = name.end;
        let parameter = text[..name.start].ends_with(['?', '&', '#', ';']) && is_secret_parameter(&text[name.clone()]);
        let last = text[name.clone()].rsplit('.').next().unwrap_or_default();
        if !parameter && !is_secret(last) {
            continue;
        }
        if let Some(value) = value_after(text, name.end)
            && !value.is_empty()
        {
            at = value.end;
            found.push(value);
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = (from..bytes.len()).find(|at| is_word(bytes[*at]))?;
    let end = (start..bytes.len()).find(|at| !is_word(bytes[*at])).unwrap_or(bytes.len());
    Some(start..end)
}

fn value_after(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = &text[from..];
    let closed = rest.trim_start_matches(['\\', '"', '\'']);
    let quoted_name = closed.len() < rest.len();
    let mut after = closed.trim_start_matches([' ', ']', '\t']);
    // `<input name="access_token" value="…">`
    let attribute = after.strip_prefix("value").filter(|_| quoted_name);
    after = attribute.unwrap_or(after).trim_start();
    let (separator, mut value) = (after.chars().next()?, after.get(1..)?);
    if !matches!(separator, '=' | ':') || value.starts_with('=') {
        return None;
    }
    let spaced = value.len();
    value = value.trim_start_matches([' ', '\t', '\n', '\r']);
    let spaced = value.len() < spaced;
    let start = text.len() - value.len();
    let prefix = value.len() - value.trim_start_matches(['b', 'r', 'f', 'u', 'B', 'R', 'F', 'U']).len();
    let opened = value.get(prefix..).filter(|after| prefix <= 2 && after.starts_with(['\\', '"', '\'']));
    if let Some(after) = opened {
        let escapes = after.len() - after.trim_start_matches('\\').len();
        let quote = after[escapes..].chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let begin = start + prefix + escapes + 1;
        return Some(begin..end_of_quoted(text, begin, quote, escapes));
    }
    // What stands bare is a value in a form or an address; `name: word` and `name = word` are also how people write.
    let number = quoted_name && value.starts_with(|c: char| c.is_ascii_digit());
    if number || (separator == '=' && !spaced) {
        let end = value.find(|c: char| c.is_whitespace() || "&\"'<>;,)}]`".contains(c)).unwrap_or(value.len());
        let called = value[..end].contains('(') || value[..end].contains('[');
        return (!called).then_some(start..start + end);
    }
    None
}

/// The end of a quoted text: its quote, with as many backslashes as the opening one had.
fn end_of_quoted(text: &str, begin: usize, quote: char, escapes: usize) -> usize {
    let mut backslashes = 0;
    for (at, c) in text[begin..].char_indices() {
        match c {
            '\\' => backslashes += 1,
            c if c == quote && (backslashes == escapes || (escapes == 0 && backslashes % 2 == 0)) => {
                return begin + at - backslashes.min(escapes);
            }
            _ => backslashes = 0,
        }
    }
    text.len()
}

/// Masks the values that stand beside a secret's name.
pub fn mask_named(text: &str) -> String {
    replace(text, &named_values(text))
}

/// A text with these pieces masked.
fn replace(text: &str, pieces: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for piece in pieces {
        out.push_str(&text[done..piece.start]);
        out.push_str(MASK);
        done = piece.end;
    }
    out + &text[done..]
}

/// Masks the password in `scheme://user:password@host`, and a user that stands alone there, which is often a token.
pub fn mask_userinfo(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'<>`\\".contains(c)).unwrap_or(after.len());
        rest = after;
        if let Some(sign) = after[..end].rfind('@').filter(|sign| *sign > 0) {
            if let Some((user, _)) = after[..sign].split_once(':') {
                out.push_str(user);
                out.push(':');
            }
            out.push_str(MASK);
            rest = &after[sign..];
        }
    }
    out + rest
}

/// Masks whatever looks like a signed or encrypted token, learnt or not: base64url pieces of which the first starts
/// `{"`.
pub fn mask_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let candidate: &str = {
            let end = rest[at..].find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=".contains(c)));
            &rest[at..end.map_or(rest.len(), |end| at + end)]
        };
        let pieces: Vec<&str> = candidate.split('.').collect();
        let filled = pieces.iter().filter(|piece| piece.len() > 8).count();
        let token = pieces.len() >= 3 && pieces[0].len() > 8 && filled >= 2;
        out.push_str(&rest[..at]);
        out.push_str(if token { MASK } else { candidate });
        rest = &rest[at + candidate.len()..];
    }
    out + rest
}

/// Masks a secret of few characters where it stands alone.
pub fn mask_alone(text: &str, secret: &str) -> String {
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

/// With more secrets than this none is looked for before an ellipsis: the word there is masked at once.
const MANY: usize = 2000;

/// Masks the beginning of a secret that an ellipsis cuts off.
pub fn mask_cut(text: String, secrets: &HashSet<String>) -> String {
    if !text.contains('…') {
        return text;
    }
    let pieces: Vec<&str> = text.split('…').collect();
    let last = pieces.len() - 1;
    let cut = |piece: &str| match secrets.len() > MANY {
        true => piece.len() - piece.rfind(char::is_whitespace).map_or(0, |at| at + 1),
        false => secrets.iter().filter_map(|secret| overlap(piece, secret)).max().unwrap_or(0),
    };
    let masked = pieces.iter().enumerate().map(|(number, piece)| match if number < last { cut(piece) } else { 0 } {
        0 => (*piece).to_owned(),
        length => format!("{}{MASK}", &piece[..piece.len() - length]),
    });
    masked.collect::<Vec<_>>().join("…")
}

/// No text of ours is cut after more bytes than these.
const LONGEST_CUT: usize = 1000;

/// How many bytes of a secret's beginning a text ends with, from four up.
fn overlap(text: &str, secret: &str) -> Option<usize> {
    let most = secret.len().min(text.len()).min(LONGEST_CUT);
    let begins = |length: &usize| secret.is_char_boundary(*length) && text.ends_with(&secret[..*length]);
    (4..=most).rev().find(begins)
}

/// Source, line by line, so that line numbers stay: what stands on a line after a name that seems to be a secret's is
/// masked, whether or not the file could be read.
pub fn mask_source(text: &str) -> String {
    // The indentation of a name whose value goes on below it.
    let mut open: Option<usize> = None;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let indent = line.len() - line.trim_start().len();
        if open.is_some_and(|name| indent <= name && !line.trim().is_empty()) {
            open = None;
        }
        if let Some(value) = secret_value(line) {
            let rest = line[value..].trim();
            let goes_on =
                matches!(rest.as_bytes(), [] | [.., b'(' | b'[' | b'\\' | b'|' | b'>' | b'-' | b'+' | b'"' | b'\'']);
            open = goes_on.then_some(indent);
            lines.push(format!("{}{}", &line[..value], mask_literals(&line[value..])));
        } else if open.is_some() && !line.trim().is_empty() {
            lines.push(format!("{}{}", &line[..indent], mask_literals(&line[indent..])));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// Where the value begins on a line that gives a secret one.
fn secret_value(line: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(name) = next_word(line, at) {
        at = name.end;
        let last = line[name.clone()].rsplit('.').next().unwrap_or_default();
        if !seems_secret(last) {
            continue;
        }
        let after = line[name.end..].trim_start_matches(['"', '\'', ']', ')', ' ', '\t']);
        if let Some(value) = after.strip_prefix(['=', ':', ',']).filter(|value| !value.starts_with('=')) {
            return Some(line.len() - value.len());
        }
    }
    None
}

/// Masks the texts in a value; a value without any is one itself, unless it is code.
fn mask_literals(value: &str) -> String {
    if !value.contains(['"', '\'']) {
        let bare = value.trim();
        let code = bare.is_empty()
            || bare.contains(['(', '[', '{'])
            || bare.bytes().all(|byte| !byte.is_ascii_alphanumeric())
            || matches!(bare, "None" | "True" | "False" | "null" | "true" | "false");
        return if code { value.to_owned() } else { value.replace(bare, MASK) };
    }
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = rest[at..].chars().next().unwrap_or('"');
        let begin = at + 1;
        let end = end_of_quoted(rest, begin, quote, 0);
        let before = &rest[..begin];
        let variable = ["environ[", "environ.get(", "getenv("].iter().any(|call| rest[..at].trim_end().ends_with(call));
        out.push_str(before);
        out.push_str(if variable || end == begin { &rest[begin..end] } else { MASK });
        out.push_str(&rest[end..(end + 1).min(rest.len())]);
        rest = &rest[(end + 1).min(rest.len())..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beside_a_name_are_found_in_any_dress() {
        for (text, masked) in [
            ("access_token=tok&x=1", "access_token=********&x=1"),
            ("{\"access_token\": \"tok\", \"x\": 1}", "{\"access_token\": \"********\", \"x\": 1}"),
            ("{'access_token': 'tok'}", "{'access_token': '********'}"),
            ("{\\\"id_token\\\": \\\"tok\\\", \\\"x", "{\\\"id_token\\\": \\\"********\\\", \\\"x"),
            ("\"accessToken\":\"a\\\"b\",", "\"accessToken\":\"********\","),
            ("\"access_token\": \"cut off…", "\"access_token\": \"********"),
            ("<input name=\"access_token\" value=\"tok\">", "<input name=\"access_token\" value=\"********\">"),
            ("\"access_token\": 12345}", "\"access_token\": ********}"),
            ("https://h/cb?code=abc&state=s", "https://h/cb?code=********&state=s"),
            ("https://h/cb#access_token=abc", "https://h/cb#access_token=********"),
            ("c.G.client_secret='x'", "c.G.client_secret='********'"),
            ("client_secret: set it", "client_secret: set it"),
            ("client_secret = os.environ[\"X\"]", "client_secret = os.environ[\"X\"]"),
            ("token_type=bearer, \"code\": \"blocked\"", "token_type=bearer, \"code\": \"blocked\""),
            ("secret", "secret"),
            ("secret=", "secret="),
        ] {
            assert_eq!(mask_named(text), masked);
        }
    }

    #[test]
    fn addresses_lose_their_passwords() {
        assert_eq!(
            mask_userinfo("at http://u:p@h/x, https://t@h and http://h/@x"),
            "at http://u:********@h/x, https://********@h and http://h/@x"
        );
    }

    #[test]
    fn what_an_ellipsis_cuts_is_masked() {
        let secrets = HashSet::from(["hunter2hunter2".to_owned()]);
        assert_eq!(mask_cut("was hunter2hu…".into(), &secrets), "was ********…");
        assert_eq!(mask_cut("was hun…".into(), &secrets), "was hun…");
    }

    #[test]
    fn source_is_masked_whether_or_not_it_can_be_read() {
        for (source, masked) in [
            ("c.G.client_secret = 'hunter2", "c.G.client_secret = '********"),
            ("c.G.client_secrett = \"hunter2\" + f()", "c.G.client_secrett = \"********\" + f()"),
            ("client_secret: hunter2", "client_secret: ********"),
            ("a:\n  client_secret: >-\n    hunter2\n  b: c", "a:\n  client_secret: >-\n    ********\n  b: c"),
            ("x.secret = (\n  'a'\n  'b')\ny = 'c'", "x.secret = (\n  '********'\n  '********')\ny = 'c'"),
            ("c.G.client_secret = os.environ['NAME']", "c.G.client_secret = os.environ['NAME']"),
            ("s = os.environ.get('A_SECRET', 'hunter2')", "s = os.environ.get('A_SECRET', '********')"),
            ("secretName: hub", "secretName: hub"),
            ("token_url = 'https://h'", "token_url = 'https://h'"),
        ] {
            assert_eq!(mask_source(source), masked);
        }
    }
}
