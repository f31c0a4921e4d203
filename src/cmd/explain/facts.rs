//! What the tables say of options and classes.

use crate::settings::{self, ClassDef, Kind, OptionDef, RunningClass, Settings};
use crate::source::load::{Request, load_text};
use crate::value::Value;

/// Options that mean something only together: each line is a circle of them.
const TOGETHER: &[&[&str]] = &[
    &["allow_all", "allowed_users", "allow_existing_users", "allowed_groups", "admin_users", "blocked_users"],
    &["manage_groups", "auth_state_groups_key", "allowed_groups", "admin_groups", "modify_auth_state_hook"],
    &["userdata_url", "userdata_from_id_token", "userdata_params", "userdata_token_method"],
    &["scope", "allowed_scopes", "extra_authorize_params"],
    &["username_claim", "username_map", "username_pattern", "scope"],
    &["enable_auth_state", "refresh_pre_spawn", "refresh_pre_stop", "auth_refresh_age", "refresh_user_hook"],
    &["client_id", "client_secret", "basic_auth", "token_url"],
    &["authorize_url", "token_url", "userdata_url", "oauth_callback_url"],
    &["token_params", "token_url"],
    &["validate_server_cert", "http_request_kwargs"],
    &["hosted_domain", "strip_domain", "allow_all"],
    &["allowed_google_groups", "admin_google_groups", "google_service_account_keys", "gsuite_administrator"],
    &["allowed_organizations", "populate_teams_in_auth_state", "scope", "github_url"],
    &["allowed_gitlab_groups", "allowed_project_ids", "scope", "gitlab_url"],
    &["idps", "allow_all", "scope"],
    &["allowed_globus_groups", "admin_globus_groups", "manage_groups", "scope"],
    &["tenant_id", "authorize_url", "token_url", "graph_url"],
    &["auth0_domain", "auth0_subdomain"],
    &["auto_login", "extra_authorize_params"],
    &["logout_redirect_url", "auto_login"],
];

pub(super) fn short_names(def: &ClassDef) -> String {
    match def.entry_points {
        [] => String::new(),
        names => format!(" (`{}`)", names.join("`, `")),
    }
}

/// The value that an instance has where nothing at all is configured.
pub(super) fn default_of(def: &ClassDef, option: &OptionDef) -> Option<Value> {
    default_in(defaults(def).as_ref(), option).cloned()
}

pub(super) fn default_in<'a>(defaults: Option<&'a Settings>, option: &OptionDef) -> Option<&'a Value> {
    let setting = defaults?.get(option.name)?;
    (setting.raises.is_none() && setting.value.find_unknown().is_none()).then_some(&setting.value)
}

pub(super) fn defaults(def: &ClassDef) -> Option<Settings> {
    let class = settings::class(def.name)?;
    let nothing = load_text("", &Request::default()).ok()?;
    settings::resolve_class(&nothing, RunningClass::of(class)).settings
}

/// Upstream's method that computes the default, in the class or the nearest base that has one.
pub(super) fn computed(def: &ClassDef, option: &OptionDef) -> Option<&'static str> {
    let chain = std::iter::once(def.name).chain(def.bases.iter().copied()).filter_map(settings::class);
    chain.flat_map(|class| class.defaults).find(|default| default.option == option.name).map(|default| default.method)
}

pub(super) fn old_names(def: &ClassDef, option: &OptionDef) -> Vec<&'static str> {
    let chain = std::iter::once(def.name).chain(def.bases.iter().copied()).filter_map(settings::class);
    let options = chain.flat_map(|class| class.options);
    options.filter(|old| old.replaced_by == Some(option.name)).map(|old| old.name).collect()
}

pub(super) fn related(def: &ClassDef, option: &OptionDef) -> Vec<&'static str> {
    let class = settings::class(def.name).map(RunningClass::of);
    let exists = |name: &str| {
        class.as_ref().is_some_and(|class| class.option(name).is_some())
            || settings::classes()
                .iter()
                .any(|other| other.bases.contains(&def.name) && other.own_option(name).is_some())
    };
    let mut names: Vec<&str> = Vec::new();
    for circle in TOGETHER.iter().filter(|circle| circle.contains(&option.name)) {
        for name in circle.iter().filter(|name| **name != option.name && exists(name)) {
            if !names.contains(name) {
                names.push(name);
            }
        }
    }
    names
}

