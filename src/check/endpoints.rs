//! The provider's addresses.

use url::Url;

use super::callback::{broken_host, doubled_scheme, is_loopback};
use super::values::placeholder_in;
use super::{Check, Cx, rule};
use crate::diagnostic::{Diagnostic, Level};

pub(super) const CHECKS: &[Check] = &[
    rule!("url-not-absolute", Error, "", "an address without http:// or https://", not_absolute),
    rule!("url-host", Error, "", "an address whose host cannot be one", host),
    rule!("url-http", Warning, "", "the provider is asked without encryption", http),
    rule!("authorize-url-internal", Error, "", "a browser cannot reach authorize_url", internal),
    rule!("discovery-document-url", Error, "", "a discovery document's address in place of an endpoint", discovery),
    rule!("wrong-endpoint", Error, "", "an address of the provider in another one's place", wrong),
    rule!("mixed-providers", Warning, "", "the addresses belong to different realms, tenants or systems", mixed),
    rule!("domain-with-scheme", Error, "", "a host name was given with https://", domain_with_scheme),
];

const ENDPOINTS: [&str; 3] = ["authorize_url", "token_url", "userdata_url"];

/// The endpoints that somebody set and that can be judged: no placeholder, nothing to fill in.
fn endpoints<'a>(cx: &Cx<'a>) -> Vec<(&'static str, &'a str, Option<Url>)> {
    let mediawiki = cx.runs(&["MWOAuthenticator"]);
    ENDPOINTS
        .into_iter()
        .filter(|_| !mediawiki)
        .filter_map(|option| cx.text(option).map(|text| (option, text.trim())))
        .filter(|(option, text)| placeholder_in(option, text).is_none() && !text.contains(['$', '{', '"', '\'']))
        .map(|(option, text)| {
            (option, text, Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")))
        })
        .collect()
}

fn not_absolute(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let callback = cx.text("oauth_callback_url").map(str::trim).filter(|text| {
        !cx.runs(&["MWOAuthenticator"])
            && placeholder_in("oauth_callback_url", text).is_none()
            && !text.contains(['$', '{', '"', '\''])
    });
    let callback = callback.map(|text| ("oauth_callback_url", text, Url::parse(text).ok()));
    for (option, text, url) in endpoints(cx).into_iter().chain(callback) {
        if url.is_some_and(|url| url.has_host()) {
            continue;
        }
        let consequence = match option {
            "authorize_url" => "the browser stays on the hub, which answers 404 or asks to log in again",
            "oauth_callback_url" => "the provider refuses it as redirect_uri",
            _ => "every login fails with 500: ValueError: Unsupported url scheme",
        };
        let looks_like_host = text.split('/').next().is_some_and(|host| host.contains('.'));
        let fix = if looks_like_host {
            format!("write `https://{text}`")
        } else {
            "write the whole address, with https://".to_owned()
        };
        findings.push(
            cx.at("url-not-absolute", Level::Error, option, format!("{option} is no absolute address: `{text}`"))
                .with_note(consequence)
                .with_fix(fix),
        );
    }
}

fn host(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, _, url) in endpoints(cx) {
        let Some((url, host)) = url.as_ref().and_then(|url| url.host_str().map(|host| (url, host))) else { continue };
        let message = if doubled_scheme(url) {
            "the scheme stands twice, as in https://https://".to_owned()
        } else if broken_host(host) {
            format!("`{host}` is no host: part of the name is missing")
        } else if doubled_label(host) {
            format!("part of the host stands twice: `{host}`")
        } else {
            continue;
        };
        findings.push(cx.at("url-host", Level::Error, option, message).with_fix("write the provider's host name"));
    }
}

/// `x.auth.eu-1.amazoncognito.com.auth.eu-1.amazoncognito.com`: a template added the domain again.
fn doubled_label(host: &str) -> bool {
    const DOMAINS: &[&str] = &[".amazoncognito.com", ".auth0.com", ".okta.com", ".onelogin.com"];
    DOMAINS.iter().any(|domain| host.matches(domain).count() > 1)
}

/// Whether only the cluster knows the host.
fn is_internal(host: &str) -> bool {
    host.ends_with(".svc") || host.contains(".svc.") || host.ends_with(".cluster.local") || host == "kubernetes"
}

