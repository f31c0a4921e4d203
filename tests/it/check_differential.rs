//! The findings of `validate-config` against upstream: configurations made by dice, loaded by both.
//!
//! Whatever upstream can tell must be told alike: whether the hub starts, which options it does not know and what it
//! suggests instead, which names are deprecated, whether anybody comes in, and whom `blocked_users` blocks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use oauthctl::check::{Edit, NoDisk, apply, check, edits};
use oauthctl::diagnostic::{Diagnostic, Level};
use oauthctl::settings::{self, ClassDef};
use oauthctl::source::Env;
use oauthctl::source::load::{Request, load};
use oauthctl::value::{Dict, Set, Value};
use serde_json::{Value as Json, json};

use crate::settings_differential::cases::{Dice, options_of, value_for};
use crate::support::{Worker, scratch, upstream_python};

const CASES: u64 = 80;
const ALL: u64 = 3000;

/// Options that say who may come in, with what they are mostly set to.
const ALLOW: &[&str] = &[
    "allow_all",
    "allow_existing_users",
    "allowed_users",
    "admin_users",
    "allowed_groups",
    "admin_groups",
    "manage_groups",
    "blocked_users",
    "any_allow_config",
    "whitelist",
    "allowed_organizations",
    "allowed_gitlab_groups",
    "allowed_project_ids",
    "allowed_teams",
    "allowed_google_groups",
    "admin_google_groups",
    "hosted_domain",
    "allowed_globus_groups",
    "admin_globus_groups",
    "idps",
    "username_map",
    "username_pattern",
    "enable_auth_state",
    "allowed_scopes",
    "scope",
];

/// One option set in one section.
struct Line {
    section: String,
    option: String,
    value: Value,
}

struct Case {
    name: &'static str,
    text: String,
    env: BTreeMap<&'static str, &'static str>,
}

fn names(dice: &mut Dice) -> Value {
    let all = ["ann", "Bob", "c", "dora", "Eve X", "f/g", "ann@example.org", ""];
    let count = dice.below(3);
    let reach = 4 + dice.below(5);
    let some: Vec<Value> = (0..count).map(|_| Value::str(all[dice.below(reach)])).collect();
    if dice.one_in(3) { Value::List(some) } else { Value::Set(Set::of(some).unwrap()) }
}

fn by_domain(dice: &mut Dice) -> Value {
    let mut dict = Dict::new();
    for domain in ["example.org", "x.edu"].into_iter().take(dice.below(3)) {
        let groups = if dice.one_in(4) { Vec::new() } else { vec![Value::str("staff")] };
        dict.insert(domain, Value::Set(Set::of(groups).unwrap()));
    }
    Value::Dict(dict)
}

fn allow_value(dice: &mut Dice, class: &ClassDef, option: &str) -> Value {
    match option {
        "allow_all" | "allow_existing_users" => Value::Bool(dice.one_in(2)),
        "manage_groups" => Value::Bool(!dice.one_in(4)),
        "any_allow_config" | "enable_auth_state" => Value::Bool(dice.one_in(2)),
        "allowed_users" | "admin_users" | "blocked_users" | "whitelist" => names(dice),
        "allowed_google_groups" | "admin_google_groups" => by_domain(dice),
        "username_map" => Value::dict([("Ann", Value::str("anna")), ("bob", Value::str("robert"))]),
        "username_pattern" => Value::str(*dice.pick(&["", "[a-z]+$", "^[^/]+$", "["])),
        "allowed_project_ids" => Value::List(if dice.one_in(2) { vec![Value::int(7)] } else { Vec::new() }),
        "allowed_scopes" | "scope" => Value::List(vec![Value::str(*dice.pick(&["openid", "email"]))]),
        name => match options_of(class).into_iter().find(|def| def.name == name) {
            Some(def) if dice.one_in(3) || name == "idps" => value_for(dice, def),
            _ => Value::Set(Set::of([Value::str("staff")]).unwrap()),
        },
    }
}

/// A name with a slip of the keyboard in it.
fn misspelt(dice: &mut Dice, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = dice.below(letters.len() - 1);
    match dice.below(6) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 => letters.swap(at, at + 1),
        3 => letters.push('s'),
        4 => letters[at] = 'q',
        _ => return ["userdata_method", "client", "callback_url", "zzz", "manage_state"][dice.below(5)].to_owned(),
    }
    letters.into_iter().collect()
}

