"""Logins that nobody would write on purpose: odd types in options, callables for claims, users of other shapes, for every class."""

import copy
import random

import cases_cilogon
import cases_globus
import cases_google
import cases_providers_a as providers
from case import ABSENT, TOKEN, USER, Code, answer, case, jwt, text, without

NAMES = (
    "Alice", "\u00c9lo\u00efse", "\u9ad8\u6a4b", "alice smith", "  Alice", "alice\u00a0", "Alice@Uni.edu", "", "a" * 200, "\u01c4x", "\u1fb3\u0399", "O'Neil", "a\tb", "{alice}", "%s", "alice:b",
    5, 2**70, -0.0, 1e22, True, None, ["Alice"], {"name": "Alice"}, ABSENT,
)
PEOPLE = ("alice", "Alice", "alice@uni.edu", "\u00c9lo\u00efse", "\u00e9lo\u00efse", " alice", "bob", "5", "")
MEMBERS = (5, True, None, 1.5, b"alice", ("alice",), "", "a/b", " ", "\ud83d")
CLAIMS = (
    "sub", "email", "name", "nested.name", "nested.deep.er", "list.0", "http://claims.example/name", "given\u00fc", "", 5, None, True, ["name"], ("name",),
    Code("lambda user: user['name']"), Code("lambda user: user.get('email', '').split('@')[0]"), Code("lambda user: None"), Code("lambda user: 5"), Code("lambda user: user['nope']['x']"),
    Code("lambda user: str(user.get('sub')).upper()"), Code("str"), Code("len"), Code("lambda: 'x'"), Code("lambda user, more='b': user['name'] + more"),
    Code("lambda user: [user['name']]"), Code("lambda user: f\"{user['name']}-{user['nested']['name']!r:>8}\""),
)
KEYS = (
    "oauth_user.groups", "oauth_user.nested.groups", "oauth_user.roles", "scope", "token_response.scope", "oauth_user.nothing", "oauth_user", "nothing", "oauth_user.name", "oauth_user.deep.groups.0", "", None, 5,
    Code("lambda state: state['oauth_user']['groups']"), Code("lambda state: [g.lower() for g in state['oauth_user'].get('groups') or []]"), Code("lambda state: None"), Code("lambda state: 'staff'"),
    Code("lambda state: {'staff'}"), Code("lambda state: ('staff', 'x')"), Code("lambda state: {'staff': 1}"), Code("lambda state: [5, None]"),
    Code("lambda state: state['nope']"), Code("lambda state: sorted(state['scope'])"), Code("set"), Code("lambda state: list(map(str, state['scope']))"),
)
GROUPS = (
    ["staff"], [], None, "staff", ["Staff", "\u00fcsers", " staff "], [["staff"]], {"staff": {}}, {"groups": ["staff"]}, 0, ["staff", None], ["staff", 5, True], [""], ["a" * 256], [{"name": "staff"}], "",
    ["staff", "staff", "users"], ABSENT, {"0": "staff"}, [1.0, "1.0"], "staff users",
)
SCOPES = (
    ABSENT, None, "", " ", "openid", "openid  profile", "openid,profile", "profile openid email", "OPENID", ["openid", "profile"], ["openid", None], [], {}, {"openid": True}, 5, 0, False, True, "openid\tprofile",
    "openid\nprofile", "https://x/y openid", "user", "user:email read:org", "read_api api",
)
TYPES = (ABSENT, None, "", "Bearer", "bearer", "bEaRer", "token", "MAC", " Bearer", 5, ["Bearer"], True)
USERINFO = (None, [], {}, "x", 5, [USER], {"error": "x"}, {"error": "access_denied", "error_description": "no"}, {"message": "no"}, True)
TOKENS = (
    {"error": "invalid_grant"}, {"error": None, "access_token": "AT", "token_type": "Bearer"}, {"error_description": "x"}, {"access_token": "", "token_type": "Bearer"}, {"access_token": None, "token_type": "Bearer"},
    {"access_token": ["AT"], "token_type": "Bearer"}, {"access_token": 5, "token_type": "Bearer"}, {"token_type": "Bearer", "id_token": "x"}, {"access_token": "\u00e4\u00f6 \n", "token_type": "Bearer"},
    {"access_token": "AT", "token_type": "Bearer", "refresh_token": False}, {"access_token": "AT", "token_type": "Bearer", "id_token": {"a": 1}}, {"access_token": "a" * 9000, "token_type": "Bearer"}, [], None, "AT", 5,
)
FLAGS = (True, False, None, 0, 1, "True", "false", "", "x", [], {}, 2)
OWN = {
    "GitHubOAuthenticator": {"allowed_organizations": {"org-b:team"}, "populate_teams_in_auth_state": True},
    "GitLabOAuthenticator": {"allowed_gitlab_groups": {"g"}, "allowed_project_ids": {5}},
    "BitbucketOAuthenticator": {"allowed_teams": {"Team A"}},
    "Auth0OAuthenticator": {"allow_unverified_email": True},
    "AzureAdOAuthenticator": {"user_groups_claim": "roles", "username_claim": "oid"},
    "GoogleOAuthenticator": {"hosted_domain": ["uni.edu"], "strip_domain": True, "allow_unverified_email": True},
    "GlobusOAuthenticator": {"identity_provider": "uni.edu", "allowed_globus_groups": {"g1"}, "admin_globus_groups": {"g2"}, "username_from_email": True, "exclude_tokens": ["x"]},
    "CILogonOAuthenticator": {"skin": "s", "scope": ["email"]},
    "GenericOAuthenticator": {"userdata_token_method": "url"},
    "OAuthenticator": {"userdata_params": {"a": "b"}},
    "OpenShiftOAuthenticator": {"openshift_rest_api_url": "{P}"},
}
# What an option that holds text, a list, a set or a switch may be given.
ANYTHING = (None, 0, 5, True, False, "", "x", "5", [], ["x"], [5], ["org-a", 5], set(), {"x"}, {5}, {"5"}, (), ("x",), {}, {"x": 1}, {"uni.edu": {"staff"}}, {"uni.edu": "staff"}, 1.5, b"x", Code("lambda *a: 'x'"), Code("{'org-a', 'g', 'Team A'}"))


