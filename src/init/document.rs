//! From answers to settings, each with a word about it.

use super::answers::{Answers, Secret, Urls};
use super::{Domains, Endpoints, Groups, Preset, Templates, Username};
use crate::settings::{self, RunningClass};
use crate::source::load::{Request, load_text};
use crate::value::{Dict, Set, Value};
use crate::write::{Code, Document, Form, Setting, Term};

/// What naming admins by group brings along.
const REVOKES: &str = "Whoever is in none of these loses admin rights at login, but for admin_users.";

/// The Kubernetes secret that is named where the operator names none.
pub const KUBERNETES_SECRET: &str = "hub-oauth";

/// The settings that the answers come to; `None` while something essential is missing.
pub fn document(answers: &Answers) -> Option<Document> {
    let preset = answers.preset()?;
    let hub = answers.hub.as_ref()?;
    let mut writer = Writer { class: preset.class, settings: Vec::new(), comments: Vec::new() };
    writer.on("JupyterHub", "authenticator_class", Value::str(preset.entry_point));
    if hub.base_url != "/" {
        writer.on("JupyterHub", "base_url", Value::str(hub.base_url.clone()));
    }
    writer.say("What the provider knows the hub by.");
    writer.set("client_id", Value::str(answers.client_id.clone()?));
    // MediaWiki is sent none: the one that is registered counts.
    if preset.class != "MWOAuthenticator" {
        writer.set("oauth_callback_url", Value::str(hub.callback.clone()));
    }
    if answers.form() == Form::Python && !matches!(answers.secret, Some(Secret::File(_))) {
        writer.say_known("The hub starts only where this variable is set.", "environment-variable-missing");
    }
    writer.set("client_secret", secret(answers));
    endpoints(answers, preset, &mut writer);
    let scopes = answers.scopes();
    if !scopes.is_empty() {
        writer.set_unless_usual(preset, "scope", list(&scopes));
    }
    names(answers, preset, &mut writer);
    allow(answers, preset, &mut writer);
    let mut heading = vec![
        format!("Logs users in with {}.", answers.provider()),
        "Registered at the provider, character by character: the redirect address".to_owned(),
        format!("    {}", hub.callback),
    ];
    // There is no other place in it that could tell.
    if answers.form() == Form::Tljh {
        let name = Secret::VARIABLE;
        heading.push(format!("The client's secret is in {name}, in the environment of the service jupyterhub."));
    }
    let kubernetes_secret = Some(answers.kubernetes_secret.clone().unwrap_or_else(|| KUBERNETES_SECRET.to_owned()));
    Some(Document { heading, settings: writer.settings, kubernetes_secret, ..Document::default() })
}

/// Settings of a class, as they are gathered.
struct Writer {
    class: &'static str,
    settings: Vec<Setting>,
    comments: Vec<String>,
}

impl Writer {
    /// What stands above the next setting.
    fn say(&mut self, comment: impl Into<String>) {
        self.comments = vec![comment.into()];
    }

    /// The same for something that our own check would warn of: it is known.
    fn say_known(&mut self, comment: &str, rule: &str) {
        self.comments = vec![comment.to_owned(), format!("oauthctl: ignore[{rule}]")];
    }

    fn set(&mut self, option: &str, term: impl Into<Term>) {
        self.on(self.class, option, term);
    }

    /// The same, but where the class of one provider has it so by itself.
    fn set_unless_usual(&mut self, preset: &Preset, option: &str, value: Value) {
        let own = matches!(preset.endpoints, Endpoints::Class(_)).then(|| usual(preset.class, option)).flatten();
        if own.as_ref() == Some(&value) {
            self.comments.clear();
        } else {
            self.set(option, value);
        }
    }

    fn on(&mut self, class: &str, option: &str, term: impl Into<Term>) {
        let mut setting = Setting::new(class, option, term);
        setting.comments.append(&mut self.comments);
        self.settings.push(setting);
    }
}

/// What an option of a class is where nothing is configured.
fn usual(class: &str, option: &str) -> Option<Value> {
    let nothing = load_text("", &Request::default()).ok()?;
    let settings = settings::resolve_class(&nothing, RunningClass::of(settings::class(class)?)).settings?;
    Some(settings.get(option)?.value.clone())
}

fn list(items: &[String]) -> Value {
    Value::List(items.iter().map(Value::str).collect())
}

