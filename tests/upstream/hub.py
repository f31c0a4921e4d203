"""Upstream's hub, as far as it concerns logins: its start-up, its handlers without a server, the stage a login is in."""

import asyncio
import logging

from jupyterhub import orm, roles
from jupyterhub.app import JupyterHub
from tornado import httputil, web

# The stage a method belongs to, by the order in which upstream calls them.
STAGES = {
    "get_token_info": "token",
    "token_to_user": "userdata",
    "user_info_to_username": "username",
    "build_auth_state_dict": "auth_state",
    "update_auth_model": "decision",
    "check_blocked_users": "decision",
}


class Connection:
    """What a tornado handler needs of the connection it writes to."""

    def set_close_callback(self, callback):
        pass

    def write_headers(self, *args, **kwargs):
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    write = write_headers

    def finish(self):
        pass


def database():
    """One in memory for all cases: making its tables takes longer than a login."""
    db = orm.new_session_factory("sqlite:///:memory:")()
    for role in roles.get_default_roles():
        roles.create_role(db, role)
    return db


class Hub:
    """A hub with one configuration. `stage` tells where it is, `model` what was authenticated."""

    def __init__(self, db):
        self.db = db
        self.stage = "config"
        self.model = None
        self.judged = False

    async def start(self, path):
        """What `JupyterHub.initialize` does before anybody can log in."""
        JupyterHub.clear_instance()
        app = self.app = JupyterHub.instance()
        app.log = logging.getLogger("silent")
        app.load_config_file(str(path))
        app.authenticator_class
        app.init_pycurl()
        app.init_hub()
        app.db = self.db
        await app.init_users()
        self.authenticator = app.authenticator

    def watch(self):
        """Keeps track of the stage, and of the auth model before the hub has judged it."""
        authenticator = self.authenticator

        def watched(name, stage):
            method = getattr(authenticator, name)

            def call(*args, **kwargs):
                self.stage = stage
                return method(*args, **kwargs)

            object.__setattr__(authenticator, name, call)

        for name, stage in STAGES.items():
            watched(name, stage)
        authenticate, normalize = authenticator.authenticate, authenticator.normalize_username

        async def keep(*args, **kwargs):
            self.model = await authenticate(*args, **kwargs)
            return self.model

        def normalize_again(name):
            # The hub does so once; a MultiAuthenticator's entries do it to their prefix, time and again.
            if self.model is not None and not self.judged:
                self.stage, self.judged = "username", True
            return normalize(name)

        object.__setattr__(authenticator, "authenticate", keep)
        object.__setattr__(authenticator, "normalize_username", normalize_again)

    def handler(self, kind, uri, cookie=None):
        """A handler of this hub's, for one request."""
        headers = httputil.HTTPHeaders({"Host": "hub.example:8000"})
        if cookie:
            headers["Cookie"] = cookie
        settings = {
            "authenticator": self.app.authenticator,
            "hub": self.app.hub,
            "app": self.app,
            "db": self.db,
            "base_url": self.app.base_url,
            "cookie_secret": b"x" * 32,
            "log": self.app.log,
        }
        start = httputil.RequestStartLine("GET", uri, "HTTP/1.1")
        request = httputil.HTTPServerRequest(headers=headers, connection=Connection(), start_line=start)
        handler = kind(web.Application([], **settings), request)
        handler._transforms = []
        return handler
