//! The files of this machine, read with care: only regular files of a sensible size, so that no pipe blocks and no
//! device is read without end.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::{Path, PathBuf};

use super::python::Files;

/// Larger than this is no configuration.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The files of this machine, relative names taken from one folder.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The folder that relative names are taken from.
    pub folder: PathBuf,
    /// Whether only Python is seen: what is read from other files is then unknown.
    pub only_python: bool,
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        if self.only_python && path.extension().is_none_or(|extension| extension != "py") {
            return Err(Error::new(ErrorKind::PermissionDenied, "not looked at"));
        }
        read(&self.folder.join(path))
    }

    // What is not on this machine may well be on the hub's.
    fn exists(&self, path: &Path) -> Option<bool> {
        self.folder.join(path).exists().then_some(true)
    }

    fn is_file(&self, path: &Path) -> Option<bool> {
        let path = self.folder.join(path);
        path.exists().then(|| path.is_file())
    }

    fn list(&self, path: &Path) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(self.folder.join(path)).ok()?;
        let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.filter_map(Result::ok).map(name).collect();
        names.sort();
        Some(names)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        let path = self.folder.join(path);
        std::path::absolute(&path).unwrap_or(path)
    }
}

/// The content of a regular file. The error says what to do, in words that can follow the file's name.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let metadata = std::fs::metadata(path).map_err(plain)?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder: name the configuration file in it"));
    }
    if !metadata.is_file() {
        return Err(Error::other("it is a pipe or a device, not a regular file: write it to a file first"));
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(plain)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(plain)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::new(ErrorKind::FileTooLarge, "it is larger than 16 MiB, which no configuration is"));
    }
    Ok(bytes)
}

fn plain(error: Error) -> Error {
    let message = match error.kind() {
        ErrorKind::NotFound => "there is no such file",
        ErrorKind::PermissionDenied => "you may not read it",
        ErrorKind::NotADirectory => "a part of its path is a file, not a folder",
        // ELOOP (Linux, macOS), whose kind is not stable yet.
        _ if matches!(error.raw_os_error(), Some(40 | 62)) => "its symbolic links go round in a circle",
        _ => return error,
    };
    Error::new(error.kind(), message)
}

/// Bytes as text: UTF-8, with or without its mark, or UTF-16 with one (as Windows' shells write). The error is the line
/// of the first byte that is none of it.
pub fn decode(bytes: Vec<u8>) -> std::result::Result<String, usize> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| 1)
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                Err(valid.iter().filter(|byte| **byte == b'\n').count() + 1)
            }
        },
    }
}

/// Bytes as Python takes them for source: UTF-8 unless a `coding:` comment in the first two lines says otherwise (PEP
/// 263). The error is what Python would say, and the line.
pub fn decode_python(bytes: Vec<u8>) -> std::result::Result<String, (String, usize)> {
    if let Some(encoding) = coding(&bytes) {
        match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" | "ascii" | "us-ascii" => {}
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => {
                return Ok(bytes.into_iter().map(char::from).collect());
            }
            _ => return Err((format!("encoded as {encoding}, which oauthctl can't read: save it as UTF-8"), 1)),
        }
    }
    decode_utf8_only(bytes)
}

fn decode_utf8_only(bytes: Vec<u8>) -> std::result::Result<String, (String, usize)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(("UTF-16, which Python doesn't take for source: save it as UTF-8".to_owned(), 1));
    }
    decode(bytes).map_err(|line| ("not UTF-8, and no `coding:` comment names another encoding".to_owned(), line))
}

/// PEP 263: `^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)` in one of the first two lines.
fn coding(bytes: &[u8]) -> Option<String> {
    bytes.split(|byte| *byte == b'\n').take(2).find_map(|line| {
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start_matches([' ', '\t', '\u{c}', '\u{feff}']).strip_prefix('#')?;
        let rest = &comment[comment.find("coding:").or_else(|| comment.find("coding="))? + 7..];
        let name: String = rest
            .trim_start_matches([' ', '\t'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .collect();
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read() {
        assert!(read(Path::new("/")).unwrap_err().to_string().contains("folder"));
        assert!(read(Path::new("/dev/zero")).unwrap_err().to_string().contains("device"));
        assert!(read(Path::new("/no/such/file")).unwrap_err().to_string().contains("no such file"));
    }

    #[cfg(unix)]
    #[test]
    fn a_circle_of_links_is_said_to_be_one() {
        let folder = std::env::temp_dir().join(format!("oauthctl-links-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let link = folder.join("a");
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&link, &link).unwrap();
        let error = read(&link).unwrap_err().to_string();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(error.contains("circle"), "{error}");
    }

    #[test]
    fn encodings_are_those_of_the_hub() {
        assert_eq!(decode(b"\xef\xbb\xbfa".to_vec()), Ok("a".to_owned()));
        assert_eq!(decode(b"\xff\xfea\0".to_vec()), Ok("a".to_owned()));
        assert_eq!(decode(b"a\nb\xff".to_vec()), Err(2));
        assert_eq!(
            decode_python(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n".to_vec()).unwrap().chars().last(),
            Some('\n')
        );
        assert!(decode_python(b"# coding: latin-1\n\xe9".to_vec()).unwrap().ends_with('é'));
        assert_eq!(decode_python(b"a\n\xe9".to_vec()).unwrap_err().1, 2);
    }
}
