//! What webhooks are told.

mod event;
mod receivers;

pub use self::event::Event;
pub(crate) use self::receivers::Webhooks;
pub use self::receivers::sign;
use super::Simulator;
use super::service::without_secrets;
use super::state::objects::Webhook;
use crate::deliveries::delivery_accessors;
use crate::lock;

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
        let wants = |webhook: &&Webhook| {
            webhook.state == "enabled" && webhook.kind == "webhook" && webhook.topics.contains(&event.topic)
        };
        let webhooks: Vec<_> = lock(&self.store).webhooks.iter().filter(wants).map(|one| one.id.clone()).collect();
        self.dispatcher.raise(&webhooks, event.topic.clone(), event, true)
    }

    /// Sends `webhook.ping` to a webhook, paused or not, as its owner can from the dashboard. Returns the id of the
    /// delivery, or `None` if there is no such webhook.
    pub fn ping(&self, webhook_id: &str) -> Option<String> {
        let data = {
            let store = lock(&self.store);
            without_secrets(store.webhook(webhook_id).ok()?, &store.organization_id)
        };
        let event = Event::ping("webhook.ping".into(), data);
        self.dispatcher.raise(&[webhook_id.to_owned()], event.topic.clone(), event, false).pop()
    }

    /// Sends a delivery again, as the owner can from the dashboard; `false` if there is no such delivery. The outcome
    /// does not count towards the pause.
    pub fn redeliver(&self, delivery_id: &str) -> bool {
        self.dispatcher.redeliver(delivery_id)
    }

    delivery_accessors!();
}
