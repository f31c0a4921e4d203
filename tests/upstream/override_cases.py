"""Cases of logins by classes that override one method of upstream's each, with one that raises.

Prints a case a line, as `login_cases.py` does.
"""

import importlib
import inspect
import json
import re

import login_cases
from jupyterhub.auth import Authenticator, LocalAuthenticator

# Helpers that only a hub calls: for users that are made, services, spawners, or while it starts.
NOT_AT_LOGIN = {
    "add_user", "delete_user", "load_managed_roles", "pre_spawn_start", "post_spawn_stop", "get_custom_html", "login_url", "logout_url", "get_handlers", "check_allow_config",
    "_init_deprecated_methods", "_deprecated_oauth_trait",
}
# A login of each class that goes far: into groups, teams, and requests of its own.
FAR = (
    ("generic", "GenericOAuthenticator", "groups ['staff', 'users'] with lists"), ("oauth2", "OAuthenticator", "username_claim"), ("cilogon", "CILogonOAuthenticator", ""), ("globus", "GlobusOAuthenticator", "manage"),
    ("google", "GoogleOAuthenticator", "groups"), ("auth0", "Auth0OAuthenticator", ""), ("azuread", "AzureAdOAuthenticator", "groups"), ("github", "GitHubOAuthenticator", "member"),
    ("gitlab", "GitLabOAuthenticator", "project"), ("openshift", "OpenShiftOAuthenticator", ""), ("generic", "LocalGenericOAuthenticator", ""), ("github", "LocalGitHubOAuthenticator", "member"),
)


def methods(cls):
    for base in cls.__mro__:
        if issubclass(base, Authenticator):
            for name, value in vars(base).items():
                if inspect.isfunction(value) and not name.startswith("__") and not name.endswith("_default"):
                    yield name


def base(cls, word):
    """A case of that class, one with the word in its name where there is one; the requests of none are sent elsewhere."""
    own = [made for made in login_cases.CASES if re.search(rf"c\.{cls}\.", made["config"]) and not {"reroute", "elsewhere", "import_env", "callback", "entry"} & set(made)]
    named = [made for made in own if word in made["name"]]
    return (named or own)[0]


def cases():
    for module, cls, word in FAR:
        made = base(cls, word)
        real = getattr(importlib.import_module(f"oauthenticator.{module}"), cls)
        for method in sorted(set(methods(real)) - NOT_AT_LOGIN):
            lines = (
                f"from oauthenticator.{module} import {cls}", f"class Mine({cls}):", f"    def {method}(self, *args, **kwargs):", "        raise RuntimeError('overridden')",
                "c.JupyterHub.authenticator_class = Mine",
            )
            yield {**made, "name": f"{method} of {cls} overridden", "config": made["config"] + "\n".join(lines) + "\n", "sample": 12}


if __name__ == "__main__":
    for made in cases():
        print(json.dumps(made))