/// Whether a host is no name in public DNS: in a cluster, in a compose file, on this machine.
fn is_private_name(host: &str) -> bool {
    is_internal(host) || is_loopback(host) || !host.contains('.') || host == "host.docker.internal"
}

fn http(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, _, url) in endpoints(cx) {
        let Some(host) = url.as_ref().filter(|url| url.scheme() == "http").and_then(Url::host_str) else { continue };
        if is_private_name(host) {
            continue;
        }
        let what = match option {
            "authorize_url" => "the browser goes to the provider",
            "token_url" => "the client secret goes to the provider",
            _ => "the access token goes to the provider",
        };
        findings.push(
            cx.at("url-http", Level::Warning, option, format!("{what} over plain http, where others can read along"))
                .with_fix("write https, if the provider serves it"),
        );
    }
}

fn internal(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some((option, _, Some(url))) = endpoints(cx).into_iter().find(|(option, ..)| *option == "authorize_url") else {
        return;
    };
    let Some(host) = url.host_str() else { return };
    let hub_is_public = cx
        .text("oauth_callback_url")
        .and_then(|callback| Url::parse(callback).ok())
        .is_some_and(|callback| callback.host_str().is_some_and(|host| !is_private_name(host)));
    if hub_is_public && !host.contains('.') && !is_loopback(host) && !is_internal(host) {
        findings.push(
            cx.at(
                "authorize-url-internal",
                Level::Warning,
                option,
                format!("a browser hardly reaches `{host}`: the name has no domain"),
            )
            .with_note("authorize_url is where the browser goes; token_url and userdata_url are asked by the hub, and may be internal")
            .with_fix("write the provider's public address here"),
        );
        return;
    }
    let message = if is_internal(host) {
        format!("a browser cannot reach `{host}`: only the cluster knows it")
    } else if is_loopback(host) && hub_is_public {
        format!("`{host}` is each user's own machine, not the provider")
    } else {
        return;
    };
    findings.push(
        cx.at("authorize-url-internal", Level::Error, option, message)
            .with_note("authorize_url is where the browser goes; token_url and userdata_url are asked by the hub, and may be internal")
            .with_fix("write the provider's public address here"),
    );
}

fn discovery(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for (option, _, url) in endpoints(cx) {
        let Some(url) = url.filter(|url| url.path().contains("/.well-known/")) else { continue };
        let field = match option {
            "authorize_url" => "authorization_endpoint",
            "token_url" => "token_endpoint",
            _ => "userinfo_endpoint",
        };
        findings.push(
            cx.at(
                "discovery-document-url",
                Level::Error,
                option,
                format!("{option} is the address of the discovery document"),
            )
            .with_note("the hub reads no discovery document")
            .with_fix(format!("write the `{field}` that stands in {url}")),
        );
    }
}

/// What an endpoint's last step says it is for.
fn purpose(url: &Url) -> Option<&'static str> {
    let last = url.path().trim_end_matches('/').rsplit('/').next()?.to_lowercase();
    Some(match last.as_str() {
        "authorize" | "auth" | "authorization" | "oauth_authorize" => "authorize_url",
        "token" | "access_token" | "oauth_token" => "token_url",
        "userinfo" | "user_info" | "user-info" => "userdata_url",
        "logout" | "end-session" | "endsession" | "end_session" | "revoke" | "introspect" | "certs" | "jwks"
        | "keys" => "",
        _ => return None,
    })
}

fn wrong(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    wiki(cx, findings);
    google(cx, findings);
    back_to_the_hub(cx, findings);
    for (option, _, url) in endpoints(cx) {
        let Some(url) = url.filter(|url| !url.path().contains("/.well-known/")) else { continue };
        if let Some(meant) = purpose(&url).filter(|meant| *meant != option && !tolerated(&url, option, meant)) {
            let message = match meant {
                "" => format!("{option} is another endpoint of the provider: `{}`", url.path()),
                meant => format!("{option} holds what should be {meant}: `{}`", url.path()),
            };
            let fix = match meant {
                "" => "write the endpoint that the provider's documentation names for it".to_owned(),
                meant => format!("exchange {option} and {meant}, or write the right address"),
            };
            findings.push(cx.at("wrong-endpoint", Level::Error, option, message).with_fix(fix));
        } else if let Some(right) = known_provider(&url, option) {
            findings.push(
                cx.at(
                    "wrong-endpoint",
                    Level::Error,
                    option,
                    format!("this provider has no endpoint `{}` for {option}", url.path()),
                )
                .with_fix(format!("write `{right}`")),
            );
        }
    }
}

