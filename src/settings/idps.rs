//! `CILogonOAuthenticator.idps`: the schema of `oauthenticator/schemas/cilogon-schema.yaml`, and what upstream checks
//! beside it. The words are those of the `jsonschema` package, of whose errors upstream raises the best match.

use super::instance::{Instance, Raise};
use crate::pyurl::Split;
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
    // What `urllib.parse.urlparse` makes of a key that is no text.
    let text = match entity {
        Value::Str(text) => text.as_str(),
        Value::Unknown(_) => return Ok(()),
        other if other.truth() == Some(true) && !matches!(other, Value::Bytes(_)) => {
            let message = format!("'{}' object has no attribute 'decode'", other.type_name());
            let fix = "write each EntityID as a text, from https://cilogon.org/idplist";
            return Err(instance.raise("AttributeError", message, "idps", "idp-not-an-entity-id", fix));
        }
        _ => "",
    };
    if ["urn", "https", "http"].contains(&Split::of(text).scheme.as_str()) {
        return Ok(());
    }
    let logged = format!("Trying to allow an auth provider: {text}, that doesn't look like a valid CILogon EntityID.");
    instance.warn("idps", logged);
    let message = "The keys of `idps` **must** be CILogon permitted EntityIDs. See https://cilogon.org/idplist for the \
                   list of EntityIDs of each IDP.";
    let fix = format!("write the EntityID that https://cilogon.org/idplist has for {}", entity.to_text());
    Err(instance.raise("ValueError", message.to_owned(), "idps", "idp-not-an-entity-id", fix))
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

/// An error of the schema: where in the value, whether its part of the schema asks for another type, and the words.
struct SchemaError {
    path: Vec<(&'static str, usize)>,
    mistyped: bool,
    message: String,
}

/// `jsonschema.exceptions.best_match`: the least deep, then the last in the order of paths, then one of a wrong type; of
/// equals the first.
fn problem(idp: &Value) -> Option<String> {
    let mut errors = Vec::new();
    collect(idp, &mut errors);
    let rank = |error: &SchemaError| (std::cmp::Reverse(error.path.len()), error.path.clone(), error.mistyped);
    let best = errors.iter().map(rank).max()?;
    errors.into_iter().find(|error| rank(error) == best).map(|error| error.message)
}

fn collect(idp: &Value, errors: &mut Vec<SchemaError>) {
    let Some(fields) = object(idp, &[], errors) else { return };
    const KNOWN: [&str; 5] =
        ["allow_all", "allowed_domains", "allowed_domains_claim", "default", "username_derivation"];
    unexpected(fields, &KNOWN, &[], errors);
    required(fields, "username_derivation", &[], false, errors);
    typed(fields, "allow_all", "boolean", &[], errors);
    typed(fields, "allowed_domains", "array", &[], errors);
    if let Some(Value::List(domains)) = fields.get("allowed_domains") {
        for (index, domain) in domains.iter().enumerate() {
            of_type(domain, "string", vec![("allowed_domains", 0), ("", index)], errors);
        }
    }
    typed(fields, "allowed_domains_claim", "string", &[], errors);
    typed(fields, "default", "boolean", &[], errors);
    if let Some(derivation) = fields.get("username_derivation") {
        collect_derivation(derivation, errors);
    }
}

fn collect_derivation(derivation: &Value, errors: &mut Vec<SchemaError>) {
    const PATH: &[(&str, usize)] = &[("username_derivation", 0)];
    const ACTIONS: [&str; 2] = ["strip_idp_domain", "prefix"];
    let Some(fields) = object(derivation, PATH, errors) else { return };
    unexpected(fields, &["username_claim", "action", "domain", "prefix"], PATH, errors);
    required(fields, "username_claim", PATH, false, errors);
    typed(fields, "username_claim", "string", PATH, errors);
    typed(fields, "action", "string", PATH, errors);
    let is_allowed = |action: &&Value| action.as_str().is_some_and(|action| ACTIONS.contains(&action));
    let action = fields.get("action").filter(|action| action.find_unknown().is_none());
    if let Some(action) = action.filter(|action| !is_allowed(action)) {
        let message = format!("{} is not one of ['strip_idp_domain', 'prefix']", action.repr());
        let path = [PATH, &[("action", 0)]].concat();
        errors.push(SchemaError { path, mistyped: action.as_str().is_none(), message });
    }
    typed(fields, "domain", "string", PATH, errors);
    typed(fields, "prefix", "string", PATH, errors);
    for (action, field) in ACTIONS.into_iter().zip(["domain", "prefix"]) {
        if fields.get("action").and_then(Value::as_str) == Some(action) {
            // This part of the schema names no type, which jsonschema counts like a wrong one.
            required(fields, field, PATH, true, errors);
        }
    }
}

fn object<'a>(value: &'a Value, path: &[(&'static str, usize)], errors: &mut Vec<SchemaError>) -> Option<&'a Dict> {
    of_type(value, "object", path.to_vec(), errors);
    value.as_dict()
}

fn unexpected(fields: &Dict, known: &[&str], path: &[(&'static str, usize)], errors: &mut Vec<SchemaError>) {
    let is_known = |key: &&Value| key.as_str().is_some_and(|key| known.contains(&key));
    let extra: Vec<String> = fields.keys().filter(|key| !is_known(key)).map(Value::repr).collect();
    if !extra.is_empty() {
        let verb = if extra.len() == 1 { "was" } else { "were" };
        let message = format!("Additional properties are not allowed ({} {verb} unexpected)", extra.join(", "));
        errors.push(SchemaError { path: path.to_vec(), mistyped: false, message });
    }
}

fn required(fields: &Dict, name: &str, path: &[(&'static str, usize)], mistyped: bool, errors: &mut Vec<SchemaError>) {
    if !fields.contains(name) {
        let message = format!("{} is a required property", Value::str(name).repr());
        errors.push(SchemaError { path: path.to_vec(), mistyped, message });
    }
}

fn typed(fields: &Dict, name: &'static str, kind: &str, path: &[(&'static str, usize)], errors: &mut Vec<SchemaError>) {
    if let Some(value) = fields.get(name) {
        of_type(value, kind, [path, &[(name, 0)]].concat(), errors);
    }
}

fn of_type(value: &Value, kind: &str, path: Vec<(&'static str, usize)>, errors: &mut Vec<SchemaError>) {
    let fits = match kind {
        "boolean" => matches!(value, Value::Bool(_)),
        "array" => matches!(value, Value::List(_)),
        "object" => matches!(value, Value::Dict(_)),
        _ => matches!(value, Value::Str(_)),
    };
    if !fits && !matches!(value, Value::Unknown(_)) {
        errors.push(SchemaError { path, mistyped: true, message: format!("{} is not of type '{kind}'", value.repr()) });
    }
}
