//! Every page is a test: its example fires its own rule and no other, what it says to use instead fires none. And the
//! registry as a whole: ids, pages, and that nothing is emitted that is not registered.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Check, Checked, NoDisk, Target, check, check_for, checks, named, needs_network};
use crate::diagnostic::{Diagnostic, Level};
use crate::settings::Release;
use crate::source::Env;
use crate::source::load::{Request, load, load_text};

/// The rules that no file alone can fire: a login's, or one that needs a machine in some state.
const WITHOUT_EXAMPLE: &[&str] = &[
    "config-may-raise",
    "config-too-complex",
    "unreadable-file",
    "layer-without-hub",
    "bad-shared-password",
    "groups-not-found",
    "email-unverified",
    "scope-missing",
    "name-changed",
    "multi-refresh",
    "multi-logout",
    "admin-at-start",
    "auth-state-reconciled",
    "refresh-schedule",
    "no-system-user",
    "token-response-assumed",
    "evaluated-here",
    "system-user",
    "system-users-assumed",
    "python-version",
    "variable-not-here",
    "python-used",
    "python-output",
    "module-beside",
    "traceback",
    "hub-warning",
    "hub-error",
    "proxy-ignored",
    "proxy-used",
    "callback-not-registered",
    "secret-world-readable",
    "secret-in-git",
    "option-of-newer-release",
    "changed-by-upgrade",
];

struct Block {
    info: String,
    text: String,
}

/// The code blocks below a heading.
fn blocks(page: &str, heading: &str) -> Vec<Block> {
    let Some((_, rest)) = page.split_once(&format!("\n## {heading}\n")) else { return Vec::new() };
    let section = rest.split("\n## ").next().unwrap_or_default();
    let mut found = Vec::new();
    for (index, piece) in section.split("```").enumerate() {
        if index % 2 == 1 {
            let (info, text) = piece.split_once('\n').unwrap();
            found.push(Block { info: info.trim().to_owned(), text: text.to_owned() });
        }
    }
    found
}

/// A folder of its own with the files of an example, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("oauthctl-check-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn findings(example: &[Block], name: &str) -> Vec<Diagnostic> {
    let folder = Folder::new(name);
    let mut env = Vec::new();
    let (mut base, mut main) = (Vec::new(), None);
    for block in example {
        let mut words = block.info.split(' ');
        let language = words.next().unwrap_or_default();
        if language == "env" {
            env.extend(
                block.text.lines().filter_map(|line| line.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())),
            );
            continue;
        }
        let usual = match language {
            "python" => "jupyterhub_config.py",
            "yaml" => "values.yaml",
            "json" => "jupyterhub_config.json",
            other => panic!("{name}: a block of `{other}`"),
        };
        let path = folder.0.join(words.next().unwrap_or(usual));
        std::fs::write(&path, &block.text).unwrap();
        if path.ends_with("base.yaml") {
            base.push(path);
        } else {
            main.get_or_insert(path);
        }
    }
    let request = Request { config: main, base, env: Env::new(env), folder: ".".into(), ..Request::default() };
    check(&load(&request).unwrap(), &NoDisk).findings
}

fn shown(findings: &[Diagnostic]) -> String {
    findings.iter().map(|one| format!("{}[{}]: {}\n", one.level.name(), one.rule, one.message)).collect()
}

#[test]
fn every_page_has_its_parts_in_their_order() {
    for check in checks() {
        let headings: Vec<&str> =
            check.doc.lines().filter(|line| line.starts_with('#') && !line.contains("oauthctl:")).collect();
        let mut wanted = vec![format!("# {}", check.id), "## What it does".into(), "## Why it matters".into()];
        if !WITHOUT_EXAMPLE.contains(&check.id) {
            wanted.push("## Example".into());
        }
        wanted.extend(["## Use instead".into(), "## Reference".into()]);
        assert_eq!(headings, wanted, "{}", check.id);
    }
}

