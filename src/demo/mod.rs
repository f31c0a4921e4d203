//! The embedded provider: a small OAuth 2.0 and OpenID Connect provider, and a wiki with OAuth 1.0a, on loopback, to try things out against and to
//! test with.
//!
//! It knows nothing of how the rest of the crate understands JupyterHub: it is an independent judge, strict where the
//! standards are, and upstream's own classes are driven against it too. One *shape* is one provider as its API looks
//! from outside, in a file of its own; all are mounted on the same server, each under its name.

mod auth0;
mod authorize;
mod azuread;
mod bearer;
mod bitbucket;
mod call;
mod cilogon;
mod config;
mod faults;
mod github;
mod gitlab;
mod globus;
mod google;
mod grants;
mod http;
mod keys;
mod mediawiki;
mod oidc;
mod openshift;
mod page;
mod paging;
mod people;
mod service_account;
#[cfg(test)]
mod tests;
mod token;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use faults::{FAULTS, Fault, fault_named};
pub use people::{Person, people, person};

use call::Call;
use faults::Effect;
use grants::Grants;
use http::{Request, Response, Server};
use keys::Keys;
use mediawiki::Wiki;
use service_account::ServiceAccount;

/// How the provider is to be started.
#[derive(Clone)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The one client that is registered.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The redirect URIs that are registered for it, compared character by character (RFC 9700 section 2.1).
    pub redirect_uris: Vec<String>,
    /// Who signs in without being asked, by any name [`person`] knows.
    pub auto_person: Option<String>,
    /// What goes wrong.
    pub fault: Option<&'static Fault>,
    /// Whether an authorization request without PKCE is refused.
    pub require_pkce: bool,
    /// How long a code is good.
    pub code_lifetime: Duration,
    /// How long an access token is good.
    pub access_token_lifetime: Duration,
    /// How long a refresh token is good.
    pub refresh_token_lifetime: Duration,
    /// Told of every request once it is answered.
    pub on_request: Option<Watcher>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            client_id: "demo-hub".to_owned(),
            client_secret: "demo-secret-that-is-none".to_owned(),
            redirect_uris: Vec::new(),
            auto_person: None,
            fault: None,
            require_pkce: true,
            code_lifetime: Duration::from_secs(60),
            access_token_lifetime: Duration::from_secs(3600),
            refresh_token_lifetime: Duration::from_secs(24 * 3600),
            on_request: None,
        }
    }
}

/// What is told of every request.
pub type Watcher = Arc<dyn Fn(&Seen) + Send + Sync>;

/// A request that was answered. The query is left out: it may hold codes and tokens.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The request's method.
    pub method: String,
    /// The path, percent-encoded as it came.
    pub path: String,
    /// The status it was answered with.
    pub status: u16,
}

/// A provider as its API looks from outside.
pub struct Shape {
    /// Its short name; also the first segment of its paths, except for the plain OpenID Connect provider at the root.
    pub name: &'static str,
    /// The class of oauthenticator that speaks to it.
    pub class: &'static str,
    /// That class's entry-point name, for `JupyterHub.authenticator_class`.
    pub entry_point: &'static str,
    /// The scopes it grants.
    pub(crate) scopes: Scopes,
    /// Whether it keeps to RFC 9700 where many do not: PKCE may be required, and callbacks name the issuer (RFC 9207).
    pub(crate) strict: bool,
    /// Origins that the class has in its code, out of reach of its options, with the path below the shape's root at
    /// which the same is found here.
    pub(crate) fixed_origins: &'static [(&'static str, &'static str)],
    /// Answers a request below its root, or not.
    pub(crate) answer: fn(&Call<'_>) -> Option<Response>,
    /// Writes the options that point its class at this server.
    pub(crate) configure: fn(&mut config::Script),
}

/// Which scopes a shape grants.
pub(crate) struct Scopes {
    /// Those it knows; empty where it takes any.
    pub(crate) known: &'static [&'static str],
    /// What is granted to a client that asks for none.
    pub(crate) default: &'static [&'static str],
}

/// Every shape; the first stands at the root.
pub static SHAPES: &[&Shape] = &[
    &oidc::SHAPE,
    &auth0::SHAPE,
    &azuread::SHAPE,
    &bitbucket::SHAPE,
    &cilogon::SHAPE,
    &github::SHAPE,
    &gitlab::SHAPE,
    &globus::SHAPE,
    &google::SHAPE,
    &mediawiki::SHAPE,
    &openshift::SHAPE,
];

/// The shape of this name, class or entry-point name; a `Local…` class is the one it mixes in.
pub fn shape(name: &str) -> Option<&'static Shape> {
    let bare = name.rsplit('.').next().unwrap_or(name);
    let bare = bare.strip_prefix("Local").or_else(|| bare.strip_prefix("local-")).unwrap_or(bare);
    SHAPES.iter().find(|shape| [shape.name, shape.class, shape.entry_point].contains(&bare)).copied()
}

/// What every request handler shares.
pub(crate) struct State {
    pub(crate) options: Options,
    /// The address of the server, without a slash at the end.
    pub(crate) root: String,
    pub(crate) keys: Keys,
    redirect_uris: Mutex<Vec<String>>,
    auto_person: Mutex<Option<String>>,
    grants: Mutex<Grants>,
    service_account: Mutex<Option<ServiceAccount>>,
    wiki: Mutex<Wiki>,
    stopped: Mutex<bool>,
    stopping: Condvar,
}

