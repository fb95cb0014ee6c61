//! Receiving webhooks: signatures and typed events.
//!
//! A delivery is a `POST` whose raw body is signed in the header `x-buckets-signature` with the account's notification
//! key. Hand both to a [`Verifier`] before anything else looks at the body; it needs no web framework.
//!
//! Answer 2xx quickly and work afterwards. The service repeats a delivery after any other status, and after silence,
//! with growing pauses over the next 24 hours. So the same event may come more than once, and no delivery has an id:
//! [`WebhookEvent::deduplication_key`] tells. The signature names no moment: whoever has seen a delivery can send it
//! again, which [`WebhookEvent::fired_at`] and the key unmask.
//!
//! # Examples
//!
//! ```
//! use usebuckets::webhook_event::{EventKind, Verifier};
//!
//! // During a rotation give the new key and the old one.
//! let verifier = Verifier::new(["key-new", "notification-key"])?;
//! let body = br#"{"event":"user.deleted","fired_at":1700000300,"user_id":"bio_test_usr_3fj0w8d2k1z"}"#;
//! let signature = "8554f8ea83e6cf6fe4bd5eb6b04ddd66530917137f344cb5ca22c62aad3ba1ff";
//! verifier.verify(body, Some(signature))?;
//!
//! match verifier.event(body, Some(signature)) {
//!     Ok(event) => match event.kind() {
//!         EventKind::User => println!("{:?} of {:?}", event.event, event.user_id),
//!         _ => println!("{event:?}"),
//!     },
//!     Err(error) => println!("answer {} to {error}", error.suggested_status()),
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

/// The name of the header with the signature.
pub const SIGNATURE_HEADER: &str = "x-buckets-signature";

/// Checks the signatures of deliveries.
#[derive(Debug, Clone)]
pub struct Verifier(SigningSecrets);

impl Verifier {
    /// A verifier that accepts signatures by any of these notification keys.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where there is no key or one is empty: everybody could sign
    /// with that.
    pub fn new<S: Into<Secret>>(keys: impl IntoIterator<Item = S>) -> Result<Self> {
        SigningSecrets::new(keys).map(Self)
    }

    /// Checks the signature of a raw body, exactly as it came. Takes the same time whichever key signed it, or none.
    ///
    /// The signature is 64 hexadecimal digits and nothing else.
    ///
    /// # Errors
    ///
    /// [`WebhookError`] for a signature that is missing, malformed or wrong.
    pub fn verify(&self, body: &[u8], signature: Option<&str>) -> Result<(), WebhookError> {
        self.0.verify(body, signature, parse_hex_signature)
    }

    /// Checks the signature and decodes the event.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]. An event that this version does not know is no error.
    pub fn event(&self, body: &[u8], signature: Option<&str>) -> Result<WebhookEvent, WebhookError> {
        self.verify(body, signature)?;
        WebhookEvent::from_trusted(body)
    }
}

mft_common::open_enum! {
    /// What an event is about: the word before the dot of its type.
    EventKind {
        /// A bucket.
        Bucket = "bucket",
        /// A user.
        User = "user",
        /// A file.
        File = "file",
    }
}

/// Something that happened.
///
/// Only what happened and when are certain to be there. The documentation and its example do not agree on which events
/// name the bucket.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// What happened.
    pub event: EventType,
    /// When, in seconds. The same in every repetition of the delivery.
    pub fired_at: UnixSeconds,
    /// The bucket.
    #[serde(default, deserialize_with = "where_understood")]
    pub bucket_id: Option<BucketId>,
    /// The user that it is about, or who did it to a file.
    #[serde(default, deserialize_with = "where_understood")]
    pub user_id: Option<UserId>,
    /// The path of the file from the root of the bucket, its name included.
    #[serde(default, deserialize_with = "where_understood")]
    pub file_path: Option<String>,
    /// The name of the file.
    #[serde(default, deserialize_with = "where_understood")]
    pub file_name: Option<String>,
    /// The whole file, where the notification includes it, as it came: how a file that is no text is written is not
    /// documented. `Debug` shows its length only.
    #[serde(default, deserialize_with = "where_understood")]
    pub file_contents: Option<String>,
}

impl WebhookEvent {
    /// Decodes a body whose signature was checked already, or needs none.
    ///
    /// # Errors
    ///
    /// [`WebhookError::NotAnEvent`].
    pub fn from_trusted(body: &[u8]) -> Result<Self, WebhookError> {
        // The decoder would take a list for the values of an event in their order.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(WebhookError::NotAnEvent("it is a list".to_owned()));
        }
        serde_json::from_slice(body)
            .or_else(|error| Self::member_by_member(body).ok_or_else(|| WebhookError::not_an_event(&error)))
    }

    /// Half of a surrogate pair, or a byte that is no UTF-8, in the contents of a file: the decoder gives up the whole
    /// document for it, and the service would repeat the delivery for a day. What cannot be read is left out.
    fn member_by_member(body: &[u8]) -> Option<Self> {
        Some(Self {
            event: member(body, "event")?,
            fired_at: member(body, "fired_at")?,
            bucket_id: member(body, "bucket_id"),
            user_id: member(body, "user_id"),
            file_path: member(body, "file_path"),
            file_name: member(body, "file_name"),
            file_contents: member(body, "file_contents"),
        })
    }

    /// What it is about. Known for events of later versions too.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        EventKind::from(self.event.as_str().split('.').next().unwrap_or_default())
    }

    /// A text that is the same for every repetition of this delivery, to keep in a set or a unique column. It is made
    /// of the event, its moment, the bucket, the user and the path.
    ///
    /// The service gives deliveries no id, so this is the best there is: two uploads of one file by one user within one
    /// second have the same key.
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

/// One member of an object. What the others hold is passed over, whatever it is.
fn member<T: DeserializeOwned>(body: &[u8], name: &'static str) -> Option<T> {
    struct Member<T>(&'static str, PhantomData<T>);
    impl<'de, T: DeserializeOwned> Visitor<'de> for Member<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Option<T>, A::Error> {
            let mut found = None;
            while let Some(name) = members.next_key::<String>()? {
                if name != self.0 {
                    members.next_value::<IgnoredAny>()?;
                } else if found.replace(members.next_value()?).is_some() {
                    return Err(A::Error::duplicate_field(self.0));
                }
            }
            Ok(found)
        }
    }
    let mut document = serde_json::Deserializer::from_slice(body);
    let found = document.deserialize_map(Member(name, PhantomData)).ok()?;
    document.end().ok()?;
    found
}
