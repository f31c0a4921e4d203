//! Methods of the built-in types.

use std::rc::Rc;

use indexmap::IndexMap;
use ruff_text_size::TextRange;

use crate::value::Unknown;

use super::call::Keywords;
use super::containers::{Items, has_unknown_key, insert, is_unknown_key};
use super::heap::{Cell, Ref, Val};
use super::{ANY, Ev, Interpreter};

const LIST: &[&str] =
    &["append", "extend", "insert", "remove", "pop", "clear", "index", "count", "sort", "reverse", "copy"];
pub(super) const SET: &[&str] = &[
    "add",
    "update",
    "remove",
    "discard",
    "pop",
    "clear",
    "copy",
    "union",
    "intersection",
    "difference",
    "symmetric_difference",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "issubset",
    "issuperset",
    "isdisjoint",
];
const DICT: &[&str] =
    &["get", "setdefault", "pop", "popitem", "update", "clear", "copy", "keys", "values", "items", "fromkeys"];

/// Keys and values to be put into a dictionary, or why they are unknown.
pub(super) type Updates = Result<Vec<(Val, Val)>, Rc<Unknown>>;

/// Whether a type has a method of that name.
pub(super) fn is_method(kind: &str, name: &str) -> bool {
    match kind {
        "list" => LIST.contains(&name),
        "set" => SET.contains(&name),
        "dict" => DICT.contains(&name),
        "str" | "bytes" => super::text::METHODS.contains(&name) || matches!(name, "decode" | "hex"),
        "tuple" => matches!(name, "index" | "count"),
        _ => false,
    }
}

/// Members of the built-in types that are there and not followed.
pub(super) fn is_other_member(kind: &str, name: &str) -> bool {
    match kind {
        "int" | "bool" | "float" => matches!(
            name,
            "bit_length"
                | "bit_count"
                | "to_bytes"
                | "from_bytes"
                | "real"
                | "imag"
                | "numerator"
                | "denominator"
                | "conjugate"
                | "as_integer_ratio"
                | "is_integer"
                | "hex"
                | "fromhex"
        ),
        "bytes" => true,
        _ => false,
    }
}

