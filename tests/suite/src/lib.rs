//! Tests that drive the public API of the clients against the simulators, over real HTTP on loopback, and look for the
//! outcome in the simulator's state and journal.
//!
//! * [`mod@conformance`]: what every client has to do, written once. A new provider implements [`Provider`] and adds one
//!   line to `tests/conformance.rs`.
//! * [`sweep`]: every fault at every wire interaction of a flow of calls.
//! * [`round_trip`]: awkward texts, and what must become of them.
//! * [`leak`]: looks for secrets in whatever was printed.
//! * [`program`]: a test program that starts itself again, for what happens to processes.
//! * [`receiver`]: what a simulator delivers to.
//! * [`table`]: compares the operation table of a README with code, tests and journals.
//! * [`transfer`]: a site for uploads and downloads, and what its storage saw.
//!
//! Simulators run on a runtime of their own, so that what is alive on a test's runtime belongs to the client.

// Functions of this crate are tests: they panic when something is wrong.
#![allow(clippy::missing_panics_doc)]

pub mod conformance;
pub mod leak;
pub mod program;
mod provider;
pub mod receiver;
pub mod round_trip;
pub mod support;
pub mod sweep;
pub mod table;
pub mod transfer;

pub use provider::brickftp::{Brickftp, BrickftpXml, SMALL_PART};
pub use provider::ftpgrid::Ftpgrid;
pub use provider::sftptogo::Sftptogo;
pub use provider::stook::Stook;
pub use provider::usebuckets::Usebuckets;
pub use provider::{Act, CallFuture, Provider, Spy, Tweaks, Wire};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct RootReadme;
