//! The keys that auth_state is encrypted with, as the hub reads them (`jupyterhub/crypto.py`).

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::GeneralPurposeConfig;

use crate::source::{Config, Env, Written};
use crate::span::Span;
use crate::value::Value;

/// The variable that holds the keys.
pub const VARIABLE: &str = "JUPYTERHUB_CRYPT_KEY";

/// What there is of keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Keys {
    /// Usable ones; the first encrypts.
    Usable(Vec<[u8; 32]>),
    /// None here. The hub's machine may have some.
    Absent,
    /// The variable or setting is there, and holds none: the hub finds none either.
    Empty {
        /// The variable or setting.
        setting: &'static str,
        /// Where it is set.
        span: Option<Span>,
    },
    /// There are some, but they cannot be known here.
    Unknown,
    /// One that the hub refuses, and where it stands.
    Malformed {
        /// The variable or setting.
        setting: &'static str,
        /// Where it is set.
        span: Option<Span>,
    },
}

/// The keys of this configuration and environment: `c.CryptKeeper.keys`, else `JUPYTERHUB_CRYPT_KEY`.
pub fn keys(config: &Config, env: &Env) -> Keys {
    if let Some(entry) = config.section("CryptKeeper").and_then(|section| section.entry("keys")) {
        return match &entry.written {
            Written::Plain(Value::List(keys)) if !keys.is_empty() => {
                from_values(keys, "CryptKeeper.keys", entry.origin.span())
            }
            Written::Plain(Value::List(_)) => {
                Keys::Empty { setting: "CryptKeeper.keys", span: entry.origin.span().cloned() }
            }
            _ => Keys::Unknown,
        };
    }
    let Some(variable) = env.get(VARIABLE) else { return Keys::Absent };
    match &variable.value {
        Value::Str(text) => {
            let keys: Vec<Value> = text.split(';').filter(|key| !key.trim().is_empty()).map(Value::str).collect();
            match keys.is_empty() {
                true => Keys::Empty { setting: VARIABLE, span: variable.set_at.clone() },
                false => from_values(&keys, VARIABLE, variable.set_at.as_ref()),
            }
        }
        _ => Keys::Unknown,
    }
}

fn from_values(values: &[Value], setting: &'static str, span: Option<&Span>) -> Keys {
    let mut keys = Vec::new();
    for value in values {
        let key = match value {
            Value::Str(text) if text.is_ascii() => validate(text.as_bytes()),
            Value::Bytes(bytes) => validate(bytes),
            Value::Unknown(_) => return Keys::Unknown,
            _ => None,
        };
        match key {
            Some(key) => keys.push(key),
            None => return Keys::Malformed { setting, span: span.cloned() },
        }
    }
    Keys::Usable(keys)
}

/// `_validate_key`: 44 characters of base64, 64 of hex, or 32 bytes as they are.
fn validate(key: &[u8]) -> Option<[u8; 32]> {
    let decoded = match key.len() {
        44 => base64(key),
        64 => hex(key),
        _ => None,
    };
    decoded.as_deref().unwrap_or(key).try_into().ok()
}

/// `base64.urlsafe_b64decode`, which passes over what is not in its alphabet.
fn base64(key: &[u8]) -> Option<Vec<u8>> {
    let clean: Vec<u8> = key
        .iter()
        .copied()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
        .collect();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(clean).ok()
}

fn hex(key: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    key.chunks(2).map(|pair| Some((digit(&pair[0])? * 16 + digit(pair.get(1)?)?) as u8)).collect()
}

/// Encrypts as the hub does: Fernet over the JSON text, with the first key (`CryptKeeper._encrypt`).
pub fn encrypt(keys: &[[u8; 32]], text: &str) -> Option<String> {
    fernet(keys.first()?).map(|fernet| fernet.encrypt(text.as_bytes()))
}

/// Decrypts what the hub's database holds, with whichever key fits (`MultiFernet.decrypt`).
pub fn decrypt(keys: &[[u8; 32]], token: &str) -> Option<String> {
    let plain = keys.iter().filter_map(fernet).find_map(|fernet| fernet.decrypt(token.trim()).ok())?;
    String::from_utf8(plain).ok()
}

fn fernet(key: &[u8; 32]) -> Option<fernet::Fernet> {
    fernet::Fernet::new(&base64::engine::general_purpose::URL_SAFE.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Keys {
        keys(&Config::new(), &Env::new([(VARIABLE.to_owned(), text.to_owned())]))
    }

    // Which texts the hub takes: `jupyterhub.crypto._validate_key` on each.
    #[test]
    fn takes_what_the_hub_takes() {
        let hex = "0123456789abcdef".repeat(4);
        assert!(matches!(of(&hex), Keys::Usable(keys) if keys.len() == 1));
        assert!(matches!(of(&format!("{hex};{hex}")), Keys::Usable(keys) if keys.len() == 2));
        assert!(matches!(of("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="), Keys::Usable(_)));
        assert!(matches!(of("01234567890123456789012345678901"), Keys::Usable(_)));
        assert_eq!(of(""), Keys::Empty { setting: VARIABLE, span: None });
        assert_eq!(of(" ; "), Keys::Empty { setting: VARIABLE, span: None });
        for bad in [format!("{hex}\n"), "short".into(), "$(openssl rand -hex 32)".into()] {
            assert!(matches!(of(&bad), Keys::Malformed { .. }), "{bad:?}");
        }
    }

    #[test]
    fn decrypts_what_the_hub_has_encrypted() {
        // jupyterhub.crypto with the 64 hex digits above, on {"access_token": "a"}.
        let key = [[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]; 4].concat().try_into().unwrap();
        let token = concat!(
            "gAAAAABrAn9bmJ_oU-f9KV3HDCWtzSlXB9TvJCGZY5sl-DgmUWwkxmMrwwHbxCRKMb0Qs45mwh5M-NgnX-",
            "lvFYHZLwIWX2xMKPOkBvwERT42PEzS1vKvdAQ=",
        );
        assert_eq!(decrypt(&[[0; 32], key], token).as_deref(), Some(r#"{"access_token": "a"}"#));
        assert_eq!(decrypt(&[[0; 32]], token), None);
        assert_eq!(decrypt(&[key], &encrypt(&[key], "{}").unwrap()).as_deref(), Some("{}"));
    }
}
