//! What has to be done at the provider before the first login, in plain words.

use super::answers::{Answers, Secret};
use super::document::KUBERNETES_SECRET;
use crate::write::Form;

/// What has to be done at the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// Where.
    pub place: String,
    /// What, in order.
    pub steps: Vec<String>,
    /// What else, where groups are used.
    pub groups: Vec<String>,
    /// What it then shows as the client's id.
    pub id: String,
    /// What it then shows as the secret.
    pub secret: String,
    /// What is good to know.
    pub remarks: Vec<String>,
}

/// The guide for these answers.
pub fn guide(answers: &Answers) -> Option<Guide> {
    let preset = answers.preset()?;
    let hub = answers.hub.as_ref()?;
    let base = answers.base().unwrap_or_default();
    let claim = answers.groups_claim().unwrap_or("groups");
    let scopes = answers.scopes().join(", ");
    let fill = |text: &&str| {
        text.replace("{redirect}", &hub.callback)
            .replace("{hub}", &hub.url)
            .replace("{base}", &base)
            .replace("{scopes}", &scopes)
            .replace("{claim}", claim)
    };
    let registration = &preset.registration;
    Some(Guide {
        place: fill(&registration.place),
        steps: registration.steps.iter().map(fill).collect(),
        groups: registration.groups.iter().map(fill).collect(),
        id: registration.id.to_owned(),
        secret: registration.secret.to_owned(),
        remarks: registration.remarks.iter().map(fill).collect(),
    })
}

/// What is left to do with the written file, before the hub uses it.
pub fn next_steps(answers: &Answers, path: &str, env_file: Option<&str>) -> Vec<String> {
    let mut steps = Vec::new();
    let form = answers.form();
    let kubernetes_secret = answers.kubernetes_secret.as_deref().unwrap_or(KUBERNETES_SECRET);
    match (&answers.secret, form) {
        (Some(Secret::File(file)), Form::Z2jh) => {
            let key = file.rsplit('/').next().unwrap_or(file);
            steps.push(format!("kubectl create secret generic {kubernetes_secret} --from-file={key}=FILE"));
        }
        (Some(Secret::File(file)), _) => {
            steps.push(format!("put the client secret into {file} on the hub's machine, readable by the hub only"));
        }
        (secret, Form::Z2jh) => {
            let name = variable(secret.as_ref());
            let file = env_file.unwrap_or("hub.env");
            if env_file.is_none() {
                steps.push(format!("put a line {name}=… with the secret into a file {file} that only you can read"));
            }
            steps.push(format!("kubectl create secret generic {kubernetes_secret} --from-env-file={file}"));
        }
        (_, Form::Tljh) => {
            let line = match env_file {
                Some(file) => format!("EnvironmentFile= and the path of {file}"),
                None => format!("Environment={}=…", Secret::VARIABLE),
            };
            steps.push(format!("sudo systemctl edit jupyterhub, and there below [Service]: {line}"));
        }
        (_, _) if env_file.is_some() => {
            let file = env_file.unwrap_or_default();
            steps.push(format!("have the hub's environment hold what is in {file} (systemd: EnvironmentFile=)"));
        }
        (secret, _) => {
            steps.push(format!("set {} in the hub's environment", variable(secret.as_ref())));
        }
    }
    steps.push(match form {
        Form::Python => format!("jupyterhub -f {path}"),
        Form::Json => format!("jupyterhub -f {path}"),
        Form::Z2jh => format!("helm upgrade … -f {path}"),
        Form::Tljh => {
            format!("copy what is in {path} into /opt/tljh/config/config.yaml, then: sudo tljh-config reload")
        }
    });
    steps
}

/// The variable that holds the secret.
pub fn variable(secret: Option<&Secret>) -> &str {
    match secret {
        Some(Secret::Env(name)) => name,
        _ => Secret::VARIABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::hub::Hub;
    use crate::init::presets::PRESETS;

    #[test]
    fn every_guide_names_the_redirect_address_once_and_leaves_nothing_to_fill_in() {
        for preset in PRESETS {
            for form in Form::ALL {
                let hub = Hub::parse("https://example.org/jupyter/").ok();
                let answers = Answers { preset: Some(preset), hub, form: Some(form), ..Answers::default() };
                let guide = guide(&answers).unwrap();
                let text = format!("{guide:?}");
                assert!(!text.contains('{') || text.starts_with("Guide {"), "{text}");
                let filled = guide.steps.iter().chain(&guide.groups).chain(&guide.remarks).chain([&guide.place]);
                assert!(filled.clone().all(|step| !step.contains(['{', '}'])), "{}", preset.name);
                let named =
                    filled.filter(|step| step.contains("https://example.org/jupyter/hub/oauth_callback")).count();
                assert_eq!(named, 1, "{}", preset.name);
            }
        }
    }
}
