use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::{
    Attempt, AttemptPlan, Delivery, DeliveryOutcome, DeliverySettings, DeliveryStatus, RaisedEvent, RetryDelay,
    WebhookRequest, WebhookService, send,
};
use crate::lock;
use crate::server::Engine;

/// How long a held delivery waits to be overtaken.
const HOLD: Duration = Duration::from_millis(200);

/// Delivers events to webhooks and keeps the delivery log.
pub(crate) struct Dispatcher<R: WebhookService> {
    engine: Arc<Engine>,
    receivers: R,
    settings: DeliverySettings,
    queue: Mutex<Queue<R::Event>>,
    changed: Notify,
}

struct Queue<E> {
    log: Vec<LogEntry<E>>,
    /// The index in the log, by delivery id.
    indexes: HashMap<String, usize>,
    /// By webhook: whether the latest delivery has had its first attempt.
    tails: HashMap<String, watch::Receiver<bool>>,
    held: Option<(String, bool)>,
    /// The number of deliveries in progress, including duplicates.
    active: usize,
}

struct LogEntry<E> {
    delivery: Delivery,
    raised: Arc<RaisedEvent<E>>,
}

/// The outcome of an attempt.
enum AttemptOutcome {
    Classified(DeliveryOutcome),
    /// Nothing was sent this time.
    Skipped,
    /// Nothing was sent, and nothing will be.
    NotSent,
}

impl<R: WebhookService> Dispatcher<R> {
    pub(crate) fn new(engine: Arc<Engine>, receivers: R, settings: DeliverySettings) -> Arc<Self> {
        let queue = Queue { log: Vec::new(), indexes: HashMap::new(), tails: HashMap::new(), held: None, active: 0 };
        Arc::new(Self { engine, receivers, settings, queue: Mutex::new(queue), changed: Notify::new() })
    }

    /// Delivers an event to these webhooks and returns the ids of the deliveries.
    pub(crate) fn raise(
        self: &Arc<Self>,
        webhooks: &[String],
        topic: impl Into<String>,
        event: R::Event,
        counts: bool,
    ) -> Vec<String> {
        let (id, at_ms) = (self.receivers.new_id(), self.engine.clock.now_ms());
        let raised = Arc::new(RaisedEvent { event, id, topic: topic.into(), at_ms });
        webhooks.iter().map(|webhook| self.add(webhook, Arc::clone(&raised), counts)).collect()
    }

    /// Sends a delivery again. Returns `false` if it does not exist. The result does not count as a failure or success
    /// of the webhook.
    pub(crate) fn redeliver(self: &Arc<Self>, id: &str) -> bool {
        let exists = lock(&self.queue).indexes.contains_key(id);
        if exists {
            self.set_status(id, DeliveryStatus::Pending);
            self.start(id.to_owned(), false);
        }
        exists
    }

    pub(crate) fn log(&self) -> Vec<Delivery> {
        lock(&self.queue).log.iter().map(|entry| entry.delivery.clone()).collect()
    }

    pub(crate) fn delivery(&self, id: &str) -> Option<Delivery> {
        Some(lock(&self.queue).find(id)?.delivery.clone())
    }

