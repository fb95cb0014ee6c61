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

    setters! {
        /// Sets the organization id. Default: generated from the seed.
        organization_id(id: impl Into<String>) => organization_id = Some(id.into());

        /// Sets the API key. Default: generated from the seed.
        api_key(key: impl Into<String>) => api_key = Some(key.into());

        /// Returns in each response the keys of its documented example. This is the default.
        example_responses() => full_responses = false;

        /// Returns all keys in every response, including `Settings`, `PasswordCreatedAt` and `Expiration`.
        full_responses() => full_responses = true;

        /// Sets the shape of `CreatedBy` in share links. Default: as in the documented examples.
        created_by(shape: CreatedBy) => created_by = shape;

        /// Sets the password policy. Default: 10 characters with an upper-case letter, a lower-case letter and a digit.
        password_policy(policy: PasswordPolicy) => password_policy = policy;

        /// Answers 405 instead of 404 if a known path is called with another method.
        method_not_allowed() => method_not_allowed = true;

        /// Accepts `http://` URLs of the loopback address for webhooks. The real service rejects them.
        allow_http_webhooks() => allow_http_webhooks = true;

        /// Signs deliveries in base64 without `sha256=`, as one of the vendor's samples does.
        bare_signatures() => bare_signatures = true;
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
