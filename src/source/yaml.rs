//! YAML with places, in the two dialects that matter: as helm reads values files (`sigs.k8s.io/yaml` on go-yaml v2:
//! YAML 1.1, keys become text) and as The Littlest JupyterHub reads its config (`ruamel.yaml`: YAML 1.2).
//!
//! What stands in for something else, a SOPS-encrypted leaf or a template, becomes an unknown value with the reason.

use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as Range, Tag};

use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::value::{Key, Value};

use super::node::{Block, Data, Map, Node};
use super::scalar;
use super::template;

/// Which program's reading of YAML to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Helm: YAML 1.1 booleans (`yes`, `on`), leading-zero octals, the last of two equal keys.
    Helm,
    /// ruamel.yaml: YAML 1.2, equal keys are an error.
    Ruamel,
}

/// What a text holds.
#[derive(Debug)]
pub struct Parsed {
    /// Its documents.
    pub documents: Vec<Node>,
    /// Remarks, such as repeated keys.
    pub diagnostics: Vec<Diagnostic>,
}

/// Nodes that aliases may make of one file, and levels of nesting: enough for any real file, and no trap.
const MAX_NODES: usize = 1_000_000;
const MAX_DEPTH: usize = 128;

/// Reads a text. A text that is no YAML as it stands but holds template marks is read around them, with an error among
/// the diagnostics; any other is an `Err` with a finding that names the place.
pub fn parse(text: &str, file: &Arc<str>, flavour: Flavour) -> Result<Parsed, Box<Diagnostic>> {
    let error = match Builder::new(text, file, flavour).run() {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    if !template::is_template(text) {
        return Err(error);
    }
    let masked = template::mask(text);
    match Builder::new(&masked, file, flavour).run() {
        Ok(mut parsed) => {
            // Both branches of a condition are read, so repeated keys mean nothing here.
            parsed.diagnostics = vec![template::finding(*error)];
            Ok(parsed)
        }
        Err(_) => Err(Box::new(template::finding(*error))),
    }
}

struct Builder<'a> {
    text: &'a str,
    lines: Vec<usize>,
    file: &'a Arc<str>,
    flavour: Flavour,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Node>,
    diagnostics: Vec<Diagnostic>,
}

/// A collection that is not closed yet.
enum Open {
    List { items: Vec<Node>, start: Marker, anchor: usize, first: usize },
    Map { map: Map, key: Option<Box<Node>>, start: Marker, anchor: usize, first: usize, merged: Vec<Key> },
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, file: &'a Arc<str>, flavour: Flavour) -> Builder<'a> {
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        Builder {
            text,
            lines,
            file,
            flavour,
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Parsed, Box<Diagnostic>> {
        for event in Parser::new_from_str(self.text) {
            let (event, range) = event.map_err(|error| self.scan_error(&error))?;
            self.event(event, range)?;
        }
        Ok(Parsed { documents: self.documents, diagnostics: self.diagnostics })
    }

    fn event(&mut self, event: Event<'_>, range: Range) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, range.start)?;
                let node = self.scalar(&text, style, tag.as_deref(), range);
                self.finish(node, anchor, 1)
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor) else {
                    return Err(self.error(range.start, "an alias to something that isn't finished yet"));
                };
                let (mut node, size) = (node.clone(), *size);
                self.count(size, range.start)?;
                node.span = self.span(range);
                self.finish(node, 0, size)
            }
            Event::SequenceStart(anchor, _) => {
                self.enter(range.start)?;
                self.open.push(Open::List { items: Vec::new(), start: range.start, anchor, first: self.nodes });
                Ok(())
            }
            Event::MappingStart(anchor, _) => {
                self.enter(range.start)?;
                let merged = Vec::new();
                let map = Map::new();
                self.open.push(Open::Map { map, key: None, start: range.start, anchor, first: self.nodes, merged });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::DocumentStart(_) | Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {
                Ok(())
            }
        }
    }

    fn enter(&mut self, at: Marker) -> Result<(), Box<Diagnostic>> {
        self.count(1, at)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error(at, &format!("nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, at: Marker) -> Result<(), Box<Diagnostic>> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(self.error(at, "too large: its aliases multiply it beyond a million values"));
        }
        Ok(())
    }

    fn close(&mut self, end: Marker) -> Result<(), Box<Diagnostic>> {
        let (data, start, anchor, first) = match self.open.pop() {
            Some(Open::List { items, start, anchor, first }) => (Data::List(items), start, anchor, first),
            Some(Open::Map { map, start, anchor, first, .. }) => (Data::Map(map), start, anchor, first),
            None => return Ok(()),
        };
        let node = Node::new(data, self.span(Range::new(start, end)));
        self.finish(node, anchor, self.nodes - first + 1)
    }

    /// A node is complete: it goes where it belongs.
    fn finish(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Box<Diagnostic>> {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { key: slot @ None, .. }) => *slot = Some(Box::new(node)),
            Some(Open::Map { key, .. }) => {
                if let Some(key) = key.take() {
                    self.pair(*key, node)?;
                }
            }
        }
        Ok(())
    }

