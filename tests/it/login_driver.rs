//! `oauthctl login` with a browser that goes straight to the callback.

use std::io::Write as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;

use oauthctl::json;
use oauthctl::value::Value;
use url::Url;

use crate::support::{self, PATIENCE};

/// The code that the provider would have given out.
pub const CODE: &str = "THECODE";

/// What came of one login.
pub struct Login {
    /// The document on standard output, `None` where there is none.
    pub document: Value,
    /// The exit code.
    pub code: Option<i32>,
    /// The address that the browser was to be sent to.
    pub authorize: Option<String>,
    /// Everything on standard error.
    pub stderr: String,
}

/// `oauthctl login` for a configuration, as every test here starts it.
pub fn login(config: &Path) -> Command {
    let mut command = support::oauthctl();
    command.arg("login").arg(config);
    command.args(["--no-browser", "--listen", "127.0.0.1:0", "--format", "json", "--show-secrets", "--timeout", "30"]);
    command
}

/// Runs it. `callback` is the query that the provider sends the browser back with; in it `{CODE}` and `{STATE}` stand
/// for the code and for the state of the authorize request.
pub fn run(command: &mut Command, callback: &str) -> Login {
    run_with(command, |authorize| {
        let Some((uri, state)) = redirect(authorize) else { return };
        let query = callback.replace("{CODE}", CODE).replace("{STATE}", &state);
        follow(&uri, &query);
    })
}

/// Runs it with any browser: a function that is given the authorize URL.
pub fn run_with(command: &mut Command, browser: impl FnOnce(&str) + Send) -> Login {
    drive(command.stdin(Stdio::null()), |authorize, _| browser(authorize))
}

/// Runs it with somebody who pastes what this function makes of the authorize URL.
pub fn run_pasting(command: &mut Command, paste: impl FnOnce(&str) -> String + Send) -> Login {
    drive(command.stdin(Stdio::piped()), |authorize, stdin| {
        writeln!(stdin.unwrap(), "{}", paste(authorize)).unwrap();
    })
}

fn drive(command: &mut Command, browser: impl FnOnce(&str, Option<ChildStdin>) + Send) -> Login {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take();
    let stdout = support::lines(child.stdout.take().unwrap());
    let errors = support::lines(child.stderr.take().unwrap());
    let mut stderr = String::new();
    let mut authorize = None;
    let mut browser = Some(browser);
    std::thread::scope(|scope| {
        loop {
            match errors.recv_timeout(PATIENCE) {
                Ok(line) => {
                    stderr.push_str(&line);
                    stderr.push('\n');
                    if line.to_lowercase().starts_with("http") && authorize.is_none() {
                        authorize = Some(line.clone());
                        let browser = browser.take().unwrap();
                        let stdin = stdin.take();
                        scope.spawn(move || browser(&line, stdin));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    stderr.push_str("(hangs)");
                    let _ = child.kill();
                    break;
                }
            }
        }
    });
    let text: Vec<String> = stdout.into_iter().collect();
    let code = child.wait().unwrap().code();
    let document = json::parse(&text.join("\n")).unwrap_or(Value::None);
    Login { document, code, authorize, stderr }
}

/// The redirect_uri and the state in an authorize URL.
pub fn redirect(authorize: &str) -> Option<(Url, String)> {
    let url = Url::parse(authorize).ok()?;
    let find = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    Some((Url::parse(&find("redirect_uri")?).ok()?, find("state")?))
}

/// The address that the browser ends on.
pub fn came_back(authorize: &str, callback: &str) -> Option<String> {
    let (uri, state) = redirect(authorize)?;
    Some(format!("{uri}?{}", callback.replace("{CODE}", CODE).replace("{STATE}", &state)))
}

/// The browser comes back, following one redirect as the hub's `/oauth_callback` needs it.
fn follow(uri: &Url, query: &str) {
    let authority = format!("{}:{}", uri.host_str().unwrap_or_default(), uri.port().unwrap_or(80));
    let own = uri.query().map(|own| format!("{own}&")).unwrap_or_default();
    let answer = support::get(&authority, &format!("{}?{own}{query}", uri.path())).unwrap_or_default();
    let moved = answer.starts_with("HTTP/1.1 3");
    let location = answer.lines().find_map(|line| line.to_lowercase().starts_with("location: /").then(|| &line[10..]));
    if let (true, Some(location)) = (moved, location) {
        let _ = support::get(&authority, location);
    }
}
