//! A simulator of the Buckets API.

mod builder;
mod deliveries;
mod input;
mod operations;
mod paging;
mod resources;
mod service;
mod settings;
mod state;

use std::sync::Arc;
use std::time::Duration;

pub use self::builder::Builder;
use self::deliveries::Notifications;
pub use self::deliveries::sign;
use self::operations::OPERATIONS;
pub use self::resources::files::SftpError;
pub use self::settings::{NextUri, PageLimits, UnknownAfter};
pub use self::state::State;
pub use self::state::objects::{Bucket, Notification, StoredFile, User};
use self::state::store::Store;
use crate::deliveries::Dispatcher;
pub use crate::deliveries::{Attempt, Delivery, DeliveryStatus};
use crate::server::{Running, SharedStore, simulator};

/// A running simulator of one Buckets account. Stops when dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mft_simulator::usebuckets::Simulator;
///
/// let simulator = Simulator::start().await?;
/// let bucket = simulator.state().add_bucket(|bucket| bucket.name = "Northwind intake".into());
/// let mira = simulator.state().add_user(&bucket.id, |user| user.username = "mira".into());
///
/// // Point a client at `simulator.base_url()` with `simulator.api_key()`, and let partners upload:
/// simulator.state().upload_file(&bucket.id, &mira.id, "/invoices/2024-02.csv", "a,b")?;
/// assert_eq!(simulator.state().files(&bucket.id).len(), 1);
/// assert_eq!(simulator.count("usebuckets.users.*"), 0);
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    running: Running,
    store: SharedStore<Store>,
    dispatcher: Arc<Dispatcher<Notifications>>,
}

simulator! {
    /// Starts a simulator on a free port of the loopback address. There are no buckets.
    start;
    /// Returns the base URL, such as `http://127.0.0.1:40417/v1`, without a trailing slash. It replaces
    /// `https://api.usebuckets.io/v1`.
    base_url;
    counts "usebuckets.users.*";
}

impl Simulator {
    /// Returns the API key. The text is empty after the key is revoked.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.store.lock().api_key.clone().unwrap_or_default()
    }

    /// Returns the key that signs deliveries.
    #[must_use]
    pub fn signing_secret(&self) -> String {
        self.store.lock().signing_secret.clone()
    }

    /// Returns the environment variables that point a client at this simulator: `USEBUCKETS_API_KEY` and `USEBUCKETS_BASE_URL`, and for receivers of
    /// deliveries `USEBUCKETS_SIGNING_SECRET`.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("USEBUCKETS_API_KEY", self.api_key()),
            ("USEBUCKETS_BASE_URL", self.base_url()),
            ("USEBUCKETS_SIGNING_SECRET", self.signing_secret()),
        ]
    }

    /// Advances the simulated time. Delayed deliveries are retried.
    pub fn advance(&self, by: Duration) {
        self.running.engine.clock.advance(by);
    }

    /// Revokes the API key. Every request is answered with 401 until a new key is set.
    pub fn revoke_api_key(&self) {
        self.store.lock().api_key = None;
    }

    /// Replaces the API key. The old key is rejected from now on.
    pub fn set_api_key(&self, key: impl Into<String>) {
        self.store.lock().api_key = Some(key.into());
    }

    /// Replaces the key that signs deliveries, from the next attempt on.
    pub fn set_signing_secret(&self, secret: impl Into<String>) {
        self.store.lock().signing_secret = secret.into();
    }
}
