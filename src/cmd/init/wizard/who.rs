//! The questions about who may enter, and who is admin.

use super::Wizard;
use super::questions::split;
use crate::cmd::init::prompt::{Prompt, Stop};
use crate::init::answers::Answers;
use crate::init::{Domains, Groups, Preset};

/// The ways to let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Enough,
    Users,
    Groups,
    Domains,
    Everybody,
}

impl Wizard<'_> {
    pub(super) fn ask_allow(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let Some(preset) = self.answers.preset() else { return Ok(()) };
        let mut answers = self.answers.clone();
        answers.allow_all = false;
        for names in [&mut answers.allow_users, &mut answers.allow_groups, &mut answers.allow_domains] {
            names.clear();
        }
        loop {
            let mut ways = Vec::new();
            if answers.allow_users.is_empty() {
                ways.push((Way::Users, "people, by name".to_owned()));
            }
            if preset.has_groups() && answers.allow_groups.is_empty() {
                ways.push((Way::Groups, format!("members of a {}", preset.group_word())));
            }
            if preset.domains != Domains::None && answers.allow_domains.is_empty() {
                ways.push((Way::Domains, "accounts of a domain".to_owned()));
            }
            let everybody = if preset.public {
                format!("everybody with an account at {}", answers.provider())
            } else {
                format!("everybody whom {} knows", answers.provider())
            };
            ways.push((Way::Everybody, everybody));
            let more = answers.lets_somebody_in();
            if more {
                ways.insert(0, (Way::Enough, "nobody else".to_owned()));
            }
            let items: Vec<String> = ways.iter().map(|(_, words)| words.clone()).collect();
            let question = if more { "Who else may enter?" } else { "Who may enter?" };
            let chosen = ways[prompt.choose(question, &items, 0)?].0;
            match self.allow(chosen, &mut answers, prompt) {
                Err(Stop::Back) => continue,
                Err(stop) => return Err(stop),
                Ok(()) => {}
            }
            if matches!(chosen, Way::Enough | Way::Everybody) {
                break;
            }
        }
        self.answers = answers;
        Ok(())
    }

    fn allow(&self, way: Way, answers: &mut Answers, prompt: &Prompt) -> Result<(), Stop> {
        let some = |text: &str| match split(text) {
            names if names.is_empty() => Err("name at least one, or go back with Esc".to_owned()),
            names => Ok(names),
        };
        match way {
            Way::Enough => {}
            Way::Everybody => {
                answers.allow_all = true;
                let public = answers.preset().is_some_and(|preset| preset.public);
                if public
                    && answers.allow_domains.is_empty()
                    && answers.base().is_none_or(|base| is_public(answers, &base))
                {
                    prompt.wrong("anybody can have such an account for the asking");
                }
            }
            Way::Users => {
                let hint = "by their names on the hub, separated by commas";
                answers.allow_users = prompt.line("Which people?", hint, "", some)?;
            }
            Way::Groups => {
                let word = answers.preset().map_or("group", Preset::group_word);
                let hint = format!("each a {word}; separated by commas");
                let groups = prompt.line("Members of which?", &hint, "", some)?;
                answers.allow_groups = groups;
                self.ask_directory(answers, prompt)?;
            }
            Way::Domains => {
                let domains =
                    prompt.line("Which domain?", "such as example.org; several separated by commas", "", |text| {
                        let domains: Vec<String> =
                            some(text)?.iter().map(|it| it.trim_start_matches('@').to_lowercase()).collect();
                        let mut trial = answers.clone();
                        trial.allow_domains = domains.clone();
                        trial.wrong().into_iter().next().map_or(Ok(domains), Err)
                    })?;
                answers.allow_domains = domains;
            }
        }
        Ok(())
    }

    /// What Google's directory needs beside the names of groups.
    fn ask_directory(&self, answers: &mut Answers, prompt: &Prompt) -> Result<(), Stop> {
        if !answers.preset().is_some_and(|preset| matches!(preset.groups, Groups::Directory)) {
            return Ok(());
        }
        let some = |text: &str| if text.is_empty() { Err("this is needed".to_owned()) } else { Ok(text.to_owned()) };
        if answers.directory.key.is_none() {
            let hint = "the JSON file, by its path on the hub's machine";
            answers.directory.key = Some(prompt.line("Key of the service account", hint, "", some)?);
        }
        if answers.directory.administrator.is_none() {
            let hint = "a Workspace administrator, without the domain, for whom the service account asks";
            answers.directory.administrator = Some(prompt.line("Administrator", hint, "", some)?);
        }
        if answers.allow_domains.is_empty() {
            let domain = prompt.line("Domain of the groups", "such as example.org", "", some)?;
            answers.allow_domains = split(&domain);
        }
        Ok(())
    }

    pub(super) fn ask_admin(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let before = self.answers.admin_users.join(", ");
        let hint = "names on the hub, separated by commas; empty for nobody yet";
        self.answers.admin_users = prompt.line("Who is admin?", hint, &before, |text| Ok(split(text)))?;
        let grouped =
            self.answers.preset().is_some_and(Preset::has_admin_groups) && !self.answers.allow_groups.is_empty();
        if grouped {
            let hint = "groups whose members are admins, and all others not; empty for none";
            let before = self.answers.admin_groups.join(", ");
            self.answers.admin_groups = prompt.line("Admins by group?", hint, &before, |text| Ok(split(text)))?;
        }
        Ok(())
    }
}

/// Whether it is the provider's public place, not an instance of one's own.
fn is_public(answers: &Answers, base: &str) -> bool {
    answers.preset().and_then(|preset| preset.address.as_ref()).is_none_or(|address| address.default == base)
}
