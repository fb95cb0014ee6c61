pub(crate) mod objects;
pub(crate) mod store;

use crate::server::{state, touch};
use crate::sftptogo::Simulator;
use crate::sftptogo::state::objects::{Credential, ShareLink, SshKey, Webhook};
use crate::sftptogo::state::store::Store;

state!(credentials, ssh_keys, webhooks, share_links);

impl State {
    /// Returns all credentials, the root credential first.
    #[must_use]
    pub fn credentials(&self) -> Vec<Credential> {
        self.store.lock().credentials.clone()
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
        self.store.seed(Store::new_credential, change, |store, credential| store.credentials.push(credential))
    }

    /// Changes a credential without validation and updates `updated_at_ms`. Returns `None` if it does not exist.
    pub fn update_credential(&self, id: &str, change: impl FnOnce(&mut Credential)) -> Option<Credential> {
        let mut credential = self.credential(id)?;
        credential.updated_at_ms = touch(credential.updated_at_ms, self.store.now_ms());
        change(&mut credential);
        *self.store.lock().credential_mut(id).ok()? = credential.clone();
        Some(credential)
    }

    /// Removes a credential and its keys. The root credential can be removed too.
    pub fn remove_credential(&self, id: &str) {
        self.store.lock().remove_credential(id);
    }

    /// Returns the SSH keys of a credential.
    #[must_use]
    pub fn ssh_keys(&self, credential_id: &str) -> Vec<SshKey> {
        let store = self.store.lock();
        store.ssh_keys.iter().filter(|key| key.credential_id == credential_id).cloned().collect()
    }

    /// Stores an SSH key from its line. Returns `None` if the key is invalid or the credential does not exist.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn add_ssh_key(&self, credential_id: &str, line: &str) -> Option<SshKey> {
        let now_ms = self.store.now_ms();
        self.store.lock().store_ssh_key(credential_id, line, now_ms).ok()
    }

    /// Returns all webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Webhook> {
        self.store.lock().webhooks.clone()
    }

    /// Returns the webhook with this id.
    #[must_use]
    pub fn webhook(&self, id: &str) -> Option<Webhook> {
        self.store.lock().webhook(id).ok().cloned()
    }

    /// Stores an enabled webhook for all topics, changed by the closure. The closure must set the URL.
    #[must_use = "the id is needed to find the webhook again"]
    pub fn add_webhook(&self, change: impl FnOnce(&mut Webhook)) -> Webhook {
        self.store.seed(Store::new_webhook, change, |store, webhook| store.webhooks.push(webhook))
    }

    /// Changes a webhook and updates `updated_at_ms`. Returns `None` if it does not exist.
    pub fn update_webhook(&self, id: &str, change: impl FnOnce(&mut Webhook)) -> Option<Webhook> {
        let mut webhook = self.webhook(id)?;
        webhook.updated_at_ms = touch(webhook.updated_at_ms, self.store.now_ms());
        change(&mut webhook);
        *self.store.lock().webhook_mut(id).ok()? = webhook.clone();
        Some(webhook)
    }

    /// Rotates the secret of a webhook, as the dashboard does, and returns the new secret.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn rotate_webhook_secret(&self, id: &str) -> Option<String> {
        let secret = self.store.lock().new_webhook_secret();
        Some(self.update_webhook(id, |webhook| webhook.secret = secret)?.secret)
    }

    /// Returns all share links.
    #[must_use]
    pub fn share_links(&self) -> Vec<ShareLink> {
        self.store.lock().share_links.clone()
    }

    /// Returns the share link with this id.
    #[must_use]
    pub fn share_link(&self, id: &str) -> Option<ShareLink> {
        self.store.lock().share_link(id).ok().cloned()
    }

    /// Stores a read-only share link without limits, changed by the closure.
    #[must_use = "the id is needed to find the share link again"]
    pub fn add_share_link(&self, change: impl FnOnce(&mut ShareLink)) -> ShareLink {
        self.store.seed(Store::new_share_link, change, |store, link| store.share_links.push(link))
    }

    /// Changes a share link and updates `updated_at_ms`. Returns `None` if it does not exist.
    pub fn update_share_link(&self, id: &str, change: impl FnOnce(&mut ShareLink)) -> Option<ShareLink> {
        let mut link = self.share_link(id)?;
        link.updated_at_ms = touch(link.updated_at_ms, self.store.now_ms());
        change(&mut link);
        *self.store.lock().share_link_mut(id).ok()? = link.clone();
        Some(link)
    }

    /// Declares a path such as `/shared-folder/` as a folder. Share links to it without the trailing slash are then
    /// rejected. The simulator has no file tree, so it cannot distinguish files from folders otherwise.
    pub fn add_folder(&self, path: &str) {
        self.store.lock().folders.insert(format!("{}/", path.trim_end_matches('/')));
    }
}
