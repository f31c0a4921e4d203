//! Secrets that stand in the source: kept, or moved to the environment or to files.

use crate::secret::is_secret;
use crate::settings;
use crate::source::Loaded;
use crate::value::Value;
use crate::write::{Term, variables_of};

use super::{Converted, Plan, Remark, Weight};

/// What becomes of secrets that stand in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrets {
    /// They are written as they are.
    #[default]
    Keep,
    /// They are read from variables of the hub's environment.
    Env,
    /// They are read from files on the hub's machine.
    File,
}

/// Where container platforms put secret files.
const FOLDER: &str = "/run/secrets";

/// Moves the secrets.
pub(super) fn apply(loaded: &Loaded, plan: Plan, done: &mut Converted) {
    if plan.secrets == Secrets::Keep {
        return;
    }
    let mut moved: Vec<(String, String, String)> = Vec::new();
    for setting in &mut done.document.settings {
        let option = settings::class(&setting.class).and_then(|def| def.own_option(&setting.option));
        let keys = setting.class == "CryptKeeper" && setting.option == "keys";
        let secret = option.is_some_and(|option| option.secret) || is_secret(&setting.option) || keys;
        let name = setting.name();
        let variable = match variables_of(&setting.class, &setting.option).first() {
            Some(known) => (*known).to_owned(),
            None if keys => "JUPYTERHUB_CRYPT_KEY".to_owned(),
            None => upper(&setting.class, &setting.option),
        };
        if let Some(term) = refer(&setting.term, secret, &variable, &name, plan.secrets, &mut moved) {
            setting.term = term;
        }
    }
    for (name, place, path) in moved {
        let span = span_of(loaded, &name);
        let weight = Weight::Note;
        let message = match plan.secrets {
            Secrets::File => format!("put it into the file {place} on the hub's machine"),
            _ => format!("put it into the variable {place} of the hub's environment"),
        };
        done.remarks.push(Remark::new(weight, path, message, span.as_ref()));
    }
}

fn span_of(loaded: &Loaded, name: &str) -> Option<crate::span::Span> {
    let (class, option) = name.rsplit_once('.')?;
    class
        .split('.')
        .try_fold(&loaded.config, |config, name| config.section(name))?
        .entry(option)?
        .origin
        .span()
        .cloned()
}

