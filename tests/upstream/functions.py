"""Functions as operators write them for claims and groups, on generated userdata, with what Python makes of each.

Prints a line of JSON each: source, argument, and `result` (as `repr` has it) or `raised` (class and message).
"""

import itertools
import json
import random
import re

FUNCTIONS = [
    'lambda u: u["email"].split("@")[0].lower()',
    'lambda u: u["email"].split("@", 1)[0]',
    'lambda u: u.get("nick") or u.get("email", "").partition("@")[0]',
    'lambda u: u.get("nick", u["sub"])',
    'lambda u: u["name"].replace(" ", ".").lower()',
    'lambda u: re.sub(r"[^a-z0-9]+", "-", u["name"].lower()).strip("-")',
    'lambda u: re.sub("@.*$", "", u["email"])',
    'lambda u: f"{u[\'sub\']}-{u.get(\'nick\')}"',
    'lambda u: f"{u[\'sub\']:>8}|{u[\'name\']!r}"',
    'lambda u: u["email"] if u["verified"] else None',
    'lambda u: u["email"].endswith("@uni.edu") and u["sub"]',
    'lambda u: [g for g in u["groups"] if g.startswith("hub-")]',
    'lambda u: [g.removeprefix("hub-").upper() for g in u.get("groups", [])]',
    'lambda u: sorted({g.split("/")[-1] for g in u["groups"]})',
    'lambda u: {k: v for k, v in u.items() if isinstance(v, str)}',
    'lambda u: list(u.keys())',
    'lambda u: len(u["groups"]) > 1',
    'lambda u: str(u["sub"]) + "@" + u["email"].rsplit("@")[-1]',
    'lambda u: "admin" in u["groups"] or not u["verified"]',
    'lambda u: (u["nested"] or {}).get("roles", [])',
    'lambda u: u["nested"]["roles"][0]',
    'lambda u: ",".join(u["groups"])',
    'lambda u: u["name"].title()[:3]',
    'lambda u: u["email"].split("@")[2]',
    'lambda u: int(u["sub"]) + 1',
    'lambda u: u["groups"] + ["everyone"]',
    'lambda u: any(g == "admin" for g in u["groups"])',
    'lambda u: "%s_%s" % (u["sub"], u["name"])',
    'lambda u: "{}:{name}".format(u["sub"], name=u["name"])',
    'def f(u):\n    name = u.get("nick")\n    if not name:\n        name = u["email"].split("@")[0]\n    return name.lower()',
    'def f(u):\n    try:\n        return u["nick"].lower()\n    except (KeyError, AttributeError):\n        return "nobody"',
    'def f(u):\n    groups = []\n    for g in u["groups"]:\n        if "-" in g:\n            groups.append(g.split("-", 1)[1])\n    return groups',
    'def f(u):\n    u["extra"] = len(u)\n    return u',
    'def f(u):\n    if not u["verified"]:\n        raise ValueError("not verified: " + u["email"])\n    return u["email"]',
]
EMAILS = ["Ann.Lee@Uni.EDU", "bob@uni.edu", "plain", "", "a@b@c", None]
NAMES = ["Ann Lee", "  Øystein  Æ. ", "x", "", "O'Neil-Smith 3rd"]
GROUPS = [["hub-a", "hub-b", "admin"], [], ["x/y/z", "hub-"], None, "text", ["a", 1]]
OTHERS = [{"sub": "7", "verified": True, "nested": {"roles": ["r"]}}, {"sub": 12, "verified": False, "nested": None, "nick": "Nick"}]


def users():
    random.seed(5)
    every = [
        {"email": email, "name": name, "groups": groups, **others}
        for email, name, groups, others in itertools.product(EMAILS, NAMES, GROUPS, OTHERS)
    ]
    chosen = random.sample(every, 30)
    for user in chosen[:6]:
        del user[random.choice(["email", "name", "groups", "nested"])]
    return chosen


def outcome(source, user):
    if source.startswith("def"):
        names = {"re": re}
        exec(source, names)
        function = names["f"]
    else:
        function = eval(source, {"re": re})
    try:
        return {"result": repr(function(json.loads(json.dumps(user))))}
    except Exception as error:
        return {"raised": [type(error).__name__, str(error)]}


for source in FUNCTIONS:
    for user in users():
        print(json.dumps({"source": source, "user": user, **outcome(source, user)}))
