//! The one door to the world besides HTTP and the configuration's files: environment, clock, randomness, terminal,
//! other programs. Whatever decides something takes a [`World`], so that tests can hand in another one.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ring::rand::{SecureRandom, SystemRandom};

/// The systems that differ in how a browser is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux and the other systems where a desktop is named by `DISPLAY` or `WAYLAND_DISPLAY`.
    Linux,
    /// Linux inside Windows, where the browser is a Windows program.
    Wsl,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// What can be asked of the machine we run on, taken once at the start.
#[derive(Clone, Debug)]
pub struct World {
    variables: BTreeMap<String, String>,
    /// The system.
    pub platform: Platform,
    /// Whether somebody can type.
    pub stdin_is_terminal: bool,
    /// Whether standard output is read by eye.
    pub stdout_is_terminal: bool,
    /// Whether standard error is read by eye.
    pub stderr_is_terminal: bool,
    /// The terminal's columns.
    pub width: usize,
    /// The time, where a test holds it still.
    pub fixed_now: Option<SystemTime>,
}

impl World {
    /// The world as it is. Variables that aren't UTF-8 are left out.
    pub fn real() -> World {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let pair = (name.into_string().ok()?, value.into_string().ok()?);
            Some(pair)
        });
        let variables: BTreeMap<String, String> = variables.collect();
        let kernel = std::fs::read_to_string("/proc/version").unwrap_or_default();
        let columns = terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
        World {
            platform: platform(std::env::consts::OS, &variables, &kernel),
            variables,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            width: columns.unwrap_or(80),
            fixed_now: None,
        }
    }

    /// A world with nothing but these variables, and no terminal.
    pub fn of<'a>(platform: Platform, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> World {
        let owned = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        World {
            platform,
            variables: owned.collect(),
            stdin_is_terminal: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            width: 80,
            fixed_now: None,
        }
    }

    /// An environment variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// An environment variable that says something: set, and not empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.var(name).filter(|value| !value.is_empty())
    }

    /// All environment variables.
    pub fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The time.
    pub fn now(&self) -> SystemTime {
        self.fixed_now.unwrap_or_else(SystemTime::now)
    }
}

/// Which system this is; WSL tells itself by a variable or by its kernel's name.
fn platform(os: &str, variables: &BTreeMap<String, String>, kernel: &str) -> Platform {
    match os {
        "macos" => Platform::MacOs,
        "windows" => Platform::Windows,
        "linux" if variables.contains_key("WSL_DISTRO_NAME") || variables.contains_key("WSL_INTEROP") => Platform::Wsl,
        "linux" if kernel.to_ascii_lowercase().contains("microsoft") => Platform::Wsl,
        _ => Platform::Linux,
    }
}

/// Random bytes from the operating system: what states, nonces and PKCE verifiers are made of.
pub fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err("the operating system gave no random bytes".to_owned()),
    }
}

/// Text from outside that is safe to print: control characters, and those that reverse the reading direction, are
/// shown as `�`, since a terminal would obey them.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if drives_a_terminal(c) { '\u{fffd}' } else { c }).collect()
}

/// The same for text of several lines.
pub fn printable_lines(text: &str) -> String {
    text.chars().map(|c| if !matches!(c, '\n' | '\t') && drives_a_terminal(c) { '\u{fffd}' } else { c }).collect()
}

