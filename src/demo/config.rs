//! The `jupyterhub_config.py` that goes with a running provider.

use std::fmt::{Display, Write as _};

use super::{Shape, State, call};

/// A configuration as it is being written.
pub(crate) struct Script {
    text: String,
    class: &'static str,
    /// The address of the shape's root.
    pub(crate) base: String,
    /// The key file of the service account that is registered.
    pub(crate) service_account_file: Option<String>,
}

impl Script {
    /// Writes one option of the class; the value is Python.
    pub(crate) fn set(&mut self, option: &str, value: impl Display) {
        let _ = writeln!(self.text, "c.{}.{option} = {value}", self.class);
    }

    /// Writes an address below the shape's root.
    pub(crate) fn url(&mut self, option: &str, path: &str) {
        let url = text(&format!("{}{path}", self.base));
        self.set(option, url);
    }

    /// Writes a line of explanation, after a blank one.
    pub(crate) fn note(&mut self, note: &str) {
        let _ = writeln!(self.text, "\n# {note}");
    }
}

/// A Python string. What JSON escapes in one, Python reads the same way.
pub(crate) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A Python list of strings.
pub(crate) fn list(items: &[&str]) -> String {
    format!("[{}]", joined(items))
}

/// A Python set of strings.
pub(crate) fn set(items: &[&str]) -> String {
    format!("{{{}}}", joined(items))
}

fn joined(items: &[&str]) -> String {
    items.iter().map(|item| text(item)).collect::<Vec<_>>().join(", ")
}

/// The whole configuration for the class that speaks to `shape`.
pub(crate) fn script(state: &State, shape: &Shape) -> String {
    let mut script = Script {
        text: String::new(),
        class: shape.class,
        base: call::base(state, shape),
        service_account_file: state.service_account().map(|account| account.file),
    };
    let _ = writeln!(script.text, "# For the demo provider at {} and nothing else.", state.root);
    let _ = writeln!(script.text, "c = get_config()  # noqa\n");
    let _ = writeln!(script.text, "c.JupyterHub.authenticator_class = {}", text(shape.entry_point));
    script.set("client_id", text(&state.options.client_id));
    script.set("client_secret", text(&state.options.client_secret));
    if let Some(uri) = state.options.redirect_uris.first() {
        script.set("oauth_callback_url", text(uri));
    }
    (shape.configure)(&mut script);
    script.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_reads_back_what_was_written() {
        assert_eq!(text("a\"b\\c\nø"), r#""a\"b\\c\nø""#);
        assert_eq!(list(&["a", "b"]), r#"["a", "b"]"#);
        assert_eq!(set(&["a"]), r#"{"a"}"#);
    }
}
