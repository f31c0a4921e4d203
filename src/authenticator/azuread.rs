//! Azure AD, also called Entra ID (`oauthenticator/azuread.py`): the user is what the id_token says.

use super::python;
use super::{Authenticator, BadEnd, Context, Explanation};
use crate::failure::{Raised, Stage};
use crate::jwt;
use crate::value::Value;

/// `oauthenticator.azuread.AzureAdOAuthenticator`.
pub struct AzureAdOAuthenticator;

impl Authenticator for AzureAdOAuthenticator {
    fn class(&self) -> &'static str {
        "AzureAdOAuthenticator"
    }

    /// Upstream names the audience, but PyJWT looks at no claim once it is told not to verify the signature.
    fn token_to_user(&self, cx: &Context<'_>, token_info: &Value) -> Result<Value, Raised> {
        let id_token = python::index(token_info, "id_token")?;
        cx.settings.str("client_id")?;
        jwt::decode(id_token, jwt::Verify::default()).map_err(|error| Raised::exception("DecodeError", error))
    }

    fn explain(&self, cx: &Context<'_>, end: &BadEnd<'_>) -> Option<Explanation> {
        match (end.stage, end.raised?) {
            (Stage::Userdata, Raised::Exception { class: "KeyError", message }) if message == "'id_token'" => {
                Some(Explanation::of(
                    "scope",
                    "no-id-token",
                    "Azure sent no id_token, from which the hub takes the user",
                    format!("set `{} = [\"openid\", \"profile\", \"email\"]`", cx.settings.name_of("scope")),
                ))
            }
            (Stage::Userdata, Raised::Exception { class: "DecodeError", message }) => Some(Explanation {
                code: "id-token-invalid",
                message: format!("the id_token cannot be read: {message}"),
                option: Some("token_url"),
                fix: format!("check that {} is Azure's token endpoint", cx.settings.name_of("token_url")),
            }),
            (Stage::Username, Raised::Exception { class: "ValueError", .. }) => no_claim(cx),
            _ => None,
        }
    }
}

/// Names that Azure leaves out unless the application asks for them.
fn no_claim(cx: &Context<'_>) -> Option<Explanation> {
    let claim = cx.settings.value("username_claim").ok()?.as_str()?.to_owned();
    let setting = cx.settings.name_of("username_claim");
    let optional = ["upn", "email", "family_name", "given_name"].contains(&claim.as_str());
    if !optional {
        return None;
    }
    Some(Explanation::of(
        "username_claim",
        "claim-missing",
        format!("Azure's id_token has no `{claim}`: it is an optional claim, which guests often have none of"),
        format!(
            "add `{claim}` to the application's id_token (App registrations > Token configuration), \
             or set {setting} to a claim that is there, such as `preferred_username` or `unique_name`"
        ),
    ))
}
