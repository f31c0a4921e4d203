//! Zero to JupyterHub: what the chart's `files/hub/jupyterhub_config.py` does with the values, as far as it concerns
//! authentication. In its order: the chart's own settings, `hub.config`, `jupyterhub_config.d/*.py` from
//! `hub.extraFiles`, then the snippets of `hub.extraConfig` sorted by key, in one namespace.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use base64::Engine as _;

use crate::diagnostic::{Diagnostic, Level};
use crate::span::{Origin, Span};
use crate::value::{Dict, Value};

use super::config::{Config, Entry, Node as ConfigNode, Written};
use super::node::{Block, Data, Node};
use super::parts::{Parts, Piece};
use super::python::{Files, Interpreter, Source};
use super::{ClassAttribute, Env, extra_env, template};

/// Where the hub's container keeps its configuration.
const HOME: &str = "/usr/local/etc/jupyterhub";

/// What the values come to.
#[derive(Debug)]
pub struct Outcome {
    /// The tree.
    pub config: Config,
    /// The environment of the hub's container, before Python changes it.
    pub env_at_import: Env,
    /// And after.
    pub env: Env,
    /// What the snippets set on classes themselves.
    pub class_attributes: Vec<ClassAttribute>,
    /// What was noteworthy.
    pub diagnostics: Vec<Diagnostic>,
    /// What ends the hub.
    pub fatal: Option<Diagnostic>,
    /// What the hub's own Python goes on from; `None` where the hub ends before any snippet runs.
    pub parts: Option<Parts>,
}

/// Evaluates the chart's merged values.
pub fn evaluate(root: &Node, mut env: Env) -> Outcome {
    let mut diagnostics = Vec::new();
    let empty = Node::new(Data::Scalar(Value::None), root.span.clone());
    let hub = root.get("hub").unwrap_or(&empty);
    legacy_auth(root, &mut diagnostics);
    misplaced_sections(root, "", &mut diagnostics);
    misplaced_sections(hub, "hub.", &mut diagnostics);
    existing_secret(hub, &mut diagnostics);
    container_env(&mut env);
    if let Some(extra) = hub.get("extraEnv") {
        extra_env::add(extra, &mut env, &mut diagnostics);
    }
    let env_at_import = env.clone();

    let mut config = Config::new();
    not_followed(&mut config);
    chart_settings(hub, &mut config);
    let fatal = hub_config(hub, &mut config, &mut diagnostics);

    let files = Mounted::new(hub.get("extraFiles"), &mut diagnostics);
    mounted_volumes(hub, &mut diagnostics);
    let snippets = snippets(hub, &files, &mut diagnostics);
    let parts = fatal.is_none().then(|| parts(root, &config, &files, &snippets));
    let mut interpreter = Interpreter::new(env, &files);
    interpreter.config = config;
    interpreter.set_z2jh_values(root.value());
    // The first failure ends the hub; what the later snippets set is worth seeing all the same.
    let failures: Vec<Diagnostic> = snippets.iter().filter_map(|snippet| snippet.run(&mut interpreter)).collect();
    let mut failures = may_be_defined_elsewhere(failures, &mut diagnostics);
    let fatal = fatal.or_else(|| (!failures.is_empty()).then(|| failures.swap_remove(0)));
    diagnostics.append(&mut interpreter.diagnostics);
    let mut config = interpreter.config;
    templates_in_python(&mut config);
    forget_not_followed(&mut config);
    Outcome {
        config,
        env_at_import,
        env: interpreter.env,
        class_attributes: interpreter.class_attributes,
        diagnostics,
        fatal,
        parts,
    }
}

fn parts(root: &Node, config: &Config, files: &Mounted<'_>, snippets: &[Snippet<'_>]) -> Parts {
    let mut config = config.clone();
    for (class, options) in NOT_FOLLOWED {
        for option in *options {
            let empty = if DICTIONARIES.contains(option) { Value::Dict(Dict::new()) } else { Value::List(Vec::new()) };
            config.section_mut(class).set("", option, Entry::plain(empty, Origin::Default));
        }
    }
    Parts {
        config,
        values: Some(root.value()),
        mounted: files.files.iter().map(|(path, (bytes, _))| (path.clone(), bytes.clone())).collect(),
        pieces: snippets.iter().map(Snippet::piece).collect(),
        files: Vec::new(),
    }
}

