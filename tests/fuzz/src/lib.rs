//! Shared code of the fuzz targets: responses from arbitrary bytes, the operations of all clients, and the checks.

pub mod checks;
pub mod memory;
pub mod operations;
pub mod transfers;
pub mod transport;

use std::future::Future;

/// Runs a future on a new runtime with a paused clock, so that delays take no time. Remaining tasks end with the
/// runtime.
///
/// # Panics
///
/// Panics if no runtime can be built.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    run_in(future, true)
}

/// The same with a running clock. A paused clock does not advance while a thread writes to a file.
///
/// # Panics
///
/// Panics if no runtime can be built.
pub fn run_in_real_time<T>(future: impl Future<Output = T>) -> T {
    run_in(future, false)
}

fn run_in<T>(future: impl Future<Output = T>, paused: bool) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(paused).build();
    runtime.expect("a runtime").block_on(future)
}
