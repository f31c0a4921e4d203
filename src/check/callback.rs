//! The address to which the provider sends the browser back.

use url::Url;

use super::values::placeholder_in;
use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Kind;

pub(super) const CHECKS: &[Check] = &[
    rule!("missing-setting", Note, "", "an option without which no login works is empty", missing),
    rule!("callback-path", Error, "", "the hub does not listen where the provider sends the browser", path),
    rule!("callback-http", Warning, "", "the browser comes back without encryption", http),
    rule!("callback-host", Error, "", "the callback's host is no host the provider can send to", host),
];

/// A callback that the provider is really told: MediaWiki's is fixed, and a class may have its own.
fn callback(cx: &Cx<'_>) -> Option<(&'static str, Url)> {
    let settings = cx.settings()?;
    let own = cx.overrides(&["callback_url", "get_callback_url", "get_handlers"])
        || settings.class().attribute("callback_handler").is_some();
    if own || cx.runs(&["MWOAuthenticator"]) {
        return None;
    }
    let text = cx.text("oauth_callback_url")?;
    if placeholder_in("oauth_callback_url", text).is_some() || text.contains(['$', '{', '<']) {
        return None;
    }
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(("oauth_callback_url", url))
}

/// Whether a browser on the same machine alone gets there.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]" || host == "::1"
}

/// `JupyterHub.base_url`, where the hub surely has it.
fn base_url<'a>(cx: &Cx<'a>) -> Option<&'a str> {
    // Values of a chart may leave it to a layer, and a Python file to the command line; where it is given, it counts.
    cx.hub.base_url.as_str()
}

fn path(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, url)) = callback(cx) else { return };
    let Some(base) = base_url(cx) else { return };
    let page = cx.settings().and_then(|settings| settings.wrapper()).map(|wrapper| wrapper.page("oauth_callback"));
    let page = page.unwrap_or_else(|| "/oauth_callback".to_owned());
    let wanted = format!("{base}hub{page}");
    let found = url.path();
    if found == wanted && url.query().is_none() && url.fragment().is_none() {
        return;
    }
    let short = base == "/" && found == page;
    if !cx.overrides(&["get_handlers"]) && url.fragment().is_some() {
        findings.push(
            cx.at("callback-path", Level::Error, option, "a fragment (`#…`) never reaches the hub")
                .with_fix("remove it"),
        );
        return;
    }
    let (level, message) = match () {
        () if short => (Level::Warning, "this works only by the hub's redirect from / to /hub/".to_owned()),
        () if found == wanted => (Level::Warning, "the callback carries a query of its own".to_owned()),
        // A proxy in front may add the path under which the hub does not know itself to be.
        () if base == "/" && found.ends_with(&wanted) && !base_is_written(cx) => {
            (Level::Warning, format!("the hub listens at {wanted}, not at {found}, unless base_url is set elsewhere"))
        }
        () if !found.ends_with('/')
            && found.ends_with("oauth_callback")
            && !found.ends_with("/hub/oauth_callback")
            && !base_is_written(cx) =>
        {
            (Level::Warning, format!("the hub listens at {wanted}, not at {found}"))
        }
        () => (Level::Error, format!("the hub answers 404: it listens at {wanted}, not at {found}")),
    };
    let mut finding = cx.at("callback-path", level, option, message);
    if let Some(span) = cx.hub.base_url_origin.span().filter(|_| base != "/") {
        finding = finding.with_label(span.clone(), "base_url comes before the path");
    }
    let mut right = url.clone();
    right.set_path(&wanted);
    right.set_query(None);
    findings.push(finding.with_fix(format!("write `{right}`, and register the same with the provider")));
}

fn base_is_written(cx: &Cx<'_>) -> bool {
    cx.hub.base_url_origin.span().is_some()
}

fn http(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, url)) = callback(cx) else { return };
    let Some(host) = url.host_str() else { return };
    if url.scheme() != "http" || is_loopback(host) {
        return;
    }
    findings.push(
        cx.at("callback-http", Level::Warning, option, "the code comes back over plain http, where others can read it")
            .with_note("most providers refuse a redirect to http on another host than localhost")
            .with_fix("serve the hub over https, and write https here"),
    );
}

fn host(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, url)) = callback(cx) else { return };
    let Some(host) = url.host_str() else { return };
    let message = if broken_host(host) {
        format!("`{host}` is no host: part of the name is missing")
    } else if doubled_scheme(&url) {
        "the scheme stands twice, as in https://https://".to_owned()
    } else if cx.runs(&["GoogleOAuthenticator"]) && is_address(&url) && !is_loopback(host) {
        "Google sends nobody back to an IP address".to_owned()
    } else {
        return;
    };
    findings.push(cx.at("callback-host", Level::Error, option, message).with_fix("write the hub's own host name"));
}

fn is_address(url: &Url) -> bool {
    matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)))
}

/// A name with an empty part, or one that ends where its domain should begin.
pub(super) fn broken_host(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    host.contains("..")
        || host.starts_with('.')
        || name.len() < host.len() && !name.contains('.')
        || host.ends_with('-')
}

/// `https://https://…`: a scheme for a host.
pub(super) fn doubled_scheme(url: &Url) -> bool {
    matches!(url.host_str(), Some("http" | "https"))
}

/// Client and secret may well be in the hub's environment only, so their absence here is worth no more than a note.
fn missing(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings().filter(|_| cx.resolution.fatal.is_none()) else { return };
    let level = if cx.whole { Level::Warning } else { Level::Note };
    let plain = settings.class().locals.iter().all(|class| class.methods.is_empty());
    if matches!(settings.class().def.name, name if name.ends_with("GenericOAuthenticator") || name == "OAuthenticator")
        && plain
    {
        absent(cx, "authorize_url", "the browser is sent nowhere", level, findings);
        absent(cx, "token_url", "no code can be exchanged", level, findings);
        if cx.off("userdata_from_id_token") {
            absent(cx, "userdata_url", "nobody's name is found out", level, findings);
        }
    }
    if cx.runs(&["AzureAdOAuthenticator"]) && cx.complete() && !settings.is_set("authorize_url") {
        absent(cx, "tenant_id", "Microsoft does not know which tenant's users may log in", Level::Note, findings);
    }
    absent(cx, "client_id", "the provider does not know the hub", Level::Note, findings);
    absent(cx, "client_secret", "the provider refuses the hub", Level::Note, findings);
    if !cx.runs(&["MWOAuthenticator"]) {
        let guessed = "the hub guesses it from each request, often wrongly behind a proxy";
        absent(cx, "oauth_callback_url", guessed, Level::Note, findings);
    }
}

fn absent(cx: &Cx<'_>, option: &str, consequence: &str, level: Level, findings: &mut Vec<Diagnostic>) {
    let Some(settings) = cx.settings() else { return };
    if !settings.str(option).is_ok_and(str::is_empty) {
        return;
    }
    let name = settings.name_of(option);
    let fix = match (level, cx.loaded.kind) {
        (Level::Note, Kind::Z2jh) => {
            format!("set {name}, here, in another values file or as a variable in hub.extraEnv")
        }
        (Level::Note, _) => format!("set {name}, or see that the hub's environment does"),
        _ => format!("set {name}"),
    };
    let message = format!("{name} is empty, so {consequence}");
    findings.push(cx.at("missing-setting", level, option, message).with_fix(fix));
}
