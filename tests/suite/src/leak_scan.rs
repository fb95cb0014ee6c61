//! Scans text for secrets in the encodings in which they may leave a program.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use mft_common::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A set of secrets, each in all its encodings.
#[derive(Debug)]
pub struct Secrets(Vec<(Vec<String>, String)>);

impl Secrets {
    /// Creates a set from plain secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let distinct: BTreeSet<String> = secrets.into_iter().collect();
        Self(distinct.into_iter().map(|secret| (spellings(&secret), secret)).collect())
    }

    /// Returns the first secret that the text contains, in any encoding.
    #[must_use]
    pub fn find_in(&self, text: &str) -> Option<&str> {
        self.place_in(text).map(|(secret, _)| secret)
    }

    fn place_in(&self, text: &str) -> Option<(&str, usize)> {
        let place = |spellings: &[String]| spellings.iter().find_map(|spelling| text.find(spelling.as_str()));
        self.0.iter().find_map(|(spellings, secret)| Some((secret.as_str(), place(spellings)?)))
    }

    /// Fails with the line that contains a secret.
    pub fn assert_absent(&self, text: &str, source: &str) {
        if let Some((secret, place)) = self.place_in(text) {
            let start = text[..place].rfind('\n').map_or(0, |end| end + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            panic!("{source} shows the secret {secret:?}: {line}");
        }
    }

    /// The same for all text that an error can print.
    pub fn assert_no_secrets(&self, error: &Error) {
        self.assert_absent(&error_text(error), "an error");
    }
}

/// Returns all text of an error: `Display`, `Debug`, its fields and its sources. The body is excluded because it
/// belongs to the caller.
#[must_use]
pub fn error_text(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    for part in [error.message(), error.code(), error.request_id(), error.operation()].into_iter().flatten() {
        text.push_str(part);
        text.push('\n');
    }
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = writeln!(text, "{cause}\n{cause:?}");
        source = cause.source();
    }
    text
}

/// Characters that are not escaped in the user information of a URI.
const USER_INFO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let list = |base: fn(&u8) -> String, between: &str| bytes.iter().map(base).collect::<Vec<_>>().join(between);
    let mut spellings = vec![
        secret.to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, USER_INFO).to_string(),
        secret.escape_debug().to_string(),
        list(ToString::to_string, ", "),
        list(|byte| format!("{byte:02x}"), ""),
    ];
    // In longer text, the secret can start at any of the three offsets of a base64 group.
    for before in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([vec![b'_'; before], bytes.to_vec()].concat());
        let (start, end) = ([0, 2, 3][before], encoded.len() - 1);
        if let Some(inner) = encoded.get(start..end) {
            spellings.push(inner.to_owned());
        }
    }
    spellings.retain(|spelling| spelling.len() >= 8);
    spellings.sort();
    spellings.dedup();
    spellings
}
