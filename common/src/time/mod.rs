//! Timestamps of the services, with the unit in the type.

mod utc;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Milliseconds since the Unix epoch.
///
/// Deserializes from integers, numbers with a zero fraction, and strings of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

/// Seconds since the Unix epoch.
///
/// Deserializes from integers, numbers with a zero fraction, and strings of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(pub i64);

macro_rules! unix_time {
    ($name:ident, $from:ident, $per_second:literal, $nanos_per_unit:literal) => {
        impl $name {
            /// Returns the timestamp as [`SystemTime`], or `None` if it is out of range.
            #[must_use]
            pub fn to_system_time(self) -> Option<SystemTime> {
                let distance = Duration::$from(self.0.unsigned_abs());
                if self.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
            }

            /// Creates a timestamp from a [`SystemTime`], rounded down to the unit.
            #[must_use]
            pub fn from_system_time(time: SystemTime) -> Self {
                Self(clamp(unix_nanos(time).div_euclid($nanos_per_unit)))
            }
        }

        impl From<SystemTime> for $name {
            fn from(time: SystemTime) -> Self {
                Self::from_system_time(time)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::codec::lenient::integer(deserializer).map(Self)
            }
        }

        #[cfg(feature = "time")]
        impl TryFrom<$name> for ::time::OffsetDateTime {
            type Error = ::time::error::ComponentRange;

            fn try_from(timestamp: $name) -> Result<Self, Self::Error> {
                Self::from_unix_timestamp_nanos(i128::from(timestamp.0) * $nanos_per_unit)
            }
        }

        #[cfg(feature = "time")]
        impl From<::time::OffsetDateTime> for $name {
            fn from(timestamp: ::time::OffsetDateTime) -> Self {
                Self(clamp(timestamp.unix_timestamp_nanos().div_euclid($nanos_per_unit)))
            }
        }

        #[cfg(feature = "chrono")]
        impl From<::chrono::DateTime<::chrono::Utc>> for $name {
            fn from(timestamp: ::chrono::DateTime<::chrono::Utc>) -> Self {
                Self(timestamp.timestamp_millis().div_euclid(1000 / $per_second))
            }
        }

        #[cfg(feature = "chrono")]
        impl $name {
            /// Returns the timestamp as a `chrono` type, or `None` if it is out of range.
            #[must_use]
            pub fn to_chrono(self) -> Option<::chrono::DateTime<::chrono::Utc>> {
                ::chrono::DateTime::from_timestamp_millis(self.0.checked_mul(1000 / $per_second)?)
            }
        }
    };
}

unix_time!(UnixMillis, from_millis, 1000, 1_000_000);
unix_time!(UnixSeconds, from_secs, 1, 1_000_000_000);

fn unix_nanos(time: SystemTime) -> i128 {
    let nanos = |distance: Duration| i128::try_from(distance.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanos(after),
        Err(before) => -nanos(before.duration()),
    }
}

fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// A date and time with UTC offset, such as `2025-10-09T08:53:20.123Z`. The original text is precision.
///
/// Values are compared by time, not by text.
///
/// # Examples
///
/// ```
/// use mft_common::{OffsetDateTime, UnixMillis};
///
/// let utc: OffsetDateTime = "2025-10-09T08:53:20.123Z".parse()?;
/// let local: OffsetDateTime = "2025-10-09T03:53:20.123-05:00".parse()?;
/// assert_eq!(utc, local);
/// assert_eq!(utc.unix_millis(), UnixMillis(1_760_000_000_123));
/// assert_eq!(local.to_string(), "2025-10-09T03:53:20.123-05:00");
/// # Ok::<(), mft_common::ParseDateTimeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct OffsetDateTime {
    text: Box<str>,
    unix_nanos: i128,
    offset_seconds: i32,
}

impl OffsetDateTime {
    /// Returns the original text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the time in whole milliseconds, rounded down.
    #[must_use]
    pub fn unix_millis(&self) -> UnixMillis {
        UnixMillis(clamp(self.unix_nanos.div_euclid(1_000_000)))
    }

    /// Returns the UTC offset in seconds, positive to the east.
    #[must_use]
    pub fn offset_seconds(&self) -> i32 {
        self.offset_seconds
    }

    /// Returns the timestamp as [`SystemTime`], or `None` if it is out of range.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let nanos = self.unix_nanos.unsigned_abs();
        let below_a_second = u32::try_from(nanos % 1_000_000_000).ok()?;
        let distance = Duration::new(u64::try_from(nanos / 1_000_000_000).ok()?, below_a_second);
        if self.unix_nanos < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }
}

/// The text is not a date and time with offset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseDateTimeError;

impl fmt::Display for ParseDateTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date and time like 2025-10-09T08:53:20.123Z")
    }
}

impl std::error::Error for ParseDateTimeError {}

impl std::str::FromStr for OffsetDateTime {
    type Err = ParseDateTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (unix_nanos, offset_seconds) = parse(text).ok_or(ParseDateTimeError)?;
        Ok(Self { text: text.into(), unix_nanos, offset_seconds })
    }
}

