//! `oauthctl init` without anybody to ask: every provider in every form, checked by us and loaded by upstream; logins
//! with what it wrote; what it refuses.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use oauthctl::demo::{self, Options, Provider};
use oauthctl::init::presets::PRESETS;
use oauthctl::json;
use oauthctl::value::Value;

use crate::support::{self, Worker};
use crate::{login_driver, mediawiki};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

const FORMS: [(&str, &str); 4] = [("python", "py"), ("z2jh", "yaml"), ("tljh", "yaml"), ("json", "json")];

/// What each provider has to be told beyond the hub and the client.
fn facts(provider: &str) -> &'static [&'static str] {
    match provider {
        "entra" => &["--tenant", "11112222-3333-4444-5555-666677778888"],
        "okta" => &["--issuer", "https://example.okta.com"],
        "keycloak" => &["--issuer", "https://id.example.org/realms/main"],
        "auth0" => &["--domain", "example.eu.auth0.com"],
        "cilogon" => &["--idp", "https://idp.example.edu/idp/shibboleth", "--groups-claim", "isMemberOf"],
        "cognito" => &["--provider-url", "https://example.auth.eu-west-1.amazoncognito.com"],
        "authentik" => &["--provider-url", "https://auth.example.org"],
        "dex" => &["--issuer", "https://dex.example.org/dex"],
        "nextcloud" => &["--provider-url", "https://cloud.example.org"],
        "openshift" => &["--provider-url", "https://api.cluster.example.org:6443"],
        "oidc" => &[
            "--authorize-url",
            "https://id.example.org/authorize",
            "--token-url",
            "https://id.example.org/token",
            "--userdata-url",
            "https://id.example.org/userinfo",
        ],
        _ => &[],
    }
}

/// Who may enter, for each provider that knows groups and each that knows domains.
fn groups(provider: &str) -> Option<Vec<&'static str>> {
    let group = match provider {
        "entra" | "globus" => "0a1b6f5e-1111-4a2b-8c3d-000000000002",
        _ => "staff",
    };
    let mut flags = vec!["--allow-group", group];
    let more: &[&str] = match provider {
        "orcid" => return None,
        "google" => &[
            "--admin-group",
            "admins",
            "--allow-domain",
            "example.org",
            "--google-service-account-key",
            "/srv/hub/key.json",
            "--google-administrator",
            "root",
        ],
        "entra" => &["--admin-group", "0a1b6f5e-1111-4a2b-8c3d-000000000001"],
        "globus" => &["--admin-group", "0a1b6f5e-1111-4a2b-8c3d-000000000001", "--allow-domain", "example.edu"],
        "cilogon" => &["--admin-group", "admins", "--allow-domain", "example.edu"],
        "github" | "gitlab" | "bitbucket" => &[],
        _ => &["--admin-group", "admins"],
    };
    flags.extend(more);
    Some(flags)
}

