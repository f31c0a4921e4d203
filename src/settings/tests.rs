//! Traps of traitlets and upstream that a configuration can step into. What upstream does was tried on the real thing;
//! `tests/it/settings_differential.rs` does so over hundreds of generated configurations.

use std::sync::Arc;

use super::*;
use crate::source::{ClassAttribute, Config, Entry, Env, Kind as SourceKind, Lazy, Written};
use crate::span::Origin;
use crate::value::{Class, Method, Set, Touches, Value};

fn span(line: usize) -> Span {
    Span::point(&Arc::from("jupyterhub_config.py"), line, 1)
}

/// A configuration of assignments `Class.option`, one a line from line 1.
fn loaded(assignments: &[(&str, Value)]) -> Loaded {
    let mut config = Config::new();
    for (index, (name, value)) in assignments.iter().enumerate() {
        let (section, option) = name.rsplit_once('.').unwrap();
        let section = section.split('.').fold(&mut config, |config, name| config.section_mut(name));
        section.set(name, option, Entry::plain(value.clone(), Origin::File(span(index + 1))));
    }
    Loaded {
        path: None,
        kind: SourceKind::Python,
        config,
        env_at_import: Env::default(),
        env: Env::default(),
        class_attributes: Vec::new(),
        texts: Vec::new(),
        diagnostics: Vec::new(),
        fatal: None,
        parts: None,
    }
}

fn generic(assignments: &[(&str, Value)]) -> Loaded {
    let mut loaded = loaded(assignments);
    use_class(&mut loaded, Value::str("generic-oauth"));
    loaded
}

fn use_class(loaded: &mut Loaded, value: Value) {
    let entry = Entry::plain(value, Origin::File(span(100)));
    loaded.config.section_mut("JupyterHub").set("JupyterHub.authenticator_class", "authenticator_class", entry);
}

fn settings(loaded: &Loaded) -> Settings {
    let resolution = resolve(loaded);
    assert_eq!(resolution.fatal, None);
    resolution.settings.unwrap()
}

fn fatal(loaded: &Loaded) -> Fatal {
    resolve(loaded).fatal.unwrap()
}

fn set(items: &[&str]) -> Value {
    Value::Set(Set::of(items.iter().map(|item| Value::str(*item))).unwrap())
}

fn local_class(base: &str) -> Class {
    let name = base.rsplit('.').next().unwrap().to_owned();
    let empty = |name: String| Class {
        name,
        import: None,
        bases: Vec::new(),
        attributes: Vec::new(),
        methods: Vec::new(),
        span: Some(span(1)),
    };
    let base = Class { import: Some(base.to_owned()), ..empty(name) };
    Class { bases: vec![Value::Class(Box::new(base))], ..empty("Mine".into()) }
}

#[test]
fn without_a_class_it_is_pam() {
    assert_eq!(settings(&loaded(&[])).class().name, "PAMAuthenticator");
}

#[test]
fn precedence_is_by_class_and_the_hubs_own_section_is_above() {
    let loaded = generic(&[
        ("GenericOAuthenticator.token_url", Value::str("generic")),
        ("Authenticator.token_url", Value::str("base")),
        ("OAuthenticator.client_id", Value::str("low")),
        ("JupyterHub.Authenticator.client_id", Value::str("high")),
    ]);
    let settings = settings(&loaded);
    assert_eq!(settings.str("token_url").unwrap(), "generic");
    assert_eq!(settings.str("client_id").unwrap(), "high");
    assert_eq!(settings.name_of("client_id"), "JupyterHub.Authenticator.client_id");
    assert_eq!(settings.get("token_url").unwrap().shadowed[0].name, "Authenticator.token_url");
}

#[test]
fn names_of_settings_are_as_written_or_the_variable_or_the_running_class() {
    let mut loaded = generic(&[("OAuthenticator.client_id", Value::str("x"))]);
    loaded.env.set("OAUTH_CLIENT_SECRET", Value::str("s"), None);
    let settings = settings(&loaded);
    assert_eq!(settings.name_of("client_id"), "OAuthenticator.client_id");
    assert_eq!(settings.name_of("client_secret"), "OAUTH_CLIENT_SECRET");
    assert_eq!(settings.name_of("token_url"), "GenericOAuthenticator.token_url");
}

