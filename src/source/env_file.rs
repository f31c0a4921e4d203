//! `--env-file`: the hub's environment instead of ours, and `--existing-users`: the names in the hub's database.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;

use crate::diagnostic::Diagnostic;
use crate::json;
use crate::span::Span;
use crate::value::Value;

use super::Env;

/// Reads `NAME=value` lines, or what `kubectl get secret NAME -o json` prints. The error is a message for the user.
pub fn parse(text: &str, file: &Arc<str>) -> Result<(Env, Vec<Diagnostic>), String> {
    if text.trim_start().starts_with('{') { secret(text, file) } else { lines(text, file) }
}

/// As `docker run --env-file` reads it: `#` begins a comment line, the value is everything after the `=`, quotes
/// included, and `export` is forgiven.
fn lines(text: &str, file: &Arc<str>) -> Result<(Env, Vec<Diagnostic>), String> {
    let mut env = Env::default();
    let mut diagnostics = Vec::new();
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!(
                "{file}:{number}: this is no NAME=value line (it isn't shown, since it may be a secret's)"
            ));
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("{file}:{number}: what stands before the `=` is no name of an environment variable"));
        }
        let quoted = |quote: char| value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote);
        if quoted('"') || quoted('\'') {
            let span = Span::point(file, number, 1);
            diagnostics.push(
                Diagnostic::warning("quoted-env", format!("the quotes are part of the value of {name}"))
                    .with_span(span)
                    .with_setting(name)
                    .with_note("docker and kubernetes keep them, systemd and shells take them away")
                    .with_fix("leave the quotes out unless the value has them"),
            );
        }
        if let Some(first) = lines.insert(name, number) {
            diagnostics.push(
                Diagnostic::warning("duplicate-key", format!("{name} is set twice: this line wins over line {first}"))
                    .with_span(Span::point(file, number, 1))
                    .with_label(Span::point(file, first, 1), "this one is not used")
                    .with_setting(name)
                    .with_fix(match alike(name) {
                        Some(other) => format!("keep one of the two; was {other} meant by the other?"),
                        None => "keep one of the two".to_owned(),
                    }),
            );
        }
        env.set(name, Value::str(value), None);
    }
    Ok((env, diagnostics))
}

/// A variable that is easily mixed up with this one.
fn alike(name: &str) -> Option<&'static str> {
    Some(match name {
        "OAUTH2_TOKEN_URL" => "OAUTH2_USERDATA_URL",
        "OAUTH2_AUTHORIZE_URL" => "OAUTH2_TOKEN_URL",
        "OAUTH2_USERDATA_URL" => "OAUTH2_TOKEN_URL",
        "OAUTH_CLIENT_ID" => "OAUTH_CLIENT_SECRET",
        _ => return None,
    })
}

/// A Kubernetes Secret, or a list of them: `data` is base64, `stringData` plain and on top.
fn secret(text: &str, file: &Arc<str>) -> Result<(Env, Vec<Diagnostic>), String> {
    let root = json::parse(text).map_err(|error| format!("{file}: not JSON: {error}"))?;
    let mut env = Env::default();
    let objects = match root.get("items") {
        Some(Value::List(items)) => items.clone(),
        _ => vec![root],
    };
    for object in &objects {
        let data = object.get("data").and_then(Value::as_dict);
        let plain = object.get("stringData").and_then(Value::as_dict);
        if data.is_none() && plain.is_none() {
            return Err(format!("{file}: neither a Secret (no `data` in it) nor NAME=value lines"));
        }
        // The data of a ConfigMap is plain.
        let encoded = object.get("kind").and_then(Value::as_str) != Some("ConfigMap");
        for (name, value) in data.into_iter().flat_map(|data| data.iter()) {
            let (Some(name), Some(value)) = (name.as_str(), value.as_str()) else { continue };
            let value = if encoded { decode(value).ok_or_else(|| bad(file, name))? } else { value.to_owned() };
            env.set(name, Value::Str(value), None);
        }
        for (name, value) in plain.into_iter().flat_map(|plain| plain.iter()) {
            if let (Some(name), Some(value)) = (name.as_str(), value.as_str()) {
                env.set(name, Value::str(value), None);
            }
        }
    }
    Ok((env, Vec::new()))
}

fn bad(file: &str, name: &str) -> String {
    format!("{file}: the value of {name} under `data` is no base64 of a UTF-8 text")
}

pub(super) fn decode(text: &str) -> Option<String> {
    let bare: String = text.split_whitespace().collect();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(bare).ok()?).ok()
}

/// The names in `--existing-users FILE`: one a line, `#` begins a comment.
pub fn existing_users(text: &str) -> Vec<String> {
    let name = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
    text.lines().map(name).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_as_docker_takes_them() {
        let text = "# comment\n\nA=1\nexport B=two words\nC=\"quoted\"\nD=a=b#c\nE=\r\n";
        let (env, diagnostics) = parse(text, &"env".into()).unwrap();
        let got: Vec<_> = env.iter().map(|(name, variable)| format!("{name}={}", variable.value.repr())).collect();
        assert_eq!(got, ["A='1'", "B='two words'", "C='\"quoted\"'", "D='a=b#c'", "E=''"]);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].span.as_ref().unwrap().line, 5);
        assert!(parse("A=1\nnonsense\n", &"env".into()).unwrap_err().starts_with("env:2: "));
        assert!(parse("A B=1", &"env".into()).is_err());
    }

    #[test]
    fn a_kubernetes_secret_is_decoded() {
        let text = r#"{"kind": "Secret", "data": {"A": "c2VjcmV0", "B": "YQ=="}, "stringData": {"B": "b"}}"#;
        let (env, _) = parse(text, &"env".into()).unwrap();
        assert_eq!((env.text("A"), env.text("B")), (Some("secret"), Some("b")));
        assert!(parse(r#"{"data": {"A": "%"}}"#, &"env".into()).unwrap_err().contains("base64"));
        assert!(parse(r#"{"A": "b"}"#, &"env".into()).is_err());
    }

    #[test]
    fn users_stand_one_a_line() {
        assert_eq!(existing_users("# all\nann\n  bob # x\n\n"), ["ann", "bob"]);
    }
}
