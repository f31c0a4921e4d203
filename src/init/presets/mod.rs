//! The providers, one file each.

mod auth0;
mod authentik;
mod bitbucket;
mod cilogon;
mod cognito;
mod dex;
mod entra;
mod github;
mod gitlab;
mod globus;
mod google;
mod keycloak;
mod mediawiki;
mod nextcloud;
mod oidc;
mod okta;
mod openshift;
mod orcid;

use super::Preset;

/// All of them, in the order in which they are offered.
pub static PRESETS: &[&Preset] = &[
    &github::PRESET,
    &gitlab::PRESET,
    &google::PRESET,
    &entra::PRESET,
    &okta::PRESET,
    &keycloak::PRESET,
    &auth0::PRESET,
    &cilogon::PRESET,
    &globus::PRESET,
    &orcid::PRESET,
    &cognito::PRESET,
    &authentik::PRESET,
    &dex::PRESET,
    &nextcloud::PRESET,
    &bitbucket::PRESET,
    &openshift::PRESET,
    &mediawiki::PRESET,
    &oidc::PRESET,
];
