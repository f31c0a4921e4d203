//! `os.environ` as the hub would see it, and what the file changes in it.

use std::rc::Rc;

use ruff_text_size::TextRange;

use crate::diagnostic::Diagnostic;
use crate::value::{Unknown, Value};

use super::heap::Val;
use super::{Ev, Interpreter};

impl Interpreter<'_> {
    /// `os.environ[name]`. A name that is not set here may well be on the hub's machine.
    pub(super) fn environment_item(&mut self, key: &Val, range: TextRange) -> Ev {
        let name = match key {
            Val::Str(name) => name.clone(),
            Val::Unknown(why) => {
                let why = why.clone();
                self.may_raise("KeyError", &why, range);
                return Ok(Val::Unknown(why));
            }
            other => {
                let kind = self.type_name(other);
                return self.raise("TypeError", format!("str expected, not {kind}"), range);
            }
        };
        if let Some(variable) = self.state.env.get(&name) {
            let value = variable.value.clone();
            return Ok(self.import_value(&value));
        }
        let span = self.span(range);
        if !self.trusting && self.is_caught("KeyError") {
            self.missing_variable = Some(span);
            return self.raise("KeyError", format!("'{name}'"), range);
        }
        self.diagnose(
            Diagnostic::warning(
                "environment-variable-missing",
                format!("the hub won't start unless the environment variable {name} is set; it isn't here"),
            )
            .with_span(span.clone())
            .with_setting(name.to_string())
            .with_fix(format!("set {name}, or give the hub's environment with --env-file")),
        );
        let why = Rc::new(Unknown { reason: format!("environment variable {name} is not set here"), span: Some(span) });
        self.may_raise("KeyError", &why, range);
        Ok(Val::Unknown(why))
    }

    /// `os.environ[name] = value`.
    pub(super) fn set_environment(&mut self, key: &Val, value: &Val, place: TextRange) -> Ev<()> {
        let Val::Str(name) = key else {
            return match self.why(key) {
                Some(_) => Ok(()),
                None => {
                    let kind = self.type_name(key);
                    self.raise("TypeError", format!("str expected, not {kind}"), place)
                }
            };
        };
        let value = match value {
            Val::Str(text) => Value::Str(text.to_string()),
            other => match self.why(other) {
                Some(why) => Value::Unknown((*why).clone()),
                None => {
                    let kind = self.type_name(other);
                    return self.raise("TypeError", format!("str expected, not {kind}"), place);
                }
            },
        };
        let span = self.span(place);
        self.state.env_mut().set(&**name, value, Some(span));
        Ok(())
    }

    pub(super) fn unset_environment(&mut self, key: &Val, place: TextRange) -> Ev<()> {
        let Val::Str(name) = key else { return Ok(()) };
        if self.state.env.get(name).is_none() {
            self.raise_if_caught("KeyError", format!("'{name}'"), place)?;
            return Ok(());
        }
        self.state.env_mut().remove(name);
        Ok(())
    }

    fn environment_get(&mut self, key: &Val, default: Val, range: TextRange) -> Val {
        match key {
            Val::Str(name) => match self.state.env.get(name) {
                Some(variable) => {
                    let value = variable.value.clone();
                    self.import_value(&value)
                }
                None => {
                    self.defaulted.push((name.to_string(), self.span(range)));
                    if matches!(default, Val::None) {
                        self.absent.push((name.to_string(), self.span(range)));
                    }
                    default
                }
            },
            Val::Unknown(why) => Val::Unknown(why.clone()),
            _ => default,
        }
    }

    /// `os.getenv` and the methods of `os.environ`.
    pub(super) fn call_environ(
        &mut self,
        method: &str,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        range: TextRange,
    ) -> Ev {
        let named = |name: &str| keywords.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.clone());
        let key = args.first().cloned().or_else(|| named("key"));
        let default = args.get(1).cloned().or_else(|| named("default"));
        match (method, key) {
            ("get" | "getenv", Some(key)) => Ok(self.environment_get(&key, default.unwrap_or(Val::None), range)),
            ("setdefault", Some(Val::Str(name))) => {
                if self.state.env.get(&name).is_none() {
                    let value = default.unwrap_or(Val::None);
                    self.set_environment(&Val::Str(name.clone()), &value, range)?;
                }
                Ok(self.environment_get(&Val::Str(name), Val::None, range))
            }
            ("pop", Some(Val::Str(name))) => {
                if let Some(variable) = self.state.env.get(&name) {
                    let value = variable.value.clone();
                    self.state.env_mut().remove(&name);
                    return Ok(self.import_value(&value));
                }
                match default {
                    Some(default) => Ok(default),
                    None => self.environment_item(&Val::Str(name), range),
                }
            }
            ("update", other) => {
                let mut pairs = Vec::new();
                if let Some(other) = other {
                    match self.update_pairs(&other, range)? {
                        Ok(more) => pairs.extend(more),
                        Err(_) => return Ok(Val::None),
                    }
                }
                pairs.extend(keywords.iter().map(|(name, value)| (Val::Str(name.clone()), value.clone())));
                for (name, value) in pairs {
                    self.set_environment(&name, &value, range)?;
                }
                Ok(Val::None)
            }
            ("__contains__", Some(Val::Str(name))) => match self.state.env.has(&name) {
                Some(set) => Ok(Val::Bool(set)),
                None => Ok(self.unknown("it depends on the environment", range)),
            },
            ("__getitem__", Some(key)) => self.environment_item(&key, range),
            ("keys" | "values" | "items" | "copy", _) => self.dict_view(&Val::Environ, method, range),
            _ => Ok(self.unknown(format!("os.environ.{method} is not followed here"), range)),
        }
    }
}
