//! What Python asks of the network by clients of its own stands in the transcript beside the rest: each request once,
//! with what came, and without a secret.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use oauthctl::value::Value;

use crate::bridge::{document, field, run};
use crate::support;

/// A service that sends `/go` on to `/there`, refuses `/no`, and tells what it was asked.
fn service() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 8192];
            let length = stream.read(&mut bytes).unwrap_or(0);
            let request = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let (head, body) = match target.as_str() {
                "/go" => ("302 Found\r\nLocation: /there", String::new()),
                "/no" => ("403 Forbidden", "{\"refused\": \"yes\"}".to_owned()),
                _ => ("200 OK", format!("{{\"target\": \"{target}\", \"api_key\": \"Wallaby-17-seen\"}}")),
            };
            let _ =
                write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        }
    });
    address
}

/// A hook that asks, and keeps what it was told.
fn told(client: &str, code: &str, proxy: Option<SocketAddr>) -> Option<(Value, String)> {
    let python = support::upstream_python()?;
    let found = support::command(&python).args(["-c", &format!("import {client}")]).output().unwrap();
    if !found.status.success() {
        eprintln!("skipped: there is no {client} in upstream's environment");
        return None;
    }
    let folder = support::scratch(&format!("bridge-clients-{client}-{}", proxy.is_some()));
    let config = format!(
        "c.JupyterHub.authenticator_class = 'generic-oauth'\n\
         g = c.GenericOAuthenticator\n\
         g.enable_auth_state = True\n\
         HERE = 'http://{}'\n\
         SECRET = {{'Authorization': 'Bearer Wallaby-17-sent'}}\n\
         async def hook(authenticator, user, state):\n    \
             told = []\n    \
             {}\n    \
             return {{'name': 'a', 'auth_state': {{**state, 'told': told}}}}\n\
         g.refresh_user_hook = hook\n",
        service(),
        code.replace('\n', "\n    ")
    );
    fs::write(folder.join("jupyterhub_config.py"), config).unwrap();
    fs::write(folder.join("state.json"), r#"{"access_token": "x", "token_response": {"access_token": "x"}}"#).unwrap();
    let flag = format!("--python={}", python.display());
    let mut arguments = vec!["refresh", "--auth-state", "state.json", "--format", "json", "--timeout", "60", &flag];
    let proxy = proxy.map(|proxy| format!("http://{proxy}"));
    arguments.extend(proxy.iter().flat_map(|proxy| ["--proxy", proxy]));
    let output = run(&folder, &arguments, &[]);
    let _ = fs::remove_dir_all(folder);
    Some((document(&output), String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Each way of asking comes to the same transcript.
fn same_transcript(client: &str, code: &str) {
    let Some((document, printed)) = told(client, code, None) else { return };
    assert_eq!(field(&document, "refresh"), "updated", "{client}: {printed}");
    // Python itself read every answer.
    let told = field(&document, "auth_state.told");
    assert!(told.contains("'/plain'") && told.contains("'/there'") && told.contains("refused"), "{client}: {told}");
    let Some(Value::List(exchanges)) = document.get("exchanges") else { panic!("{printed}") };
    let line = |exchange: &Value| {
        let path = field(exchange, "url").rsplit_once("://").unwrap().1.split_once('/').unwrap().1.to_owned();
        format!("{} /{path} {}", field(exchange, "method"), field(exchange, "status"))
    };
    let lines: Vec<String> = exchanges.iter().map(line).collect();
    assert_eq!(lines, ["POST /plain 200", "GET /go 302", "GET /there 200", "GET /no 403"], "{client}");
    let whole = |number: usize| exchanges[number].repr();
    assert!(whole(0).contains("sent-in-the-body"), "{client}: {}", whole(0));
    assert!(whole(0).contains("/plain"), "{client}: {}", whole(0));
    assert!(whole(3).contains("refused"), "{client}: {}", whole(3));
    assert!(!printed.contains("Wallaby"), "{client}: {printed}");
}

#[test]
fn requests() {
    same_transcript(
        "requests",
        "import requests\n\
         told.append(requests.post(HERE + '/plain', data={'word': 'sent-in-the-body'}, headers=SECRET).json())\n\
         told.append(requests.get(HERE + '/go').json())\n\
         told.append(requests.get(HERE + '/no').json())",
    );
}

#[test]
fn urllib() {
    same_transcript(
        "urllib",
        "import json, urllib.error\n\
         from urllib.request import Request, urlopen\n\
         asked = Request(HERE + '/plain', data=b'word=sent-in-the-body', headers=SECRET)\n\
         told.append(json.load(urlopen(asked)))\n\
         with urlopen(HERE + '/go') as answer:\n    told.append(json.loads(answer.readline().decode()))\n\
         try:\n    urlopen(HERE + '/no')\nexcept urllib.error.HTTPError as error:\n    told.append(error.read().decode())",
    );
}

#[test]
fn aiohttp() {
    same_transcript(
        "aiohttp",
        "import aiohttp, json\n\
         async with aiohttp.ClientSession() as session:\n    \
             async with session.post(HERE + '/plain', data={'word': 'sent-in-the-body'}, headers=SECRET) as answer:\n        \
                 told.append(json.loads(await answer.text()))\n    \
             async with session.get(HERE + '/go') as answer:\n        told.append(json.loads(await answer.read()))\n    \
             async with session.get(HERE + '/no') as answer:\n        told.append(await answer.text())",
    );
}

#[test]
fn httpx() {
    same_transcript(
        "httpx",
        "import httpx\n\
         told.append(httpx.post(HERE + '/plain', data={'word': 'sent-in-the-body'}, headers=SECRET).json())\n\
         async with httpx.AsyncClient(follow_redirects=True) as client:\n    \
             told.append((await client.get(HERE + '/go')).json())\n    \
             told.append((await client.get(HERE + '/no')).text)",
    );
}

#[test]
fn tornado() {
    same_transcript(
        "tornado",
        "import json\n\
         from tornado.httpclient import AsyncHTTPClient\n\
         client = AsyncHTTPClient()\n\
         ask = dict(method='POST', body='word=sent-in-the-body', headers=SECRET)\n\
         told.append(json.loads((await client.fetch(HERE + '/plain', **ask)).body))\n\
         sent = await client.fetch(HERE + '/go', follow_redirects=False, raise_error=False)\n\
         told.append(json.loads((await client.fetch(HERE + sent.headers['Location'])).body))\n\
         told.append((await client.fetch(HERE + '/no', raise_error=False)).body.decode())",
    );
}

/// The hub's client knows no proxy: oauthctl sends what tornado, `requests` and `urllib` would, and says so.
#[test]
fn through_a_proxy() {
    let code = "import json, requests\n\
                from urllib.request import urlopen\n\
                from tornado.httpclient import AsyncHTTPClient\n\
                told.append(json.loads((await AsyncHTTPClient().fetch('http://a.invalid/1')).body))\n\
                told.append(requests.get('http://a.invalid/2').json())\n\
                told.append(json.load(urlopen('http://a.invalid/3')))\n\
                told.append((await AsyncHTTPClient().fetch('http://a.invalid/no', raise_error=False)).code)";
    let Some((document, printed)) = told("requests", code, Some(service())) else { return };
    let told = field(&document, "auth_state.told");
    assert!((1..4).all(|number| told.contains(&format!("http://a.invalid/{number}"))), "{printed}");
    let Some(Value::List(exchanges)) = document.get("exchanges") else { panic!("{printed}") };
    assert_eq!(exchanges.len(), 4, "{printed}");
    assert!(document.get("warnings").unwrap().repr().contains("proxy-used"), "{printed}");
}
