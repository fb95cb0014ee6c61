//! Local time in the format of the services.

use std::time::{SystemTime, UNIX_EPOCH};

use super::OffsetDateTime;

/// The first second of the year 10000.
const YEAR_10000: u64 = 253_402_300_800;

impl OffsetDateTime {
    /// Creates a UTC timestamp in whole seconds, rounded down. Returns `None` outside of the years 1970 to 9999.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use mft_common::OffsetDateTime;
    ///
    /// let yesterday = SystemTime::now() - Duration::from_secs(24 * 3600);
    /// println!("since {}", OffsetDateTime::from_system_time(yesterday).expect("it is later than 1970"));
    /// ```
    #[must_use]
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        if time.duration_since(UNIX_EPOCH).ok()?.as_secs() >= YEAR_10000 {
            return None;
        }
        // `Sun, 06 Nov 1994 08:49:37 GMT`
        let text = httpdate::fmt_http_date(time);
        let mut words = text.split(' ').skip(1);
        let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        format!("{year}-{month:02}-{day}T{clock}Z").parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_timestamp_has_the_format_of_the_services() {
        for (seconds, expected) in [
            (0, Some("1970-01-01T00:00:00Z")),
            (784_111_777, Some("1994-11-06T08:49:37Z")),
            (951_782_400, Some("2000-02-29T00:00:00Z")),
            (YEAR_10000 - 1, Some("9999-12-31T23:59:59Z")),
            (YEAR_10000, None),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            let text = OffsetDateTime::from_system_time(time + Duration::from_millis(700));
            assert_eq!(text.as_ref().map(OffsetDateTime::as_str), expected);
            assert_eq!(text.and_then(|moment| moment.to_system_time()), expected.map(|_| time));
        }
        assert!(OffsetDateTime::from_system_time(UNIX_EPOCH - Duration::from_secs(1)).is_none());
    }
}
