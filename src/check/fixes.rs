//! Edits: what can be written in place of the text under a finding. Only the few characters that matter change, so that
//! comments and layout stay.

use crate::diagnostic::{Diagnostic, Fix};
use crate::settings;
use crate::source::{Config, Loaded, Written};
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
                renamed(finding, &under).filter(|_| is_alone(finding, &loaded.config)).map(|text| (text, true))
            }
            "unknown-option" => nearest(finding, &under).map(|text| (text, false)),
            "hub-admin-users" if times(&loaded.config, &["admin_users"]) == 1 => {
                on_authenticator(&under).map(|text| (text, true))
            }
            "deprecated-without-effect" => effective(finding, &under).map(|text| (text, false)),
            "stray-whitespace" | "stray-quotes" => tidied(finding, &under).map(|text| (text, false)),
            rule if REWRITTEN.contains(&rule) => rewritten(finding, &under).map(|text| (text, false)),
            _ => None,
        };
        if let (Some((replacement, safe)), Some(fix)) = (edit, finding.fix.as_mut()) {
            *fix = Fix { message: fix.message.clone(), replacement: Some(replacement), safe };
        }
    }
}

/// Whether nothing else sets this option, under its new name or an old one: of two values the hub takes the old name's,
/// whatever the order.
fn is_alone(finding: &Diagnostic, config: &Config) -> bool {
    let Some((_, old)) = finding.setting.as_deref().and_then(|setting| setting.rsplit_once('.')) else { return false };
    let mut names: Vec<&str> = vec![old];
    let options = || settings::classes().iter().flat_map(|class| class.options);
    for new in options().filter(|option| option.name == old).filter_map(|option| option.replaced_by) {
        names.push(new);
        names.extend(options().filter(|option| option.replaced_by == Some(new)).map(|option| option.name));
    }
    names.sort_unstable();
    names.dedup();
    times(config, &names) == 1 && counts(config, old)
}

/// Whether the value is another than the old name's default, with which the hub would not pass it on.
fn counts(config: &Config, old: &str) -> bool {
    let here = config.entry(old).map(|entry| match &entry.written {
        Written::Plain(value) => value.truth() == Some(true),
        Written::Lazy(_) => false,
    });
    here.unwrap_or_else(|| config.sections().any(|(_, section)| counts(section, old)))
}

/// How often these options are set, in whatever section.
fn times(config: &Config, names: &[&str]) -> usize {
    let here: usize =
        config.entries().filter(|(name, _)| names.contains(name)).map(|(_, entry)| 1 + entry.shadowed.len()).sum();
    here + config.sections().map(|(_, section)| times(section, names)).sum::<usize>()
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

/// Rules whose fix says which text to write in place of the one that the message names, or of the only one there is.
const REWRITTEN: &[&str] = &[
    "callback-path",
    "domain-with-scheme",
    "google-administrator-address",
    "groups-key-leads-nowhere",
    "lowercase-wiki-name",
    "uppercase-blocked-user",
    "uppercase-map-key",
    "url-not-absolute",
    "wrong-endpoint",
];

/// The texts between quotes, with their places.
fn literals(under: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(at) = under[rest..].find(['"', '\'']).map(|at| rest + at) {
        let quote = &under[at..=at];
        let Some(end) = under[at + 1..].find(quote).map(|end| at + 1 + end) else { break };
        found.push((at + 1, &under[at + 1..end]));
        rest = end + 1;
    }
    found
}

/// The text of a setting that holds but one: between quotes, or what stands after the colon in YAML.
fn only_text<'a>(finding: &Diagnostic, under: &'a str) -> Option<(usize, &'a str)> {
    let option = finding.setting.as_deref()?.rsplit('.').next()?;
    let value = under.find(option)? + option.len();
    let after = under[value..].trim_start_matches(['"', '\'', ']']);
    let start = under.len() - after.trim_start().trim_start_matches([':', '=']).trim_start().len();
    let given = &under[start..];
    let quoted = given.starts_with(['"', '\'']);
    match literals(given)[..] {
        [(at, text)] if quoted && at + text.len() + 1 == given.len() => Some((start + at, text)),
        [] if !quoted && !given.contains(['\n', '#', '(', '[', '{', ',']) && under[value..].starts_with(':') => {
            Some((start, given))
        }
        _ => None,
    }
}

