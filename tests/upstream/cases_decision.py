"""Cases about who it is and whether they may enter: names, groups, scopes, lists, and seeded mixtures of them all."""

import random

from case import ABSENT, CLASSES, TOKEN, USER, answer, case, without

NAMES = (
    "Alice", "ALICE", "alice", "a b", " alice", "alice ", "\talice", "alice\n", "a\nb", "a/b", "/", ".", "..", "...", ". .", ".a", "%2e", "%2E%2e",
    "%2F", "a%2fb", "%", "%e2%80%a4", "", " ", "0", "a\0b", "a,b", "a@b.c", "a+b", "\\", "\u0130stanbul", "I\u0131", "Stra\u00dfe", "\u1e9e",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3", "\u03a3", "A\u03a3", "A\u03a3A", "A\u03a3.", "A\u03a3 \u03a3", "\u03a3\u0345", "A\u0345\u03a3", "A.\u03a3", "\u01c5", "\u212a",
    "\u2168", "\u00c5", "A\u030a", "\u65e5\u672c", "\U0001f469\u200d\U0001f4bb", "\U00010400", "\u13a0", "\u1c90", "\ua7ae", "\u00a0alice", "alice\u3000", "\u200balice",
    "\ufeffalice", "\x1falice", "\x1calice", "alice\x85", "alice\u2028", "\ud83d", "x" * 300, "\u2024", "\u0660", "None", "true",
)
ODD = (None, True, False, 0, 1, -5, 1.5, 10**20, [], ["alice"], {}, {"name": "alice"}, ABSENT)
GROUPS = (
    ["staff"], ["staff", "users"], ["b", "a", "B"], ["staff", "staff"], [], "staff", "", "s", {}, {"staff": 1, "x": 2}, 5, 0, True, False, None, ABSENT, 1.5,
    [1, 2], [2, 1, "a"], ["a", None], [None], [True, False], [1, True, 1.0], [["staff"]], [{"name": "staff"}], [""], [" staff "], ["\u65e5", "\U0001f600", "\ud83d"],
    ["Staff"], [1.5, 1], ["10", "9"], {"1": {}}, [float("nan")],
)
KEYS = (
    "oauth_user.groups", "groups", "oauth_user", "oauth_user.nested.groups", "nested.groups", "scope", "token_response.scope", "token_response", "access_token", "refresh_token",
    "", ".", "oauth_user.", ".oauth_user", "oauth_user..groups", "oauth_user.groups.0", "oauth_user.username", "oauth_user.sub.x", "OAUTH_USER.groups", "oauth_user. groups",
)
SCOPES = (ABSENT, None, "", "a", "a b", "b a", "a,b", "a  b", ["a", "b"], ["a", 5], 5, True, {"a": 1, "b": 2}, [["a"]], ["b"], "A B", 0, [], {})


def shown(value):
    return "absent" if value is ABSENT else ascii(value)[:40]


def names():
    for name in (*NAMES, *ODD):
        yield case(f"name {shown(name)}", user=answer(without(USER, username=name)))
    for name in NAMES[:12] + ODD:
        yield case(f"name {shown(name)} on the base class", cls="OAuthenticator", user=answer(without(USER, username=name)))
    for claim in ("sub", "email", "none", "", "nested.name", "groups", "Username", "username "):
        yield case(f"username_claim {claim!r}", {"username_claim": claim}, user={**USER, "nested": {"name": "x"}})
    for name in ("\u0130stanbul", "Stra\u00dfe", "A\u03a3", "Alice"):
        for option in ("allowed_users", "admin_users", "blocked_users"):
            for listed in sorted({name, name.lower(), name.upper()}):
                options = {option: {listed}}
                user = {**USER, "username": name}
                yield case(f"{ascii(name)} with {option} {ascii(listed)}", options, user=user, allow_all=option == "blocked_users")
    maps = (
        {"alice": "bob"}, {"Alice": "bob"}, {"alice": "bob", "bob": "carol"}, {"alice": "bob", "bob": "alice"}, {"alice": "BOB"}, {"alice": "BOB", "bob": "carol"},
        {"alice": ""}, {"alice": "a/b"}, {"alice": " x"}, {"alice": None}, {"alice": 5}, {"alice": ["x"]}, {"alice": {"a": 1}}, {"alice": True}, {5: "x", "alice": "y"}, {"": "x"},
    )
    for mapping in maps:
        yield case(f"username_map {mapping}", {"username_map": mapping})
        yield case(f"username_map {mapping} with users", {"username_map": mapping, "allowed_users": {"alice"}, "admin_users": {"dora"}}, allow_all=False)
        yield case(f"username_map {mapping} with admins", {"username_map": mapping, "admin_users": {"Alice"}}, allow_all=False)


