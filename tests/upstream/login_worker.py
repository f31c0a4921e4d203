"""The hub's own verdicts: reads cases as JSON lines, answers each with what upstream makes of it.

One process stands for one environment, since oauthenticator reads some variables when it is imported. For every case the
worker does what `JupyterHub.initialize` does as far as it concerns logins, then sends the real handlers through a login
against a scripted provider. A second listener with the same script is left open for oauthctl, until it is asked for what
it was asked.
"""

import asyncio
import contextlib
import copy
import grp
import http.client
import json
import logging
import math
import os
import pwd
import shlex
import sys
import tempfile
import threading
import traceback
import types
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import jupyterhub.auth
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.crypto import CryptKeeper
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.user import User as HubUser
from jupyterhub.utils import url_path_join
from google.auth import _exponential_backoff
from oauthenticator.google import GoogleOAuthenticator
from tornado import web

from hub import Hub, database
from provider import Provider

CODE = "THECODE"


class Astray(Exception):
    """The login button leads to no provider."""


class Rerouted:
    """A client for classes with addresses in their code: it sends requests for these origins to the provider."""

    def __init__(self, client, origins):
        self.client = client
        self.origins = origins

    def fetch(self, request, **kwargs):
        for origin, instead in self.origins.items():
            if isinstance(request.url, str) and request.url.startswith(origin):
                request.url = instead + request.url.removeprefix(origin)
        return self.client.fetch(request, **kwargs)


class Case(Hub):
    """A hub with the configuration of a case."""

    def __init__(self, case, provider, db):
        super().__init__(db)
        self.case = case
        self.provider = provider

    async def start(self, folder):
        here = f"http://127.0.0.1:{self.provider.port}"
        for name, content in self.case.get("files", {}).items():
            (Path(folder) / name).write_bytes(content.replace("{P}", here).encode("utf-8", "surrogateescape"))
        config = self.case["config"].replace("{P}", here).replace("{F}", folder)
        path = Path(folder) / "jupyterhub_config.py"
        path.write_text(config, encoding="utf-8")
        GoogleOAuthenticator._service_credentials.clear()
        CryptKeeper.clear_instance()
        await super().start(path)
        self.routes = self.app.authenticator.get_handlers(self.app)
        if "entry" in self.case:
            self.authenticator = self.app.authenticator._authenticators[self.case["entry"]]
        origins = {origin: to.replace("{P}", here) for origin, to in self.case.get("reroute", {}).items()}
        if "elsewhere" in self.case:
            origins[self.case["elsewhere"]] = here
        if origins:
            self.authenticator.http_client = Rerouted(self.authenticator.http_client, origins)
        self.watch()

    def route(self, path):
        """The handler of the authenticator that the hub has at a path."""
        found = (handler for route, handler in self.routes if url_path_join(self.app.hub.base_url, route) == path)
        return next(found, None)

    async def login(self):
        """From the login button to the verdict."""
        self.stage = "authorize"
        login_url = self.authenticator.login_url(self.app.hub.base_url)
        begin = self.handler(self.route(login_url), login_url)
        if (sending := begin.get()) is not None:
            await sending
        location = begin._headers["Location"]
        sent = dict(parse_qsl(urlsplit(location).query))
        cookie = "; ".join(f"{m.key}={m.coded_value}" for m in getattr(begin, "_new_cookie", {}).values())
        if urlsplit(location).scheme not in ("http", "https") or not urlsplit(location).netloc:
            raise Astray  # the browser stays at the hub, and never comes to a provider
        self.authorize = location

        self.stage = "callback"
        callback_url = sent.get("redirect_uri") or self.authenticator.get_callback_url(begin)
        callback_path = urlsplit(callback_url).path
        callback_route = self.route(callback_path)
        if callback_route is None and callback_path.startswith(self.app.base_url):
            # The hub redirects what lies beside its own pages (`PrefixRedirectHandler`).
            below = callback_path.removeprefix(self.app.base_url)
            callback_route = self.route(url_path_join(self.app.hub.base_url, below))
        if callback_route is None or not issubclass(callback_route, self.authenticator.callback_handler):
            self.authorize = None  # oauthctl says so at once
            raise web.HTTPError(404)
        if self.case.get("walk"):
            loop = asyncio.get_running_loop()
            query = await loop.run_in_executor(None, walk, location, callback_url)
        else:
            query = self.case.get("callback", "code={CODE}&state={STATE}")
            query = query.replace("{CODE}", CODE).replace("{STATE}", sent["state"])
        callback = self.handler(callback_route, callback_path + "?" + query, cookie)
        callback.check_arguments()
        self.stage = "token"
        return await callback.authenticator.get_authenticated_user(callback, None)

    async def log_out(self, state):
        """The logout of a user with this auth_state; gives what the hub then keeps of it."""
        user = User(state)
        handler = self.handler(self.authenticator.logout_handler, self.app.hub.base_url + "logout")
        handler._jupyterhub_user = user
        handler.settings["login_url"] = self.app.hub.base_url + "login"
        await handler.get()
        return user.state


