//! The work of a conversion: each setting, each variable and each statement of the source becomes part of the document,
//! or a remark.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::settings;
use crate::source::{Kind, Loaded, Written, node};
use crate::span::{Origin, Span};
use crate::value::Value;
use crate::write::{Form, Setting, Term, Variable, VariableSource};

use super::slice::{self, Module};
use super::{Converted, Item, Nature, Plan, Remark, Weight, comments, is_code, nature, values};

/// The lines of a file that are carried as they are.
type Lines = (Arc<str>, RangeInclusive<usize>);

pub(super) struct Work<'l> {
    pub loaded: &'l Loaded,
    pub flags: &'l [String],
    pub plan: Plan,
    /// The YAML behind it, if it is such.
    pub root: Option<&'l node::Node>,
    pub modules: Vec<Module>,
    /// The statements of each that are carried as they are.
    pub carried: Vec<BTreeSet<usize>>,
    pub covered: Vec<Lines>,
    pub done: Converted,
}

impl Work<'_> {
    fn takes_code(&self) -> bool {
        matches!(self.plan.to, Form::Python | Form::Z2jh)
    }

    fn remark(&mut self, weight: Weight, name: impl Into<String>, message: impl Into<String>, span: Option<&Span>) {
        self.done.remarks.push(Remark::new(weight, name, message, span));
    }

    fn is_covered(&self, span: &Span) -> bool {
        self.covered.iter().any(|(file, lines)| *file == span.file && lines.contains(&span.line))
    }

    /// Python that stays where it is, in a file of the same kind or beside it.
    pub fn cover_what_stays(&mut self) {
        match (self.loaded.kind, self.plan.to) {
            (Kind::Z2jh, Form::Z2jh) => {
                for (text, label, first) in self.root.map(crate::source::z2jh::python_in).unwrap_or_default() {
                    self.covered.push((label, first..=first + text.lines().count()));
                }
            }
            (Kind::Tljh, Form::Tljh) => {
                let beside = self.loaded.texts.iter().filter(|(label, _)| label.ends_with(".py"));
                self.covered.extend(beside.map(|(label, _)| (label.clone(), 1..=usize::MAX)));
            }
            _ => {}
        }
    }

    /// The statements that are carried, all of a file together.
    pub fn statements(&mut self) {
        for (module, statements) in
            self.modules.iter().zip(&self.carried).filter(|(_, statements)| !statements.is_empty())
        {
            self.done.document.statements.push(module.carry(statements));
        }
    }

    /// What only a whole statement can say is carried with it.
    pub fn statement(&mut self, item: &Item<'_>) {
        let (Some(span), true) = (item.span(), self.takes_code()) else { return };
        if matches!(nature(item), Nature::Value(_) | Nature::Operations) || self.is_covered(span) {
            return;
        }
        if self.expression(item).is_ok() {
            return;
        }
        self.carry(span);
    }

    /// Carries the statement around a place as it is; whether that can be.
    fn carry(&mut self, span: &Span) -> bool {
        let whole = self.modules.iter().enumerate().find_map(|(at, module)| Some((at, module.whole(span).ok()?)));
        let Some((at, statements)) = whole else { return false };
        self.covered.extend(statements.iter().map(|index| self.modules[at].lines(*index)));
        self.carried[at].extend(statements);
        true
    }

    fn expression(&self, item: &Item<'_>) -> Result<Term, String> {
        let span = item.span().ok_or("it isn't in a file")?;
        let mut why = "it is no Python".to_owned();
        for module in &self.modules {
            match module.setting(span, &item.class, &item.option) {
                Ok(term) => return Ok(term),
                Err(reason) => why = reason,
            }
        }
        Err(why)
    }

    pub fn setting(&mut self, item: &Item<'_>) {
        let name = item.name();
        let span = item.span().cloned();
        if item.origin() == Some(&Origin::Default) && !self.is_chosen(item) {
            return;
        }
        let mut comments = comments::of(span.as_ref(), self.loaded);
        if item.option == "admin_access" && span.is_none() {
            comments.push("the chart's default".to_owned());
        }
        if !crate::source::config::is_section_name(&item.class) {
            let message =
                "it stands in no section that a class reads: the hub ignores it, and charts from 4.3.0 on refuse it";
            return self.remark(Weight::LeftOut, name, message, span.as_ref());
        }
        let put = |work: &mut Self, term: Term, comments: Vec<String>| {
            let term = if work.adds_to_the_chart(item) { Term::Extend(Box::new(term)) } else { term };
            let setting = Setting { class: item.class.clone(), option: item.option.clone(), term, comments };
            work.done.document.settings.push(setting);
        };
        if span.as_ref().is_some_and(|span| self.is_covered(span)) {
            // What held before the condition holds where it is not met.
            if let Some(before) = self.before(item) {
                put(self, Term::Value(before), Vec::new());
            }
            return;
        }
        match nature(item) {
            Nature::Value(value) => put(self, Term::Value(value), comments),
            Nature::Operations => self.operations(item, comments),
            Nature::Here(value) => match self.reference(item) {
                Ok(term) => put(self, term, comments),
                Err(why) => {
                    let message = "it depends on the environment or on files; it is written as it comes out here";
                    let here = if self.takes_code() { format!(" ({why})") } else { String::new() };
                    self.remark(Weight::Changed, name, format!("{message}{here}"), span.as_ref());
                    let mut comments = comments;
                    comments.push("as it came out here: the source works it out when the hub starts".to_owned());
                    put(self, Term::Value(value), comments);
                }
            },
            Nature::Unknown(reason) => match self.reference(item).or_else(|why| self.as_it_stands(item).ok_or(why)) {
                Ok(term) => put(self, term, comments),
                Err(why) => {
                    let python = self.takes_code() && span.as_ref().is_some_and(|span| self.is_python(span));
                    let why = if python { format!("; {why}") } else { String::new() };
                    self.remark(Weight::LeftOut, name, format!("{reason}{why}"), span.as_ref());
                }
            },
            Nature::Code(what) => match self.reference(item) {
                Ok(term) => put(self, term, comments),
                Err(why) => {
                    let message = if self.takes_code() {
                        format!("{what}, and {why}")
                    } else {
                        format!("{what}, which only Python can hold")
                    };
                    self.remark(Weight::LeftOut, name, message, span.as_ref());
                }
            },
        }
    }

    /// In a file of the same kind, what is templated or encrypted is the text that it was.
    fn as_it_stands(&self, item: &Item<'_>) -> Option<Term> {
        let root = self.root.filter(|_| (self.loaded.kind, self.plan.to) == (Kind::Z2jh, Form::Z2jh))?;
        let path = ["hub", "config"].into_iter().chain(item.class.split('.')).chain([item.option.as_str()]);
        let value = values::as_it_stands(root.at(path)?, self.loaded);
        value.find_unknown().is_none().then_some(Term::Value(value))
    }

    /// Defaults of a chart or of TLJH that JupyterHub itself does not have are settings elsewhere.
    fn is_chosen(&self, item: &Item<'_>) -> bool {
        let same = matches!((self.loaded.kind, self.plan.to), (Kind::Z2jh, Form::Z2jh) | (Kind::Tljh, Form::Tljh));
        let chosen = ["JupyterHub.authenticator_class", "JupyterHub.admin_access"].contains(&item.name().as_str());
        let first_use = item.class == "FirstUseAuthenticator" && self.runs_first_use();
        !same && !self.plan.layer && (chosen || first_use)
    }

    /// Lists that the chart has begun by the time a snippet runs: what is set elsewhere comes to them.
    fn adds_to_the_chart(&self, item: &Item<'_>) -> bool {
        let begun = ["JupyterHub.services", "JupyterHub.load_roles"].contains(&item.name().as_str());
        begun && self.loaded.kind != Kind::Z2jh && self.plan.to == Form::Z2jh
    }

    fn runs_first_use(&self) -> bool {
        let class = crate::source::load::authenticator_class(&self.loaded.config);
        class.is_some_and(|(class, _)| class.to_text().ends_with("FirstUseAuthenticator"))
    }

    /// A class defined in another file beside is known only by its path; a place in Python has an expression.
    fn is_python(&self, span: &Span) -> bool {
        self.loaded.kind != Kind::Json && span.file.ends_with(".py") || self.loaded.kind == Kind::Python
    }

    fn before(&self, item: &Item<'_>) -> Option<Value> {
        let shadowed = item.entry?.shadowed.iter().find(|shadowed| {
            let outside = shadowed.origin.span().is_some_and(|span| !self.is_covered(span));
            shadowed.name == item.name() && outside
        })?;
        shadowed.value.clone().filter(|value| value.find_unknown().is_none() && !is_code(value))
    }

    /// The term that stays a reference or code.
    fn reference(&self, item: &Item<'_>) -> Result<Term, String> {
        if let Some(Origin::Flag(typed)) = item.origin() {
            let variable = |flag: &String| {
                let (name, value) = flag.split_once('=')?;
                let variable = value.strip_prefix("@env:")?;
                (format!("--set {}", name.trim()) == *typed).then(|| variable.to_owned())
            };
            return self.flags.iter().rev().find_map(variable).map(Term::env).ok_or("it comes from a file".to_owned());
        }
        let term = self.expression(item)?;
        match &term {
            Term::Env { .. } => Ok(term),
            _ if self.takes_code() => Ok(term),
            _ => Err("only Python can hold it".to_owned()),
        }
    }

    /// Operations on a default: as such where Python can stand, else what they come to.
    fn operations(&mut self, item: &Item<'_>, comments: Vec<String>) {
        let Some(Written::Lazy(lazy)) = item.entry.map(|entry| &entry.written) else { return };
        if *lazy == Default::default() {
            return;
        }
        let mut setting = Setting {
            class: item.class.clone(),
            option: item.option.clone(),
            term: Term::Operations(lazy.clone()),
            comments,
        };
        if !self.takes_code() {
            let resolution = settings::resolve(self.loaded);
            let effective = resolution.settings.as_ref().and_then(|settings| settings.get(&item.option));
            let effective = effective.filter(|found| found.written_as.as_deref() == Some(&item.name()));
            match effective.filter(|found| found.value.find_unknown().is_none()) {
                Some(found) => {
                    setting.term = Term::Value(found.value.clone());
                    setting.comments.push("the option's default, and what the source adds to it".to_owned());
                }
                None => {
                    let message = "it changes the option's default, which only Python can do";
                    return self.remark(Weight::LeftOut, item.name(), message, item.span());
                }
            }
        }
        self.done.document.settings.push(setting);
    }

    /// Where the source leaves the class to JupyterHub, a chart or TLJH would choose another.
    pub fn class(&mut self) {
        if self.plan.layer {
            return;
        }
        let given =
            self.done.document.settings.iter().any(|setting| setting.name() == "JupyterHub.authenticator_class");
        let left_out = self.done.remarks.iter().any(|remark| remark.name == "JupyterHub.authenticator_class");
        let own_default =
            matches!((self.loaded.kind, self.plan.to), (Kind::Python | Kind::Json, Form::Z2jh | Form::Tljh));
        let statements = self.done.document.statements.iter().any(|code| code.text.contains("authenticator_class"));
        if !given && !left_out && !statements && own_default {
            let setting = Setting::new("JupyterHub", "authenticator_class", Value::str("pam"));
            self.done.document.settings.insert(0, setting.with_comment("JupyterHub's own default"));
        }
    }

    /// Variables that the configuration sets for itself or for the classes.
    pub fn environment(&mut self) {
        let same = self.loaded.kind == Kind::Z2jh && self.plan.to == Form::Z2jh;
        if same {
            return;
        }
        let set: Vec<(String, Value, Span)> = self
            .loaded
            .env
            .iter()
            .filter_map(|(name, variable)| Some((name.to_owned(), variable.value.clone(), variable.set_at.clone()?)))
            .collect();
        let mut told = Vec::new();
        if self.loaded.kind == Kind::Z2jh {
            told = self.effective(&set);
        }
        for (name, value, span) in set {
            if told.contains(&name) && !self.mentions(&name) || self.is_covered(&span) {
                continue;
            }
            let comments = comments::of(Some(&span), self.loaded);
            let source = match (&value, values::secret_key(self.root, &name)) {
                (Value::Str(text), _) => VariableSource::Text(text.clone()),
                (_, Some((name, key))) => VariableSource::Secret { name, key },
                (other, None) => {
                    let reason = other.find_unknown().map(|unknown| unknown.reason.clone()).unwrap_or_default();
                    self.remark(Weight::LeftOut, name, format!("an environment variable: {reason}"), Some(&span));
                    continue;
                }
            };
            self.done.document.environment.push(Variable { name, source, comments });
        }
    }

    /// Options that upstream takes from the chart's `extraEnv` become settings, since the variables would be set too late
    /// in Python, and nowhere in the others. Gives back the variables.
    fn effective(&mut self, set: &[(String, Value, Span)]) -> Vec<String> {
        let resolution = settings::resolve(self.loaded);
        let Some(settings) = &resolution.settings else { return Vec::new() };
        let class = settings.class().name.clone();
        let mut told = Vec::new();
        for (option, setting) in settings.iter() {
            let Origin::Env(variable) = &setting.origin else { continue };
            let Some((_, value, span)) = set.iter().find(|(name, ..)| name == variable) else { continue };
            if setting.value.find_unknown().is_some() && value.find_unknown().is_none() {
                continue;
            }
            let term = match value {
                Value::Str(_) => Term::Value(setting.value.clone()),
                _ => Term::env(variable),
            };
            let comments = comments::of(Some(span), self.loaded);
            self.done.document.settings.push(Setting {
                class: class.clone(),
                option: option.to_owned(),
                term,
                comments,
            });
            told.push(variable.clone());
        }
        told
    }

    fn mentions(&self, variable: &str) -> bool {
        let document = &self.done.document;
        let terms = document.settings.iter().filter_map(|setting| match &setting.term {
            Term::Code(code) => Some(code),
            _ => None,
        });
        terms.chain(&document.statements).any(|code| {
            let texts = std::iter::once(&code.text).chain(&code.needs);
            texts.into_iter().any(|text| text.contains(variable))
        })
    }

    /// Variables that carried code reads: elsewhere they have to be there too.
    pub fn variables_in_code(&mut self) {
        let document = &mut self.done.document;
        let terms = document.settings.iter().filter_map(|setting| match &setting.term {
            Term::Code(code) => Some(code),
            _ => None,
        });
        let mut names: Vec<String> = Vec::new();
        for name in terms.chain(&document.statements).flat_map(slice::variables) {
            if !names.contains(&name) && !document.environment.iter().any(|variable| variable.name == name) {
                names.push(name);
            }
        }
        let given = |name| Variable { name, source: VariableSource::Given, comments: Vec::new() };
        document.environment.extend(names.into_iter().map(given));
    }

    /// `Class.attribute = value`, on a class itself.
    pub fn class_attributes(&mut self) {
        for attribute in &self.loaded.class_attributes {
            if self.is_covered(&attribute.span) {
                continue;
            }
            let name = format!("{}.{}", attribute.class, attribute.attribute);
            if !self.takes_code() || !self.carry(&attribute.span) {
                let message = "it is set on the class itself, which only Python can do";
                self.remark(Weight::LeftOut, name, message, Some(&attribute.span));
            }
        }
    }

    /// Statements that do something else than to set an option.
    pub fn left_behind(&mut self, items: &[Item<'_>]) {
        let spans: Vec<&Span> = items
            .iter()
            .flat_map(|item| item.entry.into_iter().chain(item.blind))
            .flat_map(|entry| {
                entry.origin.span().into_iter().chain(entry.shadowed.iter().filter_map(|it| it.origin.span()))
            })
            .chain(self.loaded.env.iter().filter_map(|(_, variable)| variable.set_at.as_ref()))
            .collect();
        let known = |file: &Arc<str>, lines: &RangeInclusive<usize>| {
            spans.iter().any(|span| span.file == *file && lines.contains(&span.line))
                || self.covered.iter().any(|(covered, of)| covered == file && of.contains(lines.start()))
        };
        let missed: Vec<(Span, String)> = self.modules.iter().flat_map(|module| module.left_behind(&known)).collect();
        for (span, text) in missed {
            // The configuration object, and other files, whose settings are there.
            if text.contains("get_config()") || text.starts_with("load_subconfig(") {
                continue;
            }
            let short: String = text.chars().take(60).collect();
            self.remark(
                Weight::LeftOut,
                format!("`{short}`"),
                "it is code that sets no option of the hub",
                Some(&span),
            );
        }
    }
}
