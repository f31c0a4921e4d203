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

/// A mistake as `jsonschema` sees it.
struct Mistake {
    /// Where in the value it is.
    path: Vec<Step>,
    message: String,
    /// Whether the value is of the type that the same part of the schema wants.
    right_type: bool,
}

/// A step into a value, ordered as Python orders what is compared here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Item(usize),
    Key(&'static str),
}

/// `jsonschema.exceptions.best_match`: the least deep; among these the one whose path comes last; of one path rather one
/// of the wrong type; of equals the first as the schema is gone through.
fn problem(idp: &Value) -> Option<String> {
    let mut mistakes = Vec::new();
    provider(idp, &mut mistakes);
    let rank = |mistake: &Mistake| (std::cmp::Reverse(mistake.path.len()), mistake.path.clone(), !mistake.right_type);
    let best = mistakes.into_iter().reduce(|best, next| if rank(&next) > rank(&best) { next } else { best });
    best.map(|mistake| mistake.message)
}

/// The schema, in its own order.
fn provider(idp: &Value, mistakes: &mut Vec<Mistake>) {
    const KNOWN: [(&str, &str); 5] = [
        ("allow_all", "boolean"),
        ("allowed_domains", "array"),
        ("allowed_domains_claim", "string"),
        ("default", "boolean"),
        ("username_derivation", "object"),
    ];
    let Some(fields) = object(idp, &[], &KNOWN, "username_derivation", mistakes) else { return };
    for (name, kind) in KNOWN {
        let Some(value) = fields.get(name) else { continue };
        match name {
            "username_derivation" => derivation(value, mistakes),
            _ => typed(value, kind, vec![Step::Key(name)], mistakes),
        }
        if let ("allowed_domains", Value::List(domains)) = (name, value) {
            for (at, domain) in domains.iter().enumerate() {
                typed(domain, "string", vec![Step::Key(name), Step::Item(at)], mistakes);
            }
        }
    }
}

fn derivation(value: &Value, mistakes: &mut Vec<Mistake>) {
    const KNOWN: [(&str, &str); 4] =
        [("username_claim", "string"), ("action", "string"), ("domain", "string"), ("prefix", "string")];
    let path = [Step::Key("username_derivation")];
    let Some(fields) = object(value, &path, &KNOWN, "username_claim", mistakes) else { return };
    for (name, kind) in KNOWN {
        let Some(value) = fields.get(name) else { continue };
        let path = vec![path[0].clone(), Step::Key(name)];
        typed(value, kind, path.clone(), mistakes);
        let listed = value.as_str().is_some_and(|action| ["strip_idp_domain", "prefix"].contains(&action));
        if name == "action" && !listed && value.find_unknown().is_none() {
            let message = format!("{} is not one of ['strip_idp_domain', 'prefix']", value.repr());
            mistakes.push(Mistake { path, message, right_type: value.as_str().is_some() });
        }
    }
    for (action, needed) in [("strip_idp_domain", "domain"), ("prefix", "prefix")] {
        if fields.get("action") == Some(&Value::str(action)) && !fields.contains(needed) {
            // This part of the schema names no type.
            mistakes.push(Mistake { path: path.to_vec(), message: required(needed), right_type: false });
        }
    }
}

/// `type: object`, `additionalProperties: false` and `required` of one part of the schema; the fields, where it is one.
fn object<'a>(
    value: &'a Value,
    path: &[Step],
    known: &[(&str, &str)],
    needed: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<&'a Dict> {
    typed(value, "object", path.to_vec(), mistakes);
    let fields = value.as_dict()?;
    let is_known = |key: &&Value| key.as_str().is_some_and(|key| known.iter().any(|(name, _)| *name == key));
    let mut extra: Vec<&Value> = fields.keys().filter(|key| !is_known(key) && key.find_unknown().is_none()).collect();
    extra.sort_by_key(|key| key.to_text());
    let mut add = |message| mistakes.push(Mistake { path: path.to_vec(), message, right_type: true });
    if !extra.is_empty() {
        let verb = if extra.len() == 1 { "was" } else { "were" };
        let names: Vec<String> = extra.into_iter().map(Value::repr).collect();
        add(format!("Additional properties are not allowed ({} {verb} unexpected)", names.join(", ")));
    }
    if !fields.contains(needed) {
        add(required(needed));
    }
    Some(fields)
}

fn required(name: &str) -> String {
    format!("{} is a required property", Value::str(name).repr())
}

fn typed(value: &Value, kind: &str, path: Vec<Step>, mistakes: &mut Vec<Mistake>) {
    let fits = match kind {
        "boolean" => matches!(value, Value::Bool(_)),
        "array" => matches!(value, Value::List(_)),
        "object" => matches!(value, Value::Dict(_)),
        _ => matches!(value, Value::Str(_)),
    };
    if !fits && value.find_unknown().is_none() {
        mistakes.push(Mistake {
            path,
            message: format!("{} is not of type '{kind}'", value.repr()),
            right_type: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected: the message that jsonschema 4.26 raises for the same value.
    #[test]
    fn the_best_match_is_that_of_jsonschema() {
        let told = |text: &str| problem(&crate::json::parse(text).unwrap()).unwrap_or_default();
        for (idp, message) in [
            ("5", "5 is not of type 'object'"),
            ("{}", "'username_derivation' is a required property"),
            (r#"{"odd": 1, "even": 2}"#, "Additional properties are not allowed ('even', 'odd' were unexpected)"),
            (r#"{"default": 5, "username_derivation": {}}"#, "'username_claim' is a required property"),
            (r#"{"username_derivation": {"action": "strip_idp_domain"}}"#, "'domain' is a required property"),
            (
                r#"{"username_derivation": {"username_claim": "x", "action": "y", "prefix": 5}}"#,
                "5 is not of type 'string'",
            ),
            (
                r#"{"username_derivation": {"username_claim": "x", "action": "y"}}"#,
                "'y' is not one of ['strip_idp_domain', 'prefix']",
            ),
            (r#"{"username_derivation": {"username_claim": "x"}, "allow_all": true}"#, ""),
        ] {
            assert_eq!(told(idp), message, "{idp}");
        }
    }
}
