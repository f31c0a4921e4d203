//! `--upgrade-to`: no change of a default that the twelve releases made is forgotten.
//!
//! The facts come from the table of upstream's options beside this checkout. Each default that differs between two
//! releases is either told for a configuration that leaves the option alone, or stands below with the reason why it
//! changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use oauthctl::check::{NoDisk, Target, check_for};
use oauthctl::settings::{self, Release};
use oauthctl::source::load::{Request, load_text};

use crate::support::{root, skip};

/// Defaults that differ in the table, and not for a hub: release, option, why.
const SAME: &[(&str, &str, &str)] = &[
    ("15.1", "allowed_idps", "a dictionary that is empty, as the list was"),
    ("16.0", "username_key", "an old name from then on; username_claim has the default"),
    ("16.0", "username_claim", "computed from then on; the class gives the same"),
    ("16.0", "login_service", "computed from then on; the class gives the same"),
    ("16.0", "shown_idps", "an old name that the hub refuses"),
    ("16.0", "admin_groups", "a set that is empty, as the list was"),
    ("16.0", "allowed_groups", "a set that is empty, as the list was"),
    ("16.0", "tls_verify", "an old name from then on; validate_server_cert has the default"),
    ("16.0", "validate_cert", "an old name from then on; validate_server_cert has the default"),
    ("16.0", "github_url", "computed from then on"),
    ("16.0", "github_api", "computed from then on"),
    ("16.0", "gitlab_url", "computed from then on"),
    ("16.0", "gitlab_api_version", "computed from then on"),
    ("16.0", "google_api_url", "computed from then on"),
    ("16.0", "openshift_rest_api_url", "computed from then on"),
    ("16.0", "globus_groups_url", "computed until then; the same address"),
    ("16.0", "revocation_url", "computed until then; the same address"),
    ("17.0", "user_groups_claim", "an old name from then on; auth_state_groups_key has the default"),
];

struct Default {
    default: String,
    deprecated: bool,
}

/// Class and option, and what each release has.
fn table() -> Option<BTreeMap<(String, String), BTreeMap<usize, Default>>> {
    let Ok(text) = std::fs::read_to_string(root("../shared/upstream/options.tsv")) else {
        skip("the table of upstream's options isn't beside this checkout (../shared/upstream/options.tsv)");
        return None;
    };
    let names: Vec<String> =
        Release::all().map(|one| format!("{}-h{}", one.oauthenticator(), one.jupyterhub())).collect();
    let mut table: BTreeMap<(String, String), BTreeMap<usize, Default>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [class, option, _, default, .., deprecated, versions] = fields[..] else { continue };
        for (index, name) in names.iter().enumerate() {
            if versions == "all" || versions.split(' ').any(|version| version == name) {
                let default = Default { default: default.to_owned(), deprecated: deprecated == "yes" };
                table.entry((class.to_owned(), option.to_owned())).or_default().insert(index, default);
            }
        }
    }
    Some(table)
}

fn told(class: &str, from: Release, to: Release) -> Vec<String> {
    let name = settings::class(class).and_then(|def| def.entry_points.first()).unwrap();
    let text = format!(
        "c.JupyterHub.authenticator_class = '{name}'\nc.{class}.client_id = 'abcd'\nc.Authenticator.allow_all = True\n"
    );
    let target = Target { release: Some(from), upgrade_to: Some(to) };
    let found = check_for(&load_text(&text, &Request::default()).unwrap(), &NoDisk, target).findings;
    let changes = found.into_iter().filter(|one| one.rule == "changed-by-upgrade");
    changes.filter_map(|one| Some(one.setting?.rsplit('.').next()?.to_owned())).collect()
}

#[test]
fn no_change_of_a_default_is_forgotten() {
    let Some(table) = table() else { return };
    let releases: Vec<Release> = Release::all().collect();
    let mut forgotten = BTreeSet::new();
    let mut seen = 0;
    for ((class, option), versions) in &table {
        if class.starts_with("Local") || settings::class(class).is_none_or(|def| def.entry_points.is_empty()) {
            continue;
        }
        for pair in releases.windows(2) {
            let at = |release: Release| {
                releases.iter().position(|one| *one == release).and_then(|index| versions.get(&index))
            };
            let (Some(before), Some(after)) = (at(pair[0]), at(pair[1])) else { continue };
            if before.default == after.default || before.deprecated {
                continue;
            }
            seen += 1;
            let same = SAME.iter().any(|(release, name, _)| {
                name == option && pair[1].oauthenticator().starts_with(&format!("{release}."))
            });
            if !same && !told(class, pair[0], pair[1]).contains(option) {
                forgotten.insert(format!(
                    "{} {class}.{option}: {} -> {}",
                    pair[1].oauthenticator(),
                    before.default,
                    after.default
                ));
            }
        }
    }
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    assert!(seen > 15, "the table says less than it did: {seen}");
}

#[test]
fn what_an_upgrade_changes_is_told_between_its_releases_only() {
    let at = |text: &str| Release::find(Some(text), None).unwrap();
    let says =
        |class: &str, from: &str, to: &str, option: &str| told(class, at(from), at(to)).iter().any(|one| one == option);
    assert!(says("GenericOAuthenticator", "15.1", "16.0", "basic_auth"));
    assert!(!says("GenericOAuthenticator", "16.0", "17.4", "basic_auth"));
    assert!(says("GitHubOAuthenticator", "17.0", "17.1", "enable_pkce"));
    assert!(!says("GitHubOAuthenticator", "17.1", "17.4", "enable_pkce"));
    assert!(says("OpenShiftOAuthenticator", "17.3", "17.4", "openshift_url"));
    assert!(says("CILogonOAuthenticator", "15.1", "17.4", "scope"));
}
