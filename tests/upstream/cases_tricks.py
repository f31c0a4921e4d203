"""Classes as operators write them, with everything in them that reading may miss: what is patched later, mixed in, made
by a function, wrapped by a decorator, set on the instance. Prints a case a line, as `login_cases.py` does.
"""

import json
import textwrap

from case import ABSENT, TOKEN, USER, case

HEAD = """
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthenticator, OAuthLoginHandler
from traitlets import Unicode, List, Bool, default, observe, validate
"""
CLOSED = {"allow_all": ABSENT}
MANAGED = {"manage_groups": True, "auth_state_groups_key": "oauth_user.groups"}
CASES = []


def add(name, before, options=None, lines=("c.JupyterHub.authenticator_class = Mine",), **more):
    if "patch" in name:  # what it does to the stock classes is not for the cases after it
        more["import_env"] = {"ALONE": name}
    CASES.append(case(f"tricks {name}", options, before=[HEAD + textwrap.dedent(before)], lines=list(lines), **more))


def mine(name, body, options=None, bases="GenericOAuthenticator", head="", tail="", **more):
    text = f"{textwrap.dedent(head)}\nclass Mine({bases}):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n" + textwrap.dedent(tail)
    add(name, text, options, **more)


UPDATE = """
async def later(self, auth_model):
    auth_model["name"] = "patched"
    return auth_model
"""
ALLOWED = "def closed(self, username, auth_model=None):\n    return False\n"
HEADERS = "def headers(self, *args):\n    return {'Authorization': 'Other'}\n"
NAME = "def name(self, user_info):\n    return 'patched'\n"

# Changed after the class was made.
mine("patched after", "pass", head=UPDATE, tail="Mine.update_auth_model = later")
mine("patched over its own", "async def update_auth_model(self, auth_model):\n    auth_model['name'] = 'first'\n    return auth_model", head=UPDATE, tail="Mine.update_auth_model = later")
mine("setattr", "pass", head=UPDATE, tail="setattr(Mine, 'update_auth_model', later)")
mine("setattr over its own", "def user_info_to_username(self, user_info):\n    return 'first'", head=NAME, tail="setattr(Mine, 'user_info_to_username', name)")
mine("setattr, a name made up", "pass", head=NAME, tail="setattr(Mine, 'user_info' + '_to_username', name)")
mine("setattr in a loop", "pass", head=NAME + ALLOWED, tail="for what, how in (('user_info_to_username', name), ('check_allowed', closed)):\n    setattr(Mine, what, how)")
mine("setattr of unknown name", "pass", head=NAME, tail="import os\nsetattr(Mine, os.popen('echo user_info_to_username').read().strip(), name)")
add("stock patched", NAME + "GenericOAuthenticator.user_info_to_username = name", lines=())
add("stock base patched", NAME + "OAuthenticator.user_info_to_username = name", lines=())
add("stock patched through its module", NAME + "import oauthenticator.generic\noauthenticator.generic.GenericOAuthenticator.user_info_to_username = name", lines=())
add("hub's class patched", "import jupyterhub.auth\n" + ALLOWED + "jupyterhub.auth.Authenticator.check_blocked_users = closed", lines=())
add("headers patched", HEADERS + "GenericOAuthenticator.build_userdata_request_headers = headers", lines=())
add("post hook runner patched", "async def run(self, handler, model):\n    return None\nGenericOAuthenticator.run_post_auth_hook = run", lines=())
add("get_authenticated_user patched", "async def run(self, handler, data):\n    return None\nGenericOAuthenticator.get_authenticated_user = run", lines=())
add("private helper patched", "async def run(self, token_info):\n    return {'name': 'x'}\nGenericOAuthenticator._token_to_auth_model = run", lines=())
add("patched with a wrapper", "old = GenericOAuthenticator.user_info_to_username\nGenericOAuthenticator.user_info_to_username = lambda self, info: old(self, info)[::-1]", lines=())
add("patched by type.__setattr__", NAME + "type.__setattr__(GenericOAuthenticator, 'user_info_to_username', name)", lines=())
add("patched by a function", NAME + "def patch(cls):\n    cls.user_info_to_username = name\npatch(GenericOAuthenticator)", lines=())
add("patched in a class loop", NAME + "for cls in [GenericOAuthenticator]:\n    cls.user_info_to_username = name", lines=())
add("a module's function patched", "import oauthenticator.oauth2\noauthenticator.oauth2.OAuthenticator.authenticate = None", lines=())
add("a module's name patched", "import oauthenticator.oauth2\noauthenticator.oauth2.url_path_join = lambda *a: 'http://x/'", lines=())
add("mock.patch", "from unittest import mock\nmock.patch.object(GenericOAuthenticator, 'user_info_to_username', lambda self, u: 'patched').start()", lines=())
add("patched by items", NAME + "for key, value in {'user_info_to_username': name}.items():\n    setattr(GenericOAuthenticator, key, value)", lines=())

