# The hub, as far as it concerns logins.

STAGES = {
    "build_access_tokens_request_params": "token",
    "build_refresh_token_request_params": "token",
    "get_token_info": "token",
    "token_to_user": "userdata",
    "user_info_to_username": "username",
    "normalize_username": "username",
    "validate_username": "username",
    "build_auth_state_dict": "auth_state",
    "_call_modify_auth_state_hook": "auth_state",
    "update_auth_model": "decision",
    "get_user_groups": "decision",
    "check_blocked_users": "decision",
    "check_allowed": "decision",
    "is_admin": "decision",
    "run_post_auth_hook": "decision",
}


class Notes(logging.Handler):
    """What the hub would log as a warning or worse."""

    def __init__(self, channel):
        super().__init__(logging.WARNING)
        self.channel = channel
        self.left = 200

    def emit(self, record):
        if self.left > 0:
            self.left -= 1
            try:
                self.channel.say(event="log", level=record.levelname, message=record.getMessage())
            except Exception:
                pass


class Connection:
    """What a handler needs of the connection that it writes to."""

    def set_close_callback(self, callback):
        pass

    def write_headers(self, start_line, headers, chunk=None):
        done = asyncio.get_event_loop().create_future()
        done.set_result(None)
        return done

    def write(self, chunk):
        return self.write_headers(None, None)

    def finish(self):
        pass


