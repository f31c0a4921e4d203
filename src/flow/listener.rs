//! The local address that the browser comes back to: which sockets are bound, what the redirect_uri is, and how
//! requests get from them to [`super::wait`].
//!
//! tiny_http parses the requests. It has no read timeout, so none of its threads is ever waited for: an idle or slow
//! connection keeps its thread until the process ends.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use tiny_http::{Request, Server};

use super::FlowError;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenSpec {
    /// 127.0.0.1 and, where there is IPv6, ::1, on one free port.
    Loopback,
    /// Only there. The host is kept as typed; port 0 means a free one.
    Address {
        /// A name, an IPv4 address, or an IPv6 address in brackets.
        host: String,
        /// The port.
        port: u16,
    },
}

impl ListenSpec {
    /// Reads `ADDR:PORT`.
    pub fn parse(text: &str) -> Result<ListenSpec, String> {
        let wanted = "expected ADDR:PORT, such as 127.0.0.1:8400, localhost:8400 or [::1]:0";
        let (host, port) = text.rsplit_once(':').ok_or(wanted)?;
        let port = port.parse().map_err(|_| format!("`{port}` is no port; {wanted}"))?;
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let well_formed = match bracketed {
            Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)),
        };
        match well_formed {
            true => Ok(ListenSpec::Address { host: host.to_owned(), port }),
            false => Err(format!("`{host}` is no address to listen on; {wanted}")),
        }
    }
}

/// What reaches the wait.
pub(super) enum Event {
    /// A request of a browser, or of anybody.
    Request(Request),
    /// A form that was posted to the callback; `None` where it was too long to be one.
    Form(Request, Option<Vec<u8>>),
    /// A line that somebody pasted.
    Pasted(String),
    /// Something to tell the user.
    Say(String),
    /// Something that makes waiting pointless.
    Fail(FlowError),
    /// Nobody else will come.
    GiveUp,
}

/// A way to reach a wait from another thread. Where the wait is over, nothing happens.
#[derive(Clone)]
pub struct Handle {
    events: Sender<Event>,
}

impl Handle {
    /// Tells the user something while the wait goes on.
    pub fn say(&self, text: impl Into<String>) {
        let _ = self.events.send(Event::Say(text.into()));
    }

    /// Ends the wait with this failure.
    pub fn fail(&self, error: FlowError) {
        let _ = self.events.send(Event::Fail(error));
    }

    /// Ends the wait as its deadline would: nobody else will come.
    pub fn give_up(&self) {
        let _ = self.events.send(Event::GiveUp);
    }

    /// Hands in a line that was pasted.
    pub fn paste(&self, line: String) {
        let _ = self.events.send(Event::Pasted(line));
    }
}

/// Bound sockets, served until this is dropped.
pub struct Listener {
    host: String,
    addresses: Vec<SocketAddr>,
    other_names: Vec<String>,
    pub(super) sender: Sender<Event>,
    pub(super) events: Receiver<Event>,
    stop: Arc<AtomicBool>,
}

impl Listener {
    /// Binds and begins to serve. `other_names` are the hosts by which a proxy in front of us may be called
    /// (`--callback-url`), with or without a port; a request for any other name is turned away, since it comes from a page that had its own
    /// name point here.
    pub fn bind(spec: &ListenSpec, other_names: &[&str]) -> Result<Listener, FlowError> {
        let (host, sockets) = match spec {
            ListenSpec::Loopback => ("127.0.0.1".to_owned(), bind_both_loopbacks()?),
            ListenSpec::Address { host, port } => (host.clone(), bind_address(host, *port)?),
        };
        let addresses = sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect();
        let (sender, events) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        for socket in sockets {
            let (sender, stop) = (sender.clone(), Arc::clone(&stop));
            std::thread::spawn(move || serve(&socket, &sender, &stop));
        }
        let other_names = other_names.iter().map(|host| name_of(host)).collect();
        Ok(Listener { host, addresses, other_names, sender, events, stop })
    }

    /// The address to tell the provider, for a callback at this path.
    pub fn redirect_uri(&self, path: &str) -> String {
        format!("http://{}:{}{path}", self.host, self.port())
    }

    /// The port, the same on every address.
    pub fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }

    /// The addresses that are bound.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A way to reach the wait from another thread.
    pub fn handle(&self) -> Handle {
        Handle { events: self.sender.clone() }
    }

    /// Whether a `Host` header names us. An address can't be made to point elsewhere, so any will do.
    pub(super) fn answers_to(&self, host: &str) -> bool {
        let name = &name_of(host);
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        address.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || *name == name_of(&self.host)
            || self.other_names.contains(name)
    }
}

/// A host without its port, as names are compared.
fn name_of(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host.as_str(),
    };
    name.strip_suffix('.').unwrap_or(name).to_owned()
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Letting go of a request waits for the body that it announced, so whatever was not looked at goes elsewhere.
        let events = std::mem::replace(&mut self.events, mpsc::channel().1);
        std::thread::spawn(move || drop(events));
    }
}

/// The longest body that a request may announce. tiny_http reads what was announced before it lets go of a request,
/// into a buffer of that length.
const LONGEST_BODY: usize = 1 << 20;

