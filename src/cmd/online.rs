//! The network side of `validate-config --online`: its arguments, the requests' limits, progress.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use clap::Args;

use crate::authenticator::for_class;
use crate::check::Cx;
use crate::diagnostic::{Diagnostic, Level};
use crate::http::{Options, bare};
use crate::online::client::Pool;
use crate::online::{Asking, ask};
use crate::sys::{self, World};

/// How many hubs are asked about at a time: the time goes by with waiting.
pub const AT_A_TIME: usize = 8;

/// Arguments of `--online`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Network")]
pub struct OnlineArgs {
    /// Asks the provider too, without a login: endpoints, certificates, scopes, clocks, and whether client id, secret
    /// and redirect_uri are accepted
    #[arg(long)]
    pub online: bool,
    /// How long the provider may take for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600), requires = "online")]
    timeout: u64,
    /// Trusts this authority too, beside the system's store (PEM, repeatable)
    #[arg(long, value_name = "FILE", requires = "online")]
    ca_cert: Vec<PathBuf>,
    /// Sends requests through this proxy, which the hub would not
    #[arg(long, value_name = "URL", requires = "online")]
    proxy: Option<String>,
    /// Tells also what could not be told without a login
    #[arg(short, long, requires = "online")]
    verbose: bool,
}

/// What a run needs to ask providers.
pub struct Online {
    pool: Pool,
    random: [u8; 32],
    verbose: bool,
}

impl OnlineArgs {
    /// `None` where nothing is to be asked; then nothing here touches the network.
    pub fn prepare(&self, quiet: bool, world: &World) -> Result<Option<Online>, String> {
        if !self.online {
            return Ok(None);
        }
        let read = |path: &PathBuf| {
            let pem = std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
            let holds = String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----");
            if holds { Ok(pem) } else { Err(format!("{} holds no certificate in PEM form", path.display())) }
        };
        let extra_ca = self.ca_cert.iter().map(read).collect::<Result<Vec<_>, String>>()?;
        if !quiet {
            self.tell_of_proxies(world);
        }
        // Threads tell their hosts one after the other.
        let telling = Mutex::new(());
        let progress = move |host: &str| {
            let _alone = telling.lock();
            if !quiet {
                sys::to_stderr(&format!("asking {} …\n", sys::printable(host)));
            }
        };
        let timeout = Duration::from_secs(self.timeout);
        let clock = world.clone();
        let pool = Pool::new(timeout, extra_ca, self.proxy.clone(), move || seconds(&clock), progress);
        Ok(Some(Online { pool, random: sys::random()?, verbose: self.verbose }))
    }

    /// The hub's client takes no notice of these variables, and neither do we.
    fn tell_of_proxies(&self, world: &World) {
        if let Some(proxy) = &self.proxy {
            let proxy = bare(proxy);
            return sys::to_stderr(&format!("requests go through {proxy}, but the hub would send them directly\n"));
        }
        let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
        if let Some(name) = names.into_iter().find(|name| world.filled(name).is_some()) {
            sys::to_stderr(&format!(
                "{name} is set, and ignored as the hub ignores it; to go through it all the same: --proxy URL\n"
            ));
        }
    }
}

impl Online {
    /// What the provider of this hub tells.
    pub fn findings(&self, cx: &Cx<'_>, world: &World) -> Vec<Diagnostic> {
        let Some(settings) = cx.settings() else { return Vec::new() };
        let Some(auth) = for_class(settings.class().def.name) else { return Vec::new() };
        let options = match auth.http_options(settings, world) {
            Ok(options) => options,
            Err(_) if !self.verbose => return Vec::new(),
            Err(raised) => {
                let message = format!("nothing was asked: {}", raised.message());
                return vec![cx.at("not-told", Level::Note, "http_request_kwargs", message)];
            }
        };
        // A browser has the system's authorities, and what the operator gave the hub it probably has too.
        let extra_ca = options.ca_certs.iter().cloned().collect();
        let browser = self.pool.client(Options { extra_ca, requests: options.requests.clone(), ..Options::default() });
        let hub = self.pool.client(options);
        let random = |bytes: &mut [u8]| {
            for (byte, random) in bytes.iter_mut().zip(self.random.iter().cycle()) {
                *byte = *random;
            }
        };
        let skew = || {
            let both = [hub.skew(), browser.skew()].into_iter().flatten();
            both.min_by(|one, other| one.seconds.abs().total_cmp(&other.seconds.abs()))
        };
        let asking = Asking {
            hub: &hub,
            browser: &browser,
            now: &|| seconds(world),
            random: &random,
            skew: &skew,
            proxy: self.pool.proxy(),
            verbose: self.verbose,
        };
        ask(cx, &asking)
    }
}

/// The time in seconds since 1970.
fn seconds(world: &World) -> f64 {
    world.now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
