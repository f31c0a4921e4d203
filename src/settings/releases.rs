//! Twelve releases of oauthenticator with the jupyterhub of their time, and which options each class had in them.

use std::sync::OnceLock;

const TABLE: &str = include_str!("releases.tsv");

/// A pair of releases that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    index: usize,
}

/// A version as numbers; what is no number ends it.
pub fn version(text: &str) -> Vec<u32> {
    text.split('.').map_while(|part| part.parse().ok()).collect()
}

struct Row {
    classes: Vec<&'static str>,
    options: Vec<&'static str>,
    releases: u16,
}

/// The releases, each with its jupyterhub, and the rows.
type Table = (Vec<(&'static str, &'static str)>, Vec<Row>);

fn table() -> &'static Table {
    static PARSED: OnceLock<Table> = OnceLock::new();
    PARSED.get_or_init(|| {
        let (mut releases, mut rows) = (Vec::new(), Vec::new());
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                ["releases", names] => {
                    releases = names.split(' ').filter_map(|name| name.split_once("-h")).collect();
                }
                [classes, options, bits] => rows.push(Row {
                    classes: classes.split(' ').collect(),
                    options: options.split(' ').collect(),
                    releases: u16::from_str_radix(bits, 16).unwrap_or_default(),
                }),
                _ => {}
            }
        }
        (releases, rows)
    })
}

impl Release {
    /// All of them, the oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Release> {
        (0..table().0.len()).map(|index| Release { index })
    }

    /// The newest that begins with these numbers: `16.3` is 16.3.1. Either may be left open.
    pub fn find(oauthenticator: Option<&str>, jupyterhub: Option<&str>) -> Option<Release> {
        let begins = |whole: &str, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| {
                let (whole, wanted) = (version(whole), version(wanted));
                !wanted.is_empty()
                    && whole.len() >= wanted.len().min(2)
                    && whole.iter().zip(&wanted).take(2).all(|(a, b)| a == b)
            })
        };
        let found = |strict: bool| {
            Release::all().rev().find(|release| {
                begins(release.oauthenticator(), oauthenticator)
                    && (!strict || begins(release.jupyterhub(), jupyterhub))
            })
        };
        // oauthenticator decides; of two with the same one, jupyterhub. Without it, jupyterhub alone.
        match oauthenticator {
            Some(_) => found(true).or_else(|| found(false)),
            None => found(true),
        }
    }

    /// oauthenticator's version.
    pub fn oauthenticator(self) -> &'static str {
        table().0.get(self.index).map_or("", |pair| pair.0)
    }

    /// jupyterhub's version.
    pub fn jupyterhub(self) -> &'static str {
        table().0.get(self.index).map_or("", |pair| pair.1)
    }

    /// Whether it is at least this version of oauthenticator, or, with `jupyterhub` before the number, of jupyterhub.
    pub fn is_at_least(self, since: &str) -> bool {
        match since.strip_prefix("jupyterhub ") {
            Some(since) => version(self.jupyterhub()) >= version(since),
            None => version(self.oauthenticator()) >= version(since),
        }
    }

    /// Whether the class has the option in this release; `None` where the class is not in the table.
    pub fn has(self, class: &str, option: &str) -> Option<bool> {
        let mut rows = table().1.iter().filter(|row| row.classes.contains(&class)).peekable();
        rows.peek()?;
        Some(rows.any(|row| row.options.contains(&option) && row.releases & (1 << self.index) != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    #[test]
    fn releases_are_found_by_their_first_numbers() {
        let found =
            |a: Option<&str>, b: Option<&str>| Release::find(a, b).map(|one| (one.oauthenticator(), one.jupyterhub()));
        assert_eq!(found(Some("16.3"), Some("4.1")), Some(("16.3.1", "4.1.6")));
        assert_eq!(found(Some("16.3.0"), None), Some(("16.3.1", "4.1.6")));
        assert_eq!(found(Some("17.4"), Some("5.4")), Some(("17.4.0", "5.4.6")));
        assert_eq!(found(Some("17.4"), None), Some(("17.4.0", "6.1.1")));
        assert_eq!(found(None, Some("5.1")), Some(("17.0.0", "5.1.0")));
        assert_eq!(found(Some("13.0"), None), None);
        assert_eq!(found(Some("x"), None), None);
    }

    // What upstream's changelog says.
    #[test]
    fn options_come_and_go() {
        let at = |text| Release::find(Some(text), None).unwrap();
        assert_eq!(at("15.1").has("GitHubOAuthenticator", "allow_all"), Some(false));
        assert_eq!(at("16.0").has("GitHubOAuthenticator", "allow_all"), Some(true));
        assert_eq!(at("15.1").has("GenericOAuthenticator", "userdata_method"), Some(false));
        assert_eq!(at("17.0").has("GitHubOAuthenticator", "enable_pkce"), Some(false));
        assert_eq!(at("17.1").has("GitHubOAuthenticator", "enable_pkce"), Some(true));
        assert_eq!(at("17.3").has("CILogonOAuthenticator", "idps"), Some(false));
        assert_eq!(at("17.4").has("NoSuchClass", "idps"), None);
    }

    #[test]
    fn the_newest_release_is_that_of_the_classes_here() {
        let newest = Release::all().next_back().unwrap();
        for def in settings::classes().iter().filter(|def| def.is_oauthenticator()) {
            for option in def.options {
                assert_eq!(newest.has(def.name, option.name), Some(true), "{}.{}", def.name, option.name);
            }
        }
    }

    #[test]
    fn since_agrees_with_the_table() {
        let mut wrong = Vec::new();
        for def in settings::classes().iter().filter(|def| def.is_oauthenticator()) {
            for option in def.options {
                let Some(since) = option.since else { continue };
                let early = Release::all().filter(|release| !release.is_at_least(since));
                let early = early.filter(|release| release.has(def.name, option.name) == Some(true));
                wrong.extend(
                    early.map(|release| format!("{}.{} in {}", def.name, option.name, release.oauthenticator())),
                );
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
