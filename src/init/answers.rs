//! What the flags and the dialogue gather, and what is still missing.

use url::Url;

use super::hub::Hub;
use super::{Endpoints, Groups, Preset, Shape, Username};
use crate::discovery::Metadata;
use crate::write::Form;

/// Everything that makes a configuration. Empty where nobody answered yet.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The provider.
    pub preset: Option<&'static Preset>,
    /// Which instance of it, as given.
    pub address: Option<String>,
    /// What its discovery document says.
    pub metadata: Option<Metadata>,
    /// Endpoints given one by one.
    pub urls: Urls,
    /// The identity providers behind it, by EntityID.
    pub idps: Vec<String>,
    /// Where the hub is.
    pub hub: Option<Hub>,
    /// The client's id.
    pub client_id: Option<String>,
    /// Where its secret is.
    pub secret: Option<Secret>,
    /// Whether everybody may enter.
    pub allow_all: bool,
    /// Who may enter, by name.
    pub allow_users: Vec<String>,
    /// Who may enter, by group.
    pub allow_groups: Vec<String>,
    /// Who may enter, by domain.
    pub allow_domains: Vec<String>,
    /// Who is admin, by name.
    pub admin_users: Vec<String>,
    /// Who is admin, by group.
    pub admin_groups: Vec<String>,
    /// The claim with the name, where it is not the preset's.
    pub username_claim: Option<String>,
    /// The claim with the groups, where it is not the preset's.
    pub groups_claim: Option<String>,
    /// A domain that is taken off names.
    pub strip_domain: Option<String>,
    /// The scopes, where they are not the preset's.
    pub scopes: Vec<String>,
    /// What the login button calls the provider.
    pub login_service: Option<String>,
    /// How the hub asks Google's directory for groups.
    pub directory: Directory,
    /// The Kubernetes secret that holds the client's secret.
    pub kubernetes_secret: Option<String>,
    /// The form to write.
    pub form: Option<Form>,
}

/// Endpoints given one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Urls {
    /// `authorize_url`.
    pub authorize: Option<String>,
    /// `token_url`.
    pub token: Option<String>,
    /// `userdata_url`.
    pub userdata: Option<String>,
    /// `logout_redirect_url`.
    pub logout: Option<String>,
}

impl Urls {
    /// Whether a login needs no other endpoint.
    pub fn are_whole(&self) -> bool {
        self.authorize.is_some() && self.token.is_some() && self.userdata.is_some()
    }
}

/// How the hub asks Google's directory for groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The service account's key file, on the hub's machine.
    pub key: Option<String>,
    /// The administrator for whom it asks: the name before the @.
    pub administrator: Option<String>,
}

/// Where the client's secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// In a variable of the hub's environment.
    Env(String),
    /// In a file on the hub's machine.
    File(String),
}

impl Secret {
    /// The variable that every class reads by itself (`oauthenticator.oauth2.OAuthenticator.client_secret_env`).
    pub const VARIABLE: &str = "OAUTH_CLIENT_SECRET";
}

/// Something that has to be given, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The flag, with a word for its value.
    pub flag: String,
    /// What it is.
    pub what: String,
}

impl Missing {
    fn new(flag: impl Into<String>, what: impl Into<String>) -> Missing {
        Missing { flag: flag.into(), what: what.into() }
    }
}

