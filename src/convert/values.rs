//! What else stands in YAML: the chart's other values, TLJH's other keys.

use crate::source::chart::{self, Layer};
use crate::source::node::{Data, Node};
use crate::source::yaml::{self, Flavour};
use crate::source::z2jh::TAKEN_OUT;
use crate::source::{Kind, Loaded};
use crate::value::{Dict, Value};
use crate::write::{Form, Setting};

use saphyr::LoadableYamlNode as _;

use super::{Converted, Remark, Weight};

/// What of `hub` is read into settings, so that it is written anew.
const READ_FROM_HUB: [&str; 4] = ["config", "baseUrl", "templatePaths", "templateVars"];
/// The same of TLJH's keys.
const READ_FROM_TLJH: [&str; 3] = ["auth", "users", "base_url"];

/// The YAML behind a configuration, its layers merged.
pub(super) fn root(loaded: &Loaded) -> Option<Node> {
    let flavour = match loaded.kind {
        Kind::Z2jh => Flavour::Helm,
        Kind::Tljh => Flavour::Ruamel,
        Kind::Python | Kind::Json => return None,
    };
    let texts = loaded.texts.iter().filter(|(label, _)| !label.ends_with(".py"));
    let layers: Vec<Layer> = texts
        .filter_map(|(label, text)| {
            let documents = yaml::parse(text, label, flavour).ok()?.documents;
            Some(Layer { label: label.clone(), documents })
        })
        .collect();
    if loaded.kind == Kind::Z2jh {
        return chart::merge(layers).map(|values| values.root);
    }
    let mut documents = layers.into_iter().filter_map(|layer| layer.documents.into_iter().next());
    let mut root = documents.next()?;
    documents.for_each(|document| root.merge(document));
    Some(root)
}

/// Options in `hub.config` that the chart takes from there into a secret of its own; elsewhere they are settings.
pub(super) fn taken_out(root: Option<&Node>, kind: Kind, to: Form) -> Vec<Setting> {
    if kind != Kind::Z2jh || to == Form::Z2jh {
        return Vec::new();
    }
    let given = |(class, option): &(&str, &str)| {
        let node = root?.at(["hub", "config", class, option])?;
        // The keys are read as a setting.
        (*option != "keys").then(|| Setting::new(*class, *option, node.value()))
    };
    TAKEN_OUT.iter().filter_map(given).collect()
}

/// The key of the Kubernetes secret that a variable of `hub.extraEnv` is taken from.
pub(super) fn secret_key(root: Option<&Node>, variable: &str) -> Option<(String, String)> {
    let extra = root?.at(["hub", "extraEnv"])?;
    let node = match &extra.data {
        Data::List(items) => items.iter().find(|item| item.get("name").and_then(Node::text) == Some(variable))?,
        _ => extra.get(variable)?,
    };
    let reference = node.at(["valueFrom", "secretKeyRef"])?;
    Some((reference.get("name")?.text()?.to_owned(), reference.get("key")?.text()?.to_owned()))
}

/// A tree of the source as it stands there: what is templated or encrypted as the text that it is.
pub(super) fn as_it_stands(node: &Node, loaded: &Loaded) -> Value {
    match &node.data {
        Data::Scalar(unknown @ Value::Unknown(_)) => raw(node, loaded).map_or_else(|| unknown.clone(), Value::Str),
        Data::Scalar(value) => value.clone(),
        Data::List(items) => Value::List(items.iter().map(|item| as_it_stands(item, loaded)).collect()),
        Data::Map(_) => Value::Dict(node.pairs().map(|(key, below)| (key, as_it_stands(below, loaded))).collect()),
    }
}

/// The text of a scalar on one line.
fn raw(node: &Node, loaded: &Loaded) -> Option<String> {
    let span = &node.span;
    let (_, text) = loaded.texts.iter().find(|(file, _)| *file == span.file)?;
    let line = text.lines().nth(span.line.checked_sub(1)?).filter(|_| span.line == span.end_line)?;
    let width = span.end_column.checked_sub(span.column)?;
    let written: String = line.chars().skip(span.column.checked_sub(1)?).take(width).collect();
    let parsed = saphyr::Yaml::load_from_str(&written).ok()?;
    parsed.first()?.as_str().map(str::to_owned)
}

