//! The stored data of the service.

use std::collections::{BTreeMap, HashMap};

use crate::server::{Collection as _, Random, SimulatedStore};
use crate::usebuckets::deliveries::BucketEvent;
use crate::usebuckets::input::{ApiError, ApiResult};
use crate::usebuckets::settings::Settings;
use crate::usebuckets::state::objects::{Bucket, Notification, StoredFile, User};
use crate::usebuckets::state::table::Table;

pub(crate) struct Store {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    /// `None` after it is revoked.
    pub(crate) api_key: Option<String>,
    pub(crate) signing_secret: String,
    /// The account setting that enables the deletion of buckets through the API.
    pub(crate) api_deletion: bool,
    pub(crate) buckets: Table<Bucket>,
    pub(crate) users: Table<User>,
    pub(crate) notifications: Table<Notification>,
    /// By id, for deliveries that are still pending.
    pub(crate) deleted_notifications: HashMap<String, Notification>,
    /// The files by bucket and path.
    pub(crate) files: BTreeMap<(String, String), StoredFile>,
    /// Events that are not dispatched yet.
    pub(crate) events: Vec<BucketEvent>,
}

impl Store {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let key = format!("{}_{}_api_{}", settings.id_prefix, settings.id_environment, suffix(&mut random, 24));
        let secret = random.alphanumeric(40);
        Self {
            api_key: Some(settings.api_key.clone().unwrap_or(key)),
            signing_secret: settings.signing_secret.clone().unwrap_or(secret),
            api_deletion: settings.api_deletion,
            settings,
            random,
            buckets: Table::default(),
            users: Table::default(),
            notifications: Table::default(),
            deleted_notifications: HashMap::new(),
            files: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Creates a bucket with default values. It is not stored yet.
    pub(crate) fn new_bucket(&mut self, now_ms: i64) -> Bucket {
        let (id, suffix) = self.new_id("buc");
        Bucket {
            id,
            name: String::new(),
            host: format!("{suffix}.{}", self.settings.host_suffix),
            active: true,
            created_at: now_ms / 1000,
        }
    }

    /// Creates a user with a new id and password. It is not stored yet.
    pub(crate) fn new_user(&mut self, bucket_id: &str, now_ms: i64) -> User {
        let (id, suffix) = self.new_id("usr");
        User {
            id,
            bucket_id: bucket_id.to_owned(),
            username: format!("user-{suffix}"),
            password: self.random.alphanumeric(24),
            active: true,
            permissions: BTreeMap::new(),
            created_at: now_ms / 1000,
        }
    }

    /// Creates a notification for all events. It is not stored yet.
    pub(crate) fn new_notification(&mut self, bucket_id: &str, now_ms: i64) -> Notification {
        Notification {
            id: self.new_id("ntf").0,
            bucket_id: bucket_id.to_owned(),
            events: crate::usebuckets::resources::notifications::EVENTS.iter().copied().map(Into::into).collect(),
            active: true,
            webhook_url: String::new(),
            include_file_contents: false,
            paths: None,
            created_at: now_ms / 1000,
        }
    }

    /// Returns a new id and its suffix.
    fn new_id(&mut self, kind: &str) -> (String, String) {
        let suffix = suffix(&mut self.random, 11);
        (format!("{}_{}_{kind}_{suffix}", self.settings.id_prefix, self.settings.id_environment), suffix)
    }

    pub(crate) fn bucket(&self, id: &str) -> ApiResult<&Bucket> {
        self.buckets.find(id).ok_or_else(|| ApiError::not_found("Bucket not found"))
    }

    pub(crate) fn user(&self, id: &str) -> ApiResult<&User> {
        self.users.find(id).ok_or_else(|| ApiError::not_found("User not found"))
    }

    pub(crate) fn notification(&self, id: &str) -> ApiResult<&Notification> {
        self.notifications.find(id).ok_or_else(|| ApiError::not_found("Notification not found"))
    }

    /// Removes a bucket with its users, notifications and files.
    pub(crate) fn remove_bucket(&mut self, id: &str) {
        self.buckets.remove(id);
        self.users.remove_list(id);
        self.files.retain(|(bucket_id, _), _| bucket_id != id);
        let notifications = self.notifications.remove_list(id).into_iter().map(|one| (one.id.clone(), one));
        self.deleted_notifications.extend(notifications);
    }
}

impl SimulatedStore for Store {}

fn suffix(random: &mut Random, length: usize) -> String {
    random.alphanumeric(length).to_ascii_lowercase()
}
