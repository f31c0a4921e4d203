"""Cases for MediaWiki: configurations, and a wiki's answers, good and bad. Prints each as a line of JSON."""

import json

from mediawiki_wiki import CONSUMER, SECRET

BASE = {
    "client_id": CONSUMER,
    "client_secret": SECRET,
    "mw_index_url": "{P}/w/index.php",
    "oauth_callback_url": "http://127.0.0.1:{C}/hub/oauth_callback",
    "allow_all": True,
}
# Bodies that are no token, wherever one is expected.
BODIES = {
    "unknown": "Error: Something went wrong. Unknown OAuth key, <a href='#'>E006</a>",
    "unapproved": "Error: &quot;x&quot; is not approved as a Connected App, E005",
    "signature": "Error: An error occurred in the OAuth protocol: Invalid signature",
    "clock": "Error: An error occurred in the OAuth protocol: Expired timestamp, yours 1, ours 2",
    "callback": 'Error: oauth_callback must be set, and must be set to "oob" (case-sensitive)',
    "used": "Error: OAuth token already used, E009",
    "expired": "Error: OAuth token not found, E004",
    "json": '{"error":"mwoauth-invalid-authorization-wrong-wiki","message":"not valid for testwiki"}',
    "json-equals": '{"error":"x","message":"a=b&c=d"}',
    "blocked": '{"error":"mwoauth-invalid-authorization-blocked-user","message":"a user who is blocked"}',
    "no-message": '{"error":"mwoauth-oauth-exception"}',
    "other-json": '{"hello": "world"}',
    "broken-json": '{"error": ',
    "list": '["error"]',
    "html": "<!DOCTYPE html>\n<html><body class='x'>Hello</body></html>",
    "empty": "",
    "key-only": "oauth_token=k",
    "blank-secret": "oauth_token=k&oauth_token_secret=",
    "twice": "oauth_token=&oauth_token=k%20%2B1&oauth_token=z&oauth_token_secret=s+s",
    "umlaut": "oauth_token=ü&oauth_token_secret=%FF",
    "semicolon": "oauth_token=k;oauth_token_secret=s",
    "newline": "oauth_token=k&oauth_token_secret=s\n",
    "error-late": "oauth_token=k&oauth_token_secret=s&Error: no",
    "error-lower": "error: no",
}
IDENTITIES = {
    "number-subject": {"claims": {"sub": 7}},
    "null-subject": {"claims": {"sub": None}},
    "no-subject": {"without": ["sub"]},
    "future": {"claims": {"iat": {"+": 60}}},
    "soon": {"claims": {"iat": {"+": 4}}},
    "not-yet": {"claims": {"nbf": {"+": 60}}},
    "expired": {"claims": {"exp": {"+": -60}}},
    "just-expired": {"claims": {"exp": {"+": -4}}},
    "text-times": {"claims": {"iat": "1000", "exp": "99999999999"}},
    "float-times": {"claims": {"iat": 1000.5, "exp": 99999999999.5}},
    "bad-time": {"claims": {"iat": "noon"}},
    "null-time": {"claims": {"exp": None}},
    "no-times": {"without": ["iat", "exp"]},
    "no-iat": {"without": ["iat"]},
    "other-audience": {"claims": {"aud": "other"}},
    "audiences": {"claims": {"aud": ["other", CONSUMER]}},
    "no-audience": {"without": ["aud"]},
    "number-audience": {"claims": {"aud": 5}},
    "other-issuer": {"claims": {"iss": "https://wiki.example.org"}},
    "issuer-path": {"claims": {"iss": "https://127.0.0.1"}},
    "no-issuer": {"without": ["iss"]},
    "number-issuer": {"claims": {"iss": 5}},
    "no-nonce": {"without": ["nonce"]},
    "other-nonce": {"claims": {"nonce": "5"}},
    "number-nonce": {"claims": {"nonce": 5}},
    "number-jti": {"claims": {"jti": 5}},
    "other-secret": {"secret": "not it"},
    "none": {"header": {"alg": "none"}},
    "hs512": {"header": {"alg": "HS512"}},
    "no-alg": {"header": {"typ": "JWT"}},
    "number-kid": {"header": {"alg": "HS256", "kid": 5}},
    "critical": {"header": {"alg": "HS256", "crit": ["x"]}},
    "newline": {"after": "\n"},
    "padded": {"after": "="},
    "dot": {"after": "."},
    "no-username": {"without": ["username"]},
    "blank-username": {"claims": {"username": ""}},
    "number-username": {"claims": {"username": 5}},
    "null-username": {"claims": {"username": None}},
    "slash-username": {"claims": {"username": "A/B"}},
    "blanks-username": {"claims": {"username": "  A  b "}},
    "umlaut-username": {"claims": {"username": "Ü ß İ 名"}},
    "extra": {"claims": {"x": [1, {"y": None}], "z": 1.5, "big": 2**70}},
}
CONFIGS = {
    "nobody": {"allow_all": False},
    "allowed": {"allow_all": False, "allowed_users": {"Alice Smith"}},
    "allowed-underscore": {"allow_all": False, "allowed_users": {"Alice_Smith"}},
    "allowed-lower": {"allow_all": False, "allowed_users": {"alice smith", "alice_smith"}},
    "admin": {"allow_all": False, "admin_users": {"Alice Smith"}},
    "admin-lower": {"admin_users": {"alice_smith"}},
    "blocked": {"blocked_users": {"Alice_Smith"}},
    "blocked-blank": {"blocked_users": {"Alice Smith"}},
    "map": {"username_map": {"Alice_Smith": "bob", "alice_smith": "bob"}},
    "pattern": {"username_pattern": "^[a-z]+$"},
    "pattern-good": {"username_pattern": "^[A-Z]"},
    "claim": {"username_claim": "sub"},
    "claim-missing": {"username_claim": "nothing"},
    "groups": {"manage_groups": True, "auth_state_groups_key": "MEDIAWIKI_USER_IDENTITY.groups", "allowed_groups": {"user"}, "allow_all": False},
    "groups-default-key": {"manage_groups": True},
    "admin-groups": {"manage_groups": True, "auth_state_groups_key": "MEDIAWIKI_USER_IDENTITY.groups", "admin_groups": {"*"}},
    "scopes": {"allow_all": False, "allowed_scopes": ["x"]},
    "no-effect": {"scope": ["x"], "token_url": "x", "authorize_url": "y", "userdata_url": "z", "enable_pkce": True, "extra_authorize_params": {"a": "b"}},
    "http-kwargs": {"http_request_kwargs": {"nonsense": 1}, "validate_server_cert": False},
    "executors": {"executor_threads": 1},
    "no-executors": {"executor_threads": 0},
    "whitelist": {"allow_all": False, "whitelist": {"Alice Smith"}},
    "index-query": {"mw_index_url": "{P}/w/index.php?uselang=de&x=a b"},
    "index-capitals": {"mw_index_url": "HTTP://127.0.0.1:{PORT}/W/index.php"},
    "index-umlaut": {"mw_index_url": "{P}/wü/index.php"},
    "index-root": {"mw_index_url": "{P}"},
    "index-empty": {"mw_index_url": ""},
    "index-bare": {"mw_index_url": "127.0.0.1:{PORT}/w/index.php"},
    "index-ftp": {"mw_index_url": "ftp://127.0.0.1:{PORT}/w/index.php"},
    "index-closed": {"mw_index_url": "http://127.0.0.1:1/w/index.php"},
    "index-hostless": {"mw_index_url": "http:///w/index.php"},
    "no-client": {"client_id": ""},
    "odd-client": {"client_id": 'ü "x", y=%20&z', "client_secret": "&=%\"ü "},
    "no-secret": {"client_secret": ""},
}
CALLBACKS = {
    "no-verifier": "oauth_token=rk",
    "blank-verifier": "oauth_token=rk&oauth_verifier=",
    "no-token": "oauth_verifier=v",
    "nothing": "",
    "odd": "a&b",
    "other-token": "oauth_token=other&oauth_verifier=v",
    "repeated": "oauth_token=&oauth_token=rk&oauth_token=x&oauth_verifier=v&oauth_verifier=w",
    "encoded": "oauth%5Ftoken=r%6B&oauth_verifier=a%20b%2Bc+d&title=x",
    "more": "oauth_verifier=v&oauth_token=rk&state=x&error=access_denied&code=5",
}


