"""Cases about start-up: types, constraints, old names, precedence, environment variables, keys, and oddities of classes."""

from case import ABSENT, CLASSES, GENERIC, TOKEN, USER, Code, answer, case, jwt

BOOLS = ("allow_all", "allow_existing_users", "basic_auth", "enable_pkce", "manage_groups", "userdata_from_id_token",
         "validate_server_cert", "auto_login", "refresh_pre_spawn", "delete_invalid_users", "enable_auth_state")
TEXTS = ("client_id", "client_secret", "oauth_callback_url", "login_service", "authorize_url", "token_url", "userdata_url",
         "userdata_token_method", "username_claim", "username_pattern", "custom_403_message", "logout_redirect_url",
         "auth_state_groups_key")
LISTS = ("scope", "allowed_scopes")
DICTS = ("token_params", "userdata_params", "extra_authorize_params", "http_request_kwargs", "username_map")
SETS = ("allowed_users", "admin_users", "blocked_users", "allowed_groups", "admin_groups")
MANAGED = {"manage_groups": True}


def types():
    """Values of the wrong type, and of types that are bent into the right one."""
    for option in BOOLS:
        for value in ("true", "", 1, 0, None, [], 1.0):
            yield case(f"type {option} = {value!r}", {option: value})
    for option in TEXTS:
        more = MANAGED if "groups" in option else {}
        for value in (None, 5, b"cid", ["a"], True):
            yield case(f"type {option} = {value!r}", {**more, option: value})
    for option in LISTS:
        for value in (None, "openid", "openid profile", ("openid",), {"openid"}, [5], ["a", None], {}, {"a": 1}, Code("iter(['a'])")):
            yield case(f"type {option} = {value!r}", {"scope": ["openid"], option: value})
    for option in DICTS:
        for value in (None, "a=b", ["a"], [("a", "b")], (), 5, set()):
            yield case(f"type {option} = {value!r}", {option: value})
    for option in SETS:
        more = MANAGED if "groups" in option else {}
        odd = (None, "alice", "alice,bob", "", ["alice", "alice"], ("alice",), {"alice": 1}, {}, 5, [5], ["a", None], [["a"]],
               Code("frozenset({'alice'})"), Code("set('alice')"), Code("{'a', 5}"), [" alice "], [""], ["a/b"], True)
        for value in odd:
            yield case(f"type {option} = {value!r}", {**more, option: value}, allow_all=False)
    for value in (300, "300", 3.0, None, -1, True, 0):
        yield case(f"type auth_refresh_age = {value!r}", {"auth_refresh_age": value})


def constraints():
    for option, value in {"admin_groups": {"a"}, "allowed_groups": {"a"}, "auth_state_groups_key": "x", "claim_groups_key": "x"}.items():
        yield case(f"{option} without manage_groups", {option: value})
        yield case(f"{option} with manage_groups later", {option: value, **MANAGED})
        yield case(f"{option} with manage_groups off", {option: value, "manage_groups": False})
        yield case(f"{option} with manage_groups in the parent", {option: value, "Authenticator.manage_groups": True})
        yield case(f"empty {option} without manage_groups", {option: type(value)()})
        yield case(f"{option} in the parent", {f"OAuthenticator.{option}": value, "OAuthenticator.manage_groups": True})
    for scope, allowed in ((["a"], ["a"]), (["a"], ["b"]), ([], ["a"]), (ABSENT, ["a"]), (["a", "b"], ["b"]), (["a"], []), (["a b"], ["a"])):
        token = answer({**TOKEN, "scope": "a b"})
        options = {"scope": scope, "allowed_scopes": allowed}
        yield case(f"allowed_scopes {allowed} of {scope if scope is not ABSENT else None}", options, token=token, allow_all=False)
        turned = {"allowed_scopes": allowed, "scope": scope}
        yield case(f"allowed_scopes {allowed} before {scope if scope is not ABSENT else None}", turned, token=token, allow_all=False)
    both = {"userdata_from_id_token": True}
    given = answer({**TOKEN, "id_token": jwt({"aud": "cid", "username": "Bob"})})
    yield case("userdata_url and id_token", both, token=given)
    yield case("userdata_url after id_token", {"userdata_url": ABSENT, **both, "OAuthenticator.userdata_url": "{P}/userinfo"}, token=given)
    yield case("empty userdata_url and id_token", {"userdata_url": "", **both}, token=given)
    yield case("neither userdata_url nor id_token", {"userdata_url": ABSENT})
    yield case("userdata_url from the environment and id_token", {"userdata_url": ABSENT, **both}, token=given,
               env={"OAUTH2_USERDATA_URL": "http://127.0.0.1:1/x"})
    for name in ("alice/bob", " alice", "", "..", "%2e", "a\tb"):
        for option in ("allowed_users", "admin_users", "blocked_users"):
            yield case(f"invalid {option} {name!r}", {option: {name}})
    for pattern in ("^[a-z]+$", "[", "(?P<x>a", "a{2,1}", "(?<=a+)b", "^(?!root)", "\\p{L}+", "(?i)ALICE", "alice$", "^\\w+$", "a*+", "(?>a)lice", "[[:alpha:]]+", "\\Aalice\\Z", "^.{1,5}$", "(?x) a l i c e", "alic", "lice"):
        yield case(f"username_pattern {pattern}", {"username_pattern": pattern})
        yield case(f"username_pattern {pattern} with users", {"username_pattern": pattern, "allowed_users": {"bob", "alice"}}, allow_all=False)