/// What is not read into settings: kept in a file of the same kind, named otherwise.
pub(super) fn rest(root: Option<&Node>, loaded: &Loaded, to: Form, done: &mut Converted) {
    let Some(root) = root else { return };
    match (loaded.kind, to) {
        (Kind::Z2jh, Form::Z2jh) => done.document.rest = kept_values(root, loaded, done),
        (Kind::Tljh, Form::Tljh) => {
            let others = root.pairs().filter(|(key, _)| !READ_FROM_TLJH.contains(&key.as_str()));
            done.document.rest = others.map(|(key, node)| (key, as_it_stands(node, loaded))).collect();
        }
        (Kind::Z2jh, _) => {
            for (key, node) in root.get("hub").into_iter().flat_map(Node::pairs) {
                let read = READ_FROM_HUB.contains(&key.as_str()) || ["extraConfig", "extraEnv"].contains(&key.as_str());
                if !read && !is_empty(node) {
                    name(&format!("hub.{key}"), node, "a value of the chart, and no option of the hub", done);
                }
            }
            lower_case(root, done);
            for (key, node) in root.pairs().filter(|(key, node)| key != "hub" && !is_empty(node)) {
                name(&key, node, "a value of the chart, and no option of the hub", done);
            }
        }
        (Kind::Tljh, _) => {
            let others = root.pairs().filter(|(key, _)| !READ_FROM_TLJH.contains(&key.as_str()));
            others.for_each(|(key, node)| name(&key, node, "TLJH's own, and no option of the hub", done));
        }
        (Kind::Python | Kind::Json, _) => {}
    }
}

fn is_empty(node: &Node) -> bool {
    node.value().truth() == Some(false)
}

fn name(key: &str, node: &Node, why: &str, done: &mut Converted) {
    done.remarks.push(Remark::new(Weight::LeftOut, key, why, Some(&node.place())));
}

/// Sections that are no class's never reach the hub.
fn lower_case(root: &Node, done: &mut Converted) {
    for (section, node) in root.at(["hub", "config"]).into_iter().flat_map(Node::pairs) {
        if node.map().is_none() && !node.is_null() {
            name(&format!("hub.config.{section}"), node, "it holds no options", done);
        }
    }
}

/// The chart's values without what is written anew. The snippets stay as they are: what they set is theirs.
fn kept_values(root: &Node, loaded: &Loaded, done: &mut Converted) -> Dict {
    let mut kept = Dict::new();
    for (key, node) in root.pairs() {
        if key != "hub" {
            kept.insert(key, as_it_stands(node, loaded));
            continue;
        }
        let mut hub = Dict::new();
        for (key, node) in node.pairs().filter(|(key, _)| !READ_FROM_HUB.contains(&key.as_str())) {
            let value = if key == "extraEnv" { as_mapping(node, loaded) } else { as_it_stands(node, loaded) };
            hub.insert(key, value);
        }
        let mut config = Dict::new();
        for (class, option) in TAKEN_OUT {
            let Some(node) = node.at(["config", class, option]) else { continue };
            let mut section = config.get(class).and_then(Value::as_dict).cloned().unwrap_or_default();
            section.insert(*option, as_it_stands(node, loaded));
            config.insert(*class, Value::Dict(section));
        }
        if !config.is_empty() {
            hub.insert("config", Value::Dict(config));
        }
        kept.insert("hub", Value::Dict(hub));
    }
    lower_case(root, done);
    kept
}

/// `hub.extraEnv` as a list of `{name, …}` in the form of a mapping, which more variables can be added to.
fn as_mapping(node: &Node, loaded: &Loaded) -> Value {
    let Data::List(items) = &node.data else { return as_it_stands(node, loaded) };
    let mut variables = Dict::new();
    for item in items {
        let Some(name) = item.get("name").and_then(Node::text) else { continue };
        let value = match (item.get("value"), item.get("valueFrom")) {
            (Some(value), None) => as_it_stands(value, loaded),
            _ => Value::Dict(
                item.pairs()
                    .filter(|(key, _)| key != "name")
                    .map(|(key, node)| (key, as_it_stands(node, loaded)))
                    .collect(),
            ),
        };
        variables.insert(name, value);
    }
    Value::Dict(variables)
}
