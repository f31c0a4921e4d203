//! `--set Class.option=VALUE`: what lies on top of every file, as traitlets' `cli_config` does.

use crate::json;
use crate::span::Origin;
use crate::value::Value;

use super::Env;
use super::config::{Config, Entry, is_section_name};
use super::python::Files;

/// One `--set`, understood.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The class, or classes from the outside in, as `JupyterHub.GenericOAuthenticator`.
    pub sections: Vec<String>,
    /// The option.
    pub option: String,
    /// Its value.
    pub value: Value,
    /// The argument as typed up to the `=`, which is no secret.
    pub typed: String,
}

const EXAMPLE: &str = "for example --set GenericOAuthenticator.client_id=my-client";

/// Reads one argument. VALUE is JSON where it parses as such, else text; `@FILE` is the text of a file without its last
/// newline; `@env:NAME` an environment variable. The error is for the command line.
pub fn parse(argument: &str, env: &Env, files: &dyn Files) -> Result<Setting, String> {
    let (name, value) =
        argument.split_once('=').ok_or_else(|| format!("--set {argument}: there is no `=`; {EXAMPLE}"))?;
    let mut parts: Vec<&str> = name.trim().split('.').collect();
    let option = parts.pop().unwrap_or_default();
    let sections_ok = !parts.is_empty() && parts.iter().all(|part| is_identifier(part) && is_section_name(part));
    if !sections_ok || !is_identifier(option) {
        return Err(format!("--set {name}=…: `{name}` isn't of the form Class.option; {EXAMPLE}"));
    }
    Ok(Setting {
        sections: parts.into_iter().map(str::to_owned).collect(),
        option: option.to_owned(),
        value: read_value(name, value, env, files)?,
        typed: format!("--set {}", name.trim()),
    })
}

fn read_value(name: &str, text: &str, env: &Env, files: &dyn Files) -> Result<Value, String> {
    if let Some(variable) = text.strip_prefix("@env:") {
        return match env.get(variable) {
            Some(variable) => Ok(variable.value.clone()),
            None => Err(format!("--set {name}=@env:{variable}: the environment variable {variable} isn't set")),
        };
    }
    if let Some(path) = text.strip_prefix('@') {
        let bytes = files.read(path.as_ref()).map_err(|error| format!("--set {name}=@{path}: {error}"))?;
        let text =
            super::disk::decode(bytes).map_err(|line| format!("--set {name}=@{path}: not UTF-8 in line {line}"))?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        return Ok(Value::str(text.strip_suffix('\r').unwrap_or(text)));
    }
    Ok(json::parse(text).unwrap_or_else(|_| Value::str(text)))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Lays the settings over a configuration, in order.
pub fn apply(settings: Vec<Setting>, config: &mut Config) {
    for Setting { sections, option, value, typed } in settings {
        let section = sections.iter().fold(&mut *config, |section, name| section.section_mut(name));
        let class = sections.last().map_or("", String::as_str);
        section.set(&format!("{class}.{option}"), &option, Entry::plain(value, Origin::Flag(typed)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::disk::Disk;

    fn value(argument: &str) -> String {
        let env = Env::new([("SECRET".to_owned(), "5".to_owned())]);
        parse(argument, &env, &Disk::default()).unwrap().value.repr()
    }

    #[test]
    fn values_are_json_where_they_parse() {
        assert_eq!(value("A.b=true"), "True");
        assert_eq!(value("A.b=[\"x\", 1]"), "['x', 1]");
        assert_eq!(value("A.b=True"), "'True'");
        assert_eq!(value("A.b=\"12\""), "'12'");
        assert_eq!(value("A.b=x=y"), "'x=y'");
        assert_eq!(value("A.b="), "''");
        assert_eq!(value("A.b=@env:SECRET"), "'5'");
    }

    #[test]
    fn a_file_gives_its_text_without_the_last_newline() {
        let path = std::env::temp_dir().join(format!("oauthctl-set-{}", std::process::id()));
        std::fs::write(&path, "secret \n\n").unwrap();
        let got = value(&format!("A.b=@{}", path.display()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(got, "'secret \\n'");
    }

    #[test]
    fn a_wrong_argument_is_answered_with_an_example() {
        for wrong in ["A.b", "b=1", "a.b=1", "A.=1", ".b=1", "A b.c=1", "A.b=@env:NONE", "A.b=@/no/such/file"] {
            assert!(parse(wrong, &Env::default(), &Disk::default()).is_err(), "{wrong}");
        }
        assert!(
            parse("client_id=1", &Env::default(), &Disk::default()).unwrap_err().contains("GenericOAuthenticator.")
        );
    }

    #[test]
    fn they_lie_on_top_and_remember_what_was_there() {
        let mut config = Config::new();
        config.section_mut("A").set("A.b", "b", Entry::plain(Value::int(1), Origin::Default));
        let setting = parse("A.b=2", &Env::default(), &Disk::default()).unwrap();
        apply(vec![setting], &mut config);
        let entry = config.section("A").unwrap().entry("b").unwrap();
        assert_eq!(entry.value(), Some(&Value::int(2)));
        assert_eq!(entry.origin, Origin::Flag("--set A.b".into()));
        assert_eq!(entry.shadowed[0].value, Some(Value::int(1)));
    }
}