class Silent:
    """Takes whatever it is told."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Hub:
    def __init__(self, channel):
        self.channel = channel
        self.stage = "config"
        self.watching = False
        self.model = None
        self.called = []
        self.wire = None
        self.entries = None
        self.index = None

    async def load(self, ask):
        """The start-up: what `JupyterHub.initialize` does before anybody can log in."""
        versions = {"python": sys.version.split()[0]}
        # Half of the time that importing the hub takes, for a check of addresses in events that no login sends.
        sys.modules["rfc3987_syntax"] = None
        for name in ("jupyterhub", "oauthenticator", "tornado", "traitlets"):
            try:
                versions[name] = getattr(__import__(name), "__version__", None) or getattr(sys.modules[name], "version", "?")
            except ImportError as error:
                if name != "oauthenticator":
                    return {"missing": name, "why": str(error), "python": sys.executable}
        del sys.modules["rfc3987_syntax"]
        self.channel.say(event="versions", versions=versions, executable=sys.executable)
        from jupyterhub import orm
        from jupyterhub.app import JupyterHub
        from traitlets.config import Config, PyFileConfigLoader

        sys.argv[:] = ["jupyterhub"] + (["-f", ask["files"][-1]] if ask["files"] else [])
        self.wire = Wire(self)
        self.wire.reroute = ask.get("reroute") or []
        self.wire.offline = self.through = ask.get("through", False)
        self.trust(ask.get("ca_certs") or [])
        trace_settings(self.channel)
        logging.getLogger().addHandler(Notes(self.channel))
        app = self.app = JupyterHub.instance()
        app.log = logging.getLogger("jupyterhub")
        app.log.propagate, app.log.handlers = True, []
        app.parse_command_line([])
        app.cli_config = Config(ask.get("set") or {})
        for path in ask["files"]:
            self.channel.say(event="stage", stage="config", method=path)
            if os.path.splitext(path)[1] in (".py", ".json"):
                app.load_config_file(path)
            else:
                config = PyFileConfigLoader(os.path.abspath(path)).load_config()
                config.merge(app.cli_config)
                app.update_config(config)
        if ask.get("parts"):
            self.channel.say(event="stage", stage="config", method="the pieces of Python in it")
            config = Config()
            Parts(ask["parts"]).load(config)
            config.merge(app.cli_config)
            app.update_config(config)
        self.channel.say(event="stage", stage="config", method="authenticator_class")
        app.authenticator_class
        app.init_pycurl()
        app.init_hub()
        app.db = database(orm, ask.get("existing_users") or [])
        authenticator = self.authenticator = app.authenticator
        self.entries = entries_of(authenticator)
        if self.entries is None and not hasattr(authenticator, "user_info_to_username"):
            return self.no_oauth()
        self.loaded_by = ask
        if not ask["start"]:
            return self.told(ask, None)
        crypt = self.crypt(authenticator, ask.get("keys_made"))
        self.spare_the_system(ask.get("system_users"))
        self.channel.say(event="stage", stage="config", method="init_users")
        await app.init_users()
        self.watch()
        return self.told(ask, crypt)

    async def pick(self, ask):
        """Goes on with an entry of a `MultiAuthenticator`, whose start-up there is none of."""
        self.authenticator = self.entries[ask["index"]]
        self.index = ask["index"]
        if not hasattr(self.authenticator, "user_info_to_username"):
            return self.no_oauth()
        if not self.loaded_by["start"]:
            return self.told(self.loaded_by, None)
        crypt = self.crypt(self.authenticator, self.loaded_by.get("keys_made"))
        self.spare_the_system(self.loaded_by.get("system_users"))
        self.watch()
        return self.told(self.loaded_by, crypt)

    def no_oauth(self):
        return {"class": own_name(self.authenticator), "no_oauth": True, "mro": names_of(type(self.authenticator))}

    def wrapper(self):
        """What being an entry of a `MultiAuthenticator` comes to."""
        if self.index is None:
            return None
        authenticator = self.authenticator
        return {
            "index": self.index,
            "class": own_name(authenticator),
            "url_prefix": authenticator.url_scope,
            "service_name": getattr(authenticator, "service_name", None),
            "username_prefix": getattr(authenticator, "prefix", None),
            "prefix": authenticator.username_prefix,
        }

    def told(self, ask, crypt):
        authenticator = self.authenticator
        entries = None if self.index is not None else self.entries
        return {
            "entries": entries and [named(entry) for entry in entries],
            "wrapper": self.wrapper(),
            "class": own_name(authenticator),
            "module": type(authenticator).__module__,
            "mro": names_of(type(authenticator)),
            "overrides": overrides_of(type(authenticator)),
            "base_url": self.app.base_url,
            "crypt": crypt,
            "settings": settings_of(authenticator),
            "absent": [name for name in ask["options"] if not hasattr(type(authenticator), name)],
            "beside": beside(ask["files"]),
        }

    def trust(self, paths):
        if paths:
            from tornado import netutil

            for path in paths:
                netutil._client_ssl_defaults.load_verify_locations(path)

    def spare_the_system(self, users):
        """No system user is ever made here; those of the hub's machine stand in for ours where they are given."""
        authenticator = self.authenticator
        if not hasattr(authenticator, "add_system_user"):
            return
        object.__setattr__(authenticator, "add_system_user", lambda user: None)
        if users is None:
            return
        lines = [line.strip().split(":") for line in users.splitlines() if not line.startswith("#")]
        people = {line[0]: pwd.struct_passwd((*line[:2], int(line[2]), int(line[3]), *line[4:])) for line in lines if len(line) == 7}
        groups = {line[0]: (line[0], line[1], int(line[2]), line[3].split(",")) for line in lines if len(line) == 4}

        def getpwnam(name):
            if name not in people:
                raise KeyError("getpwnam(): name not found: {!r}".format(name))
            return people[name]

        def getgrnam(name):
            if name not in groups:
                raise KeyError("getgrnam(): name not found: {!r}".format(name))
            return grp.struct_group(groups[name])

        def getgrouplist(name, group):
            return [group] + [found[2] for found in groups.values() if name in found[3]]

        for name, function in (("_getpwnam", getpwnam), ("_getgrnam", getgrnam), ("_getgrouplist", getgrouplist)):
            object.__setattr__(authenticator, name, function)

    def crypt(self, authenticator, made_later):
        """A key that is merely not on this machine is made up, since a login does not need it."""
        if not authenticator.enable_auth_state:
            return None
        from jupyterhub.crypto import CryptKeeper

        keeper = CryptKeeper.instance()
        if keeper.keys or os.environ.get("JUPYTERHUB_CRYPT_KEY") is not None or "keys" in keeper.config.CryptKeeper:
            return "there"
        keeper.keys = [os.urandom(32)]
        return "there" if made_later else "missing"

    def watch(self):
        """Keeps track of the stage, and of what the methods come to."""
        authenticator = self.authenticator
        for name, stage in STAGES.items():
            if hasattr(authenticator, name):
                object.__setattr__(authenticator, name, self.watched(name, stage, getattr(authenticator, name)))
        authenticate = authenticator.authenticate

        async def keep(*args, **kwargs):
            model = authenticate(*args, **kwargs)
            self.model = await model if inspect.isawaitable(model) else model
            return self.model

        object.__setattr__(authenticator, "authenticate", keep)

    def watched(self, name, stage, method):
        def finished(result):
            self.channel.say(event="method", name=name, result=plain(result))
            return result

        async def wait(result):
            return finished(await result)

        def call(*args, **kwargs):
            if not self.watching:
                return method(*args, **kwargs)
            self.stage = stage
            self.called.append(name)
            self.channel.say(event="stage", stage=stage, method=name)
            result = method(*args, **kwargs)
            return wait(result) if inspect.isawaitable(result) else finished(result)

        return call

    def handler(self, kind, uri, cookie=None):
        from tornado import httputil, web

        headers = httputil.HTTPHeaders({"Host": "127.0.0.1:8000"})
        if cookie:
            headers["Cookie"] = cookie
        settings = {
            "authenticator": self.authenticator,
            "hub": self.app.hub,
            "app": self.app,
            "db": self.app.db,
            "statsd": Silent(),  # of older hubs
            "config": self.app.config,
            "base_url": self.app.base_url,
            "cookie_secret": b"only for this login".ljust(32),
            "log": self.app.log,
        }
        start = httputil.RequestStartLine("GET", uri, "HTTP/1.1")
        request = httputil.HTTPServerRequest(headers=headers, connection=Connection(), start_line=start)
        handler = kind(web.Application([], **settings), request)
        handler._transforms = []
        return handler

    def route(self, path, otherwise):
        """The handler that the class serves a path with; the first one counts."""
        import re

        for route in self.authenticator.get_handlers(self.app):
            if re.fullmatch(route[0], path):
                return route[1]
        return otherwise

    async def begin(self, ask):
        self.stage = "authorize"
        if ask["redirect_uri"]:
            self.authenticator.oauth_callback_url = ask["redirect_uri"]
        handler = self.handler(
            self.route("/oauth_login", self.authenticator.login_handler), self.app.hub.base_url + "oauth_login"
        )
        done = handler.get()
        if inspect.isawaitable(done):
            await done
        cookies = getattr(handler, "_new_cookie", None) or {}
        cookie = "; ".join("{}={}".format(morsel.key, morsel.coded_value) for morsel in cookies.values())
        return {"url": handler._headers.get("Location") or "", "cookie": cookie, "status": handler.get_status()}

    def callback(self, ask):
        uri = self.app.hub.base_url + "oauth_callback?" + urlencode([tuple(pair) for pair in ask["arguments"]])
        return self.handler(self.route("/oauth_callback", self.authenticator.callback_handler), uri, ask.get("cookie"))

    async def check(self, ask):
        """`check_arguments`; of a refused callback also whether it is from the login that was begun."""
        self.stage = "callback"
        try:
            self.callback(ask).check_arguments()
            return {"ours": True}
        except Exception as error:
            refusal = described(error)
        try:
            self.callback(ask).check_state()
            ours = True
        except Exception:
            ours = False
        return {"refused": refusal, "ours": ours}

    async def decide(self, ask):
        handler = self.callback(ask)
        self.wire.offline = self.through or bool(ask.get("offline"))
        if ask.get("offline"):
            from oauthenticator.oauth2 import _serialize_state

            # The code and the verifier were spent when the answers were saved.
            handler._state_cookie = _serialize_state({"state_id": "", "next_url": None, "code_verifier": "spent"})
        self.stage, self.watching, self.model, self.called = "token", True, None, []
        try:
            model = await self.authenticator.get_authenticated_user(handler, None)
        except BaseException as error:
            return {"raised": described(error), "stage": self.stage, "model": plain(self.model)}
        finally:
            self.watching = False
        shown = self.model if model is None else model
        return {"allowed": model is not None, "stage": self.stage, "model": plain(shown), "called": self.called}

    async def refresh(self, ask):
        self.wire.offline = self.through
        self.stage, self.watching, self.called = "refresh", True, []
        user = FakeUser(ask.get("name"), ask["auth_state"], self.authenticator)
        try:
            result = await self.authenticator.refresh_user(user, None)
        except BaseException as error:
            return {"raised": described(error), "stage": self.stage}
        finally:
            self.watching = False
        return {"result": plain(result), "called": self.called}

    async def log_out(self, ask):
        """The class's own logout, by a user with this auth_state."""
        self.wire.offline = self.through
        self.stage, self.watching, self.called = "auth_state", True, []
        pages = []

        async def render_template(name, **names):
            pages.append(name)
            return ""

        try:
            handler = self.handler(
                self.route("/logout", self.authenticator.logout_handler), self.app.hub.base_url + "logout"
            )
            handler.settings["login_url"] = self.authenticator.login_url(self.app.hub.base_url)
            handler._jupyterhub_user = FakeUser(ask.get("name"), ask["auth_state"], self.authenticator)
            object.__setattr__(handler, "render_template", render_template)
            done = handler.get()
            if inspect.isawaitable(done):
                await done
        except BaseException as error:
            return {"raised": described(error), "stage": self.stage}
        finally:
            self.watching = False
        location = handler._headers.get("Location")
        own = location == handler.settings["login_url"]
        return {"url": location or "", "own": own or not location, "pages": pages, "class": type(handler).__name__}


