//! The endpoints themselves: that they are there, answer as what they are, and are those that the provider names.

use url::Url;

use super::{Run, answer};
use crate::diagnostic::Level;
use crate::discovery::Metadata;
use crate::failure::Stage;
use crate::http::{Answer, Call, bare};
use crate::value::Value;

/// Which endpoints answered as what they should be.
pub(super) struct Worked {
    /// authorize_url.
    pub authorize: bool,
    /// token_url.
    pub token: bool,
    /// userdata_url.
    pub userdata: bool,
}

/// The address that the provider itself names for an option.
fn advertised<'m>(provider: Option<&'m Metadata>, option: &str) -> Option<&'m str> {
    let provider = provider?;
    match option {
        "authorize_url" => provider.authorization_endpoint.as_deref(),
        "token_url" => provider.token_endpoint.as_deref(),
        _ => provider.userinfo_endpoint.as_deref(),
    }
}

/// An address that is not the endpoint it should be.
pub(super) fn wrong_answer(run: &Run<'_>, provider: Option<&Metadata>, option: &str, url: &str, what: &str) {
    let message = format!("{} {what}: it is not the provider's {}", bare(url), purpose(option));
    let finding = run.at("endpoint-wrong-answer", Level::Error, option, message);
    let fix = match advertised(provider, option).filter(|right| !same(right, url)) {
        Some(right) => format!("write `{right}`, which the provider names in {}", provider.map_or("", |one| &one.url)),
        None => "write the address that the provider's documentation or discovery document names".to_owned(),
    };
    run.tell(option, finding.with_fix(fix));
}

fn purpose(option: &str) -> &'static str {
    match option {
        "authorize_url" => "authorize endpoint",
        "token_url" => "token endpoint",
        _ => "userinfo endpoint",
    }
}

/// A provider in trouble.
pub(super) fn failed(run: &Run<'_>, option: &str, url: &str, found: &Answer) {
    let words = answer::words(found);
    let message = format!("{} answers {}: {}", bare(url), found.status, answer::quote(&words));
    let fix = match found.header("retry-after") {
        Some(wait) => {
            format!("the provider asks to wait (`Retry-After: {}`): try again then", crate::sys::printable(wait))
        }
        None => "the provider itself is in trouble: try again later, or look at its log".to_owned(),
    };
    let host = crate::pyurl::Split::of(url).netloc;
    run.tell(&host, run.at("provider-failed", Level::Error, option, message).with_fix(fix));
}

/// A redirect where the hub expects an answer. tornado turns the POST into a GET at 301, 302 and 303, and repeats it at
/// 307 and 308 (`simple_httpclient._HTTPConnection.finish`).
pub(super) fn redirected(run: &Run<'_>, option: &str, url: &str, status: u16, target: &Url) {
    let follows = follows(run);
    let to = answer::plain(target);
    let message = format!("{} answers {status} and points to {to}", bare(url));
    let (level, note) = match (option, status) {
        _ if !follows => (Level::Error, "http_request_kwargs keeps the hub from following: every login fails with 500".to_owned()),
        ("token_url", 307 | 308) => (
            Level::Warning,
            format!("the hub follows, and sends the client secret to {} too", target.host_str().unwrap_or_default()),
        ),
        ("token_url", _) => {
            (Level::Error, "the hub follows with a GET, without code and secret: every login fails with 500".to_owned())
        }
        _ if Url::parse(url).is_ok_and(|from| from.origin() != target.origin()) => {
            (Level::Error, "the hub follows without the access token, which belongs to the first host only: every login fails with 500".to_owned())
        }
        _ => (Level::Note, "the hub follows, with one request more at every login".to_owned()),
    };
    run.tell(
        option,
        run.at("endpoint-redirects", level, option, message).with_note(note).with_fix(format!("write `{to}`")),
    );
}

/// `follow_redirects` and `max_redirects` of http_request_kwargs; None stands for tornado's default.
fn follows(run: &Run<'_>) -> bool {
    let Ok(kwargs) = run.settings.dict("http_request_kwargs") else { return true };
    let allows = |name| kwargs.get(name).is_none_or(|value| *value == Value::None || value.truth() != Some(false));
    allows("follow_redirects") && allows("max_redirects")
}

/// Asks userdata_url without a token: an endpoint refuses that, anything else is told. Whether it surely is one.
pub(super) fn ask_userdata(run: &Run<'_>, provider: Option<&Metadata>) -> bool {
    let option = "userdata_url";
    let Some(url) = run.text(option).filter(|_| !run.cx.on("userdata_from_id_token")) else { return false };
    if run.cx.overrides(&["token_to_user"]) || run.cx.runs(&["AzureAdOAuthenticator"]) {
        return false;
    }
    let headers = [("Accept", "application/json"), ("User-Agent", "JupyterHub")];
    let call = Call {
        stage: Stage::Userdata,
        method: "GET",
        url: url.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: None,
        form: Vec::new(),
        validate_cert: run.settings.bool("validate_server_cert").ok(),
    };
    let found = match run.asking.hub.fetch_any(&call) {
        Ok(found) => found,
        Err(raised) => {
            run.no_answer(option, url, &raised);
            return false;
        }
    };
    if let Some(target) = answer::target(&found, url) {
        let login =
            target.path().to_ascii_lowercase().contains("login") || target.path().to_ascii_lowercase().contains("sign");
        if login {
            wrong_answer(
                run,
                provider,
                option,
                url,
                &format!("sends programs to a login page ({})", answer::plain(&target)),
            );
        } else {
            redirected(run, option, url, found.status, &target);
        }
        return false;
    }
    match found.status {
        400 | 401 | 403 => return true,
        // Some hide from strangers what they have; a path that the provider does not name itself is another matter.
        404 | 405 | 410 if advertised(provider, option).is_some_and(|right| !same(right, url)) => {
            wrong_answer(run, provider, option, url, &format!("answers {}", found.status));
        }
        404 | 405 | 410 => {
            run.not_told(option, format!("{} answers {} without an access token", bare(url), found.status));
        }
        429 | 500.. => failed(run, option, url, &found),
        200..=299 if answer::is_page(&found) => wrong_answer(run, provider, option, url, "answers with a web page"),
        status => run.not_told(option, format!("{} answers {status} without an access token", bare(url))),
    }
    false
}

/// The configured endpoints against those that the provider names, where somebody chose them.
pub(super) fn compare(run: &Run<'_>, provider: &Metadata, worked: &Worked) {
    for (option, works) in
        [("authorize_url", worked.authorize), ("token_url", worked.token), ("userdata_url", worked.userdata)]
    {
        let (Some(own), Some(right)) = (run.cx.text(option), advertised(Some(provider), option)) else { continue };
        if works || same(own, right) || run.told.borrow().iter().any(|(_, about)| about == option) {
            continue;
        }
        let hosts = [own, right].map(|url| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)));
        let message = format!("the provider names another {}: {right}", purpose(option));
        let finding = run.at("endpoint-not-advertised", Level::Note, option, message);
        let finding = match hosts[0] == hosts[1] {
            true => finding.with_note("this one gave no sign that it is none, nor that it is one"),
            false => finding.with_note("fine where the hub reaches the provider by another name than browsers do"),
        };
        run.tell(option, finding.with_fix(format!("write `{right}`, unless this is meant")));
    }
}

/// Whether two addresses are one, but for case in the host, default ports and the query.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| Url::parse(text.trim()).ok().map(|url| (url.origin(), url.path().to_owned()));
    plain(one).is_some() && plain(one) == plain(other)
}
