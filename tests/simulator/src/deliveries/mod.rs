//! Webhook deliveries: retries, duplicates, reordering and the delivery log. Each service defines its events, receivers
//! and retry schedule in a [`WebhookService`].

mod dispatch;
mod send;
mod settings;

use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderName;

pub(crate) use self::dispatch::Dispatcher;
pub(crate) use self::settings::{DeliverySettings, delivery_accessors, delivery_settings};

/// The delivery of an event to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The id, the same in all attempts.
    pub id: String,
    /// The webhook.
    pub webhook_id: String,
    /// The event. Deliveries of one event to several webhooks share it.
    pub event_id: String,
    /// The topic of the event.
    pub topic: String,
    /// The status of the delivery.
    pub status: DeliveryStatus,
    /// The attempts, in order.
    pub attempts: Vec<Attempt>,
}

/// The status of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// Not attempted yet.
    Pending,
    /// Failed, and will be retried.
    Retrying,
    /// The webhook responded with 2xx.
    Succeeded,
    /// Failed permanently.
    Failed,
}

/// A request to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The id, different in every attempt.
    pub id: String,
    /// The bytes that were sent.
    pub body: Bytes,
    /// The value of the signature header.
    pub signature: String,
    /// The status of the response.
    pub status: Option<u16>,
    /// Why there was no response.
    pub error: Option<String>,
    /// When the request was sent, in Unix milliseconds of simulated time.
    pub sent_at_ms: i64,
}

/// The webhooks of a service.
pub(crate) trait WebhookService: Send + Sync + 'static {
    /// An event, before it is rendered for an attempt.
    type Event: Send + Sync + 'static;

    /// Returns a new id for an event, delivery or attempt.
    fn new_id(&self) -> String;

    /// Plans the next attempt of a delivery, with the webhook as it is now.
    fn next(&self, webhook: &str, delivery: &str, raised: &RaisedEvent<Self::Event>) -> AttemptPlan;

    /// Classifies a response status. Timeouts and broken connections are always retried.
    fn judge(&self, status: u16) -> DeliveryOutcome;

    /// Returns the delay before a retry, or `None` to give up. `retry` counts from 0.
    fn pause(&self, retry: u32) -> Option<RetryDelay>;

    /// Called when a delivery ends. `counts` is false if it was redelivered manually.
    fn ended(&self, _webhook: &str, _succeeded: bool, _counts: bool) {}
}

/// An event with its id and time.
#[derive(Debug)]
pub(crate) struct RaisedEvent<E> {
    pub(crate) event: E,
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) at_ms: i64,
}

/// The plan of an attempt.
pub(crate) enum AttemptPlan {
    Send(WebhookRequest),
    /// Sends nothing now. The schedule continues.
    Skip,
    /// Sends nothing because the simulator cannot, for the given reason.
    Unable(WebhookRequest, &'static str),
    /// The webhook does not exist any more.
    Gone,
}

/// The request of an attempt.
pub(crate) struct WebhookRequest {
    pub(crate) attempt_id: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    pub(crate) signature: String,
}

/// The classification of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    Delivered,
    TryAgain,
    Refused,
}

/// The delay before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RetryDelay {
    Real(Duration),
    /// Ends early if the simulated time is moved forward.
    Simulated(Duration),
}
