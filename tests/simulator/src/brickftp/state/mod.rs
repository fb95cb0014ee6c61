mod files;
pub(crate) mod objects;
pub(crate) mod store;
pub(crate) mod tree;

use std::sync::MutexGuard;

use crate::brickftp::Simulator;
use crate::brickftp::state::objects::{
    ApiKey, Behavior, Bundle, Event, Group, Membership, Notification, Permission, PublicKey, User,
};
use crate::brickftp::state::store::Store;
use crate::server::{state, stored};

state!(users, groups, permissions, bundles, behaviors);

impl State {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.store.now_ms()
    }

    /// Returns all users, ordered by id. The initial administrator is first.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.store().users.values().cloned().collect()
    }

    /// Returns the user with this id.
    #[must_use]
    pub fn user(&self, id: u64) -> Option<User> {
        self.store().users.get(&id).cloned()
    }

    /// Returns the user with this name.
    #[must_use]
    pub fn user_named(&self, username: &str) -> Option<User> {
        self.store().user_named(username).cloned()
    }

    /// Stores a user with default values and a generated password. The closure changes it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let simulator = mft_simulator::brickftp::Simulator::start().await.unwrap();
    /// let user = simulator.state().add_user(|user| user.username = "ada".into());
    /// assert!(!user.site_admin);
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_user(&self, change: impl FnOnce(&mut User)) -> User {
        self.store.seed(|store, _| store.new_user(), change, |store, user| store.seed_user(&user))
    }

    /// Stores `count` users named `user-ID`.
    pub fn add_users(&self, count: usize) {
        let mut store = self.store();
        for _ in 0..count {
            let user = store.new_user();
            store.users.insert(user.id, user);
        }
    }

    /// Changes a user, bypassing the rules of the API. Returns `None` if it does not exist.
    pub fn update_user(&self, id: u64, change: impl FnOnce(&mut User)) -> Option<User> {
        let mut user = self.user(id)?;
        change(&mut user);
        self.store().seed_user(&user);
        Some(user)
    }

    /// Removes a user with everything that belongs to it.
    pub fn remove_user(&self, id: u64) {
        self.store().remove_user(id);
    }

    /// Locks a user out until this time, in Unix milliseconds.
    pub fn lock_out(&self, user_id: u64, until_ms: i64) {
        self.update_user(user_id, |user| user.lockout_expires_ms = Some(until_ms));
    }

    stored!("API key", ApiKey, u64, api_keys: api_keys, api_key, update_api_key, remove_api_key);
    stored!("public key", PublicKey, u64, public_keys: public_keys, public_key, update_public_key, remove_public_key);
    stored!("group", Group, u64, groups: groups, group, update_group, remove_group);
    stored!("membership", Membership, u64, memberships: memberships, membership, update_membership, remove_membership);
    stored!("permission", Permission, u64, permissions: permissions, permission, update_permission, remove_permission);
    stored!(
        "notification",
        Notification,
        u64,
        notifications: notifications,
        notification,
        update_notification,
        remove_notification
    );
    stored!("bundle", Bundle, u64, bundles: bundles, bundle, update_bundle, remove_bundle);
    stored!("behavior", Behavior, u64, behaviors: behaviors, behavior, update_behavior, remove_behavior);
    stored!("event", Event, u64, history: history, event, update_event, remove_event);

    /// Stores an API key of a user. It does not expire, unless the closure changes it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_api_key(&self, user_id: u64, change: impl FnOnce(&mut ApiKey)) -> ApiKey {
        self.store.seed(
            |store, now_ms| store.new_api_key(user_id, now_ms),
            change,
            |store, key| drop(store.api_keys.insert(key.id, key)),
        )
    }

    /// Stores a public key from its line. Returns `None` if the API would reject it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_public_key(&self, user_id: u64, title: &str, line: &str) -> Option<PublicKey> {
        self.store().store_public_key(user_id, title.to_owned(), line.to_owned(), self.now_ms())
    }

    /// Stores a group without members.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_group(&self, name: &str) -> Group {
        let mut store = self.store();
        let group = Group { id: store.next_id("group"), name: name.to_owned(), notes: String::new() };
        store.groups.insert(group.id, group.clone());
        group
    }

    /// Adds a user to a group.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_membership(&self, group_id: u64, user_id: u64, admin: bool) -> Membership {
        self.store().join(group_id, user_id, Some(admin))
    }

    /// Stores a permission: full and recursive at the root, without a user or group. The closure changes it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_permission(&self, change: impl FnOnce(&mut Permission)) -> Permission {
        self.store.seed(
            |store, _| store.new_permission(),
            change,
            |store, permission| drop(store.permissions.insert(permission.id, permission)),
        )
    }

    /// Grants a user a permission at a path and below: `full`, `readonly`, `writeonly`, `previewonly` or `history`.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn permit(&self, user_id: u64, path: &str, permission: &str) -> Permission {
        self.add_permission(|new| {
            new.user_id = Some(user_id);
            path.clone_into(&mut new.path);
            permission.clone_into(&mut new.permission);
        })
    }

    /// Stores a notification of a user about the root folder. The closure changes it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_notification(&self, user_id: u64, change: impl FnOnce(&mut Notification)) -> Notification {
        self.store.seed(
            |store, _| store.new_notification(user_id),
            change,
            |store, notification| drop(store.notifications.insert(notification.id, notification)),
        )
    }

    /// Stores a bundle without paths and password. The closure changes it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_bundle(&self, change: impl FnOnce(&mut Bundle)) -> Bundle {
        self.store.seed(Store::new_bundle, change, |store, bundle| drop(store.bundles.insert(bundle.id, bundle)))
    }

    /// Stores a webhook of the root folder. The closure changes it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_behavior(&self, change: impl FnOnce(&mut Behavior)) -> Behavior {
        self.store.seed(
            |store, _| store.new_behavior(),
            change,
            |store, behavior| drop(store.behaviors.insert(behavior.id, behavior)),
        )
    }

    /// Stores an event: an anonymous `read`, now. The closure changes it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_event(&self, change: impl FnOnce(&mut Event)) -> Event {
        let mut event = Event { when_ms: self.now_ms(), action: "read".into(), ..Event::default() };
        change(&mut event);
        let mut store = self.store();
        let id = store.record(event);
        store.history[&id].clone()
    }

    /// Returns the ids of the open sessions, with the ids of their users.
    #[must_use]
    pub fn sessions(&self) -> Vec<(String, u64)> {
        self.store().sessions.iter().map(|(id, session)| (id.clone(), session.user_id)).collect()
    }

    /// Opens a session without a login and returns its id.
    #[must_use]
    pub fn add_session(&self, user_id: u64) -> String {
        self.store().add_session(user_id, self.now_ms())
    }

    /// Ends all sessions.
    pub fn expire_sessions(&self) {
        self.store().sessions.clear();
    }
}
