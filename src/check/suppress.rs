//! `# oauthctl: ignore[rule]`: a finding that the operator knows of. The comment stands on the finding's first line, or
//! alone on the line above; Python and YAML both begin a comment with `#`.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::source::Loaded;

/// The comments of one file, by line.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    lines: BTreeMap<usize, Vec<String>>,
}

const MARK: &str = "oauthctl: ignore";

impl Suppressions {
    /// The comments in a text.
    pub fn of(text: &str) -> Suppressions {
        let mut lines: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        if !text.contains(MARK) {
            return Suppressions { lines };
        }
        for (index, line) in text.lines().enumerate() {
            let Some((before, rules)) = comment(line) else { continue };
            let applies_to = if before.trim().is_empty() { index + 2 } else { index + 1 };
            lines.entry(applies_to).or_default().extend(rules);
        }
        Suppressions { lines }
    }

    /// Whether findings of this rule are to be left out on this line.
    pub fn hide(&self, rule: &str, line: usize) -> bool {
        self.lines.get(&line).is_some_and(|rules| rules.is_empty() || rules.iter().any(|name| name == rule))
    }
}

/// What stands before the comment, and the rules it names: none means all.
fn comment(line: &str) -> Option<(&str, Vec<String>)> {
    let start = line.find(MARK)?;
    let hash = line[..start].rfind('#')?;
    if !line[hash + 1..start].trim().is_empty() {
        return None;
    }
    let rest = line[start + MARK.len()..].trim_start();
    let rules = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((names, _)) => {
            names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        }
        None if rest.starts_with('[') => return None,
        None => Vec::new(),
    };
    Some((&line[..hash], rules))
}

/// Drops the findings that a comment in their file hides.
pub(super) fn apply(findings: &mut Vec<Diagnostic>, loaded: &Loaded) {
    let files: Vec<_> = loaded.texts.iter().map(|(file, text)| (file.clone(), Suppressions::of(text))).collect();
    findings.retain(|finding| {
        let Some(span) = &finding.span else { return true };
        !files.iter().any(|(file, comments)| *file == span.file && comments.hide(finding.rule, span.line))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_counts_for_its_line_or_the_next() {
        let text = "a = 1  # oauthctl: ignore[one, two]\n# oauthctl: ignore[three]\nb = 2\nc: 3 # oauthctl: ignore\n";
        let comments = Suppressions::of(text);
        assert!(comments.hide("one", 1) && comments.hide("two", 1) && !comments.hide("three", 1));
        assert!(comments.hide("three", 3) && !comments.hide("one", 3));
        assert!(comments.hide("anything", 4) && !comments.hide("anything", 5));
    }

    #[test]
    fn a_comment_cut_short_hides_nothing() {
        assert!(!Suppressions::of("a = 1  # oauthctl: ignore[one\n").hide("one", 1));
        assert!(!Suppressions::of("a = 'oauthctl: ignore'\n").hide("one", 1));
    }
}
