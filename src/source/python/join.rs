//! What holds after two branches of which either may have run: what is the same in both stays known.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::value::{Key, Unknown};

use super::heap::{Cell, Ref, Scope, Section, Slot, State, Val};

/// Joins two states that parted when the heap had `parted` cells.
pub(super) struct Joiner {
    a: State,
    b: State,
    parted: usize,
    why: Rc<Unknown>,
    /// Objects made in the one branch and their likes in the other.
    pairs: HashMap<Ref, Ref>,
    back: HashMap<Ref, Ref>,
    /// Cells of `a` to be replaced by the join with their likes.
    joined: HashMap<Ref, Rc<Cell>>,
    depth: usize,
}

impl Joiner {
    /// `b` must be the one that ran last: it has the longest heap.
    pub fn new(a: State, b: State, parted: usize, why: Rc<Unknown>) -> Joiner {
        let mut a = a;
        a.pad(&b);
        Joiner { a, b, parted, why, pairs: HashMap::new(), back: HashMap::new(), joined: HashMap::new(), depth: 0 }
    }

    /// The joined state, and the joined values of the two branches' results.
    pub fn join(mut self, result: Option<(Val, Val)>) -> (State, Val) {
        for at in 0..self.parted.min(self.a.cells.len()).min(self.b.cells.len()) {
            let (a, b) = (self.a.cells[at].clone(), self.b.cells[at].clone());
            if !Rc::ptr_eq(&a, &b) {
                let cell = self.cell(&a, &b);
                self.joined.insert(at, Rc::new(cell));
            }
        }
        let value = result.map_or(Val::None, |(a, b)| self.value(&a, &b));
        let mut state = self.b.clone();
        // Cells made in `a` stand in `b` as they were when `b` was padded.
        for at in self.parted..self.a.cells.len().min(state.cells.len()) {
            if self.pairs.contains_key(&at) {
                state.cells[at] = self.a.cells[at].clone();
            }
        }
        for (at, cell) in std::mem::take(&mut self.joined) {
            state.cells[at] = cell;
        }
        state.env = self.env();
        state.class_attributes = self.class_attributes();
        state.version = self.a.version.max(self.b.version) + 1;
        (state, value)
    }

    fn unknown(&self) -> Val {
        Val::Unknown(self.why.clone())
    }

    fn value(&mut self, a: &Val, b: &Val) -> Val {
        match (a, b) {
            (Val::None, Val::None) | (Val::Ellipsis, Val::Ellipsis) | (Val::Environ, Val::Environ) => a.clone(),
            (Val::Bool(x), Val::Bool(y)) if x == y => a.clone(),
            (Val::Int(x), Val::Int(y)) if x == y => a.clone(),
            (Val::Float(x), Val::Float(y)) if x.to_bits() == y.to_bits() => a.clone(),
            (Val::Str(x), Val::Str(y)) if x == y => a.clone(),
            (Val::Bytes(x), Val::Bytes(y)) if x == y => a.clone(),
            (Val::Type(x), Val::Type(y))
            | (Val::Native(x), Val::Native(y))
            | (Val::Module(x), Val::Module(y))
            | (Val::External(x), Val::External(y))
            | (Val::Path(x), Val::Path(y))
                if x == y =>
            {
                a.clone()
            }
            (Val::Range(x, y, z), Val::Range(u, v, w)) if (x, y, z) == (u, v, w) => a.clone(),
            (Val::Function(x), Val::Function(y)) if Rc::ptr_eq(x, y) => a.clone(),
            (Val::Exception(x), Val::Exception(y)) if x.kind == y.kind && x.message == y.message => a.clone(),
            (Val::Unknown(x), Val::Unknown(_)) => Val::Unknown(x.clone()),
            (Val::Tuple(x), Val::Tuple(y)) if x.len() == y.len() => {
                let items: Vec<Val> = x.iter().zip(y.iter()).map(|(a, b)| self.value(a, b)).collect();
                Val::Tuple(items.into())
            }
            (Val::Obj(x), Val::Obj(y)) => self.object(*x, *y),
            _ => self.unknown(),
        }
    }

    fn object(&mut self, x: Ref, y: Ref) -> Val {
        if x == y {
            return Val::Obj(x);
        }
        if self.pairs.get(&x) == Some(&y) {
            return Val::Obj(x);
        }
        let fresh = x >= self.parted && y >= self.parted;
        if !fresh || self.pairs.contains_key(&x) || self.back.contains_key(&y) || self.depth > 50 {
            return self.unknown();
        }
        self.pairs.insert(x, y);
        self.back.insert(y, x);
        let (a, b) = (self.a.cells[x].clone(), self.b.cells[y].clone());
        self.depth += 1;
        let cell = self.cell(&a, &b);
        self.depth -= 1;
        self.joined.insert(x, Rc::new(cell));
        Val::Obj(x)
    }

