"""Cases of refreshes, made of the cases of logins: what a login left behind, and what the provider says to it later.

Prints a case a line, as `login_cases.py` does.
"""

import json
import random
import re

import login_cases
from case import TOKEN, answer, text

KEYS = ("a5" * 32, "17" * 32 + ";" + "a5" * 32)
# What the first requests with the old token come to. A list of two is for classes that ask more than once.
OLD_TOKEN = {
    "good": [],
    "expired": [answer({"error": "invalid_token"}, 401)],
    "expired twice": [answer({"error": "invalid_token"}, 401)] * 2,
    "revoked": [answer({}, 403)],
    "400": [text("", 400)],
    "404": [answer({"message": "Not Found"}, 404)],
    "429": [answer({}, 429, [("Retry-After", "30")])],
    "499": [text("", 499)],
    "500": [answer({}, 500)],
    "503": [text("", 503)],
    "599": [text("", 599)],
    "302": [text("", 302)],
    "304": [text("", 304)],
    "no answer": [text("", fault="close")],
    "no JSON": [text("<html>")],
    "null": [text("null")],
    "empty": [text("")],
    "a list": [answer([])],
    "always": [answer({}, 401)] * 30,
}
RENEWED = {**TOKEN, "access_token": "AT2"}
# What the refresh token comes to.
REFRESH = {
    "as at the login": None,
    "rotated": answer({**RENEWED, "refresh_token": "RT2"}),
    "kept": answer(RENEWED),
    "emptied": answer({**RENEWED, "refresh_token": ""}),
    "null": answer({**RENEWED, "refresh_token": None}),
    "other scope": answer({**RENEWED, "scope": "less", "refresh_token": "RT2"}),
    "refused": answer({"error": "invalid_grant"}, 400),
    "refused in words": answer({"error": "invalid_grant", "error_description": "Token has been revoked"}),
    "401": answer({}, 401),
    "500": text("oops", 500),
    "no answer": text("", fault="close"),
    "no token": answer({"token_type": "Bearer"}),
    "no type": answer({"access_token": "AT2"}),
    "a list": answer(["access_token"]),
    "a text": answer("access_token"),
    "null at all": text("null"),
    "empty": text(""),
    "no JSON": text("<html>"),
    "not a text": answer({**RENEWED, "access_token": 5}),
}
# What is left in auth_state; the function has the state as a login leaves it.
STATES = {
    "whole": lambda state: state,
    "with refresh token": lambda state: {**state, "refresh_token": "RT"},
    "with refresh token ": lambda state: {**state, "refresh_token": "RT"},
    "with both": lambda state: {**state, "refresh_token": "RT", "token_response": {**response(state), "refresh_token": "RT0"}},
    "none": lambda state: None,
    "empty": lambda state: {},
    "no token_response": lambda state: without(state, "token_response"),
    "token_response null": lambda state: {**state, "token_response": None, "refresh_token": "RT"},
    "token_response empty": lambda state: {**state, "token_response": {}, "refresh_token": "RT"},
    "token_response a text": lambda state: {**state, "token_response": "AT"},
    "no access_token inside": lambda state: {**state, "token_response": without(response(state), "access_token"), "refresh_token": "RT"},
    "no token_type inside": lambda state: {**state, "token_response": without(response(state), "token_type")},
    "refresh_token empty": lambda state: {**state, "refresh_token": ""},
    "refresh_token a number": lambda state: {**state, "refresh_token": 5},
    "only tokens": lambda state: {"access_token": "AT", "refresh_token": "RT"},
    "more than was": lambda state: {**state, "refresh_token": "RT", "mine": {"a": [1]}},
}
LINES = (
    "c.Authenticator.auth_refresh_age = 0", "c.Authenticator.auth_refresh_age = 1", "c.Authenticator.auth_refresh_age = -1", "c.Authenticator.refresh_pre_spawn = True",
    "c.Authenticator.refresh_pre_stop = True", "c.Authenticator.auth_refresh_strict = True", "c.Authenticator.admin_users = {'alice'}", "c.Authenticator.blocked_users = {'alice'}",
    "c.Authenticator.allowed_users = {'nobody'}", "c.Authenticator.username_map = {'alice': 'bob'}", "c.OAuthenticator.basic_auth = True", "c.Authenticator.enable_auth_state = False",
    "c.OAuthenticator.userdata_from_id_token = True", "c.OAuthenticator.modify_auth_state_hook = lambda authenticator, state: {**state, 'hooked': True}",
    "c.Authenticator.manage_groups = True", "c.OAuthenticator.admin_groups = {'staff'}", "c.OAuthenticator.token_params = {'resource': 'x'}", "c.OAuthenticator.userdata_params = {'p': 'q'}",
)
BY_CLASS = 60


def without(mapping, *keys):
    return {key: value for key, value in mapping.items() if key not in keys}


def response(state):
    given = state["token_response"]
    return given if isinstance(given, dict) else dict(TOKEN)


