//! Reading an answer: with an end to its time and its length, and decompressed.

use std::io::Read as _;
use std::time::Instant;

use super::network::chain;
use super::{Answer, bare};
use crate::failure::Raised;

/// The most we read of an answer; tornado stops at 100 MiB.
const MAX_BODY: u64 = 16 * 1024 * 1024;

/// `max_header_size` of tornado's client.
const MAX_HEAD: usize = 64 * 1024;

/// The answer as the hub's client would give it.
pub(super) fn read_answer(
    mut response: reqwest::blocking::Response,
    url: &str,
    compressed: bool,
    deadline: Instant,
) -> Result<Answer, Raised> {
    let status = response.status();
    let headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().iter().map(|b| char::from(*b)).collect()))
        .collect();
    let head: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    if head > MAX_HEAD {
        let message = format!("delimiter not found within {MAX_HEAD} bytes");
        return Err(Raised::exception("UnsatisfiableReadError", message));
    }
    let framed = headers.iter().any(|(name, _)| name == "content-length" || name == "transfer-encoding");
    let mut body = Vec::new();
    if let Err(error) = read_until(&mut response.by_ref().take(MAX_BODY + 1), &mut body, deadline) {
        // A server that closes without TLS close_notify, or without having promised a length, is fine with the hub.
        let timed_out = error.kind() == std::io::ErrorKind::TimedOut || chain(&error).contains("timed out");
        if timed_out {
            return Err(Raised::Client { status: 599, message: "Timeout during request".into() });
        }
        if framed || body.is_empty() {
            return Err(Raised::Client { status: 599, message: format!("Connection closed ({})", chain(&error)) });
        }
    }
    if compressed && is_gzip(&headers) {
        body = decompress(&body)?;
    }
    if body.len() as u64 > MAX_BODY {
        let message = format!("the answer of {} is larger than {} MiB", bare(url), MAX_BODY / 1024 / 1024);
        return Err(Raised::Client { status: 599, message });
    }
    let reason = status.canonical_reason().unwrap_or("Unknown").to_owned();
    Ok(Answer { status: status.as_u16(), reason, headers, body })
}

/// Reads to the end, but not beyond a moment: reqwest's own limit begins anew with every piece of a body.
fn read_until(from: &mut dyn std::io::Read, into: &mut Vec<u8>, deadline: Instant) -> std::io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => into.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if Instant::now() > deadline {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
    }
}

fn is_gzip(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| name == "content-encoding" && value.eq_ignore_ascii_case("gzip"))
}

/// `tornado.util.GzipDecompressor`: the first member, as far as it came.
fn decompress(body: &[u8]) -> Result<Vec<u8>, Raised> {
    let mut plain = Vec::new();
    match flate2::bufread::GzDecoder::new(body).take(MAX_BODY + 1).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(plain),
        Err(_) => Err(Raised::exception("error", "Error -3 while decompressing data: incorrect header check")),
    }
}
