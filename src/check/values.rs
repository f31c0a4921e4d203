//! Values that cannot be meant: placeholders, blanks, quotes, asterisks, the secret's id.

use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::value::Value;

pub(super) const CHECKS: &[Check] = &[
    rule!("placeholder", Error, "", "a placeholder was left in", placeholder),
    rule!("unexpanded-variable", Error, "", "nothing replaces $VARIABLE here", unexpanded),
    rule!("templated-value", Note, "", "a value is filled in before the hub sees it", templated),
    rule!("template-in-values", Error, "", "helm renders no templates in values", rendered_by_nobody),
    rule!("stray-whitespace", Error, "", "a value begins or ends with a blank or line break", whitespace),
    rule!("stray-quotes", Error, "", "quotes are part of the value", quotes),
    rule!("masked-secret", Error, "", "the asterisks of a web page stand for the secret", masked),
    rule!("secret-id", Error, "", "the secret's id stands for the secret", secret_id),
    rule!(
        "unknown-request-argument",
        Error,
        "16.0",
        "http_request_kwargs holds what tornado does not take",
        request_arguments
    ),
    rule!("proxy-needs-pycurl", Warning, "", "a proxy that tornado's own client refuses", proxy),
    rule!("overridden-token-parameter", Error, "", "token_params replaces what the login needs", token_params),
    rule!("scope-as-parameter", Warning, "", "the scope goes to the token request", scope_parameter),
    rule!("unjoined-scopes", Warning, "", "several scopes stand in one text with commas", unjoined_scopes),
];

/// What a provider or a browser is told, where a slip in a character is fatal.
const EXACT: &[&str] = &[
    "client_id",
    "client_secret",
    "oauth_callback_url",
    "authorize_url",
    "token_url",
    "userdata_url",
    "logout_redirect_url",
    "tenant_id",
    "auth0_domain",
    "auth0_subdomain",
    "cilogon_host",
    "github_url",
    "github_api",
    "gitlab_url",
    "openshift_url",
    "mw_index_url",
    "google_api_url",
    "graph_url",
    "username_claim",
];

fn exact<'a>(cx: &Cx<'a>) -> impl Iterator<Item = (&'static str, &'a str)> {
    let known: Vec<_> = EXACT.iter().filter_map(|option| cx.text(option).map(|text| (*option, text))).collect();
    known.into_iter()
}

fn bracketed(text: &str) -> Option<&str> {
    let start = text.find('<')?;
    let length = text[start..].find('>')?;
    let inner = &text[start + 1..start + length];
    let word =
        !inner.is_empty() && inner.len() < 60 && inner.chars().all(|c| c.is_alphanumeric() || " _-./'".contains(c));
    word.then(|| &text[start..=start + length])
}

/// `{client secret}`, `%NAME%`, or the name of a variable such as `GITHUB_CLIENT_SECRET`: what was to be filled in.
fn stands_for(option: &str, text: &str) -> bool {
    let inside = |open: char, close: char| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let is_words =
        |inner: &str| !inner.is_empty() && inner.chars().all(|c| c.is_ascii_alphabetic() || " _-.".contains(c));
    let bare = text.trim_matches('_');
    let is_variable = bare.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    inside('{', '}').or_else(|| inside('%', '%')).is_some_and(is_words)
        || is_variable && bare.ends_with(&option.to_uppercase())
}

/// What is left of an example, if anything is.
pub(super) fn placeholder_in<'t>(option: &str, text: &'t str) -> Option<&'t str> {
    const WHOLE: &[&str] = &[
        "changeme",
        "change-me",
        "change_me",
        "replaceme",
        "replace-me",
        "replace_me",
        "todo",
        "fixme",
        "tbd",
        "secret",
        "my-secret",
        "client-id",
        "client-secret",
        "clientid",
        "clientsecret",
        "id",
        "none",
        "null",
        "undefined",
        "your-client-id",
        "your-client-secret",
        "your_client_id",
        "your_client_secret",
        "my-client-id",
        "my-client-secret",
        "example",
        "dummy",
        "placeholder",
        "insert-here",
        "...",
        "…",
        "path/to/secret",
    ];
    const STARTS: &[&str] = &[
        "your-",
        "your_",
        "your ",
        "insert ",
        "insert-",
        "insert_",
        "enter ",
        "replace-with",
        "replace_with",
        "replace this",
        "put-your",
        "put_your",
        "todo",
    ];
    let lower = text.trim().to_lowercase();
    let credential = matches!(option, "client_id" | "client_secret");
    // A secret may hold angle brackets somewhere; a placeholder is nothing else.
    if let Some(found) = bracketed(text).filter(|found| !credential || *found == text.trim()) {
        return Some(found);
    }
    let repeated = |c: char| lower.len() >= 3 && lower.chars().all(|other| other == c || other == '-');
    let whole = credential && (WHOLE.contains(&lower.as_str()) || lower == option) || repeated('x') || repeated('.');
    let starts = credential && STARTS.iter().any(|start| lower.starts_with(start));
    let named = credential && stands_for(option, text.trim());
    let host =
        text.contains("://your-") || text.contains("://your.") || text.contains("[your-") || text.contains("://YOUR");
    (whole || starts || named || host || lower.starts_with("[your")).then_some(text)
}

