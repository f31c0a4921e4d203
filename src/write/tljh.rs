//! The Littlest JupyterHub's `config.yaml`: `auth.type`, `auth.<Class>`, `users` and `base_url`. [`crate::source::tljh`]
//! tells what TLJH makes of it. It holds data only.

use crate::source::config::is_section_name;
use crate::value::{Set, Value};

use super::yaml::{self, Dialect, Map, Node};
use super::{Document, Remark, Setting, VariableSource, Written, json, without_python};

/// The lists that TLJH always writes, so that `auth.Authenticator` cannot hold them.
const LISTS: [(&str, &str); 3] = [
    ("Authenticator.allowed_users", "allowed"),
    ("Authenticator.blocked_users", "banned"),
    ("Authenticator.admin_users", "admin"),
];

/// What TLJH sets itself, with where it is set.
const OF_TLJH: &[(&str, &str)] = &[
    ("JupyterHub.bind_url", "TLJH's proxy listens; see http.port and https.port"),
    ("JupyterHub.ip", "TLJH's proxy listens; see http.address"),
    ("JupyterHub.port", "TLJH's proxy listens; see http.port"),
    ("JupyterHub.hub_ip", "TLJH sets it"),
    ("JupyterHub.hub_port", "TLJH sets it"),
    ("JupyterHub.proxy_class", "TLJH brings its own proxy"),
    ("JupyterHub.spawner_class", "TLJH sets its own spawner"),
    ("JupyterHub.ssl_cert", "certificates are given in https.tls"),
    ("JupyterHub.ssl_key", "certificates are given in https.tls"),
];

/// Writes a document.
pub(super) fn document(document: &Document) -> Written {
    let mut written = Written::default();
    let mut root = Map::default();
    let (mut auth, mut sections, mut users) = (Map::default(), Map::default(), Map::default());
    for variable in &document.environment {
        match &variable.source {
            VariableSource::Given => {}
            VariableSource::Secret { .. } => written
                .environment
                .push(Remark::new(&variable.name, "config.yaml cannot set it; give it to the jupyterhub service")),
            VariableSource::Text(_) => {
                written.left_out.push(Remark::new(&variable.name, "config.yaml cannot set environment variables"));
            }
        }
    }
    for code in &document.prelude {
        let first = code.text.lines().next().unwrap_or_default().to_owned();
        written.left_out.push(Remark::new(first, "Python stands in jupyterhub_config.d/*.py"));
    }
    for setting in &document.settings {
        let node = match node(setting) {
            Ok(node) => node,
            Err(reason) => {
                without_python(setting, &reason, &mut written);
                continue;
            }
        };
        if let Some(remark) = json::changed(setting) {
            written.changed.push(remark);
        }
        let name = setting.name();
        if name == "JupyterHub.authenticator_class" {
            auth.put_with("type", &setting.comments, node);
        } else if name == "JupyterHub.base_url" {
            root.put_with("base_url", &setting.comments, node);
        } else if let Some((_, key)) = LISTS.iter().find(|(known, _)| *known == name) {
            users.put_with(key, &setting.comments, node);
        } else {
            sections.below(&setting.class).put_with(&setting.option, &setting.comments, node);
        }
    }
    // A class's name alone could as well stand in values of a chart before 1.0.
    if sections.is_empty() && users.is_empty() && !auth.is_empty() {
        users.put("admin", Node::List(Vec::new()));
    }
    auth.append(sections);
    if !auth.is_empty() {
        root.put("auth", Node::Map(auth));
    }
    if !users.is_empty() {
        root.put("users", Node::Map(users));
    }
    written.left_out.extend(root.merge(&document.rest, "", Dialect::Ruamel));
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

fn node(setting: &Setting) -> Result<Node, String> {
    let name = setting.name();
    if let Some((_, why)) = OF_TLJH.iter().find(|(known, _)| *known == name) {
        return Err((*why).to_owned());
    }
    if let Some(reason) = setting.term.unknown() {
        return Err(reason);
    }
    let Some(value) = setting.term.as_value() else {
        return Err(setting.term.needs_python().unwrap_or_default());
    };
    if matches!(value, Value::None) {
        return Err("TLJH passes over what is null".to_owned());
    }
    if setting.class.contains('.') || !is_section_name(&setting.class) || is_section_name(&setting.option) {
        return Err("TLJH takes options of classes only".to_owned());
    }
    if LISTS.iter().any(|(known, _)| *known == name) {
        return list(value);
    }
    yaml::tree(&value, Dialect::Ruamel)
}

/// TLJH makes a set of it: of a bare text that would be its letters, where the trait takes it for a list of one.
fn list(value: Value) -> Result<Node, String> {
    let items = match value {
        Value::Str(_) => vec![value],
        other => other.iterate().ok_or("it is no list")?,
    };
    Set::of(items.clone()).map_err(|_| "TLJH takes lists of names only".to_owned())?;
    yaml::tree(&Value::List(items), Dialect::Ruamel)
}
