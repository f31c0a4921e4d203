"""Cases about CILogon: the schema of `idps`, how names are made of claims, and each provider's own rules."""

import random

from case import ABSENT, TOKEN, Code, answer, case, text, without

CLS = "CILogonOAuthenticator"
UNI = "https://idp.uni.edu/shibboleth"
OTHER = "https://github.com/login/oauth/authorize"
CLAIM = {"username_derivation": {"username_claim": "email"}}
USER = {"sub": "http://cilogon.org/serverA/users/1", "idp": UNI, "email": "Alice@Uni.edu", "eppn": "alice@uni.edu", "name": "Alice",
        "affiliation": "staff@uni.edu", "number": 5, "groups": ["staff"]}
ODD = (None, True, False, 0, 5, 1.5, "", "x", [], ["x"], {}, {"a": 1}, ABSENT)
DOMAINS = ("uni.edu", "UNI.edu", "*.uni.edu", "*uni.edu", "*", "?ni.edu", "[u]ni.edu", "[!u]ni.edu", "[!x]ni.edu", "[a-z]ni.edu", "[z-a]ni.edu", "[]u]ni.edu",
           "[", "[u", "un[i-]i.edu", "", "uni.edu ", "uni.edu.", "uni", "*.edu", "u*i*d*", "**", "???.???", "[^u]ni.edu", "[a-tu-z]n[h-j].e*", "\\uni.edu",
           "[u-]ni.edu", "[-u]ni.edu", "[!]", "[!]]ni.edu", "[t-vx-za]ni.edu", "[b-a]", "[b-au]ni.edu", "@uni.edu", "alice@uni.edu")


def shown(value):
    return "absent" if value is ABSENT else ascii(value)[:50]


def derived(claim="email", **more):
    return {"username_derivation": without({"username_claim": claim, **more})}


def login(name, idps, options=None, user=USER, *, cls=CLS, allow_all=False, **more):
    return case(f"cilogon {name}", {f"{cls}.idps": idps, **(options or {})}, cls=cls, user=user, allow_all=allow_all, **more)


def schema():
    for idps in ({}, None, [], [UNI], "x", {UNI: CLAIM, "uni.edu": CLAIM}, {"uni.edu": CLAIM}, {"": CLAIM}, {5: CLAIM}, {None: CLAIM}, {"urn:mace:x": CLAIM},
                 {"HTTPS://IDP.UNI.EDU": CLAIM, UNI: CLAIM}, {"http": CLAIM}, {"ftp://x": CLAIM}, {"https:": CLAIM, UNI: CLAIM}, {" https://x": CLAIM}):
        yield login(f"idps {shown(idps)}", idps)
    for key in ("username_derivation", "allow_all", "allowed_domains", "allowed_domains_claim", "default", "unknown"):
        for value in ODD:
            yield login(f"schema {key} {shown(value)}", {UNI: without({**CLAIM, key: value})})
    for key in ("username_claim", "action", "domain", "prefix", "unknown"):
        for value in ODD:
            for action in (ABSENT, "prefix", "strip_idp_domain"):
                spec = {"username_claim": "email", "action": action, "domain": "uni.edu", "prefix": "uni", key: value}
                yield login(f"derivation {shown(action)} with {key} {shown(value)}", {UNI: derived(**spec) if key != "username_claim" else {"username_derivation": without(spec)}})
    yield login("nothing but the default", {UNI: {"default": True}})
    yield login("a derivation of text", {UNI: {"username_derivation": "email"}})
    for idp in ODD:
        if idp is not ABSENT:
            yield login(f"idps of {shown(idp)}", {UNI: idp})
    for old in ("idp", "idp_whitelist", "strip_idp_domain", "shown_idps", "additional_username_claims", "username_claim"):
        for value in ("x", "", [UNI], [], True, False):
            yield login(f"removed {old} {value!r}", {UNI: CLAIM}, {old: value})
    yield login("allowed_idps", ABSENT, {"allowed_idps": {UNI: {**CLAIM, "allow_all": True}}})
    yield login("allowed_idps and idps", {OTHER: CLAIM}, {"allowed_idps": {UNI: {**CLAIM, "allow_all": True}}})
    yield login("allowed_idps as idps", {UNI: CLAIM}, {"allowed_idps": {UNI: CLAIM}})
    yield login("empty allowed_idps", {UNI: CLAIM}, {"allowed_idps": {}})
    yield login("empty allowed_idps alone", ABSENT, {"allowed_idps": {}})
    yield login("bad allowed_idps", ABSENT, {"allowed_idps": {"uni.edu": CLAIM}})
    yield login("no idps", ABSENT)
    yield login("idps of a class body", ABSENT, lines=["class Own(CILogonOAuthenticator):", "    idps = {%r: {'username_derivation': {'username_claim': 'email'}}}" % UNI,
                "c.JupyterHub.authenticator_class = Own"], before=["from oauthenticator.cilogon import CILogonOAuthenticator"])


