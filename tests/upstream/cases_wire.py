"""Cases about what goes over the wire: token answers, userdata answers, faults, redirects, id_tokens, requests."""

import gzip
import json

from case import ABSENT, Code, TOKEN, USER, answer, case, jwt, moved, part, raw, text, without

FUTURE, PAST = 4102444800, 1000000000
GZIP = [("Content-Encoding", "gzip"), ("Content-Type", "application/json")]


def bodies(good):
    """Bodies that an endpoint may answer with, by a name; `good` is a right one."""
    plain = json.dumps(good)
    return {
        "empty": "",
        "blank": "  \n",
        "html": "<html><body>Sign in</body></html>",
        "form": "access_token=AT&token_type=bearer&scope=user",
        "list": "[]",
        "list-of-keys": '["access_token", "token_type", "username"]',
        "string": '"access_token"',
        "null": "null",
        "true": "true",
        "number": "17",
        "float": "1.5",
        "nan": "NaN",
        "minus-infinity": "-Infinity",
        "empty-object": "{}",
        "unfinished": plain[:-3],
        "two": plain + plain,
        "comma": plain[:-1] + ",}",
        "bom": b"\xef\xbb\xbf" + plain.encode(),
        "utf16": plain.encode("utf-16"),
        "latin1": plain.replace("Alice", "Ali\u00e9").encode("latin-1") + b"",
        "invalid-utf8": plain[:-1].encode() + b', "odd": "\xff\xfe\xc3"}',
        "surrogate": plain[:-1] + ', "odd": "\\ud83d", "pair": "\\ud83d\\ude00"}',
        "nul": plain[:-1] + ', "odd": "a\\u0000b"}',
        "raw-control": plain[:-1] + ', "odd": "a\tb"}',
        "huge-int": plain[:-1] + ', "odd": 123456789012345678901234567890123456789012345678901234567890}',
        "numbers": plain[:-1] + ', "odd": [1e400, -0.0, 1E2, 0.1, 1e16, 5e-324, 100000000000000000000.0, -0, 1.0]}',
        "nan-inside": plain[:-1] + ', "odd": [NaN, Infinity]}',
        "twice": plain[:-1] + ', "odd": 1, "odd": 2}',
        "deep": plain[:-1] + ', "odd": ' + "[" * 200 + "]" * 200 + "}",
        "unicode": plain[:-1] + ', "odd": "\u65e5\u672c \U0001f600 e\u0301"}',
        "leading-newlines": "\n\n" + plain,
        "leading-nbsp": "\u00a0" + plain,
        "leading-zero": plain[:-1] + ', "odd": 01}',
        "single-quotes": plain.replace('"', "'"),
        "big": plain[:-1] + ', "odd": "' + "x" * 200000 + '"}',
    }


def odd_bodies():
    for kind, body in bodies(TOKEN).items():
        yield case(f"token body {kind}", token=text(body, headers=[("Content-Type", "application/json")]))
    for kind, body in bodies(USER).items():
        yield case(f"userdata body {kind}", user=text(body))


def statuses():
    for status in (201, 202, 203, 204, 205, 206, 299, 300, 304, 305, 306, 400, 401, 402, 403, 404, 405, 418, 429, 500, 502, 503, 599):
        yield case(f"token status {status}", token=answer(TOKEN, status))
        yield case(f"userdata status {status}", user=answer(USER, status))
    yield case("token 204 empty", token=text("", 204))
    yield case("token 401 with description", token=answer({"error": "invalid_client", "error_description": "no"}, 401))
    yield case("userdata 401 with header", user=text("", 401, [("WWW-Authenticate", 'Bearer error="invalid_token"')]))
    yield case("userdata 403 json", user=answer({"message": "no"}, 403))
    yield case("token 429 retry-after", token=text("slow", 429, [("Retry-After", "1")]))


