"""Authenticators as operators write them: every overridable method, every hook, sync and async, and what they raise.

Prints a case a line, as `login_cases.py` does, each with `--python` for oauthctl.
"""

import json
import textwrap

import cases_multi
from case import ABSENT, TOKEN, USER, answer, case

IMPORTS = """
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthLoginHandler
from tornado import web
"""
CASES = []


def add(name, before, options=None, **more):
    text = IMPORTS + textwrap.dedent(before)
    CASES.append(case(name, options, before=[text], flags=["--python={PYTHON}"], **more))


def mine(name, body, options=None, bases="GenericOAuthenticator", head="", **more):
    """A case with a class of the operator's."""
    text = f"class Mine({bases}):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ")
    lines = ["c.JupyterHub.authenticator_class = Mine", *more.pop("lines", [])]
    add(name, textwrap.dedent(head) + text, options, lines=lines, **more)


def hook(name, option, source, options=None, **more):
    """A case with a function for an option."""
    lines = [f"c.GenericOAuthenticator.{option} = hook", *more.pop("lines", [])]
    add(name, source, options, lines=lines, **more)


ALLOW = {"allow_all": True}
CLOSED = {"allow_all": ABSENT}

# The methods, in the hub's order.
mine(
    "build_access_tokens_request_params",
    """
    def build_access_tokens_request_params(self, handler, data=None):
        params = super().build_access_tokens_request_params(handler, data)
        params["resource"] = "https://api.example/"
        del params["data"]
        return params
    """,
)
mine(
    "build_token_info_request_headers",
    """
    def build_token_info_request_headers(self):
        return {**super().build_token_info_request_headers(), "User-Agent": "Mine"}
    """,
)
mine(
    "get_token_info",
    """
    async def get_token_info(self, handler, params):
        token_info = await super().get_token_info(handler, params)
        token_info["token_type"] = "bearer"
        token_info["n"] = float("nan")
        return token_info
    """,
    token={key: value for key, value in TOKEN.items() if key != "token_type"},
)
mine(
    "build_userdata_request_headers",
    """
    def build_userdata_request_headers(self, access_token, token_type):
        return {"Authorization": f"token {access_token}"}
    """,
)
mine(
    "token_to_user",
    """
    async def token_to_user(self, token_info):
        user = await super().token_to_user(token_info)
        more = await self.httpfetch(self.userdata_url.replace("userinfo", "more"), method="GET")
        return {**user, **more}
    """,
    paths={"/more": {"username": "Bob"}},
)
mine("user_info_to_username", "def user_info_to_username(self, user_info):\n    return user_info['email'].split('@')[0]")
mine("normalize_username", "def normalize_username(self, username):\n    return username.replace('l', '1').lower()")
mine("validate_username", "def validate_username(self, username):\n    return username != 'alice'")
mine(
    "build_auth_state_dict",
    """
    def build_auth_state_dict(self, token_info, user_info):
        state = super().build_auth_state_dict(token_info, user_info)
        return {**state, "seen": {"a", "b"}, "pair": (1, 2.5), "none": None}
    """,
)
mine(
    "build_auth_state_dict, async",
    """
    async def build_auth_state_dict(self, token_info, user_info):
        return {**super().build_auth_state_dict(token_info, user_info), "big": 10**30}
    """,
)
mine("user_auth_state_key", "user_auth_state_key = 'person'", {"manage_groups": True, "auth_state_groups_key": "person.groups"})
mine(
    "update_auth_model",
    """
    async def update_auth_model(self, auth_model):
        auth_model["admin"] = auth_model["auth_state"]["oauth_user"]["email"].endswith("@uni.edu")
        return auth_model
    """,
    CLOSED,
)
GROUPS = {"manage_groups": True, "allowed_groups": {"staff!"}, "allow_all": ABSENT}
mine("get_user_groups", "def get_user_groups(self, auth_state):\n    return {'staff!'}", GROUPS)
mine("get_user_groups, async", "async def get_user_groups(self, auth_state):\n    return {'guests', 'staff!'}", GROUPS)
mine("check_blocked_users", "def check_blocked_users(self, username, authentication=None):\n    return username != 'alice'")
mine(
    "check_blocked_users, async",
    "async def check_blocked_users(self, username, authentication=None):\n    return username == 'alice'",
)
mine(
    "check_allowed",
    """
    def check_allowed(self, username, auth_model):
        return auth_model["auth_state"]["oauth_user"]["sub"] == "1"
    """,
    CLOSED,
)
mine(
    "check_allowed, async",
    """
    async def check_allowed(self, username, auth_model):
        return await super().check_allowed(username, auth_model) and False
    """,
    {"allow_all": ABSENT, "allowed_users": {"alice"}},
)
mine(
    "check_allowed turns away by 403",
    """
    async def check_allowed(self, username, auth_model):
        raise web.HTTPError(403, "not you, %s", username)
    """,
    CLOSED,
)
mine("is_admin", "def is_admin(self, handler, authentication):\n    return handler.get_argument('code') == 'THECODE'")
mine("is_admin, async", "async def is_admin(self, handler, authentication):\n    return False")
mine("authenticate gives nobody", "async def authenticate(self, handler, data=None, **kwargs):\n    return None")
mine("authenticate gives a name", "async def authenticate(self, handler, data=None, **kwargs):\n    return 'Carol'")
mine(
    "authenticate gives a model",
    "async def authenticate(self, handler, data=None, **kwargs):\n    return {'name': 'Dave', 'groups': ['x']}",
)

