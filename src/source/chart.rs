//! Where the values of the Zero to JupyterHub chart are in a YAML file, which may be values for another chart around it
//! (BinderHub, DaskHub, an operator's own) or an object of a GitOps tool, and how the layers lie on each other.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::span::Span;

use super::node::{Block, Data, Node};
use super::yaml::{self, Flavour};

/// A values file: its documents.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The file name that spans carry.
    pub label: Arc<str>,
    /// What is in it.
    pub documents: Vec<Node>,
}

/// The chart's values, merged.
#[derive(Clone, Debug)]
pub struct Values {
    /// The merged values, as the chart itself sees them: `hub` is at their top.
    pub root: Node,
    /// The path in the main file, such as `basehub.jupyterhub`; empty at the top.
    pub path: String,
    /// What there was to choose and to leave out.
    pub diagnostics: Vec<Diagnostic>,
}

/// A place in a file where the chart's values may be.
struct Found {
    path: Vec<String>,
    node: Node,
    weight: u8,
}

/// How deep to look: operators nest the chart four levels deep at most.
const DEPTH: usize = 12;

/// What the chart has at the top besides `hub`.
const TOP: &[&str] = &["singleuser", "proxy", "scheduling", "prePuller", "cull"];

/// Finds the chart's values in every layer and lays them on each other. `None` where no layer has any.
pub fn merge(layers: Vec<Layer>) -> Option<Values> {
    let mut diagnostics = Vec::new();
    let mut found: Vec<(Layer, Vec<Found>)> = layers
        .into_iter()
        .map(|layer| {
            let mut all = Vec::new();
            for document in &layer.documents {
                search(document, &mut Vec::new(), &mut all);
            }
            (layer, all)
        })
        .collect();
    // The uppermost file that says most about the hub shows where the others have theirs.
    let target = found.iter().rev().flat_map(|(_, all)| best(all)).max_by_key(|found| found.weight)?.path.clone();
    let main_path =
        found.last().and_then(|(_, all)| best(all)).map_or_else(|| target.clone(), |found| found.path.clone());
    let mut root: Option<Node> = None;
    for (layer, all) in &mut found {
        mention_others(layer, all, &mut diagnostics);
        let Some(node) = take(layer, all, &target) else {
            let message = "nothing in this file is for the hub";
            let place = layer.documents.first().map(|document| document.span.clone());
            let note = "no `hub:` with config, extraConfig or extraEnv was found in it, at any depth";
            diagnostics.push(
                Diagnostic::note("layer-without-hub", format!("{}: {message}", layer.label))
                    .with_span(place)
                    .with_note(note),
            );
            continue;
        };
        match &mut root {
            None => root = Some(node),
            Some(root) => root.merge(node),
        }
    }
    Some(Values { root: root?, path: main_path.join("."), diagnostics })
}

fn best(all: &[Found]) -> Option<&Found> {
    // The first of the heaviest.
    all.iter().rev().max_by_key(|found| found.weight)
}

fn take(layer: &Layer, all: &[Found], target: &[String]) -> Option<Node> {
    if let Some(same) = all.iter().find(|found| found.path == target) {
        return Some(same.node.clone());
    }
    if let Some(found) = best(all).filter(|found| found.weight > 1) {
        return Some(found.node.clone());
    }
    // A layer that says nothing of the hub: where the others have it, or with an outer chart's name less.
    let by_path = (0..target.len()).find_map(|from| {
        let path = || target[from..].iter().map(String::as_str);
        layer.documents.iter().find_map(|document| document.at(path()).filter(|node| node.map().is_some()))
    });
    by_path.or(best(all).map(|found| &found.node)).cloned()
}

