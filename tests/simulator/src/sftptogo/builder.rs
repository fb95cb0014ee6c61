use std::sync::Arc;

use super::Simulator;
use super::deliveries::Webhooks;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{CreatedBy, PasswordPolicy, Settings};
use super::state::store::Store;
use crate::StartError;
use crate::deliveries::{Dispatcher, delivery_settings};
use crate::server::{ServerSettings, SharedStore, builder_settings};

/// Configures and starts a [`Simulator`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder has no effect until `start()` is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
}

impl Builder {
    builder_settings!();

    /// Sets the organization id. Default: generated from the seed.
    pub fn organization_id(mut self, id: impl Into<String>) -> Self {
        self.settings.organization_id = Some(id.into());
        self
    }

    /// Sets the API key. Default: generated from the seed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Returns in each response the keys of its documented example. This is the default.
    pub const fn example_responses(mut self) -> Self {
        self.settings.full_responses = false;
        self
    }

    /// Returns all keys in every response, including `Settings`, `PasswordCreatedAt` and `Expiration`.
    pub const fn full_responses(mut self) -> Self {
        self.settings.full_responses = true;
        self
    }

    /// Sets the shape of `CreatedBy` in share links. Default: as in the documented examples.
    pub const fn created_by(mut self, shape: CreatedBy) -> Self {
        self.settings.created_by = shape;
        self
    }

    /// Sets the password policy. Default: 10 characters with an upper-case letter, a lower-case letter and a digit.
    pub const fn password_policy(mut self, policy: PasswordPolicy) -> Self {
        self.settings.password_policy = policy;
        self
    }

    /// Answers 405 instead of 404 if a known path is called with another method.
    pub const fn method_not_allowed(mut self) -> Self {
        self.settings.method_not_allowed = true;
        self
    }

    /// Accepts `http://` URLs of the loopback address for webhooks. The real service rejects them.
    pub const fn allow_http_webhooks(mut self) -> Self {
        self.settings.allow_http_webhooks = true;
        self
    }

    /// Signs deliveries in base64 without `sha256=`, as one of the vendor's samples does.
    pub const fn bare_signatures(mut self) -> Self {
        self.settings.bare_signatures = true;
        self
    }

    delivery_settings!();

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let delivery = self.settings.delivery;
        let prepared = self.server.prepare(OPERATIONS)?;
        let store = Store::new(self.settings, prepared.seed, prepared.now_ms());
        let store = SharedStore::new(store, prepared.clock());
        let dispatcher = Dispatcher::new(Arc::clone(&prepared.engine), Webhooks { store: store.clone() }, delivery);
        let running = prepared.run(Arc::new(Api { store: store.clone() })).await?;
        Ok(Simulator { running, store, dispatcher })
    }
}
