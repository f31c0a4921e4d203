//! `settings::resolve` against upstream: generated configurations, environments and classes, right and wrong.
//!
//! The worker makes a real `JupyterHub` and its authenticator of each; both sides must agree on every option's value,
//! on whether the hub starts and on what it raises and logs. One worker runs per environment at import.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use oauthctl::settings::{self, ClassDef, Kind, OptionDef, Resolution};
use oauthctl::source::{ClassAttribute, Config, Entry, Env, Kind as SourceKind, Lazy, Loaded, Written};
use oauthctl::span::{Origin, Span};
use oauthctl::value::{Callable, Class, Dict, Method, Set, Value};
use serde_json::{Value as Json, json};

const CASES_PER_ENVIRONMENT: u64 = 200;

/// Variables that upstream reads when it is imported.
const AT_IMPORT: [&[(&str, &str)]; 3] = [
    &[],
    &[
        ("OAUTH_CALLBACK_URL", "https://hub.example/hub/oauth_callback"),
        ("OAUTH2_USERNAME_KEY", "sub"),
        ("OAUTH2_BASIC_AUTH", "TRUE"),
        ("OAUTH2_GROUPS_KEY", "roles"),
        ("CILOGON_HOST", "test.cilogon.org"),
        ("GITHUB_HOST", "github.example"),
        ("GITHUB_HTTP", "1"),
        ("OAUTH_TLS_VERIFY", "0"),
        ("OAUTH2_USERDATA_URL", "https://idp.example/userinfo"),
        ("HOSTED_DOMAIN", "One.example;;two.example"),
    ],
    &[
        ("OAUTH_CALLBACK_URL", ""),
        ("OAUTH2_USERDATA_REQUEST_TYPE", "url"),
        ("OAUTH2_BASIC_AUTH", "yes"),
        ("CILOGON_HOST", ""),
        ("OPENSHIFT_URL", "https://api.cluster.example"),
        ("MW_INDEX_URL", "https://wiki.example/index.php"),
        ("GITLAB_HOST", "gitlab.example"),
        ("OAUTH_CLIENT_ID", "general"),
        ("AUTH0_SUBDOMAIN", "tenant"),
        ("GITHUB_URL", "github.corp/"),
    ],
];

/// Variables that the hub reads when it makes its authenticator.
const LATER: [(&str, &[&str]); 10] = [
    ("OAUTH_CLIENT_ID", &["id", ""]),
    ("OAUTH_CLIENT_SECRET", &["secret"]),
    ("GITHUB_CLIENT_ID", &["github-id", ""]),
    ("OAUTH2_TOKEN_URL", &["https://idp.example/token"]),
    ("OAUTH_TLS_VERIFY", &["0", "1", "false"]),
    ("LOGIN_SERVICE", &["Log in here"]),
    ("AUTH0_DOMAIN", &["tenant.auth0.com"]),
    ("AAD_TENANT_ID", &["tenant"]),
    ("GITLAB_API_VERSION", &["5", ""]),
    ("OAUTH2_USERNAME_KEY", &["too-late"]),
];

struct Worker {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

/// Python with upstream in it.
fn python() -> PathBuf {
    let venv = std::env::var_os("OAUTHCTL_TEST_VENV").map_or_else(|| "target/upstream-venv".into(), PathBuf::from);
    venv.join("bin/python")
}

impl Worker {
    fn start(environment: &[(&str, &str)]) -> Worker {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut child = Command::new(python())
            .arg("tests/upstream/settings_worker.py")
            .env_clear()
            .env("PATH", path)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("upstream's Python starts");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Worker { child, answers }
    }

