//! Webhook deliveries.

mod event;
mod receivers;

pub use self::event::Event;
pub(crate) use self::receivers::Webhooks;
pub use self::receivers::sign;
use super::Simulator;
use super::service::without_secrets;
use super::state::objects::Webhook;
use crate::deliveries::delivery_accessors;

/// Webhook deliveries.
#[allow(clippy::must_use_candidate)] // called for their side effects
impl Simulator {
    /// Delivers an event to every enabled webhook of type `webhook` that has the event's topic. Returns the ids of the
    /// deliveries.
    ///
    /// First attempts to one webhook are sent in the order of the events. An attempt is retried up to five times after
    /// 408, 429, 5xx, a timeout or a connection error. The delays are 1, 2, 4, 8 and 16 seconds plus jitter;
    /// [`delivery_delays`](super::Builder::delivery_delays) scales them. The service does not publish its schedule; these
    /// numbers are the simulator's. A webhook is paused after five consecutive failed deliveries.
    ///
    /// Deliveries use plain `http` only, see [`allow_http_webhooks`](super::Builder::allow_http_webhooks). A delivery to
    /// an `https` URL fails immediately with an error in the log and does not count towards the pause.
    pub fn raise_event(&self, event: Event) -> Vec<String> {
        let is_subscribed = |webhook: &&Webhook| {
            webhook.state == "enabled" && webhook.kind == "webhook" && webhook.topics.contains(&event.topic)
        };
        let webhooks: Vec<_> =
            self.store.lock().webhooks.iter().filter(is_subscribed).map(|one| one.id.clone()).collect();
        self.dispatcher.raise(&webhooks, event.topic.clone(), event, true)
    }

    /// Sends `webhook.ping` to a webhook, even if it is paused, as the dashboard does. Returns the id of the delivery, or
    /// `None` if the webhook does not exist.
    pub fn ping(&self, webhook_id: &str) -> Option<String> {
        let data = {
            let store = self.store.lock();
            without_secrets(store.webhook(webhook_id).ok()?, &store.organization_id)
        };
        let event = Event::ping("webhook.ping".into(), data);
        self.dispatcher.raise(&[webhook_id.to_owned()], event.topic.clone(), event, false).pop()
    }

    /// Redelivers a delivery, as the dashboard does. Returns `false` if the delivery does not exist. The outcome does not
    /// count towards the pause.
    pub fn redeliver(&self, delivery_id: &str) -> bool {
        self.dispatcher.redeliver(delivery_id)
    }

    delivery_accessors!();
}
