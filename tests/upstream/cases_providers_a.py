"""Cases of Auth0, Azure AD, Bitbucket, GitHub, GitLab and OpenShift: their rules, their own requests, and faults in them."""

import itertools
import random

from case import ABSENT, Code, answer, is_answer, jwt, moved, part, text, without

TOKEN = {"access_token": "AT", "token_type": "bearer", "scope": "read:org user:email", "expires_in": 3600}
ODD = (None, True, False, 0, 1, 1.5, "", "x", [], ["x"], {}, {"x": 1}, [None], [{}], [[]])
NO_OBJECT = (None, 5, "x", [], ["x"])
FAULTS = {
    "401": answer({"message": "Bad credentials"}, 401),
    "403": answer({"message": "Forbidden"}, 403, [("X-OAuth-Scopes", "user")]),
    "404": answer({"message": "Not Found"}, 404),
    "410": answer({"message": "Gone"}, 410),
    "429": answer({"message": "slow down"}, 429, [("Retry-After", "30")]),
    "500": text("oops", 500),
    "502-page": text("<html>Bad gateway</html>", 502),
    "503": answer(None, 503, [("Retry-After", "1")]),
    "302-away": moved(302, "{P}/elsewhere"),
    "302-no-place": text("", 302),
    "304": text("", 304),
    "empty": text(""),
    "page": text("<html></html>"),
    "bad-utf8": text(b'{"message": "\xff", "x": ["\xff"]}'),
    "bad-utf8-list": text(b'["\xff"]'),
    "bad-json": text("{"),
    "close": text("", fault="close"),
    "201": answer([], 201),
    "204": text("", 204),
    "206": answer({}, 206),
    "599": text("", 599),
}


def provider_case(name, cls, base, options, script, **more):
    """One case of a class: `base` with `options` on top, and the script of its provider."""
    shared = {"oauth_callback_url": "http://127.0.0.1:1/hub/oauth_callback", "client_id": "cid", "client_secret": "sec"}
    merged = without({**shared, **base, **options})
    module = cls.removesuffix("OAuthenticator").removeprefix("Local").lower()
    lines = [f"c.JupyterHub.authenticator_class = 'oauthenticator.{module}.{cls}'"]
    lines += [f"c.{cls}.{option} = {value!r}" for option, value in merged.items()]
    provider = {path: given if is_answer(given) else answer(given) for path, given in script.items()}
    return {"name": name, "config": "\n".join(lines) + "\n", "provider": provider, **more}


def pages(path, *lists, rel='rel="next"', template='<{{P}}{path}?page={page}>; {rel}'):
    """Pages of a list, each with a Link header to the next one."""
    answers = []
    for number, items in enumerate(lists, 1):
        link = template.format(path=path, page=number + 1, rel=rel)
        answers.append(answer(items, headers=[("Link", link)] if number < len(lists) else []))
    return answers


# GitHub

GITHUB_USER = {"login": "Alice", "id": 7, "name": "Alice A", "email": "a@b.c"}
GITHUB = {"github_url": "{P}"}
TEAMS = "/api/v3/user/teams"
EMAILS = "/api/v3/user/emails"
MEMBER = "/api/v3/orgs/org-a/members/alice"


def github(name, options=None, *, user=GITHUB_USER, token=TOKEN, paths=None, cls="GitHubOAuthenticator", base=GITHUB, **more):
    script = {"/login/oauth/access_token": token, "/api/v3/user": user, **(paths or {})}
    return provider_case(f"github {name}", cls, base, options or {}, script, **more)


def github_addresses():
    anywhere = {"token_url": "{P}/login/oauth/access_token", "userdata_url": "{P}/api/v3/user", "allow_all": True}
    environments = (
        {}, {"GITHUB_URL": "https://ghe.example"}, {"GITHUB_URL": "ghe.example/"}, {"GITHUB_URL": "http://ghe.example:80/x/"}, {"GITHUB_URL": ""},
        {"GITHUB_HOST": "ghe.example"}, {"GITHUB_HOST": "ghe.example", "GITHUB_HTTP": "1"}, {"GITHUB_HOST": "ghe.example", "GITHUB_HTTP": ""},
        {"GITHUB_HOST": "http://ghe.example"}, {"GITHUB_URL": "https://one.example", "GITHUB_HOST": "two.example"}, {"GITHUB_HTTP": "1"},
        {"GITHUB_CLIENT_ID": "envid", "GITHUB_CLIENT_SECRET": "envsec"}, {"GITHUB_CLIENT_ID": "envid", "OAUTH_CLIENT_ID": "other"},
    )
    for env in environments:
        yield github(f"environment {env}", {**anywhere, "client_id": ABSENT, "client_secret": ABSENT}, base={}, env=env)
    for url in ("https://github.com", "https://github.com/", "{P}", "{P}/", "https://ghe.example", "ghe.example", ""):
        options = {**anywhere, "github_url": url, "allowed_organizations": {"org-a"}}
        yield github(f"github_url {url!r}", options, base={})
    yield github("github_api", {"github_api": "{P}/rest", "allowed_organizations": {"org-a"}}, paths={"/rest/user": GITHUB_USER, "/rest/orgs/org-a/members/alice": text("", 204)})


