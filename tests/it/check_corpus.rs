//! The shared corpus of real configurations, checked: nothing crashes, the known mistakes are found at their line, no
//! finding at level error that has not been looked at, and silence about what only looks like a mistake.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use oauthctl::check::{NoDisk, check};
use oauthctl::diagnostic::{Diagnostic, Level};
use oauthctl::source::load::{Request, load};

use crate::support::{root, skip};

fn corpus() -> Option<PathBuf> {
    let beside = root("../shared/corpus");
    let folder = std::env::var_os("OAUTHCTL_TEST_CORPUS").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        skip("the corpus of real configurations isn't beside this checkout (../shared/corpus)");
        return None;
    }
    Some(folder)
}

fn findings(folder: &Path, config: &str, base: &[&str]) -> Vec<Diagnostic> {
    let request = Request {
        config: Some(config.into()),
        base: base.iter().map(PathBuf::from).collect(),
        folder: folder.to_owned(),
        ..Request::default()
    };
    check(&load(&request).unwrap(), &NoDisk).findings
}

fn rows(folder: &Path, table: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(table)).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn number(file: &str) -> &str {
    file.trim_start_matches("yaml/").split('-').next().unwrap_or_default()
}

/// Mistakes that are told at another line, and why.
const ELSEWHERE: &[(&str, usize, &str)] = &[
    ("255", 2, "git's conflict marker stands on line 1, where it is told"),
    ("230", 438, "the first of the template's expressions stands on line 56, where it is told"),
];

