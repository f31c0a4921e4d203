//! Nextcloud, through GenericOAuthenticator: its own OAuth 2.0, whose user data are nested so that only a function
//! finds the name, and the app "OIDC Identity Provider" for forms that can hold no function.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Templates, Username};

const ADDRESS: Address = Address {
    flag: "--provider-url",
    question: "Address of the Nextcloud server",
    example: "https://cloud.example.org",
    default: "",
    shape: Shape::Url,
};

static BUILT_IN: Templates = Templates {
    cut: "/apps/oauth2",
    add: "",
    authorize: "{base}/apps/oauth2/authorize",
    token: "{base}/apps/oauth2/api/v1/token",
    // Without format=json the answer is XML.
    userdata: "{base}/ocs/v2.php/cloud/user?format=json",
};

static APP: Templates = Templates {
    cut: "/apps/oidc",
    add: "",
    authorize: "{base}/apps/oidc/authorize",
    token: "{base}/apps/oidc/token",
    userdata: "{base}/apps/oidc/userinfo",
};

pub(super) static PRESET: Preset = Preset {
    name: "nextcloud",
    aliases: &[],
    title: "Nextcloud",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(ADDRESS),
    endpoints: Endpoints::Below(&BUILT_IN),
    scopes: &[],
    group_scopes: &[],
    username: Username::Function("lambda user: user[\"ocs\"][\"data\"][\"id\"]"),
    other_names: &[],
    groups: Groups::Claim("ocs.data.groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "Nextcloud's administration settings, under Security > OAuth 2.0 clients",
        steps: &["add a client with a name of your choice", "redirection URI: {redirect}"],
        groups: &[],
        id: "Client Identifier",
        secret: "Secret",
        remarks: &[
            "an Apache in front may drop the Authorization header; then user data answer 401",
            "where addresses need it, end the address in /index.php",
        ],
    },
    without_functions: Some(&WITH_APP),
};

static WITH_APP: Preset = Preset {
    name: "nextcloud",
    aliases: &[],
    title: "Nextcloud",
    class: "GenericOAuthenticator",
    entry_point: "generic-oauth",
    address: Some(ADDRESS),
    endpoints: Endpoints::Below(&APP),
    scopes: &["openid", "profile", "email"],
    group_scopes: &["groups"],
    username: Username::Claim("preferred_username"),
    other_names: &[("email", "the e-mail address")],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "Nextcloud's administration settings, under Security > OpenID Connect clients",
        steps: &[
            "install the app \"OIDC Identity Provider\": Nextcloud's own OAuth 2.0 needs a function for the name, and this form of configuration can hold none",
            "add a confidential client; redirection URI: {redirect}",
        ],
        groups: &["have the app tell groups in the claim {claim}"],
        id: "Client Identifier",
        secret: "Secret",
        remarks: &["where addresses need it, end the address in /index.php"],
    },
    without_functions: None,
};
