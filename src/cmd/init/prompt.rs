//! Questions on a terminal. Lists and yes-or-no are dialoguer's; lines are our own ([`super::line`]), since dialoguer's
//! leave scraps behind where they wrap, and are deaf to Ctrl-D. On `TERM=dumb` everything is plain lines.

use std::io::{self, BufRead as _};

use dialoguer::console::{Term, measure_text_width, truncate_str};
use dialoguer::theme::Theme;
use dialoguer::{Confirm, Select};

use super::line::{Line, Typed};
use crate::sys::{QuietTerminal, World};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Esc: to the question before.
    Back,
    /// Ctrl-C, which has its own way out.
    Interrupted,
    /// The input is at its end.
    Ended,
}

/// A terminal with somebody before it.
pub(super) struct Prompt {
    term: Term,
    look: Look,
    plain: bool,
    quiet: Option<QuietTerminal>,
}

impl Prompt {
    /// The terminal, quiet until this is dropped.
    pub(super) fn open(world: &World) -> Prompt {
        let plain = world.var("TERM") == Some("dumb");
        let colour = colored::control::SHOULD_COLORIZE.should_colorize() && !plain;
        let quiet = (!plain).then(QuietTerminal::enter);
        Prompt { term: Term::stderr(), look: Look { colour }, plain, quiet }
    }

