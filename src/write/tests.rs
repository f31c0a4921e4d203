use super::*;
use crate::source::Env;
use crate::source::load::{Request, load};
use crate::value::{Class, Dict, Set};

fn texts(items: &[&str]) -> Vec<Value> {
    items.iter().map(|item| Value::str(*item)).collect()
}

fn sample() -> Document {
    let class = Class {
        name: "GenericOAuthenticator".into(),
        import: Some("oauthenticator.generic.GenericOAuthenticator".into()),
        bases: Vec::new(),
        attributes: Vec::new(),
        methods: Vec::new(),
        span: None,
    };
    Document {
        heading: vec!["Logs in at the campus".into()],
        settings: vec![
            Setting::new("JupyterHub", "authenticator_class", Value::Class(Box::new(class))),
            Setting::new("JupyterHub", "base_url", Value::str("/jupyter/")),
            Setting::new("GenericOAuthenticator", "client_id", Value::str("0123")).with_comment("as registered"),
            Setting::new("GenericOAuthenticator", "client_secret", Term::env("OAUTH_CLIENT_SECRET")),
            Setting::new("GenericOAuthenticator", "scope", Value::List(texts(&["openid", "profile"]))),
            Setting::new(
                "GenericOAuthenticator",
                "userdata_params",
                Term::Dict(vec![
                    (Value::str("key"), Term::env("API_KEY")),
                    (Value::str("off"), Value::str("no").into()),
                ]),
            ),
            Setting::new("Authenticator", "admin_users", Value::Set(Set::of(texts(&["ann"])).unwrap())),
        ],
        ..Document::default()
    }
}

