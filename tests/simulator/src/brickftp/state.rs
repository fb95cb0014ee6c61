use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use super::Simulator;
use super::objects::{ApiKey, Behavior, Bundle, Event, Group, Membership, Notification, Permission, PublicKey, User};
use super::store::Store;
use crate::lock;
use crate::server::Clock;

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
    ($what:literal, $kind:ident, $field:ident, $all:ident, $one:ident, $update:ident, $remove:ident) => {
        #[doc = concat!("All ", $what, "s, in the order of their ids.")]
        #[must_use]
        pub fn $all(&self) -> Vec<$kind> {
            self.store().$field.values().cloned().collect()
        }

        #[doc = concat!("The ", $what, " with this id.")]
        #[must_use]
        pub fn $one(&self, id: u64) -> Option<$kind> {
            self.store().$field.get(&id).cloned()
        }

        #[doc = concat!("Changes a ", $what, " as nobody but a test can. `None` if it is not there.")]
        pub fn $update(&self, id: u64, change: impl FnOnce(&mut $kind)) -> Option<$kind> {
            let mut changed = self.$one(id)?;
            change(&mut changed);
            self.store().$field.insert(id, changed.clone());
            Some(changed)
        }

        #[doc = concat!("Removes a ", $what, ".")]
        pub fn $remove(&self, id: u64) {
            self.store().$field.remove(&id);
        }
    };
}

impl State {
    pub(super) fn of(simulator: &Simulator) -> Self {
        Self { store: Arc::clone(&simulator.store), clock: simulator.running.clock() }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        let mut store = lock(&self.store);
        store.tick(self.clock.now_ms());
        store
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// All users, in the order of their ids; the administrator that every site starts with is the first.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.store().users.values().cloned().collect()
    }

    /// The user with this id.
    #[must_use]
    pub fn user(&self, id: u64) -> Option<User> {
        self.store().users.get(&id).cloned()
    }

    /// The user with this name.
    #[must_use]
    pub fn user_named(&self, username: &str) -> Option<User> {
        self.store().user_named(username).cloned()
    }

    /// Stores a user: one with every gap filled and a password of its own, changed by the closure.
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
        let mut user = self.store().new_user();
        change(&mut user);
        self.store().seed_user(&user);
        user
    }

    /// Stores so many users named `user-ID`.
    pub fn add_users(&self, count: usize) {
        let mut store = self.store();
        for _ in 0..count {
            let user = store.new_user();
            store.users.insert(user.id, user);
        }
    }

    /// Changes a user as nobody but a test can. `None` if there is no such user.
    pub fn update_user(&self, id: u64, change: impl FnOnce(&mut User)) -> Option<User> {
        let mut user = self.user(id)?;
        change(&mut user);
        self.store().seed_user(&user);
        Some(user)
    }

    /// Removes a user with all that is theirs.
    pub fn remove_user(&self, id: u64) {
        self.store().remove_user(id);
    }

    /// Locks a user out until this time, in Unix milliseconds.
    pub fn lock_out(&self, user_id: u64, until_ms: i64) {
        self.update_user(user_id, |user| user.lockout_expires_ms = Some(until_ms));
    }

    stored!("key", ApiKey, api_keys, api_keys, api_key, update_api_key, remove_api_key);
    stored!("public key", PublicKey, public_keys, public_keys, public_key, update_public_key, remove_public_key);
    stored!("group", Group, groups, groups, group, update_group, remove_group);
    stored!("membership", Membership, memberships, memberships, membership, update_membership, remove_membership);
    stored!("permission", Permission, permissions, permissions, permission, update_permission, remove_permission);
    stored!(
        "notification",
        Notification,
        notifications,
        notifications,
        notification,
        update_notification,
        remove_notification
    );
    stored!("bundle", Bundle, bundles, bundles, bundle, update_bundle, remove_bundle);
    stored!("behavior", Behavior, behaviors, behaviors, behavior, update_behavior, remove_behavior);
    stored!("event", Event, history, history, event, update_event, remove_event);

    /// Stores a key of a user: valid without end, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_api_key(&self, user_id: u64, change: impl FnOnce(&mut ApiKey)) -> ApiKey {
        let mut key = self.store().new_api_key(user_id, self.now_ms());
        change(&mut key);
        self.store().api_keys.insert(key.id, key.clone());
        key
    }

    /// Stores a public key from its line. `None` if the API would refuse it.
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

    /// Puts a user into a group.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_membership(&self, group_id: u64, user_id: u64, admin: bool) -> Membership {
        self.store().join(group_id, user_id, Some(admin))
    }

    /// Stores a permission: full, recursive, at the root and for nobody, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_permission(&self, change: impl FnOnce(&mut Permission)) -> Permission {
        let mut permission = self.store().new_permission();
        change(&mut permission);
        self.store().permissions.insert(permission.id, permission.clone());
        permission
    }

    /// Lets a user do this at a path and below: `full`, `readonly`, `writeonly`, `previewonly` or `history`.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn permit(&self, user_id: u64, path: &str, permission: &str) -> Permission {
        self.add_permission(|new| {
            new.user_id = Some(user_id);
            path.clone_into(&mut new.path);
            permission.clone_into(&mut new.permission);
        })
    }

    /// Stores a notification of a user about the root folder, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_notification(&self, user_id: u64, change: impl FnOnce(&mut Notification)) -> Notification {
        let mut notification = self.store().new_notification(user_id);
        change(&mut notification);
        self.store().notifications.insert(notification.id, notification.clone());
        notification
    }

    /// Stores a bundle of nothing, without a password, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_bundle(&self, change: impl FnOnce(&mut Bundle)) -> Bundle {
        let mut bundle = self.store().new_bundle(self.now_ms());
        change(&mut bundle);
        self.store().bundles.insert(bundle.id, bundle.clone());
        bundle
    }

    /// Stores a webhook of the root folder, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_behavior(&self, change: impl FnOnce(&mut Behavior)) -> Behavior {
        let mut behavior = self.store().new_behavior();
        change(&mut behavior);
        self.store().behaviors.insert(behavior.id, behavior.clone());
        behavior
    }

    /// Stores an event: the reading of nothing by nobody, now, changed by the closure.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_event(&self, change: impl FnOnce(&mut Event)) -> Event {
        let mut event = Event { when_ms: self.now_ms(), action: "read".into(), ..Event::default() };
        change(&mut event);
        let mut store = self.store();
        let id = store.record(event);
        store.history[&id].clone()
    }

    /// The ids of the sessions that are open, with the ids of their users.
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

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = lock(&self.store);
        f.debug_struct("State")
            .field("users", &store.users)
            .field("groups", &store.groups)
            .field("permissions", &store.permissions)
            .field("bundles", &store.bundles)
            .field("behaviors", &store.behaviors)
            .field("uploads", &store.uploads.keys())
            .finish_non_exhaustive()
    }
}
