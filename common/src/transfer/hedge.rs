//! Hedged requests: a second request beside one that takes much longer than the others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Result;
use crate::http::idle::race;

/// The number of finished parts that are needed to recognize an outlier.
const MIN_SAMPLES: usize = 4;

/// A part is an outlier if it takes this many times the median duration.
const OUTLIER_FACTOR: f64 = 2.5;

/// One of this many parts may be hedged. Bounds the extra traffic, even if every part is slow.
const PARTS_PER_HEDGE: usize = 20;

/// Shorter parts are never hedged.
const MIN_DURATION: Duration = Duration::from_millis(100);

/// The durations of the parts of one transfer. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hedge(Arc<Mutex<Samples>>);

#[derive(Debug, Default)]
struct Samples {
    /// In ascending order.
    seconds_per_byte: Vec<f64>,
    /// How many parts were hedged.
    hedged: usize,
}

impl Hedge {
    /// Records the duration of a finished part.
    pub(crate) fn record(&self, start: Instant, size: u64) {
        if size == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = start.elapsed().as_secs_f64() / size as f64;
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = samples.seconds_per_byte.partition_point(|earlier| *earlier < seconds);
        samples.seconds_per_byte.insert(index, seconds);
    }

    /// Resolves once a part is an outlier and may be hedged.
    pub(crate) async fn until_outlier(&self, start: Instant, size: u64) {
        while !self.is_outlier(start.elapsed(), size) {
            tokio::time::sleep(MIN_DURATION / 2).await;
        }
    }

    /// Returns whether a part is an outlier and may be hedged. Counts it as hedged if so.
    fn is_outlier(&self, elapsed: Duration, size: u64) -> bool {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let finished = samples.seconds_per_byte.len();
        if finished < MIN_SAMPLES || elapsed < MIN_DURATION || samples.hedged > finished / PARTS_PER_HEDGE {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let median = samples.seconds_per_byte[finished / 2] * size as f64;
        let is_outlier = elapsed.as_secs_f64() > median * OUTLIER_FACTOR;
        samples.hedged += usize::from(is_outlier);
        is_outlier
    }

    /// Runs `first`, and `second` beside it if `first` is an outlier. The first success counts, and the other future is
    /// dropped.
    pub(crate) async fn race<T>(
        &self,
        size: u64,
        first: impl Future<Output = Result<T>>,
        second: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let start = Instant::now();
        let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
        let unhedged = race(async { Some(first.as_mut().await) }, async {
            self.until_outlier(start, size).await;
            None
        });
        let result = if let Some(result) = unhedged.await {
            result
        } else {
            let both = race(async { (first.as_mut().await, true) }, async { (second.as_mut().await, false) });
            match both.await {
                (Ok(value), _) => Ok(value),
                (Err(error), true) => second.await.map_err(|_| error),
                (Err(_), false) => first.await,
            }
        };
        if result.is_ok() {
            self.record(start, size);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hedges_few_outliers_and_none_early() {
        let hedge = Hedge::default();
        let second = Duration::from_secs(1);
        let finish = |seconds: &[f64]| hedge.0.lock().unwrap().seconds_per_byte.extend_from_slice(seconds);
        finish(&[0.1; 3]);
        assert!(!hedge.is_outlier(100 * second, 1), "too few samples");
        finish(&[0.1; 1]);
        assert!(!hedge.is_outlier(second / 5, 1));
        assert!(!hedge.is_outlier(second, 10), "ten times the bytes may take ten times as long");
        assert!(hedge.is_outlier(second, 1));
        assert!(!hedge.is_outlier(second, 1), "one of four was hedged");
        finish(&[0.1; 16]);
        assert!(hedge.is_outlier(second, 1) && !hedge.is_outlier(second, 1), "two of twenty");
        finish(&[0.000_001; 40]);
        assert!(!hedge.is_outlier(second / 20, 1), "below the minimum duration");
    }

    #[tokio::test(start_paused = true)]
    async fn first_success_counts_and_a_failure_waits_for_the_other() {
        let wait = |millis, result: Result<u8>| async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            result
        };
        let failed = || Err(crate::Error::other("failed"));
        for (first, second, expected, millis) in [
            (wait(150, Ok(1)), wait(0, Ok(2)), Some(1), 150),
            (wait(9000, Ok(1)), wait(50, Ok(2)), Some(2), 350),
            (wait(320, Ok(1)), wait(9000, Ok(2)), Some(1), 320),
            (wait(320, failed()), wait(200, Ok(2)), Some(2), 500),
            (wait(700, Ok(1)), wait(50, failed()), Some(1), 700),
            (wait(700, failed()), wait(50, failed()), None, 700),
            (wait(150, failed()), wait(0, Ok(2)), None, 150),
        ] {
            let hedge = Hedge::default();
            hedge.0.lock().unwrap().seconds_per_byte.extend_from_slice(&[0.1; 4]);
            let start = Instant::now();
            let result = hedge.race(1, first, second).await;
            assert_eq!((result.ok(), start.elapsed()), (expected, Duration::from_millis(millis)));
        }
    }
}
