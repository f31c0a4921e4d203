//! `validate-config` as a program: its formats, filters, fleets, fixes and exit codes.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::support::{command, npm, oauthctl, scratch, upstream_python};

const OLD: &str = "c.JupyterHub.authenticator_class = 'github'\nc.GitHubOAuthenticator.client_secret = 'hunter2hunter2hunter2'\nc.GitHubOAuthenticator.whitelist = {'ann'}  # ours\n";

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = oauthctl().current_dir(folder).arg("validate-config").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(folder: &Path, args: &[&str]) -> Json {
    let (_, out, _) = run(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_str(&out).unwrap()
}

fn rules(document: &Json) -> Vec<String> {
    document["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn levels_and_rules_can_be_chosen() {
    let folder = scratch("check-filters");
    fs::write(folder.join("jupyterhub_config.py"), OLD).unwrap();
    assert_eq!(
        rules(&json(&folder, &["--min-level", "warning", "--ignore", "secret-world-readable"])),
        ["deprecated-option"]
    );
    assert_eq!(rules(&json(&folder, &["--select", "deprecated-option"])), ["deprecated-option"]);
    assert!(rules(&json(&folder, &["--ignore", "deprecated-option", "--min-level", "error"])).is_empty());
    assert_eq!(run(&folder, &["--select", "deprecated-option"]).0, 0);
    assert_eq!(run(&folder, &["--select", "deprecated-option", "--strict"]).0, 1);
    let (code, _, err) = run(&folder, &["--select", "deprecated-options"]);
    assert!(code == 2 && err.contains("did you mean `deprecated-option`?"), "{err}");
}

#[test]
fn no_format_shows_a_secret() {
    let folder = scratch("check-secrets");
    fs::write(folder.join("jupyterhub_config.py"), OLD).unwrap();
    for format in ["human", "json", "sarif", "junit", "github"] {
        let (code, out, err) = run(&folder, &["--format", format]);
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("deprecated"), "{format}: {out}");
        assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{format}: {out}");
    }
}

#[test]
fn sarif_names_rule_file_and_place_from_the_root_of_the_repository() {
    let folder = scratch("check-sarif");
    fs::create_dir_all(folder.join(".git")).unwrap();
    fs::create_dir_all(folder.join("hub")).unwrap();
    fs::write(folder.join("hub/jupyterhub_config.py"), OLD).unwrap();
    for (inside, path) in [("", "hub/jupyterhub_config.py"), ("hub", "jupyterhub_config.py")] {
        let (_, out, _) = run(&folder.join(inside), &[path, "--format", "sarif", "--select", "deprecated-option"]);
        let log: Json = serde_json::from_str(&out).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "deprecated-option");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"],
            serde_json::json!({"uri": "hub/jupyterhub_config.py", "uriBaseId": "%SRCROOT%"})
        );
        assert_eq!(place["region"]["startLine"], 3);
        assert_eq!(place["region"]["startColumn"], 1);
    }
}

