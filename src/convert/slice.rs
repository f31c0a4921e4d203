//! A piece of a Python file with all that it needs, so that it can stand elsewhere: the expression behind a setting,
//! the functions, constants and imports it refers to, and what these refer to in turn.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Number, Parameters, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextRange};

use crate::span::Span;
use crate::value::Value;
use crate::write::{Code, Term};

/// A text, and where it stands in its file.
#[derive(Clone, Debug)]
pub struct Part {
    /// The text.
    pub text: String,
    /// The file name that spans carry.
    pub label: Arc<str>,
    /// The line of its first line in that file, from 1.
    pub first_line: usize,
}

/// The statements of a file, or of snippets that share their names.
#[derive(Debug, Default)]
pub struct Module {
    statements: Vec<Statement>,
    /// Names that are there without an import, with the import they would need elsewhere.
    given: &'static [(&'static str, &'static str)],
    /// Whether the chart's `get_config` is there.
    chart: bool,
    /// The statements that have been carried over, wholly or in part.
    carried: RefCell<BTreeSet<usize>>,
}

#[derive(Debug)]
struct Statement {
    label: Arc<str>,
    /// With the comment above it.
    text: String,
    line: usize,
    end_line: usize,
    binds: BTreeSet<String>,
    uses: BTreeSet<String>,
    /// Names of objects that it may change.
    changes: BTreeSet<String>,
    /// Each imported name, with an import statement for it alone.
    imports: Vec<(String, String)>,
    /// `c.Class.option = …`, and what a plain `name = …` is set to.
    assigned: Vec<Assigned>,
    /// Whether it is an `if`, `for`, `while`, `with` or `try`.
    compound: bool,
    /// Whether it does more than to name something.
    acts: bool,
}

/// Why a piece of code cannot stand by itself.
enum Missing {
    /// It needs what this statement makes, which sets an option too.
    Sets(usize),
    /// For this reason.
    Because(String),
}

#[derive(Debug, Clone)]
struct Assigned {
    /// `["c", "Class", "option"]` or `["name"]`.
    path: Vec<String>,
    text: String,
    uses: BTreeSet<String>,
    variable: Option<(String, Option<Value>)>,
}

impl Module {
    /// Reads the parts; one that is no Python is passed over.
    pub fn new(parts: &[Part]) -> Module {
        let mut statements = Vec::new();
        for part in parts {
            let Ok(parsed) = parse_module(&part.text) else { continue };
            for statement in &parsed.syntax().body {
                statements.push(read(statement, part));
            }
        }
        Module { statements, ..Module::default() }
    }

    /// The same for snippets in the values of the chart; `stays` is whether they are to stand in such again.
    pub fn in_chart(parts: &[Part], stays: bool) -> Module {
        Module { given: GIVEN_BY_CHART, chart: stays, ..Module::new(parts) }
    }

    /// The statements that do something and have not been carried over: line and first line of text. `known` says which
    /// lines hold settings that are accounted for.
    pub fn left_behind(&self, known: &dyn Fn(&Arc<str>, &RangeInclusive<usize>) -> bool) -> Vec<(Span, String)> {
        let carried = self.carried.borrow();
        let statements = self.statements.iter().enumerate().filter(|(index, _)| !carried.contains(index));
        let acting = statements.map(|(_, statement)| statement).filter(|statement| statement.acts);
        let missed = acting.filter(|statement| !known(&statement.label, &(statement.line..=statement.end_line)));
        missed
            .map(|statement| {
                let code = statement.text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
                (Span::point(&statement.label, statement.line, 1), code.to_owned())
            })
            .collect()
    }

    fn at(&self, span: &Span) -> Option<usize> {
        self.statements.iter().position(|statement| {
            statement.label == span.file && (statement.line..=statement.end_line).contains(&span.line)
        })
    }

