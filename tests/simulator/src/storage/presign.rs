//! Presigned URLs and forms in the formats of AWS Signature Version 2 and 4, with a signature of our plain.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use super::error::{StorageError, StorageResult};
use crate::hash::{hex, hmac_sha256};
use crate::server::{UNRESERVED, iso_millis};

const CREDENTIAL: &str = "AKIASIMULATOR";
const SCOPE: &str = "us-east-1%2Fs3%2Faws4_request";

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// Signs and verifies. The signature covers path and query byte for byte as sent, so that a URL that was re-encoded on
/// the way is rejected.
pub(super) struct Signer {
    key: String,
}

/// The decoded query of a presigned URL.
#[derive(Debug)]
pub(super) struct SignedQuery(Vec<(String, String)>);

impl SignedQuery {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Signer {
    pub(super) fn new(key: String) -> Self {
        Self { key }
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        hmac_sha256(&self.key, text.as_bytes())
    }

    /// Signs with the time of signing, the lifetime, and a hex signature.
    pub(super) fn sign_v4(&self, method: &str, path: &str, query: &str, now_ms: i64, life: Duration) -> String {
        let date = basic_date(now_ms);
        let unsigned = format!(
            "{query}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={CREDENTIAL}%2F{}%2F{SCOPE}&X-Amz-Date={date}\
             &X-Amz-Expires={}&X-Amz-SignedHeaders=host",
            &date[..8],
            life.as_secs()
        );
        let signature = hex(&self.mac(&format!("{method}\n{path}\n{unsigned}")));
        format!("{unsigned}&X-Amz-Signature={signature}")
    }

    /// Signs with the time of expiration and a base64 signature.
    pub(super) fn sign_v2(&self, method: &str, path: &str, query: &str, now_ms: i64, life: Duration) -> String {
        let expires = now_ms.div_euclid(1000).saturating_add_unsigned(life.as_secs());
        let unsigned = format!("AWSAccessKeyId={CREDENTIAL}&Expires={expires}&{query}");
        let signature = BASE64.encode(self.mac(&format!("{method}\n{path}\n{unsigned}")));
        format!("{unsigned}&Signature={}", encode(&signature))
    }

    /// Verifies the signature and the expiration of a URL.
    pub(super) fn check(
        &self,
        method: &str,
        path: &str,
        query: &str,
        now_ms: i64,
        pretend_expired: bool,
    ) -> StorageResult<SignedQuery> {
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        let signed = SignedQuery(pairs.collect());
        let (signature, expected) = match (signed.get("X-Amz-Signature"), signed.get("Signature")) {
            (Some(signature), _) => (signature, hex(&self.mac(&unsigned(method, path, query, "X-Amz-Signature=")))),
            (None, Some(signature)) => {
                (signature, BASE64.encode(self.mac(&unsigned(method, path, query, "Signature="))))
            }
            (None, None) => return Err(StorageError::new("AccessDenied")),
        };
        // Object storages check expiration first, so an expired URL is reported as expired even if it has other
        // problems.
        let ends_ms = signed.ends_ms().ok_or_else(|| {
            StorageError::new("AccessDenied").message("Query-string authentication requires a valid date and expiry")
        })?;
        if pretend_expired || now_ms >= ends_ms {
            let mut error = StorageError::new("AccessDenied").message("Request has expired");
            if let Some(life) = signed.get("X-Amz-Expires") {
                error = error.detail("X-Amz-Expires", life);
            }
            let expired = if pretend_expired { now_ms - 1000 } else { ends_ms };
            let (expired, now) = (iso_seconds(expired), iso_seconds(now_ms));
            return Err(error.detail("Expires", expired).detail("ServerTime", now));
        }
        if signature != expected {
            return Err(StorageError::new("SignatureDoesNotMatch"));
        }
        Ok(signed)
    }

