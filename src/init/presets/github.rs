//! GitHub, and GitHub Enterprise Server (`oauthenticator/github.py`).

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "github",
    aliases: &["github-enterprise"],
    title: "GitHub",
    class: "GitHubOAuthenticator",
    entry_point: "github",
    address: Some(Address {
        flag: "--provider-url",
        question: "Address of the GitHub server",
        example: "https://github.example.org",
        default: "https://github.com",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Class(Some("github_url")),
    scopes: &[],
    group_scopes: &["read:org"],
    username: Username::Claim("login"),
    other_names: &[("id", "a number that never changes")],
    groups: Groups::Asked { allowed: "allowed_organizations", admin: "", what: "organization or org:team" },
    domains: Domains::None,
    public: true,
    registration: Registration {
        place: "{base}/settings/developers, or the same page in the settings of your organization",
        steps: &[
            "under \"OAuth Apps\" make a new one (an OAuth App, not a GitHub App, which has no scopes)",
            "homepage URL: {hub}",
            "authorization callback URL: {redirect}",
            "leave \"Enable Device Flow\" off",
        ],
        groups: &["an owner of the organization has to approve the app, or its members stay invisible to the hub"],
        id: "Client ID",
        secret: "client secret, made with \"Generate a new client secret\" and shown once",
        remarks: &["names of organizations and teams are those in their addresses, as in my-org:my-team"],
    },
    without_functions: None,
};
