//! `oauthctl convert`: whatever form it goes into, a configuration stays what it was, or it is said what did not.

use std::fs;
use std::path::{Path, PathBuf};

use oauthctl::convert::{Plan, Rendered, Secrets, Weight, convert, differences, render, reread};
use oauthctl::settings::{self, ClassDef, Kind, OptionDef};
use oauthctl::source::load::{Request, load, load_as};
use oauthctl::source::{Config, Env, Loaded, Node, Written};
use oauthctl::span::Origin;
use oauthctl::value::{Dict, Set, Value};
use oauthctl::write::{Document, Form, Setting, write};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::support;

fn plan(to: Form) -> Plan {
    Plan { to, secrets: Secrets::Keep, upgrade: false, layer: false }
}

/// A place where nothing lies beside.
fn nowhere(form: Form) -> PathBuf {
    Path::new("/nowhere").join(form.file_name())
}

fn read(text: &str, form: Form) -> Loaded {
    load_as(&nowhere(form), text, &Request::default()).unwrap()
}

fn converted(text: &str, from: Form, to: Form) -> Rendered {
    let request = Request::default();
    let loaded = read(text, from);
    assert!(loaded.fatal.is_none(), "{:?}\n{text}", loaded.fatal);
    let blind = load_as(&nowhere(from), text, &Request { blind: true, ..request }).unwrap();
    render(&convert(&loaded, &blind, &[], plan(to)), &loaded, to)
}

/// Names that the remarks say something about other than what to do.
fn told(rendered: &Rendered) -> Vec<&str> {
    let said = rendered.remarks.iter().filter(|remark| remark.weight != Weight::Note);
    said.map(|remark| remark.name.as_str()).collect()
}

/// The settings that a configuration really makes, by name.
fn entries(config: &Config, path: &str, all: &mut Vec<(String, Option<Value>)>) {
    for (name, node) in config.iter() {
        let name = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match node {
            Node::Section(below) => entries(below, &name, all),
            Node::Entry(entry) if entry.origin == Origin::Default => {}
            Node::Entry(entry) => match &entry.written {
                Written::Plain(value) => all.push((name, Some(value.clone()))),
                Written::Lazy(lazy) if *lazy == Default::default() => {}
                Written::Lazy(_) => all.push((name, None)),
            },
        }
    }
}

/// Every setting of the source that is neither in the result nor named.
fn lost(loaded: &Loaded, after: &Loaded, rendered: &Rendered) -> Vec<String> {
    let (mut before, mut now) = (Vec::new(), Vec::new());
    entries(&loaded.config, "", &mut before);
    entries(&after.config, "", &mut now);
    let told = told(rendered);
    let environment = |name: &str| {
        rendered.remarks.iter().any(|remark| remark.weight == Weight::Note && remark.message.contains(name))
            || rendered
                .remarks
                .iter()
                .any(|remark| rendered.text.contains(&remark.name) && remark.message.contains("Kubernetes"))
    };
    let missing = before.into_iter().filter(|(name, _)| {
        !now.iter().any(|(known, _)| known == name) && !told.contains(&name.as_str()) && !environment(name)
    });
    missing.map(|(name, _)| name).collect()
}

