//! Values for Zero to JupyterHub: `hub.config` for what is data, `hub.extraEnv` for the environment, `hub.extraConfig`
//! for what only Python can say. [`crate::source::z2jh`] tells what the chart makes of it.

use crate::value::Value;

use super::yaml::{self, Dialect, Map, Node};
use super::{Document, Remark, Setting, Term, Variable, VariableSource, Written, python, read_by_upstream};

/// The name of the snippet in `hub.extraConfig`.
const SNIPPET: &str = "login";
/// The Kubernetes secret that is referred to where the document names none.
const SECRET: &str = "hub-oauth";

/// What the chart takes from a key of its own instead of `hub.config`.
const OWN_KEYS: &[(&str, &str)] = &[
    ("JupyterHub.base_url", "baseUrl"),
    ("JupyterHub.template_paths", "templatePaths"),
    ("JupyterHub.template_vars", "templateVars"),
];

/// What the chart sets itself from other values, so that another value breaks the deployment: with where it is set.
const OF_THE_CHART: &[(&str, &str)] = &[
    ("JupyterHub.bind_url", "the chart's proxy listens; see proxy.service and ingress"),
    ("JupyterHub.ip", "the chart's proxy listens; see proxy.service and ingress"),
    ("JupyterHub.port", "the chart's proxy listens; see proxy.service and ingress"),
    ("JupyterHub.hub_bind_url", "the chart sets it"),
    ("JupyterHub.hub_ip", "the chart sets it"),
    ("JupyterHub.hub_port", "the chart sets it"),
    ("JupyterHub.hub_connect_ip", "the chart sets it"),
    ("JupyterHub.hub_connect_port", "the chart sets it"),
    ("JupyterHub.hub_connect_url", "the chart sets it"),
    ("JupyterHub.db_url", "the chart sets it from hub.db"),
    ("JupyterHub.proxy_class", "the chart brings its own proxy"),
    ("JupyterHub.proxy_auth_token", "the chart makes it"),
    ("JupyterHub.spawner_class", "the chart sets KubeSpawner"),
    ("JupyterHub.ssl_cert", "certificates are given in proxy.https"),
    ("JupyterHub.ssl_key", "certificates are given in proxy.https"),
    ("ConfigurableHTTPProxy.auth_token", "the chart makes it"),
    ("ConfigurableHTTPProxy.api_url", "the chart sets it"),
    ("ConfigurableHTTPProxy.should_start", "the chart runs the proxy in its own pod"),
];

/// What the chart takes out of `hub.config` without using it.
const TAKEN_OUT: &str = "JupyterHub.services";

/// Writes a document.
pub(super) fn document(document: &Document) -> Written {
    let mut written = Written::default();
    let secret = document.kubernetes_secret.as_deref().unwrap_or(SECRET);
    let mut hub = Map::default();
    let mut config = Map::default();
    let mut in_python: Vec<Setting> = Vec::new();
    let mut variables: Vec<Variable> = document.environment.clone();
    for setting in &document.settings {
        let name = setting.name();
        if let Some((_, why)) = OF_THE_CHART.iter().find(|(known, _)| *known == name) {
            written.left_out.push(Remark::new(name, *why));
            continue;
        }
        if let Some(reason) = setting.term.unknown() {
            written.left_out.push(Remark::new(name, reason));
            continue;
        }
        refer(&setting.term, &mut variables, secret);
        if let Term::Env { name: variable, default: None | Some(Value::None) } = &setting.term
            && read_by_upstream(&setting.class, &setting.option, variable)
        {
            let found = variables.iter_mut().find(|it| it.name == *variable);
            found.into_iter().for_each(|variable| variable.comments.extend(setting.comments.iter().cloned()));
            continue;
        }
        if let Err(setting) = as_data(setting, &mut hub, &mut config) {
            in_python.push(setting);
        }
    }
    if !config.is_empty() {
        hub.put("config", Node::Map(config));
    }
    environment(&variables, &mut hub, &mut written);
    files(&in_python, &mut hub, secret);
    if !in_python.is_empty() || !document.prelude.is_empty() || !document.statements.is_empty() {
        let text = python::snippet(&in_python, document, &mut written);
        if !text.is_empty() {
            hub.below("extraConfig").put(SNIPPET, yaml::text(&text));
        }
    }
    let mut root = Map::default();
    if !hub.is_empty() {
        root.put("hub", Node::Map(hub));
    }
    written.left_out.extend(root.merge(&document.rest, "", Dialect::Helm));
    yaml::comment(&mut written.text, 0, &document.heading);
    if !document.heading.is_empty() {
        written.text.push('\n');
    }
    yaml::write(&root, &mut written.text);
    if !document.footing.is_empty() {
        written.text.push('\n');
        yaml::comment(&mut written.text, 0, &document.footing);
    }
    written
}

