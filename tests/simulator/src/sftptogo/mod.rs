//! The simulator of SFTP To Go's management API.

mod builder;
mod deliveries;
mod input;
mod operations;
mod resources;
mod service;
mod settings;
mod state;

use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use self::builder::Builder;
use self::deliveries::Webhooks;
pub use self::deliveries::{Event, sign};
use self::operations::OPERATIONS;
pub use self::resources::share_links::Access;
pub use self::settings::{CreatedBy, PasswordPolicy};
pub use self::state::State;
pub use self::state::objects::{Credential, InboundRule, ShareLink, SshKey, Webhook};
use self::state::store::Store;
use crate::deliveries::Dispatcher;
pub use crate::deliveries::{Attempt, Delivery, DeliveryStatus};
use crate::lock;
use crate::server::{Running, simulator};

/// A running simulator of one SFTP To Go organization. Dropping it stops it.
pub struct Simulator {
    running: Running,
    store: Arc<Mutex<Store>>,
    dispatcher: Arc<Dispatcher<Webhooks>>,
}

simulator! {
    /// Starts on a free port of the loopback address, with the root credential in place.
    start;
    /// Where it listens, such as `http://127.0.0.1:40417`, without a slash at the end. It takes the place of
    /// `https://api.sftptogo.com`.
    base_url;
    counts "sftptogo.credentials.*";
}

impl Simulator {
    /// The base URL with `/organizations/{organization_id}`: what the documented calls start with.
    #[must_use]
    pub fn organization_url(&self) -> String {
        format!("{}/organizations/{}", self.base_url(), self.organization_id())
    }

    /// The organization that the API key belongs to.
    #[must_use]
    pub fn organization_id(&self) -> String {
        lock(&self.store).organization_id.clone()
    }

    /// The API key, or an empty text once it is revoked.
    #[must_use]
    pub fn api_key(&self) -> String {
        lock(&self.store).api_key.clone().unwrap_or_default()
    }

    /// The environment that points a client here: `SFTPTOGO_BASE_URL`, `SFTPTOGO_ORGANIZATION_ID`, `SFTPTOGO_API_KEY`
    /// and, as the vendor's add-on sets it, `SFTPTOGO_URL` with the root login.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let root = {
            let store = lock(&self.store);
            let root = store.credentials.iter().find(|credential| credential.is_default);
            root.map(|root| store.uri(root)).unwrap_or_default()
        };
        vec![
            ("SFTPTOGO_BASE_URL", self.base_url()),
            ("SFTPTOGO_ORGANIZATION_ID", self.organization_id()),
            ("SFTPTOGO_API_KEY", self.api_key()),
            ("SFTPTOGO_URL", root),
        ]
    }

    /// Moves the simulated time forward and lets it do its work, see [`tick`](Self::tick).
    pub fn advance(&self, by: Duration) {
        self.running.engine.clock.advance(by);
        self.tick();
    }

    /// Makes credentials past their expiration inactive. Every request does this by itself.
    pub fn tick(&self) {
        let now_ms = self.running.engine.clock.now_ms();
        lock(&self.store).tick(now_ms);
    }

    /// Uses a share link as a visitor of the portal does.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn access_share_link(&self, id: &str) -> Access {
        let now_ms = self.running.engine.clock.now_ms();
        lock(&self.store).access(id, now_ms)
    }

    /// Answers every request with 401 until there is a new key.
    pub fn revoke_api_key(&self) {
        lock(&self.store).api_key = None;
    }

    /// Replaces the API key; the old one is refused from now on.
    pub fn set_api_key(&self, key: impl Into<String>) {
        lock(&self.store).api_key = Some(key.into());
    }
}
