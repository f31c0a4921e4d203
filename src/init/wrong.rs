//! What contradicts itself in the answers, or what a provider or a form cannot do.

use super::answers::{Answers, Secret, is_variable, normal};
use super::{Domains, Groups, Preset, Username};
use crate::write::Form;

impl Answers {
    /// What contradicts itself, or what this provider or form cannot do.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let Some(preset) = self.preset() else { return wrong };
        if let (Some(given), Some(address)) = (&self.address, &preset.address)
            && let Err(why) = normal(given, address.shape)
        {
            wrong.push(why);
        }
        if self.address.is_some() && preset.address.is_none() {
            let domains =
                if preset.domains == Domains::None { "" } else { "; for accounts of a domain give --allow-domain" };
            wrong.push(format!("{} is one place; there is no address to give{domains}", preset.title));
        }
        if let (Groups::None(why), true) = (preset.groups, self.uses_groups()) {
            wrong.push(why.to_owned());
        }
        if !self.admin_groups.is_empty() && preset.has_groups() && !preset.has_admin_groups() {
            wrong.push(format!("{} makes nobody admin by group; name admins with --admin-user", preset.class));
        }
        if self.groups_claim.is_some() && !matches!(preset.groups, Groups::Claim(_) | Groups::IdToken { .. }) {
            wrong.push(format!("{} takes groups from no claim; leave --groups-claim out", preset.class));
        }
        if self.groups_claim().is_some_and(|claim| claim.contains("://")) && self.uses_groups() {
            wrong.push(
                "a groups claim with dots in its name is out of the hub's reach; have the provider give it another"
                    .into(),
            );
        }
        self.wrong_domains(preset, &mut wrong);
        self.wrong_names(preset, &mut wrong);
        self.wrong_secret(&mut wrong);
        wrong
    }

    fn wrong_domains(&self, preset: &Preset, wrong: &mut Vec<String>) {
        if let Some(domain) =
            self.allow_domains.iter().find(|domain| domain.contains(['@', '/', ' ']) || domain.is_empty())
        {
            wrong.push(format!("`{domain}` is no domain; write it like example.org"));
        }
        match preset.domains {
            _ if self.allow_domains.is_empty() => {}
            Domains::None => wrong.push(format!("{} knows no domains; leave --allow-domain out", preset.class)),
            Domains::Narrow { several: false, option } if self.allow_domains.len() > 1 => {
                wrong.push(format!("{option} takes one domain only"));
            }
            _ => {}
        }
        if self.strip_domain.is_some() && preset.domains != Domains::OfIdp {
            wrong.push(format!("{} takes no domain off by option; leave --strip-domain out", preset.class));
        }
        if let Some(idp) =
            self.idps.iter().find(|idp| !["https://", "http://", "urn:"].iter().any(|it| idp.starts_with(it)))
        {
            wrong.push(format!("`{idp}` is no EntityID; take it from https://cilogon.org/idplist/"));
        }
        if !self.idps.is_empty() && preset.domains != Domains::OfIdp {
            wrong.push(format!("{} knows no identity providers behind it; leave --idp out", preset.title));
        }
    }

    fn wrong_names(&self, preset: &Preset, wrong: &mut Vec<String>) {
        if self.username_claim.is_some() && matches!(preset.username, Username::Function(_)) {
            wrong.push(format!("names of {} are found by a function; leave --username-claim out", preset.title));
        }
        let names = self.allow_users.iter().chain(&self.admin_users);
        if let Some(name) = names.clone().find(|name| name.trim().is_empty() || name.contains('/')) {
            wrong.push(format!("`{name}` is no name of a user"));
        }
    }

    fn wrong_secret(&self, wrong: &mut Vec<String>) {
        let form = self.form();
        let data_only = matches!(form, Form::Tljh | Form::Json);
        match &self.secret {
            Some(Secret::Env(name)) if !is_variable(name) => wrong.push(format!("`{name}` is no name of a variable")),
            Some(Secret::Env(name)) if data_only && name != Secret::VARIABLE => wrong.push(format!(
                "a configuration of the form {} cannot name a variable; the hub reads {} by itself",
                form.name(),
                Secret::VARIABLE
            )),
            Some(Secret::File(_)) if data_only => wrong.push(format!(
                "a configuration of the form {} cannot read a file; keep the secret in the variable {}",
                form.name(),
                Secret::VARIABLE
            )),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::preset;

    #[test]
    fn what_a_provider_or_a_form_cannot_do_is_told() {
        let wrong = |name: &str, change: fn(&mut Answers)| {
            let mut answers = Answers { preset: preset(name), ..Answers::default() };
            change(&mut answers);
            answers.wrong().len()
        };
        assert_eq!(wrong("orcid", |it| it.allow_groups = vec!["a".into()]), 1);
        assert_eq!(wrong("github", |it| it.admin_groups = vec!["a".into()]), 1);
        assert_eq!(wrong("github", |it| it.allow_domains = vec!["example.org".into()]), 1);
        assert_eq!(wrong("globus", |it| it.allow_domains = vec!["a.org".into(), "b.org".into()]), 1);
        assert_eq!(wrong("cilogon", |it| it.idps = vec!["example.edu".into()]), 1);
        assert_eq!(wrong("github", |it| it.secret = Some(Secret::File("/s".into()))), 0);
        assert_eq!(wrong("github", |it| (it.form, it.secret) = (Some(Form::Json), Some(Secret::File("/s".into())))), 1);
        assert_eq!(
            wrong("github", |it| (it.form, it.secret) = (Some(Form::Tljh), Some(Secret::Env("MINE".into())))),
            1
        );
        assert_eq!(wrong("google", |it| it.address = Some("https://google.com".into())), 1);
        assert_eq!(wrong("auth0", |it| (it.groups_claim) = Some("https://example.org/groups".into())), 1);
    }
}
