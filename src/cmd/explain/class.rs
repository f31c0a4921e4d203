//! The page of a class: its options, what a login leaves, and what has to be done at its provider.

use std::fmt::Write as _;

use super::facts::{default_in, default_of, defaults, kind_name, short_names};
use crate::authenticator;
use crate::init::Preset;
use crate::init::answers::Answers;
use crate::init::hub::Hub;
use crate::init::presets::PRESETS;
use crate::init::register::guide;
use crate::settings::{self, ClassDef, OptionDef, RunningClass, Settings};
use crate::write::Form;

/// The page in Markdown.
pub(super) fn page(def: &'static ClassDef) -> String {
    let mut page = format!("# {}\n\n`{}.{}`{}\n", def.name, def.module, def.name, short_names(def));
    if !def.bases.is_empty() {
        let _ = writeln!(page, "Reads the sections of `{}`, too; its own wins.", def.bases.join("`, `"));
    }
    let defaults = defaults(def);
    let (own, inherited): (Vec<_>, Vec<_>) = def.all_options().partition(|(class, _)| class.name == def.name);
    let (old, own): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, option)| option.replaced_by.is_some());
    if !own.is_empty() {
        page.push_str("\n## Its own options\n\n");
        for (_, option) in own {
            let _ = writeln!(page, "- `{}`{}: {}", option.name, shown_default(defaults.as_ref(), option), option.help);
        }
    }
    let (changed, rest): (Vec<_>, Vec<_>) = inherited.into_iter().partition(|(class, option)| {
        default_in(defaults.as_ref(), option).is_some_and(|value| default_of(class, option).as_ref() != Some(value))
    });
    if !changed.is_empty() {
        page.push_str("\n## Inherited, with a default of its own\n\n");
        for (_, option) in changed {
            let _ = writeln!(page, "- `{}`{}", option.name, shown_default(defaults.as_ref(), option));
        }
    }
    let rest: Vec<_> = rest.into_iter().filter(|(_, option)| option.replaced_by.is_none()).collect();
    for base in def.bases {
        let names: Vec<&str> = rest.iter().filter(|(class, _)| class.name == *base).map(|(_, it)| it.name).collect();
        if !names.is_empty() {
            let _ = writeln!(page, "\n## Inherited from {base}\n\n`{}`", names.join("`, `"));
        }
    }
    if !old.is_empty() {
        let pairs = old.iter().map(|(_, old)| format!("`{}` → `{}`", old.name, old.replaced_by.unwrap_or_default()));
        let _ = writeln!(page, "\n## Deprecated\n\n{}", pairs.collect::<Vec<_>>().join(", "));
    }
    let kept = auth_state(def);
    if !kept.is_empty() {
        page.push_str("\n## auth_state\n\n");
        kept.iter().for_each(|(key, what)| page.push_str(&format!("- `{key}`: {what}\n")));
    }
    page + &set_up(def)
}

/// What has to be done at the provider, in short, for a hub at `https://hub.example.org`; where a class is for many
/// providers, their names.
fn set_up(def: &ClassDef) -> String {
    let plain = def.name.strip_prefix("Local").unwrap_or(def.name);
    if plain != def.name && settings::class(plain).is_some() {
        return format!("\n## Set-up\n\nAs for `{plain}`.\n");
    }
    let presets: Vec<&'static Preset> = PRESETS.iter().filter(|preset| preset.class == plain).copied().collect();
    let guide = match presets[..] {
        [] => return String::new(),
        [only] => guide(&Answers {
            preset: Some(only),
            hub: Hub::parse("https://hub.example.org").ok(),
            form: Some(Form::Python),
            ..Answers::default()
        }),
        _ => None,
    };
    let mut text = "\n## Set-up\n\n".to_owned();
    if let Some(guide) = guide {
        let _ = writeln!(text, "{}:\n", guide.place);
        guide
            .steps
            .iter()
            .chain(&guide.groups)
            .chain(&guide.remarks)
            .for_each(|step| text.push_str(&format!("- {step}\n")));
        text.push('\n');
    }
    let names: Vec<&str> = presets.iter().map(|preset| preset.name).collect();
    text + &format!("`oauthctl init --provider` {} writes the configuration.\n", one_of(&names))
}

fn one_of(names: &[&str]) -> String {
    match names {
        [name] => format!("`{name}`"),
        [rest @ .., last] => format!("`{}` or `{last}`", rest.join("`, `")),
        [] => String::new(),
    }
}

/// What a login leaves in auth_state: keys, each with what it holds. Nothing for classes that do not log in themselves.
pub(super) fn auth_state(def: &'static ClassDef) -> Vec<(String, &'static str)> {
    let class = RunningClass::of(def);
    let (Some(authenticator), Some(key)) = (authenticator::for_class(class.stock_name()), class.user_auth_state_key())
    else {
        return Vec::new();
    };
    let keys = authenticator.auth_state_keys().into_iter().map(|(key, what)| (key.to_owned(), what));
    keys.chain([(key, "the userdata")]).collect()
}

fn shown_default(defaults: Option<&Settings>, option: &OptionDef) -> String {
    match default_in(defaults, option) {
        Some(value) => format!(" ({}, default `{}`)", kind_name(option.kind), value.repr()),
        None => format!(" ({}, default computed)", kind_name(option.kind)),
    }
}
