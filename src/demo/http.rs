//! The demo provider's HTTP server: one request a connection, everything bounded.
//!
//! It stands on the standard library alone. tiny_http has no read time-out and reads a header line of any length into
//! memory, and it drops a `Connection: close` header, so that an idle keep-alive socket parks one of its workers; a
//! provider that people point half-configured hubs and scanners at needs all three to be otherwise.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use url::form_urlencoded;

/// The request line and all header lines together.
const MAX_HEAD: usize = 32 * 1024;
/// A request body: far above any token request, far below what hurts.
const MAX_BODY: usize = 64 * 1024;
/// How many connections are served at once; browsers open some ahead of need.
const MAX_CONNECTIONS: usize = 64;
/// How long a client may take to send its request, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One request, read to its end.
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path as it was sent, still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: Params,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The first header of this name, in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path's segments, each percent-decoded once, so that `%2F` does not split.
    pub(crate) fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path.split('/').map(percent_decode).collect()
    }

    /// The body as form parameters; `None` where its media type says that it is something else.
    pub(crate) fn form(&self) -> Option<Params> {
        let media_type = self.header("content-type")?.split(';').next()?.trim();
        media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded").then(|| Params::parse(&self.body))
    }
}

/// Query or form parameters, in order.
#[derive(Clone, Default)]
pub(crate) struct Params(pub(crate) Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(encoded: &[u8]) -> Params {
        Params(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of a parameter; one that was sent empty counts as left out (RFC 6749 section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The first of `names` that was sent more than once, which RFC 6749 section 3.1 forbids.
    pub(crate) fn repeated(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().find(|name| self.0.iter().filter(|(key, _)| key == *name).count() > 1).copied()
    }
}

/// Decodes `%XX`; what is not UTF-8 afterwards becomes the replacement character.
pub(crate) fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten().and_then(hex_byte);
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match digits {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    }
}

/// An answer. `Connection: close`, `Content-Length` and the headers that keep it out of caches come by themselves.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn text(status: u16, text: impl Into<String>) -> Response {
        Response::typed(status, "text/plain; charset=utf-8", text.into())
    }

    pub(crate) fn json(status: u16, value: &Value) -> Response {
        Response::typed(status, "application/json", value.to_string())
    }

    pub(crate) fn typed(status: u16, media_type: &str, body: String) -> Response {
        Response::empty(status).with("Content-Type", media_type).with_body(body)
    }

    /// A redirect that the browser follows with GET, whatever it came with.
    pub(crate) fn see_other(location: &str) -> Response {
        Response::empty(303).with("Location", location)
    }

    pub(crate) fn method_not_allowed(allow: &str) -> Response {
        Response::text(405, "method not allowed\n").with("Allow", allow)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    fn with_body(mut self, body: String) -> Response {
        self.body = body.into_bytes();
        self
    }

    fn write(&self, stream: &mut TcpStream, with_body: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            let value: String = value.chars().filter(|character| !character.is_control()).collect();
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        for (name, value) in ALWAYS {
            if !self.headers.iter().any(|(key, _)| key == name) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        // RFC 9110 section 8.6 forbids the length with 204.
        if self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        if with_body && self.status != 204 {
            stream.write_all(&self.body)?;
        }
        stream.flush()
    }
}

/// Sent with every answer, unless the answer itself says otherwise.
const ALWAYS: &[(&str, &str)] = &[
    ("Connection", "close"),
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
];

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        302 => "Found",
        303 => "See Other",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}

/// What answers the requests.
pub(crate) type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// A running server; stops accepting when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, handler: Handler) -> io::Result<Server> {
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let acceptor = thread::Builder::new()
            .name("demo-provider".to_owned())
            .spawn(move || accept(&listener, &handler, &stop))?;
        Ok(Server { address, stopping, acceptor: Some(acceptor) })
    }

    /// Waits until the server ends, which it does only when its listener fails.
    pub(crate) fn wait(&mut self) {
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // `accept` has no time-out: a connection of our own wakes it.
        let woken = TcpStream::connect_timeout(&reachable(self.address), Duration::from_secs(1)).is_ok();
        if let (true, Some(acceptor)) = (woken, self.acceptor.take()) {
            let _ = acceptor.join();
        }
    }
}

/// The address to reach a listener by: one that is bound to every interface answers on loopback.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Counts a connection for as long as it lives, also where its thread panics.
struct Slot(Arc<AtomicUsize>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn accept(listener: &TcpListener, handler: &Handler, stopping: &AtomicBool) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut stream) = stream else {
            // Out of file descriptors, most likely: give them time to come back.
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        let slot = Slot(Arc::clone(&open));
        if open.fetch_add(1, Ordering::SeqCst) >= MAX_CONNECTIONS {
            let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
            let _ = Response::text(503, "too many connections\n").write(&mut stream, true);
            continue;
        }
        let handler = Arc::clone(handler);
        let _ = thread::Builder::new().name("demo-request".to_owned()).spawn(move || {
            let _slot = slot;
            let _ = serve(&mut stream, &handler);
        });
    }
}

fn serve(stream: &mut TcpStream, handler: &Handler) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    match read_request(stream, Instant::now() + PATIENCE) {
        Ok(request) => handler(&request).write(stream, request.method != "HEAD"),
        Err(Refusal::Gone) => Ok(()),
        Err(Refusal::Status(status)) => {
            Response::text(status, format!("{}\n", reason(status))).write(stream, true)?;
            drain(stream)
        }
    }
}

