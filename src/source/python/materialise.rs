//! From the reader's objects to plain values, and back.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::source::{Config, Entry, Lazy, Written};
use crate::span::Origin;
use crate::value::{Callable, Class, Dict, Method, Set, Touches, Unknown, Value};

use super::Interpreter;
use super::heap::{Binding, Cell, ClassCell, Function, LazyCell, Ref, Section, Slot, Val};

/// How many values one setting may hold.
const NODES: usize = 300_000;
/// How deep they may nest.
const LEVELS: usize = 60;

/// Whether a name stands for something else than Python's own of that name.
fn is_rebound(name: &str, value: &Val) -> bool {
    if name == "re" {
        return !matches!(value, Val::Module(module) if &**module == "re");
    }
    super::builtins::is_builtin(name)
}

/// Whether a text has a word in it.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|found| found == word)
}

impl Interpreter<'_> {
    /// The plain value of an object, as it stands now.
    pub(super) fn materialise(&self, value: &Val) -> Value {
        let mut nodes = NODES;
        self.plain(value, &mut nodes, 0)
    }

    fn plain(&self, value: &Val, nodes: &mut usize, level: usize) -> Value {
        if *nodes == 0 || level > LEVELS {
            return Value::unknown("it is too large or nested too deeply to be followed", None);
        }
        *nodes -= 1;
        match value {
            Val::None => Value::None,
            Val::Bool(truth) => Value::Bool(*truth),
            Val::Int(number) => Value::Int(number.clone()),
            Val::Float(number) => Value::Float(*number),
            Val::Str(text) => Value::Str(text.to_string()),
            Val::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Val::Tuple(items) => Value::Tuple(items.iter().map(|item| self.plain(item, nodes, level + 1)).collect()),
            Val::Obj(at) => self.plain_cell(*at, nodes, level),
            Val::Function(function) => Value::Callable(Callable {
                name: function.name.to_string(),
                source: self.own_source(function),
                span: Some(function.span.clone()),
            }),
            Val::Type(name) => Value::Class(Box::new(imported_class(name, format!("builtins.{name}")))),
            Val::Native(path) => {
                Value::Callable(Callable { name: last(path).into(), source: path.to_string(), span: None })
            }
            Val::Method(method) => match &method.0 {
                Val::Obj(at) if matches!(self.state.cell(*at), Cell::Instance(..)) => Value::Callable(Callable {
                    name: method.1.to_string(),
                    source: format!("a method {} of an object", method.1),
                    span: None,
                }),
                _ => Value::unknown("it is a method of an object, which is not followed here", None),
            },
            Val::External(path) => external(path),
            Val::Unknown(why) => Value::Unknown((**why).clone()),
            Val::Module(name) => Value::unknown(format!("it is the module {name}"), None),
            Val::Environ => Value::unknown("it is os.environ itself", None),
            Val::Path(path) => Value::unknown(format!("it is pathlib.Path({path:?}), which is no text"), None),
            Val::Range(..) => Value::unknown("it is a range, which is no list", None),
            Val::Exception(_) => Value::unknown("it is an exception", None),
            Val::Ellipsis => Value::unknown("it is an ellipsis", None),
        }
    }

    fn plain_cell(&self, at: Ref, nodes: &mut usize, level: usize) -> Value {
        match self.state.cell(at) {
            Cell::List(items) => Value::List(items.iter().map(|item| self.plain(item, nodes, level + 1)).collect()),
            Cell::Set(set) => {
                let items = set.values().map(|item| self.plain(item, nodes, level + 1));
                Set::of(items).map_or_else(|_| unhashable(), Value::Set)
            }
            Cell::Dict(map) => {
                let mut dict = Dict::new();
                for (key, value) in map.values() {
                    let (key, value) = (self.plain(key, nodes, level + 1), self.plain(value, nodes, level + 1));
                    if dict.insert_value(key, value).is_err() {
                        return unhashable();
                    }
                }
                Value::Dict(dict)
            }
            Cell::Config(section) => {
                let mut dict = Dict::new();
                for (name, slot) in &section.slots {
                    dict.insert(name.clone(), self.plain(&slot.value, nodes, level + 1));
                }
                Value::Dict(dict)
            }
            Cell::Lazy(_) => Value::unknown("it is read before it is set, so it stands for the default", None),
            Cell::Class(class) => Value::Class(Box::new(self.plain_class(class, nodes, level))),
            Cell::Instance(class, _) => match self.state.cell(*class) {
                Cell::Class(class) => self.plain_instance(class),
                _ => Value::unknown("it is an object, which is not followed here", None),
            },
            Cell::View(_) => Value::unknown("it is a view of a dictionary, which is no list", None),
            Cell::Iterator(..) => Value::unknown("it is an iterator, which is no list", None),
            Cell::File(..) => Value::unknown("it is an open file", None),
            Cell::Scope(_) => Value::unknown("it is a module", None),
            Cell::Unknown(why) => Value::Unknown((**why).clone()),
        }
    }

    /// An object can be called where its class says how.
    fn plain_instance(&self, class: &ClassCell) -> Value {
        match class.attributes.get("__call__") {
            Some((Val::Function(function), _)) => Value::Callable(Callable {
                name: class.name.to_string(),
                source: format!("an object of the class {}", class.name),
                span: Some(function.span.clone()),
            }),
            _ => Value::unknown(format!("it is an object of the class {}", class.name), Some(class.span.clone())),
        }
    }

    fn plain_class(&self, class: &ClassCell, nodes: &mut usize, level: usize) -> Class {
        let mut methods = Vec::new();
        let mut attributes = Vec::new();
        for (name, (value, span)) in &class.attributes {
            // A method has the place of its class; what is assigned has one of its own.
            let defined = class.methods.iter().rev().find(|method| method.name == **name);
            let defined = defined.filter(|method| match value {
                Val::Function(function) => method.source == *function.source,
                _ => *span == class.span,
            });
            let is_property = matches!(value, Val::Function(function) if function.binding == Binding::Property);
            match (value, defined) {
                (Val::Function(function), _) if is_property && !name.starts_with("__") => {
                    let why = Value::unknown(format!("{name} is a property"), Some(function.span.clone()));
                    attributes.push((name.to_string(), why, function.span.clone()));
                    methods.extend(defined.cloned());
                }
                (Val::Function(function), Some(method)) => {
                    let source = self.own_source(function);
                    methods.push(Method { source, ..method.clone() });
                }
                (Val::Function(function), None) => methods.push(self.assigned(name, function)),
                (value, defined) => {
                    attributes.push((name.to_string(), self.plain(value, nodes, level + 1), span.clone()));
                    methods.extend(defined.cloned());
                }
            }
        }
        Class {
            name: class.name.to_string(),
            import: None,
            bases: class.bases.iter().map(|base| self.plain(base, nodes, level + 1)).collect(),
            attributes,
            methods,
            span: Some(class.span.clone()),
        }
    }

    /// A function that stands in a class without being defined in its body.
    fn assigned(&self, name: &str, function: &Function) -> Method {
        Method {
            name: name.to_owned(),
            default_of: None,
            returns: None,
            source: self.own_source(function),
            span: function.span.clone(),
            touches: Touches::Nothing,
        }
    }

    /// The text of a function, by which it can be called; not where a word in it means something else than it usually
    /// does, which a comment before it says.
    fn own_source(&self, function: &Function) -> String {
        let source = &*function.source;
        let mut scope = Some(function.scope);
        while let Some(Cell::Scope(names)) = scope.map(|at| self.state.cell(at)) {
            let rebound = |(name, value): (&Rc<str>, &Val)| is_rebound(name, value) && has_word(source, name);
            if names.names.iter().any(rebound) {
                return format!("# a word in it means something else here\n{source}");
            }
            scope = names.parent;
        }
        source.to_owned()
    }

    /// The whole tree, with the application's own configuration under it.
    pub(super) fn materialise_config(&self) -> Config {
        let mut config = Config::new();
        if let Cell::Config(app) = self.state.cell(self.app_root) {
            let mut app = app.clone();
            // `Application.update_config` loads only what the file's own tree holds into the hub itself.
            app.slots
                .retain(|name, _| !matches!(name.as_str(), "JupyterHub" | "Application" | "SingletonConfigurable"));
            config = self.tree(&app, 0);
        }
        if let Cell::Config(section) = self.state.cell(self.root) {
            let own = self.tree(section, 0);
            if config.is_empty() { config = own } else { config.merge(own, "") }
        }
        config
    }

    fn tree(&self, section: &Section, level: usize) -> Config {
        let mut config = Config::new();
        if level > LEVELS {
            return config;
        }
        for (name, slot) in &section.slots {
            let origin = slot.span.clone().map_or(Origin::Default, Origin::File);
            let written = match &slot.value {
                Val::Obj(at) => match self.state.cell(*at) {
                    Cell::Config(below) if crate::source::config::is_section_name(name) => {
                        config.section_mut(name).clone_from(&self.tree(below, level + 1));
                        continue;
                    }
                    Cell::Lazy(lazy) => Written::Lazy(self.plain_lazy(lazy)),
                    _ => Written::Plain(self.materialise(&slot.value)),
                },
                value => Written::Plain(self.materialise(value)),
            };
            let qualified = format!("{}.{name}", section.name);
            config.set(&qualified, name, Entry { written, origin, shadowed: slot.shadowed.clone() });
        }
        config
    }

    fn plain_lazy(&self, lazy: &LazyCell) -> Lazy {
        let all = |values: &[Val]| values.iter().map(|value| self.materialise(value)).collect();
        Lazy {
            extend: all(&lazy.extend),
            prepend: all(&lazy.prepend),
            inserts: lazy.inserts.iter().map(|(at, value)| (*at, self.materialise(value))).collect(),
            update: lazy.update.as_ref().map(|update| self.materialise(update)),
        }
    }

    /// A plain value as an object of the reader's.
    pub(super) fn import_value(&mut self, value: &Value) -> Val {
        match value {
            Value::None => Val::None,
            Value::Bool(truth) => Val::Bool(*truth),
            Value::Int(number) => Val::Int(number.clone()),
            Value::Float(number) => Val::Float(*number),
            Value::Str(text) => Val::str(text),
            Value::Bytes(bytes) => Val::Bytes(bytes.as_slice().into()),
            Value::List(items) => {
                let items = items.iter().map(|item| self.import_value(item)).collect();
                self.new_list(items)
            }
            Value::Tuple(items) => Val::Tuple(items.iter().map(|item| self.import_value(item)).collect()),
            Value::Set(set) => {
                let mut map = IndexMap::new();
                for item in set.iter() {
                    let item = self.import_value(item);
                    if let Some(key) = self.quiet_key(&item) {
                        map.insert(key, item);
                    }
                }
                Val::Obj(self.state.new_cell(Cell::Set(map)))
            }
            Value::Dict(dict) => {
                let mut map = IndexMap::new();
                for (key, value) in dict.iter() {
                    let (key, value) = (self.import_value(key), self.import_value(value));
                    if let Some(hash) = self.quiet_key(&key) {
                        map.insert(hash, (key, value));
                    }
                }
                Val::Obj(self.state.new_cell(Cell::Dict(map)))
            }
            Value::Class(class) if class.import.is_some() => {
                Val::External(class.import.clone().unwrap_or_default().into())
            }
            Value::Callable(_) | Value::Class(_) => {
                Val::unknown("it comes from another part of the configuration, which is not followed here", None)
            }
            Value::Unknown(why) => Val::Unknown(Rc::new(why.clone())),
        }
    }

    fn quiet_key(&self, value: &Val) -> Option<crate::value::Key> {
        match value {
            Val::Unknown(why) => Some(crate::value::Key::Other(format!("?{} {:?}", why.reason, why.span))),
            value => crate::value::Key::of(&self.materialise(value)).ok(),
        }
    }

    /// Puts a tree under the reader's root, as if earlier code had assigned it.
    pub(super) fn seed(&mut self, config: &Config) {
        self.seed_at(self.root, config);
    }

    fn seed_at(&mut self, at: Ref, config: &Config) {
        for (name, entry) in config.entries() {
            let value = match &entry.written {
                Written::Plain(value) => self.import_value(value),
                Written::Lazy(lazy) => self.import_lazy(lazy),
            };
            let slot = Slot { value, span: entry.origin.span().cloned(), shadowed: entry.shadowed.clone() };
            if let Cell::Config(section) = self.state.cell_mut(at) {
                section.slots.insert(name.to_owned(), slot);
            }
        }
        for (name, below) in config.sections() {
            let section = self.state.new_cell(Cell::Config(Section::named(name)));
            self.seed_at(section, below);
            if let Cell::Config(parent) = self.state.cell_mut(at) {
                let slot = Slot { value: Val::Obj(section), span: None, shadowed: Vec::new() };
                parent.slots.insert(name.to_owned(), slot);
            }
        }
    }

    fn import_lazy(&mut self, lazy: &Lazy) -> Val {
        let extend = lazy.extend.iter().map(|value| self.import_value(value)).collect();
        let prepend = lazy.prepend.iter().map(|value| self.import_value(value)).collect();
        let inserts = lazy.inserts.iter().map(|(at, value)| (*at, self.import_value(value))).collect();
        let update = lazy.update.as_ref().map(|update| self.import_value(update));
        Val::Obj(self.state.new_cell(Cell::Lazy(LazyCell { extend, prepend, inserts, update })))
    }

    /// Python's `repr`; `None` where it is unknown.
    pub(super) fn repr(&self, value: &Val) -> Option<String> {
        if let Val::Path(path) = value {
            return Some(format!("PosixPath('{path}')"));
        }
        let plain = self.materialise(value);
        let printable = !contains_opaque(&plain);
        printable.then(|| plain.repr())
    }

    /// Python's `str`; `None` where it is unknown.
    pub(super) fn to_text(&self, value: &Val) -> Option<String> {
        match value {
            Val::Str(text) => Some(text.to_string()),
            Val::Path(path) => Some(path.to_string()),
            Val::Exception(exc) if !exc.message.is_empty() => Some(exc.message.clone()),
            value => self.repr(value),
        }
    }
}