/// Set by the chart's file before any snippet runs, from values and defaults that do not concern a login: unknown, so
/// that a snippet may read and change it.
const NOT_FOLLOWED: &[(&str, &[&str])] = &[
    ("JupyterHub", &["services", "load_roles"]),
    ("Spawner", &["cmd", "default_url"]),
    (
        "KubeSpawner",
        &[
            "common_labels",
            "environment",
            "extra_annotations",
            "extra_containers",
            "extra_labels",
            "extra_pod_config",
            "extra_resource_guarantees",
            "extra_resource_limits",
            "image",
            "image_pull_secrets",
            "init_containers",
            "lifecycle_hooks",
            "namespace",
            "node_affinity_preferred",
            "node_affinity_required",
            "node_selector",
            "profile_list",
            "storage_extra_labels",
            "tolerations",
            "volume_mounts",
            "volumes",
        ],
    ),
];

/// Those of them that are dictionaries; to a login all are as good as empty.
const DICTIONARIES: &[&str] = &[
    "common_labels",
    "environment",
    "extra_annotations",
    "extra_labels",
    "extra_pod_config",
    "extra_resource_guarantees",
    "extra_resource_limits",
    "lifecycle_hooks",
    "node_selector",
    "storage_extra_labels",
];

const BY_THE_CHART: &str = "set by the chart from other values";

fn not_followed(config: &mut Config) {
    for (class, options) in NOT_FOLLOWED {
        for option in *options {
            let entry = Entry::plain(Value::unknown(BY_THE_CHART, None), Origin::Default);
            config.section_mut(class).set("", option, entry);
        }
    }
}

/// What no snippet has touched is none of ours.
fn forget_not_followed(config: &mut Config) {
    let untouched = |entry: &Entry| {
        matches!(entry.value(), Some(Value::Unknown(unknown)) if unknown.reason == BY_THE_CHART)
            && entry.shadowed.is_empty()
    };
    for (class, options) in NOT_FOLLOWED {
        let section = config.section_mut(class);
        for option in *options {
            if section.entry(option).is_some_and(untouched) {
                section.remove(option);
            }
        }
        if section.is_empty() {
            config.remove(class);
        }
    }
}

/// What `templates/hub/deployment.yaml` gives the container besides `hub.extraEnv`.
fn container_env(env: &mut Env) {
    env.set("PYTHONUNBUFFERED", Value::str("1"), None);
    for name in ["HELM_RELEASE_NAME", "POD_NAMESPACE", "CONFIGPROXY_AUTH_TOKEN"] {
        if env.get(name).is_none() {
            env.set(name, Value::unknown("given to the hub's container by helm, not here", None), None);
        }
    }
}

/// What the chart's file sets from other values, and the chart's own defaults.
fn chart_settings(hub: &Node, config: &mut Config) {
    const TRAITS: &[(&str, &str)] =
        &[("baseUrl", "base_url"), ("templatePaths", "template_paths"), ("templateVars", "template_vars")];
    let section = config.section_mut("JupyterHub");
    for (key, option) in TRAITS {
        if let Some(node) = hub.get(key).filter(|node| !node.is_null()) {
            let qualified = format!("JupyterHub.{option}");
            section.set(&qualified, option, node.entry(&qualified));
        }
    }
    // `hub.config.JupyterHub` in the chart's values.yaml; helm takes a null for "not even the default".
    let given = |option: &str| hub.at(["config", "JupyterHub", option]).is_some();
    let section_removed =
        hub.at(["config", "JupyterHub"]).is_some_and(Node::is_null) || hub.get("config").is_some_and(Node::is_null);
    for (option, value) in [("admin_access", Value::Bool(true)), ("authenticator_class", Value::str("dummy"))] {
        if !given(option) && !section_removed {
            section.set("", option, Entry::plain(value, Origin::Default));
        }
    }
    // The chart begins with empty lists and adds its own services; which ones does not matter to a login.
    for option in ["services", "load_roles"] {
        section.set("", option, Entry::plain(Value::List(Vec::new()), Origin::Default));
    }
    // The chart reads the keys from a secret that it fills from `hub.config.CryptKeeper.keys` or by itself.
    let given = hub.at(["config", "CryptKeeper", "keys"]).filter(|node| node.value().truth() != Some(false));
    let keys = match given {
        Some(node) => node.entry("CryptKeeper.keys"),
        None => Entry::plain(Value::unknown("made by the chart when it is installed", None), Origin::Default),
    };
    config.section_mut("CryptKeeper").set("", "keys", keys);
}

