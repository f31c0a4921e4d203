//! The reader's memory: Python objects with identity, so that a set assigned to an option and added to later through
//! another name is one set.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use num_bigint::BigInt;
use ruff_python_ast as ast;

use crate::source::{ClassAttribute, Env, Shadowed};
use crate::span::Span;
use crate::value::{Key, Unknown};

use super::file::File;

/// The address of an object.
pub(super) type Ref = usize;

/// A Python value while reading. Whatever can be changed in place stands in the heap, behind `Obj`.
#[derive(Clone, Debug)]
pub(super) enum Val {
    None,
    Ellipsis,
    Bool(bool),
    Int(BigInt),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Val]>),
    /// A list, set, dict, section, class, instance …
    Obj(Ref),
    Function(Rc<Function>),
    /// A built-in type or exception class, by name.
    Type(Rc<str>),
    /// A function of the standard library or of traitlets that the reader knows, by dotted name.
    Native(Rc<str>),
    /// A method of a value, not yet called.
    Method(Rc<(Val, Rc<str>)>),
    /// A module of the standard library.
    Module(Rc<str>),
    /// `os.environ`.
    Environ,
    /// A name from a module that is not read, by dotted path.
    External(Rc<str>),
    /// A `pathlib.Path`.
    Path(Rc<str>),
    /// A `range`.
    Range(i64, i64, i64),
    /// A caught exception.
    Exception(Rc<Exc>),
    /// What cannot be known here.
    Unknown(Rc<Unknown>),
}

/// A function or lambda with the scope it was made in.
#[derive(Debug)]
pub(super) struct Function {
    pub name: Rc<str>,
    pub parameters: ast::Parameters,
    pub defaults: HashMap<String, Val>,
    pub body: Body,
    pub scope: Ref,
    pub globals: Ref,
    pub file: Rc<File>,
    pub span: Span,
    pub source: Rc<str>,
    /// Decorators other than the harmless ones stand in the way of calling it.
    pub plain: bool,
    /// `@staticmethod`, `@classmethod`, `@property`: how a class hands it out.
    pub binding: Binding,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Binding {
    Instance,
    Static,
    Class,
    Property,
}

#[derive(Debug)]
pub(super) enum Body {
    Block(Vec<ast::Stmt>),
    Expression(ast::Expr),
}

/// A raised exception.
#[derive(Clone, Debug)]
pub(super) struct Exc {
    /// The name of its class.
    pub kind: Rc<str>,
    /// What `str(e)` gives.
    pub message: String,
    pub span: Option<Span>,
    /// The bases of a class that the file defines, by name.
    pub bases: Vec<Rc<str>>,
    /// Whether it is this very exception that is raised, and not one that something unknown may raise.
    pub certain: bool,
}

/// An object in the heap.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    List(Vec<Val>),
    Set(IndexMap<Key, Val>),
    Dict(IndexMap<Key, (Val, Val)>),
    Config(Section),
    Lazy(LazyCell),
    Class(ClassCell),
    Instance(Ref, IndexMap<Rc<str>, Val>),
    Iterator(Vec<Val>, usize),
    /// What `dict.items()` and its kin give.
    View(Vec<Val>),
    /// An open file: its content, and whether it is read as text.
    File(Val, usize),
    Scope(Scope),
    /// Something was done to it that cannot be followed.
    Unknown(Rc<Unknown>),
}

/// A section of the configuration: traitlets' `Config`.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    pub name: String,
    pub slots: IndexMap<String, Slot>,
}

/// What stands under a name in a section.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub value: Val,
    pub span: Option<Span>,
    pub shadowed: Vec<Shadowed>,
}

/// traitlets' `LazyConfigValue`.
#[derive(Clone, Debug, Default)]
pub(super) struct LazyCell {
    pub extend: Vec<Val>,
    pub prepend: Vec<Val>,
    pub inserts: Vec<(i64, Val)>,
    /// A dict or set cell.
    pub update: Option<Val>,
}

/// A class that the file defines.
#[derive(Clone, Debug)]
pub(super) struct ClassCell {
    pub name: Rc<str>,
    pub bases: Vec<Val>,
    pub attributes: IndexMap<Rc<str>, (Val, Span)>,
    pub methods: Vec<crate::value::Method>,
    pub span: Span,
}

/// The names of a module, function or class body.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub names: IndexMap<Rc<str>, Val>,
    /// The scope around it, where it is a function's.
    pub parent: Option<Ref>,
    /// Why any other name may be there too (`from x import *`).
    pub open: Option<Rc<Unknown>>,
}

/// Everything that a branch may change.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub cells: Vec<Rc<Cell>>,
    pub env: Rc<Env>,
    pub class_attributes: Rc<Vec<ClassAttribute>>,
    /// Counts changes, to tell at a glance that nothing happened.
    pub version: u64,
}

impl State {
    pub fn new_cell(&mut self, cell: Cell) -> Ref {
        self.cells.push(Rc::new(cell));
        self.cells.len() - 1
    }

    pub fn cell(&self, at: Ref) -> &Cell {
        &self.cells[at]
    }

    pub fn cell_mut(&mut self, at: Ref) -> &mut Cell {
        self.version += 1;
        Rc::make_mut(&mut self.cells[at])
    }

    pub fn env_mut(&mut self) -> &mut Env {
        self.version += 1;
        Rc::make_mut(&mut self.env)
    }

    /// Addresses are given out once for all branches: a state that is taken up again gets the cells made since.
    pub fn pad(&mut self, longest: &State) {
        let from = self.cells.len();
        if from < longest.cells.len() {
            self.cells.extend_from_slice(&longest.cells[from..]);
        }
    }
}

impl Val {
    pub fn str(text: impl AsRef<str>) -> Val {
        Val::Str(Rc::from(text.as_ref()))
    }

    pub fn int(number: impl Into<BigInt>) -> Val {
        Val::Int(number.into())
    }

    pub fn native(name: &str) -> Val {
        Val::Native(Rc::from(name))
    }

    pub fn unknown(reason: impl Into<String>, span: Option<Span>) -> Val {
        Val::Unknown(Rc::new(Unknown { reason: reason.into(), span }))
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Val::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Val::Unknown(_))
    }
}

impl Section {
    pub fn named(name: &str) -> Section {
        Section { name: name.to_owned(), slots: IndexMap::new() }
    }
}
