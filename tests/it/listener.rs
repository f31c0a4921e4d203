//! The listener over real sockets: what ends its wait, and what must not.

use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use oauthctl::flow::arguments::CallbackArgs;
use oauthctl::flow::browser::{self, Wish};
use oauthctl::flow::listener::{Handle, ListenSpec, Listener};
use oauthctl::flow::pages::{Outcome, VerdictPage};
use oauthctl::flow::progress::Progress;
use oauthctl::flow::wait::Wait;
use oauthctl::flow::{FlowError, Judgement, agent, constant_time_eq, paste};
use oauthctl::sys::{Platform, World};

const PATH: &str = "/hub/oauth_callback";
const GOOD: &str = "/hub/oauth_callback?code=c&state=r1ght";
const AUTHORIZE: &str = "https://idp.example.org/authorize?client_id=x&state=r1ght";

/// Long enough that only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A judge like an authenticator's: the state first, then the error, then the code.
fn judge(args: &CallbackArgs) -> Judgement {
    let refusal = |code, message: &str| FlowError::new(code, message).with_hub_status(400);
    let state = match args.get("state") {
        Ok(state) => state.unwrap_or_default(),
        Err(error) => return Judgement::Refuse(error),
    };
    if !constant_time_eq(&state, "r1ght") {
        return Judgement::Refuse(refusal("state-mismatch", "OAuth state mismatch"));
    }
    match (args.get("error"), args.get("code")) {
        (Ok(Some(error)), _) => Judgement::End(refusal("provider-error", &format!("OAuth error: {error}"))),
        (_, Ok(Some(_))) => Judgement::Accept,
        _ => Judgement::End(refusal("no-code", "OAuth callback made without a code")),
    }
}

/// A wait on another thread, which answers the accepted callback with a verdict.
struct Running {
    addresses: Vec<SocketAddr>,
    handle: Handle,
    ended: JoinHandle<Result<String, FlowError>>,
}

fn run(listener: Listener, timeout: Duration) -> Running {
    let (addresses, handle) = (listener.addresses().to_vec(), listener.handle());
    let ended = std::thread::spawn(move || {
        let caught = listener.wait(Wait {
            authorize_url: AUTHORIZE,
            callback_path: PATH,
            redirected_path: Some("/oauth_callback"),
            timeout,
            judge: &mut judge,
            progress: &mut Progress::silent(),
        })?;
        let code = caught.args.get("code")?.unwrap_or_default();
        caught.browser.respond(200, &VerdictPage::new(Outcome::Allowed, "alice may <enter>"));
        Ok(code)
    });
    Running { addresses, handle, ended }
}

fn running() -> Running {
    run(Listener::bind(&ListenSpec::Loopback, &["Hub.example.org:8443"]).unwrap(), PATIENCE)
}

impl Running {
    fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
    }

    fn ask(&self, request: &str) -> (u16, String) {
        ask(self.addresses[0], request)
    }

    fn end(self) -> Result<String, &'static str> {
        self.ended.join().unwrap().map_err(|error| error.code)
    }

    /// The good callback still gets through.
    fn accepts(self) {
        let (status, page) = self.get(GOOD);
        assert_eq!(status, 200);
        assert!(page.contains("alice may &lt;enter&gt;"), "{page}");
        assert_eq!(self.end().as_deref(), Ok("c"));
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a request and reads one answer, on a connection that stays open like a browser's.
fn ask(address: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    answer(&mut stream, request.starts_with("HEAD"))
}

fn answer(stream: &mut TcpStream, head_only: bool) -> (u16, String) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "cut off: {}", String::from_utf8_lossy(&head));
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let status = head[9..12].parse().unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; if head_only { 0 } else { length }];
    stream.read_exact(&mut body).unwrap();
    (status, head + &String::from_utf8(body).unwrap())
}

