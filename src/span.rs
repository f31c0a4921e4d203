//! Where a thing stands in something the user wrote. Every configured value carries one, from the parser to the report.

use std::sync::Arc;

/// A stretch of a source file. Lines and columns count from 1; columns count characters, not bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The path as the user named it, or a label such as `values.yaml (hub.extraConfig.auth)`.
    pub file: Arc<str>,
    /// First line, from 1.
    pub line: usize,
    /// First column, from 1.
    pub column: usize,
    /// Last line, from 1.
    pub end_line: usize,
    /// Column just after the last character, from 1.
    pub end_column: usize,
}

impl Span {
    /// The span of the bytes `start..end` of `text`. Offsets outside the text or inside a character are moved to the
    /// nearest sensible place, so a parser's odd range never panics.
    pub fn of_bytes(file: &Arc<str>, text: &str, start: usize, end: usize) -> Span {
        let (line, column) = position(text, start);
        let (end_line, end_column) = position(text, end.max(start));
        Span { file: file.clone(), line, column, end_line, end_column }
    }

    /// A span of no width, where only a position is known.
    pub fn point(file: &Arc<str>, line: usize, column: usize) -> Span {
        Span { file: file.clone(), line, column, end_line: line, end_column: column }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Where a setting's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Upstream's own default.
    Default,
    /// An environment variable, by name, which upstream reads itself.
    Env(String),
    /// A command-line option, as typed (`--set Class.option=…`).
    Flag(String),
    /// A place in a configuration file.
    File(Span),
    /// Another option of the same class that upstream copies here, such as the deprecated `username_key`.
    Alias {
        /// The option that the user wrote.
        of: String,
        /// Where that one comes from.
        at: Box<Origin>,
    },
    /// Code that the hub's own Python ran, on a line that nobody knows.
    Code,
}

impl Origin {
    /// The place in a file, if there is one, also behind an alias.
    pub fn span(&self) -> Option<&Span> {
        match self {
            Origin::File(span) => Some(span),
            Origin::Alias { at, .. } => at.span(),
            Origin::Default | Origin::Env(_) | Origin::Flag(_) | Origin::Code => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_characters_and_survive_odd_offsets() {
        let file: Arc<str> = "f".into();
        let text = "é = 1\nä = 2\n";
        let span = Span::of_bytes(&file, text, text.find('ä').unwrap(), text.len() - 1);
        assert_eq!((span.line, span.column, span.end_line, span.end_column), (2, 1, 2, 6));
        assert_eq!(Span::of_bytes(&file, text, 1, 999).column, 1);
    }
}
