//! What webhooks are told, and the log of it.

mod dispatch;
mod event;
mod send;

use bytes::Bytes;

pub(super) use self::dispatch::Dispatcher;
pub use self::event::Event;
pub use self::send::sign;
use super::Simulator;

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
    /// The value of `X-Hub-Signature`.
    pub signature: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// Unix milliseconds of simulated time.
    pub sent_at_ms: i64,
}

/// Deliveries to webhooks.
//
// What the methods return is news, not what they are called for.
#[allow(clippy::must_use_candidate)]
impl Simulator {
    /// Lets something happen: every enabled webhook of type `webhook` with the event's topic gets a delivery. Returns
    /// the ids of the deliveries.
    ///
    /// Deliveries to one webhook are tried first in the order of their events. Answers 408, 429 and 5xx, silence and
    /// broken connections are tried again five times, after 1, 2, 4, 8 and 16 seconds and a little chance, which
    /// [`delivery_delays`](super::Builder::delivery_delays) can shorten; these numbers are the simulator's own, the
    /// service publishes none. After five deliveries in a row that failed for good the webhook is paused.
    ///
    /// Only plain `http` is spoken, see [`allow_http_webhooks`](super::Builder::allow_http_webhooks): a delivery to an
    /// `https` URL fails at once with an error in the log, and does not count towards the pause.
    pub fn raise_event(&self, event: Event) -> Vec<String> {
        self.dispatcher.raise(event)
    }

    /// Sends `webhook.ping` to a webhook, paused or not, as its owner can from the dashboard. Returns the id of the
    /// delivery, or `None` if there is no such webhook.
    pub fn ping(&self, webhook_id: &str) -> Option<String> {
        self.dispatcher.ping(webhook_id)
    }

    /// Sends a delivery again, as the owner can from the dashboard; `false` if there is no such delivery. The outcome
    /// does not count towards the pause.
    pub fn redeliver(&self, delivery_id: &str) -> bool {
        self.dispatcher.redeliver(delivery_id)
    }

    /// The log of deliveries, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.dispatcher.log()
    }

    /// The delivery with this id.
    #[must_use]
    pub fn delivery(&self, id: &str) -> Option<Delivery> {
        self.deliveries().into_iter().find(|delivery| delivery.id == id)
    }

    /// Waits until no delivery is under way.
    pub async fn deliveries_settled(&self) {
        self.dispatcher.settled().await;
    }
}
