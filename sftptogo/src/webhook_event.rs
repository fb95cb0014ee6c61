//! Webhook receivers: signature verification and typed events.
//!
//! A delivery is a `POST` request. The header `X-Hub-Signature` contains the signature of the raw body. Pass both to a
//! [`Verifier`] before any other code reads the body. It works with any web framework.
//!
//! Respond with 2xx quickly and process the event afterwards. The service retries a delivery after 408, 429, 5xx and
//! timeouts. Any other 4xx is a permanent failure, and five consecutive permanent failures pause the webhook. Respond
//! with 401 only to a wrong signature, and with 503 if the event cannot be stored. The same event may be delivered more
//! than once: deduplicate by [`WebhookEvent::id`].
//!
//! # Examples
//!
//! ```
//! use sftptogo::webhook_event::{EventData, Verifier};
//!
//! // During a secret rotation, pass the new and the old secret.
//! let verifier = Verifier::new(["whsec-new", "Very Secret Secret"])?;
//! let signature = "sha256=8ba4c47558de1872150c3ec82211c34bf0cbd6d60fc4f9875b97853af06de917";
//! verifier.verify(b"Hello! This is a test payload.", Some(signature))?;
//!
//! # let (body, signature) = (b"{}".as_slice(), None);
//! match verifier.event(body, signature) {
//!     Ok(event) => match event.data {
//!         EventData::FileCreated(file) => println!("{} has {:?} bytes", file.path, file.size_bytes),
//!         other => println!("{other:?}"),
//!     },
//!     Err(error) => println!("respond with {}: {error}", error.suggested_status()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use mft_common::provider::{RedactedUrl, lenient};
pub use mft_common::webhook::WebhookError;
use mft_common::webhook::{SigningSecrets, parse_signature, where_understood};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::Value;

use crate::{OrganizationId, Result, Secret, UnixMillis, WebhookId, WebhookState, WebhookTopic};

/// The name of the signature header.
pub const SIGNATURE_HEADER: &str = "x-hub-signature";

/// Verifies the signatures of deliveries.
#[derive(Debug, Clone)]
pub struct Verifier(SigningSecrets);

impl Verifier {
    /// Creates a verifier that accepts signatures of any of the secrets.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no secret or one is empty. The service sends
    /// an empty string for a withheld secret, and anyone could sign with it.
    pub fn new<S: Into<Secret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
        SigningSecrets::new(secrets).map(Self)
    }

    /// Verifies the signature of a raw body, exactly as received. The comparison takes constant time.
    ///
    /// The signature may start with `sha256=`, and may be hexadecimal or base64. The service's documentation shows both.
    ///
    /// # Errors
    ///
    /// Fails if the signature is missing, malformed or wrong.
    pub fn verify(&self, body: &[u8], signature: Option<&str>) -> Result<(), WebhookError> {
        self.0.verify(body, signature, parse_signature)
    }

    /// Verifies the signature and decodes the event.
    ///
    /// # Errors
    ///
    /// Fails if the signature is missing, malformed or wrong, or if the body is not an event. An unknown topic is not an
    /// error.
    pub fn event(&self, body: &[u8], signature: Option<&str>) -> Result<WebhookEvent, WebhookError> {
        self.verify(body, signature)?;
        WebhookEvent::from_trusted(body)
    }
}

mft_common::id! {
    /// Identifies an event. The same event may be delivered more than once.
    EventId
}

mft_common::open_enum! {
    /// The topic of an event.
    EventTopic {
        /// A file was uploaded or a folder was created.
        FileCreated = "file.created",
        /// A file or folder was deleted.
        FileDeleted = "file.deleted",
        /// A file was downloaded.
        FileDownloaded = "file.downloaded",
        /// A test from the dashboard.
        WebhookPing = "webhook.ping",
    }

    /// The kind of an actor.
    ActorType {
        /// A login over SFTP, FTPS or the web portal. The id is its user name.
        User = "User",
        /// A client with S3 keys. The id is that of the IAM user.
        Iam = "IAM",
        /// A visitor of a share link.
        ShareLink = "ShareLink",
        /// An administrator.
        Admin = "Admin",
        /// The service.
        System = "System",
    }

    /// The protocol of a download.
    DownloadProtocol {
        /// SFTP.
        Sftp = "SFTP",
        /// FTPS.
        Ftps = "FTPS",
        /// The web portal.
        WebPortal = "WEB_PORTAL",
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The id, the same in repeated deliveries.
    pub id: EventId,
    /// The topic.
    pub topic: EventTopic,
    /// The time of the event.
    pub created_at: Option<UnixMillis>,
    /// The time of the last change.
    pub updated_at: Option<UnixMillis>,
    /// The actor, if known.
    pub actor: Option<Actor>,
    /// The data of the topic.
    pub data: EventData,
    /// The organization, webhook and delivery of the event.
    pub metadata: EventMetadata,
}

/// The actor of an event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Actor {
    /// The kind of actor.
    #[serde(rename = "Type")]
    pub actor_type: ActorType,
    /// The id. Its meaning depends on the kind.
    #[serde(default)]
    pub id: Option<String>,
}

/// The data of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventData {
    /// The data of [`EventTopic::FileCreated`].
    FileCreated(EventFile),
    /// The data of [`EventTopic::FileDeleted`].
    FileDeleted(EventFile),
    /// The data of [`EventTopic::FileDownloaded`].
    FileDownloaded(EventFile, Download),
    /// The data of [`EventTopic::WebhookPing`].
    Ping(PingedWebhook),
    /// Raw data of an unknown topic or in an unknown shape. An error instead would fail the delivery permanently and soon
    /// pause the webhook.
    Other(Value),
}

