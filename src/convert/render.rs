//! The text of a converted configuration, with a word in it about what is missing, and a second look at it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::source::Loaded;
use crate::source::load::{Request, load_as};
use crate::span::Span;
use crate::write::{Document, Form, Setting, Term, write};

use super::{Converted, Remark, Weight, differences};

/// A configuration in its new form.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// What was written.
    pub document: Document,
    /// Its text, with its secrets.
    pub text: String,
    /// What there is to know about it.
    pub remarks: Vec<Remark>,
}

/// Writes a document. What the form could not hold is in a comment at the end, where the form has comments.
pub fn render(converted: &Converted, loaded: &Loaded, form: Form) -> Rendered {
    let mut document = converted.document.clone();
    let first = write(&document, form);
    let mut remarks = converted.remarks.clone();
    let weighed =
        [(Weight::LeftOut, &first.left_out), (Weight::Changed, &first.changed), (Weight::Note, &first.environment)];
    for (weight, said) in weighed {
        remarks.extend(said.iter().map(|it| Remark {
            weight,
            name: it.setting.clone(),
            message: it.reason.clone(),
            span: span_of(loaded, &it.setting),
        }));
    }
    let missing: Vec<&Remark> = remarks.iter().filter(|remark| remark.weight == Weight::LeftOut).collect();
    if !missing.is_empty() {
        let source = loaded.path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        document.footing.push(format!("Not carried over from {}:", source.unwrap_or_else(|| "the source".to_owned())));
        document.footing.extend(footing(&missing));
    }
    let text = write(&document, form).text;
    Rendered { document, text, remarks }
}

/// What was left out, by the reason.
fn footing(missing: &[&Remark]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for remark in missing {
        match reasons.iter_mut().find(|(reason, _)| *reason == remark.message) {
            Some((_, names)) => names.push(&remark.name),
            None => reasons.push((&remark.message, vec![&remark.name])),
        }
    }
    let mut lines = Vec::new();
    for (reason, names) in reasons {
        let mut line = String::from("-");
        for name in names {
            if line.len() + name.len() > 90 {
                lines.push(std::mem::replace(&mut line, " ".to_owned()));
            }
            let _ = write!(line, " {name},");
        }
        line.pop();
        // In brackets, since what stands after a colon reads like a value.
        lines.push(format!("{line} ({reason})"));
    }
    lines
}

fn span_of(loaded: &Loaded, name: &str) -> Option<Span> {
    let (class, option) = name.rsplit_once('.')?;
    loaded.config.section(class)?.entry(option)?.origin.span().cloned()
}

/// Reads the result as the hub would, and adds what means something else now than before and has not been told.
pub fn reread(rendered: &mut Rendered, loaded: &Loaded, request: &Request, form: Form) {
    let folder = match (form, &loaded.path) {
        // Modules beside the source are looked for beside the result.
        (Form::Python, Some(path)) => path.parent().map(Path::to_owned).unwrap_or_default(),
        _ => PathBuf::from(".oauthctl-converted"),
    };
    let name = folder.join(format!(".oauthctl-converted-{}", form.file_name()));
    let request = Request { config: None, base: Vec::new(), set: Vec::new(), ..request.clone() };
    let Ok(after) = load_as(&name, &rendered.text, &request) else { return };
    if let Some(fatal) = &after.fatal {
        let message = format!("it cannot be read: {}", fatal.message);
        rendered.remarks.push(Remark { weight: Weight::Changed, name: "the result".to_owned(), message, span: None });
        return;
    }
    for name in differences(loaded, &after) {
        let option = name.rsplit('.').next().unwrap_or_default();
        let told = |remark: &Remark| {
            // A secret that was taken out is told with its place in the value.
            let whole = remark.name.split('[').next().unwrap_or_default();
            whole == name || whole.rsplit('.').next() == Some(option)
        };
        // What the environment holds is not told in the values, and not asked for in data.
        let referred = |setting: &Setting| setting.option == option && matches!(setting.term, Term::Env { .. });
        let by_environment = form != Form::Python && rendered.document.settings.iter().any(referred);
        if by_environment || rendered.remarks.iter().any(told) {
            continue;
        }
        let message = "it is not the same in the result; compare the two with `oauthctl show`".to_owned();
        rendered.remarks.push(Remark { weight: Weight::Changed, span: span_of(loaded, &name), name, message });
    }
}