    /// Returns the fields of a form that may upload these values until its policy expires.
    pub(super) fn sign_form(&self, fields: &[(&str, String)], now_ms: i64, life: Duration) -> Vec<(String, String)> {
        let ends_ms = now_ms.saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
        let conditions: Vec<Value> = fields.iter().map(|(name, value)| json!({ *name: value })).collect();
        let policy = json!({ "expiration": iso_millis(ends_ms), "conditions": conditions }).to_string();
        let policy = BASE64.encode(policy);
        let signature = hex(&self.mac(&policy));
        let plain = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let signed = [
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-date", basic_date(now_ms)),
            ("policy", policy),
            ("x-amz-signature", signature),
        ];
        plain.chain(signed.map(|(name, value)| (name.to_owned(), value))).collect()
    }

    /// Verifies the signature, the expiration and the conditions of a form's policy.
    pub(super) fn check_form<'a>(
        &self,
        field: impl Fn(&str) -> Option<&'a str>,
        now_ms: i64,
        pretend_expired: bool,
    ) -> StorageResult<()> {
        let denied = || StorageError::new("AccessDenied");
        let policy = field("policy").ok_or_else(denied)?;
        let signature = field("x-amz-signature").ok_or_else(denied)?;
        if signature != hex(&self.mac(policy)) {
            return Err(StorageError::new("SignatureDoesNotMatch"));
        }
        let policy = BASE64.decode(policy).ok().and_then(|policy| serde_json::from_slice::<Value>(&policy).ok());
        let policy = policy.ok_or_else(denied)?;
        let ends_ms = policy["expiration"].as_str().and_then(read_date).ok_or_else(denied)?;
        if pretend_expired || now_ms >= ends_ms {
            return Err(denied().message("Invalid according to Policy: Policy expired."));
        }
        let conditions = policy["conditions"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
        for (name, value) in conditions {
            if field(name) != value.as_str() {
                let message = format!("Invalid according to Policy: Policy Condition failed: {name}");
                return Err(denied().message(message));
            }
        }
        Ok(())
    }
}

impl SignedQuery {
    fn ends_ms(&self) -> Option<i64> {
        if let Some(date) = self.get("X-Amz-Date") {
            let life: i64 = self.get("X-Amz-Expires")?.parse().ok()?;
            return read_date(date)?.checked_add(life.checked_mul(1000)?);
        }
        self.get("Expires")?.parse::<i64>().ok()?.checked_mul(1000)
    }
}

/// Returns the signed text: the request without its signature, as sent.
fn unsigned(method: &str, path: &str, query: &str, signature: &str) -> String {
    let remaining: Vec<_> = query.split('&').filter(|pair| !pair.starts_with(signature)).collect();
    format!("{method}\n{path}\n{}", remaining.join("&"))
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Formats a date as `20180502T101500Z`.
fn basic_date(unix_ms: i64) -> String {
    let date = iso_seconds(unix_ms);
    date.replace(['-', ':'], "")
}

/// Formats a date as `2018-05-02T10:15:00Z`.
fn iso_seconds(unix_ms: i64) -> String {
    let date = iso_millis(unix_ms);
    format!("{}Z", date.split('.').next().unwrap_or_default())
}

/// Parses both date formats. A fraction is dropped.
fn read_date(date: &str) -> Option<i64> {
    let date = date.strip_suffix('Z')?.split('.').next()?.replace(['-', ':'], "");
    let (day, time) = date.split_once('T')?;
    let number = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(day, 0, 4)?, number(day, 4, 6)?, number(day, 6, 8)?);
    let (hour, minute, second) = (number(time, 0, 2)?, number(time, 2, 4)?, number(time, 4, 6)?);
    // Howard Hinnant's algorithm. Years begin in March, so that leap days come last.
    let from_march = (month + 9) % 12;
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

#[cfg(test)]
mod tests {
    use super::{basic_date, iso_millis, read_date};

    #[test]
    fn dates_are_read_as_they_are_written() {
        for seconds in [0, 951_782_399, 951_782_400, 1_525_256_100, 1_760_000_000, 4_102_444_799, 13_574_563_200] {
            assert_eq!(read_date(&basic_date(seconds * 1000)), Some(seconds * 1000));
            assert_eq!(read_date(&iso_millis(seconds * 1000 + 999)), Some(seconds * 1000));
        }
        for wrong in ["", "Z", "20180502T101500", "20180502Z", "2018-05-02T10:1Z", "20ä80502T101500Z"] {
            assert_eq!(read_date(wrong), None, "{wrong}");
        }
    }
}
