//! What a statement of a Python file binds, uses and sets.

use std::collections::BTreeSet;
use std::sync::Arc;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Number, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextRange};

use crate::value::Value;
use crate::write::Code;

use super::Part;
use super::scope::Scope;

#[derive(Debug)]
pub(super) struct Statement {
    pub label: Arc<str>,
    /// With the comment above it.
    pub text: String,
    pub line: usize,
    pub end_line: usize,
    pub binds: BTreeSet<String>,
    pub uses: BTreeSet<String>,
    /// Names of objects that it may change.
    pub changes: BTreeSet<String>,
    /// Each imported name, with an import statement for it alone.
    pub imports: Vec<(String, String)>,
    /// `c.Class.option = …`, and what a plain `name = …` is set to.
    pub assigned: Vec<Assigned>,
    /// Whether it is an `if`, `for`, `while`, `with` or `try`.
    pub compound: bool,
    /// Whether it does more than to name something.
    pub acts: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Assigned {
    /// `["c", "Class", "option"]` or `["name"]`.
    pub path: Vec<String>,
    pub text: String,
    pub uses: BTreeSet<String>,
    pub variable: Option<(String, Option<Value>)>,
}

/// The environment variables that a piece of code names.
pub fn variables(code: &Code) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'a> Visitor<'a> for Names {
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0.extend(variable(expression).map(|(name, _)| name));
            walk_expr(self, expression);
        }
    }
    let mut names = Names(Vec::new());
    for text in code.needs.iter().chain([&code.text]) {
        // An expression of several lines is none without what holds it together.
        let parsed = parse_module(text).or_else(|_| parse_module(&format!("({text})")));
        if let Ok(parsed) = &parsed {
            parsed.syntax().body.iter().for_each(|statement| names.visit_stmt(statement));
        }
    }
    names.0
}

pub(super) fn read(statement: &Stmt, part: &Part) -> Statement {
    let text = part.text.as_str();
    let range = statement.range();
    let start = range.start().to_usize();
    let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count();
    let line = part.first_line + line_of(start);
    let end_line = part.first_line + line_of(range.end().to_usize());
    let mut scope = Scope::default();
    scope.visit_stmt(statement);
    let mut changes = scope.changes;
    if let Stmt::Expr(expression) = statement
        && let Expr::Call(call) = &*expression.value
    {
        // What is handed to a function may be changed by it.
        changes.extend(call.arguments.args.iter().filter_map(root));
    }
    let compound = matches!(statement, Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::With(_) | Stmt::Try(_));
    Statement {
        label: part.label.clone(),
        text: format!("{}{}", comment_above(text, start), slice(text, range)),
        line,
        end_line,
        binds: scope.binds,
        uses: scope.uses,
        changes,
        imports: if compound { Vec::new() } else { imports(statement) },
        assigned: assigned(statement, text),
        compound,
        acts: acts(statement),
    }
}

/// Whether a statement does something, other than giving a name to it.
fn acts(statement: &Stmt) -> bool {
    match statement {
        Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::FunctionDef(_) | Stmt::ClassDef(_) | Stmt::Pass(_) => false,
        Stmt::Assign(assign) => !assign.targets.iter().all(|target| matches!(target, Expr::Name(_))),
        Stmt::AnnAssign(assign) => !matches!(&*assign.target, Expr::Name(_)),
        // A docstring, or a name that is there for a linter.
        Stmt::Expr(expression) => !matches!(&*expression.value, Expr::StringLiteral(_) | Expr::Name(_)),
        _ => true,
    }
}

fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default()
}

/// The lines of comment just above.
fn comment_above(text: &str, start: usize) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text[..start].lines().rev() {
        if !line.trim_start().starts_with('#') || line.starts_with([' ', '\t']) {
            break;
        }
        lines.push(line);
    }
    lines.iter().rev().map(|line| format!("{line}\n")).collect()
}

