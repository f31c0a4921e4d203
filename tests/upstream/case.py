"""How a case is written: a configuration as Python text, and what the provider answers."""

import base64
import json

TOKEN = {"access_token": "AT", "token_type": "Bearer", "expires_in": 3600, "scope": "openid profile"}
USER = {"sub": "1", "username": "Alice", "email": "alice@uni.edu", "groups": ["staff", "users"]}
CLASSES = {
    "GenericOAuthenticator": "generic-oauth",
    "LocalGenericOAuthenticator": "local-generic-oauth",
    "OAuthenticator": "oauthenticator.oauth2.OAuthenticator",
    "CILogonOAuthenticator": "cilogon",
    "GlobusOAuthenticator": "globus",
    "GoogleOAuthenticator": "google",
    "LocalCILogonOAuthenticator": "local-cilogon",
    "LocalGlobusOAuthenticator": "local-globus",
    "LocalGoogleOAuthenticator": "local-google",
}
GENERIC = "GenericOAuthenticator"
# Stands for an option, or a key, that is not written at all.
ABSENT = object()


class Code(str):
    """A right-hand side that is written as it stands."""

    __repr__ = str.__str__


def base(allow_all=True):
    return {
        "authorize_url": "{P}/authorize",
        "token_url": "{P}/token",
        "userdata_url": "{P}/userinfo",
        "oauth_callback_url": "http://127.0.0.1:1/hub/oauth_callback",
        "client_id": "cid",
        "client_secret": "sec",
        "allow_all": allow_all,
    }


def without(mapping, *keys, **more):
    """The mapping with `more` on top, less `keys` and what is ABSENT."""
    merged = {**mapping, **more}
    return {key: value for key, value in merged.items() if key not in keys and value is not ABSENT}


def answer(value, status=200, headers=(), **more):
    """A JSON answer."""
    headers = [["Content-Type", "application/json"], *map(list, headers)]
    return {"status": status, "headers": headers, "body": json.dumps(value), **more}


def text(body, status=200, headers=(), **more):
    """An answer of any text, or any bytes."""
    if isinstance(body, bytes):
        return {"status": status, "headers": list(map(list, headers)), "hex": body.hex(), **more}
    return {"status": status, "headers": list(map(list, headers)), "body": body, **more}


def raw(whole):
    """All of an answer, its head too."""
    return {"raw": whole.hex()}


def moved(status, to):
    return text("", status, [("Location", to)])


def part(value):
    """One part of a JWT."""
    if not isinstance(value, bytes):
        value = json.dumps(value).encode()
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def jwt(payload, header=None, signature="c2ln"):
    return f"{part(header or {'alg': 'RS256', 'typ': 'JWT'})}.{part(payload)}.{signature}"


def case(name, options=None, *, cls=GENERIC, token=TOKEN, user=USER, lines=(), before=(), allow_all=True, **more):
    """One case: the base configuration with `options` on top, between lines of Python.

    `token` and `user` are the answers of the two endpoints: JSON values, or answers made by the functions above. `paths`
    adds other endpoints; `env`, `import_env`, `existing_users`, `callback`, `files`, `elsewhere` and `any_order` are passed
    on: `files` are written beside the configuration, `{F}` in it stands for their folder, `elsewhere` names an origin whose
    requests are to reach the provider too, and with `any_order` requests may come in any order.
    """
    merged = without({**base(allow_all), **(options or {})})
    config = [f"c.JupyterHub.authenticator_class = {CLASSES[cls]!r}", *before]
    config += [f"c.{option if '.' in option else cls + '.' + option} = {value!r}" for option, value in merged.items()]
    config += lines
    script = {"/token": token, "/userinfo": user, **more.pop("paths", {})}
    provider = {path: given if is_answer(given) else answer(given) for path, given in script.items()}
    return {"name": name, "config": "\n".join(config) + "\n", "provider": provider, **more}


def is_answer(given):
    if isinstance(given, list):
        return bool(given) and all(map(is_answer, given))
    return isinstance(given, dict) and bool({"raw", "fault"} & set(given) or {"status", "headers"} <= set(given))
