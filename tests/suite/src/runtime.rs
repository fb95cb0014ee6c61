//! The runtime of the simulators, polling helpers and memory measurement.

use std::future::Future;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

/// Runs a future on the runtime of the simulators, which is separate from the runtimes of the tests.
pub async fn on_simulator_runtime<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    server().spawn(work).await.expect("simulator tasks do not panic")
}

pub(crate) fn server() -> &'static Runtime {
    static SERVER: OnceLock<Runtime> = OnceLock::new();
    SERVER.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().expect("a runtime")
    })
}

/// Polls a condition. Returns whether it became true before the timeout.
pub async fn wait_until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !is_so() {
        if Instant::now() > end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}

/// Returns the resident memory of the process in bytes, or `None` if the operating system does not report it.
#[must_use]
pub fn resident_memory() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
