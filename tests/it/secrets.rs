//! No secret survives in what is printed: whatever shape it comes in, whatever fails, in every format.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{PATIENCE, command, lines, oauthctl, scratch};

/// So many characters of a secret in a row give it away.
const TELLING: usize = 7;

/// The secrets of one run, different ones for every seed: with blanks, quotes, backslashes and letters beyond ASCII too.
struct Secrets {
    client: String,
    code: String,
    access: String,
    refresh: String,
}

impl Secrets {
    fn of(seed: usize) -> Secrets {
        let spice = ["", "+/=", "&x=1", "\"q'", "\\b", "é ü", "%41", "<b>", ".a.b", "#!"][seed % 10];
        let text = |name: &str| format!("{name}{spice}{:x}zq", (seed + 7) * 2_654_435_761);
        Secrets {
            client: text("Wombat"),
            // A code and tokens travel in addresses and forms, where they are plain.
            code: format!("Tangerine{seed}kxw"),
            access: text("Quokka"),
            refresh: text("Numbat"),
        }
    }

    fn all(&self) -> [&str; 4] {
        [&self.client, &self.code, &self.access, &self.refresh]
    }

    /// Panics where a telling piece of a secret stands in a text, plain or in base64.
    fn absent_from(&self, text: &str, what: &str) {
        for secret in self.all() {
            let encoded = STANDARD.encode(secret);
            for form in [secret, &encoded] {
                let chars: Vec<char> = form.chars().collect();
                for piece in chars.windows(TELLING.min(chars.len())) {
                    let piece: String = piece.iter().collect();
                    assert!(!text.contains(&piece), "{what}: `{piece}` of `{secret}` in\n{text}");
                }
            }
        }
    }
}

/// A form's value.
fn quoted(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// What the token and the userdata endpoint answer: status line and headers, then the body.
struct Answers {
    token: (String, String),
    userdata: (String, String),
}

/// A provider that gives these answers until it is dropped with the test's process.
fn provider(answers: Answers) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || answer(stream, &answers));
        }
    });
    address
}

fn answer(mut stream: TcpStream, answers: &Answers) {
    let mut bytes = [0; 16384];
    let length = stream.read(&mut bytes).unwrap_or(0);
    let request = String::from_utf8_lossy(&bytes[..length]).into_owned();
    let target = request.split(' ').nth(1).unwrap_or_default();
    let (head, body) = if target.starts_with("/token") { &answers.token } else { &answers.userdata };
    let _ = write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
}

