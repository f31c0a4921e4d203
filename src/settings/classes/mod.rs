//! The classes of oauthenticator 17.4.0 and jupyterhub 6.1.1, as data: one file a provider.
//!
//! `tests/it/settings_differential.rs` compares them with upstream itself, so that they cannot drift.

mod auth0;
mod authenticator;
mod azuread;
mod bitbucket;
mod cilogon;
mod generic;
mod github;
mod gitlab;
mod globus;
mod google;
mod local;
mod mediawiki;
mod multi;
mod names;
mod oauth2;
mod openshift;

pub use authenticator::AUTHENTICATOR;
pub use local::PAM;
pub use names::{FOREIGN_ENTRY_POINTS, FOREIGN_SECTIONS, HUB_OPTIONS, REMOVED};

use super::option::ClassDef;

static CLASSES: &[&ClassDef] = &[
    &AUTHENTICATOR,
    &local::LOCAL,
    &PAM,
    &local::DUMMY,
    &local::NULL,
    &local::SHARED_PASSWORD,
    &multi::MULTI,
    &oauth2::OAUTHENTICATOR,
    &auth0::AUTH0,
    &auth0::LOCAL_AUTH0,
    &azuread::AZUREAD,
    &azuread::LOCAL_AZUREAD,
    &bitbucket::BITBUCKET,
    &bitbucket::LOCAL_BITBUCKET,
    &cilogon::CILOGON,
    &cilogon::LOCAL_CILOGON,
    &generic::GENERIC,
    &generic::LOCAL_GENERIC,
    &github::GITHUB,
    &github::LOCAL_GITHUB,
    &gitlab::GITLAB,
    &gitlab::LOCAL_GITLAB,
    &globus::GLOBUS,
    &globus::LOCAL_GLOBUS,
    &google::GOOGLE,
    &google::LOCAL_GOOGLE,
    &mediawiki::MEDIAWIKI,
    &openshift::OPENSHIFT,
    &openshift::LOCAL_OPENSHIFT,
];

/// All classes, bases first.
pub fn classes() -> &'static [&'static ClassDef] {
    CLASSES
}

/// The class of that name.
pub fn class(name: &str) -> Option<&'static ClassDef> {
    CLASSES.iter().copied().find(|def| def.name == name)
}

/// The class that serves the provider after which a name is made.
pub fn known_as(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let named = lower.contains("auth") || lower.contains("oidc");
    names::SERVED_BY.iter().find(|(word, _)| named && lower.contains(word)).map(|(_, class)| *class)
}

/// The class with that short name, in any case.
pub fn entry_point(name: &str) -> Option<&'static ClassDef> {
    let name = name.to_lowercase();
    CLASSES.iter().copied().find(|def| def.entry_points.contains(&name.as_str()))
}

/// What `from module import name` gives, of the classes here.
pub fn in_module(module: &str, name: &str) -> Option<&'static ClassDef> {
    let def = class(name)?;
    let exposed = def.module == module
        || match module {
            "oauthenticator" => EXPOSED_BY_PACKAGE.contains(&name),
            "multiauthenticator" => name == "MultiAuthenticator",
            "jupyterhub.app" => ["Authenticator", "PAMAuthenticator"].contains(&name),
            "oauthenticator.oauth2" | "jupyterhub.authenticators.shared" | "multiauthenticator.multiauthenticator" => {
                name == "Authenticator"
            }
            "oauthenticator.mediawiki" => name == "OAuthenticator",
            _ => is_provider_module(module) && ["LocalAuthenticator", "OAuthenticator"].contains(&name),
        };
    exposed.then_some(def)
}

fn is_provider_module(module: &str) -> bool {
    module.starts_with("oauthenticator.") && CLASSES.iter().any(|def| def.module == module)
}

/// What `oauthenticator/__init__.py` imports by `*`.
const EXPOSED_BY_PACKAGE: &[&str] = &[
    "Authenticator",
    "LocalAuthenticator",
    "OAuthenticator",
    "BitbucketOAuthenticator",
    "LocalBitbucketOAuthenticator",
    "CILogonOAuthenticator",
    "LocalCILogonOAuthenticator",
    "GitHubOAuthenticator",
    "LocalGitHubOAuthenticator",
    "GoogleOAuthenticator",
    "LocalGoogleOAuthenticator",
];

/// The variant of a provider that mixes in `LocalAuthenticator`: it declares nothing itself.
const fn local_variant(
    name: &'static str,
    module: &'static str,
    bases: &'static [&'static str],
    entry_points: &'static [&'static str],
) -> ClassDef {
    ClassDef {
        name,
        module,
        bases,
        entry_points,
        attributes: &[],
        options: &[],
        defaults: &[],
        validators: &[],
        observers: &[],
        aliases: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_is_known_and_every_name_is_one_class() {
        for def in classes() {
            assert!(std::ptr::eq(class(def.name).unwrap(), *def), "{}", def.name);
            for base in def.bases {
                assert!(class(base).is_some(), "{base} of {}", def.name);
            }
        }
    }

    #[test]
    fn paths_are_those_that_python_imports() {
        assert!(
            in_module("oauthenticator", "GitHubOAuthenticator").is_none() == class("GitHubOAuthenticator").is_none()
        );
        assert!(in_module("oauthenticator", "GenericOAuthenticator").is_none());
        assert!(in_module("oauthenticator.generic", "LocalGenericOAuthenticator").is_some());
        assert!(in_module("oauthenticator.generic", "LocalAuthenticator").is_some());
        assert!(in_module("jupyterhub.auth", "GenericOAuthenticator").is_none());
    }
}