fn set(items: &[String]) -> Value {
    Value::Set(Set::of(items.iter().map(Value::str)).unwrap_or_default())
}

fn secret(answers: &Answers) -> Term {
    match &answers.secret {
        Some(Secret::File(path)) => Term::File { path: path.clone() },
        Some(Secret::Env(name)) => Term::env(name),
        None => Term::env(Secret::VARIABLE),
    }
}

/// The endpoints of a login, from what was given one by one, the discovery document, and the preset.
pub fn urls(answers: &Answers) -> Urls {
    let mut urls = answers.urls.clone();
    let found = answers.metadata.as_ref();
    let below = match answers.preset().map(|preset| preset.endpoints) {
        Some(Endpoints::Below(templates)) if found.is_none() => answers.base().map(|base| below(templates, &base)),
        _ => None,
    };
    let below = below.unwrap_or_default();
    urls.authorize = urls.authorize.or_else(|| found?.authorization_endpoint.clone()).or(below.authorize);
    urls.token = urls.token.or_else(|| found?.token_endpoint.clone()).or(below.token);
    urls.userdata = urls.userdata.or_else(|| found?.userinfo_endpoint.clone()).or(below.userdata);
    urls
}

fn below(templates: &Templates, base: &str) -> Urls {
    let mut base = match templates.cut {
        "" => base.to_owned(),
        cut => base.split(cut).next().unwrap_or(base).to_owned(),
    };
    if !templates.add.is_empty() && !base.contains(templates.add) {
        base += templates.add;
    }
    let fill = |template: &str| Some(template.replace("{base}", &base));
    Urls {
        authorize: fill(templates.authorize),
        token: fill(templates.token),
        userdata: fill(templates.userdata),
        logout: None,
    }
}

fn endpoints(answers: &Answers, preset: &Preset, writer: &mut Writer) {
    if let (Endpoints::Class(Some(option)), Some(base)) = (preset.endpoints, answers.base())
        && preset.address.as_ref().is_some_and(|address| address.default != base)
    {
        writer.say(format!("Which {} it is.", preset.title));
        writer.set(option, Value::str(base));
    }
    let urls = urls(answers);
    let from_id_token = answers.from_id_token() || urls.userdata.is_none() && answers.metadata.is_some();
    writer.say("Where the browser is sent, where the code is exchanged, who it is.");
    let userdata = urls.userdata.filter(|_| !from_id_token);
    for (option, url) in [
        ("authorize_url", urls.authorize),
        ("token_url", urls.token),
        ("userdata_url", userdata),
        ("logout_redirect_url", urls.logout),
    ] {
        if let Some(url) = url {
            writer.set(option, Value::str(url));
        }
    }
    writer.comments.clear();
    if from_id_token {
        writer.say("The userdata come from the id_token; the userinfo endpoint does not tell it all.");
        writer.set("userdata_from_id_token", Value::Bool(true));
    }
    if refuses_pkce(answers) {
        writer.say("The provider does not know PKCE with S256, which the hub would use.");
        writer.set("enable_pkce", Value::Bool(false));
    }
    if wants_basic(answers) {
        writer.say("The provider takes client id and secret in a header only.");
        writer.set("basic_auth", Value::Bool(true));
    }
}

/// Whether the provider knows PKCE, but not the method that the hub uses. Who lists no methods takes or ignores it.
fn refuses_pkce(answers: &Answers) -> bool {
    let methods = answers.metadata.as_ref().and_then(|it| it.code_challenge_methods_supported.as_ref());
    methods.is_some_and(|methods| !methods.is_empty() && !methods.iter().any(|method| method == "S256"))
}

/// Whether the provider takes the secret in a header and not in the form, which is where the hub puts it by default.
fn wants_basic(answers: &Answers) -> bool {
    answers.metadata.as_ref().is_some_and(|metadata| {
        let takes = |method: &str| metadata.token_endpoint_auth_methods_supported.iter().any(|one| one == method);
        takes("client_secret_basic") && !takes("client_secret_post")
    })
}

/// What the login button calls the provider; the classes of one provider know it themselves.
fn login_service(answers: &Answers, preset: &Preset) -> Option<String> {
    let own = match preset.endpoints {
        Endpoints::Class(_) => None,
        Endpoints::Below(_) | Endpoints::Discovery => Some(answers.provider()),
    };
    answers.login_service.clone().or(own)
}

