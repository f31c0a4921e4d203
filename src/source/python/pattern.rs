//! `match`.

use std::rc::Rc;

use ruff_python_ast::{self as ast, CmpOp, MatchCase, Pattern};
use ruff_text_size::Ranged as _;

use crate::value::Unknown;

use super::heap::{Cell, Val};
use super::{Ev, Flow, Interpreter, grow};

impl Interpreter<'_> {
    pub(super) fn exec_match(&mut self, statement: &ast::StmtMatch) -> Ev<Flow> {
        let subject = self.eval(&statement.subject)?;
        self.exec_cases(&subject, &statement.cases)
    }

    fn exec_cases(&mut self, subject: &Val, cases: &[MatchCase]) -> Ev<Flow> {
        let Some((case, rest)) = cases.split_first() else { return Ok(Flow::Normal) };
        let mut verdict = self.matches(subject, &case.pattern)?;
        let mut condition = subject.clone();
        if verdict != Some(false)
            && let Some(guard) = &case.guard
        {
            condition = self.eval(guard)?;
            verdict = match (self.truth(&condition), verdict) {
                (Some(false), _) => Some(false),
                (Some(true), verdict) => verdict,
                (None, _) => None,
            };
        }
        match verdict {
            Some(true) => Ok(self.exec_block(&case.body)),
            Some(false) => grow(|| self.exec_cases(subject, rest)),
            None => {
                let why: Rc<Unknown> = self.branch_reason(&condition, case.pattern.range());
                let base = self.snapshot();
                let flow = self.exec_block(&case.body);
                Ok(self
                    .or_else(base, flow, &why, |me| grow(|| me.exec_cases(subject, rest)).unwrap_or_else(Flow::Raise)))
            }
        }
    }

    /// Whether a pattern matches, `None` where that cannot be told; names in it are bound.
    fn matches(&mut self, subject: &Val, pattern: &Pattern) -> Ev<Option<bool>> {
        Ok(match pattern {
            Pattern::MatchAs(part) => {
                let verdict = match &part.pattern {
                    Some(pattern) => self.matches(subject, pattern)?,
                    None => Some(true),
                };
                if let Some(name) = part.name.as_ref().filter(|_| verdict != Some(false)) {
                    self.bind(name.as_str(), subject.clone());
                }
                verdict
            }
            Pattern::MatchOr(part) => {
                let mut unsure = false;
                for pattern in &part.patterns {
                    match self.matches(subject, pattern)? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => unsure = true,
                    }
                }
                (!unsure).then_some(false)
            }
            Pattern::MatchValue(part) => {
                let value = self.eval(&part.value)?;
                let equal = self.compare(CmpOp::Eq, subject, &value, part.range())?;
                self.truth(&equal)
            }
            Pattern::MatchSingleton(part) => {
                let value = match part.value {
                    ast::Singleton::None => Val::None,
                    ast::Singleton::True => Val::Bool(true),
                    ast::Singleton::False => Val::Bool(false),
                };
                let same = self.compare(CmpOp::Is, subject, &value, part.range())?;
                self.truth(&same)
            }
            Pattern::MatchSequence(part) => self.matches_sequence(subject, part)?,
            Pattern::MatchMapping(part) => self.matches_mapping(subject, part)?,
            Pattern::MatchClass(_) | Pattern::MatchStar(_) => {
                self.bind_unknown(pattern);
                None
            }
        })
    }

    fn matches_sequence(&mut self, subject: &Val, part: &ast::PatternMatchSequence) -> Ev<Option<bool>> {
        let items = match subject {
            Val::Tuple(items) => items.to_vec(),
            Val::Obj(at) => match self.state.cell(*at) {
                Cell::List(items) => items.clone(),
                Cell::Unknown(_) => return Ok(None),
                _ => return Ok(Some(false)),
            },
            Val::Unknown(_) | Val::External(_) => {
                part.patterns.iter().for_each(|pattern| self.bind_unknown(pattern));
                return Ok(None);
            }
            _ => return Ok(Some(false)),
        };
        let star = part.patterns.iter().position(|pattern| matches!(pattern, Pattern::MatchStar(_)));
        let fixed = part.patterns.len() - usize::from(star.is_some());
        if items.len() < fixed || (star.is_none() && items.len() > fixed) {
            return Ok(Some(false));
        }
        let mut verdict = Some(true);
        let mut rest = items.as_slice();
        for (at, pattern) in part.patterns.iter().enumerate() {
            if let Pattern::MatchStar(capture) = pattern {
                let taken = rest.len() - (part.patterns.len() - at - 1);
                let list = self.new_list(rest[..taken].to_vec());
                if let Some(name) = &capture.name {
                    self.bind(name.as_str(), list);
                }
                rest = &rest[taken..];
                continue;
            }
            let Some((item, tail)) = rest.split_first() else { return Ok(Some(false)) };
            rest = tail;
            match self.matches(item, pattern)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => verdict = None,
            }
        }
        Ok(verdict)
    }

    fn matches_mapping(&mut self, subject: &Val, part: &ast::PatternMatchMapping) -> Ev<Option<bool>> {
        let Some(Cell::Dict(_)) = self.cell_of(subject) else {
            part.patterns.iter().for_each(|pattern| self.bind_unknown(pattern));
            return Ok(if self.why(subject).is_some() { None } else { Some(false) });
        };
        let mut verdict = Some(true);
        for (key, pattern) in part.keys.iter().zip(&part.patterns) {
            let key = self.eval(key)?;
            match self.contains(subject, &key, part.range())? {
                Some(true) => {
                    let value = self.item(subject, &key, part.range())?;
                    match self.matches(&value, pattern)? {
                        Some(true) => {}
                        Some(false) => return Ok(Some(false)),
                        None => verdict = None,
                    }
                }
                Some(false) => return Ok(Some(false)),
                None => verdict = None,
            }
        }
        if let Some(rest) = &part.rest {
            let unknown = self.unknown("the rest of a matched dictionary is not followed here", part.range());
            self.bind(rest.as_str(), unknown);
        }
        Ok(verdict)
    }

    fn bind_unknown(&mut self, pattern: &Pattern) {
        let value = self.unknown("what this pattern binds is not followed here", pattern.range());
        match pattern {
            Pattern::MatchAs(part) => {
                if let Some(name) = &part.name {
                    self.bind(name.as_str(), value);
                }
                if let Some(pattern) = &part.pattern {
                    self.bind_unknown(pattern);
                }
            }
            Pattern::MatchStar(part) => {
                if let Some(name) = &part.name {
                    self.bind(name.as_str(), value);
                }
            }
            Pattern::MatchClass(part) => {
                part.arguments.patterns.iter().for_each(|pattern| self.bind_unknown(pattern));
                part.arguments.keywords.iter().for_each(|keyword| self.bind_unknown(&keyword.pattern));
            }
            Pattern::MatchSequence(part) => part.patterns.iter().for_each(|pattern| self.bind_unknown(pattern)),
            Pattern::MatchMapping(part) => part.patterns.iter().for_each(|pattern| self.bind_unknown(pattern)),
            Pattern::MatchOr(part) => part.patterns.iter().for_each(|pattern| self.bind_unknown(pattern)),
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }
}