def groups():
    for given in GROUPS:
        user = answer(without(USER, groups=given))
        yield case(f"groups {shown(given)}", {"manage_groups": True}, user=user)
        lists = {"manage_groups": True, "allowed_groups": {"staff", "s"}, "admin_groups": {"users", "1"}}
        yield case(f"groups {shown(given)} with lists", lists, user=user, allow_all=False)
        yield case(f"groups {shown(given)} unmanaged", user=user)
    user = {**USER, "nested": {"groups": ["staff"]}}
    for cls in ("GenericOAuthenticator", "OAuthenticator"):
        for key in KEYS:
            options = {"manage_groups": True, "auth_state_groups_key": key, "admin_groups": {"staff", "openid"}}
            yield case(f"auth_state_groups_key {key!r} on {cls}", options, cls=cls, user=user)
        yield case(f"managed groups without a key on {cls}", {"manage_groups": True, "admin_groups": {"staff"}}, cls=cls, user=user)
    for admin in (set(), {"alice"}, {"bob"}):
        for admin_groups in (set(), {"staff"}, {"other"}):
            options = {"manage_groups": True, "admin_users": admin, "admin_groups": admin_groups}
            yield case(f"admin_users {sorted(admin)} and admin_groups {sorted(admin_groups)}", options, allow_all=False)


def scopes():
    for given in SCOPES:
        options = {"scope": ["a", "b"], "allowed_scopes": ["a", "b"]}
        token = answer(without(TOKEN, scope=given))
        yield case(f"granted scope {shown(given)}", options, token=token, allow_all=False)
        yield case(f"granted scope {shown(given)} for admins", {**options, "admin_users": {"alice"}}, token=token, allow_all=False)
        as_groups = {"manage_groups": True, "auth_state_groups_key": "scope", "allowed_groups": {"a"}}
        yield case(f"granted scope {shown(given)} as groups", as_groups, token=token, allow_all=False)


def lists():
    existing = (["alice"], ["Alice"], ["bob"], ["a/b", "alice"], [])
    for users in existing:
        for allow in (True, False):
            for allowed in (ABSENT, {"bob"}):
                options = {"allow_existing_users": allow, "allowed_users": allowed}
                name = f"existing {users}, allow_existing_users {allow}, allowed_users {shown(allowed)}"
                yield case(name, options, existing_users=users, allow_all=False)
        yield case(f"existing {users}, blocked", {"allow_existing_users": True, "blocked_users": {"alice"}}, existing_users=users, allow_all=False)
        yield case(f"existing {users}, pattern", {"allow_existing_users": True, "username_pattern": "^b"}, existing_users=users, allow_all=False)
        invalid = {"allow_existing_users": True, "delete_invalid_users": True}
        yield case(f"existing {users}, delete_invalid_users", invalid, existing_users=users, allow_all=False)
    for allow_all in (True, False, ABSENT):
        options = {"allow_all": allow_all, "blocked_users": {"alice"}, "admin_users": {"alice"}}
        yield case(f"blocked admin, allow_all {shown(allow_all)}", options)
    for user in ("root", "Root", "nobody", "alice"):
        for options in ({}, {"allowed_groups": {"root"}}, {"allowed_groups": {"nogroup", "nowhere"}}, {"allowed_users": {"root"}},
                        {"allow_existing_users": True}, {"allow_existing_users": True, "allowed_users": {"root", "alice"}},
                        {"manage_groups": True, "allowed_groups": {"root", "staff"}}, {"manage_groups": True, "admin_groups": {"staff"}},
                        {"create_system_users": True, "add_user_cmd": ["true"], "allow_existing_users": True, "allowed_users": {"alice"}}):
            shape = {key: sorted(value) if isinstance(value, set) else value for key, value in options.items()}
            more = {"user": {**USER, "username": user}, "existing_users": ["root", "carol"], "cls": "LocalGenericOAuthenticator"}
            yield case(f"local {user} with {shape}", options, allow_all=False, **more)


