//! `validate-config --online` against servers that mean harm or are broken, and against certificates of every kind.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::online::{Outcome, hub, validate};

/// A server that answers every request by a function of method and path; it ends with the test.
struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

type Answerer = dyn Fn(&str, &mut dyn Write) -> std::io::Result<()> + Send + Sync;

impl Server {
    fn start(
        tls: Option<Arc<rustls::ServerConfig>>,
        answer: impl Fn(&str, &mut dyn Write) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (note, stopped) = (Arc::clone(&seen), Arc::clone(&stop));
        let answer: Arc<Answerer> = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (answer, note, tls) = (Arc::clone(&answer), Arc::clone(&note), tls.clone());
                std::thread::spawn(move || serve(stream, tls, &note, &*answer));
            }
        });
        Server { port, seen, stop }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<rustls::ServerConfig>>, note: &Mutex<Vec<String>>, answer: &Answerer) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    match tls {
        None => talk(stream, note, answer),
        Some(config) => {
            talk(rustls::StreamOwned::new(rustls::ServerConnection::new(config).unwrap(), stream), note, answer)
        }
    }
}

fn talk(mut stream: impl Read + Write, note: &Mutex<Vec<String>>, answer: &Answerer) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
        // A client that begins with TLS.
        if head == [0x16] {
            let _ = reply(&mut stream, "400 Bad Request", "", "");
            return;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let request: Vec<&str> = head.split([' ', '?']).take(2).collect();
    if head.is_empty() {
        return;
    }
    note.lock().unwrap().push(request.join(" "));
    let _ = answer(&request.join(" "), &mut stream);
    let _ = stream.flush();
}

fn reply(out: &mut dyn Write, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    write!(out, "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// What a good provider answers.
fn good(request: &str, out: &mut dyn Write) -> std::io::Result<()> {
    match request {
        request if request.contains("/.well-known/") => reply(out, "404 Not Found", "", "none"),
        "GET /authorize" => reply(out, "302 Found", "Location: /login\r\n", ""),
        "POST /token" => {
            reply(out, "400 Bad Request", "Content-Type: application/json\r\n", r#"{"error": "invalid_grant"}"#)
        }
        _ => reply(out, "401 Unauthorized", "", ""),
    }
}

fn config(base: &str, more: &str) -> String {
    format!(
        "c.JupyterHub.authenticator_class = 'generic-oauth'
c.GenericOAuthenticator.client_id = 'hub'
c.GenericOAuthenticator.client_secret = 'kx81-Rw0pLq-secret'
c.GenericOAuthenticator.oauth_callback_url = 'http://127.0.0.1:8000/hub/oauth_callback'
c.GenericOAuthenticator.authorize_url = '{base}/authorize'
c.GenericOAuthenticator.token_url = '{base}/token'
c.GenericOAuthenticator.userdata_url = '{base}/userinfo'
c.GenericOAuthenticator.username_claim = 'sub'
c.GenericOAuthenticator.allowed_users = {{'ann'}}
{more}"
    )
}

fn ask(name: &str, base: &str, more: &str, args: &[&str]) -> Outcome {
    validate(&hub(name, &config(base, more)), args)
}

/// An authority, and servers' certificates that it signs.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Server {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        Server::start(Some(Arc::new(config)), good)
    }

    fn write(&self, folder: &Path) -> String {
        let path = folder.join("ca.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        path.display().to_string()
    }
}

#[test]
fn certificates_are_judged_as_the_hub_would() {
    let authority = Authority::new();
    let folder = crate::support::scratch("online-ca");
    let ca = authority.write(&folder);
    let trusted = authority.server("localhost", |_| {});
    let base = format!("https://localhost:{}", trusted.port);

    let unknown = ask("tls-unknown", &base, "", &[]);
    assert_eq!((unknown.code, unknown.grave()), (1, vec!["provider-certificate token_url".to_owned()]));
    assert!(
        unknown.message("provider-certificate").contains("no authority that this machine knows"),
        "{:#}",
        unknown.document
    );
    assert!(trusted.seen().is_empty(), "requests were sent to a server that nobody vouches for");

    assert_eq!(ask("tls-ca", &base, "", &["--ca-cert", &ca]).grave(), Vec::<String>::new());
    let kwargs = format!("c.GenericOAuthenticator.http_request_kwargs = {{'ca_certs': '{ca}'}}\n");
    assert_eq!(ask("tls-kwargs", &base, &kwargs, &[]).grave(), Vec::<String>::new());
    let elsewhere = "c.GenericOAuthenticator.http_request_kwargs = {'ca_certs': '/nowhere/ca.pem'}\n";
    let outcome = ask("tls-elsewhere", &base, elsewhere, &[]);
    assert!(outcome.message("provider-certificate").contains("/nowhere/ca.pem"), "{:#}", outcome.document);
    let unchecked = "c.GenericOAuthenticator.validate_server_cert = False\n";
    assert_eq!(ask("tls-unchecked", &base, unchecked, &[]).grave(), Vec::<String>::new());

    let cases: [(&str, Server, &str); 3] = [
        (
            "expired",
            authority.server("localhost", |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1)),
            "expired",
        ),
        (
            "early",
            authority.server("localhost", |params| params.not_before = rcgen::date_time_ymd(2100, 1, 1)),
            "not valid yet",
        ),
        ("name", authority.server("other.example.org", |_| {}), "is for `other.example.org`, not for that host"),
    ];
    for (name, server, words) in cases {
        let outcome =
            ask(&format!("tls-{name}"), &format!("https://localhost:{}", server.port), "", &["--ca-cert", &ca]);
        assert_eq!((outcome.code, outcome.grave()), (1, vec!["provider-certificate token_url".to_owned()]), "{name}");
        let message = outcome.message("provider-certificate");
        assert!(message.contains(words), "{name}: {message}");
        assert!(server.seen().is_empty());
    }

    let plain = Server::start(None, good);
    let outcome = ask("tls-plain", &format!("https://localhost:{}", plain.port), "", &[]);
    assert_eq!(outcome.grave(), ["provider-certificate token_url"]);
    assert!(outcome.message("provider-certificate").contains("does not speak TLS"), "{:#}", outcome.document);
}

#[test]
fn nothing_that_a_provider_sends_leads_anywhere_else() {
    let elsewhere = Server::start(None, good);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for target in [
            format!("http://127.0.0.1:{}/x", elsewhere.port),
            "file:///etc/passwd".into(),
            "http://169.254.169.254/".into(),
            "/token".into(),
        ] {
            let location = format!("Location: {target}\r\n");
            let server = Server::start(None, move |_, out| reply(out, status, &location, ""));
            let outcome = ask("redirects", &format!("http://127.0.0.1:{}", server.port), "", &["--timeout", "2"]);
            assert!(outcome.code <= 1, "{status} {target}: {:#}", outcome.document);
            let told = outcome.grave().iter().any(|rule| rule == "endpoint-redirects token_url");
            assert!(told, "{status} {target}: {:#}", outcome.document);
            assert!(!outcome.document.to_string().contains("root:"), "{target}");
        }
    }
    assert!(elsewhere.seen().is_empty(), "{:?}", elsewhere.seen());
}

