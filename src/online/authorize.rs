//! The authorize request: the address that the hub sends a browser to, asked without a session and without going on to
//! a login. Providers that look at client and redirect_uri before they ask who it is refuse here what is wrong.

use url::Url;

use super::{Run, answer};
use crate::diagnostic::Level;
use crate::discovery::Metadata;
use crate::failure::Stage;
use crate::http::{Answer, Call, bare};
use crate::pyurl::Split;
use crate::value::Value;

/// What the authorize endpoint made of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authorize {
    /// It was not asked, or said nothing.
    Unknown,
    /// It is not the endpoint.
    Wrong,
    /// It is the endpoint, as far as that can be told.
    Endpoint,
    /// It took the client by its id, or would have, had the redirect_uri been right.
    ClientKnown,
    /// It refused the client by its id.
    ClientRefused,
}

impl Authorize {
    /// Whether the address is surely an authorize endpoint.
    pub(super) fn is_endpoint(self) -> bool {
        matches!(self, Authorize::Endpoint | Authorize::ClientKnown | Authorize::ClientRefused)
    }
}

/// What no login could have mended (RFC 6749, section 4.1.2.1).
const SURE: &[&str] = &["invalid_scope", "unauthorized_client", "unsupported_response_type"];

/// `error=` in an address that went back to the hub although nobody logged in: client and redirect_uri were taken
/// (OpenID Connect Core, section 3.1.2.6).
const ONLY_NO_LOGIN: &[&str] =
    &["login_required", "interaction_required", "consent_required", "account_selection_required"];

/// Microsoft's errors that tell something of the request.
const MICROSOFT: &[&str] = &["AADSTS50011:", "AADSTS700016:", "AADSTS90002:", "AADSTS900023:"];

pub(super) fn ask(run: &Run<'_>, provider: Option<&Metadata>) -> Authorize {
    let option = "authorize_url";
    if run.cx.overrides(&["login_handler", "authorize_redirect"]) {
        run.not_told(option, "the class has a login handler of its own, so the authorize request was not tried");
        return Authorize::Unknown;
    }
    let Some(redirect_uri) = run.text("oauth_callback_url") else {
        run.not_told(option, "oauth_callback_url is not set, so whether the redirect_uri is registered cannot be told");
        return Authorize::Unknown;
    };
    if run.settings.str("client_id").is_ok_and(str::is_empty)
        || run.settings.str("authorize_url").is_ok_and(str::is_empty)
    {
        return Authorize::Unknown;
    }
    let begun = match run.auth.begin(&run.context, redirect_uri) {
        Ok(begun) => begun,
        Err(raised) => {
            run.no_answer(option, run.text(option).or(run.text("openshift_url")).unwrap_or_default(), &raised);
            run.not_told(option, format!("the authorize request was not tried: {}", raised.message()));
            return Authorize::Unknown;
        }
    };
    let Some(found) = get(run, &begun.url) else { return Authorize::Unknown };
    let judged = judge(run, provider, &found, &begun.url, redirect_uri);
    match judged {
        Some(Authorize::Endpoint) => ask_silently(run, provider, &begun.url, redirect_uri),
        judged => judged.unwrap_or(Authorize::Unknown),
    }
}

/// `prompt=none` must be answered without a page: with an error at the redirect_uri, or, where that is not registered,
/// with a page that says so.
fn ask_silently(run: &Run<'_>, provider: Option<&Metadata>, url: &str, redirect_uri: &str) -> Authorize {
    let inconclusive = || {
        run.not_told(
            "authorize_url",
            "the provider asks for a login before it looks at client_id and redirect_uri, or takes both: only a login tells (`oauthctl login`)",
        );
        Authorize::Endpoint
    };
    let asks_for_a_prompt = Split::of(url).query.split('&').any(|pair| pair.starts_with("prompt="));
    let openid =
        run.settings.list("scope").is_ok_and(|scopes| scopes.iter().any(|scope| scope.as_str() == Some("openid")));
    if !openid || provider.is_none() || asks_for_a_prompt {
        return inconclusive();
    }
    let url = format!("{url}&prompt=none");
    let Some(found) = get(run, &url) else { return Authorize::Endpoint };
    let words = answer::words(&found).to_ascii_lowercase();
    let page_about_redirect = (400..404).contains(&found.status) && is_about_redirect(&words);
    if went_back(&found, &url, redirect_uri) || page_about_redirect {
        return judge(run, provider, &found, &url, redirect_uri).unwrap_or(Authorize::Endpoint);
    }
    inconclusive()
}

fn get(run: &Run<'_>, url: &str) -> Option<Answer> {
    let headers = [
        ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
        ("Accept-Language", "en"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) oauthctl"),
    ];
    let call = Call {
        stage: Stage::Authorize,
        method: "GET",
        url: url.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: None,
        form: Vec::new(),
        validate_cert: run.settings.bool("validate_server_cert").ok(),
    };
    match run.asking.browser.fetch_any(&call) {
        Ok(answer) => Some(answer),
        Err(raised) => {
            run.no_answer("authorize_url", url, &raised);
            None
        }
    }
}