    fn ask(&mut self, question: &Json) -> Json {
        let input = self.child.stdin.as_mut().expect("piped");
        writeln!(input, "{question}").expect("the worker reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the worker answers");
        let mut answer = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {question}"));
        sort_sets(&mut answer);
        answer
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn sort_sets(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(sort_sets),
        Json::Object(fields) => {
            fields.values_mut().for_each(sort_sets);
            if let Some(Json::Array(items)) = fields.get_mut("set") {
                items.sort_by_key(Json::to_string);
            }
        }
        _ => {}
    }
}

fn encode(value: &Value) -> Json {
    let all = |items: &mut dyn Iterator<Item = &Value>| items.map(encode).collect::<Vec<_>>();
    match value {
        Value::None => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::Float(_) => json!({"float": value.repr()}),
        Value::Str(text) => json!(text),
        Value::Bytes(bytes) => json!({ "bytes": bytes }),
        Value::List(items) => json!({"list": all(&mut items.iter())}),
        Value::Tuple(items) => json!({"tuple": all(&mut items.iter())}),
        Value::Set(set) => {
            let mut items = json!({"set": all(&mut set.iter())});
            sort_sets(&mut items);
            items
        }
        Value::Dict(dict) => {
            json!({"dict": dict.iter().map(|(key, value)| [encode(key), encode(value)]).collect::<Vec<_>>()})
        }
        Value::Callable(callable) => json!({"callable": callable.name}),
        Value::Class(class) => json!({"class": class.name}),
        Value::Unknown(unknown) => json!({"unknown": unknown.reason}),
    }
}

/// A small generator of numbers (SplitMix64): the same cases in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

struct Operation {
    path: Vec<String>,
    option: String,
    operation: &'static str,
    value: Value,
}

/// A class statement in the configuration.
struct Local {
    bases: Vec<String>,
    attributes: Vec<(String, Value)>,
    /// Option, value, and whether the method has the name that counts without a decorator.
    defaults: Vec<(String, Value, bool)>,
}

/// `Class.attribute = value`, by the class's path, and whether it stands before the class statement.
struct Patch {
    path: String,
    attribute: String,
    value: Value,
    before: bool,
}

struct Case {
    operations: Vec<Operation>,
    local: Option<Local>,
    patches: Vec<Patch>,
    env: Vec<(&'static str, &'static str)>,
}

fn texts(items: &[&str]) -> Vec<Value> {
    items.iter().map(|item| Value::str(*item)).collect()
}

fn callable(name: &str) -> Value {
    Value::Callable(Callable { name: name.into(), source: name.into(), span: None })
}

/// A function like no other, so that two are never equal by accident.
fn hook(dice: &mut Dice) -> Value {
    callable(&format!("hook{}", dice.next()))
}

const WORDS: [&str; 9] = ["", "alice", "b", "https://x.example/y", "openid", "email", "staff", "Ünal", "user:info"];

fn word(dice: &mut Dice) -> Value {
    Value::str(*dice.pick(&WORDS))
}

fn words(dice: &mut Dice) -> Vec<Value> {
    (0..dice.below(4)).map(|_| word(dice)).collect()
}

/// A value that fits the kind, in one of the forms it may be written in.
fn fitting(dice: &mut Dice, kind: Kind) -> Value {
    match kind {
        Kind::Any if dice.one_in(2) => hook(dice),
        Kind::Any => word(dice),
        Kind::Bool => [Value::Bool(true), Value::Bool(false), Value::int(1), Value::int(0)][dice.below(4)].clone(),
        Kind::Int => [Value::int(0), Value::int(60), Value::Float(4e3), Value::Bool(true)][dice.below(4)].clone(),
        Kind::Float => Value::Float(0.5),
        Kind::Unicode if dice.one_in(12) => Value::Bytes(b"bytes".to_vec()),
        Kind::Unicode | Kind::CUnicode => word(dice),
        Kind::Callable => hook(dice),
        Kind::List(_) | Kind::Command => match dice.below(3) {
            0 => word(dice),
            1 => Value::Tuple(words(dice)),
            _ => Value::List(words(dice)),
        },
        Kind::Set(_) => match dice.below(4) {
            0 => word(dice),
            1 => Value::Tuple(words(dice)),
            2 => Value::List(words(dice)),
            _ => Value::Set(Set::of(words(dice)).unwrap()),
        },
        Kind::Dict { value, .. } => {
            let pairs = (0..dice.below(3)).map(|n| (format!("k{n}"), Value::Set(Set::new())));
            let mut dict: Dict = pairs.collect();
            let keys: Vec<Value> = dict.keys().cloned().collect();
            for key in keys {
                let element = match value {
                    Kind::Set(_) => Value::List(words(dice)),
                    Kind::List(_) => Value::List(words(dice)),
                    _ => word(dice),
                };
                dict.insert_value(key, element).unwrap();
            }
            Value::Dict(dict)
        }
        Kind::Union(kinds) => {
            let kind = *dice.pick(kinds);
            fitting(dice, kind)
        }
    }
}

/// Anything; often wrong.
fn anything(dice: &mut Dice) -> Value {
    match dice.below(14) {
        0 => Value::None,
        1 => Value::int(2),
        2 => Value::Float(0.5),
        3 => Value::str("true"),
        4 => Value::List(vec![Value::str("a"), Value::int(3)]),
        5 => Value::Set(Set::of([Value::str("one")]).unwrap()),
        6 => Value::Dict(Dict::new()),
        7 => Value::dict([("k", Value::int(1))]),
        8 => Value::List(vec![Value::List(vec![])]),
        9 => hook(dice),
        10 => Value::Tuple(vec![]),
        11 => Value::Bytes(vec![0xff]),
        12 => Value::Set(Set::of([Value::int(7)]).unwrap()),
        _ => Value::Bool(true),
    }
}

fn idps(dice: &mut Dice) -> Value {
    let derivation = |pairs: &[(&str, &str)]| Value::dict(pairs.iter().map(|(key, value)| (*key, Value::str(*value))));
    let good = derivation(&[("username_claim", "email")]);
    let with = |name: &str, value: Value| Value::dict([("username_derivation", good.clone()), (name, value)]);
    let idp = match dice.below(18) {
        14 => Value::dict([("username_derivation", derivation(&[("action", "x")])), ("o", Value::None)]),
        15 => Value::dict([("username_derivation", Value::dict([("action", Value::int(3)), ("q", Value::None)]))]),
        16 => Value::dict([("username_derivation", Value::str("x")), ("default", Value::str("y"))]),
        17 => Value::dict([
            ("username_derivation", good.clone()),
            ("default", Value::str("x")),
            ("allow_all", Value::int(1)),
            ("allowed_domains", Value::List(vec![Value::int(1)])),
        ]),
        0 => Value::dict([("default", Value::Bool(true))]),
        1 => Value::dict([("username_derivation", derivation(&[("action", "prefix")]))]),
        2 => Value::dict([("username_derivation", derivation(&[("username_claim", "e"), ("action", "strip")]))]),
        3 => Value::dict([("username_derivation", derivation(&[("username_claim", "e"), ("action", "prefix")]))]),
        4 => Value::dict([(
            "username_derivation",
            derivation(&[("username_claim", "e"), ("action", "strip_idp_domain"), ("domain", "x.edu")]),
        )]),
        5 => with("allowed_domains", Value::List(texts(&["A.edu", "*.B.edu"]))),
        6 => with("allow_all", Value::str("yes")),
        7 => with("other", Value::None),
        8 => Value::str("email"),
        9 => with("allowed_domains", Value::List(vec![Value::int(1)])),
        10 => Value::dict([("username_derivation", Value::str("email"))]),
        _ => with("allowed_domains_claim", Value::str("hd")),
    };
    let entity = *dice.pick(&["https://idp.example/shibboleth", "urn:mace:x", "uni.edu", "http://y"]);
    let mut idps = Dict::new();
    if dice.below(12) > 0 {
        idps.insert("https://first.example", Value::dict([("username_derivation", good.clone())]));
        idps.insert(entity, idp);
    }
    Value::Dict(idps)
}

fn value_for(dice: &mut Dice, option: &OptionDef) -> Value {
    if dice.one_in(30) {
        return anything(dice);
    }
    match option.name {
        "manage_groups" => Value::Bool(dice.below(5) > 0),
        "idps" | "allowed_idps" => idps(dice),
        "scope" => Value::List(texts(&["openid", "email", "staff"])),
        "allowed_scopes" => Value::List(texts(&["email", "openid", "profile"][..1 + dice.below(3)])),
        "username_pattern" => Value::str(*dice.pick(&["", "[a-z]+", "(?P<x>a)(?P=x)", "[", "a**", "(?i)b"])),
        "hosted_domain" => Value::List(texts(&["One.EDU", "two.edu", "three"][..dice.below(4)])),
        "user_password" => {
            Value::str(*dice.pick(&["", "short", "long enough", "an admin's password, long enough for all"]))
        }
        "admin_password" => Value::str(*dice.pick(&["", "too short", "an admin's password, long enough for all"])),
        _ => fitting(dice, option.kind),
    }
}

fn options_of(class: &ClassDef) -> Vec<&'static OptionDef> {
    let bases = class.bases.iter().filter_map(|name| settings::class(name));
    let defs = settings::class(class.name).into_iter().chain(bases);
    defs.flat_map(|def| def.options).collect()
}

fn path_for(dice: &mut Dice, class: &ClassDef) -> Vec<String> {
    let section = match dice.below(6) {
        0..=2 => class.name,
        3 => "Authenticator",
        _ => class.bases.get(dice.below(class.bases.len())).copied().unwrap_or(class.name),
    };
    match dice.below(10) {
        0 => vec!["JupyterHub".into(), section.into()],
        _ => vec![section.into()],
    }
}

/// Groups of options that mean something together.
const TOGETHER: [&[&str]; 7] = [
    &["username_key", "username_claim"],
    &["tls_verify", "validate_server_cert", "validate_cert"],
    &["claim_groups_key", "auth_state_groups_key", "manage_groups"],
    &["userdata_url", "userdata_from_id_token", "allowed_groups"],
    &["whitelist", "allowed_users", "allow_existing_users"],
    &["scope", "allowed_scopes"],
    &["extra_params", "token_params", "admin_groups"],
];

fn generate(dice: &mut Dice) -> Case {
    let classes = settings::classes();
    let class = *dice.pick(classes);
    let short = class.entry_points.first().copied();
    let name = match (dice.below(8), short) {
        (0, _) => {
            (*dice.pick(&["generic", "", "oauthenticator.GenericOAuthenticator", "oauthenticator.github.Nobody"]))
                .into()
        }
        (1..=4, Some(short)) => short.to_uppercase(),
        _ => format!("{}.{}", class.module, class.name),
    };
    let hub = || vec!["JupyterHub".to_owned()];
    let mut operations = vec![Operation {
        path: hub(),
        option: "authenticator_class".into(),
        operation: "set",
        value: if dice.one_in(60) { anything(dice) } else { Value::Str(name) },
    }];
    let options = options_of(class);
    let mut wanted: Vec<&OptionDef> = (0..dice.below(6)).map(|_| *dice.pick(&options)).collect();
    if dice.one_in(2) {
        let together = *dice.pick(&TOGETHER);
        wanted.extend(options.iter().copied().filter(|option| together.contains(&option.name)));
    }
    if dice.one_in(3) {
        let own = class.options.iter().collect::<Vec<_>>();
        wanted.extend((0..dice.below(4)).filter_map(|_| own.get(dice.below(own.len())).copied()));
    }
    for option in wanted {
        operations.push(operation_for(dice, class, option));
    }
    if dice.one_in(3) {
        let option = *dice.pick(&[
            "username_clam",
            "allowed_user",
            "scopes",
            "callback_url",
            "client",
            "zzz",
            "_x",
            "log_level",
        ]);
        let path = path_for(dice, class);
        operations.push(Operation { path, option: option.into(), operation: "set", value: Value::str("x") });
    }
    if dice.one_in(6) {
        let (option, value) = match dice.below(5) {
            0 => ("base_url", Value::str("jupyter")),
            1 => ("admin_users", Value::str("root")),
            2 => ("admin_users", Value::int(1)),
            3 => ("authentication_class", Value::str("github")),
            _ => ("base_url", Value::None),
        };
        operations.push(Operation { path: hub(), option: option.into(), operation: "set", value });
    }
    let local = dice.one_in(4).then(|| local_for(dice, class));
    if local.is_some() && dice.one_in(2) {
        let option = *dice.pick(&options);
        let operation = operation_for(dice, class, option);
        operations.push(Operation { path: vec!["Mine".into()], ..operation });
    }
    let patches = match dice.below(8) {
        0 => vec![patch_for(dice, class)],
        _ => Vec::new(),
    };
    let mut env = Vec::new();
    for (name, values) in LATER {
        if dice.one_in(6) {
            env.push((name, *dice.pick(values)));
        }
    }
    Case { operations, local, patches, env }
}

fn path_of(class: &ClassDef) -> String {
    format!("{}.{}", class.module, class.name)
}

fn local_for(dice: &mut Dice, class: &ClassDef) -> Local {
    let mut bases = vec![path_of(class)];
    if !class.bases.contains(&"LocalAuthenticator") && class.name != "LocalAuthenticator" && dice.one_in(4) {
        let mixin = "jupyterhub.auth.LocalAuthenticator".to_owned();
        // An Authenticator itself must stand behind what derives from it.
        bases.insert(0, mixin);
    }
    let options = options_of(class);
    let mut attributes = Vec::new();
    if dice.one_in(3) {
        let option = *dice.pick(&options);
        attributes.push((option.name.to_owned(), value_for(dice, option)));
    }
    if dice.one_in(4) && class.is_oauthenticator() {
        let (name, value) = *dice.pick(&[("user_auth_state_key", "mine"), ("client_id_env", "GITHUB_CLIENT_ID")]);
        attributes.push((name.to_owned(), Value::str(value)));
    }
    let mut defaults = Vec::new();
    for _ in 0..dice.below(3) {
        let option = *dice.pick(&options);
        if !defaults.iter().any(|(name, ..): &(String, Value, bool)| name == option.name) {
            defaults.push((option.name.to_owned(), value_for(dice, option), dice.one_in(2)));
        }
    }
    Local { bases, attributes, defaults }
}

fn patch_for(dice: &mut Dice, class: &ClassDef) -> Patch {
    let base = class.bases.get(dice.below(class.bases.len() + 1)).and_then(|name| settings::class(name));
    let option = *dice.pick(&options_of(class));
    let (attribute, value) = (option.name.to_owned(), value_for(dice, option));
    Patch { path: path_of(base.unwrap_or(class)), attribute, value, before: dice.one_in(2) }
}

fn operation_for(dice: &mut Dice, class: &ClassDef, option: &OptionDef) -> Operation {
    let (path, name) = (path_for(dice, class), option.name.to_owned());
    let lazy = dice.one_in(7);
    let (operation, value) = match option.kind {
        Kind::List(_) if lazy => match dice.below(3) {
            0 => ("append", word(dice)),
            1 => ("extend", Value::List(words(dice))),
            _ => ("prepend", Value::List(words(dice))),
        },
        Kind::Set(_) if lazy => match dice.below(2) {
            0 => ("add", word(dice)),
            _ => ("update", Value::Set(Set::of(words(dice)).unwrap())),
        },
        Kind::Dict { .. } if lazy && !["idps", "allowed_idps"].contains(&option.name) => {
            ("update", fitting(dice, option.kind))
        }
        _ => ("set", value_for(dice, option)),
    };
    Operation { path, option: name, operation, value }
}

fn section<'a>(config: &'a mut Config, path: &[String]) -> &'a mut Config {
    path.iter().fold(config, |config, name| config.section_mut(name))
}

