//! x

pub mod slice;
