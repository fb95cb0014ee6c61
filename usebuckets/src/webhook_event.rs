//! Webhook receivers: signature verification and typed events.
//!
//! A delivery is a `POST` request. The header `x-buckets-signature` contains the signature of the raw body, made with the
//! account's notification key. Pass both to a [`Verifier`] before any other code reads the body. It works with any web
//! framework.
//!
//! Respond with 2xx quickly and process the event afterwards. The service retries a delivery after any other status and
//! after a timeout, with backoff for 24 hours. The same event may be delivered more than once, and deliveries have no id:
//! deduplicate by [`WebhookEvent::deduplication_key`]. The signature does not cover a delivery time, so an observer can
//! replay a delivery. Detect replays with [`WebhookEvent::fired_at`] and the deduplication key.
//!
//! # Examples
//!
//! ```
//! use usebuckets::webhook_event::{EventKind, Verifier};
//!
//! // During a key rotation, pass the new and the old key.
//! let verifier = Verifier::new(["key-new", "notification-key"])?;
//! let body = br#"{"event":"user.deleted","fired_at":1700000300,"user_id":"bio_test_usr_3fj0w8d2k1z"}"#;
//! let signature = "8554f8ea83e6cf6fe4bd5eb6b04ddd66530917137f344cb5ca22c62aad3ba1ff";
//! verifier.verify(body, Some(signature))?;
//!
//! match verifier.event(body, Some(signature)) {
//!     Ok(event) => match event.kind() {
//!         EventKind::User => println!("{:?}: {:?}", event.event, event.user_id),
//!         _ => println!("{event:?}"),
//!     },
//!     Err(error) => println!("respond with {}: {error}", error.suggested_status()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::marker::PhantomData;

pub use mft_common::webhook::WebhookError;
use mft_common::webhook::{SigningSecrets, parse_hex_signature, where_understood};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::json;

use crate::{BucketId, EventType, Result, Secret, UnixSeconds, UserId};

/// The name of the signature header.
pub const SIGNATURE_HEADER: &str = "x-buckets-signature";

/// Verifies the signatures of deliveries.
#[derive(Debug, Clone)]
pub struct Verifier(SigningSecrets);

impl Verifier {
    /// Creates a verifier that accepts signatures of any of the notification keys.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no key or one is empty. Anyone could sign
    /// with an empty key.
    pub fn new<S: Into<Secret>>(keys: impl IntoIterator<Item = S>) -> Result<Self> {
        SigningSecrets::new(keys).map(Self)
    }

    /// Verifies the signature of a raw body, exactly as received. The comparison takes constant time.
    ///
    /// The signature must be 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Fails if the signature is missing, malformed or wrong.
    pub fn verify(&self, body: &[u8], signature: Option<&str>) -> Result<(), WebhookError> {
        self.0.verify(body, signature, parse_hex_signature)
    }

    /// Verifies the signature and decodes the event.
    ///
    /// # Errors
    ///
    /// Fails if the signature is missing, malformed or wrong, or if the body is not an event. An unknown event type is not
    /// an error.
    pub fn event(&self, body: &[u8], signature: Option<&str>) -> Result<WebhookEvent, WebhookError> {
        self.verify(body, signature)?;
        WebhookEvent::from_trusted(body)
    }
}

mft_common::open_enum! {
    /// The kind of resource of an event: the part of the event type before the dot.
    EventKind {
        /// A bucket.
        Bucket = "bucket",
        /// A user.
        User = "user",
        /// A file.
        File = "file",
    }
}

/// An event.
///
/// Only the event type and the time are always present. The documentation and its example contradict each other on which
/// events contain the bucket.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The event type.
    pub event: EventType,
    /// The time of the event, in seconds. The same in repeated deliveries.
    pub fired_at: UnixSeconds,
    /// The bucket.
    #[serde(default, deserialize_with = "where_understood")]
    pub bucket_id: Option<BucketId>,
    /// The user of a user event, or the user that acted on a file.
    #[serde(default, deserialize_with = "where_understood")]
    pub user_id: Option<UserId>,
    /// The path of the file from the root of the bucket, including the file name.
    #[serde(default, deserialize_with = "where_understood")]
    pub file_path: Option<String>,
    /// The name of the file.
    #[serde(default, deserialize_with = "where_understood")]
    pub file_name: Option<String>,
    /// The whole file, as received, if the notification includes it. The encoding of binary files is not documented.
    /// `Debug` shows only the length.
    #[serde(default, deserialize_with = "where_understood")]
    pub file_contents: Option<String>,
}

