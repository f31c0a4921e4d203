//! `c`: traitlets' `Config` and `LazyConfigValue` (`traitlets/config/loader.py`).

use std::rc::Rc;

use indexmap::IndexMap;
use ruff_text_size::TextRange;

use crate::diagnostic::Diagnostic;
use crate::source::Shadowed;
use crate::source::config::is_section_name;
use crate::span::Origin;
use crate::value::Unknown;

use super::containers::Items;
use super::heap::{Cell, LazyCell, Ref, Section, Slot, Val};
use super::{Ev, Interpreter};

impl Interpreter<'_> {
    /// `config.name`, `config['name']`: made where it is not there, as `Config.__getitem__` does.
    pub(super) fn option(&mut self, at: Ref, name: &str, range: TextRange) -> Ev {
        if let Cell::Config(section) = self.state.cell(at)
            && let Some(slot) = section.slots.get(name)
        {
            return Ok(slot.value.clone());
        }
        let cell = if is_section_name(name) {
            Cell::Config(Section::named(name))
        } else if name.starts_with('_') {
            return self.raise("AttributeError", name, range);
        } else {
            Cell::Lazy(LazyCell::default())
        };
        let value = Val::Obj(self.state.new_cell(cell));
        let span = self.place(range);
        if let Cell::Config(section) = self.state.cell_mut(at) {
            let slot = Slot { value: value.clone(), span: Some(span), shadowed: Vec::new() };
            section.slots.insert(name.to_owned(), slot);
        }
        Ok(value)
    }

    /// Where a setting that is not plainly assigned takes its place: the statement.
    fn place(&self, range: TextRange) -> crate::span::Span {
        self.frame().statement.clone().unwrap_or_else(|| self.span(range))
    }

    /// `config.name = value` (`Config.__setitem__`).
    pub(super) fn set_option(&mut self, at: Ref, name: &str, value: Val, place: TextRange) -> Ev<()> {
        if is_section_name(name) {
            if let Some(why) = self.why(&value) {
                self.may_raise("ValueError", &why, place);
                let section = self.option(at, name, place)?;
                if let Val::Obj(section) = section {
                    self.taint_section(section, &why);
                }
                return Ok(());
            }
            if !matches!(self.cell_of(&value), Some(Cell::Config(_))) {
                let shown = self.repr(&value).unwrap_or_else(|| "…".to_owned());
                let message = format!(
                    "values whose keys begin with an uppercase char must be Config instances: '{name}', {shown}"
                );
                return self.raise("ValueError", message, place);
            }
        }
        let span = self.span(place);
        self.put(at, name, value, span);
        Ok(())
    }

    /// Puts a value into a section and remembers what stood there.
    pub(super) fn put(&mut self, at: Ref, name: &str, value: Val, span: crate::span::Span) {
        let mut shadowed = Vec::new();
        if let Cell::Config(section) = self.state.cell(at)
            && let Some(old) = section.slots.get(name)
        {
            let is_default = matches!(self.cell_of(&old.value), Some(Cell::Lazy(lazy)) if lazy.is_empty());
            let is_section = matches!(self.cell_of(&old.value), Some(Cell::Config(_)));
            if !is_default && !is_section {
                let plain = !matches!(self.cell_of(&old.value), Some(Cell::Lazy(_)));
                shadowed.push(Shadowed {
                    name: format!("{}.{name}", section.name),
                    value: plain.then(|| self.materialise(&old.value)),
                    origin: old.span.clone().map_or(Origin::Default, Origin::File),
                });
            }
            shadowed.extend(old.shadowed.iter().cloned());
            // A loop that assigns the same setting again and again needs no longer memory than this.
            shadowed.truncate(20);
        }
        if let Cell::Config(section) = self.state.cell_mut(at) {
            section.slots.insert(name.to_owned(), Slot { value, span: Some(span), shadowed });
        }
    }

    /// `'A.b' in config` (`Config.__contains__`).
    pub(super) fn has_option(&self, at: Ref, path: &str) -> bool {
        let Cell::Config(section) = self.state.cell(at) else { return false };
        match path.split_once('.') {
            Some((first, rest)) => match section.slots.get(first).map(|slot| &slot.value) {
                Some(Val::Obj(below)) => self.has_option(*below, rest),
                _ => false,
            },
            None => section.slots.contains_key(path),
        }
    }

    /// Any setting of a section may be set to anything from here on.
    pub(super) fn taint_section(&mut self, at: Ref, why: &Rc<Unknown>) {
        let Cell::Config(section) = self.state.cell(at) else { return };
        let name = section.name.clone();
        self.taint_slots(at, why, 0);
        let what = if name.is_empty() { "the configuration".to_owned() } else { format!("c.{name}") };
        let diagnostic = Diagnostic::warning(
            "unknown-settings",
            format!("code here may set anything in {what}, which cannot be known without running it"),
        )
        .with_span(why.span.clone())
        .with_note(format!("unknown, because {}", why.reason))
        .with_fix("give the settings that matter by --set Class.option=value");
        self.diagnose(diagnostic);
    }

    fn taint_slots(&mut self, at: Ref, why: &Rc<Unknown>, depth: usize) {
        if depth > 20 {
            return;
        }
        let Cell::Config(section) = self.state.cell(at) else { return };
        let below: Vec<Ref> = section
            .slots
            .values()
            .filter_map(|slot| match slot.value {
                Val::Obj(at) if matches!(self.state.cell(at), Cell::Config(_)) => Some(at),
                _ => None,
            })
            .collect();
        if let Cell::Config(section) = self.state.cell_mut(at) {
            for slot in section.slots.values_mut() {
                if !matches!(slot.value, Val::Obj(at) if below.contains(&at)) {
                    slot.value = Val::Unknown(why.clone());
                }
            }
        }
        for section in below {
            self.taint_slots(section, why, depth + 1);
        }
    }

    /// Methods of a section: those of a dictionary, and `merge`.
    pub(super) fn call_section(
        &mut self,
        at: Ref,
        method: &str,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        range: TextRange,
    ) -> Ev {
        let receiver = Val::Obj(at);
        match (method, args) {
            ("update", _) => {
                let mut pairs = Vec::new();
                for other in args {
                    match self.update_pairs(other, range)? {
                        Ok(more) => pairs.extend(more),
                        Err(why) => {
                            self.taint_section(at, &why);
                            return Ok(Val::None);
                        }
                    }
                }
                pairs.extend(keywords.iter().map(|(name, value)| (Val::Str(name.clone()), value.clone())));
                let span = self.place(range);
                for (name, value) in pairs {
                    // dict.update goes past Config.__setitem__: nothing is checked or made a section.
                    match name {
                        Val::Str(name) => self.put(at, &name, value, span.clone()),
                        other => {
                            let why = self.why_of_parts(&[other], range);
                            self.taint_section(at, &why);
                        }
                    }
                }
                Ok(Val::None)
            }
            ("merge", [other]) => {
                if let Some(why) = self.why(other) {
                    self.taint_section(at, &why);
                    return Ok(Val::None);
                }
                if let Val::Obj(other) = other {
                    self.merge_sections(at, *other, range)?;
                }
                Ok(Val::None)
            }
            ("get", [Val::Str(name), ..]) => {
                let Cell::Config(section) = self.state.cell(at) else { return Ok(Val::None) };
                let found = section.slots.get(&**name).map(|slot| slot.value.clone());
                Ok(found.or_else(|| args.get(1).cloned()).unwrap_or(Val::None))
            }
            ("setdefault", [Val::Str(name), ..]) => {
                if self.has_option(at, name) {
                    return self.option(at, name, range);
                }
                let value = args.get(1).cloned().unwrap_or(Val::None);
                let span = self.place(range);
                self.put(at, name, value.clone(), span);
                Ok(value)
            }
            ("pop", [Val::Str(name), ..]) => {
                let gone = match self.state.cell_mut(at) {
                    Cell::Config(section) => section.slots.shift_remove(&**name),
                    _ => None,
                };
                match (gone, args.get(1)) {
                    (Some(slot), _) => Ok(slot.value),
                    (None, Some(default)) => Ok(default.clone()),
                    (None, None) => self.raise("KeyError", format!("'{name}'"), range),
                }
            }
            ("has_key" | "_has_section" | "__contains__", [Val::Str(name)]) => Ok(Val::Bool(self.has_option(at, name))),
            ("__setitem__" | "__setattr__", [Val::Str(name), value]) => {
                let (name, value) = (name.clone(), value.clone());
                self.set_option(at, &name, value, range)?;
                Ok(Val::None)
            }
            ("__getitem__", [Val::Str(name)]) => {
                let name = name.clone();
                self.option(at, &name, range)
            }
            ("clear", []) => {
                if let Cell::Config(section) = self.state.cell_mut(at) {
                    section.slots.clear();
                }
                Ok(Val::None)
            }
            ("keys" | "values" | "items" | "copy", []) => self.dict_view(&receiver, method, range),
            _ => {
                // Not a method: a setting that happens to be called.
                let value = self.option(at, method, range)?;
                let kind = self.type_name(&value);
                self.raise("TypeError", format!("'{kind}' object is not callable"), range)
            }
        }
    }

    /// `Config.merge`: sections merge, later values win.
    pub(super) fn merge_sections(&mut self, into: Ref, from: Ref, range: TextRange) -> Ev<()> {
        let slots: Vec<(String, Slot)> = match self.state.cell(from) {
            Cell::Config(section) => section.slots.iter().map(|(name, slot)| (name.clone(), slot.clone())).collect(),
            Cell::Dict(dict) => dict
                .values()
                .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value.clone())))
                .map(|(name, value)| (name, Slot { value, span: Some(self.place(range)), shadowed: Vec::new() }))
                .collect(),
            _ => return Ok(()),
        };
        for (name, slot) in slots {
            self.step(1, range)?;
            let mine = match self.state.cell(into) {
                Cell::Config(section) => section.slots.get(&name).map(|slot| slot.value.clone()),
                _ => None,
            };
            match (mine, &slot.value) {
                (Some(Val::Obj(a)), Val::Obj(b))
                    if matches!((self.state.cell(a), self.state.cell(*b)), (Cell::Config(_), Cell::Config(_))) =>
                {
                    if a != *b {
                        self.merge_sections(a, *b, range)?;
                    }
                }
                (Some(below), Val::Obj(lazy)) if matches!(self.state.cell(*lazy), Cell::Lazy(_)) => {
                    let value = self.lazy_over(*lazy, &below, range)?;
                    let span = slot.span.clone().unwrap_or_else(|| self.place(range));
                    self.put(into, &name, value, span);
                }
                _ => {
                    let span = slot.span.clone().unwrap_or_else(|| self.place(range));
                    self.put(into, &name, slot.value, span);
                }
            }
        }
        Ok(())
    }

    /// `LazyConfigValue.merge_into`.
    fn lazy_over(&mut self, lazy: Ref, below: &Val, range: TextRange) -> Ev {
        let Cell::Lazy(mut later) = self.state.cell(lazy).clone() else { return Ok(Val::Obj(lazy)) };
        match below {
            Val::Obj(at) => match self.state.cell(*at).clone() {
                Cell::Lazy(earlier) => {
                    later.extend.splice(0..0, earlier.extend);
                    later.prepend.extend(earlier.prepend);
                    later.inserts.splice(0..0, earlier.inserts);
                    // Upstream drops the earlier update where the later one has none.
                    let updates = later.update.as_ref().is_some_and(|update| self.truth(update) != Some(false));
                    if let (true, Some(new), Some(old)) = (updates, later.update.clone(), earlier.update) {
                        self.call_method(&old, "update", vec![new], Vec::new(), range)?;
                        later.update = Some(old);
                    }
                    *self.state.cell_mut(lazy) = Cell::Lazy(later);
                    Ok(Val::Obj(lazy))
                }
                Cell::List(items) => {
                    let mut items = items;
                    for (index, value) in later.inserts {
                        let length = items.len() as i64;
                        let place = if index < 0 { (length + index).max(0) } else { index.min(length) };
                        items.insert(place as usize, value);
                    }
                    items.splice(0..0, later.prepend);
                    items.extend(later.extend);
                    Ok(self.new_list(items))
                }
                cell @ (Cell::Set(_) | Cell::Dict(_)) => {
                    let copy = Val::Obj(self.state.new_cell(cell));
                    if let Some(update) = later.update {
                        self.call_method(&copy, "update", vec![update], Vec::new(), range)?;
                    }
                    Ok(copy)
                }
                _ => Ok(below.clone()),
            },
            _ => Ok(below.clone()),
        }
    }

    /// Methods of a value that is not set yet: kept until the default is known.
    pub(super) fn call_lazy(&mut self, at: Ref, method: &str, args: &[Val], range: TextRange) -> Ev {
        let why = args.iter().find_map(|arg| self.why(arg));
        let items = |me: &mut Self, value: &Val| -> Ev<Option<Vec<Val>>> {
            Ok(match me.items(value, range)? {
                Items::Known(items) => Some(items),
                Items::Unknown(_) => None,
            })
        };
        let Cell::Lazy(mut lazy) = self.state.cell(at).clone() else { return Ok(Val::None) };
        match (method, args) {
            ("append", [item]) => lazy.extend.push(item.clone()),
            ("extend" | "prepend", [other]) => match items(self, other)? {
                Some(more) if method == "extend" => lazy.extend.extend(more),
                Some(more) => {
                    lazy.prepend.splice(0..0, more);
                }
                None => return self.spoil(at, why, range),
            },
            ("insert", [index, item]) => match super::operators::as_int(index) {
                Some(index) => {
                    use num_traits::ToPrimitive as _;
                    lazy.inserts.push((index.to_i64().unwrap_or(i64::MAX), item.clone()));
                }
                None if why.is_some() => return self.spoil(at, why, range),
                None => return self.raise("TypeError", "An integer is required", range),
            },
            ("update" | "add", [other]) => {
                if method == "update" && why.is_some() {
                    return self.spoil(at, why, range);
                }
                let target = match &lazy.update {
                    Some(update) => update.clone(),
                    None => {
                        let is_dict = method == "update" && matches!(self.cell_of(other), Some(Cell::Dict(_)));
                        let cell = if is_dict { Cell::Dict(IndexMap::new()) } else { Cell::Set(IndexMap::new()) };
                        Val::Obj(self.state.new_cell(cell))
                    }
                };
                let other = if method == "add" { self.new_set(vec![other.clone()], range)? } else { other.clone() };
                self.call_method(&target, "update", vec![other], Vec::new(), range)?;
                lazy.update = Some(target);
            }
            ("get_value", [initial]) => return self.lazy_over(at, &initial.clone(), range),
            ("to_dict", []) => return Ok(self.unknown("what a setting is before it is set is not followed", range)),
            _ => {
                let message = format!("'LazyConfigValue' object has no attribute '{method}'");
                return self.raise("AttributeError", message, range);
            }
        }
        *self.state.cell_mut(at) = Cell::Lazy(lazy);
        Ok(Val::None)
    }

    fn spoil(&mut self, at: Ref, why: Option<Rc<Unknown>>, range: TextRange) -> Ev {
        let why = why.unwrap_or_else(|| self.why_of_parts(&[], range));
        *self.state.cell_mut(at) = Cell::Unknown(why);
        Ok(Val::None)
    }

    /// `Config({...})`: dictionaries under section names become sections.
    pub(super) fn make_config(&mut self, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let mut pairs = Vec::new();
        if let Some(other) = args.first() {
            match self.update_pairs(other, range)? {
                Ok(more) => pairs.extend(more),
                Err(why) => return Ok(Val::Unknown(why)),
            }
        }
        pairs.extend(keywords.iter().map(|(name, value)| (Val::Str(name.clone()), value.clone())));
        let section = self.state.new_cell(Cell::Config(Section::default()));
        for (name, value) in pairs {
            let Val::Str(name) = name else { continue };
            let is_dict = matches!(self.cell_of(&value), Some(Cell::Dict(_)));
            let value = if is_section_name(&name) && is_dict { self.make_config(&[value], &[], range)? } else { value };
            if let Some(Cell::Config(_)) = self.cell_of(&value) {
                self.rename(&value, &name);
            }
            let span = self.place(range);
            self.put(section, &name, value, span);
        }
        Ok(Val::Obj(section))
    }

    /// A section takes the name it is put under, for what it shadows.
    fn rename(&mut self, value: &Val, name: &str) {
        if let Val::Obj(at) = value
            && let Cell::Config(section) = self.state.cell_mut(*at)
        {
            section.name = name.to_owned();
        }
    }
}

impl LazyCell {
    fn is_empty(&self) -> bool {
        self.extend.is_empty() && self.prepend.is_empty() && self.inserts.is_empty() && self.update.is_none()
    }
}