class User:
    """What a logout needs of a user."""

    name = "alice"

    def __init__(self, state):
        self.state = state

    async def get_auth_state(self):
        return self.state

    async def save_auth_state(self, state):
        self.state = state


def walk(url, end):
    """A browser that follows redirects; gives the query that it comes back with."""
    for _ in range(20):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        connection.request("GET", parts.path + "?" + parts.query)
        url = urljoin(url, connection.getresponse().headers["Location"])
        connection.close()
        if url.startswith(end + "?"):
            return urlsplit(url).query
    raise RuntimeError(f"never came to {end}")


def describe(model):
    """The parts of an auth model that are compared. Lists that upstream makes of sets have no order of their own."""
    if not isinstance(model, dict):
        return {"user": None, "auth_state": None}
    state = model.get("auth_state") or {}
    for holder, key in ((state, "globus_groups"), (state.get("google_user"), "google_groups")):
        if isinstance(holder, dict) and key in holder:
            holder[key].sort()
    user = {"name": model.get("name"), "admin": model.get("admin"), "groups": model.get("groups")}
    return {"user": user, "auth_state": model.get("auth_state")}


async def judge(case, provider, db, folder):
    hub = Case(case, provider, db)
    result = {"outcome": "failed", "hub_status": None, "exception": None, "authorize": None}
    hub.machine = Machine(case["system_users"]) if "system_users" in case else contextlib.nullcontext()
    with hub.machine:
        return await judged(case, hub, result, folder)


async def judged(case, hub, result, folder):
    try:
        await hub.start(folder)
        model = await hub.login()
    except web.HTTPError as error:
        status = None if hub.stage == "config" else error.status_code
        # A 403 once the userdata is there is meant for the person, not a failure.
        if status == 403 and hub.stage not in ("authorize", "callback", "token", "userdata"):
            result["outcome"] = "denied"
        result.update(hub_status=status, exception=repr(error))
    except Astray as error:
        result.update(hub_status=302, exception=repr(error))
    except (Exception, SystemExit) as error:
        status = None if hub.stage == "config" else 500
        result.update(hub_status=status, exception=repr(error), trace=traceback.format_exc()[-1500:])
    else:
        if model is None:
            hub.stage = "decision"
            result.update(outcome="denied", hub_status=403)
        else:
            hub.model = model  # after the hooks
            result.update(outcome="allowed")
    result["machine"] = await new_user(hub) if result["outcome"] == "allowed" and "system_users" in case else None
    stage = {"allowed": None, "denied": "decision"}.get(result["outcome"], hub.stage)
    if result["exception"]:
        stage = hub.stage
    for key in case.get("unordered", []) if hub.model else []:
        items = hub.model["auth_state"].get(key)
        # What upstream makes a list of a set has any order; what cannot be sorted is left to its own.
        with contextlib.suppress(TypeError):
            hub.model["auth_state"][key] = sorted(items)
    result.update(stage=stage, authorize=getattr(hub, "authorize", None), **describe(hub.model))
    return result


