//! What secrets are called.

/// Names of fields, headers, parameters, options and variables whose text is secret: lower case, without separators,
/// since providers write `access_token`, `accessToken` and `X-Access-Token` alike.
const NAMES: &[&str] = &[
    "accesstokenkey",
    "assertion",
    "authorization",
    "authorizationcode",
    "clientassertion",
    "codeverifier",
    "cookie",
    "devicecode",
    "idtokenhint",
    "oauthsignature",
    "oauthverifier",
    "passphrase",
    "passwd",
    "proxyauthorization",
    "setcookie",
];

/// What the names of secrets end with. Many a `…_key` names a claim, not a key.
const ENDINGS: &[&str] =
    &["apikey", "cryptkey", "encryptionkey", "password", "privatekey", "secret", "secretkey", "token"];

/// Names that are secret only as parameters of a request: elsewhere a `code` is an error's.
const PARAMETERS: &[&str] = &["code"];

/// Whether a field of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = bare(name);
    NAMES.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a request's parameter of this name holds a secret.
pub fn is_secret_parameter(name: &str) -> bool {
    is_secret(name) || PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether an option or key of this name was probably meant to hold a secret, misspelt as it may be.
pub fn seems_secret(name: &str) -> bool {
    // Kubernetes' names of a Secret, which lies elsewhere.
    const REFERENCES: &[&str] = &["secretkeyref", "secretname", "secretref", "existingsecret", "imagepullsecret"];
    let short = bare(name);
    let meant = is_secret(name) || ["secret", "passw"].iter().any(|part| short.contains(part));
    meant && !REFERENCES.iter().any(|reference| short.contains(reference))
}

fn bare(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}
