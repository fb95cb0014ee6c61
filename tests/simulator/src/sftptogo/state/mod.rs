pub(crate) mod objects;
pub(crate) mod store;

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::lock;
use crate::server::Clock;
use crate::sftptogo::Simulator;
use crate::sftptogo::state::objects::{Credential, ShareLink, SshKey, Webhook};
use crate::sftptogo::state::store::{Store, touch};

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

    /// Returns all credentials, the root credential first.
    #[must_use]
    pub fn credentials(&self) -> Vec<Credential> {
        let mut store = lock(&self.store);
        store.tick(self.clock.now_ms());
        store.credentials.clone()
    }

    /// Returns the credential with this id.
    #[must_use]
    pub fn credential(&self, id: &str) -> Option<Credential> {
        self.credentials().into_iter().find(|credential| credential.id == id)
    }

    /// Returns the root credential.
    ///
    /// # Panics
    ///
    /// Panics if a test has removed it.
    #[must_use]
    pub fn root(&self) -> Credential {
        let root = self.credentials().into_iter().find(|credential| credential.is_default);
        root.expect("the root credential was removed")
    }

    /// Stores a credential with default values, changed by the closure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let simulator = mft_simulator::sftptogo::Simulator::start().await.unwrap();
    /// let credential = simulator.state().add_credential(|credential| {
    ///     credential.user_name = "intake-robot-01".into();
    ///     credential.permission = "read-write".into();
    /// });
    /// assert_eq!(credential.state, "active");
    /// # }
    /// ```
    #[must_use = "the id is needed to find the credential again"]
    pub fn add_credential(&self, change: impl FnOnce(&mut Credential)) -> Credential {
        let mut credential = lock(&self.store).new_credential(self.clock.now_ms());
        change(&mut credential);
        lock(&self.store).credentials.push(credential.clone());
        credential
    }

    /// CredentialChanges a credential without validation and updates `updated_at_ms`. Returns `None` if it does not exist.
    pub fn update_credential(&self, id: &str, change: impl FnOnce(&mut Credential)) -> Option<Credential> {
        let mut credential = self.credential(id)?;
        credential.updated_at_ms = touch(credential.updated_at_ms, self.clock.now_ms());
        change(&mut credential);
        *lock(&self.store).credential_mut(id).ok()? = credential.clone();
        Some(credential)
    }

    /// Removes a credential and its keys. The root credential can be removed too.
    pub fn remove_credential(&self, id: &str) {
        lock(&self.store).remove_credential(id);
    }

    /// Returns the SSH keys of a credential.
    #[must_use]
    pub fn ssh_keys(&self, credential_id: &str) -> Vec<SshKey> {
        let store = lock(&self.store);
        store.ssh_keys.iter().filter(|key| key.credential_id == credential_id).cloned().collect()
    }

    /// Stores an SSH key from its line. Returns `None` if the key is invalid or the credential does not exist.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_ssh_key(&self, credential_id: &str, line: &str) -> Option<SshKey> {
        lock(&self.store).store_ssh_key(credential_id, line, self.clock.now_ms()).ok()
    }

    /// Returns all webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Webhook> {
        lock(&self.store).webhooks.clone()
    }

    /// Returns the webhook with this id.
    #[must_use]
    pub fn webhook(&self, id: &str) -> Option<Webhook> {
        lock(&self.store).webhook(id).ok().cloned()
    }

    /// Stores an enabled webhook for all topics, changed by the closure. The closure must set the URL.
    #[must_use = "the id is needed to find the webhook again"]
    pub fn add_webhook(&self, change: impl FnOnce(&mut Webhook)) -> Webhook {
        let mut webhook = lock(&self.store).new_webhook(self.clock.now_ms());
        change(&mut webhook);
        lock(&self.store).webhooks.push(webhook.clone());
        webhook
    }

    /// CredentialChanges a webhook and updates `updated_at_ms`. Returns `None` if it does not exist.
    pub fn update_webhook(&self, id: &str, change: impl FnOnce(&mut Webhook)) -> Option<Webhook> {
        let mut webhook = self.webhook(id)?;
        webhook.updated_at_ms = touch(webhook.updated_at_ms, self.clock.now_ms());
        change(&mut webhook);
        *lock(&self.store).webhook_mut(id).ok()? = webhook.clone();
        Some(webhook)
    }

    /// Rotates the secret of a webhook, as the dashboard does, and returns the new secret.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn rotate_webhook_secret(&self, id: &str) -> Option<String> {
        let secret = lock(&self.store).new_webhook_secret();
        Some(self.update_webhook(id, |webhook| webhook.secret = secret)?.secret)
    }

    /// Returns all share links.
    #[must_use]
    pub fn share_links(&self) -> Vec<ShareLink> {
        lock(&self.store).share_links.clone()
    }

    /// Returns the share link with this id.
    #[must_use]
    pub fn share_link(&self, id: &str) -> Option<ShareLink> {
        lock(&self.store).share_link(id).ok().cloned()
    }

    /// Stores a read-only share link without limits, changed by the closure.
    #[must_use = "the id is needed to find the share link again"]
    pub fn add_share_link(&self, change: impl FnOnce(&mut ShareLink)) -> ShareLink {
        let mut link = lock(&self.store).new_share_link(self.clock.now_ms());
        change(&mut link);
        lock(&self.store).share_links.push(link.clone());
        link
    }

    /// CredentialChanges a share link and updates `updated_at_ms`. Returns `None` if it does not exist.
    pub fn update_share_link(&self, id: &str, change: impl FnOnce(&mut ShareLink)) -> Option<ShareLink> {
        let mut link = self.share_link(id)?;
        link.updated_at_ms = touch(link.updated_at_ms, self.clock.now_ms());
        change(&mut link);
        *lock(&self.store).share_link_mut(id).ok()? = link.clone();
        Some(link)
    }

    /// Declares a path such as `/shared-folder/` as a folder. Share links to it without the trailing slash are then
    /// rejected. The simulator has no file tree, so it cannot distinguish files from folders otherwise.
    pub fn add_folder(&self, path: &str) {
        lock(&self.store).folders.insert(format!("{}/", path.trim_end_matches('/')));
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = lock(&self.store);
        f.debug_struct("State")
            .field("credentials", &store.credentials)
            .field("ssh_keys", &store.ssh_keys)
            .field("webhooks", &store.webhooks)
            .field("share_links", &store.share_links)
            .finish_non_exhaustive()
    }
}
