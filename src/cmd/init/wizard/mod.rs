//! The dialogue: one step asks one thing, Esc goes a step back, and before anything is written there is a look at it.

mod ending;
mod questions;
mod who;

use std::path::PathBuf;
use std::time::Duration;

use super::args::InitArgs;
use super::finish;
use super::names::{Sample, name_of};
use super::prompt::{Prompt, Stop};
use super::wants_discovery;
use crate::cmd::{CANNOT, NO};
use crate::init::answers::{Answers, Secret};
use crate::init::document::urls;
use crate::init::register::variable;
use crate::init::{Groups, Username};
use crate::sys::{self, World, printable};

/// What is asked, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Provider,
    Form,
    Address,
    Idps,
    Hub,
    Client,
    Secret,
    Allow,
    Admin,
    GroupsClaim,
    Names,
    Output,
}

impl Step {
    const ALL: [Step; 12] = [
        Step::Provider,
        Step::Form,
        Step::Address,
        Step::Idps,
        Step::Hub,
        Step::Client,
        Step::Secret,
        Step::Allow,
        Step::Admin,
        Step::GroupsClaim,
        Step::Names,
        Step::Output,
    ];

    fn label(self) -> &'static str {
        match self {
            Step::Provider => "provider",
            Step::Form => "form",
            Step::Address => "provider's address",
            Step::Idps => "identity providers",
            Step::Hub => "hub's address",
            Step::Client => "client id",
            Step::Secret => "client secret",
            Step::Allow => "who may enter",
            Step::Admin => "who is admin",
            Step::GroupsClaim => "groups claim",
            Step::Names => "user names",
            Step::Output => "file",
        }
    }
}

/// How the dialogue goes on after the look at the result.
enum After {
    Write,
    Change,
    Quit,
}

struct Wizard<'a> {
    args: &'a InitArgs,
    world: &'a World,
    /// What the flags say: it is not asked again.
    given: Answers,
    answers: Answers,
    /// A secret that was typed, to be kept in a file of its own.
    typed: Option<String>,
    sample: Option<Sample>,
    path: Option<PathBuf>,
    /// The files that this dialogue has written itself, and may write again.
    written: bool,
    overwrite: bool,
    /// The same for the file with the secret.
    overwrite_env: bool,
}

/// Asks, writes, and offers a login.
pub(super) fn run(args: &InitArgs, answers: Answers, world: &World) -> u8 {
    let mut wizard = Wizard {
        args,
        world,
        given: answers.clone(),
        path: args.output.output.clone(),
        answers,
        typed: None,
        sample: None,
        written: false,
        overwrite: args.output.force,
        overwrite_env: args.output.force,
    };
    match wizard.dialogue() {
        Ok(code) => code,
        Err(Stop::Interrupted) => {
            // The handler of Ctrl-C ends the program; it only needs the time to do so.
            std::thread::park_timeout(Duration::from_secs(5));
            u8::try_from(sys::INTERRUPTED).unwrap_or(CANNOT)
        }
        Err(Stop::Ended | Stop::Back) => {
            let what = if wizard.written { "" } else { "; nothing was written" };
            sys::to_stderr(&format!("error: the input has ended{what}\n"));
            CANNOT
        }
    }
}

