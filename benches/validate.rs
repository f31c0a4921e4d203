//! How fast `validate-config` is: a fleet of 1,000 hubs, and its CPU time a hub against the time that upstream takes to
//! load one configuration, both in one run. `cargo bench --bench validate`.
//!
//! Upstream's part needs a Python with oauthenticator in it (`OAUTHCTL_TEST_VENV`, else `target/upstream-venv`); without
//! one only our own part is shown.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// As many as the fleet has.
const HUBS: usize = 1000;

/// Lines that have nothing to do with a login, so that files are of the size of real ones (about 200 lines).
fn filler(out: &mut String) {
    out.push_str("singleuser:\n  profileList:\n");
    for profile in 0..24 {
        let _ = write!(
            out,
            "    - display_name: Size {profile}\n      description: a server of size {profile}\n      kubespawner_override:\n        mem_limit: {profile}G\n        cpu_limit: {profile}\n        image: example.org/image:{profile}\n"
        );
    }
}

fn values(number: usize) -> String {
    let mut out = format!(
        "hub:\n  config:\n    JupyterHub:\n      authenticator_class: generic-oauth\n    GenericOAuthenticator:\n      client_id: hub-{number}\n      oauth_callback_url: https://hub-{number}.example.org/hub/oauth_callback\n      authorize_url: https://login.example.org/authorize\n      token_url: https://login.example.org/token\n      userdata_url: https://login.example.org/me\n      username_key: email\n      scope: [openid, email]\n      admin_users: [ann, bob]\n      allowed_users: [carl]\n  extraConfig:\n    more: |\n      import os\n      c.JupyterHub.admin_access = False\n      c.Authenticator.enable_auth_state = True\n"
    );
    filler(&mut out);
    out
}

/// CPU time of ended children, in clock ticks of /proc; `None` elsewhere.
fn children_cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Wall and CPU time of a command.
fn time(command: &mut Command) -> Option<(Duration, Option<Duration>)> {
    let before = children_cpu();
    let start = Instant::now();
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let wall = start.elapsed();
    let cpu = before.and_then(|before| children_cpu().map(|after| after.saturating_sub(before)));
    Some((wall, cpu))
}

fn upstream() -> Option<PathBuf> {
    let venv = std::env::var_os("OAUTHCTL_TEST_VENV").map(PathBuf::from);
    let venv = venv.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/upstream-venv"));
    Some(venv.join("bin/python")).filter(|python| python.exists())
}

/// What a hub does until it has its authenticator: the imports, the file, the class.
const LOAD: &str = "
import sys
from jupyterhub.app import JupyterHub
app = JupyterHub()
app.load_config_file(sys.argv[1])
app.authenticator_class(parent=app)
";

fn main() {
    let folder = std::env::temp_dir().join(format!("oauthctl-bench-{}", std::process::id()));
    let fleet = folder.join("fleet");
    let made = std::fs::create_dir_all(&fleet).is_ok()
        && (0..HUBS).all(|number| std::fs::write(fleet.join(format!("hub-{number}.yaml")), values(number)).is_ok());
    if !made {
        return say("no room for the fleet");
    }
    let program = env!("CARGO_BIN_EXE_oauthctl");
    let run = || time(Command::new(program).arg("validate-config").arg(&fleet).args(["--format", "json"]));
    let ours = (0..3).filter_map(|_| run()).min_by_key(|(wall, _)| *wall);
    let Some((wall, cpu)) = ours else { return say("oauthctl did not run") };
    let each = cpu.unwrap_or(wall) / u32::try_from(HUBS).unwrap_or(1);
    say(&format!("{HUBS} hubs: {wall:.2?}, {each:.2?} of CPU a hub"));

    let config = folder.join("jupyterhub_config.py");
    let python = "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.client_id = 'hub'\nc.GenericOAuthenticator.allow_all = True\n";
    let _ = std::fs::write(&config, python);
    match upstream() {
        Some(interpreter) => {
            let run = || time(Command::new(&interpreter).args(["-c", LOAD]).arg(&config));
            if let Some((wall, cpu)) = (0..5).filter_map(|_| run()).min_by_key(|(wall, cpu)| cpu.unwrap_or(*wall)) {
                let theirs = cpu.unwrap_or(wall);
                let ratio = theirs.as_secs_f64() / each.as_secs_f64();
                say(&format!("upstream loads one in {theirs:.2?} of CPU: {ratio:.0} times as much"));
            }
        }
        None => say("upstream is not here: set OAUTHCTL_TEST_VENV to compare with it"),
    }
    let _ = std::fs::remove_dir_all(&folder);
}

#[allow(clippy::print_stdout, reason = "a benchmark prints its result")]
fn say(line: &str) {
    println!("{line}");
}
