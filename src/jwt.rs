//! id_tokens as the hub reads them: PyJWT 2.15's `decode` with `verify_signature=False` (`jwt/api_jwt.py`,
//! `jwt/api_jws.py`). Signature, issuer and the other times are not looked at; `aud` and `exp` only where asked.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::GeneralPurposeConfig;
use num_bigint::BigInt;
use num_traits::{FromPrimitive as _, ToPrimitive as _};

use crate::json;
use crate::value::{Dict, Value};

/// What is verified of a token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verify<'a> {
    /// `verify_aud`, with the audience to be found in it.
    pub audience: Option<&'a str>,
    /// `verify_exp`, with the time now in seconds since 1970.
    pub now: Option<f64>,
}

/// Decodes a token: the claims, or the sentence that PyJWT raises.
pub fn decode(token: &Value, verify: Verify<'_>) -> Result<Value, String> {
    let claims = claims(token)?;
    if let (Some(now), Some(exp)) = (verify.now, claims.get("exp")) {
        let exp = integer(exp).ok_or("Expiration Time claim (exp) must be an integer.")?;
        if exp <= BigInt::from_f64(now.floor()).unwrap_or_default() {
            return Err("Signature has expired".into());
        }
    }
    if let Some(audience) = verify.audience {
        check_audience(&claims, audience)?;
    }
    Ok(Value::Dict(claims))
}

/// The claims of a token with nothing verified, for showing them.
pub fn claims(token: &Value) -> Result<Dict, String> {
    read(token).map(|read| read.claims)
}

/// A token taken apart, its signature not yet verified.
#[derive(Debug)]
pub struct Read<'a> {
    /// The header.
    pub header: Dict,
    /// The claims.
    pub claims: Dict,
    /// What was signed.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// `PyJWS._load` and `_validate_headers`, then the payload.
pub fn read(token: &Value) -> Result<Read<'_>, String> {
    let Value::Str(token) = token else {
        return Err("Invalid token type. Token must be a <class 'bytes'>".into());
    };
    let (signed, signature) = token.rsplit_once('.').ok_or("Not enough segments")?;
    let (header, payload) = signed.split_once('.').ok_or("Not enough segments")?;
    let header = object(&segment(header, "header")?, "header")?;
    let detached = header.get("b64").is_some_and(|b64| matches!(b64, Value::Bool(false)));
    if detached && !payload.is_empty() {
        return Err("Payload segment must be empty when 'b64' is false.".into());
    }
    let payload = segment(payload, "payload")?;
    let signature = segment(signature, "crypto")?;
    check_header(&header)?;
    if detached {
        return Err("It is required that you pass in a value for the \"detached_payload\" argument".into());
    }
    let claims = object(&payload, "payload")?;
    Ok(Read { header, claims, signed, signature })
}

fn check_header(header: &Dict) -> Result<(), String> {
    if header.get("kid").is_some_and(|kid| kid.as_str().is_none()) {
        return Err("Key ID header parameter must be a string".into());
    }
    let Some(crit) = header.get("crit") else { return Ok(()) };
    let Value::List(names) = crit else {
        return Err("Invalid 'crit' header: must be a non-empty list".into());
    };
    if names.is_empty() {
        return Err("Invalid 'crit' header: must be a non-empty list".into());
    }
    for name in names {
        match name.as_str() {
            None => return Err("Invalid 'crit' header: values must be strings".into()),
            Some("b64") if header.contains("b64") => {}
            Some("b64") => return Err("Critical extension 'b64' is missing from headers".into()),
            Some(other) => return Err(format!("Unsupported critical extension: {other}")),
        }
    }
    Ok(())
}

/// `PyJWT._validate_aud`.
pub fn check_audience(claims: &Dict, audience: &str) -> Result<(), String> {
    let claimed = match claims.get("aud") {
        Some(value) if value.truth() == Some(true) => value,
        _ => return Err("Token is missing the \"aud\" claim".into()),
    };
    let found = match claimed {
        Value::Str(one) => one == audience,
        Value::List(all) if all.iter().all(|one| one.as_str().is_some()) => {
            all.iter().any(|one| one.as_str() == Some(audience))
        }
        _ => return Err("Invalid claim format in token".into()),
    };
    if found { Ok(()) } else { Err("Audience doesn't match".into()) }
}

/// `PyJWS._decode_base64url_segment`.
fn segment(text: &str, name: &str) -> Result<Vec<u8>, String> {
    let stripped = text.trim_end_matches('=');
    let padding = text.len() - stripped.len();
    if padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return Err(format!("Invalid {name} padding"));
    }
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone);
    let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, config);
    engine.decode(stripped).map_err(|_| format!("Invalid {name} padding"))
}

fn object(bytes: &[u8], name: &str) -> Result<Dict, String> {
    let text = decode_text(bytes).map_err(|error| format!("Invalid {name} string: {error}"))?;
    match json::parse(&text) {
        Ok(Value::Dict(dict)) => Ok(dict),
        Ok(_) => Err(format!("Invalid {name} string: must be a json object")),
        Err(error) => Err(format!("Invalid {name} string: {error}")),
    }
}

