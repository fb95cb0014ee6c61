pub(crate) mod objects;
pub(crate) mod store;

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::lock;
use crate::server::Clock;
use crate::stook::Simulator;
use crate::stook::state::objects::{Bucket, Credential, FtpAccount, Organization};
use crate::stook::state::store::Store;

/// A handle to the stored state of a simulator, to inspect and to seed it. Cheap to clone.
///
/// Returned objects are copies. Seeding bypasses the validation of the API, so that a test can store values that the API
/// would reject, such as an unknown enum value.
#[derive(Clone)]
pub struct State {
    store: Arc<Mutex<Store>>,
    clock: Arc<Clock>,
}

/// Accessors for a kind of stored object.
macro_rules! stored {
    ($what:literal, $kind:ident, $all:ident, $one:ident, $update:ident) => {
        #[doc = concat!("Returns the ", $what, "s of all organizations, in order of creation.")]
        #[must_use]
        pub fn $all(&self) -> Vec<$kind> {
            lock(&self.store).$all.clone()
        }

        #[doc = concat!("Returns the ", $what, " with this id.")]
        #[must_use]
        pub fn $one(&self, uuid: &str) -> Option<$kind> {
            lock(&self.store).$all.iter().find(|one| one.uuid == uuid).cloned()
        }

        #[doc = concat!("Changes the ", $what, " with this id, without validation. Returns `None` if it does not exist.")]
        pub fn $update(&self, uuid: &str, change: impl FnOnce(&mut $kind)) -> Option<$kind> {
            let mut changed = self.$one(uuid)?;
            change(&mut changed);
            *lock(&self.store).$all.iter_mut().find(|one| one.uuid == uuid)? = changed.clone();
            Some(changed)
        }
    };
}

impl State {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self { store: Arc::clone(&simulator.store), clock: simulator.running.clock() }
    }

    /// Returns all organizations. The first is the default organization.
    #[must_use]
    pub fn organizations(&self) -> Vec<Organization> {
        lock(&self.store).organizations.clone()
    }

    /// Adds an organization that the API key has access to.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_organization(&self, name: &str) -> Organization {
        let mut store = lock(&self.store);
        let organization = store.new_organization(name);
        store.organizations.push(organization.clone());
        organization
    }

    stored!("bucket", Bucket, buckets, bucket, update_bucket);
    stored!("credential", Credential, credentials, credential, update_credential);
    stored!("FTP account", FtpAccount, ftp_accounts, ftp_account, update_ftp_account);

    /// Stores an empty bucket in the default organization, changed by the closure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let simulator = mft_simulator::stook::Simulator::start().await.unwrap();
    /// let bucket = simulator.state().add_bucket(|bucket| bucket.name = "media-archive".into());
    /// assert_eq!(bucket.size, "0B");
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_bucket(&self, change: impl FnOnce(&mut Bucket)) -> Bucket {
        let mut bucket = {
            let mut store = lock(&self.store);
            let organization = store.default_organization();
            store.new_bucket(&organization)
        };
        change(&mut bucket);
        lock(&self.store).buckets.push(bucket.clone());
        bucket
    }

    /// Removes a bucket and its FTP accounts, and removes it from all credentials.
    pub fn remove_bucket(&self, uuid: &str) {
        lock(&self.store).remove_bucket(uuid);
    }

    /// Stores a credential of the default organization without buckets, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_credential(&self, change: impl FnOnce(&mut Credential)) -> Credential {
        let mut credential = {
            let mut store = lock(&self.store);
            let organization = store.default_organization();
            store.new_credential(&organization)
        };
        change(&mut credential);
        lock(&self.store).credentials.push(credential.clone());
        credential
    }

    /// Removes a credential.
    pub fn remove_credential(&self, uuid: &str) {
        lock(&self.store).credentials.retain(|credential| credential.uuid != uuid);
    }

    /// Stores an FTP account for the whole bucket that can log in and write, changed by the closure.
    ///
    /// Its default name includes the suffix of the organization. A name that the closure sets is stored unchanged.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_ftp_account(&self, bucket: &Bucket, change: impl FnOnce(&mut FtpAccount)) -> FtpAccount {
        let mut account = lock(&self.store).new_ftp_account(bucket);
        change(&mut account);
        lock(&self.store).ftp_accounts.push(account.clone());
        account
    }

    /// Removes an FTP account.
    pub fn remove_ftp_account(&self, uuid: &str) {
        lock(&self.store).ftp_accounts.retain(|account| account.uuid != uuid);
    }

    /// Issues a token without a login. Earlier tokens stay valid.
    #[must_use]
    pub fn issue_token(&self) -> String {
        lock(&self.store).issue_token(self.clock.now_ms())
    }

    /// Returns the valid tokens, in no particular order.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        let now_ms = self.clock.now_ms();
        let store = lock(&self.store);
        store.tokens.iter().filter(|(_, end_ms)| **end_ms > now_ms).map(|(token, _)| token.clone()).collect()
    }

    /// Revokes all tokens. A login issues a new one.
    pub fn revoke_tokens(&self) {
        lock(&self.store).tokens.clear();
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = lock(&self.store);
        f.debug_struct("State")
            .field("organizations", &store.organizations)
            .field("buckets", &store.buckets)
            .field("credentials", &store.credentials)
            .field("ftp_accounts", &store.ftp_accounts)
            .finish_non_exhaustive()
    }
}