def case(name, options=None, wiki=None, **more):
    options = {**BASE, **(options or {})}
    lines = ["c.JupyterHub.authenticator_class = 'mediawiki'"]
    lines += [f"c.MWOAuthenticator.{option} = {value!r}" for option, value in options.items()]
    wiki = dict(wiki or {})
    if options["client_secret"] != SECRET:
        wiki["consumer_secret"] = options["client_secret"]
    return {"name": name, "config": "\n".join(lines) + "\n", "wiki": wiki, **more}


def cases():
    yield case("good")
    for step in ("initiate", "token", "identify"):
        for name, body in BODIES.items():
            # A good token of other letters is none that the next step is signed with here.
            yield case(f"{step}-{name}", wiki={step: {"body": body}, "token_secret": None})
        yield case(f"{step}-latin", wiki={step: {"body": "Error: \udce4", "headers": {"Content-Type": "text/plain"}}})
        yield case(f"{step}-status", wiki={step: {"body": "Error: no", "status": 500}})
        yield case(f"{step}-good-404", wiki={step: {"status": 404}})
        for status in (301, 302, 303, 307, 308):
            yield case(f"{step}-redirect-{status}", wiki={step: {"redirect": status}})
    for name, script in IDENTITIES.items():
        yield case(f"identity-{name}", wiki={"identify": script})
    for name, options in CONFIGS.items():
        yield case(f"config-{name}", options)
    for name, callback in CALLBACKS.items():
        yield case(f"callback-{name}", callback=callback)
    good = {"claims": {"aud": 'ü "x", y=%20&z'}, "secret": "&=%\"ü "}
    yield case("odd-client-good", CONFIGS["odd-client"], wiki={"identify": good})


if __name__ == "__main__":
    for each in cases():
        if each["wiki"].get("token_secret", "") is None:
            del each["wiki"]["token_secret"]
        print(json.dumps(each))
