//! Formatting: f-strings, `str.format` and `%`.

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_text_size::{Ranged as _, TextRange};

use super::heap::Val;
use super::operators::{as_float, as_int};
use super::spec::Spec;
use super::{ANY, Ev, Interpreter, SIZE};

impl Interpreter<'_> {
    pub(super) fn eval_fstring(&mut self, fstring: &ast::ExprFString) -> Ev {
        let mut text = String::new();
        for part in fstring.value.iter() {
            match part {
                ast::FStringPart::Literal(literal) => text.push_str(&literal.value),
                ast::FStringPart::FString(inner) => match self.interpolate(&inner.elements)? {
                    Val::Str(more) => text.push_str(&more),
                    unknown => return Ok(unknown),
                },
            }
        }
        self.text_of(text, fstring.range())
    }

    /// The text of an f-string's parts, or the unknown in it.
    fn interpolate(&mut self, elements: &ast::InterpolatedStringElements) -> Ev {
        let mut text = String::new();
        let mut unknown = None;
        for element in elements.iter() {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                ast::InterpolatedStringElement::Interpolation(part) => {
                    let value = self.eval(&part.expression)?;
                    let spec = match &part.format_spec {
                        Some(spec) => self.interpolate(&spec.elements)?,
                        None => Val::str(""),
                    };
                    if let Some(debug) = &part.debug_text {
                        text.push_str(debug.leading());
                        text.push_str(debug.expression());
                        text.push_str(debug.trailing());
                    }
                    let repr = part.debug_text.is_some() && part.format_spec.is_none();
                    let conversion = match part.conversion {
                        ast::ConversionFlag::None if repr => Some('r'),
                        ast::ConversionFlag::None => None,
                        ast::ConversionFlag::Str => Some('s'),
                        ast::ConversionFlag::Ascii => Some('a'),
                        ast::ConversionFlag::Repr => Some('r'),
                    };
                    let Val::Str(spec) = spec else {
                        unknown.get_or_insert(spec);
                        continue;
                    };
                    match self.format_value(&value, conversion, &spec, part.range())? {
                        Val::Str(more) => text.push_str(&more),
                        other => {
                            unknown.get_or_insert(other);
                        }
                    }
                }
            }
            if text.len() > SIZE {
                return Ok(self.unknown("the text is too long to be followed", TextRange::default()));
            }
        }
        Ok(unknown.unwrap_or_else(|| Val::str(text)))
    }

    /// `format(value, spec)` after `!r`, `!s` or `!a`.
    pub(super) fn format_value(&mut self, value: &Val, conversion: Option<char>, spec: &str, range: TextRange) -> Ev {
        let converted = match conversion {
            Some('r' | 'a') => self.repr(value).map(Val::str),
            Some(_) => self.to_text(value).map(Val::str),
            None => Some(value.clone()),
        };
        let Some(value) = converted else {
            let why = self.why_of_parts(std::slice::from_ref(value), range);
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        };
        if conversion == Some('a') && value.as_str().is_some_and(|text| !text.is_ascii()) {
            return Ok(self.unknown("ascii() of such a text is not followed here", range));
        }
        if let Some(why) = self.why(&value) {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        if spec.is_empty() {
            return match self.to_text(&value) {
                Some(text) => Ok(Val::str(text)),
                None => Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(&value), range))),
            };
        }
        match Spec::parse(spec).and_then(|spec| spec.apply(&value)) {
            Some(text) => Ok(Val::str(text)),
            None => Ok(self.unknown(format!("the format {spec:?} is not followed here"), range)),
        }
    }

    /// `text.format(…)`.
    pub(super) fn format_method(
        &mut self,
        text: &str,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        range: TextRange,
    ) -> Ev {
        let mut next = 0;
        self.format_template(text, args, keywords, &mut next, 0, range)
    }

    fn format_template(
        &mut self,
        template: &str,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        next: &mut usize,
        depth: usize,
        range: TextRange,
    ) -> Ev {
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let brace = &rest[at..=at];
            if let Some(tail) = after.strip_prefix(brace) {
                out.push_str(brace);
                rest = tail;
                continue;
            }
            if brace == "}" {
                return self.raise("ValueError", "Single '}' encountered in format string", range);
            }
            let Some(end) = closing_brace(after) else {
                return self.raise("ValueError", "expected '}' before end of string", range);
            };
            let field = &after[..end];
            rest = &after[end + 1..];
            match self.format_field(field, args, keywords, next, depth, range)? {
                Val::Str(text) => out.push_str(&text),
                unknown => return Ok(unknown),
            }
            if out.len() > SIZE {
                return Ok(self.unknown("the text is too long to be followed", range));
            }
        }
        out.push_str(rest);
        self.text_of(out, range)
    }

    fn format_field(
        &mut self,
        field: &str,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        next: &mut usize,
        depth: usize,
        range: TextRange,
    ) -> Ev {
        let (head, spec) = split_spec(field);
        let (path, conversion) = match head.split_once('!') {
            Some((path, flag)) => (path, flag.chars().next()),
            None => (head, None),
        };
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (name, mut access) = path.split_at(end);
        let found = match (name, name.parse::<usize>()) {
            ("", _) => {
                *next += 1;
                args.get(*next - 1).cloned()
            }
            (_, Ok(at)) => args.get(at).cloned(),
            (name, Err(_)) => match keywords.iter().find(|(key, _)| &**key == name) {
                Some((_, value)) => Some(value.clone()),
                None => return self.raise("KeyError", format!("'{name}'"), range),
            },
        };
        let Some(mut value) = found else {
            return self.raise("IndexError", "Replacement index out of range for positional args tuple", range);
        };
        while !access.is_empty() {
            if let Some(tail) = access.strip_prefix('.') {
                let end = tail.find(['.', '[']).unwrap_or(tail.len());
                value = self.attribute(&value, &tail[..end], range)?;
                access = &tail[end..];
            } else {
                let Some((key, tail)) = access[1..].split_once(']') else {
                    return self.raise("ValueError", "expected '}' before end of string", range);
                };
                let key = key.parse::<i64>().map_or_else(|_| Val::str(key), Val::int);
                value = self.item(&value, &key, range)?;
                access = tail;
            }
        }
        if spec.contains('{') {
            if depth > 1 {
                return self.raise("ValueError", "Max string recursion exceeded", range);
            }
            let spec = match self.format_template(spec, args, keywords, next, depth + 1, range)? {
                Val::Str(spec) => spec,
                unknown => return Ok(unknown),
            };
            return self.format_value(&value, conversion, &spec, range);
        }
        self.format_value(&value, conversion, spec, range)
    }

    /// `template % value`.
    pub(super) fn percent(&mut self, template: &str, value: &Val, range: TextRange) -> Ev {
        let args: Vec<Val> = match value {
            Val::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let (mut out, mut next, mut named) = (String::new(), 0, false);
        let mut chars = template.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut key = None;
            if chars.next_if_eq(&'(').is_some() {
                let mut name = String::new();
                while let Some(c) = chars.next_if(|c| *c != ')') {
                    name.push(c);
                }
                chars.next();
                key = Some(name);
            }
            let mut spec = String::new();
            while let Some(c) = chars.next_if(|c| matches!(c, '#' | '0'..='9' | '-' | ' ' | '+' | '.' | 'l' | 'h')) {
                spec.push(c);
            }
            let Some(kind) = chars.next() else {
                return self.raise("ValueError", "incomplete format", range);
            };
            if kind == '%' {
                out.push('%');
                continue;
            }
            let item = match key {
                Some(key) => {
                    named = true;
                    self.item(value, &Val::str(&key), range)?
                }
                None => {
                    next += 1;
                    match args.get(next - 1) {
                        Some(item) => item.clone(),
                        None => return self.raise("TypeError", "not enough arguments for format string", range),
                    }
                }
            };
            match self.percent_item(&item, kind, &spec, range)? {
                Val::Str(text) => out.push_str(&text),
                unknown => return Ok(unknown),
            }
            if out.len() > SIZE {
                return Ok(self.unknown("the text is too long to be followed", range));
            }
        }
        let mapping = matches!(self.type_name(value), "dict" | "list");
        if !named && next < args.len() && !mapping {
            return self.raise("TypeError", "not all arguments converted during string formatting", range);
        }
        self.text_of(out, range)
    }

    fn percent_item(&mut self, item: &Val, kind: char, spec: &str, range: TextRange) -> Ev {
        let (left, digits) = match spec.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, spec),
        };
        if let Some(why) = self.deep_why(item) {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        let text_like = matches!(kind, 's' | 'r' | 'a');
        let value = match kind {
            's' => self.to_text(item).map(Val::str),
            'r' => self.repr(item).map(Val::str),
            'd' | 'i' | 'u' => match item {
                Val::Float(number) if number.is_finite() => {
                    num_traits::FromPrimitive::from_f64(number.trunc()).map(Val::Int)
                }
                other => as_int(other).map(Val::Int),
            },
            'f' | 'F' | 'e' | 'g' => as_float(item).map(Val::Float),
            'x' | 'X' | 'o' => as_int(item).map(Val::Int),
            _ => None,
        };
        let Some(value) = value else {
            if text_like || !matches!(kind, 'd' | 'i' | 'u' | 'f' | 'x' | 'X' | 'o' | 'e' | 'g' | 'c') {
                return Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(item), range)));
            }
            let name = self.type_name(item);
            let message = format!("%{kind} format: a real number is required, not {name}");
            return self.raise("TypeError", message, range);
        };
        let kind_letter = match kind {
            's' | 'r' => 's',
            'i' | 'u' => 'd',
            other => other,
        };
        let align = match (left, text_like) {
            (true, _) => "<",
            (false, true) if !digits.is_empty() => ">",
            _ => "",
        };
        let full = format!("{align}{digits}{kind_letter}");
        match Spec::parse(&full).and_then(|spec| spec.apply(&value)) {
            Some(text) => Ok(Val::str(text)),
            None => Ok(self.unknown(format!("the format %{spec}{kind} is not followed here"), range)),
        }
    }
}

fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `name!r` and what follows the colon that is not inside brackets.
fn split_spec(field: &str) -> (&str, &str) {
    let mut bracket = false;
    for (at, c) in field.char_indices() {
        match c {
            '[' => bracket = true,
            ']' => bracket = false,
            ':' if !bracket => return (&field[..at], &field[at + 1..]),
            _ => {}
        }
    }
    (field, "")
}
