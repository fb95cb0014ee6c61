//! Stateful simulators of managed file transfer services: test your application without an account, and with faults.
//!
//! A simulator is an HTTP server on a loopback port that behaves as the service's documentation says, remembers what it
//! is told, writes down what it is asked, and fails when and how you want. It works with any client in any language and
//! depends on none. There are [`sftptogo::Simulator`], [`brickftp::Simulator`], [`ftpgrid::Simulator`],
//! [`usebuckets::Simulator`] and [`stook::Simulator`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mft_simulator::Fault;
//! use mft_simulator::sftptogo::Simulator;
//!
//! let simulator = Simulator::start().await?;
//!
//! // Point your client here. `environment()` has the same as variables.
//! let (url, key) = (simulator.organization_url(), simulator.api_key());
//!
//! // Seed what has to be there.
//! let robot = simulator.state().add_credential(|credential| credential.alias = "Robot".into());
//!
//! // Say what goes wrong: the first rotation is carried out, but the caller never hears of it.
//! let lost = Fault::reset().after_processing();
//! simulator.faults().push(lost.on("sftptogo.credentials.rotate_password").once());
//!
//! // ... run the code under test ...
//!
//! // Look at what arrived, and at what is stored now.
//! assert_eq!(simulator.count("sftptogo.credentials.rotate_password"), 0);
//! assert_eq!(simulator.state().credential(&robot.id), Some(robot));
//! for exchange in simulator.journal() {
//!     println!("{exchange}");
//! }
//! # let _ = (url, key);
//! # Ok(())
//! # }
//! ```
//!
//! # Faults
//!
//! A [`Fault`] is what goes wrong: a status, a delay, silence, a reset before or after processing, half a body, bytes
//! that are no HTTP, a rate limit, unknown enum words and more. A [`FaultRule`] adds when: at which operation, at which
//! call, how often, with which probability. A [`FaultPlan`] is the live list of rules of one simulator. Rules have a
//! text form, such as `sftptogo.credentials.create:nth=2:status=503:retry-after=2`, which `--fault` and
//! [`FaultRule::from_str`](FaultRule#method.from_str) read and `Display` writes.
//!
//! Transfers have faults of their own: refusals, resets and silence [while a body is still
//! arriving](Fault::during_request), [expired URLs](Fault::expired_url), [errors of the storage](Fault::storage_code),
//! [ignored](Fault::ignored_header) ranges and conditions, [changed](Fault::changed_content) and
//! [damaged](Fault::corrupted) content, wrong [headers](Fault::replaced_header), and bodies that are
//! [shorter](Fault::truncated_unsized) or [longer](Fault::excess_body) than they should be.
//!
//! # Files
//!
//! Where a service hands out signed URLs, its simulator has a storage on an origin of its own, which checks signature,
//! expiry, length, sums and ranges, and answers as object storages do; [`StorageSettings`] says how in detail. It takes
//! bodies as they arrive and reads replies while they are sent, so that files of any size take no memory: beyond a
//! limit, parts go to files, and files full of a [`pattern`] are made up while they are read. The journal has the size
//! and the CRC-32 of such bodies, not their bytes. The same goes for ftpGrid's storage, which files are sent to directly.
//!
//! # Journal
//!
//! Every request becomes an [`Exchange`]: what was asked, whether the service [`processed`](Exchange::processed) it,
//! what it decided ([`service_status`](Exchange::service_status)) and what the caller was told
//! ([`status`](Exchange::status)). Where these differ a client has to say "unknown", and here a test can check that it
//! does.
//!
//! # Time and chance
//!
//! Ids, keys and passwords follow from the [seed](sftptogo::Builder::seed). The simulated time runs with real time and
//! can be [moved forward](sftptogo::Simulator::advance); delays of faults are real time.
//!
//! # The program
//!
//! The same as a program, with the feature `cli` (on by default): `mft-simulator --provider brickftp`; see its
//! `--help`.
//!
//! # Features
//!
//! * `cli` (default): the program.
//! * `tls` (default): serving https with a certificate made at start.
//!
//! For tests alone, `default-features = false` saves their dependencies.

pub mod brickftp;
mod data;
mod deliveries;
mod error;
mod fault;
pub mod ftpgrid;
mod hash;
mod journal;
mod server;
pub mod sftptogo;
pub mod stook;
mod storage;
pub mod usebuckets;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use data::pattern;
pub use error::StartError;
pub use fault::{Fault, FaultPlan, FaultRule, ParseFaultError, UnknownOperation};
pub use journal::Exchange;
pub use server::Operation;
pub use storage::{DownloadUrls, PartEtags, StorageSettings};

/// Locks even if another thread panicked, so that a panicking test does not block the others.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
