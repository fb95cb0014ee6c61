//! Receiving webhooks: signatures and typed events.
//!
//! A delivery is a `POST` whose raw body is signed in the header `X-Hub-Signature`. Hand both to a [`Verifier`] before
//! anything else looks at the body; it needs no web framework.
//!
//! Answer 2xx quickly and work afterwards. The service repeats a delivery after 408, 429, 5xx and silence, and gives it
//! up after any other 4xx; five deliveries given up in a row pause the webhook. So say 401 only to a wrong signature,
//! and 503 where the event cannot be stored. The same event may come more than once: [`WebhookEvent::id`] tells.
//!
//! # Examples
//!
//! ```
//! use sftptogo::webhook_event::{EventData, Verifier};
//!
//! // During a rotation give the new secret and the old one.
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
//!     Err(error) => println!("answer {} to {error}", error.suggested_status()),
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

/// The name of the header with the signature.
pub const SIGNATURE_HEADER: &str = "x-hub-signature";

/// Checks the signatures of deliveries.
#[derive(Debug, Clone)]
pub struct Verifier(SigningSecrets);

impl Verifier {
    /// A verifier that accepts signatures by any of these secrets.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where there is no secret or one is empty: the service sends an
    /// empty text where it withholds a secret, and everybody could sign with that.
    pub fn new<S: Into<Secret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
        SigningSecrets::new(secrets).map(Self)
    }

    /// Checks the signature of a raw body, exactly as it came. Takes the same time whichever secret signed it, or none.
    ///
    /// The signature may begin with `sha256=` and may be hexadecimal or base64: the service's pages show both.
    ///
    /// # Errors
    ///
    /// [`WebhookError`] for a signature that is missing, malformed or wrong.
    pub fn verify(&self, body: &[u8], signature: Option<&str>) -> Result<(), WebhookError> {
        self.0.verify(body, signature, parse_signature)
    }

    /// Checks the signature and decodes the event.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]. A topic that this version does not know is no error.
    pub fn event(&self, body: &[u8], signature: Option<&str>) -> Result<WebhookEvent, WebhookError> {
        self.verify(body, signature)?;
        WebhookEvent::from_trusted(body)
    }
}

mft_common::id! {
    /// An event. The same one may be delivered more than once.
    EventId
}

mft_common::open_enum! {
    /// What an event is about.
    EventTopic {
        /// A file was uploaded or a folder made.
        FileCreated = "file.created",
        /// A file or folder was removed.
        FileDeleted = "file.deleted",
        /// A file was downloaded.
        FileDownloaded = "file.downloaded",
        /// Somebody pressed the dashboard's test button.
        WebhookPing = "webhook.ping",
    }

    /// What kind of actor did it.
    ActorType {
        /// A login over SFTP, FTPS or the portal; the id is its user name.
        User = "User",
        /// Somebody with S3 keys; the id is that of the IAM user.
        Iam = "IAM",
        /// A visitor of a share link.
        ShareLink = "ShareLink",
        /// An administrator.
        Admin = "Admin",
        /// The service itself.
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

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The id by which to recognise a repeated delivery.
    pub id: EventId,
    /// What it is about.
    pub topic: EventTopic,
    /// When it happened.
    pub created_at: Option<UnixMillis>,
    /// When it was last changed.
    pub updated_at: Option<UnixMillis>,
    /// Who did it, where that is known.
    pub actor: Option<Actor>,
    /// What the topic says.
    pub data: EventData,
    /// Which organization, webhook and delivery it belongs to.
    pub metadata: EventMetadata,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Actor {
    /// The kind of actor.
    #[serde(rename = "Type")]
    pub actor_type: ActorType,
    /// The id, whose meaning depends on the kind.
    #[serde(default)]
    pub id: Option<String>,
}

/// What an event says beyond its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventData {
    /// Of [`EventTopic::FileCreated`].
    FileCreated(EventFile),
    /// Of [`EventTopic::FileDeleted`].
    FileDeleted(EventFile),
    /// Of [`EventTopic::FileDownloaded`].
    FileDownloaded(EventFile, Download),
    /// Of [`EventTopic::WebhookPing`].
    Ping(PingedWebhook),
    /// Of a topic that this version does not know, or not in the shape that it knows: as it came. An error would have
    /// the service give up the delivery, and pause the webhook soon.
    Other(Value),
}

/// A file or folder in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventFile {
    /// The decoded path, counted from the root of the storage and without a leading slash. For a session over SFTP as
    /// root put `/` before it; in S3 it is the object's key.
    pub path: String,
    /// The path as it came.
    pub raw_path: String,
    /// The size in bytes, where it is known.
    pub size_bytes: Option<u64>,
}

impl EventFile {
    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }
}

/// How a file was downloaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Download {
    /// The protocol.
    pub protocol: Option<DownloadProtocol>,
    /// The client's address.
    pub client_ip: Option<String>,
    /// The session.
    pub session_id: Option<String>,
}

/// The webhook that a ping is about. `Debug` shows of its address where it leads, since the rest may be a secret.
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
    /// Whether it is told anything; a paused one can be pinged.
    #[serde(default)]
    pub state: Option<WebhookState>,
    /// The address.
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

/// Where an event comes from and which delivery this is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventMetadata {
    /// The organization; pings do not tell it.
    pub organization_id: Option<OrganizationId>,
    /// The webhook.
    pub webhook_id: Option<WebhookId>,
    /// The delivery: the same for all attempts.
    pub delivery_id: Option<String>,
    /// This attempt.
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
    organization: Named,
    #[serde(deserialize_with = "where_understood")]
    webhook: Named,
    #[serde(deserialize_with = "where_understood")]
    delivery: Named,
    #[serde(deserialize_with = "where_understood")]
    attempt: Named,
    #[serde(deserialize_with = "where_understood")]
    api_version: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
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
    /// Decodes an event from a body whose origin is certain. Bodies from the network go through [`Verifier::event`].
    ///
    /// # Errors
    ///
    /// [`WebhookError::NotAnEvent`].
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
    let known = match topic {
        EventTopic::FileCreated => file(&value, plain_paths).map(|(file, _)| EventData::FileCreated(file)),
        EventTopic::FileDeleted => file(&value, plain_paths).map(|(file, _)| EventData::FileDeleted(file)),
        EventTopic::FileDownloaded => {
            file(&value, plain_paths).map(|(file, download)| EventData::FileDownloaded(file, download))
        }
        EventTopic::WebhookPing => PingedWebhook::deserialize(&value).ok().map(EventData::Ping),
        EventTopic::Unknown(_) => None,
    };
    known.unwrap_or(EventData::Other(value))
}

fn file(value: &Value, plain_path: bool) -> Option<(EventFile, Download)> {
    let wire = WireFile::deserialize(value).ok()?;
    let path = if plain_path { wire.path.trim_start_matches('/').to_owned() } else { decode_path(&wire.path) };
    let size_bytes = wire.size.and_then(|size| u64::try_from(size).ok());
    Some((EventFile { path, raw_path: wire.path, size_bytes }, wire.metadata))
}

/// Form encoding: a plus is a blank, then percent signs are decoded. What then is not UTF-8 stays as it came.
fn decode_path(raw: &str) -> String {
    let blanks = raw.replace('+', " ");
    percent_decode(blanks.as_bytes()).decode_utf8().map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned)
}

impl fmt::Display for EventFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
