//! The back channel's options: the hub's own, and ours on top.

use std::path::PathBuf;

use clap::Args;

use crate::cmd::prepare::Prepared;
use crate::cmd::python::Python;
use crate::diagnosis;
use crate::diagnostic::Diagnostic;
use crate::failure::{Failure, Stage};
use crate::http::{Options, bare};
use crate::sys::World;

/// The back channel.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Trusts this authority too, beside the system's store (PEM, repeatable)
    #[arg(long, value_name = "FILE")]
    ca_cert: Vec<PathBuf>,
    /// Sends requests through this proxy, which the hub would not
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

impl NetworkArgs {
    /// The client's options; what differs from the hub's is noted.
    pub fn options(
        &self,
        prepared: &Prepared,
        world: &World,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<Options, Failure> {
        if prepared.python.is_some() {
            warnings.extend(self.proxy.as_deref().map(proxy_used));
            return Ok(Options::default());
        }
        let mut options = prepared.auth.http_options(&prepared.settings, world).map_err(|raised| {
            let setting = prepared.settings.name_of("http_request_kwargs");
            diagnosis::unsupported(Stage::Token, &raised.message(), Some(&setting), None)
        })?;
        warnings.extend(self.proxy_warning(&options, world));
        for path in &self.ca_cert {
            let pem = std::fs::read(path).map_err(|error| Failure {
                code: "ca-cert-unreadable",
                message: format!("{} cannot be read: {error}", path.display()),
                fix: "give --ca-cert a PEM file".into(),
                ..Failure::none()
            })?;
            options.extra_ca.push(pem);
        }
        options.proxy = self.proxy.clone();
        Ok(options)
    }

    /// The same for requests that Python makes. With a proxy, which the hub's client does not know, we make them for it.
    pub fn for_python(&self, python: &mut Python) -> Result<(), String> {
        python.ca_certs = self.ca_cert.clone();
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| format!("--ca-cert {} cannot be read: {error}", path.display()))
        };
        let extra_ca = self.ca_cert.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        python.through =
            self.proxy.as_ref().map(|proxy| Options { proxy: Some(proxy.clone()), extra_ca, ..Options::default() });
        Ok(())
    }

    /// tornado's client ignores proxy variables, and so do we where it is the hub's.
    fn proxy_warning(&self, options: &Options, world: &World) -> Option<Diagnostic> {
        if let Some(proxy) = &self.proxy {
            return Some(proxy_used(proxy));
        }
        if options.requests.is_some() {
            return None;
        }
        let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
        let name = names.into_iter().find(|name| world.filled(name).is_some())?;
        let message = format!("{name} is set, and ignored: the hub's client takes no notice of it");
        Some(Diagnostic::warning("proxy-ignored", message).with_fix("to go through it all the same, give --proxy URL"))
    }
}

fn proxy_used(proxy: &str) -> Diagnostic {
    let message = format!("requests go through {}, but the hub would send them directly", bare(proxy));
    Diagnostic::warning("proxy-used", message)
}
