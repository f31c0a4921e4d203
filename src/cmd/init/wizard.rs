//! The dialogue: one step asks one thing, Esc goes a step back, and before anything is written there is a look at it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;

use super::args::InitArgs;
use super::finish;
use super::names::{Sample, name_of};
use super::prompt::{Prompt, Stop};
use super::{discover, wants_discovery};
use crate::cmd::{CANNOT, NO, YES};
use crate::diagnostic::Level;
use crate::init::answers::{Answers, Secret, is_variable, normal};
use crate::init::document::urls;
use crate::init::hub::Hub;
use crate::init::presets::PRESETS;
use crate::init::register::{guide, variable};
use crate::init::{Domains, Groups, Preset, Shape, Username};
use crate::sys::{self, World, printable};
use crate::write::Form;

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

    fn ask_provider(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let titles: Vec<String> = PRESETS.iter().map(|preset| preset.title.to_owned()).collect();
        let before = PRESETS.iter().position(|preset| self.answers.preset.is_some_and(|it| it.name == preset.name));
        let chosen = PRESETS[prompt.choose("Who logs your users in?", &titles, before.unwrap_or_default())?];
        if self.answers.preset.is_none_or(|preset| preset.name != chosen.name) {
            // What was answered for another provider says nothing about this one.
            let given = self.given.clone();
            self.answers = Answers {
                preset: Some(chosen),
                hub: self.answers.hub.clone(),
                client_id: self.answers.client_id.clone(),
                secret: self.answers.secret.clone(),
                form: self.answers.form,
                ..given
            };
        }
        Ok(())
    }

    fn ask_form(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let words: Vec<String> = Form::ALL.iter().map(|form| finish::form_words(*form).to_owned()).collect();
        let before = Form::ALL.iter().position(|form| *form == self.answers.form()).unwrap_or_default();
        let chosen = Form::ALL[prompt.choose("What does your hub read?", &words, before)?];
        if self.answers.form != Some(chosen) && self.args.output.output.is_none() {
            self.path = None;
        }
        self.answers.form = Some(chosen);
        Ok(())
    }

    fn ask_address(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let Some(preset) = self.answers.preset() else { return Ok(()) };
        let Some(address) = &preset.address else { return Ok(()) };
        loop {
            let before = self.answers.address.clone().unwrap_or_else(|| address.default.to_owned());
            let hint = format!("such as {}", address.example);
            let question = format!("{}: {}", preset.title, address.question);
            let given =
                prompt.line(&question, &hint, &before, |text| normal(text, address.shape).map(|_| text.to_owned()))?;
            self.answers.address = Some(given);
            self.answers.metadata = None;
            if self.look_at_issuer(preset, prompt) {
                return Ok(());
            }
        }
    }

    /// Asks the issuer itself. Where endpoints are known without, its silence is told and no more; `false` asks for
    /// another address.
    fn look_at_issuer(&mut self, preset: &Preset, prompt: &Prompt) -> bool {
        let Some(base) = self.answers.base() else { return true };
        let must = wants_discovery(&self.answers).is_some();
        let is_issuer = preset.address.as_ref().is_some_and(|it| it.flag == "--issuer" && it.shape == Shape::Url);
        if !must && !is_issuer {
            return true;
        }
        prompt.hint(&format!("asking {base} …"));
        match discover(&base, self.args) {
            Ok(metadata) => {
                prompt.say(&format!("✔ found {}", printable(&metadata.url)));
                self.answers.metadata = Some(metadata);
                true
            }
            Err(message) => {
                prompt.wrong(&printable(&message));
                if !must {
                    prompt.hint("going on with the endpoints that this provider usually has; Esc goes back");
                }
                !must
            }
        }
    }

    fn ask_idps(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let before = self.answers.idps.join(", ");
        let hint = "EntityIDs from https://cilogon.org/idplist/, separated by commas, such as https://idp.example.edu/idp/shibboleth";
        self.answers.idps = prompt.line("Whose accounts may be used?", hint, &before, |text| {
            let idps = split(text);
            let is = |idp: &String| ["https://", "http://", "urn:"].iter().any(|scheme| idp.starts_with(scheme));
            match idps.iter().find(|idp| !is(idp)) {
                Some(idp) => Err(format!("`{idp}` is no EntityID; it begins with https://, http:// or urn:")),
                None if idps.is_empty() => Err("name at least one".to_owned()),
                None => Ok(idps),
            }
        })?;
        Ok(())
    }

    fn ask_hub(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let before = self.answers.hub.as_ref().map(|hub| hub.url.clone()).unwrap_or_default();
        let hint = "its public address, as users type it, such as https://hub.example.org";
        let hub = prompt.line("Where is your hub?", hint, &before, Hub::parse)?;
        prompt.say("The redirect address is therefore");
        prompt.verbatim(&format!("{}\n", hub.callback));
        if hub.is_unencrypted() {
            prompt.wrong("over plain http others can read the code that comes back; most providers refuse it");
        }
        self.answers.hub = Some(hub);
        Ok(())
    }

    fn ask_client(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let Some(guide) = guide(&self.answers, true) else { return Ok(()) };
        let title = self.answers.preset().map_or("the provider", |preset| preset.title);
        prompt.heading(&format!("Register the hub at {title}"));
        prompt.item(" ", &guide.place);
        for (index, step) in guide.steps.iter().enumerate() {
            prompt.item(&format!("{:>2}.", index + 1), step);
        }
        for remark in &guide.remarks {
            prompt.item("  -", remark);
        }
        let before = self.answers.client_id.clone().unwrap_or_default();
        let id =
            prompt.line("Client id", &format!("there it is called: {}", guide.id), &before, |text| match text {
                "" => Err("the provider shows it when the hub is registered".to_owned()),
                text if text.contains(char::is_whitespace) => Err("there is a blank in it".to_owned()),
                text => Ok(text.to_owned()),
            })?;
        self.answers.client_id = Some(id);
        Ok(())
    }

    fn ask_secret(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let reads_files = matches!(self.answers.form(), Form::Python | Form::Z2jh);
        let mut items = vec![
            format!("in the variable {} of the hub's environment", Secret::VARIABLE),
            format!("I type it now; it is kept in {}, for its owner only", finish::ENV_FILE),
        ];
        if reads_files {
            items.push("in another variable".to_owned());
            items.push("in a file on the hub's machine".to_owned());
        }
        loop {
            self.typed = None;
            let chosen = prompt.choose("Where is the client secret?", &items, 0)?;
            let done = match chosen {
                0 => Ok(Secret::Env(Secret::VARIABLE.to_owned())),
                1 => self.type_secret(prompt),
                2 => prompt.line("Which variable?", "", "", |text| match is_variable(text) {
                    true => Ok(Secret::Env(text.to_owned())),
                    false => Err(format!("`{text}` is no name of a variable")),
                }),
                _ => prompt.line("Which file?", "its path on the hub's machine", "", |text| match text {
                    "" => Err("name a file".to_owned()),
                    text => Ok(Secret::File(text.to_owned())),
                }),
            };
            match done {
                Err(Stop::Back) => {}
                Err(stop) => return Err(stop),
                Ok(secret) => {
                    self.answers.secret = Some(secret);
                    return Ok(());
                }
            }
        }
    }

    fn type_secret(&mut self, prompt: &Prompt) -> Result<Secret, Stop> {
        let guide = guide(&self.answers, false).unwrap_or_default();
        let typed = prompt
            .secret("Client secret", &format!("there it is called: {}; what you type is not shown", guide.secret))?;
        let secret = typed.trim();
        if secret.is_empty() {
            prompt.wrong("nothing was typed");
            return Err(Stop::Back);
        }
        if secret.contains(|c: char| c.is_control() || c == ' ') {
            prompt.wrong("there is a blank in it, or a key that is no character");
            return Err(Stop::Back);
        }
        prompt.answer("taken");
        self.typed = Some(secret.to_owned());
        Ok(Secret::Env(Secret::VARIABLE.to_owned()))
    }

    fn ask_allow(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let Some(preset) = self.answers.preset() else { return Ok(()) };
        let mut answers = self.answers.clone();
        answers.allow_all = false;
        for names in [&mut answers.allow_users, &mut answers.allow_groups, &mut answers.allow_domains] {
            names.clear();
        }
        loop {
            let mut ways = vec![(Way::Users, "people, by name".to_owned())];
            if preset.has_groups() {
                ways.push((Way::Groups, format!("members of a {}", preset.group_word())));
            }
            if preset.domains != Domains::None {
                ways.push((Way::Domains, "accounts of a domain".to_owned()));
            }
            let everybody = if preset.public {
                format!("everybody with an account at {}", preset.title)
            } else {
                format!("everybody whom {} knows", preset.title)
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
            Way::Everybody => answers.allow_all = true,
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

    fn ask_admin(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let before = self.answers.admin_users.join(", ");
        let hint = "names on the hub, separated by commas; nothing for nobody yet";
        self.answers.admin_users = prompt.line("Who is admin?", hint, &before, |text| Ok(split(text)))?;
        let grouped =
            self.answers.preset().is_some_and(Preset::has_admin_groups) && !self.answers.allow_groups.is_empty();
        if grouped {
            let hint = "groups whose members are admins; all others lose it at login. Nothing for none";
            let before = self.answers.admin_groups.join(", ");
            self.answers.admin_groups = prompt.line("Admins by group?", hint, &before, |text| Ok(split(text)))?;
        }
        Ok(())
    }

    fn ask_groups_claim(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let before = self.answers.groups_claim().unwrap_or_default().to_owned();
        let claim =
            prompt.line(
                "Which claim holds the groups?",
                "such as groups or isMemberOf",
                &before,
                |text| match text {
                    "" => Err("name the claim".to_owned()),
                    text if text.contains("://") => {
                        Err("the hub takes names apart at dots; have the provider give it another".into())
                    }
                    text => Ok(text.to_owned()),
                },
            )?;
        self.answers.groups_claim = Some(claim);
        Ok(())
    }

    fn ask_names(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        if let (None, Some(path)) = (&self.sample, self.args.userdata()) {
            match Sample::read(path) {
                Ok(sample) => self.sample = Some(sample),
                Err(message) => prompt.wrong(&message),
            }
        }
        let Some(preset) = self.answers.preset() else { return Ok(()) };
        loop {
            let mut claims: Vec<(String, String)> = Vec::new();
            let usual = Answers { username_claim: None, ..self.answers.clone() };
            claims.extend(usual.username_claim().map(|claim| (claim.to_owned(), "the usual one".to_owned())));
            let others = preset.other_names.iter().map(|(claim, word)| ((*claim).to_owned(), (*word).to_owned()));
            claims.extend(others.filter(|(claim, _)| Some(claim.as_str()) != usual.username_claim()));
            for claim in self.sample.iter().flat_map(Sample::claims) {
                if !claims.iter().any(|(known, _)| *known == claim) && claims.len() < 12 {
                    claims.push((claim, String::new()));
                }
            }
            let mut items: Vec<String> = claims.iter().map(|(claim, word)| self.named(claim, word)).collect();
            items.push("another claim".to_owned());
            items.push("show me, from somebody's userdata in a file".to_owned());
            let before = claims.iter().position(|(claim, _)| Some(claim.as_str()) == self.answers.username_claim());
            let chosen = prompt.choose("What is a user called on the hub?", &items, before.unwrap_or_default())?;
            let claim = if let Some((claim, _)) = claims.get(chosen) {
                Ok(Some(claim.clone()))
            } else if chosen == claims.len() {
                prompt.line("Which claim?", "", "", |text| match text {
                    "" => Err("name the claim".to_owned()),
                    text => Ok(Some(text.to_owned())),
                })
            } else {
                self.ask_sample(prompt).map(|()| None)
            };
            match claim {
                Ok(Some(claim)) => {
                    let is_usual = usual.username_claim() == Some(claim.as_str());
                    self.answers.username_claim = (!is_usual).then_some(claim);
                    return Ok(());
                }
                Ok(None) | Err(Stop::Back) => {}
                Err(stop) => return Err(stop),
            }
        }
    }

    /// A claim, with what comes out of it for the person whose userdata are at hand.
    fn named(&self, claim: &str, word: &str) -> String {
        let Some(sample) = &self.sample else {
            return if word.is_empty() { claim.to_owned() } else { format!("{claim} ({word})") };
        };
        let answers = Answers { username_claim: Some(claim.to_owned()), ..self.answers.clone() };
        match name_of(&answers, sample) {
            Ok(name) => format!("{claim} → {}", printable(&name)),
            Err(_) => format!("{claim} → (no name)"),
        }
    }

    fn ask_sample(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let hint = "a JSON file with what the userdata endpoint, or the id_token, says of somebody";
        self.sample = Some(prompt.line("Which file?", hint, "", |text| Sample::read(std::path::Path::new(text)))?);
        Ok(())
    }

    fn ask_output(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let before = self.path.clone().unwrap_or_else(|| PathBuf::from(self.answers.form().file_name()));
        let path = prompt.line("Which file shall I write?", "", &before.display().to_string(), |text| match text {
            "" => Err("name a file".to_owned()),
            text => Ok(PathBuf::from(text)),
        })?;
        self.overwrite = self.args.output.force;
        if finish::free(&path, self.overwrite || self.written).is_err() {
            if path.is_dir() {
                prompt.wrong("that is a folder");
                return self.ask_output(prompt);
            }
            let question = "It exists. Write over it?";
            if !prompt.confirm(question, false)? {
                return self.ask_output(prompt);
            }
            self.overwrite = true;
        }
        self.path = Some(path);
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.path.clone().unwrap_or_else(|| PathBuf::from(self.answers.form().file_name()))
    }

    /// The look at what will be written.
    fn review(&mut self, prompt: &Prompt) -> Result<After, Stop> {
        loop {
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
                Ok(chosen) => return Ok(items.swap_remove(chosen).0),
                Err(Stop::Back) => return Ok(After::Change),
                Err(stop) => return Err(stop),
            }
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

    /// Writes, checks, and says what is next.
    fn write(&mut self, prompt: &Prompt) -> Result<u8, String> {
        let path = self.path();
        let written = finish::render(&self.answers)?;
        let force = self.overwrite || self.written;
        let env_file = self.typed.as_ref().map(|_| finish::env_path(&path));
        finish::free(&path, force)?;
        if let (Some(secret), Some(env_file)) = (&self.typed, &env_file) {
            let text = finish::env_text(&self.answers, secret);
            finish::put(env_file, &text, true, force)?;
        }
        finish::put(&path, &written.text, false, force)?;
        self.written = true;
        let mut out = format!("\n✔ wrote {}\n", path.display());
        if let Some(env_file) = &env_file {
            out += &format!("✔ wrote {}, readable by you only\n", env_file.display());
        }
        let findings = finish::findings(&path, &self.answers, self.world);
        if findings.iter().all(|(level, _)| *level == Level::Note) {
            out += "✔ checked, nothing to object to\n";
        }
        for (_, shown) in &findings {
            out += &format!("\n{shown}\n");
        }
        out += &format!("\n{}", finish::next_text(&self.answers, &path, env_file.as_deref(), self.world.width));
        prompt.verbatim(&out);
        Ok(finish::exit_code(&findings))
    }

    /// Offers a login; whether an answer is to be changed after it.
    fn log_in(&self, prompt: Prompt) -> Result<(bool, Prompt), Stop> {
        let name = variable(self.answers.secret.as_ref());
        let here = match &self.answers.secret {
            Some(Secret::File(path)) => std::path::Path::new(path).exists(),
            _ => self.typed.is_some() || self.world.filled(name).is_some(),
        };
        // Without the secret the provider would refuse it.
        if !here {
            return Ok((false, prompt));
        }
        match prompt.confirm("Log in now, to see it work?", true) {
            Ok(true) => {}
            Ok(false) | Err(Stop::Back) => return Ok((false, prompt)),
            Err(stop) => return Err(stop),
        }
        drop(prompt);
        let path = self.path().display().to_string();
        let mut words = vec!["oauthctl".to_owned(), "login".to_owned(), path.clone()];
        if self.typed.is_some() {
            let env_file = finish::env_path(&self.path()).display().to_string();
            words.extend(["--env-file".to_owned(), env_file]);
        }
        sys::to_stderr(&format!("\n$ {}\n", words.join(" ")));
        let code = match crate::cli::Cli::try_parse_from(&words) {
            Ok(cli) => crate::cli::run(&cli, self.world),
            Err(error) => {
                sys::to_stderr(&format!("{error}\n"));
                CANNOT
            }
        };
        let prompt = Prompt::open(self.world);
        let question = if code == YES { "Is that how it shall be?" } else { "That is not it yet." };
        let items = ["leave it so".to_owned(), "change an answer".to_owned()];
        match prompt.choose(question, &items, usize::from(code != YES)) {
            Ok(chosen) => Ok((chosen == 1, prompt)),
            Err(Stop::Back) => Ok((false, prompt)),
            Err(stop) => Err(stop),
        }
    }
}

/// The ways to let somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Enough,
    Users,
    Groups,
    Domains,
    Everybody,
}

/// Names separated by commas.
fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
