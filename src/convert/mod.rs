//! From one form of configuration to another: what was read becomes a [`Document`], and what cannot become part of it is
//! said.
//!
//! What is known for certain is carried as a value. What comes from the environment, from files or from code stays what
//! it is: a reference, or the code itself with all that it needs ([`slice`]). To tell the two apart the configuration is
//! read twice, once with an environment that nobody knows ([`crate::source::load::Request::blind`]): what is known even
//! so does not depend on it. Nothing is dropped without a word: every setting of the source is in the document, or in
//! [`Converted::remarks`].

mod comments;
mod compare;
mod idps;
mod mask;
mod order;
mod render;
mod secrets;
pub mod slice;
mod upgrade;
mod values;
mod work;

use crate::source::{Config, Entry, Kind, Loaded, Node, Written, node};
use crate::span::{Origin, Span};
use crate::value::Value;
use crate::write::{Document, Form};
use std::collections::BTreeSet;

use slice::{Module, Part};
use work::Work;

pub use compare::differences;
pub use mask::mask;
pub use render::{Rendered, render, reread};
pub use secrets::Secrets;

/// How to convert.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The form to write.
    pub to: Form,
    /// What becomes of secrets that stand in the source.
    pub secrets: Secrets,
    /// Whether deprecated and removed names are replaced.
    pub upgrade: bool,
    /// Whether it is one layer of several, which leaves to the others what it does not say.
    pub layer: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// What to write.
    pub document: Document,
    /// What there is to know about it.
    pub remarks: Vec<Remark>,
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is not in the result.
    LeftOut,
    /// It is in the result, and means or says something else than before.
    Changed,
    /// Something to do or to know.
    Note,
}

/// A word about a setting. Messages are lower-case fragments without a full stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// How much it matters.
    pub weight: Weight,
    /// `Class.option`, a variable, or a key.
    pub name: String,
    /// What about it.
    pub message: String,
    /// Where it stands in the source.
    pub span: Option<Span>,
}

impl Remark {
    fn new(weight: Weight, name: impl Into<String>, message: impl Into<String>, span: Option<&Span>) -> Remark {
        Remark { weight, name: name.into(), message: message.into(), span: span.cloned() }
    }
}

/// A setting of the source.
struct Item<'l> {
    class: String,
    option: String,
    /// `None` where it is set only under a condition that is not met here.
    entry: Option<&'l Entry>,
    /// The same as it is read without an environment.
    blind: Option<&'l Entry>,
}

impl Item<'_> {
    fn name(&self) -> String {
        format!("{}.{}", self.class, self.option)
    }

    fn origin(&self) -> Option<&Origin> {
        self.entry.or(self.blind).map(|entry| &entry.origin)
    }

    fn span(&self) -> Option<&Span> {
        self.origin().and_then(Origin::span)
    }
}

/// Converts what was read. `blind` is the same configuration read without an environment; `flags` are the `--set`
/// arguments as typed.
pub fn convert(loaded: &Loaded, blind: &Loaded, flags: &[String], plan: Plan) -> Converted {
    // What can be followed only with the environment tells nothing without it.
    let blind = if blind.fatal.is_some() { loaded } else { blind };
    let root = values::root(loaded);
    let modules = modules(loaded, root.as_ref(), plan.to);
    let mut work = Work {
        loaded,
        flags,
        plan,
        root: root.as_ref(),
        carried: vec![BTreeSet::new(); modules.len()],
        modules,
        covered: Vec::new(),
        done: Converted::default(),
    };
    work.cover_what_stays();
    let items = items(loaded, blind);
    let taken_out = values::taken_out(root.as_ref(), loaded.kind, plan.to);
    // What stands in a condition or a loop is carried with it, whatever else is set there.
    for item in &items {
        work.statement(item);
    }
    for item in &items {
        work.setting(item);
    }
    work.done.document.settings.extend(taken_out);
    work.class_attributes();
    work.statements();
    work.class();
    work.environment();
    work.left_behind(&items);
    work.variables_in_code();
    values::rest(root.as_ref(), loaded, plan.to, &mut work.done);
    let mut done = work.done;
    if plan.upgrade {
        upgrade::apply(loaded, &mut done);
    }
    secrets::apply(loaded, plan, &mut done);
    order::arrange(loaded, &mut done.document);
    done.remarks.dedup();
    done
}