    /// What a setting is set to, as an expression that can stand elsewhere; else why it cannot.
    pub fn setting(&self, span: &Span, class: &str, option: &str) -> Result<Term, String> {
        let index = self.at(span).ok_or("it isn't set by a statement of its own")?;
        let path: Vec<&str> = ["c"].into_iter().chain(class.split('.')).chain([option]).collect();
        let statement = &self.statements[index];
        let found = statement.assigned.iter().find(|assigned| assigned.path == path);
        let assigned = match found {
            Some(assigned) if !statement.compound => assigned,
            _ => return Err("it isn't set by a plain assignment".to_owned()),
        };
        if !self.changing(&self.aliases(index), index).is_empty() {
            return Err("what it is set to is changed further down".to_owned());
        }
        let assigned = self.behind(assigned);
        if let Some((name, default)) = &assigned.variable {
            return Ok(Term::Env { name: name.clone(), default: default.clone() });
        }
        let mut code = self.closure(&assigned.uses, &BTreeSet::from([index])).map_err(|missing| match missing {
            Missing::Sets(_) => "it is made from other settings".to_owned(),
            Missing::Because(why) => why,
        })?;
        code.text = held_together(&assigned.text);
        Ok(Term::Code(code))
    }

    /// The assignment to the name that the expression is nothing but, where there is one alone.
    fn behind<'m>(&'m self, assigned: &'m Assigned) -> &'m Assigned {
        let mut current = assigned;
        for _ in 0..8 {
            let name = &current.text;
            let mut binding = self.statements.iter().filter(|statement| statement.binds.contains(name));
            let (Some(only), None) = (binding.next(), binding.next()) else { return current };
            let changed = self.statements.iter().any(|statement| statement.changes.contains(name));
            let path = std::slice::from_ref(name);
            match only.assigned.iter().find(|assigned| assigned.path == path) {
                Some(next) if !changed && !only.compound => current = next,
                _ => return current,
            }
        }
        current
    }

    /// The whole statement around a place, and those that change its objects later on or set options on the way to it: a
    /// condition or a loop that sets something, a set that is filled below.
    pub fn whole(&self, span: &Span) -> Result<BTreeSet<usize>, String> {
        let mut carried = BTreeSet::from([self.at(span).ok_or("it isn't set by a statement of its own")?]);
        loop {
            let before = carried.len();
            let aliases = carried.iter().flat_map(|index| self.aliases(*index)).collect::<BTreeSet<_>>();
            carried.extend(self.changing(&aliases, *carried.first().unwrap_or(&0)));
            match self.closure(&self.used_by(&carried), &carried) {
                Ok(_) => {}
                // What sets an option on the way is carried along.
                Err(Missing::Sets(index)) => {
                    carried.insert(index);
                }
                Err(Missing::Because(why)) => return Err(why),
            }
            if carried.len() == before {
                return Ok(carried);
            }
        }
    }

    fn used_by(&self, carried: &BTreeSet<usize>) -> BTreeSet<String> {
        let bound: BTreeSet<&String> = carried.iter().flat_map(|index| &self.statements[*index].binds).collect();
        let uses = carried.iter().flat_map(|index| &self.statements[*index].uses);
        uses.filter(|name| *name != "c" && !bound.contains(name)).cloned().collect()
    }

    /// These statements with what they need, in their order.
    pub fn carry(&self, statements: &BTreeSet<usize>) -> Code {
        let mut code = self.closure(&self.used_by(statements), statements).unwrap_or_default();
        self.carried.borrow_mut().extend(statements.iter().copied());
        let mut last: Option<&Statement> = None;
        for statement in statements.iter().map(|index| &self.statements[*index]) {
            let together = |last: &Statement| last.end_line + statement.text.lines().count() >= statement.end_line + 1;
            let together = last.is_some_and(|last| together(last) && !last.compound && !statement.compound);
            let apart = if last.is_none() {
                ""
            } else if together {
                "\n"
            } else {
                "\n\n"
            };
            code.text.push_str(apart);
            code.text.push_str(&statement.text);
            last = Some(statement);
        }
        code
    }

