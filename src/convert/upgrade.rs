//! `--upgrade`: deprecated and removed names give way to what has taken their place.

use crate::settings::{self, Alias, ClassDef, Release, RunningClass};
use crate::source::{Kind, Loaded};
use crate::value::Value;
use crate::write::{Setting, Term};

use super::{Converted, Remark, Weight, idps, values};

/// Replaces the names.
pub(super) fn apply(loaded: &Loaded, done: &mut Converted) {
    let running = settings::jupyterhub_options(loaded).class.ok();
    idps::translate(loaded, done);
    let settings = std::mem::take(&mut done.document.settings);
    let mut kept: Vec<Setting> = Vec::new();
    let mut renamed: Vec<Setting> = Vec::new();
    for setting in settings {
        match replace(&setting, running.as_ref()) {
            Outcome::Keep => kept.push(setting),
            Outcome::Replace(new, message) => {
                done.remarks.push(Remark::new(
                    Weight::Changed,
                    setting.name(),
                    message,
                    span(loaded, &setting).as_ref(),
                ));
                renamed.push(*new);
            }
            Outcome::Remove(message) => {
                done.remarks.push(Remark::new(
                    Weight::LeftOut,
                    setting.name(),
                    message,
                    span(loaded, &setting).as_ref(),
                ));
            }
            Outcome::Warn(message) => {
                done.remarks.push(Remark::new(Weight::Note, setting.name(), message, span(loaded, &setting).as_ref()));
                kept.push(setting);
            }
        }
    }
    for new in renamed {
        // The hub copies a deprecated name over the new one.
        let same = kept.iter().position(|setting| setting.class == new.class && setting.option == new.option);
        match same {
            Some(at) => {
                let message = "the deprecated name goes before it where both are set, so its own value had no effect";
                done.remarks.push(Remark::new(Weight::Changed, new.name(), message, span(loaded, &kept[at]).as_ref()));
                kept[at] = new;
            }
            None => kept.push(new),
        }
    }
    done.document.settings = kept;
    manage_groups(loaded, done);
    if loaded.kind == Kind::Z2jh && values::root(loaded).is_some_and(|root| root.at(["auth"]).is_some()) {
        let message = "charts from 1.0 on refuse it; its settings belong in hub.config.<AuthenticatorClass>, with the names of the class's options";
        done.remarks.push(Remark::new(Weight::Note, "auth", message, None));
    }
}

/// Since 17.0 these keep the hub from starting without `manage_groups` (`OAuthenticator._requires_manage_groups`).
fn manage_groups(loaded: &Loaded, done: &mut Converted) {
    const NEED: [&str; 3] = ["allowed_groups", "admin_groups", "auth_state_groups_key"];
    let settings = &mut done.document.settings;
    if settings.iter().any(|setting| setting.option == "manage_groups") {
        return;
    }
    let filled = |setting: &Setting| setting.term.as_value().is_none_or(|value| value.truth() != Some(false));
    // In the section of a `Local…` class, groups may be those of the hub's machine.
    let of_provider = |setting: &Setting| {
        setting.class.ends_with("OAuthenticator") && !setting.class.starts_with("Local") && filled(setting)
    };
    let Some(at) = settings.iter().position(|setting| NEED.contains(&setting.option.as_str()) && of_provider(setting))
    else {
        return;
    };
    let setting = &settings[at];
    let message = format!(
        "{} needs it since oauthenticator 17.0, or the hub does not start; groups given at /hub/admin are replaced at each login",
        setting.option
    );
    let new = Setting::new(setting.class.clone(), "manage_groups", Value::Bool(true));
    let span = span(loaded, setting);
    done.remarks.push(Remark::new(Weight::Changed, new.name(), message, span.as_ref()));
    settings.insert(at, new);
}

fn span(loaded: &Loaded, setting: &Setting) -> Option<crate::span::Span> {
    loaded.config.section(&setting.class)?.entry(&setting.option)?.origin.span().cloned()
}

enum Outcome {
    Keep,
    Replace(Box<Setting>, String),
    Remove(String),
    Warn(String),
}

