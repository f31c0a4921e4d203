//! Authentik, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

// The slashes at the end are needed: without them the server answers 404 or 405.
static TEMPLATES: Templates = Templates {
    cut: "/application/o",
    add: "",
    authorize: "{base}/application/o/authorize/",
    token: "{base}/application/o/token/",
    userdata: "{base}/application/o/userinfo/",
};

pub(super) static PRESET: Preset = Preset {
    name: "authentik",
    aliases: &["goauthentik"],
    title: "Authentik",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--provider-url",
        question: "Address of the Authentik server",
        example: "https://auth.example.org",
        default: "",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Below(&TEMPLATES),
    scopes: &["openid", "profile", "email"],
    group_scopes: &[],
    username: Username::Claim("preferred_username"),
    other_names: &[("email", "the e-mail address"), ("sub", "an id that never changes, hard to read")],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "Authentik's admin interface, under Applications",
        steps: &[
            "create an application with a provider of the type \"OAuth2/OpenID\"",
            "client type: confidential",
            "redirect URI, strict: {redirect}",
            "bind the groups or users who may use it",
        ],
        groups: &["groups come by name with the scope profile; nothing has to be added"],
        id: "Client ID",
        secret: "Client Secret",
        remarks: &[],
    },
    without_functions: None,
};