impl Answers {
    /// The preset in the form that is written.
    pub fn preset(&self) -> Option<&'static Preset> {
        Some(self.preset?.in_form(self.form()))
    }

    /// What the provider is called: one that is known by its issuer only goes by its host.
    pub fn provider(&self) -> String {
        let Some(preset) = self.preset() else { return "the provider".to_owned() };
        let address = match preset.endpoints {
            Endpoints::Discovery => self.base().or_else(|| self.urls.authorize.clone()),
            _ => None,
        };
        let host = address.and_then(|address| Some(Url::parse(&address).ok()?.host_str()?.to_owned()));
        host.unwrap_or_else(|| preset.title.to_owned())
    }

    /// The form; Python where none is given.
    pub fn form(&self) -> Form {
        self.form.unwrap_or(Form::Python)
    }

    /// Whether any rule lets somebody in.
    pub fn lets_somebody_in(&self) -> bool {
        self.allow_all
            || [&self.allow_users, &self.allow_groups, &self.allow_domains, &self.admin_users, &self.admin_groups]
                .iter()
                .any(|names| !names.is_empty())
    }

    /// Whether groups are used.
    pub fn uses_groups(&self) -> bool {
        !self.allow_groups.is_empty() || !self.admin_groups.is_empty() || self.groups_claim.is_some()
    }

    /// The claim with the groups; `None` where the provider has none and none is named.
    pub fn groups_claim(&self) -> Option<&str> {
        let own = match self.preset()?.groups {
            Groups::Claim(claim) | Groups::IdToken { claim, .. } => claim,
            _ => "",
        };
        self.groups_claim.as_deref().or((!own.is_empty()).then_some(own))
    }

    /// Whether the user data are taken from the id_token.
    pub fn from_id_token(&self) -> bool {
        self.uses_groups() && self.preset().is_some_and(|preset| matches!(preset.groups, Groups::IdToken { .. }))
    }

    /// The claim with the name.
    pub fn username_claim(&self) -> Option<&str> {
        if let Some(claim) = &self.username_claim {
            return Some(claim);
        }
        match (self.preset()?.groups, self.preset()?.username) {
            (Groups::IdToken { username, .. }, _) if self.from_id_token() => Some(username),
            (_, Username::Claim(claim)) => Some(self.offered_name().unwrap_or(claim)),
            (_, Username::OfIdp(claim)) => Some(claim),
            (_, Username::Function(_)) => None,
        }
    }

    /// The best name among the claims that a provider lists, where it is asked for nothing else.
    fn offered_name(&self) -> Option<&'static str> {
        let claims = self.metadata.as_ref()?.claims_supported.as_ref()?;
        let discovered = matches!(self.preset()?.endpoints, Endpoints::Discovery);
        let offered = |claim: &&str| claims.iter().any(|one| one == claim);
        ["preferred_username", "email", "sub"].into_iter().find(|claim| discovered && offered(claim))
    }

    /// The scopes that are asked for.
    pub fn scopes(&self) -> Vec<String> {
        if !self.scopes.is_empty() {
            return self.scopes.clone();
        }
        let Some(preset) = self.preset() else { return Vec::new() };
        let mut scopes: Vec<String> = preset.scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let with_groups = self.uses_groups() && !self.from_id_token();
        let known = self.metadata.as_ref().and_then(|metadata| metadata.scopes_supported.as_ref());
        // Where the provider lists its scopes, one that it does not know would be refused.
        let offered = |scope: &str| known.is_none_or(|known| known.iter().any(|one| one == scope));
        if matches!(preset.endpoints, Endpoints::Discovery) {
            scopes.retain(|scope| scope == "openid" || offered(scope));
        }
        if with_groups {
            let more = preset.group_scopes.iter().filter(|scope| known.is_none() || offered(scope));
            scopes.extend(more.map(|scope| (*scope).to_owned()));
        }
        scopes
    }

    /// The provider's address in its proper shape.
    pub fn base(&self) -> Option<String> {
        let address = self.preset()?.address.as_ref()?;
        let given = self.address.as_deref().filter(|given| !given.trim().is_empty());
        let text = given.or((!address.default.is_empty()).then_some(address.default))?;
        normal(text, address.shape).ok()
    }

    /// What is missing before anything can be written.
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        match self.preset() {
            None => missing.push(Missing::new("--provider NAME", "who logs your users in, such as github or keycloak")),
            Some(preset) => self.missing_of_provider(preset, &mut missing),
        }
        if self.hub.is_none() {
            missing.push(Missing::new("--hub-url URL", "the hub's public address"));
        }
        if self.client_id.is_none() {
            missing.push(Missing::new("--client-id ID", "the id that the provider gives the hub when you register it"));
        }
        if !self.lets_somebody_in() {
            let all = "who may enter: --allow-user NAME, --allow-group NAME, --allow-domain DOMAIN or --allow-all";
            missing.push(Missing::new("--allow-user NAME", all));
        }
        missing
    }

    fn missing_of_provider(&self, preset: &Preset, missing: &mut Vec<Missing>) {
        if let Some(address) = &preset.address
            && self.base().is_none()
            && !self.urls.are_whole()
        {
            let what = format!("{}, such as {}", lower(address.question), address.example);
            missing.push(Missing::new(format!("{} {}", address.flag, value_word(address.flag)), what));
        }
        if matches!(preset.username, Username::OfIdp(_)) && self.idps.is_empty() {
            missing.push(Missing::new(
                "--idp ENTITYID",
                "an identity provider whose users may log in, as https://cilogon.org/idplist/ names it",
            ));
        }
        if matches!(preset.groups, Groups::Claim("")) && self.uses_groups() && self.groups_claim.is_none() {
            missing.push(Missing::new("--groups-claim CLAIM", "the claim with the groups, such as isMemberOf"));
        }
        if matches!(preset.groups, Groups::Directory) && self.uses_groups() {
            if self.directory.key.is_none() {
                let what = "the service account's key file, on the hub's machine";
                missing.push(Missing::new("--google-service-account-key FILE", what));
            }
            if self.directory.administrator.is_none() {
                let what = "the administrator for whom it asks, without the domain";
                missing.push(Missing::new("--google-administrator NAME", what));
            }
            if self.allow_domains.is_empty() {
                missing.push(Missing::new("--allow-domain DOMAIN", "the Workspace domain whose groups are meant"));
            }
        }
    }
}

