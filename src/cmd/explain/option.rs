//! The page of an option.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::facts::{classes_with, computed, default_of, kind_name, old_names, provider, related};
use crate::settings::{self, ClassDef, Kind, OptionDef, RunningClass};

/// The page as a document: an option that the class `of` declares, with the default that it has in `def`.
pub(super) fn json(def: &ClassDef, of: &ClassDef, option: &OptionDef) -> Json {
    let default = default_of(def, option);
    json!({
        "class": of.name,
        "option": option.name,
        "type": kind_name(option.kind),
        "may_be_none": option.allow_none,
        "default": default.as_ref().map(Json::from),
        "default_is_computed": computed(def, option).is_some(),
        "environment": option.env,
        "since": option.since,
        "replaced_by": option.replaced_by,
        "old_names": old_names(of, option),
        "secret": option.secret,
        "help": option.help,
        "provider": provider(of, option.name),
        "see_also": related(of, option),
    })
}

/// The page in Markdown.
pub(super) fn page(def: &ClassDef, option: &OptionDef) -> String {
    let mut page = format!("# {}.{}\n\n{}\n\n", def.name, option.name, option.help);
    let none = if option.allow_none && option.kind != Kind::Any { " or None" } else { "" };
    let mut row = |name: &str, value: String| {
        let _ = writeln!(page, "- {name}: {value}");
    };
    let declared_by = settings::class(def.name).and_then(|class| RunningClass::of(class).option(option.name));
    row("classes", classes_with(declared_by.map_or(def, |(class, _)| class)));
    row("type", format!("`{}`{none}", kind_name(option.kind)));
    match (default_of(def, option), computed(def, option)) {
        (Some(default), Some(method)) => row("default", format!("`{}`, computed by `{method}`", default.repr())),
        (Some(default), None) => row("default", format!("`{}`", default.repr())),
        (None, Some(method)) => row("default", format!("computed by `{method}`")),
        (None, None) => {}
    }
    if let Some(variable) = option.env {
        let when = if option.env_read_at_import() { ", read before the configuration is" } else { "" };
        row("environment variable", format!("`{variable}`{when}"));
    }
    if let Some(since) = option.since {
        row(
            "since",
            if since.starts_with("jupyterhub") { since.to_owned() } else { format!("oauthenticator {since}") },
        );
    }
    if let Some(new) = option.replaced_by {
        row("deprecated", format!("use `{new}`"));
    }
    let old = old_names(def, option);
    if !old.is_empty() {
        row("old names", format!("`{}`", old.join("`, `")));
    }
    if let Some(what) = provider(def, option.name) {
        row("the provider", what.to_owned());
    }
    if option.secret {
        row("secret", "never shown unmasked".into());
    }
    let see = related(def, option);
    if !see.is_empty() {
        row("goes together with", format!("`{}`", see.join("`, `")));
    }
    page
}
