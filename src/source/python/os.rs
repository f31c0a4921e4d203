//! `os`, `os.path`, `glob` and open files.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use ruff_text_size::TextRange;

use crate::value::{Unknown, Value};

use super::containers::Items;
use super::heap::{Cell, Ref, Val};
use super::{ANY, Ev, Interpreter};

impl Interpreter<'_> {
    pub(super) fn call_os(&mut self, name: &str, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        match name {
            "getenv" => self.call_environ("getenv", args, keywords, range),
            "putenv" | "unsetenv" | "makedirs" | "mkdir" | "chmod" | "chown" | "umask" | "system" | "remove"
            | "unlink" | "rename" | "symlink" | "nice" | "kill" => {
                Ok(self.unknown(format!("os.{name} is never run here"), range))
            }
            "getcwd" => {
                let folder = self.frame().file.folder.clone();
                Ok(Val::str(self.files.absolute(&folder).to_string_lossy()))
            }
            "listdir" => {
                let path = match args.first() {
                    Some(Val::Str(path) | Val::Path(path)) => self.resolve(path),
                    None => self.resolve("."),
                    _ => return Ok(self.outside("os.listdir", args, keywords, range)),
                };
                match self.files.list(&path) {
                    Some(names) => {
                        // The system gives them in any order.
                        let items = names.iter().map(Val::str).collect();
                        Ok(self.new_list(items))
                    }
                    None => Ok(self.missing_file(&path, range)),
                }
            }
            "fspath" => Ok(args.first().and_then(|arg| self.to_text(arg)).map_or(Val::None, Val::str)),
            "_exit" | "abort" => self.raise("SystemExit", "", range),
            _ => Ok(self.outside(&format!("os.{name}"), args, keywords, range)),
        }
    }

    /// A path relative to the folder of the file, as the hub is usually started there.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        let folder = self.frames.first().map(|frame| frame.file.folder.clone()).unwrap_or_default();
        folder.join(path)
    }

    /// The value of a file that is not here.
    pub(super) fn missing_file(&mut self, path: &Path, range: TextRange) -> Val {
        let why = Rc::new(Unknown {
            reason: format!("the file {} is not here", path.display()),
            span: Some(self.span(range)),
        });
        self.may_raise("FileNotFoundError", &why, range);
        Val::Unknown(why)
    }

    pub(super) fn path_text(&self, value: &Val) -> Option<String> {
        match value {
            Val::Str(text) | Val::Path(text) => Some(text.to_string()),
            _ => None,
        }
    }

    pub(super) fn call_os_path(
        &mut self,
        name: &str,
        args: &[Val],
        keywords: &[(Rc<str>, Val)],
        range: TextRange,
    ) -> Ev {
        if let Some(why) = args.iter().find_map(|arg| self.why(arg)) {
            self.may_raise(ANY, &why, range);
            return Ok(Val::Unknown(why));
        }
        let texts: Option<Vec<String>> = args.iter().map(|arg| self.path_text(arg)).collect();
        let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
            if args.iter().any(|arg| matches!(arg, Val::None | Val::Int(_) | Val::Bool(_))) && name != "exists" {
                let message = "expected str, bytes or os.PathLike object";
                return self.raise("TypeError", message, range);
            }
            return Ok(self.outside(&format!("os.path.{name}"), args, keywords, range));
        };
        let first = texts[0].as_str();
        Ok(match name {
            "join" => Val::str(posix_join(&texts)),
            "dirname" => Val::str(posix_split(first).0),
            "basename" => Val::str(posix_split(first).1),
            "split" => {
                let (head, tail) = posix_split(first);
                Val::Tuple(vec![Val::str(head), Val::str(tail)].into())
            }
            "splitext" => {
                let (root, ext) = split_extension(first);
                Val::Tuple(vec![Val::str(root), Val::str(ext)].into())
            }
            "isabs" => Val::Bool(first.starts_with('/')),
            "normpath" => Val::str(normalize(first)),
            "abspath" | "realpath" => {
                let resolved = self.resolve(first);
                Val::str(normalize(&self.files.absolute(&resolved).to_string_lossy()))
            }
            "expanduser" if !first.starts_with('~') => Val::str(first),
            "expandvars" if !first.contains('$') => Val::str(first),
            "expanduser" if first == "~" || first.starts_with("~/") => {
                match self.state.env.get("HOME").map(|home| home.value.clone()) {
                    Some(Value::Str(home)) => Val::str(format!("{}{}", home.trim_end_matches('/'), &first[1..])),
                    _ => self.unknown("the hub's home directory is not known here", range),
                }
            }
            "exists" | "isfile" | "isdir" | "lexists" => {
                let resolved = self.resolve(first);
                return Ok(self.path_test(name, &resolved, range));
            }
            _ => self.outside(&format!("os.path.{name}"), args, keywords, range),
        })
    }

    /// Whether a path exists on the hub.
    pub(super) fn path_test(&mut self, name: &str, path: &Path, range: TextRange) -> Val {
        let verdict = match name {
            "isfile" | "is_file" => self.files.is_file(path),
            "isdir" | "is_dir" => match (self.files.exists(path), self.files.is_file(path)) {
                (Some(true), Some(is_file)) => Some(!is_file),
                (exists, _) => exists.filter(|exists| !exists),
            },
            _ => self.files.exists(path),
        };
        match verdict {
            Some(verdict) => Val::Bool(verdict),
            None => {
                let reason = format!("whether {} exists on the hub cannot be told from here", path.display());
                self.unknown(reason, range)
            }
        }
    }

    pub(super) fn open_file(&mut self, args: &[Val], keywords: &[(Rc<str>, Val)], range: TextRange) -> Ev {
        let mode = args.get(1).or_else(|| keywords.iter().find(|(key, _)| &**key == "mode").map(|(_, value)| value));
        let mode = mode.and_then(Val::as_str).unwrap_or("r").to_owned();
        let path = match args.first() {
            Some(Val::Str(path) | Val::Path(path)) => path.clone(),
            Some(other) => {
                let why = self.why_of_parts(std::slice::from_ref(other), range);
                self.may_raise(ANY, &why, range);
                return Ok(Val::Unknown(why));
            }
            None => return self.raise("TypeError", "open() missing required argument 'file' (pos 1)", range),
        };
        let resolved = self.resolve(&path);
        if mode.contains(['w', 'a', 'x', '+']) {
            return Ok(self.unknown(format!("{path} is written to, which is not done here"), range));
        }
        match self.files.read(&resolved) {
            Ok(bytes) if mode.contains('b') => {
                Ok(Val::Obj(self.state.new_cell(Cell::File(Val::Bytes(bytes.into()), 0))))
            }
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.replace("\r\n", "\n").replace('\r', "\n");
                    self.step(text.len() as u64 / 256, range)?;
                    Ok(Val::Obj(self.state.new_cell(Cell::File(Val::str(text), 0))))
                }
                Err(_) => self.raise("UnicodeDecodeError", format!("{path} is no valid UTF-8"), range),
            },
            Err(_) if self.files.exists(&resolved) == Some(false) => {
                let message = format!("[Errno 2] No such file or directory: '{path}'");
                self.raise("FileNotFoundError", message, range)
            }
            Err(_) => Ok(self.missing_file(&resolved, range)),
        }
    }

    /// The lines that are left of an open file.
    pub(super) fn file_lines(&mut self, at: Ref, range: TextRange) -> Ev<Items> {
        let Cell::File(content, position) = self.state.cell(at).clone() else { return Ok(Items::Known(Vec::new())) };
        let lines: Vec<Val> = match &content {
            Val::Str(text) => text[position.min(text.len())..].split_inclusive('\n').map(Val::str).collect(),
            Val::Bytes(bytes) => bytes[position.min(bytes.len())..]
                .split_inclusive(|b| *b == b'\n')
                .map(|l| Val::Bytes(l.into()))
                .collect(),
            _ => Vec::new(),
        };
        self.step(lines.len() as u64, range)?;
        *self.state.cell_mut(at) = Cell::File(content, usize::MAX);
        Ok(Items::Known(lines))
    }

    pub(super) fn call_file(&mut self, at: Ref, name: &str, args: &[Val], range: TextRange) -> Ev {
        let Cell::File(content, position) = self.state.cell(at).clone() else { return Ok(Val::None) };
        match (name, &content) {
            ("read", Val::Str(text)) if args.is_empty() => {
                *self.state.cell_mut(at) = Cell::File(content.clone(), usize::MAX);
                Ok(Val::str(&text[position.min(text.len())..]))
            }
            ("read", Val::Bytes(bytes)) if args.is_empty() => {
                *self.state.cell_mut(at) = Cell::File(content.clone(), usize::MAX);
                Ok(Val::Bytes(bytes[position.min(bytes.len())..].into()))
            }
            ("readlines", _) if args.is_empty() => match self.file_lines(at, range)? {
                Items::Known(lines) => Ok(self.new_list(lines)),
                Items::Unknown(why) => Ok(Val::Unknown(why)),
            },
            ("readline", Val::Str(text)) if args.is_empty() => {
                let rest = &text[position.min(text.len())..];
                let line = rest.split_inclusive('\n').next().unwrap_or("");
                let next = position.min(text.len()) + line.len();
                *self.state.cell_mut(at) = Cell::File(content.clone(), next);
                Ok(Val::str(line))
            }
            ("close" | "flush", _) => Ok(Val::None),
            ("__enter__", _) => Ok(Val::Obj(at)),
            _ => Ok(self.unknown(format!("file.{name} is not followed here"), range)),
        }
    }

    /// `glob.glob`: one folder, `*` and `?` in the last part.
    pub(super) fn glob(&mut self, args: &[Val], range: TextRange) -> Val {
        let Some(Val::Str(pattern)) = args.first() else { return Val::Unknown(self.why_of_parts(args, range)) };
        let (folder, name) = posix_split(pattern);
        if folder.contains(['*', '?', '[']) || name.contains('[') {
            return self.unknown("glob.glob of this pattern is not followed here", range);
        }
        let resolved = self.resolve(&folder);
        let Some(names) = self.files.list(&resolved) else { return self.missing_file(&resolved, range) };
        let matching = names.iter().filter(|candidate| {
            wildcard(name.as_bytes(), candidate.as_bytes()) && (name.starts_with('.') || !candidate.starts_with('.'))
        });
        let found: Vec<Val> = matching.map(|found| Val::str(posix_join(&[folder.clone(), found.clone()]))).collect();
        self.new_list(found)
    }
}