#[test]
fn the_known_mistakes_are_found_at_their_line() {
    let Some(folder) = corpus() else { return };
    let (mut found, mut missing) = (0, Vec::new());
    let rows: Vec<Vec<String>> =
        rows(&folder, "mistakes.tsv").into_iter().filter(|row| row[0].starts_with("yaml/")).collect();
    for row in &rows {
        let line: usize = row[1].parse().unwrap();
        let here = |one: &Diagnostic| one.span.as_ref().is_some_and(|span| span.line == line);
        if findings(&folder, &row[0], &[]).iter().any(here) {
            found += 1;
        } else if !ELSEWHERE.iter().any(|(file, at, _)| *file == number(&row[0]) && *at == line) {
            missing.push(format!("{}:{line} {}", row[0], row[2]));
        }
    }
    println!("found {found} of {}", rows.len());
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every finding at level error on a file of the corpus, looked at by hand and right: file, line, rule.
const LOOKED_AT: &[(&str, usize, &str)] = &[
    ("207", 26, "placeholder"),
    ("207", 27, "url-not-absolute"),
    ("207", 28, "url-not-absolute"),
    ("207", 29, "url-not-absolute"),
    ("207", 30, "url-not-absolute"),
    ("207", 31, "groups-without-manage-groups"),
    ("207", 33, "groups-without-manage-groups"),
    ("210", 83, "syntax-error"),
    ("222", 23, "template-in-values"),
    ("222", 24, "template-in-values"),
    ("222", 25, "legacy-auth"),
    ("222", 31, "unexpanded-variable"),
    ("222", 32, "unexpanded-variable"),
    ("223", 7, "removed-option"),
    ("228", 13, "legacy-auth"),
    ("229", 13, "legacy-auth"),
    ("230", 66, "groups-without-manage-groups"),
    ("230", 67, "groups-without-manage-groups"),
    ("230", 69, "groups-without-manage-groups"),
    ("237", 25, "extra-config-not-mapping"),
    ("237", 111, "legacy-auth"),
    ("248", 49, "groups-without-manage-groups"),
    ("248", 50, "groups-without-manage-groups"),
    ("248", 52, "groups-without-manage-groups"),
    ("254", 23, "nobody-allowed"),
    ("255", 1, "syntax-error"),
    ("256", 64, "nobody-allowed"),
    ("257", 61, "placeholder"),
    ("272", 20, "placeholder"),
    ("272", 21, "placeholder"),
    ("283", 5, "wrong-type"),
    ("283", 6, "wrong-type"),
    ("283", 7, "callback-host"),
    ("291", 5, "wrong-type"),
    ("292", 5, "placeholder"),
    ("292", 6, "placeholder"),
    ("292", 8, "placeholder"),
    ("292", 9, "placeholder"),
    ("292", 10, "placeholder"),
    ("292", 14, "conflicting-names"),
    ("293", 19, "conflicting-names"),
    ("293", 23, "groups-without-manage-groups"),
    ("294", 19, "conflicting-names"),
    ("294", 23, "groups-without-manage-groups"),
    ("295", 12, "extra-config-not-mapping"),
    ("295", 24, "removed-option"),
    ("295", 127, "legacy-auth"),
    ("298", 47, "placeholder"),
    ("298", 59, "nobody-allowed"),
    ("299", 19, "nobody-allowed"),
    ("307", 19, "authorize-url-internal"),
    ("312", 17, "placeholder"),
    ("312", 18, "placeholder"),
    ("312", 19, "placeholder"),
    ("312", 20, "placeholder"),
    ("312", 21, "placeholder"),
    ("312", 22, "placeholder"),
    ("312", 23, "placeholder"),
    ("312", 34, "nobody-allowed"),
    ("313", 43, "legacy-auth"),
    ("314", 43, "legacy-auth"),
    ("324", 10, "lowercase-section"),
    ("324", 13, "lowercase-section"),
    ("324", 13, "section-not-mapping"),
    ("331", 67, "legacy-auth"),
    ("332", 4, "placeholder"),
    ("332", 5, "placeholder"),
    ("343", 3, "legacy-auth"),
    ("350", 4, "placeholder"),
    ("350", 5, "placeholder"),
    ("350", 6, "placeholder"),
];

#[test]
fn every_error_on_a_real_file_has_been_looked_at() {
    let Some(folder) = corpus() else { return };
    let mut new = BTreeSet::new();
    for row in rows(&folder, "index.tsv") {
        for one in findings(&folder, &row[0], &[]).iter().filter(|one| one.level == Level::Error) {
            let line = one.span.as_ref().map_or(0, |span| span.line);
            if !LOOKED_AT.contains(&(number(&row[0]), line, one.rule)) {
                new.insert(format!("{}:{line} {}: {}", row[0], one.rule, one.message));
            }
        }
    }
    assert!(new.is_empty(), "{new:#?}");
}

/// Layered as their owner layers them, 2i2c's hubs are right: what a single layer lacks, another one has.
#[test]
fn whole_hubs_have_no_error() {
    let Some(folder) = corpus() else { return };
    for row in rows(&folder, "hubs.tsv") {
        let files: Vec<&str> = row[3].split(',').collect();
        let (config, base) = files.split_last().unwrap();
        let grave: Vec<String> = findings(&folder, config, base)
            .iter()
            .filter(|one| one.level != Level::Note && one.rule != "deprecated-option")
            .map(|one| format!("{}: {}", one.rule, one.message))
            .collect();
        assert!(grave.is_empty(), "{} {}: {grave:#?}", row[0], row[1]);
    }
}

/// What forms.md says looks like a mistake and is none.
#[test]
fn look_alikes_are_passed_over() {
    let Some(folder) = corpus() else { return };
    let silent = |file: &str, rule: &str| {
        let row = rows(&folder, "index.tsv").into_iter().find(|row| number(&row[0]) == file).unwrap();
        let found = findings(&folder, &row[0], &[]);
        assert!(!found.iter().any(|one| one.rule == rule && one.level != Level::Note), "{file}: {rule}");
    };
    // The class and its options are set in Python that is elsewhere, in an encrypted file, in another layer.
    for file in ["117", "225", "227", "237", "304", "323", "330", "331"] {
        silent(file, "nobody-allowed");
    }
    for file in ["225", "226", "227"] {
        silent(file, "unknown-class");
    }
    for row in rows(&folder, "index.tsv") {
        let found = findings(&folder, &row[0], &[]);
        let inactive = found.iter().any(|one| one.rule == "inactive-section" && one.level != Level::Note);
        assert!(!inactive, "{}", row[0]);
    }
}