async def refresh(case, provider, db, folder):
    """What the hub's refresh of a user comes to, who has this auth_state in the database."""
    asked = case["refresh"]
    hub = Case(case, provider, db)
    result = {"outcome": "failed", "hub_status": None, "exception": None, "authorize": None, "user": None}
    result.update(refresh=None, auth_state=None, stage=None)
    answers = []
    called = []
    try:
        await hub.start(folder)
        name = asked["user"]
        found = orm.User.find(db, name)
        if found is None:
            db.add(found := orm.User(name=name))
            db.commit()
        login_url = hub.authenticator.login_url(hub.app.hub.base_url)
        handler = hub.handler(hub.route(login_url) if asked.get("by_entry") else BaseHandler, login_url)
        user = handler._jupyterhub_user = HubUser(found, handler.settings, db)
        handler._token_authenticated = False
        await user.save_auth_state(asked["auth_state"])
        result["stored"] = user.encrypted_auth_state and user.encrypted_auth_state.decode()
        asker = handler.authenticator
        refresh_user, get_token_info = asker.refresh_user, getattr(asker, "get_token_info", None)

        async def kept(*args, **kwargs):
            answers.append(await refresh_user(*args, **kwargs))
            return copy.deepcopy(answers[0])

        def renewed(*args, **kwargs):
            called.append("get_token_info")
            return get_token_info(*args, **kwargs)

        object.__setattr__(asker, "refresh_user", kept)
        object.__setattr__(asker, "get_token_info", renewed)
        hub.stage = "refresh"
        before = handler._jupyterhub_user
        after = await handler.refresh_auth(user, force=bool(asked.get("force")))
        assert (after is None) == (answers == [False]), (after, before, answers)
    except Exception as error:
        if not answers:
            status = None if hub.stage == "config" else getattr(error, "status_code", 500)
            stage = "config" if hub.stage == "config" else "refresh"
            result.update(hub_status=status, stage=stage, exception=repr(error), trace=traceback.format_exc()[-1500:])
            return result
    except SystemExit as error:
        return {**result, "stage": "config", "exception": repr(error)}
    answer = answers[0] if answers else True  # the hub has not even asked
    if answer is False:
        result.update(outcome="denied", refresh="login-needed", stage="refresh")
    elif answer is True:
        result.update(outcome="allowed", refresh="unchanged")
    else:
        answer["name"] = name  # as the hub does
        for key in case.get("unordered", []):
            with contextlib.suppress(TypeError, KeyError):
                answer["auth_state"][key] = sorted(answer["auth_state"][key])
        result.update(outcome="allowed", refresh="renewed" if called else "updated", **describe(answer))
    return result


class Machine:
    """The users and groups of another machine in place of this one's, and a shell that only takes down what it is told."""

    def __init__(self, lines):
        fields = [line.split(":") for line in lines.splitlines() if not line.startswith("#")]
        self.users = {f[0]: pwd.struct_passwd((*f[:2], int(f[2]), int(f[3]), *f[4:])) for f in fields if len(f) == 7}
        self.groups = {f[0]: grp.struct_group((*f[:2], int(f[2]), f[3].split(","))) for f in fields if len(f) == 4}
        self.commands = []

    def getpwnam(self, name):
        if name not in self.users:
            raise KeyError(f"getpwnam(): name not found: {name!r}")
        return self.users[name]

    def getgrnam(self, name):
        if name not in self.groups:
            raise KeyError(f"getgrnam(): name not found: {name!r}")
        return self.groups[name]

    def getgrouplist(self, name, group):
        return [group, *(found.gr_gid for found in self.groups.values() if name in found.gr_mem)]

    def run(self, command, **more):
        self.commands.append(shlex.join(command))
        return types.SimpleNamespace(wait=lambda: 0, returncode=0)

    def __enter__(self):
        self.before = [(module, name, getattr(module, name)) for module, name, _ in self.patches()]
        for patch in self.patches():
            setattr(*patch)

    def __exit__(self, *_):
        for patch in self.before:
            setattr(*patch)

    def patches(self):
        ask = [(pwd, "getpwnam", self.getpwnam), (grp, "getgrnam", self.getgrnam), (os, "getgrouplist", self.getgrouplist)]
        return [*ask, (jupyterhub.auth, "Popen", self.run)]


