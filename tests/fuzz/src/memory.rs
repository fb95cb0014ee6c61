//! How much memory is used at most while something runs.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a call costs whatever comes: a runtime's queues, a request, tables that grow in steps.
const FREE: usize = 256 * 1024;

/// A reply may cost as many times its size.
const TIMES: usize = 100;

/// Runs something, and tells how many bytes it had at most beside those that were in use before.
pub fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    (result, MEMORY.peak_usage().saturating_sub(before))
}

/// What came may cost a hundred times its size, and no more.
///
/// # Panics
///
/// Where it cost more.
pub fn assert_bounded(what: &str, peak: usize, came: usize) {
    assert!(peak <= FREE + TIMES * came, "{what}: {peak} bytes of memory for {came} bytes that came");
}
