//! The tests that need more than one module: processes, sockets, files, upstream.

mod json_differential;
