//! What the code keeps to, held by a test: who may import whom, and where the doors to the world are.

use std::fs;
use std::path::{Path, PathBuf};

use oauthctl::check;
use oauthctl::failure::codes;

/// The modules from the lowest to the highest; those in one line do not know each other's rank.
const RANKS: &[&[&str]] = &[
    &["span", "value", "pyurl", "pyregex"],
    &["secret", "json", "oauth1", "proxies"],
    &["diagnostic", "failure", "jwt", "sys"],
    &["http", "source", "demo"],
    &["crypt", "settings", "requests", "discovery"],
    &["authenticator", "write"],
    &["bridge", "check", "flow", "resolution", "refresh", "diagnosis", "scaffold", "online", "convert", "init"],
    &["report"],
    &["cmd"],
    &["cli"],
];

/// Imports that go upwards, each with the reason why it may.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("cmd", "cli", "completions and manual pages are made from the whole command tree"),
    ("json", "span", "places of keys"),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn module(path: &Path) -> String {
    let first = path.strip_prefix(root()).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|rank| rank.contains(&module))
}

/// The code of a file without comments and without its own tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn imported(code: &str) -> Vec<String> {
    let names = code.match_indices("crate::").map(|(at, found)| {
        let rest = &code[at + found.len()..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_').collect::<String>()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_import_downwards_only() {
    let mut wrong = Vec::new();
    for path in sources(&root()) {
        let own = module(&path);
        if ["lib", "main"].contains(&own.as_str()) {
            continue;
        }
        let Some(own_rank) = rank(&own) else {
            wrong.push(format!("{} has no rank", path.display()));
            continue;
        };
        for other in imported(&code(&path)) {
            let excepted = EXCEPTIONS.iter().any(|(from, to, _)| (*from, *to) == (own.as_str(), other.as_str()));
            match rank(&other) {
                Some(other_rank) if other_rank > own_rank && !excepted => {
                    wrong.push(format!("{} imports {other}", path.display()));
                }
                None => wrong.push(format!("{} imports {other}, which has no rank", path.display())),
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What may be called only in certain places: the pattern, where, and instead of what.
const DOORS: &[(&str, &[&str])] = &[
    ("std::env::var", &["sys", "main"]),
    ("std::env::vars", &["sys", "main"]),
    ("SystemTime::now", &["sys", "demo"]),
    ("Command::new", &["sys", "bridge"]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("process::exit", &["sys"]),
    ("reqwest::", &["http"]),
    ("todo!(", &[]),
    ("dbg!(", &[]),
];

#[test]
fn the_world_is_reached_through_its_doors() {
    let mut wrong = Vec::new();
    for path in sources(&root()) {
        let (own, code) = (module(&path), code(&path));
        if path.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        for (call, places) in DOORS {
            if code.contains(call) && !places.contains(&own.as_str()) {
                wrong.push(format!("{} calls {call}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_provider_is_named_outside_its_own_files() {
    let names = ["GitHub", "GitLab", "Bitbucket", "CILogon", "Globus", "OpenShift", "MediaWiki", "Auth0"];
    let mut wrong = Vec::new();
    for folder in ["flow", "resolution.rs", "refresh.rs", "report", "http.rs"] {
        let place = root().join(folder);
        let files = if place.is_dir() { sources(&place) } else { vec![place] };
        for path in files {
            let code = code(&path);
            wrong.extend(
                names.iter().filter(|name| code.contains(**name)).map(|name| format!("{}: {name}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What stands where a failure gets its code.
const MAKES_A_FAILURE: &[&str] = &["code: \"", "Finding::new(\"", "Finding::new( \"", "FlowError::new(\""];

#[test]
fn every_failure_has_a_page_and_every_page_a_failure() {
    let known = |id: &str| codes::find(id).is_some() || check::named(id).is_some();
    let mut unknown = Vec::new();
    let mut all = String::new();
    for path in sources(&root()) {
        let code = code(&path).split_whitespace().collect::<Vec<_>>().join(" ");
        for mark in MAKES_A_FAILURE {
            let ids = code.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
            unknown.extend(ids.filter(|id| !id.is_empty() && !known(id)).map(str::to_owned));
        }
        all += &code;
    }
    assert!(unknown.is_empty(), "without a page: {unknown:?}");
    let unused = codes::codes().iter().filter(|code| !all.contains(&format!("\"{}\"", code.id)));
    assert_eq!(unused.map(|code| code.id).collect::<Vec<_>>(), Vec::<&str>::new());
}
