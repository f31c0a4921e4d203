//! `oauthenticator.generic.GenericOAuthenticator`, and `OAuthenticator` itself: both decide by the base alone; what
//! Generic adds (deprecated names, `claim_groups_key`) is settled with the settings.

use super::Authenticator;

/// `oauthenticator.oauth2.OAuthenticator`.
pub struct OAuthenticator;

/// `oauthenticator.generic.GenericOAuthenticator`.
pub struct GenericOAuthenticator;

impl Authenticator for OAuthenticator {
    fn class(&self) -> &'static str {
        "OAuthenticator"
    }
}

impl Authenticator for GenericOAuthenticator {
    fn class(&self) -> &'static str {
        "GenericOAuthenticator"
    }
}
