//! Notifications to be created and changed.

use mft_common::provider::WebhookUrl;
use serde::Serialize;

use super::EventType;
use crate::{BucketId, Error, Result, Secret, check};

/// A notification to be created.
///
/// # Examples
///
/// ```
/// use usebuckets::{EventType, NewNotification};
///
/// let url = "https://hooks.example.net/buckets";
/// let notification = NewNotification::new("bio_test_buc_7q2mk94x0ab", url, [EventType::FileUploaded])
///     .paths(["/invoices"])
///     .include_file_contents(true);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new notification does nothing until it is given to `create`"]
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
    /// A notification of a bucket that tells an `https://` address of at least one kind of event.
    pub fn new(
        bucket_id: impl Into<BucketId>,
        webhook_url: impl Into<String>,
        events: impl Into<Vec<EventType>>,
    ) -> Self {
        Self {
            bucket_id: bucket_id.into(),
            events: events.into(),
            webhook_url: WebhookUrl::new(webhook_url),
            include_file_contents: None,
            paths: None,
        }
    }

    /// Sets whether events of files bring the whole file, in the body of the delivery.
    pub fn include_file_contents(mut self, include: bool) -> Self {
        self.include_file_contents = Some(include);
        self
    }

    /// Limits events of files to what happens inside these directories.
    pub fn paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        self.webhook_url.secret()
    }

    pub(super) fn check(&self, allows_http: bool) -> Result<()> {
        check::not_empty("bucket_id", self.bucket_id.as_str())?;
        check_url(&self.webhook_url, allows_http)?;
        check_events(&self.events)?;
        check::where_set(self.paths.as_ref(), |paths| check_paths(paths))
    }
}

/// A change of a notification. What is not named stays.
///
/// There is no change of nothing: begin with what changes.
///
/// # Examples
///
/// ```
/// use usebuckets::{EventType, NotificationUpdate};
///
/// let pause = NotificationUpdate::active(false);
/// let move_on = NotificationUpdate::webhook_url("https://hooks.example.net/in").and_events([EventType::FileUploaded]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
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
    /// To be filled with one thing, before anybody outside gets it.
    const NOTHING: Self =
        Self { events: None, active: None, webhook_url: None, include_file_contents: None, paths: None };

    /// These events in place of those that are told now, at least one.
    pub fn events(events: impl Into<Vec<EventType>>) -> Self {
        Self::NOTHING.and_events(events)
    }

    /// A pause, or its end. What happens meanwhile is most likely lost to the receiver.
    pub fn active(active: bool) -> Self {
        Self::NOTHING.and_active(active)
    }

    /// Another `https://` address.
    pub fn webhook_url(url: impl Into<String>) -> Self {
        Self::NOTHING.and_webhook_url(url)
    }

    /// A change of whether events of files bring the whole file.
    pub fn include_file_contents(include: bool) -> Self {
        Self::NOTHING.and_include_file_contents(include)
    }

    /// These directories in place of those to which events of files are limited now. None at all most likely means
    /// everywhere.
    pub fn paths<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self::NOTHING.and_paths(paths)
    }

    /// Changes the events as well.
    pub fn and_events(mut self, events: impl Into<Vec<EventType>>) -> Self {
        self.events = Some(events.into());
        self
    }

    /// Pauses or resumes it as well.
    pub fn and_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Changes the address as well.
    pub fn and_webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(WebhookUrl::new(url));
        self
    }

    /// Changes whether events of files bring the whole file as well.
    pub fn and_include_file_contents(mut self, include: bool) -> Self {
        self.include_file_contents = Some(include);
        self
    }

    /// Changes the directories as well; see [`paths`](Self::paths).
    pub fn and_paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    pub(super) fn secret(&self) -> Option<Secret> {
        self.webhook_url.as_ref().and_then(WebhookUrl::secret)
    }

    pub(super) fn check(&self, allows_http: bool) -> Result<()> {
        check::where_set(self.webhook_url.as_ref(), |url| check_url(url, allows_http))?;
        check::where_set(self.events.as_ref(), |events| check_events(events))?;
        check::where_set(self.paths.as_ref(), |paths| check_paths(paths))
    }
}

fn check_url(url: &WebhookUrl, allows_http: bool) -> Result<()> {
    if url.is_web_address(allows_http) {
        Ok(())
    } else {
        Err(Error::invalid_input("webhook_url", "must be an https:// address"))
    }
}

fn check_events(events: &[EventType]) -> Result<()> {
    if events.is_empty() {
        return Err(Error::invalid_input("events", "names no event; at least one is needed"));
    }
    Ok(())
}

fn check_paths(paths: &[String]) -> Result<()> {
    paths.iter().try_for_each(|path| check::not_empty("paths", path))
}
