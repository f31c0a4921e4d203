"""oauthlib's base string, signature and header for requests that come as JSON lines."""

import json
import sys

from oauthlib.oauth1.rfc5849 import parameters, signature
from urllib.parse import urlparse

for line in sys.stdin:
    asked = json.loads(line)
    url, protocol = asked["url"], list(asked["protocol"].items())
    header = parameters.prepare_headers(protocol)
    collected = signature.collect_parameters(urlparse(url).query, None, header)
    base = signature.signature_base_string(
        asked["method"], signature.base_string_uri(url), signature.normalize_parameters(collected)
    )
    secrets = asked["consumer_secret"], asked["token_secret"]
    signed = signature._sign_hmac("SHA-1", base, *secrets)
    header = parameters.prepare_headers([*protocol, ("oauth_signature", signed)])["Authorization"]
    print(json.dumps({"base": base, "signature": signed, "header": header}), flush=True)