    fn cell(&mut self, a: &Cell, b: &Cell) -> Cell {
        match (a, b) {
            (Cell::Unknown(why), _) | (_, Cell::Unknown(why)) => Cell::Unknown(why.clone()),
            (Cell::List(x), Cell::List(y)) if x.len() == y.len() => {
                Cell::List(x.iter().zip(y).map(|(a, b)| self.value(a, b)).collect())
            }
            (Cell::Set(x), Cell::Set(y)) if x.len() == y.len() && x.keys().all(|key| y.contains_key(key)) => {
                Cell::Set(x.clone())
            }
            (Cell::Dict(x), Cell::Dict(y)) if x.keys().eq(y.keys()) => Cell::Dict(self.pairs_of(x, y)),
            (Cell::Config(x), Cell::Config(y)) => Cell::Config(self.section(x, y)),
            (Cell::Lazy(x), Cell::Lazy(y)) => {
                let same = format!("{x:?}") == format!("{y:?}");
                if same { Cell::Lazy(x.clone()) } else { Cell::Unknown(self.why.clone()) }
            }
            (Cell::Class(x), Cell::Class(y)) if x.span == y.span => {
                let mut class = x.clone();
                for (name, (value, span)) in &y.attributes {
                    let old = x.attributes.get(name).map(|(value, _)| value.clone());
                    let joined = match old {
                        Some(old) => self.value(&old, value),
                        None => self.unknown(),
                    };
                    class.attributes.insert(name.clone(), (joined, span.clone()));
                }
                for (name, (value, _)) in &mut class.attributes {
                    if !y.attributes.contains_key(name) {
                        *value = self.unknown();
                    }
                }
                Cell::Class(class)
            }
            (Cell::Instance(x, xs), Cell::Instance(y, ys)) if x == y => Cell::Instance(*x, self.names(xs, ys)),
            (Cell::Scope(x), Cell::Scope(y)) => Cell::Scope(Scope {
                names: self.names(&x.names, &y.names),
                parent: x.parent,
                open: x.open.clone().or_else(|| y.open.clone()),
            }),
            (Cell::Iterator(x, at), Cell::Iterator(y, there)) if at == there && x.len() == y.len() => {
                let items = x.iter().zip(y).map(|(a, b)| self.value(a, b)).collect();
                Cell::Iterator(items, *at)
            }
            (Cell::File(x, at), Cell::File(y, there)) if at == there => Cell::File(self.value(x, y), *at),
            _ => Cell::Unknown(self.why.clone()),
        }
    }

    fn pairs_of(&mut self, x: &IndexMap<Key, (Val, Val)>, y: &IndexMap<Key, (Val, Val)>) -> IndexMap<Key, (Val, Val)> {
        x.iter()
            .zip(y.values())
            .map(|((key, (name, a)), (_, b))| (key.clone(), (name.clone(), self.value(a, b))))
            .collect()
    }

    fn names(&mut self, x: &IndexMap<Rc<str>, Val>, y: &IndexMap<Rc<str>, Val>) -> IndexMap<Rc<str>, Val> {
        let mut all = IndexMap::new();
        for (name, a) in x {
            let joined = match y.get(name) {
                Some(b) => self.value(a, b),
                None => self.unknown(),
            };
            all.insert(name.clone(), joined);
        }
        for name in y.keys().filter(|name| !x.contains_key(*name)) {
            all.insert(name.clone(), self.unknown());
        }
        all
    }

    fn section(&mut self, x: &Section, y: &Section) -> Section {
        let mut all = Section::named(&x.name);
        for (name, slot) in &x.slots {
            let joined = match y.slots.get(name) {
                Some(other) => self.slot(slot, other),
                None => self.lone(slot, true),
            };
            all.slots.insert(name.clone(), joined);
        }
        for (name, slot) in y.slots.iter().filter(|(name, _)| !x.slots.contains_key(*name)) {
            let lone = self.lone(slot, false);
            all.slots.insert(name.clone(), lone);
        }
        all
    }

    fn slot(&mut self, a: &Slot, b: &Slot) -> Slot {
        let value = self.value(&a.value, &b.value);
        let later = if b.shadowed.len() > a.shadowed.len() { b } else { a };
        Slot { value, ..later.clone() }
    }

    /// A slot that only one branch has. A section is kept, and what is in it is unknown.
    fn lone(&mut self, slot: &Slot, in_a: bool) -> Slot {
        let mut slot = slot.clone();
        if let Val::Obj(at) = slot.value {
            let cell = if in_a { self.a.cells[at].clone() } else { self.b.cells[at].clone() };
            if let Cell::Config(section) = &*cell {
                let empty = Section::named(&section.name);
                let joined = if in_a { self.section(section, &empty) } else { self.section(&empty, section) };
                self.joined.insert(at, Rc::new(Cell::Config(joined)));
                return slot;
            }
        }
        slot.value = self.unknown();
        slot
    }

    fn env(&self) -> Rc<crate::source::Env> {
        if Rc::ptr_eq(&self.a.env, &self.b.env) {
            return self.b.env.clone();
        }
        let mut env = (*self.b.env).clone();
        let unknown = || crate::value::Value::Unknown((*self.why).clone());
        for (name, variable) in self.a.env.iter() {
            if env.get(name).map(|other| &other.value) != Some(&variable.value) {
                env.set(name, unknown(), variable.set_at.clone());
            }
        }
        for (name, variable) in self.b.env.iter() {
            if self.a.env.get(name).is_none() {
                env.set(name, unknown(), variable.set_at.clone());
            }
        }
        Rc::new(env)
    }

    fn class_attributes(&self) -> Rc<Vec<crate::source::ClassAttribute>> {
        let (a, b) = (&self.a.class_attributes, &self.b.class_attributes);
        if Rc::ptr_eq(a, b) {
            return b.clone();
        }
        let same = a
            .iter()
            .zip(b.iter())
            .take_while(|(x, y)| x.class == y.class && x.attribute == y.attribute && x.span == y.span)
            .count();
        let mut all: Vec<_> = a[..same].to_vec();
        for attribute in a[same..].iter().chain(&b[same..]) {
            let mut attribute = attribute.clone();
            attribute.value = crate::value::Value::Unknown((*self.why).clone());
            all.push(attribute);
        }
        Rc::new(all)
    }
}
