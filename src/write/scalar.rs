//! Scalars of YAML, quoted so that every reader takes them for the same: YAML 1.1 (go-yaml in helm, PyYAML) and YAML 1.2
//! (ruamel.yaml in TLJH).

use std::fmt::Write as _;

/// Words that some reader takes for a truth value or for nothing.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A text as a scalar on one line.
pub(super) fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let printable = text.chars().all(|c| !is_special(c));
    if printable && (text.contains('\\') || text.contains('"')) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    double_quoted(text)
}

/// Whether no reader can take it for anything but this text: it begins like a word or a path, and holds nothing that
/// means something to YAML.
fn is_plain(text: &str) -> bool {
    let harmless = |c: char| c.is_alphanumeric() || " _-./@:+,=?&()".contains(c);
    text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '/')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text.chars().all(|c| harmless(c) && !is_special(c))
        && !WORDS.contains(&text.to_lowercase().as_str())
}

/// What has to be escaped: control characters, what YAML takes for the end of a line, and what it does not let through.
fn is_special(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(code, 0x2028 | 0x2029 | 0xfeff | 0xfffe | 0xffff)
        || (0xe000..=0xf8ff).contains(&code)
        || code >= 0x1_0000
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if !is_special(c) => out.push(c),
            c => {
                let _ = match u32::from(c) {
                    code @ 0..=0xff => write!(out, "\\x{code:02X}"),
                    code @ 0x100..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// The header and the lines of a literal block (`|`), where the text can stand in one.
pub(super) fn block(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let body = text.trim_end_matches('\n');
    let newlines = text.len() - body.len();
    if !body.contains('\n') && newlines == 0 || body.is_empty() {
        return None;
    }
    let odd = |c: char| c != '\n' && is_special(c);
    if body.starts_with([' ', '\n', '\t']) || body.chars().any(odd) {
        return None;
    }
    let header = match newlines {
        0 => "|-",
        1 => "|",
        _ => "|+",
    };
    let mut lines: Vec<&str> = body.split('\n').collect();
    lines.extend(std::iter::repeat_n("", newlines.saturating_sub(1)));
    Some((header, lines))
}

/// A float that every reader takes for one.
pub(super) fn float(number: f64) -> String {
    let text = crate::value::Value::Float(number).repr();
    match text.as_str() {
        "nan" => ".nan".to_owned(),
        "inf" => ".inf".to_owned(),
        "-inf" => "-.inf".to_owned(),
        // YAML 1.1 wants a point before the exponent.
        text => match text.split_once('e') {
            Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
            _ => text.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_a_reader_is_quoted() {
        for (given, expected) in [
            ("openid", "openid"),
            ("https://a.example:8443/x?y=z&b", "https://a.example:8443/x?y=z&b"),
            ("yes", "\"yes\""),
            ("Off", "\"Off\""),
            ("Y", "\"Y\""),
            ("0123", "\"0123\""),
            ("0o17", "\"0o17\""),
            ("1e3", "\"1e3\""),
            ("1:20", "\"1:20\""),
            ("2020-01-01", "\"2020-01-01\""),
            ("", "\"\""),
            ("*", "\"*\""),
            ("~", "\"~\""),
            ("=", "\"=\""),
            (".inf", "\".inf\""),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("a #b", "\"a #b\""),
            ("- a", "\"- a\""),
            ("@me", "\"@me\""),
            ("!x", "\"!x\""),
            (" a", "\" a\""),
            ("a ", "\"a \""),
            ("^\\w+$", "'^\\w+$'"),
            ("it's \"so\"", "'it''s \"so\"'"),
            ("a\tb\u{7}", "\"a\\tb\\x07\""),
            ("é", "é"),
            ("😀", "\"\\U0001F600\""),
        ] {
            assert_eq!(text(given), expected, "{given}");
        }
    }

    #[test]
    fn texts_of_several_lines_stand_in_blocks() {
        assert_eq!(block("a\nb"), Some(("|-", vec!["a", "b"])));
        assert_eq!(block("a\nb\n"), Some(("|", vec!["a", "b"])));
        assert_eq!(block("a\n\n b\n\n"), Some(("|+", vec!["a", "", " b", ""])));
        for odd in ["a", "\na", " a\nb", "a\r\nb", "\n", "a\u{2028}\nb"] {
            assert_eq!(block(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn floats_have_a_point() {
        assert_eq!([float(1e16), float(0.5), float(f64::NAN)], ["1.0e+16", "0.5", ".nan"]);
    }
}