mine("patched after it is given to the hub", "pass", head=UPDATE, lines=["c.JupyterHub.authenticator_class = Mine", "Mine.update_auth_model = later"])
mine("a base of another package", "pass", bases="Elsewhere, GenericOAuthenticator", head="from collections import UserString\nclass Elsewhere(type('X', (), {'user_info_to_username': lambda self, user: 'far'})):\n    pass\n")
mine("an observer that only logs", "@observe('client_id')\ndef _seen(self, change):\n    self.log.info('changed %s', change['new'])")

# Assigned in the body.
mine("body assigns a function", "build_userdata_request_headers = headers", head=HEADERS)
mine("body assigns a lambda", "user_info_to_username = lambda self, user: user['email']")
mine("body assigns twice", "def user_info_to_username(self, u):\n    return 'first'\nuser_info_to_username = name", head=NAME)
mine("body defines twice", "def user_info_to_username(self, u):\n    return 'first'\ndef user_info_to_username(self, u):\n    return 'second'")
mine("body defines under if", "if 1 + 1 == 2:\n    def user_info_to_username(self, u):\n        return 'first'\nelse:\n    def user_info_to_username(self, u):\n        return 'second'")
mine("body defines under an unknown if", "import os\nif os.popen('true').read() == '':\n    def user_info_to_username(self, u):\n        return 'first'")
mine("body defines under try", "try:\n    import nothing_of_that_name\nexcept ImportError:\n    def user_info_to_username(self, u):\n        return 'first'")
mine("body deletes", "def user_info_to_username(self, u):\n    return 'first'\ndel user_info_to_username")
mine("body in a loop", "for key in ['user_info_to_username']:\n    locals()[key] = lambda self, u: 'first'")
mine("body execs", "exec('def user_info_to_username(self, u): return \"first\"')")
mine("body alias", "def mine(self, u):\n    return 'first'\nuser_info_to_username = mine")
mine("body staticmethod", "@staticmethod\ndef user_info_to_username(u):\n    return 'first'")
mine("body classmethod", "@classmethod\ndef user_info_to_username(cls, u):\n    return cls.__name__")
mine("body decorated", "@twice\ndef user_info_to_username(self, u):\n    return 'first'", head="def twice(f):\n    return lambda self, u: f(self, u) * 2\n")
mine("body partialmethod", "user_info_to_username = functools.partialmethod(base, 'x')", head="import functools\ndef base(self, x, u):\n    return x\n")
mine("a helper over a helper", "def user_info_to_username(self, u):\n    return self.pick(u)\ndef pick(self, u):\n    return u['email']")
mine("class-private helper", "def user_info_to_username(self, u):\n    return self.__pick(u)\ndef __pick(self, u):\n    return u['sub']")
mine("a global that changes", "def user_info_to_username(self, u):\n    return SUFFIX + u['sub']", head="SUFFIX = 'a'\n", tail="SUFFIX = 'b'")
mine("a default argument", "def user_info_to_username(self, u, suffix=SUFFIX):\n    return suffix + u['sub']", head="SUFFIX = 'a'\n", tail="SUFFIX = 'b'")
mine("a method that shadows a builtin", "def user_info_to_username(self, u):\n    return len(u['sub'])", head="def len(x):\n    return 'mylen'\n")
mine("a shadowed builtin later", "def user_info_to_username(self, u):\n    return str(u['sub'])", tail="def str(x):\n    return 'mystr'\n")
mine("re shadowed", "def user_info_to_username(self, u):\n    return re.sub('a', 'b', u['username'])", head="class re:\n    @staticmethod\n    def sub(*a):\n        return 'shadowed'\n")
mine("a nested function", "def user_info_to_username(self, u):\n    def pick():\n        return u['sub']\n    return 'n' + pick()")
mine("a generator instead", "def user_info_to_username(self, u):\n    yield u['sub']")
mine("async where sync is wanted", "async def user_info_to_username(self, u):\n    return u['sub']")
mine("sync where async is wanted", "def update_auth_model(self, model):\n    return model")
mine("sync check_allowed", "def check_allowed(self, username, auth_model):\n    return username == 'alice'", CLOSED)
mine("async check_allowed with super", "async def check_allowed(self, username, auth_model):\n    if await super().check_allowed(username, auth_model):\n        return True\n    return 'staff' in auth_model['auth_state']['oauth_user']['groups']", CLOSED)
mine("check_allowed that forgets to wait", "def check_allowed(self, username, auth_model):\n    return super().check_allowed(username, auth_model)", CLOSED)
mine("check_allowed truthy", "def check_allowed(self, username, auth_model):\n    return 'no'", CLOSED)
mine("check_allowed changes the model", "def check_allowed(self, username, auth_model):\n    auth_model['admin'] = True\n    return True", CLOSED)
mine("check_blocked_users", "def check_blocked_users(self, username, auth_model):\n    return username != 'alice'")
mine("is_admin", "def is_admin(self, handler, authentication):\n    return True")
mine("is_admin async", "async def is_admin(self, handler, authentication):\n    return authentication['name'] == 'alice'")
mine("is_admin with manage_groups", "def is_admin(self, handler, authentication):\n    return 'staff' in (authentication.get('groups') or [])", MANAGED)
mine("get_authenticated_user", "async def get_authenticated_user(self, handler, data):\n    model = await super().get_authenticated_user(handler, data)\n    return {**model, 'admin': True}")
mine("authenticate", "async def authenticate(self, handler, data=None, **kwargs):\n    model = await super().authenticate(handler, data, **kwargs)\n    model['name'] = 'over'\n    return model")
mine("authenticate gives a text", "async def authenticate(self, handler, data=None):\n    return 'justaname'")
mine("process_user", "async def process_user(self, user, handler):\n    return None")
mine("pre_spawn_start", "async def pre_spawn_start(self, user, spawner):\n    state = await user.get_auth_state()\n    spawner.environment['T'] = state['access_token']")
mine("get_user_groups", "def get_user_groups(self, auth_state):\n    return {g.upper() for g in auth_state['oauth_user']['groups']}", {"manage_groups": True, "allowed_groups": {"STAFF"}, "allow_all": ABSENT})
mine("get_user_groups async", "async def get_user_groups(self, auth_state):\n    return ['g']", MANAGED)
mine("get_user_groups with super", "def get_user_groups(self, auth_state):\n    return super().get_user_groups(auth_state) | {'more'}", MANAGED)
mine("normalize_username with super", "def normalize_username(self, username):\n    return super().normalize_username(username.split('@')[0])", {"username_claim": "email"})
mine("normalize with a map beside", "def normalize_username(self, username):\n    return self.username_map.get(username, username) + 'x'", {"username_map": {"Alice": "bob"}})
mine("validate_username", "def validate_username(self, username):\n    return False")
mine("token_to_user", "async def token_to_user(self, token_info):\n    return {'username': token_info['access_token']}")
mine("build_auth_state_dict", "def build_auth_state_dict(self, token_info, user_info):\n    return {'access_token': token_info['access_token'], 'oauth_user': user_info}", MANAGED)
mine("login_handler", "class L(OAuthLoginHandler):\n    pass\nlogin_handler = L")
mine("login_handler with more", "login_handler = Login", head="class Login(OAuthLoginHandler):\n    def get(self):\n        self.authenticator.extra_authorize_params = {'prompt': 'login'}\n        return super().get()\n")
mine("callback_handler", "callback_handler = Back", head="class Back(OAuthCallbackHandler):\n    async def get(self):\n        return await super().get()\n")
mine("get_handlers", "def get_handlers(self, app):\n    return super().get_handlers(app)")
mine("a callback url of its own", "def get_callback_url(self, handler=None):\n    return 'http://127.0.0.1:1/hub/oauth_callback'")
mine("a refresh_user", "async def refresh_user(self, user, handler=None, **kwargs):\n    return True")

