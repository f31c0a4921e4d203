//! `jupyterhub_config.py`: `c.Class.option = …`, laid out as the usual formatters would.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::source::Lazy;
use crate::value::Value;

use super::{Code, Document, Remark, Setting, Term, VariableSource, Written, yaml};

/// The longest line, as Black has it.
const WIDTH: usize = 88;

/// Writes a document.
pub(super) fn document(document: &Document) -> Written {
    let mut written = Written::default();
    let mut module = Module::default();
    for variable in &document.environment {
        module.variable(variable);
    }
    for code in &document.prelude {
        module.need(code);
        module.needs.push(code.text.clone());
    }
    document.statements.iter().for_each(|code| module.need(code));
    let body = settings(&document.settings, &mut module, &mut written);
    let mut parts = Vec::new();
    let mut heading = String::new();
    yaml::comment(&mut heading, 0, &document.heading);
    parts.push(heading);
    parts.push(module.imports());
    parts.push(module.environment);
    parts.push(needs(&module.needs));
    parts.push(body);
    parts.extend(document.statements.iter().map(|code| code.text.clone()));
    let mut footing = String::new();
    yaml::comment(&mut footing, 0, &document.footing);
    parts.push(footing);
    written.text = join(&parts);
    written
}

/// Settings as statements, for a place that has its own names: z2jh's `hub.extraConfig`.
pub(super) fn snippet(settings_: &[Setting], document: &Document, written: &mut Written) -> String {
    let mut module = Module::default();
    for code in &document.prelude {
        module.need(code);
        module.needs.push(code.text.clone());
    }
    document.statements.iter().for_each(|code| module.need(code));
    let body = settings(settings_, &mut module, written);
    let mut parts = vec![module.imports()];
    parts.push(needs(&module.needs));
    parts.push(body);
    parts.extend(document.statements.iter().map(|code| code.text.clone()));
    join(&parts)
}

fn join(parts: &[String]) -> String {
    let parts: Vec<&str> =
        parts.iter().map(|part| part.trim_end_matches('\n')).filter(|part| !part.is_empty()).collect();
    let mut out = String::new();
    let mut behind_definition = false;
    for part in parts {
        if !out.is_empty() {
            // Functions and classes stand apart.
            let apart = is_definition(part) || std::mem::take(&mut behind_definition);
            out.push_str(if apart { "\n\n" } else { "\n" });
        }
        behind_definition = part.rsplit("\n\n\n").next().is_some_and(is_definition);
        out.push_str(part);
        out.push('\n');
    }
    out
}

/// What the settings need, the short of it close together.
fn needs(needs: &[String]) -> String {
    let mut out = String::new();
    let mut before: Option<&String> = None;
    for text in needs {
        if let Some(before) = before {
            let short = !before.contains('\n') && !text.contains('\n');
            let apart = is_definition(before) || is_definition(text);
            out.push_str(if apart {
                "\n\n\n"
            } else if short {
                "\n"
            } else {
                "\n\n"
            });
        }
        out.push_str(text);
        before = Some(text);
    }
    out
}

fn is_definition(part: &str) -> bool {
    let code = part.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    ["def ", "async def ", "class ", "@"].iter().any(|start| code.starts_with(start))
}

/// A setting for every line; a blank one where the class changes, and around comments.
fn settings(settings: &[Setting], module: &mut Module, written: &mut Written) -> String {
    let mut out = String::new();
    let mut before: Option<&Setting> = None;
    for setting in settings {
        if let Some(reason) = setting.term.unknown() {
            written.left_out.push(Remark::new(setting.name(), reason));
            continue;
        }
        let mut statement = String::new();
        yaml::comment(&mut statement, 0, &setting.comments);
        match assignment(setting, module) {
            Ok(text) => statement += &text,
            Err(reason) => {
                written.left_out.push(Remark::new(setting.name(), reason));
                continue;
            }
        }
        for name in setting.term.variables(false) {
            if written.environment.iter().any(|it| it.setting == name) {
                continue;
            }
            written.environment.push(Remark::new(name, format!("{} is read from it", setting.name())));
        }
        if before.is_some_and(|before| before.class != setting.class || !setting.comments.is_empty()) {
            out.push('\n');
        }
        out += &statement;
        before = Some(setting);
    }
    out
}

/// `c.Class.option = value`, with brackets where a name is none to Python.
fn assignment(setting: &Setting, module: &mut Module) -> Result<String, String> {
    let mut target = String::from("c");
    for part in setting.class.split('.').chain([setting.option.as_str()]) {
        if is_identifier(part) {
            target.push('.');
            target.push_str(part);
        } else {
            let _ = write!(target, "[{}]", string(part));
        }
    }
    if let Term::Operations(lazy) = &setting.term {
        return operations(&target, lazy);
    }
    if let Term::Extend(term) = &setting.term {
        let head = format!("{target}.extend(");
        let value = expression(term, 0, head.len() + 1, module)?;
        return Ok(format!("{head}{value})\n"));
    }
    let head = format!("{target} = ");
    let value = expression(&setting.term, 0, head.len(), module)?;
    Ok(format!("{head}{value}\n"))
}