fn section_for(dice: &mut Dice, class: &ClassDef) -> String {
    match dice.below(6) {
        0 => "Authenticator".into(),
        1 => (*dice.pick(class.bases)).into(),
        _ => class.name.into(),
    }
}

fn lines(dice: &mut Dice, class: &ClassDef) -> Vec<Line> {
    let mut lines = Vec::new();
    let own: Vec<&str> =
        ALLOW.iter().copied().filter(|name| options_of(class).iter().any(|option| option.name == *name)).collect();
    for _ in 0..dice.below(5) {
        let option = *dice.pick(&own);
        lines.push(Line {
            section: section_for(dice, class),
            option: option.into(),
            value: allow_value(dice, class, option),
        });
    }
    if class.name.ends_with("CILogonOAuthenticator") && !dice.one_in(5) {
        let section = class.name.into();
        lines.push(Line { section, option: "idps".into(), value: allow_value(dice, class, "idps") });
    }
    let options = options_of(class);
    for _ in 0..dice.below(4) {
        let option = *dice.pick(&options);
        let (name, value) = match dice.below(3) {
            0 => (misspelt(dice, option.name), Value::str("x")),
            _ => (option.name.to_owned(), value_for(dice, option)),
        };
        lines.push(Line { section: section_for(dice, class), option: name, value });
    }
    let patterns = ["", "[a-z]+$", "^[^/]+$", "["];
    let shuts_out = |line: &Line| {
        line.option == "username_pattern" && !line.value.as_str().is_some_and(|text| patterns.contains(&text))
    };
    lines.retain(|line| source(&line.value).is_some() && !shuts_out(line));
    lines
}

/// The value as Python's source has it.
fn source(value: &Value) -> Option<String> {
    let plain = |value: &Value| !matches!(value, Value::Callable(_) | Value::Class(_) | Value::Unknown(_));
    let whole = match value {
        Value::Dict(dict) => dict.iter().all(|(key, value)| plain(key) && source(value).is_some()),
        Value::List(items) | Value::Tuple(items) => items.iter().all(|item| source(item).is_some()),
        value => plain(value),
    };
    whole.then(|| value.repr())
}