/// Reads away what a refused client is still sending: closing on unread bytes resets the connection, and the client
/// may then never see the answer.
fn drain(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + Duration::from_secs(1);
    let mut buffer = [0; 4096];
    while read_some(stream, &mut buffer, deadline).is_ok_and(|count| count > 0) {}
    Ok(())
}

/// Why a request was not read.
enum Refusal {
    /// The client left.
    Gone,
    /// The client is told this status.
    Status(u16),
}

fn read_some(stream: &mut TcpStream, buffer: &mut [u8], deadline: Instant) -> Result<usize, Refusal> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
        return Err(Refusal::Status(408));
    }
    match stream.read(buffer) {
        Ok(count) => Ok(count),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => read_some(stream, buffer, deadline),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            Err(Refusal::Status(408))
        }
        Err(_) => Err(Refusal::Gone),
    }
}

fn read_request(stream: &mut TcpStream, deadline: Instant) -> Result<Request, Refusal> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > MAX_HEAD {
            return Err(Refusal::Status(431));
        }
        match read_some(stream, &mut buffer, deadline)? {
            0 => return Err(Refusal::Gone),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    };
    let mut body = bytes.split_off(end + 4);
    bytes.truncate(end);
    let mut request = parse_head(&bytes).map_err(Refusal::Status)?;
    let length = body_length(&request).map_err(Refusal::Status)?;
    if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| Refusal::Gone)?;
    }
    while body.len() < length {
        match read_some(stream, &mut buffer, deadline)? {
            0 => return Err(Refusal::Gone),
            count => body.extend_from_slice(&buffer[..count]),
        }
    }
    body.truncate(length);
    request.body = body;
    Ok(request)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Reads the request line and the headers (RFC 9112 sections 3 and 5); the error is the status to refuse with.
fn parse_head(bytes: &[u8]) -> Result<Request, u16> {
    let head = std::str::from_utf8(bytes).map_err(|_| 400_u16)?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(400);
    };
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
        return Err(if version.starts_with("HTTP/") { 505 } else { 400 });
    }
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if !is_name(method) {
        return Err(400);
    }
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(400_u16)?;
        if !is_name(name) {
            return Err(400);
        }
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let (path, query) = split_target(target).ok_or(400_u16)?;
    let query = Params::parse(query.as_bytes());
    Ok(Request { method: method.to_owned(), path: path.to_owned(), query, headers, body: Vec::new() })
}

/// The path and the query of `/path?query`, or of the whole address that a proxy would be sent.
fn split_target(target: &str) -> Option<(&str, &str)> {
    let target = target.split('#').next().unwrap_or_default();
    let origin_form = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => &rest[rest.find('/')?..],
        _ => target,
    };
    if !origin_form.starts_with('/') {
        return None;
    }
    Some(origin_form.split_once('?').unwrap_or((origin_form, "")))
}

fn body_length(request: &Request) -> Result<usize, u16> {
    if request.header("transfer-encoding").is_some() {
        return Err(411);
    }
    let mut lengths = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let Some((_, first)) = lengths.next() else {
        return Ok(0);
    };
    if lengths.any(|(_, other)| other != first) || !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(400);
    }
    match first.parse() {
        Ok(length) if length <= MAX_BODY => Ok(length),
        Ok(_) => Err(413),
        Err(_) if first.is_empty() => Err(400),
        Err(_) => Err(413),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_escape_is_decoded_once() {
        assert_eq!(percent_decode("a%2Fb%252Fc%zz%C3%B8%"), "a/b%2Fc%zzø%");
    }

    #[test]
    fn a_head_is_parsed_or_refused() {
        let request = parse_head(b"GET /a%2Fb/c?x=1&x=2&y=&z=%C3%B8+1 HTTP/1.1\r\nHost: h\r\nX-A:  b ").ok().unwrap();
        assert_eq!(request.segments(), ["a/b", "c"]);
        assert_eq!(request.query.repeated(&["y", "x"]), Some("x"));
        assert_eq!((request.query.get("y"), request.query.get("z")), (None, Some("ø 1")));
        assert_eq!(request.header("x-a"), Some("b"));
        for (head, status) in [
            ("GET / HTTP/2.0", 505),
            ("GET /", 400),
            ("GET / FTP/1", 400),
            ("GET relative HTTP/1.1", 400),
            ("GET / HTTP/1.1\r\nno colon", 400),
            ("GET / HTTP/1.1\r\n folded: x", 400),
            ("GET http:// HTTP/1.1", 400),
        ] {
            assert_eq!(parse_head(head.as_bytes()).err(), Some(status), "{head}");
        }
    }

    #[test]
    fn a_body_needs_one_honest_length() {
        let length = |headers: &str| {
            let head = format!("POST / HTTP/1.1\r\nHost: h{headers}");
            body_length(&parse_head(head.as_bytes()).ok().unwrap())
        };
        assert_eq!(length(""), Ok(0));
        assert_eq!(length("\r\nContent-Length: 12\r\ncontent-length: 12"), Ok(12));
        assert_eq!(length("\r\nContent-Length: 12\r\nContent-Length: 13"), Err(400));
        assert_eq!(length("\r\nContent-Length: +1"), Err(400));
        assert_eq!(length("\r\nContent-Length: 99999999999999999999999"), Err(413));
        assert_eq!(length("\r\nContent-Length: 65537"), Err(413));
        assert_eq!(length("\r\nTransfer-Encoding: chunked"), Err(411));
    }
}
