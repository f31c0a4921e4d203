"""An OAuth 1.0a server out of oauthlib's own endpoints, at MediaWiki's addresses.

Reads the callback to register, prints its own address, and serves until standard input ends.
"""

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import jwt
from oauthlib import oauth1
from oauthlib.oauth1.rfc5849.errors import OAuth1Error

CONSUMER, SECRET = "consumer-key-of-the-test", "a secret & more ü"
NAME = "Søren K"


class Validator(oauth1.RequestValidator):
    """Everything in memory; each nonce, and each request token, is good once."""

    enforce_ssl = False
    dummy_client = dummy_request_token = dummy_access_token = "nobody-who-is-registered"
    safe_characters = property(lambda self: set(map(chr, range(33, 127))))

    def __init__(self):
        self.nonces, self.requests, self.access = set(), {}, {}

    client_key_length = request_token_length = access_token_length = nonce_length = verifier_length = (1, 99)

    def get_client_secret(self, client_key, request):
        return SECRET

    def validate_client_key(self, client_key, request):
        return client_key == CONSUMER

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        key = (client_key, timestamp, nonce, request_token, access_token)
        fresh = abs(time.time() - int(timestamp)) < 300 and key not in self.nonces
        self.nonces.add(key)
        return fresh

    def get_default_realms(self, client_key, request):
        return []

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri == "oob"

    def save_request_token(self, token, request):
        self.requests[token["oauth_token"]] = {"secret": token["oauth_token_secret"], "verifier": None}

    def verify_request_token(self, token, request):
        return token in self.requests

    def verify_realms(self, token, realms, request):
        return True

    def get_realms(self, token, request):
        return []

    def get_redirect_uri(self, token, request):
        return CALLBACK

    def save_verifier(self, token, verifier, request):
        self.requests[token]["verifier"] = verifier["oauth_verifier"]

    def validate_request_token(self, client_key, token, request):
        return token in self.requests

    def get_request_token_secret(self, client_key, token, request):
        return self.requests.get(token, {}).get("secret", "none")

    def validate_verifier(self, client_key, token, verifier, request):
        return self.requests[token]["verifier"] == verifier

    def save_access_token(self, token, request):
        self.access[token["oauth_token"]] = token["oauth_token_secret"]

    def invalidate_request_token(self, client_key, request_token, request):
        del self.requests[request_token]

    def validate_access_token(self, client_key, token, request):
        return token in self.access

    def get_access_token_secret(self, client_key, token, request):
        return self.access.get(token, "none")

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True


VALIDATOR = Validator()
SERVER = oauth1.WebApplicationServer(VALIDATOR)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        request = (here + self.path, self.command, None, dict(self.headers))
        step = dict(parse_qsl(urlsplit(self.path).query)).get("title", "").rpartition("/")[2]
        try:
            headers, body, status = getattr(self, step)(here, *request)
        except OAuth1Error as error:
            headers, body, status = {}, error.urlencoded, error.status_code
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        content = (body or "").encode()
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def initiate(self, here, *request):
        return SERVER.create_request_token_response(*request)

    def authenticate(self, here, uri, *rest):
        # oauthlib takes the realms of a form, and the token, from the address.
        return SERVER.create_authorization_response(uri, "GET", None, {}, realms=[])

    def token(self, here, *request):
        return SERVER.create_access_token_response(*request)

    def identify(self, here, *request):
        valid, checked = SERVER.validate_protected_resource_request(*request, realms=[])
        if not valid:
            return {"Content-Type": "application/json"}, '{"error": "refused", "message": "Invalid signature"}', 200
        now = int(time.time())
        claims = {"iss": here, "sub": "1", "aud": CONSUMER, "iat": now, "exp": now + 100, "nonce": checked.nonce}
        return {"Content-Type": "application/json"}, jwt.encode(claims | {"username": NAME}, SECRET, "HS256"), 200


CALLBACK = sys.stdin.readline().strip()
httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=httpd.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{httpd.server_address[1]}", flush=True)
sys.stdin.read()