/// mwoauth adds `?title=Special:OAuth/…` to the address of index.php.
fn wiki(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(url) = cx.text("mw_index_url").filter(|_| cx.runs(&["MWOAuthenticator"])) else { return };
    let Ok(parsed) = Url::parse(url) else { return };
    if parsed.path().ends_with("index.php") {
        return;
    }
    findings.push(
        cx.at("wrong-endpoint", Level::Warning, "mw_index_url", "mw_index_url is not the address of index.php")
            .with_note("on Special:Version of the wiki it stands under \"Entry point URLs\"")
            .with_fix(format!(
                "write the address of index.php, perhaps `{}`",
                parsed.join("/w/index.php").map_or_else(|_| url.to_owned(), String::from)
            )),
    );
}

/// `GoogleOAuthenticator` reads `verified_email`, which only version 1 of the endpoint sends.
fn google(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(url) = cx.text("userdata_url").filter(|_| cx.runs(&["GoogleOAuthenticator"])) else { return };
    let other = url.contains("googleapis.com") && !url.contains("/oauth2/v1/");
    if !other || cx.on("allow_all") || cx.overrides(&["check_allowed", "token_to_user"]) {
        return;
    }
    findings.push(
        cx.at("wrong-endpoint", Level::Error, "userdata_url", "every login fails with 500: KeyError: 'verified_email'")
            .with_note("this endpoint sends `email_verified` instead; the class reads the older name")
            .with_fix("leave userdata_url as it is by default"),
    );
}

fn back_to_the_hub(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let parse = |option: &str| cx.text(option).and_then(|text| Url::parse(text.trim()).ok());
    let (Some(authorize), Some(callback)) = (parse("authorize_url"), parse("oauth_callback_url")) else { return };
    let below_hub = callback
        .path()
        .rsplit_once("/oauth_callback")
        .is_some_and(|(hub, _)| hub.ends_with("/hub") && authorize.path().starts_with(&format!("{hub}/")));
    if below_hub && authorize.host_str() == callback.host_str() && authorize.host_str().is_some() {
        findings.push(
            cx.at(
                "wrong-endpoint",
                Level::Error,
                "authorize_url",
                "authorize_url leads back to the hub, which answers 404",
            )
            .with_fix("write the provider's address"),
        );
    }
}

/// A proxy of one's own may serve anything below a path; only clear words count.
fn tolerated(url: &Url, option: &str, meant: &str) -> bool {
    // `…/oauth/auth/token`-like paths name the token endpoint by their end only; a bare `/auth` may be a realm's root.
    meant == "authorize_url" && option != "token_url" && url.path().trim_end_matches('/').ends_with("/auth")
}

/// What a provider known by its addresses calls an endpoint, where the given one is another.
fn known_provider(url: &Url, option: &str) -> Option<String> {
    let (host, path) = (url.host_str()?, url.path());
    let at = |path: &str| {
        let mut right = url.clone();
        right.set_path(path);
        right.to_string()
    };
    let pick = |authorize: &str, token: &str, userdata: &str| match option {
        "authorize_url" => authorize.to_owned(),
        "token_url" => token.to_owned(),
        _ => userdata.to_owned(),
    };
    if let Some(realm) = path.find("/realms/") {
        let rest = &path[realm + "/realms/".len()..];
        let name = rest.split('/').next()?;
        let root = format!("{}/realms/{name}/protocol/openid-connect/", &path[..realm]);
        let right = format!("{root}{}", pick("auth", "token", "userinfo"));
        let broker = rest.contains("/broker/")
            || !rest.contains("protocol") && !rest.is_empty() && rest != name && !rest.trim_end_matches('/').eq(name);
        return (path.trim_end_matches('/') != right && !broker && !path.ends_with("/registrations"))
            .then(|| at(&right));
    }
    if host.ends_with(".amazoncognito.com") {
        let right = format!("/oauth2/{}", pick("authorize", "token", "userInfo"));
        let other_way_in = option == "authorize_url" && matches!(path, "/login" | "/signup");
        return (path != right && !other_way_in).then(|| at(&right));
    }
    if host == "github.com" {
        let right = pick("/login/oauth/authorize", "/login/oauth/access_token", "");
        if option == "userdata_url" {
            return Some("https://api.github.com/user".into());
        }
        return (path != right).then(|| at(&right));
    }
    if host.ends_with(".auth0.com") {
        let right = pick("/authorize", "/oauth/token", "/userinfo");
        return (path != right).then(|| at(&right));
    }
    if path.starts_with("/application/o/") && !path.ends_with('/') {
        return Some(at(&format!("{path}/")));
    }
    None
}

