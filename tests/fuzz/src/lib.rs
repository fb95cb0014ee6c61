//! What the targets share: replies made of any bytes, the operations of all clients, and what must hold afterwards.

pub mod checks;
pub mod memory;
pub mod operations;
pub mod server;
pub mod transfers;

use std::future::Future;

/// Runs a future to its end in a runtime of its own, whose waits take no time. What a client left behind ends with it.
///
/// # Panics
///
/// Where there is no runtime to be had.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    run_in(future, true)
}

/// The same with a clock that goes. One that stands still does not jump while a thread writes to a file.
///
/// # Panics
///
/// Where there is no runtime to be had.
pub fn run_in_real_time<T>(future: impl Future<Output = T>) -> T {
    run_in(future, false)
}

fn run_in<T>(future: impl Future<Output = T>, stands_still: bool) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(stands_still).build();
    runtime.expect("a runtime").block_on(future)
}