def old_names():
    extra = {"username_key": "sub", "extra_params": {"a": "b"}, "tls_verify": False, "whitelist": {"alice"}, "blacklist": {"alice"}}
    new = {"username_key": "username_claim", "extra_params": "token_params", "tls_verify": "validate_server_cert",
           "whitelist": "allowed_users", "blacklist": "blocked_users"}
    other = {"username_key": "email", "extra_params": {"c": "d"}, "tls_verify": True, "whitelist": {"bob"}, "blacklist": {"bob"}}
    for old, value in extra.items():
        for cls in CLASSES:
            yield case(f"{old} on {cls}", {old: value}, cls=cls, allow_all=False)
        yield case(f"{old} before {new[old]}", {old: value, new[old]: other[old]}, allow_all=False)
        yield case(f"{old} after {new[old]}", {new[old]: other[old], old: value}, allow_all=False)
        yield case(f"{old} in the parent", {f"OAuthenticator.{old}": value}, allow_all=False)
        yield case(f"{old} in Authenticator", {f"Authenticator.{old}": value}, allow_all=False)
        yield case(f"{old} against the parent's {new[old]}", {old: value, f"OAuthenticator.{new[old]}": other[old]}, allow_all=False)
        yield case(f"{old} wrong type", {old: 5}, allow_all=False)
    groups = {**MANAGED, "allowed_groups": {"staff"}}
    user = {**USER, "teams": ["staff"], "nested": {"groups": ["staff"]}}
    for key in ("groups", "teams", "nested.groups", "", "none"):
        yield case(f"claim_groups_key {key!r}", {**groups, "claim_groups_key": key}, user=user, allow_all=False)
        for order in (0, 1):
            pair = [("claim_groups_key", key), ("auth_state_groups_key", "oauth_user.teams")]
            options = {**groups, **dict(pair[::-1] if order else pair)}
            yield case(f"claim_groups_key {key!r} and auth_state_groups_key, order {order}", options, user=user, allow_all=False)
    for option, value in {"admin_whitelist": {"alice"}, "group_whitelist": {"staff"}, "userdata_method": "GET", "username_clam": "sub",
                          "block_users": {"alice"}, "any_allow_config": True, "user_auth_state_key": "x"}.items():
        yield case(f"unknown or odd option {option}", {option: value})
    yield case("JupyterHub.admin_users", {"JupyterHub.admin_users": {"Alice"}}, allow_all=False)
    yield case("JupyterHub.admin_users beside admin_users", {"JupyterHub.admin_users": {"Alice"}, "admin_users": {"bob"}}, allow_all=False)
    yield case("JupyterHub.admin_users invalid", {"JupyterHub.admin_users": {"a/b"}})
    yield case("JupyterHub.admin_users list", {"JupyterHub.admin_users": ["alice"], "allowed_users": {"bob"}}, allow_all=False)