def github_members():
    for code in (200, 201, 204, 205, 302, 304, 307, 400, 401, 403, 404, 410, 418, 422, 429, 500, 502, 503, 599):
        for body in ({"message": "m"}, ABSENT):
            given = text("", code) if body is ABSENT or code == 204 else answer(body, code)
            yield github(f"member answers {code} {body is not ABSENT}", {"allowed_organizations": {"org-a"}}, paths={MEMBER: given})
    for kind, given in FAULTS.items():
        yield github(f"member fault {kind}", {"allowed_organizations": {"org-a"}}, paths={MEMBER: given})
    for body in ODD:
        yield github(f"member body {body!r}", {"allowed_organizations": {"org-a"}}, paths={MEMBER: answer(body, 404)})
    for kind, to in {"public": "/api/v3/orgs/org-a/public_members/alice", "nowhere": "/nowhere"}.items():
        paths = {MEMBER: moved(302, "{P}" + to), "/api/v3/orgs/org-a/public_members/alice": text("", 204)}
        yield github(f"member by way of {kind}", {"allowed_organizations": {"org-a"}}, paths=paths)
    organizations = (
        "org-a", "org-b:team-1", "org-b:", ":team", ":", "a:b:c", "a/b", "org%2fa", "\u65e5", "", "org-a?x=1", "org-a#x", 5, None, 1.5, True, ("a",), b"org-a",
    )
    for organization in organizations:
        paths = {MEMBER: text("", 204), "/api/v3/orgs/org-b/teams/team-1/members/alice": text("", 204), "/api/v3/orgs/True/members/alice": text("", 204)}
        yield github(f"organization {organization!r}", {"allowed_organizations": {organization}}, paths=paths)
    for given in (set(), [], "org-a", ["org-a", "org-a"], ("org-a",), {"org-a": 1}, Code("{'org-a'} - {'org-a'}"), None, 5):
        yield github(f"organizations given as {given!r}", {"allowed_organizations": given}, paths={MEMBER: text("", 204)})
    for login in ("Alice", "\u00c4", "a/b", "a%2fb", "a?b", "a#b", "x:y"):
        yield github(f"member named {login!r}", {"allowed_organizations": {"org-a"}}, user={**GITHUB_USER, "login": login})
    yield github("member after redirect with token", {"allowed_organizations": {"org-a"}}, paths={MEMBER: moved(307, "{P}/api/v3/x"), "/api/v3/x": text("", 204)})
    for option, value in {
        "allow_all": True, "allowed_users": {"alice"}, "admin_users": {"alice"}, "blocked_users": {"alice"}, "github_organization_whitelist": {"org-a"},
        "allow_existing_users": True, "validate_server_cert": False, "http_request_kwargs": {"user_agent": "mine"}, "userdata_from_id_token": True, "username_claim": "id",
        "allowed_scopes": ["read:org"], "manage_groups": True, "enable_pkce": False, "basic_auth": True, "userdata_token_method": "url",
    }.items():
        options = {option: value, "allowed_organizations": ABSENT if "whitelist" in option else {"org-a"}}
        yield github(f"member with {option}", options, paths={MEMBER: text("", 204)})
        yield github(f"no member with {option}", options)
    yield github("member local class", {"allowed_organizations": {"org-a"}}, cls="LocalGitHubOAuthenticator", paths={MEMBER: text("", 204)})
    yield github("member with unknown system group", {"allowed_organizations": {"org-a"}, "allowed_groups": {"nosuchgroup"}}, cls="LocalGitHubOAuthenticator", paths={MEMBER: text("", 204)})
    for token in ("token_type", "access_token", "scope"):
        yield github(f"member without {token}", {"allowed_organizations": {"org-a"}}, token=without(TOKEN, token))
    for kind in ("bearer", "Bearer", "BEARER", "token", "MAC", "", 5, None):
        yield github(f"token_type {kind!r}", {"allowed_organizations": {"org-a"}}, token={**TOKEN, "token_type": kind}, paths={MEMBER: text("", 204)})


def github_emails():
    hidden = {**GITHUB_USER, "email": None}
    mails = [{"email": "x@y.z", "primary": False}, {"email": "p@y.z", "primary": True}, {"email": "q@y.z", "primary": True}]
    allow = {"allow_all": True}
    for scope in ("user", "user:email", "read:user", "user user:email", "user,user:email", "", "read:org", None, ABSENT, ["user"], ["user:email", "x"], {"user": 1}, 5, "users", True, ["a", 5]):
        yield github(f"emails with scope {scope!r}", allow, user=hidden, token=without(TOKEN, scope=scope), paths={EMAILS: mails})
    token = {**TOKEN, "scope": "user"}
    for email in (None, "", "a@b.c", 0, 5, [], {}, ABSENT):
        yield github(f"emails beside {email!r}", allow, user=without(GITHUB_USER, email=email), token=token, paths={EMAILS: mails})
    lists = (
        *ODD, mails[:1], mails[1:2], [{"email": "x"}], [{"primary": True}], [{"primary": 1, "email": 5}], [{"primary": "", "email": 5}, {"primary": "yes", "email": None}],
        [{"primary": False}, 5], [5], "ab", [["primary"]], [{"primary": True, "email": "x"}, 5], {"primary": True},
    )
    for given in lists:
        yield github(f"emails are {given!r}", allow, user=hidden, token=token, paths={EMAILS: answer(given)})
    for kind, given in FAULTS.items():
        yield github(f"emails fault {kind}", allow, user=hidden, token=token, paths={EMAILS: given})
    yield github("emails name the user", {**allow, "username_claim": "email"}, user=hidden, token=token, paths={EMAILS: mails})
    yield github("emails of somebody not allowed", {}, user=hidden, token=token, paths={EMAILS: mails})
    for user in NO_OBJECT:
        yield github(f"userdata {user!r}", allow, user=answer(user))
    yield github("userdata from id_token", {**allow, "userdata_from_id_token": True}, token={**TOKEN, "id_token": jwt({**hidden, "aud": "cid"})}, paths={EMAILS: mails})
    yield github("userdata from id_token without token_type", {**allow, "userdata_from_id_token": True}, token=without({**TOKEN, "id_token": jwt({**hidden, "aud": "cid"})}, "token_type"))


