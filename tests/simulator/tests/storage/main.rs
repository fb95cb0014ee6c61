//! The simulated object storage, over the wire.

#[path = "../support/mod.rs"]
mod support;

mod downloads;
mod faults;
mod parts;
