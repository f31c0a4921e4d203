//! Configurations that misbehave under `--python`: each ends in one document and a clear message, and leaves nothing
//! running.

use std::fs;
use std::path::Path;
use std::process::Output;

use oauthctl::json;
use oauthctl::value::Value;

use crate::support;

/// Time for what ends by itself, and for what has to be ended: enough for Python to start on a busy machine.
const ENDS: &str = "60";
const HANGS: &str = "10";

/// What is told of a configuration.
fn load(name: &str, config: &str, timeout: &str) -> Option<(Output, Value)> {
    let python = support::upstream_python()?;
    let folder = support::scratch(&format!("hostile-{name}"));
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    let mut command = support::oauthctl();
    command.current_dir(&folder).arg("login").arg(format!("--python={}", python.display()));
    command.args(["--no-browser", "--format", "json", "--timeout", timeout]);
    let output = command.output().unwrap();
    let _ = fs::remove_dir_all(folder);
    // More or less than one document does not parse.
    let document = json::parse_bytes(&output.stdout)
        .unwrap_or_else(|error| panic!("{name}: {error}: {}", String::from_utf8_lossy(&output.stdout)));
    Some((output, document))
}

fn failure(document: &Value, field: &str) -> String {
    document.get("failure").and_then(|failure| failure.get(field)).map_or_else(|| "absent".into(), Value::to_text)
}

/// Fails in loading with this code and these words.
fn ends(name: &str, config: &str, code: &str, words: &str) {
    let timeout = if code == "python-timeout" { HANGS } else { ENDS };
    let Some((output, document)) = load(name, config, timeout) else { return };
    assert_eq!(output.status.code(), Some(3), "{name}: {document:?}");
    assert_eq!(document.get("outcome"), Some(&Value::str("failed")), "{name}");
    assert_eq!(failure(&document, "stage"), "config", "{name}");
    assert_eq!(failure(&document, "hub_status"), "None", "{name}");
    assert_eq!(failure(&document, "code"), code, "{name}: {document:?}");
    assert!(failure(&document, "message").contains(words), "{name}: {}", failure(&document, "message"));
}

#[test]
fn exits() {
    ends("exit", "import sys\nsys.exit(0)\n", "config-exits", "the configuration ends the hub here");
    ends("exit-with-words", "import sys\nsys.exit('enough')\n", "config-exits", "enough");
    ends("os-exit", "import os\nos._exit(7)\n", "python-ended", "with exit code 7");
    ends("signal", "import os\nos.kill(os.getpid(), 9)\n", "python-ended", "by signal 9");
}

#[test]
fn raises() {
    ends("raises", "x = {}\nx['nope']\n", "config-raises", "KeyError: 'nope'");
    ends("syntax", "c.X = (\n", "syntax-error", "never closed");
    ends("deep", "def f(): f()\nf()\n", "config-raises", "RecursionError");
    ends("import", "import not_there_at_all\n", "config-raises", "No module named");
    ends("odd", "class E(BaseException):\n    def __str__(self): raise E\nraise E()\n", "config-raises", "E");
}

#[test]
fn loops_for_ever_and_is_told_where() {
    let config = "x = 1\nwhile True:\n    x += 1\n";
    let Some((_, document)) = load("loop", config, HANGS) else { return };
    assert_eq!(failure(&document, "code"), "python-timeout");
    assert!(failure(&document, "message").contains("still being loaded"));
    let line = document.get("failure").unwrap().get("source").unwrap().get("line").unwrap().to_text();
    assert!(["2", "3"].contains(&line.as_str()), "{line}");
}

#[test]
fn will_not_be_told_to_end() {
    let config = "import signal, time\nfor n in range(1, 32):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n    \
                  except OSError:\n        pass\nwhile True:\n    time.sleep(1)\n";
    ends("deaf", config, "python-timeout", "still being loaded");
}

#[test]
fn reads_standard_input() {
    ends("input", "input('name? ')\n", "config-raises", "EOFError");
    ends("stdin", "import sys\nraise ValueError(repr(sys.stdin.read()))\n", "config-raises", "ValueError: ''");
    ends("fd", "import os\nraise ValueError(repr(os.read(0, 10)))\n", "config-raises", "ValueError: b''");
}