def github_teams():
    ask = {"allow_all": True, "populate_teams_in_auth_state": True, "scope": ["read:org"]}
    one, two, three = [{"id": 1, "slug": "t1"}], [{"id": 2}], [{"id": 3}]
    links = {
        "next": 'rel="next"', "next-bare": "rel=next", "next-single": "rel='next'", "next-blank": ' rel = "next" ', "next-upper": 'rel="Next"', "REL": 'REL="next"',
        "last": 'rel="last"', "two-rels": 'rel="next last"', "after-title": 'title="a"; rel="next"', "title-equals": 'title="a=b"; rel="next"', "rel-then-junk": 'rel="next"; junk',
        "junk-then-rel": 'junk; rel="next"', "rel-twice": 'rel="prev"; rel="next"', "rel-twice-back": 'rel="next"; rel="prev"', "semicolon-end": 'rel="next";', "none": "",
    }
    for kind, rel in links.items():
        yield github(f"teams link {kind}", ask, paths={TEAMS: pages(TEAMS, one, two, rel=rel)})
    templates = {
        "prev-and-next": '<{{P}}{path}?page=0>; rel="prev", <{{P}}{path}?page={page}>; {rel}', "next-and-last": '<{{P}}{path}?page={page}>; {rel}, <{{P}}{path}?page=9>; rel="last"',
        "no-brackets": '{{P}}{path}?page={page}; {rel}', "no-blank": '<{{P}}{path}?page=0>;rel="prev",<{{P}}{path}?page={page}>;{rel}', "comma-in-url": '<{{P}}{path}?a=1,2&page={page}>; {rel}',
        "quoted": '"<{{P}}{path}?page={page}>"; {rel}', "blanks": '   <{{P}}{path}?page={page}>  ;   {rel}  ', "semicolon-in-url": '<{{P}}{path}?a;page={page}>; {rel}',
        "relative": '<{path}?page={page}>; {rel}', "no-url": '<>; {rel}', "elsewhere": '<{{P}}/elsewhere>; {rel}', "refused": '<http://127.0.0.1:1/>; {rel}', "ftp": '<ftp://x/>; {rel}',
        "only-quotes": "'\" ", "comma-less": '<{{P}}{path}?page=0>; rel="prev" <{{P}}{path}?page={page}>; {rel}', "empty-first": ', <{{P}}{path}?page={page}>; {rel}',
        "comma-blank": '<{{P}}{path}?page=0>; rel="prev" , <{{P}}{path}?page={page}>; {rel}', "two-blanks": '<{{P}}{path}?page=0>; rel="prev",  <{{P}}{path}?page={page}>; {rel}',
        "unicode": '<{{P}}{path}?page=\u00e9>; {rel}', "fragment": '<{{P}}{path}?page={page}#f>; {rel}', "two-next": '<{{P}}{path}?page={page}>; {rel}, <{{P}}{path}?page=7>; {rel}',
    }
    for kind, template in templates.items():
        yield github(f"teams link written {kind}", ask, paths={TEAMS: pages(TEAMS, one, two, template=template), "/elsewhere": two})
    yield github("teams two Link headers", ask, paths={TEAMS: [answer(one, headers=[("Link", '<{P}/x>; rel="prev"'), ("Link", "<{P}" + TEAMS + '?page=2>; rel="next"')]), answer(two)]})
    yield github("teams link lower case", ask, paths={TEAMS: [answer(one, headers=[("link", "<{P}" + TEAMS + '?page=2>; rel="next"')]), answer(two)]})
    yield github("teams three pages", ask, paths={TEAMS: pages(TEAMS, one, two, three)})
    for where, (kind, given) in itertools.product((0, 1, 2), FAULTS.items()):
        answers = pages(TEAMS, one, two, three)
        answers[where] = given
        yield github(f"teams fault {kind} on page {where + 1}", ask, paths={TEAMS: answers})
    for given in (*ODD, "ab", {"a": 1, "b": 2}):
        yield github(f"teams are {given!r}", ask, paths={TEAMS: answer(given)})
        yield github(f"teams of page two are {given!r}", ask, paths={TEAMS: [pages(TEAMS, one, two)[0], answer(given)]})
    for scope in ([], ["user"], ["read:org", "user"], ["read:org user"], "read:org", ["READ:ORG"], ["admin:org"]):
        yield github(f"teams with configured scope {scope!r}", {**ask, "scope": scope}, paths={TEAMS: one})
    yield github("teams as groups", {**ask, "manage_groups": True, "auth_state_groups_key": "teams"}, paths={TEAMS: answer(["b", "a"])})
    grouped = {**ask, "manage_groups": True, "allow_all": False, "allowed_groups": {"a"}, "admin_groups": {"b"}, "auth_state_groups_key": "teams"}
    yield github("teams as allowed groups", grouped, paths={TEAMS: answer(["b", "a"])})
    yield github("teams of dictionaries as groups", grouped, paths={TEAMS: one})


# GitLab

GITLAB_USER = {"id": 7, "username": "Alice", "email": "a@b.c"}
GITLAB = {"gitlab_url": "{P}", "username_claim": "username"}
VERSION = "/api/v4/version"


def gitlab(name, options=None, *, user=GITLAB_USER, token=TOKEN, version=None, paths=None, cls="GitLabOAuthenticator", base=GITLAB, **more):
    script = {"/oauth/token": token, "/api/v4/user": user, VERSION: version or answer({"version": "16.7.2-ee"}), **(paths or {})}
    return provider_case(f"gitlab {name}", cls, base, options or {}, script, **more)


def gitlab_addresses():
    anywhere = {"token_url": "{P}/oauth/token", "userdata_url": "{P}/api/v4/user", "allow_all": True, "username_claim": "username"}
    environments = (
        {}, {"GITLAB_URL": "https://lab.example/"}, {"GITLAB_URL": "lab.example"}, {"GITLAB_HOST": "https:lab.example"}, {"GITLAB_URL": ""}, {"GITLAB_HOST": "lab.example"}, {"GITLAB_HOST": "http://lab.example"},
        {"GITLAB_HOST": "https://lab.example"}, {"GITLAB_HOST": "ftp://lab.example"}, {"GITLAB_URL": "https://one.example", "GITLAB_HOST": "two.example"}, {"GITLAB_API_VERSION": "3"},
        {"GITLAB_CLIENT_ID": "envid", "GITLAB_CLIENT_SECRET": "envsec"},
    )
    for env in environments:
        yield gitlab(f"environment {env}", {**anywhere, "client_id": ABSENT, "client_secret": ABSENT}, base={}, env=env)
    group = {"allowed_gitlab_groups": {"g"}}
    for version in ("4", 4, "3", 4.5, ""):
        member = f"/api/v{version}/groups/g/members/all/7"
        paths = {f"/api/v{version}/user": GITLAB_USER, f"/api/v{version}/version": {"version": "16.0.0"}, member: {}}
        yield gitlab(f"gitlab_api_version {version!r}", {**group, "gitlab_api_version": version}, paths=paths)
    yield gitlab("environment GITLAB_API_VERSION asked", group, env={"GITLAB_API_VERSION": "9"}, paths={"/api/v9/user": GITLAB_USER})
    yield gitlab("environment GITLAB_API_VERSION empty", group, env={"GITLAB_API_VERSION": ""}, paths={"/api/v4/groups/g/members/all/7": {}})
    yield gitlab("gitlab_api", {**group, "gitlab_api": "{P}/rest"}, paths={"/rest/user": GITLAB_USER, "/rest/version": {"version": "1"}, "/rest/groups/g/members/7": {}})