fn drives_a_terminal(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes to standard error. An error there has nowhere to be told.
pub fn to_stderr(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

static OUTPUT_LOST: AtomicBool = AtomicBool::new(false);

/// Says that standard output does not take what was found, as on a full disk.
pub fn output_lost(error: &std::io::Error) {
    if !OUTPUT_LOST.swap(true, Ordering::Relaxed) {
        to_stderr(&format!("error: standard output cannot be written to: {error}\n"));
    }
}

/// Whether something that should be on standard output is not.
pub fn was_output_lost() -> bool {
    OUTPUT_LOST.load(Ordering::Relaxed)
}

/// Whose a program is that we start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// The user's, like the browser they go on using: Ctrl-C in our terminal doesn't reach it.
    ToTheUser,
    /// Ours: Ctrl-C ends it too.
    ToUs,
}

/// Starts a program that never touches our standard input or output, so that a JSON document stays the only thing
/// there. `ended` hears how it ended, on another thread; the program may outlive us.
pub fn start(argv: &[String], belongs: Belongs, ended: impl FnOnce(ExitStatus) + Send + 'static) -> Result<(), String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err("no program was named".to_owned());
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    #[cfg(unix)]
    if belongs == Belongs::ToTheUser {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let child = command.spawn().map_err(|error| format!("`{program}`: {error}"))?;
    let child = Arc::new(Mutex::new(child));
    if belongs == Belongs::ToUs {
        let child = Arc::clone(&child);
        at_interrupt(move || {
            if let Ok(mut child) = child.lock() {
                let _ = child.kill();
            }
        });
    }
    std::thread::spawn(move || {
        // Not `wait`, which would hold the lock that ending it needs.
        while let Ok(waited) = child.lock().map(|mut child| child.try_wait()) {
            match waited {
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                Ok(Some(status)) => return ended(status),
                Err(_) => return,
            }
        }
    });
    Ok(())
}

/// Whether a program of our own runs in the terminal, which then says itself that it was interrupted.
static ANOTHER_SPEAKS: AtomicBool = AtomicBool::new(false);

/// Runs this program once more, in our terminal, and gives its exit code.
pub fn run_ourselves(arguments: &[String]) -> Result<i32, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    ANOTHER_SPEAKS.store(true, Ordering::Relaxed);
    let status = Command::new(program).args(arguments).status();
    ANOTHER_SPEAKS.store(false, Ordering::Relaxed);
    status.map(|status| status.code().unwrap_or(INTERRUPTED)).map_err(|error| error.to_string())
}

/// Opens an address with the desktop's own browser, detached from us.
pub fn open_on_desktop(url: &str) -> Result<(), String> {
    open::that_detached(url).map_err(|error| error.to_string())
}

/// The program that listens on a TCP port of this machine, where that can be told: `firefox (1234)`.
pub fn holder_of_port(port: u16) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let inode = tables.iter().find_map(|table| inode_of_listener(table, port))?;
    let socket = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    // By number, since `self` is a process too.
    let numbered =
        |process: &PathBuf| process.file_name().is_some_and(|name| name.as_encoded_bytes()[0].is_ascii_digit());
    let holder = processes.map(|entry| entry.path()).filter(numbered).find(|process| {
        let handles = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        handles
            .map(|handle| std::fs::read_link(handle.path()))
            .any(|link| link.is_ok_and(|to| to.as_os_str() == &*socket))
    })?;
    let name = std::fs::read_to_string(holder.join("comm")).ok()?;
    Some(format!("{} ({})", printable(name.trim()), holder.file_name()?.to_str()?))
}

/// Of a line of `/proc/net/tcp`: local address, remote address, state (`0A` listens), …, the inode as tenth.
fn inode_of_listener(table: &str, port: u16) -> Option<&str> {
    let ending = format!(":{port:04X}");
    table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find_map(|fields| {
        let listens = fields.get(1)?.ends_with(&ending) && *fields.get(3)? == "0A";
        listens.then(|| fields.get(9).copied()).flatten()
    })
}

/// What still has to be put away when the user presses Ctrl-C.
static AT_INTERRUPT: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());

/// Registers something to put away on Ctrl-C, such as a program that we started.
pub fn at_interrupt(action: impl FnOnce() + Send + 'static) {
    if let Ok(mut actions) = AT_INTERRUPT.lock() {
        actions.push(Box::new(action));
    }
}

/// The exit code of a program ended by Ctrl-C: 128 and the signal's number, as shells have it.
pub const INTERRUPTED: i32 = 130;

/// From now on Ctrl-C puts away what is registered, leaves the terminal with a cursor and a fresh line, and ends the
/// program with [`INTERRUPTED`]. Called once, by `main`.
pub fn handle_interrupt() {
    let installed = ctrlc::set_handler(|| {
        let actions = AT_INTERRUPT.lock().map(|mut actions| std::mem::take(&mut *actions)).unwrap_or_default();
        for action in actions {
            action();
        }
        if !ANOTHER_SPEAKS.load(Ordering::Relaxed) {
            if std::io::stderr().is_terminal() {
                to_stderr("\r\x1b[K\x1b[?25h");
            }
            to_stderr("interrupted\n");
        }
        #[allow(clippy::exit, reason = "a signal handler has nobody to return to")]
        std::process::exit(INTERRUPTED);
    });
    // A second handler, or a system without signals: then Ctrl-C ends us as it ends any program.
    let _ = installed;
}

/// The terminal without echo, lines and signals, as long as this lives: what is typed ahead waits unseen for whoever
/// reads keys, Ctrl-C too. The terminal is put back as it was in the end, and where we are interrupted from outside.
pub struct QuietTerminal {
    #[cfg(unix)]
    original: Option<nix::sys::termios::Termios>,
}

