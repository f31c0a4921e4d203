//! Edits: what can be written in place of the text under a finding. Only the few characters that matter change, so that
//! comments and layout stay.

use crate::diagnostic::{Diagnostic, Fix};
use crate::settings;
use crate::source::Loaded;
use crate::span::Span;

/// Gives findings the text to write in their place, where it is known.
pub(super) fn attach(findings: &mut [Diagnostic], loaded: &Loaded) {
    let conflicts: Vec<Option<Span>> =
        findings.iter().filter(|one| one.rule == "conflicting-names").map(|one| one.span.clone()).collect();
    // A finding about an entry of a list stands at the list as a whole.
    let of_its_own = |one: &&mut Diagnostic| !one.setting.as_ref().is_some_and(|setting| setting.contains("].config."));
    for finding in findings.iter_mut().filter(of_its_own) {
        let Some(under) = finding.span.as_ref().and_then(|span| text_under(span, loaded)) else { continue };
        let edit = match finding.rule {
            "deprecated-option" if !conflicts.contains(&finding.span) => {
                renamed(finding, &under).map(|text| (text, true))
            }
            "unknown-option" => nearest(finding, &under).map(|text| (text, false)),
            _ => None,
        };
        if let (Some((replacement, safe)), Some(fix)) = (edit, finding.fix.as_mut()) {
            *fix = Fix { message: fix.message.clone(), replacement: Some(replacement), safe };
        }
    }
}

/// The text that a span covers.
pub fn text_under(span: &Span, loaded: &Loaded) -> Option<String> {
    let (_, text) = loaded.texts.iter().find(|(file, _)| *file == span.file)?;
    let (start, end) = (offset(text, span.line, span.column)?, offset(text, span.end_line, span.end_column)?);
    text.get(start..end).filter(|under| !under.is_empty()).map(str::to_owned)
}

/// The byte at a line and column.
pub fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let at = content.char_indices().nth(column.checked_sub(1)?).map_or(content.len(), |(at, _)| at);
            return Some(start + at);
        }
        start += content.len();
    }
    (text.split_inclusive('\n').count() + 1 == line && column == 1).then_some(text.len())
}

/// A deprecated name by the new one, where the value means the same below both.
fn renamed(finding: &Diagnostic, under: &str) -> Option<String> {
    let (class, old) = finding.setting.as_deref()?.rsplit_once('.')?;
    let new = successor(class.rsplit('.').next()?, old)?;
    replace_name(under, old, new)
}

fn successor(class: &str, old: &str) -> Option<&'static str> {
    if old == "whitelist" {
        return Some("allowed_users");
    }
    let known = settings::class(class);
    let classes = settings::classes().iter().copied().filter(|def| {
        known.is_none_or(|known| {
            def.name == known.name || known.bases.contains(&def.name) || def.bases.contains(&known.name)
        })
    });
    let mut aliases = classes.flat_map(|def| def.aliases).filter(|alias| alias.old == old);
    let first = aliases.next()?;
    let boolean = ["tls_verify", "validate_cert"].contains(&old);
    (first.same && !boolean && aliases.all(|other| other.new == first.new)).then_some(first.new)
}

fn nearest(finding: &Diagnostic, under: &str) -> Option<String> {
    let (_, old) = finding.setting.as_deref()?.rsplit_once('.')?;
    let near = finding.fix.as_ref()?.message.strip_prefix("did you mean `")?.strip_suffix("`?")?;
    replace_name(under, old, near)
}

/// The one place where the name stands as a key or an attribute.
fn replace_name(under: &str, old: &str, new: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut places = under
        .match_indices(old)
        .filter(|(at, _)| !under[..*at].ends_with(is_word) && !under[at + old.len()..].starts_with(is_word));
    let (at, _) = places.next()?;
    // A value may hold the name once more, after the key.
    let rest = under[at + old.len()..].trim_start_matches(['"', '\'', ']']).trim_start();
    let key = rest.starts_with([':', '=', '.', '+', '|']);
    key.then(|| format!("{}{new}{}", &under[..at], &under[at + old.len()..]))
}

/// An edit of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Where.
    pub span: Span,
    /// What stands there.
    pub old: String,
    /// What is to stand there.
    pub new: String,
    /// Whether both mean the same.
    pub safe: bool,
}

/// The edits that findings come with.
pub fn edits(findings: &[Diagnostic], loaded: &Loaded) -> Vec<Edit> {
    let edit = |finding: &Diagnostic| {
        let span = finding.span.clone()?;
        let fix = finding.fix.as_ref()?;
        Some(Edit { old: text_under(&span, loaded)?, span, new: fix.replacement.clone()?, safe: fix.safe })
    };
    findings.iter().filter_map(edit).collect()
}

/// A text with the edits made. One whose place has changed since, or that another overlaps, is left out.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut places: Vec<(usize, usize, &str)> = edits
        .iter()
        .filter_map(|edit| {
            let start = offset(text, edit.span.line, edit.span.column)?;
            let end = start + edit.old.len();
            (text.get(start..end)? == edit.old).then_some((start, end, edit.new.as_str()))
        })
        .collect();
    places.sort();
    places.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end, new) in places {
        if start >= at {
            out.push_str(&text[at..start]);
            out.push_str(new);
            at = end;
        }
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{NoDisk, check};
    use crate::source::load::{Request, load_text};

    fn fixed(text: &str) -> String {
        let loaded = load_text(text, &Request::default()).unwrap();
        let findings = check(&loaded, &NoDisk).findings;
        let safe: Vec<Edit> = edits(&findings, &loaded).into_iter().filter(|edit| edit.safe).collect();
        apply(text, &safe)
    }

    #[test]
    fn an_old_name_is_replaced_and_nothing_else() {
        let text = "c.JupyterHub.authenticator_class = 'github'\n# whitelist of é\nc.GitHubOAuthenticator.whitelist = {'whitelist'}  # keep\n";
        assert_eq!(
            fixed(text),
            "c.JupyterHub.authenticator_class = 'github'\n# whitelist of é\nc.GitHubOAuthenticator.allowed_users = {'whitelist'}  # keep\n"
        );
    }

    #[test]
    fn what_would_change_the_meaning_is_left() {
        let both = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.username_claim = 'email'\nc.GenericOAuthenticator.username_key = 'sub'\n";
        assert_eq!(fixed(both), both);
        let moved = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.manage_groups = True\nc.GenericOAuthenticator.claim_groups_key = 'groups'\n";
        assert_eq!(fixed(moved), moved);
    }
}
