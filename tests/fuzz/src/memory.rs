//! Measures peak memory usage.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The fixed cost of a call: queues of the runtime, a request, hash tables.
const FIXED_COST: usize = 256 * 1024;

/// The maximum ratio of memory usage to response size.
const MAX_RATIO: usize = 100;

/// Runs a function. Returns its result and its peak memory usage in bytes.
pub fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

/// Asserts that peak memory usage is at most a hundred times the received bytes, plus a fixed cost.
///
/// # Panics
///
/// Panics if the limit is exceeded.
pub fn assert_bounded(context: &str, peak: usize, received: usize) {
    assert!(
        peak <= FIXED_COST + MAX_RATIO * received,
        "{context}: {peak} bytes of memory for {received} received bytes"
    );
}