impl QuietTerminal {
    /// From now on; nothing changes where standard input is no terminal.
    #[cfg(unix)]
    pub fn enter() -> QuietTerminal {
        use nix::sys::termios::tcgetattr;
        let quiet = QuietTerminal { original: tcgetattr(std::io::stdin()).ok() };
        quiet.set(false);
        if let Some(original) = quiet.original.clone() {
            at_interrupt(move || {
                // Whoever is reading a key just then puts back, first of all, what it found.
                for _ in 0..2 {
                    set_terminal(&original);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
        }
        quiet
    }

    /// Elsewhere the terminal is left alone.
    #[cfg(not(unix))]
    pub fn enter() -> QuietTerminal {
        QuietTerminal {}
    }

    /// While nobody reads keys, Ctrl-C interrupts.
    pub fn while_busy<T>(&self, work: impl FnOnce() -> T) -> T {
        self.set(true);
        let done = work();
        self.set(false);
        done
    }

    #[cfg(unix)]
    fn set(&self, signals: bool) {
        use nix::sys::termios::LocalFlags;
        let Some(original) = &self.original else { return };
        let mut quiet = original.clone();
        quiet.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON);
        quiet.local_flags.set(LocalFlags::ISIG, signals);
        set_terminal(&quiet);
    }

    #[cfg(not(unix))]
    fn set(&self, _: bool) {}
}

impl Drop for QuietTerminal {
    fn drop(&mut self) {
        #[cfg(unix)]
        self.original.iter().for_each(set_terminal);
    }
}

#[cfg(unix)]
fn set_terminal(to: &nix::sys::termios::Termios) {
    let _ = nix::sys::termios::tcsetattr(std::io::stdin(), nix::sys::termios::SetArg::TCSANOW, to);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn wsl_is_told_by_a_variable_or_by_the_kernel() {
        let plain = variables(&[]);
        assert_eq!(platform("linux", &plain, "Linux version 6.1.0-18-amd64"), Platform::Linux);
        assert_eq!(platform("linux", &variables(&[("WSL_DISTRO_NAME", "Debian")]), ""), Platform::Wsl);
        assert_eq!(platform("linux", &plain, "Linux version 5.15.90.1-microsoft-standard-WSL2"), Platform::Wsl);
        assert_eq!(platform("linux", &plain, "Linux version 4.4.0-19041-Microsoft"), Platform::Wsl);
        assert_eq!(platform("macos", &plain, ""), Platform::MacOs);
        assert_eq!(platform("windows", &plain, ""), Platform::Windows);
        assert_eq!(platform("freebsd", &plain, ""), Platform::Linux);
    }

    #[test]
    fn an_empty_variable_is_set_but_says_nothing() {
        let world = World::of(Platform::Linux, [("DISPLAY", "")]);
        assert_eq!(world.var("DISPLAY"), Some(""));
        assert_eq!(world.filled("DISPLAY"), None);
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_printable() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}c\rd\u{202e}e"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e");
        assert_eq!(printable("Zoë ✔"), "Zoë ✔");
    }

    #[test]
    fn the_holder_of_a_port_is_found_by_its_inode() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
               0: 0100007F:20D0 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 111 1 0 20\n\
               1: 0100007F:20D0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222 1 0 20\n";
        assert_eq!(inode_of_listener(table, 8400), Some("222"));
        assert_eq!(inode_of_listener(table, 8080), None);
        assert_eq!(inode_of_listener("", 8400), None);
    }

    #[test]
    fn random_bytes_differ() {
        assert_ne!(random::<32>(), random::<32>());
        assert!(random::<32>().is_ok());
    }
}

/// The users and groups of a machine, as in `/etc/passwd` and `/etc/group`.
#[derive(Clone, Debug, Default)]
pub struct SystemUsers {
    /// Name and primary group.
    users: Vec<(String, u32)>,
    /// Name, id and members.
    groups: Vec<(String, u32, Vec<String>)>,
}

impl SystemUsers {
    /// Those of this machine, as far as its files name them.
    pub fn of_this_machine() -> SystemUsers {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        SystemUsers::parse(&(read("/etc/passwd") + "\n" + &read("/etc/group")))
    }

    /// Lines of passwd (seven fields) and group (four fields), mixed as they come.
    pub fn parse(text: &str) -> SystemUsers {
        let mut found = SystemUsers::default();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            match line.split(':').collect::<Vec<_>>()[..] {
                [name, _, _, group, _, _, _] => {
                    found.users.extend(group.parse().ok().map(|group| (name.to_owned(), group)));
                }
                [name, _, id, members] => {
                    let members = members.split(',').filter(|member| !member.is_empty()).map(str::to_owned).collect();
                    found.groups.extend(id.parse().ok().map(|id| (name.to_owned(), id, members)));
                }
                _ => {}
            }
        }
        found
    }

    /// `os.getgrouplist` of a user: the ids of all its groups; `None` if there is no such user.
    pub fn group_ids(&self, user: &str) -> Option<Vec<u32>> {
        let (_, primary) = self.users.iter().find(|(name, _)| name == user)?;
        let others = self.groups.iter().filter(|(_, _, members)| members.iter().any(|member| member == user));
        Some(std::iter::once(*primary).chain(others.map(|(_, id, _)| *id)).collect())
    }

    /// `grp.getgrnam` of a group: its id.
    pub fn group_id(&self, group: &str) -> Option<u32> {
        self.groups.iter().find(|(name, ..)| name == group).map(|(_, id, _)| *id)
    }
}
