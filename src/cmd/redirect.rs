//! Which redirect_uri the provider is told, and how its answer reaches us.

use crate::failure::{Failure, Stage};
use crate::flow::listener::ListenSpec;
use crate::flow::route;
use crate::pyurl::Split;
use crate::settings::Settings;

/// What the user said about it.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// `--listen`.
    pub listen: Option<ListenSpec>,
    /// `--callback-url`.
    pub callback_url: Option<String>,
    /// `--paste`.
    pub paste: bool,
}

/// How the callback is caught.
#[derive(Clone, Debug, PartialEq)]
pub enum Catch {
    /// A listener there. With `told`, the provider is told that address instead of the listener's own.
    Listen {
        /// Where.
        spec: ListenSpec,
        /// The address that the provider is told, where it differs.
        told: Option<String>,
    },
    /// The user pastes the address the browser ended on; the provider is told this one.
    Paste {
        /// The redirect_uri.
        told: String,
    },
}

/// What will be done, and the path of the callback.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// How.
    pub catch: Catch,
    /// The path at which the callback counts.
    pub path: String,
}

/// Decides, or says why the hub would serve no such callback.
pub fn plan(wish: &Wish, settings: &Settings, base_url: &str) -> Result<Plan, Failure> {
    let configured = settings.str("oauth_callback_url").map_err(|unsupported| {
        crate::diagnosis::unsupported(
            Stage::Authorize,
            &unsupported.to_string(),
            Some(&unsupported.setting),
            unsupported.span.as_ref(),
        )
    });
    // An unknown callback matters only where it is the one to be used.
    let configured = match configured {
        Err(_) if wish.callback_url.is_some() || wish.listen.is_some() => "",
        other => other?,
    };
    // What the hub guesses knows nothing of an entry's url_prefix (`guess_callback_uri`).
    let hub_path = route::hub_path(base_url, route::CALLBACK);
    let page = callback_page(settings);
    let path_of = |url: &str| {
        let path = Split::of(url).path;
        if path.is_empty() { "/".to_owned() } else { path }
    };
    let told = wish.callback_url.as_deref().or(Some(configured).filter(|url| !url.is_empty()));
    let path = told.map_or(hub_path, path_of);
    if let route::Route::NotServed = route::route(&path, base_url, &page) {
        return Err(not_served(settings, &path, base_url, wish));
    }
    let default_told = || format!("http://127.0.0.1:8000{path}");
    let catch = match (&wish.listen, told) {
        _ if wish.paste => Catch::Paste { told: told.map_or_else(default_told, str::to_owned) },
        (Some(spec), _) => Catch::Listen { spec: spec.clone(), told: wish.callback_url.clone() },
        (None, None) => Catch::Listen { spec: ListenSpec::Loopback, told: None },
        (None, Some(told)) => match loopback(told) {
            Some(spec) => Catch::Listen { spec, told: Some(told.to_owned()) },
            None => Catch::Paste { told: told.to_owned() },
        },
    };
    Ok(Plan { catch, path })
}

/// The page below `<base_url>hub` at which the callback counts.
pub fn callback_page(settings: &Settings) -> String {
    settings.wrapper().map_or_else(|| route::CALLBACK.to_owned(), |wrapper| wrapper.page("oauth_callback"))
}

/// Where to listen for a redirect_uri on this machine; `None` for any other, and for https, which we do not serve.
fn loopback(url: &str) -> Option<ListenSpec> {
    let split = Split::of(url);
    let host = split.host();
    let is_loopback = host == "localhost" || host == "::1" || host.starts_with("127.");
    if split.scheme != "http" || !is_loopback {
        return None;
    }
    let port = url::Url::parse(url).ok()?.port_or_known_default()?;
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    Some(ListenSpec::Address { host, port })
}

fn not_served(settings: &Settings, path: &str, base_url: &str, wish: &Wish) -> Failure {
    let error = route::not_served(path, base_url, &callback_page(settings));
    let option = "oauth_callback_url";
    let by_flag = wish.callback_url.is_some();
    Failure {
        stage: Stage::Callback,
        code: error.code,
        message: error.message,
        setting: (!by_flag).then(|| settings.name_of(option)),
        span: if by_flag { None } else { settings.span_of(option).cloned() },
        fix: error.fix.unwrap_or_default(),
        hub_status: error.hub_status,
    }
}
