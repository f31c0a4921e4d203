//! Assignment: to names, attributes, subscripts and patterns of them; `del`.

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged as _, TextRange};

use crate::source::ClassAttribute;

use super::containers::Items;
use super::heap::{Cell, Val};
use super::{ANY, Ev, Interpreter};

impl Interpreter<'_> {
    /// `target = value`; `place` is what a setting assigned here names as its origin.
    pub(super) fn assign(&mut self, target: &Expr, value: Val, place: TextRange) -> Ev<()> {
        match target {
            Expr::Name(name) => {
                self.bind(name.id.as_str(), value);
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value)?;
                self.set_attribute(&object, attribute.attr.as_str(), value, place)
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value)?;
                if let Expr::Slice(slice) = &*subscript.slice {
                    return self.set_slice(&object, slice, value, place);
                }
                let key = self.eval(&subscript.slice)?;
                self.set_item(&object, key, value, place)
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value, place),
            Expr::List(list) => self.unpack(&list.elts, &value, place),
            Expr::Starred(starred) => self.assign(&starred.value, value, place),
            _ => Ok(()),
        }
    }

    fn unpack(&mut self, targets: &[Expr], value: &Val, place: TextRange) -> Ev<()> {
        let items = match self.items(value, place)? {
            Items::Known(items) => items,
            Items::Unknown(why) => {
                for target in targets {
                    self.assign(target, Val::Unknown(why.clone()), place)?;
                }
                return Ok(());
            }
        };
        let star = targets.iter().position(|target| matches!(target, Expr::Starred(_)));
        let Some(star) = star else {
            if items.len() < targets.len() {
                let message = format!("not enough values to unpack (expected {}, got {})", targets.len(), items.len());
                return self.raise("ValueError", message, place);
            }
            if items.len() > targets.len() {
                let message = format!("too many values to unpack (expected {})", targets.len());
                return self.raise("ValueError", message, place);
            }
            for (target, item) in targets.iter().zip(items) {
                self.assign(target, item, place)?;
            }
            return Ok(());
        };
        let after = targets.len() - star - 1;
        if items.len() < star + after {
            let message =
                format!("not enough values to unpack (expected at least {}, got {})", star + after, items.len());
            return self.raise("ValueError", message, place);
        }
        let middle = items.len() - after;
        for (target, item) in targets[..star].iter().zip(&items[..star]) {
            self.assign(target, item.clone(), place)?;
        }
        let rest = self.new_list(items[star..middle].to_vec());
        self.assign(&targets[star], rest, place)?;
        for (target, item) in targets[star + 1..].iter().zip(&items[middle..]) {
            self.assign(target, item.clone(), place)?;
        }
        Ok(())
    }

    /// `object.name = value`.
    pub(super) fn set_attribute(&mut self, object: &Val, name: &str, value: Val, place: TextRange) -> Ev<()> {
        match object {
            Val::Obj(at) => {
                let span = self.span(place);
                match self.state.cell(*at) {
                    Cell::Config(_) => return self.set_option(*at, name, value, place),
                    Cell::Class(_) => {
                        if let Cell::Class(class) = self.state.cell_mut(*at) {
                            class.attributes.insert(Rc::from(name), (value, span));
                        }
                    }
                    Cell::Instance(..) => {
                        if let Cell::Instance(_, attributes) = self.state.cell_mut(*at) {
                            attributes.insert(Rc::from(name), value);
                        }
                    }
                    Cell::Scope(_) => self.bind_in(*at, name, value),
                    Cell::List(_) | Cell::Set(_) | Cell::Dict(_) => {
                        let kind = self.type_name(object);
                        return self.raise(
                            "AttributeError",
                            format!("'{kind}' object has no attribute '{name}'"),
                            place,
                        );
                    }
                    _ => {}
                }
                Ok(())
            }
            Val::External(path) => {
                let attribute = ClassAttribute {
                    class: patched(path).to_owned(),
                    attribute: name.to_owned(),
                    value: self.materialise(&value),
                    span: self.span(place),
                };
                self.state.version += 1;
                Rc::make_mut(&mut self.state.class_attributes).push(attribute);
                Ok(())
            }
            Val::Function(_) => {
                self.marked_functions = true;
                Ok(())
            }
            Val::Unknown(why) => {
                let why = why.clone();
                self.may_raise(ANY, &why, place);
                Ok(())
            }
            Val::None | Val::Str(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_) | Val::Tuple(_) => {
                let kind = self.type_name(object);
                let message = format!("'{kind}' object has no attribute '{name}'");
                self.raise("AttributeError", message, place)
            }
            _ => Ok(()),
        }
    }

    /// `object[key] = value`.
    pub(super) fn set_item(&mut self, object: &Val, key: Val, value: Val, place: TextRange) -> Ev<()> {
        let Val::Obj(at) = object else {
            return match object {
                Val::Environ => self.set_environment(&key, &value, place),
                Val::Unknown(why) => {
                    let why = why.clone();
                    self.may_raise(ANY, &why, place);
                    Ok(())
                }
                Val::None | Val::Str(_) | Val::Int(_) | Val::Float(_) | Val::Bool(_) | Val::Tuple(_) => {
                    let kind = self.type_name(object);
                    let message = format!("'{kind}' object does not support item assignment");
                    self.raise("TypeError", message, place)
                }
                _ => Ok(()),
            };
        };
        match self.state.cell(*at) {
            Cell::Config(_) => match &key {
                Val::Str(name) => {
                    let name = name.clone();
                    self.set_option(*at, &name, value, place)
                }
                Val::Unknown(why) => {
                    let why = why.clone();
                    self.taint_section(*at, &why);
                    Ok(())
                }
                _ => self.raise("AttributeError", "the name of a setting is text", place),
            },
            Cell::List(items) => {
                let length = items.len();
                match self.index(&key, length) {
                    Some(Some(index)) => {
                        if let Cell::List(items) = self.state.cell_mut(*at) {
                            items[index] = value;
                        }
                        Ok(())
                    }
                    Some(None) => self.raise("IndexError", "list assignment index out of range", place),
                    None => {
                        if let Some(why) = self.why(&key) {
                            self.taint(object, &why);
                            return Ok(());
                        }
                        let kind = self.type_name(&key);
                        let message = format!("list indices must be integers or slices, not {kind}");
                        self.raise("TypeError", message, place)
                    }
                }
            }
            Cell::Dict(_) => {
                let hash = self.key(&key, place)?;
                if let Cell::Dict(dict) = self.state.cell_mut(*at) {
                    match dict.get_mut(&hash) {
                        Some(slot) => slot.1 = value,
                        None => {
                            dict.insert(hash, (key, value));
                        }
                    }
                }
                Ok(())
            }
            Cell::Set(_) => self.raise("TypeError", "'set' object does not support item assignment", place),
            _ => Ok(()),
        }
    }

    fn set_slice(&mut self, object: &Val, slice: &ast::ExprSlice, value: Val, place: TextRange) -> Ev<()> {
        let bounds = self.slice_bounds(slice)?;
        let items = self.items(&value, place)?;
        let Val::Obj(at) = object else { return Ok(()) };
        let (Some((lower, upper, step)), Items::Known(new)) = (bounds, items) else {
            let why = self.why_of_parts(&[value, object.clone()], place);
            self.taint(object, &why);
            return Ok(());
        };
        if step.unwrap_or(1) != 1 {
            let why = self.why_of_parts(std::slice::from_ref(object), place);
            self.taint(object, &why);
            return Ok(());
        }
        if let Cell::List(list) = self.state.cell_mut(*at) {
            let (from, to) = super::operators::clamp(lower, upper, list.len());
            list.splice(from..to.max(from), new);
        }
        Ok(())
    }

    pub(super) fn exec_aug_assign(&mut self, statement: &ast::StmtAugAssign) -> Ev<()> {
        let place = statement.range();
        match &*statement.target {
            Expr::Name(name) => {
                let old = self.lookup(name.id.as_str(), name.range())?;
                let operand = self.eval(&statement.value)?;
                let new = self.in_place(statement.op, old, operand, place)?;
                self.bind(name.id.as_str(), new);
                Ok(())
            }
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value)?;
                let old = self.attribute(&object, attribute.attr.as_str(), attribute.range())?;
                let operand = self.eval(&statement.value)?;
                let new = self.in_place(statement.op, old, operand, place)?;
                self.set_attribute(&object, attribute.attr.as_str(), new, place)
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value)?;
                let key = self.eval(&subscript.slice)?;
                let old = self.item(&object, &key, subscript.range())?;
                let operand = self.eval(&statement.value)?;
                let new = self.in_place(statement.op, old, operand, place)?;
                self.set_item(&object, key, new, place)
            }
            _ => Ok(()),
        }
    }

    /// `old op= operand`: lists, sets and dictionaries change in place.
    fn in_place(&mut self, op: ast::Operator, old: Val, operand: Val, place: TextRange) -> Ev {
        use ast::Operator as Op;
        let Some(cell) = self.cell_of(&old) else { return self.binary(op, &old, &operand, place) };
        let method = match (cell, op) {
            (Cell::List(_), Op::Add) => "extend",
            (Cell::Set(_) | Cell::Dict(_), Op::BitOr) => "update",
            (Cell::Set(_), Op::Sub) => "difference_update",
            (Cell::Set(_), Op::BitAnd) => "intersection_update",
            _ => return self.binary(op, &old, &operand, place),
        };
        let wants_set = matches!(cell, Cell::Set(_));
        let is_set = matches!(self.cell_of(&operand), Some(Cell::Set(_) | Cell::Unknown(_))) || operand.is_unknown();
        if wants_set && !is_set {
            let kind = self.type_name(&operand);
            let message = format!("unsupported operand type(s) for {}=: 'set' and '{kind}'", op.as_str());
            return self.raise("TypeError", message, place);
        }
        self.call_method(&old, method, vec![operand], Vec::new(), place)?;
        Ok(old)
    }

    pub(super) fn delete(&mut self, target: &Expr) -> Ev<()> {
        match target {
            Expr::Name(name) => self.unbind(name.id.as_str(), name.range()),
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value)?;
                self.delete_name(&object, attribute.attr.as_str(), target.range())
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value)?;
                if let Expr::Slice(slice) = &*subscript.slice {
                    let empty = self.new_list(Vec::new());
                    return self.set_slice(&object, slice, empty, target.range());
                }
                let key = self.eval(&subscript.slice)?;
                self.delete_item(&object, &key, target.range())
            }
            Expr::Tuple(tuple) => tuple.elts.iter().try_for_each(|target| self.delete(target)),
            Expr::List(list) => list.elts.iter().try_for_each(|target| self.delete(target)),
            _ => Ok(()),
        }
    }

    fn delete_name(&mut self, object: &Val, name: &str, place: TextRange) -> Ev<()> {
        let Val::Obj(at) = object else { return Ok(()) };
        let gone = match self.state.cell_mut(*at) {
            Cell::Config(section) => section.slots.shift_remove(name).is_some(),
            Cell::Instance(_, attributes) => attributes.shift_remove(name).is_some(),
            Cell::Class(class) => class.attributes.shift_remove(name).is_some(),
            _ => true,
        };
        if gone { Ok(()) } else { self.raise("AttributeError", name, place) }
    }

    fn delete_item(&mut self, object: &Val, key: &Val, place: TextRange) -> Ev<()> {
        if let Val::Environ = object {
            return self.unset_environment(key, place);
        }
        let Val::Obj(at) = object else { return Ok(()) };
        match self.state.cell(*at) {
            Cell::Config(_) => {
                let Val::Str(name) = key else { return Ok(()) };
                let gone = match self.state.cell_mut(*at) {
                    Cell::Config(section) => section.slots.shift_remove(&**name).is_some(),
                    _ => true,
                };
                if gone { Ok(()) } else { self.raise("KeyError", format!("'{name}'"), place) }
            }
            Cell::Dict(_) | Cell::List(_) => {
                self.call_method(object, "pop", vec![key.clone()], Vec::new(), place).map(|_| ())
            }
            _ => Ok(()),
        }
    }
}

/// What is patched: a class by its bare name, a module by its whole path.
fn patched(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    if last.starts_with(|first: char| first.is_ascii_uppercase()) { last } else { path }
}