# Options that the class decides.
mine("__init__", "def __init__(self, **kwargs):\n    super().__init__(**kwargs)\n    self.username_claim = 'email'")
mine("__init__ without arguments to super", "def __init__(self, *args, **kwargs):\n    super().__init__(*args, **kwargs)\n    self.allow_all = False\n    self.blocked_users = {'alice'}")
mine("__init__ puts a method on the object", "def __init__(self, **kwargs):\n    super().__init__(**kwargs)\n    self.user_info_to_username = lambda user: 'instance'")
mine("__init__ raises", "def __init__(self, **kwargs):\n    raise ValueError('no')")
mine("__init__ only logs", "def __init__(self, **kwargs):\n    super().__init__(**kwargs)\n    self.cache = {}")
mine("__new__", "def __new__(cls, *args, **kwargs):\n    made = super().__new__(cls, *args, **kwargs)\n    made.scope = ['new']\n    return made")
mine("setup_instance", "def setup_instance(self, *args, **kwargs):\n    super().setup_instance(*args, **kwargs)\n    self.scope = ['new']")
mine("_load_config", "def _load_config(self, cfg, **kwargs):\n    super()._load_config(cfg, **kwargs)\n    self.scope = ['loaded']")
mine("__getattribute__", "def __getattribute__(self, name):\n    return 'email' if name == 'username_claim' else super().__getattribute__(name)")
mine("__getattr__", "def __getattr__(self, name):\n    raise AttributeError(name)")
mine("__init_subclass__", "pass", bases="Base", head="class Base(GenericOAuthenticator):\n    def __init_subclass__(cls, **kwargs):\n        super().__init_subclass__(**kwargs)\n        cls.user_info_to_username = lambda self, user: 'made'\n")
mine("a property over a trait", "@property\ndef username_claim(self):\n    return 'email'")
mine("a property over an option that is set", "@property\ndef scope(self):\n    return ['p']", {"scope": ["a"]})
mine("a property over a plain attribute", "@property\ndef user_auth_state_key(self):\n    return 'person'", {"manage_groups": True, "auth_state_groups_key": "person.groups"})
mine("user_auth_state_key", "user_auth_state_key = 'person'", {"manage_groups": True, "auth_state_groups_key": "person.groups"})
mine("default", "@default('username_claim')\ndef _claim(self):\n    return 'email'")
mine("default by name", "def _username_claim_default(self):\n    return 'email'")
mine("default that asks itself", "@default('username_claim')\ndef _claim(self):\n    return 'email' if self.allow_all else 'sub'")
mine("default under a new name", "@trait_default('username_claim')\ndef _claim(self):\n    return 'email'", head="from traitlets import default as trait_default\n")
mine("default through the module", "@traitlets.default('username_claim')\ndef _claim(self):\n    return 'email'", head="import traitlets\n")
mine("default by keyword", "@default(name='username_claim')\ndef _claim(self):\n    return 'email'")
mine("default of a constant", "@default(OPTION)\ndef _claim(self):\n    return 'email'", head="OPTION = 'username_claim'\n")
mine("stock default overridden", "def _username_claim_default(self):\n    return 'sub'\n@default('username_claim')\ndef _x(self):\n    return 'email'")
mine("observe", "@observe('client_id')\ndef _seen(self, change):\n    self.username_claim = 'email'")
mine("observe all", "@observe(traitlets.All)\ndef _seen(self, change):\n    pass", head="import traitlets\n")
mine("observe by name", "def _client_id_changed(self, name, old, new):\n    self.username_claim = 'email'")
mine("observe that changes what is set", "@observe('client_id', 'username_claim')\ndef _seen(self, change):\n    self.scope = ['observed']", {"scope": ["a"]})
mine("validate", "@validate('client_id')\ndef _v(self, proposal):\n    return proposal['value'].upper()")
mine("validate another name", "@check('client_id')\ndef _v(self, proposal):\n    return proposal['value'].upper()", head="from traitlets import validate as check\n")
mine("validate of a constant", "@validate(OPTION)\ndef _v(self, proposal):\n    return proposal['value'].upper()", head="OPTION = 'client_id'\n")
mine("validate of several", "@validate('scope', 'client_id')\ndef _v(self, proposal):\n    return proposal['value'] * 2")
mine("stock validator overridden", "def _validate_userdata_token_method(self, proposal):\n    return 'url'\n@validate('userdata_token_method')\ndef _v(self, proposal):\n    return 'url'")
mine("class attributes", "username_claim = 'email'\nallow_all = True\nclient_id = 'attr'", {"client_id": ABSENT, "allow_all": ABSENT})
mine("a trait declared anew", "username_claim = Unicode('email', config=True)")
mine("a trait of its own", "domain = Unicode('uni.edu', config=True)\ndef user_info_to_username(self, u):\n    return u['sub'] + '@' + self.domain", lines=["c.JupyterHub.authenticator_class = Mine", "c.Mine.domain = 'x.y'"])
mine("a trait tagged", "username_claim = Unicode('email').tag(config=True)")
mine("a property set with a setter", "@property\ndef username_claim(self):\n    return 'email'\n@username_claim.setter\ndef username_claim(self, value):\n    pass", {"username_claim": "sub"})
mine("attribute from a function", "username_claim = claim()", head="def claim():\n    return 'email'\n")
mine("attribute from the environment", "import os\nusername_claim = os.environ.get('CLAIM', 'email')")

