//! What the names of a class lead to: upstream's traits, what local classes put in their place, and what the configuration
//! assigns on classes from outside (`MetaHasTraits.setup_class`, Python's attribute lookup).

use super::class::Link;
use super::instance::{Held, Instance, Source};
use super::option::{DefaultDef, OptionDef};
use crate::span::{Origin, Span};
use crate::value::{Class, Method, Touches, Value};

/// What a name leads to on the class.
#[derive(Clone, Debug)]
pub(super) enum Attribute {
    /// A trait, and how far up the method resolution order the class stands that declares it.
    Trait(&'static OptionDef, usize),
    /// Something else: a class attribute that hides the trait.
    Plain(Held),
    /// What a local class body assigns that cannot be known, most likely a trait declared anew.
    Redeclared(Held),
}

impl Instance<'_> {
    pub(super) fn look_up_attributes(&mut self) {
        let mut names: Vec<String> = self.class.option_names().into_iter().map(str::to_owned).collect();
        names.extend(self.class.locals.iter().flat_map(own_traits));
        names.sort_unstable();
        names.dedup();
        for name in names {
            let patched = self.patched(&name);
            let declared = self.declared(&name);
            let is_trait = matches!(declared, Some(Attribute::Trait(..) | Attribute::Redeclared(_)));
            if is_trait && !patched.as_ref().is_some_and(|(_, before)| *before) {
                self.traits.push(name.clone());
            }
            let found = match patched {
                Some((held, _)) => Some(Attribute::Plain(held)),
                None => declared,
            };
            if let Some(found) = found {
                self.attributes.insert(name, found);
            }
        }
    }

    /// What the class bodies say of a name, the most derived first.
    fn declared(&self, name: &str) -> Option<Attribute> {
        self.class.chain.iter().enumerate().find_map(|(depth, link)| match link {
            Link::Local(class) => {
                if let Some(method) = class.methods.iter().find(|method| method.name == name) {
                    let why = Value::unknown(format!("{name} is a property or a method"), Some(method.span.clone()));
                    return Some(Attribute::Redeclared(attribute_of(&class.name, name, why, &method.span)));
                }
                let (_, value, span) = class.attributes.iter().rev().find(|(attribute, ..)| attribute == name)?;
                let held = attribute_of(&class.name, name, value.clone(), span);
                match value {
                    Value::Unknown(_) => Some(Attribute::Redeclared(held)),
                    _ => Some(Attribute::Plain(held)),
                }
            }
            Link::Stock(def) => match (def.attribute(name), def.own_option(name)) {
                (Some(plain), _) => Some(Attribute::Plain(Held { value: plain.value(), source: Source::default() })),
                (None, Some(option)) => Some(Attribute::Trait(option, depth)),
                (None, None) => None,
            },
        })
    }

    /// `Class.attribute = value` outside of a class body, on the first class in the order that has anything of that
    /// name; and whether it was there before the running class was made.
    fn patched(&self, name: &str) -> Option<(Held, bool)> {
        self.class.chain.iter().find_map(|link| {
            let patch = self
                .loaded
                .class_attributes
                .iter()
                .rev()
                .find(|patch| patch.class == link.name() && patch.attribute == name);
            match patch {
                Some(patch) => {
                    let held = attribute_of(&patch.class, name, patch.value.clone(), &patch.span);
                    // A wrapper is made when all of the configuration has run.
                    let before = self.class.is_wrapped()
                        || self.class.locals.first().and_then(|class| class.span.as_ref()).is_some_and(|class| {
                            class.file == patch.span.file
                                && patch.span.line < class.line
                                && patch.class != self.class.name
                        });
                    Some(Some((held, before)))
                }
                None => match link {
                    Link::Local(class) if class.attributes.iter().any(|(attribute, ..)| attribute == name) => {
                        Some(None)
                    }
                    Link::Stock(def) if def.own_option(name).is_some() || def.attribute(name).is_some() => Some(None),
                    _ => None,
                },
            }
        })?
    }
}

fn attribute_of(class: &str, name: &str, value: Value, span: &Span) -> Held {
    let source = Source {
        origin: Origin::File(span.clone()),
        written_as: Some(format!("{class}.{name}")),
        shadowed: Vec::new(),
    };
    Held { value, source }
}

/// What a local class body may declare as traits of its own.
fn own_traits(class: &Class) -> impl Iterator<Item = String> + '_ {
    let unknown = class.attributes.iter().filter(|(_, value, _)| matches!(value, Value::Unknown(_)));
    unknown.map(|(name, ..)| name.clone()).filter(|name| !name.starts_with('_'))
}

/// Whether a method stands under `@validate("name")`.
pub(super) fn validates(method: &Method, name: &str) -> bool {
    matches!(&method.touches, Touches::Options(names) if names.iter().any(|option| option == name))
}

pub(super) enum Generator {
    Stock(&'static DefaultDef),
    Local(Value),
}

/// `MetaHasTraits.setup_class`: the first class, down from the running one to the one that declares the trait, that
/// has a `@default` or a `_<name>_default` method for it.
pub(super) fn generator(chain: &[Link], name: &str) -> Option<Generator> {
    let magic = format!("_{name}_default");
    chain.iter().find_map(|link| match link {
        Link::Stock(def) => def.defaults.iter().find(|default| default.option == name).map(Generator::Stock),
        Link::Local(class) => {
            let methods = &class.methods;
            let found = methods
                .iter()
                .rev()
                .find(|method| method.name == magic)
                .or_else(|| methods.iter().rev().find(|method| method.default_of.as_deref() == Some(name)))?;
            Some(Generator::Local(found.returns.clone().unwrap_or_else(|| {
                let reason = format!("{}.{} computes it", class.name, found.name);
                Value::unknown(reason, Some(found.span.clone()))
            })))
        }
    })
}
