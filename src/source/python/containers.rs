//! What containers have in common: iterating, hashing, unpacking, and becoming unknown.

use std::rc::Rc;

use indexmap::IndexMap;
use indexmap::map::Entry;
use ruff_text_size::TextRange;

use crate::value::{Key, Unknown};

use super::heap::{Cell, Val};
use super::{ANY, Ev, Interpreter, SIZE};

/// What iterating over a value gives.
pub(super) enum Items {
    Known(Vec<Val>),
    Unknown(Rc<Unknown>),
}

/// Hashes, keys and values of a mapping, or why they are unknown.
pub(super) type Pairs = Result<Vec<(Key, Val, Val)>, Rc<Unknown>>;

/// `dict[key] = value`: an equal key keeps its place and spelling.
pub(super) fn insert(map: &mut IndexMap<Key, (Val, Val)>, hash: Key, key: Val, value: Val) {
    match map.entry(hash) {
        Entry::Occupied(mut slot) => slot.get_mut().1 = value,
        Entry::Vacant(slot) => {
            slot.insert((key, value));
        }
    }
}

/// The mark of a key that is unknown.
const UNKNOWN_KEY: &str = "?";

/// Whether some key is unknown, so that any key may be there.
pub(super) fn has_unknown_key<V>(map: &IndexMap<Key, V>) -> bool {
    map.keys().any(is_unknown_key)
}

pub(super) fn is_unknown_key(key: &Key) -> bool {
    match key {
        Key::Other(text) => text.starts_with(UNKNOWN_KEY),
        Key::Tuple(keys) => keys.iter().any(is_unknown_key),
        _ => false,
    }
}

