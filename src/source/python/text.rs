//! Methods of `str` and `bytes`.

use std::rc::Rc;

use num_traits::ToPrimitive as _;
use ruff_text_size::TextRange;

use super::call::Keywords;
use super::containers::Items;
use super::heap::Val;
use super::{Ev, Interpreter, SIZE};

/// The methods a text has.
pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// What Python counts as white space in text.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

fn number(value: Option<&Val>) -> Option<i64> {
    super::operators::as_int(value?)?.to_i64()
}

impl Interpreter<'_> {
    pub(super) fn call_text(
        &mut self,
        text: &str,
        name: &str,
        args: Vec<Val>,
        keywords: Keywords,
        range: TextRange,
    ) -> Ev {
        self.step(text.len() as u64 / 64, range)?;
        if name == "format" {
            return self.format_method(text, &args, &keywords, range);
        }
        if name == "join" {
            return self.join_text(text, &args, range);
        }
        if let Some(why) = args.iter().chain(keywords.iter().map(|(_, value)| value)).find_map(|arg| self.deep_why(arg))
        {
            self.may_raise(super::ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        let mut args = args;
        for (key, value) in keywords {
            match (name, &*key) {
                ("split" | "rsplit", "sep") => args.insert(0, value),
                ("split" | "rsplit", "maxsplit") => {
                    if args.is_empty() {
                        args.push(Val::None);
                    }
                    args.push(value);
                }
                ("splitlines", "keepends") | ("encode", "encoding") => args.insert(0, value),
                _ => {}
            }
        }
        if let Some(plain) = simple(text, name, args.first()) {
            return self.text_of(plain, range);
        }
        if let Some(verdict) = classify(text, name) {
            return Ok(Val::Bool(verdict));
        }
        let first = args.first().and_then(Val::as_str).map(str::to_owned);
        match (name, first) {
            ("split", _) | ("rsplit", _) => self.split_text(text, name, &args, range),
            ("splitlines", _) => {
                let keep = args.first().is_some_and(|keep| self.truth(keep) == Some(true));
                let lines = split_lines(text, keep).into_iter().map(Val::str).collect();
                Ok(self.new_list(lines))
            }
            ("replace", Some(old)) => {
                let Some(new) = args.get(1).and_then(Val::as_str) else {
                    return self.raise("TypeError", "replace() takes two strings", range);
                };
                let count = number(args.get(2)).filter(|count| *count >= 0);
                if text.len().saturating_mul(new.len() + 1) > SIZE * 8 {
                    return Ok(self.unknown("the text is too long to be followed", range));
                }
                let replaced = match count {
                    Some(count) => text.replacen(&old, new, count as usize),
                    None => text.replace(&old, new),
                };
                self.text_of(replaced, range)
            }
            ("startswith" | "endswith", _) => self.affix(text, name, &args, range),
            ("removeprefix", Some(part)) => Ok(Val::str(text.strip_prefix(&*part).unwrap_or(text))),
            ("removesuffix", Some(part)) => Ok(Val::str(text.strip_suffix(&*part).unwrap_or(text))),
            ("partition" | "rpartition", Some(part)) => {
                if part.is_empty() {
                    return self.raise("ValueError", "empty separator", range);
                }
                let forward = name == "partition";
                let split = if forward { text.split_once(&*part) } else { text.rsplit_once(&*part) };
                let parts = match split {
                    Some((before, after)) => [before, &part, after],
                    None if forward => [text, "", ""],
                    None => ["", "", text],
                };
                Ok(Val::Tuple(parts.into_iter().map(Val::str).collect()))
            }
            ("find" | "index" | "rfind" | "rindex", Some(part)) => {
                if args.len() > 1 {
                    return Ok(self.unknown(format!("str.{name} with bounds is not followed here"), range));
                }
                let at = if name.starts_with('r') { text.rfind(&*part) } else { text.find(&*part) };
                match at {
                    Some(at) => Ok(Val::int(text[..at].chars().count())),
                    None if name.ends_with("index") => self.raise("ValueError", "substring not found", range),
                    None => Ok(Val::int(-1)),
                }
            }
            ("count", Some(part)) if args.len() == 1 => {
                let count = if part.is_empty() { text.chars().count() + 1 } else { text.matches(&*part).count() };
                Ok(Val::int(count))
            }
            ("encode", encoding) => {
                let encoding = encoding.unwrap_or_else(|| "utf-8".to_owned()).to_ascii_lowercase();
                match encoding.as_str() {
                    "utf-8" | "utf8" => Ok(Val::Bytes(text.as_bytes().into())),
                    "ascii" | "us-ascii" if text.is_ascii() => Ok(Val::Bytes(text.as_bytes().into())),
                    _ => Ok(self.unknown(format!("the encoding {encoding} is not followed here"), range)),
                }
            }
            ("ljust" | "rjust" | "center" | "zfill", _) => self.pad_text(text, name, &args, range),
            _ if !METHODS.contains(&name) => {
                self.raise("AttributeError", format!("'str' object has no attribute '{name}'"), range)
            }
            ("partition" | "removeprefix" | "removesuffix" | "find" | "index" | "count" | "replace", None) => {
                self.raise("TypeError", format!("str.{name}() takes a string"), range)
            }
            _ => Ok(self.unknown(format!("str.{name} is not followed here"), range)),
        }
    }

    fn join_text(&mut self, text: &str, args: &[Val], range: TextRange) -> Ev {
        let Some(items) = args.first() else { return self.raise("TypeError", "join() takes one argument", range) };
        let items = match self.items(items, range)? {
            Items::Known(items) => items,
            Items::Unknown(why) => return Ok(Val::Unknown(why)),
        };
        let mut parts = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match item {
                Val::Str(part) => parts.push(part.clone()),
                other => match self.why(other) {
                    Some(why) => {
                        self.may_raise("TypeError", &why, range);
                        return Ok(Val::Unknown(why));
                    }
                    None => {
                        let kind = self.type_name(other);
                        let message = format!("sequence item {at}: expected str instance, {kind} found");
                        return self.raise("TypeError", message, range);
                    }
                },
            }
        }
        let length = parts.iter().map(|part| part.len() + text.len()).sum::<usize>();
        if length > SIZE {
            return Ok(self.unknown("the text is too long to be followed", range));
        }
        self.text_of(parts.join(text), range)
    }

    fn split_text(&mut self, text: &str, name: &str, args: &[Val], range: TextRange) -> Ev {
        let limit = number(args.get(1)).filter(|limit| *limit >= 0).map(|limit| limit as usize);
        let forward = name == "split";
        let parts: Vec<String> = match args.first() {
            None | Some(Val::None) => split_space(text, limit, forward),
            Some(Val::Str(separator)) => {
                if separator.is_empty() {
                    return self.raise("ValueError", "empty separator", range);
                }
                match (limit, forward) {
                    (None, _) => text.split(&**separator).map(str::to_owned).collect(),
                    (Some(limit), true) => text.splitn(limit + 1, &**separator).map(str::to_owned).collect(),
                    (Some(limit), false) => {
                        let mut parts: Vec<String> = text.rsplitn(limit + 1, &**separator).map(str::to_owned).collect();
                        parts.reverse();
                        parts
                    }
                }
            }
            Some(other) => {
                let kind = self.type_name(other);
                return self.raise("TypeError", format!("must be str or None, not {kind}"), range);
            }
        };
        self.step(parts.len() as u64 / 4, range)?;
        let parts = parts.into_iter().map(Val::str).collect();
        Ok(self.new_list(parts))
    }

    fn affix(&mut self, text: &str, name: &str, args: &[Val], range: TextRange) -> Ev {
        if args.len() != 1 {
            return Ok(self.unknown(format!("str.{name} with bounds is not followed here"), range));
        }
        let test = |part: &str| if name == "startswith" { text.starts_with(part) } else { text.ends_with(part) };
        match &args[0] {
            Val::Str(part) => Ok(Val::Bool(test(part))),
            Val::Tuple(parts) => Ok(Val::Bool(parts.iter().filter_map(Val::as_str).any(test))),
            other => {
                let kind = self.type_name(other);
                let message = format!("{name} first arg must be str or a tuple of str, not {kind}");
                self.raise("TypeError", message, range)
            }
        }
    }

    fn pad_text(&mut self, text: &str, name: &str, args: &[Val], range: TextRange) -> Ev {
        let Some(width) = number(args.first()) else { return self.raise("TypeError", "an integer is required", range) };
        if width > SIZE as i64 {
            return Ok(self.unknown("the text is too long to be followed", range));
        }
        let fill = args.get(1).and_then(Val::as_str).unwrap_or(" ");
        let missing = (width.max(0) as usize).saturating_sub(text.chars().count());
        let padded = match name {
            "ljust" => format!("{text}{}", fill.repeat(missing)),
            "rjust" => format!("{}{text}", fill.repeat(missing)),
            "zfill" => match text.strip_prefix(['-', '+']) {
                Some(digits) => format!("{}{}{digits}", &text[..1], "0".repeat(missing)),
                None => format!("{}{text}", "0".repeat(missing)),
            },
            _ => {
                // CPython puts the odd one out to the left where the width is odd.
                let left = missing / 2 + (missing & width.max(0) as usize & 1);
                format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left))
            }
        };
        self.text_of(padded, range)
    }

    pub(super) fn call_bytes(&mut self, bytes: &Rc<[u8]>, name: &str, args: &[Val], range: TextRange) -> Ev {
        match name {
            "decode" => {
                let encoding = args.first().and_then(Val::as_str).unwrap_or("utf-8").to_ascii_lowercase();
                match (encoding.as_str(), std::str::from_utf8(bytes)) {
                    ("utf-8" | "utf8", Ok(text)) => Ok(Val::str(text)),
                    ("ascii" | "us-ascii", Ok(text)) if text.is_ascii() => Ok(Val::str(text)),
                    ("utf-8" | "utf8" | "ascii", _) if args.len() < 2 => {
                        self.raise("UnicodeDecodeError", "the bytes are no valid text", range)
                    }
                    ("latin-1" | "latin1" | "iso-8859-1", _) => {
                        Ok(Val::str(bytes.iter().map(|byte| char::from(*byte)).collect::<String>()))
                    }
                    _ => Ok(self.unknown(format!("the encoding {encoding} is not followed here"), range)),
                }
            }
            "hex" if args.is_empty() => {
                Ok(Val::str(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
            }
            "strip" | "rstrip" | "lstrip" if args.is_empty() => {
                let trimmed = match name {
                    "strip" => bytes.trim_ascii(),
                    "rstrip" => bytes.trim_ascii_end(),
                    _ => bytes.trim_ascii_start(),
                };
                Ok(Val::Bytes(trimmed.into()))
            }
            _ => Ok(self.unknown(format!("bytes.{name} is not followed here"), range)),
        }
    }
}

/// Methods from text to text.
fn simple(text: &str, name: &str, arg: Option<&Val>) -> Option<String> {
    let strip = |c: char| match arg {
        Some(Val::Str(set)) => set.contains(c),
        _ => is_space(c),
    };
    if name.ends_with("strip") && !matches!(arg, None | Some(Val::None | Val::Str(_))) {
        return None;
    }
    Some(match name {
        "strip" => text.trim_matches(strip).to_owned(),
        "lstrip" => text.trim_start_matches(strip).to_owned(),
        "rstrip" => text.trim_end_matches(strip).to_owned(),
        "lower" => text.to_lowercase(),
        "casefold" if text.is_ascii() => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "swapcase" if text.is_ascii() => text
            .chars()
            .map(|c| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() })
            .collect(),
        "capitalize" if text.is_ascii() => {
            let mut chars = text.chars();
            chars.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
            })
        }
        "title" if text.is_ascii() => {
            let mut inside = false;
            text.chars()
                .map(|c| {
                    let changed = if inside { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
                    inside = c.is_ascii_alphabetic();
                    changed
                })
                .collect()
        }
        _ => return None,
    })
}

