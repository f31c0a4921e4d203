//! The reader, level by level. Expected values are what CPython with traitlets' loader gives.

use std::path::Path;

use super::*;
use crate::diagnostic::Level;
use crate::source::Written;

/// Files in memory. What is not among them may be on the hub, but for what lies under `/absent`.
struct Memory(&'static [(&'static str, &'static str)]);

impl Files for Memory {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &Path) -> Option<bool> {
        if path.starts_with("/absent") {
            return Some(false);
        }
        self.0.iter().any(|(name, _)| Path::new(name).starts_with(path)).then_some(true)
    }
}

const FILES: Memory = Memory(&[
    ("/srv/userlist", "ann admin\nbob\n"),
    ("/srv/data.json", r#"{"users": ["x", "y"]}"#),
    ("/srv/sub.py", "c.A.x = 'sub'\nc.B.y = 1\n"),
    ("/srv/helper.py", "NAME = 'n'\ndef url(p):\n    return 'https://h/' + p\n"),
]);

fn read(text: &str) -> Interpreter<'static> {
    let env = Env::new([("HOST".to_owned(), "hub.example".to_owned()), ("EMPTY".to_owned(), String::new())]);
    let mut interpreter = Interpreter::new(env, &FILES);
    if let Err(diagnostic) = interpreter.run(Source::file(text, "t.py", "/srv/t.py")) {
        interpreter.diagnostics.push(diagnostic);
    }
    interpreter
}

fn value(interpreter: &Interpreter<'_>, section: &str, option: &str) -> String {
    match interpreter.config.section(section).and_then(|section| section.entry(option)) {
        None => "unset".to_owned(),
        Some(entry) => match &entry.written {
            Written::Plain(Value::Unknown(unknown)) => format!("unknown: {}", unknown.reason),
            Written::Plain(value) => value.repr(),
            Written::Lazy(lazy) => format!("{lazy:?}"),
        },
    }
}

/// The value of `c.A.x` after the text, or what ended it.
fn x(text: &str) -> String {
    let interpreter = read(text);
    match interpreter.diagnostics.iter().find(|finding| finding.level == Level::Error) {
        Some(fatal) => format!("{}: {}", fatal.rule, fatal.message),
        None => value(&interpreter, "A", "x"),
    }
}

