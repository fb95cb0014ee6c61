pub(crate) mod objects;
pub(crate) mod store;

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::lock;
use crate::server::Clock;
use crate::sftptogo::Simulator;
use crate::sftptogo::state::objects::{Credential, ShareLink, SshKey, Webhook};
use crate::sftptogo::state::store::{Store, touch};

/// The stored state of a simulator, for looking at it and for seeding it: a cheap handle.
///
/// What it returns are copies. Seeding goes around the rules of the API, so that a test can store what the API would
/// refuse, such as a word of an enum that nobody knows yet.
#[derive(Clone)]
pub struct State {
    store: Arc<Mutex<Store>>,
    clock: Arc<Clock>,
}

impl State {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self { store: Arc::clone(&simulator.store), clock: simulator.running.clock() }
    }

    /// All credentials, the root credential first.
    #[must_use]
    pub fn credentials(&self) -> Vec<Credential> {
        let mut store = lock(&self.store);
        store.tick(self.clock.now_ms());
        store.credentials.clone()
    }

    /// The credential with this id.
    #[must_use]
    pub fn credential(&self, id: &str) -> Option<Credential> {
        self.credentials().into_iter().find(|credential| credential.id == id)
    }

    /// The root credential.
    ///
    /// # Panics
    ///
    /// If a test has removed it.
    #[must_use]
    pub fn root(&self) -> Credential {
        let root = self.credentials().into_iter().find(|credential| credential.is_default);
        root.expect("the root credential was removed")
    }

    /// Stores a credential: one with every gap filled, changed by the closure.
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

    /// Changes a credential as nobody but a test can; its `updated_at_ms` moves. `None` if it is not there.
    pub fn update_credential(&self, id: &str, change: impl FnOnce(&mut Credential)) -> Option<Credential> {
        let mut credential = self.credential(id)?;
        credential.updated_at_ms = touch(credential.updated_at_ms, self.clock.now_ms());
        change(&mut credential);
        *lock(&self.store).credential_mut(id).ok()? = credential.clone();
        Some(credential)
    }

    /// Removes a credential and its keys, the root credential included.
    pub fn remove_credential(&self, id: &str) {
        lock(&self.store).remove_credential(id);
    }

    /// The SSH keys of a credential.
    #[must_use]
    pub fn ssh_keys(&self, credential_id: &str) -> Vec<SshKey> {
        let store = lock(&self.store);
        store.ssh_keys.iter().filter(|key| key.credential_id == credential_id).cloned().collect()
    }

    /// Stores an SSH key from its line. `None` if the API would refuse it or the credential is not there.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_ssh_key(&self, credential_id: &str, line: &str) -> Option<SshKey> {
        lock(&self.store).store_ssh_key(credential_id, line, self.clock.now_ms()).ok()
    }

    /// All webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Webhook> {
        lock(&self.store).webhooks.clone()
    }

    /// The webhook with this id.
    #[must_use]
    pub fn webhook(&self, id: &str) -> Option<Webhook> {
        lock(&self.store).webhook(id).ok().cloned()
    }

    /// Stores a webhook: enabled, for all topics, changed by the closure, which has to set the URL.
    #[must_use = "the id is needed to find the webhook again"]
    pub fn add_webhook(&self, change: impl FnOnce(&mut Webhook)) -> Webhook {
        let mut webhook = lock(&self.store).new_webhook(self.clock.now_ms());
        change(&mut webhook);
        lock(&self.store).webhooks.push(webhook.clone());
        webhook
    }

    /// Changes a webhook; its `updated_at_ms` moves. `None` if it is not there.
    pub fn update_webhook(&self, id: &str, change: impl FnOnce(&mut Webhook)) -> Option<Webhook> {
        let mut webhook = self.webhook(id)?;
        webhook.updated_at_ms = touch(webhook.updated_at_ms, self.clock.now_ms());
        change(&mut webhook);
        *lock(&self.store).webhook_mut(id).ok()? = webhook.clone();
        Some(webhook)
    }

    /// Gives a webhook a new secret, as its owner does in the dashboard, and returns it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn rotate_webhook_secret(&self, id: &str) -> Option<String> {
        let secret = lock(&self.store).new_webhook_secret();
        Some(self.update_webhook(id, |webhook| webhook.secret = secret)?.secret)
    }

    /// All share links.
    #[must_use]
    pub fn share_links(&self) -> Vec<ShareLink> {
        lock(&self.store).share_links.clone()
    }

    /// The share link with this id.
    #[must_use]
    pub fn share_link(&self, id: &str) -> Option<ShareLink> {
        lock(&self.store).share_link(id).ok().cloned()
    }

    /// Stores a share link: read-only, without limits, changed by the closure.
    #[must_use = "the id is needed to find the share link again"]
    pub fn add_share_link(&self, change: impl FnOnce(&mut ShareLink)) -> ShareLink {
        let mut link = lock(&self.store).new_share_link(self.clock.now_ms());
        change(&mut link);
        lock(&self.store).share_links.push(link.clone());
        link
    }

    /// Changes a share link; its `updated_at_ms` moves. `None` if it is not there.
    pub fn update_share_link(&self, id: &str, change: impl FnOnce(&mut ShareLink)) -> Option<ShareLink> {
        let mut link = self.share_link(id)?;
        link.updated_at_ms = touch(link.updated_at_ms, self.clock.now_ms());
        change(&mut link);
        *lock(&self.store).share_link_mut(id).ok()? = link.clone();
        Some(link)
    }

    /// Says that a path such as `/shared-folder/` is a folder. Share links to it without the slash are then refused;
    /// without a file tree the service cannot tell files from folders by itself.
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