    fn pair(&mut self, key: Node, mut node: Node) -> Result<(), Box<Diagnostic>> {
        if key.text() == Some("<<") && key.block.is_none() {
            return self.merge_key(&key, node);
        }
        let Data::Scalar(value) = &key.data else {
            let message = "a mapping or list where the name of a key should stand";
            return Err(self.error_at(key.span.clone(), message));
        };
        let name = match self.flavour {
            Flavour::Helm => Value::str(scalar::helm_key(value)),
            Flavour::Ruamel => value.clone(),
        };
        node.key = Some(key.span.clone());
        let Ok(identity) = Key::of(&name) else { return Ok(()) };
        let repeated = match self.open.last_mut() {
            Some(Open::Map { map, merged, .. }) => {
                let was_merged = merged.iter().position(|other| *other == identity);
                let old = map.insert(identity, (name.clone(), node));
                match (old, was_merged) {
                    (Some(_), Some(at)) => {
                        merged.swap_remove(at);
                        None
                    }
                    (old, _) => old,
                }
            }
            _ => None,
        };
        match repeated {
            Some((_, first)) => self.repeated(&name, key.span, first.key),
            None => Ok(()),
        }
    }

    fn repeated(&mut self, name: &Value, span: Span, first: Option<Span>) -> Result<(), Box<Diagnostic>> {
        let name = name.to_text();
        let first_line = first.as_ref().map_or(0, |first| first.line);
        let mut finding = match self.flavour {
            Flavour::Helm => Diagnostic::warning("duplicate-key", format!("`{name}` is given twice"))
                .with_note("helm takes the second one and drops the first, with all that is under it, without a word")
                .with_fix("merge the two"),
            Flavour::Ruamel => Diagnostic::error("syntax-error", format!("not YAML: `{name}` is given twice"))
                .with_note("TLJH's YAML reader raises DuplicateKeyError, and the hub doesn't start")
                .with_fix(format!("remove one of them (the first is in line {first_line})")),
        };
        finding.span = Some(span);
        if let Some(first) = first {
            finding = finding.with_label(first, "first given here");
        }
        if self.flavour == Flavour::Ruamel {
            return Err(Box::new(finding));
        }
        self.diagnostics.push(finding);
        Ok(())
    }

