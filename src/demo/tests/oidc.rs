//! The plain provider, held to the standards' words.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::json;

use super::*;

/// An authorization request as the hub sends it, with some parameters changed (an empty value leaves one out).
fn authorize_target(changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "demo-hub"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email groups"),
        ("state", "st/+ =&ø"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    format!("/authorize?{}", encode(&pairs))
}

fn code_for(provider: &Provider, person: &str, changes: &[(&str, &str)]) -> String {
    let changes: Vec<_> = changes.iter().copied().chain([("login_hint", person)]).collect();
    let answer = get(provider, &authorize_target(&changes), &[]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.sent_back("code").unwrap()
}

/// A token request with some parameters changed (an empty value leaves one out).
fn redeem(provider: &Provider, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("code", code),
        ("grant_type", "authorization_code"),
        ("redirect_uri", CALLBACK),
        ("data", "None"),
        ("code_verifier", VERIFIER),
        ("client_id", provider.client_id()),
        ("client_secret", provider.client_secret()),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    post(provider, "/token", &[], &pairs)
}

fn refresh(provider: &Provider, token: &str, more: &[(&str, &str)]) -> Answer {
    let client = [("client_id", provider.client_id()), ("client_secret", provider.client_secret())];
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    pairs.extend(client.iter().chain(more));
    post(provider, "/token", &[], &pairs)
}

fn userinfo(provider: &Provider, token: &str) -> Answer {
    get(provider, "/userinfo", &[("Authorization", &bearer(token))])
}

/// The claims of an id_token whose signature the published key set confirms.
fn verified_claims(provider: &Provider, id_token: &str) -> Option<Value> {
    let (signed, signature) = id_token.rsplit_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (header, payload) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    let keys = get(provider, "/jwks", &[]).json();
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"])?;
    assert_eq!((text(key, "kty"), text(key, "crv"), text(&header, "alg")), ("EC", "P-256", "ES256"));
    let point = [vec![4], decode(text(key, "x")), decode(text(key, "y"))].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &decode(signature)).ok()?;
    Some(serde_json::from_slice(&decode(payload)).unwrap())
}

#[test]
fn discovery_names_endpoints_that_are_there() {
    let provider = start(|_| {});
    for document in ["openid-configuration", "oauth-authorization-server"] {
        let found = get(&provider, &format!("/.well-known/{document}"), &[]).json();
        assert_eq!(text(&found, "issuer"), provider.issuer());
        for (name, value) in found.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let path = value.as_str().unwrap().strip_prefix(provider.issuer()).unwrap();
                assert_ne!(get(&provider, path, &[]).status, 404, "{name}");
            }
        }
    }
}