TAME_CLAIMS = ("sub", "email", "name", "username", "list.0", "given\u00fc", *CLAIMS[12:14], *CLAIMS[17:18], *CLAIMS[20:21], CLAIMS[-1])
TAME_KEYS = tuple(key for key in KEYS if isinstance(key, str))


class Dice(random.Random):
    """Draws what a login is made of. Where it is `wild`, options may be of any type, and the hub mostly doesn't start."""

    wild = False

    def maybe(self, chance):
        return self.random() < chance

    def user(self):
        name = self.choice(NAMES[:9] if self.maybe(0.6) else NAMES)
        groups = self.choice(GROUPS)
        more = {"nested": {"name": name if name is not ABSENT else "x", "groups": groups if groups is not ABSENT else [], "deep": {"er": "x"}}, "roles": ["b", "staff"], "list": ["alice"]}
        more["http://claims.example/name"] = "dotted"
        return more, name, groups

    def members(self):
        """What somebody takes for a set of names."""
        some = self.sample(PEOPLE, self.randint(0, 3))
        if self.wild and self.maybe(0.25):
            some.append(self.choice(MEMBERS))
        kind = self.choice((set, set, set, list, tuple))
        try:
            return kind(some)
        except TypeError:
            return some

    def flag(self):
        return self.choice(FLAGS) if self.wild and self.maybe(0.4) else True

    def options(self, cls):
        self.wild = self.maybe(0.25)
        drawn = {"allow_all": self.flag()} if self.maybe(0.45) else {}
        for name in ("allowed_users", "admin_users", "blocked_users"):
            if self.maybe(0.3):
                drawn[name] = self.members()
        if managed := self.maybe(0.6):
            drawn["manage_groups"] = self.flag()
            drawn["auth_state_groups_key"] = self.choice(KEYS if self.wild else TAME_KEYS)
        elif self.maybe(0.08):
            drawn["admin_groups"] = {"staff"}
        for name in ("allowed_groups", "admin_groups"):
            if managed and self.maybe(0.4):
                drawn[name] = self.choice(({"staff"}, {"x", "users"}, ["staff"], {"\u00fcsers", ""}, {"5"}, *((set(), {5}, "staff", None) if self.wild else ())))
        if self.maybe(0.3):
            drawn["username_claim"] = self.choice(CLAIMS if self.wild or self.maybe(0.2) else TAME_CLAIMS)
        if self.maybe(0.15):
            drawn["username_map"] = {self.choice(PEOPLE): self.choice((*PEOPLE, 5, None) if self.wild else PEOPLE) for _ in range(2)}
        if self.maybe(0.2):
            drawn["allow_existing_users"] = self.flag()
        scopes = (["openid"], ["openid", "profile"], [], ["\u00fc x"], ("openid",))
        if self.maybe(0.2):
            drawn["scope"] = self.choice((*scopes, "openid profile", None, [5], {"openid"}) if self.wild else scopes)
        if self.maybe(0.1):
            drawn["allowed_scopes"] = self.choice((["openid"], ["email"], "openid", None)) if self.wild else drawn.setdefault("scope", ["openid", "profile"])
        if self.maybe(0.1):
            drawn["username_pattern"] = self.choice((r"^\w+$", "", r"(?P<x>a).*", r"^[^@]+$", r"\S+", *(("[", None, 5) if self.wild else ())))
        params = ({"a": 5}, {"a": None}, {"a": ["b", "c"]}, {"a": True}, {"code": "mine"}, {"\u00fc": "\u00e4 &"}, {}, *(({5: "x"}, None, []) if self.wild else ()))
        for name in ("extra_authorize_params", "token_params", "userdata_params"):
            if self.maybe(0.06):
                drawn[name] = self.choice(params)
        for name in ("basic_auth", "enable_pkce", "validate_server_cert", "any_allow_config", "auto_login"):
            if self.maybe(0.05):
                drawn[name] = self.choice(FLAGS[:8]) if self.wild else self.maybe(0.5)
        for name, value in OWN.get(cls.removeprefix("Local"), {}).items():
            if self.maybe(0.4):
                drawn[name] = self.choice(ANYTHING) if self.wild and self.maybe(0.5) else value
        drawn = list(drawn.items())
        self.shuffle(drawn)
        return dict(drawn)

    def token(self, base):
        if self.maybe(0.06):
            return answer(self.choice(TOKENS))
        base = without(base, scope=self.choice(SCOPES)) if self.maybe(0.5) else base
        base = without(base, token_type=self.choice(TYPES)) if self.maybe(0.15) else base
        return answer(base)

    def userdata(self, base):
        if self.maybe(0.04):
            return answer(self.choice(USERINFO))
        if self.maybe(0.02):
            return text('{"a": NaN, "login": "x", "a": 1}')
        return answer(base)


