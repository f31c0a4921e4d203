"""Cases about Globus: tokens of several resource servers, the groups service, and the identity provider's domain."""

import json
import random

from case import ABSENT, Code, answer, case, moved, text, without

CLS = "GlobusOAuthenticator"
TRANSFER = {"access_token": "TT", "refresh_token": "TR", "expires_in": 100, "resource_server": "transfer.api.globus.org", "scope": "urn:t", "token_type": "Bearer", "state": "s"}
GROUPS = {"access_token": "GT", "expires_in": 100, "resource_server": "groups.api.globus.org", "scope": "urn:g", "token_type": "Bearer"}
TOKEN = {"access_token": "AT", "token_type": "Bearer", "expires_in": 100, "scope": "openid profile", "resource_server": "auth.globus.org", "id_token": "x.y.z", "state": "s",
         "other_tokens": [TRANSFER, GROUPS]}
USER = {"sub": "1", "preferred_username": "Alice@uni.edu", "email": "al@mail.edu", "name": "Alice", "number": 5}
MINE = [{"id": "g1", "name": "one"}, {"id": "g2"}]
ODD = (None, True, False, 0, 5, 1.5, "", "x", [], ["x"], {}, {"a": 1}, ABSENT)


def shown(value):
    return "absent" if value is ABSENT else ascii(value)[:400]


def login(name, options=None, *, token=TOKEN, user=USER, groups=MINE, cls=CLS, allow_all=False, **more):
    options = {"globus_groups_url": "{P}/groups", **(options or {})}
    return case(f"globus {name}", options, cls=cls, token=token, user=user, paths={"/groups": groups}, allow_all=allow_all, **more)


def usernames():
    for claim in ("preferred_username", "email", "none", "name", "number", "", ABSENT, Code("lambda user: user['name']"), None, 5):
        for from_email in (ABSENT, True, False):
            options = {"username_claim": claim, "username_from_email": from_email}
            yield login(f"claim {shown(claim)}, username_from_email {shown(from_email)}", options, allow_all=True)
    for value in (*ODD, "alice", "alice@uni.edu", "@uni.edu", "a@b@c", "A B@uni.edu", "a/b@uni.edu"):
        yield login(f"name {shown(value)}", user=answer(without(USER, preferred_username=value)), allow_all=True)
        for domain in ("uni.edu", "b@c", "alice", "x"):
            more = {"user": answer(without(USER, preferred_username=value)), "allow_all": True}
            yield login(f"name {shown(value)} of {domain}", {"identity_provider": domain}, **more)
    for body in ([], [USER], "x", 5, None, {}):
        yield login(f"userdata {shown(body)}", user=answer(body), allow_all=True)
    for domain in ("uni.edu", "UNI.edu", "mail.edu", "", ABSENT):
        for from_email in (True, False):
            options = {"identity_provider": domain, "username_from_email": from_email, "blocked_users": {"al"}}
            yield login(f"identity_provider {shown(domain)}, username_from_email {from_email}", options, allow_all=True)
    yield login("identity_provider of the environment", env={"IDENTITY_PROVIDER": "uni.edu"}, allow_all=True)
    yield login("other identity_provider of the environment", env={"IDENTITY_PROVIDER": "x.edu"}, allow_all=True)
    yield login("map", {"username_map": {"alice": "bob"}, "identity_provider": "uni.edu"}, allow_all=True)
    yield login("no username claim in the id_token", {"userdata_url": ABSENT, "userdata_from_id_token": True}, allow_all=True)