/// Options in `hub.config` that are read from a secret of the chart instead, or are no setting of the hub here.
pub const TAKEN_OUT: &[(&str, &str)] = &[
    ("JupyterHub", "proxy_auth_token"),
    ("JupyterHub", "cookie_secret"),
    ("JupyterHub", "services"),
    ("ConfigurableHTTPProxy", "auth_token"),
    ("CryptKeeper", "keys"),
];

/// `for section, cfg in get_config("hub.config", {}).items(): c[section].update(cfg)`.
fn hub_config(hub: &Node, config: &mut Config, diagnostics: &mut Vec<Diagnostic>) -> Option<Diagnostic> {
    let given = hub.get("config")?;
    if given.map().is_none() {
        let unknown = given.value().find_unknown().map(|unknown| unknown.reason.clone());
        return match unknown {
            Some(reason) => {
                let message = format!("hub.config isn't known, because it is {reason}");
                diagnostics.push(Diagnostic::warning("unknown-section", message).with_span(given.place()));
                None
            }
            None if given.is_null() => None,
            None => Some(not_a_section("hub.config", given)),
        };
    }
    for (section, node) in given.pairs() {
        if !section.starts_with(char::is_uppercase) {
            diagnostics.push(lowercase_section(&section, node));
            if node.map().is_none() {
                continue;
            }
        }
        match &node.data {
            Data::Map(map) => {
                let mut options = map.clone();
                let class = options.values().find(|(name, _)| name.as_str() == Some("authenticator_class"));
                if let Some((_, value)) = class.filter(|(_, value)| section == "JupyterHub" && value.is_null()) {
                    diagnostics.push(null_class(value.place()));
                }
                options.retain(|_, (name, value)| {
                    let removed = TAKEN_OUT.iter().any(|(of, option)| *of == section && name.as_str() == Some(*option));
                    // A null over the chart's default removes the key from the values.
                    let nulled = section == "JupyterHub"
                        && value.is_null()
                        && matches!(name.as_str(), Some("authenticator_class" | "admin_access"));
                    !removed && !nulled
                });
                let node = Node { data: Data::Map(options), ..node.clone() };
                node.write_into(config.section_mut(&section), &section);
            }
            Data::Scalar(Value::Unknown(unknown)) => {
                let message = format!("the section hub.config.{section} isn't known: {}", unknown.reason);
                diagnostics.push(Diagnostic::warning("unknown-section", message).with_span(node.place()));
            }
            Data::Scalar(Value::None) if section == "JupyterHub" => {}
            _ => return Some(not_a_section(&format!("hub.config.{section}"), node)),
        }
    }
    None
}

fn not_a_section(name: &str, node: &Node) -> Diagnostic {
    Diagnostic::error("section-not-mapping", format!("{name} holds no options: it is a {}", node.value().type_name()))
        .with_span(node.place())
        .with_note("the hub does not start: the chart's `c[section].update(…)` raises an exception")
        .with_fix("indent the options under it, or remove it")
}

fn lowercase_section(section: &str, node: &Node) -> Diagnostic {
    let finding = Diagnostic::error(
        "lowercase-section",
        format!("hub.config.{section} is no section: it isn't the name of a class"),
    )
    .with_span(node.key.clone())
    .with_note("from chart 4.3.0 on the hub exits at start; before, all that is in it was ignored without a word");
    match section {
        "extraEnv" | "cookieSecret" | "extraConfig" | "loadRoles" | "services" | "extraFiles" | "baseUrl" | "db" => {
            finding.with_fix(format!("move it up one level, to hub.{section}"))
        }
        _ => finding.with_fix("move it to where the chart looks for it, or remove it"),
    }
}