def gitlab_versions():
    group = {"allowed_gitlab_groups": {"g"}}
    member = {"/api/v4/groups/g/members/7": {}, "/api/v4/groups/g/members/all/7": answer({}, 404)}
    versions = (
        "16.7.2-ee", "12.4.0", "12.3.9", "12.4", "12.10", "12", "13", "11.99.99", "12.4.0-pre", "12.04", " 12.4", "12. 4.1", "+12.+4", "-12.5", "1_2.4", "1__2.4", "_12", "12_", "12.x", "", "-",
        "x", "12.4.x", "12.4.0.x", "12.4.1.9.9", "12..4", ".", "99999999999999999999.1", "12.4\n", "0x10.1", "12.4-a-b", "1e3", 12, 12.5, None, True, [], ["12"], {}, ABSENT,
    )
    for version in versions:
        yield gitlab(f"version {ascii(version)}", group, version=answer(without({"version": version})), paths=member)
    for given in (*ODD, "12.4"):
        yield gitlab(f"version answers {given!r}", group, version=answer(given), paths=member)
    for kind, given in FAULTS.items():
        yield gitlab(f"version fault {kind}", group, version=given, paths=member)
    yield gitlab("version asked once", {**group, "allowed_project_ids": {"1"}})
    yield gitlab("version not asked", {"allowed_users": {"alice"}, **group})
    yield gitlab("version not asked for nothing", {"allowed_users": {"bob"}})


def gitlab_groups():
    member = "/api/v4/groups/g/members/all/7"
    group = {"allowed_gitlab_groups": {"g"}}
    for code in (200, 201, 204, 302, 304, 401, 403, 404, 429, 500, 503):
        yield gitlab(f"group answers {code}", group, paths={member: text("", code)})
    for kind, given in FAULTS.items():
        yield gitlab(f"group fault {kind}", group, paths={member: given})
    yield gitlab("group by redirect", group, paths={member: moved(302, "{P}/x"), "/x": {}})
    for name in ("g", "a/b", "a b", "a+b", "a%b", "\u00e4", "~-._", "a&b=c", "", "A", "a:b", "42", 42, None, True, 1.5, ("a",), b"g"):
        yield gitlab(f"group named {name!r}", {"allowed_gitlab_groups": {name}}, paths={member: {}, "/api/v4/groups/42/members/all/7": {}})
    for given in (set(), [], "g", ["g"], {"g": 1}):
        yield gitlab(f"groups given as {given!r}", {"allowed_gitlab_groups": given}, paths={member: {}})
    for number in (7, 0, -1, 10**25, 7.9, -7.9, True, False, "7", None, [], {}, float("nan"), float("inf"), 1e30, ABSENT):
        user = answer(without(GITLAB_USER, id=number))
        for options in (group, {}, {"allowed_project_ids": {"1"}}):
            yield gitlab(f"user number {number!r} with {sorted(options)}", options, user=user, paths={member: {}})
    yield gitlab("group before project", {**group, "allowed_project_ids": {"1"}}, paths={member: {}, "/api/v4/projects/1/members/all/7": {"access_level": 40}})
    yield gitlab("group whitelist", {"gitlab_group_whitelist": {"g"}}, paths={member: {}})
    yield gitlab("project whitelist", {"gitlab_project_id_whitelist": {"1"}}, paths={"/api/v4/projects/1/members/all/7": {"access_level": 40}})
    yield gitlab("group local class", group, cls="LocalGitLabOAuthenticator", paths={member: {}})
    for token in ("token_type", "access_token", "scope"):
        yield gitlab(f"group without {token}", group, token=without(TOKEN, token), paths={member: {}})
    for kind in ("MAC", "", None, 5):
        yield gitlab(f"group with token_type {kind!r}", group, token={**TOKEN, "token_type": kind}, paths={member: {}})
    yield gitlab("group with id_token only", {**group, "userdata_from_id_token": True}, token=without({**TOKEN, "id_token": jwt({**GITLAB_USER, "aud": "cid"})}, "token_type"), paths={member: {}})
    for option in ("allow_all", "validate_server_cert", "basic_auth", "enable_pkce"):
        for on in (True, False):
            yield gitlab(f"group with {option} {on}", {**group, option: on}, paths={member: {}})


def gitlab_projects():
    member = "/api/v4/projects/1/members/all/7"
    project = {"allowed_project_ids": {"1"}}
    for level in (0, 10, 20, 29, 29.9, 30, 30.0, 40, 50, -1, 10**30, True, "30", "40", None, [], [30], {}, float("nan"), float("inf"), -float("inf"), ABSENT):
        yield gitlab(f"project level {level!r}", project, paths={member: answer(without({"id": 7, "access_level": level}))})
        yield gitlab(f"project level {level!r} beside an error", project, paths={member: answer(without({"access_level": level}), 500)})
    for kind, given in FAULTS.items():
        yield gitlab(f"project fault {kind}", project, paths={member: given})
    for given in ODD:
        yield gitlab(f"project answers {given!r}", project, paths={member: answer(given)})
    for name in ("1", 1, "a/b", "a%2Fb", "", None, True, 1.5, ("a",), "\u00e4", "x?y", b"1"):
        yield gitlab(f"project named {name!r}", {"allowed_project_ids": {name}}, paths={member: {"access_level": 30}, "/api/v4/projects/a%2Fb/members/all/7": {"access_level": 30}, "/api/v4/projects/True/members/all/7": {"access_level": 30}})
    old = {"/api/v4/projects/1/members/7": {"access_level": 30}}
    yield gitlab("project of an old server", project, version=answer({"version": "11.0"}), paths=old)
    yield gitlab("project after group", {**project, "allowed_gitlab_groups": {"g"}}, paths={member: {"access_level": 30}})


