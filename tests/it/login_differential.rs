//! The judge of the whole product: the same configuration and the same provider's answers, upstream beside `oauthctl
//! login`, over real sockets. A disagreement is a bug in oauthctl.
//!
//! Every third case is run, of some kinds fewer; `OAUTHCTL_CASES=all` runs them all, `OAUTHCTL_CASES=text` those with that text in their name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use oauthctl::json;
use oauthctl::value::Value;

use crate::login_driver::{self, Login};
use crate::login_in_process;
use crate::refresh_differential;
use crate::support::{self, Worker};

/// One case in so many is run where nobody asks for more: the whole suite has to stay short.
const SAMPLE: usize = 3;

/// How many cases one worker gets before it is another thread's turn to begin one.
const CHUNK: usize = 100;

#[test]
fn decides_as_upstream_does() {
    compare_all("login_cases.py", "login-differential", 600);
}

/// Compares on all cases that a script prints, which are at least so many even where it is a sample.
pub fn compare_all(script: &str, folder: &str, least: usize) {
    conclude(compare_each(script, folder, least));
}

/// What came of each of them.
pub fn compare_each(script: &str, folder: &str, least: usize) -> Vec<Compared> {
    let Some(python) = support::upstream_python() else { return Vec::new() };
    let cases = cases(&python, script, least);
    let folder = support::scratch(folder);
    let chunks = Mutex::new(chunks(cases));
    let results = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from) + 1;
    std::thread::scope(|scope| {
        for number in 0..threads {
            let (chunks, results, python) = (&chunks, &results, &python);
            let folder = folder.join(number.to_string());
            scope.spawn(move || {
                let mut bench = Bench::new(python, folder);
                while let Some((environment, chunk)) = { chunks.lock().unwrap().pop() } {
                    for case in chunk {
                        let result = bench.compare(&environment, &case);
                        results.lock().unwrap().push(result);
                    }
                }
            });
        }
    });
    let _ = fs::remove_dir_all(&folder);
    results.into_inner().unwrap()
}

/// Variables that a worker is started with.
pub type Environment = Vec<(String, String)>;

/// The generated cases; on another day the same ones.
fn cases(python: &Path, script: &str, least: usize) -> Vec<Value> {
    let mut command = support::command(python);
    command.arg(support::root("tests/upstream").join(script)).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let wanted = std::env::var("OAUTHCTL_CASES").unwrap_or_default();
    let text = String::from_utf8(output.stdout).unwrap();
    let cases = text.lines().map(|line| json::parse(line).unwrap());
    let chosen = cases.enumerate().filter(|(number, case)| match wanted.as_str() {
        "" => number % sample(case) == 0,
        "all" => true,
        text => string(case, "name").contains(text),
    });
    let cases: Vec<Value> = chosen.map(|(_, case)| case).collect();
    assert!(cases.len() >= least || !["", "all"].contains(&wanted.as_str()), "only {} cases", cases.len());
    cases
}

/// A case may belong to so many of a kind that fewer of them will do.
fn sample(case: &Value) -> usize {
    case.get("sample").and_then(|sample| sample.repr().parse().ok()).unwrap_or(SAMPLE)
}

/// Cases that can share a worker: those with the same environment at import.
fn chunks(cases: Vec<Value>) -> Vec<(Environment, Vec<Value>)> {
    let mut by_environment: BTreeMap<Environment, Vec<Value>> = BTreeMap::new();
    for case in cases {
        by_environment.entry(variables(&case, "import_env")).or_default().push(case);
    }
    let split = |(environment, cases): (Environment, Vec<Value>)| {
        let parts: Vec<Vec<Value>> = cases.chunks(CHUNK).map(<[Value]>::to_vec).collect();
        parts.into_iter().map(move |part| (environment.clone(), part))
    };
    by_environment.into_iter().flat_map(split).collect()
}