def token_fields():
    fields = {
        "no-access-token": {"access_token": ABSENT},
        "null-access-token": {"access_token": None},
        "empty-access-token": {"access_token": ""},
        "number-access-token": {"access_token": 12},
        "list-access-token": {"access_token": ["a"]},
        "object-access-token": {"access_token": {"a": None}},
        "newline-access-token": {"access_token": "a\nb"},
        "crlf-access-token": {"access_token": "a\r\nX: y"},
        "tab-access-token": {"access_token": "a\tb"},
        "unicode-access-token": {"access_token": "\u00e4\u65e5"},
        "blank-access-token": {"access_token": " a b "},
        "no-token-type": {"token_type": ABSENT},
        "null-token-type": {"token_type": None},
        "empty-token-type": {"token_type": ""},
        "lower-token-type": {"token_type": "bearer"},
        "upper-token-type": {"token_type": "BEARER"},
        "mac-token-type": {"token_type": "mac"},
        "mixed-token-type": {"token_type": "Mac X"},
        "number-token-type": {"token_type": 1},
        "bool-token-type": {"token_type": True},
        "list-token-type": {"token_type": ["bearer"]},
        "unicode-token-type": {"token_type": "B\u00e4r"},
        "kelvin-token-type": {"token_type": "to\u212aen"},
        "expires-string": {"expires_in": "3600"},
        "expires-null": {"expires_in": None},
        "no-scope": {"scope": ABSENT},
        "null-scope": {"scope": None},
        "empty-scope": {"scope": ""},
        "list-scope": {"scope": ["openid", "profile"]},
        "number-scope": {"scope": 3},
        "comma-scope": {"scope": "openid,profile"},
        "blanks-scope": {"scope": " openid  profile "},
        "object-scope": {"scope": {"openid": 1}},
        "refresh": {"refresh_token": "RT"},
        "refresh-null": {"refresh_token": None},
        "refresh-number": {"refresh_token": 5},
        "id-token": {"id_token": "not.a.jwt"},
        "id-token-number": {"id_token": 7},
        "error": {"error": "invalid_grant"},
        "error-only": {"access_token": ABSENT, "error": "invalid_grant"},
        "description": {"error_description": "went wrong"},
        "description-null": {"error_description": None},
        "description-only": {"access_token": ABSENT, "error_description": "bad verification code \u65e5"},
        "description-empty": {"access_token": ABSENT, "error_description": ""},
        "description-object": {"access_token": ABSENT, "error_description": {"a": [1]}},
    }
    for kind, change in fields.items():
        yield case(f"token field {kind}", token=answer(without(TOKEN, **change)))
    for kind in ("no-token-type", "list-scope", "null-access-token"):
        options = {"userdata_url": ABSENT, "userdata_from_id_token": True}
        given = without(TOKEN, **fields[kind], id_token=jwt({"aud": "cid", "username": "Bob"}))
        yield case(f"id_token login with {kind}", options, token=answer(given))


def redirects():
    for status in (301, 302, 303, 307, 308):
        for where, to in {
            "path": "/else",
            "relative": "else?x=1",
            "fragment": "/else#part",
            "other-host": "http://localhost:{PORT}/else",
            "loop": "{P}/{SELF}",
        }.items():
            there = {"/else": answer(TOKEN)}
            yield case(f"token {status} to {where}", token=moved(status, to.replace("{SELF}", "token")), paths=there)
            if status in (302, 307) or where == "other-host":
                there = {"/else": answer(USER)}
                given = moved(status, to.replace("{SELF}", "userinfo"))
                yield case(f"userdata {status} to {where}", user=given, paths=there)
    odd = {
        "no-location": text("", 302),
        "empty-location": moved(302, ""),
        "ftp": moved(302, "ftp://127.0.0.1/else"),
        "https": moved(302, "https://127.0.0.1:{PORT}/else"),
        "refused": moved(302, "http://127.0.0.1:1/else"),
        "userinfo": moved(302, "http://u:p@127.0.0.1:{PORT}/else"),
        "query-only": moved(302, "?again=1"),
        "scheme-relative": moved(302, "//127.0.0.1:{PORT}/else"),
        "dots": moved(302, "/a/../else"),
        "upper-host": moved(302, "HTTP://127.0.0.1:{PORT}/else"),
    }
    for kind, given in odd.items():
        yield case(f"userdata redirect {kind}", user=given, paths={"/else": answer(USER), "/a/../else": answer(USER)})
        yield case(f"token redirect {kind}", token=given, paths={"/else": answer(TOKEN), "/a/../else": answer(TOKEN)})
    chain = {f"/r{n}": moved(302, f"/r{n + 1}") for n in range(1, 8)}
    for length in (4, 5, 6):
        paths = {**chain, f"/r{length}": answer(USER)}
        yield case(f"userdata {length} redirects", user=moved(302, "/r1"), paths=paths)
    yield case("basic auth over a redirect", {"basic_auth": True}, token=moved(307, "/else"), paths={"/else": answer(TOKEN)})
    yield case(
        "basic auth to another host",
        {"basic_auth": True},
        token=moved(307, "http://localhost:{PORT}/else"),
        paths={"/else": answer(TOKEN)},
    )
    yield case("redirects off", {"http_request_kwargs": {"follow_redirects": False}}, user=moved(302, "/else"))
    for limit in (0, 1, 2, -1, True):
        options = {"http_request_kwargs": {"max_redirects": limit}}
        yield case(f"max_redirects {limit}", options, user=moved(302, "/r6"), paths={**chain, "/r7": answer(USER)})


