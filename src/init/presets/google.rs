//! Google, also Google Workspace (`oauthenticator/google.py`).

use crate::init::{Domains, Endpoints, Groups, Preset, Registration, Username};

pub(super) static PRESET: Preset = Preset {
    name: "google",
    aliases: &["google-workspace"],
    title: "Google",
    class: "GoogleOAuthenticator",
    entry_point: "google",
    address: None,
    endpoints: Endpoints::Class(None),
    scopes: &["openid", "email"],
    group_scopes: &[],
    username: Username::Claim("email"),
    other_names: &[],
    groups: Groups::Directory,
    domains: Domains::Narrow { option: "hosted_domain", several: true },
    public: true,
    registration: Registration {
        place: "https://console.cloud.google.com/auth/clients, in a project of your organization",
        steps: &[
            "make the consent screen: \"Internal\" lets in accounts of your Workspace only",
            "create an OAuth client of the type \"Web application\"",
            "authorized redirect URI: {redirect}",
        ],
        groups: &[
            "make a service account with a key (JSON), and give its client id domain-wide delegation for the scope https://www.googleapis.com/auth/admin.directory.group.readonly",
            "on the hub: pip install \"oauthenticator[googlegroups]\"",
        ],
        id: "Client ID, which ends in .apps.googleusercontent.com",
        secret: "Client secret, shown once",
        remarks: &["Google takes no IP address and no plain http as a redirect URI, but for localhost"],
    },
    without_functions: None,
};
