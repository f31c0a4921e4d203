"""Cases about entries of a `MultiAuthenticator`: how they are configured, named, prefixed and served."""

import random

from case import TOKEN, USER, Code, answer, base, case, without

HUB = "http://127.0.0.1:1/hub"
LIST = "MultiAuthenticator.authenticators"
MULTI = "c.JupyterHub.authenticator_class = 'multiauthenticator'"


def config(prefix="/here", **options):
    callback = f"{HUB}/{prefix.strip('/')}/oauth_callback".replace("hub//", "hub/")
    return without(base(), **{"oauth_callback_url": callback, **options})


def entry(cls="generic-oauth", prefix="/here", **options):
    return {"authenticator_class": cls, "url_prefix": prefix, "config": config(prefix, **options)}


OTHER = {"authenticator_class": "github", "url_prefix": "/other", "config": {"client_id": "x", "client_secret": "y"}}
PAM = {"authenticator_class": "pam", "url_prefix": "/pam"}


def multi(name, *entries, index=0, pick=None, lines=(), first=MULTI, user=USER, token=TOKEN, **more):
    """A case whose login goes by the entry at `index`; `pick` is the name that oauthctl is given for it."""
    written = [f"c.{LIST} = {list(entries)!r}"]
    more = {"entry": index, "sample": 12, **more}
    if pick is not None:
        more["flags"] = ["--authenticator", pick, *more.get("flags", [])]
    made = case(f"multi: {name}", user=user, token=token, **more)
    return {**made, "config": "\n".join([first, *written, *lines]) + "\n"}


def named(**more):
    return answer({**USER, **more})


def forms():
    yield multi("one entry", entry())
    yield multi("picked by its prefix", entry(), OTHER, pick="here")
    yield multi("picked by its prefix with a slash", OTHER, entry(), PAM, index=1, pick="/here")
    yield multi("picked by its class", entry(), OTHER, pick="GenericOAuthenticator")
    yield multi("picked by its short name", entry(), OTHER, pick="generic-oauth")
    yield multi("picked by its login service", OTHER, entry(login_service="My IdP"), index=1, pick="my idp")
    yield multi("picked by its service name", OTHER, entry(service_name="My IdP"), index=1, pick="My IdP")
    yield multi("picked by the prefix of names", OTHER, entry(login_service="here-we-are"), index=1, pick="Here-we-are:")
    whole = config()
    yield multi("a tuple", ("generic-oauth", "/here", whole))
    yield multi("a list", ["generic-oauth", "/here", whole])
    yield multi("a tuple with more", ("generic-oauth", "/here", whole, "ignored"))
    for short in (("generic-oauth",), ("generic-oauth", "/here"), (), ("generic-oauth", "", False, {})):
        yield multi(f"a tuple of {len(short)}", short)
    for missing in ("authenticator_class", "url_prefix"):
        yield multi(f"an entry without {missing}", without(entry(), missing))
    for wrong in ("generic-oauth", None, 5, set(), True):
        yield multi(f"an entry that is {wrong!r}", entry(), wrong)
    for cls in ("nobody", "oauthenticator.generic.Nobody", "", "generic", None, 5, "GENERIC-OAUTH", "oauthenticator.generic.GenericOAuthenticator"):
        yield multi(f"of class {cls!r}", entry(cls))
    for wrong in (None, [], "text", 5):
        yield multi(f"config that is {wrong!r}", {**entry(), "config": wrong})
    yield multi("config with a key that is no text", {**entry(), "config": {5: 1}})
    yield multi("an imported class", entry(Code("GenericOAuthenticator")), lines=(), first="from oauthenticator.generic import GenericOAuthenticator\n" + MULTI)
    local = "from oauthenticator.generic import GenericOAuthenticator\nclass Mine(GenericOAuthenticator):\n    login_service = 'Mine'\n    prefix_is = 1\n"
    yield multi("a class of its own", entry(Code("Mine")), first=local + MULTI, pick="mine")
    own = "from oauthenticator.generic import GenericOAuthenticator\nclass Mine(GenericOAuthenticator):\n    {} = 'Known as'\n"
    for attribute in ("prefix", "service_name", "login_service"):
        yield multi(f"a class with a {attribute}", entry(Code("Mine")), first=own.format(attribute) + MULTI)
    for path in ("multiauthenticator.MultiAuthenticator", "multiauthenticator.multiauthenticator.MultiAuthenticator", "MultiAuthenticator"):
        yield multi(f"the class as {path}", entry(), first=f"c.JupyterHub.authenticator_class = {path!r}")
    imported = "from multiauthenticator import MultiAuthenticator\nc.JupyterHub.authenticator_class = "
    yield multi("the class itself", entry(), first=imported + "MultiAuthenticator")
    derived = imported.replace("c.Jup", "class Both(MultiAuthenticator):\n    pass\nc.Jup") + "Both"
    yield multi("a class derived from it", entry(), first=derived)
    yield multi("a class derived from it, with its section", entry(), first=derived, lines=("c.Both.username_prefix = 'both-'",))


