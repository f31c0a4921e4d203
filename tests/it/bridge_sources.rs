//! `--python` with configurations that are no Python file: a chart's values, TLJH's `config.yaml`; and what `show` and
//! `logout` make of code.

use std::fs;
use std::path::PathBuf;

use oauthctl::value::Value;

use crate::bridge::{document, field, run};
use crate::support;

/// Values whose Python needs everything that the chart gives it.
const VALUES: &str = "\
jupyterhub:
  hub:
    baseUrl: /x/
    config:
      JupyterHub:
        authenticator_class: generic-oauth
      GenericOAuthenticator:
        client_id: cid
        client_secret: ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]
        authorize_url: http://127.0.0.1:9/authorize
        token_url: http://127.0.0.1:9/token
        userdata_url: http://127.0.0.1:9/userinfo
        username_claim: name
        allow_all: true
        scope: [openid]
    extraFiles:
      lower:
        mountPath: /usr/local/etc/jupyterhub/lowering.py
        stringData: |
          def lower(text):
              return text.lower()
      text:
        mountPath: /srv/words/one.txt
        stringData: word
      first:
        mountPath: /usr/local/etc/jupyterhub/jupyterhub_config.d/first.py
        stringData: |
          marker = open('/srv/words/one.txt').read()
    extraConfig:
      20-second: |
        from lowering import lower
        c.JupyterHub.authenticator_class = Mine
        c.KubeSpawner.environment['WORD'] = marker
        assert marker == 'word'
      10-first: |
        from z2jh import get_config as asked
        assert asked('hub.baseUrl') == get_config('hub.baseUrl') == '/x/'
        assert get_config('hub.nope', 3) == 3
        from oauthenticator.generic import GenericOAuthenticator
        class Mine(GenericOAuthenticator):
            async def update_auth_model(self, auth_model):
                auth_model['name'] = lower(auth_model['name'])
                if auth_model['name'] == 'bob':
                    raise KeyError('bob')
                return auth_model
        c.Mine.scope.append('email')
";

const TLJH: &str = "\
users:
  admin: [alice]
auth:
  type: generic-oauth
  GenericOAuthenticator:
    client_id: cid
    client_secret: not-told
    authorize_url: http://127.0.0.1:9/authorize
    token_url: http://127.0.0.1:9/token
    userdata_url: http://127.0.0.1:9/userinfo
    username_claim: name
";

struct Try {
    folder: PathBuf,
    python: String,
}

impl Try {
    fn new(name: &str, file: &str, text: &str) -> Option<Try> {
        let python = support::upstream_python()?;
        let folder = support::scratch(name);
        fs::write(folder.join(file), text).unwrap();
        for name in ["Alice", "Bob"] {
            fs::write(folder.join(name), format!("{{\"name\": \"{name}\"}}")).unwrap();
        }
        Some(Try { folder, python: format!("--python={}", python.display()) })
    }

    fn of(&self, arguments: &[&str]) -> Value {
        let timeout = if arguments[0] == "login" { "30" } else { "60" };
        document(&run(
            &self.folder,
            &[arguments, &["--format", "json", "--timeout", timeout, &self.python]].concat(),
            &[],
        ))
    }

    fn resolve(&self, who: &str) -> Value {
        self.of(&["resolve", "--userdata", who])
    }

