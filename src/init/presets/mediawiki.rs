//! MediaWiki with OAuth 1.0a, such as Wikimedia's wikis (`oauthenticator/mediawiki.py`).

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "mediawiki",
    aliases: &["wikimedia", "wikipedia"],
    title: "MediaWiki",
    class: "MWOAuthenticator",
    entry_point: "mediawiki",
    address: Some(Address {
        flag: "--provider-url",
        question: "Address of the wiki's index.php",
        example: "https://wiki.example.org/w/index.php",
        default: "https://meta.wikimedia.org/w/index.php",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Class(Some("mw_index_url")),
    scopes: &[],
    group_scopes: &[],
    username: Username::Claim("username"),
    other_names: &[],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: true,
    registration: Registration {
        place: "{base}?title=Special:OAuthConsumerRegistration/propose/oauth1a",
        steps: &[
            "propose an OAuth 1.0a consumer, not an OAuth 2.0 client",
            "OAuth \"callback\" URL: {redirect}",
            "grants: \"User identity verification only\"",
            "wait until an administrator of the wiki approves it",
        ],
        groups: &["groups are the user's rights groups on the wiki, such as sysop"],
        id: "consumer token",
        secret: "secret token, shown once",
        remarks: &[
            "names keep their capitals, and blanks become _: Grace Hopper is Grace_Hopper",
            "on the hub: pip install \"oauthenticator[mediawiki]\"",
        ],
    },
    without_functions: None,
};
