//! Classes that the file defines, their objects, and attributes of anything.

use std::rc::Rc;

use indexmap::IndexMap;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use crate::value::{Method, Touches, Unknown, Value};

use super::call::{Keywords, last_name};
use super::heap::{Binding, Cell, ClassCell, Ref, Scope, Val};
use super::{ANY, Ev, Flow, Frame, Interpreter};

impl Interpreter<'_> {
    pub(super) fn exec_class(&mut self, statement: &ast::StmtClassDef) -> Ev<()> {
        let mut bases = Vec::new();
        if let Some(arguments) = &statement.arguments {
            for base in &arguments.args {
                bases.push(self.eval(base)?);
            }
            if let Some(keyword) = arguments.keywords.first() {
                bases.push(self.unknown("its metaclass may change it", keyword.range()));
            }
        }
        if let Some(base) = bases.iter().find(|base| self.shapes_subclasses(base)) {
            let name = self.materialise(base).to_text();
            bases.push(self.unknown(format!("__init_subclass__ of {name} may change it"), statement.name.range()));
        }
        let outer = self.frame().scope;
        let scope = self.state.new_cell(Cell::Scope(Scope { parent: Some(outer), ..Scope::default() }));
        let file = self.frame().file.clone();
        let frame = Frame { scope, file: file.clone(), elsewhere: Default::default(), ..self.frame().clone() };
        self.frames.push(frame);
        let result = self.class_body(&statement.body, outer);
        self.frames.pop();
        let (methods, spans) = result?;
        if let Cell::Scope(names) = self.state.cell_mut(scope) {
            bases.extend(names.names.shift_remove(WRITTEN));
        }
        let span = file.span(statement.range());
        let mut attributes = IndexMap::new();
        if let Cell::Scope(scope) = self.state.cell(scope) {
            for (name, value) in &scope.names {
                let place = spans.get(&**name).cloned().unwrap_or_else(|| span.clone());
                attributes.insert(name.clone(), (value.clone(), place));
            }
        }
        let class = ClassCell { name: statement.name.as_str().into(), bases, attributes, methods, span };
        let mut value = Val::Obj(self.state.new_cell(Cell::Class(class)));
        for decorator in statement.decorator_list.iter().rev() {
            value = self.decorate(value, &decorator.expression)?;
        }
        self.bind(statement.name.as_str(), value);
        Ok(())
    }

    /// Follows the body of a class; gives its methods, and where its attributes are assigned.
    fn class_body(
        &mut self,
        body: &[Stmt],
        outer: Ref,
    ) -> Ev<(Vec<Method>, std::collections::HashMap<String, crate::span::Span>)> {
        let mut methods = Vec::new();
        let mut spans = std::collections::HashMap::new();
        for statement in body {
            let span = self.span(statement.range());
            match statement {
                Stmt::FunctionDef(function) => {
                    // A method sees the scope around the class, not the class.
                    let value = self.make_function(function, outer)?;
                    self.bind(function.name.as_str(), value);
                    let method = self.method(function, &span);
                    methods.push(method);
                    continue;
                }
                Stmt::Assign(assign) => {
                    for target in &assign.targets {
                        if let Expr::Name(name) = target {
                            spans.insert(name.id.to_string(), span.clone());
                        }
                    }
                }
                Stmt::AnnAssign(assign) => {
                    if let Expr::Name(name) = &*assign.target {
                        spans.insert(name.id.to_string(), span.clone());
                    }
                }
                _ => {}
            }
            if writes_names(self.frame().file.slice(statement.range())) {
                let why = self.unknown("its body is written by a program", statement.range());
                self.bind(WRITTEN, why);
            }
            match self.exec_block(std::slice::from_ref(statement)) {
                Flow::Raise(exc) => return Err(exc),
                Flow::Normal => {}
                _ => break,
            }
        }
        Ok((methods, spans))
    }

    fn method(&mut self, function: &ast::StmtFunctionDef, span: &crate::span::Span) -> Method {
        let mut default_of = None;
        let mut touches = magic(function);
        for decorator in &function.decorator_list {
            let Expr::Call(call) = &decorator.expression else { continue };
            let names: Option<Vec<String>> = match call.arguments.keywords.is_empty() {
                true => call.arguments.args.iter().map(|name| self.eval(name).ok()?.text()).collect(),
                false => None,
            };
            match (self.trait_decorator(&call.func).as_str(), names) {
                ("default", Some(names)) => default_of = names.first().cloned(),
                ("validate", Some(names)) => touches = Touches::Options(names),
                ("observe" | "observe_compat", _) if !asks_itself(function) => {}
                ("default" | "validate" | "observe" | "observe_compat", _) => touches = Touches::Anything,
                _ => {}
            }
        }
        Method {
            name: function.name.to_string(),
            default_of,
            returns: self.plain_return(function),
            source: self.frame().file.slice(function.range()).to_owned(),
            span: span.clone(),
            touches,
        }
    }

    /// The name that a decorator has in `traitlets`, whatever it is called here.
    fn trait_decorator(&mut self, callee: &Expr) -> String {
        match self.eval(callee) {
            Ok(Val::External(path)) if path.starts_with("traitlets.") => {
                path.rsplit('.').next().unwrap_or_default().to_owned()
            }
            Ok(Val::Function(_)) => String::new(),
            _ => last_name(callee).to_owned(),
        }
    }

    /// Whether a base says what becomes of the classes that are derived from it.
    fn shapes_subclasses(&self, base: &Val) -> bool {
        matches!(base, Val::Obj(at) if self.class_attribute(*at, "__init_subclass__").is_some())
    }

    /// What a method returns whose body is one plain `return` that needs no argument.
    fn plain_return(&mut self, function: &ast::StmtFunctionDef) -> Option<Value> {
        let mut body = function.body.iter().filter(|statement| !is_docstring(statement));
        let (Some(Stmt::Return(statement)), None) = (body.next(), body.next()) else { return None };
        let Some(expression) = &statement.value else { return Some(Value::None) };
        if function.is_async && contains_await(expression) {
            return None;
        }
        // Tried on the side: nothing of it stays, and an argument is no name here.
        let base = self.snapshot();
        let (mark, findings) = (self.escapes.len(), self.diagnostics.len());
        let seen = self.seen.clone();
        let mut scope = Scope { parent: Some(self.frame().scope), ..Scope::default() };
        let parameters = &function.parameters;
        for parameter in parameters.iter() {
            let why = Val::unknown(PARAMETER, None);
            scope.names.insert(parameter.name().as_str().into(), why);
        }
        let scope = self.state.new_cell(Cell::Scope(scope));
        let frame = Frame { scope, ..self.frame().clone() };
        self.frames.push(frame);
        let handlers = std::mem::take(&mut self.handlers);
        let result = self.eval(expression);
        self.handlers = handlers;
        self.frames.pop();
        let value = result.ok().map(|value| self.materialise(&value));
        self.state = base;
        self.escapes.truncate(mark);
        self.diagnostics.truncate(findings);
        self.seen = seen;
        value.filter(|value| value.find_unknown().is_none())
    }

    /// An attribute of a class: its own, then its bases'.
    pub(super) fn class_attribute(&self, class: Ref, name: &str) -> Option<Val> {
        let Cell::Class(cell) = self.state.cell(class) else { return None };
        if let Some((value, _)) = cell.attributes.get(name) {
            return Some(value.clone());
        }
        cell.bases.iter().find_map(|base| match base {
            Val::Obj(at) if *at != class => self.class_attribute(*at, name),
            _ => None,
        })
    }

    /// Whether everything a class inherits from is in the file.
    fn is_closed(&self, class: Ref) -> bool {
        let Cell::Class(cell) = self.state.cell(class) else { return false };
        cell.bases.iter().all(|base| match base {
            Val::Type(name) => &**name == "object",
            Val::Obj(at) => *at != class && self.is_closed(*at),
            _ => false,
        })
    }

    /// `Class(…)`.
    pub(super) fn instantiate(&mut self, class: Ref, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        if !self.is_closed(class) {
            let name = match self.state.cell(class) {
                Cell::Class(cell) => cell.name.clone(),
                _ => "a class".into(),
            };
            let ancestors: Vec<Val> = match self.state.cell(class) {
                Cell::Class(cell) => cell.bases.clone(),
                _ => Vec::new(),
            };
            let is_exception =
                ancestors.iter().any(|base| matches!(base, Val::Type(name) if super::builtins::is_exception(name)));
            if is_exception {
                let object = self.state.new_cell(Cell::Instance(class, IndexMap::new()));
                return Ok(Val::Obj(object));
            }
            let why = Rc::new(Unknown {
                reason: format!("it is an object of the class {name}, which is not made here"),
                span: Some(self.span(range)),
            });
            return Ok(self.unknown_call(why, &args, &keywords, range));
        }
        let object = Val::Obj(self.state.new_cell(Cell::Instance(class, IndexMap::new())));
        match self.class_attribute(class, "__init__") {
            Some(Val::Function(init)) => {
                let mut all = vec![object.clone()];
                all.extend(args);
                self.call_function(&init, all, keywords, range)?;
            }
            _ if !args.is_empty() || !keywords.is_empty() => {
                let message = "a class without __init__ takes no arguments";
                return self.raise("TypeError", message, range);
            }
            _ => {}
        }
        Ok(object)
    }

    /// `object.name`.
    pub(super) fn attribute(&mut self, object: &Val, name: &str, range: TextRange) -> Ev {
        match object {
            Val::Unknown(why) => {
                let why = why.clone();
                // A method of it: what it gives is unknown for the same reason.
                self.may_raise(ANY, &why, range);
                Ok(Val::Unknown(why))
            }
            Val::Module(module) => {
                let module = module.clone();
                Ok(self.module_attribute(&module, name))
            }
            Val::External(path) => Ok(self.external_attribute(path, name)),
            Val::Obj(at) => self.object_attribute(*at, name, range),
            Val::Path(path) => {
                let path = path.clone();
                self.path_attribute(&path, name, range)
            }
            Val::Type(kind) if name == "__name__" => Ok(Val::Str(kind.clone())),
            Val::Function(function) => match name {
                "__name__" | "__qualname__" => Ok(Val::Str(function.name.clone())),
                "__doc__" => Ok(self.unknown("a docstring is not followed", range)),
                name if name.starts_with("__") || self.marked_functions => {
                    Ok(self.unknown("attributes of functions are not followed", range))
                }
                _ => self.raise("AttributeError", format!("'function' object has no attribute '{name}'"), range),
            },
            Val::Exception(exc) => match name {
                "args" => {
                    let message = Val::str(&exc.message);
                    Ok(Val::Tuple(vec![message].into()))
                }
                _ => Ok(self.unknown("attributes of exceptions are not followed", range)),
            },
            Val::None | Val::Str(_) | Val::Int(_) | Val::Bool(_) | Val::Float(_) | Val::Bytes(_) | Val::Tuple(_) => {
                if super::methods::is_method(self.type_name(object), name) {
                    return Ok(Val::Method(Rc::new((object.clone(), name.into()))));
                }
                if name.starts_with("__") || super::methods::is_other_member(self.type_name(object), name) {
                    return Ok(self.unknown(format!("the attribute {name} is not followed here"), range));
                }
                let kind = self.type_name(object);
                self.raise("AttributeError", format!("'{kind}' object has no attribute '{name}'"), range)
            }
            _ => Ok(Val::Method(Rc::new((object.clone(), name.into())))),
        }
    }

    fn object_attribute(&mut self, at: Ref, name: &str, range: TextRange) -> Ev {
        let bound = Val::Method(Rc::new((Val::Obj(at), name.into())));
        match self.state.cell(at) {
            Cell::Unknown(why) => {
                let why = why.clone();
                self.may_raise(ANY, &why, range);
                Ok(Val::Unknown(why))
            }
            Cell::Config(_) => {
                let is_method = matches!(
                    name,
                    "update"
                        | "merge"
                        | "get"
                        | "setdefault"
                        | "pop"
                        | "has_key"
                        | "_has_section"
                        | "clear"
                        | "keys"
                        | "values"
                        | "items"
                        | "copy"
                ) || name.starts_with("__");
                if is_method { Ok(bound) } else { self.option(at, name, range) }
            }
            Cell::Scope(scope) => match scope.names.get(name) {
                Some(value) => Ok(value.clone()),
                None => match scope.open.clone() {
                    Some(why) => Ok(Val::Unknown(why)),
                    None => self.raise("AttributeError", format!("module has no attribute '{name}'"), range),
                },
            },
            Cell::Class(class) => {
                if matches!(name, "__name__" | "__qualname__") {
                    return Ok(Val::Str(class.name.clone()));
                }
                match self.class_attribute(at, name) {
                    Some(Val::Function(function)) if function.binding == Binding::Class => Ok(bound),
                    Some(value) => Ok(value),
                    None if self.is_closed(at) && !name.starts_with("__") => {
                        let message = format!("type object has no attribute '{name}'");
                        self.raise("AttributeError", message, range)
                    }
                    None => Ok(self.unknown(format!("the attribute {name} is inherited, and not known here"), range)),
                }
            }
            Cell::Instance(class, attributes) => {
                if let Some(value) = attributes.get(name) {
                    return Ok(value.clone());
                }
                let class = *class;
                match self.class_attribute(class, name) {
                    Some(Val::Function(function)) => match function.binding {
                        Binding::Static => Ok(Val::Function(function)),
                        Binding::Property => self.call_function(&function, vec![Val::Obj(at)], Vec::new(), range),
                        _ => Ok(bound),
                    },
                    Some(value) => Ok(value),
                    None if self.is_closed(class) && !name.starts_with("__") => {
                        self.raise("AttributeError", format!("object has no attribute '{name}'"), range)
                    }
                    None => Ok(self.unknown(format!("the attribute {name} is not followed here"), range)),
                }
            }
            Cell::List(_) | Cell::Set(_) | Cell::Dict(_) => {
                let kind = self.type_name(&bound.receiver());
                if super::methods::is_method(kind, name) {
                    return Ok(bound);
                }
                if name.starts_with("__") {
                    return Ok(self.unknown(format!("the attribute {name} is not followed here"), range));
                }
                self.raise("AttributeError", format!("'{kind}' object has no attribute '{name}'"), range)
            }
            _ => Ok(bound),
        }
    }

    /// A method of an object of a class in the file.
    pub(super) fn call_own_method(
        &mut self,
        at: Ref,
        name: &str,
        args: Vec<Val>,
        keywords: Keywords,
        range: TextRange,
    ) -> Ev {
        let class = match self.state.cell(at) {
            Cell::Instance(class, _) => *class,
            _ => at,
        };
        match self.class_attribute(class, name) {
            Some(Val::Function(function)) => {
                let first = if function.binding == Binding::Class { Val::Obj(class) } else { Val::Obj(at) };
                let mut all = vec![first];
                all.extend(args);
                self.call_function(&function, all, keywords, range)
            }
            _ => {
                let why = self.why_of_parts(&[], range);
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
        }
    }
}

