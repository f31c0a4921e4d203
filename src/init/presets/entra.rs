//! Microsoft Entra ID, once Azure AD (`oauthenticator/azuread.py`): the version 1 endpoints that the class has by
//! default, so that everything about the user stands in a version 1 id_token.

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "entra",
    aliases: &["azuread", "azure", "microsoft"],
    title: "Microsoft Entra ID",
    class: "AzureAdOAuthenticator",
    entry_point: "azuread",
    address: Some(Address {
        flag: "--tenant",
        question: "Tenant: its directory id, or a domain of it",
        example: "11112222-3333-4444-5555-666677778888",
        default: "",
        shape: Shape::Tenant,
    }),
    endpoints: Endpoints::Class(Some("tenant_id")),
    scopes: &["openid", "profile", "email"],
    group_scopes: &[],
    username: Username::Claim("upn"),
    other_names: &[("unique_name", "guests have one too"), ("oid", "an id that never changes, hard to read")],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "https://entra.microsoft.com, under \"App registrations\"",
        steps: &[
            "new registration, \"Accounts in this organizational directory only\"",
            "redirect URI of the platform \"Web\" (not \"Single-page application\"): {redirect}",
            "under \"Certificates & secrets\" make a client secret; note when it expires",
        ],
        groups: &[
            "under \"Token configuration\" add the groups claim to the ID token, as group IDs",
            "groups are named by their object ids; who is in more than 200 gets none in the token",
        ],
        id: "Application (client) ID",
        secret: "Value of the client secret (not its \"Secret ID\"), shown once",
        remarks: &[
            "the class would call users by their display name, which is not theirs alone; so the claim is set here",
            "guests have no upn and are turned away with an error; unique_name lets them have a name",
            "on the hub: pip install \"oauthenticator[azuread]\"",
        ],
    },
    without_functions: None,
};
