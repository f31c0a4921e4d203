//! What of a configuration that is no Python file the hub's own Python needs, so that it can go on from there: the
//! settings that stand before any Python runs, and the pieces of Python in their order.

use std::path::PathBuf;
use std::sync::Arc;

use crate::value::Value;

use super::config::Config;

/// A values file or a `config.yaml`, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The settings before any Python runs.
    pub config: Config,
    /// The chart's merged values, which its `get_config` reads; `None` for what is no chart.
    pub values: Option<Value>,
    /// The files of the hub's container that the values hold, by their paths there.
    pub mounted: Vec<(PathBuf, Vec<u8>)>,
    /// Pieces of Python, in their order, all in one namespace.
    pub pieces: Vec<Piece>,
    /// Python files, in their order, each loaded by itself after the pieces.
    pub files: Vec<PathBuf>,
}

/// A piece of Python inside a file of another kind.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The file.
    pub label: Arc<str>,
    /// The line of that file on which the Python begins, from 1.
    pub line: usize,
    /// The Python.
    pub text: String,
}