fn names(answers: &Answers, preset: &Preset, writer: &mut Writer) {
    if let Some(service) = login_service(answers, preset) {
        writer.say("The button reads \"Sign in with …\".");
        writer.set("login_service", Value::str(service));
    }
    match (preset.username, answers.username_claim()) {
        (Username::OfIdp(_), Some(claim)) => {
            writer.say("Who may be chosen at CILogon, how their users are called, and who of them may enter.");
            writer.set("idps", idps(answers, claim));
        }
        (Username::Function(text), _) => {
            writer.say("The name stands deep in the userdata, where only a function finds it.");
            writer.set("username_claim", Term::Code(Code { text: text.to_owned(), ..Code::default() }));
        }
        (_, Some("email")) if preset.class == "GlobusOAuthenticator" => {
            writer.set("username_from_email", Value::Bool(true));
        }
        (_, Some(claim)) => {
            writer.say("What a user is called on the hub.");
            writer.set_unless_usual(preset, "username_claim", Value::str(claim));
        }
        (_, None) => {}
    }
}

/// The identity providers, each with its names and who of it may enter.
fn idps(answers: &Answers, claim: &str) -> Value {
    let mut derivation = vec![("username_claim", Value::str(claim))];
    if let Some(domain) = &answers.strip_domain {
        derivation.push(("action", Value::str("strip_idp_domain")));
        derivation.push(("domain", Value::str(domain.clone())));
    }
    let mut idp = vec![("username_derivation", Value::dict(derivation))];
    if answers.allow_all {
        idp.push(("allow_all", Value::Bool(true)));
    }
    if !answers.allow_domains.is_empty() {
        idp.push(("allowed_domains", list(&answers.allow_domains)));
        if !["email", "eppn"].contains(&claim) {
            idp.push(("allowed_domains_claim", Value::str("email")));
        }
    }
    let idp = Value::dict(idp);
    let mut all = Dict::new();
    for entity_id in &answers.idps {
        all.insert(entity_id.clone(), idp.clone());
    }
    Value::Dict(all)
}

fn allow(answers: &Answers, preset: &Preset, writer: &mut Writer) {
    let mut everybody = answers.allow_all && preset.domains != Domains::OfIdp;
    if let Domains::Narrow { option, several } = preset.domains
        && !answers.allow_domains.is_empty()
    {
        writer.say("Only accounts of this domain; by itself that lets nobody in.");
        let one = || Value::str(answers.allow_domains[0].clone());
        writer.set(option, if several { list(&answers.allow_domains) } else { one() });
        everybody |= answers.allow_users.is_empty() && answers.allow_groups.is_empty();
    }
    groups(answers, preset, writer);
    writer.say("Who may enter.");
    if everybody {
        writer.set("allow_all", Value::Bool(true));
    }
    // TLJH keeps these two lists itself, and gives admins sudo.
    let class = if answers.form() == Form::Tljh { "Authenticator" } else { preset.class };
    for (option, names) in [("allowed_users", &answers.allow_users), ("admin_users", &answers.admin_users)] {
        if !names.is_empty() {
            if option == "admin_users" {
                writer.say("Whoever is taken off again stays admin until that is changed at /hub/admin.");
            }
            writer.on(class, option, set(&of_wiki(preset, names)));
        }
    }
    writer.comments.clear();
}

/// Names on a wiki begin with a capital, however they were typed; other providers' stay as they are.
fn of_wiki(preset: &Preset, names: &[String]) -> Vec<String> {
    if preset.class != "MWOAuthenticator" {
        return names.to_vec();
    }
    let capital = |name: &String| {
        let mut letters = name.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
    };
    names.iter().map(capital).collect()
}

