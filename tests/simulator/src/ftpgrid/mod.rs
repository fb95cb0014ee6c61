//! A simulator of ftpGrid's REST API: the Management API on one origin, the Storage API on another.

mod accounts;
mod builder;
mod input;
mod operations;
mod service;
mod settings;
mod state;
mod storage;
mod tokens;

use std::time::Duration;

pub use self::builder::Builder;
use self::operations::OPERATIONS;
pub use self::settings::{Batches, CreateResponse, ErrorBody, Lag, Paths, RelativeTarget};
pub use self::state::State;
pub use self::state::objects::{FtpAccount, StoredFile};
use self::state::store::Store;
use crate::server::{Running, SharedStore, simulator};

/// A running simulator of one ftpGrid association. Stops when dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mft_simulator::ftpgrid::Simulator;
///
/// let simulator = Simulator::start().await?;
/// simulator.state().add_file("/in/report.txt", "hello");
///
/// // Point a client at `simulator.base_url()` and `simulator.storage_url()` with the three keys, or with a token:
/// let token = simulator.state().issue_token();
///
/// // Let it work, and look at the result:
/// assert_eq!(simulator.state().content("/in/report.txt").as_deref(), Some(&b"hello"[..]));
/// assert_eq!(simulator.count("ftpgrid.auth.token"), 0);
/// # let _ = token;
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    running: Running,
    store: SharedStore<Store>,
}

simulator! {
    /// Starts a simulator on two free ports of the loopback address. The REST API account has all scopes. There are no FTP
    /// accounts and no files.
    start;
    /// Returns the base URL of the Management API, such as `http://127.0.0.1:40417`, without a trailing slash. It replaces
    /// `https://api.ftpgrid.com`.
    base_url;
    /// Returns the base URL of the Storage API, such as `http://127.0.0.1:40418`, without a trailing slash. It replaces
    /// `https://webN.ftpgrid.com`.
    storage_url;
    counts "ftpgrid.storage.*";
}

impl Simulator {
    /// Returns the key of the ftpGrid account.
    #[must_use]
    pub fn association_key(&self) -> String {
        self.store.lock().association_key.clone()
    }

    /// Returns the access key of the REST API account.
    #[must_use]
    pub fn access_key(&self) -> String {
        self.store.lock().access_key.clone()
    }

    /// Returns the secret key of the REST API account.
    #[must_use]
    pub fn secret_key(&self) -> String {
        self.store.lock().secret_key.clone()
    }

    /// Returns the environment variables that point a client at this simulator: `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`,
    /// `FTPGRID_SECRET_KEY`, `FTPGRID_BASE_URL` and `FTPGRID_STORAGE_URL`.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("FTPGRID_ASSOCIATION_KEY", self.association_key()),
            ("FTPGRID_ACCESS_KEY", self.access_key()),
            ("FTPGRID_SECRET_KEY", self.secret_key()),
            ("FTPGRID_BASE_URL", self.base_url()),
            ("FTPGRID_STORAGE_URL", self.storage_url()),
        ]
    }

    /// Returns the peak number of bytes of uploaded content in memory, see [`Builder::memory_limit`].
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.store.lock().depot.peak_resident()
    }

    /// Advances the simulated time. Tokens, the REST API account and prepared downloads can expire, and delayed metadata
    /// is applied.
    pub fn advance(&self, by: Duration) {
        self.running.engine.clock.advance(by);
        self.store.tick();
    }
}
