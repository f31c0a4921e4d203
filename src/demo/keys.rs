//! The demo provider's signing key, made anew at every start, and the tokens signed with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

/// The random source and the ES256 key (RFC 7518 section 3.4).
pub(crate) struct Keys {
    random: SystemRandom,
    pair: EcdsaKeyPair,
    id: String,
}

/// The machine's random source or the key failed.
#[derive(Debug)]
pub(crate) struct Unavailable;

impl From<ring::error::Unspecified> for Unavailable {
    fn from(_: ring::error::Unspecified) -> Unavailable {
        Unavailable
    }
}

impl Keys {
    pub(crate) fn generate() -> Result<Keys, Unavailable> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).map_err(|_| Unavailable)?;
        let id = base64url(&digest(&SHA256, pair.public_key().as_ref()).as_ref()[..12]);
        Ok(Keys { random, pair, id })
    }

    /// 256 random bits, fit for an address.
    pub(crate) fn random_token(&self) -> Result<String, Unavailable> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes)?;
        Ok(base64url(bytes))
    }

    /// A compact JWS over the claims (RFC 7515 section 3.1).
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, Unavailable> {
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": self.id});
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature = self.pair.sign(&self.random, signed.as_bytes())?;
        Ok(format!("{signed}.{}", base64url(signature)))
    }

    /// The key set that the provider publishes (RFC 7517 section 5).
    pub(crate) fn jwks(&self) -> Value {
        // An uncompressed point: 4, then x and y of 32 bytes each.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({"keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.id,
            "x": base64url(x), "y": base64url(y),
        }]})
    }
}

/// base64url without padding.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The `S256` challenge that belongs to a verifier (RFC 7636 section 4.2).
pub(crate) fn s256(verifier: &str) -> String {
    base64url(digest(&SHA256, verifier.as_bytes()))
}

/// The `at_hash` of an access token under ES256 (OpenID Connect Core section 3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    base64url(&digest(&SHA256, access_token.as_bytes()).as_ref()[..16])
}

/// Compares two secrets in a time that tells nothing about either: their digests are what is compared.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (digest(&SHA256, one.as_bytes()), digest(&SHA256, other.as_bytes()));
    one.as_ref().iter().zip(other.as_ref()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(s256(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn secrets_are_equal_only_to_themselves() {
        assert!(same("secret", "secret") && same("", ""));
        assert!(!same("secret", "secreT") && !same("secret", "secret ") && !same("", "s"));
    }
}
