//! Findings in rustc's look: the line, a caret, a note, a way out.

use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};

use super::Texts;
use crate::diagnostic::{Diagnostic, Level};
use crate::secret::Redactor;
use crate::span::Span;

/// Renders one finding. `colour` is whether the stream may be coloured; `width` is the terminal's.
pub fn render(finding: &Diagnostic, texts: &Texts, redactor: &Redactor, colour: bool, width: usize) -> String {
    let title = match finding.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note => Title::NOTE,
    };
    let message = redactor.text(&finding.message);
    let mut group =
        title.primary_title(message).id(finding.rule).elements(Vec::<annotate_snippets::Element<'_>>::new());
    let source = finding.span.as_ref().and_then(|span| source(span, texts, redactor));
    match (&finding.span, &source) {
        (Some(span), Some(text)) => {
            let mut snippet = Snippet::source(text.as_str())
                .path(&*span.file)
                .annotation(AnnotationKind::Primary.span(range(span, text)));
            for (label_span, label) in finding.labels.iter().filter(|(label_span, _)| label_span.file == span.file) {
                let context = AnnotationKind::Context.span(range(label_span, text));
                snippet = snippet.annotation(context.label(redactor.text(label)));
            }
            group = group.element(snippet);
        }
        (Some(span), None) => {
            group = group.element(Origin::path(&*span.file).line(span.line).char_column(span.column));
        }
        (None, _) => {}
    }
    for note in &finding.notes {
        group = group.element(Title::NOTE.message(redactor.text(note)));
    }
    if let Some(fix) = &finding.fix {
        group = group.element(Title::HELP.message(redactor.text(&fix.message)));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let report: &[Group<'_>] = &[group];
    let text = renderer.term_width(width).render(report);
    if finding.span.is_some() { text } else { without_gutter(&text) }
}

/// Without a place there is no line that a gutter could stand beside.
fn without_gutter(text: &str) -> String {
    text.lines().filter(|line| !line.trim_end().ends_with(" |")).collect::<Vec<_>>().join("\n")
}

/// The text the span points into, with secrets masked line by line so that line numbers stay.
fn source(span: &Span, texts: &Texts, redactor: &Redactor) -> Option<String> {
    let (_, text) = texts.iter().find(|(file, _)| *file == span.file)?;
    Some(redactor.source(text))
}

/// Bytes of the masked text; a column beyond a line that masking has shortened ends with it.
fn range(span: &Span, text: &str) -> std::ops::Range<usize> {
    let start = offset(text, span.line, span.column);
    let end = offset(text, span.end_line, span.end_column);
    start..end.max(start)
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for (number, content) in text.split_inclusive('\n').enumerate() {
        if number + 1 == line {
            let content = content.trim_end_matches(['\n', '\r']);
            return start + content.char_indices().nth(column - 1).map_or(content.len(), |(at, _)| at);
        }
        start += content.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn shows_the_line_and_hides_the_secret() {
        let file: Arc<str> = "config.py".into();
        let text: Arc<str> = "# é\nc.G.client_secret = 'hunter2hunter2'\n".into();
        let redactor = Redactor::new(false);
        redactor.learn("hunter2hunter2");
        let span = Span { file: file.clone(), line: 2, column: 1, end_line: 2, end_column: 38 };
        let finding = Diagnostic::warning("secret-in-file", "a secret").with_span(span).with_fix("move it");
        let shown = render(&finding, &[(file, text)], &redactor, false, 100);
        assert!(shown.contains("config.py:2:1") && shown.contains("c.G.client_secret = '********'"), "{shown}");
        assert!(shown.contains("help: move it") && !shown.contains("hunter2"), "{shown}");
    }
}