fn operations(target: &str, lazy: &Lazy) -> Result<String, String> {
    let mut out = String::new();
    let mut call = |method: &str, value: &Value| {
        let head = format!("{target}.{method}(");
        let argument = literal(value, 0, head.len() + 1)?;
        let _ = writeln!(out, "{head}{argument})");
        Ok::<(), String>(())
    };
    if !lazy.prepend.is_empty() {
        call("prepend", &Value::List(lazy.prepend.clone()))?;
    }
    match lazy.extend.as_slice() {
        [] => {}
        [item] => call("append", item)?,
        items => call("extend", &Value::List(items.to_vec()))?,
    }
    match &lazy.update {
        Some(Value::Set(set)) if set.len() == 1 => set.iter().try_for_each(|item| call("add", item))?,
        Some(update) => call("update", update)?,
        None => {}
    }
    for (index, value) in &lazy.inserts {
        let head = format!("{target}.insert({index}, ");
        let argument = literal(value, 0, head.len() + 1)?;
        let _ = writeln!(out, "{head}{argument})");
    }
    Ok(out)
}

/// What stands above the settings.
#[derive(Default)]
struct Module {
    imports: Vec<String>,
    environment: String,
    needs: Vec<String>,
}

impl Module {
    fn import(&mut self, statement: &str) {
        if !self.imports.iter().any(|known| known == statement) {
            self.imports.push(statement.to_owned());
        }
    }

    fn need(&mut self, code: &Code) {
        code.imports.iter().for_each(|statement| self.import(statement));
        for statement in &code.needs {
            if !self.needs.contains(statement) {
                self.needs.push(statement.clone());
            }
        }
    }

    fn variable(&mut self, variable: &super::Variable) {
        match &variable.source {
            VariableSource::Text(text) => {
                self.import("import os");
                yaml::comment(&mut self.environment, 0, &variable.comments);
                let head = format!("os.environ[{}] = ", string(&variable.name));
                let _ = writeln!(self.environment, "{head}{}", string(text));
            }
            VariableSource::Secret { name, key } => {
                let line = format!(
                    "{} has to be in the hub's environment (key {key} of the Kubernetes secret {name}).",
                    variable.name
                );
                yaml::comment(&mut self.environment, 0, &variable.comments);
                yaml::comment(&mut self.environment, 0, &[line]);
            }
            VariableSource::Given => yaml::comment(&mut self.environment, 0, &variable.comments),
        }
    }

    /// `import x` before `from x import y`, each sorted, standard ones not told apart; names of one module together.
    fn imports(&self) -> String {
        let mut plain: Vec<&str> = Vec::new();
        let mut from: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
        for statement in &self.imports {
            match statement.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
                Some((module, name)) => from.entry((module != "__future__", module)).or_default().push(name),
                None => plain.push(statement),
            }
        }
        plain.sort_unstable();
        let mut first = String::new();
        let mut out: String = plain.iter().map(|statement| format!("{statement}\n")).collect();
        for ((later, module), mut names) in from {
            names.sort_unstable();
            if names.contains(&"*") {
                names = vec!["*"];
            }
            let line = format!("from {module} import {}\n", names.join(", "));
            let line = if line.len() <= WIDTH + 1 {
                line
            } else {
                format!("from {module} import (\n    {},\n)\n", names.join(",\n    "))
            };
            if later { out += &line } else { first += &line }
        }
        first + &out
    }
}

fn expression(term: &Term, depth: usize, column: usize, module: &mut Module) -> Result<String, String> {
    match term {
        Term::Value(Value::Class(class)) => class_reference(class, module),
        Term::Value(value) => literal(value, depth, column),
        Term::Env { name, default: None } => {
            module.import("import os");
            Ok(format!("os.environ[{}]", string(name)))
        }
        Term::Env { name, default: Some(default) } => {
            module.import("import os");
            let head = format!("os.environ.get({}", string(name));
            if matches!(default, Value::None) {
                return Ok(format!("{head})"));
            }
            let default = literal(default, depth, column + head.len() + 2)?;
            Ok(format!("{head}, {default})"))
        }
        Term::File { path } => {
            module.import("from pathlib import Path");
            Ok(format!("Path({}).read_text().strip()", string(path)))
        }
        Term::Code(code) => {
            module.need(code);
            Ok(code.text.clone())
        }
        Term::Operations(_) | Term::Extend(_) => Err("operations stand by themselves".to_owned()),
        Term::List(items) => {
            let parts = items.iter().map(|item| expression(item, depth + 1, 4 * (depth + 1), module));
            Ok(bracket("[", parts.collect::<Result<_, _>>()?, "]", depth, column))
        }
        Term::Dict(pairs) => {
            let mut parts = Vec::new();
            for (key, below) in pairs {
                let key = literal(key, depth + 1, 0)?;
                let value = expression(below, depth + 1, 4 * (depth + 1) + key.len() + 2, module)?;
                parts.push(format!("{key}: {value}"));
            }
            Ok(bracket("{", parts, "}", depth, column))
        }
    }
}