def faults():
    good = json.dumps(TOKEN).encode()
    length = b"Content-Length: %d\r\n" % len(good)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(good), good)
    odd = {
        "close": {"fault": "close"},
        "truncate": answer(TOKEN, fault="truncate"),
        "gzip": text(gzip.compress(good), headers=GZIP),
        "gzip-of-nothing": text(gzip.compress(b""), headers=GZIP),
        "not-gzip": text(good, headers=GZIP),
        "cut-gzip": text(gzip.compress(good)[:-12], headers=GZIP),
        "x-gzip": text(gzip.compress(good), headers=[("Content-Encoding", "x-gzip")]),
        "gzip-upper": text(gzip.compress(good), headers=[("Content-Encoding", "GZIP")]),
        "identity": text(good, headers=[("Content-Encoding", "identity")]),
        "deflate": text(good, headers=[("Content-Encoding", "deflate")]),
        "br": text(good, headers=[("Content-Encoding", "br")]),
        "chunked": raw(chunked),
        "cut-chunks": raw(chunked[:-20]),
        "chunk-size-bad": raw(chunked.replace(b"\r\n\r\n", b"\r\n\r\nzz", 1)),
        "no-length": raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + good),
        "http-1.0": raw(b"HTTP/1.0 200 OK\r\n\r\n" + good),
        "http-2": raw(b"HTTP/2.0 200 OK\r\n" + length + b"\r\n" + good),
        "no-http": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        "no-reason-blank": raw(b"HTTP/1.1 200 \r\n" + length + b"\r\n" + good),
        "continue-first": raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" + length + b"\r\n" + good),
        "hints-first": raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n" + length + b"\r\n" + good),
        "two-lengths": raw(b"HTTP/1.1 200 OK\r\n" + length + length + b"\r\n" + good),
        "two-different-lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" + length + b"\r\n" + good),
        "bad-length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + good),
        "short-length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + good),
        "newline-only": raw(b"HTTP/1.1 200 OK\n" + length.replace(b"\r", b"") + b"\n" + good),
        "folded-header": raw(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\n" + length + b"\r\n" + good),
        "header-latin1": raw(b"HTTP/1.1 200 OK\r\nX-A: \xe9\r\n" + length + b"\r\n" + good),
        "header-no-colon": raw(b"HTTP/1.1 200 OK\r\nnonsense\r\n" + length + b"\r\n" + good),
        "big-header": raw(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 40000 + b"\r\n" + length + b"\r\n" + good),
        "bigger-header": raw(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70000 + b"\r\n" + length + b"\r\n" + good),
        "many-headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: a\r\n" * 90 + length + b"\r\n" + good),
        "charset": text(json.dumps(TOKEN), headers=[("Content-Type", "application/json; charset=latin-1")]),
    }
    for kind, given in odd.items():
        yield case(f"token fault {kind}", token=given)
    for kind in ("close", "truncate", "gzip", "chunked", "no-length", "not-gzip", "cut-chunks"):
        user = {**odd[kind]}
        if "hex" in user or "raw" in user or "body" in user:
            user = json.loads(json.dumps(user).replace(good.hex(), json.dumps(USER).encode().hex()))
        yield case(f"userdata fault {kind}", user=user)
    slow = {"http_request_kwargs": {"request_timeout": 0.5}}
    yield case("token stalls", slow, token=answer(TOKEN, fault="stall"))
    yield case("userdata stalls", slow, user=answer(USER, fault="stall"))
    for kind, url in {
        "refused": "http://127.0.0.1:1/token",
        "empty": "",
        "relative": "/token",
        "no-scheme": "127.0.0.1/token",
        "ftp": "ftp://127.0.0.1/token",
        "no-host": "http:///token",
        "bad-port": "http://127.0.0.1:x/token",
        "port-range": "http://127.0.0.1:99999/token",
        "quoted": '"{P}/token"',
        "blank-behind": "{P}/token ",
        "blank-before": " {P}/token",
        "blank-inside": "{P}/to ken",
        "newline": "{P}/token\n",
        "query": "{P}/token?tenant=a+b&x=%20",
        "blank-in-query": "{P}/token?tenant=a b",
        "fragment": "{P}/token#frag",
        "double-slash": "{P}//token",
        "no-path": "{P}",
        "query-no-path": "{P}?a=1",
        "unicode-path": "{P}/t\u00f6ken",
        "userinfo": Code("'{P}/token'.replace('//', '//u:p@')"),
        "backslash": "{P}\\token",
        "brackets": "{P}/token[1]|{x}",
        "percent": "{P}/t%6fken%zz",
    }.items():
        yield case(f"token_url {kind}", {"token_url": url}, paths={"/": answer(TOKEN), "//token": answer(TOKEN)})
        yield case(f"userdata_url {kind}", {"userdata_url": type(url)(url.replace("token", "userinfo"))})


