//! Stands in for the static reader until it is merged: understands `c.Class.option = <JSON literal>`, nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::json;
use crate::source::{ClassAttribute, Config, Entry, Env};
use crate::span::{Origin, Span};
use crate::value::Value;

/// What the reader may look at besides the text.
pub trait Files {
    /// The content of a file.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;
    /// Whether there is such a file or folder on the hub; `None` where that cannot be told from here.
    fn exists(&self, path: &Path) -> Option<bool>;
    /// Whether there is a file of that name on the hub; `None` where that cannot be told.
    fn is_file(&self, path: &Path) -> Option<bool> {
        self.exists(path)
    }
    /// The names in a folder, sorted; `None` where that cannot be told.
    fn list(&self, _path: &Path) -> Option<Vec<String>> {
        None
    }
    /// The absolute form of a path.
    fn absolute(&self, path: &Path) -> PathBuf {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    }
}

/// One text to read.
#[derive(Clone, Debug)]
pub struct Source<'t> {
    /// The Python text.
    pub text: &'t str,
    /// The file name that spans carry.
    pub label: Arc<str>,
    /// `__file__`, where the text is a file of its own.
    pub path: Option<PathBuf>,
    /// The folder in which relative names and imports resolve.
    pub folder: PathBuf,
    /// The line of the text's first line in the file that the label names, from 1.
    pub first_line: usize,
    /// The column of the text's first column there, from 1.
    pub first_column: usize,
}

/// The reader.
pub struct Interpreter<'a> {
    /// The configuration tree.
    pub config: Config,
    /// The environment.
    pub env: Env,
    /// `Class.attribute = value` on imported classes.
    pub class_attributes: Vec<ClassAttribute>,
    /// What is noteworthy.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that spans point into.
    pub texts: Vec<(Arc<str>, Arc<str>)>,
    _files: &'a dyn Files,
}

impl<'a> Interpreter<'a> {
    /// A reader in the hub's environment.
    pub fn new(env: Env, files: &'a dyn Files) -> Self {
        Interpreter {
            config: Config::new(),
            env,
            class_attributes: vec![],
            diagnostics: vec![],
            texts: vec![],
            _files: files,
        }
    }

    /// The chart's values.
    pub fn set_z2jh_values(&mut self, _values: Value) {}

    /// Follows one file or snippet.
    #[allow(clippy::result_large_err)]
    pub fn run(&mut self, source: Source<'_>) -> Result<(), Diagnostic> {
        for (index, line) in source.text.lines().enumerate() {
            let Some((path, value)) = line.strip_prefix("c.").and_then(|line| line.split_once(" = ")) else { continue };
            let Some((class, option)) = path.split_once('.') else { continue };
            let Ok(value) = json::parse(&value.replace('\'', "\"")) else { continue };
            let span = Span {
                file: source.label.clone(),
                line: source.first_line + index,
                column: source.first_column,
                end_line: source.first_line + index,
                end_column: source.first_column + line.chars().count(),
            };
            let entry = Entry::plain(value, Origin::File(span));
            self.config.section_mut(class).set(path, option, entry);
        }
        Ok(())
    }
}