#[test]
fn both_loopbacks_share_one_port() {
    let listener = Listener::bind(&ListenSpec::Loopback, &[]).unwrap();
    let port = listener.port();
    assert_ne!(port, 0);
    assert_eq!(listener.redirect_uri(PATH), format!("http://127.0.0.1:{port}{PATH}"));
    assert!(listener.addresses().iter().all(|address| address.port() == port && address.ip().is_loopback()));
    let ipv6_works = TcpListener::bind("[::1]:0").is_ok();
    assert_eq!(listener.addresses().len(), if ipv6_works { 2 } else { 1 });
}

#[test]
fn a_callback_counts_on_every_address() {
    let count = Listener::bind(&ListenSpec::Loopback, &[]).unwrap().addresses().len();
    for index in 0..count {
        let running = running();
        let request = format!("GET {GOOD} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", running.addresses[index].port());
        assert_eq!(ask(running.addresses[index], &request).0, 200);
        assert_eq!(running.end().as_deref(), Ok("c"));
    }
}

#[test]
fn stray_requests_do_not_end_the_wait() {
    let running = running();
    let host = "Host: 127.0.0.1";
    for (request, status) in [
        ("GET /favicon.ico HTTP/1.1\r\n{host}\r\n\r\n", 204),
        ("GET /robots.txt HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("GET /hub/oauth_callback/?code=c&state=r1ght HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("GET /hub/oauth%5Fcallback?code=c&state=r1ght HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("GET /HUB/oauth_callback?code=c&state=r1ght HTTP/1.1\r\n{host}\r\n\r\n", 404),
        ("HEAD {good} HTTP/1.1\r\n{host}\r\n\r\n", 405),
        ("OPTIONS {good} HTTP/1.1\r\n{host}\r\n\r\n", 405),
        ("PUT {good} HTTP/1.1\r\n{host}\r\nContent-Length: 2\r\n\r\nhi", 405),
        ("OPTIONS / HTTP/1.1\r\n{host}\r\n\r\n", 204),
        ("HEAD / HTTP/1.1\r\n{host}\r\n\r\n", 302),
        ("GET {good} HTTP/1.1\r\n{host}\r\nSec-Purpose: prefetch;prerender\r\n\r\n", 503),
        ("GET {good} HTTP/1.1\r\n{host}\r\nPurpose: prefetch\r\n\r\n", 503),
        ("GET {good} HTTP/1.1\r\n\r\n", 421),
        ("GET {good} HTTP/1.1\r\nHost: evil.example.com\r\n\r\n", 421),
        ("GET {good} HTTP/1.1\r\nHost: 127.0.0.1.evil.example.com:80\r\n\r\n", 421),
        ("GET / HTTP/1.1\r\nHost: evil.example.com\r\n\r\n", 421),
    ] {
        let request = request.replace("{host}", host).replace("{good}", GOOD);
        let (got, answer) = running.ask(&request);
        assert_eq!(got, status, "{request}{answer}");
        assert!(!answer.contains("r1ght") || status == 302, "{request}{answer}");
    }
    running.accepts();
}

#[test]
fn any_name_of_ours_will_do() {
    for host in
        ["127.0.0.1", "127.0.0.1:8400", "localhost", "LOCALHOST:1", "[::1]:8400", "a.localhost", "hub.example.org"]
    {
        let running = running();
        assert_eq!(running.ask(&format!("GET {GOOD} HTTP/1.1\r\nHost: {host}\r\n\r\n")).0, 200, "{host}");
        assert_eq!(running.end().as_deref(), Ok("c"), "{host}");
    }
}

#[test]
fn an_address_with_the_host_in_it_is_the_same_address() {
    let running = running();
    let request = format!("GET http://127.0.0.1{GOOD} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert_eq!(running.ask(&request).0, 200);
    assert_eq!(running.end().as_deref(), Ok("c"));
}

#[test]
fn the_short_address_leads_to_the_provider() {
    let running = running();
    let (status, answer) = running.get("/");
    assert_eq!(status, 302);
    assert!(answer.contains(&format!("\r\nLocation: {AUTHORIZE}\r\n")), "{answer}");
    running.accepts();
}

#[test]
fn the_path_that_the_hub_redirects_is_redirected() {
    let running = running();
    let (status, answer) = running.get("/oauth_callback?code=c&state=r1ght");
    assert_eq!(status, 302);
    assert!(answer.contains(&format!("\r\nLocation: {GOOD}\r\n")), "{answer}");
    running.accepts();
}

#[test]
fn a_refused_callback_is_answered_as_the_hub_would_and_the_wait_goes_on() {
    let running = running();
    let (status, answer) = running.get("/hub/oauth_callback?code=c&state=wrong");
    assert_eq!(status, 400);
    assert!(answer.contains("400 : OAuth state mismatch"), "{answer}");
    assert_eq!(running.get("/hub/oauth_callback?code=c&state=%ff").0, 400);
    assert_eq!(running.get("/hub/oauth_callback").0, 400);
    assert_eq!(running.get("/hub/oauth_callback?error=access_denied&state=wrong").0, 400);
    running.accepts();
}

#[test]
fn our_own_state_with_an_error_or_no_code_ends_the_wait() {
    let denied = running();
    let (status, answer) = denied.get("/hub/oauth_callback?error=%3Cb%3Ebad&state=r1ght");
    assert_eq!(status, 400);
    assert!(answer.contains("400 : OAuth error: &lt;b&gt;bad"), "{answer}");
    assert_eq!(denied.end(), Err("provider-error"));

    let empty = running();
    assert_eq!(empty.get("/hub/oauth_callback?state=r1ght").0, 400);
    assert_eq!(empty.end(), Err("no-code"));
}

#[test]
fn where_nobody_else_comes_the_most_telling_refusal_is_the_failure() {
    let refused = running();
    refused.get("/hub/oauth_callback?code=c&state=wrong");
    refused.get("/hub/oauth_callback?state=%ff");
    refused.handle.give_up();
    assert_eq!(refused.end(), Err("state-mismatch"));

    let elsewhere = running();
    elsewhere.get("/callback?code=c&state=r1ght");
    elsewhere.handle.give_up();
    assert_eq!(elsewhere.end(), Err("callback-not-served"));

    let nobody = running();
    nobody.handle.give_up();
    assert_eq!(nobody.end(), Err("no-callback"));
}

#[test]
fn a_wait_has_a_deadline() {
    let listener = Listener::bind(&ListenSpec::Loopback, &[]).unwrap();
    assert_eq!(run(listener, Duration::from_millis(300)).end(), Err("timeout"));
}

#[test]
fn silent_connections_hold_up_nobody() {
    let running = running();
    // In one burst, so that more connections come than tiny_http has threads waiting.
    let silent: Vec<TcpStream> = (0..40).map(|_| connect(running.addresses[0])).collect();
    let mut slow = connect(running.addresses[0]);
    slow.write_all(b"GET /hub/oauth_callback?co").unwrap();
    running.accepts();
    drop((silent, slow));
}

#[test]
fn bodies_that_never_come_hold_up_nobody() {
    let running = running();
    let mut open = Vec::new();
    for (method, length) in [("POST", "500"), ("POST", "60000"), ("POST", "999999999999999"), ("GET", "70000")] {
        let mut stream = connect(running.addresses[0]);
        let head = format!("{method} {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\nstate=");
        stream.write_all(head.as_bytes()).unwrap();
        open.push(stream);
    }
    let mut huge = connect(running.addresses[0]);
    huge.write_all(b"GET /stray HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999999\r\n\r\n").unwrap();
    running.accepts();
}

#[test]
fn a_hundred_connections_of_junk_are_survived() {
    let running = running();
    for seed in 0..100_u32 {
        let mut stream = connect(running.addresses[0]);
        // A TLS hello, control bytes, half lines: whatever the arithmetic yields.
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let junk = (0..seed % 64 * 16).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        let mut bytes = if seed % 3 == 0 { b"GET /".to_vec() } else { b"\x16\x03\x01".to_vec() };
        bytes.extend(junk);
        bytes.extend_from_slice(b"\r\n\r\n");
        // The other side may hang up in the middle.
        let _ = stream.write_all(&bytes);
    }
    running.accepts();
}

#[test]
fn an_address_has_a_longest_length() {
    let running = running();
    let long = "x".repeat(70_000);
    assert_eq!(running.get(&format!("/hub/oauth_callback?code=c&state=r1ght&x={long}")).0, 414);
    let many = "a&".repeat(2000);
    assert_eq!(running.get(&format!("/hub/oauth_callback?{many}")).0, 400);
    running.accepts();
}

#[test]
fn one_connection_may_ask_more_than_once() {
    let running = running();
    let mut stream = connect(running.addresses[0]);
    for (path, status) in [("/favicon.ico", 204), ("/hub/oauth_callback?state=x", 400), (GOOD, 200)] {
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(answer(&mut stream, false).0, status, "{path}");
    }
    assert_eq!(running.end().as_deref(), Ok("c"));
}

fn post(body: &str) -> String {
    let length = body.len();
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

#[test]
fn a_posted_form_is_received_and_refused() {
    let ours = running();
    let (status, answer) = ours.ask(&post("code=c&state=r1ght"));
    assert_eq!(status, 403);
    assert!(answer.contains("&#39;_xsrf&#39; argument missing from POST"), "{answer}");
    assert_eq!(ours.end(), Err("form-post"));

    let somebodys = running();
    assert_eq!(somebodys.ask(&post("code=c&state=wrong")).0, 403);
    assert_eq!(somebodys.ask(&post(&"x".repeat(100_000))).0, 413);
    assert_eq!(somebodys.ask(&post("")).0, 403);
    somebodys.accepts();
}

#[test]
fn an_explicit_address_keeps_its_spelling() {
    for (text, host) in [("localhost:0", "localhost"), ("127.0.0.1:0", "127.0.0.1"), ("0.0.0.0:0", "0.0.0.0")] {
        let listener = Listener::bind(&ListenSpec::parse(text).unwrap(), &[]).unwrap();
        assert_eq!(listener.redirect_uri(PATH), format!("http://{host}:{}{PATH}", listener.port()));
        assert_ne!(listener.port(), 0);
    }
    let only = Listener::bind(&ListenSpec::parse("127.0.0.1:0").unwrap(), &[]).unwrap();
    assert_eq!(only.addresses().len(), 1);
    if TcpListener::bind("[::1]:0").is_ok() {
        let listener = Listener::bind(&ListenSpec::parse("[::1]:0").unwrap(), &[]).unwrap();
        assert_eq!(listener.redirect_uri(PATH), format!("http://[::1]:{}{PATH}", listener.port()));
        run(listener, PATIENCE).accepts();
    }
    run(Listener::bind(&ListenSpec::parse("0.0.0.0:0").unwrap(), &[]).unwrap(), PATIENCE);
}

#[test]
fn addresses_to_listen_on() {
    let address = |host: &str, port| Ok(ListenSpec::Address { host: host.to_owned(), port });
    assert_eq!(ListenSpec::parse("localhost:8400"), address("localhost", 8400));
    assert_eq!(ListenSpec::parse("[::1]:0"), address("[::1]", 0));
    for wrong in [
        "",
        "8400",
        ":8400",
        "localhost",
        "localhost:",
        "localhost:99999",
        "::1:8400",
        "[::1:8400",
        "a b:1",
        "http://localhost:8400",
    ] {
        assert!(ListenSpec::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_busy_port_is_an_error_at_once() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        let spec = ListenSpec::Address { host: host.to_owned(), port };
        let error = Listener::bind(&spec, &[]).err().unwrap();
        assert_eq!(error.code, "port-in-use");
        assert!(error.message.starts_with(&format!("{host}:{port} is already in use by ")), "{error}");
        if cfg!(target_os = "linux") {
            assert!(error.message.contains(&format!("({})", std::process::id())), "{error}");
        }
    }
    // Whoever has the other family's port would get the callback.
    if let Ok(taken) = TcpListener::bind("[::1]:0") {
        let port = taken.local_addr().unwrap().port();
        let spec = ListenSpec::Address { host: "localhost".to_owned(), port };
        assert_eq!(Listener::bind(&spec, &[]).err().unwrap().code, "port-in-use");
    }
}

#[test]
fn a_paste_races_the_listener_and_its_end_ends_nothing() {
    let pasted = running();
    let input = "oops\nhttp://127.0.0.1/hub/oauth_callback?code=c&state=wrong\n?code=p&st\nate=r1ght\n";
    paste::race(Cursor::new(input), pasted.handle.clone());
    assert_eq!(pasted.end().as_deref(), Ok("p"));

    let closed = running();
    paste::race(Cursor::new(""), closed.handle.clone());
    closed.accepts();
}

#[test]
fn what_makes_waiting_pointless_ends_it() {
    let running = running();
    running.handle.say("a word");
    running.handle.fail(FlowError::new("walk-failed", "lost"));
    assert_eq!(running.end(), Err("walk-failed"));
}

#[test]
fn the_walker_comes_back_by_the_listener() {
    let listener = Listener::bind(&ListenSpec::parse("localhost:0").unwrap(), &[]).unwrap();
    let redirect_uri = listener.redirect_uri(PATH);
    let running = run(listener, PATIENCE);
    let answer = format!("{redirect_uri}?code=c&state=r1ght");
    let end = agent::walk("http://idp/authorize", &redirect_uri, &mut |_| Ok((302, Some(answer.clone())))).unwrap();
    assert_eq!(end, answer);
    assert_eq!(agent::visit(&end, PATIENCE).unwrap(), 200);
    assert_eq!(running.end().as_deref(), Ok("c"));
}

#[test]
fn a_walker_that_is_refused_is_the_end_where_nobody_else_comes() {
    let running = running();
    let refused = format!("http://{}/hub/oauth_callback?code=c&state=wrong", running.addresses[0]);
    assert_eq!(agent::visit(&refused, PATIENCE).unwrap(), 400);
    running.handle.give_up();
    assert_eq!(running.end(), Err("state-mismatch"));
}

#[cfg(unix)]
#[test]
fn a_browser_command_is_given_the_address_and_its_failure_is_told() {
    let log = std::env::temp_dir().join(format!("oauthctl-browser-{}", std::process::id()));
    let command = format!("sh -c 'echo \"$1\" > {0}.new; mv {0}.new {0}' sh %s", log.display());
    let world = World::of(Platform::Linux, []);
    let plan = browser::decide(&Wish { never: false, command: Some(command) }, &world);
    browser::open(&plan, "http://127.0.0.1:8400/?a='b'&c=$d", None).unwrap();
    while !log.exists() {
        std::thread::yield_now();
    }
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "http://127.0.0.1:8400/?a='b'&c=$d\n");
    std::fs::remove_file(&log).unwrap();

    let none = Wish { never: false, command: Some("/no/such/browser".to_owned()) };
    let error = browser::open(&browser::decide(&none, &world), "http://127.0.0.1:8400/", None).unwrap_err();
    assert!(error.starts_with("--browser-cmd does not start: `/no/such/browser`"), "{error}");
}

#[test]
fn a_browser_whose_login_stops_is_told_so() {
    let listener = Listener::bind(&ListenSpec::Loopback, &[]).unwrap();
    let address = listener.addresses()[0];
    let waiting = std::thread::spawn(move || {
        let wait = Wait {
            authorize_url: AUTHORIZE,
            callback_path: PATH,
            redirected_path: None,
            timeout: PATIENCE,
            judge: &mut judge,
            progress: &mut Progress::silent(),
        };
        drop(listener.wait(wait).unwrap());
    });
    let (status, page) = ask(address, &format!("GET {GOOD} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_eq!(status, 500);
    assert!(page.contains("The login stopped"), "{page}");
    waiting.join().unwrap();
}
