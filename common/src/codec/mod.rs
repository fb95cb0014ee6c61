//! From bytes to values.

pub(crate) mod bounded;
pub(crate) mod json;
pub mod lenient;
pub mod message;
