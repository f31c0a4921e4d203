//! `CILogonOAuthenticator.idps`: the schema of `oauthenticator/schemas/cilogon-schema.yaml`, and what upstream checks
//! beside it. The words are those of the `jsonschema` package, of whose errors upstream raises the best match.

use super::instance::{Instance, Raise};
use crate::value::{Dict, Value};

/// `CILogonOAuthenticator._validate_idps`.
pub(super) fn validate(instance: &mut Instance<'_>, value: Value) -> Result<Value, Raise> {
    let Value::Dict(idps) = &value else { return Ok(value) };
    if idps.is_empty() {
        return Err(instance.raise(
            "ValueError",
            "One or more idps must be configured".into(),
            "idps",
            "no-idps",
            "add an identity provider, by its EntityID from https://cilogon.org/idplist",
        ));
    }
    let mut validated = Dict::new();
    for (entity, idp) in idps.iter() {
        let checked = match problem(idp) {
            Some(message) => {
                let fix = format!("correct idps[{}]", entity.repr());
                Err(instance.raise("ValidationError", message, "idps", "bad-idp", fix))
            }
            None => entity_id(instance, entity),
        };
        checked?;
        let _ = validated.insert_value(entity.clone(), with_lower_domains(idp));
    }
    Ok(Value::Dict(validated))
}

fn entity_id(instance: &mut Instance<'_>, entity: &Value) -> Result<(), Raise> {
    let text = entity.to_text();
    if ["urn", "https", "http"].contains(&scheme(&text).as_str()) {
        return Ok(());
    }
    let message = "The keys of `idps` **must** be CILogon permitted EntityIDs. See https://cilogon.org/idplist for the \
                   list of EntityIDs of each IDP.";
    let fix = format!("write the EntityID that https://cilogon.org/idplist has for {text}");
    Err(instance.raise("ValueError", message.to_owned(), "idps", "idp-not-an-entity-id", fix))
}

/// `urllib.parse.urlparse(text).scheme`.
fn scheme(text: &str) -> String {
    let Some((scheme, _)) = text.split_once(':') else { return String::new() };
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if valid { scheme.to_lowercase() } else { String::new() }
}

fn with_lower_domains(idp: &Value) -> Value {
    let Value::Dict(idp) = idp else { return idp.clone() };
    let domains = idp.get("allowed_domains").and_then(Value::iterate).unwrap_or_default();
    let lower = |domain: Value| match domain {
        Value::Str(domain) => Value::Str(domain.to_lowercase()),
        other => other,
    };
    let mut idp = idp.clone();
    idp.insert("allowed_domains", Value::List(domains.into_iter().map(lower).collect()));
    Value::Dict(idp)
}

/// The best match among the schema's errors: of the least deep, the first as upstream goes through the schema.
fn problem(idp: &Value) -> Option<String> {
    let Value::Dict(fields) = idp else { return Some(not_of_type(idp, "object")) };
    const KNOWN: [&str; 5] =
        ["allow_all", "allowed_domains", "allowed_domains_claim", "default", "username_derivation"];
    unexpected(fields, &KNOWN)
        .or_else(|| required(fields, "username_derivation"))
        .or_else(|| typed(fields, "allow_all", "boolean"))
        .or_else(|| typed(fields, "allowed_domains", "array"))
        .or_else(|| typed(fields, "allowed_domains_claim", "string"))
        .or_else(|| typed(fields, "default", "boolean"))
        .or_else(|| typed(fields, "username_derivation", "object"))
        .or_else(|| derivation(fields.get("username_derivation")?.as_dict()?))
        .or_else(|| {
            let domains = fields.get("allowed_domains")?.iterate()?;
            domains.iter().find(|domain| domain.as_str().is_none()).map(|domain| not_of_type(domain, "string"))
        })
}

fn derivation(fields: &Dict) -> Option<String> {
    const KNOWN: [&str; 4] = ["username_claim", "action", "domain", "prefix"];
    let action = fields.get("action");
    let needs = |named: &str, field: &str| {
        if action == Some(&Value::str(named)) { required(fields, field) } else { None }
    };
    unexpected(fields, &KNOWN)
        .or_else(|| required(fields, "username_claim"))
        .or_else(|| needs("strip_idp_domain", "domain"))
        .or_else(|| needs("prefix", "prefix"))
        .or_else(|| typed(fields, "username_claim", "string"))
        .or_else(|| typed(fields, "action", "string"))
        .or_else(|| {
            let action = action?;
            let allowed = action.as_str().is_some_and(|action| ["strip_idp_domain", "prefix"].contains(&action));
            (!allowed).then(|| format!("{} is not one of ['strip_idp_domain', 'prefix']", action.repr()))
        })
        .or_else(|| typed(fields, "domain", "string"))
        .or_else(|| typed(fields, "prefix", "string"))
}

fn unexpected(fields: &Dict, known: &[&str]) -> Option<String> {
    let extra: Vec<String> =
        fields.keys().filter(|key| !key.as_str().is_some_and(|key| known.contains(&key))).map(Value::repr).collect();
    let verb = if extra.len() == 1 { "was" } else { "were" };
    (!extra.is_empty())
        .then(|| format!("Additional properties are not allowed ({} {verb} unexpected)", extra.join(", ")))
}

fn required(fields: &Dict, name: &str) -> Option<String> {
    (!fields.contains(name)).then(|| format!("{} is a required property", Value::str(name).repr()))
}

fn typed(fields: &Dict, name: &str, kind: &str) -> Option<String> {
    let value = fields.get(name)?;
    let fits = match kind {
        "boolean" => matches!(value, Value::Bool(_)),
        "array" => matches!(value, Value::List(_)),
        "object" => matches!(value, Value::Dict(_)),
        _ => matches!(value, Value::Str(_)),
    };
    (!fits && value.find_unknown().is_none()).then(|| not_of_type(value, kind))
}

fn not_of_type(value: &Value, kind: &str) -> String {
    format!("{} is not of type '{kind}'", value.repr())
}
