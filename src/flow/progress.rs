//! What the terminal shows while the browser is away: one line that updates itself, on standard error, gone without
//! a trace afterwards; elsewhere a plain line now and then.

use std::time::Duration;

use crate::sys::{World, printable, to_stderr};

/// How it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// A line that updates itself.
    Line,
    /// Plain lines, far apart.
    Plain,
    /// Nothing but what has to be said.
    Quiet,
}

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How far apart plain lines are.
const PLAIN_EVERY: u64 = 60;

/// The progress of a wait.
pub struct Progress {
    manner: Manner,
    drawn: bool,
    ticks: usize,
    next_plain: Option<u64>,
    write: Box<dyn FnMut(&str) + Send>,
}

impl Progress {
    /// Progress on standard error. While somebody may be pasting on the same terminal nothing is redrawn, since that
    /// would wipe out what they see of it.
    pub fn new(world: &World, pasting: bool) -> Progress {
        let plain = !world.stderr_is_terminal
            || pasting
            || world.filled("CI").is_some()
            || world.filled("NO_COLOR").is_some()
            || world.var("TERM") == Some("dumb");
        Progress::with(if plain { Manner::Plain } else { Manner::Line }, Box::new(to_stderr))
    }

    /// No progress: only what has to be said.
    pub fn quiet() -> Progress {
        Progress::with(Manner::Quiet, Box::new(to_stderr))
    }

    /// Nothing at all.
    pub fn silent() -> Progress {
        Progress::with(Manner::Quiet, Box::new(|_| {}))
    }

    fn with(manner: Manner, write: Box<dyn FnMut(&str) + Send>) -> Progress {
        Progress { manner, drawn: false, ticks: 0, next_plain: None, write }
    }

    /// Shows that time passes.
    pub fn tick(&mut self, left: Duration) {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        match self.manner {
            Manner::Line => {
                let frame = FRAMES[self.ticks % FRAMES.len()];
                self.ticks += 1;
                self.drawn = true;
                (self.write)(&format!("\r\x1b[K{frame} waiting for the browser ({} left)", clock(seconds)));
            }
            Manner::Plain if self.next_plain.is_none_or(|next| seconds <= next) => {
                self.next_plain = Some(seconds.saturating_sub(PLAIN_EVERY));
                (self.write)(&format!("waiting for the browser ({} left)\n", clock(seconds)));
            }
            Manner::Plain | Manner::Quiet => {}
        }
    }

    /// Says something on a line of its own. It may come from outside, so nothing in it steers the terminal.
    pub fn say(&mut self, text: &str) {
        self.finish();
        (self.write)(&format!("{}\n", printable(text)));
    }

    /// Wipes the line out.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.drawn) {
            (self.write)("\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::sys::Platform;

    fn recorded(manner: Manner) -> (Progress, Arc<Mutex<String>>) {
        let record = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&record);
        (Progress::with(manner, Box::new(move |text| into.lock().unwrap().push_str(text))), record)
    }

    #[test]
    fn a_line_cleans_up_after_itself() {
        let (mut progress, record) = recorded(Manner::Line);
        progress.tick(Duration::from_secs(299));
        progress.say("refused \u{1b}[2J");
        progress.tick(Duration::from_millis(500));
        drop(progress);
        let text = record.lock().unwrap().clone();
        assert_eq!(
            text,
            "\r\x1b[K⠋ waiting for the browser (4:59 left)\r\x1b[Krefused \u{fffd}[2J\n\
             \r\x1b[K⠙ waiting for the browser (0:01 left)\r\x1b[K"
        );
    }

    #[test]
    fn plain_lines_come_once_a_minute() {
        let (mut progress, record) = recorded(Manner::Plain);
        for left in (0..=130).rev() {
            progress.tick(Duration::from_secs(left));
        }
        let text = record.lock().unwrap().clone();
        let left: Vec<&str> = text.lines().map(|line| line.split(['(', ' ']).nth(5).unwrap()).collect();
        assert_eq!(left, ["2:10", "1:10", "0:10", "0:00"]);
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn only_a_capable_terminal_gets_the_line() {
        let manner = |terminal: bool, pasting: bool, variables: &[(&str, &str)]| {
            let mut world = World::of(Platform::Linux, variables.iter().copied());
            world.stderr_is_terminal = terminal;
            Progress::new(&world, pasting).manner
        };
        assert_eq!(manner(true, false, &[("TERM", "xterm")]), Manner::Line);
        assert_eq!(manner(false, false, &[]), Manner::Plain);
        assert_eq!(manner(true, true, &[]), Manner::Plain);
        for variable in [("CI", "true"), ("NO_COLOR", "1"), ("TERM", "dumb")] {
            assert_eq!(manner(true, false, &[variable]), Manner::Plain, "{variable:?}");
        }
    }
}
