"""A wiki that answers as a script says, and remembers what it was asked, and whether oauthlib finds it rightly signed."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote, urlsplit

from oauthlib.oauth1.rfc5849 import signature, utils

CONSUMER, SECRET = "ck", "cs & more"
REQUEST_TOKEN = {"initiate": "", "token": "rs", "identify": "as"}


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def identity(script, nonce, issuer):
    """A signed token of the scripted claims. `{"+": 5}` stands for a time five seconds from now."""
    claims = {"iss": issuer, "sub": "1", "aud": CONSUMER, "iat": {"+": 0}, "exp": {"+": 100}, "nonce": nonce}
    claims |= {"username": "Alice Smith", "groups": ["*", "user"]}
    claims |= script.get("claims", {})
    for name in script.get("without", []):
        claims.pop(name, None)
    for name, value in claims.items():
        if isinstance(value, dict) and "+" in value:
            claims[name] = int(time.time()) + value["+"]
    signed = f"{part(script.get('header', {'alg': 'HS256', 'typ': 'JWT'}))}.{part(claims)}"
    mac = hmac.new(script.get("secret", SECRET).encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{part(mac.digest())}" + script.get("after", "")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.respond()

    do_GET = respond = lambda self: self.server.wiki.answer(self)


class Wiki:
    def __init__(self):
        self.script = {}
        self.requests = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.wiki = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        here = f"http://127.0.0.1:{self.port}"
        url = here + handler.path
        step = dict(parse_qsl(urlsplit(url).query)).get("title", "").rpartition("/")[2]
        header = handler.headers.get("Authorization", "")
        fields = dict(utils.parse_authorization_header(header)) if header else {}
        fields = {name: unquote(value) for name, value in fields.items()}
        self.remember(handler, url, step, fields)
        script = self.script.get(step, {})
        if "redirect" in script and urlsplit(url).path != "/moved":
            return self.send(handler, script["redirect"], "", {"Location": f"{here}/moved?{urlsplit(url).query}"})
        if "body" in script:
            body = script["body"]
        elif step == "identify":
            body = identity(script, fields.get("oauth_nonce"), here)
        elif step in ("initiate", "token"):
            key, secret = {"initiate": ("rk", "rs"), "token": ("ak", "as")}[step]
            body = f"oauth_token={key}&oauth_token_secret={secret}&oauth_callback_confirmed=true"
        else:
            return self.send(handler, 404, "<html>no such page</html>", {"Content-Type": "text/html"})
        self.send(handler, script.get("status", 200), body, script.get("headers", {"Content-Type": "text/plain; charset=utf-8"}))

    def remember(self, handler, url, step, fields):
        request = SimpleNamespace(
            uri=url,
            http_method=handler.command,
            params=signature.collect_parameters(urlsplit(url).query, None, dict(handler.headers)),
            signature=fields.get("oauth_signature", ""),
        )
        token = self.script.get("token_secret", REQUEST_TOKEN.get(step, ""))
        once = {"oauth_nonce", "oauth_timestamp", "oauth_signature"}
        self.requests.append(
            {
                "request": f"{handler.command} {handler.path}",
                "agent": handler.headers.get("User-Agent"),
                "length": handler.headers.get("Content-Length"),
                "fields": [[name, "" if name in once else value] for name, value in fields.items()],
                "digits": fields.get("oauth_nonce", "0").isdigit() and fields.get("oauth_timestamp", "0").isdigit(),
                "signed": signature.verify_hmac_sha1(request, self.script.get("consumer_secret", SECRET), token),
            }
        )

    def send(self, handler, status, body, headers):
        content = body.encode("utf-8", "surrogateescape")
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True
