//! Which sections count, and in what order (`Configurable._find_my_config`).

use indexmap::IndexMap;

use super::class::RunningClass;
use super::instance::Source;
use crate::source::{Config, Entry, config::merge_entries};

/// The sections that the hub itself reads, the lowest first (`JupyterHub.section_names`).
pub const HUB_SECTIONS: [&str; 5] =
    ["Configurable", "LoggingConfigurable", "SingletonConfigurable", "Application", "JupyterHub"];

/// An entry that counts, and the `Class.option` it was written as.
#[derive(Clone, Debug)]
pub(super) struct Configured {
    pub qualified: String,
    pub entry: Entry,
}

impl Configured {
    pub fn source(&self) -> Source {
        Source {
            origin: self.entry.origin.clone(),
            written_as: Some(self.qualified.clone()),
            shadowed: self.entry.shadowed.clone(),
        }
    }
}

/// The entries for an authenticator of this class: its sections, the base first, then the same inside the hub's own.
pub(super) fn for_class(config: &Config, class: &RunningClass) -> Vec<(String, Configured)> {
    let names: Vec<&str> = class.mro.iter().rev().map(String::as_str).collect();
    let mut found = IndexMap::new();
    for name in &names {
        if let Some(section) = config.section(name) {
            add(&mut found, section, name);
        }
    }
    for name in &names {
        for hub in HUB_SECTIONS {
            if let Some(section) = config.section(hub).and_then(|hub| hub.section(name)) {
                add(&mut found, section, &format!("{hub}.{name}"));
            }
        }
    }
    found.into_iter().collect()
}

/// The entries for an authenticator of a `MultiAuthenticator`'s list: its sections, then the same inside that class's.
pub(super) fn for_entry(config: &Config, class: &RunningClass, multi: &RunningClass) -> Vec<(String, Configured)> {
    let names: Vec<&str> = class.mro.iter().rev().map(String::as_str).collect();
    let parents: Vec<&str> = multi.mro.iter().rev().map(String::as_str).collect();
    let hubs = HUB_SECTIONS.iter().filter_map(|hub| Some((format!("{hub}."), config.section(hub)?)));
    let outer: Vec<(String, &Config)> = std::iter::once((String::new(), config)).chain(hubs).collect();
    let mut found = IndexMap::new();
    for name in &names {
        if let Some(section) = config.section(name) {
            add(&mut found, section, name);
        }
    }
    for name in &names {
        for (path, outer) in &outer {
            for parent in &parents {
                if let Some(section) = outer.section(parent).and_then(|parent| parent.section(name)) {
                    add(&mut found, section, &format!("{path}{parent}.{name}"));
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The entries for the hub itself.
pub(super) fn for_hub(config: &Config) -> Vec<(String, Configured)> {
    let mut found = IndexMap::new();
    for name in HUB_SECTIONS {
        if let Some(section) = config.section(name) {
            add(&mut found, section, name);
        }
    }
    found.into_iter().collect()
}

fn add(found: &mut IndexMap<String, Configured>, section: &Config, path: &str) {
    for (name, entry) in section.entries() {
        let qualified = format!("{path}.{name}");
        match found.get_mut(name) {
            Some(below) => {
                let entry = merge_entries(&below.qualified, &below.entry, entry.clone());
                *below = Configured { qualified, entry };
            }
            None => {
                found.insert(name.to_owned(), Configured { qualified, entry: entry.clone() });
            }
        }
    }
}