/// A class's options outside `hub.config`: the chart's schema knows no such key.
fn misplaced_sections(above: &Node, path: &str, diagnostics: &mut Vec<Diagnostic>) {
    if above.map().is_none() {
        return;
    }
    let is_class =
        |name: &str| name == "JupyterHub" || name.starts_with(char::is_uppercase) && name.ends_with("Authenticator");
    for (name, node) in above.pairs().filter(|(name, _)| is_class(name)) {
        diagnostics.push(
            Diagnostic::error("misplaced-section", format!("{path}{name} is not where the chart looks for options"))
                .with_span(node.key.clone())
                .with_setting(name.clone())
                .with_note(
                    "helm refuses the values, or drops the key in a chart without a schema; it never reaches the hub",
                )
                .with_fix(format!("move it to hub.config.{name}")),
        );
    }
}

/// `auth:` of charts before 1.0, which the schema of the chart's values now refuses.
fn legacy_auth(root: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(auth) = root.get("auth").filter(|auth| auth.map().is_some()) else { return };
    let class = auth.at(["custom", "className"]).or_else(|| auth.get("type")).map(|node| node.value().to_text());
    shell_names(auth, diagnostics);
    let meant = class.map(|class| format!(" (it asked for `{class}`)")).unwrap_or_default();
    diagnostics.push(
        Diagnostic::error("legacy-auth", format!("`auth:` is refused since chart 1.0{meant}"))
            .with_span(auth.key.clone())
            .with_note("helm refuses the values; nothing under it reaches the hub")
            .with_fix("move its settings to hub.config.<AuthenticatorClass>, with the names of the class's options"),
    );
}

/// What stood below `auth:` never saw a shell, either.
fn shell_names(auth: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(config) = auth.at(["custom", "config"]) else { return };
    for (key, node) in config.pairs() {
        let is_name = |text: &str| text.len() > 1 && text[1..].chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let Some(text) = node.text().filter(|text| text.starts_with('$') && is_name(text)) else { continue };
        diagnostics.push(
            Diagnostic::error("unexpanded-variable", format!("{key} holds `{text}` as it stands: nothing replaces it"))
                .with_span(node.place())
                .with_setting(format!("auth.custom.config.{key}"))
                .with_fix(format!("set it in hub.extraConfig: `c.… = os.environ[\"{}\"]`", &text[1..])),
        );
    }
}

fn existing_secret(hub: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(secret) = hub.get("existingSecret").filter(|node| node.value().truth() == Some(true)) else { return };
    let name = secret.value().to_text();
    diagnostics.push(
        Diagnostic::note("existing-secret", format!("the Kubernetes secret `{name}` may hold more values, which lie over these"))
            .with_span(secret.place())
            .with_setting("hub.existingSecret")
            .with_fix(format!(
                "to count them, save them with `kubectl get secret {name} -o jsonpath='{{.data.values\\.yaml}}' | base64 -d`, \
                 and give that file as CONFIG with this one as --base"
            )),
    );
}

/// The snippets share their names: where a part isn't here, a name that is missing may well be defined in it.
fn may_be_defined_elsewhere(failures: Vec<Diagnostic>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let absent = ["existing-secret", "extra-file-not-here", "unknown-snippet"];
    let Some(part) =
        diagnostics.iter().find(|finding| absent.contains(&finding.rule)).map(|finding| finding.message.clone())
    else {
        return failures;
    };
    let (unsure, certain): (Vec<_>, Vec<_>) =
        failures.into_iter().partition(|failure| failure.message.contains("NameError"));
    for mut failure in unsure {
        failure.level = Level::Warning;
        diagnostics.push(failure.with_note(format!("unless it is defined in what isn't here: {part}")));
    }
    certain
}

/// A piece of Python in the values.
struct Snippet<'n> {
    text: String,
    node: &'n Node,
    path: Option<PathBuf>,
}

impl Snippet<'_> {
    fn block(&self) -> Block {
        let span = &self.node.span;
        self.node.block.unwrap_or(Block { line: span.line, column: span.column })
    }

    fn piece(&self) -> Piece {
        Piece { label: self.node.span.file.clone(), line: self.block().line, text: self.text.clone() }
    }

    /// What ends the hub, if anything does.
    fn run(&self, interpreter: &mut Interpreter<'_>) -> Option<Diagnostic> {
        let block = self.block();
        let outcome = interpreter.run(Source {
            text: &self.text,
            label: self.node.span.file.clone(),
            path: self.path.clone(),
            folder: HOME.into(),
            first_line: block.line,
            first_column: block.column,
        });
        outcome.err()
    }
}

