//! What kind of configuration a file is, told from its content; its name only decides where the content leaves it open.

use std::path::Path;

use super::node::Node;

/// The languages of configuration files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// JSON for traitlets.
    Json,
    /// YAML: values for helm, or TLJH's config.
    Yaml,
}

/// The language of a text.
pub fn language(path: &Path, text: &str) -> Language {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("py") => return Language::Python,
        Some("json") if !has_hub(text) => return Language::Json,
        Some("json" | "yaml" | "yml") => return Language::Yaml,
        _ => {}
    }
    if text.trim_start().starts_with('{') && !text.trim_start().starts_with("{{") {
        return if has_hub(text) { Language::Yaml } else { Language::Json };
    }
    let python = |line: &&str| {
        ["c.", "c =", "import ", "from ", "def ", "class ", "os.", "get_config(", "load_subconfig("]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let yaml = |line: &&str| {
        line.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && key.chars().all(|c| c.is_alphanumeric() || "_-.\"'".contains(c))
                && !rest.starts_with('=')
        })
    };
    // The first line that is clearly one of the two decides.
    for line in text.lines() {
        if python(&line) {
            return Language::Python;
        }
        if yaml(&line) {
            return Language::Yaml;
        }
    }
    Language::Python
}

/// Whether a JSON text is values for helm: JSON is YAML, too.
fn has_hub(text: &str) -> bool {
    match crate::json::parse(text) {
        Ok(value) => ["hub", "jupyterhub", "auth", "users"].iter().any(|key| value.get(key).is_some()),
        Err(_) => false,
    }
}

/// Whether a YAML document is The Littlest JupyterHub's `config.yaml` rather than values for helm. Both know `auth`: the
/// chart's of old has its keys in lower case, TLJH's are class names besides `type`.
pub fn is_tljh(root: &Node) -> bool {
    const CHART: &[&str] = &["hub", "proxy", "singleuser", "jupyterhub", "prePuller", "scheduling", "cull", "ingress"];
    const TLJH: &[&str] = &["users", "limits", "user_environment", "traefik_api", "https"];
    if CHART.iter().any(|key| root.get(key).is_some()) {
        return false;
    }
    let only_classes = |auth: &Node| {
        auth.map().is_some()
            && auth.pairs().next().is_some()
            && (auth.pairs().all(|(key, _)| key == "type" || key.starts_with(|c: char| !c.is_lowercase()))
                || auth.pairs().any(|(key, section)| key.ends_with("Authenticator") && section.map().is_some()))
    };
    if root.get("auth").is_some_and(only_classes) {
        let class = root.at(["auth", "type"]).and_then(Node::text);
        let old_chart =
            matches!(class, Some("github" | "google" | "gitlab" | "globus" | "cilogon" | "custom" | "dummy"));
        let has_section = root.get("auth").is_some_and(|auth| auth.pairs().count() > 1);
        return has_section || !old_chart || TLJH.iter().any(|key| root.get(key).is_some());
    }
    TLJH.iter().any(|key| root.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::yaml::{self, Flavour};
    use super::*;

    #[test]
    fn the_content_tells_the_language() {
        for (name, text, expected) in [
            ("x.py", "hub:\n", Language::Python),
            ("x", "# comment\nimport os\n", Language::Python),
            ("x.txt", "c.A.b = {'x': 1}\n", Language::Python),
            ("x", "hub:\n  config:\n", Language::Yaml),
            ("x.json", "{\"GenericOAuthenticator\": {}}", Language::Json),
            ("x.json", "{\"hub\": {\"config\": {}}}", Language::Yaml),
            ("x", "{\"A\": 1}", Language::Json),
            ("x.yaml", "c: 1", Language::Yaml),
            ("x", "x: int = 1\n", Language::Yaml),
            ("x", "", Language::Python),
        ] {
            assert_eq!(language(Path::new(name), text), expected, "{name}: {text}");
        }
    }

    #[test]
    fn tljh_is_told_from_the_chart() {
        let tljh = |text| is_tljh(&yaml::parse(text, &"f".into(), Flavour::Helm).unwrap().documents[0]);
        assert!(tljh("auth: {type: oauthenticator.github.GitHubOAuthenticator, GitHubOAuthenticator: {client_id: x}}"));
        assert!(tljh("users: {admin: [a]}\nlimits: {memory: 1G}"));
        assert!(tljh("auth: {type: dummy, DummyAuthenticator: {password: x}}"));
        assert!(!tljh("auth: {type: github, github: {clientId: x}}"));
        assert!(!tljh("auth: {type: dummy}"));
        assert!(!tljh("hub: {config: {}}\nauth: {type: x, X: {}}"));
    }
}