#[test]
fn endless_answers_end() {
    let drip = Server::start(None, |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            out.write_all(b" ")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let outcome = ask("drip", &format!("http://127.0.0.1:{}", drip.port), "", &["--timeout", "1"]);
    assert_eq!((outcome.code, outcome.grave()), (3, vec!["provider-unreachable token_url".to_owned()]));

    let flood = Server::start(None, |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")?;
        loop {
            out.write_all(&[b'['; 65536])?;
        }
    });
    let outcome = ask("flood", &format!("http://127.0.0.1:{}", flood.port), "", &["--timeout", "5"]);
    assert!(matches!(outcome.code, 1 | 3), "{:#}", outcome.document);

    let garbage = Server::start(None, |_, out| out.write_all(b"\x1b[2Jthis is no HTTP\r\n\r\n"));
    let outcome = ask("garbage", &format!("http://127.0.0.1:{}", garbage.port), "", &[]);
    assert_eq!(outcome.code, 3, "{:#}", outcome.document);
    assert!(!outcome.document.to_string().contains('\x1b') && !outcome.document.to_string().contains("u001b"));
}

#[test]
fn a_provider_that_echoes_the_secret_does_not_get_it_shown() {
    let echo = Server::start(None, |request, out| match request {
        "POST /token" => reply(
            out,
            "401 Unauthorized",
            "",
            r#"{"error": "invalid_client", "error_description": "no: kx81-Rw0pLq-secret \u001b[31m"}"#,
        ),
        request => good(request, out),
    });
    let outcome = ask("echo", &format!("http://127.0.0.1:{}", echo.port), "", &["-v"]);
    assert!(outcome.grave().contains(&"client-refused client_secret".to_owned()));
    let all = format!("{}{}", outcome.document, outcome.stderr);
    assert!(!all.contains("kx81-Rw0pLq-secret") && !all.contains('\x1b') && !all.contains("u001b"), "{all}");
}

#[test]
fn nobody_there_is_exit_3_with_the_document() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outcome = ask("nobody", &format!("http://127.0.0.1:{port}"), "", &[]);
    assert_eq!((outcome.code, outcome.grave()), (3, vec!["provider-unreachable token_url".to_owned()]));
    assert!(outcome.message("provider-unreachable").contains(&format!("127.0.0.1:{port}")));
    let outcome = ask("no-name", "https://nobody.invalid", "", &[]);
    assert_eq!((outcome.code, outcome.grave()), (3, vec!["provider-unreachable token_url".to_owned()]));
}

#[test]
fn a_clock_that_differs_is_told() {
    let late = Server::start(None, |request, out| match request {
        "POST /token" => {
            reply(out, "400 Bad Request", "Date: Thu, 01 Jan 2099 00:00:00 GMT\r\n", r#"{"error": "invalid_grant"}"#)
        }
        request => good(request, out),
    });
    let outcome = ask("clock", &format!("http://127.0.0.1:{}", late.port), "", &[]);
    assert_eq!((outcome.code, outcome.grave()), (0, vec!["clock-skew token_url".to_owned()]));
    assert!(outcome.message("clock-skew").contains("behind"));
}