/// All Python in the order in which the hub runs it.
fn snippets<'n>(hub: &'n Node, files: &Mounted<'n>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Snippet<'n>> {
    let mut all: Vec<Snippet<'n>> = Vec::new();
    for (path, (bytes, node)) in &files.files {
        if is_config(path) {
            all.push(Snippet { text: crate::json::decode(bytes), node, path: None });
        }
    }
    let Some(extra) = hub.get("extraConfig") else { return all };
    if let Some(text) = extra.text() {
        diagnostics.push(
            Diagnostic::error("extra-config-not-mapping", "hub.extraConfig is one text, not named pieces of Python")
                .with_span(extra.key.clone())
                .with_note("the chart's schema refuses it, and the hub can't run it; it is read here all the same")
                .with_fix("give it a name: put the Python under a key below hub.extraConfig"),
        );
        all.push(Snippet { text: text.to_owned(), node: extra, path: None });
    }
    let mut named: Vec<(String, &Node)> = extra.pairs().collect();
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, node) in named {
        match (&node.data, node.text()) {
            (_, Some(text)) => all.push(Snippet { text: text.to_owned(), node, path: None }),
            (Data::Scalar(Value::Unknown(unknown)), _) => diagnostics.push(
                Diagnostic::warning(
                    "unknown-snippet",
                    format!("hub.extraConfig.{name} isn't known: {}", unknown.reason),
                )
                .with_span(node.place())
                .with_note("it may set anything, also what is shown here"),
            ),
            _ => diagnostics.push(
                Diagnostic::error("extra-config-not-text", format!("hub.extraConfig.{name} is no text"))
                    .with_span(node.place())
                    .with_note("the hub runs it as Python, which fails")
                    .with_fix("write the Python after `|`"),
            ),
        }
    }
    all
}

/// In Python that stands in values, too, `${NAME}` is filled in by terraform or envsubst before helm sees it.
fn templates_in_python(config: &mut Config) {
    for (_, node) in config.iter_mut() {
        match node {
            ConfigNode::Section(section) => templates_in_python(section),
            ConfigNode::Entry(entry) => {
                let Written::Plain(Value::Str(text)) = &entry.written else { continue };
                if let Some(reason) = template::shell_reason(text) {
                    entry.written = Written::Plain(Value::unknown(reason, entry.origin.span().cloned()));
                }
            }
        }
    }
}

/// The Python in the values, in the order in which the hub runs it: the text, its file, and the line it begins on.
pub fn python_in(root: &Node) -> Vec<(String, std::sync::Arc<str>, usize)> {
    let Some(hub) = root.get("hub") else { return Vec::new() };
    let files = Mounted::new(hub.get("extraFiles"), &mut Vec::new());
    let place = |snippet: Snippet<'_>| {
        let line = snippet.node.block.map_or(snippet.node.span.line, |block| block.line);
        (snippet.text, snippet.node.span.file.clone(), line)
    };
    snippets(hub, &files, &mut Vec::new()).into_iter().map(place).collect()
}

/// The files of the hub's container, of which only `hub.extraFiles` are known.
struct Mounted<'n> {
    files: BTreeMap<PathBuf, (Vec<u8>, &'n Node)>,
}

