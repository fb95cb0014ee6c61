//! Errors as text: one line, without bodies, query strings and secrets.

use std::fmt;

use super::{Error, ErrorKind};
use crate::secret::{self, Secret};

/// The number of bytes that are searched for secrets.
const SEARCHED: usize = 64 * 1024;

/// Masks, truncates and escapes text of the service. The result is one line without terminal escape sequences.
pub(super) fn sanitize(text: &str, secrets: &[Secret], limit: usize) -> Box<str> {
    // Secrets are masked before the text is truncated. Otherwise the first half of a secret could remain at the end. The
    // search itself is bounded, so a secret that the bound halves is cut off afterwards.
    let head = floor_char_boundary(text, SEARCHED);
    let mut masked = secret::mask(&text[..head], secrets);
    if head < text.len() {
        masked.truncate(floor_char_boundary(&masked, masked.len().saturating_sub(secret::longest(secrets))));
    }
    let mut sanitized = String::with_capacity(masked.len().min(limit));
    for character in masked.chars() {
        let printable = !character.is_control()
            && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let width = if printable { character.len_utf8() } else { character.escape_default().len() };
        if sanitized.len() + width + '…'.len_utf8() > limit {
            sanitized.push('…');
            break;
        }
        if printable { sanitized.push(character) } else { sanitized.extend(character.escape_default()) }
    }
    sanitized.into()
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&index| text.is_char_boundary(index)).unwrap_or(0)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        match (inner.status, inner.kind) {
            (Some(status), ErrorKind::Decode | ErrorKind::Protocol) => {
                write!(f, "{status}, but the response is invalid")?;
            }
            (Some(status), ErrorKind::Interrupted) => write!(f, "{status}, but the response was truncated")?,
            (Some(status), ErrorKind::Timeout) => write!(f, "{status}, but the response timed out")?,
            (Some(status), _) => write!(f, "{status}")?,
            (None, ErrorKind::InvalidInput) => f.write_str("invalid input")?,
            (None, ErrorKind::Connect) => f.write_str("could not connect")?,
            (None, ErrorKind::Timeout) => f.write_str("timed out")?,
            (None, ErrorKind::Interrupted) => f.write_str("the connection broke")?,
            (None, ErrorKind::Auth) => f.write_str("no credentials could be obtained")?,
            (None, ErrorKind::Protocol) => f.write_str("the service violates its contract")?,
            (None, _) => f.write_str("failed")?,
        }
        if let Some(code) = &inner.code {
            write!(f, " ({code})")?;
        }
        // Many services repeat the reason phrase as message.
        let reason = inner.status.and_then(|status| status.canonical_reason()).unwrap_or_default();
        if let Some(message) = inner.message.as_deref().filter(|message| !message.eq_ignore_ascii_case(reason)) {
            write!(f, ": {message}")?;
        }
        if let Some(wait) = inner.retry_after {
            write!(f, " [retry after {wait:?}]")?;
        }
        if let Some(id) = &inner.request_id {
            write!(f, " [request id {id}]")?;
        }
        if inner.attempts > 1 {
            write!(f, " after {} attempts", inner.attempts)?;
        }
        if let Some(note) = inner.note {
            write!(f, " (not retried: {note})")?;
        }
        if self.is_ambiguous() {
            f.write_str(" (may have been applied)")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("outcome", &self.outcome())
            .field("operation", &inner.operation)
            .field("status", &inner.status.map(|status| status.as_u16()))
            .field("code", &inner.code)
            .field("message", &inner.message)
            .field("request_id", &inner.request_id)
            .field("retry_after", &inner.retry_after)
            .field("attempts", &inner.attempts)
            .field("body", &format_args!("{} bytes", inner.body.len()))
            .field("source", &inner.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::error::MAX_ERROR_BODY;

    #[test]
    fn service_text_stays_one_short_line_without_secrets() {
        let secret = [Secret::new("k3y-material")];
        let long = format!("a\r\n\u{1b}[31mred\u{202e} k3y-material {}", "x".repeat(4_000));
        let error = Error::other("").with_message(&long, &secret);
        let message = error.message().unwrap();
        assert!(message.starts_with("a\\r\\n\\u{1b}[31mred\\u{202e} *** xxx"), "{message}");
        assert!(message.len() <= 1024 && message.ends_with('…'));
        // A secret across the limit is masked before the text is truncated.
        let straddling = format!("{}k3y-material", "y".repeat(1_018));
        assert!(!Error::other("").with_message(&straddling, &secret).message().unwrap().contains("k3y"));
        // So is one across the end of the search that moves forward because others are masked.
        for offset in 0..40 {
            let many = format!("{}{}", "-".repeat(offset), "k3y-material".repeat(SEARCHED / 12 + 2));
            let error =
                Error::other("").with_message(&many, &[Secret::new("k3y-material".repeat(100)), secret[0].clone()]);
            assert!(!error.message().unwrap().contains("k3y"), "{offset}");
        }
    }

    #[test]
    fn a_large_body_is_cut_and_never_printed() {
        let error = Error::other("x").with_body(Bytes::from(vec![b'S'; MAX_ERROR_BODY + 1]));
        assert_eq!(error.body().len(), MAX_ERROR_BODY);
        assert!(format!("{error:?}").contains("body: 65536 bytes"));
        assert!(!format!("{error:?}{error}").contains("SSS"));
    }
}
