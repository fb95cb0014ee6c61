//! The simulator of the BrickFTP REST API, version 1: the API on one origin, the storage on another.

mod builder;
mod operations;
mod request;
mod resources;
mod response;
mod service;
mod settings;
mod state;

use std::time::Duration;

pub use self::builder::Builder;
use self::operations::OPERATIONS;
pub use self::settings::{Overwrite, PartLength, UploadForm};
pub use self::state::State;
pub use self::state::objects::{
    ApiKey, Behavior, Bundle, Entry, Event, Group, Membership, Notification, Permission, PublicKey, UploadSession, User,
};
use self::state::store::{ADMIN, Store};
use crate::server::{Running, SharedStore, simulator};

/// A running simulator of one BrickFTP site. Dropping it stops it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mft_simulator::brickftp::Simulator;
///
/// let simulator = Simulator::start().await?;
/// simulator.state().add_file("Staff/in/report.txt", "hello");
///
/// // Run a client with `simulator.base_url()` and `simulator.api_key()`, then check the result:
/// assert_eq!(simulator.state().content("Staff/in/report.txt").as_deref(), Some(&b"hello"[..]));
/// assert_eq!(simulator.count("brickftp.files.*"), 0);
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    running: Running,
    store: SharedStore<Store>,
}

simulator! {
    /// Starts on two free ports of the loopback address: a site with one administrator and no files.
    start;
    /// Returns the base URL of the API, such as `http://127.0.0.1:40417/api/rest/v1`, without a trailing slash. It
    /// replaces `https://SUBDOMAIN.brickftp.com/api/rest/v1`.
    base_url;
    /// Returns the origin of presigned URLs, such as `http://127.0.0.1:40418`.
    storage_url;
    counts "brickftp.uploads.*";
}

impl Simulator {
    /// Returns the first part of the site's host name at the real service.
    #[must_use]
    pub fn subdomain(&self) -> String {
        self.store.lock().settings.subdomain.clone()
    }

    /// Returns the API key of the site, which belongs to no user and has all permissions. Empty if it was revoked.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.store.lock().api_key.clone().unwrap_or_default()
    }

    /// Returns the name of the initial administrator, for logins.
    #[must_use]
    #[allow(clippy::unused_self)] // belongs to admin_password, which needs it
    pub fn admin_username(&self) -> &'static str {
        ADMIN
    }

    /// Returns the password of the initial administrator. Empty if the user was removed.
    #[must_use]
    pub fn admin_password(&self) -> String {
        self.store.lock().user_named(ADMIN).map(|user| user.password.clone()).unwrap_or_default()
    }

    /// Returns the environment variables of the simulator: `BRICKFTP_API_KEY`, `BRICKFTP_BASE_URL`,
    /// `BRICKFTP_SUBDOMAIN`, and for logins `BRICKFTP_USERNAME` and `BRICKFTP_PASSWORD`.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("BRICKFTP_API_KEY", self.api_key()),
            ("BRICKFTP_BASE_URL", self.base_url()),
            ("BRICKFTP_SUBDOMAIN", self.subdomain()),
            ("BRICKFTP_USERNAME", self.admin_username().to_owned()),
            ("BRICKFTP_PASSWORD", self.admin_password()),
        ]
    }

    /// Returns the largest number of bytes of uploaded content that were in memory at once. See
    /// [`StorageSettings::memory_limit`](crate::StorageSettings::memory_limit).
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.store.lock().storage.peak_resident()
    }

    /// Moves the simulated time forward. Sessions, keys, lockouts, uploads and presigned URLs expire.
    pub fn advance(&self, by: Duration) {
        self.running.engine.clock.advance(by);
        self.store.tick();
    }

    /// Revokes the API key of the site.
    pub fn revoke_api_key(&self) {
        self.store.lock().api_key = None;
    }

    /// Replaces the API key of the site. The old key is rejected.
    pub fn set_api_key(&self, key: impl Into<String>) {
        self.store.lock().api_key = Some(key.into());
    }
}
