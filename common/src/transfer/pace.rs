//! How long parts take, and which of them stand out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Result;
use crate::http::idle::race;

/// Parts that have to be through before others can stand out.
const ENOUGH: usize = 4;

/// A part stands out when it takes so many times as long as half of the others did.
const FACTOR: f64 = 2.5;

/// One for so many parts may be helped. What it costs is bounded so, even where everything is slow.
const SHARE: usize = 20;

/// A part that takes no longer than this is nobody's trouble.
const SHORTEST: Duration = Duration::from_millis(100);

/// How long the parts of one transfer have taken. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    /// Seconds for a byte, in order.
    seconds: Vec<f64>,
    helped: usize,
}

impl Pace {
    /// Takes note of a part that is through.
    pub(super) fn took(&self, begun: Instant, size: u64) {
        if size == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = begun.elapsed().as_secs_f64() / size as f64;
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = taken.seconds.partition_point(|earlier| *earlier < seconds);
        taken.seconds.insert(place, seconds);
    }

    /// Resolves when a part stands out and it is its turn to be helped.
    pub(super) async fn stands_out(&self, begun: Instant, size: u64) {
        while !self.may_be_helped(begun.elapsed(), size) {
            tokio::time::sleep(SHORTEST / 2).await;
        }
    }

    fn may_be_helped(&self, elapsed: Duration, size: u64) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let through = taken.seconds.len();
        if through < ENOUGH || elapsed < SHORTEST || taken.helped > through / SHARE {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let usual = taken.seconds[through / 2] * size as f64;
        let stands_out = elapsed.as_secs_f64() > usual * FACTOR;
        taken.helped += usize::from(stands_out);
        stands_out
    }

    /// Does something once, and a second time beside the first where that stands out. The first success counts; what has
    /// not ended by then is dropped.
    pub(super) async fn race<T>(
        &self,
        size: u64,
        first: impl Future<Output = Result<T>>,
        second: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let begun = Instant::now();
        let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
        let alone = race(async { Some(first.as_mut().await) }, async {
            self.stands_out(begun, size).await;
            None
        });
        let result = if let Some(result) = alone.await {
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
            self.took(begun, size);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_helped_is_rare_and_late() {
        let pace = Pace::default();
        let second = Duration::from_secs(1);
        let through = |seconds: &[f64]| pace.0.lock().unwrap().seconds.extend_from_slice(seconds);
        through(&[0.1; 3]);
        assert!(!pace.may_be_helped(100 * second, 1), "nobody knows yet what is usual");
        through(&[0.1; 1]);
        assert!(!pace.may_be_helped(second / 5, 1));
        assert!(!pace.may_be_helped(second, 10), "ten times the bytes may take ten times as long");
        assert!(pace.may_be_helped(second, 1));
        assert!(!pace.may_be_helped(second, 1), "one of four was helped");
        through(&[0.1; 16]);
        assert!(pace.may_be_helped(second, 1) && !pace.may_be_helped(second, 1), "two of twenty");
        through(&[0.000_001; 40]);
        assert!(!pace.may_be_helped(second / 20, 1), "nobody waits for that");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_success_counts_and_a_failure_waits_for_the_other() {
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
            let pace = Pace::default();
            pace.0.lock().unwrap().seconds.extend_from_slice(&[0.1; 4]);
            let begun = Instant::now();
            let result = pace.race(1, first, second).await;
            assert_eq!((result.ok(), begun.elapsed()), (expected, Duration::from_millis(millis)));
        }
    }
}
