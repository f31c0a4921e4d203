//! Half surrogates in text literals: Python holds them, and the parser gives U+FFFD in their place.

const REPLACEMENT: char = '\u{fffd}';

/// The text of a literal with half surrogates as [`crate::value`] keeps them. `source` is the literal as written.
pub(super) fn restored(value: &str, source: &str) -> String {
    if !value.contains(REPLACEMENT) {
        return value.to_owned();
    }
    let written = written(source);
    if written.len() != value.chars().filter(|c| *c == REPLACEMENT).count() {
        return value.to_owned();
    }
    let mut written = written.into_iter();
    value.chars().map(|c| if c == REPLACEMENT { written.next().unwrap_or(c) } else { c }).collect()
}

/// What stands in the source for each U+FFFD of the value, in order.
fn written(source: &str) -> Vec<char> {
    let mut found = Vec::new();
    let mut rest = source.chars();
    while let Some(c) = rest.next() {
        if c == REPLACEMENT {
            found.push(c);
        } else if c == '\\' {
            let digits = match rest.next() {
                Some('u') => 4,
                Some('U') => 8,
                Some('N') if rest.as_str().to_uppercase().starts_with("{REPLACEMENT CHARACTER}") => {
                    found.push(REPLACEMENT);
                    continue;
                }
                _ => continue,
            };
            let code = rest.as_str().get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok());
            match code {
                Some(0xfffd) => found.push(REPLACEMENT),
                Some(half @ 0xd800..=0xdfff) => found.extend(char::from_u32(0x10_0000 + half)),
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_where_it_was_written() {
        let read = "a\u{fffd}b\u{fffd}c\u{fffd}\\ud800\u{fffd}";
        let kept = "a\u{10d83d}b\u{fffd}c\u{10dfff}\\ud800\u{fffd}";
        assert_eq!(restored(read, "'a\\ud83db\u{fffd}c\\U0000DFFF\\\\ud800\\N{replacement character}'"), kept);
        assert_eq!(restored(read, "f'other'"), read);
    }
}
