//! Traitlets' JSON: `{"Class": {"option": value}}`. It has no comments, and knows neither the environment nor sets.

use std::fmt::Write as _;

use crate::value::Value;

use super::{Document, Remark, Setting, VariableSource, Written, class_name, without_python};

/// The longest list on one line.
const WIDTH: usize = 80;

/// A section: options, and sections below.
#[derive(Default)]
struct Section(Vec<(String, Item)>);

enum Item {
    Written(String),
    Section(Section),
}

/// Writes a document.
pub(super) fn document(document: &Document) -> Written {
    let mut written = Written::default();
    let mut root = Section::default();
    for variable in &document.environment {
        match &variable.source {
            VariableSource::Given => {}
            VariableSource::Secret { .. } => {
                written.environment.push(Remark::new(&variable.name, "JSON cannot set it; give it to the hub"));
            }
            VariableSource::Text(_) => {
                written.left_out.push(Remark::new(&variable.name, "JSON cannot set environment variables"));
            }
        }
    }
    for code in &document.prelude {
        let first = code.text.lines().next().unwrap_or_default().to_owned();
        written.left_out.push(Remark::new(first, "JSON holds no Python"));
    }
    for setting in &document.settings {
        if let Err(reason) = put(&mut root, setting) {
            without_python(setting, &reason, &mut written);
            continue;
        }
        if let Some(remark) = changed(setting) {
            written.changed.push(remark);
        }
    }
    section(&root, 0, &mut written.text);
    written.text.push('\n');
    written
}

/// What data forms write as a list, and the trait takes as well; deeper down nobody turns it back.
pub(super) fn changed(setting: &Setting) -> Option<Remark> {
    let value = setting.term.as_value()?;
    let items: Vec<Value> = match &value {
        Value::Dict(dict) => dict.values().cloned().collect(),
        other => other.iterate().filter(|_| !matches!(other, Value::Str(_) | Value::Bytes(_)))?,
    };
    let deep = items.iter().any(holds_set);
    deep.then(|| Remark::new(setting.name(), "a set or tuple in it is written as a list"))
}

fn holds_set(value: &Value) -> bool {
    match value {
        Value::Set(_) | Value::Tuple(_) => true,
        Value::List(items) => items.iter().any(holds_set),
        Value::Dict(dict) => dict.values().any(holds_set),
        _ => false,
    }
}

fn put(root: &mut Section, setting: &Setting) -> Result<(), String> {
    if let Some(reason) = setting.term.unknown() {
        return Err(reason);
    }
    let value = match setting.term.as_value() {
        Some(value) => value,
        None => return Err(setting.term.needs_python().unwrap_or_default()),
    };
    let text = text(&value, 2)?;
    let mut section = root;
    for name in setting.class.split('.') {
        section = section.below(name);
    }
    section.0.push((setting.option.clone(), Item::Written(text)));
    Ok(())
}

impl Section {
    fn below(&mut self, name: &str) -> &mut Section {
        let at = self.0.iter().position(|(known, item)| known == name && matches!(item, Item::Section(_)));
        let at = at.unwrap_or_else(|| {
            self.0.push((name.to_owned(), Item::Section(Section::default())));
            self.0.len() - 1
        });
        match &mut self.0[at].1 {
            Item::Section(section) => section,
            Item::Written(_) => unreachable!("found or made above"),
        }
    }
}

fn section(items: &Section, depth: usize, out: &mut String) {
    if items.0.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push_str("{\n");
    let indent = "  ".repeat(depth + 1);
    for (index, (name, item)) in items.0.iter().enumerate() {
        let _ = write!(out, "{indent}{}: ", string(name));
        match item {
            Item::Section(below) => section(below, depth + 1, out),
            Item::Written(text) => out.push_str(text),
        }
        out.push_str(if index + 1 < items.0.len() { ",\n" } else { "\n" });
    }
    let _ = write!(out, "{}}}", "  ".repeat(depth));
}

/// A value, on a line at this depth.
fn text(value: &Value, depth: usize) -> Result<String, String> {
    Ok(match value {
        Value::None => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        // As Python writes and reads them.
        Value::Float(number) if number.is_nan() => "NaN".to_owned(),
        Value::Float(number) if number.is_infinite() => if *number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        Value::Float(_) => value.repr(),
        Value::Str(text) => string(text),
        Value::List(items) | Value::Tuple(items) => list(items.iter(), depth)?,
        Value::Set(set) => list(set.iter(), depth)?,
        Value::Dict(dict) => {
            let mut parts = Vec::new();
            for (key, below) in dict.iter() {
                let Value::Str(key) = key else { return Err(format!("its key {} is no text", key.repr())) };
                parts.push(format!("{}: {}", string(key), text(below, depth + 1)?));
            }
            bracket('{', &parts, '}', depth)
        }
        Value::Bytes(_) => return Err("bytes are no text".to_owned()),
        Value::Class(class) => match class_name(value) {
            Some(name) => string(&name),
            None => return Err(format!("{} is a class that is defined in Python", class.name)),
        },
        Value::Callable(callable) => return Err(format!("{} is a function", callable.name)),
        Value::Unknown(unknown) => return Err(unknown.reason.clone()),
    })
}

fn list<'a>(items: impl Iterator<Item = &'a Value>, depth: usize) -> Result<String, String> {
    let parts = items.map(|item| text(item, depth + 1)).collect::<Result<Vec<_>, _>>()?;
    Ok(bracket('[', &parts, ']', depth))
}

fn bracket(open: char, parts: &[String], close: char, depth: usize) -> String {
    let flat = format!("{open}{}{close}", parts.join(", "));
    if !flat.contains('\n') && flat.chars().count() + 2 * depth + 20 <= WIDTH {
        return flat;
    }
    let indent = "  ".repeat(depth + 1);
    let items: Vec<String> = parts.iter().map(|part| format!("{indent}{part}")).collect();
    format!("{open}\n{}\n{}{close}", items.join(",\n"), "  ".repeat(depth))
}

fn string(text: &str) -> String {
    crate::json::write(&Value::str(text), false).trim_end().to_owned()
}
