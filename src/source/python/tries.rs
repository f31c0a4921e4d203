//! `try`: exceptions that are certain, and those that may be raised where something unknown was touched.

use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use super::heap::{Cell, Exc, Val};
use super::{ANY, Ev, Flow, Interpreter, LIMIT, grow};

/// Whether a handler catches an exception.
#[derive(Clone, Copy, PartialEq)]
enum Catch {
    Yes,
    No,
    Maybe,
}

impl Interpreter<'_> {
    /// A handler that ends the hub where an environment variable is missing is not believed: the variable may well
    /// be set on the hub. The statement is then followed once more, with the variable unknown.
    pub(super) fn exec_try(&mut self, statement: &ast::StmtTry) -> Flow {
        if self.trusting || statement.handlers.is_empty() {
            return self.exec_try_once(statement);
        }
        let base = self.snapshot();
        let mark = self.escapes.len();
        self.missing_variable = None;
        let flow = self.exec_try_once(statement);
        if !matches!(flow, Flow::Raise(_)) || self.missing_variable.take().is_none() {
            return flow;
        }
        self.escapes.truncate(mark);
        self.enter(base);
        self.trusting = true;
        let flow = self.exec_try_once(statement);
        self.trusting = false;
        flow
    }

    fn exec_try_once(&mut self, statement: &ast::StmtTry) -> Flow {
        let outer = self.escapes.len();
        let names = statement.handlers.iter().flat_map(|handler| self.handler_names(handler)).collect();
        let has_handlers = !statement.handlers.is_empty();
        if has_handlers {
            self.handlers.push(names);
        }
        let mut flow = self.exec_block(&statement.body);
        if has_handlers {
            self.handlers.pop();
        }
        let pending = self.escapes.split_off(outer);
        match flow {
            Flow::Normal => flow = self.exec_block(&statement.orelse),
            Flow::Raise(exc) if has_handlers => flow = self.handle(&statement.handlers, exc),
            _ => {}
        }
        for escape in pending {
            match escape.flow {
                Flow::Raise(exc) if has_handlers => {
                    let parted = escape.state.cells.len();
                    let left = self.enter(escape.state);
                    let other = self.handle(&statement.handlers, exc);
                    flow = self.merge((flow, left), other, parted, &escape.why);
                }
                _ => self.escapes.push(escape),
            }
        }
        if !statement.finalbody.is_empty() {
            flow = self.finish(&statement.finalbody, flow, outer);
        }
        flow
    }

    /// `finally` runs on every way out.
    fn finish(&mut self, body: &[Stmt], flow: Flow, outer: usize) -> Flow {
        for mut escape in self.escapes.split_off(outer) {
            let left = self.enter(escape.state);
            let last = self.exec_block(body);
            escape.state = self.enter(left);
            if !matches!(last, Flow::Normal) {
                escape.flow = last;
            }
            self.escapes.push(escape);
        }
        match self.exec_block(body) {
            Flow::Normal => flow,
            other => other,
        }
    }

    /// Follows the handler that catches the exception, or those that may.
    fn handle(&mut self, handlers: &[ast::ExceptHandler], exc: Box<Exc>) -> Flow {
        let Some((ast::ExceptHandler::ExceptHandler(handler), rest)) = handlers.split_first() else {
            return Flow::Raise(exc);
        };
        match self.catches(handler, &exc) {
            Catch::Yes => self.exec_handler(handler, *exc),
            Catch::No => grow(|| self.handle(rest, exc)),
            Catch::Maybe => {
                let why = std::rc::Rc::new(crate::value::Unknown {
                    reason: "it cannot be told which exception is raised here".to_owned(),
                    span: exc.span.clone(),
                });
                let base = self.snapshot();
                let flow = self.exec_handler(handler, (*exc).clone());
                self.or_else(base, flow, &why, |me| grow(|| me.handle(rest, exc)))
            }
        }
    }

    fn exec_handler(&mut self, handler: &ast::ExceptHandlerExceptHandler, exc: Exc) -> Flow {
        let value = Val::Exception(std::rc::Rc::new(exc));
        self.bind("<exception>", value.clone());
        if let Some(name) = &handler.name {
            self.bind(name.as_str(), value);
        }
        let flow = self.exec_block(&handler.body);
        if let Some(name) = &handler.name {
            // Python unbinds it; it may be gone already.
            let _ = self.unbind(name.as_str(), handler.range());
        }
        flow
    }

    fn catches(&mut self, handler: &ast::ExceptHandlerExceptHandler, exc: &Exc) -> Catch {
        if [LIMIT, super::ENDLESS].contains(&exc.kind.as_ref()) {
            return Catch::No;
        }
        let names = self.handler_names_of(handler);
        let mut verdict = Catch::No;
        for name in &names {
            match catches_name(name, exc) {
                Catch::Yes => return Catch::Yes,
                Catch::Maybe => verdict = Catch::Maybe,
                Catch::No => {}
            }
        }
        verdict
    }

    fn handler_names(&self, handler: &ast::ExceptHandler) -> Vec<String> {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        self.handler_names_of(handler)
    }

    /// The exception classes that a handler names, by their last names.
    fn handler_names_of(&self, handler: &ast::ExceptHandlerExceptHandler) -> Vec<String> {
        match handler.type_.as_deref() {
            None => vec!["BaseException".to_owned()],
            Some(ast::Expr::Tuple(tuple)) => tuple.elts.iter().map(last_name).collect(),
            Some(expression) => vec![last_name(expression)],
        }
    }

    /// Whether some `try` around certainly catches an exception of that kind.
    pub(super) fn is_caught(&self, kind: &str) -> bool {
        let exc = Exc { kind: kind.into(), message: String::new(), span: None, bases: Vec::new(), certain: true };
        self.handlers.iter().flatten().any(|name| catches_name(name, &exc) == Catch::Yes)
    }

    /// `with suppress(…)`: like `try` with an empty handler.
    pub(super) fn exec_suppressing(&mut self, body: &[Stmt], kinds: Vec<String>) -> Flow {
        let outer = self.escapes.len();
        self.handlers.push(kinds.clone());
        let flow = self.exec_block(body);
        self.handlers.pop();
        let pending = self.escapes.split_off(outer);
        let mut flow = match flow {
            Flow::Raise(exc) if kinds.iter().any(|kind| catches_name(kind, &exc) == Catch::Yes) => Flow::Normal,
            flow => flow,
        };
        for escape in pending {
            match &escape.flow {
                Flow::Raise(exc) if kinds.iter().any(|kind| catches_name(kind, exc) != Catch::No) => {
                    let parted = escape.state.cells.len();
                    flow = match flow {
                        Flow::Normal => self.merge((Flow::Normal, escape.state), Flow::Normal, parted, &escape.why),
                        flow => flow,
                    };
                }
                _ => self.escapes.push(escape),
            }
        }
        flow
    }

    /// What `raise value` raises.
    pub(super) fn exception_of(&mut self, value: &Val, range: TextRange) -> Exc {
        let span = Some(self.span(range));
        let plain = |kind: &str| Exc {
            kind: kind.into(),
            message: String::new(),
            span: span.clone(),
            bases: Vec::new(),
            certain: true,
        };
        match value {
            Val::Exception(exc) => Exc { span: exc.span.clone().or(span.clone()), ..(**exc).clone() },
            Val::Type(name) => plain(name),
            Val::External(path) => plain(path.rsplit('.').next().unwrap_or(path)),
            Val::Obj(at) => match self.state.cell(*at).clone() {
                Cell::Class(class) => {
                    let bases = self.base_names(&class.bases);
                    Exc { bases, ..plain(&class.name) }
                }
                Cell::Instance(class, _) => match self.state.cell(class).clone() {
                    Cell::Class(class) => Exc { bases: self.base_names(&class.bases), ..plain(&class.name) },
                    _ => plain(ANY),
                },
                _ => plain(ANY),
            },
            _ => plain(ANY),
        }
    }

    fn base_names(&self, bases: &[Val]) -> Vec<std::rc::Rc<str>> {
        let mut names = Vec::new();
        for base in bases {
            match base {
                Val::Type(name) => names.push(name.clone()),
                Val::External(path) => names.push(path.rsplit('.').next().unwrap_or(path).into()),
                Val::Obj(at) => {
                    if let Cell::Class(class) = self.state.cell(*at) {
                        names.push(class.name.clone());
                        names.extend(self.base_names(&class.bases));
                    }
                }
                _ => {}
            }
        }
        names
    }

    /// Raises where the exception would be caught, and is unknown elsewhere.
    pub(super) fn raise_if_caught(&mut self, kind: &str, message: String, range: TextRange) -> Ev<()> {
        if self.is_caught(kind) { self.raise(kind, message, range) } else { Ok(()) }
    }
}

