//! Deliveries to webhooks: what the services that have them share. What an event looks like, who gets it and what a
//! failure means is up to each, see [`WebhookService`].

mod dispatch;
mod send;
mod settings;

use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderName;

pub(crate) use self::dispatch::Dispatcher;
// Old names.
pub(crate) use self::settings::{DeliverySettings, delivery_accessors, delivery_settings};
pub(crate) use self::{
    AttemptPlan as Next, DeliveryOutcome as Verdict, RaisedEvent as Raised, RetryDelay as Pause,
    WebhookRequest as Message, WebhookService as Receivers,
};
pub(crate) use crate::hash::{hex as hexadecimal, hmac_sha256 as code};

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The same in every attempt.
    pub id: String,
    /// The webhook that it goes to.
    pub webhook_id: String,
    /// The event; deliveries of one event to several webhooks share it.
    pub event_id: String,
    /// The topic of the event.
    pub topic: String,
    /// How far it got.
    pub status: DeliveryStatus,
    /// What was tried, in order.
    pub attempts: Vec<Attempt>,
}

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// Not tried yet.
    Pending,
    /// Failed so far, and to be tried again.
    Retrying,
    /// Answered with 2xx.
    Succeeded,
    /// Failed for good.
    Failed,
}

/// One request to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Different in every attempt.
    pub id: String,
    /// The bytes that were sent.
    pub body: Bytes,
    /// The signature as its header carries it.
    pub signature: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// Unix milliseconds of simulated time.
    pub sent_at_ms: i64,
}

/// The webhooks of a service, as far as deliveries go.
pub(crate) trait WebhookService: Send + Sync + 'static {
    /// What has happened, before it is put into the words of one attempt.
    type Event: Send + Sync + 'static;

    /// A fresh id for an event, a delivery or an attempt.
    fn new_id(&self) -> String;

    /// What the next attempt of a delivery comes to, with the webhook as it is at this moment.
    fn next(&self, webhook: &str, delivery: &str, raised: &RaisedEvent<Self::Event>) -> AttemptPlan;

    /// What an answer means; silence and broken connections are always tried again.
    fn judge(&self, status: u16) -> DeliveryOutcome;

    /// How long to wait after so many attempts but the first failed, or `None` to give up.
    fn pause(&self, retry: u32) -> Option<RetryDelay>;

    /// Hears how a delivery ended. `counts` is false for those that a person asked for.
    fn ended(&self, _webhook: &str, _succeeded: bool, _counts: bool) {}
}

/// An event that was raised.
#[derive(Debug)]
pub(crate) struct RaisedEvent<E> {
    pub(crate) event: E,
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) at_ms: i64,
}

/// What the next attempt comes to.
pub(crate) enum AttemptPlan {
    Send(WebhookRequest),
    /// Nothing now, but the schedule goes on.
    Skip,
    /// Nothing for reasons of the simulator, which the log gives.
    Unable(WebhookRequest, &'static str),
    /// The webhook is gone.
    Gone,
}

/// The request of one attempt.
pub(crate) struct WebhookRequest {
    pub(crate) attempt_id: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    pub(crate) signature: String,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    Delivered,
    TryAgain,
    Refused,
}

/// How to wait for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RetryDelay {
    Real(Duration),
    /// Ends early when the simulated time is moved forward.
    Simulated(Duration),
}
