//! Bitbucket Cloud (`oauthenticator/bitbucket.py`).

use crate::init::{Domains, Endpoints, Groups, Preset, Registration, Username};

pub(super) static PRESET: Preset = Preset {
    name: "bitbucket",
    aliases: &[],
    title: "Bitbucket",
    class: "BitbucketOAuthenticator",
    entry_point: "bitbucket",
    address: None,
    endpoints: Endpoints::Class(None),
    // What the consumer may do is settled where it is registered.
    scopes: &[],
    group_scopes: &[],
    username: Username::Claim("username"),
    other_names: &[("account_id", "an id that never changes, hard to read")],
    groups: Groups::Asked { allowed: "allowed_teams", admin: "", what: "workspace, by its display name" },
    domains: Domains::None,
    public: true,
    registration: Registration {
        place: "https://bitbucket.org, in the workspace's settings, under \"OAuth consumers\"",
        steps: &[
            "add a consumer",
            "callback URL: {redirect}",
            "tick \"This is a private consumer\"",
            "permissions: Account > Read",
        ],
        groups: &["permissions: Workspace membership > Read too"],
        id: "Key",
        secret: "Secret",
        remarks: &[],
    },
    without_functions: None,
};