def id_tokens():
    good = {"aud": "cid", "exp": FUTURE, "iat": PAST, "username": "Alice", "groups": ["staff"]}
    payloads = {
        "good": good,
        "expired": {**good, "exp": PAST},
        "exp-string": {**good, "exp": str(FUTURE)},
        "exp-past-string": {**good, "exp": "12"},
        "exp-word": {**good, "exp": "soon"},
        "exp-float": {**good, "exp": FUTURE + 0.5},
        "exp-null": {**good, "exp": None},
        "exp-true": {**good, "exp": True},
        "exp-list": {**good, "exp": [FUTURE]},
        "exp-huge": {**good, "exp": 10**30},
        "no-exp": without(good, "exp"),
        "nbf-later": {**good, "nbf": FUTURE},
        "nbf-word": {**good, "nbf": "x"},
        "iat-later": {**good, "iat": FUTURE},
        "iat-word": {**good, "iat": "x"},
        "no-aud": without(good, "aud"),
        "null-aud": {**good, "aud": None},
        "wrong-aud": {**good, "aud": "other"},
        "list-aud": {**good, "aud": ["other", "cid"]},
        "list-wrong-aud": {**good, "aud": ["other"]},
        "empty-list-aud": {**good, "aud": []},
        "empty-aud": {**good, "aud": ""},
        "mixed-aud": {**good, "aud": ["cid", 5]},
        "number-aud": {**good, "aud": 5},
        "object-aud": {**good, "aud": {"cid": 1}},
        "sub-number": {**good, "sub": 5},
        "sub-null": {**good, "sub": None},
        "jti-number": {**good, "jti": 5},
        "iss-number": {**good, "iss": 5},
        "no-name": without(good, "username"),
        "unicode": {**good, "username": "\u00c4lice\u65e5"},
    }
    tokens = {kind: jwt(payload) for kind, payload in payloads.items()}
    head = {"alg": "RS256", "typ": "JWT"}
    more = json.dumps(good)[:-1].encode()
    tokens |= {
        "alg-none": jwt(good, {"alg": "none"}, ""),
        "alg-missing": jwt(good, {"typ": "JWT"}),
        "alg-unknown": jwt(good, {"alg": "XX"}),
        "alg-number": jwt(good, {"alg": 5}),
        "kid-number": jwt(good, {**head, "kid": 5}),
        "kid-null": jwt(good, {**head, "kid": None}),
        "crit": jwt(good, {**head, "crit": ["x"]}),
        "crit-b64": jwt(good, {**head, "crit": ["b64"], "b64": False}),
        "b64-false": jwt(good, {**head, "b64": False}),
        "b64-true": jwt(good, {**head, "b64": True}),
        "header-list": f"{part([])}.{part(good)}.c2ln",
        "header-bad-json": f"{part(b'{')}.{part(good)}.c2ln",
        "header-bad-utf8": f"{part(bytes([0xFF]))}.{part(good)}.c2ln",
        "payload-list": f"{part(head)}.{part([])}.c2ln",
        "payload-null": f"{part(head)}.{part(None)}.c2ln",
        "payload-bad-json": f"{part(head)}.{part(b'{')}.c2ln",
        "payload-nan": jwt(more + b', "odd": NaN}'),
        "payload-invalid-utf8": jwt(more + b', "\xff": 1}'),
        "payload-twice": jwt(more + b', "username": "Bob"}'),
        "two-parts": f"{part(head)}.{part(good)}",
        "four-parts": jwt(good) + ".x",
        "one-part": "abc",
        "blank": " ",
        "dots": "..",
        "bad-base64": f"{part(head)}.!!!!.c2ln",
        "bad-length": f"{part(head)}.{part(good)}x.c2ln",
        "bad-signature": f"{part(head)}.{part(good)}.a",
        "padded": f"{part(head)}.{part(good)}==.c2ln",
        "plain-alphabet": f"{part(head)}.{part({**good, 'odd': '???>>>~~~'}).replace('_', '/').replace('-', '+')}.c2ln",
        "newline": jwt(good) + "\n",
        "unicode-text": "\u65e5.\u65e5.\u65e5",
        "absent": None,
        "empty": "",
        "number": 5,
        "list": ["a"],
    }
    from_token = {"userdata_url": ABSENT, "userdata_from_id_token": True}
    for kind, token in tokens.items():
        yield case(f"id_token {kind}", from_token, token=answer({**TOKEN, "id_token": token}))
    grouped = {**from_token, "manage_groups": True, "admin_groups": {"staff"}}
    yield case("id_token groups", grouped, token=answer({**TOKEN, "id_token": tokens["good"]}))
    yield case("id_token not there", from_token)
    yield case("id_token other client", {**from_token, "client_id": "x"}, token=answer({**TOKEN, "id_token": tokens["good"]}))
    yield case("id_token empty client", {**from_token, "client_id": ""}, token=answer({**TOKEN, "id_token": tokens["empty-aud"]}))
    yield case("id_token no client", {**from_token, "client_id": ""}, token=answer({**TOKEN, "id_token": tokens["no-aud"]}))