/// `CLASS_OPTION` without the words that every class has.
fn upper(class: &str, option: &str) -> String {
    let class = class.rsplit('.').next().unwrap_or_default();
    let class = class.trim_end_matches("OAuthenticator").trim_end_matches("Authenticator");
    let name = if class.is_empty() { option.to_owned() } else { format!("{class}_{option}") };
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// The term with references in the place of its secrets, if it has any.
fn refer(
    term: &Term,
    secret: bool,
    variable: &str,
    name: &str,
    to: Secrets,
    moved: &mut Vec<(String, String, String)>,
) -> Option<Term> {
    match term {
        Term::Value(value) => refer_value(value, secret, variable, name, name, to, moved),
        Term::Dict(pairs) => {
            let mut any = false;
            let pairs = pairs
                .iter()
                .map(|(key, below)| {
                    let (secret, variable) = (secret || is_secret(&key.to_text()), upper(variable, &key.to_text()));
                    let new = refer(below, secret, &variable, name, to, moved);
                    any |= new.is_some();
                    (key.clone(), new.unwrap_or_else(|| below.clone()))
                })
                .collect();
            any.then_some(Term::Dict(pairs))
        }
        Term::Extend(list) => {
            let list = refer(list, secret, variable, name, to, moved)?;
            Some(Term::Extend(Box::new(list)))
        }
        _ => None,
    }
}

fn refer_value(
    value: &Value,
    secret: bool,
    variable: &str,
    name: &str,
    path: &str,
    to: Secrets,
    moved: &mut Vec<(String, String, String)>,
) -> Option<Term> {
    match value {
        Value::Str(text) if secret && !text.is_empty() => {
            let mut variable = variable.to_owned();
            while moved.iter().any(|(_, place, _)| place.rsplit('/').next() == Some(&variable)) {
                variable.push('_');
            }
            let (place, term) = match to {
                Secrets::File => {
                    let path = format!("{FOLDER}/{}", variable.to_ascii_lowercase());
                    (path.clone(), Term::File { path })
                }
                _ => (variable.clone(), Term::env(variable)),
            };
            moved.push((name.to_owned(), place, path.to_owned()));
            Some(term)
        }
        Value::Dict(dict) => {
            let mut any = false;
            let pairs = dict
                .iter()
                .map(|(key, below)| {
                    let text = key.to_text();
                    let (below_path, below_variable) = (format!("{path}[{}]", key.repr()), upper(variable, &text));
                    let new =
                        refer_value(below, secret || is_secret(&text), &below_variable, name, &below_path, to, moved);
                    any |= new.is_some();
                    (key.clone(), new.unwrap_or_else(|| Term::Value(below.clone())))
                })
                .collect();
            any.then_some(Term::Dict(pairs))
        }
        Value::List(items) => {
            let mut any = false;
            let single = items.len() == 1;
            let terms = items
                .iter()
                .enumerate()
                .map(|(index, below)| {
                    let variable = if single { variable.to_owned() } else { format!("{variable}_{}", index + 1) };
                    let path = format!("{path}[{index}]");
                    let new = refer_value(below, secret, &variable, name, &path, to, moved);
                    any |= new.is_some();
                    new.unwrap_or_else(|| Term::Value(below.clone()))
                })
                .collect();
            any.then_some(Term::List(terms))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::convert;
    use crate::source::load::{Request, load_text};
    use crate::write::{Form, write};

    fn moved(text: &str, secrets: Secrets, to: Form) -> (String, Vec<String>) {
        let loaded = load_text(text, &Request::default()).unwrap();
        let plan = Plan { to, secrets, upgrade: false, layer: false };
        let done = convert(&loaded, &loaded, &[], plan);
        (write(&done.document, to).text, done.remarks.into_iter().map(|remark| remark.message).collect())
    }

    const SOURCE: &str = "\
c.JupyterHub.authenticator_class = 'github'
c.GitHubOAuthenticator.client_id = 'id'
c.GitHubOAuthenticator.client_secret = 'hidden-1'
c.GitHubOAuthenticator.token_params = {'api_key': 'hidden-2', 'x': 'y'}
c.CryptKeeper.keys = ['hidden-3']
";

    #[test]
    fn secrets_go_to_the_variables_that_upstream_reads() {
        let (text, said) = moved(SOURCE, Secrets::Env, Form::Python);
        assert!(text.contains("c.GitHubOAuthenticator.client_secret = os.environ[\"GITHUB_CLIENT_SECRET\"]"), "{text}");
        assert!(text.contains("\"api_key\": os.environ[\"GITHUB_TOKEN_PARAMS_API_KEY\"]"), "{text}");
        assert!(text.contains("c.CryptKeeper.keys = [os.environ[\"JUPYTERHUB_CRYPT_KEY\"]]"), "{text}");
        assert!(!text.contains("hidden") && text.contains("\"y\"") && text.contains("\"id\""), "{text}");
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(!said.concat().contains("hidden"));
        // JSON leaves to upstream what upstream reads.
        let (text, _) = moved(SOURCE, Secrets::Env, Form::Json);
        assert!(!text.contains("hidden") && !text.contains("client_secret"), "{text}");
    }

    #[test]
    fn secrets_of_services_go_too() {
        let source = "c.JupyterHub.authenticator_class = 'github'\nc.JupyterHub.services = [{'name': 's', 'api_token': 'hidden'}]";
        for form in [Form::Python, Form::Z2jh] {
            let (text, _) = moved(source, Secrets::Env, form);
            assert!(!text.contains("hidden") && text.contains("_API_TOKEN\"]"), "{text}");
        }
    }

    #[test]
    fn secrets_go_to_files() {
        let (text, _) = moved(SOURCE, Secrets::File, Form::Z2jh);
        assert!(text.contains("Path(\"/run/secrets/github_client_secret\").read_text().strip()"), "{text}");
        assert!(text.contains("mountPath: /run/secrets") && !text.contains("hidden"), "{text}");
    }

    #[test]
    fn they_are_kept_unless_asked() {
        assert_eq!(moved(SOURCE, Secrets::Keep, Form::Tljh).0.matches("hidden").count(), 3);
    }
}
