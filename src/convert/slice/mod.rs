//! A piece of a Python file with all that it needs, so that it can stand elsewhere: the expression behind a setting,
//! the functions, constants and imports it refers to, and what these refer to in turn.

mod names;
mod scope;
mod statement;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use ruff_python_parser::parse_module;

use crate::span::Span;
use crate::write::{Code, Term};

use names::{GIVEN_BY_CHART, bound_to_its_place, is_builtin, is_known_module};
use statement::{Assigned, Statement, read};

pub use statement::variables;

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

/// Why a piece of code cannot stand by itself.
enum Missing {
    /// It needs what this statement makes, which sets an option too.
    Sets(usize),
    /// For this reason.
    Because(String),
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
            let together = |last: &Statement| last.end_line + statement.text.lines().count() >= statement.end_line;
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
                for (index, statement) in self.statements.iter().enumerate().take(last) {
                    if statement.uses.contains("exec") && !carried.contains(&index) && needed.insert(index) {
                        open.extend(statement.uses.iter().cloned());
                    }
                }
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
