//! The flags of `oauthctl init`: every question has one.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};

use crate::cmd::HELP;
use crate::init::answers::{Answers, Directory, Secret, Urls};
use crate::init::hub::Hub;
use crate::init::preset;
use crate::init::presets::PRESETS;
use crate::write::Form;

const EXAMPLES: &str = "\
Examples:
  oauthctl init                             asks, question by question
  oauthctl init --provider github           asks only what is still open
  oauthctl init --list                      the providers, with what each needs
  oauthctl init --yes --provider github --hub-url https://hub.example.org \\
    --client-id ID --allow-user ann         asks nothing

It says what to register at the provider and where, checks what it wrote, and
names the next step. The client's secret is never taken from the command line:
the configuration refers to a variable or to a file. Esc goes a question back;
Ctrl-C ends it at any question, leaves nothing behind, and puts the terminal
back as it was.

Exit codes:
    0  written, and there is nothing wrong with it
    1  written, and the check finds errors; or the answer at the end was not to write
    2  the command line is wrong, or something is missing and nobody can be asked
    3  it could not be done: a file in the way, a silent provider, the end of the input
  130  ended by Ctrl-C; until the answer \"write it\" nothing is written

Environment:
  TERM=dumb asks in plain lines; NO_COLOR is honoured; BROWSER opens the login at the end.";

/// Arguments of `init`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES, help_template = HELP)]
pub struct InitArgs {
    /// Asks nothing: takes what has a default, and fails where something is missing
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Lists the providers, and ends
    #[arg(long)]
    pub(super) list: bool,
    #[command(flatten)]
    provider: ProviderArgs,
    #[command(flatten)]
    hub: HubArgs,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    names: NamesArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// The provider.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "The provider")]
struct ProviderArgs {
    /// Who logs users in
    #[arg(long, value_name = "NAME", value_parser = providers(), ignore_case = true)]
    provider: Option<String>,
    /// Its issuer: the address below which its discovery document is
    #[arg(long, value_name = "URL", conflicts_with_all = ["provider_url", "tenant", "domain"])]
    issuer: Option<String>,
    /// Its address, where there are several of its kind: your GitLab, your Nextcloud
    #[arg(long, value_name = "URL", conflicts_with_all = ["tenant", "domain"])]
    provider_url: Option<String>,
    /// Entra ID: the tenant's directory id, or a domain of it
    #[arg(long, value_name = "TENANT", conflicts_with = "domain")]
    tenant: Option<String>,
    /// Auth0: the tenant's domain
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// CILogon: an identity provider whose users may log in, by its EntityID (repeatable)
    #[arg(long, value_name = "ENTITYID")]
    idp: Vec<String>,
    /// Where the browser is sent, in place of what the provider's address or issuer says
    #[arg(long, value_name = "URL")]
    authorize_url: Option<String>,
    /// Where the code is exchanged
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
    /// Where the userdata come from
    #[arg(long, value_name = "URL")]
    userdata_url: Option<String>,
    /// Where a logout of the hub leads
    #[arg(long, value_name = "URL")]
    logout_redirect_url: Option<String>,
    /// A scope to ask for, in place of the usual ones (repeatable)
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Trusts this authority too when the issuer is asked (PEM, repeatable)
    #[arg(long, value_name = "FILE")]
    ca_cert: Vec<PathBuf>,
}

/// The hub, as the provider knows it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "The hub")]
struct HubArgs {
    /// Its public address; a path in it becomes base_url
    #[arg(long, value_name = "URL")]
    hub_url: Option<String>,
    /// The id under which the provider knows it
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The variable of the hub's environment that holds the client's secret [default: OAUTH_CLIENT_SECRET]
    #[arg(long, value_name = "NAME", conflicts_with = "client_secret_file")]
    client_secret_env: Option<String>,
    /// The file on the hub's machine that holds the client's secret
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<String>,
    /// With --form z2jh: the Kubernetes secret that holds it [default: hub-oauth]
    #[arg(long, value_name = "NAME")]
    kubernetes_secret: Option<String>,
}

/// Who may enter, and who is admin.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Who may enter")]
struct WhoArgs {
    /// A user, by the name on the hub (repeatable)
    #[arg(long, value_name = "NAME")]
    allow_user: Vec<String>,
    /// The members of a group, or of what the provider has instead: organization, team, workspace (repeatable)
    #[arg(long, value_name = "GROUP")]
    allow_group: Vec<String>,
    /// The accounts of a domain: Google, CILogon, Globus (repeatable)
    #[arg(long, value_name = "DOMAIN")]
    allow_domain: Vec<String>,
    /// Everybody whom the provider knows
    #[arg(long)]
    allow_all: bool,
    /// An admin, by the name on the hub (repeatable)
    #[arg(long, value_name = "NAME")]
    admin_user: Vec<String>,
    /// A group whose members are admins (repeatable)
    #[arg(long, value_name = "GROUP")]
    admin_group: Vec<String>,
    /// Google groups: the service account's key file, on the hub's machine
    #[arg(long, value_name = "FILE")]
    google_service_account_key: Option<String>,
    /// Google groups: the administrator for whom the service account asks, without the domain
    #[arg(long, value_name = "NAME")]
    google_administrator: Option<String>,
}

/// How names and groups are found.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Names")]
struct NamesArgs {
    /// The claim that holds a user's name, in place of the usual one
    #[arg(long, value_name = "CLAIM")]
    username_claim: Option<String>,
    /// The claim that holds a user's groups, in place of the usual one
    #[arg(long, value_name = "CLAIM")]
    groups_claim: Option<String>,
    /// CILogon: takes this domain off names
    #[arg(long, value_name = "DOMAIN")]
    strip_domain: Option<String>,
    /// What the login button calls the provider
    #[arg(long, value_name = "TEXT")]
    login_service: Option<String>,
    /// Somebody's userdata, as the provider answers them (JSON): shows what the user name would be
    #[arg(long, value_name = "FILE")]
    userdata: Option<PathBuf>,
}

/// What is written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// What the hub reads [default: python, or as --output is called]
    #[arg(long, value_enum)]
    form: Option<FormName>,
    /// The file to write; `-` is standard output [default: jupyterhub_config.py, values.yaml, config.yaml or
    /// jupyterhub_config.json]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Writes over files that are there
    #[arg(long)]
    pub(super) force: bool,
}