    /// Does something that takes its time, during which Ctrl-C works all the same.
    pub(super) fn busy<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.quiet {
            Some(quiet) => quiet.while_busy(work),
            None => work(),
        }
    }

    fn columns(&self) -> usize {
        usize::from(self.term.size().1).max(20)
    }

    fn write(&self, text: &str) {
        crate::sys::to_stderr(text);
    }

    /// Prints a paragraph.
    pub(super) fn say(&self, text: &str) {
        for line in wrap(text, self.columns(), 0) {
            self.write(&format!("{line}\n"));
        }
    }

    /// Prints text as it is, such as an address that has to be copied whole.
    pub(super) fn verbatim(&self, text: &str) {
        self.write(text);
    }

    /// Prints a paragraph that is less than the rest.
    pub(super) fn hint(&self, text: &str) {
        for line in wrap(text, self.columns(), 0) {
            self.write(&format!("{}\n", self.look.dim(&line)));
        }
    }

    /// Prints one item of a list.
    pub(super) fn item(&self, mark: &str, text: &str) {
        let indent = measure_text_width(mark) + 1;
        for (index, line) in wrap(text, self.columns(), indent).into_iter().enumerate() {
            let mark = if index == 0 { format!("{mark} ") } else { " ".repeat(indent) };
            self.write(&format!("{mark}{line}\n"));
        }
    }

    /// Prints a question, or a heading.
    pub(super) fn heading(&self, text: &str) {
        self.write("\n");
        for line in wrap(text, self.columns(), 0) {
            self.write(&format!("{}\n", self.look.bold(&line)));
        }
    }

    /// Says what is wrong with an answer.
    pub(super) fn wrong(&self, text: &str) {
        for (index, line) in wrap(text, self.columns(), 2).into_iter().enumerate() {
            let mark = if index == 0 { "✘ " } else { "  " };
            self.write(&format!("{}\n", self.look.red(&format!("{mark}{line}"))));
        }
    }

    /// Shows what was answered.
    pub(super) fn answer(&self, text: &str) {
        for (index, line) in wrap(text, self.columns(), 2).into_iter().enumerate() {
            let mark = if index == 0 { "→ " } else { "  " };
            self.write(&format!("{}\n", self.look.cyan(&format!("{mark}{line}"))));
        }
    }

    /// One of a list.
    pub(super) fn choose(&self, question: &str, items: &[String], default: usize) -> Result<usize, Stop> {
        self.heading(question);
        let chosen =
            if self.plain { self.choose_by_number(items, default)? } else { self.choose_by_key(items, default)? };
        self.answer(&items[chosen]);
        Ok(chosen)
    }

    fn choose_by_key(&self, items: &[String], default: usize) -> Result<usize, Stop> {
        let rows = usize::from(self.term.size().0);
        if items.len() + 2 > rows {
            self.hint("the arrow keys show more");
        }
        let room = self.columns() - 4;
        let shown: Vec<String> = items.iter().map(|item| truncate_str(item, room, "…").into_owned()).collect();
        let chosen = Select::with_theme(&self.look).items(&shown).default(default).interact_on_opt(&self.term);
        match chosen {
            Ok(Some(index)) => Ok(index),
            Ok(None) => Err(Stop::Back),
            Err(dialoguer::Error::IO(error)) => Err(self.stopped(&error)),
        }
    }

    fn choose_by_number(&self, items: &[String], default: usize) -> Result<usize, Stop> {
        for (index, item) in items.iter().enumerate() {
            self.item(&format!("{:>3}", index + 1), item);
        }
        loop {
            let typed = self.plain_line(&format!("number [{}]: ", default + 1))?;
            match typed.trim() {
                "" => return Ok(default),
                text => match text.parse::<usize>() {
                    Ok(number) if (1..=items.len()).contains(&number) => return Ok(number - 1),
                    _ => self.wrong(&format!("type a number from 1 to {}", items.len())),
                },
            }
        }
    }

    /// A line that `read` makes something of; asked again until it does. `default` is taken for an empty one.
    pub(super) fn line<T>(
        &self,
        question: &str,
        hint: &str,
        default: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Stop> {
        self.heading(question);
        if !hint.is_empty() {
            self.hint(hint);
        }
        if !default.is_empty() {
            self.hint(&format!("Enter takes {default}"));
        }
        loop {
            let typed = if self.plain { self.plain_line("> ")? } else { self.typed_line(true)? };
            let text = if typed.trim().is_empty() { default } else { typed.trim() };
            match read(text) {
                Ok(answer) => {
                    if !text.is_empty() {
                        self.answer(text);
                    }
                    return Ok(answer);
                }
                Err(why) => self.wrong(&why),
            }
        }
    }

    /// A line that nobody sees.
    pub(super) fn secret(&self, question: &str, hint: &str) -> Result<String, Stop> {
        self.heading(question);
        self.hint(hint);
        if self.plain {
            return self.term.read_secure_line().map_err(|error| self.stopped(&error));
        }
        self.typed_line(false)
    }

    /// Yes or no.
    pub(super) fn confirm(&self, question: &str, default: bool) -> Result<bool, Stop> {
        self.write("\n");
        if self.plain {
            let shown = if default { "Y/n" } else { "y/N" };
            let typed = self.plain_line(&format!("{question} [{shown}] "))?;
            return Ok(match typed.trim().to_lowercase().chars().next() {
                Some('y') => true,
                Some('n') => false,
                _ => default,
            });
        }
        let answer = Confirm::with_theme(&self.look).with_prompt(question).default(default);
        match answer.interact_on_opt(&self.term) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(Stop::Back),
            Err(dialoguer::Error::IO(error)) => Err(self.stopped(&error)),
        }
    }

    fn typed_line(&self, seen: bool) -> Result<String, Stop> {
        let mut line = Line::default();
        loop {
            let (text, behind) = if seen { line.view(self.columns() - 2) } else { (String::new(), 0) };
            let back = if behind > 0 { format!("\x1b[{behind}D") } else { String::new() };
            self.write(&format!("\r\x1b[K{} {text}{back}", self.look.cyan(">")));
            let key = self.term.read_key().map_err(|error| self.stopped(&error))?;
            let typed = line.take(&key);
            if typed != Typed::More {
                self.write("\r\x1b[K");
            }
            match typed {
                Typed::More => {}
                Typed::Done => return Ok(line.text()),
                Typed::Back => return Err(Stop::Back),
                Typed::End => return Err(Stop::Ended),
            }
        }
    }

    fn plain_line(&self, prompt: &str) -> Result<String, Stop> {
        self.write(prompt);
        let mut text = String::new();
        match io::stdin().lock().read_line(&mut text) {
            Ok(0) => Err(Stop::Ended),
            Ok(_) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => Err(self.stopped(&error)),
        }
    }

    fn stopped(&self, error: &io::Error) -> Stop {
        if error.kind() == io::ErrorKind::Interrupted {
            return Stop::Interrupted;
        }
        if !self.plain {
            let _ = self.term.show_cursor();
        }
        Stop::Ended
    }
}

/// What dialogues look like.
#[derive(Clone, Copy, Debug)]
struct Look {
    colour: bool,
}

impl Look {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }
}

impl Theme for Look {
    fn format_select_prompt_item(&self, f: &mut dyn std::fmt::Write, text: &str, active: bool) -> std::fmt::Result {
        match active {
            true => write!(f, "{}", self.cyan(&format!("❯ {text}"))),
            false => write!(f, "  {text}"),
        }
    }
}

/// Words in lines of so many columns, the first `indent` of which stay free; a word that is longer has a line to itself.
pub(in crate::cmd) fn wrap(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let room = columns.saturating_sub(indent + 1).max(10);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn words_stay_whole_and_lines_short() {
        assert_eq!(wrap("a redirect address goes here", 20, 2), ["a redirect", "address goes here"]);
        assert_eq!(
            wrap("to https://hub.example.org/hub/oauth_callback now", 20, 0)[1],
            "https://hub.example.org/hub/oauth_callback"
        );
        assert_eq!(wrap("", 40, 0), [""]);
    }
}
