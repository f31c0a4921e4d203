//! `pathlib.Path`, as far as it is text.

use std::rc::Rc;

use ruff_text_size::TextRange;

use super::call::Keywords;
use super::heap::Val;
use super::os::{normalize, posix_join, posix_split, split_extension};
use super::{Ev, Interpreter};

/// A path as `str(Path(text))` spells it: no `.` parts, no double slashes.
fn tidy(text: &str) -> String {
    let absolute = text.starts_with('/');
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn parent(path: &str) -> String {
    match posix_split(path) {
        (head, _) if !head.is_empty() => head,
        _ => ".".to_owned(),
    }
}

impl Interpreter<'_> {
    pub(super) fn make_path(&mut self, args: &[Val], range: TextRange) -> Ev {
        match args.split_first() {
            None => Ok(Val::Path(".".into())),
            Some((Val::Str(first) | Val::Path(first), rest)) => {
                let first = first.clone();
                self.join_path(&first, rest, range)
            }
            Some((other, _)) => Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(other), range))),
        }
    }

    pub(super) fn join_path(&mut self, base: &str, parts: &[Val], range: TextRange) -> Ev {
        let mut all = vec![base.to_owned()];
        for part in parts {
            match part {
                Val::Str(text) | Val::Path(text) => all.push(text.to_string()),
                other if self.why(other).is_some() => {
                    return Ok(Val::Unknown(self.why_of_parts(std::slice::from_ref(other), range)));
                }
                other => {
                    let kind = self.type_name(other);
                    let message = format!("argument should be a str or an os.PathLike object, not '{kind}'");
                    return self.raise("TypeError", message, range);
                }
            }
        }
        Ok(Val::Path(tidy(&posix_join(&all)).into()))
    }

    pub(super) fn path_attribute(&mut self, path: &Rc<str>, name: &str, range: TextRange) -> Ev {
        let (_, last) = posix_split(path);
        Ok(match name {
            "parent" => Val::Path(parent(path).into()),
            "parents" => {
                let mut all = Vec::new();
                let mut at = path.to_string();
                while at != "/" && at != "." {
                    at = parent(&at);
                    all.push(Val::Path(at.as_str().into()));
                }
                Val::Tuple(all.into())
            }
            "name" => Val::str(last),
            "stem" => Val::str(split_extension(&last).0),
            "suffix" => Val::str(split_extension(&last).1),
            "parts" => {
                let root = path.starts_with('/').then(|| Val::str("/"));
                let rest = path.split('/').filter(|part| !part.is_empty()).map(Val::str);
                Val::Tuple(root.into_iter().chain(rest).collect())
            }
            "anchor" | "root" => Val::str(if path.starts_with('/') { "/" } else { "" }),
            _ if range.is_empty() => Val::None,
            _ => Val::Method(Rc::new((Val::Path(path.clone()), name.into()))),
        })
    }

    pub(super) fn call_path(
        &mut self,
        path: &str,
        name: &str,
        args: Vec<Val>,
        keywords: Keywords,
        range: TextRange,
    ) -> Ev {
        match (name, args.as_slice()) {
            ("joinpath", parts) => self.join_path(path, parts, range),
            ("as_posix" | "__str__" | "__fspath__", []) => Ok(Val::str(path)),
            ("resolve" | "absolute", _) => {
                let resolved = self.resolve(path);
                Ok(Val::Path(normalize(&self.files.absolute(&resolved).to_string_lossy()).into()))
            }
            ("expanduser", []) if !path.starts_with('~') => Ok(Val::Path(path.into())),
            ("exists" | "is_file" | "is_dir", _) => {
                let resolved = self.resolve(path);
                Ok(self.path_test(name, &resolved, range))
            }
            ("is_absolute", []) => Ok(Val::Bool(path.starts_with('/'))),
            ("with_name", [Val::Str(new)]) => Ok(Val::Path(tidy(&posix_join(&[parent(path), new.to_string()])).into())),
            ("with_suffix", [Val::Str(suffix)]) => {
                let (root, _) = split_extension(path);
                Ok(Val::Path(format!("{root}{suffix}").into()))
            }
            ("open", _) => {
                let mut all = vec![Val::str(path)];
                all.extend(args);
                self.open_file(&all, &keywords, range)
            }
            ("read_text" | "read_bytes", _) => {
                let mode = if name == "read_text" { "r" } else { "rb" };
                let file = self.open_file(&[Val::str(path), Val::str(mode)], &[], range)?;
                match file {
                    Val::Obj(at) => self.call_file(at, "read", &[], range),
                    unknown => Ok(unknown),
                }
            }
            _ => Ok(self.outside(&format!("pathlib.Path.{name}"), &args, &keywords, range)),
        }
    }
}
