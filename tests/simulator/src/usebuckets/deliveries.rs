//! Webhook deliveries.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::HeaderName;
use serde_json::{Value, json};

use super::Simulator;
use super::resources::directories::holds;
use super::state::objects::{Notification, User};
use super::state::store::Store;
use crate::deliveries::{
    AttemptPlan, DeliveryOutcome, Dispatcher, RaisedEvent, RetryDelay, WebhookRequest, WebhookService,
    delivery_accessors,
};
use crate::hash::{hex, hmac_sha256};
use crate::server::{Collection as _, SharedStore, is_loopback};

const SIGNATURE: HeaderName = HeaderName::from_static("x-buckets-signature");
const FIRST_DELAY: Duration = Duration::from_secs(60);
const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Computes the `x-buckets-signature` of a body: the hex HMAC-SHA256.
///
/// ```
/// let header = mft_simulator::usebuckets::sign("Very Secret Secret", b"Hello! This is a test payload.");
/// assert_eq!(header, "8ba4c47558de1872150c3ec82211c34bf0cbd6d60fc4f9875b97853af06de917");
/// ```
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    hex(&hmac_sha256(secret, body))
}

/// An event and the notifications that receive it.
pub(crate) struct BucketEvent {
    name: &'static str,
    fired_at: i64,
    bucket_id: String,
    user_id: Option<String>,
    file: Option<(String, Bytes)>,
    receivers: Vec<String>,
}

impl BucketEvent {
    pub(crate) fn of_bucket(name: &'static str, bucket_id: &str, now_ms: i64) -> Self {
        Self {
            name,
            fired_at: now_ms / 1000,
            bucket_id: bucket_id.to_owned(),
            user_id: None,
            file: None,
            receivers: Vec::new(),
        }
    }

    pub(crate) fn of_user(name: &'static str, user: &User, now_ms: i64) -> Self {
        Self { user_id: Some(user.id.clone()), ..Self::of_bucket(name, &user.bucket_id, now_ms) }
    }

    pub(crate) fn of_file(name: &'static str, user: &User, path: &str, contents: Bytes, now_ms: i64) -> Self {
        Self { file: Some((path.to_owned(), contents)), ..Self::of_user(name, user, now_ms) }
    }

    fn is_for(&self, notification: &Notification) -> bool {
        let in_paths = |(path, _): &(String, Bytes)| {
            notification.paths.as_ref().is_none_or(|paths| paths.iter().any(|directory| holds(directory, path)))
        };
        notification.active
            && notification.events.iter().any(|event| event == self.name)
            && self.file.as_ref().is_none_or(in_paths)
    }

    fn render(&self, notification: &Notification, strict: bool) -> Value {
        let mut body = json!({ "event": self.name, "fired_at": self.fired_at });
        if !strict || self.name.starts_with("bucket.") {
            body["bucket_id"] = self.bucket_id.as_str().into();
        }
        if let Some(user_id) = &self.user_id {
            body["user_id"] = user_id.as_str().into();
        }
        if let Some((path, contents)) = &self.file {
            body["file_path"] = path.as_str().into();
            body["file_name"] = path.rsplit('/').next().unwrap_or_default().into();
            if notification.include_file_contents {
                // The encoding of contents that are not UTF-8 is undocumented.
                let text = std::str::from_utf8(contents).map_or_else(|_| STANDARD.encode(contents), ToOwned::to_owned);
                body["file_contents"] = text.into();
            }
        }
        body
    }
}

impl Store {
    /// Queues an event for delivery. Its receivers are determined now.
    pub(crate) fn record_event(&mut self, mut event: BucketEvent) {
        let subscribed = self.notifications.list(&event.bucket_id).filter(|one| event.is_for(one));
        event.receivers = subscribed.map(|one| one.id.clone()).collect();
        self.events.push(event);
    }
}

/// The notifications of the account, as receivers of deliveries.
pub(crate) struct Notifications {
    pub(crate) store: SharedStore<Store>,
}

/// Delivers the events that were queued in [`Store::events`].
pub(crate) fn dispatch_events(dispatcher: &Arc<Dispatcher<Notifications>>, events: Vec<BucketEvent>) {
    for mut event in events {
        let receivers = std::mem::take(&mut event.receivers);
        if !receivers.is_empty() {
            dispatcher.raise(&receivers, event.name, event, true);
        }
    }
}

impl WebhookService for Notifications {
    type Event = BucketEvent;

    fn new_id(&self) -> String {
        self.store.lock().random.uuid()
    }

    fn next(&self, webhook: &str, _delivery: &str, raised: &RaisedEvent<BucketEvent>) -> AttemptPlan {
        let mut store = self.store.lock();
        let notification = match store.notifications.find(webhook) {
            Some(notification) if !notification.active => return AttemptPlan::Skip,
            Some(notification) => notification.clone(),
            None => match store.deleted_notifications.get(webhook) {
                Some(notification) => notification.clone(),
                None => return AttemptPlan::Gone,
            },
        };
        let body = raised.event.render(&notification, store.settings.strict_payloads).to_string();
        let signature = sign(&store.signing_secret, body.as_bytes());
        let message = WebhookRequest {
            attempt_id: store.random.uuid(),
            url: notification.webhook_url,
            headers: vec![(SIGNATURE, signature.clone())],
            body: body.into(),
            signature,
        };
        if is_loopback(&message.url) {
            AttemptPlan::Send(message)
        } else {
            AttemptPlan::Unable(message, "the simulator delivers to http:// URLs of this machine only")
        }
    }

    fn judge(&self, status: u16) -> DeliveryOutcome {
        if (200..=299).contains(&status) { DeliveryOutcome::Delivered } else { DeliveryOutcome::TryAgain }
    }

    /// Doubles the delay, for as many attempts as fit into 24 hours.
    fn pause(&self, retry: u32) -> Option<RetryDelay> {
        let delay = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(retry));
        let since_first = delay.saturating_mul(2).saturating_sub(FIRST_DELAY);
        (since_first <= MAX_TIME).then_some(RetryDelay::Simulated(delay))
    }
}

/// Webhook deliveries.
///
/// Changes through the API, [`upload_file`](super::State::upload_file) and [`delete_file`](super::State::delete_file) are
/// delivered to the active notifications of the bucket that have the event. First attempts to one notification are sent
/// in the order of the events. A delivery that is not answered with 2xx before the timeout is retried after one minute,
/// then with doubling delays for 24 hours: eleven attempts in all. The length of the first delay is undocumented and
/// chosen by the simulator. Delays are simulated time: [`advance`](Simulator::advance) ends the current delay, and
/// [`delivery_delays`](super::Builder::delivery_delays) scales the delays. Attempts are skipped while a notification is
/// inactive, and end once it is deleted. Events of a deleted bucket, including its deletion, are still delivered.
///
/// Deliveries use plain `http` to this machine only. Other deliveries fail immediately with an error in the log.
impl Simulator {
    delivery_accessors!();
}