fn went_back(found: &Answer, from: &str, redirect_uri: &str) -> bool {
    let (Some(target), Ok(ours)) = (answer::target(found, from), Url::parse(redirect_uri)) else { return false };
    target.origin() == ours.origin() && target.path() == ours.path()
}

/// `None` where nothing can be said.
fn judge(
    run: &Run<'_>,
    provider: Option<&Metadata>,
    found: &Answer,
    url: &str,
    redirect_uri: &str,
) -> Option<Authorize> {
    if let Some(target) = answer::target(found, url) {
        return Some(redirected(run, &target, url, redirect_uri));
    }
    let words = answer::words(found);
    match found.status {
        200..=299 => Some(page(run, found, redirect_uri)),
        404 if knows_clients_by_404(run) => {
            client_refused(run, &format!("{} answers 404", bare(url)));
            Some(Authorize::ClientRefused)
        }
        404 | 405 | 410 => {
            super::endpoints::wrong_answer(run, provider, "authorize_url", url, &format!("answers {}", found.status));
            Some(Authorize::Wrong)
        }
        429 | 500.. => {
            super::endpoints::failed(run, "authorize_url", url, found);
            None
        }
        _ => refused(run, found, &words, redirect_uri),
    }
}

/// GitHub says "not found" of a client that it does not know.
fn knows_clients_by_404(run: &Run<'_>) -> bool {
    run.text("authorize_url").is_some_and(|url| Split::of(url).path.ends_with("/login/oauth/authorize"))
}

/// A redirect: to the hub with an error, to an error page, or on to the login.
fn redirected(run: &Run<'_>, target: &Url, url: &str, redirect_uri: &str) -> Authorize {
    let value = |name: &str| target.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let back =
        Url::parse(redirect_uri).is_ok_and(|ours| target.origin() == ours.origin() && target.path() == ours.path());
    let error = value("error").or_else(|| value("authError").map(|text| decoded(&text)));
    let Some(error) = error.filter(|error| !error.is_empty()) else {
        // From http to https, and from one spelling of the host to another, is no answer to the request.
        let same = Url::parse(url).is_ok_and(|from| from.path() == target.path());
        return if same { Authorize::Unknown } else { Authorize::Endpoint };
    };
    let said = match value("error_description") {
        Some(description) => format!("{error}: {description}"),
        None => error.clone(),
    };
    let said = crate::sys::printable(&said);
    if back {
        // A provider sends nobody to an address that is not this client's. That it cannot do without a page is no fault,
        // whatever it calls that.
        let silently = url.ends_with("&prompt=none");
        let harmless = ONLY_NO_LOGIN.contains(&error.as_str());
        if !harmless && (!silently || SURE.contains(&error.as_str())) {
            told(run, &said, redirect_uri, back);
        }
        return Authorize::ClientKnown;
    }
    told(run, &said, redirect_uri, back).unwrap_or(Authorize::Endpoint)
}

/// Google's error page carries its error in base64.
fn decoded(text: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let bare = text.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare));
    let text = bytes.map_or_else(|_| text.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned());
    crate::sys::printable(&text).replace('\u{fffd}', " ").trim().to_owned()
}

/// A page with status 200 is the login, but for Microsoft's errors, which come with it, in a script.
fn page(run: &Run<'_>, found: &Answer, redirect_uri: &str) -> Authorize {
    let text = found.text();
    let said = MICROSOFT.iter().find_map(|code| text.find(code)).map(|at| &text[at..]);
    let said = said.and_then(|said| said.split(['"', '<', '\\']).next()).map(crate::sys::printable);
    said.and_then(|said| told(run, &said, redirect_uri, false)).unwrap_or(Authorize::Endpoint)
}

/// 400, 401, 403 …: what the page says.
fn refused(run: &Run<'_>, found: &Answer, words: &str, redirect_uri: &str) -> Option<Authorize> {
    let document = answer::object(found);
    let field = |name: &str| document.as_ref().and_then(|document| document.get(name)).map(Value::to_text);
    let said = match (field("error"), field("error_description").or_else(|| field("errorSummary"))) {
        (Some(error), Some(description)) => format!("{error}: {description}"),
        (error, description) => error.or(description).unwrap_or_else(|| match found.status {
            400 => words.to_owned(),
            // A page that only repeats the address it was asked at says nothing of what is in it.
            _ => words.split(' ').filter(|word| !word.contains('=')).collect::<Vec<_>>().join(" "),
        }),
    };
    let said = crate::sys::printable(&said);
    if let Some(told) = told(run, &said, redirect_uri, false) {
        return Some(told);
    }
    if found.status == 400 {
        let message = format!("the provider refuses the authorize request: {}", answer::quote(&said));
        run.tell(
            "authorize",
            run.at("authorize-refused", Level::Warning, "authorize_url", message)
                .with_fix("open the login in a browser: the provider's page or its log names the cause"),
        );
    } else {
        let message = format!("the authorize request was answered {} ({})", found.status, answer::quote(words));
        run.not_told("authorize_url", format!("{message}, which may be meant for programs only"));
    }
    None
}