#[test]
fn a_person_picked_on_the_page_comes_back_with_code_state_and_issuer() {
    let provider = start(|_| {});
    let target = authorize_target(&[]);
    let page = get(&provider, &target, &[]);
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self' http://127.0.0.1:8400;"));
    for person in people() {
        assert!(page.body.contains(&format!("value=\"{}\"", person.name)), "{}", person.name);
    }

    let query: Vec<(String, String)> =
        form_urlencoded::parse(target.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
    let mut pairs: Vec<_> = query.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    pairs.push(("person", "linus"));
    let back = post(&provider, "/authorize", &[], &pairs);
    assert_eq!(back.status, 303);
    assert!(back.header("location").starts_with(&format!("{CALLBACK}?")));
    assert_eq!(back.sent_back("state").as_deref(), Some("st/+ =&ø"));
    assert_eq!(back.sent_back("iss").as_deref(), Some(provider.issuer()));

    let answer = redeem(&provider, &back.sent_back("code").unwrap(), &[]);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let token = answer.json();
    assert_eq!((text(&token, "token_type"), text(&token, "scope")), ("Bearer", "openid profile email groups"));
    assert_eq!(token["expires_in"], json!(3600));
    let user = userinfo(&provider, text(&token, "access_token")).json();
    assert_eq!(
        user,
        json!({
            "sub": person("linus").unwrap().sub,
            "name": "Linus Pauling", "given_name": "Linus", "family_name": "Pauling",
            "preferred_username": "linus", "email": "linus@example.org", "email_verified": true,
            "groups": ["chemistry", "research", "staff"],
        })
    );
}

#[test]
fn refusing_is_access_denied() {
    let provider = start(|_| {});
    let target = authorize_target(&[]);
    let (path, query) = target.split_once('?').unwrap();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut pairs: Vec<_> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    pairs.push(("deny", "1"));
    let back = post(&provider, path, &[], &pairs);
    assert_eq!(back.sent_back("error").as_deref(), Some("access_denied"));
    assert_eq!(back.sent_back("state").as_deref(), Some("st/+ =&ø"));
    assert_eq!(back.sent_back("code"), None);
}

#[test]
fn nobody_is_redirected_before_client_and_redirect_uri_are_known() {
    let provider = start(|_| {});
    for changes in [
        [("redirect_uri", "http://127.0.0.1:8401/hub/oauth_callback")],
        [("redirect_uri", "http://127.0.0.1:8400/hub/oauth_callback/")],
        [("redirect_uri", "http://127.0.0.1:8400/hub/oauth_callback?x=1")],
        [("redirect_uri", "http://127.0.0.1:8400/hub/oauth_callback#x")],
        [("redirect_uri", "http://localhost:8400/hub/oauth_callback")],
        [("redirect_uri", "HTTP://127.0.0.1:8400/hub/oauth_callback")],
        [("redirect_uri", "")],
        [("client_id", "somebody-else")],
        [("client_id", "")],
    ] {
        let answer = get(&provider, &authorize_target(&changes), &[]);
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{changes:?}");
    }
    let twice = format!("{}&redirect_uri=x", authorize_target(&[]));
    assert_eq!(get(&provider, &twice, &[]).status, 400);

    provider.register_redirect_uri("http://localhost:8400/hub/oauth_callback");
    let other =
        authorize_target(&[("redirect_uri", "http://localhost:8400/hub/oauth_callback"), ("login_hint", "ada")]);
    assert!(
        get(&provider, &other, &[]).header("location").starts_with("http://localhost:8400/hub/oauth_callback?code=")
    );
}

#[test]
fn later_errors_go_to_the_client() {
    let provider = start(|_| {});
    for (changes, error) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", "short")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("code_challenge_method", "")], "invalid_request"),
        (vec![("response_mode", "form_post")], "invalid_request"),
        (vec![("request", "x.y.z")], "request_not_supported"),
        (vec![("prompt", "none")], "login_required"),
    ] {
        let back = get(&provider, &authorize_target(&changes), &[]);
        assert_eq!(back.sent_back("error").as_deref(), Some(error), "{changes:?}");
        assert_eq!(back.sent_back("state").as_deref(), Some("st/+ =&ø"));
    }
}

#[test]
fn whoever_is_named_signs_in_without_the_page() {
    let provider = start(|_| {});
    for name in ["demo_user", "login_hint"] {
        assert!(get(&provider, &authorize_target(&[(name, "OYSTEIN")]), &[]).sent_back("code").is_some());
    }
    let page = get(&provider, &authorize_target(&[("login_hint", "<script>alert(1)</script>")]), &[]);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("called &lt;script&gt;alert(1)&lt;/script&gt;"));
    provider.set_auto_person(Some("ada"));
    assert!(get(&provider, &authorize_target(&[("prompt", "none")]), &[]).sent_back("code").is_some());
    provider.set_auto_person(None);
    assert_eq!(get(&provider, &authorize_target(&[]), &[]).status, 200);
}

#[test]
fn pages_escape_what_they_are_sent() {
    let provider = start(|_| {});
    let evil = "\"><script>alert(1)</script>'";
    for target in [
        authorize_target(&[("state", evil)]),
        authorize_target(&[("x\"><script>", evil)]),
        authorize_target(&[("redirect_uri", evil)]),
        authorize_target(&[("client_id", evil)]),
        format!("/nowhere{evil}").replace(' ', ""),
    ] {
        let page = get(&provider, &target, &[]);
        assert!(page.header("content-type").starts_with("text/html"), "{target}");
        assert!(!page.body.contains("<script") && page.body.contains("&lt;script"), "{target}");
    }
}

