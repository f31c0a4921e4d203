use std::path::Path;

use super::*;
use crate::source::Written;

/// Files in memory; what is not among them is certainly not there.
struct Memory(Vec<(&'static str, &'static str)>);

impl Files for Memory {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &Path) -> Option<bool> {
        self.0.iter().any(|(name, _)| Path::new(name).starts_with(path)).then_some(true)
    }
}

fn read(text: &str) -> Interpreter<'static> {
    static NONE: Memory = Memory(Vec::new());
    read_with(text, &NONE)
}

fn read_with<'a>(text: &str, files: &'a Memory) -> Interpreter<'a> {
    let env = Env::new([("HOST".to_owned(), "hub.example".to_owned()), ("EMPTY".to_owned(), String::new())]);
    let mut interpreter = Interpreter::new(env, files);
    if let Err(diagnostic) = interpreter.run(Source::file(text, "t.py", "/srv/t.py")) {
        interpreter.diagnostics.push(diagnostic);
    }
    interpreter
}

fn value(interpreter: &Interpreter<'_>, section: &str, option: &str) -> String {
    match interpreter.config.section(section).and_then(|section| section.entry(option)) {
        None => "unset".to_owned(),
        Some(entry) => match &entry.written {
            Written::Plain(value) => value.repr(),
            Written::Lazy(lazy) => format!("{lazy:?}"),
        },
    }
}

/// The value of `c.A.x` after the text.
fn x(text: &str) -> String {
    let interpreter = read(text);
    if let Some(fatal) = interpreter.diagnostics.iter().find(|d| d.level == crate::diagnostic::Level::Error) {
        return format!("error: {}", fatal.message);
    }
    value(&interpreter, "A", "x")
}

#[test]
fn aliases_are_one_object() {
    assert_eq!(x("c.A.x = w = set()\nw.add('a')"), "{'a'}");
}