    /// The lines of a statement.
    pub fn lines(&self, index: usize) -> (Arc<str>, RangeInclusive<usize>) {
        let statement = &self.statements[index];
        (statement.label.clone(), statement.line..=statement.end_line)
    }

    /// The names through which the objects of a statement can be reached later on: those that it binds, and those of
    /// objects that it puts into options.
    fn aliases(&self, index: usize) -> BTreeSet<String> {
        let statement = &self.statements[index];
        let mut names: BTreeSet<String> = statement.binds.iter().filter(|name| *name != "c").cloned().collect();
        if !statement.compound {
            names
                .extend(statement.assigned.iter().filter(|assigned| assigned.path.len() > 1).map(|it| it.text.clone()));
        }
        names.retain(|name| !self.statements.iter().any(|other| other.imports.iter().any(|(bound, _)| bound == name)));
        names
    }

    /// The statements after this one that may change objects of these names.
    fn changing(&self, names: &BTreeSet<String>, at: usize) -> Vec<usize> {
        let later = self.statements.iter().enumerate().skip(at + 1);
        later
            .filter(|(_, statement)| statement.changes.iter().any(|name| names.contains(name)))
            .map(|(index, _)| index)
            .collect()
    }

    /// The imports and statements that these names need, in order, besides the statements that are carried themselves.
    fn closure(&self, names: &BTreeSet<String>, carried: &BTreeSet<usize>) -> Result<Code, Missing> {
        let mut open: Vec<String> = names.iter().cloned().collect();
        let mut done: BTreeSet<String> = BTreeSet::new();
        let mut needed: BTreeSet<usize> = BTreeSet::new();
        let mut imports: Vec<String> = Vec::new();
        let last = carried.last().copied().unwrap_or_default();
        while let Some(name) = open.pop() {
            let of_chart = self.chart && ["get_config", "set_config_if_not_none"].contains(&name.as_str());
            if !done.insert(name.clone()) || is_builtin(&name) || of_chart {
                continue;
            }
            if let Some(why) = bound_to_its_place(&name) {
                return Err(Missing::Because(why.to_owned()));
            }
            let given = self.given.iter().find(|(given, _)| *given == name);
            imports.extend(given.map(|(_, import)| (*import).to_owned()));
            let import = |statement: &Statement| {
                let import = statement.imports.iter().find(|(bound, _)| *bound == name);
                import.filter(|_| !statement.compound).map(|(_, import)| import.clone())
            };
            let imported: Vec<String> = self.statements.iter().filter_map(import).collect();
            let mut bound = given.is_some() || !imported.is_empty();
            for (index, statement) in self.statements.iter().enumerate() {
                let binds = statement.binds.contains(&name) && statement.imports.is_empty();
                bound |= binds;
                let changes =
                    index < last && statement.changes.contains(&name) && imported.is_empty() && given.is_none();
                if carried.contains(&index) || !(binds || changes) || !needed.insert(index) {
                    continue;
                }
                if statement.uses.contains("c") {
                    return Err(Missing::Sets(index));
                }
                open.extend(statement.uses.iter().cloned());
            }
            imports.extend(imported);
            if !bound {
                // It comes from where everything is taken, or is as unknown there as it was here.
                let stars = self.statements.iter().flat_map(|statement| &statement.imports);
                imports.extend(stars.filter(|(bound, _)| bound == "*").map(|(_, import)| import.clone()));
            }
        }
        imports.dedup();
        self.carried.borrow_mut().extend(needed.iter().copied());
        let needs = needed.iter().map(|index| self.statements[*index].text.clone()).collect();
        Ok(self.below_its_path(Code { text: String::new(), imports, needs }))
    }