    /// `<<: *defaults`. go-yaml v2 writes the merged keys where they stand, over those before; YAML says that the
    /// mapping's own keys win, and ruamel does it so.
    fn merge_key(&mut self, key: &Node, node: Node) -> Result<(), Box<Diagnostic>> {
        let sources = match node.data {
            Data::Map(map) => vec![map],
            Data::List(items) => {
                let maps = items.into_iter().rev().map(|item| match item.data {
                    Data::Map(map) => Some(map),
                    _ => None,
                });
                maps.collect::<Option<Vec<_>>>().unwrap_or_default()
            }
            Data::Scalar(_) => Vec::new(),
        };
        if sources.is_empty() {
            return Err(self.error_at(key.span.clone(), "`<<` merges mappings, and this is none"));
        }
        let flavour = self.flavour;
        let Some(Open::Map { map, merged, .. }) = self.open.last_mut() else { return Ok(()) };
        let own: Vec<Key> = map.keys().filter(|key| !merged.contains(key)).cloned().collect();
        for source in sources {
            for (identity, pair) in source {
                if flavour == Flavour::Ruamel && own.contains(&identity) {
                    continue;
                }
                merged.push(identity.clone());
                map.insert(identity, pair);
            }
        }
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, range: Range) -> Node {
        let span = self.span(range);
        let plain = style == ScalarStyle::Plain;
        let value = match scalar::stands_for_something(text) {
            Some(reason)
                if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) || template::is_masked(text) =>
            {
                Value::unknown(reason, Some(span.clone()))
            }
            _ => scalar::resolve(text, plain, tag, self.flavour, &span),
        };
        let mut node = Node::new(Data::Scalar(value), span);
        node.block = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => Some(self.block(range, text)),
            ScalarStyle::Plain => None,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                Some(Block { line: range.start.line(), column: range.start.col() + 2 })
            }
        };
        node
    }

    /// Where the text of a block scalar begins: the line after its `|`, at the indentation of its first line with text.
    fn block(&self, range: Range, text: &str) -> Block {
        let first = text.lines().position(|line| !line.trim().is_empty()).unwrap_or(0);
        let first_text = text.lines().nth(first).unwrap_or_default();
        // The range begins at the `|` or at the text, so look for the text from there on.
        for line in range.start.line()..=range.end.line().max(range.start.line() + first + 1) {
            let Some(source) = self.line(line) else { break };
            if let Some(at) = source.find(first_text).filter(|at| source[..*at].trim().is_empty())
                && !first_text.is_empty()
            {
                let column = source[..at].chars().count() + 1;
                return Block { line: line.saturating_sub(first).max(1), column };
            }
        }
        Block { line: range.start.line() + 1, column: 1 }
    }

    fn line(&self, line: usize) -> Option<&'a str> {
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end.max(start))
    }

    fn span(&self, range: Range) -> Span {
        let (start, end) = (range.start, range.end);
        let mut span = Span {
            file: self.file.clone(),
            line: start.line(),
            column: start.col() + 1,
            end_line: end.line(),
            end_column: end.col() + 1,
        };
        // The parser sees the end of a value only at the next one.
        if span.end_line > span.line {
            let lines = (span.line..=span.end_line).rev();
            let cut = |line: usize| if line == end.line() { end.col() } else { usize::MAX };
            for line in lines {
                let text: String = self.line(line).unwrap_or_default().chars().take(cut(line)).collect();
                let text = text.trim_end();
                if !text.is_empty() || line == span.line {
                    span.end_line = line;
                    span.end_column = text.chars().count() + 1;
                    break;
                }
            }
        }
        if span.end_line == span.line {
            span.end_column = span.end_column.max(span.column);
        }
        span
    }

    fn error(&self, at: Marker, message: &str) -> Box<Diagnostic> {
        self.error_at(Span::point(self.file, at.line(), at.col() + 1), message)
    }

    fn error_at(&self, span: Span, message: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::error("syntax-error", format!("not YAML: {message}")).with_span(span))
    }

    fn scan_error(&self, error: &saphyr_parser::ScanError) -> Box<Diagnostic> {
        let at = *error.marker();
        let finding = self.error(at, error.info());
        let conflict = |line: &&str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
        if let Some((index, _)) = self.text.lines().enumerate().find(|(_, line)| conflict(line)) {
            let span = Span::point(self.file, index + 1, 1);
            let message = "not YAML: an unresolved merge conflict stands here";
            let fix = "keep one of the two versions and remove the lines that git put in";
            return Box::new(Diagnostic::error("syntax-error", message).with_span(span).with_fix(fix));
        }
        let line = self.line(at.line()).unwrap_or_default();
        let value = line.split_once(": ").map_or(line, |(_, value)| value).trim_start();
        let hint = match value.chars().next() {
            Some('*') => Some("a value that begins with `*` is an alias: put it in quotes"),
            Some('&') => Some("a value that begins with `&` is an anchor: put it in quotes"),
            Some('@' | '`' | '%') => Some("this character can't begin a plain value: put it in quotes"),
            _ if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') => {
                Some("YAML is indented by spaces, never by tabs")
            }
            _ if value.contains(": ") => Some("a value that contains `: ` must be in quotes, or a block after `|`"),
            _ => None,
        };
        match hint {
            Some(hint) => Box::new(finding.with_fix(hint)),
            None => finding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helm(text: &str) -> Node {
        parse(text, &"f.yaml".into(), Flavour::Helm).unwrap().documents.remove(0)
    }

    fn place(node: &Node) -> (usize, usize, usize, usize) {
        let span = node.place();
        (span.line, span.column, span.end_line, span.end_column)
    }

    #[test]
    fn every_value_knows_its_place() {
        let root =
            helm("a:\n  bé: one   # comment\n  list:\n    - x\n\n  text: >-\n    folded\n    text\nb: {c: 'd'}\n");
        assert_eq!(place(root.at(["a", "bé"]).unwrap()), (2, 3, 2, 10));
        assert_eq!(place(root.at(["a", "list"]).unwrap()), (3, 3, 3, 7));
        assert_eq!(place(root.at(["a", "text"]).unwrap()), (6, 3, 6, 7));
        assert_eq!(place(root.at(["b", "c"]).unwrap()), (9, 5, 9, 11));
        assert_eq!(root.at(["a", "text"]).unwrap().text(), Some("folded text"));
    }

    #[test]
    fn a_block_scalar_knows_where_its_text_begins() {
        let root = helm("a:\n  b: |\n    one\n    two\n  c: |2\n\n     indented\n  d: \"x\"\n  e: >\n\n    three\n");
        assert_eq!(root.at(["a", "b"]).unwrap().block, Some(Block { line: 3, column: 5 }));
        assert_eq!(root.at(["a", "c"]).unwrap().text(), Some("\n indented\n"));
        assert_eq!(root.at(["a", "c"]).unwrap().block, Some(Block { line: 6, column: 5 }));
        assert_eq!(root.at(["a", "d"]).unwrap().block, Some(Block { line: 8, column: 7 }));
    }

    #[test]
    fn keys_are_text_to_helm_and_values_to_ruamel() {
        let text = "1: a\nyes: b\n1.5: c\n";
        assert_eq!(helm(text).value().repr(), "{'1': 'a', 'true': 'b', '1.5': 'c'}");
        let ruamel = parse(text, &"f".into(), Flavour::Ruamel).unwrap().documents.remove(0);
        assert_eq!(ruamel.value().repr(), "{1: 'a', 'yes': 'b', 1.5: 'c'}");
    }

    #[test]
    fn aliases_and_merge_keys_are_expanded() {
        let text = "x: &x {a: 1, b: 2}\nv: *x\nz:\n  b: 3\n  <<: *x\nw:\n  <<: [{a: 5}, {a: 6, c: 7}]\n  a: 8\n";
        assert_eq!(
            helm(text).value().repr(),
            // go-yaml v2 lets a merge overwrite what stands before it.
            "{'x': {'a': 1, 'b': 2}, 'v': {'a': 1, 'b': 2}, 'z': {'b': 2, 'a': 1}, 'w': {'a': 8, 'c': 7}}"
        );
        let ruamel = parse(text, &"f".into(), Flavour::Ruamel).unwrap().documents.remove(0);
        assert_eq!(ruamel.get("z").unwrap().value().repr(), "{'b': 3, 'a': 1}");
    }

    #[test]
    fn aliases_cannot_multiply_without_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 10].join(", "));
        }
        let error = parse(&text, &"f".into(), Flavour::Helm).unwrap_err();
        assert!(error.message.contains("aliases multiply"), "{}", error.message);
        let deep = "[".repeat(100_000);
        assert_eq!(parse(&deep, &"f".into(), Flavour::Helm).unwrap_err().rule, "syntax-error");
        let deep: String = (0..200).map(|level| " ".repeat(level) + "a:\n").collect();
        assert!(parse(&deep, &"f".into(), Flavour::Helm).unwrap_err().message.contains("levels deep"));
    }

    #[test]
    fn a_repeated_key_is_helms_last_and_ruamels_error() {
        let text = "a: 1\nb: 2\na: 3\n";
        let parsed = parse(text, &"f".into(), Flavour::Helm).unwrap();
        assert_eq!(parsed.documents[0].value().repr(), "{'a': 3, 'b': 2}");
        assert_eq!(parsed.diagnostics[0].rule, "duplicate-key");
        assert_eq!(parsed.diagnostics[0].span.as_ref().unwrap().line, 3);
        assert!(parse(text, &"f".into(), Flavour::Ruamel).unwrap_err().message.contains("`a` is given twice"));
    }

    #[test]
    fn what_is_not_here_is_unknown_with_the_reason() {
        let text = "a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nb: https://${domain}/x\nc: '{{ .Values.x }}'\nd: !vault |\n  x\n";
        let root = helm(text);
        let reason = |key: &str| match root.get(key).unwrap().value() {
            Value::Unknown(unknown) => unknown.reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("a"), "encrypted by SOPS, not here");
        assert!(reason("b").starts_with("templated: `${domain}`"));
        assert!(reason("c").starts_with("templated: `{{ .Values.x }}`"));
        assert!(reason("d").starts_with("tagged `!vault`"));
    }

    #[test]
    fn a_template_that_breaks_yaml_is_read_around_its_marks() {
        let text = "{% if x %}\nhub:\n  config:\n    A:\n      b: {{ secret }}\n      c: 1\n{% endif %}\n";
        let parsed = parse(text, &"f".into(), Flavour::Helm).unwrap();
        let section = parsed.documents[0].at(["hub", "config", "A"]).unwrap();
        assert!(matches!(section.get("b").unwrap().value(), Value::Unknown(_)));
        assert_eq!(section.get("c").unwrap().value(), Value::int(1));
        assert_eq!(parsed.diagnostics[0].rule, "template-not-rendered");
    }

    #[test]
    fn what_is_no_yaml_is_said_in_plain_words() {
        let cases = [
            ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", 1, "merge conflict", "keep one"),
            ("a:\n  secret: ************\n", 2, "", "alias"),
            ("a:\n\tb: 1\n", 2, "", "tabs"),
            ("a:\n  b: c: d\n", 2, "", "quotes"),
        ];
        for (text, line, message, fix) in cases {
            let error = parse(text, &"f".into(), Flavour::Helm).unwrap_err();
            assert_eq!(error.rule, "syntax-error");
            assert_eq!(error.span.as_ref().unwrap().line, line, "{text}: {error:?}");
            assert!(error.message.contains(message), "{text}: {error:?}");
            assert!(error.fix.as_ref().is_some_and(|it| it.message.contains(fix)), "{text}: {error:?}");
        }
    }
}
