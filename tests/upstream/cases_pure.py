"""Hooks and overridden methods that are simple enough for oauthctl to follow without Python. Prints a case a line."""

import json
import textwrap

from case import ABSENT, TOKEN, USER, case

CLOSED = {"allow_all": ABSENT}
MANAGED = {"manage_groups": True, "auth_state_groups_key": "oauth_user.groups"}
OTHER = {**USER, "username": "Bob.Lee", "email": "Bob@Else.where", "groups": []}


def hook(name, option, source, options=None, **more):
    lines = [f"c.GenericOAuthenticator.{option} = hook"]
    return case(f"pure {name}", options, before=[textwrap.dedent(source)], lines=lines, **more)


def mine(name, body, options=None, **more):
    text = "from oauthenticator.generic import GenericOAuthenticator\nclass Mine(GenericOAuthenticator):\n"
    text += textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return case(f"pure {name}", options, before=[text], lines=["c.JupyterHub.authenticator_class = Mine"], **more)


def post(name, body, options=None, **more):
    body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return hook(name, "post_auth_hook", f"def hook(authenticator, handler, auth_model):\n{body}", options, **more)


def cases():
    yield post("post lowers", 'auth_model["name"] = auth_model["name"].upper()\nreturn auth_model')
    yield post("post makes an admin", 'auth_model["admin"] = auth_model["name"] in ("alice", "root")\nreturn auth_model')
    yield post("post sets groups", 'return {**auth_model, "groups": ["late", auth_model["name"]]}')
    yield post("post keeps out", 'if auth_model["name"] == "alice":\n    return None\nreturn auth_model')
    yield post("post forgets to return", 'auth_model["admin"] = True')
    yield post("post raises", 'return auth_model["auth_state"]["nope"]')
    yield post("post changes the state", 'auth_model["auth_state"]["seen"] = auth_model["user_info"]\nreturn auth_model')
    yield post("post of somebody who is not allowed", 'auth_model["name"] = "x"\nreturn auth_model', CLOSED)
    yield hook("post, a lambda", "post_auth_hook", "hook = lambda a, h, model: {**model, 'admin': True}")
    yield hook("post, async", "post_auth_hook", "async def hook(a, h, model):\n    model['name'] += '-1'\n    return model")
    yield hook("claim", "username_claim", "hook = lambda user: user['email'].split('@')[0]")
    yield hook("state", "modify_auth_state_hook", "def hook(a, state):\n    state['n'] = len(state['oauth_user'])\n    return state")
    yield hook("state, async", "modify_auth_state_hook", "async def hook(a, state):\n    return {**state, 'scope': sorted(state['scope'])}")
    yield hook("state gone", "modify_auth_state_hook", "def hook(a, state):\n    state.clear()", MANAGED)
    yield hook("groups", "auth_state_groups_key", "def hook(state):\n    return [g + '!' for g in state['oauth_user']['groups']]", MANAGED)
    for user in (USER, OTHER):
        who = user["username"]
        yield mine(
            f"update_auth_model, {who}",
            """
            async def update_auth_model(self, auth_model):
                user = auth_model["auth_state"]["oauth_user"]
                auth_model["name"] = user["email"].split("@")[0]
                auth_model["admin"] = user["email"].endswith("@uni.edu") or None
                return auth_model
            """,
            user=user,
        )
        yield mine(
            f"check_allowed, {who}",
            """
            def check_allowed(self, username, auth_model):
                if "staff" in auth_model["auth_state"]["oauth_user"]["groups"]:
                    return True
                return False
            """,
            CLOSED,
            user=user,
        )
        yield mine(f"check_allowed, async, {who}", "async def check_allowed(self, username, authentication=None):\n    return username == 'alice'", CLOSED, user=user)
        yield mine(f"check_blocked_users, {who}", "def check_blocked_users(self, username, auth_model):\n    return '.' not in username", user=user)
        yield mine(f"normalize_username, {who}", "def normalize_username(self, username):\n    return username.lower().replace('.', '_')", {"allowed_users": {"BOB.LEE"}, "allow_all": ABSENT}, user=user)
        yield mine(f"user_info_to_username, {who}", "def user_info_to_username(self, user_info):\n    return user_info.get('nick') or user_info['email']", user=user)
        yield mine(f"get_user_groups, {who}", "def get_user_groups(self, auth_state):\n    return set(auth_state['oauth_user']['groups']) | {'all'}", {**MANAGED, "allowed_groups": {"staff"}, "allow_all": ABSENT}, user=user)
    yield mine("build_auth_state_dict", "def build_auth_state_dict(self, token_info, user_info):\n    return {'access_token': token_info['access_token'], 'who': user_info['sub']}")
    yield mine("build_auth_state_dict raises", "def build_auth_state_dict(self, token_info, user_info):\n    return user_info['nope']")
    yield mine("check_allowed changes the model", "def check_allowed(self, username, auth_model):\n    auth_model['admin'] = auth_model['name'] == 'alice'\n    return True", CLOSED)
    yield mine("check_blocked_users changes the model", "def check_blocked_users(self, username, auth_model):\n    auth_model['groups'] = ['g']\n    return True")
    yield mine("check_allowed raises", "def check_allowed(self, username, auth_model):\n    return int(username)", CLOSED)
    yield mine("check_allowed returns a list", "def check_allowed(self, username, auth_model):\n    return auth_model['auth_state']['oauth_user']['groups']", CLOSED)
    yield mine("normalize_username at the start", "def normalize_username(self, username):\n    return username.strip('x')", {"admin_users": {"xalicex"}})
    yield mine("user_info_to_username gives none", "def user_info_to_username(self, user_info):\n    return user_info.get('nick')")


if __name__ == "__main__":
    for one in cases():
        print(json.dumps(one))
