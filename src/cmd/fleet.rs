//! Fleets: the hubs below a folder. One hub is one `jupyterhub_config.py`, one values file that has to do with an
//! authenticator, one TLJH `config.yaml`, or one set of values files that a `cluster.yaml` or `helmfile.yaml` names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::source::disk;
use crate::source::yaml::{self, Flavour};
use crate::value::Value;

/// The files of one hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubFiles {
    /// The uppermost; `None` for the one in the current folder.
    pub config: Option<PathBuf>,
    /// Those below it, the lowest first.
    pub base: Vec<PathBuf>,
    /// Whether it was found in a folder rather than named: then a file without a hub in it is none.
    pub found: bool,
    /// What the file that names the set calls it.
    pub name: Option<String>,
    /// Layers of it that cannot be read here: encrypted, made elsewhere, or written into the file that names the set.
    pub missing: Vec<String>,
}

/// How deep a folder is looked into.
const DEEPEST: usize = 32;

/// The hubs that the paths name: a file is one, a folder is walked.
pub fn hubs(paths: &[PathBuf]) -> Vec<HubFiles> {
    if paths.is_empty() {
        return vec![HubFiles { config: None, base: Vec::new(), found: false, name: None, missing: Vec::new() }];
    }
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut files = Vec::new();
            walk(path, 0, &mut files);
            all.extend(in_files(&files));
        } else if is_cluster(path) {
            all.extend(sets(path));
        } else {
            all.push(HubFiles {
                config: Some(path.clone()),
                base: Vec::new(),
                found: false,
                name: None,
                missing: Vec::new(),
            });
        }
    }
    all
}

/// Every file below, by name; folders that hold other people's files are left out, and links are not followed.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    const OTHERS: &[&str] = &["node_modules", "site-packages", "target", "venv", "__pycache__"];
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && !name.starts_with('.') && !OTHERS.contains(&name.as_str()) && depth < DEEPEST {
            walk(&entry.path(), depth + 1, files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

/// The hubs among files: sets first, then each file that no set uses.
fn in_files(files: &[PathBuf]) -> Vec<HubFiles> {
    let mut all: Vec<HubFiles> = files.iter().filter(|file| is_cluster(file)).flat_map(|file| sets(file)).collect();
    let used: BTreeSet<PathBuf> =
        all.iter().flat_map(|hub| hub.base.iter().chain(&hub.config)).map(|path| plain(path)).collect();
    for file in files.iter().filter(|file| !used.contains(&plain(file)) && !is_cluster(file)) {
        if is_hub(file) {
            all.push(HubFiles {
                config: Some(file.clone()),
                base: Vec::new(),
                found: true,
                name: None,
                missing: Vec::new(),
            });
        }
    }
    all.sort_by(|a, b| (&a.config, &a.base).cmp(&(&b.config, &b.base)));
    all
}

/// A path without `.` and `..`, to be compared with others.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

fn text(path: &Path) -> Option<String> {
    disk::decode(disk::read(path).ok()?).ok()
}

/// Whether a file has to do with a hub's authenticator.
fn is_hub(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "py" => {
            name.contains("jupyterhub_config") && !path.iter().any(|part| part == "jupyterhub_config.d")
                || text(path).is_some_and(|text| text.contains("c.JupyterHub.authenticator_class"))
        }
        "json" => name.contains("jupyterhub_config"),
        "yaml" | "yml" => text(path).is_some_and(|text| {
            let about =
                ["authenticator_class", "OAuthenticator:", "Authenticator:"].iter().any(|word| text.contains(word));
            about || text.lines().any(|line| line.trim_start() == "auth:")
        }),
        _ => false,
    }
}

/// Whether a file names sets of values files.
fn is_cluster(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.strip_suffix(".gotmpl").unwrap_or(&name);
    matches!(name, "cluster.yaml" | "cluster.yml" | "helmfile.yaml" | "helmfile.yml")
}

/// The sets that a `cluster.yaml` (`hubs[].helm_chart_values_files`) or a helmfile (`releases[].values`) names.
fn sets(path: &Path) -> Vec<HubFiles> {
    let label = path.to_string_lossy().into_owned().as_str().into();
    let Some(document) = text(path).and_then(|text| yaml::parse(&text, &label, Flavour::Helm).ok()) else {
        return Vec::new();
    };
    let Some(root) = document.documents.into_iter().next().map(|node| node.value()) else { return Vec::new() };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut all = Vec::new();
    for (list, key) in [("hubs", "helm_chart_values_files"), ("releases", "values")] {
        for item in root.get(list).and_then(Value::iterate).unwrap_or_default() {
            let names = item.get(key).and_then(Value::iterate).unwrap_or_default();
            let (mut files, mut missing) = (Vec::new(), Vec::new());
            for name in &names {
                match name.as_str().map(|name| folder.join(name)) {
                    Some(file) if file.is_file() && !is_encrypted(&file) => files.push(file),
                    Some(file) => missing.push(file.display().to_string()),
                    None => missing.push(format!("what stands in {} itself", path.display())),
                }
            }
            let Some((config, base)) = files.split_last() else { continue };
            let name = item.get("name").and_then(Value::as_str).map(str::to_owned);
            all.push(HubFiles { config: Some(config.clone()), base: base.to_vec(), found: true, name, missing });
        }
    }
    all
}

/// A file that SOPS or git-crypt keeps: nothing of it can be read.
fn is_encrypted(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let secret =
        name.starts_with("enc-") || name.contains(".secret.") && text(path).is_some_and(|text| text.contains("ENC["));
    secret || text(path).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_walked_and_a_set_is_one_hub() {
        let folder = std::env::temp_dir().join(format!("oauthctl-fleet-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("a/.git")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write(
            "a/cluster.yaml",
            "hubs:\n- name: prod\n  helm_chart_values_files: [common.yaml, prod.yaml, enc-prod.secret.yaml]\n",
        );
        write("a/common.yaml", "hub: {config: {JupyterHub: {authenticator_class: github}}}");
        write("a/prod.yaml", "hub: {config: {GitHubOAuthenticator: {allow_all: true}}}");
        write("a/enc-prod.secret.yaml", "hub: ENC[x]");
        write("jupyterhub_config.py", "c.JupyterHub.authenticator_class = 'github'\n");
        write("a/.git/jupyterhub_config.py", "");
        write("other.yaml", "a: b\n");
        let found = hubs(std::slice::from_ref(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found[0].missing, [folder.join("a/enc-prod.secret.yaml").display().to_string()]);
        let names: Vec<_> = found.iter().map(|hub| (hub.config.clone().unwrap(), hub.base.clone())).collect();
        assert_eq!(
            names,
            [
                (folder.join("a/prod.yaml"), vec![folder.join("a/common.yaml")]),
                (folder.join("jupyterhub_config.py"), Vec::new()),
            ]
        );
    }
}