impl Interpreter<'_> {
    pub(super) fn call_method(
        &mut self,
        receiver: &Val,
        name: &str,
        args: Vec<Val>,
        keywords: Keywords,
        range: TextRange,
    ) -> Ev {
        match receiver {
            Val::Unknown(why) => {
                let why = why.clone();
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
            Val::Environ => self.call_environ(name, &args, &keywords, range),
            Val::Str(text) => {
                let text = text.clone();
                self.call_text(&text, name, args, keywords, range)
            }
            Val::Bytes(bytes) => {
                let bytes = bytes.clone();
                self.call_bytes(&bytes, name, &args, range)
            }
            Val::Path(path) => {
                let path = path.clone();
                self.call_path(&path, name, args, keywords, range)
            }
            Val::Tuple(items) => {
                let items = items.to_vec();
                self.search(&items, name, &args, range)
            }
            Val::Type(kind) => {
                // `str.lower(x)`, `dict.fromkeys(…)`.
                let kind = kind.clone();
                self.call_type_method(&kind, name, args, keywords, range)
            }
            Val::Obj(at) => self.call_object(*at, name, args, keywords, range),
            _ => {
                let why = self.why_of_parts(std::slice::from_ref(receiver), range);
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
        }
    }

    fn call_object(&mut self, at: Ref, name: &str, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        match self.state.cell(at) {
            Cell::Config(_) => self.call_section(at, name, &args, &keywords, range),
            Cell::Lazy(_) => self.call_lazy(at, name, &args, range),
            Cell::List(_) => self.call_list(at, name, args, keywords, range),
            Cell::Set(_) => self.call_set(at, name, args, range),
            Cell::Dict(_) => self.call_dict(at, name, args, keywords, range),
            Cell::File(..) => self.call_file(at, name, &args, range),
            Cell::Instance(..) | Cell::Class(_) => self.call_own_method(at, name, args, keywords, range),
            Cell::Unknown(why) => {
                let why = why.clone();
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
            _ => {
                let why = self.why_of_parts(&[], range);
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
        }
    }

    fn call_list(&mut self, at: Ref, name: &str, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        let me = Val::Obj(at);
        let Cell::List(items) = self.state.cell(at) else { return Ok(Val::None) };
        let length = items.len();
        match (name, args.as_slice()) {
            ("append", [item]) => self.edit_list(at, |items| items.push(item.clone())),
            ("extend", [other]) => match self.items(other, range)? {
                Items::Known(more) => self.edit_list(at, |items| items.extend(more)),
                Items::Unknown(why) => self.spoil_list(&me, &why),
            },
            ("insert", [index, item]) => match super::operators::as_int(index) {
                Some(index) => {
                    use num_traits::ToPrimitive as _;
                    let (place, _) = super::operators::clamp(index.to_i64(), None, length);
                    self.edit_list(at, |items| items.insert(place, item.clone()));
                }
                None => {
                    let why = self.why_of_parts(&args, range);
                    self.spoil_list(&me, &why);
                }
            },
            ("pop", []) if length == 0 => return self.raise("IndexError", "pop from empty list", range),
            ("pop", _) => {
                let key = args.first().cloned().unwrap_or_else(|| Val::int(-1));
                let Some(place) = self.index(&key, length) else {
                    let why = self.why_of_parts(&args, range);
                    self.taint(&me, &why);
                    return Ok(Val::Unknown(why));
                };
                let Some(place) = place else { return self.raise("IndexError", "pop index out of range", range) };
                if let Cell::List(items) = self.state.cell_mut(at) {
                    return Ok(items.remove(place));
                }
            }
            ("remove", [item]) => {
                let items = items.clone();
                for (place, other) in items.iter().enumerate() {
                    match self.equal(item, other) {
                        Some(true) => {
                            self.edit_list(at, |items| {
                                items.remove(place);
                            });
                            return Ok(Val::None);
                        }
                        Some(false) => {}
                        None => {
                            let why = self.why_of_parts(&[item.clone(), other.clone()], range);
                            self.taint(&me, &why);
                            self.may_raise("ValueError", &why, range);
                            return Ok(Val::None);
                        }
                    }
                }
                return self.raise("ValueError", "list.remove(x): x not in list", range);
            }
            ("clear", []) => self.edit_list(at, Vec::clear),
            ("reverse", []) => self.edit_list(at, |items| items.reverse()),
            ("copy", []) => {
                let items = items.clone();
                return Ok(self.new_list(items));
            }
            ("sort", []) => {
                let items = items.clone();
                match self.sort(items, &keywords, range)? {
                    Ok(sorted) => self.edit_list(at, |items| *items = sorted),
                    Err(why) => self.spoil_list(&me, &why),
                }
            }
            ("index" | "count", _) => {
                let items = items.clone();
                return self.search(&items, name, &args, range);
            }
            _ => return self.bad_call("list", name, range),
        }
        Ok(Val::None)
    }

    pub(super) fn bad_call(&mut self, kind: &str, name: &str, range: TextRange) -> Ev {
        self.raise("TypeError", format!("{kind}.{name}() got arguments it does not take"), range)
    }

    fn edit_list(&mut self, at: Ref, edit: impl FnOnce(&mut Vec<Val>)) {
        if let Cell::List(items) = self.state.cell_mut(at) {
            edit(items);
        }
    }

    fn spoil_list(&mut self, list: &Val, why: &Rc<Unknown>) {
        self.taint(list, why);
    }

    /// `index` and `count` of a list or tuple.
    fn search(&mut self, items: &[Val], name: &str, args: &[Val], range: TextRange) -> Ev {
        let Some(item) = args.first() else { return self.bad_call("list", name, range) };
        let mut count = 0;
        for (place, other) in items.iter().enumerate() {
            match self.equal(item, other) {
                Some(true) if name == "index" => return Ok(Val::int(place)),
                Some(true) => count += 1,
                Some(false) => {}
                None => return Ok(Val::Unknown(self.why_of_parts(&[item.clone(), other.clone()], range))),
            }
        }
        if name == "index" {
            return self.raise("ValueError", "the value is not in the list", range);
        }
        Ok(Val::int(count))
    }

    /// Sorted items, with `key` and `reverse`; why not, where something is unknown.
    pub(super) fn sort(
        &mut self,
        items: Vec<Val>,
        keywords: &[(Rc<str>, Val)],
        range: TextRange,
    ) -> Ev<Result<Vec<Val>, Rc<Unknown>>> {
        let named = |name: &str| keywords.iter().find(|(key, _)| &**key == name).map(|(_, value)| value.clone());
        let reverse = named("reverse").is_some_and(|value| self.truth(&value) == Some(true));
        let mut keyed = Vec::new();
        for item in items {
            let key = match named("key") {
                Some(Val::None) | None => item.clone(),
                Some(function) => self.call(&function, vec![item.clone()], Vec::new(), range)?,
            };
            let key = self.materialise(&key);
            if let Some(why) = key.find_unknown() {
                return Ok(Err(Rc::new(why.clone())));
            }
            keyed.push((key, item));
        }
        let count = keyed.len() as u64;
        self.step(count * (64 - count.leading_zeros() as u64) / 8, range)?;
        let mut clash = None;
        let mut compare = |a: &crate::value::Value, b: &crate::value::Value| {
            crate::value::compare(a, b).unwrap_or_else(|| {
                clash.get_or_insert((b.type_name(), a.type_name()));
                std::cmp::Ordering::Equal
            })
        };
        if reverse {
            keyed.sort_by(|(a, _), (b, _)| compare(b, a));
        } else {
            keyed.sort_by(|(a, _), (b, _)| compare(a, b));
        }
        if let Some((a, b)) = clash {
            return self.raise("TypeError", format!("'<' not supported between instances of '{a}' and '{b}'"), range);
        }
        Ok(Ok(keyed.into_iter().map(|(_, item)| item).collect()))
    }

    fn call_dict(&mut self, at: Ref, name: &str, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        let me = Val::Obj(at);
        let Cell::Dict(dict) = self.state.cell(at) else { return Ok(Val::None) };
        match (name, args.as_slice()) {
            ("get" | "setdefault" | "pop", [key, rest @ ..]) => {
                let hash = self.key(key, range)?;
                let found = dict.get(&hash).map(|(_, value)| value.clone());
                if found.is_none() && !dict.is_empty() && (is_unknown_key(&hash) || has_unknown_key(dict)) {
                    let why = self.why_of_parts(&[key.clone(), me.clone()], range);
                    if name != "get" {
                        self.taint(&me, &why);
                    }
                    return Ok(Val::Unknown(why));
                }
                match (name, found) {
                    ("pop", Some(value)) => {
                        if let Cell::Dict(dict) = self.state.cell_mut(at) {
                            dict.shift_remove(&hash);
                        }
                        Ok(value)
                    }
                    (_, Some(value)) => Ok(value),
                    ("pop", None) if rest.is_empty() => {
                        let shown = self.repr(key).unwrap_or_default();
                        self.raise("KeyError", shown, range)
                    }
                    ("setdefault", None) => {
                        let value = rest.first().cloned().unwrap_or(Val::None);
                        if let Cell::Dict(dict) = self.state.cell_mut(at) {
                            insert(dict, hash, key.clone(), value.clone());
                        }
                        Ok(value)
                    }
                    (_, None) => Ok(rest.first().cloned().unwrap_or(Val::None)),
                }
            }
            ("update", _) => {
                let mut pairs = Vec::new();
                for other in &args {
                    match self.update_pairs(other, range)? {
                        Ok(more) => pairs.extend(more),
                        Err(why) => {
                            self.taint(&me, &why);
                            return Ok(Val::None);
                        }
                    }
                }
                pairs.extend(keywords.into_iter().map(|(name, value)| (Val::Str(name), value)));
                for (key, value) in pairs {
                    let hash = self.key(&key, range)?;
                    if let Cell::Dict(dict) = self.state.cell_mut(at) {
                        insert(dict, hash, key, value);
                    }
                }
                Ok(Val::None)
            }
            ("keys" | "values" | "items" | "copy", []) => self.dict_view(&me, name, range),
            ("clear", []) => {
                *self.state.cell_mut(at) = Cell::Dict(IndexMap::new());
                Ok(Val::None)
            }
            ("popitem", []) => {
                let last = match self.state.cell_mut(at) {
                    Cell::Dict(dict) => dict.pop(),
                    _ => None,
                };
                match last {
                    Some((_, (key, value))) => Ok(Val::Tuple(vec![key, value].into())),
                    None => self.raise("KeyError", "'popitem(): dictionary is empty'", range),
                }
            }
            _ => self.bad_call("dict", name, range),
        }
    }

    /// `keys`, `values`, `items` and `copy` of a mapping.
    pub(super) fn dict_view(&mut self, mapping: &Val, name: &str, range: TextRange) -> Ev {
        let pairs = match self.pairs(mapping, range)? {
            Ok(pairs) => pairs,
            Err(why) => return Ok(Val::Unknown(why)),
        };
        self.step(pairs.len() as u64 / 4, range)?;
        let items = match name {
            "keys" => pairs.into_iter().map(|(_, key, _)| key).collect(),
            "values" => pairs.into_iter().map(|(_, _, value)| value).collect(),
            "items" => pairs.into_iter().map(|(_, key, value)| Val::Tuple(vec![key, value].into())).collect(),
            _ => {
                let map = pairs.into_iter().map(|(hash, key, value)| (hash, (key, value))).collect();
                return Ok(Val::Obj(self.state.new_cell(Cell::Dict(map))));
            }
        };
        Ok(Val::Obj(self.state.new_cell(Cell::View(items))))
    }

    /// What `dict.update` takes: a mapping or pairs.
    pub(super) fn update_pairs(&mut self, other: &Val, range: TextRange) -> Ev<Updates> {
        let is_mapping =
            matches!(other, Val::Environ) || matches!(self.cell_of(other), Some(Cell::Dict(_) | Cell::Config(_)));
        if is_mapping || self.why(other).is_some() {
            let pairs = self.pairs(other, range)?;
            return Ok(pairs.map(|pairs| pairs.into_iter().map(|(_, key, value)| (key, value)).collect()));
        }
        let items = match self.items(other, range)? {
            Items::Known(items) => items,
            Items::Unknown(why) => return Ok(Err(why)),
        };
        let mut pairs = Vec::new();
        for item in items {
            if let Some(why) = self.why(&item) {
                self.may_raise(ANY, &why, range);
                return Ok(Err(why));
            }
            match self.items(&item, range)? {
                Items::Known(pair) if pair.len() == 2 => pairs.push((pair[0].clone(), pair[1].clone())),
                Items::Known(_) => {
                    return self.raise(
                        "ValueError",
                        "dictionary update sequence has an element of wrong length",
                        range,
                    );
                }
                Items::Unknown(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(pairs))
    }
}
