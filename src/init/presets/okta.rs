//! Okta, the org authorization server as well as custom ones, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

static TEMPLATES: Templates = Templates {
    cut: "",
    add: "/oauth2",
    authorize: "{base}/v1/authorize",
    token: "{base}/v1/token",
    userdata: "{base}/v1/userinfo",
};

pub(super) static PRESET: Preset = Preset {
    name: "okta",
    aliases: &[],
    title: "Okta",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--issuer",
        question: "Issuer: your Okta domain, or a custom authorization server",
        example: "https://example.okta.com or https://example.okta.com/oauth2/default",
        default: "",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Below(&TEMPLATES),
    scopes: &["openid", "profile", "email"],
    group_scopes: &["groups"],
    username: Username::Claim("preferred_username"),
    other_names: &[("email", "the e-mail address"), ("sub", "an id that never changes, hard to read")],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "the Okta admin console, under Applications > Applications",
        steps: &[
            "create an app integration: \"OIDC - OpenID Connect\", then \"Web Application\"",
            "grant type: Authorization Code",
            "sign-in redirect URI: {redirect}",
            "assign the people or groups who may use it",
        ],
        groups: &[
            "org server: on the app's \"Sign On\" tab set a groups claim filter named {claim}, such as \"Matches regex\" .*",
            "custom server: define the scope and the claim {claim} under Security > API, and include it in the userinfo",
        ],
        id: "Client ID",
        secret: "Client secret",
        remarks: &[],
    },
    without_functions: None,
};
