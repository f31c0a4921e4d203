//! A text being read, and the spans in it.

use std::path::PathBuf;
use std::sync::Arc;

use ruff_text_size::TextRange;

use crate::span::Span;

/// A text with its line starts.
#[derive(Debug)]
pub(super) struct File {
    pub label: Arc<str>,
    pub text: Arc<str>,
    /// Where relative names and imports resolve.
    pub folder: PathBuf,
    lines: Vec<usize>,
    pub first_line: usize,
    pub first_column: usize,
}

impl File {
    pub fn new(label: Arc<str>, text: Arc<str>, folder: PathBuf, first_line: usize, first_column: usize) -> File {
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        File { label, text, folder, lines, first_line: first_line.max(1), first_column: first_column.max(1) }
    }

    pub fn span(&self, range: TextRange) -> Span {
        let (line, column) = self.position(range.start().to_usize());
        let (end_line, end_column) = self.position(range.end().to_usize());
        Span { file: self.label.clone(), line, column, end_line, end_column }
    }

    pub fn slice(&self, range: TextRange) -> &str {
        self.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default()
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let column = self.text[self.lines[line]..offset].chars().count();
        (self.first_line + line, self.first_column + column)
    }
}
