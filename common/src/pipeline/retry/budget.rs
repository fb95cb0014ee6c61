//! The retry budget of a client.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const CAPACITY: u32 = 150;
const RETRY_COST: u32 = 5;
const REFILL_INTERVAL: Duration = Duration::from_secs(1);

/// A token bucket that bounds how many retries a client adds to a failing service. All clones of a client share it.
///
/// A retry takes five tokens, a success returns one. Each whole second without a failure refills the cost of one retry.
/// A single caller therefore keeps its retries, and retries resume soon after an outage. Three hundred callers in an
/// outage add at most a tenth to the load.
#[derive(Debug)]
pub(super) struct RetryBudget(Mutex<BudgetState>);

#[derive(Debug)]
struct BudgetState {
    tokens: u32,
    last_failure: Option<Instant>,
}

impl RetryBudget {
    pub(super) fn full() -> Self {
        Self(Mutex::new(BudgetState { tokens: CAPACITY, last_failure: None }))
    }

    /// Records a failure, takes the tokens for a retry and returns whether there were enough.
    pub(super) fn try_retry(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(last) = state.last_failure.replace(now) {
            let refills = u32::try_from((now - last).as_secs() / REFILL_INTERVAL.as_secs()).unwrap_or(u32::MAX);
            state.tokens = state.tokens.saturating_add(refills.saturating_mul(RETRY_COST)).min(CAPACITY);
        }
        let has_tokens = state.tokens >= RETRY_COST;
        if has_tokens {
            state.tokens -= RETRY_COST;
        }
        has_tokens
    }

    pub(super) fn succeeded(&self) {
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