/// Sample lines of each level of operators' habits, each with what it comes to.
const LEVELS: &[(&str, &[(&str, &str)])] = &[
    (
        "L0 literals",
        &[
            ("c.A.x = 'a' \"b\"", "'ab'"),
            ("c.A.x = [1, 2.5, None, True, (1,), {'k': {2}}]", "[1, 2.5, None, True, (1,), {'k': {2}}]"),
            ("c['A']['x'] = -1", "-1"),
            ("c.A.x = 1; c.A.x = 0x1f", "31"),
        ],
    ),
    (
        "L1 imported classes",
        &[
            (
                "from oauthenticator.generic import GenericOAuthenticator as G\nc.A.x = G",
                "<class GenericOAuthenticator>",
            ),
            (
                "import oauthenticator\nc.A.x = oauthenticator.github.GitHubOAuthenticator",
                "<class GitHubOAuthenticator>",
            ),
        ],
    ),
    (
        "L2 the environment",
        &[
            ("import os\nc.A.x = os.environ['HOST']", "'hub.example'"),
            ("from os import environ as e\nc.A.x = e['NOT']", "unknown: environment variable NOT is not set here"),
        ],
    ),
    (
        "L3 defaults",
        &[
            ("import os\nc.A.x = os.environ.get('NOT', 'd')", "'d'"),
            ("import os\nc.A.x = os.getenv('EMPTY') or 'd'", "'d'"),
            ("import os\nc.A.x = 'a' if 'HOST' in os.environ else 'b'", "'a'"),
        ],
    ),
    (
        "L4 types and methods",
        &[
            ("c.A.x = set('a, b'.split(', '))", "{'a', 'b'}"),
            ("c.A.x = dict(a=1) | {'b': int('2')}", "{'a': 1, 'b': 2}"),
            ("c.A.x = ' X '.strip().lower()", "'x'"),
        ],
    ),
    (
        "L5 variables and formats",
        &[
            ("h = 'h'\nc.A.x = f'https://{h}/{1:03d}'", "'https://h/001'"),
            ("c.A.x = '%s:%d' % ('a', 2)", "'a:2'"),
            ("c.A.x = '{0}{k!r}'.format(1, k='v')", "\"1'v'\""),
            ("import os\nc.A.x = os.path.join(os.path.dirname(__file__), 'f')", "'/srv/f'"),
            ("c.B.y = 'v'\nc.A.x = c.B.y + '!'", "'v!'"),
        ],
    ),
    (
        "L6 subclasses and callables",
        &[
            ("class My(object): pass\nc.A.x = My", "<class My>"),
            ("c.A.x = lambda self: 1", "<function <lambda>>"),
            ("def hook(spawner):\n    return 1\nc.A.x = hook", "<function hook>"),
        ],
    ),
    (
        "L7 conditions and exceptions",
        &[
            ("import os\nif os.environ['HOST'] == 'no':\n    c.A.x = 1\nelse:\n    c.A.x = 2", "2"),
            ("try:\n    c.A.x = int('n')\nexcept ValueError:\n    c.A.x = 0", "0"),
            ("import os\ntry:\n    c.A.x = os.environ['NOT']\nexcept KeyError:\n    c.A.x = 'd'", "'d'"),
        ],
    ),
    (
        "L8 user lists",
        &[
            (
                "c.A.x = w = set()\nwith open('userlist') as f:\n    for line in f:\n        w.add(line.split()[0])",
                "{'ann', 'bob'}",
            ),
            ("import json\nc.A.x = json.load(open('/srv/data.json'))['users']", "['x', 'y']"),
        ],
    ),
    (
        "L9 sections, and what files set elsewhere",
        &[
            ("import os\nos.environ['N'] = 'v'\nc.A.x = os.environ['N']", "'v'"),
            ("c.A.update({'x': 1})", "1"),
            ("from traitlets.config import Config\nc.A = Config({'x': 2})", "2"),
        ],
    ),
    (
        "L10 subconfigs, modules beside the file",
        &[("load_subconfig('sub.py')", "'sub'"), ("import helper\nc.A.x = helper.url(helper.NAME)", "'https://h/n'")],
    ),
];

#[test]
fn each_level_is_understood() {
    for (level, samples) in LEVELS {
        let resolved = samples.iter().filter(|(text, expected)| {
            let found = x(text);
            assert_eq!(found, *expected, "{level}: {text}");
            !found.starts_with("unknown: ") || found.contains("environment variable")
        });
        println!("{level}: {} of {} settings resolved", resolved.count(), samples.len());
    }
}

#[test]
fn aliases_are_one_object() {
    assert_eq!(x("c.A.x = w = set()\nw.add('a')"), "{'a'}");
    assert_eq!(x("a = b = []\nc.A.x = a\nb += [1]"), "[1]");
    assert_eq!(x("def f(l): l.append(1)\nl = []\nc.A.x = l\nf(l)"), "[1]");
}

#[test]
fn branches_on_the_unknown_are_joined() {
    let head = "import os\nu = os.environ['NOT']\n";
    let both = format!("{head}if u:\n    c.A.x = 1\nelse:\n    c.A.x = 1");
    assert_eq!(x(&both), "1");
    for body in [
        "if u:\n    c.A.x = 1\nelse:\n    c.A.x = 2",
        "if u:\n    c.A.x = 1",
        "c.A.x = 0\nif u == 'a':\n    c.A.x = 1",
        "c.A.x = s = set()\nif u:\n    s.add('a')",
        "c.A.x = s = []\nfor n in u:\n    s.append(n)",
        "c.A.x = s = []\nwhile u:\n    s.append(1)\n    break",
        "def f():\n    if u:\n        return 1\n    return 2\nc.A.x = f()",
        "c.A.x = 1 if u else 2",
        "c.A.x = u or 'd'",
        "c.A.x = 'a'\ntry:\n    c.A.x = int(u)\nexcept ValueError:\n    c.A.x = 'b'",
        "import foreign\nc.A.x = l = ['a']\nforeign.change(l)",
        "c.A.x = l = ['a']\nu.sort(l)",
        "c.A.x = f'{u}/x'",
        "match u:\n    case 'a':\n        c.A.x = 1\n    case _:\n        c.A.x = 2",
        "n = 1\ndef f():\n    global n\n    if u:\n        n = 2\nf()\nc.A.x = n",
    ] {
        let found = x(&format!("{head}{body}"));
        assert!(found.starts_with("unknown: "), "{body}: {found}");
    }
}