# Made in other ways.
add("type()", NAME + "Mine = type('Mine', (GenericOAuthenticator,), {'user_info_to_username': name})")
add("type() with attributes", "Mine = type('Mine', (GenericOAuthenticator,), {'username_claim': 'email'})")
add("types.new_class", "import types\nMine = types.new_class('Mine', (GenericOAuthenticator,), {}, lambda ns: ns.update(username_claim='email'))")
add("a factory", "def make(base):\n    class Made(base):\n        def user_info_to_username(self, u):\n            return 'made'\n    return Made\nMine = make(GenericOAuthenticator)")
add("a factory with a closure", "def make(base, claim):\n    class Made(base):\n        def user_info_to_username(self, u):\n            return u[claim]\n    return Made\nMine = make(GenericOAuthenticator, 'email')")
add("a factory as a base", "def make(base):\n    class Made(base):\n        def user_info_to_username(self, u):\n            return 'made'\n    return Made\nclass Mine(make(GenericOAuthenticator)):\n    pass")
add("a class decorator", NAME + "def deco(cls):\n    cls.user_info_to_username = name\n    return cls\n@deco\nclass Mine(GenericOAuthenticator):\n    pass")
add("a class decorator that replaces", "def deco(cls):\n    class Other(cls):\n        def user_info_to_username(self, u):\n            return 'other'\n    return Other\n@deco\nclass Mine(GenericOAuthenticator):\n    pass")
add("a class decorator from elsewhere", "import functools\n@functools.lru_cache\nclass Mine(GenericOAuthenticator):\n    pass", lines=["c.JupyterHub.authenticator_class = Mine.__wrapped__"])
add("a metaclass", "class Meta(type(GenericOAuthenticator)):\n    def __new__(m, n, b, d):\n        d['user_info_to_username'] = lambda self, u: 'meta'\n        return super().__new__(m, n, b, d)\nclass Mine(GenericOAuthenticator, metaclass=Meta):\n    pass")
add("a metaclass of a base", "class Meta(type(GenericOAuthenticator)):\n    def __init__(cls, n, b, d):\n        super().__init__(n, b, d)\n        cls.user_info_to_username = lambda self, u: 'meta'\nclass Base(GenericOAuthenticator, metaclass=Meta):\n    pass\nclass Mine(Base):\n    pass")
add("a mixin", "class Mixin:\n    def user_info_to_username(self, u):\n        return 'mixed'\nclass Mine(Mixin, GenericOAuthenticator):\n    pass")
add("a mixin that comes too late", "class Mixin:\n    def user_info_to_username(self, u):\n        return 'mixed'\nclass Mine(GenericOAuthenticator, Mixin):\n    pass")
add("a mixin with super", "class Mixin:\n    def user_info_to_username(self, u):\n        return super().user_info_to_username(u)[::-1]\nclass Mine(Mixin, GenericOAuthenticator):\n    pass")
add("two levels", "class A(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'a'\nclass Mine(A):\n    def user_info_to_username(self, u):\n        return 'b' + u['sub']")
add("defined twice", "class Mine(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'first'\nclass Mine(GenericOAuthenticator):\n    pass")
add("derived from itself", "class Mine(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'first'\nclass Mine(Mine):\n    username_claim = 'sub'")
add("the stock name taken", "class GenericOAuthenticator(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'taken'", lines=["c.JupyterHub.authenticator_class = GenericOAuthenticator"])
add("the stock name taken, and the entry point", "class GenericOAuthenticator(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'taken'", lines=())
add("under if", "import os\nif os.environ.get('NOT_SET_ANYWHERE'):\n    class Mine(GenericOAuthenticator):\n        pass\nelse:\n    class Mine(GenericOAuthenticator):\n        def user_info_to_username(self, u):\n            return 'else'")
add("under an unknown if", "import os\nif os.popen('true').read():\n    class Mine(GenericOAuthenticator):\n        pass\nelse:\n    class Mine(GenericOAuthenticator):\n        def user_info_to_username(self, u):\n            return 'else'")
add("try and except ImportError", "try:\n    from no_such_package import Mine\nexcept ImportError:\n    class Mine(GenericOAuthenticator):\n        def user_info_to_username(self, u):\n            return 'else'")
add("a function that gives the class", "class Real(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'real'\ndef Mine():\n    return Real", lines=["c.JupyterHub.authenticator_class = Mine()"])
add("a function in place of the class", "def Mine():\n    return GenericOAuthenticator")
add("a lambda in place of the class", "Mine = lambda *a, **k: GenericOAuthenticator(*a, **k)")
add("an instance", "Mine = GenericOAuthenticator()")
add("a dictionary of classes", "class A(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'a'\nKINDS = {'a': A, 'b': GenericOAuthenticator}", lines=["c.JupyterHub.authenticator_class = KINDS['a']"])
add("globals()", "class A(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'a'", lines=["c.JupyterHub.authenticator_class = globals()['A']"])
add("__main__ path", "class Mine(GenericOAuthenticator):\n    pass", lines=["c.JupyterHub.authenticator_class = '__main__.Mine'"])
add("a dataclass-like namespace", "import types\nns = types.SimpleNamespace(A=GenericOAuthenticator)", lines=["c.JupyterHub.authenticator_class = ns.A"])
add("through getattr", "import oauthenticator.generic as g", lines=["c.JupyterHub.authenticator_class = getattr(g, 'Generic' + 'OAuthenticator')"])
add("import_module", "import importlib\nMine = importlib.import_module('oauthenticator.generic').GenericOAuthenticator")
add("functools.partial", "import functools\nMine = functools.partial(GenericOAuthenticator, username_claim='email')")
add("exec'd class", "exec('class Mine(GenericOAuthenticator):\\n    def user_info_to_username(self, u):\\n        return \"x\"')")