/// The Python of the source, a module for each file; the snippets of a chart share their names.
fn modules(loaded: &Loaded, root: Option<&node::Node>, to: Form) -> Vec<Module> {
    if loaded.kind == Kind::Z2jh {
        let snippets = root.map(crate::source::z2jh::python_in).unwrap_or_default();
        let parts: Vec<Part> =
            snippets.into_iter().map(|(text, label, first_line)| Part { text, label, first_line }).collect();
        return vec![Module::in_chart(&parts, to == Form::Z2jh)];
    }
    let is_python = |label: &str| loaded.kind == Kind::Python && !label.ends_with(".json") || label.ends_with(".py");
    let texts = loaded.texts.iter().filter(|(label, _)| is_python(label));
    texts
        .map(|(label, text)| Module::new(&[Part { text: text.to_string(), label: label.clone(), first_line: 1 }]))
        .collect()
}

/// Every setting, in the order of the tree; those that depend on a condition too.
fn items<'l>(loaded: &'l Loaded, blind: &'l Loaded) -> Vec<Item<'l>> {
    let mut all = Vec::new();
    collect(&loaded.config, Some(&blind.config), &mut Vec::new(), &mut all);
    let mut only_blind = Vec::new();
    collect(&blind.config, None, &mut Vec::new(), &mut only_blind);
    for mut item in only_blind {
        let known = all.iter().any(|known| known.class == item.class && known.option == item.option);
        let empty =
            matches!(item.entry.map(|entry| &entry.written), Some(Written::Lazy(lazy)) if *lazy == Default::default());
        if !known && !empty && item.entry.is_some_and(|entry| entry.origin != Origin::Default) {
            item.blind = item.entry.take();
            all.push(item);
        }
    }
    all.retain(|item| !item.class.is_empty());
    all
}

fn collect<'l>(config: &'l Config, blind: Option<&'l Config>, path: &mut Vec<String>, all: &mut Vec<Item<'l>>) {
    for (name, node) in config.iter() {
        match node {
            Node::Section(below) => {
                path.push(name.to_owned());
                collect(below, blind.and_then(|blind| blind.section(name)), path, all);
                path.pop();
            }
            Node::Entry(entry) => all.push(Item {
                class: path.join("."),
                option: name.to_owned(),
                entry: Some(entry),
                blind: blind.and_then(|blind| blind.entry(name)),
            }),
        }
    }
}

/// What a setting is, as far as its value tells.
enum Nature {
    /// Known, whatever the environment.
    Value(Value),
    /// Operations on a default.
    Operations,
    /// Known here, from an environment or a file that is another one elsewhere.
    Here(Value),
    /// Not known, for this reason.
    Unknown(String),
    /// A function, or a class that is defined in Python.
    Code(String),
}

fn nature(item: &Item<'_>) -> Nature {
    let Some(entry) = item.entry else {
        return Nature::Unknown("it is set under a condition that depends on the environment".to_owned());
    };
    let Written::Plain(value) = &entry.written else { return Nature::Operations };
    if let Some(unknown) = value.find_unknown() {
        return Nature::Unknown(unknown.reason.clone());
    }
    if is_code(value) {
        return Nature::Code(what_code(value));
    }
    let same = item.blind.and_then(Entry::value).is_some_and(|blind| blind.find_unknown().is_none() && blind == value);
    if same { Nature::Value(value.clone()) } else { Nature::Here(value.clone()) }
}

/// Whether it is, or holds, a function, or a class that no import leads to.
fn is_code(value: &Value) -> bool {
    match value {
        Value::Callable(_) => true,
        Value::Class(class) => class.import.is_none(),
        Value::List(items) | Value::Tuple(items) => items.iter().any(is_code),
        Value::Set(items) => items.iter().any(is_code),
        Value::Dict(dict) => dict.values().any(is_code),
        _ => false,
    }
}

fn what_code(value: &Value) -> String {
    match value {
        Value::Callable(callable) if callable.name == "<lambda>" => "it is a function".to_owned(),
        Value::Callable(callable) => format!("it is the function {}", callable.name),
        Value::Class(class) => format!("it is the class {}, defined in Python", class.name),
        _ => "there is a function in it".to_owned(),
    }
}