impl WebhookEvent {
    /// Decodes an event without verifying a signature. Use [`Verifier::event`] for bodies from the network.
    ///
    /// # Errors
    ///
    /// Fails with [`WebhookError::NotAnEvent`] if the body is not an event.
    ///
    /// # Examples
    ///
    /// ```
    /// use usebuckets::EventType;
    /// use usebuckets::webhook_event::WebhookEvent;
    ///
    /// let event = WebhookEvent::from_trusted(br#"{"event":"file.deleted","fired_at":1700000300}"#)?;
    /// assert_eq!(event.event, EventType::FileDeleted);
    /// # Ok::<(), usebuckets::webhook_event::WebhookError>(())
    /// ```
    pub fn from_trusted(body: &[u8]) -> Result<Self, WebhookError> {
        // serde would decode an array as the fields of an event in order.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(WebhookError::NotAnEvent("it is an array".to_owned()));
        }
        serde_json::from_slice(body)
            .or_else(|error| Self::decode_field_by_field(body).ok_or_else(|| WebhookError::not_an_event(&error)))
    }

    /// Decodes each field separately and omits unreadable ones.
    ///
    /// A lone surrogate or invalid UTF-8 in the file contents fails the decoding of the whole document. The service would
    /// then retry the delivery for a day.
    fn decode_field_by_field(body: &[u8]) -> Option<Self> {
        Some(Self {
            event: field(body, "event")?,
            fired_at: field(body, "fired_at")?,
            bucket_id: field(body, "bucket_id"),
            user_id: field(body, "user_id"),
            file_path: field(body, "file_path"),
            file_name: field(body, "file_name"),
            file_contents: field(body, "file_contents"),
        })
    }

    /// Returns the kind of resource, also for unknown event types.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        EventKind::from(self.event.as_str().split('.').next().unwrap_or_default())
    }

    /// Returns a key that is the same for repeated deliveries of this event. It consists of the event type, the time, the
    /// bucket, the user and the path.
    ///
    /// Best effort, because deliveries have no id: two uploads of the same file by the same user within one second have the
    /// same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use usebuckets::webhook_event::WebhookEvent;
    ///
    /// let body = br#"{"event":"user.deleted","fired_at":1700000300,"user_id":"bio_test_usr_3fj0w8d2k1z"}"#;
    /// let (first, second) = (WebhookEvent::from_trusted(body)?, WebhookEvent::from_trusted(body)?);
    /// assert_eq!(first.deduplication_key(), second.deduplication_key());
    /// # Ok::<(), usebuckets::webhook_event::WebhookError>(())
    /// ```
    #[must_use]
    pub fn deduplication_key(&self) -> String {
        json!([self.event, self.fired_at, self.bucket_id, self.user_id, self.file_path]).to_string()
    }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contents = self.file_contents.as_ref().map(|contents| format!("{} bytes", contents.len()));
        f.debug_struct("WebhookEvent")
            .field("event", &self.event)
            .field("fired_at", &self.fired_at)
            .field("bucket_id", &self.bucket_id)
            .field("user_id", &self.user_id)
            .field("file_path", &self.file_path)
            .field("file_name", &self.file_name)
            .field("file_contents", &contents)
            .finish()
    }
}

/// Decodes one field of an object and ignores the values of the others.
fn field<T: DeserializeOwned>(body: &[u8], name: &'static str) -> Option<T> {
    struct FieldVisitor<T>(&'static str, PhantomData<T>);
    impl<'de, T: DeserializeOwned> Visitor<'de> for FieldVisitor<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Option<T>, A::Error> {
            let mut value = None;
            while let Some(name) = fields.next_key::<String>()? {
                if name != self.0 {
                    fields.next_value::<IgnoredAny>()?;
                } else if value.replace(fields.next_value()?).is_some() {
                    return Err(A::Error::duplicate_field(self.0));
                }
            }
            Ok(value)
        }
    }
    let mut document = serde_json::Deserializer::from_slice(body);
    let value = document.deserialize_map(FieldVisitor(name, PhantomData)).ok()?;
    document.end().ok()?;
    value
}
