//! Whether two configurations mean the same: the class that runs, and what it holds.

use crate::json;
use crate::settings::{self, Resolution};
use crate::source::Loaded;
use crate::value::Value;

/// The options that are not the same in both, as `Class.option` of the class that runs in the first.
pub fn differences(before: &Loaded, after: &Loaded) -> Vec<String> {
    let (old, new) = (settings::resolve(before), settings::resolve(after));
    let (old_hub, new_hub) = (settings::jupyterhub_options(before), settings::jupyterhub_options(after));
    let mut found = Vec::new();
    if class(&old).is_some() && class(&old) != class(&new) {
        return vec!["JupyterHub.authenticator_class".to_owned()];
    }
    if !same(&old_hub.base_url, &new_hub.base_url) {
        found.push("JupyterHub.base_url".to_owned());
    }
    if !same(&old_hub.admin_users, &new_hub.admin_users) {
        found.push("JupyterHub.admin_users".to_owned());
    }
    let (Some(old), Some(new)) = (old.settings, new.settings) else { return found };
    for (option, setting) in old.iter() {
        // A default that upstream works out from another option differs because that one does.
        if !old.is_set(option) && !new.is_set(option) {
            continue;
        }
        let other = new.get(option).map(|other| &other.value);
        if !other.is_some_and(|other| same(&setting.value, other)) {
            found.push(setting.written_as.clone().unwrap_or_else(|| format!("{}.{option}", old.class().name)));
        }
    }
    let added = new.iter().filter(|(option, _)| old.get(option).is_none());
    found.extend(added.map(|(option, _)| format!("{}.{option}", new.class().name)));
    found
}

fn class(resolution: &Resolution) -> Option<String> {
    resolution.settings.as_ref().map(|settings| settings.class().name.clone())
}

/// As `show` prints them: sets have no order, a function is its text, and what is unknown is unknown.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Unknown(_), Value::Unknown(_)) => true,
        // helm and the hub take it for the text that it is, whatever it reads like.
        (Value::Str(_), Value::Unknown(unknown)) if unknown.reason.starts_with("templated") => true,
        _ => json::write(a, false) == json::write(b, false),
    }
}