#[test]
fn nothing_in_the_corpus_is_lost_without_a_word() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("OAUTHCTL_TEST_CORPUS").map_or(beside, PathBuf::from);
    let Ok(index) = fs::read_to_string(folder.join("index.tsv")) else {
        return support::skip("the corpus of real configurations isn't beside this checkout (../shared/corpus)");
    };
    let mut wrong = Vec::new();
    let mut checked = 0;
    let alone = index.lines().skip(1).filter_map(|line| line.split('\t').next()).map(|file| vec![file]);
    let hubs = fs::read_to_string(folder.join("hubs.tsv")).unwrap();
    let layered =
        hubs.lines().skip(1).filter_map(|line| line.split('\t').nth(3)).map(|files| files.split(',').collect());
    let all: Vec<Vec<&str>> = alone.chain(layered).collect();
    let every = if std::env::var_os("OAUTHCTL_CASES").is_some() { 1 } else { 4 };
    for files in all.iter().step_by(every) {
        let Some((file, base)) = files.split_last() else { continue };
        let base = base.iter().map(PathBuf::from).collect();
        let request = Request { config: Some(file.into()), base, folder: folder.clone(), ..Request::default() };
        let loaded = load(&request).unwrap();
        if loaded.fatal.is_some() {
            continue;
        }
        let blind = load(&Request { blind: true, ..request.clone() }).unwrap();
        for to in Form::ALL {
            checked += 1;
            let mut rendered = render(&convert(&loaded, &blind, &[], plan(to)), &loaded, to);
            let after = read(&rendered.text, to);
            wrong.extend(after.fatal.iter().map(|fatal| format!("{file} {}: {}", to.name(), fatal.message)));
            wrong.extend(
                lost(&loaded, &after, &rendered).iter().map(|name| format!("{file} {}: {name} is lost", to.name())),
            );
            let silent = rendered.remarks.len();
            reread(&mut rendered, &loaded, &request, to);
            let differs = rendered.remarks[silent..].iter();
            wrong.extend(differs.map(|remark| format!("{file} {}: {} {}", to.name(), remark.name, remark.message)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 300 / every, "only {checked} conversions could be judged");
}

/// Texts that some reader somewhere takes for something else.
const TEXTS: &[&str] = &[
    "",
    "openid",
    "yes",
    "off",
    "null",
    "~",
    "0123",
    "0o17",
    "1e3",
    "1:20",
    "2020-01-01",
    "*",
    "a: b",
    "a #b",
    "- a",
    "[a]",
    "{a}",
    "it's",
    "\"q\"",
    "\\d+",
    "a\nb",
    "a\nb\n",
    " a",
    "a ",
    "é",
    "😀",
    "\t",
    "\u{85}",
    "\u{2028}x",
    "https://a.example/x?y=z",
    "'''",
    "\"\"\"\n\"",
    "%a",
    "@a",
    "`a`",
    "True",
    "ENC",
    "\u{7f}",
    "a\r\nb",
    "#",
    "?",
    "=",
    "<<",
    "-",
    "0x1F",
    "12",
    ".5",
    "+1",
];

/// A value that the trait takes, by a number.
fn value(kind: Kind, n: u64) -> Value {
    let text = |n: u64| Value::str(TEXTS[n as usize % TEXTS.len()]);
    let parts = |kind: Kind, n: u64| (0..n % 4).map(move |i| value(kind, n / 4 + 7 * i)).collect::<Vec<_>>();
    match kind {
        Kind::Bool => Value::Bool(n.is_multiple_of(2)),
        Kind::Int => Value::int(n as i64 % 1000 - 5),
        Kind::Float => Value::Float((n % 100) as f64 / 8.0),
        Kind::Unicode | Kind::CUnicode | Kind::Callable => text(n),
        Kind::Any => match n % 7 {
            0 => Value::Bool(true),
            1 => Value::int(n),
            2 => Value::Float(1e17),
            3 => Value::List(vec![text(n / 7), Value::List(vec![])]),
            4 => Value::dict([("k: v", text(n / 7)), ("yes", Value::Dict(Dict::new()))]),
            _ => text(n / 7),
        },
        // A bare text is a list of one.
        Kind::List(Kind::Any) | Kind::Set(Kind::Any) if n.is_multiple_of(5) => text(n / 5),
        Kind::List(below) => Value::List(parts(*below, n)),
        Kind::Set(below) => Set::of(parts(*below, n)).map_or(Value::List(parts(*below, n)), Value::Set),
        Kind::Dict { value: below, .. } => {
            let keys = ["a", "on", "1", "x y"].iter();
            Value::dict(keys.zip(parts(*below, n)).map(|(key, value)| (*key, value)))
        }
        Kind::Union(kinds) => value(kinds[0], n),
        Kind::Command => Value::List(vec![text(n)]),
    }
}

/// Options of a class and of its bases, each with the section it is set in.
fn options(def: &'static ClassDef) -> Vec<(&'static str, &'static OptionDef)> {
    let line = std::iter::once(def).chain(def.bases.iter().filter_map(|name| settings::class(name)));
    line.flat_map(|def| def.options.iter().map(|option| (def.name, option))).collect()
}

type Case = (usize, Vec<(usize, u64)>);

fn document((class, chosen): &Case) -> Document {
    let defs: Vec<&ClassDef> = settings::classes().iter().copied().filter(|def| !def.entry_points.is_empty()).collect();
    let def = defs[class % defs.len()];
    let all = options(def);
    let mut document = Document::default();
    document.settings.push(Setting::new("JupyterHub", "authenticator_class", Value::str(def.entry_points[0])));
    for (option, n) in chosen {
        let (section, option) = all[option % all.len()];
        let setting = Setting::new(section, option.name, value(option.kind, *n));
        if !document.settings.iter().any(|known| known.name() == setting.name()) {
            document.settings.push(setting);
        }
    }
    document
}

fn cases() -> impl Strategy<Value = Case> {
    (any::<usize>(), prop::collection::vec((any::<usize>(), any::<u64>()), 0..14))
}

fn count(few: u32, all: u32) -> ProptestConfig {
    let cases = if std::env::var_os("OAUTHCTL_CASES").is_some() { all } else { few };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn a_round_through_all_forms_changes_nothing() {
    let mut runner = TestRunner::new(count(25, 2000));
    let outcome = runner.run(&cases(), |case| {
        let source = write(&document(&case), Form::Python).text;
        let first = read(&source, Form::Python);
        prop_assert!(first.fatal.is_none(), "{:?}", first.fatal);
        for through in Form::ALL {
            let one = converted(&source, Form::Python, through);
            let middle = read(&one.text, through);
            let missing: Vec<String> =
                differences(&first, &middle).into_iter().filter(|name| !told(&one).contains(&name.as_str())).collect();
            prop_assert!(missing.is_empty(), "{}: {missing:?}\n{source}\n{}", through.name(), one.text);
            for to in Form::ALL {
                let two = converted(&one.text, through, to);
                let last = read(&two.text, to);
                let missing: Vec<String> = differences(&middle, &last)
                    .into_iter()
                    .filter(|name| !told(&two).contains(&name.as_str()))
                    .collect();
                prop_assert!(
                    missing.is_empty(),
                    "{} to {}: {missing:?}\n{}\n{}",
                    through.name(),
                    to.name(),
                    one.text,
                    two.text
                );
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

/// What the hub, the chart and TLJH make of the four forms, in upstream's own Python.
#[test]
fn upstream_reads_every_form_as_the_same_traits() {
    let Some(python) = support::upstream_python() else { return };
    let folder = support::scratch("convert-upstream");
    let mut runner = TestRunner::deterministic();
    let many = if std::env::var_os("OAUTHCTL_CASES").is_some() { 1500 } else { 25 };
    for index in 0..many {
        let case = cases().new_tree(&mut runner).unwrap().current();
        let source = write(&document(&case), Form::Python).text;
        let place = folder.join(format!("{index:04}"));
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("source.py"), &source).unwrap();
        let mut left_out = serde_json::Map::new();
        for to in Form::ALL {
            let rendered = converted(&source, Form::Python, to);
            fs::write(place.join(to.file_name()), &rendered.text).unwrap();
            let options = told(&rendered).into_iter().filter_map(|name| name.rsplit('.').next()).map(str::to_owned);
            left_out.insert(to.file_name().to_owned(), options.collect::<Vec<_>>().into());
        }
        fs::write(place.join("left_out.json"), serde_json::to_string(&left_out).unwrap()).unwrap();
    }
    let mut command = support::command(&python);
    command.arg(support::root("tests/upstream/convert_worker.py")).arg(&folder);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.trim().is_empty(), "{said}");
    let _ = fs::remove_dir_all(folder);
}

const SOURCE: &str = "\
import os
c.JupyterHub.authenticator_class = 'generic-oauth'
c.GenericOAuthenticator.client_id = 'hub'
c.GenericOAuthenticator.client_secret = 'q7Vd0-very-secret'
c.GenericOAuthenticator.token_url = os.environ['HUB_TOKEN_URL']
c.GenericOAuthenticator.username_key = 'email'
c.GenericOAuthenticator.tls_verify = False
c.GenericOAuthenticator.allow_all = True
print('started')
";

fn oauthctl(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = support::oauthctl().current_dir(folder).arg("convert").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn secrets_are_masked_unless_a_file_is_written() {
    let folder = support::scratch("convert-secrets");
    fs::write(folder.join("jupyterhub_config.py"), SOURCE).unwrap();
    for form in Form::ALL {
        let (code, out, err) = oauthctl(&folder, &["--to", form.name()]);
        assert_eq!(code, 0, "{err}");
        assert!(!out.contains("q7Vd0") && !err.contains("q7Vd0"), "{out}{err}");
        assert!(err.contains("secrets are masked"), "{err}");
        let (_, out, err) = oauthctl(&folder, &["--to", form.name(), "--secrets", "env"]);
        assert!(!out.contains("q7Vd0") && !err.contains("q7Vd0") && !out.contains("****"), "{out}{err}");
        assert!(err.contains("OAUTH_CLIENT_SECRET"), "{err}");
        let (_, out, _) = oauthctl(&folder, &["--to", form.name(), "--show-secrets"]);
        assert!(out.contains("q7Vd0-very-secret"), "{out}");
        let (_, out, err) = oauthctl(&folder, &["--to", form.name(), "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert!(!out.contains("q7Vd0") && err.is_empty() && document["schema"] == "oauthctl.convert/1", "{out}{err}");
    }
    let (code, out, _) = oauthctl(&folder, &["--to", "json", "--output", "new/hub.json"]);
    assert_eq!((code, out.as_str()), (3, ""));
    let (code, out, err) = oauthctl(&folder, &["--to", "json", "--output", "hub.json"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(fs::read_to_string(folder.join("hub.json")).unwrap().contains("q7Vd0-very-secret"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(folder.join("hub.json")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn nothing_is_written_over_unasked() {
    let folder = support::scratch("convert-twice");
    fs::write(folder.join("jupyterhub_config.py"), SOURCE).unwrap();
    fs::write(folder.join("values.yaml"), "mine").unwrap();
    let arguments = ["jupyterhub_config.py", "--to", "z2jh", "--output", "values.yaml"];
    let (code, _, err) = oauthctl(&folder, &arguments);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("--force"), "{err}");
    assert_eq!(fs::read_to_string(folder.join("values.yaml")).unwrap(), "mine");
    assert_eq!(oauthctl(&folder, &[&arguments[..], &["--force"]].concat()).0, 0);
    assert!(fs::read_to_string(folder.join("values.yaml")).unwrap().contains("generic-oauth"));
    assert_eq!(oauthctl(&folder, &["jupyterhub_config.py"]).0, 2);
    assert_eq!(oauthctl(&folder, &["no-such-file", "--to", "json"]).0, 3);
    assert_eq!(oauthctl(&folder, &["jupyterhub_config.py", "--to", "json", "--strict"]).0, 1);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn an_upgrade_replaces_names_and_says_what_changes() {
    let folder = support::scratch("convert-upgrade");
    fs::write(folder.join("jupyterhub_config.py"), SOURCE).unwrap();
    let (code, out, err) = oauthctl(&folder, &["--upgrade", "--from", "15.1"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("c.GenericOAuthenticator.username_claim = \"email\""), "{out}");
    assert!(!out.contains("username_key") && !out.contains("c.GenericOAuthenticator.tls_verify"), "{out}");
    assert!(err.contains("GenericOAuthenticator.tls_verify: it has done nothing since oauthenticator 16.0.2"), "{err}");
    assert!(err.contains("code challenge"), "{err}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn layers_can_stay_apart() {
    let folder = support::scratch("convert-layers");
    fs::write(folder.join("base.yaml"), "hub: {config: {GitHubOAuthenticator: {scope: ['read:org']}}}\n").unwrap();
    fs::write(folder.join("hub.yaml"), "hub: {config: {JupyterHub: {authenticator_class: github}}}\n").unwrap();
    let common = ["hub.yaml", "--base", "base.yaml", "--to", "python"];
    let (_, flat, _) = oauthctl(&folder, &common);
    assert!(flat.contains("\"github\"") && flat.contains("[\"read:org\"]"), "{flat}");
    let (code, _, err) = oauthctl(&folder, &[&common[..], &["--keep-layers", "--output", "layers"]].concat());
    assert_eq!(code, 0, "{err}");
    let text = |name: &str| fs::read_to_string(folder.join("layers").join(name)).unwrap();
    assert!(text("base.py").contains("[\"read:org\"]") && !text("base.py").contains("github\""), "{}", text("base.py"));
    assert!(text("hub.py").contains("\"github\"") && !text("hub.py").contains("read:org"));
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn references_stay_references() {
    let text = "
import os
c.JupyterHub.authenticator_class = 'github'
c.GitHubOAuthenticator.client_id = os.environ['GITHUB_CLIENT_ID']
c.GitHubOAuthenticator.oauth_callback_url = 'https://' + os.environ['HOST'] + '/hub/oauth_callback'
c.GitHubOAuthenticator.allowed_users = set(os.environ.get('USERS', 'ann').split(','))
if 'DEBUG' in os.environ:
    c.GitHubOAuthenticator.allow_all = True
";
    // What happens to be in the environment here must not get into the result.
    let env = Env::new(
        [("GITHUB_CLIENT_ID", "here"), ("HOST", "here"), ("USERS", "here"), ("DEBUG", "here")]
            .map(|(a, b)| (a.into(), b.into())),
    );
    let request = Request { env, ..Request::default() };
    let loaded = load_as(&nowhere(Form::Python), text, &request).unwrap();
    let blind = load_as(&nowhere(Form::Python), text, &Request { blind: true, ..request.clone() }).unwrap();
    for to in [Form::Python, Form::Z2jh] {
        let mut rendered = render(&convert(&loaded, &blind, &[], plan(to)), &loaded, to);
        assert!(!rendered.text.contains("here"), "{}", rendered.text);
        let before = rendered.remarks.len();
        reread(&mut rendered, &loaded, &request, to);
        assert_eq!(rendered.remarks.len(), before, "{:?}", rendered.remarks);
    }
    for to in [Form::Tljh, Form::Json] {
        let rendered = render(&convert(&loaded, &blind, &[], plan(to)), &loaded, to);
        let told = told(&rendered);
        for name in ["oauth_callback_url", "allowed_users", "allow_all"] {
            assert!(told.contains(&format!("GitHubOAuthenticator.{name}").as_str()), "{name}: {told:?}");
        }
        assert!(!rendered.text.contains("client_id"), "{}", rendered.text);
    }
}
