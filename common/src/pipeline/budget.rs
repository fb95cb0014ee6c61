//! How many retries a client may add to a service that is failing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const CAPACITY: u32 = 150;
const COST: u32 = 5;
const QUIET: Duration = Duration::from_secs(1);

/// A bucket of tokens shared by all clones of a client.
///
/// A retry takes five, a success gives one back. For every whole second in which nothing failed, the price of one retry
/// comes back too: a lone caller keeps its retries and they resume soon after an outage, while three hundred callers in
/// one outage add a tenth to the load and no more.
#[derive(Debug)]
pub(crate) struct RetryBudget(Mutex<State>);

#[derive(Debug)]
struct State {
    tokens: u32,
    last_failure: Option<Instant>,
}

impl RetryBudget {
    pub(crate) fn full() -> Self {
        Self(Mutex::new(State { tokens: CAPACITY, last_failure: None }))
    }

    /// Takes note of a failure and says whether a retry may follow it.
    pub(crate) fn try_retry(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(last) = state.last_failure.replace(now) {
            let quiet = u32::try_from((now - last).as_secs() / QUIET.as_secs()).unwrap_or(u32::MAX);
            state.tokens = state.tokens.saturating_add(quiet.saturating_mul(COST)).min(CAPACITY);
        }
        let allowed = state.tokens >= COST;
        if allowed {
            state.tokens -= COST;
        }
        allowed
    }

    pub(crate) fn succeeded(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.tokens = (state.tokens + 1).min(CAPACITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_gets_thirty_retries_and_quiet_seconds_bring_them_back() {
        let budget = RetryBudget::full();
        let granted = |count: u32| (0..count).filter(|_| budget.try_retry()).count();
        assert_eq!(granted(300), 30);
        tokio::time::advance(Duration::from_millis(900)).await;
        assert_eq!(granted(1), 0);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(granted(5), 2);
        (0..5).for_each(|_| budget.succeeded());
        assert_eq!(granted(5), 1);
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert_eq!(granted(300), 30);
    }
}