fn mention_others(layer: &Layer, all: &[Found], diagnostics: &mut Vec<Diagnostic>) {
    let Some(chosen) = best(all).filter(|found| found.weight == 3) else { return };
    let others: Vec<&Found> = all.iter().filter(|found| found.weight == 3 && found.path != chosen.path).collect();
    if others.is_empty() {
        return;
    }
    let names: Vec<String> = others.iter().map(|found| format!("`{}`", name(&found.path))).collect();
    let mut finding = Diagnostic::warning(
        "several-hubs",
        format!(
            "{} configures several hubs: `{}` is read, {} is not",
            layer.label,
            name(&chosen.path),
            names.join(", ")
        ),
    )
    .with_span(hub_place(&chosen.node))
    .with_fix("put the other hub's values into a file of their own to look at them");
    for other in others {
        if let Some(span) = hub_place(&other.node) {
            finding = finding.with_label(span, "not read");
        }
    }
    diagnostics.push(finding);
}

fn name(path: &[String]) -> String {
    let mut name = path.join(".");
    if !name.is_empty() {
        name.push('.');
    }
    name + "hub"
}

fn hub_place(root: &Node) -> Option<Span> {
    root.get("hub").and_then(|hub| hub.key.clone())
}

/// How much a mapping looks like the chart's values: 3 with settings for the hub, 2 with a `hub` of the chart or the
/// `auth` of old, 1 with other parts of the chart only.
fn weight(node: &Node) -> u8 {
    const SETTINGS: &[&str] = &["config", "extraConfig", "extraEnv", "extraFiles"];
    const OTHER: &[&str] = &[
        "existingSecret",
        "cookieSecret",
        "baseUrl",
        "db",
        "image",
        "services",
        "loadRoles",
        "resources",
        "networkPolicy",
        "extraVolumes",
        "extraVolumeMounts",
        "command",
        "args",
        "nodeSelector",
        "tolerations",
        "allowNamedServers",
        "extraConfigMap",
        "templatePaths",
        "templateVars",
        "concurrentSpawnLimit",
        "initContainers",
        "serviceAccount",
    ];
    let hub = |keys: &[&str]| node.get("hub").is_some_and(|hub| keys.iter().any(|key| hub.get(key).is_some()));
    let top = TOP.iter().filter(|key| node.get(key).is_some()).count();
    let old_auth = node.get("auth").is_some_and(|auth| auth.get("type").is_some());
    if hub(SETTINGS) {
        3
    } else if hub(OTHER) || old_auth {
        2
    } else if top > 0 {
        1
    } else {
        0
    }
}

fn search(node: &Node, path: &mut Vec<String>, all: &mut Vec<Found>) {
    if path.len() > DEPTH {
        return;
    }
    match &node.data {
        Data::Map(_) => {
            let weight = weight(node);
            if weight > 0 {
                all.push(Found { path: path.clone(), node: node.clone(), weight });
            }
            for (key, child) in node.pairs() {
                // What is inside the chart's own parts is not the chart again.
                if weight > 0 && (key == "hub" || key == "custom" || TOP.contains(&key.as_str())) {
                    continue;
                }
                path.push(key);
                search(child, path, all);
                path.pop();
            }
        }
        Data::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(format!("[{index}]"));
                search(item, path, all);
                path.pop();
            }
        }
        Data::Scalar(_) => {
            for document in nested(node) {
                search(&document, path, all);
            }
        }
    }
}

/// YAML in a text of YAML, as Argo CD's `helm.values` and ConfigMaps have it, with the places of the file around it.
fn nested(node: &Node) -> Vec<Node> {
    let (Some(text), Some(block)) = (node.text(), node.block) else { return Vec::new() };
    if !text.contains("hub:") || !text.contains('\n') {
        return Vec::new();
    }
    let Ok(parsed) = yaml::parse(text, &node.span.file, Flavour::Helm) else { return Vec::new() };
    let mut documents = parsed.documents;
    documents.iter_mut().for_each(|document| shift(document, block));
    documents
}