fn replace(setting: &Setting, running: Option<&RunningClass>) -> Outcome {
    let Some(def) = class_of(setting, running) else { return Outcome::Keep };
    let option = setting.option.as_str();
    if setting.class == "JupyterHub" {
        return hub(setting);
    }
    let to = |new: &str, term: Term| {
        let new = Setting { option: new.to_owned(), term, ..setting.clone() };
        let message = format!("it is called {} now", new.option);
        Outcome::Replace(Box::new(new), message)
    };
    match option {
        "whitelist" => return to("allowed_users", setting.term.clone()),
        // jupyterhub renamed it in 1.2, and reads the old name no more.
        "blacklist" => {
            let new = Setting { option: "blocked_users".into(), ..setting.clone() };
            let message = "it is called blocked_users now; the hub ignores the old name, and would let these users in";
            return Outcome::Replace(Box::new(new), message.into());
        }
        "group_whitelist" => {
            return Outcome::Remove(
                "jupyterhub reads it no more; allowed_groups of the Local class lets in groups of the hub's machine"
                    .into(),
            );
        }
        "userdata_method" if def.name.ends_with("OAuthenticator") => {
            return Outcome::Remove("userdata are always fetched with GET".into());
        }
        "allowed_idps" if def.name.ends_with("CILogonOAuthenticator") && is_list(&setting.term) => {
            return Outcome::Warn(
                "it is called idps now, a dict of identity providers by EntityID; what these are for domains, https://cilogon.org/idplist/ tells".into(),
            );
        }
        _ => {}
    }
    if ["claim_groups_key", "user_groups_claim"].contains(&option) {
        return groups_key(setting, def);
    }
    match alias(def, option) {
        Some(alias) if ["tls_verify", "validate_cert"].contains(&alias.old) => certificate(setting, alias),
        Some(alias) if alias.same => to(alias.new, setting.term.clone()),
        Some(alias) => Outcome::Warn(format!(
            "removed since oauthenticator {}: the hub does not start with it; say it in {} instead",
            alias.since, alias.new
        )),
        None => unknown(setting, def, running),
    }
}

fn is_list(term: &Term) -> bool {
    term.as_value().is_some_and(|value| value.as_dict().is_none())
}

/// The class whose table says what the option is: the section's own, or the running one.
fn class_of(setting: &Setting, running: Option<&RunningClass>) -> Option<&'static ClassDef> {
    settings::class(&setting.class)
        .or_else(|| {
            let running = running?;
            running.derives_from(&setting.class).then_some(running.def)
        })
        .or_else(|| (setting.class == "JupyterHub").then(|| settings::class("Authenticator")).flatten())
}

