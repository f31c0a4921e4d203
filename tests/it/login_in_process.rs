//! A login within this process, for classes with addresses in their code: requests for these go to the test's provider.

use oauthctl::authenticator::base::http_options;
use oauthctl::authenticator::{Callback, Context};
use oauthctl::cmd::common::ConfigArgs;
use oauthctl::cmd::login::of_verdict;
use oauthctl::cmd::prepare::{self, Prepared, Stop};
use oauthctl::cmd::refresh;
use oauthctl::cmd::state_file::Saved;
use oauthctl::diagnosis;
use oauthctl::failure::{Raised, Stage};
use oauthctl::http::{Answer, Call, Exchange, Http, Network};
use oauthctl::json;
use oauthctl::report::{self, Login as Report, Outcome};
use oauthctl::resolution;
use oauthctl::secret::Redactor;
use oauthctl::sys::{Platform, World};

use crate::login_driver::{CODE, Login, redirect};

/// Where requests for these origins go instead.
pub type Origins = Vec<(String, String)>;

struct Rerouted {
    network: Network,
    origins: Origins,
}

impl Http for Rerouted {
    fn fetch(&self, call: &Call) -> Result<Answer, Raised> {
        let mut call = call.clone();
        for (origin, instead) in &self.origins {
            if let Some(path) = call.url.strip_prefix(origin) {
                call.url = format!("{instead}{path}");
            }
        }
        self.network.fetch(&call)
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.network.exchanges()
    }
}

/// Logs in with this configuration, environment and callback.
pub fn login(config: &str, environment: &[(String, String)], origins: Origins, callback: &str) -> Login {
    let mut authorize = None;
    let login = play(config, environment, |prepared| log_in(prepared, origins, callback, &mut authorize));
    Login { authorize, ..login }
}

/// Refreshes a user who has this auth_state.
pub fn refresh(config: &str, environment: &[(String, String)], origins: Origins, saved: &Saved) -> Login {
    play(config, environment, |prepared| {
        let http = Rerouted { network: Network::new(http_options(&prepared.settings).unwrap()), origins };
        let cx = Context::new(&prepared.settings, &http, &|| 1.8e9, &|_| {}, &prepared.system);
        refresh::decide(prepared, &cx, saved)
    })
}

fn play(config: &str, environment: &[(String, String)], with: impl FnOnce(&Prepared) -> Report) -> Login {
    let redactor = Redactor::new(true);
    let variables = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let world = World::of(Platform::Linux, variables);
    let report = match prepare::from_text(config, &ConfigArgs::default(), None, &world, &redactor) {
        Ok(prepared) => with(&prepared),
        Err(Stop::Failed(report, _)) => *report,
        Err(Stop::Usage(message)) => panic!("{message}"),
    };
    let code = match report.outcome {
        Outcome::Allowed => 0,
        Outcome::Denied => 1,
        Outcome::Failed => 3,
    };
    let document = json::parse(&report::json::text(&report::json::login(&report, &redactor))).unwrap();
    Login { document, code: Some(code), authorize: None, stderr: String::new() }
}

fn log_in(prepared: &Prepared, origins: Origins, callback: &str, authorize: &mut Option<String>) -> Report {
    let http = Rerouted { network: Network::new(http_options(&prepared.settings).unwrap()), origins };
    let random = |bytes: &mut [u8]| bytes.fill(7);
    let cx = Context::new(&prepared.settings, &http, &|| 1.8e9, &random, &prepared.system);
    let redirect_uri = "http://127.0.0.1:1/hub/oauth_callback";
    let begin = match prepared.auth.begin(&cx, redirect_uri) {
        Ok(begin) => begin,
        Err(raised) => {
            return Report::failed(None, diagnosis::of_raised(&cx, Stage::Authorize, &raised), Vec::new());
        }
    };
    let state = redirect(&begin.url).map(|(_, state)| state).unwrap_or_default();
    *authorize = Some(begin.url);
    let query = callback.replace("{CODE}", CODE).replace("{STATE}", &state);
    let arguments = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let callback = Callback { arguments, session: begin.session, redirect_uri: redirect_uri.to_owned() };
    if let Err(refusal) = prepared.auth.check_arguments(&cx, &callback) {
        return Report::failed(None, diagnosis::of_raised(&cx, Stage::Callback, &refusal.raised), Vec::new());
    }
    let verdict = resolution::get_authenticated_user(prepared.auth, &cx, &callback);
    of_verdict(prepared, &cx, &verdict)
}