def mixtures(count):
    """Everything at once, drawn with a fixed seed."""
    draw = random.Random(17_04_06_01)
    people = ("alice", "Alice", "bob", "BOB", "carol", "dora@uni.edu", "\u0130da")

    def some(of, most=3):
        return set(draw.sample(of, draw.randint(0, most)))

    def maybe(options, name, value, chance=0.4):
        if draw.random() < chance:
            options[name] = value

    for number in range(count):
        cls = draw.choice([*CLASSES, "GenericOAuthenticator"])
        options = {}
        maybe(options, "allow_all", draw.random() < 0.5, 0.2)
        maybe(options, "allowed_users", some(people))
        maybe(options, "admin_users", some(people, 2))
        maybe(options, "blocked_users", some(people, 2), 0.3)
        maybe(options, "allow_existing_users", True, 0.3)
        maybe(options, "username_map", {draw.choice(people): draw.choice(people) for _ in range(2)}, 0.25)
        maybe(options, "username_pattern", draw.choice(["^[a-z]+$", "[a-z@.]*", "^(?!bob)", "\\w{3,5}"]), 0.2)
        maybe(options, "manage_groups", True, 0.6)
        maybe(options, "allowed_groups", some(("staff", "users", "s", "root"), 2), 0.4 if "manage_groups" in options else 0.05)
        maybe(options, "admin_groups", some(("staff", "users", "5"), 2), 0.4 if "manage_groups" in options else 0.05)
        maybe(options, "auth_state_groups_key", draw.choice(KEYS[:9]), 0.3 if "manage_groups" in options else 0.05)
        maybe(options, "scope", draw.choice([["a"], ["a", "b"], ["openid"]]), 0.4)
        maybe(options, "allowed_scopes", draw.choice([["a"], ["a", "b"], ["openid"]]), 0.3 if "scope" in options else 0.03)
        maybe(options, "username_claim", draw.choice(["username", "email", "sub", "groups"]), 0.2)
        maybe(options, "basic_auth", True, 0.2)
        maybe(options, "enable_pkce", False, 0.2)
        maybe(options, "JupyterHub.admin_users", some(people, 2), 0.15)
        maybe(options, f"{draw.choice(['Authenticator', 'OAuthenticator'])}.allowed_users", some(people, 2), 0.2)
        maybe(options, "userdata_token_method", "url", 0.15)
        order = list(options.items())
        draw.shuffle(order)
        user = without(USER, username=draw.choice(people), groups=draw.choice(GROUPS[:20]))
        token = without(TOKEN, scope=draw.choice(SCOPES[:10]))
        if draw.random() < 0.1:
            token = without(token, token_type=draw.choice([ABSENT, None, "mac"]))
        existing = sorted(some(people[:5]))
        yield case(f"mixture {number}", dict(order), cls=cls, user=user, token=token, existing_users=existing, allow_all=ABSENT)


def cases():
    for group in (names, groups, scopes, lists):
        yield from group()
    yield from mixtures(200)
