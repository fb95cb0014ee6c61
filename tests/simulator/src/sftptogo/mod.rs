//! The simulator of SFTP To Go's management API.

mod builder;
mod deliveries;
mod input;
mod operations;
mod resources;
mod service;
mod settings;
mod state;

use std::sync::Arc;
use std::time::Duration;

pub use self::builder::Builder;
use self::deliveries::Webhooks;
pub use self::deliveries::{Event, sign};
use self::operations::OPERATIONS;
pub use self::resources::share_links::LinkAccess;
pub use self::settings::{CreatedBy, PasswordPolicy};
pub use self::state::State;
pub use self::state::objects::{Credential, InboundRule, ShareLink, SshKey, Webhook};
use self::state::store::Store;
use crate::deliveries::Dispatcher;
pub use crate::deliveries::{Attempt, Delivery, DeliveryStatus};
use crate::server::{Running, SharedStore, simulator};

/// A running simulator of one SFTP To Go organization. Stops when dropped.
pub struct Simulator {
    running: Running,
    store: SharedStore<Store>,
    dispatcher: Arc<Dispatcher<Webhooks>>,
}

simulator! {
    /// Starts a simulator on a free port of the loopback address. The root credential exists.
    start;
    /// Returns the base URL, such as `http://127.0.0.1:40417`, without a trailing slash. It replaces
    /// `https://api.sftptogo.com`.
    base_url;
    counts "sftptogo.credentials.*";
}

impl Simulator {
    /// Returns the base URL with `/organizations/{organization_id}`, the prefix of all documented calls.
    #[must_use]
    pub fn organization_url(&self) -> String {
        format!("{}/organizations/{}", self.base_url(), self.organization_id())
    }

    /// Returns the organization of the API key.
    #[must_use]
    pub fn organization_id(&self) -> String {
        self.store.lock().organization_id.clone()
    }

    /// Returns the API key. The text is empty after the key is revoked.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.store.lock().api_key.clone().unwrap_or_default()
    }

    /// Returns the environment variables that point a client at this simulator: `SFTPTOGO_BASE_URL`, `SFTPTOGO_ORGANIZATION_ID`, `SFTPTOGO_API_KEY`
    /// and `SFTPTOGO_URL` with the root login, as the vendor's add-on sets it.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let root = {
            let store = self.store.lock();
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

    /// Advances the simulated time and applies its effects, see [`tick`](Self::tick).
    pub fn advance(&self, by: Duration) {
        self.running.engine.clock.advance(by);
        self.tick();
    }

    /// Deactivates expired credentials. Every request does this too.
    pub fn tick(&self) {
        self.store.tick();
    }

    /// Opens a share link as a visitor of the portal does.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn access_share_link(&self, id: &str) -> LinkAccess {
        let now_ms = self.store.now_ms();
        self.store.lock().access(id, now_ms)
    }

    /// Revokes the API key. Every request is answered with 401 until a new key is set.
    pub fn revoke_api_key(&self) {
        self.store.lock().api_key = None;
    }

    /// Replaces the API key. The old key is rejected from now on.
    pub fn set_api_key(&self, key: impl Into<String>) {
        self.store.lock().api_key = Some(key.into());
    }
}