# The handlers.
mine(
    "login_handler",
    "login_handler = Login",
    head="""
    class Login(OAuthLoginHandler):
        def authorize_redirect(self, **kwargs):
            kwargs["extra_params"]["prompt"] = "consent"
            return super().authorize_redirect(**kwargs)

    """,
)
mine(
    "callback_handler",
    "callback_handler = Callback",
    head="""
    class Callback(OAuthCallbackHandler):
        def check_code(self):
            raise web.HTTPError(418, "no tea")

    """,
)

# The hooks and callables.
hook("username_claim", "username_claim", "hook = lambda user: user['email'].split('@')[0].upper()")
hook(
    "auth_state_groups_key",
    "auth_state_groups_key",
    "def hook(auth_state):\n    return [group + '!' for group in auth_state['oauth_user']['groups']]",
    GROUPS,
)
hook(
    "auth_state_groups_key, async",
    "auth_state_groups_key",
    "async def hook(auth_state):\n    return {'staff!'}",
    GROUPS,
)
hook(
    "modify_auth_state_hook",
    "modify_auth_state_hook",
    "def hook(authenticator, auth_state):\n    auth_state['class'] = type(authenticator).__name__\n    return auth_state",
)
hook(
    "modify_auth_state_hook, async",
    "modify_auth_state_hook",
    """
    import asyncio

    async def hook(authenticator, auth_state):
        await asyncio.sleep(0)
        return {**auth_state, "oauth_user": None}
    """,
)
hook(
    "post_auth_hook",
    "post_auth_hook",
    "def hook(authenticator, handler, authentication):\n    authentication['admin'] = True\n    return authentication",
)
hook(
    "post_auth_hook, async",
    "post_auth_hook",
    "async def hook(authenticator, handler, authentication):\n    return {**authentication, 'groups': ['late']}",
)
hook(
    "a hook that asks by tornado",
    "modify_auth_state_hook",
    """
    import json
    from tornado.httpclient import AsyncHTTPClient

    async def hook(authenticator, auth_state):
        url = authenticator.userdata_url.replace("userinfo", "extra")
        auth_state["extra"] = json.loads((await AsyncHTTPClient().fetch(url)).body)
        return auth_state
    """,
    paths={"/extra": {"a": 1}},
)
hook(
    "a hook that is refused",
    "modify_auth_state_hook",
    """
    async def hook(authenticator, auth_state):
        await authenticator.httpfetch(authenticator.userdata_url.replace("userinfo", "extra"), method="GET")
    """,
    paths={"/extra": answer({"error": "no"}, 403)},
)

# What they raise.
hook("a claim that raises KeyError", "username_claim", "hook = lambda user: user['nope']")
hook("a claim that gives nothing", "username_claim", "hook = lambda user: None")
hook("a claim that gives a number", "username_claim", "hook = lambda user: 7")
hook(
    "a hook that ends the hub",
    "post_auth_hook",
    "import sys\n\ndef hook(authenticator, handler, authentication):\n    sys.exit(3)",
)
hook(
    "a hook that gives nothing",
    "modify_auth_state_hook",
    "def hook(authenticator, auth_state):\n    pass",
)
mine(
    "update_auth_model raises 401",
    "async def update_auth_model(self, auth_model):\n    raise web.HTTPError(401, 'who?')",
)
mine(
    "token_to_user raises 403",
    "async def token_to_user(self, token_info):\n    raise web.HTTPError(403, 'not yet')",
)

# Classes with more to them.
mine(
    "options of its own",
    """
    from traitlets import Unicode, default
    suffix = Unicode("-a", config=True)

    @default("username_claim")
    def _claim(self):
        return "email"

    def normalize_username(self, username):
        return username.split("@")[0] + self.suffix
    """,
    lines=["c.Mine.suffix = '-b'"],
)
mine(
    "start-up normalises by the class",
    "def normalize_username(self, username):\n    return username.lower() + '_x'",
    {"allowed_users": {"ALICE"}, "allow_all": ABSENT},
)
mine(
    "start-up refuses by the class",
    "def validate_username(self, username):\n    return False",
    {"admin_users": {"root"}},
)
mine(
    "a mixin before the class",
    "pass",
    bases="Mixin, GenericOAuthenticator",
    head="class Mixin:\n    def user_info_to_username(self, user_info):\n        return super().user_info_to_username(user_info)[::-1]\n\n",
)
add("no class of its own", "", user=USER)
add("a provider that fails", "", token=answer({"error": "invalid_grant"}, 400))

CASES += cases_multi.in_python()

for one in CASES:
    print(json.dumps(one))
