//! Any OpenID Connect provider, by its issuer's discovery document, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "oidc",
    aliases: &["generic", "generic-oauth", "openid", "other"],
    title: "OpenID Connect (any other)",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--issuer",
        question: "Issuer, where the discovery document is",
        example: "https://id.example.org",
        default: "",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Discovery,
    scopes: &["openid", "profile", "email"],
    group_scopes: &["groups"],
    username: Username::Claim("preferred_username"),
    other_names: &[("email", "the e-mail address"), ("sub", "an id that never changes, hard to read")],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "the provider's console",
        steps: &[
            "register a web application, a confidential client with the authorization code grant",
            "redirect URI: {redirect}",
            "scopes: {scopes}",
        ],
        groups: &["have the provider tell groups in the claim {claim} of the userinfo"],
        id: "client id",
        secret: "client secret",
        remarks: &[],
    },
    without_functions: None,
};
