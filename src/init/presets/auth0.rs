//! Auth0 (`oauthenticator/auth0.py`).

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "auth0",
    aliases: &[],
    title: "Auth0",
    class: "Auth0OAuthenticator",
    entry_point: "auth0",
    address: Some(Address {
        flag: "--domain",
        question: "Domain of the tenant",
        example: "example.eu.auth0.com",
        default: "",
        shape: Shape::Host,
    }),
    endpoints: Endpoints::Class(Some("auth0_domain")),
    // The class asks for nothing by default, and would get neither name nor address.
    scopes: &["openid", "profile", "email"],
    group_scopes: &[],
    username: Username::Claim("email"),
    other_names: &[("nickname", "often the part before the @, which two people may share")],
    // `groups` and `roles` are reserved there, and a name with dots in it is out of the hub's reach.
    groups: Groups::Claim("hub_groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "https://manage.auth0.com, under Applications > Applications",
        steps: &[
            "create an application of the type \"Regular Web Application\"",
            "allowed callback URL: {redirect}",
            "allowed logout URL: {hub}",
        ],
        groups: &[
            "under Actions add a post-login action that runs api.idToken.setCustomClaim(\"{claim}\", event.authorization.roles)",
            "a claim's name may hold no dot: the hub would take it apart there",
        ],
        id: "Client ID",
        secret: "Client Secret",
        remarks: &["whoever has not verified their e-mail address is turned away, except with allow_all"],
    },
    without_functions: None,
};
