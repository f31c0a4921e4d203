//! CILogon, and the identity providers behind it (`oauthenticator/cilogon.py`).

use crate::init::{Domains, Endpoints, Groups, Preset, Registration, Username};

pub(super) static PRESET: Preset = Preset {
    name: "cilogon",
    aliases: &[],
    title: "CILogon",
    class: "CILogonOAuthenticator",
    entry_point: "cilogon",
    address: None,
    endpoints: Endpoints::Class(None),
    scopes: &["openid", "email", "org.cilogon.userinfo", "profile"],
    group_scopes: &[],
    username: Username::OfIdp("email"),
    other_names: &[
        ("eppn", "the name at the university, such as alice@example.edu"),
        ("preferred_username", "GitHub's login, where GitHub is the identity provider"),
    ],
    groups: Groups::Claim(""),
    domains: Domains::OfIdp,
    public: false,
    registration: Registration {
        place: "https://cilogon.org/oauth2/register; subscribers use their COmanage Registry instead",
        steps: &[
            "callback URL: {redirect} (changed later only by mail to help@cilogon.org)",
            "client type: confidential",
            "scopes: {scopes}",
            "wait for the mail that approves it",
        ],
        groups: &["groups come in a claim that your COmanage Registry defines, such as isMemberOf"],
        id: "Client ID, an address that begins with cilogon:/",
        secret: "client secret, shown once",
        remarks: &[
            "identity providers go by the EntityID that https://cilogon.org/idplist/ shows, character by character",
        ],
    },
    without_functions: None,
};