fn config(folder: &Path, secrets: &Secrets, provider: SocketAddr, more: &str) -> PathBuf {
    let path = folder.join("jupyterhub_config.py");
    let text = format!(
        "c.JupyterHub.authenticator_class = 'generic-oauth'\n\
         g = c.GenericOAuthenticator\n\
         g.client_id = 'hub'\n\
         g.client_secret = {}\n\
         g.authorize_url = 'http://{provider}/authorize'\n\
         g.token_url = 'http://{provider}/token'\n\
         g.userdata_url = 'http://{provider}/userdata'\n\
         g.username_claim = 'name'\n\
         g.allow_all = True\n{more}\n",
        json(&secrets.client)
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// A login by paste: what it prints on both streams.
fn login(config: &Path, secrets: &Secrets, flags: &[&str]) -> (String, String) {
    let mut command = oauthctl();
    command.arg("login").arg(config).args(["--no-browser", "--paste", "--timeout", "30"]).args(flags);
    let mut child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
    let mut errors = Vec::new();
    let state = loop {
        match stderr.recv_timeout(PATIENCE) {
            Ok(line) => {
                let state = line.split("state=").nth(1).map(|rest| rest.split('&').next().unwrap_or(rest).to_owned());
                errors.push(line);
                if state.is_some() {
                    break state;
                }
            }
            Err(_) => break None,
        }
    };
    if let Some(state) = state {
        let mut stdin = child.stdin.take().unwrap();
        let _ = writeln!(stdin, "http://127.0.0.1:8000/hub/oauth_callback?code={}&state={state}", secrets.code);
    }
    let printed: Vec<String> = stdout.iter().collect();
    errors.extend(stderr.iter());
    child.wait().unwrap();
    (printed.join("\n"), errors.join("\n"))
}

const OK_JSON: &str = "200 OK\r\nContent-Type: application/json";

/// Answers of the token endpoint that hold secrets in one shape or another.
fn token_answers(s: &Secrets) -> Vec<(&'static str, String, String)> {
    let (access, refresh, client, code) = (json(&s.access), json(&s.refresh), json(&s.client), json(&s.code));
    let ok = |name, body: String| (name, OK_JSON.to_owned(), body);
    let long = "x".repeat(170);
    let inner = format!("{{\"access_token\": {access}, \"refresh_token\": {refresh}}}");
    vec![
        ok(
            "plain",
            format!("{{\"access_token\": {access}, \"token_type\": \"bearer\", \"refresh_token\": {refresh}}}"),
        ),
        ok("no type", inner.clone()),
        ok("form", format!("access_token={}&refresh_token={}", quoted(&s.access), quoted(&s.refresh))),
        ok("camel", format!("{{\"accessToken\": {access}, \"refreshToken\": {refresh}}}")),
        ok("in a string", json(&inner)),
        ok("in a field", format!("{{\"error\": \"x\", \"error_description\": {}}}", json(&inner))),
        ok("list", format!("[{inner}]")),
        ok("nested", format!("{{\"data\": {inner}, \"access_token\": [{access}]}}")),
        ok("cut off", inner[..inner.len() - 4].to_owned()),
        ok("page", format!("<html><input name=\"client_secret\" value={client}><p>{client}</p></html>")),
        ok("echo at the edge", format!("<p>{long} refused {} and more</p>", s.client)),
        (
            "echo 401",
            "401 Unauthorized".into(),
            format!(
                "{{\"error\": \"invalid_client\", \"error_description\": \"bad secret {}\"}}",
                client.trim_matches('"')
            ),
        ),
        (
            "echo of the code",
            "400 Bad Request".into(),
            format!("{{\"error\": \"invalid_grant\", \"error_description\": {code}}}"),
        ),
        (
            "echo of basic",
            "500 Oops".into(),
            format!("Authorization: Basic {}", STANDARD.encode(format!("hub:{}", s.client))),
        ),
        (
            "cookie",
            format!("{OK_JSON}\r\nSet-Cookie: session={}", quoted(&s.access)),
            format!("{{\"access_token\": {access}}}"),
        ),
        (
            "redirect",
            format!(
                "302 Found\r\nLocation: /elsewhere?access_token={}#id_token={}",
                quoted(&s.access),
                quoted(&s.refresh)
            ),
            String::new(),
        ),
        ("header", format!("400 Bad Request\r\nX-Auth-Token: {}", quoted(&s.access)), "no".into()),
    ]
}

#[test]
fn no_secret_is_printed_by_a_login() {
    let folder = scratch("secrets-login");
    let shapes = token_answers(&Secrets::of(0)).len();
    for shape in 0..shapes {
        let secrets = Secrets::of(shape);
        let (name, head, body) = token_answers(&secrets).swap_remove(shape);
        let echo = format!(
            "{{\"name\": \"alice\", \"token\": {}, \"note\": {}}}",
            json(&secrets.refresh),
            json(&secrets.access)
        );
        let answers = Answers { token: (head, body), userdata: (["401 Nope", OK_JSON][shape % 2].into(), echo) };
        let address = provider(answers);
        let more = ["", "g.basic_auth = True", "g.userdata_token_method = 'url'", "g.enable_pkce = False"][shape % 4];
        let path = config(&folder, &secrets, address, more);
        for flags in [&["--format", "json"][..], &[], &["-v"]] {
            let (stdout, stderr) = login(&path, &secrets, flags);
            let what = format!("{name}, {more}, {flags:?}");
            assert!(stdout.contains("token"), "{what}: the token endpoint was not reached\n{stdout}\n{stderr}");
            secrets.absent_from(&stdout, &what);
            secrets.absent_from(&stderr, &what);
        }
    }
}

#[test]
fn show_secrets_shows_them() {
    let folder = scratch("secrets-shown");
    let secrets = Secrets::of(0);
    let (_, head, body) = token_answers(&secrets).swap_remove(0);
    let address = provider(Answers { token: (head, body), userdata: (OK_JSON.into(), "{\"name\": \"alice\"}".into()) });
    let path = config(&folder, &secrets, address, "");
    for flags in [&["--format", "json", "--show-secrets"][..], &["-v", "--show-secrets"]] {
        let (stdout, _) = login(&path, &secrets, flags);
        assert!(secrets.all().iter().all(|secret| stdout.contains(secret)), "{stdout}");
    }
}

/// Configurations that hold a secret somewhere, sound or not.
fn configs(s: &Secrets) -> Vec<(&'static str, String)> {
    let secret = json(&s.client);
    let class = "c.JupyterHub.authenticator_class = 'generic-oauth'\ng = c.GenericOAuthenticator\n";
    let python = |rest: String| ("jupyterhub_config.py", format!("{class}{rest}\n"));
    let inner = secret.trim_matches('"');
    let cut = &secret[..secret.len() - 1];
    vec![
        python(format!("g.client_secret = {secret}")),
        python(format!("g.client_secret = {secret}\ng.client_secret = 'another-of-them'")),
        python(format!("c.OAuthenticator.client_secret = {secret}\ng.client_secret = 'another-of-them'")),
        python(format!("g.client_secrett = {secret}")),
        python(format!("g.client_secret = {secret} + nowhere()")),
        python(format!("g.client_secret = [{secret}]")),
        python(format!("g.client_secret = {{'a': {secret}}}")),
        python(format!("g.client_secret = lambda: {secret}")),
        python(format!("g.client_secret = (\n    {secret}\n    + nowhere()\n)")),
        python(format!("g.client_secret = {cut}")),
        python(format!("g.client_secret = {secret}\nimport")),
        python(format!("import os\nos.environ['OAUTH_CLIENT_SECRET'] = {secret}")),
        python(format!("raise ValueError('client_secret=' + {secret})")),
        python(format!("g.client_secret = {secret}\nraise ValueError(g.client_secret)")),
        python(format!(
            "g.http_request_kwargs = {{'auth_password': {secret}, 'headers': {{'Authorization': {secret}}}}}"
        )),
        python(format!("g.token_params = {{'client_secret': {secret}}}\ng.scope = 7")),
        python(format!("c.JupyterHub.services = [{{'name': 'x', 'api_token': {secret}}}]; c.JupyterHub.nosuch = 1")),
        python(format!("g.token_url = 'https://hub:{}@idp.example.org/token'", quoted(&s.client))),
        (
            "values.yaml",
            format!("hub:\n  config:\n    GenericOAuthenticator:\n      client_secret: {secret}\n      nosuch: 1\n"),
        ),
        (
            "values.yaml",
            format!("hub:\n  config:\n    GenericOAuthenticator:\n      client_secret: {secret}\n     bad\n"),
        ),
        (
            "values.yaml",
            format!(
                "hub:\n  config:\n    JupyterHub:\n      authenticator_class: generic-oauth\n    GenericOAuthenticator:\n      client_secret: [{secret}]\n"
            ),
        ),
        (
            "jupyterhub_config.json",
            format!("{{\"GenericOAuthenticator\": {{\"client_secret\": {secret}, \"scope\": 7}}}}"),
        ),
        ("jupyterhub_config.json", format!("{{\"GenericOAuthenticator\": {{\"client_secret\": \"{inner}\",, }}}}")),
    ]
}

fn offline(arguments: &[&str], folder: &Path) -> (String, String) {
    let mut command = command(env!("CARGO_BIN_EXE_oauthctl"));
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn no_secret_of_a_configuration_is_printed() {
    let folder = scratch("secrets-config");
    let userdata = folder.join("userdata.json");
    std::fs::write(&userdata, "{\"name\": \"alice\"}").unwrap();
    std::fs::write(folder.join("state.json"), "{\"access_token\": \"x\"}").unwrap();
    for seed in 0..3 {
        let secrets = Secrets::of(seed * 3);
        for (number, (name, text)) in configs(&secrets).into_iter().enumerate() {
            std::fs::write(folder.join(name), &text).unwrap();
            for arguments in [
                &["show", name][..],
                &["show", name, "--defaults", "-v"],
                &["validate-config", name],
                &["resolve", name, "--userdata", "userdata.json"],
                &["refresh", name, "--auth-state", "state.json"],
                &[
                    "login",
                    name,
                    "--no-browser",
                    "--listen",
                    "127.0.0.1:0",
                    "--timeout",
                    "1",
                    "--set",
                    "JupyterHub.base_url=7",
                ],
            ] {
                // Nobody comes to a login, so one format is enough.
                let formats: &[&str] = if arguments[0] == "login" { &["json"] } else { &["json", "human"] };
                for format in formats {
                    let (stdout, stderr) = offline(&[arguments, &["--format", format]].concat(), &folder);
                    let what = format!("configuration {number}, {arguments:?} {format}\n{text}");
                    secrets.absent_from(&stdout, &what);
                    secrets.absent_from(&stderr, &what);
                }
            }
            std::fs::remove_file(folder.join(name)).unwrap();
        }
    }
}

#[test]
fn no_secret_of_a_flag_or_a_file_of_variables_is_printed() {
    let folder = scratch("secrets-flags");
    let secrets = Secrets::of(1);
    let client = &secrets.client;
    std::fs::write(folder.join("hub.py"), "c.JupyterHub.authenticator_class = 'generic-oauth'\n").unwrap();
    std::fs::write(folder.join("env"), format!("OAUTH_CLIENT_SECRET=\"{client}\"\n")).unwrap();
    std::fs::write(folder.join("bad-env"), format!("A=1\n{client}\n")).unwrap();
    std::fs::write(folder.join("secret"), client).unwrap();
    let set = format!("GenericOAuthenticator.client_secret={client}");
    let (unclassed, misspelt) =
        (format!("client_secret={client}"), format!("GenericOAuthenticator.client_secrett={client}"));
    for flags in [
        ["--set", &set],
        ["--set", "GenericOAuthenticator.client_secret=@secret"],
        ["--set", &unclassed],
        ["--set", &misspelt],
        ["--env-file", "env"],
        ["--env-file", "bad-env"],
    ] {
        for format in ["json", "human"] {
            for command in ["show", "validate-config"] {
                let (stdout, stderr) =
                    offline(&[&[command, "hub.py", "--format", format][..], &flags].concat(), &folder);
                secrets.absent_from(&stdout, &format!("{command} {format} {flags:?}"));
                secrets.absent_from(&stderr, &format!("{command} {format} {flags:?}"));
            }
        }
    }
}
