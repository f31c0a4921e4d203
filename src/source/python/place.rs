//! Where the parts of a written list of dictionaries stand. Values know no places of their own; a list of login services
//! is long, and a message about one option in it must not point at all of it.

use std::path::PathBuf;
use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use super::file::File;
use super::parse;
use crate::span::Span;

/// A list as it is written.
pub struct WrittenList {
    file: File,
    items: Vec<Expr>,
}

impl WrittenList {
    /// The list that is assigned by the statement at this place.
    pub fn at(texts: &[(Arc<str>, Arc<str>)], statement: &Span) -> Option<WrittenList> {
        let (label, text) = texts.iter().find(|(label, _)| *label == statement.file)?;
        let file = File::new(label.clone(), text.clone(), PathBuf::new(), 1, 1);
        let body = parse::module(&file).ok()?;
        let items = items_at(&file, &body, statement)?;
        Some(WrittenList { file, items })
    }

    /// The place of an item.
    pub fn item(&self, index: usize) -> Option<Span> {
        Some(self.file.span(self.items.get(index)?.range()))
    }

    /// The place of a key with its value, in the dictionary below these keys of an item; for an item that is a list
    /// itself, its third part stands for any first key.
    pub fn key(&self, index: usize, path: &[&str]) -> Option<Span> {
        let (last, above) = path.split_last()?;
        let mut at = self.items.get(index)?;
        for key in above {
            at = match at {
                Expr::Tuple(parts) => parts.elts.get(2)?,
                Expr::List(parts) => parts.elts.get(2)?,
                dict => entry(dict, key)?.1,
            };
        }
        let (key, value) = entry(at, last)?;
        Some(self.file.span(TextRange::new(key.start(), value.end())))
    }
}

fn entry<'a>(dict: &'a Expr, name: &str) -> Option<(&'a Expr, &'a Expr)> {
    let Expr::Dict(dict) = dict else { return None };
    // The last of two equal keys is the one that counts.
    dict.items.iter().rev().find_map(|item| {
        let key = item.key.as_ref()?;
        matches!(key, Expr::StringLiteral(text) if text.value.to_str() == name).then_some((key, &item.value))
    })
}

fn items_at(file: &File, body: &[Stmt], statement: &Span) -> Option<Vec<Expr>> {
    body.iter().find_map(|found| match found {
        Stmt::Assign(assign) if file.span(found.range()) == *statement => match &*assign.value {
            Expr::List(list) => Some(list.elts.clone()),
            Expr::Tuple(tuple) => Some(tuple.elts.clone()),
            _ => None,
        },
        Stmt::If(branch) => items_at(file, &branch.body, statement)
            .or_else(|| branch.elif_else_clauses.iter().find_map(|clause| items_at(file, &clause.body, statement))),
        Stmt::With(block) => items_at(file, &block.body, statement),
        Stmt::Try(block) => items_at(file, &block.body, statement),
        Stmt::For(block) => items_at(file, &block.body, statement),
        Stmt::FunctionDef(function) => items_at(file, &function.body, statement),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_where_they_are_written() {
        let text = "if True:\n    c.X.y = [\n        {'a': 1, 'config': {'b': 2, 'b': (\n            3)}},\n        ('z', '/z', {\n            'é': 5, 'c': 6}),\n    ]\n";
        let label: Arc<str> = "f.py".into();
        let statement = Span { file: label.clone(), line: 2, column: 5, end_line: 7, end_column: 6 };
        let list = WrittenList::at(&[(label, text.into())], &statement).unwrap();
        let place = |index: usize, path: &[&str]| {
            list.key(index, path).map(|span| (span.line, span.column, span.end_line, span.end_column))
        };
        assert_eq!(place(0, &["a"]), Some((3, 10, 3, 16)));
        assert_eq!(place(0, &["config", "b"]), Some((3, 37, 4, 14)));
        assert_eq!(place(1, &["config", "c"]), Some((6, 21, 6, 27)));
        assert_eq!(list.item(1).map(|span| span.line), Some(5));
        assert_eq!((place(0, &["config", "c"]), place(2, &["a"])), (None, None));
    }
}