    pub(crate) async fn settled(&self) {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Registers before the check, so that no change is missed.
            changed.as_mut().enable();
            let busy = {
                let queue = lock(&self.queue);
                queue.active > 0 || queue.held.is_some()
            };
            if !busy {
                return;
            }
            changed.await;
        }
    }

    /// Logs a delivery and starts it, or holds it to be overtaken.
    fn add(self: &Arc<Self>, webhook_id: &str, raised: Arc<RaisedEvent<R::Event>>, counts: bool) -> String {
        let id = self.receivers.new_id();
        let overtaken = {
            let mut queue = lock(&self.queue);
            let delivery = Delivery {
                id: id.clone(),
                webhook_id: webhook_id.to_owned(),
                event_id: raised.id.clone(),
                topic: raised.topic.clone(),
                status: DeliveryStatus::Pending,
                attempts: Vec::new(),
            };
            let index = queue.log.len();
            queue.indexes.insert(id.clone(), index);
            queue.log.push(LogEntry { delivery, raised });
            if self.settings.reorder && queue.held.is_none() {
                queue.held = Some((id.clone(), counts));
                None
            } else {
                Some(queue.held.take())
            }
        };
        match overtaken {
            None => self.release_later(id.clone()),
            Some(overtaken_delivery) => {
                self.start(id.clone(), counts);
                if let Some((overtaken_delivery, counts)) = overtaken_delivery {
                    self.start(overtaken_delivery, counts);
                }
            }
        }
        id
    }

    fn release_later(self: &Arc<Self>, id: String) {
        let this = Arc::clone(self);
        self.engine.tasks.spawn(async move {
            sleep(HOLD).await;
            let still_held = lock(&this.queue).held.take_if(|(held, _)| *held == id);
            if let Some((id, counts)) = still_held {
                this.start(id, counts);
            }
        });
    }

    fn start(self: &Arc<Self>, id: String, counts: bool) {
        let (attempted, tail) = watch::channel(false);
        let previous = {
            let mut queue = lock(&self.queue);
            queue.active += 1;
            let webhook_id = queue.find(&id).map(|entry| entry.delivery.webhook_id.clone()).unwrap_or_default();
            queue.tails.insert(webhook_id, tail)
        };
        let this = Arc::clone(self);
        self.engine.tasks.spawn(async move {
            if let Some(mut previous) = previous {
                // An error means that the previous delivery was dropped.
                let _ = previous.wait_for(|attempted| *attempted).await;
            }
            this.deliver(&id, counts, &attempted).await;
            lock(&this.queue).active -= 1;
            this.changed.notify_waiters();
        });
    }

    async fn deliver(&self, id: &str, counts: bool, attempted: &watch::Sender<bool>) {
        for retry in 0.. {
            let started = self.engine.clock.elapsed();
            let outcome = self.attempt(id).await;
            attempted.send_replace(true);
            let pause = match outcome {
                AttemptOutcome::Classified(DeliveryOutcome::Delivered) => {
                    self.end(id, DeliveryStatus::Succeeded, counts);
                    if self.settings.duplicate {
                        self.attempt(id).await;
                    }
                    return;
                }
                AttemptOutcome::Classified(DeliveryOutcome::TryAgain) | AttemptOutcome::Skipped => {
                    self.receivers.pause(retry)
                }
                AttemptOutcome::Classified(DeliveryOutcome::Refused) => None,
                AttemptOutcome::NotSent => return self.set_status(id, DeliveryStatus::Failed),
            };
            let Some(pause) = pause else {
                return self.end(id, DeliveryStatus::Failed, counts);
            };
            self.set_status(id, DeliveryStatus::Retrying);
            match pause {
                RetryDelay::Real(time) => sleep(time.mul_f64(self.settings.scale)).await,
                RetryDelay::Simulated(time) => {
                    // Relative to the attempt, so that a test can move the clock as soon as the attempt has arrived.
                    self.engine.clock.sleep_until(started.saturating_add(time.mul_f64(self.settings.scale))).await;
                }
            }
        }
    }

    async fn attempt(&self, id: &str) -> AttemptOutcome {
        let target =
            lock(&self.queue).find(id).map(|entry| (entry.delivery.webhook_id.clone(), Arc::clone(&entry.raised)));
        let Some((webhook_id, raised)) = target else {
            return AttemptOutcome::NotSent;
        };
        let sent_at_ms = self.engine.clock.now_ms();
        let (message, response, outcome) = match self.receivers.next(&webhook_id, id, &raised) {
            AttemptPlan::Gone => return AttemptOutcome::NotSent,
            AttemptPlan::Skip => return AttemptOutcome::Skipped,
            AttemptPlan::Unable(message, reason) => (message, Err(reason.to_owned()), AttemptOutcome::NotSent),
            AttemptPlan::Send(message) => {
                let response = timeout(self.settings.timeout, send::post(&message)).await;
                let response = response.unwrap_or_else(|_| Err("no response within the timeout".to_owned()));
                let verdict =
                    response.as_ref().map_or(DeliveryOutcome::TryAgain, |status| self.receivers.judge(*status));
                (message, response, AttemptOutcome::Classified(verdict))
            }
        };
        let WebhookRequest { attempt_id: id_of_attempt, body, signature, .. } = message;
        let (status, error) = match response {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        let attempt = Attempt { id: id_of_attempt, body, signature, status, error, sent_at_ms };
        self.change(id, |delivery| delivery.attempts.push(attempt));
        outcome
    }

    fn end(&self, id: &str, status: DeliveryStatus, counts: bool) {
        self.set_status(id, status);
        let webhook_id = lock(&self.queue).find(id).map(|entry| entry.delivery.webhook_id.clone());
        self.receivers.ended(&webhook_id.unwrap_or_default(), status == DeliveryStatus::Succeeded, counts);
    }

    fn set_status(&self, id: &str, status: DeliveryStatus) {
        self.change(id, |delivery| delivery.status = status);
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Delivery)) {
        let mut queue = lock(&self.queue);
        let index = queue.indexes.get(id).copied();
        if let Some(entry) = index.and_then(|index| queue.log.get_mut(index)) {
            change(&mut entry.delivery);
        }
    }
}

impl<E> Queue<E> {
    fn find(&self, id: &str) -> Option<&LogEntry<E>> {
        self.log.get(*self.indexes.get(id)?)
    }
}

impl<R: WebhookService> fmt::Debug for Dispatcher<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("log", &self.log()).finish_non_exhaustive()
    }
}
