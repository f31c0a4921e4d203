//! The child process: started in a group of its own, spoken to over a socket, given a deadline, and ended with all that
//! it has started.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::descent;
use crate::sys;

/// The longest line that is taken from the child.
const LONGEST: u64 = 64 * 1024 * 1024;
/// How much of what the child prints is kept.
const KEPT: usize = 64 * 1024;
/// The variable that marks every process that comes of a child.
const MARK: &str = "OAUTHCTL_CHILD";

/// Why nothing more comes from the child.
#[derive(Clone, Debug, PartialEq)]
pub enum Broken {
    /// Its time was up.
    TimedOut,
    /// It ended, or closed its side; how it ended, where it did.
    Ended(Option<String>),
}

/// A running child.
pub struct Process {
    child: Child,
    socket: UnixStream,
    lines: Receiver<Vec<u8>>,
    output: Arc<Mutex<Output>>,
    group: Arc<Group>,
}

/// What the child printed.
#[derive(Clone, Debug, Default)]
struct Output {
    kept: Vec<u8>,
    length: usize,
}

/// The process group of a child, and the mark of what has left it.
struct Group {
    leader: Pid,
    mark: String,
    gone: AtomicBool,
}

impl Process {
    /// Starts `interpreter` with the text of a program and this environment.
    pub fn start(interpreter: &str, program: &str, environment: &[(String, String)]) -> std::io::Result<Process> {
        let (ours, theirs) = UnixStream::pair()?;
        let (printed, printing) = std::io::pipe()?;
        let mark: String =
            sys::random::<16>().map_err(std::io::Error::other)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut command = Command::new(interpreter);
        command
            .args(["-u", "-c", program])
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env(MARK, &mark)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(printing.try_clone()?))
            .stderr(Stdio::from(printing))
            .process_group(0);
        let child = command.spawn()?;
        // It holds the far ends of the socket and of the pipe, whose end is to be seen.
        drop(command);
        let leader = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
        let group = Arc::new(Group { leader, mark, gone: AtomicBool::new(false) });
        let at_interrupt = Arc::clone(&group);
        sys::at_interrupt(move || at_interrupt.end());
        let output = Arc::new(Mutex::new(Output::default()));
        let drained = Arc::clone(&output);
        std::thread::spawn(move || drain(printed, &drained));
        Ok(Process { child, lines: listen(ours.try_clone()?), socket: ours, output, group })
    }

    /// Sends a line. One that cannot be sent shows when the answer is waited for.
    pub fn say(&mut self, line: &str) {
        let _ = self.socket.write_all(line.as_bytes()).and_then(|()| self.socket.write_all(b"\n"));
    }

    /// The next line, if it comes in time.
    pub fn hear(&mut self, until: Instant) -> Result<Vec<u8>, Broken> {
        let left = until.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(Broken::TimedOut),
            Err(RecvTimeoutError::Disconnected) => Err(Broken::Ended(self.status().map(ended))),
        }
    }

    /// How it ended, which it may be about to.
    fn status(&mut self) -> Option<ExitStatus> {
        for _ in 0..100 {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(_) => return None,
            }
        }
        None
    }

    /// What it printed so far: the beginning, and the length of all of it.
    pub fn output(&self) -> (String, usize) {
        let output = self.output.lock().map(|output| output.clone()).unwrap_or_default();
        (String::from_utf8_lossy(&output.kept).into_owned(), output.length)
    }

    /// Ends it and all that came of it.
    pub fn end(&mut self) {
        self.group.end();
        let _ = self.socket.shutdown(Shutdown::Both);
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

impl Group {
    fn end(&self) {
        if self.gone.swap(true, Ordering::SeqCst) {
            return;
        }
        descent::kill_descendants(self.leader);
        let _ = killpg(self.leader, Signal::SIGKILL);
        // What has left the group still carries the mark; it may be about to start more.
        for _ in 0..100 {
            let left = marked(&self.mark);
            if left.is_empty() {
                return;
            }
            for process in left {
                let _ = kill(process, Signal::SIGKILL);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The processes that have the mark in their environment, where the system shows it. The dead have none.
fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK}={mark}");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let id: i32 = entry.file_name().to_str()?.parse().ok()?;
            let environment = std::fs::read(entry.path().join("environ")).ok()?;
            let found = environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes());
            found.then(|| Pid::from_raw(id))
        })
        .collect()
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("with exit code {code}"),
        (None, Some(signal)) => format!("by signal {signal}"),
        (None, None) => "somehow".to_owned(),
    }
}

/// The lines that come from the child, read by a thread, so that waiting for one can end.
fn listen(socket: UnixStream) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(socket);
        loop {
            let mut line = Vec::new();
            let read = (&mut reader).take(LONGEST).read_until(b'\n', &mut line);
            if !read.is_ok_and(|length| length > 0) || line.last() != Some(&b'\n') || sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Takes in what the child prints, so that it never waits for us.
fn drain(mut from: impl std::io::Read, output: &Mutex<Output>) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let Ok(mut output) = output.lock() else { return };
        let room = KEPT.saturating_sub(output.kept.len()).min(length);
        output.kept.extend_from_slice(&buffer[..room]);
        output.length += length;
    }
}
