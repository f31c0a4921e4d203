//! `settings::resolve` against upstream: generated configurations, environments and classes, right and wrong.
//!
//! The worker makes a real `JupyterHub` and its authenticator of each; both sides must agree on every option's value,
//! on whether the hub starts and on what it raises and logs. One worker runs per environment at import.

pub mod cases;
mod tables;
mod tree;
mod worker;

use oauthctl::settings::{self, Resolution};
use serde_json::{Value as Json, json};

use cases::{Dice, generate};
use tree::{load, without_mutations};
use worker::{Worker, encode, question};

const CASES_PER_ENVIRONMENT: u64 = 150;

/// Variables that upstream reads when it is imported.
const AT_IMPORT: [&[(&str, &str)]; 3] = [
    &[],
    &[
        ("OAUTH_CALLBACK_URL", "https://hub.example/hub/oauth_callback"),
        ("OAUTH2_USERNAME_KEY", "sub"),
        ("OAUTH2_BASIC_AUTH", "TRUE"),
        ("OAUTH2_GROUPS_KEY", "roles"),
        ("CILOGON_HOST", "test.cilogon.org"),
        ("GITHUB_HOST", "github.example"),
        ("GITHUB_HTTP", "1"),
        ("OAUTH_TLS_VERIFY", "0"),
        ("OAUTH2_USERDATA_URL", "https://idp.example/userinfo"),
        ("HOSTED_DOMAIN", "One.example;;two.example"),
    ],
    &[
        ("OAUTH_CALLBACK_URL", ""),
        ("OAUTH2_USERDATA_REQUEST_TYPE", "url"),
        ("OAUTH2_BASIC_AUTH", "yes"),
        ("CILOGON_HOST", ""),
        ("OPENSHIFT_URL", "https://api.cluster.example"),
        ("MW_INDEX_URL", "https://wiki.example/index.php"),
        ("GITLAB_HOST", "gitlab.example"),
        ("OAUTH_CLIENT_ID", "general"),
        ("AUTH0_SUBDOMAIN", "tenant"),
        ("GITHUB_URL", "github.corp/"),
    ],
];

/// Addresses of objects, and the notes that Python's `re` and ours word differently.
fn comparable(exception: &str, message: &str) -> String {
    let mut message = message.to_owned();
    while let Some(at) = message.find("0x") {
        let end =
            message[at + 2..].find(|c: char| !c.is_ascii_hexdigit() && c != '…').map_or(message.len(), |n| at + 2 + n);
        message.replace_range(at..end, "<address>");
    }
    match exception {
        "error" => "re.compile refuses the pattern".into(),
        "TypeError" if message.starts_with("sequence item") => "sequence item".into(),
        _ => message,
    }
}

fn disagreements(ours: &Resolution, hub: &settings::HubOptions, upstream: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let exception = upstream["exception"].as_str();
    if upstream["message"].as_str().is_some_and(|message| message.starts_with("dictionary update sequence")) {
        // `.add` on a dictionary that stands in a lower section: `Lazy::apply` keeps the dictionary, and says so.
        return found;
    }
    match (&ours.fatal, exception) {
        (None, None) => {}
        (Some(fatal), Some(exception)) => {
            let ours = (fatal.exception, comparable(fatal.exception, &fatal.message));
            let theirs = (exception, comparable(exception, upstream["message"].as_str().unwrap_or_default()));
            if ours != theirs {
                found.push(format!("exception\n    ours   {ours:?}\n    theirs {theirs:?}"));
            }
        }
        (ours, theirs) => found.push(format!("fatal\n    ours   {ours:?}\n    theirs {theirs:?} {upstream}")),
    }
    if hub.fatal.is_none() && hub.class.is_ok() {
        let ours: Vec<&str> = ours.log.iter().map(|line| line.message.as_str()).collect();
        let theirs: Vec<&str> = upstream["log"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        if ours != theirs {
            found.push(format!("log\n    ours   {ours:?}\n    theirs {theirs:?}"));
        }
    }
    if exception.is_some() {
        return found;
    }
    for (name, value) in [("base_url", &hub.base_url), ("admin_users", &hub.admin_users)] {
        if encode(value) != upstream[name] {
            found.push(format!("JupyterHub.{name}\n    ours   {}\n    theirs {}", encode(value), upstream[name]));
        }
    }
    let Some(settings) = &ours.settings else {
        found.push("no settings".into());
        return found;
    };
    if upstream["class"] != json!(settings.class().name) {
        found.push(format!("class\n    ours   {}\n    theirs {}", settings.class().name, upstream["class"]));
    }
    for (name, theirs) in upstream["values"].as_object().into_iter().flatten() {
        let Some(setting) = settings.get(name) else {
            found.push(format!("{name} is missing"));
            continue;
        };
        let ours = match &setting.raises {
            Some(fatal) => json!({"exception": fatal.exception, "message": fatal.message}),
            None => encode(&setting.value),
        };
        let asks_the_cluster = theirs["exception"].is_string() && ours.get("unknown").is_some();
        let is_wrapped =
            name == "auth_state_groups_key" && ours.get("callable").is_some() && theirs["callable"] == "<lambda>";
        // Upstream's validator of idps changes the dictionaries that allowed_idps shares with it.
        let is_shared = name == "allowed_idps";
        if ours != *theirs && !asks_the_cluster && !is_wrapped && !is_shared {
            found.push(format!("{name}\n    ours   {ours}\n    theirs {theirs}"));
        }
    }
    found
}

#[test]
fn settings_are_those_of_upstream() {
    let tallies: Vec<Option<Tally>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..AT_IMPORT.len()).map(|index| scope.spawn(move || compare_in(index))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let Some(tallies) = tallies.into_iter().collect::<Option<Vec<Tally>>>() else { return };
    let problems: Vec<&str> = tallies.iter().flat_map(|tally| &tally.problems).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} disagreements\n{}", problems.len(), problems[..problems.len().min(12)].join("\n"));
    // Both kinds must be there in numbers, or the comparison says little.
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let (fatal, fine) = (sum(|tally| tally.fatal), sum(|tally| tally.fine));
    assert!(fatal > fine / 10 && fine > fatal, "{fatal} fatal, {fine} fine");
}

#[derive(Default)]
struct Tally {
    fatal: u64,
    fine: u64,
    problems: Vec<String>,
}

fn compare_in(environment: usize) -> Option<Tally> {
    let at_import = AT_IMPORT[environment];
    let mut worker = Worker::start(at_import)?;
    let mut tally = Tally::default();
    for number in 0..cases() {
        let mut case = generate(&mut Dice(number * 3 + environment as u64));
        without_mutations(&mut case);
        let question = question(&case);
        let answer = worker.ask(&question);
        let loaded = load(&case, at_import);
        let ours = settings::resolve(&loaded);
        let found = disagreements(&ours, &settings::jupyterhub_options(&loaded), &answer);
        match answer["exception"].is_string() {
            true => tally.fatal += 1,
            false => tally.fine += 1,
        }
        if !found.is_empty() {
            let found = found.join("\n  ");
            tally.problems.push(format!("environment {environment}, case {number}: {question}\n  {found}"));
        }
    }
    Some(tally)
}

/// How many cases to try in each environment; more by `OAUTHCTL_TEST_CASES`.
fn cases() -> u64 {
    std::env::var("OAUTHCTL_TEST_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(CASES_PER_ENVIRONMENT)
}
