//! Python's `fnmatch.fnmatch` on a system whose file names are case sensitive: `*`, `?`, `[seq]`, `[!seq]`.
//!
//! What counts is `fnmatch.translate`, with its own answers to odd sets: an unclosed `[` is itself, an empty range
//! matches nothing, and a `]` that comes first belongs to the set.

/// One step of a pattern.
enum Step {
    Any,
    One,
    Char(char),
    Set { negated: bool, ranges: Vec<(char, char)> },
}

/// Whether the whole name matches the pattern.
pub fn fnmatch(name: &str, pattern: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    matches(&name, &steps(&pattern.chars().collect::<Vec<_>>()))
}

/// Goes back only to the last `*`: an earlier one can never do better.
fn matches(name: &[char], steps: &[Step]) -> bool {
    let (mut at, mut step) = (0, 0);
    let mut star = None;
    loop {
        match steps.get(step) {
            Some(Step::Any) => {
                star = Some((step, at));
                step += 1;
                continue;
            }
            None if at == name.len() => return true,
            Some(other) if name.get(at).is_some_and(|c| fits(other, *c)) => {
                at += 1;
                step += 1;
                continue;
            }
            _ => {}
        }
        match star {
            Some((after, from)) if from < name.len() => {
                star = Some((after, from + 1));
                (at, step) = (from + 1, after + 1);
            }
            _ => return false,
        }
    }
}

fn fits(step: &Step, c: char) -> bool {
    match step {
        Step::Any | Step::One => true,
        Step::Char(other) => *other == c,
        Step::Set { negated, ranges } => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated,
    }
}

fn steps(pattern: &[char]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(&c) = pattern.get(at) {
        at += 1;
        steps.push(match c {
            '*' => Step::Any,
            '?' => Step::One,
            '[' => match end_of_set(pattern, at) {
                None => Step::Char('['),
                Some(end) => {
                    let set = set(&pattern[at..end]);
                    at = end + 1;
                    set
                }
            },
            other => Step::Char(other),
        });
    }
    steps
}

/// Where the `]` stands that ends the set beginning here.
fn end_of_set(pattern: &[char], start: usize) -> Option<usize> {
    let mut at = start;
    for first in ['!', ']'] {
        if pattern.get(at) == Some(&first) {
            at += 1;
        }
    }
    (at..pattern.len()).find(|at| pattern[*at] == ']')
}

fn set(stuff: &[char]) -> Step {
    let negated = stuff.first() == Some(&'!');
    let stuff = if negated { &stuff[1..] } else { stuff };
    let mut chunks = chunks(stuff);
    // A range that runs backwards is taken out, with both of its ends.
    for at in (1..chunks.len()).rev() {
        let (before, after) = (chunks[at - 1].last().copied(), chunks[at].first().copied());
        if before > after {
            let rest = chunks.remove(at);
            chunks[at - 1].pop();
            chunks[at - 1].extend(rest.into_iter().skip(1));
        }
    }
    let mut ranges = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        let opens = at > 0;
        let closes = at + 1 < chunks.len();
        for (place, c) in chunk.iter().enumerate() {
            let is_start = closes && place + 1 == chunk.len();
            let is_end = opens && place == 0;
            match (is_start, is_end) {
                (true, _) => ranges.push((*c, chunks[at + 1].first().copied().unwrap_or(*c))),
                (false, true) => {}
                (false, false) => ranges.push((*c, *c)),
            }
        }
    }
    Step::Set { negated, ranges }
}

/// The set's text cut at the hyphens that make ranges, which are never the first or the last character.
fn chunks(stuff: &[char]) -> Vec<Vec<char>> {
    let mut chunks = Vec::new();
    let (mut start, mut from) = (0, 1);
    while let Some(hyphen) = (from..stuff.len()).find(|at| stuff[*at] == '-') {
        chunks.push(stuff[start..hyphen].to_vec());
        start = hyphen + 1;
        from = hyphen + 3;
    }
    let last = stuff[start.min(stuff.len())..].to_vec();
    match chunks.last_mut() {
        Some(before) if last.is_empty() => before.push('-'),
        _ => chunks.push(last),
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected: CPython 3.11's fnmatch.fnmatch.
    #[test]
    fn matches_what_python_matches() {
        for (name, pattern) in [
            ("uni.edu", "uni.edu"),
            ("math.uni.edu", "*.uni.edu"),
            ("a.b.uni.edu", "*.uni.edu"),
            ("uni.edu", "*"),
            ("", "*"),
            ("uni1.edu", "uni?.edu"),
            ("uni1.edu", "uni[0-9].edu"),
            ("unix.edu", "uni[!0-9].edu"),
            ("]", "[]]"),
            ("-", "[a-]"),
            ("-", "[-a]"),
            ("[x", "[x"),
            ("a\nb", "a*b"),
            ("b", "[a-cx-z]"),
            ("^", "[^a]"),
            ("\\", "[\\]"),
            ("[!]", "[!]"),
            ("d", "[c-ad]"),
        ] {
            assert!(fnmatch(name, pattern), "{name:?} {pattern:?}");
        }
        for (name, pattern) in [
            ("xuni.edu", "uni.edu"),
            ("uni.edu", "*.uni.edu"),
            ("b", "[c-a]"),
            ("ab", "?"),
            ("uni.edu.org", "*.edu"),
            ("x", "[!]"),
        ] {
            assert!(!fnmatch(name, pattern), "{name:?} {pattern:?}");
        }
    }
}