/// The case without what the tree cannot take: an operation on a value that stands there already changes that value in
/// Python, which is the static reader's business.
fn without_mutations(case: &mut Case) {
    let mut set: Vec<(Vec<String>, String)> = Vec::new();
    case.operations.retain(|operation| {
        let key = (operation.path.clone(), operation.option.clone());
        let keep = operation.operation == "set" || !set.contains(&key);
        if operation.operation == "set" {
            set.push(key);
        }
        keep
    });
}

fn load(case: &Case, at_import: &[(&str, &str)]) -> Loaded {
    let mut config = Config::new();
    let file: Arc<str> = "case".into();
    for (line, operation) in case.operations.iter().enumerate() {
        let origin = Origin::File(Span::point(&file, line + 1, 1));
        let qualified = format!("{}.{}", operation.path.join("."), operation.option);
        let section = section(&mut config, &operation.path);
        if operation.operation == "set" {
            section.set(&qualified, &operation.option, Entry::plain(operation.value.clone(), origin));
            continue;
        }
        let mut lazy = match section.entry(&operation.option).map(|entry| &entry.written) {
            Some(Written::Lazy(lazy)) => lazy.clone(),
            _ => Lazy::default(),
        };
        let items = || operation.value.iterate().unwrap();
        match operation.operation {
            "append" => lazy.extend.push(operation.value.clone()),
            "extend" => lazy.extend.extend(items()),
            "prepend" => lazy.prepend.splice(0..0, items()).for_each(drop),
            "add" => drop(lazy.update_with(&Value::Set(Set::of([operation.value.clone()]).unwrap()))),
            _ => drop(lazy.update_with(&operation.value)),
        }
        let entry = Entry { written: Written::Lazy(lazy), origin, shadowed: Vec::new() };
        section.set(&qualified, &operation.option, entry);
    }
    const CLASS_LINE: usize = 1000;
    let at = |line| Span::point(&file, line, 1);
    if let Some(local) = &case.local {
        let class = Value::Class(Box::new(local_class(local, &at(CLASS_LINE))));
        let entry = Entry::plain(class, Origin::File(at(CLASS_LINE + 10)));
        config.section_mut("JupyterHub").set("JupyterHub.authenticator_class", "authenticator_class", entry);
    }
    let class_attributes = case
        .patches
        .iter()
        .map(|patch| ClassAttribute {
            class: patch.path.rsplit('.').next().unwrap_or_default().to_owned(),
            attribute: patch.attribute.clone(),
            value: patch.value.clone(),
            span: at(if patch.before { CLASS_LINE - 1 } else { CLASS_LINE + 1 }),
        })
        .collect();
    let pairs =
        |list: &[(&str, &str)]| list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
    let env_at_import = Env::new(pairs(at_import));
    let mut env = env_at_import.clone();
    for (name, value) in &case.env {
        env.set(*name, Value::str(*value), None);
    }
    Loaded {
        path: None,
        kind: SourceKind::Python,
        config,
        env_at_import,
        env,
        class_attributes,
        texts: Vec::new(),
        diagnostics: Vec::new(),
        fatal: None,
    }
}

