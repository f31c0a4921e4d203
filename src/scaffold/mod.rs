//! A custom authenticator to start from: the class, a configuration that runs it, and a test against the embedded
//! provider.

pub mod methods;

use std::fmt::Write as _;

use crate::value::{Set, Value};
use crate::write::{Code, Document, Form, Setting, Term, write};
use methods::{LOGIN_HANDLER, METHODS, Method};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The class's name.
    pub class: String,
    /// What the login button calls the provider.
    pub service: String,
    /// The provider's addresses.
    pub urls: Urls,
    /// The methods to override.
    pub overrides: Vec<String>,
    /// Whether there is a `Local…` variant.
    pub local: bool,
}

/// The provider's addresses; empty where they are left to the configuration.
#[derive(Clone, Debug, Default)]
pub struct Urls {
    /// Where the browser is sent.
    pub authorize: String,
    /// Where the code is exchanged.
    pub token: String,
    /// Who it is.
    pub userdata: String,
    /// Where a logout leads.
    pub logout: String,
}

/// The files, each with its name.
pub fn files(plan: &Plan) -> [(String, String); 3] {
    let module = module(&plan.class);
    [
        (format!("{module}.py"), class(plan)),
        ("jupyterhub_config.py".to_owned(), config(plan, &module)),
        (format!("test_{module}.py"), test(plan, &module)),
    ]
}

/// `MyOAuthenticator` lives in `my_oauthenticator`.
fn module(class: &str) -> String {
    let mut out = String::new();
    let mut before = 'A';
    for c in class.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = c;
    }
    out
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn class(plan: &Plan) -> String {
    let name = &plan.class;
    let handler = plan.overrides.iter().any(|method| method == LOGIN_HANDLER);
    let mut out = format!("\"\"\"Logs users of {} in to JupyterHub.\"\"\"\n\n", plan.service.replace(['"', '\\'], ""));
    if plan.local {
        out += "from jupyterhub.auth import LocalAuthenticator\n";
    }
    let handlers = if handler { "OAuthLoginHandler, " } else { "" };
    let _ =
        writeln!(out, "from oauthenticator.oauth2 import {handlers}OAuthenticator\nfrom traitlets import default\n\n");
    if handler {
        out += &login_handler(name);
    }
    let _ = writeln!(out, "class {name}(OAuthenticator):");
    let _ = writeln!(out, "    # The userdata stand in auth_state under this key.");
    let _ = writeln!(
        out,
        "    user_auth_state_key = {}",
        text(&format!("{}_user", module(&plan.service.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))))
    );
    if handler {
        let _ = writeln!(out, "    login_handler = {name}LoginHandler");
    }
    out += "\n    # Defaults, so that the configuration can still set each of them.\n";
    let urls = &plan.urls;
    let options = [
        ("login_service", text(&plan.service)),
        ("authorize_url", text(&urls.authorize)),
        ("token_url", text(&urls.token)),
        ("userdata_url", text(&urls.userdata)),
        ("logout_redirect_url", text(&urls.logout)),
        ("username_claim", text("preferred_username")),
        ("scope", "[\"openid\", \"profile\", \"email\"]".to_owned()),
    ];
    for (option, value) in options.iter().filter(|(_, value)| value != "\"\"") {
        let _ = writeln!(out, "\n    @default(\"{option}\")\n    def _{option}_default(self):\n        return {value}");
    }
    for method in METHODS.iter().filter(|method| plan.overrides.iter().any(|name| name == method.name)) {
        out += &overridden(method);
    }
    if plan.local {
        let _ = writeln!(out, "\n\nclass Local{name}(LocalAuthenticator, {name}):");
        out += "    \"\"\"The same for users of the hub's own machine, which it can also make.\"\"\"\n";
    }
    out
}

fn login_handler(name: &str) -> String {
    format!(
        "class {name}LoginHandler(OAuthLoginHandler):\n    def authorize_redirect(self, **kwargs):\n        \
         \"\"\"Sends the browser to authorize_url; `extra_params` become parameters of the address.\"\"\"\n        \
         kwargs[\"extra_params\"] = {{**kwargs[\"extra_params\"]}}\n        \
         return super().authorize_redirect(**kwargs)\n\n\n"
    )
}

fn overridden(method: &Method) -> String {
    let mut out =
        format!("\n    {}def {}{}:\n", if method.is_async { "async " } else { "" }, method.name, method.signature);
    let _ = writeln!(out, "        \"\"\"{}", method.contract.join("\n        "));
    out += "        \"\"\"\n";
    for line in method.body {
        let _ = writeln!(out, "        {line}");
    }
    out
}

fn running(plan: &Plan) -> String {
    if plan.local { format!("Local{}", plan.class) } else { plan.class.clone() }
}