fn placeholder(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, text) in exact(cx) {
        if let Some(found) = placeholder_in(option, text) {
            let filled_in = found.starts_with('{') && cx.place(option).is_some_and(|at| at.file.contains("template"));
            if filled_in {
                continue;
            }
            let secret = option == "client_secret";
            let shown = if found.starts_with('<') || !secret { format!("`{found}`") } else { "this text".into() };
            findings.push(
                cx.at("placeholder", Level::Error, option, format!("{option} still holds a placeholder: {shown}"))
                    .with_fix(format!("put the real value in its place: {}", whence(option))),
            );
        }
    }
}

fn whence(option: &str) -> &'static str {
    match option {
        "client_id" | "client_secret" => "the provider shows it where the hub is registered as an application",
        "oauth_callback_url" => "https://<the hub's host>/hub/oauth_callback, as registered with the provider",
        _ => "the provider's documentation or discovery document has it",
    }
}

/// `$NAME` or `${NAME}` that nothing expands. What terraform and its like fill in is unknown to the reader already.
fn unexpanded(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, text) in exact(cx) {
        let Some(found) = variable_in(text) else { continue };
        let name = found.trim_matches(['$', '{', '}']);
        let fix = match cx.loaded.kind {
            crate::source::Kind::Python => format!("write `os.environ[\"{name}\"]`, or an f-string"),
            crate::source::Kind::Z2jh => format!("set it in hub.extraConfig: `c.… = os.environ[\"{name}\"]`"),
            _ => "write the value itself".to_owned(),
        };
        findings.push(
            cx.at(
                "unexpanded-variable",
                Level::Error,
                option,
                format!("{option} holds `{found}` as it stands: nothing replaces it"),
            )
            .with_fix(fix),
        );
    }
}

fn variable_in(text: &str) -> Option<&str> {
    let start = text.find('$')?;
    let rest = &text[start + 1..];
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some(inner) = rest.strip_prefix('{') {
        let end = inner.find('}')?;
        return is_name(&inner[..end]).then(|| &text[start..start + end + 3]);
    }
    if let Some(inner) = rest.strip_prefix('(') {
        let end = inner.find(')')?;
        return (!inner[..end].is_empty()).then(|| &text[start..start + end + 3]);
    }
    // A bare `$NAME` counts only where the text is nothing else: a secret may hold a dollar.
    (start == 0
        && rest.len() > 2
        && is_name(rest)
        && rest.chars().any(|c| c.is_ascii_uppercase())
        && !rest.chars().any(|c| c.is_ascii_lowercase()))
    .then_some(text)
}

/// In every section that is or may be an authenticator's: also that of a class which only the hub's own files know.
fn templated(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (class, section) in cx.loaded.config.sections().filter(|(name, _)| name.contains("uthenticator")) {
        for (option, entry) in section.entries() {
            let Some(Value::Unknown(unknown)) = entry.value() else { continue };
            if !unknown.reason.starts_with("templated") || entry.origin.span().is_none() {
                continue;
            }
            findings.push(
                Diagnostic::note("templated-value", format!("{option} is not known here: {}", unknown.reason))
                    .with_span(entry.origin.span().cloned())
                    .with_setting(format!("{class}.{option}"))
                    .with_fix("check what comes out of the template, too"),
            );
        }
    }
}

/// helm renders no values: `{{ .Values.x }}` in them reaches the hub as it stands.
fn rendered_by_nobody(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    if cx.loaded.kind != crate::source::Kind::Z2jh {
        return;
    }
    let own = |value: &Value| match value {
        Value::Unknown(unknown) => [".Values.", ".Release.", ".Chart."]
            .iter()
            .any(|name| unknown.reason.contains(name))
            .then(|| unknown.reason.clone()),
        _ => None,
    };
    let variables = cx
        .loaded
        .env
        .iter()
        .filter_map(|(name, variable)| Some((name.to_owned(), own(&variable.value)?, variable.set_at.clone()?)));
    let options =
        cx.loaded.config.sections().filter(|(name, _)| name.contains("uthenticator")).flat_map(|(class, section)| {
            section.entries().filter_map(move |(option, entry)| {
                Some((format!("{class}.{option}"), own(entry.value()?)?, entry.origin.span().cloned()?))
            })
        });
    let found: Vec<_> = variables.chain(options).collect();
    // An object of Kubernetes' with values in it may be a template of a chart itself.
    let is_object = |text: &str| text.lines().any(|line| line.starts_with("kind:") || line.starts_with("apiVersion:"));
    let in_template = cx.loaded.diagnostics.iter().any(|finding| finding.rule == "template-not-rendered")
        || cx.loaded.texts.iter().any(|(_, text)| is_object(text));
    for (name, _, span) in found.into_iter().filter(|_| !in_template) {
        findings.push(
            Diagnostic::error(
                "template-in-values",
                format!("helm does not render values: {name} keeps its `{{{{ … }}}}`"),
            )
            .with_span(span)
            .with_setting(name)
            .with_fix("write the value itself, or have helmfile or another program render this file first"),
        );
    }
}

