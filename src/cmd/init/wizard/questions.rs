//! The questions about provider, hub, client, names and file.

use std::path::PathBuf;

use super::Wizard;
use crate::cmd::init::names::{Sample, name_of};
use crate::cmd::init::prompt::{Prompt, Stop};
use crate::cmd::init::{discover, finish, wants_discovery};
use crate::discovery::Metadata;
use crate::init::answers::{Answers, Secret, is_variable, normal};
use crate::init::hub::Hub;
use crate::init::presets::PRESETS;
use crate::init::register::guide;
use crate::init::{Preset, Shape};
use crate::sys::printable;
use crate::write::Form;

impl Wizard<'_> {
    pub(super) fn ask_provider(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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

    pub(super) fn ask_form(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let words: Vec<String> = Form::ALL.iter().map(|form| finish::form_words(*form).to_owned()).collect();
        let before = Form::ALL.iter().position(|form| *form == self.answers.form()).unwrap_or_default();
        let chosen = Form::ALL[prompt.choose("What does your hub read?", &words, before)?];
        if self.answers.form != Some(chosen) && self.args.output.output.is_none() {
            self.path = None;
        }
        self.answers.form = Some(chosen);
        Ok(())
    }

    pub(super) fn ask_address(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let Some(preset) = self.answers.preset() else { return Ok(()) };
        let Some(address) = &preset.address else { return Ok(()) };
        loop {
            let before = self.answers.address.clone().unwrap_or_else(|| address.default.to_owned());
            let hint = format!("such as {}", address.example);
            let question = address.question;
            let given =
                prompt.line(question, &hint, &before, |text| normal(text, address.shape).map(|_| text.to_owned()))?;
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
        match prompt.busy(|| discover(&base, self.args)) {
            Ok(metadata) => {
                prompt.say(&format!("✔ found {}", printable(&metadata.url)));
                prompt.hint(&said(&metadata));
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

    pub(super) fn ask_idps(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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

    pub(super) fn ask_hub(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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

    pub(super) fn ask_client(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let Some(guide) = guide(&self.answers) else { return Ok(()) };
        prompt.heading(&format!("Register the hub with {}", self.answers.provider()));
        prompt.item(" ", &guide.place);
        for (index, step) in guide.steps.iter().enumerate() {
            prompt.item(&format!("{:>2}.", index + 1), step);
        }
        if !guide.groups.is_empty() {
            prompt.item(" ", "and where groups are to count");
        }
        for (index, step) in guide.groups.iter().enumerate() {
            prompt.item(&format!("{:>2}.", guide.steps.len() + index + 1), step);
        }
        for remark in &guide.remarks {
            prompt.item("  -", remark);
        }
        let before = self.answers.client_id.clone().unwrap_or_default();
        let id = prompt.line("Client id", &called("client id", &guide.id, ""), &before, |text| match text {
            "" => Err("the provider shows it when the hub is registered".to_owned()),
            text if text.contains(char::is_whitespace) => Err("there is a blank in it".to_owned()),
            text => Ok(text.to_owned()),
        })?;
        self.answers.client_id = Some(id);
        Ok(())
    }

    pub(super) fn ask_secret(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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
        let guide = guide(&self.answers).unwrap_or_default();
        let hint = called("client secret", &guide.secret, "what you type is not shown");
        let typed = prompt.secret("Client secret", &hint)?;
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

    pub(super) fn ask_groups_claim(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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

    pub(super) fn ask_names(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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

    pub(super) fn ask_sample(&mut self, prompt: &Prompt) -> Result<(), Stop> {
        let hint = "a JSON file with what the userdata endpoint, or the id_token, says of somebody";
        self.sample = Some(prompt.line("Which file?", hint, "", |text| Sample::read(std::path::Path::new(text)))?);
        Ok(())
    }

    pub(super) fn ask_output(&mut self, prompt: &Prompt) -> Result<(), Stop> {
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
}

/// What a discovery document decides, in a line.
fn said(metadata: &Metadata) -> String {
    let list = |items: &Option<Vec<String>>| items.as_ref().map_or("not told".to_owned(), |items| items.join(", "));
    let text = format!(
        "issuer {}; PKCE {}; client authentication {}; scopes {}",
        metadata.issuer,
        list(&metadata.code_challenge_methods_supported),
        metadata.token_endpoint_auth_methods_supported.join(", "),
        list(&metadata.scopes_supported)
    );
    printable(&text)
}

/// What the provider calls it, where that is another word than ours.
fn called(ours: &str, theirs: &str, more: &str) -> String {
    let told = (!theirs.eq_ignore_ascii_case(ours)).then(|| format!("there it is called: {theirs}"));
    told.into_iter().chain((!more.is_empty()).then(|| more.to_owned())).collect::<Vec<_>>().join("; ")
}

/// Names separated by commas.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split(',').map(|name| bare(name.trim())).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A name without the quotes that somebody who knows Python puts around it.
fn bare(name: &str) -> &str {
    let quoted = |mark: char| name.strip_prefix(mark)?.strip_suffix(mark);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(name)
}
