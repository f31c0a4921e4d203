//! A YAML document as a tree in which everything knows its place, and which helm's way of merging works on.

use indexmap::IndexMap;

use crate::span::{Origin, Span};
use crate::value::{Dict, Key, Value};

use super::config::{Config, Entry, Shadowed, is_section_name};

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it holds.
    pub data: Data,
    /// Where the value stands.
    pub span: Span,
    /// Where its key stands, when it is a value of a mapping.
    pub key: Option<Span>,
    /// What lower layers held here, the nearest first.
    pub below: Vec<(Value, Span)>,
    /// Where the text of a block scalar begins.
    pub block: Option<Block>,
}

/// Where the lines of a multi-line text begin, so that a place inside it can be named in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of the text's first line, from 1.
    pub line: usize,
    /// The column at which all its lines begin, from 1.
    pub column: usize,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Data {
    /// A scalar: text, number, boolean, null, or unknown.
    Scalar(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, by key.
    Map(Map),
}

/// A mapping in order of first appearance.
pub type Map = IndexMap<Key, (Value, Node)>;

impl Node {
    /// A node without a history.
    pub fn new(data: Data, span: Span) -> Node {
        Node { data, span, key: None, below: Vec::new(), block: None }
    }

    /// The mapping, if it is one.
    pub fn map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(value) => value.as_str(),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar(Value::None))
    }

    /// The child under a text key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.get(&Key::Str(key.to_owned())).map(|(_, node)| node)
    }

    /// The descendant under a path of text keys.
    pub fn at<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Option<&Node> {
        path.into_iter().try_fold(self, Node::get)
    }

    /// The children with their keys as text; none where it is no mapping.
    pub fn pairs(&self) -> impl Iterator<Item = (String, &Node)> {
        self.map().into_iter().flatten().map(|(_, (key, node))| (key.to_text(), node))
    }

    /// The value without places.
    pub fn value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(items) => Value::List(items.iter().map(Node::value).collect()),
            Data::Map(map) => {
                let mut dict = Dict::new();
                for (key, node) in map.values() {
                    // Keys come out of a map by `Key`, so they are hashable.
                    let _ = dict.insert_value(key.clone(), node.value());
                }
                Value::Dict(dict)
            }
        }
    }

    /// The stretch to point at: `key: value` where both are on one line, else the key alone.
    pub fn place(&self) -> Span {
        let Some(key) = &self.key else { return self.span.clone() };
        let value = &self.span;
        if key.file == value.file && key.line == value.line && value.line == value.end_line {
            return Span { end_column: value.end_column.max(key.end_column), ..key.clone() };
        }
        key.clone()
    }

    /// Helm's `MergeMaps`: mappings merge, everything else is replaced, also by null.
    pub fn merge(&mut self, over: Node) {
        match (&mut self.data, over) {
            (Data::Map(mine), Node { data: Data::Map(theirs), span, key, .. }) => {
                for (name, (text, node)) in theirs {
                    match mine.get_mut(&name) {
                        Some((_, below)) => below.merge(node),
                        None => {
                            mine.insert(name, (text, node));
                        }
                    }
                }
                self.span = span;
                self.key = key;
            }
            (_, mut over) => {
                over.below.push((self.value(), self.place()));
                over.below.append(&mut self.below);
                *self = over;
            }
        }
    }

    /// The value of option `qualified` (`Class.option`) as an entry of the configuration.
    pub fn entry(&self, qualified: &str) -> Entry {
        let shadowed = |(value, span): &(Value, Span)| Shadowed {
            name: qualified.to_owned(),
            value: Some(value.clone()),
            origin: Origin::File(span.clone()),
        };
        let mut entry = Entry::plain(self.value(), Origin::File(self.place()));
        entry.shadowed = self.below.iter().map(shadowed).collect();
        entry
    }

    /// Writes the options of a mapping into a section, as `c.Class.update(mapping)` does: names with a capital that
    /// hold a mapping are sections below.
    pub fn write_into(&self, section: &mut Config, class: &str) {
        for (name, node) in self.pairs() {
            if node.map().is_some() && is_section_name(&name) {
                node.write_into(section.section_mut(&name), &name);
            } else {
                let qualified = format!("{class}.{name}");
                section.set(&qualified, &name, node.entry(&qualified));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml::{self, Flavour};
    use super::*;

    fn parse(file: &str, text: &str) -> Node {
        yaml::parse(text, &file.into(), Flavour::Helm).unwrap().documents.remove(0)
    }

    #[test]
    fn layers_merge_as_helms_values_files_do() {
        let mut low = parse("low", "a: {x: 1, list: [1, 2], z: 3}\n");
        low.merge(parse("high", "a:\n  list: [3]\n  z:\n  w: 4\n"));
        assert_eq!(low.value().repr(), "{'a': {'x': 1, 'list': [3], 'z': None, 'w': 4}}");
        let list = low.at(["a", "list"]).unwrap();
        assert_eq!(&*list.place().file, "high");
        assert_eq!(list.below[0].0.repr(), "[1, 2]");
        assert_eq!(&*list.below[0].1.file, "low");
    }

    #[test]
    fn an_entry_knows_its_line_and_what_it_shadows() {
        let mut low = parse("low", "X:\n  opt: 1\n");
        low.merge(parse("high", "# comment\nX:\n  opt:   two\n"));
        let mut config = Config::new();
        low.get("X").unwrap().write_into(config.section_mut("X"), "X");
        let entry = config.section("X").unwrap().entry("opt").unwrap();
        let span = entry.origin.span().unwrap();
        assert_eq!((span.line, span.column, span.end_column), (3, 3, 13));
        assert_eq!(entry.shadowed[0].name, "X.opt");
        assert_eq!(entry.shadowed[0].value, Some(Value::int(1)));
    }
}
