//! The names that a piece of code binds, uses from outside, and changes the objects of.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Parameters, Stmt};

use super::statement::{imports, root};

/// The names that a piece of code binds, uses from outside, and changes the objects of.
#[derive(Default)]
pub(super) struct Scope {
    pub binds: BTreeSet<String>,
    pub uses: BTreeSet<String>,
    pub changes: BTreeSet<String>,
}

impl Scope {
    /// A scope within this one: what it does not bind itself is used from here.
    fn inner(&mut self, walk: impl FnOnce(&mut Scope)) {
        let mut inner = Scope::default();
        walk(&mut inner);
        let Scope { binds, uses, changes } = inner;
        self.uses.extend(uses.into_iter().filter(|name| !binds.contains(name)));
        self.changes.extend(changes.into_iter().filter(|name| !binds.contains(name)));
    }

    fn parameters(&mut self, parameters: &Parameters) {
        self.binds.extend(parameters.iter().map(|parameter| parameter.name().to_string()));
    }
}

impl<'a> Visitor<'a> for Scope {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.binds.insert(function.name.to_string());
                function.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                for parameter in function.parameters.iter_non_variadic_params() {
                    parameter.default.iter().for_each(|default| self.visit_expr(default));
                    parameter.parameter.annotation.iter().for_each(|annotation| self.visit_expr(annotation));
                }
                function.returns.iter().for_each(|returns| self.visit_expr(returns));
                self.inner(|inner| {
                    inner.parameters(&function.parameters);
                    function.body.iter().for_each(|statement| inner.visit_stmt(statement));
                });
            }
            Stmt::ClassDef(class) => {
                self.binds.insert(class.name.to_string());
                class.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                class.bases().iter().for_each(|base| self.visit_expr(base));
                class.keywords().iter().for_each(|keyword| self.visit_expr(&keyword.value));
                self.inner(|inner| class.body.iter().for_each(|statement| inner.visit_stmt(statement)));
            }
            Stmt::Import(_) | Stmt::ImportFrom(_) => {
                self.binds.extend(imports(statement).into_iter().map(|(name, _)| name));
            }
            Stmt::AugAssign(assign) => {
                self.changes.extend(root(&assign.target));
                self.uses.extend(root(&assign.target));
                walk_stmt(self, statement);
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.binds.extend(inner.name.iter().map(ToString::to_string));
        ruff_python_ast::visitor::walk_except_handler(self, handler);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Load => {
                self.uses.insert(name.id.to_string());
            }
            Expr::Name(name) => {
                self.binds.insert(name.id.to_string());
            }
            Expr::Lambda(lambda) => self.inner(|inner| {
                lambda.parameters.iter().for_each(|parameters| inner.parameters(parameters));
                inner.visit_expr(&lambda.body);
            }),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.inner(|inner| walk_expr(inner, expression));
            }
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.changes.extend(root(&attribute.value));
                walk_expr(self, expression);
            }
            Expr::Subscript(subscript) if subscript.ctx != ExprContext::Load => {
                self.changes.extend(root(&subscript.value));
                walk_expr(self, expression);
            }
            Expr::Call(call) => {
                if let Expr::Attribute(method) = &*call.func {
                    self.changes.extend(root(&method.value));
                }
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
    }
}