#[test]
fn a_deprecated_name_wins_over_the_new_one() {
    let loaded = generic(&[
        ("GenericOAuthenticator.username_key", Value::str("preferred_username")),
        ("GenericOAuthenticator.username_claim", Value::str("email")),
    ]);
    let settings = settings(&loaded);
    assert_eq!(settings.str("username_claim").unwrap(), "preferred_username");
    assert_eq!(settings.name_of("username_claim"), "GenericOAuthenticator.username_key");
    let setting = settings.get("username_claim").unwrap();
    assert_eq!(setting.shadowed[0].name, "GenericOAuthenticator.username_claim");
    assert!(matches!(&setting.origin, Origin::Alias { of, .. } if of == "username_key"));
}

#[test]
fn a_deprecated_name_set_to_its_own_default_does_nothing() {
    let loaded = generic(&[("GenericOAuthenticator.tls_verify", Value::Bool(false))]);
    let resolution = resolve(&loaded);
    assert!(resolution.settings.unwrap().bool("validate_server_cert").unwrap());
    assert_eq!(resolution.diagnostics[0].rule, "deprecated-without-effect", "{:?}", resolution.diagnostics);
}

#[test]
fn groups_need_manage_groups_whatever_the_name() {
    for option in ["allowed_groups", "admin_groups", "auth_state_groups_key", "claim_groups_key"] {
        let qualified = format!("GenericOAuthenticator.{option}");
        let fatal = fatal(&generic(&[(&qualified, Value::str("staff"))]));
        assert_eq!(fatal.exception, "ValueError");
        let expected = format!("{qualified} requires GenericOAuthenticator.manage_groups to also be set");
        assert_eq!(fatal.message, expected);
        assert_eq!(fatal.setting.as_deref(), Some(qualified.as_str()));
        assert_eq!(fatal.span, Some(span(1)));
        settings(&generic(&[(&qualified, Value::str("staff")), ("OAuthenticator.manage_groups", Value::Bool(true))]));
    }
}

#[test]
fn the_old_groups_key_builds_the_new_one() {
    let loaded = generic(&[
        ("OAuthenticator.manage_groups", Value::Bool(true)),
        ("GenericOAuthenticator.claim_groups_key", Value::str("roles")),
        ("GenericOAuthenticator.auth_state_groups_key", Value::str("not.this")),
    ]);
    assert_eq!(settings(&loaded).str("auth_state_groups_key").unwrap(), "oauth_user.roles");
    assert_eq!(settings(&generic(&[])).str("auth_state_groups_key").unwrap(), "oauth_user.groups");
}

#[test]
fn an_exception_of_an_observer_takes_the_place_of_a_validators() {
    let both = [
        ("OAuthenticator.userdata_url", Value::str("https://x")),
        ("OAuthenticator.userdata_from_id_token", Value::Bool(true)),
    ];
    assert_eq!(fatal(&generic(&both)).code, "userdata-url-and-id-token");
    let mut three = both.to_vec();
    three.push(("OAuthenticator.allowed_groups", Value::str("staff")));
    assert_eq!(fatal(&generic(&three)).code, "groups-without-manage-groups");
}

#[test]
fn a_wrong_type_is_fatal_beside_unknown_values_and_the_rest_is_shown() {
    let loaded = generic(&[
        ("OAuthenticator.client_secret", Value::unknown("it is computed", Some(span(1)))),
        ("OAuthenticator.scope", Value::None),
        ("OAuthenticator.client_id", Value::str("id")),
        ("OAuthenticator.allow_all", Value::str("yes")),
    ]);
    let resolution = resolve(&loaded);
    let fatal = resolution.fatal.unwrap();
    assert_eq!(fatal.code, "wrong-type");
    assert_eq!(
        fatal.message,
        "The 'scope' trait of a GenericOAuthenticator instance expected a list, not the NoneType None."
    );
    assert_eq!(resolution.also_fatal.len(), 1);
    let settings = resolution.settings.unwrap();
    assert_eq!(settings.str("client_id").unwrap(), "id");
    assert!(settings.list("scope").unwrap_err().reason.contains("refuses"));
    assert_eq!(settings.str("client_secret").unwrap_err().span, Some(span(1)));
}