pub(super) fn imports(statement: &Stmt) -> Vec<(String, String)> {
    let with_name = |name: &str, alias: Option<&str>| match alias {
        Some(alias) if alias != name => format!("{name} as {alias}"),
        _ => name.to_owned(),
    };
    match statement {
        Stmt::Import(import) => import
            .names
            .iter()
            .map(|alias| {
                let asname = alias.asname.as_ref().map(|name| name.as_str());
                let root = alias.name.as_str().split('.').next().unwrap_or_default();
                (asname.unwrap_or(root).to_owned(), format!("import {}", with_name(alias.name.as_str(), asname)))
            })
            .collect(),
        Stmt::ImportFrom(import) => {
            let dots = ".".repeat(import.level as usize);
            let module = format!("{dots}{}", import.module.as_ref().map_or("", |module| module.as_str()));
            let one = |alias: &ruff_python_ast::Alias| {
                let asname = alias.asname.as_ref().map(|name| name.as_str());
                let name = alias.name.as_str();
                (asname.unwrap_or(name).to_owned(), format!("from {module} import {}", with_name(name, asname)))
            };
            import.names.iter().map(one).collect()
        }
        _ => Vec::new(),
    }
}

fn assigned(statement: &Stmt, text: &str) -> Vec<Assigned> {
    let (targets, value): (Vec<&Expr>, &Expr) = match statement {
        Stmt::Assign(assign) => (assign.targets.iter().collect(), &assign.value),
        Stmt::AnnAssign(assign) => match &assign.value {
            Some(value) => (vec![&assign.target], value),
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let mut scope = Scope::default();
    scope.visit_expr(value);
    let one = |path| Assigned {
        path,
        text: slice(text, value.range()).to_owned(),
        uses: scope.uses.clone(),
        variable: variable(value),
    };
    targets.into_iter().filter_map(path).map(one).collect()
}

/// `c.A.b` or `c["A"].b` as a path.
fn path(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Name(name) => Some(vec![name.id.to_string()]),
        Expr::Attribute(attribute) => {
            let mut path = path(&attribute.value)?;
            path.push(attribute.attr.to_string());
            Some(path)
        }
        Expr::Subscript(subscript) => {
            let mut path = path(&subscript.value)?;
            let Expr::StringLiteral(key) = &*subscript.slice else { return None };
            path.push(key.value.to_str().to_owned());
            Some(path)
        }
        _ => None,
    }
}

/// `os.environ["X"]`, `os.environ.get("X", …)`, `os.getenv("X", …)`: the variable, and what is taken without it.
fn variable(expression: &Expr) -> Option<(String, Option<Value>)> {
    match expression {
        Expr::Subscript(subscript) if is_environ(&subscript.value) => match &*subscript.slice {
            Expr::StringLiteral(name) => Some((name.value.to_str().to_owned(), None)),
            _ => None,
        },
        Expr::Call(call) if call.arguments.keywords.is_empty() => {
            let getenv = match &*call.func {
                Expr::Attribute(method) if method.attr.as_str() == "get" => is_environ(&method.value),
                Expr::Attribute(method) if method.attr.as_str() == "getenv" => is_name(&method.value, "os"),
                Expr::Name(name) => name.id.as_str() == "getenv",
                _ => false,
            };
            let arguments = &call.arguments.args;
            let Some(Expr::StringLiteral(name)) = arguments.first().filter(|_| getenv) else { return None };
            let default = match arguments.get(1) {
                None => Value::None,
                Some(other) => literal(other)?,
            };
            Some((name.value.to_str().to_owned(), Some(default)))
        }
        _ => None,
    }
}

fn is_name(expression: &Expr, wanted: &str) -> bool {
    matches!(expression, Expr::Name(name) if name.id.as_str() == wanted)
}

fn is_environ(expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(attribute) => attribute.attr.as_str() == "environ" && is_name(&attribute.value, "os"),
        other => is_name(other, "environ"),
    }
}

fn literal(expression: &Expr) -> Option<Value> {
    Some(match expression {
        Expr::StringLiteral(text) => Value::str(text.value.to_str()),
        Expr::NoneLiteral(_) => Value::None,
        Expr::BooleanLiteral(truth) => Value::Bool(truth.value),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(number) => Value::int(number.as_i64()?),
            _ => return None,
        },
        _ => return None,
    })
}

/// The name that a chain of attributes, items and calls begins with.
pub(super) fn root(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => root(&attribute.value),
        Expr::Subscript(subscript) => root(&subscript.value),
        Expr::Call(call) => root(&call.func),
        _ => None,
    }
}
