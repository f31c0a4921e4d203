//! Python's `re` on top of fancy-regex: the same pattern, translated where the two dialects differ.

use fancy_regex::{Regex, RegexBuilder};

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    anchored: Regex,
}

impl Pattern {
    /// `re.compile(pattern)`, or why it cannot be.
    pub fn new(pattern: &str) -> Result<Pattern, String> {
        let translated = format!("\\A(?:{})", translate(pattern)?);
        let anchored = RegexBuilder::new(&translated)
            .backtrack_limit(200_000)
            .build()
            .map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())?;
        Ok(Pattern { anchored })
    }

    /// `bool(re.match(pattern, text))`; an `Err` where the pattern takes too many steps to tell.
    pub fn matches_start(&self, text: &str) -> Result<bool, String> {
        self.anchored.is_match(text).map_err(|error| error.to_string())
    }
}

/// What `\w` means to Python: `str.isalnum` and the underscore, so no combining marks.
const WORD: &str = r"\p{L}\p{N}_";
const WORD_ASCII: &str = "a-zA-Z0-9_";
/// What `\s` means: `str.isspace`, which takes the information separators along.
const SPACE: &str = r"\s\x1c-\x1f";
const SPACE_ASCII: &str = r" \t-\r";

/// The same pattern in fancy-regex's dialect.
pub fn translate(pattern: &str) -> Result<String, String> {
    let (flags, rest) = global_flags(pattern);
    let ascii = flags.contains('a');
    let flags: String = flags.chars().filter(|flag| !matches!(flag, 'a' | 'u')).collect();
    let chars: Vec<char> = rest.chars().collect();
    let mut out = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
    let mut at = 0;
    while at < chars.len() {
        let here = &chars[at..];
        match chars[at] {
            '\\' => {
                let next = *chars.get(at + 1).ok_or("bad escape (end of pattern)")?;
                out.push_str(&escape(next, false, ascii)?);
                at += 2;
            }
            '[' => at = class(&chars, at, &mut out, ascii)?,
            '$' => {
                // Also before a final line break.
                out.push_str("(?=\\n?\\z)");
                at += 1;
            }
            '{' if !is_quantifier(here) => {
                out.push_str("\\{");
                at += 1;
            }
            '{' if is_backwards(here) => return Err("min repeat greater than max repeat".into()),
            '}' if !closes_quantifier(&chars[..at]) => {
                out.push_str("\\}");
                at += 1;
            }
            '(' if here.starts_with(&['(', '?', '<']) && !matches!(here.get(3), Some('=' | '!')) => {
                return Err("unknown extension ?<".into());
            }
            '(' if here.starts_with(&['(', '?', '<']) && varies(&here[4..]) => {
                return Err("look-behind requires fixed-width pattern".into());
            }
            '(' if !global_flags(&here.iter().collect::<String>()).0.is_empty() => {
                return Err("global flags not at the start of the expression".into());
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    Ok(out)
}

/// The flags of a `(?aimsux)` that a pattern begins with, and the rest of the pattern.
fn global_flags(pattern: &str) -> (&str, &str) {
    let found = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    match found {
        Some((flags, rest)) if flags.chars().all(|c| "aimsux".contains(c)) => (flags, rest),
        _ => ("", pattern),
    }
}

/// Whether what stands before the parenthesis that closes this group can match texts of several lengths.
fn varies(group: &[char]) -> bool {
    let mut depth = 0;
    let mut at = 0;
    let mut in_class = false;
    while let Some(c) = group.get(at) {
        match c {
            '\\' => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            '*' | '+' => return true,
            '?' if at > 0 && group[at - 1] != '(' => return true,
            '{' if is_quantifier(&group[at..]) && group[at..].iter().take_while(|c| **c != '}').any(|c| *c == ',') => {
                return true;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

fn escape(c: char, in_class: bool, ascii: bool) -> Result<String, String> {
    let word = if ascii { WORD_ASCII } else { WORD };
    let space = if ascii { SPACE_ASCII } else { SPACE };
    match c {
        'w' if in_class => Ok(word.into()),
        's' if in_class => Ok(space.into()),
        'w' => Ok(format!("[{word}]")),
        's' => Ok(format!("[{space}]")),
        'W' => Ok(format!("[^{word}]")),
        'S' => Ok(format!("[^{space}]")),
        'd' if ascii => Ok(if in_class { "0-9" } else { "[0-9]" }.into()),
        'D' if ascii => Ok("[^0-9]".into()),
        'b' if in_class => Ok("\\x08".into()),
        'b' => Ok(format!("(?:(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}]))")),
        'B' if !in_class => Ok(format!("(?:(?<=[{word}])(?=[{word}])|(?<![{word}])(?![{word}]))")),
        'Z' if !in_class => Ok("\\z".into()),
        'A' if !in_class => Ok("\\A".into()),
        'd' | 'D' | 'a' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' | 'u' | 'U' => Ok(format!("\\{c}")),
        '0' => Ok("\\x00".into()),
        c if c.is_ascii_digit() => Ok(format!("\\{c}")),
        c if c.is_ascii_alphabetic() => Err(format!("bad escape \\{c}")),
        c if c.is_ascii_punctuation() && c != '<' && c != '>' => Ok(format!("\\{c}")),
        c => Ok(c.to_string()),
    }
}

/// A character class from `chars[at] == '['`: gives the index after it.
fn class(chars: &[char], mut at: usize, out: &mut String, ascii: bool) -> Result<usize, String> {
    out.push('[');
    at += 1;
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let start = at;
    loop {
        match chars.get(at) {
            None => return Err("unterminated character set".into()),
            Some(']') if at > start => {
                out.push(']');
                return Ok(at + 1);
            }
            Some('\\') => {
                let next = *chars.get(at + 1).ok_or("unterminated character set")?;
                out.push_str(&escape(next, true, ascii)?);
                at += 2;
            }
            // Set operations and nested classes that Python takes literally.
            Some(c @ ('[' | ']' | '&' | '~')) => {
                out.push('\\');
                out.push(*c);
                at += 1;
            }
            Some('-') if chars.get(at + 1) == Some(&'-') => {
                out.push_str("\\-");
                at += 1;
            }
            Some(c) => {
                out.push(*c);
                at += 1;
            }
        }
    }
}

fn is_quantifier(chars: &[char]) -> bool {
    let inside: String = chars.iter().skip(1).take_while(|c| **c != '}').collect();
    let closed = chars.len() > inside.chars().count() + 1;
    let (low, high) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    closed && digits(low) && digits(high) && !inside.is_empty() && inside != ","
}

/// Whether a quantifier's first number is greater than its second.
fn is_backwards(chars: &[char]) -> bool {
    let inside: String = chars.iter().skip(1).take_while(|c| **c != '}').collect();
    let numbers = inside.split_once(',').map(|(low, high)| (low.parse::<u64>(), high.parse::<u64>()));
    matches!(numbers, Some((Ok(low), Ok(high))) if low > high)
}

fn closes_quantifier(before: &[char]) -> bool {
    before.iter().rposition(|c| *c == '{').is_some_and(|open| {
        let mut whole = before[open..].to_vec();
        whole.push('}');
        is_quantifier(&whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each row as CPython 3.11 answers `bool(re.match(pattern, text))`.
    #[test]
    fn matches_as_python_does() {
        for (pattern, text, expected) in [
            ("^[a-z]+$", "abc\n", true),
            (r"[a-z]+\Z", "abc\n", false),
            ("a", "abc", true),
            ("b", "abc", false),
            ("(?!root)", "rooted", false),
            (r"[\w.@+-]+$", "a.b@c", true),
            ("[[a]", "[", true),
            ("[]a]", "]", true),
            ("a{", "a{", true),
            ("a{,2}$", "aa", true),
            ("(?P<x>a)(?P=x)", "aa", true),
            (r"\w+", "é", true),
            ("(?i)ABC", "abc", true),
            ("[a&&b]", "&", true),
            ("a|b", "b", true),
            (r"\w{3,5}", "i\u{307}da", false),
            (r"i\b", "i\u{307}", true),
            (r"[\W]", "\u{307}", true),
            (r"a\s", "a\u{1f}", true),
            (r"(?a)\w", "é", false),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().matches_start(text), Ok(expected), "{pattern} {text:?}");
        }
    }

    #[test]
    fn refuses_what_python_refuses() {
        for pattern in ["(", "[a", r"\q", "*", "(?<n>a)", "a{2,1}", "(?<=a+)b", "(?<!a{1,2})b", "a(?i)b"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
