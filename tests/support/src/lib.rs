//! Shared tests of the clients: checks that are the same for every service. This crate depends on no client.

#![allow(clippy::missing_panics_doc, reason = "a test that fails panics")]

pub mod environment;
pub mod hostile;
pub mod input;
pub mod leaks;
pub mod mock;
pub mod retries;
pub mod traces;
pub mod webhook;