#[test]
fn closes_everything() {
    let Some((output, document)) = load("close", "import os\nos.closerange(0, 1000)\n", HANGS) else { return };
    assert_eq!(output.status.code(), Some(3));
    assert!(["python-ended", "python-timeout"].contains(&failure(&document, "code").as_str()), "{document:?}");
}

#[test]
fn prints_a_lot() {
    let config = "import os, sys\nfor n in range(20000):\n    print('x' * 100)\nos.write(1, b'{\"outcome\": 1}\\n')\n\
                  os.write(2, b'y' * 100000)\nsys.__stdout__.write('z')\nraise ValueError('done')\n";
    ends("prints", config, "config-raises", "ValueError: done");
}

#[test]
fn forks_and_comes_back() {
    let config = "import os\nfor n in range(5):\n    os.fork()\nraise ValueError('forked')\n";
    ends("forks", config, "config-raises", "ValueError: forked");
}

/// Whether any process has this text in its command line.
fn runs(text: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.map(|entry| entry.path().join("cmdline")).any(|path| has(&path, text))
}

fn has(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|line| String::from_utf8_lossy(&line).contains(text))
}

#[test]
fn children_end_with_it() {
    let own = std::process::id();
    let spawn = |how: &str, number: u32, then: &str| {
        format!(
            "import os, subprocess, time\nsubprocess.Popen(['sleep', '3{own}{number}']{how})\n\
             {then}\n"
        )
    };
    let cases = [
        (spawn("", 1, "raise ValueError('x')"), 1, "config-raises"),
        (spawn("", 2, "while True: pass"), 2, "python-timeout"),
        (spawn(", start_new_session=True", 3, "os._exit(0)"), 3, "python-ended"),
        (spawn(", start_new_session=True", 4, "while True: time.sleep(1)"), 4, "python-timeout"),
    ];
    for (config, number, code) in cases {
        ends(&format!("children-{number}"), &config, code, "");
        assert!(!runs(&format!("3{own}{number}")), "{number} is still running");
    }
}

/// Forks twice into a session of its own, with nothing in its environment that would tell where it comes from.
#[test]
fn a_daemon_without_a_past_ends_with_it() {
    let own = std::process::id();
    let config = format!(
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        \
         os.closerange(0, 100)\n        os.execve('/bin/sleep', ['sleep', '5{own}'], {{}})\n    os._exit(0)\n\
         time.sleep(0.5)\nraise ValueError('begun')\n"
    );
    ends("daemon", &config, "config-raises", "begun");
    assert!(!runs(&format!("5{own}")), "it is still running");
}

#[test]
fn a_breeding_configuration_ends() {
    let own = std::process::id();
    let config = format!(
        "import os, time\nfor n in range(6):\n    os.fork()\n    if n % 2:\n        os.setsid() if os.getpid() != os.getpgrp() else None\n\
         os.execvp('sleep', ['sleep', '4{own}'])\n"
    );
    let Some((output, _)) = load("bomb", &config, HANGS) else { return };
    assert_eq!(output.status.code(), Some(3));
    assert!(!runs(&format!("4{own}")), "some are still running");
}

#[test]
fn a_hook_that_hangs_ends_with_the_time() {
    let Some(python) = support::upstream_python() else { return };
    let folder = support::scratch("hostile-hook");
    let config = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.allow_all = True\n\
                  c.GenericOAuthenticator.userdata_url = 'http://127.0.0.1:9/'\n\
                  def claim(user):\n    while True:\n        pass\nc.GenericOAuthenticator.username_claim = claim\n";
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    fs::write(folder.join("user.json"), "{}").unwrap();
    let mut command = support::oauthctl();
    command.current_dir(&folder).args(["resolve", "--userdata", "user.json", "--format", "json", "--timeout", HANGS]);
    let output = command.arg(format!("--python={}", python.display())).output().unwrap();
    let document = json::parse_bytes(&output.stdout).unwrap();
    assert_eq!(failure(&document, "code"), "python-timeout");
    assert_eq!(failure(&document, "stage"), "username");
    assert!(failure(&document, "message").contains("user_info_to_username was still running"));
    assert_eq!(output.status.code(), Some(3));
    let _ = fs::remove_dir_all(folder);
}
