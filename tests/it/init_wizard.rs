//! `oauthctl init` in a terminal, with somebody who types.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use oauthctl::demo::{Options, Provider};
use serde_json::{Value, json};

use crate::{mediawiki, support};

const DOWN: &str = "\u{1b}[B";
const UP: &str = "\u{1b}[A";
const ESC: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const SECRET: &str = "demo-secret-that-is-none";

/// What is printed, and what is then typed.
type Step<'a> = (&'a str, Option<String>);

fn step<'a>(text: &'a str, keys: impl Into<String>) -> Step<'a> {
    (text, Some(keys.into()))
}

fn enter(text: &str) -> String {
    format!("{text}\r")
}

fn down(times: usize) -> String {
    format!("{}\r", DOWN.repeat(times))
}

/// A terminal of so many columns.
struct Terminal<'a> {
    folder: &'a Path,
    columns: usize,
    variables: Vec<(&'a str, String)>,
}

impl Terminal<'_> {
    fn run(&self, args: &[&str], steps: &[Step<'_>]) -> Value {
        let mut env = json!({"TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": self.folder, "PATH": std::env::var("PATH").unwrap()});
        for (name, value) in &self.variables {
            env[name] = value.clone().into();
        }
        let mut argv = vec![env!("CARGO_BIN_EXE_oauthctl"), "init"];
        argv.extend(args);
        let request = json!({
            "argv": argv, "env": env, "cwd": self.folder, "columns": self.columns, "rows": 30, "steps": steps,
        });
        let mut command = support::command("python3");
        command.arg(support::root("tests/pty.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(request.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["hung"], Value::Null, "waited for {}: {}", answer["hung"], answer["plain"].as_str().unwrap());
        answer
    }
}

fn terminal(folder: &Path, columns: usize) -> Terminal<'_> {
    Terminal { folder, columns, variables: Vec::new() }
}

fn plain(answer: &Value) -> &str {
    answer["plain"].as_str().unwrap()
}

fn lines(answer: &Value) -> Vec<&str> {
    answer["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The terminal is as it was before.
fn is_clean(answer: &Value) {
    assert_eq!(answer["cursor"], true, "{}", answer["printed"]);
    assert_eq!(answer["sane"], true, "{}", answer["printed"]);
}

/// GitLab, as far as the client id.
fn up_to_client<'a>() -> Vec<Step<'a>> {
    vec![
        step("MediaWiki", down(1)),
        step("What does your hub read?", enter("")),
        step("Address of the GitLab server", enter("https://git.example.org")),
        step("Where is your hub?", enter("https://hub.example.org")),
        step("Client id", enter("jupyterhub")),
    ]
}

/// From the secret to the end: alice may enter, nobody is admin.
fn from_secret<'a>() -> Vec<Step<'a>> {
    vec![
        step("Where is the client secret?", enter("")),
        step("Who may enter?", enter("")),
        step("Which people?", enter("alice")),
        step("Who else may enter?", enter("")),
        step("Who is admin?", enter("")),
        step("What is a user called on the hub?", enter("")),
        step("Which file shall I write?", enter("")),
    ]
}

#[test]
fn a_whole_dialogue_ends_in_a_login() {
    let folder = support::scratch("wizard-whole");
    let provider = Provider::start(Options { auto_person: Some("grace".into()), ..Options::default() }).unwrap();
    let hub = format!("http://127.0.0.1:{}", mediawiki::free_port());
    provider.register_redirect_uri(&format!("{hub}/hub/oauth_callback"));
    let browser = folder.join("browser");
    fs::write(&browser, "#!/usr/bin/env python3\nimport sys, urllib.request\nurllib.request.urlopen(sys.argv[1])\n")
        .unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o700)).unwrap();
    let terminal = Terminal { variables: vec![("BROWSER", browser.display().to_string())], ..terminal(&folder, 80) };
    let answer = terminal.run(
        &[],
        &[
            step("OpenID Connect (any other)", format!("{UP}\r")),
            step("What does your hub read?", enter("")),
            // An issuer that says nothing of itself is asked for again.
            step("Issuer, where", enter(&format!("{}/elsewhere", provider.issuer()))),
            step("no discovery document", enter(provider.issuer())),
            step("Where is your hub?", enter(&hub)),
            step("Client id", enter(provider.client_id())),
            step("Where is the client secret?", down(1)),
            step("not shown", enter(SECRET)),
            step("Who may enter?", enter("")),
            step("Which people?", enter("grace, ada")),
            step("Who else may enter?", enter("")),
            step("Who is admin?", enter("ada")),
            step("What is a user called on the hub?", enter("")),
            step("Which file shall I write?", enter("")),
            step("Is it right?", enter("")),
            step("Log in now, to see it work?", "y"),
            step("Is that how it shall be?", enter("")),
        ],
    );
    assert_eq!(answer["code"], 0, "{}", plain(&answer));
    assert!(plain(&answer).contains("grace may enter"), "{}", plain(&answer));
    assert!(plain(&answer).contains(&format!("{hub}/hub/oauth_callback")), "{}", plain(&answer));
    assert!(!answer["printed"].as_str().unwrap().contains(SECRET), "{}", plain(&answer));
    is_clean(&answer);
    assert_eq!(files(&folder), ["browser", "hub.env", "jupyterhub_config.py"]);
    let text = fs::read_to_string(folder.join("jupyterhub_config.py")).unwrap();
    assert!(!text.contains(SECRET) && text.contains("os.environ[\"OAUTH_CLIENT_SECRET\"]"), "{text}");
    assert_eq!(fs::read_to_string(folder.join("hub.env")).unwrap(), format!("OAUTH_CLIENT_SECRET={SECRET}\n"));
    assert_eq!(fs::metadata(folder.join("hub.env")).unwrap().permissions().mode() & 0o777, 0o600);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn answers_are_corrected_on_the_spot_a_step_back_and_at_the_end() {
    let folder = support::scratch("wizard-correct");
    let mut steps = up_to_client();
    // Refused, and asked again at once; then a step back, to an answer that stands there to be taken.
    steps[3] = step("Where is your hub?", enter("https://<your-host>/"));
    steps.insert(4, step("still to be filled in", enter("https://hub.example.org")));
    steps[5] = step("Client id", ESC);
    steps.insert(6, step("Enter takes https://hub.example.org/", enter("https://lab.example.org")));
    steps.insert(7, step("Client id", enter("jupyterhub")));
    steps.extend(from_secret());
    // A look, and a change.
    steps.push(step("Is it right?", down(1)));
    steps.push(step("Which answer?", format!("{}\r", DOWN.repeat(6))));
    steps.push(step("Who may enter?", down(1)));
    steps.push(step("Members of which?", enter("staff")));
    steps.push(step("Who else may enter?", enter("")));
    steps.push(step("Is it right?", enter("")));
    let answer = terminal(&folder, 80).run(&[], &steps);
    assert_eq!((answer["code"].as_i64(), &answer["left"]), (Some(0), &json!([])), "{}", plain(&answer));
    is_clean(&answer);
    let text = fs::read_to_string(folder.join("jupyterhub_config.py")).unwrap();
    for line in [
        "= \"https://lab.example.org/hub/oauth_callback\"",
        "allowed_gitlab_groups = {\"staff\"}",
        "client_id = \"jupyterhub\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("alice"), "{text}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn ctrl_c_leaves_nothing_behind_at_any_question() {
    let folder = support::scratch("wizard-interrupt");
    let mut steps = up_to_client();
    steps.extend(from_secret());
    steps.push(step("Is it right?", ""));
    for at in 0..steps.len() {
        let mut steps = steps[..=at].to_vec();
        steps[at].1 = Some(CTRL_C.to_owned());
        let answer = terminal(&folder, 80).run(&[], &steps);
        assert_eq!(answer["code"], 130, "{}: {}", steps[at].0, plain(&answer));
        is_clean(&answer);
        assert!(plain(&answer).trim_end().ends_with("interrupted"), "{}", plain(&answer));
        assert_eq!(files(&folder), [""; 0]);
    }
    // While an issuer is asked that never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", silent.local_addr().unwrap());
    let steps = [
        step("OpenID Connect (any other)", format!("{UP}\r")),
        step("What does your hub read?", enter("")),
        step("Issuer, where", enter(&issuer)),
        step("asking", CTRL_C),
    ];
    let answer = terminal(&folder, 80).run(&[], &steps);
    assert_eq!(answer["code"], 130, "{}", plain(&answer));
    is_clean(&answer);
    // A secret half typed.
    let mut steps = up_to_client();
    steps.push(step("Where is the client secret?", down(1)));
    steps.push(step("not shown", format!("half{CTRL_C}")));
    let answer = terminal(&folder, 80).run(&[], &steps);
    assert_eq!(answer["code"], 130, "{}", plain(&answer));
    is_clean(&answer);
    assert_eq!(files(&folder), [""; 0]);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn the_end_of_input_ends_it() {
    let folder = support::scratch("wizard-end");
    let mut steps = up_to_client();
    steps[4] = step("Client id", CTRL_D);
    let answer = terminal(&folder, 80).run(&[], &steps);
    assert_eq!(answer["code"], 3, "{}", plain(&answer));
    assert!(plain(&answer).contains("nothing was written"), "{}", plain(&answer));
    is_clean(&answer);
    for at in [0, 3] {
        let mut steps = up_to_client();
        steps.truncate(at + 1);
        steps[at].1 = None;
        let answer = terminal(&folder, 80).run(&[], &steps);
        assert_ne!(answer["code"], 0);
    }
    assert_eq!(files(&folder), [""; 0]);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn forty_columns_are_enough() {
    let folder = support::scratch("wizard-narrow");
    let long = "https://git.example.org/below/quite-a-long-path/that-does-not-fit";
    let mut steps = up_to_client();
    // Typed with a slip in the middle that is mended with the arrow keys.
    let left = "\u{1b}[D".repeat(8);
    steps[2] = step(
        "Address of the GitLab server",
        format!("{}{left}\u{7f}{}", long.replacen("does-not-fit", "doesX-not-fit", 1), enter("")),
    );
    steps.extend(from_secret());
    steps.push(step("Is it right?", enter("")));
    let answer = terminal(&folder, 40).run(&[], &steps);
    assert_eq!(answer["code"], 0, "{}", plain(&answer));
    is_clean(&answer);
    let lines = lines(&answer);
    let joined = lines.join("");
    assert!(joined.contains(&format!("→ {long}")) || joined.contains(&format!("→{long}")), "{lines:#?}");
    // Neither a list nor a line that was typed is left on the screen, only what was answered.
    assert!(!lines.iter().any(|line| line.starts_with('❯') || line.starts_with('>')), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| **line == "→ GitLab").count(), 1, "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("Bitbucket")).count(), 0, "{lines:#?}");
    // Words stay whole where they can.
    assert!(lines.contains(&"Where is the client secret?"), "{lines:#?}");
    let text = fs::read_to_string(folder.join("jupyterhub_config.py")).unwrap();
    assert!(text.contains(&format!("gitlab_url = \"{long}\"")), "{text}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_dumb_terminal_sees_plain_lines_and_no_colour_means_none() {
    let folder = support::scratch("wizard-dumb");
    let dumb = Terminal { variables: vec![("TERM", "dumb".into())], ..terminal(&folder, 80) };
    let mut steps = up_to_client();
    steps[0] = step("number", enter("2"));
    steps[1] = step("number", enter(""));
    steps.push(step("Where is the client secret?", enter("2")));
    steps.push(step("not shown", enter(SECRET)));
    steps.extend(from_secret().into_iter().skip(1));
    steps.push(step("Is it right?", enter("")));
    steps.push(step("Log in now", enter("n")));
    let answer = dumb.run(&[], &steps);
    assert_eq!(answer["code"], 0, "{}", plain(&answer));
    let printed = answer["printed"].as_str().unwrap();
    assert!(!printed.contains('\u{1b}') && !printed.contains(SECRET), "{printed}");
    is_clean(&answer);
    fs::remove_file(folder.join("jupyterhub_config.py")).unwrap();

    let colourless = Terminal { variables: vec![("NO_COLOR", "1".into())], ..terminal(&folder, 80) };
    let mut steps = up_to_client();
    steps.extend(from_secret());
    steps.push(step("Is it right?", format!("{DOWN}{DOWN}\r")));
    let answer = colourless.run(&[], &steps);
    assert_eq!(answer["code"], 1, "{}", plain(&answer));
    let printed = answer["printed"].as_str().unwrap();
    assert!(
        !printed
            .split('\u{1b}')
            .skip(1)
            .any(|rest| rest.trim_start_matches(|c: char| c == '[' || c == ';' || c.is_ascii_digit()).starts_with('m')),
        "{printed:?}"
    );
    assert!(!folder.join("jupyterhub_config.py").exists());
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn what_a_flag_says_is_not_asked_and_a_file_is_not_overwritten_unasked() {
    let folder = support::scratch("wizard-flags");
    let path = folder.join("jupyterhub_config.py");
    fs::write(&path, "mine").unwrap();
    let flags = [
        "--provider",
        "github",
        "--form",
        "python",
        "--provider-url",
        "https://github.com",
        "--hub-url",
        "https://hub.example.org",
        "--client-id",
        "x",
        "--client-secret-env",
        "MINE",
        "--allow-user",
        "alice",
        "--username-claim",
        "login",
    ];
    let steps = [
        step("Who is admin?", enter("")),
        step("Which file shall I write?", enter("")),
        step("Write over it?", "n"),
        step("Which file shall I write?", enter("other.py")),
        step("Is it right?", enter("")),
    ];
    let answer = terminal(&folder, 80).run(&flags, &steps);
    assert_eq!((answer["code"].as_i64(), &answer["left"]), (Some(0), &json!([])), "{}", plain(&answer));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    // Nor is a secret that is there, and where the configuration cannot be written none is left.
    fs::write(folder.join("hub.env"), "OAUTH_CLIENT_SECRET=mine\n").unwrap();
    let mut steps = up_to_client();
    steps.push(step("Where is the client secret?", down(1)));
    steps.push(step("not shown", enter(SECRET)));
    steps.extend(from_secret().into_iter().skip(1));
    steps.last_mut().unwrap().1 = Some(enter("third.py"));
    steps.push(step("Is it right?", enter("")));
    steps.push(step("hub.env exists", "n"));
    steps.push(step("Is it right?", down(2)));
    let answer = terminal(&folder, 80).run(&[], &steps);
    assert_eq!((answer["code"].as_i64(), &answer["left"]), (Some(1), &json!([])), "{}", plain(&answer));
    assert_eq!(fs::read_to_string(folder.join("hub.env")).unwrap(), "OAUTH_CLIENT_SECRET=mine\n");
    assert_eq!(files(&folder), ["hub.env", "jupyterhub_config.py", "other.py"]);
    assert!(fs::read_to_string(folder.join("other.py")).unwrap().contains("os.environ[\"MINE\"]"));
    let _ = fs::remove_dir_all(folder);
}
