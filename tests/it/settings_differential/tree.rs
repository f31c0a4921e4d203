//! A case as the readers of configuration would hand it to `settings`.

use std::sync::Arc;

use oauthctl::source::{ClassAttribute, Config, Entry, Env, Kind as SourceKind, Lazy, Loaded, Written};
use oauthctl::span::{Origin, Span};
use oauthctl::value::{Class, Method, Set, Touches, Value};

use super::cases::{Case, Local};

fn section<'a>(config: &'a mut Config, path: &[String]) -> &'a mut Config {
    path.iter().fold(config, |config, name| config.section_mut(name))
}

/// The case without what the tree cannot take: an operation on a value that stands there already changes that value in
/// Python, which is the static reader's business.
pub fn without_mutations(case: &mut Case) {
    let mut set: Vec<(Vec<String>, String)> = Vec::new();
    case.operations.retain(|operation| {
        let key = (operation.path.clone(), operation.option.clone());
        let keep = operation.operation == "set" || !set.contains(&key);
        if operation.operation == "set" {
            set.push(key);
        }
        keep
    });
}

pub fn load(case: &Case, at_import: &[(&str, &str)]) -> Loaded {
    let mut config = Config::new();
    let file: Arc<str> = "case".into();
    for (line, operation) in case.operations.iter().enumerate() {
        let origin = Origin::File(Span::point(&file, line + 1, 1));
        let qualified = format!("{}.{}", operation.path.join("."), operation.option);
        let section = section(&mut config, &operation.path);
        if operation.operation == "set" {
            section.set(&qualified, &operation.option, Entry::plain(operation.value.clone(), origin));
            continue;
        }
        let mut lazy = match section.entry(&operation.option).map(|entry| &entry.written) {
            Some(Written::Lazy(lazy)) => lazy.clone(),
            _ => Lazy::default(),
        };
        let items = || operation.value.iterate().unwrap();
        match operation.operation {
            "append" => lazy.extend.push(operation.value.clone()),
            "extend" => lazy.extend.extend(items()),
            "prepend" => lazy.prepend.splice(0..0, items()).for_each(drop),
            "add" => drop(lazy.update_with(&Value::Set(Set::of([operation.value.clone()]).unwrap()))),
            _ => drop(lazy.update_with(&operation.value)),
        }
        let entry = Entry { written: Written::Lazy(lazy), origin, shadowed: Vec::new() };
        section.set(&qualified, &operation.option, entry);
    }
    const CLASS_LINE: usize = 1000;
    let at = |line| Span::point(&file, line, 1);
    if let Some(local) = &case.local {
        let class = Value::Class(Box::new(local_class(local, &at(CLASS_LINE))));
        let entry = Entry::plain(class, Origin::File(at(CLASS_LINE + 10)));
        config.section_mut("JupyterHub").set("JupyterHub.authenticator_class", "authenticator_class", entry);
    }
    let class_attributes = case
        .patches
        .iter()
        .map(|patch| ClassAttribute {
            class: patch.path.rsplit('.').next().unwrap_or_default().to_owned(),
            attribute: patch.attribute.clone(),
            value: patch.value.clone(),
            span: at(if patch.before { CLASS_LINE - 1 } else { CLASS_LINE + 1 }),
        })
        .collect();
    let pairs =
        |list: &[(&str, &str)]| list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
    let env_at_import = Env::new(pairs(at_import));
    let mut env = env_at_import.clone();
    for (name, value) in &case.env {
        env.set(*name, Value::str(*value), None);
    }
    Loaded {
        path: None,
        kind: SourceKind::Python,
        config,
        env_at_import,
        env,
        class_attributes,
        texts: Vec::new(),
        diagnostics: Vec::new(),
        fatal: None,
        parts: None,
    }
}

fn local_class(local: &Local, span: &Span) -> Class {
    let class = |name: &str| Class {
        name: name.to_owned(),
        import: None,
        bases: Vec::new(),
        attributes: Vec::new(),
        methods: Vec::new(),
        span: Some(span.clone()),
    };
    let base = |path: &String| {
        let name = path.rsplit('.').next().unwrap_or_default();
        Value::Class(Box::new(Class { import: Some(path.clone()), ..class(name) }))
    };
    let method = |(option, value, magic): &(String, Value, bool)| Method {
        name: if *magic { format!("_{option}_default") } else { format!("_make_{option}") },
        default_of: (!magic).then(|| option.clone()),
        returns: Some(value.clone()),
        source: String::new(),
        span: span.clone(),
        touches: Touches::Nothing,
    };
    Class {
        bases: local.bases.iter().map(base).collect(),
        attributes: local.attributes.iter().map(|(name, value)| (name.clone(), value.clone(), span.clone())).collect(),
        methods: local.defaults.iter().map(method).collect(),
        ..class("Mine")
    }
}
