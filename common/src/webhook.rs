//! Webhook signatures and the errors of receivers.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::{Error, Secret};

/// Why a delivery was rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The signature header is missing.
    #[error("the delivery has no signature")]
    MissingSignature,
    /// The header does not contain a signature in a format of the service.
    #[error("the delivery's signature is not a SHA-256 signature")]
    MalformedSignature,
    /// The signature matches none of the secrets.
    #[error("the delivery's signature does not match its body")]
    WrongSignature,
    /// The signature is valid, but the body is not an event.
    #[error("the delivery is signed but is not an event: {0}")]
    NotAnEvent(String),
}

impl WebhookError {
    /// Returns the status for the response: 401 for the signature, 400 for the body.
    #[must_use]
    pub fn suggested_status(&self) -> StatusCode {
        match self {
            Self::NotAnEvent(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// Creates the error for a signed body that does not decode. It contains only the position, because the message of the
    /// decoder quotes values.
    #[must_use]
    pub fn not_an_event(error: &serde_json::Error) -> Self {
        Self::NotAnEvent(format!("line {} column {}", error.line(), error.column()))
    }
}

/// The secrets of a receiver. During a rotation there are several.
#[derive(Debug, Clone)]
pub struct SigningSecrets(Vec<Secret>);

impl SigningSecrets {
    /// Creates a set of secrets. A signature by any of them is accepted.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no secret or one is blank. Services send an
    /// empty string for a withheld secret, and anyone could sign with it.
    pub fn new<S: Into<Secret>>(secrets: impl IntoIterator<Item = S>) -> crate::Result<Self> {
        let secrets: Vec<Secret> = secrets.into_iter().map(Into::into).collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.expose().trim().is_empty()) {
            return Err(Error::invalid_input("signing secret", "is missing or empty"));
        }
        Ok(Self(secrets))
    }

    /// Verifies the signature of a raw body in constant time. `parse` decodes the header.
    ///
    /// # Errors
    ///
    /// Fails with a [`WebhookError`] if the signature is missing, malformed or wrong.
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

/// Deserializes metadata of an event, or the default if its format is unknown. An error would make the service drop or
/// repeat the delivery.
pub fn where_understood<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

/// Returns the HMAC-SHA256 of a raw body.
#[must_use]
pub fn hmac_sha256(secret: &Secret, message: &[u8]) -> [u8; 32] {
    // HMAC accepts keys of any length, so `new_from_slice` cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Parses a signature: an optional `sha256=`, then 64 hexadecimal digits or 32 bytes in base64. Case is ignored.
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

/// Parses a signature of 64 hexadecimal digits. Case is ignored.
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

/// Returns whether one of the secrets signed a delivery, in constant time.
///
/// An empty secret never matches, because services send it for a withheld secret.
#[must_use]
pub fn is_signed(secrets: &[Secret], message: &[u8], signature: &[u8; 32]) -> bool {
    let mut matches = subtle::Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        matches |= hmac_sha256(secret, message).ct_eq(signature);
    }
    matches.into()
}