# Bitbucket

BITBUCKET_USER = {"username": "Alice", "uuid": "{1}", "display_name": "Alice A"}
BITBUCKET = {"authorize_url": "{P}/authorize", "token_url": "{P}/token", "userdata_url": "{P}/2.0/user", "username_claim": "username"}
WORKSPACES = "/2.0/workspaces"
# The address stands in upstream's code; the worker and the test send requests for it to the provider instead.
REROUTE = {"https://api.bitbucket.org": "{P}"}


def bitbucket(name, options=None, *, user=BITBUCKET_USER, token=TOKEN, paths=None, cls="BitbucketOAuthenticator", base=BITBUCKET, **more):
    script = {"/token": token, "/2.0/user": user, **(paths or {})}
    return provider_case(f"bitbucket {name}", cls, base, options or {}, script, reroute=REROUTE, unordered=["user_teams"], **more)


def workspaces(*names, next=ABSENT, **more):
    return answer(without({"values": [{"name": name, "slug": str(name).lower()} for name in names], "next": next, **more}))


def bitbucket_cases():
    team = {"allowed_teams": {"Team A"}}
    yield bitbucket("addresses", {**BITBUCKET, "authorize_url": ABSENT}, base={})
    yield bitbucket("client of the environment", {"client_id": ABSENT, "client_secret": ABSENT, "allow_all": True}, env={"BITBUCKET_CLIENT_ID": "envid", "BITBUCKET_CLIENT_SECRET": "envsec"})
    for options in ({}, {"allow_all": True}, {"allowed_users": {"alice"}}, {"allowed_users": {"bob"}}, {"admin_users": {"alice"}}, {"allowed_teams": set()}):
        yield bitbucket(f"no teams asked with {options}", options, paths={WORKSPACES: workspaces("Team A")})
        yield bitbucket(f"teams with {options}", {**team, **options}, paths={WORKSPACES: workspaces("Team A")})
    for names in (["Team A"], ["team a"], ["B", "A"], ["B", "Team A"], [], [5], [None], [True], [["x"]], [{}], [1, True, 1.0], ["x", "x"]):
        yield bitbucket(f"teams {names}", team, paths={WORKSPACES: workspaces(*names)})
        yield bitbucket(f"teams {names} for everybody", {**team, "allow_all": True}, paths={WORKSPACES: workspaces(*names)})
    for allowed in ({5}, {None}, {True}, ["Team A", 5], [("Team A",)], [], "Team A", {"team a"}, {"Team A": 1}):
        yield bitbucket(f"allowed_teams {allowed!r}", {"allowed_teams": allowed}, paths={WORKSPACES: workspaces("Team A")})
    yield bitbucket("team_whitelist", {"team_whitelist": {"Team A"}}, paths={WORKSPACES: workspaces("Team A")})
    next_page = "https://api.bitbucket.org" + WORKSPACES + "?role=member&page=2"
    yield bitbucket("two pages", team, paths={WORKSPACES: [workspaces("B", next=next_page), workspaces("Team A")]})
    yield bitbucket("three pages", team, paths={WORKSPACES: [workspaces("B", next=next_page), workspaces("C", next="{P}" + WORKSPACES), workspaces("D")]})
    for following in ("", None, 0, False, [], {}, 5, True, ["x"], {"x": 1}, "x", "/2.0/workspaces", "http://127.0.0.1:1/", "{P}/elsewhere", "ftp://x/"):
        yield bitbucket(f"next is {following!r}", team, paths={WORKSPACES: workspaces("Team A", next=following), "/elsewhere": workspaces("E")})
    for where, (kind, given) in itertools.product((0, 1, 2), FAULTS.items()):
        answers = [workspaces("Team A", next=next_page), workspaces("B", next=next_page), workspaces("C")]
        answers[where] = given
        yield bitbucket(f"fault {kind} on page {where + 1}", team, paths={WORKSPACES: answers})
    for given in (*ODD, {"values": None}, {"values": 5}, {"values": "ab"}, {"values": {"name": 1}}, {"values": [5]}, {"values": ["name"]}, {"values": [{}]}, {"values": [["name"]]}, {"values": [{"name": "Team A"}, {}]}, {"next": "x"}, {"values": {}}):
        yield bitbucket(f"workspaces are {given!r}", team, paths={WORKSPACES: answer(given)})
    for token in ("token_type", "access_token", "scope"):
        yield bitbucket(f"without {token}", team, token=without(TOKEN, token), paths={WORKSPACES: workspaces("Team A")})
    from_token = {**team, "userdata_from_id_token": True}
    id_token = jwt({**BITBUCKET_USER, "aud": "cid"})
    yield bitbucket("id_token without token_type", from_token, token=without({**TOKEN, "id_token": id_token}, "token_type"))
    yield bitbucket("validate_server_cert off", {**team, "validate_server_cert": False}, paths={WORKSPACES: workspaces("Team A")})
    yield bitbucket("teams as groups", {**team, "manage_groups": True, "auth_state_groups_key": "user_teams"}, paths={WORKSPACES: workspaces("Team A", "B")})
    yield bitbucket("local class", team, cls="LocalBitbucketOAuthenticator", paths={WORKSPACES: workspaces("Team A")})


# Auth0

AUTH0_USER = {"sub": "auth0|1", "email": "Alice@Uni.edu", "email_verified": True, "nickname": "alice", "groups": ["staff"]}
AUTH0 = {"auth0_domain": "t.auth0.com", "token_url": "{P}/oauth/token", "userdata_url": "{P}/userinfo", "scope": ["openid", "email"]}


