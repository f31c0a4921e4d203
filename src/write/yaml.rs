//! A tree of YAML with comments, written in blocks, two spaces a level.

use num_traits::ToPrimitive as _;

use crate::value::{Dict, Value};

use super::{Remark, scalar};

/// A node.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A scalar, as it is to be written.
    Scalar(String),
    /// A text of several lines: the header of its block, and the lines.
    Block(&'static str, Vec<String>),
    /// A list.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// Keys with what is under them, in order, each with the comment above it.
#[derive(Clone, Debug, Default)]
pub(super) struct Map(Vec<Pair>);

#[derive(Clone, Debug)]
struct Pair {
    comments: Vec<String>,
    key: String,
    node: Node,
}

impl Map {
    /// Adds a key, given as a text.
    pub fn put(&mut self, key: &str, node: Node) {
        self.put_with(key, &[], node);
    }

    /// The same with comments above it.
    pub fn put_with(&mut self, key: &str, comments: &[String], node: Node) {
        self.0.push(Pair { comments: comments.to_vec(), key: scalar::text(key), node });
    }

    /// The mapping under a key, made if it is not there.
    pub fn below(&mut self, key: &str) -> &mut Map {
        let key = scalar::text(key);
        let at = self.0.iter().position(|pair| pair.key == key && matches!(pair.node, Node::Map(_)));
        let at = at.unwrap_or_else(|| {
            self.0.push(Pair { comments: Vec::new(), key, node: Node::Map(Map::default()) });
            self.0.len() - 1
        });
        match &mut self.0[at].node {
            Node::Map(map) => map,
            _ => unreachable!("found or made above"),
        }
    }

    /// Adds the keys of another one.
    pub fn append(&mut self, other: Map) {
        self.0.extend(other.0);
    }

    /// Adds what it does not have yet; gives back what YAML cannot hold.
    pub fn merge(&mut self, other: &Dict, path: &str, dialect: Dialect) -> Vec<Remark> {
        let mut left_out = Vec::new();
        for (name, value) in other.iter() {
            let path = if path.is_empty() { name.to_text() } else { format!("{path}.{}", name.to_text()) };
            let key = match key(name, dialect) {
                Ok(key) => key,
                Err(reason) => {
                    left_out.push(Remark { setting: path, reason });
                    continue;
                }
            };
            let known = self.0.iter_mut().find(|pair| pair.key == key);
            match (known.map(|pair| &mut pair.node), value) {
                (Some(Node::Map(mine)), Value::Dict(theirs)) => left_out.extend(mine.merge(theirs, &path, dialect)),
                (Some(_), _) => {}
                (None, Value::Dict(theirs)) if !theirs.is_empty() => {
                    let mut map = Map::default();
                    left_out.extend(map.merge(theirs, &path, dialect));
                    if !map.is_empty() {
                        self.0.push(Pair { comments: Vec::new(), key, node: Node::Map(map) });
                    }
                }
                (None, value) => match tree(value, dialect) {
                    Ok(node) => self.0.push(Pair { comments: Vec::new(), key, node }),
                    Err(reason) => left_out.push(Remark { setting: path, reason }),
                },
            }
        }
        left_out
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a reader of YAML can take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// helm: keys are texts, integers have 64 bits, and everything goes through JSON.
    Helm,
    /// ruamel.yaml.
    Ruamel,
}

/// A value as a tree, or why it cannot be one.
pub(super) fn tree(value: &Value, dialect: Dialect) -> Result<Node, String> {
    Ok(match value {
        Value::None => Node::Scalar("null".to_owned()),
        Value::Bool(truth) => Node::Scalar(truth.to_string()),
        Value::Int(number) => {
            if dialect == Dialect::Helm && number.to_i64().is_none() && number.to_u64().is_none() {
                return Err("helm keeps integers of 64 bits only".to_owned());
            }
            Node::Scalar(number.to_string())
        }
        Value::Float(number) => {
            if dialect == Dialect::Helm && !number.is_finite() {
                return Err("helm has no infinite numbers".to_owned());
            }
            Node::Scalar(scalar::float(*number))
        }
        Value::Str(text) => {
            if text.chars().any(|c| (0x10_d800..=0x10_dfff).contains(&u32::from(c))) {
                return Err("YAML has no half surrogate pairs".to_owned());
            }
            match scalar::block(text) {
                Some((header, lines)) => Node::Block(header, lines.into_iter().map(str::to_owned).collect()),
                None => Node::Scalar(scalar::text(text)),
            }
        }
        Value::List(items) | Value::Tuple(items) => list(items.iter(), dialect)?,
        Value::Set(set) => list(set.iter(), dialect)?,
        Value::Dict(dict) => {
            let mut pairs = Vec::new();
            for (key, below) in dict.iter() {
                pairs.push(Pair { comments: Vec::new(), key: self::key(key, dialect)?, node: tree(below, dialect)? });
            }
            Node::Map(Map(pairs))
        }
        Value::Bytes(_) => return Err("bytes are no text".to_owned()),
        Value::Class(class) => match super::class_name(value) {
            Some(name) => Node::Scalar(scalar::text(&name)),
            None => return Err(format!("{} is a class that is defined in Python", class.name)),
        },
        Value::Callable(callable) => return Err(format!("{} is a function", callable.name)),
        Value::Unknown(unknown) => return Err(unknown.reason.clone()),
    })
}

fn list<'a>(items: impl Iterator<Item = &'a Value>, dialect: Dialect) -> Result<Node, String> {
    items.map(|item| tree(item, dialect)).collect::<Result<_, _>>().map(Node::List)
}

fn key(key: &Value, dialect: Dialect) -> Result<String, String> {
    match (key, tree(key, dialect)?) {
        // A longer key is not recognised as one, nor is one of several lines.
        (Value::Str(text), _) if text.len() < 500 => Ok(scalar::text(text)),
        (Value::Int(_) | Value::Bool(_), Node::Scalar(scalar)) if dialect == Dialect::Ruamel => Ok(scalar),
        (Value::Str(_), _) => Err("a key of it is too long for YAML".to_owned()),
        _ => Err(format!("its key {} is no text", key.repr())),
    }
}

/// Comment lines; one of several lines stays a comment throughout.
pub(super) fn comment(out: &mut String, depth: usize, lines: &[String]) {
    let indent = "  ".repeat(depth);
    for line in lines.iter().flat_map(|line| line.split(is_line_end)) {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let line = if line.is_empty() { "#".to_owned() } else { format!("# {line}") };
        out.push_str(&indent);
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// What ends a line for Python or for YAML, and with it a comment.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Writes a mapping.
pub(super) fn write(map: &Map, out: &mut String) {
    pairs(map, 0, out);
}

fn pairs(map: &Map, depth: usize, out: &mut String) {
    for pair in &map.0 {
        comment(out, depth, &pair.comments);
        out.push_str(&"  ".repeat(depth));
        out.push_str(&pair.key);
        out.push(':');
        under(&pair.node, depth + 1, out);
    }
}

/// What stands after a key's colon.
fn under(node: &Node, depth: usize, out: &mut String) {
    match node {
        Node::Map(map) if !map.is_empty() => {
            out.push('\n');
            pairs(map, depth, out);
        }
        Node::List(items) if !items.is_empty() => {
            out.push('\n');
            list_items(items, depth, out);
        }
        node => inline(node, depth, out),
    }
}

fn list_items(items: &[Node], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for item in items {
        out.push_str(&indent);
        out.push('-');
        match item {
            Node::Map(map) if !map.is_empty() => {
                let mut below = String::new();
                pairs(map, depth + 1, &mut below);
                // The first key stands on the line of the dash.
                out.push(' ');
                out.push_str(below.trim_start_matches(' '));
            }
            Node::List(below) if !below.is_empty() => {
                let mut inner = String::new();
                list_items(below, depth + 1, &mut inner);
                out.push(' ');
                out.push_str(inner.trim_start_matches(' '));
            }
            node => inline(node, depth + 1, out),
        }
    }
}

fn inline(node: &Node, depth: usize, out: &mut String) {
    out.push(' ');
    match node {
        Node::Scalar(text) => out.push_str(text),
        Node::Map(_) => out.push_str("{}"),
        Node::List(_) => out.push_str("[]"),
        Node::Block(header, lines) => {
            out.push_str(header);
            let indent = "  ".repeat(depth);
            for line in lines {
                out.push('\n');
                if !line.is_empty() {
                    out.push_str(&indent);
                    out.push_str(line);
                }
            }
        }
    }
    out.push('\n');
}

/// A text as a node.
pub(super) fn text(text: &str) -> Node {
    match scalar::block(text) {
        Some((header, lines)) => Node::Block(header, lines.into_iter().map(str::to_owned).collect()),
        None => Node::Scalar(scalar::text(text)),
    }
}
