//! The identity that `Special:OAuth/identify` answers: a JWT, verified as PyJWT 2.15.1 does it where `mwoauth` calls
//! `jwt.decode(content, secret, audience=…, algorithms=["HS256"], leeway=10.0)` (`jwt/api_jws.py`, `jwt/api_jwt.py`).

use num_traits::ToPrimitive as _;
use ring::hmac;

use crate::failure::Raised;
use crate::jwt;
use crate::value::{Dict, Value};

/// What a token is held against.
pub(super) struct Expected<'a> {
    pub(super) audience: &'a str,
    pub(super) secret: &'a str,
    pub(super) now: f64,
    pub(super) leeway: f64,
}

/// What is wrong with a token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flaw {
    /// It is no token at all.
    NoToken(String),
    /// It is signed in another way than by HS256.
    Algorithm,
    /// It is signed with another secret.
    Signature,
    /// It is from the future.
    TooEarly,
    /// It has expired.
    Expired,
    /// It is meant for somebody else.
    Audience,
    /// Its subject is no text, which PyJWT refuses since 2.10.
    Subject,
    /// Some other claim is not as it must be.
    Claim(&'static str),
}

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refused {
    /// `jwt.InvalidTokenError`, for which mwoauth has words of its own.
    Invalid(Flaw),
    /// Another exception, which passes through.
    Raised(Raised),
}

impl From<Flaw> for Refused {
    fn from(flaw: Flaw) -> Refused {
        Refused::Invalid(flaw)
    }
}

/// `jwt.decode`.
pub(super) fn decode(content: &[u8], expected: &Expected<'_>) -> Result<Value, Refused> {
    let text = std::str::from_utf8(content).map_err(|_| Flaw::NoToken("it is no text".into()))?;
    let text = Value::str(text);
    let token = jwt::read(&text).map_err(Flaw::NoToken)?;
    if token.header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(Flaw::Algorithm.into());
    }
    if expected.secret.is_empty() {
        return Err(Refused::Raised(Raised::exception("InvalidKeyError", "HMAC key must not be empty.")));
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, expected.secret.as_bytes());
    hmac::verify(&key, token.signed.as_bytes(), &token.signature).map_err(|_| Flaw::Signature)?;
    check_claims(&token.claims, expected)?;
    Ok(Value::Dict(token.claims))
}

/// When a token was issued, by its own word.
pub(super) fn issued(content: &[u8]) -> Option<f64> {
    let text = Value::str(std::str::from_utf8(content).ok()?);
    jwt::integer(jwt::claims(&text).ok()?.get("iat")?)?.to_f64()
}

/// `PyJWT._validate_claims`, in its order.
fn check_claims(claims: &Dict, expected: &Expected<'_>) -> Result<(), Flaw> {
    let (now, leeway) = (expected.now, expected.leeway);
    if time(claims, "iat")?.is_some_and(|iat| iat > now + leeway) {
        return Err(Flaw::TooEarly);
    }
    if time(claims, "nbf")?.is_some_and(|nbf| nbf > now + leeway) {
        return Err(Flaw::TooEarly);
    }
    if time(claims, "exp")?.is_some_and(|exp| exp <= now - leeway) {
        return Err(Flaw::Expired);
    }
    jwt::check_audience(claims, expected.audience).map_err(|_| Flaw::Audience)?;
    let is_text = |name: &str| claims.get(name).is_none_or(|claim| claim.as_str().is_some());
    if !is_text("sub") {
        return Err(Flaw::Subject);
    }
    if !is_text("jti") {
        return Err(Flaw::Claim("jti"));
    }
    Ok(())
}

fn time(claims: &Dict, name: &'static str) -> Result<Option<f64>, Flaw> {
    let Some(claim) = claims.get(name) else { return Ok(None) };
    let seconds = jwt::integer(claim).ok_or(Flaw::Claim(name))?;
    Ok(Some(seconds.to_f64().unwrap_or(f64::INFINITY)))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn decoded(header: &str, claims: &str, secret: &str) -> Result<Value, Refused> {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())));
        decode(token.as_bytes(), &Expected { audience: "me", secret, now: 1000.0, leeway: 10.0 })
    }

    // Expected outcomes: PyJWT 2.15.1 on the same tokens; the differential test runs it beside us.
    #[test]
    fn verifies_what_pyjwt_verifies() {
        let flaw = |claims: &str| match decoded(r#"{"alg":"HS256"}"#, claims, "secret") {
            Ok(_) => None,
            Err(Refused::Invalid(flaw)) => Some(flaw),
            Err(Refused::Raised(raised)) => panic!("{raised:?}"),
        };
        assert_eq!(flaw(r#"{"aud":"me","sub":"1","iat":1010,"exp":991}"#), None);
        assert_eq!(flaw(r#"{"aud":["x","me"],"iat":"1010"}"#), None);
        assert_eq!(flaw(r#"{"aud":"me","iat":1011}"#), Some(Flaw::TooEarly));
        assert_eq!(flaw(r#"{"aud":"me","nbf":1011}"#), Some(Flaw::TooEarly));
        assert_eq!(flaw(r#"{"aud":"me","exp":990}"#), Some(Flaw::Expired));
        assert_eq!(flaw(r#"{"aud":"you"}"#), Some(Flaw::Audience));
        assert_eq!(flaw(r#"{"sub":"1"}"#), Some(Flaw::Audience));
        assert_eq!(flaw(r#"{"aud":"me","sub":1}"#), Some(Flaw::Subject));
        assert_eq!(flaw(r#"{"aud":"me","jti":1}"#), Some(Flaw::Claim("jti")));
        assert_eq!(flaw(r#"{"aud":"me","iat":null}"#), Some(Flaw::Claim("iat")));
    }

    #[test]
    fn the_signature_is_hs256_with_the_consumers_secret() {
        let claims = r#"{"aud":"me"}"#;
        assert_eq!(decoded(r#"{"alg":"HS256"}"#, claims, "other"), Err(Flaw::Signature.into()));
        assert_eq!(decoded(r#"{"alg":"none"}"#, claims, "secret"), Err(Flaw::Algorithm.into()));
        assert_eq!(decoded(r#"{"typ":"JWT"}"#, claims, "secret"), Err(Flaw::Algorithm.into()));
        assert!(matches!(decoded(r#"{"alg":"HS256"}"#, claims, ""), Err(Refused::Raised(_))));
    }
}