    /// Modules that lie in a folder of their own are imported below the line that says where.
    fn below_its_path(&self, mut code: Code) -> Code {
        let place = self.statements.iter().find(|statement| statement.text.contains("sys.path."));
        let imports = || self.statements.iter().flat_map(|statement| &statement.imports);
        let plain = |place: &&Statement| {
            let imported = |name: &String| imports().any(|(bound, _)| bound == name);
            !place.compound && place.uses.iter().all(|name| is_builtin(name) || imported(name))
        };
        let Some(place) = place.filter(plain) else { return code };
        let (known, own): (Vec<String>, Vec<String>) =
            code.imports.into_iter().partition(|import| is_known_module(import));
        code.imports = known;
        if !own.is_empty() {
            for name in &place.uses {
                code.imports.extend(imports().filter(|(bound, _)| bound == name).map(|(_, import)| import.clone()));
            }
            let own = std::iter::once(place.text.clone()).chain(own);
            code.needs.splice(0..0, own);
        }
        code
    }
}

/// An expression of several lines in brackets, where it has none of its own.
fn held_together(text: &str) -> String {
    match parse_module(text) {
        Ok(parsed) if parsed.syntax().body.len() == 1 => text.to_owned(),
        _ => format!("({text})"),
    }
}

/// Whether an import is of a package rather than of a file beside the configuration, as far as can be told.
fn is_known_module(import: &str) -> bool {
    const KNOWN: &[&str] = &[
        "asyncio",
        "base64",
        "collections",
        "datetime",
        "functools",
        "glob",
        "hashlib",
        "itertools",
        "json",
        "jupyterhub",
        "logging",
        "oauthenticator",
        "os",
        "pathlib",
        "re",
        "requests",
        "secrets",
        "shutil",
        "socket",
        "string",
        "subprocess",
        "sys",
        "time",
        "tornado",
        "traitlets",
        "typing",
        "urllib",
        "yaml",
    ];
    let root = import.split([' ', '.']).nth(1).unwrap_or_default();
    KNOWN.contains(&root)
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

/// What the chart's own `jupyterhub_config.py` has imported before its snippets run.
const GIVEN_BY_CHART: &[(&str, &str)] = &[
    ("os", "import os"),
    ("re", "import re"),
    ("sys", "import sys"),
    ("glob", "import glob"),
    ("url_path_join", "from jupyterhub.utils import url_path_join"),
    ("AsyncHTTPClient", "from tornado.httpclient import AsyncHTTPClient"),
];

fn bound_to_its_place(name: &str) -> Option<&'static str> {
    Some(match name {
        "c" => "it is made from other settings",
        "__file__" | "__path__" => "it depends on where the file lies",
        "get_config" | "set_config_if_not_none" | "get_secret_value" | "get_name" | "get_name_env" => {
            "it asks the chart for its values"
        }
        "load_subconfig" => "it loads another file",
        _ => return None,
    })
}

fn is_builtin(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "BaseException",
        "Exception",
        "False",
        "FileNotFoundError",
        "IOError",
        "ImportError",
        "IndexError",
        "KeyError",
        "LookupError",
        "ModuleNotFoundError",
        "NameError",
        "None",
        "NotImplemented",
        "NotImplementedError",
        "OSError",
        "PermissionError",
        "RuntimeError",
        "StopIteration",
        "True",
        "TypeError",
        "UnicodeDecodeError",
        "ValueError",
        "__name__",
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "dict",
        "dir",
        "enumerate",
        "eval",
        "exit",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "hasattr",
        "hash",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "ord",
        "print",
        "property",
        "quit",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
    ];
    NAMES.contains(&name)
}