pub(super) fn wildcard(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|at| wildcard(rest, &name[at..])),
        (Some((b'?', rest)), Some((_, tail))) => wildcard(rest, tail),
        (Some((a, rest)), Some((b, tail))) => a == b && wildcard(rest, tail),
        _ => false,
    }
}

/// `os.path.join`.
pub(super) fn posix_join(parts: &[String]) -> String {
    let mut path = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at == 0 || part.starts_with('/') {
            path.clone_from(part);
        } else if path.is_empty() || path.ends_with('/') {
            path.push_str(part);
        } else {
            path.push('/');
            path.push_str(part);
        }
    }
    path
}

/// `os.path.split`.
pub(super) fn posix_split(path: &str) -> (String, String) {
    let (head, tail) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let trimmed = head.trim_end_matches('/');
    (if trimmed.is_empty() { head } else { trimmed }.to_owned(), tail.to_owned())
}

pub(super) fn split_extension(path: &str) -> (&str, &str) {
    let start = path.rfind('/').map_or(0, |at| at + 1);
    let name = &path[start..];
    let dots = name.len() - name.trim_start_matches('.').len();
    match name[dots..].rfind('.') {
        Some(at) => path.split_at(start + dots + at),
        None => (path, ""),
    }
}

/// `os.path.normpath`.
pub(super) fn normalize(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
