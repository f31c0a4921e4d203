//! Ctrl-C while the browser is away, tried on a process of our own: this test binary, started once more.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use oauthctl::flow::Judgement;
use oauthctl::flow::listener::{ListenSpec, Listener};
use oauthctl::flow::progress::Progress;
use oauthctl::flow::wait::Wait;
use oauthctl::sys::{self, Belongs};

const CHILD: &str = "OAUTHCTL_TEST_INTERRUPTED";

/// What the child does: nothing, unless it was started as one.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    sys::handle_interrupt();
    let words = ["sh", "-c", "echo started $$ >&2; exec sleep 600"].map(str::to_owned);
    sys::start(&words, Belongs::ToUs, |_| {}).unwrap();
    sys::to_stderr("waiting\n");
    let listener = Listener::bind(&ListenSpec::Loopback, &[]).unwrap();
    let _ = listener.wait(Wait {
        authorize_url: "https://idp.example.org/",
        callback_path: "/hub/oauth_callback",
        redirected_path: None,
        timeout: Duration::from_secs(600),
        judge: &mut |_| Judgement::Accept,
        progress: &mut Progress::quiet(),
    });
}

#[test]
fn ctrl_c_ends_with_130_and_leaves_nothing_running() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "interrupt::child", "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let (mut started, mut waiting) = (None, false);
    while started.is_none() || !waiting {
        let line = lines.next().unwrap();
        waiting |= line == "waiting";
        started = started.or(line.strip_prefix("started ").map(str::to_owned));
    }
    let started = started.unwrap();
    let signal = |arguments: &[&str]| Command::new("kill").args(arguments).stderr(Stdio::null()).status().unwrap();
    assert!(signal(&["-INT", &child.id().to_string()]).success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(lines.any(|line| line == "interrupted"));
    // Killed, it is gone as soon as whoever inherited it has looked.
    while signal(&["-0", &started]).success() && !is_zombie(&started) {
        std::thread::yield_now();
    }
}

fn is_zombie(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}
