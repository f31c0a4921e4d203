"""Upstream's side of convert.rs: reads every form of a configuration as the hub, the chart and TLJH do, and says where one
form gives the authenticator other traits than `source.py` does.

Called with a folder that holds a folder for each case.
"""

import importlib
import json
import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import oauthenticator.openshift
import yaml
from importlib.metadata import entry_points
from jupyterhub.app import JupyterHub
from ruamel.yaml import YAML
from traitlets.config import Config
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

ENTRY_POINTS = {point.name: point for point in entry_points(group="jupyterhub.authenticators")}


class NoNetwork:
    def fetch(self, request):
        raise ConnectionError("no network in tests")


oauthenticator.openshift.HTTPClient = NoNetwork


def load_python(path):
    return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()


def load_json(path):
    return JSONFileConfigLoader(path.name, path=str(path.parent)).load_config()


def load_values(path):
    """`files/hub/jupyterhub_config.py` of the chart."""
    hub = yaml.safe_load(path.read_text())["hub"]
    # Through JSON, as helm hands them on.
    hub = json.loads(json.dumps(hub))
    config = Config()
    for key, option in [("baseUrl", "base_url"), ("templatePaths", "template_paths"), ("templateVars", "template_vars")]:
        if key in hub:
            config.JupyterHub[option] = hub[key]
    for section, options in hub.get("config", {}).items():
        config[section].update(options)
    for _, snippet in sorted(hub.get("extraConfig", {}).items()):
        exec(snippet, {"c": config, "get_config": None})
    return config


def load_tljh(path):
    """`tljh/configurer.py`."""
    values = YAML(typ="safe").load(path)
    config = Config()
    config.JupyterHub.base_url = values.get("base_url", "/")
    for section, options in values.get("auth", {}).items():
        if section == "type":
            config.JupyterHub.authenticator_class = options
            continue
        for option, value in options.items():
            if value is not None:
                setattr(config[section], option, value)
    users = values.get("users", {})
    for key, option in [("allowed", "allowed_users"), ("banned", "blocked_users"), ("admin", "admin_users")]:
        config.Authenticator[option] = set(users.get(key, set()))
    return config


def encode(value):
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(map(repr, value))}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {repr(key): encode(item) for key, item in value.items()}
    return repr(value)


def find(chosen):
    if not isinstance(chosen, str):
        return chosen
    if chosen in ENTRY_POINTS:
        return ENTRY_POINTS[chosen].load()
    module, _, name = chosen.rpartition(".")
    return getattr(importlib.import_module(module), name)


def traits(config):
    try:
        app = JupyterHub(config=config)
        authenticator = find(config.JupyterHub.authenticator_class)(parent=app)
        names = authenticator.trait_names(config=True)
        found = {name: encode(getattr(authenticator, name)) for name in names}
        return {**found, "class": type(authenticator).__name__, "base_url": app.base_url}
    except Exception as error:
        return {"raises": type(error).__name__}


FORMS = {
    "jupyterhub_config.py": load_python,
    "jupyterhub_config.json": load_json,
    "values.yaml": load_values,
    "config.yaml": load_tljh,
}

for folder in sorted(Path(sys.argv[1]).iterdir()):
    expected = traits(load_python(folder / "source.py"))
    left_out = json.loads((folder / "left_out.json").read_text())
    for name, load in FORMS.items():
        found = traits(load(folder / name))
        for trait in sorted(expected.keys() | found.keys()):
            if expected.get(trait) != found.get(trait) and trait not in left_out[name] and not (
                left_out[name] and "raises" in expected.keys() | found.keys()
            ):
                print(f"{folder.name}/{name}: {trait} is {found.get(trait)}, not {expected.get(trait)}")
