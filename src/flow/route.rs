//! Where the hub serves its callback, and what becomes of an address that the provider was told instead.

use super::FlowError;

/// What the hub does with a callback that arrives at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// It is the callback's own path: `<base_url>hub/oauth_callback` (`OAuthenticator.get_handlers`).
    Served,
    /// It is `<base_url>oauth_callback`, which the hub redirects, query and all, to the path given here
    /// (`jupyterhub.handlers.base.PrefixRedirectHandler`).
    Redirected(String),
    /// The hub has nothing there.
    NotServed,
}

/// The page of the callback, below `<base_url>hub`.
pub const CALLBACK: &str = "/oauth_callback";

/// The path of a page of the hub under a `base_url`, which may lack its slashes (`traitlets` `URLPrefix`).
pub fn hub_path(base_url: &str, page: &str) -> String {
    format!("{}hub{page}", with_slashes(base_url))
}

/// What the hub does with a callback at this path, where it serves it at this page. Paths are compared as they are
/// written, like tornado's routes.
pub fn route(path: &str, base_url: &str, page: &str) -> Route {
    let served = hub_path(base_url, page);
    if path == served {
        return Route::Served;
    }
    if path == format!("{}{}", with_slashes(base_url), page.trim_start_matches('/')) {
        return Route::Redirected(served);
    }
    Route::NotServed
}

/// The failure of a callback that the hub would answer with 404.
pub fn not_served(path: &str, base_url: &str, page: &str) -> FlowError {
    let served = hub_path(base_url, page);
    FlowError::new("callback-not-served", format!("the hub serves no callback at {path}, only at {served}"))
        .with_fix(format!("let the path of oauth_callback_url be {served}, and register that at the provider"))
        .with_hub_status(404)
}

fn with_slashes(base_url: &str) -> String {
    match base_url.trim_matches('/') {
        "" => "/".to_owned(),
        inner => format!("/{inner}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers of a hub of 6.1.1, asked by hand for each.
    #[test]
    fn routes_are_the_hubs() {
        let redirected = |to: &str| Route::Redirected(to.to_owned());
        for (path, base_url, expected) in [
            ("/hub/oauth_callback", "/", Route::Served),
            ("/oauth_callback", "/", redirected("/hub/oauth_callback")),
            ("/hub/oauth_callback/", "/", Route::NotServed),
            ("/hub/hub/oauth_callback", "/", Route::NotServed),
            ("/hub", "/", Route::NotServed),
            ("/hub/oauth%5Fcallback", "/", Route::NotServed),
            ("/jup/hub/oauth_callback", "/jup/", Route::Served),
            ("/jup/hub/oauth_callback", "jup", Route::Served),
            ("/jup/oauth_callback", "/jup/", redirected("/jup/hub/oauth_callback")),
            ("/hub/oauth_callback", "/jup/", Route::NotServed),
            ("/oauth_callback", "/jup/", Route::NotServed),
        ] {
            assert_eq!(route(path, base_url, CALLBACK), expected, "{path} under {base_url}");
        }
    }
}