fn groups(answers: &Answers, preset: &Preset, writer: &mut Writer) {
    if !answers.uses_groups() {
        return;
    }
    match preset.groups {
        Groups::None(_) => {}
        Groups::Asked { allowed, admin, .. } => {
            writer.say("Members may enter.");
            if !answers.allow_groups.is_empty() {
                writer.set(allowed, set(&answers.allow_groups));
            }
            if !answers.admin_groups.is_empty() {
                writer.say(REVOKES);
                writer.set(admin, set(&answers.admin_groups));
            }
            writer.comments.clear();
        }
        Groups::Directory => directory(answers, writer),
        Groups::Claim(_) | Groups::IdToken { .. } => {
            let Some(claim) = answers.groups_claim() else { return };
            let state = settings::class(preset.class)
                .and_then(|def| RunningClass::of(def).user_auth_state_key())
                .unwrap_or_else(|| "oauth_user".to_owned());
            writer.say("Groups come from the provider at each login, and those given on the hub go.");
            writer.set("manage_groups", Value::Bool(true));
            writer.set("auth_state_groups_key", Value::str(format!("{state}.{claim}")));
            if !answers.allow_groups.is_empty() {
                if preset.name == "keycloak" && !answers.allow_groups.iter().any(|name| name.starts_with('/')) {
                    writer.say("In Keycloak's mapper \"Full group path\" is off.");
                }
                writer.set("allowed_groups", set(&answers.allow_groups));
            }
            if !answers.admin_groups.is_empty() {
                writer.say(REVOKES);
                writer.set("admin_groups", set(&answers.admin_groups));
            }
        }
    }
}