#[test]
fn every_example_fires_its_rule_and_no_other() {
    let mut wrong = String::new();
    let offline = |check: &&Check| !WITHOUT_EXAMPLE.contains(&check.id) && !needs_network(check.id);
    for check in checks().filter(offline) {
        let found = findings(&blocks(check.doc, "Example"), &format!("{}-bad", check.id));
        if let Err(why) = fires_only(check, &found) {
            wrong += &format!("{}: {why}\n{}\n", check.id, shown(&found));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn fires_only(check: &Check, found: &[Diagnostic]) -> Result<(), &'static str> {
    let grave: BTreeSet<&str> = found.iter().filter(|one| one.level != Level::Note).map(|one| one.rule).collect();
    let own: Vec<&Diagnostic> = found.iter().filter(|one| one.rule == check.id).collect();
    match () {
        () if own.is_empty() => Err("its example does not fire it"),
        () if own.iter().all(|one| one.level != check.level) => Err("its example fires it at another level"),
        () if grave.iter().any(|rule| *rule != check.id) => Err("its example fires another rule"),
        () => Ok(()),
    }
}

#[test]
fn what_to_use_instead_fires_nothing() {
    let mut wrong = String::new();
    for check in checks().filter(|check| !needs_network(check.id)) {
        let example = blocks(check.doc, "Use instead");
        if example.is_empty() {
            continue;
        }
        let found = findings(&example, &format!("{}-good", check.id));
        if found.iter().any(|one| one.level != Level::Note || one.rule == check.id) {
            wrong += &format!("{}\n{}\n", check.id, shown(&found));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn ids_are_unique_words_joined_by_hyphens() {
    let ids: Vec<&str> = checks().map(|check| check.id).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for id in ids {
        let words = id
            .split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        assert!(words, "{id}");
    }
}

#[test]
fn pages_and_registry_are_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/docs");
    let mut pages: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    pages.sort();
    let mut ids: Vec<String> = checks().map(|check| check.id.to_owned()).collect();
    ids.sort();
    assert_eq!(pages, ids);
}

/// Whatever a source file hands to a diagnostic as its rule, or to an exception as its code, has an entry.
#[test]
fn nothing_is_emitted_that_is_not_registered() {
    let mut unknown = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let starts =
        ["Diagnostic::error(", "Diagnostic::warning(", "Diagnostic::note(", "Diagnostic::new(", "cx.at(", "run.at("];
    for part in ["source", "settings", "check", "online", "cmd", "authenticator", "flow", "resolution.rs"] {
        for file in rust_files(&sources.join(part)).into_iter().filter(|file| !file.ends_with("check/tests.rs")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for start in starts {
                for (at, _) in text.match_indices(start) {
                    let rest = text[at + start.len()..].trim_start();
                    let Some(rule) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
                    if named(rule).is_none() && rule != "x" {
                        unknown.insert(format!("{rule} in {}", file.display()));
                    }
                }
            }
            for line in text.lines().filter_map(|line| line.trim().strip_prefix("code: \"")) {
                let code = line.split('"').next().unwrap_or_default();
                if part == "settings" && named(code).is_none() {
                    unknown.insert(format!("{code} in {}", file.display()));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                Vec::from_iter((path.extension().is_some_and(|end| end == "rs")).then_some(path))
            }
        })
        .collect()
}

fn of(text: &str) -> Checked {
    let block = Block { info: "python".into(), text: text.into() };
    let findings = findings(&[block], &format!("inline-{}", text.len()));
    Checked { authenticator: None, settings: 0, findings }
}

/// The rules found by another release's rules.
fn by_release(text: &str, release: &str, upgrade_to: Option<&str>) -> Vec<(&'static str, String)> {
    let target = Target {
        release: Release::find(Some(release), None),
        upgrade_to: upgrade_to.and_then(|to| Release::find(Some(to), None)),
    };
    let loaded = load_text(text, &Request::default()).unwrap();
    check_for(&loaded, &NoDisk, target).findings.into_iter().map(|one| (one.rule, one.message)).collect()
}

#[test]
fn another_release_has_its_own_rules() {
    let open = "c.JupyterHub.authenticator_class = 'github'\nc.GitHubOAuthenticator.enable_pkce = True\n";
    let has = |found: &[(&str, String)], rule: &str| found.iter().any(|(name, _)| *name == rule);
    let old = by_release(open, "15.1", None);
    assert!(!has(&old, "nobody-allowed") && has(&old, "option-of-newer-release"), "{old:?}");
    let new = by_release(open, "17.4", None);
    assert!(has(&new, "nobody-allowed") && !has(&new, "option-of-newer-release"), "{new:?}");
}

#[test]
fn an_upgrade_says_what_changes_for_this_configuration() {
    let text =
        "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.allowed_groups = {'staff'}\n";
    let told = |from: &str, to: &str, word: &str| {
        let found = by_release(text, from, Some(to));
        found.iter().any(|(rule, message)| *rule == "changed-by-upgrade" && message.contains(word))
    };
    assert!(told("16.3", "17.4", "manage_groups"));
    assert!(told("16.3", "17.4", "PKCE"));
    assert!(!told("17.1", "17.4", "manage_groups"));
    assert!(!told("15.1", "16.0", "nobody"));
}

#[test]
fn a_comment_hides_a_finding() {
    let text = |comment: &str| {
        format!("c.JupyterHub.authenticator_class = 'github'\nc.GitHubOAuthenticator.whitelist = {{'ann'}}{comment}\n")
    };
    let rules = |text: &str| of(text).findings.iter().any(|finding| finding.rule == "deprecated-option");
    assert!(rules(&text("")));
    assert!(!rules(&text("  # oauthctl: ignore[deprecated-option]")));
    assert!(rules(&text("  # oauthctl: ignore[unknown-option]")));
}

/// What forms of real configurations look like mistakes and are none.
#[test]
fn look_alikes_are_silent() {
    let text = "
c.JupyterHub.authenticator_class = 'generic-oauth'
c.GenericOAuthenticator.client_id = 'hub'
c.GenericOAuthenticator.oauth_callback_url = 'https://hub.example.org/hub/oauth_callback'
c.GenericOAuthenticator.authorize_url = 'https://login.example.org/o/authorize/'
c.GenericOAuthenticator.token_url = 'http://login.idp.svc.cluster.local:8080/o/token/'
c.GenericOAuthenticator.userdata_url = 'https://login.example.org/o/userinfo/'
c.GenericOAuthenticator.scope = 'openid profile email'
c.GenericOAuthenticator.username_claim = lambda user: user['email'].split('@')[0]
c.GenericOAuthenticator.admin_users = 'ann'
c.GenericOAuthenticator.allowed_users = ['Bob', 'carl']
c.GenericOAuthenticator.auto_login = 1
c.KubeSpawner.image = 'x'
c.SwanSpawner.local_home = True
";
    let cilogon = "
c.JupyterHub.authenticator_class = 'cilogon'
c.CILogonOAuthenticator.oauth_callback_url = 'http://localhost:8000/hub/oauth_callback'
c.CILogonOAuthenticator.idps = {'http://google.com/accounts/o8/id': {'username_derivation': {'username_claim': 'email'}, 'allow_all': True}}
";
    for text in [text, cilogon] {
        let grave: Vec<Diagnostic> = of(text).findings.into_iter().filter(|one| one.level != Level::Note).collect();
        assert!(grave.is_empty(), "{}", shown(&grave));
    }
}

/// The findings of this text with nothing in the environment, whose owner may be the hub or this machine.
fn without_variables(text: &str, of_the_hub: bool) -> Vec<(&'static str, Level)> {
    let mut env = crate::source::Env::default();
    env.of_the_hub = of_the_hub;
    let loaded = load_text(text, &Request { env, ..Request::default() }).unwrap();
    check(&loaded, &NoDisk).findings.into_iter().map(|one| (one.rule, one.level)).collect()
}

#[test]
fn what_only_our_environment_lacks_is_no_error() {
    let raises = "import os\nif not os.environ.get('TOKEN', ''):\n    raise ValueError('no TOKEN')\n\
                  c.JupyterHub.authenticator_class = 'github'\nc.GitHubOAuthenticator.allowed_user = {'ann'}\n";
    let here = without_variables(raises, false);
    assert!(here.contains(&("config-may-raise", Level::Warning)), "{here:?}");
    assert!(here.iter().any(|(rule, _)| *rule == "unknown-option"), "what follows is read: {here:?}");
    let there = without_variables(raises, true);
    assert!(there.contains(&("config-raises", Level::Error)), "{there:?}");

    let lacks = "import os\nif 'TOKEN' not in os.environ:\n    raise SystemExit(1)\n";
    assert!(without_variables(lacks, false).iter().all(|(_, level)| *level != Level::Error));
    assert!(without_variables(lacks, true).contains(&("config-exits", Level::Error)));

    let empty = "import os\nc.JupyterHub.authenticator_class = 'github'\n\
                 c.GitHubOAuthenticator.allowed_users = set(os.environ.get('USERS', '').split(','))\n";
    assert!(without_variables(empty, false).contains(&("invalid-username", Level::Warning)));
    assert!(without_variables(empty, true).contains(&("invalid-username", Level::Error)));
}

/// Seen in real files: classes of other packages, names that an executed text defines, a wrapper of the file's own.
#[test]
fn what_other_packages_bring_is_silent() {
    for text in [
        "from store.auth import GenericOAuthAuthentication\nc.GenericOAuthAuthentication.client_id = 'hub'\n",
        "c.JupyterHub.authenticator_class = 'jupyterhub_x.XAuthenticator'\nc.XOAuthClient.debug = True\n",
        "exec(open('more.py').read(), globals())\nc.JupyterHub.authenticator_class = DefinedThere\n",
        "from jupyterhub.auth import Authenticator\nfrom oauthenticator.google import GoogleOAuthenticator\n\
         class Several(Authenticator):\n    pass\nc.JupyterHub.authenticator_class = Several\n\
         c.Several.allow_all = False\nc.Several.allowed_users = {'ann'}\nc.Several.parts = [(GoogleOAuthenticator, '/g')]\n\
         c.GoogleOAuthenticator.hosted_domain = ['example.org']\n",
    ] {
        let wrong = ["unknown-class", "inactive-section", "config-raises"];
        let found = of(text).findings;
        assert!(!found.iter().any(|one| wrong.contains(&one.rule)), "{text}\n{}", shown(&found));
    }
}

#[test]
fn names_of_what_was_to_be_filled_in_are_placeholders() {
    for text in ["{YOUR-APP-ID}", "%CLIENT_ID%", "__CLIENT_ID__", "LAB_CLIENT_ID"] {
        let config = format!(
            "c.JupyterHub.authenticator_class = 'github'\nc.GitHubOAuthenticator.allow_all = True\nc.GitHubOAuthenticator.client_id = '{text}'\n"
        );
        assert!(of(&config).findings.iter().any(|one| one.rule == "placeholder"), "{text}");
    }
    let real = "c.JupyterHub.authenticator_class = 'github'\nc.GitHubOAuthenticator.client_id = 'JUPYTER-LAB_ID7'\n";
    assert!(!of(real).findings.iter().any(|one| one.rule == "placeholder"));
}
