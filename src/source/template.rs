//! Templates in YAML: what jinja, helmfile, terraform or envsubst fill in before helm sees the file.

use crate::diagnostic::Diagnostic;

/// Stands in a masked text for every character of an expression.
const MASK: char = '\u{f8ff}';

/// Whether a text holds marks of a template language that can break YAML.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Whether a scalar of a masked text holds an expression.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains(MASK)
}

/// Why a text is a template, if it is one.
pub(super) fn reason(text: &str) -> Option<String> {
    if is_masked(text) {
        return Some("templated: it is filled in before helm reads the file".to_owned());
    }
    if let Some(start) = text.find("{{")
        && let Some(length) = text[start..].find("}}")
    {
        return Some(quote(&text[start..start + length + 2]));
    }
    shell_variable(text).map(quote)
}

/// The same for what terraform and envsubst fill in, in a text of another language.
pub(super) fn shell_reason(text: &str) -> Option<String> {
    shell_variable(text).map(quote)
}

fn quote(expression: &str) -> String {
    let short: String = expression.chars().take(60).collect();
    format!("templated: `{short}` is filled in before helm reads the file")
}

/// The first `${NAME}`, as terraform and envsubst fill it in. `$${` is terraform's way to write `${`.
fn shell_variable(text: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(found) = text[from..].find("${") {
        let start = from + found;
        let end = start + text[start..].find('}')? + 1;
        let name = &text[start + 2..end - 1];
        let escaped = text[..start].ends_with('$');
        if !escaped && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Some(&text[start..end]);
        }
        from = end;
    }
    None
}

/// The text with every expression replaced by as many mask characters, and every line that holds nothing but
/// directives made blank, so that the YAML around them can be read with its places unchanged.
pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min() {
        let close = match rest.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => "#}",
        };
        let Some(length) = rest[start + 2..].find(close).map(|at| at + 4) else { break };
        out.push_str(&rest[..start]);
        // A comment in one of the languages is an opening brace and a hash in plain YAML only by accident.
        out.extend(rest[start..start + length].chars().map(|c| if c == '\n' { c } else { MASK }));
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    let blank = |line: &str| {
        let bare = line.trim();
        !bare.is_empty() && bare.chars().all(|c| c == MASK || c == ' ')
    };
    out.split_inclusive('\n')
        .map(|line| {
            let end = if line.ends_with('\n') { "\n" } else { "" };
            if blank(line) { " ".repeat(line.trim_end_matches('\n').chars().count()) + end } else { line.to_owned() }
        })
        .collect()
}

/// What to say of a template that is no YAML: the parser's finding in the operator's terms.
pub(super) fn finding(error: Diagnostic) -> Diagnostic {
    let reason = error.message.strip_prefix("not YAML: ").unwrap_or(&error.message).to_owned();
    Diagnostic::warning(
        "template-not-rendered",
        "not YAML as it stands: it is a template, with `{{ … }}` or `{% … %}` to fill in",
    )
    .with_span(error.span)
    .with_note(format!("the first place that isn't YAML: {reason}"))
    .with_note("what is templated is taken as unknown here, and both branches of a condition as given")
    .with_fix("render the template first (ansible, helmfile, cookiecutter, …) and give the result")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_recognised() {
        assert!(reason("https://{{ host }}/hub").unwrap().contains("`{{ host }}`"));
        assert!(reason("https://${domain}/hub").unwrap().contains("`${domain}`"));
        for literal in ["$${x}", "${}", "{username}", "a$b", "}} {{", "${1}"] {
            assert_eq!(reason(literal), None, "{literal}");
        }
    }

    #[test]
    fn a_masked_text_keeps_its_places() {
        let text = "{% if x %}\nkey: {{ a\n b }}!\n  {% endif %}\n";
        let masked = mask(text);
        assert_eq!(masked.lines().count(), text.lines().count());
        assert_eq!(masked.lines().next().unwrap().trim(), "");
        assert!(masked.lines().nth(1).unwrap().starts_with("key: \u{f8ff}"));
        assert!(masked.ends_with("\n             \n"));
    }
}