def auth0(name, options=None, *, user=AUTH0_USER, token=TOKEN, cls="Auth0OAuthenticator", base=AUTH0, **more):
    return provider_case(f"auth0 {name}", cls, base, options or {}, {"/oauth/token": token, "/userinfo": user}, **more)


def auth0_cases():
    here = {"auth0_domain": ABSENT, "allow_all": True}
    environments = ({}, {"AUTH0_DOMAIN": "d.example"}, {"AUTH0_DOMAIN": ""}, {"AUTH0_SUBDOMAIN": "sub"}, {"AUTH0_DOMAIN": "d.example", "AUTH0_SUBDOMAIN": "sub"}, {"AUTH0_SUBDOMAIN": ""})
    for env, option in itertools.product(environments, ({}, {"auth0_subdomain": "s"}, {"auth0_domain": "d"}, {"auth0_domain": ""}, {"auth0_subdomain": ""}, {"auth0_domain": "d", "auth0_subdomain": "s"})):
        yield auth0(f"domain by {env} and {option}", {**here, **option}, env=env)
    for absent in ("token_url", "userdata_url"):
        yield auth0(f"domain where nobody listens for {absent}", {"auth0_domain": "127.0.0.1:1", absent: ABSENT})
    own = {"authorize_url": "{P}/authorize", "logout_redirect_url": "{P}/logout"}
    yield auth0("all addresses given and no domain", {**here, **own})
    yield auth0("no domain but the logout's", {**here, "authorize_url": "{P}/authorize"})
    allows = ({}, {"allow_all": True}, {"allowed_users": {"alice@uni.edu"}}, {"admin_users": {"alice@uni.edu"}}, {"allow_unverified_email": True}, {"allow_unverified_email": True, "allowed_users": {"alice@uni.edu"}},
              {"blocked_users": {"alice@uni.edu"}, "allowed_users": {"alice@uni.edu"}}, {"manage_groups": True, "auth_state_groups_key": "auth0_user.groups", "allowed_groups": {"staff"}})
    for verified, options in itertools.product((True, False, None, ABSENT, "", "false", 0, 1, [], {}), allows):
        yield auth0(f"verified {verified!r} with {options}", options, user=answer(without(AUTH0_USER, email_verified=verified)))
    for email, options in itertools.product((ABSENT, None, "", 5, True, ["x"], "\u00c4@b.c", "x@y", "'\"\n"), allows[2:6]):
        for claim in ("email", "nickname"):
            yield auth0(f"{claim} of {email!r} with {options}", {**options, "username_claim": claim}, user=answer(without(AUTH0_USER, email=email, email_verified=False)))
            yield auth0(f"{claim} of verified {email!r} with {options}", {**options, "username_claim": claim}, user=answer(without(AUTH0_USER, email=email)))
    yield auth0("username_key", {"username_key": "nickname", "allowed_users": {"alice"}})
    for user in NO_OBJECT:
        yield auth0(f"userdata {user!r}", {"allowed_users": {"alice"}}, user=answer(user))
    yield auth0("local class", {"allowed_users": {"alice@uni.edu"}}, cls="LocalAuth0OAuthenticator")
    yield auth0("local class unverified", {"allowed_users": {"alice@uni.edu"}}, user=without(AUTH0_USER, "email_verified"), cls="LocalAuth0OAuthenticator")
    yield auth0("id_token", {"userdata_from_id_token": True, "allowed_users": {"alice@uni.edu"}}, token={**TOKEN, "id_token": jwt({**AUTH0_USER, "aud": "cid"})})


# Azure AD

AZURE_CLAIMS = {"aud": "cid", "name": "Alice", "oid": "1", "groups": ["staff"], "roles": ["b", "a"], "exp": 1}
AZURE = {"graph_url": "{P}", "tenant_id": "T"}


def azure(name, options=None, *, id_token=ABSENT, claims=AZURE_CLAIMS, token=TOKEN, cls="AzureAdOAuthenticator", base=AZURE, **more):
    given = token if is_answer(token) else {**token, **without({"id_token": jwt(claims) if id_token is ABSENT else id_token})}
    script = {"/T/oauth2/token": given, "/oauth2/token": given, "//oauth2/token": given}
    return provider_case(f"azure {name}", cls, base, {"allow_all": True, **(options or {})}, script, **more)