#[test]
fn python_is_what_an_operator_would_write() {
    let written = write(&sample(), Form::Python);
    assert_eq!(
        written.text,
        "\
# Logs in at the campus

import os
from oauthenticator.generic import GenericOAuthenticator

c.JupyterHub.authenticator_class = GenericOAuthenticator
c.JupyterHub.base_url = \"/jupyter/\"

# as registered
c.GenericOAuthenticator.client_id = \"0123\"
c.GenericOAuthenticator.client_secret = os.environ[\"OAUTH_CLIENT_SECRET\"]
c.GenericOAuthenticator.scope = [\"openid\", \"profile\"]
c.GenericOAuthenticator.userdata_params = {\"key\": os.environ[\"API_KEY\"], \"off\": \"no\"}

c.Authenticator.admin_users = {\"ann\"}
"
    );
    assert!(written.left_out.is_empty() && written.changed.is_empty());
    assert_eq!(written.environment.len(), 2);
}

#[test]
fn values_hold_data_and_refer_to_the_environment() {
    let written = write(&sample(), Form::Z2jh);
    assert_eq!(
        written.text,
        "\
# Logs in at the campus

hub:
  baseUrl: /jupyter/
  config:
    JupyterHub:
      authenticator_class: generic-oauth
    GenericOAuthenticator:
      # as registered
      client_id: \"0123\"
      scope:
        - openid
        - profile
    Authenticator:
      admin_users:
        - ann
  extraEnv:
    OAUTH_CLIENT_SECRET:
      valueFrom:
        secretKeyRef:
          name: hub-oauth
          key: OAUTH_CLIENT_SECRET
    API_KEY:
      valueFrom:
        secretKeyRef:
          name: hub-oauth
          key: API_KEY
  extraConfig:
    login: |
      import os

      c.GenericOAuthenticator.userdata_params = {\"key\": os.environ[\"API_KEY\"], \"off\": \"no\"}
"
    );
    assert!(written.left_out.is_empty());
}

#[test]
fn config_yaml_holds_sections_and_lists_of_users() {
    let written = write(&sample(), Form::Tljh);
    assert_eq!(
        written.text,
        "\
# Logs in at the campus

base_url: /jupyter/
auth:
  type: generic-oauth
  GenericOAuthenticator:
    # as registered
    client_id: \"0123\"
    scope:
      - openid
      - profile
users:
  admin:
    - ann
"
    );
    let names: Vec<&str> = written.left_out.iter().map(|remark| remark.setting.as_str()).collect();
    assert_eq!(names, ["GenericOAuthenticator.userdata_params"]);
    assert_eq!(written.environment[0].setting, "OAUTH_CLIENT_SECRET");
}

#[test]
fn json_leaves_to_the_environment_what_upstream_reads_there() {
    let written = write(&sample(), Form::Json);
    assert_eq!(
        written.text,
        "\
{
  \"JupyterHub\": {
    \"authenticator_class\": \"generic-oauth\",
    \"base_url\": \"/jupyter/\"
  },
  \"GenericOAuthenticator\": {
    \"client_id\": \"0123\",
    \"scope\": [\"openid\", \"profile\"]
  },
  \"Authenticator\": {
    \"admin_users\": [\"ann\"]
  }
}
"
    );
    assert_eq!(written.left_out.len(), 1);
    assert_eq!(written.environment[0].setting, "OAUTH_CLIENT_SECRET");
}

#[test]
fn secret_files_are_read_and_mounted() {
    let document = Document {
        settings: vec![Setting::new(
            "OAuthenticator",
            "client_secret",
            Term::File { path: "/run/secrets/oauth".into() },
        )],
        kubernetes_secret: Some("campus".into()),
        ..Document::default()
    };
    let python = write(&document, Form::Python).text;
    assert_eq!(
        python,
        "from pathlib import Path\n\nc.OAuthenticator.client_secret = Path(\"/run/secrets/oauth\").read_text().strip()\n"
    );
    let values = write(&document, Form::Z2jh).text;
    assert!(values.contains("secretName: campus"), "{values}");
    assert!(values.contains("mountPath: /run/secrets\n"), "{values}");
    assert_eq!(write(&document, Form::Json).left_out.len(), 1);
}

#[test]
fn lists_that_are_there_already_are_added_to() {
    let term = Term::Extend(Box::new(Term::List(vec![Term::env("A"), Value::str("b").into()])));
    let document = Document { settings: vec![Setting::new("JupyterHub", "services", term)], ..Document::default() };
    let text = write(&document, Form::Python).text;
    assert!(text.ends_with("c.JupyterHub.services.extend([os.environ[\"A\"], \"b\"])\n"), "{text}");
    assert_eq!(write(&document, Form::Tljh).left_out.len(), 1);
}

#[test]
fn comments_cannot_break_out() {
    let comment = "one\ntwo\r\u{2028}c.A.b = 1\u{85}x: y";
    let document = Document {
        heading: vec![comment.to_owned()],
        settings: vec![Setting::new("A", "x", Value::int(1)).with_comment(comment)],
        ..Document::default()
    };
    for form in Form::ALL {
        let config = read_back(&write(&document, form).text, form);
        let section = config.section("A").unwrap();
        assert!(section.entry("x").is_some() && section.entry("b").is_none(), "{form:?}");
    }
}

/// Values that some reader somewhere takes for something else.
fn odd_values() -> Vec<Value> {
    let mut values: Vec<Value> = texts(&[
        "",
        " ",
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "N",
        "null",
        "~",
        "true",
        "0123",
        "0o17",
        "0x1f",
        "1e3",
        "1_000",
        "1:20",
        "2020-01-01",
        "*",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "-",
        "?",
        "? a",
        "a:",
        ":",
        "[a]",
        "{a}",
        "a,b",
        "'a'",
        "\"a\"",
        "it's",
        "\\d+\\.",
        "a\nb",
        "a\nb\n",
        "a\n\n",
        "\na",
        "  a\nb",
        "a\tb",
        "\ta",
        "a\r\nb",
        "\u{7}",
        "\u{85}",
        "\u{2028}",
        "é",
        "日本",
        "😀",
        "=",
        "<<",
        ".inf",
        ".nan",
        "+1",
        "-1",
        ".5",
        "1.",
        "|",
        ">",
        "a\\",
        "\"\"\"\nx\"\"\"",
        "x\ny\"",
        "---",
        "...",
        "a\n---\nb",
        "a\n...\n",
        "a \nb ",
        "\u{feff}a",
        "0",
        "08",
        "a\n# b\n",
        "TRUE",
        "nUll",
    ]);
    values.extend([
        Value::None,
        Value::Bool(true),
        Value::int(0),
        Value::int(-7),
        Value::int(u64::MAX),
        Value::Float(0.5),
        Value::Float(1e300),
        Value::Float(-1e-7),
        Value::List(vec![]),
        Value::Dict(Dict::new()),
        Value::List(vec![Value::List(vec![Value::int(1), Value::List(vec![])]), Value::Dict(Dict::new())]),
        Value::List(vec![Value::dict([("a", Value::int(1)), ("b: c", Value::List(texts(&["x\ny\n", "no"])))])]),
        Value::dict([("on", Value::str("off")), ("1", Value::None), ("", Value::str(""))]),
        Value::dict([("deep", Value::dict([("deeper", Value::dict([("x", Value::str("line\nline"))]))]))]),
        Value::List(texts(&[
            "a-rather-long-text-that-fills-the-line-up",
            "and-another-one-that-does-not-fit-any-more",
        ])),
    ]);
    values
}

fn read_back(text: &str, form: Form) -> crate::source::Config {
    let folder = std::env::temp_dir().join(format!("oauthctl-write-{}-{}", std::process::id(), form.name()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(form.file_name());
    std::fs::write(&file, text).unwrap();
    let request = Request { config: Some(file), env: Env::default(), folder: folder.clone(), ..Request::default() };
    let loaded = load(&request).unwrap();
    let _ = std::fs::remove_dir_all(folder);
    assert!(loaded.fatal.is_none(), "{form:?}: {:?}\n{text}", loaded.fatal);
    loaded.config
}

#[test]
fn every_form_is_read_back_as_it_was_written() {
    let values = odd_values();
    for form in Form::ALL {
        let mut document = Document::default();
        for (index, value) in values.iter().enumerate() {
            document.settings.push(Setting::new("GenericOAuthenticator", format!("option_{index}"), value.clone()));
        }
        let written = write(&document, form);
        let config = read_back(&written.text, form);
        let section = config.section("GenericOAuthenticator").unwrap();
        for (index, value) in values.iter().enumerate() {
            let name = format!("option_{index}");
            let Some(entry) = section.entry(&name) else {
                let qualified = format!("GenericOAuthenticator.{name}");
                assert!(written.left_out.iter().any(|remark| remark.setting == qualified), "{form:?} lost {value:?}");
                continue;
            };
            let read = entry.value().unwrap();
            assert_eq!(read.repr(), value.repr(), "{form:?}\n{}", written.text);
        }
        let expected = usize::from(form == Form::Tljh);
        assert_eq!(written.left_out.len(), expected, "{form:?}: {:?}", written.left_out);
    }
}