fn init(provider: &str, more: &[&str]) -> Command {
    let mut command = support::oauthctl();
    command.args(["init", "--yes", "--provider", provider, "--hub-url", "https://hub.example.org/"]);
    command.args(["--client-id", "hub-client"]).args(more).env("OAUTH_CLIENT_SECRET", SECRET);
    command
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// All providers in all forms: with people who may enter, and with groups (these in two forms, unless all are wanted).
fn write_all(folder: &Path) -> Vec<PathBuf> {
    let all = std::env::var("OAUTHCTL_CASES").is_ok_and(|cases| cases == "all");
    let mut written = Vec::new();
    for preset in PRESETS {
        for (form, extension) in FORMS {
            let mut variants = vec![("people", vec!["--allow-user", "alice", "--admin-user", "ada"])];
            if all || ["python", "json"].contains(&form) {
                variants.extend(groups(preset.name).map(|flags| ("groups", flags)));
            }
            for (variant, flags) in variants {
                let path = folder.join(format!("{}-{variant}-{form}.{extension}", preset.name));
                let mut command = init(preset.name, facts(preset.name));
                let output = command.args(flags).args(["--form", form, "--output"]).arg(&path).output().unwrap();
                assert!(output.status.success(), "{} {form}: {}", preset.name, told(&output));
                let text = told(&output);
                assert!(text.contains("https://hub.example.org/hub/oauth_callback"), "{text}");
                assert!(!fs::read_to_string(&path).unwrap().contains(SECRET));
                written.push(path);
            }
        }
    }
    written
}

#[test]
fn every_provider_in_every_form_is_right_for_us_and_for_upstream() {
    let folder = support::scratch("init-all");
    let written = write_all(&folder);

    let mut command = support::oauthctl();
    command.args(["validate-config", "--format", "json"]).args(&written).env("OAUTH_CLIENT_SECRET", SECRET);
    let output = command.output().unwrap();
    let document = json::parse(&String::from_utf8_lossy(&output.stdout)).unwrap();
    let findings = document.get("findings").and_then(Value::iterate).unwrap();
    let text = |finding: &Value, key: &str| finding.get(key).map(Value::to_text).unwrap_or_default();
    for finding in &findings {
        // What a comment of the file says is a note.
        let known = ["keycloak-group-path", "admin-groups-revoke", "admin-users-only-grant"];
        let known = known.contains(&text(finding, "rule").as_str()) && text(finding, "level") == "note";
        assert!(known, "{}", finding.repr());
    }
    assert_eq!(document.get("hubs").and_then(Value::iterate).unwrap().len(), written.len());

    // Nor is anything graver than a note said where the secret is not: it need not be on this machine.
    let mut command = support::oauthctl();
    let output = command.args(["validate-config", "--strict", "--quiet"]).args(&written).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));

    let Some(python) = support::upstream_python() else { return };
    let environment = [("OAUTH_CLIENT_SECRET".to_owned(), SECRET.to_owned())];
    let mut upstream = Worker::start(&python, "init_worker.py", &environment);
    let mut ask = |path: &Path| json::parse(&upstream.ask(&path.display().to_string())).unwrap();
    // The judge hears what there is to hear.
    let old = folder.join("old.py");
    fs::write(&old, "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.GenericOAuthenticator.username_key = 'x'\n")
        .unwrap();
    assert!(ask(&old).repr().contains("username_key is deprecated"), "{}", ask(&old).repr());

    for path in written.iter().filter(|path| path.extension().is_some_and(|kind| kind != "yaml")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let preset = oauthctl::init::preset(name.split('-').next().unwrap()).unwrap();
        let answer = ask(path);
        assert_eq!(answer.get("said"), Some(&Value::List(Vec::new())), "{name}: {}", answer.repr());
        assert_eq!(answer.get("class"), Some(&Value::str(preset.class)), "{name}: {}", answer.repr());
        assert_eq!(answer.get("client_id"), Some(&Value::str("hub-client")), "{name}");
        assert_eq!(answer.get("secret"), Some(&Value::Bool(true)), "{name}");
        let callback = if preset.name == "mediawiki" { "" } else { "https://hub.example.org/hub/oauth_callback" };
        assert_eq!(answer.get("callback"), Some(&Value::str(callback)), "{name}");
    }
    let _ = fs::remove_dir_all(folder);
}

/// A provider as the embedded one plays it: the shape, the flags with `{B}` for its root, and the name that the person
/// grace then has.
const LOGINS: &[(&str, &str, &str, &str)] = &[
    ("oidc", "generic-oauth", "--issuer {B}", "grace"),
    (
        "keycloak",
        "generic-oauth",
        "--authorize-url {B}/authorize --token-url {B}/token --userdata-url {B}/userinfo",
        "grace",
    ),
    (
        "okta",
        "generic-oauth",
        "--authorize-url {B}/authorize --token-url {B}/token --userdata-url {B}/userinfo",
        "grace",
    ),
    (
        "authentik",
        "generic-oauth",
        "--authorize-url {B}/authorize --token-url {B}/token --userdata-url {B}/userinfo",
        "grace",
    ),
    (
        "dex",
        "generic-oauth",
        "--authorize-url {B}/authorize --token-url {B}/token --userdata-url {B}/userinfo",
        "grace@example.org",
    ),
    (
        "cognito",
        "generic-oauth",
        "--authorize-url {B}/authorize --token-url {B}/token --userdata-url {B}/userinfo --username-claim email",
        "grace@example.org",
    ),
    (
        "orcid",
        "generic-oauth",
        "--authorize-url {B}/authorize --token-url {B}/token --userdata-url {B}/userinfo",
        "5f0d9a52-0002-4c6e-9d5a-6f2b8a1c0e02",
    ),
    ("github", "github", "--provider-url {B}", "grace"),
    ("gitlab", "gitlab", "--provider-url {B}", "grace"),
    (
        "google",
        "google",
        "--authorize-url {B}/o/oauth2/v2/auth --token-url {B}/oauth2/v4/token --userdata-url {B}/oauth2/v1/userinfo \
         --allow-domain example.org",
        "grace",
    ),
    (
        "globus",
        "globus",
        "--authorize-url {B}/v2/oauth2/authorize --token-url {B}/v2/oauth2/token --userdata-url {B}/v2/oauth2/userinfo",
        "grace",
    ),
    (
        "cilogon",
        "cilogon",
        "--idp https://idp.example.org/idp/shibboleth --strip-domain example.org --username-claim eppn \
         --authorize-url {B}/authorize --token-url {B}/oauth2/token --userdata-url {B}/oauth2/userinfo",
        "grace",
    ),
    (
        "entra",
        "azuread",
        "--tenant b4f1a6c2-0d1e-4f7a-9c55-3f0e6d2a7b10 --authorize-url {B}/common/oauth2/authorize \
         --token-url {B}/common/oauth2/token",
        "grace@example.org",
    ),
    (
        "auth0",
        "auth0",
        "--domain demo.example.org --authorize-url {B}/authorize --token-url {B}/oauth/token --userdata-url {B}/userinfo",
        "grace@example.org",
    ),
    (
        "bitbucket",
        "bitbucket",
        "--authorize-url {B}/site/oauth2/authorize --token-url {B}/site/oauth2/access_token \
         --userdata-url {B}/api/2.0/user",
        "grace",
    ),
    ("openshift", "openshift", "--provider-url {B}", "grace"),
    ("mediawiki", "mediawiki", "--provider-url {B}/w/index.php", "Grace_Hopper"),
];

