//! The Littlest JupyterHub's `config.yaml`: what `tljh/configurer.py` makes of it (`apply_config`), as far as it
//! concerns authentication.

use crate::diagnostic::Diagnostic;
use crate::span::{Origin, Span};
use crate::value::{Set, Value};

use super::config::{Config, Entry, is_section_name};
use super::node::Node;

const FIRST_USE: &str = "firstuseauthenticator.FirstUseAuthenticator";

/// Writes a `config.yaml` into the tree. The error is what ends the hub.
pub fn apply(root: &Node, config: &mut Config) -> Result<(), Box<Diagnostic>> {
    base_url(root, config);
    let class = auth(root, config)?;
    users(root, config, &class)
}

/// Options of a class that stand beside `auth` rather than below it: TLJH never looks there.
pub fn misplaced(root: &Node) -> Vec<Diagnostic> {
    let is_class = |name: &str| is_section_name(name) && name.ends_with("Authenticator");
    let sections = root.pairs().filter(|(name, section)| is_class(name) && section.map().is_some());
    let finding = |(name, section): (String, &Node)| {
        Diagnostic::error("tljh-config", format!("{name} stands beside `auth`, where TLJH does not read it"))
            .with_span(section.place())
            .with_setting(name.clone())
            .with_fix(format!("move it below `auth`, as auth.{name}"))
    };
    sections.map(finding).collect()
}

fn base_url(root: &Node, config: &mut Config) {
    let entry = match root.get("base_url") {
        Some(node) => node.entry("JupyterHub.base_url"),
        None => Entry::plain(Value::str("/"), Origin::Default),
    };
    config.section_mut("JupyterHub").set("", "base_url", entry);
}

/// `update_auth`. Gives back `auth.type`.
fn auth(root: &Node, config: &mut Config) -> Result<Value, Box<Diagnostic>> {
    let auth = root.get("auth");
    if let Some(auth) = auth.filter(|auth| auth.map().is_none()) {
        return Err(raises(auth, "`auth` holds no settings", "give it a `type` and the class's options, or remove it"));
    }
    let (class, entry) = match auth.and_then(|auth| auth.get("type")) {
        Some(node) => (node.value(), node.entry("JupyterHub.authenticator_class")),
        None => (Value::str(FIRST_USE), Entry::plain(Value::str(FIRST_USE), Origin::Default)),
    };
    config.section_mut("JupyterHub").set("", "authenticator_class", entry);
    let create = Entry::plain(Value::Bool(false), Origin::Default);
    config.section_mut("FirstUseAuthenticator").set("", "create_users", create);
    for (name, section) in auth.into_iter().flat_map(Node::pairs) {
        if name == "type" && section.map().is_none() {
            continue;
        }
        // Python: `auth_key[0] == auth_key[0].upper()`.
        let first = name.chars().next();
        let capital = first.is_some_and(|first| first.to_uppercase().eq(std::iter::once(first)));
        if !capital || section.map().is_none() {
            let fix = "an authenticator's options stand under its class name: auth.GenericOAuthenticator.client_id";
            let message = format!("auth.{name} is neither `type` nor the options of a class");
            return Err(raises(section, &message, fix));
        }
        for (option, value) in section.pairs().filter(|(_, value)| !value.is_null()) {
            if is_section_name(&option) {
                let message = format!("auth.{name}.{option} begins with a capital, as only a class's name does");
                return Err(raises(value, &message, "write the option's name in lower case"));
            }
            let qualified = format!("{name}.{option}");
            config.section_mut(&name).set(&qualified, &option, value.entry(&qualified));
        }
    }
    Ok(class)
}