def azure_cases():
    for env, tenant in itertools.product(({}, {"AAD_TENANT_ID": "E"}, {"AAD_TENANT_ID": ""}), (ABSENT, "T", "")):
        yield azure(f"tenant by {env} and {tenant!r}", {"tenant_id": tenant}, env=env)
        yield azure(f"tenant by {env} and {tenant!r} at Microsoft", {"tenant_id": tenant, "graph_url": ABSENT, "token_url": "{P}/T/oauth2/token"}, env=env)
    for url in ("{P}/", "", "{P}/x"):
        yield azure(f"graph_url {url!r}", {"graph_url": url})
    payloads = {"good": AZURE_CLAIMS, "other-aud": {**AZURE_CLAIMS, "aud": "x"}, "no-aud": without(AZURE_CLAIMS, "aud"), "odd-times": {**AZURE_CLAIMS, "exp": "x", "nbf": "x", "iat": "x"},
                "later": {**AZURE_CLAIMS, "nbf": 2**40, "iat": 2**40}, "odd-sub": {**AZURE_CLAIMS, "sub": 5, "jti": 5, "iss": 5}, "no-name": without(AZURE_CLAIMS, "name"), "empty": {},
                "null-name": {**AZURE_CLAIMS, "name": None}, "number-name": {**AZURE_CLAIMS, "name": 5}, "list-name": {**AZURE_CLAIMS, "name": ["x"]}}
    for kind, payload in payloads.items():
        yield azure(f"claims {kind}", claims=payload)
    head, good = part({"alg": "RS256"}), part(AZURE_CLAIMS)
    alice = '{"name": "Alice"}'

    def of_bytes(payload):
        return f"{head}.{part(payload)}.c2ln"

    tokens = {
        "two-parts": f"{head}.{good}", "four-parts": f"{head}.{good}.c2ln.x", "one-part": "x", "empty": "", "null": None, "number": 5, "list": ["x"], "object": {}, "dots": "..", "false": False,
        "no-signature": f"{head}.{good}.", "bits": f"{head}.{good}.c2l", "clean-bits": f"{head}.{good}.c2k", "length": f"{head}.{good}.a", "padded": f"{head}.{good}.c2k=", "padded-badly": f"{head}.{good}.c2k==",
        "plus": f"{head}.{good}.c+k_", "blank": f" {head}.{good}.c2ln", "newline": f"{head}.{good}.c2ln\n", "unicode": f"{head}.{good}.\u00e4", "header-empty": f".{good}.c2ln", "payload-empty": f"{head}..c2ln",
        "header-list": f"{part([])}.{good}.c2ln", "payload-list": f"{head}.{part([])}.c2ln", "payload-text": f"{head}.{part('x')}.c2ln", "header-no-json": f"{part(b'x')}.{good}.c2ln", "payload-no-json": f"{head}.{part(b'{')}.c2ln",
        "payload-bad-utf8": f"{head}.{part(bytes([255]))}.c2ln", "no-alg": f"{part({})}.{good}.c2ln", "alg-none": f"{part({'alg': 'none'})}.{good}.", "kid-number": f"{part({'kid': 5})}.{good}.c2ln",
        "crit": f"{part({'crit': ['x']})}.{good}.c2ln", "crit-empty": f"{part({'crit': []})}.{good}.c2ln", "crit-text": f"{part({'crit': 'b64'})}.{good}.c2ln", "b64-false": f"{part({'b64': False})}.{good}.c2ln",
        "b64-false-empty": f"{part({'b64': False, 'crit': ['b64']})}..c2ln", "b64-true": f"{part({'b64': True, 'crit': ['b64']})}.{good}.c2ln", "payload-bom": of_bytes(b"\xef\xbb\xbf{}"),
        "payload-utf16": of_bytes(alice.encode("utf-16-le")), "payload-utf16-bom": of_bytes(alice.encode("utf-16")),
        "payload-nan": of_bytes(b'{"name": "Alice", "x": NaN}'), "payload-twice": of_bytes(b'{"name": "Bob", "name": "Alice"}'), "payload-surrogate": of_bytes(b'{"name": "Alice", "x": "\\ud83d"}'),
    }
    for kind, token in tokens.items():
        yield azure(f"id_token {kind}", id_token=token)
    yield azure("no id_token", token=answer(TOKEN))
    yield azure("no token_type", token=without(TOKEN, "token_type"))
    yield azure("no scope", token=without(TOKEN, "scope"))
    for claim in ("upn", "oid", "preferred_username", "groups", "", "email"):
        yield azure(f"username_claim {claim!r}", {"username_claim": claim})
    for claim, admin in itertools.product(("", "roles", "groups", "none", "a.b", "name"), (set(), {"a"}, {"staff"})):
        options = {"user_groups_claim": claim, "manage_groups": True, "admin_groups": admin}
        yield azure(f"user_groups_claim {claim!r} admins {admin}", options)
        yield azure(f"user_groups_claim {claim!r} admins {admin} allowed", {**options, "allow_all": False, "allowed_groups": {"staff"}})
        yield azure(f"user_groups_claim {claim!r} admins {admin} and key", {**options, "auth_state_groups_key": "user.roles"})
    yield azure("groups unmanaged", {"user_groups_claim": "roles"})
    yield azure("userdata_url", {"userdata_url": "{P}/userinfo"})
    yield azure("client id empty", {"client_id": ""})
    yield azure("not allowed", {"allow_all": False})
    yield azure("local class", cls="LocalAzureAdOAuthenticator")
    yield azure("local class groups", {"user_groups_claim": "roles", "manage_groups": True}, cls="LocalAzureAdOAuthenticator")


# OpenShift

OPENSHIFT_USER = {"kind": "User", "metadata": {"name": "Alice", "uid": "1"}, "groups": ["staff", "system:authenticated"]}
OPENSHIFT = {"openshift_url": "{P}"}
DISCOVERY = "/.well-known/oauth-authorization-server"


def openshift(name, options=None, *, user=OPENSHIFT_USER, token=TOKEN, discovery=None, paths=None, cls="OpenShiftOAuthenticator", base=OPENSHIFT, **more):
    discovery = answer({"issuer": "{P}/auth"}) if discovery is None else discovery
    script = {DISCOVERY: discovery, "/auth/oauth/token": token, "/oauth/token": token, "/apis/user.openshift.io/v1/users/~": user, **(paths or {})}
    return provider_case(f"openshift {name}", cls, base, {"allow_all": True, **(options or {})}, script, **more)


