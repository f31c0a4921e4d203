//! What a piece of code may change, where it cannot be followed: all of it becomes unknown.

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprContext, Stmt};

use crate::value::Unknown;

use super::heap::{Body, Cell, Function, Scope, Val};
use super::{Frame, Interpreter};

/// The names a piece of code binds, and the expressions whose objects it may change.
#[derive(Default)]
struct Effects<'a> {
    bound: Vec<&'a str>,
    /// `object.name = …`, `object[key] = …`: the object, and the name where it is one.
    changed: Vec<(&'a Expr, Option<&'a str>)>,
    /// Receivers and arguments of calls.
    handed: Vec<&'a Expr>,
    called: Vec<&'a Expr>,
}

impl<'a> Visitor<'a> for Effects<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.bound.push(function.name.as_str()),
            Stmt::ClassDef(class) => self.bound.push(class.name.as_str()),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.bound.push(name.split('.').next().unwrap_or(name));
                }
            }
            Stmt::ImportFrom(import) => {
                let names = import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str());
                self.bound.extend(names);
            }
            Stmt::AugAssign(statement) => {
                self.handed.push(&statement.target);
                self.visit_expr(&statement.target);
                self.visit_expr(&statement.value);
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx != ExprContext::Load => self.bound.push(name.id.as_str()),
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.changed.push((&attribute.value, Some(attribute.attr.as_str())));
            }
            Expr::Subscript(subscript) if subscript.ctx != ExprContext::Load => {
                let name = match &*subscript.slice {
                    Expr::StringLiteral(literal) => Some(literal.value.to_str()),
                    _ => None,
                };
                self.changed.push((&subscript.value, name));
            }
            Expr::Call(call) => {
                self.called.push(&call.func);
                if let Expr::Attribute(method) = &*call.func {
                    self.handed.push(&method.value);
                }
                self.handed.extend(call.arguments.args.iter());
                self.handed.extend(call.arguments.keywords.iter().map(|keyword| &keyword.value));
            }
            Expr::Lambda(_) => return,
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// How deep calls inside calls are looked into.
const DEPTH: usize = 6;

impl Interpreter<'_> {
    /// Makes unknown whatever these statements may change in the current frame.
    pub(super) fn havoc(&mut self, body: &[Stmt], why: &Rc<Unknown>) {
        let mut seen = HashSet::new();
        self.havoc_body(body, why, &mut seen, 0);
    }

    /// The same for what a function changes outside itself.
    pub(super) fn havoc_function(&mut self, function: &Rc<Function>, why: &Rc<Unknown>) {
        let mut seen = HashSet::new();
        self.havoc_call(function, why, &mut seen, 0);
    }

    fn havoc_call(&mut self, function: &Rc<Function>, why: &Rc<Unknown>, seen: &mut HashSet<usize>, depth: usize) {
        if depth > DEPTH || !seen.insert(Rc::as_ptr(function) as usize) {
            return;
        }
        let mut scope = Scope { parent: Some(function.scope), ..Scope::default() };
        for parameter in function.parameters.iter() {
            scope.names.insert(parameter.name().as_str().into(), Val::Unknown(why.clone()));
        }
        let scope = self.state.new_cell(Cell::Scope(scope));
        let frame = Frame {
            scope,
            globals: function.globals,
            file: function.file.clone(),
            elsewhere: Default::default(),
            statement: Some(function.span.clone()),
        };
        self.frames.push(frame);
        if let Body::Block(body) = &function.body {
            self.havoc_body(body, why, seen, depth + 1);
        }
        self.frames.pop();
    }

    fn havoc_body(&mut self, body: &[Stmt], why: &Rc<Unknown>, seen: &mut HashSet<usize>, depth: usize) {
        let mut effects = Effects::default();
        stacker::maybe_grow(512 * 1024, 8 * 1024 * 1024, || effects.visit_body(body));
        for statement in body {
            match statement {
                Stmt::Global(names) => names.names.iter().for_each(|name| {
                    let globals = self.frame().globals;
                    self.bind_in(globals, name.as_str(), Val::Unknown(why.clone()));
                }),
                Stmt::Nonlocal(names) => effects.bound.extend(names.names.iter().map(|name| name.as_str())),
                _ => {}
            }
        }
        self.steps += (effects.changed.len() + effects.handed.len() + effects.called.len()) as u64;
        for (object, name) in &effects.changed {
            let Some(value) = self.peek(object) else { continue };
            match (&value, name) {
                (Val::Obj(at), Some(name)) if matches!(self.state.cell(*at), Cell::Config(_)) => {
                    if !crate::source::config::is_section_name(name) {
                        let span = self.frame().file.span(ruff_text_size::Ranged::range(*object));
                        self.put(*at, name, Val::Unknown(why.clone()), span);
                    }
                }
                (Val::Environ, Some(name)) => {
                    let unknown = crate::value::Value::Unknown((**why).clone());
                    self.state.env_mut().set(*name, unknown, why.span.clone());
                }
                _ => self.taint(&value, why),
            }
        }
        for object in &effects.handed {
            if let Some(value) = self.peek(object) {
                let is_section = matches!(self.cell_of(&value), Some(Cell::Config(_)));
                // What a section's own methods do is found by following the body once.
                if !is_section {
                    self.taint(&value, why);
                }
            }
        }
        let called: Vec<Val> = effects.called.iter().filter_map(|function| self.peek(function)).collect();
        for name in &effects.bound {
            self.bind(name, Val::Unknown(why.clone()));
        }
        for function in called {
            if let Val::Function(function) = function {
                self.havoc_call(&function, why, seen, depth);
            }
        }
    }

    /// The object an expression stands for, without following any code: names, attributes and constant keys.
    fn peek(&mut self, expression: &Expr) -> Option<Val> {
        match expression {
            Expr::Name(name) => {
                let mut scope = Some(self.frame().scope);
                while let Some(at) = scope {
                    let Cell::Scope(cell) = self.state.cell(at) else { return None };
                    if let Some(value) = cell.names.get(name.id.as_str()) {
                        return Some(value.clone());
                    }
                    scope = cell.parent;
                }
                self.name_in(self.frame().globals, name.id.as_str())
            }
            Expr::Attribute(attribute) => {
                let object = self.peek(&attribute.value)?;
                let name = attribute.attr.as_str();
                match &object {
                    Val::Obj(at) if matches!(self.state.cell(*at), Cell::Config(_)) => {
                        let section = crate::source::config::is_section_name(name);
                        if section || self.has_option(*at, name) {
                            self.option(*at, name, Default::default()).ok()
                        } else {
                            None
                        }
                    }
                    Val::Obj(at) => match self.state.cell(*at) {
                        Cell::Instance(_, attributes) => attributes.get(name).cloned().or(Some(object)),
                        Cell::Scope(scope) => scope.names.get(name).cloned(),
                        _ => Some(object),
                    },
                    Val::Module(module) if (&**module, name) == ("os", "environ") => Some(Val::Environ),
                    _ => None,
                }
            }
            // An element changed is the container changed.
            Expr::Subscript(subscript) => self.peek(&subscript.value),
            _ => None,
        }
    }
}
