"""Generates configuration files and says what traitlets' own loader makes of each.

Usage: reader.py FOLDER COUNT SEED

Writes the files into FOLDER and prints one JSON document: a list of cases, each with its folder, its environment and
either the settings, in a canonical spelling, or the exception that ended the file.
"""

import io
import json
import os
import random
import sys
from contextlib import redirect_stdout

from traitlets.config.loader import Config, LazyConfigValue, PyFileConfigLoader

ENVIRONMENT = {
    "CLIENT_ID": "abc-123",
    "CLIENT_SECRET": "s3cr3t",
    "HOST": "hub.example.org",
    "PORT": "8443",
    "ADMINS": "alice, bob,carol",
    "EMPTY": "",
    "DEBUG": "true",
    "JSON": '{"a": [1, 2.5, null], "b": {"c": "d"}}',
    "HOME": "/home/jovyan",
}
MISSING = ["NOT_SET", "OTHER_MISSING"]
FILES = {
    "userlist": "alice admin\nbob\n\n# a comment\ncarol admin\n  dave  \n",
    "data.json": '{"users": ["x", "y"], "limits": {"cpu": 2, "mem": 1.5}, "on": true, "none": null}',
    "data.yaml": "users:\n  - x\n  - y\nlimits:\n  cpu: 2\n  mem: 1.5\n'on': true\nnone: null\n",
    "secret.txt": "  top-secret\n",
    "helper.py": "BASE = 'https://idp.example'\nUSERS = ['u1', 'u2']\ndef url(path, base=BASE):\n"
    "    return base.rstrip('/') + '/' + path.lstrip('/')\ndef pick(x):\n    if x:\n        return 'yes'\n    return 'no'\n",
    "sub_config.py": "c.Sub.plain = 'from sub'\nc.Auth.shared = ['sub']\nc.Auth.lazy_sub.append('s')\nc.Lazy.a.append('sub')\n",
}
SECTIONS = ["Auth", "GenericOAuthenticator", "JupyterHub", "Lazy", "Spawner"]
OPTIONS = ["a", "b", "client_id", "scope", "admin_users", "allowed_users", "shared", "username_map"]
WORDS = ["alice", "bob", "Carol", "openid", "email", "profile", "https://idp/x", "", "a b", "Ünï", "x,y,z", "%d", "{}"]


