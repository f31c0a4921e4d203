//! The configuration tree: traitlets' `Config` with an origin on every entry (`traitlets/config/loader.py`).

use indexmap::IndexMap;

use crate::span::{Origin, Span};
use crate::value::{Dict, Set, Value};

/// A section, and the tree as a whole: names to entries and to sections below. Order is that of first assignment.
#[derive(Clone, Debug, Default)]
pub struct Config {
    nodes: IndexMap<String, Node>,
}

/// What stands under a name.
#[derive(Clone, Debug)]
pub enum Node {
    /// A section: its name starts with a capital (`_is_section_key`).
    Section(Config),
    /// A value.
    Entry(Entry),
}

/// A configured value, with where it was written and what it replaced.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was written.
    pub written: Written,
    /// Where.
    pub origin: Origin,
    /// The `Class.option` that was written, when it differs from where the entry stands (a flag, `--set`).
    pub shadowed: Vec<Shadowed>,
}

/// A value that a later one replaced.
#[derive(Clone, Debug)]
pub struct Shadowed {
    /// `Class.option` of the replaced one.
    pub name: String,
    /// Its value, where it was a plain one.
    pub value: Option<Value>,
    /// Where it was written.
    pub origin: Origin,
}

/// A plain value, or operations on a default not yet known (`c.X.y.append(…)`).
#[derive(Clone, Debug)]
pub enum Written {
    /// `c.X.y = value`.
    Plain(Value),
    /// `c.X.y.append(value)` and its kin, on what a lower layer or the default holds.
    Lazy(Lazy),
}

/// traitlets' `LazyConfigValue`: operations kept until the value they work on is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lazy {
    /// `.append`, `.extend`.
    pub extend: Vec<Value>,
    /// `.prepend`.
    pub prepend: Vec<Value>,
    /// `.insert(index, value)`.
    pub inserts: Vec<(i64, Value)>,
    /// `.update`, `.add`: a dictionary or a set, by what came first.
    pub update: Option<Value>,
}

impl Lazy {
    /// `LazyConfigValue.update`: `None` where Python raises (a dict updated with something else).
    pub fn update_with(&mut self, other: &Value) -> Option<()> {
        let update = self.update.get_or_insert_with(|| match other {
            Value::Dict(_) => Value::Dict(Dict::new()),
            _ => Value::Set(Set::new()),
        });
        merge_update(update, other)
    }

    /// `LazyConfigValue.get_value`: the operations applied to the value below.
    pub fn apply(&self, initial: &Value) -> Value {
        match initial {
            Value::List(items) => {
                let mut items = items.clone();
                for (index, item) in &self.inserts {
                    let len = items.len() as i64;
                    let at = if *index < 0 { (len + index).max(0) } else { (*index).min(len) };
                    items.insert(at as usize, item.clone());
                }
                let mut all = self.prepend.clone();
                all.append(&mut items);
                all.extend(self.extend.iter().cloned());
                Value::List(all)
            }
            Value::Dict(_) | Value::Set(_) => {
                let mut value = initial.clone();
                if let Some(update) = &self.update {
                    // A set updated by a dict takes its keys; a dict by a set raises in Python and stays as it is here.
                    let _ = merge_update(&mut value, update);
                }
                value
            }
            other => other.clone(),
        }
    }

    /// `LazyConfigValue.merge_into` of a later one (self) over an earlier one.
    fn merge_over(mut self, earlier: &Lazy) -> Lazy {
        let mut merged = earlier.clone();
        merged.extend.append(&mut self.extend);
        // Upstream extends the *new* prepend list by the earlier one.
        self.prepend.extend(earlier.prepend.iter().cloned());
        merged.prepend = self.prepend;
        merged.inserts.append(&mut self.inserts);
        // Upstream drops the earlier update where the later one has none.
        match &self.update {
            Some(update) if update.truth() != Some(false) => {
                let _ = merged.update_with(update);
            }
            _ => merged.update = self.update,
        }
        merged
    }
}

fn merge_update(target: &mut Value, other: &Value) -> Option<()> {
    match (target, other) {
        (Value::Dict(target), Value::Dict(other)) => {
            for (key, value) in other.iter() {
                target.insert_value(key.clone(), value.clone()).ok()?;
            }
        }
        (Value::Set(target), other) => {
            for item in other.iterate()? {
                target.insert(item).ok()?;
            }
        }
        _ => return None,
    }
    Some(())
}

impl Entry {
    /// A plain value.
    pub fn plain(value: Value, origin: Origin) -> Entry {
        Entry { written: Written::Plain(value), origin, shadowed: Vec::new() }
    }

    /// The plain value, if it is one.
    pub fn value(&self) -> Option<&Value> {
        match &self.written {
            Written::Plain(value) => Some(value),
            Written::Lazy(_) => None,
        }
    }
}

/// Whether traitlets takes a name for a section: it starts with a character that is its own upper case.
pub fn is_section_name(name: &str) -> bool {
    name.chars().next().is_some_and(|first| first != '_' && first.to_uppercase().eq(std::iter::once(first)))
}

impl Config {
    /// An empty tree.
    pub fn new() -> Config {
        Config::default()
    }

    /// The section of that name, made if it is not there.
    pub fn section_mut(&mut self, name: &str) -> &mut Config {
        let node = self.nodes.entry(name.to_owned()).or_insert_with(|| Node::Section(Config::new()));
        if let Node::Entry(_) = node {
            *node = Node::Section(Config::new());
        }
        match node {
            Node::Section(section) => section,
            Node::Entry(_) => unreachable!("replaced above"),
        }
    }

