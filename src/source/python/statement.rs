//! Statements.

use std::rc::Rc;

use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use crate::value::Unknown;

use super::containers::Items;
use super::heap::{State, Val};
use super::join::Joiner;
use super::{ANY, Escape, Ev, Flow, Interpreter, LIMIT, MORE_STEPS, grow};

/// How often a `while` loop is followed.
const TURNS: usize = 20_000;

/// Whether a statement surely lets the loop around it go on: one that neither leaves it nor can raise.
fn goes_on(statement: &Stmt) -> bool {
    match statement {
        Stmt::Pass(_) | Stmt::Continue(_) => true,
        Stmt::Expr(statement) => match &*statement.value {
            ast::Expr::Call(call) => matches!(&*call.func, ast::Expr::Attribute(name) if name.attr.as_str() == "sleep"),
            value => value.is_literal_expr(),
        },
        _ => false,
    }
}

impl Interpreter<'_> {
    /// The statements of a module. One that takes too many steps is left, and what it may change is unknown.
    pub(super) fn exec_module(&mut self, body: &[Stmt]) -> Flow {
        let mut gave_up = 0;
        for statement in body {
            match self.exec_statement(statement) {
                Flow::Normal => {}
                Flow::Raise(exc) if exc.kind.as_ref() == LIMIT && gave_up < 5 && self.frames.len() == 1 => {
                    gave_up += 1;
                    self.allowance = self.steps + MORE_STEPS;
                    let why = Unknown {
                        reason: "the code here does more work than can be followed without running it".to_owned(),
                        span: Some(self.span(statement.range())),
                    };
                    self.havoc(std::slice::from_ref(statement), &Rc::new(why));
                }
                Flow::Break | Flow::Continue => {}
                flow => return flow,
            }
        }
        Flow::Normal
    }

    pub(super) fn exec_block(&mut self, body: &[Stmt]) -> Flow {
        for statement in body {
            match self.exec_statement(statement) {
                Flow::Normal => {}
                flow => return flow,
            }
        }
        Flow::Normal
    }

    fn exec_statement(&mut self, statement: &Stmt) -> Flow {
        grow(|| {
            let span = self.span(statement.range());
            if let Some(frame) = self.frames.last_mut() {
                frame.statement = Some(span);
            }
            self.step(1, statement.range()).and_then(|()| self.exec(statement)).unwrap_or_else(Flow::Raise)
        })
    }

    fn exec(&mut self, statement: &Stmt) -> Ev<Flow> {
        match statement {
            Stmt::Expr(statement) => {
                self.eval(&statement.value)?;
            }
            Stmt::Assign(statement) => self.exec_assign(statement)?,
            Stmt::AugAssign(statement) => self.exec_aug_assign(statement)?,
            Stmt::AnnAssign(statement) => {
                if let Some(value) = &statement.value {
                    let value = self.eval(value)?;
                    self.assign(&statement.target, value, statement.range())?;
                }
            }
            Stmt::If(statement) => return self.exec_if(statement),
            Stmt::For(statement) => return self.exec_for(statement),
            Stmt::While(statement) => return self.exec_while(statement),
            Stmt::Try(statement) => return Ok(self.exec_try(statement)),
            Stmt::With(statement) => return self.exec_with(statement),
            Stmt::Match(statement) => return self.exec_match(statement),
            Stmt::FunctionDef(statement) => self.exec_def(statement)?,
            Stmt::ClassDef(statement) => self.exec_class(statement)?,
            Stmt::Return(statement) => {
                let value = statement.value.as_ref().map_or(Ok(Val::None), |value| self.eval(value))?;
                return Ok(Flow::Return(value));
            }
            Stmt::Raise(statement) => return self.exec_raise(statement),
            Stmt::Assert(statement) => self.exec_assert(statement)?,
            Stmt::Import(statement) => self.exec_import(statement)?,
            Stmt::ImportFrom(statement) => self.exec_import_from(statement)?,
            Stmt::Delete(statement) => {
                for target in &statement.targets {
                    self.delete(target)?;
                }
            }
            Stmt::Global(statement) => self.declare_global(&statement.names),
            Stmt::Nonlocal(statement) => self.declare_nonlocal(&statement.names),
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::TypeAlias(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(Flow::Normal)
    }

    fn exec_assign(&mut self, statement: &ast::StmtAssign) -> Ev<()> {
        let value = self.eval(&statement.value)?;
        for target in &statement.targets {
            let place = TextRange::new(target.start(), statement.end());
            self.assign(target, value.clone(), place)?;
        }
        Ok(())
    }

    fn exec_if(&mut self, statement: &ast::StmtIf) -> Ev<Flow> {
        let mut clauses: Vec<(Option<&ast::Expr>, &[Stmt])> = vec![(Some(&statement.test), &statement.body)];
        clauses.extend(statement.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body[..])));
        self.exec_clauses(&clauses)
    }

    fn exec_clauses(&mut self, clauses: &[(Option<&ast::Expr>, &[Stmt])]) -> Ev<Flow> {
        for (at, (test, body)) in clauses.iter().enumerate() {
            let Some(test) = test else { return Ok(self.exec_block(body)) };
            let condition = self.eval(test)?;
            match self.truth(&condition) {
                Some(true) => return Ok(self.exec_block(body)),
                Some(false) => {}
                None => {
                    let rest = &clauses[at + 1..];
                    let why = self.branch_reason(&condition, test.range());
                    let base = self.snapshot();
                    let flow = self.exec_block(body);
                    return Ok(
                        self.or_else(base, flow, &why, |me| grow(|| me.exec_clauses(rest)).unwrap_or_else(Flow::Raise))
                    );
                }
            }
        }
        Ok(Flow::Normal)
    }

    /// Why what follows from an unknown condition is unknown.
    pub(super) fn branch_reason(&self, condition: &Val, range: TextRange) -> Rc<Unknown> {
        let span = self.span(range);
        let inner = self.deep_why(condition).map_or_else(|| "it is unknown".to_owned(), |why| why.reason.clone());
        let prefix = "it depends on the condition at line ";
        let reason = if inner.starts_with(prefix) { inner } else { format!("{prefix}{}, and {inner}", span.line) };
        Rc::new(Unknown { reason, span: Some(span) })
    }

    /// After one branch ran from `base` and ended with `flow`: follows the other one and joins the two.
    pub(super) fn or_else(
        &mut self,
        base: State,
        flow: Flow,
        why: &Rc<Unknown>,
        other: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let parted = base.cells.len();
        let first = self.enter(base);
        let second = other(self);
        self.merge((flow, first), second, parted, why)
    }

    /// Joins an ended branch with the current one.
    pub(super) fn merge(&mut self, first: (Flow, State), second: Flow, parted: usize, why: &Rc<Unknown>) -> Flow {
        let (flow, mut state) = first;
        state.pad(&self.state);
        self.steps += self.state.cells.len() as u64 / 20;
        match (flow, second) {
            (Flow::Normal, Flow::Normal) => self.join_with(state, parted, why, None, |_| Flow::Normal),
            (Flow::Break, Flow::Break) => self.join_with(state, parted, why, None, |_| Flow::Break),
            (Flow::Continue, Flow::Continue) => self.join_with(state, parted, why, None, |_| Flow::Continue),
            (Flow::Return(a), Flow::Return(b)) => self.join_with(state, parted, why, Some((a, b)), Flow::Return),
            (Flow::Normal, other) => {
                let left = std::mem::replace(&mut self.state, state);
                self.state.pad(&left);
                self.escapes.push(Escape { flow: other, state: left, why: why.clone() });
                Flow::Normal
            }
            (Flow::Raise(exc), other) => {
                self.escapes.push(Escape { flow: Flow::Raise(exc), state, why: why.clone() });
                other
            }
            (other, Flow::Raise(exc)) => {
                let left = std::mem::replace(&mut self.state, state);
                self.state.pad(&left);
                self.escapes.push(Escape { flow: Flow::Raise(exc), state: left, why: why.clone() });
                other
            }
            (other, second) => {
                self.escapes.push(Escape { flow: other, state, why: why.clone() });
                second
            }
        }
    }

    fn join_with(
        &mut self,
        state: State,
        parted: usize,
        why: &Rc<Unknown>,
        values: Option<(Val, Val)>,
        flow: impl FnOnce(Val) -> Flow,
    ) -> Flow {
        let current = std::mem::take(&mut self.state);
        let (joined, value) = Joiner::new(state, current, parted, why.clone()).join(values);
        self.state = joined;
        flow(value)
    }

    /// Joins the states of the escapes since `mark` of which `wanted` says so into the current one.
    pub(super) fn absorb(&mut self, mark: usize, wanted: impl Fn(&Flow) -> bool) {
        let escapes = self.escapes.split_off(mark);
        for escape in escapes {
            if wanted(&escape.flow) {
                let parted = escape.state.cells.len();
                self.merge((Flow::Normal, escape.state), Flow::Normal, parted, &escape.why);
            } else {
                self.escapes.push(escape);
            }
        }
    }

    fn exec_for(&mut self, statement: &ast::StmtFor) -> Ev<Flow> {
        let iterable = self.eval(&statement.iter)?;
        let items = match self.items(&iterable, statement.iter.range())? {
            Items::Known(items) => items,
            Items::Unknown(why) => {
                self.exec_unknown_loop(Some(&statement.target), &statement.body, &why);
                return Ok(self.exec_block(&statement.orelse));
            }
        };
        let outer = self.escapes.len();
        let mut at = 0;
        while let Some(item) = self.turn_item(&iterable, &items, at) {
            at += 1;
            self.step(1, statement.target.range())?;
            self.assign(&statement.target, item, statement.target.range())?;
            match self.exec_turn(&statement.body) {
                Flow::Normal | Flow::Continue => {}
                Flow::Break => {
                    self.absorb(outer, |flow| matches!(flow, Flow::Break));
                    return Ok(Flow::Normal);
                }
                flow => return Ok(flow),
            }
        }
        let flow = self.exec_block(&statement.orelse);
        self.absorb(outer, |flow| matches!(flow, Flow::Break));
        Ok(flow)
    }

    /// The item of a turn. A list that grows while it is walked is walked further.
    fn turn_item(&self, iterable: &Val, items: &[Val], at: usize) -> Option<Val> {
        match self.cell_of(iterable) {
            Some(super::heap::Cell::List(live)) => live.get(at).cloned(),
            _ => items.get(at).cloned(),
        }
    }

    /// One turn of a loop: ways that may have continued early meet at its end.
    fn exec_turn(&mut self, body: &[Stmt]) -> Flow {
        let mark = self.escapes.len();
        let flow = self.exec_block(body);
        if matches!(flow, Flow::Normal | Flow::Continue) {
            self.absorb(mark, |flow| matches!(flow, Flow::Continue));
        } else if let Some(at) = (mark..self.escapes.len()).find(|at| matches!(self.escapes[*at].flow, Flow::Continue))
        {
            // This way certainly leaves the loop, another may go on with it.
            let escape = self.escapes.remove(at);
            let left = self.enter(escape.state);
            self.escapes.push(Escape { flow, state: left, why: escape.why });
            self.absorb(mark, |flow| matches!(flow, Flow::Continue));
            return Flow::Normal;
        }
        flow
    }

    fn exec_while(&mut self, statement: &ast::StmtWhile) -> Ev<Flow> {
        let outer = self.escapes.len();
        let literal = matches!(&*statement.test, ast::Expr::BooleanLiteral(test) if test.value)
            || matches!(&*statement.test, ast::Expr::NumberLiteral(_));
        if literal && statement.body.iter().all(goes_on) {
            return self.raise(super::ENDLESS, "this loop never ends", statement.range());
        }
        for _ in 0..TURNS {
            let condition = self.eval(&statement.test)?;
            match self.truth(&condition) {
                Some(true) => {}
                Some(false) => {
                    let flow = self.exec_block(&statement.orelse);
                    self.absorb(outer, |flow| matches!(flow, Flow::Break));
                    return Ok(flow);
                }
                None => {
                    let why = self.branch_reason(&condition, statement.test.range());
                    self.exec_unknown_loop(None, &statement.body, &why);
                    self.absorb(outer, |flow| matches!(flow, Flow::Break));
                    return Ok(Flow::Normal);
                }
            }
            match self.exec_turn(&statement.body) {
                Flow::Normal | Flow::Continue => {}
                Flow::Break => {
                    self.absorb(outer, |flow| matches!(flow, Flow::Break));
                    return Ok(Flow::Normal);
                }
                flow => return Ok(flow),
            }
        }
        let why = Unknown {
            reason: format!("the loop at line {} runs too long to be followed", self.span(statement.range()).line),
            span: Some(self.span(statement.range())),
        };
        self.exec_unknown_loop(None, &statement.body, &Rc::new(why));
        Ok(Flow::Normal)
    }

    /// A loop of which nobody knows how often it runs: what it changes is unknown after it.
    fn exec_unknown_loop(&mut self, target: Option<&ast::Expr>, body: &[Stmt], why: &Rc<Unknown>) {
        let base = self.snapshot();
        self.havoc(body, why);
        if let Some(target) = target {
            // An unknown can be unpacked into anything.
            let _ = self.assign(target, Val::Unknown(why.clone()), target.range());
        }
        let mark = self.escapes.len();
        let flow = self.exec_block(body);
        self.absorb(mark, |flow| matches!(flow, Flow::Continue | Flow::Break));
        if let Flow::Return(_) | Flow::Raise(_) = flow {
            let left = self.snapshot();
            self.escapes.push(Escape { flow, state: left, why: why.clone() });
        }
        self.havoc(body, why);
        if let Some(target) = target {
            let _ = self.assign(target, Val::Unknown(why.clone()), target.range());
        }
        let parted = base.cells.len();
        self.merge((Flow::Normal, base), Flow::Normal, parted, why);
    }

    fn exec_with(&mut self, statement: &ast::StmtWith) -> Ev<Flow> {
        let mut suppressed = Vec::new();
        for item in &statement.items {
            let context = self.eval(&item.context_expr)?;
            if let Some(kinds) = self.suppressed_by(&context) {
                suppressed.extend(kinds);
            }
            if let Some(target) = &item.optional_vars {
                let entered = self.entered(&context, item.context_expr.range());
                self.assign(target, entered, target.range())?;
            }
        }
        if suppressed.is_empty() {
            return Ok(self.exec_block(&statement.body));
        }
        Ok(self.exec_suppressing(&statement.body, suppressed))
    }

    fn exec_raise(&mut self, statement: &ast::StmtRaise) -> Ev<Flow> {
        let Some(exc) = &statement.exc else {
            return match self.name_in(self.frame().scope, "<exception>") {
                Some(Val::Exception(exc)) => Err(Box::new((*exc).clone())),
                _ => self.raise(ANY, "", statement.range()),
            };
        };
        let value = self.eval(exc)?;
        Err(Box::new(self.exception_of(&value, statement.range())))
    }

    fn exec_assert(&mut self, statement: &ast::StmtAssert) -> Ev<()> {
        let condition = self.eval(&statement.test)?;
        match self.truth(&condition) {
            Some(true) => Ok(()),
            Some(false) => {
                let message = match &statement.msg {
                    Some(message) => {
                        let value = self.eval(message)?;
                        self.to_text(&value).unwrap_or_default()
                    }
                    None => String::new(),
                };
                self.raise("AssertionError", message, statement.range())
            }
            None => {
                let why = self.branch_reason(&condition, statement.test.range());
                self.may_raise("AssertionError", &why, statement.range());
                Ok(())
            }
        }
    }

    fn declare_global(&mut self, names: &[ast::Identifier]) {
        if let Some(frame) = self.frames.last_mut() {
            for name in names {
                frame.elsewhere.insert(name.as_str().into(), frame.globals);
            }
        }
    }

    fn declare_nonlocal(&mut self, names: &[ast::Identifier]) {
        for name in names {
            let mut scope = self.parent_of(self.frame().scope);
            while let Some(at) = scope {
                if self.name_in(at, name.as_str()).is_some() {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.elsewhere.insert(name.as_str().into(), at);
                    }
                    break;
                }
                scope = self.parent_of(at);
            }
        }
    }

    fn parent_of(&self, scope: super::heap::Ref) -> Option<super::heap::Ref> {
        match self.state.cell(scope) {
            super::heap::Cell::Scope(scope) => scope.parent,
            _ => None,
        }
    }
}
