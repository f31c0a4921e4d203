//! Amazon Cognito user pools, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

static TEMPLATES: Templates = Templates {
    cut: "/oauth2",
    add: "",
    authorize: "{base}/oauth2/authorize",
    token: "{base}/oauth2/token",
    userdata: "{base}/oauth2/userInfo",
};

pub(super) static PRESET: Preset = Preset {
    name: "cognito",
    aliases: &["aws-cognito"],
    title: "Amazon Cognito",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--provider-url",
        question: "Domain of the user pool's login pages (not the issuer)",
        example: "https://example.auth.eu-west-1.amazoncognito.com",
        default: "",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Below(&TEMPLATES),
    scopes: &["openid", "profile", "email"],
    group_scopes: &[],
    username: Username::Claim("username"),
    other_names: &[("email", "the e-mail address"), ("sub", "an id that never changes, hard to read")],
    groups: Groups::IdToken { claim: "cognito:groups", username: "cognito:username" },
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "the AWS console, in the user pool, under \"App clients\"",
        steps: &[
            "create an app client \"Traditional web application\", which has a client secret",
            "allowed callback URL: {redirect}",
            "OAuth grant type: authorization code grant; scopes: {scopes}",
        ],
        groups: &["groups of the user pool come in the id_token, from which the user data are then taken"],
        id: "Client ID",
        secret: "Client secret",
        remarks: &["the domain stands under \"Branding > Domain\""],
    },
    without_functions: None,
};
