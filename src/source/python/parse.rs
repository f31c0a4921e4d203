//! From text to syntax tree, with Python's own complaints in plain words.

use ruff_python_ast::{PythonVersion, Stmt, token::TokenKind};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged as _, TextRange, TextSize};

use crate::diagnostic::Diagnostic;

use super::file::File;

/// Deeper than this no file nests that a person wrote; CPython gives up at 200 brackets.
const NESTING: usize = 800;

/// The statements of a file.
pub(super) fn module(file: &File) -> Result<Vec<Stmt>, Diagnostic> {
    if file.text.contains('\0') {
        let at = file.text.find('\0').unwrap_or_default();
        return Err(complaint(file, "source code cannot contain null bytes", point(at)));
    }
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY313);
    let parsed = parse_unchecked(&file.text, options);
    if let Some(at) = too_deep(parsed.tokens().iter().map(|token| (token.kind(), token.range()))) {
        // Taking a tree apart goes as deep as the tree; a hostile one is rather left standing.
        std::mem::forget(parsed);
        return Err(complaint(file, "the expression is nested too deeply to be read", at));
    }
    if let Some(error) = parsed.errors().first() {
        return Err(complaint(file, &plain(&error.error.to_string()), error.location));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(complaint(file, &plain(&error.to_string()), error.range));
    }
    match parsed.into_syntax() {
        ruff_python_ast::Mod::Module(module) => match super::compile::error(&module.body) {
            Some((message, range)) => Err(complaint(file, message, range)),
            None => Ok(module.body.into_iter().collect()),
        },
        ruff_python_ast::Mod::Expression(_) => Ok(Vec::new()),
    }
}

fn point(at: usize) -> TextRange {
    TextRange::empty(TextSize::try_from(at).unwrap_or_default())
}

fn complaint(file: &File, message: &str, range: TextRange) -> Diagnostic {
    if is_template(&file.text) {
        return Diagnostic::warning(
            "template-not-rendered",
            "not Python as it stands: it is a template, with `{{ … }}` or `{% … %}` to fill in",
        )
        .with_span(file.span(range))
        .with_note(format!("the first place that isn't Python: {message}"))
        .with_fix("render the template first (ansible, cookiecutter, …) and give the result");
    }
    Diagnostic::error("syntax-error", message)
        .with_span(file.span(range))
        .with_note("the hub does not start with a file that Python cannot read")
}

/// Whether a text that is no Python holds what jinja would fill in: no line of Python begins with `{%`.
fn is_template(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("{%") && line.contains("%}"))
        || text.lines().any(|line| line.contains("{{ ") && line.contains(" }}"))
}

/// The parser's words as a lower-case fragment.
fn plain(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if chars.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}

/// Where the tree would be deeper than [`NESTING`], judged by its tokens alone.
fn too_deep(tokens: impl Iterator<Item = (TokenKind, TextRange)>) -> Option<TextRange> {
    // For each open bracket: links since the last comma, and links that a comma does not end.
    let mut levels = vec![(0usize, 0usize)];
    let (mut below, mut indent) = (0usize, 0usize);
    for (kind, range) in tokens {
        use TokenKind as T;
        match kind {
            T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart => {
                if let Some((links, firm)) = levels.last() {
                    below += links + firm + 1;
                }
                levels.push((0, 0));
            }
            T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd if levels.len() > 1 => {
                levels.pop();
                if let Some((links, firm)) = levels.last_mut() {
                    below = below.saturating_sub(*links + *firm + 1);
                    *links += 1;
                }
            }
            T::Newline => {
                levels = vec![(0, 0)];
                below = 0;
            }
            T::Comma => {
                if let Some((links, _)) = levels.last_mut() {
                    *links = 0;
                }
            }
            T::Lambda => {
                if let Some((_, firm)) = levels.last_mut() {
                    *firm += 1;
                }
            }
            T::Indent => indent += 1,
            T::Dedent => indent = indent.saturating_sub(1),
            T::Name | T::Int | T::Float | T::String | T::Comment | T::NonLogicalNewline | T::Colon => {}
            _ => {
                if let Some((links, _)) = levels.last_mut() {
                    *links += 1;
                }
            }
        }
        let (links, firm) = levels.last().copied().unwrap_or_default();
        if below + links + firm + indent > NESTING {
            return Some(range);
        }
    }
    None
}
