//! What all simulators share: faults, TLS, the program and the documentation.

#[path = "../support/mod.rs"]
mod support;

mod fault_syntax;
mod faults;
#[cfg(feature = "cli")]
mod program;
mod readme;
#[cfg(feature = "tls")]
mod tls;
