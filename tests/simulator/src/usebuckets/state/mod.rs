pub(crate) mod objects;
pub(crate) mod store;
pub(crate) mod table;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::deliveries::Dispatcher;
use crate::server::{Collection as _, SharedStore, stored};
use crate::usebuckets::Simulator;
use crate::usebuckets::deliveries::{Notifications, dispatch_events};
use crate::usebuckets::resources::files::SftpError;
use crate::usebuckets::state::objects::{Bucket, Notification, StoredFile, User};
use crate::usebuckets::state::store::Store;

/// A handle to the stored state of a simulator, to inspect and to seed it. Cheap to clone.
///
/// Returned objects are copies. Seeding bypasses the validation of the API, so that a test can store values that the API
/// would reject. Seeding triggers no webhooks, except for file changes.
#[derive(Clone)]
pub struct State {
    store: SharedStore<Store>,
    dispatcher: Arc<Dispatcher<Notifications>>,
}

impl State {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self { store: simulator.store.clone(), dispatcher: Arc::clone(&simulator.dispatcher) }
    }

    stored!("bucket", Bucket, &str, buckets: buckets, bucket, update_bucket);
    stored!("user", User, &str, users: users, user, update_user, remove_user);
    stored!(
        "notification",
        Notification,
        &str,
        notifications: notifications,
        notification,
        update_notification,
        remove_notification
    );

    /// Stores a bucket with default values, changed by the closure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let simulator = mft_simulator::usebuckets::Simulator::start().await.unwrap();
    /// let bucket = simulator.state().add_bucket(|bucket| bucket.name = "Northwind intake".into());
    /// assert!(bucket.active);
    /// # }
    /// ```
    #[must_use = "the id is needed to find the bucket again"]
    pub fn add_bucket(&self, change: impl FnOnce(&mut Bucket)) -> Bucket {
        self.store.seed(Store::new_bucket, change, |store, bucket| store.buckets.insert(bucket))
    }

    /// Removes a bucket with its users, notifications and files.
    pub fn remove_bucket(&self, id: &str) {
        self.store.lock().remove_bucket(id);
    }

    /// Returns the users of a bucket in order of creation.
    #[must_use]
    pub fn users_of(&self, bucket_id: &str) -> Vec<User> {
        self.store.lock().users.list(bucket_id).cloned().collect()
    }

    /// Stores an active user of a bucket with a password and without limits, changed by the closure.
    #[must_use = "the id is needed to find the user again"]
    pub fn add_user(&self, bucket_id: &str, change: impl FnOnce(&mut User)) -> User {
        self.store.seed(
            |store, now_ms| store.new_user(bucket_id, now_ms),
            change,
            |store, user| store.users.insert(user),
        )
    }

    /// Stores an active notification of a bucket for all events, changed by the closure. The closure must set the URL.
    #[must_use = "the id is needed to find the notification again"]
    pub fn add_notification(&self, bucket_id: &str, change: impl FnOnce(&mut Notification)) -> Notification {
        self.store.seed(
            |store, now_ms| store.new_notification(bucket_id, now_ms),
            change,
            |store, notification| store.notifications.insert(notification),
        )
    }

    /// Returns the files of a bucket, by path.
    #[must_use]
    pub fn files(&self, bucket_id: &str) -> Vec<StoredFile> {
        let store = self.store.lock();
        let of_bucket = store.files.iter().filter(|((bucket, _), _)| bucket == bucket_id);
        of_bucket.map(|(_, file)| file.clone()).collect()
    }

    /// Returns the file of a bucket at this path.
    #[must_use]
    pub fn file(&self, bucket_id: &str, path: &str) -> Option<StoredFile> {
        self.store.lock().files.get(&(bucket_id.to_owned(), path.to_owned())).cloned()
    }

    /// Uploads a file as a user does over SFTP, and triggers the webhooks. The path is absolute in the bucket. An existing
    /// file is replaced.
    ///
    /// # Errors
    ///
    /// Fails if the login, the permission or the path is not valid for an SFTP client.
    pub fn upload_file(
        &self,
        bucket_id: &str,
        user_id: &str,
        path: &str,
        contents: impl Into<Bytes>,
    ) -> Result<(), SftpError> {
        let now_ms = self.store.now_ms();
        self.with_events(|store| store.upload(bucket_id, user_id, path, contents.into(), now_ms))
    }

    /// Deletes a file as a user does over SFTP, and triggers the webhooks.
    ///
    /// # Errors
    ///
    /// Fails if the login, the permission or the path is not valid for an SFTP client, or if the file does not exist.
    pub fn delete_file(&self, bucket_id: &str, user_id: &str, path: &str) -> Result<(), SftpError> {
        let now_ms = self.store.now_ms();
        self.with_events(|store| store.delete_file(bucket_id, user_id, path, now_ms))
    }

    /// Returns whether an SFTP client can log in.
    #[must_use]
    pub fn accepts_login(&self, bucket_id: &str, username: &str, password: &str) -> bool {
        self.store.lock().accepts_login(bucket_id, username, password)
    }

    /// Sets whether buckets can be deleted through the API. If not, the route answers 403. Default: true.
    pub fn set_api_deletion(&self, enabled: bool) {
        self.store.lock().api_deletion = enabled;
    }

    fn with_events<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        let (result, events) = {
            let mut store = self.store.lock();
            (work(&mut store), std::mem::take(&mut store.events))
        };
        dispatch_events(&self.dispatcher, events);
        result
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = self.store.lock();
        f.debug_struct("State")
            .field("buckets", &store.buckets.all())
            .field("users", &store.users.all())
            .field("notifications", &store.notifications.all())
            .field("files", &store.files.values().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