/// Under this name a class body remembers that a program wrote it; no Python name has a blank.
const WRITTEN: &str = "written by a program";

/// Whether a statement may bind names that cannot be read.
fn writes_names(source: &str) -> bool {
    ["locals(", "vars(", "exec("].iter().any(|call| source.contains(call))
}

/// The methods that traitlets finds by their names: observers and validators.
fn magic(function: &ast::StmtFunctionDef) -> Touches {
    let name = function.name.as_str();
    let Some(inner) = name.strip_prefix('_') else { return Touches::Nothing };
    match (inner.strip_suffix("_validate"), inner.strip_suffix("_changed")) {
        (Some(option), _) => Touches::Options(vec![option.to_owned()]),
        (_, Some(_)) if asks_itself(function) => Touches::Anything,
        _ => Touches::Nothing,
    }
}

/// Whether a method does more with its object than to write to its log.
fn asks_itself(function: &ast::StmtFunctionDef) -> bool {
    let Some(first) = function.parameters.iter().next() else { return true };
    let first = first.name().as_str();
    let is_log = |expression: &Expr| match expression {
        Expr::Attribute(log) if log.attr.as_str() == "log" => {
            matches!(&*log.value, Expr::Name(name) if name.id.as_str() == first)
        }
        _ => false,
    };
    let (names, logs) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    ast::helpers::any_over_body(&function.body, |expression: &Expr| {
        names.set(names.get() + usize::from(matches!(expression, Expr::Name(name) if name.id.as_str() == first)));
        logs.set(logs.get() + usize::from(is_log(expression)));
        false
    });
    names.get() > logs.get()
}

const PARAMETER: &str = "it depends on an argument";

impl Val {
    fn text(&self) -> Option<String> {
        match self {
            Val::Str(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// What a method belongs to.
    fn receiver(&self) -> Val {
        match self {
            Val::Method(method) => method.0.clone(),
            other => other.clone(),
        }
    }
}

fn is_docstring(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression) if matches!(&*expression.value, Expr::StringLiteral(_)))
}

fn contains_await(expression: &Expr) -> bool {
    ast::helpers::any_over_expr(expression, |expression| matches!(expression, Expr::Await(_)))
}