#[test]
fn an_unknown_says_why_and_where() {
    let interpreter = read("import os\nif os.environ['NOT']:\n    c.A.x = 1\n");
    let entry = interpreter.config.section("A").unwrap().entry("x").unwrap();
    let Written::Plain(Value::Unknown(unknown)) = &entry.written else { panic!("{entry:?}") };
    assert_eq!(unknown.reason, "it depends on the condition at line 2, and environment variable NOT is not set here");
    assert_eq!(unknown.span.as_ref().map(|span| span.line), Some(2));
    assert_eq!(entry.origin.span().map(|span| (span.line, span.column)), Some((3, 5)));
    assert_eq!(interpreter.diagnostics[0].rule, "environment-variable-missing");
}

#[test]
fn settings_know_their_place_and_what_they_shadow() {
    let interpreter = read("c.A.x = 1\n\nc.B.y = c.A.x = (\n    2)\n");
    let entry = interpreter.config.section("A").unwrap().entry("x").unwrap();
    let span = entry.origin.span().unwrap();
    assert_eq!((span.line, span.column, span.end_line, span.end_column), (3, 9, 4, 7));
    assert_eq!(entry.shadowed[0].value, Some(Value::int(1)));
    assert_eq!(entry.shadowed[0].name, "A.x");
}

#[test]
fn snippets_share_their_names_and_stand_in_their_file() {
    let mut interpreter = Interpreter::new(Env::default(), &FILES);
    interpreter.set_z2jh_values(Value::dict([("custom", Value::dict([("a", Value::str("v"))]))]));
    let snippet = |text, first_line| Source {
        text,
        label: "values.yaml".into(),
        path: None,
        folder: "/srv".into(),
        first_line,
        first_column: 9,
    };
    interpreter.run(snippet("names = ['a']\nc.A.x = names", 10)).unwrap();
    interpreter.run(snippet("names.append(get_config('custom.a', 'd'))", 20)).unwrap();
    assert_eq!(value(&interpreter, "A", "x"), "['a', 'v']");
    let entry = interpreter.config.section("A").unwrap().entry("x").unwrap();
    assert_eq!(entry.origin.span().map(|span| (span.line, span.column)), Some((11, 9)));
}

#[test]
fn what_ends_the_hub_ends_the_reading() {
    assert_eq!(x("c.A.x = 1\nimport sys\nsys.exit(1)"), "config-exits: the configuration ends the hub here");
    assert!(x("raise RuntimeError('no')").starts_with("config-raises: the hub ends here: RuntimeError: no"));
    assert!(x("c.A.x = nope").contains("NameError: name 'nope' is not defined"));
    assert!(x("c.A = {'x': 1}").contains("ValueError: values whose keys begin with an uppercase char"));
    assert!(x("c.A.x = (1").starts_with("syntax-error: "));
    assert!(x("return 1").starts_with("syntax-error: 'return' outside function"));
    assert!(x("open('/absent/f')").contains("FileNotFoundError"));
}

#[test]
fn classes_keep_what_they_define() {
    let interpreter = read(
        "from oauthenticator.generic import GenericOAuthenticator\nfrom traitlets import default\n\
         class My(GenericOAuthenticator):\n    login_service = 'L'\n    @default('scope')\n    def _scope(self):\n        \
         return ['openid']\n    async def authenticate(self, handler):\n        return await x()\n\
         My.extra = 1\nGenericOAuthenticator.patched = 2\nc.A.x = My\n",
    );
    let entry = interpreter.config.section("A").unwrap().entry("x").unwrap();
    let Some(Value::Class(class)) = entry.value() else { panic!("{entry:?}") };
    let attributes: Vec<&str> = class.attributes.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(attributes, ["login_service", "extra"]);
    assert_eq!(class.methods[0].default_of.as_deref(), Some("scope"));
    assert_eq!(class.methods[0].returns, Some(Value::List(vec![Value::str("openid")])));
    assert_eq!(class.methods[1].returns, None);
    let Value::Class(base) = &class.bases[0] else { panic!("{class:?}") };
    assert_eq!(base.import.as_deref(), Some("oauthenticator.generic.GenericOAuthenticator"));
    assert_eq!(interpreter.class_attributes[0].attribute, "patched");
}

