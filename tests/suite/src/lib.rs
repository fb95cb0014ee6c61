//! Tests that drive the public API of the clients against the simulators, over real HTTP on loopback, and verify the
//! result in the simulator's state and journal.
//!
//! * [`mod@conformance`]: requirements for every client, written once. A new provider implements [`Provider`] and adds
//!   one line to `tests/conformance.rs`.
//! * [`sweep`]: injects every fault at every request of a scenario.
//! * [`round_trip`]: edge-case strings and the checks that they arrive unchanged.
//! * [`lists`]: checks of paged lists.
//! * [`leak_scan`]: finds secrets in printed and logged text.
//! * [`subprocess`]: reruns the test program as a child process, for tests that kill it or limit its resources.
//! * [`webhook_receiver`]: an HTTP server that receives the simulators' webhook deliveries.
//! * [`operation_table`]: compares the operation table of a README with the code, the tests and the journals.
//! * [`net`]: a server that must receive no connection, and a proxy that starts closed.
//! * [`runtime`]: the runtime of the simulators, and polling helpers.
//! * [`transfer`]: a site for uploads and downloads, and the requests that its storage received.
//!
//! Simulators run on a separate runtime, so that all tasks on a test's runtime belong to the client.

// Functions of this crate are tests and panic on failure.
#![allow(clippy::missing_panics_doc)]

pub mod conformance;
pub mod leak_scan;
pub mod lists;
pub mod net;
pub mod operation_table;
mod provider;
pub mod round_trip;
pub mod runtime;
pub mod subprocess;
pub mod sweep;
pub mod transfer;
pub mod webhook_receiver;

pub use provider::brickftp::{Brickftp, BrickftpXml, SMALL_PART};
pub use provider::ftpgrid::Ftpgrid;
pub use provider::sftptogo::Sftptogo;
pub use provider::stook::Stook;
pub use provider::usebuckets::Usebuckets;
pub use provider::{AttemptRecorder, CallFuture, CallKind, ClientOptions, Provider, WireFormat};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct RootReadme;
