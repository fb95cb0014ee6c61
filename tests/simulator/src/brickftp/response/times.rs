//! Times in whole seconds with an offset.

use crate::server::iso_millis;

/// Formats Unix milliseconds as `2018-05-02T10:00:00-04:00`.
pub(crate) fn iso(unix_ms: i64, offset_minutes: i32) -> String {
    let local = iso_millis(unix_ms.saturating_add(i64::from(offset_minutes) * 60_000));
    let seconds = local.split_once('.').map_or(local.as_str(), |(seconds, _)| seconds);
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.unsigned_abs();
    format!("{seconds}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Parses ISO 8601 into Unix milliseconds. Time, fraction and offset are optional.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00:00"));
    let mut parts = date.splitn(3, '-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let at = time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(at);
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let (second, fraction) = parts.next().map_or(("0", ""), |second| second.split_once('.').unwrap_or((second, "")));
    let second = digits(second)?;
    if hour > 23 || minute > 59 || second > 60 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis = format!("{fraction:0<3}").get(..3).and_then(digits)?;
    let offset = offset(zone)?;
    Some((((days(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + millis)
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Returns minutes.
fn offset(zone: &str) -> Option<i64> {
    let zone = zone.trim();
    if matches!(zone, "" | "Z" | "z" | "UTC") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits_only = zone.trim_start_matches(['+', '-']).replace(':', "");
    let (hours, minutes) = (digits(digits_only.get(..2)?)?, digits(digits_only.get(2..4).unwrap_or("00"))?);
    Some(sign * (hours * 60 + minutes))
}

/// Returns days since 1970. Years are counted from March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{iso, parse};

    #[test]
    fn times_are_read_and_written() {
        for (text, expected) in [
            ("2018-05-02T10:00:00-04:00", Some(1_525_269_600_000)),
            ("2018-05-02T14:00:00Z", Some(1_525_269_600_000)),
            ("2018-05-02 14:00:00.5 UTC", Some(1_525_269_600_500)),
            ("2000-02-29T00:00:00+0530", Some(951_762_600_000)),
            ("1970-01-01", Some(0)),
            ("2018-13-02", None),
            ("2018-05-02T25:00", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(iso(1_525_269_600_999, -240), "2018-05-02T10:00:00-04:00");
        assert_eq!(iso(951_762_600_000, 330), "2000-02-29T00:00:00+05:30");
    }
}
