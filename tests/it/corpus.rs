//! Every shared real values file, alone and in its layers: read without a crash, and with the authenticator that runs.

use std::path::{Path, PathBuf};

use oauthctl::source::chart::{self, Layer};
use oauthctl::source::load::{Request, authenticator_class, load};
use oauthctl::source::yaml::{self, Flavour};
use oauthctl::source::{Entry, Env, Kind, Loaded, z2jh};
use oauthctl::value::Value;

/// The folder of real configurations, where it lies beside the checkout.
pub fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("OAUTHCTL_TEST_CORPUS").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the corpus of real configurations isn't beside this checkout (../shared/corpus)");
    None
}

fn read(folder: &Path, config: &str, base: &[&str]) -> Loaded {
    let request = Request {
        config: Some(config.into()),
        base: base.iter().map(PathBuf::from).collect(),
        folder: folder.to_owned(),
        ..Request::default()
    };
    load(&request).unwrap_or_else(|error| panic!("{config}: {error}"))
}

fn class(loaded: &Loaded) -> String {
    match authenticator_class(&loaded.config) {
        Some((Value::Class(class), _)) => class.name.clone(),
        Some((value, _)) => value.to_text(),
        None => "(none)".to_owned(),
    }
}

fn rows(folder: &Path, table: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(table)).expect(table);
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// What index.tsv lists for a file: sections, and classes as `name`, `Name(Base)` or `custom:name`.
fn listed(column: &str) -> Vec<String> {
    let bare = |name: &str| name.split('(').next().unwrap_or_default().trim().to_owned();
    column.split(';').map(bare).collect()
}

/// Files whose authenticator isn't in the file: no `authenticator_class` in it, or nothing of it can be read.
fn sets_a_class(folder: &Path, file: &str) -> bool {
    let text = std::fs::read_to_string(folder.join(file)).expect("listed");
    let sets = |line: &str| {
        let after = line.split("authenticator_class").nth(1).map(str::trim_start);
        let assigned = after.is_some_and(|after| after.starts_with(':') || after.starts_with("= "));
        assigned && !line.trim_start().starts_with('#')
    };
    text.lines().any(sets)
}

#[test]
fn every_file_alone_names_the_authenticator_that_runs() {
    let Some(folder) = corpus() else { return };
    let mut wrong = Vec::new();
    let mut checked = 0;
    for row in rows(&folder, "index.tsv") {
        let loaded = read(&folder, &row[0], &[]);
        let got = class(&loaded);
        // What isn't YAML before it is rendered can't be judged.
        if loaded.fatal.is_some() || loaded.diagnostics.iter().any(|finding| finding.rule == "template-not-rendered") {
            continue;
        }
        // It tries an import of the hub's image, and takes its class where that succeeds.
        if row[0].contains("asfopensarlab") {
            assert!(got.contains("whether generic_with_logout can be imported"), "{}: {got}", row[0]);
            continue;
        }
        checked += 1;
        let right = if sets_a_class(&folder, &row[0]) {
            listed(&row[3]).contains(&got)
        } else {
            // The chart's default runs; in a plain `jupyterhub_config.py`, JupyterHub's own.
            got == "dummy" || (loaded.kind == Kind::Python && got == "(none)") || loaded.kind == Kind::Tljh
        };
        if !right {
            wrong.push(format!("{}: {got}, listed {}", row[0], row[3]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 65, "only {checked} files could be judged");
}

#[test]
fn every_hub_in_its_layers_names_the_authenticator_that_runs() {
    let Some(folder) = corpus() else { return };
    let expected = [("dubois", "tmp"), ("earthscope", "generic-oauth"), ("nasa-cryo", "github"), ("victor", "cilogon")];
    for row in rows(&folder, "hubs.tsv") {
        let files: Vec<&str> = row[3].split(',').collect();
        let (top, base) = files.split_last().expect("a file");
        let loaded = read(&folder, top, base);
        assert!(loaded.fatal.is_none(), "{top}: {:?}", loaded.fatal);
        let (_, name) = expected.iter().find(|(cluster, _)| *cluster == row[0]).expect("a cluster named above");
        assert_eq!(class(&loaded), *name, "{} {}", row[0], row[1]);
        // Settings of the chart's own layer are there, and know their file.
        let section = loaded.config.section("Authenticator").expect("set by the chart");
        let file = |entry: &Entry| entry.origin.span().map(|span| span.file.to_string());
        assert!(section.entries().any(|(_, entry)| file(entry).is_some_and(|file| file.contains("204-2i2c"))), "{top}");
    }
}

/// mistakes.tsv gives the line of many settings.
#[test]
fn settings_stand_where_the_mistakes_were_found() {
    let Some(folder) = corpus() else { return };
    let mut checked = 0;
    for row in rows(&folder, "mistakes.tsv") {
        let Some((class, option)) = setting_in(&row[3]) else { continue };
        let loaded = read(&folder, &row[0], &[]);
        let Some(entry) = loaded.config.section(class).and_then(|section| section.entry(option)) else { continue };
        let Some(span) = entry.origin.span() else { continue };
        checked += 1;
        assert_eq!(span.line.to_string(), row[1], "{} {class}.{option}: {}", row[0], row[3]);
    }
    assert!(checked > 20, "only {checked} settings could be compared");
}

/// The first `Class.option` in a text.
fn setting_in(text: &str) -> Option<(&str, &str)> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').find_map(|word| {
        let (class, option) = word.split_once('.')?;
        let is_class = class.starts_with(|c: char| c.is_ascii_uppercase()) && class.ends_with("Authenticator");
        (is_class && option.starts_with(|c: char| c.is_ascii_lowercase())).then_some((class, option))
    })
}

/// Files cut off or with a line lost read without a crash, whatever comes out.
#[test]
fn damaged_files_are_no_crash() {
    let Some(folder) = corpus() else { return };
    for (index, row) in rows(&folder, "index.tsv").into_iter().enumerate() {
        let text = std::fs::read_to_string(folder.join(&row[0])).expect("listed");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for part in 1..5 {
            let at = (lines.len() * part / 5 + index) % lines.len().max(1);
            let half_line = lines[at].chars().count() / 2;
            let cut: String = lines[..at].concat() + &lines[at].chars().take(half_line).collect::<String>();
            let lost = lines[..at].concat() + &lines[(at + 1).min(lines.len())..].concat();
            for damaged in [cut, lost] {
                let Ok(parsed) = yaml::parse(&damaged, &"damaged.yaml".into(), Flavour::Helm) else { continue };
                let layer = Layer { label: "damaged.yaml".into(), documents: parsed.documents };
                if let Some(values) = chart::merge(vec![layer]) {
                    z2jh::evaluate(&values.root, Env::default());
                }
            }
        }
    }
}