fn class_reference(class: &crate::value::Class, module: &mut Module) -> Result<String, String> {
    match class.import.as_deref().map(|path| path.rsplit_once('.')) {
        Some(Some((from, name))) => {
            module.import(&format!("from {from} import {name}"));
            Ok(name.to_owned())
        }
        _ => Err(format!("{} is a class that is defined in Python", class.name)),
    }
}

/// A value as Python source; `depth` is the level of indentation of the line it begins on, `column` where on that line.
pub fn literal(value: &Value, depth: usize, column: usize) -> Result<String, String> {
    let all = |items: &mut dyn Iterator<Item = &Value>| {
        items.map(|item| literal(item, depth + 1, 4 * (depth + 1))).collect::<Result<Vec<_>, _>>()
    };
    Ok(match value {
        Value::Str(text) => text_literal(text, depth),
        Value::List(items) => bracket("[", all(&mut items.iter())?, "]", depth, column),
        Value::Tuple(items) if items.len() == 1 => {
            let parts = all(&mut items.iter())?;
            if parts[0].contains('\n') { bracket("(", parts, ")", depth, column) } else { format!("({},)", parts[0]) }
        }
        Value::Tuple(items) => bracket("(", all(&mut items.iter())?, ")", depth, column),
        Value::Set(set) if set.is_empty() => "set()".to_owned(),
        Value::Set(set) => bracket("{", all(&mut set.iter())?, "}", depth, column),
        Value::Dict(dict) => {
            let mut parts = Vec::new();
            for (key, below) in dict.iter() {
                let key = literal(key, depth + 1, 0)?;
                let value = literal(below, depth + 1, 4 * (depth + 1) + key.len() + 2)?;
                parts.push(format!("{key}: {value}"));
            }
            bracket("{", parts, "}", depth, column)
        }
        Value::Float(number) if !number.is_finite() => format!("float(\"{}\")", value.repr()),
        Value::Bytes(_) | Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => value.repr(),
        Value::Callable(callable) => return Err(format!("{} is a function", callable.name)),
        Value::Class(class) => return Err(format!("{} is a class that is defined in Python", class.name)),
        Value::Unknown(unknown) => return Err(unknown.reason.clone()),
    })
}

/// Items in brackets: on one line where they fit, else one a line with a comma after the last.
fn bracket(open: &str, parts: Vec<String>, close: &str, depth: usize, column: usize) -> String {
    let flat = format!("{open}{}{close}", parts.join(", "));
    if !flat.contains('\n') && column + flat.chars().count() <= WIDTH || parts.is_empty() {
        return flat;
    }
    let indent = " ".repeat(4 * (depth + 1));
    let items: String = parts.iter().map(|part| format!("{indent}{part},\n")).collect();
    format!("{open}\n{items}{}{close}", " ".repeat(4 * depth))
}

/// A text of several lines stands as such, any other on one line.
fn text_literal(text: &str, depth: usize) -> String {
    let several = text.trim_end_matches('\n').contains('\n');
    let odd = |c: char| c != '\n' && needs_escape(c);
    if depth > 0 || !several || text.chars().any(odd) || text.contains("\"\"\"") || text.ends_with('"') {
        return string(text);
    }
    format!("\"\"\"\\\n{}\"\"\"", text.replace('\\', "\\\\"))
}

fn needs_escape(c: char) -> bool {
    c.is_control()
        || is_kept_surrogate(c)
        || matches!(u32::from(c), 0x2028 | 0x2029 | 0xfeff | 0x202a..=0x202e | 0x2066..=0x2069)
}

fn is_kept_surrogate(c: char) -> bool {
    (0x10_d800..=0x10_dfff).contains(&u32::from(c))
}

/// A text in quotes, double ones unless that saves escapes.
pub fn string(text: &str) -> String {
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    let mut out = String::new();
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if !needs_escape(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x10_d800..=0x10_dfff => write!(out, "\\u{:04x}", code - 0x10_0000),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
    out
}

/// Whether a name can stand after a dot.
pub(super) fn is_identifier(name: &str) -> bool {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with("__")
        && !KEYWORDS.contains(&name)
}