fn replaced(under: &str, at: usize, old: &str, new: &str) -> String {
    format!("{}{new}{}", &under[..at], &under[at + old.len()..])
}

/// The text between the first backticks.
fn backticked(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

fn rewritten(finding: &Diagnostic, under: &str) -> Option<String> {
    let fix = &finding.fix.as_ref()?.message;
    let new = backticked(fix).filter(|_| fix.starts_with("write `"))?;
    if new.contains(['"', '\'', '\\', '<', '…']) {
        return None;
    }
    let named = backticked(&finding.message);
    let mut same = literals(under).into_iter().filter(|(_, text)| Some(*text) == named);
    match (same.next(), same.next()) {
        (Some((at, old)), None) => Some(replaced(under, at, old, new)),
        _ => only_text(finding, under).map(|(at, old)| replaced(under, at, old, new)),
    }
}

/// Blanks and quotes around a value. A secret is left to its owner: the edit would show it.
fn tidied(finding: &Diagnostic, under: &str) -> Option<String> {
    let secret = finding.setting.as_deref().is_some_and(crate::secret::is_secret);
    let (at, old) = only_text(finding, under).filter(|_| !secret)?;
    let mut new = old.trim().trim_end_matches("\\n").trim_end();
    for quote in ['"', '\''] {
        new = new.strip_prefix(quote).and_then(|new| new.strip_suffix(quote)).unwrap_or(new);
    }
    (new != old && !new.is_empty()).then(|| replaced(under, at, old, new))
}

/// `c.JupyterHub.admin_users` as the authenticator's, to which the hub hands them on. In other languages the line would
/// have to move.
fn on_authenticator(under: &str) -> Option<String> {
    let rest = under.strip_prefix("c.JupyterHub.admin_users")?;
    Some(format!("c.Authenticator.admin_users{rest}"))
}

/// A `tls_verify = False` that does nothing, in the name that does what it says.
fn effective(finding: &Diagnostic, under: &str) -> Option<String> {
    let (class, old) = finding.setting.as_deref()?.rsplit_once('.')?;
    let new = settings::classes().iter().flat_map(|def| def.aliases).find(|alias| alias.old == old)?.new;
    (!class.is_empty()).then(|| replace_name(under, old, new))?
}

/// A deprecated name by the new one, where the value means the same below both.
fn renamed(finding: &Diagnostic, under: &str) -> Option<String> {
    let (class, old) = finding.setting.as_deref()?.rsplit_once('.')?;
    if old == "claim_groups_key" {
        let (at, key) = only_text(finding, under)?;
        let fix = &finding.fix.as_ref()?.message;
        let new = fix.split_once(" = '")?.1.strip_suffix('\'').filter(|new| new.ends_with(key))?;
        return replace_name(&replaced(under, at, key, new), old, "auth_state_groups_key");
    }
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
    (first.same && aliases.all(|other| other.new == first.new)).then_some(first.new)
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
    fn a_key_that_moves_is_written_where_it_leads_now() {
        let old = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.manage_groups = True\nc.GenericOAuthenticator.claim_groups_key = 'groups'  # theirs\n";
        assert_eq!(
            fixed(old),
            old.replace("claim_groups_key = 'groups'", "auth_state_groups_key = 'oauth_user.groups'")
        );
    }

    #[test]
    fn what_would_change_the_meaning_is_left() {
        let both = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.username_claim = 'email'\nc.GenericOAuthenticator.username_key = 'sub'\n";
        assert_eq!(fixed(both), both);
        let lost = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.username_key = ''\n";
        assert_eq!(fixed(lost), lost);
        let twice = "c.JupyterHub.authenticator_class = 'github'\nc.Authenticator.whitelist = {'a'}\nc.GitHubOAuthenticator.allowed_users = set()\n";
        assert_eq!(fixed(twice), twice);
    }
}