fn shift(node: &mut Node, by: Block) {
    let move_span = |span: &mut Span| {
        span.line += by.line - 1;
        span.end_line += by.line - 1;
        span.column += by.column - 1;
        span.end_column += by.column - 1;
    };
    move_span(&mut node.span);
    node.key.iter_mut().for_each(move_span);
    if let Some(block) = &mut node.block {
        block.line += by.line - 1;
        block.column += by.column - 1;
    }
    match &mut node.data {
        Data::Scalar(_) => {}
        Data::List(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Data::Map(map) => map.values_mut().for_each(|(_, child)| shift(child, by)),
    }
}

/// The text of a `jupyterhub_config.py` that a ConfigMap or another object carries.
pub fn embedded_python(documents: &[Node]) -> Option<&Node> {
    fn search(node: &Node, depth: usize) -> Option<&Node> {
        if depth > DEPTH {
            return None;
        }
        match &node.data {
            Data::Map(map) => map.values().find_map(|(key, child)| {
                // A snippet of the chart's may well be called so.
                if key.as_str() == Some("extraConfig") {
                    return None;
                }
                let is_config =
                    key.as_str().is_some_and(|key| key == "jupyterhub_config.py" || key == "jupyterhub-config.py");
                if is_config && child.text().is_some() { Some(child) } else { search(child, depth + 1) }
            }),
            Data::List(items) => items.iter().find_map(|item| search(item, depth + 1)),
            Data::Scalar(_) => None,
        }
    }
    documents.iter().find_map(|document| search(document, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(label: &str, text: &str) -> Layer {
        let label: Arc<str> = label.into();
        Layer { documents: yaml::parse(text, &label, Flavour::Helm).unwrap().documents, label }
    }

    fn class(values: &Values) -> String {
        values.root.at(["hub", "config", "JupyterHub", "authenticator_class"]).unwrap().value().to_text()
    }

    const HUB: &str = "hub: {config: {JupyterHub: {authenticator_class: github}}}";

    #[test]
    fn the_hub_is_found_wherever_it_is_nested() {
        for (text, path) in [
            (HUB.to_owned(), ""),
            (format!("jupyterhub: {{{HUB}}}"), "jupyterhub"),
            (format!("daskhub: {{jupyterhub: {{{HUB}}}}}"), "daskhub.jupyterhub"),
            (format!("kind: X\nspec: {{values: {{{HUB}}}}}"), "spec.values"),
            (
                format!("spec: {{sources: [{{helm: {{valuesObject: {{{HUB}}}}}}}]}}"),
                "spec.sources.[0].helm.valuesObject",
            ),
            (format!("spec:\n  helm:\n    values: |\n      # x\n      {HUB}\n"), "spec.helm.values"),
            (format!("# first\nkind: X\n---\njupyterhub: {{{HUB}}}"), "jupyterhub"),
        ] {
            let values = merge(vec![layer("f", &text)]).unwrap();
            assert_eq!((class(&values).as_str(), values.path.as_str()), ("github", path), "{text}");
        }
        assert!(merge(vec![layer("f", "services: {web: {image: x}}\nhub: text\n")]).is_none());
    }

    #[test]
    fn places_in_a_text_of_yaml_are_those_of_the_file() {
        let text = format!("spec:\n  helm:\n    values: |\n      # x\n      {HUB}\n");
        let values = merge(vec![layer("f", &text)]).unwrap();
        let place = values.root.at(["hub", "config"]).unwrap().place();
        assert_eq!((place.line, place.column), (5, 13));
    }

    #[test]
    fn layers_may_nest_the_chart_differently() {
        let low = layer("low", "jupyterhub: {hub: {config: {A: {x: 1}}, extraEnv: {}}}");
        let middle = layer("middle", "basehub: {jupyterhub: {singleuser: {image: x}}}");
        let high = layer("high", &format!("basehub: {{jupyterhub: {{{HUB}}}}}"));
        let values = merge(vec![low, middle, high]).unwrap();
        assert_eq!(values.path, "basehub.jupyterhub");
        assert_eq!(class(&values), "github");
        assert_eq!(values.root.at(["hub", "config", "A", "x"]).unwrap().value().repr(), "1");
        assert_eq!(values.root.at(["singleuser", "image"]).unwrap().text(), Some("x"));
        assert!(values.diagnostics.is_empty());
    }

    #[test]
    fn several_hubs_are_named() {
        let text = format!("one: {{{HUB}}}\ntwo: {{{HUB}}}\n");
        let values = merge(vec![layer("f", &text)]).unwrap();
        assert_eq!(values.path, "one");
        assert_eq!(values.diagnostics[0].message, "f configures several hubs: `one.hub` is read, `two.hub` is not");
    }
}