/// `json.loads(bytes)`: UTF-8, -16 or -32, told by a byte order mark or by where the zeroes are.
fn decode_text(bytes: &[u8]) -> Result<String, String> {
    let zero = |at: usize| bytes.get(at) == Some(&0);
    let units = |size: usize, big: bool| {
        let whole = bytes.chunks(size).all(|unit| unit.len() == size);
        let number = |unit: &[u8]| match big {
            true => unit.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
            false => unit.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
        };
        if whole { Ok(bytes.chunks(size).map(number).collect::<Vec<u32>>()) } else { Err("truncated data".to_owned()) }
    };
    let utf32 = |big| match units(4, big)?.into_iter().map(char::from_u32).collect::<Option<String>>() {
        Some(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()),
        None => Err("code point not in range".to_owned()),
    };
    let utf16 = |big| {
        let units: Vec<u16> = units(2, big)?.into_iter().map(|unit| unit as u16).collect();
        let text = String::from_utf16(&units).map_err(|error| error.to_string())?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
    };
    match bytes {
        [0, 0, 0xfe, 0xff, ..] => utf32(true),
        [0xff, 0xfe, 0, 0, ..] => utf32(false),
        [0xfe, 0xff, ..] => utf16(true),
        [0xff, 0xfe, ..] => utf16(false),
        [0, second, ..] if bytes.len() >= 4 => {
            if *second == 0 {
                utf32(true)
            } else {
                utf16(true)
            }
        }
        [_, 0, ..] if bytes.len() >= 4 => {
            if zero(2) && zero(3) {
                utf32(false)
            } else {
                utf16(false)
            }
        }
        [0, _] => utf16(true),
        [_, 0] => utf16(false),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
        }
    }
}

/// Python's `int(value)`.
pub fn integer(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(number) => Some(number.clone()),
        Value::Bool(truth) => Some(BigInt::from(u8::from(*truth))),
        Value::Float(number) => BigInt::from_f64(number.trunc()),
        Value::Str(text) => text.trim().replace('_', "").parse().ok(),
        _ => None,
    }
}

/// Seconds since 1970 of a time claim, for showing it.
pub fn seconds(claim: &Value) -> Option<i64> {
    integer(claim)?.to_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> Value {
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        Value::Str(format!("{}.{}.sig0", engine.encode(header), engine.encode(payload)))
    }

    // Expected outcomes: PyJWT 2.15.1 on the same tokens.
    #[test]
    fn verifies_audience_and_expiry_only() {
        let verify = Verify { audience: Some("me"), now: Some(1000.0) };
        let check = |payload: &str| decode(&token(r#"{"alg":"none"}"#, payload), verify);
        assert!(check(r#"{"aud":"me","exp":1001,"nbf":9999,"iat":9999}"#).is_ok());
        assert!(check(r#"{"aud":["x","me"]}"#).is_ok());
        assert_eq!(check(r#"{"aud":"me","exp":1000}"#).unwrap_err(), "Signature has expired");
        assert_eq!(check(r#"{"aud":"you"}"#).unwrap_err(), "Audience doesn't match");
        assert_eq!(check(r#"{"aud":""}"#).unwrap_err(), "Token is missing the \"aud\" claim");
        assert_eq!(check(r#"{"aud":{"a":1}}"#).unwrap_err(), "Invalid claim format in token");
        assert_eq!(
            check(r#"{"aud":"me","exp":"soon"}"#).unwrap_err(),
            "Expiration Time claim (exp) must be an integer."
        );
        assert!(check(r#"[]"#).unwrap_err().starts_with("Invalid payload string"));
    }

    #[test]
    fn refuses_malformed_tokens() {
        assert_eq!(claims(&Value::str("nodots")).unwrap_err(), "Not enough segments");
        assert_eq!(claims(&Value::str("e30.e30.c2l")).unwrap_err(), "Invalid crypto padding");
        assert_eq!(claims(&Value::str("!!!!.e30.sig0")).unwrap_err(), "Invalid header padding");
        assert_eq!(claims(&token(r#"{"kid":1}"#, "{}")).unwrap_err(), "Key ID header parameter must be a string");
    }

    // As CPython 3.11's json.loads reads these bytes.
    #[test]
    fn reads_json_in_any_unicode_encoding() {
        let text = |bytes: &[u8]| decode_text(bytes);
        assert_eq!(text(b"\xef\xbb\xbf{}").unwrap(), "{}");
        assert_eq!(text(b"{\0}\0").unwrap(), "{}");
        assert_eq!(text(b"\0{\0}").unwrap(), "{}");
        assert_eq!(text(b"\xff\xfe{\0}\0").unwrap(), "{}");
        assert_eq!(text(b"\0\0\0{\0\0\0}").unwrap(), "{}");
        assert_eq!(text(b"{\0\0\0}\0\0\0").unwrap(), "{}");
        assert_eq!(text(b"5\0").unwrap(), "5");
        assert!(text(b"\xff").is_err());
        assert!(text(b"\xff\xfe{").is_err());
    }
}