/// Parses RFC 3339. Also accepts an offset without colon and with a leading space, which some services send.
fn parse(text: &str) -> Option<(i128, i32)> {
    let digits = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let is = |at: usize, allowed: &[u8]| text.as_bytes().get(at).is_some_and(|byte| allowed.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last_day).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut tail = text.get(19..)?;
    let mut fraction = 0;
    if let Some(after) = tail.strip_prefix('.') {
        let length = after.bytes().take_while(u8::is_ascii_digit).count();
        // Digits beyond nanoseconds exceed the precision of the type.
        let precision = length.min(9);
        fraction = after.get(..precision)?.parse::<i128>().ok()? * 10_i128.pow(9 - u32::try_from(precision).ok()?);
        tail = after.get(length..)?;
    }
    let offset_seconds = parse_offset(tail.trim_start_matches(' '))?;
    let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some((i128::from(seconds - i64::from(offset_seconds)) * 1_000_000_000 + fraction, offset_seconds))
}

fn parse_offset(text: &str) -> Option<i32> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text.get(1..)?.replacen(':', "", 1);
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Returns the days between 1970-01-01 and a Gregorian date. Years start in March.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl PartialEq for OffsetDateTime {
    fn eq(&self, other: &Self) -> bool {
        self.unix_nanos == other.unix_nanos
    }
}

impl Eq for OffsetDateTime {}

impl PartialOrd for OffsetDateTime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OffsetDateTime {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.unix_nanos.cmp(&other.unix_nanos)
    }
}

impl std::hash::Hash for OffsetDateTime {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.unix_nanos.hash(state);
    }
}

impl fmt::Display for OffsetDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for OffsetDateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for OffsetDateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = OffsetDateTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time")
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<OffsetDateTime, E> {
                value.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(feature = "time")]
impl TryFrom<&OffsetDateTime> for ::time::OffsetDateTime {
    type Error = ::time::error::ComponentRange;

    fn try_from(timestamp: &OffsetDateTime) -> Result<Self, Self::Error> {
        let offset = ::time::UtcOffset::from_whole_seconds(timestamp.offset_seconds)?;
        Ok(Self::from_unix_timestamp_nanos(timestamp.unix_nanos)?.to_offset(offset))
    }
}

#[cfg(feature = "chrono")]
impl OffsetDateTime {
    /// Returns the timestamp as a `chrono` type, or `None` if it is out of range.
    #[must_use]
    pub fn to_chrono(&self) -> Option<::chrono::DateTime<::chrono::FixedOffset>> {
        let seconds = i64::try_from(self.unix_nanos.div_euclid(1_000_000_000)).ok()?;
        let nanos = u32::try_from(self.unix_nanos.rem_euclid(1_000_000_000)).ok()?;
        let offset = ::chrono::FixedOffset::east_opt(self.offset_seconds)?;
        Some(::chrono::DateTime::from_timestamp(seconds, nanos)?.with_timezone(&offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_are_parsed() {
        for (text, millis, offset) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2025-10-09T08:53:20.123Z", 1_760_000_000_123, 0),
            ("2025-10-09T03:53:20.123-05:00", 1_760_000_000_123, -18_000),
            ("2025-10-09 08:53:20 +0000", 1_760_000_000_000, 0),
            ("2024-02-29T23:59:59.9999999999+14:00", 1_709_200_799_999, 50_400),
            ("1969-12-31T23:59:59.999Z", -1, 0),
            ("2000-03-01T00:00:00Z", 951_868_800_000, 0),
        ] {
            let parsed: OffsetDateTime = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!((parsed.unix_millis(), parsed.offset_seconds()), (UnixMillis(millis), offset), "{text}");
        }
    }

    #[test]
    fn invalid_date_times_are_rejected() {
        for text in [
            "",
            "2025",
            "2025-10-09",
            "2025-10-09T08:53:20",
            "2025-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-10-09T24:00:00Z",
            "2025-10-09T08:53:20+5",
            "2025-10-09T08:53:20+25:00",
            "２０25-10-09T08:53:20Z",
            "2025-10-09T08:53:20.Z1",
            "+025-10-09T08:53:20Z",
        ] {
            assert!(text.parse::<OffsetDateTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn unix_times_accept_the_encodings_of_the_services_only() {
        for text in ["1760000000123", "1760000000123.0", "1.760000000123e12", r#""1760000000123""#] {
            assert_eq!(serde_json::from_str::<UnixMillis>(text).unwrap(), UnixMillis(1_760_000_000_123), "{text}");
        }
        for text in ["1.5", r#""""#, r#""soon""#, "null", "true", "18446744073709551615", "1e300"] {
            assert!(serde_json::from_str::<UnixMillis>(text).is_err(), "{text}");
        }
        let timestamp = UnixMillis(-1_500);
        assert_eq!(UnixMillis::from_system_time(timestamp.to_system_time().unwrap()), timestamp);
        assert_eq!(UnixSeconds::from_system_time(timestamp.to_system_time().unwrap()), UnixSeconds(-2));
    }
}
