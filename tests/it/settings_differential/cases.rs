//! Cases: configurations made by dice, of all classes, with values right and wrong, deprecated names, classes of their
//! own and variables.

use oauthctl::settings::{self, ClassDef, Kind, OptionDef};
use oauthctl::value::{Callable, Dict, Set, Value};

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

/// A small generator of numbers (SplitMix64): the same cases in every run.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

pub struct Operation {
    pub path: Vec<String>,
    pub option: String,
    pub operation: &'static str,
    pub value: Value,
}

/// A class statement in the configuration.
pub struct Local {
    pub bases: Vec<String>,
    pub attributes: Vec<(String, Value)>,
    /// Option, value, and whether the method has the name that counts without a decorator.
    pub defaults: Vec<(String, Value, bool)>,
}

/// `Class.attribute = value`, by the class's path, and whether it stands before the class statement.
pub struct Patch {
    pub path: String,
    pub attribute: String,
    pub value: Value,
    pub before: bool,
}

pub struct Case {
    pub operations: Vec<Operation>,
    pub local: Option<Local>,
    pub patches: Vec<Patch>,
    pub env: Vec<(&'static str, &'static str)>,
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

pub fn value_for(dice: &mut Dice, option: &OptionDef) -> Value {
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

pub fn options_of(class: &ClassDef) -> Vec<&'static OptionDef> {
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

pub fn generate(dice: &mut Dice) -> Case {
    // What `MultiAuthenticator` makes of its list is for the login differential.
    let classes: Vec<_> = settings::classes().iter().filter(|class| class.name != settings::multi::NAME).collect();
    let class = **dice.pick(&classes);
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
