//! `Retry-After` and `Date` headers.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use crate::Origin;
use crate::clock::Clock;

/// Returns the delay in `Retry-After`: seconds, or a date, which is compared with the clock of the server.
///
/// If the header occurs several times, the longest delay is used. Invalid values are ignored.
pub(crate) fn retry_after(headers: &HeaderMap, clock: &Clock, origin: &Origin) -> Option<Duration> {
    let mut values = headers.get_all(header::RETRY_AFTER).iter().peekable();
    values.peek()?;
    observe_date(headers, clock, origin);
    values
        .filter_map(|value| {
            let text = value.to_str().ok()?.trim();
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                // A number that overflows is a very long delay, not an invalid value.
                return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
            }
            parse_date(text).map(|date| clock.until(date, origin))
        })
        .max()
}

/// Records the clock offset of the server from the `Date` header.
pub(crate) fn observe_date(headers: &HeaderMap, clock: &Clock, origin: &Origin) {
    if let Some(date) = headers.get(header::DATE).and_then(|date| date.to_str().ok()).and_then(parse_date) {
        clock.observe(origin, date);
    }
}

fn parse_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wait(values: &[&str], date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::RETRY_AFTER, http::HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        retry_after(&headers, &Clock::start(), &"https://api.example.com".parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_read_in_all_its_forms() {
        let server_clock = Some("Sun, 06 Nov 1994 08:49:30 GMT");
        for (values, date, expected) in [
            (vec!["2"], None, Some(2)),
            (vec![" 7 "], None, Some(7)),
            (vec!["0"], None, Some(0)),
            (vec!["Sun, 06 Nov 1994 08:49:37 GMT"], server_clock, Some(7)),
            (vec!["Sunday, 06-Nov-94 08:49:37 GMT"], server_clock, Some(7)),
            (vec!["Sun Nov  6 08:49:37 1994"], server_clock, Some(7)),
            (vec!["Sun, 06 Nov 1994 08:00:00 GMT"], server_clock, Some(0)),
            (vec!["Sun, 06 Nov 1994 08:49:37 GMT"], None, Some(0)),
            (vec!["1", "5"], None, Some(5)),
            (vec!["soon", "5"], None, Some(5)),
            (vec!["99999999999999999999999"], None, Some(u64::from(u32::MAX))),
            (vec!["-1"], None, None),
            (vec!["1e9"], None, None),
            (vec!["1.5"], None, None),
            (vec![""], None, None),
            (vec![], server_clock, None),
        ] {
            assert_eq!(wait(&values, date), expected.map(Duration::from_secs), "{values:?} {date:?}");
        }
    }

    proptest! {
        #[test]
        fn no_retry_after_breaks_the_parser(value in "[ -~]{0,60}") {
            let _ = wait(&[&value], Some("Sun, 06 Nov 1994 08:49:30 GMT"));
        }

        #[test]
        fn whole_seconds_come_back_as_they_went_in(seconds in 0_u64..=u64::from(u32::MAX)) {
            prop_assert_eq!(wait(&[&seconds.to_string()], None), Some(Duration::from_secs(seconds)));
        }
    }
}
