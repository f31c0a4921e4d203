//! Methods of `set`.

use std::rc::Rc;

use ruff_text_size::TextRange;

use crate::value::Unknown;

use super::containers::is_unknown_key;
use super::containers::{Items, has_unknown_key};
use super::heap::{Cell, Ref, Val};
use super::{Ev, Interpreter};
use indexmap::IndexMap;

impl Interpreter<'_> {
    pub(super) fn call_set(&mut self, at: Ref, name: &str, args: Vec<Val>, range: TextRange) -> Ev {
        let me = Val::Obj(at);
        let Cell::Set(own) = self.state.cell(at) else { return Ok(Val::None) };
        match (name, args.as_slice()) {
            ("add", [item]) => {
                let key = self.key(item, range)?;
                if let Cell::Set(set) = self.state.cell_mut(at) {
                    set.entry(key).or_insert_with(|| item.clone());
                }
                return Ok(Val::None);
            }
            ("discard" | "remove", [item]) => {
                let key = self.key(item, range)?;
                let unsure = is_unknown_key(&key) || has_unknown_key(own);
                let found = own.contains_key(&key);
                if unsure && !own.is_empty() && (!found || has_unknown_key(own)) {
                    let why = self.why_of_parts(&[item.clone(), me.clone()], range);
                    self.taint(&me, &why);
                    self.may_raise("KeyError", &why, range);
                    return Ok(Val::None);
                }
                if !found && name == "remove" {
                    let shown = self.repr(item).unwrap_or_default();
                    return self.raise("KeyError", shown, range);
                }
                if let Cell::Set(set) = self.state.cell_mut(at) {
                    set.shift_remove(&key);
                }
                return Ok(Val::None);
            }
            ("pop", []) => {
                if own.is_empty() {
                    return self.raise("KeyError", "'pop from an empty set'", range);
                }
                if own.len() > 1 {
                    let why = Rc::new(Unknown {
                        reason: "set.pop takes any one of several items".to_owned(),
                        span: Some(self.span(range)),
                    });
                    self.taint(&me, &why);
                    return Ok(Val::Unknown(why));
                }
                if let Cell::Set(set) = self.state.cell_mut(at) {
                    return Ok(set.pop().map_or(Val::None, |(_, item)| item));
                }
                return Ok(Val::None);
            }
            ("clear", []) => {
                if let Cell::Set(set) = self.state.cell_mut(at) {
                    set.clear();
                }
                return Ok(Val::None);
            }
            ("copy", []) => {
                let copy = Cell::Set(own.clone());
                return Ok(Val::Obj(self.state.new_cell(copy)));
            }
            _ => {}
        }
        if !super::methods::SET.contains(&name) {
            return self.bad_call("set", name, range);
        }
        let mut result = own.clone();
        let mut verdict = None;
        for other in &args {
            let items = match self.items(other, range)? {
                Items::Known(items) => items,
                Items::Unknown(why) => {
                    if name.ends_with("update") {
                        self.taint(&me, &why);
                        return Ok(Val::None);
                    }
                    return Ok(Val::Unknown(why));
                }
            };
            let mut set = IndexMap::new();
            for item in items {
                let key = self.key(&item, range)?;
                set.entry(key).or_insert(item);
            }
            let adds = matches!(name, "update" | "union");
            if !adds && (has_unknown_key(&result) || has_unknown_key(&set)) {
                let why = self.why_of_parts(&[me.clone(), other.clone()], range);
                if name.ends_with("update") {
                    self.taint(&me, &why);
                    return Ok(Val::None);
                }
                return Ok(Val::Unknown(why));
            }
            match name {
                "update" | "union" => {
                    for (key, item) in set {
                        result.entry(key).or_insert(item);
                    }
                }
                "intersection" | "intersection_update" => result.retain(|key, _| set.contains_key(key)),
                "difference" | "difference_update" => result.retain(|key, _| !set.contains_key(key)),
                "symmetric_difference" | "symmetric_difference_update" => {
                    let old = result.clone();
                    result.retain(|key, _| !set.contains_key(key));
                    result.extend(set.into_iter().filter(|(key, _)| !old.contains_key(key)));
                }
                "issubset" => verdict = Some(result.keys().all(|key| set.contains_key(key))),
                "issuperset" => verdict = Some(set.keys().all(|key| result.contains_key(key))),
                _ => verdict = Some(!set.keys().any(|key| result.contains_key(key))),
            }
        }
        if let Some(verdict) = verdict {
            return Ok(Val::Bool(verdict));
        }
        if name.ends_with("update") {
            *self.state.cell_mut(at) = Cell::Set(result);
            return Ok(Val::None);
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Set(result))))
    }
}