fn whitespace(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, text) in exact(cx) {
        if text.trim() == text {
            continue;
        }
        let what = if text.ends_with(['\n', '\r']) { "ends with a line break" } else { "begins or ends with a blank" };
        let fix = match &cx.settings().and_then(|settings| settings.get(option)).map(|setting| &setting.origin) {
            Some(crate::span::Origin::Env(variable)) => format!("set {variable} without it"),
            _ => "remove it; for a value read from a file, add `.strip()`".to_owned(),
        };
        findings.push(
            cx.at("stray-whitespace", Level::Error, option, format!("{option} {what}, which is sent along with it"))
                .with_fix(fix),
        );
    }
}

fn quotes(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, text) in exact(cx) {
        let text = text.trim();
        let quoted =
            text.len() > 1 && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
        if quoted {
            findings.push(
                cx.at("stray-quotes", Level::Error, option, format!("the quotes are part of {option}"))
                    .with_note("docker's env files, systemd and YAML block texts keep quotes as they are")
                    .with_fix("write the value without them"),
            );
        }
    }
}

fn masked(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(secret) = cx.text("client_secret") else { return };
    if secret.len() >= 3 && secret.chars().all(|c| "*•●·".contains(c)) {
        findings.push(
            cx.at("masked-secret", Level::Error, "client_secret", "client_secret is nothing but asterisks")
                .with_note("a web page shows them in place of the secret")
                .with_fix("copy the secret itself, or make a new one at the provider"),
        );
    }
}

/// A GUID: the shape of the ids at Microsoft's, and never that of a secret.
fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn secret_id(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let azure = cx.runs(&["AzureAdOAuthenticator"])
        || cx.effective_text("token_url").is_some_and(|url| url.contains("://login.microsoftonline.com/"));
    let Some(secret) = cx.text("client_secret").filter(|_| azure) else { return };
    if is_guid(secret) {
        findings.push(
            cx.at(
                "secret-id",
                Level::Error,
                "client_secret",
                "client_secret looks like the secret's id, not its value",
            )
            .with_note("the provider answers AADSTS7000215: Invalid client secret provided")
            .with_fix("copy the column \"Value\"; it is shown only right after the secret is made"),
        );
    }
}

/// `tornado.httpclient.HTTPRequest.__init__`, without what `OAuthenticator.httpfetch` passes itself.
const REQUEST: &[&str] = &[
    "method",
    "headers",
    "body",
    "auth_username",
    "auth_password",
    "auth_mode",
    "connect_timeout",
    "request_timeout",
    "if_modified_since",
    "follow_redirects",
    "max_redirects",
    "user_agent",
    "use_gzip",
    "network_interface",
    "streaming_callback",
    "header_callback",
    "prepare_curl_callback",
    "proxy_host",
    "proxy_port",
    "proxy_username",
    "proxy_password",
    "proxy_auth_mode",
    "allow_nonstandard_methods",
    "validate_cert",
    "ca_certs",
    "allow_ipv6",
    "client_key",
    "client_cert",
    "body_producer",
    "expect_100_continue",
    "decompress_response",
    "ssl_options",
];

fn request_arguments(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(arguments) = cx.settings().and_then(|settings| settings.dict("http_request_kwargs").ok()) else { return };
    for name in arguments.keys().filter_map(Value::as_str).filter(|name| !REQUEST.contains(name)) {
        let consequence =
            if name == "url" { "got multiple values for argument 'url'" } else { "got an unexpected keyword argument" };
        let near = crate::settings::suggest::close_matches(name, REQUEST.iter().copied());
        let fix = match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it; the names are those of tornado's HTTPRequest".to_owned(),
        };
        findings.push(
            cx.at(
                "unknown-request-argument",
                Level::Error,
                "http_request_kwargs",
                format!("a request takes no argument `{name}`"),
            )
            .with_note(format!("every login fails with 500: TypeError: HTTPRequest.__init__() {consequence} '{name}'"))
            .with_fix(fix),
        );
    }
}