/// How often the threads of a listener look up from waiting.
const LOOK_UP: Duration = Duration::from_millis(100);

/// Passes on the requests of one socket. tiny_http gives up at the first connection that fails to be accepted, such
/// as when the process is short of file handles; then it is begun anew.
fn serve(socket: &TcpListener, events: &Sender<Event>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        match socket.try_clone().map_err(Into::into).and_then(|socket| Server::from_listener(socket, None)) {
            Ok(server) => pass_on(&server, socket.local_addr().ok(), events, stop),
            Err(error) => {
                let message = format!("cannot listen any longer: {error}");
                let _ = events.send(Event::Fail(FlowError::new("cannot-listen", message)));
                return;
            }
        }
        std::thread::sleep(LOOK_UP);
    }
}

/// Until the server fails, or we are to stop.
fn pass_on(server: &Server, address: Option<SocketAddr>, events: &Sender<Event>, stop: &AtomicBool) {
    let mut nudged = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        match server.recv_timeout(LOOK_UP) {
            // Let go of, this would take as much memory as the client claims to send: the process would abort. So it
            // is kept, unanswered, until the process ends.
            Ok(Some(request)) if request.body_length().is_some_and(|length| length > LONGEST_BODY) => {
                std::mem::forget(request);
            }
            Ok(Some(request)) => {
                if events.send(Event::Request(request)).is_err() {
                    return;
                }
            }
            Ok(None) => {}
            Err(_) => return,
        }
        if nudged.elapsed() >= LOOK_UP {
            nudged = Instant::now();
            address.into_iter().cycle().take(NUDGES).for_each(nudge);
        }
    }
}

/// How many queued connections may move on at each look.
const NUDGES: usize = 4;

/// Connects and hangs up. tiny_http queues a connection behind its idle threads, also when each of them has just been
/// handed one; where those stay open and silent, as a browser's spare ones do, the queued one waits for the *next*
/// connection to bring a thread that will look at the queue. This is that next one.
fn nudge(mut address: SocketAddr) {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let _ = TcpStream::connect_timeout(&address, LOOK_UP);
}

/// How many free ports are tried until both families have one.
const ATTEMPTS: usize = 50;

fn bind_both_loopbacks() -> Result<Vec<TcpListener>, FlowError> {
    for _ in 0..ATTEMPTS {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| refused("127.0.0.1:0", &error))?;
        let port = four.local_addr().map_err(|error| refused("127.0.0.1:0", &error))?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Ok(six) => return Ok(vec![four, six]),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            // No IPv6 on this machine.
            Err(_) => return Ok(vec![four]),
        }
    }
    Err(FlowError::new("cannot-listen", "found no port that is free on both 127.0.0.1 and ::1")
        .with_fix("name one with --listen 127.0.0.1:PORT"))
}

fn bind_address(host: &str, port: u16) -> Result<Vec<TcpListener>, FlowError> {
    if port == 0 && is_localhost(host) {
        return bind_both_loopbacks();
    }
    let shown = format!("{host}:{port}");
    let candidates = resolve(host, port).map_err(|error| refused(&shown, &error))?;
    let mut sockets: Vec<TcpListener> = Vec::new();
    let mut failure = None;
    for mut candidate in candidates {
        // With port 0, all share the port that the first one got.
        if let Some(bound) = sockets.first().and_then(|socket| socket.local_addr().ok()) {
            candidate.set_port(bound.port());
        }
        match TcpListener::bind(candidate) {
            Ok(socket) => sockets.push(socket),
            Err(error) if error.kind() == ErrorKind::AddrInUse && port != 0 => return Err(refused(&shown, &error)),
            Err(error) => failure = Some(error),
        }
    }
    match (sockets.is_empty(), failure) {
        (false, _) => Ok(sockets),
        (true, Some(error)) => Err(refused(&shown, &error)),
        (true, None) => Err(FlowError::new("cannot-listen", format!("`{host}` has no address"))),
    }
}

/// A host's addresses on this machine. `localhost` is loopback also where no resolver says so (RFC 6761, 6.3).
fn resolve(host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if is_localhost(bare) {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]);
    }
    Ok((bare, port).to_socket_addrs()?.collect())
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

fn refused(address: &str, error: &std::io::Error) -> FlowError {
    match error.kind() {
        ErrorKind::AddrInUse => {
            let holder = address.rsplit_once(':').and_then(|(_, port)| crate::sys::holder_of_port(port.parse().ok()?));
            let by = holder.map_or("by another program".to_owned(), |holder| format!("by {holder}"));
            FlowError::new("port-in-use", format!("{address} is already in use {by}")).with_fix(
                "end that program, or choose another port with --listen, and register its address at the provider",
            )
        }
        ErrorKind::PermissionDenied => {
            FlowError::new("cannot-listen", format!("not permitted to listen on {address}: {error}"))
                .with_fix("choose a port above 1023 with --listen")
        }
        _ => FlowError::new("cannot-listen", format!("cannot listen on {address}: {error}"))
            .with_fix("name an address of this machine with --listen, such as 127.0.0.1:8400"),
    }
}