def requests():
    """What is sent, and how odd values are written."""
    odd = {"a": 1, "b": None, "c": True, "d": [1, "x"], "e": "\u65e5 &=+", "f": 1.5, "g": {"k": 1}, "h": "", "i": "{x}/?~"}
    yield case("token_params odd", {"token_params": odd})
    yield case("userdata_params odd", {"userdata_params": {"a": "1", "e": "\u65e5 &=+", "h": "", "i": "{x}/?~"}})
    for key, value in odd.items():
        yield case(f"userdata_params {key}", {"userdata_params": {key: value}})
        yield case(f"extra_authorize_params {key}", {"extra_authorize_params": {key: value}})
    yield case("token_params empty key", {"token_params": {"": "x", " ": "y"}})
    yield case("token_params number key", {"token_params": {5: "x"}})
    yield case("userdata_params number key", {"userdata_params": {5: "x"}})
    for key in ("grant_type", "redirect_uri", "client_id", "client_secret", "code", "data", "code_verifier"):
        yield case(f"token_params overrides {key}", {"token_params": {key: "mine"}})
    for key in ("state", "client_id", "redirect_uri", "response_type", "scope", "code_challenge", "prompt"):
        if key not in ("state", "redirect_uri", "code_challenge"):
            yield case(f"extra_authorize_params {key}", {"extra_authorize_params": {key: "mine"}, "scope": ["openid"]})
    for url in ("?x=1", "?", "?x=1&", "?x=&y", "#f", "?x=1#f", "?a=%20b", "?a=b%2Fc&a=2", "/?q=\u65e5", "?a=1&a=1"):
        options = {"userdata_url": "{P}/userinfo" + url, "userdata_params": {"p": "q"}}
        yield case(f"userdata_url with {url}", options, paths={"/userinfo/": answer(USER)})
        yield case(f"authorize_url with {url}", {"authorize_url": "{P}/authorize" + url})
        yield case(f"token by url with {url}", {**options, "userdata_token_method": "url"}, paths={"/userinfo/": answer(USER)})
    for method in ("header", "url", "URL", "", "post", "get"):
        yield case(f"userdata_token_method {method!r}", {"userdata_token_method": method})
    for kind, token in {"number": 5, "null": None, "list": [1], "unicode": "\u65e5+/=", "newline": "a\nb"}.items():
        yield case(f"token by url {kind}", {"userdata_token_method": "url"}, token=answer({**TOKEN, "access_token": token}))
    for pkce in (True, False):
        for basic in (True, False):
            yield case(f"pkce {pkce} basic {basic}", {"enable_pkce": pkce, "basic_auth": basic})
    for kind, value in {"colon": "a:b", "unicode": "\u00e4\u65e5", "blank": " a ", "empty": "", "newline": "a\n", "plus": "a+b/c=&"}.items():
        yield case(f"client_secret {kind}", {"client_secret": value})
        yield case(f"client_secret {kind} basic", {"client_secret": value, "basic_auth": True})
        yield case(f"client_id {kind}", {"client_id": value})
        yield case(f"client_id {kind} basic", {"client_id": value, "basic_auth": True})
    for scope in (["openid"], ["openid", "profile"], ["a b", "c"], ["\u65e5"], [], [""]):
        yield case(f"scope {scope}", {"scope": scope})
    for callback in ("", "&iss=https%3A%2F%2Fidp", "&session_state=1", "&code=SECOND", "&state=&state={STATE}"):
        yield case(f"callback with {callback!r}", callback="code={CODE}&state={STATE}" + callback)
    for code in ("a%20b", "a+b", "a%2Bb", "%20a%20", "a%00b", "a%09b", "a%0Ab", "%E6%97%A5", "a%2Fb%3D", "a/b=c", "a;b", "a%1Fb", "a%7Fb", "a%C2%A0"):
        yield case(f"code {code}", callback=f"code={code}&state={{STATE}}")
    for kind, query in {
        "error": "error=access_denied&state={STATE}",
        "error-described": "error=access_denied&error_description=No+way&state={STATE}",
        "error-and-code": "error=access_denied&code={CODE}&state={STATE}",
        "empty-error": "error=&code={CODE}&state={STATE}",
        "no-code": "state={STATE}",
        "empty-code": "code=&state={STATE}",
        "blank-code": "code=+&state={STATE}",
    }.items():
        yield case(f"callback {kind}", callback=query)


