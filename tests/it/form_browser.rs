//! A browser for plain pages: follows redirects, keeps cookies, fills in the first form of a page and sends it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use url::Url;

use crate::support::PATIENCE;

/// No walk through a provider takes more pages than this.
const MOST_PAGES: usize = 20;

/// Cookies by name and path, and what to type into fields by their name.
pub struct Browser<'a> {
    cookies: BTreeMap<(String, String), String>,
    typed: &'a [(&'a str, &'a str)],
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl<'a> Browser<'a> {
    /// A new browser that types these values into the fields of these names.
    pub fn new(typed: &'a [(&'a str, &'a str)]) -> Browser<'a> {
        Browser { cookies: BTreeMap::new(), typed }
    }

    /// Goes to an address, and from there wherever redirects and forms lead; ends on the first page without a form, and
    /// gives that page's text.
    pub fn walk(&mut self, address: &str) -> String {
        let mut url = Url::parse(address).unwrap();
        let mut form = None;
        for _ in 0..MOST_PAGES {
            let answer = self.send(&url, form.take());
            let location = answer.headers.iter().find(|(name, _)| name == "location");
            if let (300..400, Some((_, location))) = (answer.status, location) {
                url = url.join(location).unwrap();
                continue;
            }
            match self.fill_in(&answer.body) {
                Some((action, fields)) => {
                    url = url.join(&action).unwrap();
                    form = Some(fields);
                }
                None => return answer.body,
            }
        }
        panic!("{address} leads from page to page without end");
    }

    /// The first form that is posted: its action, and its fields encoded.
    fn fill_in(&self, page: &str) -> Option<(String, String)> {
        let form = page.split("<form").nth(1)?.split("</form>").next()?;
        let (tag, inside) = form.split_once('>')?;
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for input in inside.split("<input").skip(1) {
            let input = input.split('>').next().unwrap_or_default();
            let Some(name) = attribute(input, "name") else { continue };
            let typed = self.typed.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned());
            let value = typed.or_else(|| attribute(input, "value")).unwrap_or_default();
            fields.append_pair(&name, &value);
        }
        Some((attribute(tag, "action")?, fields.finish()))
    }

    fn send(&mut self, url: &Url, form: Option<String>) -> Answer {
        let authority = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(80));
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((_, path), _)| url.path().starts_with(path.as_str()))
            .map(|((name, _), value)| format!("{name}={value}"))
            .collect();
        let method = if form.is_some() { "POST" } else { "GET" };
        let body = form.unwrap_or_default();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nCookie: {}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            cookies.join("; "),
            body.len()
        );
        let mut stream = TcpStream::connect(&authority).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let answer = parse(&String::from_utf8_lossy(&bytes));
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        answer
    }

    fn keep(&mut self, cookie: &str) {
        let mut parts = cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|first| first.split_once('=')) else { return };
        let path = parts.find_map(|part| part.strip_prefix("path=")).unwrap_or("/");
        let key = (name.to_owned(), path.to_owned());
        match value {
            "" => self.cookies.remove(&key),
            value => self.cookies.insert(key, value.to_owned()),
        };
    }
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Answer { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&amp;", "&"))
}
