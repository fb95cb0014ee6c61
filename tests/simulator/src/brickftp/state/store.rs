//! The store of the site.

use std::collections::{BTreeMap, BTreeSet};

use crate::brickftp::resources::uploads::PendingUpload;
use crate::brickftp::response::document::Node;
use crate::brickftp::response::times;
use crate::brickftp::settings::Settings;
use crate::brickftp::state::objects::{
    ApiKey, Behavior, Bundle, Event, Group, Membership, Notification, Permission, PublicKey, User,
};
use crate::brickftp::state::tree::Tree;
use crate::server::{Random, SimulatedStore};
use crate::storage::Storage;

pub(crate) struct Store {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    pub(crate) storage: Storage,
    /// `None` once it is revoked.
    pub(crate) api_key: Option<String>,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) users: BTreeMap<u64, User>,
    pub(crate) api_keys: BTreeMap<u64, ApiKey>,
    pub(crate) public_keys: BTreeMap<u64, PublicKey>,
    pub(crate) groups: BTreeMap<u64, Group>,
    pub(crate) memberships: BTreeMap<u64, Membership>,
    pub(crate) permissions: BTreeMap<u64, Permission>,
    pub(crate) notifications: BTreeMap<u64, Notification>,
    pub(crate) bundles: BTreeMap<u64, Bundle>,
    pub(crate) behaviors: BTreeMap<u64, Behavior>,
    pub(crate) history: BTreeMap<u64, Event>,
    pub(crate) uploads: BTreeMap<String, PendingUpload>,
    pub(crate) tree: Tree,
    /// Users with a lockout that ends. A set, because checking all users on every request would be slow.
    pub(crate) locked_out: BTreeSet<u64>,
    ids: BTreeMap<&'static str, u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) user_id: u64,
    pub(crate) expires_at_ms: i64,
}

/// The initial administrator.
pub(crate) const ADMIN: &str = "admin";

impl SimulatedStore for Store {
    /// Removes expired sessions, uploads and lockouts.
    fn tick(&mut self, now_ms: i64) {
        self.sessions.retain(|_, session| now_ms < session.expires_at_ms);
        let lifetime = millis(self.settings.upload_lifetime);
        let storage = &self.storage;
        self.uploads.retain(|_, upload| {
            let open = now_ms < upload.started_at_ms.saturating_add(lifetime);
            if !open {
                storage.abort_upload(&upload.key);
            }
            open
        });
        let users = &mut self.users;
        self.locked_out.retain(|id| match users.get_mut(id) {
            Some(user) if user.lockout_expires_ms.is_some_and(|end| now_ms >= end) => {
                user.lockout_expires_ms = None;
                user.failed_logins = 0;
                false
            }
            user => user.is_some_and(|user| user.lockout_expires_ms.is_some()),
        });
    }
}

impl Store {
    pub(crate) fn new(settings: Settings, storage: Storage, seed: u64, now_ms: i64) -> Self {
        let mut random = Random::new(seed);
        let key = random.hex(64);
        let password = random.alphanumeric(20);
        let mut store = Self {
            api_key: Some(settings.api_key.clone().unwrap_or(key)),
            random,
            storage,
            sessions: BTreeMap::new(),
            users: BTreeMap::new(),
            api_keys: BTreeMap::new(),
            public_keys: BTreeMap::new(),
            groups: BTreeMap::new(),
            memberships: BTreeMap::new(),
            permissions: BTreeMap::new(),
            notifications: BTreeMap::new(),
            bundles: BTreeMap::new(),
            behaviors: BTreeMap::new(),
            history: BTreeMap::new(),
            uploads: BTreeMap::new(),
            tree: Tree::new(now_ms),
            locked_out: BTreeSet::new(),
            ids: BTreeMap::new(),
            settings,
        };
        let mut admin = store.new_user();
        admin.username = ADMIN.into();
        admin.password = store.settings.admin_password.clone().unwrap_or(password);
        admin.site_admin = true;
        store.users.insert(admin.id, admin);
        store
    }

    /// Ids ascend per kind and are never reused. The kinds start at different numbers, so that confusing them is
    /// noticed.
    pub(crate) fn next_id(&mut self, kind: &'static str) -> u64 {
        let first = match kind {
            "user" => 1,
            "group" => 101,
            "api_key" => 501,
            "public_key" => 701,
            "permission" => 1_001,
            "notification" => 2_001,
            "bundle" => 3_001,
            "behavior" => 4_001,
            "membership" => 9_001,
            "upload" => 60_001,
            _ => 70_001,
        };
        let id = self.ids.entry(kind).or_insert(first);
        *id += 1;
        *id - 1
    }

    /// Creates a user with default values, without storing it.
    pub(crate) fn new_user(&mut self) -> User {
        let id = self.next_id("user");
        User {
            id,
            username: format!("user-{id}"),
            authentication_method: "password".into(),
            password: self.random.alphanumeric(16),
            last_login_at_ms: None,
            authenticate_until_ms: None,
            name: None,
            email: None,
            notes: None,
            ftp_permission: true,
            sftp_permission: true,
            dav_permission: true,
            restapi_permission: true,
            attachments_permission: false,
            self_managed: true,
            require_password_change: false,
            allowed_ips: None,
            user_root: String::new(),
            time_zone: "Eastern Time (US & Canada)".into(),
            language: String::new(),
            ssl_required: "use_system_setting".into(),
            site_admin: false,
            receive_admin_alerts: false,
            subscribe_to_newsletter: false,
            can_create_new_users: false,
            last_protocol_cipher: None,
            lockout_expires_ms: None,
            failed_logins: 0,
        }
    }

    /// Stores a user that a test created or changed.
    pub(crate) fn seed_user(&mut self, user: &User) {
        if user.lockout_expires_ms.is_some() {
            self.locked_out.insert(user.id);
        }
        self.users.insert(user.id, user.clone());
    }

    pub(crate) fn user_named(&self, username: &str) -> Option<&User> {
        self.users.values().find(|user| user.username == username)
    }

    pub(crate) fn username(&self, user_id: u64) -> Option<&str> {
        self.users.get(&user_id).map(|user| user.username.as_str())
    }

    /// Renders a time with the offset of the site. Files have UTC times.
    pub(crate) fn site_time(&self, unix_ms: i64) -> Node {
        Node::Time(times::iso(unix_ms, self.settings.site_offset_minutes), "dateTime")
    }

    pub(crate) fn optional_site_time(&self, unix_ms: Option<i64>) -> Node {
        Node::optional(unix_ms, |unix_ms| self.site_time(unix_ms))
    }
}

pub(crate) fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