def http_options():
    for kind, kwargs in {
        "empty": {},
        "unknown": {"timeout": 5},
        "url": {"url": "x"},
        "method": {"method": "PUT"},
        "headers": {"headers": {"X-A": "1"}},
        "user_agent": {"user_agent": "mine"},
        "auth": {"auth_username": "u", "auth_password": "p"},
        "auth-no-password": {"auth_username": "u"},
        "auth-digest": {"auth_username": "u", "auth_password": "p", "auth_mode": "digest"},
        "auth-unicode": {"auth_username": "\u00e4", "auth_password": "\u65e5"},
        "no-gzip": {"decompress_response": False},
        "old-no-gzip": {"use_gzip": False},
        "both-gzip": {"use_gzip": False, "decompress_response": True},
        "body": {"body": "x"},
        "nonstandard": {"allow_nonstandard_methods": True},
        "interface": {"network_interface": "lo"},
        "proxy": {"proxy_host": "127.0.0.1", "proxy_port": 1},
        "proxy-host-only": {"proxy_host": "127.0.0.1"},
        "proxy-port-only": {"proxy_port": 1},
        "proxy-none": {"proxy_host": None, "proxy_port": None},
        "proxy-empty": {"proxy_host": "", "proxy_port": 1},
        "ca_certs": {"ca_certs": "/nowhere.pem"},
        "ca_certs-number": {"ca_certs": 5},
        "client_cert": {"client_cert": "/nowhere.pem", "client_key": "/nowhere.key"},
        "validate_cert": {"validate_cert": False},
        "continue": {"expect_100_continue": True},
        "timeouts": {"request_timeout": 5, "connect_timeout": 5.0},
        "timeout-zero": {"request_timeout": 0, "connect_timeout": 0},
        "timeout-none": {"request_timeout": None, "connect_timeout": None},
        "timeout-text": {"request_timeout": "5"},
        "timeout-negative": {"request_timeout": -1},
        "follow-none": {"follow_redirects": None},
        "since": {"if_modified_since": 0},
        "callbacks": {"streaming_callback": None, "header_callback": None, "prepare_curl_callback": None},
        "body_producer": {"body_producer": None},
        "ssl_options": {"ssl_options": None},
        "ipv6": {"allow_ipv6": True},
        "no-ipv6": {"allow_ipv6": False},
        "number-key": {5: 5},
    }.items():
        yield case(f"http_request_kwargs {kind}", {"http_request_kwargs": kwargs})


# Not here, since no client on top of hyper can send or tell them: blanks in a redirect, dot segments in the path of a request,
# NUL and DEL in a header, an answer whose status line ends after the number.


def cases():
    for group in (odd_bodies, statuses, token_fields, redirects, faults, id_tokens, requests, http_options):
        yield from group()
