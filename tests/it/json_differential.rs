//! `json::parse_bytes` against CPython's `json.loads(body.decode("utf8", "replace"))`, over generated bodies.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use oauthctl::json;
use oauthctl::value::Value;

use crate::support;

const CASES: usize = 6000;

/// Reads a body in hexadecimal per line, answers with the value in a notation that hides nothing, or the exception.
const ORACLE: &str = r#"
import json, struct, sys
def show(v):
    if v is None or v is True or v is False: return str(v)
    if isinstance(v, int): return "i%d" % v
    if isinstance(v, float): return "f" + ("nan" if v != v else struct.pack(">d", v).hex())
    if isinstance(v, str): return "s" + ".".join("%x" % ord(c) for c in v)
    if isinstance(v, list): return "[" + ",".join(map(show, v)) + "]"
    return "{" + ",".join(show(k) + ":" + show(x) for k, x in v.items()) + "}"
for line in sys.stdin:
    try:
        print(show(json.loads(bytes.fromhex(line).decode("utf8", "replace"))))
    except Exception as e:
        print("!", type(e).__name__, e)
"#;

fn show(value: &Value, out: &mut String) {
    match value {
        Value::Int(number) => write!(out, "i{number}").unwrap(),
        Value::Float(number) if number.is_nan() => out.push_str("fnan"),
        Value::Float(number) => write!(out, "f{:016x}", number.to_bits()).unwrap(),
        Value::Str(text) => {
            let points = text.chars().map(|c| match u32::from(c) {
                private @ 0x10_d800..=0x10_dfff => private - 0x10_0000,
                code => code,
            });
            let points: Vec<String> = points.map(|code| format!("{code:x}")).collect();
            write!(out, "s{}", points.join(".")).unwrap();
        }
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                show(item, out);
            }
            out.push(']');
        }
        Value::Dict(dict) => {
            out.push('{');
            for (index, (key, value)) in dict.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                show(key, out);
                out.push(':');
                show(value, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.repr()),
    }
}

/// A small generator with a fixed seed, so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const SPACES: &[&str] = &["", "", "", " ", "\n", "\r\n\t", "\u{a0}"];
const SCALARS: &[&str] = &[
    "null",
    "true",
    "false",
    "NaN",
    "Infinity",
    "-Infinity",
    "0",
    "-0",
    "-0.0",
    "1",
    "12",
    "-7",
    "1.5",
    "0.1",
    "1e5",
    "1E+2",
    "2e-308",
    "1e999",
    "-1e999",
    "5e-324",
    "2.5e-324",
    "0.30000000000000004",
    "123456789012345678901234567890",
    "9007199254740993",
    "9007199254740993.0",
    "01",
    "1.",
    ".5",
    "+1",
    "-",
    "1e",
    "1e+",
    "nul",
    "tru",
    "None",
    "True",
    "nan",
    "-NaN",
    "Infinit",
    "0x10",
    "1_000",
    "''",
];
const PIECES: &[&str] = &[
    "a",
    "é",
    "\u{1f600}",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\r",
    "\\t",
    "\\u0041",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\n",
    "\\ud83d\\u0041",
    "\\uD83D\\uDE0",
    "\\u00e",
    "\\u12g4",
    "\\x",
    "\\",
    "\n",
    "\t",
    "\u{1}",
    "\u{7f}",
    "\\u0000",
    "\u{feff}",
    "\\u 041",
    "\\u+041",
];
const KEYS: &[&str] = &["\"a\"", "\"b\"", "\"c\"", "\"a\"", "a", "'a'", "1", "\"\\u0061\""];

fn text(random: &mut Random, out: &mut String) {
    out.push('"');
    for _ in 0..random.below(5) {
        // Broken pieces are rarer, so that whole documents are common.
        let bound = if random.below(6) == 0 { PIECES.len() } else { 17 };
        out.push_str(PIECES[random.below(bound)]);
    }
    if random.below(40) > 0 {
        out.push('"');
    }
}