fn contains_opaque(value: &Value) -> bool {
    match value {
        Value::Unknown(_) | Value::Callable(_) | Value::Class(_) => true,
        // Python prints a set in the order of its hashes, which differs from run to run.
        Value::Set(set) => set.len() > 1 || set.iter().any(contains_opaque),
        Value::List(items) | Value::Tuple(items) => items.iter().any(contains_opaque),
        Value::Dict(dict) => dict.iter().any(|(key, value)| contains_opaque(key) || contains_opaque(value)),
        _ => false,
    }
}

fn unhashable() -> Value {
    Value::unknown("it holds something that cannot be hashed", None)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn imported_class(name: &str, import: String) -> Class {
    Class {
        name: name.to_owned(),
        import: Some(import),
        bases: Vec::new(),
        attributes: Vec::new(),
        methods: Vec::new(),
        span: None,
    }
}

/// Something imported: a class by its look, a function where the package is one whose functions are known.
fn external(path: &str) -> Value {
    let name = last(path);
    let class_like =
        name.trim_start_matches('_').starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase);
    if class_like {
        return Value::Class(Box::new(imported_class(name, path.to_owned())));
    }
    let known = ["oauthenticator", "jupyterhub", "traitlets", "tornado"];
    let package = path.split('.').next().unwrap_or(path);
    if known.contains(&package) && path.contains('.') && name.chars().any(char::is_lowercase) {
        return Value::Callable(Callable { name: name.to_owned(), source: path.to_owned(), span: None });
    }
    Value::Unknown(Unknown { reason: format!("{path} comes from a module that is not read here"), span: None })
}