# Beside the file.
BESIDE = "from oauthenticator.generic import GenericOAuthenticator\nclass Mine(GenericOAuthenticator):\n    def user_info_to_username(self, u):\n        return 'beside'\n"
PATH = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\n"
add("a module beside", PATH + "from {M} import Mine", files={"{M}.py": BESIDE})
add("a module beside, by its path", PATH, files={"{M}.py": BESIDE}, lines=["c.JupyterHub.authenticator_class = '{M}.Mine'"])
add("a module beside that patches", PATH + "import {M}", files={"{M}.py": "from oauthenticator.generic import GenericOAuthenticator\nGenericOAuthenticator.user_info_to_username = lambda self, u: 'beside'\n"}, lines=())
add("a module beside that patches by setattr", PATH + "import {M}", files={"{M}.py": "from oauthenticator.generic import GenericOAuthenticator\nsetattr(GenericOAuthenticator, 'user_info_to_username', lambda self, u: 'beside')\n"}, lines=())
add("a module beside, patched here", PATH + "from {M} import Mine\n" + NAME + "Mine.user_info_to_username = name", files={"{M}.py": BESIDE})
add("a module beside with a function", PATH + "from {M} import pick", {"allow_all": True}, files={"{M}.py": "def pick(user):\n    return user['email']\n"}, lines=["c.GenericOAuthenticator.username_claim = pick"])
add("a module beside with a method", PATH + "import {M}\nclass Mine(GenericOAuthenticator):\n    user_info_to_username = {M}.pick", files={"{M}.py": "def pick(self, user):\n    return user['email']\n"})

