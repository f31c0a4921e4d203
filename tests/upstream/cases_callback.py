"""Cases of callbacks that the hub refuses, or that it takes though they look odd; oauthctl is given their address by hand."""

import base64
import json

from case import case

GOOD = "code={CODE}&state={STATE}"


def state(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode()


QUERIES = (
    "", "code={CODE}", "state={STATE}", "code=&state={STATE}", "code={CODE}&state=", "code={CODE}&state=wrong", "code={CODE}&state={STATE}x", "code={CODE}&state=x{STATE}",
    "code={CODE}&state=%20{STATE}%20", "code=%20{CODE}%20&state={STATE}", "code=%20&state={STATE}", "code={CODE}&code=other&state={STATE}", "code=&code={CODE}&state={STATE}",
    "code={CODE}&state={STATE}&state=wrong", "code={CODE}&state=wrong&state={STATE}", "error=access_denied", "error=access_denied&state={STATE}", "error=access_denied&state=wrong",
    "error=access_denied&error_description=No&state={STATE}", "error=access_denied&error_description=&state={STATE}", "error=&code={CODE}&state={STATE}", "error=%20&code={CODE}&state={STATE}",
    "error_description=only&code={CODE}&state={STATE}", "error=a&error=&code={CODE}&state={STATE}", "error=&error=a&code={CODE}&state={STATE}", "error=%ff&state={STATE}", "code=%ff&state={STATE}",
    "code={CODE}&state=%ff", "code={CODE}&state=%c3%a9", "code={CODE}&state=%00", "code={CODE}&state={STATE}&other=%ff", "CODE={CODE}&STATE={STATE}", "code={CODE};state={STATE}", "code={CODE}&state={STATE}&",
    "&&code={CODE}&state={STATE}", "code={CODE}&iss=https%3A%2F%2Fevil.example&state={STATE}", "code=a%0d%0ab&state={STATE}", "code=a%00b&state={STATE}",
    "code={CODE}&state=" + state({}), "code={CODE}&state=" + state({"state_id": ""}), "code={CODE}&state=" + state({"state_id": None}), "code={CODE}&state=" + state({"state_id": "0" * 32}),
    "code={CODE}&state=" + state([]), "code={CODE}&state=" + state("x"), "code={CODE}&state=" + state(None), "code={CODE}&state=" + state(5), "code={CODE}&state=" + state(b"\xff"),
    "code={CODE}&state=" + state(b" "), "code={CODE}&state=a", "code={CODE}&state=====", "code={CODE}&state=%2B%2F", "code={CODE}&state=" + state({"state_id": 5}), "code={CODE}&state=" + state({"state_id": ["x"]}),
)


def cases():
    for query in (*QUERIES, GOOD):
        yield case(f"callback {query}", callback=query, paste=True)
    for query in QUERIES[:24]:
        yield case(f"callback {query} on globus", {"username_claim": "username"}, cls="GlobusOAuthenticator", callback=query, paste=True)
        yield case(f"callback {query} without PKCE", {"enable_pkce": False}, callback=query, paste=True)
