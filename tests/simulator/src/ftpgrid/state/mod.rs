mod files;
pub(crate) mod objects;
pub(crate) mod store;

use crate::ftpgrid::Simulator;
use crate::ftpgrid::state::objects::FtpAccount;
use crate::ftpgrid::state::store::Store;
use crate::server::{state, stored};

state!(accounts, scopes, tree);

impl State {
    stored!("FTP account", FtpAccount, i64, accounts: accounts, account, update_account, remove_account);

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
        self.store.seed(|store, _| store.new_account(), change, Store::store_account)
    }

    /// Issues a token without a login.
    #[must_use]
    pub fn issue_token(&self) -> String {
        self.store.lock().issue_token(self.store.now_ms())
    }

    /// Returns the number of valid tokens.
    #[must_use]
    pub fn valid_tokens(&self) -> usize {
        self.store.lock().tokens.len()
    }

    /// Revokes all tokens. The REST API account can log in again.
    pub fn revoke_tokens(&self) {
        self.store.lock().tokens.clear();
    }

    /// Expires the REST API account now. It can no longer log in, and its tokens become invalid.
    pub fn expire_account(&self) {
        self.set_account_expiry(Some(self.store.now_ms()));
    }

    /// Sets the expiry of the REST API account in Unix milliseconds of simulated time. `None` means never.
    pub fn set_account_expiry(&self, unix_ms: Option<i64>) {
        self.store.lock().expires_ms = unix_ms;
    }

    /// Replaces the keys of the REST API account. Tokens stay valid.
    pub fn set_keys(&self, access_key: impl Into<String>, secret_key: impl Into<String>) {
        let mut store = self.store.lock();
        store.access_key = access_key.into();
        store.secret_key = secret_key.into();
    }

    /// Returns the scopes of the REST API account.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        self.store.lock().scopes.iter().cloned().collect()
    }

    /// Replaces the scopes of the REST API account, also for existing tokens.
    pub fn set_scopes<I: IntoIterator<Item = S>, S: Into<String>>(&self, scopes: I) {
        self.store.lock().scopes = scopes.into_iter().map(Into::into).collect();
    }

    /// Removes one scope.
    pub fn revoke_scope(&self, scope: &str) {
        self.store.lock().scopes.remove(scope);
    }
}