def prefixes():
    for service in ("GitHub", "My IdP", "x", "a/b", " x", "A:b", ":", "", "\u0130", 5, None):
        yield multi(f"service_name {service!r}", entry(service_name=service))
        yield multi(f"login_service {service!r}", entry(login_service=service))
    for prefix in ("", "x", "X-", "a/b", " ", "a:b:", None, 5):
        line = f"c.MultiAuthenticator.username_prefix = {prefix!r}"
        yield multi(f"username_prefix {prefix!r}", entry(), lines=(line,))
        yield multi(f"username_prefix {prefix!r} with a service_name", entry(service_name="A:b"), lines=(line,))
        yield multi(f"username_prefix {prefix!r} with a login_service", entry(login_service="A:b"), lines=(line,))
    maps = (
        {"alice": "bob"}, {"idp:": "known-"}, {"idp:alice": "idp:carol"}, {"idp:alice": "carol"}, {"idp:bob": "idp:dora", "alice": "bob"}, {"idp:": 5}, {"idp:alice": 5},
    )
    for mapping in maps:
        options = {"login_service": "IdP", "username_map": mapping}
        yield multi(f"username_map {mapping}", entry(**options))
        yield multi(f"username_map {mapping} with users", entry(**options, allow_all=False, allowed_users={"alice", "bob", "carol"}))
    for pattern in ("^alice$", "^idp:", "a", "["):
        yield multi(f"username_pattern {pattern}", entry(login_service="IdP", username_pattern=pattern))
    for name in ("Alice", "idp:alice", "a/b", "", " x", 5, None):
        yield multi(f"name {name!r}", entry(login_service="IdP"), user=named(username=name))


def lists():
    idp = {"login_service": "IdP", "allow_all": False}
    for option in ("allowed_users", "admin_users", "blocked_users"):
        for name in ("alice", "Alice", "idp:alice", "IdP:alice", "bob"):
            options = {**idp, option: {name}, "allow_all": option == "blocked_users"}
            yield multi(f"{option} {name}", entry(**options))
            of_hub = without(options, option)
            yield multi(f"{option} {name} for all", entry(**of_hub), lines=(f"c.Authenticator.{option} = {{{name!r}}}",))
            yield multi(f"{option} {name} of the hub's own", entry(**of_hub), lines=(f"c.MultiAuthenticator.{option} = {{{name!r}}}",))
    yield multi("allow_all of the hub's own", entry(**idp), lines=("c.MultiAuthenticator.allow_all = True",))
    yield multi("allow_all for all", entry(**without(idp, "allow_all")), lines=("c.Authenticator.allow_all = True",))
    yield multi("admins of the hub by its old option", entry(**idp, allowed_users={"alice"}), lines=("c.JupyterHub.admin_users = {'idp:alice'}",))
    for name in ("a/b", ""):
        yield multi(f"an admin who is called {name!r}", entry(), lines=(f"c.MultiAuthenticator.admin_users = {{{name!r}}}",))
        yield multi(f"an entry's admin who is called {name!r}", entry(admin_users={name}))
    yield multi("existing users", entry(**idp, allow_existing_users=True), existing_users=["idp:alice", "alice"])
    yield multi("existing users of the hub's own", entry(**idp), existing_users=["idp:alice"], lines=("c.MultiAuthenticator.allow_existing_users = True",))
    for allowed in ({"staff"}, {"none"}):
        groups = {**idp, "manage_groups": True, "auth_state_groups_key": "oauth_user.groups", "allowed_groups": allowed, "admin_groups": {"users"}}
        yield multi(f"allowed_groups {allowed}", entry(**groups))
        yield multi(f"allowed_groups {allowed} without managing", entry(**without(groups, "manage_groups", "auth_state_groups_key", "admin_groups")))
    yield multi("managing by the hub's own", entry(**idp, allowed_users={"alice"}), lines=("c.MultiAuthenticator.manage_groups = True",))
    yield multi("a local class", entry("local-generic-oauth", **idp, allowed_groups={"root"}), user=named(username="root"))