fn read(statement: &Stmt, part: &Part) -> Statement {
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

fn imports(statement: &Stmt) -> Vec<(String, String)> {
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
fn root(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => root(&attribute.value),
        Expr::Subscript(subscript) => root(&subscript.value),
        Expr::Call(call) => root(&call.func),
        _ => None,
    }
}

/// The names that a piece of code binds, uses from outside, and changes the objects of.
#[derive(Default)]
struct Scope {
    binds: BTreeSet<String>,
    uses: BTreeSet<String>,
    changes: BTreeSet<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str, option: &str) -> Result<Term, String> {
        let part = Part { text: text.to_owned(), label: "f".into(), first_line: 1 };
        let line = text.lines().position(|line| line.contains(&format!("c.A.{option} "))).unwrap() + 1;
        Module::new(&[part]).setting(&Span::point(&"f".into(), line, 1), "A", option)
    }

    fn code(text: &str, option: &str) -> Code {
        match term(text, option) {
            Ok(Term::Code(code)) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn variables_are_seen_as_such() {
        for text in ["c.A.b = os.environ['X']", "x = os.environ['X']\nc.A.b = x"] {
            assert!(matches!(term(text, "b"), Ok(Term::Env { name, default: None }) if name == "X"), "{text}");
        }
        let got = term("c.A.b = os.getenv('X', 'y')", "b");
        assert!(matches!(got, Ok(Term::Env { default: Some(Value::Str(text)), .. }) if text == "y"));
    }

    #[test]
    fn an_expression_comes_with_what_it_needs() {
        let text = "\
import os, re
from m import (a, b)
# who they are
PEOPLE = []
PEOPLE.append(a)
OTHER = 1
def hook(x, y=re.X):
    z = [q for q in PEOPLE]
    return helper(x, z)
def helper(*args):
    return args
c.A.hook = lambda who: hook(who)
";
        let code = code(text, "hook");
        assert_eq!(code.text, "lambda who: hook(who)");
        assert_eq!(
            code.imports.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            ["from m import a", "import re"].into()
        );
        assert_eq!(code.needs[0], "# who they are\nPEOPLE = []");
        assert_eq!(code.needs[1], "PEOPLE.append(a)");
        assert_eq!(code.needs.len(), 4);
    }

    #[test]
    fn what_cannot_stand_elsewhere_is_told() {
        assert!(term("c.A.b = c.B.x + 1", "b").unwrap_err().contains("other settings"));
        assert!(term("c.A.b = open(__file__)", "b").unwrap_err().contains("where the file lies"));
        assert!(term("if x:\n    c.A.b = 1", "b").is_err());
    }

    #[test]
    fn sets_are_carried_with_what_fills_them() {
        let text = "\
c.A.listed = listed = set()
c.A.admins = admins = set()
root = 'x'
with open(root) as file:
    for line in file:
        listed.add(line)
        admins.add(line)
";
        let part = Part { text: text.to_owned(), label: "f".into(), first_line: 1 };
        let module = Module::new(&[part]);
        let span = Span::point(&"f".into(), 1, 1);
        assert!(module.setting(&span, "A", "listed").unwrap_err().contains("further down"));
        let whole = module.whole(&span).unwrap();
        let code = module.carry(&whole);
        assert_eq!(code.needs, ["root = 'x'"]);
        assert!(code.text.starts_with("c.A.listed = listed = set()\nc.A.admins") && code.text.ends_with("(line)"));
        assert_eq!(whole.len(), 3);
    }

    #[test]
    fn a_condition_is_carried_as_a_whole() {
        let text = "import os\nx = 'y'\nif os.environ.get('D'):\n    c.A.b = x\n";
        let part = Part { text: text.to_owned(), label: "f".into(), first_line: 1 };
        let module = Module::new(&[part]);
        let whole = module.whole(&Span::point(&"f".into(), 4, 5)).unwrap();
        assert_eq!(module.lines(*whole.first().unwrap()), ("f".into(), 3..=4));
        let code = module.carry(&whole);
        assert_eq!(code.imports, ["import os"]);
        assert_eq!(code.needs, ["x = 'y'"]);
        assert_eq!(code.text, "if os.environ.get('D'):\n    c.A.b = x");
    }
}