def generic(cls):
    def make(name, dice, options, **more):
        shape, who, groups = dice.user()
        user = without(USER, username=who, name=who, groups=groups, **shape)
        return case(name, options, cls=cls, user=dice.userdata(user), token=dice.token(TOKEN), allow_all=ABSENT, **more)

    return make


def github(name, dice, options, **more):
    shape, who, groups = dice.user()
    user = without(providers.GITHUB_USER, login=who, name=who, email=dice.choice(("a@b.c", None, ABSENT)), groups=groups, **shape)
    member = dice.choice((text("", 204), answer({}, 404), text("", 302), answer({}, 500)))
    paths = {"/api/v3/orgs/org-a/members/" + str(who).lower(): member, providers.TEAMS: [{"slug": "staff"}], "/api/v3/orgs/org-b/teams/team/members/alice": text("", 204)}
    paths[providers.EMAILS] = [{"email": "p@y.z", "primary": True}]
    return providers.github(name, options, user=dice.userdata(user), token=dice.token(providers.TOKEN), paths=paths, **more)


def gitlab(name, dice, options, **more):
    shape, who, groups = dice.user()
    user = without(providers.GITLAB_USER, username=who, name=who, groups=groups, id=dice.choice((7, 7, 7, "7", None, ABSENT)), is_admin=dice.choice((True, False, ABSENT)), **shape)
    paths = {"/api/v4/groups/g/members/all/7": dice.choice((answer({}), answer({}, 404))), "/api/v4/projects/5/members/all/7": answer({"access_level": dice.choice((10, 30, 40, None, "30"))})}
    version = answer({"version": dice.choice(("16.7.2-ee", "12.3.9", "12.4.0", "9", "", None, 5, "x.y"))})
    return providers.gitlab(name, options, user=dice.userdata(user), token=dice.token(providers.TOKEN), paths=paths, version=version, **more)


def bitbucket(name, dice, options, **more):
    shape, who, groups = dice.user()
    user = without(providers.BITBUCKET_USER, username=who, name=who, groups=groups, **shape)
    return providers.bitbucket(name, options, user=dice.userdata(user), token=dice.token(providers.TOKEN), paths={providers.WORKSPACES: providers.workspaces("Team A", "B")}, **more)


def auth0(name, dice, options, **more):
    shape, who, groups = dice.user()
    user = without(providers.AUTH0_USER, email=who, name=who, groups=groups, email_verified=dice.choice((True, False, "false", None, ABSENT, 1)), **shape)
    return providers.auth0(name, options, user=dice.userdata(user), token=dice.token(providers.TOKEN), **more)