fn last_name(expression: &ast::Expr) -> String {
    match expression {
        ast::Expr::Name(name) => name.id.to_string(),
        ast::Expr::Attribute(attribute) => attribute.attr.to_string(),
        _ => ANY.to_owned(),
    }
}

fn catches_name(name: &str, exc: &Exc) -> Catch {
    let kind = exc.kind.as_ref();
    if name == "BaseException" {
        return Catch::Yes;
    }
    if name == "Exception" {
        let outside = matches!(kind, "SystemExit" | "KeyboardInterrupt" | "GeneratorExit");
        return if outside { Catch::No } else { Catch::Yes };
    }
    if kind == ANY || name == ANY {
        return Catch::Maybe;
    }
    if ancestry(kind).contains(&name) || exc.bases.iter().any(|base| ancestry(base).contains(&name)) {
        return Catch::Yes;
    }
    // A subclass may have been raised where only the base is known.
    if ancestry(name).contains(&kind) && !exc.certain { Catch::Maybe } else { Catch::No }
}

/// An exception class and those it derives from.
pub(super) fn ancestry(kind: &str) -> Vec<&str> {
    let parent = match kind {
        "KeyError" | "IndexError" => "LookupError",
        "FileNotFoundError" | "PermissionError" | "IsADirectoryError" | "NotADirectoryError" | "FileExistsError"
        | "TimeoutError" | "ConnectionError" => "OSError",
        "IOError" | "EnvironmentError" => return vec![kind, "OSError", "IOError", "EnvironmentError"],
        "OSError" => return vec!["OSError", "IOError", "EnvironmentError"],
        "ModuleNotFoundError" => "ImportError",
        "UnicodeDecodeError" | "UnicodeEncodeError" => "UnicodeError",
        "UnicodeError" | "JSONDecodeError" => "ValueError",
        "NotImplementedError" | "RecursionError" => "RuntimeError",
        "ZeroDivisionError" | "OverflowError" => "ArithmeticError",
        "UnboundLocalError" => "NameError",
        _ => return vec![kind],
    };
    let mut all = vec![kind];
    all.extend(ancestry(parent));
    all
}
