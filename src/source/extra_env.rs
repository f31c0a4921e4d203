//! `hub.extraEnv`: variables of the hub's container, as a mapping or as Kubernetes' own list.

use crate::diagnostic::Diagnostic;
use crate::value::Value;

use super::Env;
use super::node::{Data, Node};

/// Adds the variables to the environment, in the order in which the chart writes them (a mapping's sorted by name).
pub(super) fn add(extra: &Node, env: &mut Env, diagnostics: &mut Vec<Diagnostic>) {
    match &extra.data {
        Data::List(items) => {
            for item in items {
                if let Some(name) = item.get("name").and_then(Node::text) {
                    variable(name, item, env, diagnostics);
                }
            }
        }
        Data::Map(_) => {
            let mut named: Vec<(String, &Node)> = extra.pairs().collect();
            named.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (key, node) in named {
                match node.map() {
                    Some(_) => {
                        let name = node.get("name").and_then(Node::text).unwrap_or(&key).to_owned();
                        variable(&name, node, env, diagnostics);
                    }
                    None => set(&key, node, env, diagnostics),
                }
            }
        }
        Data::Scalar(_) => {}
    }
}

/// One of Kubernetes' `EnvVar` objects.
fn variable(name: &str, node: &Node, env: &mut Env, diagnostics: &mut Vec<Diagnostic>) {
    let Some(from) = node.get("valueFrom") else {
        match node.get("value") {
            Some(value) => set(name, value, env, diagnostics),
            None => env.set(name, Value::str(""), Some(node.place())),
        }
        return;
    };
    // Given here under the same name, as with --env-file: that is it.
    if let Some(Value::Str(given)) = env.get(name).map(|variable| variable.value.clone()) {
        env.set(name, Value::Str(given), Some(node.place()));
        return;
    }
    let text = |path: [&str; 2]| from.at(path).map(|node| node.value().to_text());
    let reason = if let Some(secret) = text(["secretKeyRef", "name"]) {
        format!("kept in the Kubernetes secret `{secret}`, not here")
    } else if let Some(map) = text(["configMapKeyRef", "name"]) {
        format!("kept in the Kubernetes ConfigMap `{map}`, not here")
    } else if from.get("secretKeyRef").is_some() {
        "kept in a Kubernetes secret, not here".to_owned()
    } else {
        "filled in by Kubernetes, not here".to_owned()
    };
    env.set(name, Value::unknown(reason, Some(from.place())), Some(node.place()));
}

fn set(name: &str, node: &Node, env: &mut Env, diagnostics: &mut Vec<Diagnostic>) {
    let value = match node.value() {
        Value::Str(text) => expand(&text, env),
        unknown @ Value::Unknown(_) => unknown,
        Value::None => {
            diagnostics.push(
                Diagnostic::note("extra-env-not-text", format!("hub.extraEnv.{name} has no value"))
                    .with_span(node.place())
                    .with_setting(name)
                    .with_note("a later values file has to give it one")
                    .with_fix("give it a text, `\"\"` for an empty one"),
            );
            Value::unknown("left open in the values, to be given in another file", Some(node.place()))
        }
        other => {
            let text = match &other {
                Value::Bool(truth) => truth.to_string(),
                other => other.to_text(),
            };
            diagnostics.push(
                Diagnostic::error(
                    "extra-env-not-text",
                    format!("hub.extraEnv.{name} is of type {}, not a text", other.type_name()),
                )
                .with_span(node.place())
                .with_setting(name)
                .with_note("helm or Kubernetes refuses it: the value of a variable has to be a text")
                .with_fix("put it in quotes"),
            );
            Value::Str(text)
        }
    };
    env.set(name, value, Some(node.place()));
}

/// Kubernetes' `$(NAME)`: variables set before this one in the same container; `$$(` is a plain `$(`.
fn expand(text: &str, env: &Env) -> Value {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        if let Some(more) = after.strip_prefix('$') {
            out.push('$');
            rest = more;
        } else if let Some((name, more)) = name {
            match env.get(name).filter(|variable| variable.set_at.is_some()).map(|variable| &variable.value) {
                Some(Value::Str(value)) => out.push_str(value),
                Some(unknown) => return unknown.clone(),
                None => out.push_str(&rest[at..rest.len() - more.len()]),
            }
            rest = more;
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    Value::Str(out)
}

#[cfg(test)]
mod tests {
    use super::super::yaml::{self, Flavour};
    use super::*;

    fn read(text: &str) -> (Env, Vec<Diagnostic>) {
        let node = yaml::parse(text, &"f".into(), Flavour::Helm).unwrap().documents.remove(0);
        let (mut env, mut diagnostics) = (Env::default(), Vec::new());
        add(&node, &mut env, &mut diagnostics);
        (env, diagnostics)
    }

    fn reason(env: &Env, name: &str) -> String {
        match &env.get(name).unwrap().value {
            Value::Unknown(unknown) => unknown.reason.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mapping_and_a_list_mean_the_same() {
        for text in [
            "A: x\nS: {valueFrom: {secretKeyRef: {name: sec, key: k}}}\nB: $(A)/$(NONE) $$(A)\n",
            "- {name: A, value: x}\n- {name: S, valueFrom: {secretKeyRef: {name: sec, key: k}}}\n- {name: B, value: $(A)/$(NONE) $$(A)}\n",
        ] {
            let (env, diagnostics) = read(text);
            assert_eq!(env.text("A"), Some("x"));
            assert_eq!(env.text("B"), Some("x/$(NONE) $(A)"));
            assert_eq!(reason(&env, "S"), "kept in the Kubernetes secret `sec`, not here");
            assert!(env.get("A").unwrap().set_at.is_some());
            assert!(diagnostics.is_empty());
        }
    }

    #[test]
    fn what_kubernetes_keeps_may_be_given_here() {
        let text = "S: {valueFrom: {secretKeyRef: {name: sec, key: k}}}\n";
        let node = yaml::parse(text, &"f".into(), Flavour::Helm).unwrap().documents.remove(0);
        let mut env = Env::new([("S".to_owned(), "given".to_owned())]);
        add(&node, &mut env, &mut Vec::new());
        assert_eq!(env.text("S"), Some("given"));
    }

    #[test]
    fn what_is_no_text_is_refused_by_helm() {
        let (env, diagnostics) = read("A: 1\nB: true\n");
        assert_eq!((env.text("A"), env.text("B")), (Some("1"), Some("true")));
        assert_eq!(diagnostics.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["extra-env-not-text"; 2]);
    }
}
