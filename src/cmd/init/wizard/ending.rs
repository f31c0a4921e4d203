//! The end of the dialogue: files written and checked, and a login right there.

use super::Wizard;
use crate::cmd::init::finish;
use crate::cmd::init::prompt::{Prompt, Stop};
use crate::cmd::{CANNOT, YES};
use crate::init::answers::Secret;
use crate::init::register::variable;
use crate::sys;

impl Wizard<'_> {
    /// Writes, checks, and says what is next.
    pub(super) fn write(&mut self, prompt: &Prompt) -> Result<u8, String> {
        let path = self.path();
        let written = finish::render(&self.answers)?;
        let to_stdout = self.args.output.path(&self.answers).is_none();
        let force = self.overwrite || self.written;
        let env_file = self.typed.as_ref().map(|_| finish::env_path(&path));
        if !to_stdout {
            finish::free(&path, force)?;
        }
        if let (Some(secret), Some(env_file)) = (&self.typed, &env_file) {
            let text = finish::env_text(&self.answers, secret);
            finish::put(env_file, &text, true, force || self.overwrite_env)?;
        }
        if to_stdout {
            crate::cmd::common::print(&written.text);
            return Ok(YES);
        }
        finish::put(&path, &written.text, false, force).inspect_err(|_| {
            // The secret of a configuration that is not there is nobody's.
            if let Some(env_file) = env_file.as_ref().filter(|_| !force && !self.overwrite_env) {
                let _ = std::fs::remove_file(env_file);
            }
        })?;
        self.written = true;
        let mut out = format!("\n✔ wrote {}\n", path.display());
        if let Some(env_file) = &env_file {
            out += &format!("✔ wrote {}, readable by you only\n", env_file.display());
        }
        let findings = finish::findings(&path, &self.answers, self.world);
        if findings.is_empty() {
            out += "✔ checked, nothing to object to\n";
        }
        for (_, shown) in &findings {
            out += &format!("\n{shown}\n");
        }
        out += &format!("\n{}", finish::next_text(&self.answers, &path, env_file.as_deref(), self.world.width));
        prompt.verbatim(&out);
        Ok(finish::exit_code(&findings))
    }

    /// Asks where a secret would be written over another one; `false` where it shall not.
    pub(super) fn may_write_secret(&mut self, prompt: &Prompt) -> Result<bool, Stop> {
        let env_file = finish::env_path(&self.path());
        if self.typed.is_none() || self.written || self.overwrite || finish::free(&env_file, false).is_ok() {
            return Ok(true);
        }
        self.overwrite_env = prompt.confirm(&format!("{} exists. Write over it?", finish::ENV_FILE), false)?;
        Ok(self.overwrite_env)
    }

    /// Offers a login; whether an answer is to be changed after it.
    pub(super) fn log_in(&self, prompt: Prompt) -> Result<(bool, Prompt), Stop> {
        let name = variable(self.answers.secret.as_ref());
        let here = match &self.answers.secret {
            Some(Secret::File(path)) => std::path::Path::new(path).exists(),
            _ => self.typed.is_some() || self.world.filled(name).is_some(),
        };
        // Without the secret the provider would refuse it.
        if !here || !self.written {
            return Ok((false, prompt));
        }
        match prompt.confirm("Log in now, to see it work?", true) {
            Ok(true) => {}
            Ok(false) | Err(Stop::Back) => return Ok((false, prompt)),
            Err(stop) => return Err(stop),
        }
        drop(prompt);
        let path = self.path().display().to_string();
        let mut words = vec!["login".to_owned(), path];
        if self.typed.is_some() {
            let env_file = finish::env_path(&self.path()).display().to_string();
            words.extend(["--env-file".to_owned(), env_file]);
        }
        // In a process of its own, which takes its reader of pasted addresses with it.
        sys::to_stderr(&format!("\n$ oauthctl {}\n", words.join(" ")));
        let code = sys::run_ourselves(&words).unwrap_or_else(|error| {
            sys::to_stderr(&format!("error: {error}\n"));
            i32::from(CANNOT)
        });
        let prompt = Prompt::open(self.world);
        let question = if code == i32::from(YES) { "Is that how it shall be?" } else { "That is not it yet." };
        let items = ["leave it so".to_owned(), "change an answer".to_owned()];
        match prompt.choose(question, &items, usize::from(code != i32::from(YES))) {
            Ok(chosen) => Ok((chosen == 1, prompt)),
            Err(Stop::Back) => Ok((false, prompt)),
            Err(stop) => Err(stop),
        }
    }
}
