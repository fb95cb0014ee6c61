//! Stateful simulators of managed file transfer services: test your application without an account, and with faults.
//!
//! A simulator is an HTTP server on a loopback port. It follows the documentation of the service, stores state,
//! records requests in a journal, and injects the faults that you define. It works with clients in any language. There
//! are [`sftptogo::Simulator`], [`brickftp::Simulator`], [`ftpgrid::Simulator`], [`usebuckets::Simulator`] and
//! [`stook::Simulator`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mft_simulator::Fault;
//! use mft_simulator::sftptogo::Simulator;
//!
//! let simulator = Simulator::start().await?;
//!
//! // Configure your client. `environment()` has the same values as variables.
//! let (url, key) = (simulator.organization_url(), simulator.api_key());
//!
//! // Seed the state.
//! let robot = simulator.state().add_credential(|credential| credential.alias = "Robot".into());
//!
//! // Inject a fault: the first rotation is processed, but its response is lost.
//! let lost = Fault::reset().after_processing();
//! simulator.faults().push(lost.on("sftptogo.credentials.rotate_password").once());
//!
//! // ... run the code under test ...
//!
//! // Check the requests and the stored state.
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
//! A [`Fault`] defines the failure: a status, a delay, no response, a reset before or after processing, a truncated
//! body, bytes that are not HTTP, a rate limit, unknown enum values and more. A [`FaultRule`] adds when: the operation, the
//! number of the call, how often, and with which probability. A [`FaultPlan`] is the live list of rules of a simulator.
//! Rules have a text form, such as `sftptogo.credentials.create:nth=2:status=503:retry-after=2`. `--fault` and
//! [`FaultRule::from_str`](FaultRule#method.from_str) parse it, and `Display` writes it.
//!
//! There are special faults for transfers: errors, resets and stalls [while a body is
//! arriving](Fault::during_request), [expired URLs](Fault::expired_url), [errors of the object
//! storage](Fault::storage_code), [ignored](Fault::ignored_header) ranges and conditions,
//! [changed](Fault::changed_content) and [corrupted](Fault::corrupted) content, wrong
//! [headers](Fault::replaced_header), and bodies that are [truncated](Fault::truncated_unsized) or
//! [too long](Fault::excess_body).
//!
//! # Files
//!
//! If a service uses presigned URLs, its simulator has an object storage with its own origin. It checks signature,
//! expiration, length, checksums and ranges, and responds like an object storage. [`StorageSettings`] has the details.
//! Bodies are streamed, so that files of any size need no memory: beyond a limit, parts are stored in files, and files of
//! a [`pattern`] are generated while they are read. The journal has the size and the CRC-32 of such bodies, not their
//! bytes. The same applies to the storage of ftpGrid, which has no presigned URLs.
//!
//! # Journal
//!
//! Every request becomes an [`Exchange`]: the request, whether the service [`processed`](Exchange::processed) it, the
//! status that the service returned ([`service_status`](Exchange::service_status)) and the status that the client
//! received ([`status`](Exchange::status)). If these differ, a client must report an unknown outcome, and a test can check
//! that it does.
//!
//! # Clock and random values
//!
//! Ids, keys and passwords are generated from the [seed](sftptogo::Builder::seed). The simulated clock runs with real time
//! and can be [moved forward](sftptogo::Simulator::advance). Delays of faults are in real time.
//!
//! # The program
//!
//! The feature `cli` (default) adds the program `mft-simulator`, for example `mft-simulator --provider brickftp`. See its
//! `--help`.
//!
//! # Features
//!
//! * `cli` (default): the program.
//! * `tls` (default): https with a generated certificate.
//!
//! Tests need neither, so `default-features = false` avoids their dependencies.

#[macro_use]
mod macros;

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
