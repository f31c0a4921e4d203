//! Bitbucket (`oauthenticator/bitbucket.py`).

use super::oauth2::BASES;
use crate::settings::option::{Alias, ClassDef, DefaultDef, Kind, Plain, option};
use crate::settings::rules::env_or;
use crate::value::Value;

/// `oauthenticator.bitbucket.BitbucketOAuthenticator`.
pub static BITBUCKET: ClassDef = ClassDef {
    name: "BitbucketOAuthenticator",
    module: "oauthenticator.bitbucket",
    entry_points: &["bitbucket"],
    options: &[
        option("allowed_teams", Kind::Set(&Kind::Any), "members of these workspaces, by name, may come in"),
        option("team_whitelist", Kind::Set(&Kind::Any), "the old name of allowed_teams").replaced_by("allowed_teams"),
    ],
    bases: BASES,
    attributes: &[
        ("user_auth_state_key", Plain::Text("bitbucket_user")),
        ("client_id_env", Plain::Text("BITBUCKET_CLIENT_ID")),
        ("client_secret_env", Plain::Text("BITBUCKET_CLIENT_SECRET")),
    ],
    defaults: &[
        DefaultDef {
            option: "login_service",
            method: "_login_service_default",
            compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "Bitbucket")),
        },
        DefaultDef {
            option: "authorize_url",
            method: "_authorize_url_default",
            compute: |_| Ok(Value::str("https://bitbucket.org/site/oauth2/authorize")),
        },
        DefaultDef {
            option: "token_url",
            method: "_token_url_default",
            compute: |_| Ok(Value::str("https://bitbucket.org/site/oauth2/access_token")),
        },
        DefaultDef {
            option: "userdata_url",
            method: "_userdata_url_default",
            compute: |_| Ok(Value::str("https://api.bitbucket.org/2.0/user")),
        },
    ],
    validators: &[],
    observers: &[],
    aliases: &[Alias { old: "team_whitelist", new: "allowed_teams", since: "0.12.0", same: true }],
};

/// `oauthenticator.bitbucket.LocalBitbucketOAuthenticator`.
pub static LOCAL_BITBUCKET: ClassDef = super::local_variant(
    "LocalBitbucketOAuthenticator",
    "oauthenticator.bitbucket",
    &["LocalAuthenticator", "BitbucketOAuthenticator", "OAuthenticator", "Authenticator"],
    &["local-bitbucket"],
);