def sections():
    """An entry reads the sections of its classes, and its own config wins."""
    claim = {"login_service": "IdP"}
    for section in ("GenericOAuthenticator", "OAuthenticator", "Authenticator", "WrapperAuthenticator", "MultiAuthenticator", "GitHubOAuthenticator", "LocalAuthenticator"):
        for option, value in (("username_claim", "sub"), ("username_key", "sub"), ("username_map", {"alice": "bob"}), ("admin_users", {"alice"}), ("extra_params", {"a": "b"})):
            line = f"c.{section}.{option} = {value!r}"
            yield multi(f"{line} below", entry(**claim), lines=(line,))
            yield multi(f"c.MultiAuthenticator.{section}.{option} within", entry(**claim), lines=(line.replace("c.", "c.MultiAuthenticator.", 1),))
            yield multi(f"c.JupyterHub.{section}.{option} outside", entry(**claim), lines=(line.replace("c.", "c.JupyterHub.", 1),))
            theirs = {"username_claim": "email", "username_key": "email", "username_map": {"alice": "carol"}, "admin_users": {"x"}, "extra_params": {"c": "d"}}
            if section != "MultiAuthenticator":
                yield multi(f"{line} against {option}", entry(**claim, **{option: theirs[option]}), lines=(line,))
                yield multi(f"{line} against its successor", entry(**claim, username_claim="email", token_params={"x": "y"}), lines=(line,))
    yield multi("an unknown option", entry(usernme_claim="sub"))
    for option, value in (("username_claim", 5), ("client_id", None), ("scope", "openid"), ("allowed_users", ["alice"]), ("allowed_users", "alice"), ("extra_params", {"a": 1}),
                          ("tls_verify", False), ("tls_verify", True), ("claim_groups_key", "groups"), ("allowed_groups", {"a"}), ("basic_auth", 1), ("enable_pkce", False), ("username_key", "email"),
                          ("whitelist", {"alice"}), ("group_whitelist", {"alice"}), ("custom_403_message", "no"), ("login_service", "Here")):
        yield multi(f"{option} = {value!r}", entry(**{option: value}))
        yield multi(f"{option} = {value!r} in a section", entry(), lines=(f"c.GenericOAuthenticator.{option} = {value!r}",))
    env = {"OAUTH_CLIENT_ID": "from-env", "OAUTH_CLIENT_SECRET": "s", "OAUTH_CALLBACK_URL": HUB + "/here/oauth_callback", "LOGIN_SERVICE": "Env"}
    nothing = {"authenticator_class": "generic-oauth", "url_prefix": "/here"}
    urls = [f"c.OAuthenticator.{name} = {value!r}" for name, value in base().items() if name.endswith("_url") and name != "oauth_callback_url"]
    yield multi("all of it elsewhere", nothing, lines=(*urls, "c.OAuthenticator.allow_all = True"), env=env, import_env=env)
    yield multi("the default service of a class", entry("cilogon", allowed_idps={"https://github.com/login/oauth/authorize": {"username_derivation": {"username_claim": "sub"}}}))


def paths():
    for prefix in ("/here", "here", "/here/", "", "/", "/a/b", "//x", "/oauth_callback", "/H"):
        yield multi(f"url_prefix {prefix!r}", entry(prefix=prefix))
        yield multi(f"url_prefix {prefix!r} without a callback", entry(prefix=prefix, oauth_callback_url=""))
    for callback in ("/hub/oauth_callback", "/here/oauth_callback", "/hub/here/oauth_callback/", "/hub/other/oauth_callback", "/hub/here/login", "/hub/here"):
        yield multi(f"callback {callback}", entry(oauth_callback_url="http://127.0.0.1:1" + callback))
    for base_url in ("/jup", "/jup/", "jup"):
        lines = (f"c.JupyterHub.base_url = {base_url!r}",)
        for callback in ("/jup/hub/here/oauth_callback", "/hub/here/oauth_callback", "/jup/here/oauth_callback"):
            yield multi(f"callback {callback} under {base_url}", entry(oauth_callback_url="http://127.0.0.1:1" + callback), lines=lines)
    for prefix in (None, 5, ["x"]):
        yield multi(f"url_prefix {prefix!r}", {**entry(), "url_prefix": prefix})