# Functions for options.
def option(name, option, value, before="", options=None, **more):
    add(name, before, options, lines=[f"c.GenericOAuthenticator.{option} = {value}"], **more)


option("an object that can be called", "username_claim", "Pick('email')", "class Pick:\n    def __init__(self, key):\n        self.key = key\n    def __call__(self, user):\n        return user[self.key]\n")
option("a bound method", "username_claim", "Pick().pick", "class Pick:\n    def pick(self, user):\n        return user['email']\n")
option("a partial", "username_claim", "functools.partial(pick, 'email')", "import functools\ndef pick(key, user):\n    return user[key]\n")
option("itemgetter", "username_claim", "operator.itemgetter('email')", "import operator\n")
option("a closure", "username_claim", "make('email')", "def make(key):\n    def pick(user):\n        return user[key]\n    return pick\n")
option("a closure in a loop", "username_claim", "picks[0]", "picks = []\nfor key in ('email', 'sub'):\n    picks.append(lambda user: user[key])\n")
option("a cached function", "username_claim", "pick", "import functools\n@functools.lru_cache\ndef pick(user):\n    return user['email']\n")
option("a function that is decorated", "username_claim", "pick", "def upper(f):\n    return lambda user: f(user).upper() + '!'\n@upper\ndef pick(user):\n    return user['email']\n")
option("a function with a counter", "username_claim", "pick", "seen = []\ndef pick(user):\n    seen.append(1)\n    return str(len(seen))\n")
option("a function that reads the environment", "username_claim", "pick", "import os\ndef pick(user):\n    return os.environ.get('CLAIM', 'none')\n")
option("a function with a global", "username_claim", "pick", "N = 'a'\ndef pick(user):\n    return N\nN = 'b'\n")
option("a function redefined", "username_claim", "pick", "def pick(user):\n    return 'a'\nkeep = pick\ndef pick(user):\n    return 'b'\n")
option("a function kept", "username_claim", "keep", "def pick(user):\n    return 'a'\nkeep = pick\ndef pick(user):\n    return 'b'\n")
option("an async claim", "username_claim", "pick", "async def pick(user):\n    return 'a'\n")
option("a hook with a method", "post_auth_hook", "Hooks().run", "class Hooks:\n    async def run(self, a, h, model):\n        return {**model, 'admin': True}\n")
option("a hook that asks the authenticator", "post_auth_hook", "hook", "def hook(a, h, model):\n    model['name'] = a.username_claim\n    return model\n")
option("a hook that asks the handler", "post_auth_hook", "hook", "def hook(a, h, model):\n    model['name'] = h.get_argument('code')\n    return model\n")
option("a hook that raises 403", "post_auth_hook", "hook", "from tornado import web\ndef hook(a, h, model):\n    raise web.HTTPError(403, 'no')\n")
option("a hook that is a class", "modify_auth_state_hook", "Hook", "class Hook(dict):\n    def __init__(self, a, state):\n        super().__init__(state)\n")