def mistakes(count):
    """Several mistakes at once, drawn with a fixed seed: upstream names the one that its validator ranks first."""
    draw = random.Random(2026)
    values = (True, "x", ["x"], ["x", 5], {}, 5, None, "prefix", "strip_idp_domain")
    for number in range(count):
        derivation = {key: draw.choice(values) for key in ("username_claim", "action", "domain", "prefix", "more", "most") if draw.random() < 0.5}
        idp = {key: draw.choice(values) for key in ("allow_all", "allowed_domains", "allowed_domains_claim", "default", "odd", "even") if draw.random() < 0.3}
        if draw.random() < 0.8:
            idp["username_derivation"] = derivation if draw.random() < 0.85 else draw.choice(values)
        yield login(f"mistakes {number}", {UNI: idp})


def authorize():
    many = {UNI: CLAIM, OTHER: {**CLAIM, "default": True}, "urn:x": {**CLAIM, "default": True}, "http://a?b=c&d,e": CLAIM}
    yield login("many idps", many)
    yield login("no default", {OTHER: CLAIM, UNI: CLAIM})
    yield login("the first is default", {UNI: {**CLAIM, "default": True}, OTHER: {**CLAIM, "default": False}})
    for skin in ("access", "", "a b&c", "\u00e9"):
        yield login(f"skin {skin!r}", {UNI: CLAIM}, {"skin": skin})
    for extra in ({"selected_idp": "x", "z": "1"}, {"skin": "x"}, {"idphint": "x"}, {"state": "x"}):
        yield login(f"extra {extra}", {UNI: CLAIM}, {"extra_authorize_params": extra, "skin": "own"})
    yield login("no pkce", many, {"enable_pkce": False})
    for scope in (["openid"], ["email"], [], ["org.cilogon.userinfo", "openid"], ["openid", "openid"]):
        yield login(f"scope {scope}", {UNI: CLAIM}, {"scope": scope})
    yield login("own host", {UNI: CLAIM}, {"authorize_url": ABSENT, "cilogon_host": "test.cilogon.org"})
    for host in ("dev.cilogon.org", ""):
        yield login(f"CILOGON_HOST {host!r}", {UNI: CLAIM}, {"authorize_url": ABSENT}, import_env={"CILOGON_HOST": host})
    yield login("client from the environment", {UNI: CLAIM}, {"client_id": ABSENT, "client_secret": ABSENT},
                env={"CILOGON_CLIENT_ID": "own", "CILOGON_CLIENT_SECRET": "s", "OAUTH_CLIENT_ID": "general"})


