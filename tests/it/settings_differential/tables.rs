//! The class tables against upstream's own declarations.

use std::collections::BTreeMap;

use oauthctl::settings::{self, ClassDef, Kind};
use oauthctl::source::Env;
use serde_json::{Value as Json, json};

use super::worker::{Worker, encode};

fn kind_json(kind: Kind) -> Json {
    match kind {
        Kind::List(inside) => json!({"List": kind_json(*inside)}),
        Kind::Set(inside) => json!({"Set": kind_json(*inside)}),
        Kind::Dict { key, value } => json!({"Dict": [kind_json(*key), kind_json(*value)]}),
        Kind::Union(kinds) => json!({"union": kinds.iter().map(|kind| kind_json(*kind)).collect::<Vec<_>>()}),
        simple => json!(simple.name()),
    }
}

fn class_json(class: &ClassDef) -> Json {
    let env = Env::default();
    let options: BTreeMap<&str, Json> = class
        .options
        .iter()
        .map(|option| {
            let default = encode(&option.declared_value(&env));
            let facts = json!({"kind": kind_json(option.kind), "default": default, "allow_none": option.allow_none});
            (option.name, facts)
        })
        .collect();
    let observers: BTreeMap<&str, &str> = class
        .observers
        .iter()
        .flat_map(|observer| observer.options.iter().map(|option| (*option, observer.method)))
        .collect();
    let attributes: BTreeMap<&str, Json> = class
        .attributes
        .iter()
        .filter(|(name, _)| *name != "login_service")
        .map(|(name, value)| match value {
            settings::Plain::Text(text) => (*name, json!(text)),
            settings::Plain::Bool(truth) => (*name, json!(truth)),
        })
        .collect();
    json!({
        "module": class.module,
        "bases": class.bases,
        "options": options,
        "defaults": class.defaults.iter().map(|def| (def.option, def.method)).collect::<BTreeMap<_, _>>(),
        "validators": class.validators.iter().map(|def| (def.option, def.method)).collect::<BTreeMap<_, _>>(),
        "observers": observers,
        "aliases": class.aliases.iter().map(|alias| (alias.old, json!([alias.new, alias.since, alias.same]))).collect::<BTreeMap<_, _>>(),
        "attributes": attributes,
    })
}

#[test]
fn the_class_tables_are_those_of_upstream() {
    let Some(mut worker) = Worker::start(&[]) else { return };
    let upstream = worker.ask(&json!({"tables": true}));
    let theirs = upstream["classes"].as_object().unwrap();
    let mut names: Vec<&str> = settings::classes().iter().map(|class| class.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        theirs.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    for class in settings::classes() {
        let (ours, theirs) = (class_json(class), &theirs[class.name]);
        for part in ["module", "bases", "defaults", "validators", "observers", "aliases", "attributes"] {
            assert_eq!(ours[part], theirs[part], "{part} of {}", class.name);
        }
        let options =
            |json: &Json| json["options"].as_object().unwrap().clone().into_iter().collect::<BTreeMap<_, _>>();
        let (ours, theirs) = (options(&ours), options(theirs));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{}", class.name);
        for (name, facts) in &ours {
            assert_eq!(facts, &theirs[name], "{}.{name}", class.name);
        }
    }
    for (short, name) in upstream["entry_points"].as_object().unwrap() {
        assert_eq!(settings::classes::entry_point(short).map(|class| class.name), name.as_str(), "{short}");
    }
    let exposed: Vec<&str> = upstream["exposed"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let modules: Vec<&str> =
        exposed.iter().filter_map(|path| path.rsplit_once('.')).map(|(module, _)| module).collect();
    for module in modules {
        for class in settings::classes() {
            let path = format!("{module}.{}", class.name);
            let ours = settings::classes::in_module(module, class.name).is_some();
            assert_eq!(ours, exposed.contains(&path.as_str()), "{path}");
        }
    }
    assert_eq!(upstream["hub"], json!(settings::classes::HUB_OPTIONS));
    assert_eq!(upstream["hub_sections"], json!(settings::HUB_SECTIONS));
}

#[test]
fn every_default_and_deprecated_name_is_explained() {
    for class in settings::classes() {
        for option in class.options {
            assert!(option.help.len() > 10 && !option.help.ends_with('.'), "{}.{}", class.name, option.name);
        }
        for alias in class.aliases {
            let option = class.own_option(alias.old).unwrap();
            assert!(option.replaced_by.is_some(), "{}.{}", class.name, alias.old);
        }
    }
}