#[test]
fn unknown_values_flow_to_what_depends_on_them() {
    let unknown = || Value::unknown("it is computed", None);
    let loaded = generic(&[
        ("OAuthenticator.manage_groups", unknown()),
        ("OAuthenticator.allowed_groups", Value::str("staff")),
        ("GenericOAuthenticator.username_key", unknown()),
        ("Authenticator.enable_auth_state", unknown()),
    ]);
    let settings = settings(&loaded);
    for option in ["manage_groups", "username_claim", "refresh_pre_spawn"] {
        assert!(settings.value(option).is_err(), "{option}");
    }
    assert!(settings.set("allowed_groups").is_ok());
}

#[test]
fn import_time_variables_are_those_at_import() {
    let mut loaded = generic(&[]);
    for name in ["OAUTH2_USERNAME_KEY", "OAUTH2_TOKEN_URL"] {
        loaded.env.set(name, Value::str("late"), None);
        loaded.env_at_import.set(name, Value::str("early"), None);
    }
    let settings = settings(&loaded);
    assert_eq!(settings.str("username_claim").unwrap(), "early");
    assert_eq!(settings.str("token_url").unwrap(), "late");
    assert_eq!(settings.get("username_claim").unwrap().origin, Origin::Env("OAUTH2_USERNAME_KEY".into()));
}

#[test]
fn changes_apply_to_the_default() {
    let mut loaded = generic(&[]);
    let lazy = Lazy { extend: vec![Value::str("openid")], ..Lazy::default() };
    let entry = Entry { written: Written::Lazy(lazy), origin: Origin::File(span(1)), shadowed: Vec::new() };
    loaded.config.section_mut("OAuthenticator").set("OAuthenticator.scope", "scope", entry);
    assert_eq!(settings(&loaded).value("scope").unwrap(), &Value::List(vec![Value::str("openid")]));
}

#[test]
fn a_plain_attribute_of_a_local_class_hides_the_option() {
    let mut class = local_class("oauthenticator.generic.GenericOAuthenticator");
    class.attributes.push(("scope".into(), Value::str("openid email"), span(2)));
    let mut loaded = loaded(&[("Mine.scope", Value::List(vec![]))]);
    use_class(&mut loaded, Value::Class(Box::new(class)));
    let resolution = resolve(&loaded);
    assert_eq!(resolution.settings.unwrap().str("scope").unwrap(), "openid email");
    assert_eq!(resolution.diagnostics[0].rule, "unknown-option");
}

#[test]
fn a_trait_declared_anew_takes_what_upstreams_would_take_unchanged() {
    let mut class = local_class("oauthenticator.generic.GenericOAuthenticator");
    for name in ["scope", "token_params", "team"] {
        class.attributes.push((name.into(), Value::unknown("it is a trait", Some(span(2))), span(2)));
    }
    let mut loaded = loaded(&[
        ("Mine.scope", Value::List(vec![Value::str("openid")])),
        ("Mine.token_params", Value::str("odd")),
        ("Mine.team", Value::str("mine")),
        ("Mine.tem", Value::str("mine")),
    ]);
    use_class(&mut loaded, Value::Class(Box::new(class)));
    let resolution = resolve(&loaded);
    let settings = resolution.settings.unwrap();
    assert_eq!(settings.list("scope").unwrap().len(), 1);
    assert!(settings.value("token_params").unwrap_err().reason.contains("anew"));
    assert_eq!(settings.str("team").unwrap(), "mine");
    assert_eq!(resolution.diagnostics.len(), 1);
    assert_eq!(resolution.diagnostics[0].fix.as_ref().unwrap().message, "did you mean `team`?");
}

#[test]
fn a_validator_of_a_local_class_makes_what_it_validates_unknown() {
    let mut class = local_class("oauthenticator.generic.GenericOAuthenticator");
    class.methods.push(Method {
        name: "_check".into(),
        default_of: None,
        returns: None,
        source: "@validate(\"token_url\")\ndef _check(self, proposal):\n    …".into(),
        span: span(3),
        touches: Touches::Options(vec!["token_url".into()]),
    });
    let mut loaded = loaded(&[("Mine.token_url", Value::str("x")), ("Mine.authorize_url", Value::str("y"))]);
    use_class(&mut loaded, Value::Class(Box::new(class)));
    let settings = settings(&loaded);
    assert_eq!(settings.str("token_url").unwrap_err().span, Some(span(3)));
    assert_eq!(settings.str("authorize_url").unwrap(), "y");
}

