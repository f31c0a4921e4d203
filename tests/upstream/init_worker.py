"""Upstream's side of init.rs: the path of a configuration a line, an answer a line, a JSON object.

The configuration is loaded as the hub loads it, and its authenticator made. The answer names the class, what it asks
for, and everything that was logged as a warning, warned of or raised on the way.
"""

import json
import logging
import os
import sys
import warnings

from jupyterhub.app import JupyterHub
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

SAID = []


def catch(logger, record):
    if record.levelno >= logging.WARNING:
        SAID.append(record.getMessage())


# Applications configure their loggers when they are made; what they log on the way is wanted too.
logging.Logger.callHandlers = catch


def load(path):
    folder, name = os.path.split(path)
    loader = JSONFileConfigLoader if name.endswith(".json") else PyFileConfigLoader
    config = loader(name, path=folder).load_config()
    app = JupyterHub(config=config)
    return app.authenticator_class(parent=app)


def answer(path):
    SAID.clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made = load(path)
            answer = {"class": type(made).__name__, "client_id": made.client_id, "scope": list(made.scope)}
            answer["secret"] = made.client_secret == os.environ["OAUTH_CLIENT_SECRET"]
            answer["callback"] = made.oauth_callback_url
        except BaseException as error:
            answer = {"raised": f"{type(error).__name__}: {error}"}
    answer["said"] = SAID + [f"{one.category.__name__}: {one.message}" for one in caught]
    return answer


for line in sys.stdin:
    print(json.dumps(answer(line.rstrip("\n"))), flush=True)
