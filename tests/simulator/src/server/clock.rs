use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::lock;

/// The simulated clock.
///
/// It runs with real time unless it is frozen, and can be moved forward, so that tests of expiration do not wait.
#[derive(Debug)]
pub(crate) struct Clock {
    start_ms: i64,
    started: Instant,
    frozen: bool,
    advanced: Mutex<Duration>,
    moved: Notify,
}

impl Clock {
    pub(crate) fn new(start_ms: Option<i64>, frozen: bool) -> Self {
        let start_ms = start_ms.unwrap_or_else(|| {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        });
        Self { start_ms, started: Instant::now(), frozen, advanced: Mutex::new(Duration::ZERO), moved: Notify::new() }
    }

    /// Returns the simulated time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        let advanced = *lock(&self.advanced);
        if self.frozen { advanced } else { advanced.saturating_add(self.started.elapsed()) }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.start_ms.saturating_add(elapsed)
    }

    pub(crate) fn advance(&self, by: Duration) {
        {
            let mut advanced = lock(&self.advanced);
            *advanced = advanced.saturating_add(by);
        }
        self.moved.notify_waiters();
    }

    /// Waits until this much simulated time has passed since the start, or [`advance`](Self::advance) moved the clock
    /// past it.
    pub(crate) async fn sleep_until(&self, due: Duration) {
        loop {
            let mut notification = std::pin::pin!(self.moved.notified());
            // Registers before the check, so that no change is missed.
            notification.as_mut().enable();
            let remaining = due.saturating_sub(self.elapsed());
            if remaining.is_zero() {
                return;
            }
            if self.frozen {
                notification.await;
            } else {
                tokio::select! {
                    () = tokio::time::sleep(remaining) => {}
                    () = notification => {}
                }
            }
        }
    }

    /// Returns the simulated time for the `Date` header. Clients correct their clocks with it.
    pub(crate) fn http_date(&self) -> String {
        let seconds = u64::try_from(self.now_ms() / 1000).unwrap_or(0);
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_HTTP_SECOND)))
    }
}

/// The end of the year 9999, the latest time that the header can express.
const LAST_HTTP_SECOND: u64 = 253_402_300_799;

/// Formats Unix milliseconds as ISO 8601 in UTC with three decimals, such as `2025-10-09T08:53:20.123Z`.
pub(crate) fn iso_millis(unix_ms: i64) -> String {
    let days = unix_ms.div_euclid(86_400_000);
    let in_day = unix_ms.rem_euclid(86_400_000);
    let (year, month, day) = civil_from_days(days);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Howard Hinnant's algorithm. It counts in eras of 400 years that begin in March, so that leap days come last.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Returns the time of a write. It increases even if two writes are in the same millisecond.
pub(crate) fn touch(last_ms: i64, now_ms: i64) -> i64 {
    now_ms.max(last_ms.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::iso_millis;

    #[test]
    fn iso_times() {
        for (unix_ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_760_000_000_123, "2025-10-09T08:53:20.123Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso_millis(unix_ms), text);
        }
    }
}