def azure(name, dice, options, **more):
    shape, who, groups = dice.user()
    claims = without(providers.AZURE_CLAIMS, name=who, groups=groups, **shape)
    token = {**providers.TOKEN, "id_token": jwt(claims)}
    return providers.azure(name, {"allow_all": ABSENT, **options}, token=dice.token(token), **more)


def openshift(name, dice, options, **more):
    shape, who, groups = dice.user()
    user = copy.deepcopy(providers.OPENSHIFT_USER)
    user["metadata"] = without(user["metadata"], name=who)
    user = without(user, groups=groups, name="x", **shape)
    return providers.openshift(name, {"allow_all": ABSENT, **options}, user=dice.userdata(user), token=dice.token(providers.TOKEN), **more)


def google(name, dice, options, **more):
    shape, who, groups = dice.user()
    mail = f"{who}@Uni.edu" if isinstance(who, str) and "@" not in who else who
    user = without(cases_google.USER, email=mail, groups=groups, hd=dice.choice(("uni.edu", "UNI.edu", None, ABSENT, 5)), verified_email=dice.choice((True, True, False, "false", None, ABSENT)), **shape)
    return cases_google.login(name, options, user=dice.userdata(user), token=dice.token(TOKEN), allow_all=ABSENT, **more)


def globus(name, dice, options, **more):
    shape, who, groups = dice.user()
    mail = f"{who}@uni.edu" if isinstance(who, str) and "@" not in who else who
    user = without(cases_globus.USER, preferred_username=mail, email=dice.choice((mail, "x@else.where", None, ABSENT)), groups=groups, **shape)
    mine = answer(dice.choice((cases_globus.MINE, [], [{}], {"errors": []}, [{"id": None}], [{"id": 5}])))
    return cases_globus.login(name, options, token=dice.token(cases_globus.TOKEN), user=dice.userdata(user), groups=mine, allow_all=ABSENT, **more)


def cilogon(name, dice, options, **more):
    shape, who, groups = dice.user()
    mail = f"{who}@Uni.edu" if isinstance(who, str) and "@" not in who else who
    user = without(cases_cilogon.USER, email=mail, name=who, groups=groups, idp=dice.choice((cases_cilogon.UNI, cases_cilogon.UNI, cases_cilogon.OTHER, "x", None, ABSENT)), **shape)
    rules = {"allow_all": True, "allowed_domains": ["uni.edu", "*.org"], "allowed_domains_claim": dice.choice(("email", "name", "nope")), "default": True}
    idps = {}
    for idp in (cases_cilogon.UNI, cases_cilogon.OTHER):
        if dice.maybe(0.75):
            kind = dice.choice(({}, {"action": "prefix", "prefix": "u\u00fc"}, {"action": "strip_idp_domain", "domain": "uni.edu"}, {"action": "prefix", "prefix": ""}))
            claim = dice.choice(("email", "eppn", "name", "number", "groups", "nope", "nested", ""))
            idps[idp] = {"username_derivation": {"username_claim": claim, **kind}, **{key: value for key, value in rules.items() if dice.maybe(0.3)}}
    return cases_cilogon.login(name, idps, options, user=dice.userdata(user), token=dice.token(TOKEN), allow_all=ABSENT, **more)


MAKERS = {
    "GenericOAuthenticator": generic("GenericOAuthenticator"), "OAuthenticator": generic("OAuthenticator"), "LocalGenericOAuthenticator": generic("LocalGenericOAuthenticator"), "GitHubOAuthenticator": github,
    "GitLabOAuthenticator": gitlab, "BitbucketOAuthenticator": bitbucket, "Auth0OAuthenticator": auth0, "AzureAdOAuthenticator": azure, "OpenShiftOAuthenticator": openshift, "GoogleOAuthenticator": google,
    "GlobusOAuthenticator": globus, "CILogonOAuthenticator": cilogon,
}
BY_CLASS = 60


def cases(by_class=BY_CLASS, seed=3):
    for cls, make in MAKERS.items():
        dice = Dice(f"{cls} {seed}")
        for number in range(by_class):
            more = {"sample": 12}
            if dice.maybe(0.4):
                more["existing_users"] = dice.sample(("alice", "Alice", "bob", "alice@uni.edu", "\u00e9lo\u00efse"), 2)
            yield make(f"odd {cls} {number}", dice, dice.options(cls), **more)


if __name__ == "__main__":
    import json
    import os

    for made in cases(int(os.environ.get("ODD_CASES", BY_CLASS)), int(os.environ.get("ODD_SEED", 3))):
        print(json.dumps(made))