async def new_user(hub):
    """What the hub does to its machine when this user comes in: `BaseHandler.auth_to_user`."""
    name = hub.model["name"]
    if hub.db.query(orm.User).filter(orm.User.name == name).first() is not None:
        return " ; ".join(["known", *(line for line in hub.machine.commands if line.endswith(" " + name))])
    before = len(hub.machine.commands)
    try:
        await hub.authenticator.add_user(types.SimpleNamespace(name=name))
    except KeyError as error:
        return f"KeyError {error.args[0]}"
    return " ; ".join(hub.machine.commands[before:]) or "there"


async def log_out(case, provider, db, folder):
    """What a logout comes to."""
    hub = Case(case, provider, db)
    try:
        await hub.start(folder)
        return {"kept": await hub.log_out(case["log_out"]), "exception": None}
    except Exception as error:
        return {"kept": None, "exception": repr(error), "trace": traceback.format_exc()[-1500:]}


def reset(db, existing):
    for user in db.query(orm.User):
        db.delete(user)
    db.commit()
    for name in existing:
        db.add(orm.User(name=name))
    db.commit()


def plain(value):
    """The value as oauthctl's documents write it: sets as sorted lists, what is no JSON number as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(plain, value))
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, (str, int, float, type(None))) else f"<{type(value).__name__}>"


async def run_case(case, db, folder, spare):
    reset(db, case.get("existing_users", []))
    os.environ.update(case.get("env", {}))
    provider = await started(Provider(case["provider"]))
    try:
        play = log_out if "log_out" in case else refresh if "refresh" in case else judge
        result = await play(case, provider, db, folder)
    finally:
        PROVIDERS.call_soon_threadsafe(provider.stop)
        db.rollback()
        for name in set(os.environ) - set(ENVIRONMENT):
            del os.environ[name]
        os.environ.update(ENVIRONMENT)
    result.update(requests=provider.requests, upstream_port=provider.port)
    ours = await started(Provider(case["provider"]))
    spare[ours.port] = ours
    return {**result, "port": ours.port}


async def started(provider):
    """Providers have a thread of their own: some of upstream's requests hold up the hub's."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(provider.start(), PROVIDERS))


async def main():
    logging.disable(logging.CRITICAL)
    JupyterHub().classes  # loads every authenticator, as the hub does before it reads its configuration
    db = database()
    spare = {}
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        while line := await reader.readline():
            asked = json.loads(line)
            if "close" in asked:
                provider = spare.pop(asked["close"])
                PROVIDERS.call_soon_threadsafe(provider.stop)
                answer = {"requests": provider.requests}
            else:
                answer = await run_case(asked, db, folder, spare)
            OUT.write(json.dumps(plain(answer)) + "\n")
            OUT.flush()


ENVIRONMENT = dict(os.environ)
PROVIDERS = asyncio.new_event_loop()
threading.Thread(target=PROVIDERS.run_forever, daemon=True).start()
_exponential_backoff.time = type("Impatient", (), {"sleep": staticmethod(lambda seconds: None)})
# Whatever a configuration prints must not end up among the answers.
OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
asyncio.run(main())
