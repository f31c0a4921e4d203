//! The browser leg of a login: an address is opened, and the browser (or somebody's clipboard) brings back the
//! provider's answer.
//!
//! Nothing here knows who may enter, nor OAuth 2 from OAuth 1.0a: an authenticator's `begin` gave the address, and a
//! *judge* that it supplies says of each callback's arguments whether they are the ones waited for.

use std::fmt;

pub mod agent;
pub mod arguments;
pub mod browser;
pub mod listener;
pub mod pages;
pub mod paste;
pub mod progress;
pub mod response;
pub mod route;
pub mod wait;

/// Why the browser leg came to nothing, or why one callback was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowError {
    /// The stable code: lower-case words joined by hyphens.
    pub code: &'static str,
    /// What happened; where the hub has words for it, the hub's.
    pub message: String,
    /// What to do next.
    pub fix: Option<String>,
    /// The status that the hub would have answered with.
    pub hub_status: Option<u16>,
}

impl FlowError {
    /// An error; the other parts are added with the `with_…` methods.
    pub fn new(code: &'static str, message: impl Into<String>) -> FlowError {
        FlowError { code, message: message.into(), fix: None, hub_status: None }
    }

    /// Says what to do next.
    pub fn with_fix(mut self, fix: impl Into<String>) -> FlowError {
        self.fix = Some(fix.into());
        self
    }

    /// Says what the hub would have answered with.
    pub fn with_hub_status(mut self, status: u16) -> FlowError {
        self.hub_status = Some(status);
        self
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for FlowError {}

/// What the authenticator's side says of one callback. It compares the state first, with [`constant_time_eq`], and
/// believes an `error` only after that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The one that was waited for: the wait ends.
    Accept,
    /// Not ours: answered as the hub would, remembered, and the wait goes on.
    Refuse(FlowError),
    /// Ours, but it brings no code: answered as the hub would, and the wait ends with this failure.
    End(FlowError),
}

/// Judges a callback's arguments.
pub type Judge<'a> = dyn FnMut(&arguments::CallbackArgs) -> Judgement + 'a;

/// Whether two texts are equal, in a time that tells only their lengths.
pub fn constant_time_eq(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let difference = one.bytes().zip(other.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b));
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_time_eq_is_equality() {
        for (one, other) in [("", ""), ("a", "a"), ("abc", "abc")] {
            assert!(constant_time_eq(one, other), "{one} {other}");
        }
        for (one, other) in [("", "a"), ("a", "b"), ("abc", "abd"), ("abc", "ab"), ("xbc", "abc")] {
            assert!(!constant_time_eq(one, other), "{one} {other}");
        }
    }
}