def tokens():
    for other in (*ODD, [TRANSFER], [GROUPS], [TRANSFER, TRANSFER], [{}], [None], [TRANSFER, {**TRANSFER, "access_token": "later"}], [{**TRANSFER, "resource_server": None}],
                  [{**TRANSFER, "resource_server": 5}], [{**TRANSFER, "resource_server": ["x"]}], [{**TRANSFER, "resource_server": {"a": 1}}], [{**TRANSFER, "resource_server": True}, {**TRANSFER, "resource_server": 1}]):
        for groups in (False, True):
            options = {"allowed_globus_groups": {"g1"}} if groups else {}
            yield login(f"other_tokens {shown(other)}, groups {groups}", options, token=answer(without(TOKEN, other_tokens=other)), allow_all=True)
    for exclude in ([], ["transfer.api.globus.org"], ["auth.globus.org"], ["x"], [None], [5], "auth.globus.org", None):
        yield login(f"exclude_tokens {shown(exclude)}", {"exclude_tokens": exclude}, allow_all=True)
    for key in ("resource_server", "scope", "token_type", "expires_in"):
        for value in (None, ABSENT, "x", "groups.api.globus.org", 5):
            yield login(f"{key} {shown(value)}", {"exclude_tokens": []}, token=answer(without(TOKEN, **{key: value})), allow_all=True)
    yield login("scopes", {"allowed_scopes": ["openid"], "scope": ["openid"]})
    yield login("own key", allow_all=True, before=["from oauthenticator.globus import GlobusOAuthenticator"],
                lines=["class Own(GlobusOAuthenticator):", "    user_auth_state_key = 'me'", "c.JupyterHub.authenticator_class = Own"])
    yield login("key of another", {"identity_provider": "uni.edu"}, allow_all=True, before=["from oauthenticator.globus import GlobusOAuthenticator"],
                lines=["class Own(GlobusOAuthenticator):", "    user_auth_state_key = 'token_response'", "c.JupyterHub.authenticator_class = Own"])


def scopes():
    for allowed in (ABSENT, set(), {"g1"}):
        for admin in (ABSENT, set(), {"g1"}):
            for email in (ABSENT, True):
                for scope in (ABSENT, ["openid"], []):
                    options = {"allowed_globus_groups": allowed, "admin_globus_groups": admin, "username_from_email": email, "scope": scope}
                    yield login(f"scope {shown(scope)}, allowed {shown(allowed)}, admin {shown(admin)}, email {shown(email)}", options)


def groups():
    rules = {"allowed_globus_groups": {"g1", "x"}, "admin_globus_groups": {"g2"}}
    bodies = ([], MINE, [{"id": "x"}], [{"name": "x"}], [{}], ["x"], [None], [5], {}, {"id": "g1"}, "g1", "", 5, None, [{"id": None}], [{"id": ["g1"]}],
              [{"id": {"a": 1}}], [{"id": "g1"}, {"id": "g1"}], [{"id": "G1"}], [{"id": ""}])
    for body in bodies:
        for options in ({"allowed_globus_groups": {"g1"}}, {"admin_globus_groups": {"g1"}}, {"manage_groups": True}):
            yield login(f"groups {shown(body)} with {options}", options, groups=answer(body))
        yield login(f"groups {shown(body)} without rules", groups=answer(body), allow_all=True)
    for status in (201, 204, 301, 400, 401, 403, 404, 429, 500, 503):
        yield login(f"groups {status}", rules, groups=answer(MINE, status, [("Retry-After", "1"), ("Location", "{P}/elsewhere")]))
    yield login("groups moved", rules, groups=moved(302, "{P}/there"))
    for body in ("", "<html>", "[", "nan"):
        yield login(f"groups text {body!r}", rules, groups=text(body))
    yield login("groups cut short", rules, groups=answer(MINE, fault="truncate"))
    yield login("groups closed", rules, groups=answer(MINE, fault="close"))
    for names in ([], [TRANSFER], [GROUPS, {**GROUPS, "access_token": "second"}], [{**GROUPS, "access_token": None}], [{**GROUPS, "access_token": 5}]):
        yield login(f"group tokens {shown(names)}", rules, token=answer({**TOKEN, "other_tokens": names}))
    yield login("the groups token on top", rules, token=answer({**TOKEN, "other_tokens": [], "resource_server": "groups.api.globus.org"}))
    for managed in ({}, {"manage_groups": True}, {"manage_groups": True, "auth_state_groups_key": "globus_groups"},
                    {"manage_groups": True, "auth_state_groups_key": "globus_groups", "allowed_groups": {"g1"}},
                    {"manage_groups": True, "auth_state_groups_key": "globus_groups", "admin_groups": {"g1"}}):
        for token in (TOKEN, {**TOKEN, "other_tokens": [TRANSFER]}):
            yield login(f"managed {managed} with {len(token['other_tokens'])} tokens", managed, token=token)
    draw = random.Random(17)
    for number in range(60):
        some = lambda of: set(draw.sample(of, draw.randint(0, 2)))
        options = {"allowed_globus_groups": some(["g1", "g2", "g3"]), "admin_globus_groups": some(["g1", "g2", "g3"]), "admin_users": some(["alice", "bob"]),
                   "allowed_users": some(["alice", "carol"]), "blocked_users": draw.choice([set(), set(), {"alice"}]), "manage_groups": draw.random() < 0.3}
        mine = [{"id": group} for group in draw.sample(["g1", "g2", "g3"], draw.randint(0, 3))]
        yield login(f"mixture {number}", options, groups=answer(mine), allow_all=draw.random() < 0.2)
    yield login("own http options", {**rules, "http_request_kwargs": {"user_agent": "own"}, "validate_server_cert": False})
    yield login("odd types", {"allowed_globus_groups": ["g1"], "admin_globus_groups": "g2"})
    yield login("local", {**rules, "allowed_groups": {"root"}, "manage_groups": True}, cls="LocalGlobusOAuthenticator", user={**USER, "preferred_username": "root@x"})


