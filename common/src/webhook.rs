//! Signatures of webhook deliveries.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::Secret;

/// HMAC-SHA256 of a delivery's raw body.
#[must_use]
pub fn hmac_sha256(secret: &Secret, message: &[u8]) -> [u8; 32] {
    // Keys of every length are allowed; `new_from_slice` cannot fail for HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Reads a signature: an optional `sha256=` in any case, then 64 hexadecimal digits in any case or 32 bytes of base64.
#[must_use]
pub fn parse_signature(text: &str) -> Option<[u8; 32]> {
    const PREFIX: &str = "sha256=";
    let text = text.trim();
    let digest = match text.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &text[PREFIX.len()..],
        _ => text,
    };
    if digest.len() == 64 {
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digest.as_bytes().chunks_exact(2)) {
            let (high, low) = ((pair[0] as char).to_digit(16)?, (pair[1] as char).to_digit(16)?);
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        return Some(bytes);
    }
    base64::engine::general_purpose::STANDARD.decode(digest).ok()?.try_into().ok()
}

/// Whether a delivery was signed with one of the secrets. Takes the same time whichever one it was, or none.
///
/// An empty secret never matches: services send it for "withheld".
#[must_use]
pub fn is_signed(secrets: &[Secret], message: &[u8], signature: &[u8; 32]) -> bool {
    let mut matches = subtle::Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        matches |= hmac_sha256(secret, message).ct_eq(signature);
    }
    matches.into()
}