/// Puts a setting where it is data; else gives it back as it is to stand in Python.
fn as_data(setting: &Setting, hub: &mut Map, config: &mut Map) -> Result<(), Setting> {
    let name = setting.name();
    if name == TAKEN_OUT {
        return Err(setting.clone());
    }
    // A null takes the key out of the values, and a section below a section is none to the chart; bytes, functions and
    // nested sets are Python's alone.
    let Some(value) = setting.term.as_value() else { return Err(setting.clone()) };
    let exact = !matches!(value, Value::None) && super::json::changed(setting).is_none();
    let section = setting.class.starts_with(char::is_uppercase) && !setting.class.contains('.');
    let nested = crate::source::config::is_section_name(&setting.option) && matches!(value, Value::Dict(_));
    if !exact || !section || nested {
        return Err(setting.clone());
    }
    let Ok(node) = yaml::tree(&value, Dialect::Helm) else { return Err(setting.clone()) };
    match OWN_KEYS.iter().find(|(known, _)| *known == name) {
        Some((_, key)) => hub.put_with(key, &setting.comments, node),
        None => config.below(&setting.class).put_with(&setting.option, &setting.comments, node),
    }
    Ok(())
}

/// What is read from the environment has to be in the hub's container: from the secret, where nothing else is said.
fn refer(term: &Term, variables: &mut Vec<Variable>, secret: &str) {
    for name in term.variables(true) {
        let from = VariableSource::Secret { name: secret.to_owned(), key: name.clone() };
        match variables.iter_mut().find(|variable| variable.name == name) {
            Some(variable) if variable.source == VariableSource::Given => variable.source = from,
            Some(_) => {}
            None => variables.push(Variable { name, source: from, comments: Vec::new() }),
        }
    }
}

fn environment(variables: &[Variable], hub: &mut Map, written: &mut Written) {
    for variable in variables {
        let node = match &variable.source {
            VariableSource::Given => continue,
            VariableSource::Text(text) => yaml::text(text),
            VariableSource::Secret { name, key } => {
                let mut reference = Map::default();
                reference.put("name", yaml::text(name));
                reference.put("key", yaml::text(key));
                let mut from = Map::default();
                from.put("secretKeyRef", Node::Map(reference));
                let mut value = Map::default();
                value.put("valueFrom", Node::Map(from));
                let taken = format!("it is taken from the key {key} of the Kubernetes secret {name}");
                written.environment.push(Remark::new(&variable.name, taken));
                Node::Map(value)
            }
        };
        hub.below("extraEnv").put_with(&variable.name, &variable.comments, node);
    }
}

/// Files that are referred to are mounted from the secret: its keys are the files' names.
fn files(settings: &[Setting], hub: &mut Map, secret: &str) {
    let paths = settings.iter().flat_map(|setting| setting.term.files());
    let folders: Vec<String> =
        paths.filter_map(|path| path.rsplit_once('/')).map(|(folder, _)| folder.to_owned()).collect();
    let mut mounted: Vec<String> = Vec::new();
    let (mut volumes, mut mounts) = (Vec::new(), Vec::new());
    for folder in folders {
        if folder.is_empty() || mounted.contains(&folder) {
            continue;
        }
        let volume = if mounted.is_empty() { secret.to_owned() } else { format!("{secret}-{}", mounted.len() + 1) };
        let mut source = Map::default();
        source.put("secretName", yaml::text(secret));
        let mut one = Map::default();
        one.put("name", yaml::text(&volume));
        one.put("secret", Node::Map(source));
        volumes.push(Node::Map(one));
        let mut mount = Map::default();
        mount.put("name", yaml::text(&volume));
        mount.put("mountPath", yaml::text(&folder));
        mount.put("readOnly", Node::Scalar("true".to_owned()));
        mounts.push(Node::Map(mount));
        mounted.push(folder);
    }
    if !volumes.is_empty() {
        hub.put("extraVolumes", Node::List(volumes));
        hub.put("extraVolumeMounts", Node::List(mounts));
    }
}
