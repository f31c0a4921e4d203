//! Globus (`oauthenticator/globus.py`).

use crate::init::{Domains, Endpoints, Groups, Preset, Registration, Username};

pub(super) static PRESET: Preset = Preset {
    name: "globus",
    aliases: &[],
    title: "Globus",
    class: "GlobusOAuthenticator",
    entry_point: "globus",
    address: None,
    endpoints: Endpoints::Class(None),
    // The class would also ask for the right to transfer the user's data.
    scopes: &["openid", "profile", "email"],
    group_scopes: &["urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships"],
    username: Username::Claim("preferred_username"),
    other_names: &[("email", "the e-mail address, where the name is a row of digits")],
    groups: Groups::Asked {
        allowed: "allowed_globus_groups",
        admin: "admin_globus_groups",
        what: "group, by its UUID",
    },
    domains: Domains::Narrow { option: "identity_provider", several: false },
    public: true,
    registration: Registration {
        place: "https://app.globus.org/settings/developers",
        steps: &[
            "in a project, add an app: \"Register a portal, science gateway, or other application you host\"",
            "redirect URL: {redirect}",
            "to require accounts of one institution, choose it as required identity provider now, not later",
        ],
        groups: &["a group's UUID stands on its page at https://app.globus.org/groups"],
        id: "Client UUID",
        secret: "client secret, made with \"Add Client Secret\" and shown once",
        remarks: &["names lose their @domain: alice@example.edu becomes alice"],
    },
    without_functions: None,
};
