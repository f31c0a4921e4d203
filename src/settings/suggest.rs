//! The nearest name: `difflib.get_close_matches`, whose suggestions upstream prints.

use std::collections::HashMap;

const CUTOFF: f64 = 0.6;
const MOST: usize = 3;

/// `difflib.get_close_matches(word, possibilities)`: the three nearest, the nearest first.
pub fn close_matches<'a>(word: &str, possibilities: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = possibilities
        .into_iter()
        .map(|candidate| (ratio(candidate, word), candidate))
        .filter(|(score, _)| *score >= CUTOFF)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(a.1)));
    scored.into_iter().take(MOST).map(|(_, candidate)| candidate).collect()
}

/// The nearest of the names, compared as `fold` turns them (to disregard case, say).
pub fn nearest<'a>(
    word: &str,
    possibilities: impl IntoIterator<Item = &'a str>,
    fold: impl Fn(&str) -> String,
) -> Option<&'a str> {
    let word = fold(word);
    possibilities
        .into_iter()
        .map(|candidate| (ratio(&fold(candidate), &word), candidate))
        .filter(|(score, _)| *score >= CUTOFF)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `difflib.SequenceMatcher(None, a, b).ratio()`, for texts under 200 characters.
pub fn ratio(a: &str, b: &str) -> f64 {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    let mut places: HashMap<char, Vec<usize>> = HashMap::new();
    for (index, c) in b.iter().enumerate() {
        places.entry(*c).or_default().push(index);
    }
    let mut matched = 0;
    let mut queue = vec![(0, a.len(), 0, b.len())];
    while let Some((a_low, a_high, b_low, b_high)) = queue.pop() {
        let (i, j, size) = longest_match(&a, &places, a_low..a_high, b_low..b_high);
        if size > 0 {
            matched += size;
            queue.push((a_low, i, b_low, j));
            queue.push((i + size, a_high, j + size, b_high));
        }
    }
    2.0 * matched as f64 / (a.len() + b.len()) as f64
}

fn longest_match(
    a: &[char],
    places: &HashMap<char, Vec<usize>>,
    a_range: std::ops::Range<usize>,
    b_range: std::ops::Range<usize>,
) -> (usize, usize, usize) {
    let mut best = (a_range.start, b_range.start, 0);
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for i in a_range {
        let mut next = HashMap::new();
        for &j in places.get(&a[i]).map_or(&[][..], Vec::as_slice) {
            if !b_range.contains(&j) {
                continue;
            }
            let length = j.checked_sub(1).and_then(|before| lengths.get(&before)).copied().unwrap_or(0) + 1;
            next.insert(j, length);
            if length > best.2 {
                best = (i + 1 - length, j + 1 - length, length);
            }
        }
        lengths = next;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values from CPython's difflib.
    #[test]
    fn ratios_are_difflibs() {
        for (a, b, expected) in [
            ("abcd", "bcde", 0.75),
            ("username_key", "username_claim", 18.0 / 26.0),
            ("allowed_users", "allow_users", 22.0 / 24.0),
            ("", "x", 0.0),
        ] {
            assert!((ratio(a, b) - expected).abs() < 1e-12, "{a} {b}: {}", ratio(a, b));
        }
    }

    #[test]
    fn matches_are_difflibs() {
        assert_eq!(close_matches("appel", ["ape", "apple", "peach", "puppy"]), ["apple", "ape"]);
    }
}