/// The `is…` methods; those that need Unicode tables are told only for ASCII.
fn classify(text: &str, name: &str) -> Option<bool> {
    let all = |test: fn(&char) -> bool| !text.is_empty() && text.chars().all(|c| test(&c));
    if name == "isascii" {
        return Some(text.is_ascii());
    }
    if name == "isspace" {
        return Some(!text.is_empty() && text.chars().all(is_space));
    }
    if !text.is_ascii() {
        return None;
    }
    let letters = text.chars().any(|c| c.is_ascii_alphabetic());
    Some(match name {
        "isdigit" | "isdecimal" | "isnumeric" => all(char::is_ascii_digit),
        "isalpha" => all(char::is_ascii_alphabetic),
        "isalnum" => all(char::is_ascii_alphanumeric),
        "islower" => letters && !text.chars().any(|c| c.is_ascii_uppercase()),
        "isupper" => letters && !text.chars().any(|c| c.is_ascii_lowercase()),
        "isprintable" => text.chars().all(|c| !c.is_ascii_control()),
        "isidentifier" => {
            text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        }
        _ => return None,
    })
}

fn split_space(text: &str, limit: Option<usize>, forward: bool) -> Vec<String> {
    let words = || text.split(is_space).filter(|word| !word.is_empty());
    let Some(limit) = limit else { return words().map(str::to_owned).collect() };
    let mut parts = Vec::new();
    if forward {
        let mut rest = text.trim_start_matches(is_space);
        while parts.len() < limit {
            let Some((word, after)) = rest.split_once(is_space) else { break };
            parts.push(word.to_owned());
            rest = after.trim_start_matches(is_space);
        }
        if !rest.is_empty() {
            parts.push(rest.to_owned());
        }
    } else {
        let mut rest = text.trim_end_matches(is_space);
        while parts.len() < limit {
            let Some((before, word)) = rest.rsplit_once(is_space) else { break };
            parts.push(word.to_owned());
            rest = before.trim_end_matches(is_space);
        }
        if !rest.is_empty() {
            parts.push(rest.to_owned());
        }
        parts.reverse();
    }
    parts
}

/// `str.splitlines`, with all the line ends that Python knows.
pub(super) fn split_lines(text: &str, keep: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ends =
            matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if !ends {
            line.push(c);
            continue;
        }
        if keep {
            line.push(c);
        }
        if c == '\r' && chars.peek() == Some(&'\n') {
            chars.next();
            if keep {
                line.push('\n');
            }
        }
        lines.push(std::mem::take(&mut line));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}