impl<'n> Mounted<'n> {
    fn new(extra: Option<&'n Node>, diagnostics: &mut Vec<Diagnostic>) -> Mounted<'n> {
        let mut files = BTreeMap::new();
        for (name, file) in extra.into_iter().flat_map(Node::pairs) {
            let Some(path) = file.get("mountPath").and_then(Node::text).map(PathBuf::from) else { continue };
            match content(file) {
                Some(found) => {
                    files.insert(path, found);
                }
                None if is_config(&path) => diagnostics.push(
                    Diagnostic::warning("extra-file-not-here", format!("the text of hub.extraFiles.{name} isn't here"))
                        .with_span(file.place())
                        .with_note(format!("the hub reads it as {}", path.display()))
                        .with_fix("it may come from `helm --set-file`: put it under `stringData` to have it read here"),
                ),
                None => {}
            }
        }
        Mounted { files }
    }
}

/// A volume over the hub's folder of configuration, with Python that is not here.
fn mounted_volumes(hub: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(Data::List(mounts)) = hub.get("extraVolumeMounts").map(|node| &node.data) else { return };
    for mount in mounts {
        let Some(path) = mount.get("mountPath").filter(|path| path.text().is_some_and(|path| path.starts_with(HOME)))
        else {
            continue;
        };
        diagnostics.push(
            Diagnostic::note(
                "extra-file-not-here",
                "files of the hub's configuration come from a volume, not from here",
            )
            .with_span(path.place())
            .with_note(format!("the hub reads what is in {}", path.text().unwrap_or_default()))
            .with_fix("give what they set by --set Class.option=value, where it matters"),
        );
    }
}

fn content(file: &Node) -> Option<(Vec<u8>, &Node)> {
    if let Some(node) = file.get("stringData") {
        return Some((node.text()?.as_bytes().to_vec(), node));
    }
    if let Some(node) = file.get("binaryData") {
        let bare: String = node.text()?.split_whitespace().collect();
        return Some((base64::engine::general_purpose::STANDARD.decode(bare).ok()?, node));
    }
    // What stands under `data` is written out as JSON or YAML; JSON is both.
    let node = file.get("data")?;
    Some((crate::json::write(&node.value(), false).into_bytes(), node))
}

impl Files for Mounted<'_> {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let found = self.files.get(&self.absolute(path)).map(|(bytes, _)| bytes.clone());
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, "it is in the hub's container, not here"))
    }

    fn exists(&self, path: &Path) -> Option<bool> {
        let path = self.absolute(path);
        self.files.keys().any(|file| file.starts_with(&path)).then_some(true)
    }

    fn is_file(&self, path: &Path) -> Option<bool> {
        self.files.contains_key(&self.absolute(path)).then_some(true)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        // The image's working directory.
        Path::new("/srv/jupyterhub").join(path)
    }
}

/// Whether the chart's configuration runs a file.
fn is_config(path: &Path) -> bool {
    path.parent() == Some(&Path::new(HOME).join("jupyterhub_config.d"))
        && path.extension().is_some_and(|extension| extension == "py")
}

/// Where a `null` replaces what a lower layer has: helm deletes only what the chart itself has by default.
pub fn null_over_base(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let sections = root.at(["hub", "config"]).into_iter().flat_map(Node::pairs);
    for (section, node) in sections {
        for (option, value) in node.pairs() {
            let Some((_, below)) = value.below.first().filter(|(below, _)| value.is_null() && *below != Value::None)
            else {
                continue;
            };
            if section == "JupyterHub" && matches!(option.as_str(), "authenticator_class" | "admin_access") {
                continue;
            }
            found.push(finding_null(&section, &option, value.place(), below.clone()));
        }
    }
    found
}

fn null_class(span: Span) -> Diagnostic {
    Diagnostic::warning("authenticator-not-set", "a null takes the chart's authenticator_class away, and sets none")
        .with_span(span)
        .with_setting("JupyterHub.authenticator_class")
        .with_note("the hub then asks for the system's passwords (PAM), unless Python sets the class")
        .with_fix("name a class, such as \"generic-oauth\", or remove the line")
}

fn finding_null(section: &str, option: &str, span: Span, below: Span) -> Diagnostic {
    Diagnostic::warning("null-over-base", format!("{section}.{option} becomes null, which isn't the same as unset"))
        .with_span(span)
        .with_label(below, "the value it replaces")
        .with_setting(format!("{section}.{option}"))
        .with_note("helm deletes a key for a null only where the chart's own values.yaml has it; between `-f` files the null stays, and the hub gets None")
        .with_fix("remove the key from the lower file instead")
}

#[cfg(test)]
mod tests {
    use super::super::chart::{self, Layer};
    use super::super::yaml::{self, Flavour};
    use super::*;

    fn outcome(text: &str) -> Outcome {
        let documents = yaml::parse(text, &"values.yaml".into(), Flavour::Helm).unwrap().documents;
        let values = chart::merge(vec![Layer { label: "values.yaml".into(), documents }]).unwrap();
        evaluate(&values.root, Env::default())
    }

