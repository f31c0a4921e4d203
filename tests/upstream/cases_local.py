"""`Local…` classes on a machine with these users and groups. Prints a case a line; where a second line of flags is asked
for, the same with `--python`.
"""

import itertools
import json

from case import ABSENT, USER, case

SYSTEM = """\
# the hub's machine
root:x:0:0:root:/root:/bin/sh
alice:x:1001:100:Alice:/home/alice:/bin/sh
bob:x:1002:1002:Bob:/home/bob:/bin/sh
users:x:100:
bob:x:1002:
staff:x:50:bob,root
wheel:x:10:root
"""
MANAGED = {"manage_groups": True, "auth_state_groups_key": "oauth_user.groups"}
GROUPS = [
    {},
    {"allowed_groups": {"staff"}},
    {**MANAGED, "allowed_groups": {"users"}},
    {**MANAGED, "allowed_groups": {"staff"}},
    {**MANAGED, "allowed_groups": {"staff", "nowhere"}},
    {**MANAGED, "LocalAuthenticator.allowed_groups": {"staff"}},
    {**MANAGED, "LocalAuthenticator.group_whitelist": {"staff"}},
    {**MANAGED, "allowed_groups": {"hub"}},
    {**MANAGED, "allowed_groups": {"hub"}, "allow_all": True},
]
MAKING = [
    {},
    {"create_system_users": True},
    {"create_system_users": True, "uids": {"carol": 2003}},
    {"create_system_users": True, "add_user_cmd": ["useradd", "-c", "USERNAME's home", "--home=/h/USERNAME"]},
]


def cases():
    for groups, (number, making) in itertools.product(GROUPS, enumerate(MAKING)):
        for who in ("alice", "bob", "carol"):
            if number and who != "carol":
                continue  # who is there already is made by nobody
            name = f"local {who} {GROUPS.index(groups)} {number}"
            user = {**USER, "username": who, "groups": ["hub"]}
            yield of(name, {**groups, **making}, user)
    yield of("local everyone", {"allow_all": True}, {**USER, "username": "carol"})
    yield of("local everyone, known to the hub", {"allow_all": True}, {**USER, "username": "carol"}, existing_users=["carol"])
    yield of("local listed", {"allowed_users": {"carol"}, "allowed_groups": {"staff"}}, {**USER, "username": "carol"})
    yield of("local admin is made at the start", {"admin_users": {"dora"}, "create_system_users": True}, {**USER, "username": "dora"})
    yield of("local listed at the start", {"allowed_users": {"alice"}}, USER)
    yield of("local blocked", {"allow_all": True, "blocked_users": {"bob"}}, {**USER, "username": "bob"})


def of(name, options, user, **more):
    options = {"allow_all": ABSENT, **options}
    more = {"system_users": SYSTEM, "files": {"system": SYSTEM}, "flags": ["--system-users", "system"], **more}
    return case(name, options, cls="LocalGenericOAuthenticator", user=user, **more)


if __name__ == "__main__":
    for number, one in enumerate(cases()):
        print(json.dumps(one))
        if number % 8 == 0:
            flags = [*one["flags"], "--python={PYTHON}"]
            print(json.dumps({**one, "name": one["name"] + " in Python", "flags": flags}))
