//! Google's service accounts: a signed assertion against an access token (RFC 7523 section 2.1).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::authorize::now;
use super::call::Call;
use super::grants::Grant;
use super::http::Response;
use super::people::person;

/// The audience that google-auth writes, whatever the key file's `token_uri`.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";

/// A service account that the provider trusts.
#[derive(Clone)]
pub(crate) struct ServiceAccount {
    email: String,
    /// A PKCS #1 `RSAPublicKey`.
    public_key: Vec<u8>,
    /// The key file, as the hub's configuration is to name it.
    pub(crate) file: String,
}

impl ServiceAccount {
    /// Reads the account out of its key file: `client_email`, and the public half of `private_key`.
    pub(crate) fn read(file: &str, text: &str) -> Result<ServiceAccount, &'static str> {
        let key: Value = serde_json::from_str(text).map_err(|_| "the service account's key file is not JSON")?;
        let field = |name: &str| key[name].as_str().unwrap_or_default();
        let pem: String =
            field("private_key").lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let document = STANDARD.decode(pem).map_err(|_| "the service account's private_key is not PEM")?;
        let pair = RsaKeyPair::from_pkcs8(&document).map_err(|_| "the service account's private_key is no RSA key")?;
        let public_key = pair.public_key().as_ref().to_vec();
        Ok(ServiceAccount { email: field("client_email").to_owned(), public_key, file: file.to_owned() })
    }
}

/// Whether a scope opens the reading of groups. oauthenticator makes its name from `google_api_url`.
pub(crate) fn reads_groups(scope: &str) -> bool {
    scope.ends_with("/auth/admin.directory.group.readonly")
}

/// Answers a service account's token request.
pub(crate) fn token(call: &Call<'_>) -> Response {
    if call.method() != "POST" {
        return Response::method_not_allowed("POST");
    }
    let refuse = |why: &str| Response::json(400, &json!({"error": "invalid_grant", "error_description": why}));
    let form = call.request.form().unwrap_or_default();
    if form.get("grant_type") != Some("urn:ietf:params:oauth:grant-type:jwt-bearer") {
        return Response::json(
            400,
            &json!({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}),
        );
    }
    let Some(account) = call.state.service_account() else {
        return refuse("no service account is registered");
    };
    match checked(call, &account, form.get("assertion").unwrap_or_default()) {
        Ok(grant) => issue(call, grant),
        Err(why) => refuse(why),
    }
}

fn issue(call: &Call<'_>, grant: Grant) -> Response {
    let lifetime = call.state.options.access_token_lifetime;
    let Ok(token) = call.state.keys.random_token() else {
        return Response::empty(500);
    };
    call.state.grants().put_access(token.clone(), grant, lifetime);
    Response::json(200, &json!({"access_token": token, "expires_in": lifetime.as_secs(), "token_type": "Bearer"}))
}

/// What an assertion asks for, once its signature, times, issuer and audience are right (RFC 7523 section 3).
fn checked(call: &Call<'_>, account: &ServiceAccount, assertion: &str) -> Result<Grant, &'static str> {
    let malformed = "the assertion is not a JWT";
    let (signed, signature) = assertion.rsplit_once('.').ok_or(malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(malformed)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed);
    let read = |part: &str| serde_json::from_slice::<Value>(&decode(part)?).map_err(|_| malformed);
    let (header, claims) = (read(header)?, read(payload)?);
    if header["alg"] != "RS256" {
        return Err("the assertion is not signed with RS256");
    }
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &account.public_key)
        .verify(signed.as_bytes(), &decode(signature)?)
        .map_err(|_| "Invalid JWT Signature.")?;
    if claims["iss"] != account.email.as_str() {
        return Err("the assertion's issuer is not the service account");
    }
    if claims["aud"] != AUDIENCE && claims["aud"] != format!("{}/token", call.base()) {
        return Err("the assertion's audience is not this endpoint");
    }
    let time = |name: &str| claims[name].as_u64().unwrap_or_default();
    if time("exp") <= now() || time("iat") > now() + 60 || time("exp") > time("iat") + 3600 {
        return Err("the assertion is not of this hour");
    }
    let person = claims["sub"].as_str().and_then(person).filter(|person| person.groups.contains(&"admins"));
    let scopes: Vec<String> =
        claims["scope"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if !scopes.iter().all(|scope| reads_groups(scope)) {
        return Err("the service account may ask for the reading of groups only");
    }
    Ok(Grant {
        shape: call.shape.name,
        person: person.ok_or("the assertion's subject is no administrator of the domain")?,
        client_id: account.email.clone(),
        redirect_uri: String::new(),
        scopes,
        nonce: None,
        challenge: None,
        auth_time: now(),
        family: call.state.grants().new_family(),
    })
}