# Made of parts of the hub.
add("a class of another kind", "from oauthenticator.github import GitHubOAuthenticator\nclass Mine(GitHubOAuthenticator):\n    async def update_auth_model(self, auth_model):\n        auth_model = await super().update_auth_model(auth_model)\n        auth_model['admin'] = True\n        return auth_model", user={"login": "Alice"}, lines=["c.JupyterHub.authenticator_class = Mine", "c.Mine.authorize_url = '{P}/authorize'", "c.Mine.token_url = '{P}/token'", "c.Mine.userdata_url = '{P}/userinfo'", "c.Mine.client_id = 'x'", "c.Mine.client_secret = 'y'", "c.Mine.allow_all = True", "c.Mine.oauth_callback_url = 'http://127.0.0.1:1/hub/oauth_callback'"])
add("the helper of github", "from oauthenticator.github import GitHubOAuthenticator\nclass Mine(GitHubOAuthenticator):\n    async def _check_membership_allowed_organizations(self, *args):\n        return True", user={"login": "Alice"}, lines=["c.JupyterHub.authenticator_class = Mine", "c.Mine.authorize_url = '{P}/authorize'", "c.Mine.token_url = '{P}/token'", "c.Mine.userdata_url = '{P}/userinfo'", "c.Mine.client_id = 'x'", "c.Mine.client_secret = 'y'", "c.Mine.allowed_organizations = {'o'}", "c.Mine.oauth_callback_url = 'http://127.0.0.1:1/hub/oauth_callback'"])
add("the section of a class that is not made", "class Mine(GenericOAuthenticator):\n    pass", lines=["c.JupyterHub.authenticator_class = Mine", "c.Other.username_claim = 'email'", "c.Mine.username_claim = 'sub'"])


if __name__ == "__main__":
    for number, made in enumerate(CASES):
        text = json.dumps(made).replace("{M}", f"beside_{number}")
        print(text)
