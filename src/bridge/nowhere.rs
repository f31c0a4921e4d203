//! No child process: JupyterHub itself runs on Unix only.

use std::time::Instant;

/// Why nothing more comes from the child.
#[derive(Clone, Debug, PartialEq)]
pub enum Broken {
    /// Its time was up.
    TimedOut,
    /// It ended, or closed its side; how it ended, where it did.
    Ended(Option<String>),
}

/// A child that cannot be.
pub enum Process {}

impl Process {
    /// Never starts.
    pub fn start(_: &str, _: &str, _: &[(String, String)]) -> std::io::Result<Process> {
        Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "the hub's own code runs on Linux and macOS only"))
    }

    /// Sends a line.
    pub fn say(&mut self, _: &str) {
        match *self {}
    }

    /// The next line.
    pub fn hear(&mut self, _: Instant) -> Result<Vec<u8>, Broken> {
        match *self {}
    }

    /// What it printed.
    pub fn output(&self) -> (String, usize) {
        match *self {}
    }

    /// Ends it.
    pub fn end(&mut self) {
        match *self {}
    }
}
