//! MediaWiki, by OAuth 1.0a (`oauthenticator/mediawiki.py`). It has no local variant.

use super::oauth2::BASES;
use crate::settings::option::{ClassDef, Declared, DefaultDef, Kind, Plain, option};
use crate::settings::rules::env_or;
use crate::value::Value;

/// `oauthenticator.mediawiki.MWOAuthenticator`.
pub static MEDIAWIKI: ClassDef = ClassDef {
    name: "MWOAuthenticator",
    module: "oauthenticator.mediawiki",
    entry_points: &["mediawiki"],
    options: &[
        option("executor_threads", Kind::Int, "how many requests to the wiki run at a time").default(Declared::Int(12)),
        option("mw_index_url", Kind::Unicode, "the full address of the wiki's index.php")
            .default(Declared::Import(|variable| {
                Value::str(variable.unwrap_or("https://meta.wikimedia.org/w/index.php"))
            }))
            .env("MW_INDEX_URL"),
    ],
    bases: BASES,
    attributes: &[("user_auth_state_key", Plain::Text("MEDIAWIKI_USER_IDENTITY"))],
    defaults: &[DefaultDef {
        option: "login_service",
        method: "_login_service_default",
        compute: |instance| Ok(env_or(instance, "LOGIN_SERVICE", "MediaWiki")),
    }],
    validators: &[],
    observers: &[],
    aliases: &[],
};