fn config(plan: &Plan, module: &str) -> String {
    let (name, running) = (&plan.class, running(plan));
    // Imported below the line that says where it lies.
    let import = format!("from {module} import {running}");
    let class = Term::Code(Code { text: running, imports: Vec::new(), needs: vec![import] });
    let callback = Term::Env { name: "OAUTH_CALLBACK_URL".into(), default: Some(Value::str("")) };
    let mut settings = vec![
        Setting::new("JupyterHub", "authenticator_class", class),
        Setting::new(name, "oauth_callback_url", callback)
            .with_comment("The client's id and secret come from OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET,")
            .with_comment("the hub's own address at the provider from here."),
    ];
    let urls = &plan.urls;
    for (option, url) in
        [("authorize_url", &urls.authorize), ("token_url", &urls.token), ("userdata_url", &urls.userdata)]
    {
        if url.is_empty() {
            let url = format!("https://provider.example/{}", option.replace("_url", ""));
            settings.push(Setting::new(name, option, Value::str(url)));
        }
    }
    let allowed = Set::of([Value::str("your-name")]).unwrap_or_default();
    settings.push(Setting::new(name, "allowed_users", Value::Set(allowed)).with_comment("Nobody else may enter."));
    if plan.local {
        settings.push(
            Setting::new(format!("Local{name}"), "create_system_users", Value::Bool(false))
                .with_comment("Whether users that the machine lacks are made."),
        );
    }
    // The class lies beside the configuration, where Python does not look by itself.
    let beside = Code {
        text: "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))".into(),
        imports: vec!["import os".into(), "import sys".into()],
        needs: Vec::new(),
    };
    write(&Document { settings, prelude: vec![beside], ..Document::default() }, Form::Python).text
}

fn test(plan: &Plan, module: &str) -> String {
    TEST.replace("{class}", &plan.class).replace("{running}", &running(plan)).replace("{module}", module)
}

const TEST: &str = r#""""Logs in with {class} at oauthctl's embedded provider.

`pip install pytest`, then `pytest`; OAUTHCTL names the program where it is not in the PATH.
"""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

OAUTHCTL = os.environ.get("OAUTHCTL", "oauthctl")
CONFIG = Path(__file__).with_name("jupyterhub_config.py")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def log_in(person, *settings):
    """What the hub would make of this person's login, as the document that `oauthctl login` prints."""
    port = free_port()
    redirect_uri = f"http://127.0.0.1:{port}/hub/oauth_callback"
    demo = [OAUTHCTL, "demo", "--demo-user", person, "--redirect-uri", redirect_uri]
    with subprocess.Popen(demo, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as provider:
        try:
            issuer = provider.stderr.readline().split()[-1].rstrip("/")
            _, client_id, _, secret, _ = provider.stderr.readline().split("`")
            values = {
                "authorize_url": issuer + "/authorize",
                "token_url": issuer + "/token",
                "userdata_url": issuer + "/userinfo",
                "client_id": client_id,
                "client_secret": secret,
            }
            login = [OAUTHCTL, "login", str(CONFIG), f"--python={sys.executable}", "--format", "json", "--no-browser"]
            login += ["--listen", f"127.0.0.1:{port}", "--timeout", "60"]
            for option, value in values.items():
                login += ["--set", f"{class}.{option}={value}"]
            for setting in settings:
                login += ["--set", setting]
            return browse(login)
        finally:
            provider.terminate()


def browse(login):
    with subprocess.Popen(login, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("http"):
                try:
                    urllib.request.urlopen(line.strip(), timeout=60).close()
                except urllib.error.HTTPError:
                    pass  # the page that shows a denial has its status
                break
        output, _ = process.communicate()
        return json.loads(output)


def test_somebody_allowed_comes_in():
    document = log_in("ada", '{class}.allowed_users=["ada"]')
    assert document["authenticator"] == "{running}"
    assert document["outcome"] == "allowed", document["failure"]
    assert document["user"]["name"] == "ada"


def test_a_stranger_does_not():
    document = log_in("grace", '{class}.allowed_users=["ada"]')
    assert document["outcome"] == "denied", document["failure"]
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_after_their_class() {
        assert_eq!(module("MyOAuthenticator"), "my_oauthenticator");
        assert_eq!(module("Keycloak2Login"), "keycloak2_login");
    }

    #[test]
    fn only_what_is_asked_for_is_overridden() {
        let plan = Plan {
            class: "Mine".into(),
            service: "S".into(),
            overrides: vec!["check_allowed".into()],
            ..Plan::default()
        };
        let [(_, class), ..] = files(&plan);
        assert!(class.contains("async def check_allowed(self, username, auth_model):"));
        assert!(!class.contains("token_to_user") && !class.contains("LocalMine"));
    }
}
