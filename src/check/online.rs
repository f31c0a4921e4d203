//! What `--online` finds by asking the provider ([`crate::online`]): here the rules have their pages.

use super::{Check, rule};

pub(super) const CHECKS: &[Check] = &[
    rule!("provider-unreachable", Error, "", "online: the provider does not answer"),
    rule!("provider-failed", Error, "", "online: the provider is in trouble"),
    rule!("provider-certificate", Error, "", "online: the hub would refuse the provider's certificate"),
    rule!("realm-not-found", Error, "", "online: the provider has no such realm or tenant"),
    rule!("issuer-differs", Warning, "", "online: the provider calls itself by another address"),
    rule!("discovery-not-found", Note, "", "online: the provider does not describe itself"),
    rule!("endpoint-wrong-answer", Error, "", "online: an address is not the endpoint it should be"),
    rule!("endpoint-redirects", Error, "", "online: an endpoint points elsewhere"),
    rule!("endpoint-not-advertised", Note, "", "online: the provider names another endpoint"),
    rule!("client-refused", Error, "", "online: the provider refuses client_id or client_secret"),
    rule!("client-auth-method", Error, "", "online: the client names itself in a way the provider does not take"),
    rule!("redirect-uri-refused", Error, "", "online: the provider does not know the redirect_uri"),
    rule!("scope-refused", Error, "", "online: the provider refuses a scope"),
    rule!("authorize-refused", Error, "", "online: the provider refuses the authorize request"),
    rule!("token-request-refused", Error, "", "online: the provider refuses the token request"),
    rule!("scope-not-advertised", Warning, "", "online: the provider names no such scope"),
    rule!("claim-not-advertised", Note, "", "online: the provider names no such claim"),
    rule!("pkce-not-advertised", Warning, "17.1", "online: the provider does not know PKCE with S256"),
    rule!("pkce-available", Note, "17.1", "online: the provider knows PKCE, and it is off"),
    rule!("clock-skew", Warning, "", "online: this machine's clock and the provider's differ"),
    rule!("not-told", Note, "", "online, with -v: what only a login can tell"),
];

/// Whether a rule is found only by asking the provider.
pub fn needs_network(rule: &str) -> bool {
    CHECKS.iter().any(|check| check.id == rule)
}
