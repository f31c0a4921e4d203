//! What a configuration prints, logs or raises with a secret in it is masked in every format, wherever the secret comes
//! from: the file, code, the environment, a token that came.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support;

const SECRET: &str = "Potoroo-47-x";
const VARIABLE: &str = "Bandicoot-61-y";
const TOKEN: &str = "bettong-83-z";

/// A class that does this while it is loaded, and this when it decides.
fn config(loading: &str, deciding: &str) -> String {
    format!(
        "import logging, os, sys\n\
         from oauthenticator.generic import GenericOAuthenticator\n\
         from tornado import web\n\
         class Mine(GenericOAuthenticator):\n    \
             async def update_auth_model(self, auth_model):\n        \
                 token = auth_model['auth_state']['access_token']\n        \
                 {deciding}\n        \
                 return auth_model\n\
         c.JupyterHub.authenticator_class = Mine\n\
         secret = '-'.join(['Potoroo', '47', 'x'])\n\
         setattr(c.Mine, 'client_' + 'secret', secret)\n\
         c.Mine.userdata_url = c.Mine.token_url = 'http://127.0.0.1:9/'\n\
         c.Mine.username_claim = 'name'\n\
         c.Mine.allow_all = True\n\
         {loading}\n"
    )
}

fn run(folder: &Path, python: &str, format: &[&str]) -> Output {
    let mut command = support::oauthctl();
    command.current_dir(folder).args(["resolve", "--userdata", "user.json", "--token-response", "token.json"]);
    command.args(["--timeout", "60", python]).args(format).env("MY_CLIENT_SECRET", VARIABLE);
    command.output().unwrap()
}

/// Runs it in one format; what is printed must hold none of the secrets, and still say what happened.
fn masked(number: usize, config: &str, words: &str) {
    let Some(python) = support::upstream_python() else { return };
    let python = format!("--python={}", python.display());
    let folder = support::scratch(&format!("bridge-secrets-{number}"));
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    fs::write(folder.join("user.json"), r#"{"name": "alice"}"#).unwrap();
    fs::write(folder.join("token.json"), format!("{{\"access_token\": \"{TOKEN}\", \"token_type\": \"b\"}}")).unwrap();
    // Each costs a start of Python: the formats take turns.
    let formats: [&[&str]; 2] = [&["--format", "json"], &["-v"]];
    for format in formats.into_iter().cycle().skip(number).take(if number == 0 { 2 } else { 1 }) {
        let output = run(&folder, &python, format);
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        for secret in [SECRET, VARIABLE, TOKEN] {
            // So much of it in a row gives it away.
            for piece in [&secret[..8], &secret[secret.len() - 8..]] {
                assert!(!printed.contains(piece), "{config}\n{format:?} shows {piece}:\n{printed}");
            }
        }
        assert!(printed.contains(words), "{config}\n{format:?} does not say {words}:\n{printed}");
    }
    if number == 0 {
        let output = run(&folder, &python, &["--show-secrets", "-v"]);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(SECRET) && printed.contains(TOKEN), "{printed}");
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn what_is_printed() {
    let printing = "print('seen', secret, os.environ['MY_CLIENT_SECRET'])";
    masked(0, &config(printing, "print('told', token, self.client_secret)"), "seen ********");
    masked(1, &config("sys.stderr.write(repr(c))", "os.write(1, token.encode())"), "********");
}

#[test]
fn what_is_raised() {
    masked(2, &config("raise ValueError('refused: ' + secret)", "pass"), "refused: ********");
    masked(3, &config("sys.exit('ends: ' + os.environ['MY_CLIENT_SECRET'])", "pass"), "ends: ********");
    masked(4, &config("", "raise KeyError(token)"), "KeyError");
    masked(5, &config("", "raise web.HTTPError(403, 'not with ' + self.client_secret)"), "not with ********");
    masked(6, &config("c.Mine.scope = 7, secret", "pass"), "scope");
    masked(7, &config(&format!("raise ValueError('{SECRET}')"), "pass"), "ValueError");
}

#[test]
fn what_is_logged_and_returned() {
    masked(8, &config("", "self.log.warning('logged %s', token)"), "logged ********");
    masked(9, &config("logging.getLogger('mine').error('logged ' + secret)", "pass"), "logged ********");
    masked(10, &config("", "auth_model['name'] = 'user-' + token"), "user-");
    masked(11, &config("", "auth_model['auth_state']['note'] = 'had ' + self.client_secret"), "had ");
}
