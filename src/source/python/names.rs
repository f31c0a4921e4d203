//! Names: where they are looked up and bound.

use std::rc::Rc;

use ruff_text_size::TextRange;

use super::heap::{Cell, Ref, Val};
use super::{ANY, Ev, Interpreter, builtins};

impl Interpreter<'_> {
    pub(super) fn bind_in(&mut self, scope: Ref, name: &str, value: Val) {
        if let Cell::Scope(scope) = self.state.cell_mut(scope) {
            scope.names.insert(Rc::from(name), value);
        }
    }

    pub(super) fn bind(&mut self, name: &str, value: Val) {
        let frame = self.frame();
        let scope = frame.elsewhere.get(name).copied().unwrap_or(frame.scope);
        self.bind_in(scope, name, value);
    }

    pub(super) fn unbind(&mut self, name: &str, range: TextRange) -> Ev<()> {
        let frame = self.frame();
        let scope = frame.elsewhere.get(name).copied().unwrap_or(frame.scope);
        let removed = match self.state.cell_mut(scope) {
            Cell::Scope(scope) => scope.names.shift_remove(name),
            _ => None,
        };
        if removed.is_none() {
            return self.raise("NameError", format!("name '{name}' is not defined"), range);
        }
        Ok(())
    }

    pub(super) fn name_in(&self, scope: Ref, name: &str) -> Option<Val> {
        match self.state.cell(scope) {
            Cell::Scope(scope) => scope.names.get(name).cloned(),
            _ => None,
        }
    }

    /// `name`, as Python looks it up: the scopes around, the module, the built-ins.
    pub(super) fn lookup(&mut self, name: &str, range: TextRange) -> Ev {
        let globals = self.frame().globals;
        let mut scope = Some(self.frame().scope);
        while let Some(at) = scope {
            let Cell::Scope(cell) = self.state.cell(at) else { break };
            if let Some(value) = cell.names.get(name) {
                return Ok(value.clone());
            }
            scope = cell.parent;
        }
        if let Some(value) = self.name_in(globals, name) {
            return Ok(value);
        }
        let open = match self.state.cell(globals) {
            Cell::Scope(scope) => scope.open.clone(),
            _ => None,
        };
        if let Some(value) = builtins::lookup(name) {
            return Ok(value);
        }
        if let Some(why) = open {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        self.raise("NameError", format!("name '{name}' is not defined"), range)
    }
}
