//! The static reader against traitlets' own loader, over generated configuration files.
//!
//! `tests/upstream/reader.py` writes the files, loads each with `PyFileConfigLoader` and prints what came out; here
//! the reader follows the same files. Every setting must be equal or said to be unknown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use oauthctl::source::python::{DiskFiles, Files, Interpreter, Source};
use oauthctl::source::{Config, Env, Lazy, Written};
use oauthctl::value::Value;
use serde_json::Value as Json;

use super::support;

const CASES: usize = 600;
const SEED: usize = 1;

/// This machine is the hub's: what is not here is not there.
struct Here;

impl Files for Here {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        DiskFiles.read(path)
    }

    fn exists(&self, path: &Path) -> Option<bool> {
        Some(path.exists())
    }
}

#[derive(Default)]
struct Tally {
    settings: usize,
    unknown: usize,
    reasons: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

#[test]
fn the_reader_agrees_with_upstreams_loader() {
    let Some(python) = support::upstream_python() else { return };
    let root = support::scratch("reader");
    let count = std::env::var("OAUTHCTL_READER_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let seed = std::env::var("OAUTHCTL_READER_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(SEED);
    let output = support::command(python)
        .arg(support::root("tests/upstream/reader.py"))
        .args([root.as_os_str(), count.to_string().as_ref(), seed.to_string().as_ref()])
        .output()
        .expect("the Python with upstream runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Json = serde_json::from_slice(&output.stdout).unwrap();
    let env: Vec<(String, String)> = document["environment"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let mut tally = Tally::default();
    for case in document["cases"].as_array().unwrap() {
        check(case, &env, &mut tally);
    }
    let share = 100.0 * tally.unknown as f64 / tally.settings as f64;
    println!(
        "{count} files, {} settings: {} agree, {} unknown ({share:.1} %), {} disagree",
        tally.settings,
        tally.settings - tally.unknown - tally.wrong.len(),
        tally.unknown,
        tally.wrong.len()
    );
    for (reason, count) in &tally.reasons {
        println!("  unknown {count} times: {reason}");
    }
    assert!(tally.wrong.is_empty(), "{} disagreements:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert!(share < 5.0, "{share:.1} % of the settings are unknown");
}

fn check(case: &Json, env: &[(String, String)], tally: &mut Tally) {
    let folder = Path::new(case["folder"].as_str().unwrap());
    let path = folder.join("jupyterhub_config.py");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut interpreter = Interpreter::new(Env::new(env.iter().cloned()), &Here);
    let result = interpreter.run(Source::file(&text, "jupyterhub_config.py", &path));
    let mut wrong = |what: String| tally.wrong.push(format!("{}: {what}", path.display()));
    match (case["error"].as_str(), result) {
        (Some("SystemExit"), Err(diagnostic)) if diagnostic.rule == "config-exits" => {}
        (Some("SyntaxError"), Err(diagnostic)) if diagnostic.rule == "syntax-error" => {}
        (Some(error), Err(diagnostic)) if diagnostic.message.contains(error) => {}
        (Some(error), result) => {
            let unsure = interpreter.diagnostics.iter().any(|d| d.rule == "config-may-raise")
                || find_unknown(&interpreter.config);
            match result {
                // An unknown on the way may be what raises.
                Ok(()) if unsure => {}
                Ok(()) => wrong(format!("upstream raises {error} ({}), the reader goes on", case["message"])),
                Err(d) => wrong(format!("upstream raises {error}, the reader says {:?} {:?}", d.message, d.span)),
            }
        }
        (None, Err(diagnostic)) => wrong(format!("the reader ends: {:?} {:?}", diagnostic.message, diagnostic.span)),
        (None, Ok(())) => compare(case, &interpreter.config, &path, tally),
    }
}

fn compare(case: &Json, config: &Config, path: &Path, tally: &mut Tally) {
    let mut ours = BTreeMap::new();
    collect(config, "", &mut ours);
    let theirs = case["settings"].as_object().unwrap();
    for (name, expected) in theirs {
        tally.settings += 1;
        let Some(expected) = expected.as_str() else {
            tally.unknown += 1;
            continue;
        };
        match ours.get(name) {
            Some(Ok(text)) if text == expected => {}
            Some(Ok(text)) => {
                tally.wrong.push(format!("{}: {name}: upstream {expected}, ours {text}", path.display()));
            }
            Some(Err(reason)) => {
                tally.unknown += 1;
                *tally.reasons.entry(reason.clone()).or_default() += 1;
            }
            None => tally.wrong.push(format!("{}: {name}: upstream {expected}, ours unset", path.display())),
        }
    }
    for (name, value) in ours.iter().filter(|(name, _)| !theirs.contains_key(*name)) {
        match value {
            Ok(text) => tally.wrong.push(format!("{}: {name}: unset upstream, ours {text}", path.display())),
            Err(_) => {
                tally.settings += 1;
                tally.unknown += 1;
            }
        }
    }
}

fn find_unknown(config: &Config) -> bool {
    let mut ours = BTreeMap::new();
    collect(config, "", &mut ours);
    ours.values().any(Result::is_err)
}

/// Settings by their dotted names, spelled as the script spells them, or the reason why they are unknown.
fn collect(config: &Config, prefix: &str, found: &mut BTreeMap<String, Result<String, String>>) {
    for (name, entry) in config.entries() {
        let text = match &entry.written {
            Written::Plain(value) => spell(value),
            Written::Lazy(lazy) => spell_lazy(lazy),
        };
        found.insert(format!("{prefix}{name}"), text);
    }
    for (name, section) in config.sections() {
        collect(section, &format!("{prefix}{name}."), found);
    }
}

fn spell_lazy(lazy: &Lazy) -> Result<String, String> {
    let mut parts = Vec::new();
    let full = |value: &&Value| value.truth() != Some(false);
    if let Some(update) = lazy.update.as_ref().filter(full) {
        parts.push(format!("update={}", spell(update)?));
    }
    for (name, items) in [("extend", &lazy.extend), ("prepend", &lazy.prepend)] {
        if !items.is_empty() {
            parts.push(format!("{name}={}", spell(&Value::List(items.clone()))?));
        }
    }
    if !lazy.inserts.is_empty() {
        let inserts = lazy.inserts.iter().map(|(at, value)| Value::Tuple(vec![Value::int(*at), value.clone()]));
        parts.push(format!("inserts={}", spell(&Value::List(inserts.collect()))?));
    }
    Ok(format!("lazy({})", parts.join(", ")))
}

fn spell(value: &Value) -> Result<String, String> {
    let all = |items: &mut dyn Iterator<Item = &Value>| items.map(spell).collect::<Result<Vec<String>, String>>();
    Ok(match value {
        Value::Str(text) => json_text(text),
        Value::Bytes(bytes) => {
            let mut hex = String::new();
            bytes.iter().for_each(|byte| {
                let _ = write!(hex, "{byte:02x}");
            });
            format!("bytes({hex})")
        }
        Value::List(items) => format!("[{}]", all(&mut items.iter())?.join(", ")),
        Value::Tuple(items) => format!("({})", all(&mut items.iter())?.join(", ")),
        Value::Set(set) => {
            let mut items = all(&mut set.iter())?;
            items.sort();
            format!("{{{}}}", items.join(", "))
        }
        Value::Dict(dict) => {
            let pairs: Result<Vec<String>, String> =
                dict.iter().map(|(key, value)| Ok(format!("{}: {}", spell(key)?, spell(value)?))).collect();
            format!("{{{}}}", pairs?.join(", "))
        }
        Value::Callable(callable) => format!("callable({})", callable.name),
        Value::Class(class) => format!("class({})", class.name),
        Value::Unknown(unknown) => return Err(unknown.reason.clone()),
        plain => plain.repr(),
    })
}

/// `json.dumps` of a text: ASCII only.
fn json_text(text: &str) -> String {
    let mut out = String::new();
    for c in serde_json::to_string(text).unwrap().chars() {
        match c {
            c if c.is_ascii() && c != '\u{7f}' => out.push(c),
            '\u{7f}' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}
