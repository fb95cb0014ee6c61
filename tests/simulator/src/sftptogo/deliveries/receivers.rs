use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName};

use super::event::{Event, Ids};
use crate::deliveries::{AttemptPlan, DeliveryOutcome, RaisedEvent, RetryDelay, WebhookRequest, WebhookService};
use crate::hash::{hex, hmac_sha256};
use crate::server::{SharedStore, touch};
use crate::sftptogo::state::store::Store;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");
const RETRIES: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(300);
const FAILURES_BEFORE_PAUSE: u32 = 5;

/// Computes the `X-Hub-Signature` of a body: `sha256=` and the hex HMAC-SHA256.
///
/// ```
/// let header = mft_simulator::sftptogo::sign("Very Secret Secret", b"Hello! This is a test payload.");
/// assert_eq!(header, "sha256=8ba4c47558de1872150c3ec82211c34bf0cbd6d60fc4f9875b97853af06de917");
/// ```
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex(&hmac_sha256(secret, body)))
}

/// The webhooks of the organization.
pub(crate) struct Webhooks {
    pub(crate) store: SharedStore<Store>,
}

impl WebhookService for Webhooks {
    type Event = Event;

    fn new_id(&self) -> String {
        self.store.lock().random.uuid()
    }

    /// Signs with the secret at send time.
    fn next(&self, webhook: &str, delivery: &str, raised: &RaisedEvent<Event>) -> AttemptPlan {
        let mut store = self.store.lock();
        let Ok(webhook) = store.webhook(webhook).cloned() else {
            return AttemptPlan::Gone;
        };
        let attempt_id = store.random.uuid();
        let ids = Ids {
            event: &raised.id,
            organization: &store.organization_id,
            webhook: &webhook.id,
            delivery,
            attempt: &attempt_id,
            raised_at_ms: raised.at_ms,
        };
        let body = raised.event.render(&ids).to_string();
        let signature = if store.settings.bare_signatures {
            STANDARD.encode(hmac_sha256(&webhook.secret, body.as_bytes()))
        } else {
            sign(&webhook.secret, body.as_bytes())
        };
        let mut headers = vec![(SIGNATURE, signature.clone())];
        if !webhook.authorization_header.is_empty() {
            headers.push((AUTHORIZATION, webhook.authorization_header));
        }
        let plain = webhook.url.starts_with("http://");
        let message = WebhookRequest { attempt_id, url: webhook.url, headers, body: body.into(), signature };
        if plain {
            AttemptPlan::Send(message)
        } else {
            AttemptPlan::Unable(message, "the simulator delivers to http:// URLs only")
        }
    }

    fn judge(&self, status: u16) -> DeliveryOutcome {
        match status {
            200..=299 => DeliveryOutcome::Delivered,
            408 | 429 | 500..=599 => DeliveryOutcome::TryAgain,
            _ => DeliveryOutcome::Refused,
        }
    }

    fn pause(&self, retry: u32) -> Option<RetryDelay> {
        if retry >= RETRIES {
            return None;
        }
        let delay = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(retry)).min(MAX_DELAY);
        let jitter = 1.0 + 0.2 * self.store.lock().random.fraction();
        Some(RetryDelay::Real(delay.mul_f64(jitter).min(MAX_DELAY)))
    }

    /// Counts consecutive failures. A success resets the count.
    fn ended(&self, webhook: &str, succeeded: bool, counts: bool) {
        let now_ms = self.store.now_ms();
        let mut store = self.store.lock();
        let Ok(webhook) = store.webhook_mut(webhook) else {
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
}