/// `tornado.simple_httpclient` raises on these; JupyterHub takes pycurl's client where that is installed.
fn proxy(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(arguments) = cx.settings().and_then(|settings| settings.dict("http_request_kwargs").ok()) else { return };
    if arguments.get("proxy_host").is_none_or(|host| host.truth() == Some(false)) {
        return;
    }
    findings.push(
        cx.at(
            "proxy-needs-pycurl",
            Level::Warning,
            "http_request_kwargs",
            "proxy_host works only with pycurl in the hub's environment",
        )
        .with_note("without it every login fails with 500: NotImplementedError: proxy_host not supported")
        .with_fix("install pycurl where the hub runs"),
    );
}

fn token_params(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(params) = cx.settings().and_then(|settings| settings.dict("token_params").ok()) else { return };
    let body = ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"];
    for name in body.into_iter().filter(|name| !name.starts_with("client_") || cx.off("basic_auth")) {
        let Some(value) = params.get(name) else { continue };
        let same = value.as_str().is_some_and(|text| {
            name == "grant_type" && text == "authorization_code" || cx.effective_text(name) == Some(text)
        });
        if same {
            continue;
        }
        findings.push(
            cx.at(
                "overridden-token-parameter",
                Level::Error,
                "token_params",
                format!("token_params replaces `{name}` of the token request"),
            )
            .with_note("the provider then refuses the code: invalid_grant or unsupported_grant_type")
            .with_fix(format!("remove `{name}`")),
        );
    }
}

fn scope_parameter(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    let asked = settings.list("scope").is_ok_and(|scopes| !scopes.is_empty());
    if asked && settings.dict("extra_authorize_params").is_ok_and(|params| params.contains("scope")) {
        let message = format!("this scope is never asked for: {} takes its place", cx.name("scope"));
        findings.push(
            cx.at("scope-as-parameter", Level::Warning, "extra_authorize_params", message)
                .with_note("the scopes of the option are put over those of the parameters")
                .with_fix(format!("add it to {}, and remove it here", cx.name("scope"))),
        );
    }
    let Some(params) = settings.dict("token_params").ok().filter(|params| params.contains("scope")) else { return };
    let azure = cx.effective_text("token_url").is_some_and(|url| url.contains("/oauth2/v2.0/"));
    if azure || params.is_empty() || settings.is_set("scope") {
        return;
    }
    findings.push(
        cx.at(
            "scope-as-parameter",
            Level::Warning,
            "token_params",
            "this scope goes to the token request, where it asks for nothing",
        )
        .with_note("scopes are asked for when the browser is sent to the provider")
        .with_fix(format!("set {} instead", cx.name("scope"))),
    );
}

fn unjoined_scopes(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(scopes) = cx.settings().and_then(|settings| settings.list("scope").ok()) else { return };
    let Some(scope) = scopes.iter().filter_map(Value::as_str).find(|scope| scope.contains(',')) else { return };
    let parts: Vec<String> = scope.split(',').map(|part| format!("\"{}\"", part.trim())).collect();
    findings.push(
        cx.at(
            "unjoined-scopes",
            Level::Warning,
            "scope",
            format!("`{scope}` is one scope with commas in it, not several"),
        )
        .with_note("scopes are separated by blanks; the hub joins the items of the list so")
        .with_fix(format!("write [{}]", parts.join(", "))),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_an_example_is_told_from_values() {
        for (option, text) in [
            ("client_id", "<OIDC client>"),
            ("client_secret", "client_secret"),
            ("client_id", "your-client-id-here"),
            ("client_secret", "xxxxxxxxxxxxxxxx"),
            ("token_url", "https://<REDACTED>.auth.us-east-1.amazoncognito.com/oauth2/token"),
            ("authorize_url", "https://your-keycloak/realms/x"),
        ] {
            assert!(placeholder_in(option, text).is_some(), "{text}");
        }
        for (option, text) in [
            ("client_id", "jupyterhub"),
            ("client_id", "my-hub"),
            ("client_secret", "a<b>c<d&e>f!x%y"),
            ("client_secret", "REDACTEDxxxxxxxxxxxx"),
            ("username_claim", "email"),
            ("token_url", "https://idp.example.org/token"),
            ("username_claim", "username"),
        ] {
            assert_eq!(placeholder_in(option, text), None, "{text}");
        }
    }

    #[test]
    fn variables_are_told_from_dollars() {
        assert_eq!(variable_in("https://${HOST}/x"), Some("${HOST}"));
        assert_eq!(variable_in("$CLIENT_ID"), Some("$CLIENT_ID"));
        assert_eq!(variable_in("$(HOST)"), Some("$(HOST)"));
        assert_eq!(variable_in("a$bC"), None);
        assert_eq!(variable_in("$ecret"), None);
    }
}
