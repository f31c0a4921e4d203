"""Upstream's side of check_differential.rs: one configuration a line, one answer a line, both JSON.

The configuration is loaded and the hub started as `JupyterHub.initialize` does it, as far as it concerns who may log in.
The answer tells what was raised and logged, and which of some people come in: those whom the configuration names, one who
belongs to everything that it allows, one whom the hub's database knows already, and a stranger.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from jupyterhub import orm, roles
from jupyterhub.app import JupyterHub
from jupyterhub.crypto import CryptKeeper
from tornado import web

LINES = []
EXISTING, STRANGER, MEMBER = "longknown", "zzstranger", "zzmember"


def catch(logger, record):
    if record.levelno >= logging.WARNING:
        LINES.append(record.getMessage())


def database():
    db = orm.new_session_factory("sqlite:///:memory:")()
    for role in roles.get_default_roles():
        roles.create_role(db, role)
    return db


class Asked:
    """What other systems are told to say of whoever logs in just now."""

    belongs = False


async def asked(*args, **kwargs):
    return Asked.belongs


def without_network(authenticator):
    """Whoever asks another system is told that this person belongs."""
    for name in (
        "_check_membership_allowed_organizations",
        "_check_membership_allowed_groups",
        "_check_membership_allowed_project_ids",
    ):
        if hasattr(authenticator, name):
            object.__setattr__(authenticator, name, asked)
    here = {
        "check_allowed_groups": lambda *args: Asked.belongs and bool(authenticator.allowed_groups),
        "system_user_exists": lambda user: True,
    }
    for name, answer in here.items():
        if hasattr(authenticator, name):
            object.__setattr__(authenticator, name, answer)


def option(authenticator, name, otherwise):
    return getattr(authenticator, name, None) or otherwise


def members(authenticator):
    """What the provider may say of one who belongs to everything."""
    idps = option(authenticator, "idps", {})
    domains = {*option(authenticator, "allowed_google_groups", {}), *option(authenticator, "admin_google_groups", {})}
    hosted = list(option(authenticator, "hosted_domain", []))
    for domain in [*sorted(domains), *hosted, "example.org"] if not idps else []:
        groups = option(authenticator, "allowed_google_groups", {}).get(domain, set())
        yield {
            "domain": domain,
            "hd": domain if domain in hosted else "".join(hosted[:1]),
            "google_groups": list(groups),
            "admin": bool(option(authenticator, "admin_google_groups", {}).get(domain)),
        }
    for idp, description in idps.items():
        derivation = description["username_derivation"]
        claims = [derivation.get("username_claim"), description.get("allowed_domains_claim")]
        for domain in description.get("allowed_domains") or ["example.org"]:
            address = "x@" + str(domain).replace("*", "a").replace("?", "a")
            yield {"idp": idp, **{claim: address for claim in claims if claim}}


def people(authenticator):
    named = [*authenticator.allowed_users, *authenticator.admin_users, EXISTING]
    for name in named:
        yield name, name, next(members(authenticator)), False
    for userdata in members(authenticator):
        nothing = {"google_groups": [], "admin": False}
        claims = {claim: "x@elsewhere.example" for claim, value in userdata.items() if "@" in str(value)}
        yield STRANGER, STRANGER, {**userdata, **nothing, **claims}, False
        yield MEMBER, MEMBER, userdata, True


def model(authenticator, name, userdata, belongs):
    groups, admin = set(), name in authenticator.admin_users or None
    if belongs:
        wanted = option(authenticator, "allowed_groups", set())
        admin_groups = option(authenticator, "admin_groups", set()) if authenticator.manage_groups else set()
        groups = {*wanted, *admin_groups}
        admin = bool(admin_groups or option(authenticator, "admin_globus_groups", None) or userdata.get("admin")) or None
    state = {
        "token_response": {"access_token": "t", "token_type": "Bearer"},
        "scope": list(option(authenticator, "allowed_scopes", [])) if belongs else [],
        "user_teams": list(option(authenticator, "allowed_teams", [])) if belongs else [],
        "globus_groups": list(option(authenticator, "allowed_globus_groups", [])) if belongs else [],
        authenticator.user_auth_state_key: {
            "id": 1,
            "email": name + "@example.org",
            "preferred_username": name + "@" + option(authenticator, "identity_provider", "example.org"),
            "email_verified": True,
            "verified_email": True,
            **userdata,
        },
    }
    return {"name": name, "admin": admin, "groups": sorted(map(str, groups)), "auth_state": state}


async def enters(authenticator, auth_model):
    async def authenticate(handler, data):
        return auth_model

    object.__setattr__(authenticator, "authenticate", authenticate)
    object.__setattr__(authenticator, "post_auth_hook", None)
    try:
        return bool(await authenticator.get_authenticated_user(None, None))
    except web.HTTPError:
        return False


def values(authenticator):
    """Every option but the deprecated ones, whose values the new ones have."""
    old = {"whitelist", "claim_groups_key", "user_groups_claim"}
    for cls in type(authenticator).__mro__:
        old |= set(vars(cls).get("_deprecated_oauth_aliases", {}))
    found = {}
    for name in authenticator.traits(config=True):
        if name not in old:
            try:
                value = getattr(authenticator, name)
            except Exception as error:
                value = error
            found[name] = repr(sorted(value, key=repr) if isinstance(value, set) else value).split(" at 0x")[0]
    return found


async def judge(case, folder, db):
    for path in Path(folder).iterdir():
        path.unlink()
    path = Path(folder) / case["name"]
    path.write_text(case["text"], encoding="utf-8")
    for user in db.query(orm.User):
        db.delete(user)
    db.commit()
    db.add(orm.User(name=EXISTING))
    db.commit()
    LINES.clear()
    CryptKeeper.clear_instance()
    JupyterHub.clear_instance()
    app = JupyterHub.instance()
    answer = {"exception": None, "log": LINES, "enter": []}
    try:
        app.load_config_file(str(path))
        app.authenticator_class
        app.init_hub()
        app.db = db
        authenticator = app.authenticator
        if hasattr(authenticator, "user_auth_state_key"):
            without_network(authenticator)
        answer["before"] = values(authenticator)
        await app.init_users()
        answer["values"] = values(authenticator)
    except (Exception, SystemExit) as error:
        db.rollback()
        message = getattr(error, "message", None) or str(error)
        return {**answer, "exception": type(error).__name__, "message": message}
    answer["blocked"] = sorted(map(str, authenticator.blocked_users))
    answer["normal"] = {str(name): authenticator.normalize_username(str(name)) for name in authenticator.blocked_users}
    answer["allow_all"] = authenticator.allow_all
    entered = set()
    for who, name, userdata, belongs in people(authenticator):
        Asked.belongs = belongs
        try:
            if await enters(authenticator, model(authenticator, name, userdata, belongs)):
                entered.add(who)
        except Exception as error:
            answer.setdefault("errors", []).append(repr(error))
    return {**answer, "enter": sorted(entered)}


def main():
    logging.Logger.callHandlers = catch
    JupyterHub().classes
    db = database()
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            case = json.loads(line)
            os.environ.update(case["env"])
            answer = asyncio.run(judge(case, folder, db))
            os.environ.clear()
            os.environ.update(before)
            OUT.write(json.dumps(answer) + "\n")
            OUT.flush()


OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
main()
