//! Keycloak, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

static TEMPLATES: Templates = Templates {
    cut: "/protocol/openid-connect",
    add: "",
    authorize: "{base}/protocol/openid-connect/auth",
    token: "{base}/protocol/openid-connect/token",
    userdata: "{base}/protocol/openid-connect/userinfo",
};

pub(super) static PRESET: Preset = Preset {
    name: "keycloak",
    aliases: &["redhat-sso"],
    title: "Keycloak",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--issuer",
        question: "Issuer: the address of the realm",
        example: "https://id.example.org/realms/main",
        default: "",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Below(&TEMPLATES),
    // Without openid the userinfo endpoint of Keycloak 19 and later answers 403 with an empty body.
    scopes: &["openid", "profile", "email"],
    group_scopes: &[],
    username: Username::Claim("preferred_username"),
    other_names: &[("email", "the e-mail address"), ("sub", "an id that never changes, hard to read")],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "Keycloak's admin console, in the realm, under Clients",
        steps: &[
            "create a client of the type \"OpenID Connect\"; the id is yours to choose, such as jupyterhub",
            "turn \"Client authentication\" on, and of the flows keep \"Standard flow\" only",
            "valid redirect URI: {redirect}",
        ],
        groups: &[
            "in the client's dedicated scope add a mapper \"Group Membership\" with the token claim name {claim}",
            "in that mapper turn \"Full group path\" off and \"Add to userinfo\" on",
        ],
        id: "Client ID",
        secret: "Client secret, on the tab \"Credentials\"",
        remarks: &["before Keycloak 17 the address has /auth before /realms"],
    },
    without_functions: None,
};
