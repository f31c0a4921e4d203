//! Annotations for GitHub Actions: workflow commands, one a finding, which the pull request shows at its line.

use std::fmt::Write as _;

use super::Validation;
use crate::diagnostic::Level;

/// The findings as workflow commands.
pub fn text(validation: &Validation) -> String {
    let mut out = String::new();
    for found in &validation.findings {
        let finding = &found.finding;
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut properties = Vec::new();
        match (&finding.span, found.hubs.first()) {
            (Some(span), _) => {
                properties.push(format!("file={}", property(&span.file)));
                properties.push(format!("line={},endLine={}", span.line, span.end_line.max(span.line)));
                // GitHub shows columns only where they are of one line.
                if span.line == span.end_line {
                    properties.push(format!("col={},endColumn={}", span.column, span.end_column.max(span.column)));
                }
            }
            (None, Some(hub)) => properties.push(format!("file={}", property(hub))),
            (None, None) => {}
        }
        properties.push(format!("title={}", property(finding.rule)));
        let mut message = finding.message.clone();
        for note in &finding.notes {
            let _ = write!(message, "\n{note}");
        }
        if let Some(fix) = &finding.fix {
            let _ = write!(message, "\n{}", fix.message);
        }
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&message));
    }
    out
}

/// What stands after the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::report::Found;
    use crate::span::Span;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let span = Span { file: "a,b:c.py".into(), line: 2, column: 3, end_line: 2, end_column: 9 };
        let finding = Diagnostic::error("wrong-type", "100% wrong\nindeed").with_span(span);
        let found = Found { finding, hubs: vec!["a".into()], shown: String::new() };
        let validation = Validation { hubs: Vec::new(), findings: vec![found] };
        assert_eq!(
            text(&validation),
            "::error file=a%2Cb%3Ac.py,line=2,endLine=2,col=3,endColumn=9,title=wrong-type::100%25 wrong%0Aindeed\n"
        );
    }
}