fn is_about_redirect(lower: &str) -> bool {
    [
        "redirect_uri",
        "redirect uri",
        "redirect url",
        "redirect_mismatch",
        "redirecturi",
        "callback url",
        "reply url",
        "aadsts50011",
        "redirection uri",
    ]
    .iter()
    .any(|mark| lower.contains(mark))
}

fn is_about_client(lower: &str) -> bool {
    [
        "invalid_client",
        "client not found",
        "client_not_found",
        "unknown client",
        "client is unknown",
        "invalid client",
        "client_id",
        "client id",
        "aadsts700016",
        "oauth client was not found",
        "client identifier",
        "no such client",
        "deleted_client",
    ]
    .iter()
    .any(|mark| lower.contains(mark))
}

/// What the provider's words mean; `back` says whether it sent the browser back to the hub with them.
fn told(run: &Run<'_>, said: &str, redirect_uri: &str, back: bool) -> Option<Authorize> {
    let lower = said.to_ascii_lowercase();
    let quoted = answer::quote(said);
    // It is the redirect_uri that brought the words back, so it is not what they are about.
    if !back && is_about_redirect(&lower) {
        let message = format!("the provider does not know the redirect_uri {redirect_uri}");
        run.tell(
            "authorize",
            run.at("redirect-uri-refused", Level::Error, "oauth_callback_url", message)
                .with_note(format!("it says {quoted}"))
                .with_fix(
                    "register exactly that address with the provider: scheme, host, port, path, slash at the end",
                ),
        );
        return Some(Authorize::ClientKnown);
    }
    if lower.contains("aadsts90002") || lower.contains("aadsts900023") {
        tenant(run, &quoted);
        return Some(Authorize::Endpoint);
    }
    if lower.contains("invalid_scope")
        || lower.contains("unknown_scope")
        || lower.contains("invalid scope")
        || lower.contains("unknown scope")
    {
        scope_refused(run, &quoted);
        return Some(Authorize::Endpoint);
    }
    if lower.contains("code_challenge") || lower.contains("pkce") {
        let on = run.cx.on("enable_pkce");
        let message = match on {
            true => format!("the provider refuses PKCE as the hub does it: {quoted}"),
            false => format!("the provider demands PKCE: {quoted}"),
        };
        let fix =
            if on { "let the client at the provider take PKCE with S256" } else { "take `enable_pkce = False` away" };
        run.tell("authorize", run.at("authorize-refused", Level::Error, "enable_pkce", message).with_fix(fix));
        return Some(Authorize::Endpoint);
    }
    if lower.starts_with("unauthorized_client") || lower.starts_with("unsupported_response_type") {
        let message = format!("the provider does not let this client log users in: {quoted}");
        run.tell(
            "authorize",
            run.at("authorize-refused", Level::Error, "client_id", message)
                .with_fix("allow the authorization code flow for this client (Keycloak: \"Standard flow\")"),
        );
        return Some(Authorize::Endpoint);
    }
    if !back && is_about_client(&lower) {
        client_refused(run, &format!("it says {quoted}"));
        return Some(Authorize::ClientRefused);
    }
    if !back || lower.starts_with("access_denied") {
        return None;
    }
    let message = format!("the provider sends every user back with an error: {quoted}");
    run.tell(
        "authorize",
        run.at("authorize-refused", Level::Error, "authorize_url", message).with_fix(
            "the provider's words name the cause; compare `scope` and `extra_authorize_params` with what it knows",
        ),
    );
    Some(Authorize::Endpoint)
}

fn client_refused(run: &Run<'_>, because: &str) {
    let id = run.settings.str("client_id").unwrap_or_default();
    let message = format!("the provider knows no client `{id}`");
    run.tell(
        "client",
        run.at("client-refused", Level::Error, "client_id", message)
            .with_note(because)
            .with_fix("copy the client's ID from the provider, of this very realm, tenant or server"),
    );
}

pub(super) fn tenant(run: &Run<'_>, quoted: &str) {
    let option = if run.cx.text("tenant_id").is_some() { "tenant_id" } else { "authorize_url" };
    run.tell(
        "tenant",
        run.at("realm-not-found", Level::Error, option, format!("Microsoft knows no such tenant: {quoted}"))
            .with_fix("write the Directory (tenant) ID that stands on the app registration's page"),
    );
}

pub(super) fn scope_refused(run: &Run<'_>, quoted: &str) {
    let scopes = run.settings.list("scope").unwrap_or_default();
    let scopes: Vec<String> = scopes.iter().map(Value::to_text).collect();
    run.tell(
        "scope",
        run.at("scope-refused", Level::Error, "scope", format!("the provider refuses the scopes {}", scopes.join(" ")))
            .with_note(format!("it says {quoted}"))
            .with_fix("ask only for scopes that the provider knows and that this client may have"),
    );
}
