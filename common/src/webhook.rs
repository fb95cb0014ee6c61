//! What receivers of webhooks share: signatures, and why a delivery is refused.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::{Error, Secret};

/// Why a delivery is not to be trusted or not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The header with the signature is missing.
    #[error("the delivery has no signature")]
    MissingSignature,
    /// The header does not hold a signature in a form that the service uses.
    #[error("the delivery's signature is not a SHA-256 signature")]
    MalformedSignature,
    /// No secret makes this signature of this body.
    #[error("the delivery's signature does not match its body")]
    WrongSignature,
    /// The signature is right and the body is not an event.
    #[error("the delivery is signed but is not an event: {0}")]
    NotAnEvent(String),
}

impl WebhookError {
    /// The status to answer with: 401 for a signature, 400 for a body.
    #[must_use]
    pub fn suggested_status(&self) -> StatusCode {
        match self {
            Self::NotAnEvent(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// For a signed body that does not decode. The decoder's own text quotes values, so only the place is told.
    #[must_use]
    pub fn not_an_event(error: &serde_json::Error) -> Self {
        Self::NotAnEvent(format!("line {} column {}", error.line(), error.column()))
    }
}

/// The secrets that deliveries may be signed with: several while one takes the place of another.
#[derive(Debug, Clone)]
pub struct SigningSecrets(Vec<Secret>);

impl SigningSecrets {
    /// Accepts signatures by any of these secrets.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where there is no secret or one is empty: services send an
    /// empty text where they withhold a secret, and everybody could sign with that.
    pub fn new<S: Into<Secret>>(secrets: impl IntoIterator<Item = S>) -> crate::Result<Self> {
        let secrets: Vec<Secret> = secrets.into_iter().map(Into::into).collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.expose().trim().is_empty()) {
            return Err(Error::invalid_input("signing secret", "is missing or empty"));
        }
        Ok(Self(secrets))
    }

    /// Checks the signature of a raw body. `parse` reads what the header says. Takes the same time whichever secret
    /// signed it, or none.
    ///
    /// # Errors
    ///
    /// [`WebhookError`] for a signature that is missing, malformed or wrong.
    pub fn verify(
        &self,
        body: &[u8],
        signature: Option<&str>,
        parse: fn(&str) -> Option<[u8; 32]>,
    ) -> Result<(), WebhookError> {
        let signature = signature.ok_or(WebhookError::MissingSignature)?;
        let signature = parse(signature).ok_or(WebhookError::MalformedSignature)?;
        if is_signed(&self.0, body, &signature) { Ok(()) } else { Err(WebhookError::WrongSignature) }
    }
}

/// Reads what stands beside an event. In a shape that this version does not know it counts as absent: an error would
/// have the service give up the delivery, or repeat it in vain.
pub fn where_understood<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

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
        return parse_hex_signature(digest);
    }
    base64::engine::general_purpose::STANDARD.decode(digest).ok()?.try_into().ok()
}

/// Reads a signature of 64 hexadecimal digits in any case and nothing else.
#[must_use]
pub fn parse_hex_signature(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim().as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = ((pair[0] as char).to_digit(16)?, (pair[1] as char).to_digit(16)?);
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
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