def precedence():
    chain = ("Authenticator", "OAuthenticator", "GenericOAuthenticator")
    for first in chain:
        for second in chain:
            if first != second:
                options = {f"{first}.username_claim": "sub", f"{second}.username_claim": "email"}
                yield case(f"username_claim in {first}, then {second}", options)
                options = {f"{first}.allowed_users": {"bob"}, f"{second}.allowed_users": {"alice"}}
                yield case(f"allowed_users in {first}, then {second}", options, allow_all=False)
    local = ("LocalAuthenticator", "LocalGenericOAuthenticator", *chain)
    for section in local:
        yield case(f"local class reads {section}", {f"{section}.username_claim": "sub"}, cls="LocalGenericOAuthenticator")
    for cls in ("GenericOauthenticator", "MyOAuthenticator", "Authenticators", "PAMAuthenticator", "LocalGenericOAuthenticator"):
        yield case(f"generic ignores {cls}", {f"{cls}.username_claim": "sub"})
    yield case("nested under JupyterHub", lines=["c.JupyterHub.GenericOAuthenticator.username_claim = 'sub'"])
    yield case("nested under JupyterHub, deeper class", lines=["c.JupyterHub.OAuthenticator.username_claim = 'sub'"])
    yield case("lazy add", {"allowed_users": {"bob"}}, lines=["c.GenericOAuthenticator.allowed_users.add('alice')"], allow_all=False)
    yield case("lazy add on nothing", lines=["c.GenericOAuthenticator.allowed_users.add('alice')"], allow_all=False)
    yield case("lazy update", lines=["c.GenericOAuthenticator.allowed_users.update({'alice'})"], allow_all=False)
    yield case("lazy append", lines=["c.GenericOAuthenticator.scope.append('x')"])
    yield case("lazy extend", {"scope": ["openid"]}, lines=["c.GenericOAuthenticator.scope.extend(['x', 'y'])"])
    yield case("lazy in parent and child", lines=["c.OAuthenticator.scope.append('x')", "c.GenericOAuthenticator.scope.append('y')"])
    yield case("lazy dict", lines=["c.GenericOAuthenticator.token_params.update({'a': 'b'})"])
    yield case("a set shared and changed later", before=["people = {'bob'}"], options={"allowed_users": Code("people")},
               lines=["people.add('alice')"], allow_all=False)


def broken():
    for kind, line in {
        "syntax": "c.X.y = (", "exception": "raise ValueError('x')", "name": "c.X.y = nobody", "exit": "import sys; sys.exit(0)",
        "division": "x = 1 / 0", "import": "import no_such_module_at_all", "indent": "  x = 1", "key": "x = {}['a']",
        "subconfig": "load_subconfig('nowhere.py')",
    }.items():
        yield case(f"broken file: {kind}", lines=[line])
    for name in ("generic", "GenericOAuthenticator", "oauthenticator.GenericOAuthenticator", "oauthenticator.generic.Generic",
                 "generic_oauth", "GENERIC-OAUTH", "", "nowhere.Class", "oauthenticator.generic"):
        yield case(f"authenticator_class {name!r}", {"JupyterHub.authenticator_class": name})
    for value in (None, 5, Code("dict"), Code("__import__('oauthenticator.generic', fromlist=['x']).GenericOAuthenticator()")):
        yield case(f"authenticator_class {value!r}", {"JupyterHub.authenticator_class": value})
    for line in ("from oauthenticator.generic import GenericOAuthenticator as Mine", "import oauthenticator.generic; Mine = oauthenticator.generic.GenericOAuthenticator",
                 "from oauthenticator.oauth2 import OAuthenticator as Mine", "Mine = 'oauthenticator.generic.LocalGenericOAuthenticator'"):
        yield case(f"class by {line}", before=[line], options={"JupyterHub.authenticator_class": Code("Mine"), "OAuthenticator.username_claim": "sub"})