fn local_class(local: &Local, span: &Span) -> Class {
    let class = |name: &str| Class {
        name: name.to_owned(),
        import: None,
        bases: Vec::new(),
        attributes: Vec::new(),
        methods: Vec::new(),
        span: Some(span.clone()),
    };
    let base = |path: &String| {
        let name = path.rsplit('.').next().unwrap_or_default();
        Value::Class(Box::new(Class { import: Some(path.clone()), ..class(name) }))
    };
    let method = |(option, value, magic): &(String, Value, bool)| Method {
        name: if *magic { format!("_{option}_default") } else { format!("_make_{option}") },
        default_of: (!magic).then(|| option.clone()),
        returns: Some(value.clone()),
        source: String::new(),
        span: span.clone(),
    };
    Class {
        bases: local.bases.iter().map(base).collect(),
        attributes: local.attributes.iter().map(|(name, value)| (name.clone(), value.clone(), span.clone())).collect(),
        methods: local.defaults.iter().map(method).collect(),
        ..class("Mine")
    }
}

fn question(case: &Case) -> Json {
    let operations: Vec<Json> = case
        .operations
        .iter()
        .map(|operation| json!([operation.path, operation.option, operation.operation, encode(&operation.value)]))
        .collect();
    let local = case.local.as_ref().map(|local| {
        json!({
            "name": "Mine",
            "bases": local.bases,
            "attributes": local.attributes.iter().map(|(name, value)| json!([name, encode(value)])).collect::<Vec<_>>(),
            "defaults": local.defaults.iter().map(|(name, value, magic)| json!([name, encode(value), magic])).collect::<Vec<_>>(),
        })
    });
    let patches: Vec<Json> = case
        .patches
        .iter()
        .map(|patch| json!([patch.path, patch.attribute, encode(&patch.value), patch.before]))
        .collect();
    let env: BTreeMap<_, _> = case.env.iter().copied().collect();
    json!({"operations": operations, "local": local, "patches": patches, "env": env})
}

