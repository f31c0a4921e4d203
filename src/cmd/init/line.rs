//! A line that is being typed. It is shown in one row of the terminal, however long it is: where it does not fit, the
//! part around the cursor is seen, so that nothing wraps and nothing has to be cleared away.

use dialoguer::console::{Key, measure_text_width};

/// The line, and where in it the next character goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    chars: Vec<char>,
    at: usize,
}

/// What a key came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It goes on.
    More,
    /// Enter.
    Done,
    /// Escape.
    Back,
    /// Ctrl-D on an empty line.
    End,
}

impl Line {
    /// The text.
    pub(super) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Takes a key.
    pub(super) fn take(&mut self, key: &Key) -> Typed {
        match key {
            Key::Enter => return Typed::Done,
            Key::Escape => return Typed::Back,
            Key::Char('\u{4}') if self.chars.is_empty() => return Typed::End,
            Key::Backspace if self.at > 0 => {
                self.at -= 1;
                self.chars.remove(self.at);
            }
            Key::Del | Key::Char('\u{4}') if self.at < self.chars.len() => {
                self.chars.remove(self.at);
            }
            Key::ArrowLeft => self.at = self.at.saturating_sub(1),
            Key::ArrowRight => self.at = (self.at + 1).min(self.chars.len()),
            Key::Home => self.at = 0,
            Key::End => self.at = self.chars.len(),
            // Ctrl-U and Ctrl-W, as in a shell.
            Key::Char('\u{15}') => {
                self.chars.drain(..self.at);
                self.at = 0;
            }
            Key::Char('\u{17}') => {
                let word = self.chars[..self.at].iter().rposition(|c| *c != ' ').unwrap_or(0);
                let start = self.chars[..word].iter().rposition(|c| *c == ' ').map_or(0, |space| space + 1);
                self.chars.drain(start..self.at);
                self.at = start;
            }
            Key::Char(c) if !c.is_control() => {
                self.chars.insert(self.at, *c);
                self.at += 1;
            }
            _ => {}
        }
        Typed::More
    }

    /// What is seen of it in so many columns, and how many columns the cursor stands from the end of that.
    pub(super) fn view(&self, columns: usize) -> (String, usize) {
        let width = |from: usize, to: usize| measure_text_width(&self.chars[from..to].iter().collect::<String>());
        let mut from = 0;
        // One column stays free for the cursor behind the last character.
        while width(from, self.at) + 1 > columns.max(2) {
            from += 1;
        }
        let mut to = self.at;
        while to < self.chars.len() && width(from, to + 1) < columns.max(2) {
            to += 1;
        }
        (self.chars[from..to].iter().collect(), width(self.at, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Line {
        let mut line = Line::default();
        text.chars().for_each(|c| assert_eq!(line.take(&Key::Char(c)), Typed::More));
        line
    }

    #[test]
    fn keys_edit_the_line() {
        let mut line = typed("hub exmple");
        for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowLeft, Key::ArrowLeft, Key::Char('a')] {
            line.take(&key);
        }
        assert_eq!(line.text(), "hub example");
        line.take(&Key::Home);
        line.take(&Key::Del);
        line.take(&Key::End);
        line.take(&Key::Backspace);
        assert_eq!(line.text(), "ub exampl");
        line.take(&Key::Char('\u{17}'));
        assert_eq!(line.text(), "ub ");
        line.take(&Key::Char('\u{15}'));
        assert_eq!(line, Line::default());
        line.take(&Key::Backspace);
        line.take(&Key::Char('\u{7}'));
        assert_eq!(line, Line::default());
    }

    #[test]
    fn the_end_of_input_ends_an_empty_line_only() {
        assert_eq!(Line::default().take(&Key::Char('\u{4}')), Typed::End);
        assert_eq!(typed("a").take(&Key::Char('\u{4}')), Typed::More);
    }

    #[test]
    fn what_is_seen_fits_and_holds_the_cursor() {
        let mut line = typed("https://id.example.org/realms/a-very-long-name");
        assert_eq!(line.view(10), ("long-name".to_owned(), 0));
        line.take(&Key::Home);
        assert_eq!(line.view(10), ("https://i".to_owned(), 9));
        for columns in 0..60 {
            assert!(line.view(columns).0.chars().count() < columns.max(2));
        }
        assert_eq!(typed("日本語日本語").view(7), ("日本語".to_owned(), 0));
    }
}