impl Interpreter<'_> {
    /// The hash identity of a value; a `TypeError` where it has none.
    pub(super) fn key(&self, value: &Val, range: TextRange) -> Ev<Key> {
        Ok(match value {
            Val::None => Key::None,
            Val::Bool(truth) => Key::Int(u8::from(*truth).into()),
            Val::Int(number) => Key::Int(number.clone()),
            Val::Float(number) => match Key::of(&crate::value::Value::Float(*number)) {
                Ok(key) => key,
                Err(_) => Key::Float(number.to_bits()),
            },
            Val::Str(text) => Key::Str(text.to_string()),
            Val::Bytes(bytes) => Key::Bytes(bytes.to_vec()),
            Val::Tuple(items) => Key::Tuple(items.iter().map(|item| self.key(item, range)).collect::<Ev<Vec<Key>>>()?),
            Val::Unknown(why) => Key::Other(format!("{UNKNOWN_KEY}{} {:?}", why.reason, why.span)),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(_) | Cell::Set(_) | Cell::Dict(_) | Cell::Config(_) => {
                    let kind = self.type_name(value);
                    return self.raise("TypeError", format!("unhashable type: '{kind}'"), range);
                }
                Cell::Unknown(why) => Key::Other(format!("{UNKNOWN_KEY}{} {at}", why.reason)),
                _ => Key::Other(format!("object {at}")),
            },
            Val::Path(path) => Key::Other(format!("path {path}")),
            Val::Function(function) => Key::Other(format!("function {:?}", function.span)),
            Val::Type(name) | Val::Native(name) | Val::Module(name) | Val::External(name) => {
                Key::Other(format!("name {name}"))
            }
            Val::Range(a, b, c) => Key::Other(format!("range {a} {b} {c}")),
            Val::Exception(_) | Val::Method(_) | Val::Environ | Val::Ellipsis => Key::Other(format!("{value:?}")),
        })
    }

    pub(super) fn new_set(&mut self, items: Vec<Val>, range: TextRange) -> Ev {
        self.step(items.len() as u64, range)?;
        let mut set = IndexMap::new();
        for item in items {
            let key = self.key(&item, range)?;
            set.entry(key).or_insert(item);
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Set(set))))
    }

    pub(super) fn new_dict(&mut self, pairs: Vec<(Val, Val)>, range: TextRange) -> Ev {
        self.step(pairs.len() as u64, range)?;
        let mut map = IndexMap::new();
        for (key, value) in pairs {
            let hash = self.key(&key, range)?;
            insert(&mut map, hash, key, value);
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Dict(map))))
    }

    /// What `for item in value` yields; a `TypeError` where it is certainly not iterable.
    pub(super) fn items(&mut self, value: &Val, range: TextRange) -> Ev<Items> {
        let items = match value {
            Val::Str(text) => text.chars().map(|c| Val::str(c.encode_utf8(&mut [0; 4]))).collect(),
            Val::Bytes(bytes) => bytes.iter().map(|byte| Val::int(*byte)).collect(),
            Val::Tuple(items) => items.to_vec(),
            Val::Range(from, to, step) => {
                let count = super::operators::range_len(*from, *to, *step);
                if count > SIZE as u64 {
                    return Ok(self.unknown_items("it is too large to be followed", range));
                }
                (0..count as i64).map(|at| Val::int(from + at * step)).collect()
            }
            Val::Environ => self.state.env.iter().map(|(name, _)| Val::str(name)).collect(),
            Val::Unknown(why) => {
                let why = why.clone();
                self.may_raise(ANY, &why, range);
                return Ok(Items::Unknown(why));
            }
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) | Cell::View(items) => items.clone(),
                Cell::Set(set) => set.values().cloned().collect(),
                Cell::Dict(dict) => dict.values().map(|(key, _)| key.clone()).collect(),
                Cell::Config(section) => section.slots.keys().map(Val::str).collect(),
                Cell::Iterator(..) => self.drain(*at),
                Cell::File(..) => return self.file_lines(*at, range),
                Cell::Unknown(why) => {
                    let why = why.clone();
                    self.may_raise(ANY, &why, range);
                    return Ok(Items::Unknown(why));
                }
                Cell::Lazy(_) | Cell::Scope(_) => {
                    let kind = self.type_name(value);
                    return self.raise("TypeError", format!("'{kind}' object is not iterable"), range);
                }
                Cell::Class(_) | Cell::Instance(..) => {
                    return Ok(self.unknown_items("what iterating over this object gives is not followed", range));
                }
            },
            Val::None | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Function(_) | Val::Ellipsis => {
                let kind = self.type_name(value);
                return self.raise("TypeError", format!("'{kind}' object is not iterable"), range);
            }
            _ => return Ok(self.unknown_items("what iterating over this gives is not known here", range)),
        };
        let items: Vec<Val> = items;
        self.step(items.len() as u64 / 4, range)?;
        Ok(Items::Known(items))
    }

    fn unknown_items(&mut self, reason: &str, range: TextRange) -> Items {
        let why = Rc::new(Unknown { reason: reason.to_owned(), span: Some(self.span(range)) });
        self.may_raise(ANY, &why, range);
        Items::Unknown(why)
    }

    fn drain(&mut self, at: super::heap::Ref) -> Vec<Val> {
        match self.state.cell_mut(at) {
            Cell::Iterator(items, next) => {
                let rest = items[(*next).min(items.len())..].to_vec();
                *next = items.len();
                rest
            }
            _ => Vec::new(),
        }
    }

    /// Keys and values of a mapping, as `**value` takes it.
    pub(super) fn pairs(&mut self, value: &Val, range: TextRange) -> Ev<Pairs> {
        if let Some(why) = self.why(value) {
            self.may_raise(ANY, &why, range);
            return Ok(Err(why));
        }
        match value {
            Val::Environ => {
                let pairs: Vec<(String, crate::value::Value)> =
                    self.state.env.iter().map(|(name, var)| (name.to_owned(), var.value.clone())).collect();
                let pairs = pairs
                    .into_iter()
                    .map(|(name, value)| (Key::Str(name.clone()), Val::str(&name), self.import_value(&value)))
                    .collect();
                Ok(Ok(pairs))
            }
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::Dict(dict) => {
                    Ok(Ok(dict.iter().map(|(hash, (key, value))| (hash.clone(), key.clone(), value.clone())).collect()))
                }
                Cell::Config(section) => Ok(Ok(section
                    .slots
                    .iter()
                    .map(|(name, slot)| (Key::Str(name.clone()), Val::str(name), slot.value.clone()))
                    .collect())),
                _ => self.raise("TypeError", "argument must be a mapping", range),
            },
            Val::None | Val::Str(_) | Val::Int(_) | Val::Tuple(_) | Val::Bool(_) => {
                self.raise("TypeError", "argument must be a mapping", range)
            }
            _ => Ok(Err(self.why_of_parts(std::slice::from_ref(value), range))),
        }
    }

    /// The first unknown in a value, however deep.
    pub(super) fn deep_why(&self, value: &Val) -> Option<Rc<Unknown>> {
        self.find_why(value, 0)
    }

    fn find_why(&self, value: &Val, depth: usize) -> Option<Rc<Unknown>> {
        if depth > 6 {
            return None;
        }
        let among =
            |values: &mut dyn Iterator<Item = &Val>| values.take(2000).find_map(|v| self.find_why(v, depth + 1));
        match value {
            Val::Unknown(why) => Some(why.clone()),
            Val::Tuple(items) => among(&mut items.iter()),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::Unknown(why) => Some(why.clone()),
                Cell::List(items) | Cell::View(items) | Cell::Iterator(items, _) => among(&mut items.iter()),
                Cell::Set(set) => among(&mut set.values()),
                Cell::Dict(dict) => among(&mut dict.values().flat_map(|(key, value)| [key, value])),
                _ => None,
            },
            _ => None,
        }
    }

    /// Why something made of these parts is unknown.
    pub(super) fn why_of_parts(&self, parts: &[Val], range: TextRange) -> Rc<Unknown> {
        parts.iter().find_map(|part| self.deep_why(part)).unwrap_or_else(|| {
            Rc::new(Unknown {
                reason: "this expression is not followed without running it".to_owned(),
                span: Some(self.span(range)),
            })
        })
    }

    /// Whatever can be changed in place in a value may have been changed: it is unknown from here on.
    pub(super) fn taint(&mut self, value: &Val, why: &Rc<Unknown>) {
        self.taint_at(value, why, 0);
    }

    fn taint_at(&mut self, value: &Val, why: &Rc<Unknown>, depth: usize) {
        if depth > 20 {
            return;
        }
        let inner: Vec<Val> = match value {
            Val::Tuple(items) => items.to_vec(),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::Config(_) => return self.taint_section(*at, why),
                Cell::List(items) | Cell::View(items) | Cell::Iterator(items, _) => items.clone(),
                Cell::Dict(dict) => dict.values().map(|(_, value)| value.clone()).collect(),
                Cell::Set(_) | Cell::Lazy(_) | Cell::File(..) => Vec::new(),
                Cell::Instance(_, attributes) => attributes.values().cloned().collect(),
                Cell::Class(_) | Cell::Scope(_) | Cell::Unknown(_) => return,
            },
            _ => return,
        };
        if let Val::Obj(at) = value {
            *self.state.cell_mut(*at) = Cell::Unknown(why.clone());
        }
        for item in &inner {
            if matches!(item, Val::Obj(_) | Val::Tuple(_)) {
                self.taint_at(item, why, depth + 1);
            }
        }
    }
}