/// A dictionary of texts in a case.
pub fn variables(case: &Value, key: &str) -> Environment {
    let Some(dict) = case.get(key).and_then(Value::as_dict) else { return Vec::new() };
    dict.iter().map(|(name, value)| (name.to_text(), value.to_text())).collect()
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What one thread works with.
pub struct Bench<'a> {
    python: &'a Path,
    folder: PathBuf,
    worker: Option<(Environment, Worker)>,
}

/// One case and what came of it.
pub struct Compared {
    /// The case.
    pub name: String,
    /// What a refresh came to, outcome and stage, for the summary.
    pub upstream: String,
    /// Where they differ, and all that is needed to see why.
    pub disagreement: Option<String>,
    /// The login by oauthctl.
    pub login: Login,
    /// What the hub would do to its machine, where the case is about that.
    pub machine: Option<String>,
}

impl<'a> Bench<'a> {
    /// A bench that keeps its files in this folder.
    pub fn new(python: &'a Path, folder: PathBuf) -> Bench<'a> {
        fs::create_dir_all(&folder).unwrap();
        Bench { python, folder, worker: None }
    }

    fn worker(&mut self, environment: &Environment) -> &mut Worker {
        if self.worker.as_ref().is_none_or(|(own, _)| own != environment) {
            self.worker = Some((environment.clone(), Worker::start(self.python, "login_worker.py", environment)));
        }
        &mut self.worker.as_mut().unwrap().1
    }

    /// Upstream and oauthctl on one case.
    pub fn compare(&mut self, environment: &Environment, case: &Value) -> Compared {
        let worker = self.worker(environment);
        let upstream = json::parse(&worker.ask(&json::write(case, false))).unwrap();
        let port = upstream.get("port").unwrap().repr();
        let ours = self.ours(environment, case, &upstream, &port);
        let asked = json::parse(&self.worker(environment).ask(&format!("{{\"close\": {port}}}"))).unwrap();
        let mut theirs = from_upstream(&upstream);
        let mut ours_seen = from_document(&ours, asked.get("requests").unwrap(), &port);
        if case.get("any_order").is_some() {
            theirs.requests.sort();
            ours_seen.requests.sort();
        }
        let differences = differences(&theirs, &ours_seen);
        let name = string(case, "name").to_owned();
        let upstream_ended = format!("{} {} {}", theirs.refresh, theirs.outcome, theirs.stage);
        let disagreement = (!differences.is_empty()).then(|| {
            let mut text = format!("=== {name}\n{}", string(case, "config"));
            let _ = writeln!(text, "--- provider: {}", clip(&case.get("provider").unwrap().repr(), 600));
            let _ = writeln!(
                text,
                "--- upstream raised: {}",
                upstream.get("exception").map_or_else(String::new, Value::repr)
            );
            let failure = ours.document.get("failure").map_or_else(|| ours.stderr.clone(), Value::repr);
            let _ = writeln!(text, "--- oauthctl says: {}", clip(&failure, 900));
            for (what, theirs, ours) in differences {
                let _ = writeln!(text, "{what}:\n  upstream {}\n  oauthctl {}", clip(&theirs, 1500), clip(&ours, 1500));
            }
            text
        });
        let machine = upstream.get("machine").and_then(Value::as_str).map(str::to_owned);
        Compared { name, upstream: upstream_ended, disagreement, login: ours, machine }
    }

    /// `oauthctl login` on the same case, against the second listener.
    fn ours(&self, environment: &Environment, case: &Value, upstream: &Value, port: &str) -> Login {
        let here = format!("http://127.0.0.1:{port}");
        if case.get("refresh").is_some() {
            return refresh_differential::ours(&self.folder, environment, case, upstream, &here);
        }
        let text = string(case, "config").replace("{P}", &here);
        let callback = case.get("callback").and_then(Value::as_str).unwrap_or("code={CODE}&state={STATE}");
        let reroute = variables(case, "reroute");
        if !reroute.is_empty() {
            let origins =
                reroute.into_iter().map(|(origin, instead)| (origin, instead.replace("{P}", &here))).collect();
            let both = [environment.as_slice(), &variables(case, "env")].concat();
            return login_in_process::login(&text, &both, origins, callback);
        }
        let (name, text) = match case.get("values").and_then(Value::as_str) {
            Some(values) => ("values.yaml", values.replace("{P}", &here)),
            None => ("jupyterhub_config.py", text),
        };
        let config = self.folder.join(name);
        let folder = self.folder.display().to_string();
        fs::write(&config, text.replace("{F}", &folder)).unwrap();
        let mut command = login_driver::login(&config);
        for (name, content) in variables(case, "files") {
            fs::write(self.folder.join(name), content.replace("{P}", &here)).unwrap();
        }
        if case.get("elsewhere").is_some() {
            command.args(["--proxy", &here, "--ca-cert", "elsewhere.pem"]);
        }
        command.envs(environment.iter().cloned()).envs(variables(case, "env")).current_dir(&self.folder);
        if let Some(Value::List(users)) = case.get("existing_users") {
            let file = self.folder.join("users");
            fs::write(&file, users.iter().map(|user| user.to_text() + "\n").collect::<String>()).unwrap();
            command.arg("--existing-users").arg(file);
        }
        if let Some(Value::List(flags)) = case.get("flags") {
            command.args(flags.iter().map(|flag| flag.to_text().replace("{P}", &here)));
        }
        match case.get("paste") {
            Some(_) => login_driver::run_pasting(command.arg("--paste"), |authorize| {
                login_driver::came_back(authorize, callback).unwrap_or_default()
            }),
            None => login_driver::run(&mut command, callback),
        }
    }
}

fn clip(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What is compared, each part as Python would write it.
#[derive(Default)]
struct Seen {
    outcome: String,
    /// Of a refresh, what it came to.
    refresh: String,
    stage: String,
    hub_status: String,
    /// `None` where it isn't part of the comparison: a login that failed needs none.
    user: Option<String>,
    auth_state: Option<String>,
    authorize: String,
    requests: Vec<String>,
    exit: Option<i32>,
}

fn from_upstream(result: &Value) -> Seen {
    let authorize = string(result, "authorize");
    let port = result.get("upstream_port").unwrap().repr();
    let mut seen = Seen {
        outcome: string(result, "outcome").to_owned(),
        refresh: string(result, "refresh").to_owned(),
        stage: repr(result.get("stage")),
        hub_status: repr(result.get("hub_status")),
        authorize: neutral(authorize, &port, authorize),
        requests: requests(result.get("requests").unwrap(), &port, authorize),
        ..Seen::default()
    };
    seen.exit = Some(match seen.outcome.as_str() {
        "allowed" => 0,
        "denied" => 1,
        _ => 3,
    });
    seen.model(result);
    seen
}

fn from_document(login: &Login, asked: &Value, port: &str) -> Seen {
    let document = &login.document;
    let authorize = login.authorize.as_deref().unwrap_or_default();
    let failure = document.get("failure");
    let mut seen = Seen {
        outcome: string(document, "outcome").to_owned(),
        refresh: string(document, "refresh").to_owned(),
        stage: repr(failure.and_then(|failure| failure.get("stage"))),
        hub_status: repr(failure.and_then(|failure| failure.get("hub_status"))),
        authorize: neutral(authorize, port, authorize),
        requests: requests(asked, port, authorize),
        exit: login.code,
        ..Seen::default()
    };
    seen.model(document);
    seen
}

impl Seen {
    fn model(&mut self, of: &Value) {
        if self.outcome != "failed" {
            let user = of.get("user");
            let part = |key: &str| repr(user.and_then(|user| user.get(key)));
            self.user = Some(format!("{} admin={} groups={}", part("name"), part("admin"), part("groups")));
            self.auth_state = Some(repr(of.get("auth_state")));
        }
    }
}

fn repr(value: Option<&Value>) -> String {
    value.map_or_else(|| "None".to_owned(), Value::repr)
}

/// A request as text, without what must differ.
fn requests(list: &Value, port: &str, authorize: &str) -> Vec<String> {
    let Value::List(list) = list else { return Vec::new() };
    let one = |request: &Value| {
        let part = |key: &str| neutral(string(request, key), port, authorize);
        // Our client says so where upstream's says nothing, which means the same (RFC 9110 12.5.1).
        let headers = repr(request.get("headers")).replace("'accept': '*/*', ", "");
        let headers = neutral(&headers, port, authorize);
        format!("{} {} {headers} {}", part("method"), encoded(&part("target")), part("body"))
    };
    list.iter().map(one).collect()
}

/// A request's target with everything encoded that an address must not hold: tornado sends such bytes as they are,
/// and servers take the one for the other.
fn encoded(target: &str) -> String {
    let mut out = String::new();
    for c in target.replace("{RANDOM}", "RANDOM").chars() {
        match c {
            '{' | '}' | '"' | '<' | '>' | '`' | '\u{7f}'..='\u{ff}' => {
                let _ = write!(out, "%{:02X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Takes out the port, the callback's address, and what is random: state, verifier, challenge.
fn neutral(text: &str, port: &str, authorize: &str) -> String {
    let mut text = text.to_owned();
    if let Some((callback, _)) = login_driver::redirect(authorize) {
        let encoded: String = url::form_urlencoded::byte_serialize(callback.as_str().as_bytes()).collect();
        text = text.replace(&encoded, "{CALLBACK}").replace(callback.as_str(), "{CALLBACK}");
    }
    for (before, length) in [("code_verifier=", 43), ("code_challenge=", 43), ("state=", 64)] {
        if let Some(start) = text.find(before).map(|at| at + before.len()) {
            let value = text[start..].split(['&', '#']).next().unwrap_or_default();
            let long = value.replace("%3D", "=").len();
            if long == length {
                text.replace_range(start..start + value.len(), "{RANDOM}");
            }
        }
    }
    text.replace(&format!(":{port}"), ":{PORT}").replace(&format!("%3A{port}"), "%3A{PORT}")
}

fn differences(theirs: &Seen, ours: &Seen) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let mut check = |what, theirs: &str, ours: &str| {
        if theirs != ours {
            found.push((what, theirs.to_owned(), ours.to_owned()));
        }
    };
    check("outcome", &theirs.outcome, &ours.outcome);
    check("refresh", &theirs.refresh, &ours.refresh);
    check("stage", &theirs.stage, &ours.stage);
    check("hub_status", &theirs.hub_status, &ours.hub_status);
    check("exit code", &format!("{:?}", theirs.exit), &format!("{:?}", ours.exit));
    if theirs.outcome == ours.outcome {
        check("user", &format!("{:?}", theirs.user), &format!("{:?}", ours.user));
        check("auth_state", &format!("{:?}", theirs.auth_state), &format!("{:?}", ours.auth_state));
    }
    check("authorize", &theirs.authorize, &ours.authorize);
    check("requests", &theirs.requests.join("\n           "), &ours.requests.join("\n           "));
    found
}

pub fn conclude(results: Vec<Compared>) {
    if results.is_empty() {
        return;
    }
    let mut summary: BTreeMap<&str, usize> = BTreeMap::new();
    for result in &results {
        *summary.entry(&result.upstream).or_default() += 1;
    }
    let bad: Vec<&Compared> = results.iter().filter(|result| result.disagreement.is_some()).collect();
    let file = support::root("target/login-disagreements.txt");
    let _ = fs::remove_file(&file);
    let line = format!("{} cases, {} disagreements; upstream: {summary:?}", results.len(), bad.len());
    eprintln!("{line}");
    if bad.is_empty() {
        return;
    }
    let all: Vec<&str> = bad.iter().filter_map(|result| result.disagreement.as_deref()).collect();
    fs::write(&file, all.join("\n")).unwrap();
    let names: Vec<&str> = bad.iter().map(|result| result.name.as_str()).collect();
    panic!("{}\n{line}\n{}\nall of them: {}", clip(&all.join("\n"), 12_000), names.join("\n"), file.display());
}
