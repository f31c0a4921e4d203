//! The embedded provider behind `login --demo CLASS`.

use crate::demo::{self, Provider};
use crate::settings::classes;

/// The provider, and which of its shapes is played.
pub struct Demo {
    /// The provider that runs.
    pub provider: Provider,
    /// What it is played as.
    pub shape: &'static demo::Shape,
    /// The `Local…` class that was asked for, by its entry-point name.
    local: Option<String>,
}

impl Demo {
    /// Starts it for a class, by any of its names; `user` logs in by itself.
    pub fn start(class: &str, user: Option<&str>) -> Result<Demo, String> {
        let shape = demo::shape(class).ok_or_else(|| cannot_play(class))?;
        let local = local_name(class, shape)?;
        if let Some(name) = user.filter(|name| demo::person(name).is_none()) {
            let names: Vec<&str> = demo::people().iter().map(|person| person.name).collect();
            return Err(format!("the embedded provider knows no `{name}`; it knows {}", names.join(", ")));
        }
        let options = demo::Options { auto_person: user.map(str::to_owned), ..demo::Options::default() };
        let provider =
            Provider::start(options).map_err(|error| format!("the embedded provider does not start: {error}"))?;
        Ok(Demo { provider, shape, local })
    }

    /// The configuration that goes with it. The options of a class count for those that are derived from it.
    pub fn config(&self) -> String {
        let mut text = self.provider.python_config_for(self.shape);
        if let Some(name) = &self.local {
            text += &format!("c.JupyterHub.authenticator_class = \"{name}\"\n");
        }
        text
    }

    /// What a `Local…` class asks the system for: everybody is there, by name and by address.
    pub fn system_users(&self) -> Option<String> {
        self.local.as_ref()?;
        let lines = demo::people().iter().enumerate().flat_map(|(number, person)| {
            let id = 1000 + number;
            [person.name, person.login, person.email].map(|name| {
                let name = name.to_lowercase();
                format!("{name}:x:{id}:{id}::/home/{name}:/bin/bash\n")
            })
        });
        Some(lines.collect())
    }
}

/// The entry-point name of a shape's `Local…` class, where that was asked for.
fn local_name(class: &str, shape: &demo::Shape) -> Result<Option<String>, String> {
    let bare = class.rsplit('.').next().unwrap_or(class);
    if !bare.starts_with("Local") && !bare.starts_with("local-") {
        return Ok(None);
    }
    let name = format!("local-{}", shape.entry_point);
    match classes::entry_point(&name) {
        Some(_) => Ok(Some(name)),
        None => Err(format!("oauthenticator has no `{class}`; `{}` is there", shape.entry_point)),
    }
}

fn cannot_play(class: &str) -> String {
    let names: Vec<&str> = demo::SHAPES.iter().map(|shape| shape.entry_point).collect();
    let plays = format!("the embedded provider cannot play `{class}`; it plays {}", names.join(", "));
    match classes::REMOVED.iter().find(|(word, _)| class.to_lowercase().contains(word)) {
        Some((_, hint)) => format!("{hint}; {plays}"),
        None => plays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_class_runs_itself() {
        for class in ["local-github", "LocalGitHubOAuthenticator", "oauthenticator.github.LocalGitHubOAuthenticator"] {
            let demo = Demo::start(class, None).unwrap();
            assert!(demo.config().ends_with("authenticator_class = \"local-github\"\n"), "{class}");
        }
        assert!(!Demo::start("github", None).unwrap().config().contains("local-"));
        assert!(Demo::start("local-mediawiki", None).err().unwrap().contains("`mediawiki` is there"));
    }

    #[test]
    fn a_class_that_is_gone_is_answered_with_what_to_use() {
        for class in
            ["OkpyOAuthenticator", "AwsCognitoAuthenticator", "AzureAdB2COAuthenticator", "YandexOAuthenticator"]
        {
            let said = Demo::start(class, None).err().unwrap();
            assert!(said.contains("any more: use \"") && said.contains("it plays generic-oauth"), "{said}");
        }
    }
}