fn alias(def: &'static ClassDef, option: &str) -> Option<&'static Alias> {
    let line = std::iter::once(def).chain(def.bases.iter().filter_map(|name| settings::class(name)));
    line.flat_map(|def| def.aliases).find(|alias| alias.old == option)
}

/// `JupyterHub.admin_users` counts where the authenticator has none of its own (`JupyterHub.init_users`).
fn hub(setting: &Setting) -> Outcome {
    match setting.option.as_str() {
        "admin_users" => {}
        "authenticator_class" => return authenticator(setting),
        _ => return Outcome::Keep,
    }
    let new = Setting { class: "Authenticator".into(), ..setting.clone() };
    Outcome::Replace(Box::new(new), "it belongs to the authenticator: Authenticator.admin_users".into())
}

/// A class that is gone has no successor that its settings would fit.
fn authenticator(setting: &Setting) -> Outcome {
    let class = setting.term.as_value().and_then(|value| value.as_str().map(str::to_owned));
    match class.and_then(|class| settings::gone(&class)) {
        Some(why) => Outcome::Warn(why.to_owned()),
        None => Outcome::Keep,
    }
}

/// The old name is a key of the userdata, the new one a path from the top of auth_state.
fn groups_key(setting: &Setting, def: &'static ClassDef) -> Outcome {
    let class = RunningClass::of(def);
    let prefix = class.attribute("user_auth_state_key").map(|key| key.to_text()).unwrap_or_default();
    match &setting.term {
        Term::Value(Value::Str(key)) => {
            let new = Setting {
                option: "auth_state_groups_key".into(),
                term: Term::Value(Value::str(format!("{prefix}.{key}"))),
                ..setting.clone()
            };
            let message = format!(
                "it is called auth_state_groups_key now, and is looked up in auth_state, where the userdata stand under `{prefix}`"
            );
            Outcome::Replace(Box::new(new), message)
        }
        _ => Outcome::Warn(
            "it is called auth_state_groups_key now; a function there is given auth_state instead of the userdata, so rewrite it"
                .into(),
        ),
    }
}

/// False is the old option's own default, so that nothing happens (`_deprecated_oauth_trait`).
fn certificate(setting: &Setting, alias: &Alias) -> Outcome {
    match setting.term.as_value().and_then(|value| value.truth()) {
        Some(false) => Outcome::Remove(format!(
            "it has done nothing since oauthenticator {}: the certificate is checked; {} = False would switch that off",
            alias.since, alias.new
        )),
        _ => {
            let new = Setting { option: alias.new.to_owned(), ..setting.clone() };
            Outcome::Replace(Box::new(new), format!("it is called {} now", alias.new))
        }
    }
}

/// An option that a class once had.
fn unknown(setting: &Setting, def: &'static ClassDef, running: Option<&RunningClass>) -> Outcome {
    let known = |def: &'static ClassDef| RunningClass::of(def).option(&setting.option).is_some();
    let unseen = running.is_some_and(|running| running.unseen.is_some() || !running.locals.is_empty());
    // A section of a base holds options of the classes below it.
    let below = settings::classes().iter().filter(|other| other.bases.contains(&def.name));
    if known(def) || unseen || below.into_iter().any(|other| known(other)) {
        return Outcome::Keep;
    }
    let had = Release::all().rev().find(|release| release.has(def.name, &setting.option) == Some(true));
    match had {
        Some(release) => Outcome::Remove(format!(
            "oauthenticator {} was the last to have it; it has no effect any more",
            release.oauthenticator()
        )),
        None => Outcome::Warn(format!("{} has no such option, so it has no effect", def.name)),
    }
}

#[cfg(test)]
mod tests {
    use crate::convert::{Plan, Secrets, Weight, convert, render};
    use crate::source::load::{Request, load_text};
    use crate::write::Form;

    /// What becomes of a line below `generic-oauth`, and what is said.
    fn upgraded(line: &str) -> (String, Vec<(Weight, String)>) {
        let text = format!("c.JupyterHub.authenticator_class = 'generic-oauth'\n{line}\n");
        let loaded = load_text(&text, &Request::default()).unwrap();
        let plan = Plan { to: Form::Python, secrets: Secrets::Keep, upgrade: true, layer: false };
        let rendered = render(&convert(&loaded, &loaded, &[], plan), &loaded, Form::Python);
        let rest = rendered.text.lines().skip(1).filter(|line| line.starts_with("c."));
        let rest = rest.collect::<Vec<_>>().join("\n");
        (rest, rendered.remarks.into_iter().map(|remark| (remark.weight, remark.message)).collect())
    }

    // The names of oauthenticator 17's and jupyterhub 5's changelogs.
    #[test]
    fn old_names_give_way_to_new_ones() {
        for (old, new) in [
            ("c.GenericOAuthenticator.username_key = 'x'", "c.GenericOAuthenticator.username_claim = \"x\""),
            (
                "c.GenericOAuthenticator.extra_params = {'a': 'b'}",
                "c.GenericOAuthenticator.token_params = {\"a\": \"b\"}",
            ),
            ("c.Authenticator.whitelist = {'x'}", "c.Authenticator.allowed_users = {\"x\"}"),
            ("c.Authenticator.blacklist = {'x'}", "c.Authenticator.blocked_users = {\"x\"}"),
            ("c.JupyterHub.admin_users = {'x'}", "c.Authenticator.admin_users = {\"x\"}"),
            ("c.GenericOAuthenticator.tls_verify = True", "c.GenericOAuthenticator.validate_server_cert = True"),
        ] {
            let (text, said) = upgraded(old);
            assert_eq!(text, new);
            assert_eq!(said.iter().map(|(weight, _)| *weight).collect::<Vec<_>>(), [Weight::Changed], "{old}");
        }
    }

    #[test]
    fn groups_bring_manage_groups() {
        let (text, said) = upgraded("c.GenericOAuthenticator.claim_groups_key = 'groups'");
        assert_eq!(
            text,
            "c.GenericOAuthenticator.manage_groups = True\nc.GenericOAuthenticator.auth_state_groups_key = \"oauth_user.groups\""
        );
        assert_eq!(said.iter().map(|(weight, _)| *weight).collect::<Vec<_>>(), [Weight::Changed; 2], "{said:?}");
        let (text, _) = upgraded("c.GenericOAuthenticator.allowed_groups = set()");
        assert!(!text.contains("manage_groups"), "{text}");
    }

    #[test]
    fn a_class_that_is_gone_is_told() {
        let loaded = load_text(
            "c.JupyterHub.authenticator_class = 'oauthenticator.okpy.OkpyOAuthenticator'",
            &Request::default(),
        );
        let loaded = loaded.unwrap();
        let plan = Plan { to: Form::Python, secrets: Secrets::Keep, upgrade: true, layer: false };
        let remarks = convert(&loaded, &loaded, &[], plan).remarks;
        assert!(remarks[0].message.contains("generic-oauth"), "{remarks:?}");
    }

    #[test]
    fn what_has_no_effect_goes_with_a_word() {
        for line in [
            "c.GenericOAuthenticator.tls_verify = False",
            "c.GoogleOAuthenticator.user_info_url = 'x'",
            "c.GenericOAuthenticator.userdata_method = 'GET'",
            "c.LocalAuthenticator.group_whitelist = {'x'}",
        ] {
            let (text, said) = upgraded(line);
            assert_eq!((text.as_str(), said[0].0), ("", Weight::LeftOut), "{line}");
        }
    }

    #[test]
    fn the_deprecated_name_wins_where_both_are_set() {
        let (text, said) =
            upgraded("c.GenericOAuthenticator.username_claim = 'new'\nc.GenericOAuthenticator.username_key = 'old'");
        assert_eq!(text, "c.GenericOAuthenticator.username_claim = \"old\"");
        assert_eq!(said.len(), 2, "{said:?}");
    }

    #[test]
    fn what_nobody_can_translate_stays_with_a_word() {
        let (text, said) = upgraded("c.CILogonOAuthenticator.idp_whitelist = ['x']");
        assert_eq!(text, "c.CILogonOAuthenticator.idp_whitelist = [\"x\"]");
        assert!(said[0].0 == Weight::Note && said[0].1.contains("idps"), "{said:?}");
    }
}