class FakeUser:
    """A user of the hub's as `refresh_user`, its hook and a logout see one."""

    def __init__(self, name, auth_state, authenticator):
        self.name = self.escaped_name = name or "user"
        self.admin = False
        self.groups = []
        self.spawners = {}
        self.authenticator = authenticator
        self.auth_state = auth_state

    async def get_auth_state(self):
        return self.auth_state

    async def save_auth_state(self, auth_state):
        self.auth_state = auth_state


def database(orm, existing):
    """One in memory, with the users that the hub has."""
    db = orm.new_session_factory("sqlite:///:memory:")()
    try:
        from jupyterhub import roles

        for role in roles.get_default_roles():
            roles.create_role(db, role)
    except (ImportError, AttributeError):
        pass
    for name in existing:
        db.add(orm.User(name=name))
    db.commit()
    return db


def entries_of(authenticator):
    """The authenticators of a `MultiAuthenticator`, of the package jupyterhub-multiauthenticator."""
    if "MultiAuthenticator" not in names_of(type(authenticator)):
        return None
    return getattr(authenticator, "_authenticators", None)


def own_name(authenticator):
    """The class that the operator knows: that of a wrapper is made on the way."""
    cls = type(authenticator)
    if cls.__name__ == "WrapperAuthenticator" and len(cls.__mro__) > 2:
        return cls.__mro__[2].__name__
    return cls.__name__