/// Addresses of objects, and the notes that Python's `re` and ours word differently.
fn comparable(exception: &str, message: &str) -> String {
    let mut message = message.to_owned();
    while let Some(at) = message.find("0x") {
        let end =
            message[at + 2..].find(|c: char| !c.is_ascii_hexdigit() && c != '…').map_or(message.len(), |n| at + 2 + n);
        message.replace_range(at..end, "<address>");
    }
    match exception {
        "error" => "re.compile refuses the pattern".into(),
        "TypeError" if message.starts_with("sequence item") => "sequence item".into(),
        _ => message,
    }
}

fn disagreements(ours: &Resolution, hub: &settings::HubOptions, upstream: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let exception = upstream["exception"].as_str();
    if upstream["message"].as_str().is_some_and(|message| message.starts_with("dictionary update sequence")) {
        // `.add` on a dictionary that stands in a lower section: `Lazy::apply` keeps the dictionary, and says so.
        return found;
    }
    match (&ours.fatal, exception) {
        (None, None) => {}
        (Some(fatal), Some(exception)) => {
            let ours = (fatal.exception, comparable(fatal.exception, &fatal.message));
            let theirs = (exception, comparable(exception, upstream["message"].as_str().unwrap_or_default()));
            if ours != theirs {
                found.push(format!("exception\n    ours   {ours:?}\n    theirs {theirs:?}"));
            }
        }
        (ours, theirs) => found.push(format!("fatal\n    ours   {ours:?}\n    theirs {theirs:?} {upstream}")),
    }
    if hub.fatal.is_none() && hub.class.is_ok() {
        let ours: Vec<&str> = ours.log.iter().map(|line| line.message.as_str()).collect();
        let theirs: Vec<&str> = upstream["log"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        if ours != theirs {
            found.push(format!("log\n    ours   {ours:?}\n    theirs {theirs:?}"));
        }
    }
    if exception.is_some() {
        return found;
    }
    for (name, value) in [("base_url", &hub.base_url), ("admin_users", &hub.admin_users)] {
        if encode(value) != upstream[name] {
            found.push(format!("JupyterHub.{name}\n    ours   {}\n    theirs {}", encode(value), upstream[name]));
        }
    }
    let Some(settings) = &ours.settings else {
        found.push("no settings".into());
        return found;
    };
    if upstream["class"] != json!(settings.class().name) {
        found.push(format!("class\n    ours   {}\n    theirs {}", settings.class().name, upstream["class"]));
    }
    for (name, theirs) in upstream["values"].as_object().into_iter().flatten() {
        let Some(setting) = settings.get(name) else {
            found.push(format!("{name} is missing"));
            continue;
        };
        let ours = match &setting.raises {
            Some(fatal) => json!({"exception": fatal.exception, "message": fatal.message}),
            None => encode(&setting.value),
        };
        let asks_the_cluster = theirs["exception"].is_string() && ours.get("unknown").is_some();
        let is_wrapped =
            name == "auth_state_groups_key" && ours.get("callable").is_some() && theirs["callable"] == "<lambda>";
        // Upstream's validator of idps changes the dictionaries that allowed_idps shares with it.
        let is_shared = name == "allowed_idps";
        if ours != *theirs && !asks_the_cluster && !is_wrapped && !is_shared {
            found.push(format!("{name}\n    ours   {ours}\n    theirs {theirs}"));
        }
    }
    found
}

#[test]
fn settings_are_those_of_upstream() {
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..AT_IMPORT.len()).map(|index| scope.spawn(move || compare_in(index))).collect();
        running.into_iter().map(|thread| thread.join().expect("the comparison runs")).collect()
    });
    let problems: Vec<&str> = tallies.iter().flat_map(|tally| &tally.problems).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} disagreements\n{}", problems.len(), problems[..problems.len().min(12)].join("\n"));
    // Both kinds must be there in numbers, or the comparison says little.
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let (fatal, fine) = (sum(|tally| tally.fatal), sum(|tally| tally.fine));
    assert!(fatal > fine / 10 && fine > fatal, "{fatal} fatal, {fine} fine");
}

