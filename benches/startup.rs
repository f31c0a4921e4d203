//! How long the program takes to start: `--version` beside a program that does nothing, and `show` of a real-looking
//! configuration. `cargo bench --bench startup` prints medians; nothing here passes or fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of each, taken in turns, so that whatever else the machine does falls on all alike.
const ROUNDS: usize = 200;

const CONFIG: &str = "\
import os
from oauthenticator.generic import GenericOAuthenticator

c = get_config()  # noqa
issuer = os.environ.get('ISSUER', 'https://idp.example.org/realms/hub')
c.JupyterHub.authenticator_class = GenericOAuthenticator
c.JupyterHub.bind_url = 'http://:8000'
c.GenericOAuthenticator.login_service = 'Keycloak'
c.GenericOAuthenticator.client_id = os.environ['OAUTH_CLIENT_ID']
c.GenericOAuthenticator.client_secret = os.environ['OAUTH_CLIENT_SECRET']
c.GenericOAuthenticator.oauth_callback_url = 'https://hub.example.org/hub/oauth_callback'
c.GenericOAuthenticator.authorize_url = f'{issuer}/protocol/openid-connect/auth'
c.GenericOAuthenticator.token_url = f'{issuer}/protocol/openid-connect/token'
c.GenericOAuthenticator.userdata_url = f'{issuer}/protocol/openid-connect/userinfo'
c.GenericOAuthenticator.username_claim = lambda user: user['preferred_username'].lower()
c.GenericOAuthenticator.scope = ['openid', 'profile', 'email', 'groups']
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.auth_state_groups_key = 'oauth_user.groups'
c.GenericOAuthenticator.allowed_groups = {'staff', 'students'}
c.GenericOAuthenticator.admin_groups = {'hub-admins'}
c.Authenticator.admin_users = {name for name in ['ann', 'bob']}
c.Authenticator.enable_auth_state = True
if os.environ.get('DEBUG'):
    c.Application.log_level = 'DEBUG'
";

fn main() {
    let oauthctl = Path::new(env!("CARGO_BIN_EXE_oauthctl"));
    let config = write_config();
    let config = config.to_string_lossy();
    let nothing = ["/bin/true", "/usr/bin/true"].map(Path::new).into_iter().find(|path| path.exists());
    let mut runs: Vec<(&str, &Path, Vec<&str>, Vec<Duration>)> = vec![
        ("oauthctl --version", oauthctl, vec!["--version"], Vec::new()),
        ("oauthctl show FILE", oauthctl, vec!["show", &config], Vec::new()),
        ("oauthctl validate-config FILE", oauthctl, vec!["validate-config", &config], Vec::new()),
    ];
    runs.extend(nothing.map(|nothing| ("an empty program", nothing, Vec::new(), Vec::new())));
    for _ in 0..ROUNDS {
        for (_, program, arguments, times) in &mut runs {
            times.push(time(program, arguments));
        }
    }
    let empty = nothing.and_then(|_| runs.last()).map(|(.., times)| median(times));
    for (name, _, _, times) in &runs {
        let median = median(times);
        print!("{name:<32} median {:>7.2} ms", milliseconds(median));
        match empty {
            Some(empty) if !empty.is_zero() => println!(
                "   {:+.2} ms, {:.1} times an empty program",
                milliseconds(median) - milliseconds(empty),
                median.as_secs_f64() / empty.as_secs_f64()
            ),
            _ => println!(),
        }
    }
}

fn write_config() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("startup_config.py");
    std::fs::write(&path, CONFIG).expect("the target folder can be written to");
    path
}

fn time(program: &Path, arguments: &[&str]) -> Duration {
    let mut command = Command::new(program);
    command.args(arguments).env("OAUTH_CLIENT_ID", "hub").env("OAUTH_CLIENT_SECRET", "hidden-in-plain-sight");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status();
    let elapsed = start.elapsed();
    // `validate-config` may well object; what matters is that it ran.
    assert!(status.is_ok_and(|status| status.code().is_some()), "{} does not run", program.display());
    elapsed
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