def defaults():
    """Nothing but what upstream has by itself: the addresses are Globus' own."""
    origins = {"https://auth.globus.org": "{P}", "https://groups.api.globus.org": "{P}"}
    paths = {"/v2/oauth2/token": TOKEN, "/v2/oauth2/userinfo": USER, "/v2/groups/my_groups": MINE}
    own = {"authorize_url": ABSENT, "token_url": ABSENT, "userdata_url": ABSENT, "globus_groups_url": ABSENT}
    for rules in ({"allow_all": True}, {"allowed_globus_groups": {"g1"}}, {"admin_globus_groups": {"g2"}}, {"allowed_globus_groups": {"x"}}):
        made = login(f"own addresses with {rules}", {**own, **rules}, reroute=origins)
        made["provider"].update({path: answer(value) for path, value in paths.items()})
        yield made


def logouts():
    """Logouts, for the test that compares these."""
    on = {"revoke_tokens_on_logout": True, "revocation_url": "{P}/revoke"}
    kept = {"client_id": "cid", "tokens": {"a": TRANSFER, "b": GROUPS}, "token_response": TOKEN}
    odd = ({}, None, {"client_id": "cid"}, {"tokens": {}}, {"tokens": None}, {"tokens": []}, {"tokens": {"a": {}}}, {"tokens": {"a": None}}, {"tokens": {"a": {"access_token": 5}}},
           {"tokens": {"a": {"access_token": "", "refresh_token": "x&y=z+\u00e9"}}})
    for state in (kept, *odd):
        yield login(f"logout with {shown(state)}", on, log_out=state)
        yield login(f"logout without revoking {shown(state)}", log_out=state)
    for more in ({"logout_redirect_url": "https://globus.org/bye"}, {"client_secret": ""}, {"client_id": "a:b", "client_secret": "\u00e9"}):
        yield login(f"logout {more}", {**on, **more}, log_out=kept)
    for status in (201, 204, 400, 401, 429, 500):
        yield login(f"logout answered {status}", on, log_out=kept, paths_of_logout=status)


def cases():
    yield from usernames()
    yield from tokens()
    yield from scopes()
    yield from groups()
    yield from defaults()


if __name__ == "__main__":
    for made in logouts():
        made["provider"]["/revoke"] = answer({}, made.pop("paths_of_logout", 200))
        print(json.dumps(made))