    /// The section of that name.
    pub fn section(&self, name: &str) -> Option<&Config> {
        match self.nodes.get(name)? {
            Node::Section(section) => Some(section),
            Node::Entry(_) => None,
        }
    }

    /// The entry of that name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        match self.nodes.get(name)? {
            Node::Entry(entry) => Some(entry),
            Node::Section(_) => None,
        }
    }

    /// The same, to be changed in place (an assigned set that is added to later).
    pub fn entry_mut(&mut self, name: &str) -> Option<&mut Entry> {
        match self.nodes.get_mut(name)? {
            Node::Entry(entry) => Some(entry),
            Node::Section(_) => None,
        }
    }

    /// Assigns an entry. One that stood there is remembered as shadowed, under the name `qualified` (`Class.option`).
    pub fn set(&mut self, qualified: &str, name: &str, mut entry: Entry) {
        if let Some(Node::Entry(old)) = self.nodes.get(name) {
            entry.shadowed.extend(shadow(qualified, old));
        }
        self.nodes.insert(name.to_owned(), Node::Entry(entry));
    }

    /// Removes a name: `del c.X.y`.
    pub fn remove(&mut self, name: &str) {
        self.nodes.shift_remove(name);
    }

    /// Names and what stands under them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// The same, to be changed in place.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.nodes.iter_mut().map(|(name, node)| (name.as_str(), node))
    }

    /// The sections at this level, in order.
    pub fn sections(&self) -> impl Iterator<Item = (&str, &Config)> {
        self.iter().filter_map(|(name, node)| match node {
            Node::Section(section) => Some((name, section)),
            Node::Entry(_) => None,
        })
    }

    /// The entries at this level, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.iter().filter_map(|(name, node)| match node {
            Node::Entry(entry) => Some((name, entry)),
            Node::Section(_) => None,
        })
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// `Config.merge`: the other one lies on top. `path` names this section (`""` for the root), for what is shadowed.
    pub fn merge(&mut self, other: Config, path: &str) {
        for (name, node) in other.nodes {
            match (self.nodes.get_mut(&name), node) {
                (Some(Node::Section(mine)), Node::Section(theirs)) => mine.merge(theirs, &name),
                (Some(Node::Entry(mine)), Node::Entry(theirs)) => {
                    let merged = merge_entries(&format!("{path}.{name}"), mine, theirs);
                    *mine = merged;
                }
                (_, node) => {
                    self.nodes.insert(name, node);
                }
            }
        }
    }
}

/// A later entry over an earlier one, with lazy operations folded together as traitlets does.
pub fn merge_entries(earlier_name: &str, earlier: &Entry, later: Entry) -> Entry {
    let mut shadowed = later.shadowed;
    let written = match (later.written, &earlier.written) {
        (Written::Plain(value), _) => {
            shadowed.extend(shadow(earlier_name, earlier));
            Written::Plain(value)
        }
        (Written::Lazy(lazy), Written::Plain(below)) => {
            shadowed.extend(shadow(earlier_name, earlier));
            Written::Plain(lazy.apply(below))
        }
        (Written::Lazy(lazy), Written::Lazy(below)) => {
            shadowed.extend(shadow(earlier_name, earlier));
            Written::Lazy(lazy.merge_over(below))
        }
    };
    Entry { written, origin: later.origin, shadowed }
}

fn shadow(name: &str, old: &Entry) -> Vec<Shadowed> {
    let mut all = vec![Shadowed { name: name.to_owned(), value: old.value().cloned(), origin: old.origin.clone() }];
    all.extend(old.shadowed.iter().cloned());
    all
}

/// A dictionary from YAML or JSON as a tree: keys that start with a capital and hold a dictionary are sections, as
/// `Config._ensure_subconfig` makes them. `span_of` gives the place of a key by its path.
pub fn from_dict(dict: &Dict, path: &mut Vec<String>, span_of: &impl Fn(&[String]) -> Option<Span>) -> Config {
    let mut config = Config::new();
    for (key, value) in dict.iter() {
        let name = key.to_text();
        path.push(name.clone());
        match value {
            Value::Dict(below) if is_section_name(&name) => {
                let section = from_dict(below, path, span_of);
                config.nodes.insert(name, Node::Section(section));
            }
            value => {
                let origin = span_of(path).map_or(Origin::Default, Origin::File);
                config.nodes.insert(name, Node::Entry(Entry::plain(value.clone(), origin)));
            }
        }
        path.pop();
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(value: Value) -> Entry {
        Entry::plain(value, Origin::Default)
    }

    #[test]
    fn merging_keeps_what_was_replaced() {
        let mut low = Config::new();
        low.section_mut("A").set("A.x", "x", entry(Value::int(1)));
        let mut high = Config::new();
        high.section_mut("A").set("A.x", "x", entry(Value::int(2)));
        low.merge(high, "");
        let merged = low.section("A").unwrap().entry("x").unwrap();
        assert_eq!(merged.value(), Some(&Value::int(2)));
        assert_eq!(merged.shadowed[0].name, "A.x");
        assert_eq!(merged.shadowed[0].value, Some(Value::int(1)));
    }

    #[test]
    fn lazy_operations_apply_to_what_lies_below() {
        let lazy = Lazy { extend: vec![Value::int(3)], prepend: vec![Value::int(0)], ..Lazy::default() };
        assert_eq!(
            lazy.apply(&Value::List(vec![Value::int(1)])),
            Value::List(vec![Value::int(0), Value::int(1), Value::int(3)])
        );
    }

    #[test]
    fn sections_start_with_a_capital_or_something_without_case() {
        assert!(is_section_name("JupyterHub") && is_section_name("1x") && !is_section_name("jupyterhub"));
        assert!(!is_section_name("_X") && !is_section_name(""));
    }
}
