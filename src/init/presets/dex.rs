//! Dex, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

static TEMPLATES: Templates =
    Templates { cut: "", add: "", authorize: "{base}/auth", token: "{base}/token", userdata: "{base}/userinfo" };

pub(super) static PRESET: Preset = Preset {
    name: "dex",
    aliases: &["dexidp"],
    title: "Dex",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--issuer",
        question: "Issuer, as in Dex's configuration",
        example: "https://dex.example.org/dex",
        default: "",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Below(&TEMPLATES),
    scopes: &["openid", "profile", "email"],
    group_scopes: &["groups"],
    username: Username::Claim("email"),
    other_names: &[
        ("preferred_username", "where the connector gives one"),
        ("name", "the full name, which two people may share"),
    ],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "Dex's configuration, under staticClients",
        steps: &[
            "add a client with an id of your choice, such as jupyterhub, and a long random secret",
            "redirectURIs: {redirect}",
            "restart Dex",
        ],
        groups: &["the connector has to hand groups on; an OIDC connector does with insecureEnableGroups"],
        id: "id",
        secret: "secret",
        remarks: &["sub is a coded text and no good as a name"],
    },
    without_functions: None,
};
