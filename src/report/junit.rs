//! JUnit's XML, which most CI systems show: a test suite a hub, a failed test a finding.

use std::fmt::Write as _;

use super::{Found, Hub, Validation};
use crate::diagnostic::Level;

/// The findings as JUnit XML. A note is no failure: it is a test that passes with something to say.
pub fn text(validation: &Validation) -> String {
    let failures = validation.count(Level::Error) + validation.count(Level::Warning);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests: usize = validation.hubs.iter().map(|hub| of_hub(validation, hub).count().max(1)).sum();
    let _ = writeln!(
        out,
        "<testsuites name=\"oauthctl validate-config\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    for hub in &validation.hubs {
        suite(validation, hub, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

/// A finding of several hubs stands in the first one's suite only.
fn of_hub<'a>(validation: &'a Validation, hub: &'a Hub) -> impl Iterator<Item = &'a Found> {
    validation.findings.iter().filter(|found| found.hubs.first() == Some(&hub.path))
}

fn suite(validation: &Validation, hub: &Hub, out: &mut String) {
    let found: Vec<&Found> = of_hub(validation, hub).collect();
    let failures = found.iter().filter(|found| found.finding.level != Level::Note).count();
    let name = escaped(&hub.path);
    let tests = found.len().max(1);
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
    );
    if found.is_empty() {
        let class = escaped(hub.authenticator.as_deref().unwrap_or("configuration"));
        let _ = writeln!(out, "    <testcase classname=\"{name}\" name=\"{class}\"/>");
    }
    for found in found {
        case(found, &name, out);
    }
    out.push_str("  </testsuite>\n");
}

fn case(found: &Found, suite: &str, out: &mut String) {
    let finding = &found.finding;
    let place = finding.span.as_ref().map_or_else(|| found.hubs.join(", "), ToString::to_string);
    let setting = finding.setting.as_deref().map(|setting| format!(" {setting}")).unwrap_or_default();
    let name = escaped(&format!("{}{setting} ({place})", finding.rule));
    let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"");
    if let Some(span) = &finding.span {
        let _ = write!(out, " file=\"{}\" line=\"{}\"", escaped(&span.file), span.line);
    }
    let (message, whole) = (escaped(&finding.message), escaped(&details(found)));
    let _ = match finding.level {
        Level::Note => writeln!(out, ">\n      <system-out>{whole}</system-out>\n    </testcase>"),
        level => writeln!(
            out,
            ">\n      <failure message=\"{message}\" type=\"{}\">{whole}</failure>\n    </testcase>",
            level.name()
        ),
    };
}

fn details(found: &Found) -> String {
    let finding = &found.finding;
    let mut lines = vec![finding.message.clone()];
    lines.extend(finding.span.as_ref().map(ToString::to_string));
    lines.extend(finding.notes.iter().cloned());
    lines.extend(finding.fix.as_ref().map(|fix| fix.message.clone()));
    lines.join("\n")
}

/// Text for XML 1.0, in which most control characters cannot stand at all.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;

    #[test]
    fn a_hub_is_a_suite_and_a_finding_a_failure() {
        let finding = Diagnostic::error("wrong-type", "a <b> & \"c\"\u{1}");
        let hub = |path: &str| Hub { path: path.into(), ..Hub::default() };
        let found = Found { finding, hubs: vec!["one".into()], shown: String::new() };
        let validation = Validation { hubs: vec![hub("one"), hub("two")], findings: vec![found] };
        let xml = text(&validation);
        assert!(xml.contains("<testsuites name=\"oauthctl validate-config\" tests=\"2\" failures=\"1\""), "{xml}");
        assert!(xml.contains("message=\"a &lt;b&gt; &amp; &quot;c&quot;\u{fffd}\" type=\"error\""), "{xml}");
        assert!(xml.contains("<testcase classname=\"two\" name=\"configuration\"/>"), "{xml}");
    }
}
