//! Expressions.

use std::rc::Rc;

use indexmap::IndexMap;
use num_bigint::BigInt;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged as _, TextRange};

use crate::value::Unknown;

use super::containers::Items;
use super::heap::{Cell, Scope, Val};
use super::{ANY, Ev, Flow, Frame, Interpreter, grow, surrogates};

impl Interpreter<'_> {
    pub(super) fn eval(&mut self, expression: &Expr) -> Ev {
        self.step(1, expression.range())?;
        grow(|| self.eval_here(expression))
    }

    fn eval_here(&mut self, expression: &Expr) -> Ev {
        let range = expression.range();
        Ok(match expression {
            Expr::StringLiteral(literal) => Val::str(self.string_literal(literal)),
            Expr::BytesLiteral(literal) => Val::Bytes(literal.value.bytes().collect::<Vec<u8>>().into()),
            Expr::NumberLiteral(literal) => match &literal.value {
                ast::Number::Int(number) => Val::Int(parse_int(&number.to_string())),
                ast::Number::Float(number) => Val::Float(*number),
                ast::Number::Complex { .. } => self.unknown("complex numbers are not followed", range),
            },
            Expr::BooleanLiteral(literal) => Val::Bool(literal.value),
            Expr::NoneLiteral(_) => Val::None,
            Expr::EllipsisLiteral(_) => Val::Ellipsis,
            Expr::Name(name) => self.lookup(name.id.as_str(), range)?,
            Expr::List(list) => {
                let items = self.elements(&list.elts)?;
                self.display(items, range, Cell::List)?
            }
            Expr::Tuple(tuple) => match self.elements(&tuple.elts)? {
                Ok(items) => Val::Tuple(items.into()),
                Err(why) => Val::Unknown(why),
            },
            Expr::Set(set) => match self.elements(&set.elts)? {
                Ok(items) => self.new_set(items, range)?,
                Err(why) => Val::Unknown(why),
            },
            Expr::Dict(dict) => self.eval_dict(dict)?,
            Expr::FString(fstring) => self.eval_fstring(fstring)?,
            Expr::BinOp(operation) => {
                let left = self.eval(&operation.left)?;
                let right = self.eval(&operation.right)?;
                self.binary(operation.op, &left, &right, range)?
            }
            Expr::UnaryOp(operation) => {
                let operand = self.eval(&operation.operand)?;
                self.unary(operation.op, &operand, range)?
            }
            Expr::BoolOp(operation) => self.eval_bool_op(operation)?,
            Expr::Compare(comparison) => self.eval_compare(comparison)?,
            Expr::If(ternary) => self.eval_ternary(ternary)?,
            Expr::Named(named) => {
                let value = self.eval(&named.value)?;
                if let Expr::Name(name) = &*named.target {
                    self.bind_named(name.id.as_str(), value.clone());
                }
                value
            }
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value)?;
                self.attribute(&object, attribute.attr.as_str(), range)?
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value)?;
                if let Expr::Slice(slice) = &*subscript.slice {
                    return self.slice(&object, slice, range);
                }
                let key = self.eval(&subscript.slice)?;
                self.item(&object, &key, range)?
            }
            Expr::Call(call) => self.eval_call(call)?,
            Expr::Lambda(lambda) => self.make_lambda(lambda)?,
            Expr::ListComp(comp) => {
                let items = self.comprehend(&comp.generators, |me| me.eval(&comp.elt))?;
                self.display(items, range, Cell::List)?
            }
            Expr::Generator(comp) => {
                let items = self.comprehend(&comp.generators, |me| me.eval(&comp.elt))?;
                self.display(items, range, |items| Cell::Iterator(items, 0))?
            }
            Expr::SetComp(comp) => match self.comprehend(&comp.generators, |me| me.eval(&comp.elt))? {
                Ok(items) => self.new_set(items, range)?,
                Err(why) => Val::Unknown(why),
            },
            Expr::DictComp(comp) => self.eval_dict_comp(comp)?,
            Expr::Starred(starred) => self.eval(&starred.value)?,
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.unknown("it is made by a coroutine or generator, which is not run here", range)
            }
            Expr::TString(_) => self.unknown("template strings are not followed", range),
            Expr::Slice(_) | Expr::IpyEscapeCommand(_) => Val::None,
        })
    }

    /// Lone surrogates, which the parser replaces, are written as [`crate::value`] keeps them.
    fn string_literal(&self, literal: &ast::ExprStringLiteral) -> String {
        let parts = literal.value.iter();
        parts.map(|part| surrogates::restored(part.as_str(), self.frame().file.slice(part.range()))).collect()
    }

    fn display(&mut self, items: Result<Vec<Val>, Rc<Unknown>>, range: TextRange, cell: fn(Vec<Val>) -> Cell) -> Ev {
        match items {
            Ok(items) => {
                self.step(items.len() as u64, range)?;
                Ok(Val::Obj(self.state.new_cell(cell(items))))
            }
            Err(why) => Ok(Val::Unknown(why)),
        }
    }

    /// The items of a display, with `*x` unpacked; the reason where one of those is unknown.
    fn elements(&mut self, expressions: &[Expr]) -> Ev<Result<Vec<Val>, Rc<Unknown>>> {
        let mut items = Vec::new();
        let mut unknown = None;
        for expression in expressions {
            if let Expr::Starred(starred) = expression {
                let value = self.eval(&starred.value)?;
                match self.items(&value, starred.range())? {
                    Items::Known(more) => items.extend(more),
                    Items::Unknown(why) => unknown = Some(why),
                }
            } else {
                items.push(self.eval(expression)?);
            }
        }
        Ok(unknown.map_or(Ok(items), Err))
    }

    fn eval_dict(&mut self, dict: &ast::ExprDict) -> Ev {
        let mut map = IndexMap::new();
        let mut unknown = None;
        for item in &dict.items {
            match &item.key {
                Some(key) => {
                    let name = self.eval(key)?;
                    let value = self.eval(&item.value)?;
                    let hash = self.key(&name, key.range())?;
                    super::containers::insert(&mut map, hash, name, value);
                }
                None => {
                    let value = self.eval(&item.value)?;
                    match self.pairs(&value, item.value.range())? {
                        Ok(pairs) => {
                            for (hash, name, value) in pairs {
                                super::containers::insert(&mut map, hash, name, value);
                            }
                        }
                        Err(why) => unknown = Some(why),
                    }
                }
            }
        }
        if let Some(why) = unknown {
            return Ok(Val::Unknown(why));
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Dict(map))))
    }

    fn eval_bool_op(&mut self, operation: &ast::ExprBoolOp) -> Ev {
        self.bool_chain(operation.op, &operation.values)
    }

    fn bool_chain(&mut self, op: ast::BoolOp, values: &[Expr]) -> Ev {
        let ends_on = op == ast::BoolOp::Or;
        for (at, first) in values.iter().enumerate() {
            let value = self.eval(first)?;
            let rest = &values[at + 1..];
            if rest.is_empty() || self.truth(&value) == Some(ends_on) {
                return Ok(value);
            }
            if self.truth(&value).is_none() {
                let why = self.why_of_parts(&[value], first.range());
                self.branch(&why, |me| grow(|| me.bool_chain(op, rest)))?;
                return Ok(Val::Unknown(why));
            }
        }
        Ok(Val::None)
    }

    /// Follows something that may or may not be evaluated.
    fn branch(&mut self, why: &Rc<Unknown>, body: impl FnOnce(&mut Self) -> Ev) -> Ev {
        let base = self.snapshot();
        let parted = base.cells.len();
        let result = body(self);
        let (flow, value) = match result {
            Ok(value) => (Flow::Normal, value),
            Err(exc) => (Flow::Raise(exc), Val::Unknown(why.clone())),
        };
        let left = self.enter(base);
        match self.merge((flow, left), Flow::Normal, parted, why) {
            Flow::Raise(exc) => Err(exc),
            _ => Ok(value),
        }
    }

    fn eval_ternary(&mut self, ternary: &ast::ExprIf) -> Ev {
        let condition = self.eval(&ternary.test)?;
        match self.truth(&condition) {
            Some(true) => self.eval(&ternary.body),
            Some(false) => self.eval(&ternary.orelse),
            None => {
                let why = self.branch_reason(&condition, ternary.test.range());
                let base = self.snapshot();
                let flow = as_flow(self.eval(&ternary.body));
                match self.or_else(base, flow, &why, |me| as_flow(me.eval(&ternary.orelse))) {
                    Flow::Return(value) => Ok(value),
                    Flow::Raise(exc) => Err(exc),
                    _ => Ok(Val::Unknown(why)),
                }
            }
        }
    }

    fn eval_compare(&mut self, comparison: &ast::ExprCompare) -> Ev {
        let mut left = self.eval(&comparison.left)?;
        let mut unknown = None;
        let mut range = comparison.left.range();
        let mut last = Val::Bool(true);
        for (op, right) in comparison.ops.iter().zip(&comparison.comparators) {
            range = TextRange::new(range.start(), right.end());
            let value = self.eval(right)?;
            let result = self.compare(*op, &left, &value, range)?;
            match self.truth(&result) {
                Some(false) => return Ok(result),
                Some(true) => last = result,
                None => unknown = Some(result),
            }
            left = value;
        }
        Ok(unknown.unwrap_or(last))
    }

    /// `:=` binds in the function around, not in a comprehension.
    fn bind_named(&mut self, name: &str, value: Val) {
        let mut scope = self.frame().scope;
        while let Cell::Scope(cell) = self.state.cell(scope) {
            match cell.parent {
                Some(parent) if cell.names.contains_key("<comprehension>") => scope = parent,
                _ => break,
            }
        }
        if scope == self.frame().scope { self.bind(name, value) } else { self.bind_in(scope, name, value) }
    }

    /// The items that a comprehension yields, or why they are unknown.
    fn comprehend(
        &mut self,
        generators: &[ast::Comprehension],
        mut element: impl FnMut(&mut Self) -> Ev,
    ) -> Ev<Result<Vec<Val>, Rc<Unknown>>> {
        let parent = self.frame().scope;
        let mut scope = Scope { parent: Some(parent), ..Scope::default() };
        scope.names.insert("<comprehension>".into(), Val::None);
        let scope = self.state.new_cell(Cell::Scope(scope));
        let frame = Frame { scope, ..self.frame().clone() };
        self.frames.push(frame);
        let mut items = Vec::new();
        let result = self.comprehend_level(generators, &mut items, &mut element);
        self.frames.pop();
        Ok(result?.map_or(Ok(items), Err))
    }

    fn comprehend_level(
        &mut self,
        generators: &[ast::Comprehension],
        items: &mut Vec<Val>,
        element: &mut dyn FnMut(&mut Self) -> Ev,
    ) -> Ev<Option<Rc<Unknown>>> {
        let Some((generator, rest)) = generators.split_first() else {
            let value = element(self)?;
            items.push(value);
            return Ok(None);
        };
        let iterable = self.eval(&generator.iter)?;
        let known = match self.items(&iterable, generator.iter.range())? {
            Items::Known(known) => known,
            Items::Unknown(why) => return Ok(Some(why)),
        };
        'items: for item in known {
            self.step(1, generator.range())?;
            self.assign(&generator.target, item, generator.target.range())?;
            for test in &generator.ifs {
                let condition = self.eval(test)?;
                match self.truth(&condition) {
                    Some(true) => {}
                    Some(false) => continue 'items,
                    None => return Ok(Some(self.why_of_parts(&[condition], test.range()))),
                }
            }
            if let Some(why) = self.comprehend_level(rest, items, element)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    fn eval_dict_comp(&mut self, comp: &ast::ExprDictComp) -> Ev {
        let range = comp.range();
        let pairs = self.comprehend(&comp.generators, |me| {
            let key = match &comp.key {
                Some(key) => me.eval(key)?,
                None => return Ok(me.unknown("unpacking in a comprehension is not followed", range)),
            };
            let value = me.eval(&comp.value)?;
            Ok(Val::Tuple(vec![key, value].into()))
        })?;
        let pairs = match pairs {
            Ok(pairs) => pairs,
            Err(why) => return Ok(Val::Unknown(why)),
        };
        let mut map = IndexMap::new();
        for pair in pairs {
            let Val::Tuple(pair) = pair else { return Ok(pair) };
            let hash = self.key(&pair[0], range)?;
            super::containers::insert(&mut map, hash, pair[0].clone(), pair[1].clone());
        }
        Ok(Val::Obj(self.state.new_cell(Cell::Dict(map))))
    }

    fn eval_call(&mut self, call: &ast::ExprCall) -> Ev {
        let range = call.range();
        // A call on an attribute needs no method object in between.
        let function = self.eval(&call.func)?;
        let mut args = Vec::new();
        let mut unknown = None;
        for argument in &call.arguments.args {
            if let Expr::Starred(starred) = argument {
                let value = self.eval(&starred.value)?;
                match self.items(&value, starred.range())? {
                    Items::Known(items) => args.extend(items),
                    Items::Unknown(why) => unknown = Some(why),
                }
            } else {
                args.push(self.eval(argument)?);
            }
        }
        let mut keywords: Vec<(Rc<str>, Val)> = Vec::new();
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value)?;
            match &keyword.arg {
                Some(name) => keywords.push((name.as_str().into(), value)),
                None => match self.pairs(&value, keyword.range())? {
                    Ok(pairs) => {
                        for (_, name, value) in pairs {
                            match name {
                                Val::Str(name) => keywords.push((name, value)),
                                _ => return self.raise("TypeError", "keywords must be strings", range),
                            }
                        }
                    }
                    Err(why) => unknown = Some(why),
                },
            }
        }
        if let Some(why) = unknown {
            for value in args.iter().chain(keywords.iter().map(|(_, value)| value)) {
                self.taint(value, &why);
            }
            if let Val::Method(method) = &function {
                self.taint(&method.0, &why);
            }
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        self.call(&function, args, keywords, range)
    }
}

fn as_flow(result: Ev) -> Flow {
    result.map_or_else(Flow::Raise, Flow::Return)
}

/// An integer literal as the parser gives it: decimal, or with its base's prefix where it is large.
fn parse_int(text: &str) -> BigInt {
    let text = text.replace('_', "");
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        _ => (lower.as_str(), 10),
    };
    BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default()
}
