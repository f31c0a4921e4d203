//! ORCID, also its sandbox, through GenericOAuthenticator.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

static TEMPLATES: Templates = Templates {
    cut: "/oauth",
    add: "",
    authorize: "{base}/oauth/authorize",
    token: "{base}/oauth/token",
    userdata: "{base}/oauth/userinfo",
};

pub(super) static PRESET: Preset = Preset {
    name: "orcid",
    aliases: &[],
    title: "ORCID",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(Address {
        flag: "--provider-url",
        question: "Address of ORCID",
        example: "https://sandbox.orcid.org",
        default: "https://orcid.org",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Below(&TEMPLATES),
    scopes: &["openid"],
    group_scopes: &[],
    username: Username::Claim("sub"),
    other_names: &[],
    groups: Groups::None("ORCID knows no groups; name who may enter with --allow-user, by their iD"),
    domains: Domains::None,
    public: true,
    registration: Registration {
        place: "{base}/developer-tools, logged in as yourself",
        steps: &["register for the public API", "redirect URI: {redirect}"],
        groups: &[],
        id: "Client ID, which begins with APP-",
        secret: "Client secret",
        remarks: &["an iD that ends in X becomes a user name that ends in x"],
    },
    without_functions: None,
};