fn realm_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    if host.contains("login.microsoftonline.") {
        return url.path().split('/').nth(1).map(|tenant| format!("tenant {tenant}"));
    }
    let (_, rest) = url.path().split_once("/realms/")?;
    rest.split('/').next().map(|realm| format!("realm {realm}"))
}

fn mixed(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    let all = endpoints(cx);
    let urls: Vec<(&str, &Url)> =
        all.iter().filter_map(|(option, _, url)| url.as_ref().map(|url| (*option, url))).collect();
    let Some((first, url)) = urls.first() else { return };
    for (option, other) in &urls[1..] {
        let (this, that) = (realm_of(url), realm_of(other));
        let sandbox = |url: &Url| {
            url.host_str()
                .is_some_and(|host| host.split('.').any(|label| label == "sandbox" || label.ends_with("-sandbox")))
        };
        let v2 = |url: &Url| {
            url.host_str()
                .is_some_and(|host| host.starts_with("login.microsoftonline."))
                .then(|| url.path().contains("/v2.0/"))
        };
        let message = match (this, that) {
            (Some(this), Some(that)) if this != that => format!("{first} is of {this}, {option} of {that}"),
            _ if sandbox(url) != sandbox(other) => format!("of {first} and {option}, one is of the provider's sandbox"),
            _ if v2(url).is_some() && v2(other).is_some() && v2(url) != v2(other) => {
                format!("of {first} and {option}, one is Microsoft's version 1, the other version 2")
            }
            _ => continue,
        };
        let mut finding = cx.at("mixed-providers", Level::Warning, option, message);
        if let Some(span) = cx.place(first) {
            finding = finding.with_label(span, "the other");
        }
        findings.push(
            finding
                .with_note("a code or token of one is worth nothing to the other")
                .with_fix("take all addresses from one discovery document"),
        );
        return;
    }
}

fn domain_with_scheme(cx: &Cx<'_>, findings: &mut Vec<Diagnostic>) {
    for option in ["auth0_domain", "auth0_subdomain", "cilogon_host", "tenant_id"] {
        let Some(text) = cx.text(option).filter(|text| text.contains("://") || text.contains('/')) else { continue };
        let mut parts = text.split("://").last().unwrap_or(text).split('/');
        let host = parts.next().unwrap_or(text);
        let tenant = parts.next().filter(|tenant| option == "tenant_id" && !tenant.is_empty());
        let message = match option {
            "tenant_id" => "tenant_id is the tenant's id or name, from which the hub makes the addresses".to_owned(),
            _ => format!("{option} is a bare name, to which the hub adds https:// itself"),
        };
        findings.push(
            cx.at("domain-with-scheme", Level::Error, option, message)
                .with_fix(format!("write `{}`", tenant.unwrap_or(host))),
        );
    }
    let Some(subdomain) = cx.text("auth0_subdomain").filter(|text| text.ends_with(".auth0.com") && !text.contains('/'))
    else {
        return;
    };
    findings.push(
        cx.at("domain-with-scheme", Level::Error, "auth0_subdomain", "the hub adds .auth0.com to auth0_subdomain")
            .with_fix(format!("write `{}`", subdomain.trim_end_matches(".auth0.com"))),
    );
}
