//! The simulator of Medianova Stook's management API.

mod builder;
mod envelope;
mod input;
mod operations;
mod resources;
mod service;
mod settings;
mod state;
mod tokens;

use std::time::Duration;

pub use self::builder::Builder;
use self::operations::OPERATIONS;
pub use self::settings::{CreatedCredential, DeletionResponse};
pub use self::state::State;
pub use self::state::objects::{Bucket, Credential, FtpAccount, Organization, Tag, WrapRule};
use self::state::store::{LoginKey, Store};
use crate::server::{Running, SharedStore, simulator};

/// A running simulator of Stook with one organization and an API key. Stops when dropped.
pub struct Simulator {
    running: Running,
    store: SharedStore<Store>,
}

simulator! {
    /// Starts a simulator on a free port of the loopback address. The organization is empty.
    start;
    /// Returns the base URL, such as `http://127.0.0.1:40417`, without a trailing slash. It replaces
    /// `https://cloud.medianova.com`.
    base_url;
    counts "stook.ftp_accounts.*";
}

impl Simulator {
    /// Returns the id of the default organization.
    #[must_use]
    pub fn organization_uuid(&self) -> String {
        self.store.lock().default_organization()
    }

    /// Returns the API key for logins. The text is empty after the key is revoked.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.store.lock().api_key.as_ref().map(|pair| pair.key.clone()).unwrap_or_default()
    }

    /// Returns the secret of the API key. The text is empty after the key is revoked.
    #[must_use]
    pub fn api_secret(&self) -> String {
        self.store.lock().api_key.as_ref().map(|pair| pair.secret.clone()).unwrap_or_default()
    }

    /// Returns the environment variables that point a client at this simulator: `STOOK_BASE_URL`, `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and
    /// `STOOK_API_SECRET`.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("STOOK_BASE_URL", self.base_url()),
            ("STOOK_ORGANIZATION_UUID", self.organization_uuid()),
            ("STOOK_API_KEY", self.api_key()),
            ("STOOK_API_SECRET", self.api_secret()),
        ]
    }

    /// Advances the simulated time. Expired tokens are rejected.
    pub fn advance(&self, by: Duration) {
        self.running.engine.clock.advance(by);
    }

    /// Revokes the API key. Logins fail until a new key is set. Issued tokens stay valid; see [`State::revoke_tokens`].
    pub fn revoke_api_key(&self) {
        self.store.lock().api_key = None;
    }

    /// Replaces the API key. The old key is rejected from now on.
    pub fn set_api_key(&self, key: impl Into<String>, secret: impl Into<String>) {
        self.store.lock().api_key = Some(LoginKey { key: key.into(), secret: secret.into() });
    }
}