    fn entry<'c>(outcome: &'c Outcome, class: &str, option: &str) -> &'c Entry {
        outcome.config.section(class).unwrap().entry(option).unwrap()
    }

    fn rules(outcome: &Outcome) -> Vec<&'static str> {
        outcome.diagnostics.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn sections_become_settings_with_their_places() {
        let outcome =
            outcome("hub:\n  baseUrl: /x/\n  config:\n    A:\n      b: [1]\n    JupyterHub:\n      cookie_secret: x\n");
        let found = entry(&outcome, "A", "b");
        assert_eq!(found.value().unwrap().repr(), "[1]");
        assert_eq!(found.origin.span().unwrap().line, 5);
        assert_eq!(entry(&outcome, "JupyterHub", "base_url").value(), Some(&Value::str("/x/")));
        assert!(outcome.config.section("JupyterHub").unwrap().entry("cookie_secret").is_none());
        // The chart's defaults.
        assert_eq!(entry(&outcome, "JupyterHub", "authenticator_class").value(), Some(&Value::str("dummy")));
        assert_eq!(entry(&outcome, "JupyterHub", "admin_access").value(), Some(&Value::Bool(true)));
        assert!(matches!(entry(&outcome, "CryptKeeper", "keys").value(), Some(Value::Unknown(_))));
    }

    #[test]
    fn a_null_removes_the_charts_default() {
        let outcome = outcome("hub: {config: {JupyterHub: {authenticator_class: null}}}");
        assert!(outcome.config.section("JupyterHub").unwrap().entry("authenticator_class").is_none());
    }

    #[test]
    fn snippets_run_after_config_sorted_by_key_with_places_in_the_file() {
        let text = "hub:\n  config:\n    A:\n      b: 0\n  extraConfig:\n    20-last: |\n      # second\n      c.A.b = 2\n    10-first: |\n      c.A.b = 1\n";
        let outcome = outcome(text);
        let found = entry(&outcome, "A", "b");
        assert_eq!(found.value(), Some(&Value::int(2)));
        let span = found.origin.span().unwrap();
        assert_eq!((&*span.file, span.line, span.column), ("values.yaml", 8, 7));
        let below: Vec<_> = found.shadowed.iter().map(|below| below.value.clone().unwrap().repr()).collect();
        assert_eq!(below, ["1", "0"]);
    }

    #[test]
    fn files_in_config_d_run_before_the_snippets() {
        let text = "hub:\n  extraFiles:\n    x:\n      mountPath: /usr/local/etc/jupyterhub/jupyterhub_config.d/a.py\n      stringData: |\n        c.A.b = 1\n        c.A.d = 3\n    y:\n      mountPath: /usr/local/etc/jupyterhub/jupyterhub_config.d/b.py\n  extraConfig:\n    z: c.A.b = 2\n";
        let outcome = outcome(text);
        assert_eq!(entry(&outcome, "A", "b").value(), Some(&Value::int(2)));
        assert_eq!(entry(&outcome, "A", "d").origin.span().unwrap().line, 7);
        assert_eq!(rules(&outcome), ["extra-file-not-here"]);
    }

    #[test]
    fn what_the_chart_refuses_is_said() {
        let outcome = outcome(
            "auth: {type: custom, custom: {className: x.Y}}\nhub:\n  config:\n    extraEnv: {A: b}\n    Auth: {x: 1}\n",
        );
        assert_eq!(rules(&outcome), ["legacy-auth", "lowercase-section"]);
        assert!(outcome.diagnostics[0].message.contains("x.Y"));
        assert_eq!(outcome.diagnostics[1].fix.as_ref().unwrap().message, "move it up one level, to hub.extraEnv");
        assert_eq!(outcome.diagnostics[1].span.as_ref().unwrap().line, 4);
    }

    #[test]
    fn a_section_that_is_no_mapping_ends_the_hub() {
        assert_eq!(outcome("hub: {config: {GenericOAuthenticator: null}}").fatal.unwrap().rule, "section-not-mapping");
        assert!(outcome("hub: {config: {JupyterHub: null, A: {}}}").fatal.is_none());
    }

    #[test]
    fn a_null_over_a_base_stays_null() {
        let layer = |label: &str, text: &str| Layer {
            label: label.into(),
            documents: yaml::parse(text, &label.into(), Flavour::Helm).unwrap().documents,
        };
        let low = layer("low", "hub: {config: {A: {x: 1, v: 2}}}");
        let high = layer("high", "hub: {config: {A: {x: null}}}");
        let values = chart::merge(vec![low, high]).unwrap();
        let outcome = evaluate(&values.root, Env::default());
        assert_eq!(entry(&outcome, "A", "x").value(), Some(&Value::None));
        assert_eq!(null_over_base(&values.root).len(), 1);
    }
}