/// The value as a JSON file has it; lists stand for sets.
fn document(value: &Value) -> Option<Json> {
    Some(match value {
        Value::None => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(_) | Value::Float(_) => serde_json::from_str(&value.repr()).ok()?,
        Value::Str(text) => json!(text),
        Value::List(items) => items.iter().map(document).collect::<Option<Vec<_>>>()?.into(),
        Value::Set(set) => set.iter().map(document).collect::<Option<Vec<_>>>()?.into(),
        Value::Dict(dict) => {
            let pairs = dict.iter().map(|(key, value)| Some((key.as_str()?.to_owned(), document(value)?)));
            Json::Object(pairs.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn as_json(lines: &[Line]) -> Option<String> {
    let mut root = serde_json::Map::new();
    for line in lines {
        let section = root.entry(line.section.clone()).or_insert_with(|| json!({}));
        section[&line.option] = document(&line.value)?;
    }
    Some(serde_json::to_string_pretty(&root).unwrap())
}

fn as_python(lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "c.{}.{} = {}", line.section, line.option, source(&line.value).unwrap());
        text
    })
}

/// Configurations with names of old in them.
fn generate_old(dice: &mut Dice) -> Case {
    let classes: Vec<&ClassDef> = settings::classes()
        .iter()
        .copied()
        .filter(|class| class.is_oauthenticator() && !class.entry_points.is_empty())
        .collect();
    let class = *dice.pick(&classes);
    let old: Vec<_> = options_of(class).into_iter().filter(|option| option.replaced_by.is_some()).collect();
    let value = Value::str(class.entry_points[0]);
    let mut lines = vec![Line { section: "JupyterHub".into(), option: "authenticator_class".into(), value }];
    for _ in 0..1 + dice.below(4) {
        let option = *dice.pick(&old);
        let section = section_for(dice, class);
        lines.push(Line { section, option: option.name.into(), value: value_for(dice, option) });
        if dice.one_in(3) {
            let new = option.replaced_by.unwrap_or_default();
            let Some(def) = options_of(class).into_iter().find(|def| def.name == new) else { continue };
            lines.push(Line { section: section_for(dice, class), option: new.into(), value: value_for(dice, def) });
        }
    }
    if dice.one_in(3) {
        lines.push(Line { section: "JupyterHub".into(), option: "admin_users".into(), value: names(dice) });
    }
    if dice.one_in(2) {
        let option = *dice.pick(&["admin_users", "allowed_users", "username_map"]);
        let value = allow_value(dice, class, option);
        lines.push(Line { section: section_for(dice, class), option: option.into(), value });
    }
    lines.retain(|line| source(&line.value).is_some());
    match as_json(&lines).filter(|_| dice.one_in(3)) {
        Some(text) => Case { name: "jupyterhub_config.json", text, env: BTreeMap::new() },
        None => Case { name: "jupyterhub_config.py", text: as_python(&lines), env: BTreeMap::new() },
    }
}

fn generate(dice: &mut Dice) -> Case {
    let classes: Vec<&ClassDef> = settings::classes()
        .iter()
        .copied()
        .filter(|class| class.is_oauthenticator() && !class.entry_points.is_empty())
        .collect();
    let class = *dice.pick(&classes);
    let mut lines = lines(dice, class);
    let chosen = Line {
        section: "JupyterHub".into(),
        option: "authenticator_class".into(),
        value: Value::str(class.entry_points[0]),
    };
    lines.insert(0, chosen);
    let mut env = BTreeMap::new();
    if dice.one_in(3) {
        let keys = ["00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "short"];
        env.insert("JUPYTERHUB_CRYPT_KEY", *dice.pick(&keys));
    }
    if dice.one_in(4) {
        env.insert("AUTH0_DOMAIN", "tenant.auth0.com");
    }
    match as_json(&lines).filter(|_| dice.one_in(3)) {
        Some(text) => Case { name: "jupyterhub_config.json", text, env },
        None => Case { name: "jupyterhub_config.py", text: as_python(&lines), env },
    }
}

fn ours(folder: &Path, case: &Case) -> Vec<Diagnostic> {
    let path = folder.join(case.name);
    std::fs::write(&path, &case.text).unwrap();
    let env = Env::new(case.env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut request = Request { config: Some(path.clone()), folder: folder.to_owned(), env, ..Request::default() };
    request.env.of_the_hub = true;
    let found = check(&load(&request).unwrap(), &NoDisk).findings;
    std::fs::remove_file(path).unwrap();
    found
}

/// The text after `--fix`, or with `unsafe` edits too.
fn fixed(folder: &Path, case: &Case, unsafe_too: bool) -> String {
    let mut text = case.text.clone();
    for _ in 0..8 {
        let path = folder.join(case.name);
        std::fs::write(&path, &text).unwrap();
        let env = Env::new(case.env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request = Request { config: Some(path.clone()), folder: folder.to_owned(), env, ..Request::default() };
        let loaded = load(&request).unwrap();
        let found = check(&loaded, &NoDisk).findings;
        let wanted: Vec<Edit> = edits(&found, &loaded).into_iter().filter(|edit| edit.safe || unsafe_too).collect();
        std::fs::remove_file(path).unwrap();
        let next = apply(&text, &wanted);
        if next == text {
            return text;
        }
        text = next;
    }
    panic!("fixing never ends: {}", case.text)
}

fn refuses(found: &Diagnostic) -> bool {
    found.rule == "crypt-key-missing" || found.level == Level::Error && found.message.contains("the hub does not start")
}

/// The option in the words in which upstream calls it deprecated.
fn deprecated_in(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(" is deprecated ")?;
    (rest.starts_with("in ") || rest.starts_with("since ")).then(|| name.rsplit('.').next().unwrap_or(name))
}

fn disagreements(found: &[Diagnostic], upstream: &Json) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differ = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            wrong.push(format!("{what}\n    ours   {ours}\n    theirs {theirs}"));
        }
    };
    let refused = !upstream["exception"].is_null();
    differ("refuses to start", found.iter().any(refuses).to_string(), refused.to_string());
    if refused {
        return wrong;
    }
    let log: Vec<&str> = upstream["log"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let unknown = found.iter().filter(|one| one.rule == "unknown-option").flat_map(|one| &one.notes);
    let unknown: BTreeSet<&str> = unknown.filter_map(|note| note.strip_prefix("the hub logs: ")).collect();
    let theirs: BTreeSet<&str> = log.iter().copied().filter(|line| line.starts_with("Config option ")).collect();
    differ("unknown options", format!("{unknown:#?}"), format!("{theirs:#?}"));
    let deprecated = found.iter().filter(|one| ["deprecated-option"].contains(&one.rule));
    let deprecated: BTreeSet<&str> = deprecated.filter_map(|one| one.setting.as_deref()?.rsplit('.').next()).collect();
    let theirs: BTreeSet<&str> = log.iter().filter_map(|line| deprecated_in(line)).collect();
    // Some old names are copied, or read no more, without a word in the log.
    let missing: Vec<_> = theirs.difference(&deprecated).collect();
    differ("deprecated names", format!("{missing:?}"), "[]".into());
    let enter: BTreeSet<&str> = upstream["enter"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    if upstream["blocked"] == json!([]) {
        let nobody = found.iter().any(|one| one.rule == "nobody-allowed" && one.level == Level::Error);
        differ("nobody comes in", nobody.to_string(), enter.is_empty().to_string());
    }
    let open = found.iter().any(|one| one.rule == "anybody-allowed");
    if open {
        differ("everybody comes in", "true".into(), enter.contains("zzstranger").to_string());
    }
    let idle = found.iter().any(|one| one.rule == "uppercase-blocked-user");
    let normal = upstream["normal"].as_object().into_iter().flatten();
    let blocks_nobody = normal.into_iter().any(|(name, normal)| normal != name);
    differ("a blocked name that blocks nobody", idle.to_string(), blocks_nobody.to_string());
    wrong
}

#[test]
fn findings_are_what_upstream_does() {
    let Some(python) = upstream_python() else { return };
    let folder = scratch("check-differential");
    let mut worker = Worker::start(&python, "check_worker.py", &[]);
    let count = if std::env::var_os("OAUTHCTL_CASES").is_some() { ALL } else { CASES };
    let (mut refused, mut nobody, mut fine, mut wrong) = (0, 0, 0, Vec::new());
    for number in 0..count {
        let case = generate(&mut Dice(number));
        let question = json!({"name": case.name, "text": case.text, "env": case.env});
        let upstream: Json = serde_json::from_str(&worker.ask(&question.to_string())).unwrap();
        match (upstream["exception"].is_null(), upstream["enter"] == json!([])) {
            (false, _) => refused += 1,
            (true, true) => nobody += 1,
            (true, false) => fine += 1,
        }
        let found = ours(&folder, &case);
        let problems = disagreements(&found, &upstream);
        if !problems.is_empty() {
            let shown: Vec<String> =
                found.iter().map(|one| format!("{} {}: {}", one.level.name(), one.rule, one.message)).collect();
            wrong.push(format!(
                "case {number}: {}\n{}\n  {}\n{shown:#?}\n{upstream}",
                json!(case.env),
                case.text,
                problems.join("\n  ")
            ));
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    assert!(wrong.is_empty(), "{} of {count} disagree\n{}", wrong.len(), wrong[..wrong.len().min(8)].join("\n\n"));
    // All three must be there in numbers, or the comparison says little.
    assert!(refused * 8 > count && nobody * 20 > count && fine * 8 > count, "{refused} {nobody} {fine} of {count}");
}

/// What the hub has in hand after a fix that is called safe is what it had before, and a second run changes nothing.
#[test]
fn safe_fixes_change_nothing_for_upstream() {
    let Some(python) = upstream_python() else { return };
    let folder = scratch("check-fixes");
    let mut worker = Worker::start(&python, "check_worker.py", &[]);
    let count = if std::env::var_os("OAUTHCTL_CASES").is_some() { ALL / 3 } else { CASES };
    let (mut changed, mut wrong) = (0, Vec::new());
    for number in 0..count {
        let case = generate_old(&mut Dice(number));
        // This much holds for the others as well: they come to an end.
        fixed(&folder, &case, true);
        let text = fixed(&folder, &case, false);
        if text == case.text {
            continue;
        }
        changed += 1;
        assert_eq!(text.lines().count(), case.text.lines().count(), "layout");
        let mut ask = |text: &str| -> Json {
            let question = json!({"name": case.name, "text": text, "env": case.env});
            let mut answer: Json = serde_json::from_str(&worker.ask(&question.to_string())).unwrap();
            // The log tells of the old names, and messages quote them.
            answer["log"] = Json::Null;
            answer["before"] = Json::Null;
            // A hub that does not start with several faults may name another one first.
            if !answer["exception"].is_null() {
                answer = json!("refused");
            }
            answer
        };
        let (before, after) = (ask(&case.text), ask(&text));
        if before != after {
            wrong.push(format!("case {number}\n{}\n{text}\nbefore {before}\nafter  {after}", case.text));
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    assert!(wrong.is_empty(), "{} of {changed} differ\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n\n"));
    assert!(changed * 6 > count, "{changed} of {count}");
}