def openshift_cases():
    yield openshift("discovered")
    given = {
        "auth_api": {"openshift_auth_api_url": "{P}/auth"}, "authorize": {"authorize_url": "{P}/x"}, "token": {"token_url": "{P}/oauth/token"}, "userdata": {"userdata_url": "{P}/u"},
        "rest": {"openshift_rest_api_url": "{P}/rest"}, "both": {"authorize_url": "{P}/x", "token_url": "{P}/oauth/token"}, "empty-auth-api": {"openshift_auth_api_url": ""}, "empty-url": {"openshift_url": ""},
        "slash": {"openshift_url": "{P}/"}, "path": {"openshift_url": "{P}/x"}, "refused": {"openshift_url": "http://127.0.0.1:1"}, "no-scheme": {"openshift_url": "127.0.0.1"},
    }
    for kind, options in given.items():
        yield openshift(f"addresses {kind}", options, paths={"/u": OPENSHIFT_USER, "/rest/apis/user.openshift.io/v1/users/~": OPENSHIFT_USER, "/x" + DISCOVERY: {"issuer": "{P}"}})
        for kind_of, fault in (("500", FAULTS["500"]), ("null", answer({"issuer": None}))):
            yield openshift(f"addresses {kind} with discovery {kind_of}", options, discovery=fault)
    for issuer in ("{P}/auth", "", "{P}/auth/", None, 5, True, ["x"], {}, "x", ABSENT, 1.5):
        yield openshift(f"issuer {issuer!r}", discovery=answer(without({"issuer": issuer})))
        yield openshift(f"issuer {issuer!r} for the token only", {"authorize_url": "{P}/x"}, discovery=answer(without({"issuer": issuer})))
    for body in ODD:
        yield openshift(f"discovery answers {body!r}", discovery=answer(body))
    for kind, fault in FAULTS.items():
        yield openshift(f"discovery fault {kind}", discovery=fault)
        yield openshift(f"discovery fault {kind} for the token only", {"authorize_url": "{P}/x"}, discovery=fault)
    yield openshift("discovery redirected", discovery=moved(302, "{P}/y"), paths={"/y": {"issuer": "{P}/auth"}})
    for kwargs in ({"user_agent": "mine"}, {"headers": {"X-A": "1", "User-Agent": "own"}}, {"headers": {}}, {"validate_cert": False}, {"ca_certs": "/nowhere.pem"}, {"unknown": 1}, {"auth_username": "u", "auth_password": "p"}, {"url": "x"}, {"request_timeout": 5}, {"follow_redirects": False}):
        yield openshift(f"http_request_kwargs {kwargs}", {"http_request_kwargs": kwargs})
    yield openshift("environment", {"openshift_url": ABSENT, "openshift_auth_api_url": "{P}/auth", "userdata_url": "{P}/apis/user.openshift.io/v1/users/~"}, import_env={"OPENSHIFT_URL": "https://os.example"})
    yield openshift("ca_certs", {"ca_certs": "/x.pem"})
    yield openshift("validate_cert", {"validate_cert": False})
    for scope in ([], ["user:full"], ABSENT):
        yield openshift(f"scope {scope!r}", {"scope": scope})
    users = (
        *ODD, {"metadata": None}, {"metadata": {}}, {"metadata": "x"}, {"metadata": []}, {"metadata": 5}, {"metadata": {"name": None}}, {"metadata": {"name": ""}}, {"metadata": {"name": 5}},
        {"metadata": {"name": ["x"]}}, {"metadata": {"name": "A b"}}, {"metadata": {"name": "kube:admin"}}, {"metadata": {"name": "a/b"}}, {"name": "Alice"}, {"metadata": {"name": "Alice"}, "groups": None},
    )
    for user in users:
        yield openshift(f"user {user!r}", user=answer(user))
        yield openshift(f"user {user!r} with groups", {"manage_groups": True, "allow_all": False, "allowed_groups": {"staff"}}, user=answer(user))
    for claim in ("name", "uid", ""):
        yield openshift(f"username_claim {claim!r}", {"username_claim": claim})
    for options in ({"allowed_users": {"alice"}}, {"admin_users": {"alice"}}, {"allowed_groups": {"staff"}, "manage_groups": True}, {"admin_groups": {"staff"}, "manage_groups": True}, {"allowed_groups": {"staff"}}, {"username_map": {"alice": "bob"}}):
        yield openshift(f"rules {options}", {"allow_all": False, **options})
    yield openshift("local class", cls="LocalOpenShiftOAuthenticator")
    yield openshift("id_token", {"userdata_from_id_token": True}, token={**TOKEN, "id_token": jwt({**OPENSHIFT_USER, "aud": "cid"})})


def mixtures(count=150):
    """Seeded mixtures of what the groups above vary one at a time."""
    chance = random.Random(174)
    pick = chance.choice
    lists = {"allowed_users": ({"alice"}, {"bob"}, ABSENT, ABSENT), "admin_users": ({"alice"}, ABSENT, ABSENT), "blocked_users": ({"alice"}, ABSENT, ABSENT, ABSENT), "manage_groups": (True, ABSENT),
             "admin_groups": ({"staff"}, ABSENT), "allowed_groups": ({"staff"}, ABSENT), "username_map": ({"alice": "bob"}, ABSENT, ABSENT)}
    statuses = (text("", 204), answer({"access_level": 30}), answer({"message": "Not Found"}, 404), *FAULTS.values())
    for number in range(count):
        rules = {option: pick(values) for option, values in lists.items()}
        managed = rules["manage_groups"] is True
        if not managed:
            rules |= {"admin_groups": ABSENT, "allowed_groups": ABSENT}
        user = {**GITHUB_USER, "email": pick((None, "a@b.c"))}
        hub = {**rules, "populate_teams_in_auth_state": pick((True, False)), "scope": pick((["read:org"], [])), "allowed_organizations": pick(({"org-a"}, {"org-a:t"}, ABSENT)), "auth_state_groups_key": pick(("teams", "github_user.login", "scope")) if managed else ABSENT}
        paths = {MEMBER: pick(statuses), "/api/v3/orgs/org-a/teams/t/members/alice": pick(statuses), TEAMS: pages(TEAMS, ["staff"], [pick(("b", {"id": 1}))]), EMAILS: [{"primary": True, "email": "p@q.r"}]}
        yield github(f"mixture {number}", hub, user=user, paths=paths, cls=pick(("GitHubOAuthenticator", "GitHubOAuthenticator", "LocalGitHubOAuthenticator")))
        lab = {**rules, "allowed_gitlab_groups": pick(({"g"}, ABSENT)), "allowed_project_ids": pick(({1}, ABSENT)), "auth_state_groups_key": "gitlab_user.groups" if managed else ABSENT}
        paths = {"/api/v4/groups/g/members/all/7": pick(statuses), "/api/v4/projects/1/members/all/7": pick(statuses), "/api/v4/groups/g/members/7": pick(statuses)}
        yield gitlab(f"mixture {number}", lab, user={**GITLAB_USER, "groups": ["staff"]}, paths=paths, version=answer({"version": pick(("16.1", "12.3", "x"))}))


def cases():
    for group in (
        github_addresses, github_members, github_emails, github_teams, gitlab_addresses, gitlab_versions, gitlab_groups, gitlab_projects,
        bitbucket_cases, auth0_cases, azure_cases, openshift_cases, mixtures,
    ):
        yield from group()
