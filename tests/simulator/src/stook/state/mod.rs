pub(crate) mod objects;
pub(crate) mod store;

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::lock;
use crate::server::Clock;
use crate::stook::Simulator;
use crate::stook::state::objects::{Bucket, Credential, FtpAccount, Organization};
use crate::stook::state::store::Store;

/// The stored state of a simulator, for looking at it and for seeding it: a cheap handle.
///
/// What it returns are copies. Seeding goes around the rules of the API, so that a test can store what the API would
/// refuse, such as a word of an enum that nobody knows yet.
#[derive(Clone)]
pub struct State {
    store: Arc<Mutex<Store>>,
    clock: Arc<Clock>,
}

/// What is the same for everything that has an id of its own.
macro_rules! stored {
    ($what:literal, $kind:ident, $all:ident, $one:ident, $update:ident) => {
        #[doc = concat!("All ", $what, "s of all organizations, in the order of their creation.")]
        #[must_use]
        pub fn $all(&self) -> Vec<$kind> {
            lock(&self.store).$all.clone()
        }

        #[doc = concat!("The ", $what, " with this id.")]
        #[must_use]
        pub fn $one(&self, uuid: &str) -> Option<$kind> {
            lock(&self.store).$all.iter().find(|one| one.uuid == uuid).cloned()
        }

        #[doc = concat!("Changes the ", $what, " with this id as nobody but a test can. `None` if it is not there.")]
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

    /// All organizations; the one that the simulator was started for is the first.
    #[must_use]
    pub fn organizations(&self) -> Vec<Organization> {
        lock(&self.store).organizations.clone()
    }

    /// Adds an organization that the API key may use too.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_organization(&self, name: &str) -> Organization {
        let mut store = lock(&self.store);
        let organization = store.new_organization(name);
        store.organizations.push(organization.clone());
        organization
    }

    stored!("bucket", Bucket, buckets, bucket, update_bucket);
    stored!("credential", Credential, credentials, credential, update_credential);
    stored!("FTP account", FtpAccount, ftp_accounts, ftp_account, update_ftp_account);

    /// Stores a bucket: an empty one of the first organization, changed by the closure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let simulator = mft_simulator::stook::Simulator::start().await.unwrap();
    /// let bucket = simulator.state().add_bucket(|bucket| bucket.name = "media-archive".into());
    /// assert_eq!(bucket.size, "0B");
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_bucket(&self, change: impl FnOnce(&mut Bucket)) -> Bucket {
        let mut bucket = {
            let mut store = lock(&self.store);
            let home = store.home();
            store.new_bucket(&home)
        };
        change(&mut bucket);
        lock(&self.store).buckets.push(bucket.clone());
        bucket
    }

    /// Removes a bucket with its FTP accounts, and from the credentials that open it.
    pub fn remove_bucket(&self, uuid: &str) {
        lock(&self.store).remove_bucket(uuid);
    }

    /// Stores a credential: one of the first organization that opens no bucket, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_credential(&self, change: impl FnOnce(&mut Credential)) -> Credential {
        let mut credential = {
            let mut store = lock(&self.store);
            let home = store.home();
            store.new_credential(&home)
        };
        change(&mut credential);
        lock(&self.store).credentials.push(credential.clone());
        credential
    }

    /// Removes a credential.
    pub fn remove_credential(&self, uuid: &str) {
        lock(&self.store).credentials.retain(|credential| credential.uuid != uuid);
    }

    /// Stores an FTP account: one for the whole bucket that may log in and write, changed by the closure.
    ///
    /// The suffix of the organization is in its name already; a name that the closure sets is stored as it is.
    #[allow(clippy::must_use_candidate)] // called for its effect
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

    /// A token as a login gets it, without a login. Those from before stay good.
    #[must_use]
    pub fn issue_token(&self) -> String {
        lock(&self.store).issue_token(self.clock.now_ms())
    }

    /// The tokens that are good now, in no particular order.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        let now_ms = self.clock.now_ms();
        let store = lock(&self.store);
        store.tokens.iter().filter(|(_, end_ms)| **end_ms > now_ms).map(|(token, _)| token.clone()).collect()
    }

    /// Refuses all tokens there are from now on. A login gets a new one.
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
