//! Why no answer came: names, connections, certificates.

use super::Run;
use crate::diagnostic::{Diagnostic, Level};
use crate::failure::Raised;
use crate::http::bare;
use crate::pyurl::Split;

pub(super) fn tell(run: &Run<'_>, option: &str, url: &str, raised: &Raised) {
    let host = Split::of(url).netloc;
    let host = host.rsplit_once('@').map_or(host.as_str(), |(_, host)| host).to_owned();
    let finding = match raised {
        Raised::Exception { class: "SSLCertVerificationError", message } => certificate(run, option, &host, message),
        Raised::Exception { class: "SSLError", message } if message.contains("does not speak TLS") => run
            .at("provider-certificate", Level::Error, option, format!("{host} does not speak TLS at this port"))
            .with_fix(format!("write the port that speaks https, or http:// if {host} is inside your network")),
        Raised::Exception { class: "SSLError" | "FileNotFoundError", message } => run
            .at("provider-certificate", Level::Warning, option, format!("{host} was not asked: {message}"))
            .with_fix("let `http_request_kwargs` and --ca-cert name PEM files that are on this machine, or run this on the hub's"),
        Raised::Exception { class: "gaierror", .. } => {
            unreachable(run, option, &host, "the name cannot be resolved".into())
                .with_fix("correct the host name; if only the cluster knows it, run this inside the cluster")
        }
        Raised::Exception { class: "ConnectionRefusedError", .. } => {
            let fix = match run.asking.proxy {
                Some(_) => "correct the proxy's address",
                None => "correct host and port, or start the provider",
            };
            unreachable(run, option, &host, "nothing listens there".into()).with_fix(fix)
        }
        Raised::Exception { class: "OSError", message } => unreachable(run, option, &host, message.clone())
            .with_fix("check that this machine may go there: firewall, VPN, `--proxy URL`"),
        Raised::Client { status: 599, message } if message.contains("larger than") => run
            .at("endpoint-wrong-answer", Level::Error, option, message.clone())
            .with_fix("write the provider's endpoint here"),
        Raised::Client { status: 599, message } => {
            let what = match message.as_str() {
                text if text.starts_with("Timeout") => "no answer came in time".to_owned(),
                text => text.to_owned(),
            };
            unreachable(run, option, &host, what).with_fix(
                "check that this machine may go there (firewall, VPN, `--proxy URL`), or wait longer: `--timeout 60`",
            )
        }
        Raised::Unsupported { what, .. } => {
            run.not_told(option, what.clone());
            return;
        }
        _ => return,
    };
    run.tell(&host, finding);
}

fn unreachable(run: &Run<'_>, option: &str, host: &str, why: String) -> Diagnostic {
    let message = match run.asking.proxy {
        Some(proxy) => format!("{host} cannot be reached through the proxy {}: {why}", bare(proxy)),
        None => format!("{host} cannot be reached: {why}"),
    };
    run.at("provider-unreachable", Level::Error, option, message)
}

/// What is wrong with a certificate, in rustls' words (`rustls::CertificateError`) and in ours.
fn certificate(run: &Run<'_>, option: &str, host: &str, said: &str) -> Diagnostic {
    let error = |message: String| run.at("provider-certificate", Level::Error, option, message);
    let finding = if said.contains("expired") || said.contains("Expired") {
        let since = days_ago(said).map(|days| format!(" {days} ago")).unwrap_or_default();
        error(format!("the certificate of {host} expired{since}"))
            .with_fix("have it renewed at the provider; `--ca-cert` or `ca_certs` do not help here")
    } else if said.contains("not valid yet") || said.contains("NotValidYet") {
        error(format!("the certificate of {host} is not valid yet"))
            .with_fix("check this machine's clock, then the certificate's first day")
    } else if said.contains("not valid for name") || said.contains("NotValidForName") {
        let names = names(said);
        let whose = if names.is_empty() { "for other names".to_owned() } else { format!("for {}", names.join(", ")) };
        error(format!("the certificate of {host} is {whose}, not for that host"))
            .with_fix("write the host name that the certificate is for, or have one made for this name")
    } else if said.contains("CaUsedAsEndEntity") {
        error(format!("the certificate of {host} is signed by itself, and is an authority's"))
            .with_note(
                "Python's OpenSSL takes such a certificate where `ca_certs` holds it, which cannot be judged here",
            )
            .with_fix("give the server a certificate that an authority signed, and that authority to `ca_certs`")
    } else if said.contains("UnknownIssuer") {
        let trusted = match hub_has_ca_certs(run) {
            true => "the authority behind the certificate of {host} is not in `ca_certs`",
            false => "no authority that this machine knows stands behind the certificate of {host}",
        };
        error(trusted.replace("{host}", host))
            .with_note(match hub_has_ca_certs(run) {
                true => "`ca_certs` replaces the system's store: it has to hold every authority that the hub needs",
                false => "or the server leaves out the certificate between its own and the authority's",
            })
            .with_fix(give_authority(run))
    } else {
        error(format!("the certificate of {host} is refused: {}", reason(said)))
            .with_fix("have the provider's administrator look at the certificate")
    };
    let note = match option {
        "authorize_url" => "browsers refuse it too, or warn of it",
        "mw_index_url" => "every login fails with 500",
        _ => {
            "every login fails with 500, unless `validate_server_cert = False`, which lets anybody in between read the secret"
        }
    };
    finding.with_note(note)
}

fn give_authority(run: &Run<'_>) -> String {
    let how = match run.cx.runs(&["MWOAuthenticator"]) {
        true => "by the variable REQUESTS_CA_BUNDLE=/path/ca.pem",
        false => "by `http_request_kwargs = {\"ca_certs\": \"/path/ca.pem\"}`",
    };
    format!(
        "give the hub the authority's certificate {how}; if the hub's machine trusts it already: `--ca-cert FILE` here"
    )
}

fn hub_has_ca_certs(run: &Run<'_>) -> bool {
    run.settings.dict("http_request_kwargs").is_ok_and(|kwargs| kwargs.contains("ca_certs"))
}

/// The last cause in a chain of them.
fn reason(said: &str) -> &str {
    said.rsplit("invalid peer certificate: ").next().unwrap_or(said)
}

/// `… (n seconds ago)`.
fn days_ago(said: &str) -> Option<String> {
    let (before, _) = said.split_once(" seconds ago")?;
    let seconds: u64 = before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    Some(super::clock::length(seconds as f64))
}

/// The names in `DnsName("…")`.
fn names(said: &str) -> Vec<String> {
    let after = said.split("only valid for").nth(1).unwrap_or_default();
    after.split('"').skip(1).step_by(2).map(|name| format!("`{name}`")).take(5).collect()
}
