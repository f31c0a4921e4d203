//! The comments that an operator wrote above a setting, or behind it.

use crate::source::Loaded;
use crate::span::Span;

/// The lines above a place that are comments, and what stands behind it on its line; without their marks.
pub(super) fn of(span: Option<&Span>, loaded: &Loaded) -> Vec<String> {
    let Some(span) = span else { return Vec::new() };
    let Some((_, text)) = loaded.texts.iter().find(|(file, _)| *file == span.file) else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = span.line.saturating_sub(1);
    while at > 0 {
        let Some(comment) = lines.get(at - 1).map(|line| line.trim()).and_then(|line| line.strip_prefix('#')) else {
            break;
        };
        if is_talk(comment) {
            found.push(comment.trim().to_owned());
        } else {
            break;
        }
        at -= 1;
    }
    found.reverse();
    found.extend(behind(span, &lines));
    found
}

/// What stands behind the last character on its line.
fn behind(span: &Span, lines: &[&str]) -> Option<String> {
    let line = lines.get(span.end_line.checked_sub(1)?)?;
    let rest: String = line.chars().skip(span.end_column.checked_sub(1)?).collect();
    let comment = rest.trim().strip_prefix('#')?;
    is_talk(comment).then(|| comment.trim().to_owned())
}

/// What people say to people: neither a rule of dashes, nor code that is switched off, nor a word to a tool.
fn is_talk(comment: &str) -> bool {
    let comment = comment.trim_start_matches('#').trim();
    let tool = ["noqa", "type:", "pylint:", "fmt:", "yamllint", "oauthctl:", "!", "-*-"];
    let code = comment.starts_with("c.") || comment.contains(" = ") || comment.ends_with(':') && !comment.contains(' ');
    comment.chars().any(char::is_alphabetic) && !code && !tool.iter().any(|tool| comment.starts_with(tool))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::load::{Request, load_text};

    #[test]
    fn what_people_wrote_is_found() {
        let text = "\
# c.A.x = 'old'
# Registered by Ann,
# see the wiki
c.A.x = 'new'  # until May
# noqa
c.A.y = 1
";
        let loaded = load_text(text, &Request::default()).unwrap();
        let span = |option: &str| loaded.config.section("A").unwrap().entry(option).unwrap().origin.span().cloned();
        assert_eq!(of(span("x").as_ref(), &loaded), ["Registered by Ann,", "see the wiki", "until May"]);
        assert!(of(span("y").as_ref(), &loaded).is_empty());
    }
}
