//! `--upgrade` of CILogon: what oauthenticator 15 and earlier said in options of their own, 16 and later say in `idps`
//! (`oauthenticator.cilogon.CILogonOAuthenticator._deprecated_oauth_aliases`).

use super::{Converted, Remark, Weight};
use crate::source::Loaded;
use crate::value::{Dict, Value};
use crate::write::{Setting, Term};

/// What `username_claim` was where nobody set it.
const OLD_CLAIM: &str = "eppn";

/// The options that listed identity providers, the one that counts most first.
const LISTS: [&str; 3] = ["allowed_idps", "shown_idps", "idp"];

/// Translates each CILogon section that has old options.
pub(super) fn translate(loaded: &Loaded, done: &mut Converted) {
    for class in ["CILogonOAuthenticator", "LocalCILogonOAuthenticator"] {
        Section { class, loaded, done }.translate();
    }
}

struct Section<'a> {
    class: &'static str,
    loaded: &'a Loaded,
    done: &'a mut Converted,
}

impl Section<'_> {
    fn translate(&mut self) {
        let Some((name, providers)) = self.providers() else { return };
        let claim = match self.value("username_claim") {
            Some(claim) => claim,
            None => Value::str(OLD_CLAIM),
        };
        if claim.as_str().is_none() {
            return;
        }
        let Some(idps) = with_names(&providers, &claim) else { return };
        let assumed = self.value("username_claim").is_none() && !has_names(&providers);
        self.put(name, idps);
        let claim = claim.to_text();
        let mut message =
            "its identity providers are the keys of idps now, each with its own username_claim".to_owned();
        if assumed {
            message += &format!("; {claim} was the default then");
        }
        self.say(Weight::Changed, name, message);
        self.drop_rest(&claim);
    }

    /// The list that counts, as far as it holds nothing but EntityIDs.
    fn providers(&self) -> Option<(&'static str, Value)> {
        if self.value("idps").is_some() {
            return None;
        }
        let name = LISTS.into_iter().find(|name| self.at(name).is_some())?;
        let value = match self.value(name)? {
            Value::Str(text) => Value::List(text.split(',').map(|one| Value::str(one.trim())).collect()),
            value => value,
        };
        let ids = value.iterate()?;
        let all = !ids.is_empty() && ids.iter().all(|id| id.as_str().is_some_and(is_entity_id));
        all.then_some((name, value))
    }

    /// What has a place in idps, or none any more, goes.
    fn drop_rest(&mut self, claim: &str) {
        let fates = [
            ("username_claim", "it stands in idps, for each identity provider".to_owned()),
            (
                "additional_username_claims",
                format!(
                    "one claim is read for each identity provider; where one sends no {claim}, name another in its username_derivation"
                ),
            ),
            (
                "strip_idp_domain",
                "idps says it for each identity provider: \"action\": \"strip_idp_domain\" and \"domain\" in its username_derivation"
                    .to_owned(),
            ),
            ("shown_idps", "the identity providers in idps are shown, and no others let in".to_owned()),
            ("idp", "the identity providers in idps are shown, and no others let in".to_owned()),
        ];
        for (option, why) in fates {
            if let Some(at) = self.at(option) {
                let weight = if option == "username_claim" { Weight::Changed } else { Weight::LeftOut };
                self.say(weight, option, why);
                self.done.document.settings.remove(at);
            }
        }
    }

    /// Puts `idps` where the old list stood.
    fn put(&mut self, old: &str, idps: Value) {
        if let Some(at) = self.at(old) {
            let setting = &mut self.done.document.settings[at];
            *setting = Setting { option: "idps".into(), term: Term::Value(idps), ..setting.clone() };
        }
    }

    fn at(&self, option: &str) -> Option<usize> {
        let settings = &self.done.document.settings;
        settings.iter().position(|setting| setting.class == self.class && setting.option == option)
    }

    fn value(&self, option: &str) -> Option<Value> {
        let setting = &self.done.document.settings[self.at(option)?];
        setting.term.as_value()
    }

    fn say(&mut self, weight: Weight, option: &str, message: String) {
        let entry = self.loaded.config.section(self.class).and_then(|section| section.entry(option));
        let span = entry.and_then(|entry| entry.origin.span().cloned());
        self.done.remarks.push(Remark::new(weight, format!("{}.{option}", self.class), message, span.as_ref()));
    }
}

