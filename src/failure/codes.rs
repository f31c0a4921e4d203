//! What the codes of failures mean: a page each, for `oauthctl explain`. A code that is a rule's name has that one's.

use std::sync::OnceLock;

const TEXT: &str = include_str!("codes.md");

/// The page of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code.
    pub id: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What usually causes it.
    pub causes: Vec<&'static str>,
    /// What to do.
    pub next: &'static str,
}

/// Every code, by name.
pub fn codes() -> &'static [Code] {
    static PARSED: OnceLock<Vec<Code>> = OnceLock::new();
    PARSED.get_or_init(|| TEXT.split("# ").skip(1).map(page).collect())
}

/// The page of this code.
pub fn find(id: &str) -> Option<&'static Code> {
    codes().iter().find(|code| code.id == id)
}

fn page(text: &'static str) -> Code {
    let mut lines = text.lines();
    let id = lines.next().unwrap_or_default();
    let mut code = Code { id, meaning: "", causes: Vec::new(), next: "" };
    for line in lines {
        match line.split_at_checked(2) {
            Some(("- ", cause)) => code.causes.push(cause),
            Some(("> ", next)) => code.next = next,
            Some(_) => code.meaning = line,
            None => {}
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_what_it_means_and_what_to_do() {
        for code in codes() {
            assert!(!code.meaning.is_empty() && !code.next.is_empty(), "{}", code.id);
            assert!(code.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", code.id);
        }
        let names: Vec<&str> = codes().iter().map(|code| code.id).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "they are sorted, and each stands there once");
    }

    #[test]
    fn a_page_is_taken_apart() {
        let code = find("timeout").unwrap();
        assert!(code.meaning.contains("20 seconds") && code.next.contains("request_timeout"));
        assert_eq!(find("redirect-uri-mismatch").unwrap().causes.len(), 1);
    }
}