/// Google's groups, the same for each domain.
fn directory(answers: &Answers, writer: &mut Writer) {
    let of_each =
        |value: Value| Value::dict(answers.allow_domains.iter().map(|domain| (domain.as_str(), value.clone())));
    writer.say("The hub asks the directory with a service account that acts for an administrator.");
    let text = |text: &Option<String>| Value::str(text.clone().unwrap_or_default());
    writer.set("google_service_account_keys", of_each(text(&answers.directory.key)));
    writer.set("gsuite_administrator", of_each(text(&answers.directory.administrator)));
    if !answers.allow_groups.is_empty() {
        writer.set("allowed_google_groups", of_each(list(&answers.allow_groups)));
    }
    if !answers.admin_groups.is_empty() {
        writer.say(REVOKES);
        writer.set("admin_google_groups", of_each(list(&answers.admin_groups)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::hub::Hub;
    use crate::init::preset;

    fn answers(name: &str, address: &str) -> Answers {
        Answers {
            preset: preset(name),
            address: (!address.is_empty()).then(|| address.to_owned()),
            hub: Hub::parse("https://hub.example.org").ok(),
            client_id: Some("id".into()),
            allow_users: vec!["alice".into()],
            ..Answers::default()
        }
    }

    fn option(answers: &Answers, name: &str) -> Option<Value> {
        let document = document(answers).unwrap();
        document.settings.iter().find(|setting| setting.option == name).and_then(|setting| setting.term.as_value())
    }

    // The endpoints are those that the providers' own documentation names.
    #[test]
    fn endpoints_stand_below_the_address() {
        for (name, address, authorize, userdata) in [
            (
                "keycloak",
                "https://id.example.org/realms/main",
                "https://id.example.org/realms/main/protocol/openid-connect/auth",
                "https://id.example.org/realms/main/protocol/openid-connect/userinfo",
            ),
            (
                "keycloak",
                "https://id.example.org/realms/main/protocol/openid-connect/auth",
                "https://id.example.org/realms/main/protocol/openid-connect/auth",
                "https://id.example.org/realms/main/protocol/openid-connect/userinfo",
            ),
            (
                "okta",
                "example.okta.com",
                "https://example.okta.com/oauth2/v1/authorize",
                "https://example.okta.com/oauth2/v1/userinfo",
            ),
            (
                "okta",
                "https://example.okta.com/oauth2/default",
                "https://example.okta.com/oauth2/default/v1/authorize",
                "https://example.okta.com/oauth2/default/v1/userinfo",
            ),
            (
                "authentik",
                "https://auth.example.org/application/o/hub/",
                "https://auth.example.org/application/o/authorize/",
                "https://auth.example.org/application/o/userinfo/",
            ),
            (
                "dex",
                "https://dex.example.org/dex",
                "https://dex.example.org/dex/auth",
                "https://dex.example.org/dex/userinfo",
            ),
            ("orcid", "", "https://orcid.org/oauth/authorize", "https://orcid.org/oauth/userinfo"),
            (
                "nextcloud",
                "https://cloud.example.org/index.php",
                "https://cloud.example.org/index.php/apps/oauth2/authorize",
                "https://cloud.example.org/index.php/ocs/v2.php/cloud/user?format=json",
            ),
        ] {
            let urls = urls(&answers(name, address));
            assert_eq!((urls.authorize.as_deref(), urls.userdata.as_deref()), (Some(authorize), Some(userdata)));
        }
    }

    #[test]
    fn a_domain_alone_lets_its_people_in_and_beside_names_only_narrows() {
        let mut google = answers("google", "");
        google.allow_domains = vec!["example.org".into()];
        assert_eq!(option(&google, "allow_all"), None);
        google.allow_users.clear();
        assert_eq!(option(&google, "allow_all"), Some(Value::Bool(true)));
        assert_eq!(option(&google, "hosted_domain"), Some(list(&["example.org".into()])));
    }

    #[test]
    fn the_discovery_document_decides_what_it_speaks_of() {
        let mut oidc = answers("oidc", "https://id.example.org");
        let text = |text: &str| Some(format!("https://id.example.org/{text}"));
        let list = |items: &[&str]| Some(items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>());
        oidc.allow_groups = vec!["staff".into()];
        oidc.metadata = Some(crate::discovery::Metadata {
            url: "https://id.example.org/.well-known/openid-configuration".into(),
            issuer: "https://id.example.org".into(),
            authorization_endpoint: text("authorize"),
            token_endpoint: text("token"),
            userinfo_endpoint: None,
            end_session_endpoint: None,
            revocation_endpoint: None,
            jwks_uri: None,
            scopes_supported: list(&["openid", "email"]),
            claims_supported: list(&["sub", "email"]),
            code_challenge_methods_supported: list(&["plain"]),
            token_endpoint_auth_methods_supported: vec!["client_secret_basic".into()],
            grant_types_supported: Vec::new(),
            response_types_supported: Vec::new(),
            authorization_response_iss_parameter_supported: false,
        });
        for (name, expected) in [
            ("authorize_url", Some(Value::str("https://id.example.org/authorize"))),
            ("userdata_url", None),
            ("userdata_from_id_token", Some(Value::Bool(true))),
            ("basic_auth", Some(Value::Bool(true))),
            ("enable_pkce", Some(Value::Bool(false))),
            ("scope", Some(Value::List(vec![Value::str("openid"), Value::str("email")]))),
            ("username_claim", Some(Value::str("email"))),
            ("login_service", Some(Value::str("id.example.org"))),
        ] {
            assert_eq!(option(&oidc, name), expected, "{name}");
        }
        // Silence about methods means neither a header only nor no PKCE.
        if let Some(metadata) = &mut oidc.metadata {
            metadata.code_challenge_methods_supported = None;
            metadata.token_endpoint_auth_methods_supported.push("client_secret_post".into());
        }
        assert_eq!((option(&oidc, "basic_auth"), option(&oidc, "enable_pkce")), (None, None));
    }

    #[test]
    fn names_on_a_wiki_begin_with_a_capital() {
        let wiki = answers("mediawiki", "");
        assert_eq!(option(&wiki, "allowed_users"), Some(set(&["Alice".to_owned()])));
        assert_eq!(option(&answers("github", ""), "allowed_users"), Some(set(&["alice".to_owned()])));
    }

    #[test]
    fn groups_of_cognito_come_from_the_id_token() {
        let mut cognito = answers("cognito", "https://example.auth.eu-west-1.amazoncognito.com");
        assert_eq!(option(&cognito, "username_claim"), Some(Value::str("username")));
        cognito.allow_groups = vec!["staff".into()];
        assert_eq!(option(&cognito, "username_claim"), Some(Value::str("cognito:username")));
        assert_eq!(option(&cognito, "userdata_from_id_token"), Some(Value::Bool(true)));
        assert_eq!(option(&cognito, "userdata_url"), None);
        assert_eq!(option(&cognito, "auth_state_groups_key"), Some(Value::str("oauth_user.cognito:groups")));
    }

    // The defaults are those of upstream's classes.
    #[test]
    fn what_a_class_does_by_itself_is_not_written() {
        for (name, option_name, written) in [
            ("github", "username_claim", false),
            ("google", "scope", false),
            ("entra", "username_claim", true),
            ("globus", "scope", true),
            ("keycloak", "username_claim", true),
        ] {
            assert_eq!(option(&answers(name, "x.example.org"), option_name).is_some(), written, "{name}.{option_name}");
        }
    }

    #[test]
    fn only_another_instance_is_named() {
        assert_eq!(option(&answers("github", ""), "github_url"), None);
        assert_eq!(option(&answers("github", "https://github.com/"), "github_url"), None);
        let own = option(&answers("github", "git.example.org"), "github_url");
        assert_eq!(own, Some(Value::str("https://git.example.org")));
    }
}
