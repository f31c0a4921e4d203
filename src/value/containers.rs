//! Dictionaries and sets, with Python's equality of keys.

use indexmap::IndexMap;
use num_bigint::BigInt;

use super::Value;

/// What dictionaries and sets go by: a value reduced to its Python hash identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// `None`.
    None,
    /// Integers, booleans and floats without a fraction: equal in Python, equal here.
    Int(BigInt),
    /// Any other float, by its bits.
    Float(u64),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tuple of hashable things.
    Tuple(Vec<Key>),
    /// Callables, classes and unknowns: by what is printed of them.
    Other(String),
}

/// A Python dictionary.
#[derive(Clone, Debug, Default)]
pub struct Dict(IndexMap<Key, (Value, Value)>);

/// A Python set.
#[derive(Clone, Debug, Default)]
pub struct Set(IndexMap<Key, Value>);

/// What Python raises on `{[]: 1}`, with the type's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Unhashable(pub &'static str);

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => a == b,
            (Value::Dict(a), Value::Dict(b)) => {
                a.len() == b.len()
                    && a.0.iter().all(|(key, (_, value))| b.0.get(key).is_some_and(|(_, other)| value == other))
            }
            (Value::Set(a), Value::Set(b)) => a.len() == b.len() && a.0.keys().all(|key| b.0.contains_key(key)),
            _ => match (Key::of(self), Key::of(other)) {
                (Ok(a), Ok(b)) => a == b,
                _ => false,
            },
        }
    }
}

impl Key {
    /// The key of a value, or the type that Python says is unhashable.
    pub fn of(value: &Value) -> Result<Key, Unhashable> {
        Ok(match value {
            Value::None => Key::None,
            Value::Bool(truth) => Key::Int(BigInt::from(u8::from(*truth))),
            Value::Int(number) => Key::Int(number.clone()),
            Value::Float(number) if number.is_finite() && number.fract() == 0.0 => Key::Int(big_from_float(*number)),
            Value::Float(number) => Key::Float(number.to_bits()),
            Value::Str(text) => Key::Str(text.clone()),
            Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
            Value::Tuple(items) => Key::Tuple(items.iter().map(Key::of).collect::<Result<_, _>>()?),
            Value::List(_) | Value::Set(_) | Value::Dict(_) => return Err(Unhashable(value.type_name())),
            Value::Callable(callable) => Key::Other(format!("{}\n{:?}", callable.source, callable.span)),
            Value::Class(class) => Key::Other(format!("{} {:?} {:?}", class.name, class.import, class.span)),
            Value::Unknown(unknown) => Key::Other(format!("{} {:?}", unknown.reason, unknown.span)),
        })
    }
}

fn big_from_float(number: f64) -> BigInt {
    num_traits::FromPrimitive::from_f64(number).unwrap_or_default()
}

impl Dict {
    /// An empty dictionary.
    pub fn new() -> Dict {
        Dict::default()
    }

    /// The value under a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&Key::Str(key.to_owned())).map(|(_, value)| value)
    }

    /// The value under any key; `None` too when the key is unhashable.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        self.0.get(&Key::of(key).ok()?).map(|(_, value)| value)
    }

    /// The value under any key, to be changed in place.
    pub fn get_value_mut(&mut self, key: &Value) -> Option<&mut Value> {
        self.0.get_mut(&Key::of(key).ok()?).map(|(_, value)| value)
    }

    /// Whether a text key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// `dict[key] = value`: an equal key keeps its place and spelling, as in Python.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) {
        let key = key.into();
        let entry = self.0.entry(Key::Str(key.clone()));
        match entry {
            indexmap::map::Entry::Occupied(mut slot) => slot.get_mut().1 = value,
            indexmap::map::Entry::Vacant(slot) => {
                slot.insert((Value::Str(key), value));
            }
        }
    }

    /// The same with any key.
    pub fn insert_value(&mut self, key: Value, value: Value) -> Result<(), Unhashable> {
        match self.0.entry(Key::of(&key)?) {
            indexmap::map::Entry::Occupied(mut slot) => slot.get_mut().1 = value,
            indexmap::map::Entry::Vacant(slot) => {
                slot.insert((key, value));
            }
        }
        Ok(())
    }

    /// Removes a key and gives back its value.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        self.0.shift_remove(&Key::of(key).ok()?).map(|(_, value)| value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.0.values().map(|(key, value)| (key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Value> {
        self.0.values().map(|(key, _)| key)
    }

    /// The values, in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.values().map(|(_, value)| value)
    }
}

impl FromIterator<(String, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Dict {
        let mut dict = Dict::new();
        for (key, value) in pairs {
            dict.insert(key, value);
        }
        dict
    }
}

impl Set {
    /// An empty set.
    pub fn new() -> Set {
        Set::default()
    }

    /// The set of these items, or the type among them that is unhashable.
    pub fn of(items: impl IntoIterator<Item = Value>) -> Result<Set, Unhashable> {
        let mut set = Set::new();
        for item in items {
            set.insert(item)?;
        }
        Ok(set)
    }

    /// Adds an item; an equal one stays as it was.
    pub fn insert(&mut self, item: Value) -> Result<(), Unhashable> {
        let key = Key::of(&item)?;
        self.0.entry(key).or_insert(item);
        Ok(())
    }

    /// Removes an equal item; whether there was one.
    pub fn remove(&mut self, item: &Value) -> bool {
        Key::of(item).is_ok_and(|key| self.0.shift_remove(&key).is_some())
    }

    /// Whether an equal item is in it.
    pub fn contains(&self, item: &Value) -> bool {
        Key::of(item).is_ok_and(|key| self.0.contains_key(&key))
    }

    /// Whether a text is in it.
    pub fn contains_str(&self, text: &str) -> bool {
        self.0.contains_key(&Key::Str(text.to_owned()))
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items, in order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.0.values()
    }

    /// Whether the two share an item.
    pub fn intersects(&self, other: &Set) -> bool {
        self.0.keys().any(|key| other.0.contains_key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_pythons() {
        assert_eq!(Value::int(1), Value::Bool(true));
        assert_eq!(Value::Float(2.0), Value::int(2));
        assert_ne!(Value::str("1"), Value::int(1));
        assert_ne!(Value::List(vec![]), Value::Tuple(vec![]));
        assert_eq!(Key::of(&Value::List(vec![])), Err(Unhashable("list")));
    }
}