/// Locks; what a panicking request left behind is still whole, since every change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.grants)
    }

    pub(crate) fn wiki(&self) -> MutexGuard<'_, Wiki> {
        lock(&self.wiki)
    }

    pub(crate) fn redirect_uris(&self) -> Vec<String> {
        lock(&self.redirect_uris).clone()
    }

    pub(crate) fn service_account(&self) -> Option<ServiceAccount> {
        lock(&self.service_account).clone()
    }

    pub(crate) fn auto_person(&self) -> Option<&'static Person> {
        lock(&self.auto_person).as_deref().and_then(person)
    }

    pub(crate) fn effect(&self) -> Option<Effect> {
        self.options.fault.map(|fault| fault.effect)
    }

    /// Waits longer than the hub does, tornado's 20 seconds, but no longer than the provider lives.
    fn dawdle(&self) {
        let stopped = lock(&self.stopped);
        let _ = self.stopping.wait_timeout_while(stopped, Duration::from_secs(25), |stopped| !*stopped);
    }

    fn handle(&self, request: &Request) -> Response {
        let response = self.route(request);
        if let Some(tell) = &self.options.on_request {
            tell(&Seen { method: request.method.clone(), path: request.path.clone(), status: response.status });
        }
        response
    }

    fn route(&self, request: &Request) -> Response {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match path.as_slice() {
            [""] => return page::landing(self),
            ["demo.css"] => return page::stylesheet(),
            ["favicon.ico"] => return Response::empty(204),
            _ => {}
        }
        let mounted = SHAPES.iter().skip(1).find(|shape| path.first() == Some(&shape.name));
        let (shape, path) = match mounted {
            Some(shape) => (*shape, &path[1..]),
            None => (SHAPES[0], path.as_slice()),
        };
        let call = Call { state: self, shape, request, path };
        let by_browser = request.header("accept").is_some_and(|accept| accept.contains("text/html"));
        if self.effect() == Some(Effect::Slow) && !by_browser {
            self.dawdle();
        }
        (shape.answer)(&call).unwrap_or_else(|| page::not_found(request))
    }
}

/// A running provider; it stops when it is dropped.
pub struct Provider {
    state: Arc<State>,
    server: Server,
}

impl Provider {
    /// Starts a provider on threads of its own.
    pub fn start(options: Options) -> io::Result<Provider> {
        let keys = Keys::generate().map_err(|_| io::Error::other("no randomness for the demo provider's key"))?;
        let listener = TcpListener::bind(options.listen)?;
        let root = format!("http://{}", http::reachable(listener.local_addr()?));
        let state = Arc::new(State {
            root,
            keys,
            redirect_uris: Mutex::new(options.redirect_uris.clone()),
            auto_person: Mutex::new(options.auto_person.clone()),
            grants: Mutex::default(),
            service_account: Mutex::default(),
            wiki: Mutex::default(),
            stopped: Mutex::new(false),
            stopping: Condvar::new(),
            options,
        });
        let handling = Arc::clone(&state);
        let server = Server::start(listener, Arc::new(move |request: &Request| handling.handle(request)))?;
        Ok(Provider { state, server })
    }

    /// The issuer: the server's own address, without a slash at the end.
    pub fn issuer(&self) -> &str {
        &self.state.root
    }

    /// The client that is registered.
    pub fn client_id(&self) -> &str {
        &self.state.options.client_id
    }

    /// Its secret.
    pub fn client_secret(&self) -> &str {
        &self.state.options.client_secret
    }

    /// Registers one more redirect URI.
    pub fn register_redirect_uri(&self, uri: &str) {
        let mut registered = lock(&self.state.redirect_uris);
        if !registered.iter().any(|known| known == uri) {
            registered.push(uri.to_owned());
        }
    }

    /// Lets this person sign in without being asked, or, with `None`, has the page ask again.
    pub fn set_auto_person(&self, name: Option<&str>) {
        *lock(&self.state.auto_person) = name.map(str::to_owned);
    }

    /// A whole `jupyterhub_config.py` for GenericOAuthenticator that matches the running provider, in which every one
    /// of the [`people`] meets another rule.
    pub fn python_config(&self) -> String {
        config::script(&self.state, SHAPES[0])
    }

    /// The same for the class that speaks to `shape`.
    pub fn python_config_for(&self, shape: &'static Shape) -> String {
        config::script(&self.state, shape)
    }

    /// The root of a shape: where its class's `github_url`, `gitlab_url` and the like point.
    pub fn base(&self, shape: &Shape) -> String {
        call::base(&self.state, shape)
    }

    /// Origins that the class has in its code, with where the same is found here: whoever runs that class, or does as
    /// it does, must send there what was meant for them.
    pub fn fixed_origins(&self, shape: &Shape) -> Vec<(&'static str, String)> {
        let base = self.base(shape);
        shape.fixed_origins.iter().map(|(origin, path)| (*origin, format!("{base}{path}"))).collect()
    }

    /// Trusts a Google service account, given its key file's name and content, and has the configuration for
    /// GoogleOAuthenticator use it. Its `token_uri` has to be `<base>/token`.
    pub fn register_service_account(&self, file: &str, text: &str) -> Result<(), &'static str> {
        *lock(&self.state.service_account) = Some(ServiceAccount::read(file, text)?);
        Ok(())
    }

    /// Serves until the process ends.
    pub fn wait(&mut self) {
        self.server.wait();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        *lock(&self.state.stopped) = true;
        self.state.stopping.notify_all();
    }
}