/// The schemes that upstream takes (`CILogonOAuthenticator._validate_idps`); earlier lists held domains.
fn is_entity_id(text: &str) -> bool {
    ["https:", "http:", "urn:"].iter().any(|scheme| text.starts_with(scheme))
}

/// Whether every identity provider says itself how names are made.
fn has_names(providers: &Value) -> bool {
    let claim = |idp: &Value| idp.get("username_derivation").is_some_and(|names| names.get("username_claim").is_some());
    providers.as_dict().is_some_and(|idps| idps.values().all(claim))
}

/// The identity providers with the claim filled in where they do not say one.
fn with_names(providers: &Value, claim: &Value) -> Option<Value> {
    let mut idps = Dict::new();
    for id in providers.iterate()? {
        let old = match providers {
            Value::Dict(all) => all.get_value(&id).and_then(Value::as_dict)?.clone(),
            _ => Dict::new(),
        };
        let mut idp = old;
        let mut names = match idp.get("username_derivation") {
            Some(names) => names.as_dict()?.clone(),
            None => Dict::new(),
        };
        if !names.contains("username_claim") {
            names.insert("username_claim", claim.clone());
        }
        idp.insert("username_derivation", Value::Dict(names));
        idps.insert_value(id, Value::Dict(idp)).ok()?;
    }
    Some(Value::Dict(idps))
}

#[cfg(test)]
mod tests {
    use crate::convert::{Plan, Secrets, Weight, convert, render};
    use crate::source::load::{Request, load_text};
    use crate::write::Form;

    fn upgraded(lines: &str) -> (String, Vec<(Weight, String)>) {
        let text = format!("c.JupyterHub.authenticator_class = 'cilogon'\n{lines}");
        let loaded = load_text(&text, &Request::default()).unwrap();
        let plan = Plan { to: Form::Json, secrets: Secrets::Keep, upgrade: true, layer: false };
        let rendered = render(&convert(&loaded, &loaded, &[], plan), &loaded, Form::Json);
        let result: serde_json::Value = serde_json::from_str(&rendered.text).unwrap();
        let said = rendered.remarks.into_iter().map(|remark| (remark.weight, remark.name)).collect();
        (result["CILogonOAuthenticator"].to_string(), said)
    }

    const GOOGLE: &str = "http://google.com/accounts/o8/id";

    // The names and the default are those of oauthenticator 15.1's cilogon.py; the shape is 17's schema.
    #[test]
    fn lists_become_idps() {
        let named = format!(r#"{{"idps":{{"{GOOGLE}":{{"username_derivation":{{"username_claim":"email"}}}}}}}}"#);
        for lines in [
            format!(
                "c.CILogonOAuthenticator.allowed_idps = ['{GOOGLE}']\nc.CILogonOAuthenticator.username_claim = 'email'"
            ),
            format!("c.CILogonOAuthenticator.idp = '{GOOGLE}'\nc.CILogonOAuthenticator.username_claim = 'email'"),
            format!(
                "c.CILogonOAuthenticator.allowed_idps = {{'{GOOGLE}': {{'username_derivation': {{'username_claim': 'email'}}}}}}"
            ),
        ] {
            assert_eq!(upgraded(&lines).0, named, "{lines}");
        }
        let (text, said) = upgraded(&format!("c.CILogonOAuthenticator.shown_idps = ['{GOOGLE}']"));
        assert_eq!(text, named.replace("email", "eppn"));
        assert_eq!(said.len(), 1, "{said:?}");
    }

    #[test]
    fn what_idps_cannot_say_is_told() {
        let (text, said) = upgraded(&format!(
            "c.CILogonOAuthenticator.allowed_idps = ['{GOOGLE}']\nc.CILogonOAuthenticator.additional_username_claims = ['email']\nc.CILogonOAuthenticator.strip_idp_domain = True"
        ));
        assert!(!text.contains("additional") && !text.contains("strip"), "{text}");
        let left_out = |name: &str| said.contains(&(Weight::LeftOut, format!("CILogonOAuthenticator.{name}")));
        assert!(left_out("additional_username_claims") && left_out("strip_idp_domain"), "{said:?}");
    }

    #[test]
    fn domains_are_no_identity_providers() {
        let (text, said) = upgraded("c.CILogonOAuthenticator.allowed_idps = ['example.edu']");
        assert!(text.contains(r#""allowed_idps":["example.edu"]"#), "{text}");
        assert!(said[0].0 == Weight::Note, "{said:?}");
    }
}