def left_behind(made):
    """The auth_state after the login of a case."""
    given = made["provider"].get("/token") or next((v for k, v in made["provider"].items() if "token" in k), None)
    try:
        token = json.loads(given["body"])
        token["access_token"]
    except (TypeError, KeyError, ValueError):
        token = dict(TOKEN)
    scope = token.get("scope") if isinstance(token.get("scope"), str) else ""
    return {
        "access_token": token["access_token"], "refresh_token": token.get("refresh_token"), "id_token": token.get("id_token"), "scope": scope.split(" "),
        "token_response": token, "oauth_user": {"left": "behind"},
    }


def refresh(number, made, old, new, state, lines, dice):
    provider = {**made["provider"], "#GET": OLD_TOKEN[old], "#POST": [] if REFRESH[new] is None else [REFRESH[new]]}
    asked = {"user": dice.choice(["alice", "alice", "Someone Else"]), "auth_state": STATES[state](left_behind(made)), "force": dice.random() < 0.2}
    if dice.random() < 0.3:
        asked["encrypted"] = True
    name = f"{number} of {made['name']}: token {old}, renewal {new}, state {state}, {' '.join(lines)}"
    if "entry" in made and "--authenticator" in made.get("flags", []):
        asked["by_entry"] = True
    return played(name, {**made, "provider": provider}, asked, lines, dice)


def played(name, made, asked, lines, dice):
    env = {**made.get("env", {}), "JUPYTERHUB_CRYPT_KEY": dice.choice(KEYS)}
    config = made["config"] + "\n".join(["c.Authenticator.enable_auth_state = True", *lines]) + "\n"
    return {**made, "name": f"refresh {name}", "config": config, "refresh": asked, "env": env, "sample": 20}


def wiki(dice):
    """MediaWiki's class, whose logins have cases of their own: it never gets as far as asking the wiki."""
    options = "allow_all = True", "client_id = 'ck'", "client_secret = 'cs'", "mw_index_url = '{P}/w/index.php'", "oauth_callback_url = 'http://127.0.0.1:1/hub/oauth_callback'"
    config = "\n".join(["c.JupyterHub.authenticator_class = 'mediawiki'", *(f"c.MWOAuthenticator.{option}" for option in options)]) + "\n"
    made = {"name": "mediawiki", "config": config, "provider": {}}
    identity = {"username": "Alice Smith", "sub": "7", "groups": ["user"]}
    own = {"ACCESS_TOKEN_KEY": "k", "ACCESS_TOKEN_SECRET": "s", "MEDIAWIKI_USER_IDENTITY": identity}
    states = {
        **STATES, "its own": lambda state: own, "its own with refresh token": lambda state: {**own, "refresh_token": "RT"}, "its own, empty token_response": lambda state: {**own, "token_response": {}},
        "its own, token_response with a consumer": lambda state: {**own, "token_response": {"access_token": None, "consumer_token": None}},
    }
    for lines in ([], ["c.Authenticator.auth_refresh_age = 0"], ["c.Authenticator.enable_auth_state = False"], ["c.Authenticator.admin_users = {'Alice Smith'}", "c.Authenticator.refresh_pre_spawn = True"]):
        for state, change in states.items():
            asked = {"user": "alice", "auth_state": change(left_behind(made)), "force": dice.random() < 0.3}
            yield played(f"of mediawiki: state {state}, {' '.join(lines)}", made, asked, lines, dice)


def cls(made):
    return re.search(r"authenticator_class = (\S+)", made["config"])[1]


def cases():
    dice = random.Random(4)
    by_class = {}
    for made in login_cases.CASES:
        if not {"elsewhere", "existing_users", "callback", "import_env"} & set(made):
            by_class.setdefault(cls(made), []).append(made)
    number = 0
    for several in by_class.values():
        # Of every class some plain ones with everything that can happen, and a mixture.
        plain = several[0]
        pairs = [(old, "rotated", "with refresh token") for old in OLD_TOKEN] + [("expired", new, "with refresh token") for new in REFRESH] + [("good", "rotated", state) for state in STATES]
        pairs += [("expired", "rotated", state) for state in STATES]
        if len(several) < 3:
            pairs = dice.sample(pairs, 6)
        for old, new, state in pairs:
            number += 1
            yield refresh(number, plain, old, new, state, [], dice)
        for _ in range(min(BY_CLASS, len(several))):
            number += 1
            old = dice.choice(["good", "good", "expired", "expired", *OLD_TOKEN])
            new = dice.choice(["rotated", "kept", *REFRESH])
            state = dice.choice(["whole", "with refresh token", "with refresh token", *STATES])
            lines = [line for line in LINES if dice.random() < 0.12]
            yield refresh(number, dice.choice(several), old, new, state, lines, dice)
    yield from wiki(dice)


if __name__ == "__main__":
    for made in cases():
        print(json.dumps(made))