def usernames():
    allow = {"allow_all": True}
    for idp in (*ODD, UNI, UNI.upper(), UNI + "/", UNI.replace("https", "http"), OTHER, [UNI]):
        for idps in ({UNI: {**CLAIM, **allow}}, {UNI: {**CLAIM, **allow}, OTHER: CLAIM}):
            yield login(f"idp {shown(idp)} of {len(idps)}", idps, user=answer(without(USER, idp=idp)))
    for claim in ("email", "eppn", "sub", "number", "groups", "none", "", "name", "idp"):
        for action in ({}, {"action": "prefix", "prefix": "uni"}, {"action": "prefix", "prefix": ""}, {"action": "strip_idp_domain", "domain": "uni.edu"}):
            yield login(f"claim {claim!r} with {action}", {UNI: {**derived(claim, **action), **allow}})
    for value in ODD:
        for action in ({}, {"action": "prefix", "prefix": "P"}, {"action": "strip_idp_domain", "domain": "uni.edu"}):
            yield login(f"email {shown(value)} with {action}", {UNI: {**derived(**action), **allow}}, user=answer(without(USER, email=value)))
    for domain in ("uni.edu", "UNI.EDU", "edu", "", "math.uni.edu", "@uni.edu", "\u0130.edu", "i\u0307.edu", "uni.edu "):
        for email in ("alice@uni.edu", "ALICE@UNI.EDU", "alice@math.uni.edu", "@uni.edu", "alice@", "alice", "a@b@uni.edu", "alice@\u0130.edu", "alice@i\u0307.edu", "A\u0130@uni.edu"):
            spec = {UNI: {**derived(action="strip_idp_domain", domain=domain), **allow}}
            yield login(f"strip {domain!a} of {email!a}", spec, user={**USER, "email": email})
    for body in ([], [USER], "x", 5, None, {}):
        yield login(f"userdata {shown(body)}", {UNI: CLAIM}, user=answer(body))
    yield login("no userdata", {UNI: CLAIM}, user=text(""))
    for status in (401, 403, 404, 429, 500, 503):
        yield login(f"userdata {status}", {UNI: CLAIM}, user=answer({"error": "x"}, status, [("Retry-After", "1")]))
    yield login("map", {UNI: {**derived(action="prefix", prefix="U"), **allow}}, {"username_map": {"u:alice@uni.edu": "alice"}})


def allowing():
    def of(**rules):
        return {UNI: {**CLAIM, **rules}, OTHER: {**CLAIM, "allow_all": True}}

    for allow_all in (True, False, ABSENT):
        for domains in (ABSENT, [], ["uni.edu"], ["other.edu"]):
            for options in ({}, {"allowed_users": {"alice@uni.edu"}}, {"admin_users": {"alice@uni.edu"}}, {"blocked_users": {"alice@uni.edu"}}, {"allow_all": True}):
                spec = of(**without({"allow_all": allow_all, "allowed_domains": domains}))
                yield login(f"allow_all {shown(allow_all)}, domains {shown(domains)}, {options}", spec, options)
    for domain in DOMAINS:
        yield login(f"domain {domain!r}", of(allowed_domains=[domain]))
        yield login(f"domain {domain!r} second", of(allowed_domains=["x.edu", domain]), user={**USER, "email": "a@math.uni.edu"})
    for claim in ("affiliation", "eppn", "none", "number", "groups", "", "name", "email", "idp"):
        yield login(f"domain claim {claim!r}", of(allowed_domains=["uni.edu", "alice", "shibboleth"], allowed_domains_claim=claim))
    for value in (*ODD, "uni.edu", "UNI.EDU", "a@b@uni.edu", "@", "a@", "x\ny@uni.edu", "uni.edu\n"):
        spec = {UNI: {**derived("eppn"), "allowed_domains": ["uni.edu", ""], "allowed_domains_claim": "affiliation"}}
        yield login(f"affiliation {shown(value)}", spec, user=answer(without(USER, affiliation=value)))
        yield login(f"name {shown(value)} with domains", {UNI: {**derived("name"), "allowed_domains": ["uni.edu"]}}, user=answer(without(USER, name=value)))
    yield login("a number as name with domains", {UNI: {**derived("number", action="prefix", prefix="n"), "allowed_domains": ["*"]}})
    yield login("the domain is that before the prefix", {UNI: {**derived(action="strip_idp_domain", domain="uni.edu"), "allowed_domains": ["uni.edu"]}})
    groups = {"manage_groups": True, "auth_state_groups_key": "cilogon_user.groups", "allowed_groups": {"staff"}}
    yield login("groups", of(), groups)
    yield login("scopes", of(), {"allowed_scopes": ["openid"]}, token={**TOKEN, "scope": "openid"})
    yield login("other idp", of(), user={**USER, "idp": OTHER})
    yield login("local", of(allow_all=True), cls="LocalCILogonOAuthenticator", user={**USER, "email": "root"})
    yield login("local with groups", of(), {"allowed_groups": {"root"}}, cls="LocalCILogonOAuthenticator", user={**USER, "email": "root"})
    yield login("own key", of(allow_all=True), lines=["class Own(CILogonOAuthenticator):", "    user_auth_state_key = 'me'", "c.JupyterHub.authenticator_class = Own"],
                before=["from oauthenticator.cilogon import CILogonOAuthenticator"])


def cases():
    yield from schema()
    yield from mistakes(250)
    yield from authorize()
    yield from usernames()
    yield from allowing()
