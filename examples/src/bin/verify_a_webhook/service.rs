//! The verifiers and events of the services.

use std::fmt;

use clap::ValueEnum;
use sftptogo::Secret;
use sftptogo::webhook_event::{self as of_sftptogo, EventData, WebhookError};
use usebuckets::EventType;
use usebuckets::webhook_event as of_usebuckets;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Service {
    /// SFTP To Go.
    Sftptogo,
    /// Buckets.
    Usebuckets,
}

#[derive(Clone)]
pub(crate) enum Verifier {
    Sftptogo(of_sftptogo::Verifier),
    Usebuckets(of_usebuckets::Verifier),
}

impl Verifier {
    pub(crate) fn new<S: Into<Secret>>(
        service: Service,
        secrets: impl IntoIterator<Item = S>,
    ) -> sftptogo::Result<Self> {
        Ok(match service {
            Service::Sftptogo => Self::Sftptogo(of_sftptogo::Verifier::new(secrets)?),
            Service::Usebuckets => Self::Usebuckets(of_usebuckets::Verifier::new(secrets)?),
        })
    }

    /// Returns the name of the signature header.
    pub(crate) fn header(&self) -> &'static str {
        match self {
            Self::Sftptogo(_) => of_sftptogo::SIGNATURE_HEADER,
            Self::Usebuckets(_) => of_usebuckets::SIGNATURE_HEADER,
        }
    }

    /// Takes the raw body. A body that is decoded and serialized again has other bytes than the signed ones.
    pub(crate) fn event(&self, body: &[u8], signature: Option<&str>) -> Result<Event, WebhookError> {
        Ok(match self {
            Self::Sftptogo(verifier) => Event::Sftptogo(verifier.event(body, signature)?),
            Self::Usebuckets(verifier) => Event::Usebuckets(verifier.event(body, signature)?),
        })
    }
}

pub(crate) enum Event {
    Sftptogo(of_sftptogo::WebhookEvent),
    Usebuckets(of_usebuckets::WebhookEvent),
}

impl Event {
    /// Returns the deduplication key, identical for every delivery of an event.
    pub(crate) fn deduplication_key(&self) -> String {
        match self {
            Self::Sftptogo(event) => event.id.to_string(),
            Self::Usebuckets(event) => event.deduplication_key(),
        }
    }
}

/// Quotes and escapes paths, so that a file name cannot control the terminal.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sftptogo(event) => match &event.data {
                EventData::FileCreated(file) => {
                    write!(f, "created: {:?}, {} bytes", file.path, file.size_bytes.unwrap_or_default())
                }
                EventData::FileDeleted(file) => write!(f, "deleted: {:?}", file.path),
                EventData::FileDownloaded(file, _) => write!(f, "downloaded: {:?}", file.path),
                EventData::Ping(_) => f.write_str("ping"),
                _ => write!(f, "unknown event: {:?}", event.topic),
            },
            Self::Usebuckets(event) => {
                let path = event.file_path.as_deref().unwrap_or_default();
                match event.event {
                    EventType::FileUploaded => write!(f, "uploaded: {path:?}"),
                    EventType::FileDeleted => write!(f, "deleted: {path:?}"),
                    _ => write!(f, "unknown event: {:?}", event.event),
                }
            }
        }
    }
}