impl Wizard<'_> {
    fn dialogue(&mut self) -> Result<u8, Stop> {
        let mut prompt = Prompt::open(self.world);
        prompt.hint("A configuration for your hub, question by question. Esc goes one back; Ctrl-C ends it, and nothing is written.");
        self.flags_in_order(&prompt)?;
        self.ask_all(&prompt)?;
        loop {
            match self.review(&prompt)? {
                After::Write => {}
                After::Change => {
                    self.change(&prompt)?;
                    continue;
                }
                After::Quit => {
                    if !self.written {
                        prompt.say("nothing was written");
                    }
                    return Ok(NO);
                }
            }
            match self.may_write_secret(&prompt) {
                Ok(true) => {}
                Ok(false) | Err(Stop::Back) => continue,
                Err(stop) => return Err(stop),
            }
            let code = match self.write(&prompt) {
                Ok(code) => code,
                Err(message) => {
                    prompt.wrong(&message);
                    continue;
                }
            };
            let (changes, again) = self.log_in(prompt)?;
            prompt = again;
            if !changes {
                return Ok(code);
            }
            self.change(&prompt)?;
        }
    }

    /// Contradictions among the flags are told before anything is asked.
    fn flags_in_order(&self, prompt: &Prompt) -> Result<(), Stop> {
        let wrong = self.answers.wrong();
        wrong.iter().for_each(|one| prompt.wrong(one));
        if wrong.is_empty() { Ok(()) } else { Err(Stop::Ended) }
    }

    fn ask_all(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let mut asked: Vec<usize> = Vec::new();
        let mut at = 0;
        while let Some(step) = Step::ALL.get(at) {
            if self.is_settled(*step) {
                at += 1;
                continue;
            }
            match self.ask(*step, prompt) {
                Ok(()) => {
                    asked.push(at);
                    at += 1;
                }
                Err(Stop::Back) => match asked.pop() {
                    Some(before) => at = before,
                    None => prompt.hint("this is the first question; Ctrl-C ends the dialogue"),
                },
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Whether a flag has answered it, or it does not arise.
    fn is_settled(&self, step: Step) -> bool {
        let given = &self.given;
        let preset = self.answers.preset();
        match step {
            Step::Provider => given.preset.is_some(),
            Step::Form => given.form.is_some(),
            Step::Address => {
                let known = given.address.is_some() && wants_discovery(&self.answers).is_none();
                known || given.urls.are_whole() || preset.is_none_or(|preset| preset.address.is_none())
            }
            Step::Idps => !given.idps.is_empty() || !self.has_idps(),
            Step::Hub => given.hub.is_some(),
            Step::Client => given.client_id.is_some(),
            Step::Secret => given.secret.is_some(),
            Step::Allow => given.lets_somebody_in(),
            Step::Admin => !given.admin_users.is_empty() || !given.admin_groups.is_empty(),
            Step::GroupsClaim => {
                !self.answers.uses_groups() || self.answers.groups_claim().is_some() || !self.has_claim()
            }
            Step::Names => given.username_claim.is_some() || self.names_are_fixed(),
            Step::Output => self.args.output.output.is_some(),
        }
    }

    fn has_idps(&self) -> bool {
        self.answers.preset().is_some_and(|preset| matches!(preset.username, Username::OfIdp(_)))
    }

    fn has_claim(&self) -> bool {
        self.answers.preset().is_some_and(|it| matches!(it.groups, Groups::Claim(_) | Groups::IdToken { .. }))
    }

    /// Whether there is but one way to a name.
    fn names_are_fixed(&self) -> bool {
        self.answers.preset().is_none_or(|it| matches!(it.username, Username::Function(_)) || it.other_names.is_empty())
            && self.args.userdata().is_none()
    }

    fn ask(&mut self, step: Step, prompt: &Prompt) -> Result<(), Stop> {
        match step {
            Step::Provider => self.ask_provider(prompt),
            Step::Form => self.ask_form(prompt),
            Step::Address => self.ask_address(prompt),
            Step::Idps => self.ask_idps(prompt),
            Step::Hub => self.ask_hub(prompt),
            Step::Client => self.ask_client(prompt),
            Step::Secret => self.ask_secret(prompt),
            Step::Allow => self.ask_allow(prompt),
            Step::Admin => self.ask_admin(prompt),
            Step::GroupsClaim => self.ask_groups_claim(prompt),
            Step::Names => self.ask_names(prompt),
            Step::Output => self.ask_output(prompt),
        }
    }

    fn path(&self) -> PathBuf {
        self.path.clone().unwrap_or_else(|| PathBuf::from(self.answers.form().file_name()))
    }

    /// The look at what will be written.
    fn review(&mut self, prompt: &Prompt) -> Result<After, Stop> {
        let path = self.path();
        prompt.heading(&format!("This is {}", path.display()));
        let mut can_write = true;
        match finish::render(&self.answers) {
            Ok(written) => prompt.verbatim(&written.text),
            Err(message) => {
                can_write = false;
                prompt.wrong(&message);
            }
        }
        for one in self.answers.wrong() {
            can_write = false;
            prompt.wrong(&one);
        }
        if let (Some(sample), true) = (&self.sample, can_write)
            && let Ok(name) = name_of(&self.answers, sample)
        {
            prompt.say(&format!("The userdata in your file are the user {}", printable(&name)));
        }
        let mut items = vec![(After::Change, "change an answer"), (After::Quit, "end, without writing")];
        if can_write {
            items.insert(0, (After::Write, "write it"));
        }
        let words: Vec<String> = items.iter().map(|(_, word)| (*word).to_owned()).collect();
        match prompt.choose("Is it right?", &words, 0) {
            Ok(chosen) => Ok(items.swap_remove(chosen).0),
            Err(Stop::Back) => Ok(After::Change),
            Err(stop) => Err(stop),
        }
    }

    /// Asks one thing again.
    fn change(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let applies = |step: &Step| match step {
            Step::Address => self.answers.preset().is_some_and(|preset| preset.address.is_some()),
            Step::Idps => self.has_idps(),
            Step::GroupsClaim => self.answers.uses_groups() && self.has_claim(),
            Step::Names => self.answers.preset().is_some_and(|it| !matches!(it.username, Username::Function(_))),
            _ => true,
        };
        let steps: Vec<Step> = Step::ALL.into_iter().filter(applies).collect();
        let items: Vec<String> = steps.iter().map(|step| self.answered(*step)).collect();
        let step = match prompt.choose("Which answer?", &items, 0) {
            Ok(chosen) => steps[chosen],
            Err(Stop::Back) => return Ok(()),
            Err(stop) => return Err(stop),
        };
        match self.ask(step, prompt) {
            Err(Stop::Back) => return Ok(()),
            other => other?,
        }
        // Another provider or form may raise new questions.
        if matches!(step, Step::Provider | Step::Form) {
            for next in Step::ALL {
                if !self.is_settled(next) && self.is_open(next) {
                    self.ask(next, prompt)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a change has left it without an answer.
    fn is_open(&self, step: Step) -> bool {
        match step {
            Step::Address => {
                self.answers.base().is_none() && !self.answers.urls.are_whole()
                    || wants_discovery(&self.answers).is_some()
            }
            Step::Idps => self.answers.idps.is_empty(),
            Step::Allow => !self.answers.lets_somebody_in(),
            Step::GroupsClaim => true,
            Step::Secret => !self.answers.wrong().is_empty(),
            _ => false,
        }
    }

    /// A step with its answer.
    fn answered(&self, step: Step) -> String {
        let answers = &self.answers;
        let value = match step {
            Step::Provider => answers.preset().map_or(String::new(), |preset| preset.title.to_owned()),
            Step::Form => answers.form().name().to_owned(),
            Step::Address => answers.base().or_else(|| urls(answers).authorize).unwrap_or_default(),
            Step::Idps => answers.idps.join(", "),
            Step::Hub => answers.hub.as_ref().map_or(String::new(), |hub| hub.url.clone()),
            Step::Client => answers.client_id.clone().unwrap_or_default(),
            Step::Secret => match (&self.typed, &answers.secret) {
                (Some(_), _) => format!("typed, kept in {}", finish::ENV_FILE),
                (None, Some(Secret::File(path))) => path.clone(),
                (None, secret) => variable(secret.as_ref()).to_owned(),
            },
            Step::Allow if answers.allow_all => "everybody".to_owned(),
            Step::Allow => [&answers.allow_users, &answers.allow_groups, &answers.allow_domains]
                .map(|names| names.join(", "))
                .into_iter()
                .filter(|names| !names.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            Step::Admin => {
                answers.admin_users.iter().chain(&answers.admin_groups).cloned().collect::<Vec<_>>().join(", ")
            }
            Step::GroupsClaim => answers.groups_claim().unwrap_or_default().to_owned(),
            Step::Names => answers.username_claim().unwrap_or_default().to_owned(),
            Step::Output => self.path().display().to_string(),
        };
        format!("{}: {value}", step.label())
    }
}
