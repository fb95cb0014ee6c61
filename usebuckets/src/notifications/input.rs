//! Request values for notifications.

use mft_common::provider::WebhookUrl;
use serde::Serialize;

use super::EventType;
use crate::{BucketId, Error, Result, Secret, validation};

/// The request to create a notification.
///
/// # Examples
///
/// ```
/// use usebuckets::{BucketId, EventType, NewNotification};
///
/// let bucket = BucketId::from("bio_test_buc_7q2mk94x0ab");
/// let url = "https://hooks.example.net/buckets";
/// let notification = NewNotification::new(&bucket, url, [EventType::FileUploaded])
///     .paths(["/invoices"])
///     .include_file_contents(true);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new notification has no effect until it is passed to `create`"]
pub struct NewNotification {
    bucket_id: BucketId,
    events: Vec<EventType>,
    webhook_url: WebhookUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_file_contents: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<String>>,
}

impl NewNotification {
    /// Creates a request with the required fields: a bucket, an `https://` URL and at least one event type.
    pub fn new(bucket: &BucketId, webhook_url: impl Into<String>, events: impl Into<Vec<EventType>>) -> Self {
        Self {
            bucket_id: bucket.clone(),
            events: events.into(),
            webhook_url: WebhookUrl::new(webhook_url),
            include_file_contents: None,
            paths: None,
        }
    }

    /// Sets whether file events contain the whole file, in the body of the delivery.
    pub fn include_file_contents(mut self, include: bool) -> Self {
        self.include_file_contents = Some(include);
        self
    }

    /// Sets the directories to which file events are limited. Default: all directories.
    pub fn paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        self.webhook_url.secret()
    }

    pub(super) fn validate(&self, allows_http: bool) -> Result<()> {
        validation::not_empty("bucket_id", self.bucket_id.as_str())?;
        check_url(&self.webhook_url, allows_http)?;
        check_events(&self.events)?;
        validation::if_set(self.paths.as_ref(), |paths| check_paths(paths))
    }
}

/// An update of a notification. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use usebuckets::{EventType, NotificationUpdate};
///
/// let update = NotificationUpdate::new().events([EventType::FileUploaded]).active(true);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
pub struct NotificationUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<EventType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<WebhookUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_file_contents: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<String>>,
}

impl NotificationUpdate {
    /// Creates an empty update.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the event types, replacing the current ones. At least one is required.
    pub fn events(mut self, events: impl Into<Vec<EventType>>) -> Self {
        self.events = Some(events.into());
        self
    }

    /// Sets whether deliveries are enabled. Events while they are disabled are most likely lost.
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets the webhook URL, which must start with `https://`.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(WebhookUrl::new(url));
        self
    }

    /// Sets whether file events contain the whole file.
    pub fn include_file_contents(mut self, include: bool) -> Self {
        self.include_file_contents = Some(include);
        self
    }

    /// Sets the directories to which file events are limited, replacing the current ones. An empty list most likely means
    /// all directories.
    pub fn paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        self.webhook_url.as_ref().and_then(WebhookUrl::secret)
    }

    pub(super) fn validate(&self, allows_http: bool) -> Result<()> {
        validation::changes_something(self)?;
        validation::if_set(self.webhook_url.as_ref(), |url| check_url(url, allows_http))?;
        validation::if_set(self.events.as_ref(), |events| check_events(events))?;
        validation::if_set(self.paths.as_ref(), |paths| check_paths(paths))
    }
}

fn check_url(url: &WebhookUrl, allows_http: bool) -> Result<()> {
    if url.is_web_address(allows_http) {
        Ok(())
    } else {
        Err(Error::invalid_input("webhook_url", "must be an https:// URL"))
    }
}

fn check_events(events: &[EventType]) -> Result<()> {
    if events.is_empty() {
        return Err(Error::invalid_input("events", "is empty; at least one event type is required"));
    }
    Ok(())
}

fn check_paths(paths: &[String]) -> Result<()> {
    paths.iter().try_for_each(|path| validation::not_empty("paths", path))
}