def environment():
    no = {"client_id": ABSENT, "client_secret": ABSENT}
    credentials = {"OAUTH_CLIENT_ID": "env-id", "OAUTH_CLIENT_SECRET": "env-secret"}
    yield case("client from the environment", no, env=credentials)
    yield case("client from the environment, basic", {**no, "basic_auth": True}, env=credentials)
    yield case("client in both", env=credentials)
    yield case("client from nowhere", no)
    yield case("client set empty", {"client_id": "", "client_secret": ""}, env=credentials)
    yield case("client id from another class's variable", no, env={"GITHUB_CLIENT_ID": "gh", "GENERIC_CLIENT_ID": "g"})
    yield case("userdata_url from the environment, dead", {"userdata_url": ABSENT}, env={"OAUTH2_USERDATA_URL": "http://127.0.0.1:1/x"})
    yield case("token_url from the environment, dead", {"token_url": ABSENT}, env={"OAUTH2_TOKEN_URL": "http://127.0.0.1:1/x"})
    yield case("authorize_url from the environment", {"authorize_url": ABSENT}, env={"OAUTH2_AUTHORIZE_URL": "http://127.0.0.1:1/x"})
    for value in ("0", "false", "", "1"):
        yield case(f"OAUTH_TLS_VERIFY={value}", env={"OAUTH_TLS_VERIFY": value})
    inside = {
        "late variable": ["os.environ['OAUTH_CLIENT_ID'] = 'inside'"],
        "variable read at import": ["os.environ['OAUTH2_USERNAME_KEY'] = 'sub'"],
        "callback read at import": ["os.environ['OAUTH_CALLBACK_URL'] = 'http://127.0.0.1:1/odd'"],
        "basic auth read at import": ["os.environ['OAUTH2_BASIC_AUTH'] = '1'"],
        "variable deleted": ["os.environ.pop('OAUTH_CLIENT_ID', None)"],
    }
    for kind, lines in inside.items():
        yield case(f"file sets {kind}", no, before=["import os", *lines], env=credentials)
    imports = {
        "names": {"OAUTH2_USERNAME_KEY": "sub", "OAUTH2_GROUPS_KEY": "teams"},
        "request": {"OAUTH2_BASIC_AUTH": "True", "OAUTH2_USERDATA_REQUEST_TYPE": "url", "OAUTH_CALLBACK_URL": "http://127.0.0.1:1/hub/oauth_callback"},
        "empty": {"OAUTH2_USERNAME_KEY": "", "OAUTH2_GROUPS_KEY": "", "OAUTH2_BASIC_AUTH": "", "OAUTH2_USERDATA_REQUEST_TYPE": "", "LOGIN_SERVICE": ""},
    }
    user = {**USER, "teams": ["staff"]}
    for kind, variables in imports.items():
        for cls in CLASSES:
            more = {"import_env": variables, "cls": cls, "user": user}
            yield case(f"import environment {kind} on {cls}", **more)
            yield case(f"import environment {kind} on {cls}, no callback", {"oauth_callback_url": ABSENT}, **more)
            yield case(f"import environment {kind} on {cls}, groups", {**MANAGED, "allowed_groups": {"staff"}}, allow_all=False, **more)
            yield case(f"import environment {kind} on {cls}, set", {"username_claim": "email", "basic_auth": False, "userdata_token_method": "header"}, **more)
            if cls != "OAuthenticator":
                yield case(f"import environment {kind} on {cls}, old name", {"username_key": "email"}, **more)
                yield case(f"import environment {kind} on {cls}, claim", {**MANAGED, "claim_groups_key": "groups"}, **more)


def keys():
    good = "0123456789abcdef" * 4
    for kind, key in {
        "hex": good, "raw": "x" * 32, "base64": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=", "two": good + ";" + good[::-1], "empty-part": good + ";",
        "semicolon": ";", "short": "abc", "template": "$(openssl rand -hex 32)", "newline": good + "\n", "blank": " ", "not-hex": "z" * 64,
        "one-bad": good + ";abc", "unicode": "\u00e4" * 32, "quoted": f'"{good}"', "url-base64": "-_-_" * 10 + "-_8=", "bad-base64": "!" * 44,
    }.items():
        yield case(f"crypt key {kind}", {"enable_auth_state": True}, env={"JUPYTERHUB_CRYPT_KEY": key})
    yield case("crypt key bad, not needed", env={"JUPYTERHUB_CRYPT_KEY": "abc"})
    yield case("crypt key in the configuration", {"enable_auth_state": True, "CryptKeeper.keys": ["x" * 32]})
    yield case("crypt key in the configuration bad", {"enable_auth_state": True, "CryptKeeper.keys": ["x"]})


def callbacks():
    for kind, url in {"absent": ABSENT, "empty": "", "base": "http://127.0.0.1:1/oauth_callback", "slash": "http://127.0.0.1:1/hub/oauth_callback/",
                      "other": "http://127.0.0.1:1/hub/callback", "query": "http://127.0.0.1:1/hub/oauth_callback?x=1", "root": "http://127.0.0.1:1/"}.items():
        yield case(f"callback {kind}", {"oauth_callback_url": url})
        for base in ("/", "/jupyter/", "/a/b", "jupyter"):
            yield case(f"callback {kind} under {base}", {"JupyterHub.base_url": base, "oauth_callback_url": url})
    for base in ("/jupyter/", "/a/b", "/"):
        url = "http://127.0.0.1:1" + base.rstrip("/") + "/hub/oauth_callback"
        yield case(f"right callback under {base}", {"JupyterHub.base_url": base, "oauth_callback_url": url})


def cases():
    for group in (types, constraints, old_names, precedence, broken, environment, keys, callbacks):
        yield from group()
