//! Calls: of the file's own functions, followed statement by statement, and of what the reader knows.

use std::collections::HashMap;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use crate::value::Unknown;

use super::heap::{Binding, Body, Cell, Function, Scope, Val};
use super::{ANY, DEPTH, Ev, Flow, Frame, Interpreter};

pub(super) type Keywords = Vec<(Rc<str>, Val)>;

/// Functions of well-known packages that are given `c` and set up spawners and pages only: nothing of a login.
const SPAWNER_ONLY: &[&str] = &["jupyterhub_fancy_profiles.setup_ui"];

impl Interpreter<'_> {
    pub(super) fn call(&mut self, function: &Val, args: Vec<Val>, keywords: Keywords, range: TextRange) -> Ev {
        match function {
            Val::Function(function) => {
                let function = function.clone();
                self.call_function(&function, args, keywords, range)
            }
            Val::Native(name) => {
                let name = name.clone();
                self.call_native(&name, args, keywords, range)
            }
            Val::Type(name) => {
                let name = name.clone();
                self.call_type(&name, args, keywords, range)
            }
            Val::Method(method) => {
                let method = method.clone();
                self.call_method(&method.0, &method.1, args, keywords, range)
            }
            Val::External(path) => {
                let why = Rc::new(Unknown {
                    reason: format!("it comes from {path}, which is not run here"),
                    span: Some(self.span(range)),
                });
                if SPAWNER_ONLY.contains(&&**path) {
                    return Ok(Val::Unknown(why));
                }
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
            Val::Unknown(why) => {
                let why = why.clone();
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
            Val::Obj(at) => match self.state.cell(*at).clone() {
                Cell::Class(_) => self.instantiate(*at, args, keywords, range),
                Cell::Instance(class, _) => match self.class_attribute(class, "__call__") {
                    Some(Val::Function(function)) => {
                        let mut all = vec![Val::Obj(*at)];
                        all.extend(args);
                        self.call_function(&function, all, keywords, range)
                    }
                    _ => {
                        let why = self.why_of_parts(&[], range);
                        Ok(self.unknown_call(why, &args, &keywords, range))
                    }
                },
                Cell::Unknown(why) => Ok(self.unknown_call(why, &args, &keywords, range)),
                _ => self.not_callable(function, range),
            },
            Val::None | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Str(_) | Val::Tuple(_) | Val::Module(_) => {
                self.not_callable(function, range)
            }
            _ => {
                let why = self.why_of_parts(&[], range);
                Ok(self.unknown_call(why, &args, &keywords, range))
            }
        }
    }

    fn not_callable(&mut self, value: &Val, range: TextRange) -> Ev {
        let kind = self.type_name(value);
        self.raise("TypeError", format!("'{kind}' object is not callable"), range)
    }

    /// A call that is not followed: its result is unknown, and so is what it may have changed.
    pub(super) fn unknown_call(
        &mut self,
        why: Rc<Unknown>,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        range: TextRange,
    ) -> Val {
        if let [class, Val::Str(name), ..] = args {
            // `mock.patch.object(Class, "method", …)`, `type.__setattr__(Class, "method", …)`.
            self.may_be_patched(class, Some(name.clone()), range);
        }
        for value in args.iter().chain(keywords.iter().map(|(_, value)| value)) {
            self.taint(value, &why);
            // A function that is handed over may be called, with what it changes.
            if let Val::Function(function) = value {
                let function = function.clone();
                self.havoc_function(&function, &why);
            }
        }
        self.may_raise(ANY, &why, range);
        Val::Unknown(why)
    }

    /// A class is handed over to have an attribute changed; `None` where it is not known which.
    pub(super) fn may_be_patched(&mut self, class: &Val, name: Option<Rc<str>>, range: TextRange) {
        let why = self.unknown("it may be changed from outside", range);
        match class {
            Val::External(_) => {
                let name = name.unwrap_or_else(|| crate::source::ANY_NAME.into());
                let _ = self.set_attribute(class, &name, why, range);
            }
            Val::Obj(at) if matches!(self.state.cell(*at), Cell::Class(_)) => match name {
                Some(name) => {
                    let _ = self.set_attribute(class, &name, why, range);
                }
                None => {
                    if let Cell::Class(class) = self.state.cell_mut(*at) {
                        class.bases.push(why);
                    }
                }
            },
            _ => {}
        }
    }

    pub(super) fn call_function(
        &mut self,
        function: &Rc<Function>,
        args: Vec<Val>,
        keywords: Keywords,
        range: TextRange,
    ) -> Ev {
        self.step(5, range)?;
        if !function.plain {
            let why = Rc::new(Unknown {
                reason: format!(
                    "{} is a coroutine, a generator or decorated, which is not followed here",
                    function.name
                ),
                span: Some(self.span(range)),
            });
            self.havoc_function(function, &why);
            return Ok(self.unknown_call(why, &args, &keywords, range));
        }
        if self.frames.len() > DEPTH {
            let why = Rc::new(Unknown {
                reason: format!("the calls of {} nest too deeply to be followed", function.name),
                span: Some(self.span(range)),
            });
            self.havoc_function(function, &why);
            return Ok(self.unknown_call(why, &args, &keywords, range));
        }
        let names = self.bind_arguments(function, args, keywords, range)?;
        let mut scope = Scope { parent: Some(function.scope), ..Scope::default() };
        scope.names.extend(names);
        let scope = self.state.new_cell(Cell::Scope(scope));
        let frame = Frame {
            scope,
            globals: function.globals,
            file: function.file.clone(),
            elsewhere: HashMap::new(),
            statement: self.frame().statement.clone(),
        };
        let mark = self.escapes.len();
        self.frames.push(frame);
        let result = match &function.body {
            Body::Expression(expression) => self.eval(expression),
            Body::Block(body) => {
                let flow = self.exec_block(body);
                self.settle_returns(flow, mark)
            }
        };
        self.frames.pop();
        result
    }

    /// The result of a call, with the ways that may have returned early.
    fn settle_returns(&mut self, flow: Flow, mark: usize) -> Ev {
        let mut flow = match flow {
            Flow::Normal | Flow::Break | Flow::Continue => Flow::Return(Val::None),
            flow => flow,
        };
        for escape in self.escapes.split_off(mark) {
            if !matches!(escape.flow, Flow::Return(_)) {
                self.escapes.push(escape);
                continue;
            }
            let parted = escape.state.cells.len();
            flow = self.merge((escape.flow, escape.state), flow, parted, &escape.why);
        }
        match flow {
            Flow::Return(value) => Ok(value),
            Flow::Raise(exc) => Err(exc),
            _ => Ok(Val::None),
        }
    }

    fn bind_arguments(
        &mut self,
        function: &Function,
        args: Vec<Val>,
        mut keywords: Keywords,
        range: TextRange,
    ) -> Ev<Vec<(Rc<str>, Val)>> {
        let parameters = &function.parameters;
        let name = &function.name;
        let mut bound: Vec<(Rc<str>, Val)> = Vec::new();
        let mut args = args.into_iter();
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let mut missing = Vec::new();
        for parameter in positional {
            let key: Rc<str> = parameter.parameter.name.as_str().into();
            let keyword = keywords.iter().position(|(keyword, _)| *keyword == key);
            if let Some(value) = args.next() {
                if keyword.is_some() {
                    let message = format!("{name}() got multiple values for argument '{key}'");
                    return self.raise("TypeError", message, range);
                }
                bound.push((key, value));
            } else if let Some(at) = keyword {
                bound.push((key, keywords.remove(at).1));
            } else if let Some(default) = function.defaults.get(&*key) {
                bound.push((key, default.clone()));
            } else {
                missing.push(key);
            }
        }
        let rest: Vec<Val> = args.collect();
        match &parameters.vararg {
            Some(vararg) => bound.push((vararg.name.as_str().into(), Val::Tuple(rest.into()))),
            None if !rest.is_empty() => {
                let takes = parameters.posonlyargs.len() + parameters.args.len();
                let message = format!(
                    "{name}() takes {takes} positional argument{} but {} were given",
                    if takes == 1 { "" } else { "s" },
                    takes + rest.len()
                );
                return self.raise("TypeError", message, range);
            }
            None => {}
        }
        for parameter in &parameters.kwonlyargs {
            let key: Rc<str> = parameter.parameter.name.as_str().into();
            if let Some(at) = keywords.iter().position(|(keyword, _)| *keyword == key) {
                bound.push((key, keywords.remove(at).1));
            } else if let Some(default) = function.defaults.get(&*key) {
                bound.push((key, default.clone()));
            } else {
                missing.push(key);
            }
        }
        if let Some(first) = missing.first() {
            let message = format!("{name}() missing required argument: '{first}'");
            return self.raise("TypeError", message, range);
        }
        match &parameters.kwarg {
            Some(kwarg) => {
                let pairs = keywords.into_iter().map(|(name, value)| (Val::Str(name), value)).collect();
                let dict = self.new_dict(pairs, range)?;
                bound.push((kwarg.name.as_str().into(), dict));
            }
            None => {
                if let Some((key, _)) = keywords.first() {
                    let message = format!("{name}() got an unexpected keyword argument '{key}'");
                    return self.raise("TypeError", message, range);
                }
            }
        }
        Ok(bound)
    }

    fn defaults(&mut self, parameters: &ast::Parameters) -> Ev<HashMap<String, Val>> {
        let mut defaults = HashMap::new();
        let all = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        for parameter in all {
            if let Some(default) = &parameter.default {
                let value = self.eval(default)?;
                defaults.insert(parameter.parameter.name.to_string(), value);
            }
        }
        Ok(defaults)
    }

    pub(super) fn make_lambda(&mut self, lambda: &ast::ExprLambda) -> Ev {
        let parameters = lambda.parameters.as_deref().cloned().unwrap_or_default();
        let defaults = self.defaults(&parameters)?;
        let frame = self.frame();
        Ok(Val::Function(Rc::new(Function {
            name: "<lambda>".into(),
            parameters,
            defaults,
            body: Body::Expression((*lambda.body).clone()),
            scope: frame.scope,
            globals: frame.globals,
            file: frame.file.clone(),
            span: frame.file.span(lambda.range()),
            source: frame.file.slice(lambda.range()).into(),
            plain: true,
            binding: Binding::Instance,
        })))
    }

    /// The function object of a `def`.
    pub(super) fn make_function(&mut self, statement: &ast::StmtFunctionDef, scope: super::heap::Ref) -> Ev {
        let defaults = self.defaults(&statement.parameters)?;
        let mut plain = !statement.is_async && !has_yield(&statement.body);
        let mut binding = Binding::Instance;
        for decorator in &statement.decorator_list {
            match last_name(&decorator.expression) {
                "staticmethod" => binding = Binding::Static,
                "classmethod" => binding = Binding::Class,
                "property" | "cached_property" => binding = Binding::Property,
                "wraps" | "lru_cache" | "cache" | "default" | "observe" | "validate" | "override" => {}
                _ => plain = false,
            }
        }
        let frame = self.frame();
        let range = statement.range();
        Ok(Val::Function(Rc::new(Function {
            name: statement.name.as_str().into(),
            parameters: (*statement.parameters).clone(),
            defaults,
            body: Body::Block(statement.body.to_vec()),
            scope,
            globals: frame.globals,
            file: frame.file.clone(),
            span: frame.file.span(range),
            source: frame.file.slice(range).into(),
            plain,
            binding,
        })))
    }

    pub(super) fn exec_def(&mut self, statement: &ast::StmtFunctionDef) -> Ev<()> {
        let scope = self.frame().scope;
        let mut value = self.make_function(statement, scope)?;
        for decorator in statement.decorator_list.iter().rev() {
            value = self.decorate(value, &decorator.expression)?;
        }
        self.bind(statement.name.as_str(), value);
        Ok(())
    }

    /// A decorator that the file defines is called; the harmless ones of the library leave the function as it is.
    pub(super) fn decorate(&mut self, value: Val, decorator: &Expr) -> Ev {
        let local = match decorator {
            Expr::Name(name) => self.lookup(name.id.as_str(), name.range()).ok(),
            Expr::Call(_) => None,
            _ => None,
        };
        match local {
            Some(Val::Function(function)) => {
                let undecorated = match &value {
                    Val::Function(inner) => Val::Function(Rc::new(undecorated(inner))),
                    other => other.clone(),
                };
                self.call_function(&function, vec![undecorated], Vec::new(), decorator.range())
            }
            _ => Ok(value),
        }
    }
}

/// The function without its decorator, as the decorator is given it.
fn undecorated(function: &Function) -> Function {
    let (is_block, body) = match &function.body {
        Body::Block(body) => (!has_yield(body), Body::Block(body.clone())),
        Body::Expression(body) => (true, Body::Expression(body.clone())),
    };
    Function {
        name: function.name.clone(),
        parameters: function.parameters.clone(),
        defaults: function.defaults.clone(),
        body,
        scope: function.scope,
        globals: function.globals,
        file: function.file.clone(),
        span: function.span.clone(),
        source: function.source.clone(),
        plain: is_block && !function.source.trim_start().starts_with("async"),
        binding: function.binding,
    }
}

/// The last name of a decorator: `b` of `@a.b("c")`.
pub(super) fn last_name(expression: &Expr) -> &str {
    match expression {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        Expr::Call(call) => last_name(&call.func),
        _ => "",
    }
}

/// Whether a body makes its function a generator.
fn has_yield(body: &[Stmt]) -> bool {
    use ast::visitor::Visitor;
    struct Finder(bool);
    impl<'v> Visitor<'v> for Finder {
        fn visit_stmt(&mut self, statement: &'v Stmt) {
            if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
                ast::visitor::walk_stmt(self, statement);
            }
        }
        fn visit_expr(&mut self, expression: &'v Expr) {
            match expression {
                Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_) => self.0 = true,
                Expr::Lambda(_) => {}
                _ => ast::visitor::walk_expr(self, expression),
            }
        }
    }
    let mut finder = Finder(false);
    stacker::maybe_grow(512 * 1024, 8 * 1024 * 1024, || finder.visit_body(body));
    finder.0
}
