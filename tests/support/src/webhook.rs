//! Webhook receivers: signature verification and robustness.

use std::fmt::{Debug, Write as _};

use mft_common::webhook::{WebhookError, hmac_sha256};
use mft_common::{Result, Secret};
use proptest::prelude::*;

use crate::leaks::{both_hide, debug_hides};

/// A secret, a body and its signature.
pub type Vector = (&'static str, &'static str, &'static str);

/// A function of a verifier, applied to a body and its signature.
pub type Check<V, T> = fn(&V, &[u8], Option<&str>) -> Result<T, WebhookError>;

/// The webhook receiver of a client: its verifier and its events.
#[derive(Debug, Clone, Copy)]
pub struct Receiver<V, E> {
    /// Creates a verifier from secrets.
    pub with_secrets: fn(&[&str]) -> Result<V>,
    /// Verifies a signature.
    pub verify: Check<V, ()>,
    /// Verifies a signature and parses the event.
    pub event: Check<V, E>,
    /// Parses an event.
    pub from_trusted: fn(&[u8]) -> Result<E, WebhookError>,
}

/// Encodes bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the signature of a body in hexadecimal.
#[must_use]
pub fn signature(secret: &str, body: &str) -> String {
    hex(&hmac_sha256(&Secret::new(secret), body.as_bytes()))
}

impl<V: Debug, E: Debug> Receiver<V, E> {
    fn verifier(&self, secret: &str) -> V {
        (self.with_secrets)(&[secret]).unwrap()
    }

    /// Asserts that each spelling of the vector's signature is accepted.
    pub fn accepts(&self, (secret, body, _): Vector, spellings: &[String]) {
        let verifier = self.verifier(secret);
        for spelled in spellings {
            assert_eq!((self.verify)(&verifier, body.as_bytes(), Some(spelled)), Ok(()), "{spelled}");
        }
    }

    /// Asserts that missing, malformed and wrong signatures have distinct errors, independent of the body.
    pub fn distinguishes_signature_errors(&self, (secret, body, right): Vector, malformed: &[&str], wrong: &[&str]) {
        let verifier = self.verifier(secret);
        let other_signature = signature("other", body);
        let other_signature = other_signature.as_str();
        let malformed = malformed.iter().chain(&["", "é"]).map(|text| (Some(*text), WebhookError::MalformedSignature));
        let wrong = wrong.iter().chain([&other_signature]).map(|text| (Some(*text), WebhookError::WrongSignature));
        for (signature, expected) in malformed.chain(wrong).chain([(None, WebhookError::MissingSignature)]) {
            let error = (self.verify)(&verifier, body.as_bytes(), signature).unwrap_err();
            assert_eq!((&error, error.suggested_status().as_u16()), (&expected, 401), "{signature:?}");
            assert_eq!((self.event)(&verifier, body.as_bytes(), signature).unwrap_err(), expected);
        }
        let with_newline = format!("{body}\n");
        let changed = (self.verify)(&verifier, with_newline.as_bytes(), Some(right));
        assert_eq!(changed, Err(WebhookError::WrongSignature));
    }

    /// Asserts that any of several secrets may have signed, and that an empty secret is rejected.
    pub fn accepts_any_of_several_secrets(&self, (secret, body, right): Vector) {
        for secrets in [["new", secret], [secret, "new"]] {
            let verifier = (self.with_secrets)(&secrets).unwrap();
            assert_eq!((self.verify)(&verifier, body.as_bytes(), Some(right)), Ok(()));
        }
        let verifier = (self.with_secrets)(&["new", "newer"]).unwrap();
        assert_eq!((self.verify)(&verifier, body.as_bytes(), Some(right)), Err(WebhookError::WrongSignature));
        for secrets in [vec![], vec![""], vec![" \n"], vec![secret, ""]] {
            let error = (self.with_secrets)(&secrets).unwrap_err();
            assert!(error.is_invalid_input() && error.to_string().contains("signing secret"), "{error}");
        }
    }

    /// Asserts that flipping any single bit is detected.
    pub fn detects_flipped_bits(&self) {
        proptest!(|(
            secret in "[!-~][ -~]{0,79}", body in proptest::collection::vec(any::<u8>(), 1..300),
            at in any::<prop::sample::Index>(), bit in 0_u8..8,
        )| {
            let verifier = self.verifier(&secret);
            let signature = hmac_sha256(&Secret::new(secret), &body);
            prop_assert_eq!((self.verify)(&verifier, &body, Some(&hex(&signature))), Ok(()));
            let mut flipped_signature = signature;
            flipped_signature[at.index(32)] ^= 1 << bit;
            let wrong = (self.verify)(&verifier, &body, Some(&hex(&flipped_signature)));
            prop_assert_eq!(wrong, Err(WebhookError::WrongSignature));
            let mut flipped_body = body.clone();
            let index = at.index(flipped_body.len());
            flipped_body[index] ^= 1 << bit;
            let wrong = (self.verify)(&verifier, &flipped_body, Some(&hex(&signature)));
            prop_assert_eq!(wrong, Err(WebhookError::WrongSignature));
        });
    }

    /// Asserts that no signature and no body makes the receiver panic.
    pub fn never_panics(&self) {
        let verifier = self.verifier("secret");
        proptest!(|(signature in "\\PC{0,100}", body in "\\PC{0,200}")| {
            prop_assert!((self.verify)(&verifier, body.as_bytes(), Some(&signature)).is_err());
            let _ = (self.from_trusted)(body.as_bytes());
        });
    }

    /// Asserts that neither the verifier nor its errors print a secret, even if the sender sends it.
    pub fn hides_its_secret(&self, marker: &str) {
        let verifier = self.verifier(marker);
        debug_hides(&verifier);
        for signature in [marker.to_owned(), "0".repeat(64)] {
            both_hide(&(self.verify)(&verifier, marker.as_bytes(), Some(&signature)).unwrap_err());
        }
    }

    /// Asserts that a signed body that is not an event is a bad request and is not quoted.
    pub fn rejects_non_events(&self, bodies: &[&str]) {
        let verifier = self.verifier("s3cret-key");
        for body in ["", "hunter2", "[]", "<html>hunter2</html>"].iter().chain(bodies) {
            let error = (self.event)(&verifier, body.as_bytes(), Some(&signature("s3cret-key", body))).unwrap_err();
            assert!(
                matches!(error, WebhookError::NotAnEvent(_)) && error.suggested_status() == 400,
                "{body}: {error:?}"
            );
            let debug_text = format!("{error} {error:?} {verifier:?}");
            assert!(!debug_text.contains("hunter2") && !debug_text.contains("s3cret-key"), "{debug_text}");
        }
    }
}
