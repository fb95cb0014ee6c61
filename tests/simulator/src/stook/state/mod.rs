pub(crate) mod objects;
pub(crate) mod store;

use crate::server::{state, stored};
use crate::stook::Simulator;
use crate::stook::state::objects::{Bucket, Credential, FtpAccount, Organization};
use crate::stook::state::store::Store;

state!(organizations, buckets, credentials, ftp_accounts);

impl State {
    /// Returns all organizations. The first is the default organization.
    #[must_use]
    pub fn organizations(&self) -> Vec<Organization> {
        self.store.lock().organizations.clone()
    }

    /// Adds an organization that the API key has access to.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_organization(&self, name: &str) -> Organization {
        let mut store = self.store.lock();
        let organization = store.new_organization(name);
        store.organizations.push(organization.clone());
        organization
    }

    stored!("bucket", Bucket, &str, buckets: buckets, bucket, update_bucket);
    stored!("credential", Credential, &str, credentials: credentials, credential, update_credential, remove_credential);
    stored!(
        "FTP account",
        FtpAccount,
        &str,
        ftp_accounts: ftp_accounts,
        ftp_account,
        update_ftp_account,
        remove_ftp_account
    );

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
        self.store.seed(
            |store, _| {
                let organization = store.default_organization();
                store.new_bucket(&organization)
            },
            change,
            |store, bucket| store.buckets.push(bucket),
        )
    }

    /// Removes a bucket and its FTP accounts, and removes it from all credentials.
    pub fn remove_bucket(&self, uuid: &str) {
        self.store.lock().remove_bucket(uuid);
    }

    /// Stores a credential of the default organization without buckets, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_credential(&self, change: impl FnOnce(&mut Credential)) -> Credential {
        self.store.seed(
            |store, _| {
                let organization = store.default_organization();
                store.new_credential(&organization)
            },
            change,
            |store, credential| store.credentials.push(credential),
        )
    }

    /// Stores an FTP account for the whole bucket that can log in and write, changed by the closure.
    ///
    /// Its default name includes the suffix of the organization. A name that the closure sets is stored unchanged.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_ftp_account(&self, bucket: &Bucket, change: impl FnOnce(&mut FtpAccount)) -> FtpAccount {
        self.store.seed(
            |store, _| store.new_ftp_account(bucket),
            change,
            |store, account| store.ftp_accounts.push(account),
        )
    }

    /// Issues a token without a login. Earlier tokens stay valid.
    #[must_use]
    pub fn issue_token(&self) -> String {
        let now_ms = self.store.now_ms();
        self.store.lock().issue_token(now_ms)
    }

    /// Returns the valid tokens, in no particular order.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.store.lock().tokens.keys().cloned().collect()
    }

    /// Revokes all tokens. A login issues a new one.
    pub fn revoke_tokens(&self) {
        self.store.lock().tokens.clear();
    }
}