class Generator:
    """Writes one file out of statements that hold together."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []
        self.vars = {}
        self.counter = 0
        self.depth = 0

    # Small helpers.

    def add(self, line):
        self.lines.append("    " * self.depth + line)

    def fresh(self, kind):
        self.counter += 1
        name = f"{kind[0]}{self.counter}"
        return name

    def bind(self, name, kind):
        if self.depth == 0:
            self.vars.setdefault(kind, []).append(name)

    def known(self, kind):
        return self.vars.get(kind, [])

    def option(self):
        r = self.rng
        section = r.choice(SECTIONS)
        option = r.choice(OPTIONS)
        return r.choice(
            [f"c.{section}.{option}"] * 6 + [f"c['{section}']['{option}']", f"c.JupyterHub.Nested.{option}", f"c.{section}['{option}']"]
        )

    def block(self, count=None):
        self.depth += 1
        for _ in range(count or self.rng.randint(1, 2)):
            self.statement()
        self.depth -= 1

    # Expressions by type.

    def text(self, depth=2):
        r = self.rng
        simple = [lambda: repr(r.choice(WORDS))] * 3
        if self.known("text"):
            simple += [lambda: r.choice(self.known("text"))] * 3
        if depth <= 0:
            return r.choice(simple)()
        t = lambda: self.text(depth - 1)
        n = lambda: self.number(depth - 1)
        env = lambda: r.choice(list(ENVIRONMENT)[:7])
        options = simple + [
            lambda: f"os.environ[{env()!r}]",
            lambda: f"os.environ.get({env()!r}, {t()})",
            lambda: f"os.environ.get({r.choice(MISSING)!r}, {t()})",
            lambda: f"os.getenv({r.choice(MISSING)!r}) or {t()}",
            lambda: f"os.getenv({env()!r}, {t()})",
            lambda: f"({t()} + {t()})",
            lambda: f"f'{{{self.plain_text()}}}-{{{self.plain_number()}}}'",
            lambda: f"f'{{{self.plain_text()}!r:>12}}'",
            lambda: f"f'{{{self.plain_number()}:05d}}|{{{self.plain_number()}:,}}|{{{self.plain_number()}:>+6}}'",
            lambda: f"'%s/%s' % ({t()}, {n()})",
            lambda: f"'%-8s|%5.1f|%03d|%x' % ({t()}, {n()}, {n()}, abs({n()}))",
            lambda: f"'%(k)s!' % {{'k': {t()}}}",
            lambda: f"'{{}}-{{!r}}'.format({t()}, {n()})",
            lambda: f"'{{0}}{{1}}{{0}}'.format({t()}, {t()})",
            lambda: f"'{{a[0]}}:{{b:>10}}'.format(a={self.listing(depth - 1)} + ['z'], b={t()})",
            lambda: f"{self.ascii_text()}.{r.choice(['lower', 'upper', 'title', 'capitalize', 'swapcase', 'strip'])}()",
            lambda: f"{t()}.replace({r.choice(['a', 'x', ' '])!r}, {t()})",
            lambda: f"{t()}.{r.choice(['strip', 'lstrip', 'rstrip'])}({r.choice(['', repr('ax/'), repr(',')])})",
            lambda: f"', '.join({self.texts(depth - 1)})",
            lambda: f"({t()} if {self.flag(depth - 1)} else {t()})",
            lambda: f"({t()} or {t()})",
            lambda: f"({t()} and {t()})",
            lambda: f"str({n()})",
            lambda: f"str({self.listing(depth - 1)})",
            lambda: f"repr({t()})",
            lambda: f"{t()}[{r.randint(-3, 3)}:{r.randint(-3, 5)}]",
            lambda: f"{t()}[::-1]",
            lambda: f"({t()} * {r.randint(0, 3)})",
            lambda: f"os.path.join({t()}, {t()})",
            lambda: f"os.path.{r.choice(['dirname', 'basename', 'normpath'])}({t()})",
            lambda: "os.path.basename(__file__)",
            lambda: "os.path.dirname(os.path.abspath(__file__))",
            lambda: f"str(Path({t()}) / 'sub' / {t()})",
            lambda: f"Path('/srv/x.tar.gz').{r.choice(['name', 'stem', 'suffix'])}",
            lambda: "Path(__file__).parent.joinpath('secret.txt').read_text().strip()",
            lambda: "open('secret.txt').read().strip()",
            lambda: f"{t()}.zfill({r.randint(0, 9)})",
            lambda: f"{t()}.{r.choice(['ljust', 'rjust', 'center'])}({r.randint(0, 12)}, '*')",
            lambda: f"{t()}.partition(',')[{r.randint(0, 2)}]",
            lambda: f"{t()}.rsplit('/', 1)[-1]",
            lambda: f"base64.b64encode({t()}.encode()).decode('ascii')",
            lambda: f"re.sub('[aeiou]', '_', {t()})",
            lambda: f"json.loads(os.environ['JSON'])['b']['c']",
            lambda: f"json.dumps({{'k': {n()}}})",
            lambda: f"{{'k': {t()}}}.get({r.choice(['k', 'other'])!r}, {t()})",
            lambda: f"helper.url({t()})",
            lambda: f"helper.pick({n()})",
            lambda: f"(lambda a, b='q': a + b)({t()})",
            lambda: f"max({t()}, {t()})",
            lambda: f"getattr(helper, {r.choice(['BASE', 'NOPE'])!r}, {t()})",
            lambda: f"{t()}.removeprefix('https://')",
        ]
        return r.choice(options)()

    def plain_text(self):
        """Fit for the inside of an f-string in single quotes."""
        names = self.known("text")
        return self.rng.choice(names) if names else "PLAIN"

    def plain_number(self):
        names = self.known("number")
        return self.rng.choice(names) if names else str(self.rng.randint(0, 12345678))

    def ascii_text(self):
        return repr(self.rng.choice(["Alice Bob", "x-y", "hEllo", ""]))

    def number(self, depth=2):
        r = self.rng
        simple = [lambda: str(r.randint(-3, 99))] * 3
        if self.known("number"):
            simple += [lambda: r.choice(self.known("number"))] * 2
        if depth <= 0:
            return r.choice(simple)()
        n = lambda: self.number(depth - 1)
        return r.choice(
            simple
            + [
                lambda: f"({n()} {r.choice(['+', '-', '*', '&', '|', '^'])} {n()})",
                lambda: f"({n()} {r.choice(['//', '%'])} {r.choice([3, -4, 7])})",
                lambda: f"({n()} << {r.randint(0, 70)})",
                lambda: f"len({self.listing(depth - 1)})",
                lambda: f"len({self.text(depth - 1)})",
                lambda: "int(os.environ['PORT'])",
                lambda: f"sum([{n()}, {n()}])",
                lambda: f"({r.randint(0, 5)} ** {r.randint(0, 40)})",
                lambda: f"{self.text(depth - 1)}.count('a')",
                lambda: f"int('{r.randint(0, 400)}', 16)",
                lambda: f"(-{n()})",
                lambda: f"min({n()}, {n()})",
                lambda: f"(1 if {self.flag(depth - 1)} else {n()})",
            ]
        )()

    def flag(self, depth=2):
        r = self.rng
        simple = [lambda: r.choice(["True", "False"])]
        if depth <= 0:
            return r.choice(simple)()
        t = lambda: self.text(depth - 1)
        return r.choice(
            simple
            + [
                lambda: f"({t()} == {t()})",
                lambda: f"({self.number(depth - 1)} < {self.number(depth - 1)} <= {self.number(depth - 1)})",
                lambda: f"({t()} in {t()})",
                lambda: f"({t()} not in {self.listing(depth - 1)})",
                lambda: f"({r.choice(list(ENVIRONMENT) + MISSING)!r} in os.environ)",
                lambda: f"bool({t()})",
                lambda: f"(not {self.listing(depth - 1)})",
                lambda: f"(os.environ.get({r.choice(list(ENVIRONMENT) + MISSING)!r}) is None)",
                lambda: f"{t()}.{r.choice(['startswith', 'endswith'])}({r.choice(['a', 'https://'])!r})",
                lambda: f"os.path.exists({r.choice(['userlist', 'no-such-file'])!r})",
                lambda: f"isinstance({self.any_value(depth - 1)}, {r.choice(['str', '(list, set)', 'int', 'dict'])})",
                lambda: f"({self.flag(depth - 1)} {r.choice(['and', 'or'])} {self.flag(depth - 1)})",
                lambda: f"{r.choice(['any', 'all'])}(x for x in {self.listing(depth - 1)})",
                lambda: f"({self.setting(depth - 1)} {r.choice(['<=', '==', '>'])} {self.setting(depth - 1)})",
                lambda: f"({self.listing(depth - 1)} == {self.listing(depth - 1)})",
                lambda: f"(os.environ.get('DEBUG', 'no').lower() in ('true', 'yes', '1'))",
                lambda: "('JupyterHub.a' in c)",
            ]
        )()

    def texts(self, depth=1):
        """A list of texts only."""
        r = self.rng
        options = [
            lambda: "[" + ", ".join(self.text(depth - 1) for _ in range(r.randint(0, 3))) + "]",
            lambda: "os.environ['ADMINS'].split(',')",
            lambda: "[x.strip() for x in os.environ['ADMINS'].split(',')]",
            lambda: f"{self.text(0)}.split({r.choice(['', repr(','), repr(', '), 'None, 1'])})",
            lambda: "sorted({'b', 'a', 'c'})",
            lambda: "helper.USERS",
            lambda: "[str(i) for i in range(3)]",
            lambda: "[line.split()[0] for line in open('userlist') if line.strip() and not line.startswith('#')]",
            lambda: "sorted(json.load(open('data.json'))['users'], reverse=True)",
            lambda: "yaml.safe_load(open('data.yaml'))['users']",
            lambda: "open('userlist').read().splitlines()",
            lambda: "re.split('[, ]+', os.environ['ADMINS'])",
            lambda: "list(map(str.upper, ['a', 'b']))",
        ]
        return r.choice(options)()

    def listing(self, depth=2):
        r = self.rng
        simple = [lambda: "[" + ", ".join(self.text(0) for _ in range(r.randint(0, 3))) + "]"]
        if self.known("list"):
            simple += [lambda: r.choice(self.known("list"))] * 2
        if depth <= 0:
            return r.choice(simple)()
        return r.choice(
            simple
            + [
                lambda: self.texts(depth - 1),
                lambda: f"({self.listing(depth - 1)} + {self.listing(depth - 1)})",
                lambda: f"[*{self.listing(depth - 1)}, {self.number(depth - 1)}]",
                lambda: f"{self.listing(depth - 1)}[{r.randint(-3, 2)}:]",
                lambda: f"list({self.mapping(depth - 1)})",
                lambda: f"list({self.mapping(depth - 1)}.items())",
                lambda: f"list(enumerate({self.listing(depth - 1)}, 1))",
                lambda: f"list(zip({self.listing(depth - 1)}, range(9)))",
                lambda: f"list({self.text(depth - 1)})",
                lambda: f"[(x, y) for x in 'ab' for y in range(2) if (x, y) != ('a', 1)]",
                lambda: f"[y for x in ['p ', '', ' q'] if (y := x.strip())]",
                lambda: f"list(reversed({self.listing(depth - 1)}))",
                lambda: f"copy.deepcopy({self.listing(depth - 1)})",
                lambda: f"list(filter(None, {self.texts(0)}))",
            ]
        )()

    def setting(self, depth=2):
        r = self.rng
        simple = [
            lambda: "{" + ", ".join(self.text(0) for _ in range(r.randint(1, 3))) + "}",
            lambda: "set()",
        ]
        if self.known("set"):
            simple += [lambda: r.choice(self.known("set"))] * 2
        if depth <= 0:
            return r.choice(simple)()
        s = lambda: self.setting(depth - 1)
        return r.choice(
            simple
            + [
                lambda: f"set({self.texts(depth - 1)})",
                lambda: f"({s()} {r.choice(['|', '&', '-', '^'])} {s()})",
                lambda: f"{{x.lower() for x in {self.texts(0)}}}",
                lambda: f"{s()}.{r.choice(['union', 'difference', 'intersection'])}({self.texts(0)})",
                lambda: f"set({self.text(depth - 1)})",
            ]
        )()

    def mapping(self, depth=2):
        r = self.rng
        simple = [lambda: "{" + ", ".join(f"{self.text(0)}: {self.any_value(0)}" for _ in range(r.randint(0, 3))) + "}"]
        if self.known("dict"):
            simple += [lambda: r.choice(self.known("dict"))] * 2
        if depth <= 0:
            return r.choice(simple)()
        d = lambda: self.mapping(depth - 1)
        return r.choice(
            simple
            + [
                lambda: f"dict(a={self.any_value(depth - 1)}, b={self.text(depth - 1)})",
                lambda: f"{{**{d()}, 'z': {self.any_value(depth - 1)}}}",
                lambda: f"({d()} | {d()})",
                lambda: f"{{k: len(str(k)) for k in {self.texts(0)}}}",
                lambda: f"dict(zip({self.texts(0)}, range(9)))",
                lambda: "json.load(open('data.json'))['limits']",
                lambda: "json.loads(os.environ['JSON'])",
                lambda: "yaml.safe_load(open('data.yaml'))",
                lambda: f"dict.fromkeys({self.texts(0)}, {self.number(0)})",
                lambda: f"dict([('k', {self.any_value(depth - 1)})])",
            ]
        )()

    def any_value(self, depth=2):
        return self.rng.choice(
            [self.text, self.text, self.number, self.flag, self.listing, self.setting if depth > 0 else self.text, self.mapping]
            + [lambda depth: "None", lambda depth: f"({self.text(depth)}, {self.number(depth)})", lambda depth: f"{self.rng.choice(['1.5', '2e30', '0.1', '-0.25'])}"]
        )(depth)

    def typed(self):
        kind = self.rng.choice(["text", "text", "number", "list", "list", "set", "dict"])
        value = {"text": self.text, "number": self.number, "list": self.listing, "set": self.setting, "dict": self.mapping}[kind]()
        return kind, value

    # Statements.

    def statement(self):
        r = self.rng
        simple = [self.assign_option] * 8 + [self.assign_variable] * 3 + [self.mutate] * 4 + [self.lazy] * 2
        simple += [self.alias, self.read_back, self.environment, self.augment, self.unpack, self.remove, self.function_option]
        if self.depth < 2:
            simple += [self.branch] * 3 + [self.loop] * 2 + [self.attempt, self.attempt, self.with_file, self.while_loop, self.matching]
        if self.depth == 0:
            simple += [self.function, self.function, self.a_class, self.section, self.sub, self.merge, self.odd, self.closure, self.instance]
        r.choice(simple)()

    def assign_option(self):
        target = self.option()
        if self.rng.random() < 0.1:
            target = f"{target} = {self.option()}"
        self.add(f"{target} = {self.any_value()}")

    def assign_variable(self):
        kind, value = self.typed()
        name = self.fresh(kind)
        self.add(f"{name} = {value}")
        self.bind(name, kind)

    def alias(self):
        name = self.fresh("set")
        self.add(f"{self.option()} = {name} = {self.rng.choice(['set()', self.setting(1)])}")
        self.add(f"{name}.add({self.text(1)})")
        self.bind(name, "set")

    def mutate(self):
        r = self.rng
        kinds = [kind for kind in ("list", "set", "dict") if self.known(kind)]
        if not kinds:
            return self.assign_option()
        kind = r.choice(kinds)
        name = r.choice(self.known(kind))
        t = self.text
        actions = {
            "list": [
                lambda: f"{name}.append({t(1)})",
                lambda: f"{name}.extend({self.listing(1)})",
                lambda: f"{name}.insert({r.randint(-2, 3)}, {t(1)})",
                lambda: f"{name} += {self.listing(1)}",
                lambda: f"{name}.reverse()",
                lambda: f"{name}[{r.randint(0, 2)}:{r.randint(0, 3)}] = {self.listing(1)}",
                lambda: f"{self.option()} = {name}",
                lambda: f"{name}.sort(key=str)",
                lambda: f"{name}[:] = {self.listing(1)}",
                lambda: f"{name}.pop() if {name} else None",
            ],
            "set": [
                lambda: f"{name}.add({t(1)})",
                lambda: f"{name}.update({self.texts(1)})",
                lambda: f"{name} |= {self.setting(1)}",
                lambda: f"{name}.discard({t(1)})",
                lambda: f"{name} -= {self.setting(1)}",
                lambda: f"{self.option()} = {name}",
            ],
            "dict": [
                lambda: f"{name}[{t(1)}] = {self.any_value(1)}",
                lambda: f"{name}.update({self.mapping(1)})",
                lambda: f"{name}.setdefault({t(1)}, []) ",
                lambda: f"{name}.pop({t(1)}, None)",
                lambda: f"{self.option()} = {name}",
                lambda: f"{name} |= {self.mapping(1)}",
            ],
        }
        self.add(r.choice(actions[kind])())

    def lazy(self):
        r = self.rng
        target = f"c.Lazy.{r.choice(['a', 'b', 'd'])}" if r.random() < 0.5 else f"c.Other{r.randint(1, 9)}.x"
        if target.startswith("c.Lazy"):
            kind = target[-1]
        else:
            kind = r.choice("abd")
            target += kind
        calls = {
            "a": [f"append({self.text(1)})", f"extend({self.listing(1)})", f"prepend({self.texts(1)})", f"insert({r.randint(0, 3)}, {self.text(1)})"],
            "b": [f"add({self.text(1)})", f"update({self.setting(1)})"],
            "d": [f"update({self.mapping(1)})"],
        }
        self.add(f"{target}.{r.choice(calls[kind])}")

    def read_back(self):
        name = self.fresh("any")
        target = self.option()
        self.add(f"{target} = {self.any_value(1)}")
        self.add(f"{name} = {target}")
        self.add(f"{self.option()} = [{name}, {name}]")

    def environment(self):
        r = self.rng
        name = r.choice(["NEW_ONE", "CLIENT_ID", "NEW_TWO"])
        self.add(
            r.choice(
                [
                    f"os.environ[{name!r}] = {self.text(1)}",
                    f"os.environ.setdefault({name!r}, {self.text(1)})",
                    f"os.environ.update({name}={self.text(1)})",
                ]
            )
        )
        self.add(f"{self.option()} = os.environ.get({name!r})")

    def augment(self):
        r = self.rng
        numbers = self.known("number")
        if numbers:
            self.add(f"{r.choice(numbers)} {r.choice(['+', '-', '*'])}= {self.number(1)}")
        option = self.option()
        self.add(f"{option} = {self.listing(1)}")
        self.add(f"{option} += {self.listing(1)}")

    def unpack(self):
        a, b, rest = self.fresh("text"), self.fresh("text"), self.fresh("list")
        self.add(f"{a}, {b}, *{rest} = ['p', {self.text(1)}, *{self.listing(1)}]")
        self.add(f"({a}, {b}) = {b}, {a}")
        self.add(f"{self.option()} = {rest}")
        if self.depth == 0:
            self.bind(a, "text"), self.bind(b, "text"), self.bind(rest, "list")

    def remove(self):
        option = self.option()
        self.add(f"{option} = 1")
        self.add(f"del {option}")

    def function_option(self):
        r = self.rng
        self.add(f"{self.option()} = {r.choice(['lambda self: self.user', 'lambda: ' + self.text(0), 'len', 'os.path.join'])}")

    def branch(self):
        self.add(f"if {self.flag()}:")
        self.block()
        if self.rng.random() < 0.4:
            self.add(f"elif {self.flag()}:")
            self.block()
        if self.rng.random() < 0.6:
            self.add("else:")
            self.block()

    def loop(self):
        r = self.rng
        name = self.fresh("any")
        head = r.choice(
            [
                f"for {name} in list({self.listing(1)}):",
                f"for {name}, other in list({self.mapping(1)}.items()):",
                f"for {name}, other in enumerate(list({self.texts(1)})):",
                f"for {name} in range({r.randint(0, 4)}):",
                f"for {name} in [1, 2]:",
            ]
        )
        self.add(head)
        self.depth += 1
        sets = self.known("set")
        lists = self.known("list")
        if lists and r.random() < 0.7:
            self.add(f"{r.choice(lists)}.append(str({name}))" if r.random() < 0.5 else f"collected.append({name})")
        if sets and r.random() < 0.5:
            self.add(f"{r.choice(sets)}.add(str({name}))")
        if r.random() < 0.4:
            self.add(f"if str({name}) == {self.text(0)}: {r.choice(['continue', 'break'])}")
        self.depth -= 1
        self.block(1)
        if r.random() < 0.3:
            self.add("else:")
            self.block(1)

    def while_loop(self):
        name = self.fresh("number")
        self.add(f"{name} = {self.rng.randint(0, 4)}")
        self.add(f"while {name} > 0:")
        self.depth += 1
        self.add(f"{name} -= 1")
        self.add(f"collected.append({name})")
        self.depth -= 1

    def attempt(self):
        r = self.rng
        risky = r.choice(
            [
                f"{self.option()} = os.environ[{r.choice(MISSING + ['HOST'])!r}]",
                f"{self.option()} = int({self.text(0)})",
                f"{self.option()} = {self.mapping(1)}[{self.text(0)}]",
                f"{self.option()} = open({r.choice(['userlist', 'no-such-file'])!r}).readline()",
                f"raise {r.choice(['ValueError', 'KeyError', 'RuntimeError'])}({self.text(0)})",
                f"{self.option()} = {self.listing(1)}[{r.randint(0, 3)}]",
                f"{self.option()} = [].index(1)",
                f"{self.option()} = undefined_name",
                f"{self.option()} = 'a' + {self.number(0)}",
                f"{self.option()} = json.loads({self.text(0)})",
                f"c.Auth = {{}}",
            ]
        )
        kinds = r.choice(["Exception", "(KeyError, ValueError, OSError, IndexError, NameError, TypeError, RuntimeError)", "LookupError"])
        if kinds == "LookupError" and not risky.startswith("raise KeyError"):
            kinds = "Exception"
        self.add("try:")
        self.block(1)
        self.depth += 1
        self.add(risky)
        self.depth -= 1
        self.add(f"except {kinds} as e:" if r.random() < 0.5 else f"except {kinds}:")
        self.block(1)
        if r.random() < 0.4:
            self.add("else:")
            self.block(1)
        if r.random() < 0.3:
            self.add("finally:")
            self.block(1)

    def with_file(self):
        admins, users = self.fresh("set"), self.fresh("set")
        for name in (admins, users):
            self.add(f"{name} = set()")
        self.add(f"{self.option()} = {users}")
        self.add("with open(os.path.join(os.path.dirname(__file__), 'userlist')) as f:")
        self.depth += 1
        self.add("for line in f:")
        self.depth += 1
        self.add("if not line.strip() or line.startswith('#'):")
        self.add("    continue")
        self.add("parts = line.split()")
        self.add(f"{users}.add(parts[0])")
        self.add("if len(parts) > 1 and parts[1] == 'admin':")
        self.add(f"    {admins}.add(parts[0])")
        self.depth -= 2
        self.add(f"{self.option()} = {admins}")
        self.bind(admins, "set"), self.bind(users, "set")

    def matching(self):
        r = self.rng
        subject = r.choice([self.text(1), f"({self.text(0)}, {self.number(0)})", self.listing(1), self.mapping(1)])
        self.add(f"match {subject}:")
        self.depth += 1
        for case in r.sample(["'alice' | 'bob'", "[first, *others]", "[one]", "{'a': inner}", "None", "[]", "'' "], 3):
            self.add(f"case {case}:")
            self.block(1)
        self.add("case _:")
        self.block(1)
        self.depth -= 1

    def function(self):
        r = self.rng
        name = self.fresh("func")
        self.add(f"def {name}(a, b='d', *rest, flag=False, **more):")
        self.depth += 1
        self.add(f"if flag: return [a, {self.text(0)}]")
        self.add("local = []")
        self.add("for item in rest:")
        self.add("    local.append((item, b))")
        if r.random() < 0.5:
            self.add("collected.append(a)")
        self.add(r.choice(["return [a, b, local, more]", "return [local]", "return [str(a)]"]))
        self.depth -= 1
        call = r.choice(
            [f"({self.text(0)})", f"({self.text(0)}, {self.number(0)}, 1, 2, z=3)", f"(a={self.text(0)}, flag=True)", "(*['x', 'y', 'z'], **{'flag': False})"]
        )
        self.add(f"{self.option()} = {name}{call}")
        if r.random() < 0.3:
            self.add(f"{self.option()} = {name}")

    def closure(self):
        name = self.fresh("func")
        self.add(f"def {name}(step):")
        self.add("    total = 0")
        self.add("    def inner(x):")
        self.add("        nonlocal total")
        self.add("        total += x * step")
        self.add("        return total")
        self.add("    return inner")
        self.add(f"{name}_call = {name}({self.number(0)})")
        self.add(f"{name}_call(2)")
        self.add(f"{self.option()} = [{name}_call(3), {name}_call(-1)]")

    def instance(self):
        name = f"Thing{self.counter}"
        self.counter += 1
        self.add(f"class {name}:")
        self.add(f"    limit = {self.number(0)}")
        self.add("    def __init__(self, names=()):")
        self.add("        self.names = list(names)")
        self.add("    @property")
        self.add("    def first(self):")
        self.add("        return self.names[0] if self.names else self.limit")
        self.add("    @classmethod")
        self.add("    def make(cls, n):")
        self.add("        return cls([n] * 2)")
        self.add("    def add(self, n):")
        self.add("        self.names.append(n)")
        self.add("        return self")
        self.add(f"{self.option()} = {name}({self.listing(1)}).add('n').names")
        self.add(f"{self.option()} = {name}.make({self.text(0)}).first")

    def a_class(self):
        r = self.rng
        name = f"My{self.counter}Authenticator"
        self.counter += 1
        base = r.choice(["GenericOAuthenticator", "oauthenticator.generic.GenericOAuthenticator", "GH", "LocalOne"])
        self.add(f"class {name}({base}):")
        self.add(f"    login_service = {self.text(0)}")
        self.add("    def normalize_username(self, username): return username.lower()")
        self.add(f"c.JupyterHub.authenticator_class = {r.choice([name, name, base, repr('github')])}")
        if r.random() < 0.3:
            self.add(f"{name}.extra = {self.text(0)}")
            self.add(f"{self.option()} = {name}.extra")

    def section(self):
        r = self.rng
        name = r.choice(["Made", "Auth", "Spawner"])
        self.add(
            r.choice(
                [
                    f"c.{name} = Config({{'x': {self.any_value(1)}, 'Inner': {{'y': {self.number(0)}}}}})",
                    f"c.{name}.update({{'x': {self.any_value(1)}, 'y': {self.number(0)}}})",
                    f"c.update({{'plain_top': {self.text(0)}}})",
                    f"section = c.{name}\nsection.z = {self.any_value(1)}",
                    f"setattr(c.{name}, {r.choice(['w', 'a'])!r}, {self.any_value(1)})",
                    f"c.{name}.setdefault('dflt', {self.text(0)})",
                    f"for key, value in {{'k1': {self.text(0)}, 'k2': {self.number(0)}}}.items(): setattr(c.{name}, key, value)",
                    f"for key in ('k3', 'k4'): c.{name}[key] = key * 2",
                ]
            )
        )

    def sub(self):
        self.add(f"load_subconfig({self.rng.choice(['sub_config.py', 'sub_config.py', 'no_such.py'])!r})")

    def merge(self):
        self.add("other = Config()")
        self.add(f"other.Auth.a = {self.any_value(1)}")
        self.add(self.rng.choice([f"other.Lazy.b.update({self.setting(1)})", f"other.Lazy.a.append({self.text(0)})"]))
        self.add("c.merge(other)")

    def odd(self):
        r = self.rng
        self.add(
            r.choice(
                [
                    "assert os.environ['HOST'], 'no host'",
                    "c = get_config()",
                    f"if __name__ == '__main__': c.Auth.never = 1",
                    f"c.Auth.name_of_module = __name__",
                    f"exec({f'c.Auth.by_exec = {self.number(0)}'!r})",
                    f"c.Auth.by_eval = eval({'1 + 2'!r})",
                    f"c.Auth.shared = []\nfor n in range(3):\n    c.Auth.shared.append(n)",
                    "from os import environ as env\nc.Auth.from_env = env['HOST']",
                    "c.Auth.callback = f\"https://{os.environ['HOST']}/hub/oauth_callback\"",
                    "print('hello', c)",
                    "global_total = 0\ndef bump():\n    global global_total\n    global_total += 1\nbump(); bump()\nc.Auth.total = global_total",
                    "c.Auth.tern = 'x' if 'JupyterHub' in c else 'y'",
                    f"c.Auth.chained = 1 < {self.number(0)} < 50",
                    "import helper as h2\nfrom helper import USERS as names, url\nnames.append('u3')\nc.Auth.users = h2.USERS\nc.Auth.url = url('/authorize')",
                    "c.Auth.items = [d for d in ({'k': i} for i in range(2))]",
                    "c.Auth.dotted = c.JupyterHub.get('port', 8000)",
                    "x = y = []\ny.append(1)\nc.Auth.both = [x, y]\nx.append(2)",
                    "if os.environ.get('EMPTY'):\n    import does_not_exist",
                    "from contextlib import suppress\nwith suppress(KeyError):\n    c.Auth.before = 1\n    os.environ['NOT_SET']\n    c.Auth.after = 2",
                ]
            )
        )

    def program(self):
        r = self.rng
        self.lines = [
            "import base64, copy, json, os, re",
            "import yaml",
            "from pathlib import Path",
            "import helper",
            "import oauthenticator",
            "from oauthenticator.generic import GenericOAuthenticator, LocalGenericOAuthenticator as LocalOne",
            "from oauthenticator.github import GitHubOAuthenticator as GH",
            "from traitlets.config import Config",
            "PLAIN = 'plain'",
            "collected = []",
            "c.Auth.collected = collected",
        ]
        for _ in range(r.randint(4, 14)):
            self.statement()
        if r.random() < 0.04:
            self.add(r.choice(["raise RuntimeError('no')", "import sys; sys.exit(1)", "c.JupyterHub = {'a': 1}", "c.Auth.x = nope", "def broken(:"]))
        return "\n".join(line for block in self.lines for line in indent(block)) + "\n"


def indent(block):
    """A statement of several lines keeps the indentation of its first one."""
    first, *rest = block.split("\n")
    margin = first[: len(first) - len(first.lstrip())]
    return [first, *(margin + line for line in rest)]


def spell(value):
    """One spelling for what both sides mean; sets are sorted, functions and classes go by name."""
    if isinstance(value, LazyConfigValue):
        parts = {"update": value._update, "extend": value._extend, "prepend": value._prepend, "inserts": value._inserts}
        return "lazy(" + ", ".join(f"{name}={spell(part)}" for name, part in parts.items() if part) + ")"
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, bytes):
        return "bytes(" + value.hex() + ")"
    if isinstance(value, list):
        return "[" + ", ".join(map(spell, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(spell, value)) + ")"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(spell, value))) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spell(key)}: {spell(item)}" for key, item in value.items()) + "}"
    if isinstance(value, type):
        return f"class({value.__name__})"
    if callable(value):
        return f"callable({value.__name__})"
    return f"other({type(value).__name__})"


def settings(config, prefix=""):
    found = {}
    for name, value in config.items():
        if isinstance(value, Config) and name[:1].upper() == name[:1]:
            found.update(settings(value, f"{prefix}{name}."))
            continue
        try:
            found[prefix + name] = spell(value)
        except RecursionError:
            # A list that holds itself.
            found[prefix + name] = None
    return found


def load(folder):
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    sys.modules.pop("helper", None)
    os.chdir(folder)
    sys.path[0] = folder
    loader = PyFileConfigLoader("jupyterhub_config.py", folder)
    try:
        with redirect_stdout(io.StringIO()):
            config = loader.load_config()
    except (Exception, SystemExit) as error:
        return {"error": type(error).__name__, "message": str(error)}
    return {"settings": settings(config)}


def main():
    root, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sys.dont_write_bytecode = True
    sys.path.insert(0, root)
    cases = []
    for number in range(count):
        folder = os.path.join(root, f"case-{number:04d}")
        os.makedirs(folder, exist_ok=True)
        for name, content in FILES.items():
            with open(os.path.join(folder, name), "w") as f:
                f.write(content)
        text = Generator(random.Random(seed * 100003 + number)).program()
        with open(os.path.join(folder, "jupyterhub_config.py"), "w") as f:
            f.write(text)
        cases.append({"folder": folder, **load(folder)})
    json.dump({"environment": ENVIRONMENT, "cases": cases}, sys.stdout)


main()
