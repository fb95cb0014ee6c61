use std::sync::{Arc, Mutex};

use super::Simulator;
use super::deliveries::Webhooks;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{CreatedBy, PasswordPolicy, Settings};
use super::state::store::Store;
use crate::StartError;
use crate::deliveries::{Dispatcher, delivery_settings};
use crate::server::{ServerSettings, builder_settings};

/// The settings of a [`Simulator`] before it starts.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until start() is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
}

impl Builder {
    builder_settings!();

    /// The organization id; made from the seed unless set.
    pub fn organization_id(mut self, id: impl Into<String>) -> Self {
        self.settings.organization_id = Some(id.into());
        self
    }

    /// The API key; made from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Replies have the keys that the documented examples have, call by call. This is the default.
    pub const fn example_replies(mut self) -> Self {
        self.settings.full_replies = false;
        self
    }

    /// Every reply has every key, `Settings`, `PasswordCreatedAt` and `Expiration` included.
    pub const fn full_replies(mut self) -> Self {
        self.settings.full_replies = true;
        self
    }

    /// The shape of `CreatedBy` in share links.
    pub const fn created_by(mut self, shape: CreatedBy) -> Self {
        self.settings.created_by = shape;
        self
    }

    /// What passwords must look like.
    pub const fn password_policy(mut self, policy: PasswordPolicy) -> Self {
        self.settings.password_policy = policy;
        self
    }

    /// Answers 405 instead of 404 when a known path is called with another method.
    pub const fn method_not_allowed(mut self) -> Self {
        self.settings.method_not_allowed = true;
        self
    }

    /// Accepts `http://` URLs of the loopback address for webhooks, which the service itself refuses.
    pub const fn allow_http_webhooks(mut self) -> Self {
        self.settings.allow_http_webhooks = true;
        self
    }

    /// Signs deliveries as one sample of the vendor shows it: in base64, without `sha256=`.
    pub const fn bare_signatures(mut self) -> Self {
        self.settings.bare_signatures = true;
        self
    }

    delivery_settings!();

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let delivery = self.settings.delivery;
        let prepared = self.server.prepare(OPERATIONS)?;
        let store = Arc::new(Mutex::new(Store::new(self.settings, prepared.seed, prepared.now_ms())));
        let service = Arc::new(Api { store: Arc::clone(&store), clock: prepared.clock() });
        let running = prepared.run(service).await?;
        let webhooks = Webhooks { store: Arc::clone(&store), clock: Arc::clone(&running.engine.clock) };
        let dispatcher = Dispatcher::new(Arc::clone(&running.engine), webhooks, delivery);
        Ok(Simulator { running, store, dispatcher })
    }
}
