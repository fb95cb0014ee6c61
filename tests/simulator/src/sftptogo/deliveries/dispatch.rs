use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::event::{Event, Ids};
use super::{Attempt, Delivery, DeliveryStatus, send};
use crate::lock;
use crate::server::Engine;
use crate::sftptogo::objects::Webhook;
use crate::sftptogo::service::without_secrets;
use crate::sftptogo::settings::DeliverySettings;
use crate::sftptogo::store::{Store, touch};

const RETRIES: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(300);
const FAILURES_BEFORE_PAUSE: u32 = 5;

/// How long a held-back delivery waits for another that may overtake it.
const HOLD: Duration = Duration::from_millis(200);

/// Brings events to webhooks and keeps the log.
pub(in crate::sftptogo) struct Dispatcher {
    engine: Arc<Engine>,
    store: Arc<Mutex<Store>>,
    settings: DeliverySettings,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    log: Vec<Delivery>,
    events: HashMap<String, Arc<Raised>>,
    /// Per webhook, whether the latest delivery has had its first attempt.
    tails: HashMap<String, watch::Receiver<bool>>,
    held: Option<String>,
    /// Work under way; duplicates count too.
    active: usize,
}

struct Raised {
    event: Event,
    id: String,
    at_ms: i64,
}

/// What one attempt came to.
enum Outcome {
    Delivered,
    TryAgain,
    Refused,
    /// Nothing was sent, for reasons of the simulator.
    NotSent,
}

impl Dispatcher {
    pub(in crate::sftptogo) fn new(engine: Arc<Engine>, store: Arc<Mutex<Store>>) -> Arc<Self> {
        let settings = lock(&store).settings.delivery;
        Arc::new(Self { engine, store, settings, queue: Mutex::default(), changed: Notify::new() })
    }

    pub(super) fn raise(self: &Arc<Self>, event: Event) -> Vec<String> {
        let wants = |webhook: &&Webhook| {
            webhook.state == "enabled" && webhook.kind == "webhook" && webhook.topics.contains(&event.topic)
        };
        let webhooks: Vec<_> = lock(&self.store).webhooks.iter().filter(wants).map(|one| one.id.clone()).collect();
        let raised = self.raised(event);
        webhooks.iter().map(|webhook| self.add(webhook, Arc::clone(&raised))).collect()
    }

    pub(super) fn ping(self: &Arc<Self>, webhook_id: &str) -> Option<String> {
        let data = {
            let store = lock(&self.store);
            without_secrets(store.webhook(webhook_id).ok()?, &store.organization_id)
        };
        let raised = self.raised(Event::ping("webhook.ping".into(), data));
        Some(self.add(webhook_id, raised))
    }

    pub(super) fn redeliver(self: &Arc<Self>, id: &str) -> bool {
        let known = lock(&self.queue).events.contains_key(id);
        if known {
            self.set_status(id, DeliveryStatus::Pending);
            self.start(id.to_owned(), false);
        }
        known
    }

    pub(super) fn log(&self) -> Vec<Delivery> {
        lock(&self.queue).log.clone()
    }

    pub(super) async fn settled(&self) {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Listening begins before looking, so that no change falls in between.
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

    fn raised(&self, event: Event) -> Arc<Raised> {
        let id = lock(&self.store).random.uuid();
        Arc::new(Raised { event, id, at_ms: self.engine.clock.now_ms() })
    }

    /// Enters a delivery into the log and starts it, or holds it back to be overtaken.
    fn add(self: &Arc<Self>, webhook_id: &str, raised: Arc<Raised>) -> String {
        let id = lock(&self.store).random.uuid();
        let counts = raised.event.topic != "webhook.ping";
        let overtaken = {
            let mut queue = lock(&self.queue);
            queue.log.push(Delivery {
                id: id.clone(),
                webhook_id: webhook_id.to_owned(),
                event_id: raised.id.clone(),
                topic: raised.event.topic.clone(),
                status: DeliveryStatus::Pending,
                attempts: Vec::new(),
            });
            queue.events.insert(id.clone(), raised);
            if self.settings.reorder && queue.held.is_none() {
                queue.held = Some(id.clone());
                None
            } else {
                Some(queue.held.take())
            }
        };
        match overtaken {
            None => self.release_later(id.clone()),
            Some(held) => {
                self.start(id.clone(), counts);
                if let Some(held) = held {
                    self.start(held, true);
                }
            }
        }
        id
    }

    fn release_later(self: &Arc<Self>, id: String) {
        let this = Arc::clone(self);
        self.engine.tasks.spawn(async move {
            sleep(HOLD).await;
            let still_held = lock(&this.queue).held.take_if(|held| *held == id).is_some();
            if still_held {
                this.start(id, true);
            }
        });
    }

    fn start(self: &Arc<Self>, id: String, counts: bool) {
        let (tried, tail) = watch::channel(false);
        let before = {
            let mut queue = lock(&self.queue);
            queue.active += 1;
            let webhook_id = queue.log.iter().find(|one| one.id == id).map(|one| &one.webhook_id);
            let webhook_id = webhook_id.cloned().unwrap_or_default();
            queue.tails.insert(webhook_id, tail)
        };
        let this = Arc::clone(self);
        self.engine.tasks.spawn(async move {
            if let Some(mut before) = before {
                // An error means that the delivery before is gone altogether.
                let _ = before.wait_for(|tried| *tried).await;
            }
            this.deliver(&id, counts, &tried).await;
            lock(&this.queue).active -= 1;
            this.changed.notify_waiters();
        });
    }

    async fn deliver(&self, id: &str, counts: bool, tried: &watch::Sender<bool>) {
        for retry in 0..=RETRIES {
            let outcome = self.attempt(id).await;
            tried.send_replace(true);
            match outcome {
                Outcome::Delivered => {
                    self.set_status(id, DeliveryStatus::Succeeded);
                    self.settle(id, true, true);
                    if self.settings.duplicate {
                        self.attempt(id).await;
                    }
                    return;
                }
                Outcome::TryAgain if retry < RETRIES => {
                    self.set_status(id, DeliveryStatus::Retrying);
                    sleep(self.delay(retry)).await;
                }
                Outcome::TryAgain | Outcome::Refused => {
                    self.set_status(id, DeliveryStatus::Failed);
                    self.settle(id, false, counts);
                    return;
                }
                Outcome::NotSent => {
                    self.set_status(id, DeliveryStatus::Failed);
                    return;
                }
            }
        }
    }

    fn delay(&self, retry: u32) -> Duration {
        let doubled = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(retry)).min(LONGEST_DELAY);
        let jitter = 1.0 + 0.2 * lock(&self.store).random.fraction();
        doubled.mul_f64(jitter).min(LONGEST_DELAY).mul_f64(self.settings.scale)
    }

