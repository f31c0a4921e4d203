//! What Python's compiler refuses although its parser accepts it.

use ruff_python_ast::visitor::{Visitor, walk_comprehension, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, Expr, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

/// The first such error in a module: the words, and where.
pub(super) fn error(body: &[Stmt]) -> Option<(&'static str, TextRange)> {
    let mut checker = Checker::default();
    stacker::maybe_grow(512 * 1024, 16 * 1024 * 1024, || checker.visit_body(body));
    checker.found
}

#[derive(Default)]
struct Checker {
    functions: usize,
    loops: usize,
    iterables: usize,
    found: Option<(&'static str, TextRange)>,
}

impl Checker {
    fn refuse(&mut self, message: &'static str, range: TextRange) {
        self.found.get_or_insert((message, range));
    }

    /// A function or class: what is around it does not count inside.
    fn inside(&mut self, functions: usize, walk: impl FnOnce(&mut Self)) {
        let outer = (self.functions, self.loops, self.iterables);
        (self.functions, self.loops, self.iterables) = (functions, 0, 0);
        walk(self);
        (self.functions, self.loops, self.iterables) = outer;
    }
}

impl<'a> Visitor<'a> for Checker {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(_) => self.inside(1, |me| walk_stmt(me, statement)),
            Stmt::ClassDef(_) => self.inside(0, |me| walk_stmt(me, statement)),
            Stmt::For(parts) => {
                self.visit_expr(&parts.iter);
                self.visit_expr(&parts.target);
                self.loops += 1;
                self.visit_body(&parts.body);
                self.loops -= 1;
                self.visit_body(&parts.orelse);
            }
            Stmt::While(parts) => {
                self.visit_expr(&parts.test);
                self.loops += 1;
                self.visit_body(&parts.body);
                self.loops -= 1;
                self.visit_body(&parts.orelse);
            }
            Stmt::Return(_) if self.functions == 0 => self.refuse("'return' outside function", statement.range()),
            Stmt::Break(_) if self.loops == 0 => self.refuse("'break' outside loop", statement.range()),
            Stmt::Continue(_) if self.loops == 0 => {
                self.refuse("'continue' not properly in loop", statement.range());
            }
            Stmt::Nonlocal(_) if self.functions == 0 => {
                self.refuse("nonlocal declaration not allowed at module level", statement.range());
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Lambda(_) => return self.inside(1, |me| walk_expr(me, expression)),
            Expr::Yield(_) | Expr::YieldFrom(_) if self.functions == 0 => {
                self.refuse("'yield' outside function", expression.range());
            }
            Expr::Await(_) if self.functions == 0 => self.refuse("'await' outside function", expression.range()),
            Expr::Named(_) if self.iterables > 0 => {
                let message = "assignment expression cannot be used in a comprehension iterable expression";
                self.refuse(message, expression.range());
            }
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.iterables += 1;
        self.visit_expr(&comprehension.iter);
        self.iterables -= 1;
        let outer = self.found;
        walk_comprehension(self, comprehension);
        // The iterable was looked at with the rest once more.
        self.found = self.found.or(outer);
    }
}
