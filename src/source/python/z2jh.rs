//! The chart's own helpers (`z2jh.py` in the hub's image): `get_config('a.b', default)` and its kin.

use ruff_text_size::TextRange;

use crate::value::Value;

use super::heap::Val;
use super::{Ev, Interpreter};

impl Interpreter<'_> {
    /// The names that the chart's `jupyterhub_config.py` has before the snippets run in it.
    pub(super) fn inject_z2jh(&mut self) {
        let globals = self.globals;
        for name in ["get_config", "set_config_if_not_none", "get_name", "get_name_env", "get_secret_value"] {
            self.bind_in(globals, name, Val::native(&format!("z2jh.{name}")));
        }
        for name in ["os", "re", "sys", "glob"] {
            self.bind_in(globals, name, Val::Module(name.into()));
        }
        self.bind_in(globals, "url_path_join", Val::native("jupyterhub.utils.url_path_join"));
        self.bind_in(globals, "AsyncHTTPClient", Val::External("tornado.httpclient.AsyncHTTPClient".into()));
        self.bind_in(globals, "client", Val::External("kubernetes_asyncio.client".into()));
    }

    pub(super) fn call_z2jh(&mut self, name: &str, args: &[Val], range: TextRange) -> Ev {
        match (name, args) {
            ("get_config", [Val::Str(key), rest @ ..]) => {
                let key = key.clone();
                let default = rest.first().cloned().unwrap_or(Val::None);
                Ok(self.chart_value(&key, default, range))
            }
            ("get_config" | "set_config_if_not_none", []) => {
                let message = format!("{name}() missing 1 required positional argument: 'key'");
                self.raise("TypeError", message, range)
            }
            ("set_config_if_not_none", [section, Val::Str(option), Val::Str(key)]) => {
                let (section, option, key) = (section.clone(), option.clone(), key.clone());
                let value = self.chart_value(&key, Val::None, range);
                if !matches!(value, Val::None) {
                    self.set_attribute(&section, &option, value, range)?;
                }
                Ok(Val::None)
            }
            _ => Ok(self.unknown(format!("{name} of the chart is known only in the cluster"), range)),
        }
    }

    /// `get_config(key, default)`: the values along the dotted path.
    fn chart_value(&mut self, key: &str, default: Val, range: TextRange) -> Val {
        let Some(values) = self.z2jh.clone() else {
            return self.unknown(format!("the chart's values, with {key}, are not here"), range);
        };
        let mut value = &values;
        for level in key.split('.') {
            match value {
                Value::Dict(dict) => match dict.get(level) {
                    Some(below) => value = below,
                    None => return default,
                },
                Value::Unknown(_) => break,
                _ => return default,
            }
        }
        let value = value.clone();
        self.import_value(&value)
    }
}