/// A file or folder in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventFile {
    /// The decoded path from the root of the storage, without a leading slash. Prepend `/` for an SFTP session of the
    /// root credential. In S3, it is the object key.
    pub path: String,
    /// The path as received.
    pub raw_path: String,
    /// The size in bytes, if known.
    pub size_bytes: Option<u64>,
}

impl EventFile {
    /// Returns `true` if the path is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }
}

/// Details of a download.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Download {
    /// The protocol.
    pub protocol: Option<DownloadProtocol>,
    /// The IP address of the client.
    pub client_ip: Option<String>,
    /// The session id.
    pub session_id: Option<String>,
}

/// The webhook of a ping.
///
/// `Debug` shows only the scheme and host of the URL, because the rest may be secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PingedWebhook {
    /// The id.
    pub id: WebhookId,
    /// The name.
    #[serde(default)]
    pub alias: Option<String>,
    /// The topics.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub topics: Vec<WebhookTopic>,
    /// Whether deliveries are enabled. A paused webhook can be pinged.
    #[serde(default)]
    pub state: Option<WebhookState>,
    /// The URL.
    #[serde(default)]
    pub url: Option<String>,
}

impl fmt::Debug for PingedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PingedWebhook")
            .field("id", &self.id)
            .field("alias", &self.alias)
            .field("topics", &self.topics)
            .field("state", &self.state)
            .field("url", &self.url.as_deref().map(RedactedUrl))
            .finish()
    }
}

/// The origin and the delivery of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventMetadata {
    /// The organization. Absent in pings.
    pub organization_id: Option<OrganizationId>,
    /// The webhook.
    pub webhook_id: Option<WebhookId>,
    /// The delivery, the same for all attempts.
    pub delivery_id: Option<String>,
    /// The delivery attempt.
    pub attempt_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    id: EventId,
    topic: EventTopic,
    #[serde(default, deserialize_with = "where_understood")]
    created_at: Option<UnixMillis>,
    #[serde(default, deserialize_with = "where_understood")]
    updated_at: Option<UnixMillis>,
    #[serde(default, deserialize_with = "where_understood")]
    actor: Option<Actor>,
    #[serde(default)]
    data: Value,
    #[serde(default, deserialize_with = "where_understood")]
    metadata: WireMetadata,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireMetadata {
    #[serde(deserialize_with = "where_understood")]
    organization: WireReference,
    #[serde(deserialize_with = "where_understood")]
    webhook: WireReference,
    #[serde(deserialize_with = "where_understood")]
    delivery: WireReference,
    #[serde(deserialize_with = "where_understood")]
    attempt: WireReference,
    #[serde(deserialize_with = "where_understood")]
    api_version: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireReference {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireFile {
    path: String,
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    metadata: Download,
}

impl WebhookEvent {
    /// Decodes an event without verifying a signature. Use [`Verifier::event`] for bodies from the network.
    ///
    /// # Errors
    ///
    /// Fails with [`WebhookError::NotAnEvent`] if the body is not an event.
    pub fn from_trusted(body: &[u8]) -> Result<Self, WebhookError> {
        let envelope: Envelope = serde_json::from_slice(body).map_err(|error| WebhookError::not_an_event(&error))?;
        let plain_paths = envelope.metadata.api_version.as_deref().is_some_and(|version| version != "2020-01-01");
        let data = data(&envelope.topic, envelope.data, plain_paths);
        Ok(Self {
            id: envelope.id,
            topic: envelope.topic,
            created_at: envelope.created_at,
            updated_at: envelope.updated_at,
            actor: envelope.actor,
            data,
            metadata: EventMetadata {
                organization_id: envelope.metadata.organization.id.map(OrganizationId::from),
                webhook_id: envelope.metadata.webhook.id.map(WebhookId::from),
                delivery_id: envelope.metadata.delivery.id,
                attempt_id: envelope.metadata.attempt.id,
            },
        })
    }
}

fn data(topic: &EventTopic, value: Value, plain_paths: bool) -> EventData {
    let data = match topic {
        EventTopic::FileCreated => file(&value, plain_paths).map(|(file, _)| EventData::FileCreated(file)),
        EventTopic::FileDeleted => file(&value, plain_paths).map(|(file, _)| EventData::FileDeleted(file)),
        EventTopic::FileDownloaded => {
            file(&value, plain_paths).map(|(file, download)| EventData::FileDownloaded(file, download))
        }
        EventTopic::WebhookPing => PingedWebhook::deserialize(&value).ok().map(EventData::Ping),
        EventTopic::Unknown(_) => None,
    };
    data.unwrap_or(EventData::Other(value))
}

fn file(value: &Value, plain_path: bool) -> Option<(EventFile, Download)> {
    let wire = WireFile::deserialize(value).ok()?;
    let path = if plain_path { wire.path.trim_start_matches('/').to_owned() } else { decode_path(&wire.path) };
    let size_bytes = wire.size.and_then(|size| u64::try_from(size).ok());
    Some((EventFile { path, raw_path: wire.path, size_bytes }, wire.metadata))
}

/// Decodes form encoding: `+` is a space, and percent escapes are decoded. A path that is not UTF-8 then is returned as
/// received.
fn decode_path(raw: &str) -> String {
    let spaces = raw.replace('+', " ");
    percent_decode(spaces.as_bytes()).decode_utf8().map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned)
}

impl fmt::Display for EventFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
