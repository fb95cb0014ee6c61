//! Signatures of webhook deliveries.

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