def providers():
    """The same around other classes, and seeded mixtures."""
    yield multi("the base class", entry("oauthenticator.oauth2.OAuthenticator", username_claim="username"))
    yield multi("auth_state for one", entry(enable_auth_state=True))
    for error in ("error=access_denied&state={STATE}", "code={CODE}&state={STATE}"):
        yield multi(f"callback with {error[:5]}", entry(), callback=error)
    yield multi("a refused token", entry(), token=answer({"error": "bad"}, 400))
    yield multi("userdata that fails", entry(), user=answer({}, 500))
    yield multi("a hook", entry(modify_auth_state_hook=Code("lambda authenticator, state: {**state, 'more': 1}")))
    yield multi("a claim by function", entry(username_claim=Code("lambda user: user['sub']")))
    dice = random.Random(17)
    for number in range(60):
        options = {"login_service": dice.choice(["IdP", "oauth", "A B"])}
        for option, values in (
            ("allow_all", [True, False]), ("allowed_users", [{"alice"}, {"idp:alice"}, {"bob"}]), ("admin_users", [{"alice"}, {"oauth:alice"}, set()]), ("blocked_users", [{"alice"}, {"bob"}]),
            ("username_claim", ["sub", "email", "username"]), ("username_map", [{"alice": "bob"}, {"idp:alice": "idp:x"}]), ("service_name", ["Svc", "svc 2"]), ("manage_groups", [True]),
            ("enable_pkce", [False]), ("basic_auth", [True]), ("username_pattern", ["^[a-z: ]+$"]), ("allow_existing_users", [True]),
        ):
            if dice.random() < 0.35:
                options[option] = dice.choice(values)
        if options.get("manage_groups"):
            options["auth_state_groups_key"] = "oauth_user.groups"
        lines = [line for line in (
            "c.MultiAuthenticator.username_prefix = 'p-'", "c.Authenticator.admin_users = {'alice', 'idp:alice'}", "c.OAuthenticator.allowed_users = {'alice'}",
            "c.WrapperAuthenticator.allow_all = True", "c.GenericOAuthenticator.username_claim = 'email'",
        ) if dice.random() < 0.25]
        yield multi(f"mixture {number}", OTHER, entry(**options), index=1, pick="here", lines=lines, user=named(username=dice.choice(["Alice", "bob"])))


def in_python():
    """Cases for `--python`, where the package itself decides."""
    python = {"flags": ["--python={PYTHON}"], "env": {"PYTHONPATH": "{BESIDE}"}}
    idp = entry(login_service="IdP", allow_all=False, allowed_users={"alice"}, admin_users={"idp:alice"})
    yield multi("in Python", OTHER, idp, index=1, pick="idp", **python)
    yield multi("in Python, turned away", idp, pick="here", user=named(username="bob"), **python)
    yield multi("in Python, one entry of a class of its own", entry(Code("Mine")), first=OWN + MULTI, **python)
    yield multi("in Python, made in a loop", entry(), first="# one two\n" + MULTI, lines=LOOP, index=1, pick="two", **python)
    yield multi("in Python, no start", idp, {**idp, "url_prefix": None}, {"authenticator_class": "generic-oauth"}, pick="idp", **python)


OWN = """
from oauthenticator.generic import GenericOAuthenticator
class Mine(GenericOAuthenticator):
    login_service = 'Mine'
    async def update_auth_model(self, model):
        model['admin'] = model['name'] == 'alice'
        return model
"""
LOOP = (
    f"entries = c.{LIST}",
    f"c.{LIST} = [{{**entries[0], 'url_prefix': '/' + name, 'config': {{**entries[0]['config'], 'login_service': name, "
    f"'oauth_callback_url': '{HUB}/' + name + '/oauth_callback'}}}} for name in open(__file__).readline().split()[-2:]]",
)


def cases():
    return [*forms(), *prefixes(), *lists(), *sections(), *paths(), *providers()]
