//! The provider over real sockets.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;
use url::form_urlencoded;

use super::*;

mod mediawiki;
mod oidc;
mod shapes;

const CALLBACK: &str = "http://127.0.0.1:8400/hub/oauth_callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A parameter of the address that the browser is sent to.
    fn sent_back(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.header("location")).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Sends bytes as they are and reads to the end, which only comes where the server closes the connection.
fn send_raw(provider: &Provider, request: &[u8]) -> Answer {
    let address: SocketAddr = provider.issuer().strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
    Answer { status, headers, body: body.to_owned() }
}

fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn get(provider: &Provider, target: &str, headers: &[(&str, &str)]) -> Answer {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    send_raw(provider, format!("GET {target} HTTP/1.1\r\nHost: demo\r\n{headers}\r\n").as_bytes())
}

fn post(provider: &Provider, target: &str, headers: &[(&str, &str)], pairs: &[(&str, &str)]) -> Answer {
    let (body, headers) =
        (encode(pairs), headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>());
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: demo\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\
         Content-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    send_raw(provider, format!("{head}{body}").as_bytes())
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn start(change: impl FnOnce(&mut Options)) -> Provider {
    let mut options = Options { redirect_uris: vec![CALLBACK.to_owned()], ..Options::default() };
    change(&mut options);
    Provider::start(options).unwrap()
}

fn start_with_fault(name: &str) -> Provider {
    start(|options| options.fault = Some(fault_named(name).unwrap()))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