#[derive(Default)]
struct Tally {
    fatal: u64,
    fine: u64,
    problems: Vec<String>,
}

fn compare_in(environment: usize) -> Tally {
    let at_import = AT_IMPORT[environment];
    let mut worker = Worker::start(at_import);
    let mut tally = Tally::default();
    for number in 0..cases() {
        let mut case = generate(&mut Dice(number * 3 + environment as u64));
        without_mutations(&mut case);
        let question = question(&case);
        let answer = worker.ask(&question);
        let loaded = load(&case, at_import);
        let ours = settings::resolve(&loaded);
        let found = disagreements(&ours, &settings::jupyterhub_options(&loaded), &answer);
        match answer["exception"].is_string() {
            true => tally.fatal += 1,
            false => tally.fine += 1,
        }
        if !found.is_empty() {
            let found = found.join("\n  ");
            tally.problems.push(format!("environment {environment}, case {number}: {question}\n  {found}"));
        }
    }
    tally
}

/// How many cases to try in each environment; more by `OAUTHCTL_TEST_CASES`.
fn cases() -> u64 {
    std::env::var("OAUTHCTL_TEST_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(CASES_PER_ENVIRONMENT)
}

fn kind_json(kind: Kind) -> Json {
    match kind {
        Kind::List(inside) => json!({"List": kind_json(*inside)}),
        Kind::Set(inside) => json!({"Set": kind_json(*inside)}),
        Kind::Dict { key, value } => json!({"Dict": [kind_json(*key), kind_json(*value)]}),
        Kind::Union(kinds) => json!({"union": kinds.iter().map(|kind| kind_json(*kind)).collect::<Vec<_>>()}),
        simple => json!(simple.name()),
    }
}

fn class_json(class: &ClassDef) -> Json {
    let env = Env::default();
    let options: BTreeMap<&str, Json> = class
        .options
        .iter()
        .map(|option| {
            let default = encode(&option.declared_value(&env));
            let facts = json!({"kind": kind_json(option.kind), "default": default, "allow_none": option.allow_none});
            (option.name, facts)
        })
        .collect();
    let observers: BTreeMap<&str, &str> = class
        .observers
        .iter()
        .flat_map(|observer| observer.options.iter().map(|option| (*option, observer.method)))
        .collect();
    let attributes: BTreeMap<&str, Json> = class
        .attributes
        .iter()
        .filter(|(name, _)| *name != "login_service")
        .map(|(name, value)| match value {
            settings::Plain::Text(text) => (*name, json!(text)),
            settings::Plain::Bool(truth) => (*name, json!(truth)),
        })
        .collect();
    json!({
        "module": class.module,
        "bases": class.bases,
        "options": options,
        "defaults": class.defaults.iter().map(|def| (def.option, def.method)).collect::<BTreeMap<_, _>>(),
        "validators": class.validators.iter().map(|def| (def.option, def.method)).collect::<BTreeMap<_, _>>(),
        "observers": observers,
        "aliases": class.aliases.iter().map(|alias| (alias.old, json!([alias.new, alias.since, alias.same]))).collect::<BTreeMap<_, _>>(),
        "attributes": attributes,
    })
}

#[test]
fn the_class_tables_are_those_of_upstream() {
    let upstream = Worker::start(&[]).ask(&json!({"tables": true}));
    let theirs = upstream["classes"].as_object().unwrap();
    let mut names: Vec<&str> = settings::classes().iter().map(|class| class.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        theirs.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    for class in settings::classes() {
        let (ours, theirs) = (class_json(class), &theirs[class.name]);
        for part in ["module", "bases", "defaults", "validators", "observers", "aliases", "attributes"] {
            assert_eq!(ours[part], theirs[part], "{part} of {}", class.name);
        }
        let options =
            |json: &Json| json["options"].as_object().unwrap().clone().into_iter().collect::<BTreeMap<_, _>>();
        let (ours, theirs) = (options(&ours), options(theirs));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{}", class.name);
        for (name, facts) in &ours {
            assert_eq!(facts, &theirs[name], "{}.{name}", class.name);
        }
    }
    for (short, name) in upstream["entry_points"].as_object().unwrap() {
        assert_eq!(settings::classes::entry_point(short).map(|class| class.name), name.as_str(), "{short}");
    }
    let exposed: Vec<&str> = upstream["exposed"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let modules: Vec<&str> =
        exposed.iter().filter_map(|path| path.rsplit_once('.')).map(|(module, _)| module).collect();
    for module in modules {
        for class in settings::classes() {
            let path = format!("{module}.{}", class.name);
            let ours = settings::classes::in_module(module, class.name).is_some();
            assert_eq!(ours, exposed.contains(&path.as_str()), "{path}");
        }
    }
    assert_eq!(upstream["hub"], json!(settings::classes::HUB_OPTIONS));
    assert_eq!(upstream["hub_sections"], json!(settings::HUB_SECTIONS));
}

#[test]
fn every_default_and_deprecated_name_is_explained() {
    for class in settings::classes() {
        for option in class.options {
            assert!(option.help.len() > 10 && !option.help.ends_with('.'), "{}.{}", class.name, option.name);
        }
        for alias in class.aliases {
            let option = class.own_option(alias.old).unwrap();
            assert!(option.replaced_by.is_some(), "{}.{}", class.name, alias.old);
        }
    }
}