#[test]
fn a_code_is_good_once_and_its_reuse_revokes() {
    let provider = start(|_| {});
    let code = code_for(&provider, "grace", &[]);
    let token = redeem(&provider, &code, &[]).json();
    assert_eq!(userinfo(&provider, text(&token, "access_token")).status, 200);
    let again = redeem(&provider, &code, &[]);
    assert_eq!((again.status, text(&again.json(), "error")), (400, "invalid_grant"));
    let refused = userinfo(&provider, text(&token, "access_token"));
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    assert_eq!(refresh(&provider, text(&token, "refresh_token"), &[]).status, 400);
}

#[test]
fn a_code_is_bound_to_what_it_was_asked_for_with() {
    let provider = start(|options| options.require_pkce = false);
    let wrong = "wrongwrongwrongwrongwrongwrongwrongwrongwrong";
    for changes in [
        vec![("code_verifier", wrong)],
        vec![("code_verifier", "")],
        vec![("redirect_uri", "http://127.0.0.1:8401/hub/oauth_callback")],
        vec![("redirect_uri", "")],
        vec![("code", "never-issued")],
    ] {
        let answer = redeem(&provider, &code_for(&provider, "grace", &[]), &changes);
        assert_eq!((answer.status, text(&answer.json(), "error")), (400, "invalid_grant"), "{changes:?}");
    }
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let downgraded = redeem(&provider, &code_for(&provider, "grace", &without), &[]);
    assert_eq!(text(&downgraded.json(), "error"), "invalid_grant");
    let plain = redeem(&provider, &code_for(&provider, "grace", &without), &[("code_verifier", "")]);
    assert_eq!(plain.status, 200);
}

#[test]
fn an_old_code_is_refused() {
    let provider = start(|options| options.code_lifetime = Duration::ZERO);
    let answer = redeem(&provider, &code_for(&provider, "grace", &[]), &[]);
    assert_eq!(text(&answer.json(), "error"), "invalid_grant");
}