def named(entry):
    """The names of an entry, the one to show first; its class; where its pages are."""
    page = "/" + (getattr(entry, "url_scope", None) or "").strip("/")
    names = [getattr(entry, "service_name", None), page.strip("/"), entry.login_service, own_name(entry)]
    return {"names": [name for name in names if isinstance(name, str) and name], "class": own_name(entry), "page": page}


def names_of(cls):
    return [base.__name__ for base in cls.__mro__]


def overrides_of(cls):
    """The methods of the operator's own classes, with their places."""
    found = {}
    for base in cls.__mro__:
        for name, value in vars(base).items():
            if name not in found and inspect.isfunction(value):
                code = value.__code__
                if not is_operators(code.co_filename):
                    found[name] = None
                    continue
                found[name] = {"name": name, "file": label(code.co_filename), "line": code.co_firstlineno}
    return [own for own in found.values() if own]


def settings_of(authenticator):
    """Every option with its value. A default that cannot be computed is told as its exception."""
    settings = []
    bases = names_of(type(authenticator))
    for name, trait in sorted(authenticator.traits(config=True).items()):
        setting = {"name": name, "class": trait.this_class.__name__ if trait.this_class else ""}
        setting["place"] = place_of(bases, name)
        try:
            value = getattr(authenticator, name)
            setting["value"] = plain(value)
            setting["default"] = is_default(authenticator, trait, value)
        except Exception as error:
            setting["raises"] = "{}: {}".format(type(error).__name__, error)
        settings.append(setting)
    return settings


def is_default(authenticator, trait, value):
    try:
        return bool(value == trait.default_value)
    except Exception:
        return False


def beside(files):
    """The modules that were found only because they lie beside the configuration."""
    folders = {os.path.dirname(os.path.abspath(path)) for path in files} & set(sys.path)
    found = {}
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and "." not in name and os.path.dirname(os.path.abspath(path)) in folders & ADDED:
            found[name] = label(path)
    return sorted(found)


ADDED = set()


def find_beside(files):
    """Modules beside the configuration are found last of all; the hub's own path may well name that folder."""
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    for path in files:
        folder = os.path.dirname(os.path.abspath(path))
        if folder not in sys.path:
            sys.path.append(folder)
            ADDED.add(folder)
