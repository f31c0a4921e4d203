//! Names that are no class or option here, but are known: so that nobody is told they are wrong.

/// Every option of `JupyterHub` itself (`jupyterhub/app.py`), sorted.
#[rustfmt::skip]
pub const HUB_OPTIONS: &[&str] = &[
    "active_server_limit", "active_user_window", "activity_resolution", "admin_access", "admin_users",
    "allow_existing_invalid_named_servers", "allow_named_servers", "answer_yes", "api_page_default_limit",
    "api_page_max_limit", "api_tokens", "authenticate_prometheus", "authenticator_class", "base_url", "bind_url",
    "cleanup_proxy", "cleanup_servers", "concurrent_spawn_limit", "config_file", "confirm_no_ssl",
    "cookie_host_prefix_enabled", "cookie_max_age_days", "cookie_secret", "cookie_secret_file", "custom_scopes",
    "data_files_path", "db_kwargs", "db_url", "debug_db", "debug_proxy", "default_server_name", "default_url",
    "external_ssl_authorities", "extra_handlers", "extra_log_file", "extra_log_handlers", "extra_user_scopes",
    "forwarded_host_header", "generate_certs", "generate_config", "hub_bind_url", "hub_connect_ip",
    "hub_connect_port", "hub_connect_url", "hub_ip", "hub_port", "hub_routespec", "hub_socket_mode",
    "implicit_spawn_seconds", "init_spawners_timeout", "internal_certs_location", "internal_ssl", "ip",
    "jinja_environment_options", "last_activity_interval", "load_groups", "load_roles", "log_datefmt", "log_format",
    "log_level", "logging_config", "logo_file", "named_server_limit_per_user", "oauth_require_pkce",
    "oauth_token_expires_in", "pid_file", "port", "proxy_api_ip", "proxy_api_port", "proxy_auth_token",
    "proxy_check_interval", "proxy_class", "proxy_cmd", "public_url", "recreate_internal_certs", "redirect_to_server",
    "reset_db", "service_check_interval", "service_tokens", "services", "show_config", "show_config_json",
    "shutdown_on_logout", "spawner_class", "ssl_cert", "ssl_key", "subdomain_hook", "subdomain_host",
    "template_paths", "template_vars", "token_expires_in_max_seconds", "tornado_settings",
    "trust_user_provided_tokens", "trusted_alt_names", "trusted_downstream_ips", "upgrade_db",
    "use_legacy_stopped_server_status_code", "user_redirect_hook",
];

/// Sections of classes of JupyterHub and of packages around it.
#[rustfmt::skip]
pub const FOREIGN_SECTIONS: &[&str] = &[
    "ConfigurableHTTPProxy", "CryptKeeper", "Hub", "LocalProcessSpawner", "Proxy", "Server", "Service",
    "SimpleLocalProcessSpawner", "SingleUserNotebookApp", "Spawner", "UpgradeDB", "User", "NewToken",
    "BatchSpawnerBase", "BatchSpawnerRegexStates", "CondorSpawner", "GridengineSpawner", "LsfSpawner", "MoabSpawner",
    "PBSSpawner", "SlurmSpawner", "TorqueSpawner", "UGESpawner", "UserEnvMixin",
    "BinderHub", "BinderSpawner", "DockerSpawner", "DockerProcess", "ECSSpawner", "KubeSpawner", "KubeIngressProxy",
    "MarathonSpawner", "NomadSpawner", "OSProcessSpawner", "ProfilesSpawner", "SSHSpawner", "SudoSpawner",
    "SwarmSpawner", "SystemUserSpawner", "SystemdSpawner", "UserCreatingSpawner", "VMSpawner", "WrapSpawner",
    "YarnSpawner", "FirejailSpawner", "JenkinsSpawner", "OutpostSpawner", "EventlogOutpostSpawner", "GatewaySpawner",
    "TraefikConsulProxy", "TraefikEtcdProxy", "TraefikFileProviderProxy", "TraefikProxy", "TraefikTomlProxy",
    "CASAuthenticator", "FirstUseAuthenticator",
    "HashAuthenticator", "JSONWebTokenAuthenticator", "JSONWebTokenLocalAuthenticator", "JWTAuthenticator",
    "KerberosAuthenticator", "KeyCloakAuthenticator", "KeycloakAuthenticator", "LDAPAuthenticator",
    "LDAPLocalAuthenticator", "LTI11Authenticator", "LTI13Authenticator", "LTIAuthenticator", "LocalLDAPAuthenticator",
    "NativeAuthenticator", "LocalNativeAuthenticator", "RemoteUserAuthenticator",
    "RemoteUserLocalAuthenticator", "SAMLAuthenticator", "ShibbolethAuthenticator", "TmpAuthenticator",
    "TokenAuthenticator", "WebAuthenticator", "WrapperAuthenticator",
    "EventLog", "EventLogger", "ServerApp", "NotebookApp", "LabApp", "LabServerApp", "JupyterApp", "Session",
    "ContentsManager", "FileContentsManager", "MappingKernelManager", "MultiKernelManager", "KernelSpecManager",
    "NbGrader", "Exchange", "CourseDirectory",
];

/// Short names that other packages register, in lower case.
pub const FOREIGN_ENTRY_POINTS: &[&str] =
    &["firstuse", "firstuseauthenticator", "ldap", "lti11", "lti13", "multi", "native", "nativeauthenticator", "tmp"];

/// Providers that people name a class after, and the class that serves them.
pub const SERVED_BY: &[(&str, &str)] = &[
    ("mediawiki", "MWOAuthenticator"),
    ("wikimedia", "MWOAuthenticator"),
    ("azure", "AzureAdOAuthenticator"),
    ("entra", "AzureAdOAuthenticator"),
    ("okta", "GenericOAuthenticator"),
    ("keycloak", "GenericOAuthenticator"),
    ("authentik", "GenericOAuthenticator"),
    ("oidc", "GenericOAuthenticator"),
];

/// What of old module names is left in configurations, and what to use now.
pub const REMOVED: &[(&str, &str)] = &[
    ("awscognito", "oauthenticator has no AWS Cognito class any more: use \"generic-oauth\" with the pool's endpoints"),
    ("azureadb2c", "oauthenticator has no Azure AD B2C class any more: use \"azuread\" or \"generic-oauth\""),
    ("okpy", "oauthenticator has no Okpy class any more: use \"generic-oauth\""),
    ("yandex", "oauthenticator has no Yandex class any more: use \"generic-oauth\" with Yandex's endpoints"),
];