#[test]
fn a_login_works_with_what_it_wrote() {
    let all = std::env::var("OAUTHCTL_CASES").is_ok_and(|cases| cases == "all");
    let forms = if all { &FORMS[..] } else { &FORMS[..1] };
    let folder = support::scratch("init-login");
    let provider = Provider::start(Options { auto_person: Some("grace".into()), ..Options::default() }).unwrap();
    let env_file = folder.join("hub.env");
    fs::write(&env_file, format!("OAUTH_CLIENT_SECRET={}\n", provider.client_secret())).unwrap();
    for (name, shape, flags, user) in LOGINS {
        for (form, extension) in forms {
            let base = provider.base(demo::shape(shape).unwrap());
            let flags = flags.replace("{B}", base.trim_end_matches('/'));
            let path = folder.join(format!("{name}-{form}.{extension}"));
            let mut command = support::oauthctl();
            command.args(["init", "--yes", "--provider", name, "--hub-url", "http://127.0.0.1:8000", "--client-id"]);
            command.arg(provider.client_id()).args(flags.split_whitespace()).args([
                "--allow-user",
                user,
                "--form",
                form,
            ]);
            let output = command.arg("--output").arg(&path).output().unwrap();
            assert!(output.status.code().is_some_and(|code| code < 2), "{name}: {}", told(&output));

            let listen = format!("127.0.0.1:{}", mediawiki::free_port());
            provider.register_redirect_uri(&format!("http://{listen}/hub/oauth_callback"));
            let mut command = support::oauthctl();
            command.arg("login").arg(&path).args([
                "--no-browser",
                "--format",
                "json",
                "--listen",
                &listen,
                "--env-file",
            ]);
            command.arg(&env_file).args(["--timeout", "30", "--expect-username", user]);
            let login = login_driver::run_with(&mut command, mediawiki::browse);
            let outcome = login.document.get("outcome").map(Value::to_text);
            assert_eq!(
                outcome.as_deref(),
                Some("allowed"),
                "{name} {form}: {}\n{}",
                login.document.repr(),
                login.stderr
            );
            assert_eq!(login.code, Some(0), "{name} {form}: {}", login.document.repr());
        }
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn what_is_missing_is_told_all_at_once_and_nothing_hangs() {
    let folder = support::scratch("init-missing");
    let run = |args: &[&str]| support::oauthctl().arg("init").args(args).current_dir(&folder).output().unwrap();
    for args in [&[][..], &["--yes"]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        let text = told(&output);
        for flag in ["--provider", "--hub-url", "--client-id", "--allow-user"] {
            assert!(text.contains(&format!("\n  {flag} ")), "{text}");
        }
    }
    let output = run(&["--provider", "auth0", "--hub-url", "https://hub.example.org", "--client-id", "x"]);
    assert!(told(&output).contains("--domain HOST"), "{}", told(&output));
    // Contradictions come with what is missing.
    let output = run(&["--provider", "orcid", "--allow-group", "staff", "--hub-url", "https://hub.example.org"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told(&output).contains("ORCID knows no groups") && told(&output).contains("--client-id"),
        "{}",
        told(&output)
    );
    for wrong in [&["--hub-url", "https://<your-host>"][..], &["--provider", "gihub"], &["--client-secret", "x"]] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn nothing_is_overwritten_unasked_and_nothing_half_written() {
    let folder = support::scratch("init-overwrite");
    let path = folder.join("jupyterhub_config.py");
    fs::write(&path, "mine").unwrap();
    let run = |more: &[&str]| {
        let mut command = init("github", &["--allow-user", "alice"]);
        command.args(more).current_dir(&folder).output().unwrap()
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(told(&output).contains("--force"), "{}", told(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run(&["--force"]).status.code(), Some(0));
    assert!(fs::read_to_string(&path).unwrap().contains("GitHubOAuthenticator"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(run(&["--output", "no/such/folder.py"]).status.code(), Some(3));
    assert_eq!(run(&["--output", "."]).status.code(), Some(3));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn standard_output_holds_the_configuration_alone() {
    let output = init("github", &["--allow-user", "alice", "--form", "json", "--output", "-"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let document = json::parse(&text).unwrap();
    assert_eq!(
        document.get("GitHubOAuthenticator").and_then(|it| it.get("client_id")),
        Some(&Value::str("hub-client"))
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("/hub/oauth_callback"));
}

#[test]
fn an_issuer_is_asked_and_compared() {
    let folder = support::scratch("init-issuer");
    let provider = Provider::start(Options::default()).unwrap();
    let run = |issuer: &str| {
        let path = folder.join("config.py");
        let mut command = init("oidc", &["--issuer", issuer, "--allow-group", "staff", "--force", "--output"]);
        (command.arg(&path).output().unwrap(), fs::read_to_string(&path).unwrap_or_default())
    };
    let (output, _) = run(&format!("{}/elsewhere", provider.issuer()));
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert!(told(&output).contains("--authorize-url"), "{}", told(&output));
    let (output, text) = run(provider.issuer());
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", told(&output));
    assert!(text.contains(&format!("token_url = \"{}/token\"", provider.issuer())), "{text}");
    assert!(text.contains("scope = [\"openid\", \"profile\", \"email\", \"groups\"]"), "{text}");
    let _ = fs::remove_dir_all(folder);
}

/// The names are those that upstream makes of the same userdata.
#[test]
fn userdata_show_what_the_name_would_be() {
    let folder = support::scratch("init-names");
    let userdata = folder.join("userdata.json");
    fs::write(
        &userdata,
        r#"{"sub": "1", "email": "Grace@Example.org", "preferred_username": "Grace", "upn": "G@example.org",
        "login": "Grace-H", "verified_email": true, "hd": "example.org", "groups": ["staff"]}"#,
    )
    .unwrap();
    for (name, more, expected) in [
        ("keycloak", &[][..], "grace"),
        ("keycloak", &["--username-claim", "email"], "grace@example.org"),
        ("github", &[], "grace-h"),
        ("entra", &[], "g@example.org"),
        ("google", &["--allow-domain", "example.org"], "grace"),
        ("auth0", &[], "grace@example.org"),
    ] {
        let mut command = init(name, facts(name));
        command.args(more).args(["--allow-user", "alice", "--output", "-", "--userdata"]).arg(&userdata);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(&format!("are the user {expected}\n")), "{name}: {text}");
    }
    // Nextcloud's are nested, and a function finds the name.
    let nested = folder.join("nextcloud.json");
    fs::write(&nested, r#"{"ocs": {"meta": {"status": "ok"}, "data": {"id": "Grace", "groups": ["staff"]}}}"#).unwrap();
    let mut command = init("nextcloud", facts("nextcloud"));
    let output = command.args(["--allow-group", "staff", "--output", "-", "--userdata"]).arg(&nested).output().unwrap();
    assert!(told(&output).contains("are the user grace\n"), "{}", told(&output));
    let mut command = init("keycloak", facts("keycloak"));
    command.args(["--allow-user", "alice", "--username-claim", "nope", "--output", "-", "--userdata"]).arg(&userdata);
    assert_eq!(command.output().unwrap().status.code(), Some(3));
    let _ = fs::remove_dir_all(folder);
}
