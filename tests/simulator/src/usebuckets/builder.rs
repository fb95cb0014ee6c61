use std::sync::Arc;

use super::Simulator;
use super::deliveries::Notifications;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{NextUri, PageLimits, Settings, UnknownAfter};
use super::state::store::Store;
use crate::StartError;
use crate::deliveries::{Dispatcher, delivery_settings};
use crate::server::{ServerSettings, SharedStore, builder_settings};

/// Configures and starts a [`Simulator`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder has no effect until `start()` is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
}

impl Builder {
    builder_settings!();

    /// Sets the API key. Default: generated from the seed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Sets the key that signs deliveries. Default: generated from the seed.
    pub fn signing_secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.signing_secret = Some(secret.into());
        self
    }

    /// Behaves like the renamed product: ids start with `nly`, hosts end in `sftp.nightly.sh`, and lists of users have no
    /// permissions.
    pub fn nightly(self) -> Self {
        self.id_prefix("nly").host_suffix("sftp.nightly.sh").lists_without_permissions()
    }

    /// Sets the prefix of ids. Default: `bio`.
    pub fn id_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.id_prefix = prefix.into();
        self
    }

    /// Sets the second word of ids. Default: `test`.
    pub fn id_environment(mut self, word: impl Into<String>) -> Self {
        self.settings.id_environment = word.into();
        self
    }

    /// Sets the domain of bucket hosts. Default: `sftp.usebuckets.io`.
    pub fn host_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.host_suffix = suffix.into();
        self
    }

    /// Sets the form of `next_uri` in lists. Default: as documented.
    pub const fn next_uri(mut self, form: NextUri) -> Self {
        self.settings.next_uri = form;
        self
    }

    /// Sets the handling of a `limit` outside of 1 to 1000. Default: as documented.
    pub const fn page_limits(mut self, handling: PageLimits) -> Self {
        self.settings.page_limits = handling;
        self
    }

    /// Sets the handling of an `after` that never was in the list. Default: rejected with 422.
    pub const fn unknown_after(mut self, handling: UnknownAfter) -> Self {
        self.settings.unknown_after = handling;
        self
    }

    /// Ignores `after`: every request for a page returns the first page.
    pub const fn ignore_after(mut self) -> Self {
        self.settings.ignore_after = true;
        self
    }

    /// Sets the maximum number of items on a page, even if `limit` is higher. Default: no maximum.
    pub const fn page_cap(mut self, items: usize) -> Self {
        self.settings.page_cap = Some(items);
        self
    }

    /// Enables the undocumented `GET` of one bucket, user or notification, instead of answering 404.
    pub const fn get_one_routes(mut self) -> Self {
        self.settings.get_one = true;
        self
    }

    /// Answers creations with 201 instead of 200.
    pub const fn created_status(mut self) -> Self {
        self.settings.created = true;
        self
    }

    /// Answers deletions with `{}` instead of no body.
    pub const fn objects_on_delete(mut self) -> Self {
        self.settings.empty_objects = true;
        self
    }

    /// Allows several users of a bucket to have the same name, instead of answering 409.
    pub const fn duplicate_usernames(mut self) -> Self {
        self.settings.duplicate_usernames = true;
        self
    }

    /// Returns the keys of the documented examples. This is the default.
    pub const fn example_responses(mut self) -> Self {
        self.settings.full_responses = false;
        self
    }

    /// Returns users with their `bucket_id`, which is in the documented model but not in the examples.
    pub const fn full_responses(mut self) -> Self {
        self.settings.full_responses = true;
        self
    }

    /// Omits `permissions` in lists of users.
    pub const fn lists_without_permissions(mut self) -> Self {
        self.settings.permissions_in_lists = false;
        self
    }

    /// Sends `bucket_id` only in `bucket.*` deliveries, as documented in the annotations. By default all deliveries have
    /// it, as in the sample.
    pub const fn strict_payloads(mut self) -> Self {
        self.settings.strict_payloads = true;
        self
    }

    /// Starts with the deletion of buckets through the API disabled, see
    /// [`State::set_api_deletion`](super::State::set_api_deletion).
    pub const fn without_api_deletion(mut self) -> Self {
        self.settings.api_deletion = false;
        self
    }

    delivery_settings!();

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let delivery = self.settings.delivery;
        let prepared = self.server.prepare(OPERATIONS)?;
        let store = SharedStore::new(Store::new(self.settings, prepared.seed), prepared.clock());
        let notifications = Notifications { store: store.clone() };
        let dispatcher = Dispatcher::new(Arc::clone(&prepared.engine), notifications, delivery);
        let service = Arc::new(Api { store: store.clone(), dispatcher: Arc::clone(&dispatcher) });
        let running = prepared.run(service).await?;
        Ok(Simulator { running, store, dispatcher })
    }
}