#[test]
fn token_requests_are_read_strictly() {
    let provider = start(|_| {});
    for (changes, error) in [
        (vec![("code", "")], "invalid_request"),
        (vec![("grant_type", "")], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
    ] {
        let answer = redeem(&provider, &code_for(&provider, "grace", &[]), &changes);
        assert_eq!((answer.status, text(&answer.json(), "error")), (400, error), "{changes:?}");
    }
    let answer = redeem(&provider, "a", &[("code", "a"), ("code", "b")]);
    assert_eq!(text(&answer.json(), "error"), "invalid_request");
    assert_eq!((get(&provider, "/token", &[]).status, get(&provider, "/token", &[]).header("allow")), (405, "POST"));
    let json =
        send_raw(&provider, b"POST /token HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    assert_eq!(text(&json.json(), "error"), "invalid_request");
}

#[test]
fn the_client_proves_itself_in_the_header_or_in_the_body() {
    let (id, secret) = ("hub: ø+%41", "s3:cr%et +/ü");
    let provider = start(|options| {
        options.client_id = id.to_owned();
        options.client_secret = secret.to_owned();
    });
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = |user: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let with_header = |header: &str, more: &[(&str, &str)]| {
        let code = code_for(&provider, "grace", &[("client_id", id)]);
        let mut pairs = vec![
            ("code", code.as_str()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        pairs.extend(more);
        post(&provider, "/token", &[("Authorization", header)], &pairs)
    };
    // The standard's way; the raw way cannot work for an identifier with a colon in it.
    assert_eq!(with_header(&basic(&encode(id), &encode(secret)), &[]).status, 200);
    assert_eq!(with_header(&basic(&encode(id), secret), &[]).status, 401);
    assert_eq!(with_header(&basic(&encode(id), &encode(secret)), &[("client_id", id)]).status, 200);
    assert_eq!(with_header(&basic(&encode(id), &encode(secret)), &[("client_id", "other")]).status, 401);
    assert_eq!(with_header(&basic(&encode(id), &encode(secret)), &[("client_secret", secret)]).status, 400);
    for header in [basic(&encode(id), "wrong"), "Basic ???".to_owned(), "Bearer x".to_owned(), String::new()] {
        let answer = with_header(&header, &[]);
        assert_eq!((answer.status, text(&answer.json(), "error")), (401, "invalid_client"), "{header}");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    for (name, value) in [("client_secret", "wrong"), ("client_secret", ""), ("client_id", "other")] {
        let code = code_for(&provider, "grace", &[("client_id", id)]);
        assert_eq!(redeem(&provider, &code, &[(name, value)]).status, 401, "{name}={value}");
    }
    assert_eq!(redeem(&provider, &code_for(&provider, "grace", &[("client_id", id)]), &[]).status, 200);
}

#[test]
fn a_raw_basic_header_is_taken_as_oauthenticator_sends_it() {
    let provider = start(|options| options.client_secret = "a+b%41 :c".to_owned());
    let code = code_for(&provider, "grace", &[]);
    let header = format!("Basic {}", STANDARD.encode("demo-hub:a+b%41 :c"));
    let pairs = [
        ("code", code.as_str()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(post(&provider, "/token", &[("Authorization", &header)], &pairs).status, 200);
}

#[test]
fn refresh_tokens_rotate_and_reuse_revokes() {
    let provider = start(|_| {});
    let first = redeem(&provider, &code_for(&provider, "ada", &[]), &[]).json();
    let more = refresh(&provider, text(&first, "refresh_token"), &[("scope", "openid admin")]);
    assert_eq!(text(&more.json(), "error"), "invalid_scope");
    let second = refresh(&provider, text(&first, "refresh_token"), &[]).json();
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    assert_eq!(text(&userinfo(&provider, text(&second, "access_token")).json(), "preferred_username"), "ada");
    let third = refresh(&provider, text(&second, "refresh_token"), &[("scope", "openid")]).json();
    assert_eq!(text(&third, "scope"), "openid");
    let reused = refresh(&provider, text(&first, "refresh_token"), &[]);
    assert_eq!((reused.status, text(&reused.json(), "error")), (400, "invalid_grant"));
    for token in [&first, &second, &third] {
        assert_eq!(userinfo(&provider, text(token, "access_token")).status, 401);
    }
    assert_eq!(refresh(&provider, text(&third, "refresh_token"), &[]).status, 400);
}

#[test]
fn the_id_token_verifies_against_the_published_keys() {
    let provider = start(|_| {});
    let code = code_for(&provider, "eve", &[("nonce", "n-0S6_WzA2Mj")]);
    let token = redeem(&provider, &code, &[]).json();
    let claims = verified_claims(&provider, text(&token, "id_token")).unwrap();
    assert_eq!((text(&claims, "iss"), text(&claims, "aud")), (provider.issuer(), "demo-hub"));
    assert_eq!((text(&claims, "nonce"), &claims["email_verified"]), ("n-0S6_WzA2Mj", &json!(false)));
    assert_eq!(text(&claims, "sub"), person("eve").unwrap().sub);
    assert!(claims["exp"].as_u64() > claims["iat"].as_u64());
    let hash = ring::digest::digest(&ring::digest::SHA256, text(&token, "access_token").as_bytes());
    assert_eq!(text(&claims, "at_hash"), URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));

    let forged = start_with_fault("id-token-bad-signature");
    let token = redeem(&forged, &code_for(&forged, "eve", &[]), &[]).json();
    assert!(verified_claims(&forged, text(&token, "id_token")).is_none());
    let plain = redeem(&provider, &code_for(&provider, "eve", &[("scope", "profile")]), &[]).json();
    assert_eq!(plain.get("id_token"), None);
}

#[test]
fn scopes_open_claims() {
    let provider = start(|_| {});
    for (scope, granted, claims) in [
        ("openid", "openid", vec!["sub"]),
        ("openid email made-up email", "openid email", vec!["sub", "email", "email_verified"]),
        ("openid groups", "openid groups", vec!["sub", "groups"]),
    ] {
        let token = redeem(&provider, &code_for(&provider, "ada", &[("scope", scope)]), &[]).json();
        assert_eq!(text(&token, "scope"), granted);
        let user = userinfo(&provider, text(&token, "access_token")).json();
        assert_eq!(user.as_object().unwrap().keys().collect::<Vec<_>>(), claims);
    }
    for scope in ["profile", ""] {
        let token = redeem(&provider, &code_for(&provider, "ada", &[("scope", scope)]), &[]).json();
        let refused = userinfo(&provider, text(&token, "access_token"));
        assert_eq!(refused.status, 403, "{scope}");
        assert!(refused.header("www-authenticate").contains("error=\"insufficient_scope\""));
    }
}

#[test]
fn userinfo_takes_the_token_from_the_header_or_the_query() {
    let provider = start(|_| {});
    let token = redeem(&provider, &code_for(&provider, "ada", &[]), &[]).json();
    let token = text(&token, "access_token");
    let by_query = format!("/userinfo?access_token={token}");
    assert_eq!(get(&provider, &by_query, &[]).status, 200);
    assert_eq!(get(&provider, &by_query, &[("Authorization", &bearer(token))]).status, 200);
    assert_eq!(get(&provider, &by_query, &[("Authorization", &bearer("another"))]).status, 400);
    assert_eq!(get(&provider, "/userinfo", &[("Authorization", &format!("bearer {token}"))]).status, 200);
    assert_eq!(post(&provider, "/userinfo", &[("Authorization", &bearer(token))], &[]).status, 200);
    let nobody = get(&provider, "/userinfo", &[]);
    assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, "Bearer realm=\"demo\""));
}

#[test]
fn revoked_is_revoked() {
    let provider = start(|_| {});
    let token = redeem(&provider, &code_for(&provider, "ada", &[]), &[]).json();
    let client = [("client_id", provider.client_id()), ("client_secret", provider.client_secret())];
    let revoke = |token: &str| post(&provider, "/revoke", &[], &[("token", token), client[0], client[1]]).status;
    assert_eq!(post(&provider, "/revoke", &[], &[("token", text(&token, "access_token"))]).status, 401);
    assert_eq!(userinfo(&provider, text(&token, "access_token")).status, 200);
    assert_eq!((revoke(text(&token, "access_token")), revoke("never-issued")), (200, 200));
    assert_eq!(userinfo(&provider, text(&token, "access_token")).status, 401);
    assert_eq!(revoke(text(&token, "refresh_token")), 200);
    assert_eq!(refresh(&provider, text(&token, "refresh_token"), &[]).status, 400);
}

#[test]
fn logout_leads_only_to_registered_sites() {
    let provider = start(|_| {});
    assert_eq!(get(&provider, "/logout", &[]).status, 200);
    let leads = |target: &str| {
        let query = encode(&[("post_logout_redirect_uri", target), ("state", "s")]);
        get(&provider, &format!("/logout?{query}"), &[]).header("location").to_owned()
    };
    assert_eq!(leads("http://127.0.0.1:8400/hub/login?x=1"), "http://127.0.0.1:8400/hub/login?x=1&state=s");
    assert_eq!(leads("http://127.0.0.1:8400@evil.example/"), "");
    assert_eq!(leads("https://evil.example/"), "");
    assert_eq!(leads("javascript:alert(1)"), "");
}

#[test]
fn hostile_requests_are_refused_and_the_server_lives_on() {
    let provider = start(|_| {});
    let long = "a".repeat(40_000);
    for (request, status) in [
        (b"\x00\xff\r\n\r\n".to_vec(), 400),
        (b"GET / HTTP/3.0\r\n\r\n".to_vec(), 505),
        (format!("GET /{long} HTTP/1.1\r\n\r\n").into_bytes(), 431),
        (format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n").into_bytes(), 431),
        (format!("POST /token HTTP/1.1\r\nContent-Length: 100000\r\n\r\n{long}").into_bytes(), 413),
        (b"POST /token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(), 411),
        (b"PROPFIND /authorize HTTP/1.1\r\n\r\n".to_vec(), 405),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n".to_vec(), 404),
    ] {
        let answer = send_raw(&provider, &request);
        assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&request[..20.min(request.len())]));
        assert_eq!(answer.header("connection"), "close");
    }
    let head = send_raw(&provider, b"HEAD / HTTP/1.1\r\n\r\n");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(get(&provider, "/", &[]).status, 200);
}

#[test]
fn a_callback_holds_no_line_break_of_the_clients() {
    let provider = start(|_| {});
    let back = get(&provider, &authorize_target(&[("state", "a\r\nSet-Cookie: b=c"), ("login_hint", "ada")]), &[]);
    assert_eq!(back.header("set-cookie"), "");
    assert_eq!(back.sent_back("state").as_deref(), Some("a\r\nSet-Cookie: b=c"));
}

#[test]
fn faults_do_what_they_say() {
    let callback = |name: &str| get(&start_with_fault(name), &authorize_target(&[("login_hint", "ada")]), &[]);
    assert_eq!(callback("authorize-denied").sent_back("error").as_deref(), Some("access_denied"));
    assert_eq!(callback("callback-no-state").sent_back("state"), None);
    assert_ne!(callback("callback-wrong-state").sent_back("state").as_deref(), Some("st/+ =&ø"));
    assert_eq!(callback("callback-wrong-issuer").sent_back("iss").as_deref(), Some("https://issuer.invalid"));
    assert_eq!(callback("callback-no-code").sent_back("code"), None);

    let token = |name: &str| {
        let provider = start_with_fault(name);
        redeem(&provider, &code_for(&provider, "ada", &[]), &[])
    };
    assert_eq!((token("token-400").status, token("token-401").status, token("token-500").status), (400, 401, 500));
    assert!(token("token-html").body.starts_with("<!doctype html>"));
    assert_eq!(token("token-empty").body, "");
    assert!(token("token-form-encoded").body.starts_with("access_token="));
    assert_eq!(token("token-error-200").status, 200);
    for field in ["access_token", "token_type", "id_token"] {
        let answer = token(&format!("no-{}", field.replace('_', "-"))).json();
        assert!(answer.get(field).is_none() && answer.get("scope").is_some(), "{field}");
    }
    assert_eq!(text(&token("fewer-scopes").json(), "scope"), "openid");

    let user = |name: &str| {
        let provider = start_with_fault(name);
        let token = redeem(&provider, &code_for(&provider, "ada", &[]), &[]).json();
        userinfo(&provider, text(&token, "access_token"))
    };
    for status in [401, 403, 429, 500] {
        assert_eq!(user(&format!("userinfo-{status}")).status, status);
    }
    assert_eq!(user("userinfo-429").header("retry-after"), "60");
    assert_eq!(user("userinfo-no-username").json().get("preferred_username"), None);
    assert_eq!(user("userinfo-no-groups").json().get("groups"), None);
    assert_eq!(user("userinfo-groups-text").json()["groups"], json!("admins,staff"));

    let refusing = start_with_fault("refresh-refused");
    let first = redeem(&refusing, &code_for(&refusing, "ada", &[]), &[]).json();
    assert_eq!(refresh(&refusing, text(&first, "refresh_token"), &[]).status, 400);
}

#[test]
fn a_dropped_provider_frees_its_port() {
    let provider = start(|_| {});
    let address: SocketAddr = provider.issuer().strip_prefix("http://").unwrap().parse().unwrap();
    drop(provider);
    assert!(TcpListener::bind(address).is_ok());
}