/// The forms, on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormName {
    /// A jupyterhub_config.py
    Python,
    /// Values for the Zero to JupyterHub chart
    Z2jh,
    /// A config.yaml of The Littlest JupyterHub
    Tljh,
    /// A traitlets JSON file
    Json,
}

fn providers() -> PossibleValuesParser {
    let value = |preset: &&crate::init::Preset| {
        PossibleValue::new(preset.name).aliases(preset.aliases.iter().copied()).help(preset.title)
    };
    PossibleValuesParser::new(PRESETS.iter().map(value))
}

impl InitArgs {
    /// What the flags answer.
    pub(super) fn answers(&self) -> Result<Answers, String> {
        let (provider, hub, who, names) = (&self.provider, &self.hub, &self.who, &self.names);
        let secret = match (&hub.client_secret_env, &hub.client_secret_file) {
            (Some(name), _) => Some(Secret::Env(name.clone())),
            (None, Some(path)) => Some(Secret::File(path.clone())),
            (None, None) => None,
        };
        if let Some(id) = hub.client_id.as_deref().filter(|id| id.trim().is_empty()) {
            return Err(format!("--client-id `{id}` is empty"));
        }
        let addresses = [&provider.issuer, &provider.provider_url, &provider.tenant, &provider.domain];
        Ok(Answers {
            preset: provider.provider.as_deref().and_then(preset),
            address: addresses.into_iter().flatten().next().cloned(),
            metadata: None,
            urls: Urls {
                authorize: provider.authorize_url.clone(),
                token: provider.token_url.clone(),
                userdata: provider.userdata_url.clone(),
                logout: provider.logout_redirect_url.clone(),
            },
            idps: provider.idp.clone(),
            hub: hub.hub_url.as_deref().map(Hub::parse).transpose()?,
            client_id: hub.client_id.as_deref().map(|id| id.trim().to_owned()),
            secret,
            allow_all: who.allow_all,
            allow_users: who.allow_user.clone(),
            allow_groups: who.allow_group.clone(),
            allow_domains: who
                .allow_domain
                .iter()
                .map(|domain| domain.trim_start_matches('@').to_lowercase())
                .collect(),
            admin_users: who.admin_user.clone(),
            admin_groups: who.admin_group.clone(),
            username_claim: names.username_claim.clone(),
            groups_claim: names.groups_claim.clone(),
            strip_domain: names.strip_domain.clone(),
            scopes: provider.scope.clone(),
            login_service: names.login_service.clone(),
            directory: Directory {
                key: who.google_service_account_key.clone(),
                administrator: who.google_administrator.clone(),
            },
            kubernetes_secret: hub.kubernetes_secret.clone(),
            form: self.form(),
        })
    }

    /// The form that was asked for, or that the output is called after.
    fn form(&self) -> Option<Form> {
        if let Some(form) = self.output.form {
            return Some(match form {
                FormName::Python => Form::Python,
                FormName::Z2jh => Form::Z2jh,
                FormName::Tljh => Form::Tljh,
                FormName::Json => Form::Json,
            });
        }
        let name = self.output.output.as_deref()?.file_name()?.to_str()?;
        match name.rsplit_once('.')?.1 {
            "py" => Some(Form::Python),
            "json" => Some(Form::Json),
            "yaml" | "yml" if name.starts_with("config.") => Some(Form::Tljh),
            "yaml" | "yml" => Some(Form::Z2jh),
            _ => None,
        }
    }

    /// Somebody's userdata.
    pub(super) fn userdata(&self) -> Option<&std::path::Path> {
        self.names.userdata.as_deref()
    }

    /// More authorities to trust.
    pub(super) fn ca_certs(&self) -> &[PathBuf] {
        &self.provider.ca_cert
    }
}