#[test]
fn defaults_of_providers_follow_from_one_another() {
    let mut with_url = loaded(&[("GitHubOAuthenticator.github_url", Value::str("https://git.example"))]);
    use_class(&mut with_url, Value::str("github"));
    let settings = settings(&with_url);
    assert_eq!(settings.str("userdata_url").unwrap(), "https://git.example/api/v3/user");
    let origin = &settings.get("userdata_url").unwrap().origin;
    assert!(matches!(origin, Origin::Alias { of, .. } if of == "github_url"), "{origin:?}");
    assert_eq!(settings.name_of("userdata_url"), "GitHubOAuthenticator.userdata_url");
}

#[test]
fn a_default_that_cannot_be_computed_raises_when_asked_for_and_not_at_start() {
    let mut auth0 = loaded(&[]);
    use_class(&mut auth0, Value::str("auth0"));
    let raised = settings(&auth0).str("authorize_url").unwrap_err().raises.unwrap();
    assert_eq!(raised.message, "Configuring either auth0_domain or auth0_subdomain is required");
    let mut openshift = loaded(&[]);
    use_class(&mut openshift, Value::str("openshift"));
    let unknown = settings(&openshift).str("authorize_url").unwrap_err();
    assert!(unknown.reason.contains("/.well-known/oauth-authorization-server") && unknown.raises.is_none());
}

#[test]
fn defaults_of_local_classes_count_and_are_not_wrapped() {
    let method = |returns| Method {
        name: "_scope".into(),
        default_of: Some("scope".into()),
        returns,
        source: String::new(),
        span: span(3),
        touches: Default::default(),
    };
    let run = |returns| {
        let mut class = local_class("oauthenticator.generic.GenericOAuthenticator");
        class.methods.push(method(returns));
        let mut loaded = loaded(&[]);
        use_class(&mut loaded, Value::Class(Box::new(class)));
        settings(&loaded)
    };
    assert_eq!(run(Some(Value::List(vec![Value::str("a")]))).list("scope").unwrap().len(), 1);
    let wrong = run(Some(Value::str("a"))).list("scope").unwrap_err();
    assert_eq!(wrong.raises.unwrap().exception, "TraitError");
    assert_eq!(run(None).list("scope").unwrap_err().span, Some(span(3)));
}

#[test]
fn an_attribute_assigned_on_a_class_is_taken_unchecked() {
    let mut loaded = generic(&[]);
    let attribute = ClassAttribute {
        class: "OAuthenticator".into(),
        attribute: "allowed_groups".into(),
        value: Value::str("staff"),
        span: span(1),
    };
    loaded.class_attributes.push(attribute);
    let settings = settings(&loaded);
    assert_eq!(settings.str("allowed_groups").unwrap(), "staff");
    assert_eq!(settings.name_of("allowed_groups"), "OAuthenticator.allowed_groups");
}

#[test]
fn unknown_names_are_said_once_and_with_the_nearest() {
    let loaded = generic(&[
        ("GenericOAuthenticator.username_clam", Value::str("x")),
        ("GenericOauthenticator.scope", Value::str("x")),
        ("GitHubOAuthenticator.x", Value::str("x")),
        ("KubeSpawner.image", Value::str("x")),
        ("JupyterHub.authentication_class", Value::str("x")),
    ]);
    let found: Vec<(&str, Option<String>)> =
        resolve(&loaded).diagnostics.into_iter().map(|found| (found.rule, found.fix.map(|fix| fix.message))).collect();
    assert_eq!(
        found,
        [
            ("unknown-option", Some("did you mean `authenticator_class`?".into())),
            ("unknown-class", Some("did you mean `GenericOAuthenticator`?".into())),
            ("unknown-option", Some("did you mean `username_claim`?".into())),
        ]
    );
}

#[test]
fn user_names_must_be_texts() {
    let numbers = Value::List(vec![Value::str("alice"), Value::int(1)]);
    let fatal = fatal(&generic(&[("Authenticator.allowed_users", numbers)]));
    assert_eq!((fatal.exception, fatal.message.as_str()), ("TypeError", "object of type 'int' has no len()"));
    let resolution = resolve(&generic(&[("Authenticator.allowed_users", set(&["a", "b"]))]));
    assert!(resolution.log[0].message.contains("did you mean set(['ab']) instead of set('ab')?"));
}