/// `update_userlists`: the three lists are always written, so they lie over `auth.Authenticator`.
fn users(root: &Node, config: &mut Config, class: &Value) -> Result<(), Box<Diagnostic>> {
    let users = root.get("users");
    if let Some(users) = users.filter(|users| users.map().is_none()) {
        return Err(raises(users, "`users` holds no lists", "give it `allowed`, `banned` or `admin`, or remove it"));
    }
    let allowed = users.and_then(|users| users.get("allowed"));
    let nobody_listed = allowed.is_none_or(|node| node.value().truth() == Some(false));
    if nobody_listed && class.as_str() == Some(FIRST_USE) {
        let section = config.section_mut("FirstUseAuthenticator");
        if section.entry("allow_all").is_none() {
            section.set("", "allow_all", Entry::plain(Value::Bool(true), Origin::Default));
        }
    }
    for (key, option) in [("allowed", "allowed_users"), ("banned", "blocked_users"), ("admin", "admin_users")] {
        let qualified = format!("Authenticator.{option}");
        let node = users.and_then(|users| users.get(key));
        let entry = match node {
            None => Entry::plain(Value::Set(Set::new()), Origin::Default),
            Some(node) => {
                let items = node.value().iterate().ok_or_else(|| {
                    raises(node, &format!("users.{key} is no list"), "write the names one a line after `- `, or `[]`")
                })?;
                let set = Set::of(items).map_err(|_| {
                    raises(node, &format!("users.{key} holds something else than names"), "write plain names")
                })?;
                Entry::plain(Value::Set(set), Origin::File(node.place()))
            }
        };
        config.section_mut("Authenticator").set(&qualified, option, entry);
    }
    Ok(())
}

fn raises(node: &Node, message: &str, fix: &str) -> Box<Diagnostic> {
    let span: Span = node.place();
    Box::new(
        Diagnostic::error("tljh-config", message)
            .with_span(span)
            .with_note("TLJH raises an exception here, and the hub doesn't start")
            .with_fix(fix),
    )
}

#[cfg(test)]
mod tests {
    use super::super::yaml::{self, Flavour};
    use super::*;

    fn read(text: &str) -> Result<Config, Box<Diagnostic>> {
        let root = yaml::parse(text, &"config.yaml".into(), Flavour::Ruamel).unwrap().documents.remove(0);
        let mut config = Config::new();
        apply(&root, &mut config).map(|()| config)
    }

    fn repr(config: &Config, class: &str, option: &str) -> String {
        config.section(class).unwrap().entry(option).unwrap().value().unwrap().repr()
    }

    #[test]
    fn auth_and_users_become_settings() {
        let config = read(
            "auth:\n  type: github\n  GitHubOAuthenticator:\n    client_id: 12\n    client_secret:\n  Authenticator:\n    admin_users: [x]\nusers:\n  admin: [ann]\n",
        )
        .unwrap();
        assert_eq!(repr(&config, "JupyterHub", "authenticator_class"), "'github'");
        assert_eq!(repr(&config, "GitHubOAuthenticator", "client_id"), "12");
        assert!(config.section("GitHubOAuthenticator").unwrap().entry("client_secret").is_none());
        assert_eq!(repr(&config, "Authenticator", "admin_users"), "{'ann'}");
        assert_eq!(repr(&config, "Authenticator", "allowed_users"), "set()");
        let admins = config.section("Authenticator").unwrap().entry("admin_users").unwrap();
        assert_eq!(admins.shadowed[0].value.as_ref().unwrap().repr(), "['x']");
        assert_eq!(admins.origin.span().unwrap().line, 9);
    }

    #[test]
    fn without_auth_the_first_password_counts() {
        let config = read("limits: {memory: 1G}").unwrap();
        assert_eq!(repr(&config, "JupyterHub", "authenticator_class"), format!("'{FIRST_USE}'"));
        assert_eq!(repr(&config, "FirstUseAuthenticator", "allow_all"), "True");
        let config = read("users: {allowed: [ann]}").unwrap();
        assert!(config.section("FirstUseAuthenticator").unwrap().entry("allow_all").is_none());
    }

    #[test]
    fn what_tljh_raises_on_ends_the_hub() {
        for text in [
            "auth: {type: x, client_id: y}",
            "auth: {type: x, github: {client_id: y}}",
            "auth: {type: x, Y: z}",
            "auth: null",
            "users: {admin: null}",
            "users: {admin: [[a]]}",
            "users: [a]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