/// The pages hold every rule, so that the log has one of each kind of result: with and without a place, labels, fixes.
#[test]
fn sarif_is_valid_by_its_schema() {
    let (Some(package), Some(python)) = (npm("@microsoft/jest-sarif", "1.0.0-beta.0"), upstream_python()) else {
        return;
    };
    let schema = package.join("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    let folder = scratch("check-sarif-schema");
    for (index, page) in oauthctl::check::checks().map(|check| check.doc).enumerate() {
        let Some((_, rest)) = page.split_once("```") else { continue };
        let Some((language, rest)) = rest.split_once('\n') else { continue };
        let text = rest.split("```").next().unwrap_or_default();
        let name = match language {
            "python" => "jupyterhub_config.py",
            "yaml" => "values.yaml",
            "json" => "jupyterhub_config.json",
            _ => continue,
        };
        fs::create_dir_all(folder.join(index.to_string())).unwrap();
        fs::write(folder.join(index.to_string()).join(name), text).unwrap();
    }
    let (_, log, _) = run(&folder, &[".", "--format", "sarif"]);
    assert!(serde_json::from_str::<Json>(&log).unwrap()["runs"][0]["results"].as_array().unwrap().len() > 100);
    fs::write(folder.join("log.sarif"), log).unwrap();
    let judge = "import json, sys, jsonschema\nschema, log = (json.load(open(path)) for path in sys.argv[1:])\nfor error in jsonschema.validators.validator_for(schema)(schema).iter_errors(log): print(list(error.path), error.message[:200])";
    let output = command(python).args(["-c", judge]).arg(schema).arg(folder.join("log.sarif")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// What the common XSD demands: counts that agree, a name everywhere, one kind of outcome a case.
#[test]
fn junit_counts_what_it_holds() {
    let folder = scratch("check-junit");
    fs::write(folder.join("jupyterhub_config.py"), OLD.replace("whitelist", "allowed_user")).unwrap();
    fs::write(
        folder.join("values.yaml"),
        "hub:\n  config:\n    JupyterHub:\n      authenticator_class: 'no & <such>'\n",
    )
    .unwrap();
    let (_, out, _) = run(&folder, &["jupyterhub_config.py", "values.yaml", "--format", "junit"]);
    let count = |what: &str| out.matches(what).count();
    let number = |line: &str, name: &str| -> usize {
        line.split_once(&format!(" {name}=\"")).unwrap().1.split('"').next().unwrap().parse().unwrap()
    };
    let whole = out.lines().find(|line| line.starts_with("<testsuites")).unwrap();
    assert_eq!((number(whole, "tests"), number(whole, "failures")), (count("<testcase "), count("<failure ")));
    let suites: Vec<&str> = out.split("<testsuite ").skip(1).collect();
    assert_eq!(suites.len(), 2);
    for suite in suites {
        let head = format!(" {}", suite.lines().next().unwrap());
        assert_eq!(number(&head, "tests"), suite.matches("<testcase ").count());
        assert_eq!(number(&head, "failures"), suite.matches("<failure ").count());
        assert_eq!(suite.matches("<testcase classname=\"").count(), suite.matches("<testcase ").count());
    }
    assert!(out.contains("no &amp; &lt;such&gt;") && !out.contains("<such>"));
}

#[test]
fn a_fleet_is_walked_and_a_shared_file_told_once() {
    let folder = scratch("check-fleet");
    fs::create_dir_all(folder.join("clusters/a")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join("clusters").join(name), text).unwrap();
    write(
        "a/common.yaml",
        "hub:\n  config:\n    JupyterHub:\n      authenticator_class: github\n    GitHubOAuthenticator:\n      whitelist: [ann]\n",
    );
    write("a/staging.yaml", "hub:\n  config:\n    GitHubOAuthenticator:\n      client_id: a\n");
    write("a/prod.yaml", "hub:\n  config:\n    GitHubOAuthenticator:\n      client_id: b\n");
    write(
        "a/cluster.yaml",
        "hubs:\n- {name: staging, helm_chart_values_files: [common.yaml, staging.yaml]}\n- {name: prod, helm_chart_values_files: [common.yaml, prod.yaml]}\n",
    );
    write("jupyterhub_config.py", OLD);
    let document = json(&folder, &["clusters", "--min-level", "warning", "--ignore", "secret-world-readable"]);
    assert_eq!(document["summary"]["hubs"], 3);
    assert_eq!(rules(&document), ["deprecated-option", "deprecated-option"]);
    let shared = document["findings"].as_array().unwrap().iter().find(|one| one["hubs"].is_array()).unwrap();
    assert_eq!(shared["hubs"].as_array().unwrap().len(), 2);
}

#[test]
fn fixes_are_shown_or_written_in_place() {
    let folder = scratch("check-fix");
    let file = folder.join("jupyterhub_config.py");
    fs::write(&file, OLD).unwrap();
    let (code, diff, _) = run(&folder, &["--diff"]);
    assert_eq!(code, 1);
    assert!(diff.contains("-c.GitHubOAuthenticator.whitelist = {'ann'}  # ours\n+c.GitHubOAuthenticator.allowed_users = {'ann'}  # ours"), "{diff}");
    assert_eq!(fs::read_to_string(&file).unwrap(), OLD);
    let (code, _, err) = run(&folder, &["--fix"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(fs::read_to_string(&file).unwrap(), OLD.replace("whitelist", "allowed_users"));
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_checked() {
    let folder = scratch("check-unreadable");
    fs::write(folder.join("jupyterhub_config.py"), OLD).unwrap();
    let (code, out, _) = run(&folder, &["missing.py", "jupyterhub_config.py", "--format", "json"]);
    let document: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 3);
    assert_eq!(document["summary"]["hubs"], 2);
    assert!(rules(&document).contains(&"deprecated-option".to_owned()));
    fs::create_dir_all(folder.join("empty")).unwrap();
    assert_eq!(run(&folder, &["empty"]).0, 3);
}

#[test]
fn a_login_by_another_release_is_refused_with_a_word() {
    let output = oauthctl().args(["login", "--oauthenticator", "16.3", "x.py"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("validate-config --oauthenticator 16.3"));
}

#[test]
fn an_upgrade_is_explained_for_this_configuration() {
    let folder = scratch("check-upgrade");
    fs::write(folder.join("jupyterhub_config.py"), OLD).unwrap();
    let document =
        json(&folder, &["--oauthenticator", "16.3", "--upgrade-to", "17.4", "--select", "changed-by-upgrade"]);
    let told: Vec<&str> =
        document["findings"].as_array().unwrap().iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert!(told.iter().any(|message| message.contains("PKCE")), "{told:?}");
    let (code, _, err) = run(&folder, &["--oauthenticator", "3.0"]);
    assert!(code == 2 && err.contains("17.4.0 with jupyterhub 6.1.1"), "{err}");
}

/// What each means is taken from how traitlets reads it: names of old, parents' sections and other languages are the same.
#[test]
fn two_configurations_are_compared_by_what_they_mean() {
    let folder = scratch("show-diff");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "a.py",
        "c.JupyterHub.authenticator_class = 'generic-oauth'\nc.OAuthenticator.client_id = 'abc'\nc.GenericOAuthenticator.username_key = 'email'\nc.Authenticator.allowed_users = ['b', 'a']\nc.GenericOAuthenticator.scope = 'openid'\n",
    );
    write(
        "base.yaml",
        "hub:\n  config:\n    JupyterHub:\n      authenticator_class: oauthenticator.generic.GenericOAuthenticator\n    GenericOAuthenticator:\n      client_id: abc\n      username_claim: email\n      scope: [openid]\n",
    );
    write("b.yaml", "hub:\n  config:\n    GenericOAuthenticator:\n      allowed_users: [a, b]\n");
    write(
        "c.yaml",
        "hub:\n  config:\n    GenericOAuthenticator:\n      allowed_users: [a]\n      client_secret: hunter2hunter2\n",
    );
    let show = |args: &[&str]| {
        let output = oauthctl().current_dir(&folder).arg("show").args(args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(show(&["--diff", "a.py", "base.yaml,b.yaml"]).0, 0);
    let (code, out) = show(&["--diff", "b.yaml", "c.yaml", "--base", "base.yaml", "--format", "json"]);
    let document: Json = serde_json::from_str(&out).unwrap();
    let options: Vec<&str> =
        document["differences"].as_array().unwrap().iter().map(|one| one["option"].as_str().unwrap()).collect();
    assert_eq!((code, options), (1, vec!["allowed_users", "client_secret"]));
    assert_eq!(document["differences"][0]["concerns"], "who may come in");
    assert!(!out.contains("hunter2"));
    assert_eq!(show(&["--diff", "a.py", "missing.py"]).0, 3);
}
