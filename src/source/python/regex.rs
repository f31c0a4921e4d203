//! `re`: patterns that mean the same to Python and to the engine here.

use std::rc::Rc;

use fancy_regex::Regex;
use ruff_text_size::TextRange;

use super::heap::Val;
use super::{Ev, Interpreter};

/// The value of a flag's name.
pub(super) fn flag(name: &str) -> i64 {
    match name {
        "I" | "IGNORECASE" => 2,
        "M" | "MULTILINE" => 8,
        "S" | "DOTALL" => 16,
        "X" | "VERBOSE" => 64,
        "A" | "ASCII" => 256,
        _ => 0,
    }
}

impl Interpreter<'_> {
    pub(super) fn call_re(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let why = self.why_of_parts(args, range);
        if name == "escape" {
            return match args {
                [Val::Str(text)] => Ok(Val::str(escape(text))),
                _ => Ok(Val::Unknown(why)),
            };
        }
        let Some(Val::Str(pattern)) = args.first() else {
            self.may_raise(super::ANY, &why, range);
            return Ok(Val::Unknown(why));
        };
        if !keywords.is_empty() || !is_common(pattern) {
            return Ok(self.unknown(format!("re.{name} of this pattern is not followed here"), range));
        }
        let anchored = match name {
            "match" => format!(r"\A(?:{pattern})"),
            "fullmatch" => format!(r"\A(?:{pattern})\z"),
            _ => pattern.to_string(),
        };
        let Ok(regex) = Regex::new(&anchored) else {
            return Ok(self.unknown("this pattern is not followed here", range));
        };
        match (name, &args[1..]) {
            ("match" | "fullmatch" | "search", [Val::Str(text)]) => match regex.is_match(&**text) {
                // What a match holds is not followed; that there is one is.
                Ok(false) => Ok(Val::None),
                Ok(true) => Ok(Val::native("re.Match")),
                Err(_) => Ok(Val::Unknown(why)),
            },
            ("split", [Val::Str(text)]) => {
                let parts: Result<Vec<Val>, _> = regex.split(text).map(|part| part.map(Val::str)).collect();
                match parts {
                    Ok(parts) if !pattern.contains('(') => Ok(self.new_list(parts)),
                    _ => Ok(self.unknown("this pattern is not followed here", range)),
                }
            }
            ("findall", [Val::Str(text)]) if !pattern.contains('(') => {
                let found: Result<Vec<Val>, _> =
                    regex.find_iter(&**text).map(|found| found.map(|found| Val::str(found.as_str()))).collect();
                match found {
                    Ok(found) => Ok(self.new_list(found)),
                    Err(_) => Ok(Val::Unknown(why)),
                }
            }
            ("sub", [Val::Str(replacement), Val::Str(text)]) if !replacement.contains(['\\', '$']) => {
                match regex.try_replacen(text, 0, &**replacement) {
                    Ok(text) => self.text_of(text.into_owned(), range),
                    Err(_) => Ok(Val::Unknown(why)),
                }
            }
            _ => Ok(self.unknown(format!("re.{name} of this is not followed here"), range)),
        }
    }
}

/// Whether a pattern holds only what both dialects read alike, and cannot match the empty text.
fn is_common(pattern: &str) -> bool {
    let odd = ["(?", "\\Z", "\\z", "\\A", "[[", "&&", "--", "~~", "||", "\\p", "\\g", "\\h", "\\K", "\\G", "\\e"];
    if odd.iter().any(|odd| pattern.contains(odd)) || !pattern.is_ascii() || pattern.contains('$') {
        return false;
    }
    Regex::new(&format!(r"\A(?:{pattern})\z")).is_ok_and(|regex| regex.is_match("").is_ok_and(|empty| !empty))
}

/// `re.escape`.
fn escape(text: &str) -> String {
    let special = "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}";
    text.chars().flat_map(|c| special.contains(c).then_some('\\').into_iter().chain(std::iter::once(c))).collect()
}
