//! SARIF 2.1.0, which GitHub code scanning and editors show inline.
//!
//! Places count from 1, columns in characters; a fingerprint keeps a finding the same one when lines move.

use std::path::{Component, Path, PathBuf};

use serde_json::{Value as Json, json};

use super::{Found, Validation};
use crate::diagnostic::{Diagnostic, Level};
use crate::span::Span;

/// What a rule is called and explained by.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name.
    pub id: &'static str,
    /// A line about it.
    pub summary: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// Its level.
    pub level: Level,
}

/// What relative addresses in the log are relative to: the root of the repository, as code scanning wants it.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// Where relative paths begin.
    pub folder: PathBuf,
    /// The root of the repository, else the same folder.
    pub root: PathBuf,
}

/// The name that SARIF's users give to that root.
const ROOT: &str = "%SRCROOT%";

/// The findings as a SARIF log.
pub fn document(validation: &Validation, rules: &[Rule], base: &Base) -> Json {
    let mut used: Vec<&str> = validation.findings.iter().map(|found| found.finding.rule).collect();
    used.sort_unstable();
    used.dedup();
    let results: Vec<Json> = validation.findings.iter().map(|found| result(found, &used, base)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "oauthctl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": used.iter().map(|id| rule(id, rules)).collect::<Vec<_>>(),
            }},
            "originalUriBaseIds": {ROOT: {"description": {"text": "the root of the files that were checked"}}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(id: &str, rules: &[Rule]) -> Json {
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => json!({
            "id": rule.id,
            "shortDescription": {"text": rule.summary},
            "help": {"text": rule.page, "markdown": rule.page},
            "defaultConfiguration": {"level": rule.level.name()},
        }),
        None => json!({"id": id}),
    }
}

fn result(found: &Found, used: &[&str], base: &Base) -> Json {
    let finding = &found.finding;
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": used.iter().position(|id| *id == finding.rule),
        "level": finding.level.name(),
        "message": {"text": message(finding)},
        "locations": [{"physicalLocation": physical(finding.span.as_ref(), &found.hubs, base)}],
        "partialFingerprints": {"oauthctl/v1": fingerprint(found)},
    });
    let related: Vec<Json> = finding
        .labels
        .iter()
        .map(|(span, text)| json!({"message": {"text": text}, "physicalLocation": physical(Some(span), &[], base)}))
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some((span, fix, replacement)) = replacement(finding) {
        result["fixes"] = json!([{
            "description": {"text": fix},
            "artifactChanges": [{
                "artifactLocation": artifact(&span.file, base),
                "replacements": [{"deletedRegion": region(span), "insertedContent": {"text": replacement}}],
            }],
        }]);
    }
    result
}

fn replacement(finding: &Diagnostic) -> Option<(&Span, &str, &str)> {
    let fix = finding.fix.as_ref()?;
    Some((finding.span.as_ref()?, &fix.message, fix.replacement.as_deref()?))
}

fn message(finding: &Diagnostic) -> String {
    let mut parts = vec![finding.message.clone()];
    parts.extend(finding.notes.iter().cloned());
    parts.extend(finding.fix.as_ref().map(|fix| fix.message.clone()));
    parts.join("; ")
}

/// A finding of no place in particular is shown at the top of its hub's file.
fn physical(span: Option<&Span>, hubs: &[String], base: &Base) -> Json {
    match span {
        Some(span) => json!({"artifactLocation": artifact(&span.file, base), "region": region(span)}),
        None => {
            let file = hubs.first().map_or("", String::as_str);
            json!({"artifactLocation": artifact(file, base), "region": {"startLine": 1}})
        }
    }
}

fn region(span: &Span) -> Json {
    json!({
        "startLine": span.line.max(1),
        "startColumn": span.column.max(1),
        "endLine": span.end_line.max(span.line).max(1),
        "endColumn": if span.end_line <= span.line { span.end_column.max(span.column).max(1) } else { span.end_column.max(1) },
    })
}

/// A file below the root by its way from there; any other by its whole address.
fn artifact(file: &str, base: &Base) -> Json {
    let whole = plain(&base.folder.join(file));
    match whole.strip_prefix(plain(&base.root)) {
        Ok(below) if !base.root.as_os_str().is_empty() => {
            json!({"uri": uri(&below.to_string_lossy()), "uriBaseId": ROOT})
        }
        _ => json!({"uri": uri(file)}),
    }
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut out, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
        out
    })
}

/// A relative path as a URI reference; an absolute one as a file URI.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.strip_prefix("./").unwrap_or(&path).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// FNV-1a of what makes a finding this one wherever its lines move to.
fn fingerprint(found: &Found) -> String {
    let finding = &found.finding;
    let file = finding.span.as_ref().map_or("", |span| &span.file);
    let parts = [finding.rule, file, finding.setting.as_deref().unwrap_or_default(), &finding.message];
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.join("\0").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_paths_are_as_the_standard_has_them() {
        let span = Span { file: "a b/é.py".into(), line: 3, column: 5, end_line: 3, end_column: 9 };
        let finding = Diagnostic::warning("unknown-option", "no such option")
            .with_span(span.clone())
            .with_label(span, "here")
            .with_replacement("rename it", "x");
        let found = |finding| Found { finding, hubs: vec!["hub.py".into()], shown: String::new() };
        let validation = Validation {
            hubs: Vec::new(),
            findings: vec![found(finding), found(Diagnostic::error("nobody-allowed", "nobody"))],
        };
        let log = document(&validation, &[], &Base::default());
        let results = &log["runs"][0]["results"];
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"], json!({"uri": "a%20b/%C3%A9.py"}));
        let base = Base { folder: "/repo/config".into(), root: "/repo".into() };
        assert_eq!(artifact("x.py", &base), json!({"uri": "config/x.py", "uriBaseId": "%SRCROOT%"}));
        assert_eq!(artifact("../y.py", &base), json!({"uri": "y.py", "uriBaseId": "%SRCROOT%"}));
        assert_eq!(artifact("/else/z.py", &base), json!({"uri": "file:///else/z.py"}));
        assert_eq!(place["region"], json!({"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9}));
        assert_eq!(results[0]["ruleIndex"], 1);
        assert_eq!(results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "hub.py");
        assert_eq!(results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "x");
    }
}
