use std::sync::{Arc, Mutex};

use super::Simulator;
use super::deliveries::Notifications;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{NextUri, PageLimits, Settings, UnknownAfter};
use super::state::store::Store;
use crate::StartError;
use crate::deliveries::{Dispatcher, delivery_settings};
use crate::server::{ServerSettings, builder_settings};

/// The settings of a [`Simulator`] before it starts.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until start() is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
}

impl Builder {
    builder_settings!();

    /// The API key; made from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// The key that deliveries are signed with; made from the seed unless set.
    pub fn signing_secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.signing_secret = Some(secret.into());
        self
    }

    /// Behaves as the product does under its later name: ids start with `nly`, hosts end in `sftp.nightly.sh`, and lists of
    /// users are without their permissions.
    pub fn nightly(self) -> Self {
        self.id_prefix("nly").host_suffix("sftp.nightly.sh").lists_without_permissions()
    }

    /// What ids start with; `bio` unless set.
    pub fn id_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.id_prefix = prefix.into();
        self
    }

    /// The second word of ids; `test` unless set.
    pub fn id_environment(mut self, word: impl Into<String>) -> Self {
        self.settings.id_environment = word.into();
        self
    }

    /// What the hosts of buckets end in; `sftp.usebuckets.io` unless set.
    pub fn host_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.host_suffix = suffix.into();
        self
    }

    /// What `next_uri` of a list looks like.
    pub const fn next_uri(mut self, form: NextUri) -> Self {
        self.settings.next_uri = form;
        self
    }

    /// What happens to a `limit` outside of 1 to 1000.
    pub const fn page_limits(mut self, handling: PageLimits) -> Self {
        self.settings.page_limits = handling;
        self
    }

    /// What happens to an `after` that never was in the list.
    pub const fn unknown_after(mut self, handling: UnknownAfter) -> Self {
        self.settings.unknown_after = handling;
        self
    }

    /// Answers every page of a list with the first one.
    pub const fn ignore_after(mut self) -> Self {
        self.settings.ignore_after = true;
        self
    }

    /// Never puts more items on a page than this, whatever `limit` asks for.
    pub const fn page_cap(mut self, items: usize) -> Self {
        self.settings.page_cap = Some(items);
        self
    }

    /// Answers `GET` of one bucket, user or notification, which no documentation mentions, instead of 404.
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

    /// Lets users of one bucket share a name, instead of refusing the second with 409.
    pub const fn duplicate_usernames(mut self) -> Self {
        self.settings.duplicate_usernames = true;
        self
    }

    /// Replies have the keys that the documented examples have. This is the default.
    pub const fn example_replies(mut self) -> Self {
        self.settings.full_replies = false;
        self
    }

    /// Users come with their `bucket_id`, which their model has and no example shows.
    pub const fn full_replies(mut self) -> Self {
        self.settings.full_replies = true;
        self
    }

    /// Lists of users are without `permissions`.
    pub const fn lists_without_permissions(mut self) -> Self {
        self.settings.permissions_in_lists = false;
        self
    }

    /// Deliveries have `bucket_id` in `bucket.*` only, as the annotations say, and not everywhere, as the sample suggests.
    pub const fn strict_payloads(mut self) -> Self {
        self.settings.strict_payloads = true;
        self
    }

    /// Starts with the deletion of buckets through the API turned off, see
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
        let store = Arc::new(Mutex::new(Store::new(self.settings, prepared.seed)));
        let notifications = Notifications { store: Arc::clone(&store) };
        let dispatcher = Dispatcher::new(Arc::clone(&prepared.engine), notifications, delivery);
        let (clock, store_of_api) = (prepared.clock(), Arc::clone(&store));
        let service = Arc::new(Api { store: store_of_api, clock, dispatcher: Arc::clone(&dispatcher) });
        let running = prepared.run(service).await?;
        Ok(Simulator { running, store, dispatcher })
    }
}
