"""Cases about Google: Workspace domains, verified addresses, and groups that a service account asks for."""

import datetime
import json
import random

from case import ABSENT, TOKEN, answer, case, text, without

CLS = "GoogleOAuthenticator"
ELSEWHERE = "https://www.googleapis.com"
DIRECTORY = "/admin/directory/v1/groups"
USER = {"id": "1", "email": "Alice@Uni.edu", "verified_email": True, "name": "Alice", "hd": "uni.edu", "number": 5}
ODD = (None, True, False, 0, 5, 1.5, "", "x", [], ["x"], {}, {"a": 1}, ABSENT)
BOTH = {"allowed_google_groups": {"uni.edu": {"staff", "nested"}}, "admin_google_groups": {"uni.edu": {"admins"}}}
KEYS = {"gsuite_administrator": {"uni.edu": "boss"}, "google_service_account_keys": {"uni.edu": "{F}/key.json"}}
STAFF = {"groups": [{"email": "staff@uni.edu"}, {"email": "all@uni.edu"}]}


def shown(value):
    return "absent" if value is ABSENT else ascii(value)[:60]


def make_keys():
    """An RSA key for the service account, one of another kind, and a certificate for Google's host."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import NameOID

    def pem(key, form=serialization.PrivateFormat.PKCS8, encryption=serialization.NoEncryption()):
        return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()

    account, host = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    public = account.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.googleapis.com")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(host.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("www.googleapis.com")]), critical=False).sign(host, hashes.SHA256())
    ).public_bytes(serialization.Encoding.PEM).decode()
    keys = {"pkcs8": pem(account), "pkcs1": pem(account, serialization.PrivateFormat.TraditionalOpenSSL),
            "curve": pem(host), "locked": pem(account, encryption=serialization.BestAvailableEncryption(b"x"))}
    return keys, public, certificate, certificate + pem(host)


PEMS, PUBLIC, CERTIFICATE, TLS = make_keys()
ACCOUNT = {"type": "service_account", "client_email": "robot@project.iam.gserviceaccount.com", "token_uri": "{P}/sa-token", "private_key": PEMS["pkcs8"],
           "private_key_id": "k1", "project_id": "project"}
BOUGHT = {"access_token": "SAT", "expires_in": 3599, "token_type": "Bearer"}


def login(name, options=None, *, user=USER, cls=CLS, allow_all=False, **more):
    return case(f"google {name}", options, cls=cls, user=user, allow_all=allow_all, **more)


def asks(name, options=None, *, user=USER, account=ACCOUNT, key=None, bought=BOUGHT, directory=STAFF, paths=(), **more):
    """A login whose groups are asked for."""
    key = json.dumps(account) if key is None else key
    options = {**KEYS, **BOTH, **(options or {})}
    paths = {"/sa-token": bought, DIRECTORY: directory, **dict(paths)}
    made = login(name, options, user=user, paths=paths, files={"key.json": key, "elsewhere.pem": CERTIFICATE}, elsewhere=ELSEWHERE, **more)
    made["provider"].update({"#tls": TLS, "#signer": PUBLIC})
    return made


def names():
    for hosted in (ABSENT, [], "", "uni.edu", ["uni.edu"], ["Uni.edu"], ["uni.edu", "x.edu"], ["x.edu"], ["x.edu", "y.edu"], [""], ("uni.edu",), None, [5]):
        for strip in (ABSENT, True, False):
            for hd in ("uni.edu", ABSENT):
                user = answer(without(USER, hd=hd))
                yield login(f"hosted_domain {shown(hosted)}, strip_domain {shown(strip)}, hd {shown(hd)}", {"hosted_domain": hosted, "strip_domain": strip}, user=user, allow_all=True)
    for value in (*ODD, "alice@uni.edu", "@uni.edu", "alice@", "a@uni.edu@x.edu", "alice@UNI.EDU", "A B@uni.edu", "alice@x.edu", "\u0130@uni.edu"):
        for claim in (ABSENT, "name", "number"):
            for hosted in ([], ["uni.edu"]):
                user = answer(without(USER, email=value))
                yield login(f"email {shown(value)}, claim {shown(claim)}, hosted {hosted}", {"username_claim": claim, "hosted_domain": hosted}, user=user, allow_all=True)
    for hd in (*ODD, "uni.edu", "UNI.EDU", "x.edu", ["uni.edu"]):
        for options in ({"hosted_domain": ["uni.edu"]}, {"hosted_domain": ["uni.edu", ""]}, {"hosted_domain": []}):
            yield login(f"hd {shown(hd)} with {options}", options, user=answer(without(USER, hd=hd)), allow_all=True)
    for domains in ("uni.edu", "UNI.edu;x.edu", ";", "x.edu;", ""):
        yield login(f"HOSTED_DOMAIN {domains!r}", env={"HOSTED_DOMAIN": domains}, allow_all=True)
    for body in ([], [USER], "x", 5, None, {}):
        yield login(f"userdata {shown(body)}", user=answer(body), allow_all=True)
    for claim in ("name", "number", "none", "hd"):
        yield login(f"claim {claim} stripped", {"username_claim": claim, "hosted_domain": ["uni.edu"]}, allow_all=True)
    yield login("a domain that is there already", user={**USER, "domain": "own", "google_groups": ["own"]}, allow_all=True)
    yield login("own key", allow_all=True, before=["from oauthenticator.google import GoogleOAuthenticator"],
                lines=["class Own(GoogleOAuthenticator):", "    user_auth_state_key = 'me'", "c.JupyterHub.authenticator_class = Own"])
    yield login("own API", {"google_api_url": "{P}", "token_url": ABSENT, "userdata_url": ABSENT}, allow_all=True, paths={"/oauth2/v4/token": TOKEN, "/oauth2/v1/userinfo": USER})
    yield login("own API of the environment", {"authorize_url": ABSENT, "token_url": ABSENT}, env={"GOOGLE_API_URL": "http://127.0.0.1:1"}, allow_all=True)
    yield login("no API in the environment", {"authorize_url": ABSENT}, env={"GOOGLE_API_URL": ""}, allow_all=True)


def allowing():
    for verified in (*ODD, "false", "true"):
        for options in ({"allowed_users": {"alice@uni.edu"}}, {"allow_all": True}, {"admin_users": {"alice@uni.edu"}}):
            yield login(f"verified {shown(verified)} with {options}", options, user=answer(without(USER, verified_email=verified)))
    for options in ({}, {"allowed_users": {"alice"}}, {"admin_users": {"alice"}}, {"blocked_users": {"alice"}, "allow_all": True}, {"blocked_users": {"alice@uni.edu"}, "allow_all": True}):
        for hosted in ([], ["uni.edu"], ["x.edu"]):
            yield login(f"{options} with hosted {hosted}", {"hosted_domain": hosted, **options})
    yield login("old name", {"google_group_whitelist": {}}, allow_all=True)
    yield login("old name with groups", {"google_group_whitelist": {"uni.edu": ["staff"]}}, allow_all=True)
    for value in (None, [], {"uni.edu": "staff"}, {"uni.edu": ["staff"]}, {"uni.edu": [5]}, {"uni.edu": None}, {5: ["staff"]}, {"uni.edu": []}):
        yield login(f"allowed_google_groups {shown(value)}", {"allowed_google_groups": value}, allow_all=True)
        yield login(f"admin_google_groups {shown(value)} for an admin", {"admin_google_groups": value, "admin_users": {"alice@uni.edu"}})
    for keys in ({}, {"gsuite_administrator": {"uni.edu": "boss"}}, {"google_service_account_keys": {"uni.edu": "/x"}}, {"gsuite_administrator": {"UNI.edu": "boss"}}):
        yield login(f"keys {keys}", {**BOTH, **keys})
    yield login("local", {"allowed_groups": {"root"}, "hosted_domain": ["uni.edu"]}, cls="LocalGoogleOAuthenticator", user={**USER, "email": "root@uni.edu"})
    yield login("managed", {"manage_groups": True, "auth_state_groups_key": "google_user.google_groups"}, allow_all=True)
    yield login("scopes", {"allowed_scopes": ["openid"], "scope": ["openid"]})


def groups():
    group = lambda *names: {"groups": [{"email": f"{name}@uni.edu", "id": name} for name in names]}
    yield asks("groups, allowed")
    yield asks("groups, admin", directory=group("admins", "x"))
    yield asks("groups, nobody's", directory=group("x"))
    yield asks("groups, none", directory={})
    yield asks("groups, other domain", user={**USER, "email": "a@x.edu"})
    yield asks("groups, listed for another domain", {"allowed_google_groups": {"x.edu": {"staff"}}, "admin_google_groups": {}})
    yield asks("groups, only allowed", {"admin_google_groups": {}})
    yield asks("groups, only admin", {"allowed_google_groups": {}}, directory=group("admins"))
    yield asks("groups, admin_users too", {"admin_users": {"alice@uni.edu"}})
    yield asks("groups, everyone", {"allow_all": True}, directory=group("x"))
    yield asks("groups, unverified", user={**USER, "verified_email": False})
    yield asks("groups, hosted", {"hosted_domain": ["uni.edu"]})
    yield asks("groups, hosted elsewhere", {"hosted_domain": ["x.edu"]})
    yield asks("groups, managed", {"manage_groups": True, "auth_state_groups_key": "google_user.google_groups", "admin_groups": {"all"}})
    yield asks("groups, a plus in the address", user={**USER, "email": "a+b@uni.edu"})
    yield asks("groups, own API for the scope", {"google_api_url": "https://example.org"})
    bodies = ([], "x", 5, None, {"groups": None}, {"groups": {}}, {"groups": {"a": 1}}, {"groups": ""}, {"groups": "x"}, {"groups": 5}, {"groups": [None]}, {"groups": ["x"]}, {"groups": [{}]},
              {"groups": [{"email": None}]}, {"groups": [{"email": ""}]}, {"groups": [{"email": 5}]}, {"groups": [{"email": ["x"]}]}, {"groups": [{"email": "staff"}]},
              {"groups": [{"email": "staff@a@b"}]}, {"groups": [{"email": "@uni.edu"}]}, {"groups": [{"email": "Staff@uni.edu"}]}, {"nextPageToken": ""}, {"nextPageToken": None, **STAFF})
    for body in bodies:
        yield asks(f"directory {shown(body)}", directory=answer(body))
    page = lambda token, *names: answer({**group(*names), "nextPageToken": token})
    yield asks("pages", directory=[page("p2", "x"), page("p-3=", "y"), answer(group("staff"))])
    yield asks("pages, a number for a token", directory=[page(5, "x"), answer(group("staff"))])
    yield asks("pages, the second missing", directory=[page("p2", "staff"), answer({"error": {"code": 404}}, 404), answer(group("staff"))])
    yield asks("pages, the second too many", directory=[page("p2", "staff"), answer({}, 429, [("Retry-After", "1")]), answer(group("staff"))])
    yield asks("pages, the second without groups", directory=[page("p2", "staff"), answer({"kind": "x"})])
    yield asks("pages, the second odd", directory=[page("p2", "staff"), answer([])])
    for status in (201, 204, 301, 400, 401, 403, 404, 429, 500, 503):
        yield asks(f"directory {status}", directory=answer({"error": {"code": status, "message": "no"}}, status, [("Retry-After", "1")]))
    for body in ("", "<html>", "{"):
        yield asks(f"directory text {body!r}", directory=text(body))
    yield asks("directory closed", directory=answer(STAFF, fault="close"))
    yield asks("directory with http options", {"http_request_kwargs": {"user_agent": "own"}})
    yield asks("domains of two", {"gsuite_administrator": {"uni.edu": "boss", "x.edu": "chief"}, "google_service_account_keys": {"uni.edu": "{F}/key.json", "x.edu": "{F}/key.json"},
               "allowed_google_groups": {"uni.edu": {"a"}, "x.edu": {"staff"}}}, user={**USER, "email": "a@X.edu"})


def nested():
    group = lambda *names: answer({"groups": [{"email": f"{name}@uni.edu"} for name in names]})
    on = {"include_nested_groups": True}
    yield asks("nested, one below", on, directory=[group("team"), group("nested"), group()])
    yield asks("nested, off", {"include_nested_groups": False}, directory=[group("team"), group("nested"), group()])
    yield asks("nested, none", on, directory=[group()])
    yield asks("nested, in a ring", on, directory=[group("team"), group("nested"), group("team")])
    yield asks("nested, in itself", on, directory=[group("team"), group("team")])
    yield asks("nested, three below", on, directory=[group("a"), group("b"), group("c"), group("admins"), group()])
    yield asks("nested, two beside", on, directory=[group("a", "b"), group("nested"), group("nested"), group()], any_order=True)
    yield asks("nested, in pages", on, directory=[answer({"groups": [{"email": "a@uni.edu"}], "nextPageToken": "2"}), group(), group("nested"), group()])
    yield asks("nested, refused below", on, directory=[group("a"), answer({}, 403)])
    yield asks("nested, gone below", on, directory=[group("a"), answer({}, 404)])
    for expires in (3600, 226, 225, 224, 0, -5, "100", "3600", None, ABSENT):
        bought = answer(without(BOUGHT, expires_in=expires))
        yield asks(f"nested, a token for {shown(expires)} seconds", on, directory=[group("a"), group("b"), group("staff"), group()], bought=bought)
    yield asks("nested, a token of nothing", on, directory=[group("a"), group("staff"), group()], bought=answer({"access_token": None}))
    second = [answer(BOUGHT | {"expires_in": 1}), answer({"error": "invalid_grant"}, 400)]
    yield asks("nested, the second token refused", on, directory=[group("a"), group("staff"), group()], bought=second)


def service_account():
    for status in (200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504):
        yield asks(f"account {status}", bought=answer({"error": "unauthorized_client", "error_description": "no"}, status))
        if status in (400, 500):
            yield asks(f"account {status}, then good", bought=[answer({"error": "x"}, status), answer(BOUGHT)])
    for error in ("internal_failure", "server_error", "temporarily_unavailable", "invalid_grant", 5, None, ["x"]):
        for description in (ABSENT, "server_error", 5, ""):
            twice = [answer(without({"error": error, "error_description": description}), 400), answer(BOUGHT)]
            yield asks(f"account error {shown(error)}, {shown(description)}", bought=twice)
    for body in ([], "x", 5, None, {}, {"access_token": None}, {"access_token": 5}, {"access_token": ""}, {"access_token": ["x"]}, {"id_token": "x"}):
        yield asks(f"account answers {shown(body)}", bought=answer(body))
        yield asks(f"account refuses with {shown(body)}", bought=answer(body, 400))
    for body in ("", "<html>", "access_token=x", b"\xff"):
        yield asks(f"account text {body!r}", bought=text(body))
        yield asks(f"account refuses with text {body!r}", bought=text(body, 400))
    for expires in (True, 1.5, "x", "", " 60 ", "1_0", "1.5", [], {}, 10**12, 1e300, float("nan"), float("inf"), -10**12):
        yield asks(f"account for {shown(expires)} seconds", bought=answer({**BOUGHT, "expires_in": expires}))
    yield asks("account closed", bought=answer(BOUGHT, fault="close"))
    for uri in ("", "x", None, 5, "ftp://x"):
        yield asks(f"account at {uri!r}", account={**ACCOUNT, "token_uri": uri})
    for key in ("client_email", "token_uri", "private_key", "private_key_id", "project_id", "type"):
        yield asks(f"account without {key}", account=without(ACCOUNT, key))
    for email in (None, 5, "", "r\u00f6bot@x", "\U0001f916", "a\"b\\c\n\x7f\x1f", ["x"], {"a": 1.5, "b": None}):
        yield asks(f"account named {email!a}", account={**ACCOUNT, "client_email": email})
    for key in (None, 5, "", "x", PEMS["pkcs1"], PEMS["locked"], PEMS["pkcs8"].replace("\n", ""), "\n" + PEMS["pkcs8"] + "\n\n", PEMS["curve"],
                PEMS["pkcs8"].replace("\n", "\\n"), PEMS["pkcs8"][:600], PEMS["pkcs8"].replace("PRIVATE", "PUBLIC"), PEMS["pkcs8"].replace("M", "N"), PUBLIC, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        yield asks(f"account with key {shown(key)} of {len(str(key))}", account={**ACCOUNT, "private_key": key})
    for universe in ("googleapis.com", "example.com", "", None, 5):
        yield asks(f"account of universe {universe!r}", account={**ACCOUNT, "universe_domain": universe})
    for key_id in (None, 5, "", "a b"):
        yield asks(f"account with key id {key_id!r}", account={**ACCOUNT, "private_key_id": key_id})
    for content in ("", "x", "[]", "5", "null", "{}", '"x"', "\ufeff{}"):
        yield asks(f"account file {content!a}", key=content)
    for administrator in ("", "boss@uni.edu", "b\u00f6ss"):
        yield asks(f"account for {administrator!a}", {"gsuite_administrator": {"uni.edu": administrator}})


def mixtures(count):
    draw = random.Random(1704)
    for number in range(count):
        some = lambda: set(draw.sample(["staff", "all", "admins", "x"], draw.randint(0, 2)))
        options = {"allowed_google_groups": {domain: some() for domain in draw.sample(["uni.edu", "x.edu"], draw.randint(0, 2))},
                   "admin_google_groups": {domain: some() for domain in draw.sample(["uni.edu", "x.edu"], draw.randint(0, 2))},
                   "hosted_domain": draw.choice([[], ["uni.edu"], ["uni.edu", "x.edu"], ["y.edu"]]), "admin_users": draw.choice([set(), {"alice"}, {"alice@uni.edu"}]),
                   "allowed_users": draw.choice([set(), set(), {"alice"}, {"bob"}]), "strip_domain": draw.choice([ABSENT, ABSENT, True, False])}
        directory = {"groups": [{"email": f"{name}@uni.edu"} for name in draw.sample(["staff", "all", "admins", "x"], draw.randint(0, 3))]}
        user = {**USER, "verified_email": draw.random() < 0.85, "hd": draw.choice(["uni.edu", "x.edu", ""])}
        yield asks(f"mixture {number}", options, directory=directory, user=user, allow_all=draw.random() < 0.15)


def cases():
    yield from names()
    yield from allowing()
    yield from groups()
    yield from nested()
    yield from service_account()
    yield from mixtures(60)