fn document(random: &mut Random, depth: usize, out: &mut String) {
    out.push_str(random.pick(SPACES));
    match random.below(if depth > 4 { 4 } else { 8 }) {
        0..=2 => {
            let bound = if random.below(8) == 0 { SCALARS.len() } else { 25 };
            out.push_str(SCALARS[random.below(bound)]);
        }
        3 => text(random, out),
        4 | 5 => {
            out.push('[');
            let count = random.below(4);
            for index in 0..count {
                document(random, depth + 1, out);
                if index + 1 < count || random.below(30) == 0 {
                    out.push_str(if random.below(50) == 0 { "" } else { "," });
                }
            }
            out.push_str(if random.below(40) == 0 { random.pick(&["", "}", "]]"]) } else { "]" });
        }
        _ => {
            out.push('{');
            let count = random.below(4);
            for index in 0..count {
                out.push_str(random.pick(SPACES));
                let bound = if random.below(15) == 0 { KEYS.len() } else { 4 };
                out.push_str(KEYS[random.below(bound)]);
                out.push_str(random.pick(SPACES));
                out.push_str(if random.below(50) == 0 { "" } else { ":" });
                document(random, depth + 1, out);
                if index + 1 < count || random.below(30) == 0 {
                    out.push_str(if random.below(50) == 0 { "" } else { "," });
                }
            }
            out.push_str(if random.below(40) == 0 { random.pick(&["", "]", "}}"]) } else { "}" });
        }
    }
    out.push_str(random.pick(SPACES));
}

fn bodies() -> Vec<Vec<u8>> {
    let mut random = Random(0x5eed_1234_abcd_0001);
    let mut bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\xef\xbb\xbf{}".to_vec(),
        "9".repeat(4300).into_bytes(),
        format!("[-{}]", "9".repeat(4301)).into_bytes(),
        "[".repeat(100_000).into_bytes(),
        "{\"a\":".repeat(100_000).into_bytes(),
    ];
    for _ in 0..CASES {
        // Newlines and NUL stay inside: bodies travel in hexadecimal.
        let mut body = String::new();
        document(&mut random, 0, &mut body);
        let mut body = body.into_bytes();
        if random.below(4) == 0 {
            // Bytes that are no UTF-8, or cut a character.
            for _ in 0..=random.below(3) {
                let at = random.below(body.len() + 1);
                body.insert(at, [0xff, 0xc0, 0xe2, 0xf0, 0x80, 0xed, 0xa0, 0xf4, 0x90, b'"'][random.below(10)]);
            }
        }
        bodies.push(body);
    }
    bodies
}

/// The Python in which upstream is installed, or the system's: any CPython from 3.11 on will do here.

#[test]
fn reads_what_python_reads_and_refuses_with_its_words() {
    let bodies = bodies();
    let mut child = Command::new(support::upstream_python().unwrap_or_else(|| "python3".into()))
        .args(["-c", ORACLE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a Python 3.11 or later is needed");
    let mut stdin = child.stdin.take().expect("piped");
    let lines: String =
        bodies.iter().map(|body| body.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n").collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("the oracle ends");
    writer.join().expect("no panic").expect("the oracle reads all");
    let answers = String::from_utf8(output.stdout).expect("ASCII");
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), bodies.len());

    let mut accepted = 0;
    for (body, expected) in bodies.iter().zip(&answers) {
        let mut got = String::new();
        match json::parse_bytes(body) {
            Ok(value) => {
                accepted += 1;
                show(&value, &mut got);
            }
            Err(error) => write!(got, "! {} {error}", error.kind.exception()).unwrap(),
        }
        assert_eq!(&got, expected, "for the body {:?}", String::from_utf8_lossy(body));
    }
    // Both halves must have been tried.
    assert!(accepted > CASES / 4 && accepted < CASES * 9 / 10, "{accepted} of {CASES} bodies were JSON");
}