/// A question as a fragment.
fn lower(question: &str) -> String {
    let mut chars = question.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

/// What a flag's value is called.
fn value_word(flag: &str) -> &'static str {
    match flag {
        "--tenant" => "TENANT",
        "--domain" => "HOST",
        _ => "URL",
    }
}

/// Whether a shell takes it for a variable's name.
pub fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// An address as people give it, in its proper shape.
pub fn normal(text: &str, shape: Shape) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['{', '}', '<', '>', '$', ' ', '"']) {
        return Err(format!("`{text}` is no address of a provider"));
    }
    match shape {
        Shape::Url => url(text),
        Shape::Host => {
            let host = text.split("://").last().unwrap_or(text).split('/').next().unwrap_or(text);
            if host.contains('.') || host.contains(':') {
                return Ok(host.to_owned());
            }
            Err(format!("`{text}` is no host name; write it like example.eu.auth0.com"))
        }
        Shape::Tenant => {
            // An issuer or an endpoint of the tenant names it first in its path.
            let tenant = match text.split_once("://") {
                Some((_, rest)) => rest.split('/').nth(1).unwrap_or_default(),
                None => text,
            };
            match tenant {
                "" => Err(format!("`{text}` names no tenant")),
                "common" | "organizations" | "consumers" => {
                    Err(format!("`{tenant}` is no tenant: anybody with a Microsoft account could log in"))
                }
                _ if tenant.contains('/') => Err(format!("`{text}` is no tenant; give its directory id")),
                tenant => Ok(tenant.to_owned()),
            }
        }
    }
}

fn url(text: &str) -> Result<String, String> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let whole = whole.split("/.well-known/").next().unwrap_or_default();
    match Url::parse(whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() => {
            Ok(whole.trim_end_matches('/').to_owned())
        }
        _ => Err(format!("`{text}` is no web address; write it like https://id.example.org")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::preset;

    #[test]
    fn addresses_are_taken_as_people_give_them() {
        for (given, shape, expected) in [
            ("id.example.org/realms/main/", Shape::Url, "https://id.example.org/realms/main"),
            ("https://id.example.org/.well-known/openid-configuration", Shape::Url, "https://id.example.org"),
            ("https://example.eu.auth0.com/", Shape::Host, "example.eu.auth0.com"),
            ("example.eu.auth0.com", Shape::Host, "example.eu.auth0.com"),
            ("https://login.microsoftonline.com/1111/v2.0", Shape::Tenant, "1111"),
            ("example.onmicrosoft.com", Shape::Tenant, "example.onmicrosoft.com"),
        ] {
            assert_eq!(normal(given, shape).as_deref(), Ok(expected), "{given}");
        }
        for (given, shape) in [
            ("", Shape::Url),
            ("https://<host>/", Shape::Url),
            ("ftp://id.example.org", Shape::Url),
            ("example", Shape::Host),
            ("common", Shape::Tenant),
            ("https://login.microsoftonline.com/common", Shape::Tenant),
        ] {
            assert!(normal(given, shape).is_err(), "{given}");
        }
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let flags = |answers: &Answers| -> Vec<String> {
            answers
                .missing()
                .into_iter()
                .map(|missing| missing.flag.split(' ').next().unwrap_or_default().into())
                .collect()
        };
        assert_eq!(flags(&Answers::default()), ["--provider", "--hub-url", "--client-id", "--allow-user"]);
        let keycloak = Answers { preset: preset("keycloak"), ..Answers::default() };
        assert_eq!(flags(&keycloak), ["--issuer", "--hub-url", "--client-id", "--allow-user"]);
        let cilogon = Answers { preset: preset("cilogon"), allow_groups: vec!["a".into()], ..Answers::default() };
        assert_eq!(flags(&cilogon), ["--idp", "--groups-claim", "--hub-url", "--client-id"]);
        let google = Answers { preset: preset("google"), admin_groups: vec!["a".into()], ..Answers::default() };
        assert_eq!(
            flags(&google),
            ["--google-service-account-key", "--google-administrator", "--allow-domain", "--hub-url", "--client-id"]
        );
    }
}