/// The trait type as upstream's `options.tsv` and documentation write it.
pub(super) fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Any => "Any".into(),
        Kind::Bool => "Bool".into(),
        Kind::Int => "Int".into(),
        Kind::Float => "Float".into(),
        Kind::Unicode => "Unicode".into(),
        Kind::CUnicode => "CUnicode".into(),
        Kind::Callable => "Callable".into(),
        Kind::Command => "Command".into(),
        Kind::List(item) => container("List", item),
        Kind::Set(item) => container("Set", item),
        Kind::Dict { value, .. } => container("Dict", value),
        Kind::Union(kinds) => {
            let names: Vec<String> = kinds.iter().map(|kind| kind_name(*kind)).collect();
            format!("Union[{}]", names.join(", "))
        }
    }
}

fn container(name: &str, item: &Kind) -> String {
    if *item == Kind::Any { name.to_owned() } else { format!("{name}[{}]", kind_name(*item)) }
}

/// What the provider has to do for an option.
const PROVIDER: &[(&str, &str)] = &[
    ("client_id", "knows the hub by it: register the hub there"),
    ("client_secret", "gives it out when the hub is registered; it may expire"),
    ("oauth_callback_url", "has exactly this address registered, to the character"),
    ("scope", "knows these scopes, and grants them to this client"),
    ("allowed_scopes", "tells in its token answer which scopes it granted"),
    ("username_claim", "sends this claim: by a scope or a mapper"),
    ("auth_state_groups_key", "sends the user's groups: by a scope or a mapper"),
    ("allowed_groups", "sends the user's groups: by a scope or a mapper"),
    ("admin_groups", "sends the user's groups: by a scope or a mapper"),
    ("userdata_from_id_token", "sends an id_token: scope openid"),
    ("enable_pkce", "takes code challenges by S256, or takes no notice of them"),
    ("basic_auth", "takes the client's credentials in that place (client_secret_basic or client_secret_post)"),
    ("logout_redirect_url", "ends its own session at this address, and may want it registered"),
    ("refresh_user_hook", "gives a refresh_token, if tokens are to be renewed: often by scope offline_access"),
    ("allowed_organizations", "shows memberships: scope read:org, and the organization approves the app"),
    ("populate_teams_in_auth_state", "shows teams: scope read:org"),
    ("hosted_domain", "names the account's Workspace domain in the claim hd"),
    ("allowed_google_groups", "lets a service account read the directory: domain-wide delegation"),
    ("admin_google_groups", "lets a service account read the directory: domain-wide delegation"),
    ("allowed_globus_groups", "shows memberships: the class asks for the scope by itself"),
    ("admin_globus_groups", "shows memberships: the class asks for the scope by itself"),
    ("user_groups_claim", "puts groups into its tokens: Token configuration, groups claim"),
    ("idps", "offers these identity providers; a claim that names are made of must come from them"),
];

/// What the provider has to do for this option; nothing for most.
pub(super) fn provider(def: &ClassDef, option: &str) -> Option<&'static str> {
    // Its groups are those of the hub's machine.
    if def.name == "LocalAuthenticator" {
        return None;
    }
    PROVIDER.iter().find(|(name, _)| *name == option).map(|(_, what)| *what)
}

/// The classes that have an option which this one declares.
pub(super) fn classes_with(def: &ClassDef) -> String {
    match def.name {
        "Authenticator" => "every class".to_owned(),
        "OAuthenticator" => "every class of oauthenticator".to_owned(),
        "LocalAuthenticator" => "every `Local…` class".to_owned(),
        name if name.starts_with("Local") => format!("`{name}`"),
        name => format!("`{name}`, `Local{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_options_is_said_of_some() {
        let known: Vec<&str> =
            settings::classes().iter().flat_map(|def| def.options).map(|option| option.name).collect();
        let together = TOGETHER.iter().copied().flatten().copied();
        for name in together.chain(PROVIDER.iter().map(|(name, _)| *name)) {
            assert!(known.contains(&name), "{name}");
        }
    }
}
