//! GitLab.com and self-managed GitLab (`oauthenticator/gitlab.py`).

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "gitlab",
    aliases: &["gitlab-self-hosted"],
    title: "GitLab",
    class: "GitLabOAuthenticator",
    entry_point: "gitlab",
    address: Some(Address {
        flag: "--provider-url",
        question: "Address of the GitLab server",
        example: "https://gitlab.example.org",
        default: "https://gitlab.com",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Class(Some("gitlab_url")),
    scopes: &["read_user"],
    group_scopes: &["read_api"],
    username: Username::Claim("username"),
    other_names: &[("email", "the e-mail address")],
    groups: Groups::Asked { allowed: "allowed_gitlab_groups", admin: "", what: "group, by its full path" },
    domains: Domains::None,
    public: true,
    registration: Registration {
        place: "{base}/-/user_settings/applications, or \"Applications\" in a group's settings or in the admin area",
        steps: &[
            "add a new application",
            "redirect URI: {redirect}",
            "tick \"Confidential\"",
            "scopes: tick {scopes}, exactly those the hub asks for",
        ],
        groups: &[
            "the hub asks about each group at each login, so name few; a parent group counts its subgroups' paths apart",
        ],
        id: "Application ID",
        secret: "Secret, shown once",
        remarks: &[],
    },
    without_functions: None,
};
