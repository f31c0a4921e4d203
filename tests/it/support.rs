//! What tests share: upstream's Python, packages from npm, and `oauthctl` away from the environment it is run in.
//!
//! What a test needs and cannot have makes it say `skipped: …` and pass; with `REQUIRE_ALL=1` it fails instead.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long anything that a test waits for may take before it counts as hanging.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The variables that a child process keeps of ours.
const KEPT: [&str; 5] = ["PATH", "HOME", "TMPDIR", "SYSTEMROOT", "LLVM_PROFILE_FILE"];

/// A path inside the repository.
pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A command with next to nothing in its environment.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(kept()).env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

fn kept() -> impl Iterator<Item = (&'static str, OsString)> {
    KEPT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)))
}

/// The `oauthctl` under test.
pub fn oauthctl() -> Command {
    command(env!("CARGO_BIN_EXE_oauthctl"))
}

/// An empty folder for one test, under `target`.
pub fn scratch(name: &str) -> PathBuf {
    let folder = root("target/scratch").join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Says that a test is skipped, or fails where nothing may be skipped.
pub fn skip(because: &str) {
    assert!(std::env::var_os("REQUIRE_ALL").is_none(), "REQUIRE_ALL is set, and {because}");
    eprintln!("skipped: {because}");
}

/// The Python of a virtual environment with upstream in it: that of `OAUTHCTL_TEST_VENV`, else one made under `target`.
pub fn upstream_python() -> Option<PathBuf> {
    let made = match std::env::var_os("OAUTHCTL_TEST_VENV") {
        Some(venv) => Ok(PathBuf::from(venv)),
        None => install(&root("target/upstream-venv"), &root("tests/upstream/requirements.txt"), make_venv),
    };
    match made {
        Ok(venv) => Some(venv.join("bin/python")),
        Err(because) => {
            skip(&format!("upstream could not be installed: {because}"));
            None
        }
    }
}

/// Upstream's Python with the packages of `beside.txt`; where these cannot be had, without them.
pub fn upstream_command(python: &Path) -> Command {
    let mut command = command(python);
    if let Some(beside) = beside_upstream() {
        command.env("PYTHONPATH", beside);
    }
    command
}

/// The folder with the packages of `beside.txt`.
pub fn beside_upstream() -> Option<PathBuf> {
    match install(&root("target/upstream-beside"), &root("tests/upstream/beside.txt"), make_beside) {
        Ok(folder) => Some(folder),
        Err(because) => {
            skip(&format!("what belongs beside upstream could not be installed: {because}"));
            None
        }
    }
}

fn make_beside(folder: &Path, requirements: &Path) -> Result<(), String> {
    let python = upstream_python().ok_or("there is no upstream")?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target"];
    run(Command::new(python).args(pip).arg(folder).arg("-r").arg(requirements))
}

fn make_venv(folder: &Path, requirements: &Path) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(Command::new(folder.join("bin/python")).args(pip).arg(requirements))
}

/// The folder with a package of npm's in its `node_modules`, in one exact version.
pub fn npm(package: &str, version: &str) -> Option<PathBuf> {
    let folder = root("target/npm").join(format!("{package}-{version}"));
    let wanted = PathBuf::from(format!("{package}@{version}"));
    match install(&folder, &wanted, make_npm) {
        Ok(folder) => Some(folder),
        Err(because) => {
            skip(&format!("{} could not be installed: {because}", wanted.display()));
            None
        }
    }
}

fn make_npm(folder: &Path, wanted: &Path) -> Result<(), String> {
    fs::write(folder.join("package.json"), "{\"private\": true}").map_err(|error| error.to_string())?;
    run(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--silent"]).arg(wanted).current_dir(folder))
}

/// Makes a folder once, also when several tests, or test runs, want it at the same time. `of` is what it is made of: a
/// file, or a name; when that changes it is made again.
fn install(folder: &Path, of: &Path, make: fn(&Path, &Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let text = |error: std::io::Error| error.to_string();
    fs::create_dir_all(folder).map_err(text)?;
    let lock = File::create(folder.with_extension("lock")).map_err(text)?;
    lock.lock().map_err(text)?;
    let content = fs::read_to_string(of).unwrap_or_else(|_| of.display().to_string());
    let done = folder.join("made-of");
    if fs::read_to_string(&done).is_ok_and(|made_of| made_of == content) {
        return Ok(folder.to_owned());
    }
    make(folder, of)?;
    fs::write(done, content).map_err(text)?;
    Ok(folder.to_owned())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// The lines of a child's output, read by a thread, so that waiting for one can end.
pub fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

/// A Python program that answers every line with a line. It ends with this value.
pub struct Worker {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Worker {
    /// Starts a script of `tests/upstream` with these variables in its environment.
    pub fn start(python: &Path, script: &str, environment: &[(String, String)]) -> Worker {
        let mut command = upstream_command(python);
        command.arg(root("tests/upstream").join(script)).envs(environment.iter().cloned());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONWARNINGS", "ignore");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let questions = child.stdin.take().unwrap();
        let answers = lines(child.stdout.take().unwrap());
        Worker { child, questions, answers }
    }

    /// One question, one answer, each a line.
    pub fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions, "{question}").expect("the worker takes no questions");
        self.answers.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to {question}"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a plain client gets for a GET: the head and the body of the answer, whatever came before the end.
pub fn get(authority: &str, target: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
