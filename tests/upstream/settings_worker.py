"""Upstream's side of settings_differential.rs: one request a line, one answer a line, both JSON.

`{"tables": true}` asks for the classes and their options as upstream declares them. Anything else is a case: operations
on a `Config`, an environment, and the question what `authenticator_class(parent=JupyterHub(config=…))` makes of them.
"""

import importlib
import json
import logging
import os
import sys
import warnings

warnings.simplefilter("ignore")

import oauthenticator.openshift
from importlib.metadata import entry_points
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from traitlets import Callable, Container, Dict, Undefined, Union, default
from traitlets.config import Config

for entry_point in entry_points(group="jupyterhub.authenticators"):
    entry_point.load()


class NoNetwork:
    def fetch(self, request):
        raise ConnectionError("no network in tests")


oauthenticator.openshift.HTTPClient = NoNetwork


LINES = []
PACKAGES = ("jupyterhub", "oauthenticator", "multiauthenticator")


def catch(logger, record):
    if record.levelno >= logging.WARNING:
        LINES.append(record.getMessage())


# Applications configure their loggers when they are made; what they log on the way is wanted too.
logging.Logger.callHandlers = catch


def named_function(name):
    def function(*args):
        raise AssertionError("settings never call")

    function.__name__ = name
    return function


def decode(value):
    if not isinstance(value, dict):
        return value
    ((tag, inside),) = value.items()
    return {
        "list": lambda: [decode(item) for item in inside],
        "tuple": lambda: tuple(decode(item) for item in inside),
        "set": lambda: {decode(item) for item in inside},
        "dict": lambda: {decode(key): decode(item) for key, item in inside},
        "float": lambda: float(inside),
        "bytes": lambda: bytes(inside),
        "callable": lambda: named_function(inside),
    }[tag]()


def encode(value):
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, bytes):
        return {"bytes": list(value)}
    if isinstance(value, list):
        return {"list": [encode(item) for item in value]}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((encode(item) for item in value), key=json.dumps)}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if callable(value):
        return {"callable": value.__name__}
    return {"other": repr(value)}


def build(operations):
    config = Config()
    for path, option, operation, value in operations:
        section = config
        for name in path:
            section = section[name]
        value = decode(value)
        if operation == "set":
            section[option] = value
        else:
            getattr(section[option], operation)(value)
    return config


def find(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def make_class(local):
    """The class statement of a configuration file."""
    bases = [find(path) for path in local["bases"]]
    body = {name: decode(value) for name, value in local["attributes"]}
    for option, value, magic in local["defaults"]:
        method = lambda self, value=value: decode(value)
        if magic:
            body[f"_{option}_default"] = method
        else:
            body[f"_make_{option}"] = default(option)(method)
    return type(bases[0])(local["name"], tuple(bases), body)


def patch(patches, when, restore):
    for path, name, value, before in patches:
        if before == when:
            cls = find(path)
            restore.append((cls, name, vars(cls).get(name, Undefined)))
            setattr(cls, name, decode(value))


def exception(error):
    message = getattr(error, "message", None) or str(error)
    return {"exception": type(error).__name__, "message": message}


def run(case):
    before = dict(os.environ)
    os.environ.update(case["env"])
    LINES.clear()
    answer = {}
    restore = []
    try:
        config = build(case["operations"])
        patch(case.get("patches", []), True, restore)
        if case.get("local"):
            config.JupyterHub.authenticator_class = make_class(case["local"])
        patch(case.get("patches", []), False, restore)
        app = JupyterHub(config=config)
        authenticator = app.authenticator_class(parent=app)
        answer["class"] = type(authenticator).__name__
        # What is logged while defaults are computed belongs to whoever asks for them.
        answer["log"] = list(LINES)
        values = {}
        for name in authenticator.traits(config=True):
            try:
                values[name] = encode(getattr(authenticator, name))
            except Exception as error:
                values[name] = exception(error)
        answer["values"] = values
        answer["base_url"] = app.base_url
        answer["admin_users"] = encode(app.admin_users)
    except Exception as error:
        answer.update(exception(error), log=list(LINES))
    finally:
        for cls, name, value in reversed(restore):
            delattr(cls, name) if value is Undefined else setattr(cls, name, value)
        os.environ.clear()
        os.environ.update(before)
    return answer


def kind(trait):
    name = type(trait).__name__
    if isinstance(trait, Union):
        return {"union": [kind(inside) for inside in trait.trait_types]}
    if name == "Command":
        return "Command"
    if isinstance(trait, Container):
        inside = trait._trait
        return {name: kind(inside) if inside is not None else "Any"}
    if isinstance(trait, Dict):
        key, value = trait._key_trait, trait._value_trait
        return {"Dict": [kind(key) if key else "Any", kind(value) if value else "Any"]}
    return "Callable" if isinstance(trait, Callable) else name


def own(cls):
    options = {}
    for name, trait in cls.class_traits(config=True).items():
        if trait.this_class is cls:
            initial = trait.default() if trait.default_value is not None else None
            options[name] = {"kind": kind(trait), "default": encode(initial), "allow_none": trait.allow_none}
    events = {name: value for name, value in vars(cls).items() if type(value).__name__.endswith("Handler")}
    config = set(cls.class_traits(config=True))
    defaults = {}
    for name, value in vars(cls).items():
        if name in events and type(value).__name__ == "DefaultHandler" and value.trait_name in config:
            defaults[value.trait_name] = name
        elif name.startswith("_") and name.endswith("_default") and name[1:-8] in config:
            defaults[name[1:-8]] = name
    validators = {}
    observers = {}
    for name, value in events.items():
        for trait in getattr(value, "trait_names", ()):
            if trait in config:
                target = validators if type(value).__name__ == "ValidateHandler" else observers
                target[trait] = name
    aliases = {}
    for old, (new, version, *same) in vars(cls).get("_deprecated_oauth_aliases", {}).items():
        aliases[old] = [new, version, same[0] if same else True]
    plain = ("user_auth_state_key", "client_id_env", "client_secret_env", "validate_server_cert_env", "auto_login")
    return {
        "module": cls.__module__,
        "bases": [base.__name__ for base in cls.__mro__[1:] if issubclass(base, Authenticator)],
        "options": options,
        "defaults": defaults,
        "validators": validators,
        "observers": observers,
        "aliases": aliases,
        "attributes": {name: vars(cls)[name] for name in plain if isinstance(vars(cls).get(name), (str, bool))},
    }


def tables():
    classes = {}

    def add(cls):
        if cls.__module__.split(".")[0] in PACKAGES:
            classes[cls.__name__] = own(cls)
            for below in cls.__subclasses__():
                add(below)

    add(Authenticator)
    shorts = {entry.name: entry.load().__name__ for entry in entry_points(group="jupyterhub.authenticators")}
    exposed = sorted(
        f"{name}.{key}"
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in PACKAGES
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Authenticator)
    )
    hub = sorted(JupyterHub.class_traits(config=True))
    sections = JupyterHub.section_names()
    return {"classes": classes, "entry_points": shorts, "exposed": exposed, "hub": hub, "hub_sections": sections}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(tables() if request.get("tables") else run(request)), flush=True)
