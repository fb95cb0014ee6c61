mod files;
pub(crate) mod objects;
pub(crate) mod store;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::ftpgrid::Simulator;
use crate::ftpgrid::state::objects::FtpAccount;
use crate::ftpgrid::state::store::Store;
use crate::lock;
use crate::server::Clock;

/// A handle to the stored state of a simulator, to inspect and to seed it. Cheap to clone.
///
/// Returned objects are copies. Seeding bypasses the validation of the API, so that a test can store values that the API
/// would reject, such as an unknown enum value.
#[derive(Clone)]
pub struct State {
    store: Arc<Mutex<Store>>,
    clock: Arc<Clock>,
}

impl State {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self { store: Arc::clone(&simulator.store), clock: simulator.running.clock() }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        let mut store = lock(&self.store);
        store.tick(self.clock.now_ms());
        store
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Returns all FTP accounts in the order of their ids.
    #[must_use]
    pub fn accounts(&self) -> Vec<FtpAccount> {
        self.store().accounts.values().cloned().collect()
    }

    /// Returns the FTP account with this id.
    #[must_use]
    pub fn account(&self, id: i64) -> Option<FtpAccount> {
        self.store().accounts.get(&id).cloned()
    }

    /// Stores an enabled FTP account with all rights at the root, changed by the closure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let simulator = mft_simulator::ftpgrid::Simulator::start().await.unwrap();
    /// let account = simulator.state().add_account(|account| {
    ///     account.username = "dock-cam-7".into();
    ///     account.chroot = "/cams/7".into();
    /// });
    /// assert_eq!(account.access_rights, "RW");
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_account(&self, change: impl FnOnce(&mut FtpAccount)) -> FtpAccount {
        let mut account = self.store().new_account();
        change(&mut account);
        self.store().store_account(account.clone());
        account
    }

    /// Changes an FTP account without validation. Returns `None` if it does not exist.
    pub fn update_account(&self, id: i64, change: impl FnOnce(&mut FtpAccount)) -> Option<FtpAccount> {
        let mut account = self.account(id)?;
        change(&mut account);
        self.store().accounts.insert(id, account.clone());
        Some(account)
    }

    /// Removes an FTP account. Its files are kept.
    pub fn remove_account(&self, id: i64) {
        self.store().accounts.remove(&id);
    }

    /// Issues a token without a login.
    #[must_use]
    pub fn issue_token(&self) -> String {
        self.store().issue_token(self.now_ms())
    }

    /// Returns the number of valid tokens.
    #[must_use]
    pub fn valid_tokens(&self) -> usize {
        self.store().tokens.len()
    }

    /// Revokes all tokens. The REST API account can log in again.
    pub fn revoke_tokens(&self) {
        self.store().tokens.clear();
    }

    /// Expires the REST API account now. It can no longer log in, and its tokens become invalid.
    pub fn expire_account(&self) {
        self.set_account_expiry(Some(self.now_ms()));
    }

    /// Sets the expiry of the REST API account in Unix milliseconds of simulated time. `None` means never.
    pub fn set_account_expiry(&self, unix_ms: Option<i64>) {
        self.store().expires_ms = unix_ms;
    }

    /// Replaces the keys of the REST API account. Tokens stay valid.
    pub fn set_keys(&self, access_key: impl Into<String>, secret_key: impl Into<String>) {
        let mut store = self.store();
        store.access_key = access_key.into();
        store.secret_key = secret_key.into();
    }

    /// Returns the scopes of the REST API account.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        self.store().scopes.iter().cloned().collect()
    }

    /// Replaces the scopes of the REST API account, also for existing tokens.
    pub fn set_scopes<I: IntoIterator<Item = S>, S: Into<String>>(&self, scopes: I) {
        self.store().scopes = scopes.into_iter().map(Into::into).collect();
    }

    /// Removes one scope.
    pub fn revoke_scope(&self, scope: &str) {
        self.store().scopes.remove(scope);
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = lock(&self.store);
        f.debug_struct("State")
            .field("accounts", &store.accounts)
            .field("scopes", &store.scopes)
            .field("tokens", &store.tokens.len())
            .field("paths", &store.tree.all().map(|(path, _)| path).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
