"""Classes that operators wrote, out of real values files: `cases_corpus.py FOLDER` prints a case a line.

Each case has the values, with every address turned to the provider of the test, and the same as a
`jupyterhub_config.py` for upstream alone. What the tests lack of a cluster is in `SITE`.
"""

import json
import re
import sys
from pathlib import Path

import yaml

from case import answer

# Stands for the provider while the values are parsed.
HERE = "http://provider.invalid"
# Modules that snippets import and no login uses.
SITE = {
    "kubernetes_asyncio/__init__.py": "",
    "kubernetes_asyncio/client.py": "",
    "itsdangerous.py": "",
}
USER = {"login": "Ada", "preferred_username": "Ada", "sub": "7", "email": "ada@uni.edu", "name": "Ada L",
        "id": 7, "realm_access": {"roles": ["RS-JUPYTER-USER", "RS-ADMIN"]}}
OUTSIDER = {**USER, "login": "Mallory", "preferred_username": "Mallory", "realm_access": {"roles": []}}
ADMIN = {**USER, "login": "satra", "preferred_username": "satra"}
SET = {
    "client_id": "cid",
    "client_secret": "sec",
    "oauth_callback_url": "http://127.0.0.1:1/hub/oauth_callback",
    "authorize_url": "{P}/authorize",
    "token_url": "{P}/token",
    "userdata_url": "{P}/userinfo",
}
# The chart's part of the hub's configuration, as far as these classes see it.
CHART = """\
import os, sys, re, glob
from jupyterhub.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient
values = {values!r}
def get_config(key, default=None):
    found = values
    for level in key.split("."):
        if not isinstance(found, dict) or level not in found:
            return default
        found = found[level]
    return found
c.JupyterHub.authenticator_class = "dummy"
c.CryptKeeper.keys = [b"k" * 32]
c.KubeSpawner.environment = {{}}
for section, options in get_config("hub.config", {{}}).items():
    c[section].update(options)
for name, text in sorted(get_config("hub.extraConfig", {{}}).items()):
    exec(text)
"""


def local(text):
    """The values with what a tool would fill in filled in, and every address that of the provider."""
    text = re.sub(r"\$\{\w*credentials\}", json.dumps({HERE: "T"}), text)
    text = re.sub(r"\$\{\w+\}|\{\{[^}]*\}\}", "filled", text)
    return re.sub(r"https?://[\w.:-]+", HERE, text)


def hubs(node, depth=0):
    """The chart's values, wherever another chart holds them."""
    if isinstance(node, dict) and depth < 6:
        hub = node.get("hub")
        if isinstance(hub, dict) and isinstance(hub.get("extraConfig"), dict):
            yield node
        for value in node.values():
            yield from hubs(value, depth + 1)


def own_class(values):
    """The class that the snippets define and choose."""
    texts = [text for text in values["hub"]["extraConfig"].values() if isinstance(text, str)]
    for text in texts:
        chosen = re.search(r"authenticator_class\s*=\s*(\w+)", text)
        if chosen and re.search(rf"class {chosen[1]}\(", text):
            return chosen[1]
    return None


def cases(folder):
    for path in sorted((Path(folder) / "yaml").glob("*.yaml")):
        text = local(path.read_text(encoding="utf-8"))
        try:
            found = [values for document in yaml.safe_load_all(text) for values in hubs(document)]
        except yaml.YAMLError:
            continue
        for values in found[:1]:
            name = own_class(values)
            if name is None or "MWOAuthenticator" in text:
                continue  # OAuth 1.0a is driven by a test of its own
            sets = {f"{name}.{option}": value for option, value in SET.items()}
            if "GitHubOAuthenticator" in text:
                sets[f"{name}.github_api"] = "{P}"
            config = CHART.format(values=values)
            config += "".join(f"c.{option} = {value!r}\n" for option, value in sets.items())
            flags = [part for option, value in sets.items() for part in ("--set", f"{option}={value}")]
            for who, user in (("user", USER), ("outsider", OUTSIDER), ("admin", ADMIN)):
                yield {
                    "name": f"corpus {path.name} {name} {who}",
                    "config": config,
                    "values": text,
                    "flags": [*flags, "--python={PYTHON}"],
                    "import_env": {"PYTHONPATH": "{SITE}"},
                    "provider": provider(user),
                }


def provider(user):
    token = {"access_token": "AT", "token_type": "Bearer", "scope": "read:user,user:email", "id_token": "e30.e30.x"}
    known = [] if user is OUTSIDER else [{"username": user["login"]}]
    return {
        "/token": answer(token),
        "/userinfo": answer(user),
        "/user": answer(user),
        "/user/emails": answer([{"email": user["email"], "primary": True}]),
        "/api/users/search/": answer(known),
    }


if __name__ == "__main__":
    for one in cases(sys.argv[1]):
        print(json.dumps(one).replace(HERE, "{P}"))
    print(json.dumps({"site": SITE}))