    fn setting(&self, option: &str) -> Value {
        let shown = self.of(&["show"]);
        let Some(Value::List(settings)) = shown.get("settings") else { panic!("{shown:?}") };
        settings.iter().find(|setting| field(setting, "option") == option).unwrap().clone()
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_charts_values_run_as_in_the_chart() {
    let Some(chart) = Try::new("bridge-values", "values.yaml", VALUES) else { return };
    let alice = chart.resolve("Alice");
    assert_eq!((field(&alice, "outcome"), field(&alice, "user.name")), ("allowed".into(), "alice".into()), "{alice:?}");
    assert_eq!(field(&alice, "authenticator"), "Mine");
    // The line is that of the values file, and the column, too.
    let bob = chart.resolve("Bob");
    assert_eq!(field(&bob, "failure.code"), "custom-code-raises");
    let place = ["file", "line", "column"].map(|part| field(&bob, &format!("failure.source.{part}")));
    assert_eq!(place, ["values.yaml", "44", "21"]);
    // An encrypted secret is not an empty one.
    let login = chart.of(&["login", "--no-browser"]);
    assert_eq!(field(&login, "failure.code"), "unknown-value");
    assert_eq!(field(&login, "failure.source.line"), "9");
    assert_eq!(field(&chart.setting("scope"), "value"), "['openid', 'email']");
}

#[test]
fn values_that_the_chart_refuses_are_told_without_python() {
    let Some(chart) = Try::new("bridge-refused", "values.yaml", "hub: {config: {GenericOAuthenticator: 7}}\n") else {
        return;
    };
    assert_eq!(field(&chart.resolve("Alice"), "failure.code"), "section-not-mapping");
}

#[test]
fn a_variable_from_a_secret_is_named() {
    let secret = "hub: {extraEnv: {CID: {valueFrom: {secretKeyRef: {name: a, key: b}}}}, extraConfig: {a: \"import os; os.environ['CID']\"}}\n";
    let Some(chart) = Try::new("bridge-variable", "values.yaml", secret) else { return };
    let told = chart.resolve("Alice");
    assert_eq!(field(&told, "failure.code"), "config-raises");
    let warnings = told.get("warnings").unwrap().repr();
    assert!(warnings.contains("--env-file") && warnings.contains("CID"), "{warnings}");
}

#[test]
fn tljh_runs_its_folder_of_python_files() {
    let Some(tljh) = Try::new("bridge-tljh", "config.yaml", TLJH) else { return };
    let first = tljh.resolve("Alice");
    assert_eq!((field(&first, "outcome"), field(&first, "user.admin")), ("allowed".into(), "True".into()), "{first:?}");
    assert_eq!(field(&tljh.resolve("Bob"), "outcome"), "denied");
    let folder = tljh.folder.join("jupyterhub_config.d");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.py"), "c.GenericOAuthenticator.username_claim = lambda user: user['name'] * 2\n").unwrap();
    fs::write(folder.join("b.py"), "c.GenericOAuthenticator.allow_all = 1 + 1 == 2\n").unwrap();
    let second = tljh.resolve("Bob");
    assert_eq!((field(&second, "outcome"), field(&second, "user.name")), ("allowed".into(), "bobbob".into()));
    assert_eq!(field(&tljh.setting("allow_all"), "origin.file"), "jupyterhub_config.d/b.py");
}

#[test]
fn a_plugin_of_tljh_has_the_last_word_where_it_is_installed() {
    let Some(tljh) = Try::new("bridge-plugin", "config.yaml", TLJH) else { return };
    let package = tljh.folder.join("site/tljh");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("__init__.py"), "").unwrap();
    let plugin = "class hook:\n    def tljh_custom_jupyterhub_config(c):\n        c.GenericOAuthenticator.allow_all = True\n\
                  class manager:\n    hook = hook\ndef get_plugin_manager():\n    return manager\n";
    fs::write(package.join("utils.py"), plugin).unwrap();
    let site = tljh.folder.join("site").display().to_string();
    let arguments = ["resolve", "--userdata", "Bob", "--format", "json", "--timeout", "60", &tljh.python];
    let told = document(&run(&tljh.folder, &arguments, &[("PYTHONPATH", &site)]));
    assert_eq!(field(&told, "outcome"), "allowed");
}

/// Settings made in ways that reading does not follow.
const ROUNDABOUT: &str = "\
from oauthenticator.generic import GenericOAuthenticator
c.JupyterHub.authenticator_class = GenericOAuthenticator
for name in dir(object())[:1]:
    setattr(c.GenericOAuthenticator, ''.join(reversed('di_tneilc')), name)
exec(\"\"\"
c.GenericOAuthenticator.token_url = 'http://127.0.0.1:9/token'
\"\"\")
vars()['c']['Generic' + 'OAuthenticator'].update({k + '_url': 'http://127.0.0.1:9/a' for k in {'authorize': 1}})
getattr(c, 'OAuthenti' + 'cator').scope.append('x')
GenericOAuthenticator.login_service.default_value = 'Ours'
";

#[test]
fn show_names_the_line_that_ran_or_none() {
    let Some(code) = Try::new("bridge-places", "jupyterhub_config.py", ROUNDABOUT) else { return };
    let shown = code.of(&["show"]);
    let Some(Value::List(settings)) = shown.get("settings") else { panic!("{shown:?}") };
    let line = |option: &str| {
        let setting = settings.iter().find(|setting| field(setting, "option") == option).unwrap();
        field(setting, "origin.line")
    };
    assert_eq!(["client_id", "token_url", "authorize_url", "scope"].map(line), ["4", "5", "8", "9"]);
    // Nobody knows where this one was set: better no line than a wrong one.
    assert!(!settings.iter().any(|setting| field(setting, "origin.line") == "1"));
}

const LOGOUT: &str = "\
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthLogoutHandler
from tornado.httpclient import AsyncHTTPClient

class Bye(OAuthLogoutHandler):
    async def handle_logout(self):
        await super().handle_logout()
        user = await self.get_current_user()
        state = await user.get_auth_state()
        self.seen = (state or {}).get('where', 'nobody')

    async def render_logout_page(self):
        self.redirect('https://idp.example.org/logout?hint=' + self.seen)

class Mine(GenericOAuthenticator):
    logout_handler = Bye

c.JupyterHub.authenticator_class = Mine
c.Mine.client_id = 'cid'
";

#[test]
fn a_logout_runs_the_classes_own_handler() {
    let Some(hub) = Try::new("bridge-logout", "jupyterhub_config.py", LOGOUT) else { return };
    fs::write(hub.folder.join("state.json"), r#"{"access_token": "x", "where": "there"}"#).unwrap();
    let with = hub.of(&["logout", "--auth-state", "state.json"]);
    assert_eq!(field(&with, "redirect"), "https://idp.example.org/logout?hint=there", "{with:?}");
    assert_eq!(field(&hub.of(&["logout"]), "redirect"), "https://idp.example.org/logout?hint=nobody");
    // Without Python it is told which piece is in the way.
    let output = run(&hub.folder, &["logout", "--format", "json"], &[]);
    let told = document(&output);
    assert_eq!((field(&told, "failure.code").as_str(), output.status.code()), ("needs-python", Some(3)), "{told:?}");
    // Upstream's own handler: where it is set to lead, or to the hub's login page.
    let plain = LOGOUT.replace("    logout_handler = Bye\n", "    pass\n");
    fs::write(hub.folder.join("jupyterhub_config.py"), &plain).unwrap();
    let told = hub.of(&["logout"]);
    assert_eq!((field(&told, "redirect"), field(&told, "hub_page")), ("None".into(), "/hub/login".into()));
    let more = "c.Mine.auto_login = True\n";
    fs::write(hub.folder.join("jupyterhub_config.py"), plain.clone() + more).unwrap();
    assert_eq!(field(&hub.of(&["logout"]), "hub_page"), "/hub/logout");
    let more = "c.Mine.logout_redirect_url = 'https://a.example/'\n";
    fs::write(hub.folder.join("jupyterhub_config.py"), plain + more).unwrap();
    assert_eq!(field(&hub.of(&["logout"]), "redirect"), "https://a.example/");
}

#[test]
fn a_logout_that_raises_is_told_at_its_line() {
    let broken = LOGOUT.replace("(state or {}).get('where', 'nobody')", "state['where']");
    let Some(hub) = Try::new("bridge-logout-raises", "jupyterhub_config.py", &broken) else { return };
    let told = hub.of(&["logout"]);
    assert_eq!(
        (field(&told, "failure.code"), field(&told, "failure.source.line")),
        ("custom-code-raises".into(), "10".into()),
        "{told:?}"
    );
}
