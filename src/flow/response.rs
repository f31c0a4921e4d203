//! Answers to the browser, written by hand: tiny_http drops a `Connection: close` header, and a browser that keeps
//! its connection would park one of its threads for good.

use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use tiny_http::{Method, Request};

use super::pages;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: String::new() }
    }

    /// An HTML page.
    pub fn page(status: u16, html: String) -> Response {
        let headers = vec![("Content-Type", "text/html; charset=utf-8".to_owned())];
        Response { status, headers, body: html }
    }

    /// A redirect. Line breaks in the address would end the header, so they go.
    pub fn redirect(location: &str) -> Response {
        let location: String = location.chars().filter(|c| !c.is_control()).collect();
        Response::empty(302).with("Location", location)
    }

    /// Adds a header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    /// The bytes on the wire.
    fn bytes(&self, with_body: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str(&format!("Content-Security-Policy: {}\r\n", pages::content_security_policy()));
        head.push_str(
            "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             X-Frame-Options: DENY\r\nCross-Origin-Opener-Policy: same-origin\r\nConnection: close\r\n\r\n",
        );
        let mut bytes = head.into_bytes();
        if with_body {
            bytes.extend_from_slice(self.body.as_bytes());
        }
        bytes
    }
}

/// Answers on a thread of its own: neither a client that doesn't read nor one that doesn't send the body that it
/// announced may hold up another. The receiver hears when all is written.
pub fn send(request: Request, response: Response) -> mpsc::Receiver<()> {
    let (written, done) = mpsc::channel();
    std::thread::spawn(move || {
        let bytes = response.bytes(*request.method() != Method::Head);
        let mut writer = request.into_writer();
        // The client may be gone by now, and that is its own affair.
        if writer.write_all(&bytes).and_then(|()| writer.flush()).is_ok() {
            let _ = written.send(());
        }
    });
    done
}

/// Answers, and waits until it is written, but not for long: the program may end right after.
pub fn send_and_wait(request: Request, response: Response) {
    let _ = send(request, response).recv_timeout(Duration::from_secs(2));
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        421 => "Misdirected Request",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_closes_the_connection_and_is_not_kept() {
        for response in [Response::empty(204), Response::redirect("https://idp"), Response::page(200, "x".into())] {
            let text = String::from_utf8(response.bytes(true)).unwrap();
            for header in ["Connection: close", "Cache-Control: no-store", "Referrer-Policy: no-referrer"] {
                assert!(text.contains(&format!("\r\n{header}\r\n")), "{text}");
            }
        }
    }

    #[test]
    fn a_redirect_cannot_smuggle_a_header() {
        let text = String::from_utf8(Response::redirect("https://idp/\r\nSet-Cookie: a=b").bytes(true)).unwrap();
        assert!(!text.contains("\r\nSet-Cookie"), "{text}");
    }

    #[test]
    fn head_has_the_length_but_no_body() {
        let text = String::from_utf8(Response::page(200, "abc".into()).bytes(false)).unwrap();
        assert!(text.contains("Content-Length: 3\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    }
}
