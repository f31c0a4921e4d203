//! The one door to the files beside the configuration.

use std::io::Result;
use std::path::{Path, PathBuf};

/// What the reader may look at besides the text.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, path: &Path) -> Result<Vec<u8>>;

    /// Whether there is such a file or folder on the hub; `None` where that cannot be told from here.
    fn exists(&self, path: &Path) -> Option<bool>;

    /// Whether there is a file (not a folder) of that name on the hub; `None` where that cannot be told.
    fn is_file(&self, path: &Path) -> Option<bool> {
        match self.read(path) {
            Ok(_) => Some(true),
            Err(_) => self.exists(path).map(|_| false),
        }
    }

    /// The names in a folder, sorted; `None` where that cannot be told.
    fn list(&self, _path: &Path) -> Option<Vec<String>> {
        None
    }

    /// The absolute form of a path, as `os.path.abspath` gives it.
    fn absolute(&self, path: &Path) -> PathBuf {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    }
}

/// The files of this machine. One that is not here may well be on the hub's.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        // Devices and pipes could be read without an end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        std::fs::read(path)
    }

    fn exists(&self, path: &Path) -> Option<bool> {
        path.exists().then_some(true)
    }

    fn is_file(&self, path: &Path) -> Option<bool> {
        path.exists().then(|| path.is_file())
    }

    fn list(&self, path: &Path) -> Option<Vec<String>> {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .ok()?
            .filter_map(|entry| entry.ok())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        Some(names)
    }
}
