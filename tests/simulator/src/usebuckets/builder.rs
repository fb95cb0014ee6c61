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

    setters! {
        /// Sets the API key. Default: generated from the seed.
        api_key(key: impl Into<String>) => api_key = Some(key.into());

        /// Sets the key that signs deliveries. Default: generated from the seed.
        signing_secret(secret: impl Into<String>) => signing_secret = Some(secret.into());
    }

    /// Behaves like the renamed product: ids start with `nly`, hosts end in `sftp.nightly.sh`, and lists of users have
    /// no permissions.
    pub fn nightly(self) -> Self {
        self.id_prefix("nly").host_suffix("sftp.nightly.sh").lists_without_permissions()
    }

    setters! {
        /// Sets the prefix of ids. Default: `bio`.
        id_prefix(prefix: impl Into<String>) => id_prefix = prefix.into();

        /// Sets the second word of ids. Default: `test`.
        id_environment(word: impl Into<String>) => id_environment = word.into();

        /// Sets the domain of bucket hosts. Default: `sftp.usebuckets.io`.
        host_suffix(suffix: impl Into<String>) => host_suffix = suffix.into();

        /// Sets the form of `next_uri` in lists. Default: as documented.
        next_uri(form: NextUri) => next_uri = form;

        /// Sets the handling of a `limit` outside of 1 to 1000. Default: as documented.
        page_limits(handling: PageLimits) => page_limits = handling;

        /// Sets the handling of an `after` that never was in the list. Default: rejected with 422.
        unknown_after(handling: UnknownAfter) => unknown_after = handling;

        /// Ignores `after`: every request for a page returns the first page.
        ignore_after() => ignore_after = true;

        /// Sets the maximum number of items on a page, even if `limit` is higher. Default: no maximum.
        page_cap(items: usize) => page_cap = Some(items);

        /// Enables the undocumented `GET` of one bucket, user or notification, instead of answering 404.
        get_one_routes() => get_one = true;

        /// Answers creations with 201 instead of 200.
        created_status() => created = true;

        /// Answers deletions with `{}` instead of no body.
        objects_on_delete() => empty_objects = true;

        /// Allows several users of a bucket to have the same name, instead of answering 409.
        duplicate_usernames() => duplicate_usernames = true;

        /// Returns the keys of the documented examples. This is the default.
        example_responses() => full_responses = false;

        /// Returns users with their `bucket_id`, which is in the documented model but not in the examples.
        full_responses() => full_responses = true;

        /// Omits `permissions` in lists of users.
        lists_without_permissions() => permissions_in_lists = false;

        /// Sends `bucket_id` only in `bucket.*` deliveries, as documented in the annotations. By default all deliveries
        /// have it, as in the sample.
        strict_payloads() => strict_payloads = true;

        /// Starts with the deletion of buckets through the API disabled, see
        /// [`State::set_api_deletion`](super::State::set_api_deletion).
        without_api_deletion() => api_deletion = false;
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