#[test]
fn the_imported_get_config_is_another_one() {
    let interpreter =
        read("from traitlets.config import get_config\nc = get_config()\nc.JupyterHub.port = 1\nc.A.x = 2\n");
    assert_eq!(interpreter.diagnostics[0].rule, "config-ignored");
    assert_eq!(value(&interpreter, "JupyterHub", "port"), "unset");
    assert_eq!(value(&interpreter, "A", "x"), "2");
}

#[test]
fn a_missing_variable_does_not_end_the_hub() {
    let text = "import os, sys\ntry:\n    c.A.x = os.environ['NOT']\nexcept KeyError:\n    sys.exit(1)\n";
    let interpreter = read(text);
    assert_eq!(value(&interpreter, "A", "x"), "unknown: environment variable NOT is not set here");
    assert!(interpreter.diagnostics.iter().any(|finding| finding.rule == "config-may-raise"));
}

#[test]
fn hostile_files_neither_hang_nor_crash() {
    let nested = format!("c.A.x = {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    let lists = format!("c.A.x = {}{}", "[".repeat(5_000), "]".repeat(5_000));
    let chain = format!("c.A.x = {}1", "1+".repeat(50_000));
    let nots = format!("c.A.x = {}1", "not ".repeat(50_000));
    let lambdas = format!("c.A.x = {}1", "lambda a, b: ".repeat(50_000));
    let calls = format!("c.A.x = f{}", "()".repeat(50_000));
    let dots = format!("c.A.x = c{}", ".B".repeat(50_000));
    let elifs = format!("if 0: pass\n{}", "elif 0: pass\n".repeat(5_000));
    for text in [nested, lists, chain, nots, lambdas, calls, dots, elifs] {
        let _ = x(&text);
    }
    for text in [
        "c.A.x = 'x' * 10 ** 9",
        "c.A.x = [0] * 10 ** 12",
        "c.A.x = 10 ** 10 ** 10",
        "c.A.x = 1 << 10 ** 18",
        "c.A.x = '%99999999999d' % 1",
        "c.A.x = format(1, '999999999999')",
        "c.A.x = range(10 ** 15)\nlist(c.A.x)",
        "def f(): return f()\nc.A.x = f()",
        "f = lambda n: f(n + 1)\nc.A.x = f(0)",
        "while True:\n    c.A.x = 1",
        "s = 'a'\nfor i in range(1000):\n    s = s + s\nc.A.x = s",
        "l = [0]\nfor i in range(100):\n    l = l + l\nc.A.x = l",
        "l = []\nfor i in range(60):\n    l = [l, l]\nc.A.x = l",
        "l = []\nl.append(l)\nc.A.x = l\nc.A.y = str(l)\nc.A.z = l == l",
        "l = [1]\nfor i in l:\n    l.append(i)\nc.A.x = l",
        "import os\nfor i in range(10000):\n    if os.environ['NOT']:\n        c.A.x = [i]",
        "c.A.x = [i for a in range(9999) for b in range(9999) for i in range(9999)]",
        "import re\nc.A.x = re.match('(a+)+b', 'a' * 5000)",
        "exec('exec(\"c.A.x = 1\")')",
        "import t\nc.A.x = 1",
        "load_subconfig('/srv/t.py')",
        "x: int = 'a'.replace('', 'b' * 1000) * 1000\nc.A.x = x",
    ] {
        let found = x(text);
        assert!(!found.is_empty(), "{text}");
    }
    // What follows a statement that takes too long is still read.
    let after = read("n = 0\nwhile n < 10 ** 9:\n    n += 1\nc.A.x = 'after'\nc.A.y = n\n");
    assert_eq!(value(&after, "A", "x"), "'after'");
    assert!(value(&after, "A", "y").starts_with("unknown: "));
}
