pub(crate) mod objects;
pub(crate) mod store;
pub(crate) mod table;

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::deliveries::Dispatcher;
use crate::lock;
use crate::server::Clock;
use crate::usebuckets::Simulator;
use crate::usebuckets::deliveries::{Notifications, tell};
use crate::usebuckets::resources::files::SftpRefusal;
use crate::usebuckets::state::objects::{Bucket, Notification, StoredFile, User};
use crate::usebuckets::state::store::Store;

/// The stored state of a simulator, for looking at it and for seeding it: a cheap handle.
///
/// What it returns are copies. Seeding goes around the rules of the API, so that a test can store what the API would
/// refuse, and no webhook hears of it. What happens to files is told.
#[derive(Clone)]
pub struct State {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) dispatcher: Arc<Dispatcher<Notifications>>,
}

impl State {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self {
            store: Arc::clone(&simulator.store),
            clock: simulator.running.clock(),
            dispatcher: Arc::clone(&simulator.dispatcher),
        }
    }

    /// All buckets in the order of their creation.
    #[must_use]
    pub fn buckets(&self) -> Vec<Bucket> {
        lock(&self.store).buckets.all()
    }

    /// The bucket with this id.
    #[must_use]
    pub fn bucket(&self, id: &str) -> Option<Bucket> {
        lock(&self.store).buckets.get(id).cloned()
    }

    /// Stores a bucket: one as the service makes it, changed by the closure.
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
        let mut bucket = lock(&self.store).new_bucket(self.clock.now_ms());
        change(&mut bucket);
        lock(&self.store).buckets.insert(bucket.clone());
        bucket
    }

    /// Changes a bucket as nobody but a test can; its id stays. `None` if it is not there.
    pub fn update_bucket(&self, id: &str, change: impl FnOnce(&mut Bucket)) -> Option<Bucket> {
        let mut bucket = self.bucket(id)?;
        change(&mut bucket);
        id.clone_into(&mut bucket.id);
        *lock(&self.store).buckets.get_mut(id)? = bucket.clone();
        Some(bucket)
    }

    /// Removes a bucket with its users, notifications and files.
    pub fn remove_bucket(&self, id: &str) {
        lock(&self.store).remove_bucket(id);
    }

    /// The users of all buckets in the order of their creation.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        lock(&self.store).users.all()
    }

    /// The users of a bucket in the order of their creation.
    #[must_use]
    pub fn users_of(&self, bucket_id: &str) -> Vec<User> {
        lock(&self.store).users.list(bucket_id).cloned().collect()
    }

    /// The user with this id.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<User> {
        lock(&self.store).users.get(id).cloned()
    }

    /// Stores a user of a bucket: active, with a password and without limits, changed by the closure.
    #[must_use = "the id is needed to find the user again"]
    pub fn add_user(&self, bucket_id: &str, change: impl FnOnce(&mut User)) -> User {
        let mut user = lock(&self.store).new_user(bucket_id, self.clock.now_ms());
        change(&mut user);
        lock(&self.store).users.insert(user.clone());
        user
    }

    /// Changes a user as nobody but a test can; its id and its bucket stay. `None` if it is not there.
    pub fn update_user(&self, id: &str, change: impl FnOnce(&mut User)) -> Option<User> {
        let before = self.user(id)?;
        let mut user = before.clone();
        change(&mut user);
        (user.id, user.bucket_id) = (before.id, before.bucket_id);
        *lock(&self.store).users.get_mut(id)? = user.clone();
        Some(user)
    }

    /// Removes a user.
    pub fn remove_user(&self, id: &str) {
        lock(&self.store).users.remove(id);
    }

    /// The notifications of all buckets in the order of their creation.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        lock(&self.store).notifications.all()
    }

    /// The notification with this id.
    #[must_use]
    pub fn notification(&self, id: &str) -> Option<Notification> {
        lock(&self.store).notifications.get(id).cloned()
    }

    /// Stores a notification of a bucket: active, for all events, changed by the closure, which has to set the URL.
    #[must_use = "the id is needed to find the notification again"]
    pub fn add_notification(&self, bucket_id: &str, change: impl FnOnce(&mut Notification)) -> Notification {
        let mut notification = lock(&self.store).new_notification(bucket_id, self.clock.now_ms());
        change(&mut notification);
        lock(&self.store).notifications.insert(notification.clone());
        notification
    }

    /// Changes a notification as nobody but a test can; its id and its bucket stay. `None` if it is not there.
    pub fn update_notification(&self, id: &str, change: impl FnOnce(&mut Notification)) -> Option<Notification> {
        let before = self.notification(id)?;
        let mut notification = before.clone();
        change(&mut notification);
        (notification.id, notification.bucket_id) = (before.id, before.bucket_id);
        *lock(&self.store).notifications.get_mut(id)? = notification.clone();
        Some(notification)
    }

    /// Removes a notification.
    pub fn remove_notification(&self, id: &str) {
        lock(&self.store).notifications.remove(id);
    }

    /// The files of a bucket, by path.
    #[must_use]
    pub fn files(&self, bucket_id: &str) -> Vec<StoredFile> {
        let store = lock(&self.store);
        let of_bucket = store.files.iter().filter(|((bucket, _), _)| bucket == bucket_id);
        of_bucket.map(|(_, file)| file.clone()).collect()
    }

    /// The file of a bucket at this path.
    #[must_use]
    pub fn file(&self, bucket_id: &str, path: &str) -> Option<StoredFile> {
        lock(&self.store).files.get(&(bucket_id.to_owned(), path.to_owned())).cloned()
    }

    /// Uploads a file as a user does over SFTP, and tells the webhooks. The path is absolute inside the bucket; what is
    /// there is replaced.
    ///
    /// # Errors
    ///
    /// Says why an SFTP client would not get it done.
    pub fn upload_file(
        &self,
        bucket_id: &str,
        user_id: &str,
        path: &str,
        contents: impl Into<Bytes>,
    ) -> Result<(), SftpRefusal> {
        let now_ms = self.clock.now_ms();
        self.happening(|store| store.upload(bucket_id, user_id, path, contents.into(), now_ms))
    }

    /// Deletes a file as a user does over SFTP, and tells the webhooks.
    ///
    /// # Errors
    ///
    /// Says why an SFTP client would not get it done.
    pub fn delete_file(&self, bucket_id: &str, user_id: &str, path: &str) -> Result<(), SftpRefusal> {
        let now_ms = self.clock.now_ms();
        self.happening(|store| store.delete_file(bucket_id, user_id, path, now_ms))
    }

    /// Whether an SFTP client could log in now.
    #[must_use]
    pub fn accepts_login(&self, bucket_id: &str, username: &str, password: &str) -> bool {
        lock(&self.store).accepts_login(bucket_id, username, password)
    }

    /// The account setting that lets buckets be deleted through the API, on unless set. Without it the route answers 403.
    pub fn set_api_deletion(&self, allowed: bool) {
        lock(&self.store).api_deletion = allowed;
    }

    fn happening<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        let (result, events) = {
            let mut store = lock(&self.store);
            (work(&mut store), std::mem::take(&mut store.events))
        };
        tell(&self.dispatcher, events);
        result
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = lock(&self.store);
        f.debug_struct("State")
            .field("buckets", &store.buckets.all())
            .field("users", &store.users.all())
            .field("notifications", &store.notifications.all())
            .field("files", &store.files.values().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
