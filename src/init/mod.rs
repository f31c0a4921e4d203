//! A configuration from a few facts: what is known of each provider, and how answers become settings.
//!
//! One provider is one file of [`presets`], and nothing but data. [`answers`] are what the flags and the dialogue
//! gather, [`document`] makes settings of them, [`register`] says what has to be done at the provider.

pub mod answers;
pub mod document;
pub mod hub;
pub mod presets;
pub mod register;
mod wrong;

use crate::write::Form;

/// What is known of a provider.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// Other names that people look for.
    pub aliases: &'static [&'static str],
    /// Its name on paper.
    pub title: &'static str,
    /// The class of oauthenticator that speaks to it.
    pub class: &'static str,
    /// That class's short name.
    pub entry_point: &'static str,
    /// What tells one instance of it from another.
    pub address: Option<Address>,
    /// Where its endpoints are.
    pub endpoints: Endpoints,
    /// The scopes to ask for; empty where the class's own are right.
    pub scopes: &'static [&'static str],
    /// The scopes that groups need on top.
    pub group_scopes: &'static [&'static str],
    /// Where the user's name is.
    pub username: Username,
    /// Other claims that may serve as a name, each with a word about it.
    pub other_names: &'static [(&'static str, &'static str)],
    /// How it tells groups.
    pub groups: Groups,
    /// How it tells the domain that an account belongs to.
    pub domains: Domains,
    /// Whether anybody can have an account there for the asking.
    pub public: bool,
    /// What has to be done there.
    pub registration: Registration,
    /// Another preset that stands in where the form can hold no function.
    pub without_functions: Option<&'static Preset>,
}

/// What tells one instance of a provider from another.
#[derive(Debug)]
pub struct Address {
    /// The flag that fits best.
    pub flag: &'static str,
    /// The question.
    pub question: &'static str,
    /// An example of an answer.
    pub example: &'static str,
    /// The answer where none is given; empty where one has to be.
    pub default: &'static str,
    /// What an answer becomes.
    pub shape: Shape,
}

/// What the address of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A web address, without a slash at its end.
    Url,
    /// A host name without `https://`.
    Host,
    /// A tenant: an id or a domain.
    Tenant,
}

/// Where the endpoints are.
#[derive(Clone, Copy, Debug)]
pub enum Endpoints {
    /// The class knows them, given the instance in this option, if there is one.
    Class(Option<&'static str>),
    /// Below the address; `{base}` stands for it.
    Below(&'static Templates),
    /// The issuer's discovery document names them.
    Discovery,
}

/// Endpoints below an address.
#[derive(Debug)]
pub struct Templates {
    /// What the address is cut off from, where more of it was given.
    pub cut: &'static str,
    /// What is added to an address that has nothing like it yet.
    pub add: &'static str,
    /// Where the browser is sent.
    pub authorize: &'static str,
    /// Where the code is exchanged.
    pub token: &'static str,
    /// Where the userdata come from.
    pub userdata: &'static str,
}

/// Where the user's name is in the userdata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Username {
    /// In a claim.
    Claim(&'static str),
    /// Where only a function finds it: the Python text.
    Function(&'static str),
    /// The identity provider's part of `idps` says it; this is the claim.
    OfIdp(&'static str),
}

/// How a provider tells groups.
#[derive(Clone, Copy, Debug)]
pub enum Groups {
    /// Not at all, and why.
    None(&'static str),
    /// In a claim of the userdata; empty where the operator has to name one.
    Claim(&'static str),
    /// Only in the id_token, from where the userdata are then taken.
    IdToken {
        /// The claim with the groups.
        claim: &'static str,
        /// The claim with the name.
        username: &'static str,
    },
    /// The class asks for them itself, for the names in these options.
    Asked {
        /// The option for who may enter.
        allowed: &'static str,
        /// The option for who is admin; empty where there is none.
        admin: &'static str,
        /// What such a group is.
        what: &'static str,
    },
    /// The class asks Google's directory, domain by domain, with a service account.
    Directory,
}

/// How a provider tells the domain that an account belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domains {
    /// Not at all.
    None,
    /// In this option, which narrows who may enter and lets nobody in: a list, or a single one.
    Narrow {
        /// The option.
        option: &'static str,
        /// Whether it holds several.
        several: bool,
    },
    /// In the identity provider's part of `idps`.
    OfIdp,
}

/// What has to be done at the provider. `{redirect}`, `{hub}`, `{base}`, `{host}`, `{client}`, `{scopes}` and
/// `{claim}` are filled in.
#[derive(Debug)]
pub struct Registration {
    /// Where.
    pub place: &'static str,
    /// What, one step each.
    pub steps: &'static [&'static str],
    /// What else, where groups are used.
    pub groups: &'static [&'static str],
    /// What the provider calls the client's id, and where it shows it.
    pub id: &'static str,
    /// What it calls the secret.
    pub secret: &'static str,
    /// What is good to know.
    pub remarks: &'static [&'static str],
}

/// The preset of that name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    let name = name.to_lowercase();
    let is = |preset: &&&Preset| preset.name == name || preset.aliases.contains(&name.as_str());
    presets::PRESETS.iter().find(is).copied()
}

impl Preset {
    /// The preset that this one is in a form: one that can hold no function has another way to the name.
    pub fn in_form(&'static self, form: Form) -> &'static Preset {
        match self.without_functions {
            Some(other) if matches!(form, Form::Tljh | Form::Json) => other,
            _ => self,
        }
    }

    /// Whether groups can be used at all.
    pub fn has_groups(&self) -> bool {
        !matches!(self.groups, Groups::None(_))
    }

    /// Whether groups can make admins.
    pub fn has_admin_groups(&self) -> bool {
        match self.groups {
            Groups::None(_) => false,
            Groups::Asked { admin, .. } => !admin.is_empty(),
            Groups::Claim(_) | Groups::IdToken { .. } | Groups::Directory => true,
        }
    }

    /// What a group is called there.
    pub fn group_word(&self) -> &'static str {
        match self.groups {
            Groups::Asked { what, .. } => what,
            _ => "group",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    #[test]
    fn every_preset_runs_a_class_of_upstreams_with_options_it_has() {
        for preset in presets::PRESETS {
            let def = settings::class(preset.class).unwrap_or_else(|| panic!("{}", preset.class));
            assert!(def.entry_points.contains(&preset.entry_point), "{}", preset.name);
            let class = settings::RunningClass::of(def);
            let mut options = vec!["scope"];
            if let Endpoints::Class(Some(option)) = preset.endpoints {
                options.push(option);
            }
            if let Groups::Asked { allowed, admin, .. } = preset.groups {
                options.extend([allowed, admin]);
            }
            if let Domains::Narrow { option, .. } = preset.domains {
                options.push(option);
            }
            for option in options.into_iter().filter(|option| !option.is_empty()) {
                assert!(class.option(option).is_some(), "{} has no {option}", preset.class);
            }
        }
    }

    #[test]
    fn names_and_aliases_name_one_preset_each() {
        let mut seen = Vec::new();
        for preset in presets::PRESETS {
            for name in std::iter::once(&preset.name).chain(preset.aliases) {
                assert!(!seen.contains(name), "{name}");
                seen.push(name);
                assert_eq!(super::preset(&name.to_uppercase()).map(|found| found.name), Some(preset.name));
            }
        }
    }

    #[test]
    fn whoever_needs_a_function_has_another_way_or_none() {
        for preset in presets::PRESETS {
            if let Username::Function(_) = preset.username {
                let other = preset.without_functions.expect(preset.name);
                assert!(matches!(other.username, Username::Claim(_)));
            }
        }
    }
}
