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
    log: Vec<Entry<E>>,
    /// The index in the log, by delivery id.
    places: HashMap<String, usize>,
    /// By webhook: whether the latest delivery has had its first attempt.
    tails: HashMap<String, watch::Receiver<bool>>,
    held: Option<(String, bool)>,
    /// The number of deliveries in progress, including duplicates.
    active: usize,
}

struct Entry<E> {
    delivery: Delivery,
    raised: Arc<RaisedEvent<E>>,
}

/// The outcome of an attempt.
enum Outcome {
    Judged(DeliveryOutcome),
    /// Nothing was sent this time.
    Skipped,
    /// Nothing was sent, and nothing will be.
    NotSent,
}

impl<R: WebhookService> Dispatcher<R> {
    pub(crate) fn new(engine: Arc<Engine>, receivers: R, settings: DeliverySettings) -> Arc<Self> {
        let queue = Queue { log: Vec::new(), places: HashMap::new(), tails: HashMap::new(), held: None, active: 0 };
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
        let known = lock(&self.queue).places.contains_key(id);
        if known {
            self.set_status(id, DeliveryStatus::Pending);
            self.start(id.to_owned(), false);
        }
        known
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
            let place = queue.log.len();
            queue.places.insert(id.clone(), place);
            queue.log.push(Entry { delivery, raised });
            if self.settings.reorder && queue.held.is_none() {
                queue.held = Some((id.clone(), counts));
                None
            } else {
                Some(queue.held.take())
            }
        };
        match overtaken {
            None => self.release_later(id.clone()),
            Some(held) => {
                self.start(id.clone(), counts);
                if let Some((held, counts)) = held {
                    self.start(held, counts);
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
        let (tried, tail) = watch::channel(false);
        let before = {
            let mut queue = lock(&self.queue);
            queue.active += 1;
            let webhook_id = queue.find(&id).map(|entry| entry.delivery.webhook_id.clone()).unwrap_or_default();
            queue.tails.insert(webhook_id, tail)
        };
        let this = Arc::clone(self);
        self.engine.tasks.spawn(async move {
            if let Some(mut before) = before {
                // An error means that the previous delivery was dropped.
                let _ = before.wait_for(|tried| *tried).await;
            }
            this.deliver(&id, counts, &tried).await;
            lock(&this.queue).active -= 1;
            this.changed.notify_waiters();
        });
    }

    async fn deliver(&self, id: &str, counts: bool, tried: &watch::Sender<bool>) {
        for retry in 0.. {
            let began = self.engine.clock.elapsed();
            let outcome = self.attempt(id).await;
            tried.send_replace(true);
            let pause = match outcome {
                Outcome::Judged(DeliveryOutcome::Delivered) => {
                    self.end(id, DeliveryStatus::Succeeded, counts);
                    if self.settings.duplicate {
                        self.attempt(id).await;
                    }
                    return;
                }
                Outcome::Judged(DeliveryOutcome::TryAgain) | Outcome::Skipped => self.receivers.pause(retry),
                Outcome::Judged(DeliveryOutcome::Refused) => None,
                Outcome::NotSent => return self.set_status(id, DeliveryStatus::Failed),
            };
            let Some(pause) = pause else {
                return self.end(id, DeliveryStatus::Failed, counts);
            };
            self.set_status(id, DeliveryStatus::Retrying);
            match pause {
                RetryDelay::Real(time) => sleep(time.mul_f64(self.settings.scale)).await,
                RetryDelay::Simulated(time) => {
                    // Relative to the attempt, so that a test can move the clock as soon as the attempt has arrived.
                    self.engine.clock.sleep_until(began.saturating_add(time.mul_f64(self.settings.scale))).await;
                }
            }
        }
    }

    async fn attempt(&self, id: &str) -> Outcome {
        let known = lock(&self.queue).find(id).map(|one| (one.delivery.webhook_id.clone(), Arc::clone(&one.raised)));
        let Some((webhook_id, raised)) = known else {
            return Outcome::NotSent;
        };
        let sent_at_ms = self.engine.clock.now_ms();
        let (message, answer, outcome) = match self.receivers.next(&webhook_id, id, &raised) {
            AttemptPlan::Gone => return Outcome::NotSent,
            AttemptPlan::Skip => return Outcome::Skipped,
            AttemptPlan::Unable(message, reason) => (message, Err(reason.to_owned()), Outcome::NotSent),
            AttemptPlan::Send(message) => {
                let answer = timeout(self.settings.timeout, send::post(&message)).await;
                let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
                let verdict = answer.as_ref().map_or(DeliveryOutcome::TryAgain, |status| self.receivers.judge(*status));
                (message, answer, Outcome::Judged(verdict))
            }
        };
        let WebhookRequest { attempt_id: id_of_attempt, body, signature, .. } = message;
        let (status, error) = match answer {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        let attempt = Attempt { id: id_of_attempt, body, signature, status, error, sent_at_ms };
        self.change(id, |delivery| delivery.attempts.push(attempt));
        outcome
    }

    fn end(&self, id: &str, status: DeliveryStatus, counts: bool) {
        self.set_status(id, status);
        let webhook_id = lock(&self.queue).find(id).map(|one| one.delivery.webhook_id.clone());
        self.receivers.ended(&webhook_id.unwrap_or_default(), status == DeliveryStatus::Succeeded, counts);
    }

    fn set_status(&self, id: &str, status: DeliveryStatus) {
        self.change(id, |delivery| delivery.status = status);
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Delivery)) {
        let mut queue = lock(&self.queue);
        let place = queue.places.get(id).copied();
        if let Some(entry) = place.and_then(|place| queue.log.get_mut(place)) {
            change(&mut entry.delivery);
        }
    }
}

impl<E> Queue<E> {
    fn find(&self, id: &str) -> Option<&Entry<E>> {
        self.log.get(*self.places.get(id)?)
    }
}

impl<R: WebhookService> fmt::Debug for Dispatcher<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("log", &self.log()).finish_non_exhaustive()
    }
}