    async fn attempt(&self, id: &str) -> Outcome {
        let Some(raised) = lock(&self.queue).events.get(id).map(Arc::clone) else {
            return Outcome::NotSent;
        };
        let prepared = self.prepare(id, &raised);
        let Some((mut attempt, webhook)) = prepared else {
            return Outcome::NotSent;
        };
        let sent = if webhook.url.starts_with("http://") {
            let body = attempt.body.clone();
            let post = send::post(&webhook.url, &webhook.authorization_header, &attempt.signature, body);
            match timeout(self.settings.timeout, post).await {
                Ok(sent) => Some(sent),
                Err(_) => Some(Err("no answer in time".to_owned())),
            }
        } else {
            None
        };
        let outcome = match &sent {
            None => Outcome::NotSent,
            Some(Ok(200..=299)) => Outcome::Delivered,
            Some(Ok(408 | 429 | 500..=599) | Err(_)) => Outcome::TryAgain,
            Some(Ok(_)) => Outcome::Refused,
        };
        match sent {
            Some(Ok(status)) => attempt.status = Some(status),
            Some(Err(error)) => attempt.error = Some(error),
            None => attempt.error = Some("the simulator delivers to http:// URLs only".to_owned()),
        }
        self.change(id, |delivery| delivery.attempts.push(attempt));
        outcome
    }

    /// The attempt as it will be sent, and the webhook as it is at this moment: the key is the secret at send time.
    fn prepare(&self, id: &str, raised: &Raised) -> Option<(Attempt, Webhook)> {
        let webhook_id = lock(&self.queue).log.iter().find(|one| one.id == id)?.webhook_id.clone();
        let mut store = lock(&self.store);
        let webhook = store.webhook(&webhook_id).ok()?.clone();
        let attempt_id = store.random.uuid();
        let ids = Ids {
            event: &raised.id,
            organization: &store.organization_id,
            webhook: &webhook.id,
            delivery: id,
            attempt: &attempt_id,
            raised_at_ms: raised.at_ms,
        };
        let body = raised.event.render(&ids).to_string();
        let signature = if self.settings.bare_signature {
            send::sign_bare(&webhook.secret, body.as_bytes())
        } else {
            send::sign(&webhook.secret, body.as_bytes())
        };
        let attempt = Attempt {
            id: attempt_id,
            body: body.into(),
            signature,
            status: None,
            error: None,
            sent_at_ms: self.engine.clock.now_ms(),
        };
        Some((attempt, webhook))
    }

    /// Counts failures in a row; any success ends the row.
    fn settle(&self, id: &str, succeeded: bool, counts: bool) {
        let webhook_id = lock(&self.queue).log.iter().find(|one| one.id == id).map(|one| one.webhook_id.clone());
        let now_ms = self.engine.clock.now_ms();
        let mut store = lock(&self.store);
        let Some(webhook) = webhook_id.and_then(|id| store.webhook_mut(&id).ok()) else {
            return;
        };
        if succeeded {
            webhook.failure_streak = 0;
        } else if counts {
            webhook.failure_streak += 1;
            if webhook.failure_streak >= FAILURES_BEFORE_PAUSE && webhook.state == "enabled" {
                webhook.state = "paused".into();
                webhook.updated_at_ms = touch(webhook.updated_at_ms, now_ms);
            }
        }
    }

    fn set_status(&self, id: &str, status: DeliveryStatus) {
        self.change(id, |delivery| delivery.status = status);
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) = lock(&self.queue).log.iter_mut().find(|one| one.id == id) {
            change(delivery);
        }
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher").field("log", &lock(&self.queue).log).finish_non_exhaustive()
    }
}
