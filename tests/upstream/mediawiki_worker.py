"""The hub's own verdicts on logins at a wiki: MWOAuthenticator with mwoauth, through the hub's real handlers.

Reads cases as JSON lines. A case's wiki is the scripted one of this process, whose port is `{P}` in the configuration, or,
with `browse`, one that the configuration names and that a browser is led through. After the answer the wiki stays as it is,
for oauthctl, until `{"requests": true}` asks what it was asked since.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from jupyterhub import orm
from mwoauth.errors import OAuthException
from tornado import web

from hub import Hub, database
from mediawiki_wiki import Wiki

# What mwoauth says of a callback before it asks the wiki.
OF_CALLBACK = ("Query string lacks", "Unexpect request token", "Expected URL query string")


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def browse(location):
    """The query that a wiki sends the browser back with; none where it stays there."""
    try:
        urllib.request.build_opener(NoRedirects).open(location)
    except urllib.error.HTTPError as answer:
        if target := answer.headers.get("Location"):
            return urlsplit(target).query
    return None


class Case(Hub):
    """A hub with the configuration of a case."""

    def __init__(self, case, db):
        super().__init__(db)
        self.case, self.authorize = case, None

    async def start(self, folder):
        path = Path(folder) / "jupyterhub_config.py"
        path.write_text(self.case["config"], encoding="utf-8")
        await super().start(path)
        self.watch()

    async def login(self):
        self.stage = "authorize"
        begin = self.handler(self.authenticator.login_handler, "/hub/oauth_login")
        await begin.get()
        self.authorize = begin._headers["Location"]
        cookie = "; ".join(f"{m.key}={m.coded_value}" for m in begin._new_cookie.values())
        self.stage = "callback"
        query = self.case.get("callback", "oauth_verifier=v&oauth_token=rk")
        if self.case.get("browse"):
            query = await asyncio.to_thread(browse, self.authorize)
            if query is None:
                raise TimeoutError
        callback = self.handler(self.authenticator.callback_handler, "/hub/oauth_callback?" + query, cookie)
        callback.check_arguments()
        self.stage = "token"
        return await self.authenticator.get_authenticated_user(callback, None)


async def refresh(hub):
    """What `refresh_user` makes of the auth_state that the login has left."""

    async def get_auth_state():
        return hub.model["auth_state"]

    user = SimpleNamespace(name=hub.model["name"], get_auth_state=get_auth_state)
    try:
        return repr(await hub.authenticator.refresh_user(user))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def judge(case, db, folder):
    hub = Case(case, db)
    result = {"outcome": "failed", "hub_status": None, "exception": None}
    try:
        await hub.start(folder)
        model = await hub.login()
    except TimeoutError:
        pass
    except (Exception, SystemExit) as error:
        status = error.status_code if isinstance(error, web.HTTPError) else 500
        result.update(hub_status=None if hub.stage == "config" else status, exception=repr(error))
        if isinstance(error, OAuthException) and str(error).startswith(OF_CALLBACK):
            hub.stage = "callback"
    else:
        result.update(outcome="denied", hub_status=403) if model is None else result.update(outcome="allowed")
        if case.get("refresh"):
            result["refresh"] = await refresh(hub)
    stage = {"allowed": None, "denied": "decision"}.get(result["outcome"], hub.stage)
    model = hub.model or {}
    user = {"name": model.get("name"), "admin": model.get("admin"), "groups": model.get("groups")}
    result.update(stage=stage, authorize=hub.authorize, user=user, auth_state=model.get("auth_state"))
    return result


async def main():
    logging.disable(logging.CRITICAL)
    db = database()
    wiki = Wiki()
    here = f"http://127.0.0.1:{wiki.port}"
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        while line := await reader.readline():
            case = json.loads(line)
            answer = {"port": wiki.port}
            if "config" in case:
                wiki.script = case.get("wiki", {})
                case["config"] = case["config"].replace("{P}", here).replace("{PORT}", str(wiki.port))
                answer.update(await judge(case, db, folder))
                db.rollback()
                for user in db.query(orm.User):
                    db.delete(user)
                db.commit()
            answer["requests"], wiki.requests = wiki.requests, []
            OUT.write(json.dumps(answer, default=repr) + "\n")
            OUT.flush()


threading.stack_size(1 << 20)
OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
asyncio.run(main())
