//! The callback's arguments, compared with what tornado itself makes of the same queries.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use oauthctl::flow::arguments::CallbackArgs;
use serde_json::{Value, json};

use crate::support;

/// Queries put together from the pieces that parsers disagree about.
fn queries() -> Vec<String> {
    const PIECES: &[&str] = &[
        "code",
        "state",
        "error",
        "error_description",
        "=",
        "=",
        "&",
        "&",
        "+",
        "%",
        "%4",
        "%41",
        "%zz",
        "%00",
        "%1b",
        "%0a",
        "%20",
        "%09",
        "%85",
        "%C2%85",
        "%C2%A0",
        "%E2%80%83",
        "%e3%80%80",
        "%1c",
        "%1f",
        "%ff",
        "%c3%a9",
        "%C3",
        "%ed%a0%80",
        "%f4%90%80%80",
        "%EF%BB%BF",
        "%26",
        "%3D",
        "%2B",
        "%63ode",
        "é",
        "a",
        "0",
        ";",
        "?",
        "/",
        "#",
        "[]",
        "%E9",
        "%25",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut pick = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let mut queries: Vec<String> =
        (0..3000).map(|_| (0..pick(14)).map(|_| PIECES[pick(PIECES.len())]).collect()).collect();
    // Values around a name that is asked for, since few of the random ones hit one.
    queries.extend((0..3000).map(|_| {
        let value: String = (0..pick(6)).map(|_| PIECES[pick(PIECES.len())]).collect();
        format!("code={value}&state={}", PIECES[pick(PIECES.len())])
    }));
    queries.extend([999, 1000, 1001].map(|count| "a=1&".repeat(count)));
    queries
}

fn ours(query: &str) -> Value {
    let Ok(args) = CallbackArgs::parse(query) else { return Value::Null };
    let value = |name: &str| match args.get(name) {
        Ok(value) => json!(value),
        Err(error) => json!({"error": error.hub_status}),
    };
    let names = ["code", "state", "error", "error_description", "", "é"];
    Value::Object(names.iter().map(|name| (name.to_string(), value(name))).collect())
}

#[test]
fn arguments_are_read_as_tornado_reads_them() {
    let Some(python) = support::upstream_python() else { return };
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/upstream/arguments.py");
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // tornado takes the request line for latin-1, as tiny_http refuses anything but ASCII there.
    let queries: Vec<String> = queries().into_iter().map(|query| query.replace('é', "%C3%A9")).collect();
    let lines: String = queries.iter().map(|query| json!(query).to_string() + "\n").collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), queries.len());
    for (query, answer) in queries.iter().zip(answers.lines()) {
        let upstream: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(ours(query), upstream, "{query:?}");
    }
}
