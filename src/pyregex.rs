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

/// The same pattern in fancy-regex's dialect.
pub fn translate(pattern: &str) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut at = 0;
    // Python wants global flags first; inside our own group they must come before it, and `(?a)` has no counterpart.
    while at < chars.len() {
        match chars[at] {
            '\\' => {
                let next = *chars.get(at + 1).ok_or("bad escape (end of pattern)")?;
                out.push_str(&escape(next, false)?);
                at += 2;
            }
            '[' => at = class(&chars, at, &mut out)?,
            '$' => {
                // Also before a final line break.
                out.push_str("(?=\\n?\\z)");
                at += 1;
            }
            '{' if !is_quantifier(&chars[at..]) => {
                out.push_str("\\{");
                at += 1;
            }
            '}' if !closes_quantifier(&chars[..at]) => {
                out.push_str("\\}");
                at += 1;
            }
            '(' if chars[at..].starts_with(&['(', '?', '<']) && !matches!(chars.get(at + 3), Some('=' | '!')) => {
                return Err("unknown extension ?<".into());
            }
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    Ok(out)
}

fn escape(c: char, in_class: bool) -> Result<String, String> {
    match c {
        'Z' if !in_class => Ok("\\z".into()),
        'A' | 'B' if !in_class => Ok(format!("\\{c}")),
        'b' if in_class => Ok("\\x08".into()),
        'b' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'a' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' | 'u' | 'U' => {
            Ok(format!("\\{c}"))
        }
        '0' => Ok("\\x00".into()),
        c if c.is_ascii_digit() => Ok(format!("\\{c}")),
        c if c.is_ascii_alphabetic() => Err(format!("bad escape \\{c}")),
        c if c.is_ascii_punctuation() && c != '<' && c != '>' => Ok(format!("\\{c}")),
        c => Ok(c.to_string()),
    }
}

/// A character class from `chars[at] == '['`: gives the index after it.
fn class(chars: &[char], mut at: usize, out: &mut String) -> Result<usize, String> {
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
                out.push_str(&escape(next, true)?);
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
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().matches_start(text), Ok(expected), "{pattern} {text:?}");
        }
    }

    #[test]
    fn refuses_what_python_refuses() {
        for pattern in ["(", "[a", r"\q", "*", "(?<n>a)"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
